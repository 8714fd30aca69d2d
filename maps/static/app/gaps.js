// List the gaps by rank, linked both ways with the map: a row flies to its gap, a gap shows its row.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);
  const SHOWN = 200;

  let list;

  const filterText = () => gridsight.byId("gap-filter").value.trim();

  // A text that names one zone gives the gaps of all its grids, as `gridsight gaps --zone` does; any other, what has it.
  function filteredGaps(named) {
    const text = filterText().toLowerCase();
    const inZone = gridsight.zoneNames.hasGap(named.length ? named : text ? gridsight.zoneNames.containing(text) : []);
    const cause = gridsight.byId("gap-cause").value;
    return gridsight.model.rows("gaps").filter((row) => {
      const v = row.values;
      if (cause && v.cause !== cause) return false;
      if (!text) return true;
      if (inZone(v)) return true;
      if (named.length) return false;
      const words = [v.rank, v.grid, v.camera, v.obstacle, t("cause_" + v.cause), gridsight.describe.zoneName(v.grid)];
      return words.some((word) => !gridsight.missing(word) && String(word).toLowerCase().indexOf(text) >= 0);
    });
  }

  // One of several zones of a name, to be chosen.
  function candidate(zone) {
    const choose = () => {
      gridsight.byId("gap-filter").value = zone.layer + ":" + zone.code;
      build();
    };
    return el("li", {}, el("button", { type: "button", class: "row", "data-zone": zone.layer + ":" + zone.code, tabindex: -1, onclick: choose }, [
      el("span", { class: "row-name" }, [zone.name, el("small", {}, zone.code)]), el("span", { class: "row-more" }, t(zone.layer)),
    ]));
  }

  function listItem(row) {
    const v = row.values;
    const possible = gridsight.describe.possiblySeen(v) ? el("span", { class: "tag" }, t("possibly_seen")) : null;
    const detail = [t("cause_" + v.cause), gridsight.missing(v.camera) ? null : v.camera + " " + gridsight.metres(v.distance_m)];
    const button = el("button", { type: "button", class: "row", "data-key": row.key, tabindex: -1, onclick: () => gridsight.select("gaps", row.key, { fly: true }) }, [
      el("span", { class: "row-rank" }, v.rank),
      el("span", { class: "row-name" }, [gridsight.describe.zoneName(v.grid), el("small", {}, v.grid)]),
      el("span", { class: "row-size" }, gridsight.describe.size(v)),
      el("span", { class: "row-more" }, [detail.filter(Boolean).join(" · "), possible]),
    ]);
    return el("li", {}, button);
  }

  function markSelected() {
    const key = gridsight.selection && gridsight.selection.layer === "gaps" ? gridsight.selection.key : null;
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

  function build() {
    const named = gridsight.zoneNames.named(filterText());
    if (named.length > 1 && gridsight.model.rows("gaps").length) {
      gridsight.empty(list).append(...named.map(candidate));
      gridsight.byId("gap-count").textContent = t("zone_ambiguous", { n: gridsight.count(named.length), text: filterText() });
      return markSelected();
    }
    const rows = filteredGaps(named);
    const shown = rows.slice(0, SHOWN);
    const chosen = gridsight.selection;
    // The row of a gap chosen on the map is always here, whatever its rank and the filter.
    if (chosen && chosen.layer === "gaps" && shown.indexOf(chosen) < 0) shown.push(chosen);
    gridsight.empty(list).append(...shown.map(listItem));
    if (gridsight.config.mode === "served" && !gridsight.source.allowed("gaps")) {
      gridsight.byId("gap-count").textContent = t(gridsight.config.role === "public" ? "closed_public" : "closed_viewer");
      return undefined;
    }
    gridsight.byId("gap-count").textContent = gridsight.model.rows("gaps").length
      ? (rows.length ? t("gap_ranked") : t("search_none")) + " · " + t("gap_shown", { shown: gridsight.count(shown.length), total: gridsight.count(rows.length) })
      : t("gap_none");
    return markSelected();
  }

  function causeFilter() {
    const select = gridsight.byId("gap-cause");
    const kept = select.value;
    const counts = {};
    gridsight.model.rows("gaps").forEach((row) => {
      counts[row.values.cause] = (counts[row.values.cause] || 0) + 1;
    });
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

  gridsight.startGaps = function () {
    list = gridsight.byId("gap-list");
    const refresh = gridsight.coalesce(() => {
      causeFilter();
      build();
    });
    list.addEventListener("keydown", onKeyDown);
    gridsight.byId("gap-filter").addEventListener("input", build);
    gridsight.byId("gap-cause").addEventListener("change", build);
    gridsight.watch("arrived", (name) => {
      if (name === "gaps" || name === "grids") refresh();
    });
    gridsight.watch("lang", refresh);
    gridsight.watch("zones", () => filterText() && refresh());
    gridsight.watch("selection", (row) => {
      if (row && row.layer === "gaps") {
        gridsight.openTab("gaps");
        if (!list.querySelector('button[data-key="' + row.key + '"]')) return build();
      }
      return markSelected();
    });
  };
})();
