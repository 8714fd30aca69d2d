"""Judge how the place that a text asks for lies to a stored one, by the parts of their tails."""

from __future__ import annotations

import re
from typing import Literal

from geo.places.address.division_names import is_generic
from geo.places.address.public_offices import is_public_office
from geo.places.address.tail_types import Several, TailParts

#: How what is asked lies to what is stored.
Relation = Literal["same", "part", "whole", "other", "near"]

_INSIDE = ("building", "unit", "floor", "room")
# 1号院 and 1号大院 are 1号, whether or not a part inside follows.
_YARD = re.compile(r"([^号]*[0-9]号)(大?院)?(?=[0-9]|$)")
_PHASE = re.compile(r"([^0-9]{2,})([0-9]+[幢栋])([0-9]{1,2}期)")
_YARDS = ("", "院", "大院")
# What estates end in, not who is at a door: a shop may be at several.
_ESTATE = re.compile(
    "(?:小区|花园|家园|公寓|大厦|新村|新城|广场|山庄|别墅|庄园|嘉园|华庭|豪庭|公馆|安置[点区]|[苑湾府庭墅邸])$"
)

_STREET = re.compile("大?[街路道]|大道|巷|胡同|弄堂?")
_DIVISION = re.compile("..(?:[镇乡村]|街道|社区)$")
# A shop or an office, which a floor or a room is inside of: of an estate each building is a place of its own.
_ONE_HOUSE = re.compile(
    "(?:超市|商店|商行|商场|酒店|宾馆|饭店|银行|诊所|药房|药店|公司|餐厅|网吧|派出所|大厦|大楼|写字楼|[店馆厅])$"
)
_LEAST_CORE = 2
# 小卖部 is in every village, 永辉超市 is not.
_LEAST_OCCUPANT = 4


def relation(stored: TailParts, asked: TailParts) -> Relation:
    """Return how the place asked lies to the stored one.

    Returns
    -------
    Relation
        ``same`` for one door or one room; ``part`` where what is asked is inside the stored door, or one of its
        numbers; ``whole`` where the stored place is inside what is asked, a street, a group or a door; ``near`` where
        one is only beside the other; ``other`` for any other place, and wherever one text has what was not understood
        and the other has not. ``part`` is said of whole doors only: a house on a stored street is another place.

    Examples
    --------
    >>> from geo.places.address.tail_parts import read_tail
    >>> stored = read_tail("民主街3号")
    >>> [relation(stored, read_tail(text)) for text in ("民主街3号2单元501", "民主街", "民主街3-1号", "民主街3号对面")]
    ['part', 'whole', 'other', 'near']
    """
    found = _of_places(stored, asked)
    if found == "other" or _words_near(stored) == _words_near(asked):
        return found
    return "near"


def is_inside(stored: TailParts, asked: TailParts) -> bool:
    """Return whether what is asked is the stored place or inside it, so that its grid is the same.

    Examples
    --------
    >>> from geo.places.address.tail_parts import read_tail
    >>> stored = read_tail("民主街3号")
    >>> [is_inside(stored, read_tail(f"民主街3号{rest}")) for rest in ("3单元501室", "永辉超市", "5号", "桥头")]
    [True, True, False, False]
    """
    return relation(stored, asked) in ("same", "part")


def is_house_of(stored: TailParts, asked: TailParts) -> bool:
    """Return whether what is asked is a numbered house or door of a stored street or estate that has no number.

    Examples
    --------
    >>> from geo.places.address.tail_parts import read_tail
    >>> asked = read_tail("惠民小区2幢")
    >>> is_house_of(read_tail("惠民小区"), asked), is_house_of(read_tail("惠民"), asked)
    (True, False)
    """
    if not _has_no_door(stored) or stored.rest or asked.rest or _has_no_door(asked):
        return False
    return all(
        getattr(stored, part) == getattr(asked, part) for part in ("street", "name", "sections", "lane", "group")
    )


def is_lane_of(asked: TailParts, stored: TailParts) -> bool:
    """Return whether a numbered lane or a street is asked for as a whole, of which a house is stored.

    Examples
    --------
    >>> from geo.places.address.tail_parts import read_tail
    >>> stored = read_tail("解放街8弄3号")
    >>> [is_lane_of(read_tail(text), stored) for text in ("解放街8弄", "解放街", "解放街8弄3号")]
    [True, False, False]
    """
    return bool(asked.streets) and not asked.name and is_house_of(asked, stored)


def is_at(stored: TailParts, asked: TailParts) -> bool:
    """Return whether a stored place is at one whose text its own goes on from: in it, or what else stands there.

    It is not where a number or a word goes on, as 12 does in 12-3号 and 12a and 人 in 人民医院, nor where the stored
    place is only beside it.

    Examples
    --------
    >>> from geo.places.address.tail_parts import read_tail
    >>> asked = read_tail("民主街3号")
    >>> [is_at(read_tail(f"民主街3号{rest}"), asked) for rest in ("2单元", "停车场", "对面")]
    [True, True, False]
    >>> is_at(read_tail("民主街12-3号"), read_tail("民主街12")), is_at(read_tail("阳光花园"), read_tail("阳光"))
    (False, True)
    """
    found = relation(stored, asked)
    if found != "other":
        return found != "near"
    if _words_near(stored) != _words_near(asked):
        return False
    if asked.number is not None and not stored.is_annex and stored.sub_numbers != asked.sub_numbers:
        return False
    if not _ends_a_name(stored, asked.form):
        return False
    return all(getattr(asked, part) in (None, getattr(stored, part)) for part in ("number", *_INSIDE))


def _ends_a_name(stored: TailParts, begin: str) -> bool:
    """Return whether the begin of a stored tail ends where a part of it does, or is the core of its street or estate.

    阳光 is that of 阳光花园; 人民 is of many a street, and of a hospital it is no more than a part of the name.
    """
    end = len(begin)
    if _DIVISION.search(begin):
        return True
    if any(start < end < stop for start, stop in stored.rest):
        return False
    for part, start, stop in stored.spans:
        if end in (start, stop):
            return end >= _LEAST_CORE or begin.isdigit()
        if start < end < stop and part in ("name", "street", "group", "occupant"):
            core, kind = stored.form[start:end], stored.form[end:stop]
            has_kind = _ESTATE.fullmatch(kind) or (part == "street" and _STREET.fullmatch(kind))
            return len(core) >= _LEAST_CORE and bool(has_kind) and not is_generic(core)
    return True


def is_one_door(one: TailParts, other: TailParts) -> bool:
    """Return whether two tails have the same door number.

    Examples
    --------
    >>> from geo.places.address.tail_parts import read_tail
    >>> is_one_door(read_tail("民主街3号"), read_tail("民主街3号2单元"))
    True
    """
    if one.number is None or one.number != other.number:
        return False
    return (one.sub_numbers, one.several) == (other.sub_numbers, other.several)


def is_without_name(parts: TailParts) -> bool:
    """Return whether a tail is of numbers alone: it is at no street and at no estate, and any village has such.

    Examples
    --------
    >>> from geo.places.address.tail_parts import read_tail
    >>> [is_without_name(read_tail(text)) for text in ("3组12号", "12号2单元", "东街12号", "李家组12号", "桥墩")]
    [True, True, False, False, False]
    """
    is_named = parts.group is not None and parts.group.number is None
    words = parts.streets or parts.name or parts.occupant or parts.within or parts.sections
    return not (words or is_named or parts.rest or parts.near) and bool(parts.spans)


def yard_spellings(tail: str) -> list[str]:
    """Return the other ways to write a door that may be that of a yard: 1号, 1号院 and 1号大院.

    Examples
    --------
    >>> yard_spellings("民主街1号院3幢"), yard_spellings("民主街"), yard_spellings("民主街1号院内3号")
    (['民主街1号3幢', '民主街1号大院3幢'], [], [])
    """
    found = _YARD.match(tail)
    if found is None:
        return []
    return [found[1] + yard + tail[found.end() :] for yard in _YARDS if yard != (found[2] or "")]


def phase_spellings(tail: str) -> list[str]:
    """Return the other way to write a building of a phase of an estate, which may be named behind it.

    Examples
    --------
    >>> phase_spellings("阳光花园3幢2期1单元"), phase_spellings("阳光花园3幢")
    (['阳光花园2期3幢1单元'], [])
    """
    found = _PHASE.match(tail)
    return [found[1] + found[3] + found[2] + tail[found.end() :]] if found is not None else []


def is_estate(name: str) -> bool:
    """Return whether a name ends as those of estates do.

    Examples
    --------
    >>> is_estate("花园小区"), is_estate("永辉超市")
    (True, False)
    """
    return _ESTATE.search(name) is not None


def second_name(parts: TailParts) -> tuple[int, int] | None:
    """Return where a street or an estate begins that is named behind a door or a building, and where it ends.

    Examples
    --------
    >>> from geo.places.address.tail_parts import read_tail
    >>> texts = ("民主街2号幸福小区1幢", "幸福小区1幢民主街15号", "民主街2号1幢", "民主街2号永辉超市")
    >>> [second_name(read_tail(text)) for text in texts]
    [(5, 11), (6, 12), None, None]
    """
    starts: list[int] = []
    has_door = False
    for part, start, end in sorted(parts.spans, key=lambda span: span[1]):
        is_name = part == "street" or (part in ("name", "occupant") and _ESTATE.search(parts.form, start, end))
        if has_door and is_name:
            starts.append(start)
            has_door = False
        has_door = has_door or part in ("number", "building", "room")
    return (starts[0], starts[1] if len(starts) > 1 else len(parts.form)) if starts else None


def occupant_behind(parts: TailParts) -> tuple[int, int] | None:
    """Return where the name begins and ends of who is at a door: one that not every street has.

    It is of some length, or that of an office of which a division has one.

    Examples
    --------
    >>> texts = ("民主街2号永辉超市", "民主街2号1幢永辉超市", "民主街2号小卖部", "民主街2号派出所")
    >>> from geo.places.address.tail_parts import read_tail
    >>> [occupant_behind(read_tail(text)) for text in texts]
    [(5, 9), (7, 11), None, (5, 8)]
    """
    if not parts.occupant or parts.number is None:
        return None
    spans = [(start, end) for part, start, end in parts.spans if part == "occupant"]
    if len(spans) != 1:
        return None
    start, end = spans[0]
    return spans[0] if end - start >= _LEAST_OCCUPANT or is_public_office(parts.form[start:end]) else None


def _words_near(parts: TailParts) -> list[tuple[str, float | None]]:
    return [(one.word, one.metres) for one in parts.near]


def _of_places(stored: TailParts, asked: TailParts) -> Literal["same", "part", "whole", "other"]:
    """Compare the parts from the widest to the narrowest, until one says more than the other."""
    if stored.rest_words != asked.rest_words:
        return "whole" if _is_road_of(stored, asked) else "other"
    is_one_house = _is_one_house(stored, asked)
    if not is_one_house:
        wide = _compared_all(
            [
                (stored.street or None, asked.street or None),
                (stored.name or None, asked.name or None),
                (stored.sections or None, asked.sections or None),
                (stored.lane, asked.lane),
                (_group(stored), _group(asked)),
            ]
        )
        if wide is None or wide == "part":
            return "other"
        doors = _doors_compared(stored, asked)
        if wide == "whole":
            return "whole" if doors == "whole" or (doors == "same" and _has_no_door(asked)) else "other"
        if doors != "same":
            return _with_inside(doors, stored, asked)
    return _inside_compared(stored, asked, with_occupant=not is_one_house)


def _is_one_house(stored: TailParts, asked: TailParts) -> bool:
    """Return whether both name one house of one estate, though one leaves its street out: 阳光花园5栋."""
    if "" not in (stored.street, asked.street) or (stored.number and asked.number) or stored.building is None:
        return False
    if stored.sections != asked.sections:  # building 3 of each phase is another one
        return False
    names = (stored.name or stored.occupant, asked.name or asked.occupant)
    return names[0] != "" and names[0] == names[1] and stored.building == asked.building


def _is_road_of(stored: TailParts, asked: TailParts) -> bool:
    """Return whether only a street is asked, and the stored place is at it, whatever else its text says."""
    return bool(asked.street) and asked.street == stored.street and not asked.rest and _has_only_a_street(asked)


def _has_only_a_street(parts: TailParts) -> bool:
    return _has_no_door(parts) and not parts.name and parts.lane is None and parts.group is None and not parts.sections


def _group(parts: TailParts) -> object:
    return (parts.group, parts.group_word) if parts.group is not None else None


def _has_no_door(parts: TailParts) -> bool:
    no_number = parts.number is None and parts.several is None and not parts.sub_numbers
    no_part = not parts.within and not parts.occupant
    return no_number and no_part and all(getattr(parts, part) is None for part in _INSIDE)


def _compared_all(pairs: list[tuple[object, object]]) -> str | None:
    """Return same, whole or part for pairs of parts, widest first; None where they contradict each other.

    Once one text says no more, the other goes on alone.

    Examples
    --------
    >>> _compared_all([(1, 1), (2, None), (3, None)]), _compared_all([(1, None), (2, 2)]), _compared_all([(1, 2)])
    ('whole', None, None)
    """
    found = "same"
    for stored, asked in pairs:
        if stored == asked:
            if stored is not None and found != "same":
                return None
            continue
        here = "whole" if asked is None else "part" if stored is None else None
        if here is None or found not in ("same", here):
            return None
        found = here
    return found


def _doors_compared(stored: TailParts, asked: TailParts) -> Literal["same", "part", "whole", "other"]:
    if (stored.number, stored.sub_numbers, stored.several) == (asked.number, asked.sub_numbers, asked.several):
        return "same"
    if stored.several or asked.several:
        return _several_compared(stored, asked)
    if asked.number is None and not asked.sub_numbers:
        return "whole"
    if stored.number != asked.number or (stored.sub_numbers and asked.sub_numbers):
        return "other"
    # 12-3号 is another door than 12号, 12号附3 a part of it.
    if asked.sub_numbers:
        return "part" if asked.is_annex else "other"
    return "whole" if stored.is_annex else "other"


def _several_compared(stored: TailParts, asked: TailParts) -> Literal["same", "part", "whole", "other"]:
    one, other = stored.several, asked.several
    if one is not None and other is None:
        return "part" if _holds(one, asked) else "whole" if _says_no_number(one, asked) else "other"
    if other is not None and one is None:
        return "whole" if _holds(other, stored) else "part" if _says_no_number(other, stored) else "other"
    return "other"


def _holds(several: Several, parts: TailParts) -> bool:
    """Return whether a door or a building is one of several."""
    value = parts.number if several.part == "number" else parts.building
    if value is None or value.before or value.after or (several.part == "number" and parts.sub_numbers):
        return False
    return several.holds(value.number)


def _says_no_number(several: Several, parts: TailParts) -> bool:
    return (parts.number if several.part == "number" else parts.building) is None and not parts.sub_numbers


def _with_inside(
    doors: Literal["part", "whole", "other"], stored: TailParts, asked: TailParts
) -> Literal["part", "whole", "other"]:
    """Return the relation of doors that hold one another, where the narrower text alone says more."""
    if doors == "part" and stored.several is None and stored.number is None:
        return "other"
    narrow = asked if doors == "whole" else stored
    several = narrow.several
    if several is not None and several.part == "building":
        return doors
    says_more = any(getattr(narrow, part) is not None for part in _INSIDE) or bool(narrow.within or narrow.occupant)
    return "other" if says_more else doors


def _inside_compared(
    stored: TailParts, asked: TailParts, *, with_occupant: bool
) -> Literal["same", "part", "whole", "other"]:
    pairs: list[tuple[object, object]] = [(getattr(stored, part), getattr(asked, part)) for part in _INSIDE]
    if None not in (stored.room, asked.room) and (stored.floor is None) != (asked.floor is None):
        pairs[2] = (None, None)  # a room says its floor
    pairs.append((stored.within or None, asked.within or None))
    if with_occupant:
        pairs.append((stored.occupant or None, asked.occupant or None))
    found: Literal["same", "part", "whole", "other"] = "same"
    for one, other in pairs:
        if one == other:
            continue
        here: Literal["part", "whole"] | None = "whole" if other is None else "part" if one is None else None
        if here is None or found not in ("same", here):
            return "other"
        found = here
    is_door = stored.number is not None or stored.building is not None or stored.several is not None
    if _ONE_HOUSE.search(stored.occupant or stored.name) and asked.building is asked.unit is None:
        is_door = True
    return "other" if found == "part" and not is_door else found
