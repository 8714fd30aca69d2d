"""Walk through the OGC API as a client does: landing, collections, items, pages, one item."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import pytest
import shapely
from fastapi.testclient import TestClient

from api.main import create_app
from api.schemas.ogc_document import document
from api.settings import Settings
from geo.storage.geopackage.store import open_store
from geo.studies.import_files import import_frames
from tests.api.conftest import G1, G2, G3, G4, M1, M2, frames

ITEMS = "/ogc/collections/{}/items"


def rel(links: list[dict], name: str) -> str:
    return next(link["href"] for link in links if link["rel"] == name)


def ids(answer: object) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def pages(client: TestClient, url: str) -> Iterator[dict]:
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield page
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)


def test_a_client_finds_its_way_from_the_landing_page(client: TestClient) -> None:
    landing = client.get("/ogc/").json()
    assert client.get("/ogc").json()["links"]
    assert {"self", "service-desc", "service-doc", "conformance", "data"} <= {link["rel"] for link in landing["links"]}
    for link in landing["links"]:
        assert client.get(link["href"]).status_code == 200, link
    collections = client.get(rel(landing["links"], "data")).json()["collections"]
    assert {one["id"] for one in collections} == set(frames()), "those that hold features"
    assert client.get(ITEMS.format("demand")).json()["features"] == []
    for one in collections:
        assert client.get(rel(one["links"], "self")).json() == one
        assert client.get(rel(one["links"], "items")).headers["content-type"] == "application/geo+json"
    grids = next(one for one in collections if one["id"] == "grids")
    assert grids["extent"]["spatial"]["bbox"] == [[102.0, 37.0, 102.004, 37.004]]


def test_conformance_claims_only_what_is_tested_here(client: TestClient) -> None:
    claimed = client.get("/ogc/conformance").json()["conformsTo"]
    ours = {uri.removeprefix("http://www.opengis.net/spec/") for uri in claimed if "features" in uri or "cql2" in uri}
    assert {one.rpartition("/conf/")[2] for one in ours if one.startswith("ogcapi-features-1/")} == {
        "core",
        "geojson",
        "oas30",
    }
    assert {one.rpartition("/conf/")[2] for one in ours if one.startswith("ogcapi-features-4/")} == {
        "create-replace-delete",
        "update",
        "features",
        "optimistic-locking-etags",
    }  # test_features_editing.py
    assert "ogcapi-features-2/1.0/conf/crs" in ours  # test_features_crs.py
    assert {one.rpartition("/conf/")[2] for one in ours if one.startswith(("ogcapi-features-3/", "cql2/"))} == {
        "queryables",
        "queryables-query-parameters",
        "filter",
        "features-filter",
        "cql2-text",
        "cql2-json",
        "basic-cql2",
        "advanced-comparison-operators",
        "basic-spatial-functions",
        "basic-spatial-functions-plus",
        "spatial-functions",
        "property-property",
    }  # test_cql2.py and tests/geo/storage/filters/test_compiler_oracle.py


def test_the_openapi_document_is_3_0_and_names_every_path(client: TestClient) -> None:
    answer = client.get("/ogc/api")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    found = answer.json()
    assert found["openapi"] == "3.0.3"
    assert found == document("http://127.0.0.1:8000/ogc")
    for path in found["paths"]:
        if "{" not in path:
            assert client.get(f"{found['servers'][0]['url']}{path}").status_code == 200, path
    references = {part.split('"')[0] for part in answer.text.split('"$ref":"#/components/')[1:]}
    for reference in references:
        kind, name = reference.split("/")
        assert name in found["components"][kind]


@pytest.mark.parametrize("limit", [1, 2, 4, 5, 6, 10_000])
def test_next_links_cover_every_feature_exactly_once(client: TestClient, limit: int) -> None:
    seen: list[str] = []
    for page in pages(client, ITEMS.format("grids") + f"?limit={limit}"):
        assert page["numberMatched"] == 6
        assert page["numberReturned"] == len(page["features"]) <= limit
        assert page["timeStamp"].endswith("Z")
        seen += [feature["id"] for feature in page["features"]]
    assert sorted(seen) == sorted([G1, G2, G3, G4, M1, M2])
    assert len(seen) == len(set(seen))


def test_next_links_keep_the_query(client: TestClient) -> None:
    query = "?limit=1&bbox=102.0001,37.0001,102.0015,37.0015&level=2&datetime=2026-01-01/.."
    first, second = pages(client, ITEMS.format("grids") + query)
    assert [first["features"][0]["id"], second["features"][0]["id"]] == [M1, M2]
    kept = parse_qs(urlsplit(rel(first["links"], "next")).query)
    assert kept["bbox"] == ["102.0001,37.0001,102.0015,37.0015"]
    assert len(kept["token"]) == 1


def test_features_are_geojson(client: TestClient) -> None:
    (feature,) = client.get(ITEMS.format("grids"), params={"code": G2}).json()["features"]
    assert feature["type"] == "Feature"
    assert feature["properties"]["households"] == 20
    assert feature["properties"]["valid_to"] is None
    shape = shapely.geometry.shape(feature["geometry"])
    assert shape.equals(shapely.box(102.002, 37.0, 102.004, 37.002))
    assert shape.exterior.is_ccw, "RFC 7946: outer rings anticlockwise"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("bbox=102.0021,37.0001,102.0039,37.0019", [G2]),
        ("bbox=102.0021,37.0001,0,102.0039,37.0019,100", [G2]),
        ("bbox=102.003,37.001,102.003,37.001", [G2]),
        ("bbox=-180,-90,180,90", [G1, M1, M2, G2, G3, G4]),
        ("bbox=10,10,11,11", []),
        ("kind=general&level=1&households=40", [G4]),
        ("name=甲片", [M1]),
        ("datetime=1990-01-01", [G1, M1, M2, G2, G3, G4]),
        ("datetime=2026-01-05/9999-12-31T00:00:00Z", [G1, M1, M2, G2, G3, G4]),
        ("datetime=../2026-01-05", [G1, M1, M2, G2, G3, G4]),
        ("datetime=2026-01-05T10:00:00.5%2B08:00", [G1, M1, M2, G2, G3, G4]),
    ],
)
def test_features_by_box_field_and_day(client: TestClient, query: str, expected: list[str]) -> None:
    assert ids(client.get(f"{ITEMS.format('grids')}?{query}")) == sorted(expected)


@pytest.mark.parametrize("box", ["102.0011,37.001,102.0011,37.001", "102.0011,37.0005,102.0011,37.0015"])
def test_a_box_without_width_meets_the_line_through_it(client: TestClient, box: str) -> None:
    assert ids(client.get(ITEMS.format("roads"), params={"bbox": box})) == ["r1"]


@pytest.mark.parametrize(
    "query",
    [
        "bbox=1,2,3", "bbox=a,b,c,d", "bbox=nan,0,1,1", "bbox=0,1,1,0", "bbox=0,0,181,1", "bbox=0,0,inf,1", "bbox=",
        "limit=0", "limit=-1", "limit=x", "limit=1.5", "limit=", "datetime=yesterday", "datetime=2026-02-30",
        "datetime=2026-01-02/2026-01-01", "datetime=a/b/c", "datetime=", "token=!", "token=%FF", "bbox-crs=x",
        "colour=red",
        "level=two", "level=9999999999999999999999", "f=xml", "f=", "limit=1&limit=2", "filter=1%3D1", "crs=x",
        "name=%00", "token=AA", "filter-lang=cql", "filter-crs=x", "valid_from=soon", "bbox=1,2,3,4&bbox-crs=x",
    ],
)  # fmt: skip
def test_bad_parameters_are_400(client: TestClient, query: str) -> None:
    answer = client.get(f"{ITEMS.format('grids')}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-query"), answer.text


def test_numbers_must_be_numbers(client: TestClient) -> None:
    assert ids(client.get(ITEMS.format("cameras"), params={"hfov": "80"})) == ["c1", "c2", "c3"]
    assert client.get(ITEMS.format("cameras"), params={"hfov": "nan"}).status_code == 400


@pytest.mark.parametrize("text", ["' OR 1=1 --", "%", "*", 'x"; DROP TABLE grids', "路" * 500])
def test_a_value_is_only_a_value(client: TestClient, text: str) -> None:
    assert ids(client.get(ITEMS.format("grids"), params={"name": text})) == []


def test_one_feature_with_its_version(client: TestClient) -> None:
    answer = client.get(f"{ITEMS.format('grids')}/{G1}")
    assert re.fullmatch(r'"1\.[0-9a-f]{24}"', answer.headers["etag"]), "version 1, and what tells it from another one"
    assert answer.headers["content-type"] == "application/geo+json"
    feature = answer.json()
    assert (feature["id"], feature["properties"]["name"]) == (G1, "一格")
    assert client.get(rel(feature["links"], "self")).json() == feature
    assert client.get(rel(feature["links"], "collection")).status_code == 200


def test_what_is_not_there_is_404(client: TestClient) -> None:
    for path in ("/ogc/collections/none", "/ogc/collections/none/items", f"{ITEMS.format('grids')}/none", "/ogc/none"):
        assert client.get(path).status_code == 404, path


def test_keys_of_any_form_are_found(tmp_path: object) -> None:
    keys = ["way/12", "c#1", "甲 乙", "a?b=c", "100%", "node/1#2"]
    path = tmp_path / "w.gpkg"
    frame = gpd.GeoDataFrame({"id": keys}, geometry=shapely.points(range(6), 1.0), crs="EPSG:4326")
    store = open_store(path)
    store.write("cameras", frame, "append", actor="test")
    store.close()
    with TestClient(create_app(Settings(workspace=path)), base_url="http://localhost") as client:
        seen = [
            feature["id"]
            for page in pages(client, ITEMS.format("cameras") + "?limit=1")
            for feature in page["features"]
        ]
        assert sorted(seen) == sorted(keys)
        for key in keys:
            listed = client.get(ITEMS.format("cameras"), params={"id": key}).json()["features"]
            assert [feature["id"] for feature in listed] == [key]
        for feature in client.get(ITEMS.format("cameras")).json()["features"]:
            quoted = feature["id"].replace("%", "%25").replace("#", "%23").replace("?", "%3F").replace("/", "%2F")
            found = client.get(f"{ITEMS.format('cameras')}/{quoted}").json()
            assert found["id"] == feature["id"]
            assert client.get(rel(found["links"], "self")).json()["id"] == feature["id"]


def test_downloads_of_a_layer(client: TestClient) -> None:
    table = client.get(ITEMS.format("grids") + "?f=csv")
    assert table.content.startswith(b"\xef\xbb\xbfcode,")
    assert table.headers["content-disposition"].startswith("attachment")
    assert client.get(ITEMS.format("grids") + "?f=gpkg").content.startswith(b"SQLite format 3")
    assert client.get(ITEMS.format("grids"), headers={"Accept": "application/json"}).status_code == 200


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/ogc", "/ogc/conformance"), ("/ogc/collections", "/ogc/collections/grids"), ("/ogc/processes", "analyze"),
        ("/ogc/collections/grids", "/ogc/collections/grids/items"), (ITEMS.format("grids"), G1),
        (f"{ITEMS.format('grids')}/{G1}", G1), ("/ogc/collections/grids/queryables", "level"),
        ("/ogc/tileMatrixSets", "WebMercatorQuad"), ("/ogc/conformance", "ogcapi-features-1/1.0/conf/core"),
    ],
)  # fmt: skip
def test_a_browser_gets_a_page_and_a_program_json(client: TestClient, path: str, shown: str) -> None:
    for asked in (client.get(path, headers=BROWSER), client.get(f"{path}?f=html", headers={"Accept": "*/*"})):
        assert asked.status_code == 200, asked.text
        assert asked.headers["content-type"] == "text/html; charset=utf-8"
        assert shown in asked.text
        assert "etag" not in asked.headers
        assert "script" not in asked.headers["content-security-policy"]
        links = re.findall(r'(?:href|src)="([^"]*)"', asked.text)
        assert links
        assert [one for one in links if not one.startswith(("/ogc", str(client.base_url)))] == []
    for headers in ({}, {"Accept": "*/*"}, {"Accept": "application/geo+json, text/html;q=0.5"}):
        answer = client.get(path, headers=headers)
        assert "json" in answer.headers["content-type"], headers
        assert "Accept" in answer.headers["vary"]
    assert "json" in client.get(f"{path}?f=json", headers=BROWSER).headers["content-type"], "the link on the page"


def test_what_a_feature_says_is_text_on_its_page(tmp_path: Path) -> None:
    evil = '<script>alert("1")</script>'
    row = gpd.GeoDataFrame({"id": ["d1"], "name": [evil]}, geometry=[shapely.Point(102, 37)], crs="EPSG:4326")
    with open_store(tmp_path / "county.gpkg") as store:
        store.write("demand", row, "upsert", actor="test")
    with TestClient(create_app(Settings(workspace=tmp_path / "county.gpkg")), base_url="http://localhost") as client:
        for path in (ITEMS.format("demand"), f"{ITEMS.format('demand')}/d1"):
            page = client.get(path, headers=BROWSER).text
            assert "&lt;script&gt;" in page
            assert evil not in page


def test_a_file_holds_all_rows_or_says_how_many_are_left(tmp_path: Path) -> None:
    """A page of JSON names the next one; a table has no place for that, and is whole unless a limit is given."""
    points = gpd.GeoDataFrame(
        {"id": [f"d{k:03}" for k in range(130)]}, geometry=[shapely.Point(102, 37)] * 130, crs="EPSG:4326"
    )
    with open_store(tmp_path / "county.gpkg") as store:
        store.write("demand", points, "upsert", actor="test")
    settings, path = Settings(workspace=tmp_path / "county.gpkg"), ITEMS.format("demand")
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        assert len(client.get(path).json()["features"]) == 100, "a page"
        for accept, form in (("*/*", "?f=csv"), ("text/csv", "")):
            whole = client.get(path + form, headers={"Accept": accept})
            assert [line[:4] for line in whole.text.split()[1:]] == [f"d{k:03}" for k in range(130)]
            assert (whole.headers["ogc-numberreturned"], whole.headers["ogc-numbermatched"]) == ("130", "130")
            assert "link" not in whole.headers
        part = client.get(f"{path}?f=csv&limit=120")
        assert (part.headers["ogc-numberreturned"], part.headers["ogc-numbermatched"]) == ("120", "130")
        href, rel = part.headers["link"].split(">; ")
        assert rel == 'rel="next"'
        rest = client.get(href.removeprefix("<"))
        assert [line[:4] for line in rest.text.split()[1:]] == [f"d{k:03}" for k in range(120, 130)]
        assert "link" not in rest.headers


@pytest.mark.parametrize(
    "text", ["1_0,0,20,20", "١,٢,٣,٤", "0x1,0,2,2", "nan,0,1,1", "infinity,0,1,1", "1e999,0,1,1", "1,,2,3"]
)
def test_numbers_are_written_as_json_writes_them(client: TestClient, text: str) -> None:
    answer = client.get("/ogc/collections/cameras/items", params={"bbox": text})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-query")
    assert client.get("/ogc/collections/cameras/items", params={"height": "1_0"}).status_code == 400


def test_the_extent_of_a_layer_is_not_stretched_to_a_row_at_the_origin(writer: TestClient, workspace: Path) -> None:
    addresses = frames()["addresses"]
    at_origin = addresses.set_geometry([shapely.Point(0, 0), *addresses.geometry[1:]], crs=4326)
    with open_store(workspace, create=False) as store:
        import_frames(store, {"addresses": at_origin})  # the first of five
    for name in ("addresses", "cameras", "grids"):
        west, south, east, north = writer.get(f"/ogc/collections/{name}").json()["extent"]["spatial"]["bbox"][0]
        assert 100 < west <= east < 105, name
        assert 35 < south <= north < 39, name
