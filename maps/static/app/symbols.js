// Draw hatched areas and one symbol for each camera class.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const patterns = {};

  // A tile of parallel strokes that repeats without a seam: one diagonal, drawn three times.
  function hatchPattern(hatch, ratio) {
    const key = [hatch.colour, hatch.angle, hatch.gap, hatch.width, ratio].join();
    if (patterns[key]) return patterns[key];
    const size = Math.round(hatch.gap * Math.SQRT2 * ratio);
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size;
    const context = canvas.getContext("2d");
    context.strokeStyle = hatch.colour;
    context.lineWidth = hatch.width * ratio;
    context.lineCap = "square";
    const rising = hatch.angle < 90;
    [-size, 0, size].forEach((shift) => {
      context.beginPath();
      context.moveTo(shift, rising ? size : 0);
      context.lineTo(shift + size, rising ? 0 : size);
      context.stroke();
    });
    patterns[key] = canvas;
    return canvas;
  }

  function hatchFill(context, hatch) {
    const pattern = context.createPattern(hatchPattern(hatch, 2), "repeat");
    // Tiles are drawn at twice the size for sharp strokes on dense screens.
    if (pattern.setTransform) pattern.setTransform(new DOMMatrix([0.5, 0, 0, 0.5, 0, 0]));
    return pattern;
  }

  const CORNERS = {
    square: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
    triangle: [[0, -1.15], [1.05, 0.75], [-1.05, 0.75]],
    diamond: [[0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]],
  };

  function outline(context, symbol, x, y, radius) {
    context.beginPath();
    const corners = CORNERS[symbol];
    if (!corners) {
      context.arc(x, y, radius, 0, 2 * Math.PI);
      return;
    }
    corners.forEach((corner, place) => {
      context[place ? "lineTo" : "moveTo"](x + corner[0] * radius, y + corner[1] * radius);
    });
    context.closePath();
  }

  const classKey = (values) => (["1", "2", "3"].indexOf(String(values.class)) >= 0 ? String(values.class) : "none");

  const STATES = ["online", "offline", "planned", "removed"];
  // A missing status is online (rule U4), one that is not understood is unknown (rule U1).
  const statusOf = (values) =>
    gridsight.missing(values.status) || values.status === "" ? "online" : STATES.indexOf(values.status) >= 0 ? values.status : "unknown";

  // Online is filled, offline hollow and crossed, planned hollow, unknown half filled: legible without colour.
  function camera(context, values, x, y, radius) {
    const colours = gridsight.colours();
    const cameraClass = classKey(values);
    const status = statusOf(values);
    if (status === "removed") return; // of what was there nothing is drawn
    const online = status === "online";
    const ink = status === "offline" ? colours.offline : colours.camera[cameraClass];
    const symbol = gridsight.config.style.symbols[cameraClass];
    outline(context, symbol, x, y, radius);
    // The halo keeps a symbol apart from whatever ground is below it.
    context.lineWidth = 3.4;
    context.strokeStyle = colours.halo;
    context.stroke();
    context.fillStyle = online ? ink : colours.paper;
    context.fill();
    if (status === "unknown") {
      context.save();
      context.clip();
      context.fillStyle = ink;
      context.fillRect(x - 2 * radius, y, 4 * radius, 2 * radius);
      context.restore();
      outline(context, symbol, x, y, radius);
    }
    context.lineWidth = online ? 1 : 1.4;
    context.strokeStyle = online ? colours.halo : ink;
    context.stroke();
    if (status === "offline") {
      context.beginPath();
      context.moveTo(x - radius, y + radius);
      context.lineTo(x + radius, y - radius);
      context.stroke();
    }
  }

  gridsight.draw = {
    hatchFill, camera, classKey, statusOf,
    // Of a symbol with the room that a pointer needs, by zoom.
    cameraRadius: (zoom) => Math.min(7, Math.max(4, zoom - 9)),
  };

  // A legend swatch drawn by the same strokes as the map.
  gridsight.swatch = function (draw, width, height) {
    const ratio = Math.max(1, Math.ceil(window.devicePixelRatio || 1));
    const canvas = gridsight.el("canvas", { class: "swatch", width: width * ratio, height: height * ratio });
    canvas.setAttribute("aria-hidden", "true");
    canvas.style.width = width + "px";
    canvas.style.height = height + "px";
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    draw(context, width, height);
    return canvas;
  };
})();
