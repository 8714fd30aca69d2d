"""Hold the parts of a tail while it is read, and which of its characters are in one already."""

from __future__ import annotations

import re
from typing import Any

from geo.places.address import near_words, normalise
from geo.places.address.road_names import street_name
from geo.places.address.tail_types import Nearby, Numbered, TailParts
from geo.places.address.tail_words import JOINS, LEAD, NUMERAL_DIGITS

_MAX_STREET = 20
# Joins that names of two characters begin with too: 和平路, 同心路.
_IN_NAMES = "和同"
# What a name of a street goes on with: 西街巷, 老街路. 里 of 昌灵路里5号 is no name.
_LANE = re.compile("[巷街路]|胡同|弄堂")
_SIDE_BEFORE = "东南西北中上下前后"


class TailDraft:
    """One tail while it is read from left to right: the parts so far, and where the words begin that are in none yet.

    Attributes
    ----------
    form
        The normal form that is read.
    read
        What is before it is in a part, or in the rest.
    name_end
        Words from `read` to here are a name.
    in_house
        Whether a number is that of a room.
    near, values
        Words for places nearby, and the other parts by their names in `TailParts`.

    Examples
    --------
    >>> draft = TailDraft("阳光3号")
    >>> draft.take("number", 2, 4)
    >>> draft.parts(4).rest
    ((0, 2),)
    """

    __slots__ = ("form", "in_house", "name_end", "near", "read", "rest", "spans", "values")

    def __init__(self, form: str) -> None:
        self.form = form
        self.read = 0
        self.name_end = 0
        self.in_house = False
        self.rest: list[tuple[int, int]] = []
        self.spans: list[tuple[str, int, int]] = []
        self.near: list[Nearby] = []
        self.values: dict[str, Any] = {"streets": (), "sections": (), "sub_numbers": (), "within": ()}

    def parts(self, end: int) -> TailParts:
        """End the tail, of which what is behind `end` was not read, and return its parts."""
        self.close(end)
        self.leave(end, len(self.form))
        values = self.values
        get = values.get
        return TailParts(
            self.form,
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
            tuple(self.near),
            tuple(self.rest),
            tuple(self.spans),
        )

    def leave(self, start: int, end: int) -> None:
        """Put characters into the rest."""
        if start >= end:
            return
        if end - start == 1 and self.form[start] in normalise.SEPARATORS:
            self.spans.append(("word", start, end))
            return
        if self.rest and self.rest[-1][1] == start:
            start = self.rest.pop()[0]
        self.rest.append((start, end))

    def close(self, end: int) -> None:
        """End the words before a part: the name that they begin with, and what is left of them."""
        start, name_end = self.read, self.name_end
        if start >= end:
            return
        start = self._without_lead(start, name_end)
        if name_end > start:
            part = "occupant" if "number" in self.values or "several" in self.values or self.in_house else "name"
            self.values[part] = self.values.get(part, "") + self.form[start:name_end]
            self.spans.append((part, start, name_end))
            start = name_end
        self.leave(start, end)
        self.read = self.name_end = end

    def _without_lead(self, start: int, end: int) -> int:
        """Return where a name begins behind words that no name begins with, which are left."""
        found = LEAD.match(self.form, start, end) if end > start else None
        if found is None:
            return start
        self.leave(start, found.end())
        return found.end()

    def take(self, part: str, start: int, end: int) -> None:
        """Say that characters are in a part, after those before them."""
        if start > self.read:
            self.close(start)
        self.spans.append((part, start, end))
        self.read = self.name_end = end

    def refuse(self, found: re.Match[str]) -> None:
        """Put all that was found into the rest."""
        self.close(found.start())
        self.leave(*found.span())
        self.read = self.name_end = found.end()

    def put(self, part: str, value: Numbered, start: int, end: int) -> None:
        """Set a part inside a house; a second one of its kind, as a座 of 3号楼, is kept by its text."""
        if part in self.values:
            self.take("within", start, end)
            self.values["within"] += (self.form[start:end],)
            return
        self.take(part, start, end)
        self.values[part] = value

    def street(self, found: re.Match[str], words_end: int) -> None:
        """End the name of a street: it begins after the last name, or with it where nothing is between."""
        form, start, name_end = self.form, self.read, self.name_end
        if start < name_end < words_end - 1:  # 环城北路 and 广场东路 are one name
            self.close(name_end)
            start = name_end
        least = 2 if form[start : start + 1] in _IN_NAMES else 1
        if words_end - start > least and self.values["streets"] and form[start] in JOINS:
            self.take("word", start, start + 1)  # 与B路: 和平路 keeps its 和
            start += 1
        if start == words_end and found.lastgroup == "road":
            self._lengthen_street(found)
            return  # 路 of 路口村 ends no name
        start = self._without_lead(start, words_end)
        if words_end - start > _MAX_STREET:
            self.refuse(found)
            return
        self.spans.append(("street", start, found.end()))
        self.values["streets"] += (street_name(form[start : found.end()]),)
        self.read = self.name_end = found.end()

    def _lengthen_street(self, found: re.Match[str]) -> None:
        """Make 巷 of 西街巷, directly behind a street, a part of its name."""
        if not self.spans or _LANE.match(found[0]) is None:
            return
        part, start, end = self.spans[-1]
        if part == "street" and end == found.start() == self.read:
            self.spans[-1] = (part, start, found.end())
            self.values["streets"] = (*self.values["streets"][:-1], street_name(self.form[start : found.end()]))
            self.read = self.name_end = found.end()

    def distance(self, found: re.Match[str]) -> None:
        """Add a distance, to the word for a place nearby that it is directly behind."""
        start, end = found.span()
        metres = near_words.metres(found[0])
        self.take("near", start, end)
        last = self.near[-1] if self.near else None
        if last is not None and last.end == start and last.metres is None:
            self.near[-1] = last._replace(metres=metres, end=end)
            return
        side = near_words.side_named(found[0]) if found[0][-1].isascii() else ""
        self.near.append(Nearby(found[0], side, metres, start, end))

    def set_group(self, value: Numbered, words: str, start: int, end: int) -> None:
        """Set the group that the words from `start` to `end` are, counted by what they end in."""
        if start == self.read:
            self.name_end = start  # 李家 of 李家社 is no name of an estate
        self.values["group"] = value
        self.values["group_word"] = "队" if words.endswith("队") else "组"
        self.take("group", start, end)

    def start_with_side(self, start: int) -> int:
        """Return where a part begins that one character of a side is before: 东3组."""
        read = self.read
        return read if start - read == 1 and self.name_end == read and self.form[read] in _SIDE_BEFORE else start

    def has_name(self, end: int) -> bool:
        """Return whether the tail has the name of an estate, of which the words up to `end` may be one."""
        self.close(end)
        return "name" in self.values


def in_digits(text: str) -> str:
    """Return a text with its Chinese numerals up to nine as digits.

    Examples
    --------
    >>> in_digits("二期")
    '2期'
    """
    return text.translate(NUMERAL_DIGITS)
