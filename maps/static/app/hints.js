// First-visit hints: how to begin, in a card that is closed once and stays closed; a button brings it back.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key) => gridsight.t(key);
  const KEY = "gridsight-hints";
  const HINTS = ["hint_scope", "hint_search", "hint_legend", "hint_keys"];
  let card = null;

  // Storage is refused in some browsers: then they are shown on each visit.
  function isClosed(close) {
    try {
      if (close) window.localStorage.setItem(KEY, "closed");
      return window.localStorage.getItem(KEY) === "closed";
    } catch (refused) {
      return false;
    }
  }

  function close() {
    card.hidden = true;
    isClosed(true);
    gridsight.byId("help").focus();
  }

  function make() {
    card = el("div", { class: "hints", role: "region", "data-label": "hints", "aria-label": t("hints") }, [
      el("h2", { "data-t": "hints" }, t("hints")),
      el("ul", {}, HINTS.map((word) => el("li", { "data-t": word }, t(word)))),
      el("button", { type: "button", class: "button", "data-t": "hints_close", onclick: close }, t("hints_close")),
    ]);
    card.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close();
    });
    gridsight.map.getContainer().parentNode.append(card);
  }

  gridsight.onStart(function () {
    gridsight.byId("help").addEventListener("click", () => {
      if (!card) make();
      else card.hidden = !card.hidden;
      if (!card.hidden) card.querySelector("button").focus();
    });
    gridsight.whenReady(() => isClosed() || make());
  });
})();
