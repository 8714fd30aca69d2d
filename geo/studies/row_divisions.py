"""Answer the address of a row within the divisions that other columns of the row name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, product

from geo.places.address.address_faults import Fault
from geo.places.address.answerer import MAX_CANDIDATES
from geo.places.address.cited_words import cited, shortened
from geo.places.address.division_cells import MAX_WAYS, DivisionCell
from geo.places.address.match_faults import with_fault
from geo.places.gazetteer import Gazetteer
from geo.places.text_faults import unread_cell
from geo.readers.columns.address_parts import within_divisions
from geo.readers.columns.part_headings import DivisionOfRow
from geo.sentences import sentence
from geo.types import Candidate, Match


def address_in_divisions(
    gazetteer: Gazetteer, address: str, cells: Sequence[DivisionOfRow], *, accuracy: float
) -> Match:
    """Return the grids that an address may be in within the divisions of its row, those of the widest level first.

    The names of divisions that the address does not say are put before it. A cell that is not read, or that names
    several divisions, is told as `unread`, and the answer is not matched.
    """
    if not cells:
        return gazetteer.address(address, accuracy=accuracy)
    read = gazetteer.book.read_divisions([(one.level, one.text) for one in cells])
    texts = dict.fromkeys(islice(_texts(address, cells, read), MAX_WAYS))
    found = _of_one([gazetteer.address(text, accuracy=accuracy) for text in texts])
    for cell, one in zip(cells, read, strict=True):
        for fault in one.faults:
            found = with_fault(found, fault, is_doubt=False)
        if (unread := _unread(cell, one, address)) is not None and not _is_told(found, cell):
            found = with_fault(found, unread)
    return found


def _texts(address: str, cells: Sequence[DivisionOfRow], read: Sequence[DivisionCell]) -> Iterator[str]:
    """Yield the address behind the names of the divisions, once for each that they may mean."""
    # What is not read goes on as it is: the matcher knows what names a province or county that is not stored.
    each = [one.ways or (() if one.is_several else (cell.text,),) for cell, one in zip(cells, read, strict=True)]
    known = {name for one in read for way in one.ways for name in way}
    for ways in product(*each):
        yield within_divisions(address, [name for way in ways for name in way], known=known)


def _of_one(answers: Sequence[Match]) -> Match:
    """Return the answer that is sure of a grid, or of several; where two are, the grids of both."""
    sure = [one for one in answers if one.status in ("matched", "ambiguous")]
    if not sure:
        return max(answers, key=lambda one: max((each.score for each in one.candidates), default=-1.0))
    if len(sure) == 1:
        return sure[0]
    each: dict[str | None, Candidate] = {}
    for candidate in (one for answer in sure for one in answer.candidates):
        each.setdefault(candidate.grid["code"] if candidate.grid else None, candidate)
    if len(each) == 1:
        return sure[0]
    kept = [replace(one, score=round(one.score / len(sure), 4), spans=()) for one in each.values()]
    return replace(sure[0], status="ambiguous", point=None, candidates=tuple(kept[:MAX_CANDIDATES]))


def _unread(cell: DivisionOfRow, read: DivisionCell, address: str) -> Fault | None:
    """Return the fault of a cell that names no one division; None for one that does, and one that the address says."""
    is_said = len(cell.text) > 1 and not cell.text.isdigit() and cell.text in address
    if read.ways or (is_said and not read.is_several):
        return None
    if not read.is_several:
        return unread_cell(cell.column, cell.text)
    column, said = shortened(cell.column), cited(cell.text)
    text = sentence(f"“{column}”一列写了不止一处：{said}", f"the column {column} names several places: {said}")
    return {"code": "unread", "text": text}


def _is_told(found: Match, cell: DivisionOfRow) -> bool:
    """Return whether an answer that is not matched quotes a cell already."""
    return found.status != "matched" and any(
        f"“{cell.text}”" in fault["text"] for one in found.candidates for fault in one.faults
    )
