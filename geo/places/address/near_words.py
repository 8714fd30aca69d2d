"""Name the words that say that a place is beside an address, before or behind it, and the distances they go with.

The patterns are for normal forms (`geo.places.address.normalise`): lower case, no marks but those between two numbers.
"""

from __future__ import annotations

import re

from geo.places.address import normalise

# 三里屯, 八里庄, 百步亭 and 一米阳光 are names. 里 in 2里5号 is one too.
_MEASURE = (
    r"(?:米(?!阳光)|公里|千米|里(?![屋间屯铺堡庄店桥河沟村坪路街镇乡营湾墩坡台塬洼]|[0-9])|公尺|步(?!亭|行|街)"
    r"|(?:km|m|mi|ft|feet|yds?|yards?|metres?|meters?|miles?)(?![a-z0-9]))"
)
_MEASURE_AWAY = r"(?:m|metres|meters|km|ft|yards?)(?:north|south|east|west|from|away|past|n|s|e|w)(?![a-z])"
#: Chinese numerals of distances.
NUMERALS = "零一二两三四五六七八九十百千半"
# 河西路, 桥头街 and 北边村 are names, and so is 东方花园: what they say is on no side of anything.
_NAMED = r"[路村庄屯寨堡营街巷镇乡](?!口)"
_NO_NAME = (
    rf"(?![路街巷河桥沟渠坡岔村][东南西北边头下口]子?{_NAMED}|[东南西北]{{1,2}}(?:侧|边|面|角|头|方|向){_NAMED}"
    r"|[东南西北]方(?!向|偏|约|近|大约|[0-9]|$)|路口[村庄屯寨堡营]|[路街巷道][东南西北中]段|门[外前口][东南西北中大]{0,2}[街路巷])"
)
# 3号以外 is everywhere but there; 3号以外200米 is beside it.
_BESIDE = (
    r"斜?对(?:面|过|门|岸|街|侧)|附近|旁(?!门)|隔壁|周边|周围|四周|一带|沿线|路口|[十什]字(?:路口|口)?(?=$|[东南西北往向附旁处角])|交叉口|交汇处?|拐角|转角|[拐转]弯处?|之间|尽头|门口|门前|门外|院外"
    r"|墙外|墙根|外墙|外侧|[一两]侧|背[后面]|后身|近旁|毗[邻连]|[东南西北相紧邻贴临]邻|[邻临靠]近|[东南西北]临|靠[东南西北]|范围|方向|沿(?:路|河|街?$)"
    r"|[路街巷河桥沟渠坡][东南西北边头下口]|河对|[岔巷村沟]子?口|[胡弄][同堂]口|[前后左右](?:面|边|侧|方|手边)|[上下]方"
    rf"|(?!以外(?!约?[0-9{NUMERALS}]))[以往向朝][东南西北前后左右里外]{{1,2}}(?!路)"
    r"|[东南西北]{1,2}(?:侧|边|面|方|向|角|头|偏[东南西北]?)"
    # The next house or the yard across; 上院 and 前楼 are parts of a place itself.
    r"|隔(?:[一二两三四五六七八九十几0-9]+)?[家户院楼栋幢号](?!庄|村|屯)|[邻对][家户院楼栋](?!庄|村|屯)|邻居家?"
    r"|(?<![一二三四五六七八九十楼地上])[上下前后]一?[家户](?![村庄湾沟坝屯河])|第[一二三四五六七八九十0-9]+[家户](?![村庄湾沟坝屯河])"
    rf"|[东南西北]{{1,2}}(?=(?:约|近|大约)?(?:[0-9]+(?:\.[0-9]+)?|[{NUMERALS}]+)(?:多|余|来)?(?:米|公里|千米|里(?![屋间屯铺堡庄])))"
)
_ENGLISH = (
    r"opposite|opp(?![a-z])|near|(?<![a-z])nr(?![a-z])|next(?:to|door)|beside|behind|front(?:of|$)|(?:rear|back)of|facing|across"
    r"|adjacent|adjoining|abutting|alongside|close(?:to|by)|vicinity|between|corner|cnr|junction|intersection|outside|around|towards"
    r"|(?:north|south|east|west)(?:ern)?(?:of|side)"
)
#: Their first characters: most characters of an address are none of them, and one look says so.
BESIDE_FIRST = (
    "斜十什对附旁隔周四一沿第邻路交拐转之尽门院墙外两背后近毗"
    "东南西北相紧邻贴临靠范方街巷河桥沟渠坡岔村胡弄前左右上下以往向朝"
)
#: Words for a place beside, before or behind.
BESIDE = rf"(?=[{BESIDE_FIRST}]){_NO_NAME}(?:{_BESIDE})|(?=[onbfracvjitsew])(?:{_ENGLISH})"
#: A distance in Chinese numerals, 二百米.
FAR_IN_NUMERALS = rf"[{NUMERALS}]{{1,7}}(?:多|余|来)?{_MEASURE}"
#: What follows the digits of a distance: 米 of 200余米, m of 200m.
MEASURE = rf"(?:多|余|来)?(?:{_MEASURE}|{_MEASURE_AWAY})"
_FAR = rf"(?=[0-9{NUMERALS}])(?:[0-9]{{1,9}}(?:\.[0-9]{{1,3}})?|[{NUMERALS}]{{1,7}}){MEASURE}"
#: Either.
NEARBY = re.compile(rf"{BESIDE}|{_FAR}")

_UNITS = {"公里": 1000.0, "千米": 1000.0, "km": 1000.0, "里": 500.0, "公尺": 1.0, "米": 1.0, "mi": 1609.344}
_UNITS |= {"m": 1.0, "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0, "mile": 1609.344, "miles": 1609.344}
_UNITS |= {"ft": 0.3048, "feet": 0.3048, "yd": 0.9144, "yds": 0.9144, "yard": 0.9144, "yards": 0.9144}
# A pace of two steps was 5 尺, about 1.5 m; a step of a person is about half of it.
_UNITS["步"] = 0.75
_QUANTITY = re.compile(rf"([0-9]+(?:\.[0-9]+)?|[{NUMERALS}]+)(?:多|余|来)?(\D+)")
_AFTER_UNIT = re.compile(r"(?:处|远|的地方|north|south|east|west|from|away|past|(?<=m)[nsew])$")
_TOWARDS = {"north": "北", "south": "南", "east": "东", "west": "西", "n": "北", "s": "南", "e": "东", "w": "西"}
_SIDES = re.compile(r"[东南西北]{1,2}|(?:north|south)(?:east|west)?|east|west")


def metres(text: str) -> float | None:
    """Return the metres that a distance in normal form says, None where it says none; 里 is half a kilometre.

    Examples
    --------
    >>> metres("200米"), metres("1.5km"), metres("二百余米"), metres("半里"), metres("号")
    (200.0, 1500.0, 200.0, 250.0, None)
    """
    found = _QUANTITY.match(text)
    unit = _UNITS.get(_AFTER_UNIT.sub("", found[2])) if found else None
    if found is None or unit is None or len(found[1]) > 9:
        return None
    if found[1][0].isascii():
        return float(found[1]) * unit
    if "半" in found[1]:
        return 0.5 * unit if found[1] == "半" else None
    return normalise.numeral_value(found[1]) * unit


def side_named(word: str) -> str:
    """Return the side that a word names, as one or two of 东南西北; empty where it names none.

    Examples
    --------
    >>> side_named("以东"), side_named("西北侧"), side_named("northeastof"), side_named("对面")
    ('东', '西北', '东北', '')
    """
    found = _SIDES.search(word)
    if found is None:
        return ""
    if found[0] not in _TOWARDS and found[0].isascii():
        return _TOWARDS[found[0][5:]] + _TOWARDS[found[0][:5]]
    return _TOWARDS.get(found[0], found[0])


# How far a place is that a word without metres says to be beside another, metres: next door, across a street, around.
_NEXT_M, _ACROSS_M, _AROUND_M, _BESIDE_M = 30.0, 50.0, 200.0, 100.0
_NEXT = re.compile(
    r"门[口前外]|隔|邻|[上下前后]一?[家户]|第|旁|毗|[紧贴]|墙|院外|nextto|nextdoor|adjacent|adjoining|outside|front"
)
_ACROSS = re.compile(r"对|opposite|opp|across|facing|路口|口$|字|交|角|corner|junction|intersection|crossing")
_AROUND = re.compile(r"附近|周|一带|沿|范围|之间|方向|near|nr|vicinity|around|between|towards")


def reach_m(word: str) -> float:
    """Return about how far a place is, in metres, that such a word without a distance says to be beside another.

    Examples
    --------
    >>> [reach_m(word) for word in ("隔壁", "斜对面", "附近", "北侧")]
    [30.0, 50.0, 200.0, 100.0]
    """
    if _AROUND.search(word):
        return _AROUND_M
    if _NEXT.search(word):
        return _NEXT_M
    return _ACROSS_M if _ACROSS.search(word) else _BESIDE_M


def place_nearby(tail: str) -> str | None:
    """Return the words of a tail, in normal form, that say that the place is near the address; None without any.

    Examples
    --------
    >>> place_nearby("斜对面小卖部"), place_nearby("3单元501室")
    ('斜对面', None)
    """
    found = NEARBY.search(tail)
    return found[0] if found else None
