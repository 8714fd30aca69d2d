// Draw two runs left and right of a line that pointer and keys move: zones by class, and gaps where they are drawn.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const state = gridsight.state;
  const GAPS_FROM = 12;
  const [STEP, PAGE] = [0.01, 0.1];
  const KEYS = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP, PageDown: -PAGE, PageUp: PAGE, Home: -1, End: 1 };
  const t = (key, values) => gridsight.t(key, values);
  /** @type {Record<string, any>} */
  const swipe = (gridsight.swipe = {});

  const move = (at) => gridsight.update({ swipe: Object.assign({}, state.swipe, { at: Math.min(1, Math.max(0, at)) }) });

  // Begin in the middle, or end.
  swipe.turn = function () {
    const { compared } = state;
    if (state.swipe || !compared || !compared.a) gridsight.update({ swipe: null });
    else gridsight.update({ swipe: { a: compared.a.id, b: compared.b.id, at: 0.5 }, difference: null });
  };

  // One side: the zones of a run, and its gaps from where they are shapes.
  function side(context, box, ratio, run, left, right) {
    context.save();
    context.beginPath();
    context.rect(left, box.min.y, right - left, box.max.y - box.min.y);
    context.clip();
    const layer = state.zoneLayer;
    if (layer) gridsight.painting.zoneFills(context, gridsight.tiles.sheets(layer, "figure=" + encodeURIComponent(state.figure), run), box, ratio);
    if (state.shown.gaps && gridsight.map.getZoom() >= GAPS_FROM) gridsight.painting.gaps(context, gridsight.tiles.sheets("gaps", "", run), box, ratio);
    context.restore();
  }

  function paint(context, box, ratio) {
    if (!state.swipe) return;
    const map = gridsight.map;
    const line = map.containerPointToLayerPoint([state.swipe.at * map.getSize().x, 0]).x;
    side(context, box, ratio, state.swipe.a, box.min.x, line);
    side(context, box, ratio, state.swipe.b, line, box.max.x);
  }

  // The line with its handle, which is a slider to keys and screen readers.
  function lineElement() {
    const handle = el("div", {
      class: "swipe-handle", role: "slider", tabindex: "0", "data-label": "runs_swipe_line", "aria-label": t("runs_swipe_line"), "aria-valuemin": "0", "aria-valuemax": "100",
    }, el("span", { "aria-hidden": "true" }, "⟷"));
    const [a, b] = ["swipe-a", "swipe-b"].map((name) => el("span", { class: "swipe-name " + name }));
    const element = el("div", { class: "swipe-line", hidden: true }, [a, b, handle]);
    let isHeld = false;
    element.addEventListener("pointerdown", (event) => {
      isHeld = true;
      element.setPointerCapture(event.pointerId);
      event.preventDefault();
      handle.focus();
    });
    element.addEventListener("pointermove", (event) => {
      if (!isHeld) return;
      const box = gridsight.map.getContainer().getBoundingClientRect();
      move((event.clientX - box.left) / box.width);
    });
    ["pointerup", "pointercancel"].forEach((name) => element.addEventListener(name, () => (isHeld = false)));
    handle.addEventListener("keydown", (event) => {
      if (!(event.key in KEYS)) return;
      event.preventDefault();
      event.stopPropagation();
      move(state.swipe.at + KEYS[event.key]);
    });

    function show() {
      const now = state.swipe;
      element.hidden = !now;
      if (!now) return;
      const percent = Math.round(now.at * 100);
      element.style.left = now.at * 100 + "%";
      handle.setAttribute("aria-valuenow", String(percent));
      handle.setAttribute("aria-valuetext", "A " + percent + " %");
      const { compared } = state;
      a.textContent = "A " + gridsight.work.nameOf(compared.a);
      b.textContent = "B " + gridsight.work.nameOf(compared.b);
    }
    return { element, show };
  }

  gridsight.onStart(function () {
    if (!gridsight.work.allowed()) return;
    const map = gridsight.map;
    const pane = map.createPane("swipe");
    pane.style.zIndex = "381";
    pane.classList.add("untouchable");
    const canvas = new gridsight.Canvas({ pane: "swipe", paint }).addTo(map);
    const { element, show } = lineElement();
    map.getContainer().after(element);
    let isWaiting = false;
    // The line stands still while the map moves under it.
    const repaint = function () {
      if (isWaiting) return;
      isWaiting = true;
      window.requestAnimationFrame(() => {
        isWaiting = false;
        canvas.paint();
      });
    };
    map.on("move", () => state.swipe && repaint());
    gridsight.watch(["swipe", "lang"], show);
    gridsight.watch(["swipe", "zoneLayer", "figure", "theme", "shown", "base"], repaint);
    gridsight.watch("tiles", () => state.swipe && repaint());
  });
})();
