// What everything else stands on: the page's words, short names for the document, lines that are told, copied or saved.

const words = (() => {
  const spoken = navigator.languages?.length ? navigator.languages : [navigator.language || "en"];
  const found = spoken.map((tag) => tag.toLowerCase().split("-")[0]).find((tag) => tag in window.kbWords);
  const own = { ...window.kbWords.en, ...window.kbWords[found || "en"] };
  return (key, values = {}) => own[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
})();

let send = () => {}; // trigger(event, data) of the bridge, once gradio has drawn it
let answered = 0; // when the last answer was complete
let opener = null; // the link or button that opened the side, to go back to
let here = { place: "", siblings: [], whole: false };

const $ = (selector, scope = document) => scope.querySelector(selector);
const $$ = (selector, scope = document) => [...scope.querySelectorAll(selector)];
const side = () => document.getElementById("kb-side");

function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

function tell(text) {
  let status = document.getElementById("kb-status");
  if (!status) document.body.append((status = make("div", { id: "kb-status", role: "status" })));
  status.textContent = text;
  status.classList.add("kb-told");
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => status.classList.remove("kb-told"), 2600);
}

async function copy(text, told) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const box = make("textarea", { style: "position: fixed; opacity: 0" });
    box.value = text;
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  }
  tell(told);
}

function save(name, type, text) {
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  tell(words("done_saved"));
}
