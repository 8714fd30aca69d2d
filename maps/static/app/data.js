// The panel of the data: import a file, check what is stored; for those who may write.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const imports = gridsight.imports;
  const state = gridsight.state;
  const t = (key, values) => gridsight.t(key, values);

  // What is said of the import, with the way to sign in where that is what is missing.
  function status() {
    const line = el("div", { class: "data-status", role: "status", "aria-live": "polite" });
    const show = function () {
      const { said, answer } = state.importing;
      const isSignedOut = said && said.key === "data_signed_out";
      const text = imports.sentence();
      const parts = [text, isSignedOut ? " " : null, isSignedOut ? el("a", { href: "/login" }, t("sign_in")) : null];
      if (said && said.key === "data_accepted" && gridsight.model.run && answer) parts.push(el("p", { class: "data-note" }, t("data_accepted_run")));
      gridsight.empty(line).append(...parts.filter(Boolean));
      line.hidden = !text;
    };
    gridsight.watch(["importing", "lang"], show);
    show();
    return line;
  }

  function waiting() {
    const box = el("section", { hidden: true });
    const show = function () {
      const shown = state.importing.answer;
      const rest = state.importing.waiting.filter((one) => !shown || one.id !== shown.id);
      box.hidden = !rest.length;
      const row = (one) => el("li", {}, [
        el("span", {}, [one.file, " ", el("small", {}, gridsight.layerText(one.layer))]),
        desk.smallButton("data_show", t("data_show_one", { name: one.file }), () => imports.open(one.id)),
        desk.smallButton("data_drop", t("data_drop_one", { name: one.file }), () => imports.drop(one.id)),
      ]);
      gridsight.empty(box).append(el("h3", {}, t("data_waiting")), el("ul", { class: "data-waiting" }, rest.map(row)));
    };
    gridsight.watch(["importing", "lang"], show);
    return box;
  }

  gridsight.onStart(function () {
    if (!imports.allowed()) return;
    const panel = gridsight.addPanel("data");
    panel.classList.add("data");
    const form = gridsight.importForm();
    imports.begin = function () {
      gridsight.openTab("data");
      panel.scrollTop = 0;
      form.choose();
    };
    panel.append(desk.heading("data_import"), form.element, status(), waiting(), gridsight.importReport(form.send, form.hasFile), gridsight.checkPanel());
    gridsight.dataMap();
    let isOpened = false;
    gridsight.watch("tab", () => {
      // A report needs the room of the figures, which say nothing of it.
      document.documentElement.classList.toggle("data-open", state.tab === "data");
      if (state.tab === "data" && !isOpened) imports.refresh();
      isOpened = isOpened || state.tab === "data";
    });
  });
})();
