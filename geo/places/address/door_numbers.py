"""Find the stored doors and buildings of a street, group or estate by number: the same one, else the nearest."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

import numpy as np

from geo.places.address.numeral_names import street_spellings
from geo.places.address.stored_addresses import Found, StoredAddresses
from geo.places.address.tail_parts import read_tail
from geo.places.address.tail_relations import phase_spellings, yard_spellings
from geo.places.address.tail_types import Several, TailParts

#: Doors of one street looked through, and doors of one number compared part by part.
_MAX_DOORS, _MAX_COMPARED = 2_000, 30
#: So many doors of one side, or buildings, may be missing between two that are taken to say where they are.
MAX_MISSING = 10
#: Metres from a door to that of the next number (two frontages of 20 m, on either side), and between two buildings.
DOOR_M, BUILDING_M = 10.0, 40.0
# The first number of a stored tail, in bytes, those it has besides, and whether they are of buildings.
# 1 of 1期3幢 is a number of neither.
_NUMBERS = re.compile(
    r"([0-9]+)(?![0-9])((?:[-~,/.(][a-z]?[0-9]+)*)(?!期|区|排|段|组|弄|巷|单元|楼|层|室|街坊|地块)(幢)?".encode()
)
# 锦绣苑小区 is 锦绣苑; 幸福 alone is no estate.
_QUARTER = re.compile("([^0-9]{2,}(?:[苑园城府庭湾邸墅]|公寓|家属院))小区(?=[0-9]|$)")
_ESTATE_NUMBERED = re.compile("[^0-9]{2,}(?:[苑园府庭湾邸墅]|公寓|家属院)(?=[0-9]+[幢期号区])")
_LEAST_NAME = 2
# A stored door: its entry in the index, its first number, and those it has besides as they are written.
_Numbered = tuple[int, int, bytes]
# More is no number of a door or building, but that of a telephone or a meter.
_MAX_NUMBER = 99_999
# Several groups that are stored together, and how many there are at most.
_GROUPS = re.compile(r"[0-9]+((?:[-,][0-9]+)+)组")
_MAX_GROUPS = 20


class Door(NamedTuple):
    """A stored door or building beside one that is asked for.

    Attributes
    ----------
    entry
        Its entry in the index.
    number
        Its number.
    away
        How many numbers it is away.
    parts
        How many parts inside it has of those asked for.
    is_across
        Whether it is on the other side of the street.

    Examples
    --------
    >>> Door(7, 12, 0, 1).away
    0
    """

    entry: int
    number: int
    away: int
    parts: int
    is_across: bool = False


def wanted_number(parts: TailParts) -> tuple[Literal["number", "building"], int] | None:
    """Return the part, number or building, that a tail counts along its street or estate, and which it asks for.

    Examples
    --------
    >>> [wanted_number(read_tail(form)) for form in ("东街5号2幢", "惠民小区2幢", "惠民小区", "东街3,5号")]
    [('number', 5), ('building', 2), None, ('number', 3)]
    """
    for part in ("number", "building"):
        found = getattr(parts, part)
        if found is not None and found.number is not None:
            return (part, found.number) if found.number <= _MAX_NUMBER else None
    return (parts.several.part, parts.several.values[0]) if parts.several is not None else None


def wanted_numbers(parts: TailParts) -> tuple[int, ...]:
    """Return all numbers that a tail asks for: those of a list, the two ends of a range, else its only one.

    Examples
    --------
    >>> [wanted_numbers(read_tail(form)) for form in ("东街5号", "东街3,5号", "东街9-15号", "东街")]
    [(5,), (3, 5), (9, 15), ()]
    """
    if parts.several is not None:
        return parts.several.values
    found = wanted_number(parts)
    return () if found is None else (found[1],)


def last_of_list(parts: TailParts) -> str:
    """Return the second door of what may be a door with an annex, or a list of two; empty where it is no list.

    Doors of a list go up, and 附 says that there is none.

    Examples
    --------
    >>> [last_of_list(read_tail(f"东街{text}")) for text in ("1号7", "5号1", "1号附7", "1号")]
    ['东街7号', '', '', '']
    """
    starts = {part: start for part, start, _ in parts.spans}
    if parts.number is None or parts.number.number is None or len(parts.sub_numbers) != 1 or not parts.is_annex:
        return ""
    is_bare = parts.form[starts["sub_number"]].isdigit()
    last = parts.sub_numbers[0]
    return f"{parts.form[: starts['number']]}{last}号" if is_bare and last > parts.number.number else ""


def doors_beside(stored: StoredAddresses, parts: TailParts, place: int) -> np.ndarray:
    """Return the entries inside a place with the same words before the number; none where there are no words.

    Examples
    --------
    >>> from geo.places.address.place_tree import PlaceTree
    >>> stored = StoredAddresses(PlaceTree.of(), [("东街1号", 0, 0), ("东街9号", 0, 1), ("西街1号", 0, 2)])
    >>> stored.rows[doors_beside(stored, read_tail("东街5号"), 0)].tolist()
    [0, 1]
    """
    start = _start_of_number(parts)
    return stored.beginning_with(parts.form[:start], place) if start >= _LEAST_NAME else np.empty(0, np.int64)


def _start_of_number(parts: TailParts) -> int:
    """Return where the number begins that is wanted; 5 of 5-2-501 is where its room is."""
    wanted = wanted_number(parts)
    if wanted is None:
        return 0
    found = {part: start for part, start, _ in reversed(parts.spans)}
    return next((found[part] for part in (wanted[0], "unit", "room") if part in found), 0)


def best_of_spellings(stored: StoredAddresses, tail: str, place: int, found: Found | None) -> tuple[str, Found | None]:
    """Return what is stored of a tail in any of its spellings, whichever leaves least, and that tail.

    A yard or an estate may be written with its word or without, a phase before its building or behind it, a number in
    the name of a street in digits or in characters.

    Examples
    --------
    >>> from geo.places.address.place_tree import PlaceTree
    >>> stored = StoredAddresses(PlaceTree.of(), [("东街1号院3幢", 0, 0)])
    >>> best_of_spellings(stored, "东街1号3幢", 0, None)[0]
    '东街1号院3幢'
    """
    best = (tail, found)
    for other in (
        *_yards_that_may_be(stored, tail, place),
        *phase_spellings(tail),
        *estate_spellings(tail),
        *street_spellings(tail),
    ):
        one = (other, stored.find(other, place))
        if _unread(*one) < _unread(*best):
            best = one
    return best


def estate_spellings(tail: str) -> list[str]:
    """Return the other way to write an estate whose name says that it is one: with 小区 behind it, or without.

    Examples
    --------
    >>> estate_spellings("锦绣苑小区1幢"), estate_spellings("锦绣苑1幢"), estate_spellings("幸福小区1幢")
    (['锦绣苑1幢'], ['锦绣苑小区1幢'], [])
    """
    if found := _QUARTER.match(tail):
        return [found[1] + tail[found.end() :]]
    found = _ESTATE_NUMBERED.match(tail)
    return [f"{found[0]}小区{tail[found.end() :]}"] if found is not None else []


def _yards_that_may_be(stored: StoredAddresses, tail: str, place: int) -> list[str]:
    """Return the spellings of a yard but for those that say more than any stored text: they would leave more."""
    spellings = yard_spellings(tail)
    if not spellings:
        return []
    size = _length_in_common(tail, spellings[0])  # as much as the others have
    is_known = stored.has_beginning(tail[:size], place)
    return [
        one for one in spellings if len(one) <= len(tail) or (is_known and stored.has_beginning(one[: size + 1], place))
    ]


def _length_in_common(one: str, other: str) -> int:
    size = min(len(one), len(other))
    for k in range(size):
        if one[k] != other[k]:
            return k
    return size


def in_range_of_groups(stored: StoredAddresses, tail: str, place: int) -> tuple[str, str, str] | None:
    """Return a tail with several groups that are stored together for the one it names: 4-6组 for 5组; and these two.

    Examples
    --------
    >>> from geo.places.address.place_tree import PlaceTree
    >>> stored = StoredAddresses(PlaceTree.of(), [("4-6组", 0, 0), ("7,9组", 0, 1)])
    >>> [in_range_of_groups(stored, tail, 0) for tail in ("5组3号", "9组", "8组")]
    [('4-6组3号', '5组', '4-6组'), ('7,9组', '9组', '7,9组'), None]
    """
    parts = read_tail(tail)
    wanted = parts.group.number if parts.group is not None else None
    if wanted is None or parts.group != (wanted, "", ""):
        return None
    start, end = next((span[1], span[2]) for span in parts.spans if span[0] == "group")
    if not start and not stored.has_several:
        return None
    for first in range(wanted, max(wanted - _MAX_GROUPS, 0), -1):
        for mark in "-,":
            for entry in stored.beginning_with(f"{tail[:start]}{first}{mark}", place)[:_MAX_COMPARED].tolist():
                found = _GROUPS.match(stored.tail(entry), start)
                if found is not None and _is_one_of(wanted, first, found[1]):
                    return tail[:start] + found[0] + tail[end:], tail[start:end], found[0]
    return None


def _is_one_of(wanted: int, first: int, more: str) -> bool:
    numbers = [int(one) for one in re.findall(r"[0-9]+", more)]
    if more[0] == "," or len(numbers) > 1:
        return wanted in (first, *numbers)
    return first <= wanted <= numbers[0]


def _unread(tail: str, found: Found | None) -> tuple[int, int]:
    """Return how far what is stored is from a tail: exact, longer, or shorter by so many characters."""
    if found is None:
        return 3, 0
    return ("exact", "longer", "shorter").index(found.how), len(tail) - found.read


def nearest_doors(stored: StoredAddresses, entries: np.ndarray, parts: TailParts) -> list[Door]:
    """Return the doors of the number asked for, most parts first; else those next to it, nearest first.

    Next to a door are those on its side of the street, odd or even, and those across only where its side has none; next
    to a building are all. All doors that are equally near count, and those of each number of a list or a range, with
    all that are stored within a range.

    Examples
    --------
    >>> from geo.places.address.place_tree import PlaceTree
    >>> stored = StoredAddresses(PlaceTree.of(), [("东街1号", 0, 0), ("东街8号", 0, 1), ("东街9号", 0, 2)])
    >>> parts = read_tail("东街5号")
    >>> [(stored.tail(door.entry), door.away) for door in nearest_doors(stored, doors_beside(stored, parts, 0), parts)]
    [('东街1号', 4), ('东街9号', 4)]
    """
    found = wanted_number(parts)
    if found is None:
        return []
    size = len(parts.form[: _start_of_number(parts)].encode("utf-8", "replace"))
    is_building, tails, starts = found[0] == "building", stored.tails.block, stored.tails.start
    numbered: list[_Numbered] = []
    for entry in entries[:_MAX_DOORS].tolist():
        numbers = _NUMBERS.match(tails, starts[entry] + size, starts[entry + 1])
        if numbers is not None:
            first, more, building = numbers.groups()
            if (building is not None) == is_building:
                numbered.append((entry, int(first), more))
    nearest = [door for wanted in wanted_numbers(parts) for door in _of_number(stored, numbered, wanted, parts)]
    if parts.several is not None and parts.several.is_range:
        within = [(entry, number) for entry, number, _ in numbered if parts.several.holds(number)]
        nearest += [Door(entry, number, 0, 0) for entry, number in within[:_MAX_COMPARED]]
    once = {door.entry: door for door in sorted(nearest, key=lambda door: -door.away)}  # the nearest of each
    return sorted(once.values(), key=lambda door: (door.away, -door.parts, door.entry))


def _of_number(stored: StoredAddresses, numbered: list[_Numbered], wanted: int, parts: TailParts) -> list[Door]:
    """Return the doors of one number; else those next to it."""
    part: Literal["number", "building"] = wanted_number(parts)[0]  # type: ignore[index]
    same = [
        entry for entry, first, more in numbered if first == wanted or (more and _is_among(wanted, part, first, more))
    ]
    if same:
        doors = [Door(one, wanted, 0, _equal_parts(stored.tail(one), parts)) for one in same[:_MAX_COMPARED]]
        return sorted(doors, key=lambda door: -door.parts)
    if part == "building":
        return _neighbours(numbered, wanted)
    on_side = [one for one in numbered if (one[1] - wanted) % 2 == 0]
    return _neighbours(on_side, wanted) or [door._replace(is_across=True) for door in _neighbours(numbered, wanted)]


def _is_among(wanted: int, part: Literal["number", "building"], first: int, others: bytes) -> bool:
    """Return whether a number is one of those of a stored tail: 5 is of 3,5号, of 3-7号 and of 1-10幢, 3 of 3-1号."""
    more = [int(one) for one in re.findall(rb"[0-9]+", others)]
    if b"," in others:
        return wanted in more
    is_range = others[:1] in b"-~" and len(more) == 1 and more[0] > first
    return is_range and Several(part, (first, more[0]), is_range=True).holds(wanted)


def _neighbours(numbered: list[_Numbered], wanted: int) -> list[Door]:
    """Return those of the next lower and of the next higher number, nearest first."""
    below = max([number for _, number, _ in numbered if number < wanted], default=None)
    above = min([number for _, number, _ in numbered if number > wanted], default=None)
    beside = [Door(entry, number, abs(number - wanted), 0) for entry, number, _ in numbered if number in (below, above)]
    return sorted(beside, key=lambda door: door.away)


def is_between(doors: list[Door], wanted: int, part: Literal["number", "building"]) -> bool:
    """Return whether doors near each other, on the side of a number along the street, are below it and above it.

    Near each other are two with at most ten doors of their side, or ten buildings, missing between them.

    Examples
    --------
    >>> is_between([Door(0, 1, 4, 0), Door(1, 9, 4, 0)], 5, "number"), is_between([Door(1, 9, 193, 0)], 202, "number")
    (True, False)
    >>> is_between([Door(0, 1, 500, 0), Door(1, 999, 498, 0)], 501, "number")
    False
    """
    numbers = [door.number for door in doors if not door.is_across]
    if not numbers or not min(numbers) < wanted < max(numbers):
        return False
    below = max(number for number in numbers if number < wanted)
    above = min(number for number in numbers if number > wanted)
    step = 2 if part == "number" else 1
    return (above - below) // step - 1 <= MAX_MISSING


def metres_away(part: str, away: int) -> float:
    """Return about how many metres so many numbers are.

    Examples
    --------
    >>> metres_away("number", 4), metres_away("building", 1)
    (40.0, 40.0)
    """
    return away * (BUILDING_M if part == "building" else DOOR_M)


def of_one_part(stored: StoredAddresses, doors: list[Door], parts: TailParts) -> list[Door]:
    """Return those of some doors of one number that share the most of what is asked for, from the widest part down.

    Room 102 of unit 1 is where room 101 of unit 1 is, not where room 102 of unit 2 is.

    Examples
    --------
    >>> from geo.places.address.place_tree import PlaceTree
    >>> stored = StoredAddresses(PlaceTree.of(), [("花园1幢1单元101室", 0, 0), ("花园1幢2单元102室", 0, 1)])
    >>> doors = [Door(0, 1, 0, 2), Door(1, 1, 0, 2)]
    >>> [door.entry for door in of_one_part(stored, doors, read_tail("花园1幢1单元102室"))]
    [0]
    """
    shared = [_shared_parts(read_tail(stored.tail(door.entry)), parts) for door in doors]
    return [door for door, count in zip(doors, shared, strict=True) if count == max(shared)]


def _shared_parts(stored: TailParts, asked: TailParts) -> int:
    """Return how many parts are the same from the building down, until one is another one; a room says its floor."""
    count = 0
    for part in ("building", "unit", "floor", "room"):
        wanted, own = getattr(asked, part), getattr(stored, part)
        if wanted is None or (part == "floor" and own is None):
            continue
        if wanted != own:
            break
        count += 1
    return count


def _equal_parts(tail: str, parts: TailParts) -> int:
    """Return how many of building, unit, floor and room are asked for and the same in a stored tail."""
    stored = read_tail(tail)
    return sum(
        asked is not None and asked == own
        for asked, own in (
            (parts.building, stored.building), (parts.unit, stored.unit), (parts.floor, stored.floor),
            (parts.room, stored.room),
        )
    )  # fmt: skip
