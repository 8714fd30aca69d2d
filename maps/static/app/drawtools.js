// What is done to areas: drawn by points, cut by a line, merged, their corners moved, added and removed.
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
  const COUNTS = ["households", "population", "staff", "heads", "staff_part_time"];
  const TAKEN_OVER = ["kind", "level", "village", "parent", "urban_rural"];
  /** @type {Record<string, any>} */
  const drawing = (gridsight.drawing = {});
  const t = (key, values) => gridsight.t(key, values);
  const reach = () => (window.matchMedia("(pointer: coarse)").matches ? TOUCH_REACH : REACH);

  drawing.allowed = () => gridsight.changes.allowed();
  drawing.tell = () => {}; // set by the panel: (text, fault)

  const say = (fault) => drawing.tell(t(fault.word, { what: fault.what, other: fault.other }));
  const failed = (error) => {
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
      failed(error);
    }
  };

  // After a step: corners are of whatever they lie along; what cannot be is taken back and said.
  async function finish(keys) {
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
      failed(error);
      return false;
    }
  }

  // One corner that is dragged: { move(point, live), drop() }; null while its neighbours are being read.
  drawing.begin = function (point) {
    const key = state.shaping;
    const moved = borders.moving(key, point);
    if (!moved) {
      drawing.tell(t("draw_reading"));
      return null;
    }
    const own = list.of(key).geometry;
    let changed = [];
    const move = function (to) {
      const at = drawing.snapped(to, (one) => math.has(own, one) || math.has(list.of(key).geometry, one)).point;
      changed = moved(at);
      list.put(changed, true);
    };
    return { move, drop: () => (changed.length ? finish(changed.map((one) => one.key)) : list.rest()) };
  };

  drawing.moveTo = function (point, to) {
    const moved = borders.moving(state.shaping, point);
    if (!moved) return drawing.tell(t("draw_reading"));
    const changed = moved(to);
    list.put(changed, true);
    return finish(changed.map((one) => one.key));
  };

  let resting = 0;

  // By keys: those that follow one another are one step.
  drawing.nudge = function (at, to) {
    const point = math.vertices(list.of(state.shaping).geometry)[at];
    const moved = borders.moving(state.shaping, point);
    if (!moved) return drawing.tell(t("draw_reading"));
    const changed = moved(to);
    list.put(changed, true);
    window.clearTimeout(resting);
    resting = window.setTimeout(() => finish(changed.map((one) => one.key)), 500);
    return undefined;
  };

  drawing.add = function (edge, point, live) {
    const changed = borders.adding(state.shaping, edge, point);
    if (!changed) drawing.tell(t("draw_reading"));
    else list.put(changed, live);
    return Boolean(changed);
  };

  drawing.remove = function (point) {
    const changed = borders.removing(state.shaping, point);
    if (typeof changed === "string") return drawing.tell(t(changed));
    list.put(changed, true);
    gridsight.update({ corner: Math.max(0, state.corner - 1) });
    return finish(changed.map((one) => one.key));
  };

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

  drawing.done = async function () {
    const all = points();
    const isCut = state.drawing.kind === "cut";
    if (all.length < (isCut ? 2 : 3)) return drawing.tell(t(isCut ? "draw_few_of_line" : "draw_few"));
    if (isCut) return cut(all);
    const geometry = math.ofRing(all);
    const fault = math.fault(geometry);
    if (fault) return drawing.tell(t(fault, { what: t("draw_new_one") }));
    const key = list.newKey();
    const level = borders.areShared() ? { level: 1 } : {};
    list.put([{ key, kind: "added", geometry, properties: level }], true);
    if (!(await finish([key]))) return undefined;
    gridsight.update({ drawing: null, shaping: key, corner: 0 });
    return drawing.tell(t("draw_made", { area: gridsight.area(math.area(geometry)) }));
  };

  // Counts of what was cut are not known of either part; what was merged has the sum where both are known.
  const without = (properties) => COUNTS.filter((name) => !gridsight.missing(properties[name])).reduce((out, name) => Object.assign(out, { [name]: null }), {});

  const taken = (properties) => TAKEN_OVER.reduce((out, name) => (name in properties ? Object.assign(out, { [name]: properties[name] }) : out), {});

  async function cut(line) {
    const own = list.of(state.shaping);
    const beside = {};
    if (borders.areShared()) list.all().filter((one) => one.key !== own.key && math.meet(math.box(one.geometry), math.box(own.geometry), 1e-6)).forEach((one) => (beside[one.key] = one.geometry));
    const answer = await desk.send("POST", "/shapes/split", { shape: own.geometry, line: { type: "LineString", coordinates: line }, beside });
    if (!answer.ok) return failed({ answer });
    const key = list.newKey();
    const parts = answer.data.parts;
    const children = list.all().filter((one) => one.properties.parent === own.key && !gridsight.missing(one.properties.parent) && math.contains(parts[1], math.middle(one.geometry)));
    const gone = without(own.properties);
    try {
      await net.versions(Object.keys(answer.data.beside).concat(children.map((one) => one.key)).filter((one) => !list.isNew(one)));
    } catch (error) {
      return failed(error);
    }
    const halves = [{ key: own.key, geometry: parts[0], properties: gone }, { key, kind: "added", geometry: parts[1], properties: taken(own.properties) }];
    const bordering = Object.keys(answer.data.beside).map((one) => ({ key: one, geometry: answer.data.beside[one] }));
    list.put([...halves, ...bordering, ...children.map((one) => ({ key: one.key, properties: { parent: key } }))], false);
    gridsight.update({ drawing: null, shaping: key, corner: 0 });
    return drawing.tell(t("draw_split", { what: list.nameOf(own.key), n: parts.map((one) => gridsight.area(math.area(one))).join(" + ") }) + (Object.keys(gone).length ? " " + t("draw_counts_gone") : ""));
  }

  drawing.merge = async function (otherKey) {
    const [own, other] = [list.of(state.shaping), list.of(otherKey)];
    const answer = await desk.send("POST", "/shapes/merge", { shapes: [own.geometry, other.geometry] });
    if (!answer.ok) return failed({ answer });
    const children = list.all().filter((one) => one.properties.parent === otherKey);
    try {
      await net.versions([otherKey].concat(children.map((one) => one.key)).filter((one) => !list.isNew(one)));
    } catch (error) {
      return failed(error);
    }
    const sums = {};
    COUNTS.forEach((name) => {
      const [mine, theirs] = [own.properties[name], other.properties[name]];
      if (!gridsight.missing(mine) || !gridsight.missing(theirs)) sums[name] = gridsight.missing(mine) || gridsight.missing(theirs) ? null : mine + theirs;
    });
    const name = list.nameOf(otherKey);
    const whole = [{ key: own.key, geometry: answer.data.shape, properties: sums }, { key: otherKey, kind: "removed" }];
    list.put([...whole, ...children.map((one) => ({ key: one.key, properties: { parent: own.key } }))], false);
    return drawing.tell(t("draw_merged", { what: list.nameOf(own.key), other: name }));
  };

  drawing.erase = function () {
    const key = state.shaping;
    list.put([{ key, kind: "removed" }], false);
    gridsight.update({ shaping: null });
  };
})();
