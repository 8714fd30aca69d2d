// Open the sheet from the map's tools and from the panels, and draw the rows that are chosen in it on the map.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const { sheet } = gridsight;
  const state = gridsight.state;
  const MOST = 60; // rows drawn at once
  const ICON = "M3 4h14v12H3zM3 8h14M3 12h14M8 4v12";
  let drawn = null;
  let asked = 0;

  // The same beside the filters of a panel.
  const opener = (press) =>
    el("button", { type: "button", class: "sheet-open", "data-label": "sheet", "aria-label": gridsight.t("sheet"), title: gridsight.t("sheet"), onclick: press }, gridsight.icon(ICON));

  // A row's shape where it has one, else a ring round its point.
  function markOf(row) {
    const colours = gridsight.colours();
    const look = { renderer: gridsight.renderers.marks, pane: "marks", interactive: false, fill: false, color: colours.selected, weight: 2.6 };
    const shape = row.shape || [];
    if (shape.length) return [L.polygon(shape, Object.assign({}, look, { color: colours.selected_halo, weight: 6 })), L.polygon(shape, look)];
    if (gridsight.missing(row.values.lon)) return [];
    const at = [row.values.lat, row.values.lon];
    return [L.circleMarker(at, Object.assign({}, look, { color: colours.selected_halo, weight: 6, radius: 11 })), L.circleMarker(at, Object.assign({}, look, { radius: 11 }))];
  }

  // One row is drawn as the selection is; several by what the source has of each.
  async function draw() {
    const { isOpen, layer, keys, several } = state.sheet;
    const request = ++asked;
    drawn.clearLayers();
    // On a phone the map is seen once the sheet is closed: several that are chosen stay on it.
    if (!(isOpen || several) || keys.length < (several ? 1 : 2) || layer === "claims") return;
    const rows = await Promise.all(keys.slice(0, MOST).map((key) => gridsight.source.row(layer, key)));
    if (request !== asked) return;
    rows.filter(Boolean).forEach((row) => markOf(row).forEach((one) => drawn.addLayer(one)));
  }

  gridsight.onStart(function () {
    drawn = L.layerGroup().addTo(gridsight.map);
    sheet.begin();
    const tool = gridsight.addTool("sheet", ICON, () => (state.sheet.isOpen ? sheet.close() : sheet.open(null)));
    const rows = document.querySelectorAll(".side > .panel > .filters");
    rows.forEach((one) => one.append(opener(() => sheet.open(one.parentElement.id === "panel-gaps" ? "gaps" : state.zoneLayer))));
    gridsight.watch(["sheet", "theme"], draw);
    gridsight.watch("sheet", (now) => tool.setAttribute("aria-pressed", String(now.isOpen)));
  });
})();
