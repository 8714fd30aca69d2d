"""Test that answers that take seconds come a few at a time, and that work in a process of its own ends."""

from __future__ import annotations

import threading
import time
from operator import add

import pytest

from api.long_work import Turns, in_process
from api.problems import TooMany
from geo.crs_metric import metric_crs_for
from geo.errors import BadValue, GeoError

LATE = ("没有算完", "not made in time")


def test_so_many_compute_so_many_wait_and_the_others_are_told() -> None:
    turns = Turns(1, waiting=1, seconds=60.0, busy=("稍后", "later"))
    begun, may_end, waited = threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        with turns.turn():
            begun.set()
            may_end.wait(60)

    def wait() -> None:
        with turns.turn():
            waited.set()

    holder, waiter = threading.Thread(target=hold), threading.Thread(target=wait)
    holder.start()
    assert begun.wait(60)
    waiter.start()
    # Until the second one waits, this thread may wait in its place; told, it was third.
    deadline = time.monotonic() + 60
    while turns._places.acquire(blocking=False) and time.monotonic() < deadline:
        turns._places.release()
    with pytest.raises(TooMany, match="later"), turns.turn():
        pass
    assert not waited.is_set()
    may_end.set()
    assert waited.wait(60)
    holder.join(60)
    waiter.join(60)
    with turns.turn():  # all have left
        pass


def test_who_waits_too_long_is_told() -> None:
    turns = Turns(1, waiting=1, seconds=0.01, busy=("稍后", "later"))
    with turns.turn(), pytest.raises(TooMany), turns.turn():
        pass
    with turns.turn():
        pass


@pytest.mark.usefixtures("processes")
def test_work_in_a_process_of_its_own_returns_raises_and_ends() -> None:
    assert in_process(add, 2, 3, seconds=60.0, too_long=LATE) == 5
    with pytest.raises(GeoError):
        in_process(metric_crs_for, seconds=60.0, too_long=LATE)
    with pytest.raises(BadValue, match="not made in time"):
        in_process(time.sleep, 600.0, seconds=0.5, too_long=LATE)
    with pytest.raises(BadValue, match="not made in time"):  # it breaks off
        in_process(add, 2, None, seconds=60.0, too_long=LATE)
