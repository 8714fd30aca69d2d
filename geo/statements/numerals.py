"""Find the numbers of a text, in digits, in Chinese numerals and in English words, with what each may mean."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from geo.statements.english_numbers import ENGLISH_NUMBER, english_number

# Each character of full width is one character of plain width, so that positions stay; the comma stays too: between
# digits it groups them, elsewhere it ends a clause.
_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if code != ord("，")} | {0x3000: 0x20, 0xA0: 0x20}

_DIGITS = {letter: value for value, letter in enumerate("零一二三四五六七八九")} | {
    letter: value for value, letter in enumerate("〇壹贰叁肆伍陆柒捌玖") if value
}  # fmt: skip
_DIGITS |= {"〇": 0, "两": 2}
_PLACES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_GROUPS = {"万": 10**4, "亿": 10**8}
_CHINESE = "".join([*_DIGITS, *_PLACES, *_GROUPS])
_WORDS = {"万": 10**4, "亿": 10**8, "千": 10**3, "百": 10**2, "thousand": 10**3, "million": 10**6, "hundred": 10**2}

_NUMBER = re.compile(
    rf"""(?P<digits>[0-9]{{1,3}}(?:[,，][0-9]{{3}})+(?![0-9])(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)
         (?P<word>\ ?(?:[万亿千百]|(?:thousand|million|hundred)\b))?(?P<more>[0-9{_CHINESE}]*)
       |(?P<chinese>[{_CHINESE}]+)""",
    re.X | re.I,
)
_PERCENT = re.compile(r" ?(?:%|percent\b|per cent\b)", re.I)
# A thin or plain space between groups of three digits may divide two numbers, or group one.
_SPACED_BEFORE = re.compile(r"(?<![0-9])[0-9]{1,3}[ \u2009\u202f]$")
_SPACED_AFTER = re.compile(r"[ \u2009\u202f][0-9]{3}(?![0-9])")


@dataclass(frozen=True)
class Numeral:
    """A number in a text.

    Attributes
    ----------
    start, end
        Where it stands, the sign of a percentage included: positions of characters.
    value
        The number; of a percentage its share, 98 % being 0.98. NaN where it can be read in more than one way.
    step
        The place of its last digit that is meant: 1 for 1932, 1000 for 1.2 万 and 一万一千, 0.001 for 98.5 %.
    place
        The place of its last digit that is not 0: 100 for 1900.
    is_percent, is_chinese
        Whether it is a percentage, and whether it is written in Chinese numerals.
    is_words
        Whether it is written in English words.
    is_grouped
        Whether a comma of full width groups its digits, which may also divide two numbers.
    """

    start: int
    end: int
    value: float
    step: float
    place: float
    is_percent: bool = False
    is_chinese: bool = False
    is_grouped: bool = False
    is_words: bool = False

    @property
    def is_doubtful(self) -> bool:
        """Return whether it can be read in more than one way."""
        return math.isnan(self.value)


def plain_width(text: str) -> str:
    """Return a text with letters, digits and signs of full width in plain width; every position stays.

    Examples
    --------
    >>> plain_width("１，９３２路（９８％）")
    '1，932路(98%)'
    """
    return text.translate(_PLAIN)


def numerals(text: str) -> Iterator[Numeral]:
    """Yield the numbers of a text of plain width, in order.

    A number written with 万 or 亿, thousand or million is meant to its last digit; any other exactly.

    Examples
    --------
    >>> [(one.value, one.step) for one in numerals("1932 1,932 1.2万 一万一千 百分之九十八")]
    [(1932.0, 1.0), (1932.0, 1.0), (12000.0, 1000.0), (11000.0, 1000.0), (0.98, 0.01)]
    >>> [one.value for one in numerals("two hundred and five, ninety-eight percent, two or three")]
    [205.0, 0.98, nan]
    """
    end = 0
    found_all = [*_NUMBER.finditer(text), *ENGLISH_NUMBER.finditer(text)]
    for found in sorted(found_all, key=lambda one: one.start()):
        if found.start() < end:
            continue
        if found.re is ENGLISH_NUMBER:
            number = _in_words(text, found)
        elif found["chinese"] == "百" and text.startswith("分之", found.end()):
            continue
        else:
            number = _in_chinese(text, found) if found["chinese"] else _in_digits(text, found)
        end = number.end
        yield number


def _in_words(text: str, found: re.Match[str]) -> Numeral:
    start, end = found.span()
    read = None if found["open"] else english_number(found["words"])
    if read is None:
        return Numeral(start, end, math.nan, 1, 1, is_words=True)
    value, step = read
    return _percent(text, Numeral(start, end, value, step, _place(value, step), is_words=True))


def _in_digits(text: str, found: re.Match[str]) -> Numeral:
    digits = found["digits"].replace(",", "").replace("，", "")
    word = (found["word"] or "").strip().lower()
    unit = _WORDS.get(word, 1)
    decimals = len(digits.partition(".")[2])
    start, end = found.span()
    is_rest = re.match("[0-9]{3}(?![0-9])", found["digits"]) and _SPACED_BEFORE.search(text[max(0, start - 5) : start])
    is_plain = not found["more"] and not is_rest and not _is_fraction(text, start, end)
    if not is_plain or (not word and _SPACED_AFTER.match(text, end)) or len(digits) > 15:
        return Numeral(start, end, math.nan, 1, 1)
    # In whole numbers, so that 1.2 x 10,000 is 12,000 exactly.
    value, step = int(digits.replace(".", "")) * unit / 10**decimals, unit / 10**decimals
    return _percent(text, Numeral(start, end, value, step, _place(value, step), is_grouped="，" in found["digits"]))


def _in_chinese(text: str, found: re.Match[str]) -> Numeral:
    start, end = found.span()
    words = found["chinese"]
    is_share = text.endswith("百分之", 0, start) and text[max(0, start - 4) : start - 3] not in tuple(_CHINESE)
    read = chinese_number(words)
    if read is None or (not is_share and _is_fraction(text, start, end)):
        return Numeral(start, end, math.nan, 1, 1, is_chinese=True)
    value, step = read
    tail = re.compile(rf"点([{''.join(_DIGITS)}]+)").match(text, end) if is_share else None
    if tail is not None:
        value += int("".join(str(_DIGITS[one]) for one in tail[1])) / 10 ** len(tail[1])
        step, end = 10.0 ** -len(tail[1]), tail.end()
    if is_share:
        return Numeral(start - 3, end, value / 100, step / 100, step / 100, is_percent=True, is_chinese=True)
    return Numeral(start, end, value, step, _place(value, step), is_chinese=True)


def _is_fraction(text: str, start: int, end: int) -> bool:
    return text.startswith("分之", end) or text.endswith("分之", 0, start)


def _percent(text: str, number: Numeral) -> Numeral:
    sign = _PERCENT.match(text, number.end)
    if sign is None:
        return number
    step = number.step / 100
    share = number.value / 100
    return Numeral(number.start, sign.end(), share, step, step, is_percent=True, is_words=number.is_words)


def _place(value: float, step: float) -> float:
    """Return the place of the last digit that is not 0, at least ``step``."""
    place = step
    while value and place < 1e15 and value % (place * 10) == 0:
        place *= 10
    return place


def chinese_number(words: str) -> tuple[float, float] | None:
    """Return a number in Chinese numerals and the place of its last digit that is meant; None where it is none.

    Examples
    --------
    >>> chinese_number("一百九十四"), chinese_number("一九三二"), chinese_number("一万二"), chinese_number("三五百")
    ((194.0, 1.0), (1932.0, 1.0), (12000.0, 1000.0), None)

    Two digits alone are as often a range (三四个, 三五个) as a number:

    >>> chinese_number("三四"), chinese_number("二〇")
    (None, (20.0, 1.0))
    """
    if len(words) == 2 and all(_DIGITS.get(letter, 0) for letter in words):
        return None
    if len(words) > 1 and all(letter in _DIGITS for letter in words):
        return (float(int("".join(str(_DIGITS[one]) for one in words))), 1.0) if len(words) <= 15 else None
    total, last = 0, math.inf
    step = 1
    for group, scale in _groups(words):
        read = _below_ten_thousand(group, is_first=last == math.inf, before=last)
        if read is None or scale >= last:
            return None
        value, place = read
        total += value * scale
        step, last = (place * scale, scale) if group else (scale, scale)
    is_round = any(letter in _GROUPS for letter in words)
    return float(total), float(step if is_round else 1)


def _groups(words: str) -> list[tuple[str, int]]:
    out, begun = [], 0
    for at, letter in enumerate(words):
        if letter in _GROUPS:
            out.append((words[begun:at], _GROUPS[letter]))
            begun = at + 1
    return [*out, (words[begun:], 1)] if begun < len(words) else out


def _below_ten_thousand(words: str, *, is_first: bool, before: float) -> tuple[int, int] | None:
    """Return the value of a group and the place of its last digit; None where it is none."""
    total, digit, place, zero = 0, None, 10_000, False
    last = 1
    for at, letter in enumerate(words):
        if letter in _PLACES:
            scale = _PLACES[letter]
            if scale >= place or (digit is None and not (scale == 10 and (at == 0 or zero))):
                return None
            total += (1 if digit is None else digit) * scale
            digit, place, last, zero = None, scale, scale, False
        elif _DIGITS[letter] == 0:
            if digit is not None or zero or (at == 0 and len(words) == 1 and not is_first):
                return None
            zero = True
        elif digit is not None:
            return None
        else:
            digit = _DIGITS[letter]
    if digit is None:
        return (total, last) if (total or words in ("零", "〇")) and not (zero and total) else None
    if zero or (place in (10, 10_000) and (is_first or place == 10)):
        return total + digit, 1
    # 一万二 is 12,000 and 三百五 is 350: a last digit without its place is of the next place.
    scale = 1000 if place == 10_000 else place // 10
    return (total + digit * scale, scale) if place != 10_000 or before == 10_000 else None
