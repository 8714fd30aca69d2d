"""Read what follows the divisions of an address: street, lane, group, number, building, unit, floor and room.

A tail is read from left to right in one pass. Names end where a word for their kind ends them
(昌灵 + 路, 阳光 + 花园), so that a name of any length costs one step; numbers are read with the word that counts them.
What is in no part is in `TailParts.rest`: every character of a tail is in one part, or there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from geo.places.address import near_words, normalise
from geo.places.address.road_names import street_name
from geo.places.address.tail_draft import TailDraft, in_digits
from geo.places.address.tail_numbers import read_numbers
from geo.places.address.tail_types import Nearby, Numbered, TailParts
from geo.places.address.tail_words import PART, UNITS

#: An address has fewer characters and parts: what is beyond them is not read, and so in `rest`.
MAX_TAIL = 400
MAX_TAIL_PARTS = 64
# Tails whose parts are kept: one is asked for several times while one address is answered.
_KEPT = 512
_MAX_GROUP = 6
_PLACE_WORD = re.compile("[路街巷河桥沟渠坡岔村][东南西北边头下口子]{1,2}")
_IN_NUMERALS = re.compile(f"第?([{near_words.NUMERALS}]{{1,7}})")
_LETTERED = PART.groupindex["lettered"]


@lru_cache(maxsize=_KEPT)
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
    draft = TailDraft(form)
    end = _end_of_reading(form)
    for count, found in enumerate(PART.finditer(form, 0, end)):
        if count == MAX_TAIL_PARTS:
            break
        _READ[found.lastgroup](draft, found)  # type: ignore[index]
    return draft.parts(end)


def _end_of_reading(form: str) -> int:
    """Return where reading ends: at most `MAX_TAIL`, and not within a number or a word of Latin letters."""
    end = len(form)
    if end > MAX_TAIL:
        end = MAX_TAIL
        while end and form[end - 1].isascii():
            end -= 1
    return end


def _read_ref(draft: TailDraft, found: re.Match[str]) -> None:
    draft.take("street", *found.span())
    draft.values["streets"] += (street_name(found[0]),)


def _read_road(draft: TailDraft, found: re.Match[str]) -> None:
    draft.street(found, found.start())


def _read_near(draft: TailDraft, found: re.Match[str]) -> None:
    start, end = found.span()
    word = found[found.lastgroup]  # type: ignore[index]
    if not draft.spans and end < len(draft.form) and _PLACE_WORD.fullmatch(word):
        return  # 桥头3号
    draft.take("near", start, end)
    last = draft.near[-1] if draft.near else None
    if last is not None and last.end == start and not last.side and last.metres is not None:
        draft.near[-1] = Nearby(word, near_words.side_named(word), last.metres, last.start, end)  # 200米以东
        return
    draft.near.append(Nearby(word, near_words.side_named(word), None, start, end))


def _read_annex(draft: TailDraft, found: re.Match[str]) -> None:
    """Read 之一 of 5号之一, which is a part of the door as 附1号 is."""
    if "number" not in draft.values:
        draft.refuse(found)
        return
    draft.take("sub_number", *found.span())
    draft.values["sub_numbers"] += (normalise.numeral_value(found[0][1:]),)
    draft.values["is_annex"] = True


def _read_stem(draft: TailDraft, found: re.Match[str]) -> None:
    """Read 甲 of 12号甲, which is 甲12号."""
    number: Numbered | None = draft.values.get("number")
    if number is None or number.before or draft.read != found.start():
        draft.refuse(found)
        return
    draft.take("number", *found.span())
    draft.values["number"] = number._replace(before=found[0])


def _read_section(draft: TailDraft, found: re.Match[str]) -> None:
    draft.take("section", *found.span())
    draft.values["sections"] += (in_digits(found[0]),)


def _read_lettered(draft: TailDraft, found: re.Match[str]) -> None:
    letters, unit = found.group(_LETTERED + 1, _LETTERED + 2)
    part = "building" if unit == "楼" else "room" if unit == "厢房" else UNITS[unit]
    draft.put(part, Numbered(None, letters), *found.span())
    draft.in_house = True


def _read_within(draft: TailDraft, found: re.Match[str]) -> None:
    draft.take("within", *found.span())
    draft.values["within"] += (found[0],)
    draft.in_house = draft.in_house or "number" in draft.values  # 3号 of 12号院内3号 is a room


def _read_word(draft: TailDraft, found: re.Match[str]) -> None:
    draft.take("word", *found.span())


def _read_group(draft: TailDraft, found: re.Match[str]) -> None:
    """Read a group with a name, as 东组 and 李家社."""
    start, end = found.span()
    first = draft.read
    if "group" in draft.values or not 0 < start - first <= _MAX_GROUP or draft.name_end not in (first, start):
        return
    name = draft.form[first:start]
    numeral = _IN_NUMERALS.fullmatch(name)
    value = Numbered(None, name) if numeral is None else Numbered(normalise.numeral_value(numeral[1]))
    draft.set_group(value, found[0], first, end)


def _read_occupant(draft: TailDraft, found: re.Match[str]) -> None:
    start, end = found.span()
    if end - start > 1 or start > draft.read:
        draft.name_end = end


def _read_estate(draft: TailDraft, found: re.Match[str]) -> None:
    if not draft.in_house and "number" not in draft.values and "several" not in draft.values:
        _read_occupant(draft, found)


_READ: dict[str, Callable[[TailDraft, re.Match[str]], None]] = {
    "run": read_numbers,
    "roadside": _read_near,
    "far": TailDraft.distance,
    "ref": _read_ref,
    "road": _read_road,
    "near": _read_near,
    "annex": _read_annex,
    "stem": _read_stem,
    "section": _read_section,
    "lettered": _read_lettered,
    "within": _read_within,
    "word": _read_word,
    "group": _read_group,
    "occupant": _read_occupant,
    "estate": _read_estate,
}
