// Show the figures of every zone as a table: sort by any column, filter, choose a row to zoom to it.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);
  const STEP = 200;

  const state = { layer: null, column: null, up: true, limit: STEP };

  const columns = () => {
    const sample = gridsight.model.rows(state.layer)[0];
    const first = gridsight.config.zoneColumns;
    const rest = gridsight.config.zoneFields.filter((name) => first.indexOf(name) < 0 && name !== "code");
    return first.concat(rest).filter((name) => sample && (name in sample.values || name === "name"));
  };

  function cell(row, name) {
    return name === "name" ? gridsight.model.label(row) : gridsight.describe.figure(name, row.values[name]);
  }

  // Numbers by size, names by their writing, nothing always last.
  function order(a, b) {
    const x = state.column === "name" ? gridsight.model.label(a) : a.values[state.column];
    const y = state.column === "name" ? gridsight.model.label(b) : b.values[state.column];
    if (gridsight.missing(x) || gridsight.missing(y)) return gridsight.missing(x) - gridsight.missing(y);
    const way = typeof x === "number" ? x - y : String(x).localeCompare(String(y), "zh-CN", { numeric: true });
    return (state.up ? way : -way) || (a.key < b.key ? -1 : 1);
  }

  function header(name) {
    const active = name === state.column;
    const sort = () => {
      state.up = active ? !state.up : true;
      state.column = name;
      build();
      const again = document.querySelector('#zone-table th[data-column="' + name + '"] button');
      if (again) again.focus();
    };
    return el("th", { scope: "col", "data-column": name, "aria-sort": active ? (state.up ? "ascending" : "descending") : "none" },
      el("button", { type: "button", onclick: sort }, [t("col_" + name), el("i", { "aria-hidden": "true" }, active ? (state.up ? "▲" : "▼") : "")]));
  }

  function line(row, names) {
    const current = gridsight.selection === row;
    const open = el("button", { type: "button", class: "cell-link", onclick: () => gridsight.select(row.layer, row.key, { fly: true }) },
      [gridsight.model.label(row), el("small", {}, row.key)]);
    const cells = names.slice(1).map((name) => el("td", {}, cell(row, name)));
    return el("tr", { "data-key": row.key, "aria-current": current ? "true" : null }, [el("th", { scope: "row" }, open), ...cells]);
  }

  function build() {
    if (!state.layer) return;
    const table = gridsight.byId("zone-table");
    const text = gridsight.byId("table-filter").value.trim();
    const named = gridsight.zoneNames.named(text);
    // A zone by its name or code, and what it has of this layer; any other text, what has it.
    const wanted = gridsight.zoneNames.hasZone(named.length ? named : text ? gridsight.zoneNames.containing(text) : []);
    const rows = gridsight.model.rows(state.layer).filter((row) => !text || wanted(row));
    const names = columns();
    const sorted = rows.slice().sort(order);
    const shown = sorted.slice(0, state.limit);
    const chosen = gridsight.selection;
    if (chosen && chosen.layer === state.layer && shown.indexOf(chosen) < 0) shown.unshift(chosen);
    gridsight.empty(table.tHead).append(el("tr", {}, names.map(header)));
    gridsight.empty(table.tBodies[0]).append(...shown.map((row) => line(row, names)));
    if (sorted.length > state.limit) table.tBodies[0].append(more(names.length, sorted.length));
    gridsight.byId("table-count").textContent = t("table_shown", { shown: gridsight.count(shown.length), total: gridsight.count(rows.length) });
  }

  function more(span, total) {
    const button = el("button", { type: "button", class: "link", onclick: () => {
      state.limit += STEP;
      build();
    } }, t("table_more", { n: gridsight.count(Math.min(STEP, total - state.limit)) }));
    return el("tr", {}, el("td", { colspan: span, class: "more" }, button));
  }

  function layers() {
    const select = gridsight.byId("table-layer");
    const names = gridsight.model.zoneLayers();
    gridsight.empty(select).append(...names.map((name) => el("option", { value: name }, t(name))));
    if (names.indexOf(state.layer) < 0) state.layer = names[0] || null;
    if (state.layer) select.value = state.layer;
  }

  // A hidden table is not made; opening its tab makes it.
  const refresh = gridsight.coalesce(() => {
    if (gridsight.state.tab !== "zones") return;
    layers();
    build();
  });

  gridsight.startZones = function () {
    state.column = gridsight.config.figures[0];
    gridsight.byId("table-layer").addEventListener("change", (event) => {
      state.layer = event.target.value;
      state.limit = STEP;
      build();
    });
    gridsight.byId("table-filter").addEventListener("input", build);
    const widen = gridsight.byId("widen");
    widen.addEventListener("click", () => {
      const wide = gridsight.byId("page").classList.toggle("wide");
      widen.setAttribute("aria-pressed", String(wide));
    });
    gridsight.watch("arrived", (name) => gridsight.model.isZone(name) && refresh());
    gridsight.watch(["lang", "zones", "tab"], refresh);
    gridsight.watch(["zoneLayer", "figure"], () => {
      if (gridsight.state.zoneLayer) state.layer = gridsight.state.zoneLayer;
      refresh();
    });
    gridsight.watch("selection", (row) => {
      if (row && gridsight.model.isZone(row.layer) && row.layer !== state.layer) {
        state.layer = row.layer;
        state.limit = STEP;
      }
      if (gridsight.state.tab !== "zones") return;
      layers();
      build();
      const current = document.querySelector('#zone-table tr[aria-current="true"]');
      if (current) current.scrollIntoView({ block: "nearest" });
    });
  };
})();
