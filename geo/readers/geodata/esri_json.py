"""Read Esri JSON feature sets: points, paths and rings with the WKID of their CRS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo import bounds
from geo import crs as crs_module
from geo.errors import BadGeometry, UnknownCrs
from geo.readers.geodata.drawn_shapes import RINGS_CLOSED, ring
from geo.readers.source import Fault, FileLimits, SourceTable, check_columns, check_features, shapes_array

_CURVES = ("曲线不收，请先打散成折线", "curves are not read: densify them first")
_UNREADABLE = "形状读不出 / geometry cannot be read"
_WEB_MERCATOR = {102100: 3857, 102113: 3857, 900913: 3857}


def is_esri(value: Any) -> bool:
    """Return whether a JSON value is an Esri feature set.

    Examples
    --------
    >>> is_esri({"geometryType": "esriGeometryPoint", "features": [{"attributes": {}, "geometry": {"x": 1, "y": 2}}]})
    True
    >>> is_esri({"type": "FeatureCollection", "features": []})
    False
    """
    if not isinstance(value, dict) or not isinstance(value.get("features"), list) or "type" in value:
        return False
    if str(value.get("geometryType", "")).startswith("esriGeometry"):
        return True
    first = value["features"][0] if value["features"] else None
    return isinstance(first, dict) and "attributes" in first


def read(name: str, value: Mapping[str, Any], limits: FileLimits) -> SourceTable:
    """Return the features of an Esri feature set."""
    features = value["features"]
    check_features(name, len(features), limits)
    rows, shapes, closed = [], [], []
    faults: dict[int, Fault] = {}
    for row, feature in enumerate(features):
        one = feature if isinstance(feature, dict) else {}
        attributes = one.get("attributes")
        rows.append(attributes if isinstance(attributes, dict) else {})
        builder = _ShapeBuilder()
        try:
            shapes.append(builder.shape(one.get("geometry")))
        except BadGeometry as error:
            shapes.append(None)
            faults[row] = Fault("geometry", str(error))
        except (ValueError, TypeError, KeyError, shapely.errors.GEOSException):
            shapes.append(None)
            faults[row] = Fault("geometry", _UNREADABLE)
        if builder.has_closed_ring:
            closed.append(row)
    check_columns(name, len({key for row in rows for key in row}), len(rows))
    source = SourceTable(
        name,
        pd.DataFrame.from_records(rows, index=range(len(rows))),
        shapes_array(shapes),
        crs=_crs(value, features),
        faults=faults,
    )
    if closed:
        source.row_notes[RINGS_CLOSED] = closed
    return source


def _crs(value: Mapping[str, Any], features: Sequence[Any]) -> str | None:
    """Return the CRS of the set, else of its first shape; None where it names none that PROJ knows."""
    named = value.get("spatialReference")
    if not isinstance(named, dict) and features and isinstance(features[0], dict):
        first = features[0].get("geometry")
        named = first.get("spatialReference") if isinstance(first, dict) else None
    if not isinstance(named, dict):
        return None
    tried = [named.get("latestWkid"), named.get("wkid")]
    numbers = [_WEB_MERCATOR.get(one, one) for one in tried if isinstance(one, int) and not isinstance(one, bool)]
    texts = [f"{authority}:{number}" for number in numbers for authority in ("EPSG", "ESRI")]
    if isinstance(named.get("wkt"), str):
        texts.append(named["wkt"][:10_000])
    for text in texts:
        try:
            crs_module.parse_crs(text)
        except UnknownCrs:
            continue
        return text
    return None


class _ShapeBuilder:
    """Build one shape, and remember whether a ring had to be closed."""

    def __init__(self) -> None:
        self.has_closed_ring = False
        self.vertices = 0

    def shape(self, geometry: Any) -> shapely.Geometry | None:
        """Return the shape of an Esri geometry, None where it has none."""
        if not isinstance(geometry, dict):
            return None
        if "curvePaths" in geometry or "curveRings" in geometry:
            raise BadGeometry(*_CURVES)
        if "rings" in geometry:
            return self._area([self._ring(one) for one in geometry["rings"]])
        if "paths" in geometry:
            lines = [shapely.LineString(self._positions(one)) for one in geometry["paths"]]
            return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)
        if "points" in geometry:
            return shapely.MultiPoint(self._positions(geometry["points"]))
        if geometry.get("x") in (None, "NaN"):
            return None
        return shapely.Point(self._positions([[geometry["x"], geometry["y"]]])[0])

    def _positions(self, listed: Any) -> np.ndarray:
        array = np.array([position[:2] for position in listed])
        self.vertices += len(array)
        if self.vertices > bounds.MAX_VERTICES:
            raise BadGeometry(f"顶点超过 {bounds.MAX_VERTICES:,} 个", f"more than {bounds.MAX_VERTICES:,} vertices")
        if array.ndim != 2 or array.shape[1] != 2 or array.dtype.kind not in "if":
            raise BadGeometry("坐标不是数字", "coordinates are no numbers")
        return array.astype(float)

    def _ring(self, listed: Any) -> np.ndarray:
        points, was_open = ring(self._positions(listed))
        self.has_closed_ring |= was_open
        if len(points) < 4:
            raise BadGeometry("环至少要四点", "a ring needs four points")
        return points

    def _area(self, rings: Sequence[np.ndarray]) -> shapely.Geometry:
        """Return areas of rings: outer rings run clockwise, each hole goes to the smallest one that holds it."""
        if len(rings) > bounds.MAX_MEMBERS:
            raise BadGeometry(f"集合成员超过 {bounds.MAX_MEMBERS:,} 个", f"more than {bounds.MAX_MEMBERS:,} members")
        made = (
            shapely.linearrings(rings) if len({len(one) for one in rings}) == 1 else [*map(shapely.LinearRing, rings)]
        )
        is_hole = shapely.is_ccw(np.array(made, dtype=object))
        if is_hole.all():
            is_hole[:] = False  # written the other way round, as converters do
        shells = [shapely.Polygon(one) for one, hole in zip(rings, is_hole, strict=True) if not hole]
        holes: dict[int, list[np.ndarray]] = {place: [] for place in range(len(shells))}
        order = sorted(holes, key=lambda place: shells[place].area)
        for one in (points for points, hole in zip(rings, is_hole, strict=True) if hole):
            start = shapely.Polygon(one).representative_point()
            around = next((place for place in order if shapely.contains(shells[place], start)), None)
            if around is None:
                raise BadGeometry("洞不在任何面内", "a hole lies in no area")
            holes[around].append(one)
        areas = [shapely.Polygon(shell.exterior, holes[place]) for place, shell in enumerate(shells)]
        return areas[0] if len(areas) == 1 else shapely.MultiPolygon(areas)
