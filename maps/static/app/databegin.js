// A store without a run: how to begin, instead of an empty map.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const t = (key, values) => gridsight.t(key, values);
  const FIRST = ["grids", "cameras", "obstacles", "roads"];
  let card = null;
  let hasData = false;

  const code = (text) => el("code", {}, text);

  function templates() {
    const links = FIRST.map((name) => el("a", { href: "/templates/" + name + "?lang=" + gridsight.lang() }, gridsight.layerText(name)));
    return el("p", {}, [t("data_begin_templates"), ...links.flatMap((one, at) => (at ? [t("comma"), one] : [one]))]);
  }

  // The panel in which analyses are run, where the page has one.
  const runTab = () => Array.from(document.querySelectorAll("[role=tab]")).find((one) => one.getAttribute("aria-controls") === "panel-runs");

  function build() {
    const mayImport = gridsight.imports.allowed();
    const parts = [el("h2", {}, t("data_begin")), el("p", {}, t(hasData ? "data_begin_no_run" : "data_begin_empty"))];
    if (!mayImport) parts.push(el("p", {}, t("data_begin_closed")), gridsight.config.role === "public" ? el("p", {}, el("a", { href: "/login" }, t("sign_in"))) : null);
    if (mayImport && hasData) {
      if (runTab()) parts.push(el("div", { class: "data-row" }, desk.button("data_begin_run", () => gridsight.openTab("runs"), { class: "button primary" })));
      parts.push(el("p", {}, [t("data_begin_command"), code("gridsight analyze")]));
    }
    if (mayImport) {
      const look = hasData ? "button" : "button primary";
      parts.push(el("div", { class: "data-row" }, desk.button("data_begin_import", gridsight.imports.begin, { class: look })));
      if (!hasData) parts.push(el("p", { class: "data-note" }, t("data_begin_which")), templates(), el("p", {}, [t("data_begin_demo"), code("gridsight demo")]));
    }
    gridsight.empty(card).append(...parts.filter(Boolean));
  }

  async function look() {
    if (gridsight.config.role === "public") return;
    const found = await Promise.all(["grids", "cameras"].map((name) => desk.send("GET", "/ogc/collections/" + name + "/items?f=json&limit=1")));
    hasData = found.some((one) => one.ok && one.data.features.length > 0);
  }

  // Called where there is no run; the page can be used all the same.
  gridsight.beginHere = async function () {
    card = el("section", { class: "data-begin", "data-label": "data_begin", "aria-label": t("data_begin") });
    gridsight.map.setView([35, 104], 4, { animate: false });
    await look();
    build();
    gridsight.map.getContainer().after(card);
    if (gridsight.imports.begin) gridsight.openTab("data");
    gridsight.watch("lang", build);
    gridsight.watch("importing", async (now) => {
      if (now.phase !== "done" || hasData) return;
      await look();
      build();
    });
    const show = () => {
      card.hidden = Boolean(gridsight.state.importing.changes);
      document.documentElement.classList.toggle("beginning", !card.hidden);
    };
    gridsight.watch("importing", show);
    show();
  };
})();
