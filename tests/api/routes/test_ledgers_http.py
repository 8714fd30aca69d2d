"""Ask for the ledger of an own zone over HTTP: the county's figures, of the runs that the asker may know of."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator

import geopandas as gpd
import openpyxl
import pypdf
import pytest
import shapely

from api.main import create_app
from api.settings import Settings
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
Client = tuple[TestClient, dict[str, dict[str, str]]]


@pytest.fixture(scope="module")
def client(server: str, migrated: str) -> Iterator[Client]:
    """Return a service with a key area of March to August in T1, and a run before it and one while it was listed."""
    from geo.storage.postgis.store import open_database

    with postgres.fresh_database(server, template=migrated) as url:
        store = open_database(url)
        layers = frames()
        zone = {"code": ["车站"], "name": ["车站片区"], "kind": ["key_area"], "valid_from": ["2026-03-01"],
                "valid_to": ["2026-09-01"]}  # fmt: skip
        layers["areas"] = gpd.GeoDataFrame(zone, geometry=[shapely.box(102.0005, 37.0005, 102.0015, 37.0015)], crs=CRS)
        import_frames(store, layers, actor="test")
        for day in ("2026-02-01", "2026-06-01"):
            analyze(store, AnalyzeOptions(domain="all", at=day))
        store.close()
        app = create_app(Settings(database_url=postgres.service_url(url)))
        with TestClient(app, base_url="http://127.0.0.1:8000", headers={"Accept-Language": "en"}) as opened:
            keys = {
                name: {"X-API-Key": app.state.keys.create(name, role, townships=townships, by="test")[0]}
                for name, (role, townships) in PEOPLE.items()
            }
            yield opened, keys


def ask(client: Client, who: str, query: str, status: int = 200):  # type: ignore[no-untyped-def]
    opened, keys = client
    answer = opened.get(f"/ledger?{query}", headers=keys.get(who, {}))
    assert answer.status_code == status, answer.text
    return answer


def test_figures_are_the_countys_and_the_same_for_everybody(client: Client) -> None:
    told = {who: ask(client, who, "area=areas:车站").json() for who in ("anna", "bert", "root")}
    assert told["anna"] == told["bert"] == told["root"]
    found = told["root"]
    assert (found["code"], found["name"], found["kind"]) == ("车站", "车站片区", "key_area")
    assert (found["listed"], found["struck"]) == ("2026-03-01", "2026-09-01")
    assert [(row["phase"], row["day"]) for row in found["rows"]] == [("before", "2026-02-01"), ("listed", "2026-06-01")]
    assert all(row["domain_m2"] > 0 for row in found["rows"])


def test_who_may_ask(client: Client) -> None:
    ask(client, "", "area=车站", 401)
    ask(client, "vera", "area=车站")
    assert "there is no own zone" in ask(client, "vera", "area=none", 404).json()["detail"]
    ask(client, "vera", "area=", 400)
    ask(client, "vera", "area=车站&f=gpkg", 406)
    ask(client, "vera", "area=车站&lang=fr", 400)


def test_tables_and_the_page_have_the_languages_asked_for(client: Client) -> None:
    table = ask(client, "root", "area=车站片区&f=csv&lang=zh")
    assert "列入之前" in table.content.decode("utf-8-sig")
    sheet = openpyxl.load_workbook(io.BytesIO(ask(client, "root", "area=车站&f=xlsx&lang=en").content)).worksheets[0]
    texts = [str(one) for row in sheet.iter_rows(values_only=True) for one in row]
    assert "while it was listed" in texts
    page = ask(client, "root", "area=车站&f=pdf&lang=zh")
    assert page.headers["content-type"] == "application/pdf"
    assert "车站片区" in pypdf.PdfReader(io.BytesIO(page.content)).pages[0].extract_text()


def test_what_cameras_see_is_drawn_for_those_who_may_read_it_everywhere(client: Client) -> None:
    pages = {who: len(ask(client, who, "area=车站&f=pdf").content) for who in ("anna", "vera", "root")}
    assert pages["anna"] == pages["vera"] < pages["root"]
