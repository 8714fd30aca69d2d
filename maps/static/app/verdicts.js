// Show which places are seen and which a camera stands at: marks, popups and the choice of a claim (rules P1-P4).
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);
  /** @type {Record<string, any>} */
  const verdicts = (gridsight.verdicts = {});
  const LAYER = "verdicts";
  // Of several claims of a place the map of all claims shows the worst (maps/place_verdicts.py).
  const WORST_FIRST = ["not_covered", "nothing", "maybe", "covered"];
  const NO_CLAIM = "-";

  const claimOf = (row) => (gridsight.missing(row.values.claim) ? NO_CLAIM : String(row.values.claim));
  const rows = () => gridsight.model.rows(LAYER).filter((row) => gridsight.inScope(row.values));
  const rankOf = (row) => WORST_FIRST.indexOf(row.values.verdict);

  // Claims by the order of the run, then what belongs to none.
  verdicts.claims = function () {
    const there = new Set(rows().map(claimOf));
    const known = (gridsight.model.claims || []).map((one) => String(one.claim)).filter((name) => !gridsight.state.scope || there.has(name));
    const others = [...there].filter((name) => known.indexOf(name) < 0 && name !== NO_CLAIM).sort();
    return known.concat(others, there.has(NO_CLAIM) ? [NO_CLAIM] : []);
  };

  // One row for each place of the chosen claim; of all claims the worst row of each place.
  verdicts.chosen = function () {
    const claim = gridsight.state.claim;
    const all = rows();
    const hasClaims = all.some((row) => claimOf(row) !== NO_CLAIM);
    const of = (row) => (claim === null ? !hasClaims || claimOf(row) !== NO_CLAIM : claimOf(row) === claim);
    const worst = new Map();
    all.filter(of).forEach((row) => {
      const other = worst.get(row.key);
      if (!other || rankOf(row) < rankOf(other)) worst.set(row.key, row);
    });
    return [...worst.values()].sort((a, b) => rankOf(b) - rankOf(a));
  };

  // A row of a run has a point; its shape is that of the stored place, where the reader has that layer.
  verdicts.rowsOf = (list) =>
    list.map((values) => new gridsight.model.Row(values, () => {
      const place = gridsight.model.row("places", values.code);
      return place ? place.shape : [];
    }));

  function mark(context, name, x, y, radius) {
    const look = gridsight.config.style.verdicts[name];
    const colours = gridsight.colours();
    const ink = colours.verdict[name];
    const outline = () => {
      context.beginPath();
      if (!look.outline.length) context.arc(x, y, radius, 0, 2 * Math.PI);
      look.outline.forEach((corner, place) => context[place ? "lineTo" : "moveTo"](x + corner[0] * radius, y - corner[1] * radius));
      context.closePath();
    };
    outline();
    context.lineWidth = 0.5 * radius + 1.5;
    context.strokeStyle = colours.halo;
    context.stroke();
    context.fillStyle = look.fill === "full" ? ink : colours.paper;
    context.fill();
    if (look.fill === "half") {
      context.save();
      context.clip();
      context.fillStyle = ink;
      context.fillRect(x - 2 * radius, y, 4 * radius, 2 * radius);
      context.restore();
      outline();
    }
    context.lineWidth = Math.max(1.2, 0.24 * radius);
    context.strokeStyle = ink;
    context.stroke();
    context.lineWidth = Math.max(1.1, 0.28 * radius);
    context.lineCap = "round";
    context.strokeStyle = look.fill === "full" ? colours.paper : ink;
    look.strokes.forEach((stroke) => {
      context.beginPath();
      stroke.forEach((point, place) => context[place ? "lineTo" : "moveTo"](x + point[0] * radius, y - point[1] * radius));
      context.stroke();
    });
  }

  // How many places a mark stands for, beside it.
  function count(context, name, n, x, y) {
    const colours = gridsight.colours();
    context.font = "bold 11px sans-serif";
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 3;
    context.strokeStyle = colours.halo;
    context.strokeText(String(n), x, y);
    context.fillStyle = colours.verdict[name];
    context.fillText(String(n), x, y);
  }

  L.Canvas.include({
    _updateVerdict: function (layer) {
      if (!this._drawing || layer._empty()) return;
      const { row, n } = layer.options;
      mark(this._ctx, row.values.verdict, layer._point.x, layer._point.y, layer._radius);
      if (n > 1) count(this._ctx, row.values.verdict, n, layer._point.x + layer._radius + 3, layer._point.y);
    },
  });

  const EACH_FROM = 14; // zoom from which every place has its mark
  const CELLS = [64, 44]; // pixels within which places of one verdict are one mark farther out: below zoom 11, from it on
  const radiusAt = (zoom) => (zoom < 11 ? 4.4 : zoom < EACH_FROM ? 5.4 : 7.4);

  // Places as marks: { row, n }. Far out those of one verdict that lie close are one, in place of the one in their
  // middle: the stretches of a road would be a chain that hides the map.
  function grouped(list) {
    const map = gridsight.map;
    if (map.getZoom() >= EACH_FROM) return list.map((row) => ({ row, n: 1 }));
    const side = CELLS[map.getZoom() < 11 ? 0 : 1];
    const cells = new Map();
    list.forEach((row) => {
      const at = map.project([row.values.lat, row.values.lon]);
      const cell = [row.values.verdict, Math.floor(at.x / side), Math.floor(at.y / side)].join();
      cells.set(cell, (cells.get(cell) || []).concat([{ row, at }]));
    });
    return Array.from(cells.values(), (members) => {
      const middle = members.reduce((sum, one) => sum.add(one.at.divideBy(members.length)), L.point(0, 0));
      const nearest = members.reduce((best, one) => (one.at.distanceTo(middle) < best.at.distanceTo(middle) ? one : best));
      return { row: nearest.row, n: members.length };
    });
  }

  const VerdictMarker = L.CircleMarker.extend({
    _project: function () {
      this._radius = radiusAt(this._map.getZoom());
      L.CircleMarker.prototype._project.call(this);
    },
    _updatePath: function () {
      this._renderer._updateVerdict(this);
    },
    _containsPoint: function (point) {
      return point.distanceTo(this._point) <= this._radius + 4;
    },
  });

  // Whether the marks are others after a change of zoom.
  verdicts.isGrouped = (zoom) => zoom < EACH_FROM;

  // Where marks were put, with the boxes that they take.
  verdicts.placed = [];

  // Marks of places; their shapes are painted below them (painting.js).
  verdicts.make = function (options, listen) {
    const map = gridsight.map;
    const circles = gridsight.countCircles();
    const radius = radiusAt(map.getZoom()) + 2;
    const taken = [];
    const marks = grouped(verdicts.chosen().filter((row) => !gridsight.missing(row.values.lon))).map(({ row, n }) => {
      const box = { left: radius, right: radius + (n > 1 ? 2 + 7 * String(n).length : 0), half: radius };
      const place = map.latLngToLayerPoint([row.values.lat, row.values.lon]);
      const point = gridsight.besideCounts(place, box, circles, taken);
      taken.push({ point, box, latlng: map.layerPointToLatLng(point) });
      return new VerdictMarker(point === place ? [row.values.lat, row.values.lon] : map.layerPointToLatLng(point), Object.assign(options("touch"), { row, n }));
    });
    verdicts.placed = taken;
    return listen(L.featureGroup(marks));
  };

  const claimWords = (name) => {
    if (name === NO_CLAIM) return t("claim_none");
    const said = (gridsight.state.scope ? [] : gridsight.model.claims || []).find((one) => String(one.claim) === name);
    return said ? name + t("colon") + t("verdict_" + said.verdict) : name;
  };

  verdicts.legend = function () {
    const claims = verdicts.claims();
    const counts = {};
    const view = gridsight.state.inView && gridsight.map.getBounds();
    const isInView = (row) => !view || gridsight.missing(row.values.lon) || view.contains([row.values.lat, row.values.lon]);
    verdicts.chosen().filter(isInView).forEach((row) => {
      counts[row.values.verdict] = (counts[row.values.verdict] || 0) + 1;
    });
    const pick = el("select", { id: "claim", "aria-label": t("claim_claim"), onchange: (event) => verdicts.choose(event.target.value) });
    ["", ...claims].forEach((name) => {
      const option = el("option", { value: name }, name === "" ? t("claim_all") : claimWords(name));
      option.selected = name === (gridsight.state.claim || "");
      pick.append(option);
    });
    const item = (name) => el("li", {}, [
      gridsight.swatch((context, width, height) => {
        const look = gridsight.config.style.verdicts[name];
        context.strokeStyle = gridsight.colours().verdict[name];
        context.lineWidth = 2;
        context.setLineDash(look.dash.map((one) => one * 2));
        context.beginPath();
        context.moveTo(0, height / 2);
        context.lineTo(width, height / 2);
        context.stroke();
        context.setLineDash([]);
        mark(context, name, width / 2, height / 2, 6);
      }, 34, 18),
      el("span", {}, t("verdict_" + name)), el("b", {}, gridsight.count(counts[name] || 0)),
    ]);
    const names = WORST_FIRST.slice().reverse().filter((name) => name !== "nothing" || counts[name]);
    return [...(claims.length > 1 ? [el("li", { class: "wide" }, pick)] : []), ...names.map(item)];
  };

  verdicts.choose = function (name) {
    gridsight.update({ claim: name === "" ? null : name });
  };

  const amount = (values, part) => {
    const size = values[part];
    if (gridsight.missing(size)) return "–";
    if (values.unit === "m2") return gridsight.area(size);
    return values.unit === "m" ? gridsight.metres(size) : gridsight.count(size) + " " + t("unit_count");
  };

  // Both counts side by side: what is seen of the place, and whether a camera stands at it (rules P2, P3).
  function answer(row) {
    const v = row.values;
    const pairs = [
      [t("place_seen"), t("verdict_" + v.verdict)],
      gridsight.missing(v.counted) ? null : [t("place_stands"), t(v.counted ? "yes" : "no")],
      gridsight.missing(v.near) ? null : [t("place_near"), gridsight.count(v.near)],
      [t("place_shares"), gridsight.share(v.sure_share) + " / " + gridsight.share(v.possible_share)],
      gridsight.missing(v.share) ? null : [t("claim_share"), gridsight.share(v.share)],
      [t("place_assessed"), amount(v, "assessed")],
      [t("level"), gridsight.has("level_" + v.level) ? t("level_" + v.level) : v.level],
    ].filter(Boolean);
    const list = el("dl", { class: "figures" });
    pairs.forEach((pair) => list.append(el("dt", {}, pair[0]), el("dd", {}, pair[1])));
    return [
      el("p", { class: "pop-cause" }, gridsight.missing(v.claim) ? t("claim_none") : String(v.claim)),
      gridsight.describe.shareBar(v.sure_share, v.possible_share), list,
    ];
  }

  verdicts.popup = function (row) {
    const kind = row.values.kind;
    const what = gridsight.missing(kind) ? t("places") : gridsight.has("place_" + kind) ? t("place_" + kind) : String(kind);
    return [
      el("p", { class: "pop-note" }, what + " " + row.key), el("h3", {}, gridsight.model.label(row)),
      ...[].concat(...rows().filter((one) => one.key === row.key).map(answer)),
    ];
  };
})();
