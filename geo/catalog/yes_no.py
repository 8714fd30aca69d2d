"""Know the words and marks that people answer yes and no by."""

from __future__ import annotations

from geo.plain_words import bare_word

YES = frozenset(["是", "是的", "有", "对", "√", "✓", "✔", "☑", "y", "t", "yes", "true", "1", "1.0"])
NO = frozenset(["否", "无", "没有", "不", "不是", "×", "✗", "✘", "x", "n", "f", "no", "false", "0", "0.0"])
_AS_PICTURE = "\ufe0f"


def is_yes(text: object) -> bool | None:
    """Return whether a text is a yes or a no, None where it is neither.

    Examples
    --------
    >>> [is_yes(text) for text in ("是", "√", " Yes ", "１", "否", "×", "FALSE", "0.0", "", "也许")]
    [True, True, True, True, False, False, False, False, None, None]
    """
    plain = bare_word(text).removesuffix(_AS_PICTURE)
    return True if plain in YES else False if plain in NO else None
