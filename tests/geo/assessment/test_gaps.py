"""Gaps on drawings: what is one, where it is, how they are ranked (rules G1, G3)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.assessment.area_of_interest import domain
from geo.assessment.causes import causes
from geo.assessment.figures import totals, zone_metrics
from geo.assessment.gaps import COLUMNS, gap_zone_layer, gaps, small_gaps
from geo.assessment.incidence import Incidence, incidence
from geo.catalog.results import CAUSES
from geo.crs import to_wgs84
from geo.errors import BadValue, UnknownName
from geo.visibility.views import Views
from geo.visibility.views import views as views_of
from tests.geo.ascii_drawing import CRS, ORIGIN, at, camera, drawn, line, picture, rect, zone_frame


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
    # more than 100 m2: the deepest point of a lattice of 2 m that begins at 1, 1. In the L (5, 5) is 5 m inside; in the
    # column of 10 m all of x 35 are, the lowest of them 5 m from the end
    assert places(frame) == [(5, 5), (35, 5)]


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


def test_causes_of_a_large_gap_are_shares_of_its_lattice() -> None:
    """40 by 10 m, on paper: 20 by 5 points of 2 m; an offline camera sees 30 m, an online one perhaps 4 m more."""
    views = drawn(
        camera("off", rect(0, 0, 30, 10), place=at(0, 5), status="offline"),
        camera("maybe", None, rect(30, -5, 34, 10), place=at(34, 5)),
        camera("far", None, place=at(5_000, 0)),
    )
    frame = gaps(incidence(views, zone_frame({"z": rect(0, 0, 40, 10)})))
    (row,) = frame.to_dict("records")
    assert row["causes"] == pytest.approx({"offline": 0.75, "unknown": 0.1, "range": 0.15})
    assert list(row["causes"]) == ["offline", "unknown", "range"], "in the order of G2"
    assert (row["cause"], row["camera"]) == ("offline", "off")
    assert row["possible_share"] == pytest.approx(0.1, rel=1e-12)
    # 5 m inside are all of y 5 from x 5 to 35: the lowest x
    assert places(frame) == [(5, 5)]
    assert row["distance_m"] == pytest.approx(5)


def test_a_tie_of_causes_goes_to_the_first_and_its_place_is_its_own() -> None:
    views = drawn(
        camera("maybe", None, rect(20, 0, 40, 10), place=at(40, 5)),
        camera("off", rect(0, 0, 20, 10), place=at(0, 5), status="offline"),
    )
    (row,) = gaps(incidence(views, zone_frame({"z": rect(0, 0, 40, 10)}))).to_dict("records")
    assert (row["cause"], row["causes"]) == ("offline", {"offline": 0.5, "unknown": 0.5})
    views = drawn(camera("maybe", None, rect(0, 0, 28, 10), place=at(40, 5)))
    frame = gaps(incidence(views, zone_frame({"z": rect(-20, 0, 40, 10)})))
    # 28 of 60 m are unknown, 32 are not: of the range the deepest is at x -15, wherever the rest is deep
    assert frame["cause"].tolist() == ["range"]
    assert places(frame) == [(-15, 5)]
    assert frame["possible_share"].tolist() == pytest.approx([28 / 60])


def test_lines_are_tested_evenly_and_points_once() -> None:
    """30 m: 15 points of 2 m, of which an offline camera sees those of 0 to 12: 6; perhaps seen are 20 to 30."""
    views = drawn(
        camera("off", rect(0, 0, 12, 10), place=at(0, 5), status="offline"),
        camera("maybe", None, rect(20, 0, 40, 10), place=at(50, 5)),
    )
    zones = zone_frame({"z": rect(0, 0, 60, 10)})
    lines = gpd.GeoDataFrame({"weight": [2.0]}, geometry=[line((0, 5), (30, 5))], crs=CRS)
    frame = gaps(incidence(views, zones, domain(demand=lines)))
    (row,) = frame.to_dict("records")
    assert row["causes"] == pytest.approx({"offline": 6 / 15, "unknown": 5 / 15, "range": 4 / 15})
    assert row["possible_share"] == pytest.approx(10 / 30)
    assert places(frame) == [(11, 5)], "of the points that the offline camera sees, the one farthest from both ends"
    points = gpd.GeoDataFrame({"weight": [1.0, 3.0, 0.0]}, geometry=[at(5, 5), at(25, 5), at(50, 5)], crs=CRS)
    frame = gaps(incidence(views, zones, domain(demand=points)))
    assert frame["causes"].tolist() == [{"unknown": 1.0}, {"offline": 1.0}, {"range": 1.0}]
    assert frame["possible_share"].fillna(-1).tolist() == [1.0, 0.0, -1.0], "no weight, no share of it"


def town() -> tuple[Views, gpd.GeoDataFrame]:
    """Twelve cameras of all kinds among forty houses, over 25 squares of 60 m; computed, not drawn."""
    rng = np.random.default_rng(13)
    corner = rng.uniform(0, 280, (40, 2))
    houses = [rect(x, y, x + w, y + h) for (x, y), w, h in zip(corner, *rng.uniform(6, 20, (2, 40)), strict=True)]
    height = np.where(rng.random(40) < 0.2, np.nan, rng.uniform(3, 12, 40))
    obstacles = gpd.GeoDataFrame({"id": [f"h{i}" for i in range(40)], "height": height}, geometry=houses, crs=CRS)
    cameras = gpd.GeoDataFrame(
        {
            "id": [f"c{i:02d}" for i in range(12)],
            "azimuth": np.where(rng.random(12) < 0.25, np.nan, rng.uniform(0, 360, 12)),
            "tilt": np.where(rng.random(12) < 0.5, np.nan, rng.uniform(0, 40, 12)),
            "kind": ["fixed", "ptz", "fixed", "panoramic"] * 3,
            "status": ["online"] * 8 + ["unknown", "offline", "offline", "planned"],
        },
        geometry=shapely.points(rng.uniform(20, 280, (12, 2)) + ORIGIN),
        crs=CRS,
    )
    grids = zone_frame([rect(x, y, x + 60, y + 60) for x in range(0, 300, 60) for y in range(0, 300, 60)])
    return views_of(cameras, obstacles, level=["detect", "observe"]), grids


@pytest.mark.parametrize("level", ["detect", "observe"])
def test_causes_and_possible_share_by_brute_force(level: str) -> None:
    """Every lattice point is asked by itself, every area is cut with shapely."""
    by_level, grids = town()
    views = by_level[level]
    frame = gaps(incidence(views, grids))
    maybe_online = views.cameras["status"].isin(["online", "unknown"]).to_numpy()
    possible = shapely.union_all(views.possible_metric[maybe_online])
    edges = shapely.boundary(np.concatenate([views.sure_metric, views.possible_metric]))
    assert len(frame) > 25
    assert frame["causes"].map(len).max() >= 4
    for row in frame.to_dict("records"):
        shape = row["geometry"]
        assert sum(row["causes"].values()) == pytest.approx(1)
        assert row["cause"] == max(CAUSES, key=lambda one: row["causes"].get(one, 0))
        assert row["possible_share"] == pytest.approx(shape.intersection(possible).area / shape.area, abs=1e-5)
        if shape.area <= 100:
            assert row["causes"] == {row["cause"]: 1.0}
            continue
        west, south, east, north = shape.bounds
        step = max(2.0, (shape.area / 400) ** 0.5)
        while True:
            x, y = np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step)
            xy = np.array([(i, j) for i in x for j in y if shape.contains(shapely.Point(i, j))])
            if len(xy) <= 400:
                break
            step *= 1.01
        cause = np.array(CAUSES)[causes(views, xy).cause]
        # views keep their edges within 0.1 m (C2): a point there may be of either side
        unsure = (shapely.distance(edges[:, None], shapely.points(xy)[None]) < 0.1).any(axis=0).sum()
        for one in CAUSES:
            assert abs((cause == one).sum() - row["causes"].get(one, 0) * len(xy)) <= unsure + 1e-6, one
        if not unsure:
            depth = shape.boundary.distance(shapely.points(xy))
            depth[cause != row["cause"]] = -1
            best = sorted(xy[depth >= depth.max() - 1e-6].tolist())[0]
            assert places(gpd.GeoDataFrame([row]))[0] == pytest.approx((best[0] - 500_000, best[1] - 4e6), abs=0.01)
            assert row["camera"] is not None


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
