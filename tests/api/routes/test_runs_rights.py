"""Read runs in server mode as everybody who may: rows by township, figures the same for all, what leaves noted."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import shapely

from api.main import create_app
from api.settings import Settings
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.import_files import import_frames
from tests import postgres
from tests.api.conftest import T1, T2, frames

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

#: Sites p1 (cameras c1, c2) and p2 (c3) stand in T1, p3 (c4) in T2.
SITES = {"anna": {"p1", "p2"}, "bert": {"p3"}, "root": {"p1", "p2", "p3"}}
EVERYBODY = ("anna", "bert", "root")


@dataclass(frozen=True)
class CountyServer:
    """Hold a county server with two runs, and the keys of its people."""

    client: TestClient
    keys: dict[str, dict[str, str]]
    runs: tuple[str, str]

    def get(self, who: str, path: str):
        return self.client.get(path, headers=self.keys.get(who, {}))

    def rows(self, who: str, layer: str, path: str = "") -> list[dict]:
        answer = self.get(who, path or f"/runs/{self.runs[1]}/{layer}")
        assert answer.status_code == 200, answer.text
        return answer.json()[layer]


@pytest.fixture(scope="module")
def county_server(server: str, migrated: str) -> Iterator[CountyServer]:
    from geo.storage.postgis.store import open_database

    with postgres.fresh_database(server, template=migrated) as url:
        store = open_database(url)
        layers = frames()
        # c3 looks north over the border, where a house stands in its way: a gap in T2 laid to a camera of T1.
        cameras, obstacles = layers["cameras"], layers["obstacles"]
        cameras.loc[2, ["azimuth", "hfov", "height"]] = [0.0, 60.0, 4.0]
        cameras.loc[2, "geometry"] = shapely.Point(102.003, 37.0018)
        obstacles.loc[0, "geometry"] = shapely.box(102.0028, 37.0021, 102.0032, 37.0022)
        import_frames(store, layers, actor="test")
        runs = tuple(
            analyze(store, options, actor="secret-name").id
            for options in (AnalyzeOptions(level="identify"), AnalyzeOptions(domain="all"))
        )
        store.close()
        login = postgres.service_url(url)
        app = create_app(Settings(database_url=login))
        with TestClient(app, base_url="http://127.0.0.1:8000", headers={"Accept-Language": "en"}) as client:
            people = {
                "anna": ("planner", [T1]),
                "bert": ("planner", [T2]),
                "vera": ("viewer", None),
                "root": ("admin", None),
            }
            keys = {
                name: {"X-API-Key": app.state.keys.create(name, role, townships=townships, by="test")[0]}
                for name, (role, townships) in people.items()
            }
            yield CountyServer(client, keys, runs)


def test_without_a_key_runs_tell_nothing_of_cameras_or_persons(county_server: CountyServer) -> None:
    listed = county_server.get("", "/runs")
    one = county_server.get("", f"/runs/{county_server.runs[1]}")
    zones = county_server.get("", "/runs/latest/zones/grids?f=geojson")
    table = county_server.get("", "/runs/latest/zones/all?f=csv")
    for answer in (listed, one, zones, table):
        assert answer.status_code == 200, answer.text
        for word in ("secret-name", '"cameras"', '"offline"', '"seeing"', "cameras,", '"views"', '"gaps"', "assum"):
            assert word not in answer.text, word
    assert one.json()["totals"]["domain_m2"] > 0
    assert one.json()["inputs"]["grids"] == 6
    assert one.json()["layers"]["grids"] == 4
    for path in ("gaps", "views", "possible", "coverage", "outage?sites=p1", "compare/latest"):
        assert county_server.get("", f"/runs/latest/{path}").status_code == 401, path


def test_a_viewer_sees_counts_of_cameras_and_no_row_of_one(county_server: CountyServer) -> None:
    rows = county_server.rows("vera", "grids", "/runs/latest/zones/grids")
    assert sum(row["cameras"] for row in rows) == 2
    assert county_server.get("vera", "/runs/latest").json()["inputs"]["cameras"] == 4
    for path in ("gaps", "views", "possible", "coverage", "outage?sites=p1"):
        answer = county_server.get("vera", f"/runs/latest/{path}")
        assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed"), path
    compared = county_server.get("vera", f"/runs/{county_server.runs[0]}/compare/{county_server.runs[1]}").json()
    assert set(compared) == {"a", "b", "zones", "differing", "caution"}


@pytest.mark.parametrize("layer", ["views", "possible"])
def test_views_are_those_of_the_callers_townships(county_server: CountyServer, layer: str) -> None:
    for who in EVERYBODY:
        assert {row["site"] for row in county_server.rows(who, layer)} == SITES[who], who


def test_gaps_are_those_of_the_callers_townships(county_server: CountyServer) -> None:
    found = {who: county_server.rows(who, "gaps") for who in EVERYBODY}
    ranks = {who: {row["rank"] for row in rows} for who, rows in found.items()}
    assert ranks["anna"] | ranks["bert"] == ranks["root"]
    assert not ranks["anna"] & ranks["bert"]
    assert ranks["anna"]
    assert ranks["bert"]
    foreign = {"anna": {"c4"}, "bert": {"c1", "c2", "c3"}}
    hidden = 0
    whole = {row["rank"]: row for row in found["root"]}
    for who, out in foreign.items():
        for row in found[who]:
            if whole[row["rank"]]["camera"] in out:
                hidden += 1
                assert (row["camera"], row["distance_m"]) == (None, None)
            else:
                assert row == whole[row["rank"]]
    assert hidden > 0, "some gap must be laid to a camera across the border, or this test proves nothing"


def test_coverage_is_cut_at_the_border(county_server: CountyServer) -> None:
    boxes = {"anna": shapely.box(102.0, 37.0, 102.004, 37.002), "bert": shapely.box(102.0, 37.002, 102.004, 37.004)}
    areas = {}
    for who in EVERYBODY:
        features = county_server.get(who, f"/runs/{county_server.runs[1]}/coverage?f=geojson").json()["features"]
        shapes = [shapely.geometry.shape(one["geometry"]) for one in features if one["geometry"]]
        areas[who] = shapely.union_all(shapes).area
        if who in boxes:
            assert shapely.union_all(shapes).difference(boxes[who].buffer(1e-9)).area < 1e-14
    assert areas["anna"] + areas["bert"] == pytest.approx(areas["root"], rel=1e-6)


def test_figures_do_not_depend_on_who_asks(county_server: CountyServer) -> None:
    for layer in ("grids", "villages", "townships", "all"):
        told = [county_server.rows(who, layer, f"/runs/latest/zones/{layer}") for who in ("vera", *EVERYBODY)]
        assert all(one == told[0] for one in told)
    asked = f"/runs/{county_server.runs[1]}/outage?sites=p1&layer=grids"
    assert county_server.rows("anna", "grids", asked) == county_server.rows("root", "grids", asked)
    compared = [
        county_server.get(who, f"/runs/{county_server.runs[0]}/compare/{county_server.runs[1]}").json()["zones"]
        for who in EVERYBODY
    ]
    assert compared[0] == compared[1] == compared[2]


def test_an_outage_of_a_site_elsewhere_answers_as_of_none(county_server: CountyServer) -> None:
    for who, foreign in (("anna", "p3"), ("bert", "p1")):
        told = {
            site: county_server.get(who, f"/runs/latest/outage?sites={site}") for site in (foreign, "p9")
        }  # fmt: skip
        assert {answer.status_code for answer in told.values()} == {404}
        bodies = [answer.text.replace(site, "?") for site, answer in told.items()]
        assert bodies[0] == bodies[1]
        mixed = county_server.get(who, f"/runs/latest/outage?sites={min(SITES[who])},{foreign}")
        assert mixed.status_code == 404


def test_compared_gaps_are_the_callers_own_judged_over_the_county(county_server: CountyServer) -> None:
    path = f"/runs/{county_server.runs[0]}/compare/{county_server.runs[1]}"
    for side, run in (("gaps_only_a", county_server.runs[0]), ("gaps_only_b", county_server.runs[1])):
        whole = {row["rank"] for row in county_server.get("root", path).json()[side]}
        for who in ("anna", "bert"):
            own = {row["rank"]: row for row in county_server.rows(who, "gaps", f"/runs/{run}/gaps")}
            told = county_server.get(who, path).json()[side]
            assert told == [own[rank] for rank in sorted(whole & set(own))]


def test_compared_cameras_are_counted_within_the_townships_of_the_caller(county_server: CountyServer) -> None:
    path = f"/runs/{county_server.runs[0]}/compare/{county_server.runs[1]}"
    counted = {who: county_server.get(who, path).json()["cameras"] for who in ("root", "anna", "bert")}
    assert any(counted["root"].values())
    for name, number in counted["root"].items():
        assert counted["anna"][name] + counted["bert"][name] == number
    assert "cameras" not in county_server.get("vera", path).json()


def test_what_leaves_is_noted_by_what_it_is_and_not_by_its_format(county_server: CountyServer) -> None:
    def deeds() -> list[dict]:
        store = county_server.client.app.state.store
        return [one for one in store.audit() if one["action"] == "export"]

    before = len(deeds())
    older, run = county_server.runs
    asked = [
        ("anna", f"/runs/{run}/gaps?f=csv", "gaps"), ("anna", f"/runs/{run}/gaps", "gaps"),
        ("anna", f"/runs/{run}/gaps?f=geojson", "gaps"), ("bert", f"/runs/{run}/views?f=gpkg", "views"),
        ("anna", f"/runs/{run}/outage?sites=p1", "views"), ("bert", f"/runs/{older}/compare/{run}", "gaps"),
    ]  # fmt: skip
    for who, path, _ in asked:
        assert county_server.get(who, path).status_code == 200, path
    noted = deeds()[: len(deeds()) - before][::-1]
    assert [(one["who"], one["layer"], one["run"]) for one in noted] == [(who, layer, run) for who, _, layer in asked]
    assert [one["detail"]["format"] for one in noted] == ["csv", "json", "geojson", "gpkg", "json", "json"]
    assert noted[3]["detail"]["rows"] == 1
    for who, form in (("", "csv"), ("", "json"), ("vera", "xlsx"), ("vera", "geojson")):
        assert county_server.get(who, f"/runs/{run}/zones/grids?f={form}").status_code == 200
    assert len(deeds()) == before + 6, "zone figures are everybody's"


def test_only_an_admin_deletes_a_run_and_it_is_noted(county_server: CountyServer) -> None:
    path = f"/runs/{county_server.runs[0]}"
    for who, status in (("", 401), ("vera", 403), ("anna", 403)):
        assert county_server.client.delete(path, headers=county_server.keys.get(who, {})).status_code == status
    assert county_server.client.delete(path, headers=county_server.keys["root"]).status_code == 204
    assert county_server.get("root", path).status_code == 404
    (deed, *_) = county_server.client.app.state.store.audit(limit=1)
    assert (deed["who"], deed["action"], deed["run"]) == ("root", "delete-run", county_server.runs[0])
