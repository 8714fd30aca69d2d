// Areas on the map while they are drawn and edited: their borders, the corners of the one that is open, what is being drawn.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const state = gridsight.state;
  const math = gridsight.shapeMath;
  const list = gridsight.shapeList;
  const METRES_OF_DEGREE = 111320;
  const SIDES = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  const MOST_HANDLES = 250;
  const SHORT = 36; // pixels: an edge that is shorter has no handle in its middle
  /** @type {Record<string, any>} */
  const onMap = (gridsight.drawMap = {});

  let outlines = null;
  let sketch = null;
  let handles = [];
  let isDragged = false;

  const isOpen = () => state.tab === "draw" && gridsight.drawing.allowed();
  const latLon = (point) => [point[1], point[0]];
  const lonLat = (at) => [at.lng, at.lat];
  const look = (more) => Object.assign({ renderer: gridsight.renderers.marks, pane: "marks", interactive: false, fill: false, weight: 1.4 }, more);

  function showOutlines() {
    outlines.clearLayers();
    if (!isOpen()) return;
    const colours = gridsight.colours();
    list.all().forEach((one) => {
      const parts = gridsight.shapes.fromGeoJson(one.geometry);
      if (!parts.length) return;
      const isChosen = one.key === state.shaping;
      if (isChosen) outlines.addLayer(L.polygon(parts, look({ color: colours.selected_halo, weight: 6, opacity: 0.9 })));
      const isChanged = Boolean(one.item);
      outlines.addLayer(L.polygon(parts, look(isChosen || isChanged
        ? { color: colours.selected, weight: isChosen ? 2.6 : 2, fill: true, fillColor: colours.selected, fillOpacity: isChosen ? 0.14 : 0.07, dashArray: isChanged && !isChosen ? "5 4" : null }
        : { color: colours.selected, opacity: 0.65 })));
    });
    // Where what was changed was, and what somebody else stored meanwhile.
    state.shapes.list.forEach((item) => {
      const stored = list.stored(item.key);
      if (stored && (item.geometry || item.kind === "removed")) outlines.addLayer(L.polygon(gridsight.shapes.fromGeoJson(stored.feature.geometry), look({ color: colours.selected, weight: 1, dashArray: "2 5" })));
    });
    if (state.shapeTheirs) outlines.addLayer(L.polygon(gridsight.shapes.fromGeoJson(state.shapeTheirs), look({ color: colours.offline, weight: 3, dashArray: "6 4" })));
  }

  function marker(point, name, label, size) {
    const icon = L.divIcon({ className: "draw-handle " + name, html: el("span", {}), iconSize: [size, size], iconAnchor: [size / 2, size / 2] });
    const made = L.marker(latLon(point), { icon, draggable: true, keyboard: true, autoPan: true, zIndexOffset: name === "corner" ? 600 : 500 }).addTo(gridsight.map);
    made.getElement().dataset.label = label;
    made.getElement().setAttribute("aria-label", gridsight.t(label));
    return made;
  }

  // Drag a corner, or one that is made where the middle of an edge is taken.
  function draggable(made, begin) {
    /** @type {any} */
    let step = null;
    made.on("dragstart", () => {
      step = begin();
      isDragged = Boolean(step);
    });
    made.on("drag", () => step && step.move(lonLat(made.getLatLng()), true));
    made.on("dragend", () => {
      isDragged = false;
      if (step) step.drop();
      else show();
      step = null;
    });
  }

  function cornerKeys(event, at, point) {
    const side = SIDES[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey || (!side && event.key !== "Delete" && event.key !== "Backspace")) return;
    event.preventDefault();
    event.stopPropagation(); // the map would pan
    if (!side) {
      gridsight.drawing.remove(point);
      return;
    }
    const east = METRES_OF_DEGREE * Math.cos((point[1] * Math.PI) / 180);
    gridsight.drawing.nudge(at, [point[0] + side[0] / east, point[1] + side[1] / METRES_OF_DEGREE]);
  }

  function corner(point, at) {
    const made = marker(point, "corner", "draw_corner", 32);
    const element = made.getElement();
    element.setAttribute("aria-label", gridsight.t("draw_corner") + " " + (at + 1));
    if (at === state.corner) element.classList.add("chosen");
    element.addEventListener("focus", () => state.corner !== at && gridsight.update({ corner: at }));
    element.addEventListener("keydown", (event) => cornerKeys(event, at, point));
    draggable(made, () => gridsight.drawing.begin(point));
    return made;
  }

  function middle(edge) {
    const point = [(edge[0][0] + edge[1][0]) / 2, (edge[0][1] + edge[1][1]) / 2];
    const made = marker(point, "middle", "draw_middle", 28);
    const add = () => gridsight.drawing.after(() => gridsight.drawing.add(edge, point));
    made.on("click", add);
    made.getElement().addEventListener("keydown", (event) => event.key === "Enter" && add());
    draggable(made, () => gridsight.drawing.begin(point, edge));
    return made;
  }

  const pixel = (point) => gridsight.map.latLngToContainerPoint(latLon(point));

  // Handles of the corners in view; as many as a hand can tell apart.
  function showHandles() {
    if (isDragged) return;
    const focused = handles.find((one) => one.marker.getElement() === document.activeElement);
    handles.forEach((one) => one.marker.remove());
    handles = [];
    const one = isOpen() && !state.drawing && state.shaping !== null ? list.of(state.shaping) : null;
    if (!one) return;
    const view = gridsight.map.getBounds().pad(0.05);
    math.vertices(one.geometry).forEach((point, at) => view.contains(latLon(point)) && handles.length < MOST_HANDLES && handles.push({ at, marker: corner(point, at) }));
    if (handles.length < MOST_HANDLES / 2) {
      math.edges(one.geometry).filter((edge) => pixel(edge[0]).distanceTo(pixel(edge[1])) > SHORT).slice(0, MOST_HANDLES)
        .forEach((edge) => handles.push({ at: -1, marker: middle(edge) }));
    }
    const again = focused && handles.find((each) => each.at === state.corner);
    if (again) again.marker.getElement().focus({ preventScroll: true });
  }

  let pointer = null;

  // What is being drawn: its points, the line to the pointer, and what it snaps to.
  function showSketch() {
    sketch.clearLayers();
    if (!state.drawing || !isOpen()) return;
    const colours = gridsight.colours();
    const { points, kind } = state.drawing;
    const next = pointer ? gridsight.drawing.snapped(pointer) : null;
    const line = points.map((one) => latLon(one.point)).concat(next ? [latLon(next.point)] : []);
    const common = { color: colours.selected, weight: 2.6 };
    sketch.addLayer(L.polyline(line, look({ color: colours.selected_halo, weight: 6 })));
    sketch.addLayer(kind === "area" && line.length > 2 ? L.polygon(line, look(Object.assign({ fill: true, fillColor: colours.selected, fillOpacity: 0.14 }, common))) : L.polyline(line, look(common)));
    points.forEach((one) => sketch.addLayer(L.circleMarker(latLon(one.point), look({ color: colours.selected, radius: 4, fill: true, fillColor: colours.selected_halo, fillOpacity: 1 }))));
    if (next && next.on) sketch.addLayer(L.circleMarker(latLon(next.point), look({ color: colours.offline, radius: next.on === "vertex" ? 8 : 5, weight: 2.4 })));
  }

  function show() {
    showOutlines();
    showHandles();
  }

  onMap.show = show;

  function takeClick(event) {
    if (!isOpen()) return false;
    if (state.drawing) gridsight.drawing.place([event.latlng.lng, event.latlng.lat], event.originalEvent.pointerType === "touch");
    else gridsight.drawing.open(gridsight.shapeNet.under(event.latlng, state.shaping));
    return true;
  }

  onMap.start = function () {
    outlines = L.layerGroup().addTo(gridsight.map);
    sketch = L.layerGroup().addTo(gridsight.map);
    const cross = el("div", { class: "draw-cross", "aria-hidden": "true", hidden: true });
    gridsight.map.getContainer().append(cross);
    gridsight.takeClicks(takeClick);
    const later = gridsight.coalesce(show);
    gridsight.watch(["shapes", "shaping", "shapesCame", "shapeTheirs", "theme", "tab", "drawing", "lang"], later);
    gridsight.watch("corner", () => handles.forEach((one) => one.marker.getElement().classList.toggle("chosen", one.at === state.corner)));
    const sketched = gridsight.coalesce(showSketch);
    gridsight.watch(["drawing", "theme", "tab"], () => {
      cross.hidden = !state.drawing || !isOpen();
      gridsight.takePlaces("draw", !cross.hidden);
      if (!state.drawing) pointer = null;
      sketched();
    });
    gridsight.map.on("mousemove", (event) => {
      if (!state.drawing || !isOpen()) return;
      pointer = lonLat(event.latlng);
      sketched();
    });
    gridsight.map.on("mouseout", () => {
      pointer = null;
      if (state.drawing) sketched();
    });
    gridsight.map.on("moveend", () => isOpen() && later());
  };
})();
