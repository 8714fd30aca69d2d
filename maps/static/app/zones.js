// Show the figures of every zone as a table: sort by any column, filter, choose a row to zoom to it.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);
  const STEP = 200;

  const PAUSE_MS = 150; // between the last key and the question to the server

  const state = { layer: null, column: null, up: true, zone: "" };
  let shown = { total: 0, rows: [] };
  let asked = 0;

  const columns = () => {
    const sample = shown.rows[0];
    const first = gridsight.config.zoneColumns;
    const rest = gridsight.config.zoneFields.filter((name) => first.indexOf(name) < 0 && name !== "code");
    return first.concat(rest).filter((name) => sample && (name in sample.values || name === "name"));
  };

  function cell(row, name) {
    return name === "name" ? gridsight.model.label(row) : gridsight.describe.figure(name, row.values[name]);
  }

  function header(name) {
    const active = name === state.column;
    const sort = () => {
      state.up = active ? !state.up : true;
      state.column = name;
      ask().then(() => {
        const again = document.querySelector('#zone-table th[data-column="' + name + '"] button');
        if (again) again.focus();
      });
    };
    return el("th", { scope: "col", "data-column": name, "aria-sort": active ? (state.up ? "ascending" : "descending") : "none" },
      el("button", { type: "button", onclick: sort }, [t("col_" + name), el("i", { "aria-hidden": "true" }, active ? (state.up ? "▲" : "▼") : "")]));
  }

  function line(row, names) {
    const chosen = gridsight.selection;
    const current = chosen && chosen.layer === row.layer && chosen.key === row.key;
    const open = el("button", { type: "button", class: "cell-link", onclick: () => gridsight.select(row.layer, row.key, { fly: true }) },
      [gridsight.model.label(row), el("small", {}, row.key)]);
    const cells = names.slice(1).map((name) => el("td", {}, cell(row, name)));
    return el("tr", { "data-key": row.key, "aria-current": current ? "true" : null }, [el("th", { scope: "row" }, open), ...cells]);
  }

  // Ask for the rows of the filter from `offset` on: a zone by its name or code, and what it has of this layer; by any
  // other text, what has it.
  async function ask(offset) {
    if (!state.layer) return;
    const request = ++asked;
    gridsight.byId("zone-table").setAttribute("aria-busy", "true");
    const text = gridsight.byId("table-filter").value.trim();
    try {
      const found = await gridsight.source.page(state.layer, { text, sort: state.column, descending: !state.up, zone: state.zone, offset: offset || 0, limit: STEP });
      if (request !== asked) return;
      if (offset) found.rows = shown.rows.concat(found.rows);
      shown = found;
      build();
    } catch (error) {
      gridsight.byId("zone-table").setAttribute("aria-busy", "false");
      gridsight.update({ fault: { what: state.layer, reason: error.message } });
    }
  }

  function build() {
    const table = gridsight.byId("zone-table");
    table.setAttribute("aria-busy", "false");
    const names = columns();
    const rows = shown.rows.slice();
    const chosen = gridsight.selection;
    if (chosen && chosen.layer === state.layer && !rows.some((row) => row.key === chosen.key)) rows.unshift(chosen);
    gridsight.empty(table.tHead).append(el("tr", {}, names.map(header)));
    gridsight.empty(table.tBodies[0]).append(...rows.map((row) => line(row, names)));
    if (shown.total > shown.rows.length) table.tBodies[0].append(more(names.length));
    gridsight.byId("table-count").textContent = t("table_shown", { shown: gridsight.count(rows.length), total: gridsight.count(shown.total) });
    const current = table.querySelector('tr[aria-current="true"]');
    if (current) current.scrollIntoView({ block: "nearest" });
  }

  function more(span) {
    const left = Math.min(STEP, shown.total - shown.rows.length);
    const button = el("button", { type: "button", class: "link", onclick: () => ask(shown.rows.length) }, t("table_more", { n: gridsight.count(left) }));
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
    if (gridsight.state.tab !== "zones" || !gridsight.state.ready) return;
    layers();
    ask();
  });

  gridsight.onStart(function () {
    state.column = gridsight.config.figures[0];
    const filter = gridsight.byId("table-filter");
    const askSoon = gridsight.later(() => ask(), gridsight.config.mode === "served" ? PAUSE_MS : 0);
    gridsight.byId("table-layer").addEventListener("change", (event) => {
      state.layer = event.target.value;
      ask();
    });
    filter.addEventListener("input", () => {
      gridsight.byId("zone-table").setAttribute("aria-busy", "true");
      askSoon();
    });
    const widen = gridsight.byId("widen");
    const setWide = (wide) => {
      gridsight.byId("page").classList.toggle("wide", wide);
      widen.setAttribute("aria-pressed", String(wide));
    };
    widen.addEventListener("click", () => setWide(widen.getAttribute("aria-pressed") !== "true"));
    gridsight.watch("tab", (name) => name !== "zones" && setWide(false));
    gridsight.watch(["lang", "tab", "ready"], refresh);
    gridsight.watch(["zoneLayer", "figure"], () => {
      if (gridsight.state.zoneLayer) state.layer = gridsight.state.zoneLayer;
      refresh();
    });
    // Zones inside the scope; one that was chosen among those shown leaves them as they are.
    gridsight.watch("scope", (scope) => {
      const isShown = scope && scope.layer === state.layer && shown.rows.some((row) => row.key === scope.key);
      if (isShown && gridsight.state.tab === "zones") return;
      state.zone = gridsight.scopeKey();
      refresh();
    });
    gridsight.watch("selection", (row) => {
      if (row && gridsight.model.isZone(row.layer) && row.layer !== state.layer) {
        state.layer = row.layer;
        return refresh();
      }
      if (gridsight.state.tab === "zones" && shown.rows.length) build();
      return undefined;
    });
  });
})();
