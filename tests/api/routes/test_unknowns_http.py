"""Ask for unknown values over HTTP in both modes: weights of the county, rows of the caller's townships."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pypdf
import pytest
import shapely

from api.main import create_app
from api.settings import Settings
from geo.readers.reading import read_layer
from geo.storage.protocol import Store
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.import_files import import_frames
from tests import postgres
from tests.api.conftest import CRS, T1, T2, frames

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

PEOPLE = {
    "anna": ("planner", [T1]), "bert": ("planner", [T2]), "vera": ("viewer", None), "root": ("admin", None)
}  # fmt: skip
PATH = "/runs/latest/unknowns"
Client = tuple[TestClient, dict[str, dict[str, str]]]


def fill(store: Store) -> None:
    """Leave unknown the azimuths of c1 (T1) and c3, the status of c4 (T2), and the height of b3, before c2 in T1."""
    layers = frames()
    cameras = layers["cameras"].set_index("id", drop=False)
    cameras.loc["c1", "azimuth"] = None
    cameras.loc["c2", ["azimuth", "height"]] = 90.0, 20.0
    cameras.loc["c4", "status"] = "unknown"
    layers["cameras"] = cameras.reset_index(drop=True)
    wall = {"id": ["b3"], "height": [None]}
    wall = gpd.GeoDataFrame(wall, geometry=[shapely.box(102.0011, 37.00095, 102.00115, 37.00105)], crs=CRS)
    layers["obstacles"] = pd.concat([layers["obstacles"], wall], ignore_index=True)
    import_frames(store, layers, actor="test")
    analyze(store, AnalyzeOptions(domain="all"))


@pytest.fixture(scope="module")
def client(server: str, migrated: str) -> Iterator[Client]:
    from geo.storage.postgis.store import open_database

    with postgres.fresh_database(server, template=migrated) as url:
        store = open_database(url)
        fill(store)
        store.close()
        app = create_app(Settings(database_url=postgres.service_url(url)))
        with TestClient(app, base_url="http://127.0.0.1:8000", headers={"Accept-Language": "en"}) as opened:
            keys = {
                name: {"X-API-Key": app.state.keys.create(name, role, townships=townships, by="test")[0]}
                for name, (role, townships) in PEOPLE.items()
            }
            yield opened, keys


def rows(client: Client, who: str) -> dict[tuple[str, str], dict[str, object]]:
    opened, keys = client
    answer = opened.get(PATH, headers=keys[who])
    assert answer.status_code == 200, answer.text
    return {(one["id"], one["field"]): one for one in answer.json()["unknowns"] if one["layer"] == "cameras"}


def test_rows_are_those_of_the_townships_and_weights_those_of_the_county(client: Client) -> None:
    whole, south, north = (rows(client, who) for who in ("root", "anna", "bert"))
    assert {"c1", "c4"} <= {key for key, _ in whole}
    assert ("c4", "status") in north
    assert ("c1", "azimuth") in south
    assert "c4" not in {key for key, _ in south}
    assert "c1" not in {key for key, _ in north}
    assert south.items() <= whole.items()
    assert north.items() <= whole.items()
    assert {*south, *north} == set(whole)
    assert all(float(str(one["weight"])) > 0 for one in whole.values())


def test_a_building_is_told_to_its_township_as_a_camera_stands_near(client: Client) -> None:
    opened, keys = client

    def buildings(who: str) -> list[str]:
        told = opened.get(PATH, headers=keys[who]).json()["unknowns"]
        return [one["id"] for one in told if one["layer"] == "obstacles"]

    assert buildings("root") == buildings("anna") == ["b3"]
    assert buildings("bert") == []


def test_nobody_below_a_planner_is_told(client: Client) -> None:
    opened, keys = client
    assert opened.get(PATH).status_code == 401
    assert opened.get(PATH, headers=keys["vera"]).status_code == 403
    assert opened.get("/runs/none/unknowns", headers=keys["root"]).status_code == 404
    assert opened.get(f"{PATH}?limit=0", headers=keys["root"]).status_code == 400
    assert opened.get(f"{PATH}?who=me", headers=keys["root"]).status_code == 400


def test_an_answer_that_is_known_is_not_sent_again(client: Client) -> None:
    opened, keys = client
    first = opened.get(PATH, headers=keys["anna"])
    again = {**keys["anna"], "If-None-Match": first.headers["etag"]}
    assert opened.get(PATH, headers=again).status_code == 304
    assert opened.get(PATH, headers={**again, **keys["root"]}).status_code == 200
    assert opened.get(f"{PATH}?limit=1", headers=again).json()["unknowns"] == first.json()["unknowns"][:1]


def test_it_comes_as_a_table_and_on_the_map(client: Client) -> None:
    opened, keys = client
    answer = opened.get(f"{PATH}?f=xlsx&lang=zh", headers=keys["root"])
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    head, *table = sheet.iter_rows(values_only=True)
    assert sheet.title == "未知量"
    assert head[:5] == ("名次", "图层", "编号", "待核实", "最多可变为确定的权重")
    assert {row[3] for row in table} >= {"方位角", "状态"}
    features = opened.get(f"{PATH}?f=geojson", headers=keys["root"]).json()["features"]
    assert {one["geometry"]["type"] for one in features} == {"Point"}


def test_a_file_answers_the_same(client: Client, tmp_path: Path) -> None:
    from geo.storage.geopackage.store import open_store

    path = tmp_path / "workspace.gpkg"
    with open_store(path) as store:
        fill(store)
    with TestClient(create_app(Settings(workspace=path)), base_url="http://127.0.0.1:8000") as opened:
        here = {
            (one["id"], one["field"]): one for one in opened.get(PATH).json()["unknowns"] if one["layer"] == "cameras"
        }
    there = rows(client, "root")
    assert here.keys() == there.keys()
    for key, one in here.items():
        assert one["weight"] == pytest.approx(there[key]["weight"], rel=1e-6)


@pytest.mark.parametrize(("who", "shown", "hidden"), [("anna", "c1", "c4"), ("bert", "c4", "c1"), ("root", "c1", "")])
def test_the_survey_form_has_the_sites_of_the_caller(client: Client, who: str, shown: str, hidden: str) -> None:
    opened, keys = client
    for lang in ("zh", "en"):
        answer = opened.get(f"{PATH}/form?lang={lang}", headers=keys[who])
        assert answer.status_code == 200, answer.text
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        cells = {str(one) for sheet in book for row in sheet.iter_rows(values_only=True) for one in row}
        assert shown in cells
        assert not hidden or hidden not in cells
        assert ("Survey form" in book.sheetnames) == (lang == "en")
    page = opened.get(f"{PATH}/form?f=pdf", headers=keys[who])
    assert page.headers["content-type"] == "application/pdf"
    text = " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(page.content)).pages)
    words = set(re.findall(r"[\w-]+", text))  # the id of the run may hold any two characters
    assert shown in words
    assert not hidden or hidden not in words


def test_a_form_is_for_planners_and_bounded(client: Client) -> None:
    opened, keys = client
    assert opened.get(f"{PATH}/form").status_code == 401
    assert opened.get(f"{PATH}/form", headers=keys["vera"]).status_code == 403
    for query in ("layer=grids", "f=docx", "limit=0", "lang=fr", "more=1"):
        assert opened.get(f"{PATH}/form?{query}", headers=keys["anna"]).status_code == 400, query
    assert opened.get("/runs/none/unknowns/form", headers=keys["anna"]).status_code == 404


def test_a_form_that_was_filled_in_is_read_back(client: Client, tmp_path: Path) -> None:
    opened, keys = client
    path = tmp_path / "form.xlsx"
    path.write_bytes(opened.get(f"{PATH}/form?lang=en&limit=1", headers=keys["anna"]).content)
    reading = read_layer(path, "cameras")
    assert (len(reading.frame), reading.rejects) == (1, [])
