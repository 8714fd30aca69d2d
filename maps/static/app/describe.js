// Describe a row in words and figures: popups, list rows and announcements.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);
  /** @type {Record<string, any>} */
  const describe = (gridsight.describe = {});

  // The name of the grid of a gap, its code where it has none.
  describe.zoneName = (values) => (gridsight.missing(values.grid_name) ? String(values.grid) : values.grid_name);

  // A camera of a gap by its name; by its id where it has none, or the reader may not know it.
  describe.cameraName = (values) => (gridsight.missing(values.camera_name) ? String(values.camera) : values.camera_name);

  // Rule G2: a cause says which camera and how far, or that there is none.
  describe.cause = function (values) {
    if (gridsight.missing(values.camera)) {
      return values.cause === "range" || !values.cause ? t("because_none") : t("cause_" + values.cause);
    }
    return t("because_" + values.cause, {
      camera: describe.cameraName(values),
      obstacle: gridsight.missing(values.obstacle) ? "–" : values.obstacle,
      distance: gridsight.metres(values.distance_m),
    });
  };

  // Runs of before 2026-11-28 say only whether one place of a gap lies in a possible view: its cause is "unknown" then.
  describe.possiblySeen = (values) =>
    gridsight.missing(values.possible_share) ? values.cause === "unknown" : values.possible_share >= 0.5;

  const possibleShare = (values) =>
    gridsight.missing(values.possible_share)
      ? t(describe.possiblySeen(values) ? "yes" : "no")
      : gridsight.share(values.possible_share);

  // Rule G2: the share of each cause, largest first.
  const causeShares = (causes) =>
    Object.keys(causes)
      .sort((a, b) => causes[b] - causes[a])
      .map((cause) => t("cause_" + cause) + " " + gridsight.share(causes[cause]))
      .join(" · ");

  const size = (values) =>
    gridsight.missing(values.area_m2) ? t("col_weight") + " " + gridsight.number(values.weight) : gridsight.area(values.area_m2);

  describe.size = size;

  function figures(pairs) {
    const list = el("dl", { class: "figures" });
    pairs.forEach((pair) => {
      if (pair) list.append(el("dt", {}, pair[0]), el("dd", {}, pair[1]));
    });
    return list;
  }

  function shareBar(sure, possible) {
    const box = el("div", { class: "bar", "aria-hidden": "true" });
    const wide = el("span", { class: "bar-possible" });
    const solid = el("span", { class: "bar-sure" });
    wide.style.width = (possible || 0) * 100 + "%";
    solid.style.width = (sure || 0) * 100 + "%";
    box.append(wide, solid);
    return box;
  }

  Object.assign(describe, { shareBar, figures, heading });

  function heading(title, note) {
    return [el("p", { class: "pop-note" }, note), el("h3", {}, title)];
  }

  describe.figure = function (name, value) {
    if (name.endsWith("_share")) return gridsight.share(value);
    return name.endsWith("_m2") ? gridsight.area(value) : gridsight.number(value);
  };

  function zone(row) {
    const v = row.values;
    return [
      ...heading(gridsight.model.label(row), t(row.layer) + " " + row.key),
      shareBar(v.sure_share, v.possible_share),
      figures(gridsight.config.zonePopup.map((one) =>
        [gridsight.pick(one.text), one.fields.map((name) => describe.figure(name, v[name])).join(" / ")])),
    ];
  }

  function gap(row) {
    const v = row.values;
    return [
      ...heading(gridsight.model.label(row), t("cause_" + v.cause)),
      el("p", { class: "pop-cause" }, describe.cause(v)),
      figures([
        [t("col_area_m2"), gridsight.area(v.area_m2)],
        [t("col_weight"), gridsight.number(v.weight)],
        [t("col_grid"), describe.zoneName(v) + " " + v.grid],
        gridsight.missing(v.causes) ? null : [t("col_causes"), causeShares(v.causes)],
        [t("possibly_seen"), possibleShare(v)],
        [t("place"), gridsight.degrees(v.lon) + ", " + gridsight.degrees(v.lat)],
      ]),
      !gridsight.missing(v.camera) && gridsight.source.offers("cameras")
        ? el("button", { type: "button", class: "link", onclick: () => gridsight.select("cameras", v.camera, { fly: true }) },
            t("camera") + t("colon") + describe.cameraName(v) + (describe.cameraName(v) === String(v.camera) ? "" : " (" + v.camera + ")"))
        : null,
    ];
  }

  // What an answer says it is not sure of: the end of an address that was not read, a place opposite or nearby.
  describe.faults = (faults) =>
    faults.length ? el("ul", { class: "faults" }, faults.map((one) => el("li", {}, gridsight.own(one.text)))) : null;

  // The answer of a look-up: its sentence is made when it is shown, in the language of that moment.
  function place(row) {
    const v = row.values;
    return [
      ...heading(v.name, t("place")),
      el("p", { class: "pop-cause" }, v.text()),
      describe.faults(v.faults),
      figures([[t("place"), gridsight.degrees(v.lon) + ", " + gridsight.degrees(v.lat)]]),
    ];
  }

  describe.popup = function (row) {
    const along = { rounds: gridsight.alongRoads.roundPopup, reach: gridsight.alongRoads.reachPopup };
    const make = { gaps: gap, cameras: gridsight.cameraPopup, place, verdicts: gridsight.verdicts.popup, ...along }[row.layer] || zone;
    return el("div", { class: "pop" }, make(row));
  };
})();
