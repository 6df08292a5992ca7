// One chat: fetches its lines, follows what is new, sends what is typed, pressed or attached.

import { line, separator, unsent } from "./lines.js";
import { newKey, Outgoing } from "./outgoing.js";
import { follow } from "./stream.js";

const LONGEST = 10000; // characters
const BIGGEST = 20 * 1024 * 1024; // bytes
const OVERLAP = 20; // lines fetched again each time: one may become visible after a later one
const NEAR = 80; // px from the end that still count as the end
const at = (id) => document.getElementById(id);
const [log, lines, pending, text, state, trouble, below] =
  ["log", "lines", "pending", "text", "state", "trouble", "below"].map(at);

const token = location.pathname.split("/")[2];
const led = parent !== self; // in a frame the page around us follows the stream, and says whose chat it is
const outgoing = new Outgoing(token);
const onTheWay = new Map(); // key → element
const ids = []; // of the lines shown, in their order
let lastDay = "";
let fetching = false, fetchAgain = false, gone = false;
let byKeyboard = false; // a button was pressed without a pointer: focus goes on to the answer
let atEnd = true; // of the log: what is new is followed
let unread = 0;

// Fetching

async function look() {
  if (gone) return;
  if (fetching) { fetchAgain = true; return; }
  fetching = true;
  do {
    fetchAgain = false;
    await fetchLines();
  } while (fetchAgain);
  fetching = false;
}

async function fetchLines() {
  try {
    const answer = await fetch(`/c/${token}/lines?after=${ids.at(-OVERLAP) ?? 0}`);
    if (answer.status === 404) return end();
    if (!answer.ok) return connection("off");
    show(await answer.json());
  } catch {
    connection("off");
  }
}

function show({ heading, lines: fetched }) {
  const fresh = fetched.filter((it) => !ids.includes(it.id));
  at("name").textContent = heading.name || "Nhắc Hạn";
  at("detail").textContent = heading.name ? heading.detail : "";
  at("code").hidden = Boolean(heading.name);
  const first = log.getAttribute("aria-busy") === "true";
  atEnd = isAtEnd(); // the event of a scroll just made may still be to come
  const added = fresh.map(place);
  if (first) settled();
  at("empty").hidden = lines.childElementCount + pending.childElementCount > 0;
  if (first) toEnd();
  else if (added.length) arrived(fresh, added);
  if (led && !first && added.length) tellParent({ news: fresh.at(-1).who });
}

function place(it) {
  settle(it.key);
  const later = ids.findIndex((id) => id > it.id);
  const next = later < 0 ? null : lines.querySelectorAll(".line")[later];
  ids.splice(later < 0 ? ids.length : later, 0, it.id);
  if (!next && lastDay !== it.at.slice(0, 10)) {
    lastDay = it.at.slice(0, 10);
    lines.append(separator(it.at));
  }
  if (!next && (it.who === "me" || it.buttons.length)) retire(); // a reminder in between takes no choice away
  if (it.choice) it.text = labelOf(it.choice) || it.text || it.choice;
  const element = line(it, press);
  lines.insertBefore(element, next);
  return element;
}

/** Read aloud only what comes from now on, not the whole history. */
function settled() {
  log.setAttribute("aria-busy", "false");
  requestAnimationFrame(() => log.setAttribute("aria-live", "polite"));
}

function arrived(fresh, added) {
  const bot = fresh.some((it) => it.who === "bot");
  const top = added[0].offsetTop - log.offsetTop - 12;
  const end = log.scrollHeight - log.clientHeight;
  if (atEnd || led) log.scrollTop = Math.min(end, top); // a long answer is read from its beginning
  if (bot && !isAtEnd()) below.hidden = false;
  if (bot && document.hidden) document.title = `(${++unread}) Nhắc Hạn`;
  if (bot && byKeyboard) focusAnswer(added.at(-1));
}

function isAtEnd() {
  return log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
}

function toEnd() {
  log.scrollTop = log.scrollHeight;
  atEnd = true;
}

function focusAnswer(element) {
  byKeyboard = false;
  (element.querySelector("button:enabled") ?? text).focus({ preventScroll: true });
}

function retire() {
  for (const button of lines.querySelectorAll(".choices button:enabled")) button.disabled = true;
}

function labelOf(choice) {
  return lines.querySelector(`[data-choice="${CSS.escape(choice)}"]`)?.textContent;
}

// Sending

function press(choice, label, button, keyboard) {
  byKeyboard = keyboard;
  retire();
  button.setAttribute("aria-pressed", "true");
  send({ choice }, label, []);
}

function say() {
  const words = text.value.trim();
  if (!words) return text.focus();
  const length = [...words].length;
  if (length > LONGEST) {
    return complain(`Tin dài ${length.toLocaleString("vi-VN")} ký tự, tối đa 10.000. Đề nghị chia thành nhiều tin ngắn hơn.`);
  }
  text.value = "";
  fit();
  send({ text: words }, words, []);
}

function attach(file) {
  if (!file) return;
  if (!file.size) return complain(`Tệp «${file.name}» không có nội dung. Đề nghị chọn tệp khác.`);
  if (file.size > BIGGEST) return complain(`Tệp «${file.name}» lớn hơn 20 MB. Đề nghị gửi tệp nhỏ hơn.`);
  send({ file }, "", [{ name: file.name, url: "", size: file.size }]);
}

function send(what, words, files) {
  complain("");
  const key = newKey();
  const element = unsent(words, files);
  const how = element.querySelector(".how");
  onTheWay.set(key, element);
  pending.append(element);
  at("empty").hidden = true;
  toEnd();
  const item = {
    key,
    ...what,
    kept: () => { how.textContent = "Đã gửi"; look(); },
    waiting: () => { how.textContent = "Đang chờ kết nối, sẽ tự gửi lại…"; },
    refused: (sentence) => refuse(element, how, sentence),
  };
  outgoing.add(item);
}

function refuse(element, how, sentence) {
  element.classList.add("failed");
  how.textContent = "Chưa gửi được";
  complain(sentence);
}

/** A line of ours is back from the house: it needs no stand-in any longer. */
function settle(key) {
  onTheWay.get(key)?.remove();
  onTheWay.delete(key);
}

function complain(sentence) {
  trouble.textContent = sentence;
  trouble.hidden = !sentence;
}

// The state of the line

function connection(now) {
  if (gone) return;
  state.textContent = now === "on" ? "" : "Đang kết nối lại…";
  state.hidden = now === "on";
  if (now === "on") outgoing.nudge();
}

function end() {
  gone = true;
  stream?.stop();
  state.textContent = "Liên kết đã hết hạn. Đề nghị liên hệ cán bộ phụ trách để được cấp liên kết mới.";
  state.className = "gone";
  state.hidden = false;
  for (const control of [text, at("send"), at("attach")]) control.disabled = true;
}

// The input

function fit() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + 2}px`;
}

function fill(words) {
  text.value = words;
  fit();
  text.focus();
}

at("compose").addEventListener("submit", (event) => { event.preventDefault(); say(); });
text.addEventListener("input", () => { fit(); complain(""); });
text.addEventListener("keydown", (event) => {
  // while an input method composes a syllable, Enter belongs to it
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  say();
});
at("attach").addEventListener("click", () => at("file").click());
at("file").addEventListener("change", () => { attach(at("file").files[0]); at("file").value = ""; });
for (const kind of ["dragover", "dragleave", "drop"]) {
  addEventListener(kind, (event) => {
    event.preventDefault();
    document.body.classList.toggle("dropping", kind === "dragover");
    if (kind === "drop") attach(event.dataTransfer.files[0]);
  });
}
below.addEventListener("click", () => { toEnd(); text.focus(); });
log.addEventListener("scroll", () => {
  atEnd = isAtEnd();
  if (atEnd) below.hidden = true;
});
new ResizeObserver(() => { if (atEnd) toEnd(); }).observe(log); // a keyboard comes up, a hidden frame is shown
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unread = 0;
  document.title = "Nhắc Hạn";
  look();
});

// In a frame, the page around us speaks

function tellParent(what) {
  parent.postMessage({ chat: token, ...what }, location.origin);
}

addEventListener("message", ({ origin, source, data }) => {
  if (origin !== location.origin || source !== parent) return;
  if (typeof data.fill === "string") fill(data.fill);
  if (data.look) look();
  if (data.state) connection(data.state);
});

if (location.hash) {
  fill(location.hash.slice(1)); // the invitation code somebody came with
  history.replaceState(null, "", location.pathname);
}
const stream = led ? null : follow([token], { news: look, state: connection });
document.body.classList.toggle("led", led);
if (led) look();
if (!led && matchMedia("(pointer: fine)").matches) text.focus();
