// Reckon with areas in degrees: their rings, vertices and edges, what changes one, its size, and what is wrong with it.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  /** @type {Record<string, any>} */
  const math = (gridsight.shapeMath = {});
  const ON_BORDER = 1e-9; // degrees, 0.1 mm: a place along an edge is no exact number
  const SMALLEST_M2 = 1;

  math.same = (a, b) => a[0] === b[0] && a[1] === b[1];

  math.polygons = (geometry) => (!geometry ? [] : geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : []);

  // Rings without the vertex that closes them.
  math.rings = (geometry) => [].concat(...math.polygons(geometry).map((rings) => rings.map((ring) => ring.slice(0, -1))));

  math.ofRing = (ring) => ({ type: "Polygon", coordinates: [ring.concat([ring[0]])] });

  // The shape with each ring as `work` gives it, which gets it open.
  function changed(geometry, work) {
    const close = (ring) => ring.concat([ring[0]]);
    const parts = math.polygons(geometry).map((rings) => rings.map((ring) => close(work(ring.slice(0, -1)))));
    return { type: geometry.type, coordinates: geometry.type === "Polygon" ? parts[0] : parts };
  }

  math.vertices = (geometry) => [].concat(...math.rings(geometry));

  math.edges = (geometry) => [].concat(...math.rings(geometry).map((ring) => ring.map((one, at) => [one, ring[(at + 1) % ring.length]])));

  math.has = (geometry, point) => math.vertices(geometry).some((one) => math.same(one, point));

  math.move = (geometry, from, to) => changed(geometry, (ring) => ring.map((one) => (math.same(one, from) ? to : one)));

  math.remove = (geometry, point) => changed(geometry, (ring) => (ring.length > 3 ? ring.filter((one) => !math.same(one, point)) : ring));

  const boxes = new WeakMap();

  // West, south, east and north.
  math.box = function (geometry) {
    if (!boxes.has(geometry)) {
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      const points = geometry.type === "Point" ? [geometry.coordinates] : math.vertices(geometry);
      points.forEach(([lon, lat]) => {
        box[0] = Math.min(box[0], lon);
        box[1] = Math.min(box[1], lat);
        box[2] = Math.max(box[2], lon);
        box[3] = Math.max(box[3], lat);
      });
      boxes.set(geometry, box);
    }
    return boxes.get(geometry);
  };

  math.meet = (a, b, margin) => a[0] <= b[2] + margin && b[0] <= a[2] + margin && a[1] <= b[3] + margin && b[1] <= a[3] + margin;

  // How far along an edge a point lies, 0 to 1, and how far off it, in degrees.
  math.along = function (a, b, point) {
    const [x, y] = [b[0] - a[0], b[1] - a[1]];
    const square = x * x + y * y;
    const share = square ? Math.max(0, Math.min(1, ((point[0] - a[0]) * x + (point[1] - a[1]) * y) / square)) : 0;
    return { share, off: Math.hypot(a[0] + share * x - point[0], a[1] + share * y - point[1]) };
  };

  // The shape with those of some points as vertices that lie on its border and are none yet.
  math.noded = function (geometry, points) {
    const near = points.filter((one) => math.meet(math.box(geometry), [one[0], one[1], one[0], one[1]], ON_BORDER) && !math.has(geometry, one));
    if (!near.length) return geometry;
    let isSame = true;
    const made = changed(geometry, (ring) => [].concat(...ring.map((a, at) => {
      const b = ring[(at + 1) % ring.length];
      const on = near.map((one) => [math.along(a, b, one), one]).filter((one) => one[0].off <= ON_BORDER);
      if (on.length) isSame = false;
      on.sort((one, other) => one[0].share - other[0].share);
      return [a].concat(on.map((one) => one[1]).filter((one, place, all) => !place || !math.same(one, all[place - 1])));
    })));
    return isSame ? geometry : made;
  };

  // Whether the borders of two areas have a point in common, or come nearer than `margin` degrees at a vertex.
  math.touch = function (one, other, margin) {
    const [mine, theirs] = [math.box(one), math.box(other)];
    if (!math.meet(mine, theirs, margin)) return false;
    const isNear = (point, edge) => math.meet([Math.min(edge[0][0], edge[1][0]), Math.min(edge[0][1], edge[1][1]), Math.max(edge[0][0], edge[1][0]), Math.max(edge[0][1], edge[1][1])], [...point, ...point], margin);
    const lie = (points, box, edges) => points.filter((point) => math.meet(box, [...point, ...point], margin))
      .some((point) => edges.some((edge) => isNear(point, edge) && math.along(edge[0], edge[1], point).off <= margin));
    return lie(math.vertices(other), mine, math.edges(one)) || lie(math.vertices(one), theirs, math.edges(other));
  };

  // Twice the area of a triangle, with its sign; zero where its points are on one line.
  const turn = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

  // Whether two edges cross at a point that is inside both, by more than rounding.
  math.cross = function (a, b, c, d) {
    if (Math.max(a[0], b[0]) < Math.min(c[0], d[0]) || Math.max(c[0], d[0]) < Math.min(a[0], b[0])) return false;
    if (Math.max(a[1], b[1]) < Math.min(c[1], d[1]) || Math.max(c[1], d[1]) < Math.min(a[1], b[1])) return false;
    const [ab, cd] = [Math.hypot(b[0] - a[0], b[1] - a[1]) || 1, Math.hypot(d[0] - c[0], d[1] - c[1]) || 1];
    const sides = [turn(a, b, c) / ab, turn(a, b, d) / ab, turn(c, d, a) / cd, turn(c, d, b) / cd];
    return sides.every((one) => Math.abs(one) > ON_BORDER) && sides[0] > 0 !== sides[1] > 0 && sides[2] > 0 !== sides[3] > 0;
  };

  math.contains = (geometry, point) => gridsight.shapes.contains(gridsight.shapes.fromGeoJson(geometry), point[1], point[0]);

  // Whether a point lies inside and not on the border.
  math.within = (geometry, point) => math.contains(geometry, point) && math.edges(geometry).every((edge) => math.along(edge[0], edge[1], point).off > ON_BORDER);

  math.middle = function (geometry) {
    const found = gridsight.shapes.middle(gridsight.shapes.fromGeoJson(geometry));
    return found && [found[1], found[0]];
  };

  // Whether two areas have more than their border in common.
  math.overlap = function (one, other) {
    if (!math.meet(math.box(one), math.box(other), 0)) return false;
    const [mine, theirs] = [math.edges(one), math.edges(other)];
    if (mine.some((a) => theirs.some((b) => math.cross(a[0], a[1], b[0], b[1])))) return true;
    const inside = (inner, outer) => math.vertices(inner).some((point) => math.within(outer, point)) || math.within(outer, math.middle(inner));
    return inside(one, other) || inside(other, one);
  };

  const place = (point) => ({ lon: point[0], lat: point[1] });

  // Square metres on the ellipsoid, of edges that are straight in degrees.
  math.ringArea = (ring) => gridsight.geodesy.flatArea(ring.concat(ring.slice(0, 1)).map(place));

  math.area = (geometry) => math.polygons(geometry).reduce((sum, rings) => rings.reduce((left, ring, at) => left + (at ? -1 : 1) * math.ringArea(ring.slice(0, -1)), sum), 0);

  // Metres between two places on the ellipsoid.
  math.distance = (a, b) => gridsight.geodesy.between(place(a), place(b)).metres;

  math.length = (points) => points.reduce((sum, one, at) => (at ? sum + math.distance(points[at - 1], one) : 0), 0);

  math.border = (geometry) => math.edges(geometry).reduce((sum, edge) => sum + math.distance(edge[0], edge[1]), 0);

  const isSpike = (a, b, c) => Math.abs(turn(a, b, c)) <= ON_BORDER * Math.hypot(b[0] - a[0], b[1] - a[1]) && (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0;

  // The key of the sentence that says what is wrong with an area; null where nothing is.
  math.fault = function (geometry) {
    const rings = math.rings(geometry);
    if (!rings.length || rings.some((ring) => ring.length < 3)) return "draw_flat";
    const edges = math.edges(geometry);
    if (edges.some((one, at) => edges.slice(at + 1).some((other) => math.cross(one[0], one[1], other[0], other[1])))) return "draw_crosses";
    const twice = (ring) => new Set(ring.map(String)).size < ring.length;
    const spike = (ring) => ring.some((one, at) => isSpike(ring[(at + ring.length - 1) % ring.length], one, ring[(at + 1) % ring.length]));
    const touches = (ring) => ring.some((one) => edges.some((edge) => !math.same(edge[0], one) && !math.same(edge[1], one) && math.along(edge[0], edge[1], one).off <= ON_BORDER));
    if (rings.some((ring) => math.ringArea(ring) < SMALLEST_M2)) return "draw_flat";
    return rings.some((ring) => twice(ring) || spike(ring) || touches(ring)) ? "draw_crosses" : null;
  };
})();
