// Tell how two runs differ: every figure by zone, gaps that only one has, and what changed in the inputs.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const work = gridsight.work;
  const STEP = 100;
  const MOST_GAPS = 50;
  const t = (key, values) => gridsight.t(key, values);

  const figuresOf = (rows) => Object.keys(rows[0] || {}).filter((name) => ["code", "name", "zone"].indexOf(name) < 0 && gridsight.has("col_" + name));
  const differs = (row, names) => names.some((name) => row[name]);
  const fullName = (name) => (gridsight.has("figure_" + name) ? t("figure_" + name) : t("col_" + name));

  function zoneTable(compared, layer, figure, most, more) {
    const rows = compared.zones[layer] || [];
    const known = figuresOf(rows);
    // The figure by which they are sorted comes first: it need not be looked for.
    const names = known.filter((name) => name === figure).concat(known.filter((name) => name !== figure));
    const sorted = rows.filter((row) => differs(row, names)).sort((x, y) => Math.abs(y[figure] || 0) - Math.abs(x[figure] || 0));
    const header = (name) => el("th", { scope: "col", "aria-sort": name === figure ? "descending" : "none" },
      el("button", { type: "button", title: fullName(name), onclick: () => gridsight.update({ difference: name, swipe: null }) }, [t("col_" + name), el("i", { "aria-hidden": "true" }, name === figure ? "▼" : "")]));
    const title = (row) => (layer === "all" ? t("all") : el("button", { type: "button", class: "cell-link", onclick: () => gridsight.select(layer, row.code, { fly: true }) }, [row.name || row.code, el("small", {}, row.name ? row.code : "")]));
    const line = (row) => el("tr", {}, [el("th", { scope: "row" }, title(row)), ...names.map((name) => el("td", {}, desk.signed(name, row[name])))]);
    const table = el("table", { class: "run-differences" }, [
      el("thead", {}, el("tr", {}, [el("th", { scope: "col" }, t("zone"))].concat(names.map(header)))), el("tbody", {}, sorted.slice(0, most).map(line)),
    ]);
    const equal = rows.length - sorted.length;
    return [
      el("p", { class: "change-note" }, t("runs_sorted", { figure: fullName(figure) })),
      sorted.length ? el("div", { class: "run-table", tabindex: "0", role: "region", "aria-label": t("runs_differences") }, table) : el("p", {}, t("change_no_difference")),
      sorted.length > most ? el("button", { type: "button", class: "link", onclick: more }, t("runs_more_zones", { n: gridsight.count(Math.min(STEP, sorted.length - most)) })) : null,
      equal ? el("p", { class: "change-note" }, t("runs_equal_zones", { n: gridsight.count(equal) })) : null,
    ].filter(Boolean);
  }

  // Gaps that only one of them has, the largest first; a press shows where.
  function gapList(key, gaps) {
    const sorted = gaps.slice().sort((x, y) => (y.weight || 0) - (x.weight || 0));
    const item = (one) => el("li", {}, el("button", { type: "button", class: "link", onclick: () => gridsight.map.setView([one.lat, one.lon], 17, { animate: !gridsight.quiet() }) },
      [one.grid_name || one.grid || t("gap"), " · ", gridsight.describe.size({ area_m2: one.area_m2, weight: one.weight }), " · ", t("cause_" + one.cause)]));
    return el("details", { class: "change-details" }, [
      el("summary", {}, t(key) + t("colon") + gridsight.count(gaps.length)),
      gaps.length > MOST_GAPS ? el("p", { class: "change-note" }, t("runs_gaps_most", { n: MOST_GAPS })) : null,
      el("ul", { class: "run-gaps" }, sorted.slice(0, MOST_GAPS).map(item)),
    ]);
  }

  const word = (prefix, name) => (gridsight.has(prefix + name) ? t(prefix + name) : gridsight.missing(name) ? "–" : String(name));

  // What the analyses were told and what they read, as far as both runs keep it.
  function inputRows(a, b) {
    const rows = [];
    const add = (title, one, other) => one !== other && rows.push([title, one, other]);
    add(t("data_date"), a.data_date || "–", b.data_date || "–");
    add(t("level"), word("level_", a.level), word("level_", b.level));
    add(t("edition"), word("", a.edition), word("", b.edition));
    add(t("domain"), word("domain_", a.domain), word("domain_", b.domain));
    add(t("runs_target_height"), gridsight.number(a.target_height), gridsight.number(b.target_height));
    const zones = (run) => Object.keys(run.zones || {}).map((name) => word("", name)).join(t("comma"));
    add(t("zone"), zones(a), zones(b));
    const names = Object.keys(Object.assign({}, a.inputs, b.inputs));
    const revision = (run, name) => (run.revisions || {})[name];
    names.forEach((name) => {
      const [one, other] = [a, b].map((run) => gridsight.count((run.inputs || {})[name] || 0));
      const isEdited = !gridsight.missing(revision(a, name)) && !gridsight.missing(revision(b, name)) && revision(a, name) !== revision(b, name);
      add(word("", name), one, isEdited ? t("runs_edited", { n: other }) : other);
    });
    ["online", "offline", "planned", "unknown"].forEach((status) => {
      const [one, other] = [a, b].map((run) => gridsight.count((run.cameras || {})[status]));
      add(t("cameras") + t("colon") + t(status === "unknown" ? "status_unknown" : status), one, other);
    });
    return rows;
  }

  function inputs(compared) {
    if (!compared.a) return [el("h3", {}, t("runs_inputs")), el("p", { class: "change-note" }, t("runs_draft_limits"))];
    const rows = inputRows(compared.a, compared.b);
    const head = [t("runs_input"), "A", "B"].map((text) => el("th", { scope: "col" }, text));
    return [
      el("h3", {}, t("runs_inputs")),
      rows.length
        ? el("table", { class: "run-inputs" }, [el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows.map(([title, one, other]) => el("tr", {}, [el("th", { scope: "row" }, title), el("td", {}, one), el("td", {}, other)])))])
        : el("p", {}, t("runs_inputs_same")),
      compared.cameras ? el("p", { class: "run-cameras" }, t("runs_cameras", compared.cameras)) : null,
      el("p", { class: "change-note" }, t("runs_not_known")),
    ];
  }

  gridsight.runTables = function () {
    const element = el("div", { class: "run-results", hidden: true });
    let most = STEP;
    let layer = null;

    // The layer that colours the map where both have it, else the coarsest of theirs.
    function layersOf(compared) {
      const names = Object.keys(compared.zones).filter((name) => name === "all" || gridsight.config.zoneLayers.indexOf(name) >= 0);
      if (names.indexOf(layer) < 0) layer = names.indexOf(gridsight.state.zoneLayer) >= 0 ? gridsight.state.zoneLayer : names[0];
      return names;
    }

    function show() {
      const { compared } = gridsight.state;
      element.hidden = !compared;
      gridsight.empty(element);
      if (!compared) return;
      const names = layersOf(compared);
      const select = el("select", { "aria-label": t("zone_layer"), onchange: () => {
        layer = select.value;
        most = STEP;
        if (layer !== "all") gridsight.colourBy(layer);
        show();
      } }, names.map((name) => el("option", { value: name }, t(name))));
      select.value = layer;
      const figure = gridsight.state.difference || gridsight.state.figure;
      const parts = zoneTable(compared, layer, figure, most, () => {
        most += STEP;
        show();
      });
      const title = compared.a ? ["A", work.nameOf(compared.a), "→", "B", work.nameOf(compared.b)].join(" ") : t("runs_now") + " → " + compared.draft;
      element.append(el("h3", {}, t("runs_differences")), el("p", { class: "change-note" }, title));
      if (compared.caution) element.append(el("p", { class: "change-fault" }, gridsight.own(compared.caution)));
      element.append(select, ...parts);
      if (compared.a) element.append(gapList("runs_gaps_a", compared.gapsA), gapList("runs_gaps_b", compared.gapsB));
      element.append(...inputs(compared).filter(Boolean));
    }

    // The whole in one sentence, for who hears it.
    function sentence() {
      const { compared } = gridsight.state;
      const whole = (compared.zones.all || [])[0] || {};
      const rows = compared.zones[layer] || [];
      const n = rows.filter((row) => differs(row, figuresOf(rows))).length;
      return t("runs_compared", { area: t("all"), difference: desk.signed("sure_share", whole.sure_share), n: gridsight.count(n) });
    }

    const soon = gridsight.coalesce(show);
    gridsight.watch("compared", () => {
      most = STEP;
      layer = null;
      show();
    });
    gridsight.watch(["difference", "lang"], soon);
    return { element, sentence };
  };
})();
