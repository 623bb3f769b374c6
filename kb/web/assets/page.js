// What gradio does not do by itself: citations open beside the chat, focus follows, the small buttons under messages work, and the
// conversations are kept in this browser. One listener on the document serves every message, so nothing is bound again while an
// answer grows. Text is only ever set as text; HTML comes from the server alone, escaped there.
"use strict";
window.kb ||= (() => {
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

  function make(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value !== false) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children);
    return made;
  }

  // ---------------------------------------------------------------- telling

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

  // ---------------------------------------------------------------- the conversations kept here

  const KEY = "career-kb";
  const MOST = 200;

  function stored() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter((c) => typeof c?.id === "string" && Array.isArray(c.turns)) : [];
    } catch {
      return [];
    }
  }

  function store(all) {
    all = all.slice(0, MOST);
    for (;;) {
      try {
        localStorage.setItem(KEY, JSON.stringify(all));
        return;
      } catch {
        if (all.length < 2) return;
        all.pop();
        tell(words("chat_full"));
      }
    }
  }

  const tab = {
    // the conversation this tab shows
    get id() {
      return sessionStorage.getItem(KEY) ?? "";
    },
    set id(value) {
      sessionStorage.setItem(KEY, value);
    },
  };
  const current = () => stored().find((c) => c.id === tab.id);

  function change(id, how) {
    const all = stored();
    const at = all.findIndex((c) => c.id === id);
    if (at < 0) return;
    how(all[at]);
    store(all);
    drawHistory();
  }

  function keep(record) {
    // what the server says after each turn: a finished exchange, or how many turns are left
    if (record.kept !== undefined) {
      basis.length = Math.min(basis.length, record.kept);
      change(tab.id, (c) => (c.turns.length = Math.min(c.turns.length, record.kept)));
      return rest(current()?.turns.at(-1));
    }
    if (record.turn === undefined || record.ticket !== ticket) return;
    asking = false;
    unasked.put({ sent: "" });
    answered = Date.now();
    begun("ending");
    basis.length = Math.min(basis.length, record.turn);
    basis.push(record.messages);
    const all = stored();
    let own = all.find((c) => c.id === tab.id);
    if (!own) {
      own = { id: crypto.randomUUID?.() ?? String(Math.random()).slice(2), title: record.question.slice(0, 80), turns: [] };
      tab.id = own.id;
      all.unshift(own);
    }
    own.at = new Date().toISOString();
    own.turns.length = Math.min(own.turns.length, record.turn);
    own.turns.push({ at: own.at, question: record.question, messages: record.messages, receipt: record.receipt ?? null });
    store([own, ...all.filter((c) => c !== own)]);
    drawHistory();
    rest(own.turns.at(-1));
  }

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

  // ---------------------------------------------------------------- what was not answered yet
  // gradio loads the page anew once a lost server is back: what stood in the box, and what it was asked last, must live through that

  const unasked = {
    get: () => {
      try {
        const { sent = "", typed = "", away = false } = JSON.parse(sessionStorage.getItem(`${KEY}-unasked`) ?? "{}");
        return { sent: String(sent), typed: String(typed), away: away === true };
      } catch {
        return { sent: "", typed: "", away: false };
      }
    },
    put: (change) => sessionStorage.setItem(`${KEY}-unasked`, JSON.stringify({ ...unasked.get(), ...change })),
  };

  function fill(text) {
    const box = $("#kb-ask textarea");
    if (!box) return;
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function sent(text) {
    asking = true;
    unasked.put({ sent: text.trim() });
    document.getElementById("kb-lost")?.remove();
  }

  function restore(why, tries = 80) {
    const box = $("#kb-ask textarea");
    if (!box) return tries && setTimeout(restore, 25, why, tries - 1);
    const { sent, typed } = unasked.get();
    const kept = [sent, typed].filter((text, at) => text && !(at && text.startsWith(sent) && sent)).join("\n");
    if (box.value || !kept) return;
    fill(typed.startsWith(sent) ? typed : kept);
    document.getElementById("kb-lost")?.remove();
    if (sent) $("#kb-ask").before(make("p", { id: "kb-lost", role: "status" }, words(why)));
    focusBox();
  }

  // ---------------------------------------------------------------- answers as text

  const receiptOf = (turn) => {
    try {
      return turn?.receipt ? JSON.parse(turn.receipt) : null;
    } catch {
      return null;
    }
  };
  const stripped = (text) => text.replace(/\\([\\`*_{}[\]()#+\-.!|<>~])/g, "$1");

  function sources(receipt) {
    return (receipt.citations ?? []).map((c) => {
      const path = [c.title, ...(c.heading ?? [])].join(" › ");
      return `[${c.number}] “${c.quote.replace(/\s+/g, " ")}” ${[path, c.date, c.url || c.source].filter(Boolean).join(", ")}`;
    });
  }

  function plain(turn) {
    const receipt = receiptOf(turn);
    if (!receipt) return "";
    const list = sources(receipt);
    return stripped(receipt.answer) + (list.length ? `\n\n${words("sources")}\n${list.join("\n")}` : "");
  }

  function markdown(conversation) {
    const parts = conversation.turns.map((turn) => {
      const receipt = receiptOf(turn);
      const list = receipt ? sources(receipt).map((line) => `- ${line}`) : [];
      return [`## ${turn.question}`, receipt?.answer ?? "", list.join("\n")].filter(Boolean).join("\n\n");
    });
    return `# ${conversation.title}\n\n${parts.join("\n\n")}\n`;
  }

  function json(conversation) {
    // the receipts go in as the texts they came as: what a browser writes again differs in its numbers, and no digest fits it
    const turns = conversation.turns.map((turn) => {
      const about = JSON.stringify({ asked_at: turn.at, question: turn.question, note: turn.note ?? null });
      return `${about.slice(0, -1)},"receipt":${receiptOf(turn) ? turn.receipt : "null"}}`;
    });
    return `{"title":${JSON.stringify(conversation.title)},"turns":[${turns.join(",\n")}]}\n`;
  }

  const fileName = (text, end) => `${text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 50) || "career-kb"}.${end}`;

  // ---------------------------------------------------------------- the side: a source, or the conversations

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

  function drawHistory() {
    const root = $("#kb-history .html-container > div");
    if (!root) return;
    const all = stored();
    const button = (key, act, kind = "kb-quiet") => make("button", { type: "button", class: kind, onclick: act }, words(key));
    const row = (c) => {
      const name = make("button", { type: "button", class: "kb-chat-name", onclick: () => (show(c), close()) }, c.title || "…");
      if (c.id === tab.id) name.setAttribute("aria-current", "true");
      const remove = button("chat_delete", () => {
        if (remove.dataset.sure) {
          store(stored().filter((each) => each.id !== c.id));
          if (c.id === tab.id) show(null);
          drawHistory();
          $("#kb-history h2").focus();
        } else {
          remove.dataset.sure = "1";
          remove.textContent = words("chat_delete_sure");
        }
      });
      const rename = button("chat_rename", () => {
        const box = make("input", { class: "kb-chat-name", "aria-label": words("chat_name"), maxlength: 120 });
        box.value = c.title;
        const done = () => change(c.id, (kept) => (kept.title = box.value.trim() || kept.title));
        box.addEventListener("keydown", (event) => {
          if (event.key === "Enter") done();
          if (event.key === "Escape") (event.stopPropagation(), drawHistory());
        });
        box.addEventListener("blur", done);
        name.replaceWith(box);
        box.focus();
        box.select();
      });
      const asMarkdown = button("chat_markdown", () => save(fileName(c.title, "md"), "text/markdown", markdown(c)));
      const asJson = button("chat_json", () => save(fileName(c.title, "json"), "application/json", json(c)));
      const date = c.at ? new Date(c.at).toLocaleDateString(words("locale"), { day: "numeric", month: "long", year: "numeric" }) : "";
      return make("li", {}, name, make("p", { class: "kb-dateline" }, date), make("div", { class: "kb-chat-acts" }, rename, asMarkdown, asJson, remove));
    };
    root.replaceChildren(
      make(
        "section",
        { class: "kb-page", "aria-label": words("chats") },
        make("div", { class: "kb-page-nav" }, button("new_chat", () => (show(null), close())), make("button", { type: "button", class: "kb-icon kb-close", "aria-label": words("close"), onclick: close }, "×")),
        make("h2", { class: "kb-title", tabindex: "-1" }, words("chats")),
        make("p", { class: "kb-dateline" }, words(all.length ? "chats_text" : "chats_none")),
        make("ul", { class: "kb-chats" }, ...all.map(row)),
      ),
    );
  }

  // ---------------------------------------------------------------- what is pressed

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

  return {
    bridge(element, trigger, watch, props) {
      send = trigger;
      paint();
      watch("value", () => {
        const record = props.value;
        if (record?.refused) (asking = false), unasked.put({ sent: "" });
        else if (record?.editing !== undefined) editing(record.editing);
        else if (record) (editing(-1), keep(record));
      });
      const asked = new URLSearchParams(location.search).get("q");
      const open = current();
      if (asked) {
        history.replaceState(null, "", location.pathname); // loaded anew, the page shows the answer and does not ask again
        tab.id = "";
        sent(asked);
        trigger("link", { question: asked });
      } else if (open?.turns.length) show(open, true);
      if (!asked) restore(unasked.get().away ? "lost" : "loaded");
      unasked.put({ away: false });
    },
    panel(element, trigger, watch) {
      watch("value", () => {
        // subtle: a page that is loading may draw its first page after the source of an answer that came before
        if (here.quiet && here.nothing !== "first" && $("#kb-panel .kb-first")) send("cite", here);
        else settle();
      });
    },
    reader(element, trigger, watch) {
      watch("value", () => {
        const panel = document.getElementById("kb-reader");
        if (!document.getElementById("kb-reading")?.classList.contains("kb-open")) return;
        panel.scrollTop = 0;
        $("h2", panel)?.focus({ preventScroll: true });
      });
    },
    history: drawHistory,
    asks,
    stops,
    opened: () => setTimeout(over, 50, "opening"),
    ended: () => setTimeout(ended, 50), // once what it brought is drawn
    failed: () => setTimeout(failed, 50),
  };
})();
