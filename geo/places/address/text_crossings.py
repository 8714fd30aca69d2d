"""Find the crossings of two roads that a text names, and the roads themselves.

A crossing is said by a word behind both names (A路与B路交叉口, A路B路十字), or by a mark between two known roads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from geo.places.address.folded_text import MAX_FOUND, folded


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


_ROAD_END = re.compile(
    r"(?<![a-z0-9])[gsxyc][0-9]{1,4}(?![0-9a-jl-z]|k(?!\s?[0-9]))线?|(?:大街|大道|胡同|公路|国道|省道|县道|高速|街(?!道)|路|巷|道|线|环)(?P<section>[东南西北中]段)?"
)
# What stands at a crossing, behind the word for it, is where that is: 交叉口摄像头, but not 交叉口监控室.
_AT_CROSSING = (
    r"(?:的?(?:治安|交通|高清|视频|违章|道路|天网)?"
    r"(?:红绿灯|信号灯|摄像[头机]|监控(?:摄像[头机]|探头|点位?|杆)?|探头|卡口|电子警察|抓拍机?|球机|枪机)"
    r"(?=$|[\W0-9_]|处|[东南西北]))?"
)
_CROSS = re.compile(
    r"(?:交叉路口|十字路口|[丁ty]字路口|三岔路口|岔路口|交叉口|交叉处|交叉点|交汇处|交汇口|交会处|汇合[处口]|相交处|相交|交叉|交汇|交界处|交口|路口"
    r"|红绿灯(?:路口)?|信号灯(?:路口)?|转盘(?:路口)?|环岛(?:路口)?|[十什]字(?![路街坡])"
    rf"|(?<=[路街道巷])(?=[东西][南北]角|[南北][东西]角)|(?<=[街道巷])口){_AT_CROSSING}"
)
# A mark that stands for 与 between two known roads, before what is no number of a house.
_MARK = re.compile(r"(?<=[路街道巷线环段]) ?(?:/|&|×|@|-|~) ?(?=[^\W0-9_])")
_GOES_ON = re.compile(r"[0-9一二三四五六七八九十百]+(?:号|弄|巷)|[0-9]|[东南西北中]?段")
_JOIN = re.compile(r"\s*(?:[与與和及跟同到至]|[、/,&+×()-]|\s)\s*")
_STOPS = re.compile(r"[^\w]|[0-9]+(?:号|米|公里)|[省市县区旗镇乡村]|街道|位于|地址|[在于从至]")
_MAX_ROAD = 12
# What makes a longer name of that of a road: 人民路社区 and 东街村 lie by no road of that name alone.
_LONGER_NAME = re.compile(
    r"社区|[小新片园]区|居委|居民委|新?村(?!道)|街道(?![东西南北两旁边])|街坊|镇|乡(?!道)|生产队|大队"
)
# Ends of names that are looked at.
_MAX_TRIED = 64
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
    """Return the crossings that a text names: A路与B路交叉口, A路B街十字, A路/B路, corner of A and B.

    Parameters
    ----------
    text
        Any text; the first 2,000 characters are read.
    is_road
        Whether a word is the name of a stored road: the first name then begins where the longest such word does, and
        two of them with a mark between are a crossing. Without it, a name begins after the last division or mark.

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
    if is_road is not None and len(out) < MAX_FOUND:
        known = [(one.start, one.end) for one in out]
        out += [
            one for one in _marked_crossings(plain, text, is_road)
            if all(one.end <= start or one.start >= end for start, end in known)
        ]  # fmt: skip
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
            _two_roads(plain, done, cross.start() + 1, is_road) if cross[0].startswith("路口") else None
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
        second = _start_of_second(plain, first_end, end, is_road)
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


def _start_of_second(plain: str, first_end: int, end: int, is_road: Callable[[str], bool] | None) -> int:
    """Return where the second name begins: behind a word between both, which 和平路 keeps and 与丁路 does not."""
    join = _JOIN.match(plain, first_end, end)
    if join is None:
        return first_end
    if is_road is not None and join.end() < end and join[0].strip() in _ALSO_NAMES:
        known = [start for start in (first_end, join.end()) if is_road(plain[start:end])]
        if known:
            return known[0]
    return join.end() if end - join.end() >= 2 + (join[0].strip() in _ALSO_NAMES) else first_end


def _marked_crossings(plain: str, text: str, is_road: Callable[[str], bool]) -> Iterator[TextCrossing]:
    """Yield two known roads with a mark between them: 昌灵路/民主街, but not 昌灵路-民主街3号."""
    for mark in islice(_MARK.finditer(plain), MAX_FOUND):
        low, high = max(0, mark.start() - _MAX_ROAD), min(len(plain), mark.end() + _MAX_ROAD)
        start = _start_of_known(plain, low, mark.start(), is_road)
        end = next((one for one in range(high, mark.end() + 1, -1) if is_road(plain[mark.end() : one])), None)
        if start is None or end is None or _GOES_ON.match(plain, end):
            continue
        yield TextCrossing(start, end, text[start : mark.start()], text[mark.end() : end])


def roads_in_text(text: str, is_road: Callable[[str], bool]) -> tuple[tuple[int, int], ...]:
    """Return where a text names known roads, the longest name at each place, in the order of the text.

    A road that a community, village or estate is named after is none: 昌灵路社区.

    Examples
    --------
    >>> roads_in_text("土门镇昌灵路202号", {"昌灵路", "灵路"}.__contains__)
    ((3, 6),)
    >>> roads_in_text("昌灵路社区3组", {"昌灵路"}.__contains__), roads_in_text("昌灵路北段", {"昌灵路"}.__contains__)
    ((), ((0, 3),))
    """
    plain = folded(text)
    out: list[tuple[int, int]] = []
    for found in islice(_ROAD_END.finditer(plain), _MAX_TRIED):
        low = max(out[-1][1] if out else 0, found.end() - _MAX_ROAD)
        if _LONGER_NAME.match(plain, found.end()):
            continue
        # 西湖路北段 is a part of 西湖路 where no road has the longer name.
        for end in sorted({found.end(), found.end() - len(found["section"] or "")}, reverse=True):
            start = _start_of_known(plain, low, end, is_road)
            if start is not None:
                out.append((start, end))
                break
    return tuple(out[:MAX_FOUND])


def _start_of_known(plain: str, low: int, end: int, is_road: Callable[[str], bool]) -> int | None:
    """Return where the longest known road begins that ends here: not at a blank, nor within a number or a word."""
    starts = (start for start in range(low, end - 1) if not plain[start].isspace() and not _is_within(plain, start))
    return next((start for start in starts if is_road(plain[start:end])), None)


def _is_within(plain: str, start: int) -> bool:
    """Return whether a place is within a number or a Latin word: 12国道 of 312国道 is no road."""
    return start > 0 and all(char.isascii() and char.isalnum() for char in plain[start - 1 : start + 1])


def _start_of_road(plain: str, low: int, end: int, is_road: Callable[[str], bool] | None) -> int | None:
    low = max(low, end - _MAX_ROAD)
    if is_road is not None:
        stored = _start_of_known(plain, low, end, is_road)
        if stored is not None:
            return stored
    for found in _STOPS.finditer(plain, low, end - 2):
        low = found.end()
    return low if end - low > 1 else None
