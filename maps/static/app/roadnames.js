// Write the names of roads along them, where a road is straight for as long as its name is; each once in a while.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const SIZE = 11;
  const APART = 260; // pixels between two of one name
  const STRAIGHT = 0.97; // of a piece of road its ends are apart, by its length

  // A line as points of the map's panes, with how far along each is.
  function measured(sheet, ring) {
    const points = [];
    let along = 0;
    for (let i = 0; i < ring.length; i += 2) {
      const x = ring[i] * sheet.scale + sheet.x;
      const y = ring[i + 1] * sheet.scale + sheet.y;
      if (i) along += Math.hypot(x - points[points.length - 1].x, y - points[points.length - 1].y);
      points.push({ x, y, along });
    }
    return points;
  }

  function at(points, along) {
    let next = 1;
    while (next < points.length - 1 && points[next].along < along) next++;
    const [a, b] = [points[next - 1], points[next]];
    const share = b.along > a.along ? (along - a.along) / (b.along - a.along) : 0;
    return { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share };
  }

  // Where on a line a text of a width stands: the straight piece that is nearest to its middle; null for none.
  function placeOn(points, width) {
    const whole = points[points.length - 1].along;
    const room = whole - width;
    if (points.length < 2 || room < 0) return null;
    for (const share of [0.5, 0.3, 0.7, 0.1, 0.9]) {
      const [from, to] = [at(points, room * share), at(points, room * share + width)];
      if (Math.hypot(to.x - from.x, to.y - from.y) < STRAIGHT * width) continue;
      const angle = Math.atan2(to.y - from.y, to.x - from.x);
      const upright = Math.abs(angle) > Math.PI / 2 ? angle - Math.sign(angle) * Math.PI : angle;
      return { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2, angle: upright };
    }
    return null;
  }

  function write(context, text, place) {
    context.save();
    context.translate(place.x, place.y);
    context.rotate(place.angle);
    context.strokeText(text, 0, 0);
    context.fillText(text, 0, 0);
    context.restore();
  }

  const isApart = (taken, name, place) =>
    taken.every((one) => Math.hypot(one.x - place.x, one.y - place.y) > (one.name === name ? APART : 40));

  gridsight.roadNames = function (context, sheets, box) {
    const colours = gridsight.colours();
    const taken = [];
    context.save();
    context.font = SIZE + "px " + getComputedStyle(document.body).fontFamily;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 3;
    context.strokeStyle = colours.paper;
    context.fillStyle = colours.ground.label;
    sheets.forEach((sheet) => sheet.features.forEach((feature) => {
      const name = feature.value("name");
      if (gridsight.missing(name) || feature.kind !== 2 || !gridsight.inBox(feature, sheet, box)) return;
      const width = context.measureText(String(name)).width + 8;
      feature.rings.forEach((ring) => {
        const place = placeOn(measured(sheet, ring), width);
        if (!place || !box.contains([place.x, place.y]) || !isApart(taken, name, place)) return;
        taken.push({ name, x: place.x, y: place.y });
        write(context, String(name), place);
      });
    }));
    context.restore();
    gridsight.painting.counts.roadnames = taken.length;
  };
})();
