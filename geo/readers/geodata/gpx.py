"""Read waypoints, routes and tracks of GPX; those are rows whose kind of shape the layer holds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from geo import crs as crs_module
from geo.catalog.layers import Layer
from geo.errors import UnknownName
from geo.readers.geodata.drawn_shapes import closed_lines_as_areas
from geo.readers.geodata.xml_files import Node, elements
from geo.readers.source import Fault, FileLimits, SourceTable, check_columns, check_features, check_size, shapes_array

_LAYERS = {"waypoints": "wpt", "routes": "rte", "tracks": "trk"}
_OTHERS = "形状与图层不符的航点或轨迹，不导入 / waypoints or tracks of another kind of shape left out"
_NO_NUMBERS = "坐标不是数字 / coordinates are no numbers"


def read_gpx(path: Path, layer: Layer, source_layer: str | None, limits: FileLimits) -> SourceTable:
    """Return waypoints for a layer of points, routes and tracks for one of lines or areas, or those that are named.

    Parameters
    ----------
    source_layer
        ``waypoints``, ``routes`` or ``tracks``; None for those whose shape the layer holds.
    """
    check_size(path.name, path.stat().st_size, limits.json_bytes)
    if source_layer is not None and source_layer not in _LAYERS:
        known = ", ".join(_LAYERS)
        raise UnknownName(
            f"GPX 没有图层 {source_layer}；有：{known}", f"GPX has no layer {source_layer}; it has: {known}"
        )
    wanted = [_LAYERS[source_layer]] if source_layer is not None else _wanted(layer)
    rows: list[dict[str, str]] = []
    shapes: list[shapely.Geometry | None] = []
    faults: dict[int, Fault] = {}
    others = 0
    for one in elements(partial(_blocks, path), path.name, roots=("gpx",), wanted=tuple(_LAYERS.values())):
        if one.node.tag not in wanted:
            others += 1
            continue
        try:
            shapes.append(_shape(one.node))
        except (ValueError, KeyError):
            shapes.append(None)
            faults[len(rows)] = Fault("geometry", _NO_NUMBERS)
        rows.append(_columns(one.node))
        check_features(path.name, len(rows), limits)
    check_columns(path.name, len({key for row in rows for key in row}), len(rows))
    frame = pd.DataFrame.from_records(rows, index=range(len(rows))).astype(object)
    source = SourceTable(
        path.name, frame.where(frame.notna(), None), shapes_array(shapes), crs=crs_module.STORAGE_CRS, faults=faults
    )
    if others:
        source.notes[_OTHERS] = others
    closed_lines_as_areas(source, layer.shapes)
    return source


def _columns(node: Node) -> dict[str, str]:
    """Return the texts of a waypoint, route or track, and of its extensions, where converters write the attributes."""
    row = dict(node.texts())
    extensions = node.child("extensions")
    found = [] if extensions is None else extensions.children[::-1]
    while found:
        one = found.pop()
        if one.text and not one.children:
            row.setdefault(one.tag, one.text)
        found += one.children[::-1]
    return row


def _wanted(layer: Layer) -> list[str]:
    kinds = {"point": ["wpt"], "line": ["rte", "trk"], "polygon": ["rte", "trk"]}
    return [tag for shape in layer.shapes for tag in kinds[shape]]


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            yield block


def _shape(node: Node) -> shapely.Geometry | None:
    if node.tag == "wpt":
        return shapely.Point(_position(node))
    parts = [node] if node.tag == "rte" else [one for one in node.children if one.tag == "trkseg"]
    lines = [np.array([_position(one) for one in part.children if one.tag in ("rtept", "trkpt")]) for part in parts]
    made = [shapely.LineString(points) for points in lines if len(points) > 1]
    if not made:
        return None
    return made[0] if len(made) == 1 else shapely.MultiLineString(made)


def _position(node: Node) -> tuple[float, float]:
    return float(node.attributes["lon"]), float(node.attributes["lat"])
