// Open the map: panes and canvases, home, the readout of the place and the row under the pointer.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  let map;

  gridsight.renderers = {};

  function createPane(name, order, touchable) {
    const element = map.createPane(name);
    element.style.zIndex = order;
    if (!touchable) element.classList.add("untouchable");
    gridsight.renderers[name] = L.canvas({ pane: name, padding: 0.3, tolerance: 2 });
  }

  // Space to keep free when fitting: the margin, and what the open legend covers.
  gridsight.freeSpace = function (margin) {
    const wide = map.getSize().x;
    const legend = gridsight.legendWidth();
    const covered = legend < wide / 2 ? legend : 0;
    const side = Math.min(margin, wide / 8);
    return { paddingTopLeft: [side, margin], paddingBottomRight: [covered + side, margin] };
  };

  gridsight.home = function () {
    const box = gridsight.source.bounds();
    if (box.isValid()) map.fitBounds(box, Object.assign({ maxZoom: 18, animate: false }, gridsight.freeSpace(18)));
  };

  function coordinateDisplay() {
    const element = gridsight.byId("readout");
    let at = "";
    let what = "";
    const write = () => {
      element.textContent = what ? at + "  ·  " + what : at;
    };
    map.on("mousemove", (event) => {
      at = event.latlng.lng.toFixed(5) + ", " + event.latlng.lat.toFixed(5);
      write();
    });
    gridsight.watch("hover", (row) => {
      const share = row && gridsight.model.isZone(row.layer) ? "  " + gridsight.share(row.values[gridsight.state.figure]) : "";
      what = row ? gridsight.model.label(row) + share : "";
      write();
    });
  }

  // Who takes clicks on the map as places: then the pointer is a cross, and a double click does not zoom.
  const placing = new Set();
  gridsight.takePlaces = function (who, isOn) {
    if (isOn) placing.add(who);
    else placing.delete(who);
    map.getContainer().classList.toggle("placing", placing.size > 0);
    map.doubleClickZoom[placing.size ? "disable" : "enable"]();
  };

  gridsight.startMap = function (leaflet) {
    map = gridsight.map = leaflet;
    gridsight.update({ figure: gridsight.config.figures[0] });
    createPane("ownground", 370, false);
    createPane("fills", 380, false);
    createPane("seen", 390, false);
    createPane("lines", 395, false);
    createPane("shapes", 397, false);
    createPane("symbols", 399, false);
    createPane("touch", 400, true);
    createPane("marks", 450, false);
    createPane("names", 460, false);
    L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
    gridsight.byId("zoom-in").addEventListener("click", () => map.zoomIn(1));
    gridsight.byId("zoom-out").addEventListener("click", () => map.zoomOut(1));
    gridsight.byId("home").addEventListener("click", gridsight.home);
    const container = map.getContainer();
    container.setAttribute("role", "application");
    container.dataset.label = "map_label";
    container.setAttribute("aria-label", gridsight.t("map_label"));
    coordinateDisplay();
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(container);
  };

})();
