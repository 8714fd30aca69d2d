"""Define the titles, notes and headings of a report that no catalogue has, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

#: Key -> Chinese, English; ``{name}`` marks a place for a value.
REPORT_WORDS: Mapping[str, tuple[str, str]] = {
    "rates": ("比率", "Rates"),
    "county_rates": ("全县比率", "Rates of the county"),
    "township_rates": ("各乡镇比率及名次", "Rates of townships with rank"),
    "claims": ("覆盖声明", "Claims"),
    "claims_note": (
        "“已覆盖”是确定看得见的部位，“有点位”是附近有在线点位的部位（上报材料的数法）：两个数并列，后者不代替结论。",
        "“Covered” are places surely seen, “with a site” those near a site online, as reports count; it is no verdict.",
    ),
    "no_claims": ("此批次没有评价重点部位。", "This run judged no places."),
    "missed": ("没有确定覆盖的部位", "Places not surely covered"),
    "gaps": ("盲区清单", "Gaps"),
    "gaps_note": ("未覆盖权重大的在前；位置描述按道路与地名，方向以真北为准。",
                  "By unseen weight; words of place by roads and names, directions from true north."),
    "own_part": ("只列您有权查看的镇街的，其他镇街的未列出。",
                 "Only those of the townships of your rights: others are not listed."),
    "unfilled": ("没有一行填写而未印的列：{names}。", "Columns not printed, since no row listed fills them: {names}."),
    "facilities": ("设施", "Facilities"),
    "facilities_listed": ("设施清单", "List of facilities"),
    "without": ("没有设施的单元", "Units without a facility"),
    "without_note": ("没有本级设施在其内或服务于它的镇街与村社区。",
                     "Townships and villages without a facility of their level inside or serving them."),
    "no_facilities": ("库里没有设施。", "The store has no facilities."),
    "changes": ("变化", "Changes"),
    "changes_since": ("与批次 {run} 比较", "Compared with run {run}"),
    "changes_counts": ("变化的盲区与摄像机", "Gaps and cameras that changed"),
    "no_before": ("没有更早的批次可比较。", "There is no earlier run to compare with."),
    "unknowns": ("未知量", "What is unknown"),
    "unknowns_note": ("按知道它之后最多能从可能变为确定的权重排名，其他未知量不动。",
                      "By the most that one value turns from possible to sure, the other unknowns left."),
    "no_unknowns": ("那一天的摄像机已不在库中。", "The cameras of that day are not in the store any more."),
    "directory": ("网格编码目录", "Directory of grids"),
    "directory_note": ("方格是 A3 全县图上的索引方格；面积按椭球面。",
                       "Squares are those of the index of the county's A3 sheet; areas are on the ellipsoid."),
    "listed": ("列出前 {n} 行，共 {of} 行；全部见工作簿。", "The first {n} of {of} rows; the workbook has them all."),
    # headings
    "rate": ("比率", "Rate"), "key": ("类别", "Class"), "rank": ("名次", "Rank"), "township": ("镇街", "Township"),
    "code": ("代码", "Code"), "numerator": ("分子", "Numerator"), "denominator": ("分母", "Denominator"),
    "value": ("比率值", "Share"), "per_item": ("每项数", "Per item"), "remark": ("备注", "Remark"),
    "number": ("序号", "No."), "where": ("位置描述", "Where"), "grid": ("网格", "Grid"),
    "grid_name": ("网格名称", "Grid name"), "area": ("面积（m²）", "Area (m²)"), "weight": ("权重", "Weight"),
    "name": ("名称", "Name"), "kind": ("类型", "Kind"), "unit": ("单元", "Unit"), "village": ("村社区", "Village"),
    "square": ("方格", "Square"), "figure": ("项目", "Item"), "count": ("数量", "Number"),
    "share_before": ("原确定覆盖率", "Sure before"), "share_now": ("现确定覆盖率", "Sure now"),
    "share_change": ("变化", "Change"), "gap_before": ("原盲区（m²）", "Gap before (m²)"),
    "gap_now": ("现盲区（m²）", "Gap now (m²)"), "gap_change": ("盲区变化（m²）", "Change of gap (m²)"),
    "only_before": ("只在原批次的盲区", "Gaps of the earlier run only"),
    "only_now": ("只在本批次的盲区", "Gaps of this run only"),
    "added": ("新增的摄像机", "Cameras added"), "removed": ("减少的摄像机", "Cameras removed"),
    "changed": ("视域、状态或点位改变的摄像机", "Cameras whose view, status or site changed"),
    "whole": ("全县", "County"),
}  # fmt: skip
