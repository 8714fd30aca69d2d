"""Know the units of numbers in cells and in headings, with the metres, degrees, pixels or heads that each is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from geo.bounds import MAX_NAME

METRES: Mapping[str, float] = {
    **dict.fromkeys(("", "m", "米", "公尺", "metre", "metres", "meter", "meters", "mtr"), 1.0),
    **dict.fromkeys(("dm", "分米"), 0.1),
    **dict.fromkeys(("cm", "厘米", "公分", "centimetre", "centimetres", "centimeter", "centimeters"), 0.01),
    **dict.fromkeys(("mm", "毫米", "millimetre", "millimetres", "millimeter", "millimeters"), 0.001),
    **dict.fromkeys(("km", "公里", "千米", "kilometre", "kilometres", "kilometer", "kilometers"), 1000.0),
    **dict.fromkeys(("ft", "feet", "foot", "'", "英尺"), 0.3048),
    **dict.fromkeys(("in", "inch", "inches", "英寸"), 0.0254),
    **dict.fromkeys(("yd", "yard", "yards", "码"), 0.9144),
}
DEGREES: Mapping[str, float] = dict.fromkeys(("", "°", "º", "度", "deg", "degs", "degree", "degrees"), 1.0)
PIXELS: Mapping[str, float] = dict.fromkeys(("", "px", "像素", "pixel", "pixels"), 1.0)
COUNTS: Mapping[str, float] = {
    **dict.fromkeys(("", "户", "人", "名", "个", "层", "级", "类"), 1.0),
    **dict.fromkeys(("万", "万人", "万户"), 10_000.0),
    **dict.fromkeys(("千", "千人", "千户"), 1000.0),
    **dict.fromkeys(("百", "百人", "百户"), 100.0),
}
_TABLES = {"m": METRES, "deg": DEGREES, "px": PIXELS}

_BRACKETED = re.compile(r"[(\[{【〔<]\s*(?:单位|unit)?\s*[:=]?\s*([^)\]}】〕>]*?)\s*[)\]}】〕>][\s*]*$")
_WORDS = sorted({*METRES, *COUNTS, *PIXELS} - {"", "'", "个", "级", "类", "层", "名", "人", "户", "in", "码"}, key=len)
_LATIN = "|".join(re.escape(word) for word in reversed(_WORDS) if word.isascii())
_CHINESE = "|".join(re.escape(word) for word in reversed(_WORDS) if not word.isascii())
# After a mark, or after a Chinese letter: 杆高/厘米, height_ft, 距离km.
_AFTER = re.compile(
    rf"(?:[\s/_,:;\-]+(?:单位[:=]?)?\s*(?:in\s+)?({_LATIN}|{_CHINESE})|(?<=[\u4e00-\u9fff])({_LATIN}))[\s*]*$"
)


def units_of(unit: str) -> Mapping[str, float]:
    """Return unit -> factor for fields in ``m``, ``deg`` or ``px``; those of counts for any other."""
    return _TABLES.get(unit, COUNTS)


def heading_unit(name: str) -> str:
    """Return the unit that a heading names at its end, in brackets or after a mark; empty where it names none.

    Examples
    --------
    >>> [heading_unit(name) for name in ("安装高度(cm)", "height (ft)", "杆高/厘米", "距离km", "高度（单位：米）")]
    ['cm', 'ft', '厘米', 'km', '米']
    """
    plain = _plain(name)
    found = _BRACKETED.search(plain)
    if found is not None:
        return found[1].strip(" .")
    found = _AFTER.search(plain)
    return "" if found is None else found[1] or found[2]


def without_unit(name: str) -> str:
    """Return a heading without the unit at its end.

    Examples
    --------
    >>> [without_unit(name) for name in ("安装高度(cm)", "height_ft", "距离km")]
    ['安装高度', 'height', '距离']
    """
    plain = _plain(name)
    return _AFTER.sub("", _BRACKETED.sub("", plain))


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", str(name)[: MAX_NAME + 1]).strip().casefold()
