// Keep lists of what is not saved in the browser, each window its own, and offer again what a closed window left.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const ANSWER_MS = 250; // in which another window says that it is open
  // Each window of a browser keeps lists of its own, so that none writes over another's.
  const WINDOW = Math.random().toString(36).slice(2);
  /** @type {Record<string, any>} */
  const kept = (gridsight.keptLists = {});

  // Storage is refused in some browsers; then nothing is kept.
  function storage(work) {
    try {
      return work(window.localStorage);
    } catch (refused) {
      return null;
    }
  }

  const windowOf = (key) => key.split("/").pop();

  let windows = null;

  // Ask the other windows of this browser who is open; gives their names, none where the browser cannot ask.
  function openWindows() {
    if (!window.BroadcastChannel) return Promise.resolve([]);
    if (windows) return windows;
    const channel = new BroadcastChannel("gridsight-windows");
    const found = [];
    channel.onmessage = (event) => {
      if (event.data === "who") channel.postMessage(WINDOW);
      else found.push(event.data);
    };
    channel.postMessage("who");
    windows = new Promise((done) => window.setTimeout(() => done(found), ANSWER_MS));
    return windows;
  }

  // Lists of one kind: `name` begins their keys. A run belongs to one store: its id tells stores apart that the same
  // address served.
  kept.of = function (name) {
    const prefix = () => name + "/" + encodeURIComponent(gridsight.config.user) + "/";
    const own = () => prefix() + gridsight.model.run.id + "/" + WINDOW;
    // Those that windows left on any run of this store, but for those that are still open and go on with theirs.
    const among = (open) => {
      const beginnings = gridsight.model.runs.map((run) => prefix() + run.id);
      const all = storage((store) => Object.keys(store)) || [];
      return all.filter((key) => beginnings.some((one) => key === one || key.startsWith(one + "/")) && key !== own() && open.indexOf(windowOf(key)) < 0);
    };
    return {
      // Keep a value as this window's; null takes it away. Gives whether it is kept.
      save: (value) => Boolean(gridsight.model.run && storage((store) => {
        if (value) store.setItem(own(), JSON.stringify(value));
        else store.removeItem(own());
        return true;
      })),
      left: async function () {
        const open = openWindows();
        return among(among([]).length ? await open : []);
      },
      text: (key) => storage((store) => store.getItem(key)),
      drop: (keys) => storage((store) => keys.forEach((key) => store.removeItem(key))),
    };
  };

  function place() {
    const stage = gridsight.map.getContainer().parentElement;
    const known = stage.querySelector(".change-offers");
    if (known) return known;
    const made = el("div", { class: "change-offers" });
    stage.append(made);
    return made;
  }

  // Offer what was kept in the `words()` of the page's language; whatever is answered, `after` is called behind it.
  kept.offer = function (words, goOn, after) {
    const said = el("p", { role: "status" }, words());
    gridsight.watch("lang", () => (said.textContent = words()));
    const answer = (work) => () => {
      bar.remove();
      work();
      after();
    };
    const bar = el("div", { class: "change-offer", role: "region", "data-label": "change_kept_label", "aria-label": gridsight.t("change_kept_label") }, [
      said,
      desk.button("change_kept_go_on", answer(goOn), { class: "button primary" }),
      desk.button("change_kept_drop", answer(() => null)),
    ]);
    place().append(bar);
  };
})();
