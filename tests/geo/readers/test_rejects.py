"""Test that each bad row is named with its reason, good rows go in, and nothing is lost (rule U5)."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import RowFault
from geo.readers.reading import ReadResult, read_layer
from geo.readers.rows import geometry_checks

SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]


def accounted(reading: ReadResult) -> None:
    """Every feature is either in the frame or among the rejects, once."""
    assert reading.read == len(set(reading.features.tolist())) + len(reading.rejects)
    assert len(reading.frame) == len(reading.native) == len(reading.features)
    key = reading.frame.columns[0]
    assert reading.frame[key].is_unique
    assert reading.frame.geometry.notna().all()


def cameras(folder: Path, rows: list[dict[str, Any]], **options: Any) -> ReadResult:
    """Read rows as a CSV of cameras; lon 102.9 and lat 37.5 unless given."""
    names = list(dict.fromkeys(["id", "lon", "lat", *(name for row in rows for name in row)]))
    path = folder / "c.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows({"id": f"c{place}", "lon": 102.9, "lat": 37.5, **row} for place, row in enumerate(rows, 1))
    reading = read_layer(path, "cameras", **{"crs": "wgs84", **options})
    accounted(reading)
    return reading


def features(folder: Path, geometries: list[Any], layer: str = "grids", **properties: Any) -> ReadResult:
    """Read GeoJSON features of these geometries."""
    path = folder / "g.geojson"
    made = [
        {"type": "Feature", "properties": {"code": f"g{place}", **properties}, "geometry": geometry}
        for place, geometry in enumerate(geometries, 1)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": made}))
    reading = read_layer(path, layer)
    accounted(reading)
    return reading


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def only(reading: ReadResult) -> RowFault:
    (fault,) = reading.rejects
    assert " / " in fault.reason
    return fault


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"lon": "461.993.881"}, "lon"),
        ({"lon": ""}, "lon"),
        ({"lat": "north"}, "lat"),
        ({"lon": 37.5, "lat": 102.9}, "geometry"),
        ({"lon": 502.9}, "geometry"),
        ({"lon": 500_000, "lat": 4_150_000}, "geometry"),
        ({"id": "3.4020000001E+19"}, "id"),
        ({"id": "x" * 1000}, "id"),
    ],
)
def test_without_place_key_or_thing_the_row_is_rejected_and_the_rest_kept(
    tmp_path: Path, bad: dict[str, Any], field: str
) -> None:
    reading = cameras(tmp_path, [{"name": "good"}, bad, {"name": "good too"}])
    assert reading.frame["id"].tolist() == ["c1", "c3"]
    assert reading.features.tolist() == [1, 3]
    fault = only(reading)
    assert (fault.where, fault.row, fault.field) == ("c.csv", "2", field)
    value = str(next(iter(bad.values())))
    assert value[:200] in fault.value or field == "geometry"
    assert reading.findings == []


@pytest.mark.parametrize(
    ("bad", "field", "stored"),
    [
        ({"hfov": 0}, "hfov", None),
        ({"hfov": 361}, "hfov", None),
        ({"vfov": 181}, "vfov", None),
        ({"vfov": -1}, "vfov", None),
        ({"tilt": 91}, "tilt", None),
        ({"tilt": -90.5}, "tilt", None),
        ({"height": 0}, "height", None),
        ({"height": "tall"}, "height", None),
        ({"height": "inf"}, "height", None),
        ({"width_px": 0}, "width_px", None),
        ({"height_px": -1080}, "height_px", None),
        ({"height_px": 10.5}, "height_px", None),
        ({"max_range": 0}, "max_range", None),
        ({"azimuth": "up"}, "azimuth", None),
        ({"status": "maybe"}, "status", "unknown"),
        ({"class": "四类"}, "class", None),
        ({"kind": "whatever"}, "kind", None),
        ({"valid_from": "soon"}, "valid_from", None),
        ({"name": "x" * 100_000}, "name", None),
    ],
)
def test_u5_a_cell_is_lost_and_its_row_is_kept(
    tmp_path: Path, bad: dict[str, Any], field: str, stored: str | None
) -> None:
    reading = cameras(tmp_path, [{"name": "good"}, bad, {"name": "good too"}])
    assert reading.rejects == []
    assert reading.frame["id"].tolist() == ["c1", "c2", "c3"]
    kept = reading.frame[field].iloc[1]
    assert kept == stored or (stored is None and pd.isna(kept))
    (finding,) = reading.findings
    assert (finding.field, finding.rows, finding.count) == (field, ("2",), 1)
    assert finding.value == str(next(iter(bad.values())))[:200]
    assert " / " in finding.reason


def test_u1_a_missing_status_is_no_unknown_one(tmp_path: Path) -> None:
    reading = cameras(tmp_path, [{"status": ""}, {"status": "未知"}, {"status": "待复核"}, {"status": "待复核"}])
    assert reading.frame["status"].astype(object).where(reading.frame["status"].notna(), None).tolist() == [
        None, "unknown", "unknown", "unknown",
    ]  # fmt: skip
    (finding,) = reading.findings
    assert (finding.value, finding.rows, finding.is_word) == ("待复核", ("3", "4"), True)


def test_every_column_is_mapped_unused_or_dropped(tmp_path: Path) -> None:
    reading = cameras(tmp_path, [{"name": "a", "备注": "x", "电话": "1", "x": "", "y": ""}])
    listed = [*reading.mapping.values(), *reading.unused_columns, *reading.dropped_columns]
    assert sorted(listed) == sorted(["id", "lon", "lat", "name", "备注", "电话", "x", "y"])
    assert reading.dropped_columns == ["电话"]


def test_a_layer_that_lives_by_names_says_that_none_was_found(tmp_path: Path) -> None:
    path = tmp_path / "g.geojson"
    shape = polygon(SQUARE)
    made = [{"type": "Feature", "properties": {"甲": "1"}, "geometry": shape}]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": made}))
    (finding,) = read_layer(path, "grids").findings
    assert (finding.field, finding.count, finding.rows) == ("code", 1, ())
    named = read_layer(path, "grids", mapping={"name": "甲"})
    assert named.findings == []


def test_an_address_without_text_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,lon,lat,address\na1,102.9,37.5,民主街3号\na2,102.9,37.5,\n", encoding="utf-8")
    reading = read_layer(path, "addresses", crs="wgs84")
    assert reading.frame["id"].tolist() == ["a1"]
    assert (only(reading).row, only(reading).field) == ("2", "text")


@pytest.mark.parametrize(
    "fine",
    [
        {"hfov": 360},
        {"vfov": 180},
        {"tilt": -90},
        {"tilt": 90},
        {"azimuth": -90},
        {"azimuth": 725},
        {"azimuth": ""},
        {"height": "nan"},
        {"height": "2,5 m"},
        {"max_range": "30米"},
        {"status": ""},
        {"lon": 0, "lat": 37.4},
        {"height": 80},
    ],
)
def test_what_u5_allows(tmp_path: Path, fine: dict[str, Any]) -> None:
    assert cameras(tmp_path, [fine]).rejects == []


def test_azimuth_is_taken_modulo_360(tmp_path: Path) -> None:
    reading = cameras(tmp_path, [{"azimuth": azimuth} for azimuth in (-90, 725, 360, "359.5")])
    assert reading.frame["azimuth"].tolist() == [270.0, 5.0, 0.0, 359.5]


def test_null_island_is_no_place_in_any_crs(tmp_path: Path) -> None:
    for system in ("wgs84", "gcj02", "EPSG:4543"):
        metric = system.startswith("EPSG")
        place = {"lon": 500_000, "lat": 4_150_000} if metric else {}
        reading = cameras(tmp_path, [{"lon": 0, "lat": 0}, place], crs=system)
        assert only(reading).row == "1"
        assert only(reading).reason == geometry_checks.NOWHERE
        assert len(reading.frame) == 1


def test_a_key_twice_rejects_the_second_row(tmp_path: Path) -> None:
    reading = cameras(tmp_path, [{"id": "a", "name": "first"}, {"id": "b"}, {"id": "a", "name": "second"}])
    assert reading.frame["name"].tolist()[0] == "first"
    assert only(reading).row == "3"
    assert "row 1" in only(reading).reason


def test_a_rejected_row_does_not_hold_its_key(tmp_path: Path) -> None:
    reading = cameras(tmp_path, [{"id": "a", "lat": 99}, {"id": "a", "name": "good"}])
    assert reading.frame["name"].tolist() == ["good"]
    assert only(reading).row == "1"


def test_without_a_key_the_source_and_row_number_serve(tmp_path: Path) -> None:
    reading = cameras(tmp_path, [{"id": ""}, {"id": ""}])
    assert reading.frame["id"].tolist() == ["c.csv:1", "c.csv:2"]
    assert any("row number used" in sentence for sentence in reading.assumed)
    assert not reading.findings


def test_a_row_without_a_key_beside_rows_that_have_one_is_a_finding(tmp_path: Path) -> None:
    reading = cameras(tmp_path, [{"id": ""}, {"id": "x"}, {"id": "-"}])
    assert reading.frame["id"].tolist() == ["c.csv:1", "x", "c.csv:3"]
    (finding,) = reading.findings
    assert (finding.field, finding.rows, finding.value) == ("id", ("1", "3"), "")
    assert "no key" in finding.reason


def test_blank_rows_are_no_features_but_count_in_numbers(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("id,lon,lat\na,102,37\n,,\n \nb,x,37\n,,\n")
    reading = read_layer(tmp_path / "c.csv", "cameras", crs="wgs84")
    accounted(reading)
    assert reading.read == 2
    assert only(reading).row == "4"


def test_more_cells_than_the_header_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("id,lon,lat\na,102,37,13800000000\nb,102,37,\nc,102\n")
    reading = read_layer(tmp_path / "c.csv", "cameras", crs="wgs84")
    accounted(reading)
    assert reading.frame["id"].tolist() == ["b"]
    assert [fault.row for fault in reading.rejects] == ["1", "3"]
    assert "138" not in "".join(fault.value for fault in reading.rejects)


def test_several_directions_become_several_rows(tmp_path: Path) -> None:
    rows = [{"azimuth": "90;270"}, {"azimuth": "10-50", "site": "pole"}, {"azimuth": "360"}, {"azimuth": ""}]
    reading = cameras(tmp_path, rows)
    assert reading.frame["id"].tolist() == ["c1#1", "c1#2", "c2", "c3", "c4"]
    assert reading.frame["site"].tolist() == ["c1", "c1", "pole", "c3", "c4"]
    assert reading.frame["azimuth"].fillna(-1).tolist() == [90, 270, 30, 0, -1]
    assert reading.frame["hfov"].fillna(-1).tolist() == [-1, -1, 40, -1, -1]
    assert reading.features.tolist() == [1, 1, 2, 3, 4]
    assert reading.read == 4


def test_a_given_hfov_beats_the_width_of_a_range(tmp_path: Path) -> None:
    reading = cameras(tmp_path, [{"azimuth": "10-50", "hfov": 60}])
    assert reading.frame[["azimuth", "hfov"]].iloc[0].tolist() == [30.0, 60.0]


def test_a_direction_key_never_collides(tmp_path: Path) -> None:
    reading = cameras(tmp_path, [{"id": "a", "azimuth": "0;90"}, {"id": "a#1", "azimuth": "5"}])
    assert reading.frame["id"].tolist() == ["a#1"]
    assert only(reading).row == "1"


def test_exchanged_axes_are_told_from_the_rest_of_the_file(tmp_path: Path) -> None:
    # Helsinki: both numbers are possible latitudes, only the neighbours give it away.
    rows: list[dict[str, Any]] = [{"lon": 24.9 + place / 100, "lat": 60.17} for place in range(6)]
    rows.insert(2, {"lon": 60.17, "lat": 24.93})
    rows.append({"lon": 6.1, "lat": 46.2})  # far away, but no mirror image: kept
    reading = cameras(tmp_path, rows)
    assert only(reading).row == "3"
    assert "axes" in only(reading).reason
    assert len(reading.frame) == 7


def test_exchanged_axes_of_one_row_in_a_projected_file(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"lon": 580_000 + place, "lat": 4_150_000} for place in range(5)]
    rows.append({"lon": 4_150_000, "lat": 580_000})
    reading = cameras(tmp_path, rows, crs="EPSG:4543")
    assert only(reading).row == "6"
    assert "axes" in only(reading).reason


def test_mercator_metres_outside_a_zone_are_refused_by_row(tmp_path: Path) -> None:
    reading = cameras(tmp_path, [{"lon": 11_454_000, "lat": 4_509_000}, {"lon": 580_000, "lat": 4e6}], crs="EPSG:4543")
    assert only(reading).row == "1"
    assert "outside" in only(reading).reason


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (polygon(SQUARE[:-1]), "not closed"),
        (polygon(SQUARE, [[0.2, 0.2], [0.4, 0.2], [0.4, 0.4], [0.2, 0.5]]), "not closed"),
        (polygon([[0, 0], [1, 0], [0, 0]]), "four points"),
        (polygon([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]), "invalid geometry"),
        (polygon([[0, 0], [1, 0], [2, 0], [0, 0]]), "invalid geometry"),
        (polygon([["0", "0"], ["1", "0"], ["1", "1"], ["0", "0"]]), "no numbers"),
        (polygon([[0, 0], [1], [1, 1], [0, 0]]), "no numbers"),
        (polygon([[1, 0], [200, 0], [200, 1], [1, 0]]), "outside"),
        ({"type": "Polygon", "coordinates": []}, "empty"),
        ({"type": "Polygon"}, "no coordinates"),
        ({"type": "MultiPolygon", "coordinates": [[]]}, "no coordinates"),
        ({"type": "Point", "coordinates": [1, 2]}, "wrong kind"),
        ({"type": "LineString", "coordinates": [[1, 2], [3, 4]]}, "wrong kind"),
        ({"type": "Blob", "coordinates": [1, 2]}, "unknown kind"),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE[:-1]]]}, "not closed"),
        ({"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 2]}]}, "wrong kind"),
        (None, "missing"),
        (7, "unknown kind"),
    ],
)
def test_broken_shapes_cost_one_row(tmp_path: Path, bad: Any, word: str) -> None:
    reading = features(tmp_path, [polygon(SQUARE), bad, polygon(SQUARE)])
    assert reading.frame["code"].tolist() == ["g1", "g3"]
    assert only(reading).row == "2"
    assert word in only(reading).reason


def test_deep_collections_are_refused_by_row(tmp_path: Path) -> None:
    shape: dict[str, Any] = polygon(SQUARE)
    for _ in range(6):
        shape = {"type": "GeometryCollection", "geometries": [shape]}
    assert "too deep" in only(features(tmp_path, [shape])).reason


def test_not_a_feature_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "g.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [1, {"type": "x"}, None]}))
    reading = read_layer(path, "grids")
    assert (reading.read, len(reading.rejects)) == (3, 3)


@pytest.mark.parametrize(
    "good",
    [
        {"type": "MultiPolygon", "coordinates": [[SQUARE]]},
        {"type": "GeometryCollection", "geometries": [polygon(SQUARE)]},
        polygon([[*point, 5.0] for point in SQUARE]),
    ],
)
def test_one_part_is_that_part_and_heights_are_left_out(tmp_path: Path, good: Any) -> None:
    shape = features(tmp_path, [good]).frame.geometry.iloc[0]
    assert shape.geom_type == "Polygon"
    assert not shape.has_z
    assert shape.area == 1.0


def test_a_ring_that_touches_itself_is_repaired_and_said(tmp_path: Path) -> None:
    # two unit squares meeting in a corner, drawn as one ring: area 2, invalid to GEOS, no doubt about the region
    eight = [[0, 0], [1, 0], [1, 1], [2, 1], [2, 2], [1, 2], [1, 1], [0, 1], [0, 0]]
    reading = features(tmp_path, [polygon(eight)])
    assert reading.rejects == []
    assert reading.frame.geometry.iloc[0].area == pytest.approx(2.0)
    assert reading.frame.geometry.is_valid.all()
    assert any("repaired" in sentence for sentence in reading.assumed)


@pytest.mark.parametrize(
    ("wkt", "word"),
    [
        ("POLYGON((0 0,1 0,1 1,0 1))", "not closed"),
        ("POLYGON((0 0,1 0", "cannot be read"),
        ("", "missing"),
        ("POINT(1 2)", "wrong kind"),
        ("POLYGON EMPTY", "empty"),
        ("POLYGON((0 0,1 0,1 nan,0 1,0 0))", "finite"),
        ("GEOMETRYCOLLECTION(" * 9 + "POINT(0 0)" + ")" * 9, "too deep"),
    ],
)
def test_broken_wkt_costs_one_row(tmp_path: Path, wkt: str, word: str) -> None:
    path = tmp_path / "g.csv"
    path.write_text(f'code,wkt\na,"POLYGON((0 0,1 0,1 1,0 1,0 0))"\nb,"{wkt}"\n')
    reading = read_layer(path, "grids", crs="wgs84")
    accounted(reading)
    assert reading.frame["code"].tolist() == ["a"]
    assert word in only(reading).reason


def test_u3_an_obstacle_without_a_usable_height_is_kept_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    cells = ["12.5 m", "0", "-3", "tall", "", ""]
    levels = ["", "5", "", "", "4", "0"]
    lines = [
        f'b{n},"{h}",{f},"POLYGON((0 0,1 0,1 1,0 1,0 0))"' for n, (h, f) in enumerate(zip(cells, levels, strict=True))
    ]
    path.write_text("\n".join(["编号,高度,层数,wkt", *lines]), "utf-8")
    reading = read_layer(path, "obstacles", crs="wgs84")
    accounted(reading)
    assert reading.rejects == []
    assert reading.frame["height"].fillna(-1).tolist() == [12.5, -1, -1, -1, 12, -1]
    counts = {sentence.split(" / ")[1]: count for sentence, count in reading.assumed.items()}
    assert counts == {"height from storeys, 3 m each": 1}
    assert {(one.field, one.value, one.rows) for one in reading.findings} == {
        ("height", "0", ("2",)), ("height", "-3", ("3",)), ("height", "tall", ("4",)), ("levels", "0", ("6",)),
    }  # fmt: skip


def test_counts_must_be_whole_and_not_negative(tmp_path: Path) -> None:
    path = tmp_path / "g.csv"
    path.write_text(
        'code,户数,level,kind,wkt\na,300,1,综合,"{0}"\nb,-1,1,,"{0}"\nc,3.5,1,,"{0}"\nd,,微网格,专属,"{0}"\n'.format(
            "POLYGON((0 0,1 0,1 1,0 1,0 0))"
        ),
        "utf-8",
    )
    reading = read_layer(path, "grids", crs="wgs84")
    assert reading.frame["code"].tolist() == ["a", "b", "c", "d"]
    assert reading.frame["households"].fillna(-1).tolist() == [300, -1, -1, -1]
    assert reading.frame["level"].tolist() == [1, 1, 1, 2]
    assert reading.frame["kind"].dropna().tolist() == ["general", "dedicated"]
    assert {(one.field, one.value) for one in reading.findings} == {("households", "-1"), ("households", "3.5")}


def test_division_levels_follow_from_their_codes(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    wkt = "POLYGON((0 0,1 0,1 1,0 1,0 0))"
    rows = [f'{code},"{wkt}"\n' for code in ("620622", "620622100", "620622100001", "62", "6")]
    path.write_text("代码,wkt\n" + "".join(rows), "utf-8")
    reading = read_layer(path, "divisions", crs="wgs84")
    assert reading.frame["level"].tolist()[:4] == ["county", "township", "village", "province"]
    assert reading.frame["level"].isna().tolist() == [False, False, False, False, True]


def test_shapes_of_binary_files_are_checked_too(tmp_path: Path) -> None:
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    shapes = [shapely.box(0, 0, 1, 1), bow_tie, None, shapely.Polygon(), shapely.box(2, 2, 3, 3)]
    frame = gpd.GeoDataFrame({"code": list("abcde")}, geometry=shapes, crs=4326)
    for name in ("g.gpkg", "g.parquet"):
        frame.to_file(tmp_path / name) if name == "g.gpkg" else frame.to_parquet(tmp_path / name)
        reading = read_layer(tmp_path / name, "grids")
        accounted(reading)
        assert reading.frame["code"].tolist() == ["a", "e"]
        assert [fault.row for fault in reading.rejects] == ["2", "3", "4"]


def test_gbt28181_and_gat1400_read_codes_by_profile(tmp_path: Path) -> None:
    header = "DeviceID,Name,Longitude,Latitude,PTZType,DirectionType,RoomType,PointType,Status,IPAddress,Password"
    lines = [
        "34020000001320000001,a,102.9,37.5,1,5,1,1,ON,10.0.0.1,x",
        "34020000001320000002,b,102.9,37.5,3,6,2,9,OFF,10.0.0.1,x",
        "34020000001320000003,c,102.9,37.5,6,1/3,,2,ON,10.0.0.1,x",
    ]
    path = tmp_path / "gb.csv"
    path.write_text("\n".join([header, *lines]))
    for profile in ("gbt28181", None):
        frame = (reading := read_layer(path, "cameras", crs="wgs84", profile=profile)).frame
        accounted(reading)
        assert frame["kind"].tolist() == ["ptz", "fixed", "panoramic", "panoramic"]
        assert frame["azimuth"].tolist() == [135.0, 45.0, 90.0, 180.0]
        assert frame["status"].tolist() == ["online", "offline", "online", "online"]
        assert frame["class"].fillna(0).tolist() == [1, 0, 2, 2]
        assert frame["place_type"].fillna("").tolist() == ["outdoor", "indoor", "", ""]
        assert reading.dropped_columns == ["IPAddress", "Password"]
    path.write_text(
        "ApeID,Longitude,Latitude,MonitorDirection,IsOnline,IPAddr,UserId\n1,102,37,5,1,x,y\n2,102,37,9,2,x,y\n"
    )
    frame = read_layer(path, "cameras", crs="wgs84", profile="gat1400").frame
    assert frame["azimuth"].fillna(-1).tolist() == [45.0, -1.0]
    assert frame["status"].tolist() == ["online", "offline"]


CELLS = {
    "lon": ["102.9", "", "461.993.881", "37.5", "999", "x"],
    "lat": ["37.5", "102.9", "nan"],
    "id": ["a", "b", "c", "", "a"],
    "azimuth": ["", "90", "90;180", "338-23", "up", "-5"],
    "height": ["4", "", "0", "3 m", "abc"],
    "hfov": ["", "80", "400"],
    "status": ["", "在线", "???"],
}
ROW = st.fixed_dictionaries({name: st.sampled_from(cells) for name, cells in CELLS.items()})


@settings(max_examples=35)
@given(rows=st.lists(ROW, min_size=1, max_size=12), seed=st.integers(0, 9))
def test_nothing_is_lost_whatever_the_rows_and_their_order(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]], seed: int
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    reading = cameras(folder, rows)
    numbers = {int(fault.row) for fault in reading.rejects} | set(reading.features.tolist())
    assert numbers == set(range(1, len(rows) + 1))
    # A row of its own key is good or bad by itself, wherever it stands.
    own = [{**row, "id": f"own{place}"} for place, row in enumerate(rows)]
    shuffled = random.Random(seed).sample(own, len(own))
    first, second = cameras(folder, own), cameras(folder, shuffled)
    assert sorted(first.frame["id"]) == sorted(second.frame["id"])
    assert np.isin(reading.features, first.features).all()


def test_a_coordinate_of_1e308_rejects_its_row_and_stops_no_file(tmp_path: Path) -> None:
    """Twice such a number is infinite: a centre computed from the sum would be taken for no position at all."""
    path = tmp_path / "c.csv"
    path.write_text("id,lon,lat\nc1,102.8,37.4\nc2,1e308,37.4\nc3,102.8,-1e308\n")
    found = read_layer(path, "cameras", crs="wgs84")
    assert found.frame["id"].tolist() == ["c1"]
    assert [fault.row for fault in found.rejects] == ["2", "3"]
