"""Grade what borders of grids should follow: roads by class, rivers and railways (rule V2)."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.assessment.carriageways import FOOT_CLASSES, LEFT_OUT_CLASSES
from geo.catalog.free_words import road_class
from geo.crs import require_same_crs

#: Grade of a barrier by class of road, of river or railway: how many times a metre of it counts within a grid.
GRADES: Mapping[str, float] = {
    "motorway": 8.0, "trunk": 6.0, "primary": 5.0, "secondary": 4.0, "tertiary": 3.0, "unclassified": 1.5,
    "residential": 1.0, "living_street": 0.8, "service": 0.5, "pedestrian": 0.5, "rail": 8.0, "railway": 8.0,
    "river": 8.0, "canal": 6.0, "stream": 2.0, "ditch": 1.0, "wall": 2.0,
}  # fmt: skip
#: Of a road without a class, of one whose class is not listed, and of ways on foot.
UNNAMED, OTHER, ON_FOOT = 1.5, 1.0, 0.2


def barrier_lines(*layers: gpd.GeoDataFrame | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the single lines of barriers and the grade of each; polygons (of water) count by their borders.

    Parameters
    ----------
    layers
        Rows with ``class``, as layer ``roads`` has it, in one projected CRS in metres; tunnels and what is not built
        yet are left out.

    Raises
    ------
    CrsMismatch
        Where the layers are not in one CRS.

    Examples
    --------
    >>> road = shapely.LineString([(0, 0), (100, 0)])
    >>> lines, grade = barrier_lines(gpd.GeoDataFrame({"class": ["primary", "tunnel"]}, geometry=[road] * 2, crs=4547))
    >>> len(lines), grade.tolist()
    (1, [5.0])
    """
    present = [one for one in layers if one is not None and len(one)]
    if not present:
        return np.empty(0, object), np.empty(0)
    require_same_crs(*present)
    lines, grades = [], []
    for layer in present:
        shapes = shapely.force_2d(layer.geometry.to_numpy())
        shapes = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)
        parts, row = shapely.get_parts(shapes, return_index=True)
        grade = _grades(layer)[row]
        keep = (grade > 0) & (shapely.get_dimensions(parts) == 1) & ~shapely.is_empty(parts)
        lines.append(parts[keep])
        grades.append(grade[keep])
    return np.concatenate(lines), np.concatenate(grades)


def _grades(layer: gpd.GeoDataFrame) -> np.ndarray:
    """Return the grade of each row, 0 for those left out."""
    names = layer["class"] if "class" in layer else pd.Series([None] * len(layer), dtype=object)
    codes, unique = pd.factorize(names.astype(object), use_na_sentinel=True)
    return np.array([*(_grade(road_class(name)) for name in unique), UNNAMED])[codes]


def _grade(name: str) -> float:
    plain = name.removesuffix("_link")
    if plain in LEFT_OUT_CLASSES:
        return 0.0
    return GRADES.get(plain, ON_FOOT if plain in FOOT_CLASSES else OTHER if plain else UNNAMED)
