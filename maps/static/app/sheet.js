// A wide table over the lower half of the map: sorted, filtered by column, its rows chosen here and on the map.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);
  const { sheet } = gridsight;
  const state = gridsight.state;
  const PAUSE_MS = 250; // between the last key and the question
  const NEAR_END = 300; // pixels above the end at which more is asked for

  const view = { sort: "", descending: false, filters: {}, names: [], kinds: {}, shown: null, total: 0, rows: [], zone: "" };
  const parts = /** @type {Record<string, any>} */ ({});
  let asked = 0;
  let sample = null;
  const set = (patch) => gridsight.update({ sheet: Object.assign({}, state.sheet, patch) });
  const choice = () => ({ sort: view.sort, descending: view.descending, filters: view.filters, zone: view.zone });

  sheet.open = function (layer) {
    const names = sheet.layers();
    const first = layer && names.indexOf(layer) >= 0 ? layer : state.sheet.layer && names.indexOf(state.sheet.layer) >= 0 ? state.sheet.layer : names[0];
    if (!first) return;
    // What was filtered and sorted is found again.
    if (first === state.sheet.layer && view.shown && (state.sheet.several || view.zone === gridsight.scopeKey())) set({ isOpen: true });
    else switchTo(first);
  };

  sheet.close = () => set({ isOpen: false });

  function switchTo(layer) {
    Object.assign(view, { sort: "", descending: false, filters: {}, names: [], kinds: {}, shown: null, total: 0, rows: [], zone: gridsight.scopeKey() });
    sample = null;
    set({ isOpen: true, layer, keys: [] });
    return ask(true);
  }

  async function ask(isNew) {
    const { layer } = state.sheet;
    const request = ++asked;
    parts.table.setAttribute("aria-busy", "true");
    try {
      const found = await sheet.page(layer, Object.assign(choice(), { offset: isNew ? 0 : view.rows.length }));
      if (request !== asked) return;
      Object.assign(view, { total: found.total, rows: isNew ? found.rows : view.rows.concat(found.rows) });
      if (isNew) parts.box.scrollTop = 0;
      if (found.rows.length && !sample) {
        sample = found.rows[0].values;
        view.names = sheet.columns(layer, sample);
        view.names.forEach((name) => (view.kinds[name] = sheet.kindOf(layer, name, found.rows)));
        view.shown = sheet.firstShown(layer, view.names);
        heads();
      }
      body();
    } catch (error) {
      gridsight.update({ fault: { what: sheet.word(layer), reason: error.message } });
    }
    parts.table.setAttribute("aria-busy", "false");
  }

  const askSoon = gridsight.later(() => ask(true), PAUSE_MS);

  function filter(name, value) {
    if (value === null) delete view.filters[name];
    else view.filters[name] = value;
    askSoon();
  }

  function sortBy(name) {
    view.descending = view.sort === name ? !view.descending : false;
    view.sort = name;
    marks();
    ask(true);
  }

  // Which column sorts, told to the eye and to who hears it.
  function marks() {
    parts.table.querySelectorAll("th[data-column]").forEach((one) => {
      const isSort = one.dataset.column === view.sort;
      one.setAttribute("aria-sort", isSort ? (view.descending ? "descending" : "ascending") : "none");
      one.querySelector("i").textContent = isSort ? (view.descending ? "▼" : "▲") : "";
    });
  }

  function heads() {
    const { layer } = state.sheet;
    const names = view.shown || [];
    const titles = names.map((name) => el("th", { scope: "col", "data-column": name, "aria-sort": "none" },
      el("button", { type: "button", onclick: () => sortBy(name) }, [sheet.heading(layer, name), el("i", { "aria-hidden": "true" })])));
    const filters = names.map((name) => el("td", {}, sheet.filterField(layer, name, view.kinds[name], view.rows, filter)));
    gridsight.empty(parts.table.tHead).append(el("tr", {}, titles), el("tr", { class: "sheet-filters" }, filters));
    parts.table.setAttribute("aria-colcount", String(names.length));
    marks();
    chooseColumns();
  }

  function chooseColumns() {
    gridsight.empty(parts.columns).append(...view.names.map((name) => el("label", { class: "choice" }, [
      el("input", { type: "checkbox", checked: view.shown.indexOf(name) >= 0, onchange: (event) => {
        const others = view.shown.filter((one) => one !== name);
        if (!event.target.checked && !others.length) return (event.target.checked = true);
        view.shown = event.target.checked ? view.names.filter((one) => one === name || others.indexOf(one) >= 0) : others;
        Object.keys(view.filters).filter((one) => view.shown.indexOf(one) < 0).forEach((one) => delete view.filters[one]);
        heads();
        return ask(true);
      } }), el("span", {}, sheet.heading(state.sheet.layer, name)),
    ])));
  }

  function line(row, at) {
    const isChosen = state.sheet.keys.indexOf(row.key) >= 0;
    return el("tr", { "data-key": row.key, "aria-selected": String(isChosen), "aria-rowindex": at + 3, tabindex: isChosen || (!state.sheet.keys.length && !at) ? "0" : "-1" },
      view.shown.map((name) => el("td", { role: "gridcell", class: view.kinds[name] === "number" ? "number" : null }, sheet.shown(state.sheet.layer, name, row.values[name]))));
  }

  // The chosen row stands first where it is on no page that is here.
  function body() {
    const chosen = gridsight.selection;
    const rows = view.rows.slice();
    if (chosen && chosen.layer === state.sheet.layer && state.sheet.keys.indexOf(chosen.key) >= 0 && !rows.some((row) => row.key === chosen.key)) rows.unshift(chosen);
    const hadFocus = document.activeElement && parts.table.tBodies[0].contains(document.activeElement) ? document.activeElement.dataset.key : null;
    gridsight.empty(parts.table.tBodies[0]).append(...rows.map(line));
    parts.table.setAttribute("aria-rowcount", String(view.total + 2));
    parts.count.textContent = t("table_shown", { shown: gridsight.count(view.rows.length), total: gridsight.count(view.total) });
    if (hadFocus) focusOn(hadFocus);
  }

  const lineOf = (key) => [...parts.table.tBodies[0].rows].find((one) => one.dataset.key === key);

  function focusOn(key) {
    const found = lineOf(key);
    if (!found) return;
    parts.table.tBodies[0].querySelectorAll("[tabindex='0']").forEach((one) => (one.tabIndex = -1));
    found.tabIndex = 0;
    found.focus({ preventScroll: true });
    found.scrollIntoView({ block: "nearest" });
  }

  const choose = (key, event) => sheet.choose(key, event, [...parts.table.tBodies[0].rows].map((one) => one.dataset.key));

  function key(event) {
    const row = event.target.closest && event.target.closest("tbody tr");
    if (!row) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (!step && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    const rows = [...parts.table.tBodies[0].rows];
    if (!step) return choose(row.dataset.key, event);
    const next = rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(row) + step))];
    if (event.shiftKey) {
      sheet.extendFrom(row.dataset.key);
      choose(next.dataset.key, event);
    }
    focusOn(next.dataset.key);
  }

  async function wanted() {
    const { layer, keys } = state.sheet;
    const rows = await sheet.all(layer, choice());
    return keys.length > 1 ? rows.filter((row) => keys.indexOf(row.key) >= 0) : rows;
  }

  const copy = () => sheet.give(state.sheet.layer, wanted(), (layer, rows) => gridsight.measure.copy(sheet.tsv(layer, view.shown || [], rows)));

  const download = () => sheet.give(state.sheet.layer, sheet.all(state.sheet.layer, choice()), (layer, rows) => sheet.save(sheet.word(layer) + ".csv", sheet.csv(layer, view.shown || [], rows)));

  function clear() {
    view.filters = {};
    heads();
    ask(true);
  }

  function build() {
    const button = gridsight.button;
    parts.layer = el("select", { "data-label": "sheet_list", "aria-label": t("sheet_list"), onchange: (event) => switchTo(event.target.value) });
    parts.count = el("span", { class: "sheet-count", role: "status", "aria-live": "polite" });
    parts.columns = el("div", { class: "sheet-columns" });
    parts.table = el("table", { role: "grid", "aria-multiselectable": "true", "data-label": "sheet", "aria-label": t("sheet") }, [el("thead"), el("tbody")]);
    parts.box = el("div", { class: "sheet-box" }, parts.table);
    parts.whole = el("section", { class: "sheet", role: "region", "data-label": "sheet", "aria-label": t("sheet"), hidden: true }, [
      el("div", { class: "sheet-head" }, [
        parts.layer, parts.count,
        el("details", { class: "sheet-choose" }, [el("summary", { class: "button", "data-t": "sheet_columns" }, t("sheet_columns")), parts.columns]),
        sheet.severalSwitch(), button("sheet_clear", clear), button("sheet_copy", copy), button("sheet_download", download),
        el("button", { type: "button", class: "measure-close", "data-label": "close", "aria-label": t("close"), title: t("close"), onclick: sheet.close }, "✕"),
      ]),
      parts.box,
    ]);
    parts.table.tBodies[0].addEventListener("click", (event) => {
      const row = event.target.closest("tr");
      if (!row) return;
      choose(row.dataset.key, event);
      focusOn(row.dataset.key);
    });
    parts.table.addEventListener("keydown", key);
    parts.box.addEventListener("scroll", () => {
      const isEnd = parts.box.scrollTop + parts.box.clientHeight > parts.box.scrollHeight - NEAR_END;
      if (isEnd && view.rows.length < view.total && parts.table.getAttribute("aria-busy") !== "true") ask(false);
    });
    document.querySelector(".stage").append(parts.whole);
  }

  sheet.begin = function () {
    build();
    gridsight.watch("sheet", (now) => {
      parts.whole.hidden = !now.isOpen;
      document.querySelector(".stage").classList.toggle("with-sheet", now.isOpen);
      if (!now.isOpen) return;
      gridsight.empty(parts.layer).append(...sheet.layers().map((name) => el("option", { value: name, selected: name === now.layer }, sheet.word(name))));
      body();
    });
    gridsight.watch("lang", () => {
      if (!state.sheet.isOpen || !view.shown) return;
      set({});
      view.filters = {};
      heads();
      ask(true);
    });
    gridsight.watch("selection", (row) => {
      if (!(state.sheet.isOpen || state.sheet.several) || !row || row.layer !== state.sheet.layer) return;
      sheet.chosenOnMap(row);
      const found = lineOf(row.key);
      if (found) found.scrollIntoView({ block: "nearest" });
    });
    // Rows of the scope; a zone that was chosen among those shown leaves them as they are.
    gridsight.watch("scope", (scope) => {
      const isShown = scope && scope.layer === state.sheet.layer && (state.sheet.several || view.rows.some((row) => row.key === scope.key));
      if (!state.sheet.isOpen || isShown) return;
      view.zone = gridsight.scopeKey();
      ask(true);
    });
  };
})();
