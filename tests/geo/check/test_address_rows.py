"""Check addresses that lie outside the grids, elsewhere than their text says, and at two places."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo.check.checks import check
from geo.storage.geopackage.store import open_store
from geo.studies.import_files import import_file

X, Y, SIDE = 103.0, 37.0, 0.01  # 0.01 degrees are about 890 m by 1110 m
NORTH, SOUTH = "990301101", "990301102"


def frame(rows: list[dict[str, object]], shapes: list[shapely.Geometry | None]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4326")


def square(column: int) -> shapely.Geometry:
    return shapely.box(X + column * SIDE, Y, X + (column + 1) * SIDE, Y + SIDE)


def at(column: float, row: float = 0.5) -> shapely.Point:
    return shapely.Point(X + column * SIDE, Y + row * SIDE)


#: From west to east: two villages of the north, two of the south; 新民村 is in both towns.
VILLAGES = [(f"{NORTH}201", "东街村"), (f"{NORTH}202", "新民村"), (f"{SOUTH}201", "新民村"), (f"{SOUTH}202", "下滩村")]
GRIDS = frame([{"code": f"{code}001", "level": 1} for code, _ in VILLAGES], [square(k) for k in range(4)])
DIVISIONS = frame(
    [
        {"code": "990301", "name": "青禾县", "level": "county"},
        {"code": NORTH, "name": "北镇", "level": "township"},
        {"code": SOUTH, "name": "南镇", "level": "township"},
        *({"code": code, "name": name, "level": "village"} for code, name in VILLAGES),
    ],
    [None] * 7,
)


def told(*addresses: tuple[str, shapely.Point], **layers: gpd.GeoDataFrame) -> list[tuple[str, tuple[str, ...]]]:
    rows = [{"id": f"A{k}", "text": text} for k, (text, _) in enumerate(addresses)]
    found = check({"addresses": frame(rows, [point for _, point in addresses]), **layers})
    return [(one.code, tuple(one.keys)) for one in found if one.layer == "addresses"]


BOTH = {"grids": GRIDS, "divisions": DIVISIONS}


def test_addresses_where_they_say_are_not_named() -> None:
    rows = [
        ("青禾县北镇东街村1号", at(0.5)),
        ("北镇新民村1号", at(1.5)),
        ("新民村2号", at(2.5)),
        ("人民路3号", at(3.5)),
    ]
    assert told(*rows, **BOTH) == []


def test_a_point_in_no_grid_is_named_with_the_distance() -> None:
    rows = frame([{"id": "A", "text": "北镇东街村1号"}], [at(6.0)])
    (one,) = check({"addresses": rows, "grids": GRIDS})
    assert (one.severity, one.code, one.keys) == ("error", "address-outside-grids", ("A",))
    assert one.value == pytest.approx(1780, rel=0.01)  # two squares from the last one
    assert "1,78" in one.text


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("青禾县北镇东街村1号", 1.5),  # the village next to it
        ("北镇人民路1号", 2.5),  # the other town
        ("北镇新民村1号", 2.5),  # the village of that name in the other town
        ("新民村1号", 0.5),  # neither of that name
        ("甘肃省青禾县下滩村1号", 0.5),
    ],
)
def test_a_point_in_another_division_than_the_text_names_is_named(text: str, column: float) -> None:
    assert told((text, at(column)), **BOTH) == [("address-elsewhere", ("A0",))]


@pytest.mark.parametrize("text", ["新民村路3号", "新民村小学", "人民路新民村3号", "南镇政府", "南镇路1号"])
def test_a_name_within_another_is_not_that_of_a_division(text: str) -> None:
    assert told((text, at(0.5)), **BOTH) == []


def test_borders_that_differ_by_less_than_50_m_tell_nothing() -> None:
    assert told(("北镇东街村1号", at(1.04)), **BOTH) == []  # 36 m behind the border


def test_shapes_of_villages_do_without_grids() -> None:
    shapes = frame([{"code": code, "name": name} for code, name in VILLAGES], [square(k) for k in range(4)])
    assert told(("东街村1号", at(1.5)), ("东街村2号", at(0.5)), villages=shapes) == [("address-elsewhere", ("A0",))]


def test_one_text_far_apart_is_named_once_and_that_of_two_gates_is_not() -> None:
    rows = [("解放路9号", at(0.5)), ("解放路 9号", at(0.5, 0.95)), ("和平路1号", at(0.5)), ("和平路1号", at(0.6))]
    assert told(*rows, grids=GRIDS) == [("address-at-two-places", ("A0", "A1"))]


def test_an_import_counts_them(tmp_path: Path) -> None:
    rows = "\n".join(
        f"{key},{text},{point.x},{point.y}"
        for key, text, point in [
            ("A1", "北镇东街村1号", at(0.5)), ("A2", "北镇东街村2号", at(2.5)), ("A3", "北镇东街村3号", at(9)),
        ]
    )  # fmt: skip
    path = tmp_path / "a.csv"
    path.write_text(f"编号,地址,经度,纬度\n{rows}\n", encoding="utf-8")
    with open_store(tmp_path / "w.gpkg") as store:
        store.write("grids", GRIDS, "upsert", actor="li")
        store.write("divisions", DIVISIONS, "upsert", actor="li")
        report = import_file(store, path, "addresses", crs="wgs84")
    assert report.imported == 3
    assert [(one.value, one.count) for one in report.findings] == [("A3", 1), ("A2", 1)]
