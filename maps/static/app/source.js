// Load the data: from the page itself, or layer by layer from the API of the host that served it.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const source = (gridsight.source = {});
  const LIMIT = 10000;
  const MAX_ROWS = 60000; // rows of one stored layer that a browser still draws well
  const pending = {};

  async function fetchJson(path) {
    const response = await fetch(path, { headers: { Accept: "application/geo+json, application/json" } });
    if (response.ok) return response.json();
    let reason = String(response.status);
    try {
      const problem = await response.json();
      reason = problem.detail || problem.title || reason;
    } catch (unreadable) {
      reason = response.statusText || reason;
    }
    throw Object.assign(new Error(reason), { status: response.status });
  }

  source.fetchJson = fetchJson;

  // Layers closed to the caller's role are not requested (docs/contract.md section 5); the server chooses the rows.
  source.allowed = function (name) {
    const config = gridsight.config;
    const role = config.role || "admin";
    const scoped = config.scoped.indexOf(name) >= 0;
    if (role === "public") return !scoped && name !== "rates" && !config.drawn.some((one) => one.name === name);
    return role !== "viewer" || !scoped;
  };

  const runPath = (rest) => "/runs/" + encodeURIComponent(gridsight.model.run.id) + rest;

  // Every page of a stored layer; next links are followed on this host only, whatever host they name.
  async function items(layer, query) {
    let path = "/ogc/collections/" + layer + "/items?f=json&limit=" + LIMIT + (query || "");
    const features = [];
    while (path && features.length < MAX_ROWS) {
      const part = await fetchJson(path);
      part.features.forEach((one) => features.push(one));
      const next = (part.links || []).find((link) => link.rel === "next");
      const url = next ? new URL(next.href, window.location.href) : null;
      path = url && part.features.length ? url.pathname + url.search : null;
    }
    return { features };
  }

  // Rows are those of the day that the run was computed from, as on the sheet: an older run is not drawn with later cameras.
  const ofDataDate = () => {
    const day = gridsight.model.run.data_date;
    return day ? "&datetime=" + encodeURIComponent(day) : "";
  };

  const FETCH = {
    gaps: () => fetchJson(runPath("/gaps?f=geojson")),
    coverage: () => fetchJson(runPath("/coverage?f=geojson")),
    views: () => fetchJson(runPath("/views?f=geojson")),
    possible: () => fetchJson(runPath("/possible?f=geojson")),
    cameras: () => items("cameras", ofDataDate()),
    verdicts: placesOfRun,
  };

  // Verdicts are the run's; shapes are those of the stored places, for those who may read them.
  async function placesOfRun() {
    const [claims, points] = await Promise.all([
      fetchJson(runPath("/claims")), fetchJson(runPath("/places?f=geojson")), source.allowed("places") ? source.load("places") : null,
    ]);
    gridsight.model.claims = claims.claims;
    return points;
  }

  // Load one layer once; later calls wait for the same response. A layer that failed may be requested again.
  source.load = function (name) {
    const model = gridsight.model;
    if (model.layers[name]) return Promise.resolve(true);
    if (gridsight.config.mode !== "served" || !source.allowed(name)) return Promise.resolve(false);
    if (!pending[name]) {
      const drawn = gridsight.drawnLayers().indexOf(name) >= 0;
      const fetched = FETCH[name] ? FETCH[name]() : drawn ? items(name, ofDataDate()) : fetchJson(runPath("/zones/" + name + "?f=geojson"));
      pending[name] = fetched
        .then((collection) => {
          model.set(name, name === "verdicts" ? gridsight.verdicts.rowsOf(collection.features.map((one) => one.properties)) : model.fromGeoJson(collection));
          return true;
        })
        .catch((error) => {
          delete pending[name];
          gridsight.update({ fault: { what: gridsight.has(name) ? gridsight.t(name) : name, reason: error.message } });
          return false;
        });
    }
    return pending[name];
  };

  source.offers = function (name) {
    if (gridsight.model.layers[name]) return true;
    if (gridsight.config.mode !== "served" || !source.allowed(name)) return false;
    const kept = gridsight.model.kept;
    if (name === "rounds" || name === "reach") return false; // asked for with options: only a one-file map has them
    if (name === "verdicts") return Boolean(kept && "places" in kept);
    return name === "cameras" || gridsight.drawnLayers().indexOf(name) >= 0 || !kept || name in kept;
  };

  function fromPage() {
    const data = gridsight.embedded("gridsight-data");
    const model = gridsight.model;
    ["meta", "totals", "levels", "notes", "remarks", "assumptions", "zones"].forEach((name) => {
      model[name] = data[name];
    });
    model.run = { id: data.meta.run_id };
    model.knowZones(Object.keys(data.layers));
    model.claims = data.claims || [];
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
      const rows = model.fromColumns(data.layers[name]);
      model.set(name, name === "verdicts" ? gridsight.verdicts.rowsOf(rows.map((row) => row.values)) : rows);
    });
  }

  // A summary may stand beside the run's id or inside it; options and dates are the run's own.
  function describeRun(run) {
    const summary = Object.assign({}, run, run.summary || {});
    const options = run.options || {};
    const created = String(run.created || "");
    return {
      totals: summary.totals || {},
      levels: summary.levels || {},
      remarks: summary.notes || [],
      assumptions: summary.assumptions || {},
      layers: summary.layers || null,
      zones: Object.keys(summary.zones || {}).length ? summary.zones : options.zones,
      meta: {
        run_id: run.id,
        made: created.slice(0, 10),
        data_date: run.data_date || options.at || created.slice(0, 10),
        crs: summary.crs || "",
        level: summary.level || options.level || "",
        edition: summary.edition || options.edition || "",
        domain: summary.domain || options.domain || "",
        security: "",
      },
    };
  }

  function zoneNames(given) {
    const known = gridsight.config.zoneLayers;
    if (!given) return known.slice(0, 1);
    const names = Array.isArray(given) ? given : typeof given === "string" ? given.split(",") : Object.keys(given);
    return known.filter((name) => names.indexOf(name) >= 0);
  }

  // Use the county's name as the page title, as the sheet does.
  async function countyTitle() {
    if (!source.allowed("divisions")) return;
    const county = await items("divisions", "&level=county").catch(() => ({ features: [] }));
    if (county.features.length !== 1) return;
    Object.assign(gridsight.model.meta, gridsight.titleOf(county.features[0].properties.name));
    gridsight.update({ run: gridsight.model.run });
  }

  async function fromApi() {
    const model = gridsight.model;
    const listed = await fetchJson("/runs");
    model.runs = Array.isArray(listed) ? listed : listed.runs || [];
    if (!model.runs.length) throw new Error(gridsight.t("no_run"));
    model.publishedRun = { id: listed.published_run || null, standsIn: Boolean(listed.stands_in) };
    const run = await fetchJson("/runs/" + encodeURIComponent(gridsight.config.run));
    const described = describeRun(run);
    Object.assign(model, described, { run, layers: model.layers });
    model.kept = described.layers;
    gridsight.update({ run: model.run });
    model.knowZones(Object.keys(described.layers || {}));
    const names = zoneNames(described.zones);
    // Which grids a township or a village has: the service decides it once, for lists, sheets and this page.
    const zoneList = async () => {
      const listed = await fetchJson(runPath("/zones")).catch(() => ({ zones: [] }));
      model.zones = listed.zones;
      gridsight.update({ zones: model.zones });
    };
    // The page needs the first zone layer and the gaps; other layers load afterwards.
    await Promise.all([source.load(names[0]), source.load("gaps")]);
    const behind = names.slice(1).concat(["cameras"], source.offers("verdicts") ? ["verdicts"] : []);
    source.behind = Promise.all(behind.map((name) => source.load(name)).concat([zoneList(), countyTitle()]));
  }

  source.start = async function () {
    if (gridsight.config.mode === "served") await fromApi();
    else fromPage();
  };
})();
