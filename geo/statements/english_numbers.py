"""Read numbers in English words: two hundred and five, a hundred, twelve thousand."""

from __future__ import annotations

import re

_ONES = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90
}  # fmt: skip
_BELOW_HUNDRED = {**_ONES, **_TENS}
_LARGE = {"thousand": 1_000, "million": 1_000_000}
_ONE = "|".join(sorted([*_ONES, *_TENS], key=len, reverse=True))
_BIG = "hundred|thousand|million"
_STEP = rf"(?:{_ONE}|{_BIG})"
_JOINED = r"(?:(?:(?<=hundred)|(?<=thousand)|(?<=million))\ and\ |[ -]|(?<=\ ))"
_OPEN = (
    rf"(?:hundreds|thousands|dozens|scores|tens)\ of|(?:several|a\ few|few|many|some)\ (?:{_BIG}|dozen)"
    rf"|several|a\ few|a\ couple\ of|a\ dozen|(?:{_ONE})\ dozen|(?:{_ONE})\ (?:or|to)\ (?:{_ONE})(?:\ (?:{_BIG}))?"
)
#: A number in words; before it words that name no number, or one of two (two or three).
ENGLISH_NUMBER = re.compile(
    rf"(?<![a-z0-9-])(?:(?P<open>{_OPEN})(?![a-z-])"
    rf"|(?P<words>(?:{_ONE}|an?\ (?={_BIG}))(?:{_JOINED}{_STEP})*)(?![a-z0-9-]))",
    re.I,
)


def english_number(words: str) -> tuple[float, float] | None:
    """Return a number in words and the place of its last digit that is meant; None where it is none.

    Examples
    --------
    >>> english_number("two hundred and five"), english_number("a hundred"), english_number("eleven thousand")
    ((205.0, 1.0), (100.0, 1.0), (11000.0, 1000.0))
    >>> english_number("twenty twelve"), english_number("two and five"), english_number("five hundred six hundred")
    (None, None, None)
    """
    tokens = re.split(r"[ -]+", words.lower())
    total, last = 0, 1_000_000_000
    group: list[str] = []
    step = 1
    for token in [*tokens, ""]:
        if token and token not in _LARGE:
            group.append(token)
            continue
        scale = _LARGE.get(token, 1)
        if not group and scale == 1:
            break  # two thousand
        if scale >= last or (not total and group[:1] == ["and"]):
            return None
        value = _below_thousand(group, is_rest=total > 0)
        if value is None:
            return None
        total, last, group = total + value * scale, scale, []
        step = scale if scale > 1 else (100 if value % 100 == 0 and total > value else 1)
    return float(total), float(step)


def _below_thousand(tokens: list[str], *, is_rest: bool) -> int | None:
    """Return the value of tokens without thousand and million; None where they are no number."""
    if tokens in (["a"], ["an"]):
        return 1
    if is_rest and tokens[:1] == ["and"]:
        tokens = tokens[1:]
    hundreds = 0
    if tokens[1:2] == ["hundred"]:
        many = {"a": 1, "an": 1, **_ONES}.get(tokens[0], 0)
        hundreds, tokens = 100 * many, tokens[2:]
        if not many or not tokens:
            return hundreds or None
        tokens = tokens[tokens[0] == "and" :]
    rest = _below_hundred(tokens)
    return None if rest is None else hundreds + rest


def _below_hundred(tokens: list[str]) -> int | None:
    if len(tokens) == 1:
        return _BELOW_HUNDRED.get(tokens[0])
    if len(tokens) == 2 and tokens[0] in _TENS and 0 < _ONES.get(tokens[1], 0) < 10:
        return _TENS[tokens[0]] + _ONES[tokens[1]]
    return None
