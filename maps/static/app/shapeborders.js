// Change borders that grids share: a vertex is moved, added and removed in every grid that has it, so nothing opens or overlaps.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const state = gridsight.state;
  const math = gridsight.shapeMath;
  const list = gridsight.shapeList;
  /** @type {Record<string, any>} */
  const borders = (gridsight.shapeBorders = {});

  // Grids cover the county once; areas and places may lie over one another.
  borders.areShared = () => state.shapes.layer === "grids";

  const others = (key) => list.all().filter((one) => one.key !== key);

  // Whatever changes a vertex of one feature: the features that have it, each with all corners of its neighbours on it.
  function holders(key, point) {
    const own = list.of(key);
    if (!borders.areShared()) return [own];
    const all = list.all();
    const holding = all.map((one) => Object.assign({}, one, { geometry: math.noded(one.geometry, [point]) })).filter((one) => math.has(one.geometry, point));
    return holding.map((one) => {
      const near = all.filter((other) => other.key !== one.key && math.meet(math.box(other.geometry), math.box(one.geometry), 1e-9));
      const points = [].concat(...near.map((other) => math.vertices(other.geometry)));
      return Object.assign({}, one, { geometry: math.noded(one.geometry, points) });
    });
  }

  const asChanges = (held, work) => held.map((one) => ({ key: one.key, geometry: work(one.geometry) }));

  // Whether all that hold a vertex may be changed: their versions are known.
  const mayChange = (held) => held.every((one) => one.isNew || list.isKnown(one.key));

  // How to move a vertex: a function of the place, that gives the changes; null while neighbours are being read.
  borders.moving = function (key, point) {
    const held = holders(key, point);
    return mayChange(held) ? (to) => asChanges(held, (geometry) => math.move(geometry, point, to)) : null;
  };

  // The changes that put a vertex on an edge, in all that have the edge.
  borders.adding = function (key, edge, point) {
    const between = (geometry) => math.noded(geometry, [point]);
    const held = borders.areShared() ? list.all().filter((one) => between(one.geometry) !== one.geometry) : [list.of(key)];
    return mayChange(held) ? asChanges(held, between) : null;
  };

  // The changes that remove a vertex, or the key of why it must stay.
  borders.removing = function (key, point) {
    const held = holders(key, point);
    if (!mayChange(held)) return "draw_reading";
    const ends = held.map((one) => math.edges(one.geometry).filter((edge) => edge.some((end) => math.same(end, point)))
      .map((edge) => String(math.same(edge[0], point) ? edge[1] : edge[0])).sort().join(" "));
    if (ends.some((one) => one !== ends[0])) return "draw_junction";
    if (held.some((one) => math.rings(one.geometry).some((ring) => ring.length < 4 && ring.some((end) => math.same(end, point))))) return "draw_fewest";
    return asChanges(held, (geometry) => math.remove(geometry, point));
  };

  // The corners of a shape are corners of whatever it lies along.
  borders.joining = function (key) {
    if (!borders.areShared()) return [];
    const own = list.of(key);
    const near = others(key).filter((one) => math.meet(math.box(one.geometry), math.box(own.geometry), 1e-9));
    const made = math.noded(own.geometry, [].concat(...near.map((one) => math.vertices(one.geometry))));
    const theirs = near.map((one) => ({ key: one.key, was: one.geometry, geometry: math.noded(one.geometry, math.vertices(made)) }));
    return [{ key, geometry: made, was: own.geometry }].concat(theirs).filter((one) => one.geometry !== one.was)
      .map((one) => ({ key: one.key, geometry: one.geometry }));
  };

  // Two that overlap as they are stored are told by `check`, not by whoever moves another border of them.
  function overlapped(one, other) {
    const was = (key) => (list.stored(key) ? list.stored(key).feature : list.around.get(key));
    const [mine, theirs] = [was(one), was(other)];
    return Boolean(mine && theirs) && math.overlap(mine.geometry, theirs.geometry);
  }

  const levelOf = (one) => Number(one.properties.level || 1);

  // What is wrong with changed areas: { key, what } of a sentence; null where nothing is.
  borders.fault = function (keys) {
    for (const one of keys.map(list.of).filter(Boolean)) {
      const own = math.fault(one.geometry);
      if (own) return { word: own, what: list.nameOf(one.key) };
      if (!borders.areShared()) continue;
      const crossed = others(one.key).find((other) => levelOf(other) === levelOf(one) && math.overlap(one.geometry, other.geometry) && !overlapped(one.key, other.key));
      if (crossed) return { word: "draw_overlaps", what: list.nameOf(one.key), other: list.nameOf(crossed.key) };
    }
    return null;
  };

  // Neighbours with which an area has a border in common, so that they can be merged.
  borders.neighbours = function (key) {
    const own = list.of(key);
    if (!own) return [];
    const mine = math.vertices(own.geometry);
    const meets = (other) => math.vertices(other.geometry).concat(mine).filter((point) => math.has(math.noded(own.geometry, [point]), point) && math.has(math.noded(other.geometry, [point]), point));
    return others(key).filter((one) => (!borders.areShared() || levelOf(one) === levelOf(own)) && math.meet(math.box(one.geometry), math.box(own.geometry), 1e-9) && new Set(meets(one).map(String)).size > 1);
  };
})();
