"""What a report is compared with, which units lack a facility, and how large grids are."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo.errors import NotFound
from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from geo.studies.analysis import AnalyzeOptions, analyze
from geo.studies.report_contents import report_contents

CRS = "EPSG:4326"


def _write(store: Store, layer: str, columns: dict, shapes: list) -> None:
    store.write(layer, gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS), "upsert", actor="test")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return a store of a township with two villages of one grid each, a camera, and three runs."""
    opened = open_store(tmp_path / "workspace.gpkg")
    west, east = shapely.box(103.1, 37.6, 103.101, 37.601), shapely.box(103.101, 37.6, 103.102, 37.601)
    codes, names = ["990121", "990121100"], ["试验县", "南镇"]
    _write(
        opened, "divisions", {"code": codes, "name": names, "level": ["county", "township"]},
        [shapely.union(west, east)] * 2,
    )  # fmt: skip
    villages = ["990121100201", "990121100202"]
    _write(opened, "villages", {"code": villages, "name": ["西村", "东村"]}, [west, east])
    grids = {"code": [f"{one}001" for one in villages], "name": ["西格", None], "village": villages}
    _write(opened, "grids", grids, [west, east])
    _write(opened, "cameras", {"id": ["c1"], "azimuth": [90.0]}, [shapely.Point(103.1005, 37.6005)])
    for level in ("detect", "observe", "recognise"):
        analyze(opened, AnalyzeOptions(domain="all", level=level))
    return opened


def test_it_is_compared_with_the_published_run_or_the_one_before(store: Store) -> None:
    newest, middle, oldest = (one.id for one in store.runs())
    assert report_contents(store).before.id == middle
    assert report_contents(store, oldest).before is None
    store.publish(oldest)
    found = report_contents(store, newest)
    assert (found.run.id, found.before.id, found.cameras["changed"]) == (newest, oldest, 1)
    assert report_contents(store).run.id == oldest, "`latest` is the published one"
    assert report_contents(store, newest, since=middle).before.id == middle
    store.publish(newest)
    assert report_contents(store).before.id == middle
    with pytest.raises(NotFound):
        report_contents(store, newest, since=newest)
    store.close()


def test_units_without_a_facility_of_their_level(store: Store) -> None:
    assert not len(report_contents(store).without), "nothing lacks what the store tells nothing of"
    # one in the west village, and one that serves the township by its code
    columns = {"code": ["f1", "f2"], "level": ["village", "township"], "serves": [None, "990121100"]}
    _write(store, "facilities", columns, list(shapely.points([[103.1002, 37.6002], [103.2, 37.7]])))
    found = report_contents(store)
    assert found.without.to_numpy().tolist() == [["village", "990121100202", "东村"]]
    assert found.facilities["township"].tolist() == ["990121100", None]
    store.close()


def test_grids_have_their_township_and_area(store: Store) -> None:
    found = report_contents(store)
    assert found.county == "试验县"
    assert found.grids["township"].tolist() == ["990121100"] * 2
    # 0.001 degrees at 37.6 degrees north: 88.32 m by 111.0 m
    assert found.grids["area_m2"].tolist() == pytest.approx([88.32 * 111.0] * 2, rel=1e-3)
    assert set(found.gaps["where"]) == {"西村内", "东村内"}
    store.close()
