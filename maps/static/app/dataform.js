// The form of an import: the file, chosen or dropped, the layer, and how the file is read.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const imports = gridsight.imports;
  const state = gridsight.state;
  const t = (key, values) => gridsight.t(key, values);
  const CRS_WORDS = gridsight.spoken.CRS_WORDS;
  const ENCODINGS = ["utf-8", "gb18030", "utf-16", "big5", "cp1252"];
  const PROFILES = ["osm", "gbt28181", "gat1400", "yjyd"];
  const BUSY = ["sending", "reading", "accepting"];

  // A control under its word, which is its name too.
  const label = (gridsight.dataLabel = function (word, control, beside) {
    control.dataset.label = word;
    control.setAttribute("aria-label", t(word));
    return el("div", { class: "data-field" }, [el("span", { "data-t": word, "aria-hidden": "true" }, t(word)), control, beside]);
  });
  const option = (value, word, text) => el("option", Object.assign({ value }, word ? { "data-t": word } : {}), word ? t(word) : text);

  gridsight.layerText = function (name) {
    const found = gridsight.config.importForm.layers.find((one) => one.name === name);
    return found ? gridsight.pick(found.text) : name;
  };

  function layerChoice() {
    const select = el("select", {});
    const build = () => {
      const kept = select.value;
      gridsight.empty(select).append(option("", "data_layer_choose"), ...gridsight.config.importForm.layers.map((one) => option(one.name, null, gridsight.pick(one.text))));
      select.value = kept;
    };
    gridsight.watch("lang", build);
    build();
    return select;
  }

  // Gives { element, send(mapping), choose() }.
  gridsight.importForm = function () {
    /** @type {File | null} */
    let file = null;
    const input = el("input", { type: "file", class: "hidden", tabindex: "-1", "data-label": "data_file", "aria-label": t("data_file") });
    const choose = desk.button("data_choose", () => input.click());
    const named = el("p", { class: "data-name" });
    const box = el("div", { class: "data-drop" }, [choose, input, named, el("p", { class: "data-note", "data-t": "data_drop_here" }, t("data_drop_here"))]);
    const layer = layerChoice();
    const template = el("a", { class: "data-template", "data-t": "data_template", hidden: true }, t("data_template"));
    const crs = el("select", {}, [option("", "data_crs_in_file"), ...Object.keys(CRS_WORDS).map((one) => option(one, null, CRS_WORDS[one])), option("other", "data_crs_other")]);
    const other = el("input", { type: "text", maxlength: 200, placeholder: "EPSG:4547", "data-label": "data_crs_other", "aria-label": t("data_crs_other"), hidden: true });
    const encoding = el("select", {}, [option("", "data_by_itself"), ...ENCODINGS.map((one) => option(one, null, one.toUpperCase()))]);
    const profile = el("select", {}, [option("", "data_by_itself"), ...PROFILES.map((one) => option(one, null, one))]);
    const mode = el("select", {}, gridsight.config.importForm.modes.map((one) => option(one, "data_mode_" + one)));
    const heading = el("input", { type: "number", min: 1, max: 1000, inputmode: "numeric" });
    const inside = el("input", { type: "text", maxlength: 200 });
    const pairs = gridsight.dataPairs(layer);
    const sheets = el("fieldset", { class: "data-sheets", hidden: true });
    const upload = desk.button("data_upload", () => send([]), { class: "button primary" });
    const stop = desk.button("data_stop", imports.stop, { hidden: true });
    const bar = el("progress", { max: 1, value: 0, "data-label": "data_progress", "aria-label": t("data_progress"), hidden: true });

    const chosenSheets = () => Array.from(sheets.querySelectorAll("input:checked")).map((one) => one.value);

    function send(mapping) {
      const all = sheets.querySelectorAll("input").length;
      const picked = chosenSheets();
      return imports.preview(file, {
        layer: layer.value, mode: mode.value, crs: crs.value === "other" ? other.value.trim() : crs.value, encoding: encoding.value, profile: profile.value,
        header_row: heading.value, source_layer: inside.value.trim(), sheet: picked.length === all ? [] : picked, map: pairs.read().concat(mapping),
      });
    }

    function take(chosen) {
      if (!chosen) return;
      file = chosen;
      named.textContent = chosen.name + " · " + imports.size(chosen.size);
      gridsight.empty(sheets);
      sheets.hidden = true;
    }

    // The sheets of a workbook are known once it was read.
    function showSheets(answer) {
      if (!answer || answer.sheets.length < 2 || sheets.childElementCount) return;
      sheets.append(el("legend", { "data-t": "data_sheets" }, t("data_sheets")), ...answer.sheets.map((one) => el("label", { class: "choice" }, [
        el("input", { type: "checkbox", value: one.name, checked: one.imported > 0 }), el("span", {}, t("data_sheet", { name: one.name, rows: gridsight.count(one.rows) })),
      ])));
      sheets.hidden = false;
    }

    input.addEventListener("change", () => take(input.files[0]));
    const over = (event) => {
      if (!Array.from(event.dataTransfer.types).includes("Files")) return;
      event.preventDefault(); // else the browser would leave the page for the file
      box.classList.toggle("over", event.type === "dragover" && box.contains(event.target));
      if (event.type === "drop" && gridsight.byId("panel-data").contains(event.target)) take(event.dataTransfer.files[0]);
    };
    ["dragover", "dragleave", "drop"].forEach((name) => document.addEventListener(name, over));
    crs.addEventListener("change", () => (other.hidden = crs.value !== "other"));
    const showTemplate = () => {
      template.hidden = !layer.value;
      template.href = "/templates/" + layer.value + "?lang=" + gridsight.lang();
    };
    layer.addEventListener("change", showTemplate);
    gridsight.watch("lang", showTemplate);

    const how = el("details", { class: "data-how" }, [
      el("summary", { "data-t": "data_how" }, t("data_how")),
      el("div", { class: "data-grid" }, [
        label("data_mode", mode), label("data_encoding", encoding), label("data_profile", profile), label("data_header_row", heading), label("data_source_layer", inside),
      ]),
      sheets, pairs.element,
    ]);
    // The field that a refusal names is the one to fill.
    function fill(name) {
      const control = { crs: other.hidden ? crs : other, encoding, profile, header_row: heading, source_layer: inside, map: pairs.element }[name];
      if (!control) return;
      if (name !== "crs") how.open = true;
      if (name === "map") pairs.begin();
      else control.focus();
    }
    let asked = null;
    gridsight.watch("importing", function (now) {
      const isBusy = BUSY.indexOf(now.phase) >= 0;
      upload.disabled = isBusy;
      stop.hidden = now.phase !== "sending" && now.phase !== "reading";
      bar.hidden = stop.hidden;
      bar.value = now.share;
      showSheets(now.answer);
      if (now.field && now.field !== asked) fill(now.field);
      asked = now.field;
    });
    const element = el("div", {}, [
      box, el("div", { class: "data-grid" }, [label("data_layer", layer), label("data_crs", crs, other)]),
      how, el("div", { class: "data-row" }, [upload, stop, template]), bar,
    ]);
    return { element, send, choose: () => choose.focus(), hasFile: () => Boolean(file) };
  };
})();
