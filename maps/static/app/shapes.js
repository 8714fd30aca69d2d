// Unpack shapes: encoded polylines of the one-file map, GeoJSON of the API; both become arrays of [lat, lon].
(function () {
  "use strict";

  const gridsight = window.gridsight;
  /** @type {Record<string, any>} */
  const shapes = (gridsight.shapes = {});

  // The encoded polyline format with six decimals (maps/web/encoded_polylines.py).
  function ring(text) {
    const points = [];
    let place = 0;
    let lat = 0;
    let lon = 0;
    function next() {
      let value = 0;
      let factor = 1;
      let group;
      do {
        group = text.charCodeAt(place++) - 63;
        value += (group & 0x1f) * factor;
        factor *= 32;
      } while (group >= 0x20);
      return value % 2 ? -(value + 1) / 2 : value / 2;
    }
    while (place < text.length) {
      lat += next();
      lon += next();
      points.push([lat / 1e6, lon / 1e6]);
    }
    return points;
  }

  shapes.unpack = (parts) => parts.map((part) => part.map(ring));

  const lonLatToLatLon = (points) => points.map((one) => [one[1], one[0]]);

  function openRing(points) {
    const ring = lonLatToLatLon(points);
    const first = ring[0];
    const last = ring[ring.length - 1];
    if (ring.length > 1 && first[0] === last[0] && first[1] === last[1]) ring.pop();
    return ring;
  }

  // Parts of rings for polygons, parts of one line for lines, of one corner for each of several points; a point alone,
  // whose place is in lon and lat, and nothing give no parts.
  shapes.fromGeoJson = function (geometry, isPart) {
    if (!geometry) return [];
    const coordinates = geometry.coordinates;
    switch (geometry.type) {
      case "Point":
        return isPart ? [[lonLatToLatLon([coordinates])]] : [];
      case "MultiPoint":
        return coordinates.map((point) => [lonLatToLatLon([point])]);
      case "Polygon":
        return [coordinates.map(openRing)];
      case "MultiPolygon":
        return coordinates.map((part) => part.map(openRing));
      case "LineString":
        return [[lonLatToLatLon(coordinates)]];
      case "MultiLineString":
        return coordinates.map((line) => [lonLatToLatLon(line)]);
      case "GeometryCollection":
        return [].concat(...geometry.geometries.map((one) => shapes.fromGeoJson(one, true)));
      default:
        return [];
    }
  };

  shapes.toGeoJson = function (parts) {
    const close = (points) => points.concat([points[0]]).map((one) => [one[1], one[0]]);
    const polygons = parts.filter((part) => part[0].length > 1).map((part) => part.map(close));
    if (!polygons.length) return null;
    return polygons.length === 1
      ? { type: "Polygon", coordinates: polygons[0] }
      : { type: "MultiPolygon", coordinates: polygons };
  };

  shapes.bounds = function (parts) {
    const box = L.latLngBounds([]);
    parts.forEach((part) => part[0] && part[0].forEach((point) => box.extend(point)));
    return box;
  };

  function inRing(points, lat, lon) {
    let inside = false;
    for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
      const a = points[i];
      const b = points[j];
      if (a[0] > lat !== b[0] > lat && lon < ((b[1] - a[1]) * (lat - a[0])) / (b[0] - a[0]) + a[1]) inside = !inside;
    }
    return inside;
  }

  shapes.contains = (parts, lat, lon) =>
    parts.some((part) => inRing(part[0], lat, lon) && !part.slice(1).some((hole) => inRing(hole, lat, lon)));

  // A point well inside the largest part: the middle of the longest run along a line through its centre.
  shapes.middle = function (parts) {
    /** @type {{ part: number[][][], box: any, size: number } | null} */
    let best = null;
    parts.forEach((part) => {
      if (!part.length || !part[0].length) return;
      const box = L.latLngBounds(part[0]);
      const size = (box.getNorth() - box.getSouth()) * (box.getEast() - box.getWest());
      if (!best || size > best.size) best = { part, box, size };
    });
    if (!best) return null;
    const lat = (best.box.getNorth() + best.box.getSouth()) / 2;
    const cuts = [];
    best.part.forEach((points) => {
      for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
        const a = points[i];
        const b = points[j];
        if (a[0] > lat !== b[0] > lat) cuts.push(((b[1] - a[1]) * (lat - a[0])) / (b[0] - a[0]) + a[1]);
      }
    });
    cuts.sort((a, b) => a - b);
    let middle = [lat, (best.box.getEast() + best.box.getWest()) / 2];
    let widest = 0;
    for (let i = 0; i + 1 < cuts.length; i += 2) {
      if (cuts[i + 1] - cuts[i] > widest) {
        widest = cuts[i + 1] - cuts[i];
        middle = [lat, (cuts[i] + cuts[i + 1]) / 2];
      }
    }
    return middle;
  };
})();
