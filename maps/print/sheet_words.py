"""The words that only the printed sheet uses: key -> (Chinese, English)."""

from __future__ import annotations

from collections.abc import Mapping

from geo.catalog.results import OWN_ZONES, zone_layer_names
from maps.style.words import WORDS

SHEET_WORDS: Mapping[str, tuple[str, str]] = {
    "sheet_original": ("{paper} 原图尺寸", "at {paper} original size"),
    "sheet_kilometres": ("千米", "km"),
    "sheet_metres": ("米", "m"),
    "sheet_grid_north": ("坐标北", "Grid north"),
    "sheet_convergence": ("子午线收敛角 {angle}", "Convergence {angle}"),
    "sheet_figures": ("主要指标", "Figures"),
    "sheet_only_possible": ("仅可能", "Only possibly"),
    "sheet_unseen": ("未覆盖", "Not seen"),
    "sheet_gap_count": ("盲区数", "Gaps"),
    "sheet_zones": ("{layer}（确定覆盖率，个数）", "{layer} by share surely seen (count)"),
    "sheet_sites": ("摄像机点位", "Camera sites"),
    "sheet_symbols_on_insets": ("圆点见主图，记号见放大图", "Dots: main map; symbols: insets"),
    "sheet_dot": ("网格内 {n} 个", "{n} in a grid"),
    "sheet_county_line": ("全域边界", "Edge of the area"),
    "sheet_township_line": ("乡镇界", "Township"),
    "sheet_zone_line": ("{layer}界", "{layer}"),
    "sheet_gap": ("盲区（{n} 处）", "Gaps ({n})"),
    "sheet_gap_part": ("盲区（{n} 处，本镇街）", "Gaps ({n}, your townships)"),
    "sheet_road": ("道路", "Road"),
    "sheet_water": ("水面", "Water"),
    "sheet_green": ("绿地", "Green"),
    "sheet_obstacle": ("建筑", "Building"),
    "sheet_own_zone": ("自有区域", "Own zone"),
    "sheet_neighbour": ("相邻区域", "Neighbouring zone"),
    "sheet_neighbour_site": ("域外点位（{n}）", "Site outside ({n})"),
    "sheet_seen": ("确定覆盖：{k}", "Surely seen by {k}"),
    "security_default": ("内部规划用图 不得公开", "Internal: not for publication"),
    "sheet_layers_left": ("按选择未画：{names}。", "Not drawn, as chosen: {names}."),
    "sheet_table": ("主要盲区（前 {n} 处，共 {total} 处）", "Worst gaps ({n} of {total})"),
    "sheet_table_more": ("主要盲区（续）", "Worst gaps (continued)"),
    "sheet_place": ("部位：{verdict}", "Place: {verdict}"),
    "sheet_cameras": ("摄像机点位（前 {n} 处，共 {total} 处）", "Camera sites ({n} of {total})"),
    "sheet_cameras_all": ("摄像机点位（{total} 处）", "Camera sites ({total})"),
    "sheet_cameras_left": (
        "{n} 处摄像机点位的表放不下，纸张大些可容纳。",
        "The table of {n} camera sites found no room: larger paper has it.",
    ),
    "sheet_camera_site": ("点位", "Site"),
    "sheet_camera_class": ("类", "Class"),
    "sheet_camera_status": ("状态", "Status"),
    "atlas_page": ("第{page}页", "p. {page}"),
    "atlas_page_of": ("第 {page} 页，共 {of} 页", "page {page} of {of}"),
    "atlas_page_front": ("第 {page} 页", "page {page}"),
    "atlas_title": ("图册", "Atlas"),
    "atlas_by_townships": ("按乡镇分图，共 {n} 张", "One sheet for each township: {n}"),
    "atlas_by_villages": ("按村分图，共 {n} 张", "One sheet for each village: {n}"),
    "atlas_by_grids": ("按网格分图，共 {n} 张", "One sheet for each grid: {n}"),
    "atlas_sheets": ("图纸", "Sheets"),
    "atlas_sheets_listed": ("图纸（前 {n} 张，共 {of} 张）", "Sheets ({n} of {of})"),
    "atlas_contents": ("目录", "Contents"),
    "atlas_contents_more": ("目录（续）", "Contents (continued)"),
    "atlas_cover": ("封面", "Cover"),
    "atlas_guide": ("怎样看这本图册", "How to read this atlas"),
    "atlas_sketch": ("一张图纸", "A sheet"),
    "atlas_index": ("图纸索引", "Index of sheets"),
    "atlas_directory": ("网格名录", "Directory of grids"),
    "atlas_col_page": ("页", "Page"),
    "atlas_col_name": ("名称", "Name"),
    "atlas_col_code": ("代码", "Code"),
    "atlas_col_scale": ("比例尺", "Scale"),
    "atlas_col_village": ("村", "Village"),
    "atlas_elsewhere": ("不属任何镇街", "In no township"),
    "atlas_not_in": ("本册没有图纸", "No sheet in this atlas"),
    "atlas_facts": ("图册资料", "About this atlas"),
    "atlas_partial_townships": (
        "本册只含您有权查看的镇街：{n} 张图纸，其他镇街不在册内。",
        "This atlas has the townships of your rights only: {n} sheets; others are not in it.",
    ),
    "atlas_part": (
        "本册只含所选范围：{n} 张图纸，全部共 {of} 张。",
        "This atlas has what was chosen only: {n} of {of} sheets.",
    ),
    "atlas_index_left": (
        "{n} 张图纸的页码因位置不足未在图上标注，见目录。",
        "The pages of {n} sheets found no room on the map: see the contents.",
    ),
    "atlas_index_how": (
        "图上数字是图纸的页码，颜色是该处的确定覆盖率。",
        "Numbers are pages of sheets, colours the share surely seen of each.",
    ),
    "atlas_to_index": ("到图纸索引", "to the index of sheets"),
    "sheet_claims_all": ("覆盖声明（{total} 项）", "Claims ({total})"),
    "sheet_claims": ("覆盖声明（前 {n} 项，共 {total} 项）", "Claims ({n} of {total})"),
    "sheet_claims_left": (
        "{n} 项覆盖声明的表放不下，纸张大些可容纳。",
        "The table of {n} claims found no room: larger paper has it.",
    ),
    "sheet_table_next": ("（续）", "(continued)"),
    "sheet_patrol": ("巡查片与各圈", "Patrol sectors and rounds"),
    "sheet_patrol_sector": ("巡查片 {n}（共 {of} 片）", "Patrol sector {n} of {of}"),
    "sheet_sectors": ("巡查片", "Sectors"),
    "sheet_stops_all": ("顺序与道路（{total} 处）", "The way, by number ({total})"),
    "sheet_stops": ("顺序与道路（前 {n} 处，共 {total} 处）", "The way, by number ({n} of {total})"),
    "sheet_patrol_how": (
        "从 1 出发，按箭头与号码走，走完全部盲段后回到 1。线画在前进方向的右侧：去与回是两条线。",
        "Start at 1, follow arrows and numbers, come back to 1. The line is at the right of the way, there and back.",
    ),
    "sheet_patrol_what": (
        "盲段是没有在线摄像机确定看得见的路段；各片按盲段长度均分，只按地点划分。下限是任何一圈都不短于它的长度。",
        "Unseen: what no online camera surely sees of roads, shared out by length. No round is shorter than its bound.",
    ),
    "patrol_from_start": ("距起点", "From start"),
    "patrol_on": ("道路", "Road"),
    "legend_direction": ("巡查一圈与方向", "Round and its direction"),
    "legend_start": ("起点与终点", "Start and end"),
    "legend_order": ("先后次序", "Order"),
    "sheet_reach": ("{kind}可达距离", "Reach of {kind}s"),
    "sheet_reach_what": (
        "线连接每个单元与最近的设施；距离沿道路计，路网到不了的按直线，线画成虚线。",
        "Lines join units and their nearest facility; lengths are by road, or straight and dashed where none reaches.",
    ),
    "sheet_reach_derived": (
        "另有派生部位 {n} 个不画，也不计入上面的部位数；数与距离见 reach 的表（.xlsx）。",
        "{n} derived places are neither drawn nor counted above; the table of reach (.xlsx) has them.",
    ),
    "sheet_reach_own": ("{n} 个，有自己的 {own} 个", "{n}, {own} with one of their own"),
    "sheet_reach_beyond": ("超过 {metres} m", "Beyond {metres} m"),
    "sheet_reach_unit": ("单元所在点", "Where the unit is taken to be"),
    "sheet_farthest": ("最远的单元（前 {n} 个，共 {total} 个）", "Farthest units ({n} of {total})"),
    "sheet_own_part": ("（本镇街）", " (your townships)"),
    "sheet_gaps_hidden": (
        "您的权限不含图内的盲区，未列出。",
        "Not shown: your rights do not include the gaps on this sheet.",
    ),
    "sheet_no_own_gaps": (
        "您有权查看的镇街在图内没有盲区。",
        "The townships of your rights have no gap on this sheet.",
    ),
    "sheet_table_hidden": ("主要盲区", "Worst gaps"),
    "sheet_no_gaps": ("图内没有盲区。", "There is no gap on this sheet."),
    "sheet_square": ("图格", "Sq."),
    "sheet_device": ("摄像机 / 遮挡物", "Camera / obstacle"),
    "sheet_notes": ("说明", "Notes"),
    "sheet_prefix": (
        "图上代码省略前 {digits} 位（{what}），检索时可用全码。",
        "Codes on the map leave out their first {digits} digits ({what}); a search finds the full code.",
    ),
    "sheet_prefix_6": ("县级代码", "the county"),
    "sheet_prefix_9": ("县、乡镇代码，乡镇见图上名称", "county and township, which the map names"),
    "sheet_prefix_9_alone": ("县、乡镇代码", "county and township"),
    "sheet_prefix_12": ("县、乡镇、村代码", "county, township and village"),
    "sheet_labels": (
        "{layer}代码标注 {placed} 个，因位置不足省略 {left} 个。",
        "{layer}: {placed} codes placed, {left} left out for want of room.",
    ),
    "sheet_names_left": ("省略名称：{names}。", "Names left out: {names}."),
    "sheet_numbers_left": (
        "表中第 {numbers} 处因位置不足未在图上编号。",
        "Numbers {numbers} of the table found no place on the map.",
    ),
    "sheet_missing": ("字体缺字：{chars}，图上以方框代替。", "The font lacks {chars}: drawn as boxes."),
    "scheme_quantile": ("分位数", "quantiles"),
    "scheme_natural": ("自然断点（Fisher）", "natural breaks (Fisher)"),
    "sheet_scheme": (
        "分级用{scheme}，只在本图内可比，与其他图纸、其他日期不可比。",
        "Classes are {scheme}: they compare within this sheet only, not with other sheets or days.",
    ),
    "sheet_scheme_unused": (
        "本图比例尺画地面，不按覆盖率分级上色，所选分级方法没有用到。",
        "At this scale the sheet shows ground and no classes: the scheme asked for is not used.",
    ),
    "sheet_dominant": (
        "{label} 一级占{layer} {of} 个中的 {n} 个；要在其中再区分，分级改用自然断点（natural：{edges}）。",
        "{layer}: {n} of {of} are in the class {label}; natural breaks (natural: {edges}) tell them apart.",
    ),
    "sheet_sites_left": (
        "点位表中 {numbers} 号因位置不足未在图上编号。",
        "Numbers {numbers} of the table of sites found no place on the map.",
    ),
    "sheet_view_sector": ("视场扇形（水平视场角）", "Sector of hfov"),
    "sheet_ground_left": (
        "{n} 个村与水面的名称因位置不足未标。",
        "The names of {n} villages and waters found no room.",
    ),
    "sheet_roads_left": (
        "{n} 条道路的名称因位置不足未标。",
        "The names of {n} roads found no room.",
    ),
    "sheet_thinned": (
        "因太密省略部位与设施的记号 {n} 个，图例的个数是全部的。",
        "{n} symbols of places and facilities are left out where they crowd; the legend counts all.",
    ),
    "sheet_insets_left": (
        "{n} 个集镇的放大图放不下：{names}。",
        "Larger maps of {n} town centres found no room: {names}.",
    ),
    "sheet_outside": ("{n} 个点位在图幅之外。", "{n} sites lie outside the map."),
    "sheet_rejected": ("输入中有 {n} 行未通过检查，未参与计算。", "{n} rows of the input were rejected and not used."),
    "sheet_more_notes": ("批次另有 {n} 条说明，见其摘要。", "The run has {n} more notes: see its summary."),
    "sheet_more_lines": ("……另有 {n} 行说明放不下。", "… {n} more lines of notes found no room."),
    "sheet_adjoining": ("相邻：{names}。", "Adjoining: {names}."),
    "sheet_nothing": ("没有可绘制的内容。", "There is nothing to draw."),
    "sheet_facts": ("图幅资料", "About this sheet"),
    "sheet_target": ("目标高度", "Target height"),
    "sheet_partial_townships": (
        "摄像机与盲区只画出您有权查看的镇街的",
        "Cameras and gaps are shown for the townships of your rights only",
    ),
    "sheet_partial_figures": (
        "您的权限不含摄像机与盲区，图上未画",
        "Your rights do not include cameras and gaps, so none are shown",
    ),
    "sheet_sure_note": (
        "“确定”指无论未知参数如何都能看到，“可能”指未知参数取某值时能看到；盲区为评价范围内未确定覆盖之处。",
        "Sure: seen whatever the unknowns are. Possible: seen for some value of them. Gap: domain not surely seen.",
    ),
    "sheet_subject": (
        "公共区域视频覆盖、盲区与网格；比例尺 1:{scale}；{crs}",
        "Public-space camera coverage, gaps and grids; scale 1:{scale}; {crs}",
    ),
    "direction_0": ("北", "N"),
    "direction_1": ("东北", "NE"),
    "direction_2": ("东", "E"),
    "direction_3": ("东南", "SE"),
    "direction_4": ("南", "S"),
    "direction_5": ("西南", "SW"),
    "direction_6": ("西", "W"),
    "direction_7": ("西北", "NW"),
}


def sheet_word(key: str, lang: str, **values: object) -> str:
    """Return the text of a key in ``zh``, or in English for any other language, with its values filled in."""
    own = zone_layer_names(key) if key.startswith(OWN_ZONES) else None
    pair = own or SHEET_WORDS.get(key) or WORDS[key]
    text = pair[0 if lang == "zh" else 1]
    return text.format(**values) if values else text


def security_text(security: str, lang: str) -> str:
    """Return the classification as the data have it; the one that stands where none is given, in the language.

    Examples
    --------
    >>> security_text("内部规划用图 不得公开", "en"), security_text("公开", "en")
    ('Internal: not for publication', '公开')
    """
    return sheet_word("security_default", lang) if security == sheet_word("security_default", "zh") else security
