"""Map OpenStreetMap tags to raw fields of a layer (docs/contract.md section 1, import)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from geo.catalog.osm_places import OSM_KINDS, osm_kind
from geo.errors import UnknownName
from geo.readers.columns import osm_columns
from geo.readers.columns.column_mapping import is_personal
from geo.readers.osm import osm_lifecycle
from geo.readers.source import Fault
from geo.readers.words import cell_values

Tags = Mapping[str, Any]
SOURCE = "OpenStreetMap"

_KINDS = {"fixed": "fixed", "panning": "ptz", "dome": "ptz", "360": "panoramic"}
# man_made=surveillance is also used for guards and microphones, which are not cameras.
_NOT_A_CAMERA = {
    "guard": "保安而非摄像机 / a guard, no camera",
    "gunshot_detector": "枪声探测器而非摄像机 / a gunshot detector, no camera",
}
_CAMERA_KEYS = ("man_made", *(f"{prefix}:man_made" for prefix in osm_lifecycle.PREFIXES))
_OTHER = "不是这个图层的要素，不导入 / features of other kinds left out"
_WAY_BACK = "同一条路的反方向，不重复导入 / the way back of a street left out"
_FROM_GROUND = "底面高度读不出，按从地面起的墙读 / the height where a wall begins is not read: taken from the ground"
_FAKE_CAMERA = "假摄像机 / a fake camera"


@dataclass
class TagReading:
    """Raw fields per feature, the tag of each field, faults, notes with their rows, tags dropped and tags unused."""

    frame: dict[str, pd.Series]
    mapping: dict[str, str]
    faults: dict[int, Fault] = field(default_factory=dict)
    notes: dict[str, list[int]] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


class _AskedTags(dict[str, Any]):
    """The tags of one feature, which remember what keys were asked for."""

    def __init__(self, tags: Tags, asked: set[str]) -> None:
        super().__init__(tags)
        self.asked = asked

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)

    def items(self) -> Any:
        raise TypeError("tags are read by their keys, so that those nobody reads are known")


class _Row:
    """One feature: raw fields, the tag of each, a fault, notes."""

    def __init__(self, tags: Tags, asked: set[str]) -> None:
        self.tags = _AskedTags(tags, asked)
        self.fields: dict[str, str] = {}
        self.used: dict[str, str] = {}
        self.fault: Fault | None = None
        self.notes: list[str] = []

    def set_from_first_tag(self, name: str, *keys: str) -> str | None:
        """Set a field from the first of the tags that is present."""
        for key in keys:
            value = self.tags.get(key)
            if not cell_values.is_missing(value):
                self.fields[name] = str(value).strip()
                self.used[name] = key
                return self.fields[name]
        return None


def selects(layer: str, tags: Tags) -> bool:
    """Return whether a tagged feature belongs to the layer."""
    if layer == "cameras":
        return any(tags.get(key) == "surveillance" for key in _CAMERA_KEYS)
    if layer == "roads":
        return "highway" in tags
    if layer == "obstacles":
        return tags.get("building", "no") != "no"
    if layer in OSM_KINDS:
        return osm_kind(layer, tags) is not None
    return layer == "addresses" and "addr:housenumber" in tags


def left_out(layer: str, tags: Sequence[Tags]) -> dict[int, Fault]:
    """Return the features that are none of the layer by position: of another key, or no wall at target height.

    A tagged table, unlike a file of OpenStreetMap, may hold features of every key.
    """
    (key, *_) = keys_of(layer)
    of_key = layer not in ("cameras", *OSM_KINDS) and any(not cell_values.is_missing(one.get(key)) for one in tags)
    found: dict[int, Fault] = {}
    ways = {_edge(one) for one in tags} if layer == "roads" else set()
    for row, one in enumerate(tags):
        if (
            (of_key and (cell_values.is_missing(one.get(key)) or one.get(key) == "no"))
            or (layer == "cameras" and _is_other(one))
            or (layer in OSM_KINDS and not selects(layer, one))
        ):
            found[row] = Fault("", _OTHER)
        elif str(one.get("reversed")) == "True" and _edge(one)[::-1] in ways:
            found[row] = Fault("", _WAY_BACK)
        elif (fault := osm_lifecycle.left_out(layer, one)) is not None:
            found[row] = fault
    return found


def _is_other(tags: Tags) -> bool:
    return "man_made" in tags and all(cell_values.is_missing(tags.get(key)) for key in _CAMERA_KEYS)


def _edge(tags: Tags) -> tuple[str, str]:
    return str(tags.get("u")), str(tags.get("v"))


def keys_of(layer: str) -> tuple[str, ...]:
    """Return the tag keys of the features of the layer, the plain one first; raise UnknownName where it has none."""
    keys = {
        "cameras": _CAMERA_KEYS,
        "roads": ("highway",),
        "obstacles": ("building",),
        "addresses": ("addr:housenumber",),
        **{name: tuple(kinds) for name, kinds in OSM_KINDS.items()},
    }
    if layer not in keys:
        known = ", ".join(keys)
        raise UnknownName(f"OpenStreetMap 文件只给出图层 {known}", f"OpenStreetMap files give the layers {known}")
    return keys[layer]


def read_tags(layer: str, tags: Sequence[Tags]) -> TagReading:
    """Read the fields of a layer from the tags of each feature; ``@id`` is the OpenStreetMap id."""
    keys_of(layer)
    read = _READERS[layer]
    found: list[dict[str, str]] = []
    result = TagReading({}, {})
    asked: set[str] = {*osm_columns.ID_COLUMNS, *(osm_lifecycle.WALL_KEYS if layer == "obstacles" else ())}
    for position, one in enumerate(tags):
        row = _Row(one, asked)
        read(row)
        plain_id = osm_id(one.get("@id"))
        if plain_id is not None:
            row.fields["code" if layer in OSM_KINDS else "id"] = plain_id
        for name, key in row.used.items():
            result.mapping.setdefault(name, key)
        if row.fault is not None:
            result.faults[position] = row.fault
        for sentence in row.notes:
            result.notes.setdefault(sentence, []).append(position)
        found.append(row.fields)
    names = dict.fromkeys(name for fields in found for name in fields)
    result.frame = {name: pd.Series([fields.get(name) for fields in found], dtype=object) for name in names}
    keys = Counter(key for one in tags for key, value in one.items() if not cell_values.is_missing(value))
    result.dropped = sorted(key for key in keys if is_personal(key))
    result.unused = [key for key, _ in keys.most_common() if key not in asked and not is_personal(key)]
    return result


def osm_id(value: object) -> str | None:
    """Return the key of a feature: a node's number, or ``way/1``, ``relation/1``: each type has its own numbers."""
    if cell_values.is_missing(value):
        return None
    text = str(value).strip()
    return text.removeprefix("node/") or None


def _camera(row: _Row) -> None:
    tags = row.tags
    device = str(tags.get("surveillance:type", ""))
    if device in _NOT_A_CAMERA:
        row.fault = Fault("surveillance:type", _NOT_A_CAMERA[device], device)
    elif tags.get("surveillance") == "fake":
        row.fault = Fault("surveillance", _FAKE_CAMERA, "fake")
    elif all(cell_values.is_missing(tags.get(key)) for key in _CAMERA_KEYS):
        row.notes.append("没有 man_made=surveillance，仍作摄像机 / taken as a camera without man_made=surveillance")
    elif not selects("cameras", tags):
        row.fault = Fault("man_made", "不是监控摄像机 / no surveillance camera", str(tags.get("man_made")))
    state, key = osm_lifecycle.camera_state(tags)
    if state:
        row.fields["status"], row.used["status"] = state, key
    kind = row.set_from_first_tag("kind", "camera:type")
    if kind is not None:
        row.fields["kind"] = _KINDS.get(kind, "fixed")
    row.set_from_first_tag("azimuth", "camera:direction", "direction")
    row.set_from_first_tag("height", "height", "camera:height")
    row.set_from_first_tag("name", "name")
    row.set_from_first_tag("owner", "operator")
    _tilt(row)
    indoor = tags.get("surveillance") == "indoor" or tags.get("indoor") == "yes"
    if indoor:
        row.fields["place_type"] = "indoor"
        row.used["place_type"] = "surveillance" if tags.get("surveillance") == "indoor" else "indoor"
    else:
        row.set_from_first_tag("place_type", "surveillance:zone")
    row.fields["source"] = SOURCE


def _tilt(row: _Row) -> None:
    text = row.tags.get("camera:angle")
    if cell_values.is_missing(text):
        return
    angle = cell_values.measure(str(text), "deg")
    if angle is not None and 0.0 < angle < 90.0:
        row.fields["tilt"] = str(angle)
        row.used["tilt"] = "camera:angle"
    else:
        # Some mappers tag the field of view here; ambiguous values are not used.
        row.notes.append("camera:angle 不在 0 到 90 之间，不作俯角 / camera:angle outside (0, 90) is not taken as tilt")


def _road(row: _Row) -> None:
    row.set_from_first_tag("class", "highway")
    row.set_from_first_tag("width", "width")
    row.set_from_first_tag("name", "name")
    if row.tags.get("tunnel") == "yes":
        row.fields["class"] = "tunnel"
        row.notes.append("tunnel=yes 的道路作隧道 / roads with tunnel=yes are tunnels")


def _obstacle(row: _Row) -> None:
    if osm_lifecycle.unread_starts(row.tags):
        row.notes.append(_FROM_GROUND)
    row.set_from_first_tag("height", "height", "building:height")
    row.set_from_first_tag("levels", "building:levels")


_ADDRESS_PARTS = ("full", "street", "place", "housenumber", "province", "city", "district", "subdistrict", "postcode")
_ADDRESS_TAGS = (*(f"addr:{part}" for part in _ADDRESS_PARTS), "addr:housename", "name")


def _address(row: _Row) -> None:
    found = {key: row.tags.get(key) for key in _ADDRESS_TAGS}
    tags = {key: str(value).strip() for key, value in found.items() if not cell_values.is_missing(value)}
    full = tags.get("addr:full")
    street = tags.get("addr:street") or tags.get("addr:place") or ""
    number = tags.get("addr:housenumber", "")
    if any("\u4e00" <= letter <= "\u9fff" for letter in street):
        wider = [tags.get(f"addr:{part}", "") for part in ("province", "city", "district", "subdistrict")]
        text = street + number
        standard = "".join([*wider, text])
    else:
        text = f"{street} {number}".strip()
        city = f"{tags.get('addr:postcode', '')} {tags.get('addr:city', '')}".strip()
        standard = ", ".join(part for part in (text, city) if part)
    row.fields["text"] = full or text
    row.used["text"] = "addr:full" if full else "addr:street + addr:housenumber"
    row.fields["standard"] = standard
    row.used["standard"] = "addr:*"
    row.set_from_first_tag("aliases", "addr:housename", "name")
    if "building" in row.tags and (building := osm_id(row.tags.get("@id"))) is not None:
        row.fields["building"] = building


def _place(row: _Row) -> None:
    _named_kind("places", row)
    row.fields["source"] = SOURCE


def _facility(row: _Row) -> None:
    _named_kind("facilities", row)


def _named_kind(layer: str, row: _Row) -> None:
    told = osm_kind(layer, row.tags)
    if told is not None:
        row.fields["kind"], row.used["kind"] = told
    row.set_from_first_tag("name", "name:zh", "name")


_READERS: Mapping[str, Callable[[_Row], None]] = {
    "cameras": _camera,
    "roads": _road,
    "obstacles": _obstacle,
    "addresses": _address,
    "places": _place,
    "facilities": _facility,
}
