"""Make the atoms of a division: faces between barriers, and clumps of buildings where a face has too many (V2)."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geo.assessment.zones import owning_shapes
from geo.planning.clumps import clump_lines, lattice_lines
from geo.planning.faces import Faces, cut_faces
from geo.planning.town import Town

#: A face is cut into clumps of at most this share of the upper end of its band.
_CLUMP_SHARE = 1 / 8
#: Grade of the border of a dedicated grid.
_DEDICATED_GRADE = 8.0


@dataclass(frozen=True)
class Atoms:
    """Hold the atoms of a division.

    Attributes
    ----------
    faces
        Their shapes and what lies between them.
    load, houses
        Figure (households) and number of buildings of each.
    of_house
        Atom of each building, -1 for none.
    special, present
        Of each atom the dedicated area that holds it, and its grid of today; -1 for none.
    spread
        Places of the units whose figure was spread by area.
    """

    faces: Faces
    load: np.ndarray
    houses: np.ndarray
    of_house: np.ndarray
    special: np.ndarray
    present: np.ndarray
    spread: list[int]


def town_atoms(town: Town, lines: np.ndarray, grade: np.ndarray, special: np.ndarray, present: np.ndarray) -> Atoms:
    """Return the atoms of a town.

    Parameters
    ----------
    lines, grade
        Barriers (``geo.planning.barriers``).
    special, present
        Polygons of dedicated areas, and of the grids of today, metres.
    """
    cuts = np.concatenate([lines, *(_rings(one) for one in (special, present))])
    grades = np.concatenate([grade, np.full(len(_rings(special)), _DEDICATED_GRADE), np.zeros(len(_rings(present)))])
    is_area = shapely.get_dimensions(town.buildings) == 2
    footprints = town.buildings[is_area]
    faces = cut_faces(town.shape, cuts, grades, footprints)
    more, spread = _lines_in_faces(town, faces)
    if len(more):
        faces = cut_faces(
            town.shape, np.concatenate([cuts, more]), np.concatenate([grades, np.zeros(len(more))]), footprints
        )
    of_house = _faces_of(town, faces)
    inside = of_house >= 0
    load = np.bincount(of_house[inside], town.weight[inside], len(faces.unit)).astype(float)
    area = shapely.area(faces.shape)
    for unit in spread:
        own = faces.unit == unit
        load[own] = town.total[unit] * area[own] / area[own].sum()
    middle = gpd.GeoSeries(shapely.point_on_surface(faces.shape))
    return Atoms(
        faces, load, np.bincount(of_house[inside], minlength=len(faces.unit)).astype(float), of_house,
        owning_shapes(special, middle), owning_shapes(present, middle), spread,
    )  # fmt: skip


def _rings(shapes: np.ndarray) -> np.ndarray:
    return shapely.get_rings(shapes) if len(shapes) else np.empty(0, object)


def _lines_in_faces(town: Town, faces: Faces) -> tuple[np.ndarray, list[int]]:
    """Return lines that divide the faces with too many households, and the units without any building."""
    of_house, lines = _faces_of(town, faces), [np.empty(0, object)]
    load = np.bincount(of_house[of_house >= 0], town.weight[of_house >= 0], len(faces.unit))
    order = np.argsort(of_house, kind="stable")
    begin = np.searchsorted(of_house[order], np.arange(len(faces.unit) + 1))
    has = np.bincount(town.unit[town.unit >= 0], minlength=len(town.code)) > 0
    for face, unit in enumerate(faces.unit.tolist()):
        most = town.bands[unit][1] * _CLUMP_SHARE
        if load[face] > most:
            houses = order[begin[face] : begin[face + 1]]
            lines.append(clump_lines(faces.shape[face], town.buildings[houses], town.weight[houses], most))
    spread = [k for k in range(len(town.code)) if not has[k] and np.isfinite(town.total[k]) and town.total[k] > 0]
    for unit in spread:
        area = town.shape[unit].area
        for face in np.flatnonzero(faces.unit == unit).tolist():
            shape = faces.shape[face]
            parts = int(np.ceil(town.total[unit] * shape.area / area / (town.bands[unit][1] * _CLUMP_SHARE)))
            if parts > 1:
                lines.append(lattice_lines(shape, parts))
    return np.concatenate(lines), spread


def _faces_of(town: Town, faces: Faces) -> np.ndarray:
    """Return the face of each building: the one of its unit that holds its inner point, -1 for none."""
    points = shapely.point_on_surface(town.buildings)
    found = np.full(len(points), -1)
    house, face = shapely.STRtree(faces.shape).query(points, predicate="intersects")
    own = faces.unit[face] == town.unit[house]
    house, face = house[own], face[own]
    order = np.lexsort((face, house))[::-1]
    found[house[order]] = face[order]
    return found
