"""Name what an address or a point was found to be, once for the command line, tables and the page."""

from __future__ import annotations

from collections.abc import Mapping

#: Status of a match -> its words, in Chinese and English.
STATUSES: Mapping[str, tuple[str, str]] = {
    "matched": ("有唯一归属", "matched"),
    "ambiguous": ("不止一个可能", "ambiguous"),
    "partial": ("只能部分确定", "partial"),
    "not_found": ("没有找到", "not found"),
    "error": ("有错误", "error"),
}
#: The probability that the first candidate is true.
SCORE = ("把握", "Score")
