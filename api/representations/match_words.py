"""Word the results of locating for people, without what reading a batch of places needs."""

from __future__ import annotations

import re

from geo.catalog.match_statuses import STATUSES
from geo.types import Match

__all__ = ["METHODS", "STATUSES", "not_found_reason"]

_NO_GRID = "坐标不在任何网格里 / the point is in no grid"
_NO_PLACE = (
    "没有认出行政区划、道路或网格的名称，库里也没有相近的地址"
    " / no division, road or grid is named in it that is known, and no stored address is like it"
)
_NO_CODE = "没有哪个网格或区划是这个编码 / no grid or division has this code"
_CODE = re.compile(r"\s*\d{6,20}\s*")
#: How a candidate was found -> its words, in Chinese and English.
METHODS = {
    "point": ("按坐标", "by coordinates"), "exact": ("全文相同", "the same as stored"),
    "prefix": ("前段相同", "begins as stored"), "match": ("按要素", "by its parts"),
}  # fmt: skip


def not_found_reason(match: Match) -> str:
    """Return why nothing was found for an address or a point, in both languages.

    Examples
    --------
    >>> not_found_reason(Match("not_found", "620622104999", None, None, (), 1, ""))
    '没有哪个网格或区划是这个编码 / no grid or division has this code'
    """
    if match.crs is not None:
        return _NO_GRID
    return _NO_CODE if isinstance(match.query, str) and _CODE.fullmatch(match.query) else _NO_PLACE
