// Start the page: words, map, parts, data; then the indicators and the view in the address.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);

  gridsight.openTab = function (name) {
    document.querySelectorAll("[role=tab]").forEach((tab) => {
      const chosen = tab.id === "tab-" + name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      gridsight.byId(tab.getAttribute("aria-controls")).hidden = !chosen;
    });
    gridsight.update({ tab: name });
  };

  function tabs() {
    const all = Array.from(document.querySelectorAll("[role=tab]"));
    all.forEach((tab, index) => {
      tab.addEventListener("click", () => gridsight.openTab(tab.id.slice(4)));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const next = all[(index + step + all.length) % all.length];
        gridsight.openTab(next.id.slice(4));
        next.focus();
      });
    });
  }

  const wordFor = (prefix, value) => (gridsight.has(prefix + value) ? t(prefix + value) : value || "–");

  function indicatorCard(key, value, note, wide) {
    return el("div", { class: "kpi" + (wide ? " kpi-wide" : "") }, [
      el("dt", {}, t(key)), el("dd", {}, [el("strong", {}, value), note ? el("small", {}, note) : null]),
    ]);
  }

  // docs/rules.md (R): every report shows all levels of the edition; the chosen one is marked.
  function levels(meta) {
    const all = gridsight.model.levels || {};
    const row = Object.keys(all).map((name) => el("span", { "aria-current": name === meta.level ? "true" : null }, [
      el("small", {}, wordFor("level_", name).replace(/ [\d.]+ px\/m$/, "")), gridsight.share(all[name].sure_share),
    ]));
    const note = wordFor("level_", meta.level) + (meta.edition ? " · " + meta.edition : "");
    return el("div", { class: "kpi kpi-wide" }, [el("dt", {}, t("level") + t("colon") + note), el("dd", { class: "levels" }, row)]);
  }

  function indicators() {
    const model = gridsight.model;
    const scope = gridsight.state.scope;
    const totals = scope ? scope.values : model.totals || {};
    const meta = model.meta || {};
    const said = gridsight.source.summary && gridsight.source.summary("gaps");
    const gaps = scope ? gridsight.state.scopeGaps : said ? said.count : null;
    const seen = indicatorCard("kpi_sure", gridsight.share(totals.sure_share), t("kpi_possible") + " " + gridsight.share(totals.possible_share), true);
    seen.append(gridsight.describe.shareBar(totals.sure_share, totals.possible_share));
    gridsight.empty(gridsight.byId("kpis")).append(
      seen,
      indicatorCard("kpi_gaps", gridsight.count(gaps), gridsight.area(totals.gap_m2)),
      indicatorCard("kpi_cameras", gridsight.count(totals.cameras), t("kpi_offline", { n: gridsight.count(totals.offline) })),
      indicatorCard("kpi_domain", gridsight.area(totals.domain_m2), wordFor("domain_", meta.domain)),
      scope ? "" : levels(meta)
    );
    const title = gridsight.lang() === "zh" ? meta.title_zh : meta.title_en;
    if (title) gridsight.byId("title").textContent = document.title = title;
    gridsight.byId("meta").textContent = [
      meta.data_date ? t("data_date") + " " + meta.data_date : null,
      meta.run_id ? t("run") + " " + String(meta.run_id).slice(0, 8) : null,
    ].filter(Boolean).join(" · ");
    gridsight.byId("meta").title = meta.run_id || "";
    if (meta.security && gridsight.lang() === "zh") gridsight.byId("security").textContent = meta.security;
  }

  const runTime = (run) => gridsight.minuteOf(run.created);

  gridsight.runTime = runTime;

  // A run by the name that people gave it, then when it was made and its level; one without a name by its id too.
  function runText(run) {
    const level = run.options && run.options.level ? wordFor("level_", run.options.level) : "";
    return [run.name, runTime(run), level, run.name ? "" : String(run.id).slice(0, 8)].filter(Boolean).join(" · ");
  }

  // Another run is another page, so that its address can be kept.
  function runs() {
    const select = gridsight.byId("run");
    const known = gridsight.model.runs || [];
    if (!select || !gridsight.model.run || known.length < 2) return;
    gridsight.byId("run-box").hidden = false;
    gridsight.empty(select).append(...known.map((run) => el("option", { value: run.id, title: run.note || null }, runText(run))));
    select.value = gridsight.model.run.id;
    select.onchange = () => window.location.assign("?" + new URLSearchParams({ run: select.value }) + window.location.hash);
  }

  // The panel of runs knows the list of now: names are given there, and others analyse meanwhile.
  function newRuns(now) {
    if (!now.list.some((run) => run.id === gridsight.model.run.id)) return;
    gridsight.model.runs = now.list;
    runs();
  }

  // One calm line where the run on the page is not the one that others see, or a newer one is there.
  function runHint() {
    const hint = gridsight.byId("run-hint");
    if (!hint) return;
    const known = gridsight.model.runs || [];
    const shown = gridsight.model.run;
    const published = gridsight.model.publishedRun;
    const find = (id) => known.find((run) => run.id === id);
    const parts = [];
    if (published && published.id && published.id !== shown.id) {
      parts.push([published.standsIn ? "run_default" : "run_published", find(published.id) || { id: published.id }]);
    }
    // Who may try runs out is told of the newest: ids of runs grow with time.
    const newest = gridsight.source.allowed("gaps") ? known.reduce((a, b) => (a && a.id > b.id ? a : b), null) : null;
    if (newest && newest.id > shown.id && newest.id !== (published && published.id)) parts.push(["run_newer", newest]);
    gridsight.empty(hint).append(...parts.map(([key, run]) => el("span", {}, runLink(key, run))));
    hint.hidden = !parts.length;
  }

  function runLink(key, run) {
    const follow = (event) => {
      event.currentTarget.hash = window.location.hash;
    };
    const date = runTime(run) || String(run.id).slice(0, 8);
    return el("a", { href: "?" + new URLSearchParams({ run: run.id }), title: run.id, onclick: follow }, t(key, { date }));
  }

  let said = null; // the sentence over the map, as what gives it in the language of now

  const banner = () => gridsight.byId("banner");

  function showBanner() {
    const { words, ways } = said;
    const text = words ? words() : "";
    banner().removeAttribute("data-t");
    gridsight.empty(banner()).append(text, ...(text ? ways() : []));
    banner().hidden = !text;
  }

  // Say a sentence over the map: what gives it, so that it follows the language, and the ways out of what it tells.
  gridsight.tell = function (words, ways) {
    said = { words, ways: ways || (() => []) };
    showBanner();
  };

  const fail = (words) => gridsight.tell(words, () => [
    el("button", { type: "button", class: "link", onclick: () => window.location.reload() }, t("try_again")),
    el("button", { type: "button", class: "link", onclick: () => gridsight.tell(null) }, t("close")),
  ]);

  // The run of a link may have been deleted since: loading again does not help, the run of now does, at the same view.
  const runIsGone = () => gridsight.tell(() => t("run_gone", { run: gridsight.config.run }), () => [
    el("a", { class: "link", href: window.location.pathname + window.location.hash }, t("run_gone_open")),
  ]);

  gridsight.start = async function (leaflet) {
    // What is the same on every page comes with the scripts, but a page of one file has all of it within.
    gridsight.config = Object.assign({}, window.gridsightFixed, gridsight.embedded("gridsight-config"));
    gridsight.startWords(gridsight.config);
    gridsight.startMap(leaflet);
    gridsight.parts.begins.forEach((begin) => begin());
    tabs();
    gridsight.watch("lang", () => {
      indicators();
      if (gridsight.model.run) runHint();
      runs();
      gridsight.announce("");
      if (said) showBanner();
    });
    gridsight.watch("runs", newRuns);
    gridsight.watch(["run", "scope", "scopeGaps"], indicators);
    gridsight.watch("arrived", (name) => (name === "gaps" || name === "overview") && indicators());
    gridsight.watch("fault", (fault) => fail(() => t("load_failed", { what: wordFor("", fault.what), reason: gridsight.own(fault.reason) })));
    try {
      await gridsight.source.start();
    } catch (error) {
      if (error.isEmpty && gridsight.beginHere) {
        await gridsight.beginHere();
        gridsight.tell(null);
        document.documentElement.dataset.state = "ready";
        return;
      }
      if (error.isGone) runIsGone();
      else fail(() => t("load_failed", { what: t("run"), reason: gridsight.own(error.message) }));
      document.documentElement.dataset.state = "failed";
      return;
    }
    indicators();
    runs();
    runHint();
    gridsight.home();
    gridsight.colourBy(gridsight.model.zoneLayers()[0] || null);
    const list = gridsight.fillGaps();
    const link = gridsight.startPermalink();
    gridsight.update({ ready: true });
    // What the view needs is there: its tiles and the list.
    await Promise.all([list, link, gridsight.painted()]);
    if (banner().dataset.t) gridsight.tell(null);
    document.documentElement.dataset.state = "ready";
  };
})();
