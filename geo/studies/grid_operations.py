"""Read changes of grids from JSON, and write them as JSON again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import shapely
import shapely.geometry

from geo.bounds import check_geometry, check_members, check_text
from geo.catalog.division_codes import code_text
from geo.errors import BadGeometry, BadValue
from geo.planning.grid_changes import CHANGES, GridOperation

#: Changes of one draft, grids of one merge, characters of a code and of a name.
MAX_OPERATIONS, MAX_GRIDS, MAX_CODE, MAX_GRID_NAME = 100, 200, 64, 200
#: Vertices and parts of what was drawn for one change.
MAX_VERTICES, MAX_PARTS = 20_000, 200
#: Members that name the grids of a change, and that which holds what was drawn.
_GRIDS = {
    "split": ("grid",), "merge": ("grids",), "redraw": ("grids",), "rename": ("grid",), "hand_over": ("from", "to"),
}  # fmt: skip
_PARTED = re.compile("[,;，；、]")
_DRAWN = {"split": "by", "redraw": "border", "hand_over": "piece"}


def grid_operations(value: Any) -> list[GridOperation]:
    """Return the changes of a list of JSON objects.

    Raises
    ------
    BadValue, BadGeometry
        A change is none, or lacks something; the row of the error has its number.

    Examples
    --------
    >>> [one] = grid_operations([{"change": "rename", "grid": "990101101201001", "name": "北街网格"}])
    >>> one.kind, one.grids, one.names
    ('rename', ('990101101201001',), ('北街网格',))
    >>> operation_values([one])
    [{'change': 'rename', 'grid': '990101101201001', 'names': ['北街网格']}]
    """
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise BadValue("operations 须是变动的列表", "operations must be a list of changes")
    if len(value) > MAX_OPERATIONS:
        raise BadValue(f"一份草案至多 {MAX_OPERATIONS} 项变动", f"a draft has at most {MAX_OPERATIONS} changes")
    return [_operation(one, at) for at, one in enumerate(value, 1)]


def operation_values(operations: Sequence[GridOperation]) -> list[dict[str, Any]]:
    """Return changes as JSON objects that ``grid_operations`` reads.

    Examples
    --------
    >>> operation_values([GridOperation("merge", ("a", "b"), codes=("c",))])
    [{'change': 'merge', 'grids': ['a', 'b'], 'codes': ['c']}]
    """
    return [_value(one) for one in operations]


def operations_of_features(features: Any) -> list[dict[str, Any]]:
    """Return the changes of GeoJSON features: properties are the members of a change, the shape is what was drawn.

    Empty properties, and those of no change, are left out; several codes or names in a text are parted by ``,;，；、``.

    Examples
    --------
    >>> line = {"type": "LineString", "coordinates": [[103.0, 37.0], [103.1, 37.0]]}
    >>> properties = {"fid": 1, "change": "redraw", "grids": "a, b", "name": None}
    >>> found = operations_of_features([{"type": "Feature", "geometry": line, "properties": properties}])
    >>> found == [{"change": "redraw", "grids": ["a", "b"], "border": line}]
    True
    """
    out = []
    for at, one in enumerate(features if isinstance(features, list) else [], 1):
        given = one.get("properties") if isinstance(one, Mapping) else None
        if not isinstance(given, Mapping):
            raise BadValue(f"第 {at} 个要素没有属性", f"feature {at} has no properties")
        kind = given.get("change")
        members = (*_GRIDS.get(str(kind), ()), "name", "names", "codes")
        value: dict[str, Any] = {"change": kind}
        value |= {name: given[name] for name in members if given.get(name) not in (None, "")}
        for name in ("grids", "names", "codes"):
            text = value.get(name)
            if isinstance(text, str):
                value[name] = [part.strip() for part in _PARTED.split(text) if part.strip()]
        if str(kind) in _DRAWN:
            value[_DRAWN[str(kind)]] = one.get("geometry")
        out.append(value)
    return out


def _operation(value: Any, at: int) -> GridOperation:
    if not isinstance(value, Mapping):
        raise BadValue(f"第 {at} 项变动须是 JSON 对象", f"change {at} must be a JSON object")
    kind = value.get("change")
    if not isinstance(kind, str) or kind not in CHANGES:
        raise BadValue(
            f"第 {at} 项的 change 须是 {'、'.join(CHANGES)} 之一", f"change {at} must be one of {', '.join(CHANGES)}"
        )
    drawn = _DRAWN.get(kind)
    names = ("name",) if kind in ("merge", "rename") else ()
    check_members(value, ("change", *_GRIDS[kind], *names, "names", "codes", *((drawn,) if drawn else ())))
    grids = _codes([value.get(name) for name in _GRIDS[kind]] if _GRIDS[kind] != ("grids",) else value.get("grids"), at)
    named = _texts([value["name"]] if value.get("name") is not None else value.get("names") or [], at, MAX_GRID_NAME)
    shape = None
    if drawn is not None:
        check_geometry(value.get(drawn), max_vertices=MAX_VERTICES)
        shape = _shape(value[drawn], at)
    return GridOperation(kind, grids, shape, named, _codes(value.get("codes") or [], at))


def _codes(value: Any, at: int) -> tuple[str, ...]:
    """Return codes as they are stored: of one width, without spaces."""
    return tuple(code_text(one) for one in _texts(value, at))


def _texts(value: Any, at: int, most: int = MAX_CODE) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > MAX_GRIDS:
        raise BadValue(f"第 {at} 项的网格须是代码的列表", f"the grids of change {at} must be a list of codes")
    for one in value:
        if not isinstance(one, str) or not one.strip():
            raise BadValue(f"第 {at} 项缺少网格的代码或名称", f"change {at} lacks the code or the name of a grid")
        check_text(one, max_characters=most, what=("代码或名称", "a code or name"))
    return tuple(one.strip() for one in value)


def _shape(value: Any, at: int) -> shapely.Geometry:
    try:
        shape = shapely.force_2d(shapely.geometry.shape(value))
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, shapely.errors.ShapelyError):
        raise BadGeometry(f"第 {at} 项所画的图形不能使用", f"what was drawn for change {at} is not usable") from None
    if shape.geom_type.removeprefix("Multi") not in ("LineString", "Polygon") or shape.is_empty:
        raise BadGeometry(f"第 {at} 项须是线或面", f"what was drawn for change {at} must be lines or areas")
    if any(shapely.get_num_interior_rings(shapely.get_parts(shape)) > 0):
        raise BadGeometry(f"第 {at} 项所画的面不能有洞", f"an area drawn for change {at} must have no hole")
    if shapely.get_num_geometries(shape) > MAX_PARTS:
        raise BadGeometry(
            f"第 {at} 项所画的图形至多 {MAX_PARTS} 部分",
            f"what was drawn for change {at} has more than {MAX_PARTS} parts",
        )
    return shape


def _value(one: GridOperation) -> dict[str, Any]:
    members = _GRIDS[one.kind]
    named = {"grids": list(one.grids)} if members == ("grids",) else dict(zip(members, one.grids, strict=True))
    out: dict[str, Any] = {"change": one.kind, **named}
    if one.shape is not None and one.kind in _DRAWN:
        out[_DRAWN[one.kind]] = plain_shape(one.shape)
    if one.names:
        out["names"] = list(one.names)
    if one.codes:
        out["codes"] = list(one.codes)
    return out


def plain_shape(shape: shapely.Geometry) -> dict[str, Any]:
    """Return a shape as GeoJSON of plain lists, every digit kept.

    Examples
    --------
    >>> plain_shape(shapely.Point(103.10000000000001, 37))
    {'type': 'Point', 'coordinates': [103.10000000000001, 37.0]}
    """
    mapped = shapely.geometry.mapping(shape)
    return {"type": mapped["type"], "coordinates": _lists(mapped["coordinates"])}


def _lists(node: Any) -> Any:
    return [_lists(one) for one in node] if isinstance(node, tuple | list) else float(node)
