// Follows chats by one stream, and keeps at it: through restarts, sleeping phones and proxies that say nothing.

const FIRST = 1000, SLOWEST = 15000; // ms until another try
const QUIET = 40000; // ms without a word after which the stream is taken for dead

/** Calls news(place) when the chat at that place has something new, and for all of them whenever the stream (re)opens. */
export function follow(tokens, { news, state }) {
  const address = "/c/news?" + tokens.map((token) => "chat=" + encodeURIComponent(token)).join("&");
  let source = null, wait = FIRST, retry = 0, watchdog = 0;

  function open() {
    close();
    source = new EventSource(address);
    source.onopen = () => {
      wait = FIRST;
      state("on");
      heard();
      tokens.forEach((_, place) => news(place));
    };
    source.addEventListener("news", (event) => { heard(); news(Number(event.data)); });
    source.addEventListener("beat", heard);
    source.addEventListener("rest", rest);
    source.onerror = () => {
      state("off");
      if (source.readyState === EventSource.CLOSED) again();
    };
  }

  function close() {
    clearTimeout(retry);
    clearTimeout(watchdog);
    if (source) source.close();
  }

  function again() {
    close();
    retry = setTimeout(open, wait);
    wait = Math.min(wait * 2, SLOWEST);
  }

  function heard() {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => { state("off"); open(); }, QUIET);
  }

  // Displaced by newer windows on the same chat: until somebody looks at this one again.
  function rest() {
    close();
    addEventListener("focus", open, { once: true });
  }

  addEventListener("online", open);
  open();
  return { again: open, stop: close };
}
