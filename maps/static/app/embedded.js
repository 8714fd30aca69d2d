// The one-file map's source: its own rows, chosen, sorted and drawn as the server's would be.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const model = () => gridsight.model;
  const summaries = {};

  const counts = (values) => values.reduce((found, value) => {
    found[value] = (found[value] || 0) + 1;
    return found;
  }, {});

  function summary(name) {
    if (!gridsight.model.layers[name]) return null;
    if (summaries[name]) return summaries[name];
    const rows = model().rows(name);
    const of = (field) => counts(rows.map((row) => (gridsight.missing(row.values[field]) ? "" : row.values[field])));
    const said = { count: rows.length };
    if (name === "gaps") said.causes = of("cause");
    else if (name === "cameras") Object.assign(said, { classes: of("class"), states: of("status") });
    else if (model().isZone(name) && rows.length) {
      said.shares = {};
      gridsight.config.figures.filter((one) => one in rows[0].values).forEach((one) => {
        said.shares[one] = counts(rows.map((row) => model().classOf(row.values[one])));
      });
    }
    summaries[name] = said;
    return said;
  }

  function bounds() {
    const box = L.latLngBounds([]);
    const names = model().zoneLayers();
    names.slice(0, 1).forEach((name) => model().rows(name).forEach((row) => box.extend(gridsight.shapes.bounds(row.shape))));
    model().rows("gaps").concat(names.length ? [] : model().rows("cameras")).forEach((row) => {
      if (!names.length && !gridsight.missing(row.values.lon)) box.extend([row.values.lat, row.values.lon]);
    });
    return box;
  }

  const feature = (key, kind, values, rings, box) => ({ key, kind, values, rings, box, value: (name) => values[name] });

  // Where units are counted from: paths have the precision of a 32-bit float, a county far from the corner of the world.
  let corner = null;

  function findCorner() {
    const box = bounds();
    const at = box.isValid() ? L.CRS.EPSG3857.latLngToPoint(box.getNorthWest(), 0) : L.point(0, 0);
    corner = { x: at.x / 256, y: at.y / 256 };
  }

  // A row as a feature of a sheet, in the square of Web Mercator of side 1.
  function featureOf(row) {
    if (row.feature) return row.feature;
    if (!corner) findCorner();
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    const lines = [].concat(...row.shape);
    const isPoint = !lines.length && !gridsight.missing(row.values.lon);
    const rings = (isPoint ? [[[row.values.lat, row.values.lon]]] : lines).map((line) => {
      const ring = new Float64Array(2 * line.length);
      line.forEach((place, at) => {
        const x = (place[1] + 180) / 360 - corner.x;
        const y = (1 - Math.asinh(Math.tan((place[0] * Math.PI) / 180)) / Math.PI) / 2 - corner.y;
        ring[2 * at] = x;
        ring[2 * at + 1] = y;
        if (x < box[0]) box[0] = x;
        if (y < box[1]) box[1] = y;
        if (x > box[2]) box[2] = x;
        if (y > box[3]) box[3] = y;
      });
      return ring;
    });
    const isDot = rings.every((ring) => ring.length === 2);
    const shapes = gridsight.config.drawn.find((one) => one.name === row.layer);
    const isLine = shapes && shapes.shapes.indexOf("line") >= 0; // of a layer of several kinds each border is a line
    row.feature = feature(row.key, isDot ? 1 : isLine ? 2 : 3, row.values, rings, box);
    return row.feature;
  }

  // Far out cameras are counted by cells, as in the server's tiles (maps/tiles/drawn_tiles.py).
  function cells(features) {
    const found = new Map();
    const size = 2 ** (Math.floor(gridsight.map.getZoom()) - 1) * 6;
    features.forEach((one) => {
      const [x, y] = one.rings[0];
      const key = Math.floor((x + corner.x) * size) + "/" + Math.floor((y + corner.y) * size);
      const cell = found.get(key) || { n: 0, x: 0, y: 0 };
      found.set(key, { n: cell.n + 1, x: cell.x + x, y: cell.y + y });
    });
    return [...found.values()].map((one) => {
      const place = [one.x / one.n, one.y / one.n];
      return feature("", 1, { n: one.n }, [Float64Array.from(place)], [...place, ...place]);
    });
  }

  const kept = new Map();

  // The same array for the same rows, as paths are kept with it.
  function featuresOf(name) {
    const rows = model().rows(name);
    const known = kept.get(name);
    if (known && known.rows === rows) return known.features;
    const features = rows.map(featureOf).filter((one) => one.rings.length);
    kept.set(name, { rows, features });
    return features;
  }

  function sheets(name) {
    const map = gridsight.map;
    const origin = map.getPixelOrigin();
    const scale = 256 * map.getZoomScale(map.getZoom(), 0);
    const rows = featuresOf(name);
    const features = name === "cameras" && map.getZoom() < gridsight.POINTS_FROM ? cells(rows) : rows;
    const at = corner || { x: 0, y: 0 };
    return [{ features, scale, x: at.x * scale - origin.x, y: at.y * scale - origin.y, clip: null }];
  }

  // Numbers by size, names by their writing, nothing always last.
  function sorted(rows, field, isDescending) {
    const value = (row) => (field === "name" ? model().label(row) : row.values[field]);
    return rows.slice().sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (gridsight.missing(x) || gridsight.missing(y)) return gridsight.missing(x) - gridsight.missing(y);
      const way = typeof x === "number" ? x - y : String(x).localeCompare(String(y), "zh-CN", { numeric: true });
      return (isDescending ? -way : way) || (a.key < b.key ? -1 : 1);
    });
  }

  function says(row, text) {
    const v = row.values;
    const words = [v.rank, v.grid, v.camera, v.obstacle, gridsight.t("cause_" + v.cause), v.grid_name, v.camera_name];
    return words.some((word) => !gridsight.missing(word) && String(word).toLowerCase().indexOf(text) >= 0);
  }

  async function page(name, choice) {
    const { text = "", cause = "", zone = "", sort = "", descending = false, offset = 0, limit = 200 } = choice;
    const names = gridsight.zoneNames;
    const named = names.named(text);
    const zones = named.length ? named : text.trim() ? names.containing(text) : [];
    let rows = model().rows(name).filter(names.ofZone(name, zone));
    if (name === "gaps") {
      if (named.length > 1 && rows.length) return { total: named.length, rows: [], candidates: named };
      const isOwn = names.hasGap(zones);
      rows = rows.filter((row) => (!cause || row.values.cause === cause) && (!text.trim() || isOwn(row.values) || (!named.length && says(row, text.trim().toLowerCase()))));
    } else {
      if (text.trim()) rows = rows.filter(names.hasZone(zones));
      rows = sorted(rows, sort, descending);
    }
    return { total: rows.length, rows: rows.slice(offset, offset + limit) };
  }

  // Whole code first, then beginnings, then anything inside.
  function rank(row, text) {
    const words = [row.key, gridsight.missing(row.values.name) ? "" : String(row.values.name)].map((word) => word.toLowerCase());
    if (words.indexOf(text) >= 0) return 0;
    if (words.some((word) => word.startsWith(text))) return 1;
    return words.some((word) => word.indexOf(text) >= 0) ? 2 : 9;
  }

  async function find(text, most) {
    const found = [];
    model().zoneLayers().slice().reverse().concat(["cameras"]).forEach((layer, order) => {
      model().rows(layer).forEach((row) => {
        const place = rank(row, text.toLowerCase());
        if (place < 9) found.push({ place: place * 10 + order, row });
      });
    });
    found.sort((a, b) => a.place - b.place || (a.row.key < b.row.key ? -1 : 1));
    return found.slice(0, most).map((one) => ({
      layer: one.row.layer, key: one.row.key, name: one.row.values.name, is_whole: one.place < 10,
    }));
  }

  // Names of grids and cameras stand beside their codes in gaps, as the server gives them.
  function nameGaps() {
    const units = gridsight.zoneNames.unitLayer();
    model().rows("gaps").forEach((row) => {
      const unit = units && model().row(units, row.values.grid);
      const camera = model().row("cameras", row.values.camera);
      // Not among what a download lists.
      const put = (name, one) => Object.defineProperty(row.values, name, { value: one ? one.values.name : null, enumerable: false });
      put("grid_name", unit);
      put("camera_name", camera);
    });
  }

  function start() {
    const data = gridsight.embedded("gridsight-data");
    const known = gridsight.model;
    ["meta", "totals", "levels", "notes", "remarks", "assumptions", "zones"].forEach((name) => {
      known[name] = data[name];
    });
    known.run = { id: data.meta.run_id };
    known.knowZones(Object.keys(data.layers));
    known.claims = data.claims || [];
    known.bases = data.bases || [];
    // A map of a patrol or of reach is made for these: other marks are there to be switched on.
    const along = Boolean(data.layers.rounds || data.layers.reach);
    const shown = Object.assign({}, gridsight.state.shown);
    ["gaps", "cameras", "verdicts"].forEach((name) => {
      shown[name] = shown[name] && !along;
    });
    // Lines to a facility mean nothing without it, nor by road without the road.
    if (data.layers.reach) ["facilities", "roads"].forEach((name) => (shown[name] = true));
    gridsight.update({ shown });
    Object.keys(data.layers).forEach((name) => {
      const rows = known.fromColumns(data.layers[name]);
      known.set(name, name === "verdicts" ? gridsight.verdicts.rowsOf(rows.map((row) => row.values)) : rows);
    });
    nameGaps();
  }

  gridsight.embeddedSource = {
    summary, bounds, sheets, page, find, start,
    row: async (name, key) => gridsight.model.row(name, key),
    offers: (name) => Boolean(gridsight.model.layers[name]),
    settled: () => Promise.resolve(),
  };
})();
