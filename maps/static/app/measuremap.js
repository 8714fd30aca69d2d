// Set points by pointer, touch and keys while the card of measuring is open, and draw what they join.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const { measure, geodesy } = gridsight;
  const state = gridsight.state;
  let drawn = null;
  let lead = null; // from the last point to the pointer

  const latlngs = (points) => points.map((one) => [one.lat, one.lon]);

  function draw() {
    drawn.clearLayers();
    lead.setLatLngs([]);
    const { isOpen, points, kind } = state.measure;
    if (!isOpen || !points.length) return;
    const colours = gridsight.colours();
    const { isRing } = measure.kinds[kind];
    const common = { renderer: gridsight.renderers.marks, pane: "marks", interactive: false };
    const line = latlngs(geodesy.line(isRing && points.length > 2 ? points.concat([points[0]]) : points));
    if (isRing && points.length > 2) drawn.addLayer(L.polygon(line, Object.assign({ stroke: false, fillColor: colours.selected, fillOpacity: 0.12 }, common)));
    drawn.addLayer(L.polyline(line, Object.assign({ color: colours.selected_halo, weight: 6, opacity: 0.9 }, common)));
    drawn.addLayer(L.polyline(line, Object.assign({ color: colours.selected, weight: 2.4 }, common)));
    points.forEach((one) => drawn.addLayer(L.circleMarker([one.lat, one.lon], Object.assign({ radius: 4.5, color: colours.selected, weight: 2.4, fillColor: colours.selected_halo, fillOpacity: 1 }, common))));
    // What a kind of measuring draws besides its points.
    if (measure.kinds[kind].marks) measure.kinds[kind].marks(common).forEach((one) => drawn.addLayer(one));
  }

  function follow(event) {
    const { isOpen, points, kind } = state.measure;
    const last = points[points.length - 1];
    const isOver = isOpen && last && points.length < (measure.kinds[kind].most || Infinity);
    lead.setLatLngs(isOver ? [[last.lat, last.lon], event.latlng] : []);
  }

  // The map itself has the focus: Enter sets a point at its centre, Backspace takes the last one back.
  function key(event) {
    if (!state.measure.isOpen || event.target !== gridsight.map.getContainer()) return;
    const act = { Enter: measure.addCentre, Backspace: measure.undo, Escape: () => measure.open(false) }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  gridsight.onStart(function () {
    drawn = L.layerGroup().addTo(gridsight.map);
    lead = L.polyline([], { renderer: gridsight.renderers.marks, pane: "marks", interactive: false, color: gridsight.colours().selected, weight: 1.6, dashArray: "3 4" }).addTo(gridsight.map);
    gridsight.takeClicks((event) => {
      if (!state.measure.isOpen) return false;
      const at = event.latlng.wrap();
      measure.add({ lat: at.lat, lon: at.lng });
      return true;
    });
    gridsight.watch(["measure", "theme"], draw);
    gridsight.watch("theme", () => lead.setStyle({ color: gridsight.colours().selected }));
    gridsight.map.on("mousemove", follow);
    gridsight.map.on("mouseout", () => lead.setLatLngs([]));
    gridsight.map.getContainer().addEventListener("keydown", key);
  });
})();
