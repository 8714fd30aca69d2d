// Ask the service what stands on the line of sight between two points, and show it as a profile and as a table.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);
  const { measure, geodesy } = gridsight;
  const EYE_M = 6;
  const PAUSE_MS = 200; // between the last change of a height and the question

  const heights = { from: EYE_M, to: 0 }; // the target's is that of an analysis
  let answer = null; // what the service said of `asked`
  let asked = "";
  let fault = "";
  const inputs = {};

  const place = (point) => point.lon.toFixed(8) + "," + point.lat.toFixed(8);
  const metres = (value) => Number(value).toFixed(1) + " m";
  const height = (one) => (gridsight.missing(one.height) ? t("sight_unknown") : metres(one.height));

  function question(points) {
    const query = { from: place(points[0]), to: place(points[1]), from_height: String(heights.from), to_height: String(heights.to) };
    const day = String(gridsight.model.meta.data_date || "");
    return "/sightline?" + new URLSearchParams(/^\d{4}-\d{2}-\d{2}$/.test(day) ? Object.assign({ at: day }, query) : query);
  }

  // Answers to earlier points and heights are not shown.
  async function ask(points) {
    const path = question(points);
    if (path === asked) return;
    asked = path;
    answer = null;
    fault = "";
    try {
      const found = await gridsight.source.fetchJson(path);
      if (path !== asked) return;
      answer = found;
    } catch (error) {
      if (path !== asked) return;
      fault = error.message;
    }
    gridsight.update({ measure: gridsight.state.measure });
  }

  const askSoon = gridsight.later(() => gridsight.update({ measure: gridsight.state.measure }), PAUSE_MS);

  function heightField(name) {
    if (!inputs[name]) {
      inputs[name] = el("input", { type: "number", min: "0", max: "1000", step: "0.1", value: String(heights[name]), oninput: (event) => {
        const value = Number(event.target.value);
        const isRight = event.target.value !== "" && value >= 0 && value <= 1000;
        event.target.setAttribute("aria-invalid", String(!isRight));
        if (!isRight) return;
        heights[name] = value;
        askSoon();
      } });
    }
    return el("label", {}, [el("span", {}, t("sight_" + name + "_height")), inputs[name]]);
  }

  // The chosen camera is the eye: its place, and its height or what stands for a missing one (rule U4).
  function fromCamera() {
    const v = gridsight.selection.values;
    const field = (gridsight.config.cameraForm || []).find((one) => one.name === "height");
    const supposed = field && (typeof field.default === "object" ? field.default[v.kind] || field.default.fixed : field.default);
    heights.from = Number(gridsight.missing(v.height) ? supposed || EYE_M : v.height);
    if (inputs.from) inputs.from.value = String(heights.from);
    gridsight.map.closePopup();
    const rest = gridsight.state.measure.points.slice(1, 2);
    gridsight.update({ measure: Object.assign({}, gridsight.state.measure, { points: [{ lat: v.lat, lon: v.lon }].concat(rest) }) });
  }

  function verdict(found) {
    const one = found.first === null ? null : found.passed[found.first];
    const isLow = found.reason === "obstacle" && gridsight.missing(one.height);
    const key = isLow ? "sight_because_low" : found.reason ? "sight_because_" + found.reason : "sight_clear";
    return t(key, one ? { obstacle: one.obstacle, height: height(one), at: gridsight.metres(gridsight.meetsAt(one)), over: metres(one.over_m) } : {});
  }

  function table(found) {
    const heads = ["sight_obstacle", "sight_from_to", "sight_height", "sight_line_height", "sight_over"];
    const rows = found.passed.map((one, at) => el("tr", { class: at === found.first ? "first" : null }, [
      el("th", { scope: "row" }, one.obstacle),
      el("td", {}, one.start_m.toFixed(1) + "–" + metres(one.end_m)),
      el("td", {}, height(one)),
      el("td", {}, one.line_start_m.toFixed(1) + "–" + metres(one.line_end_m)),
      el("td", {}, gridsight.missing(one.over_m) ? "?" : (one.over_m > 0 ? "+" : "") + one.over_m.toFixed(1) + " m"),
    ]));
    return el("table", {}, [
      el("caption", {}, t(found.passed.length ? "sight_table" : "sight_nothing")),
      rows.length ? el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, t(head))))) : null,
      el("tbody", {}, rows),
    ]);
  }

  function asText(found, points) {
    const said = geodesy.between(points[0], points[1]);
    const lines = [[verdict(found)], [t("measure_distance"), metres(found.distance_m)], [t("measure_bearing"), measure.bearing(said.there)]];
    found.passed.forEach((one) => lines.push([one.obstacle, one.start_m.toFixed(1), one.end_m.toFixed(1), height(one), one.line_start_m.toFixed(1), one.line_end_m.toFixed(1)]));
    return lines.map((line) => line.join("\t")).join("\n");
  }

  const camera = () => (gridsight.selection && gridsight.selection.layer === "cameras" && !gridsight.missing(gridsight.selection.values.lon) ? gridsight.selection : null);

  // The heights stand above whatever the answer is, so that they can be set before there is one.
  function form() {
    return [
      el("div", { class: "measure-heights" }, [heightField("from"), heightField("to")]),
      camera() ? el("div", { class: "measure-row" }, gridsight.button("sight_camera", fromCamera)) : null,
    ].filter(Boolean);
  }

  function show(points) {
    ask(points);
    if (fault) return [el("p", { class: "measure-fault" }, gridsight.own(fault))];
    if (!answer) return [el("p", { class: "measure-note", "aria-busy": "true" }, t("loading"))];
    const said = geodesy.between(points[0], points[1]);
    const copy = gridsight.button("measure_copy", () => measure.copy(asText(answer, points)));
    return [
      el("p", { class: "measure-verdict" }, verdict(answer)),
      el("p", { class: "measure-note" }, [
        t("measure_distance") + " " + gridsight.metres(answer.distance_m) + " · " + t("measure_bearing") + " " + measure.bearing(said.there),
        answer.moved_m > 0.005 ? " · " + t("sight_moved", { metres: answer.moved_m.toFixed(2) }) : "",
      ].join("")),
      gridsight.sightProfile(answer, verdict(answer)),
      table(answer),
      el("p", { class: "measure-note" }, t("sight_flat")),
      el("div", { class: "measure-row" }, copy),
    ];
  }

  // Where the line is blocked, on the map.
  function marks(common) {
    const { points } = gridsight.state.measure;
    const one = points.length === 2 && answer && answer.first !== null ? answer.passed[answer.first] : null;
    if (!one) return [];
    const share = gridsight.meetsAt(one) / answer.distance_m;
    const [a, b] = points;
    const look = { radius: 7, color: gridsight.colours().selected_halo, weight: 2, fillColor: gridsight.colours().offline, fillOpacity: 1 };
    return [L.circleMarker([a.lat + (b.lat - a.lat) * share, a.lon + (b.lon - a.lon) * share], Object.assign({}, common, look))];
  }

  measure.addKind("sight", {
    least: 2, most: 2, begin: "sight_begin", next: "sight_next", form, formOf: () => (camera() ? camera().key : ""), show, marks,
    wanted: () => gridsight.config.role !== "public",
  });

  gridsight.onStart(() => {
    heights.to = gridsight.config.analyzeForm.targetHeight;
    gridsight.watch("selection", () => gridsight.state.measure.isOpen && gridsight.state.measure.kind === "sight" && gridsight.update({ measure: gridsight.state.measure }));
  });
})();
