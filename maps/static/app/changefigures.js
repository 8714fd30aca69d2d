// Tell what changes do to the figures: the whole area first, then the zones that differ.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const TOTALS = ["sure_share", "possible_share", "sure_m2", "gap_m2", "cameras", "offline"];
  const FEWER = ["gap_m2", "offline"]; // the less, the better
  const MOST_ZONES = 60;

  const text = (name, value) => gridsight.describe.figure(name, value);

  const head = (first) =>
    el("thead", {}, el("tr", {}, [first, "change_before", "change_after", "change_difference"].map((word) => el("th", { scope: "col", "data-t": word }, gridsight.t(word)))));

  function line(title, name, zone) {
    const difference = zone.difference[name];
    const gain = FEWER.indexOf(name) >= 0 ? -difference : difference;
    return el("tr", { class: gain < 0 ? "worse" : gain > 0 ? "better" : null }, [
      el("th", { scope: "row" }, title), el("td", {}, text(name, zone.before[name])), el("td", {}, text(name, zone.after[name])),
      el("td", {}, el("strong", {}, desk.signed(name, difference))),
    ]);
  }

  const differs = (zone) => TOTALS.concat(gridsight.state.figure).some((name) => zone.difference[name]);

  // The zones whose figures differ, those that differ most first.
  function zonesOf(answer) {
    const figure = gridsight.state.figure;
    const size = (one) => Math.abs(one.zone.difference[figure] || 0);
    return Object.keys(answer.zones).filter((layer) => layer !== "all")
      .reduce((all, layer) => all.concat(answer.zones[layer].filter(differs).map((zone) => ({ layer, zone }))), [])
      .sort((a, b) => size(b) - size(a));
  }

  // A zone by its name, once it is known; its code until then.
  function zoneName(layer, code) {
    const name = el("span", {}, code);
    const button = el("button", { type: "button", class: "link", onclick: () => gridsight.select(layer, code, { fly: true }) }, [name, el("small", {}, " " + gridsight.t(layer))]);
    gridsight.source.row(layer, code).then((row) => {
      if (row) name.textContent = gridsight.model.label(row);
    });
    return button;
  }

  const wholeOf = (answer) => (answer.zones.all || [])[0] || null;

  // Tables of an answer of POST /preview.
  gridsight.figuresOf = function (answer) {
    const whole = wholeOf(answer);
    const zones = zonesOf(answer);
    if (!whole && !zones.length) return el("p", { class: "change-note" }, gridsight.t("change_no_difference"));
    const figure = gridsight.state.figure;
    return el("div", { class: "change-figures" }, [
      whole ? el("table", { class: "change-total" }, [
        el("caption", {}, gridsight.t("all")), head("change_figure"),
        el("tbody", {}, TOTALS.filter((name) => name in whole.after).map((name) => line(gridsight.t("col_" + name), name, whole))),
      ]) : null,
      zones.length ? el("table", { class: "change-zones" }, [
        el("caption", {}, gridsight.t("col_" + figure)), head("zone"),
        el("tbody", {}, zones.slice(0, MOST_ZONES).map((one) => line(zoneName(one.layer, one.zone.code), figure, one.zone))),
      ]) : null,
      zones.length > MOST_ZONES ? el("p", { class: "change-note" }, gridsight.t("change_more_zones", { n: zones.length - MOST_ZONES })) : null,
      answer.changed_since.length ? el("p", { class: "change-note" }, gridsight.t("change_newer")) : null,
    ]);
  };

  // The same as one sentence, for who hears it.
  gridsight.sentenceOf = function (answer) {
    const whole = wholeOf(answer);
    if (!whole) return gridsight.t("change_no_difference");
    // Of a county one camera is less than the share shows: the area says it, where the domain has one.
    const name = gridsight.missing(whole.difference.sure_m2) ? "sure_share" : "sure_m2";
    return gridsight.t("change_told", {
      area: gridsight.t("all"), before: text("sure_share", whole.before.sure_share), after: text("sure_share", whole.after.sure_share),
      difference: desk.signed(name, whole.difference[name]), n: zonesOf(answer).length,
    });
  };
})();
