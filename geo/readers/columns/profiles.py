"""Define column names and codes of national camera catalogues: GB/T 28181, GA/T 1400 and 一机一档 sheets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from geo.errors import UnknownName
from geo.readers.columns import osm_columns
from geo.readers.columns.column_mapping import normalised_column_name

OSM = "osm"
#: Sheets of 一机一档, one file for each camera, of 73 columns or fewer.
YJYD = "yjyd"


@dataclass(frozen=True)
class Profile:
    """Column names and codes of one catalogue standard.

    Attributes
    ----------
    columns
        Field -> column names, separated by spaces.
    codes
        Field -> code -> the word that the value readers know; None for a missing value.
    identifying_columns
        Normalised column names used by this standard only; one of them identifies it.
    shared_columns
        Those that registers of words have as well; two of them, with its codes in a column, identify it.
    """

    name: str
    columns: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    identifying_columns: frozenset[str] = frozenset()
    shared_columns: frozenset[str] = frozenset()


# Directions that the camera faces. Codes 1 to 4 agree in both standards (GB/T 28181 DirectionType, GA/T 1400
# MonitorDirection), 5 to 8 do not.
_CARDINAL_DIRECTIONS: Mapping[str, str | None] = {"1": "90", "2": "270", "3": "180", "4": "0"}
_CLASS: Mapping[str, str | None] = {"4": None, "9": None}
_CLASSES: Mapping[str, str | None] = {"1": "1", "2": "2", "3": "3", **_CLASS}
# Sheets of 一机一档, after their filling notes as platforms repeat them beside the columns.
# 监视方位: 1-东 2-西 3-南 4-北 5-东南 6-东北 7-西南 8-西北 (the directions of GB/T 28181), 9-全向.
# 摄像机类型: 1-球机 2-半球 3-固定枪机 4-遥控枪机 (PTZType of GB/T 28181-2016), 5-卡口枪机 99-未知.
# 室内外: 1-室外 2-室内. 设备状态: 1-在用 2-维修 3-拆除. 监控点位类型: 1 to 3, 4-公安内部 9-其他.
_YJYD_HEADINGS = "sbbm jkdwlx sxjlx sxjgnlx sxjbmgs sxjwzlx jsfw"
_YJYD_SHARED_HEADINGS = (
    "监控方位 监视方位 摄像机类型 监控点位类型 设备状态 室内外 安装位置室内外 摄像机功能类型 补光属性 摄像机编码格式 "
    "摄像机位置类型 联网属性 点位俗称 录像保存天数 所属辖区公安机关 设备厂商"
)

PROFILES: Mapping[str, Profile] = {
    OSM: Profile(OSM),
    "gbt28181": Profile(
        "gbt28181",
        {
            "id": "DeviceID",
            "name": "Name",
            "kind": "PTZType",
            "azimuth": "DirectionType",
            "hfov": "HorizontalFieldAngle",
            "vfov": "VerticalFieldAngle",
            "max_range": "MaxViewDistance",
            "class": "PointType",
            "status": "Status",
            "owner": "ManagementUnit",
            "place_type": "RoomType CapturePositionType",
        },
        {
            "azimuth": {**_CARDINAL_DIRECTIONS, "5": "135", "6": "45", "7": "225", "8": "315"},
            "kind": {
                "1": "ptz",
                "4": "ptz",
                "5": "ptz",
                "2": "fixed",
                "3": "fixed",
                "7": "fixed",
                "6": "panoramic",
                "0": None,
            },
            "place_type": {"2": "indoor", "1": "outdoor"},
            "class": _CLASSES,
        },
        frozenset({"ptztype", "directiontype", "roomtype", "horizontalfieldangle"}),
    ),
    "gat1400": Profile(
        "gat1400",
        {
            "id": "ApeID",
            "name": "Name",
            "azimuth": "MonitorDirection",
            "status": "IsOnline",
            "place_type": "PositionType",
        },
        {
            "azimuth": {**_CARDINAL_DIRECTIONS, "5": "45", "6": "225", "7": "135", "8": "315", "9": None},
            "status": {"1": "online", "2": "offline", "9": "unknown"},
            "class": _CLASSES,
        },
        frozenset({"apeid", "monitordirection"}),
    ),
    YJYD: Profile(
        YJYD,
        {
            "id": "设备编码 SBBM",
            "name": "设备名称 SBMC 点位俗称",
            "kind": "摄像机类型 SXJLX",
            "azimuth": "监控方位 监视方位 JSFW JKFW",
            "class": "监控点位类型 JKDWLX",
            "status": "设备状态 SBZT",
            "owner": "管理单位 GLDW",
            "place_type": "室内外 安装位置室内外 AZWZ SNW",
        },
        {
            "azimuth": {**_CARDINAL_DIRECTIONS, "5": "135", "6": "45", "7": "225", "8": "315", "9": "全向"},
            "kind": {"1": "ptz", "2": "fixed", "3": "fixed", "4": "ptz", "5": "fixed", "99": None},
            "place_type": {"1": "outdoor", "2": "indoor"},
            "status": {"1": "online", "2": "offline", "3": "removed"},
            "class": _CLASSES,
        },
        frozenset(_YJYD_HEADINGS.split()),
        frozenset(_YJYD_SHARED_HEADINGS.split()),
    ),
}

_OSM_IDENTIFYING_COLUMNS: Mapping[str, frozenset[str]] = {
    "cameras": frozenset({"man_made", "camera:type", "camera:direction", "surveillance:type"}),
    "roads": frozenset({"highway"}),
    "obstacles": frozenset({"building:levels"}),
    "addresses": frozenset({"addr:housenumber"}),
}


def profile(name: str) -> Profile:
    """Return the profile of that name; raise UnknownName, naming the known ones, otherwise."""
    plain = name.strip().casefold().replace("/", "").replace("-", "").replace(" ", "")
    try:
        return PROFILES[YJYD if plain == "一机一档" else plain]
    except KeyError:
        known = ", ".join(PROFILES)
        raise UnknownName(f"没有来源方案 {name}，可用：{known}", f"no profile {name}; there are: {known}") from None


def recognised(columns: Iterable[str], layer: str) -> Profile | None:
    """Return the profile that the column names identify, None where they identify none."""
    names = {str(name) for name in columns}
    known = _OSM_IDENTIFYING_COLUMNS.get(layer)
    if known is not None and (names & known or osm_columns.is_osm(names, layer)):
        return PROFILES[OSM]
    if layer != "cameras":
        return None
    plain = {normalised_column_name(name) for name in names}
    return next((one for one in PROFILES.values() if plain & one.identifying_columns), None)
