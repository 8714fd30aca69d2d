// Hold the list of changes of cameras: made, undone, redone, thrown away; nothing of it is stored before it is saved.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const MOST_STEPS = 100; // that can be undone
  /** @type {Record<string, any>} */
  const changes = (gridsight.changes = {});
  const edits = () => gridsight.state.edits;

  // Cameras as they are stored, with their versions: what a change is laid upon and what a save must still find.
  const known = new Map();
  changes.known = known;
  changes.know = (id, feature, etag) => known.set(id, { feature, etag });

  // Cameras of a draft that were changed since it was saved: what is known of them is not what the change was made on.
  changes.outdated = new Set();

  // An outage is a line of its own beside what else is meant to be done with a camera.
  const isOf = (id) => (one) => one.id === id && one.kind !== "outage";
  const find = (list, id) => list.find(isOf(id)) || null;
  changes.find = (id) => find(edits().list, id);

  // Whoever may change cameras: planners and admins, on a page that a service answers.
  changes.allowed = () => gridsight.config.mode === "served" && ["planner", "admin"].indexOf(gridsight.config.role) >= 0;

  // A UUID; crypto.randomUUID is missing where the page comes without TLS.
  changes.newId = function () {
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const text = Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
    return [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]].map((cut) => text.slice(cut[0], cut[1])).join("-");
  };

  // Take a new list: one step to undo, or part of the step that is being dragged.
  function take(list, live) {
    const now = edits();
    const past = now.live ? now.past : now.past.concat([now.list]).slice(-MOST_STEPS);
    gridsight.update({ edits: { list, past, future: [], live: Boolean(live) } });
  }

  const same = (a, b) => a === b || (gridsight.missing(a) && gridsight.missing(b));
  const samePlace = (a, b) => Boolean(a && b) && a.coordinates[0] === b.coordinates[0] && a.coordinates[1] === b.coordinates[1];

  // Without what is stored so already; null where nothing is left to change.
  function reduced(item) {
    const stored = known.get(item.id);
    if (item.kind !== "changed" || !stored) return item;
    const properties = {};
    Object.keys(item.properties || {}).forEach((name) => {
      if (!same(item.properties[name], stored.feature.properties[name])) properties[name] = item.properties[name];
    });
    const out = { kind: item.kind, id: item.id, properties };
    if (item.geometry && !samePlace(item.geometry, stored.feature.geometry)) out.geometry = item.geometry;
    return Object.keys(properties).length || out.geometry ? out : null;
  }

  changes.reduced = reduced;

  // Whether all that a change sets is stored so.
  changes.holds = (item, stored) =>
    Object.keys(item.properties || {}).every((name) => same(item.properties[name], stored.properties[name])) && (!item.geometry || samePlace(item.geometry, stored.geometry));

  function put(item, live) {
    const list = edits().list;
    const at = list.findIndex(isOf(item.id));
    const left = reduced(item);
    const next = list.slice();
    if (at < 0) next.push(item);
    else next.splice(at, 1, item);
    const made = left ? next.map((one) => (one === item ? left : one)) : next.filter((one) => one !== item);
    // What rests as it is, is no step.
    if (live || edits().live || JSON.stringify(made) !== JSON.stringify(list)) take(made, live);
  }

  // Set values, the place, or both; `live` while something is being dragged.
  changes.edit = function (id, patch, live) {
    const item = changes.find(id) || { kind: "changed", id };
    const kind = item.kind === "added" ? "added" : "changed";
    const next = { kind, id, properties: Object.assign({}, item.properties, patch.properties) };
    const geometry = patch.geometry || item.geometry;
    if (geometry) Object.assign(next, { geometry });
    put(next, live);
  };

  const point = (lat, lon) => ({ type: "Point", coordinates: [Number(lon.toFixed(7)), Number(lat.toFixed(7))] });
  changes.point = point;

  changes.add = function (lat, lon, properties) {
    const id = changes.newId();
    put({ kind: "added", id, properties: properties || {}, geometry: point(lat, lon) }, false);
    return id;
  };

  // A new camera that is deleted was never there.
  changes.remove = function (id) {
    const item = changes.find(id);
    if (item && item.kind === "added") changes.drop(item);
    else put({ kind: "removed", id }, false);
  };

  // What was turned or moved rests as it is: the next change is a step of its own.
  changes.rest = () => edits().live && gridsight.update({ edits: Object.assign({}, edits(), { live: false }) });

  changes.fail = function (ids) {
    const list = edits().list;
    const fresh = ids.filter((id) => !list.some((one) => one.kind === "outage" && one.id === id));
    if (fresh.length) take(list.concat(fresh.map((id) => ({ kind: "outage", id }))), false);
  };

  changes.drop = (item) => take(edits().list.filter((one) => one !== item), false);
  changes.clear = () => edits().list.length && take([], false);

  changes.undo = function () {
    const { list, past, future } = edits();
    if (past.length) gridsight.update({ edits: { list: past[past.length - 1], past: past.slice(0, -1), future: [list].concat(future), live: false } });
  };

  changes.redo = function () {
    const { list, past, future } = edits();
    if (future.length) gridsight.update({ edits: { list: future[0], past: past.concat([list]), future: future.slice(1), live: false } });
  };

  // Begin with a list: what was kept, or a draft. Nothing before it can be undone.
  changes.begin = (list) => gridsight.update({ edits: { list, past: [], future: [], live: false } });

  // A change was stored, or what it was laid upon is another now: earlier steps are of what is no more.
  changes.settle = function (id) {
    changes.outdated.delete(id);
    changes.begin(edits().list.filter((one) => !isOf(id)(one)));
  };

  changes.rebase = function (id) {
    changes.outdated.delete(id);
    changes.begin(edits().list.map((one) => (isOf(id)(one) ? reduced(one) : one)).filter(Boolean));
  };

  // The changes as POST /preview and drafts take them.
  changes.body = function (list) {
    const of = (kind) => (list || edits().list).filter((one) => one.kind === kind);
    const feature = (one) => {
      const out = { type: "Feature", id: one.id, properties: one.properties || {} };
      return one.geometry ? Object.assign(out, { geometry: one.geometry }) : out;
    };
    return {
      changed: of("changed").map(feature),
      added: of("added").map(feature),
      removed: of("removed").map((one) => one.id),
      outage: of("outage").map((one) => one.id),
    };
  };

  // The list of a body, as drafts keep it.
  changes.listOf = (body) =>
    [].concat(
      ...["changed", "added"].map((kind) => (body[kind] || []).map((one) => {
        const item = { kind, id: one.id, properties: one.properties || {} };
        return one.geometry ? Object.assign(item, { geometry: one.geometry }) : item;
      })),
      ...["removed", "outage"].map((kind) => (body[kind] || []).map((id) => ({ kind, id })))
    );

  // A camera as it would be: stored values with the change on top; null where it is not known.
  changes.camera = function (id) {
    const item = changes.find(id);
    const stored = known.get(id);
    if (!stored && !(item && item.kind === "added")) return null;
    const base = stored ? stored.feature : { properties: {}, geometry: null };
    const values = Object.assign({}, base.properties, item && item.properties);
    const geometry = (item && item.geometry) || base.geometry;
    return { id, values, lon: geometry.coordinates[0], lat: geometry.coordinates[1], item, isNew: !stored };
  };

  // How people call it: its name, else its id, of a new one that it is new.
  changes.nameOf = function (id) {
    const camera = changes.camera(id);
    if (camera && !gridsight.missing(camera.values.name)) return String(camera.values.name);
    return camera && camera.isNew ? gridsight.t("change_new") + " " + id.slice(0, 4) : id;
  };
})();
