"""Name the patterns by which a text counts places: what is counted, in which words, and by which unit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from geo.catalog.fields import Choice
from geo.catalog.kinds import AREA_KINDS, FACILITY_KINDS, PLACE_KINDS

Groups = Mapping[str, str | None]


class Pattern(NamedTuple):
    """One way in which a text counts places.

    Attributes
    ----------
    name
        What the pattern is called, as in docs/verify.md.
    zh, en
        Words of what is counted, as regular expressions; their groups narrow it. Empty for a language without.
    key
        Groups found and unit written -> what of the store is counted; None where the words leave that open.
    narrow
        Groups of which one makes it part of a larger count: 一类, 村级.
    """

    name: str
    zh: str
    en: str
    key: Callable[[Groups, str], str | None]
    narrow: tuple[str, ...] = ()


_CLASSES = {"一": "1", "二": "2", "三": "3", "Ⅰ": "1", "Ⅱ": "2", "Ⅲ": "3", "i": "1", "ii": "2", "iii": "3"} | {
    "one": "1", "two": "2", "three": "3", "1": "1", "2": "2", "3": "3",
}  # fmt: skip
#: Units in which streams are counted, single cameras (each one stream), and sites.
_STREAM_UNITS, _CAMERA_UNITS, _SITE_UNITS = ("路",), ("台", "部", "只"), ("处", "基", "根", "杆")


def _grids(groups: Groups, _unit: str) -> str | None:
    which = (groups.get("level") or "").lower().replace(" ", "-")
    kind = groups.get("kind")
    if which in ("两级", "二级及以上", "two-level"):
        return "grids:both"
    if which in ("微", "二级", "level-2", "second-level") or groups.get("micro"):
        return "microgrids"
    if kind:
        return f"grids:{ {'综合': 'general', '专属': 'dedicated'}.get(kind, kind.lower()) }"
    return "grids"


def _cameras(groups: Groups, unit: str) -> str | None:
    noun = (groups.get("noun") or "").lower()
    is_site = "点" in noun or re.search(r"\bsites?$|poles?$", noun) is not None
    is_camera = re.search("摄像机|摄像头|探头|camera|channel|stream|feed", noun) is not None
    if unit in _STREAM_UNITS or (unit in _CAMERA_UNITS and not is_site) or (is_camera and not is_site):
        what = "streams" if unit not in _SITE_UNITS else None
    elif unit in _SITE_UNITS or is_site:
        what = "sites" if unit not in _CAMERA_UNITS else None
    else:
        what = None  # 1932 个视频监控 may be either
    if what is None:
        return None
    status = (groups.get("status") or "").lower()
    parts = [what]
    if status:
        parts.append("online" if status in ("在线", "online") else "networked")
    written = (groups.get("rank") or "").lower()
    if written:
        parts.append(_CLASSES[written])
    return ":".join(parts)


def _named(key: str) -> Callable[[Groups, str], str | None]:
    return lambda _groups, _unit: key


def _villages(groups: Groups, _unit: str) -> str | None:
    written = groups.get("village") or ""
    return "villages:only" if written in ("行政村", "村", "建制村") else "villages"


_LEVELS = {"县": "county", "区": "county", "市": "county", "乡": "township", "镇": "township", "街": "township"} | {
    "村": "village", "社": "village",
}  # fmt: skip
_LEVELS_EN = {"county": "county", "township": "township", "village": "village"}


def _facilities(groups: Groups, _unit: str) -> str | None:
    kind = kind_of_word("facilities", groups.get("facility") or "")
    if kind is None:
        return None
    written = (groups.get("of") or "").lower()
    if not written or "三级" in written:
        return f"facilities:{kind}"
    if written in _LEVELS_EN:
        return f"facilities:{kind}:{written}"
    levels = {_LEVELS[letter] for letter in written.replace("社区", "村") if letter in _LEVELS}
    order = [one for one in ("county", "township", "village") if one in levels]
    return f"facilities:{kind}:{'+'.join(order)}" if order else None


def _places(groups: Groups, _unit: str) -> str | None:
    kind = kind_of_word("places", groups.get("place") or "")
    return f"places:{kind}" if kind else None


def _areas(groups: Groups, _unit: str) -> str | None:
    kind = kind_of_word("areas", groups.get("area") or "")
    return f"areas:{kind}" if kind else None


# --- the words of kinds -----------------------------------------------------------------------------------------------

_KINDS: Mapping[str, tuple[Choice, ...]] = {"places": PLACE_KINDS, "facilities": FACILITY_KINDS, "areas": AREA_KINDS}
#: Kinds that a text names in the words of divisions, roads and streams: their short words say something else too.
_ELSEWHERE = {"village": (), "section": ("路段", "主要路段", "重点路段"), "ring": (), "entrance": ("出入口", "卡口")}
_CHINESE = re.compile(r"[\u4e00-\u9fff]{2,}")


@cache
def _words(layer: str) -> dict[str, str]:
    """Return word -> kind, for words that name one kind of one layer only."""
    found: dict[str, set[tuple[str, str]]] = {}
    for name, kinds in _KINDS.items():
        for kind in kinds:
            for word in _words_of(kind):
                found.setdefault(word, set()).add((name, kind.name))
    one = {word: next(iter(meant)) for word, meant in found.items() if len(meant) == 1}
    return {word: kind for word, (name, kind) in one.items() if name == layer}


def _words_of(kind: Choice) -> Iterator[str]:
    if kind.name in _ELSEWHERE:
        yield from _ELSEWHERE[kind.name]
        return
    yield from (word for word in (kind.zh, *kind.words.split()) if _CHINESE.fullmatch(word))
    yield kind.en.lower()
    yield kind.en.lower().removeprefix("comprehensive ")


def kind_of_word(layer: str, word: str) -> str | None:
    """Return the kind of places, facilities or own zones that a word names; None where it may be several.

    Examples
    --------
    >>> kind_of_word("facilities", "综治中心"), kind_of_word("places", "schools"), kind_of_word("places", "医院")
    ('governance_centre', 'school', None)
    """
    plain = " ".join(word.lower().split()).replace("center", "centre")
    known = _words(layer)
    return known.get(plain) or next((known[one] for one in _singular(plain) if one in known), None)


def _singular(word: str) -> tuple[str, ...]:
    return (word.removesuffix("s"), word.removesuffix("es"), word.removesuffix("ies") + "y")


def _either(layer: str) -> tuple[str, str]:
    """Return the words of a layer's kinds as alternatives, longest first, in Chinese and in English."""
    words = sorted(_words(layer), key=len, reverse=True)
    chinese = [re.escape(one) for one in words if _CHINESE.fullmatch(one)]
    english = [_plural(one) for one in words if one.isascii()]
    return "|".join(chinese), "|".join(english)


def _plural(word: str) -> str:
    base = re.escape(word).replace("centre", "cent(?:re|er)").replace(r"\ ", "[ -]")
    return f"{base[:-1]}(?:y|ies)" if base.endswith("y") else f"{base}(?:e?s)?"


# --- the table --------------------------------------------------------------------------------------------------------

_FACILITIES, _PLACES, _AREAS = (_either(layer) for layer in ("facilities", "places", "areas"))
_LEVEL_WORDS = (
    r"(?:县、?(?:乡镇|乡|镇)、?村(?:\(社区\)|社区)?三级|(?:乡镇|镇街|乡|镇)、?(?:和|及)?村(?:\(社区\)|社区)?(?:两级|级)?"
    r"|(?:乡镇|镇街|乡|镇|街道)(?:\(街道\))?级?|(?:行政)?村(?:\(社区\)|社区)?级?|社区级?|[县区市]级)"
)

#: The patterns, in the order of the table in docs/verify.md. Of several that fit, the longest is meant.
PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        "grids",
        r"(?P<level>两级|二级|一级|微)?(?P<kind>综合|专属)?网格",
        r"(?:(?P<level>two-level|level[ -]?[12]|first-level|second-level) )?(?:(?P<kind>general|dedicated) )?"
        r"(?:grids?|(?P<micro>micro-?grids?))",
        _grids, ("level", "kind"),
    ),
    Pattern(
        "cameras",
        r"(?P<status>在线|联网|接入|汇聚)?(?:(?P<rank>[一二三123ⅠⅡⅢ])类)?"
        r"(?P<noun>(?:公共安全|公共区域)?(?:前端|视频|监控|摄像机|摄像头|探头|资源|图像|点位|点)*"
        r"(?:视频|监控|摄像机|摄像头|探头|前端|视频资源|监控资源|点位|监控点))",
        r"(?:(?P<status>online|networked|connected) )?(?:class[ -](?P<rank>1|2|3|one|two|three|i{1,3}) )?"
        r"(?P<noun>(?:video |camera |surveillance )*"
        r"(?:(?:camera |video )(?:sites?|poles?)|cameras?|channels?|streams?|feeds?))",
        _cameras, ("status", "rank"),
    ),
    Pattern("townships", r"乡镇\(街道\)|镇\(街道\)|乡镇街道|乡镇|镇街|镇\(街\)", r"townships?", _named("townships")),
    Pattern(
        "villages",
        r"(?P<village>(?:行政|建制)?村\(社区\)|行政村(?:和|、)社区|村(?:居|社区)|行政村|建制村|村)",
        r"(?P<en>villages?(?: and communities)?)",
        _villages,
    ),
    Pattern("households", r"(?:总|居民|住)?户数|家庭户|住户", r"households?", _named("households")),
    Pattern(
        "facilities",
        rf"(?P<of>{_LEVEL_WORDS})?(?P<facility>{_FACILITIES[0]})",
        rf"(?:(?P<of>county|township|village)[ -](?:level )?)?(?P<facility>{_FACILITIES[1]})",
        _facilities, ("of",),
    ),
    Pattern("places", rf"(?P<place>{_PLACES[0]})", rf"(?P<place>{_PLACES[1]})", _places),
    Pattern("own zones", rf"(?P<area>{_AREAS[0]})", rf"(?P<area>{_AREAS[1]})", _areas),
)  # fmt: skip

#: Words of a rate -> the rate, in Chinese and in English; what stands before it may be a class of cameras.
RATES: Mapping[str, str] = {
    "完好率": "intact", "联网率": "networked", "高清率": "high_definition", "高清化率": "high_definition",
    "建档率": "filed", "经纬度合格率": "placed_right", "坐标合格率": "placed_right",
    "intact rate": "intact", "networked rate": "networked", "networking rate": "networked",
    "high-definition rate": "high_definition", "filed rate": "filed",
}  # fmt: skip

#: Sentences that say of every village or township that it has something -> the rate that is 1 then.
EVERY: Mapping[str, str] = {
    r"视联网村村通|村村(?:都|均|实现)?(?:联?通|接入|开通)(?:了)?视联网": "villages_link",
    r"行政村视联网全(?:部)?(?:联通|接通|覆盖)": "villages_link",
    r"村村(?:都|均)?(?:建有|建成|建立|有)(?:了)?综治中心": "villages_facility:governance_centre",
    r"(?:all|every) villages? (?:have|has|are|is)(?: a| on(?: the)?| linked by)? video[ -]?link": "villages_link",
}  # fmt: skip
