// Draw and edit without a pointer: places as coordinates or the middle of the map, corners by their number.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const state = gridsight.state;
  const math = gridsight.shapeMath;
  const list = gridsight.shapeList;
  const t = (key, values) => gridsight.t(key, values);
  const DIGITS = 7;

  // A field of coordinates with what is done with them; says what cannot be read.
  function placeField(use, tell) {
    const input = el("input", { type: "text", autocomplete: "off", spellcheck: "false", "data-label": "draw_coordinates", "aria-label": t("draw_coordinates"), "data-placeholder": "draw_coordinates", placeholder: t("draw_coordinates") });
    const go = function () {
      const found = gridsight.readCoordinates(input.value);
      const isPlace = Boolean(found) && "lon" in found;
      input.setAttribute("aria-invalid", String(!isPlace));
      if (isPlace) use([found.lon, found.lat]);
      else tell(t("draw_bad_coordinates"));
    };
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      go();
    });
    return { input, go };
  }

  const centre = function () {
    const at = gridsight.map.getCenter();
    return [at.lng, at.lat];
  };

  // While something is drawn: its size, points by coordinates or at the middle of the map, and how it ends.
  gridsight.drawSketching = function (tell) {
    const size = el("p", { class: "draw-size", role: "status" });
    const place = (point) => {
      gridsight.drawing.place(point);
      field.input.value = "";
    };
    const field = placeField(place, tell);
    const element = el("section", { class: "draw-sketch", hidden: true }, [
      size,
      el("div", { class: "change-row" }, [field.input, desk.button("draw_add_point", field.go)]),
      el("div", { class: "change-row" }, [
        desk.button("draw_add_centre", () => place(centre())), desk.button("draw_done", () => gridsight.drawing.done(), { class: "button primary" }), desk.button("draw_cancel", () => gridsight.drawing.stop()),
      ]),
    ]);
    const show = function () {
      element.hidden = !state.drawing;
      if (!state.drawing) return;
      const points = gridsight.drawing.points();
      const isArea = state.drawing.kind === "area" && points.length > 2;
      size.textContent = t(isArea ? "draw_so_far" : "draw_so_long", {
        n: points.length, length: gridsight.metres(isArea ? math.length(points.concat([points[0]])) : math.length(points)), area: isArea ? gridsight.area(math.ringArea(points)) : "",
      });
    };
    gridsight.watch(["drawing", "lang"], show);
    return element;
  };

  // The corner that is chosen: its number and place, which can be given; added after it, removed.
  gridsight.drawCorners = function (tell) {
    const number = el("input", { type: "number", min: 1, step: 1, "data-label": "draw_corner", "aria-label": t("draw_corner") });
    const of = el("span", {});
    const points = () => math.vertices(list.of(state.shaping).geometry);
    const field = placeField((to) => gridsight.drawing.moveTo(points()[state.corner], to), tell);
    const add = () => gridsight.drawing.after(() => {
      const edge = math.edges(list.of(state.shaping).geometry).find((one) => math.same(one[0], points()[state.corner]));
      if (!gridsight.drawing.add(edge, [(edge[0][0] + edge[1][0]) / 2, (edge[0][1] + edge[1][1]) / 2])) return;
      gridsight.update({ corner: state.corner + 1 });
    });
    number.addEventListener("change", () => {
      const at = Math.max(1, Math.min(points().length, Math.round(Number(number.value)) || 1));
      gridsight.update({ corner: at - 1 });
    });
    const element = el("section", { class: "draw-corners", hidden: true }, [
      el("div", { class: "change-row draw-number" }, [el("span", { "data-t": "draw_corner" }, t("draw_corner")), number, of]),
      el("div", { class: "change-row" }, [field.input, desk.button("draw_set", field.go)]),
      el("div", { class: "change-row" }, [
        desk.button("draw_to_centre", () => gridsight.drawing.moveTo(points()[state.corner], centre())), desk.button("draw_add_corner", add), desk.button("draw_remove_corner", () => gridsight.drawing.remove(points()[state.corner])),
      ]),
    ]);
    const show = function () {
      const one = state.shaping === null || state.drawing ? null : list.of(state.shaping);
      element.hidden = !one;
      if (!one) return;
      const all = math.vertices(one.geometry);
      const at = Math.min(state.corner, all.length - 1);
      number.value = String(at + 1);
      number.max = String(all.length);
      of.textContent = "/ " + all.length;
      if (document.activeElement !== field.input) field.input.value = all[at].map((value) => value.toFixed(DIGITS)).join(", ");
    };
    gridsight.watch(["shapes", "shaping", "corner", "drawing", "shapesCame"], gridsight.coalesce(show));
    return element;
  };
})();
