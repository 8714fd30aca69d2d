"""Give the heartbeats of a worker, and end its process where the database no longer shows them."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from procrastinate import exceptions
from procrastinate.connector import BaseAsyncConnector
from procrastinate.manager import JobManager

_log = logging.getLogger("gridsight.jobs")

#: Exit code of a worker that could not give its heartbeats; its service manager starts another.
EXIT_SILENT = 2
#: A database that restarts takes some seconds, however short the interval between heartbeats.
_LEAST_SECONDS = 10.0

_AGE = """
SELECT extract(epoch FROM clock_timestamp() - last_heartbeat)::float AS age FROM procrastinate_workers WHERE id = %(id)s
"""


class Heartbeats(JobManager):
    """Queue manager that gives a worker's heartbeats itself, from its registration until it has handed back its job.

    The queue's own side task gives none while a worker waits for its last job, and where it fails the worker may go on
    without it. What counts is what other workers read: a heartbeat is given when the database shows a recent one.

    Parameters
    ----------
    connector
        Of the queue.
    every
        Seconds between two heartbeats.
    stale
        After so many seconds without heartbeat other workers take over the job.
    """

    def __init__(self, connector: BaseAsyncConnector, *, every: float, stale: float) -> None:
        super().__init__(connector)
        self._every = every
        self._stale = stale
        self._worker_id: int | None = None
        self._seen = time.monotonic()

    async def register_worker(self) -> int:
        """Register a worker and return its id."""
        self._worker_id = await super().register_worker()
        self._seen = time.monotonic()
        return self._worker_id

    async def unregister_worker(self, worker_id: int) -> None:
        """Remove a worker that has ended."""
        self._worker_id = None
        await super().unregister_worker(worker_id)

    async def update_heartbeat(self, worker_id: int) -> None:
        """Do nothing for the queue's own side task: `give` does it."""

    async def give(self) -> None:
        """Give heartbeats until cancelled; one that fails is tried again."""
        while True:
            await asyncio.sleep(self._every)
            if self._worker_id is None:
                continue
            try:
                await super().update_heartbeat(self._worker_id)
                found = await self.connector.execute_query_one_async(_AGE, id=self._worker_id)
            except exceptions.NoResult:
                _log.warning("heartbeat: another worker has struck this one off the list")
            except (exceptions.ProcrastinateException, psycopg.Error, OSError) as error:
                _log.warning("heartbeat failed: %s", type(error).__name__)
            else:
                if found["age"] < self._stale:
                    self._seen = time.monotonic()

    @contextmanager
    def watched(self, end: Callable[[], None] | None = None) -> Iterator[None]:
        """Call `end` where heartbeats stay away during the context, by default to end the process at once.

        In a thread, so that a loop that hangs is seen too. Nothing is cleaned up: other workers have the job by then,
        and the child process ends with its standard input.
        """
        limit = max(self._stale, _LEAST_SECONDS)
        stopped = threading.Event()

        def watch() -> None:
            while not stopped.wait(min(1.0, self._every)):
                silent = time.monotonic() - self._seen
                if silent > limit:
                    _log.error("no heartbeat for %.0f s: this worker ends, to be started anew", silent)
                    (end or _end_process)()
                    return

        self._seen = time.monotonic()
        thread = threading.Thread(target=watch, name="gridsight-heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join()


def _end_process() -> None:
    sys.stderr.flush()
    os._exit(EXIT_SILENT)
