// The list of the conversations.

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
