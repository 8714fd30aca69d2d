// Draw what a chosen camera sees, what of its sector it does not surely see, and the buildings that cut its view.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  let canvas = null;

  function trace(context, shape) {
    context.beginPath();
    shape.forEach((part) => part.forEach((ring) => ring.forEach((place, at) => {
      const point = gridsight.map.latLngToLayerPoint(place);
      if (at) context.lineTo(point.x, point.y);
      else context.moveTo(point.x, point.y);
    })));
    context.closePath();
  }

  const shapeOf = (row, name) => (row.seen && row.seen[name] ? row.seen[name].shape : []);

  // The sector within reach; of a camera that may look anywhere, all that it possibly sees.
  function traceSector(context, row) {
    const v = row.values;
    const sector = gridsight.sectorOf(v);
    if (!sector.isKnown || gridsight.missing(v.range_m)) return shapeOf(row, "possible").length ? trace(context, shapeOf(row, "possible")) : context.beginPath();
    const at = gridsight.map.latLngToLayerPoint([v.lat, v.lon]);
    context.beginPath();
    if (!sector.isRound) context.moveTo(at.x, at.y);
    context.arc(at.x, at.y, v.range_m * gridsight.pixelsOfMetre(v.lat), sector.from, sector.to);
    context.closePath();
    return undefined;
  }

  function hatchBlind(context, row) {
    const colours = gridsight.colours();
    traceSector(context, row);
    context.fillStyle = colours.halo;
    context.globalAlpha = 0.45;
    context.fill();
    context.globalAlpha = 1;
    context.fillStyle = gridsight.draw.hatchFill(context, Object.assign({}, colours.gap_hatch, { colour: colours.selected }));
    context.fill();
    // What it surely sees is not blind.
    context.globalCompositeOperation = "destination-out";
    context.fillStyle = colours.ink;
    trace(context, shapeOf(row, "views"));
    context.fill("evenodd");
    context.globalCompositeOperation = "source-over";
  }

  // A line with its halo, so that it is read on any ground.
  function stroke(context, colour, width, dash) {
    const colours = gridsight.colours();
    context.setLineDash([]);
    context.strokeStyle = colours.halo;
    context.lineWidth = width + 3;
    context.globalAlpha = 0.85;
    context.stroke();
    context.globalAlpha = 1;
    context.setLineDash(dash);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
    context.setLineDash([]);
  }

  function paint(context) {
    const row = gridsight.selection;
    if (!row || row.layer !== "cameras" || !row.seen) return;
    const colours = gridsight.colours();
    hatchBlind(context, row);
    trace(context, shapeOf(row, "views"));
    context.fillStyle = colours.view;
    context.globalAlpha = 0.4;
    context.fill("evenodd");
    context.globalAlpha = 1;
    stroke(context, colours.selected, 2.2, []);
    if (shapeOf(row, "possible").length) {
      trace(context, shapeOf(row, "possible"));
      stroke(context, colours.selected, 1.6, [6, 5]);
    }
    (row.cuts || []).forEach((one) => {
      trace(context, one.shape);
      context.fillStyle = colours.obstacle;
      context.globalAlpha = 0.7;
      context.fill("evenodd");
      context.globalAlpha = 1;
      stroke(context, colours.ink, 1.8, []);
    });
  }

  // The buildings come after the views: they are another question to the host.
  async function fetchCuts(row) {
    if (row.cuts || !gridsight.source.cuts || !(shapeOf(row, "views").length || shapeOf(row, "possible").length)) return;
    row.cuts = await gridsight.source.cuts(row.key);
    if (gridsight.selection === row) canvas.paint();
  }

  gridsight.onStart(function () {
    const map = gridsight.map;
    map.createPane("chosen").classList.add("untouchable");
    map.getPane("chosen").style.zIndex = "398";
    canvas = new gridsight.Canvas({ pane: "chosen", paint }).addTo(map);
    gridsight.watch(["selection", "theme"], () => {
      canvas.paint();
      const row = gridsight.selection;
      if (row && row.layer === "cameras") fetchCuts(row);
    });
  });
})();
