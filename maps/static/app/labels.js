// Write names on the map: townships from afar, the zones of the chosen layer from near, never one over another.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const MAX_LABELS = 80;
  let layer = null;

  function labelPosition(row) {
    if (row.labelPosition === undefined) row.labelPosition = gridsight.shapes.middle(row.shape);
    return row.labelPosition;
  }

  function marker(row, kind) {
    const text = gridsight.el("span", {}, kind === "grids" ? shortCode(row.key) : gridsight.model.label(row));
    const icon = L.divIcon({ html: text, className: "name name-" + kind, iconSize: null });
    return L.marker(labelPosition(row), { icon, pane: "names", interactive: false, keyboard: false });
  }

  // The last three digits tell grids of one village apart; the full code is one click away.
  const shortCode = (code) => (code.length > 9 ? code.slice(-6) : code);

  function draw() {
    const map = gridsight.map;
    const view = gridsight.state;
    layer.clearLayers();
    if (!view.shown.labels) return;
    const taken = [];
    const box = map.getBounds();
    const kinds = ["townships"].concat(view.zoneLayer && view.zoneLayer !== "townships" ? [view.zoneLayer] : []);
    kinds.forEach((kind) => {
      if (map.getZoom() < gridsight.config.zoneNamesFrom[kind]) return;
      gridsight.model.rows(kind).forEach((row) => {
        const place = labelPosition(row);
        if (taken.length >= MAX_LABELS || !place || !box.contains(place)) return;
        const point = map.latLngToContainerPoint(place);
        const wide = 7 * gridsight.model.label(row).length + 12;
        if (taken.some((other) => Math.abs(other.x - point.x) < wide && Math.abs(other.y - point.y) < 18)) return;
        taken.push(point);
        layer.addLayer(marker(row, kind));
      });
    });
  }

  gridsight.startLabels = function () {
    layer = L.layerGroup().addTo(gridsight.map);
    gridsight.map.on("moveend", draw);
    const soon = gridsight.coalesce(draw);
    gridsight.watch(["zoneLayer", "figure", "theme", "lang", "shown"], soon);
    gridsight.watch("arrived", (name) => gridsight.model.isZone(name) && soon());
  };
})();
