"""Tell from OpenStreetMap tags what is not there, not yet there or out of use, and what is no wall at target height."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.catalog.options import DEFAULT_TARGET_HEIGHT_M
from geo.readers.source import Fault
from geo.readers.words import cell_values
from geo.readers.words.units import STOREY_M
from geo.sentences import sentence

Tags = Mapping[str, Any]

#: Lifecycle tags, and prefixes before ``:``, by what they say of a camera.
REMOVED = ("razed", "demolished", "removed", "destroyed", "dismantled")
PLANNED = ("proposed", "planned", "construction")
OFFLINE = ("disused", "abandoned")
PREFIXES = (*REMOVED, *PLANNED, *OFFLINE)
#: Tags that tell whether a building has walls at target height.
WALL_KEYS = (
    *REMOVED, "proposed", "planned", "building:part", "location", "underground", "layer",
    "building:levels:underground", "min_height", "building:min_height", "building:min_level", "wall",
)  # fmt: skip
_NO = ("", "no", "false", "0")
_STATES = {
    "online": ("operational", "open", "active", "working", "in_use", "online", "yes", "ok", "functional"),
    "offline": (
        "broken", "closed", "out_of_order", "out_of_service", "inactive", "damaged", "non_operational",
        "nonoperational", "not_working", "not_operational", "no", "defunct", "offline",
        "disused", "abandoned", "unused", "suspended",
    ),
    "planned": ("construction", "under_construction", "proposed", "planned", "not_yet"),
    "removed": ("removed", "demolished", "dismantled", "razed", "destroyed", "gone"),
}  # fmt: skip
_WORDS = {word: state for state, words in _STATES.items() for word in words}
_NO_BUILDING = "建筑已拆除或尚未建成，不作遮挡 / a building that is gone or not yet there is no obstacle"
_ROOF = "只有顶没有墙，不作遮挡 / a roof without walls is no obstacle"
_UNDERGROUND = "在地下，不作遮挡 / an underground building is no obstacle"
_ABOVE = sentence(
    f"底面高于 {DEFAULT_TARGET_HEIGHT_M:g} 米，不作遮挡",
    f"what begins above {DEFAULT_TARGET_HEIGHT_M:g} m is no obstacle at target height",
)
_NO_ROAD = "道路已不存在，不导入 / a road that is gone is left out"


def camera_state(tags: Tags) -> tuple[str, str]:
    """Return status and tag of a camera, both empty where nothing is said.

    A word of ``operational_status`` that is not known is returned as it is.

    Examples
    --------
    >>> camera_state({"man_made": "surveillance", "disused": "yes"})
    ('offline', 'disused')
    >>> camera_state({"proposed:man_made": "surveillance"})[0], camera_state({"operational_status": "so so"})[0]
    ('planned', 'so so')
    """
    for state, words in (("removed", REMOVED), ("planned", PLANNED), ("offline", OFFLINE)):
        for word in words:
            for key in (word, f"{word}:man_made"):
                if not _says_no(tags.get(key)):
                    return state, key
    given = tags.get("operational_status")
    if cell_values.is_missing(given):
        return "", ""
    text = str(given).strip()
    return _WORDS.get(text.casefold().replace(" ", "_").replace("-", "_"), text), "operational_status"


def left_out(layer: str, tags: Tags) -> Fault | None:
    """Return why a feature is none of the layer though its key is: no wall at target height, no road; else None.

    Examples
    --------
    >>> left_out("obstacles", {"building": "yes", "layer": "-1"}).field
    'layer'
    >>> left_out("obstacles", {"building": "yes", "min_height": "1"}) is None
    True
    """
    if layer == "obstacles":
        return _no_wall(tags)
    if layer == "roads":
        value = str(tags.get("highway", "")).strip().casefold()
        if value in (*REMOVED, "abandoned"):
            return Fault("highway", _NO_ROAD, value)
        gone = next((key for key in REMOVED if not _says_no(tags.get(key))), None)
        return Fault(gone, _NO_ROAD, str(tags[gone])) if gone is not None else None
    return None


def _no_wall(tags: Tags) -> Fault | None:
    kind = str(tags.get("building", "")).strip().casefold()
    for key in (*REMOVED, "proposed", "planned"):
        if kind == key or not _says_no(tags.get(key)):
            return Fault("building" if kind == key else key, _NO_BUILDING, kind if kind == key else str(tags[key]))
    for key, value, reason in (
        ("building", kind if kind in ("roof", "carport", "canopy") else None, _ROOF),
        ("building:part", _text(tags, "building:part") if _text(tags, "building:part") == "roof" else None, _ROOF),
        ("building", kind if kind == "underground" else None, _UNDERGROUND),
        ("wall", _text(tags, "wall") if _text(tags, "wall") == "no" else None, _ROOF),
        ("location", _text(tags, "location") if _text(tags, "location") == "underground" else None, _UNDERGROUND),
        ("underground", None if _says_no(tags.get("underground")) else _text(tags, "underground"), _UNDERGROUND),
        ("layer", _beyond(tags, "layer", below=0.0), _UNDERGROUND),
    ):
        if value is not None:
            return Fault(key, reason, value)
    if _number(tags, "building:levels") == 0 and (_number(tags, "building:levels:underground") or 0) > 0:
        return Fault("building:levels", _UNDERGROUND, "0")
    for key, factor in (("min_height", 1.0), ("building:min_height", 1.0), ("building:min_level", STOREY_M)):
        start = _number(tags, key)
        if start is not None and start * factor > DEFAULT_TARGET_HEIGHT_M:
            return Fault(key, _ABOVE, str(tags[key]).strip())
    return None


def unread_starts(tags: Tags) -> list[str]:
    """Return the tags that say where a building begins above the ground, in words that are not read."""
    keys = ("min_height", "building:min_height", "building:min_level")
    return [key for key in keys if not cell_values.is_missing(tags.get(key)) and _number(tags, key) is None]


def _says_no(value: Any) -> bool:
    return cell_values.is_missing(value) or str(value).strip().casefold() in _NO


def _text(tags: Tags, key: str) -> str:
    value = tags.get(key)
    return "" if cell_values.is_missing(value) else str(value).strip().casefold()


def _number(tags: Tags, key: str) -> float | None:
    text = _text(tags, key)
    return cell_values.measure(text, "m") if text else None


def _beyond(tags: Tags, key: str, below: float) -> str | None:
    found = _number(tags, key)
    return _text(tags, key) if found is not None and found < below else None
