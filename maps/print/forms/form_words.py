"""Hold the words of forms and of the sheets of sectors and drafts, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

FORM_WORDS: Mapping[str, tuple[str, str]] = {
    # every page
    "page": ("第 {n} 页，共 {of} 页", "page {n} of {of}"),
    "foot": ("数据日期 {day} · 批次 {run} · {crs}", "data of {day} · run {run} · {crs}"),
    "none": ("无", "none"),
    "more": ("其余 {n} 处未列", "{n} more not listed"),
    "no_personal_data": ("只记地点，不记人", "Places, not people"),
    # the form of a site
    "camera_title": ("摄像机点位表（一点一表）", "Camera site form"),
    "site": ("点位", "Site"),
    "address": ("位置", "Where"),
    "position": ("坐标", "Position"),
    "projected": ("平面坐标", "Projected"),
    "owner_grids": ("所属网格", "Grid"),
    "owner_villages": ("所属村社区", "Village"),
    "owner_townships": ("所属镇街", "Township"),
    "lenses": ("镜头", "Lenses"),
    "number": ("号", "No."),
    "optics": ("视场角 横×纵", "Field of view h × v"),
    "height": ("安装高度", "Height"),
    "image": ("图像", "Image"),
    "range": ("作用距离", "Range"),
    "sees": ("确定 / 可能", "Sure / possible"),
    "assumed": ("* 没有写明，按缺省计（规则 U4）。", "* Not given: the default is taken (rule U4)."),
    "also_assumed": ("{n} 号：{what}", "No. {n}: {what}"),
    "no_view": ("此批次没有其视域", "this run has no view of it"),
    "unknown_azimuth": ("朝向不明", "unknown"),
    "all_round": ("全向", "all round"),
    "dials": ("朝向（真北起顺时针）", "Directions, clockwise from true north"),
    "photo": ("现场照片", "Photograph of the site"),
    "photo_hint": ("（贴照片处）", "(paste here)"),
    "watched": ("视域内的重点部位", "Places in view"),
    "protected": ("视域内的保护区", "Protected places in view"),
    "protected_note": ("只列与视域相交者；暴露没有计算。", "Those that a view meets; exposure is not computed."),
    "protected_unknown": ("库中没有保护区", "the store has no protected places"),
    "name": ("名称", "Name"),
    "kind": ("类型", "Kind"),
    "rule": ("规则", "Rule"),
    "distance": ("距离", "Distance"),
    "view": ("视域", "View"),
    "lens_of": ("镜头", "Lens"),
    "sure": ("确定", "sure"),
    "possible": ("可能", "possible"),
    "remarks": ("现场核对与备注", "Checked on site, remarks"),
    # the sheet of a draft
    "draft_title": ("摄像机改动草案", "Draft of changes to cameras"),
    "before": ("改动前", "Before"),
    "after": ("改动后", "After"),
    "one_scale": ("两图同一比例尺、同一范围", "Both maps at one scale, of one extent"),
    "changes": ("改动（共 {n} 处）", "Changes ({n})"),
    "changes_before": ("见前页", "On the sheets before"),
    "camera": ("摄像机", "Camera"),
    "change": ("改动", "Change"),
    "change_added": ("新增", "added"),
    "change_removed": ("拆除", "removed"),
    "change_moved": ("移动", "moved"),
    "change_turned": ("转向", "turned"),
    "change_failing": ("停用", "fails"),
    "change_changed": ("改参数", "changed"),
    "what_differs": ("原 → 新", "Was → is"),
    "moved_by": ("移动 {metres} 米（向{way}）", "moved {metres} m ({way})"),
    "as_new": ("方位角 {azimuth}，视场角 {hfov}", "azimuth {azimuth}, field of view {hfov}"),
    "surely_before_after": ("确定视域 原 → 新", "Sure view was → is"),
    "figures": ("指标变化", "Figures"),
    "figures_note": ("按 {day} 的数据试算（规则 C3）", "tried on the data of {day} (rule C3)"),
    "zone": ("区域", "Zone"),
    "sure_before": ("确定 原", "Sure was"),
    "possible_before": ("可能 原", "Possible was"),
    "gap_before": ("盲区 m² 原", "Gap m² was"),
    "then": ("新", "is"),
    "difference": ("差", "differs"),
    "none_in_reach": ("没有区域的指标会变", "No figure of a zone would change"),
    "exposure": ("暴露（尚未计算，留空待填）", "Exposure (not computed, left empty)"),
    # the sheet of views
    "sector_title": ("视域图", "Views of cameras"),
    "cameras_here": ("本图的摄像机（{n} 台）", "Cameras on this sheet ({n})"),
    "cut_note": ("遮挡：建筑挡去的视域之占比", "Cut: share of a view that buildings take"),
    "field_of_view": ("视场角", "View"),
    "cut": ("遮挡", "Cut"),
    "by_default": ("按缺省计", "Assumed"),
    # what maps show
    "legend_camera": ("摄像机与号", "Camera and number"),
    "legend_others": ("别的摄像机", "Other cameras"),
    "legend_sure": ("确定看见", "Surely seen"),
    "legend_possible": ("可能看见", "Possibly seen"),
    "legend_blind": ("扇形内看不见之处", "Not seen within its sector"),
    "legend_cut": ("挡住视线的建筑", "Building that cuts a view"),
    "legend_building": ("别的建筑", "Other building"),
    "legend_road": ("道路", "Road"),
    "legend_zone": ("网格界", "Border of grids"),
    "legend_place": ("重点部位", "Place of a claim or list"),
    "legend_protected": ("保护区", "Protected place"),
}  # fmt: skip


def form_word(key: str, lang: str, **values: object) -> str:
    """Return the text of a key in ``zh``, or in English for any other language, with its values filled in.

    Examples
    --------
    >>> form_word("page", "zh", n=1, of=2), form_word("site", "en")
    ('第 1 页，共 2 页', 'Site')
    """
    text = FORM_WORDS[key][0 if lang == "zh" else 1]
    return text.format(**values) if values else text
