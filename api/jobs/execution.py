"""Execute one attempt at a job: compute or draw, report progress, save the result or the reason of the failure."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress

from api.jobs.lifecycle import Attempt, AttemptSuperseded, options_of
from api.jobs.print_options import PRINT, Draw, cannot_draw
from api.logs import words_of
from geo.errors import GeoError, StoreBusy, StoreDown
from geo.studies.analysis import SAVING_STEP, compute_run
from geo.types import Run

_log = logging.getLogger("gridsight.jobs")

#: Transient errors: the job is retried. Other errors would occur again.
RETRYABLE = (StoreBusy, StoreDown)


def execute_job(attempt: Attempt, draw: Draw = cannot_draw) -> Run | None:
    """Compute and save the run of an attempt's job and return it; draw and save the file of a print.

    Parameters
    ----------
    draw
        Draws prints.

    Raises
    ------
    AttemptSuperseded
        The job was dismissed or taken over meanwhile; nothing is saved.
    StoreBusy, StoreDown
        The store is unavailable: the job is unchanged, to be retried.
    GeoError
        What is asked for is impossible; the job has failed with that reason.
    """
    run = None
    try:
        if attempt.job.process == PRINT:
            attempt.succeed_with(draw(attempt.store, attempt.job, _progress_callback(attempt)))
        else:
            run = _computed(attempt)
    except (AttemptSuperseded, *RETRYABLE):
        raise
    except GeoError as error:
        if error.for_operator:
            _log.warning("job %s: %s: %s", attempt.job.id, type(error).__name__, words_of(error))
        attempt.fail(str(error))
        raise
    except Exception as error:
        _log.exception("job %s failed", attempt.job.id)
        attempt.fail(unexpected_error_sentence(error))
        raise
    _log.info("job %s saved its result of run %s", attempt.job.id, attempt.job.run)
    return run


def _computed(attempt: Attempt) -> Run:
    """Compute the run of an analysis and save it."""
    run = compute_run(
        attempt.store,
        options_of(attempt.job),
        actor=attempt.job.owner,
        progress=_progress_callback(attempt),
    )
    attempt.report_progress(SAVING_STEP, 0.95)
    attempt.succeed(run)
    return run


def unexpected_error_sentence(error: BaseException) -> str:
    """Return the reason for an unexpected error: its type, never its message."""
    kind = type(error).__name__
    return f"未预料的错误（{kind}），详见服务日志 / an unexpected error ({kind}); the log of the service has more"


def _progress_callback(attempt: Attempt) -> Callable[[str, float], None]:
    def report(what: str, share: float) -> None:
        # The store may be busy; a missed progress update is not an error.
        with suppress(StoreBusy):
            attempt.report_progress(what, share)

    return report
