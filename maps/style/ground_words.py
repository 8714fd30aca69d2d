"""Say the words of base maps and of the ground drawn from the store, as key -> (Chinese, English)."""

from __future__ import annotations

GROUND_WORDS = {
    "own_ground": ("底图：道路与建筑", "Base map: roads and buildings"),
    "ground/roads": ("道路", "Roads"),
    "ground/obstacles": ("建筑", "Buildings"),
    "ground/areas": ("水面与绿地", "Water and green"),
    "base_map": ("底图", "Base map"),
    "base_none": ("无底图", "No base map"),
    "base_opacity": ("底图不透明度", "Opacity of the base map"),
    "base_grey": ("灰度底图", "Base map in grey"),
    "base_date": ("底图数据日期", "Base map's data"),
    "base_review": ("底图审图号", "Base map's review no."),
    "base_secret": ("底图密级", "Base map's class"),
    "sheet_base_part": (
        "底图 {name} 只盖住图上的 {share}，其余处是白纸。",
        "The base map {name} has {share} of this map only; elsewhere the paper is white.",
    ),
    "sheet_base_absent": (
        "底图 {name} 在此比例尺、此范围没有瓦片，未印。",
        "The base map {name} has no tiles of this scale here; it is not printed.",
    ),
    "note_base": (
        "底图 {name} 只含级别 {levels}（{n} 块瓦片），再放大时由最细一级放大。",
        "Of the base map {name} this file has the levels {levels} ({n} tiles); beyond them the finest is enlarged.",
    ),
    "note_base_absent": (
        "底图 {name} 在此范围没有瓦片，或放不进文件。",
        "The base map {name} has no tiles here, or none that fit into this file.",
    ),
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
