"""Read the words of free texts that rules depend on: places indoors (B1, B3) and classes of roads (D2).

Such a field holds any text, as its source has it. The engine asks here what the text means, so that a word in Chinese
counts like the one in English, whoever wrote it into the store.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from geo.plain_words import bare_word, folded_word

_INSIDE = "[室屋户楼房馆店厅][内內里裡裏]|房间[内里]|商场内|超市内|仓库内|车库内|indoors?|inside|interior"
_OUTSIDE = "[室屋户楼房馆店厅戶]外|室[内內]外|露天|outdoors?|outside|exterior"
_IS_OUTSIDE = re.compile(rf"{_OUTSIDE}|(?:[非不半]|不在)室[内內]|(?:non|not|semi)indoor")
_IS_INSIDE = re.compile(_INSIDE)
#: Whole texts that are one of the two places, and parts of buildings that have no view of the street.
_INDOOR_WORDS = (
    "内 建筑内 建筑物内 建筑内部 楼道 楼梯间 走廊 过道 电梯 电梯内 电梯间 电梯轿厢 轿厢 电梯厅 "
    "大厅 大堂 门厅 教室 办公室 值班室 候车厅 站厅 地铁站内 地下 地下一层 地下室 地下车库 地下停车场 地下停车库 "
    "elevator lift staircase corridor lobby basement underground undergroundparking"
)
_OUTDOOR_WORDS = "外 街面 路面 street"
_INDOOR, _OUTDOOR = frozenset(_INDOOR_WORDS.split()), frozenset(_OUTDOOR_WORDS.split())

#: Type of place as rules and OpenStreetMap (``surveillance:zone``) have it -> what people read for it; the value is
#: named where a planner's own word must not be taken for it.
PLACE_TYPES = {
    "indoor": "室内", "outdoor": "室外", "town": "街区（town）", "street": "街面（street）",
    "parking": "停车场（parking）", "traffic": "交通（traffic）", "shop": "商店（shop）", "bank": "银行（bank）",
    "building": "楼宇（building）", "entrance": "出入口（entrance）", "station": "车站（station）",
    "public": "公共场所（public）", "area": "区域（area）", "atm": "自动柜员机（atm）",
    "perimeter": "周界（perimeter）",
}  # fmt: skip
#: Class of a road as OpenStreetMap has it -> what people read for it, with the class: 次干路 in a register stays so.
ROAD_CLASSES = {
    name: f"{zh}（{name}）"
    for name, zh in {
        "motorway": "高速公路", "motorway_link": "高速公路匝道", "trunk": "国道、快速路", "trunk_link": "国道匝道",
        "primary": "省道、主干路", "primary_link": "主干路匝道", "secondary": "县道、次干路",
        "secondary_link": "次干路匝道", "tertiary": "乡道", "tertiary_link": "乡道匝道", "unclassified": "支路、村道",
        "residential": "小区道路", "living_street": "生活街道", "service": "内部道路", "road": "道路",
        "busway": "公交专用道", "footway": "人行道", "pedestrian": "步行街", "crossing": "人行横道", "path": "小路",
        "cycleway": "自行车道", "bridleway": "马道", "track": "机耕路", "steps": "台阶", "tunnel": "隧道",
        "corridor": "室内通道", "elevator": "电梯", "platform": "站台", "proposed": "规划道路",
        "construction": "在建道路",
    }.items()
}  # fmt: skip

#: Class of a road as OpenStreetMap has it -> words for it in Chinese registers.
_ROAD_WORDS = {
    "motorway": "高速公路 高速 高速路",
    "trunk": "国道 快速路 城市快速路 一级公路",
    "primary": "省道 主干路 主干道 城市主干路 城市主干道 二级公路",
    "secondary": "县道 次干路 次干道 城市次干路 城市次干道 三级公路",
    "tertiary": "乡道 四级公路",
    "unclassified": "支路 城市支路 村道 村路 通村路",
    "residential": "小区道路 小区路 居住区道路 巷 巷道 胡同",
    "footway": "人行道 人行步道 步道 步行道 步行路 人行天桥 过街天桥",
    "pedestrian": "步行街",
    "crossing": "人行横道 斑马线",
    "path": "小路 小径",
    "cycleway": "自行车道 非机动车道",
    "track": "机耕路 机耕道 田间路 田间道路 生产路",
    "steps": "台阶 石阶 踏步",
    "tunnel": "隧道 下穿隧道 公路隧道 地下通道 过街地道 人行地道 地道",
    "corridor": "室内通道 连廊",
    "elevator": "电梯",
    "platform": "站台",
    "proposed": "规划 规划道路 规划路 拟建 拟建道路",
    "construction": "在建 在建道路 建设中 施工 施工中",
}
_ROAD_CLASS: Mapping[str, str] = {word: name for name, words in _ROAD_WORDS.items() for word in words.split()}


def place_type(text: object) -> str | None:
    """Return ``indoor`` or ``outdoor`` where a type of place says so, None for any other text.

    Examples
    --------
    >>> [place_type(text) for text in ("室内", "Indoor", "派出所（室内）", "电梯轿厢", "室外", "室内外", "车站")]
    ['indoor', 'indoor', 'indoor', 'indoor', 'outdoor', 'outdoor', None]
    """
    plain = bare_word(text)
    if plain in _OUTDOOR or _IS_OUTSIDE.search(plain):
        return "outdoor"
    return "indoor" if plain in _INDOOR or _IS_INSIDE.search(plain) else None


def place_word(text: str) -> str | None:
    """Return ``indoor`` or ``outdoor`` where a text is a word for one of them and says nothing else, None otherwise.

    Examples
    --------
    >>> [place_word(text) for text in ("室 内", "Outdoors", "外", "室内外", "派出所（室内）", "电梯")]
    ['indoor', 'outdoor', 'outdoor', None, None, None]
    """
    plain = bare_word(text)
    if not plain.isascii() and len(plain) > 2:  # names what it is inside of, too
        return None
    if plain == "外" or re.fullmatch(_OUTSIDE, plain):
        return "outdoor"
    return "indoor" if plain == "内" or _IS_INSIDE.fullmatch(plain) else None


def road_class(text: object) -> str:
    """Return the class of a road in lower case, words of Chinese registers as those of OpenStreetMap.

    Examples
    --------
    >>> [road_class(text) for text in ("隧道", "国道", "Primary_link", "Rue", None)]
    ['tunnel', 'trunk', 'primary', 'rue', '']
    """
    plain = folded_word(text) if isinstance(text, str) else ""
    return _ROAD_CLASS.get(plain, plain.removesuffix("_link"))
