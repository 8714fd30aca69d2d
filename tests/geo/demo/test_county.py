"""The fictional counties have exact counts, tile without a gap, and look like data people really have."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo import crs
from geo.catalog.layers import LAYERS
from geo.crs_metric import metric_crs_for
from geo.demo import county_plan, place_names, region_growing
from geo.demo.county import draw
from geo.errors import UnknownName
from geo.figure_text import chinese_numeral
from tests.geo.demo_counties import Frames, small_county


@pytest.fixture(scope="module")
def small() -> Frames:
    return small_county(3)


def metric(frame: gpd.GeoDataFrame) -> np.ndarray:
    return frame.to_crs(metric_crs_for(frame)).geometry.to_numpy()


def zone_layers(frames: Frames) -> dict[str, gpd.GeoDataFrame]:
    divisions, grids = frames["divisions"], frames["grids"]
    layers = {f"grids {level}": grids[grids["level"] == level] for level in sorted(grids["level"].unique())}
    layers |= {level: divisions[divisions["level"] == level] for level in ("village", "township", "county")}
    return layers | {"villages": frames["villages"]}


def test_gulang_has_the_numbers_of_the_issue(gulang: Frames) -> None:
    levels = gulang["divisions"]["level"].value_counts()
    assert dict(levels) == {"county": 1, "township": 20, "village": 194}
    assert len(gulang["villages"]) == 194
    assert len(gulang["grids"]) == 690
    assert set(gulang["grids"]["level"]) == {1}
    assert dict(gulang["cameras"]["class"].value_counts()) == {1: 1_932, 2: 1_159, 3: 3_980}
    assert len(gulang["obstacles"]) == 40_000
    assert 30_000 <= len(gulang["addresses"]) <= 60_000
    area = shapely.area(metric(gulang["divisions"].iloc[:1]))[0] / 1e6
    assert 4_000 < area < 6_000


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_small_has_its_numbers_for_every_seed(seed: int) -> None:
    frames = small_county(seed)
    counts = {
        name: len(frame) for name, frame in frames.items() if name in ("grids", "villages", "cameras", "obstacles")
    }
    assert counts == {"grids": 40, "villages": 10, "cameras": 300, "obstacles": 2_000}
    for name, zones in zone_layers(frames).items():
        assert shapely.coverage_is_valid(zones.geometry.to_numpy()), name
        assert set(zones.geom_type) == {"Polygon"}, name


def test_two_levels_of_grids_tile(yangxian: Frames) -> None:
    grids = yangxian["grids"]
    assert len(grids) == 11_683
    micro = grids[grids["level"] == 2]
    assert len(micro) == 10_515
    assert shapely.coverage_is_valid(micro.geometry.to_numpy())
    assert set(micro["parent"]) == set(grids.loc[grids["level"] == 1, "code"])
    assert micro["code"].str.len().eq(17).all()
    # Households of the parts add up to those of the whole.
    whole = grids[grids["level"] == 1].set_index("code")["households"]
    assert micro.groupby("parent")["households"].sum().reindex(whole.index).eq(whole).all()


def test_every_level_tiles_the_one_above(gulang: Frames) -> None:
    layers = zone_layers(gulang)
    county = layers["county"].geometry.iloc[0]
    for name, zones in layers.items():
        shapes = zones.geometry.to_numpy()
        assert shapely.is_valid(shapes).all(), name
        assert set(zones.geom_type) == {"Polygon"}, name
        assert shapely.coverage_is_valid(shapes), name
        # The very same vertices: the union of the parts is the whole, not nearly.
        assert shapely.equals(shapely.coverage_union_all(shapes), county), name
    village = gulang["divisions"].set_index("code").geometry
    for code, parts in gulang["grids"].groupby("village"):
        assert shapely.equals(shapely.coverage_union_all(parts.geometry.to_numpy()), village[code])


def test_frames_have_the_fields_of_their_layers(small: Frames) -> None:
    for name, frame in small.items():
        assert list(frame.columns) == [*LAYERS[name].names, "geometry"]
        assert crs.crs_name(frame.crs) == crs.STORAGE_CRS
        assert frame[LAYERS[name].key].is_unique
        for field in LAYERS[name].fields:
            if field.choices:
                assert set(frame[field.name].dropna()) <= set(field.choices)


def test_same_seed_same_county(small: Frames) -> None:
    again = draw("small", seed=3)
    for name, frame in small.items():
        pd.testing.assert_frame_equal(
            pd.DataFrame(frame.drop(columns="geometry")), pd.DataFrame(again[name].drop(columns="geometry"))
        )
        assert (shapely.to_wkb(frame.geometry.to_numpy()) == shapely.to_wkb(again[name].geometry.to_numpy())).all()
    other = small_county(4)
    assert not shapely.equals(small["divisions"].geometry.iloc[0], other["divisions"].geometry.iloc[0])


def test_no_code_is_a_real_one(gulang: Frames) -> None:
    for layer in ("divisions", "grids", "villages"):
        assert gulang[layer]["code"].str.startswith("990121").all()
    lengths = gulang["divisions"].groupby("level")["code"].agg(lambda codes: set(codes.str.len()))
    assert lengths.to_dict() == {"county": {6}, "township": {9}, "village": {12}}
    assert gulang["grids"]["code"].str.fullmatch(r"\d{15}").all()
    assert gulang["cameras"]["id"].str.fullmatch(r"99012100\d\d132\d{7}").all()


def test_names_are_common_characters_and_unique_in_their_township(gulang: Frames) -> None:
    said = [*gulang["divisions"]["name"], *gulang["grids"]["name"], *gulang["addresses"]["text"][:2_000]]
    for text in said:
        text.encode("gb2312")
    villages = gulang["divisions"][gulang["divisions"]["level"] == "village"]
    assert not villages.duplicated(["parent", "name"]).any()
    townships = gulang["divisions"][gulang["divisions"]["level"] == "township"]["name"]
    assert townships.is_unique
    assert gulang["grids"]["name"].groupby(gulang["grids"]["village"]).apply(lambda s: s.is_unique).all()


def test_obstacles_are_buildings(gulang: Frames) -> None:
    obstacles = gulang["obstacles"]
    shapes = metric(obstacles)
    assert shapely.is_valid(shapes).all()
    known = obstacles["height"].dropna()
    assert known.between(3, 31).all()
    assert 0.07 < obstacles["height"].isna().mean() < 0.12
    corners = shapely.get_num_coordinates(shapes) - 1
    assert set(corners) == {4, 6}
    assert 0.05 < (corners == 6).mean() < 0.5
    # Rows of houses share walls (rule B1 has something to do), yet none stands in another.
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="dwithin", distance=0.10)
    touching = one < other
    assert touching.sum() > 5_000
    overlap = shapely.area(shapely.intersection(shapes[one[touching]], shapes[other[touching]]))
    assert overlap.max() < 0.5


def test_cameras_are_like_a_real_register(gulang: Frames) -> None:
    cameras = gulang["cameras"]
    assert set(cameras["kind"]) == {"fixed", "ptz", "panoramic"}
    offline = (cameras["status"] == "offline").mean()
    assert offline == pytest.approx(0.03, abs=0.001)
    assert 0 < (cameras["status"] == "planned").sum() < 100
    assert 0.5 < cameras["site"].nunique() / len(cameras) < 0.9
    for field in ("azimuth", "height", "hfov"):
        assert 0.02 < cameras[field].isna().mean() < 0.3, field
    assert cameras["azimuth"].dropna().between(0, 359.999).all()
    pole = cameras.loc[(cameras["class"] == 1) & (cameras["kind"] == "ptz"), "height"].median()
    shop = cameras.loc[cameras["class"] == 3, "height"].median()
    assert pole > 7 > 4.5 > shop
    # One pole, one place (rule B4).
    assert cameras.geometry.groupby(cameras["site"]).apply(lambda one: one.to_wkb().nunique() == 1).all()


def test_cameras_stand_outside_walls_and_inside_grids(gulang: Frames) -> None:
    cameras, grids = gulang["cameras"], gulang["grids"]
    shapes, points = metric(gulang["obstacles"]), metric(cameras)
    assert len(shapely.STRtree(shapes).query(points, predicate="dwithin", distance=0.2)[0]) == 0
    owned = shapely.STRtree(grids.geometry.to_numpy()).query(cameras.geometry.to_numpy(), predicate="intersects")[0]
    assert len(np.unique(owned)) == len(cameras)
    roads = gulang["roads"]
    lines = metric(roads)
    away = shapely.STRtree(lines).query_nearest(points, return_distance=True, all_matches=False)[1]
    assert np.quantile(away, 0.9) < 40


def test_addresses_lie_in_the_grid_and_building_they_name(small: Frames) -> None:
    addresses = small["addresses"]
    grid = small["grids"].set_index("code").geometry.loc[addresses["grid"]].to_numpy()
    building = small["obstacles"].set_index("id").geometry.loc[addresses["building"]].to_numpy()
    points = addresses.geometry.to_numpy()
    assert shapely.covers(grid, points).all()
    assert shapely.covers(building, points).all()
    assert addresses["text"].is_unique
    assert addresses["standard"].str.startswith(place_names.COUNTY).all()
    rural = addresses["text"].str.fullmatch(r"\w+[镇乡]\w+村[一二三四五六七八九十]+组\d+号")
    town = addresses["text"].str.fullmatch(r"\w+[镇乡]\w+路\d+号(\d+号楼\d单元)?")
    assert (rural | town).all()
    assert rural.any()
    assert town.any()


def test_roads_join_every_settlement(small: Frames) -> None:
    roads = small["roads"]
    assert {"primary", "tertiary", "residential"} <= set(roads["class"])
    assert (roads["width"] > 0).all()
    # Streets and roads are one network: within a metre of each other, all can be reached from the first.
    lines = metric(roads)
    pairs = np.array(shapely.STRtree(lines).query(lines, predicate="dwithin", distance=1.0))
    part = np.arange(len(lines))
    for _ in range(len(lines)):
        before = part.copy()
        np.minimum.at(part, pairs[1], part[pairs[0]])
        if (part == before).all():
            break
    assert (part == 0).all()


def test_addresses_are_told_apart(gulang: Frames) -> None:
    assert gulang["addresses"]["text"].is_unique


def test_households_and_staff(gulang: Frames) -> None:
    grids = gulang["grids"]
    assert {"general", "dedicated"} == set(grids["kind"])
    dedicated = grids["kind"] == "dedicated"
    assert (grids.loc[dedicated, "households"] == 0).all()
    assert grids.loc[~dedicated, "households"].between(30, 500).all()
    assert (grids["population"] <= 2_500).all()
    assert (grids["staff"] >= 1).all()
    summed = grids.groupby("village")["households"].sum()
    assert summed.reindex(gulang["villages"]["code"]).to_list() == gulang["villages"]["households"].to_list()


def test_grid_numbers_run_without_a_hole(gulang: Frames) -> None:
    for village, codes in gulang["grids"].groupby("village")["code"]:
        assert sorted(codes) == [f"{village}{k:03d}" for k in range(1, len(codes) + 1)]


def test_progress_runs_to_the_end() -> None:
    told: list[float] = []
    draw("small", progress=lambda _what, share: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_unknown_size_is_named() -> None:
    with pytest.raises(UnknownName, match="small, gulang, yangxian"):
        draw("huge")  # type: ignore[arg-type]


# --- parts -----------------------------------------------------------------------------------------------------------


def test_shares_add_up() -> None:
    # 10 over weights 1, 1, 2 with at least 1 each: 7 left, 1.75, 1.75, 3.5 -> 2, 2, 3 more after largest remainders.
    assert county_plan.shares(np.array([1.0, 1.0, 2.0]), 10, least=1).tolist() == [3, 3, 4]


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "一"), (9, "九"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五"), (105, "一百零五")],
)
def test_numerals(number: int, said: str) -> None:
    assert chinese_numeral(number) == said


def line_graph(n: int) -> region_growing.Graph:
    xy = np.column_stack([np.arange(n, dtype=float), np.zeros(n)])
    return region_growing.from_pairs(xy, np.column_stack([np.arange(n - 1), np.arange(1, n)]), np.ones(n - 1))


def test_regions_grow_to_meet_halfway() -> None:
    growth = region_growing.grow(line_graph(6), [0, 5], [7, 8], np.zeros(6, dtype=int))
    assert growth.label.tolist() == [7, 7, 7, 8, 8, 8]
    assert growth.cost.tolist() == [0, 1, 2, 2, 1, 0]


def test_regions_keep_to_their_own() -> None:
    growth = region_growing.grow(line_graph(4), [0], [1], np.array([0, 0, -1, 0]))
    assert growth.label.tolist() == [1, 1, -1, -1]


def test_mending_joins_stray_parts_to_what_is_beside_them() -> None:
    label = np.array([1, 1, 2, 1, 2, 2])
    mended = region_growing.repair_regions(line_graph(6), label, np.zeros(6, dtype=int))
    assert mended[:2].tolist() == [1, 1]
    assert mended[4:].tolist() == [2, 2]
    assert (np.diff(mended) >= 0).all()


def test_unit_squares_dissolve_and_neighbour() -> None:
    cells = shapely.box([0, 1, 0, 1], [0, 0, 1, 1], [1, 2, 1, 2], [1, 1, 2, 2])
    pairs, length = region_growing.neighbours(cells)
    assert sorted(map(tuple, np.sort(pairs, axis=1).tolist())) == [(0, 1), (0, 2), (1, 3), (2, 3)]
    assert length.tolist() == [1, 1, 1, 1]
    west, east = region_growing.dissolve(cells, np.array([0, 1, 0, 1]), 2)
    assert shapely.equals(west, shapely.box(0, 0, 1, 2))
    assert shapely.equals(east, shapely.box(1, 0, 2, 2))


def test_names_hold_no_digit_or_latin() -> None:
    rng = np.random.default_rng(0)
    assert not re.search(r"[A-Za-z0-9]", "".join(place_names.villages(60, rng)))
