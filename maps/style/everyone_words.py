"""Say what helps everybody to use the page: keys, a phone, hints, paper; as key -> (Chinese, English)."""

from __future__ import annotations

EVERYONE_WORDS = {
    "skip_to_map": ("跳到地图", "Skip to the map"),
    "pull_panels": ("上拉或下拉面板", "Pull the panels up or down"),
    "crosshair_list": ("十字线下的内容", "What lies under the crosshair"),
    "crosshair_under": ("十字线下：{what}。按回车选择第一项", "Under the crosshair: {what}. Enter selects the first"),
    "crosshair_nothing": ("十字线下没有内容", "Nothing lies under the crosshair"),
    "crosshair_cameras": ("{n} 台摄像机", "{n} cameras"),
    "help": ("使用提示", "Hints"),
    "hints": ("怎样使用", "How to use this page"),
    "hint_scope": (
        "点地图上的乡镇、村或网格：指标、列表、下载都随它变。按 Esc 取消。",
        "Click a township, village or grid: figures, lists and downloads become its own. Esc takes it back.",
    ),
    "hint_search": (
        "按 / 搜索地址、编号、名称或坐标。",
        "Press / to search for addresses, codes, names or coordinates.",
    ),
    "hint_legend": (
        "图例开关图层、换着色指标和底图。",
        "The legend switches layers, the figure that colours, and base maps.",
    ),
    "hint_keys": (
        "只用键盘：Tab 到地图，方向键移动，回车选择十字线下的内容。",
        "By keys alone: Tab to the map, arrows move it, Enter selects what is under the crosshair.",
    ),
    "hints_close": ("知道了", "Got it"),
    "print_centre": ("图幅中心", "Centre"),
    "try_again": ("重新载入", "Load again"),
    "counts_in_view": ("个数只计图中所见", "Counts are of the view"),
}
