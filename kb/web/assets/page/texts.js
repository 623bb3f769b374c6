// Answers and conversations as text: copied, or saved as Markdown and JSON.

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
