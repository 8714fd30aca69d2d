// Follow work that the service does in the background, cancel it, and find what was begun before the page was opened.
(function () {
  "use strict";

  const gridsight = window.gridsight;
  const desk = gridsight.desk;
  const POLL_MS = 700;
  const MOST_MISSED = 20; // answers that fail in a row before it is given up
  /** @type {Record<string, any>} */
  const jobs = (gridsight.jobs = {});

  jobs.path = (id) => "/ogc/jobs/" + encodeURIComponent(id);
  jobs.isOpen = (job) => job.status === "accepted" || job.status === "running";

  // Ask until a job has ended, `seen` each state of it; a service that is not reached for a moment is asked again.
  // Gives { now } as it ended, or { fault }, the answer on which it was given up.
  jobs.follow = async function (first, seen) {
    let now = first;
    let missed = 0;
    seen(now);
    while (jobs.isOpen(now)) {
      await new Promise((done) => window.setTimeout(done, POLL_MS));
      const answer = await desk.send("GET", jobs.path(first.jobID));
      missed = answer.ok ? 0 : missed + 1;
      if ((!answer.ok && answer.status && answer.status < 500) || missed > MOST_MISSED) return { fault: answer };
      if (!answer.ok) continue;
      now = answer.data;
      seen(now);
    }
    return { now };
  };

  // How far a job is that waits or runs.
  jobs.words = (job) =>
    job.status === "accepted" ? gridsight.t("runs_waiting") : gridsight.t("runs_running", { percent: job.progress, step: job.message || "" });

  jobs.dismiss = (id) => desk.send("DELETE", jobs.path(id));

  // The newest job of a process in one of these states; null where there is none.
  jobs.newest = async function (process, states) {
    const query = new URLSearchParams({ processID: process, status: states.join(","), limit: "1" });
    const answer = await desk.send("GET", "/ogc/jobs?" + query);
    return (answer.ok && answer.data.jobs[0]) || null;
  };
})();
