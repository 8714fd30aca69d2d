// What an import would change, and what the check found, on the map, each with its legend.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const state = gridsight.state;
  const t = (key, values) => gridsight.t(key, values);
  const KINDS = ["added", "updated", "was", "removed", "rejected"];
  let drawn = null;
  let marks = null;
  let shape = null;

  const colourOf = (kind, colours) => ({ added: colours.verdict.covered, updated: colours.verdict.maybe, was: colours.quiet, removed: colours.quiet, rejected: colours.offline })[kind];

  function look(kind) {
    const color = colourOf(kind, gridsight.colours());
    return {
      renderer: gridsight.renderers.marks, pane: "marks", interactive: false, color, weight: kind === "was" ? 1.6 : 2.4, radius: kind === "rejected" ? 7 : 6,
      dashArray: kind === "was" || kind === "removed" ? "4 3" : null, fillColor: color, fillOpacity: kind === "added" || kind === "updated" ? 0.35 : 0,
    };
  }

  // A shape of GeoJSON as layers of Leaflet; `style` is that of paths and of points.
  function layersOf(geometry, style) {
    if (!geometry) return [];
    if (geometry.type === "GeometryCollection") return [].concat(...geometry.geometries.map((one) => layersOf(one, style)));
    if (geometry.type === "Point") return [L.circleMarker([geometry.coordinates[1], geometry.coordinates[0]], style)];
    if (geometry.type === "MultiPoint") return geometry.coordinates.map((one) => L.circleMarker([one[1], one[0]], style));
    const parts = gridsight.shapes.fromGeoJson(geometry);
    if (!parts.length) return [];
    if (/LineString/.test(geometry.type)) return [L.polyline(parts.map((part) => part[0]), Object.assign({}, style, { fill: false }))];
    return [L.polygon(parts, style)];
  }

  const isOpen = () => state.tab === "data";

  function showChanges() {
    drawn.clearLayers();
    const found = state.importing.changes;
    if (!found || !isOpen()) return;
    // Those that are rare lie on top: what was, below what is.
    ["was", "removed", "updated", "added", "rejected"].forEach((kind) =>
      found.features.filter((one) => one.properties.change === kind).forEach((one) => layersOf(one.geometry, look(kind)).forEach((layer) => drawn.addLayer(layer))));
  }

  function fit() {
    const box = L.latLngBounds([]);
    drawn.eachLayer((layer) => box.extend(layer.getBounds ? layer.getBounds() : layer.getLatLng()));
    if (box.isValid()) gridsight.map.fitBounds(box, Object.assign({ maxZoom: 18, animate: false }, gridsight.freeSpace(40)));
  }

  function showFindings() {
    marks.clearLayers();
    const { answer, kind, chosen } = state.checks;
    if (!answer || !isOpen()) return;
    const colours = gridsight.colours();
    answer.findings.filter((one) => one.lon !== null && (!kind || (one.code === kind.code && one.layer === kind.layer))).forEach((one) => {
      const color = one.severity === "error" ? colours.offline : colours.verdict.maybe;
      const mark = L.circleMarker([one.lat, one.lon], {
        renderer: gridsight.renderers.touch, pane: "touch", bubblingMouseEvents: false, radius: one === chosen ? 10 : 6, color: one === chosen ? colours.selected : colours.halo,
        weight: one === chosen ? 3 : 1.2, fillColor: color, fillOpacity: 0.9,
      });
      mark.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        if (!gridsight.parts.clicks.some((take) => take(event, null))) gridsight.checks.choose(one, true);
      });
      marks.addLayer(mark);
    });
  }

  // The row that a finding is of, outlined; and the map goes there.
  gridsight.showFinding = function (one, features) {
    shape.clearLayers();
    const style = { renderer: gridsight.renderers.marks, pane: "marks", interactive: false, color: gridsight.colours().selected, weight: 3, radius: 11, fill: false };
    const layers = [].concat(...features.map((feature) => layersOf(feature.geometry, style)));
    layers.forEach((layer) => shape.addLayer(layer));
    const box = L.latLngBounds(one.lon === null ? [] : [[one.lat, one.lon]]);
    if (one.lon === null) layers.forEach((layer) => box.extend(layer.getBounds ? layer.getBounds() : layer.getLatLng()));
    if (box.isValid()) gridsight.map.flyToBounds(box.pad(0.2), Object.assign({ maxZoom: 18, animate: !gridsight.quiet() }, gridsight.freeSpace(40)));
  };

  gridsight.hideFinding = () => shape && shape.clearLayers();

  function swatch(kind) {
    const style = look(kind);
    return gridsight.swatch((context, width, height) => {
      context.beginPath();
      context.arc(width / 2, height / 2, 5, 0, 2 * Math.PI);
      context.fillStyle = context.strokeStyle = style.color;
      context.globalAlpha = style.fillOpacity;
      context.fill();
      context.globalAlpha = 1;
      context.lineWidth = style.weight;
      context.setLineDash(style.dashArray ? [3, 2] : []);
      context.stroke();
    }, 24, 16);
  }

  function legend() {
    const found = state.importing.changes;
    if (!found || !isOpen()) return [];
    const rows = KINDS.filter((kind) => found.drawn[kind]).map((kind) => el("li", {}, [swatch(kind), t("data_map_" + kind), el("b", {}, gridsight.count(found.drawn[kind]))]));
    const isCut = KINDS.some((kind) => found.drawn[kind] >= 1000);
    if (!rows.length) return [];
    return [el("section", { class: "data-legend", "aria-label": t("data_map_legend") }, [el("strong", {}, t("data_map_legend")), el("ul", { class: "swatches" }, rows), isCut ? el("p", { class: "data-note" }, t("data_map_first")) : null])];
  }

  gridsight.parts.legend.unshift(legend); // what is being decided comes first

  gridsight.dataMap = function () {
    [drawn, marks, shape] = [0, 1, 2].map(() => L.layerGroup().addTo(gridsight.map));
    let last = null;
    gridsight.watch(["importing", "tab", "theme"], () => {
      showChanges();
      if (state.importing.changes && state.importing.changes !== last) fit();
      last = state.importing.changes;
    });
    gridsight.watch(["checks", "tab", "theme"], showFindings);
    gridsight.watch("tab", () => isOpen() || gridsight.hideFinding());
  };
})();
