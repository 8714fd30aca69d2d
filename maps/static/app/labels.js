// Write names on the map: townships from afar, the zones of the chosen layer from near, never one over another.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const MAX_LABELS = 80;
  let layer = null;

  // A point well inside the largest ring of a feature, in its units: the middle of the longest run across its centre.
  function middle(feature) {
    if (feature.middle !== undefined) return feature.middle;
    const y = (feature.box[1] + feature.box[3]) / 2;
    const cuts = [];
    feature.rings.forEach((ring) => {
      for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
        const [ay, by] = [ring[i + 1], ring[j + 1]];
        if (ay > y !== by > y) cuts.push(((ring[j] - ring[i]) * (y - ay)) / (by - ay) + ring[i]);
      }
    });
    cuts.sort((a, b) => a - b);
    let best = null;
    for (let i = 0; i + 1 < cuts.length; i += 2) {
      if (!best || cuts[i + 1] - cuts[i] > best.width) best = { width: cuts[i + 1] - cuts[i], x: (cuts[i] + cuts[i + 1]) / 2, y };
    }
    feature.middle = best;
    return best;
  }

  // One place for each zone in the view: in the widest of its parts, as several tiles may hold it.
  function places(kind) {
    const box = gridsight.map.getPixelBounds();
    const origin = gridsight.map.getPixelOrigin();
    const view = L.bounds(box.min.subtract(origin), box.max.subtract(origin));
    const found = new Map();
    gridsight.source.sheets(kind).forEach((sheet) => sheet.features.forEach((feature) => {
      if (!gridsight.inBox(feature, sheet, view)) return;
      const at = middle(feature);
      if (!at) return;
      const point = L.point(at.x * sheet.scale + sheet.x, at.y * sheet.scale + sheet.y);
      const known = found.get(feature.key);
      const width = at.width * sheet.scale;
      if (view.contains(point) && (!known || width > known.width)) found.set(feature.key, { key: feature.key, name: feature.value("name"), point, width });
    }));
    return [...found.values()];
  }

  const label = (one) => (gridsight.missing(one.name) ? one.key : String(one.name));

  function marker(one, kind, cut) {
    const text = gridsight.el("span", {}, kind === "grids" ? one.key.slice(cut) : label(one));
    const icon = L.divIcon({ html: text, className: "name name-" + kind, iconSize: null });
    return L.marker(gridsight.map.layerPointToLatLng(one.point), { icon, pane: "names", interactive: false, keyboard: false });
  }

  // How much of the codes of grids is left out: the levels (three digits each) that all of the view share, so that no
  // two labels are alike; the full code is one click away.
  gridsight.sharedCode = function (codes) {
    if (codes.length < 2) return 0;
    const last = codes.reduce((one, other) => (one > other ? one : other));
    const first = codes.reduce((one, other) => (one < other ? one : other));
    let same = 0;
    while (same < first.length && first[same] === last[same]) same++;
    return 3 * Math.floor(same / 3);
  };

  function draw() {
    const state = gridsight.state;
    layer.clearLayers();
    if (!state.shown.labels || !state.ready) return;
    const taken = [];
    const kinds = ["townships"].concat(state.zoneLayer && state.zoneLayer !== "townships" ? [state.zoneLayer] : []);
    kinds.filter((kind) => gridsight.source.summary(kind) && gridsight.map.getZoom() >= gridsight.config.zoneNamesFrom[kind]).forEach((kind) => {
      const found = places(kind);
      const cut = gridsight.sharedCode(found.map((one) => one.key));
      found.forEach((one) => {
        if (taken.length >= MAX_LABELS) return;
        const wide = 7 * label(one).length + 12;
        if (taken.some((other) => Math.abs(other.x - one.point.x) < wide && Math.abs(other.y - one.point.y) < 18)) return;
        taken.push(one.point);
        layer.addLayer(marker(one, kind, cut));
      });
    });
  }

  gridsight.onStart(function () {
    layer = L.layerGroup().addTo(gridsight.map);
    gridsight.map.on("moveend", draw);
    const soon = gridsight.coalesce(draw);
    gridsight.watch(["zoneLayer", "figure", "theme", "lang", "shown", "ready"], soon);
    gridsight.watch("tiles", (name) => gridsight.model.isZone(name) && soon());
  });
})();
