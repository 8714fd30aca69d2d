// Show a base map of the user's own below everything: which one, how strong, grey or not, and always whose it is.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const state = gridsight.state;
  const el = gridsight.el;
  const KEY = "gridsight-base";
  const COARSER = 3; // levels above its first that the host still draws from a base map
  const VEIL = 0.5; // of fills over a base map, by what they have without one

  // Storage is refused in some browsers for files opened from disk; the choice is then not remembered.
  function remembered(choice) {
    try {
      if (choice) window.localStorage.setItem(KEY, JSON.stringify(choice));
      return JSON.parse(window.localStorage.getItem(KEY) || "null") || {};
    } catch (refused) {
      return {};
    }
  }

  const remember = () => remembered({ base: state.base, opacity: state.baseOpacity, grey: state.baseGrey });
  const chosen = () => state.bases.find((one) => one.name === state.base) || null;

  // How strong fills are: with a base map or streets below them they let these through.
  gridsight.veil = () => (chosen() || gridsight.ownGround.isSeenThrough() ? VEIL : 1);

  let layer = null;
  let credit = null;
  /** @type {{ name: string, reason: string | null } | null} */
  let trouble = null;
  let isWhole = true; // whether every tile since the last move has come

  // Tiles that a one-file map carries itself.
  const OwnTiles = L.TileLayer.extend({
    getTileUrl: function (at) {
      return this.options.pictures[[this._getZoomForUrl(), at.x, at.y].join("/")] || L.Util.emptyImageUrl;
    },
  });

  function tilesOf(base) {
    const [first, last] = base.levels || [0, 22];
    const options = { pane: "ground", maxZoom: 24, maxNativeZoom: last, minZoom: Math.max(0, first - COARSER), keepBuffer: 1 };
    // Nothing is asked for outside of what it covers; where it has nothing inside, the host sends an empty picture.
    if (base.extent) options.bounds = L.latLngBounds([base.extent[1], base.extent[0]], [base.extent[3], base.extent[2]]);
    if (!base.pictures) return L.tileLayer("/basemaps/" + encodeURIComponent(base.name) + "/{z}/{x}/{y}?blank=true", options);
    const bounds = L.latLngBounds(base.bounds[0], base.bounds[1]);
    return new OwnTiles("", Object.assign(options, { pictures: base.pictures, bounds, minNativeZoom: first, minZoom: Math.max(0, first - 4) }));
  }

  function troubleText() {
    if (!trouble) return "";
    const { name, reason } = trouble;
    return reason ? gridsight.t("base_trouble_because", { name, reason: gridsight.own(reason) }) : gridsight.t("base_trouble", { name });
  }

  // Told once and in words until tiles come again: what a tile lacks, the host says; the page goes on without it.
  async function tell(event) {
    isWhole = false;
    if (trouble) return;
    const base = chosen();
    const found = { name: base.name, reason: null };
    trouble = found;
    try {
      const response = await fetch(event.tile.src);
      if (response.ok) trouble = null;
      else found.reason = (await gridsight.reasonOf(response)).message;
    } catch (unreachable) {
      // The sentence without a reason stands.
    }
    if (base !== chosen()) return;
    writeCredit();
    if (trouble) gridsight.announce(troubleText());
  }

  function loaded() {
    if (isWhole && trouble) {
      trouble = null;
      writeCredit();
    }
  }

  function place() {
    if (layer) layer.remove();
    layer = null;
    trouble = null;
    const base = chosen();
    if (base) layer = tilesOf(base).on({ tileerror: tell, loading: () => (isWhole = true), load: loaded }).addTo(gridsight.map);
    look();
    writeCredit();
  }

  function look() {
    const pane = gridsight.map.getPane("ground");
    const base = chosen();
    const opacity = state.baseOpacity === null ? (base ? base.opacity : 1) : state.baseOpacity;
    pane.style.opacity = String(opacity);
    pane.classList.toggle("grey", state.baseGrey);
  }

  const said = (key, value) => (value ? gridsight.t(key) + gridsight.t("colon") + value : null);

  // Whose the base map is, its review number, the date of its data: on the map for as long as it is.
  function writeCredit() {
    const base = chosen();
    document.querySelector(".stage").classList.toggle("has-base", Boolean(base));
    credit.hidden = !base;
    gridsight.empty(credit);
    if (!base) return;
    const isFar = layer && gridsight.map.getZoom() < layer.options.minZoom;
    const facts = [base.attribution || base.name, said("base_review", base.review_number), said("base_date", base.data_date), said("base_secret", base.secret_class)];
    credit.append(
      el("span", {}, gridsight.t("base_map") + gridsight.t("colon") + facts.filter(Boolean).join(" · ")),
      isFar ? el("small", {}, gridsight.t("base_closer")) : trouble ? el("small", {}, troubleText()) : ""
    );
  }

  function choose(name) {
    gridsight.update({ base: name, baseOpacity: null });
    remember();
  }

  function chooser() {
    const pick = (base) => {
      const name = base ? base.name : null;
      const input = el("input", { type: "radio", name: "base-map", value: "base:" + (name || ""), onchange: () => choose(name) });
      input.checked = state.base === name;
      return el("label", { class: "choice" }, [input, el("span", {}, name || gridsight.t("base_none"))]);
    };
    return el("fieldset", { class: "choices" }, [el("legend", {}, gridsight.t("base_map")), ...state.bases.map(pick), pick(null)]);
  }

  function slider() {
    const input = el("input", {
      type: "range", min: 0, max: 100, step: 5, class: "base-opacity", "data-label": "base_opacity", "aria-label": gridsight.t("base_opacity"),
      oninput: (event) => gridsight.update({ baseOpacity: Number(event.target.value) / 100 }), onchange: remember,
    });
    input.value = String(Math.round(Number(gridsight.map.getPane("ground").style.opacity || 1) * 100));
    return el("label", { class: "choice" }, [el("span", {}, gridsight.t("base_opacity")), input]);
  }

  function greySwitch() {
    const input = el("input", { type: "checkbox", value: "base-grey", onchange: (event) => {
      gridsight.update({ baseGrey: event.target.checked });
      remember();
    } });
    input.checked = state.baseGrey;
    return el("label", { class: "choice" }, [input, el("span", {}, gridsight.t("base_grey"))]);
  }

  function legend() {
    const parts = gridsight.ownGround.legend();
    if (state.bases.length) parts.push(chooser());
    if (chosen()) parts.push(slider(), greySwitch());
    return parts.length ? [el("div", { class: "overlays bases" }, parts)] : [];
  }

  // A choice that there is no base map for, from a link or an earlier day, is given up in words.
  function offer(bases) {
    const isGone = state.base !== null && !bases.some((one) => one.name === state.base);
    if (isGone && gridsight.config.mode === "served") gridsight.announce(gridsight.t("base_gone", { name: state.base }));
    gridsight.update(isGone ? { bases, base: null } : { bases });
    if (isGone) remember();
  }

  async function fetchBases() {
    if ((gridsight.config.role || "admin") === "public") return;
    try {
      offer((await gridsight.source.fetchJson("/basemaps")).basemaps);
    } catch (error) {
      gridsight.update({ fault: { what: "base_map", reason: error.message } });
    }
  }

  gridsight.addLegend(legend);

  gridsight.onStart(function () {
    const pane = gridsight.map.createPane("ground");
    pane.style.zIndex = "360";
    pane.classList.add("untouchable");
    credit = gridsight.map.getContainer().parentNode.appendChild(el("div", { class: "base-credit", role: "note", hidden: true }));
    const kept = remembered();
    gridsight.update({
      base: typeof kept.base === "string" ? kept.base : null,
      baseOpacity: typeof kept.opacity === "number" ? kept.opacity : null,
      baseGrey: kept.grey === true,
    });
    gridsight.watch(["base", "bases"], place);
    gridsight.watch(["baseOpacity", "baseGrey"], look);
    gridsight.watch("lang", writeCredit);
    gridsight.map.on("zoomend", writeCredit);
    // Base maps come last: nothing of them is fetched before the page can be used.
    gridsight.whenReady(() => {
      if (gridsight.config.mode === "served") gridsight.source.behind = Promise.all([gridsight.source.behind, fetchBases()]);
      else offer(gridsight.model.bases || []);
    });
  });
})();
