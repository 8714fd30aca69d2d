"""Read the numbers of a tail with the words that count them: doors, ranges, buildings, units, floors, rooms, groups."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from geo.places.address.tail_draft import TailDraft
from geo.places.address.tail_types import Numbered, Several
from geo.places.address.tail_words import PART, UNITS

# More digits than any door number has: a telephone number or an id.
_MAX_DIGITS = 9
# In texts on doors a third of this number is the first room of the first floor: 5-501 is a room, 5-3 may not be.
_FIRST_ROOM = 101
_NOT_DIGITS = re.compile(r"[^0-9]+")
_PLAIN_MORE = re.compile(r"(?:-[0-9]+)+")
_LETTERS_ONLY = re.compile(r"[^a-z]+")
_PAIR = 2
_STEMS = frozenset("甲乙丙丁")
_AND_TO = ("与", "和", "及", "至", "到")
_TO = ("至", "到")
_ANNEX = frozenset("附副付")
_SILENT = (None, "第", "no")
_NAMES = frozenset(("street", "name", "occupant"))
# What goes on behind a door that is written without 号; any other word makes the number one of a name: 12中学, 12分店.
_BEHIND_DOORS = frozenset(("run", "near", "far", "annex", "stem", "lettered", "within", "word"))
_RUN_GROUPS = tuple(range(PART.groupindex["run"] + 1, PART.groupindex["run"] + 8))
_UNIT_GROUP = _RUN_GROUPS[-1]


def read_numbers(draft: TailDraft, found: re.Match[str]) -> None:
    """Read numbers, with letters and the word that counts them, into the part that this word says.

    Parameters
    ----------
    draft
        The tail so far.
    found
        The group ``run`` of `PART`.

    Examples
    --------
    >>> draft = TailDraft("3-7号")
    >>> read_numbers(draft, PART.match(draft.form))
    >>> draft.parts(4).several
    Several(part='number', values=(3, 7), is_range=True)
    """
    before, digits, after, more, road, measure, unit = found.group(*_RUN_GROUPS)
    others = [one for one in _NOT_DIGITS.split(more) if one] if more else []
    if len(digits) > _MAX_DIGITS or (others and max(map(len, others)) > _MAX_DIGITS):
        draft.refuse(found)
    elif road is not None:
        draft.street(found, found.start())
    elif measure is not None:
        draft.distance(found)
    else:
        first = int(digits)
        value = Numbered(first, "" if before in _SILENT else before, after or "")
        if after in _STEMS:
            value = Numbered(first, after)  # 12甲号 is 甲12号
        numbers = (first, *map(int, others)) if others else (first,)
        _NUMBER[unit](draft, found, value, numbers, more)


def _number(draft: TailDraft, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str) -> None:
    values = draft.values
    unit = found[_UNIT_GROUP]
    if value.before in _ANNEX or (value.before == "之" and "number" in values) or _is_annex(draft, found, value, more):
        draft.take("sub_number", *found.span())
        values["sub_numbers"] += numbers
        values["is_annex"] = True
    elif draft.in_house or value.before in ("内", "负", "地下"):
        _inside(draft, found, value, numbers, more)
    elif "number" in values or "several" in values:
        if unit:
            _second_number(draft, found, value, numbers, more)
        else:
            _inside(draft, found, value, numbers, more)
    elif not unit and more and not values["streets"] and draft.has_name(found.start()) and _ends_in_room(numbers):
        _inside(draft, found, value, numbers, more)  # 阳光花园5-3-501
    elif not unit and not more and _begins_a_name(draft.form, found.end()):
        return
    else:
        _door(draft, found, value, numbers, more)
    if unit in ("号院", "号大院"):
        draft.in_house = True


def _is_annex(draft: TailDraft, found: re.Match[str], value: Numbered, more: str) -> bool:
    """Return whether a small number stands bare behind a door, 5号-1 and 5号(1): that may be 5号附1, and 5-1号 too."""
    is_bare = not (more or found[_UNIT_GROUP] or value.before or value.after) and (value.number or 0) < _FIRST_ROOM
    is_behind = bool(draft.spans) and draft.spans[-1][0] == "number" and draft.read == found.start()
    is_first = not draft.in_house and "number" in draft.values and not draft.values["sub_numbers"]
    return is_bare and is_behind and is_first and not _begins_a_name(draft.form, found.end())


def _begins_a_name(form: str, end: int) -> bool:
    """Return whether a number without a word that counts it is the begin of a name, by the word behind it.

    Examples
    --------
    >>> [_begins_a_name(form, 2) for form in ("12", "12中学", "12永辉超市", "12对面", "12附3号", "12smith")]
    [False, True, True, False, False, False]
    """
    if form[end : end + 1] < "\u4e00" or form.startswith(_AND_TO, end):
        return False
    behind = PART.match(form, end)
    return behind is None or behind.lastgroup not in _BEHIND_DOORS


def _door(draft: TailDraft, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str) -> None:
    draft.take("number", *found.span())
    if "," in more:
        draft.values["several"] = Several("number", numbers, is_range=False)
        return
    draft.values["number"] = value
    if more:
        draft.values["sub_numbers"] = numbers[1:]
        if not more[-1].isdigit():
            draft.values["number"] = _with_more(value, _LETTERS_ONLY.sub("", more))
        if _is_range(numbers, more):
            draft.values["several"] = Several("number", numbers, is_range=True)


def _second_number(
    draft: TailDraft, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str
) -> None:
    """Read 5号 of 3号5号: the text is of both, and of all between in 3号至7号.

    3号滨河路5号 has a number of each of two roads.
    """
    values = draft.values
    earlier: Numbered | None = values.get("number")
    several: Several | None = values.get("several")
    is_lettered = value.before or value.after or (earlier is not None and (earlier.before or earlier.after))
    if more or is_lettered or values["sub_numbers"] or _is_apart(draft) or (several and several.is_range):
        draft.refuse(found)
        return
    first = several.values if several is not None else (earlier.number or 0,) if earlier is not None else ()
    _take_another(draft, found, "number", first, numbers[0])


def _is_apart(draft: TailDraft) -> bool:
    """Return whether a name stands between a number and the one before it: they are not of one list."""
    return draft.name_end > draft.read or (bool(draft.spans) and draft.spans[-1][0] in _NAMES)


def _take_another(
    draft: TailDraft, found: re.Match[str], part: Literal["number", "building"], first: tuple[int, ...], number: int
) -> None:
    """Take a number behind the first ones of its part: a list, or with 至 between two a range."""
    join = draft.form[draft.read : found.start()]
    if join in _AND_TO:
        draft.take("word", draft.read, found.start())
    draft.take(part, *found.span())
    draft.values.pop(part, None)
    is_range = join in _TO and len(first) == 1 and first[0] < number
    draft.values["several"] = Several(part, (*first, number), is_range)


def _inside(draft: TailDraft, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str) -> None:
    """Read 501, 3-501 and 5-3-501: room, unit and building, from the last to the first."""
    values = draft.values
    was_in_house = draft.in_house or "number" in values
    draft.in_house = True
    if not more:
        draft.put("room", value, found.start(), found.end())
        return
    wanted = ["building", "unit", "room"][-len(numbers) :]
    if len(numbers) == _PAIR and ("unit" in values or not was_in_house):
        wanted = ["building", "room"]
    is_plain = _PLAIN_MORE.fullmatch(more) is not None and len(numbers) <= len(wanted)
    if not is_plain or not _ends_in_room(numbers) or any(part in values for part in wanted):
        draft.put("room", _with_more(value, more), *found.span())
    else:
        draft.take("room", *found.span())
        for part, number in zip(wanted, numbers, strict=True):
            values[part] = Numbered(number)
        values[wanted[0]] = value


def _second_house(draft: TailDraft, found: re.Match[str], number: int) -> bool:
    """Read 2栋 of 1栋2栋: the text is of both; and whether it is another building than the first.

    2栋 of 1栋阳光小区2栋 is one of another estate.
    """
    values = draft.values
    earlier: Numbered | None = values.get("building")
    several: Several | None = values.get("several")
    if several is not None and several.part == "building":
        first, is_range = several.values, several.is_range
    elif earlier is not None and earlier.number is not None and not (earlier.before or earlier.after):
        first, is_range = (earlier.number,), False
    else:
        return False
    if number in first:
        return False
    if is_range or _is_apart(draft) or any(part in values for part in ("unit", "floor", "room")):
        draft.refuse(found)
        return True
    _take_another(draft, found, "building", first, number)
    return True


def _house(draft: TailDraft, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str) -> None:
    if not (more or value.before or value.after) and _second_house(draft, found, numbers[0]):
        draft.in_house = True
        return
    is_range = _is_range(numbers, more)
    if (is_range or "," in more) and "several" not in draft.values:
        draft.take("building", *found.span())
        draft.values["several"] = Several("building", numbers, is_range)
    else:
        draft.put("building", _with_more(value, more), *found.span())
    draft.in_house = True


def _unit(draft: TailDraft, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str) -> None:
    parts = draft.values
    if len(numbers) == _PAIR and more[0] == "-" and "building" not in parts and "unit" not in parts:
        draft.take("unit", *found.span())  # 5-3单元
        parts["building"], parts["unit"] = value, Numbered(numbers[1])
    else:
        draft.put("unit", _with_more(value, more), *found.span())
    draft.in_house = True


def _floor(draft: TailDraft, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str) -> None:
    if value.before in ("负", "地下", "b"):
        value = Numbered(-numbers[0], "", value.after)
    draft.put("floor", _with_more(value, more), *found.span())
    draft.in_house = True


def _group(draft: TailDraft, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str) -> None:
    if "group" in draft.values:
        draft.refuse(found)
        return
    start = draft.start_with_side(found.start())
    before = draft.form[start : found.start()] or value.before
    draft.set_group(Numbered(numbers[0], before, value.after + more), found[0], start, found.end())


def _lane(draft: TailDraft, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str) -> None:
    if "lane" in draft.values:
        draft.refuse(found)
        return
    start = draft.start_with_side(found.start())
    before = draft.form[start : found.start()] or value.before
    draft.take("lane", start, found.end())
    draft.values["lane"] = Numbered(numbers[0], before, value.after + more)


def _section(draft: TailDraft, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str) -> None:
    draft.take("section", *found.span())
    draft.values["sections"] += (f"{value.before}{numbers[0]}{value.after}{more}{found[_UNIT_GROUP]}",)


_ReadNumber = Callable[[TailDraft, re.Match[str], Numbered, tuple[int, ...], str], None]
_OF_PART: dict[str, _ReadNumber] = {
    "number": _number,
    "building": _house,
    "unit": _unit,
    "floor": _floor,
    "room": _inside,
    "group": _group,
    "team": _group,
    "lane": _lane,
    "section": _section,
}
_NUMBER: dict[str | None, _ReadNumber] = {unit: _OF_PART[part] for unit, part in UNITS.items()}
_NUMBER[None] = _number


def _ends_in_room(numbers: tuple[int, ...]) -> bool:
    return numbers[-1] >= _FIRST_ROOM


def _with_more(value: Numbered, more: str) -> Numbered:
    return Numbered(value.number, value.before, value.after + more) if more else value


def _is_range(numbers: tuple[int, ...], more: str) -> bool:
    return len(numbers) == _PAIR and more[0] in "-~" and numbers[1] > numbers[0]
