// Draw with Leaflet what is few: the worst gaps as dots far out, the marks of places, what follows the roads.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const state = gridsight.state;
  const MAX_GAP_DOTS = 200; // dots at most; fewer on a narrow map
  const ASIDE_MS = 60; // in which the tiles of a view come one after another
  /** @type {Record<string, any>} */
  const drawn = (gridsight.drawn = {});

  const pathOptions = (paneName) => ({ renderer: gridsight.renderers[paneName], pane: paneName, smoothFactor: 0.5, bubblingMouseEvents: false });

  function listen(layers) {
    layers.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      const { row, n } = event.propagatedFrom.options;
      // Who measures or draws takes clicks on marks too.
      if (gridsight.parts.clicks.some((take) => take(event, { layer: row.layer, key: row.key, values: row.values }))) return undefined;
      if (n > 1) return gridsight.map.setView(event.latlng, gridsight.map.getZoom() + 2, { animate: !gridsight.quiet() });
      return gridsight.select(row.layer, row.key, { at: event.latlng });
    });
    layers.on("mouseover", (event) => event.propagatedFrom.options.n > 1 || gridsight.update({ hover: event.propagatedFrom.options.row }));
    layers.on("mouseout", () => gridsight.update({ hover: null }));
    return layers;
  }

  function gapDots() {
    const colours = gridsight.colours();
    const most = Math.min(MAX_GAP_DOTS, Math.round(gridsight.map.getSize().x / 6));
    const rows = gridsight.worstGaps().filter((row) => !gridsight.missing(row.values.lon)).slice(0, most);
    const heaviest = rows.length ? rows[0].values.weight || 1 : 1; // gaps come by rank
    return listen(L.featureGroup(rows.map((row) => L.circleMarker([row.values.lat, row.values.lon], Object.assign(pathOptions("touch"), {
      row, radius: 2 + 4 * Math.sqrt((row.values.weight || 0) / heaviest), color: colours.halo, weight: 1,
      fillColor: colours.gap_line, fillOpacity: 0.85,
    })))));
  }

  const RESULTS = {
    rounds: { make: () => gridsight.alongRoads.rounds(pathOptions, listen), there: () => gridsight.model.layers.rounds },
    reach: { make: () => gridsight.alongRoads.reach(pathOptions, listen), there: () => gridsight.model.layers.reach },
    verdicts: { make: () => gridsight.verdicts.make(pathOptions, listen), there: () => gridsight.model.layers.verdicts },
    gaps: { make: gapDots, there: () => gridsight.worstGaps().length && !gridsight.isDetailZoom() },
  };

  // Add to the map what is switched on and fits the zoom, made when first needed.
  function updateVisibleLayers() {
    Object.keys(RESULTS).forEach((name) => {
      const wanted = state.shown[name] && Boolean(RESULTS[name].there());
      if (wanted && !drawn[name]) drawn[name] = RESULTS[name].make();
      if (!drawn[name]) return;
      const there = gridsight.map.hasLayer(drawn[name]);
      if (wanted && !there) drawn[name].addTo(gridsight.map);
      else if (!wanted && there) drawn[name].remove();
      else if (wanted && name === "verdicts") drawn[name].bringToFront();
    });
  }

  // Drop the drawn form of these layers when their data or the theme have changed.
  function invalidate(names) {
    names.filter((name) => drawn[name]).forEach((name) => {
      drawn[name].remove();
      delete drawn[name];
    });
    updateVisibleLayers();
    if (names.indexOf("verdicts") >= 0) gridsight.update({ marked: gridsight.verdicts.placed }); // names make room for them
  }

  gridsight.onStart(function () {
    let zoom = gridsight.map.getZoom();
    gridsight.map.on("zoomend", () => {
      const isOther = gridsight.verdicts.isGrouped(zoom) || gridsight.verdicts.isGrouped(gridsight.map.getZoom());
      zoom = gridsight.map.getZoom();
      if (isOther) invalidate(["verdicts"]);
      else updateVisibleLayers();
    });
    gridsight.watch(["shown", "ready"], updateVisibleLayers);
    // Marks go out of the way of counts of cameras, which come with their tiles.
    const aside = gridsight.later(() => gridsight.verdicts.isGrouped(gridsight.map.getZoom()) && invalidate(["verdicts"]), ASIDE_MS);
    gridsight.watch("tiles", (name) => name === "cameras" && drawn.verdicts && aside());
    gridsight.watch("shown", () => drawn.verdicts && aside());
    gridsight.watch("theme", () => invalidate(Object.keys(RESULTS)));
    gridsight.watch(["claim", "scope"], () => invalidate(["verdicts"]));
    gridsight.watch("worst", () => invalidate(["gaps"]));
    gridsight.watch("arrived", (name) => RESULTS[name] && invalidate([name]));
  });
})();
