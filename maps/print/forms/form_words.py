"""Hold the words of forms and of the sheets of sectors and proposals, in Chinese and English."""

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
