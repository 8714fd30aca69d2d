"""Put jobs into the queue in the database, from which workers take them (server mode)."""

from __future__ import annotations

from api.jobs import lifecycle
from api.jobs.print_options import PrintOptions
from api.jobs.queue_limits import require_room
from api.settings import Settings
from geo.errors import BadValue
from geo.storage.protocol import Store
from geo.storage.records import Caller, Job
from geo.studies.analyze_options import AnalyzeOptions
from geo.types import Run


class ServerJobs:
    """Jobs in the database.

    A trigger of the table ``jobs`` defers a new job to procrastinate's queue in the transaction that saves it, and
    requests the abort of a dismissed one (migration 0004): a job that a caller has seen is queued, whatever crashes.
    """

    sync = False

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def submit(self, options: AnalyzeOptions | PrintOptions, caller: Caller) -> Job:
        """Save a new job and return it; raise TooMany where the caller or the queue has too many."""
        options.checked()
        store = self._store.acting(caller)
        with store.transaction():
            require_room(store, self._settings)
            return lifecycle.accept(store, options, caller)

    def execute(self, options: AnalyzeOptions, caller: Caller) -> Run:  # noqa: ARG002
        """Raise BadValue: in server mode no request waits for an analysis."""
        raise BadValue("服务器上的分析只能排队进行", "in server mode an analysis is always a job")

    def get(self, job_id: str, caller: Caller) -> Job:
        """Return a job; raise NoSuchJob where the caller may not see one of that id."""
        return lifecycle.get(self._store.acting(caller), job_id)

    def list(self, caller: Caller, limit: int = 100) -> list[Job]:
        """Return the jobs that a caller may see, newest first."""
        return self._store.acting(caller).jobs(limit=limit)

    def dismiss(self, job_id: str, caller: Caller) -> Job:
        """Dismiss a job and return it; raise NoSuchJob where the caller may not see one of that id."""
        return lifecycle.dismiss(self._store.acting(caller), job_id)

    def start(self) -> None:
        """Do nothing: workers are separate processes."""

    def close(self) -> None:
        """Do nothing: workers are separate processes."""
