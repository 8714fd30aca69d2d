"""Write the characters of a text in one form: width, case, radicals, traditional ones; know where each is from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache

#: Radicals that look like characters, and the characters that they stand for: property Equivalent_Unified_Ideograph of
#: the Unicode Character Database (EquivalentUnifiedIdeograph-14.0.0.txt, U+2E81 to U+2EF3; U+2E80 has none). NFKC knows
#: the Kangxi radicals (U+2F00 to U+2FD5), and two of these here. Texts copied out of PDFs hold both.
RADICALS = dict(
    zip(
        "⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺳⺴⺵⺶⺷⺸⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
        "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
        strict=True,
    )
)
#: Variants beside those that t2s knows: the first list of variant characters put in order (第一批异体字整理表, 1955),
#: and forms of Japanese input methods. Each pair is a variant and the character in use. 逕 is 迳 in names of places
#: (大迳村); for t2s it is 径.
_VARIANTS = (
    "邨村 衖弄 坵丘 菓果 堦阶 畊耕 隄堤 埜野 窰窑 磘窑 砲炮 礮炮 蔴麻 鴈雁 崐昆 崘仑 甎砖 塼砖 磵涧 嵒岩 "
    "巗岩 葢盖 靑青 冨富 寳宝 寕宁 塲场 濶阔 鎻锁 鑛矿 戸户 歩步 髙高 鄕乡 淸清 渕渊 湻淳 栁柳 栢柏 竒奇 "
    "臯皋 皐皋 蘓苏 衞卫 雝雍 韮韭 馿驴 闗关 県县 図图 広广 荘庄 駅驿 沢泽 塩盐 両两 囬回 囘回 埀垂 桒桑 "
    "坮台 舗铺 畆亩 畞亩 逰游 朶朵 徧遍 阯址 竝并 隣邻 逕迳"
)
#: What t2s would turn into the name of another place: 氾水 is not 泛水. 乾 and 於 depend on their neighbours.
KEPT = frozenset("乾於濛氾吒閤闇衕袷")
# A character, where it is another one, and which. Dry ditches and dry goods are 干, all else is 乾: 乾县, 乾安, 乾元.
_IN_CONTEXT = (
    (
        "乾",
        re.compile("乾(?=[沟溝溪塘河湖滩灘田池洗果货貨鲜鮮休旱涸渠草柴坝壩井水海坑涧澗窝窩洞岔坪坡鱼魚粮糧菜燥杂雜])"),
        "干",
    ),
    ("乾", re.compile("(?<=[饼餅烘])乾"), "干"),
    ("於", re.compile("於(?![潜潛陵菟])"), "于"),  # 於潜 and 於陵 are read yu of the first tone; 位於 and 於家 are 于
    ("衕", re.compile("(?<=[胡衚])衕"), "同"),
    ("盩", re.compile("盩厔"), "周至"),
)
# Characters of GB 2312 that t2s changes; all others of it are simplified.
_TRADITIONAL_OF_GB2312 = re.compile("[乾吒夥後徵拚捱摺於榘菸薹袷醣麴麽]")
_FORMAT = "\u00ad\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0001-\U000e01ef"
_INVISIBLE = re.compile(f"[{_FORMAT}]")
_ODD = re.compile(f"[{_FORMAT}\u2e80-\u2eff]")


def plain_characters(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """Return the text in one form of its characters, and where in `text` each begins and ends.

    Full-width and compatibility forms are unfolded (NFKC, Unicode Standard Annex 15), letters are lower case, radicals
    and traditional characters are the characters in use, and what is invisible is left out: marks of direction,
    joiners, variation selectors. A traditional character is simplified by itself, with the table t2s of OpenCC, so
    that a name has one form wherever it stands; the few that are names of their own stay (乾县, 於潜).

    Examples
    --------
    >>> plain_characters("⻄關　Ａ座")
    ('西关 a座', range(0, 5), range(1, 6))
    >>> plain_characters("乾縣㎡")
    ('乾县m2 ', [0, 1, 2, 2, 3], [1, 2, 3, 3, 3])
    """
    plain, starts, ends = _unfolded(text)
    return simplified(plain), starts, ends


def simplified(text: str) -> str:
    """Return a text with simplified for traditional characters and variants, of the same length.

    Examples
    --------
    >>> simplified("乾縣於潛鎮高峯邨"), simplified("位於乾溝")
    ('乾县於潜镇高峰村', '位于干沟')
    """
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        if max(text) < "㐀":
            return text  # letters with accents
    else:
        if not _TRADITIONAL_OF_GB2312.search(text):
            return text
    for character, context, simple in _IN_CONTEXT:
        if character in text:
            text = context.sub(simple, text)
    return text.translate(_traditional_characters())


@cache
def _traditional_characters() -> dict[int, str]:
    """Return the character in use for each traditional one and variant, by code point.

    Where the simplified character is beyond the first plane, the traditional one is what registers and fonts have
    (鮀江, 大輋村): there it is the form of both.
    """
    from opencc import OpenCC  # noqa: PLC0415 - a tenth of a second, for texts with such characters only

    characters = [chr(code) for block in ((0x3400, 0x4DC0), (0x4E00, 0xA000)) for code in range(*block)]
    found = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    table: dict[int, str] = {}
    for character, simple in zip(characters, found, strict=True):
        if character == simple or len(simple) != 1 or character in KEPT:
            continue
        if simple <= "\uffff":
            table[ord(character)] = simple
        else:
            table[ord(simple)] = character
    table |= {ord(pair[0]): pair[1] for pair in _VARIANTS.split()}
    return {code: table.get(ord(simple), simple) for code, simple in table.items()}  # 薴 to 苧, 苧 to 苎


def _unfolded(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """Return the text in lower case and NFKC, without radicals and invisible characters, and where each is from."""
    low = text.lower()
    if not _is_unfolded(low, len(text)):
        low = text.translate(_one_for_one()).lower()
        if not _is_unfolded(low, len(text)):
            return _unfolded_in_clusters(text)
    return low, range(len(text)), range(1, len(text) + 1)


def _is_unfolded(low: str, length: int) -> bool:
    return len(low) == length and unicodedata.is_normalized("NFKC", low) and (low.isalnum() or not _ODD.search(low))


@cache
def _one_for_one() -> dict[int, str]:
    """Return the characters that unfold to one other each, by code point: widths, radicals, compatibility ideographs.

    A circled number is none of them: a space keeps it apart from the numbers beside it.
    """
    blocks = ((0x2F00, 0x2FE0), (0x3000, 0x3001), (0xF900, 0xFB00), (0xFF01, 0xFFEF))
    table = {ord(radical): character for radical, character in RADICALS.items()}
    for code in (code for block in blocks for code in range(*block)):
        unfolded = unicodedata.normalize("NFKC", chr(code))
        if len(unfolded) == 1:
            table[code] = RADICALS.get(unfolded, unfolded)
    return table


def _unfolded_in_clusters(text: str) -> tuple[str, list[int], list[int]]:
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1  # a letter unfolds together with its accents
        unfolded = _unfolded_character(text[start]) if end - start == 1 else _unfolded_cluster(text[start:end])
        out.append(unfolded)
        starts += [start] * len(unfolded)
        ends += [end] * len(unfolded)
        if len(unfolded) > 1:
            if unfolded[0] == " ":
                ends[-len(unfolded)] = start  # a space that keeps numbers apart is from nothing in the text
            if unfolded[-1] == " ":
                starts[-1] = end
        start = end
    return "".join(out), starts, ends


@lru_cache(maxsize=4096)
def _unfolded_character(character: str) -> str:
    return _unfolded_cluster(character)


def _unfolded_cluster(cluster: str) -> str:
    unfolded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).lower())
    if unfolded != cluster and unicodedata.decimal(cluster[0], None) is None:
        # 12① and 12½ are not 121: a space keeps their numbers apart, and is dropped beside anything else.
        unfolded = " " * unfolded[:1].isdigit() + unfolded + " " * unfolded[-1:].isdigit()
    if len(unfolded) == 1:
        return "" if _INVISIBLE.match(unfolded) else RADICALS.get(unfolded, unfolded)
    return _INVISIBLE.sub("", unfolded)
