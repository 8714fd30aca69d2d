"""Say the words of drawn scopes, histories of areas and what else a desk has, as key -> (Chinese, English)."""

from __future__ import annotations

DESK_WORDS = {
    "drawn": ("画出的范围", "Drawn zone"),
    "draw_scope": ("画一个范围", "Draw a scope"),
    "draw_kept": ("有上次没有保存的 {n} 处绘制（{date}）", "Drawings of last time that were not saved: {n} ({date})"),
    "draw_kept_later": (
        "先保存或放弃现在的绘制；上次的仍留着，下次打开时再提供。",
        "Save or discard what is drawn now first; that of last time stays and is offered again.",
    ),
    "scope_begin": (
        "在地图上点出范围的顶点，至少三个；也可用十字中心或输入坐标。指标、盲区、表格、下载、图纸与链接都随它。",
        "Click the corners, three at least; or use the centre, or type coordinates. Figures, lists and files follow.",
    ),
    "scope_next": ("再点下一个顶点，至少三个。", "Set the next corner: three at least."),
    "scope_corners": ("顶点", "Corners"),
    "scope_use": ("用作范围", "Use as the scope"),
    "scope_busy": ("正在计算……", "Working it out…"),
    "scope_run_day": ("按数据日期 {date} 的数据计算。", "On the data of {date}."),
    "scope_part": ("只计您镇街内的部分。", "Only the part in your townships counts."),
}
