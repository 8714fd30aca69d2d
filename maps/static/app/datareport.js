// The preview of an import: counts, how columns are read, findings, rejected rows; accept or drop.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const imports = gridsight.imports;
  const t = (key, values) => gridsight.t(key, values);
  const MOST = 20; // entries of a list, and rejected rows, that are shown

  const head = (words) => el("thead", {}, el("tr", {}, words.map((word) => el("th", { scope: "col" }, t(word)))));
  const heading = (word) => el("h3", {}, t(word));

  function counts(answer) {
    const cards = [["data_read", answer.read], ["data_new", answer.imported], ["data_updated", answer.updated], ["data_unchanged", answer.unchanged], ["data_removed", answer.removed], ["data_rejected", answer.rejected]];
    return el("dl", { class: "data-counts" }, cards.map(([word, value]) => el("div", {}, [el("dt", {}, t(word)), el("dd", {}, gridsight.count(value))])));
  }

  function fieldsOf(layer) {
    const found = gridsight.config.importForm.layers.find((one) => one.name === layer);
    return found ? found.fields : [];
  }

  function fieldText(layer, name) {
    if (name === "geometry") return t("change_position");
    const found = fieldsOf(layer).find((one) => one[0] === name);
    return found ? gridsight.pick(found.slice(1)) : name;
  }

  // What a column is read for: chosen anew, and the file is read again with that.
  function choice(answer, column, changed) {
    const known = fieldsOf(answer.layer);
    const now = column.fields[0] || "";
    const rest = column.fields.filter((name) => !known.some((one) => one[0] === name));
    const options = (now ? [] : [["", t("data_not_read")]]).concat(known.map((one) => [one[0], gridsight.pick(one.slice(1))]), rest.map((one) => [one, one]));
    const select = el("select", { "aria-label": t("data_read_as_of", { column: column.column }) }, options.map(([value, text]) => el("option", { value }, text)));
    select.value = now;
    select.addEventListener("change", () => changed(column.column, select.value === now ? null : select.value));
    return select;
  }

  function columns(answer, again) {
    if (!answer.columns.length) return [];
    const chosen = new Map();
    const button = desk.button("data_again", () => again(Array.from(chosen, ([column, field]) => field + "=" + column)), { disabled: true });
    const changed = (column, field) => {
      if (field) chosen.set(column, field);
      else chosen.delete(column);
      button.disabled = !chosen.size;
    };
    const canAgain = answer.state === "waiting" && again !== null;
    const rows = answer.columns.map((one) => el("tr", { class: one.fields.length ? null : "unread" }, [
      el("th", { scope: "row" }, one.column),
      el("td", {}, one.dropped ? "–" : one.samples.join(t("comma"))),
      el("td", {}, one.dropped ? t("data_dropped") : canAgain ? choice(answer, one, changed) : one.fields.map((name) => fieldText(answer.layer, name)).join(t("comma")) || t("data_not_read")),
    ]));
    const table = el("div", { class: "data-table", tabindex: "0", role: "region", "aria-label": t("data_columns") }, el("table", {}, [head(["data_column", "data_samples", "data_read_as"]), el("tbody", {}, rows)]));
    return [heading("data_columns"), table, canAgain ? el("div", { class: "data-row" }, button) : null];
  }

  function list(word, items, more) {
    const left = Math.max(0, items.length - MOST) + (more || 0);
    return items.length
      ? [heading(word), el("ul", { class: "data-list" }, items.slice(0, MOST).concat(left ? [el("li", { class: "data-note" }, t("data_more", { n: gridsight.count(left) }))] : []))]
      : [];
  }

  const counted = (text, n) => el("li", {}, [el("span", {}, text), n ? el("b", {}, t("data_rows_n", { n: gridsight.count(n) })) : null]);

  // A value is a cell of the file, shown as it is, where it is not told to be a sentence of the service.
  function finding(answer, one) {
    const field = one.field ? fieldText(answer.layer, one.field) + t("colon") : "";
    const reason = gridsight.spoken.own(one.reason);
    const value = one.is_value_told ? gridsight.spoken.own(one.value) : one.value;
    return counted(field + (value ? t("data_finding", { reason, value }) : reason), one.count);
  }

  function rejects(answer) {
    if (!answer.rejects.length) return [];
    const rows = answer.rejects.slice(0, MOST).map((one) => el("tr", {}, [
      el("th", { scope: "row" }, one.row), el("td", {}, one.field ? fieldText(answer.layer, one.field) : "–"), el("td", {}, gridsight.spoken.own(one.reason)), el("td", {}, one.value),
    ]));
    return [
      heading("data_rejects"),
      el("div", { class: "data-table", tabindex: "0", role: "region", "aria-label": t("data_rejects") }, el("table", {}, [head(["data_row", "data_field", "data_reason", "data_value"]), el("tbody", {}, rows)])),
      el("p", {}, el("a", { href: "/imports/" + encodeURIComponent(answer.id) + "/rejects", download: "rejects.csv" }, t("data_rejects_all"))),
    ];
  }

  function build(answer, again) {
    const unread = Object.keys(answer.unread).map((word) => counted(word, answer.unread[word]));
    const taken = Object.keys(answer.assumed).map((text) => counted(gridsight.spoken.own(text), answer.assumed[text]));
    const fields = Object.keys(answer.changes.updated.fields).map((name) => fieldText(answer.layer, name) + " " + gridsight.count(answer.changes.updated.fields[name]));
    const left = answer.not_listed;
    return [
      el("h3", {}, t("data_preview", { name: answer.file }) + " → " + gridsight.layerText(answer.layer)),
      counts(answer),
      el("p", { class: "data-note" }, t("data_crs_found", { crs: answer.crs })),
      ...(fields.length ? [heading("data_fields_changed"), el("p", { class: "data-fields" }, fields.join(t("comma")))] : []),
      ...rejects(answer),
      ...list("data_findings", answer.findings.map((one) => finding(answer, one)), left.findings),
      ...list("data_unread", unread, left.unread),
      ...list("data_assumed", taken, left.assumed),
      ...columns(answer, again),
    ];
  }

  // `again(mapping)` reads the file once more, where the page still has it: `hasFile()`.
  gridsight.importReport = function (again, hasFile) {
    const buttons = el("div", { class: "data-row data-bar", hidden: true });
    const accept = desk.button("data_accept", imports.accept, { class: "button primary" });
    const drop = desk.button("data_drop", () => imports.drop(gridsight.state.importing.answer.id));
    const note = el("p", { class: "data-note", "data-t": "data_nothing_written" }, t("data_nothing_written"));
    buttons.append(accept, drop, note);
    const body = el("div", {});
    const box = el("div", { class: "data-report" }, [buttons, body]);
    let drawn = null;
    let seen = null;
    const show = function () {
      const { answer, phase } = gridsight.state.importing;
      const isWaiting = Boolean(answer) && answer.state === "waiting";
      const isBusy = phase === "accepting";
      buttons.hidden = !isWaiting;
      accept.disabled = drop.disabled = isBusy;
      const key = answer && [answer.id, answer.state, gridsight.lang(), answer.read, JSON.stringify(answer.changes)].join();
      if (key === drawn) return; // what is being chosen in it stays
      drawn = key;
      gridsight.empty(body).append(...(answer ? build(answer, hasFile() ? again : null).filter(Boolean) : []));
      if (isWaiting && answer !== seen) box.scrollIntoView({ block: "start" });
      seen = answer;
    };
    gridsight.watch(["importing", "lang"], show);
    return box;
  };
})();
