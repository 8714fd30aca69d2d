"""Addresses of real villages, as people write them: what was never tuned on is answered as well as was promised."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import geo
from tests.benchmarks.address_noise import CLASSES, labelled_addresses
from tests.benchmarks.bench_addresses import Answer, ask, frames, wilson
from tests.benchmarks.named_divisions import read_divisions
from tests.benchmarks.noise_classes import SLIPS

#: Addresses of each class of noise, and of the two classes that have a goal of their own.
COUNT, COUNT_OF_SLIPS = 100, 200
#: Seconds of the processor that one address may take on a machine that others use too; the goal is a tenth of it.
MOST_SECONDS = 0.5


@pytest.fixture(scope="module")
def book(shared_data: Path) -> geo.AddressBook:
    addresses, divisions, grids = frames(read_divisions(shared_data))
    return geo.AddressBook(addresses, divisions, grids=grids)


@pytest.fixture(scope="module")
def answers(shared_data: Path, book: geo.AddressBook) -> list[Answer]:
    """Return the answers to addresses of all classes, of the half that nobody looked at."""
    return ask(book.match, labelled_addresses(read_divisions(shared_data), half="held_out", count=COUNT))


def at_least(right: list[bool], goal: float) -> None:
    """Fail where a sample of this size says that the share is below the goal: the 95 % interval is all below it."""
    assert len(right) >= COUNT
    low, high = wilson(sum(right), len(right))
    assert high >= goal, f"{sum(right)} of {len(right)}: from {low:.3f} to {high:.3f}"


def of_level(answers: list[Answer], level: str, *, is_written: bool) -> list[bool]:
    """Return whether the best candidate is in the right place of a level, where it is written or left out."""
    rows = [one for one in answers if level in one.asked.gold]
    return [one.is_right(level) for one in rows if (level in one.asked.written) == is_written]


def test_all_classes_are_asked(answers: list[Answer]) -> None:
    assert {one.asked.noise[0] for one in answers} == set(CLASSES)
    assert len(answers) >= COUNT * (len(CLASSES) - 2)


def test_the_county(answers: list[Answer]) -> None:
    at_least(of_level(answers, "county", is_written=True), 0.995)
    at_least(of_level(answers, "county", is_written=False), 0.97)


def test_the_township(answers: list[Answer]) -> None:
    at_least([one.is_right("township") for one in answers if "township" in one.asked.gold], 0.99)


def test_the_village(answers: list[Answer]) -> None:
    clean = [one for one in answers if SLIPS.keys().isdisjoint(one.asked.noise)]
    at_least([one.found for one in clean if one.asked.outcome in ("one", "near")], 0.98)


@pytest.mark.parametrize(("name", "goal"), [("homophone", 0.99), ("any_character", 0.95)])
def test_one_wrong_character_with_the_township_given(
    shared_data: Path, book: geo.AddressBook, name: str, goal: float
) -> None:
    items = labelled_addresses(read_divisions(shared_data), half="held_out", count=COUNT_OF_SLIPS, classes=[name])
    at_least([one.found for one in ask(book.match, items) if one.asked.outcome in ("one", "near")], goal)


def test_a_match_is_not_wrong_in_silence(answers: list[Answer]) -> None:
    """At most 5 of 1,000 are: the interval of what was wrong reaches down to it."""
    wrong = [one.is_wrong_match for one in answers if one.status == "matched"]
    low, _ = wilson(sum(wrong), len(wrong))
    assert len(wrong) >= 500
    assert low <= 0.005
    assert sum(wrong) <= 0.01 * len(wrong)


def test_most_of_what_can_be_matched_is(answers: list[Answer]) -> None:
    at_least([one.status == "matched" for one in answers if one.asked.outcome == "one"], 0.90)


@pytest.mark.parametrize("outcome", ["several", "none", "near"])
def test_what_is_not_unique_contradicts_itself_or_is_beside_is_not_matched(answers: list[Answer], outcome: str) -> None:
    asked = [one for one in answers if one.asked.outcome == outcome]
    assert len(asked) >= COUNT // 2
    assert [one.asked.text for one in asked if one.status == "matched"] == []


def test_scores_are_probabilities(answers: list[Answer]) -> None:
    """In every tenth that holds 100 answers the mean is within 3 points of what may be the share that is right."""
    scored = [one for one in answers if one.codes]
    tenths = [[one for one in scored if min(int(one.score * 10), 9) == tenth] for tenth in range(10)]
    full = [rows for rows in tenths if len(rows) >= 100]
    assert full
    for rows in full:
        low, high = wilson(sum(one.found for one in rows), len(rows))
        assert low - 0.03 <= float(np.mean([one.score for one in rows])) <= high + 0.03


def test_no_address_takes_long(answers: list[Answer]) -> None:
    assert max(one.seconds for one in answers) < MOST_SECONDS
