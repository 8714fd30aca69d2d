"""Make, read, download, compare and delete runs over HTTP, and print one."""

from __future__ import annotations

import io
import math
from pathlib import Path
from urllib.parse import quote

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from fastapi.testclient import TestClient

from geo.catalog.results import GAP_CAUSES
from tests.api.conftest import G1, G2, G3, G4, M1, M2, SUMMARY_KEYS, T1, T2

FIGURES = {"domain_m2", "sure_m2", "possible_m2", "sure_share", "possible_share", "k2_share", "c1_share", "gap_m2"}


def test_runs_are_listed_newest_first(client: TestClient) -> None:
    (run,) = client.get("/runs").json()["runs"]
    assert set(run) == {"id", "created", "options", "totals"}
    assert run["totals"]["domain_m2"] > 0
    assert run["options"]["level"] == "detect"


def test_a_run_has_the_summary_of_the_contract(client: TestClient) -> None:
    run = client.get("/runs/latest").json()
    assert set(run) >= SUMMARY_KEYS
    assert run["inputs"] == {"cameras": 4, "obstacles": 2, "grids": 6, "villages": 2, "divisions": 5, "roads": 2}
    assert (run["crs"], run["level"], run["domain"]) == ("EPSG:4326", "detect", "streets")
    assert list(run["levels"]) == ["detect", "observe", "recognise", "identify"]
    shares = [run["levels"][name]["sure_share"] for name in run["levels"]]
    assert shares == sorted(shares, reverse=True), "a finer level never sees more"
    assert run["levels"]["detect"] == run["totals"]
    assert run["assumptions"]["height=4"] == 1
    assert client.get(f"/runs/{run['id']}").json() == run


@pytest.mark.parametrize(
    ("layer", "codes"),
    [
        ("grids", [G1, G2, G3, G4]),
        ("microgrids", [M1, M2]),
        ("villages", ["990101101001", "990101102001"]),
        ("townships", ["990101101", "990101102"]),
        ("all", ["all"]),
    ],
)
def test_zone_figures_in_json_and_geojson(client: TestClient, layer: str, codes: list[str]) -> None:
    rows = client.get(f"/runs/latest/zones/{layer}").json()[layer]
    assert sorted(row["code"] for row in rows) == codes
    assert set(rows[0]) >= FIGURES
    features = client.get(f"/runs/latest/zones/{layer}?f=geojson")
    assert features.headers["content-type"] == "application/geo+json"
    assert sorted(one["properties"]["code"] for one in features.json()["features"]) == codes
    bounds = shapely.geometry.shape(features.json()["features"][0]["geometry"]).bounds
    assert 101.99 < bounds[0] < 102.01


def test_totals_agree_over_every_layer(client: TestClient) -> None:
    totals = client.get("/runs/latest").json()["totals"]
    for layer in ("grids", "villages", "townships", "all"):
        rows = client.get(f"/runs/latest/zones/{layer}").json()[layer]
        for name in ("domain_m2", "sure_m2", "gap_m2"):
            assert sum(row[name] for row in rows) == pytest.approx(totals[name], rel=1e-6)
    gaps = client.get("/runs/latest/gaps").json()["gaps"]
    small = client.get("/runs/latest").json()["small_gaps"]["m2"]
    assert sum(gap["area_m2"] for gap in gaps) + small == pytest.approx(totals["gap_m2"], rel=1e-6)


def test_gaps_are_ranked_and_can_be_asked_by_grid(client: TestClient) -> None:
    gaps = client.get("/runs/latest/gaps").json()["gaps"]
    assert [gap["rank"] for gap in gaps] == list(range(1, len(gaps) + 1))
    assert set(gaps[0]) == {
        "rank",
        "grid",
        "area_m2",
        "weight",
        "cause",
        "camera",
        "obstacle",
        "distance_m",
        "lon",
        "lat",
        "causes",
        "possible_share",
    }
    mine = client.get("/runs/latest/gaps", params={"zone": G4}).json()["gaps"]
    assert mine
    assert {gap["grid"] for gap in mine} == {G4}
    assert client.get("/runs/latest/gaps", params={"zone": G3}).json()["gaps"] == [], "no street, no domain, no gap"
    assert len(client.get("/runs/latest/gaps?limit=1").json()["gaps"]) == 1
    assert client.get("/runs/latest/gaps?zone=none").status_code == 404
    for zone in (T2, "北镇"):
        assert client.get("/runs/latest/gaps", params={"zone": zone}).json()["gaps"] == mine, "G3 has none"


def test_zones_are_listed_with_the_grids_they_have(client: TestClient) -> None:
    answer = client.get("/runs/latest/zones").json()
    assert answer["run"] == client.get("/runs/latest").json()["id"]
    found = {(one["layer"], one["code"]): one for one in answer["zones"]}
    assert [one["layer"] for one in answer["zones"]] == [*["grids"] * 4, *["microgrids"] * 2, *["villages"] * 2,
                                                         *["townships"] * 2]  # fmt: skip
    assert found["townships", T1] == {"layer": "townships", "code": T1, "name": "南镇", "grids": [G1, G2]}
    assert found["microgrids", M1]["grids"] == []
    assert client.get("/runs/none/zones").status_code == 404


def test_what_a_print_and_a_list_take_for_a_zone_is_the_same(client: TestClient) -> None:
    for zone, status in ((T1, 200), ("南镇", 200), ("none", 404), ("西镇", 404)):
        for path in ("/runs/latest/gaps", "/prints/sheet.pdf"):
            assert client.get(path, params={"zone": zone}).status_code == status, (path, zone)
    assert client.get("/runs/latest/gaps?limit=0").status_code == 400


@pytest.mark.parametrize("name", ["views", "possible"])
def test_views_of_every_camera(client: TestClient, name: str) -> None:
    rows = client.get(f"/runs/latest/{name}").json()[name]
    assert [row["id"] for row in rows] == ["c1", "c2", "c3", "c4"]
    assert set(rows[0]) == {"id", "site", "status", "area_m2", "range_m", "assumed"}
    assert len(client.get(f"/runs/latest/{name}?f=geojson").json()["features"]) == 4
    assert [row["k"] for row in client.get("/runs/latest/coverage").json()["coverage"]] == [1, 2, 3]


def test_every_download_holds_the_same_rows(client: TestClient, tmp_path: Path) -> None:
    rows = client.get("/runs/latest/zones/grids").json()["grids"]
    table = pd.read_csv(io.BytesIO(client.get("/runs/latest/zones/grids?f=csv").content), dtype={"code": str})
    assert table["code"].tolist() == [row["code"] for row in rows]
    shares = [math.nan if row["sure_share"] is None else row["sure_share"] for row in rows]
    assert table["sure_share"].tolist() == pytest.approx(shares, nan_ok=True)
    assert math.isnan(shares[2]), "G3 has no street: null, not zero"
    package = client.get("/runs/latest/zones/grids?f=gpkg")
    assert package.headers["content-type"] == "application/geopackage+sqlite3"
    (tmp_path / "grids.gpkg").write_bytes(package.content)
    frame = gpd.read_file(tmp_path / "grids.gpkg", layer="grids")
    assert frame["code"].tolist() == table["code"].tolist()
    sheet = client.get("/runs/latest/zones/grids", params={"f": "xlsx"})
    assert sheet.content.startswith(b"PK")
    assert sheet.headers["content-disposition"].endswith('.xlsx"')


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/csv", "text/csv"),
        ("application/geo+json, application/json", "application/geo+json"),
        ("application/geo+json;q=0.5, text/csv;q=0.9", "text/csv"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("", "application/json"),
    ],
)
def test_the_accept_header_chooses(client: TestClient, accept: str, media: str) -> None:
    answer = client.get("/runs/latest/gaps", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith(media)


def test_an_unknown_format_is_400(client: TestClient) -> None:
    assert client.get("/runs/latest/gaps?f=pdf").status_code == 400
    unserved = client.get("/runs/latest/gaps", headers={"Accept": "image/png"})
    assert (unserved.status_code, unserved.json()["code"]) == (406, "not-acceptable"), "RFC 9110, 12.5.1"
    assert client.get("/runs/latest/gaps?f=html").status_code == 406, "a format that other routes serve"


def test_a_route_with_json_alone_takes_its_name(client: TestClient) -> None:
    for path in (
        "/runs",
        "/runs/latest",
        "/health",
        "/problems",
        "/ogc/conformance",
        "/ogc/collections/grids/queryables",
    ):
        plain, named = client.get(path), client.get(f"{path}?f=json")
        assert (named.status_code, named.json()) == (plain.status_code, plain.json()), path
        assert client.get(f"{path}?f=csv").status_code == 406, path
        assert client.get(f"{path}?f=pdf").status_code == 400, path
    assert client.get("/ogc/collections/grids/tiles/WebMercatorQuad/0/0/0?f=json").status_code == 406
    assert client.get("/prints/sheet.pdf?f=json").status_code == 400
    assert client.delete("/runs/none?f=json").status_code == 400


def test_what_is_posted_takes_the_name_of_json_too(writer: TestClient) -> None:
    """An analysis saves a run: the county that all tests read is no place for it."""
    client, batch = writer, [{"id": "1", "lon": 102.001, "lat": 37.001, "crs": "wgs84"}]
    for path, body in (("/locate", batch), ("/ogc/processes/analyze/execution", {"inputs": {"domain": "all"}})):
        plain, named = client.post(path, json=body), client.post(f"{path}?f=json", json=body)
        assert (named.status_code, named.headers["content-type"]) == (plain.status_code, plain.headers["content-type"])
        assert client.post(f"{path}?f=html", json=body).status_code == 406, path
    assert client.post("/locate?f=csv", json=batch).text.lstrip("\ufeff").startswith("id,")


def test_an_outage_takes_the_view_of_a_site_away(client: TestClient) -> None:
    before = {row["code"]: row for row in client.get("/runs/latest/zones/grids").json()["grids"]}
    answer = client.get("/runs/latest/outage?sites=p1").json()
    assert answer["sites"] == ["p1"]
    after = {row["code"]: row for row in answer["grids"]}
    assert before[G1]["sure_m2"] > 0
    assert after[G1]["sure_m2"] == 0
    assert all(after[code]["sure_m2"] <= before[code]["sure_m2"] for code in before)
    assert client.get("/runs/latest/outage?sites=p1&layer=townships&f=csv").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/runs/none", 404),
        ("/runs/none/gaps", 404),
        ("/runs/none/outage?sites=p1", 404),
        ("/runs/latest/zones/none", 404),
        ("/runs/latest/outage?sites=nobody", 404),
        ("/runs/latest/outage", 400),
        ("/runs/latest/outage?sites=", 400),
        ("/runs/latest/outage?sites=,", 400),
        ("/runs/latest/outage?sites=p1&layer=none", 400),
        ("/runs/latest/compare/none", 404),
        ("/runs/latest?f=csv", 406),
        ("/prints/sheet.pdf?run=none", 404),
        ("/prints/sheet.pdf?paper=B5", 400),
        ("/prints/sheet.pdf?classes=equal", 400),
        ("/prints/sheet.pdf?zone=none", 404),
    ],
)
def test_what_cannot_be_answered(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_run_is_made_compared_and_deleted(writer: TestClient) -> None:
    first = writer.get("/runs/latest").json()["id"]
    made = writer.post("/runs", json={"level": "identify", "zones": ["grids"], "domain": "all"})
    assert made.status_code == 201
    run = made.json()
    assert made.headers["location"] == f"/runs/{run['id']}"
    assert run["options"] == {
        "level": "identify", "edition": "iec62676-4:2014", "target_height": 1.6, "zones": ["grids"], "domain": "all",
        "at": None,
    }  # fmt: skip
    assert (run["domain"], run["zones"]) == ("all", {"grids": 4})
    assert writer.get("/runs/latest").json()["id"] == run["id"]
    assert [one["id"] for one in writer.get("/runs").json()["runs"]] == [run["id"], first]
    assert writer.get("/runs/latest/zones/townships").status_code == 404
    found = writer.get(f"/runs/{first}/compare/{run['id']}").json()
    assert set(found["zones"]) == {"grids", "all"}
    totals = [writer.get(f"/runs/{one}").json()["totals"]["domain_m2"] for one in (first, run["id"])]
    assert found["zones"]["all"][0]["domain_m2"] == pytest.approx(totals[1] - totals[0])
    assert writer.get(f"/runs/{first}/compare/{run['id']}?f=geojson&layer=all").json()["features"]
    assert writer.delete(f"/runs/{run['id']}").status_code == 204
    assert writer.get(f"/runs/{run['id']}").status_code == 404
    assert writer.delete(f"/runs/{run['id']}").status_code == 404


def test_a_run_is_named_by_an_admin_and_told_by_its_name(writer: TestClient) -> None:
    run = writer.get("/runs/latest").json()["id"]
    named = writer.put(f"/runs/{run}/name", json={"name": "春季方案", "note": "新桥通车之前"})
    assert (named.status_code, named.json()["name"]) == (200, "春季方案")
    assert writer.get("/runs").json()["runs"][0]["note"] == writer.get("/runs/latest").json()["note"] == "新桥通车之前"
    for wrong in ({"name": "x" * 61}, {"name": 1}, {"title": "x"}):
        refused = writer.put(f"/runs/{run}/name", json=wrong)
        assert (refused.status_code, len(refused.json()["errors"])) == (422, 1)
    assert writer.put("/runs/none/name", json={"name": "x"}).status_code == 404
    writer.put(f"/runs/{run}/name", json={})
    assert "name" not in writer.get("/runs/latest").json()


def test_a_run_compared_with_itself_differs_in_nothing(client: TestClient) -> None:
    found = client.get("/runs/latest/compare/latest").json()
    assert found["gaps_only_a"] == found["gaps_only_b"] == []
    assert all(not row["sure_m2"] for rows in found["zones"].values() for row in rows)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400), (b"[]", 400), (b'"x"', 400), (b'{"target_height": NaN}', 400),
        (b'{"a":' * 2000, 400),
        (b'{"level": "none"}', 422), (b'{"edition": "none"}', 422), (b'{"domain": "moon"}', 422),
        (b'{"zones": ["x"]}', 422),
        (b'{"target_height": 0}', 422), (b'{"target_height": "2"}', 422), (b'{"at": "soon"}', 422),
        (b'{"colour": 1}', 422),
        (b'{"zones": "grids"}', 422), (b'{"target_height": 1e999}', 400),
        (b'{"at": "1900-01-01"}', 201),
    ],
)  # fmt: skip
def test_options_are_checked_before_anything_is_read(writer: TestClient, body: bytes, status: int) -> None:
    answer = writer.post("/runs", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    if status != 201:
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(writer.get("/runs").json()["runs"]) == 1


def test_a_body_of_another_media_type_is_415(writer: TestClient) -> None:
    answer = writer.post("/runs", content=b"{}", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media")


def test_one_analysis_at_a_time(writer: TestClient) -> None:
    running = writer.app.state.jobs.running
    with running:
        answer = writer.post("/runs", json={})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert writer.post("/runs", json={}).status_code == 201


def test_the_sheet_is_a_pdf(client: TestClient) -> None:
    answer = client.get("/prints/sheet.pdf", params={"paper": "a4"})
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["content-type"] == "application/pdf"
    assert client.get("/prints/sheet.pdf", params={"zone": G2, "lang": "zh"}).content.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("lang", "head", "title"), [("zh", ["代码", "名称", "类型"], "网格"), ("en", ["Code", "Name", "Kind"], "Grids")]
)
def test_headings_are_given_by_lang_and_by_nothing_else(
    client: TestClient, lang: str, head: list[str], title: str
) -> None:
    path = "/runs/latest/zones/grids?f=csv"
    found = client.get(f"{path}&lang={lang}")
    table = pd.read_csv(io.BytesIO(found.content), dtype=str)
    assert list(table.columns[:3]) == head
    assert len(table) == 4
    assert ("所属村社区名称" if lang == "zh" else "Village name") in table.columns
    assert f"filename*=UTF-8''{quote(title)}-" in found.headers["content-disposition"]
    assert 'filename="grids-' in found.headers["content-disposition"]
    plain = client.get(path, headers={"Accept-Language": lang}).content
    assert plain == client.get(f"{path}&lang=fields").content
    assert plain.startswith(b"\xef\xbb\xbfcode,name,kind")
    assert client.get(f"{path}&lang=de").status_code == 400
    assert client.get(f"{path}&encoding=utf-7").status_code == 400


def test_results_are_served_as_kml_and_shapefile(client: TestClient, tmp_path: Path) -> None:
    rows = client.get("/runs/latest/gaps").json()["gaps"]
    kml = client.get("/runs/latest/gaps?f=kml&lang=zh")
    assert kml.headers["content-type"].startswith("application/vnd.google-earth.kml+xml")
    (tmp_path / "gaps.kml").write_bytes(kml.content)
    back = pyogrio.read_dataframe(tmp_path / "gaps.kml")
    assert back["rank"].astype(int).tolist() == [row["rank"] for row in rows]
    assert shapely.is_valid(back.geometry).all()
    zipped = client.get("/runs/latest/gaps?f=shp&encoding=gbk&lang=zh")
    assert zipped.headers["content-type"] == "application/zip"
    (tmp_path / "gaps.zip").write_bytes(zipped.content)
    back = pyogrio.read_dataframe(f"/vsizip/{tmp_path}/gaps.zip/gaps.shp")
    assert len(back) == len(rows)
    assert {"possible_s", "distance_m", "cause"} <= set(back.columns), "names of at most 10 bytes"
    causes = {one.name: one.zh for one in GAP_CAUSES}
    assert back["cause"].tolist() == [causes[row["cause"]] for row in rows]
    assert client.get("/runs/latest/gaps", headers={"Accept": "application/zip"}).content[:2] == b"PK"
