"""Define column names and codes of national camera catalogues: GB/T 28181 and GA/T 1400."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from geo.errors import UnknownName
from geo.readers import osm_columns
from geo.readers.column_mapping import normalised_column_name

OSM = "osm"


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
    """

    name: str
    columns: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    identifying_columns: frozenset[str] = frozenset()


# Directions that the camera faces. Codes 1 to 4 agree in both standards (GB/T 28181 DirectionType, GA/T 1400
# MonitorDirection), 5 to 8 do not.
_CARDINAL_DIRECTIONS: Mapping[str, str | None] = {"1": "90", "2": "270", "3": "180", "4": "0"}
_CLASS: Mapping[str, str | None] = {"4": None, "9": None}

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
            "kind": {"1": "ptz", "4": "ptz", "5": "ptz", "2": "fixed", "3": "fixed", "7": "fixed", "6": "panoramic"},
            "place_type": {"2": "indoor", "1": "outdoor"},
            "class": _CLASS,
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
            "status": {"1": "online", "2": "offline", "9": None},
            "class": _CLASS,
        },
        frozenset({"apeid", "monitordirection"}),
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
    try:
        return PROFILES[name.strip().casefold().replace("/", "").replace("-", "").replace(" ", "")]
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
