"""Work on one job in a separate process, started by a worker: ``python -m api.jobs.child_process``, fed by stdin.

The first line is what to do, as JSON; stdin then stays open. When it closes, the worker has died, and this process
ends at once: the job is another worker's by then.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading

from api.jobs.execution import TEMPORARY, carry_out
from api.jobs.lifecycle import Attempt, Gone, worker_named
from api.logs import configure
from api.settings import Settings
from api.telemetry import make_traces
from geo.errors import GeoError

#: Exit codes: the record tells the end of the job; the store went away; the worker did.
TOLD, AGAIN, ORPHANED = 0, 75, 3

#: Saving a county's run copies some hundred thousand rows in one statement.
_STATEMENT_SECONDS = 3600.0


def main() -> int:
    """Carry out the job that stdin names and return an exit code."""
    for name in ("SIGTERM", "SIGINT"):
        # A service manager tells every process of the service to stop; what becomes of a job, the worker decides.
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    told = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_watch, daemon=True).start()
    settings = Settings.read()
    configure(settings)
    traces = make_traces(settings, "gridsight-worker")
    from geo.storage.postgis.store import open_database  # noqa: PLC0415 (the desk has no such packages)

    try:
        store = open_database(
            told["url"], caller=worker_named(told["owner"]), pool_size=2, statement_seconds=_STATEMENT_SECONDS
        )
        try:
            with traces.span("gridsight.analyze", job=told["job"]):
                carry_out(Attempt.begin(store, told["job"]))
        finally:
            store.close()
            traces.close()
    except TEMPORARY as error:
        logging.getLogger("gridsight.jobs").warning("job %s: %s", told["job"], error)
        return AGAIN
    except (Gone, GeoError):
        return TOLD
    return TOLD


def _watch() -> None:
    """End the process when stdin closes."""
    while sys.stdin.buffer.read(1):
        pass
    os._exit(ORPHANED)


if __name__ == "__main__":
    sys.exit(main())
