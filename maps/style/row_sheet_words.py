"""Say the words of the sheet of rows, as key -> (Chinese, English)."""

from __future__ import annotations

from geo.catalog.claims import CLAIMS_OF_RUN, PLACES_OF_RUN

SHEET_WORDS = {
    **{f"sheet_verdicts_{one.name}": (one.zh, one.en) for one in PLACES_OF_RUN.fields},
    **{f"sheet_claims_{one.name}": (one.zh, one.en) for one in CLAIMS_OF_RUN.fields},
    "sheet": ("表格", "Sheet"),
    "sheet_list": ("列表", "List"),
    "sheet_columns": ("选列", "Columns"),
    "sheet_several": ("多选", "Choose several"),
    "sheet_clear": ("清除过滤", "Clear filters"),
    "sheet_copy": ("复制", "Copy"),
    "sheet_download": ("下载 CSV", "Download CSV"),
    "sheet_grid_name": ("网格名称", "Name of the grid"),
    "sheet_low": ("不小于", "at least"),
    "sheet_high": ("不大于", "at most"),
    "sheet_filter_of": ("过滤 {what}", "Filter {what}"),
    "sheet_any": ("全部", "All"),
    "sheet_contains": ("包含", "contains"),
}
