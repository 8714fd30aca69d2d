// Keep what was drawn and not saved in the browser, and offer it again after a reload or a session that ended.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const state = gridsight.state;
  const list = gridsight.shapeList;
  const lists = gridsight.keptLists.of("gridsight-drawn");
  let isSafe = true; // whether the browser keeps what there is

  const KINDS = ["changed", "added", "removed"];
  const isChange = (one) => Boolean(one) && KINDS.indexOf(one.kind) >= 0 && typeof one.key === "string" && (one.kind !== "added" || Boolean(one.geometry));

  // Half a drag is none: the list is kept when it has come to rest.
  function save() {
    const { layer, list: items, live } = state.shapes;
    if (live) return;
    const known = items.map((one) => [one.key, list.stored(one.key)]).filter((one) => one[1]);
    const isKept = lists.save(items.length ? { layer, list: items, known, at: new Date().toISOString() } : null);
    isSafe = isKept || !items.length;
  }

  // What a value of the storage holds; null where that cannot be read.
  function contents(key) {
    try {
      const value = JSON.parse(lists.text(key));
      const items = value.list.filter(isChange);
      if (!items.length || !(value.layer in gridsight.config.shapeForms)) return null;
      return { key, layer: value.layer, list: items, known: Array.isArray(value.known) ? value.known : [], at: String(value.at || "") };
    } catch (damaged) {
      return null;
    }
  }

  function goOn(kept) {
    gridsight.openTab("draw");
    list.open(kept.layer);
    // Of the versions that they were drawn on: a save tells what somebody else changed meanwhile.
    kept.known.forEach(([key, stored]) => stored && stored.feature && list.know(key, stored.feature, stored.etag));
    list.begin(kept.list, kept.layer);
    const first = kept.list.find((one) => list.of(one.key));
    gridsight.update({ shaping: first ? first.key : null });
    if (!first) return;
    const box = L.latLngBounds([]);
    gridsight.shapeMath.vertices(list.of(first.key).geometry).forEach((point) => box.extend([point[1], point[0]]));
    if (!gridsight.map.getBounds().contains(box)) gridsight.map.fitBounds(box, { maxZoom: 18, animate: false });
  }

  // Offer the last that was left; of several, the others are offered the next time.
  gridsight.drawKept = async function () {
    gridsight.watch("shapes", gridsight.coalesce(save));
    window.addEventListener("beforeunload", (event) => !isSafe && event.preventDefault());
    const found = (await lists.left()).map(contents).filter(Boolean);
    if (!found.length) return;
    const last = found.reduce((a, b) => (a.at < b.at ? b : a));
    const words = () => gridsight.t("draw_kept", { n: last.list.length, date: gridsight.minuteOf(last.at) });
    let isAnswered = true;
    // What is drawn already is not thrown away for it: it waits for the next time.
    const take = function () {
      isAnswered = !state.shapes.list.length;
      if (isAnswered) goOn(last);
      else gridsight.tell(() => gridsight.t("draw_kept_later"));
    };
    gridsight.keptLists.offer(words, take, () => isAnswered && lists.drop([last.key]));
  };
})();
