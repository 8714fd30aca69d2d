"""Test the executor: any number of workers, the same results in the same order."""

from __future__ import annotations

import threading

import pytest

from geo.parallel import Executor, core_count


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_results_come_in_the_order_of_the_items(workers: int) -> None:
    assert list(Executor(workers).map(lambda n: n * n, range(20))) == [n * n for n in range(20)]


def test_several_items_are_in_work_at_once() -> None:
    meet = threading.Barrier(2, timeout=10)
    assert len(list(Executor(2).map(lambda _: meet.wait(), range(2)))) == 2


def test_one_worker_runs_in_the_calling_thread() -> None:
    assert list(Executor(1).map(lambda _: threading.get_ident(), [0])) == [threading.get_ident()]


@pytest.mark.parametrize("workers", [1, 3])
def test_an_error_is_raised_where_the_results_are_read(workers: int) -> None:
    with pytest.raises(ZeroDivisionError):
        list(Executor(workers).map(lambda n: 1 // n, [1, 0, 2]))


def test_never_more_workers_than_items_nor_fewer_than_one() -> None:
    assert [Executor.of(8, items=items).workers for items in (0, 1, 3, 100)] == [1, 1, 3, 8]
    assert Executor.of(None, items=1_000).workers == core_count()
