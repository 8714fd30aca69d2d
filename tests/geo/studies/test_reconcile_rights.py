"""Reconcile as a planner of one township, on a server: pairs only with what it sees, writes only where it may."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo.errors import NotAllowed
from geo.storage.protocol import Store
from geo.storage.records import Caller
from geo.studies.import_files import import_file
from geo.studies.reconcile_cameras import apply_pairs, propose_pairs
from tests.geo.storage.conftest import *  # noqa: F403 (the fixtures: each kind of store)

pytestmark = [
    pytest.mark.usefixtures("clusters"),
    pytest.mark.parametrize("make_store", ["postgis"], indirect=True),
]
OURS = "id,name,lon,lat\nA1,北街口东南角,103.1,37.6\nB1,车站,103.3,37.6\n"
THEIRS = "id,name,lon,lat\n7,北街口 东南角,103.1,37.6\n8,车站,103.3,37.6\n"


def test_a_planner_pairs_and_writes_in_its_township_only(store: Store, tmp_path: Path) -> None:
    boxes = [shapely.box(103, 37, 103.4, 38), shapely.box(103, 37, 103.2, 38), shapely.box(103.2, 37, 103.4, 38)]
    rows = {"code": ["990101", "990101101", "990101102"], "name": ["某县", "东镇", "西镇"]}
    levels = {"level": ["county", "township", "township"]}
    store.write("divisions", gpd.GeoDataFrame(rows | levels, geometry=boxes, crs="EPSG:4326"), "upsert", actor="root")
    ours, theirs, table = (tmp_path / name for name in ("ours.csv", "theirs.csv", "table.csv"))
    ours.write_text(OURS, encoding="utf-8")
    theirs.write_text(THEIRS, encoding="utf-8")
    import_file(store, ours, "cameras", crs="wgs84")
    planner = store.acting(Caller("ann", "planner", ("990101101",)))

    found = propose_pairs(planner, theirs, crs="wgs84").table
    told = found[["结果", "编号（库）", "编号（文件）"]].astype(object).where(lambda one: one.notna(), "")
    assert told.values.tolist() == [["配对", "A1", "7"], ["只在文件", "", "8"]], "B1 is another township's"

    found.assign(确认="是").to_csv(table, index=False)
    with pytest.raises(NotAllowed):  # 8 lies where it may not write
        apply_pairs(planner, theirs, table, crs="wgs84")
    assert store.get("cameras", "A1")[0]["properties"]["other_ids"] is None, "all of it or nothing"
    found.assign(确认=["是", ""]).to_csv(table, index=False)
    assert apply_pairs(planner, theirs, table, crs="wgs84", actor="ann").merged == 1
    assert store.get("cameras", "A1")[0]["properties"]["other_ids"] == "7"

    # A table made by an admin names no camera to a planner that may not see it.
    whole = propose_pairs(store, theirs, crs="wgs84").table
    whole.assign(确认="是").to_csv(table, index=False)
    done = apply_pairs(planner, theirs, table, crs="wgs84")
    assert (done.merged, done.already) == (0, 1)
    assert [one.value for one in done.refused] == ["B1 + 8"]
