"""Weigh single parts of evidence, on figures that can be checked on paper."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.registers.evidence import WEIGHTS, Traits, plain_id, traits, weigh, with_score


def row(**values: object) -> Traits:
    return traits(pd.DataFrame({"id": ["x"], **{name: [value] for name, value in values.items()}}))


def parts(one: Traits, other: Traits, metres: float = 0.0, *, uses_ids: bool = False) -> pd.Series:
    at = np.array([0])
    return weigh(one, other, at, at, np.array([metres]), within=30.0, uses_ids=uses_ids).iloc[0]


@pytest.mark.parametrize(
    ("one", "other", "part", "expected"),
    [
        ({"azimuth": 90.0}, {"azimuth": 100.0}, "azimuth", 1.0),
        ({"azimuth": 350.0}, {"azimuth": 25.0}, "azimuth", 0.5),  # 35 degrees apart: 25 of the 50 beyond 10
        ({"azimuth": 0.0}, {"azimuth": 180.0}, "azimuth", 0.0),
        ({"azimuth": 180.0}, {"name": "车站由北向南"}, "azimuth", 1.0),
        ({"azimuth": 180.0}, {"name": "车站"}, "azimuth", math.nan),
        ({"name": "北街口东南角"}, {"name": "北街口东侧"}, "side", 0.5),
        ({"name": "北街口东南角"}, {"name": "北街口西北角"}, "side", 0.0),
        ({"name": "北街口东南角"}, {"name": "北街口"}, "side", math.nan),
        ({"name": "北街口1"}, {"name": "北街口2"}, "number", 0.0),
        ({"name": "北街口1"}, {"name": None}, "name", math.nan),
        ({"kind": "ptz"}, {"kind": "fixed"}, "kind", 0.0),
        ({"kind": "ptz"}, {"kind": None}, "kind", math.nan),
    ],
)
def test_a_part(one: dict[str, object], other: dict[str, object], part: str, expected: float) -> None:
    assert parts(row(**one), row(**other))[part] == pytest.approx(expected, nan_ok=True)


def test_the_score_is_the_sum_of_the_parts() -> None:
    """Place at half the distance (0), the same name (+2.5), opposite sides (-5), equal azimuths (+2); prior 0.8."""
    one, other = row(name="北街口东侧", azimuth=0.0), row(name="北街口西侧", azimuth=0.0)
    scored = with_score(pd.DataFrame([parts(one, other, 15.0)]), 0.8).iloc[0]
    assert scored["log_odds"] == pytest.approx(2.5 - 5 + 2 + math.log(0.8 / 0.2))
    assert scored["score"] == pytest.approx(1 / (1 + math.exp(0.5 - math.log(4))))


def test_more_rows_near_enough_make_each_less_likely() -> None:
    one, three = row(), traits(pd.DataFrame({"id": ["a", "b", "c"]}))
    found = weigh(one, three, np.zeros(3, int), np.arange(3), np.array([5.0, 6.0, 31.0]), within=30.0, uses_ids=False)
    assert found["crowd"].tolist() == [2, 2, 2], "the third is beyond"
    assert with_score(found, 0.5)["log_odds"][0] == pytest.approx(found["evidence"][0] - math.log(2))


def test_ids() -> None:
    one = traits(pd.DataFrame({"id": ["SX-007", "8", "9"]}))
    other = traits(pd.DataFrame({"id": ["A", "B", "C"], "other_ids": ["sx7; Z1", None, "8"]}))
    rows, others = np.array([0, 0, 1, 2, 2]), np.array([0, 1, 2, 1, 2])
    found = weigh(one, other, rows, others, np.zeros(5), within=30.0, uses_ids=True)["id"]
    assert found.tolist()[:3] == [1.0, 0.0, 1.0], "equal; another camera has this id; equal to another id"
    assert math.isnan(found[3]), "neither id is known to the other register"
    assert found[4] == 0.0, "C is known as 8, which is another row of the file"


@given(st.text(max_size=20))
def test_plain_ids_ignore_case_marks_and_leading_zeros(text: str) -> None:
    assert plain_id(text) == plain_id(f" {text}-")
    assert plain_id("007") == plain_id("7")
    assert plain_id("70") != plain_id("7")


def test_every_weight_speaks_for_equal_and_against_other() -> None:
    assert all(weight.against < 0 < weight.in_favour for weight in WEIGHTS.values())
