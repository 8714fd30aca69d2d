"""Run analyses as jobs at the embedded: one thread, a bounded queue, dismissal, orphans of a dead process."""

from __future__ import annotations

import dataclasses
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.jobs import EmbeddedJobs, make_jobs
from api.jobs.lifecycle import ENDED, Attempt, AttemptSuperseded, accept
from api.jobs.process_lock import ProcessLock
from api.open_store import is_server_mode
from api.problems import NoSuchJob, TooMany
from api.settings import Settings
from geo.demo.county import draw
from geo.errors import NotFound, StoreBusy
from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from geo.storage.records import LOCAL, Caller, Job
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.import_files import import_frames
from tests.postgres import wait_until
from tests.processes import Processes

ANNA, BERT = Caller("anna", "planner", None), Caller("bert", "planner", None)


@pytest.fixture
def jobs(store: Store) -> Iterator[EmbeddedJobs]:
    made = make_jobs(store, Settings(jobs_per_caller=2, jobs_waiting=3))
    assert isinstance(made, EmbeddedJobs)
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with the small demo county: its analysis takes seconds, so that one sees it run."""
    path = tmp_path_factory.mktemp("town") / "workspace.gpkg"
    store = open_store(path)
    import_frames(store, draw("small"), actor="test")
    store.close()
    return path


def ended(jobs: EmbeddedJobs, job: Job, caller: Caller = ANNA) -> Job:
    """Wait until a job has ended and return it."""

    def look() -> Job | None:
        now = jobs.get(job.id, caller)
        return now if now.status in ENDED else None

    return wait_until(look, seconds=60)


def test_a_workspace_has_the_jobs_of_a_embedded(store: Store) -> None:
    assert not is_server_mode(store)
    jobs = make_jobs(store, Settings())
    assert jobs.sync
    jobs.start()
    jobs.close()
    assert not Path(f"{store.name}.jobs").exists(), "who makes no job needs no lock"


def test_a_job_is_kept_from_its_first_moment_to_its_end(jobs: EmbeddedJobs, store: Store) -> None:
    options = AnalyzeOptions(level="identify", zones=("grids",), domain="all")
    with jobs.running:  # nothing runs as long as somebody else has the turn
        job = jobs.submit(options, ANNA)
        assert store.job(job.id) == job, "the record is there before the answer"
        assert (job.status, job.progress, job.attempts, job.started, job.run) == ("accepted", 0, 0, "", "")
        assert job.inputs == options.as_dict()
    done = ended(jobs, job)
    assert (done.status, done.progress, done.attempts) == ("successful", 100, 1)
    assert done.created <= done.started <= done.finished <= done.updated
    run = store.run(done.run, layers=["grids"])
    assert run.options["level"] == "identify"
    assert run.summary["actor"] == "anna"
    assert len(run.layers["grids"]) == 4


def test_progress_is_seen_rising(town: Path, tmp_path: Path) -> None:
    store = open_store(_copy(town, tmp_path))
    jobs = EmbeddedJobs(store, Settings())
    jobs.start()
    try:
        job = jobs.submit(AnalyzeOptions(), ANNA)
        seen: list[Job] = []
        while not seen or seen[-1].status not in ENDED:
            now = jobs.get(job.id, ANNA)
            if not seen or (now.status, now.progress) != (seen[-1].status, seen[-1].progress):
                seen.append(now)
            time.sleep(0.005)
    finally:
        jobs.close()
        store.close()
    running = [one for one in seen if one.status == "running"]
    assert [one.progress for one in running] == sorted(one.progress for one in running)
    assert len({one.progress for one in running}) >= 4
    assert all(one.progress < 100 for one in running)
    assert all(" / " in one.message for one in seen)
    assert seen[-1].status == "successful"


def test_what_cannot_be_done_fails_with_its_reason(jobs: EmbeddedJobs, store: Store) -> None:
    for key in ("c1", "c2", "c3", "c4"):
        store.delete("cameras", key, if_version=None, actor="test")
    done = ended(jobs, jobs.submit(AnalyzeOptions(), ANNA))
    assert done.status == "failed"
    assert done.message == "库中没有摄像机，请先导入 / the store has no cameras on that day; import some first"
    assert done.run == ""
    with pytest.raises(NotFound, match="no cameras"):
        jobs.execute(AnalyzeOptions(), ANNA)
    assert [one.status for one in jobs.list(ANNA)] == ["failed", "failed"]


def test_an_error_nobody_foresaw_is_named_by_its_kind_alone(
    jobs: EmbeddedJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise KeyError("secret text")

    monkeypatch.setattr("api.jobs.execution.compute_run", breaks)
    done = ended(jobs, jobs.submit(AnalyzeOptions(), ANNA))
    assert done.status == "failed"
    assert "KeyError" in done.message
    assert "secret" not in done.message


def test_a_waiting_job_is_dismissed_at_once(jobs: EmbeddedJobs, store: Store) -> None:
    with jobs.running:
        first, second = jobs.submit(AnalyzeOptions(), ANNA), jobs.submit(AnalyzeOptions(), BERT)
        gone = jobs.dismiss(second.id, BERT)
        assert (gone.status, gone.started) == ("dismissed", "")
    assert ended(jobs, first).status == "successful"
    wait_until(lambda: not jobs._waiting.qsize())
    assert jobs.get(second.id, BERT) == gone, "it was not begun"
    assert len(store.runs()) == 2


def test_a_running_job_is_dismissed_at_its_next_step(town: Path, tmp_path: Path) -> None:
    store = open_store(_copy(town, tmp_path))
    jobs = EmbeddedJobs(store, Settings())
    jobs.start()
    try:
        job = jobs.submit(AnalyzeOptions(), ANNA)
        wait_until(lambda: jobs.get(job.id, ANNA).progress >= 20, seconds=60, every=0.005)
        assert jobs.get(job.id, ANNA).status == "running"
        gone = jobs.dismiss(job.id, ANNA)
        assert (gone.status, gone.run) == ("dismissed", "")
        with jobs.running:  # taken as soon as the thread has let go
            assert jobs.get(job.id, ANNA) == gone
        assert store.runs() == []
    finally:
        jobs.close()
        store.close()


def test_dismissing_what_has_ended_keeps_its_run(jobs: EmbeddedJobs, store: Store) -> None:
    done = ended(jobs, jobs.submit(AnalyzeOptions(), ANNA))
    gone = jobs.dismiss(done.id, ANNA)
    assert (gone.status, gone.run, gone.finished) == ("dismissed", done.run, done.finished)
    assert jobs.dismiss(done.id, ANNA) == gone
    assert store.run(done.run, layers=[]).id == done.run


def test_another_ones_job_answers_like_none(jobs: EmbeddedJobs) -> None:
    job = jobs.submit(AnalyzeOptions(), ANNA)
    for what in (jobs.get, jobs.dismiss):
        with pytest.raises(NoSuchJob) as hidden:
            what(job.id, BERT)
        with pytest.raises(NoSuchJob) as absent:
            what("0199a5c0-0000-7000-8000-000000000000", BERT)
        assert hidden.value.en.replace(job.id, "X") == absent.value.en.replace(
            "0199a5c0-0000-7000-8000-000000000000", "X"
        )
    assert jobs.list(BERT) == []
    assert [one.id for one in jobs.list(LOCAL)] == [job.id], "in embedded mode everybody sees all"


def test_the_queue_is_bounded_for_one_and_for_all(jobs: EmbeddedJobs) -> None:
    with jobs.running:
        jobs.submit(AnalyzeOptions(), ANNA)
        jobs.submit(AnalyzeOptions(), ANNA)
        with pytest.raises(TooMany, match="2 of your jobs"):
            jobs.submit(AnalyzeOptions(), ANNA)
        jobs.submit(AnalyzeOptions(), BERT)
        with pytest.raises(TooMany, match="queue is full"):
            jobs.submit(AnalyzeOptions(), Caller("carl", "planner", None))
        for one in jobs.list(ANNA):
            jobs.dismiss(one.id, ANNA)
        assert jobs.submit(AnalyzeOptions(), ANNA).status == "accepted", "what was dismissed takes no room"


def test_an_analysis_one_waits_for_does_not_wait_for_another(jobs: EmbeddedJobs) -> None:
    with jobs.running, pytest.raises(StoreBusy):
        jobs.execute(AnalyzeOptions(), ANNA)
    assert jobs.list(ANNA) == [], "nothing was begun, so nothing is kept"
    run = jobs.execute(AnalyzeOptions(), ANNA)
    (job,) = jobs.list(ANNA)
    assert (job.status, job.run) == ("successful", run.id)


def test_stopping_tells_every_job_still_open(store: Store) -> None:
    jobs = EmbeddedJobs(store, Settings())
    jobs.start()
    with jobs.running:
        waits = [jobs.submit(AnalyzeOptions(), caller) for caller in (ANNA, BERT)]
        closing = threading.Thread(target=jobs.close)
        closing.start()
        wait_until(jobs._stopping.is_set)
    closing.join(30)
    found = [store.job(one.id) for one in waits]
    assert [one.status for one in found] == ["failed", "failed"]
    assert all("submit it again" in one.message for one in found)


def test_jobs_of_a_dead_process_are_marked_failed(workspace: Path, processes: Processes) -> None:
    """A process is killed while one job runs and one waits; the next one to serve the file says so."""
    code = (
        "import sys, os, signal\n"
        "from api.jobs.embedded import EmbeddedJobs\n"
        "from api.jobs import embedded\n"
        "from api.settings import Settings\n"
        "from geo.storage.geopackage.store import open_store\n"
        "from geo.studies.analyze_options import AnalyzeOptions\n"
        "from geo.storage.records import LOCAL\n"
        f"store = open_store(r'{workspace}')\n"
        "jobs = EmbeddedJobs(store, Settings())\n"
        "jobs.start()\n"
        "def killed(*_a, **_k): os.kill(os.getpid(), signal.SIGKILL)\n"
        "with jobs.running:\n"
        "    jobs.submit(AnalyzeOptions(), LOCAL); jobs.submit(AnalyzeOptions(), LOCAL)\n"
        "    embedded.execute_job = killed\n"
        "import time; time.sleep(60)\n"
    )
    done = processes.run(sys.executable, "-c", code, timeout=60)
    assert done.returncode == -9
    store = open_store(workspace, create=False)
    try:
        before = store.jobs()
        assert sorted(job.status for job in before) == ["accepted", "running"]
        jobs = EmbeddedJobs(store, Settings())
        jobs.start()
        found = jobs.list(LOCAL)
        assert [job.status for job in found] == ["failed", "failed"]
        assert all("the service stopped before the job ended" in job.message for job in found)
        jobs.close()
    finally:
        store.close()


def test_jobs_of_a_running_process_are_unchanged(workspace: Path) -> None:
    store = open_store(workspace, create=False)
    other = ProcessLock(Path(f"{store.name}.jobs"))
    assert other.acquire()
    accept(store, AnalyzeOptions(), LOCAL)
    jobs = EmbeddedJobs(store, Settings())
    jobs.start()
    jobs.close()
    (job,) = store.jobs()
    assert job.status == "accepted", "the process that holds the lock works on it"
    other.release()
    jobs.start()
    (job,) = store.jobs()
    assert job.status == "failed"
    jobs.close()
    store.close()


def test_only_the_newest_attempt_may_save(store: Store) -> None:
    job = accept(store, AnalyzeOptions(), LOCAL)
    slow = Attempt.begin(store, job.id)
    slow.requeue("x / x")
    quick = Attempt.begin(store, job.id)
    assert quick.job.attempts == 2
    before = len(store.runs())
    with pytest.raises(AttemptSuperseded):
        slow.report_progress("late / late", 0.9)
    latest = store.run("latest")
    with pytest.raises(AttemptSuperseded):
        slow.succeed(dataclasses.replace(latest, id="0199a5c0-0000-7000-8000-000000000001"))
    assert len(store.runs()) == before, "the run and the end of the job are saved together or not at all"
    quick.succeed(dataclasses.replace(latest, id="0199a5c0-0000-7000-8000-000000000002"))
    assert store.job(job.id).run == "0199a5c0-0000-7000-8000-000000000002"
    with pytest.raises(AttemptSuperseded):
        quick.fail("too late / too late")


def _copy(path: Path, folder: Path) -> Path:
    target = folder / "workspace.gpkg"
    target.write_bytes(path.read_bytes())
    return target
