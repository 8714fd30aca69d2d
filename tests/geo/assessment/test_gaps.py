"""Gaps on drawings: what is one, where it is, how they are ranked (rules G1, G3)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.assessment.area_of_interest import domain
from geo.assessment.figures import totals, zone_metrics
from geo.assessment.gaps import COLUMNS, gap_zone_layer, gaps, small_gaps
from geo.assessment.incidence import Incidence, incidence
from geo.crs import to_wgs84
from geo.errors import BadValue, UnknownName
from tests.geo.ascii_drawing import CRS, at, camera, drawn, line, picture, rect, zone_frame


def places(frame: gpd.GeoDataFrame) -> list[tuple[float, float]]:
    """Return lon, lat as metres from the origin."""
    spots = gpd.GeoSeries(gpd.points_from_xy(frame["lon"], frame["lat"]), crs=4326).to_crs(CRS)
    return [(round(p.x - 500_000, 2), round(p.y - 4_000_000, 2)) for p in spots]


def test_gaps_are_cut_by_grids_and_joined_by_edges_not_corners() -> None:
    drawing = picture(
        """
        .aa.
        ..a.
        """,
        10,
    )
    zones = zone_frame({"L": rect(0, 0, 20, 20), "R": rect(20, 0, 40, 20)})
    model = incidence(drawn(camera("a", drawing["a"])), zones)
    frame = gaps(model)
    # L: three unseen squares, (0,0), (10,0) and (0,10): one piece of 300. R: column x 30-40, 200
    assert list(frame.columns) == [*COLUMNS, "geometry"]
    assert frame[["rank", "grid", "area_m2", "weight"]].to_numpy().tolist() == [[1, "L", 300, 300], [2, "R", 200, 200]]
    assert frame.geometry.iloc[1].equals(rect(30, 0, 40, 20))
    # the corner of the L-shaped piece is its widest place: the circle touches x=0, y=0 and the corner (10, 10)
    reach = 10 / (1 + np.sqrt(0.5))  # r + r / sqrt 2 = 10
    assert places(frame)[0] == pytest.approx((reach, reach), abs=0.2)
    assert places(frame)[1][0] == pytest.approx(35, abs=0.1)


def test_pieces_that_meet_in_a_corner_are_two() -> None:
    drawing = picture("a.\n.a", 10)
    model = incidence(drawn(camera("a", drawing["a"])), zone_frame({"z": rect(0, 0, 20, 20)}))
    frame = gaps(model)
    assert frame["area_m2"].tolist() == [100, 100]
    # equal weight, equal grid: by lon, then lat (G3)
    assert places(frame) == [(5, 5), (15, 15)]


def test_a_gap_across_tiles_is_one() -> None:
    # the corner of four tiles is at (1000, 1000); the camera cuts the zone in a left and a right part
    zones = zone_frame({"z": rect(900, 900, 1100, 1100)})
    frame = gaps(incidence(drawn(camera("a", rect(1010, 900, 1020, 1100))), zones))
    assert frame["area_m2"].tolist() == [110 * 200, 80 * 200]
    assert frame.geometry.iloc[0].equals(rect(900, 900, 1010, 1100))


def test_small_pieces_are_added_up_so_that_nothing_is_lost() -> None:
    # slits of 1/16 x 10 = 0.625 m2 left of each of three views, and 10 x 10 m2 at the right
    views = drawn(*(camera(f"c{i}", rect(i * 10 + 0.0625, 0, i * 10 + 10, 10)) for i in range(3)))
    model = incidence(views, zone_frame({"z": rect(0, 0, 40, 10)}))
    frame = gaps(model)
    assert frame["area_m2"].tolist() == pytest.approx([100])
    assert frame.attrs["small_m2"] == pytest.approx(1.875)
    assert small_gaps(model) == pytest.approx((1.875, 1.875, 3))
    whole = totals(model)
    listed = frame["area_m2"].sum() + frame.attrs["small_m2"]
    assert listed == pytest.approx(whole["gap_m2"], rel=1e-9)
    assert listed + whole["sure_m2"] == pytest.approx(whole["domain_m2"], rel=1e-9)


def test_rank_is_by_weight_then_code_then_place() -> None:
    demand = gpd.GeoDataFrame(
        {"id": list("abcd"), "weight": [1.0, 5.0, 1.0, 1.0]},
        geometry=[rect(0, 0, 5, 5), rect(20, 0, 24, 4), rect(10, 0, 15, 5), rect(0, 10, 5, 15)],
        crs=CRS,
    )
    zones = zone_frame({"B": rect(0, 0, 6, 20), "A": rect(6, 0, 30, 20)})
    frame = gaps(incidence(drawn(), zones, domain(demand=demand)))
    assert frame["weight"].tolist() == pytest.approx([80, 25, 25, 25])
    assert frame["grid"].tolist() == ["A", "A", "B", "B"]
    assert frame["area_m2"].tolist() == pytest.approx([16, 25, 25, 25])
    assert places(frame)[2:] == [(2.5, 2.5), (2.5, 12.5)]
    assert frame["camera"].isna().all()
    assert frame["distance_m"].isna().all()
    assert (frame["cause"] == "range").all()


def test_demand_of_one_weight_is_one_gap_whatever_its_parts() -> None:
    demand = gpd.GeoDataFrame({"weight": [1.0, 2.0]}, geometry=[rect(0, 0, 10, 10), rect(5, 0, 15, 10)], crs=CRS)
    frame = gaps(incidence(drawn(), zone_frame({"z": rect(0, 0, 20, 20)}), domain(demand=demand)))
    assert frame["area_m2"].tolist() == [150]
    assert frame["weight"].tolist() == [300]


def test_points_and_lines_of_any_size() -> None:
    zones = zone_frame({"l": rect(0, 0, 10, 10), "r": rect(10, 0, 20, 10)})
    views = drawn(camera("a", rect(4, 0, 6, 10)))
    points = gpd.GeoDataFrame({"weight": [1, 3, 2]}, geometry=[at(5, 5), at(7, 5), at(12, 5)], crs=CRS)
    frame = gaps(incidence(views, zones, domain(demand=points)))
    assert frame["weight"].tolist() == [3, 2]
    assert frame["grid"].tolist() == ["l", "r"]
    assert frame["area_m2"].isna().all()
    assert places(frame) == [(7, 5), (12, 5)]
    lines = gpd.GeoDataFrame({"weight": [2.0]}, geometry=[line((0, 5), (8, 5), (18, 5))], crs=CRS)
    frame = gaps(incidence(views, zones, domain(demand=lines)))
    # 0-4 (l), 6-10 (l), 10-18 (r): the seen 4-6 and the border of grids cut the line
    assert frame["weight"].tolist() == pytest.approx([16, 8, 8])
    assert frame["grid"].tolist() == ["r", "l", "l"]
    assert places(frame) == [(14, 5), (2, 5), (8, 5)]
    assert frame.geometry.iloc[2].equals(line((6, 5), (10, 5)))


def test_without_grids_the_finest_layer_cuts() -> None:
    village = zone_frame({"v1": rect(0, 0, 10, 10), "v2": rect(10, 0, 20, 10)})
    township = zone_frame({"t": rect(0, 0, 20, 10)})
    both = incidence(drawn(), {"villages": village, "townships": township})
    assert gaps(both)["grid"].tolist() == ["v1", "v2"]
    assert gaps(both, "townships")["grid"].tolist() == ["t"]
    assert gaps(incidence(drawn(), {"townships": township}))["grid"].tolist() == ["t"]
    disc = incidence(drawn(camera("a", None, place=at(0, 0), max_range=10.0, height=1.6)))
    assert gap_zone_layer(disc, "grids") == "all"
    assert gaps(disc)["grid"].tolist() == ["all"]
    with pytest.raises(UnknownName):
        gaps(both, "microgrids")


def test_overlapping_grids_give_each_place_once() -> None:
    zones = zone_frame({"first": rect(0, 0, 15, 10), "second": rect(10, 0, 20, 10)})
    model = incidence(drawn(), zones)
    frame = gaps(model).set_index("grid")
    assert frame["area_m2"].to_dict() == pytest.approx({"first": 150, "second": 50})
    assert frame["area_m2"].sum() == pytest.approx(totals(model)["gap_m2"])
    assert zone_metrics(model)["gap_m2"].tolist() == pytest.approx([150, 100])


def test_nothing_unseen_and_nothing_kept() -> None:
    model = incidence(drawn(camera("a", rect(0, 0, 10, 10))), zone_frame({"z": rect(0, 0, 10, 10)}))
    frame = gaps(model)
    assert len(frame) == 0
    assert frame.attrs["small_m2"] == 0
    again = Incidence.from_bytes(model.to_bytes(), {"grids": zone_metrics(model)})
    with pytest.raises(BadValue):
        gaps(again)


def test_places_lie_in_their_gaps_and_lon_lat_are_wgs84() -> None:
    rng = np.random.default_rng(3)
    seen = [camera(f"c{i}", at(*rng.uniform(0, 300, 2)).buffer(rng.uniform(5, 60))) for i in range(25)]
    zones = zone_frame([rect(i * 100, j * 100, i * 100 + 100, j * 100 + 100) for i in range(3) for j in range(3)])
    model = incidence(drawn(*seen), zones)
    frame = gaps(model)
    spots = gpd.GeoSeries(gpd.points_from_xy(frame["lon"], frame["lat"]), crs=4326).to_crs(CRS)
    assert shapely.contains(frame.geometry.to_numpy(), spots.to_numpy()).all()
    first = frame.geometry.iloc[0].centroid
    lon, lat = to_wgs84([first.x], [first.y], CRS)
    assert abs(lon[0] - frame["lon"].iloc[0]) < 0.01
    assert abs(lat[0] - frame["lat"].iloc[0]) < 0.01
    # against GEOS: domain minus the union of the views, zone by zone
    union = shapely.union_all(np.array([one["sure"] for one in seen]))
    parts = shapely.get_parts(shapely.difference(zones.geometry.to_numpy(), union))
    assert sorted(frame["area_m2"]) == pytest.approx(sorted(shapely.area(parts)[shapely.area(parts) >= 1]), rel=1e-6)
