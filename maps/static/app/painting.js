// Say how features look on the canvases: zones by class, gaps hatched, views, cameras as symbols or counted by cells.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  /** @type {Record<string, any>} */
  const painting = (gridsight.painting = {});
  const FINEST_LINE = 6; // grids narrower than this many pixels get no borders: there would be nothing else

  // Sheet by sheet, each within its own part of the map.
  const each = (context, sheets, ratio, work) =>
    sheets.filter((sheet) => sheet.features.length).forEach((sheet) => gridsight.onSheet(context, sheet, ratio, () => work(sheet)));

  const all = (features) => features;
  const ofKind = (kind) => (features) => features.filter((one) => (one.kind === 1) === (kind === 1));

  // Features by the class of the figure on show: one path and one fill for each class, not for each grid.
  function classesOf(features, figure) {
    features.classes = features.classes || new Map();
    if (!features.classes.has(figure)) {
      const found = new Map();
      features.forEach((feature) => {
        const code = gridsight.model.classOf(feature.value(figure));
        if (!found.has(code)) found.set(code, []);
        found.get(code).push(feature);
      });
      features.classes.set(figure, found);
    }
    return features.classes.get(figure);
  }

  painting.zoneFills = function (context, sheets, box, ratio) {
    const colours = gridsight.colours();
    const figure = gridsight.state.figure;
    each(context, sheets, ratio, (sheet) => {
      classesOf(sheet.features, figure).forEach((same, code) => {
        const path = gridsight.pathOf(sheet, figure + code, () => same);
        context.globalAlpha = (code === 0 ? 1 : 0.82) * gridsight.veil();
        context.fillStyle = code > 0 ? colours.classes[code - 1] : code < 0 ? colours.no_data : colours.zero;
        context.fill(path, "evenodd");
        if (code === 0) {
          context.globalAlpha = 1; // hatching stays what it is over any base map
          context.fillStyle = gridsight.draw.hatchFill(context, colours.zero_hatch);
          context.fill(path, "evenodd");
        }
      });
      context.globalAlpha = 1;
    });
  };

  // Borders of all classes: their paths are there from the fills.
  function bordersOf(sheet) {
    const figure = gridsight.state.figure;
    const whole = new Path2D();
    classesOf(sheet.features, figure).forEach((same, code) => whole.addPath(gridsight.pathOf(sheet, figure + code, () => same)));
    return whole;
  }

  function meanWidth(features) {
    if (features.mean === undefined) features.mean = features.reduce((sum, one) => sum + one.box[2] - one.box[0], 0) / features.length;
    return features.mean;
  }

  const LINES = { townships: [1.2, "township_line"], villages: [0.8, "village_line"] };

  // Borders of a layer; `strong` for those of townships over a finer layer.
  painting.borders = function (context, sheets, box, ratio, layer, strong) {
    const [width, colour] = LINES[layer] || [0.5, "grid_line"];
    each(context, sheets, ratio, (sheet) => {
      if (!strong && meanWidth(sheet.features) * sheet.scale < FINEST_LINE) return;
      const path = strong ? gridsight.pathOf(sheet, "all", all) : bordersOf(sheet);
      context.globalAlpha = strong ? 0.75 : 0.9;
      context.lineWidth = strong ? 1.3 : width;
      context.strokeStyle = gridsight.colours()[colour];
      context.stroke(path);
      context.globalAlpha = 1;
    });
  };

  function dots(context, sheet, radius) {
    sheet.features.filter((one) => one.kind === 1).forEach((one) => one.rings.forEach((ring) => {
      context.beginPath();
      context.arc(ring[0] * sheet.scale + sheet.x, ring[1] * sheet.scale + sheet.y, radius, 0, 2 * Math.PI);
      context.fill();
    }));
  }

  painting.gaps = function (context, sheets, box, ratio) {
    const colours = gridsight.colours();
    each(context, sheets, ratio, (sheet) => {
      const path = gridsight.pathOf(sheet, "areas", ofKind(3));
      context.globalAlpha = gridsight.veil();
      context.fillStyle = colours.gap_fill;
      context.fill(path, "evenodd");
      context.globalAlpha = 1;
      context.fillStyle = gridsight.draw.hatchFill(context, colours.gap_hatch);
      context.fill(path, "evenodd");
      context.lineWidth = 0.9;
      context.strokeStyle = context.fillStyle = colours.gap_line;
      context.stroke(path);
      dots(context, sheet, 4);
    });
  };

  // Only views that count are drawn (rules U1, U6): of online cameras, and what those of unknown status may see.
  // A tile has the status with the view; the one-file map has it with the camera.
  painting.isCounted = function (name, feature) {
    const camera = gridsight.model.row("cameras", feature.key);
    const status = gridsight.draw.statusOf(camera ? camera.values : feature.values);
    return name === "coverage" || status === "online" || (status === "unknown" && name === "possible");
  };

  painting.views = function (context, sheets, box, ratio, name) {
    const colours = gridsight.colours();
    const strong = name === "coverage";
    context.setLineDash(name === "possible" ? [4, 3] : []);
    let drawn = 0;
    each(context, sheets, ratio, (sheet) => sheet.features.forEach((feature, at) => {
      if (!gridsight.inBox(feature, sheet, box) || !painting.isCounted(name, feature)) return;
      const k = Math.min(3, Number(feature.value("k")) || 1);
      const path = gridsight.pathOf(sheet, "one" + at, () => [feature]);
      context.fillStyle = context.strokeStyle = strong ? colours.seen[k - 1] : name === "possible" ? colours.possible : colours.view;
      context.globalAlpha = strong ? 0.72 : 0.2;
      context.fill(path, "evenodd");
      context.globalAlpha = 0.8;
      context.lineWidth = strong ? 0.4 : 0.8;
      context.stroke(path);
      drawn += 1;
    }));
    context.setLineDash([]);
    context.globalAlpha = 1;
    painting.counts[name] = drawn;
  };

  // How many shapes of each overlay the last picture has.
  painting.counts = {};

  // Of the circle that holds a count of cameras, in pixels.
  painting.countRadius = (n) => 8 + 3.2 * Math.log10(n);

  function cell(context, n, x, y) {
    const colours = gridsight.colours();
    const radius = painting.countRadius(n);
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.globalAlpha = 0.92;
    context.fillStyle = colours.paper;
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = 1.6;
    context.strokeStyle = colours.camera["1"];
    context.stroke();
    context.fillStyle = colours.ink;
    context.font = (n < 1000 ? 11 : 10) + "px sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(String(n), x, y + 0.5);
  }

  painting.cameras = function (context, sheets, box, ratio) {
    const radius = gridsight.draw.cameraRadius(gridsight.map.getZoom());
    const margin = L.bounds(box.min.subtract([30, 30]), box.max.add([30, 30]));
    const seen = new Set();
    sheets.forEach((sheet) => sheet.features.forEach((feature) => {
      if (!gridsight.inBox(feature, sheet, margin)) return;
      const x = feature.rings[0][0] * sheet.scale + sheet.x;
      const y = feature.rings[0][1] * sheet.scale + sheet.y;
      const n = feature.value("n");
      if (n) return cell(context, n, x, y);
      if (seen.has(feature.key)) return undefined; // in the margins of two tiles
      seen.add(feature.key);
      return gridsight.draw.camera(context, feature.values, x, y, radius);
    }));
  };

  // A stored layer below the results has its own colour where the palette gives one, else that of roads.
  gridsight.drawnColour = (name) => gridsight.colours().layers[name] || gridsight.colours().road;

  // Lines and borders as lines, points as dots, whatever the layer holds.
  painting.stored = function (context, sheets, box, ratio, name) {
    each(context, sheets, ratio, (sheet) => {
      context.strokeStyle = context.fillStyle = gridsight.drawnColour(name);
      context.lineWidth = 1.2;
      context.globalAlpha = 0.9;
      context.stroke(gridsight.pathOf(sheet, "lines", ofKind(2)));
      dots(context, sheet, 3);
      context.globalAlpha = 1;
    });
  };

  // Shapes of places by verdict; their marks are Leaflet's.
  painting.places = function (context, sheets, box, ratio) {
    const thin = gridsight.map.getZoom() < 13 ? 0.5 : 1; // far out lines of all places are a net
    const chosen = new Map(gridsight.verdicts.chosen().map((row) => [row.key, row.values]));
    const colours = gridsight.colours();
    const drawn = new Set(); // a place may be in several tiles
    each(context, sheets, ratio, (sheet) => sheet.features.forEach((feature, at) => {
      const values = chosen.get(feature.key);
      if (!values || values.unit === "count" || feature.kind === 1 || !gridsight.inBox(feature, sheet, box)) return;
      const colour = colours.verdict[values.verdict];
      const path = gridsight.pathOf(sheet, "one" + at, () => [feature]);
      if (values.unit !== "m") {
        path.closePath();
        context.globalAlpha = 0.05;
        context.fillStyle = colour;
        context.fill(path, "evenodd");
        context.globalAlpha = 1;
      }
      context.strokeStyle = colour;
      context.lineWidth = (values.unit === "m" ? 3 : 2.2) * thin;
      context.setLineDash(gridsight.config.style.verdicts[values.verdict].dash.map((one) => one * 2.2));
      context.stroke(path);
      context.setLineDash([]);
      drawn.add(feature.key);
    }));
    painting.counts.places = drawn.size;
  };
})();
