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
  let finding = Promise.resolve(); // rows for the text typed last

  const served = () => gridsight.config.mode === "served";

  // Zones and cameras of the run, by code or name.
  const optionOf = (one) => ({
    name: gridsight.missing(one.name) ? one.key : String(one.name),
    note: t(one.layer === "cameras" ? "camera" : one.layer) + " " + one.key,
    zone: { layer: one.layer, key: one.key },
    isWhole: one.is_whole,
    open: () => {
      if (gridsight.model.isZone(one.layer) && one.layer !== gridsight.state.zoneLayer) gridsight.colourBy(one.layer);
      gridsight.select(one.layer, one.key, { fly: true });
    },
  });

  async function gap(text) {
    const found = /^(?:#|盲区\s*|gap\s*)(\d+)$/i.exec(text);
    const row = found && gridsight.source.summary("gaps") ? await gridsight.source.row("gaps", found[1]) : null;
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

  // Points are shown at once, rows of the run when they are found, what the server suggests after a pause in typing.
  function suggest() {
    const text = input.value.trim();
    gridsight.locating.forget();
    stopSuggesting();
    if (!text) return openList(false);
    const mine = gridsight.locating.points(text);
    const last = served() && !gridsight.locating.isPoint(text)
      ? [{ name: t("search_address", { text }), note: t("address"), open: () => gridsight.locating.address(text, text) }] : [];
    hasMoved = false;
    results.setAttribute("aria-busy", "true");
    if (mine.length || last.length) showOptions(mine.concat(last), t("search_count", { n: mine.length + last.length }));
    finding = findRows(text, mine, last, typed);
    return undefined;
  }

  async function findRows(text, mine, last, asked) {
    if (served()) await new Promise((done) => window.setTimeout(done, PAUSE_MS));
    if (asked !== typed) return;
    let found = mine;
    try {
      const [gaps, rows] = await Promise.all([gap(text), gridsight.source.find(text, MAX_RESULTS)]);
      found = mine.concat(gaps, rows.map(optionOf));
    } catch (error) {
      gridsight.update({ fault: { what: t("search"), reason: error.message } });
    }
    if (asked !== typed) return;
    results.setAttribute("aria-busy", "false");
    if (!found.length && !last.length) announceResult(t("search_none"));
    else showAll(found.concat(last));
    if (gridsight.maySuggest(text)) askSuggestions(text, found, last, asked);
  }

  // A longer list, in which what the reader has moved to stays chosen.
  function showAll(all) {
    const chosen = hasMoved ? options[active] : null;
    showOptions(all, t("search_count", { n: all.length }));
    if (chosen && all.indexOf(chosen) >= 0) {
      active = all.indexOf(chosen);
      highlight();
    }
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
    showAll(whole.concat(further, others, last));
  }

  function stopSuggesting() {
    typed++;
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
      // The first match is opened, not what was first before there were any.
      return hasMoved ? chooseResult(active) : finding.then(() => chooseResult(active));
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || results.hidden || !options.length) return undefined;
    event.preventDefault();
    hasMoved = true;
    active = (active + step + options.length) % options.length;
    return highlight();
  }

  gridsight.resultList = { show: showOptions, say: announceResult, stop: stopSuggesting };

  gridsight.onStart(function () {
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
  });
})();
