// What the sheet shows of each list: its columns, pages of its rows, and values as people read and copy them.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const t = (key, values) => gridsight.t(key, values);
  /** @type {Record<string, any>} */
  const sheet = (gridsight.sheet = {});
  const STEP = 200;
  const MOST = 1000; // rows in one answer, when all are wanted
  const CAMERA_FIRST = ["id", "name", "site", "class", "kind", "status", "azimuth", "tilt", "hfov", "height", "width_px", "lon", "lat"];
  const SHOWN = { gaps: 9, cameras: 12, zones: 10, verdicts: 9, claims: 9 };

  const isLocal = (layer) => layer === "verdicts" || layer === "claims";

  // Lists that the reader may have and the run has.
  sheet.layers = function () {
    const { source, model } = gridsight;
    const names = model.zoneLayers().concat(["gaps", "cameras"].filter((name) => source.summary(name) && source.allowed(name)));
    return names.concat(model.rows("verdicts").length ? ["verdicts"] : [], (model.claims || []).length ? ["claims"] : []);
  };

  sheet.word = (layer) => t(layer === "verdicts" ? "layer_verdicts" : layer);

  // The fields of a row in the order of the catalogue, those that people look at first in front.
  sheet.columns = function (layer, row) {
    const has = (name) => row && name in row;
    const { config } = gridsight;
    if (layer === "gaps") return ["rank", "grid_name"].concat(config.gapFields.filter((name) => name !== "rank"), "camera_name").filter(has);
    if (layer === "cameras") return CAMERA_FIRST.concat(row ? Object.keys(row).filter((name) => CAMERA_FIRST.indexOf(name) < 0 && gridsight.has("sheet_cameras_" + name)) : []).filter(has);
    if (isLocal(layer)) return row ? Object.keys(row).filter((name) => gridsight.has("sheet_" + layer + "_" + name)) : [];
    const first = ["code"].concat(config.zoneColumns);
    return first.concat(config.zoneFields.filter((name) => first.indexOf(name) < 0)).filter(has);
  };

  sheet.firstShown = (layer, names) => names.slice(0, SHOWN[layer] || SHOWN.zones);

  // A column as it is called, with its unit unless its cells have it; zones as in the table of zones.
  sheet.heading = function (layer, name) {
    if (name === "grid_name" || name === "camera_name") return t("sheet_" + name);
    return t((gridsight.model.isZone(layer) ? "col_" : "sheet_" + layer + "_") + name);
  };

  // The same for a file, whose figures are numbers.
  function fileHeading(layer, name) {
    const key = "sheet_file_" + (gridsight.model.isZone(layer) ? "zones" : layer) + "_" + name;
    return gridsight.has(key) ? t(key) : sheet.heading(layer, name);
  }

  // The words that stand for a stored value; nothing where it stands for itself.
  sheet.wordOf = function (layer, name, value) {
    const key = { cameras: name + "_of_" + value, gaps: name === "cause" ? "cause_" + value : "", verdicts: { verdict: "verdict_", kind: "place_", unit: "unit_" }[name] + value, claims: name === "verdict" ? "verdict_" + value : "" }[layer];
    return key && gridsight.has(key) ? t(key) : null;
  };

  sheet.isShare = (name) => /_share$/.test(name) || name === "share";

  // A figure with its unit, for the eye.
  sheet.shown = function (layer, name, value) {
    if (gridsight.missing(value)) return "–";
    const word = sheet.wordOf(layer, name, value);
    if (word) return word;
    if (typeof value === "object") return Object.keys(value).map((one) => (sheet.wordOf(layer, "cause", one) || one) + " " + gridsight.share(value[one])).join(" · ");
    if (typeof value !== "number") return String(value);
    if (sheet.isShare(name)) return gridsight.share(value);
    if (name === "lon" || name === "lat") return value.toFixed(6);
    if (name === "rank" || name === "class" || layer === "cameras") return String(value);
    if (/_m2$/.test(name)) return gridsight.area(value);
    return gridsight.number(value);
  };

  // The same for a file: words of the language, figures as numbers as far as they are known.
  sheet.plain = function (layer, name, value) {
    if (gridsight.missing(value)) return "";
    if (typeof value === "number" && sheet.wordOf(layer, name, value) === null) {
      const places = gridsight.config.decimals[name];
      return places === undefined ? Number(value.toFixed(7)) : Number(value.toFixed(places));
    }
    return sheet.shown(layer, name, value);
  };

  function meets(value, wanted) {
    if (Array.isArray(wanted)) return typeof value === "number" && (wanted[0] === null || value >= wanted[0]) && (wanted[1] === null || value <= wanted[1]);
    const text = gridsight.missing(value) ? "" : String(value);
    return typeof wanted === "string" ? text.toLowerCase().indexOf(wanted.trim().toLowerCase()) >= 0 : text === String(wanted.is);
  }

  // Nothing is always last.
  function compare(a, b, isDescending) {
    if (gridsight.missing(a) || gridsight.missing(b)) return gridsight.missing(a) - gridsight.missing(b);
    const way = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "zh-CN", { numeric: true });
    return isDescending ? -way : way;
  }

  // Verdicts and claims came with the page; they are chosen here as the service chooses the others.
  function localPage(layer, choice) {
    const rows = layer === "claims" ? (gridsight.model.claims || []).map((values) => ({ layer, key: String(values.claim), values })) : gridsight.model.rows(layer).filter((row) => gridsight.inScope(row.values));
    const kept = rows.filter((row) => Object.keys(choice.filters).every((name) => meets(row.values[name], choice.filters[name])));
    if (choice.sort) kept.sort((a, b) => compare(a.values[choice.sort], b.values[choice.sort], choice.descending));
    return { total: kept.length, rows: kept.slice(choice.offset, choice.offset + choice.limit) };
  }

  sheet.page = async function (layer, choice) {
    const whole = Object.assign({ filters: {}, offset: 0, limit: STEP }, choice);
    if (isLocal(layer)) return localPage(layer, whole);
    const where = Object.keys(whole.filters).length ? JSON.stringify(whole.filters) : "";
    return gridsight.source.page(layer, { sort: whole.sort, descending: whole.descending, offset: whole.offset, limit: whole.limit, zone: whole.zone, where });
  };

  // All that the filters leave, page after page.
  sheet.all = async function (layer, choice) {
    const rows = [];
    let total = 1;
    while (rows.length < total) {
      const found = await sheet.page(layer, Object.assign({}, choice, { offset: rows.length, limit: MOST }));
      if (!found.rows.length) break;
      rows.push(...found.rows);
      total = found.total;
    }
    return rows;
  };

  const lineOf = (layer, names, row) => names.map((name) => sheet.plain(layer, name, row.values[name]));

  sheet.tsv = (layer, names, rows) =>
    [names.map((name) => fileHeading(layer, name))].concat(rows.map((row) => lineOf(layer, names, row)))
      .map((line) => line.map((one) => String(one).replace(/[\t\r\n]+/g, " ")).join("\t")).join("\n");

  sheet.csv = (layer, names, rows) =>
    "\ufeff" + [names.map((name) => fileHeading(layer, name))].concat(rows.map((row) => lineOf(layer, names, row)))
      .map((line) => line.map(gridsight.csvCell).join(",")).join("\r\n") + "\r\n";

  // Give rows away as soon as all of them came; a page that does not come is told.
  sheet.give = async function (layer, rows, work) {
    try {
      await work(layer, await rows);
    } catch (error) {
      gridsight.update({ fault: { what: sheet.word(layer), reason: error.message } });
    }
  };

  sheet.save = function (name, text) {
    const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    const link = gridsight.el("a", { href: url, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  };
})();
