// Keep the zone that everything on the page is of: chosen on the map, in a table, by a search; shown and taken back here.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);
  let outline = null;
  let asked = 0;

  // The layer of a scope that was drawn (drawnscope.js); its key is its corners.
  gridsight.DRAWN = "drawn";

  // What names the scope to every route of the service: `layer:code`; nothing for the whole area.
  gridsight.scopeKey = () => (gridsight.state.scope ? gridsight.state.scope.layer + ":" + gridsight.state.scope.key : "");

  gridsight.inScope = function (v) {
    const scope = gridsight.state.scope;
    return !scope || (!gridsight.missing(v.lon) && gridsight.shapes.contains(scope.shape, v.lat, v.lon));
  };

  gridsight.clearScope = function () {
    const chosen = gridsight.selection;
    if (chosen && gridsight.model.isZone(chosen.layer)) gridsight.unselect();
    if (!gridsight.state.scope) return;
    gridsight.update({ scope: null });
    gridsight.announce(t("scope_cleared"));
  };

  // The scope by its key, without choosing it: gives whether the run has it.
  gridsight.restoreScope = async function (key) {
    if (key.startsWith(gridsight.DRAWN + ":")) return Boolean(gridsight.restoreDrawn) && gridsight.restoreDrawn(key.slice(gridsight.DRAWN.length + 1));
    const layer = gridsight.model.zoneLayers().find((name) => key.startsWith(name + ":"));
    const row = layer ? await gridsight.source.row(layer, key.slice(layer.length + 1)) : null;
    if (row) gridsight.update({ scope: row });
    return Boolean(row);
  };

  function chip() {
    const box = gridsight.byId("scope");
    const scope = gridsight.state.scope;
    box.hidden = !scope;
    gridsight.empty(box);
    if (!scope) return;
    const name = gridsight.model.label(scope);
    // A drawn one has no figures in the run: they were computed now, of what was stored on the day of its data.
    const drawn = () => [t("scope_run_day", { date: gridsight.model.meta.data_date || "–" })].concat(scope.values.part ? t("scope_part") : []).join(" ");
    const more = scope.layer === gridsight.DRAWN ? drawn() : t(scope.layer) + (name === scope.key ? "" : " " + scope.key);
    box.append(
      el("span", {}, [t("scope") + t("colon"), el("b", {}, name), el("small", {}, more)]),
      el("button", { type: "button", id: "scope-clear", title: t("scope_clear"), "data-label": "scope_clear", "aria-label": t("scope_clear"), onclick: gridsight.clearScope }, "✕"));
  }

  // Its border stays on the map while gaps and cameras in it are chosen.
  function draw() {
    outline.clearLayers();
    const scope = gridsight.state.scope;
    if (!scope || !scope.shape.length) return;
    outline.addLayer(L.polygon(scope.shape, {
      renderer: gridsight.renderers.marks, pane: "marks", interactive: false, fill: false, color: gridsight.colours().selected, weight: 2, dashArray: "2 5",
    }));
  }

  // How many gaps it has: the list may be filtered further.
  async function count() {
    const request = ++asked;
    const said = gridsight.source.summary("gaps");
    if (!gridsight.state.scope || !said) return gridsight.update({ scopeGaps: null });
    try {
      const found = await gridsight.source.page("gaps", { zone: gridsight.scopeKey(), limit: 1 });
      if (request === asked) gridsight.update({ scopeGaps: found.total });
    } catch (error) {
      gridsight.update({ fault: { what: t("gaps"), reason: error.message } });
    }
    return undefined;
  }

  gridsight.onStart(function () {
    outline = L.layerGroup().addTo(gridsight.map);
    gridsight.watch(["scope", "lang"], chip);
    gridsight.watch(["scope", "theme"], draw);
    gridsight.watch("scope", count);
  });
})();
