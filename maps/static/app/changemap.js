// Changes on the map: a handle that moves the camera, its new views, where cameras were, and placing new ones.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const changes = gridsight.changes;
  const state = gridsight.state;
  const METRES_OF_DEGREE = 111320;
  const SIDES = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  /** @type {Record<string, any>} */
  const onMap = (gridsight.changeMap = {});

  let drawn = null; // the views of the last trial
  let spots = null; // where cameras were and would be
  let handle = null;
  let isDragged = false;
  let resting = 0;

  const move = (lat, lon, live) => state.editing !== null && changes.edit(state.editing, { geometry: changes.point(lat, lon) }, live);

  // One metre a key; the moves that follow one another are one step.
  function nudge(event) {
    const side = SIDES[event.key];
    const camera = state.editing === null ? null : changes.camera(state.editing);
    if (!side || !camera || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation(); // the map would pan
    const east = METRES_OF_DEGREE * Math.cos((camera.lat * Math.PI) / 180);
    move(camera.lat + side[1] / METRES_OF_DEGREE, camera.lon + side[0] / east, true);
    window.clearTimeout(resting);
    resting = window.setTimeout(changes.rest, 500);
  }

  function makeHandle(camera) {
    const icon = L.divIcon({ className: "change-handle", html: el("span", {}), iconSize: [36, 36], iconAnchor: [18, 18] });
    const marker = L.marker([camera.lat, camera.lon], { icon, draggable: true, keyboard: true, autoPan: true, zIndexOffset: 500 }).addTo(gridsight.map);
    const element = marker.getElement();
    element.dataset.label = "change_handle";
    element.setAttribute("aria-label", gridsight.t("change_handle"));
    element.addEventListener("keydown", nudge);
    const place = () => marker.getLatLng();
    marker.on("dragstart", () => (isDragged = true));
    marker.on("drag", () => move(place().lat, place().lng, true));
    marker.on("dragend", () => {
      isDragged = false;
      move(place().lat, place().lng, false);
    });
    return marker;
  }

  function showHandle() {
    const camera = state.tab === "change" && state.editing !== null ? changes.camera(state.editing) : null;
    const isThere = camera && !(camera.item && camera.item.kind === "removed");
    if (!isThere || (handle && handle.of !== camera.id)) {
      if (handle) handle.marker.remove();
      handle = null;
    }
    if (!isThere) return;
    if (!handle) handle = { of: camera.id, marker: makeHandle(camera) };
    else if (!isDragged) handle.marker.setLatLng([camera.lat, camera.lon]);
  }

  // Where changed cameras were, as a dashed ring, with a line to where they would be.
  function showSpots() {
    spots.clearLayers();
    const colours = gridsight.colours();
    const common = { renderer: gridsight.renderers.marks, pane: "marks", interactive: false, fill: false, color: colours.selected, weight: 1.6 };
    state.edits.list.filter((one) => one.kind !== "outage").forEach((item) => {
      const camera = changes.camera(item.id);
      if (!camera) return;
      const now = [camera.lat, camera.lon];
      const stored = changes.known.get(item.id);
      const was = stored && [stored.feature.geometry.coordinates[1], stored.feature.geometry.coordinates[0]];
      const isMoved = was && item.geometry;
      spots.addLayer(L.circleMarker(isMoved ? was : now, Object.assign({}, common, { radius: 9, dashArray: "3 3" })));
      if (item.kind === "removed") spots.addLayer(L.circleMarker(now, Object.assign({}, common, { radius: 4 })));
      if (isMoved) spots.addLayer(L.polyline([was, now], Object.assign({}, common, { dashArray: "3 3" })));
    });
  }

  // What changed cameras would see: surely filled, possibly dashed, as the views of a run are.
  function showViews() {
    drawn.clearLayers();
    const answer = state.trial.answer;
    if (!answer) return;
    const colours = gridsight.colours();
    const look = (colour, more) => Object.assign({ renderer: gridsight.renderers.marks, pane: "marks", interactive: false, color: colour, fillColor: colour }, more);
    answer.views.forEach((view) => {
      const failing = view.status === "offline" || view.status === "planned";
      const possible = gridsight.shapes.fromGeoJson(view.possible);
      const sure = gridsight.shapes.fromGeoJson(view.sure);
      if (possible.length) drawn.addLayer(L.polygon(possible, look(colours.possible, { weight: 1.4, dashArray: "4 3", fillOpacity: 0.12 })));
      if (sure.length) drawn.addLayer(L.polygon(sure, look(failing ? colours.offline : colours.view, { weight: 1.6, fillOpacity: failing ? 0.12 : 0.34 })));
    });
    // What the measurement of the time to a drawn view waits for (tests/benchmarks/bench_page_changes.py).
    window.requestAnimationFrame(() => (gridsight.map.getContainer().dataset.tried = String(++shows)));
  }

  let shows = 0;
  let isPicking = false; // clicks choose several, where there is no Shift to hold
  let placing = null; // what the next camera begins with

  // The next click on the map is where a new camera stands.
  onMap.place = function (properties) {
    placing = properties;
    gridsight.takePlaces("change", Boolean(placing));
    gridsight.update({ editing: placing ? null : state.editing });
    if (onMap.told) onMap.told(Boolean(placing));
  };

  onMap.placeAt = function (latlng) {
    const properties = placing;
    onMap.place(null);
    if (!properties) return;
    gridsight.update({ editing: changes.add(latlng.lat, latlng.lng, properties) });
  };

  function takeClick(event, found) {
    if (state.tab !== "change" || !changes.allowed()) return false;
    if (placing) {
      onMap.placeAt(event.latlng);
      return true;
    }
    if (!(event.originalEvent.shiftKey || isPicking) || !found || found.cell || found.layer !== "cameras") return false;
    onMap.choose(found.key, event.latlng);
    return true;
  }

  onMap.pick = (on) => (isPicking = on);

  // Choose one of several cameras, or let it go.
  onMap.choose = function (id, at) {
    const rest = state.chosen.filter((one) => one.id !== id);
    const isNew = rest.length === state.chosen.length;
    gridsight.update({ chosen: isNew ? rest.concat([{ id, lat: at ? at.lat : NaN, lon: at ? at.lng : NaN }]) : rest });
  };

  onMap.start = function () {
    drawn = L.layerGroup().addTo(gridsight.map);
    spots = L.layerGroup().addTo(gridsight.map);
    const rings = L.layerGroup().addTo(gridsight.map);
    gridsight.takeClicks(takeClick);
    gridsight.watch(["edits", "editing", "tab"], showHandle);
    gridsight.watch(["edits", "theme"], showSpots);
    gridsight.watch(["trial", "theme"], gridsight.coalesce(showViews));
    gridsight.watch(["chosen", "theme"], () => {
      rings.clearLayers();
      state.chosen.filter((one) => !Number.isNaN(one.lat)).forEach((one) => rings.addLayer(
        L.circleMarker([one.lat, one.lon], { renderer: gridsight.renderers.marks, pane: "marks", interactive: false, fill: false, color: gridsight.colours().offline, weight: 3, radius: 11 })));
    });
    document.addEventListener("keydown", (event) => event.key === "Escape" && placing && onMap.place(null));
  };
})();
