// Save what was drawn: all of it in one transaction, each feature of the version it was made on; of another (412) show both.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const desk = gridsight.desk;
  const state = gridsight.state;
  const list = gridsight.shapeList;
  const net = gridsight.shapeNet;
  const t = (key, values) => gridsight.t(key, values);
  const DAYS = ["valid_from", "valid_to"];

  // What keeps the list from being saved, said before anything is sent; null where nothing does.
  function hindrance() {
    if (state.shapes.live) return { key: null, text: t("draw_reading") }; // what was moved last is still looked at
    const nameless = state.shapes.list.find((one) => one.kind === "added" && gridsight.missing(one.properties.code));
    if (nameless) return { key: nameless.key, text: t("draw_needs_code") };
    const unread = state.shapes.list.find((one) => one.kind !== "added" && !list.isKnown(one.key));
    if (unread) return { key: unread.key, text: t("draw_reading") };
    const codes = state.shapes.list.filter((one) => one.kind === "added").map((one) => one.properties.code);
    const twice = codes.find((code, at) => codes.indexOf(code) < at || list.around.has(code));
    return twice === undefined ? null : { key: null, text: t("draw_code_taken", { code: twice }) };
  }

  // The fields in which what is meant differs from what somebody else stored meanwhile.
  function differing(item, theirs) {
    const stored = list.stored(item.key).feature;
    const value = (one, name) => (name === "geometry" ? one.geometry : one.properties[name]);
    const mine = list.of(item.key);
    const removed = t("change_is_removed");
    const said = (name, one) => gridsight.shapeValueText(name, one);
    const differs = (a, b) => JSON.stringify(a === undefined ? null : a) !== JSON.stringify(b === undefined ? null : b);
    return Object.keys(theirs.properties).filter((name) => DAYS.indexOf(name) < 0).concat("geometry")
      .filter((name) => differs(value(stored, name), value(theirs, name)) || (mine && differs(value(mine, name), value(theirs, name))))
      .map((name) => ({ name, was: said(name, value(stored, name)), mine: mine ? said(name, value(mine, name)) : removed, theirs: said(name, value(theirs, name)) }));
  }

  // Gives { element, save() }; `tell` says how it goes.
  gridsight.drawSaving = function (tell) {
    const box = gridsight.conflictBox(gridsight.shapeFieldText);
    let isOpen = false;
    gridsight.watch("shapes", () => {
      if (box.element.hidden || (disputed && list.find(disputed))) return;
      box.element.hidden = true;
      gridsight.update({ shapeTheirs: null });
    });
    /** @type {string | null} */
    let disputed = null;

    function conflict(answer) {
      const theirs = answer.data.stored;
      const key = String(theirs.id);
      const item = list.find(key);
      const go = (settle) => () => {
        gridsight.update({ shapeTheirs: null });
        settle();
      };
      disputed = key;
      gridsight.update({ shapeTheirs: theirs.geometry });
      const know = () => list.know(key, theirs, answer.data.etag);
      const keep = () => {
        know();
        list.rebase();
        save();
      };
      const take = () => {
        const beside = list.settle(key);
        know();
        tell(beside ? t("draw_took_theirs", { n: beside }) : "");
        net.load();
      };
      box.show(list.nameOf(key), () => (item ? differing(item, theirs) : []), go(keep), go(take));
    }

    async function save() {
      const stop = hindrance();
      if (stop) {
        if (stop.key) gridsight.update({ shaping: stop.key });
        return tell(stop.text);
      }
      if (isOpen || !state.shapes.list.length) return undefined;
      isOpen = true;
      const { layer, list: items } = state.shapes;
      tell(t("draw_saving"));
      const body = list.body();
      const answer = await desk.send("POST", net.editsPath(), body);
      isOpen = false;
      if (answer.ok) return settled(layer, items, answer.data);
      if (answer.status === 412 && answer.data && answer.data.stored) {
        conflict(answer);
        return tell(t("change_conflict", { what: list.nameOf(String(answer.data.stored.id)) }));
      }
      const fault = desk.faultOf(answer, "draw_save_failed");
      return tell(fault.text, fault);
    }

    // What was changed while it was being saved, to be laid upon what is stored now: it is not lost.
    function since(items) {
      const sent = new Map(items.map((one) => [one.key, one]));
      const keyOf = (key) => (sent.has(key) && sent.get(key).kind === "added" ? sent.get(key).properties.code : key);
      const isSame = (one) => sent.has(one.key) && JSON.stringify(sent.get(one.key)) === JSON.stringify(one);
      const later = state.shapes.list.filter((one) => !isSame(one)).map((one) => {
        const isStored = keyOf(one.key) !== one.key;
        return Object.assign({}, one, { key: keyOf(one.key), kind: isStored ? "changed" : one.kind });
      });
      const gone = items.filter((one) => one.kind === "added" && !list.find(one.key));
      return later.concat(gone.map((one) => ({ kind: "removed", key: keyOf(one.key), properties: {} })));
    }

    async function settled(layer, items, done) {
      const opened = state.shaping === null ? null : list.find(state.shaping);
      const next = opened && opened.kind === "added" ? opened.properties.code : state.shaping;
      const rest = since(items);
      items.forEach((one) => {
        list.forget(one.key);
        list.around.delete(one.key);
      });
      done.changed.concat(done.added).forEach((one) => {
        list.know(String(one.id), one, one.etag);
        list.around.set(String(one.id), one);
      });
      list.begin(rest);
      list.rebase();
      gridsight.update({ shaping: next !== null && list.isKnown(next) ? next : null });
      gridsight.source.forget(layer, "");
      tell(t("draw_saved", { n: items.length }));
    }

    return { element: box.element, save };
  };
})();
