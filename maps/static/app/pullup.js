// On a phone the panels are a sheet over the map's lower edge, pulled up and down by hand, by taps or by keys.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const PLACES = ["low", "half", "high"];
  const FAR = 24; // pixels that a pull must be long, so that a tap is none
  const small = window.matchMedia("(max-width: 760px)");
  let side = null;
  let handle = null;

  const place = () => PLACES.indexOf(side.dataset.pull);

  function pull(to) {
    side.dataset.pull = PLACES[Math.max(0, Math.min(PLACES.length - 1, to))];
    handle.setAttribute("aria-expanded", String(place() > 0));
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
    pull(0);
    handle.addEventListener("pointerdown", follow);
    handle.addEventListener("click", tap);
    handle.addEventListener("keydown", press);
    side.addEventListener("click", (event) => event.target.closest("[role=tab]") && small.matches && place() === 0 && pull(1));
    // What is chosen in a list is looked at on the map.
    side.addEventListener("click", (event) => event.target.closest(".row, .cell-link") && pull(0));
  });
})();
