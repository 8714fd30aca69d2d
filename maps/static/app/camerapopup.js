// Describe a camera: its direction as a picture, its optics with units, and in words what was assumed of it.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);
  const SIZE = 76;

  const degreesOf = (value) => gridsight.number(value) + "°";

  // A value with the unit of its field, or the word of the catalogue for it.
  function told(name, value) {
    const unit = gridsight.config.cameraUnits[name];
    if (unit && !Number.isNaN(Number(value))) {
      return unit === "deg" ? degreesOf(Number(value)) : gridsight.number(Number(value)) + " " + unit;
    }
    return gridsight.has("camera_" + name + "_" + value) ? t("camera_" + name + "_" + value) : String(value);
  }

  const named = (name) => (gridsight.has("camera_" + name) ? t("camera_" + name) : gridsight.has(name) ? t(name) : name);

  function sentence(part) {
    const cut = part.indexOf("=");
    if (cut > 0) return t("camera_assumed_part", { name: named(part.slice(0, cut)), value: told(part.slice(0, cut), part.slice(cut + 1)) });
    if (gridsight.lang() === "en") return part;
    const known = gridsight.config.assumedTold.find((one) => new RegExp("^(?:" + one[0] + ")$").test(part));
    return known ? part.replace(new RegExp("^(?:" + known[0] + ")$"), known[1]) : named(part);
  }

  // "hfov=80; status=online" in words: 水平视场角 80°、状态 在线.
  gridsight.assumedText = function (assumed) {
    const parts = Array.isArray(assumed) ? assumed : String(assumed).split("; ");
    return parts.filter(Boolean).map(sentence).join(t("comma"));
  };

  // The state in words: a missing one is taken as online, one that is not understood is unknown (rules U1, U4).
  function stateText(values) {
    const state = gridsight.draw.statusOf(values);
    const word = t(state === "unknown" ? "status_unknown" : state);
    return gridsight.missing(values.status) ? t("camera_by_default", { what: word }) : word;
  }

  function directionText(values) {
    const optics = gridsight.missing(values.hfov) ? "" : t("comma") + t("camera_hfov") + " " + degreesOf(values.hfov);
    return (gridsight.missing(values.azimuth) ? t("azimuth_unknown") : t("camera_azimuth") + " " + degreesOf(values.azimuth)) + optics;
  }

  function face(context, middle, radius, colours) {
    context.lineWidth = 1;
    context.strokeStyle = context.fillStyle = colours.quiet;
    context.beginPath();
    context.arc(middle, middle, radius, 0, 2 * Math.PI);
    context.stroke();
    for (let at = 0; at < 12; at++) {
      const [x, y] = [Math.sin((at * Math.PI) / 6), -Math.cos((at * Math.PI) / 6)];
      const inner = radius - (at % 3 ? 3 : 6);
      context.beginPath();
      context.moveTo(middle + x * inner, middle + y * inner);
      context.lineTo(middle + x * radius, middle + y * radius);
      context.stroke();
    }
    context.font = "10px sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText("N", middle, 5);
  }

  function sector(context, middle, radius, values) {
    const isUnknown = gridsight.missing(values.azimuth);
    const width = gridsight.missing(values.hfov) ? 0 : values.hfov;
    const around = isUnknown || width >= 360;
    const towards = (((isUnknown ? 0 : values.azimuth) - 90) * Math.PI) / 180;
    const half = around ? Math.PI : (width * Math.PI) / 360;
    const colours = gridsight.colours();
    const colour = colours.camera[gridsight.draw.classKey(values)];
    context.beginPath();
    if (!around) context.moveTo(middle, middle);
    context.arc(middle, middle, radius, towards - half, towards + half);
    context.closePath();
    context.globalAlpha = isUnknown ? 1 : 0.35;
    // Hatched where it may look anywhere.
    context.fillStyle = isUnknown ? gridsight.draw.hatchFill(context, Object.assign({}, colours.gap_hatch, { colour: colours.quiet })) : colour;
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = colour;
    if (isUnknown) return;
    context.lineWidth = 2;
    context.beginPath();
    context.moveTo(middle, middle);
    context.lineTo(middle + radius * Math.cos(towards), middle + radius * Math.sin(towards));
    context.stroke();
  }

  // North is up; the hand is the azimuth, the sector the horizontal field of view.
  function dial(values) {
    const picture = gridsight.swatch((context) => {
      const [middle, radius] = [SIZE / 2, SIZE / 2 - 11];
      sector(context, middle, radius, values);
      face(context, middle, radius, gridsight.colours());
    }, SIZE, SIZE);
    picture.className = "camera-dial";
    picture.removeAttribute("aria-hidden");
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", directionText(values));
    return picture;
  }

  // Both sides of a pair in one line, as far as they are known.
  function pair(word, values, names) {
    const known = names.filter((name) => !gridsight.missing(values[name]));
    return known.length ? [t(word), known.map((name) => told(name, values[name])).join(" × ")] : null;
  }

  function line(values, name) {
    return gridsight.missing(values[name]) ? null : [named(name), told(name, values[name])];
  }

  gridsight.cameraPopup = function (row) {
    const v = row.values;
    const cameraClass = gridsight.missing(v.class) ? "none" : String(v.class);
    const views = gridsight.source.offers("views") && !gridsight.state.shown.views;
    return [
      dial(v),
      ...gridsight.describe.heading(gridsight.model.label(row), t("camera") + " " + row.key),
      gridsight.describe.figures([
        [t("class"), gridsight.has("class_" + cameraClass) ? t("class_" + cameraClass) : cameraClass],
        line(v, "kind"),
        [t("status"), stateText(v)],
        line(v, "site"),
        [t("azimuth"), gridsight.missing(v.azimuth) ? t("azimuth_unknown") : degreesOf(v.azimuth)],
        line(v, "tilt"),
        line(v, "height"),
        pair("camera_fields_of_view", v, ["hfov", "vfov"]),
        pair("camera_picture", v, ["width_px", "height_px"]),
        gridsight.missing(v.range_m) ? null : [t("range_m"), gridsight.metres(v.range_m)],
        line(v, "max_range"),
        [t("place"), gridsight.degrees(v.lon) + ", " + gridsight.degrees(v.lat)],
      ]),
      gridsight.missing(v.assumed) || !v.assumed.length
        ? null
        : el("p", { class: "pop-assumed" }, t("camera_assumed", { what: gridsight.assumedText(v.assumed) })),
      views
        ? el("button", { type: "button", class: "link", onclick: () => gridsight.show("views", true) }, t("layer_views"))
        : null,
    ];
  };
})();
