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
from maps.style.change_words import CHANGE_WORDS
from maps.style.data_words import DATA_WORDS
from maps.style.desk_words import DESK_WORDS
from maps.style.draw_words import DRAW_WORDS
from maps.style.everyone_words import EVERYONE_WORDS
from maps.style.ground_words import GROUND_WORDS
from maps.style.measure_words import MEASURE_WORDS
from maps.style.page_words import PAGE_WORDS
from maps.style.press_words import PRESS_WORDS
from maps.style.reading_words import READING_WORDS
from maps.style.row_sheet_words import SHEET_WORDS
from maps.style.run_words import RUN_WORDS

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

#: Key -> (Chinese, English).
WORDS: Mapping[str, tuple[str, str]] = {
    **_SHARED,
    **_CATALOGUE,
    **_SWITCHES,
    **_COLUMNS,
    **MEASURE_WORDS,
    **PAGE_WORDS,
    **PRESS_WORDS,
    **CHANGE_WORDS,
    **DATA_WORDS,
    **DESK_WORDS,
    **DRAW_WORDS,
    **GROUND_WORDS,
    **READING_WORDS,
    **EVERYONE_WORDS,
    **RUN_WORDS,
    **SHEET_WORDS,
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
