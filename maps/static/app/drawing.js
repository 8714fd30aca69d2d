// Show on the map what the state says: each pane has a canvas, and each canvas its layers from below to above.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const state = gridsight.state;
  const GAP_SHAPES_FROM = 12; // zoom; below it the worst gaps are dots, as their shapes are under a pixel
  const CAMERA_REACH = 4; // pixels around a symbol that are still a click on it

  const canvases = {};
  const isDetailZoom = () => gridsight.map.getZoom() >= GAP_SHAPES_FROM;
  const isShown = (name) => Boolean(state.shown[name]) && gridsight.source.offers(name);
  const overview = (name) => Boolean(gridsight.source.summary(name));

  // What is drawn on which canvas: whether it is wanted, its layer, its look, and how near a click must be to hit it.
  const paintings = () => gridsight.painting;
  // By class of the figure, or by how two runs differ; while they are drawn side by side there is nothing else.
  const fills = () => (state.swipe ? () => {} : state.difference ? gridsight.paintDifference : paintings().zoneFills);
  const LAYERS = [
    { pane: "fills", wanted: () => state.zoneLayer, layer: () => state.zoneLayer, paint: (...a) => fills()(...a), reach: 0 },
    { pane: "lines", wanted: () => state.zoneLayer, layer: () => state.zoneLayer, paint: (c, s, b, r) => paintings().borders(c, s, b, r, state.zoneLayer, false) },
    // Township borders stay visible over any finer layer.
    {
      pane: "lines", layer: () => "townships", paint: (c, s, b, r) => paintings().borders(c, s, b, r, "townships", true),
      wanted: () => state.zoneLayer && state.zoneLayer !== "townships" && overview("townships"),
    },
    ...["coverage", "possible", "views"].map((name) => ({
      pane: "seen", wanted: () => isShown(name), layer: () => name, paint: (c, s, b, r) => paintings().views(c, s, b, r, name),
    })),
    {
      pane: "shapes", wanted: () => isShown("verdicts") && gridsight.source.offers("places"), layer: () => "places",
      paint: (...a) => paintings().places(...a), reach: 0, selects: "verdicts",
    },
    { pane: "shapes", wanted: () => isShown("gaps") && isDetailZoom() && !state.swipe, layer: () => "gaps", paint: (...a) => paintings().gaps(...a), reach: 4 },
    // How far cameras look is known from their views, which are not fetched before the first picture is there.
    {
      pane: "symbols", wanted: () => isPainted && isShown("cameras") && gridsight.sectors.areDrawn(),
      layer: () => (gridsight.source.offers("views") ? "views" : "cameras"), paint: (...a) => gridsight.sectors.paint(...a),
    },
    {
      pane: "symbols", wanted: () => isShown("cameras"), layer: () => "cameras", paint: (...a) => paintings().cameras(...a),
      reach: () => gridsight.draw.cameraRadius(gridsight.map.getZoom()) + CAMERA_REACH,
    },
  ];

  // Stored layers are drawn below the results, in the order of the catalogue.
  function stored() {
    return gridsight.drawnLayers().map((name) => ({
      pane: "seen", wanted: () => isShown(name), layer: () => name, paint: (c, s, b, r) => paintings().stored(c, s, b, r, name),
    }));
  }

  let layers = [];
  let isPainted = false;

  const wantedOn = (pane) => layers.filter((one) => one.pane === pane && isPainted && one.wanted());

  const painter = (pane) => function (context, box, ratio) {
    wantedOn(pane).forEach((one) => one.paint(context, one.sheets ? one.sheets() : gridsight.source.sheets(one.layer()), box, ratio));
  };

  // Paint some panes again, once, before the next picture.
  const waiting = new Set();
  function repaint(panes) {
    if (!waiting.size) {
      window.requestAnimationFrame(() => {
        const now = [...waiting];
        waiting.clear();
        now.forEach((pane) => canvases[pane].paint());
      });
    }
    panes.forEach((pane) => waiting.add(pane));
  }

  const repaintAll = () => repaint(Object.keys(canvases));

  // Paint the panes of a layer whose tiles have come.
  function repaintLayer(name) {
    repaint(layers.filter((one) => one.wanted() && one.layer() === name).map((one) => one.pane));
  }

  // What of one layer lies under a point: a row with the values that its tile carries, or a cell of several; or null.
  function hitOf(one, point) {
    if (one.reach === undefined || !one.wanted()) return null;
    const reach = typeof one.reach === "function" ? one.reach() : one.reach;
    const found = gridsight.hit(gridsight.source.sheets(one.layer()), point, reach);
    if (!found) return null;
    if (found.value("n")) return { cell: found, layer: one.layer() };
    if (one.selects && !gridsight.verdicts.chosen().some((row) => row.key === found.key)) return null;
    return { layer: one.selects || one.layer(), key: found.key, values: found.values };
  }

  // What lies under a point: the uppermost.
  function under(event) {
    if (!isPainted) return null;
    const point = gridsight.map.latLngToLayerPoint(event.latlng);
    for (const one of layers.slice().reverse()) {
      const found = hitOf(one, point);
      if (found) return found;
    }
    return null;
  }

  // Of every layer what lies under a place, the uppermost first.
  gridsight.allUnder = function (latlng) {
    const point = gridsight.map.latLngToLayerPoint(latlng);
    return isPainted ? layers.slice().reverse().map((one) => hitOf(one, point)).filter(Boolean) : [];
  };

  function click(event) {
    const found = under(event);
    if (gridsight.parts.clicks.some((take) => take(event, found))) return;
    if (!found) return;
    if (found.cell) gridsight.map.setView(event.latlng, Math.max(gridsight.map.getZoom() + 2, gridsight.POINTS_FROM), { animate: !gridsight.quiet() });
    else gridsight.select(found.layer, found.key, { at: event.latlng });
  }

  let pointed = null;

  // The row under the pointer, at most once for each picture.
  function hover(event) {
    if (!pointed) {
      window.requestAnimationFrame(() => {
        const found = pointed && under(pointed);
        pointed = null;
        gridsight.map.getContainer().classList.toggle("over", Boolean(found));
        const row = found && !found.cell ? { layer: found.layer, key: found.key, values: found.values } : null;
        if ((row && row.key) !== (state.hover && state.hover.key)) gridsight.update({ hover: row });
      });
    }
    pointed = event;
  }

  // Switch an overlay.
  gridsight.show = function (name, on) {
    gridsight.update({ shown: Object.assign({}, state.shown, { [name]: on }) });
  };

  gridsight.colourBy = function (zoneLayer, figure) {
    gridsight.update({ zoneLayer, figure: figure || state.figure });
  };

  gridsight.onStart(function () {
    const map = gridsight.map;
    // Names of roads lie on hatching and below cameras: a pane's first layer is its lowest.
    layers = [...gridsight.ownGround.below, LAYERS[0], ...stored(), ...gridsight.ownGround.above, ...LAYERS.slice(1)];
    ["ownground", "fills", "seen", "lines", "shapes", "symbols"].forEach((pane) => {
      canvases[pane] = new gridsight.Canvas({ pane, paint: painter(pane), wanted: () => wantedOn(pane).length > 0 }).addTo(map);
    });
    const fade = () => {
      // Fade zone classes when views are drawn over them.
      const over = state.shown.coverage || state.shown.views || state.shown.possible;
      map.getPane("fills").style.opacity = over ? "0.35" : "";
    };
    gridsight.watch(["zoneLayer", "figure", "theme", "claim", "shown", "ready", "base", "bases", "difference", "swipe"], () => {
      fade();
      repaintAll();
    });
    // The first picture is drawn when all its tiles are there, later ones as they come.
    gridsight.watch("tiles", (name) => isPainted && repaintLayer(name));
    gridsight.watch("arrived", (name) => (name === "verdicts" ? repaint(["shapes"]) : undefined));
    map.on("click", click);
    map.on("mousemove", hover);
    map.on("mouseout", () => gridsight.update({ hover: null }));
  });

  // When the tiles of the view have come and are drawn.
  gridsight.painted = async function () {
    layers.filter((one) => one.wanted()).forEach((one) => gridsight.source.sheets(one.layer()));
    await gridsight.source.settled();
    isPainted = true;
    Object.values(canvases).forEach((one) => one.paint());
  };

  gridsight.isDetailZoom = isDetailZoom;
})();
