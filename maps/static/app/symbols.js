// Draw on Leaflet's canvas what it cannot: hatched areas and one symbol for each camera class.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const patterns = {};

  // A tile of parallel strokes that repeats without a seam: one diagonal, drawn three times.
  function tile(hatch, ratio) {
    const key = [hatch.colour, hatch.angle, hatch.gap, hatch.width, ratio].join();
    if (patterns[key]) return patterns[key];
    const size = Math.round(hatch.gap * Math.SQRT2 * ratio);
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size;
    const pen = canvas.getContext("2d");
    pen.strokeStyle = hatch.colour;
    pen.lineWidth = hatch.width * ratio;
    pen.lineCap = "square";
    const rising = hatch.angle < 90;
    [-size, 0, size].forEach((shift) => {
      pen.beginPath();
      pen.moveTo(shift, rising ? size : 0);
      pen.lineTo(shift + size, rising ? 0 : size);
      pen.stroke();
    });
    patterns[key] = canvas;
    return canvas;
  }

  function hatchFill(pen, hatch) {
    const pattern = pen.createPattern(tile(hatch, 2), "repeat");
    // Tiles are drawn at twice the size for sharp strokes on dense screens.
    if (pattern.setTransform) pattern.setTransform(new DOMMatrix([0.5, 0, 0, 0.5, 0, 0]));
    return pattern;
  }

  const CORNERS = {
    square: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
    triangle: [[0, -1.15], [1.05, 0.75], [-1.05, 0.75]],
    diamond: [[0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]],
  };

  function outline(pen, symbol, x, y, radius) {
    pen.beginPath();
    const corners = CORNERS[symbol];
    if (!corners) {
      pen.arc(x, y, radius, 0, 2 * Math.PI);
      return;
    }
    corners.forEach((corner, place) => {
      pen[place ? "lineTo" : "moveTo"](x + corner[0] * radius, y + corner[1] * radius);
    });
    pen.closePath();
  }

  const classKey = (values) => (["1", "2", "3"].indexOf(String(values.class)) >= 0 ? String(values.class) : "none");

  // Online is filled, offline hollow and crossed, planned hollow: told without colour.
  function camera(pen, values, x, y, radius) {
    const colours = gridsight.colours();
    const kind = classKey(values);
    const online = values.status !== "offline" && values.status !== "planned";
    const ink = values.status === "offline" ? colours.offline : colours.camera[kind];
    outline(pen, gridsight.config.style.symbols[kind], x, y, radius);
    pen.fillStyle = online ? ink : colours.paper;
    pen.fill();
    pen.lineWidth = online ? 1 : 1.4;
    pen.strokeStyle = online ? colours.halo : ink;
    pen.stroke();
    if (values.status === "offline") {
      pen.beginPath();
      pen.moveTo(x - radius, y + radius);
      pen.lineTo(x + radius, y - radius);
      pen.stroke();
    }
  }

  // A short wedge shows where a camera of known azimuth looks.
  function wedge(pen, values, x, y, radius) {
    if (gridsight.missing(values.azimuth) || gridsight.missing(values.hfov) || values.hfov >= 360) return;
    const middle = ((values.azimuth - 90) * Math.PI) / 180;
    const half = (values.hfov * Math.PI) / 360;
    pen.beginPath();
    pen.moveTo(x, y);
    pen.arc(x, y, radius * 3.4, middle - half, middle + half);
    pen.closePath();
    pen.globalAlpha = 0.28;
    pen.fillStyle = gridsight.colours().camera[classKey(values)];
    pen.fill();
    pen.globalAlpha = 1;
  }

  L.Canvas.include({
    _updateCamera: function (layer) {
      if (!this._drawing || layer._empty()) return;
      const pen = this._ctx;
      const point = layer._point;
      const values = layer.options.values;
      if (layer._radius < 2) {
        const size = layer._map.getZoom() < 10 ? 0.9 : 1.5;
        pen.globalAlpha = 0.5;
        pen.fillStyle = gridsight.colours().camera[classKey(values)];
        pen.fillRect(point.x - size / 2, point.y - size / 2, size, size);
        pen.globalAlpha = 1;
        return;
      }
      if (layer._radius >= 5 && values.status !== "planned") wedge(pen, values, point.x, point.y, layer._radius);
      camera(pen, values, point.x, point.y, layer._radius);
    },
  });

  const fillStroke = L.Canvas.prototype._fillStroke;
  L.Canvas.include({
    _fillStroke: function (pen, layer) {
      const hatch = layer.options.hatch;
      if (hatch) {
        const rule = layer.options.fillRule || "evenodd";
        pen.globalAlpha = 1;
        if (layer.options.wash) {
          pen.fillStyle = layer.options.wash;
          pen.fill(rule);
        }
        pen.fillStyle = hatchFill(pen, hatch);
        pen.fill(rule);
      }
      fillStroke.call(this, pen, layer);
    },
  });

  function radiusAt(zoom) {
    if (zoom < 12) return 0.9;
    return Math.min(7, 2.4 + (zoom - 12) * 1.0);
  }

  gridsight.CameraMarker = L.CircleMarker.extend({
    _project: function () {
      this._radius = radiusAt(this._map.getZoom());
      L.CircleMarker.prototype._project.call(this);
    },
    _updatePath: function () {
      this._renderer._updateCamera(this);
    },
    _containsPoint: function (point) {
      // Specks of the overview are not to be hit; symbols have a little margin for fingers.
      return this._radius >= 2 && point.distanceTo(this._point) <= this._radius + 4;
    },
  });

  // A legend swatch drawn by the same strokes as the map.
  gridsight.swatch = function (draw, width, height) {
    const ratio = Math.max(1, Math.ceil(window.devicePixelRatio || 1));
    const canvas = gridsight.el("canvas", { class: "swatch", width: width * ratio, height: height * ratio });
    canvas.setAttribute("aria-hidden", "true");
    canvas.style.width = width + "px";
    canvas.style.height = height + "px";
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    draw(pen, width, height);
    return canvas;
  };

  gridsight.draw = { hatchFill, camera };
})();
