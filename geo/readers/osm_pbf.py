"""Read cameras, buildings, roads and addresses out of an .osm.pbf file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import osmium
import pandas as pd
import shapely

from geo import crs as crs_module
from geo.readers import osm_tags
from geo.readers.source import Fault, Limits, Source, broken, check_features, shapes_array

_INCOMPLETE = "轮廓残缺，部分点不在文件中 / outline incomplete, nodes are missing from the file"
_BROKEN_AREA = "面拼不成 / the area cannot be assembled from its members"
_CUT = "道路在文件边缘被截断 / road cut at the edge of the file"
_IS_AREA = "面状道路，不是线 / an area, not a line"


@dataclass
class _Found:
    """Gather the features of one layer in the file's order: nodes, ways, relations."""

    labels: list[str] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)
    shapes: list[shapely.Geometry | None] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)

    def add(self, label: str, tags: Any, shape: shapely.Geometry | None, fault: Fault | None = None) -> None:
        """Add one feature, its shape or what is wrong with it."""
        if fault is not None:
            self.faults[len(self.labels)] = fault
        self.labels.append(label)
        self.tags.append({**{tag.k: tag.v for tag in tags}, "@id": label})
        self.shapes.append(shape)


def read(path: Path, layer: str, limits: Limits) -> Source:
    """Return the features of a layer in an .osm.pbf file, broken multipolygons as faults.

    Raises
    ------
    UnknownName
        For a layer that OpenStreetMap does not give.
    UnreadableFile
        For a file that is no PBF.
    """
    key = osm_tags.key_of(layer)
    try:
        found = _collect(path, layer, key)
    except (RuntimeError, ValueError, OSError) as error:
        raise broken(path.name, f"不是完好的 OSM PBF（{error}）", f"it is no sound OSM PBF ({error})") from None
    check_features(path.name, len(found.labels), limits)
    source = Source(
        name=path.name,
        columns=pd.DataFrame(index=range(len(found.labels))),
        shapes=shapes_array(found.shapes),
        crs=crs_module.STORAGE_CRS,
        faults=found.faults,
        labels=found.labels,
        tags=found.tags,
        always_wgs84=True,
    )
    if found.cut:
        source.notes[_CUT] = len(found.cut)
    return source


def _collect(path: Path, layer: str, key: str) -> _Found:
    # Areas are assembled from ways and relations; each appears apart from, and later than, its origin.
    areas = dict(_areas(path, layer, key)) if layer != "roads" else {}
    found = _Found()
    wanted = osmium.FileProcessor(str(path)).with_locations()
    one: Any
    for one in wanted.with_filter(osmium.filter.KeyFilter(key)):
        if not osm_tags.selects(layer, one.tags):
            continue
        if one.is_node():
            found.add(f"node/{one.id}", one.tags, _node(one))
        elif one.is_way():
            _add_way(found, one, layer, areas.get(("way", one.id)))
        elif one.is_relation() and layer != "roads":
            shape = areas.get(("relation", one.id))
            fault = None if shape is not None else Fault("geometry", _BROKEN_AREA, f"relation/{one.id}")
            found.add(f"relation/{one.id}", one.tags, _as_point(shape, layer), fault)
    return found if layer != "roads" else _lines_only(found)


def _areas(path: Path, layer: str, key: str) -> Iterator[tuple[tuple[str, int], shapely.Geometry]]:
    factory = osmium.geom.WKBFactory()
    only = osmium.filter.KeyFilter(key)
    one: Any
    for one in osmium.FileProcessor(str(path)).with_areas(only).with_filter(only):
        if not one.is_area() or not osm_tags.selects(layer, one.tags):
            continue
        try:
            shape = shapely.from_wkb(bytes.fromhex(factory.create_multipolygon(one)))
        except (RuntimeError, ValueError, shapely.errors.GEOSException):
            continue  # reported with its way or relation, which has no area then
        yield ("way" if one.from_way() else "relation", one.orig_id()), shape


def _node(node: Any) -> shapely.Geometry | None:
    return shapely.Point(node.location.lon, node.location.lat) if node.location.valid() else None


def _add_way(found: _Found, way: Any, layer: str, area: shapely.Geometry | None) -> None:
    label = f"way/{way.id}"
    points = [(node.lon, node.lat) if node.location.valid() else None for node in way.nodes]
    if layer == "roads":
        _add_road(found, way, label, points)
    elif area is not None:
        found.add(label, way.tags, _as_point(area, layer))
    elif None in points:
        found.add(label, way.tags, None, Fault("geometry", _INCOMPLETE, label))
    elif layer == "obstacles" or not points:
        found.add(label, way.tags, None, Fault("geometry", _BROKEN_AREA, label))
    else:
        # A camera or an address drawn as a way stands in its middle.
        found.add(label, way.tags, shapely.LineString(points).centroid if len(points) > 1 else shapely.Point(points[0]))


def _add_road(found: _Found, way: Any, label: str, points: list[tuple[float, float] | None]) -> None:
    if way.tags.get("area") == "yes":
        found.add(label, way.tags, None, Fault("geometry", _IS_AREA, label))
        return
    runs = [run for run in _runs(points) if len(run) > 1]
    if not runs:
        found.add(label, way.tags, None, Fault("geometry", _INCOMPLETE, label))
        return
    if None in points:
        found.cut.append(label)
    found.add(label, way.tags, shapely.LineString(runs[0]) if len(runs) == 1 else shapely.MultiLineString(runs))


def _runs(points: list[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return runs


def _as_point(shape: shapely.Geometry | None, layer: str) -> shapely.Geometry | None:
    if shape is None or layer == "obstacles":
        return shape
    centre = shape.centroid
    # An L-shaped house has its centroid in the yard; the point must lie on the house.
    return centre if shapely.intersects(shape, centre) else shape.representative_point()


def _lines_only(found: _Found) -> _Found:
    """Drop highway=* nodes (crossings, bus stops): they mark places on roads, not roads."""
    keep = [row for row, label in enumerate(found.labels) if not label.startswith("node/")]
    place = {row: number for number, row in enumerate(keep)}
    return _Found(
        labels=[found.labels[row] for row in keep],
        tags=[found.tags[row] for row in keep],
        shapes=[found.shapes[row] for row in keep],
        faults={place[row]: fault for row, fault in found.faults.items() if row in place},
        cut=found.cut,
    )
