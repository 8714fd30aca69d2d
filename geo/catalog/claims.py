"""Declare what a run says of places, claims, rates, unknown values: words, tables of answers (rules P1-P6, U1)."""

from __future__ import annotations

from collections.abc import Mapping

from geo.catalog.editions import LEVEL_NAMES
from geo.catalog.fields import Choice, integer, number, text
from geo.catalog.kinds import FACILITY_KINDS, PLACE_KINDS
from geo.catalog.ledger_fields import LEDGER
from geo.catalog.results import RunTable

#: What the field ``source`` of a place says that was made from other layers (rule P5).
DERIVED = "derived"

_PLACE_VERDICTS = (
    Choice("covered", "已覆盖", "covered"),
    Choice("maybe", "可能覆盖", "maybe covered"),
    Choice("not_covered", "未覆盖", "not covered"),
    Choice("nothing", "无可评价部分", "nothing to assess"),
)
#: Verdicts on a place, in the order of a claim's counts (rules P2, P4).
VERDICTS = tuple(one.name for one in _PLACE_VERDICTS)
_CLAIM_VERDICTS = (
    Choice("holds", "成立", "holds"), Choice("may_hold", "可能成立", "may hold"), Choice("fails", "不成立", "fails"),
)  # fmt: skip
#: Verdict on a claim -> its words in Chinese and English.
CLAIM_VERDICT_WORDS = {one.name: (one.zh, one.en) for one in _CLAIM_VERDICTS}
_LEVELS = tuple(Choice(name, zh, en) for name, (zh, en) in LEVEL_NAMES.items())
_YES_NO = (Choice("True", "是", "yes"), Choice("False", "否", "no"))
_UNITS = (Choice("m2", "平方米", "m2"), Choice("m", "米", "m"), Choice("count", "处", "points"))

#: The shares of a place, surely and possibly seen.
SEEN_SHARES = ("sure_share", "possible_share")
#: What a caller without a key does not get of places and claims, and what only a planner gets of the township's.
CAMERA_FIELDS = ("counted", "near")
SCOPED_FIELDS = ("near",)

#: What ``claims`` tells of each place (docs/contract.md section 6).
PLACE_MEMBERS = (
    "claim", "code", "name", "kind", "level", "share", "unit", "assessed", "sure_share", "possible_share", "verdict",
    "near", "counted", "township",
)  # fmt: skip
#: What the command line lists of a claim, and of a place.
CLAIM_COLUMNS = (
    "claim", "verdict", "level", "share", "places", "covered", "maybe", "not_covered", "nothing", "counted",
    "covered_share",
)  # fmt: skip
PLACE_COLUMNS = ("claim", "code", "name", "kind", "share", "sure_share", "possible_share", "verdict", "near")
#: What a place without a share must have surely seen (rule P2), by its unit; of a claim the three together.
LEAST_SEEN = {"m2": ("≥1 m²", ">=1 m2"), "m": ("≥1 m", ">=1 m"), "count": ("该点", "the point")}
LEAST_SEEN_OF_CLAIM = ("未写（≥1 m²、1 m 或该点）", "none (>=1 m2, 1 m or the point)")

PLACES_OF_RUN = RunTable(
    "run_zones", "运行结果：重点部位", False,
    (
        text("code", "代码", "Code"),
        text("claim", "声明", "Claim"),
        text("name", "名称", "Name"),
        text("kind", "类型", "Kind", "", *PLACE_KINDS, is_open=True),
        text("level", "级别", "Level", "", *_LEVELS),
        number("share", "要求占比", "Share asked", "share"),
        text("unit", "单位", "Unit", "", *_UNITS),
        number("assessed", "评价部分", "Assessed"),
        number("sure", "确定看见", "Surely seen"),
        number("possible", "可能看见", "Possibly seen"),
        number("sure_share", "确定覆盖率", "Surely seen share", "share", short=("确定", "sure")),
        number("possible_share", "可能覆盖率", "Possibly seen share", "share", short=("可能", "possible")),
        text("verdict", "结论", "Verdict", "", *_PLACE_VERDICTS),
        integer("near", "附近点位", "Sites near", unit="sites", short=("附近点位", "near")),
        text("counted", "有点位", "Has a site", "", *_YES_NO),
        text("township", "乡镇（街道）代码", "Township code"),
        number("lon", "经度", "Lon", "deg"),
        number("lat", "纬度", "Lat", "deg"),
    ),
    is_scoped=False,
)  # fmt: skip

CLAIMS_OF_RUN = RunTable(
    "run_zones", "运行结果：覆盖声明", False,
    (
        text("claim", "声明", "Claim"),
        text("verdict", "结论", "Verdict", "", *_CLAIM_VERDICTS),
        text("level", "级别", "Level", "", *_LEVELS),
        number("share", "要求占比", "Share asked", "share"),
        integer("places", "部位数", "Places"),
        integer("covered", "已覆盖", "Covered"),
        integer("maybe", "可能覆盖", "Maybe"),
        integer("not_covered", "未覆盖", "Not covered"),
        integer("nothing", "无可评价部分", "Nothing to assess"),
        integer("counted", "有点位", "With a site"),
        number("covered_share", "覆盖率（按个数）", "Covered by number", "share", short=("覆盖率", "covered share")),
        number("area_m2", "面积", "Area", "m2"),
        number("covered_m2", "已覆盖面积", "Area of covered places", "m2"),
        number("covered_area_share", "覆盖率（按面积）", "Covered by area", "share"),
        integer("area_places", "其中有面积的部位", "Places with an area"),
        number("length_m", "长度", "Length", "m"),
        number("covered_m", "已覆盖长度", "Length of covered places", "m"),
        number("covered_length_share", "覆盖率（按长度）", "Covered by length", "share"),
        integer("length_places", "其中有长度的部位", "Places with a length"),
    ),
    is_scoped=False,
)  # fmt: skip

#: Rates in the order that they are told in. Those of cameras count rows, one a stream (路); sites are named where they
#: are meant.
_RATES = (
    Choice("places_covered", "部位覆盖率（不含派生，看得见）", "places covered (none derived, seen)"),
    Choice("places_counted", "部位有点率（不含派生，附近有点位）", "places counted (none derived, a site near)"),
    Choice("crossings_covered", "全部路口覆盖率（含派生，看得见）", "all crossings covered (derived too, seen)"),
    Choice(
        "crossings_counted",
        "全部路口有点率（含派生，附近有点位）",
        "all crossings counted (derived too, a site near)",
    ),
    Choice("sections_covered", "全部路段覆盖率（含派生，看得见）", "all sections covered (derived too, seen)"),
    Choice(
        "sections_counted",
        "全部路段有点率（含派生，附近有点位）",
        "all sections counted (derived too, a site near)",
    ),
    Choice("roads_covered", "道路覆盖率（米）", "roads covered (m)"),
    Choice("villages_site", "村有在线点位", "villages with a site online"),
    Choice("villages_facility", "村有设施", "villages with a facility"),
    Choice("villages_link", "村通视联网", "villages with a video link"),
    Choice("intact", "完好率（路）", "intact (streams)"),
    Choice("networked", "联网率（路）", "networked (streams)"),
    Choice("filed", "建档率（路）", "filed (streams)"),
    Choice("placed_right", "位置准确率（路）", "placed right (streams)"),
    Choice("high_definition", "高清率（路）", "high definition (streams)"),
    Choice("grids_staffed", "网格有网格员", "grids with staff"),
    Choice("heads_per_grid", "每网格网格长数", "heads per grid"),
    Choice("households_per_staff", "每网格员户数", "households per staff"),
)
RATES = tuple(one.name for one in _RATES)
RATES_OF_RUN = RunTable(
    "run_zones", "运行结果：比率", False,
    (
        text("rate", "比率", "Rate", "", *_RATES),
        text(
            "key", "类别或名称", "Class or name", "", *PLACE_KINDS, *FACILITY_KINDS, is_open=True, short=("分类", "key")
        ),
        text("rule", "规则", "Rule"),
        text("scope", "范围", "Scope", "", Choice("county", "全县", "county"), is_open=True),
        number("numerator", "分子", "Numerator"),
        number("denominator", "分母", "Denominator"),
        number("value", "数值", "Value", "share"),
        integer("rank", "名次", "Rank"),
    ),
    is_scoped=False,
)  # fmt: skip

#: Layer of an unknown value, and its field (rule U1).
_UNKNOWN_LAYERS = (Choice("cameras", "摄像机", "cameras"), Choice("obstacles", "建筑", "buildings"))
_UNKNOWN_FIELDS = (
    Choice("azimuth", "方位角", "azimuth"), Choice("status", "状态", "status"), Choice("height", "高度", "height"),
)  # fmt: skip
#: What ``unknowns`` tells of each value (docs/contract.md section 6), and what the command line lists of it.
UNKNOWN_MEMBERS = ("rank", "layer", "id", "field", "weight", "claims", "places", "site", "name")
UNKNOWN_COLUMNS = ("rank", "layer", "id", "name", "field", "weight", "claims", "places")
UNKNOWNS_OF_RUN = RunTable(
    "run_views", "运行结果：未知量", False,
    (
        integer("rank", "名次", "Rank"),
        text("layer", "图层", "Layer", "", *_UNKNOWN_LAYERS),
        text("id", "编号", "ID"),
        text("field", "待核实", "To be measured", "", *_UNKNOWN_FIELDS),
        number("weight", "最多可变为确定的权重", "Weight that it may make sure", short=("可变为确定", "weight")),
        text("claims", "可使成立的声明", "Claims that it may make hold", short=("声明", "claims")),
        text("places", "可使覆盖的部位", "Places that it may make covered", short=("部位", "places")),
        text("site", "点位", "Site"),
        text("name", "名称", "Name"),
        number("lon", "经度", "Lon", "deg"),
        number("lat", "纬度", "Lat", "deg"),
    ),
)  # fmt: skip

#: Answer of runs -> its fields; it is told with headings like a layer, and is none that maps or tiles draw.
ANSWERS: Mapping[str, RunTable] = {
    "places": PLACES_OF_RUN, "claims": CLAIMS_OF_RUN, "rates": RATES_OF_RUN, "ledger": LEDGER,
    "unknowns": UNKNOWNS_OF_RUN,
}  # fmt: skip
ANSWER_NAMES: Mapping[str, tuple[str, str]] = {
    "places": ("重点部位", "Places"), "claims": ("覆盖声明", "Claims"), "rates": ("比率", "Rates"),
    "ledger": ("区域台账", "Ledger of a zone"),
    "unknowns": ("未知量", "Unknown values"),
}  # fmt: skip
