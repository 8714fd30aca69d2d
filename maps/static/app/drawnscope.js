// Draw a scope: its corners are set as those of a measurement, its figures come from the service, the link carries it.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);
  const { measure, geodesy } = gridsight;
  const state = gridsight.state;
  const KIND = "scope";
  const ICON = "M4 7 11 3l6 6-3 8H6zM4 7v0M11 3v0M17 9v0M14 17v0M6 17v0";
  const DIGITS = 5; // of degrees: a metre
  let busy = false;
  let fault = "";

  // Small zones tell what cameras see: they are of who may see that.
  const allowed = () => gridsight.config.role === "planner" || gridsight.config.role === "admin";

  const keyOf = (points) => points.map((one) => [one.lon, one.lat].map((value) => Number(value.toFixed(DIGITS))).join("_")).join("~");

  async function rowOf(key) {
    const run = encodeURIComponent(gridsight.model.run.id);
    const found = await gridsight.source.fetchJson("/runs/" + run + "/drawn?zone=" + encodeURIComponent(gridsight.DRAWN + ":" + key));
    return Object.assign(gridsight.model.fromGeoJson({ features: [found] })[0], { layer: gridsight.DRAWN, key });
  }

  // Make a drawn zone the scope; raises what the service says against it.
  async function choose(key) {
    const row = await rowOf(key);
    const chosen = gridsight.selection;
    if (chosen && gridsight.model.isZone(chosen.layer)) gridsight.unselect();
    gridsight.update({ scope: row });
    gridsight.announce(t("selected", { what: gridsight.model.label(row) }));
  }

  // That of a link; gives whether the reader has it in this run.
  gridsight.restoreDrawn = async function (key) {
    if (!allowed()) return false;
    try {
      await choose(key);
      return true;
    } catch (refused) {
      return false;
    }
  };

  const again = () => gridsight.update({ measure: state.measure });

  async function use() {
    busy = true;
    fault = "";
    again();
    try {
      await choose(keyOf(state.measure.points));
    } catch (error) {
      fault = error.message;
    }
    busy = false;
    again();
    if (!fault) measure.open(false);
  }

  function show(points) {
    const figures = measure.figures([[t("measure_area"), gridsight.area(geodesy.area(points))], [t("scope_corners"), gridsight.count(points.length)]]);
    const press = gridsight.button("scope_use", use, { class: "button primary", disabled: busy });
    return [figures, fault ? el("p", { class: "measure-fault", role: "alert" }, fault) : null, el("div", { class: "measure-row" }, [press, busy ? el("span", { class: "measure-note", "aria-busy": "true" }, t("scope_busy")) : null])].filter(Boolean);
  }

  measure.addKind(KIND, { least: 3, isRing: true, begin: "scope_begin", next: "scope_next", title: "draw_scope", show });

  const isOpen = () => state.measure.isOpen && state.measure.kind === KIND;

  function press() {
    if (isOpen()) return measure.open(false);
    fault = "";
    gridsight.update({ measure: Object.assign({}, state.measure, { kind: KIND, points: [] }) });
    return measure.open(true);
  }

  gridsight.onStart(function () {
    if (!allowed()) return;
    const tool = gridsight.addTool("draw_scope", ICON, press);
    gridsight.watch("measure", (now) => {
      tool.setAttribute("aria-pressed", String(isOpen()));
      if (!now.points.length) fault = "";
    });
  });
})();
