"""Shut down gracefully: on SIGTERM finish running requests, close resources, exit with 0."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_log = logging.getLogger("gridsight")


class _SigtermReceived(SystemExit):
    """SIGTERM was received: unwind, closing resources, and exit with 0."""


@contextmanager
def graceful_shutdown() -> Iterator[None]:
    """Unwind the block on SIGTERM and exit with 0.

    Without this SIGTERM would kill the process at once: uvicorn handles the signal to finish its requests and then
    raises it again, before the store is closed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _unwind)
    try:
        yield
    except _SigtermReceived:
        _exit_without_threads()
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _unwind(_number: int, _frame: FrameType | None) -> None:
    raise _SigtermReceived(0)


def _exit_without_threads() -> None:
    """Exit at once where a thread is running: the grace period is over and the interpreter would wait for it."""
    current = threading.current_thread()
    busy = [one for one in threading.enumerate() if one is not current and one.is_alive() and not one.daemon]
    if not busy:
        return
    for one in busy:
        one.join(timeout=0.5 / len(busy))
    if not any(one.is_alive() for one in busy):
        return
    _log.warning("stopped with %d requests unfinished", sum(one.is_alive() for one in busy))
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(0)
