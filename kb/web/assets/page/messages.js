// The small buttons under a message.

const turnOf = (element) => {
  const message = element.closest(".message-row");
  const role = message?.classList.contains("user-row") ? "user" : "bot";
  return $$(`#chat .${role}-row`).indexOf(message);
};

const acts = {
  copy: (button) => {
    const turn = current()?.turns[turnOf(button)];
    copy(turn ? plain(turn) : button.closest("[data-testid]").innerText, words("done_copied"));
  },
  link: (button) => {
    const question = current()?.turns[turnOf(button)]?.question ?? "";
    copy(`${location.origin}${location.pathname}?q=${encodeURIComponent(question)}`, words("done_copied"));
  },
  receipt: (button) => {
    const turn = current()?.turns[turnOf(button)];
    if (turn?.receipt) save(fileName(turn.question, "json"), "application/json", turn.receipt);
  },
  retry: (button) => again({ turn: turnOf(button) }),
  undo: (button) => {
    afterwards(() => {
      broken = Date.now();
      if (asking) begun("ending");
      asking = false;
      ticket = "";
      send("undo", { turn: turnOf(button) });
    });
    focusBox();
  },
  edit: (button) => (then("edit", { turn: turnOf(button) }), focusBox()),
  raw: (button) => again({ turn: turnOf(button), as_written: true }),
  up: (button) => judge(button, "up"),
  down: (button) => {
    const row = button.parentElement;
    const open = $(".kb-why", row);
    if (open) return open.remove();
    const why = make("span", { class: "kb-why", role: "group", "aria-label": words("why") }, words("why"));
    for (const reason of ["citation", "missing", "outdated"]) {
      why.append(make("button", { type: "button", class: "kb-reason", onclick: () => (judge(button, reason), why.remove(), button.focus()) }, words(`why_${reason}`)));
    }
    row.append(why);
    $("button", why).focus();
  },
};

function again(what) {
  if (asking) return; // one question at a time
  asking = true;
  then("again", what);
  focusBox();
}

function judge(button, verdict) {
  const at = turnOf(button);
  const turn = current()?.turns[at];
  change(tab.id, (c) => c.turns[at] && (c.turns[at].note = { verdict, at: new Date().toISOString() }));
  send("note", { verdict, question: turn?.question ?? "", sources: (receiptOf(turn)?.citations ?? []).map((c) => c.source) });
  tell(words("done_noted"));
  drawVerdicts();
}

function drawVerdicts() {
  const turns = current()?.turns ?? [];
  $$("#chat .bot-row").forEach((row, at) => {
    const verdict = turns[at]?.note?.verdict;
    $(".kb-up", row)?.setAttribute("aria-pressed", String(verdict === "up"));
    $(".kb-down", row)?.setAttribute("aria-pressed", String(Boolean(verdict) && verdict !== "up"));
  });
}
