// Offer the data as files: links to the API, or files made from the page's own data.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);
  const FORMATS = { csv: "CSV", xlsx: "Excel", geojson: "GeoJSON", gpkg: "GeoPackage", kml: "KML", shp: "Shapefile" };
  // Forms whose headings and words are in the language of the page.
  const WORDED = ["csv", "xlsx", "kml", "shp"];
  const SUFFIXES = { shp: "zip" };

  // What a run says of places; claims and rates are no shapes.
  const ANSWERS = {
    verdicts: { path: "places", word: "layer_verdicts" },
    claims: { path: "claims", word: "claims", formats: ["csv", "xlsx"] },
    rates: { path: "rates", word: "rates", formats: ["csv", "xlsx"] },
  };

  const MAX_ASSUMED = 30;

  const fields = (name) => (name === "gaps" ? gridsight.config.gapFields : gridsight.config.zoneFields);

  // A spreadsheet runs text that begins like a formula (api/representations/downloads.py has the same rule).
  function csvCell(value) {
    if (gridsight.missing(value)) return "";
    let text = String(value);
    if (typeof value === "string" && /^[=@\t\r]|^[+-](?!\d+(\.\d+)?$)/.test(text)) text = "'" + text;
    return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }

  gridsight.csvCell = csvCell;

  const rounded = (value, places) => (places === undefined ? value : Number(value.toFixed(places)));

  // A value as people read it: causes as words, figures as far as they are known (api/representations/tables.py).
  function shown(field, value) {
    if (gridsight.missing(value)) return value;
    if (field === "cause") return gridsight.has("cause_" + value) ? t("cause_" + value) : value;
    if (field === "causes") {
      const shares = typeof value === "string" ? JSON.parse(value) : value;
      return Object.keys(shares).map((one) => shown("cause", one) + " " + rounded(shares[one], gridsight.config.decimals.possible_share)).join("; ");
    }
    if (typeof value === "number") return rounded(value, gridsight.config.decimals[field]);
    return typeof value === "object" ? JSON.stringify(value) : value;
  }

  // The names that stand beside the codes of grids in the table of gaps.
  function beside(name, field) {
    if (name !== "gaps" || field !== "grid") return [];
    const townships = new Map(gridsight.model.zones.filter((one) => one.layer === "townships").flatMap((one) => one.grids.map((code) => [code, one.name])));
    const nameOf = { grid_name: (code) => (gridsight.model.row("grids", code) || { values: {} }).values.name, township_name: (code) => townships.get(code) };
    return gridsight.config.gapNames.map((one) => ({ heading: one.text, cell: (values) => nameOf[one.name](String(values.grid)) }));
  }

  const ownRows = (name) => gridsight.model.rows(name).filter(gridsight.zoneNames.ofZone(name, gridsight.scopeKey()));

  // Headings and words of the page's language, as in the downloads of the service.
  gridsight.csv = function (name) {
    const rows = ownRows(name);
    const headings = name === "gaps" ? gridsight.config.gapHeadings : gridsight.config.zoneHeadings;
    const columns = fields(name)
      .filter((field) => rows.length && field in rows[0].values)
      .flatMap((field) => [{ heading: headings[field], cell: (values) => shown(field, values[field]) }].concat(
        beside(name, field).filter((one) => rows.some((row) => !gridsight.missing(one.cell(row.values))))));
    const lines = [columns.map((one) => csvCell(gridsight.pick(one.heading)))].concat(
      rows.map((row) => columns.map((one) => csvCell(one.cell(row.values)))));
    return "\ufeff" + lines.map((line) => line.join(",")).join("\r\n") + "\r\n";
  };

  gridsight.geojson = function (name) {
    const features = ownRows(name).map((row) => ({
      type: "Feature",
      properties: row.values,
      geometry: gridsight.shapes.toGeoJson(row.shape) || (gridsight.missing(row.values.lon) ? null : { type: "Point", coordinates: [row.values.lon, row.values.lat] }),
    }));
    return JSON.stringify({ type: "FeatureCollection", features });
  };

  function downloadFile(name, format) {
    const text = format === "csv" ? gridsight.csv(name) : gridsight.geojson(name);
    const type = format === "csv" ? "text/csv;charset=utf-8" : "application/geo+json";
    const url = URL.createObjectURL(new Blob([text], { type }));
    const link = el("a", { href: url, download: name + "." + format });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }

  function downloadUrl(name, format) {
    const run = "/runs/" + encodeURIComponent(gridsight.model.run.id);
    const answer = ANSWERS[name] ? "/" + ANSWERS[name].path : null;
    return run + (answer || (name === "gaps" ? "/gaps" : "/zones/" + name)) + "?f=" + format + (WORDED.includes(format) ? "&lang=" + gridsight.lang() : "") +
      (gridsight.state.scope && name !== "rates" ? "&zone=" + encodeURIComponent(gridsight.scopeKey()) : "");
  }

  function downloadLinks() {
    const served = gridsight.config.mode === "served";
    const formats = served ? Object.keys(FORMATS) : ["csv", "geojson"];
    const rows = gridsight.model.zoneLayers().concat(gridsight.source.summary("gaps") ? ["gaps"] : []).map((name) =>
      el("div", { class: "download" }, [
        el("span", {}, [t(name), el("small", {}, gridsight.state.scope ? gridsight.model.label(gridsight.state.scope) : gridsight.count(gridsight.source.summary(name).count))]),
        el("span", { class: "formats" }, formats.map((format) => served
          ? el("a", { class: "button", href: downloadUrl(name, format), download: t(name) + "." + (SUFFIXES[format] || format) }, FORMATS[format])
          : el("button", { type: "button", class: "button", onclick: () => downloadFile(name, format) }, FORMATS[format]))),
      ]));
    const answers = served && gridsight.source.offers("verdicts") ? Object.keys(ANSWERS).filter(gridsight.source.allowed) : [];
    const more = answers.map((name) =>
      el("div", { class: "download" }, [
        el("span", {}, t(ANSWERS[name].word)),
        el("span", { class: "formats" }, (ANSWERS[name].formats || Object.keys(FORMATS)).map((format) =>
          el("a", { class: "button", href: downloadUrl(name, format), download: t(ANSWERS[name].word) + "." + (SUFFIXES[format] || format) }, FORMATS[format]))),
      ]));
    gridsight.empty(gridsight.byId("downloads")).append(...rows, ...more);
  }

  function notes() {
    const values = (note) => {
      const filled = Object.assign({}, note.values);
      if (Array.isArray(filled.layers)) filled.layers = filled.layers.map((key) => (gridsight.has(key) ? t(key) : key)).join(t("comma"));
      return filled;
    };
    const assumed = Object.keys(gridsight.model.assumptions).slice(0, MAX_ASSUMED);
    const texts = [t("note_sure_possible")]
      .concat(gridsight.model.notes.map((note) => t(note.key, values(note))))
      .concat(gridsight.model.remarks.map(gridsight.own))
      .concat(assumed.map((key) => t("note_assumed", { what: gridsight.own(key), n: gridsight.count(gridsight.model.assumptions[key]) })));
    gridsight.empty(gridsight.byId("notes")).append(...texts.map((text) => el("li", {}, text)));
  }

  gridsight.onStart(function () {
    const refresh = gridsight.coalesce(() => {
      downloadLinks();
      notes();
    });
    gridsight.watch(["ready", "lang"], refresh);
    gridsight.watch("arrived", () => gridsight.state.ready && refresh());
    gridsight.watch("scope", () => gridsight.state.ready && refresh());
    gridsight.byId("print-page").addEventListener("click", gridsight.printSheet);
  });
})();
