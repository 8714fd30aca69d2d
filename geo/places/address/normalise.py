"""Normalise address texts, so that two spellings of one address are equal."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from geo.places.address.character_forms import plain_characters

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
# As on cheques and deeds: 叁号.
_DIGITS |= {char: value for value, char in enumerate("壹贰叁肆伍陆柒捌玖", 1)}
_UNITS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_NUMERALS = "".join(_DIGITS) + "".join(_UNITS)
# Only numerals before a counting word are numbers, with or without a blank between them: 三元村 and 五里铺 are names,
# as are 三号桥村, 四组团 and 五一社区.
_COUNTED = (
    "(?:(?:(?:村民|居民)?小)?组(?!团)|社(?!区)|(?:生产|小)?队|号(?![桥井泉渠闸坝])|栋|幢|座|排|单元|楼|层|室|弄|巷)"
)
# 大陆号 and 队伍组 are words, and 陆巷 and 伍队 names.
_FIRST_NUMERAL = (
    rf"[{_NUMERALS}](?<![{_NUMERALS}].)(?<![大内登着水海]陆)(?<![队落退入]伍)"
    rf"(?!(?<=[陆伍])[社队巷弄楼排座])[{_NUMERALS}]*+"
)
_DASHES = "-‐-―−~〜〰─━"
# Numerals and zeros are tried at the first of their run only, so that a long run takes no longer than a long text; a
# mark that is in its normal form already is no token.
# A zero behind a digit in Chinese is one of its number, 一00号 and 二〇03室; behind 五一 it is none.
_NO_DIGIT_BEFORE = (
    rf"(?!(?<=[一二三四五六七八九])(?<![{_NUMERALS}].))(?!(?<=[一二三四五六七八九][零〇○])(?<![{_NUMERALS}]..))"
)
_TOKEN = re.compile(
    rf"(?P<dash>[{_DASHES[1:]}之一ーㄧ](?<=[0-9].)(?=[0-9]))"
    r"|(?P<hash>#(?<=[0-9]#))"
    rf"|(?P<numeral>{_FIRST_NUMERAL}(?= ?{_COUNTED}))"
    rf"|(?P<zeros>{_NO_DIGIT_BEFORE}0(?<![0-9]0)0*(?=[0-9]))"
    r"|(?P<mark>(?![-(/.,](?<=[0-9].)(?=[0-9]))[\W_]+)"
)
_SPACE_IN_NUMBERS = re.compile("(?<=[0-9]) (?=[0-9])")
# 3号-9号 is 3号至9号, 3栋-9栋 and 3#楼-9号楼 likewise; 3号-1 is another door, and 12号-3号楼 a building behind one.
_COUNTED_ALONG = ("[号#](?![楼院])", "(?:[号#]楼(?![上下顶道梯])|[栋幢座])", "[号#]大?院(?![内里])")
_ENDS_OF_RANGE = [(rf"[0-9{_NUMERALS}]{word}", rf"[0-9{_NUMERALS}]{{1,5}}{word}") for word in _COUNTED_ALONG]
_FROM_TO = re.compile("|".join(rf"{first} *[{_DASHES}]+ *(?={last})" for first, last in _ENDS_OF_RANGE))
# The name of a street or estate may stand before both: 东街3号-东街9号.
_NAMED_TWICE = re.compile(rf"([^\W0-9_]{{2,12}})([0-9]{{1,5}}(?:号楼|[号#栋幢座]) *[{_DASHES}]+ *)\1(?=[0-9])")
_DASH = re.compile(f"[{_DASHES}]")
# What makes tokens of a text without marks; each begins with a set of characters, so that a search is quick.
_COUNTED_NUMERAL = re.compile(rf"{_FIRST_NUMERAL} ?{_COUNTED}")
_IN_NUMBER = re.compile(r"[0之一ーㄧ](?=[0-9])(?:(?<=0)(?<![0-9]0)|(?<=[0-9][之一ーㄧ]))")
_REPLACEMENTS: dict[str | None, str] = {"dash": "-", "hash": "号", "zeros": ""}
#: What stands between two numbers in a normal form, by the first mark of its kind in the text; a comma for any other.
_MARKS = (
    ("-", re.compile(f"[{_DASHES}]")),
    ("(", re.compile(r"[(\[【〔]")),
    ("/", re.compile(r"[/⁄]")),
    (".", re.compile(r"[.．]")),
)
SEPARATORS = "-(/.,"
# A zero written as a letter or a large circle, between two digits: 1o1, 二◯三.
_ROUND = re.compile(r"(?<=[0-9])[o◯]+(?=[0-9])|(?<=[一二三四五六七八九〇○])[o◯]+(?=[一二三四五六七八九〇○])")
# What a bracket says about a place rather than where it is, and numbers to call: no part of the address. 原州区 is.
_CALL = r"(?:(?:联系)?电话|手机|座机|邮编|邮政编码|(?<![a-z])tel(?![a-z]))\W{0,3}[0-9](?:[0-9]|[-\s](?=[0-9])){4,19}"
#: What leads in a name of before or another name.
FORMER = "曾用名|曾名|旧名|旧称|又名|又称|别名|俗称"
#: What 原 begins as a name of its own: 原州区 is no name of before.
NO_FORMER = "州区|阳县|平市|平镇"
_REMARK = re.compile(
    rf"[(\[【〔{{]\s*(?:原(?!{NO_FORMER}|[野种始料木])|{FORMER}|旧址|备注|注[:：]|说明"
    r"|(?:联系|电话|手机|座机|邮编|邮政编码)[^()0-9:]{0,8}[0-9:])"
    r"[^()\[\]【】〔〕{}]{0,80}(?:[)\]】〕}]|$)"
    rf"|{_CALL}|(?<![0-9])1[3-9][0-9]{{9}}(?![0-9])"
)
_MAY_REMARK = re.compile(r"[(\[【〔{话机编码t1](?:(?<=[^t1])|(?<=t)el|(?<=1)[3-9][0-9]{9})")
_DIVISION_SUFFIXES = "省市县区旗州盟镇乡"
_SUFFIX = re.compile(f"[{_DIVISION_SUFFIXES}]")
_ROAD_AFTER = re.compile(r"路|街(?!道)|巷|大道")
# No chain of names down to the township is longer; a text that repeats more than this is not read to its end for it.
_CHAIN_LENGTH = 60
_MAX_REPEATS = 3
# One word for each kind of number behind the chain of an address: pairs of a pattern and its word.
_CANONICAL_WORDS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?:第|门牌(?:号码?)?|(?<![a-z])no)(?=[0-9])"), ""),
    (re.compile(rf"廿(?=[1-9]?{_COUNTED})(?=([1-9])?)"), lambda found: "2" if found[1] else "20"),
    (re.compile(r"(?<=[0-9])(?:(?:村民|居民|生产)?小?组|(?:生产)?队|社(?!区))(?!团|部|长)"), "组"),
    (re.compile(r"(?<=[0-9])(?:号楼(?![上下顶道梯])|栋|座)|(?<![a-z][a-z])(?<=[a-z])(?:号楼|栋|座)"), "幢"),
    (re.compile(r"(?<=[0-9])[〇○]+(?=[0-9])"), lambda zeros: "0" * len(zeros[0])),
)
# Without one of these nothing has another word; most tails have none, and one look says so.
_MAY_BE_CANONICAL = re.compile(
    r"no[0-9]|[第牌码廿小民产队社楼栋座零〇○]|[一二三四五六七八九]0|[一二三四五六七八九十][期区段街地支]"
)
# 二期 is 2期, and 五一区, whatever it is named after, 51区.
_SECTION = re.compile(rf"(?<![{_NUMERALS}0-9])[一二三四五六七八九十]{{1,3}}(?=[期区段](?![域间内])|街坊|地块|支弄)")
# A numbered road that a tail begins with, before a door or alone: 国道312线5号, 312国道5号 and G312 5号.
_KINDS_OF_ROADS, _LETTERS_OF_ROADS = "国省县乡村", "gsxyc"
_NUMBERED_ROAD = re.compile(
    rf"(?=[{_KINDS_OF_ROADS}{_LETTERS_OF_ROADS}0-9])"
    rf"(?:(?:[{_KINDS_OF_ROADS}]道)?(?P<letter>[{_LETTERS_OF_ROADS}])(?P<lettered>[0-9]{{1,4}})"
    rf"(?:[{_KINDS_OF_ROADS}]道线?|高速公路|高速|公路|线|(?<=[0-9]{{3}}),)"
    rf"|(?P<before>[{_KINDS_OF_ROADS}])道(?P<behind>[0-9]{{1,4}})[线,]?"
    rf"|(?P<number>[0-9]{{1,4}})(?P<kind>[{_KINDS_OF_ROADS}])道线?)"
    r",?(?=[0-9]|$)"
)
# A number half in Chinese: 二0三室 is 二03室 in normal form, and 五0号 stays.
_HALF_CHINESE = re.compile(rf"(?<![{_NUMERALS}])([一二三四五六七八九])([0零〇○]+)(?=[0-9]|{_COUNTED})")


class NormalText(NamedTuple):
    """The normal form of an address, and where each of its characters is from.

    Attributes
    ----------
    form
        The normal form: see `normal_form`.
    starts, ends
        For each character of the form, the positions in the text where what it stands for begins and ends. Both digits
        of the 12 of 十二号 stand for 十二. What belongs to no character was left out.

    Examples
    --------
    >>> NormalText("12号", [0, 0, 2], [2, 2, 3]).span(0, 2)  # of 十二号
    (0, 2)
    """

    form: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return where in the text the characters of the form from `first` up to `last`, without it, begin and end.

        Examples
        --------
        >>> normal_text("杨柳沟村 十二组").span(4, 7)
        (5, 8)
        """
        return (self.starts[first], self.ends[last - 1]) if first < last else (self.starts[first],) * 2


def normal_form(text: str) -> str:
    """Return the normal form of an address: empty where nothing readable is left.

    Full-width and compatibility forms are unfolded (NFKC, Unicode Standard Annex 15), traditional characters and
    radicals are simplified characters, letters are lower case, `12#` is `12号`, numbers lose leading zeros, and Chinese
    numerals before 组, 社, 号 and other counting words become digits. Spaces, brackets and other marks are dropped, but
    for those between two numbers: 3、5号 is not 35号. A chain of divisions that is said twice is kept once; remarks on
    the place in brackets, and telephone numbers, are no part of the form.

    Examples
    --------
    >>> normal_form("杨柳沟村 三组 １２#")
    '杨柳沟村3组12号'
    >>> normal_form("民主街3、5号"), normal_form("和平路12（1）号"), normal_form("3/12 Smith Street")
    ('民主街3,5号', '和平路12(1号', '3/12smithstreet')
    >>> normal_form("民主街3号—9号"), normal_form("幸福小区1栋-5栋")
    ('民主街3号至9号', '幸福小区1栋至5栋')
    >>> normal_form("古浪縣古浪縣土門鎮（原供銷社）")
    '古浪县土门镇'
    """
    return normal_text(text).form


def normal_form_with_offsets(text: str) -> tuple[str, list[int]]:
    """Return the normal form, and for each of its characters the position in `text` that it is from.

    Examples
    --------
    >>> normal_form_with_offsets("三组 1号")
    ('3组1号', [0, 1, 3, 4])
    """
    found = normal_text(text)
    return found.form, list(found.starts)


def normal_text(text: str) -> NormalText:
    """Return the normal form of an address with where each of its characters is from.

    Examples
    --------
    >>> found = normal_text("东街十二号（原粮站）")
    >>> found.form, list(found.starts), list(found.ends)
    ('东街12号', [0, 1, 2, 2, 4], [1, 2, 4, 4, 5])
    """
    plain, starts, ends = plain_characters(text)
    if _MAY_REMARK.search(plain):
        plain = _REMARK.sub(lambda one: " " * len(one[0]), plain)
    if "o" in plain or "◯" in plain:
        plain = _ROUND.sub(lambda found: ("0" if plain[found.start() - 1].isascii() else "〇") * len(found[0]), plain)
    if not plain.isalnum() or _IN_NUMBER.search(plain) or _COUNTED_NUMERAL.search(plain):
        plain, starts, ends = _with_tokens_read(plain, starts, ends)
    suffixes = _SUFFIX.findall(plain, 0, 2 * _CHAIN_LENGTH)
    if len(suffixes) > len(set(suffixes)):
        plain, starts, ends = _without_repeated_chains(plain, starts, ends)
    return NormalText(plain, starts, ends)


def canonical_tail(form: str) -> str:
    """Return what follows the chain of an address, in normal form, with one word for each kind of number.

    栋, 座 and 号楼 are 幢; 社, 队, 小组 and 村民小组 are 组; 第, 门牌 and No. before a number are left out, and a zero
    inside a number that is half in Chinese is a digit of it. A community is no group: 3社区 stays. Phases and quarters
    are counted in digits, and a numbered road at the begin has its letter.

    Examples
    --------
    >>> [canonical_tail(form) for form in ("12号楼3单元", "第3村民小组", "3社", "a座501室", "3社区", "二03室")]
    ['12幢3单元', '3组', '3组', 'a幢501室', '3社区', '203室']
    >>> [canonical_tail(form) for form in ("阳光花园二期1栋", "国道312线5号", "312国道5号", "g312,5号", "g30高速")]
    ['阳光花园2期1幢', 'g312线5号', 'g312线5号', 'g312线5号', 'g30线']
    """
    if road := _NUMBERED_ROAD.match(form):
        form = _letter_and_number(road) + form[road.end() :]
    if not _MAY_BE_CANONICAL.search(form):
        return form
    form = _HALF_CHINESE.sub(lambda found: str(numeral_value(found[1])) + "0" * len(found[2]), form)
    form = _SECTION.sub(lambda found: str(numeral_value(found[0])), form)
    for words, word in _CANONICAL_WORDS:
        form = words.sub(word, form)
    return form


def _letter_and_number(road: re.Match[str]) -> str:
    kind = road["before"] or road["kind"]
    letter = road["letter"] or _LETTERS_OF_ROADS[_KINDS_OF_ROADS.index(kind)]
    return f"{letter}{road['lettered'] or road['behind'] or road['number']}线"


def numeral_value(numeral: str) -> int:
    """Return the value of a Chinese numeral.

    Examples
    --------
    >>> [numeral_value(text) for text in ("十二", "一百零五", "二〇三", "壹佰贰拾")]
    [12, 105, 203, 120]
    """
    if not any(char in _UNITS for char in numeral):
        return int("".join(str(_DIGITS[char]) for char in numeral))
    total, digit = 0, 0
    for char in numeral:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit


def _with_tokens_read(
    plain: str, starts: Sequence[int], ends: Sequence[int]
) -> tuple[str, Sequence[int], Sequence[int]]:
    """Return the text with numerals, numbers and marks in their normal form."""
    if " " in plain:
        plain = _SPACE_IN_NUMBERS.sub(",", plain)
    if _DASH.search(plain):
        plain = _NAMED_TWICE.sub(lambda found: found[1] + found[2] + " " * len(found[1]), plain)
        plain = _FROM_TO.sub(_with_to, plain)
    out: list[str] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    done = 0
    for token in _TOKEN.finditer(plain):
        first, last = token.span()
        out.append(plain[done:first])
        new_starts += starts[done:first]
        new_ends += ends[done:first]
        kind = token.lastgroup
        if kind == "mark":
            new = _kind_of_mark(token[0]) if _is_between_numbers(plain, first, last) else ""
        else:
            new = _in_digits(plain, first, last) if kind == "numeral" else _REPLACEMENTS[kind]
        if new:
            out.append(new)
            new_starts += [starts[first]] * len(new)
            new_ends += [ends[last - 1]] * len(new)
        done = last
    if not done:
        return plain, starts, ends
    out.append(plain[done:])
    return "".join(out), [*new_starts, *starts[done:]], [*new_ends, *ends[done:]]


def _with_to(found: re.Match[str]) -> str:
    """Return the first end of a range with 至 in place of the dash behind it, as long as it was."""
    first = _DASH.split(found[0], maxsplit=1)[0].rstrip(" ")
    return f"{first}至".ljust(len(found[0]))


def _in_digits(plain: str, first: int, last: int) -> str:
    """Return a Chinese numeral in digits; behind digits only its zeros are: 1〇〇号, but not 12一号."""
    numeral = plain[first:last]
    if first and plain[first - 1] in "0123456789":
        return numeral if numeral.strip("零〇○") else "0" * len(numeral)
    return str(numeral_value(numeral))


def _is_between_numbers(plain: str, first: int, last: int) -> bool:
    """Return whether a mark stands between two numbers of the normal form."""
    if not first or plain[first - 1] not in "0123456789":
        return False
    after = plain[last : last + 1]
    return after != "" and (after in "0123456789" or _COUNTED_NUMERAL.match(plain, last) is not None)


@lru_cache(maxsize=256)
def _kind_of_mark(mark: str) -> str:
    """Return what stands for a mark between two numbers, of however many characters it is."""
    return next((kind for kind, marks in _MARKS if marks.search(mark)), ",")


def _without_repeated_chains(
    form: str, starts: Sequence[int], ends: Sequence[int]
) -> tuple[str, Sequence[int], Sequence[int]]:
    """Return the form without the first of two equal chains of divisions beside each other."""
    for _ in range(_MAX_REPEATS):
        repeated = _repeated_chain(form[: 2 * _CHAIN_LENGTH])
        if repeated is None:
            break
        first, last = repeated
        form = form[:first] + form[last:]
        starts = [*starts[:first], *starts[last:]]
        ends = [*ends[:first], *ends[last:]]
    return form, starts, ends


def _repeated_chain(form: str) -> tuple[int, int] | None:
    """Return where the first of two equal chains of divisions beside each other stands, None where none is said twice.

    Both end in the same word, so that only distances between equal words can be the length of a chain: 古浪县古浪镇
    repeats nothing. A road may be named after where it is: 城关区城关区路.
    """
    places: dict[str, list[int]] = {}
    for found in _SUFFIX.finditer(form):
        places.setdefault(found[0], []).append(found.start())
    for at in places.values():
        for n, last in enumerate(at[:-1]):
            for second in at[n + 1 :]:
                first = 2 * last - second + 1
                if first < 0:
                    break
                if (
                    second - last > 2
                    and (first == 0 or form[first - 1] in _DIVISION_SUFFIXES)
                    and form[first : last + 1] == form[last + 1 : second + 1]
                    and not _ROAD_AFTER.match(form, second + 1)
                ):
                    return first, last + 1
    return None
