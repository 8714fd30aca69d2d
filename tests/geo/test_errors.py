"""See that an error reaches another process whole: pools pickle what their workers raise."""

from __future__ import annotations

import copy
import pickle

import pytest

from geo import errors
from geo.errors import GeoError, RowFault

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, GeoError)]
ROWS = [RowFault("cameras.csv", "7", "hfov", "不是数字 / not a number", "wide")]


class Delayed(GeoError):
    """An error with an argument of its own, as the limit of requests has it."""

    def __init__(self, zh: str, en: str, *, seconds: int) -> None:
        super().__init__(zh, en, rows=ROWS)
        self.seconds = seconds


def same(error: GeoError, again: GeoError) -> bool:
    return (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_error_survives_pickle(kind: type[GeoError], protocol: int) -> None:
    error = kind("没有坐标系", "no CRS", rows=ROWS)
    assert same(error, pickle.loads(pickle.dumps(error, protocol)))


def test_an_error_with_more_arguments_survives_too() -> None:
    error = Delayed("稍后", "later", seconds=3)
    assert same(error, pickle.loads(pickle.dumps(error)))
    assert same(error, copy.deepcopy(error))
