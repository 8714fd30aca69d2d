"""What the page asks while it is used: tiles, rows and figures within the reader's rights, compressed, sent once."""

from __future__ import annotations

import gzip
from pathlib import Path

import mapbox_vector_tile as mvt
import pytest

from api.main import create_app
from api.representations import page_overview, page_rows
from api.security.api_keys import ApiKeys
from api.security.file_keys import FileKeyStore
from api.settings import Settings
from geo.catalog.results import CAMERA_FIGURES
from maps.tiles.tile_grids import WEB_MERCATOR
from maps.web import assets
from tests.api.conftest import G1, G2, M1, T1, TestClient


def tile_path(layer: str, z: int = 14, query: str = "") -> str:
    x, y, _, _ = WEB_MERCATOR.limits(z, (102.001, 37.001, 102.001, 37.001))
    return f"/page/latest/tiles/{layer}/{z}/{x}/{y}{query}"


def features(answer) -> list[dict]:
    return next(iter(mvt.decode(answer.content).values()))["features"] if answer.content else []


def test_a_tile_of_zones_carries_the_figure_asked_for_and_no_other(client: TestClient) -> None:
    for figure in ("sure_share", "possible_share"):
        found = features(client.get(tile_path("grids", query=f"?figure={figure}")))
        assert {one["properties"]["code"] for one in found} >= {G1, G2}
        assert {name for one in found for name in one["properties"]} == {"code", "name", figure}
    # A figure that there is none of is the first.
    assert "sure_share" in features(client.get(tile_path("grids", query="?figure=x")))[0]["properties"]


def test_cameras_are_themselves_near_and_counted_far_out(client: TestClient) -> None:
    near = features(client.get(tile_path("cameras", z=12)))
    assert {one["properties"]["id"] for one in near} == {"c1", "c2", "c3", "c4"}
    far = features(client.get(tile_path("cameras", z=8)))
    assert sum(one["properties"]["n"] for one in far) == 4


def test_a_tile_is_sent_once(client: TestClient) -> None:
    first = client.get(tile_path("grids"))
    again = client.get(tile_path("grids"), headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    other = client.get(tile_path("grids", query="?figure=possible_share"))
    assert other.headers["etag"] != first.headers["etag"]
    assert "no-cache" in first.headers["cache-control"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/page/none/tiles/grids/14/1/1", 404), ("/page/latest/tiles/grids/14/99999/1", 404),
        ("/page/latest/tiles/benches/14/1/1", 404), ("/page/latest/tiles/villages/0/0/0", 200),
        ("/page/latest/tiles/areas:x/0/0/0", 404), ("/page/latest/tiles/addresses/14/12835/6423", 200),
        ("/page/latest/tiles/grids/x/1/1", 400), ("/page/latest/tiles/grids/40/1/1", 404),
        ("/page/latest/rows/obstacles", 404), ("/page/latest/rows/grids/none", 404),
        ("/page/latest/rows/gaps?limit=0", 400),
        ("/page/latest/rows/grids?nothing=1", 400), ("/page/latest/find?q=", 400),
        ("/page/latest/rows/grids?offset=99", 200),
        ("/page/latest/rows/grids?q=%F0%9F%98%80&sort=none&descending=1", 200), ("/page/latest/rows/gaps?q=[(", 200),
    ],
)  # fmt: skip
def test_odd_questions_are_answered(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code in (status, 204 if status == 200 else status), answer.text


def test_a_table_is_paged_sorted_and_filtered_here(client: TestClient) -> None:
    whole = client.get("/page/latest/rows/grids?sort=households&descending=true").json()
    assert [one["code"] for one in whole["rows"]][-1] == G1
    assert whole["total"] == 4
    page = client.get("/page/latest/rows/grids?sort=households&descending=true&offset=1&limit=2").json()
    assert page == {"total": 4, "rows": whole["rows"][1:3]}
    town = client.get(f"/page/latest/rows/grids?q={T1}000").json()
    assert {one["code"] for one in town["rows"]} == {G1, G2}
    assert [one["key"] for one in client.get(f"/page/latest/find?q={M1}").json()] == [M1]


def test_rows_of_a_zone_are_those_inside_it_and_those_it_lies_in(client: TestClient) -> None:
    """G1 and G2 are in T1, M1 and M2 in G1; gaps of a microgrid are those whose place is in it."""

    def codes(layer: str, zone: str) -> set[str]:
        found = client.get(f"/page/latest/rows/{layer}", params={"zone": zone})
        assert found.status_code == 200, found.text
        return {one["code"] for one in found.json()["rows"]}

    assert codes("grids", f"townships:{T1}") == {G1, G2}
    assert codes("microgrids", f"grids:{G1}") == {M1, f"{G1}02"}
    assert codes("microgrids", f"grids:{G2}") == set()
    assert codes("townships", f"grids:{G1}") == {T1}
    gaps = client.get("/page/latest/rows/gaps", params={"zone": f"grids:{G1}"}).json()
    assert {one["grid"] for one in gaps["rows"]} <= {G1}
    assert gaps["total"] == len(client.get("/runs/latest/gaps", params={"zone": f"grids:{G1}"}).json()["gaps"])
    absent = client.get("/page/latest/rows/gaps", params={"zone": "grids:none"})
    assert (absent.status_code, "grids:none" in absent.json()["detail"]) == (404, True)
    grids = client.get("/runs/latest/zones/grids", params={"zone": f"townships:{T1}", "f": "geojson"}).json()[
        "features"
    ]
    assert {one["properties"]["code"] for one in grids} == {G1, G2}
    assert client.get("/runs/latest/zones/grids", params={"zone": "none"}).status_code == 404


def test_the_age_of_a_run_is_nothing_while_its_layers_are_as_it_read_them(client: TestClient) -> None:
    assert client.get("/page/latest/age").json() == {"notes": []}
    assert client.get("/page/none/age").status_code == 404


def test_the_overview_counts_what_the_legend_shows(client: TestClient) -> None:
    said = client.get("/page/latest/overview").json()["layers"]
    assert said["cameras"]["states"] == {"online": 3, "offline": 1}
    assert sum(said["grids"]["shares"]["sure_share"].values()) == said["grids"]["count"] == 4
    assert said["grids"]["bounds"] == pytest.approx([102.0, 37.0, 102.004, 37.004], abs=1e-6)


def test_layers_of_the_first_view_are_read_when_the_service_starts(drawn: Path, monkeypatch) -> None:
    """Read on request, beside the addresses that are indexed then, they took most of two seconds."""
    monkeypatch.setattr(page_overview, "_MANY", 1)
    app = create_app(Settings(workspace=drawn))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        app.state.drawn_layers.wait(30)
        monkeypatch.setattr(page_rows, "summary_of", lambda *_: pytest.fail("counted on request"))
        monkeypatch.setattr("api.tiles.drawn.drawn_layer", lambda *_: pytest.fail("read on request"))
        answer = client.get("/page/latest/overview")
        assert set(answer.json()["layers"]) >= {"grids", "gaps", "cameras"}
        assert client.get("/page/latest/rows/gaps?limit=1").status_code == 200


def test_who_has_no_key_gets_zones_without_cameras_and_no_scoped_layer(workspace: Path) -> None:
    ApiKeys(FileKeyStore.for_workspace(workspace)).create("root", "admin", by="test")
    with TestClient(create_app(Settings(workspace=workspace)), base_url="http://127.0.0.1") as client:
        said = client.get("/page/latest/overview").json()["layers"]
        assert not {"cameras", "gaps"} & set(said)
        (row, *_) = client.get("/page/latest/rows/grids").json()["rows"]
        assert not set(CAMERA_FIGURES) & set(row)
        assert not set(CAMERA_FIGURES) & set(client.get(f"/page/latest/rows/grids/{G1}").json()["properties"])
        for query in ("sort=cameras&descending=true", "sort=cameras", 'where={"cameras": [0, null]}&sort=cameras'):
            asked = client.get(f"/page/latest/rows/grids?{query}").json()["rows"]
            codes = [one["code"] for one in asked]
            assert codes == sorted(codes), f"{query}: the order would tell of what is not shown"
        assert client.get(tile_path("grids")).status_code == 200
        for path in (tile_path("cameras"), tile_path("views"), tile_path("roads"), "/page/latest/rows/gaps"):
            assert client.get(path).status_code == 401, path
        assert not [one for one in client.get("/page/latest/find?q=c1").json() if one["layer"] == "cameras"]


def test_scripts_are_one_compressed_file_under_an_address_that_names_its_content(client: TestClient) -> None:
    text = client.get("/").text
    (path,) = {part.split('"')[0] for part in text.split('src="') if part.startswith("/static/app")}
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "immutable" in packed.headers["cache-control"]
    assert "javascript" in packed.headers["content-type"]
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == packed.text
    # With the panels of the desk and the words of both languages; a browser keeps them until their content changes.
    assert len(gzip.compress(plain.content)) < 180_000
    sheet = client.get("/static/app/page.css", headers={"Accept-Encoding": "gzip"})
    assert (sheet.headers["content-encoding"], "immutable" in sheet.headers.get("cache-control", "")) == ("gzip", False)
    again = client.get("/static/app/page.css", headers={"If-None-Match": sheet.headers["etag"].replace("-gzip", "")})
    assert again.status_code == 304
    assert client.get("/static/nothing.js").status_code == 404


def test_the_scripts_of_the_page_are_packed_before_anybody_asks(client: TestClient, monkeypatch) -> None:
    """Read on request they took a second after a start, while the gazetteer was prepared."""
    monkeypatch.setattr(assets, "bundle_of", lambda *_: pytest.fail("read on request"))
    for file in assets.BUNDLES.values():
        answer = client.get(f"/static/{file}?v={assets.bundle_version(file)}")
        assert answer.status_code == 200
        assert len(answer.content) > 10_000
