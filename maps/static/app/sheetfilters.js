// The fields above the columns of the sheet that filter them: a text, a range of numbers, or one of few values.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);
  const { sheet } = gridsight;

  // What a column holds, by the first rows: few values that have words, numbers, or texts.
  sheet.kindOf = function (layer, name, rows) {
    if (rows.some((row) => sheet.wordOf(layer, name, row.values[name]))) return "choice";
    return rows.some((row) => typeof row.values[name] === "number") ? "number" : "text";
  };

  // The values that the catalogue declares, else those of the first rows.
  function valuesOf(layer, name, rows) {
    const field = layer === "cameras" ? (gridsight.config.cameraForm || []).find((one) => one.name === name) : null;
    if (field && field.choices.length) return field.choices;
    if (name === "cause") return gridsight.config.causes;
    return [...new Set(rows.map((row) => row.values[name]).filter((one) => !gridsight.missing(one)))];
  }

  // Shares are typed as they are read: in per cent.
  function range(layer, name, tell) {
    const unit = sheet.isShare(name) ? 100 : 1;
    const ends = ["low", "high"].map((end, at) => el("input", {
      type: "number", step: "any", "aria-label": sheet.heading(layer, name) + " " + t("sheet_" + end), placeholder: (at ? "≤" : "≥") + (unit === 100 ? " %" : ""),
      oninput: () => {
        const found = ends.map((one) => (one.value === "" ? null : Number(one.value) / unit));
        tell(name, found[0] === null && found[1] === null ? null : found);
      },
    }));
    return el("div", { class: "sheet-range" }, ends);
  }

  function chooser(layer, name, rows, tell) {
    const label = t("sheet_filter_of", { what: sheet.heading(layer, name) });
    return el("select", { "aria-label": label, onchange: (event) => tell(name, event.target.value === "" ? null : { is: event.target.value }) },
      [el("option", { value: "" }, t("sheet_any"))].concat(valuesOf(layer, name, rows).map((one) => el("option", { value: String(one) }, sheet.shown(layer, name, one)))));
  }

  const words = (layer, name, tell) =>
    el("input", { type: "search", "aria-label": t("sheet_filter_of", { what: sheet.heading(layer, name) }), placeholder: t("sheet_contains"), oninput: (event) => tell(name, event.target.value || null) });

  // The field of a column; it tells what is asked for, null for nothing.
  sheet.filterField = function (layer, name, kind, rows, tell) {
    if (kind === "choice") return chooser(layer, name, rows, tell);
    return kind === "number" ? range(layer, name, tell) : words(layer, name, tell);
  };
})();
