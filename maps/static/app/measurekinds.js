// The kinds of measuring that need no service: length, area, bearing, and the coordinates of a place.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);
  const { measure, geodesy } = gridsight;

  // Lengths to the centimetre below a kilometre: people measure poles and lanes.
  const metres = (value) => (value < 1000 ? value.toFixed(2) + " m" : (value / 1000).toFixed(3) + " km (" + gridsight.count(value) + " m)");
  const area = (value) => gridsight.area(value) + (value >= 10000 ? " (" + gridsight.count(value) + " m²)" : "");
  const bearing = (value) => (gridsight.missing(value) ? "–" : value.toFixed(2) + "°");

  measure.metres = metres;
  measure.bearing = bearing;

  // Figures with a button that copies them as lines.
  function told(pairs) {
    const text = () => pairs.map((pair) => pair.join("\t")).join("\n");
    return [measure.figures(pairs), el("div", { class: "measure-row" }, gridsight.button("measure_copy", () => measure.copy(text())))];
  }

  measure.told = told;

  function length(points) {
    const last = geodesy.between(points[points.length - 2], points[points.length - 1]);
    const pairs = [[t("measure_length"), metres(geodesy.length(points))]];
    if (points.length > 2) pairs.push([t("measure_last"), metres(last.metres)]);
    return told(pairs);
  }

  const around = (points) => geodesy.length(points.concat([points[0]]));

  function bearings(points) {
    const said = geodesy.between(points[0], points[1]);
    return told([[t("measure_bearing"), bearing(said.there)], [t("measure_back"), bearing(said.back)], [t("measure_distance"), metres(said.metres)]]);
  }

  // The first of the systems that people here use that can be reckoned with.
  const systemAt = (lon) => gridsight.projectedSystems(lon).find((code) => geodesy.projection(code));

  function nameOf(code, system) {
    const west = system.middle < 0;
    const middle = Math.abs(system.middle) + "°" + (west ? "W" : "E");
    return t(system.scale === 1 ? "measure_gauss" : "measure_utm", { middle, code });
  }

  // One place in every system, each named: degrees of both datums, which differ by centimetres, and metres.
  measure.readings = function (point) {
    const degrees = point.lon.toFixed(7) + ", " + point.lat.toFixed(7);
    const code = systemAt(point.lon);
    const system = geodesy.projection(code);
    const flat = geodesy.project(point, system);
    return [
      { name: t("measure_wgs84"), shown: degrees, text: degrees },
      { name: t("measure_cgcs2000"), shown: degrees, text: degrees },
      { name: nameOf(code, system), shown: t("measure_flat", { x: flat.x.toFixed(2), y: flat.y.toFixed(2) }), text: flat.x.toFixed(3) + ", " + flat.y.toFixed(3) },
    ];
  };

  function place(points) {
    const rows = measure.readings(points[0]).map((one) => el("li", {}, [
      el("small", {}, one.name), el("span", {}, one.shown),
      el("button", { type: "button", class: "link", "aria-label": t("measure_copy") + " " + one.name, onclick: () => measure.copy(one.text) }, t("measure_copy")),
    ]));
    return [el("ul", { class: "measure-places" }, rows), el("p", { class: "measure-note" }, t("measure_datums"))];
  }

  measure.addKind("length", { least: 2, show: length });
  measure.addKind("area", { least: 3, isRing: true, show: (points) => told([[t("measure_area"), area(geodesy.area(points))], [t("measure_around"), metres(around(points))]]) });
  measure.addKind("bearing", { least: 2, most: 2, show: bearings });
  measure.addKind("place", { least: 1, most: 1, begin: "measure_begin_place", show: place });
})();
