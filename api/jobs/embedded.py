"""Run jobs in one thread of this process (embedded mode)."""

from __future__ import annotations

import logging
import queue
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from api.jobs import lifecycle
from api.jobs.execution import RETRYABLE, execute_job
from api.jobs.lifecycle import Attempt, AttemptSuperseded
from api.jobs.print_options import Draw, PrintOptions, cannot_draw
from api.jobs.process_lock import ProcessLock
from api.jobs.queue_limits import require_room
from api.settings import Settings
from geo.errors import GeoError, StoreBusy
from geo.storage.protocol import Store
from geo.storage.records import LOCAL, Caller, Job
from geo.studies.analyze_options import AnalyzeOptions
from geo.types import Run

_log = logging.getLogger("gridsight.jobs")

_ORPHANED_REASON = "服务在任务结束前停止了，请重新提交 / the service stopped before the job ended; submit it again"


class EmbeddedJobs:
    """Jobs with their records in the workspace; the queue is in memory and ends with the process."""

    sync = True

    def __init__(self, store: Store, settings: Settings, draw: Draw = cannot_draw) -> None:
        self._draw = draw
        self._store = store
        self._settings = settings
        self._waiting: queue.Queue[str | None] = queue.Queue()
        # One analysis at a time: it uses every core, and the workspace has one writer.
        self.running = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._open_ids: set[str] = set()
        self._process_lock = ProcessLock(Path(f"{store.name}.jobs"))

    def submit(self, options: AnalyzeOptions | PrintOptions, caller: Caller) -> Job:
        """Save a new job, enqueue it and return it; raise TooMany where the caller or the queue has too many."""
        options.checked()
        store = self._store.acting(caller)
        with store.transaction():
            require_room(store, self._settings)
            job = self._accept(options, caller)
        self._waiting.put(job.id)
        return job

    def execute(self, options: AnalyzeOptions, caller: Caller) -> Run:
        """Run an analysis and return its run; raise StoreBusy where another one is running."""
        options.checked()
        if not self.running.acquire(blocking=False):
            raise StoreBusy("另一个任务正在进行，稍后重试", "another job is running; try again shortly")
        try:
            run = self._run_job(self._accept(options, caller))
        except AttemptSuperseded:
            raise StoreBusy("分析已被撤销", "the analysis was dismissed") from None
        finally:
            self.running.release()
        if run is None:
            raise StoreBusy("分析没有结果", "the analysis has no result")
        return run

    def get(self, job_id: str, caller: Caller) -> Job:
        """Return a job; raise NoSuchJob where the caller may not see one of that id."""
        return lifecycle.get(self._store.acting(caller), job_id)

    def list(self, caller: Caller, limit: int = 100) -> list[Job]:
        """Return the jobs that a caller may see, newest first."""
        return self._store.acting(caller).jobs(limit=limit)

    def dismiss(self, job_id: str, caller: Caller) -> Job:
        """Dismiss a job: a waiting one at once, a running one at its next step."""
        return lifecycle.dismiss(self._store.acting(caller), job_id)

    def start(self) -> None:
        """Start the thread; fail jobs left open by a dead process, unless another process uses this workspace."""
        if self._thread is not None:
            return
        try:
            left = {job.id for job in lifecycle.open_jobs(self._store_of_all_jobs())}
            if left and self._process_lock.acquire():
                self._fail_open_jobs(left)
            lifecycle.delete_old_files(self._store_of_all_jobs())
        except Exception:  # noqa: BLE001 (logged; see below)
            # Maps and lookups need no jobs: the service starts, and its next start tries again.
            _log.exception("cannot mark jobs of an earlier process as failed")
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run_queue, name="gridsight-jobs", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop: the running job fails at its next step, and waiting ones fail too."""
        if self._thread is None:
            return
        self._stopping.set()
        self._waiting.put(None)
        self._thread.join(self._settings.shutdown_seconds)
        self._thread = None
        if self._open_ids:
            with suppress(GeoError):
                self._fail_open_jobs(self._open_ids)
        self._process_lock.release()

    def _run_queue(self) -> None:
        while (job_id := self._waiting.get()) is not None and not self._stopping.is_set():
            with self.running:
                try:
                    self._run_job(self._store_of_all_jobs().job(job_id))
                except (AttemptSuperseded, GeoError) as error:
                    _log.info("job %s ended without a run: %s", job_id, type(error).__name__)
                except Exception:  # noqa: BLE001 (stored in the record; the thread continues with the next job)
                    _log.exception("job %s failed unexpectedly", job_id)

    def _run_job(self, job: Job) -> Run | None:
        store = self._store.acting(lifecycle.worker_of(job))
        attempt = _StoppableAttempt.begin(store, job.id)
        attempt.stopping = self._stopping
        try:
            return execute_job(attempt, self._draw)
        except RETRYABLE as error:
            # Embedded mode runs a job once; the user can start it again.
            with suppress(AttemptSuperseded, *RETRYABLE):
                attempt.fail(str(error))
            raise
        finally:
            if not self._stopping.is_set():
                self._open_ids.discard(job.id)

    def _accept(self, options: AnalyzeOptions | PrintOptions, caller: Caller) -> Job:
        self._process_lock.acquire()  # the lock file is created only when the first job is submitted
        job = lifecycle.accept(self._store.acting(caller), options, caller)
        self._open_ids.add(job.id)
        return job

    def _fail_open_jobs(self, ids: set[str]) -> None:
        """Mark those of these jobs that are still open as failed."""
        store = self._store_of_all_jobs()
        with store.transaction():
            for job in lifecycle.open_jobs(store):
                if job.id in ids:
                    moment = lifecycle.now()
                    failed = replace(job, status="failed", message=_ORPHANED_REASON, finished=moment, updated=moment)
                    store.save_job(failed)

    def _store_of_all_jobs(self) -> Store:
        return self._store.acting(LOCAL)


class _StoppableAttempt(Attempt):
    """Attempt that stops at its next step when the process is about to end."""

    stopping: threading.Event | None = None

    def report_progress(self, what: str, share: float) -> None:
        """Record progress; raise AttemptSuperseded where the attempt is not current, or the process is stopping."""
        if self.stopping is not None and self.stopping.is_set():
            raise AttemptSuperseded
        super().report_progress(what, share)
