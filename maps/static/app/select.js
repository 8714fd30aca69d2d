// Keep the one selection of the page: highlighted on the map, described in a popup, shown by list, table and link.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  let marks = null;
  let popup = null;

  function halo(layer, extra) {
    const colours = gridsight.colours();
    const common = { renderer: gridsight.renderers.marks, pane: "marks", interactive: false, fill: false };
    marks.addLayer(layer(Object.assign({}, common, { color: colours.selected_halo, weight: 6, opacity: 0.9 }, extra)));
    marks.addLayer(layer(Object.assign({}, common, { color: colours.selected, weight: 2.6 }, extra)));
  }

  // Mark a row; what a camera sees is drawn by cameraseen.js.
  function highlight(row) {
    marks.clearLayers();
    if (!row) return;
    const v = row.values;
    const isLine = row.layer === "rounds" || row.layer === "reach" || (row.layer === "verdicts" && v.unit === "m");
    if (row.shape.length) halo((options) => (isLine ? L.polyline(row.shape.map((part) => part[0]), options) : L.polygon(row.shape, options)));
    if (!row.shape.length || row.layer === "gaps") {
      const radius = row.layer === "gaps" && row.shape.length ? 4 : 11;
      if (!gridsight.missing(v.lon)) halo((options) => L.circleMarker([v.lat, v.lon], options), { radius });
    }
  }

  // What the selection covers on the map: a camera with its view, a shape, or a point.
  function extent(row) {
    const box = gridsight.shapes.bounds(row.shape);
    if (!gridsight.missing(row.values.lon)) box.extend([row.values.lat, row.values.lon]);
    if (row.seen && row.seen.views) box.extend(gridsight.shapes.bounds(row.seen.views.shape));
    return box;
  }

  // The popup stands above the selected shape, so that it hides none of it; after a click, at the click.
  function anchor(row, at) {
    if (at) return at;
    const box = extent(row);
    return box.isValid() ? [box.getNorth(), box.getCenter().lng] : null;
  }

  function openPopup(row, at, panning) {
    const place = anchor(row, at);
    if (!place) return;
    const look = { minWidth: 220, autoPan: panning, closeButton: true, offset: [0, at ? 7 : -4], className: "pop-box" };
    popup = L.popup(Object.assign(look, gridsight.popupSpace()))
      .setLatLng(place)
      .setContent(gridsight.describe.popup(row));
    popup.openOn(gridsight.map);
    const close = popup.getElement() && popup.getElement().querySelector(".leaflet-popup-close-button");
    if (close) close.setAttribute("aria-label", gridsight.t("close"));
    namePopup(row);
  }

  // A popup is a dialog that is named by what it describes.
  function namePopup(row) {
    const box = popup.getElement();
    if (!box) return;
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", (gridsight.has(row.layer) ? gridsight.t(row.layer) + " " : "") + gridsight.model.label(row));
  }

  function zoomTo(row) {
    const map = gridsight.map;
    const zone = gridsight.model.isZone(row.layer);
    const box = extent(row);
    if (!box.isValid()) return false;
    const options = Object.assign({ maxZoom: zone ? 16 : 18 }, gridsight.freeSpace(40));
    options.paddingTopLeft[1] = Math.min(280, map.getSize().y * 0.45);
    if (row.layer === "cameras" || row.layer === "place") options.maxZoom = Math.max(map.getZoom(), 17);
    if (gridsight.quiet()) map.fitBounds(box, Object.assign({ animate: false }, options));
    else map.flyToBounds(box, Object.assign({ duration: 0.7 }, options));
    return true;
  }

  // A row with all that its popup and its marks tell: of a camera its views, of a place its shape.
  async function whole(layer, key) {
    const row = await gridsight.source.row(layer, key);
    if (!row || row.isWhole) return row;
    if (layer === "cameras") {
      const [views, possible] = await Promise.all(["views", "possible"].map((name) => gridsight.source.row(name, key)));
      row.seen = { views, possible };
      ["range_m", "assumed"].forEach((name) => {
        if (views && gridsight.missing(row.values[name])) row.values[name] = views.values[name];
      });
    }
    if (layer === "verdicts" && gridsight.source.offers("places")) {
      const place = await gridsight.source.row("places", key);
      if (place) row.unpack = () => place.shape;
    }
    row.isWhole = true;
    return row;
  }

  let asked = 0;

  // Choose one row, and of a zone that all the page is of it (scope.js); `at` is where it was clicked, `fly` moves the map to it, `still` leaves popup and map alone.
  // Gives whether there is one; of two that are asked for the later one is chosen.
  gridsight.select = async function (layer, key, how) {
    const options = how || {};
    const request = ++asked;
    const row = layer === "place" ? options.row : await whole(layer, key);
    if (!row || request !== asked) return Boolean(row);
    // A zone that is chosen rules the page; a gap, a camera or a place in it leaves that as it is.
    gridsight.update(gridsight.model.isZone(layer) ? { selection: row, scope: row } : { selection: row });
    highlight(row);
    gridsight.announce(gridsight.t("selected", { what: gridsight.model.label(row) }));
    if (["gaps", "cameras", "verdicts"].indexOf(layer) >= 0 && !gridsight.state.shown[layer]) gridsight.show(layer, true);
    if (options.fly) {
      gridsight.map.closePopup();
      // Open the popup after the map has moved, unless something else was chosen meanwhile.
      gridsight.map.once("moveend", () => gridsight.selection === row && openPopup(row, null, true));
      if (!zoomTo(row)) openPopup(row, null, true);
    } else if (!options.still) {
      openPopup(row, options.at, true);
    }
    return true;
  };

  gridsight.unselect = function () {
    asked++;
    highlight(null);
    gridsight.map.closePopup();
    gridsight.update({ selection: null });
  };

  gridsight.onStart(function () {
    marks = L.layerGroup().addTo(gridsight.map);
    gridsight.watch("theme", () => highlight(gridsight.selection));
    gridsight.watch("lang", () => {
      const open = popup && popup.isOpen() && gridsight.selection;
      if (!open) return;
      popup.setContent(gridsight.describe.popup(gridsight.selection));
      namePopup(gridsight.selection);
    });
    document.addEventListener("keydown", (event) => {
      const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
      if (event.key !== "Escape" || typing || event.defaultPrevented) return;
      // What was chosen last is taken back first; of a zone its rule with it.
      if (gridsight.selection && !gridsight.model.isZone(gridsight.selection.layer)) gridsight.unselect();
      else gridsight.clearScope();
    });
  });
})();
