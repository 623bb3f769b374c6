// What is pressed anywhere: one listener on the document serves everything that is drawn later.

function toLibrary(then, tries = 40) {
  // gradio draws a tab when it is first opened
  if (tries === 40) $$('#kb-tabs [role="tab"]')[1]?.click();
  const ready = $("#kb-find input, #kb-find textarea")?.offsetParent && $("#kb-reader .kb-page");
  if (ready) setTimeout(then, 50);
  else if (tries) setTimeout(toLibrary, 25, then, tries - 1);
}

function seek(words) {
  toLibrary(() => {
    const find = $("#kb-find input, #kb-find textarea");
    find.value = words;
    find.dispatchEvent(new Event("input", { bubbles: true }));
    find.focus();
  });
}

function read(source, from) {
  opener = from;
  document.getElementById("kb-reading")?.classList.add("kb-open");
  send("read", { source });
}

const tools = {
  new: () => (show(null), close()),
  chats: (button) => {
    if (side()?.classList.contains("kb-listing")) return close();
    drawHistory();
    open("history", button);
    $("#kb-history h2")?.focus();
  },
  colours: () => {
    const dark = document.body.classList.toggle("dark");
    localStorage.setItem(`${KEY}-colours`, dark ? "dark" : "light");
    drawTools();
  },
  close,
  ask: (button) => {
    // a question named elsewhere: put into the box, to be asked again
    $$('#kb-tabs [role="tab"]')[0]?.click();
    fill(button.textContent);
    setTimeout(focusBox, 50); // once gradio shows the tab
  },
  topic: (button) => seek(button.dataset.topic), // of the first page: its articles in the library
  shelve: (button) => toLibrary(() => read(button.dataset.source, button)), // an article named elsewhere: opened in the library
  read: (button) => read(button.dataset.source, button),
  remove: (button) => {
    if (!button.dataset.sure) {
      button.dataset.sure = "1";
      button.textContent = words("lib_remove_sure");
      return;
    }
    button.disabled = true;
    send("remove", { source: button.dataset.source });
  },
  cite: (button) => cite(button.dataset.place, here.siblings, false),
  article: (button) => cite(button.dataset.place, here.siblings, true),
};

function paint() {
  // the colours that were chosen; gradio sets the system's when it starts
  const chosen = localStorage.getItem(`${KEY}-colours`);
  if (chosen) document.body.classList.toggle("dark", chosen === "dark");
}

function drawTools() {
  const label = words(document.body.classList.contains("dark") ? "to_light" : "to_dark");
  const button = $('[data-kb="colours"]');
  if (button && button.title !== label) (button.setAttribute("title", label), button.setAttribute("aria-label", label));
}

function click(event) {
  if (event.target.closest?.("#kb-ask .stop-button")) broken = Date.now();
  const question = event.target.closest?.("#kb-ask .submit-button, #chat .example, #chat .option");
  if (question && (waiting() || (asking && !question.closest("#kb-ask")))) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return waiting() && afterwards(() => question.isConnected && question.click());
  }
  if (question) sent(question.closest("#kb-ask") ? $("#kb-ask textarea").value : question.innerText);
  const link = event.target.closest?.('a[href^="#cite-"]');
  if (link) {
    event.preventDefault();
    event.stopPropagation();
    const message = link.closest("[data-testid=bot]") ?? document.getElementById("kb-panel");
    const siblings = [...new Set($$('a[href^="#cite-"]', message).map((a) => a.getAttribute("href").slice(6)))];
    return cite(link.getAttribute("href").slice(6), siblings, false, link);
  }
  if (event.target.closest?.(".kb-skip")) {
    event.preventDefault();
    return focusBox();
  }
  const near = event.target.closest?.("#chat .kb-nearby");
  if (near) return seek(near.textContent);
  const act = event.target.closest?.("#chat .kb-act, #chat .kb-raw");
  if (act) {
    const name = [...act.classList].map((c) => c.slice(3)).find((c) => c in acts);
    return acts[name]?.(act);
  }
  // subtle: vega keeps the row that a point was drawn from at its element
  const point = event.target.closest?.("#kb-map .role-mark path")?.__data__?.datum;
  if (point?.source) return toLibrary(() => read(point.source));
  const tool = event.target.closest?.("[data-kb]");
  if (tool && !tool.disabled) tools[tool.dataset.kb]?.(tool);
}

function key(event) {
  if (event.key !== "Escape") return;
  if ($$("#kb-side.kb-open, #kb-reading.kb-open").some((open) => open.contains(document.activeElement))) close();
  else if ($("#chat .kb-editing")) then("edit", { turn: -1 });
}

function editing(turn) {
  $$("#chat .user-row").forEach((row, at) => row.classList.toggle("kb-editing", at === turn));
  if (turn >= 0) (tell(words("editing")), focusBox());
}
