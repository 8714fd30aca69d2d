// The panel of runs: start an analysis, manage the runs, compare two of them; for those who may analyse.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const work = gridsight.work;

  gridsight.onStart(function () {
    if (!work.allowed()) return;
    const panel = gridsight.addPanel("runs");
    const status = el("div", { class: "run-status", role: "status", "aria-live": "polite" });
    const tell = (text, fault) => gridsight.empty(status).append(...(fault ? [desk.faultLine(fault)] : [text]));
    const starting = gridsight.runStart(tell);
    const comparing = gridsight.runCompare(tell);
    panel.classList.add("change", "runs");
    panel.append(status, el("div", { class: "change-scroll" }, [starting.element, gridsight.runList(tell), comparing.element]));
    gridsight.watch("lang", () => tell("")); // a sentence of the other language is not left standing
    let isOpened = false;
    gridsight.watch("tab", async () => {
      if (gridsight.state.tab !== "runs" || !gridsight.model.run) return;
      await work.refresh();
      comparing.refresh();
      if (!isOpened) starting.resume();
      isOpened = true;
    });
  });
})();
