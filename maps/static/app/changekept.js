// Keep the list of changes in the browser and offer it again: a session that ends in the middle of an edit loses nothing.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const changes = gridsight.changes;
  const PREFIX = "gridsight-changes/";
  const ANSWER_MS = 250; // in which another window says that it is open

  // Storage is refused in some browsers; then nothing is kept.
  function storage(work) {
    try {
      return work(window.localStorage);
    } catch (refused) {
      return null;
    }
  }

  const prefix = () => PREFIX + encodeURIComponent(gridsight.config.user) + "/";
  // Each window of a browser keeps a list of its own, so that none writes over another's.
  const WINDOW = Math.random().toString(36).slice(2);
  // A run belongs to one store: its id tells stores apart that the same address served.
  const own = () => prefix() + gridsight.model.run.id + "/" + WINDOW;

  function save() {
    const { list } = gridsight.state.edits;
    if (!gridsight.model.run) return;
    const known = list.map((one) => [one.id, changes.known.get(one.id)]).filter((one) => one[1]);
    const value = { list, known, outdated: Array.from(changes.outdated), at: new Date().toISOString() };
    storage((store) => (list.length ? store.setItem(own(), JSON.stringify(value)) : store.removeItem(own())));
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

  // What a value of the storage holds; null where that cannot be read.
  function contents(text) {
    try {
      const value = JSON.parse(text);
      return { list: listIn(value.list).filter(isChange), known: listIn(value.known), outdated: listIn(value.outdated), at: String(value.at || "") };
    } catch (damaged) {
      return null;
    }
  }

  const windowOf = (key) => key.split("/").pop();

  // The lists that windows left on any run of this store, but for those that are still open and go on with theirs.
  function keysLeft(open) {
    const beginnings = gridsight.model.runs.map((run) => prefix() + run.id);
    const all = storage((store) => Object.keys(store)) || [];
    return all.filter((key) => beginnings.some((one) => key === one || key.startsWith(one + "/")) && key !== own() && open.indexOf(windowOf(key)) < 0);
  }

  // What was kept under some keys as one; of a camera that several change, the values of the latest count, and the
  // version that was known first: a save tells what was changed since.
  function read(keys) {
    const found = keys.map((key) => contents(storage((store) => store.getItem(key)))).filter((one) => one && one.list.length);
    found.sort((a, b) => (a.at < b.at ? -1 : 1));
    return found.reduce((all, one) => ({
      list: joined(all.list, one.list), known: one.known.concat(all.known), outdated: all.outdated.concat(one.outdated), at: one.at,
    }), { list: [], known: [], outdated: [], at: "" });
  }

  // Ask the other windows of this browser who is open; gives their names, none where the browser cannot ask.
  function openWindows() {
    if (!window.BroadcastChannel) return Promise.resolve([]);
    const channel = new BroadcastChannel("gridsight-windows");
    const found = [];
    channel.onmessage = (event) => {
      if (event.data === "who") channel.postMessage(WINDOW);
      else found.push(event.data);
    };
    channel.postMessage("who");
    return new Promise((done) => window.setTimeout(() => done(found), ANSWER_MS));
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

  function offer(kept, keys, after) {
    const words = () => gridsight.t("change_kept", { n: kept.list.length, date: gridsight.minuteOf(kept.at) });
    const said = el("p", { role: "status" }, words());
    gridsight.watch("lang", () => (said.textContent = words()));
    const answer = (work) => () => {
      bar.remove();
      work();
      storage((store) => keys.forEach((key) => store.removeItem(key)));
      after();
    };
    const bar = el("div", { class: "change-offer", role: "region", "data-label": "change_kept_label", "aria-label": gridsight.t("change_kept_label") }, [
      said,
      desk.button("change_kept_go_on", answer(() => goOn(kept)), { class: "button primary" }),
      desk.button("change_kept_drop", answer(() => null)),
    ]);
    gridsight.map.getContainer().parentElement.append(bar);
  }

  // Offer what was kept, and keep from now on; `after` is called once nothing is offered.
  gridsight.changeKept = async function (after) {
    gridsight.watch("edits", gridsight.coalesce(save));
    const open = openWindows();
    const keys = keysLeft(keysLeft([]).length ? await open : []);
    const kept = read(keys);
    if (kept.list.length) offer(kept, keys, after);
    else after();
  };
})();
