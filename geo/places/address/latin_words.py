"""Part an address in Latin letters into what it names: divisions, streets, doors, by English words and by pinyin."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

#: Kinds of parts in the order of a Chinese address; `bare` is a name without a word for what it is.
KINDS = (
    "province", "city", "county", "township", "village", "group", "street", "lane", "number", "quarter",
    "building", "unit", "floor", "room",
)  # fmt: skip
_TOKEN = re.compile(
    r"(?P<word>[a-z]+(?:['’][a-z]+)*)|(?P<number>[0-9]+(?:-[0-9]+)*)|(?P<han>[㐀-鿿]+)|(?P<end>[,;/|\n])"
)
# Word behind a name -> kind, and how it is written in Chinese. Those of more than one word are joined.
_AFTER_NAMES: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("province", "prov", "sheng", "autonomousregion", "zizhiqu"), ("province", "")),
    **dict.fromkeys(
        ("city", "shi", "municipality", "prefecture", "zhou", "diqu", "autonomousprefecture"), ("city", "")
    ),
    **dict.fromkeys(
        ("county", "xian", "district", "qu", "qi", "banner", "autonomouscounty", "zizhixian"), ("county", "")
    ),
    **dict.fromkeys(
        ("town", "zhen", "township", "xiang", "subdistrict", "jiedao", "jiedaobanshichu"), ("township", "")
    ),
    **dict.fromkeys(("village", "cun", "cunweihui"), ("village", "村")),
    **dict.fromkeys(("community", "shequ", "juweihui"), ("village", "社区")),
    **dict.fromkeys(("road", "rd", "lu"), ("street", "路")),
    **dict.fromkeys(("street", "st", "jie"), ("street", "街")),
    "dajie": ("street", "大街"),
    **dict.fromkeys(("avenue", "ave", "dadao"), ("street", "大道")),
    **dict.fromkeys(("alley", "lane"), ("street", "巷")),
    "hutong": ("street", "胡同"),
    **dict.fromkeys(("xiaoqu", "residence", "estate"), ("quarter", "小区")),
    **dict.fromkeys(("huayuan", "garden"), ("quarter", "花园")),
    "jiayuan": ("quarter", "家园"),
    "gongyu": ("quarter", "公寓"),
    "dasha": ("quarter", "大厦"),
    # What stands behind the name of a place that has no street: a stored address may begin with it.
    **dict.fromkeys(("square", "plaza", "guangchang"), ("quarter", "广场")),
    **dict.fromkeys(("park", "gongyuan"), ("quarter", "公园")),
    **dict.fromkeys(("hospital", "yiyuan"), ("quarter", "医院")),
    **dict.fromkeys(("primaryschool", "xiaoxue"), ("quarter", "小学")),
    **dict.fromkeys(("middleschool", "highschool", "zhongxue"), ("quarter", "中学")),
    **dict.fromkeys(("kindergarten", "youeryuan"), ("quarter", "幼儿园")),
    **dict.fromkeys(("market", "shichang"), ("quarter", "市场")),
    **dict.fromkeys(("hotel", "jiudian"), ("quarter", "酒店")),
    **dict.fromkeys(("supermarket", "chaoshi"), ("quarter", "超市")),
    **dict.fromkeys(("station", "chezhan"), ("quarter", "车站")),
}
_TWO_WORDS = {
    ("sub", "district"), ("autonomous", "region"), ("autonomous", "prefecture"), ("autonomous", "county"),
    ("zizhi", "qu"), ("zizhi", "zhou"), ("zizhi", "xian"), ("jie", "dao"), ("she", "qu"), ("xiao", "qu"),
    ("primary", "school"), ("middle", "school"), ("high", "school"), ("xiao", "xue"), ("zhong", "xue"), ("yi", "yuan"),
    ("guang", "chang"), ("gong", "yuan"), ("shi", "chang"), ("chao", "shi"), ("che", "zhan"), ("jiu", "dian"),
    ("da", "jie"), ("da", "dao"), ("hu", "tong"), ("hua", "yuan"), ("jia", "yuan"), ("hao", "lou"), ("dan", "yuan"),
}  # fmt: skip
# Suffixes that are written together with a name: Gulangxian; the longest first.
_JOINED = sorted(
    ("sheng", "shi", "xian", "qu", "zhen", "xiang", "jiedao", "cun", "shequ", "lu", "jie", "dajie", "dadao", "xiaoqu"),
    key=len, reverse=True,
)  # fmt: skip
_BEFORE_NUMBERS = {
    **dict.fromkeys(("no", "number", "nr"), "number"),
    **dict.fromkeys(("building", "bldg", "block", "blk"), "building"),
    "unit": "unit", **dict.fromkeys(("room", "rm", "apt", "flat"), "room"), "floor": "floor",
    **dict.fromkeys(("group", "team"), "group"), "lane": "lane",
}  # fmt: skip
_AFTER_NUMBERS = {
    "hao": "number", **dict.fromkeys(("haolou", "dong", "zhuang", "zuo"), "building"), "danyuan": "unit",
    **dict.fromkeys(("lou", "ceng", "floor", "f"), "floor"), "shi": "room", "room": "room", "nong": "lane",
    **dict.fromkeys(("zu", "dui", "she"), "group"),
}  # fmt: skip
_WRITTEN = {
    "number": "号", "building": "幢", "unit": "单元", "room": "室", "floor": "层", "group": "组", "lane": "弄",
}  # fmt: skip
_SIDES = {"east": "dong", "west": "xi", "south": "nan", "north": "bei", "middle": "zhong", "central": "zhong"}
#: Sides as the names of streets have them: North Jianshe Road is 建设北路.
SIDES = frozenset(_SIDES.values())
# Words that are names in Chinese: People's Park.
_IN_PINYIN = {**_SIDES, "peoples": "renmin", "people": "renmin"}
#: No name has more words, and no address that is read more parts.
_MAX_WORDS, MAX_LATIN_PARTS = 8, 24
_NOTHING = frozenset(("the", "of", "p", "r", "china", "prc", "address", "add", "at", "in"))


class LatinPart(NamedTuple):
    """A part of an address: its kind, the pinyin of its name by words, how it ends in Chinese, begin and end.

    Of numbers and of Chinese characters, `written` is all of it.

    Examples
    --------
    >>> LatinPart("street", ("renmin",), "路", 0, 11).key
    'renmin'
    """

    kind: str
    words: tuple[str, ...]
    written: str
    start: int
    end: int

    @property
    def key(self) -> str:
        """Name without spaces."""
        return "".join(self.words)


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def latin_parts(plain: str, is_known: Callable[[str, str], bool]) -> list[LatinPart]:
    """Return the parts of an address in the order of the text.

    Parameters
    ----------
    plain
        The text with plain, small letters.
    is_known
        Whether there is a division of a kind and a pinyin: Gulangxian is a county, and Kashi no city of 喀.

    Examples
    --------
    >>> [(one.kind, one.key, one.written) for one in latin_parts("no. 12 renmin road, gulang county", lambda *_: False)]
    [('number', '', '12号'), ('street', 'renmin', '路'), ('county', 'gulang', '')]
    >>> gulang = latin_parts("gulangxian tumen zhen wuwei", lambda *part: part == ("county", "gulang"))
    >>> [(one.kind, one.key) for one in gulang]
    [('county', 'gulang'), ('township', 'tumen'), ('bare', 'wuwei')]
    """
    found: list[LatinPart] = []
    names: list[_Token] = []
    tokens = [part for token in _tokens(plain) for part in _parted(token, is_known)]
    k = 0
    while k < len(tokens) and len(found) < MAX_LATIN_PARTS:
        token = tokens[k]
        part, used = _numbered(tokens, k)
        if part is None:
            part, used = _named(tokens, k, names, is_known)
        if part is not None or token.kind in ("end", "han", "number"):
            if names and (part is None or part.start > names[0].start):
                found.append(_bare(names))
            names = []
        if part is not None:
            found.append(part)
        elif token.kind == "word" and token.text not in _NOTHING:
            names = [*names[-_MAX_WORDS:], token]
        k += used
    return [*found, _bare(names)] if names else found


def _tokens(plain: str) -> Iterator[_Token]:
    before: _Token | None = None
    for found in _TOKEN.finditer(plain):
        token = _Token(str(found.lastgroup), found[0].replace("'", "").replace("’", ""), found.start(), found.end())
        if before is not None and (before.text, token.text) in _TWO_WORDS:
            before = _Token("word", before.text + token.text, before.start, token.end)
            continue
        if before is not None:
            yield before
        before = token
    if before is not None:
        yield before


def _parted(token: _Token, is_known: Callable[[str, str], bool]) -> Iterator[_Token]:
    """Yield the divisions that are written as one word, each by itself: shuangqiaoxiangxinmincun."""
    text = token.text
    if token.kind != "word" or token.end - token.start != len(text) or _names_one(text, is_known):
        yield token
        return
    at = 0
    for end in range(1, len(text)):
        if _names_one(text[at:end], is_known):
            yield _Token("word", text[at:end], token.start + at, token.start + end)
            at = end
    yield _Token("word", text[at:], token.start + at, token.end)


def _names_one(word: str, is_known: Callable[[str, str], bool]) -> bool:
    """Return whether a word is the name of a known division and a word for what it is."""
    ends = (suffix for suffix in _JOINED if word.endswith(suffix) and len(word) > len(suffix) + 1)
    return any(
        _AFTER_NAMES[end][0] not in ("street", "quarter") and is_known(_AFTER_NAMES[end][0], word.removesuffix(end))
        for end in ends
    )


def _numbered(tokens: list[_Token], k: int) -> tuple[LatinPart | None, int]:
    """Return the part of a number and the word before or behind it, and how many tokens it is of."""
    token = tokens[k]
    after = tokens[k + 1] if k + 1 < len(tokens) else None
    is_letter = after is not None and after.kind == "word" and len(after.text) == 1
    kind = _BEFORE_NUMBERS.get(token.text)
    if after is not None and kind and token.kind == "word" and (after.kind == "number" or is_letter):
        return _of_number(kind, after.text, token.start, after.end), 2
    if token.kind != "number":
        return None, 1
    used = 1
    if after is not None and after.text in ("st", "nd", "rd", "th") and after.start == token.end:
        used, after = 2, tokens[k + 2] if k + 2 < len(tokens) else None
    if after is not None and after.kind == "word" and (kind := _AFTER_NUMBERS.get(after.text)):
        return _of_number(kind, token.text, token.start, after.end), used + 1
    if after is not None and after.kind == "han":
        return LatinPart("han", (), token.text, token.start, token.end), used
    return _of_number("number", token.text, token.start, token.end), used


def _of_number(kind: str, number: str, start: int, end: int) -> LatinPart:
    return LatinPart(kind, (), number + _WRITTEN[kind], start, end)


def _named(
    tokens: list[_Token], k: int, names: list[_Token], is_known: Callable[[str, str], bool]
) -> tuple[LatinPart | None, int]:
    """Return the part that ends in a token: names and a word for what they are, or these two in one word."""
    token = tokens[k]
    if token.kind == "han":
        return LatinPart("han", (), token.text, token.start, token.end), 1
    if token.kind != "word":
        return None, 1
    if names and (meant := _AFTER_NAMES.get(token.text)):
        words = tuple(_IN_PINYIN.get(one.text, one.text) for one in names)
        return LatinPart(meant[0], words, meant[1], names[0].start, token.end), 1
    for suffix in _JOINED:
        name = token.text.removesuffix(suffix)
        kind, written = _AFTER_NAMES[suffix]
        if len(name) > 1 and name != token.text and (kind in ("street", "quarter") or is_known(kind, name)):
            words = (*(one.text for one in names), name)
            return LatinPart(kind, words, written, (names or [token])[0].start, token.end), 1
    return None, 1


def _bare(names: list[_Token]) -> LatinPart:
    return LatinPart("bare", tuple(one.text for one in names), "", names[0].start, names[-1].end)
