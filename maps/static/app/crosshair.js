// Choose on the map by keys: a crosshair at its middle, a list of what lies under it, Enter for the first of them.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);
  const PAUSE_MS = 250; // until what lies under it is said: the map rests
  const MOST = 6;
  let stage = null;
  let cross = null;
  let list = null;
  let found = [];
  let isByKeys = false; // the popup that is open was chosen here

  const map = () => gridsight.map.getContainer();

  function nameOf(one) {
    if (one.cell) return t("crosshair_cameras", { n: gridsight.count(one.cell.value("n")) });
    const row = { layer: one.layer, key: one.key, values: one.values };
    const share = gridsight.model.isZone(one.layer) ? t("comma") + gridsight.share(one.values[gridsight.state.figure]) : "";
    return (gridsight.has(one.layer) ? t(one.layer) + " " : "") + gridsight.model.label(row) + share;
  }

  async function choose(one) {
    const at = gridsight.map.getCenter();
    if (one.cell) {
      gridsight.map.setView(at, Math.max(gridsight.map.getZoom() + 2, gridsight.POINTS_FROM), { animate: false });
      map().focus();
      return;
    }
    if (!(await gridsight.select(one.layer, one.key, { at }))) return;
    const popup = map().querySelector(".leaflet-popup");
    if (!popup) return;
    isByKeys = true;
    popup.tabIndex = -1;
    popup.focus();
  }

  function show(isOn) {
    cross.hidden = list.hidden = !isOn;
    if (isOn) look();
  }

  // What lies under the middle of the map, the uppermost first.
  function look() {
    if (list.hidden || list.contains(document.activeElement)) return; // what has the keys stays
    found = gridsight.allUnder(gridsight.map.getCenter()).slice(0, MOST);
    gridsight.empty(list).append(...found.map((one) =>
      el("li", {}, el("button", { type: "button", class: "link", onclick: () => choose(one) }, nameOf(one)))));
    if (!found.length) list.append(el("li", {}, t("crosshair_nothing")));
    if (document.activeElement === map()) say();
  }

  const say = () => gridsight.announce(found.length ? t("crosshair_under", { what: found.map(nameOf).join(t("comma")) }) : t("crosshair_nothing"));

  function press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape" && isByKeys) {
      // What was chosen is left; the keys are the map's again.
      isByKeys = false;
      event.preventDefault();
      const row = gridsight.selection;
      if (row && gridsight.model.isZone(row.layer)) gridsight.clearScope();
      else gridsight.unselect();
      map().focus();
    } else if (event.key === "Enter" && event.target === map() && found.length) {
      event.preventDefault();
      choose(found[0]);
    }
  }

  // The map has the keys when it was reached by them: whoever clicks has the pointer.
  const hasKeys = () => document.activeElement === map() && map().matches(":focus-visible");

  function skips() {
    const toMap = el("a", { class: "skip", href: "#", "data-t": "skip_to_map", onclick: (event) => {
      event.preventDefault();
      map().focus();
      show(true);
    } }, t("skip_to_map"));
    const toList = document.querySelector(".skip");
    toList.before(toMap);
    toList.addEventListener("click", (event) => {
      event.preventDefault();
      gridsight.openTab("gaps");
      const first = /** @type {any} */ (document.querySelector(".list button") || document.querySelector(".list"));
      first.focus();
    });
  }

  gridsight.onStart(function () {
    stage = map().parentNode;
    cross = el("div", { class: "crosshair", "aria-hidden": "true", hidden: true });
    list = el("ul", { class: "crosshair-list", "data-label": "crosshair_list", "aria-label": t("crosshair_list"), hidden: true });
    map().after(cross, list);
    skips();
    map().addEventListener("focus", () => hasKeys() && show(true));
    stage.addEventListener("focusout", (event) => {
      const to = event.relatedTarget;
      if (!to || (to !== map() && !list.contains(to) && !(to.closest && to.closest(".leaflet-popup")))) show(false);
    });
    stage.addEventListener("keydown", press);
    const soon = gridsight.later(look, PAUSE_MS);
    gridsight.map.on("moveend", soon);
    gridsight.watch(["tiles", "lang", "shown", "zoneLayer", "figure"], soon);
  });
})();
