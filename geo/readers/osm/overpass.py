"""Read Overpass JSON: nodes, ways with geometry, centre or nodes, and relations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import shapely

from geo import crs as crs_module
from geo.readers.osm import osm_tags
from geo.readers.source import Fault, FileLimits, SourceTable, check_features, shapes_array, unreadable

Element = Mapping[str, Any]
_Points = list[tuple[float, float]]

_NO_COORDINATES = "没有坐标 / no coordinates"
_BROKEN_AREA = "面拼不成 / the area cannot be assembled from its members"
_IS_AREA = "面状道路，不是线 / an area, not a line"


def is_overpass(data: Any) -> bool:
    """Return whether a JSON value is an Overpass response, or the list of its elements."""
    elements = data.get("elements") if isinstance(data, dict) else data
    if not isinstance(elements, list):
        return False
    first = elements[0] if elements else None
    return first is None or (isinstance(first, dict) and first.get("type") in ("node", "way", "relation"))


def read(name: str, data: Any, layer: str, limits: FileLimits) -> SourceTable:
    """Return the features of a layer in an Overpass response; untagged nodes only provide coordinates.

    Raises
    ------
    UnknownName
        For a layer that is not read from OpenStreetMap.
    UnreadableFile
        Where the value has no elements, or too many.
    """
    elements = data.get("elements") if isinstance(data, dict) else data
    if not isinstance(elements, list):
        raise unreadable(name, "没有 elements", "it has no elements")
    check_features(name, len(elements), limits)
    osm_tags.keys_of(layer)
    geometry_of = _ElementGeometry(elements)
    chosen = [one for one in elements if _is_of_layer(one, layer)]
    labels = [f"{one.get('type')}/{one.get('id')}" for one in chosen]
    shapes: list[shapely.Geometry | None] = []
    faults: dict[int, Fault] = {}
    for row, one in enumerate(chosen):
        shape, reason = geometry_of.shape(one, layer)
        shapes.append(shape)
        if reason is not None:
            faults[row] = Fault("geometry", reason, labels[row])
    return SourceTable(
        name=name,
        columns=pd.DataFrame(index=range(len(chosen))),
        shapes=shapes_array(shapes),
        crs=crs_module.STORAGE_CRS,
        faults=faults,
        labels=labels,
        tags=[{**one["tags"], "@id": label} for one, label in zip(chosen, labels, strict=True)],
        always_wgs84=True,
    )


def _is_of_layer(one: Any, layer: str) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("tags"), dict):
        return False
    if layer == "roads" and one.get("type") != "way":
        return False
    return osm_tags.selects(layer, one["tags"])


class _ElementGeometry:
    """Geometry of elements, given inline or by reference to other elements of the response."""

    def __init__(self, elements: Sequence[Any]) -> None:
        whole = [one for one in elements if isinstance(one, dict)]
        self.nodes = {_number(one.get("id")): one for one in whole if one.get("type") == "node"}
        self.ways = {_number(one.get("id")): one for one in whole if one.get("type") == "way"}

    def shape(self, one: Element, layer: str) -> tuple[shapely.Geometry | None, str | None]:
        """Return the geometry of an element for a layer, or the reason why it has none."""
        if one.get("type") == "node":
            point = _point(one)
            return (shapely.Point(point), None) if point is not None else (None, _NO_COORDINATES)
        if layer == "roads":
            return self._road(one)
        area = self._area(one)
        if layer == "obstacles":
            return (area, None) if area is not None else (None, _BROKEN_AREA)
        if layer == "places" and (area is not None or len(self._line(one)) > 1):
            return (area if area is not None else shapely.LineString(self._line(one))), None
        return self._centre(one, area)

    def _road(self, one: Element) -> tuple[shapely.Geometry | None, str | None]:
        if one["tags"].get("area") == "yes":
            return None, _IS_AREA
        line = self._line(one)
        return (shapely.LineString(line), None) if len(line) > 1 else (None, _NO_COORDINATES)

    def _centre(self, one: Element, area: shapely.Geometry | None) -> tuple[shapely.Geometry | None, str | None]:
        if area is not None:
            centre = area.centroid
            return (centre if area.intersects(centre) else area.representative_point()), None
        point = _point(one.get("center"))
        if point is not None:
            return shapely.Point(point), None
        line = self._line(one)
        if line:
            return (shapely.LineString(line).centroid if len(line) > 1 else shapely.Point(line[0])), None
        return None, _NO_COORDINATES

    def _line(self, way: Element) -> _Points:
        inline = way.get("geometry")
        if isinstance(inline, list):
            return [point for point in map(_point, inline) if point is not None]
        named = (self.nodes.get(_number(node)) for node in _list(way.get("nodes")))
        return [point for point in map(_point, named) if point is not None]

    def _area(self, one: Element) -> shapely.Geometry | None:
        if one.get("type") == "way":
            return _polygon([self._line(one)], [])
        members = [member for member in _list(one.get("members")) if isinstance(member, dict)]
        outer = [self._member(member) for member in members if member.get("role") != "inner"]
        inner = [self._member(member) for member in members if member.get("role") == "inner"]
        return _polygon([line for line in outer if line], [line for line in inner if line])

    def _member(self, member: Element) -> _Points:
        if member.get("type") != "way":
            return []
        if isinstance(member.get("geometry"), list):
            return self._line(member)
        return self._line(self.ways.get(_number(member.get("ref")), {}))


def _number(one: Any) -> int | None:
    """Return the id of an element; None where it is not an integer."""
    return one if isinstance(one, int) else None


def _list(one: Any) -> list[Any]:
    return one if isinstance(one, list) else []


def _point(one: Any) -> tuple[float, float] | None:
    if not isinstance(one, dict):
        return None
    lon, lat = one.get("lon"), one.get("lat")
    if isinstance(lon, bool) or not isinstance(lon, int | float) or not isinstance(lat, int | float):
        return None
    return float(lon), float(lat)


def _polygon(outer: Sequence[_Points], inner: Sequence[_Points]) -> shapely.Geometry | None:
    """Return the area enclosed by rings given in pieces, None where they are not closed."""
    shell, hole = _enclosed(outer), _enclosed(inner)
    if shell is None or (inner and hole is None):
        return None
    area = shell if hole is None else shell.difference(hole)
    return None if area.is_empty else area


def _enclosed(lines: Iterable[_Points]) -> shapely.Geometry | None:
    pieces = [shapely.LineString(line) for line in lines if len(line) > 1]
    if not pieces:
        return None
    polygons, cuts, dangles, wrong = shapely.polygonize_full(pieces)
    if not (cuts.is_empty and dangles.is_empty and wrong.is_empty) or polygons.is_empty:
        return None
    area = shapely.union_all(list(polygons.geoms))
    return area if area.geom_type in ("Polygon", "MultiPolygon") else None
