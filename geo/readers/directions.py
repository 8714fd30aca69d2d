"""Read the directions that cameras look in out of words and numbers."""

from __future__ import annotations

import re
import unicodedata

from geo.bounds import MAX_WORD
from geo.readers.cell_values import COMMA_DECIMAL, MISSING_WORDS

_COMPASS_POINTS = ("n", "nne", "ne", "ene", "e", "ese", "se", "sse", "s", "ssw", "sw", "wsw", "w", "wnw", "nw", "nnw")
_WORDS = {point: 22.5 * index for index, point in enumerate(_COMPASS_POINTS)}
_WORDS |= {"north": 0.0, "east": 90.0, "south": 180.0, "west": 270.0}
_WORDS |= {"northeast": 45.0, "southeast": 135.0, "southwest": 225.0, "northwest": 315.0}
_WORDS |= {"北": 0.0, "东北": 45.0, "东": 90.0, "东南": 135.0, "南": 180.0, "西南": 225.0, "西": 270.0, "西北": 315.0}
_WORDS |= {"北东": 45.0, "南东": 135.0, "南西": 225.0, "北西": 315.0}
_FULL_CIRCLE_WORDS = {"360", "全向", "全景", "全方位", "all", "any", "360度", "360°", "0-360"}
_DEGREE_SIGN = re.compile(r"\s*(?:°|º|度|deg(?:rees?)?)")
_ONE = re.compile(r"[-+]?\d+(?:\.\d+)?")
_RANGE = re.compile(r"([-+]?\d+(?:\.\d+)?|[a-z]+)\s*(?:-|–|—|~|to|至|到)\s*([-+]?\d+(?:\.\d+)?|[a-z]+)")
_FROM_TO = re.compile(r"(?:由|从|自)?[东南西北]{1,2}(?:向|往|朝)([东南西北]{1,2})")

#: Azimuth in degrees clockwise from true north, [0, 360), and the width in degrees where a range gave one.
Direction = tuple[float, float | None]


def directions_of(text: str, *, bare_360_is_none: bool = True) -> list[Direction]:
    """Read the directions of one camera.

    Directions are separated by ``;``, ``、`` or a comma. A range ``a-b`` runs clockwise and gives its middle and width.
    There are 16 compass points in English and 8 in Chinese. Negative angles are anticlockwise. A full circle gives no
    direction.

    Parameters
    ----------
    bare_360_is_none
        Whether a single 360 means a full circle, as in OpenStreetMap, instead of north.

    Raises
    ------
    ValueError
        Where a part is not a direction.
    """
    if len(text) > MAX_WORD:
        raise ValueError(text[:MAX_WORD])
    plain = unicodedata.normalize("NFKC", text).strip().casefold().replace("−", "-").replace("～", "~")
    plain = _DEGREE_SIGN.sub("", plain)
    if plain in MISSING_WORDS:
        return []
    if plain in _FULL_CIRCLE_WORDS - {"360"} or (plain == "360" and bare_360_is_none):
        return []
    found: dict[Direction, None] = {}
    for part in _parts(plain):
        one = _direction(part)
        if one is not None:
            found[one] = None
    return list(found)


def _parts(plain: str) -> list[str]:
    # A comma is a decimal comma only where one digit ends the text: 22,5.
    decimal = COMMA_DECIMAL.fullmatch(plain)
    if decimal is not None and len(decimal[2]) == 1:
        return [f"{decimal[1]}.{decimal[2]}"]
    return [part.strip() for part in re.split(r"[;；,，、|]", plain) if part.strip()]


def _direction(part: str) -> Direction | None:
    if _ONE.fullmatch(part):
        return _normalised_azimuth(float(part)), None
    word = re.sub(r"[\s-]", "", part)
    if re.fullmatch(r"(north|south)[\s-]?(east|west)", part):
        return _WORDS[word], None
    looked = _FROM_TO.fullmatch(word)
    if looked is not None:
        word = looked[1]
    word = re.sub(r"^(?:朝|向|正|面向)|(?:方向|向|方|面|侧)$", "", word)
    if part.replace(" ", "") == word and part in _WORDS:
        return _WORDS[part], None
    if word in _WORDS and "-" not in part:
        return _WORDS[word], None
    ends = _RANGE.fullmatch(part)
    if ends is None:
        raise ValueError(part)
    begin, end = _angle(ends[1]), _angle(ends[2])
    width = (end - begin) % 360.0
    if width == 0.0:
        return None if begin != end else (_normalised_azimuth(begin), None)
    return _normalised_azimuth(begin + width / 2.0), width


def _angle(text: str) -> float:
    if text in _WORDS:
        return _WORDS[text]
    if _ONE.fullmatch(text):
        return float(text)
    raise ValueError(text)


def _normalised_azimuth(angle: float) -> float:
    azimuth = angle % 360.0
    # A tiny negative angle rounds up to 360 itself.
    return 0.0 if azimuth == 360.0 else azimuth
