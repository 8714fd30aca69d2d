"""Hold the parts of a tail of an address: its street, numbers and rooms, words for places beside it, and the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple


class Numbered(NamedTuple):
    """A number, with the letters before and after it; a part with a letter or a name only has no number.

    Examples
    --------
    >>> Numbered(12, "", "a"), Numbered(None, "东")
    (Numbered(number=12, before='', after='a'), Numbered(number=None, before='东', after=''))
    """

    number: int | None
    before: str = ""
    after: str = ""


class Several(NamedTuple):
    """Several numbers of one kind of part: all of them, or the first and the last of a range.

    Examples
    --------
    >>> Several("building", (1, 10), is_range=True).holds(5), Several("number", (3, 7), is_range=True).holds(4)
    (True, False)
    """

    part: Literal["number", "building"]
    values: tuple[int, ...]
    is_range: bool

    def holds(self, number: int | None) -> bool:
        """Return whether a number is one of them; 3-7号 are the odd ones, for they are on one side of the street."""
        if number is None or not self.is_range:
            return number in self.values
        first, last = self.values
        one_side = self.part == "number" and side(first) == side(last)
        return first <= number <= last and not (one_side and side(number) != side(first))


class Nearby(NamedTuple):
    """A word that says that the place is near the address, with the side and the metres where they are said.

    Examples
    --------
    >>> from geo.places.address.tail_parts import read_tail
    >>> read_tail("3号北侧200米").near
    (Nearby(word='北侧', side='北', metres=200.0, start=2, end=8),)
    """

    word: str
    side: str
    metres: float | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TailParts:
    """What a tail says, part by part.

    Attributes
    ----------
    form
        The normal form that was read.
    streets
        Names of streets and roads, in the order of the text: 民主街, 和平巷.
    name
        Name of an estate or a settlement, before any number: 阳光花园.
    occupant
        Name of who is at the door: the name after a number, as that of a shop.
    lane
        Number of a lane (弄, 巷).
    sections
        区, 期 and 排 with their numbers.
    group, group_word
        Number or name of a group, and 组 or 队: 社 and 小组 are 组.
    number, sub_numbers
        Door number, and what follows it: 3 of 12-3号 and of 12号附3.
    is_annex
        Whether the sub-number is one of 附 or 之 after 号, which is a part of the door; 12-3号 is another than 12号.
    several
        Several numbers of doors or buildings. 3-7号 is read both ways: as numbers and as a sub-number.
    building, unit, floor, room
        Numbers of the parts inside; a basement is a negative floor.
    within
        Words for parts without a number: 门卫, 底商.
    near
        Words that say that the place is near the address.
    rest
        Start and end of what was not understood.
    spans
        Part, start and end of what was.

    Examples
    --------
    >>> from geo.places.address.tail_parts import read_tail
    >>> parts = read_tail("昌灵路12-3号2单元501室")
    >>> parts.street, parts.number.number, parts.sub_numbers, parts.unit.number, parts.room.number, parts.rest
    ('昌灵路', 12, (3,), 2, 501, ())
    """

    form: str
    streets: tuple[str, ...]
    name: str
    occupant: str
    lane: Numbered | None
    sections: tuple[str, ...]
    group: Numbered | None
    group_word: str
    number: Numbered | None
    sub_numbers: tuple[int, ...]
    is_annex: bool
    several: Several | None
    building: Numbered | None
    unit: Numbered | None
    floor: Numbered | None
    room: Numbered | None
    within: tuple[str, ...]
    near: tuple[Nearby, ...]
    rest: tuple[tuple[int, int], ...]
    spans: tuple[tuple[str, int, int], ...]

    @property
    def street(self) -> str:
        """The names of streets as one."""
        return "".join(self.streets)

    @property
    def rest_text(self) -> str:
        """What was not understood, as one text."""
        return "".join(self.rest_words)

    @property
    def unread_text(self) -> str:
        """What was not understood of a tail of which nothing is stored: a name that it goes on from is part of it."""
        if len(self.rest) != 1:
            return self.rest_text
        start, end = self.rest[0]
        begin = next((first for part, first, last in self.spans if part == "name" and last == start), start)
        return self.form[begin:end]

    @property
    def rest_words(self) -> tuple[str, ...]:
        """What was not understood, piece by piece: 桥 and 头 of 桥3号头 are not 桥头."""
        return tuple([self.form[start:end] for start, end in self.rest])


def side(number: int) -> Literal["odd", "even"]:
    """Return the side of the street that a number is on.

    Examples
    --------
    >>> side(3), side(10)
    ('odd', 'even')
    """
    return "odd" if number % 2 else "even"
