// Colour zones by how a figure differs, mark gaps that only one run has, and tell both in the legend.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const state = gridsight.state;
  const SHARE_LIMITS = [0.05, 0.2];
  const FAR = 12; // zoom below which only the largest gaps are marked
  const MOST_FAR = 150;
  const t = (key, values) => gridsight.t(key, values);

  // What was made of a comparison, a layer and a figure: the value of each zone, and the limits of its classes.
  let made = { key: "", values: new Map(), limits: SHARE_LIMITS };
  const numbers = new WeakMap();
  let count = 0;

  // A round number at or below a value: 1, 2 or 5 times a power of ten.
  function round(value) {
    const power = 10 ** Math.floor(Math.log10(value));
    return [5, 2, 1].find((one) => one * power <= value) * power;
  }

  // Shares have the same limits whatever is compared; other figures those of the largest difference.
  function limitsOf(figure, values) {
    const most = Math.max(0, ...[...values.values()].map((value) => Math.abs(value || 0)));
    if (figure.endsWith("_share") || !most) return SHARE_LIMITS;
    return [round(most / 8), round(most / 2.5)];
  }

  function current() {
    const { compared, difference, zoneLayer } = state;
    if (!compared || !difference || !zoneLayer || !compared.zones[zoneLayer]) return null;
    if (!numbers.has(compared)) numbers.set(compared, ++count);
    const key = [numbers.get(compared), zoneLayer, difference].join(":");
    if (made.key !== key) {
      const values = new Map(compared.zones[zoneLayer].map((row) => [String(row.code), row[difference]]));
      made = { key, values, limits: limitsOf(difference, values) };
    }
    return made;
  }

  // −3 to 3, 0 for no difference; null where one of the runs has no such figure of the zone. A draft names only zones
  // in its reach: all others are as they are.
  function classOf(found, key) {
    const value = found.values.get(key);
    if (value === undefined && state.compared.draft) return 0;
    if (gridsight.missing(value)) return null;
    const size = Math.abs(value);
    return Math.sign(value) * (size === 0 ? 0 : size <= found.limits[0] ? 1 : size <= found.limits[1] ? 2 : 3);
  }

  function colourOf(code) {
    const colours = gridsight.colours();
    if (code === null) return colours.no_data;
    const { less, more, same } = colours.difference;
    return code === 0 ? same : (code < 0 ? less : more)[Math.abs(code) - 1];
  }

  gridsight.paintDifference = function (context, sheets, box, ratio) {
    const found = current();
    if (!found) {
      gridsight.painting.zoneFills(context, sheets, box, ratio);
      return;
    }
    sheets.filter((sheet) => sheet.features.length).forEach((sheet) => gridsight.onSheet(context, sheet, ratio, () => {
      [null, 0, -1, -2, -3, 1, 2, 3].forEach((code) => {
        const path = gridsight.pathOf(sheet, "difference" + found.key + code, (features) => features.filter((one) => classOf(found, one.key) === code));
        context.globalAlpha = 0.88 * gridsight.veil();
        context.fillStyle = colourOf(code);
        context.fill(path, "evenodd");
        context.globalAlpha = 1;
        if (!code || code > 0) return;
        context.fillStyle = gridsight.draw.hatchFill(context, gridsight.colours().difference.hatch);
        context.fill(path, "evenodd");
      });
    }));
  };

  function swatch(code) {
    return gridsight.swatch((context, width, height) => {
      context.fillStyle = colourOf(code);
      context.fillRect(0, 0, width, height);
      if (code !== null && code < 0) {
        context.fillStyle = gridsight.draw.hatchFill(context, gridsight.colours().difference.hatch);
        context.fillRect(0, 0, width, height);
      }
      context.strokeStyle = gridsight.colours().grid_line;
      context.strokeRect(0.5, 0.5, width - 1, height - 1);
    }, 24, 14);
  }

  // A gap that only A has is a ring, one that only B has a filled square: neither needs its colour.
  function mark(context, x, y, isNew) {
    const colours = gridsight.colours();
    context.lineWidth = 2;
    context.strokeStyle = isNew ? colours.halo : colours.gap_line;
    context.fillStyle = isNew ? colours.gap_line : colours.halo;
    context.beginPath();
    if (isNew) context.rect(x - 4.5, y - 4.5, 9, 9);
    else context.arc(x, y, 4.5, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }

  const item = (picture, text, number) => el("li", {}, [picture, el("span", {}, text), el("b", {}, gridsight.count(number))]);

  function rangeText(figure, code, limits) {
    if (code === null) return t("no_data");
    if (code === 0) return t("runs_no_change");
    const sign = code < 0 ? "−" : "+";
    const text = (value) => (value ? gridsight.describe.figure(figure, value) : "0");
    const at = Math.abs(code);
    return at === 3 ? t("runs_over", { sign, low: text(limits[1]) }) : t("runs_between", { sign, low: text(at === 1 ? 0 : limits[0]), high: text(limits[at - 1]) });
  }

  gridsight.differenceLegend = function () {
    const found = current();
    if (!found) return [el("p", { class: "change-note" }, t("change_no_difference"))];
    const counts = new Map();
    found.values.forEach((value, key) => {
      const code = classOf(found, key);
      counts.set(code, (counts.get(code) || 0) + 1);
    });
    const figure = state.difference;
    const codes = [3, 2, 1, 0, -1, -2, -3].concat(counts.has(null) ? [null] : []);
    const name = gridsight.has("figure_" + figure) ? t("figure_" + figure) : t("col_" + figure);
    const picture = (isNew) => gridsight.swatch((context, width, height) => mark(context, width / 2, height / 2, isNew), 24, 14);
    const { gapsA, gapsB, a } = state.compared;
    return [
      el("p", { class: "change-note" }, t("runs_legend", { figure: name })),
      el("p", { class: "change-note" }, t("runs_rise") + t("comma") + t("runs_fall")),
      el("ul", { class: "swatches", id: "legend-difference" }, codes.map((code) => item(swatch(code), rangeText(figure, code, found.limits), counts.get(code) || 0))),
      a ? el("ul", { class: "swatches" }, [item(picture(false), t("runs_gaps_a"), gapsA.length), item(picture(true), t("runs_gaps_b"), gapsB.length)]) : null,
    ].filter(Boolean);
  };

  function paintGaps(context, box) {
    const { compared, difference } = state;
    if (!compared || !difference) return;
    const most = gridsight.map.getZoom() < FAR ? MOST_FAR : Infinity;
    [[compared.gapsA, false], [compared.gapsB, true]].forEach(([gaps, isNew]) => gaps.slice(0, most).forEach((one) => {
      const at = gridsight.map.latLngToLayerPoint([one.lat, one.lon]);
      if (box.contains(at)) mark(context, at.x, at.y, isNew);
    }));
  }

  gridsight.onStart(function () {
    if (!gridsight.work.allowed()) return;
    const pane = gridsight.map.createPane("compared");
    pane.style.zIndex = "451";
    pane.classList.add("untouchable");
    const canvas = new gridsight.Canvas({ pane: "compared", paint: paintGaps }).addTo(gridsight.map);
    gridsight.watch(["compared", "difference", "theme"], () => canvas.paint());
    // Colours of zones that were compared are of no use without the panel that tells of them.
    gridsight.watch("difference", (figure) => figure && !state.zoneLayer && gridsight.colourBy(Object.keys(state.compared.zones)[0]));
  });
})();
