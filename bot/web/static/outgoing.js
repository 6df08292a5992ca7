// One's own messages on their way: one after the other, each with a key, so that a repeat is still one message.

const FIRST = 1000, SLOWEST = 15000; // ms until another try
const PATIENCE = 30000, FILE_PATIENCE = 300000; // ms that one try may take

/** 16 random bytes; crypto.randomUUID is missing where a page has no certificate. */
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Outgoing {
  #queue = [];
  #busy = false;
  #wait = FIRST;
  #wake = () => {};

  constructor(token) {
    this.base = `/c/${token}`;
  }

  /** An item has `key`, and `text`, `choice` or `file`; it is told of kept(), waiting() and refused(sentence). */
  add(item) {
    this.#queue.push(item);
    this.#run();
  }

  /** The line stands again: no need to sit out the wait. */
  nudge() {
    this.#wait = FIRST;
    this.#wake();
  }

  async #run() {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#queue.length) {
      const item = this.#queue[0];
      const outcome = await this.#attempt(item);
      if (outcome === "again") {
        item.waiting();
        await this.#pause();
      } else {
        this.#wait = FIRST;
        this.#queue.shift();
        outcome === "kept" ? item.kept() : item.refused(outcome);
      }
    }
    this.#busy = false;
  }

  async #attempt(item) {
    try {
      const answer = await fetch(...this.#request(item));
      if (answer.ok) return "kept";
      if (answer.status === 429 || answer.status >= 500) return "again";
      return (await answer.json()).error;
    } catch {
      return "again";
    }
  }

  #request({ key, text, choice, file }) {
    if (file) {
      const body = new FormData();
      body.append("id", key);
      body.append("file", file, file.name);
      return [`${this.base}/file`, { method: "POST", body, signal: AbortSignal.timeout(FILE_PATIENCE) }];
    }
    const body = JSON.stringify(choice === undefined ? { id: key, text } : { id: key, choice });
    const headers = { "Content-Type": "application/json" };
    return [`${this.base}/said`, { method: "POST", body, headers, signal: AbortSignal.timeout(PATIENCE) }];
  }

  #pause() {
    return new Promise((wake) => {
      this.#wake = wake;
      setTimeout(wake, this.#wait);
      this.#wait = Math.min(this.#wait * 2, SLOWEST);
    });
  }
}
