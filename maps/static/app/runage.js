// Say at the top of the page what was changed after its run: its figures are of before.
(function () {
  "use strict";

  const gridsight = window.gridsight;

  let notes = [];

  function show() {
    const line = gridsight.byId("run-age");
    gridsight.empty(line).append(...notes.map((note) => gridsight.el("span", {}, gridsight.own(note))));
    line.hidden = !notes.length;
  }

  gridsight.onStart(function () {
    gridsight.watch("lang", show);
    gridsight.watch("ready", async () => {
      try {
        notes = (await gridsight.source.fetchJson("/page/" + encodeURIComponent(gridsight.model.run.id) + "/age")).notes;
      } catch (error) {
        return; // the figures stand without it
      }
      show();
    });
  });
})();
