// Hold what the page shows: layers of rows with properties and shapes, found by key.
(function () {
  "use strict";

  const gridsight = window.gridsight;

  /** @type {Record<string, any>} */
  const model = (gridsight.model = {
    layers: {}, zones: [], meta: {}, totals: {}, levels: {}, notes: [], remarks: [], assumptions: {}, run: null,
  });

  // A row: its values, and its shape, unpacked when first needed, as most shapes never are.
  function Row(values, unpack) {
    this.values = values;
    this.unpack = unpack;
    this.parts = [];
  }

  Object.defineProperty(Row.prototype, "shape", {
    get: function () {
      if (this.unpack) {
        this.parts = this.unpack();
        this.unpack = null;
      }
      return this.parts;
    },
  });

  model.Row = Row;

  function Layer(name, rows) {
    const key = gridsight.config.keys[name];
    this.name = name;
    this.rows = rows;
    this.byKey = new Map();
    rows.forEach((row) => {
      row.layer = name;
      row.key = String(row.values[key]);
      if (!this.byKey.has(row.key)) this.byKey.set(row.key, row);
    });
  }

  model.set = function (name, rows) {
    model.layers[name] = new Layer(name, rows);
    gridsight.update({ arrived: name });
  };

  // Stored layers that are drawn below the results and switched on by themselves: those that are no zones.
  gridsight.drawnLayers = () => gridsight.config.drawn.filter((one) => !one.zones).map((one) => one.name);

  model.rows = (name) => (model.layers[name] ? model.layers[name].rows : []);
  model.row = (name, key) => (model.layers[name] ? model.layers[name].byKey.get(String(key)) || null : null);
  // Zone layers of the run that have rows.
  model.zoneLayers = () => gridsight.config.zoneLayers.filter((name) => {
    const said = gridsight.source.summary(name);
    return said && said.count;
  });
  model.isZone = (name) => gridsight.config.zoneLayers.indexOf(name) >= 0;

  // Own zones are a layer for each of their kinds, and only the data tell which kinds there are.
  model.knowZones = function (names) {
    const config = gridsight.config;
    names.filter((name) => name.startsWith("areas:") && !model.isZone(name)).sort().forEach((name) => {
      const kind = name.slice("areas:".length);
      config.zoneLayers.push(name);
      config.keys[name] = config.keys.areas;
      config.zoneNamesFrom[name] = config.ownZoneNamesFrom;
      config.words[name] = config.words[name] || [kind, kind];
      config.words["layer_" + name] = config.words[name];
    });
  };

  // Columns and packed shapes of the one-file map -> rows.
  model.fromColumns = function (layer) {
    const names = Object.keys(layer.columns);
    const length = names.length ? layer.columns[names[0]].length : 0;
    const rows = [];
    for (let i = 0; i < length; i++) {
      const values = {};
      names.forEach((name) => {
        values[name] = layer.columns[name][i];
      });
      const packed = layer.shapes[i] || [];
      rows.push(new Row(values, () => gridsight.shapes.unpack(packed)));
    }
    return rows;
  };

  // A GeoJSON FeatureCollection -> rows; a point's position goes into lon and lat.
  model.fromGeoJson = (collection) =>
    collection.features.map((feature) => {
      const values = Object.assign({}, feature.properties);
      const geometry = feature.geometry;
      if (geometry && geometry.type === "Point" && !("lon" in values)) {
        values.lon = geometry.coordinates[0];
        values.lat = geometry.coordinates[1];
      }
      ["id", "code"].forEach((name) => {
        if (!(name in values) && feature.id !== undefined) values[name] = feature.id;
      });
      return new Row(values, () => gridsight.shapes.fromGeoJson(geometry));
    });

  model.zoneAt = function (layer, lat, lon) {
    return model.rows(layer).find((row) => gridsight.shapes.contains(row.shape, lat, lon)) || null;
  };

  // The name people use, with the code where there is none.
  model.label = function (row) {
    if (row.layer === "rounds") return gridsight.t("patrol_sector") + " " + row.key;
    if (row.layer === gridsight.DRAWN) return gridsight.t("drawn");
    if (row.layer === "gaps") return gridsight.t("gap_n", { n: row.values.rank });
    const name = row.values.name;
    return gridsight.missing(name) ? row.key : String(name);
  };

  // The class of a share: the edges of the catalogue.
  model.classOf = function (share) {
    if (gridsight.missing(share)) return -1;
    const edges = gridsight.config.edges;
    for (let code = 0; code < edges.length; code++) if (share <= edges[code]) return code;
    return edges.length - 1;
  };
})();
