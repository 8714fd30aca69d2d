"""Execute one attempt at a job: compute, report progress, save the run or the reason of the failure."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress

from api.jobs.lifecycle import Attempt, AttemptSuperseded, options_of
from api.logs import words_of
from geo.errors import GeoError, StoreBusy, StoreDown
from geo.studies.analysis import SAVING_STEP, compute_run
from geo.types import Run

_log = logging.getLogger("gridsight.jobs")

#: Transient errors: the job is retried. Other errors would occur again.
RETRYABLE = (StoreBusy, StoreDown)


def execute_job(attempt: Attempt) -> Run:
    """Compute and save the run of an attempt's job.

    Raises
    ------
    AttemptSuperseded
        The job was dismissed or taken over meanwhile; nothing is saved.
    StoreBusy, StoreDown
        The store is unavailable: the job is unchanged, to be retried.
    GeoError
        The analysis is impossible; the job has failed with that reason.
    """
    try:
        run = compute_run(
            attempt.store,
            options_of(attempt.job),
            actor=attempt.job.owner,
            progress=_progress_callback(attempt),
        )
        attempt.report_progress(SAVING_STEP, 0.95)
        attempt.succeed(run)
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
    _log.info("job %s saved run %s", attempt.job.id, run.id)
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
