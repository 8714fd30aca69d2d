// Draw the layers on Leaflet canvases: zones below, gaps and cameras above, the selection on top.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const GAP_SHAPES_FROM = 12; // zoom; below it the worst gaps are dots, as their shapes are under a pixel
  const MAX_GAP_DOTS = 200; // dots at most; fewer on a narrow map

  const view = (gridsight.view = {
    zoneLayer: null,
    figure: null,
    shown: { gaps: true, cameras: true, verdicts: true, rounds: true, reach: true, coverage: false, views: false, possible: false, labels: true },
  });

  let map;
  const renderers = {};
  const drawn = {};

  function createPane(name, order, touchable) {
    const element = map.createPane(name);
    element.style.zIndex = order;
    if (!touchable) element.classList.add("untouchable");
    renderers[name] = L.canvas({ pane: name, padding: 0.3, tolerance: 2 });
  }

  function createGroup(name, layers) {
    if (drawn[name]) drawn[name].remove();
    drawn[name] = L.featureGroup(layers);
    return drawn[name];
  }

  const pathOptions = (paneName) => ({ renderer: renderers[paneName], pane: paneName, smoothFactor: 0.5, bubblingMouseEvents: false });

  function polygon(row, options) {
    return row.shape.length ? L.polygon(row.shape, Object.assign({ row }, options)) : null;
  }

  const polygons = (name, style) =>
    gridsight.model.rows(name).map((row) => {
      const options = style(row);
      return options && polygon(row, options);
    }).filter(Boolean);

  function zoneFill(row) {
    const colours = gridsight.colours();
    const code = gridsight.model.classOf(row.values[view.figure]);
    const style = Object.assign(pathOptions("fills"), { stroke: false, interactive: false, fill: true, fillOpacity: 0.82 });
    if (code > 0) style.fillColor = colours.classes[code - 1];
    else if (code < 0) style.fillColor = colours.no_data;
    else Object.assign(style, { fillOpacity: 0, wash: colours.zero, hatch: colours.zero_hatch });
    return style;
  }

  function zoneLine() {
    const width = { townships: 1.2, villages: 0.8 }[view.zoneLayer] || 0.5;
    const colour = { townships: "township_line", villages: "village_line" }[view.zoneLayer] || "grid_line";
    return Object.assign(pathOptions("touch"), { fill: false, color: gridsight.colours()[colour], weight: width, opacity: 0.9 });
  }

  function drawZones() {
    const name = view.zoneLayer;
    createGroup("zoneFills", name ? polygons(name, zoneFill) : []).addTo(map);
    createGroup("zoneLines", name ? polygons(name, zoneLine) : []).addTo(map).bringToBack();
    listen(drawn.zoneLines);
    drawBorders();
  }

  // Township borders stay visible over any finer layer.
  function drawBorders() {
    const finer = view.zoneLayer && view.zoneLayer !== "townships";
    const line = Object.assign(pathOptions("lines"), {
      fill: false, interactive: false, color: gridsight.colours().township_line, weight: 1.3, opacity: 0.75,
    });
    createGroup("borders", finer ? polygons("townships", () => line) : []).addTo(map);
  }

  function gapStyle() {
    const colours = gridsight.colours();
    return Object.assign(pathOptions("touch"), {
      fill: true, fillOpacity: 0, hatch: colours.gap_hatch, wash: colours.gap_fill, color: colours.gap_line, weight: 0.9,
    });
  }

  function gapDot(row, most) {
    const colours = gridsight.colours();
    return L.circleMarker([row.values.lat, row.values.lon], Object.assign(pathOptions("touch"), {
      row, radius: 2 + 4 * Math.sqrt((row.values.weight || 0) / (most || 1)), color: colours.halo, weight: 1,
      fillColor: colours.gap_line, fillOpacity: 0.85,
    }));
  }

  const gapsWithPosition = () => gridsight.model.rows("gaps").filter((row) => !gridsight.missing(row.values.lon));
  // Gaps come by rank, so the first is the heaviest.
  const maxWeight = (rows) => (rows.length ? rows[0].values.weight : 1);

  function gapShapes() {
    const rows = gapsWithPosition();
    const bare = rows.filter((row) => !row.shape.length).map((row) => gapDot(row, maxWeight(rows)));
    return listen(L.featureGroup(polygons("gaps", gapStyle).concat(bare)));
  }

  function gapDots() {
    const most = Math.min(MAX_GAP_DOTS, Math.round(map.getSize().x / 6));
    const rows = gapsWithPosition().slice(0, most);
    return listen(L.featureGroup(rows.map((row) => gapDot(row, maxWeight(rows)))));
  }

  function cameras() {
    const markers = gridsight.model.rows("cameras")
      .filter((row) => !gridsight.missing(row.values.lon))
      .map((row) => new gridsight.CameraMarker([row.values.lat, row.values.lon], Object.assign(pathOptions("touch"), { row, values: row.values })));
    return listen(L.featureGroup(markers));
  }

  function viewStyle(name) {
    const colours = gridsight.colours();
    return (row) => {
      const k = Math.min(3, Number(row.values.k) || 1);
      const colour = name === "coverage" ? colours.seen[k - 1] : name === "possible" ? colours.possible : colours.view;
      const strong = name === "coverage";
      return Object.assign(pathOptions("seen"), {
        interactive: false, stroke: true, weight: strong ? 0.4 : 0.8, opacity: 0.8, color: colour, fillColor: colour,
        fillOpacity: strong ? 0.72 : 0.2, dashArray: name === "possible" ? "4 3" : null,
      });
    };
  }

  // Only views that count are drawn (rules U1, U6): of online cameras, and what those of unknown status may see.
  function isCounted(row) {
    if (row.layer === "coverage") return true;
    const camera = gridsight.model.row("cameras", row.key);
    const status = gridsight.draw.statusOf(camera ? camera.values : row.values);
    return status === "online" || (status === "unknown" && row.layer === "possible");
  }

  const viewLayer = (name) => () => {
    const style = viewStyle(name);
    return L.featureGroup(polygons(name, (row) => (isCounted(row) ? style(row) : null)));
  };

  // A stored layer below the results has its own colour where the palette gives one, else that of roads.
  gridsight.drawnColour = (name) => gridsight.colours().layers[name] || gridsight.colours().road;

  // Lines and borders as lines, points as dots, whatever the layer holds.
  function drawnLayer(name) {
    const style = Object.assign(pathOptions("seen"), { interactive: false, color: gridsight.drawnColour(name), weight: 1.2, opacity: 0.9 });
    const dot = (point) => L.circleMarker(point, Object.assign({ radius: 3, fill: true }, style));
    return L.featureGroup(gridsight.model.rows(name).flatMap((row) => {
      const lines = row.shape.map((part) => part[0]).filter((line) => line.length > 1);
      const points = row.shape.map((part) => part[0]).filter((line) => line.length === 1).map((line) => line[0]);
      if (!row.shape.length && !gridsight.missing(row.values.lon)) points.push([row.values.lat, row.values.lon]);
      return points.map(dot).concat(lines.length ? [L.polyline(lines, style)] : []);
    }));
  }

  // What is drawn: its layer, how it is made, and whether this zoom shows it.
  const isDetailZoom = () => map.getZoom() >= GAP_SHAPES_FROM;
  const overlays = {};
  const RESULTS = {
    coverage: { layer: "coverage", make: viewLayer("coverage"), wanted: () => view.shown.coverage },
    possible: { layer: "possible", make: viewLayer("possible"), wanted: () => view.shown.possible },
    views: { layer: "views", make: viewLayer("views"), wanted: () => view.shown.views },
    gapShapes: { layer: "gaps", make: gapShapes, wanted: () => view.shown.gaps && isDetailZoom() },
    cameras: { layer: "cameras", make: cameras, wanted: () => view.shown.cameras },
    rounds: { layer: "rounds", make: () => gridsight.alongRoads.rounds(pathOptions, listen), wanted: () => view.shown.rounds },
    reach: { layer: "reach", make: () => gridsight.alongRoads.reach(pathOptions, listen), wanted: () => view.shown.reach },
    verdicts: { layer: "verdicts", make: () => gridsight.verdicts.make(pathOptions, listen), wanted: () => view.shown.verdicts },
    gapDots: { layer: "gaps", make: gapDots, wanted: () => view.shown.gaps && !isDetailZoom() },
  };

  // Add to the map what is switched on and fits the zoom, made when first needed; symbols stay above areas.
  function updateVisibleLayers() {
    // Fade zone classes when views are drawn over them.
    const over = view.shown.coverage || view.shown.views || view.shown.possible;
    map.getPane("fills").style.opacity = over ? "0.35" : "";
    Object.keys(overlays).forEach((name) => {
      const overlay = overlays[name];
      const wanted = overlay.wanted() && Boolean(gridsight.model.layers[overlay.layer]);
      if (wanted && !drawn[name]) drawn[name] = overlay.make();
      if (!drawn[name]) return;
      const there = map.hasLayer(drawn[name]);
      if (wanted && !there) drawn[name].addTo(map);
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

  function listen(layers) {
    layers.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      const row = event.propagatedFrom.options.row;
      gridsight.select(row.layer, row.key, { at: event.latlng });
    });
    layers.on("mouseover", (event) => gridsight.emit("hover", event.propagatedFrom.options.row));
    layers.on("mouseout", () => gridsight.emit("hover", null));
    return layers;
  }

  function redraw() {
    invalidateLayer(null);
    drawZones();
    updateVisibleLayers();
    gridsight.emit("redrawn");
  }

  // Switch an overlay; load it first where it is not loaded yet.
  gridsight.show = async function (name, on) {
    view.shown[name] = on;
    gridsight.emit("shown", name);
    if (on && name !== "labels") await gridsight.source.load(name);
    updateVisibleLayers();
  };

  gridsight.colourBy = function (zoneLayer, figure) {
    view.zoneLayer = zoneLayer;
    view.figure = figure || view.figure;
    drawZones();
    gridsight.emit("coloured");
  };

  gridsight.wholeBounds = function () {
    const box = L.latLngBounds([]);
    const names = gridsight.model.zoneLayers();
    names.slice(0, 1).forEach((name) => gridsight.model.rows(name).forEach((row) => box.extend(gridsight.shapes.bounds(row.shape))));
    gridsight.model.rows("gaps").concat(names.length ? [] : gridsight.model.rows("cameras")).forEach((row) => {
      if (!names.length && !gridsight.missing(row.values.lon)) box.extend([row.values.lat, row.values.lon]);
    });
    return box;
  };

  // Space to keep free when fitting: the margin, and what the open legend covers.
  gridsight.freeSpace = function (margin) {
    const legend = gridsight.byId("legend");
    const wide = map.getSize().x;
    const covered = legend.open && legend.offsetWidth < wide / 2 ? legend.offsetWidth : 0;
    const side = Math.min(margin, wide / 8);
    return { paddingTopLeft: [side, margin], paddingBottomRight: [covered + side, margin] };
  };

  gridsight.home = function () {
    const box = gridsight.wholeBounds();
    if (box.isValid()) map.fitBounds(box, Object.assign({ maxZoom: 18, animate: false }, gridsight.freeSpace(18)));
  };

  function coordinateDisplay() {
    const element = gridsight.byId("readout");
    let at = "";
    let what = "";
    const write = () => {
      element.textContent = what ? at + "  ·  " + what : at;
    };
    map.on("mousemove", (event) => {
      at = event.latlng.lng.toFixed(5) + ", " + event.latlng.lat.toFixed(5);
      write();
    });
    gridsight.on("hover", (row) => {
      const share = row && gridsight.model.isZone(row.layer) ? "  " + gridsight.share(row.values[view.figure]) : "";
      what = row ? gridsight.model.label(row) + share : "";
      write();
    });
  }

  gridsight.startMap = function (leaflet) {
    map = gridsight.map = leaflet;
    view.figure = gridsight.config.figures[0];
    gridsight.drawnLayers().forEach((name) => {
      view.shown[name] = Boolean(view.shown[name]); // a map of reach has asked for some
      overlays[name] = { layer: name, make: () => drawnLayer(name), wanted: () => view.shown[name] };
    });
    Object.assign(overlays, RESULTS);
    createPane("fills", 380, false);
    createPane("seen", 390, false);
    createPane("lines", 395, false);
    createPane("touch", 400, true);
    createPane("marks", 450, false);
    createPane("names", 460, false);
    L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
    map.on("zoomend", updateVisibleLayers);
    gridsight.byId("zoom-in").addEventListener("click", () => map.zoomIn(1));
    gridsight.byId("zoom-out").addEventListener("click", () => map.zoomOut(1));
    gridsight.byId("home").addEventListener("click", gridsight.home);
    const container = map.getContainer();
    container.setAttribute("role", "region");
    container.dataset.label = "map_label";
    container.setAttribute("aria-label", gridsight.t("map_label"));
    coordinateDisplay();
    const updateSoon = gridsight.coalesce(updateVisibleLayers);
    gridsight.on("theme", redraw);
    gridsight.on("claim", () => {
      invalidateLayer("verdicts");
      updateVisibleLayers();
    });
    gridsight.on("layer", (name) => {
      if (name === view.zoneLayer) drawZones();
      else if (name === "townships") drawBorders();
      invalidateLayer(name);
      updateSoon();
    });
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(container);
  };

  gridsight.renderers = renderers;
  gridsight.drawn = drawn;
})();
