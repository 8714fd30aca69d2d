// Let modules add themselves to the page: what they begin with, panels beside the map, parts of the legend.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const parts = (gridsight.parts = { begins: [], legend: [], clicks: [] });

  // Call this once the map is there and before its data are; in the order of the modules.
  gridsight.onStart = (begin) => parts.begins.push(begin);

  // A part of the legend: a function that gives elements, called whenever the legend is built.
  gridsight.addLegend = (make) => parts.legend.push(make);

  // Who may take a click on the map before it selects: called with it and what lies under it; true where it was taken.
  gridsight.takeClicks = (take) => parts.clicks.push(take);

  // A button over the map: its word, its lines, what a press does; gives it, so that it can say whether it is on.
  gridsight.addTool = function (word, lines, press) {
    const name = gridsight.t(word);
    const tool = gridsight.el("button", { type: "button", "data-label": word, "aria-label": name, title: name, "aria-pressed": "false", onclick: press }, gridsight.icon(lines));
    document.querySelector(".map-tools").append(tool);
    return tool;
  };

  // A panel beside the map with its tab, before the last one. The words are "tab_" + name; gives the panel to fill.
  gridsight.addPanel = function (name) {
    const el = gridsight.el;
    const tab = el("button", {
      type: "button", role: "tab", id: "tab-" + name, "aria-controls": "panel-" + name, "aria-selected": "false", tabindex: "-1", "data-t": "tab_" + name,
    }, gridsight.t("tab_" + name));
    const panel = el("div", { class: "panel own", role: "tabpanel", id: "panel-" + name, "aria-labelledby": "tab-" + name, hidden: true });
    const last = document.querySelectorAll("[role=tab]");
    last[last.length - 1].before(tab);
    document.querySelector(".foot").before(panel);
    return panel;
  };
})();
