// List the gaps by rank, linked both ways with the map: a row flies to its gap, a gap shows its row.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);
  const SHOWN = 200;
  const PAUSE_MS = 150; // between the last key and the question to the server

  let list;
  let worst = []; // the first page of all gaps, whatever the filter
  let shown = { total: 0, rows: [] };
  let asked = 0;

  gridsight.worstGaps = () => worst;

  const filterText = () => gridsight.byId("gap-filter").value.trim();

  // One of several zones of a name, to be chosen.
  function candidate(zone) {
    const choose = () => {
      gridsight.byId("gap-filter").value = "";
      gridsight.select(zone.layer, zone.code, { fly: true });
    };
    return el("li", {}, el("button", { type: "button", class: "row", "data-zone": zone.layer + ":" + zone.code, tabindex: -1, onclick: choose }, [
      el("span", { class: "row-name" }, [zone.name, el("small", {}, zone.code)]), el("span", { class: "row-more" }, t(zone.layer)),
    ]));
  }

  function listItem(row) {
    const v = row.values;
    const possible = gridsight.describe.possiblySeen(v) ? el("span", { class: "tag" }, t("possibly_seen")) : null;
    const detail = [t("cause_" + v.cause), gridsight.missing(v.camera) ? null : gridsight.describe.cameraName(v) + " " + gridsight.metres(v.distance_m)];
    const button = el("button", { type: "button", class: "row", "data-key": row.key, tabindex: -1, onclick: () => gridsight.select("gaps", row.key, { fly: true }) }, [
      el("span", { class: "row-rank" }, v.rank),
      el("span", { class: "row-name" }, [gridsight.describe.zoneName(v), el("small", {}, v.grid)]),
      el("span", { class: "row-size" }, gridsight.describe.size(v)),
      el("span", { class: "row-more" }, [detail.filter(Boolean).join(" · "), possible]),
    ]);
    return el("li", {}, button);
  }

  function markSelected() {
    const key = gridsight.selection && gridsight.selection.layer === "gaps" ? gridsight.selection.key : null;
    /** @type {HTMLElement | null} */
    let current = null;
    list.querySelectorAll("button").forEach((button) => {
      const chosen = button.dataset.key === key;
      if (chosen) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      button.tabIndex = -1;
      if (chosen) current = button;
    });
    const reachable = current || list.querySelector("button");
    if (reachable) reachable.tabIndex = 0;
    if (current) current.scrollIntoView({ block: "nearest" });
  }

  const isFiltered = () => Boolean(filterText() || gridsight.byId("gap-cause").value || gridsight.state.scope);

  // Ask for the first gaps of the filter: a text that names one zone gives the gaps of all its grids, as
  // `gridsight gaps --zone` does; any other, what has it.
  async function ask() {
    const request = ++asked;
    const isWhole = !isFiltered();
    list.setAttribute("aria-busy", "true");
    const summary = gridsight.source.summary("gaps");
    if (!summary || !summary.count) return build({ total: 0, rows: [] });
    try {
      const found = await gridsight.source.page("gaps", { text: filterText(), cause: gridsight.byId("gap-cause").value, zone: gridsight.scopeKey(), limit: SHOWN });
      if (isWhole) keepWorst(found.rows);
      if (request === asked) build(found);
    } catch (error) {
      list.setAttribute("aria-busy", "false");
      gridsight.update({ fault: { what: "gaps", reason: error.message } });
    }
    return undefined;
  }

  // The dots on the map are those of the whole area, though a link may narrow the list before they have come.
  function keepWorst(rows) {
    worst = rows;
    gridsight.update({ worst });
  }

  function build(found) {
    shown = found;
    list.setAttribute("aria-busy", "false");
    const summary = gridsight.source.summary("gaps");
    if (found.candidates) {
      gridsight.empty(list).append(...found.candidates.map(candidate));
      gridsight.byId("gap-count").textContent = t("zone_ambiguous", { n: gridsight.count(found.total), text: filterText() });
      return markSelected();
    }
    const rows = found.rows.slice();
    const chosen = gridsight.selection;
    // The row of a gap chosen on the map is always here, whatever its rank and the filter.
    if (chosen && chosen.layer === "gaps" && !rows.some((row) => row.key === chosen.key)) rows.push(chosen);
    gridsight.empty(list).append(...rows.map(listItem));
    if (gridsight.config.mode === "served" && !gridsight.source.allowed("gaps")) {
      gridsight.byId("gap-count").textContent = t(gridsight.config.role === "public" ? "closed_public" : "closed_viewer");
      return undefined;
    }
    gridsight.byId("gap-count").textContent = summary && summary.count
      ? (found.total ? t("gap_ranked") : t("search_none")) + " · " + t("gap_shown", { shown: gridsight.count(rows.length), total: gridsight.count(found.total) })
      : t("gap_none");
    return markSelected();
  }

  function causeFilter() {
    const select = gridsight.byId("gap-cause");
    const kept = select.value;
    const summary = gridsight.source.summary("gaps");
    const counts = (summary && summary.causes) || {};
    const options = gridsight.config.causes.filter((cause) => counts[cause]).map((cause) =>
      el("option", { value: cause }, t("cause_" + cause) + " (" + gridsight.count(counts[cause]) + ")"));
    gridsight.empty(select).append(el("option", { value: "" }, t("all_causes")), ...options);
    select.value = kept;
  }

  function onKeyDown(event) {
    const buttons = Array.from(list.querySelectorAll("button"));
    const index = buttons.indexOf(document.activeElement);
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: buttons.length - 1, PageDown: index + 10, PageUp: index - 10 }[event.key];
    if (to === undefined || !buttons.length) return;
    event.preventDefault();
    const next = buttons[Math.max(0, Math.min(buttons.length - 1, to))];
    buttons.forEach((button) => {
      button.tabIndex = button === next ? 0 : -1;
    });
    next.focus();
  }

  gridsight.onStart(function () {
    list = gridsight.byId("gap-list");
    const askSoon = gridsight.later(ask, gridsight.config.mode === "served" ? PAUSE_MS : 0);
    list.addEventListener("keydown", onKeyDown);
    gridsight.byId("gap-filter").addEventListener("input", () => {
      list.setAttribute("aria-busy", "true");
      askSoon();
    });
    gridsight.byId("gap-cause").addEventListener("change", ask);
    gridsight.watch("scope", ask);
    gridsight.watch("lang", () => {
      causeFilter();
      if (gridsight.state.ready) build(shown);
    });
    gridsight.watch("selection", (row) => {
      if (row && row.layer === "gaps") {
        gridsight.openTab("gaps");
        if (!list.querySelector('button[data-key="' + row.key + '"]')) return build(shown);
      }
      return markSelected();
    });
  });

  // The list is there when the page is ready.
  gridsight.fillGaps = function () {
    causeFilter();
    return ask();
  };
})();
