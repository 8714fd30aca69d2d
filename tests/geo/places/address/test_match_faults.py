"""A fault goes to the first candidate, and takes the match away where it is a doubt."""

from __future__ import annotations

import pytest

from geo.places.address.address_faults import NO_GRID
from geo.places.address.match_faults import first_with_fault, with_fault, without_fault
from geo.types import Candidate, Match

OLD = {"code": "old_name", "text": "甲 / a"}
ONE = Candidate({"code": "g1"}, (), "grid", 1.0, "match", None, None, faults=(OLD,))


def _match(status: str, *found: Candidate) -> Match:
    return Match(status, "东街", None, None, found, revision=1, at="2026-01-02")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "is_doubt", "then"),
    [
        ("matched", True, "partial"), ("matched", False, "matched"), ("ambiguous", True, "ambiguous"),
        ("not_found", True, "not_found"),
    ],
)  # fmt: skip
def test_a_doubt_ends_a_match_and_nothing_else(status: str, is_doubt: bool, then: str) -> None:
    found = with_fault(_match(status, ONE, ONE), NO_GRID, is_doubt=is_doubt)
    assert (found.status, [one.faults for one in found.candidates]) == (then, [(OLD, NO_GRID), (OLD,)])


def test_without_a_candidate_there_is_none_to_tell_it() -> None:
    found = _match("not_found")
    assert with_fault(found, NO_GRID) is found


def test_the_candidates_given_stay_as_they_are() -> None:
    given = [ONE]
    assert first_with_fault(given, NO_GRID)[0].faults == (OLD, NO_GRID)
    assert given[0].faults == (OLD,)


def test_a_fault_is_taken_from_every_candidate() -> None:
    found = without_fault(_match("ambiguous", ONE, ONE), str(OLD["code"]))
    assert (found.status, [one.faults for one in found.candidates]) == ("ambiguous", [(), ()])
