// Measure on the ellipsoid: lengths, bearings, areas between geodesics, and the metres of a projected CRS.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  /** @type {Record<string, any>} */
  const geodesy = (gridsight.geodesy = {});
  // Radius at the equator in metres, and flattening.
  const WGS84 = { a: 6378137, f: 1 / 298.257223563 };
  const CGCS2000 = { a: 6378137, f: 1 / 298.257222101 };
  const RAD = Math.PI / 180;
  const STEP_M = 2000; // longest piece of a geodesic that is taken as straight
  const MOST_STEPS = 200;
  const MOST_TURNS = 100;

  const { a, f } = WGS84;
  const b = a * (1 - f);
  const reduced = (lat) => Math.atan((1 - f) * Math.tan(lat * RAD));

  // Vincenty 1975, Survey Review 23(176), 88-93: the series of both problems, with u2 = cos2(alpha) e'2.
  function series(cos2) {
    const u2 = (cos2 * (a * a - b * b)) / (b * b);
    return [
      1 + (u2 / 16384) * (4096 + u2 * (-768 + u2 * (320 - 175 * u2))),
      (u2 / 1024) * (256 + u2 * (-128 + u2 * (74 - 47 * u2))),
    ];
  }

  const beyond = (B, sinS, cosS, cosM) =>
    B * sinS * (cosM + (B / 4) * (cosS * (2 * cosM * cosM - 1) - (B / 6) * cosM * (4 * sinS * sinS - 3) * (4 * cosM * cosM - 3)));

  const lonShift = (cos2) => (f / 16) * cos2 * (4 + f * (4 - 3 * cos2));
  const turn = (C, sinA, S, sinS, cosS, cosM) => (1 - C) * f * sinA * (S + C * sinS * (cosM + C * cosS * (2 * cosM * cosM - 1)));

  // Between two points { lat, lon }: metres, and the bearings there and back in degrees from true north.
  geodesy.between = function (from, to) {
    const L = (to.lon - from.lon) * RAD;
    const [u1, u2] = [reduced(from.lat), reduced(to.lat)];
    const [sin1, cos1, sin2, cos2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
    let lambda = L;
    let last;
    let turns = 0;
    let sinS, cosS, S, sinA, square, cosM;
    do {
      const [sinL, cosL] = [Math.sin(lambda), Math.cos(lambda)];
      sinS = Math.hypot(cos2 * sinL, cos1 * sin2 - sin1 * cos2 * cosL);
      if (sinS === 0) return { metres: 0, there: null, back: null };
      cosS = sin1 * sin2 + cos1 * cos2 * cosL;
      S = Math.atan2(sinS, cosS);
      sinA = (cos1 * cos2 * sinL) / sinS;
      square = 1 - sinA * sinA;
      cosM = square < 1e-12 ? 0 : cosS - (2 * sin1 * sin2) / square;
      last = lambda;
      lambda = L + turn(lonShift(square), sinA, S, sinS, cosS, cosM);
    } while (Math.abs(lambda - last) > 1e-12 && ++turns < MOST_TURNS);
    const [A, B] = series(square);
    const there = Math.atan2(cos2 * Math.sin(lambda), cos1 * sin2 - sin1 * cos2 * Math.cos(lambda)) / RAD;
    const onward = Math.atan2(cos1 * Math.sin(lambda), -sin1 * cos2 + cos1 * sin2 * Math.cos(lambda)) / RAD;
    return { metres: b * A * (S - beyond(B, sinS, cosS, cosM)), there: (there + 360) % 360, back: (onward + 180 + 360) % 360 };
  };

  // The point so many metres away in a direction.
  geodesy.towards = function (from, degrees, metres) {
    const u1 = reduced(from.lat);
    const [sin1, cos1, sinT, cosT] = [Math.sin(u1), Math.cos(u1), Math.sin(degrees * RAD), Math.cos(degrees * RAD)];
    const start = Math.atan2(Math.tan(u1), cosT);
    const sinA = cos1 * sinT;
    const square = 1 - sinA * sinA;
    const [A, B] = series(square);
    let S = metres / (b * A);
    let last;
    let turns = 0;
    let sinS, cosS, cosM;
    do {
      [sinS, cosS, cosM] = [Math.sin(S), Math.cos(S), Math.cos(2 * start + S)];
      last = S;
      S = metres / (b * A) + beyond(B, sinS, cosS, cosM);
    } while (Math.abs(S - last) > 1e-12 && ++turns < MOST_TURNS);
    const lat = Math.atan2(sin1 * cosS + cos1 * sinS * cosT, (1 - f) * Math.hypot(sinA, sin1 * sinS - cos1 * cosS * cosT));
    const lambda = Math.atan2(sinS * sinT, cos1 * cosS - sin1 * sinS * cosT);
    return { lat: lat / RAD, lon: from.lon + (lambda - turn(lonShift(square), sinA, S, sinS, cosS, cosM)) / RAD };
  };

  // The points of a geodesic, so near one another that straight lines between them are the same.
  geodesy.along = function (from, to) {
    const said = geodesy.between(from, to);
    const steps = Math.min(MOST_STEPS, Math.ceil(said.metres / STEP_M));
    const points = [from];
    for (let i = 1; i < steps; i++) points.push(geodesy.towards(from, said.there, (said.metres * i) / steps));
    return points.concat([to]);
  };

  geodesy.line = (points) => points.slice(1).reduce((all, point, at) => all.concat(geodesy.along(points[at], point).slice(1)), points.slice(0, 1));
  geodesy.length = (points) => points.slice(1).reduce((sum, point, at) => sum + geodesy.between(points[at], point).metres, 0);

  // The area from the equator to a latitude, for a radian of longitude (Snyder 1987, 3-12).
  function below(lat) {
    const e = Math.sqrt(f * (2 - f));
    const s = Math.sin(lat * RAD);
    return ((a * a * (1 - e * e)) / 2) * (s / (1 - e * e * s * s) + Math.atanh(e * s) / e);
  }

  // Square metres of a closed ring of points that lines straight in degrees join: the sum of their areas to the parallel
  // of the first.
  geodesy.flatArea = function (ring) {
    const base = ring.length ? below(ring[0].lat) : 0;
    return Math.abs(ring.slice(1).reduce((all, to, at) => {
      const from = ring[at];
      const mean = (below(from.lat) + 4 * below((from.lat + to.lat) / 2) + below(to.lat)) / 6 - base;
      return all + (to.lon - from.lon) * RAD * mean;
    }, 0));
  };

  // Square metres of a ring of points that geodesics join.
  geodesy.area = (points) => (points.length < 3 ? 0 : geodesy.flatArea(geodesy.line(points.concat([points[0]]))));

  // What an EPSG code says of a transverse Mercator projection: CGCS2000 in zones of three and six degrees, with the
  // zone before the easting and without, and UTM on WGS-84; null for any other.
  geodesy.projection = function (code) {
    const n = Number(String(code).replace(/^EPSG:/i, ""));
    const gauss = (middle, zone) => ({ shape: CGCS2000, middle, scale: 1, east: 5e5 + zone * 1e6, north: 0 });
    if (n >= 4491 && n <= 4501) return gauss((n - 4491) * 6 + 75, n - 4491 + 13);
    if (n >= 4502 && n <= 4512) return gauss((n - 4502) * 6 + 75, 0);
    if (n >= 4513 && n <= 4533) return gauss((n - 4513) * 3 + 75, n - 4513 + 25);
    if (n >= 4534 && n <= 4554) return gauss((n - 4534) * 3 + 75, 0);
    const utm = (zone, north) => ({ shape: WGS84, middle: zone * 6 - 183, scale: 0.9996, east: 5e5, north });
    if (n > 32600 && n <= 32660) return utm(n - 32600, 0);
    if (n > 32700 && n <= 32760) return utm(n - 32700, 1e7);
    return null;
  };

  // Degrees to metres of a transverse Mercator projection (Krüger 1912 in n; Karney 2011, doi:10.1007/s00190-011-0445-3).
  geodesy.project = function (point, to) {
    const n = to.shape.f / (2 - to.shape.f);
    const e = Math.sqrt(to.shape.f * (2 - to.shape.f));
    const radius = (to.shape.a / (1 + n)) * (1 + n ** 2 / 4 + n ** 4 / 64);
    const alpha = [
      n / 2 - (2 / 3) * n ** 2 + (5 / 16) * n ** 3 + (41 / 180) * n ** 4,
      (13 / 48) * n ** 2 - (3 / 5) * n ** 3 + (557 / 1440) * n ** 4,
      (61 / 240) * n ** 3 - (103 / 140) * n ** 4,
      (49561 / 161280) * n ** 4,
    ];
    const sin = Math.sin(point.lat * RAD);
    const conformal = Math.sinh(Math.atanh(sin) - e * Math.atanh(e * sin));
    const lon = (point.lon - to.middle) * RAD;
    const xi = Math.atan2(conformal, Math.cos(lon));
    const eta = Math.asinh(Math.sin(lon) / Math.hypot(conformal, Math.cos(lon)));
    const sum = (first, second, start) => alpha.reduce((all, one, at) => all + one * first(2 * (at + 1) * xi) * second(2 * (at + 1) * eta), start);
    return {
      x: to.east + to.scale * radius * sum(Math.cos, Math.sinh, eta),
      y: to.north + to.scale * radius * sum(Math.sin, Math.cosh, xi),
    };
  };

  // Metres of a projection to degrees: the point is moved by what its own metres are off, until that is nothing.
  geodesy.unproject = function (flat, from) {
    const degree = (Math.PI * a) / 180;
    const point = { lat: (flat.y - from.north) / degree, lon: from.middle };
    for (let turns = 0; turns < MOST_TURNS; turns++) {
      const at = geodesy.project(point, from);
      const [east, north] = [flat.x - at.x, flat.y - at.y];
      if (!(Math.hypot(east, north) > 1e-4)) break;
      point.lat += north / degree;
      point.lon += east / (degree * Math.cos(point.lat * RAD));
    }
    return Math.abs(point.lat) <= 90 && Math.abs(point.lon - from.middle) <= 20 ? point : null;
  };
})();
