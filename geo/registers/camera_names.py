"""Take the name of a camera apart: the stem that names the place, the side of it, the direction and the number.

``北街口东南角球机1`` is the place 北街口, its south-eastern side and the number 1; the kind of camera and words that
every name has say nothing about which camera it is. Two sides of one crossing are two cameras.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from geo.plain_words import folded_word

#: Characters of a name that are looked at.
_MAX_CHARS = 200

_BEARINGS = {
    "东北": 45.0, "东南": 135.0, "西南": 225.0, "西北": 315.0, "北": 0.0, "东": 90.0, "南": 180.0, "西": 270.0,
    "northeast": 45.0, "southeast": 135.0, "southwest": 225.0, "northwest": 315.0,
    "north": 0.0, "east": 90.0, "south": 180.0, "west": 270.0,
    "ne": 45.0, "se": 135.0, "sw": 225.0, "nw": 315.0, "n": 0.0, "e": 90.0, "s": 180.0, "w": 270.0,
}  # fmt: skip
_ZH = "东北|东南|西南|西北|北|东|南|西"
_EN = r"(?:north|south)[\s-]?(?:east|west)|north|south|east|west|ne|nw|se|sw|n|s|e|w"
_NUMBERS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}

#: Words that say what the device is, or nothing; the longer first.
_DEVICE = re.compile(
    r"高清|网络|红外|智能|数字|视频|监控|监测|摄像机|摄像头|摄像|探头|枪球一体|枪球|枪型|球型|枪机|球机|快球|筒机|半球|云台"
    r"|全景|鱼眼|高空瞭望|瞭望|卡口|人脸|抓拍|双目|四目|前端|点位|设备"
    r"|\b(?:ptz|dome|bullet|fixed|panoramic|fisheye|cctv|hd|ip)?\s?(?:camera|cam)s?\b|\b(?:ptz|dome|bullet|cctv)\b"
)
#: 由北向南 looks south; so do 朝南 and 面向南.
_FACING = re.compile(
    rf"(?:[由自从](?:正)?(?:{_ZH})(?:侧|面|边)?(?:向|往|朝|至|到)|朝向|面向|面朝|朝着|朝|对着|拍向|看向)正?(?P<zh>{_ZH})"
    rf"(?:方向|方|面|侧)?|(?:facing|looking|towards?)\s+(?P<en>{_EN})\b"
)
#: What marks a side anywhere in a name, and what does so at its end only: 东门 may be a place, 东南角 never is.
_SIDE = re.compile(rf"正?(?P<zh>{_ZH})(?:角|侧|方向)|\b(?P<en>{_EN})[\s-]?(?:corner|side|end|approach|arm)\b")
_SIDE_AT_END = re.compile(rf"(?:正?(?P<zh>{_ZH})(?:进口|出口|边|面|端|头|方|口|门)?|(?<![a-z])(?P<en>{_EN}))$")
#: 南向 looks south, as 朝南 does; 北向南 too. At the end only: 城东向阳路 is a place.
_FACING_AT_END = re.compile(rf"(?:(?:正?(?:{_ZH})[向往])?正?(?P<zh>{_ZH})向|(?:{_ZH})[向往]正?(?P<to>{_ZH}))$")
_NUMBER_AT_END = re.compile(
    r"(?P<word>第?(?P<zh>[一二三四五六七八九十])号|(?:第|no\.?|#|nr\.?)?\s?(?P<digits>\d{1,3})(?:号机|号|#|路)?)$"
)
#: Words for one kind of place, which one list writes so and the other so.
_PLACES = (
    (
        re.compile(r"十字交叉口|十字路口|丁字路口|交叉路口|三岔路口|交叉口|交汇处|交汇口|交界处|十字|岔路口|路口|岔口"),
        "口",
    ),
    (re.compile(r"大门口|正门口|大门|正门|门口|门前"), "门"),
    (re.compile(r"\b(?:crossroads|crossing|intersection|junction)\b"), "crossing"),
)
_LIST_NUMBER = re.compile(r"^(?:\d{1,6}|[a-z]{1,2}\d{1,6})[\s.、:_-]+")
_MARKS = re.compile(r"[^\w]|_")
_EMPTY_ENDS = re.compile(r"(?:附近|旁边|旁|处|的)$")


class CameraName(NamedTuple):
    """The parts of a name.

    Attributes
    ----------
    stem
        What names the place, without case, spaces and marks; empty where nothing does.
    side
        The side of the place, degrees clockwise from north; None where none is named.
    facing
        Where the camera looks to, degrees clockwise from north; None where it is not said.
    number
        The number at its end; None without.
    """

    stem: str
    side: float | None
    facing: float | None
    number: int | None


def camera_name(name: str) -> CameraName:
    """Take a name apart.

    Examples
    --------
    >>> camera_name("北街口东南角球机1")
    CameraName(stem='北街口', side=135.0, facing=None, number=1)
    >>> camera_name("县医院 由北向南 高清枪机")
    CameraName(stem='县医院', side=None, facing=180.0, number=None)
    >>> camera_name("Mill Street, NE corner, dome camera 2")
    CameraName(stem='millstreet', side=45.0, facing=None, number=2)
    """
    text = folded_word(name[:_MAX_CHARS])
    text = _LIST_NUMBER.sub("", text)
    text, facing = _taken(text, _FACING)
    text = _DEVICE.sub(" ", text)
    text, side = _taken(text, _SIDE)
    number: int | None = None
    # What is left at the end comes in any order: 东侧2, 2号东.
    before = None
    while before != text:
        before = text
        text = _without_end_marks(text)
        if number is None and (found := _NUMBER_AT_END.search(text)) is not None:
            number = _NUMBERS[found["zh"]] if found["zh"] else int(found["digits"])
            text = text[: found.start()]
        elif facing is None and (found := _FACING_AT_END.search(text)) is not None:
            facing = _bearing(found)
            text = text[: found.start()]
        elif side is None and (found := _SIDE_AT_END.search(text)) is not None:
            side = _bearing(found)
            text = text[: found.start()]
    for pattern, word in _PLACES:
        text = pattern.sub(word, text)
    return CameraName(_MARKS.sub("", text), side, facing, number)


def stem_likeness(one: str, other: str) -> float:
    """Return how alike two stems are, 0 to 1: the pairs of characters that they share.

    A stem that holds the other whole is nearly as good as the same: one list names the town, the other does not.
    Stems of other directions or numbers (东街口 and 西街口, 三组 and 五组) count half, as they are names of neighbours.

    Examples
    --------
    >>> stem_likeness("北街口", "北街口"), stem_likeness("城关镇北街口", "北街口")
    (1.0, 0.9)
    >>> stem_likeness("东街口", "西街口")
    0.25
    """
    if one == other:
        return 1.0
    short, long = sorted((one, other), key=len)
    if len(short) >= 3 and short in long:
        return 0.9
    pairs_one, pairs_other = _pairs(one), _pairs(other)
    shared = len(pairs_one & pairs_other)
    likeness = 2 * shared / (len(pairs_one) + len(pairs_other))
    if len(short) >= 3:
        # What the shorter lacks is often left out, seldom another place.
        likeness = (likeness + shared / min(len(pairs_one), len(pairs_other))) / 2
    marks, other_marks = _marks_of(one), _marks_of(other)
    return likeness / 2 if marks - other_marks and other_marks - marks else likeness


def _pairs(stem: str) -> frozenset[str]:
    return frozenset(stem[k : k + 2] for k in range(max(len(stem) - 1, 1)))


def _marks_of(stem: str) -> frozenset[str]:
    """Return the directions and numbers of a stem, by which neighbours differ."""
    return frozenset(re.findall(r"[东南西北一二三四五六七八九十]|\d+", stem))


def _taken(text: str, pattern: re.Pattern[str]) -> tuple[str, float | None]:
    """Return a text without the last place where the pattern is found, and the bearing there."""
    last = None
    for last in pattern.finditer(text):  # noqa: B007 (the last one)
        pass
    return (text, None) if last is None else (f"{text[: last.start()]} {text[last.end() :]}", _bearing(last))


def _bearing(found: re.Match[str]) -> float:
    groups = found.groupdict()
    word = groups["zh"] or groups.get("to") or re.sub(r"[\s-]", "", groups["en"])
    return _BEARINGS[word]


def _without_end_marks(text: str) -> str:
    return _EMPTY_ENDS.sub("", re.sub(r"[\W_]+$", "", text))
