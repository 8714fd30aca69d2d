// The panel in which areas are drawn and edited: grids, own zones and places; for those who may.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const state = gridsight.state;
  const list = gridsight.shapeList;
  const net = gridsight.shapeNet;
  const t = (key, values) => gridsight.t(key, values);
  const FROM = 12; // zoom

  function buttons(saving) {
    const undo = desk.button("change_undo", () => step(true));
    const redo = desk.button("change_redo", () => step(false));
    const save = desk.button("change_save", saving.save, { class: "button primary" });
    const discard = desk.button("change_discard_all", () => gridsight.drawing.after(list.clear));
    const show = function () {
      const { list: items, past, future } = state.shapes;
      undo.disabled = state.drawing ? !state.drawing.points.length : !past.length;
      redo.disabled = state.drawing ? !state.drawing.undone.length : !future.length;
      save.disabled = discard.disabled = !items.length || Boolean(state.drawing);
    };
    gridsight.watch(["shapes", "drawing"], show);
    show();
    return el("div", { class: "change-row change-bar" }, [undo, redo, save, discard]);
  }

  // One step of what is drawn, else of the list.
  function step(isBack) {
    if (state.drawing) gridsight.drawing.step(isBack);
    else {
      gridsight.drawing.after(() => {
        if (isBack) list.undo();
        else list.redo();
        if (state.shaping !== null && !list.of(state.shaping)) gridsight.update({ shaping: null });
      });
    }
  }

  const isTyping = (target) => target.tagName === "TEXTAREA" || (target.tagName === "INPUT" && /^(text|search|number)$/.test(target.type));

  function keys(event) {
    if (state.tab !== "draw" || event.altKey || isTyping(event.target)) return;
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y")) {
      event.preventDefault();
      step(key === "z" && !event.shiftKey);
    } else if (key === "escape" && state.drawing) {
      event.preventDefault();
      gridsight.drawing.stop();
    } else if (key === "escape" && state.shaping !== null) {
      event.preventDefault();
      gridsight.update({ shaping: null });
    } else if (key === "enter" && state.drawing && event.target.tagName !== "BUTTON") {
      event.preventDefault();
      gridsight.drawing.done();
    }
  }

  // Which layer, and a new area of it; the layer stays while something of it waits to be saved.
  function choosing() {
    const names = Object.keys(gridsight.config.shapeForms);
    const select = el("select", { "data-label": "draw_layer", "aria-label": t("draw_layer") }, names.map((name) => el("option", { value: name, "data-t": "draw_" + name }, t("draw_" + name))));
    select.addEventListener("change", () => {
      list.open(select.value);
      load();
    });
    gridsight.watch(["shapes", "drawing"], () => {
      select.value = state.shapes.layer;
      select.disabled = Boolean(state.shapes.list.length) || Boolean(state.drawing);
    });
    return el("div", { class: "change-row" }, [select, desk.button("draw_new", () => gridsight.drawing.draw("area"))]);
  }

  function listOfChanges() {
    const lines = el("ol", { class: "change-list", "data-label": "change_list", "aria-label": t("change_list") });
    const count = el("p", { class: "change-note" });
    const show = function () {
      const items = state.shapes.list;
      count.textContent = items.length ? t("change_count", { n: items.length }) : t("change_empty");
      gridsight.empty(lines).append(...items.map((item) => {
        const name = list.nameOf(item.key);
        const told = item.kind === "changed" ? (item.geometry ? ["geometry"] : []).concat(Object.keys(item.properties)).map(gridsight.shapeFieldText).join(t("comma")) : t("change_is_" + item.kind);
        const open = el("button", { type: "button", class: "link", "aria-label": t("change_open_one", { what: name }), disabled: item.kind === "removed", onclick: () => gridsight.drawing.open(item.key) }, name);
        return el("li", { "aria-current": item.key === state.shaping ? "true" : null }, [open, el("small", {}, told)]);
      }));
    };
    gridsight.watch(["shapes", "shaping", "lang"], gridsight.coalesce(show));
    show();
    return el("section", {}, [desk.heading("change_list"), count, lines]);
  }

  async function load() {
    if (state.tab !== "draw" || !gridsight.model.run) return;
    if (gridsight.map.getZoom() < FROM) {
      gridsight.drawing.tell(t("draw_nearer"));
      return;
    }
    try {
      if (!(await net.load())) gridsight.drawing.tell(t("draw_nearer"));
    } catch (error) {
      const fault = desk.faultOf(error.answer || { status: 0, reason: error.message }, "draw_failed");
      gridsight.drawing.tell(fault.text, fault);
    }
  }

  gridsight.onStart(function () {
    if (!gridsight.drawing.allowed()) return;
    const panel = gridsight.addPanel("draw");
    const said = el("div", { class: "change-said" });
    const tell = (text, fault) => gridsight.empty(said).append(...(fault && fault.signedOut ? [desk.faultLine(fault)] : [text]));
    gridsight.drawing.tell = tell;
    gridsight.watch("lang", () => tell("")); // a sentence of the other language is not left standing
    const saving = gridsight.drawSaving(tell);
    panel.classList.add("change");
    panel.append(
      el("div", { class: "change-status", role: "status", "aria-live": "polite" }, said),
      el("div", { class: "change-scroll" }, [
        buttons(saving), saving.element, choosing(), gridsight.drawSketching(tell), gridsight.drawForm(tell), gridsight.drawCorners(tell), gridsight.drawHistory(), listOfChanges(),
      ])
    );
    gridsight.drawMap.start();
    document.addEventListener("keydown", keys, true);
    const soon = gridsight.later(load, 200);
    gridsight.map.on("moveend", soon);
    gridsight.watch("tab", load);
    gridsight.watch("ready", gridsight.drawKept);
  });
})();
