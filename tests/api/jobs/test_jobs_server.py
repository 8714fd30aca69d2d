"""Run analyses as jobs of the county_server: a real database, real worker processes, killed and stopped on the way."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import procrastinate
import psycopg
import pypdf
import pytest
from fastapi.testclient import TestClient

from api.cli import main
from api.jobs import Jobs, ServerJobs, make_jobs
from api.jobs.child_process import EXIT_RECORDED
from api.jobs.heartbeat import EXIT_SILENT
from api.jobs.lifecycle import ENDED, Attempt, AttemptSuperseded, accept, worker_caller
from api.jobs.print_options import PrintOptions
from api.jobs.worker import seconds_since_heartbeat
from api.main import create_app
from api.open_store import is_server_mode
from api.problems import NoSuchJob, TooMany
from api.settings import Settings
from geo.demo.county import draw
from geo.errors import NotFound
from geo.storage.protocol import Store
from geo.storage.records import Caller, Job
from geo.studies.analysis import analyze, compute_run
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.import_files import import_frames
from tests import postgres
from tests.api.conftest import frames
from tests.conftest import ROOT
from tests.postgres import service_url, wait_until
from tests.processes import Processes

ANNA, BERT = Caller("anna", "planner", ("990101101",)), Caller("bert", "planner", ("990101102",))
#: A worker silent for three times as long counts as dead.
BEAT = 1.0


@contextmanager
def _filled(server: str, migrated: str, layers: Callable[[], dict]) -> Iterator[str]:
    """Give the name of a database with these layers, to copy with TEMPLATE; nobody connects to it."""
    from geo.storage.postgis.store import open_database

    with postgres.fresh_database(server, template=migrated) as url:
        store = open_database(url)
        import_frames(store, layers(), actor="test")
        store.close()
        yield url.rpartition("/")[2].partition("?")[0]


@pytest.fixture(scope="module")
def village(server: str, migrated: str) -> Iterator[str]:
    with _filled(server, migrated, frames) as name:
        yield name


@pytest.fixture(scope="module")
def town(server: str, migrated: str) -> Iterator[str]:
    """Name a database with the small demo county: its analysis takes seconds, so that one can meet it at work."""
    with _filled(server, migrated, lambda: draw("small")) as name:
        yield name


@pytest.fixture
def small(server: str, village: str) -> Iterator[str]:
    """Return the service's URL of a database of one's own whose analysis is soon done."""
    with postgres.fresh_database(server, template=village) as url:
        yield service_url(url)


@pytest.fixture
def large(server: str, town: str) -> Iterator[str]:
    """Return the service's URL of a database of one's own whose analysis takes seconds."""
    with postgres.fresh_database(server, template=town) as url:
        yield service_url(url)


@contextmanager
def opened(url: str) -> Iterator[Store]:
    from geo.storage.postgis.store import open_database

    store = open_database(url)
    try:
        yield store
    finally:
        store.close()


class Worker:
    """Run ``gridsight worker`` as a process."""

    def __init__(self, processes: Processes, url: str, **settings: object) -> None:
        given = {"database_url": url, "heartbeat_seconds": BEAT, **settings}
        told = {f"GRIDSIGHT_{name.upper()}": str(value) for name, value in given.items()}
        self._processes = processes
        self.process = processes.start(
            sys.executable, "-m", "api", "worker", "--json", cwd=ROOT, env={**os.environ, **told},
            stderr=subprocess.PIPE,
        )  # fmt: skip
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        assert json.loads(line)["pid"] == self.process.pid

    def child(self) -> int | None:
        """Return the process that works on the job, None where there is none."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(listed[0]) if listed else None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(30)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def close(self) -> None:
        self._processes.end(self.process, signal.SIGKILL)


@pytest.fixture
def hire(processes: Processes) -> Iterator[Callable[..., Worker]]:
    """Return what starts a worker; all are gone after the test."""
    hired: list[Worker] = []

    def start(url: str, **settings: object) -> Worker:
        hired.append(Worker(processes, url, **settings))
        return hired[-1]

    yield start
    for one in hired:
        one.close()


def submit(store: Store, caller: Caller = ANNA, **options: object) -> Job:
    return make_jobs(store, Settings()).submit(AnalyzeOptions(**options), caller)


def until(store: Store, job: Job, ready: Callable[[Job], bool], seconds: float = 90) -> Job:
    """Wait until a job is as wanted and return it so."""
    everyone = store.acting(worker_caller("test"))
    return wait_until(lambda: found if ready(found := everyone.job(job.id)) else None, seconds=seconds)


def ended(store: Store, job: Job) -> Job:
    return until(store, job, lambda one: one.status in ENDED)


def computing(store: Store, job: Job) -> Job:
    return until(store, job, lambda one: one.status == "running" and one.progress >= 20)


def queued(url: str) -> list[tuple[str, bool, int]]:
    """Return status, abort_requested and attempts of what is in the queue."""
    options = "-c role=gridsight_worker -c search_path=gridsight"
    with psycopg.connect(url, options=options) as conn:
        return conn.execute(
            "SELECT status::text, abort_requested, attempts FROM procrastinate_jobs ORDER BY id"
        ).fetchall()


def dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_the_frozen_queue_is_that_of_the_installed_version() -> None:
    """Whoever raises procrastinate to a version with another schema must write a migration."""
    frozen = (ROOT / "migrations/versions/20261122_0004_jobs.sql").read_text(encoding="utf-8")
    installed = (Path(procrastinate.__file__).parent / "sql/schema.sql").read_text(encoding="utf-8")
    mark = "-- Enums"
    assert frozen[frozen.index(mark) :].strip() == installed[installed.index(mark) :].strip()


def test_a_job_and_its_place_in_the_queue_come_together_or_not_at_all(small: str) -> None:
    with opened(small) as store:
        assert is_server_mode(store)
        jobs = make_jobs(store, Settings())
        assert isinstance(jobs, ServerJobs)
        assert not jobs.sync
        mine = store.acting(ANNA)

        def crash() -> None:
            with mine.transaction():
                accept(mine, AnalyzeOptions(), ANNA)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            crash()
        assert (mine.jobs(), queued(small)) == ([], [])
        job = jobs.submit(AnalyzeOptions(level="identify"), ANNA)
        assert mine.job(job.id) == job
        assert queued(small) == [("todo", False, 0)]
        (deed,) = store.audit()
        assert (deed["who"], deed["action"], deed["run"]) == ("anna", "analyze", job.id)
        assert deed["detail"]["level"] == "identify"


def test_another_ones_job_answers_like_none(small: str) -> None:
    with opened(small) as store:
        jobs = make_jobs(store, Settings())
        job = jobs.submit(AnalyzeOptions(), ANNA)
        for what in (jobs.get, jobs.dismiss):
            with pytest.raises(NoSuchJob):
                what(job.id, BERT)
        assert jobs.list(BERT) == []
        assert jobs.get(job.id, Caller("root", "admin", None)) == job
        assert queued(small) == [("todo", False, 0)]


def test_the_queue_is_bounded_for_one_and_for_all(small: str) -> None:
    with opened(small) as store:
        jobs = make_jobs(store, Settings(jobs_per_caller=1, jobs_waiting=2))
        jobs.submit(AnalyzeOptions(), ANNA)
        with pytest.raises(TooMany, match="of your jobs"):
            jobs.submit(AnalyzeOptions(), ANNA)
        jobs.submit(AnalyzeOptions(), BERT)
        with pytest.raises(TooMany, match="queue is full"):
            jobs.submit(AnalyzeOptions(), Caller("carl", "planner", ()))
        assert len(queued(small)) == 2


def test_processes_at_once_stay_within_one_limit(small: str) -> None:
    """Eight API processes, each with its own pool: of 16 requests at once two of anna's and one of bert's are room."""
    callers, width = [ANNA, BERT] * 8, 8

    def asked(at_once: threading.Barrier, jobs: Jobs, caller: Caller) -> Job | None:
        at_once.wait()
        with contextlib.suppress(TooMany):
            return jobs.submit(AnalyzeOptions(), caller)
        return None

    with contextlib.ExitStack() as held:
        settings = Settings(jobs_per_caller=2, jobs_waiting=3)
        processes = [make_jobs(held.enter_context(opened(small)), settings) for _ in range(width)]
        threads = held.enter_context(ThreadPoolExecutor(len(callers)))
        gate = threading.Barrier(len(callers))
        made = [threads.submit(asked, gate, processes[k % width], one) for k, one in enumerate(callers)]
        owners = [job.owner for one in made if (job := one.result())]
        assert len(owners) == 3
        assert set(owners) == {"anna", "bert"}
        assert len(queued(small)) == 3


def test_lists_and_limits_read_an_index_of_the_owners_id(small: str) -> None:
    """Of 20,000 ended jobs of others none is read to list one's own, nor to count what is open."""
    with psycopg.connect(postgres.database_url(small, small.rpartition("/")[2], login="postgres")) as conn:
        conn.execute("ALTER TABLE gridsight.jobs DISABLE TRIGGER job_defer")
        conn.execute(
            "INSERT INTO gridsight.jobs (id, process, status, inputs, owner, owner_id, role, created) "
            "SELECT 'j' || n, 'analyze', CASE WHEN n % 1000 = 0 THEN 'accepted' ELSE 'failed' END, '{}', 'n', "
            "'k' || n % 500, 'planner', 't' FROM generate_series(1, 20000) n"
        )
        conn.execute("ANALYZE gridsight.jobs")
        open_ones = "SELECT count(*) FROM gridsight.jobs WHERE status IN ('accepted', 'running')"
        assert scanned(conn, open_ones) == {"jobs_open"}
        conn.execute("SET ROLE gridsight_planner")
        conn.execute("SELECT set_config('app.actor', 'k7', false)")
        listed = "SELECT id FROM gridsight.jobs ORDER BY id DESC LIMIT 100"
        assert conn.execute(f"SELECT count(*) FROM ({listed}) one").fetchone() == (40,)
        assert scanned(conn, listed) == {"jobs_owner"}
        conn.rollback()


def scanned(conn: psycopg.Connection, sql: str) -> set[str]:
    """Return what the plan of a query reads: names of indexes, and of tables that it reads whole."""
    (plan,) = conn.execute(f"EXPLAIN (FORMAT JSON) {sql}").fetchone()[0]
    found, parts = set(), [plan["Plan"]]
    while parts:
        part = parts.pop()
        parts += part.get("Plans", [])
        if "Index Name" in part or part["Node Type"] == "Seq Scan":
            found.add(part.get("Index Name", part.get("Relation Name")))
    return found


def test_records_cannot_be_overtaken(small: str) -> None:
    """Two transactions at once: the dismissal stands, and the run that comes after it is not saved."""
    with opened(small) as store:
        job = submit(store)
        worker = store.acting(worker_caller("anna"))
        attempt = Attempt.begin(worker, job.id)
        run = compute_run(worker, AnalyzeOptions())
        late = Attempt(worker, attempt.job)
        with worker.transaction():
            assert worker.job(job.id).status == "running"
            make_jobs(store, Settings()).dismiss(job.id, ANNA)  # another connection, committed in between
            with pytest.raises(AttemptSuperseded):
                late.succeed(run)
        assert store.runs() == []
        found = store.job(job.id)
        assert (found.status, found.attempts, found.run) == ("dismissed", 1, "")
        assert queued(small) == [("cancelled", True, 0)]


def test_a_worker_prints_what_the_owner_may_see(small: str, hire: Callable[..., Worker]) -> None:
    with opened(small) as store:
        analyze(store, AnalyzeOptions(domain="all"), actor="test")
        hire(small, heartbeat_seconds=5)
        job = make_jobs(store, Settings()).submit(PrintOptions(paper="A4", lang="en"), ANNA)
        done = ended(store, job)
        assert (done.status, done.attempts, done.message) == ("successful", 1, "已排印 / printed")
        pages = pypdf.PdfReader(io.BytesIO(store.acting(ANNA).job_file(job.id).content)).pages
        assert "One sheet for each township: 1" in " ".join(pages[0].extract_text().split())
        with pytest.raises(NotFound):
            store.acting(BERT).job_file(job.id)
        assert wait_until(lambda: queued(small)[-1] == ("succeeded", False, 1))


def test_from_the_request_to_the_result_over_http(small: str, hire: Callable[..., Worker]) -> None:
    app = create_app(Settings(database_url=small))
    with TestClient(app, base_url="http://127.0.0.1:8000", headers={"Accept-Language": "en"}) as client:
        keys = {
            name: {"X-API-Key": app.state.keys.create(name, role, townships=townships, by="test")[0]}
            for name, role, townships in (
                ("anna", "planner", ["990101101"]), ("bert", "planner", ["990101102"]), ("vera", "viewer", None),
                ("root", "admin", None),
            )
        }  # fmt: skip
        body = {"inputs": {"level": "identify", "domain": "all"}}
        path = "/ogc/processes/analyze/execution"
        assert client.post(path, json=body).status_code == 401
        assert client.post(path, json=body, headers=keys["vera"]).status_code == 403
        described = client.get("/ogc/processes/analyze", headers=keys["vera"]).json()
        assert described["jobControlOptions"] == ["async-execute", "dismiss"]

        first = client.post("/runs", json={}, headers=keys["anna"])
        assert first.status_code == 202
        assert "preference-applied" not in first.headers, "it was not asked for: in server mode it is always so"
        second = client.post(path, json=body, headers={**keys["anna"], "Prefer": "respond-async"})
        assert (second.status_code, second.headers["preference-applied"]) == (201, "respond-async")
        places = [first.headers["location"], second.headers["location"].removeprefix("http://127.0.0.1:8000")]
        assert [client.get(one, headers=keys["anna"]).json()["status"] for one in places] == ["accepted"] * 2

        hire(small)
        for one in places:
            done = wait_until(
                lambda one=one: (
                    now if (now := client.get(one, headers=keys["anna"]).json())["status"] in ENDED else None
                ),
                seconds=90,
            )
            assert (done["status"], done["progress"]) == ("successful", 100)
            assert client.get(one, headers=keys["root"]).json()["jobID"] == done["jobID"]
            hidden = client.get(one, headers=keys["bert"])
            assert (hidden.status_code, hidden.json()["code"]) == (404, "no-such-job")
        ids = [client.get(f"{one}/results", headers=keys["anna"]).json()["run"]["id"] for one in places]
        listed = client.get("/runs", headers=keys["anna"]).json()["runs"]
        assert [run["id"] for run in listed] == ids[::-1], "results persist"

        # Figures are the county's, whoever asked for the run and whoever reads it.
        for layer in ("grids", "townships", "all"):
            told = [client.get(f"/runs/latest/zones/{layer}", headers=keys[who]).json() for who in ("anna", "root")]
            assert told[0] == told[1]
        compared = client.get(f"/runs/{ids[0]}/compare/{ids[1]}", headers=keys["anna"]).json()
        totals = [client.get(f"/runs/{one}", headers=keys["anna"]).json()["totals"]["domain_m2"] for one in ids]
        assert compared["zones"]["all"][0]["domain_m2"] == pytest.approx(totals[1] - totals[0])


def test_the_command_line_analyses_as_the_worker(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", "--database", small, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    with opened(small) as store:
        run = store.run(told["run"], layers=["views"])
        assert run.layers["views"]["id"].tolist() == ["c1", "c2", "c3", "c4"]
        assert queued(small) == [], "it is computed in this process"


def test_a_worker_killed_at_work_loses_nothing(large: str, hire: Callable[..., Worker]) -> None:
    with opened(large) as store:
        job = submit(store)
        first = hire(large)
        seen = computing(store, job)
        assert (seen.attempts, seen.run) == (1, "")
        child = first.child()
        first.kill()
        wait_until(lambda: dead(child), seconds=10)
        assert store.job(job.id).status == "running", "nobody has noticed yet"
        hire(large)
        back = until(store, job, lambda one: one.attempts == 2 or one.status == "accepted")
        assert back.progress < 100
        done = ended(store, job)
        assert (done.status, done.attempts, done.progress) == ("successful", 2, 100)
        assert [run.id for run in store.runs()] == [done.run], "computed twice, saved once"
        assert wait_until(lambda: queued(large) == [("succeeded", False, 2)])


def test_a_worker_asked_to_stop_hands_its_job_back_or_lets_it_end(large: str, hire: Callable[..., Worker]) -> None:
    with opened(large) as store:
        first, second = submit(store), submit(store)
        worker = hire(large, shutdown_seconds=0.1)
        computing(store, first)
        assert worker.stop() == 0
        back = store.job(first.id)
        assert (back.status, back.progress, back.attempts) == ("accepted", 0, 1)
        assert "back in the queue" in back.message
        assert [one[0] for one in queued(large)] == ["todo", "todo"]
        worker = hire(large, shutdown_seconds=120)
        computing(store, first)
        assert worker.stop() == 0
        done = store.job(first.id)
        assert (done.status, done.attempts) == ("successful", 2)
        assert store.job(second.id).status == "accepted", "and it begins no other"


def test_a_worker_that_stops_beats_until_its_last_job_has_ended(large: str, hire: Callable[..., Worker]) -> None:
    """Another worker takes over what is silent for 0.9 s; the analysis takes longer, and is still computed once."""
    with opened(large) as store:
        job = submit(store)
        first = hire(large, heartbeat_seconds=0.3, shutdown_seconds=120)
        computing(store, job)
        first.process.send_signal(signal.SIGTERM)
        hire(large, heartbeat_seconds=0.3)
        done = ended(store, job)
        assert (done.status, done.attempts) == ("successful", 1)
        assert first.process.wait(60) == 0
        assert wait_until(lambda: queued(large) == [("succeeded", False, 1)])


def _rename_beat(large: str, old: str, new: str) -> None:
    with psycopg.connect(large, autocommit=True) as conn:
        conn.execute(f"ALTER FUNCTION gridsight.{old}(bigint) RENAME TO {new}")


def test_a_worker_whose_heartbeats_fail_goes_on_when_they_succeed_again(
    server: str, village: str, hire: Callable[..., Worker]
) -> None:
    beat = "procrastinate_update_heartbeat_v1"
    with postgres.fresh_database(server, template=village) as owner:
        url, quick = service_url(owner), Settings(heartbeat_seconds=0.3)
        worker = hire(url, heartbeat_seconds=0.3)
        _rename_beat(owner, beat, "elsewhere")
        wait_until(lambda: not _is_heard(url, quick))
        _rename_beat(owner, "elsewhere", beat)
        assert wait_until(lambda: _is_heard(url, quick))
        with opened(url) as store:
            assert ended(store, submit(store)).attempts == 1
        assert worker.process.poll() is None


def _is_heard(url: str, settings: Settings) -> bool:
    try:
        return seconds_since_heartbeat(url, settings) >= 0
    except NotFound:
        return False


def test_a_worker_nobody_hears_ends_with_an_error(server: str, village: str, hire: Callable[..., Worker]) -> None:
    """Other workers have its job by then, and its service manager starts another."""
    with postgres.fresh_database(server, template=village) as owner:
        worker = hire(service_url(owner), heartbeat_seconds=0.3)
        _rename_beat(owner, "procrastinate_update_heartbeat_v1", "elsewhere")
        assert worker.process.wait(30) == EXIT_SILENT != 0
        assert re.search(r"no heartbeat for 1\d s: this worker ends", worker.process.stderr.read())


def test_the_process_of_an_analysis_ends_by_itself_and_not_by_an_abort(small: str, processes: Processes) -> None:
    """Its standard input stays open as long as the worker lives."""
    child = processes.start(sys.executable, "-m", "api.job_process", cwd=ROOT, stdin=subprocess.PIPE)
    job = {"job": "00000000-0000-7000-8000-000000000000", "process": "analyze"}
    instruction = {**job, "owner": "anna", "key": "", "url": small}
    child.stdin.write(json.dumps(instruction) + "\n")
    child.stdin.flush()
    assert child.wait(60) == EXIT_RECORDED


@dataclass(frozen=True)
class Shop:
    """Hold a county server with one worker, which all tests below share."""

    url: str
    store: Store
    worker: Worker


@pytest.fixture(scope="module")
def shop(processes: Processes, server: str, town: str) -> Iterator[Shop]:
    with postgres.fresh_database(server, template=town) as url:
        login = service_url(url)
        with pytest.raises(NotFound, match="no worker"):
            seconds_since_heartbeat(login, Settings(heartbeat_seconds=BEAT))
        worker = Worker(processes, login, job_attempts=2)
        try:
            with opened(login) as store:
                yield Shop(login, store, worker)
        finally:
            worker.close()


def test_a_job_begun_too_often_fails_with_that_reason(shop: Shop) -> None:
    job = submit(shop.store)
    for attempt in (1, 2):
        until(shop.store, job, lambda one, n=attempt: one.attempts == n and one.progress >= 20)
        os.kill(shop.worker.child(), signal.SIGKILL)  # as the system does where memory runs out
    done = ended(shop.store, job)
    assert (done.status, done.attempts, done.run) == ("failed", 2, "")
    assert re.fullmatch(r"[^/]*2 次[^/]* / [ -~]*was cut off 2 times[ -~]*", done.message)
    assert shop.store.runs() == []


def test_dismissed_while_running_and_while_waiting(shop: Shop) -> None:
    jobs = make_jobs(shop.store, Settings())
    runs, waits = submit(shop.store), submit(shop.store)
    computing(shop.store, runs)
    gone = jobs.dismiss(waits.id, ANNA)
    assert (gone.status, gone.started) == ("dismissed", "")
    assert queued(shop.url)[-1] == ("cancelled", True, 0)
    child = shop.worker.child()
    stopped = jobs.dismiss(runs.id, ANNA)
    assert (stopped.status, stopped.run) == ("dismissed", "")
    wait_until(lambda: dead(child), seconds=10)
    assert wait_until(lambda: queued(shop.url)[-2][0] == "aborted")
    assert (shop.store.job(runs.id), shop.store.job(waits.id)) == (stopped, gone)
    assert shop.store.runs() == []


def test_what_cannot_be_done_fails_with_its_reason_and_is_not_tried_again(shop: Shop) -> None:
    job = submit(shop.store, domain="demand")
    done = ended(shop.store, job)
    assert (done.status, done.attempts) == ("failed", 1)
    assert re.fullmatch(r".*[一-鿿].* / [ -~]+", done.message)
    assert "cut off" not in done.message
    assert wait_until(lambda: queued(shop.url)[-1] == ("succeeded", False, 1)), "the queue has done its part"


def test_a_worker_outlives_a_restart_of_the_database(server: str, shop: Shop) -> None:
    with psycopg.connect(server, autocommit=True) as conn:
        (count,) = conn.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s",
            (shop.url.rpartition("/")[2],),
        ).fetchone()
    assert count >= 2
    assert ended(shop.store, submit(shop.store, zones=("grids",))).status == "successful"
    assert shop.worker.process.poll() is None
    assert seconds_since_heartbeat(shop.url, Settings(heartbeat_seconds=BEAT)) <= 3 * BEAT


def test_the_check_of_the_command_line(processes: Processes, shop: Shop) -> None:
    told = {**os.environ, "GRIDSIGHT_DATABASE_URL": shop.url}
    found = processes.run(sys.executable, "-m", "api", "worker", "--check", "--json", cwd=ROOT, env=told)
    assert found.returncode == 0, found.stderr
    assert 0 <= json.loads(found.stdout)["seconds"] <= 30
