// Write names on the map: townships from afar, the zones of the chosen layer from near, never one over another.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const MAX_LABELS = 80;
  const HALF_HEIGHT = 9; // of a name, in pixels
  // How far a name may go aside and up or down, out of the way of counts and marks; the first that fits best.
  const SHIFTS = [[0, 0], [0, -20], [0, 20], [0, -32], [0, 32], [-24, 0], [24, 0], [-24, -20], [24, -20], [-24, 20], [24, 20], [0, -44], [0, 44], [-44, 0], [44, 0]];
  const COUNT_WEIGHS = 4; // marks of places that a name may hide before it hides a count
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

  const textOf = (one, kind, cut) => (kind === "grids" ? one.key.slice(cut) : label(one));

  // About half the width of a name: Chinese characters are twice as wide as others.
  const halfWidth = (text) => Array.from(text).reduce((sum, one) => sum + (one > "\u2e7f" ? 7 : 3.5), 3);

  // Marks of places, as circles about the middle of each with its count.
  function marks() {
    const { map, verdicts, state } = gridsight;
    if (!state.shown.verdicts || !verdicts.isGrouped(map.getZoom())) return [];
    return verdicts.placed.map(({ latlng, box }) => {
      const { x, y } = map.latLngToLayerPoint(latlng);
      return { x: x + (box.right - box.left) / 2, y, radius: box.half, isMark: true };
    });
  }

  // Where a name is put: at its point or a little above or below, where it lies on the fewest counts and on no other
  // name; null where there is no room.
  function roomFor(point, half, taken, counts) {
    let best = null;
    SHIFTS.forEach(([aside, down]) => {
      const [x, y] = [point.x + aside, point.y + down];
      if (taken.some((other) => Math.abs(other.x - x) < half + other.half && Math.abs(other.y - y) < 2 * HALF_HEIGHT)) return;
      const under = counts.filter((one) => Math.abs(one.x - x) < half + one.radius && Math.abs(one.y - y) < HALF_HEIGHT + one.radius);
      const hits = under.reduce((sum, one) => sum + (one.isMark ? 1 : COUNT_WEIGHS), 0);
      if (!best || hits < best.hits) best = { x, y, half, hits };
    });
    return best;
  }

  function marker(one, kind, text) {
    const span = gridsight.el("span", {}, text);
    const icon = L.divIcon({ html: span, className: "name name-" + kind, iconSize: null });
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
    const counts = gridsight.countCircles().concat(marks());
    const kinds = ["townships"].concat(state.zoneLayer && state.zoneLayer !== "townships" ? [state.zoneLayer] : []);
    kinds.filter((kind) => gridsight.source.summary(kind) && gridsight.map.getZoom() >= gridsight.config.zoneNamesFrom[kind]).forEach((kind) => {
      const found = places(kind);
      const cut = gridsight.sharedCode(found.map((one) => one.key));
      found.forEach((one) => {
        if (taken.length >= MAX_LABELS) return;
        const text = textOf(one, kind, cut);
        const place = roomFor(one.point, halfWidth(text), taken, counts);
        if (!place) return;
        taken.push(place);
        layer.addLayer(marker(Object.assign({}, one, { point: L.point(place.x, place.y) }), kind, text));
      });
    });
  }

  gridsight.onStart(function () {
    layer = L.layerGroup().addTo(gridsight.map);
    gridsight.map.on("moveend", draw);
    const soon = gridsight.coalesce(draw);
    gridsight.watch(["zoneLayer", "figure", "theme", "lang", "shown", "ready", "marked"], soon);
    gridsight.watch("tiles", (name) => (name === "cameras" || gridsight.model.isZone(name)) && soon());
  });
})();
