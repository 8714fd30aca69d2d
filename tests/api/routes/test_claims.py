"""Ask for claims and places over HTTP in both modes, as everybody who may: verdicts for all, sites near by township."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator

import geopandas as gpd
import openpyxl
import pytest
import shapely

from api.main import create_app
from api.routes import claims as claims_route
from api.settings import Settings
from geo.storage.protocol import Store
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.import_files import import_frames
from geo.studies.run_rates import rates
from tests import postgres
from tests.api.conftest import CRS, T1, T2, frames

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

PEOPLE = {
    "anna": ("planner", [T1]), "bert": ("planner", [T2]), "vera": ("viewer", None), "root": ("admin", None)
}  # fmt: skip


def fill(store: Store) -> None:
    """Analyse two gates: where c1 and c2 (site p1) stand in T1, and where c4 stands offline in T2."""
    layers = frames()
    points = layers["cameras"].geometry
    gates = {
        "code": ["south", "north"],
        "name": ["南门", "北门"],
        "kind": ["gate", "gate"],
        "claim": ["校门全覆盖", "校门全覆盖;无人定义"],
    }
    layers["places"] = gpd.GeoDataFrame(gates, geometry=[points.iloc[0], points.iloc[3]], crs=CRS)
    import_frames(store, layers, actor="test")
    asked = gpd.GeoDataFrame({"claim": ["校门全覆盖"], "share": [1.0]}, geometry=[None], crs=CRS)
    store.write("claims", asked, "upsert", actor="test")
    analyze(store, AnalyzeOptions(domain="all"))


@pytest.fixture(scope="module")
def client(server: str, migrated: str) -> Iterator[tuple[TestClient, dict[str, dict[str, str]]]]:
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


def ask(client: tuple[TestClient, dict[str, dict[str, str]]], who: str, path: str):  # type: ignore[no-untyped-def]
    opened, keys = client
    answer = opened.get(path, headers=keys.get(who, {}))
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize("who", ["", "vera", "anna", "bert", "root"])
def test_verdicts_are_the_same_for_everybody(client, who: str) -> None:  # type: ignore[no-untyped-def]
    told = ask(client, who, "/runs/latest/claims").json()
    assert [(one["claim"], one["verdict"], one["places"]) for one in told["claims"]] == [
        ("校门全覆盖", "fails", 2), ("无人定义", "fails", 1),
    ]  # fmt: skip
    assert [one.partition(" / ")[2] for one in told["notes"]] == [
        "claims that no row of table claims defines are judged at the level of the run: 无人定义"
    ]
    assert {one["code"]: one["verdict"] for one in told["places"]}["north"] == "not_covered"
    listed = ask(client, who, "/runs/latest/places").json()["places"]
    assert {one["code"]: one["township"] for one in listed} == {"south": T1, "north": T2}


@pytest.mark.parametrize("who", ["", "anna", "root"])
def test_a_zone_has_the_claims_of_its_places(client, who: str) -> None:  # type: ignore[no-untyped-def]
    for township, code in ((T1, "south"), (T2, "north")):
        told = ask(client, who, f"/runs/latest/claims?zone=townships:{township}").json()
        both = ["校门全覆盖", "无人定义"] if code == "north" else ["校门全覆盖"]
        assert [(one["claim"], one["places"]) for one in told["claims"]] == [(one, 1) for one in both]
        listed = ask(client, who, f"/runs/latest/places?zone={township}").json()["places"]
        assert [one["code"] for one in told["places"]] == [one["code"] for one in listed] == [code] * len(both)
    opened, keys = client
    assert opened.get("/runs/latest/claims?zone=none", headers=keys.get(who, {})).status_code == 404


def test_sites_near_are_told_by_township(client) -> None:  # type: ignore[no-untyped-def]
    def near(who: str) -> dict[str, object]:
        rows = ask(client, who, "/runs/latest/places").json()["places"]
        return {one["code"]: one.get("near", "absent") for one in rows}

    whole = near("root")
    assert isinstance(whole["south"], int)
    assert whole["south"] >= 1
    assert near("anna") == {"south": whole["south"], "north": None}
    assert near("bert") == {"south": None, "north": whole["north"]}
    assert near("vera") == near("") == {"south": "absent", "north": "absent"}
    for path in ("claims", "places"):
        assert "counted" in ask(client, "vera", f"/runs/latest/{path}").text
        assert "counted" not in ask(client, "", f"/runs/latest/{path}").text


def test_tables_have_headings_for_people(client) -> None:  # type: ignore[no-untyped-def]
    for path, cell in (("claims", "不成立"), ("places", "未覆盖")):
        answer = ask(client, "root", f"/runs/latest/{path}?f=xlsx&lang=zh")
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
        texts = [str(one) for row in sheet.iter_rows(values_only=True) for one in row]
        assert "结论" in texts
        assert cell in texts
    where = ask(client, "", "/runs/latest/places?f=geojson").json()["features"]
    assert {one["geometry"]["type"] for one in where} == {"Point"}
    assert shapely.Point(*where[0]["geometry"]["coordinates"]).y == pytest.approx(37.0, abs=0.1)


def test_a_form_that_has_no_shapes_is_refused(client) -> None:  # type: ignore[no-untyped-def]
    opened, _ = client
    assert opened.get("/runs/latest/claims?f=gpkg").status_code == 406
    assert opened.get("/runs/none/claims").status_code == 404


def test_rates_are_the_countys_whoever_asks(client) -> None:  # type: ignore[no-untyped-def]
    told = {who: ask(client, who, "/runs/latest/rates").json()["rates"] for who in ("vera", "anna", "root")}
    assert told["vera"] == told["anna"] == told["root"]
    rows = {(one["rate"], one["key"], one["scope"]): one for one in told["root"]}
    # Three of four streams are online, c4 of T2 is not; one of two villages owns an online site.
    whole, south, north = (rows["intact", None, scope] for scope in ("county", T1, T2))
    assert [(one["numerator"], one["denominator"]) for one in (whole, south, north)] == [(3, 4), (3, 3), (0, 1)]
    assert [one["rank"] for one in (whole, south, north)] == [None, 1, 2]
    assert rows["villages_site", None, "county"]["value"] == 0.5
    assert {one["rule"] for one in told["root"]} == {"P6"}
    opened, _ = client
    assert opened.get("/runs/latest/rates").status_code == 401


def test_rates_come_as_a_workbook(client) -> None:  # type: ignore[no-untyped-def]
    """A row for each township with its name, then the list: of four streams three are intact, T1 has all but c4."""
    answer = ask(client, "vera", "/runs/latest/rates?f=xlsx&lang=zh")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["乡镇比率", "比率明细"]
    head, *rows = book["乡镇比率"].iter_rows(values_only=True)
    table = {row[1]: dict(zip(head, row, strict=True)) for row in rows}
    assert list(table) == ["全县", "南镇", "北镇"]
    assert table["全县"]["完好率（路）"] == 0.75
    assert [table[name]["完好率（路） 分子/分母"] for name in table] == ["3/4", "3/3", "0/1"]
    at = head.index("完好率（路）") + 1
    assert book["乡镇比率"].cell(2, at).number_format == "0.0%"
    # Nobody filled in who is networked: three streams of class 1 to 3 that must be are no nought.
    assert {row["联网率（路）"] for row in table.values() if not str(row["联网率（路） 分子/分母"]).endswith("/0")} == {
        "未填"
    }
    head, *rows = book["比率明细"].iter_rows(values_only=True)
    assert head == ("比率", "类别或名称", "规则", "范围", "范围名称", "分子", "分母", "数值", "名次")
    assert any(row[0] == "完好率（路）" and row[3] == "全县" and row[5:7] == (3, 4) for row in rows)


def test_verdicts_name_their_township_for_who_may_read_names(client) -> None:  # type: ignore[no-untyped-def]
    table = ask(client, "vera", "/runs/latest/places?f=csv&lang=zh").text.splitlines()
    at = table[0].split(",").index("乡镇（街道）名称")
    assert {row.split(",")[at] for row in table[1:]} == {"南镇", "北镇"}


def test_rates_are_made_once_until_a_layer_changes(client, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    opened, _ = client
    made = []

    def counted(store, run_id):  # type: ignore[no-untyped-def]
        made.append(run_id)
        return rates(store, run_id)

    monkeypatch.setattr(claims_route, "rates_of", counted)
    store = opened.app.state.store
    roads = store.read("roads")
    store.write("roads", roads.assign(width=9.0), "upsert", actor="test")
    told = [ask(client, who, "/runs/latest/rates").json() for who in ("vera", "root")]
    assert told[0] == told[1]
    assert ask(client, "anna", "/runs/latest/rates?f=csv").text.count("\n") > 3
    assert len(made) == 1
    store.write("roads", roads, "upsert", actor="test")
    assert ask(client, "root", "/runs/latest/rates").json() == told[0]
    assert len(made) == 2
