// A dial for a direction: turned by dragging or by keys; north is up, degrees go clockwise.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const SIZE = 132;
  const MIDDLE = SIZE / 2;
  const RADIUS = 50;
  const STEPS = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 };

  const turned = (value) => ((value % 360) + 360) % 360;
  const at = (degrees, radius) => [MIDDLE + radius * Math.sin((degrees * Math.PI) / 180), MIDDLE - radius * Math.cos((degrees * Math.PI) / 180)];

  function shape(tag, attributes) {
    const one = document.createElementNS(document.querySelector("svg").namespaceURI, tag);
    Object.keys(attributes).forEach((name) => one.setAttribute(name, attributes[name]));
    return one;
  }

  function face() {
    const picture = shape("svg", { viewBox: [0, 0, SIZE, SIZE].join(" "), class: "dial-face", "aria-hidden": "true" });
    picture.append(shape("circle", { cx: MIDDLE, cy: MIDDLE, r: RADIUS, class: "dial-ring" }));
    for (let degrees = 0; degrees < 360; degrees += 30) {
      const [x1, y1] = at(degrees, RADIUS);
      const [x2, y2] = at(degrees, RADIUS - (degrees % 90 ? 4 : 8));
      picture.append(shape("line", { x1, y1, x2, y2, class: "dial-tick" }));
    }
    ["N", "E", "S", "W"].forEach((letter, place) => {
      const [x, y] = at(place * 90, RADIUS + 9);
      const text = shape("text", { x, y, class: "dial-letter" });
      text.textContent = letter;
      picture.append(text);
    });
    return picture;
  }

  function sectorPath(degrees, width) {
    if (width >= 360) return "";
    const [x1, y1] = at(degrees - width / 2, RADIUS - 10);
    const [x2, y2] = at(degrees + width / 2, RADIUS - 10);
    return ["M", MIDDLE, MIDDLE, "L", x1, y1, "A", RADIUS - 10, RADIUS - 10, 0, width > 180 ? 1 : 0, 1, x2, y2, "Z"].join(" ");
  }

  // `change(degrees)` is called while it is turned, `rest()` when it rests. Gives { element, show(degrees, width) }.
  gridsight.dial = function (word, change, rest) {
    const picture = face();
    const sector = picture.appendChild(shape("path", { class: "dial-sector", d: "" }));
    const hand = picture.appendChild(shape("line", { x1: MIDDLE, y1: MIDDLE, x2: MIDDLE, y2: MIDDLE, class: "dial-hand" }));
    const grip = picture.appendChild(shape("circle", { r: 8, cx: MIDDLE, cy: MIDDLE, class: "dial-grip" }));
    // The control that keys and readers of screens use: a range of the browser's own, under the picture.
    const range = el("input", { type: "range", class: "dial-range", min: 0, max: 360, step: "any", "data-label": word, "aria-label": gridsight.t(word) });
    const element = el("div", { class: "dial" }, [range, picture]);
    let value = 0;
    let resting = 0;

    function show(degrees, width) {
      const unknown = gridsight.missing(degrees);
      value = unknown ? 0 : turned(degrees);
      element.classList.toggle("unknown", unknown);
      range.value = String(value);
      range.setAttribute("aria-valuetext", unknown ? gridsight.t("change_unknown") : Math.round(value * 10) / 10 + "°");
      const [x, y] = at(value, RADIUS);
      hand.setAttribute("x2", String(x));
      hand.setAttribute("y2", String(y));
      grip.setAttribute("cx", String(x));
      grip.setAttribute("cy", String(y));
      sector.setAttribute("d", unknown || !width ? "" : sectorPath(value, width));
    }

    // Turns that follow one another are one step: it rests when no key came for a while.
    function nudge(next) {
      window.clearTimeout(resting);
      change(turned(next));
      // Sets nothing: what was undone meanwhile, or another camera, is not turned.
      resting = window.setTimeout(rest, 500);
    }

    function pointed(event) {
      const box = picture.getBoundingClientRect();
      const [dx, dy] = [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
      return Math.round(turned((Math.atan2(dx, -dy) * 180) / Math.PI)) % 360;
    }

    range.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const step = STEPS[event.key];
      if (step) nudge(Math.round(value) + step);
      else if (event.key === "Home") nudge(0);
      else return;
      event.preventDefault();
    });
    range.addEventListener("input", () => nudge(Number(range.value)));
    picture.addEventListener("pointerdown", (/** @type {any} */ event) => {
      event.preventDefault();
      range.focus({ preventScroll: true });
      picture.setPointerCapture(event.pointerId);
      change(pointed(event));
      const turn = (one) => change(pointed(one));
      const end = () => {
        picture.removeEventListener("pointermove", turn);
        rest();
      };
      picture.addEventListener("pointermove", turn);
      picture.addEventListener("lostpointercapture", end, { once: true });
    });
    return { element, show };
  };
})();
