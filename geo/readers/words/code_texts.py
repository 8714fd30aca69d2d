"""Tell codes of places from their names, in fields that hold codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: Layer -> fields that hold the code of another place.
FIELDS_OF_CODES: Mapping[str, Sequence[str]] = {
    "grids": ("village", "parent"),
    "divisions": ("parent",),
    "addresses": ("grid",),
}
#: Why a name in such a field should be looked at.
NAME_FOR_CODE = "写的像名称而不是代码，照写存入，按代码找不到它；请改成代码"
NAME_FOR_CODE += " / looks like a name where a code is wanted: kept as written, but not found by codes; write the code"


def is_code(text: str) -> bool:
    """Return whether a text may be a code: it has a digit, or no letter but those of ASCII.

    Examples
    --------
    >>> [is_code(text) for text in ("620622100201", "城关-01", "GRID-A", "土门村")]
    [True, True, True, False]
    """
    return text.isascii() or any(letter.isdigit() for letter in text)
