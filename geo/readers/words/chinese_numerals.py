"""Read whole numbers in Chinese numerals: 三百一十五, 十二."""

from __future__ import annotations

DIGITS = {letter: value for value, letter in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}
#: The letters of numerals, for a class of a regular expression.
NUMERALS = "零〇一二两三四五六七八九十百千"


def numeral(text: str) -> int | None:
    """Return the whole number that numerals name; None where they name none.

    Examples
    --------
    >>> numeral("三百一十五"), numeral("十二"), numeral("三五")
    (315, 12, None)
    """
    if len(text) == 1 and text in DIGITS:
        return DIGITS[text]
    total, digit = 0, None
    for letter in text:
        if letter in _PLACES:
            total += (1 if digit is None else digit) * _PLACES[letter]
            digit = None
        elif digit is None or digit == 0:
            digit = DIGITS[letter]
        else:
            return None  # 三五 is no number
    return total + (digit or 0)
