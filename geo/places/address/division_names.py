"""Part the names of divisions into core and suffix, so that short and changed forms of one name meet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from geo.catalog.layers import LAYERS
from geo.plain_words import bare_word

#: Levels of places, from the widest to the finest.
LEVELS: Final = ("province", "city", "county", "township", "village", "grid", "microgrid")
RANKS: Final = {level: rank for rank, level in enumerate(LEVELS)}
VILLAGE_RANK: Final = RANKS["village"]
TOWNSHIP_RANK: Final = RANKS["township"]
# What an import takes for each level, the numbers of the code list among it.
_LEVELS_OF_WORDS: Final = {
    bare_word(word): one.name
    for one in LAYERS["divisions"].field("level").values
    for word in (one.name, one.zh, *one.words.split())
}
_PEOPLES = (
    "蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 "
    "哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 柯尔克孜 "
    "土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 "
    "俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺 各"
)
_PEOPLE = "(?:" + "|".join(sorted(_PEOPLES.split(), key=len, reverse=True)) + ")族?"
_PEOPLED = f"(?:{_PEOPLE}){{1,4}}"
# Suffixes by level, longest first: the name of a division ends in one of them, a text may have another of its level.
_SUFFIXES: Final = {
    "province": f"(?:{_PEOPLED})?自治区|特别行政区|省|市",
    "city": f"(?:{_PEOPLED})?自治州|地区|盟|州|市",
    "county": f"(?:{_PEOPLED})?自治[县旗]|联合旗|矿区|林区|特区|县|区|市|旗",
    "township": (
        f"(?:{_PEOPLED}|民族)?(?:乡|镇|街道|苏木)(?:人民政府|政府)|街道办事处|街道办|街办|地区办事处|办事处"
        f"|(?:{_PEOPLED}|民族)(?:乡|苏木)|街道|镇|乡|苏木|地区|办(?![公理学证税事])"
    ),
    "village": (
        "村?村民委员会|村?村委会|(?:社区|嘎查)?(?:居民|牧民|村民)?委员会|(?:社区|嘎查)?[居村]委会?|社区村|村社区|社区|行政村|自然村"
        "|嘎查村?|村"
    ),
}
_AT: Final = {level: re.compile(pattern) for level, pattern in _SUFFIXES.items()}
_ENDS: Final = {level: re.compile(f"(?:{pattern})$") for level, pattern in _SUFFIXES.items()}
# Rows of the code list that are no places: they stand where a level has none.
_NO_PLACE: Final = re.compile(r"(?:市辖区|省直辖.*|自治区直辖.*|直辖县级.*|县|市)")
# A core that ends like a road is one: 张掖路街道 without its 街道 is the road.
_ROAD_END: Final = re.compile(r"(?:路|街|巷|道|弄|胡同|桥头?|里)$")
# Words of which every county has one: alone they name no village.
_GENERIC_WORDS = (
    "东城区 西城区 南城区 北城区 开发区 火车站 汽车站 高铁站 客运站 工业园 工业园区 产业园 园区 新区 老城 新城 "
    "东城 西城 南城 北城 城区 城关 城中 城东 城西 城南 城北 中心 广场 "
    "机关 直属 虚拟 公园 学校 医院 市场 车站 建设 发展 和谐 团结 "
    "胜利 幸福 红旗 复兴 解放 人民 新华 文化 民主 和平 光明 友谊 长城 花园"
)
_GENERIC: Final = frozenset(_GENERIC_WORDS.split())
_LAST_PEOPLE: Final = re.compile(f"(?:{_PEOPLE})$")
# 宋村委会 and 宋村村委会 are of 宋村, whose short form 宋 is no name.
_SMALL_VILLAGE: Final = re.compile(r"(.村)(?:村?民?委员?会)?")
_VILLAGE_COMMITTEE: Final = re.compile(r"(?:居民|牧民|村民)?委员会$|[居村]委会$")


class NameParts(NamedTuple):
    """The core of a name and its suffix in one spelling; the core is the whole name where it has no short form.

    Examples
    --------
    >>> NameParts("古浪", "县")
    NameParts(core='古浪', suffix='县')
    """

    core: str
    suffix: str


def level_of(value: object) -> str:
    """Return the word of a level given as a word or as its number in the five levels of the code list.

    Examples
    --------
    >>> level_of(4), level_of("village"), level_of("4.0")
    ('township', 'village', 'township')
    """
    text = str(value).strip().removesuffix(".0").lower()
    return _LEVELS_OF_WORDS.get(text) or _LEVELS_OF_WORDS.get(bare_word(text), text)


def name_parts(name: str, level: str) -> NameParts | None:
    """Return core and suffix of a name in normal form; None for a row of the code list that is no place.

    A core has two characters at least: 洋县 has no short form. The committee of a village is the village.

    Examples
    --------
    >>> name_parts("天祝藏族自治县", "county"), name_parts("洋县", "county")
    (NameParts(core='天祝', suffix='县'), NameParts(core='洋县', suffix=''))
    >>> name_parts("新胜村委会", "village"), name_parts("多福巷社区居委会", "village")
    (NameParts(core='新胜', suffix='村'), NameParts(core='多福巷', suffix='社区'))
    """
    if level not in _ENDS:
        return NameParts(name, "") if name else None
    if not name or (level in ("city", "county") and _NO_PLACE.fullmatch(name)):
        return None
    if level == "village" and (small := _SMALL_VILLAGE.fullmatch(name)):
        return NameParts(small[1], "")
    found = _ENDS[level].search(name, 2)
    if level == "village" and found is None:
        found = _VILLAGE_COMMITTEE.search(name, 2)
    if found is None:
        return NameParts(name, "")
    return NameParts(_without_peoples(name[: found.start()], found[0]), suffix_class(found[0]))


def _without_peoples(core: str, suffix: str) -> str:
    """Return the core of 天祝藏族自治县 without its peoples, of 长白朝鲜族自治县 too: two characters stay."""
    while ("自治" in suffix or suffix in ("乡", "苏木")) and (found := _LAST_PEOPLE.search(core, 2)):
        core = core[: found.start()]
    return core


def suffix_class(suffix: str) -> str:
    """Return the one spelling of suffixes that say the same: 街道办事处 is 街道, 村委会 is 村, 藏族自治县 is 县.

    Examples
    --------
    >>> [suffix_class(text) for text in ("街道办", "村民委员会", "社区居委会", "回族乡", "自治州")]
    ['街道', '村', '社区', '乡', '州']
    """
    for sign, said in (
        ("街", "街道"), ("办", "街道"), ("社区", "社区"), ("居", "社区"), ("嘎查", "嘎查"), ("村", "村"),
        ("牧民", "嘎查"), ("委员会", "村"), ("苏木", "苏木"), ("镇", "镇"), ("乡", "乡"), ("自治区", "区"),
        ("自治州", "州"), ("县", "县"), ("旗", "旗"),
    ):  # fmt: skip
        if sign in suffix:
            return said
    return suffix


def suffix_at(form: str, position: int, level: str) -> str:
    """Return the suffix of a level that stands at a position of a text in normal form; empty without one.

    Examples
    --------
    >>> suffix_at("五常街道办事处文一西路", 2, "township"), suffix_at("古浪路", 2, "county")
    ('街道办事处', '')
    """
    found = _AT[level].match(form, position) if level in _AT else None
    return found[0] if found else ""


def has_short_form(parts: NameParts, level: str) -> bool:
    """Return whether the core alone may be the place: not the core of 张掖路街道, nor a name without suffix.

    Examples
    --------
    >>> has_short_form(NameParts("张掖路", "街道"), "township"), has_short_form(NameParts("土门", "镇"), "township")
    (False, True)
    """
    if level not in ("township", "village"):
        return bool(parts.suffix)
    return bool(parts.suffix) and not is_road_name(parts.core) and parts.core not in _GENERIC


def is_road_name(core: str) -> bool:
    """Return whether a core ends as a road does, so that it is the road where no suffix says that it is the place.

    Examples
    --------
    >>> is_road_name("张掖路"), is_road_name("新胜")
    (True, False)
    """
    return _ROAD_END.search(core) is not None


def is_generic(core: str) -> bool:
    """Return whether a core is a word of which every county has one, and so names no place without its suffix.

    Examples
    --------
    >>> is_generic("开发区"), is_generic("新胜")
    (True, False)
    """
    return core in _GENERIC


def split_aliases(cell: object) -> Iterable[str]:
    """Return the names in a cell, parted by semicolons or bars.

    Examples
    --------
    >>> list(split_aliases("粮库；旧粮站|仓库"))
    ['粮库', '旧粮站', '仓库']
    """
    return [text for text in re.split(r"[;；|｜]", cell) if text.strip()] if isinstance(cell, str) else []
