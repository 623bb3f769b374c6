// What is pressed while gradio ends an answer or opens a conversation waits for that, in its order.

// subtle: gradio repeats an answer's last state when its event ends, which would undo what is sent in between, and drops a
// question that is asked while an answer is being broken off. So what is pressed meanwhile waits, in its order
const under = { ending: 0, opening: 0 }; // timers while an answer ends, a conversation opens, should gradio never say that it did
const held = [];
const waiting = () => Boolean(under.ending || under.opening);
function begun(what) {
  clearTimeout(under[what]);
  under[what] = setTimeout(over, 5000, what);
}
function over(what) {
  clearTimeout(under[what]);
  under[what] = 0;
  while (held.length && !waiting()) held.shift()();
}
function afterwards(act) {
  if (waiting()) held.push(act);
  else act();
}
const then = (event, data) => afterwards(() => ((broken = Date.now()), send(event, data)));
let broken = 0; // when an answer was broken off on purpose, which gradio calls a failure as well
const ended = () => over("ending");

function failed() {
  // no answer came, or only a part of one: the question goes back into the box, and the conversation to where it was
  ended();
  asking = false;
  if (!unasked.get().sent || Date.now() - broken < 1500) return;
  if ($("#kb-ask textarea")?.value) return unasked.put({ sent: "" }); // it never left the box, where gradio says why
  unasked.put({ typed: "" });
  restore("broke");
  reopen();
}
