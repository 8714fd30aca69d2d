// Keep the list of changes in the browser and offer it again: a session that ends in the middle of an edit loses nothing.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const changes = gridsight.changes;
  const lists = gridsight.keptLists.of("gridsight-changes");

  function save() {
    const { list } = gridsight.state.edits;
    const known = list.map((one) => [one.id, changes.known.get(one.id)]).filter((one) => one[1]);
    lists.save(list.length ? { list, known, outdated: Array.from(changes.outdated), at: new Date().toISOString() } : null);
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

  // What was kept under some keys as one; of a camera that several change, the values of the latest count, and the
  // version that was known first: a save tells what was changed since.
  function read(keys) {
    const found = keys.map((key) => contents(lists.text(key))).filter((one) => one && one.list.length);
    found.sort((a, b) => (a.at < b.at ? -1 : 1));
    return found.reduce((all, one) => ({
      list: joined(all.list, one.list), known: one.known.concat(all.known), outdated: all.outdated.concat(one.outdated), at: one.at,
    }), { list: [], known: [], outdated: [], at: "" });
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

  // Offer what was kept, and keep from now on; `after` is called once nothing is offered.
  gridsight.changeKept = async function (after) {
    gridsight.watch("edits", gridsight.coalesce(save));
    const keys = await lists.left();
    const kept = read(keys);
    if (!kept.list.length) return after();
    const words = () => gridsight.t("change_kept", { n: kept.list.length, date: gridsight.minuteOf(kept.at) });
    return gridsight.keptLists.offer(words, () => goOn(kept), () => {
      lists.drop(keys);
      after();
    });
  };
})();
