// The served page's source: tiles, pages of tables, single rows and figures of the run, from the host that served it.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const LIMIT = 10000;

  gridsight.reasonOf = async function (response) {
    let reason = String(response.status);
    try {
      const problem = await response.json();
      reason = problem.detail || problem.title || reason;
    } catch (unreadable) {
      reason = response.statusText || reason;
    }
    return Object.assign(new Error(reason), { status: response.status });
  };

  async function fetchJson(path) {
    const asked = window.gridsightAsked || {};
    const early = asked[path]; // by the page itself, while its scripts were on their way
    delete asked[path];
    const response = await (early || fetch(path, { headers: { Accept: "application/geo+json, application/json" } }));
    if (response.status === 204) return null;
    if (response.ok) return response.json();
    throw await gridsight.reasonOf(response);
  }

  const runPath = (rest) => "/runs/" + encodeURIComponent(gridsight.model.run.id) + rest;
  const pagePath = (rest) => "/page/" + encodeURIComponent(gridsight.model.run.id) + rest;

  let overview = {};
  const rows = new Map();

  const summary = (name) => overview[name] || null;

  // Layers closed to the caller's role are not requested (docs/contract.md section 5); the server chooses the rows.
  function allowed(name) {
    const config = gridsight.config;
    const role = config.role || "admin";
    const scoped = config.scoped.indexOf(name) >= 0;
    if (role === "public") return !scoped && name !== "rates" && !config.drawn.some((one) => one.name === name);
    return role !== "viewer" || !scoped;
  }

  function offers(name) {
    if (gridsight.model.layers[name]) return true;
    if (!allowed(name)) return false;
    const kept = gridsight.model.kept;
    if (name === "rounds" || name === "reach") return false; // asked for with options: only a one-file map has them
    if (name === "verdicts") return Boolean(kept && "places" in kept);
    return name === "cameras" || gridsight.drawnLayers().indexOf(name) >= 0 || !kept || name in kept;
  }

  function bounds() {
    const names = gridsight.model.zoneLayers().slice(0, 1);
    const box = L.latLngBounds([]);
    (names.length ? names : ["gaps", "cameras"]).forEach((name) => {
      const found = summary(name) && summary(name).bounds;
      if (found) box.extend([found[1], found[0]]).extend([found[3], found[2]]);
    });
    return box;
  }

  // Zones carry the figure that colours them, and nothing else.
  const sheets = (name) =>
    gridsight.tiles.sheets(name, gridsight.model.isZone(name) ? "figure=" + encodeURIComponent(gridsight.state.figure) : "");

  async function page(name, choice) {
    const query = new URLSearchParams();
    const asked = { q: choice.text, cause: choice.cause, zone: choice.zone, where: choice.where, sort: choice.sort, offset: choice.offset, limit: choice.limit };
    Object.keys(asked).forEach((key) => asked[key] && query.set(key, asked[key]));
    if (choice.descending) query.set("descending", "true");
    const found = await fetchJson(pagePath("/rows/" + encodeURIComponent(name) + "?" + query));
    return { total: found.total, candidates: found.candidates, rows: found.rows.map((values) => named(name, new gridsight.model.Row(values, () => []))) };
  }

  function named(name, row) {
    row.layer = name;
    row.key = String(row.values[gridsight.config.keys[name]]);
    return row;
  }

  async function fetchRow(name, key) {
    try {
      // Many cameras see nothing, and links name what is gone: none is an answer, not a fault.
      const found = await fetchJson(pagePath("/rows/" + encodeURIComponent(name) + "/" + encodeURIComponent(key) + "?maybe=true"));
      return found && named(name, gridsight.model.fromGeoJson({ features: [found] })[0]);
    } catch (error) {
      if (error.status === 404) return null;
      rows.delete(name + ":" + key); // the next choice asks again
      gridsight.update({ fault: { what: name, reason: error.message } });
      return null;
    }
  }

  // One row with its shape, fetched once; null where the run has none of that key, or the reader may not know it.
  function row(name, key) {
    const here = gridsight.model.row(name, key);
    if (here || !offers(name)) return Promise.resolve(here);
    const mark = name + ":" + key;
    if (!rows.has(mark)) rows.set(mark, fetchRow(name, String(key)));
    if (rows.size > 100) rows.delete(rows.keys().next().value);
    return rows.get(mark);
  }

  // A camera was changed: what was known of it is asked for anew.
  function forget(name, key) {
    rows.delete(name + ":" + key);
    gridsight.tiles.forget(name);
  }

  // The buildings that cut the view of a camera; none for a reader who may not know them.
  async function cuts(key) {
    try {
      return gridsight.model.fromGeoJson(await fetchJson(pagePath("/cuts/" + encodeURIComponent(key)))).map((row) => named("obstacles", row));
    } catch (error) {
      return [];
    }
  }

  async function find(text, most) {
    const found = await fetchJson(pagePath("/find?q=" + encodeURIComponent(text)));
    return found.slice(0, most);
  }

  // A summary may stand beside the run's id or inside it; options and dates are the run's own.
  function describeRun(run) {
    const said = Object.assign({}, run, run.summary || {});
    const options = run.options || {};
    const created = String(run.created || "");
    return {
      totals: said.totals || {},
      levels: said.levels || {},
      remarks: said.notes || [],
      assumptions: said.assumptions || {},
      kept: said.layers || null,
      meta: {
        run_id: run.id,
        made: created.slice(0, 10),
        data_date: run.data_date || options.at || created.slice(0, 10),
        crs: said.crs || "",
        level: said.level || options.level || "",
        edition: said.edition || options.edition || "",
        domain: said.domain || options.domain || "",
        security: "",
      },
    };
  }

  // Use the county's name as the page title, as the sheet does.
  async function countyTitle() {
    if (!allowed("divisions")) return;
    const path = "/ogc/collections/divisions/items?f=json&level=county&limit=" + LIMIT;
    const county = await fetchJson(path).catch(() => ({ features: [] }));
    if (county.features.length !== 1) return;
    Object.assign(gridsight.model.meta, gridsight.titleOf(county.features[0].properties.name));
    gridsight.update({ run: gridsight.model.run });
  }

  // Verdicts on places are the run's; their shapes are those of the stored places, in tiles.
  async function verdicts() {
    if (!offers("verdicts")) return;
    try {
      const [claims, points] = await Promise.all([fetchJson(runPath("/claims")), fetchJson(runPath("/places?f=json"))]);
      gridsight.model.claims = claims.claims;
      gridsight.model.set("verdicts", gridsight.verdicts.rowsOf(points.places));
    } catch (error) {
      gridsight.update({ fault: { what: "layer_verdicts", reason: error.message } });
    }
  }

  async function start() {
    const model = gridsight.model;
    const wanted = encodeURIComponent(gridsight.config.run);
    // All at once: each way to the host and back delays what is drawn.
    const [listed, run, said] = await Promise.all(["/runs", "/runs/" + wanted, "/page/" + wanted + "/overview"].map((path, at) =>
      fetchJson(path).catch((error) => {
        if (!at) throw error;
        return error;
      })));
    model.runs = Array.isArray(listed) ? listed : listed.runs || [];
    if (!model.runs.length) throw Object.assign(new Error(gridsight.t("no_run")), { isEmpty: true });
    if (run instanceof Error) throw Object.assign(run, { isGone: /** @type {any} */ (run).status === 404 });
    model.publishedRun = { id: listed.published_run || null, standsIn: Boolean(listed.stands_in) };
    Object.assign(model, describeRun(run), { run });
    model.knowZones(Object.keys(model.kept || {}));
    gridsight.update({ run });
    if (said instanceof Error) throw said;
    overview = said.layers;
    gridsight.update({ arrived: "overview" });
    gridsight.source.behind = Promise.all([verdicts(), countyTitle()]);
  }

  gridsight.servedSource = { summary, bounds, sheets, page, row, find, cuts, start, allowed, offers, fetchJson, forget, settled: gridsight.tiles.settled };
})();
