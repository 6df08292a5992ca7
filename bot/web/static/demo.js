// The rehearsal: four chats in one window, and a clock that can be moved.

import { day, hour, make } from "./lines.js";
import { follow } from "./stream.js";

const POLL = 5000; // ms; somebody may move the clock in another window
const at = (id) => document.getElementById(id);
const narrow = matchMedia("(max-width: 899px)");
let cast = []; // { id, name, role, unit, token, hints, frame, tab }
let run = "", shown = "";

async function ask(path, body) {
  const request = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(path, request);
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error);
  return told;
}

// The people

function seat(persona) {
  const frame = make("iframe", { src: `/c/${persona.token}`, title: `${persona.name}, ${persona.role}, ${persona.unit}` });
  const tab = make("button", { type: "button" }, persona.name, make("small", {}, persona.role));
  const chips = persona.hints.map((words) => chip(words, persona.id));
  const hints = make("p", { className: "hints" }, make("span", {}, "Gõ thử: "), ...chips);
  chips.forEach((one) => one.addEventListener("click", () => passOn(hints, one)));
  const whose = make("h2", {}, persona.name, make("small", {}, `${persona.role}, ${persona.unit}`));
  tab.addEventListener("click", () => turnTo(persona.id));
  at("tabs").append(tab);
  at("cast").append(make("section", { id: `at-${persona.id}`, "aria-label": persona.name }, whose, hints, frame));
  return { ...persona, frame, tab };
}

/** The chip just taken moves to the front, and those that come after it into view. */
function passOn(hints, taken) {
  hints.scrollTo({ left: taken.offsetLeft - hints.offsetLeft - 12 });
}

function chip(words, id) {
  const button = make("button", { type: "button", className: "chip" }, words);
  button.addEventListener("click", () => {
    const persona = cast.find((one) => one.id === id);
    turnTo(id);
    persona.frame.focus();
    speak(persona, { fill: words });
  });
  return button;
}

function speak(persona, words) {
  persona?.frame.contentWindow?.postMessage(words, location.origin);
}

addEventListener("message", ({ origin, data }) => {
  const persona = cast.find((one) => one.token === data?.chat);
  if (origin !== location.origin || !persona) return;
  if (data.news === "bot") notice(persona);
});

/** Something new for somebody whose window is hidden, or might be overlooked. */
function notice(persona) {
  if (narrow.matches && document.body.dataset.tab !== persona.id) persona.tab.classList.add("fresh");
  const section = at(`at-${persona.id}`);
  section.classList.remove("fresh");
  requestAnimationFrame(() => section.classList.add("fresh"));
}

// Tabs, on a phone

function turnTo(id) {
  document.body.dataset.tab = id;
  for (const tab of at("tabs").children) tab.setAttribute("aria-pressed", String(tab.value === id));
  for (const section of at("cast").children) section.classList.toggle("shown", section.id === `at-${id}`);
  cast.find((one) => one.id === id)?.tab.classList.remove("fresh");
}

function addTab(id, label) {
  const tab = make("button", { type: "button", value: id }, label);
  tab.addEventListener("click", () => turnTo(id));
  at("tabs").append(tab);
}

/** On a phone the tab decides what is seen, nothing is folded. */
function unfold() {
  if (narrow.matches) at("guide").open = at("journal").open = true;
}

// The guide

function step({ title, text, persona, says }) {
  const who = cast.find((one) => one.id === persona);
  const heading = make("h2", {}, title, make("span", { className: "who" }, who ? ` ${who.name}` : ""));
  const chips = make("p", { className: "says" }, ...says.map((words) => chip(words, persona)));
  return make("li", {}, heading, make("p", {}, text), says.length ? chips : "");
}

// The clock

function show(scene) {
  if (run && run !== scene.run) return location.reload();
  const told = JSON.stringify(scene);
  if (told === shown) return; // or a screen reader would read the clock out every few seconds
  shown = told;
  run = scene.run;
  at("time").textContent = hour(scene.now);
  at("date").textContent = day(scene.now);
  at("ahead").textContent = scene.ahead
    ? `Lần nhắc kế tiếp: ${hour(scene.ahead.at)} ngày ${short(scene.ahead.at)} (${scene.ahead.name})`
    : "Không còn lần nhắc nào.";
  document.querySelector('[data-to="next"]').disabled = !scene.ahead;
  at("figures").textContent = scene.figures.map(({ label, value }) => `${label}: ${value}`).join(" · ");
  at("happened").replaceChildren(...scene.happened.map(happened));
}

function happened({ at: when, text }) {
  const time = make("time", { dateTime: when }, `${hour(when)} ${short(when)}`);
  return make("li", {}, time, " ", text);
}

const short = (moment) => `${moment.slice(8, 10)}/${moment.slice(5, 7)}`;

async function move(path, to) {
  busy(true);
  try {
    show(await ask(path, { to }));
    trouble("");
  } catch (error) {
    trouble(error instanceof TypeError ? "Mất kết nối với máy chủ. Đề nghị thử lại." : error.message);
  } finally {
    busy(false);
    refresh();
  }
}

function busy(is) {
  for (const button of document.querySelectorAll(".moves button")) button.disabled = is;
  document.body.setAttribute("aria-busy", String(is));
}

function trouble(sentence) {
  at("trouble").textContent = sentence;
  at("trouble").hidden = !sentence;
}

async function refresh() {
  try {
    show(await ask("/demo/scene"));
  } catch {
    // the chats say that the connection is lost; the next look comes by itself
  }
}

for (const button of document.querySelectorAll("[data-to]")) {
  button.addEventListener("click", () => move("/demo/move", button.dataset.to));
}
/** Asks first: what has been played is lost. */
function anew(question, label, then) {
  at("question").textContent = question;
  at("yes").textContent = label;
  at("sure").returnValue = "";
  at("sure").addEventListener("close", () => { if (at("sure").returnValue === "yes") then(); }, { once: true });
  at("sure").showModal();
}

async function midway() {
  at("wait").hidden = false;
  await move("/demo/move", "midway");
  at("wait").hidden = true;
}

at("reset").addEventListener("click", () => anew(
  "Xóa mọi tin nhắn và số liệu diễn tập, đưa đồng hồ về lúc bắt đầu?", "Làm lại từ đầu", () => move("/demo/reset", "")));
at("midway").addEventListener("click", () => anew(
  "Xóa mọi tin nhắn và số liệu diễn tập, dựng một cơ quan đang giữa đợt báo cáo?", "Dựng giữa đợt", midway));

async function begin() {
  const { personas, guide } = await ask("/demo/cast");
  addTab("guide", "Hướng dẫn");
  cast = personas.map(seat);
  cast.forEach((one) => { one.tab.value = one.id; });
  addTab("journal", "Diễn biến");
  at("steps").append(...guide.map(step));
  turnTo("guide");
  unfold();
  narrow.addEventListener("change", unfold);
  await refresh();
  follow(cast.map((one) => one.token), {
    news: (place) => { speak(cast[place], { look: true }); refresh(); },
    state: (now) => cast.forEach((one) => speak(one, { state: now })),
  });
  setInterval(() => document.hidden || refresh(), POLL);
}

begin();
