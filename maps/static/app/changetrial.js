// Try the changes: ask POST /preview for views and figures, one request at a time, the latest changes last.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  /** @type {Record<string, any>} */
  const trial = (gridsight.trial = {});
  const PAUSE_MS = 200; // between requests while something is dragged
  const AGAIN_MS = 3000; // until a service that was busy or away is asked again
  const SIDES = ["townships", "all"];

  const state = gridsight.state;
  const set = (patch) => gridsight.update({ trial: Object.assign({}, state.trial, patch) });

  // The zones on the map, and the larger ones beside them.
  function layers() {
    const there = gridsight.model.zoneLayers().concat("all");
    return [state.zoneLayer].concat(SIDES).filter((name, at, all) => name && there.indexOf(name) >= 0 && all.indexOf(name) === at);
  }

  trial.request = (changes) => gridsight.desk.send("POST", "/preview", Object.assign({ run: gridsight.model.run.id, layers: layers() }, changes));

  let asked = ""; // what the last request asked
  let isOpen = false;
  let lastAt = 0;
  let timer = 0;

  const wanted = () => (state.edits.list.length ? JSON.stringify([gridsight.changes.body(), layers()]) : "");

  function ask() {
    window.clearTimeout(timer);
    const text = wanted();
    if (!text) {
      asked = "";
      if (state.trial.answer || state.trial.fault || (state.trial.busy && !isOpen)) set({ answer: null, fault: null, busy: null });
      return;
    }
    if (isOpen || text === asked) return;
    const rest = lastAt + PAUSE_MS - performance.now();
    if (rest > 0) timer = window.setTimeout(ask, rest);
    else run(text);
  }

  async function run(text) {
    asked = text;
    isOpen = true;
    lastAt = performance.now();
    // A trial that takes no time is not announced.
    const slow = window.setTimeout(() => set({ busy: "change_trying" }), 600);
    const answer = await trial.request(gridsight.changes.body());
    window.clearTimeout(slow);
    isOpen = false;
    if (!wanted()) set({ answer: null, busy: null, fault: null });
    else if (answer.ok) set({ answer: answer.data, busy: null, fault: null });
    else {
      set({ busy: null, fault: gridsight.desk.faultOf(answer, "change_failed"), answer: null });
      if (answer.status === 503 || answer.status === 0) {
        asked = "";
        timer = window.setTimeout(ask, AGAIN_MS);
        return;
      }
    }
    ask();
  }

  // Whether the last changes are still to be answered.
  trial.isWaiting = () => isOpen || (wanted() !== "" && wanted() !== asked);

  /** @type {Promise<void> | null} */
  let warming = null;

  // The first preview analyses the county: begun when the panel is opened, and said while it lasts.
  trial.warm = () => (warming = warming || warm());

  async function warm() {
    const begun = Date.now();
    const say = () => set({ busy: gridsight.t("change_preparing", { n: Math.round((Date.now() - begun) / 1000) }) });
    const ticking = window.setInterval(say, 1000);
    const answer = await trial.request({});
    window.clearInterval(ticking);
    if (answer.ok) {
      set({ busy: Date.now() - begun > 1000 && !state.edits.list.length ? "change_ready" : null, fault: null });
      return;
    }
    warming = null;
    set({ busy: null, fault: gridsight.desk.faultOf(answer, "change_failed") });
  }

  // What a save changed is tried anew.
  trial.renew = function () {
    asked = "";
    ask();
  };

  gridsight.onStart(function () {
    gridsight.watch(["edits", "zoneLayer"], ask);
  });
})();
