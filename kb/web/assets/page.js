// What gradio does not do by itself: citations open beside the chat, focus follows, the panel's own buttons work.
// One listener on the document serves every message, so nothing has to be bound again while an answer grows.
"use strict";
window.kb ||= (() => {
  let send = null; // trigger(event, data) of the bridge, once gradio has drawn it
  let from = null; // the link or button that opened the panel, to go back to
  let here = { place: "", siblings: [] };

  const cites = (scope) => [...new Set([...scope.querySelectorAll('a[href^="#cite-"]')].map((a) => a.getAttribute("href").slice(6)))];

  function open(place, siblings, whole) {
    here = { place, siblings, whole };
    document.getElementById("kb-side")?.classList.add("kb-open");
    send?.("cite", here);
  }

  function close() {
    document.getElementById("kb-side")?.classList.remove("kb-open");
    if (from?.isConnected) from.focus();
  }

  function click(event) {
    const link = event.target.closest?.('a[href^="#cite-"]');
    if (link) {
      event.preventDefault();
      event.stopPropagation();
      from = link;
      for (const a of document.querySelectorAll(".kb-cite.kb-current")) a.classList.remove("kb-current");
      link.classList.add("kb-current");
      const message = link.closest("[data-testid=bot]") ?? document.getElementById("kb-panel");
      open(link.getAttribute("href").slice(6), cites(message), false);
      return;
    }
    const button = event.target.closest?.("[data-kb]");
    if (!button || button.disabled) return;
    const act = button.dataset.kb;
    if (act === "cite" || act === "article") open(button.dataset.place, here.siblings, act === "article");
    else if (act === "close") close();
  }

  document.addEventListener("click", click, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.querySelector("#kb-side.kb-open")?.contains(document.activeElement)) close();
  });

  return {
    bridge(element, trigger) {
      send = trigger;
    },
    panel(element, trigger, watch) {
      watch("value", () => {
        if (!document.querySelector("#kb-side.kb-open")) return; // the first page, drawn while loading
        const scroller = document.getElementById("kb-panel");
        const mark = element.querySelector("mark");
        scroller.scrollTop = 0;
        element.querySelector("h2")?.focus({ preventScroll: true });
        if (mark) {
          const room = mark.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
          if (room > scroller.clientHeight * 0.6) scroller.scrollTop = room - scroller.clientHeight / 3;
        }
      });
    },
  };
})();
