"""Answer with the grids that codes name, and hold the code of a grid in a text against the words beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from geo.places.address.answerer import MAX_CANDIDATES
from geo.places.address.text_codes import codes_in_text, is_meant, start_of_word
from geo.places.grid_shares import NEARLY_ALL, GridShare
from geo.places.hierarchy import Hierarchy
from geo.places.text_evidence import is_nothing, together, without
from geo.types import Candidate, Match

#: What a text with a code has; most addresses have none of it, and one look says so.
_MAY_HOLD_A_CODE = re.compile("网格|grid|[0-9A-Za-z０-９Ａ-Ｚａ-ｚ][-_./0-9A-Za-z０-９Ａ-Ｚａ-ｚ]{3}", re.I)


def grids_named(hierarchy: Hierarchy, query: str, grids: Sequence[GridShare], *, revision: int, at: str) -> Match:
    """Return the grids of these codes as the answer to a query that names them: matched where it is one.

    The share of each is its score; one grid that owns only a part of the old ground is a partial answer.

    Examples
    --------
    >>> import pandas as pd
    >>> hierarchy = Hierarchy(grids=pd.DataFrame({"code": ["g1", "g2"], "level": [1, 1]}))
    >>> shares = [GridShare("g1", 0.75), GridShare("g2", 0.25)]
    >>> grids_named(hierarchy, "g1、g2", shares, revision=1, at="").status
    'ambiguous'
    """
    found = []
    for code, share in grids[:MAX_CANDIDATES]:
        chain = hierarchy.chain_of_grid(code)
        grid, level = hierarchy.describe_grid(code), str(chain[-1]["level"])
        found.append(Candidate(grid, chain, level, round(share, 4), "exact", None, None))
    whole = "matched" if grids and grids[0].share >= NEARLY_ALL else "partial"
    status = "not_found" if not found else whole if len(grids) == 1 else "ambiguous"
    return Match(status, query, None, None, tuple(found), revision, at)  # type: ignore[arg-type]


def with_codes(text: str, found: Match, match: Callable[[str], Match], hierarchy: Hierarchy) -> Match:
    """Return the answer to a text that is the code of a grid, or has one beside words, which may say another grid.

    Parameters
    ----------
    found
        What the names in the whole text mean, which is the answer where it has no such code.
    match
        Returns what the names in a text mean.

    Examples
    --------
    >>> import pandas as pd
    >>> hierarchy = Hierarchy(grids=pd.DataFrame({"code": ["990101001001", "990101001002"], "level": [1, 1]}))
    >>> none = Match("not_found", "", None, None, (), 1, "")
    >>> found = with_codes("990101001001 东街", none, lambda text: none, hierarchy)
    >>> found.status, found.candidates[0].faults[0]["code"]
    ('partial', 'unread')
    """
    if _MAY_HOLD_A_CODE.search(text) is None or (found.status == "matched" and found.candidates[0].method == "exact"):
        return found
    codes = [one for one in codes_in_text(text, hierarchy.has_grid) if one.is_stored and is_meant(text, one)]
    rest = without(text, [(start_of_word(text, one.start), one.end) for one in codes])
    if not codes or (is_nothing(rest) and found.candidates):
        return found
    stored = dict.fromkeys(one.code for one in codes)
    shares = [GridShare(code, round(1.0 / len(stored), 4)) for code in stored]
    coded = grids_named(hierarchy, text, shares, revision=found.revision, at=found.at)
    spans = [(one.start, one.end) for one in codes]
    kept = tuple(replace(one, spans=spans) for one in coded.candidates)
    coded = replace(coded, candidates=kept)
    return coded if is_nothing(rest) else together(coded, rest, match(rest))
