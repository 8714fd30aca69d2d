"""Declare what an analysis gives: zone layers, figures, causes, tables of a run (docs/rules.md "Zones", rules G)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from geo.catalog.fields import FIRST_DAY, Choice, Field, integer, number, text
from geo.catalog.kinds import AREA_KINDS, kind_words

# --- zones -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ZoneLayer:
    """A layer of zones that figures are given for.

    Attributes
    ----------
    name
        In results, commands and addresses.
    zh, en
        Headings.
    source
        The stored layer whose rows, or some of whose rows, are its zones.
    names_from
        Zoom level of the web map from which their names are written.
    """

    name: str
    zh: str
    en: str
    source: str
    names_from: float


#: In the one order that they are computed, listed and written in.
ZONES = (
    ZoneLayer("grids", "网格", "Grids", "grids", 13.5),
    ZoneLayer("microgrids", "微网格", "Microgrids", "grids", 15),  # rule D5: rows of level 2
    ZoneLayer("villages", "村（社区）", "Villages", "villages", 12),
    ZoneLayer("townships", "乡镇（街道）", "Townships", "divisions", 9),  # divisions of level township
    ZoneLayer("counties", "县（市、区）", "Counties", "divisions", 7),  # those of level county, where there are several
)
ZONE_LAYERS = tuple(one.name for one in ZONES)
#: Beginning of the name of a layer of own zones, which ends with their kind: ``areas:key_area``.
OWN_ZONES = "areas:"
#: Zoom level of the web map from which names of own zones are written.
OWN_ZONE_NAMES_FROM = 12.5
#: Those whose zones are grids, which people know by their codes.
GRID_ZONES = tuple(one.name for one in ZONES if one.source == "grids")
#: Rule D4: the zone ``all`` is the union of the first of these that there is, else of the cameras' discs.
WHOLE_AREA = ("grids", "townships", "villages")
#: The zone layer of one row that every run has.
ALL = "all"
ALL_NAMES = ("全域", "Whole area")


def is_zone_layer(name: str) -> bool:
    """Return whether runs may have a zone layer of that name, ``all`` included.

    Examples
    --------
    >>> [is_zone_layer(name) for name in ("grids", "all", "areas:key_area", "areas:", "gaps")]
    [True, True, True, False, False]
    """
    return name in (*ZONE_LAYERS, ALL) or (name.startswith(OWN_ZONES) and name != OWN_ZONES)


def zone_layers_among(names: Iterable[str]) -> list[str]:
    """Return the zone layers among names in the one order: those of the county, own zones by their kind, ``all``.

    Examples
    --------
    >>> zone_layers_among(["all", "gaps", "areas:resettlement", "townships", "areas:key_area", "grids"])
    ['grids', 'townships', 'areas:key_area', 'areas:resettlement', 'all']
    """
    there = set(names)
    own = sorted(name for name in there if name.startswith(OWN_ZONES) and is_zone_layer(name))
    return [name for name in (*ZONE_LAYERS, *own, ALL) if name in there]


def zone_layer_names(name: str) -> tuple[str, str]:
    """Return the Chinese and English heading of a zone layer; that of own zones is their kind's.

    Examples
    --------
    >>> zone_layer_names("townships"), zone_layer_names("areas:key_area"), zone_layer_names("areas:护林区")
    (('乡镇（街道）', 'Townships'), ('重点区域', 'key area'), ('护林区', '护林区'))
    """
    if name == ALL:
        return ALL_NAMES
    kind = name.removeprefix(OWN_ZONES)
    named = {**{one.name: (one.zh, one.en) for one in ZONES}, **kind_words(AREA_KINDS)}
    return named.get(kind, (kind, kind))


# --- figures ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """A figure of a zone.

    Attributes
    ----------
    field
        Name, unit and the short heading of tables; ``m2``, ``weight``, ``share`` (0 to 1 of the weight), ``sites``.
    zh, en
        The long heading, where maps may be coloured by it; else empty.
    tells_of_cameras
        Whether it is withheld from callers without a key (docs/contract.md section 5).
    in_popup
        Whether the popup of a zone shows it.
    popup
        Its heading there in Chinese and English; empty: that of the field. Figures of one heading share a row.
    """

    field: Field
    zh: str = ""
    en: str = ""
    tells_of_cameras: bool = False
    in_popup: bool = True
    popup: tuple[str, str] = ("", "")

    @property
    def name(self) -> str:
        """Its column name."""
        return self.field.name

    @property
    def unit(self) -> str:
        """Its unit."""
        return self.field.unit


_BY_CLASS = ("一 / 二 / 三类", "Class 1 / 2 / 3")
#: In the order of docs/rules.md "Zones".
ZONE_FIGURES = (
    Figure(number("domain_m2", "评价面积", "Domain", "m2")),
    Figure(number("domain_weight", "评价权重", "Domain weight", "weight"), in_popup=False),
    Figure(number("sure_m2", "确定覆盖面积", "Sure area", "m2"), in_popup=False),
    Figure(number("possible_m2", "可能覆盖面积", "Possible area", "m2"), in_popup=False),
    Figure(
        number("sure_share", "确定", "Sure", "share"), "确定覆盖率", "Surely seen", popup=("确定覆盖", "Surely seen")
    ),
    Figure(
        number("possible_share", "可能", "Possible", "share"), "可能覆盖率", "Possibly seen",
        popup=("可能覆盖", "Possibly seen"),
    ),
    Figure(number("k2_share", "≥2 点位", "≥2 sites", "share"), "≥2 个点位覆盖率", "Seen by 2 sites or more"),
    Figure(number("k3_share", "≥3 点位", "≥3 sites", "share"), "≥3 个点位覆盖率", "Seen by 3 sites or more"),
    Figure(number("c1_share", "一类", "Class 1", "share"), "一类点覆盖率", "Seen by class 1", popup=_BY_CLASS),
    Figure(number("c2_share", "二类", "Class 2", "share"), "二类点覆盖率", "Seen by class 2", popup=_BY_CLASS),
    Figure(number("c3_share", "三类", "Class 3", "share"), "三类点覆盖率", "Seen by class 3", popup=_BY_CLASS),
    Figure(number("gap_m2", "盲区面积", "Gap area", "m2", short=("盲区", "gap"))),
    Figure(
        integer("cameras", "在线点位", "Sites online", unit="sites", short=("点位", "sites")), tells_of_cameras=True
    ),
    Figure(integer("offline", "离线点位", "Sites offline", unit="sites"), tells_of_cameras=True),
    Figure(integer("seeing", "有效点位", "Sites seeing", unit="sites"), tells_of_cameras=True),
)  # fmt: skip
FIGURES = tuple(one.name for one in ZONE_FIGURES)
SHARES = tuple(one.name for one in ZONE_FIGURES if one.unit == "share")
AMOUNTS = tuple(one.name for one in ZONE_FIGURES if one.unit in ("m2", "weight"))
#: Figures of sites: a caller without a key gets none of them.
CAMERA_FIGURES = tuple(one.name for one in ZONE_FIGURES if one.tells_of_cameras)
#: In the order that maps show them: shares, amounts, sites.
MAP_FIGURES = (*SHARES, *AMOUNTS, *CAMERA_FIGURES)
#: Those that come first in the page's table of zones.
LEADING_FIGURES = ("sure_share", "possible_share", "gap_m2", "domain_m2")
#: Those that the command line lists of a zone, and of a run.
HEADLINE_FIGURES = ("sure_share", "possible_share", "gap_m2", "cameras")
RUN_FIGURES = ("sure_share", "gap_m2")
#: Edges of the five classes of shares: a class holds its upper edge and not its lower one.
SHARE_EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def popup_rows() -> list[tuple[tuple[str, str], list[str]]]:
    """Return the rows of a zone's popup: heading in Chinese and English, and the figures of the row."""
    rows: dict[tuple[str, str], list[str]] = {}
    known = {one.name: one for one in ZONE_FIGURES}
    for figure in (known[name] for name in MAP_FIGURES):
        if figure.in_popup:
            rows.setdefault(figure.popup if any(figure.popup) else (figure.field.zh, figure.field.en), []).append(
                figure.name
            )
    return list(rows.items())


# --- causes ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cause:
    """Why a place is not seen (rule G2).

    Attributes
    ----------
    name
        In tables.
    zh, en
        In lists and legends.
    because_zh, because_en
        As a sentence at the place to stand; ``{camera}``, ``{distance}`` and ``{obstacle}`` are filled in.
    """

    name: str
    zh: str
    en: str
    because_zh: str
    because_en: str


#: In the order that they are tried; the last applies where no other does.
GAP_CAUSES = (
    Cause(
        "offline",
        "设备离线",
        "offline",
        "离线摄像机 {camera} 本可看到此处（{distance}）。恢复在线即可消除。",
        "Offline camera {camera} would see this place ({distance}). Bringing it back closes the gap.",
    ),
    Cause(
        "unknown",
        "参数不明",
        "unknown pose or status",
        "摄像机 {camera}（{distance}）可能看到此处，但其状态、朝向或遮挡高度不明。核实后再定。",
        "Camera {camera} ({distance}) may see this place; its status, its pose or an obstacle's height is unknown.",
    ),
    Cause(
        "level",
        "清晰度不足",
        "too coarse",
        "摄像机 {camera}（{distance}）能看到此处，但清晰度达不到评价级别。",
        "Camera {camera} ({distance}) sees this place, but only at a lower level.",
    ),
    Cause(
        "aim",
        "朝向不对",
        "aimed elsewhere",
        "摄像机 {camera}（{distance}）距离足够且无遮挡，但没有朝向此处。",
        "Camera {camera} ({distance}) is near enough with a clear line, but aims elsewhere.",
    ),
    Cause(
        "tilt",
        "俯角不合",
        "tilt",
        "摄像机 {camera}（{distance}）朝向此处，但俯角使其看不到。",
        "Camera {camera} ({distance}) aims this way, but its tilt misses the place.",
    ),
    Cause(
        "blocked",
        "被遮挡",
        "blocked",
        "摄像机 {camera}（{distance}）到此处的视线被建筑 {obstacle} 挡住。",
        "The line from camera {camera} ({distance}) is blocked by building {obstacle}.",
    ),
    Cause(
        "range",
        "超出距离",
        "out of range",
        "没有摄像机够得着：最近的在线摄像机 {camera} 距此 {distance}。",
        "No camera reaches this place: the nearest online one, {camera}, is {distance} away.",
    ),
)
CAUSES = tuple(one.name for one in GAP_CAUSES)


# --- tables of a run -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RunTable:
    """A table that holds one layer of runs, or several told apart by its column ``layer``.

    Attributes
    ----------
    name
        In both stores.
    zh
        Title, as GIS programs list it.
    is_areas
        Whether all shapes are polygons; else they may be of any kind, as demand may be points or lines.
    fields
        Columns beside ``run`` (and ``layer``); what a frame has beyond them goes to ``extra``, as JSON.
    is_scoped
        Whether rows are read by township (docs/contract.md section 5).
    published_zh
        Title of the view that shows the published run alone; where none is published, the newest.
    since
        The day it was declared, ISO 8601.
    """

    name: str
    zh: str
    is_areas: bool
    fields: tuple[Field, ...]
    is_scoped: bool = True
    published_zh: str = ""
    since: str = FIRST_DAY

    @property
    def key(self) -> str:
        """The name of its first field, which names a row."""
        return self.fields[0].name

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its fields: what a tile of it carries."""
        return tuple(one.name for one in self.fields)

    def field(self, name: str) -> Field:
        """Return the field of that name; raise KeyError for a name that is none."""
        return {one.name: one for one in self.fields}[name]


_VIEW = (
    text("id", "编号", "Id"),
    text("site", "点位", "Site"),
    text("status", "状态", "Status"),
    number("area_m2", "面积", "Area", "m2"),
    number("range_m", "作用距离", "Range", "m"),
    text("assumed", "按缺省计", "Assumed"),
)
_ZONE = (
    text("code", "代码", "Code", short=("编码", "")),
    text("name", "名称", "Name"),
    text("kind", "类型", "Kind"),
    text("level", "级别", "Level"),
    text("village", "所属村社区", "Village"),
    text("parent", "上级", "Parent"),
    integer("households", "户数", "Households"),
    integer("population", "人口数", "Population"),
    integer("staff", "网格员人数", "Staff"),
    integer("heads", "网格长人数", "Heads", since="2026-11-30"),
    integer("staff_part_time", "兼职网格员人数", "Part-time staff", since="2026-11-30"),
    text(
        "urban_rural",
        "城乡属性",
        "Urban or rural",
        "",
        Choice("urban", "城镇", "urban"),
        Choice("rural", "乡村", "rural"),
        since="2026-11-30",
    ),
    integer("class", "乡镇类别", "Township class", since="2026-11-30"),
)
_GAP = (
    integer("rank", "序号", "Rank", short=("序", "")),
    text("grid", "网格", "Grid"),
    number("area_m2", "面积", "Area", "m2"),
    number("weight", "权重", "Weight"),
    text("cause", "成因", "Cause"),
    text("camera", "摄像机", "Camera"),
    text("obstacle", "遮挡物", "Obstacle", short=("遮挡", "")),
    number("distance_m", "距离", "Distance", "m"),
    number("lon", "经度", "Lon", "deg"),
    number("lat", "纬度", "Lat", "deg"),
    text("causes", "成因构成", "Causes", since="2026-11-28"),
    number("possible_share", "可能已覆盖", "Possibly seen", "share", since="2026-11-28"),
)
_COVERAGE = (integer("k", "重数", "Sites"), number("area_m2", "面积", "Area", "m2"))

VIEWS = RunTable("run_views", "运行结果：确定可视范围", True, _VIEW, published_zh="已发布的批次：确定可视范围")
POSSIBLE = RunTable("run_possible", "运行结果：可能可视范围", True, _VIEW, published_zh="已发布的批次：可能可视范围")
COVERAGE = RunTable("run_coverage", "运行结果：覆盖重数", True, _COVERAGE, published_zh="已发布的批次：覆盖重数")
ZONE_TABLE = RunTable(
    "run_zones",
    "运行结果：分区指标",
    True,
    (*_ZONE, *(one.field for one in ZONE_FIGURES)),
    is_scoped=False,
    published_zh="已发布的批次：网格覆盖率",
)
GAPS = RunTable("run_gaps", "运行结果：盲区", False, _GAP, published_zh="已发布的批次：盲区")

#: Fields of a camera's view that maps add to the camera.
VIEW_FIELDS = ("range_m", "assumed")

#: Every table, in the order that they are made and listed.
RUN_TABLES = (VIEWS, POSSIBLE, COVERAGE, ZONE_TABLE, GAPS)

#: Layer of a run -> its table, in the order that they are written to files; layers of own zones come with their run.
RUN_LAYERS: Mapping[str, RunTable] = {
    "views": VIEWS,
    "possible": POSSIBLE,
    "coverage": COVERAGE,
    **dict.fromkeys((*ZONE_LAYERS, ALL), ZONE_TABLE),
    "gaps": GAPS,
}


def run_layers_among(names: Iterable[str]) -> list[str]:
    """Return the layers of a run among names, own zones included, in the order that they are written to files.

    Examples
    --------
    >>> run_layers_among(["gaps", "areas:key_area", "all", "grids", "views"])
    ['views', 'grids', 'areas:key_area', 'all', 'gaps']
    """
    there = set(names)
    zones = zone_layers_among(there)
    first = [name for name in ("views", "possible", "coverage") if name in there]
    return [*first, *zones, *({"gaps"} & there)]


def run_table(layer: str) -> RunTable | None:
    """Return the table of a layer of runs, own zones included; None where there is no such layer.

    Examples
    --------
    >>> run_table("areas:key_area").name, run_table("benches")
    ('run_zones', None)
    """
    return ZONE_TABLE if is_zone_layer(layer) else RUN_LAYERS.get(layer)


#: Layers of runs that are read by township, or cut by it.
SCOPED_RUN_LAYERS = tuple(name for name, table in RUN_LAYERS.items() if table.is_scoped)
