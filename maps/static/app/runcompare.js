// Choose two runs, or a draft, to compare; fetch what differs, and switch the difference map and the swipe line.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const work = gridsight.work;
  const DRAFT = "draft:";
  const t = (key, values) => gridsight.t(key, values);

  const option = (value, text) => el("option", { value }, text);

  function fill(select, groups, chosen) {
    const kept = select.value || chosen;
    gridsight.empty(select).append(...groups);
    if (kept && [...select.options].some((one) => one.value === kept)) select.value = kept;
  }

  // Sums of the same parts in another order differ in their last digits: that is no change of a zone.
  function withoutNoise(zones) {
    Object.keys(zones).forEach((layer) => zones[layer].forEach((row) => Object.keys(row).forEach((name) => {
      if (typeof row[name] === "number" && Math.abs(row[name]) < (name.endsWith("_share") ? 1e-9 : 1e-6)) row[name] = 0;
    })));
    return zones;
  }

  // On a phone the map is above the panel: what was switched on there is shown.
  const toMap = () => window.matchMedia("(max-width: 760px)").matches && gridsight.map.getContainer().scrollIntoView({ block: "center" });

  // Every figure of B minus A of two runs, with what both say of themselves.
  async function ofRuns(a, b) {
    const paths = [work.path(a, "/compare/" + encodeURIComponent(b)), work.path(a), work.path(b)];
    const answers = await Promise.all(paths.map((path) => desk.send("GET", path)));
    const fault = answers.find((one) => !one.ok);
    if (fault) return { fault };
    const [found, first, second] = answers.map((one) => one.data);
    return {
      found: {
        a: Object.assign({}, work.find(a), first), b: Object.assign({}, work.find(b), second), zones: withoutNoise(found.zones),
        gapsA: found.gaps_only_a || [], gapsB: found.gaps_only_b || [], caution: found.caution, cameras: found.cameras || null,
      },
    };
  }

  // A draft against the data as they are now: only zones in reach of its cameras are told.
  async function ofDraft(id, name) {
    const draft = await desk.send("GET", "/drafts/" + encodeURIComponent(id));
    if (!draft.ok) return { fault: draft };
    const answer = await gridsight.trial.request(draft.data.changes);
    if (!answer.ok) return { fault: answer };
    const zones = {};
    Object.keys(answer.data.zones).forEach((layer) => {
      zones[layer] = answer.data.zones[layer].map((zone) => Object.assign({ code: zone.code }, zone.difference));
    });
    return { found: { a: null, b: null, draft: name, zones: withoutNoise(zones), gapsA: [], gapsB: [], caution: null, cameras: null } };
  }

  gridsight.runCompare = function (tell) {
    const [a, b] = ["a", "b"].map((name) => el("select", { name: "compare-" + name }));
    const button = desk.button("runs_do_compare", compare);
    const mapped = desk.button("runs_map", () => {
      gridsight.update({ difference: gridsight.state.difference ? null : gridsight.state.figure, swipe: null });
      toMap();
    });
    const swiped = desk.button("runs_swipe", () => {
      gridsight.swipe.turn();
      toMap();
    });
    const end = desk.button("runs_end_compare", () => gridsight.update({ compared: null, difference: null, swipe: null }));
    const switches = el("div", { class: "change-row", hidden: true }, [mapped, swiped, end]);
    const results = gridsight.runTables();
    let drafts = [];

    function choices() {
      const { list } = gridsight.state.runs;
      const here = gridsight.model.run ? gridsight.model.run.id : null;
      const other = list.find((run) => run.id !== here);
      const runs = () => list.map((run) => option(run.id, work.nameOf(run) + (run.id === here ? t("comma") + t("runs_shown") : "")));
      fill(a, runs(), other ? other.id : here);
      const group = drafts.length ? [el("optgroup", { label: t("runs_drafts") }, drafts.map((one) => option(DRAFT + one.id, one.name)))] : [];
      fill(b, runs().concat(group), here);
    }

    async function compare() {
      const draft = b.value.indexOf(DRAFT) === 0 ? drafts.find((one) => DRAFT + one.id === b.value) : null;
      if (!draft && a.value === b.value) {
        tell(t("runs_same"));
        return;
      }
      tell(t("runs_comparing"));
      button.disabled = true;
      const { found, fault } = draft ? await ofDraft(draft.id, draft.name) : await ofRuns(a.value, b.value);
      button.disabled = false;
      if (fault) {
        const told = work.refusal(fault);
        tell(told.text, told);
        return;
      }
      // The map follows at once, by the figure that it already showed.
      gridsight.update({ compared: found, difference: gridsight.state.figure, swipe: null });
      tell(results.sentence());
    }

    function show() {
      const { compared, difference, swipe } = gridsight.state;
      switches.hidden = !compared;
      swiped.hidden = !compared || !compared.a;
      mapped.setAttribute("aria-pressed", String(Boolean(difference)));
      swiped.setAttribute("aria-pressed", String(Boolean(swipe)));
    }

    async function refresh() {
      const answer = await desk.send("GET", "/drafts");
      if (answer.ok) drafts = answer.data.drafts;
      choices();
    }

    gridsight.watch(["runs", "lang"], choices);
    gridsight.watch(["compared", "difference", "swipe"], show);
    b.addEventListener("change", () => (a.disabled = b.value.indexOf(DRAFT) === 0));
    const element = el("section", {}, [
      desk.heading("runs_compare"),
      el("div", { class: "change-grid" }, [work.field("runs_a", a), work.field("runs_b", b)]),
      el("div", { class: "change-row" }, [button]), switches, results.element,
    ]);
    return { element, refresh };
  };
})();
