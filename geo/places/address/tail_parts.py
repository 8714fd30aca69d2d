"""Read what follows the divisions of an address: street, lane, group, number, building, unit, floor and room.

A tail is read from left to right in one pass. Names end where a word for their kind ends them
(昌灵 + 路, 阳光 + 花园), so that a name of any length costs one step; numbers are read with the word that counts them.
What is in no part is in `TailParts.rest`: every character of a tail is in one part, or there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from geo.places.address import near_words, normalise
from geo.places.address.tail_types import Nearby, Numbered, Several, TailParts
from geo.places.address.tail_words import JOINS, NUMERAL_DIGITS, PART, UNITS

#: An address has fewer characters and parts: what is beyond them is not read, and so in `rest`.
MAX_READ = 400
MAX_PARTS = 64
# More digits than any door number has: a telephone number or an id.
_MAX_DIGITS = 9
# In texts on doors a third of this number is the first room of the first floor: 5-501 is a room, 5-3 may not be.
_FIRST_ROOM = 101
_MAX_STREET = 20
_MAX_GROUP = 6
_NOT_DIGITS = re.compile(r"[^0-9]+")
_PLAIN_MORE = re.compile(r"(?:-[0-9]+)+")
_LETTERS_ONLY = re.compile(r"[^a-z]+")
_PAIR = 2
_SIDE_BEFORE = "东南西北中上下前后"
_PLACE_WORD = re.compile("[路街巷河桥沟渠坡岔村][东南西北边头下口子]{1,2}")
_IN_NUMERALS = re.compile(f"第?([{near_words.NUMERALS}]{{1,7}})")
_NUMBERED_ROAD = re.compile(r"(?:([gsxy])|([国省县乡])道)0*([0-9]+)线?|0*([0-9]+)([国省县乡])道线?")
_ROAD_LETTERS = {"国": "g", "省": "s", "县": "x", "乡": "y"}
_STEMS = frozenset("甲乙丙丁")
_AND_TO = ("与", "和", "及", "至", "到")
_ANNEX = frozenset("附副付")
_SILENT = (None, "第", "no")


class _Reader:
    """One tail while it is read: the parts so far, and where the words begin that are in none yet."""

    __slots__ = ("_form", "_in_house", "_name_end", "_near", "_read", "_rest", "_spans", "_values")

    def __init__(self, form: str) -> None:
        self._form = form
        self._read = 0  # what is before it is in a part, or in the rest
        self._name_end = 0  # words from `_read` to here are a name
        self._in_house = False  # a number is that of a room
        self._rest: list[tuple[int, int]] = []
        self._spans: list[tuple[str, int, int]] = []
        self._near: list[Nearby] = []
        self._values: dict[str, Any] = {"streets": (), "sections": (), "sub_numbers": (), "within": ()}

    def parts(self) -> TailParts:
        form = self._form
        end = _end_of_reading(form)
        for count, found in enumerate(PART.finditer(form, 0, end)):
            if count == MAX_PARTS:
                break
            _READ[found.lastgroup](self, found)  # type: ignore[index]
        self._close(end)
        self._leave(end, len(form))
        values = self._values
        get = values.get
        return TailParts(
            form,
            values["streets"],
            get("name", ""),
            get("occupant", ""),
            get("lane"),
            values["sections"],
            get("group"),
            get("group_word", ""),
            get("number"),
            values["sub_numbers"],
            "is_annex" in values,
            get("several"),
            get("building"),
            get("unit"),
            get("floor"),
            get("room"),
            values["within"],
            tuple(self._near),
            tuple(self._rest),
            tuple(self._spans),
        )

    # --- words that are in no part yet ---

    def _leave(self, start: int, end: int) -> None:
        """Put characters into the rest."""
        if start >= end:
            return
        if end - start == 1 and self._form[start] in normalise.SEPARATORS:
            self._spans.append(("word", start, end))
            return
        if self._rest and self._rest[-1][1] == start:
            start = self._rest.pop()[0]
        self._rest.append((start, end))

    def _close(self, end: int) -> None:
        """End the words before a part: the name that they begin with, and what is left of them."""
        start, name_end = self._read, self._name_end
        if start >= end:
            return
        if name_end > start:
            part = "occupant" if "number" in self._values or "several" in self._values or self._in_house else "name"
            self._values[part] = self._values.get(part, "") + self._form[start:name_end]
            self._spans.append((part, start, name_end))
            start = name_end
        self._leave(start, end)
        self._read = self._name_end = end

    def _take(self, part: str, start: int, end: int) -> None:
        """Say that characters are in a part, after those before them."""
        if start > self._read:
            self._close(start)
        self._spans.append((part, start, end))
        self._read = self._name_end = end

    def _refuse(self, found: re.Match[str]) -> None:
        self._close(found.start())
        self._leave(*found.span())
        self._read = self._name_end = found.end()

    def _put(self, part: str, value: Numbered, start: int, end: int) -> None:
        """Set a part inside a house; a second one of its kind, as a座 of 3号楼, is kept by its text."""
        if part in self._values:
            self._take("within", start, end)
            self._values["within"] += (self._form[start:end],)
            return
        self._take(part, start, end)
        self._values[part] = value

    # --- one method for each group of the expression ---

    def _read_ref(self, found: re.Match[str]) -> None:
        self._take("street", *found.span())
        self._values["streets"] += (_street_name(found[0]),)

    def _read_road(self, found: re.Match[str]) -> None:
        self._street(found, found.start())

    def _street(self, found: re.Match[str], words_end: int) -> None:
        """End the name of a street: it begins after the last name, or with it where nothing is between."""
        form, start, name_end = self._form, self._read, self._name_end
        if start < name_end < words_end - 1:  # 环城北路 and 广场东路 are one name
            self._close(name_end)
            start = name_end
        if words_end - start > _PAIR and self._values["streets"] and form[start] in JOINS:
            self._take("word", start, start + 1)  # 与B路: 和平路 keeps its 和
            start += 1
        if start == words_end and found.lastgroup == "road":
            return  # 路 of 路口村 ends no name
        if words_end - start > _MAX_STREET:
            self._refuse(found)
            return
        self._spans.append(("street", start, found.end()))
        self._values["streets"] += (_street_name(form[start : found.end()]),)
        self._read = self._name_end = found.end()

    def _read_near(self, found: re.Match[str]) -> None:
        start, end = found.span()
        word = found[found.lastgroup]  # type: ignore[index]
        if not self._spans and end < len(self._form) and _PLACE_WORD.fullmatch(word):
            return  # 桥头3号
        self._take("near", start, end)
        last = self._near[-1] if self._near else None
        if last is not None and last.end == start and not last.side and last.metres is not None:
            self._near[-1] = Nearby(word, near_words.side_named(word), last.metres, last.start, end)  # 200米以东
            return
        self._near.append(Nearby(word, near_words.side_named(word), None, start, end))

    _read_roadside = _read_near

    def _read_stem(self, found: re.Match[str]) -> None:
        """Read 甲 of 12号甲, which is 甲12号."""
        number: Numbered | None = self._values.get("number")
        if number is None or number.before or self._read != found.start():
            self._refuse(found)
            return
        self._take("number", *found.span())
        self._values["number"] = number._replace(before=found[0])

    def _read_far(self, found: re.Match[str]) -> None:
        self._distance(found)

    def _distance(self, found: re.Match[str]) -> None:
        start, end = found.span()
        metres = near_words.metres(found[0])
        self._take("near", start, end)
        last = self._near[-1] if self._near else None
        if last is not None and last.end == start and last.metres is None:
            self._near[-1] = last._replace(metres=metres, end=end)
            return
        side = near_words.side_named(found[0]) if found[0][-1].isascii() else ""
        self._near.append(Nearby(found[0], side, metres, start, end))

    def _read_section(self, found: re.Match[str]) -> None:
        self._take("section", *found.span())
        self._values["sections"] += (_in_digits(found[0]),)

    def _read_lettered(self, found: re.Match[str]) -> None:
        letters, unit = found.group(_LETTERED + 1, _LETTERED + 2)
        part = "building" if unit == "楼" else "room" if unit == "厢房" else UNITS[unit]
        self._put(part, Numbered(None, letters), *found.span())
        self._in_house = True

    def _read_within(self, found: re.Match[str]) -> None:
        self._take("within", *found.span())
        self._values["within"] += (found[0],)
        self._in_house = self._in_house or "number" in self._values  # 3号 of 12号院内3号 is a room

    def _read_word(self, found: re.Match[str]) -> None:
        self._take("word", *found.span())

    def _read_group(self, found: re.Match[str]) -> None:
        """Read a group with a name, as 东组 and 李家社."""
        start, end = found.span()
        first = self._read
        if "group" in self._values or not 0 < start - first <= _MAX_GROUP or self._name_end not in (first, start):
            return
        name = self._form[first:start]
        numeral = _IN_NUMERALS.fullmatch(name)
        value = Numbered(None, name) if numeral is None else Numbered(normalise.numeral_value(numeral[1]))
        self._set_group(value, found[0], first, end)

    def _set_group(self, value: Numbered, words: str, start: int, end: int) -> None:
        if start == self._read:
            self._name_end = start  # 李家 of 李家社 is no name of an estate
        self._values["group"] = value
        self._values["group_word"] = "队" if words.endswith("队") else "组"
        self._take("group", start, end)

    def _read_occupant(self, found: re.Match[str]) -> None:
        start, end = found.span()
        if end - start > 1 or start > self._read:
            self._name_end = end

    def _read_estate(self, found: re.Match[str]) -> None:
        if "number" not in self._values and "several" not in self._values:
            self._read_occupant(found)

    # --- numbers: each method has the first number with its letters, all numbers, and the text after the first ---

    def _read_run(self, found: re.Match[str]) -> None:
        before, digits, after, more, road, measure, unit = found.group(*_RUN_GROUPS)
        others = [one for one in _NOT_DIGITS.split(more) if one] if more else []
        if len(digits) > _MAX_DIGITS or (others and max(map(len, others)) > _MAX_DIGITS):
            self._refuse(found)
        elif road is not None:
            self._street(found, found.start())
        elif measure is not None:
            self._distance(found)
        else:
            first = int(digits)
            value = Numbered(first, "" if before in _SILENT else before, after or "")
            if after in _STEMS:
                value = Numbered(first, after)  # 12甲号 is 甲12号
            numbers = (first, *map(int, others)) if others else (first,)
            _NUMBER[unit](self, found, value, numbers, more)

    def _number(self, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str) -> None:
        values = self._values
        unit = found[_UNIT_GROUP]
        if value.before in _ANNEX or (value.before == "之" and "number" in values):
            self._take("sub_number", *found.span())
            values["sub_numbers"] += numbers
            values["is_annex"] = True
        elif self._in_house or value.before in ("内", "负", "地下"):
            self._inside(found, value, numbers, more)
        elif "number" in values or "several" in values:
            if unit:
                self._second_number(found, value, numbers, more)
            else:
                self._inside(found, value, numbers, more)
        elif not unit and more and not values["streets"] and self._has_name(found.start()) and _ends_in_room(numbers):
            self._inside(found, value, numbers, more)  # 阳光花园5-3-501
        else:
            self._door(found, value, numbers, more)
        if unit in ("号院", "号大院"):
            self._in_house = True

    def _has_name(self, end: int) -> bool:
        self._close(end)
        return "name" in self._values

    def _door(self, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str) -> None:
        self._take("number", *found.span())
        if "," in more:
            self._values["several"] = Several("number", numbers, is_range=False)
            return
        self._values["number"] = value
        if more:
            self._values["sub_numbers"] = numbers[1:]
            if not more[-1].isdigit():
                self._values["number"] = _with_more(value, _LETTERS_ONLY.sub("", more))
            if _is_range(numbers, more):
                self._values["several"] = Several("number", numbers, is_range=True)

    def _second_number(self, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str) -> None:
        """Read 5号 of 3号5号: the text is of both, and of all between in 3号至7号."""
        values = self._values
        earlier: Numbered | None = values.get("number")
        several: Several | None = values.get("several")
        join = self._form[self._read : found.start()]
        is_lettered = value.before or value.after or (earlier is not None and (earlier.before or earlier.after))
        if (
            more
            or is_lettered
            or values["sub_numbers"]
            or self._name_end > self._read
            or (several and several.is_range)
        ):
            self._refuse(found)
            return
        first = several.values if several is not None else (earlier.number or 0,) if earlier is not None else ()
        if join in _AND_TO:
            self._take("word", self._read, found.start())
        self._take("number", *found.span())
        values.pop("number", None)
        is_range = join in ("至", "到") and len(first) == 1 and first < numbers
        values["several"] = Several("number", first + numbers, is_range)

    def _inside(self, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str) -> None:
        """Read 501, 3-501 and 5-3-501: room, unit and building, from the last to the first."""
        values = self._values
        was_in_house = self._in_house or "number" in values
        self._in_house = True
        if not more:
            self._put("room", value, found.start(), found.end())
            return
        wanted = ["building", "unit", "room"][-len(numbers) :]
        if len(numbers) == _PAIR and ("unit" in values or not was_in_house):
            wanted = ["building", "room"]
        is_plain = _PLAIN_MORE.fullmatch(more) is not None and len(numbers) <= len(wanted)
        if not is_plain or not _ends_in_room(numbers) or any(part in values for part in wanted):
            self._put("room", _with_more(value, more), *found.span())
        else:
            self._take("room", *found.span())
            for part, number in zip(wanted, numbers, strict=True):
                values[part] = Numbered(number)
            values[wanted[0]] = value

    def _house(self, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str) -> None:
        is_range = _is_range(numbers, more)
        if (is_range or "," in more) and "several" not in self._values:
            self._take("building", *found.span())
            self._values["several"] = Several("building", numbers, is_range)
        else:
            self._put("building", _with_more(value, more), *found.span())
        self._in_house = True

    def _unit(self, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str) -> None:
        parts = self._values
        if len(numbers) == _PAIR and more[0] == "-" and "building" not in parts and "unit" not in parts:
            self._take("unit", *found.span())  # 5-3单元
            parts["building"], parts["unit"] = value, Numbered(numbers[1])
        else:
            self._put("unit", _with_more(value, more), *found.span())
        self._in_house = True

    def _floor(self, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str) -> None:
        if value.before in ("负", "地下", "b"):
            value = Numbered(-numbers[0], "", value.after)
        self._put("floor", _with_more(value, more), *found.span())
        self._in_house = True

    def _group(self, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str) -> None:
        if "group" in self._values:
            self._refuse(found)
            return
        start = self._start_with_side(found.start())
        before = self._form[start : found.start()] or value.before
        self._set_group(Numbered(numbers[0], before, value.after + more), found[0], start, found.end())

    def _start_with_side(self, start: int) -> int:
        """Return where a part begins that one character of a side is before: 东3组."""
        read = self._read
        return read if start - read == 1 and self._name_end == read and self._form[read] in _SIDE_BEFORE else start

    def _lane(self, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str) -> None:
        if "lane" in self._values:
            self._refuse(found)
            return
        start = self._start_with_side(found.start())
        before = self._form[start : found.start()] or value.before
        self._take("lane", start, found.end())
        self._values["lane"] = Numbered(numbers[0], before, value.after + more)

    def _section(self, found: re.Match[str], value: Numbered, numbers: tuple[int, ...], more: str) -> None:
        self._take("section", *found.span())
        self._values["sections"] += (f"{value.before}{numbers[0]}{value.after}{more}{found[_UNIT_GROUP]}",)


_LETTERED = PART.groupindex["lettered"]
_RUN_GROUPS = tuple(range(PART.groupindex["run"] + 1, PART.groupindex["run"] + 8))
_UNIT_GROUP = _RUN_GROUPS[-1]
_READ: dict[str, Callable[[_Reader, re.Match[str]], None]] = {
    name: getattr(_Reader, f"_read_{name}") for name in PART.groupindex
}
_ReadNumber = Callable[[_Reader, re.Match[str], Numbered, tuple[int, ...], str], None]
_OF_PART: dict[str, _ReadNumber] = {
    "number": _Reader._number,
    "building": _Reader._house,
    "unit": _Reader._unit,
    "floor": _Reader._floor,
    "room": _Reader._inside,
    "group": _Reader._group,
    "team": _Reader._group,
    "lane": _Reader._lane,
    "section": _Reader._section,
}
_NUMBER: dict[str | None, _ReadNumber] = {unit: _OF_PART[part] for unit, part in UNITS.items()}
_NUMBER[None] = _Reader._number


def _end_of_reading(form: str) -> int:
    """Return where reading ends: at most `MAX_READ`, and not within a number or a word of Latin letters."""
    end = len(form)
    if end > MAX_READ:
        end = MAX_READ
        while end and form[end - 1].isascii():
            end -= 1
    return end


def _ends_in_room(numbers: tuple[int, ...]) -> bool:
    return numbers[-1] >= _FIRST_ROOM


def _with_more(value: Numbered, more: str) -> Numbered:
    return Numbered(value.number, value.before, value.after + more) if more else value


def _is_range(numbers: tuple[int, ...], more: str) -> bool:
    return len(numbers) == _PAIR and more[0] in "-~" and numbers[1] > numbers[0]


def _street_name(text: str) -> str:
    """Return the name of a street in one form: 人民南路四段 is 人民南路4段; 312国道, 国道312线 and g312线 are g312."""
    numbered = _NUMBERED_ROAD.fullmatch(text)
    if numbered is not None:
        letter = _ROAD_LETTERS.get(numbered[2] or numbered[5]) or numbered[1]
        return f"{letter}{numbered[3] or numbered[4]}"
    return text[:-2] + _in_digits(text[-2:]) if text.endswith("段") else text


def _in_digits(text: str) -> str:
    return text.translate(NUMERAL_DIGITS)


def read_tail(form: str) -> TailParts:
    """Read the normal form of what follows the divisions of an address.

    Parameters
    ----------
    form
        As `geo.places.address.normalise.normal_form` returns it; the first 400 characters are read.

    Examples
    --------
    >>> parts = read_tail("民主街3,5号永辉超市")
    >>> parts.several, parts.occupant
    (Several(part='number', values=(3, 5), is_range=False), '永辉超市')
    >>> parts = read_tail("g30连霍高速")
    >>> parts.streets, parts.rest
    (('g30连霍高速',), ())
    >>> parts = read_tail("12号桥墩")
    >>> parts.number.number, parts.rest_text
    (12, '桥墩')
    """
    return _Reader(form).parts()
