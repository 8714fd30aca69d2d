// Circles with counts of cameras, far out: dots lie below them, names and marks of places go out of their way.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const BELOW = 399; // of the pane of symbols, under what is clicked
  const ABOVE = 410; // over it, where symbols are counts

  const FAR = 60; // pixels that a mark goes at most, about
  const GAP = 1; // pixels between a circle and a mark

  const areCounted = () => gridsight.map.getZoom() < gridsight.POINTS_FROM;

  // Those of the view: { x, y, radius } in pixels of the map's layers.
  gridsight.countCircles = function () {
    if (!gridsight.state.shown.cameras || !gridsight.source.summary("cameras") || !areCounted()) return [];
    return gridsight.source.sheets("cameras").flatMap((sheet) => sheet.features.filter((one) => one.value("n")).map((one) => ({
      x: one.rings[0][0] * sheet.scale + sheet.x, y: one.rings[0][1] * sheet.scale + sheet.y, radius: gridsight.painting.countRadius(one.value("n")),
    })));
  };

  // Whether a box about a point, `left`, `right` and `half` its height, lies on a circle.
  function isOn(point, box, circle) {
    const across = Math.max(point.x - box.left - circle.x, 0, circle.x - point.x - box.right);
    const along = Math.max(Math.abs(point.y - circle.y) - box.half, 0);
    return Math.hypot(across, along) < circle.radius;
  }

  const meet = (a, b) =>
    a.point.x - a.box.left < b.point.x + b.box.right && b.point.x - b.box.left < a.point.x + a.box.right && Math.abs(a.point.y - b.point.y) < a.box.half + b.box.half;

  // Where a mark with its count is put: where it is, or beside the circles that it would hide, on the fewest others.
  gridsight.besideCounts = function (point, box, circles, taken) {
    if (!circles.some((one) => isOn(point, box, one))) return point;
    // Beside one circle may be on the next: all of the cluster are tried.
    const places = circles.filter((one) => point.distanceTo(one) < FAR).flatMap((one) => {
      const across = [one.x + one.radius + box.left + GAP, one.x - one.radius - box.right - GAP];
      const along = [one.y - one.radius - box.half - GAP, one.y + one.radius + box.half + GAP];
      return [...across.flatMap((x) => [L.point(x, point.y), L.point(x, one.y)]), ...along.flatMap((y) => [L.point(point.x, y), L.point(one.x, y)])];
    });
    const cost = (at) => 1000 * circles.filter((one) => isOn(at, box, one)).length + 300 * taken.filter((one) => meet({ point: at, box }, one)).length + at.distanceTo(point);
    return places.concat([point]).reduce((best, at) => (cost(at) < cost(best) ? at : best));
  };

  gridsight.onStart(function () {
    const order = () => {
      gridsight.map.getPane("symbols").style.zIndex = areCounted() ? ABOVE : BELOW;
    };
    gridsight.map.on("zoomend", order);
    order();
  });
})();
