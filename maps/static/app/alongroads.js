// Show what follows the roads: rounds of a patrol with their order and direction, and who reaches which facility.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);
  /** @type {Record<string, any>} */
  const along = (gridsight.alongRoads = {});

  const colourOf = (sector) => {
    const colours = gridsight.colours().sectors;
    return colours[(Number(sector) - 1) % colours.length];
  };

  // An arrow in the direction of travel at the right of the way, or the number of a stop.
  function stop(context, values, x, y, radius, text) {
    const colour = colourOf(values.sector);
    const turn = (values.bearing * Math.PI) / 180;
    if (!values.number) {
      context.save();
      context.translate(x + 5 * Math.cos(turn), y + 5 * Math.sin(turn));
      context.rotate(turn);
      context.beginPath();
      [[0, -6], [4, 4.5], [0, 2], [-4, 4.5]].forEach((corner, place) => context[place ? "lineTo" : "moveTo"](corner[0], corner[1]));
      context.closePath();
      context.fillStyle = colour;
      context.strokeStyle = gridsight.colours().halo;
      context.lineWidth = 1;
      context.fill();
      context.stroke();
      context.restore();
      return;
    }
    const first = values.number === 1;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = first ? colour : gridsight.colours().paper;
    context.strokeStyle = first ? gridsight.colours().halo : colour;
    context.lineWidth = 2;
    context.fill();
    context.stroke();
    context.fillStyle = first ? gridsight.colours().paper : gridsight.colours().ink;
    context.font = "bold " + (radius + 2) + "px sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(String(text), x, y + 0.5);
  }

  L.Canvas.include({
    _updateStop: function (layer) {
      if (!this._drawing || layer._empty()) return;
      const values = layer.options.values;
      const near = layer._map.getZoom() >= NUMBERS_FROM;
      if (near || values.number === 1) stop(this._ctx, values, layer._point.x, layer._point.y, layer._radius, near ? values.number : values.sector);
    },
  });

  // Far out only the start of each round is drawn, with the number of its sector.
  const NUMBERS_FROM = 13;

  const StopMarker = L.CircleMarker.extend({
    _updatePath: function () {
      this._renderer._updateStop(this);
    },
  });

  const lines = (row) => row.shape.map((part) => part[0]);

  // What no camera surely sees as a broad band, the round over it, then arrows and numbers.
  along.rounds = function (options, listen) {
    const colours = gridsight.colours();
    const bands = gridsight.model.rows("pieces").map((row) =>
      L.polyline(lines(row), Object.assign(options("seen"), { interactive: false, color: colours.gap_line, weight: 11, opacity: 0.35 })));
    const rounds = gridsight.model.rows("rounds").map((row) =>
      L.polyline(lines(row), Object.assign(options("touch"), { row, color: colourOf(row.values.sector), weight: 2.6, opacity: 1 })));
    const stops = gridsight.model.rows("stops").map((row) =>
      new StopMarker([row.values.lat, row.values.lon], Object.assign(options("touch"), { interactive: false, values: row.values, radius: 8 })));
    return listen(L.featureGroup(bands.concat(rounds, stops)));
  };

  along.roundsLegend = function () {
    const colours = gridsight.colours();
    const stroke = (colour, width, opacity) => gridsight.swatch((context, wide, high) => {
      context.globalAlpha = opacity;
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(0, high / 2);
      context.lineTo(wide, high / 2);
      context.stroke();
    }, 24, 14);
    const item = (swatch, text, length) => el("li", {}, [swatch, el("span", {}, text), length ? el("b", {}, length) : null]);
    return [item(stroke(colours.gap_line, 10, 0.35), t("legend_pieces"))].concat(gridsight.model.rows("rounds").map((row) =>
      item(stroke(colourOf(row.values.sector), 3, 1), t("patrol_sector") + " " + row.key, gridsight.metres(row.values.length_m))));
  };

  function figures(pairs) {
    const list = el("dl", { class: "figures" });
    pairs.filter(Boolean).forEach((pair) => list.append(el("dt", {}, pair[0]), el("dd", {}, pair[1])));
    return list;
  }

  const heading = (note, title) => [el("p", { class: "pop-note" }, note), el("h3", {}, title)];

  along.roundPopup = function (row) {
    const v = row.values;
    return [
      ...heading(t("layer_rounds"), t("patrol_sector") + " " + row.key),
      figures([
        [t("patrol_pieces"), gridsight.metres(v.pieces_m)],
        [t("patrol_length"), gridsight.metres(v.length_m)],
        [t("patrol_bound"), gridsight.metres(v.bound_m)],
        [t("patrol_ratio"), v.bound_m > 0 ? gridsight.number(v.length_m / v.bound_m) : "–"],
        [t("patrol_roads"), gridsight.count(v.roads)],
        gridsight.missing(v.parts) ? null : [t("patrol_parts"), gridsight.count(v.parts)],
      ]),
      gridsight.missing(v.why) ? null : el("p", { class: "pop-cause" }, gridsight.own(v.why)),
    ];
  };

  // Lines from units to their facility: dashed where no road reaches, as the distance is straight then.
  along.reach = function (options, listen) {
    const colour = gridsight.colours().layers.facilities;
    return listen(L.featureGroup(gridsight.model.rows("reach").map((row) =>
      L.polyline(lines(row), Object.assign(options("touch"), {
        row, color: colour, weight: row.values.own ? 1.2 : 1.8, opacity: 0.9, dashArray: row.values.air ? "5 5" : null,
      })))));
  };

  along.reachLegend = function () {
    const line = (dash) => gridsight.swatch((context, wide, high) => {
      context.strokeStyle = gridsight.colours().layers.facilities;
      context.lineWidth = 2;
      context.setLineDash(dash);
      context.beginPath();
      context.moveTo(0, high / 2);
      context.lineTo(wide, high / 2);
      context.stroke();
    }, 24, 14);
    const counts = { road: 0, air: 0 };
    gridsight.model.rows("reach").forEach((row) => (counts[row.values.air ? "air" : "road"] += 1));
    const item = (swatch, key) => el("li", {}, [swatch, el("span", {}, t("reach_" + key)), el("b", {}, gridsight.count(counts[key]))]);
    return [item(line([]), "road"), item(line([5, 4]), "air")];
  };

  along.reachPopup = function (row) {
    const v = row.values;
    const what = gridsight.has(v.unit) ? t(v.unit) : String(v.unit);
    return [
      ...heading(what + " " + v.code, gridsight.missing(v.name) ? v.code : v.name),
      figures([
        [t("reach_facility"), v.facility],
        [t(v.air ? "reach_air" : "reach_road"), gridsight.metres(v.distance_m)],
        [t("reach_own"), t(v.own ? "yes" : "no")],
      ]),
    ];
  };
})();
