"""Add what is doubtful to an answer: a fault of the first of its candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from geo.places.address.address_faults import Fault, once
from geo.types import Candidate, Match


def with_fault(found: Match, fault: Fault, *, is_doubt: bool = True) -> Match:
    """Return a match whose first candidate has one more fault; without a candidate it stays as it is.

    Parameters
    ----------
    is_doubt
        Whether it is matched no longer; a fault that takes nothing from the answer is only told.

    Examples
    --------
    >>> from geo.places.address.address_faults import NO_GRID
    >>> one = Candidate(None, (), "address", 1.0, "match", None, None)
    >>> found = with_fault(Match("matched", "", None, None, (one,), 1, ""), NO_GRID)
    >>> found.status, found.candidates[0].faults[0]["code"]
    ('partial', 'no_grid')
    """
    if not found.candidates:
        return found
    status = "partial" if is_doubt and found.status == "matched" else found.status
    return replace(found, status=status, candidates=first_with_fault(found.candidates, fault))


def told_fault(found: Match, fault: Fault, *, is_doubt: bool = True) -> Match:
    """Return a match with one more fault; where nothing was found, there is a candidate without a grid to tell it.

    Examples
    --------
    >>> found = told_fault(Match("not_found", "", None, None, (), 1, ""), {"code": "unread", "text": ""})
    >>> found.status, [one.grid for one in found.candidates]
    ('not_found', [None])
    """
    if not found.candidates:
        found = replace(found, candidates=(Candidate(None, (), "address", 0.0, "match", None, None),))
    return with_fault(found, fault, is_doubt=is_doubt)


def without_fault(found: Match, code: str) -> Match:
    """Return a match whose candidates have no fault of a code.

    Examples
    --------
    >>> one = Candidate(None, (), "address", 1.0, "match", None, None, faults=({"code": "more", "text": ""},))
    >>> without_fault(Match("partial", "", None, None, (one,), 1, ""), "more").candidates[0].faults
    ()
    """
    kept = [
        replace(one, faults=tuple([fault for fault in one.faults if fault["code"] != code])) for one in found.candidates
    ]
    return replace(found, candidates=tuple(kept))


def first_with_fault(found: Sequence[Candidate], fault: Fault) -> tuple[Candidate, ...]:
    """Return candidates of which the first has one more fault, which it has once.

    Examples
    --------
    >>> one = Candidate(None, (), "address", 1.0, "match", None, None)
    >>> [len(each.faults) for each in first_with_fault([one, one], {"code": "more", "text": ""})]
    [1, 0]
    """
    first, *others = found
    return (replace(first, faults=once((*first.faults, fault))), *others)
