"""Find the kilometre marks of roads in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from geo.places.address.folded_text import MAX_FOUND, folded
from geo.places.address.road_names import KIND, LETTERS

# Numbers before 公里 that are looked at.
_MAX_TRIED = 64


@dataclass(frozen=True, slots=True)
class TextMark:
    """A kilometre mark of a road in a text: its reference number, its name (either may be empty), and metres from 0.

    Examples
    --------
    >>> marks_in_text("G30连霍高速K2314+200")
    (TextMark(start=0, end=16, ref='G30', name='连霍高速', metre=2314200.0),)
    """

    start: int
    end: int
    ref: str
    name: str
    metre: float


_MARK = re.compile(
    r"(?<![a-z.])k\s?([0-9]{1,4})(?:\s?\+\s?([0-9]{1,3})(?![0-9])(?:\s?(?:米|m(?![a-z])))?|(?![0-9a-z.]))(?:\s?(?:公里|km))?(?:处|桩)?"
    r"|(?<![0-9.])([0-9]{1,4}(?:\.[0-9]{1,3})?)\s?(?:公里|km(?![a-z/])|千米)(?:\s?(?:\+|加|零|又)?\s?([0-9]{1,3})\s?(?:米|m(?![a-z])))?(?:处|桩)?"
)
_NUMBERED = (
    rf"(?:(?<![a-z0-9])([gsxyc])([0-9]{{1,4}})(?:{KIND}|高速公路|高速|公路|线)?"
    rf"|({KIND})[gsxyc]?([0-9]{{1,4}})线?|([0-9]{{1,4}})({KIND})线?)?"
)
_NAME_ENDS = "高速公路|高速|公路|国道|省道|线"
_TO_MARK = r"\s?(?:(?:[东南西北上下]行|双向|[^\W0-9_]{1,4}方向)(?:线)?)?\s?(?:[在于至]|桩号|里程碑?|第)?\s?[:]?\s?$"
_ROAD_BEFORE = re.compile(rf"{_NUMBERED}\s?[(]?([^\W0-9_a-z]{{0,10}}(?:{_NAME_ENDS}))?[)]?{_TO_MARK}")
# Before a K streets too: 2公里 behind 人民路 is a distance.
_STREET_BEFORE = re.compile(rf"{_NUMBERED}\s?[(]?([^\W0-9_a-z]{{0,10}}(?:{_NAME_ENDS}|大道|[路街环]))?[)]?{_TO_MARK}")
_ROAD_WINDOW = 32


def marks_in_text(text: str) -> tuple[TextMark, ...]:
    """Return the kilometre marks in a text, with the road that is named before each.

    A distance in kilometres is a mark only after a road; K2314+200 is one alone, with empty `ref` and `name`.

    Examples
    --------
    >>> [(one.ref, one.name, one.metre) for one in marks_in_text("国道312线2314公里+200米处；甘武公路12km")]
    [('G312', '', 2314200.0), ('', '甘武公路', 12000.0)]
    >>> marks_in_text("县城以东2公里")
    ()
    """
    plain = folded(text)
    out: list[TextMark] = []
    for found in islice(_MARK.finditer(plain), _MAX_TRIED):
        kilometres, metres = found[1] or found[3], found[2] or found[4]
        low = max(out[-1].end if out else 0, found.start() - _ROAD_WINDOW)
        road = (_STREET_BEFORE if found[1] else _ROAD_BEFORE).search(plain[low : found.start()])
        ref, name = _road_named(road) if road is not None else ("", "")
        if not ref and not name and found[2] is None:
            continue
        if not ref and plain[found.start() - 1 : found.start()].isdigit():
            continue  # 5K12 is no mark, G30K12 is
        start = found.start() if road is None or not (ref or name) else low + road.start(0 if ref else 7)
        metre = round(float(kilometres) * 1000.0 + float(metres or 0), 3)
        out.append(TextMark(start, found.end(), ref, name, metre))
        if len(out) == MAX_FOUND:
            break
    return tuple(out)


def _road_named(road: re.Match[str]) -> tuple[str, str]:
    letter = road[1] or LETTERS.get(road[3] or road[6] or "", "")
    number = road[2] or road[4] or road[5] or ""
    return f"{letter}{number}".upper() if number else "", road[7] or ""
