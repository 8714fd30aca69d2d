"""Work through jobs in one thread of this process: the desk's way."""

from __future__ import annotations

import logging
import queue
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from api.jobs import lifecycle
from api.jobs.execution import TEMPORARY, carry_out
from api.jobs.lifecycle import Attempt, Gone
from api.jobs.process_lock import Alone
from api.jobs.queue_limits import require_room
from api.settings import Settings
from geo.errors import GeoError, StoreBusy
from geo.storage.protocol import Store
from geo.storage.records import LOCAL, Caller, Job
from geo.studies.analyze_options import AnalyzeOptions
from geo.types import Run

_log = logging.getLogger("gridsight.jobs")

_ORPHANED = "服务在任务结束前停止了，请重新提交 / the service stopped before the job ended; submit it again"


class DeskJobs:
    """Keep the records in the workspace; what waits is in memory, and ends with the process."""

    sync = True

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._waiting: queue.Queue[str | None] = queue.Queue()
        self._lock = threading.Lock()
        # One analysis at a time: it takes every core, and the workspace has one writer.
        self.turn = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._mine: set[str] = set()
        self._alone = Alone(Path(f"{store.name}.jobs"))

    def submit(self, options: AnalyzeOptions, caller: Caller) -> Job:
        """Save a new job, put it into the queue and return it; raise TooMany where there are too many."""
        with self._lock:
            require_room(lifecycle.open_jobs(self._everyone()), caller, self._settings)
            job = self._accept(options, caller)
            self._waiting.put(job.id)
        return job

    def execute(self, options: AnalyzeOptions, caller: Caller) -> Run:
        """Analyse now and return the run; raise StoreBusy where another analysis is under way."""
        options.checked()
        if not self.turn.acquire(blocking=False):
            raise StoreBusy("另一个分析正在进行，稍后重试", "another analysis is running; try again shortly")
        try:
            return self._carry_out(self._accept(options, caller))
        except Gone:
            raise StoreBusy("分析已被撤销", "the analysis was dismissed") from None
        finally:
            self.turn.release()

    def get(self, job_id: str, caller: Caller) -> Job:
        """Return a job; raise NoSuchJob where there is none that the caller may see."""
        return lifecycle.get(self._store.acting(caller), job_id)

    def list(self, caller: Caller, limit: int = 100) -> list[Job]:
        """Return the jobs that a caller may see, newest first."""
        return self._store.acting(caller).jobs(limit=limit)

    def dismiss(self, job_id: str, caller: Caller) -> Job:
        """Dismiss a job: one that waits at once, one that runs at its next step."""
        return lifecycle.dismiss(self._store.acting(caller), job_id)

    def start(self) -> None:
        """Start the thread; mark as failed what a dead process left, unless another one works on this file."""
        if self._thread is not None:
            return
        try:
            left = {job.id for job in lifecycle.open_jobs(self._everyone())}
            if left and self._alone.take():
                self._end(left)
        except Exception:  # noqa: BLE001 (told in the log; see below)
            # Maps and answers need no jobs: the service starts, and the next start looks again.
            _log.exception("the jobs of an earlier process stay as they are")
        self._stopping.clear()
        self._thread = threading.Thread(target=self._work, name="gridsight-jobs", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop: the job under way ends at its next step as failed, and so does what waits."""
        if self._thread is None:
            return
        self._stopping.set()
        self._waiting.put(None)
        self._thread.join(self._settings.shutdown_seconds)
        self._thread = None
        if self._mine:
            with suppress(GeoError):
                self._end(self._mine)
        self._alone.release()

    def _work(self) -> None:
        while (job_id := self._waiting.get()) is not None and not self._stopping.is_set():
            with self.turn:
                try:
                    self._carry_out(self._everyone().job(job_id))
                except (Gone, GeoError) as error:
                    _log.info("job %s ended without a run: %s", job_id, error)
                except Exception:  # noqa: BLE001 (told in the record; the thread goes on with the next)
                    _log.exception("job %s", job_id)

    def _carry_out(self, job: Job) -> Run:
        store = self._store.acting(lifecycle.worker_named(job.owner))
        attempt = _Stoppable.begin(store, job.id)
        attempt.stopping = self._stopping
        try:
            return carry_out(attempt)
        except TEMPORARY as error:
            # A desk tries once: whoever asked is there to ask again.
            with suppress(Gone, *TEMPORARY):
                attempt.fail(str(error))
            raise
        finally:
            if not self._stopping.is_set():
                self._mine.discard(job.id)

    def _accept(self, options: AnalyzeOptions, caller: Caller) -> Job:
        self._alone.take()  # not before: a service that only answers leaves no file behind
        job = lifecycle.accept(self._store.acting(caller), options, caller)
        self._mine.add(job.id)
        return job

    def _end(self, ids: set[str]) -> None:
        """Mark those of these jobs that are still open as failed: nobody will work on them any more."""
        store = self._everyone()
        with store.transaction():
            for job in lifecycle.open_jobs(store):
                if job.id in ids:
                    moment = lifecycle.now()
                    store.save_job(replace(job, status="failed", message=_ORPHANED, finished=moment, updated=moment))

    def _everyone(self) -> Store:
        return self._store.acting(LOCAL)


class _Stoppable(Attempt):
    """Stop at the next step when the process is about to end."""

    stopping: threading.Event | None = None

    def advance(self, what: str, share: float) -> None:
        """Tell how far it is; raise Gone where the job is no longer this attempt's, or the process stops."""
        if self.stopping is not None and self.stopping.is_set():
            raise Gone
        super().advance(what, share)
