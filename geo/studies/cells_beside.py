"""Hold what other columns of a row say of its place against the answer to its address or point.

A second address, a road and a door number, an estate, the name of a grid: what agrees leaves the row as it is; what
contradicts, or is not understood, is told in the row, which is matched no longer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from geo.errors import GeoError
from geo.places.address.address_faults import Fault, fault_of_unread
from geo.places.address.match_faults import told_fault
from geo.places.address.normalise import normal_form
from geo.places.address.tail_parts import read_tail
from geo.places.row_evidence import beside_address, beside_grid, says_grid
from geo.places.row_parts import PartOfRow, RowText, with_parts
from geo.places.text_evidence import is_understood
from geo.readers.columns.address_parts import joined
from geo.readers.columns.place_cells import NOTHING, CellsBeside
from geo.types import Match

#: Where a row keeps what its parts say beside its address.
_TOLD = "row_text"


def as_one_text(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row whose address has the parts that other columns add to it.

    Examples
    --------
    >>> row = {"address": "民主街", "beside": CellsBeside(parts=(("门牌号", "3", "号"),))}
    >>> as_one_text(row)["address"], as_one_text({"address": "民主街"})
    ('民主街3号', {'address': '民主街'})
    """
    parts = _beside(row).parts
    address = row.get("address")
    if not parts or not isinstance(address, str) or not address.strip():
        return row
    told = with_parts(address, [PartOfRow(*one) for one in parts])
    return {**row, "address": told.text, _TOLD: told}


def held_against_cells(found: Match, row: Mapping[str, Any], look_up: Callable[[str], Match]) -> Match:
    """Return the answer of a row with what its other cells have against it.

    Parameters
    ----------
    found
        The answer to its address, point or code.
    row
        The row as `as_one_text` returns it.
    look_up
        Answers another text of the row.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from geo.types import Candidate
    >>> one = Candidate({"code": "g1"}, ({"code": "g1", "name": "甲村第一网格"},), "grid", 1.0, "exact", None, None)
    >>> found = Match("matched", "民主街3号", None, None, (one,), 1, "")
    >>> row = {"beside": CellsBeside(grids=(("网格名称", "第二网格"),))}
    >>> held_against_cells(found, row, lambda text: replace(found, status="not_found", candidates=())).status
    'partial'
    """
    beside, told = _beside(row), row.get(_TOLD)
    asides = list(beside.addresses)
    if isinstance(told, RowText):
        for fault in [*told.faults, *_faults_of_roads(told, look_up)]:
            found = told_fault(found, fault)
        asides = [*told.asides, *asides]
    for column, text in asides:
        if normal_form(text) == normal_form(str(row.get("address") or "")):
            continue
        try:
            found = beside_address(found, column, text, look_up(text))
        except GeoError:  # a text too long to be looked up
            found = told_fault(found, fault_of_unread(text))
    for column, text in beside.grids:
        if found.candidates and not says_grid(found, text):
            try:
                found = beside_grid(found, column, text, look_up(text))
            except GeoError:
                found = told_fault(found, fault_of_unread(text))
    return found


def text_of_parts_alone(row: Mapping[str, Any]) -> str:
    """Return the road or the estate that a row without an address says; empty where it says none.

    A bare number, as that of a door or a room, says nothing of where a place is.

    Examples
    --------
    >>> text_of_parts_alone({"beside": CellsBeside(parts=(("道路", "民主街", ""),))})
    '民主街'
    >>> text_of_parts_alone({"beside": CellsBeside(parts=(("室", "501", "室"),))})
    ''
    """
    parts = [PartOfRow(*one) for one in _beside(row).parts]
    address = row.get("address")
    if not parts or (isinstance(address, str) and address.strip()):
        return ""
    text = joined([one.text for one in parts])
    said = read_tail(normal_form(text))
    return text if said.street or said.name or said.rest else ""


def _beside(row: Mapping[str, Any]) -> CellsBeside:
    beside = row.get("beside")
    return beside if isinstance(beside, CellsBeside) else NOTHING


def _faults_of_roads(told: RowText, look_up: Callable[[str], Match]) -> list[Fault]:
    """Return the faults of roads that are called otherwise in the address, unless both names are those of one road."""
    return [fault for first, second, fault in told.roads if not _is_one_road(look_up(first), look_up(second))]


def _is_one_road(one: Match, other: Match) -> bool:
    """Return whether two names are of one road, each understood: 民主街 answers for 民主街支路, another road."""
    return one.point is not None and one.point == other.point and is_understood(one) and is_understood(other)
