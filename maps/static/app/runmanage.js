// List the runs, and open, publish or delete one; what cannot be undone is asked for by its name first.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const work = gridsight.work;
  const t = (key, values) => gridsight.t(key, values);

  gridsight.runList = function (tell) {
    const listed = el("ul", { class: "run-list", "data-label": "runs_list", "aria-label": t("runs_list") });
    const question = el("div", { class: "run-question", role: "alertdialog", hidden: true });

    const failed = (answer) => {
      const fault = work.refusal(answer);
      tell(fault.text, fault);
    };

    async function publish(run) {
      const answer = await desk.send("POST", work.path(run.id, "/publish"));
      if (!answer.ok) return failed(answer);
      tell(t("runs_did_publish", { run: work.nameOf(run) }));
      return work.refresh();
    }

    async function remove(run) {
      const answer = await desk.send("DELETE", work.path(run.id));
      if (!answer.ok) return failed(answer);
      tell(t("runs_did_delete", { run: work.nameOf(run) }));
      await work.refresh();
      // The page was of this run: what it shows has gone.
      if (run.id === gridsight.model.run.id && gridsight.state.runs.list.length) work.open("latest");
      return undefined;
    }

    // Name and note, where the question stands that other actions ask.
    function rename(run) {
      const before = document.activeElement;
      const name = el("input", { type: "text", maxlength: "60" });
      const note = el("input", { type: "text", maxlength: "500" });
      [name.value, note.value] = [run.name || "", run.note || ""];
      const close = () => {
        question.hidden = true;
        if (before && before.isConnected) before.focus();
      };
      async function save() {
        const answer = await desk.send("PUT", work.path(run.id, "/name"), { name: name.value, note: note.value });
        if (!answer.ok) return failed(answer);
        close();
        tell(t("runs_did_name", { run: work.nameOf(Object.assign({}, run, { name: name.value.trim() })) }));
        return work.refresh();
      }
      gridsight.empty(question).append(el("div", { class: "change-grid" }, [work.field("runs_name", name), work.field("runs_note", note)]),
        el("div", { class: "change-row" }, [desk.button("runs_save_name", save, { class: "button primary" }), desk.button("runs_keep", close)]));
      question.onkeydown = (event) => (event.key === "Escape" ? close() : event.key === "Enter" && event.target.tagName === "INPUT" && save());
      question.setAttribute("aria-label", t("runs_rename") + t("colon") + work.nameOf(run));
      question.hidden = false;
      name.focus();
    }

    const asking = (key, yes, act) => (run) => work.ask(question, t(key, { run: work.nameOf(run) }), yes, () => act(run));
    const askPublish = asking("runs_publish_ask", "runs_publish", publish);
    const askRemove = asking("runs_delete_ask", "runs_delete", remove);

    function row(run) {
      const isHere = run.id === gridsight.model.run.id;
      const name = work.nameOf(run);
      const press = (word, act) => desk.smallButton(word, t(word) + t("colon") + name, () => act(run));
      const about = [run.name ? gridsight.runTime(run) : null, run.name ? work.levelOf(run) : null, run.data_date ? t("data_date") + " " + run.data_date : null, work.stateOf(run), isHere ? t("runs_shown") : null];
      return el("li", { "aria-current": isHere ? "true" : null, "data-run": run.id }, [
        el("div", {}, [el("strong", {}, name), " ", el("small", { title: run.id }, about.filter(Boolean).join(" · "))]),
        run.note ? el("p", { class: "change-note" }, run.note) : null,
        el("div", { class: "change-row" }, [
          isHere ? null : press("runs_open", () => work.open(run.id)),
          work.isAdmin() ? press("runs_rename", rename) : null,
          work.isAdmin() && !isPublished(run) ? press("runs_publish", askPublish) : null,
          press("runs_delete", askRemove),
        ]),
      ]);
    }

    const isPublished = (run) => run.id === gridsight.state.runs.published && !gridsight.state.runs.standsIn;

    function show() {
      const { list } = gridsight.state.runs;
      gridsight.empty(listed).append(...(list.length ? list.map(row) : [el("li", { class: "change-note" }, t("runs_none"))]));
    }

    gridsight.watch(["runs", "lang"], show);
    return el("section", {}, [desk.heading("runs_list"), question, listed, el("p", { class: "change-note", "data-t": "runs_who" }, t("runs_who"))]);
  };
})();
