// Print the page as it is shown, on one sheet: the map with legend, scale, north, run, dates and whose it is.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const t = (key, values) => gridsight.t(key, values);
  const PAUSE_MS = 400; // in which pictures of a base map fade in
  const root = document.documentElement;
  let facts = null;
  let before = null; // how the page was before it was laid out for paper

  // What names the sheet: the run and its figures, the days, whose the data are.
  function write() {
    const { meta } = gridsight.model;
    const said = (word, value) => (value ? t(word) + t("colon") + value : "");
    const scope = gridsight.state.scope;
    const centre = gridsight.map.getCenter();
    const parts = [
      said("run", meta.run_id), said("data_date", meta.data_date), said("made", gridsight.minuteOf(Date.now()).slice(0, 10)),
      said("scope", scope ? gridsight.model.label(scope) : t("all")), said("crs", "WGS 84 / Web Mercator (EPSG:3857)"),
      said("print_centre", gridsight.degrees(centre.lng) + ", " + gridsight.degrees(centre.lat)),
      meta.security && gridsight.lang() === "zh" ? meta.security : t("internal_use"), t("product"), t("no_personal_data"),
    ];
    gridsight.empty(facts).append(...parts.filter(Boolean).map((one) => el("span", {}, one)));
  }

  function begin() {
    if (before) return;
    const legend = /** @type {any} */ (document.querySelector(".legend"));
    before = { box: gridsight.map.getBounds(), centre: gridsight.map.getCenter(), zoom: gridsight.map.getZoom(), isOpen: legend.open };
    legend.open = true;
    root.classList.add("printing");
    gridsight.paperTheme(true);
    write();
    gridsight.map.invalidateSize({ animate: false, pan: false });
    gridsight.map.fitBounds(before.box, { animate: false });
  }

  function end() {
    if (!before) return;
    const legend = /** @type {any} */ (document.querySelector(".legend"));
    const { centre, zoom, isOpen } = before;
    before = null;
    legend.open = isOpen;
    root.classList.remove("printing");
    gridsight.paperTheme(false);
    gridsight.map.invalidateSize({ animate: false, pan: false });
    gridsight.map.setView(centre, zoom, { animate: false });
  }

  // The button waits until all that the sheet shows has come; the browser's own command prints what there is.
  gridsight.printSheet = async function () {
    begin();
    await gridsight.source.settled();
    await new Promise((done) => window.setTimeout(done, PAUSE_MS));
    window.print();
    end();
  };

  gridsight.onStart(function () {
    facts = el("p", { class: "sheet-facts" });
    const north = el("div", { class: "sheet-north", "aria-hidden": "true" }, [el("span", {}, "▲"), el("b", {}, "N")]);
    gridsight.map.getContainer().after(north);
    document.querySelector(".page").append(facts);
    window.addEventListener("beforeprint", begin);
    window.addEventListener("afterprint", end);
  });
})();
