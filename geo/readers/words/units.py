"""Know the units of numbers in cells and in headings, with the metres, degrees, pixels or heads that each is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from geo.bounds import MAX_NAME

#: Height of a storey of a building of which only the storeys are known, in metres.
STOREY_M = 3.0
METRES: Mapping[str, float] = {
    **dict.fromkeys(("", "m", "米", "公尺", "metre", "metres", "meter", "meters", "mtr"), 1.0),
    **dict.fromkeys(("dm", "分米"), 0.1),
    **dict.fromkeys(("cm", "厘米", "公分", "centimetre", "centimetres", "centimeter", "centimeters"), 0.01),
    **dict.fromkeys(("mm", "毫米", "millimetre", "millimetres", "millimeter", "millimeters"), 0.001),
    **dict.fromkeys(("km", "公里", "千米", "kilometre", "kilometres", "kilometer", "kilometers"), 1000.0),
    **dict.fromkeys(("ft", "feet", "foot", "'", "英尺"), 0.3048),
    **dict.fromkeys(("in", "inch", "inches", "英寸"), 0.0254),
    **dict.fromkeys(("yd", "yard", "yards", "码"), 0.9144),
    **dict.fromkeys(("mi", "mile", "miles", "英里"), 1609.344),
    **dict.fromkeys(("里", "华里"), 500.0),
    "百米": 100.0,
}
DEGREES: Mapping[str, float] = {
    **dict.fromkeys(("", "°", "º", "度", "deg", "degs", "degree", "degrees"), 1.0),
    **dict.fromkeys(("rad", "rads", "radian", "radians", "弧度"), 57.29577951308232),
}
PIXELS: Mapping[str, float] = dict.fromkeys(("", "px", "像素", "pixel", "pixels"), 1.0)
COUNTS: Mapping[str, float] = {
    **dict.fromkeys(("", "户", "人", "名", "个", "层", "级", "类"), 1.0),
    **dict.fromkeys(("万", "万人", "万户"), 10_000.0),
    **dict.fromkeys(("千", "千人", "千户"), 1000.0),
    **dict.fromkeys(("百", "百人", "百户"), 100.0),
}
_TABLES = {"m": METRES, "deg": DEGREES, "px": PIXELS}

# Units that are none of the tables, or are not one thing: a mil is 1/6000 of a circle or 1/6400.
_STRANGE_WORDS = "mil mils 密位 mrad gon grad grads 百分度 丈 尺 寸 海里 nmi chain rod fathom um 微米"
_STRANGE = frozenset(_STRANGE_WORDS.split())

_BRACKETS = re.compile(r"[(\[{【〔<]([^)\]}】〕>]*)[)\]}】〕>]")
_BETWEEN = re.compile(r"[\s,;:=/|、。或]+|单位|unit|约|计|为|^in(?=\s)")
_LABEL = re.compile(r"^单位[:=]?\s*")
_MULTIPLE = re.compile(r"[×x*]?\s*\d+(?:\.\d+)?\s*[×x*]?\s*(?:m|米|cm|厘米|km|公里|ft|°|度)")
_ONE_LETTER = {"'", "个", "级", "类", "层", "名", "人", "户", "in", "码", "里", "°", "º"}
_WORDS = sorted({*METRES, *COUNTS, *PIXELS, *DEGREES} - {"", *_ONE_LETTER}, key=len)
_LATIN = "|".join(re.escape(word) for word in reversed(_WORDS) if word.isascii())
_CHINESE = "|".join(re.escape(word) for word in reversed(_WORDS) if not word.isascii())
# After a mark, or after a Chinese letter: 杆高/厘米, height_ft, 距离km.
_AFTER = re.compile(
    rf"(?:[\s/_,:;\-]+(?:单位[:=]?)?\s*(?:in[\s_]+)?({_LATIN}|{_CHINESE})|(?<=[\u4e00-\u9fff])({_LATIN}))[\s*.]*$"
)
_AT_THE_END = re.compile(rf"[\u4e00-\u9fff]({_LATIN})$")
_IN_CAPITALS = re.compile(r"(?<=[a-z])(?=(?:CM|MM|KM|FT|Cm|Mm|Km|Ft|M)$)")  # HeightCM, heightFt


def units_of(unit: str) -> Mapping[str, float]:
    """Return unit -> factor for fields in ``m``, ``deg`` or ``px``; those of counts for any other."""
    return _TABLES.get(unit, COUNTS)


def is_unit(text: str) -> bool:
    """Return whether a text is a unit and nothing else: one of the tables, a strange one, or a multiple of one.

    Examples
    --------
    >>> [is_unit(text) for text in ("分米", "Inch", "rad", "密位", "0.1m", "高度", "")]
    [True, True, True, True, True, False, False]
    """
    plain = _plain(text)
    known = any(plain in table for table in (METRES, DEGREES, PIXELS, COUNTS)) or plain in _STRANGE
    return bool(plain) and (known or _MULTIPLE.fullmatch(plain) is not None)


def heading_unit(name: str) -> str:
    """Return the unit that a heading names, in brackets or at its end; empty where it names none, or several.

    Examples
    --------
    >>> [heading_unit(name) for name in ("安装高度(cm)", "height (ft)", "杆高/厘米", "高度（单位：米，必填）")]
    ['cm', 'ft', '厘米', '米']
    """
    units = _units_in(name)
    tables = [{table[one] for one in units} for table in (METRES, DEGREES, PIXELS, COUNTS) if units <= table.keys()]
    return sorted(units)[0] if units and any(len(factors) == 1 for factors in tables) else ""


def names_strange_unit(name: str) -> bool:
    """Return whether a heading names a unit that is not known here, a multiple of one, or several.

    Examples
    --------
    >>> [names_strange_unit(name) for name in ("高度(米/厘米)", "高度(0.1m)", "方位角(密位)", "高度(cm)")]
    [True, True, True, False]
    """
    if heading_unit(name):
        return False
    pieces = _pieces(name)
    within = [_LABEL.sub("", text.strip()) for text in _BRACKETS.findall(_plain(name))]
    multiples = [text for text in within if _MULTIPLE.fullmatch(text)]
    return bool(_units_in(name) or multiples or not _STRANGE.isdisjoint(pieces))


def without_unit(name: str) -> str:
    """Return a heading without the unit at its end.

    Examples
    --------
    >>> [without_unit(name) for name in ("安装高度(cm)", "height_ft", "距离km", "heightFt")]
    ['安装高度', 'height', '距离', 'height']
    """
    return _AFTER.sub("", _BRACKETS.sub("", _plain(name)).rstrip(" *"))


def _units_in(name: str) -> set[str]:
    """Return the units that a heading names."""
    found = {piece for piece in _pieces(name) if any(piece in table for table in (METRES, DEGREES, PIXELS, COUNTS))}
    at_end = _AFTER.search(_BRACKETS.sub("", _plain(name)).rstrip(" *"))
    return found if at_end is None else found | {at_end[1] or at_end[2]}


def _pieces(name: str) -> set[str]:
    """Return what stands in brackets, piece by piece."""
    pieces = set()
    for content in _BRACKETS.findall(_plain(name)):
        for piece in _BETWEEN.split(content):
            at_end = _AT_THE_END.search(piece)  # 离地cm
            pieces.add(at_end[1] if at_end is not None else piece.strip(" ."))
    return pieces - {""}


def _plain(name: str) -> str:
    plain = unicodedata.normalize("NFKC", str(name)[: MAX_NAME + 1]).strip()
    return _IN_CAPITALS.sub("_", plain).casefold()
