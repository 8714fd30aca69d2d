"""Word the results of locating for people, without what reading a batch of places needs."""

from __future__ import annotations

from geo.types import Match

#: Status of a match -> its words, in Chinese and English.
STATUSES = {
    "matched": ("有唯一归属", "matched"), "ambiguous": ("不止一个可能", "ambiguous"),
    "partial": ("只能部分确定", "partial"), "not_found": ("没有找到", "not found"), "error": ("有错误", "error"),
}  # fmt: skip
_NO_GRID = "坐标不在任何网格里 / the point is in no grid"
_NO_PLACE = (
    "库里没有从头与它相同的地址：从省、市、县写起的，问的时候也要写"
    " / no stored address agrees from its beginning: where these begin with the province, so must the question"
)


def not_found_reason(match: Match) -> str:
    """Return why nothing was found for an address or a point, in both languages."""
    return _NO_PLACE if match.crs is None else _NO_GRID
