// The earlier versions of a camera or an area, day by day, as far back as the store knows it: what differs from one to the next.
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
  async function versions(path) {
    const found = [];
    let query = "";
    while (found.length < MOST) {
      const answer = await desk.send("GET", path + "?f=json" + query);
      if (!answer.ok) break;
      found.push(Object.assign({ number: versionOf(answer.etag) }, answer.data));
      const from = answer.data.properties.valid_from;
      if (!from) break;
      query = "&datetime=" + dayBefore(from);
    }
    return found;
  }

  const versionOf = (etag) => Number(String(etag || "").replace(/^\D*(\d+).*$/, "$1")) || 0;

  // Who made each version after the first: the store keeps who ended the one before.
  async function authors(path) {
    const run = encodeURIComponent(gridsight.model.run.id);
    const answer = await desk.send("GET", "/page/" + run + "/authors/" + path.replace(/^.*\/collections\/([^/]+)\/items\//, "$1/"));
    return answer.ok ? answer.data.versions : [];
  }

  // Those who changed something between two versions that are told: of one day only the last version is.
  function madeBy(known, after, until) {
    const names = known.filter((one) => one.version > after && one.version <= until).map((one) => one.by);
    return names.length ? gridsight.t("change_history_by", { who: Array.from(new Set(names)).join(gridsight.t("comma")) }) : "";
  }

  const isSame = (a, b) => (gridsight.missing(a) && gridsight.missing(b)) || JSON.stringify(a) === JSON.stringify(b);

  function differences(now, before, { fieldText, valueText }) {
    const names = Object.keys(now.properties).filter((name) => DAYS.indexOf(name) < 0);
    const lines = names.map((name) => [name, before.properties[name], now.properties[name]]).concat([["geometry", before.geometry, now.geometry]]);
    return lines.filter((one) => !isSame(one[1], one[2]))
      .map(([name, old, fresh]) => gridsight.t("change_turned", { field: fieldText(name), before: valueText(name, old), after: valueText(name, fresh) }));
  }

  // A list that is fetched once it is opened. `of()` says of what: { path, mark }, another mark for another version,
  // null for nothing; `parts` of the state are watched; `words` are how fields and values are called.
  gridsight.historyOf = function (of, parts, words) {
    const list = el("ol", { class: "change-history" });
    const element = el("details", { class: "change-details" }, [el("summary", { "data-t": "change_history" }, gridsight.t("change_history")), list]);
    let shown = null;

    async function show() {
      const one = of();
      const mark = one ? one.path + one.mark + gridsight.lang() : null;
      element.hidden = !one;
      if (!one || !element.open || mark === shown) return;
      shown = mark;
      const [found, known] = await Promise.all([versions(one.path), authors(one.path)]);
      if (mark !== shown) return;
      gridsight.empty(list).append(...found.map((each, at) => {
        const before = found[at + 1];
        const what = before ? differences(each, before, words) : [gridsight.t(found.length > 1 ? "change_history_first" : "change_history_none")];
        const who = before ? madeBy(known, before.number, each.number) : "";
        return el("li", {}, [el("strong", {}, each.properties.valid_from || "–"), " ", who ? el("small", {}, who) : "", " ", what.join(gridsight.t("comma"))]);
      }));
    }

    element.addEventListener("toggle", show);
    gridsight.watch(parts.concat("lang"), gridsight.coalesce(show));
    element.hidden = true;
    return element;
  };

  gridsight.changeHistory = function () {
    const of = function () {
      const id = gridsight.state.editing;
      const stored = gridsight.changes.known.get(id);
      return id !== null && stored ? { path: desk.cameraPath(id), mark: stored.etag } : null;
    };
    return gridsight.historyOf(of, ["editing", "edits"], desk);
  };
})();
