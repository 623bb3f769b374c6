// What stands beside the chat: a source, or the conversations.

function open(what, from) {
  if (from) opener = from;
  side()?.classList.toggle("kb-listing", what === "history");
  side()?.classList.add("kb-open");
}

function close() {
  side()?.classList.remove("kb-open", "kb-listing");
  document.getElementById("kb-reading")?.classList.remove("kb-open");
  if (opener?.isConnected) opener.focus();
  else focusBox();
}

function focusBox() {
  $("#kb-ask textarea")?.focus();
}

function cite(place, siblings, whole, from) {
  const same = here.place === place && here.whole === whole && $("#kb-panel [data-here]")?.dataset.here === place;
  here = { place, siblings, whole };
  drawCurrent();
  open("source", from);
  if (same) settle();
  else send("cite", here);
}

function rest(turn) {
  // what stands beside the chat when nobody chose it: the first source of the last answer. Nothing else moves, and no focus
  if (matchMedia("(max-width: 900px)").matches) return; // there a source is a sheet that opens when it is asked for
  const panel = document.getElementById("kb-panel");
  const content = turn?.messages?.at(-1)?.content;
  const answer = new DOMParser().parseFromString(typeof content === "string" ? content : "", "text/html"); // runs and loads nothing
  const siblings = [...new Set($$('a[href^="#cite-"]', answer).map((a) => a.getAttribute("href").slice(6)))];
  if (siblings.includes(here.place) || panel?.contains(document.activeElement)) return;
  const nothing = siblings.length ? "" : receiptOf(turn)?.abstained ? "declined" : turn ? "none" : "first";
  here = { place: siblings[0] ?? "", siblings, whole: false, quiet: true, nothing };
  drawCurrent();
  send("cite", here);
}

function drawCurrent() {
  for (const a of $$("#chat a.kb-cite")) a.classList.toggle("kb-current", a.getAttribute("href")?.slice(6) === here.place);
}

function settle() {
  // after the panel has new content: to its top or its first mark, and the focus to its title
  const panel = document.getElementById("kb-panel");
  const shown = $("[data-here]", panel ?? document)?.dataset.here;
  if (!panel) return;
  clearTimeout(settle.again);
  if (shown && shown !== here.place) {
    // another place was asked for meanwhile; should its answer have come first, it is asked for again
    settle.again = setTimeout(() => here.place && send("cite", here), 500);
    return;
  }
  panel.scrollTop = 0;
  if (!here.quiet && side()?.classList.contains("kb-open") && !side().classList.contains("kb-listing")) $("h2", panel)?.focus({ preventScroll: true });
  const mark = $("mark", panel);
  if (!mark) return;
  const down = mark.getBoundingClientRect().top - panel.getBoundingClientRect().top;
  if (down > panel.clientHeight * 0.6) panel.scrollTop = down - panel.clientHeight / 3;
}
