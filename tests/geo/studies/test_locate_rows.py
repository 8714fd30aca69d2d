"""Rows that say a place twice: by address or point, and by a code of a grid, which may be another one or none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from api.representations.batch_rows import people_record, row_record
from api.representations.batch_sheets import answer_cells
from geo.errors import BadValue
from geo.places.gazetteer import Gazetteer
from geo.places.grid_shares import GridShare
from geo.readers.columns.place_cells import CellsBeside
from geo.storage.geopackage.store import open_store
from geo.studies.import_files import import_frames
from geo.studies.locate_positions import gazetteer_of
from geo.studies.locate_rows import LocatedRow, locate_rows
from geo.types import Candidate, Match


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Gazetteer]:
    """Give two grids side by side, G1 with a microgrid M1 in its west, and an address in M1."""

    def frame(shapes: list, **columns: list) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)

    county = shapely.box(102, 37, 102.02, 37.01)
    west, east = shapely.box(102, 37, 102.01, 37.01), shapely.box(102.01, 37, 102.02, 37.01)
    layers = {
        "divisions": frame([county], code=["620622"], name=["古浪县"], level=["county"]),
        "grids": frame(
            [west, east, shapely.box(102, 37, 102.005, 37.01)],
            code=["G1", "G2", "M1"], level=[1, 1, 2], parent=[None, None, "G1"], village=["620622"] * 3,
        ),
        "addresses": frame([shapely.Point(102.002, 37.005)], id=["a"], text=["人民路1号"]),
    }  # fmt: skip
    with open_store(tmp_path / "w.gpkg") as store:
        import_frames(store, layers)
        yield gazetteer_of(store)


def answered(places: Gazetteer, row: dict, today: dict[str, list[str]] | None = None) -> LocatedRow:
    def find(code: str) -> list[GridShare]:
        return [GridShare(one, 1.0) for one in (today or {}).get(code, [code] if code in ("G1", "G2", "M1") else [])]

    (found,) = locate_rows(places, [row], codes_today=find)
    return found


@pytest.mark.parametrize(
    ("code", "today", "fault"),
    [
        ("M1", {}, None),
        ("G1", {}, None),  # the grid that holds the microgrid
        ("620622000000", {}, None),  # the county, padded
        ("G2", {}, "address_differs"),
        ("OLD", {"OLD": ["M1", "G2"]}, None),  # split into both
        ("OLD", {"OLD": ["G2"]}, "address_differs"),
        ("x9", {}, "unknown_code"),
    ],
)
def test_an_address_and_a_code_agree_or_the_row_is_not_matched(
    places: Gazetteer, code: str, today: dict[str, list[str]], fault: str | None
) -> None:
    row = answered(places, {"id": "1", "address": "人民路1号", "grid_code": code}, today)
    assert row.match is not None
    (first,) = row.match.candidates
    assert row.match.status == ("matched" if fault is None else "partial")
    assert [one["code"] for one in first.faults] == ([] if fault is None else [fault])
    record = row_record(row, "en")
    assert (record["grid"], record["candidates"]) == ("M1" if fault is None else None, ["M1"])
    assert (record["error"] is None) == (fault is None)


def test_both_grids_are_named(places: Gazetteer) -> None:
    row = answered(places, {"address": "人民路1号", "grid_code": "OLD"}, {"OLD": ["G2"]})
    assert people_record(row, "zh")["reason"] == "与网格编码不一致：查得网格 M1，编码今天是 G2"
    assert people_record(row, "zh")["candidates"] == "M1"
    assert row.today == ("G2",)


def test_a_point_keeps_its_grid_and_tells_of_the_code(places: Gazetteer) -> None:
    """A point is in its grid whatever else a row says: docs/contract.md section 3."""
    point = {"lon": "102.002", "lat": "37.005", "crs": "wgs84"}
    for code, fault in (("M1", None), ("G2", "address_differs"), ("x9", "unknown_code")):
        row = answered(places, {**point, "grid_code": code})
        assert row.match is not None
        assert (row.match.status, row_record(row, "en")["grid"]) == ("matched", "M1")
        assert [one["code"] for one in row.match.candidates[0].faults] == ([] if fault is None else [fault])
        assert bool(row_record(row, "en")["error"]) == (fault is not None)


def test_what_is_not_found_says_so_of_its_code_too(places: Gazetteer) -> None:
    for code, told in (("G1", None), ("x9", "there is no grid of the code x9")):
        row = answered(places, {"address": "没有的地方", "grid_code": code})
        assert row.match is not None
        assert (row.match.status, row_record(row, "en")["error"]) == ("not_found", told)


HERE = {"address": "人民路1号", "lon": "102.002", "lat": "37.005", "crs": "wgs84"}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"lat": ""}, "longitude without latitude"),
        ({"lon": None}, "latitude without longitude"),
        ({"lon": "0", "lat": "0.0"}, "it is 0, 0, which is taken for none"),
        ({"lon": "x"}, "lon or lat is no number"),
        ({"lon": float("nan")}, "coordinates must be finite numbers"),
        ({"lat": "98"}, "the coordinates are outside the earth, or of another CRS than named"),
        ({"lon": "37.005", "lat": "102.002"}, "longitude and latitude are exchanged"),
        ({"crs": ""}, "no CRS is named; name it in the column crs or by --crs"),
        ({"crs": "moon"}, "unknown CRS: moon"),
        ({"point_fault": BadValue("不是点", "no point")}, "no point"),
    ],
)
def test_a_point_that_is_none_leaves_the_row_to_its_address_or_code(places: Gazetteer, cells: dict, said: str) -> None:
    """The address is in M1 alone, and nothing contradicts it; without one the row is what its point is: an error."""
    for row in ({**HERE, **cells}, {**HERE, **cells, "address": "", "grid_code": "M1"}):
        record = row_record(answered(places, row), "en")
        assert (record["status"], record["grid"]) == ("matched", "M1")
        assert record["error"].startswith(f"the point is not used: {said}")
    alone = row_record(answered(places, {**HERE, **cells, "address": ""}), "en")
    if "0.0" in cells.values():
        assert alone["status"] == "not_found", "a point in the sea, where a row says nothing else"
    else:
        assert (alone["status"], alone["error"].startswith(said)) == ("error", True)


def test_an_unknown_address_beside_half_a_point_says_both(places: Gazetteer) -> None:
    record = row_record(answered(places, {**HERE, "address": "没有的地方", "lat": ""}), "zh")
    assert (record["status"], record["error"]) == ("not_found", "坐标没有用上：只有经度，没有纬度")


@pytest.mark.parametrize(
    ("lon", "status", "grids"),
    [
        ("102.002", "matched", ["M1"]),
        ("102.015", "ambiguous", ["G2", "M1"]),  # the grid of the point before that of the address
        ("102.5", "partial", ["M1"]),  # outside every grid
    ],
)
def test_a_point_and_an_address_in_different_grids_are_both_possible(
    places: Gazetteer, lon: str, status: str, grids: list[str]
) -> None:
    row = answered(places, {**HERE, "lon": lon})
    assert row.match is not None
    assert (row.match.status, [one.grid["code"] for one in row.match.candidates if one.grid]) == (status, grids)
    record = row_record(row, "en")
    assert (record["grid"], record["candidates"]) == ("M1" if status == "matched" else None, grids)
    there = {"ambiguous": "in grid G2", "partial": "outside every grid"}.get(status)
    told = f"address and point disagree: the address is in grid M1, the point {there}"
    assert record["error"] == (None if there is None else told)
    assert sum(one.score for one in row.match.candidates) <= 1.0


def test_a_code_that_agrees_with_one_of_both_says_no_more(places: Gazetteer) -> None:
    for code in ("G2", "M1"):
        row = answered(places, {**HERE, "lon": "102.015", "grid_code": code})
        assert row.match is not None
        assert [one["code"] for one in row.match.candidates[0].faults] == ["address_differs"]


@pytest.mark.parametrize(
    ("beside", "status", "said"),
    [
        (CellsBeside(parts=(("门牌号", "1", "号"),)), "matched", None),
        (CellsBeside(parts=(("门牌号", "9", "号"),)), "partial", "the column 门牌号 says “9”, the address does not"),
        (CellsBeside(addresses=(("标准地址", "古浪县人民路1号"),)), "matched", None),
        (CellsBeside(addresses=(("标准地址", "没有的地方"),)), "partial", "“没有的地方” was not understood"),
        (CellsBeside(grids=(("所属网格", "G1"),)), "matched", None),
        (CellsBeside(grids=(("所属网格", "G2"),)), "partial", "the column 所属网格 is elsewhere: in grid G2"),
    ],
)
def test_what_other_columns_say_is_told_over_http_and_in_the_sheet(
    places: Gazetteer, beside: CellsBeside, status: str, said: str | None
) -> None:
    row = answered(places, {"address": "人民路1号", "beside": beside})
    record, cells = row_record(row, "en"), answer_cells(row, "en", "en")
    assert (record["status"], record["error"], cells["error"]) == (status, said, said)
    assert (record["grid"], record["candidates"]) == ("M1" if said is None else None, ["M1"])
    assert (cells["fault"] is None) == (said is None)


@pytest.mark.parametrize(
    ("lon", "lat", "status", "precision_m"),
    [
        (102.013, 37.005, "matched", 20.0),  # three decimals: the others may have been zeros
        (102.01, 37.0, "partial", 1112.0),  # two decimals at most; the border is nearer than a kilometre
        (102, 37.01, "partial", 1112.0),
    ],
)
def test_points_of_few_decimals_are_no_match_near_a_border(
    places: Gazetteer, lon: float, lat: float, status: str, precision_m: float
) -> None:
    row = {"id": "1", "lon": lon, "lat": lat, "crs": "wgs84"}
    found = answered(places, row).match
    assert found is not None
    assert (found.status, found.candidates[0].precision_m) == (status, precision_m)
    assert [one["code"] for one in found.candidates[0].faults] == (["coarse_point"] if status == "partial" else [])
    with_address = answered(places, {**row, "lon": 102.0, "lat": 37.0, "address": "人民路1号"}).match
    assert with_address is not None
    assert with_address.status == "matched", "the address is in the same grid"


def test_what_is_doubted_of_several_grids_is_told() -> None:
    """人民医院 is stored twice, at points outside the place that is named."""
    fault = {"code": "grid_elsewhere", "text": "在别处 / it is elsewhere"}
    more = {"code": "more", "text": "另有 3 个 / and 3 more"}
    both = tuple(
        Candidate({"code": code}, (), "grid", 0.5, "exact", 0.0, None, faults=(fault, more)) for code in ("G1", "G2")
    )
    found = Match("ambiguous", "人民医院", None, None, both, 1, "2026-01-01")
    assert row_record(LocatedRow("1", found, None), "zh")["error"] == "在别处"


def test_what_several_candidates_share_is_said_once() -> None:
    """Ten grids of a town where a door is not stored are each told so."""
    fault = {"code": "another_place", "text": "存在于古浪镇 / it is in 古浪镇"}
    grids = [{"code": f"G{k}", "name": None, "kind": None, "level": None} for k in range(3)]
    found = tuple(Candidate(grid, (), "grid", 0.3, "match", None, None, faults=(fault,)) for grid in grids)
    row = LocatedRow("1", Match("partial", "民主街3号", None, None, found, 1, ""), None)
    assert row_record(row, "zh")["error"] == people_record(row, "zh")["reason"] == "存在于古浪镇"
