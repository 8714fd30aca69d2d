// On a phone the panels are a sheet over the map's lower edge, pulled up and down by hand, by taps or by keys.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const PLACES = ["low", "half", "high"];
  const FAR = 24; // pixels that a pull must be long, so that a tap is none
  const small = window.matchMedia("(max-width: 760px)");
  let side = null;
  let handle = null;
  let facts = null;

  const place = () => PLACES.indexOf(side.dataset.pull);

  function pull(to) {
    side.dataset.pull = PLACES[Math.max(0, Math.min(PLACES.length - 1, to))];
    handle.setAttribute("aria-expanded", String(place() > 0));
    // What is folded away has no keys.
    const held = document.activeElement;
    if (place() === 0 && small.matches && side.contains(held) && held.closest(".panel")) handle.focus({ preventScroll: true });
    makeRoom();
  }

  // The map ends where the panels begin; only the highest place lies over it, so that it keeps its place beneath.
  function makeRoom() {
    if (!small.matches || side.classList.contains("pulled")) return;
    side.parentElement.style.setProperty("--peek", place() === 0 ? side.offsetHeight + "px" : "50%");
  }

  // The figures stand in the header beside the map, and above the panels on a phone.
  function gather() {
    if (small.matches) handle.after(facts);
    else gridsight.byId("top").append(facts);
    makeRoom();
  }

  // What is chosen stays in view as the map becomes smaller or larger about its centre.
  function keepInView(event) {
    const chosen = gridsight.selection && gridsight.selection.values;
    if (!small.matches || !chosen || gridsight.missing(chosen.lon)) return;
    const now = gridsight.map.latLngToContainerPoint([chosen.lat, chosen.lon]);
    const before = now.add(event.oldSize.subtract(event.newSize).divideBy(2));
    const isIn = (point, size) => point.x >= 0 && point.y >= 0 && point.x <= size.x && point.y <= size.y;
    if (isIn(before, event.oldSize) && !isIn(now, event.newSize.subtract([0, 30]))) gridsight.map.panTo([chosen.lat, chosen.lon], { animate: false });
  }

  // While it is pulled it follows the finger; let go, it rests at the place that is nearest to where it was pulled.
  function follow(event) {
    const from = { y: event.clientY, height: side.offsetHeight };
    let far = 0;
    handle.setPointerCapture(event.pointerId);
    const move = (one) => {
      far = from.y - one.clientY;
      if (Math.abs(far) < FAR) return;
      side.classList.add("pulled");
      side.style.height = Math.max(60, from.height + far) + "px";
    };
    const end = () => {
      handle.removeEventListener("pointermove", move);
      side.classList.remove("pulled");
      side.style.height = "";
      makeRoom();
      if (Math.abs(far) >= FAR) pull(nearest(from.height + far, far > 0));
      handle.dataset.pulled = String(Math.abs(far) >= FAR);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", end, { once: true });
  }

  function nearest(height, isUp) {
    const share = height / window.innerHeight;
    if (isUp) return share > 0.6 ? 2 : 1;
    return share < 0.3 ? 0 : 1;
  }

  // A tap goes up one place, and from the highest all the way down.
  function tap() {
    const isPulled = handle.dataset.pulled === "true";
    handle.dataset.pulled = "false";
    if (!isPulled) pull(place() === 2 ? 0 : place() + 1);
  }

  function press(event) {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    pull(place() + step);
  }

  gridsight.onStart(function () {
    side = gridsight.byId("side");
    const word = gridsight.t("pull_panels");
    handle = gridsight.el("button", { type: "button", class: "pull", "data-label": "pull_panels", "aria-label": word, "aria-controls": "side" });
    side.prepend(handle);
    facts = gridsight.byId("facts");
    pull(0);
    gather();
    small.addEventListener("change", gather);
    gridsight.map.on("resize", keepInView);
    new ResizeObserver(makeRoom).observe(facts);
    handle.addEventListener("pointerdown", follow);
    handle.addEventListener("click", tap);
    handle.addEventListener("keydown", press);
    side.addEventListener("click", (event) => event.target.closest("[role=tab]") && small.matches && place() === 0 && pull(1));
    // What is chosen in a list is looked at on the map.
    side.addEventListener("click", (event) => event.target.closest(".row, .cell-link") && pull(0));
  });
})();
