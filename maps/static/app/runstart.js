// Start an analysis with its options, follow its job, cancel it, and offer the run that it made.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const el = gridsight.el;
  const desk = gridsight.desk;
  const work = gridsight.work;
  const jobs = gridsight.jobs;
  const t = (key, values) => gridsight.t(key, values);
  const word = (prefix, name) => (gridsight.has(prefix + name) ? t(prefix + name) : name);

  const fill = (select, names, text, chosen) => {
    gridsight.empty(select).append(...names.map((name) => el("option", { value: name }, text(name))));
    if (names.indexOf(chosen) >= 0) select.value = chosen;
  };

  // The options as fields, and `read`, which gives the body of POST /runs or tells why there is none.
  function optionFields() {
    const form = gridsight.config.analyzeForm;
    const [edition, level, domain] = ["edition", "level", "domain"].map((name) => el("select", { name }));
    const at = el("input", { type: "date", name: "at" });
    const height = el("input", { type: "number", name: "target_height", min: "0.1", max: "100", step: "0.1", value: String(form.targetHeight) });
    const zones = el("div", { class: "run-zones", role: "group", "data-label": "runs_zones", "aria-label": t("runs_zones") });
    const levels = () => form.editions.find((one) => one.name === edition.value) || form.editions[0];
    const chosen = new Set();

    function show(isNew) {
      const kept = edition.value;
      fill(edition, form.editions.map((one) => one.name), String, kept);
      const { names, first } = { names: levels().levels, first: levels().level };
      fill(level, names, (name) => word("level_", name), isNew || names.indexOf(level.value) < 0 ? first : level.value);
      fill(domain, form.domains, (name) => (name === "auto" ? t("runs_domain_auto") : word("domain_", name)), domain.value || "auto");
      const layers = gridsight.config.zoneLayers.filter((name) => name !== "all");
      gridsight.empty(zones).append(...layers.map((name) => {
        const input = el("input", { type: "checkbox", value: name, onchange: () => (input.checked ? chosen.add(name) : chosen.delete(name)) });
        input.checked = chosen.has(name);
        return el("label", { class: "run-choice" }, [input, el("span", {}, t(name))]);
      }));
    }

    edition.addEventListener("change", () => show(true));
    gridsight.watch(["lang", "run"], () => show(false));
    show(true);

    function read(tell) {
      const metres = Number(height.value);
      const isGood = height.value !== "" && metres > 0 && metres <= 100;
      height.setAttribute("aria-invalid", String(!isGood));
      if (!isGood) {
        tell(t("runs_bad_height"));
        height.focus();
        return null;
      }
      return { edition: edition.value, level: level.value, domain: domain.value, target_height: metres, at: at.value || null, zones: [...chosen] };
    }

    const element = el("details", { class: "run-options" }, [
      el("summary", { "data-t": "runs_options" }, t("runs_options")),
      el("div", { class: "change-grid" }, [
        work.field("level", level), work.field("edition", edition), work.field("domain", domain), work.field("runs_target_height", height), work.field("runs_at", at),
      ]),
      el("p", { class: "change-note", "data-t": "runs_zones" }, t("runs_zones")), zones,
    ]);
    return { element, read };
  }

  // What it will take, from what the newest run took: time grows with the number of cameras.
  async function expectation(line) {
    const newest = gridsight.state.runs.list[0];
    const answer = newest ? await desk.send("GET", work.path(newest.id)) : null;
    const run = answer && answer.ok ? answer.data : null;
    if (!run || gridsight.missing(run.seconds) || !run.inputs) {
      line.textContent = t("runs_takes_unknown");
      return;
    }
    const stored = gridsight.source.summary("cameras");
    const now = stored && run.inputs.cameras ? stored.count / run.inputs.cameras : 1;
    const seconds = (value) => (value < 10 ? value.toFixed(1) : gridsight.count(value));
    const zones = run.zones || {};
    line.textContent = t("runs_takes", {
      cameras: gridsight.count(run.inputs.cameras), grids: gridsight.count(zones.grids || 0),
      seconds: seconds(run.seconds), expected: seconds(run.seconds * Math.max(now, 0.1)),
    });
  }

  const runOf = (job) => {
    const link = (job.links || []).find((one) => one.rel === "related");
    return link ? decodeURIComponent(link.href.split("/").pop()) : null;
  };

  gridsight.runStart = function (tell) {
    const fields = optionFields();
    const takes = el("p", { class: "change-note" });
    const bar = el("progress", { max: 100, value: 0, "data-label": "runs_progress", "aria-label": t("runs_progress") });
    const step = el("p", { class: "change-note", role: "status" });
    const start = desk.button("runs_start", begin, { class: "button primary" });
    const cancel = desk.button("runs_cancel", dismiss);
    const progress = el("div", { class: "run-progress", hidden: true }, [bar, step, el("div", { class: "change-row" }, [cancel])]);
    const made = el("div", { class: "change-row", hidden: true });
    let job = null;

    function show(status) {
      const isOpen = status !== null;
      progress.hidden = !isOpen;
      start.disabled = isOpen;
      cancel.disabled = false;
      if (!status) return;
      bar.value = status.progress;
      step.textContent = jobs.words(status);
    }

    const failed = (answer) => {
      const fault = work.refusal(answer);
      tell(fault.text, fault);
    };

    async function begin() {
      const body = fields.read(tell);
      if (!body) return;
      tell("");
      made.hidden = true;
      start.disabled = true;
      const answer = await desk.send("POST", "/runs", body, { Prefer: "respond-async" });
      start.disabled = false;
      if (answer.ok) follow(answer.data);
      else failed(answer);
    }

    async function follow(first) {
      job = first.jobID;
      const { now, fault } = await jobs.follow(first, (one) => jobs.isOpen(one) && show(one));
      job = null;
      show(null);
      if (fault) failed(fault);
      else await ended(now);
    }

    async function ended(now) {
      if (now.status === "dismissed") tell(t("runs_cancelled"));
      else if (now.status === "failed") tell(t("runs_job_failed", { reason: now.message }));
      else {
        await work.refresh();
        const id = runOf(now);
        const run = work.find(id);
        tell(t("runs_done", { run: run ? work.nameOf(run) : id }));
        const open = desk.button("runs_open_new", () => work.open(id), { class: "button primary" });
        gridsight.empty(made).append(open);
        made.hidden = false;
        expectation(takes);
      }
    }

    async function dismiss() {
      if (!job) return;
      cancel.disabled = true;
      step.textContent = t("runs_cancelling");
      const answer = await jobs.dismiss(job);
      if (!answer.ok) failed(answer);
    }

    // One that was started before the page was opened goes on.
    async function resume() {
      expectation(takes);
      if (job) return;
      const found = await jobs.newest("analyze", ["accepted", "running"]);
      if (found && !job) follow(found);
    }

    gridsight.watch("lang", () => gridsight.state.runs.list.length && expectation(takes));
    const element = el("section", {}, [desk.heading("runs_analyze"), fields.element, takes, el("div", { class: "change-row" }, [start]), progress, made]);
    return { element, resume };
  };
})();
