"""Run queued jobs: one analysis or print at a time, each in a child process, so that heartbeats continue.

Other workers detect a dead worker by its missing heartbeats; its job is requeued until its attempts are used up, and
then fails with that reason. Nothing is lost when a process is killed between two steps, as queue and records are rows
of one database; nothing is saved twice, as only the newest attempt at a job may save.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import time
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
from api.jobs.execution import RETRYABLE
from api.jobs.heartbeat import Heartbeats
from api.jobs.lifecycle import Attempt, AttemptSuperseded
from api.settings import Settings
from geo.errors import GeoError, NotFound, StoreDown
from geo.storage.protocol import Store
from geo.storage.records import Job

_log = logging.getLogger("gridsight.jobs")

QUEUE = "analyses"
#: Tasks by name, one for each process of the jobs (migration 0004).
TASKS = ("gridsight.analyze", "gridsight.print")
#: Seconds after which a worker looks again for files of prints that are kept no longer.
_FILES_SECONDS = 3600.0
# Connections of the queue keep the worker's role: their pool is not shared with requests.
_OPTIONS = "-c role=gridsight_worker -c search_path=gridsight,public"
#: Advisory lock of the database: one worker at a time recovers lost jobs.
_RECOVERY_LOCK = 0x67726A62
#: Open jobs without a queue entry; this should not happen.
_UNQUEUED = """
SELECT jobs.id FROM jobs LEFT JOIN procrastinate_jobs queued ON queued.id = jobs.queue_id
WHERE jobs.status IN ('accepted', 'running') AND (queued.id IS NULL OR queued.status NOT IN ('todo', 'doing'))
"""
_UNQUEUED_REASON = "任务已不在队列中，请重新提交 / the job is in no queue any more; submit it again"
_LOST_REASON = "工作进程中断，任务将重新开始 / the worker was lost; the job begins again"
_REQUEUED_REASON = "工作进程停止，任务已交还队列 / the worker stops; the job is back in the queue"
_STORE_LOST_REASON = "数据库暂时不可用，任务将重新开始 / the database went away; the job begins again"
_MAX_ATTEMPTS_REASON = (
    "任务已中断 {n} 次，不再重试（内存可能不足） / "
    "the job was cut off {n} times and is not tried again (out of memory?)"
)


class RetryJob(Exception):
    """The job is to be requeued, to start after some seconds."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class _RetryOnRequeue(BaseRetryStrategy):
    """Retry only on RetryJob; every other outcome is in the job's record."""

    def get_retry_decision(self, *, exception: BaseException, job: jobs.Job) -> RetryDecision | None:  # noqa: ARG002
        """Return when the job is retried, None for never."""
        return RetryDecision(retry_in={"seconds": int(exception.seconds)}) if isinstance(exception, RetryJob) else None


@dataclass(frozen=True)
class WorkerContext:
    """Resources of a worker: the queue, the store in the worker's role, the settings, the database URL, the heartbeats.

    The heartbeats are the queue's own manager.
    """

    app: procrastinate.App
    store: Store
    settings: Settings
    url: str
    beats: Heartbeats

    @property
    def stalled_seconds(self) -> float:
        """Return after how many seconds without heartbeat a worker counts as dead."""
        return 3 * self.settings.heartbeat_seconds

    async def in_thread(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function that uses the store in a thread."""
        return await asyncio.to_thread(function, *arguments)


def make_worker_context(url: str, store: Store, settings: Settings) -> WorkerContext:
    """Return the context of a worker on a database; ``store`` acts in the worker's role."""
    connector = procrastinate.PsycopgConnector(
        conninfo=url, min_size=1, max_size=4, timeout=10.0,
        kwargs={"options": _OPTIONS, "application_name": "gridsight worker"},
    )  # fmt: skip
    app = procrastinate.App(connector=connector)
    beats = Heartbeats(connector, every=settings.heartbeat_seconds, stale=3 * settings.heartbeat_seconds)
    app.job_manager = beats
    resources = WorkerContext(app, store, settings, url, beats)

    async def run(context: JobContext, job_id: str) -> None:
        await _supervise(resources, context, job_id)

    for name in TASKS:
        app.task(name=name, queue=QUEUE, pass_context=True, retry=_RetryOnRequeue())(run)

    return resources


async def run_worker(resources: WorkerContext, *, ready: Callable[[], None]) -> None:
    """Run queued jobs until SIGTERM or SIGINT; the running job has ``shutdown_seconds`` to end, then is requeued.

    A worker that cannot give its heartbeats ends with an error (``Heartbeats.watched``).
    """
    stop = asyncio.Event()
    _on_signals(stop)
    beating = asyncio.create_task(resources.beats.give())
    try:
        with resources.beats.watched():
            await _run_and_reconnect(stop, resources, ready)
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


async def _run_and_reconnect(stop: asyncio.Event, resources: WorkerContext, ready: Callable[[], None]) -> None:
    announced = False
    while not stop.is_set():
        try:
            async with resources.app.open_async():
                if not announced:
                    ready()
                    announced = True
                await _run_until_stopped(stop, resources)
        except (exceptions.ProcrastinateException, psycopg.Error, OSError, GeoError) as error:
            _log.warning("queue unreachable (%s); retrying", type(error).__name__)
        if not stop.is_set():
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), 2.0)


async def _run_until_stopped(stop: asyncio.Event, resources: WorkerContext) -> None:
    """Run jobs until a stop is requested, or until the worker ends because the database is unavailable."""
    beat = resources.settings.heartbeat_seconds
    worker = asyncio.create_task(
        resources.app.run_worker_async(
            queues=[QUEUE], concurrency=1, install_signal_handlers=False,
            stalled_worker_timeout=resources.stalled_seconds, fetch_job_polling_interval=min(5.0, beat),
            abort_job_polling_interval=min(5.0, beat), shutdown_graceful_timeout=resources.settings.shutdown_seconds,
        )
    )  # fmt: skip
    recovery = asyncio.create_task(_recover_periodically(resources))
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({worker, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        recovery.cancel()
        stopped.cancel()
        worker.cancel()  # requests a graceful stop
        with suppress(asyncio.CancelledError):
            await recovery
        with suppress(asyncio.CancelledError):
            await worker


async def _supervise(resources: WorkerContext, context: JobContext, job_id: str) -> None:
    """Run a job in a child process; when it ends without recording the outcome, or is cancelled, update the record."""
    attempts = (context.job.attempts or 0) + 1
    try:
        try:
            job = await resources.in_thread(resources.store.job, job_id)
        except NotFound:
            return
        if job.status in lifecycle.ENDED:
            return
        code = await _run_child(resources, job)
        if code != child_process.EXIT_RECORDED:
            _log.warning("job %s: child process exited with code %s", job_id, code)
            store_lost = code == child_process.EXIT_RETRY
            if await resources.in_thread(
                _requeue_job, resources, job_id, _STORE_LOST_REASON if store_lost else _LOST_REASON, attempts
            ):
                raise RetryJob(5.0 if store_lost else 0.0)
    except asyncio.CancelledError:
        if context.abort_reason() is AbortReason.USER_REQUEST:
            raise exceptions.JobAborted from None
        with suppress(*RETRYABLE):
            await resources.in_thread(_requeue_job, resources, job_id, _REQUEUED_REASON)
        raise RetryJob from None
    except RETRYABLE:
        # The record is unchanged; the next attempt finds the outcome.
        raise RetryJob(5.0) from None


async def _run_child(resources: WorkerContext, job: Job) -> int:
    """Run a job in a child process and return its exit code; on cancellation kill the child."""
    process = None
    try:
        process = await _start(resources, job)
        return await process.wait()
    except OSError:
        _log.exception("job %s: cannot start child process", job.id)
        return -1
    finally:
        if process is not None:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
            if process.stdin is not None:
                process.stdin.close()


async def _start(resources: WorkerContext, job: Job) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api.job_process", stdin=asyncio.subprocess.PIPE, stdout=sys.stderr
    )
    instruction = {
        "job": job.id,
        "process": job.process,
        "owner": job.owner,
        "key": lifecycle.worker_of(job).key,
        "url": resources.url,
    }
    assert process.stdin is not None  # noqa: S101 (requested above)
    process.stdin.write(json.dumps(instruction).encode() + b"\n")
    with suppress(ConnectionError):  # the child has already exited; its exit code is used
        await process.stdin.drain()
    return process


def _requeue_job(resources: WorkerContext, job_id: str, reason: str, attempts: int = 0) -> bool:
    """Record that a job waits again, or fails after too many attempts; return whether it waits."""
    with suppress(AttemptSuperseded, NotFound):
        attempt = Attempt(resources.store, resources.store.job(job_id))
        times = max(attempt.job.attempts, attempts)
        if times >= resources.settings.job_attempts:
            attempt.fail(_MAX_ATTEMPTS_REASON.format(n=times))
            return False
        attempt.requeue(reason)
        return True
    return False


def _fail_unqueued(resources: WorkerContext, job_id: str) -> None:
    with suppress(AttemptSuperseded, NotFound):
        Attempt(resources.store, resources.store.job(job_id)).fail(_UNQUEUED_REASON)


async def _recover_periodically(resources: WorkerContext) -> None:
    looked = -_FILES_SECONDS
    while True:
        try:
            await recover_lost_jobs(resources)
            if time.monotonic() - looked >= _FILES_SECONDS:
                await resources.in_thread(lifecycle.delete_old_files, resources.store)
                looked = time.monotonic()
        except (exceptions.ProcrastinateException, psycopg.Error, GeoError) as error:
            _log.warning("recovery of lost jobs failed: %s", type(error).__name__)
        await asyncio.sleep(resources.settings.heartbeat_seconds)


async def recover_lost_jobs(resources: WorkerContext) -> None:
    """Requeue the jobs of dead workers, or fail them after too many attempts."""
    manager = resources.app.job_manager
    async with await psycopg.AsyncConnection.connect(resources.url, options=_OPTIONS) as lock:
        found = await lock.execute("SELECT pg_try_advisory_xact_lock(%s)", (_RECOVERY_LOCK,))
        if (await found.fetchone()) != (True,):
            return
        for (job_id,) in await (await lock.execute(_UNQUEUED)).fetchall():
            _log.error("job %s has no queue entry; marked failed", job_id)
            await resources.in_thread(_fail_unqueued, resources, str(job_id))
        for lost in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=resources.stalled_seconds):
            job_id = str(lost.task_kwargs.get("job_id", ""))
            _log.warning("job %s: worker lost; requeued or failed", job_id)
            if await resources.in_thread(_requeue_job, resources, job_id, _LOST_REASON, lost.attempts + 1):
                await manager.retry_job(lost)
            else:
                # It ended before its worker was lost, was dismissed, or has failed now: see its record.
                await manager.finish_job(lost, jobs.Status.FAILED, delete_job=False)


def seconds_since_heartbeat(url: str, settings: Settings) -> float:
    """Return the seconds since the last heartbeat of any worker; raise NotFound where none is recent."""
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
