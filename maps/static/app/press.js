// Choose what is printed and how: purpose, extent, paper, orientation, scale, title, layers, language; see it, open it.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const t = (key, values) => gridsight.t(key, values);
  let form = null; // what the service offers to print (maps/web/press_form.py)
  let townships = [];
  let drafts = []; // of those who may have some
  let printed = null; // the scope that the form was filled for: another choice of extent is kept until it changes
  let counted = 0;
  /** @type {Record<string, any>} */
  const controls = {};
  /** @type {Record<string, any>} */
  const labels = {};
  let parts = null;
  let job = null; // the part of the form that prints as a job; none for who may have none
  let isLong = false;

  // What is chosen on the page, or is there to choose from, by the parameter that prints it.
  function subject(name) {
    const { selection, scope } = gridsight.state;
    if (name === "camera") return selection && selection.layer === "cameras" ? selection.key : "";
    if (name === "zone") return scope && scope.layer !== gridsight.DRAWN ? scope.layer + ":" + scope.key : "";
    return drafts.length ? controls.draft.value : "";
  }

  const given = (one) => one.of.find((name) => subject(name));
  const kinds = () => form.kinds.filter((one) => one.roles.indexOf(gridsight.config.role) >= 0 && (!one.of || given(one)));
  const kind = () => kinds().find((one) => one.name === controls.kind.value) || kinds()[0];
  const has = (name) => kind().fields.indexOf(name) >= 0;

  const fill = function (select, options) {
    const kept = select.value;
    gridsight.empty(select).append(...options.map((one) => el("option", { value: one.value }, one.text)));
    select.value = kept;
    if (select.selectedIndex < 0) select.selectedIndex = 0;
  };

  // A code may be that of a zone in two layers: the service is told which (geo/assessment/named_zones.py).
  function fillExtent() {
    const chosen = gridsight.state.scope && (gridsight.state.scope.layer !== gridsight.DRAWN || kind().drawn) ? gridsight.state.scope : null;
    const value = (row) => row.layer + ":" + row.key;
    const options = [{ value: "", text: t("print_all") }];
    if (chosen && chosen.layer !== "townships") options.push({ value: value(chosen), text: t("print_selected", { code: chosen.layer === gridsight.DRAWN ? gridsight.model.label(chosen) : chosen.key }) });
    townships.forEach((row) => options.push({ value: value(row), text: gridsight.model.label(row) }));
    fill(controls.zone, options);
    if (printed !== chosen) controls.zone.value = chosen ? value(chosen) : "";
    if (controls.zone.selectedIndex < 0) controls.zone.value = "";
    printed = chosen;
  }

  function fillAll() {
    fill(controls.draft, drafts.map((one) => ({ value: one.id, text: one.name })));
    fill(controls.kind, kinds().map((one) => ({ value: one.name, text: t("press_" + one.name) })));
    fill(controls.paper, form.papers.map((one) => ({ value: one, text: one })));
    fill(controls.by, form.by.filter((one) => gridsight.source.summary(one)).map((one) => ({ value: one, text: t(one) })));
    fill(controls.orientation, form.orientations.map((one) => ({ value: one, text: t("press_" + one) })));
    fill(controls.lang, [["", t("press_same_language")], ["zh", "中文"], ["en", "English"]].map((one) => ({ value: one[0], text: one[1] })));
    fillExtent();
  }

  // The denominator as people write it, 1:50,000 or 50000; an empty text is none, null is no number.
  function scale() {
    const text = controls.scale.value.replace(/^\s*1\s*[:：]/, "").replace(/[\s,，]/g, "");
    return text === "" || /^[1-9]\d{0,8}$/.test(text) ? text : null;
  }

  const layers = () => [...controls.layers.querySelectorAll("input")];

  // What is chosen, by the names of the parameters; null where the scale is none.
  function chosen() {
    const query = new Map();
    const put = (name, value) => has(name) && value && query.set(name, value);
    put("by", controls.by.value);
    put("paper", controls.paper.value);
    query.set("run", gridsight.model.run ? gridsight.model.run.id : "latest");
    query.set("lang", controls.lang.value || gridsight.lang());
    put("zone", controls.zone.value);
    if (kind().of) query.set(given(kind()), subject(given(kind())));
    put("basemap", gridsight.state.base);
    put("orientation", controls.orientation.value === form.orientations[0] ? "" : controls.orientation.value);
    put("scale", scale());
    put("title", controls.title.value.trim());
    put("unit", controls.unit.value.trim());
    const drawn = layers().filter((one) => one.checked);
    if (has("layers") && drawn.length < layers().length) query.set("layers", drawn.map((one) => one.value).join(","));
    return has("scale") && scale() === null ? null : query;
  }

  const path = () => (chosen() ? kind().path + "?" + new URLSearchParams([...chosen()]) : null);

  function start() {
    const inputs = { kind: kind().name };
    chosen().forEach((value, name) => (inputs[name] = value));
    job.start(inputs);
  }

  // How many sheets an atlas has, as the page can know: rights may leave fewer.
  async function count() {
    const request = ++counted;
    parts.sheets.textContent = "";
    isLong = false;
    if (!has("by")) return showActions();
    const layer = controls.by.value;
    const zone = controls.zone.value;
    try {
      const of = zone === "" ? gridsight.source.summary(layer).count : (await gridsight.source.page(layer, { zone, limit: 1 })).total;
      if (request !== counted) return undefined;
      isLong = Boolean(job) && of > kind().long;
      parts.sheets.textContent = of ? t(isLong ? "press_long" : "press_sheets", { n: gridsight.count(of) }) : t("press_no_sheets");
    } catch (unknown) {
      parts.sheets.textContent = "";
    }
    return showActions();
  }

  // What takes long is a job; all else is seen, opened or downloaded at once.
  function showActions() {
    parts.start.hidden = !isLong;
    parts.preview.hidden = isLong || !kind().shown;
    parts.open.hidden = isLong;
  }

  function update() {
    if (!parts || !gridsight.state.ready) return;
    Object.keys(labels).forEach((name) => (labels[name].hidden = !has(name)));
    const address = path();
    controls.scale.setAttribute("aria-invalid", String(address === null));
    parts.fault.textContent = address === null ? t("press_bad_scale") : "";
    const isShown = kind().shown;
    parts.open.dataset.t = isShown ? "press_open" : "press_download";
    parts.open.textContent = t(parts.open.dataset.t);
    parts.preview.disabled = address === null;
    if (address === null) parts.open.removeAttribute("href");
    else parts.open.href = address;
    count();
  }

  function refill() {
    if (!parts || !gridsight.state.ready) return;
    fillAll();
    update();
  }

  const shortName = () => "gridsight-" + kind().name + ".pdf";

  function field(name, word, control) {
    controls[name] = control;
    labels[name] = el("label", { class: "press-field press-" + name }, [el("span", { "data-t": word }, t(word)), control]);
    return labels[name];
  }

  function layerChoices() {
    controls.layers = el("div", { class: "press-layers", role: "group", "data-label": "press_layers", "aria-label": t("press_layers") });
    controls.layers.append(...form.layers.map((name) => {
      const input = /** @type {any} */ (el("input", { type: "checkbox", value: name }));
      input.checked = true;
      return el("label", { class: "run-choice" }, [input, el("span", { "data-t": "sheet_layer_" + name }, t("sheet_layer_" + name))]);
    }));
    labels.layers = el("div", { class: "press-field press-wide" }, [el("span", { "data-t": "press_layers", "aria-hidden": "true" }, t("press_layers")), controls.layers]);
    return labels.layers;
  }

  function make(box) {
    const open = /** @type {any} */ (el("a", { class: "button", id: "print-sheet", target: "_blank", rel: "noopener", "data-t": "press_open" }, t("press_open")));
    const preview = desk.button("press_preview", () => gridsight.pressPreview(path(), shortName()), { class: "button primary" });
    parts = { open, preview, start: desk.button("press_start", start, { class: "button primary", hidden: true }), sheets: el("p", { class: "press-sheets", role: "status" }), fault: el("p", { class: "change-fault", role: "alert" }) };
    const text = (more) => el("input", Object.assign({ type: "text", autocomplete: "off" }, more));
    box.append(
      field("kind", "press_kind", el("select", { id: "press-kind" })), field("paper", "paper", el("select", { id: "paper" })),
      field("by", "press_by", el("select", { id: "press-by" })), field("zone", "print_zone", el("select", { id: "print-zone" })),
      field("draft", "press_which_draft", el("select", { id: "press-draft" })),
      field("orientation", "press_orientation", el("select", { id: "press-orientation" })),
      field("scale", "press_scale", text({ id: "press-scale", inputmode: "numeric", "data-placeholder": "press_auto", placeholder: t("press_auto") })),
      field("lang", "press_language", el("select", { id: "press-lang" })),
      field("title", "press_title", text({ id: "press-title", maxlength: form.title_letters, "data-placeholder": "press_own_title", placeholder: t("press_own_title") })),
      field("unit", "press_unit", text({ id: "press-unit", maxlength: 60 })),
      layerChoices(), parts.fault, parts.sheets,
      el("div", { class: "press-row" }, [parts.start, preview, open]));
    if (form.jobs.indexOf(gridsight.config.role) >= 0) {
      job = gridsight.pressJob((busy) => (parts.start.disabled = busy));
      box.append(job.element);
    }
    delete labels.kind; // these two are of every kind
    delete labels.lang;
    fill(controls.paper, form.papers.map((one) => ({ value: one, text: one })));
    controls.paper.value = form.paper;
    box.addEventListener("input", (event) => {
      if (event.target === controls.kind) fillExtent();
      update();
    });
  }

  // Every township can be printed: they are few.
  async function fillTownships() {
    if (!gridsight.source.summary("townships")) return;
    townships = (await gridsight.source.page("townships", { limit: 1000 })).rows;
    refill();
  }

  // Only a planner has drafts, and they come and go while the page is open.
  async function fillDrafts() {
    if (!form.kinds.some((one) => one.name === "draft" && one.roles.indexOf(gridsight.config.role) >= 0)) return;
    const answer = await desk.send("GET", "/drafts");
    if (!answer.ok) return;
    drafts = answer.data.drafts;
    refill();
  }

  gridsight.onStart(function () {
    const box = gridsight.byId("press");
    if (!box) return;
    form = gridsight.config.pressForm;
    make(box);
    const refresh = gridsight.coalesce(refill);
    gridsight.watch(["ready", "lang", "scope", "selection", "base"], refresh);
    gridsight.watch("ready", () => fillTownships().catch(() => null));
    let isResumed = false;
    gridsight.watch("tab", (tab) => {
      if (tab === "export") fillDrafts().catch(() => null);
      if (!job || isResumed || tab !== "export") return;
      isResumed = true;
      job.resume();
    });
  });
})();
