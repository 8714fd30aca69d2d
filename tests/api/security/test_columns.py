"""Take every column of every door to rows of runs and of scoped layers: none tells a planner of another's cameras.

One column at a time, by name: what a row says is what an admin reads of it, or nothing; and nothing where the column
is one of the camera. A column that this file does not know fails it, so that somebody says which of the two it is.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import psycopg
import pyogrio
import pytest
from httpx import Response
from pypdf import PdfReader

from geo.catalog.results import GAPS
from geo.storage.records import Caller
from tests import postgres
from tests.api.conftest import G1, T1, T2
from tests.api.server_mode import MARK_A, MARK_B, CountyServer, county_server

#: Columns of a gap that are of the camera it is laid to: where that is out of scope they are empty.
OF_THE_CAMERA = {"camera", "obstacle", "distance_m"}
#: Columns that are of the gap itself.
OF_THE_GAP = {"rank", "grid", "area_m2", "weight", "cause", "causes", "possible_share", "lon", "lat", "geometry"}
#: Who asks, its township, the marks of its rows and of those of the other.
PLANNERS = {"planner_a": (T1, MARK_A, MARK_B), "planner_b": (T2, MARK_B, MARK_A)}

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def house(server: str, migrated: str) -> Iterator[CountyServer]:
    """Give the county, where one gap of each township is laid to a camera of the other, behind an obstacle."""
    with postgres.fresh_database(server, template=migrated) as url, county_server(url) as found:
        with psycopg.connect(url) as conn:
            for own, other, mark in ((T1, T2, MARK_B), (T2, T1, MARK_A)):
                done = conn.execute(
                    "UPDATE gridsight.run_gaps SET cause = 'blocked', camera = %s, camera_township = %s, "
                    "obstacle = %s, distance_m = 123.456789 WHERE fid IN ("
                    "  SELECT min(fid) FROM gridsight.run_gaps WHERE township = %s GROUP BY run)",
                    (f"{mark}-cam1", other, f"{mark}-wall", own),
                )
                assert done.rowcount == 2
        yield found


# Reading rows from an answer, whatever its format.


def _json(answer: Response) -> Rows:
    said = answer.json()
    if "features" in said:
        return [{**one["properties"], "geometry": one["geometry"]} for one in said["features"]]
    (rows,) = (value for value in said.values() if isinstance(value, list))
    return rows


def _csv(answer: Response) -> Rows:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def _file(answer: Response, path: Path) -> Rows:
    path.write_bytes(answer.content)
    options = {"HEADERS": "FORCE"} if path.suffix == ".xlsx" else {}  # GDAL takes a sheet of texts for one without
    frame = pyogrio.read_dataframe(path, **options)
    if isinstance(frame, gpd.GeoDataFrame):
        frame = frame.to_wkt()
    return frame.to_dict("records")


def _tile(answer: Response) -> Rows:
    if answer.status_code == 204:
        return []
    layers = mapbox_vector_tile.decode(answer.content)
    return [
        {**one["properties"], "geometry": one["geometry"]} for layer in layers.values() for one in layer["features"]
    ]


def _is_empty(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


@pytest.fixture
def doors(house: CountyServer, tmp_path: Path) -> Callable[[str, str], Iterator[tuple[str, Rows]]]:
    """Return a function that asks every door to a layer of a run, or to a scoped layer, as somebody."""

    def of(who: str, layer: str) -> Iterator[tuple[str, Rows]]:
        is_run = layer in ("gaps", "views", "possible", "coverage")
        bases = [f"/runs/{run}/{layer}" for run in (house.older, "latest")] if is_run else []
        for base in bases or [f"/ogc/collections/{layer}/items"]:
            for form, read in (("json", _json), ("geojson", _json), ("csv", _csv)):
                yield f"{base}?f={form}", read(house[who].get(f"{base}?f={form}"))
            for form in ("xlsx", "gpkg"):
                yield f"{base}?f={form}", _file(house[who].get(f"{base}?f={form}"), tmp_path / f"{who}.{form}")
        tiles = f"/runs/{house.run}/tiles/{layer}" if is_run else f"/ogc/collections/{layer}/tiles"
        for tile in ("WebMercatorQuad/0/0/0", "WebMercatorQuad/12/1594/3208", "WorldCRS84Quad/5/9/50"):
            yield f"{tiles}/{tile}", _tile(house[who].get(f"{tiles}/{tile}"))
        if layer == "gaps":
            said = house[who].get(f"/runs/{house.run}/compare/{house.older}").json()
            yield "compare", [*said["gaps_only_a"], *said["gaps_only_b"]]
            store = house.store.acting(
                Caller(who, *(("planner", (PLANNERS[who][0],)) if who in PLANNERS else ("admin", None)))
            )
            yield "the store's rows", store.run_rows(house.run, "gaps")
            yield "the store's frame", store.run(house.run, layers=["gaps"]).layers["gaps"].to_wkt().to_dict("records")

    return of


@pytest.mark.parametrize("who", PLANNERS)
def test_no_column_of_a_gap_tells_of_a_camera_out_of_scope(
    house: CountyServer, doors: Callable[[str, str], Iterator[tuple[str, Rows]]], who: str
) -> None:
    foreign = PLANNERS[who][2]
    for (door, whole), (_, seen) in zip(doors("admin", "gaps"), doors(who, "gaps"), strict=True):
        if door == "compare" and not whole:
            continue
        known = {(str(one["rank"]), str(one["area_m2"])): one for one in whole}
        hidden = 0
        for one in seen:
            told = known[str(one["rank"]), str(one["area_m2"])]
            unknown = set(one) - OF_THE_CAMERA - OF_THE_GAP
            assert not unknown, f"say whether these columns of {door} are of the gap or of its camera"
            is_hidden = str(told["camera"]).startswith(foreign)
            hidden += is_hidden
            for name, value in one.items():
                if is_hidden and name in OF_THE_CAMERA:
                    assert _is_empty(value), (door, name)
                elif not (_is_empty(value) and _is_empty(told.get(name))):
                    assert value == told[name], (door, name)
            if is_hidden:
                assert all(not _is_empty(told[name]) for name in OF_THE_CAMERA), "there is something to hide"
        assert foreign not in json.dumps(seen, default=str), door
        assert "123.45" not in json.dumps(seen, default=str), door
        if "WebMercatorQuad/0" not in door and door != "compare":  # where the gaps are seen at all
            assert hidden, f"{door} has no gap of this township laid to a camera of another"


@pytest.mark.parametrize("who", PLANNERS)
@pytest.mark.parametrize("layer", ["views", "possible", "cameras", "demand", "protected"])
def test_a_row_of_another_township_is_in_no_door(
    doors: Callable[[str, str], Iterator[tuple[str, Rows]]], who: str, layer: str
) -> None:
    _, mine, foreign = PLANNERS[who]
    for (door, whole), (_, seen) in zip(doors("admin", layer), doors(who, layer), strict=True):
        known = {one["id"]: one for one in whole}
        own = {key for key in known if key.startswith(mine)}
        assert {one["id"] for one in seen} == own, door
        assert foreign not in json.dumps(seen, default=str), door
        for one in seen:
            for name, value in one.items():
                told = known[one["id"]][name]
                assert value == told or (_is_empty(value) and _is_empty(told)), (door, name)


def test_every_declared_column_of_a_gap_is_one_or_the_other() -> None:
    declared = {one.name for one in GAPS.fields}
    assert declared - OF_THE_CAMERA - OF_THE_GAP == set()
    assert declared >= OF_THE_CAMERA


@pytest.mark.parametrize("who", PLANNERS)
def test_sheet_and_page_print_nothing_of_it(house: CountyServer, who: str) -> None:
    foreign = PLANNERS[who][2]
    for zone in ("", f"&zone={G1}"):
        pages: dict[str, str] = {}
        for asks in (who, "admin"):
            answer = house[asks].get(f"/prints/sheet.pdf?paper=A3&lang=en{zone}")
            assert answer.status_code == 200, answer.text
            pages[asks] = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
        if not zone:
            assert f"{foreign}-cam1" in pages["admin"]
            assert "123" in pages["admin"] or f"{foreign}-wall" in pages["admin"]
        assert foreign not in pages[who]
    atlas = house[who].get("/prints/atlas.pdf?paper=A4&lang=en")
    assert atlas.status_code == 200, atlas.text
    said = [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(atlas.content)).pages]
    assert not any(foreign in one for one in said)
    assert "This atlas has the townships of your rights only: 1 sheets" in said[0]
    page = house[who].get("/").text + house[who].get(f"/?run={house.run}").text
    assert foreign not in page
    assert "123.45" not in page
