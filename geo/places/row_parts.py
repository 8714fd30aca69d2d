"""Read the parts of an address that stand in columns of their own beside it: road, door, estate, building, room.

What the address says too is held against it; what it lacks is put where it belongs in the text, so that 民主街 beside 3
is 民主街3号. A road or an estate beside an address that has a name is a place of its own: where that is, is compared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from geo.places.address.address_faults import Fault, fault_of_marks
from geo.places.address.cited_words import cited, shortened
from geo.places.address.normalise import canonical_tail, normal_form
from geo.places.address.tail_parts import read_tail
from geo.places.address.tail_types import TailParts
from geo.places.text_faults import unread_cell
from geo.sentences import sentence

_CHINESE = re.compile("[\u4e00-\u9fff]")
_INSIDE = ("unit", "floor", "room")
_HOUSE = {"building", *_INSIDE}
_LISTED = re.compile(r"\s*[0-9０-９]{1,5}(?:\s*[、，,/;；和及]\s*[0-9０-９]{1,5})+\s*")
#: What a spreadsheet makes of a number.
_AS_DECIMAL = re.compile(r"(?<=[0-9])\.0+$")
#: Divisions before the rest of an address; 小区 is none, and 红旗 none before 村.
_DIVISIONS = re.compile(
    r"(?:[^\W\d_]{1,12}?(?:[省市州盟县旗镇乡村](?![省市州盟县旗镇乡村]|街道|社区)|(?<![小园校厂院新a-z])区|街道|社区|(?:村民|居民)?委员会|[村居]委会))+"
)


class PartOfRow(NamedTuple):
    """A cell that says a part of an address: the heading of its column, its text, and what the number in it counts.

    Examples
    --------
    >>> PartOfRow("门牌号", "3", "号").suffix
    '号'
    """

    column: str
    text: str
    suffix: str


class RowText(NamedTuple):
    """The address of a row with the parts that other columns add to it.

    Attributes
    ----------
    text
        The address; where parts were added in normal form.
    asides
        Places beside the address, each with the heading of its column.
    faults
        Of parts that the address says otherwise, and of those that are not understood.
    roads
        Roads that the address calls otherwise, the name that it has first, each with the fault that it is unless both
        are names of one.

    Examples
    --------
    >>> with_parts("昌灵路3号", [PartOfRow("道路", "幸福路", "")]).roads[0][:2]
    ('昌灵路', '幸福路')
    """

    text: str
    asides: Sequence[tuple[str, str]]
    faults: Sequence[Fault]
    roads: Sequence[tuple[str, str, Fault]]


def with_parts(address: str, cells: Sequence[PartOfRow]) -> RowText:
    """Return an address with the parts that columns beside it say, those of roads before those of doors.

    Examples
    --------
    >>> road, door = PartOfRow("道路", "民主街", ""), PartOfRow("门牌号", "3", "号")
    >>> with_parts("古浪镇", [road, door]).text, with_parts("民主街3号", [road, door]).text
    ('古浪镇民主街3号', '民主街3号')
    >>> with_parts("民主街9号", [door]).faults[0]["code"], with_parts("第一中学", [road, door]).asides
    ('address_differs', [('道路', '民主街3号')])
    """
    form = canonical_tail(normal_form(address))
    added: list[tuple[str, TailParts]] = []
    faults: list[Fault] = []
    roads: list[tuple[str, str, Fault]] = []
    known, is_chinese = read_tail(form), _CHINESE.search(form) is not None
    for cell in cells:
        # Of 12 Main Street the 12 is no 12号.
        number = _AS_DECIMAL.sub("", cell.text.strip())
        suffix = cell.suffix if is_chinese and (_is_bare(number) or _LISTED.fullmatch(number)) else ""
        text = canonical_tail(normal_form(number + suffix))
        several = cell.suffix and _LISTED.fullmatch(number) is not None and known.number is not None
        if fault_of_marks(cell.text) is not None or several:
            faults.append(unread_cell(cell.column, cell.text))
            continue
        if not text or _is_said(text, form):
            continue
        parts = read_tail(text)
        if parts.rest or parts.near or not parts.spans:
            faults.append(unread_cell(cell.column, cell.text))
        elif _says_other_number(known, parts):
            faults.append(_differs(cell))
        elif _says_other_street(known, parts):
            roads.append((known.street, parts.street, _differs(cell)))
        elif _is_of_road(known, parts, added) or not _is_same(known, parts):
            added.append((cell.column, parts))
    if not added:
        return RowText(address, [], faults, roads)
    text, asides = _put_together(form, added)
    alone = [column for column, said in asides if not _has_name(said)]
    faults += [unread_cell(cell.column, cell.text) for cell in cells if cell.column in alone]
    return RowText(text, [(column, said.form) for column, said in asides if _has_name(said)], faults, roads)


def _is_bare(text: str) -> bool:
    return re.fullmatch(r"\s*[A-Za-z]?[0-9０-９]{1,5}(?:[-之][0-9０-９]{1,5})?[A-Za-z]?\s*", text) is not None


def _is_said(text: str, form: str) -> bool:
    """Return whether a text stands in another one, its numbers whole."""
    before, after = (r"(?<![0-9])" if text[0].isdigit() else ""), (r"(?![0-9])" if text[-1].isdigit() else "")
    return re.search(before + re.escape(text) + after, form) is not None


def _says_other_number(known: TailParts, said: TailParts) -> bool:
    """Return whether a part says another number than the address, of a door or of what is inside."""
    several = known.several
    if several is not None and said.number is not None and several.part == "number":
        return not several.holds(said.number.number)
    if known.number and said.number and (known.number, known.sub_numbers) != (said.number, said.sub_numbers):
        return known.building != said.number
    return any(
        getattr(known, name) and getattr(said, name) and getattr(known, name) != getattr(said, name)
        for name in ("group", "lane", "building", *_INSIDE)
    )


def _says_other_street(known: TailParts, said: TailParts) -> bool:
    """Return whether a part says another street than the address, which may have divisions before its own."""
    if not (said.streets and known.streets):
        return False
    return not (known.street.endswith(said.street) or said.street.endswith(known.street))


def _is_of_road(known: TailParts, said: TailParts, added: Sequence[tuple[str, TailParts]]) -> bool:
    """Return whether a door is one of a road beside the address: of 昌松小区3号楼, 民主街 and 3 it is 民主街3号."""
    return said.number is not None and known.number is None and any(one.streets for _, one in added)


def _is_same(known: TailParts, said: TailParts) -> bool:
    """Return whether a number is that of the address, as a door or as a building: 3 of 昌松小区3号 is 3号楼."""
    house = said.number or said.building
    if house is None or any(name not in ("number", "building") for name, _, _ in said.spans):
        return False
    return house in (known.number, known.building) or (known.several is not None and known.several.holds(house.number))


def _put_together(form: str, added: Sequence[tuple[str, TailParts]]) -> tuple[str, list[tuple[str, TailParts]]]:
    """Return the address with the parts that it lacks, and those of places beside it, road and door as one."""
    asides: list[tuple[str, TailParts]] = []
    for column, said in added:
        if (at := _end_of_estate(form, said)) is not None:
            form = form[:at] + said.form[len(said.name) :] + form[at:]
        elif asides and _is_of_place(said, asides[-1][1]):
            asides[-1] = asides[-1][0], read_tail(asides[-1][1].form + said.form)
        elif (at := _place_for(form, said)) is not None:
            form = form[:at] + said.form + form[at:]
        elif asides and asides[-1][1].street and not said.street:
            asides[-1] = asides[-1][0], read_tail(asides[-1][1].form + said.form)
        else:
            asides.append((column, said))
    return form, asides


def _end_of_estate(form: str, said: TailParts) -> int | None:
    """Return where in an address the name of an estate ends of which a part says the section that it lacks."""
    known = read_tail(form)
    is_section = {name for name, _, _ in said.spans} == {"name", "section"} and said.form.startswith(said.name)
    if not is_section or known.sections or not known.name.endswith(said.name):
        return None
    return form.rfind(said.name) + len(said.name)


def _is_of_place(said: TailParts, place: TailParts) -> bool:
    """Return whether a part is a door of a road beside the address, or a house of an estate: 5 is 金色家园5幢."""
    named = {name for name, _, _ in said.spans}
    if place.streets:
        return said.number is not None and not (said.streets or said.name)
    return bool(place.name) and named <= _HOUSE


def _place_for(form: str, said: TailParts) -> int | None:
    """Return where in an address a part belongs that it lacks; None for what is a place beside it."""
    divisions = _DIVISIONS.match(form)
    begin = divisions.end() if divisions else 0
    rest = read_tail(form[begin:])
    starts = {name: begin + start for name, start, _ in reversed(rest.spans)}
    inner = min((starts[name] for name in _INSIDE if name in starts), default=len(form))
    if any(getattr(said, name) is not None for name in _INSIDE) and not said.street and not said.name:
        return len(form)
    if rest.rest or rest.name or rest.occupant or (rest.streets and said.streets):
        return inner if said.building is not None and not (rest.building or said.street or said.name) else None
    if said.group is not None or said.streets or said.name:
        is_beside = (rest.streets and said.name) or (said.streets and rest.group is not None)
        return None if is_beside else begin
    return min(inner, starts.get("building", inner))


def _has_name(said: TailParts) -> bool:
    return bool(said.street or said.name)


def _differs(cell: PartOfRow) -> Fault:
    column, said = shortened(cell.column), cited(cell.text)
    text = sentence(
        f"“{column}”一列写的是“{said}”，与地址不一致", f"the column {column} says “{said}”, the address does not"
    )
    return {"code": "address_differs", "text": text}
