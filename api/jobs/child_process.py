"""Run one job in a separate process, started by a worker as ``python -m api.job_process``, controlled by stdin.

The first line is the instruction, as JSON; stdin then stays open. When it closes, the worker has died, and this process
exits at once: the job is assigned to another worker.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable

from api.jobs.execution import RETRYABLE, execute_job
from api.jobs.lifecycle import Attempt, AttemptSuperseded, worker_caller
from api.jobs.print_options import Draw
from api.logs import configure
from api.settings import Settings
from api.telemetry import make_tracing
from geo.errors import GeoError

#: Exit codes: the outcome is in the job's record; the store was lost, so retry; the worker was lost.
EXIT_RECORDED, EXIT_RETRY, EXIT_ORPHANED = 0, 75, 3

#: Timeout in seconds; saving a county's run copies some hundred thousand rows in one statement.
_STATEMENT_SECONDS = 3600.0


def main(make_draw: Callable[[Settings], Draw]) -> int:
    """Run the job in the instruction on stdin and return an exit code; ``make_draw`` gives what draws prints."""
    for name in ("SIGTERM", "SIGINT"):
        # A service manager signals every process of the service; the worker decides what happens to the job.
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    instruction = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_exit_when_stdin_closes, daemon=True).start()
    settings = Settings.read()
    configure(settings)
    tracing = make_tracing(settings, "gridsight-worker")
    from geo.storage.postgis.store import open_database  # noqa: PLC0415 (not installed in embedded mode)

    try:
        store = open_database(
            instruction["url"],
            caller=worker_caller(instruction["owner"], instruction["key"]),
            pool_size=2,
            statement_seconds=_STATEMENT_SECONDS,
        )
        try:
            with tracing.span(f"gridsight.{instruction['process']}", job=instruction["job"]):
                execute_job(Attempt.begin(store, instruction["job"]), make_draw(settings))
        finally:
            store.close()
            tracing.close()
    except RETRYABLE as error:
        logging.getLogger("gridsight.jobs").warning(
            "job %s: store unavailable: %s (%s)", instruction["job"], error, error.for_operator
        )
        return EXIT_RETRY
    except (AttemptSuperseded, GeoError):
        return EXIT_RECORDED
    return EXIT_RECORDED


def _exit_when_stdin_closes() -> None:
    """Exit when stdin closes: the worker has died.

    Read without Python's buffer: a thread that waits within it holds its lock, and the interpreter, which closes the
    buffer at its end, aborts.
    """
    while os.read(0, 1):
        pass
    os._exit(EXIT_ORPHANED)
