// Draw cameras as sectors near the ground: where each looks and, as far as its view tells, how far it reaches.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const FROM = 15; // zoom; farther out sectors would be smaller than the symbols
  const FIXED = 26; // pixels of a sector whose reach is not known
  const LEAST = 14; // pixels: a shorter one would be hidden by its symbol
  const EQUATOR_M = 40075016.686;
  const DASHES = { online: [], offline: [5, 4], planned: [1.5, 3], unknown: [5, 2, 1.5, 2] };

  gridsight.sectors = { areDrawn: () => gridsight.map.getZoom() >= FROM };

  // Pixels of a metre on the ground at a latitude.
  gridsight.pixelsOfMetre = (lat) => (256 * gridsight.map.getZoomScale(gridsight.map.getZoom(), 0)) / (EQUATOR_M * Math.cos((lat * Math.PI) / 180));

  // The corners of a sector as an arc of a canvas: from, to, and whether it goes round.
  gridsight.sectorOf = function (values) {
    if (gridsight.missing(values.azimuth) || gridsight.missing(values.hfov) || values.hfov >= 360) {
      return { from: 0, to: 2 * Math.PI, isRound: true, isKnown: !gridsight.missing(values.hfov) && values.hfov >= 360 };
    }
    const middle = ((values.azimuth - 90) * Math.PI) / 180;
    const half = (values.hfov * Math.PI) / 360;
    return { from: middle - half, to: middle + half, isRound: false, isKnown: true };
  };

  function outline(context, sector, x, y, length) {
    context.beginPath();
    if (!sector.isRound) context.moveTo(x, y);
    context.arc(x, y, length, sector.from, sector.to);
    context.closePath();
  }

  function sector(context, values, x, y, length) {
    const status = gridsight.draw.statusOf(values);
    if (status === "removed") return;
    const colours = gridsight.colours();
    const sector = gridsight.sectorOf(values);
    // Which way it looks is not known: a ring of dashes, no sector.
    outline(context, sector, x, y, sector.isKnown ? length : Math.min(length, FIXED / 2));
    const colour = status === "offline" ? colours.offline : colours.camera[gridsight.draw.classKey(values)];
    if (sector.isKnown && status !== "planned") {
      context.globalAlpha = status === "online" ? 0.16 : 0.06;
      context.fillStyle = colour;
      context.fill();
    }
    context.setLineDash([]);
    context.globalAlpha = 0.7;
    context.lineWidth = 2.6;
    context.strokeStyle = colours.halo;
    context.stroke();
    context.setLineDash(sector.isKnown ? DASHES[status] : [2, 3]);
    context.globalAlpha = 0.85;
    context.lineWidth = 1.1;
    context.strokeStyle = colour;
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  const reachOf = (sheets) => {
    const found = new Map();
    sheets.forEach((sheet) => sheet.features.forEach((one) => {
      const metres = one.value("range_m");
      if (!gridsight.missing(metres)) found.set(one.key, metres);
    }));
    return found;
  };

  // `sheets` are those of the views; the cameras themselves are asked for here.
  gridsight.sectors.paint = function (context, sheets, box) {
    const reach = reachOf(sheets);
    const scale = gridsight.pixelsOfMetre(gridsight.map.getCenter().lat);
    const size = box.getSize();
    const longest = 4 * Math.max(size.x, size.y);
    const drawn = new Map();
    gridsight.source.sheets("cameras").forEach((sheet) => sheet.features.forEach((feature) => {
      if (feature.value("n") || drawn.has(feature.key)) return; // in the margins of two tiles
      const metres = reach.get(feature.key) || feature.value("range_m");
      const length = gridsight.missing(metres) ? FIXED : Math.min(longest, Math.max(LEAST, metres * scale));
      const x = feature.rings[0][0] * sheet.scale + sheet.x;
      const y = feature.rings[0][1] * sheet.scale + sheet.y;
      if (x + length < box.min.x || x - length > box.max.x || y + length < box.min.y || y - length > box.max.y) return;
      drawn.set(feature.key, length);
      sector(context, feature.values, x, y, length);
    }));
    gridsight.sectors.drawn = drawn;
  };
  gridsight.sectors.drawn = new Map();
})();
