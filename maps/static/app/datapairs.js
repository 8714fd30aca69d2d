// Columns named by hand before a file is read: which column is read for what, where that is not recognised.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const PLACES = ["lon", "lat", "x", "y", "wkt"];
  const t = (key, values) => gridsight.t(key, values);

  // What columns of a layer are read for: the place first, which nothing can be read without.
  function choices(layer) {
    const found = gridsight.config.importForm.layers.find((one) => one.name === layer);
    const fields = (found ? found.fields : []).map((one) => [one[0], gridsight.pick(one.slice(1))]);
    const isPlace = (one) => PLACES.indexOf(one[0]) >= 0;
    const pairs = ["lonlat", "latlon"].map((name) => [name, gridsight.spoken.field(name)]);
    return fields.filter(isPlace).concat(fields.some(isPlace) ? pairs : [], fields.filter((one) => !isPlace(one)));
  }

  // Gives { element, read(), begin() }: pairs as the service takes them, "field=column".
  gridsight.dataPairs = function (layer) {
    const rows = el("div", {});
    const all = [];

    function fill(row) {
      const kept = row.field.value || row.first;
      gridsight.empty(row.field).append(...choices(layer.value).map(([value, text]) => el("option", { value }, text)));
      if (Array.from(row.field.options).some((one) => one.value === kept)) row.field.value = kept;
    }

    function add(first) {
      const word = { "data-label": "data_pairs_column", "aria-label": t("data_pairs_column"), "data-placeholder": "data_pairs_column", placeholder: t("data_pairs_column") };
      const row = {
        column: el("input", Object.assign({ type: "text", maxlength: 200 }, word)),
        field: el("select", { "data-label": "data_read_as", "aria-label": t("data_read_as") }),
        first: first || "",
      };
      all.push(row);
      fill(row);
      rows.append(el("div", { class: "data-grid data-pair" }, [row.column, row.field]));
      return row;
    }

    const refill = () => all.forEach(fill);
    layer.addEventListener("change", refill);
    gridsight.watch("lang", refill);
    add("lon");
    add("lat");
    const element = el("fieldset", { class: "data-sheets" }, [
      el("legend", { "data-t": "data_pairs" }, t("data_pairs")), el("p", { class: "data-note", "data-t": "data_pairs_note" }, t("data_pairs_note")), rows,
      gridsight.button("data_pairs_add", () => add().column.focus(), { class: "link" }),
    ]);
    const read = () => all.filter((row) => row.column.value.trim()).map((row) => row.field.value + "=" + row.column.value.trim());
    return { element, read, begin: () => all[0].column.focus() };
  };
})();
