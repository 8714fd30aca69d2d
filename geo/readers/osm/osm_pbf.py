"""Read cameras, buildings, roads, addresses and places from an .osm.pbf file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import osmium
import pandas as pd
import shapely

from geo import crs as crs_module
from geo.readers.osm import osm_tags
from geo.readers.source import Fault, FileLimits, SourceTable, check_features, shapes_array, short_message, unreadable

_INCOMPLETE = "轮廓残缺，部分点不在文件中 / outline incomplete, nodes are missing from the file"
_BROKEN_AREA = "面拼不成 / the area cannot be assembled from its members"
_CLIPPED_AT_EDGE = "道路在文件边缘被截断 / road cut at the edge of the file"
_IS_AREA = "面状道路，不是线 / an area, not a line"


@dataclass
class _Features:
    """Features of one layer in the file's order: nodes, ways, relations."""

    labels: list[str] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)
    shapes: list[shapely.Geometry | None] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)
    clipped: list[str] = field(default_factory=list)

    def add(self, label: str, tags: Any, shape: shapely.Geometry | None, fault: Fault | None = None) -> None:
        """Add one feature with its geometry or its fault."""
        if fault is not None:
            self.faults[len(self.labels)] = fault
        self.labels.append(label)
        self.tags.append({**{tag.k: tag.v for tag in tags}, "@id": label})
        self.shapes.append(shape)


def read(path: Path, layer: str, limits: FileLimits) -> SourceTable:
    """Return the features of a layer in an .osm.pbf file, incomplete multipolygons as faults.

    Raises
    ------
    UnknownName
        For a layer that is not read from OpenStreetMap.
    UnreadableFile
        For a file that is not a PBF.
    """
    keys = osm_tags.keys_of(layer)
    try:
        features = _collect(path, layer, keys)
    except (RuntimeError, ValueError, OSError) as error:
        reason = short_message(error, path, path.name)
        raise unreadable(path.name, f"不是完好的 OSM PBF（{reason}）", f"it is no sound OSM PBF ({reason})") from None
    check_features(path.name, len(features.labels), limits)
    source = SourceTable(
        name=path.name,
        columns=pd.DataFrame(index=range(len(features.labels))),
        shapes=shapes_array(features.shapes),
        crs=crs_module.STORAGE_CRS,
        faults=features.faults,
        labels=features.labels,
        tags=features.tags,
        always_wgs84=True,
    )
    if features.clipped:
        source.notes[_CLIPPED_AT_EDGE] = len(features.clipped)
    return source


def _file(path: Path) -> Any:
    """Return the file as PBF: by its name osmium knows small letters only."""
    return osmium.io.File(str(path), "pbf")


def _collect(path: Path, layer: str, keys: Sequence[str]) -> _Features:
    # Areas are assembled from ways and relations; each comes separately from, and after, its origin.
    areas = dict(_areas(path, layer, keys)) if layer != "roads" else {}
    features = _Features()
    wanted = osmium.FileProcessor(_file(path)).with_locations()
    one: Any
    for one in wanted.with_filter(osmium.filter.KeyFilter(*keys)):
        if not osm_tags.selects(layer, one.tags):
            continue
        if one.is_node():
            features.add(f"node/{one.id}", one.tags, _node(one))
        elif one.is_way():
            _add_way(features, one, layer, areas.get(("way", one.id)))
        elif one.is_relation() and layer != "roads":
            shape = areas.get(("relation", one.id))
            fault = None if shape is not None else Fault("geometry", _BROKEN_AREA, f"relation/{one.id}")
            features.add(f"relation/{one.id}", one.tags, _as_point(shape, layer), fault)
    return features if layer != "roads" else _drop_road_nodes(features)


def _areas(path: Path, layer: str, keys: Sequence[str]) -> Iterator[tuple[tuple[str, int], shapely.Geometry]]:
    factory = osmium.geom.WKBFactory()
    only = osmium.filter.KeyFilter(*keys)
    one: Any
    for one in osmium.FileProcessor(_file(path)).with_areas(only).with_filter(only):
        if not one.is_area() or not osm_tags.selects(layer, one.tags):
            continue
        try:
            shape = shapely.from_wkb(bytes.fromhex(factory.create_multipolygon(one)))
        except (RuntimeError, ValueError, shapely.errors.GEOSException):
            continue  # reported with its way or relation, which has no area then
        yield ("way" if one.from_way() else "relation", one.orig_id()), shape


def _node(node: Any) -> shapely.Geometry | None:
    return shapely.Point(node.location.lon, node.location.lat) if node.location.valid() else None


def _add_way(features: _Features, way: Any, layer: str, area: shapely.Geometry | None) -> None:
    label = f"way/{way.id}"
    points = [(node.lon, node.lat) if node.location.valid() else None for node in way.nodes]
    if layer == "roads":
        _add_road(features, way, label, points)
    elif area is not None:
        features.add(label, way.tags, _as_point(area, layer))
    elif None in points:
        features.add(label, way.tags, None, Fault("geometry", _INCOMPLETE, label))
    elif layer == "obstacles" or not points:
        features.add(label, way.tags, None, Fault("geometry", _BROKEN_AREA, label))
    elif layer == "places" and len(points) > 1:
        features.add(label, way.tags, shapely.LineString(points))
    else:
        # A camera or an address drawn as a way is located at its centroid.
        features.add(
            label, way.tags, shapely.LineString(points).centroid if len(points) > 1 else shapely.Point(points[0])
        )


def _add_road(features: _Features, way: Any, label: str, points: list[tuple[float, float] | None]) -> None:
    if way.tags.get("area") == "yes":
        features.add(label, way.tags, None, Fault("geometry", _IS_AREA, label))
        return
    runs = [run for run in _runs(points) if len(run) > 1]
    if not runs:
        features.add(label, way.tags, None, Fault("geometry", _INCOMPLETE, label))
        return
    if None in points:
        features.clipped.append(label)
    features.add(label, way.tags, shapely.LineString(runs[0]) if len(runs) == 1 else shapely.MultiLineString(runs))


def _runs(points: list[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return runs


def _as_point(shape: shapely.Geometry | None, layer: str) -> shapely.Geometry | None:
    if shape is None or layer in ("obstacles", "places"):
        return shape
    centre = shape.centroid
    # The centroid of an L-shaped house may lie outside it; the point must lie on the house.
    return centre if shapely.intersects(shape, centre) else shape.representative_point()


def _drop_road_nodes(features: _Features) -> _Features:
    """Drop highway=* nodes (crossings, bus stops): they are points on roads, not roads."""
    keep = [row for row, label in enumerate(features.labels) if not label.startswith("node/")]
    row_in_result = {row: number for number, row in enumerate(keep)}
    return _Features(
        labels=[features.labels[row] for row in keep],
        tags=[features.tags[row] for row in keep],
        shapes=[features.shapes[row] for row in keep],
        faults={row_in_result[row]: fault for row, fault in features.faults.items() if row in row_in_result},
        clipped=features.clipped,
    )
