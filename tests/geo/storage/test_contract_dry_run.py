"""Hold a dry run to tell what the import then does, on both stores, and to write nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo.errors import BadValue, Conflict
from geo.readers.reading import read_layer
from geo.storage.protocol import Store
from geo.studies.import_files import import_file
from geo.studies.import_writes import PlanOutdated, write_reading
from geo.types import ImportReport

HEAD = "编号,经度,纬度,安装高度,设备名称,联系电话,备注"
FIRST = ("c1,102.1,37.1,6,东门,13900000001,好", "c2,102.2,37.2,7,西门,13900000002,", "c3,102.3,37.3,8,南门,,旧")


@pytest.fixture
def call(store: Store, tmp_path: Path) -> Callable[..., ImportReport]:
    def run(*rows: str, head: str = HEAD, layer: str = "cameras", **options: object) -> ImportReport:
        path = tmp_path / "摄像机.csv"
        path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        return import_file(store, path, layer, crs="wgs84", **options)  # type: ignore[arg-type]

    return run


def whole(store: Store) -> object:
    """Return all that a write could have touched."""
    kept = store.versions("cameras")
    return kept.current.to_wkb().to_csv(), kept.history.to_wkb().to_csv(), kept.revision, store.state("cameras")


def test_a_dry_run_tells_every_row_by_hand_and_writes_nothing(store: Store, call: Callable[..., ImportReport]) -> None:
    call(*FIRST)
    before = whole(store)
    # c1 as it is, c2 higher and renamed, c3 moved, c4 new, the fifth row without a place.
    rows = (
        FIRST[0], "c2,102.2,37.2,7.5,西大门,,", "c3,102.35,37.3,8,南门,,", "c4,102.4,37.4,5,北门,,", "c5,,,5,无,,",
    )  # fmt: skip
    found = call(*rows, dry_run=True)
    assert whole(store) == before
    assert (found.read, found.imported, found.updated, found.rejected, found.unchanged) == (5, 1, 3, 1, 1)
    assert found.changes is not None
    assert found.changes.as_dict() == {
        "added": {"count": 1, "keys": ["c4"]},
        "updated": {
            "count": 2,
            "rows": [{"key": "c2", "fields": ["name", "height"]}, {"key": "c3", "fields": ["geometry"]}],
            "fields": {"geometry": 1, "name": 1, "height": 1},
        },
        "unchanged": {"count": 1},
        "removed": {"count": 0, "keys": []},
    }
    real = call(*rows)
    same = ("read", "imported", "updated", "rejected", "rows_made", "removed", "unchanged", "mapping", "findings")
    assert [getattr(real, name) for name in same] == [getattr(found, name) for name in same]
    assert (real.changes, real.is_dry_run, real.columns) == (None, False, [])
    # Now there is nothing left to change but for the row that is no row.
    again = call(*rows, dry_run=True).changes
    assert again is not None
    assert (again.added, again.updated, again.unchanged, again.removed) == (0, 0, 4, 0)


def test_every_column_is_shown_with_its_first_values_and_no_personal_one(call: Callable[..., ImportReport]) -> None:
    found = call(*FIRST, "c4,102.4,37.4,6,东门,,好", dry_run=True)
    assert [(one.column, list(one.fields), list(one.samples), one.is_dropped) for one in found.columns] == [
        ("编号", ["id"], ["c1", "c2", "c3"], False),
        ("经度", ["lon"], ["102.1", "102.2", "102.3"], False),
        ("纬度", ["lat"], ["37.1", "37.2", "37.3"], False),
        ("安装高度", ["height"], ["6", "7", "8"], False),
        ("设备名称", ["name"], ["东门", "西门", "南门"], False),
        ("联系电话", [], [], True),
        ("备注", [], ["好", "旧"], False),
    ]
    assert "1390000" not in str(found.as_dict())


def test_a_column_that_gdal_would_not_read_is_shown_too(store: Store, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"code": ["g1"], "name": ["一格"], "remark": ["山上"], "phone": ["13900000001"]},
        geometry=[shapely.box(102, 37, 102.1, 37.1)], crs="EPSG:4326",
    )  # fmt: skip
    frame.to_file(tmp_path / "grids.shp")
    found = import_file(store, tmp_path / "grids.shp", "grids", dry_run=True)
    shown = {one.column: (list(one.samples), one.is_dropped) for one in found.columns}
    assert shown["remark"] == (["山上"], False)
    assert shown["phone"] == ([], True)
    assert list(found.unused_columns) == ["remark"]
    assert store.count("grids") == 0


def test_replace_tells_what_goes_and_append_is_refused_as_the_import_is(
    store: Store,
    call: Callable[..., ImportReport],
) -> None:
    call(*FIRST)
    before = whole(store)
    found = call(FIRST[1], "c9,102.9,37.9,6,新,,", mode="replace", dry_run=True).changes
    assert found is not None
    assert (found.added_keys, found.unchanged, found.removed, found.removed_keys) == (["c9"], 1, 2, ["c1", "c3"])
    with pytest.raises(Conflict, match="c1"):
        call(*FIRST, mode="append", dry_run=True)
    with pytest.raises(BadValue, match="no usable row"):
        call("c1,,,6,东门,,", mode="replace", dry_run=True)
    assert whole(store) == before


def test_a_camera_that_now_looks_two_ways_is_told_as_two_new_rows_for_one(call: Callable[..., ImportReport]) -> None:
    head = "id,lon,lat,azimuth"
    call("c1,102.1,37.1,90", head=head)
    found = call("c1,102.1,37.1,90;270", head=head, dry_run=True)
    assert (found.imported, found.updated, found.rows_made, found.removed) == (0, 1, 2, 1)
    assert found.changes is not None
    assert (found.changes.added_keys, found.changes.removed_keys) == (["c1#1", "c1#2"], ["c1"])


def test_a_plan_holds_only_while_the_rows_that_it_touches_are_as_they_were(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "cameras.csv"
    path.write_text("id,lon,lat,height\nc1,102.1,37.1,6\nc2,102.2,37.2,7\n")
    import_file(store, path, "cameras", crs="wgs84")
    path.write_text("id,lon,lat,height\nc1,102.1,37.1,9\n")
    reading = read_layer(path, "cameras", crs="wgs84")
    shown = write_reading(store, reading, "cameras", mode="upsert", actor="li", dry_run=True).changes
    assert shown is not None
    # A row that the file does not bring may change meanwhile; one that it brings may not.
    other, _ = store.get("cameras", "c2")
    store.put("cameras", "c2", other, if_version=None, actor="wang")
    mine, _ = store.get("cameras", "c1")
    mine["properties"]["name"] = "东门"
    store.put("cameras", "c1", mine, if_version=None, actor="wang")
    with pytest.raises(PlanOutdated):
        write_reading(store, reading, "cameras", mode="upsert", actor="li", planned=shown.state)
    assert store.get("cameras", "c1")[0]["properties"]["height"] == 6
    fresh = write_reading(store, reading, "cameras", mode="upsert", actor="li", dry_run=True).changes
    assert fresh is not None
    write_reading(store, reading, "cameras", mode="upsert", actor="li", planned=fresh.state)
    assert store.get("cameras", "c1")[0]["properties"]["height"] == 9


@pytest.mark.parametrize("seed", range(6))
def test_what_is_told_is_what_a_comparison_of_before_and_after_finds(
    store: Store,
    call: Callable[..., ImportReport],
    seed: int,
) -> None:
    """The oracle: the stored rows before and after the import, compared as texts."""
    draw = random.Random(seed)

    def rows() -> list[str]:
        keys = draw.sample(range(12), draw.randint(1, 9))
        return [f"k{key},{102 + key / 100},{37 + draw.randint(0, 1) / 100},{draw.randint(3, 4)},门,," for key in keys]

    def stored() -> dict[str, str]:
        frame = store.read("cameras").drop(columns="valid_from").to_wkt()
        return {str(row[0]): repr(row) for row in frame.itertuples(index=False, name=None)}

    call(*rows())
    after_rows, mode = rows(), draw.choice(["upsert", "replace"])
    told = call(*after_rows, mode=mode, dry_run=True).changes
    before = stored()
    call(*after_rows, mode=mode)
    after = stored()
    assert told is not None
    assert list(told.added_keys) == sorted(after.keys() - before.keys())
    assert list(told.removed_keys) == sorted(before.keys() - after.keys())
    assert [key for key, _ in told.updated_rows] == sorted(
        key for key in before.keys() & after.keys() if before[key] != after[key]
    )


def test_a_plan_ends_where_what_is_derived_from_another_layer_changes(store: Store, tmp_path: Path) -> None:
    """An address belongs to the grid that covers it: with other grids it would be stored with another code."""

    def grids(code: str) -> None:
        frame = gpd.GeoDataFrame({"code": [code]}, geometry=[shapely.box(102, 37, 102.1, 37.1)], crs="EPSG:4326")
        store.write("grids", frame, "replace", actor="li")

    grids("g1")
    path = tmp_path / "addresses.csv"
    path.write_text("id,text,lon,lat\na1,东街1号,102.05,37.05\n", encoding="utf-8")
    reading = read_layer(path, "addresses", crs="wgs84")
    shown = write_reading(store, reading, "addresses", mode="upsert", actor="li", dry_run=True).changes
    assert shown is not None
    grids("g2")
    with pytest.raises(PlanOutdated):
        write_reading(store, reading, "addresses", mode="upsert", actor="li", planned=shown.state)
    grids("g1")
    write_reading(store, reading, "addresses", mode="upsert", actor="li", planned=shown.state)
    assert store.read("addresses")["grid"].tolist() == ["g1"]
