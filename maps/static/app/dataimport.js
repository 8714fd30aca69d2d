// Import a file: send it, hold what the service would do with it, accept or drop that; nothing is written before.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const desk = gridsight.desk;
  const t = (key, values) => gridsight.t(key, values);
  /** @type {Record<string, any>} */
  const imports = (gridsight.imports = {});
  const NOTHING = { phase: "idle", share: 0, name: "", answer: null, changes: null, said: null, waiting: [] };
  let running = null; // the upload on its way

  imports.allowed = () => gridsight.config.mode === "served" && ["planner", "admin"].indexOf(gridsight.config.role) >= 0;

  const set = (patch) => gridsight.update({ importing: Object.assign({}, gridsight.state.importing, patch) });
  // What is said: a key of the words with its values, so that it follows the language.
  const say = (key, values, more) => set(Object.assign({ said: key ? { key, values: values || {} } : null }, more));

  const path = (id, rest) => "/imports/" + encodeURIComponent(id) + (rest || "");

  imports.size = (bytes) => (bytes >= 1e6 ? (bytes / 1e6).toFixed(1) + " MB" : Math.max(1, Math.round(bytes / 1000)) + " kB");

  function addressOf(file, options, replaces) {
    const query = new URLSearchParams(Object.assign({ filename: file.name }, replaces ? { replaces } : {}));
    Object.keys(options).forEach((name) => [].concat(options[name]).forEach((value) => value && query.append(name, value)));
    return "/imports?" + query;
  }

  // Refused before it is sent, where that is certain.
  function refused(file, options) {
    if (!file) return ["data_no_file", {}];
    if (!options.layer) return ["data_no_layer", {}];
    if (!file.size) return ["data_empty_file", { name: file.name }];
    const most = gridsight.config.importBytes;
    return file.size > most ? ["data_too_large", { name: file.name, size: imports.size(file.size), most: imports.size(most) }] : null;
  }

  // Gives { status, data }; status 0 where it was cut off, -1 where it was stopped.
  function send(file, address) {
    return new Promise((resolve) => {
      const request = (running = new XMLHttpRequest());
      request.open("POST", address);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("Accept-Language", gridsight.lang());
      request.upload.onprogress = (event) => event.lengthComputable && set({ share: event.loaded / event.total });
      request.upload.onload = () => set({ phase: "reading", share: 1 });
      request.onload = () => {
        let data = null;
        try {
          data = JSON.parse(request.responseText);
        } catch (unreadable) {
          data = null;
        }
        resolve({ status: request.status, data });
      };
      request.onerror = () => resolve({ status: 0, data: null });
      request.onabort = () => resolve({ status: -1, data: null });
      request.send(file);
    });
  }

  imports.stop = () => running && running.abort();

  // Send a file; the preview that is shown goes once the new one waits in its place, and stays where none comes.
  imports.preview = async function (file, options) {
    const fault = refused(file, options);
    if (fault) return say(fault[0], fault[1]);
    const { answer: shown, changes } = gridsight.state.importing;
    const before = shown && shown.state === "waiting" ? shown : null;
    say(null, {}, { phase: "sending", share: 0, name: file.name, answer: null, changes: null, field: null });
    const answer = await send(file, addressOf(file, options, before && before.id));
    running = null;
    if (answer.status === 201) return show(answer.data);
    const reason = (answer.data && (answer.data.detail || answer.data.title)) || String(answer.status);
    const said = { "-1": "data_stopped", 0: "data_cut_off", 401: "data_signed_out" }[answer.status] || "data_failed";
    const back = before ? { phase: "shown", name: before.file, answer: before, changes } : { phase: "idle" };
    const [field] = (answer.data && answer.data.code === "unknown-crs" ? ["crs"] : []).concat(gridsight.spoken.named(reason));
    say(said, { reason: gridsight.spoken.own(reason) }, Object.assign({ field }, back));
    return refresh();
  };

  async function show(answer, said) {
    set({ phase: "shown", name: answer.file, answer, changes: null, said: said || null, field: null });
    const found = answer.state === "waiting" ? await desk.send("GET", path(answer.id, "/changes")) : { ok: false };
    if (found.ok && gridsight.state.importing.answer === answer) set({ changes: found.data });
    await refresh();
  }

  // The previews of this person that wait, as after a session that ended.
  async function refresh() {
    const answer = await desk.send("GET", "/imports");
    if (answer.ok) set({ waiting: answer.data.imports });
  }
  imports.refresh = refresh;

  imports.open = async function (id) {
    const answer = await desk.send("GET", path(id));
    if (answer.ok) return show(answer.data);
    say(answer.status === 401 ? "data_signed_out" : "data_failed", { reason: answer.reason });
    return refresh();
  };

  imports.accept = async function () {
    const shown = gridsight.state.importing.answer;
    say("data_accepting", {}, { phase: "accepting" });
    const answer = await desk.send("POST", path(shown.id, "/accept"));
    if (answer.ok) return accepted(answer.data);
    if (answer.status === 409 && answer.data && answer.data.import) return show(answer.data.import, { key: "data_outdated", values: {} });
    // An answer that was lost on the way: what became of the import is asked.
    const now = answer.status === 409 ? await desk.send("GET", path(shown.id)) : null;
    if (now && now.ok && now.data.state === "accepted") return accepted(now.data);
    const key = { 0: "data_accept_unknown", 401: "data_signed_out" }[answer.status] || "data_accept_failed";
    return say(key, { reason: answer.reason }, { phase: "shown" });
  };

  function accepted(report) {
    if (gridsight.source.forget) gridsight.source.forget(report.layer, "");
    const values = { name: report.file, new: gridsight.count(report.imported), updated: gridsight.count(report.updated), rejected: gridsight.count(report.rejected) };
    set({ phase: "done", answer: report, changes: null, said: { key: "data_accepted", values } });
    gridsight.update({ checks: { answer: null, busy: false, said: null, kind: null, chosen: null } });
    return refresh();
  }

  imports.drop = async function (id) {
    const shown = gridsight.state.importing.answer;
    const answer = await desk.send("DELETE", path(id));
    if (!answer.ok && answer.status !== 404) return say(answer.status === 401 ? "data_signed_out" : "data_failed", { reason: answer.reason });
    if (!shown || shown.id === id) say("data_dropped_now", {}, { phase: "idle", answer: null, changes: null });
    return refresh();
  };

  // The sentence that is said now.
  imports.sentence = function () {
    const { phase, share, name, said } = gridsight.state.importing;
    if (said) return t(said.key, said.values);
    if (phase === "sending") return t("data_sending", { name, share: gridsight.share(share) });
    return phase === "reading" ? t("data_reading", { name }) : "";
  };

  gridsight.update({ importing: NOTHING });
})();
