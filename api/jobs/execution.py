"""Carry out one attempt at a job: compute, tell progress, save the run or the reason why there is none."""

from __future__ import annotations

import logging
from contextlib import suppress

from api.jobs.lifecycle import Attempt, Gone, options_of
from geo.errors import GeoError, StoreBusy, StoreDown
from geo.studies.analysis import SAVING_STEP, compute_run
from geo.types import Run

_log = logging.getLogger("gridsight.jobs")

#: What may go away by itself: the job is tried again. Whatever else fails would fail again.
TEMPORARY = (StoreBusy, StoreDown)


def carry_out(attempt: Attempt) -> Run:
    """Compute and save the run of an attempt's job.

    Raises
    ------
    Gone
        The job was dismissed or taken over meanwhile; nothing was saved.
    StoreBusy, StoreDown
        The store went away: the job stays as it is, for whoever holds the queue to try again.
    GeoError
        It cannot be done; the job has failed with that reason.
    """
    try:
        run = compute_run(
            attempt.store, options_of(attempt.job), actor=attempt.job.owner, progress=_telling(attempt)
        )  # fmt: skip
        attempt.advance(SAVING_STEP, 0.95)
        attempt.succeed(run)
    except (Gone, *TEMPORARY):
        raise
    except GeoError as error:
        attempt.fail(str(error))
        raise
    except Exception as error:
        _log.exception("job %s failed", attempt.job.id)
        attempt.fail(unexpected(error))
        raise
    _log.info("job %s made the run %s", attempt.job.id, run.id)
    return run


def unexpected(error: BaseException) -> str:
    """Return the sentence for an error that no rule foresees: its kind, never its text."""
    kind = type(error).__name__
    return f"未预料的错误（{kind}），详见服务日志 / an unexpected error ({kind}); the log of the service has more"


def _telling(attempt: Attempt):  # noqa: ANN202 (a Progress)
    def told(what: str, share: float) -> None:
        # Somebody else may be writing just now; a step not told is no reason to stop.
        with suppress(StoreBusy):
            attempt.advance(what, share)

    return told
