"""Bring together all that one row of a list says of where a place is: its point and address, and what stands beside.

As of one text (`geo.places.text_evidence`), what agrees is a match; where two disagree, and where words are not
understood or deny the place, the row says so and is matched no longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geo.catalog.division_codes import compared_code
from geo.outliers import distance_km
from geo.places.address.address_faults import Fault, fault_of_marks
from geo.places.address.answerer import MAX_CANDIDATES
from geo.places.address.cited_words import cited, shortened
from geo.places.address.match_faults import told_fault, with_fault
from geo.places.address.normalise import normal_form
from geo.places.text_evidence import agree, doubts, is_nothing, is_understood, together
from geo.sentences import sentence
from geo.types import Candidate, Match

#: A point this near an address agrees with a text that means a place near it.
_NEARBY_KM = 0.5
_OF_ADDRESS = ("地址", "the address")


def point_with_address(found: Match, text: str, address: Match) -> Match:
    """Return the answer of a row that has a point and an address.

    That of the point where the address is there too; where it is elsewhere both are possible; and where words of it
    are not understood the grid of the point is not sure.

    Parameters
    ----------
    found
        What the point says.
    text
        The address.
    address
        What it says.

    Examples
    --------
    >>> from geo.types import Candidate
    >>> one = Candidate({"code": "g1"}, (), "grid", 1.0, "point", None, None)
    >>> point = Match("matched", (102.0, 37.0), "wgs84", (102.0, 37.0), (one,), 1, "")
    >>> found = point_with_address(point, "没有的地方", Match("not_found", "没有的地方", None, None, (), 1, ""))
    >>> found.status, found.candidates[0].faults[0]["code"]
    ('partial', 'unread')
    """
    if _is_beside(found, address):
        return found
    named = [one for one in address.candidates if one.grid is not None]
    if not found.candidates:  # outside every grid
        return found if not named or len(named) >= MAX_CANDIDATES else _of_both(found, address)
    understood = {one["code"] for one in doubts(address)} if address.candidates else {"unread"}
    if not named or "alike" in understood or agree(found, address):
        return together(found, text, address, what=_OF_ADDRESS)
    return _of_both(found, address)


def beside_address(found: Match, column: str, text: str, named: Match) -> Match:
    """Return the answer of a row with what another cell has against it: a second address, a road, an estate.

    Where the row has no other answer it is that of the cell, which is not sure; where the cell says one of the grids
    that the row may mean, it is that one.

    Parameters
    ----------
    column
        The heading of the cell.
    text, named
        What is in it, and what that says.

    Examples
    --------
    >>> from geo.types import Candidate
    >>> of = lambda code: Match("matched", "", None, None, (Candidate({"code": code}, ({"code": code},), "grid", 1.0,
    ...     "exact", None, None),), 1, "")
    >>> [beside_address(of("g1"), "标准地址", "东街3号", of(code)).status for code in ("g1", "g2")]
    ['matched', 'partial']
    """
    if isinstance(found.query, str):
        if not found.candidates and named.candidates:
            return replace(together(named, found.query, None), query=found.query)
        if (found.status, named.status) == ("ambiguous", "matched") and is_understood(found) and agree(named, found):
            return replace(named, query=found.query)
    return together(found, text, named, what=_of_column(column))


def beside_grid(found: Match, column: str, text: str, named: Match) -> Match:
    """Return the answer of a row with what a cell of grids has against it; of a point it is told only.

    Examples
    --------
    >>> from geo.types import Candidate
    >>> one = Candidate({"code": "g1"}, ({"code": "g1", "name": "甲村第一网格"},), "grid", 1.0, "exact", None, None)
    >>> found, none = Match("matched", "", None, None, (one,), 1, ""), Match("not_found", "", None, None, (), 1, "")
    >>> [beside_grid(found, "网格名称", text, none).status for text in ("第一网格", "火星网格")]
    ['matched', 'partial']
    """
    if is_nothing(text) or says_grid(found, text):
        return found
    if is_understood(named):
        out = together(found, text, named, what=_of_column(column))
    else:
        out = with_fault(found, _other_grid(column, text))
    # A point is in its grid whatever name is written beside it.
    return out if isinstance(found.query, str) else replace(out, status=found.status)


def beside_code(found: Match, column: str, code: str, named: Match) -> Match:
    """Return the answer of a row with what a further code of a grid has against it; of a point it is told only.

    Parameters
    ----------
    named
        What the code says.

    Examples
    --------
    >>> of = lambda code: Match("matched", "", None, None, (Candidate({"code": code}, ({"code": code},), "grid", 1.0,
    ...     "exact", None, None),), 1, "")
    >>> from geo.types import Candidate
    >>> [beside_code(of("g1"), "新网格编码", code, of(code)).status for code in ("g1", "g2")]
    ['matched', 'partial']
    """
    if says_grid(found, code) or not found.candidates:
        return found
    out = together(found, code, named, what=_of_column(column))
    return out if isinstance(found.query, str) else replace(out, status=found.status)


def in_other_crs(found: Match, other: Match | None, heading: str, named: str, *, doubt_m: float = 0.0) -> Match:
    """Return the answer of a point that is read in one CRS while the heading of its column names another.

    Where both mean one grid it is that, and told so; else each grid is possible.

    Parameters
    ----------
    found
        What the point says in the CRS that it is read in.
    other
        What it says in the other; None where nothing can be computed with that.
    named
        The other CRS, as the heading names it.
    doubt_m
        By how many metres the other may be off: a border that is nearer leaves the grid open.

    Examples
    --------
    >>> from geo.types import Candidate
    >>> of = lambda code, crs: Match("matched", [1.0, 2.0], crs, None, (Candidate({"code": code}, (), "grid", 1.0,
    ...     "point", None, None),), 1, "")
    >>> [in_other_crs(of("g1", "wgs84"), of(code, "gcj02"), "经度(高德)", "gcj02").status for code in ("g1", "g2")]
    ['matched', 'ambiguous']
    """
    column = shortened(heading)
    text = sentence(
        f"列名“{column}”写明 {named}，按指定的 {found.crs} 读，请核对",
        f"the heading {column} names {named}; it is read as {found.crs} as told: please check",
    )
    fault: Fault = {"code": "other_crs", "text": text}
    if other is None:
        return told_fault(found, fault)
    of_found = [_code(one) for one in found.candidates]
    others = [one for one in other.candidates if _code(one) not in of_found]
    if not others and len(found.candidates) == len(other.candidates):
        is_near_border = any(one.border_m is not None and one.border_m < doubt_m for one in other.candidates)
        return told_fault(found, fault, is_doubt=is_near_border)
    every = (*found.candidates, *others)
    candidates = tuple(replace(one, score=round(one.score / 2, 4)) for one in every[:MAX_CANDIDATES])
    return told_fault(replace(found, status="ambiguous" if len(every) > 1 else "partial", candidates=candidates), fault)


def settled(found: Match, others: Sequence[Match]) -> Match:
    """Return the answer of several grids to an old code, or the one of them that a further code says.

    Examples
    --------
    >>> from geo.types import Candidate
    >>> one, other = (Candidate({"code": code}, ({"code": code},), "grid", 0.5, "exact", None, None) for code in "ab")
    >>> split = Match("ambiguous", "old", None, None, (one, other), 1, "")
    >>> settled(split, [Match("matched", "b", None, None, (other,), 1, "")]).query
    'b'
    """
    if found.status != "ambiguous":
        return found
    for other in others:
        if other.status == "matched" and agree(found, other):
            for fault in found.candidates[0].faults:
                other = with_fault(other, fault, is_doubt=False)  # noqa: PLW2901 (the same answer, told more)
            return other
    return found


def says_grid(found: Match, text: str) -> bool:
    """Return whether a text is the code or the name of a grid of an answer, or what that name ends in.

    Before the name only names of what holds the grid may stand.

    Examples
    --------
    >>> from geo.types import Candidate
    >>> chain = {"code": "t1", "name": "某镇"}, {"code": "g1", "name": "甲村第一网格"}
    >>> one = Candidate({"code": "g1"}, chain, "grid", 1.0, "exact", None, None)
    >>> found = Match("matched", "", None, None, (one,), 1, "")
    >>> [says_grid(found, one) for one in ("g1", "第一网格", "某镇甲村第一网格", "一网格", "乙镇甲村第一网格")]
    [True, True, True, True, False]
    """
    if fault_of_marks(text) is not None:
        return False
    said = normal_form(text)
    links = [link for one in found.candidates if one.grid is not None for link in one.chain]
    names = [normal_form(str(link["name"])) for link in links if link.get("name")]
    return compared_code(text) in {compared_code(str(link["code"])) for link in links} or any(
        name.endswith(said) or (said.endswith(name) and _are_names(said[: -len(name)], names)) for name in names if said
    )


def _are_names(text: str, names: Sequence[str]) -> bool:
    """Return whether a text is made of these names."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    return not text


def _code(one: Candidate) -> str | None:
    return None if one.grid is None else str(one.grid["code"])


def _of_column(column: str) -> tuple[str, str]:
    return f"“{shortened(column)}”一列", f"the column {shortened(column)}"


def _other_grid(column: str, text: str) -> Fault:
    column, said = shortened(column), cited(text)
    told = sentence(
        f"“{column}”一列写的是“{said}”，查得的网格不叫这个名称",
        f"the column {column} says “{said}”, which is no name of the grid that was found",
    )
    return {"code": "address_differs", "text": told}


def _is_beside(found: Match, address: Match) -> bool:
    """Return whether a point is where an address says that it is near: 35号对面 may lie over the border of its grid."""
    if not (address.candidates and address.point and found.point):
        return False
    if {one["code"] for one in doubts(address)} != {"nearby"}:
        return False
    return bool(distance_km(np.array([found.point]), np.array(address.point))[0] < _NEARBY_KM)


def _of_both(found: Match, address: Match) -> Match:
    """Return the answer of a point and of an address elsewhere: each is as likely, and a person has to tell."""
    named = [one for one in address.candidates if one.grid is not None]
    listed = ", ".join(str(one.grid["code"]) for one in named if one.grid is not None)
    here = found.candidates[0].grid["code"] if found.candidates and found.candidates[0].grid else None
    there_zh, there_en = (f"网格 {here}", f"in grid {here}") if here else ("任何网格之外", "outside every grid")
    text = sentence(
        f"地址与坐标不一致：地址在网格 {listed}，坐标在{there_zh}",
        f"address and point disagree: the address is in grid {listed}, the point {there_en}",
    )
    candidates = [replace(one, score=round(one.score / 2, 4), spans=()) for one in (*found.candidates, *named)]
    status = "ambiguous" if len(candidates) > 1 else "partial"
    out = replace(found, status=status, candidates=candidates[:MAX_CANDIDATES])  # type: ignore[arg-type]
    return with_fault(out, {"code": "address_differs", "text": text})
