"""Cut out what lies round each site of a survey form, in metres from it with true north up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from shapely import affinity

from geo.crs import STORAGE_CRS
from geo.crs_metric import convergence, metric_crs_for
from geo.storage.protocol import Store
from geo.studies.run_unknowns import RunUnknowns
from geo.studies.stored_runs import data_day
from geo.studies.survey_rows import SurveyRow

#: Half the side of a map, metres.
AROUND_M = 60.0
#: Degrees that surely hold that much: a degree of longitude is 19 km at 80 degrees north.
_AROUND_DEGREES = AROUND_M * 1.5 / 19_000


@dataclass(frozen=True)
class SiteMap:
    """What lies round a site.

    Attributes
    ----------
    buildings, roads
        Shapes within the map, metres from the first row of the site, y to true north.
    rows
        Position of each row of the site in the same metres; of a building a point in it.
    shapes
        The rows' own footprints, for buildings.
    """

    buildings: np.ndarray
    roads: np.ndarray
    rows: np.ndarray
    shapes: np.ndarray


def site_maps(store: Store, found: RunUnknowns, sites: Sequence[Sequence[SurveyRow]]) -> list[SiteMap]:
    """Return what lies round each site on the day of the run.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> from geo.studies.analysis import AnalyzeOptions, analyze
    >>> from geo.studies.run_unknowns import unknowns
    >>> from geo.studies.survey_rows import survey_rows
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> camera = gpd.GeoDataFrame({"id": ["c1"]}, geometry=[shapely.Point(103.1, 37.6)], crs="EPSG:4326")
    >>> road = shapely.LineString([(103.09, 37.6002), (103.11, 37.6002)])
    >>> road = gpd.GeoDataFrame({"id": ["r1"]}, geometry=[road], crs="EPSG:4326")
    >>> _ = store.write("cameras", camera, "upsert", actor="li"), store.write("roads", road, "upsert", actor="li")
    >>> _ = analyze(store, AnalyzeOptions(domain="streets"))
    >>> found = unknowns(store)
    >>> [around] = site_maps(store, found, survey_rows(store, found))
    >>> round(around.roads[0].length), round(around.roads[0].centroid.y)
    (120, 22)
    >>> store.close()
    >>> folder.cleanup()
    """
    day = data_day(store, found.run)
    with store.snapshot():
        layers = [store.read(name, at=day).geometry.to_numpy() for name in ("obstacles", "roads")]
    out = []
    boxes = [
        shapely.box(*(np.array([one[0].lon, one[0].lat] * 2) + np.array([-1, -1, 1, 1]) * _AROUND_DEGREES))
        for one in sites
    ]
    near = [_by_box(boxes, layer) for layer in layers]
    window = shapely.box(-AROUND_M, -AROUND_M, AROUND_M, AROUND_M)
    for i, rows in enumerate(sites):
        points = shapely.points([[row.lon, row.lat] for row in rows])
        shapes = np.array([row.shape for row in rows], object)
        turned = _turned([layers[0][near[0][i]], layers[1][near[1][i]], points, shapes], rows[0])
        buildings, roads = (shapely.intersection(shapely.make_valid(part), window) for part in turned[:2])
        buildings, roads = (part[~shapely.is_empty(part)] for part in (buildings, roads))
        out.append(SiteMap(buildings, roads, shapely.get_coordinates(turned[2]), turned[3]))
    return out


def _by_box(boxes: list[shapely.Polygon], layer: np.ndarray) -> list[np.ndarray]:
    """Return the rows of a layer that meet each box, ascending."""
    box, row = shapely.STRtree(layer).query(np.array(boxes, object))
    return [np.sort(row[box == i]) for i in range(len(boxes))]


def _turned(parts: list[np.ndarray], first: SurveyRow) -> list[np.ndarray]:
    """Return shapes in degrees as metres from a row, turned from the north of a metric CRS to true north (rule R1)."""
    centre = gpd.GeoSeries([shapely.Point(first.lon, first.lat)], crs=STORAGE_CRS)
    crs = metric_crs_for(centre)
    x, y = shapely.get_coordinates(centre.to_crs(crs).to_numpy())[0]
    angle = -float(convergence(np.array([first.lon]), np.array([first.lat]), crs)[0])
    return [
        np.array(
            [
                affinity.rotate(affinity.translate(shape, -x, -y), angle, origin=(0, 0))
                for shape in gpd.GeoSeries(part, crs=STORAGE_CRS).to_crs(crs)
            ],
            object,
        )
        for part in parts
    ]
