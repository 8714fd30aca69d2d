"""Read the buildings of a CityJSON model as footprints with heights."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.errors import UnknownName
from geo.readers.source import Fault, FileLimits, SourceTable, check_features, shapes_array, unreadable

_CRS = re.compile(r"(?:EPSG/[\d.]+/|EPSG:[\d.]*:?)(\d+)$")
_NO_FOOTPRINT = "没有可用的底面 / no footprint found"
# A face whose vertices lie within this height (m) of the lowest vertex is a floor.
_FLOOR_TOLERANCE_M = 0.05
_MAX_DEPTH = 8  # boundaries of a CompositeSolid: solids, shells, faces, rings


def read(name: str, data: Mapping[str, Any], layer: str, limits: FileLimits) -> SourceTable:
    """Return one row per building: footprint in the model's horizontal CRS, height in metres above its lowest vertex.

    The footprint is the union of the GroundSurface faces, else of the lowest horizontal faces, else of all faces
    projected to the ground. The height is the attribute ``measuredHeight`` or ``height``, else the vertical extent.

    Raises
    ------
    UnknownName
        For a layer other than obstacles.
    UnreadableFile
        Where vertices or objects are missing.
    """
    if layer != "obstacles":
        raise UnknownName("CityJSON 文件只给出图层 obstacles", "CityJSON files give the layer obstacles")
    objects = data.get("CityObjects")
    if not isinstance(objects, dict):
        raise unreadable(name, "没有 CityObjects", "it has no CityObjects")
    vertices = _vertices(name, data)
    keys = [key for key, one in objects.items() if isinstance(one, dict) and _is_whole_building(one)]
    check_features(name, len(keys), limits)
    shapes: list[shapely.Geometry | None] = []
    heights: list[object] = []
    faults: dict[int, Fault] = {}
    for row, key in enumerate(keys):
        try:
            shape, extent = _building(list(_object_with_parts(objects, key)), vertices)
        except (TypeError, IndexError, KeyError, ValueError, shapely.errors.GEOSException) as error:
            shape, extent = None, None
            faults[row] = Fault("geometry", f"{_NO_FOOTPRINT}: {error}", key)
        if shape is None:
            faults.setdefault(row, Fault("geometry", _NO_FOOTPRINT, key))
        shapes.append(shape)
        heights.append(_given_height(objects[key]) or extent)
    return SourceTable(
        name=name,
        columns=pd.DataFrame({"id": keys, "height": heights}),
        shapes=shapes_array(shapes),
        crs=_crs(data),
        faults=faults,
    )


def _is_whole_building(one: Mapping[str, Any]) -> bool:
    return one.get("type") == "Building" or (one.get("type") == "BuildingPart" and not one.get("parents"))


def _object_with_parts(objects: Mapping[str, Any], key: str, depth: int = 4) -> Iterator[Mapping[str, Any]]:
    one = objects.get(key)
    if not isinstance(one, dict) or depth == 0:
        return
    yield one
    for child in one.get("children") or []:
        yield from _object_with_parts(objects, child, depth - 1)


def _vertices(name: str, data: Mapping[str, Any]) -> np.ndarray:
    try:
        vertices = np.asarray(data["vertices"], dtype=float)
        transform = data.get("transform")
        if transform is not None:
            vertices = vertices * np.asarray(transform["scale"], float) + np.asarray(transform["translate"], float)
    except (KeyError, TypeError, ValueError):
        raise unreadable(name, "顶点有误", "its vertices are broken") from None
    if vertices.ndim != 2 or vertices.shape[1] != 3:
        raise unreadable(name, "顶点不是三维", "its vertices are not of three dimensions")
    return vertices


def _crs(data: Mapping[str, Any]) -> str | None:
    metadata = data.get("metadata")
    named = metadata.get("referenceSystem") if isinstance(metadata, dict) else None
    found = _CRS.search(str(named)) if named else None
    return f"EPSG:{found[1]}" if found else (str(named) if named else None)


def _given_height(one: Mapping[str, Any]) -> object:
    attributes = one.get("attributes")
    if not isinstance(attributes, dict):
        return None
    return attributes.get("measuredHeight") or attributes.get("height")


def _building(parts: Iterable[Mapping[str, Any]], vertices: np.ndarray) -> tuple[shapely.Geometry | None, float | None]:
    ground: list[np.ndarray] = []
    faces: list[np.ndarray] = []
    for one in parts:
        for geometry in _finest(one.get("geometry") or []):
            for ring, kind in _faces(geometry):
                corners = vertices[ring]
                faces.append(corners)
                if kind == "GroundSurface":
                    ground.append(corners)
    if not faces:
        return None, None
    heights = np.concatenate([face[:, 2] for face in faces])
    lowest = float(heights.min())
    floor = [face for face in faces if face[:, 2].max() <= lowest + _FLOOR_TOLERANCE_M]
    extent = float(heights.max()) - lowest
    for chosen in (ground, floor, faces):
        footprint = _union(chosen)
        if footprint is not None:
            return footprint, extent or None
    return None, None


def _finest(geometries: Iterable[Any]) -> list[Mapping[str, Any]]:
    """Return the geometries of the highest level of detail; lower ones repeat the same building."""
    whole = [one for one in geometries if isinstance(one, dict) and one.get("boundaries")]
    best = max((str(one.get("lod", "")) for one in whole), default="")
    return [one for one in whole if str(one.get("lod", "")) == best]


def _faces(geometry: Mapping[str, Any]) -> Iterator[tuple[list[int], str | None]]:
    """Yield the outer ring of each face, as vertex numbers, with the type of its surface."""
    semantics = geometry.get("semantics") or {}
    surfaces, values = semantics.get("surfaces") or [], semantics.get("values")
    yield from _outer_rings(geometry["boundaries"], values, surfaces, _MAX_DEPTH)


def _outer_rings(boundary: Any, values: Any, surfaces: list[Any], depth: int) -> Iterator[tuple[list[int], str | None]]:
    if not isinstance(boundary, list) or not boundary or depth == 0:
        return
    if isinstance(boundary[0], list) and boundary[0] and isinstance(boundary[0][0], int):
        kind = surfaces[values].get("type") if isinstance(values, int) and 0 <= values < len(surfaces) else None
        yield boundary[0], kind
        return
    for index, part in enumerate(boundary):
        inner = values[index] if isinstance(values, list) and index < len(values) else values
        yield from _outer_rings(part, inner, surfaces, depth - 1)


def _union(faces: Iterable[np.ndarray]) -> shapely.Geometry | None:
    flat = [shapely.Polygon(face[:, :2]) for face in faces if len(face) >= 3]
    # Vertical walls project to lines, without area.
    valid = [shape if shape.is_valid else shapely.make_valid(shape) for shape in flat if shape.area > 1e-6]
    polygons = [part for shape in valid for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    if not polygons:
        return None
    union = shapely.union_all(polygons)
    return union if union.geom_type in ("Polygon", "MultiPolygon") else None
