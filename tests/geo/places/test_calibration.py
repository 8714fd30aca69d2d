"""Hold scores to what they say, on addresses of real divisions that nothing was tuned on.

Villages, noise and outcomes are those of ``tests.benchmarks.bench_addresses``, whose other half may be looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

import geo
from tests.benchmarks.address_noise import labelled_addresses
from tests.benchmarks.bench_addresses import LEAST_OF_TENTH, Answer, ask, frames, tenths
from tests.benchmarks.named_divisions import read_divisions

#: Addresses of each class of noise.
COUNT = 50


@pytest.fixture(scope="module")
def answers(shared_data: Path) -> Sequence[Answer]:
    divisions = read_divisions(shared_data, nation=False)
    addresses, known, grids = frames(divisions)
    book = geo.AddressBook(addresses, known, grids=grids)
    return ask(book.match, labelled_addresses(divisions, half="held_out", count=COUNT))


def test_a_score_is_how_often_it_is_right(answers: Sequence[Answer]) -> None:
    """Within three points in every tenth of the scores that has a hundred answers."""
    large = [one for one in tenths(answers) if one[0] >= LEAST_OF_TENTH]
    assert large
    assert [(mean, right) for _, mean, right in large if abs(mean - right) > 0.03] == []


def test_what_is_matched_is_right_and_most_of_what_can_be_is(answers: Sequence[Answer]) -> None:
    matched = [one for one in answers if one.status == "matched"]
    assert sum(one.is_wrong_match for one in matched) <= 0.005 * len(matched)
    can_be = [one for one in answers if one.asked.outcome == "one"]
    assert sum(one.status == "matched" for one in can_be) >= 0.9 * len(can_be)


def test_county_and_township_are_found_as_often_as_promised(answers: Sequence[Answer]) -> None:
    of = {
        level: [one.is_right(level) for one in answers if level in one.asked.gold]
        for level in ("county", "township")
    }  # fmt: skip
    assert sum(of["county"]) >= 0.97 * len(of["county"])
    assert sum(of["township"]) >= 0.99 * len(of["township"])
