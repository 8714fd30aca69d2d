// Save changes as edits, in order, each of the version that it was made on; where there is another (412), show both.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const desk = gridsight.desk;
  const changes = gridsight.changes;
  const PATCH = "application/merge-patch+json";

  const feature = (item) => {
    const out = { type: "Feature", id: item.id, properties: item.properties || {} };
    return item.geometry ? Object.assign(out, { geometry: item.geometry }) : out;
  };

  function send(item) {
    const stored = changes.known.get(item.id);
    const match = stored ? { "If-Match": stored.etag } : {};
    if (item.kind === "added") return desk.send("POST", desk.cameraPath(), feature(item), { "Content-Type": "application/geo+json" });
    if (item.kind === "removed") return desk.send("DELETE", desk.cameraPath(item.id), undefined, match);
    return desk.send("PATCH", desk.cameraPath(item.id), feature(item), Object.assign({ "Content-Type": PATCH }, match));
  }

  // A stored version of a change whose camera was not read yet, as of a draft: it is laid upon what is stored now.
  async function versionOf(item) {
    if (item.kind === "added" || changes.known.has(item.id)) return true;
    return Boolean(await desk.readCamera(item.id));
  }

  // The fields in which what is meant differs from what somebody else stored meanwhile.
  function differing(item, stored) {
    const before = changes.known.get(item.id);
    const isOutdated = changes.outdated.has(item.id); // what it was made on is not known
    const was = before ? before.feature : { properties: {}, geometry: null };
    const value = (one, name) => (name === "geometry" ? one.geometry : (one.properties || {})[name]);
    const mine = (name) => {
      const set = name === "geometry" ? item.geometry : (item.properties || {})[name];
      return set === undefined ? value(isOutdated ? stored : was, name) : set;
    };
    const names = Object.keys(stored.properties).filter((name) => name !== "valid_from" && name !== "valid_to").concat("geometry");
    const said = (name, one) => desk.valueText(name, one);
    return names.map((name) => ({ name, was: isOutdated ? "–" : said(name, value(was, name)), mine: item.kind === "removed" ? gridsight.t("change_is_removed") : said(name, mine(name)), theirs: said(name, value(stored, name)) }))
      .filter((one) => (item.kind === "removed" && isOutdated ? !gridsight.missing(value(stored, one.name)) : (one.was !== one.theirs && !isOutdated) || (item.kind !== "removed" && one.mine !== one.theirs)));
  }

  // A change that was refused although it is stored: its first answer was lost on the way. Gives that answer, or null.
  async function lostAnswer(item, answer) {
    if (item.kind === "removed") return answer.status === 404 ? { ok: true, data: null, etag: null } : null;
    let stored = answer.status === 412 && item.kind === "changed" && answer.data ? answer.data.stored : null;
    let etag = stored && answer.data.etag;
    if (answer.status === 409 && item.kind === "added") {
      const found = await desk.send("GET", desk.cameraPath(item.id) + "?f=json");
      if (found.ok) [stored, etag] = [found.data, found.etag];
    }
    return stored && changes.holds(item, stored) ? { ok: true, data: stored, etag } : null;
  }

  // Gives { element, save(), show(language) }; `tell` says how it goes.
  gridsight.changeSaving = function (tell) {
    const box = gridsight.conflictBox();
    const element = box.element;
    let isOpen = false;
    let disputed = null; // of which change the box tells
    gridsight.watch("edits", () => (element.hidden = element.hidden || !changes.find(disputed)));

    function conflict(item, answer) {
      disputed = item.id;
      const go = (settle) => () => {
        changes.know(item.id, answer.data.stored, answer.data.etag);
        settle();
        save();
      };
      box.show(changes.nameOf(item.id), () => differing(item, answer.data.stored), go(() => changes.rebase(item.id)), go(() => changes.settle(item.id)));
    }

    async function one(item) {
      tell(gridsight.t("change_saving", { what: changes.nameOf(item.id) }));
      if (!(await versionOf(item))) return { ok: false, status: 404, reason: gridsight.t("change_gone") };
      const stored = changes.known.get(item.id);
      // Whoever made the draft saw another version than is known now: as where the service finds another.
      if (changes.outdated.has(item.id) && stored && differing(item, stored.feature).length) return { ok: false, status: 412, data: { stored: stored.feature, etag: stored.etag } };
      return send(item);
    }

    async function save() {
      if (isOpen) return;
      isOpen = true;
      element.hidden = true;
      let saved = 0;
      let fault = null;
      for (const item of gridsight.state.edits.list.filter((each) => each.kind !== "outage")) {
        const first = await one(item).catch((error) => error.answer || { ok: false, status: 0, reason: error.message });
        const answer = first.ok ? first : (await lostAnswer(item, first)) || first;
        if (answer.ok) {
          settled(item, answer);
          saved += 1;
          continue;
        }
        if (answer.status === 412 && answer.data && answer.data.stored) conflict(item, answer);
        fault = answer.status === 412 ? { text: gridsight.t("change_conflict", { what: changes.nameOf(item.id) }), signedOut: false }
          : desk.faultOf(answer, "change_save_failed", { what: changes.nameOf(item.id) });
        break;
      }
      isOpen = false;
      if (saved) gridsight.trial.renew();
      tell([saved ? gridsight.t("change_saved", { n: saved }) : "", fault ? fault.text : ""].filter(Boolean).join(" "), fault);
    }

    function settled(item, answer) {
      const isEditing = gridsight.state.editing === item.id;
      changes.known.delete(item.id);
      const id = answer.data ? answer.data.id : item.id;
      if (answer.data) changes.know(id, answer.data, answer.etag);
      changes.settle(item.id);
      gridsight.source.forget("cameras", item.id);
      if (isEditing) gridsight.update({ editing: answer.data ? id : null });
    }

    return { element, save };
  };
})();
