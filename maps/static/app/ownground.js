// Draw the ground of the store below the data: roads by class, buildings by height, water and green.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const state = gridsight.state;
  const KEY = "gridsight-ground";
  const VEIL_FROM = 14; // zoom from which streets are to be seen through fills
  // By group of a road, largest first: the zoom it is drawn from, its width in pixels at zoom 15, and its edges.
  const ROADS = [
    { from: 5, width: 7, casing: 1.6 }, { from: 9, width: 5.5, casing: 1.6 }, { from: 11, width: 4, casing: 1.4 },
    { from: 13, width: 3, casing: 1.2 }, { from: 15, width: 1.2, casing: 0 },
  ];
  const CASING_FROM = 12;

  const isReady = () => document.documentElement.dataset.state === "ready";
  const isServed = () => gridsight.config.mode === "served";
  const mayRead = () => !isServed() || (gridsight.config.role || "admin") !== "public";
  const isOn = () => Boolean(state.shown.ground) && mayRead();

  // The service has all; a one-file map has its own roads.
  const name = (layer) => (isServed() ? "ground/" + layer : layer);
  const offered = (layer) => isServed() || gridsight.source.offers(layer);
  const wanted = (layer, from) => () => isReady() && isOn() && offered(layer) && gridsight.map.getZoom() >= from;

  const ofGroup = (group) => (features) => features.filter((one) => one.kind === 2 && one.value("group") === group);
  const widthOf = (road) => Math.max(0.8, Math.min(26, road.width * 2 ** ((gridsight.map.getZoom() - 15) * 0.75)));

  // Edges of all roads first, so that crossings stay open; the larger ones come last and lie above.
  function roads(context, sheets, box, ratio) {
    const zoom = gridsight.map.getZoom();
    const colours = gridsight.colours().ground;
    const drawn = ROADS.map((road, group) => ({ road, group })).filter((one) => zoom >= one.road.from).reverse();
    context.lineCap = context.lineJoin = "round";
    const stroke = (one, extra, colour) => sheets.filter((sheet) => sheet.features.length).forEach((sheet) => {
      gridsight.onSheet(context, sheet, ratio, () => {
        context.lineWidth = widthOf(one.road) + extra;
        context.strokeStyle = colour;
        context.stroke(gridsight.pathOf(sheet, "group" + one.group, ofGroup(one.group)));
      });
    });
    if (zoom >= CASING_FROM) drawn.filter((one) => one.road.casing).forEach((one) => stroke(one, 2 * one.road.casing * 0.6, colours.casing));
    drawn.forEach((one) => stroke(one, 0, colours.roads[one.group]));
    context.lineCap = "butt";
    context.lineJoin = "miter";
  }

  const fillBy = (field, valuesOf, hasEdge) => (context, sheets, box, ratio) => {
    sheets.filter((sheet) => sheet.features.length).forEach((sheet) => gridsight.onSheet(context, sheet, ratio, () => {
      valuesOf().forEach(([value, colour]) => {
        const path = gridsight.pathOf(sheet, field + value, (features) => features.filter((one) => one.kind === 3 && one.value(field) === value));
        context.fillStyle = colour;
        context.fill(path, "evenodd");
        if (!hasEdge || gridsight.map.getZoom() < 16) return;
        context.lineWidth = 0.6;
        context.strokeStyle = gridsight.colours().ground.casing;
        context.stroke(path);
      });
    }));
  };

  const kinds = () => ["water", "green"].map((kind) => [kind, gridsight.colours().ground[kind]]);
  const bands = () => gridsight.colours().ground.buildings.map((colour, band) => [band, colour]);

  const layerOf = (layer, from, paint, pane) => ({
    pane, wanted: wanted(layer, from), layer: () => name(layer), sheets: () => sheetsOf(layer), paint: (context, sheets, box, ratio) => paint(context, sheets, box, ratio),
  });

  const sheetsOf = (layer) => (isServed() ? gridsight.tiles.sheets(name(layer), "") : gridsight.source.sheets(layer));

  gridsight.ownGround = {
    below: [
      layerOf("areas", 7, fillBy("kind", kinds, false), "ownground"),
      layerOf("obstacles", 14, fillBy("band", bands, true), "ownground"),
      layerOf("roads", 7, roads, "ownground"),
    ],
    above: [layerOf("roads", 15, (...all) => gridsight.roadNames(...all), "symbols")],
    // Whether streets are to be seen through the fills.
    isSeenThrough: () => isOn() && isReady() && gridsight.map.getZoom() >= VEIL_FROM,
  };

  // Storage is refused in some browsers for files opened from disk; the choice is then not remembered.
  function remembered(on) {
    try {
      if (on !== undefined) window.localStorage.setItem(KEY, on ? "on" : "off");
      return window.localStorage.getItem(KEY) !== "off";
    } catch (refused) {
      return true;
    }
  }

  // The switch of the ground as a whole.
  gridsight.ownGround.legend = function () {
    if (!mayRead() || !(offered("roads") || offered("areas"))) return [];
    const input = gridsight.el("input", { type: "checkbox", value: "own-ground", onchange: (event) => {
      remembered(event.target.checked);
      gridsight.show("ground", event.target.checked);
    } });
    input.checked = Boolean(state.shown.ground);
    return [gridsight.el("label", { class: "choice" }, [input, gridsight.el("span", {}, gridsight.t("own_ground"))])];
  };

  // The ground comes after what the page is for: none of it is fetched before the page can be used.
  gridsight.whenReady = function (work) {
    new MutationObserver((changes, observer) => {
      if (!isReady()) return;
      observer.disconnect();
      work();
    }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-state"] });
  };

  gridsight.onStart(() => gridsight.whenReady(() => {
    const on = state.shown.ground === undefined ? remembered() : state.shown.ground;
    gridsight.show("ground", on);
  }));
})();
