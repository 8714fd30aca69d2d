"""Say the words of the panel in which areas are drawn, as key -> (Chinese, English)."""

from __future__ import annotations

from geo.catalog.layers import LAYERS

DRAW_WORDS = {
    "tab_draw": ("绘制", "Draw"),
    **{f"draw_{name}": (LAYERS[name].zh, LAYERS[name].en) for name in ("grids", "areas", "places")},
    "draw_layer": ("图层", "Layer"),
    "draw_new": ("新画一个", "Draw a new one"),
    "draw_new_one": ("新画的", "New one"),
    "draw_none": ("在地图上点一个来改，或新画一个。", "Choose one on the map to change it, or draw a new one."),
    "draw_nearer": ("再放大一些，才取得到全部边界", "Zoom in to see every border"),
    "draw_reading": ("相邻的还在读取，稍后再试", "Neighbours are still being read; try again in a moment"),
    "draw_crowded": (
        "周围的区域太多，没有读全，不能改这里的边界",
        "There are too many areas around it to read all: its border cannot be changed",
    ),
    "draw_drawing": (
        "在地图上逐点点击；点回第一点、双击或按回车完成，Esc 取消",
        "Click point by point; the first point, a double click or Enter ends it, Esc cancels",
    ),
    "draw_cutting": (
        "画一条从边界到边界的线；双击或按回车完成，Esc 取消",
        "Draw a line from border to border; a double click or Enter ends it, Esc cancels",
    ),
    "draw_coordinates": ("经度, 纬度", "Longitude, latitude"),
    "draw_bad_coordinates": ("读不出经纬度，如 103.64, 37.22", "These are no longitude and latitude, as 103.64, 37.22"),
    "draw_add_point": ("加点", "Add point"),
    "draw_add_centre": ("加在地图中心", "Add at the centre of the map"),
    "draw_done": ("完成", "Finish"),
    "draw_cancel": ("取消", "Cancel"),
    "draw_so_far": ("{n} 点，周长 {length}，面积 {area}", "{n} points, border {length}, area {area}"),
    "draw_so_long": ("{n} 点，长 {length}", "{n} points, length {length}"),
    "draw_measured": ("面积 {area}，周长 {length}，{n} 个顶点", "Area {area}, border {length}, {n} corners"),
    "draw_size": ("{area}，{n} 个顶点", "{area}, {n} corners"),
    "draw_border": ("边界", "Border"),
    "draw_corner": ("顶点", "Corner"),
    "draw_middle": ("在此加顶点：拖动或按回车", "Add a corner here: drag, or Enter"),
    "draw_set": ("移到坐标", "Move to coordinates"),
    "draw_to_centre": ("移到地图中心", "Move to the centre of the map"),
    "draw_add_corner": ("其后加一点", "Add one after it"),
    "draw_remove_corner": ("去掉此点", "Remove it"),
    "draw_split_by": ("用线分割", "Split by a line"),
    "draw_merge": ("合并", "Merge"),
    "draw_merge_with": ("与哪个相邻的合并", "Neighbour to merge with"),
    "draw_few": ("至少要三个点", "An area needs three points"),
    "draw_few_of_line": ("至少要两个点", "A line needs two points"),
    "draw_flat": ("{what} 的面积是零或小于 1 平方米", "{what} has no area, or less than 1 m²"),
    "draw_crosses": ("{what} 的边界会自相交", "The border of {what} would cross itself"),
    "draw_overlaps": ("{what} 会与 {other} 重叠", "{what} would overlap {other}"),
    "draw_outside": ("{what} 会超出县界", "{what} would reach beyond the county"),
    "draw_junction": (
        "几条边界在这里相接，去掉会出现空隙或重叠",
        "Several borders meet here: without it a gap or an overlap would open",
    ),
    "draw_fewest": ("三角形的顶点不能再少", "A triangle can lose no corner"),
    "draw_failed": ("没有做成：{reason}", "It failed: {reason}"),
    "draw_made": ("已画，面积 {area}；填写代码后可保存", "Drawn, area {area}; give it a code to save it"),
    "draw_split": (
        "{what} 分成了 {n}：大的留用代码，请填写新的一个的代码",
        "{what} is split into {n}: the larger keeps its code; give the new one a code",
    ),
    "draw_counts_gone": (
        "户数、人数等不知如何分，两边都已清空",
        "Households and other counts cannot be divided and are empty in both",
    ),
    "draw_merged": ("{other} 并入了 {what}", "{other} is merged into {what}"),
    "draw_bad_value": ("{field} 的值不成立", "{field} cannot have this value"),
    "draw_needs_code": ("新画的还没有代码", "The new one has no code yet"),
    "draw_code_taken": ("代码 {code} 已经有了", "The code {code} is taken"),
    "draw_saving": ("正在保存…", "Saving…"),
    "draw_saved": (
        "已保存 {n} 处改动；指标在下次分析后更新",
        "Saved {n} changes; figures follow with the next analysis",
    ),
    "draw_save_failed": ("未能保存，什么也没写：{reason}", "Not saved, nothing was written: {reason}"),
    "draw_took_theirs": (
        "已采用对方的；同边界的另 {n} 处改动一并放弃",
        "Took theirs; {n} more changes of the same border were discarded with it",
    ),
}  # fmt: skip
