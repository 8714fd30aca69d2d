// Find a zone, a camera, a gap, a point or an address: "/" focuses the field, Enter opens the first match.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);
  const MAX_RESULTS = 12;
  const PAUSE_MS = 150; // between the last key and the question to the server

  let input;
  let results;
  let options = [];
  let active = 0;
  // Counts what was typed: suggestions for an earlier text are not shown. Whether the reader has moved in the list.
  let typed = 0;
  let hasMoved = false;
  let waiting = 0;

  const served = () => gridsight.config.mode === "served";

  // Whole code first, then beginnings, then anything inside.
  function score(row, text) {
    const words = [row.key, gridsight.missing(row.values.name) ? "" : String(row.values.name)].map((word) => word.toLowerCase());
    if (words.indexOf(text) >= 0) return 0;
    if (words.some((word) => word.startsWith(text))) return 1;
    return words.some((word) => word.indexOf(text) >= 0) ? 2 : 9;
  }

  function rows(text) {
    const found = [];
    gridsight.model.zoneLayers().slice().reverse().concat(["cameras"]).forEach((layer, order) => {
      gridsight.model.rows(layer).forEach((row) => {
        const rank = score(row, text);
        if (rank < 9) found.push({ rank: rank * 10 + order, row });
      });
    });
    found.sort((a, b) => a.rank - b.rank || (a.row.key < b.row.key ? -1 : 1));
    return found.slice(0, MAX_RESULTS).map((one) => ({
      name: gridsight.model.label(one.row),
      note: t(one.row.layer === "cameras" ? "camera" : one.row.layer) + " " + one.row.key,
      zone: { layer: one.row.layer, key: one.row.key },
      isWhole: one.rank < 10,
      open: () => {
        if (gridsight.model.isZone(one.row.layer) && one.row.layer !== gridsight.state.zoneLayer) gridsight.colourBy(one.row.layer);
        gridsight.select(one.row.layer, one.row.key, { fly: true });
      },
    }));
  }

  function gap(text) {
    const found = /^(?:#|盲区\s*|gap\s*)(\d+)$/i.exec(text);
    const row = found && gridsight.model.row("gaps", found[1]);
    return row ? [{ name: gridsight.model.label(row), note: describeGap(row), open: () => gridsight.select("gaps", row.key, { fly: true }) }] : [];
  }

  const describeGap = (row) => gridsight.describe.size(row.values) + " " + t("cause_" + row.values.cause);

  function announceResult(text, faults) {
    options = [];
    gridsight.empty(results).append(el("li", { class: "none" }, [el("span", {}, text), gridsight.describe.faults(faults || [])]));
    openList(true);
    gridsight.byId("search-status").textContent = text;
  }

  function openList(shown) {
    results.hidden = !shown;
    input.setAttribute("aria-expanded", String(shown));
    if (!shown) input.removeAttribute("aria-activedescendant");
  }

  // What the page knows itself is shown at once, what the server suggests after a pause in typing.
  function suggest() {
    const text = input.value.trim();
    gridsight.locating.forget();
    stopSuggesting();
    if (!text) return openList(false);
    const mine = gridsight.locating.points(text).concat(gap(text), rows(text.toLowerCase()));
    const last = served() && !gridsight.locating.isPoint(text)
      ? [{ name: t("search_address", { text }), note: t("address"), open: () => gridsight.locating.address(text, text) }] : [];
    hasMoved = false;
    if (gridsight.maySuggest(text)) waiting = window.setTimeout(askSuggestions, PAUSE_MS, text, mine, last, typed);
    if (!mine.length && !last.length) return announceResult(t("search_none"));
    return showOptions(mine.concat(last), t("search_count", { n: mine.length + last.length }));
  }

  async function askSuggestions(text, mine, last, asked) {
    let found = [];
    try {
      found = await gridsight.suggestions(text, gridsight.locating.address, gridsight.locating.goTo);
    } catch (error) {
      return; // the list is as it was: whole addresses are still looked up
    }
    if (asked !== typed || !found.length) return;
    const same = (one, other) => one.zone && other.zone && one.zone.layer === other.zone.layer && one.zone.key === other.zone.key;
    const isFound = (one) => found.some((other) => same(one, other));
    // A code or a name in full is first; what only begins or contains the text comes after what the server found.
    const whole = mine.filter((one) => one.isWhole || !one.zone);
    const others = mine.filter((one) => whole.indexOf(one) < 0 && !isFound(one));
    const further = found.filter((one) => !whole.some((other) => same(one, other)));
    const chosen = hasMoved ? options[active] : null;
    const all = whole.concat(further, others, last);
    showOptions(all, t("search_count", { n: all.length }));
    if (chosen && all.indexOf(chosen) >= 0) {
      active = all.indexOf(chosen);
      highlight();
    }
  }

  function stopSuggesting() {
    typed++;
    window.clearTimeout(waiting);
  }

  function showOptions(found, said) {
    options = found;
    active = 0;
    gridsight.empty(results).append(...options.map((one, index) =>
      el("li", { role: "option", id: "result-" + index, onclick: () => chooseResult(index) }, [el("span", {}, one.name), el("small", {}, one.note)])));
    highlight();
    openList(true);
    gridsight.byId("search-status").textContent = said;
    return undefined;
  }

  function highlight() {
    results.querySelectorAll("[role=option]").forEach((one, index) => {
      one.setAttribute("aria-selected", String(index === active));
      if (index === active) one.scrollIntoView({ block: "nearest" });
    });
    input.setAttribute("aria-activedescendant", "result-" + active);
  }

  function chooseResult(index) {
    const chosen = options[index];
    if (!chosen) return;
    stopSuggesting();
    openList(false);
    chosen.open();
  }

  function keys(event) {
    if (event.key === "Escape") {
      if (!results.hidden) event.preventDefault();
      stopSuggesting();
      return openList(false);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      if (results.hidden) suggest();
      return chooseResult(active);
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || results.hidden || !options.length) return undefined;
    event.preventDefault();
    hasMoved = true;
    active = (active + step + options.length) % options.length;
    return highlight();
  }

  gridsight.resultList = { show: showOptions, say: announceResult, stop: stopSuggesting };

  gridsight.startSearch = function () {
    input = gridsight.byId("search");
    results = gridsight.byId("search-results");
    input.addEventListener("input", suggest);
    input.addEventListener("keydown", keys);
    input.addEventListener("focus", () => input.value.trim() && suggest());
    results.addEventListener("mousedown", (event) => event.preventDefault());
    input.addEventListener("blur", () => {
      stopSuggesting();
      openList(false);
    });
    document.addEventListener("keydown", (event) => {
      const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        input.focus();
        input.select();
      }
    });
  };
})();
