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

  function save() {
    const { list } = gridsight.state.edits;
    if (!gridsight.model.run) return;
    const known = list.map((one) => [one.id, changes.known.get(one.id)]).filter((one) => one[1]);
    storage((store) => (list.length ? store.setItem(own(), JSON.stringify({ list, known, outdated: Array.from(changes.outdated), at: new Date().toISOString() })) : store.removeItem(own())));
  }

  const isChange = (one) => Boolean(one) && ["changed", "added", "removed", "outage"].indexOf(one.kind) >= 0 && typeof one.id === "string";

  // What was kept on any run of this store; null where there is nothing, or nothing that can be read.
  function read() {
    return storage((store) => {
      const runs = gridsight.model.runs.map((run) => prefix() + run.id);
      const key = [own()].concat(runs).find((one) => store.getItem(one) !== null);
      if (!key) return null;
      const value = JSON.parse(store.getItem(key));
      const list = Array.isArray(value.list) ? value.list.filter(isChange) : [];
      return list.length ? { key, list, known: Array.isArray(value.known) ? value.known : [], outdated: [].concat(value.outdated || []), at: String(value.at || "") } : null;
    });
  }

  const forget = (key) => storage((store) => store.removeItem(key));

  function goOn(kept) {
    forget(kept.key);
    // Of the versions that the changes were made on: a save tells what somebody else changed meanwhile.
    kept.known.forEach(([id, stored]) => stored && stored.feature && changes.know(id, stored.feature, stored.etag));
    kept.outdated.forEach((id) => changes.outdated.add(id));
    const first = kept.list.find((one) => one.kind !== "outage");
    gridsight.openTab("change");
    changes.begin(kept.list);
    gridsight.update({ editing: first ? first.id : null });
  }

  function offer(kept) {
    const close = () => bar.remove();
    const text = gridsight.t("change_kept", { n: kept.list.length, date: kept.at.slice(0, 16).replace("T", " ") });
    const bar = el("div", { class: "change-offer", role: "region", "data-label": "change_kept_label", "aria-label": gridsight.t("change_kept_label") }, [
      el("p", { role: "status" }, text),
      desk.button("change_kept_go_on", () => {
        close();
        goOn(kept);
      }, { class: "button primary" }),
      desk.button("change_kept_drop", () => {
        close();
        forget(kept.key);
      }),
    ]);
    gridsight.map.getContainer().parentElement.append(bar);
  }

  // Offer what was kept, and keep from now on. Gives whether there is something.
  gridsight.changeKept = function () {
    const kept = read();
    if (kept) offer(kept);
    gridsight.watch("edits", gridsight.coalesce(save));
    return Boolean(kept);
  };
})();
