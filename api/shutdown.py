"""End a service in order: SIGTERM lets what is under way end, closes what is open, and leaves with 0."""

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


class _Told(SystemExit):
    """SIGTERM has come: unwind, closing all that is open, and leave with 0."""


@contextmanager
def in_order() -> Iterator[None]:
    """Let SIGTERM unwind the block and end the process with 0.

    Without it SIGTERM would kill where it stands, and the server, which takes the signal itself to finish its requests
    and then raises it anew, would never come to close the store.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _unwind)
    try:
        yield
    except _Told:
        _leave_threads()
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _unwind(_number: int, _frame: FrameType | None) -> None:
    raise _Told(0)


def _leave_threads() -> None:
    """Leave at once where a thread is still at work: its time is over, and the interpreter would wait for it."""
    own = threading.current_thread()
    busy = [one for one in threading.enumerate() if one is not own and one.is_alive() and not one.daemon]
    if not busy:
        return
    for one in busy:
        one.join(timeout=0.5 / len(busy))
    if not any(one.is_alive() for one in busy):
        return
    _log.warning("stopped with %d requests still under way", sum(one.is_alive() for one in busy))
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)
