// The form of one camera: the dial, its numbers and words, as the catalogue declares them (maps/web/camera_form.py).
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const changes = gridsight.changes;
  const state = gridsight.state;

  // How a field is called, with its unit.
  const label = (field, control) =>
    el("label", { class: "change-field" }, [
      el("span", {}, [el("span", { "data-t": "field_" + field.name }, gridsight.t("field_" + field.name)), field.unit ? " (" + field.unit + ")" : null]),
      control,
    ]);

  // Show a stored value in an input, unless somebody is typing there; gives how.
  function keeping(input) {
    let typing = null; // the camera of which a value is being typed
    input.addEventListener("input", () => (typing = state.editing));
    ["change", "blur"].forEach((name) => input.addEventListener(name, () => (typing = null)));
    return function (value) {
      if (typing !== null && typing === state.editing) return;
      typing = null;
      input.value = gridsight.missing(value) ? "" : String(value);
    };
  }

  const edit = (name, value, live) => state.editing !== null && changes.edit(state.editing, { properties: { [name]: value } }, live);

  // Which sentence says that a number cannot be; null where it can (rule U5).
  function faultOf(field, text) {
    const name = gridsight.t("field_" + field.name);
    const value = Number(text);
    if (!Number.isFinite(value) || (field.kind === "integer" && !Number.isInteger(value))) return gridsight.t("change_bad_number", { field: name });
    const low = field.low !== null && (field.has_low ? value < field.low : value <= field.low);
    if (!low && !(field.high !== null && value > field.high)) return null;
    return gridsight.t("change_bad_range", { field: name, low: field.low, high: field.high === null ? "∞" : field.high });
  }

  // Whether what was typed into a field of numbers is refused; the field shows it, and `tell` says why.
  function refused(field, input, text, tell) {
    const isNoNumber = input.validity.badInput;
    const fault = isNoNumber ? gridsight.t("change_bad_number", { field: gridsight.t("field_" + field.name) }) : text && faultOf(field, text);
    input.setAttribute("aria-invalid", String(Boolean(fault)));
    tell(fault || "");
    return Boolean(fault);
  }

  function numberInput(field, tell) {
    const input = el("input", { type: "number", inputmode: "decimal", step: field.kind === "integer" ? 1 : "any" });
    const keep = keeping(input);
    let isFaulty = false;
    input.addEventListener("change", () => {
      const text = input.value.trim();
      isFaulty = refused(field, input, text, tell);
      if (!isFaulty) edit(field.name, text ? Number(text) : null, false);
    });
    return {
      element: label(field, input),
      show: (values, isSame) => {
        const kind = values.kind || "fixed";
        input.placeholder = kind in field.default ? gridsight.t("change_default", { value: field.default[kind] }) : gridsight.t("change_missing");
        if (isFaulty && isSame) return; // what was refused stays, to be mended
        isFaulty = false;
        input.removeAttribute("aria-invalid");
        keep(values[field.name]);
      },
    };
  }

  function textInput(field) {
    const input = el("input", { type: "text", autocomplete: "off", spellcheck: "false", maxlength: 200 });
    const keep = keeping(input);
    input.addEventListener("change", () => edit(field.name, input.value.trim() || null, false));
    return { element: label(field, input), show: (values) => keep(values[field.name]) };
  }

  function choice(field) {
    const options = field.choices.map((name) => el("option", { value: name, "data-t": field.name + "_of_" + name }, gridsight.t(field.name + "_of_" + name)));
    const none = el("option", { value: "" });
    const select = el("select", {}, [none].concat(options));
    select.addEventListener("change", () => edit(field.name, select.value === "" ? null : field.kind === "integer" ? Number(select.value) : select.value, false));
    return {
      element: label(field, select),
      show: (values) => {
        const standard = typeof field.default === "string" ? gridsight.t(field.name + "_of_" + field.default) : null;
        none.textContent = standard ? gridsight.t("change_default", { value: standard }) : gridsight.t("change_missing");
        select.value = gridsight.missing(values[field.name]) ? "" : String(values[field.name]);
      },
    };
  }

  const WHOLE_TURN = { name: "azimuth", kind: "number", low: 0, has_low: true, high: 360 };

  // Direction: the dial, its degrees, and that it is not known.
  function direction(tell) {
    const set = (value, live) => edit("azimuth", value, live);
    const dial = gridsight.dial("field_azimuth", (value) => set(value, true), changes.rest);
    const degrees = el("input", { type: "number", min: 0, max: 360, step: "any", "data-label": "change_degrees", "aria-label": gridsight.t("change_degrees") });
    const unknown = el("input", { type: "checkbox" });
    const keep = keeping(degrees);
    let last = 0;
    let isFaulty = false;
    degrees.addEventListener("change", () => {
      const text = degrees.value.trim();
      isFaulty = refused(WHOLE_TURN, degrees, text, tell);
      if (!isFaulty && text) set(Number(text) % 360, false); // 360 is north
    });
    unknown.addEventListener("change", () => set(unknown.checked ? null : last, false));
    const element = el("div", { class: "change-direction" }, [
      dial.element,
      el("div", {}, [
        el("div", { class: "change-degrees" }, [degrees, " °"]),
        el("label", { class: "choice" }, [unknown, " ", el("span", { "data-t": "change_unknown" }, gridsight.t("change_unknown"))]),
      ]),
    ]);
    const show = function (values, isSame) {
      const value = values.azimuth;
      const missing = gridsight.missing(value);
      if (!missing) last = value;
      unknown.checked = missing;
      if (!isSame) isFaulty = false;
      if (!isFaulty) degrees.removeAttribute("aria-invalid");
      if (!isFaulty) keep(missing ? null : Math.round(value * 10) / 10); // what was refused stays, to be mended
      const kind = values.kind || "fixed";
      const width = gridsight.missing(values.hfov) ? gridsight.config.cameraForm.find((one) => one.name === "hfov").default[kind] : values.hfov;
      dial.show(value, width);
    };
    return { element, show };
  }

  function make(field, tell) {
    if (field.name === "azimuth") return direction(tell);
    if (field.choices.length) return choice(field);
    return field.kind === "text" ? textInput(field) : numberInput(field, tell);
  }

  // The form as an element; it shows the camera of the state, and is hidden where there is none.
  gridsight.changeForm = function () {
    const title = el("h2", {});
    const fault = el("p", { class: "change-fault", role: "alert" });
    const note = el("p", { class: "change-note", "data-t": "change_none" }, gridsight.t("change_none"));
    const tell = (text) => (fault.textContent = text);
    const fields = gridsight.config.cameraForm.map((field) => make(field, tell));
    const remove = [
      desk.button("change_take_down", () => edit("status", "removed", false)),
      desk.button("change_delete", () => changes.remove(state.editing)),
    ];
    const body = el("div", { class: "change-form" }, [fields[0].element, el("div", { class: "change-grid" }, fields.slice(1).map((one) => one.element)), fault, el("div", { class: "change-row" }, remove)]);
    const position = el("p", { class: "change-note" });
    const element = el("section", { class: "change-camera" }, [title, note, position, body]);

    let shown = null;

    function show() {
      const camera = state.editing === null ? null : changes.camera(state.editing);
      const isThere = Boolean(camera) && !(camera.item && camera.item.kind === "removed");
      title.hidden = position.hidden = !camera;
      body.hidden = !isThere;
      note.hidden = Boolean(camera);
      if (!camera) return;
      title.textContent = camera.isNew ? changes.nameOf(camera.id) : gridsight.t("change_camera", { id: changes.nameOf(camera.id) });
      title.title = camera.id;
      position.textContent = gridsight.degrees(camera.lon) + ", " + gridsight.degrees(camera.lat);
      fields.forEach((one) => one.show(camera.values, camera.id === shown));
      shown = camera.id;
    }

    gridsight.watch(["edits", "editing", "lang"], show);
    gridsight.watch("editing", () => {
      tell("");
      changes.rest();
    });
    show();
    return element;
  };
})();
