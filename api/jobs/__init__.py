"""Run analyses as jobs: accepted, running with progress, successful, failed with a reason, dismissed.

At the desk one thread of this process works through them; at the office ``gridsight worker`` does, by way of the
database. The record of a job is the same in both, and so is what may become of it (``records``).
"""

from __future__ import annotations

from typing import Protocol

from api.jobs.embedded import DeskJobs
from api.jobs.queue import ServerJobs
from api.settings import Settings
from geo.storage.protocol import Store
from geo.storage.records import Caller, Job
from geo.studies.analyze_options import AnalyzeOptions
from geo.types import Run

__all__ = ["DeskJobs", "Jobs", "ServerJobs", "is_office", "make_jobs"]


class Jobs(Protocol):
    """Take analyses and tell what became of them."""

    #: Whether an analysis may be waited for in its request.
    sync: bool

    def submit(self, options: AnalyzeOptions, caller: Caller) -> Job:
        """Return a new job, saved before this returns; raise TooMany where the caller or the queue has too many."""

    def execute(self, options: AnalyzeOptions, caller: Caller) -> Run:
        """Analyse now and return the run; raise StoreBusy where another analysis is under way."""

    def get(self, job_id: str, caller: Caller) -> Job:
        """Return a job; raise NoSuchJob where there is none that the caller may see."""

    def list(self, caller: Caller, limit: int = 100) -> list[Job]:
        """Return the jobs that a caller may see, newest first."""

    def dismiss(self, job_id: str, caller: Caller) -> Job:
        """Dismiss a job and return it; raise NoSuchJob where there is none that the caller may see."""

    def start(self) -> None:
        """Begin to work; what a process that died left behind is marked failed."""

    def close(self) -> None:
        """Stop working: a desk's job under way ends as failed, with that reason; an office's goes on in its worker."""


def is_office(store: Store) -> bool:
    """Return whether a store is the office's database, where workers of their own take the jobs."""
    return store.name.startswith(("postgresql://", "postgres://"))


def make_jobs(store: Store, settings: Settings) -> Jobs:
    """Return the jobs of a store: those of the desk for a workspace, those of the office for a database."""
    return ServerJobs(store, settings) if is_office(store) else DeskJobs(store, settings)
