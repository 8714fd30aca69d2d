// Count what is in the view, by class, for the legend: asked of the service once the map rests, once for each view.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const state = gridsight.state;
  const PAUSE_MS = 300;
  let asked = "";

  // Of a layer what the view holds; of all of it, until that is known or where nobody counts.
  gridsight.countsOf = (name) => (state.inView && state.inView[name]) || gridsight.source.summary(name);

  function query() {
    const box = gridsight.map.getBounds();
    const degrees = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((one) => one.toFixed(4));
    const asking = new URLSearchParams({ bbox: degrees.join(",") });
    if (state.zoneLayer) asking.set("zones", state.zoneLayer);
    return String(asking);
  }

  async function ask() {
    if (!gridsight.model.run || gridsight.config.mode !== "served") return;
    const wanted = query();
    if (wanted === asked) return;
    asked = wanted;
    try {
      const found = await gridsight.source.fetchJson("/page/" + encodeURIComponent(gridsight.model.run.id) + "/counts?" + wanted);
      if (wanted === asked) gridsight.update({ inView: found.layers });
    } catch (error) {
      // Counts of all stand, and say so.
      asked = "";
      gridsight.update({ inView: null });
    }
  }

  const note = () => (state.inView ? [gridsight.el("p", { class: "counts-note" }, gridsight.t("counts_in_view"))] : []);

  gridsight.addLegend(note);

  gridsight.onStart(function () {
    const soon = gridsight.later(ask, PAUSE_MS);
    gridsight.whenReady(() => {
      ask();
      gridsight.map.on("moveend", soon);
      gridsight.watch("zoneLayer", soon);
    });
  });
})();
