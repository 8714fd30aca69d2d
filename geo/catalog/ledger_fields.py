"""Declare the ledger of an own zone: its figures before it was listed, while it was, and after it was struck off."""

from __future__ import annotations

from geo.catalog.editions import LEVEL_NAMES
from geo.catalog.fields import Choice, integer, number, text
from geo.catalog.results import ZONE_TABLE, RunTable

_PHASES = (
    Choice("before", "列入之前", "before it was listed"),
    Choice("listed", "列入期间", "while it was listed"),
    Choice("after", "撤销之后", "after it was struck off"),
)
#: Phase -> its words in Chinese and English, in the order of time.
PHASES = {one.name: (one.zh, one.en) for one in _PHASES}
#: Figures of a zone that can be measured on any run.
LEDGER_FIGURES = ("domain_m2", "sure_m2", "possible_m2", "sure_share", "possible_share", "gap_m2")
#: What is told as a difference to the phase before: figure -> its field in tables.
LEDGER_CHANGES = {
    name: number(f"{name}_change", f"{zh}之变化", f"Change of {en.lower()}", unit)
    for name, zh, en, unit in (
        *((one.name, one.zh, one.en, one.unit) for one in map(ZONE_TABLE.field, LEDGER_FIGURES)),
        ("gaps", "盲区数", "Gaps", ""),
        ("places", "部位数", "Places", ""),
        ("covered", "已覆盖部位", "Places covered", ""),
    )
}  # fmt: skip
LEDGER = RunTable(
    "run_zones", "运行结果：区域台账", False,
    (
        text("phase", "时段", "Phase", "", *_PHASES),
        text("day", "数据日期", "Day of the data"),
        text("run", "批次", "Run"),
        text("level", "级别", "Level", "", *(Choice(name, zh, en) for name, (zh, en) in LEVEL_NAMES.items())),
        *(ZONE_TABLE.field(name) for name in LEDGER_FIGURES),
        integer("gaps", "盲区数", "Gaps"),
        integer("places", "部位数", "Places"),
        integer("covered", "已覆盖部位", "Places covered"),
        *LEDGER_CHANGES.values(),
    ),
    is_scoped=False,
)  # fmt: skip
