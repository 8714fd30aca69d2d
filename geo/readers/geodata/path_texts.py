"""Read shapes that are texts of positions: ``lng,lat;lng,lat``, with ``|`` between parts, or ``[[lng,lat],…]``.

Grid platforms and map services keep outlines so, in a column of a table or a member of JSON.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import orjson
import pandas as pd
import shapely

from geo import bounds
from geo.errors import BadGeometry, BadValue
from geo.readers.geodata.drawn_shapes import RINGS_CLOSED, ring
from geo.readers.source import Fault, SourceTable, shapes_array

LATITUDE_FIRST = "路径先写纬度后写经度，已按此读取 / paths have the latitude first, read so"
_NO_PATH = ("路径读不出", "the path cannot be read")
_TOO_SHORT = {
    "polygon": ("环至少要四点", "a ring needs four points"),
    "line": ("线至少要两点", "a line needs two points"),
}
#: What the first characters of a path are made of; words in a text end the look at it.
_MADE_OF = re.compile(r"[-+\d.,;|\[\]{}()\"':eElngatoxyiud，；\s]*")
_SHARE, _LOOKED_AT = 0.5, 200
_KEYS = (("lng", "lon", "longitude", "x"), ("lat", "latitude", "y"))


@dataclass
class Paths:
    """Shapes of texts: None where a text is missing or at fault.

    Attributes
    ----------
    faults, closed, swapped
        By row position: what is wrong; rings that were open; and paths that have the latitude first.
    """

    shapes: np.ndarray
    faults: dict[int, Fault] = field(default_factory=dict)
    closed: list[int] = field(default_factory=list)
    swapped: list[int] = field(default_factory=list)


def looks_like_paths(texts: Sequence[str | None]) -> bool:
    """Return whether most of the texts that are there are paths of at least two positions.

    Examples
    --------
    >>> looks_like_paths(["102.9,37.5;102.91,37.5;102.9,37.6", None])
    True
    >>> looks_like_paths(["[[102.9,37.5],[102.91,37.5],[102.9,37.6]]"])
    True
    >>> looks_like_paths(["102.9,37.5"]), looks_like_paths(["1,2;3,4 号"])
    (False, False)
    """
    found = [text for text in texts if text is not None][:_LOOKED_AT]
    return bool(found) and sum(map(_is_path, found)) > _SHARE * len(found)


def _is_path(text: str) -> bool:
    if not any(mark in text for mark in ",，") or _MADE_OF.fullmatch(text[:200]) is None:
        return False
    try:
        return sum(map(len, _parts(text))) > 1
    except ValueError:
        return False


def shapes_of_paths(texts: Sequence[str | None], wanted: Collection[str], *, in_degrees: bool = True) -> Paths:
    """Return the shapes of texts: areas where the layer has them, else lines, else points.

    Parameters
    ----------
    wanted
        Kinds of shape that the layer has: ``point``, ``line``, ``polygon``.
    in_degrees
        Whether positions are degrees, so that a first number beyond 90 must be a longitude.

    Examples
    --------
    >>> found = shapes_of_paths(["102,37;103,37;103,38"], ["polygon"])
    >>> found.shapes[0].wkt, found.closed
    ('POLYGON ((102 37, 103 37, 103 38, 102 37))', [0])
    """
    result = Paths(shapes_array([None] * len(texts)))
    kind = next((one for one in ("polygon", "line", "point") if one in wanted), "polygon")
    for row, text in enumerate(texts):
        if text is None:
            continue
        try:
            parts = _parts(text)
            if in_degrees and _has_latitude_first(parts):
                parts = [part[:, ::-1] for part in parts]
                result.swapped.append(row)
            if kind == "polygon":
                rings = [ring(part) for part in parts]
                parts = [points for points, _ in rings]
                if any(was_open for _, was_open in rings):
                    result.closed.append(row)
            result.shapes[row] = _shape(parts, kind)
        except BadGeometry as error:
            result.faults[row] = Fault("geometry", str(error), text[:200])
        except (ValueError, shapely.errors.GEOSException):
            result.faults[row] = Fault("geometry", " / ".join(_NO_PATH), text[:200])
    return result


def add_paths(
    source: SourceTable, texts: Sequence[str | None], wanted: Collection[str], *, in_degrees: bool = True
) -> None:
    """Set the shapes of a source from texts, in place; its faults and notes take what was found."""
    found = shapes_of_paths(texts, wanted, in_degrees=in_degrees)
    there = shapely.is_geometry(found.shapes)
    source.shapes[there] = found.shapes[there]
    for row, fault in found.faults.items():
        source.faults.setdefault(row, fault)
    for said, rows in ((RINGS_CLOSED, found.closed), (LATITUDE_FIRST, found.swapped)):
        if rows:
            source.row_notes[said] = rows


def path_column(columns: pd.DataFrame) -> str | None:
    """Return the first column whose texts are paths, None where there is none."""
    for name in columns.columns:
        head = columns[name].dropna().head(_LOOKED_AT)
        texts = [text_of(cell) for cell in head]
        if looks_like_paths(texts):
            return str(name)
    return None


def text_of(cell: object) -> str | None:
    """Return a cell as text; a list, as JSON has one, becomes its JSON text."""
    if isinstance(cell, list):
        try:
            return orjson.dumps(cell).decode()
        except (TypeError, orjson.JSONEncodeError):
            return None
    text = "" if cell is None or cell is pd.NA or isinstance(cell, float) else str(cell).strip()
    return text or None


# --- details ---------------------------------------------------------------------------------------------------------


def _parts(text: str) -> list[np.ndarray]:
    """Return the positions of each part; raise BadGeometry where the text is no path."""
    if len(text) > bounds.MAX_WKT:
        raise BadGeometry(f"顶点超过 {bounds.MAX_VERTICES:,} 个", f"more than {bounds.MAX_VERTICES:,} vertices")
    parts = _listed(text) if text.lstrip().startswith("[") else _separated(text)
    if sum(map(len, parts)) > bounds.MAX_VERTICES:
        raise BadGeometry(f"顶点超过 {bounds.MAX_VERTICES:,} 个", f"more than {bounds.MAX_VERTICES:,} vertices")
    if not parts:
        raise BadGeometry(*_NO_PATH)
    return parts


def _separated(text: str) -> list[np.ndarray]:
    plain = text.replace("；", ";").replace("，", ",")
    parts = [[one for one in part.split(";") if one.strip()] for part in plain.split("|")]
    return [np.array([_pair(one) for one in part]) for part in parts if part]


def _pair(text: str) -> tuple[float, float]:
    numbers = text.strip().strip("()").split(",")
    if len(numbers) not in (2, 3):
        raise BadGeometry(*_NO_PATH)
    return _finite(float(numbers[0]), float(numbers[1]))


def _finite(x: float, y: float) -> tuple[float, float]:
    if not (np.isfinite(x) and np.isfinite(y)):
        raise BadGeometry("坐标不是有限数", "coordinates are not finite")
    return x, y


def _listed(text: str) -> list[np.ndarray]:
    data = text.encode()
    try:
        bounds.check_json_depth(data, max_depth=6)
        value = orjson.loads(data)
    except (BadValue, orjson.JSONDecodeError):
        raise BadGeometry(*_NO_PATH) from None
    # [[lng,lat],…], a list of such paths, or {"lng": …, "lat": …} instead of a pair.
    while _depth(value) > 3 and len(value) == 1:
        value = value[0]
    is_one = _depth(value) == 2 or (isinstance(value, list) and bool(value) and isinstance(value[0], str))
    paths = [value] if is_one else value
    if not isinstance(paths, list):
        raise BadGeometry(*_NO_PATH)
    return [np.array([_position(one) for one in path]) for path in paths if isinstance(path, list) and path]


def _depth(value: object) -> int:
    depth = 0
    while isinstance(value, list) and value:
        depth, value = depth + 1, value[0]
    return depth + 1 if isinstance(value, dict) else depth


def _position(value: object) -> tuple[float, float]:
    if isinstance(value, dict):
        value = [next((value[key] for key in keys if key in value), None) for keys in _KEYS]
    if isinstance(value, str):
        return _pair(value)
    if not isinstance(value, list) or len(value) not in (2, 3):
        raise BadGeometry(*_NO_PATH)
    x, y = value[:2]
    if isinstance(x, str) and isinstance(y, str):
        x, y = float(x), float(y)
    if isinstance(x, bool) or not isinstance(x, int | float) or not isinstance(y, int | float):
        raise BadGeometry(*_NO_PATH)
    return _finite(float(x), float(y))


def _has_latitude_first(parts: Sequence[np.ndarray]) -> bool:
    points = np.concatenate(parts)
    return bool((np.abs(points[:, 0]) <= 90).all() and (np.abs(points[:, 1]) > 90).any())


def _shape(parts: Sequence[np.ndarray], kind: str) -> shapely.Geometry:
    least = {"polygon": 4, "line": 2, "point": 1}[kind]
    if any(len(part) < least for part in parts):
        raise BadGeometry(*_TOO_SHORT[kind])
    if kind == "point":
        points = shapely.points(np.concatenate(parts))
        return points[0] if len(points) == 1 else shapely.MultiPoint(list(points))
    if kind == "line":
        return shapely.LineString(parts[0]) if len(parts) == 1 else shapely.MultiLineString(list(parts))
    return shapely.Polygon(parts[0]) if len(parts) == 1 else _area(parts)


def _area(rings: Sequence[np.ndarray]) -> shapely.Geometry:
    """Return the areas of several rings; a ring inside an earlier and larger one is a hole of it."""
    areas = sorted((shapely.Polygon(one) for one in rings), key=lambda one: -one.area)
    if len(areas) > 1_000 or not all(one.is_valid for one in areas):
        return shapely.MultiPolygon(areas)
    outer: list[tuple[shapely.Polygon, list[np.ndarray]]] = []
    for one in areas:
        around = next((holes for shell, holes in outer if shapely.contains_properly(shell, one)), None)
        if around is None:
            outer.append((one, []))
        else:
            around.append(np.array(one.exterior.coords))
    made = [shapely.Polygon(shell.exterior, holes) for shell, holes in outer]
    return made[0] if len(made) == 1 else shapely.MultiPolygon(made)
