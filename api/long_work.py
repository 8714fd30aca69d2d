"""Bound requests that compute for seconds: a few at a time, a few that wait, and a process of its own that can end.

Without bounds some dozen would hold every thread of the service, and one that does not end would hold one for good.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from api.problems import TooMany
from geo.errors import BadValue, GeoError

_Result = TypeVar("_Result")


class Turns:
    """So many requests compute at a time, so many wait for their turn; the others are told to try again.

    Examples
    --------
    >>> turns = Turns(1, waiting=0, seconds=1.0, busy=("稍后重试", "try again shortly"))
    >>> with turns.turn():
    ...     try:
    ...         with turns.turn():
    ...             pass
    ...     except TooMany as error:
    ...         print(error.en)
    try again shortly
    """

    def __init__(self, most: int, *, waiting: int, seconds: float, busy: tuple[str, str]) -> None:
        self._seconds, self._busy = seconds, busy
        self._places = threading.BoundedSemaphore(most + waiting)
        self._turns = threading.BoundedSemaphore(most)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and have it during the context; raise TooMany where too many wait, or it takes too long."""
        if not self._places.acquire(blocking=False):
            raise TooMany(*self._busy)
        try:
            if not self._turns.acquire(timeout=self._seconds):
                raise TooMany(*self._busy)
            try:
                yield
            finally:
                self._turns.release()
        finally:
            self._places.release()


#: Of answers that take seconds of a county: rates, unknown values, reach, patrols.
LONG_ANSWERS = Turns(
    2, waiting=6, seconds=20.0, busy=("正在计算其他请求，稍后重试", "other answers are computed; try again shortly")
)


def in_process(work: Callable[..., _Result], *values: Any, seconds: float, too_long: tuple[str, str]) -> _Result:
    """Return what a function makes of values, computed in a process of its own that is ended after so many seconds.

    Parameters
    ----------
    work
        A function of a module; values and result are pickled.
    too_long
        What is said, in Chinese and English, where it takes longer or breaks off, as without memory.

    Raises
    ------
    GeoError
        What the function raises; BadValue where it takes longer or breaks off.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_send, args=(sender, work, values), daemon=True)
    child.start()
    sender.close()
    try:
        found = receiver.recv() if receiver.poll(seconds) else None
    except EOFError:  # it broke off
        found = None
    finally:
        child.kill()
        child.join()
        receiver.close()
    if found is None:
        raise BadValue(*too_long)
    is_error, result = found
    if is_error:
        raise result
    return result


def _send(sender: Connection, work: Callable[..., Any], values: tuple[Any, ...]) -> None:
    """Compute in the other process, and send the result or the error."""
    try:
        sender.send((False, work(*values)))
    except GeoError as error:
        sender.send((True, error))
