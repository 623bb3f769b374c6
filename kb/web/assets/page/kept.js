// The conversations kept in this browser, and what the server adds to the one that is shown.

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
