// The panel in which cameras are changed: form, list of changes, figures, saving, drafts, outage; for those who may.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const changes = gridsight.changes;
  const state = gridsight.state;
  const t = (key, values) => gridsight.t(key, values);

  // A change as a line: what it does, field by field.
  function told(item) {
    if (item.kind === "outage") return t("change_is_outage");
    if (item.kind === "removed") return t("change_is_removed");
    const stored = changes.known.get(item.id);
    const before = stored ? stored.feature.properties : {};
    const parts = item.kind === "added" ? [t("change_is_added")] : [];
    if (item.geometry && stored) {
      const [lon, lat] = stored.feature.geometry.coordinates;
      const metres = L.latLng(lat, lon).distanceTo([item.geometry.coordinates[1], item.geometry.coordinates[0]]);
      parts.push(t("change_moved", { metres: gridsight.metres(metres) }));
    }
    Object.keys(item.properties || {}).forEach((name) =>
      parts.push(t("change_turned", { field: desk.fieldText(name), before: desk.valueText(name, before[name]), after: desk.valueText(name, item.properties[name]) })));
    return parts.join(t("comma"));
  }

  function open(item) {
    if (item.kind === "outage") return;
    gridsight.update({ editing: item.id });
    const camera = changes.camera(item.id);
    if (camera) gridsight.map.panTo([camera.lat, camera.lon], { animate: !gridsight.quiet() });
  }

  function listOfChanges() {
    const list = el("ol", { class: "change-list", "data-label": "change_list", "aria-label": t("change_list") });
    const count = el("p", { class: "change-note" });
    const show = function () {
      const items = state.edits.list;
      count.textContent = items.length ? t("change_count", { n: items.length }) : t("change_empty");
      gridsight.empty(list).append(...items.map((item) => {
        const name = changes.nameOf(item.id);
        return el("li", { "aria-current": item.id === state.editing ? "true" : null }, [
          el("button", { type: "button", class: "link", "aria-label": t("change_open_one", { what: name }), onclick: () => open(item) }, name),
          el("small", {}, told(item)),
          desk.smallButton("change_discard", t("change_discard_one", { what: name }), () => changes.drop(item)),
        ]);
      }));
    };
    gridsight.watch(["edits", "editing", "lang"], gridsight.coalesce(show));
    show();
    return el("section", {}, [desk.heading("change_list"), count, list]);
  }

  // What the trial says: spoken when nothing is being dragged, and drawn as tables at once.
  function figures(tell) {
    const box = el("div", {});
    const show = function () {
      const { answer, busy, fault } = state.trial;
      gridsight.empty(box);
      if (answer) box.append(gridsight.figuresOf(answer));
      if (fault) tell(fault.text, fault);
      else if (busy) tell(gridsight.has(busy) ? t(busy) : busy);
      else if (!answer) tell("");
      else if (!state.edits.live && !gridsight.trial.isWaiting()) tell(gridsight.sentenceOf(answer));
    };
    const shown = gridsight.coalesce(show);
    gridsight.watch(["trial", "figure", "lang"], shown);
    // What is dragged is told when it is let go, which may be after its answer.
    gridsight.watch("edits", () => state.edits.live || shown());
    return el("section", {}, [desk.heading("change_figures"), box]);
  }

  function addButtons() {
    const centre = desk.button("change_at_centre", () => gridsight.changeMap.placeAt(gridsight.map.getCenter()), { hidden: true });
    const note = el("p", { class: "change-note", role: "status" });
    const place = (properties) => () => gridsight.changeMap.place(properties);
    gridsight.changeMap.told = (isPlacing) => {
      centre.hidden = !isPlacing;
      note.textContent = isPlacing ? t("change_placing") : "";
    };
    return el("section", {}, [
      el("div", { class: "change-row" }, [desk.button("change_add", place({})), desk.button("change_plan", place({ status: "planned" })), centre]), note,
    ]);
  }

  function listButtons(saving) {
    const undo = desk.button("change_undo", changes.undo);
    const redo = desk.button("change_redo", changes.redo);
    const save = desk.button("change_save", saving.save, { class: "button primary" });
    const discard = desk.button("change_discard_all", changes.clear);
    const show = function () {
      const { list, past, future } = state.edits;
      undo.disabled = !past.length;
      redo.disabled = !future.length;
      discard.disabled = !list.length;
      save.disabled = !list.some((one) => one.kind !== "outage");
    };
    gridsight.watch("edits", show);
    show();
    return el("div", { class: "change-row change-bar" }, [undo, redo, save, discard]);
  }

  // Ctrl+Z, Ctrl+Y and Ctrl+Shift+Z while the panel is open; fields that are typed in keep their own.
  function keys(event) {
    if (state.tab !== "change" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    const typing = /^(TEXTAREA)$/.test(event.target.tagName) || (event.target.tagName === "INPUT" && /^(text|search|number)$/.test(event.target.type));
    const key = event.key.toLowerCase();
    if (typing || (key !== "z" && key !== "y")) return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) changes.redo();
    else changes.undo();
  }

  // The camera of the selection, as it is stored now.
  async function edit(row, tell) {
    if (!row || row.layer !== "cameras" || state.tab !== "change") return;
    // Read anew, unless a change was made on the version that is known.
    if (!changes.find(row.key) || !changes.known.has(row.key)) {
      tell(t("change_loading"));
      try {
        if (!(await desk.readCamera(row.key))) {
          tell(t("change_gone"));
          return;
        }
        tell("");
      } catch (error) {
        const fault = desk.faultOf(error.answer, "change_failed");
        tell(fault.text, fault);
        return;
      }
    }
    if (gridsight.selection === row) gridsight.update({ editing: row.key });
  }

  // Where the address names a draft: open it, once.
  function draftOfAddress() {
    const query = new URLSearchParams(window.location.search);
    const id = query.get("draft");
    if (id === null) return null;
    query.delete("draft");
    window.history.replaceState(null, "", "?" + query + window.location.hash);
    return id;
  }

  gridsight.onStart(function () {
    if (!changes.allowed()) return;
    const panel = gridsight.addPanel("change");
    // What saving and drafts say has a line of its own, that stays until the next action; a trial says its own below.
    const line = (name) => el("div", { class: name });
    const telling = (place) => (text, fault) => gridsight.empty(place).append(...(fault && fault.signedOut ? [desk.faultLine(fault)] : [text]));
    const [said, tried] = [line("change-said"), line("change-tried")];
    const status = el("div", { class: "change-status", role: "status", "aria-live": "polite", "aria-atomic": "false" }, [said, tried]);
    const tell = telling(said);
    // A sentence of the other language is not left standing.
    gridsight.watch(["edits", "lang"], () => tell(""));
    const saving = gridsight.changeSaving(tell);
    const drafts = gridsight.drafts.panel(tell);
    panel.classList.add("change");
    panel.append(
      status,
      el("div", { class: "change-scroll" }, [
        listButtons(saving), saving.element, addButtons(), gridsight.changeForm(), gridsight.changeHistory(), listOfChanges(), figures(telling(tried)), gridsight.changeOutage(), drafts.element,
      ])
    );
    gridsight.changeMap.start();
    document.addEventListener("keydown", keys);
    gridsight.watch("selection", (row) => edit(row, tell));
    let isOpened = false;
    gridsight.watch("tab", () => {
      if (state.tab !== "change" || !gridsight.model.run) return;
      edit(gridsight.selection, tell);
      gridsight.trial.warm();
      if (!isOpened) drafts.refresh();
      isOpened = true;
    });
    gridsight.watch("ready", () => {
      const id = draftOfAddress();
      gridsight.changeKept(() => {
        if (id === null) return;
        gridsight.openTab("change");
        drafts.openById(id);
      });
    });
  });
})();
