"""Gaps of a stored run are told in words by the layers of its day, and downloads for people carry them."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from api.representations.downloads import encode_frame
from api.representations.tables import TableOptions, with_where
from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from geo.studies.gap_words import gap_words
from geo.types import Run

CRS = "EPSG:4326"
RUN = Run("0190", "2099-03-01T00:00:00.000Z", {}, {})
#: At latitude 37.6 a degree is 111 km to the north, and 88.3 km to the east.
GAPS = pd.DataFrame({"rank": [1, 2], "grid": ["g1", "g2"], "lon": [103.15, 103.1534], "lat": [37.6009, 37.59]})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = open_store(tmp_path / "workspace.gpkg")
    road = shapely.LineString([(103.1, 37.6), (103.2, 37.6)])
    _write(opened, "roads", {"id": ["r1"], "name": ["民主街"]}, [road])
    village = shapely.box(103.0, 37.595, 103.3, 37.7)
    _write(opened, "villages", {"code": ["990121100201"], "name": ["柳树村"]}, [village])
    places = {"code": ["p1", "p2"], "name": ["一小", "派生路口"], "kind": ["school", "crossing"]}
    points = shapely.points([[103.15, 37.59], [103.1534, 37.59]])
    _write(opened, "places", {**places, "source": [None, "derived"]}, list(points))
    return opened


def _write(store: Store, layer: str, columns: dict, shapes: list) -> None:
    store.write(layer, gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS), "upsert", actor="test")


def test_what_was_derived_from_roads_names_nothing(store: Store) -> None:
    # 0.0009 degrees north of the road; 0.0034 degrees east of the school, where a derived crossing stands.
    assert gap_words(store, RUN, GAPS).tolist() == ["民主街北100米（柳树村）", "一小东300米"]
    assert gap_words(store, RUN, GAPS, lang="en").tolist() == ["100 m north of 民主街 (柳树村)", "300 m east of 一小"]
    assert gap_words(store, RUN, GAPS[:0]).tolist() == []
    store.close()


def test_an_empty_store_tells_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path / "empty.gpkg") as empty:
        assert gap_words(empty, RUN, GAPS).tolist() == [None, None]


@pytest.mark.parametrize(("lang", "title"), [("zh", "位置描述"), ("en", "Where")])
def test_tables_for_people_have_the_words_and_those_for_programs_not(store: Store, lang: str, title: str) -> None:
    options = with_where(TableOptions(lang, of_run=True), "csv", store, RUN, GAPS)
    head, first, _ = encode_frame(GAPS, "csv", layer="gaps", options=options).decode("utf-8-sig").splitlines()
    assert head.split(",")[2] == title
    assert "民主街" in first.split(",")[2]
    for fields, form in (("fields", "csv"), ("fields", "xlsx"), (lang, "geojson")):
        assert not with_where(TableOptions(fields, of_run=True), form, store, RUN, GAPS).where
    store.close()
