// The conversation that is shown: what a question goes on from, and how it is opened again.

// what a question goes on from is what this page knows, not what gradio shows at that moment: a step of an answer that was left
// may still be drawn, and the conversation that was opened not yet
let asking = false; // a question is under way
let basis = []; // the messages of each turn of the conversation
let ticket = ""; // names the question under way; what comes with another is of one that was left

function asks(values, at) {
  ticket = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
  const messages = basis.flat().map(({ role, content }) => ({ role, content: [{ type: "text", text: content }] }));
  return [...values.slice(0, at), messages, ticket, ...values.slice(at + 2)];
}
const stops = ([shown]) => [shown, ticket];

function reopen(keep = false) {
  // shows the conversation as it is known here; an answer under way is broken off
  const broke = asking;
  asking = false;
  ticket = "";
  const messages = basis.flat();
  afterwards(() => {
    broken = Date.now();
    begun("opening");
    if (broke) begun("ending");
    send("open", { messages });
  });
  if (!keep) mend.tries = 3;
}

function mend() {
  // a step of an answer that was left may be drawn after the conversation was opened; then that is opened again
  clearTimeout(mend.timer);
  const whole = () => $$("#chat .user-row").length === basis.length;
  if (asking || waiting() || whole() || !mend.tries) return;
  mend.timer = setTimeout(() => {
    if (asking || waiting() || whole()) return;
    mend.tries--;
    reopen(true);
  }, 300);
}

function show(conversation, arriving = false) {
  const text = (messages) => (Array.isArray(messages) ? messages.filter((m) => typeof m?.content === "string") : []);
  basis = (conversation?.turns ?? []).map((turn) => text(turn.messages)).filter((messages) => messages.length);
  tab.id = conversation?.id ?? "";
  if (!arriving) {
    unasked.put({ sent: "" });
    fill("");
  }
  reopen();
  rest(conversation?.turns.at(-1));
  drawHistory();
  focusBox();
}
