// Read a pair of coordinates as people write them: degrees in any spelling and either order, or metres of a projection.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const MOST_LON = 180;
  const MOST_LAT = 90;
  // Northings of mainland zones, in metres; eastings with a zone number before them have eight digits.
  const NORTHINGS = [1.5e6, 6.5e6];
  const ANGLE = /([+-]?)(\d+(?:\.\d+)?)(?:\s*°(?:\s*(\d+(?:\.\d+)?)\s*'(?:\s*(\d+(?:\.\d+)?)\s*")?)?)?/.source;
  const PAIR = new RegExp("^([NSEW]?)\\s*" + ANGLE + "\\s*([NSEW]?)(\\s*[,;/]\\s*|\\s+|)([NSEW]?)\\s*" + ANGLE + "\\s*([NSEW]?)$");
  const BLANKS = /^([NSEW]?)\s*([+-]?\d+)\s+(\d+(?:\.\d+)?)(?:\s+(\d+(?:\.\d+)?))?\s*([NSEW]?)\s*[,;\s]\s*([NSEW]?)\s*([+-]?\d+)\s+(\d+(?:\.\d+)?)(?:\s+(\d+(?:\.\d+)?))?\s*([NSEW]?)$/;

  // One writing of signs, marks and directions.
  function plain(text) {
    return text.normalize("NFKC").trim().toUpperCase()
      .replace(/北纬|纬度|LAT(ITUDE)?[:=]?/g, "N").replace(/南纬/g, "S").replace(/东经|经度|LON(GITUDE)?[:=]?|LNG[:=]?/g, "E").replace(/西经/g, "W")
      .replace(/([NSEW])\s*[:=]/g, "$1").replace(/[度º˚]/g, "°").replace(/[分′’‘]/g, "'").replace(/''|[秒″”“]/g, '"').replace(/[、，]/g, ",").replace(/−/g, "-");
  }

  // A direction stands before or after its number, not both.
  function angle(before, sign, degrees, minutes, seconds, after) {
    const [d, m, s] = [degrees, minutes || 0, seconds || 0].map(Number);
    if ((before && after) || m >= 60 || s >= 60) return null;
    const way = before || after;
    const size = d + m / 60 + s / 3600;
    return { way, value: sign === "-" || way === "S" || way === "W" ? -size : size };
  }

  // By direction where it is written, else by range: what is more than 90 is no latitude; else longitude is first.
  function ordered(a, b) {
    const isLat = (one) => one.way === "N" || one.way === "S";
    const isLon = (one) => one.way === "E" || one.way === "W";
    if ((isLat(a) && isLat(b)) || (isLon(a) && isLon(b))) return null;
    const isLatFirst = isLat(a) || isLon(b) || (!isLon(a) && !isLat(b) && Math.abs(b.value) > MOST_LAT);
    const [lon, lat] = isLatFirst ? [b.value, a.value] : [a.value, b.value];
    return Math.abs(lon) <= MOST_LON && Math.abs(lat) <= MOST_LAT ? { lon, lat } : null;
  }

  // Directions before their numbers are put behind them.
  const behind = (text) => (/^[NSEW]/.test(text) ? text.replace(/([NSEW])\s*([^NSEW]+)/g, (all, way, size) => "," + size.replace(/[\s,;/]+$/, "") + way).slice(1) : text);

  function degrees(written) {
    const text = behind(written);
    const pair = PAIR.exec(text);
    const found = pair || BLANKS.exec(text);
    if (!found) return null;
    // Two numbers without anything between them are one.
    if (pair && !/[\s,;/NSEW°'"]/.test(text)) return null;
    const [first, second] = pair
      ? [angle(pair[1], pair[2], pair[3], pair[4], pair[5], pair[6]), angle(pair[8], pair[9], pair[10], pair[11], pair[12], pair[13])]
      : [[1, 2], [6, 7]].map(([way, at]) => angle(found[way], found[at][0] === "-" ? "-" : "", found[at].replace(/^[+-]/, ""), found[at + 1], found[at + 2], found[at + 3]));
    return first && second ? ordered(first, second) : null;
  }

  const codeOf = (text) => (/^EPSG:\d+$/i.test(String(text)) ? String(text).toUpperCase() : null);

  // The projected systems that people here use, the likeliest first: that of the data, that the run was computed in, and
  // that of the meridian nearest to a longitude (CGCS2000, zones of three degrees; elsewhere UTM).
  gridsight.projectedSystems = function (lon) {
    const run = gridsight.model.run || {};
    const said = run.summary || run;
    const meridian = Math.round(lon / 3) * 3;
    const near = meridian >= 75 && meridian <= 135 ? 4534 + (meridian - 75) / 3 : 32601 + Math.floor((lon + 180) / 6);
    return [said.crs, gridsight.model.meta.crs, said.computing_crs, "EPSG:" + near].map(codeOf)
      .filter((one, at, all) => one && one !== "EPSG:4326" && one !== "EPSG:4490" && all.indexOf(one) === at);
  };

  // The systems that metres may be of: that of the zone written before the easting, else those that people here use.
  function systems(x) {
    const zone = Math.floor(x / 1e6);
    if (zone >= 25 && zone <= 45) return ["EPSG:" + (4513 + zone - 25)];
    if (zone >= 13 && zone <= 23) return ["EPSG:" + (4491 + zone - 13)];
    return gridsight.projectedSystems(gridsight.map.getCenter().lng);
  }

  function metres(text) {
    const found = /^([+-]?\d+(?:\.\d+)?)\s*(?:M|米)?(?:\s*[,;]\s*|\s+)([+-]?\d+(?:\.\d+)?)\s*(?:M|米)?$/.exec(text.replace(/[XY东北]\s*[:=]?\s*/g, ""));
    if (!found) return null;
    const [a, b] = [Number(found[1]), Number(found[2])];
    if (Math.min(Math.abs(a), Math.abs(b)) < 1e4) return null;
    const isNorthing = (value) => value >= NORTHINGS[0] && value <= NORTHINGS[1];
    const [x, y] = isNorthing(a) && !isNorthing(b) ? [b, a] : [a, b];
    return { x, y };
  }

  // What a text may mean as a point: degrees, or metres with the systems they may be of; null for neither.
  gridsight.readCoordinates = function (text) {
    const written = plain(text);
    const point = degrees(written);
    if (point) return point;
    const flat = metres(written);
    return flat ? Object.assign(flat, { systems: systems(flat.x) }) : null;
  };
})();
