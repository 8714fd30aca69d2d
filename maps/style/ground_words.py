"""Say the words of base maps and of the ground drawn from the store, as key -> (Chinese, English)."""

from __future__ import annotations

GROUND_WORDS = {
    "base_map": ("底图", "Base map"),
    "base_none": ("无底图", "No base map"),
    "base_opacity": ("底图不透明度", "Opacity of the base map"),
    "base_grey": ("灰度底图", "Base map in grey"),
    "base_date": ("底图数据日期", "data of"),
    "base_closer": ("放大后显示", "shown when zoomed in"),
    "base_gone": ("没有底图 {name}", "There is no base map {name}"),
    "base_trouble": (
        "底图 {name} 有的瓦片没有取到，其余照常",
        "Some tiles of the base map {name} did not come; all else goes on",
    ),
    "base_trouble_because": (
        "底图 {name} 有的瓦片没有取到（{reason}），其余照常",
        "Some tiles of the base map {name} did not come ({reason}); all else goes on",
    ),
}
