// Draw sheets of features on canvases of the map's panes, one for each pane, again after every move; and find what is hit.
(function () {
  "use strict";

  const gridsight = window.gridsight;

  // A canvas that Leaflet moves and scales with the map, as its own; while the map moves nothing is drawn.
  gridsight.Canvas = L.Renderer.extend({
    options: { padding: 0.12, wanted: () => true },
    _initContainer: function () {
      this._container = document.createElement("canvas");
      this._context = this._container.getContext("2d");
    },
    _destroyContainer: function () {
      this._container.remove();
      delete this._container;
    },
    _updatePaths: function () {},
    _update: function () {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      this._fit();
      this.paint();
    },
    // A canvas of which nothing is wanted has no size: six of the map's own would take a second of a slow machine.
    _fit: function () {
      const isWanted = this.options.wanted();
      const box = this._bounds;
      const size = isWanted ? box.getSize() : L.point(0, 0);
      const ratio = window.devicePixelRatio || 1;
      L.DomUtil.setPosition(this._container, box.min);
      this._container.width = Math.round(ratio * size.x);
      this._container.height = Math.round(ratio * size.y);
      this._container.style.width = size.x + "px";
      this._container.style.height = size.y + "px";
    },
    paint: function () {
      if (!this._map || !this._bounds) return;
      if (this.options.wanted() !== this._container.width > 0) this._fit();
      if (!this._container.width) return;
      const ratio = window.devicePixelRatio || 1;
      const context = this._context;
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, this._container.width, this._container.height);
      context.setTransform(ratio, 0, 0, ratio, -this._bounds.min.x * ratio, -this._bounds.min.y * ratio);
      this.options.paint(context, this._bounds, ratio);
    },
  });

  // Keep a sheet to its own part of the map, on whole pixels, so that neighbours leave no seam.
  gridsight.onSheet = function (context, sheet, ratio, work) {
    if (!sheet.clip) return work();
    const [left, top, right, bottom] = sheet.clip.map((one) => Math.round(one * ratio) / ratio);
    context.save();
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.clip();
    work();
    context.restore();
    return undefined;
  };

  // Whether a feature is within a box of the map's panes.
  gridsight.inBox = (feature, sheet, box) =>
    feature.box[0] * sheet.scale + sheet.x <= box.max.x && feature.box[2] * sheet.scale + sheet.x >= box.min.x &&
    feature.box[1] * sheet.scale + sheet.y <= box.max.y && feature.box[3] * sheet.scale + sheet.y >= box.min.y;

  // The path of some features of a sheet, as points of the map's panes. It is made once, in units of the sheet: after a
  // move only its place is another. `name` tells which features, `choose` gives them.
  gridsight.pathOf = function (sheet, name, choose) {
    const { features } = sheet;
    features.paths = features.paths || new Map();
    let path = features.paths.get(name);
    if (!path) {
      path = new Path2D();
      choose(features).forEach((feature) => trace(path, feature));
      features.paths.set(name, path);
    }
    const placed = new Path2D();
    placed.addPath(path, new DOMMatrix([sheet.scale, 0, 0, sheet.scale, sheet.x, sheet.y]));
    return placed;
  };

  function trace(path, feature) {
    feature.rings.forEach((ring) => {
      path.moveTo(ring[0], ring[1]);
      for (let i = 2; i < ring.length; i += 2) path.lineTo(ring[i], ring[i + 1]);
      if (feature.kind === 3) path.closePath();
    });
  }

  function isInside(feature, x, y) {
    let inside = false;
    feature.rings.forEach((ring) => {
      for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
        if (ring[i + 1] > y !== ring[j + 1] > y && x < ((ring[j] - ring[i]) * (y - ring[i + 1])) / (ring[j + 1] - ring[i + 1]) + ring[i]) inside = !inside;
      }
    });
    return inside;
  }

  function distance(feature, x, y) {
    let least = Infinity;
    feature.rings.forEach((ring) => {
      for (let i = 0; i < ring.length; i += 2) least = Math.min(least, Math.hypot(ring[i] - x, ring[i + 1] - y));
    });
    return least;
  }

  // The feature at a point of the map's panes: the area that holds it, or the nearest point within `reach` pixels.
  gridsight.hit = function (sheets, point, reach) {
    /** @type {{ feature: Feature, away: number } | null} */
    let best = null;
    sheets.forEach((sheet) => {
      if (sheet.clip && (point.x < sheet.clip[0] || point.x >= sheet.clip[2] || point.y < sheet.clip[1] || point.y >= sheet.clip[3])) {
        if (!reach) return;
      }
      const x = (point.x - sheet.x) / sheet.scale;
      const y = (point.y - sheet.y) / sheet.scale;
      const near = reach / sheet.scale;
      sheet.features.forEach((feature) => {
        if (feature.box[0] - near > x || feature.box[2] + near < x || feature.box[1] - near > y || feature.box[3] + near < y) return;
        const away = feature.kind === 3 ? (isInside(feature, x, y) ? 0 : Infinity) : distance(feature, x, y) * sheet.scale;
        if (away <= reach && (!best || away <= best.away)) best = { feature, away };
      });
    });
    return best && best.feature;
  };
})();
