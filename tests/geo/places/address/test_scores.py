"""Scores are probabilities: at most 1 together, higher for what explains more, lower for what was guessed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.places.address import scores
from geo.places.address.address_options import Option
from geo.places.address.name_hits import Hit
from geo.places.address.readings import Piece, Reading
from geo.places.address.repair import Misspelling

_AGAINST = (Hit(0, 2, 2, "official", 2.0, [9]),)


def option(weight: float, *, cost: float = 0.0, contradicts: bool = False, method: str = "match") -> Option:
    """Return an option of one reading."""
    misspelt = (Misspelling(1, 0, 2, cost, "甲乙"),) if cost else ()
    reading = Reading(1, 1, weight, (), misspelt, _AGAINST if contradicts else (), (), "")
    return Option(reading, 1, 0, np.empty(0, np.int64), method, weight, 1.0, (), contradicts, ())


def test_two_that_explain_the_same_are_equally_likely() -> None:
    first, second = scores.probabilities([option(3.0), option(3.0)])
    assert first == second == pytest.approx(0.5, abs=0.005)


def test_a_third_of_a_character_more_multiplies_the_odds_by_e() -> None:
    first, second = scores.probabilities([option(3.35), option(3.0)])
    assert first / second == pytest.approx(math.e)


def test_what_was_guessed_is_trusted_less() -> None:
    exact, clean, like, wrong, against = (
        scores.probabilities([one])[0]
        for one in (
            option(3, method="exact"), option(3), option(3, cost=0.15), option(3, cost=1.0), option(3, contradicts=True)
        )
    )  # fmt: skip
    assert 1.0 == exact > clean > like > wrong > scores.ENOUGH > against
    alike = Option(None, 0, 0, np.array([1]), "match", 1.0, 0.5, (), True, ())
    assert clean > scores.probabilities([alike])[0] > against


def test_grids_that_are_not_listed_are_as_likely_as_those_that_are() -> None:
    """Of 24 grids of a township two are listed here: each has a chance of 1 in 24."""
    others = np.arange(2, 24)
    listed = [option(3.0)._replace(grid=grid, others=others) for grid in (0, 1)]
    assert scores.probabilities(listed) == pytest.approx([scores.probabilities([option(3.0)])[0] / 24] * 2)


def _of(place: int, weight: float, grid: int, others: Sequence[int] = ()) -> Option:
    """Return an option of the reading of a place."""
    reading = Reading(place, place, weight, (), (), (), (), "")
    nothing = np.empty(0, np.int64)
    return Option(reading, place, grid, nothing, "match", weight, 1.0, (), False, (), others=np.array(others, np.int64))


def test_a_place_of_many_grids_is_no_likelier_than_one_of_one() -> None:
    """Two places explain the same: the only grid of the one has a half, each of ten of the other a twentieth."""
    one, *ten = scores.probabilities([_of(1, 3.0, 0), *(_of(2, 3.0, grid) for grid in range(1, 11))])
    assert one == pytest.approx(0.5, abs=0.005)
    assert ten == pytest.approx([0.05] * 10, abs=0.005)
    one, first = scores.probabilities([_of(1, 3.0, 0), _of(2, 3.0, 1, range(2, 11))])
    assert (one, first) == pytest.approx((0.5, 0.05), abs=0.005)


def test_what_is_like_a_text_is_a_guess_within_its_best_reading() -> None:
    """Likeness shares the half of the first place with its grid, 1 : e², and leaves the other place its half."""
    alike = Option(None, 0, 5, np.array([0]), "match", 3.7, 0.8, (), True, ())
    first, other, like = scores.probabilities([_of(1, 3.0, 0), _of(2, 3.0, 1), alike])
    assert other == pytest.approx(0.5, abs=0.005)
    assert (first / 0.998, like / 0.95) == pytest.approx((0.5 / (1 + math.e**2), 0.5 - 0.5 / (1 + math.e**2)))


def test_no_option_has_no_probability() -> None:
    with pytest.raises(ValueError, match=r".+"):
        scores.probabilities([])


@given(
    st.lists(st.tuples(st.floats(-50, 300), st.sampled_from([0.0, 0.15, 1.0]), st.booleans()), min_size=1, max_size=12)
)
def test_the_sum_is_at_most_one_and_no_better_option_is_less_likely(rows: list[tuple[float, float, bool]]) -> None:
    options = [option(weight, cost=cost, contradicts=against) for weight, cost, against in rows]
    found = scores.probabilities(options)
    assert len(found) == len(options)
    assert min(found) >= 0.0
    assert sum(found) <= 1.0 + 1e-9
    alike = [
        (weight, score) for (weight, cost, against), score in zip(rows, found, strict=True) if not (cost or against)
    ]
    assert [score for _, score in sorted(alike)] == sorted(score for _, score in alike)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("填", 0.95), ("车停在", 0.95), ("事发地点", 0.95),  # a slip, and who reports it
        ("某某", 0.3),
        ("北京", 0.03), ("石家庄市", 0.03), ("山东省临沂市", 0.03), ("天祝县", 0.03), ("兰州", 0.03),
        ("不是", 0.03), ("没有", 0.03), ("离开", 0.03), ("假", 0.03),
    ],
)  # fmt: skip
def test_words_before_a_name_are_those_of_a_report_or_of_another_place(words: str, expected: float) -> None:
    start, end = len(words), len(words) + 3
    hits = ((1, Hit(start, end, 4, "official", 3.0, [1])),)
    reading = Reading(1, 1, 3.0, hits, (), (), (Piece(0, start),), words)
    one = Option(reading, 1, 0, np.empty(0, np.int64), "match", 3.0, 1.0, (), True, ())
    assert scores.probabilities([one]) == [expected]


@pytest.mark.parametrize(
    ("likeness", "score"), [(0.9, 0.95), (0.7, 0.95), (0.5, 0.475), (0.35, 0.11875), (0.31, 0.095)]
)
def test_the_less_alike_the_less_it_is_trusted(likeness: float, score: float) -> None:
    """0.95 from 0.7 on, a tenth of it at the least: (0.5 - 0.3) / 0.4 is one half."""
    alike = Option(None, 0, 0, np.array([0]), "match", 2.0, likeness, (), True, ())
    assert scores.probabilities([alike]) == [pytest.approx(score)]


def test_likeness_changes_no_order() -> None:
    alike = Option(None, 0, 0, np.array([0]), "match", 2.0, 0.5, (), True, ())
    more, less = scores.probabilities([alike._replace(weight=2.35), alike])
    assert more / less == pytest.approx(math.e)
