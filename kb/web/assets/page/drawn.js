// What is done to the page each time that gradio has drawn something.

// an answer is read from its beginning: the question goes to the top and stays there while the answer grows
const reading = { asked: 0, follow: false };
function follow() {
  const log = $('#chat [role="log"]');
  const asked = $$("#chat .user-row");
  if (asked.length > reading.asked) reading.follow = true;
  reading.asked = asked.length;
  if (!log || !asked.length || !reading.follow) return;
  log.scrollTop += asked.at(-1).getBoundingClientRect().top - log.getBoundingClientRect().top - 8;
  if (answered && Date.now() - answered < 400) setTimeout(() => (reading.follow = false), 400);
}
for (const event of ["wheel", "touchmove", "keydown"]) document.addEventListener(event, () => (reading.follow = false), { passive: true });

// what gradio says in English when it cannot ask, in our words
const said = [[/^Connection to the server was lost/, "away"], [/currently busy|queue is full/i, "busy"]];
function translate() {
  for (const text of $$(".toast-message-text")) {
    const word = said.find(([theirs]) => theirs.test(text.textContent.trim()))?.[1];
    if (!word) continue;
    if (word === "away") setTimeout(() => unasked.put({ away: true }), 1000); // said for a moment too when a page is loaded anew
    text.textContent = words(word);
    const title = $(".toast-title", text.closest(".toast-body") ?? document);
    if (title) title.textContent = words(`${word}_title`);
  }
}

// what gradio's own parts lack: names for its buttons, short labels for messages (it reads out their HTML)
function name() {
  for (const message of $$('#chat [data-testid="user"], #chat [data-testid="bot"]')) {
    const label = words(message.dataset.testid === "user" ? "you_asked" : "answered");
    if (message.getAttribute("aria-label") !== label) (message.setAttribute("role", "group"), message.setAttribute("aria-label", label));
  }
  const log = $('#chat [role="log"]');
  if (log && log.getAttribute("aria-label") !== words("chat_label")) (log.setAttribute("aria-label", words("chat_label")), log.setAttribute("tabindex", "0"));
  for (const [selector, word] of [[".submit-button", "ask_send"], [".stop-button", "ask_stop"]]) {
    const button = $(`#kb-ask ${selector}`);
    if (button && button.title !== words(word)) (button.setAttribute("aria-label", words(word)), (button.title = words(word)));
  }
  translate();
  drawTools();
  drawVerdicts();
  drawCurrent();
  follow();
  mend();
}

document.addEventListener("click", click, true);
document.addEventListener("keydown", key);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.closest?.("#kb-ask textarea")) return;
  if (!waiting()) return sent(event.target.value);
  event.preventDefault();
  event.stopImmediatePropagation();
  afterwards(() => $("#kb-ask .submit-button")?.click());
}, true);
document.addEventListener("input", (event) => {
  if (event.isTrusted && event.target.closest?.("#kb-ask")) unasked.put({ sent: "" }); // what was put back is now what is written
});
window.addEventListener("pagehide", () => unasked.put({ typed: $("#kb-ask textarea")?.value ?? "" }));
new MutationObserver(() => {
  cancelAnimationFrame(name.frame);
  name.frame = requestAnimationFrame(name);
}).observe(document.body, { subtree: true, childList: true });
paint();
