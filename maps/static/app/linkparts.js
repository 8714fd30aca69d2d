// What a link says beyond place and selection: scope, tab, layers on, zones and figure that colour the map, base map.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const state = gridsight.state;
  const NO_BASE = "-";
  /** @type {Record<string, any>} */
  const linkParts = (gridsight.linkParts = {});
  /** @type {Record<string, any>} */
  let begun = {};

  // The ground is switched on once the page is ready, unless it was switched off: a link names only the latter.
  const GROUND = "ground";
  const names = (shown) => Object.keys(shown).filter((name) => shown[name] && name !== GROUND).sort().join(",");

  // How the page begins: a link says only what is otherwise, and a link that says nothing means this.
  linkParts.begin = function () {
    begun = { on: names(state.shown), zones: state.zoneLayer, by: state.figure, tab: state.tab };
  };

  // A base map is named only where there are any to choose from; "-" is none.
  function baseOf() {
    const anyState = /** @type {any} */ (state);
    return anyState.bases && anyState.bases.length ? anyState.base || NO_BASE : null;
  }

  // `name=value` of each, joined by "&"; empty where all is as the page begins.
  linkParts.text = function () {
    const chosen = gridsight.selection;
    const scope = gridsight.scopeKey();
    const said = {
      scope: chosen && chosen.layer + ":" + chosen.key === scope ? null : scope, // such a selection sets it
      tab: state.tab, on: names(state.shown), zones: state.zoneLayer, by: state.figure, base: baseOf(),
      ground: state.shown[GROUND] === false ? "off" : null,
    };
    const pairs = Object.keys(said).filter((name) => (said[name] || name === "on") && said[name] !== begun[name] && said[name] !== null);
    return pairs.map((name) => name + "=" + encodeURIComponent(said[name])).join("&");
  };

  linkParts.read = function (text) {
    const said = {};
    (text || "").split("&").forEach((pair) => {
      const cut = pair.indexOf("=");
      try {
        if (cut > 0) said[pair.slice(0, cut)] = decodeURIComponent(pair.slice(cut + 1));
      } catch (malformed) {
        // a part that cannot be read says nothing
      }
    });
    return said;
  };

  const known = (name) => name in state.shown && (!gridsight.drawnLayers().includes(name) || gridsight.source.offers(name));

  function switchLayers(said, absent) {
    const wanted = (said === undefined ? begun.on : said).split(",").filter(Boolean);
    const there = wanted.filter((name) => known(name) || gridsight.source.offers(name));
    wanted.filter((name) => there.indexOf(name) < 0).forEach((name) => absent.push(gridsight.has("layer_" + name) ? gridsight.t("layer_" + name) : name));
    /** @type {Record<string, boolean>} */
    const shown = {};
    Object.keys(state.shown).concat(there).forEach((name) => {
      shown[name] = name === GROUND ? state.shown[name] : there.indexOf(name) >= 0;
    });
    if (names(shown) !== names(state.shown)) gridsight.update({ shown });
  }

  function colour(said, absent) {
    const isThere = !said.zones || gridsight.model.zoneLayers().indexOf(said.zones) >= 0;
    if (!isThere) absent.push(said.zones);
    const zones = said.zones && isThere ? said.zones : begun.zones;
    const figure = gridsight.config.figures.indexOf(said.by) >= 0 ? said.by : begun.by;
    if (zones && (zones !== state.zoneLayer || figure !== state.figure)) gridsight.colourBy(zones, figure);
  }

  // Show what a link says, but its selection; what the run no longer has is put into `absent`.
  linkParts.apply = async function (said, absent) {
    switchLayers(said.on, absent);
    colour(said, absent);
    if (said.base !== undefined && "base" in state) gridsight.update(/** @type {any} */ ({ base: said.base === NO_BASE ? null : said.base }));
    if (said.ground === "off") gridsight.show(GROUND, false);
    if (said.scope && !(await gridsight.restoreScope(said.scope))) absent.push(said.scope.startsWith(gridsight.DRAWN + ":") ? gridsight.t("drawn") : said.scope);
    if (!said.scope && state.scope) gridsight.update({ scope: null });
  };

  // Once a selection may have opened its own tab.
  linkParts.openTab = function (said) {
    const tab = said.tab || begun.tab;
    if (tab !== state.tab && /^[\w-]+$/.test(tab) && document.getElementById("tab-" + tab)) gridsight.openTab(tab);
  };
})();
