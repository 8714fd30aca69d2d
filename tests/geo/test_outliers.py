"""Hold the search for rows far from all others to drawings whose answer is plain."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.crs_metric import metric_crs_for
from geo.outliers import find_outliers

FIRM = (("grids",), ("roads", "obstacles"), ("cameras",))
#: A county of 20 by 20 km at 102.8 east, 37.4 north.
HOME = [(102.8 + 0.02 * (k % 10), 37.4 + 0.02 * (k // 10)) for k in range(100)]


def points(*lonlat: tuple[float, float], crs: int = 4326) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=shapely.points(list(lonlat)), crs=4326).to_crs(crs)


def boxes(*lonlat: tuple[float, float], side: float = 0.01) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.box(x, y, x + side, y + side) for x, y in lonlat], crs=4326)


def far(**frames: gpd.GeoDataFrame) -> dict[str, list[int]]:
    found = find_outliers(frames, FIRM).is_far
    return {name: np.flatnonzero(mask).tolist() for name, mask in found.items()}


@pytest.mark.parametrize(
    "stray",
    [(0.0, 0.0), (102.8, 0.0), (0.0, 37.4), (37.4, 102.8 - 90), (12.5, 41.9), (-102.8, -37.4), (112.8, 37.4)],
    ids=["origin", "no latitude", "no longitude", "exchanged", "Rome", "signs", "ten degrees"],
)
@pytest.mark.parametrize("crs", [4326, 4543])
def test_one_camera_elsewhere_is_found(stray: tuple[float, float], crs: int) -> None:
    assert far(cameras=points(*HOME, stray, crs=crs)) == {"cameras": [100]}


def test_two_cameras_of_which_one_has_no_position() -> None:
    assert far(cameras=points((102.86, 37.47), (0.0, 0.0))) == {"cameras": [1]}


def test_many_cameras_without_a_position_are_left_out_all_the_same() -> None:
    assert far(cameras=points(*HOME[:20], *[(0.0, 0.0)] * 30)) == {"cameras": list(range(20, 50))}


def test_two_places_of_which_none_is_the_main_one_stay() -> None:
    there = [(x + 12, y) for x, y in HOME]
    assert far(cameras=points(*HOME, *there)) == {"cameras": []}
    assert far(cameras=points(HOME[0], there[0])) == {"cameras": []}


def test_grids_say_where_the_county_is() -> None:
    elsewhere = [(x + 30, y - 10) for x, y in HOME[:40]]
    assert far(grids=boxes(*HOME[:3]), cameras=points(HOME[0], *elsewhere)) == {
        "grids": [],
        "cameras": list(range(1, 41)),
    }


@pytest.mark.parametrize("layer", ["grids", "roads", "obstacles"])
def test_a_row_of_any_layer_elsewhere_is_found(layer: str) -> None:
    frames = {"grids": boxes(*HOME), "cameras": points(*HOME[:5])}
    frames[layer] = boxes(*HOME, (0.0, 0.0))
    assert far(**frames)[layer] == [100]


def test_a_road_with_one_wrong_vertex_is_found() -> None:
    lines = [shapely.LineString([(x, y), (x + 0.01, y)]) for x, y in HOME]
    roads = gpd.GeoDataFrame(geometry=[*lines, shapely.LineString([HOME[0], (0, 0)])], crs=4326)
    assert far(roads=roads, cameras=points(*HOME)) == {"roads": [100], "cameras": []}


def test_a_large_county_and_its_exclave_stay_together() -> None:
    """A county of 500 by 500 km and ten rows some 280 km north of it fit one CRS: nothing is left out."""
    wide = [(90 + 0.25 * (k % 20), 38 + 0.25 * (k // 20)) for k in range(400)]
    exclave = [(92 + 0.01 * k, 45.5) for k in range(10)]
    assert far(grids=boxes(*wide, *exclave)) == {"grids": []}


def test_all_cameras_far_from_all_grids_is_no_stray_row() -> None:
    assert far(grids=boxes(*HOME), cameras=points((0.0, 0.0), (0.0, 0.0))) == {"grids": [], "cameras": []}


def test_rows_without_a_shape_are_not_far() -> None:
    frame = points(*HOME[:4])
    frame.loc[1, "geometry"] = None
    assert far(cameras=frame) == {"cameras": []}


def test_what_is_left_fits_one_crs() -> None:
    """A stray row 550 km away needs the finer cells: it is too near for the coarse ones and too far for a CRS."""
    rng = np.random.default_rng(5)
    for away in rng.uniform(4.0, 40.0, 40):
        frame = points(*HOME, (102.8 - away, 37.4))
        mask = find_outliers({"cameras": frame}, FIRM).is_far["cameras"]
        assert np.flatnonzero(mask).tolist() in ([], [100])
        metric_crs_for(frame[~mask])
