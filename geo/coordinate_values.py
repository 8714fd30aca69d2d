"""Read coordinates, one or two in a text: decimal, in degrees, minutes and seconds, with or without their letters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from geo.bounds import MAX_WORD
from geo.plain_words import FULL_STOP

SIXTY = "分或秒不小于 60 / minutes or seconds of 60 and more"
#: What half a point lacks, by the coordinate that is missing.
HALF_WITHOUT = {
    "lon": "只有纬度，没有经度 / latitude without longitude", "lat": "只有经度，没有纬度 / longitude without latitude",
    "x": "只有 y，没有 x / y without x", "y": "只有 x，没有 y / x without y",
}  # fmt: skip

#: Whether a coordinate is a longitude or a latitude, where a letter or a label says so.
Axis = Literal["lon", "lat"]

_LETTERS: dict[str, Axis] = {"e": "lon", "w": "lon", "东": "lon", "西": "lon", "n": "lat", "s": "lat", "北": "lat"}
_LETTERS["南"] = "lat"
_NAMES = "longitude|latitude|long|lon|lng|lat|经度坐标|纬度坐标|经度|纬度|经|纬"
_LABEL = rf"(?:{_NAMES}|[xy](?=\s*[:=]))\s*(?:\(?(?:e|n|°)\)?)?\s*[:=]?"
_HEMISPHERE = r"(?:东经|西经|北纬|南纬|[nsew东南西北])"
_NUMBER = r"\d+(?:\.\d*)?"
_PLAIN = re.compile(rf"[-+]?(?:{_NUMBER}|\.\d+)(?:e[-+]?\d{{1,3}})?")
_COMMA = re.compile(r"([-+]?\d{1,3}),(\d+)")
# 102°53′24″, 102度53分24秒, 102d53m24s, and with only spaces, colons or hyphens between: 102 53 24.
_MARKED = re.compile(
    rf"({_NUMBER})\s*[°度d]\s*(?:({_NUMBER})\s*['分m]\s*(?:({_NUMBER})\s*(?:\"|''|秒|s)?\s*)?|({_NUMBER})\s*)?"
)
_BARE = re.compile(rf"(\d{{1,3}})(?:\s*:\s*|\s+|-)(\d{{1,2}}(?:\.\d+)?)(?:(?:\s*:\s*|\s+|-)({_NUMBER}))?")
_SEPARATORS = (r"\s*;\s*", r",\s+", r"\s*,\s*", r"\s*[/|、]\s*", r"\s+")
_LON_FIRST = re.compile(r"经.*纬|lon.*lat|lng.*lat|x.*y")
_LAT_FIRST = re.compile(r"纬.*经|lat.*(?:lon|lng)|y.*x")


class Sixty(ValueError):
    """Minutes or seconds of 60 and more."""


@dataclass(frozen=True)
class Coordinate:
    """One coordinate in degrees, or in the unit of a projected CRS; the axis where the text names it."""

    value: float
    axis: Axis | None = None


@lru_cache(maxsize=65_536)
def coordinate(text: str) -> Coordinate | None:
    """Return the coordinate that a text holds; None where it holds none, or more.

    Raises
    ------
    Sixty
        Where it has minutes or seconds of 60 and more.

    Examples
    --------
    >>> coordinate("102°53′24″"), coordinate("102.89E"), coordinate("北纬37度27分")
    (Coordinate(value=102.89, axis=None), Coordinate(value=102.89, axis='lon'), Coordinate(value=37.45, axis='lat'))
    """
    if len(text) > MAX_WORD:
        return None
    return _coordinate(_plain(text))


def _plain(text: str) -> str:
    text = re.sub("[º˚]", "°", text)
    text = re.sub("[″”“〞]", '"', re.sub("[′’‘´`ʹ]", "'", text))
    return FULL_STOP.sub(".", unicodedata.normalize("NFKC", text).strip(" \t\r\n。").casefold())


def _coordinate(plain: str) -> Coordinate | None:
    plain = plain.strip()
    label = re.match(_LABEL, plain)
    axis: Axis | None = None
    if label is not None and plain[label.end() :]:
        # An x may be a northing: it says nothing.
        axis = (
            "lat" if label[0][0] in "纬l" and re.match("lat|纬", label[0]) else None if label[0][0] in "xy" else "lon"
        )
        plain = plain[label.end() :].strip()
    letter = ""
    before = re.match(rf"({_HEMISPHERE})\s*[:=]?\s*(?=[\d.])", plain)
    after = re.search(rf"(?<=[\d.°度'\"分秒])\s*({_HEMISPHERE})$", plain)
    if before is not None:
        letter, plain = before[1], plain[before.end() :]
    elif after is not None and not re.fullmatch(r"\d+d[\d.]+m[\d.]+s", plain):
        letter, plain = after[1], plain[: after.start()].strip()
    if letter:
        if axis is not None and axis != _LETTERS[letter[0]]:
            return None
        axis = _LETTERS[letter[0]]
    value = _degrees(plain)
    if value is None:
        return None
    return Coordinate(-abs(value) if letter and letter[0] in "sw南西" else value, axis)


def _degrees(plain: str) -> float | None:
    sign = -1.0 if plain.startswith("-") else 1.0
    plain = plain.strip(" °度")
    if _PLAIN.fullmatch(plain):
        return float(plain)
    comma = _COMMA.fullmatch(plain)
    if comma is not None:
        return float(f"{comma[1]}.{comma[2]}")
    plain = plain.lstrip("+-")
    parts = _MARKED.fullmatch(plain)
    if parts is not None and _is_broken(parts):
        return None
    bare = _BARE.fullmatch(plain)
    if parts is not None:
        minutes, seconds = float(parts[2] or parts[4] or 0), float(parts[3] or 0)
        whole = float(parts[1])
    elif bare is not None:
        whole, minutes, seconds = float(bare[1]), float(bare[2]), float(bare[3] or 0)
    else:
        return None
    if minutes >= 60.0 or seconds >= 60.0:
        raise Sixty(plain)
    # Seven digits of a second are millimetres; sums of fractions have tails beyond.
    return sign * round(whole + minutes / 60.0 + seconds / 3600.0, 12)


def _is_broken(parts: re.Match[str]) -> bool:
    """Return whether degrees or minutes have a fraction though smaller units follow: 102.5°30′ is a slip."""
    minutes = parts[2] or parts[4]
    return minutes is not None and ("." in parts[1] or ("." in minutes and parts[3] is not None))


@lru_cache(maxsize=65_536)
def coordinate_pair(text: str) -> tuple[Coordinate, Coordinate] | None:
    """Return the two coordinates of a text, in its order; None where it does not hold two. A height after them is left.

    Raises
    ------
    Sixty
        Where one has minutes or seconds of 60 and more.

    Examples
    --------
    >>> [one.value for one in coordinate_pair("(37.45, 102.89)")]
    [37.45, 102.89]
    >>> [(one.value, one.axis) for one in coordinate_pair("东经102°53′24″北纬37°27′")]
    [(102.89, 'lon'), (37.45, 'lat')]
    """
    if len(text) > 2 * MAX_WORD:
        return None
    plain = _plain(text)
    # {"lng":102.89,"lat":37.45} and lng=102.89&lat=37.45 are labels and numbers too.
    plain = re.sub(rf"[\"']\s*((?:{_NAMES}|[xy]))\s*[\"']\s*:", r"\1:", plain).replace("&", ";")
    plain = re.sub(rf"^(?:经纬度坐标|经纬度|坐标|位置|gps)\s*[:=(]\s*(?!{_LABEL})", "", plain)
    plain = plain.strip("()[]{}<>【】 ")
    plain = re.sub(rf"(?<=[^\s,;/|东西南北])\s*(?=(?:{_LABEL}|东经|西经|北纬|南纬))", " ; ", plain)
    plain = re.sub(r"\s*[;,、][\s;,、]*;\s*|\s+;\s*", ";", plain)
    for separator in _SEPARATORS:
        parts = [part for part in re.split(separator, plain) if part]
        found = _two(parts)
        if found is not None:
            return found
    return _two(_by_letters(plain) or _by_halves(plain))


def _two(parts: list[str]) -> tuple[Coordinate, Coordinate] | None:
    if len(parts) == 3 and all(_PLAIN.fullmatch(part) for part in parts):
        parts = parts[:2]  # the third is a height
    if len(parts) != 2:
        return None
    first, second = _coordinate(parts[0]), _coordinate(parts[1])
    if first is None or second is None or (first.axis is not None and first.axis == second.axis):
        return None
    return first, second


def _by_letters(plain: str) -> list[str]:
    """Return the two parts of E102.89N37.45 or 102.89E37.45N."""
    found = re.fullmatch(r"([nsew东南西北].*\d.*?)([nsew东南西北].*)", plain)
    if found is None:
        found = re.fullmatch(r"([\d.].*?[nsew东南西北])\s*([\d.].*[nsew东南西北])", plain)
    return [] if found is None else [found[1], found[2]]


def _by_halves(plain: str) -> list[str]:
    """Return the two parts of 102 53 24 37 27 00."""
    numbers = plain.split()
    half, odd = divmod(len(numbers), 2)
    if odd or half not in (2, 3) or not all(_PLAIN.fullmatch(one) for one in numbers):
        return []
    return [" ".join(numbers[:half]), " ".join(numbers[half:])]


def order_named_by(heading: str) -> tuple[Axis, Axis] | None:
    """Return the order that a heading names, as 经纬度 and lat/lon do; None where it names none.

    Examples
    --------
    >>> order_named_by("经纬度"), order_named_by("Lat,Lon"), order_named_by("Location")
    (('lon', 'lat'), ('lat', 'lon'), None)
    """
    plain = unicodedata.normalize("NFKC", heading[:MAX_WORD]).casefold()
    if _LAT_FIRST.search(plain) and not re.search("^[^纬]*经纬", plain):
        return ("lat", "lon")
    return ("lon", "lat") if _LON_FIRST.search(plain) else None
