// Draws the lines of a chat. Whatever somebody wrote becomes text, never markup.

const DAYS = ["Chủ Nhật", "Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy"];
const ADDRESS = /(?<![^\s])\/b\/[\w-]{20,}|https?:\/\/[^\s<>"«»]+[^\s<>"«».,;:!?)\]]/g;

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in element && name !== "role") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** "2024-11-25T08:00:00+07:00" → "08:00", whatever the zone of this device. */
export const hour = (at) => at.slice(11, 16);

/** "2024-11-25T…" → "Thứ Hai, 25/11/2024". */
export function day(at) {
  const [year, month, date] = at.slice(0, 10).split("-");
  return `${DAYS[new Date(Date.UTC(year, month - 1, date)).getUTCDay()]}, ${date}/${month}/${year}`;
}

export const separator = (at) => make("li", { className: "day" }, day(at));

export function line(it, press) {
  const foot = make("div", { className: "foot" }, make("time", { dateTime: it.at }, hour(it.at)));
  return frame(it.who, it.text, it.files, foot, choices(it, press));
}

/** One's own line that is still on its way. */
export function unsent(text, files) {
  const how = make("span", { className: "how" }, "Đang gửi…");
  const element = frame("me", text, files, make("div", { className: "foot" }, how));
  element.classList.add("pending");
  return element;
}

function frame(who, text, files, foot, ...after) {
  const speaker = make("span", { className: "unseen" }, who === "me" ? "Đã gửi: " : "Nhắc Hạn: ");
  const bubble = make("div", { className: "bubble" }, speaker);
  if (text) bubble.append(make("div", { className: "said" }, ...(who === "bot" ? linked(text) : [text])));
  bubble.append(...files.map(attached), foot);
  return make("li", { className: `line ${who}` }, bubble, ...after);
}

function linked(text) {
  const pieces = [];
  let end = 0;
  for (const found of text.matchAll(ADDRESS)) {
    pieces.push(text.slice(end, found.index));
    pieces.push(make("a", { href: found[0], target: "_blank", rel: "noopener noreferrer" }, found[0]));
    end = found.index + found[0].length;
  }
  return [...pieces, text.slice(end)];
}

function attached(file) {
  const url = safe(file.url);
  const words = make("span", {}, make("b", {}, file.name), make("small", {}, size(file.size)));
  return make(url ? "a" : "div", url ? { className: "file", href: url, download: "" } : { className: "file" }, sheet(), words);
}

function safe(url) {
  if (!url) return "";
  const { protocol, href } = new URL(url, location.href);
  return ["http:", "https:"].includes(protocol) ? href : "";
}

function sheet() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", "M6 3h8l5 5v13H6zM14 3v5h5");
  svg.append(path);
  return svg;
}

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1).replace(".", ",")} MB`;
}

function choices(it, press) {
  if (!it.buttons.length) return "";
  const group = make("div", { className: "choices", role: "group", "aria-label": "Lựa chọn" });
  for (const { id, label } of it.buttons) {
    const button = make("button", { type: "button", disabled: !it.live, "data-choice": id }, label);
    button.addEventListener("click", (event) => press(id, label, button, event.detail === 0));
    group.append(button);
  }
  return group;
}
