"""Know the words that make a number or a direction an approximate one: about 5 m, 大致90."""

from __future__ import annotations

import re

#: A dash-like mark before a number is one of them and no minus: ~90.
_MARK_BEFORE = re.compile(r"(?:^|(?<=[;,、|/&+\n]))\s*[~≈]\s*(?=\d)")
# 近 is one before a number only: 近东门 names a place.
_BEFORE = re.compile(
    r"^(?:(?:大约|大概|大致|约为|约|近似|估计为?|about|approximately|approx\.?|around|circa|ca\.?"
    r"|近(?=[\d零〇一二两三四五六七八九十百千半])|[~≈])\s*)+"
)
_AFTER = re.compile(r"\s*(?:左右|上下|or so|许)$")


def without_softener(plain: str) -> str:
    """Return a text in one width and case without what says that it is approximate.

    Examples
    --------
    >>> [without_softener(text) for text in ("大致90", "估计6米", "约 90度左右", "≈5", "近东门")]
    ['90', '6米', '90度', '5', '近东门']
    """
    return _AFTER.sub("", _BEFORE.sub("", plain))


def without_marks(plain: str) -> str:
    """Return a list of numbers without the marks for about before them; those between numbers make ranges.

    Examples
    --------
    >>> without_marks("~90;~180"), without_marks("90~180")
    ('90;180', '90~180')
    """
    return _MARK_BEFORE.sub("", plain)
