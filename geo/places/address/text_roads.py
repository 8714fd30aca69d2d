"""Find positions on roads in a text: crossings of two roads, and kilometre marks of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from geo.places.address.folded_text import MAX_FOUND, folded

# Numbers before 公里 that are looked at.
_MAX_TRIED = 64


@dataclass(frozen=True, slots=True)
class TextCrossing:
    """Two roads whose crossing a text names.

    Examples
    --------
    >>> crossings_in_text("昌灵路与民主街交叉口东北角")
    (TextCrossing(start=0, end=10, first='昌灵路', second='民主街'),)
    """

    start: int
    end: int
    first: str
    second: str


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


# --- crossings ---

_ROAD_END = re.compile(
    r"(?<![a-z0-9])[gsxyc][0-9]{1,4}(?![0-9a-z])线?|(?:大街|大道|胡同|公路|国道|省道|县道|高速|街(?!道)|路|巷|道|线|环)(?:[东南西北中]段)?"
)
_CROSS = re.compile(
    r"交叉路口|十字路口|丁字路口|三岔路口|岔路口|交叉口|交叉处|交叉点|交汇处|交汇口|交会处|相交处|相交|交叉|交汇|交界处|交口|路口|(?<=[街道巷])口"
)
_JOIN = re.compile(r"\s*(?:[与和及跟同到至]|[、/,&+×()-]|\s)\s*")
_STOPS = re.compile(r"[^\w]|[0-9]+(?:号|米|公里)|[省市县区旗镇乡村]|街道|位于|地址|[在于从至]")
_MAX_ROAD = 12
_ALSO_NAMES = ("和", "同", "到", "至")
_ENGLISH_CROSS = re.compile(
    r"(?:corner|junction|intersection|crossing) {1,3}of {1,3}([a-z0-9][a-z0-9 .'-]{1,40}?) {1,3}(?:and|&|with) {1,3}"
    r"([a-z0-9][a-z0-9 .'-]{1,40})"
)
_ENGLISH_ROAD = (
    r"[a-z0-9][a-z0-9.'-]{0,20}(?: [a-z0-9.'-]{1,20}){0,2} (?:road|rd|street|st|avenue|ave|highway|hwy|lane)\.?"
)
_ENGLISH_PAIR = re.compile(
    rf"(?<![a-z0-9])({_ENGLISH_ROAD}) ?(?:and|&|/|@) ?({_ENGLISH_ROAD})"
    r"(?: (?:intersection|junction|corner|crossing))?(?![a-z])"
)


def crossings_in_text(text: str, is_road: Callable[[str], bool] | None = None) -> tuple[TextCrossing, ...]:
    """Return the crossings that a text names: A路与B路交叉口, A路B街交汇处, A路/B路路口, corner of A and B.

    Parameters
    ----------
    text
        Any text; the first 2,000 characters are read.
    is_road
        Whether a word is the name of a stored road: the first name then begins where the longest such word does.
        Without it, it begins after the last division or mark.

    Examples
    --------
    >>> found = crossings_in_text("古浪镇昌灵路/民主街路口")[0]
    >>> found.first, found.second
    ('昌灵路', '民主街')
    >>> found = crossings_in_text("corner of Main Street and 2nd Avenue")[0]
    >>> found.first, found.second
    ('Main Street', '2nd Avenue')
    """
    plain = folded(text)
    out = [*_chinese_crossings(plain, text, is_road)]
    for pattern in (_ENGLISH_CROSS, _ENGLISH_PAIR):
        for found in pattern.finditer(plain):
            names = [text[found.start(k) : found.end(k)].strip(" .") for k in (1, 2)]
            if all(found.end() <= one.start or found.start() >= one.end for one in out) and len(out) < MAX_FOUND:
                out.append(TextCrossing(found.start(), found.end(), names[0], names[1]))
    return tuple(sorted(out, key=lambda one: one.start))


def _chinese_crossings(plain: str, text: str, is_road: Callable[[str], bool] | None) -> Iterator[TextCrossing]:
    done = count = 0
    for cross in _CROSS.finditer(plain):
        names = _two_roads(plain, done, cross.start(), is_road) or (
            # 昌灵路与民主路口: its 路 is also that of the name.
            _two_roads(plain, done, cross.start() + 1, is_road) if cross[0] == "路口" else None
        )
        if names is None:
            continue
        (start, first_end), (second_start, second_end) = names
        yield TextCrossing(start, cross.end(), text[start:first_end], text[second_start:second_end])
        done, count = cross.end(), count + 1
        if count == MAX_FOUND:
            return


def _two_roads(
    plain: str, low: int, end: int, is_road: Callable[[str], bool] | None
) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Return where the two names begin and end that are directly before a word for a crossing."""
    low = max(low, end - 4 * _MAX_ROAD)
    while end > low and plain[end - 1] in "的 处":
        end -= 1
    ends = [found.end() for found in _ROAD_END.finditer(plain, low, end)]
    if not ends or ends[-1] != end:
        return None
    others: tuple[tuple[int, int], tuple[int, int]] | None = None
    for first_end in reversed(ends[:-1]):
        join = _JOIN.match(plain, first_end, end)
        # 和平路 keeps its 和, 与丁路 does not keep its 与.
        least = 2 + (join is not None and join[0].strip() in _ALSO_NAMES)
        second = join.end() if join is not None and end - join.end() >= least else first_end
        if end - second < 2 or end - second > _MAX_ROAD:
            continue
        start = _start_of_road(plain, low, first_end, is_road)
        if start is None:
            continue
        names = (start, first_end), (second, end)
        if is_road is None or (is_road(plain[start:first_end]) and is_road(plain[second:end])):
            return names
        others = others or names  # 环 of 昌灵路与环城路 ends no road where both are stored
    return others


def _start_of_road(plain: str, low: int, end: int, is_road: Callable[[str], bool] | None) -> int | None:
    low = max(low, end - _MAX_ROAD)
    if is_road is not None:
        stored = next((start for start in range(low, end - 1) if is_road(plain[start:end])), None)
        if stored is not None:
            return stored
    for found in _STOPS.finditer(plain, low, end - 2):
        low = found.end()
    return low if end - low > 1 else None


# --- kilometre marks ---

_MARK = re.compile(
    r"(?<![0-9a-z.])k\s?([0-9]{1,4})(?:\s?\+\s?([0-9]{1,3})(?![0-9])|(?![0-9a-z.]))"
    r"|(?<![0-9.])([0-9]{1,4}(?:\.[0-9]{1,3})?)\s?(?:公里|km(?![a-z/])|千米)(?:\s?(?:\+|加|零|又)?\s?([0-9]{1,3})\s?(?:米|m(?![a-z])))?(?:处|桩)?"
)
_ROAD_BEFORE = re.compile(
    r"(?:(?<![a-z0-9])([gsxyc])([0-9]{1,4})(?:国道|省道|县道|乡道|高速公路|高速|公路|线)?|(国道|省道|县道|乡道)[gsxyc]?([0-9]{1,4})线?|([0-9]{1,4})(国道|省道|县道|乡道)线?)?"
    r"\s?[(]?([^\W0-9_a-z]{0,10}(?:高速公路|高速|公路|国道|省道|线))?[)]?"
    r"\s?(?:(?:[东南西北上下]行|双向|[^\W0-9_]{1,4}方向)(?:线)?)?\s?(?:[在于至]|桩号|里程碑?|第)?\s?[:]?\s?$"
)
_LETTER = {"国道": "G", "省道": "S", "县道": "X", "乡道": "Y"}
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
        road = _ROAD_BEFORE.search(plain[low : found.start()])
        ref, name = _road_named(road) if road is not None else ("", "")
        if not ref and not name and found[2] is None:
            continue
        start = found.start() if road is None or not (ref or name) else low + road.start()
        metre = round(float(kilometres) * 1000.0 + float(metres or 0), 3)
        out.append(TextMark(start, found.end(), ref, name, metre))
        if len(out) == MAX_FOUND:
            break
    return tuple(out)


def _road_named(road: re.Match[str]) -> tuple[str, str]:
    letter = road[1] or _LETTER.get(road[3] or road[6] or "", "")
    number = road[2] or road[4] or road[5] or ""
    return f"{letter}{number}".upper() if number else "", road[7] or ""
