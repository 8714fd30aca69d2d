"""Read the directions that cameras look in out of words and numbers."""

from __future__ import annotations

import re
import unicodedata

from geo.angles import angle_between, turn
from geo.bounds import MAX_WORD
from geo.readers.words.cell_values import COMMA_DECIMAL, is_missing_word
from geo.readers.words.chinese_numerals import NUMERALS, numeral
from geo.readers.words.softeners import without_marks, without_softener

_COMPASS_POINTS = ("n", "nne", "ne", "ene", "e", "ese", "se", "sse", "s", "ssw", "sw", "wsw", "w", "wnw", "nw", "nnw")
_WORDS = {point: 22.5 * index for index, point in enumerate(_COMPASS_POINTS)}
_WORDS |= {"north": 0.0, "east": 90.0, "south": 180.0, "west": 270.0}
_WORDS |= {"northeast": 45.0, "southeast": 135.0, "southwest": 225.0, "northwest": 315.0}
_TWO_WORDS = ("northeast", "southeast", "southwest", "northwest")
_WORDS |= {"北": 0.0, "东北": 45.0, "东": 90.0, "东南": 135.0, "南": 180.0, "西南": 225.0, "西": 270.0, "西北": 315.0}
_WORDS |= {"北东": 45.0, "南东": 135.0, "南西": 225.0, "北西": 315.0}

# A full circle. A bare 360 is one in OpenStreetMap only: elsewhere it is north.
_FULL_CIRCLE = re.compile(
    r"(?:水平|监控|监视)?(?:360(?:度|°)(?:全景|全向|旋转|全方位|环视|无死角)?|360(?:全景|全向|旋转|全方位|环视)|全景360(?:度|°)?|0-360(?:度|°)?|0(?:度|°)-360(?:度|°)"
    r"|全向|全景|全方位|全方向|全角度|全周|环视|环绕|环形|一圈|周围|四周|四面|四面八方|四方|八方|四个方向|各个?方向|所有方向"
    r"|all|allround|allaround|alldirections|any|omni|omnidirectional|panoramic|fullcircle|360deg(?:rees?)?)(?:方向|监控)?"
)
_DEGREE_SIGN = re.compile(r"\s*(?:°|º|度|deg(?:rees?)?)")
# A tiny number that a program wrote has a negative exponent.
_ONE = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e-\d{1,3})?")
_RANGE = re.compile(r"([-+]?\d+(?:\.\d+)?|[a-z]+)\s*(?:-|–|—|~|to|至|到)\s*([-+]?\d+(?:\.\d+)?|[a-z]+)")
_SEPARATORS = re.compile(r"[;,、|/&+\n]|(?<=[东南西北])[和及与跟](?=[正东南西北])|\s+and\s+|(?<=\d)\s+(?=\d)")

# A code before its word, as lists to choose from have it: 1-东.
_NUMBERED = re.compile(r"^\d\s*[-.:]\s*(?=[正朝]?[东南西北])")

_POINT = "[东南西北]{1,2}"
_FROM_TO = re.compile(rf"(?:由|从|自)?正?{_POINT}(?:边|面|侧|方)?(?:向|往|朝|→|->|=>)正?({_POINT})")
_FROM_TO_WITH_FROM = re.compile(rf"(?:由|从|自|坐)正?{_POINT}(?:边|面|侧|方)?(?:到|至|朝|面)正?({_POINT})")
_LOOKED_BY = re.compile(
    r"^(?:摄像机|摄像头|监控|监视|镜头|相机|枪机|球机|拍摄|照射|安装|方向|方位角|方位|角度|朝向|azimuth|bearing)*[:=是为]?"
)
_LOOKING = re.compile(
    r"^(?:朝向|面朝|面向|正对着?|对着|对准|照向|照着|拍向|指向|看向|朝着|向着|往|朝|向|面|对|照|拍|facing|looking|towards?|pointing)(?:to|towards)?"
)
_STRAIGHT = re.compile(r"^(?:正|due)")
_WAY = re.compile(r"(?:方向|方位|一方|向|方|面|facing|direction|wards?)$")
_SIDE = re.compile(r"(?:一侧|侧|角|边|口|段|头|端|corner|side)$")
_BOTH_WAYS = re.compile(r"(?:双向|两向|两个方向|两方向|双方向|两侧|两边|两头|两面|对向)$")
_DEVIATION = re.compile(r"正?([东南西北])偏([东南西北])(\d+(?:\.\d+)?)")
_BEARING = re.compile(
    r"(n|s|e|w|north|south|east|west)\s*(?:(\d+(?:\.\d+)?)°?|(\d+)°(\d+(?:\.\d+)?)['′])\s*(n|s|e|w|north|south|east|west)"
)
# 三百一十五度, 东偏北三十度: numerals with degrees after them, or a deviation before.
_NUMERALS = re.compile(rf"(?<!\d)[{NUMERALS}]+(?=\s*(?:度|°))|(?<=偏[东南西北])[{NUMERALS}]+")
_WITH_ANOTHER = re.compile(r"([^()（）\[\]]+)[(（\[]([^()（）\[\]]+)[)）\]]")
_BESIDE_NUMBER = re.compile(r"([^\d()+-]+)([-+]?\d+(?:\.\d+)?)|([-+]?\d+(?:\.\d+)?)([^\d()]+)")
_SIDE_WORD = "(?:一侧|侧|角|边|口|段|头|端)"
# Where it stands and where it looks: 路口东南角朝西北, 路北朝南. A gate that faces south is none: 大门朝南.
_SIDE_THEN_LOOK = re.compile(
    rf"(?:.{{0,12}}?{_POINT}{_SIDE_WORD}|.{{0,12}}?[路街道桥河村场][东南西北])"
    rf"(?:朝向|面向|面朝|看向|指向|对着|朝|向|往|对|照|拍)正?({_POINT})"
)
_SIDE_OF_SOMETHING = re.compile(
    rf"[^朝向往面对照拍看指]{{1,12}}?({_POINT}){_SIDE_WORD}|.{{0,12}}?[路街道桥河村]([东南西北])"
)
_OPPOSED, _POINTS_IN = re.compile(r"正?[东南西北][-至到]正?[东南西北]"), re.compile("[东南西北]")
_OPPOSITE = ({"东", "西"}, {"南", "北"})
_ALL_FOUR = {"东南西北", "东西南北", "南北东西", "北南东西", "西东北南", "北南西东"}

#: Azimuth in degrees clockwise from true north, [0, 360), and the width in degrees where a range gave one.
Direction = tuple[float, float | None]


class OpposedPoints(ValueError):
    """Two opposed points with a dash between, such as 东-西: both ways, from one to the other, or half a circle."""


class SideOfPlace(ValueError):
    """A text that names the side of a place where something stands, such as 西北角, and not where it looks."""

    def __init__(self, text: str, azimuth: float) -> None:
        super().__init__(text)
        self.azimuth = azimuth


def is_full_circle(text: str, *, bare_360_is_none: bool = True) -> bool:
    """Return whether a text says that a camera looks all round.

    Examples
    --------
    >>> [is_full_circle(text) for text in ("360°", "全向", "四面", "0 - 360", "东")]
    [True, True, True, True, False]
    """
    if len(text) > MAX_WORD:
        return False
    plain = re.sub(r"[\s.]", "", plain_direction(text))
    return bool(_FULL_CIRCLE.fullmatch(plain)) or (plain == "360" and bare_360_is_none)


def directions_of(text: str, *, bare_360_is_none: bool = True, is_osm: bool = True) -> list[Direction]:
    """Read the directions of one camera.

    Directions are separated by ``;``, ``、``, ``/`` or a comma; 东西 and 南北 are two. A range ``a-b`` runs clockwise
    and gives its middle and width. There are 16 compass points in English and 8 in Chinese, with or without what leads
    to them (朝正南, 由北向南), deviations (北偏东30°) and bearings (N30E). Negative angles are anticlockwise. A full
    circle gives no direction.

    Parameters
    ----------
    bare_360_is_none
        Whether a single 360 means a full circle, as in OpenStreetMap, instead of north.
    is_osm
        Whether points with a dash between are a range whatever its width, as in OpenStreetMap: E-W looks south there.

    Raises
    ------
    SideOfPlace
        Where a part names the side of a place.
    OpposedPoints
        Where a part is two opposed points with a dash between.
    ValueError
        Where a part is not a direction.

    Examples
    --------
    >>> directions_of("朝正南"), directions_of("东西"), directions_of("北偏东30°")
    ([(180.0, None)], [(90.0, None), (270.0, None)], [(30.0, None)])
    """
    if len(text) > MAX_WORD:
        raise ValueError(text[:MAX_WORD])
    plain = plain_direction(text)
    if is_missing_word(text) or is_full_circle(text, bare_360_is_none=bare_360_is_none):
        return []
    found: dict[Direction, None] = {}
    for part in _parts(plain):
        for one in _directions_of_part(part, is_osm=is_osm):
            found[one] = None
    return list(found)


def plain_direction(text: str) -> str:
    """Return a text in one width and case, with one sign for minus, as directions are read.

    Examples
    --------
    >>> plain_direction(" －１ "), plain_direction("\u22121"), plain_direction("ＮＥ")
    ('-1', '-1', 'ne')
    """
    text = text.replace("º", "°").replace("˚", "°")  # their compatible forms are letters
    plain = without_marks(unicodedata.normalize("NFKC", text).strip().casefold().replace("東", "东"))
    plain = re.sub("(?<=偏[东南西北])(?:大约|约)", "", plain)
    plain = _NUMERALS.sub(lambda found: f"{numeral(found[0])}" if numeral(found[0]) is not None else found[0], plain)
    return re.sub("[−–—]", "-", plain).replace("~", "-")


def _parts(plain: str) -> list[str]:
    # A comma is a decimal comma only where one digit ends the text: 22,5.
    decimal = COMMA_DECIMAL.fullmatch(plain)
    if decimal is not None and len(decimal[2]) == 1:
        return [f"{decimal[1]}.{decimal[2]}"]
    return [part.strip(" .。") for part in _SEPARATORS.split(plain) if part.strip(" .。")]


def _directions_of_part(part: str, *, is_osm: bool) -> list[Direction]:
    """Return the directions of one part of a list: one, two of opposite points, or none of a full circle."""
    part = _DEGREE_SIGN.sub("°", _NUMBERED.sub("", part)).replace("° ", "°")
    bearing = _BEARING.fullmatch(_WAY.sub("", _LOOKING.sub("", part)).strip())
    if bearing is not None:
        return [(_of_bearing(bearing), None)]
    part = part.replace("°", "")
    if _ONE.fullmatch(part):
        return [(_normalised_azimuth(float(part)), None)]
    ends = _RANGE.fullmatch(part)
    if ends is not None and part.replace("-", "") not in _TWO_WORDS and not part.endswith("facing"):
        begin, end = _angle(ends[1]), _angle(ends[2])
        width = (end - begin) % 360.0
        if not is_osm and width >= 180.0 and {ends[1], ends[2]} <= _WORDS.keys():
            raise OpposedPoints(part)
        if width == 0.0:
            return [] if begin != end else [(_normalised_azimuth(begin), None)]
        return [(_normalised_azimuth(begin + width / 2.0), width)]
    word = without_softener(re.sub(r"[\s_]", "", part))
    if _OPPOSED.fullmatch(word) and set(_POINTS_IN.findall(word)) in _OPPOSITE:
        raise OpposedPoints(part)
    number = _LOOKED_BY.sub("", word)
    if _ONE.fullmatch(number):
        return [(_normalised_azimuth(float(number)), None)]
    azimuths = _said_twice(word) or _from_one_to_another(word) or _from_side(word) or _of_points(word)
    return [(azimuth, None) for azimuth in azimuths]


def _from_one_to_another(word: str) -> list[float]:
    """Return the azimuth of 由北向南 and the like; nothing for another word."""
    word = _LOOKED_BY.sub("", word)
    for pattern in (_FROM_TO, _FROM_TO_WITH_FROM):
        looked = pattern.fullmatch(_WAY.sub("", word)) or pattern.fullmatch(word)
        if looked is not None and looked[1] in _WORDS:
            return [_WORDS[looked[1]]]
    return []


def _from_side(word: str) -> list[float]:
    """Return the azimuth of 路口东南角朝西北; nothing for another word."""
    looked = _SIDE_THEN_LOOK.fullmatch(_WAY.sub("", word)) or _SIDE_THEN_LOOK.fullmatch(word)
    return [_WORDS[looked[1]]] if looked is not None and looked[1] in _WORDS else []


def _of_points(word: str) -> list[float]:
    """Return the azimuths of compass points, with what leads to them and follows them."""
    plain = word.replace("-", "") if re.fullmatch(r"[a-z-]+", word) else word  # north-east
    plain = _LOOKED_BY.sub("", plain)
    rest = _STRAIGHT.sub("", _LOOKING.sub("", plain, count=1))
    turned = _DEVIATION.fullmatch(_WAY.sub("", rest))
    if turned is not None:
        return [_of_deviation(turned)]
    core = _BOTH_WAYS.sub("", rest)
    is_both = core != rest
    core = core if core in _WORDS else _WAY.sub("", core)
    if core in _WORDS and not is_both:  # one point named and two ways meant is neither
        return [_WORDS[core]]
    if is_both and len(core) == 4 and core[:2] in _WORDS and core[2:] in _WORDS:
        return [_WORDS[core[:2]], _WORDS[core[2:]]]
    if core in _ALL_FOUR or (len(core) == 2 and set(core) in _OPPOSITE):
        return [_WORDS[letter] for letter in core]
    side = _SIDE.sub("", rest)
    point = side[1:] if side[:1] in ("路", "街") else side
    if side == rest or point not in _WORDS:
        stands = _SIDE_OF_SOMETHING.fullmatch(rest)
        if rest == plain and stands is not None and (stands[1] or stands[2]) in _WORDS:
            raise SideOfPlace(word, _WORDS[stands[1] or stands[2]])
        raise ValueError(word)
    if _LOOKING.match(plain) is None:
        raise SideOfPlace(word, _WORDS[point])
    return [_WORDS[point]]


def _said_twice(word: str) -> list[float]:
    """Return the azimuth of 90(东), 北(N) or 东90, where both say the same; nothing for others.

    Beside a point in brackets a number may be up to 22.5 degrees off; one without brackets (N15) may be half a bearing.
    """
    named, beside = _WITH_ANOTHER.fullmatch(word), _BESIDE_NUMBER.fullmatch(word)
    if named is not None:
        first, second, most = named[1], named[2], 22.5
    elif beside is not None and "偏" not in word:
        first, second, most = beside[1] or beside[3], beside[2] or beside[4], 0.0
    else:
        return []
    said = [_number_or_point(text) for text in (first, second)]
    if angle_between(said[0], said[1]) > most:
        raise ValueError(word)
    # The number is finer than the word, unless it is a code: 4(北).
    is_code = [re.fullmatch("[1-9]", text) is not None for text in (first, second)]
    is_first = is_code[1] or (_ONE.fullmatch(first) is not None and not is_code[0])
    return said[:1] if is_first else said[1:]


def _number_or_point(text: str) -> float:
    if _ONE.fullmatch(text):
        return _normalised_azimuth(float(text))
    points = _of_points(text)
    if len(points) != 1:
        raise ValueError(text)
    return points[0]


def _of_deviation(turned: re.Match[str]) -> float:
    """Return the azimuth of 北偏东30."""
    return _turned(turned[0], turned[1], turned[2], float(turned[3]))


def _of_bearing(found: re.Match[str]) -> float:
    """Return the azimuth of a bearing such as N30E or N15°30'W, and of E30N, which is 30 degrees north of east."""
    angle = float(found[2]) if found[2] is not None else float(found[3]) + float(found[4]) / 60.0
    if found[4] is not None and float(found[4]) >= 60.0:
        raise ValueError(found[0])
    return _turned(found[0], found[1], found[5], angle)


def _turned(text: str, first: str, second: str, angle: float) -> float:
    """Return the azimuth so many degrees from the first point towards the second, a quarter of a circle away."""
    way = turn(_WORDS[first], _WORDS[second])
    if abs(way) != 90.0 or angle > 90.0:
        raise ValueError(text)
    return _normalised_azimuth(_WORDS[first] + (angle if way > 0 else -angle))


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
