// The form of the area that is open: its fields as the catalogue declares them (maps/web/shape_forms.py), its size, and what to do with it.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const state = gridsight.state;
  const math = gridsight.shapeMath;
  const list = gridsight.shapeList;
  const t = (key, values) => gridsight.t(key, values);

  const fieldsOf = () => gridsight.config.shapeForms[state.shapes.layer];

  // The name of a field of the layer in the language of the page.
  gridsight.shapeFieldText = function (name) {
    const field = fieldsOf().find((one) => one.name === name);
    return field ? gridsight.pick(field.words) : t(name === "geometry" ? "draw_border" : name);
  };

  gridsight.shapeValueText = function (name, value) {
    if (name === "geometry") return value ? t("draw_size", { area: gridsight.area(math.area(value)), n: math.vertices(value).length }) : "–";
    if (gridsight.missing(value)) return t("change_missing");
    const field = fieldsOf().find((one) => one.name === name);
    const choice = field && field.choices.find((one) => one.name === String(value));
    return choice ? gridsight.pick(choice.words) : String(value);
  };

  // A value as the field has it; undefined where it cannot be one.
  function read(field, text) {
    if (text === "") return null;
    if (field.kind === "text") return text;
    const value = Number(text);
    const isNumber = Number.isFinite(value) && (field.kind !== "integer" || Number.isInteger(value));
    return isNumber && (field.low === null || value >= field.low) && (field.high === null || value <= field.high) ? value : undefined;
  }

  function control(field, one, tell) {
    const value = one.properties[field.name];
    const text = gridsight.missing(value) ? "" : String(value);
    const isKey = field.name === "code";
    const input = field.choices.length
      ? el("select", {}, [el("option", { value: "" }, t("change_missing"))].concat(field.choices.map((each) => el("option", { value: each.name }, gridsight.pick(each.words)))))
      : el("input", { type: "text", inputmode: field.kind === "text" ? null : "decimal", maxlength: 200, autocomplete: "off", spellcheck: "false", required: isKey, readonly: isKey && !one.isNew });
    input.value = text;
    input.addEventListener("change", () => {
      const next = read(field, input.value.trim());
      input.setAttribute("aria-invalid", String(next === undefined));
      if (next === undefined) return tell(t("draw_bad_value", { field: gridsight.pick(field.words) }));
      tell("");
      return gridsight.drawing.set(one.key, { [field.name]: next });
    });
    return el("label", { class: "change-field" }, [el("span", { class: isKey && one.isNew ? "draw-needed" : null }, gridsight.pick(field.words)), input]);
  }

  // Merging: with one of those that have a border in common.
  function merging(one) {
    const near = gridsight.shapeBorders.neighbours(one.key);
    if (!near.length) return null;
    const select = el("select", { "data-label": "draw_merge_with", "aria-label": t("draw_merge_with") }, near.map((each) => el("option", { value: each.key }, list.nameOf(each.key))));
    return el("div", { class: "change-row" }, [select, desk.button("draw_merge", () => gridsight.drawing.merge(select.value))]);
  }

  // What was stored of the area that is open, version by version.
  gridsight.drawHistory = function () {
    const of = function () {
      const stored = state.shaping === null ? null : list.stored(state.shaping);
      return stored ? { path: "/ogc/collections/" + state.shapes.layer + "/items/" + encodeURIComponent(state.shaping), mark: stored.etag } : null;
    };
    return gridsight.historyOf(of, ["shapes", "shaping", "shapesCame"], { fieldText: gridsight.shapeFieldText, valueText: gridsight.shapeValueText });
  };

  gridsight.drawForm = function (tell) {
    const element = el("section", { class: "draw-form" });
    let shown = "";

    // Made anew when something else is shown; not while somebody types in it.
    function show() {
      const one = state.shaping === null ? null : list.of(state.shaping);
      const mark = JSON.stringify(one && [one.key, one.properties, one.geometry, state.shapesCame]) + gridsight.lang() + Boolean(state.drawing);
      if (mark === shown || state.shapes.live) return;
      shown = mark;
      const focused = element.contains(document.activeElement) ? Array.from(element.querySelectorAll("input, select, button")).indexOf(document.activeElement) : -1;
      gridsight.empty(element);
      if (!one) {
        if (!state.drawing) element.append(el("p", { class: "change-note" }, t("draw_none")));
        return;
      }
      element.append(...[
        el("h2", {}, list.nameOf(one.key)),
        el("p", { class: "change-note" }, t("draw_measured", { area: gridsight.area(math.area(one.geometry)), length: gridsight.metres(math.border(one.geometry)), n: math.vertices(one.geometry).length })),
        el("div", { class: "change-grid" }, fieldsOf().map((field) => control(field, one, tell))),
        el("div", { class: "change-row" }, [desk.button("draw_split_by", () => gridsight.drawing.draw("cut")), desk.button("change_delete", gridsight.drawing.erase)]),
        merging(one),
      ].filter(Boolean));
      const again = focused < 0 ? null : element.querySelectorAll("input, select, button")[focused];
      if (again) /** @type {any} */ (again).focus();
    }

    gridsight.watch(["shapes", "shaping", "shapesCame", "drawing", "lang"], gridsight.coalesce(show));
    show();
    return element;
  };
})();
