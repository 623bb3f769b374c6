// A question that was not answered yet, and what was only written.

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
