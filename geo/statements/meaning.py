"""Say which values a number in a text may mean, by how it is written and the words next to it."""

from __future__ import annotations

import math
import re

from geo.statements.numerals import Numeral

#: Units that a count may have: measure words.
UNITS = "个|处|路|台|部|只|基|根|杆|支|家|所|座|户|条|张|片|块|套"
#: What may stand before a number, and after it with its unit, and what it makes of the number.
ABOUT = re.compile(
    r"(?P<least>不少于|不低于|不小于|至少|at least|no fewer than|no less than)\s?$"
    r"|(?P<above>超过|突破|多于|高于|逾|more than|over|above|exceeding)\s?$"
    r"|(?P<most>不超过|不高于|至多|最多|at most|up to|no more than)\s?$"
    r"|(?P<below>少于|低于|不足|不到|fewer than|less than|under|below)\s?$"
    r"|(?P<nearly>将近|接近|近|nearly|almost|close to)\s?$"
    r"|(?P<about>大约|大概|大致|约为|约|about|around|approximately|approx\.?|roughly|some|circa|ca\.?|[~≈])\s?$",
    re.I,
)
_TAIL = r"(?P<tail>余|多|左右|上下|以上|以下|以内)?"
AFTER = re.compile(rf"(?P<odd>[余多几])?(?:[ ]?(?P<unit>{UNITS}))?{_TAIL}(?:\((?:路|个|处)\))?")
AFTER_PERCENT = re.compile(rf"(?P<odd>[余多几])?{_TAIL}")
_INFINITY = math.inf


def about_before(text: str, begun: int, start: int) -> re.Match[str] | None:
    """Return the words that end where a number starts and say how exact it is; None where there are none."""
    return ABOUT.search(text[max(begun, start - 16) : start])


def meant(number: Numeral, about: re.Match[str] | None, after: re.Match[str]) -> tuple[float, float]:
    """Return the lowest and the highest value that a number may mean, both included; NaN where that is open.

    A number means itself. One written to a place (1.2 万, 98.5 %) means what is rounded to it, half a place either way;
    100 % and 0 % mean themselves. With 约 (about) it means half of its last place that is not 0 either way, with 近
    (nearly) half of it below, with 余 or 多 what is above it by less than that place; 超过, 不少于, 以上 and their
    opposites mean what they say.

    Examples
    --------
    >>> from geo.statements.numerals import numerals
    >>> def of(text):
    ...     (number,) = numerals(text)
    ...     about, after = about_before(text, 0, number.start), AFTER.match(text, number.end)
    ...     return tuple(round(value, 3) for value in meant(number, about, after))
    >>> of("1932路"), of("1.2万路"), of("约1900路"), of("近1900路"), of("1900余路"), of("至少1900路")
    ((1932.0, 1932.0), (11500.0, 12500.0), (1850.0, 1950.0), (1850.0, 1900.0), (1900.0, 2000.0), (1900.0, inf))
    """
    hint = about.lastgroup if about is not None else None
    odd, tail = after["odd"], after["tail"]
    if number.is_doubtful or odd == "几" or bool(hint) + bool(odd) + bool(tail) > 1:
        return math.nan, math.nan
    value, half = number.value, number.place / 2
    above, below = math.nextafter(value, _INFINITY), math.nextafter(value, -_INFINITY)
    by_word = {
        "余": (value, math.nextafter(value + number.place, -_INFINITY)),
        "以上": (value, _INFINITY), "以下": (0.0, value), "左右": (value - half, value + half),
        "above": (above, _INFINITY), "below": (0.0, below), "nearly": (value - half, value),
    }  # fmt: skip
    same = {"多": "余", "以内": "以下", "上下": "左右", "least": "以上", "most": "以下", "about": "左右"}
    word = odd or tail or hint
    if word:
        return by_word[same.get(word, word)]
    is_whole = number.is_percent and value in (0.0, 1.0)  # nothing but all of it is 100 %
    if is_whole or (number.step == 1 and not number.is_percent):
        return value, value
    rounded = number.step / 2 * (1 + 1e-9)
    return value - rounded, value + rounded
