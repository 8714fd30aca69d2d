"""Work through the office's queue: one analysis at a time, each in a child process, so that heartbeats go on.

A worker that dies is noticed by the others by its missing heartbeats; its job goes back into the queue until it was
begun often enough, and then fails with that reason. Killed between any two steps nothing is lost, as the queue and the
records are rows of one database; done twice nothing is doubled, as only the newest attempt at a job may save.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import procrastinate
import psycopg
from procrastinate import exceptions, jobs
from procrastinate.job_context import AbortReason, JobContext
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from api.jobs import child_process, lifecycle
from api.jobs.execution import TEMPORARY
from api.jobs.lifecycle import Attempt, Gone
from api.settings import Settings
from geo.errors import GeoError, NotFound, StoreDown
from geo.storage.protocol import Store
from geo.storage.records import Job

_log = logging.getLogger("gridsight.jobs")

QUEUE = "analyses"
TASK = "gridsight.analyze"
# Every connection of the queue is the worker's, for good: this pool is not shared with requests.
_OPTIONS = "-c role=gridsight_worker -c search_path=gridsight,public"
#: One worker looks after dead ones at a time; a number of our own among the database's advisory locks.
_RESCUE_LOCK = 0x67726A62
#: Jobs still open whose place in the queue has ended otherwise, which by all rules cannot be.
_ADRIFT = """
SELECT jobs.id FROM jobs LEFT JOIN procrastinate_jobs queued ON queued.id = jobs.queue_id
WHERE jobs.status IN ('accepted', 'running') AND (queued.id IS NULL OR queued.status NOT IN ('todo', 'doing'))
"""
_ADRIFT_REASON = "任务已不在队列中，请重新提交 / the job is in no queue any more; submit it again"
_LOST = "工作进程中断，任务将重新开始 / the worker was lost; the job begins again"
_HANDED_BACK = "工作进程停止，任务已交还队列 / the worker stops; the job is back in the queue"
_WENT_AWAY = "数据库暂时不可用，任务将重新开始 / the database went away; the job begins again"
_NOT_AGAIN = (
    "分析已中断 {n} 次，不再重试（内存可能不足） / "
    "the analysis was cut off {n} times and is not tried again (out of memory?)"
)


class Again(Exception):
    """The job goes back into the queue."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class _Backed(BaseRetryStrategy):
    """Put a job back for ``Again`` and nothing else: every other end is told in its record."""

    def get_retry_decision(self, *, exception: BaseException, job: jobs.Job) -> RetryDecision | None:  # noqa: ARG002
        """Return when the job may be taken again, None for never."""
        return RetryDecision(retry_in={"seconds": int(exception.seconds)}) if isinstance(exception, Again) else None


@dataclass(frozen=True)
class Bench:
    """Hold what a worker works with: the queue, the store as the worker role, the settings, the database."""

    app: procrastinate.App
    store: Store
    settings: Settings
    url: str

    @property
    def stalled_seconds(self) -> float:
        """Return after how many silent seconds a worker counts as dead."""
        return 3 * self.settings.heartbeat_seconds

    async def record(self, what: Callable[..., Any], *words: Any) -> Any:
        """Call something that uses the store, off the loop."""
        return await asyncio.to_thread(what, *words)


def make_bench(url: str, store: Store, settings: Settings) -> Bench:
    """Return the bench of a worker on a database; ``store`` acts as the worker role."""
    connector = procrastinate.PsycopgConnector(
        conninfo=url, min_size=1, max_size=4, timeout=10.0,
        kwargs={"options": _OPTIONS, "application_name": "gridsight worker"},
    )  # fmt: skip
    app = procrastinate.App(connector=connector)
    bench = Bench(app, store, settings, url)

    @app.task(name=TASK, queue=QUEUE, pass_context=True, retry=_Backed())
    async def analyze(context: JobContext, job_id: str) -> None:
        await _supervise(bench, context, job_id)

    return bench


async def work(bench: Bench, *, ready: Callable[[], None]) -> None:
    """Work until SIGTERM or SIGINT; the run under way gets ``shutdown_seconds`` to end, then goes back."""
    stop = asyncio.Event()
    _on_signals(stop)
    told = False
    while not stop.is_set():
        try:
            async with bench.app.open_async():
                if not told:
                    ready()
                    told = True
                await _until(stop, bench)
        except (exceptions.ProcrastinateException, psycopg.Error, OSError, GeoError) as error:
            _log.warning("the queue cannot be reached (%s); trying again", type(error).__name__)
        if not stop.is_set():
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), 2.0)


async def _until(stop: asyncio.Event, bench: Bench) -> None:
    """Work until asked to stop, or until the worker gives up because the database went away."""
    beat = bench.settings.heartbeat_seconds
    worker = asyncio.create_task(
        bench.app.run_worker_async(
            queues=[QUEUE], concurrency=1, install_signal_handlers=False, update_heartbeat_interval=beat,
            stalled_worker_timeout=bench.stalled_seconds, fetch_job_polling_interval=min(5.0, beat),
            abort_job_polling_interval=min(5.0, beat), shutdown_graceful_timeout=bench.settings.shutdown_seconds,
        )
    )  # fmt: skip
    rescue = asyncio.create_task(_rescue_for_ever(bench))
    asked = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({worker, asked}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        rescue.cancel()
        asked.cancel()
        worker.cancel()  # asks it to stop in order
        with suppress(asyncio.CancelledError):
            await rescue
        with suppress(asyncio.CancelledError):
            await worker


async def _supervise(bench: Bench, context: JobContext, job_id: str) -> None:
    """Let a child process work on a job; when it ends, or must end, see that the record says so."""
    begun = (context.job.attempts or 0) + 1
    try:
        try:
            job = await bench.record(bench.store.job, job_id)
        except NotFound:
            return
        if job.status in lifecycle.ENDED:
            return
        code = await _run_child(bench, job)
        if code != child_process.TOLD:
            _log.warning("the process of job %s ended with code %s", job_id, code)
            gone = code == child_process.AGAIN
            if await bench.record(_put_back, bench, job_id, _WENT_AWAY if gone else _LOST, begun):
                raise Again(5.0 if gone else 0.0)
    except asyncio.CancelledError:
        if context.abort_reason() is AbortReason.USER_REQUEST:
            raise exceptions.JobAborted from None
        with suppress(*TEMPORARY):
            await bench.record(_put_back, bench, job_id, _HANDED_BACK)
        raise Again from None
    except TEMPORARY:
        # The record stays as it is; whoever takes the job next finds what became of it.
        raise Again(5.0) from None


async def _run_child(bench: Bench, job: Job) -> int:
    """Return the exit code of a child that worked on a job; cancelled, kill it first."""
    process = None
    try:
        process = await _start(bench, job)
        return await process.wait()
    except OSError:
        _log.exception("no process for job %s", job.id)
        return -1
    finally:
        if process is not None:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
            if process.stdin is not None:
                process.stdin.close()


async def _start(bench: Bench, job: Job) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api.jobs.child_process", stdin=asyncio.subprocess.PIPE, stdout=sys.stderr
    )
    told = {"job": job.id, "owner": job.owner, "url": bench.url}
    assert process.stdin is not None  # noqa: S101 (asked for above)
    process.stdin.write(json.dumps(told).encode() + b"\n")
    with suppress(ConnectionError):  # it died already: its code says so
        await process.stdin.drain()
    return process


def _put_back(bench: Bench, job_id: str, reason: str, begun: int = 0) -> bool:
    """Tell in the record that a job waits again, or that it was begun too often; return whether it waits."""
    with suppress(Gone, NotFound):
        attempt = Attempt(bench.store, bench.store.job(job_id))
        times = max(attempt.job.attempts, begun)
        if times >= bench.settings.job_attempts:
            attempt.fail(_NOT_AGAIN.format(n=times))
            return False
        attempt.hand_back(reason)
        return True
    return False


def _end(bench: Bench, job_id: str) -> None:
    with suppress(Gone, NotFound):
        Attempt(bench.store, bench.store.job(job_id)).fail(_ADRIFT_REASON)


async def _rescue_for_ever(bench: Bench) -> None:
    while True:
        try:
            await rescue(bench)
        except (exceptions.ProcrastinateException, psycopg.Error, GeoError) as error:
            _log.warning("cannot look after lost jobs now: %s", type(error).__name__)
        await asyncio.sleep(bench.settings.heartbeat_seconds)


async def rescue(bench: Bench) -> None:
    """Put the jobs of dead workers back into the queue, or let them fail where they were begun often enough."""
    manager = bench.app.job_manager
    async with await psycopg.AsyncConnection.connect(bench.url, options=_OPTIONS) as lock:
        found = await lock.execute("SELECT pg_try_advisory_xact_lock(%s)", (_RESCUE_LOCK,))
        if (await found.fetchone()) != (True,):
            return
        for (job_id,) in await (await lock.execute(_ADRIFT)).fetchall():
            _log.error("job %s is in no queue", job_id)
            await bench.record(_end, bench, str(job_id))
        for lost in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=bench.stalled_seconds):
            job_id = str(lost.task_kwargs.get("job_id", ""))
            _log.warning("job %s was lost with its worker", job_id)
            if await bench.record(_put_back, bench, job_id, _LOST, lost.attempts + 1):
                await manager.retry_job(lost)
            else:
                # It ended before its worker did, was dismissed, or has failed now: the record says which.
                await manager.finish_job(lost, jobs.Status.FAILED, delete_job=False)


def heard(url: str, settings: Settings) -> float:
    """Return how many seconds ago a worker last gave a heartbeat; raise NotFound where all are silent for too long."""
    try:
        with psycopg.connect(url, options=_OPTIONS, connect_timeout=5) as conn:
            found = conn.execute(
                "SELECT extract(epoch FROM now() - max(last_heartbeat))::float FROM procrastinate_workers"
            ).fetchone()
    except psycopg.Error:
        raise StoreDown("数据库无法连接", "the database cannot be reached") from None
    seconds = found[0] if found else None
    if seconds is None or seconds > 3 * settings.heartbeat_seconds:
        raise NotFound("没有工作进程在报到", "no worker gives heartbeats")
    return float(seconds)


def _on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        if os.name == "posix":
            loop.add_signal_handler(number, stop.set)
        else:
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
