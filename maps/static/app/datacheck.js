// The findings of the check: by rule with counts, the way to mend them, and each on the map.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const state = gridsight.state;
  const t = (key, values) => gridsight.t(key, values);
  const MOST = 100; // findings of a rule that are listed
  const KEYS = 5; // rows of a finding that are outlined
  /** @type {Record<string, any>} */
  const checks = (gridsight.checks = {});
  const set = (patch) => gridsight.update({ checks: Object.assign({}, state.checks, patch) });

  checks.run = async function () {
    set({ busy: true, said: null });
    const answer = await desk.send("GET", "/checks?limit=10000");
    if (answer.ok) return set({ busy: false, answer: answer.data, kind: null, chosen: null });
    return set({ busy: false, said: answer.status === 401 ? { key: "data_signed_out", values: {} } : { key: "data_check_failed", values: { reason: answer.reason } } });
  };

  async function rowsOf(one) {
    const read = (key) => desk.send("GET", "/ogc/collections/" + one.layer + "/items/" + encodeURIComponent(key) + "?f=json");
    const found = await Promise.all(one.keys.slice(0, KEYS).map(read));
    return found.filter((answer) => answer.ok && answer.data && answer.data.geometry).map((answer) => answer.data);
  }

  // Choose one finding: the map goes there; from the map, its rule opens in the list.
  checks.choose = async function (one, fromMap) {
    const kind = state.checks.answer.kinds.find((other) => other.code === one.code && other.layer === one.layer);
    set({ chosen: one, kind });
    if (fromMap && checks.reveal) checks.reveal();
    const features = await rowsOf(one);
    if (state.checks.chosen === one) gridsight.showFinding(one, features);
  };

  function open(kind) {
    gridsight.hideFinding();
    set({ kind: state.checks.kind === kind ? null : kind, chosen: null });
  }

  const named = (one) => one.keys.slice(0, 3).join(t("comma")) + (one.rows > 3 ? " +" + (one.rows - 3) : "");

  function finding(one) {
    return el("li", {}, el("button", { type: "button", class: "data-finding", "aria-current": one === state.checks.chosen ? "true" : null, onclick: () => checks.choose(one) }, [
      el("span", {}, gridsight.own(one.text)), el("small", {}, named(one) + (one.lon === null && !one.keys.length ? " · " + t("data_no_place") : "")),
    ]));
  }

  function details(kind, answer) {
    const mine = answer.findings.filter((one) => one.code === kind.code && one.layer === kind.layer);
    const left = kind.count - Math.min(MOST, mine.length);
    return el("div", { class: "data-kind-body" }, [
      kind.remedy ? el("p", { class: "data-mend" }, t("data_mend", { what: gridsight.own(kind.remedy) })) : null,
      el("ul", { class: "data-findings" }, mine.slice(0, MOST).map(finding)),
      left > 0 ? el("p", { class: "data-note" }, t("data_more", { n: gridsight.count(left) })) : null,
    ]);
  }

  function row(kind, answer) {
    const isOpen = state.checks.kind === kind;
    return el("li", { class: "data-kind " + kind.severity }, [
      el("button", { type: "button", class: "data-kind-head", "aria-expanded": String(isOpen), "data-code": kind.code, onclick: () => open(kind) }, [
        el("span", { class: "data-severity" }, t("data_" + kind.severity)),
        el("span", { class: "data-kind-text" }, [gridsight.own(kind.text), el("small", {}, t("data_check_kind", { layer: gridsight.layerText(kind.layer), n: gridsight.count(kind.count) }))]),
      ]),
      isOpen ? details(kind, answer) : null,
    ]);
  }

  gridsight.checkPanel = function () {
    const button = desk.button("data_check_run", checks.run);
    const status = el("p", { class: "data-note", role: "status" });
    const list = el("ul", { class: "data-kinds", "data-label": "data_check_legend", "aria-label": t("data_check_legend") });
    function show() {
      const { answer, busy, said } = state.checks;
      button.disabled = busy;
      status.textContent = said ? t(said.key, said.values) : busy ? t("data_checking") : !answer ? "" : answer.kinds.length ? t("data_check_counts", answer) : t("data_check_none");
      const held = document.activeElement instanceof HTMLElement && list.contains(document.activeElement) ? Array.from(list.querySelectorAll("button")).indexOf(document.activeElement) : -1;
      gridsight.empty(list).append(...(answer ? answer.kinds.map((kind) => row(kind, answer)) : []));
      const again = held >= 0 && list.querySelectorAll("button")[held];
      if (again) again.focus({ preventScroll: true });
    }
    checks.reveal = function () {
      const current = list.querySelector("[aria-current=true]") || list.querySelector("[aria-expanded=true]");
      if (current) current.scrollIntoView({ block: "nearest" });
    };
    gridsight.watch(["checks", "lang"], show);
    return el("section", { class: "data-check" }, [desk.heading("data_check"), el("div", { class: "data-row" }, [button, status]), list]);
  };

  gridsight.update({ checks: { answer: null, busy: false, said: null, kind: null, chosen: null } });
})();
