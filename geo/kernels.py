"""Compile the numba kernels ahead of time, in two processes, so that the first analysis does not wait for them.

Numba compiles each kernel once per machine and caches the result beside the module; all of them take more than a minute
of processor time. ``make setup`` runs ``python -m geo.kernels``, and ``gridsight demo`` compiles in the background;
without either, the first analysis compiles the kernels it needs.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from geo.assessment.area_of_interest import Domain, domain
from geo.assessment.figures import coverage, outage, zone_metrics
from geo.assessment.gaps import gaps
from geo.assessment.incidence import incidence
from geo.assessment.unknowns import unknowns
from geo.crs import STORAGE_CRS
from geo.overlay.inaccessibility import poles_of_inaccessibility
from geo.places.locator import Locator
from geo.planning.partition import partition
from geo.visibility.views import Views, views

# A fictional block of houses: one degree is about 100 km, so 1e-5 is about a metre.
_LON, _LAT, _METRE = 103.0, 37.5, 1e-5


def _box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    west, south = _LON + x * _METRE, _LAT + y * _METRE
    return shapely.box(west, south, west + width * _METRE, south + height * _METRE)


def _frame(shapes: list[shapely.Geometry], **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=STORAGE_CRS)


def _obstacles() -> gpd.GeoDataFrame:
    boxes = [_box(10, 10, 10, 10), _box(20, 10, 10, 10), _box(-30, 5, 12, 8), _box(5, -40, 9, 9)]
    return _frame(boxes, id=["a", "b", "c", "d"], height=[2.5, 6.0, np.nan, 30.0])


def _cameras() -> gpd.GeoDataFrame:
    # Fixed, panoramic, ptz, just inside a wall, offline: each of them needs other kernels.
    positions = [(0, 0), (0, 0), (40, 0), (20.5, 12), (-10, -10)]
    points = [shapely.Point(_LON + x * _METRE, _LAT + y * _METRE) for x, y in positions]
    return _frame(
        points,
        id=["1", "2", "3", "4", "5"],
        kind=["fixed", "panoramic", "ptz", "fixed", "fixed"],
        azimuth=[350.0, np.nan, np.nan, 90.0, 45.0],
        tilt=[15.0, np.nan, 10.0, 20.0, 30.0],
        status=["online", "online", "online", "online", "offline"],
    )


def _grids() -> gpd.GeoDataFrame:
    return _frame([_box(-100, -100, 100, 200), _box(0, -100, 100, 200)], code=["1", "2"], level=[1, 1])


def _views() -> Views:
    return views(_cameras(), _obstacles())


def _domain() -> Domain:
    road = shapely.LineString([(_LON - 80 * _METRE, _LAT), (_LON + 80 * _METRE, _LAT + 20 * _METRE)])
    return domain(roads=_frame([road], id=["r"], width=[8.0]), zones=_grids(), obstacles=_obstacles())


def _overlays() -> None:
    _domain()
    poles_of_inaccessibility(np.array([shapely.box(0, 0, 10, 5)]))


def _partitions() -> None:
    """Join a chain of four atoms, which is done exactly, and one of twenty, which is searched."""
    for count in (4, 20):
        ends = np.column_stack([np.arange(count - 1), np.arange(1, count)])
        border = np.ones(count - 1)
        partition(
            np.full(count, 50.0), np.ones(count), np.full(count, 2.0), ends, border, border, low=100.0, high=200.0
        )


def _remaining_kernels() -> None:
    _partitions()
    locator = Locator(_grids())
    lon, lat = np.array([_LON]), np.array([_LAT])
    locator.borders(lon, lat, locator.locate(lon, lat), accuracy=20.0)
    locator.locate(_LON, _LAT)
    model = incidence(_views(), _grids(), _domain())
    zone_metrics(model)
    gaps(model)
    coverage(model)
    outage(model, ["1"])
    unknowns(model)


#: The first two are large, of about equal size, and share no kernel; the rest needs the kernels of both.
_PARTS: Mapping[str, Callable[[], object]] = {"views": _views, "overlays": _overlays, "rest": _remaining_kernels}


def are_compiled() -> bool:
    """Return whether the kernels are cached beside their modules; False too where the cache is elsewhere."""
    home = Path(__file__).parent
    representatives = (
        "visibility/__pycache__/_sweep",
        "overlay/__pycache__/_noding",
        "overlay/__pycache__/inaccessibility",
    )
    return all(any(home.glob(f"{name}.*.nbi")) for name in representatives)


class BackgroundCompilation:
    """Compilation of the two large parts in separate processes, while the caller continues."""

    def __init__(self) -> None:
        parts = [] if are_compiled() else ["views", "overlays"]
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-m", "geo.kernels", part], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            for part in parts
        ]

    def join(self) -> None:
        """Return when both have ended; after a failure the first analysis compiles."""
        for process in self._processes:
            process.wait()


def main() -> None:
    """Compile the part that the command line names; by default the two large ones in parallel, then the rest."""
    if len(sys.argv) > 1:
        _PARTS[sys.argv[1]]()
        return
    BackgroundCompilation().join()
    _remaining_kernels()


if __name__ == "__main__":
    main()
