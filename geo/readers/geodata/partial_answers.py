"""Say where a JSON answer of a service is one page of several, so that rows are missing from the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from geo.readers.source import SourceTable
from geo.types import CellFinding

_TOTALS = (
    "numberMatched", "total", "totalCount", "totalElements", "totalRecords", "recordsTotal", "totalNum", "totalSize",
    "count",
)  # fmt: skip
_PAGE = (
    "文件只是服务答复的一页或一部分，其余的行不在里面：取全各页后再导入"
    " / the file is one page or a part of a service's answer, and the other rows are not in it: fetch all pages"
)
_WRAPPERS = ("data", "result", "results", "page", "pagination", "content", "value", "properties")
_MAX_LEVELS = 4


def note_missing_pages(source: SourceTable, value: Any) -> None:
    """Add a finding to the source where the JSON value that it was read from says that there are more rows."""
    for one in _levels(value):
        found = _said(one, len(source))
        if found:
            source.file_findings.append(CellFinding("", _PAGE, found, (), len(source)))
            return


def _levels(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield an object and the objects within it that wrap its rows; attributes of a feature are none of them."""
    found = [value]
    for _ in range(_MAX_LEVELS):
        objects = [one for one in found if isinstance(one, dict) and one.get("type") in (None, "FeatureCollection")]
        yield from objects
        found = [one[key] for one in objects for key in _WRAPPERS if key in one]


def _said(one: Mapping[str, Any], rows: int) -> str:
    """Return what says that there are more rows; empty where nothing does.

    Examples
    --------
    >>> _said({"total": 853}, 10), _said({"total": "10"}, 10), _said({"exceededTransferLimit": True}, 10)
    ('total=853', '', 'exceededTransferLimit')
    """
    if one.get("exceededTransferLimit") is True:  # ArcGIS
        return "exceededTransferLimit"
    remark = one.get("remark")
    if isinstance(remark, str) and "error" in remark.lower():  # Overpass, which ran out of time or memory
        return f"remark: {remark[:150]}"
    for key in _TOTALS:
        total = one.get(key)
        if isinstance(total, str) and total.isascii() and total.isdigit() and len(total) < 10:
            total = int(total)
        if isinstance(total, int) and not isinstance(total, bool) and total > rows:
            return f"{key}={total}"
    return ""
