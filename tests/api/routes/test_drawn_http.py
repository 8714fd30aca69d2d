"""A drawn zone over HTTP: figures of a zone of that shape, lists of what lies in it, refusals in words."""

from __future__ import annotations

import io

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from geo.catalog.results import FIGURES
from tests.api.conftest import G1, G3, M1

#: The first grid of the county, corner by corner.
FIRST = "drawn:102_37~102.002_37~102.002_37.002~102_37.002"
#: Its eastern half, and as much of the second grid.
ACROSS = "drawn:102.001_37~102.003_37~102.003_37.002~102.001_37.002"
AFAR = "drawn:110_30~110.001_30~110.001_30.001"


def figures(client: TestClient, zone: str) -> dict:
    answer = client.get("/runs/latest/drawn", params={"zone": zone})
    assert answer.status_code == 200, answer.text
    return answer.json()["properties"]


def test_the_shape_of_a_grid_has_the_figures_of_the_grid(client: TestClient) -> None:
    rows = client.get("/runs/latest/zones/grids").json()["grids"]
    grid = next(one for one in rows if one["code"] == G1)
    found = figures(client, FIRST)
    for name in FIGURES:
        if name in grid:
            assert found[name] == pytest.approx(grid[name], rel=1e-6, abs=1e-9), name
    assert found["part"] is False
    assert grid["sure_share"] > 0


def test_two_halves_are_the_whole(client: TestClient) -> None:
    west = figures(client, "drawn:102_37~102.001_37~102.001_37.002~102_37.002")
    east = figures(client, "drawn:102.001_37~102.002_37~102.002_37.002~102.001_37.002")
    whole = figures(client, FIRST)
    for name in ("domain_m2", "sure_m2", "gap_m2"):
        assert west[name] + east[name] == pytest.approx(whole[name], rel=1e-6), name


def test_lists_tables_and_places_are_of_what_lies_in_it(client: TestClient) -> None:
    whole = client.get("/runs/latest/gaps").json()["gaps"]
    inside = [one["rank"] for one in whole if 102.001 <= one["lon"] <= 102.003 and one["lat"] <= 37.002]
    assert 0 < len(inside) < len(whole)
    found = client.get("/runs/latest/gaps", params={"zone": ACROSS}).json()["gaps"]
    assert [one["rank"] for one in found] == inside
    assert [one["zone_rank"] for one in found] == list(range(1, len(inside) + 1))
    page = client.get("/page/latest/rows/gaps", params={"zone": ACROSS}).json()
    assert [one["rank"] for one in page["rows"]] == inside
    cameras = client.get("/page/latest/rows/cameras", params={"zone": ACROSS, "sort": "id"}).json()
    assert [one["id"] for one in cameras["rows"]] == ["c1", "c2", "c3"]  # two of them on its border
    for path in ("/runs/latest/zones/grids", "/page/latest/rows/grids"):
        listed = client.get(path, params={"zone": FIRST}).json()
        codes = [one["code"] for one in listed.get("grids") or listed["rows"]]
        assert G1 in codes and G3 not in codes and M1 not in codes, path  # noqa: PT018


def test_a_sheet_is_of_it(client: TestClient) -> None:
    answer = client.get("/prints/sheet.pdf", params={"zone": ACROSS, "paper": "A4", "lang": "en"})
    assert answer.status_code == 200
    assert "Drawn zone" in PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()


def test_what_is_no_polygon_is_refused_in_words(client: TestClient) -> None:
    for zone, says in (
        ("drawn:1_2", "3 to 100 corners"), ("drawn:a~b~c", "longitude_latitude"), ("drawn:0_0~9_9~9_0", "km2 at most"),
        ("grids:x", "must begin with drawn:"),
    ):  # fmt: skip
        answer = client.get("/runs/latest/drawn", params={"zone": zone})
        assert (answer.status_code, says in answer.text) == (400, True), answer.text
    for path in ("/runs/latest/gaps", "/runs/latest/zones/grids", "/page/latest/rows/cameras", "/prints/sheet.pdf"):
        answer = client.get(path, params={"zone": "drawn:0_0~1_1~0_1~1_0"})
        assert (answer.status_code, "cross" in answer.text) == (400, True), path


def test_where_nothing_is_there_are_no_figures(client: TestClient) -> None:
    answer = client.get("/runs/latest/drawn", params={"zone": AFAR})
    assert (answer.status_code, "nothing of the domain" in answer.text) == (400, True)
    assert client.get("/runs/latest/gaps", params={"zone": AFAR}).json()["gaps"] == []
