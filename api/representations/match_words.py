"""Word the results of locating for people, without what reading a batch of places needs."""

from __future__ import annotations

from geo.catalog.match_statuses import STATUSES
from geo.types import Match

__all__ = ["METHODS", "STATUSES", "not_found_reason"]

_NO_GRID = "坐标不在任何网格里 / the point is in no grid"
_NO_PLACE = (
    "没有认出行政区划、道路或网格的名称，库里也没有相近的地址"
    " / no division, road or grid is named in it that is known, and no stored address is like it"
)
#: How a candidate was found -> its words, in Chinese and English.
METHODS = {
    "point": ("按坐标", "by coordinates"), "exact": ("全文相同", "the same as stored"),
    "prefix": ("前段相同", "begins as stored"), "match": ("按要素", "by its parts"),
}  # fmt: skip


def not_found_reason(match: Match) -> str:
    """Return why nothing was found for an address or a point, in both languages."""
    return _NO_PLACE if match.crs is None else _NO_GRID
