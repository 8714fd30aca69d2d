"""Name the words that end or count each part of an address, as the one expression that a tail is read with.

The expression is for normal forms (`geo.places.address.normalise`). No alternative of it can go back over more than a
few characters, so that its time is in proportion to the text, whatever the text.
"""

from __future__ import annotations

import re

from geo.places.address import near_words

_ROAD_WORD = (
    "高速公路|高速|国道|省道|县道|乡道|村道|大街|大道|公路"
    "|胡同|弄堂|街(?!道|口|边|头|坊)|(?<!铁)路(?!段|灯|口|边)|[里道条沿](?=[0-9甲乙丙丁])|环线"
)
_SEGMENT = r"(?:[东南西北中上下一二三四五六七八九十0-9]{1,2}段)?"
#: The word that counts a number -> the part that the number is.
UNITS: dict[str, str] = {
    **dict.fromkeys(("号", "号院", "号大院", "号门牌"), "number"),
    **dict.fromkeys(("栋", "幢", "座", "号楼", "号栋", "号幢", "栋楼", "幢楼"), "building"),
    **dict.fromkeys(("单元", "门", "号门"), "unit"),
    **dict.fromkeys(("楼", "层", "f", "层楼"), "floor"),
    **dict.fromkeys(
        ("摊位", "号摊位", "摊", "室", "房", "户", "铺", "间", "屋", "号室", "号房", "号铺", "号间", "号商铺", "房间"),
        "room",
    ),
    **dict.fromkeys(("村民小组", "居民小组", "小组", "组", "社", "村民组", "居民组"), "group"),
    **dict.fromkeys(("生产队", "小队", "队", "大队"), "team"),
    **dict.fromkeys(("弄", "巷"), "lane"),
    **dict.fromkeys(("区", "期", "排", "段", "号地块", "地块", "街坊", "支弄"), "section"),
    "号仓": "room",
}
_UNIT = "|".join(
    sorted(
        (unit for unit in UNITS if unit not in ("f", "门", "号门", "社", "区", "户", "队", "号院")),
        key=lambda unit: -len(unit),
    )
)
# 5号楼上 is upstairs at 5号, not at house 5.
_UNIT_NOT_UPSTAIRS = _UNIT.replace("|号楼|", "|号楼(?![上下顶道梯房])|", 1).replace("|号房|", "|号房(?![屋子])|", 1)
_RUN = (
    r"(?P<run>([甲乙丙丁戊己庚辛]|[附副付]|之|内|第|负|地下|(?<![a-z])(?!n[or]|rm|to)[a-z]{1,2})?([0-9]+)((?:[甲乙丙丁](?=号)|[a-eg-z](?![a-z])))?"
    r"((?:[-(/.,~之][a-z]?[0-9]+(?:[a-z](?![a-z]))?)*)"
    rf"(?:(?:号?(?:{_ROAD_WORD})(?!口){_SEGMENT}|线(?![上下路]))()|({near_words.MEASURE}(?:处|远|的地方)?)"
    rf"|(社(?!区|会)|区(?!域|间|内)|户(?!外)|号?门(?![口面前外市卫牌店房楼])|f(?![a-z])|队(?!部)|号院(?![内子])|{_UNIT_NOT_UPSTAIRS}))?)"
)
_LETTERED = (
    r"(?P<lettered>([甲乙丙丁戊己庚辛]|(?<![a-z])[a-z]|[东南西北中前后左右内外里正主副]{1,2})"
    r"(单元|号楼|栋|幢|座|楼|户|室|屋|房|间|厢房)(?![村路街巷庄屯堡子]))"
)
# Words for a part of a place that has no number: `TailParts.within`.
_WITHIN_FIRST = "院楼室店屋内大前后东南西北天阁地临沿街商门铺底传民平自房faursldbtog0-9"
_WITHIN = (
    rf"(?P<within>(?=[{_WITHIN_FIRST}])(?:院内|楼内|室内|店内|屋内|(?:院|楼|室|店|屋)里(?![0-9])|内(?![0-9蒙]|[大东西南北]?[街路环])|楼[上顶道]|大院|[前后东南西北]院|屋顶|天台|阁楼|地下室?(?![0-9])"
    r"|(?:临街|沿街|街面)?(?:商铺|门面房?|铺面|底商|店面|门市部?)|门卫室?|传达室"
    r"|(?<=[号0-9])(?:门店|民房|平房|楼房|瓦房|自[建住]房|房屋|大门(?![口前外面])|院子)"
    r"|(?:flat|apt|apartment|unit|suite|room|rm|floor|level|block|bldg|building|tower|shop|office)(?:[0-9]{1,9}[a-z]?(?![0-9a-z])|[a-z](?![a-z]))?"
    r"|(?:[0-9]{1,3}(?:st|nd|rd|th)|ground|first|second|third|top)floor|basement))"
)
_OCCUPANT = (
    "店铺|酒店|宾馆|饭店|商店|超市|商场|商城|商行|市场|公司|集团|学校|小学|中学|大学|学院|幼儿园|医院|诊所|药房|银行|信用社|合作社|供销社|报社|旅行社|饭庄"
    "|餐厅|食堂|网吧|派出所"
    "|卫生室|卫生院|服务站|中心|小区|花园|家园|公寓|大厦|车间|仓库|车库|宿舍|[店铺馆厂局所院部科会委坊行家宅苑屋楼校]"
)
_ESTATE = (
    "新村|新城|广场|山庄|别墅|庄园|名苑|雅苑|嘉园|佳苑|华庭|豪庭|公馆|安置点|安置区|社区|园区"
    "|工业园|[园城湾府庭居村庄屯寨堡坪营湖岭台塬窑桥站点场门城邸墅轩阁郡]"
)


def _firsts(words: str) -> str:
    """Return the first characters of words and of one class of characters, in an alternation of nothing else."""
    return "".join(
        sorted({char for word in words.split("|") for char in (word.strip("[]") if word[0] == "[" else word[0])})
    )


def _gated(words: str, first: str) -> str:
    """Return an alternation behind one look at its first character, which most characters of an address fail."""
    return rf"(?=[{first}])(?:{words})"


_NUMBER_FIRST = "0-9a-z甲乙丙丁戊己庚辛附副付之内第负地"
_SECTION_FIRST = "一二三四五六七八九十a-z东南西北中"
_LETTERED_FIRST = "甲乙丙丁戊己庚辛a-z东南西北中前后左右内外里正主副"
_ROAD_FIRST = "高国省县乡村大公胡弄街路里道条沿环巷"
_GROUP_FIRST = "村居小生组社队"
_ANY_FIRST = (
    f"{_NUMBER_FIRST}{near_words.BESIDE_FIRST}{near_words.NUMERALS}{_SECTION_FIRST}{_LETTERED_FIRST}{_WITHIN_FIRST}门处的"
    f"{_ROAD_FIRST}{_GROUP_FIRST}{_firsts(_OCCUPANT)}{_firsts(_ESTATE)}"
)
#: One part, or the word that ends one, named by its group.
PART = re.compile(
    rf"(?=[{_ANY_FIRST}])(?:"
    rf"(?P<ref>(?=[gsxyc])(?<![a-z0-9])(?:[gsxyc][0-9]{{1,4}}[^\W0-9_a-z]{{0,8}}?(?:{_ROAD_WORD}|线)"
    r"|(?:g[0-9]{2,4}|[sxy][0-9]{3})(?![0-9a-z])(?!栋|幢|座|号|室|单元|楼|房|户|层|区|[-(/.,])))"
    rf"|(?=[{_NUMBER_FIRST}]){_RUN}"
    r"|(?P<roadside>(?=[路街])(?<=[米里号侧])[路街][东南西北](?![段街路])侧?)"
    rf"|(?P<road>(?:{_gated(_ROAD_WORD + '|巷(?!口|头)', _ROAD_FIRST)}"
    rf"|(?=[rsabh])(?<=[a-z])(?:road|rd|street|st|avenue|ave|boulevard|blvd|highway|hwy)(?![a-z])){_SEGMENT})"
    rf"|(?P<near>{near_words.BESIDE})(?:处|的地方|大约|约|近(?=[0-9]))?"
    rf"|(?P<annex>(?=之)(?<=号)之[{near_words.NUMERALS}]{{1,3}}(?![{near_words.NUMERALS}]))"
    r"|(?P<stem>(?=[甲乙丙丁])(?<=号)[甲乙丙丁](?![0-9a-z单栋幢座楼室号]))"
    rf"|(?P<far>{near_words.FAR_IN_NUMERALS})(?:处|远)?"
    rf"|(?P<section>(?=[{_SECTION_FIRST}])"
    r"(?:[一二三四五六七八九十]{1,2}[区期](?!域|间|内)|[a-z东南西北中][区期](?!域|间|内)))"
    rf"|(?=[{_LETTERED_FIRST}]){_LETTERED}"
    rf"|{_WITHIN}|(?P<word>(?=[门n处的])(?:门牌号码?|门牌|(?<![a-z])no(?=[0-9])|[处的]$))"
    rf"|(?P<group>(?=[{_GROUP_FIRST}])(?:(?:村民|居民)?小组|生产队|[组社队](?![区会部织])))"
    rf"|(?P<occupant>{_gated(_OCCUPANT, _firsts(_OCCUPANT))})|(?P<estate>{_gated(_ESTATE, _firsts(_ESTATE))}))"
)
#: Words between two streets of a crossing.
JOINS = "与和及跟同至到"
#: Numerals of 一期 and 四段 as digits.
NUMERAL_DIGITS = str.maketrans("一二三四五六七八九", "123456789")
#: Words of a way or of a sentence before a name: 往昌灵路, 朋友的超市, 人在家园. 和平路 is a name.
LEAD = re.compile(r"(?:[到往去至从离搬在是非不与]|和(?![平谐睦顺兴美信义安泰风])|.*(?:的(?!士)|搬到|[民人]在|以及))+")
