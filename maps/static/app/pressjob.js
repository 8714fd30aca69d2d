// Print what takes long as a job: start it, follow its pages, cancel it, and offer the file, also after coming back.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const t = (key, values) => gridsight.t(key, values);
  const jobs = gridsight.jobs;

  // A part of the form; `start` takes the inputs of the process, `resume` looks for one that was asked for before,
  // and `busy` is told whether there is one that waits or is drawn.
  gridsight.pressJob = function (busy) {
    const bar = /** @type {any} */ (el("progress", { max: 100, value: 0, "data-label": "press_progress", "aria-label": t("press_progress") }));
    const step = el("p", { class: "change-note", role: "status" });
    const cancel = /** @type {any} */ (desk.button("press_cancel", dismiss));
    const file = /** @type {any} */ (el("a", { class: "button primary", "data-t": "press_file", hidden: true }, t("press_file")));
    const element = el("div", { class: "press-job", hidden: true }, [bar, step, el("div", { class: "press-row" }, [cancel, file])]);
    let job = null; // the one that is followed
    let last = null; // what was said of it, to be said again in another language

    function show(now, fault) {
      last = { now, fault };
      const open = Boolean(now) && jobs.isOpen(now);
      element.hidden = false;
      busy(open);
      bar.hidden = cancel.hidden = !open;
      file.hidden = !now || now.status !== "successful";
      if (!file.hidden) file.href = jobs.path(now.jobID) + "/results";
      if (open) bar.value = now.progress;
      gridsight.empty(step).append(fault ? desk.faultLine(desk.faultOf(fault, "press_refused")) : wordsOf(now));
    }

    function wordsOf(now) {
      if (jobs.isOpen(now)) return jobs.words(now);
      if (now.status === "failed") return t("press_refused", { reason: now.message });
      return t(now.status === "dismissed" ? "press_cancelled" : "press_done");
    }

    async function follow(first) {
      job = first.jobID;
      cancel.disabled = false;
      const { now, fault } = await jobs.follow(first, (one) => show(one));
      job = null;
      if (fault) show(null, fault);
      else gridsight.announce(wordsOf(now));
    }

    async function start(inputs) {
      if (job) return;
      const answer = await desk.send("POST", "/ogc/processes/print/execution", { inputs }, { Prefer: "respond-async" });
      if (answer.ok) await follow(answer.data);
      else show(null, answer);
    }

    async function dismiss() {
      if (!job) return;
      cancel.disabled = true;
      step.textContent = t("runs_cancelling");
      const answer = await jobs.dismiss(job);
      if (!answer.ok) cancel.disabled = false;
    }

    // The newest that was asked for goes on where the page was left, or is there to be fetched.
    async function resume() {
      const found = await jobs.newest("print", ["accepted", "running", "successful"]);
      if (found && !job && !last) follow(found);
    }

    gridsight.watch("lang", () => last && show(last.now, last.fault));
    return { element, start, resume };
  };
})();
