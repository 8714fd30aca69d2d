"""Run analyses and prints as jobs: accepted, running with progress, successful, failed with a reason, dismissed.

In embedded mode one thread of this process runs them; in server mode ``gridsight worker`` does, through the database.
The record of a job and its changes of state are the same in both (``api.jobs.lifecycle``).
"""

from __future__ import annotations

from typing import Protocol

from api.jobs.embedded import EmbeddedJobs
from api.jobs.print_options import Draw, PrintOptions, cannot_draw
from api.jobs.queue import ServerJobs
from api.open_store import is_server_mode
from api.settings import Settings
from geo.storage.protocol import Store
from geo.storage.records import Caller, Job
from geo.studies.analyze_options import AnalyzeOptions
from geo.types import Run

__all__ = ["EmbeddedJobs", "Jobs", "ServerJobs", "make_jobs"]


class Jobs(Protocol):
    """Queue of analyses and prints."""

    #: Whether an analysis may be run within its request.
    sync: bool

    def submit(self, options: AnalyzeOptions | PrintOptions, caller: Caller) -> Job:
        """Return a new job, saved before this returns; raise TooMany where the caller or the queue has too many."""

    def execute(self, options: AnalyzeOptions, caller: Caller) -> Run:
        """Run an analysis and return its run; raise StoreBusy where another one is running."""

    def get(self, job_id: str, caller: Caller) -> Job:
        """Return a job; raise NoSuchJob where the caller may not see one of that id."""

    def list(self, caller: Caller, limit: int = 100) -> list[Job]:
        """Return the jobs that a caller may see, newest first."""

    def dismiss(self, job_id: str, caller: Caller) -> Job:
        """Dismiss a job and return it; raise NoSuchJob where the caller may not see one of that id."""

    def start(self) -> None:
        """Start running jobs; jobs left open by a dead process are marked failed."""

    def close(self) -> None:
        """Stop: in embedded mode the running job fails with that reason; in server mode workers continue."""


def make_jobs(store: Store, settings: Settings, draw: Draw = cannot_draw) -> Jobs:
    """Return the jobs of a store: embedded ones for a workspace, those of the queue for a database.

    ``draw`` draws the prints of embedded ones; workers have their own (``api.job_process``).
    """
    return ServerJobs(store, settings) if is_server_mode(store) else EmbeddedJobs(store, settings, draw)
