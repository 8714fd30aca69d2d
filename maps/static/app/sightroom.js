// Keep the card of a line of sight beside its line: where it would cover the line, the map makes room.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const state = gridsight.state;
  const KIND = "sight";
  const ROOM = 24; // pixels beside the card
  const LEAST = 60; // pixels of the map that a line needs
  const PIECES = 24;

  const card = () => /** @type {HTMLElement} */ (document.querySelector(".measure"));

  // The card within the map: left, top, right, bottom in pixels of the map.
  function covered() {
    const map = gridsight.map.getContainer().getBoundingClientRect();
    const box = card().getBoundingClientRect();
    return { left: box.left - map.left, top: box.top - map.top, right: box.right - map.left, bottom: box.bottom - map.top };
  }

  // How far the tools reach into the map.
  const tools = () => document.querySelector(".map-tools").getBoundingClientRect().right - gridsight.map.getContainer().getBoundingClientRect().left;

  // Whether any piece of the line, with the dots at its ends, lies below a box.
  function isUnder(points, box) {
    const [a, b] = points.map((one) => gridsight.map.latLngToContainerPoint([one.lat, one.lon]));
    const places = Array.from({ length: PIECES + 1 }, (_, at) => [a.x + ((b.x - a.x) * at) / PIECES, a.y + ((b.y - a.y) * at) / PIECES]);
    return places.some(([x, y]) => x > box.left - 8 && x < box.right + 8 && y > box.top - 8 && y < box.bottom + 8);
  }

  // What is free beside the card: to its right, or above a card that lies across the map, as on a phone.
  function free(box) {
    const size = gridsight.map.getSize();
    const space = gridsight.freeSpace(ROOM);
    if (box.right - box.left > size.x * 0.75) return { paddingTopLeft: [tools() + ROOM, ROOM], paddingBottomRight: [ROOM, Math.min(size.y - box.top + ROOM, size.y - LEAST - ROOM)] };
    const left = Math.min(box.right + ROOM, size.x - LEAST - ROOM);
    const isNarrow = size.x - left - space.paddingBottomRight[0] < LEAST;
    return { paddingTopLeft: [left, ROOM], paddingBottomRight: isNarrow ? [ROOM, ROOM] : space.paddingBottomRight };
  }

  function makeRoom() {
    const { isOpen, kind, points } = state.measure;
    if (!isOpen || kind !== KIND || points.length < 2) return;
    const box = covered();
    if (!isUnder(points, box)) return;
    const line = L.latLngBounds(points.map((one) => [one.lat, one.lon]));
    gridsight.map.fitBounds(line, Object.assign({ maxZoom: gridsight.map.getZoom(), animate: !gridsight.quiet() }, free(box)));
  }

  // After the card is built, and again once the answer has made it larger.
  gridsight.onStart(() => gridsight.watch(["measure", "lang"], gridsight.coalesce(makeRoom)));
})();
