// Share what the panel of runs is made of: the list of runs, how each is called, questions before what cannot be undone.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  /** @type {Record<string, any>} */
  const work = (gridsight.work = {});

  // Whoever may run analyses may change cameras: planners and admins.
  work.allowed = () => gridsight.changes.allowed();
  work.isAdmin = () => gridsight.config.role === "admin";
  work.path = (id, rest) => "/runs/" + encodeURIComponent(id) + (rest || "");

  // Runs are asked for anew: who else analyses, publishes or deletes meanwhile is seen then.
  work.refresh = async function () {
    const answer = await desk.send("GET", "/runs");
    if (answer.ok) {
      const { runs, published_run, stands_in } = answer.data;
      gridsight.update({ runs: { list: runs || [], published: published_run || null, standsIn: Boolean(stands_in) } });
    }
    return answer;
  };

  work.find = (id) => gridsight.state.runs.list.find((run) => run.id === id) || null;

  const shortLevel = (name) => (gridsight.has("level_" + name) ? gridsight.t("level_" + name).replace(/ [\d.]+ px\/m$/, "") : name || "");

  // A run by the name that people gave it, else by when it was made and its level.
  work.nameOf = function (run) {
    if (run.name) return run.name;
    const level = run.options ? shortLevel(run.options.level) : "";
    return [gridsight.runTime(run), level].filter(Boolean).join(" · ") || String(run.id).slice(0, 8);
  };

  work.levelOf = (run) => (run.options ? shortLevel(run.options.level) : "");

  // "published", or that it stands in for one, or that only who may know of trials sees it.
  work.stateOf = function (run) {
    const { published, standsIn } = gridsight.state.runs;
    return gridsight.t(run.id !== published ? "runs_unpublished" : standsIn ? "runs_stands_in" : "runs_published");
  };

  // Another run is another page, at the same place of the map.
  work.open = (id) => window.location.assign("?" + new URLSearchParams({ run: id }) + window.location.hash);

  // What the service refused, with the reason of each option that it names.
  work.refusal = function (answer, key) {
    const faults = (answer.data && answer.data.errors) || [];
    const more = faults.map((one) => gridsight.own(String(one.reason || ""))).filter(Boolean);
    const reason = [answer.reason].concat(more).join(gridsight.t("comma"));
    return desk.faultOf(Object.assign({}, answer, { reason }), key || "runs_refused");
  };

  // Ask within the panel before what cannot be undone: the question names it, and the keyboard is on leaving it.
  work.ask = function (box, question, yes, act) {
    const close = function () {
      box.hidden = true;
      gridsight.empty(box);
    };
    const before = document.activeElement;
    const leave = desk.button("runs_keep", () => {
      close();
      if (before && before.isConnected) before.focus();
    });
    const agree = desk.button(yes, () => {
      close();
      act();
    }, { class: "button primary" });
    gridsight.empty(box).append(el("p", {}, question), el("div", { class: "change-row" }, [agree, leave]));
    box.onkeydown = (event) => event.key === "Escape" && (event.stopPropagation(), leave.click());
    box.setAttribute("aria-label", question);
    box.hidden = false;
    leave.focus();
  };

  // A field with its word, that changes with the language.
  work.field = (word, control) => el("label", { class: "change-field" }, [el("span", { "data-t": word }, gridsight.t(word)), control]);
})();
