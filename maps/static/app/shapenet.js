// Fetch the areas around the view, and with their versions those around what is edited; find what to snap to.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const state = gridsight.state;
  const math = gridsight.shapeMath;
  const list = gridsight.shapeList;
  const desk = gridsight.desk;
  const MOST = 1000; // features around the view
  const AT_ONCE = 6; // questions: more wait in the browser
  const MOST_AROUND = 10000; // features around one, as many as an answer has
  const NEAR = 0.000002; // degrees, 20 cm: neighbours whose borders do not quite meet are known too
  /** @type {Record<string, any>} */
  const net = (gridsight.shapeNet = {});

  const itemsPath = (rest) => "/ogc/collections/" + state.shapes.layer + "/items" + rest;
  net.editsPath = () => "/ogc/collections/" + state.shapes.layer + "/edits";

  const isArea = (one) => Boolean(one.geometry) && math.polygons(one.geometry).length > 0;

  async function inBox(box, most) {
    const answer = await desk.send("GET", itemsPath("?f=json&limit=" + most + "&bbox=" + box.join(",")));
    if (!answer.ok) throw Object.assign(new Error(answer.reason), { answer });
    return answer.data;
  }

  let asked = 0;

  // Those of the view; says whether all of them came.
  net.load = async function () {
    const request = ++asked;
    const view = gridsight.map.getBounds().pad(0.1);
    const found = await inBox([view.getWest(), view.getSouth(), view.getEast(), view.getNorth()], MOST);
    if (request !== asked) return true;
    list.around.clear();
    found.features.filter(isArea).forEach((one) => list.around.set(String(one.id), one));
    gridsight.update({ shapesCame: request });
    return found.numberMatched <= MOST;
  };

  async function read(key) {
    if (list.isKnown(key)) return;
    const answer = await desk.send("GET", itemsPath("/" + encodeURIComponent(key) + "?f=json"));
    if (answer.status === 404) return;
    if (!answer.ok) throw Object.assign(new Error(answer.reason), { answer });
    list.know(key, answer.data, answer.etag);
  }

  // Read features with their versions; `anew` also those that are known, unless a change was laid upon them.
  net.versions = function (keys, anew) {
    keys.filter((key) => anew && !list.find(key)).forEach(list.forget);
    const rest = keys.slice();
    const worker = async () => {
      while (rest.length) await read(rest.pop());
    };
    return Promise.all(Array.from({ length: AT_ONCE }, worker));
  };

  // Whatever touches the border of a shape, with its versions: a change of it may change them too, however many they
  // are. Around it what else may share a corner. Says whether all of it came.
  net.beside = async function (geometry, anew) {
    const [west, south, east, north] = math.box(geometry);
    const [x, y] = [east - west, north - south];
    const found = await inBox([west - x, south - y, east + x, north + y], MOST_AROUND);
    found.features.filter(isArea).forEach((one) => list.around.set(String(one.id), one));
    const near = list.all().filter((one) => !one.isNew && math.touch(one.geometry, geometry, NEAR));
    await net.versions(near.map((one) => one.key), anew);
    return found.numberMatched <= MOST_AROUND;
  };

  const pixel = (point) => gridsight.map.latLngToContainerPoint([point[1], point[0]]);

  // Where a place snaps to: { point, edge } of a vertex (the neighbour's own numbers), else of an edge; the place itself
  // where nothing is near. `leave` says which points are not looked at.
  net.snap = function (point, reach, leave) {
    const at = pixel(point);
    const within = (one) => one.distanceTo(at) <= reach;
    const corner = (dx, dy) => gridsight.map.containerPointToLatLng(at.add([dx, dy]));
    const [low, high] = [corner(-reach, reach), corner(reach, -reach)];
    const box = [low.lng, low.lat, high.lng, high.lat];
    const near = list.all().map((one) => one.geometry).filter((shape) => isArea({ geometry: shape }) && math.meet(math.box(shape), box, 0));
    const best = { point, edge: null, on: null, away: Infinity };
    const take = (found, edge) => {
      const away = pixel(found).distanceTo(at);
      if (away < best.away) Object.assign(best, { point: found, edge, on: edge ? "edge" : "vertex", away });
    };
    near.forEach((shape) => math.vertices(shape).forEach((one) => !(leave && leave(one)) && within(pixel(one)) && take(one, null)));
    if (best.on) return best;
    near.forEach((shape) => math.edges(shape).forEach(([a, b]) => {
      if (leave && (leave(a) || leave(b))) return;
      const [p, q] = [pixel(a), pixel(b)];
      const share = math.along([p.x, p.y], [q.x, q.y], [at.x, at.y]).share;
      const on = [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
      if (within(pixel(on))) take(on, [a, b]);
    }));
    return best;
  };

  // The feature under a place; where grids lie in grids, the smallest that is not the one given.
  net.under = function (latlng, but) {
    const found = list.all().filter((one) => math.contains(one.geometry, [latlng.lng, latlng.lat]));
    found.sort((one, other) => math.area(one.geometry) - math.area(other.geometry));
    const at = found.findIndex((one) => one.key === but);
    return found.length ? found[(at + 1) % found.length].key : null;
  };

  let county = null;

  // The key of what is wrong with a place of a border, that it is outside the county; null where it is not.
  net.outside = async function (geometry) {
    if (!county) {
      const answer = await desk.send("GET", "/ogc/collections/divisions/items?f=json&level=county&limit=10");
      if (!answer.ok) throw Object.assign(new Error(answer.reason), { answer });
      county = answer.data.features.filter(isArea).map((one) => one.geometry);
    }
    const near = (shape, point) => math.contains(shape, point) || math.edges(shape).some((edge) => math.along(edge[0], edge[1], point).off <= 5e-6);
    const isIn = (point) => county.some((shape) => near(shape, point));
    return county.length && !math.vertices(geometry).every(isIn) ? "draw_outside" : null;
  };
})();
