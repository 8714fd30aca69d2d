// Keep the list of changes in the browser and offer it again: a session that ends in the middle of an edit loses nothing.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const changes = gridsight.changes;
  const PREFIX = "gridsight-changes/";

  // Storage is refused in some browsers; then nothing is kept.
  function storage(work) {
    try {
      return work(window.localStorage);
    } catch (refused) {
      return null;
    }
  }

  const prefix = () => PREFIX + encodeURIComponent(gridsight.config.user) + "/";
  // A run belongs to one store: its id tells stores apart that the same address served.
  const own = () => prefix() + gridsight.model.run.id;

  /** @type {{ list: any[], known: any[], outdated: string[], at: string } | null} */
  let offered = null; // what was kept and is neither gone on with nor thrown away: kept further, beside the list at hand

  function save() {
    const { list } = gridsight.state.edits;
    if (!gridsight.model.run) return;
    const known = list.map((one) => [one.id, changes.known.get(one.id)]).filter((one) => one[1]);
    const value = { list, known, outdated: Array.from(changes.outdated), at: new Date().toISOString(), offered };
    storage((store) => (list.length || offered ? store.setItem(own(), JSON.stringify(value)) : store.removeItem(own())));
  }

  const isChange = (one) => Boolean(one) && ["changed", "added", "removed", "outage"].indexOf(one.kind) >= 0 && typeof one.id === "string";
  const listIn = (value) => (Array.isArray(value) ? value : []);

  // One list of two: of a camera that both change, the values of the later one count.
  function joined(first, later) {
    const slot = (one) => (one.kind === "outage" ? "outage " : "") + one.id;
    const out = new Map(first.map((one) => [slot(one), one]));
    later.forEach((one) => {
      const before = out.get(slot(one));
      const both = before && before.kind !== "removed" && one.kind === "changed";
      const geometry = both && (one.geometry || before.geometry);
      out.set(slot(one), both ? Object.assign({}, before, { properties: Object.assign({}, before.properties, one.properties) }, geometry ? { geometry } : {}) : one);
    });
    return Array.from(out.values());
  }

  // What a value of the storage holds, with what it held beside.
  function contents(value) {
    const last = { list: listIn(value.list).filter(isChange), known: listIn(value.known), outdated: listIn(value.outdated), at: String(value.at || "") };
    if (!value.offered) return last;
    const before = contents(value.offered);
    // The version that was known first: a save tells what was changed since.
    return { list: joined(before.list, last.list), known: last.known.concat(before.known), outdated: before.outdated.concat(last.outdated), at: last.at };
  }

  const keys = () => [own()].concat(gridsight.model.runs.map((run) => prefix() + run.id));

  // What was kept on any run of this store; null where there is nothing, or nothing that can be read.
  function read() {
    return storage((store) => {
      const key = keys().find((one) => store.getItem(one) !== null);
      const kept = key ? contents(JSON.parse(store.getItem(key))) : null;
      return kept && kept.list.length ? kept : null;
    });
  }

  // The offer was answered: only the list at hand is kept.
  function answered() {
    offered = null;
    storage((store) => keys().forEach((key) => store.removeItem(key)));
    save();
  }

  function goOn(kept) {
    // Of the versions that the changes were made on: a save tells what somebody else changed meanwhile.
    kept.known.forEach(([id, stored]) => stored && stored.feature && changes.know(id, stored.feature, stored.etag));
    kept.outdated.forEach((id) => changes.outdated.add(id));
    const first = kept.list.find((one) => one.kind !== "outage");
    gridsight.openTab("change");
    changes.begin(joined(kept.list, gridsight.state.edits.list));
    gridsight.update({ editing: first ? first.id : null });
  }

  function offer(kept, after) {
    const text = gridsight.t("change_kept", { n: kept.list.length, date: kept.at.slice(0, 16).replace("T", " ") });
    const answer = (work) => () => {
      bar.remove();
      work();
      answered();
      after();
    };
    const bar = el("div", { class: "change-offer", role: "region", "data-label": "change_kept_label", "aria-label": gridsight.t("change_kept_label") }, [
      el("p", { role: "status" }, text),
      desk.button("change_kept_go_on", answer(() => goOn(kept)), { class: "button primary" }),
      desk.button("change_kept_drop", answer(() => null)),
    ]);
    gridsight.map.getContainer().parentElement.append(bar);
  }

  // Offer what was kept, and keep from now on; `after` is called once nothing is offered.
  gridsight.changeKept = function (after) {
    offered = read();
    gridsight.watch("edits", gridsight.coalesce(save));
    if (offered) offer(offered, after);
    else after();
  };
})();
