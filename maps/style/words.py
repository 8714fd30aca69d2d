"""Define every word of the page and the sheet once, as key -> (Chinese, English).

Append a section for a new medium; a key is used by one meaning only. ``{name}`` marks a place for a value.
"""

from __future__ import annotations

from collections.abc import Mapping

from geo.catalog.claims import ANSWER_NAMES, CLAIMS_OF_RUN, PLACES_OF_RUN
from geo.catalog.editions import DOMAIN_NAMES, EDITIONS, LEVEL_NAMES
from geo.catalog.kinds import AREA_KINDS, PLACE_KINDS
from geo.catalog.layers import DRAWN, LAYERS, NO_CLASS
from geo.catalog.results import (
    ALL,
    ALL_NAMES,
    GAP_CAUSES,
    GAPS,
    OWN_ZONES,
    VIEW_FIELDS,
    VIEWS,
    ZONE_FIGURES,
    ZONE_LAYERS,
    ZONES,
)
from geo.catalog.suggestion_whys import WHYS

_SHARED = {
    "title": ("公共区域监控覆盖与网格管理图", "Camera coverage and grid management"),
    "product": ("格眼 Gridsight", "Gridsight"),
    "internal_use": ("内部规划用图", "For internal planning"),
    "no_personal_data": ("只涉及地点，不含任何个人信息", "Places only: no personal data"),
    "level": ("评价级别", "Level"),
    "edition": ("标准版本", "Edition"),
    "domain": ("评价范围", "Domain"),
    "run": ("分析批次", "Run"),
    "made": ("制图日期", "Made"),
    "data_date": ("数据日期", "Data date"),
    "crs": ("坐标系", "CRS"),
    "computing_crs": ("计算坐标系", "Computing CRS"),
    "source": ("数据来源", "Source"),
    "security": ("密级", "Classification"),
    "review_number": ("审图号", "Review no."),
    "legend": ("图例", "Legend"),
    "sure": ("确定覆盖", "Surely seen"),
    "possible": ("可能覆盖", "Possibly seen"),
    "no_data": ("无数据", "No data"),
    "camera": ("摄像机", "Camera"),
    "gap": ("盲区", "Gap"),
    "gaps": ("盲区", "Gaps"),
    "zone": ("区域", "Zone"),
    "obstacle": ("遮挡物", "Obstacle"),
}

#: What the catalogue declares: layers, zone layers, values of cameras, levels, domains, figures, causes (rule G2).
_CATALOGUE = {
    **{name: (LAYERS[name].zh, LAYERS[name].en) for name in ("cameras", *DRAWN)},
    **{one.name: (one.zh, one.en) for one in ZONES},
    **{f"{OWN_ZONES}{one.name}": (one.zh, one.en) for one in AREA_KINDS},
    ALL: ALL_NAMES,
    **{f"class_{one.name}": (one.zh, one.en) for one in LAYERS["cameras"].field("class").values},
    "class_none": NO_CLASS,
    "status_unknown": ("状态未知", "status unknown"),
    **{
        one.name: (one.zh, one.en)
        for one in (
            *(LAYERS["cameras"].field(name) for name in LAYERS["cameras"].popup_fields),
            *(VIEWS.field(name) for name in VIEW_FIELDS),
        )
    },
    **{one.name: (one.zh, one.en) for field in ("status", "kind") for one in LAYERS["cameras"].field(field).values},
    **{
        f"level_{level}": (f"{LEVEL_NAMES[level][0]} {ppm:g} px/m", f"{LEVEL_NAMES[level][1]} {ppm:g} px/m")
        for levels in EDITIONS.values()
        for level, ppm in levels.items()
    },
    **{f"domain_{name}": words for name, words in DOMAIN_NAMES.items()},
    **{f"figure_{one.name}": (one.zh, one.en) for one in ZONE_FIGURES if one.zh},
    "cause": (GAPS.field("cause").zh, GAPS.field("cause").en),
    **{f"cause_{one.name}": (one.zh, one.en) for one in GAP_CAUSES},
    **{f"because_{one.name}": (one.because_zh, one.because_en) for one in GAP_CAUSES},
    "because_none": ("没有在线摄像机。", "There is no online camera."),
    **{f"verdict_{one.name}": (one.zh, one.en) for one in PLACES_OF_RUN.field("verdict").values},
    **{f"verdict_{one.name}": (one.zh, one.en) for one in CLAIMS_OF_RUN.field("verdict").values},
    **{f"unit_{one.name}": (one.zh, one.en) for one in PLACES_OF_RUN.field("unit").values},
    **{f"place_{one.name}": (one.zh, one.en) for one in PLACE_KINDS},
    **{f"claim_{one.name}": (one.zh, one.en) for one in CLAIMS_OF_RUN.fields},
    **{name: words for name, words in ANSWER_NAMES.items() if name != "places"},
}
#: Layers that the page switches on and off.
_SWITCHES = {f"layer_{name}": _CATALOGUE[name] for name in ("cameras", *DRAWN, *ZONE_LAYERS)}

#: Column names of the zone and gap tables (docs/contract.md section 1) as people read them.
_COLUMNS = {
    "col_code": ("代码", "Code"),
    "col_name": ("名称", "Name"),
    "col_possible": ("可能已覆盖", "Possibly seen"),
    **{f"col_{one.name}": (one.zh, one.en) for one in GAPS.fields},
    **{f"col_{one.name}": (one.field.zh, one.field.en) for one in ZONE_FIGURES},
}

_PAGE = {
    "skip_to_list": ("跳到盲区列表", "Skip to the gap list"),
    "search": ("搜索", "Search"),
    "search_hint": ("网格代码、名称、村镇、摄像机编号或经纬度", "Grid code, name, village, camera id or lon, lat"),
    "search_hint_served": (
        "地址、网格代码、名称、村镇、摄像机编号或经纬度",
        "Address, grid code, name, village, camera id or lon, lat",
    ),
    "search_none": ("没有找到", "Nothing found"),
    "search_count": ("{n} 个结果", "{n} results"),
    "search_address": ("按地址查找“{text}”", "Look up the address “{text}”"),
    "search_point": ("坐标 {text}（{crs}）", "Point {text} ({crs})"),
    **{f"suggest_{why}": words for why, words in WHYS.items()},
    "province": ("省", "Province"),
    "city": ("市", "City"),
    "locate_score": ("可信度 {share}", "probability {share}"),
    "search_failed": ("查询失败：{reason}", "The look-up failed: {reason}"),
    "located_in": ("{name} 所属：{grid}", "{name} belongs to {grid}"),
    "located_part": (
        "{name} 只认出一部分，认出的地方属于 {grid}",
        "Only part of {name} is known; that part belongs to {grid}",
    ),
    "located_none": ("{name} 不在任何网格内", "{name} lies in no grid"),
    "address_unknown": ("地址库中没有 {name}", "No address {name} is known"),
    "address_part": ("{name} 只认出 {known}，归不到网格", "Of {name} only {known} is known, and no grid"),
    "address_no_grid": ("{name} 归不到网格", "{name} is known, but no grid for it"),
    "link_absent": ("链接所指的 {what} 不在本批次中", "The link's {what} is not in this run"),
    "locate_status_matched": ("已匹配", "matched"),
    "locate_status_ambiguous": ("有多个候选", "ambiguous"),
    "locate_status_partial": ("部分匹配", "partly matched"),
    "locate_status_not_found": ("未找到", "not found"),
    "place": ("位置", "Place"),
    "tab_gaps": ("盲区", "Gaps"),
    "tab_zones": ("区域表", "Zones"),
    "tab_export": ("导出", "Export"),
    "kpi_sure": ("确定覆盖率", "Surely seen"),
    "kpi_possible": ("可能覆盖率", "Possibly seen"),
    "kpi_domain": ("评价面积", "Domain area"),
    "kpi_cameras": ("在线点位", "Sites online"),
    "kpi_offline": ("全部摄像机离线的点位 {n}", "{n} sites with every camera offline"),
    "kpi_gaps": ("盲区", "Gaps"),
    "colon": ("：", ": "),
    "note_assumed": ("按缺省计 {n} 台：{what}", "Assumed for {n} cameras: {what}"),
    "kpi_headline": ("总体指标", "Headline figures"),
    "theme": ("深色 / 浅色", "Dark / light"),
    "language": ("English", "中文"),
    "zoom_in": ("放大", "Zoom in"),
    "zoom_out": ("缩小", "Zoom out"),
    "home": ("全图", "Whole map"),
    "map_label": ("覆盖地图，可用方向键平移、加减键缩放", "Coverage map: arrow keys pan, plus and minus zoom"),
    "zone_layer": ("区域图层", "Zone layer"),
    "show_by": ("着色指标", "Colour by"),
    "layer_gaps": ("盲区", "Gaps"),
    "layer_coverage": ("覆盖重数", "Seen by how many sites"),
    "layer_views": ("单机视域（确定）", "Single views (sure)"),
    "layer_possible": ("单机视域（可能）", "Single views (possible)"),
    "layer_labels": ("名称标注", "Names"),
    "layer_rounds": ("巡查片与各圈", "Patrol rounds"),
    "patrol_sector": ("巡查片", "Sector"),
    "patrol_roads": ("道路数", "Roads"),
    "patrol_pieces": ("盲段长", "Unseen"),
    "patrol_length": ("一圈长", "Round"),
    "patrol_bound": ("下限", "Bound"),
    "patrol_ratio": ("一圈 / 下限", "Round / bound"),
    "patrol_parts": ("须分几次", "Parts"),
    "layer_reach": ("设施可达", "Reach of facilities"),
    "reach_road": ("沿道路", "By road"),
    "reach_air": ("直线（无路可达）", "Straight (no road reaches)"),
    "reach_facility": ("最近设施", "Nearest facility"),
    "reach_facility_name": ("最近设施名称", "Name of the nearest facility"),
    "reach_own_facilities": ("自己的设施", "Its own facilities"),
    "reach_own": ("有自己的", "One of its own"),
    "reach_unit": ("单元", "Unit"),
    "reach_how": ("量法", "Measured"),
    "reach_distance": ("距离", "Distance"),
    "legend_pieces": ("盲段：无在线摄像机确定看见", "Unseen: surely seen by no camera online"),
    "legend_round": ("巡查一圈", "Round"),
    "legend_rounds": ("各片一圈，一片一色", "Rounds, a colour for each sector"),
    "layer_verdicts": ("重点部位的结论", "Places by verdict"),
    "claim_all": ("全部声明（每处取最差的结论）", "All claims (the worst verdict of a place)"),
    "claim_none": ("不属于任何声明", "Of no claim"),
    "place_seen": ("看得见", "It is seen"),
    "place_stands": ("附近有点位", "A camera stands there"),
    "place_near": ("30 m 内在线点位", "Sites online within 30 m"),
    "place_shares": ("确定 / 可能看见", "Surely / possibly seen"),
    "place_assessed": ("评价部分", "Assessed part"),
    "k_1": ("1 个点位", "1 site"),
    "k_2": ("2 个点位", "2 sites"),
    "k_3": ("3 个及以上", "3 or more"),
    "no_zones": ("不显示", "None"),
    "filter": ("筛选区域、成因或摄像机", "Filter by zone, cause or camera"),
    "zone_ambiguous": ("“{text}”有 {n} 个，请选一个", "{n} zones are named {text}: choose one"),
    "all_causes": ("全部成因", "All causes"),
    "gap_ranked": ("按未覆盖权重排序", "Ranked by unseen weight"),
    "gap_shown": ("显示 {shown} / {total}", "{shown} of {total} shown"),
    "gap_none": ("没有盲区", "No gaps"),
    "gap_n": ("盲区 {n}", "Gap {n}"),
    "possibly_seen": ("可能已覆盖", "possibly seen"),
    "table_shown": ("显示 {shown} / {total} 行，点表头排序", "{shown} of {total} rows; headers sort"),
    "table_filter": ("筛选本区域或上级的代码、名称", "Filter by code or name, its own or of a larger zone"),
    "downloads": ("数据下载", "Downloads"),
    "print": ("打印", "Print"),
    "print_sheet": ("打印图幅（PDF）", "Printed sheet (PDF)"),
    "print_page": ("打印此页", "Print this page"),
    "paper": ("纸张", "Paper"),
    "print_zone": ("图幅范围", "Extent"),
    "print_all": ("全域", "Whole area"),
    "print_selected": ("所选区域 {code}", "Selected zone {code}"),
    "copy_link": ("复制当前视图链接", "Copy a link to this view"),
    "copied": ("链接已复制", "Link copied"),
    "notes": ("说明", "Notes"),
    "loading": ("正在载入…", "Loading…"),
    "sign_in": ("登录", "Sign in"),
    "closed_public": ("登录后可见盲区与摄像机", "Sign in to see gaps and cameras"),
    "closed_viewer": ("您的权限不含盲区与摄像机", "Your rights do not include gaps and cameras"),
    "load_failed": ("载入失败：{what}（{reason}）", "Could not load {what} ({reason})"),
    "run_published": (
        "这不是已发布的批次；查看已发布的批次（{date}）",
        "This is not the published run: see the published run of {date}",
    ),
    "run_default": (
        "这不是默认显示的批次；查看默认的批次（{date}）",
        "This is not the run shown by default: see the run of {date}",
    ),
    "run_newer": ("有更新的批次（{date}）", "There is a newer run, of {date}"),
    "no_run": ("还没有分析结果，请先运行 gridsight analyze", "There is no run yet: use gridsight analyze first"),
    "note_simplified": (
        "图形为显示而简化（容差 {metres} m）；面积等数字来自原始图形。",
        "Shapes are simplified for display (tolerance {metres} m); areas and other figures come from the full shapes.",
    ),
    "note_left_out": (
        "为控制文件大小，未含：{layers}。联机页面与下载文件中完整。",
        "Left out to keep the file small: {layers}. The served page and the downloads have them whole.",
    ),
    "note_gap_shapes": (
        "仅前 {n} 个盲区绘出图形，其余以点表示；列表与下载中完整。",
        "Only the first {n} gaps are drawn as shapes, the rest as points; list and downloads have them all.",
    ),
    "note_gap_rows": (
        "为控制文件大小，只含前 {n} 个盲区，共 {total} 个；数据下载中完整。",
        "Only the first {n} of {total} gaps are in this file; the downloads of the served page have them all.",
    ),
    "note_sure_possible": (
        "“确定”指无论未知参数如何都能看到；“可能”指未知参数取某值时能看到。",
        "“Sure” is seen whatever the unknowns are; “possible” is seen for some value of them.",
    ),
    "gap_hatched": ("未覆盖的评价范围", "Domain not seen"),
    "table_wide": ("展开", "Widen"),
    "table_more": ("再显示 {n} 行", "Show {n} more"),
    "address": ("地址库", "Address book"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "comma": ("、", ", "),
    "azimuth_unknown": ("朝向不明", "azimuth unknown"),
    "close": ("关闭", "Close"),
    "selected": ("已选择 {what}", "Selected {what}"),
    "hectares": ("公顷", "ha"),
    "script_needed": ("此页需要启用 JavaScript。", "This page needs JavaScript."),
}

#: Key -> (Chinese, English).
WORDS: Mapping[str, tuple[str, str]] = {
    **_SHARED,
    **_CATALOGUE,
    **_SWITCHES,
    **_COLUMNS,
    **_PAGE,
}


def language_tag(lang: str) -> str:
    """Return the tag of a language for documents (RFC 5646): ``zh-CN`` for ``zh``, ``en`` for any other.

    Examples
    --------
    >>> language_tag("zh"), language_tag("en")
    ('zh-CN', 'en')
    """
    return "zh-CN" if lang == "zh" else "en"


def title_of(county: str) -> tuple[str, str]:
    """Return the title of a map or a sheet in Chinese and English; ``county`` is empty where none is known."""
    zh, en = WORDS["title"]
    return f"{county}{zh}", f"{en}{', ' if county else ''}{county}"


def word(key: str, lang: str) -> str:
    """Return the word in ``zh`` (Chinese) or any other language as English; raise KeyError for an unknown key."""
    return WORDS[key][0 if lang == "zh" else 1]
