// Measure on the map: the kinds of measuring, the points that were set, and the card that tells what they give.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);
  const state = gridsight.state;
  /** @type {Record<string, any>} */
  const measure = (gridsight.measure = { kinds: {} });
  const ICON = "M2.5 13 13 2.5 17.5 7 7 17.5zM6 9.5l1.6 1.6M9 6.5l2.2 2.2M12 3.5l1.6 1.6";
  let card = null;
  let opener = null;
  let result = null;
  let typed = null;
  let form = null; // the fields that a kind has of its own, kept while they are typed into
  let formOf = "";
  let cross = null;
  let said = null; // what is wrong with what was typed

  const kind = () => measure.kinds[state.measure.kind];
  const set = (patch) => gridsight.update({ measure: Object.assign({}, state.measure, patch) });

  // A kind of measuring: how many points it takes at most, and what they give as elements and as text to copy. One with a
  // `title` has a tool of its own that opens the card for it alone.
  measure.addKind = (name, what) => (measure.kinds[name] = what);

  measure.add = function (point) {
    const most = kind().most || Infinity;
    const points = state.measure.points.length >= most ? [] : state.measure.points;
    set({ points: points.concat([{ lat: point.lat, lon: point.lon }]) });
  };

  measure.undo = () => set({ points: state.measure.points.slice(0, -1) });
  measure.clear = () => set({ points: [] });

  measure.addCentre = function () {
    const at = gridsight.map.getCenter().wrap();
    measure.add({ lat: at.lat, lon: at.lng });
  };

  measure.open = function (on) {
    const hasFocus = card && card.contains(document.activeElement);
    gridsight.update({ measure: Object.assign({}, state.measure, { isOpen: on, points: on ? state.measure.points : [] }) });
    if (on) (kind().title ? typed : card.querySelector("input:checked")).focus({ preventScroll: true });
    else if (hasFocus) opener.focus();
  };

  // Copy a text; where the browser refuses, show it to be copied by hand.
  measure.copy = async function (text) {
    try {
      await navigator.clipboard.writeText(text);
      gridsight.announce(t("copied"));
    } catch (refused) {
      window.prompt(t("measure_copy"), text);
    }
  };

  // Words beside figures, each pair [word, figure].
  measure.figures = (pairs) =>
    el("dl", { class: "figures" }, pairs.reduce((all, pair) => all.concat([el("dt", {}, pair[0]), el("dd", {}, pair[1])]), []));

  // Coordinates as people write them, or metres of a projection, which are read in the first system they may be of.
  function readTyped() {
    const found = gridsight.readCoordinates(typed.value);
    if (!found) return null;
    if (!found.systems) return found;
    const systems = found.systems.map(gridsight.geodesy.projection).filter(Boolean);
    return systems.length ? gridsight.geodesy.unproject(found, systems[0]) : null;
  }

  function addTyped(event) {
    event.preventDefault();
    const point = readTyped();
    typed.setAttribute("aria-invalid", String(!point));
    said.textContent = point ? "" : t("measure_unread");
    if (!point) return;
    typed.value = "";
    measure.add(point);
    gridsight.map.panTo([point.lat, point.lon], { animate: !gridsight.quiet() });
  }

  function choices() {
    const all = Object.keys(measure.kinds).filter((name) => !measure.kinds[name].title && (!measure.kinds[name].wanted || measure.kinds[name].wanted()));
    return el("fieldset", { class: "choices measure-kinds" }, [el("legend", { class: "hidden", "data-t": "measure" }, t("measure"))].concat(all.map((name) =>
      el("label", { class: "choice" }, [
        el("input", { type: "radio", name: "measure-kind", value: name, checked: name === state.measure.kind, onchange: () => set({ kind: name, points: state.measure.points.slice(0, measure.kinds[name].most) }) }),
        el("span", { "data-t": "measure_" + name }, t("measure_" + name)),
      ]))));
  }

  function build() {
    typed = el("input", { type: "text", autocomplete: "off", spellcheck: "false", "data-label": "measure_typed", "aria-label": t("measure_typed"), "data-placeholder": "measure_typed", placeholder: t("measure_typed") });
    said = el("p", { class: "measure-fault", role: "alert" });
    form = el("div", { class: "measure-form" });
    result = el("div", { class: "measure-result", role: "status", "aria-live": "polite" });
    card = el("section", { class: "measure", role: "region", "data-label": "measure", "aria-label": t("measure"), hidden: true }, [
      el("div", { class: "measure-head" }, [
        el("h2", { "data-t": "measure" }, t("measure")),
        el("button", { type: "button", class: "measure-close", "data-label": "close", "aria-label": t("close"), title: t("close"), onclick: () => measure.open(false) }, "✕"),
      ]),
      choices(),
      el("form", { class: "measure-row", onsubmit: addTyped }, [typed, gridsight.button("measure_add", null, { type: "submit" })]),
      said,
      el("div", { class: "measure-row" }, [
        gridsight.button("measure_centre", measure.addCentre), gridsight.button("measure_undo", measure.undo), gridsight.button("measure_clear", measure.clear),
      ]),
      form,
      result,
    ]);
    card.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      measure.open(false);
    });
    cross = el("div", { class: "measure-cross", hidden: true, "aria-hidden": "true" });
    document.querySelector(".stage").append(card, cross);
    L.DomEvent.disableClickPropagation(card);
  }

  // What the card is for: of its own tool no other kind is to be chosen.
  function headed(word) {
    const head = card.querySelector("h2");
    head.dataset.t = card.dataset.label = word;
    head.textContent = t(word);
    card.setAttribute("aria-label", t(word));
    card.querySelector("fieldset").hidden = word !== "measure";
  }

  function press() {
    const isOther = state.measure.isOpen && Boolean(kind().title);
    if (kind().title) set({ kind: "length", points: [] });
    measure.open(isOther || !state.measure.isOpen);
  }

  function show() {
    const { isOpen, points } = state.measure;
    card.hidden = !isOpen;
    cross.hidden = !isOpen;
    opener.setAttribute("aria-pressed", String(isOpen && !kind().title));
    gridsight.takePlaces("measure", isOpen);
    card.dataset.kind = state.measure.kind;
    card.querySelectorAll("input[type=radio]").forEach((one) => (one.checked = one.value === state.measure.kind));
    if (!isOpen) return;
    headed(kind().title || "measure");
    said.textContent = "";
    const { least } = kind();
    const needed = kind().form ? state.measure.kind + gridsight.lang() + kind().formOf() : "";
    if (needed !== formOf) gridsight.empty(form).append(...(needed ? kind().form() : []));
    formOf = needed;
    gridsight.empty(result);
    if (points.length < least) result.append(el("p", { class: "measure-note" }, t((points.length ? kind().next : kind().begin) || (points.length ? "measure_next" : "measure_begin"))));
    else result.append(...kind().show(points));
  }

  gridsight.onStart(function () {
    opener = gridsight.addTool("measure", ICON, press);
    build();
    gridsight.watch(["measure", "lang", "run"], show);
    // On a phone the map may be scrolled away.
    gridsight.watch("measure", (now) => now.isOpen && !now.points.length && window.innerWidth <= 760 && window.scrollTo(0, gridsight.map.getContainer().getBoundingClientRect().top + window.scrollY));
  });
})();
