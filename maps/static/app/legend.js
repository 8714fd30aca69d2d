// Build the legend, which is also the layer control: classes with counts, overlays with switches.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const overlayNames = () => ["gaps", "verdicts", "rounds", "reach", "cameras", "coverage", "views", "possible", ...gridsight.drawnLayers(), "labels"];

  function fillSwatch(code) {
    const colours = gridsight.colours();
    return gridsight.swatch((context, width, height) => {
      context.fillStyle = code > 0 ? colours.classes[code - 1] : code < 0 ? colours.no_data : colours.zero;
      context.fillRect(0, 0, width, height);
      if (code === 0) {
        context.fillStyle = gridsight.draw.hatchFill(context, colours.zero_hatch);
        context.fillRect(0, 0, width, height);
      }
      context.strokeStyle = colours.grid_line;
      context.lineWidth = 1;
      context.strokeRect(0.5, 0.5, width - 1, height - 1);
    }, 24, 14);
  }

  function gapSwatch() {
    const colours = gridsight.colours();
    return gridsight.swatch((context, width, height) => {
      context.fillStyle = colours.gap_fill;
      context.fillRect(0, 0, width, height);
      context.fillStyle = gridsight.draw.hatchFill(context, colours.gap_hatch);
      context.fillRect(0, 0, width, height);
      context.strokeStyle = colours.gap_line;
      context.strokeRect(0.5, 0.5, width - 1, height - 1);
    }, 24, 14);
  }

  const plainSwatch = (colour, dashed) =>
    gridsight.swatch((context, width, height) => {
      context.fillStyle = context.strokeStyle = colour;
      context.globalAlpha = dashed ? 0.25 : 0.75;
      context.fillRect(0, 0, width, height);
      context.globalAlpha = 1;
      if (dashed) context.setLineDash([4, 3]);
      context.strokeRect(0.5, 0.5, width - 1, height - 1);
    }, 24, 14);

  const lineSwatch = (colour) =>
    gridsight.swatch((context, width, height) => {
      context.strokeStyle = colour;
      context.lineWidth = 2;
      context.beginPath();
      context.moveTo(0, height / 2);
      context.lineTo(width, height / 2);
      context.stroke();
    }, 24, 14);

  const cameraSwatch = (values) =>
    gridsight.swatch((context, width, height) => gridsight.draw.camera(context, values, width / 2, height / 2, 5), 24, 16);

  const item = (swatch, text, count) =>
    el("li", {}, [swatch, el("span", {}, text), count === undefined ? null : el("b", {}, gridsight.count(count))]);

  function zones() {
    const view = gridsight.state;
    const names = gridsight.model.zoneLayers();
    if (!names.length) return [];
    const pick = (name) => {
      const input = el("input", { type: "radio", name: "zone-layer", value: name, onchange: () => gridsight.colourBy(name === "none" ? null : name) });
      input.checked = (view.zoneLayer || "none") === name;
      return el("label", { class: "choice" }, [input, el("span", {}, name === "none" ? gridsight.t("no_zones") : gridsight.t(name))]);
    };
    const figure = el("select", { id: "figure", "aria-label": gridsight.t("show_by"), onchange: (event) => gridsight.colourBy(view.zoneLayer, event.target.value) });
    const shares = gridsight.source.summary(names[0]).shares || {};
    gridsight.config.figures.filter((name) => name in shares).forEach((name) => {
      const option = el("option", { value: name }, gridsight.t("figure_" + name));
      option.selected = name === view.figure;
      figure.append(option);
    });
    const parts = [
      el("fieldset", { class: "choices" }, [el("legend", { class: "hidden" }, gridsight.t("zone_layer")), ...names.map(pick), pick("none")]),
    ];
    if (view.zoneLayer) parts.push(...(view.difference ? gridsight.differenceLegend() : [figure, classes()]));
    return parts;
  }

  function classes() {
    const view = gridsight.state;
    const shares = gridsight.countsOf(view.zoneLayer).shares || {};
    const counts = shares[view.figure] || {};
    return el("ul", { class: "swatches", id: "legend-classes" },
      gridsight.config.classes.map((one) => item(fillSwatch(one.code), gridsight.pick(one.text), counts[one.code] || 0)));
  }

  const COUNT = { gaps: 1, cameras: 1 };

  function overlays() {
    return el("ul", { class: "overlays" }, overlayNames().filter((name) => name === "labels" || gridsight.source.offers(name)).map((name) => {
      const input = el("input", { type: "checkbox", value: name, onchange: (event) => gridsight.show(name, event.target.checked) });
      input.checked = gridsight.state.shown[name];
      const said = COUNT[name] && gridsight.countsOf(name);
      const count = said ? said.count : undefined;
      const label = el("label", { class: "choice" }, [input, el("span", {}, gridsight.t("layer_" + name)), count === undefined ? null : el("b", {}, gridsight.count(count))]);
      return el("li", { class: gridsight.state.shown[name] ? "on" : null }, [label, gridsight.state.shown[name] ? overlayLegend(name) : null]);
    }));
  }

  function countsBy(said) {
    const counts = {};
    const add = (key, n) => (counts[key] = (counts[key] || 0) + n);
    const { classes = {}, states = {} } = said || {};
    Object.keys(classes).forEach((name) => add(gridsight.draw.classKey({ class: name }), classes[name]));
    Object.keys(states).forEach((name) => add(gridsight.draw.statusOf({ status: name }), states[name]));
    return counts;
  }

  function cameraLegend() {
    // Lines are those of all cameras, so that they stay where they are; counts are those of the view.
    const all = countsBy(gridsight.source.summary("cameras"));
    const counts = countsBy(gridsight.countsOf("cameras"));
    const cameraClasses = ["1", "2", "3", "none"].filter((cameraClass) => all[cameraClass]);
    const states = ["online", "offline", "planned", "unknown"].filter((status) => all[status]);
    return cameraClasses.map((cameraClass) => item(cameraSwatch({ class: cameraClass, status: "online" }), gridsight.t("class_" + cameraClass), counts[cameraClass] || 0))
      .concat(states.map((status) => item(cameraSwatch({ class: "3", status }), gridsight.t(status === "unknown" ? "status_unknown" : status), counts[status] || 0)));
  }

  function overlayLegend(name) {
    const colours = gridsight.colours();
    const rows = {
      gaps: () => [item(gapSwatch(), gridsight.t("gap_hatched"))],
      verdicts: gridsight.verdicts.legend,
      rounds: gridsight.alongRoads.roundsLegend,
      reach: gridsight.alongRoads.reachLegend,
      cameras: cameraLegend,
      coverage: () => [1, 2, 3].map((k) => item(plainSwatch(colours.seen[k - 1]), gridsight.t("k_" + k))),
      views: () => [item(plainSwatch(colours.view), gridsight.t("sure"))],
      possible: () => [item(plainSwatch(colours.possible, true), gridsight.t("possible"))],
    }[name] || (gridsight.drawnLayers().indexOf(name) >= 0 ? () => [item(lineSwatch(gridsight.drawnColour(name)), gridsight.t(name))] : null);
    return rows ? el("ul", { class: "swatches" }, rows()) : null;
  }

  function build() {
    const body = gridsight.byId("legend-body");
    const held = document.activeElement && body.contains(document.activeElement) ? document.activeElement.value : null;
    const chooser = ["figure", "claim"].find((id) => document.activeElement && document.activeElement.id === id);
    gridsight.empty(body).append(...gridsight.parts.legend.flatMap((make) => make()));
    // A switch that rebuilt the legend keeps the keyboard focus.
    const again = chooser ? gridsight.byId(chooser) : held && body.querySelector('input[value="' + held + '"]');
    if (again) again.focus();
  }

  // What popups keep clear of, so that all of them can be read and closed: the tools at the left, the head of the legend,
  // and its body beside.
  gridsight.popupSpace = function () {
    const size = gridsight.map.getSize();
    const width = gridsight.legendWidth();
    const isBeside = width > 0 && width < size.x / 2;
    const head = size.x < 600 ? 58 : 16; // on a phone it lies above the middle
    const tools = /** @type {HTMLElement} */ (document.querySelector(".map-tools"));
    const left = tools.offsetLeft + tools.offsetWidth + 8;
    const right = isBeside ? width + 24 : 16;
    const maxWidth = Math.max(220, Math.min(300, size.x - left - right - 30)); // 30: what a popup has around its text
    return { autoPanPaddingTopLeft: [left, head], autoPanPaddingBottomRight: [right, 16], maxHeight: Math.max(160, size.y - 120), maxWidth };
  };

  // What the open legend covers of the map.
  gridsight.legendWidth = () => (gridsight.byId("legend").open ? gridsight.byId("legend").offsetWidth : 0);

  gridsight.addLegend(zones);
  gridsight.addLegend(() => [overlays()]);

  gridsight.onStart(function () {
    const soon = gridsight.coalesce(build);
    gridsight.watch(["zoneLayer", "figure", "lang", "theme", "shown", "arrived", "claim", "scope", "ready", "bases", "base", "difference", "importing", "tab", "inView"], soon);
    if (window.matchMedia("(max-width: 760px)").matches) gridsight.byId("legend").open = false;
  });
})();
