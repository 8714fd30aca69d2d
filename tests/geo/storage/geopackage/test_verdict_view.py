"""Open a workspace as QGIS does: verdicts of the shown run have shapes, figures and a symbol each."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from geo.catalog.claims import VERDICTS
from geo.storage.geopackage.schema import VERDICT_TITLE, VERDICT_VIEW
from geo.storage.geopackage.store import open_store
from geo.studies.analysis import AnalyzeOptions, analyze


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Judge an area and a line for one claim, and a point for two."""
    store = open_store(tmp_path / "workspace.gpkg")
    camera = gpd.GeoDataFrame(
        {"id": ["c1"], "azimuth": [0.0], "height": [1.6]}, geometry=[shapely.Point(103.1, 37.6)], crs="EPSG:4326"
    )
    rows = {"code": ["a", "l", "p"], "claim": ["x", "x", "x;y"], "kind": ["estate", "section", "gate"]}
    shapes = [
        shapely.box(103.09999, 37.60001, 103.10001, 37.60005),
        shapely.LineString([(103.2, 37.6), (103.201, 37.6)]),
        shapely.Point(103.1, 37.60005),
    ]
    store.write("cameras", camera, "upsert", actor="li")
    store.write("places", gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4326"), "upsert", actor="li")
    for _ in range(2):  # only the newest run is shown
        analyze(store, AnalyzeOptions(domain="all"))
    store.close()
    return tmp_path / "workspace.gpkg"


def test_gdal_reads_each_place_with_its_shape_and_verdict(path: Path) -> None:
    found = pyogrio.read_dataframe(path, layer=VERDICT_VIEW)
    rows = list(zip(found["code"], found["claim"], found["verdict"], found.geometry.geom_type, strict=True))
    assert sorted(rows) == [
        ("a", "x", "covered", "Polygon"),
        ("l", "x", "not_covered", "LineString"),
        ("p", "x", "covered", "Point"),
        ("p", "y", "covered", "Point"),
    ]
    assert found["counted"].astype(int).tolist().count(1) == 3
    assert found["run"].nunique() == 1
    assert found.crs.to_epsg() == 4326


def test_every_verdict_and_shape_has_a_rule_of_its_own_look(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        (title,) = conn.execute(
            "SELECT description FROM gpkg_contents WHERE table_name = ?", (VERDICT_VIEW,)
        ).fetchone()
        (qml,) = conn.execute(
            "SELECT styleQML FROM layer_styles WHERE f_table_name = ? AND useAsDefault", (VERDICT_VIEW,)
        ).fetchone()
    assert title == VERDICT_TITLE
    filters = re.findall(r'filter="([^"]*)"|filter=\'(.*?)\'/>', qml)
    assert len(filters) == 3 * len(VERDICTS)
    symbols = re.findall(r"<symbol .*?</symbol>", qml)
    looks = {re.sub(r'name="\d+"', "", one, count=1) for one in symbols}
    assert len(looks) == 3 * len(VERDICTS)
    without_colour = {re.sub(r"\d+,\d+,\d+,\d+", "", one) for one in looks}
    assert len(without_colour) >= 3 * len(VERDICTS) - 1  # a disc and a ring differ by their filling alone
