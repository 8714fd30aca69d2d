"""Find coordinates in a text, their order and their coordinate system.

Nothing is taken for granted: coordinates without a named CRS have none (rule L3), and numbers of which either may be
the longitude no order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from geo.coordinate_values import Coordinate, Sixty, coordinate_pair
from geo.crs_words import system_of_word
from geo.places.address.folded_text import MAX_FOUND, folded
from geo.plain_words import FULL_STOP

# The country with its sea, degrees: every longitude in it is greater than every latitude.
_CHINA_LON, _CHINA_LAT = (73.0, 136.0), (3.0, 54.0)


@dataclass(frozen=True, slots=True)
class TextPoint:
    """Coordinates in a text, in its order; `lon` and `lat` in degrees where the text or the numbers say which is which.

    `unit` is what one of the last digit is, in degrees: of the number that is written finer, for spreadsheets leave out
    zeros at the end.

    Examples
    --------
    >>> points_in_text("位置（37.45, 102.98）高德")[0]
    TextPoint(start=3, end=16, values=(37.45, 102.98), lon=102.98, lat=37.45, crs='gcj02', unit=0.01)
    """

    start: int
    end: int
    values: tuple[float, float]
    lon: float | None
    lat: float | None
    crs: str | None
    unit: float = 0.0


_AXIS = (
    r"(?:经度|纬度|东经|西经|北纬|南纬|longitude|latitude|long|lon|lng|lat|[nsew东西南北](?=\s?[0-9])|[xy](?=\s?[:=]))"
)
_NUMBER = r"[0-9]{1,3}(?:\.[0-9]{1,15})?"
_DEGREES = (
    rf"(?:{_NUMBER}\s?[°度](?:\s?[0-9]{{1,2}}(?:\.[0-9]{{1,12}})?\s?['分](?:\s?[0-9]{{1,2}}(?:\.[0-9]{{1,12}})?\s?(?:\"|''|秒))?)?"
    rf"|[0-9]{{1,3}}[d:][0-9]{{1,2}}[m:][0-9]{{1,2}}(?:\.[0-9]{{1,12}})?s?|{_NUMBER})"
)
_ONE = rf"(?:{_AXIS}\s?(?:为|是)?[:=]?\s?)?-?{_DEGREES}\s?(?:[nsew](?![a-z0-9.])|[东西南北](?![\u4e00-\u9fff]))?"
_PAIR = re.compile(
    rf"(?=[0-9经纬东西北南lnsewxy-])(?<![0-9a-z.])(?P<one>{_ONE})(?P<between>\s{{0,3}}[,;、/|&]?\s{{0,3}})(?P<other>{_ONE})(?![0-9]|\.[0-9])"
)
# 102,0123 37,1234 has commas for decimal points, as Europeans and some spreadsheets write them. 3,5号 is two doors.
_WITH_COMMAS = re.compile(
    r"(?<![0-9.,])([0-9]{2,3}),([0-9]{2,15})"
    rf"(\s?[°度]?\s?[nsew东南西北]?(?:\s{{1,3}}|\s{{0,3}}[,;/|、]\s{{0,3}})(?:{_AXIS}\s?[:=]?\s?)?)"
    r"([0-9]{1,3}),([0-9]{2,15})(?![0-9,.]|\s?[号栋幢座室楼层组社队排弄巷户门元])"
)
#: Decimals that coordinates have where a comma is between them too.
_FINE = 3
_SAYS_SO = re.compile(rf"[°度]|{_AXIS}|[nsew]$")
_DIGITS = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_DECIMALS, _FINE_DECIMALS = re.compile(r"\.[0-9]"), re.compile(r"\.[0-9]{3}")
_CRS_WORD = re.compile(
    r"(?:非|不是)?(?:"
    r"(?:高德|百度|腾讯|天地图|谷歌|北斗)(?:地图)?(?:坐标系?|经纬度|拾取)?(?![\u4e00-\u9fffa-z])"
    r"|gcj-?02|火星坐标系?|国测局坐标系?"
    r"|bd-?09(?:ll)?|wgs[-_ ]?(?:19)?84|gps|cgcs[-_ ]?2000|国家2000|大地2000|2000(?:国家)?(?:大地)?坐标系?"
    r"|epsg:[0-9]{4,5}"
    r"|西安80|北京54)(?:坐标系?)?(?:转换?|纠偏)?"
)
#: Characters between coordinates and the words that name their CRS.
_CRS_NEAR = 16
_TIE = re.compile(r"\s?[:=(]\s?\(?")
_SENTENCE_END = re.compile(r"[。;\n!?]")


def points_in_text(text: str, *, crs: str | None = None) -> tuple[TextPoint, ...]:
    """Return the coordinates in a text.

    The order is what the text says (北纬, E, lon), or else the one that is in China; else `lon` and `lat` are None. Two
    bare numbers are coordinates only where both have decimals, and either one order is in China or both have three
    decimals at least: 3.5、4.5 are none.

    Parameters
    ----------
    text
        Any text; the first 2,000 characters are read.
    crs
        The CRS that the caller names, for coordinates beside which the text names none.

    Examples
    --------
    >>> found = points_in_text("北纬37°27′12″ 东经102°58′ (WGS84)")[0]
    >>> round(found.lon, 4), round(found.lat, 4), found.crs
    (102.9667, 37.4533, 'wgs84')
    >>> points_in_text("102.98,37.45")[0].crs is None
    True
    """
    plain = _with_decimal_points(folded(text))
    out: list[TextPoint] = []
    found = _PAIR.search(plain)
    while found is not None and len(out) < MAX_FOUND:
        point = _point(plain, found, crs)
        if point is not None:
            out.append(point)
        # A number before coordinates is none of them: 640 of K11+640 102.98,37.45, and 84 of WGS-84 E102.98.
        found = _PAIR.search(plain, found.end() if point is not None else found.start("other"))
    return tuple(out)


def _with_decimal_points(plain: str) -> str:
    """Return a text of the same length with points for the commas and full stops in coordinates."""
    plain = FULL_STOP.sub(".", plain)
    return _WITH_COMMAS.sub(_pointed, plain) if plain.count(",") > 1 else plain


def _pointed(found: re.Match[str]) -> str:
    lon, lat = sorted((int(found[1]), int(found[4])), reverse=True)
    is_in_china = _CHINA_LON[0] <= lon < _CHINA_LON[1] and _CHINA_LAT[0] <= lat < _CHINA_LAT[1]
    is_parted = found[3] != "," or min(len(found[2]), len(found[5])) >= _FINE
    return f"{found[1]}.{found[2]}{found[3]}{found[4]}.{found[5]}" if is_in_china and is_parted else found[0]


def _point(plain: str, found: re.Match[str], crs: str | None) -> TextPoint | None:
    texts = found["one"], found["other"]
    says = [_SAYS_SO.search(one) is not None for one in texts]
    are_decimal = all(_DECIMALS.search(one) for one in texts)
    between = plain[found.start() + len(texts[0].rstrip()) : found.start("other")]
    if not (all(says) or are_decimal) or not (between or any(says)):
        return None
    try:
        pair = coordinate_pair(f"{texts[0].strip()} ; {texts[1].strip()}")
    except Sixty:
        return None
    if pair is None:
        return None
    lon, lat = _in_order(*pair)
    is_fine = any(says) or all(_FINE_DECIMALS.search(one) for one in texts)
    if not is_fine if lon is None or lat is None else not (abs(lon) <= 180.0 and abs(lat) <= 90.0):
        return None
    end = found.start("other") + len(found["other"].rstrip())
    named = _crs_beside(plain, found.start(), end) or crs
    return TextPoint(found.start(), end, (pair[0].value, pair[1].value), lon, lat, named, min(map(_unit, texts)))


def _unit(text: str) -> float:
    """Return what one of the last digit of a coordinate is, in degrees: 0.01 of 37.45, a sixtieth of 37°27′."""
    numbers = _DIGITS.findall(text)
    _, _, decimals = numbers[-1].partition(".")
    return round(10.0 ** -len(decimals) / 60.0 ** (len(numbers) - 1), 12)


def _in_order(first: Coordinate, second: Coordinate) -> tuple[float | None, float | None]:
    """Return longitude and latitude, both None where neither the text nor the numbers say which is which."""
    if "lon" in (first.axis, second.axis) or "lat" in (first.axis, second.axis):
        is_lon_first = first.axis == "lon" or second.axis == "lat"
        return (first.value, second.value) if is_lon_first else (second.value, first.value)
    for lon, lat in ((first.value, second.value), (second.value, first.value)):
        if _CHINA_LON[0] <= lon <= _CHINA_LON[1] and _CHINA_LAT[0] <= lat <= _CHINA_LAT[1]:
            return lon, lat
    return None, None


def _crs_beside(plain: str, start: int, end: int) -> str | None:
    """Return the CRS that is named beside coordinates in their sentence; None where none is, or which is not sure.

    Of two only the one that a colon or a bracket ties to the coordinates is sure: WGS84：102.98,37.45（GCJ02为…）.
    """
    before = _SENTENCE_END.split(plain[max(0, start - _CRS_NEAR) : start])[-1]
    after = _SENTENCE_END.split(plain[end : end + _CRS_NEAR])[0]
    mentions = [found for part in (before, after) for found in _CRS_WORD.finditer(part)]
    named = {system_of_word(found[0]) for found in mentions}
    if len(named) == 1:
        return named.pop()
    tied = [found for found in mentions if found.string is before and _TIE.fullmatch(before, found.end())]
    return system_of_word(tied[-1][0]) if tied else None


def crs_words_in_text(text: str) -> tuple[tuple[int, int], ...]:
    """Return where a text names coordinate systems: what is left when they are taken out says where a place is.

    Examples
    --------
    >>> crs_words_in_text("民主街3号 WGS84：102.98,37.45")
    ((6, 11),)
    """
    return tuple(found.span() for found in islice(_CRS_WORD.finditer(folded(text)), MAX_FOUND))
