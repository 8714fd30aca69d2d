// The earlier versions of a camera, day by day, as far back as the store knows it: what differs from one to the next.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const DAY_MS = 86400000;
  const MOST = 12;
  const DAYS = ["valid_from", "valid_to"];

  const dayBefore = (day) => new Date(Date.parse(day + "T00:00:00Z") - DAY_MS).toISOString().slice(0, 10);

  // Versions from the newest to the oldest: the one before begins before this one does.
  async function versions(id) {
    const found = [];
    let query = "";
    while (found.length < MOST) {
      const answer = await desk.send("GET", desk.cameraPath(id) + "?f=json" + query);
      if (!answer.ok) break;
      found.push(answer.data);
      const from = answer.data.properties.valid_from;
      if (!from) break;
      query = "&datetime=" + dayBefore(from);
    }
    return found;
  }

  function differences(now, before) {
    const names = Object.keys(now.properties).filter((name) => DAYS.indexOf(name) < 0);
    const lines = names.map((name) => [name, before.properties[name], now.properties[name]]).concat([["geometry", before.geometry, now.geometry]]);
    return lines.map(([name, old, fresh]) => [name, desk.valueText(name, old), desk.valueText(name, fresh)])
      .filter((one) => one[1] !== one[2])
      .map((one) => gridsight.t("change_turned", { field: desk.fieldText(one[0]), before: one[1], after: one[2] }));
  }

  gridsight.changeHistory = function () {
    const list = el("ol", { class: "change-history" });
    const element = el("details", { class: "change-details" }, [el("summary", { "data-t": "change_history" }, gridsight.t("change_history")), list]);
    let shown = null;

    async function show() {
      const id = gridsight.state.editing;
      element.hidden = id === null || !gridsight.changes.known.has(id);
      const stored = gridsight.changes.known.get(id);
      const mark = stored ? id + stored.etag + gridsight.lang() : null;
      if (element.hidden || !element.open || mark === shown) return;
      shown = mark;
      const found = await versions(id);
      if (mark !== shown) return;
      gridsight.empty(list).append(...found.map((one, at) => {
        const before = found[at + 1];
        const what = before ? differences(one, before) : [gridsight.t(found.length > 1 ? "change_history_first" : "change_history_none")];
        return el("li", {}, [el("strong", {}, one.properties.valid_from || "–"), " ", what.join(gridsight.t("comma"))]);
      }));
    }

    element.addEventListener("toggle", show);
    gridsight.watch(["editing", "edits", "lang"], show);
    element.hidden = true;
    return element;
  };
})();
