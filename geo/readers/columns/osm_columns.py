"""Read the columns of OpenStreetMap's converters as tags: ogr2ogr, Geofabrik, osmnx, Overture."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
import pandas as pd

from geo import bounds
from geo.errors import BadValue
from geo.readers.words import cell_values

#: Columns that hold further tags, as hstore or JSON.
_TAG_COLUMNS = ("other_tags", "all_tags", "tags")
_MAX_TAGS = 100_000  # characters
_PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"\s*=>\s*(?:"((?:[^"\\]|\\.)*)"|NULL)')
_ESCAPED = re.compile(r"\\(.)")
# Converters write camera:type as camera_type.
_SPLIT = re.compile(r"(addr|building|camera|surveillance|disused|abandoned|proposed|razed|demolished|removed)_(\w+)")
_GEOFABRIK = {"osm_id", "code", "fclass"}
_IDS = ("@id", "osm_id", "osmid", "full_id", "id")
_KINDS = {"node", "way", "relation"}
#: Columns that only say which feature a row is.
ID_COLUMNS = (*_IDS, "osm_way_id", "element_type", "element", "osm_type", "u", "v", "key", "reversed")


def is_osm(names: Collection[str], layer: str) -> bool:
    """Return whether the columns are those of a converter of OpenStreetMap data.

    Examples
    --------
    >>> is_osm(["osm_id", "name", "highway", "other_tags"], "cameras"), is_osm(["id", "name", "code"], "cameras")
    (True, False)
    """
    found = set(names)
    if "other_tags" in found or found >= _GEOFABRIK or _is_overture(found, layer):
        return True
    if layer != "obstacles" or "building" not in found:
        return False
    # A choice of columns may have lost the ids; keys that nobody else has are left.
    ids, keys = {"osm_id", "osmid", "@id", "element_type", "element"}, {"min_height", "roof:shape", "building:levels"}
    return bool(found & (ids | keys)) or any(name.startswith(("building:", "addr:")) for name in found)


def tags_of_columns(columns: pd.DataFrame, layer: str) -> list[dict[str, Any]]:
    """Return the tags of each row, ``@id`` among them."""
    names = [str(name).removeprefix("tags_") for name in columns.columns]
    rows = [dict(zip(names, row, strict=True)) for row in columns.to_numpy(dtype=object)]
    found = set(names)
    if _is_overture(found, layer):
        return [_overture(row, layer) for row in rows]
    if found >= _GEOFABRIK:
        return [_geofabrik(row, layer) for row in rows]
    return [_plain(row) for row in rows]


def hstore(text: str) -> dict[str, str]:
    r"""Return the tags in a text of hstore, as ogr2ogr writes them, or of JSON.

    Examples
    --------
    >>> hstore('"camera:type"=>"fixed","note"=>"a \\"b\\", c"')
    {'camera:type': 'fixed', 'note': 'a "b", c'}
    >>> hstore('{"tunnel": "yes"}')
    {'tunnel': 'yes'}
    """
    text = text[:_MAX_TAGS]
    if text.lstrip().startswith("{"):
        found = _json(text)
        return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}
    pairs = _PAIR.findall(text)
    return {_ESCAPED.sub(r"\1", key): _ESCAPED.sub(r"\1", value) for key, value in pairs}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    tags: dict[str, Any] = {}
    for name, cell in row.items():
        if name in _TAG_COLUMNS:
            tags.update(cell if isinstance(cell, dict) else hstore(cell) if isinstance(cell, str) else {})
            continue
        value = _first(cell)
        split = _SPLIT.fullmatch(name)
        if split is not None:
            tags.setdefault(f"{split[1]}:{split[2]}", value)
        elif not cell_values.is_missing(value) or name not in tags:
            tags[name] = value
    return {**tags, "@id": _id(row)}


def _id(row: Mapping[str, Any]) -> Any:
    way = row.get("osm_way_id")
    if not cell_values.is_missing(way):
        return f"way/{_whole(way)}"
    if {"u", "v", "key"} <= row.keys():
        return f"{_whole(row['u'])}-{_whole(row['v'])}-{_whole(row['key'])}"  # an edge of osmnx: a part of its way
    found = next((row[name] for name in _IDS if name in row and not cell_values.is_missing(_first(row[name]))), None)
    if found is None:
        return None
    kind = next((row[name] for name in ("element_type", "element", "osm_type") if row.get(name) in _KINDS), None)
    if kind is None and "osm_way_id" in row:
        kind = "relation"
    number = _whole(_first(found))
    return f"{kind}/{number}" if kind is not None and "/" not in number else number


def _whole(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _first(cell: Any) -> Any:
    """Return a cell, or the first of several values that osmnx keeps of a street made of several ways."""
    if isinstance(cell, str) and cell.startswith("['") and len(cell) < bounds.MAX_TEXT:
        try:
            cell = ast.literal_eval(cell)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return cell
    if isinstance(cell, list | tuple | np.ndarray):
        return cell[0] if len(cell) and not isinstance(cell[0], list | dict | np.ndarray) else str(cell)[:200]
    return str(cell)[:200] if isinstance(cell, dict) else cell


# --- Geofabrik -------------------------------------------------------------------------------------------------------


def _geofabrik(row: dict[str, Any], layer: str) -> dict[str, Any]:
    """Return the tags of a row of a Geofabrik Shapefile: ``fclass`` is the value of the key of its theme."""
    kind = row.get("fclass")
    tags: dict[str, Any] = {"@id": _id(row), "name": row.get("name"), "ref": row.get("ref"), "layer": row.get("layer")}
    if layer == "roads":
        tags |= {"highway": kind, "tunnel": "yes" if row.get("tunnel") in ("T", "1", 1, True) else None}
    elif layer == "obstacles":
        named = row.get("type")
        tags["building"] = None if kind != "building" else "yes" if cell_values.is_missing(named) else named
    elif layer == "cameras":
        tags["man_made"] = "surveillance" if kind == "camera_surveillance" else None
    return tags


# --- Overture --------------------------------------------------------------------------------------------------------


def _is_overture(names: Collection[str], layer: str) -> bool:
    found = set(names)
    if not found >= {"id", "sources", "version"}:
        return False
    if layer == "obstacles":
        return not found.isdisjoint({"num_floors", "is_underground", "has_parts", "min_height"})
    if layer == "roads":
        return found >= {"subtype", "class"} and not found.isdisjoint({"connectors", "road_surface", "road_flags"})
    return layer == "addresses" and found >= {"street", "number"}


def _overture(row: dict[str, Any], layer: str) -> dict[str, Any]:
    names = _nested(row.get("names"))
    name = names.get("primary") if isinstance(names, dict) else None
    tags: dict[str, Any] = {"@id": row.get("id"), "name": name}
    if layer == "obstacles":
        kind = row.get("class")
        tags |= {
            "building": "yes" if cell_values.is_missing(kind) else kind,
            "height": row.get("height"),
            "building:levels": row.get("num_floors"),
            "min_height": row.get("min_height"),
            "building:min_level": row.get("min_floor"),
            "location": "underground" if row.get("is_underground") in (True, "true", 1) else None,
            "layer": row.get("level"),
        }
    elif layer == "roads":
        flags = _listed(row.get("road_flags"))
        tunnel = any("is_tunnel" in list(_listed(one.get("values"))) for one in flags if isinstance(one, dict))
        widths = [one.get("value") for one in _listed(row.get("width_rules")) if isinstance(one, dict)]
        is_road = row.get("subtype") == "road"
        tags |= {
            "highway": row.get("class") if is_road else None,
            "tunnel": "yes" if tunnel else None,
            "width": widths[0] if widths else None,
        }
    else:
        tags |= {"addr:housenumber": row.get("number"), "addr:street": row.get("street")}
        tags |= {"addr:postcode": row.get("postcode"), "addr:city": row.get("postal_city")}
    return tags


def _nested(cell: Any) -> Any:
    return _json(cell) if isinstance(cell, str) else cell


def _listed(cell: Any) -> Sequence[Any]:
    found = _nested(cell)
    return list(found) if isinstance(found, list | tuple | np.ndarray) else []


def _json(text: str) -> Any:
    data = text.encode("utf-8", "replace")
    try:
        bounds.check_json_depth(data, max_depth=20)
        return orjson.loads(data)
    except (BadValue, orjson.JSONDecodeError):
        return None
