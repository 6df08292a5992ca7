// The board stays as it is without this: links and forms do everything. With it, what changes shows by itself.

const live = () => document.querySelectorAll("[data-live]");
const told = document.getElementById("live");
let source = null, stale = false;

// What is newer than what is shown

function follow() {
  if (source || document.hidden) return;
  source = new EventSource("/bang/tin");
  source.addEventListener("news", refresh);
  source.addEventListener("over", () => { leave(); say("Phiên xem đã hết. Đề nghị gõ «bảng» trong cuộc trao đổi để mở lại."); });
}

function leave() {
  source?.close();
  source = null;
}

/** While somebody types into a part of the page, nothing is taken from under their hands. */
const busy = (part) => [...part.querySelectorAll("textarea, input:not([type]), input[type=text]")].some((field) => field.value);

async function refresh() {
  if (document.querySelector("form[data-posted]")) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  stale = false;
  for (const part of live()) {
    const news = fresh.getElementById(part.id);
    if (!news || alike(news, part)) continue;
    if (busy(part)) { stale = true; continue; }
    replace(part, news);
  }
  say(stale ? "Có thay đổi mới; sẽ hiện khi xong việc đang nhập." : "Đã cập nhật.");
}

/** Tokens and keys differ each time and mean nothing here. */
const alike = (one, other) => bare(one) === bare(other);
const bare = (part) => [...part.querySelectorAll("*")].reduce((text, at) => text + (at.value ?? at.max ?? "") + at.className, part.textContent);

function replace(part, news) {
  const ticked = new Set([...part.querySelectorAll("input[name=report]:checked")].map((box) => box.value));
  const open = new Set([...part.querySelectorAll("details[open]")].map(label));
  const at = part.querySelector(".wide")?.scrollLeft ?? 0;
  part.replaceChildren(...document.importNode(news, true).childNodes);
  for (const box of part.querySelectorAll("input[name=report]")) box.checked = ticked.has(box.value);
  for (const one of part.querySelectorAll("details")) one.open = open.has(label(one));
  const wide = part.querySelector(".wide");
  if (wide) wide.scrollLeft = at;
  dress(part);
}

/** By what a fold is found again: whose it is. */
const label = (fold) => fold.closest("li")?.querySelector("h2")?.textContent + (fold.querySelector("[name=back]")?.value ?? "");

function say(sentence) {
  told.textContent = sentence;
}

// Comforts

function dress(part) {
  for (const hidden of part.querySelectorAll(".all")) hidden.hidden = false;
  part.querySelector("[data-all]")?.addEventListener("change", ({ target }) => {
    for (const box of document.querySelectorAll("input[name=report]")) box.checked = target.checked;
  });
}

for (const button of document.querySelectorAll(".print")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
for (const choice of document.querySelectorAll(".filter[method=get] select")) {
  choice.addEventListener("change", () => choice.form.requestSubmit());
}
document.addEventListener("visibilitychange", () => { document.hidden ? leave() : (refresh(), follow()); });
addEventListener("pagehide", leave);
dress(document);
follow();
