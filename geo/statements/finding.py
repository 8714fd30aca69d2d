"""Find what a text says of places: counts, rates and claims, each with its position and what it may mean."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import NamedTuple

from geo.statements.claim_phrases import claim_phrases
from geo.statements.context import Context
from geo.statements.meaning import AFTER, AFTER_PERCENT, UNITS, about_before, meant
from geo.statements.numerals import Numeral, numerals, plain_width
from geo.statements.patterns import PATTERNS, RATES, Pattern
from geo.statements.statement import Statement


class _Match(NamedTuple):
    """A pattern that fits at a number: where its words stand, and what is counted."""

    start: int
    end: int
    pattern: Pattern
    key: str | None
    is_narrow: bool
    is_free: bool  # nothing but what may stand there stands next to it


# What may stand between the words of what is counted and its number.
_LINK = (
    r"(?:总数量?|数量|总量|总数|数|共计|合计|总计|累计|共有|共|已达到?|达到|达|为|是|有|建成|建有|均)?"
    r"[ \t:：(（]{0,3}(?:共|约|为|达)?"
)
_LINK_EN = r"(?:[ \t]*(?:[:=(]|is|are|of|total|number|reached|come to)){0,2}[ \t]*"
# What may stand before the words of what is counted, or before the number where they follow it: nothing that narrows.
_OPEN = re.compile(
    r"(?:^|[\s，,。.；;:：、()\[\]“”\"'/|·*•#-]|[全我本][县市区]|[县市区]域?(?:内|共|现)?|境内|辖区内?|目前|现|已|共|共计"
    r"|总计|合计|累计|拥有|建有|设有|有|下?辖|划分|划定|划设|设|分|划|为|成|作|建立|建设|建好|建起|投用|使用|投入|运行|完成|设立|设置|成立"
    r"|打造|组建|布设|布建|架设|安装|部署|接入|汇聚|整合|联网|配置|配备|配套|建|和|及|与|并|达|达到|至|等|了|的|形成|构建|织密"
    r"|依托|统筹|其中|包括|包含)$"
)
_OPEN_EN = re.compile(r"(?:^|[\s，,。.；;:：、(\[“\"'-])$")
# In English the words before what is counted narrow it unless they are these.
_OPEN_EN_WORDS = re.compile(
    r"(?:^|[\n\t，,。.；;:：、(\[“\"']\s*|(?:^|\s)(?:the|of|our|all|total|and|number of)\s)$", re.I
)
_CLOSED = re.compile(
    r"$|[\s，,。.；;:：、!?()\]”\"'和及与并0-9]|均|全部|都|内(?!部)|里|以及|规范化|标准化|实体化|建设|建成|建立|运行|投入|投用|已"
)
_CLOSED_EN = re.compile(r"\s*(?:$|[，,。.；;:：、!?)\]”\"'\n\t]|and\b|in all\b|in total\b|altogether\b)", re.I)
_CLOSED_NUMBER = re.compile(r"\s*$|[\s，,。.；;:：、!?()\]”\"'和及与并]|已|均|全部|都|规范化|建成|投入|投用")

# Numbers that are none of an amount: dates, times, ordinals, ids, parts of names.
_NO_AMOUNT_AFTER = re.compile(
    r"\s?(?:年|月|日|号|时|点|分(?!之)|秒|周|季度|世纪|届|期|级|类|章|节|条(?!路)|款|项|次|是|要|把|强|改|网|体|步|样|批|些|直|定|旦"
    r"|并|起来|线|流|带|律)|st\b|nd\b|rd\b|th\b|[-./:][0-9]|[a-z]",
    re.I,
)
_NO_AMOUNT_BEFORE = re.compile(r"(?:第|〔|\[|no\.?\s?|[a-z_]|[0-9][-./:])$", re.I)
#: In words: what makes a number part of a whole, and what makes it a name; the largest one that is no amount alone.
_OF_ALL = re.compile(r"\s+of\s+(?:the|these|those|our|its|all|them)\b", re.I)
_NAMED = re.compile(
    r"\b(?:class|level|tier|type|phase|stage|part|chapter|section|table|figure|version|number|no\.?)[ -]?$", re.I
)
_SMALL = 10
_ORDINAL = re.compile(r"第\s?$|\bno\.\s?$", re.I)
_NUMBERING = re.compile(r"(?:^|\n)[ \t]*[(]?$")
_MEASURE = re.compile(rf"\s?(?:{UNITS}|公里|千米|米|平方公里|平方米|亩|公顷|%|层|栋|幢|间)")
_RANGE_BEFORE = re.compile(r"[0-9%万][ ]?(?:-|–|—|~|至|到|to)[ ]?$")
_RANGE_AFTER = re.compile(rf"[ ]?(?:{UNITS})?[ ]?(?:-|–|—|~|至|到|to\b)[ ]?[0-9]")

_BEFORE = [
    (one, re.compile(f"(?:{one.zh}){_LINK}$"), re.compile(rf"\b(?:{one.en}){_LINK_EN}$", re.I)) for one in PATTERNS
]
_AFTERWARDS = [(one, re.compile(one.zh), re.compile(rf"[ -](?:{one.en})\b(?!-)", re.I)) for one in PATTERNS]
#: What stands right after 网格, 村 and 乡镇 and makes another word of them.
_OTHER_WORD = re.compile(r"员|长|化|站|队|治理|管理|服务|工作|干部|党|级|民|委|庄|务|组|小组|支部|道|两级|三级|政府")
_WINDOW, _HAN = 48, "\u4e00-\u9fff"

_CAMERAS = re.compile(r"(?:视频监控|视频|监控|摄像机|摄像头|前端|cameras?)\s?$", re.I)
_RATE = re.compile(
    r"(?:(?P<rank>[一二三])类(?:前端|视频|监控|摄像机|点位|点)*(?:的)?)?"
    rf"(?P<rate>{'|'.join(one for one in RATES if not one.isascii())})"
    r"(?:已?(?:达到|达|为|是|保持在|稳定在|提升至|在)|[:：]|\t| )?\s?$"
)
_RATE_EN = re.compile(
    rf"(?P<rate>{'|'.join(one for one in RATES if one.isascii())})\s?(?:is|of|was|at|reached|reaches|[:=])?\s?$", re.I
)


def statements(
    text: str, *, part_names: Collection[str] = (), county_names: Collection[str] = ()
) -> tuple[Statement, ...]:
    """Return what a text says of places, in order; persons, cases, crimes and money are passed over.

    Parameters
    ----------
    text
        Chinese or English.
    part_names
        Names of townships and villages: what a sentence with one of them says is of a part of the county.
    county_names
        Names of the county itself.

    Examples
    --------
    >>> found = statements("全县划分690个网格，一类前端视频监控1932路，网格员1200名。")
    >>> [(one.text, one.said, one.key) for one in found]
    [('690个网格', 690.0, 'grids'), ('一类前端视频监控1932路', 1932.0, 'streams:1')]
    """
    plain = plain_width(text)
    context = Context(plain, part_names, county_names)
    found, taken = list[Statement](), bytearray(len(plain))
    for one in itertools.chain(claim_phrases(plain, context), _numbers(plain, context)):
        if not any(taken[one.start : one.end]):
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
            found.append(one)
    ordered = sorted(found, key=lambda one: (one.start, one.end))
    return tuple(replace(one, text=text[one.start : one.end]) for one in ordered)


# --- numbers ----------------------------------------------------------------------------------------------------------


def _numbers(text: str, context: Context) -> Iterator[Statement]:
    consumed = 0
    for number in numerals(text):
        if number.start < consumed or _ORDINAL.search(text[max(0, number.start - 4) : number.start]):
            continue
        found = _rate(text, number, context) if number.is_percent else _count(text, number, context, consumed)
        is_placed = found is not None
        if found is None and _is_amount(text, number):
            found = _unplaced(text, number)
        if found is not None and not context.is_passed_over(found.start, found.end, is_placed=is_placed):
            consumed = found.end
            yield found


def _unplaced(text: str, number: Numeral) -> Statement:
    after = AFTER.match(text, number.end)
    end = after.end("unit") if after is not None and after["unit"] else number.end
    said = None if number.is_doubtful else number.value
    return Statement("", number.start, end, said, reason="numeral" if number.is_doubtful else "unplaced")


def _count(text: str, number: Numeral, context: Context, consumed: int) -> Statement | None:
    """Return the count that a number makes with the words next to it; None where they count nothing that is known."""
    about = about_before(text, consumed, number.start)
    start = number.start - (len(about[0]) if about is not None else 0)
    after = AFTER.match(text, number.end)
    assert after is not None  # noqa: S101 (it may be empty)
    unit = after["unit"] or ""
    if number.is_chinese and not unit and number.end - number.start == 1:
        return None  # 一网格一人
    if number.is_words and (_OF_ALL.match(text, number.end) or _NAMED.search(text[max(0, number.start - 12) : start])):
        return None  # two of the grids, class one
    if number.is_words and number.value == 1.0 and not number.is_percent:
        return None  # one grid, one head
    left = _before(text, start, consumed, after.end(), unit, number)
    right = _after(text, start, after.end(), unit, is_next=start == consumed > 0)
    if left is not None and not left.is_free and right is not None and right.is_free:
        left = None
    elif left is not None and left.is_free and right is not None and not right.is_free:
        right = None
    one = left if left is not None else right
    if one is None:
        return None
    first, last = min(start, one.start), max(after.end(), one.end)
    low, high = meant(number, about, after)
    reason = _reason(text, number, context, left, right, one, first, last, low)
    key = None if reason else one.key
    is_open = number.is_doubtful or (number.is_grouped and reason == "ambiguous")
    said = None if is_open else number.value
    return Statement("", first, last, said, low, high, one.pattern.name, key, reason)


def _reason(
    text: str, number: Numeral, context: Context, left: _Match | None, right: _Match | None, one: _Match,
    first: int, last: int, low: float,
) -> str:  # fmt: skip
    """Return why a count is not compared; empty where it is."""
    if number.is_doubtful or math.isnan(low) or (number.step < 1 and not number.is_percent):
        return "numeral"  # 1.234 may be grouped, and is no count otherwise
    if left is not None and right is not None and left.key != right.key:
        return "ambiguous"  # 网格690，194个综治中心 too, where the comma may divide two numbers
    if not one.is_free:
        return context.doubt(first, last, is_narrow=one.is_narrow) or "qualified"
    if one.key is None or text[last - 3 : last] in ("(路)", "(个)", "(处)"):
        return "ambiguous"  # 1932个(路) may be streams or sites
    if _RANGE_BEFORE.search(text[max(0, first - 6) : number.start]) or _RANGE_AFTER.match(text, number.end):
        return "interval"
    return context.doubt(first, last, is_narrow=one.is_narrow) or ""


def _before(text: str, start: int, consumed: int, end: int, unit: str, number: Numeral) -> _Match | None:
    """Return the longest words before a number that say what it counts."""
    window = text[max(consumed, start - _WINDOW) : start]
    best: _Match | None = None
    for pattern, zh, en in _BEFORE:
        found = zh.search(window) or en.search(window)
        if found is None or (number.is_chinese and not unit) or (number.is_words and _is_one_word(text, number)):
            continue
        at = start - len(window) + found.start()
        if best is None or at < best.start:
            is_zh = bool(re.search(f"[{_HAN}]", found[0]))
            head = text[max(0, at - _WINDOW) : at]
            is_free = bool((_OPEN if is_zh else _OPEN_EN_WORDS).search(head)) or at == consumed > 0
            best = _Match(at, end, pattern, _key(pattern, found, unit), _is_narrow(pattern, found), is_free)
    if best is not None and not (_CLOSED_NUMBER.match(text, end) or _RANGE_AFTER.match(text, number.end)):
        return best._replace(is_free=False) if unit else None
    return best


def _after(text: str, start: int, end: int, unit: str, *, is_next: bool) -> _Match | None:
    """Return the longest words after a number that say what it counts."""
    best: _Match | None = None
    begun = end + 1 if text.startswith("的", end) and unit else end
    for pattern, zh, en in _AFTERWARDS:
        found, is_zh = zh.match(text, begun), True
        if found is None:
            found, is_zh = en.match(text, end), False
        if found is None or (best is not None and found.end() <= best.end):
            continue
        is_open = is_next or (_OPEN if is_zh else _OPEN_EN).search(text[max(0, start - _WINDOW) : start])
        is_closed = (_CLOSED if is_zh else _CLOSED_EN).match(text, found.end())
        is_free = bool(is_open) and bool(is_closed) and not _OTHER_WORD.match(text, found.end())
        best = _Match(start, found.end(), pattern, _key(pattern, found, unit), _is_narrow(pattern, found), is_free)
    return best


def _key(pattern: Pattern, found: re.Match[str], unit: str) -> str | None:
    return pattern.key(found.groupdict(), unit)


def _is_narrow(pattern: Pattern, found: re.Match[str]) -> bool:
    groups = found.groupdict()
    return any(groups.get(name) for name in pattern.narrow)


def _rate(text: str, number: Numeral, context: Context) -> Statement | None:
    about = about_before(text, 0, number.start)
    start = number.start - (len(about[0]) if about is not None else 0)
    window = text[max(0, start - _WINDOW) : start]
    found = _RATE.search(window) or _RATE_EN.search(window)
    if found is None:
        return None
    after = AFTER_PERCENT.match(text, number.end)
    assert after is not None  # noqa: S101 (it may be empty)
    first = start - len(window) + found.start()
    low, high = meant(number, about, after)
    name = RATES[found["rate"].lower()]
    groups = found.groupdict()
    key = name if not groups.get("rank") else f"{name}:{'_一二三'.index(groups['rank'])}"
    plain = _CAMERAS.search(text[max(0, first - 12) : first])
    if plain is not None and not _OPEN.search(text[max(0, first - _WINDOW) : first]):
        first = max(0, first - 12) + plain.start()
    head = text[max(0, first - _WINDOW) : first]
    is_free = _OPEN.search(head) or _OPEN_EN_WORDS.search(head)
    reason = "" if is_free else "qualified"
    reason = reason or ("interval" if _RANGE_BEFORE.search(text[first : number.start]) else "")
    reason = reason or context.doubt(first, after.end()) or ""
    if number.is_doubtful or math.isnan(low):
        reason = "numeral"
    said = None if number.is_doubtful else number.value
    return Statement("", first, after.end(), said, low, high, "rates", None if reason else f"rate:{key}", reason)


def _is_one_word(text: str, number: Numeral) -> bool:
    """Return whether a number is one of the words that stand in any sentence: one, two, ten, several."""
    words = text[number.start : number.end]
    return words.isalpha() and (number.is_doubtful or number.value <= _SMALL)


def _is_amount(text: str, number: Numeral) -> bool:
    """Return whether a number that no pattern fits is an amount: no date, ordinal, id or part of a word."""
    before = text[max(0, number.start - 6) : number.start]
    if number.is_percent:
        return True
    if _NO_AMOUNT_BEFORE.search(before):
        return False
    digits = number.end - number.start
    if number.is_words:
        return not (_is_one_word(text, number) or _OF_ALL.match(text, number.end) or _NAMED.search(before))
    if number.is_chinese:
        return digits > 1 and bool(_MEASURE.match(text, number.end))
    if digits >= 11 or _NO_AMOUNT_AFTER.match(text, number.end):
        return False
    return not (_NUMBERING.search(before) and re.match(r"[.、)\t ]", text[number.end : number.end + 1]) and digits < 3)
