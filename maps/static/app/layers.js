// Make what Leaflet draws of each layer: zones by class, gaps hatched or as dots, cameras, views, stored layers.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const MAX_GAP_DOTS = 200; // dots at most; fewer on a narrow map

  const pathOptions = (paneName) => ({ renderer: gridsight.renderers[paneName], pane: paneName, smoothFactor: 0.5, bubblingMouseEvents: false });

  function polygon(row, options) {
    return row.shape.length ? L.polygon(row.shape, Object.assign({ row }, options)) : null;
  }

  const polygons = (name, style) =>
    gridsight.model.rows(name).map((row) => {
      const options = style(row);
      return options && polygon(row, options);
    }).filter(Boolean);

  function zoneFill(row) {
    const colours = gridsight.colours();
    const code = gridsight.model.classOf(row.values[gridsight.state.figure]);
    const style = Object.assign(pathOptions("fills"), { stroke: false, interactive: false, fill: true, fillOpacity: 0.82 });
    if (code > 0) style.fillColor = colours.classes[code - 1];
    else if (code < 0) style.fillColor = colours.no_data;
    else Object.assign(style, { fillOpacity: 0, wash: colours.zero, hatch: colours.zero_hatch });
    return style;
  }

  function zoneLine() {
    const width = { townships: 1.2, villages: 0.8 }[gridsight.state.zoneLayer] || 0.5;
    const colour = { townships: "township_line", villages: "village_line" }[gridsight.state.zoneLayer] || "grid_line";
    return Object.assign(pathOptions("touch"), { fill: false, color: gridsight.colours()[colour], weight: width, opacity: 0.9 });
  }

  function gapStyle() {
    const colours = gridsight.colours();
    return Object.assign(pathOptions("touch"), {
      fill: true, fillOpacity: 0, hatch: colours.gap_hatch, wash: colours.gap_fill, color: colours.gap_line, weight: 0.9,
    });
  }

  function gapDot(row, most) {
    const colours = gridsight.colours();
    return L.circleMarker([row.values.lat, row.values.lon], Object.assign(pathOptions("touch"), {
      row, radius: 2 + 4 * Math.sqrt((row.values.weight || 0) / (most || 1)), color: colours.halo, weight: 1,
      fillColor: colours.gap_line, fillOpacity: 0.85,
    }));
  }

  const gapsWithPosition = () => gridsight.model.rows("gaps").filter((row) => !gridsight.missing(row.values.lon));
  // Gaps come by rank, so the first is the heaviest.
  const maxWeight = (rows) => (rows.length ? rows[0].values.weight : 1);

  function gapShapes() {
    const rows = gapsWithPosition();
    const bare = rows.filter((row) => !row.shape.length).map((row) => gapDot(row, maxWeight(rows)));
    return gridsight.listen(L.featureGroup(polygons("gaps", gapStyle).concat(bare)));
  }

  function gapDots() {
    const most = Math.min(MAX_GAP_DOTS, Math.round(gridsight.map.getSize().x / 6));
    const rows = gapsWithPosition().slice(0, most);
    return gridsight.listen(L.featureGroup(rows.map((row) => gapDot(row, maxWeight(rows)))));
  }

  function cameras() {
    const markers = gridsight.model.rows("cameras")
      .filter((row) => !gridsight.missing(row.values.lon))
      .map((row) => new gridsight.CameraMarker([row.values.lat, row.values.lon], Object.assign(pathOptions("touch"), { row, values: row.values })));
    return gridsight.listen(L.featureGroup(markers));
  }

  function viewStyle(name) {
    const colours = gridsight.colours();
    return (row) => {
      const k = Math.min(3, Number(row.values.k) || 1);
      const colour = name === "coverage" ? colours.seen[k - 1] : name === "possible" ? colours.possible : colours.view;
      const strong = name === "coverage";
      return Object.assign(pathOptions("seen"), {
        interactive: false, stroke: true, weight: strong ? 0.4 : 0.8, opacity: 0.8, color: colour, fillColor: colour,
        fillOpacity: strong ? 0.72 : 0.2, dashArray: name === "possible" ? "4 3" : null,
      });
    };
  }

  // Only views that count are drawn (rules U1, U6): of online cameras, and what those of unknown status may see.
  function isCounted(row) {
    if (row.layer === "coverage") return true;
    const camera = gridsight.model.row("cameras", row.key);
    const status = gridsight.draw.statusOf(camera ? camera.values : row.values);
    return status === "online" || (status === "unknown" && row.layer === "possible");
  }

  const viewLayer = (name) => () => {
    const style = viewStyle(name);
    return L.featureGroup(polygons(name, (row) => (isCounted(row) ? style(row) : null)));
  };

  // A stored layer below the results has its own colour where the palette gives one, else that of roads.
  gridsight.drawnColour = (name) => gridsight.colours().layers[name] || gridsight.colours().road;

  // Lines and borders as lines, points as dots, whatever the layer holds.
  function drawnLayer(name) {
    const style = Object.assign(pathOptions("seen"), { interactive: false, color: gridsight.drawnColour(name), weight: 1.2, opacity: 0.9 });
    const dot = (point) => L.circleMarker(point, Object.assign({ radius: 3, fill: true }, style));
    return L.featureGroup(gridsight.model.rows(name).flatMap((row) => {
      const lines = row.shape.map((part) => part[0]).filter((line) => line.length > 1);
      const points = row.shape.map((part) => part[0]).filter((line) => line.length === 1).map((line) => line[0]);
      if (!row.shape.length && !gridsight.missing(row.values.lon)) points.push([row.values.lat, row.values.lon]);
      return points.map(dot).concat(lines.length ? [L.polyline(lines, style)] : []);
    }));
  }

  gridsight.makers = {
    pathOptions, polygons, zoneFill, zoneLine, gapShapes, gapDots, cameras, drawnLayer,
    coverage: viewLayer("coverage"), possible: viewLayer("possible"), views: viewLayer("views"),
  };
})();
