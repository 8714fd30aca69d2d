// Say sentences about a file with the fields of the form in place of the parameters that they name.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const t = (key, values) => gridsight.t(key, values);
  // Parameter of the service -> the word of its field in the form.
  const FIELDS = {
    crs: "data_crs", encoding: "data_encoding", profile: "data_profile", source_layer: "data_source_layer",
    sheet: "data_sheets", header_row: "data_header_row", map: "data_pairs",
  };
  const NAMED = new RegExp(" ?\\b(" + Object.keys(FIELDS).join("|") + ")=([^\\s、，；。;,()（）]*) ?", "g");
  const CRS_WORDS = { wgs84: "WGS-84", cgcs2000: "CGCS2000", gcj02: "GCJ-02", bd09: "BD-09" };
  /** @type {Record<string, any>} */
  const spoken = (gridsight.spoken = { CRS_WORDS });

  // What a column is read for, by its name.
  spoken.field = function (name) {
    if (gridsight.has("data_place_" + name)) return t("data_place_" + name);
    const found = gridsight.config.importForm.layers.flatMap((layer) => layer.fields).find((one) => one[0] === name);
    return found ? gridsight.pick(found.slice(1)) : name;
  };

  // A value as the form shows it, with what it is of: "gcj02", "网格.shp=gcj02", "lon=COLUMN".
  function valueOf(name, value) {
    const parts = value.split("=");
    const last = parts.length - 1;
    if (name === "map" && last > 0) parts[0] = spoken.field(parts[0]);
    if (name === "crs") parts[last] = CRS_WORDS[parts[last]] || parts[last];
    return parts.join(" = ");
  }

  // One language of a sentence, "crs=gcj02" as “CRS: GCJ-02”, "header_row=" as “Row of the headings”.
  spoken.own = (text) => gridsight.own(text).replace(NAMED, function (whole, name, value) {
    const shown = "“" + t(FIELDS[name]) + (value ? t("colon") + valueOf(name, value) : "") + "”";
    if (gridsight.lang() === "zh") return shown;
    return (whole.startsWith(" ") ? " " : "") + shown + (whole.endsWith(" ") ? " " : "");
  });

  // The parameters that a sentence names, as the first one's field is to be filled.
  spoken.named = (text) => (text.match(NAMED) || []).map((one) => one.trim().split("=")[0]);
})();
