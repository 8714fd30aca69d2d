// Hold what was drawn and changed of areas, step by step: undone, redone, thrown away; stored only when it is saved.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const state = gridsight.state;
  const MOST_STEPS = 100; // that can be undone
  /** @type {Record<string, any>} */
  const list = (gridsight.shapeList = {});

  // Features as they are stored, with their versions: what a change is laid upon and what a save must still find.
  list.known = new Map();
  // Features of the layer around the view, without versions: to see, to choose and to snap to.
  list.around = new Map();

  const slot = (key) => state.shapes.layer + ":" + key;
  list.isKnown = (key) => list.known.has(slot(key));
  list.know = (key, feature, etag) => list.known.set(slot(key), { feature, etag });
  list.forget = (key) => list.known.delete(slot(key));
  list.stored = (key) => list.known.get(slot(key)) || null;

  const items = () => state.shapes.list;
  list.find = (key) => items().find((one) => one.key === key) || null;

  // A feature as it would be: { key, geometry, properties, item, isNew }; null where it is not there, or is removed.
  list.of = function (key) {
    const item = list.find(key);
    if (item && item.kind === "removed") return null;
    const stored = list.stored(key);
    const base = stored ? stored.feature : list.around.get(key);
    if (!base && !(item && item.kind === "added")) return null;
    const properties = Object.assign({}, base && base.properties, item && item.properties);
    return { key, geometry: (item && item.geometry) || base.geometry, properties, item, isNew: Boolean(item && item.kind === "added") };
  };

  // All that there are around the view, as they would be.
  list.all = function () {
    const keys = new Set(Array.from(list.around.keys()).concat(items().map((one) => one.key)));
    return Array.from(keys, list.of).filter(Boolean);
  };

  // How people call it: its name, else its code, of a new one that it is new.
  list.nameOf = function (key) {
    const one = list.of(key) || (list.stored(key) && list.stored(key).feature) || { properties: {} };
    const named = [one.properties.name, one.properties.code].find((text) => !gridsight.missing(text));
    return named === undefined ? (list.isNew(key) ? gridsight.t("draw_new_one") : key) : String(named);
  };

  list.isNew = (key) => Boolean(list.find(key) && list.find(key).kind === "added");

  let named = 0;
  // One that no drawing of before has, which may have been kept.
  list.newKey = function () {
    do named++;
    while (list.find("new " + named));
    return "new " + named;
  };

  // Take a new list: one step to undo, or part of the step that is being dragged.
  function take(next, live) {
    const now = state.shapes;
    const past = now.live ? now.past : now.past.concat([now.list]).slice(-MOST_STEPS);
    gridsight.update({ shapes: { layer: now.layer, list: next, past, future: [], live: Boolean(live) } });
  }

  const sameJson = (a, b) => JSON.stringify(a) === JSON.stringify(b);

  // A change without what is stored so already; null where nothing is left.
  function reduced(item) {
    const stored = list.stored(item.key);
    if (item.kind !== "changed" || !stored) return item;
    const properties = {};
    Object.keys(item.properties || {}).forEach((name) => {
      const was = stored.feature.properties[name];
      const value = item.properties[name];
      if (was !== value && !(gridsight.missing(was) && gridsight.missing(value))) properties[name] = value;
    });
    const out = { kind: item.kind, key: item.key, properties };
    if (item.geometry && !sameJson(item.geometry, stored.feature.geometry)) Object.assign(out, { geometry: item.geometry });
    return Object.keys(properties).length || out.geometry ? out : null;
  }

  function joined(before, change) {
    if (change.kind === "removed" || !before) return Object.assign({ kind: "changed", properties: {} }, change);
    const out = { kind: before.kind, key: before.key, properties: Object.assign({}, before.properties, change.properties) };
    const geometry = change.geometry || before.geometry;
    return geometry ? Object.assign(out, { geometry }) : out;
  }

  // Lay some changes upon the list, as one step: { key, geometry, properties }, with kind "added" or "removed" too.
  list.put = function (changes, live) {
    const next = new Map(items().map((one) => [one.key, one]));
    changes.forEach((change) => {
      const before = next.get(change.key);
      if (change.kind === "removed" && before && before.kind === "added") next.delete(change.key);
      else next.set(change.key, joined(before, change));
    });
    const made = Array.from(next.values()).map(reduced).filter(Boolean);
    if (live || state.shapes.live || !sameJson(made, items())) take(made, live);
  };

  list.undo = function () {
    const { layer, list: now, past, future } = state.shapes;
    if (past.length) gridsight.update({ shapes: { layer, list: past[past.length - 1], past: past.slice(0, -1), future: [now].concat(future), live: false } });
  };

  list.redo = function () {
    const { layer, list: now, past, future } = state.shapes;
    if (future.length) gridsight.update({ shapes: { layer, list: future[0], past: past.concat([now]), future: future.slice(1), live: false } });
  };

  // Begin with a list; nothing before it can be undone.
  list.begin = (next, layer) => gridsight.update({ shapes: { layer: layer || state.shapes.layer, list: next, past: [], future: [], live: false } });

  list.clear = () => items().length && take([], false);

  // What is dragged rests as it is, or is taken back as if it had not been.
  list.rest = () => state.shapes.live && gridsight.update({ shapes: Object.assign({}, state.shapes, { live: false }) });
  list.back = function () {
    list.rest();
    list.undo();
    gridsight.update({ shapes: Object.assign({}, state.shapes, { future: [] }) });
  };

  // Another layer, where nothing waits to be saved.
  list.open = function (layer) {
    list.around.clear();
    gridsight.update({ shapes: { layer, list: [], past: [], future: [], live: false }, shaping: null });
  };

  // What somebody else stored counts: the change of it goes, with those of neighbours that share what it changed of the border.
  list.settle = function (key) {
    const gone = new Set([key]);
    const touched = (one) => {
      const now = (list.of(one) || { geometry: null }).geometry;
      const was = list.stored(one) ? list.stored(one).feature.geometry : null;
      const [mine, before] = [now, was].map((shape) => new Set((shape ? gridsight.shapeMath.vertices(shape) : []).map(String)));
      return new Set(Array.from(mine).filter((point) => !before.has(point)).concat(Array.from(before).filter((point) => !mine.has(point))));
    };
    const changes = new Map(items().filter((one) => one.geometry || one.kind === "removed").map((one) => [one.key, touched(one.key)]));
    for (let size = 0; size < gone.size; ) {
      size = gone.size;
      changes.forEach((points, one) => gone.forEach((other) => Array.from(changes.get(other) || []).some((point) => points.has(point)) && gone.add(one)));
    }
    list.begin(items().filter((one) => !gone.has(one.key)));
    return gone.size - 1;
  };

  // What is stored is another now: what is the same in it is no change any more.
  list.rebase = () => list.begin(items().map(reduced).filter(Boolean));

  // The edits as POST /ogc/collections/{layer}/edits takes them.
  list.body = function () {
    const code = (key) => (list.isNew(key) ? list.find(key).properties.code : key);
    const values = (one) => Object.assign({}, one.properties, one.properties && list.isNew(one.properties.parent) ? { parent: code(one.properties.parent) } : {});
    const of = (kind) => items().filter((one) => one.kind === kind);
    const etag = (one) => list.stored(one.key).etag;
    return {
      removed: of("removed").map((one) => ({ id: one.key, etag: etag(one) })),
      changed: of("changed").map((one) => Object.assign({ type: "Feature", id: one.key, etag: etag(one), properties: values(one) }, one.geometry ? { geometry: one.geometry } : {})),
      added: of("added").map((one) => ({ type: "Feature", id: one.properties.code, properties: values(one), geometry: one.geometry })),
    };
  };
})();
