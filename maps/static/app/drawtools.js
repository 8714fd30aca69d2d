// What is done to areas: drawn by points, their corners moved, added and removed, and what came of it checked.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const state = gridsight.state;
  const math = gridsight.shapeMath;
  const list = gridsight.shapeList;
  const net = gridsight.shapeNet;
  const borders = gridsight.shapeBorders;
  const desk = gridsight.desk;
  const REACH = 10; // pixels within which a place snaps
  const TOUCH_REACH = 20;
  /** @type {Record<string, any>} */
  const drawing = (gridsight.drawing = {});
  const t = (key, values) => gridsight.t(key, values);
  const reach = () => (window.matchMedia("(pointer: coarse)").matches ? TOUCH_REACH : REACH);

  drawing.allowed = () => gridsight.changes.allowed();
  drawing.tell = () => {}; // set by the panel: (text, fault)

  const say = (fault) => drawing.tell(t(fault.word, { what: fault.what, other: fault.other }));
  drawing.failed = (error) => {
    const fault = desk.faultOf(error.answer || { status: 0, reason: error.message }, "draw_failed");
    drawing.tell(fault.text, fault);
  };

  drawing.snapped = (point, leave) => net.snap(point, reach(), leave);

  // Where not all around a shape came, a corner would move in some of those that share it.
  async function beside(geometry, anew) {
    const isWhole = await net.beside(geometry, anew);
    if (!isWhole && borders.areShared()) throw new Error(t("draw_crowded"));
  }

  // Open an area with its neighbours, as they are stored now.
  drawing.open = async function (key) {
    gridsight.update({ shaping: key, corner: 0 });
    const one = key === null ? null : list.of(key);
    if (!one) return;
    drawing.tell(t("change_loading"));
    try {
      if (one.isNew) await beside(one.geometry);
      else {
        await net.versions([key], true);
        const stored = list.of(key);
        if (stored) await beside(stored.geometry, true);
      }
      gridsight.update({ shapesCame: Date.now() });
      drawing.tell("");
    } catch (error) {
      // Of what version it is, is not known: a change of it could not be saved.
      if (!one.isNew && !list.isKnown(key) && state.shaping === key) gridsight.update({ shaping: null });
      drawing.failed(error);
    }
  };

  let checking = null; // the check of what was changed last, while it lasts
  let resting = 0; // until what keys have moved is checked
  let nudged = [];

  // What is changed while the step before is still being checked would be taken back with it: it waits for that.
  drawing.after = (work) => (checking ? checking.then(() => drawing.after(work)) : work());

  function finish(keys) {
    const done = () => (checking = null);
    checking = check(Array.from(new Set(keys.concat(nudged))));
    nudged = [];
    checking.then(done, done);
    return checking;
  }

  // After a step: corners are of whatever they lie along; what cannot be is taken back and said.
  async function check(keys) {
    try {
      const opened = keys.filter((key) => list.of(key));
      for (const key of opened.slice(0, 1)) if (borders.areShared()) await beside(list.of(key).geometry);
      opened.forEach((key) => list.put(borders.joining(key), true));
      let fault = borders.fault(opened);
      for (const key of opened) if (!fault) {
        const word = await net.outside(list.of(key).geometry);
        if (word) fault = { word, what: list.nameOf(key) };
      }
      if (fault) {
        list.back();
        say(fault);
        return false;
      }
      list.rest();
      return true;
    } catch (error) {
      list.back();
      drawing.failed(error);
      return false;
    }
  }

  // A corner that is dragged while the step before is being checked: it moves once that is over, if it is still there.
  function later(point, edge) {
    let last = null;
    const go = function () {
      const step = last && state.shaping !== null && list.of(state.shaping) ? drawing.begin(point, edge) : null;
      if (!step) return gridsight.drawMap.show();
      step.move(last);
      return step.drop();
    };
    return { move: (to) => (last = to), drop: () => checking ? checking.then(go) : go() };
  }

  // One corner that is dragged, of an edge one that is made there: { move(point, live), drop() }; null while its
  // neighbours are being read.
  drawing.begin = function (point, edge) {
    if (checking) return later(point, edge);
    const key = state.shaping;
    if (edge && !drawing.add(edge, point, true)) return null;
    const isThere = math.has(list.of(key).geometry, point); // else it went with what was taken back
    const moved = isThere ? borders.moving(key, point) : null;
    if (!moved) {
      if (edge) list.back();
      if (isThere) drawing.tell(t("draw_reading"));
      return null;
    }
    window.clearTimeout(resting);
    const own = list.of(key).geometry;
    let changed = [];
    const move = function (to) {
      const at = drawing.snapped(to, (one) => math.has(own, one) || math.has(list.of(key).geometry, one)).point;
      changed = moved(at);
      list.put(changed, true);
    };
    return { move, drop: () => (changed.length ? finish(changed.map((one) => one.key)) : list.rest()) };
  };

  drawing.moveTo = (point, to) => drawing.after(() => moveTo(point, to));

  function moveTo(point, to) {
    const moved = borders.moving(state.shaping, point);
    if (!moved) return drawing.tell(t("draw_reading"));
    const changed = moved(to);
    list.put(changed, true);
    return finish(changed.map((one) => one.key));
  }

  // By keys: those that follow one another are one step.
  drawing.nudge = (at, to) => drawing.after(() => nudge(at, to));

  function nudge(at, to) {
    const point = math.vertices(list.of(state.shaping).geometry)[at];
    const moved = borders.moving(state.shaping, point);
    if (!moved) return drawing.tell(t("draw_reading"));
    const changed = moved(to);
    list.put(changed, true);
    nudged = nudged.concat(changed.map((one) => one.key));
    window.clearTimeout(resting);
    resting = window.setTimeout(() => finish([]), 500);
    return undefined;
  }

  drawing.add = function (edge, point, live) {
    const changed = borders.adding(state.shaping, edge, point);
    if (!changed) drawing.tell(t("draw_reading"));
    else list.put(changed, live);
    return Boolean(changed);
  };

  drawing.remove = (point) => drawing.after(() => remove(point));

  function remove(point) {
    const changed = borders.removing(state.shaping, point);
    if (typeof changed === "string") return drawing.tell(t(changed));
    list.put(changed, true);
    gridsight.update({ corner: Math.max(0, state.corner - 1) });
    return finish(changed.map((one) => one.key));
  }

  // Begin to draw: "area", or "cut", the line that splits the open one.
  drawing.draw = function (kind) {
    gridsight.update({ drawing: { kind, points: [], undone: [] }, shaping: kind === "cut" ? state.shaping : null });
    drawing.tell(t(kind === "cut" ? "draw_cutting" : "draw_drawing"));
  };

  const points = () => state.drawing.points.map((one) => one.point);
  drawing.points = points;

  drawing.place = function (point, isTouch) {
    const at = net.snap(point, isTouch ? TOUCH_REACH : reach());
    const all = points();
    const first = all[0];
    const pixel = (one) => gridsight.map.latLngToContainerPoint([one[1], one[0]]);
    if (state.drawing.kind === "area" && all.length > 2 && pixel(first).distanceTo(pixel(point)) <= reach()) return drawing.done();
    if (all.length && math.same(all[all.length - 1], at.point)) return all.length > 1 ? drawing.done() : undefined; // a double click
    gridsight.update({ drawing: { kind: state.drawing.kind, points: state.drawing.points.concat([at]), undone: [] } });
    return undefined;
  };

  drawing.step = function (isBack) {
    const { kind, points: all, undone } = state.drawing;
    if (isBack && all.length) gridsight.update({ drawing: { kind, points: all.slice(0, -1), undone: all.slice(-1).concat(undone) } });
    if (!isBack && undone.length) gridsight.update({ drawing: { kind, points: all.concat(undone.slice(0, 1)), undone: undone.slice(1) } });
  };

  drawing.stop = () => gridsight.update({ drawing: null });

  drawing.done = () => drawing.after(done);

  async function done() {
    const all = points();
    const isCut = state.drawing.kind === "cut";
    if (all.length < (isCut ? 2 : 3)) return drawing.tell(t(isCut ? "draw_few_of_line" : "draw_few"));
    if (isCut) return drawing.cut(all);
    const geometry = math.ofRing(all);
    const fault = math.fault(geometry);
    if (fault) return drawing.tell(t(fault, { what: t("draw_new_one") }));
    const key = list.newKey();
    const level = borders.areShared() ? { level: 1 } : {};
    list.put([{ key, kind: "added", geometry, properties: level }], true);
    if (!(await finish([key]))) return undefined;
    gridsight.update({ drawing: null, shaping: key, corner: 0 });
    return drawing.tell(t("draw_made", { area: gridsight.area(math.area(geometry)) }));
  }

  drawing.erase = () => drawing.after(() => {
    list.put([{ key: state.shaping, kind: "removed" }], false);
    gridsight.update({ shaping: null });
  });

  drawing.set = (key, properties) => drawing.after(() => list.put([{ key, properties }], false));
})();
