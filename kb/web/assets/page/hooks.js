// What gradio's components call: their load functions (`on_load`) and the events' own.

const hooks = {
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
