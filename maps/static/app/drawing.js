// Show on the map what the state says: layers are made when first wanted, dropped when their data change.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const GAP_SHAPES_FROM = 12; // zoom; below it the worst gaps are dots, as their shapes are under a pixel
  const drawn = (gridsight.drawn = {});

  function createGroup(name, layers) {
    if (drawn[name]) drawn[name].remove();
    drawn[name] = L.featureGroup(layers);
    return drawn[name];
  }

  function drawZones() {
    const name = gridsight.state.zoneLayer;
    createGroup("zoneFills", name ? gridsight.makers.polygons(name, gridsight.makers.zoneFill) : []).addTo(gridsight.map);
    createGroup("zoneLines", name ? gridsight.makers.polygons(name, gridsight.makers.zoneLine) : []).addTo(gridsight.map).bringToBack();
    gridsight.listen(drawn.zoneLines);
    drawBorders();
  }

  // Township borders stay visible over any finer layer.
  function drawBorders() {
    const finer = gridsight.state.zoneLayer && gridsight.state.zoneLayer !== "townships";
    const line = Object.assign(gridsight.makers.pathOptions("lines"), {
      fill: false, interactive: false, color: gridsight.colours().township_line, weight: 1.3, opacity: 0.75,
    });
    createGroup("borders", finer ? gridsight.makers.polygons("townships", () => line) : []).addTo(gridsight.map);
  }

  // What is drawn: its layer, how it is made, and whether this zoom shows it.
  const isDetailZoom = () => gridsight.map.getZoom() >= GAP_SHAPES_FROM;
  const overlays = {};
  const RESULTS = {
    coverage: { layer: "coverage", make: gridsight.makers.coverage, wanted: () => gridsight.state.shown.coverage },
    possible: { layer: "possible", make: gridsight.makers.possible, wanted: () => gridsight.state.shown.possible },
    views: { layer: "views", make: gridsight.makers.views, wanted: () => gridsight.state.shown.views },
    gapShapes: { layer: "gaps", make: gridsight.makers.gapShapes, wanted: () => gridsight.state.shown.gaps && isDetailZoom() },
    cameras: { layer: "cameras", make: gridsight.makers.cameras, wanted: () => gridsight.state.shown.cameras },
    rounds: { layer: "rounds", make: () => gridsight.alongRoads.rounds(gridsight.makers.pathOptions, gridsight.listen), wanted: () => gridsight.state.shown.rounds },
    reach: { layer: "reach", make: () => gridsight.alongRoads.reach(gridsight.makers.pathOptions, gridsight.listen), wanted: () => gridsight.state.shown.reach },
    verdicts: { layer: "verdicts", make: () => gridsight.verdicts.make(gridsight.makers.pathOptions, gridsight.listen), wanted: () => gridsight.state.shown.verdicts },
    gapDots: { layer: "gaps", make: gridsight.makers.gapDots, wanted: () => gridsight.state.shown.gaps && !isDetailZoom() },
  };

  // Add to the map what is switched on and fits the zoom, made when first needed; symbols stay above areas.
  function updateVisibleLayers() {
    // Fade zone classes when views are drawn over them.
    const over = gridsight.state.shown.coverage || gridsight.state.shown.views || gridsight.state.shown.possible;
    gridsight.map.getPane("fills").style.opacity = over ? "0.35" : "";
    Object.keys(overlays).forEach((name) => {
      const overlay = overlays[name];
      const wanted = overlay.wanted() && Boolean(gridsight.model.layers[overlay.layer]);
      if (wanted && !drawn[name]) drawn[name] = overlay.make();
      if (!drawn[name]) return;
      const there = gridsight.map.hasLayer(drawn[name]);
      if (wanted && !there) drawn[name].addTo(gridsight.map);
      else if (!wanted && there) drawn[name].remove();
      else if (wanted && (name === "cameras" || name === "verdicts" || name === "gapDots")) drawn[name].bringToFront();
    });
  }

  // Drop the drawn form of a layer when its data or the theme has changed.
  function invalidateLayer(layer) {
    Object.keys(overlays).forEach((name) => {
      if (layer && overlays[name].layer !== layer) return;
      if (drawn[name]) drawn[name].remove();
      delete drawn[name];
    });
  }

  gridsight.listen = function (layers) {
    layers.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      const row = event.propagatedFrom.options.row;
      gridsight.select(row.layer, row.key, { at: event.latlng });
    });
    layers.on("mouseover", (event) => gridsight.update({ hover: event.propagatedFrom.options.row }));
    layers.on("mouseout", () => gridsight.update({ hover: null }));
    return layers;
  };

  function redraw() {
    invalidateLayer(null);
    drawZones();
    updateVisibleLayers();
  }

  // Switch an overlay; load it first where it is not loaded yet.
  gridsight.show = async function (name, on) {
    gridsight.update({ shown: Object.assign({}, gridsight.state.shown, { [name]: on }) });
    if (on && name !== "labels") await gridsight.source.load(name);
    updateVisibleLayers();
  };

  gridsight.colourBy = function (zoneLayer, figure) {
    gridsight.update({ zoneLayer, figure: figure || gridsight.state.figure });
  };

  gridsight.startDrawing = function () {
    gridsight.drawnLayers().forEach((name) => {
      overlays[name] = { layer: name, make: () => gridsight.makers.drawnLayer(name), wanted: () => gridsight.state.shown[name] };
    });
    Object.assign(overlays, RESULTS);
    gridsight.map.on("zoomend", updateVisibleLayers);
    const updateSoon = gridsight.coalesce(updateVisibleLayers);
    gridsight.watch(["zoneLayer", "figure"], drawZones);
    gridsight.watch("theme", redraw);
    gridsight.watch("claim", () => {
      invalidateLayer("verdicts");
      updateVisibleLayers();
    });
    gridsight.watch("arrived", (name) => {
      if (name === gridsight.state.zoneLayer) drawZones();
      else if (name === "townships") drawBorders();
      invalidateLayer(name);
      updateSoon();
    });
  };
})();
