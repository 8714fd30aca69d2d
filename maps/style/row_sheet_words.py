"""Say the words of the sheet of rows, as key -> (Chinese, English)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from geo.catalog.claims import CLAIMS_OF_RUN, PLACES_OF_RUN
from geo.catalog.fields import Field
from geo.catalog.headings import heading, run_fields, shape_field
from geo.catalog.layers import LAYERS
from geo.catalog.results import ZONE_LAYERS


def _of_file(layer: str, fields: Iterable[Field]) -> dict[str, tuple[str, str]]:
    """Return the headings of columns in a file: with their unit."""
    return {f"sheet_file_{layer}_{one.name}": (heading(one, "zh"), heading(one, "en")) for one in fields}


def _headings(layer: str, fields: Collection[Field]) -> dict[str, tuple[str, str]]:
    """Return the headings of columns with their unit; areas have it in their cells, and in the heading of a file."""
    areas = [one for one in fields if one.unit == "m2"]
    words = {f"sheet_{layer}_{one.name}": (heading(one, "zh"), heading(one, "en")) for one in fields}
    return {**words, **{f"sheet_{layer}_{one.name}": (one.zh, one.en) for one in areas}, **_of_file(layer, areas)}


SHEET_WORDS = {
    **_of_file("zones", run_fields(ZONE_LAYERS[0]).values()),
    **_headings("gaps", tuple(run_fields("gaps").values())),
    **_headings("cameras", (*LAYERS["cameras"].fields, shape_field("lon"), shape_field("lat"))),
    **_headings("verdicts", PLACES_OF_RUN.fields),
    **_headings("claims", CLAIMS_OF_RUN.fields),
    "sheet": ("表格", "Sheet"),
    "sheet_list": ("列表", "List"),
    "sheet_columns": ("选列", "Columns"),
    "sheet_several": ("多选", "Choose several"),
    "sheet_clear": ("清除过滤", "Clear filters"),
    "sheet_copy": ("复制", "Copy"),
    "sheet_download": ("下载 CSV", "Download CSV"),
    "sheet_grid_name": ("网格名称", "Name of the grid"),
    "sheet_camera_name": ("摄像机名称", "Camera name"),
    "sheet_low": ("不小于", "at least"),
    "sheet_high": ("不大于", "at most"),
    "sheet_filter_of": ("过滤 {what}", "Filter {what}"),
    "sheet_any": ("全部", "All"),
    "sheet_contains": ("包含", "contains"),
}
