"""Ask both stores for reach and patrols: who may, what a planner of one township gets, and the forms of answers."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from xml.etree import ElementTree

import geopandas as gpd
import pytest
import shapely
from pypdf import PdfReader

from api.long_work import Turns
from api.routes import networks
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.patrols import patrol_of_run
from tests.api.conftest import CRS, T1, T2, V1, V2, frames
from tests.api.server_fixtures import Door, door

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

GPX = "{http://www.topografix.com/GPX/1/1}"


def county() -> dict[str, gpd.GeoDataFrame]:
    """Return the county with a centre in the south; both roads have a vertex where they meet."""
    made = frames()
    lines = [
        [[102.0, 37.001], [102.003, 37.001], [102.004, 37.001]],
        [[102.003, 37.0], [102.003, 37.001], [102.003, 37.004]],
    ]
    made["roads"].geometry = [shapely.LineString(line) for line in lines]
    made["facilities"] = gpd.GeoDataFrame(
        {"code": ["f1"], "kind": ["governance_centre"], "level": ["township"], "serves": [T1], "link": ["yes"]},
        geometry=[shapely.Point(102.0, 37.001)],
        crs=CRS,
    )
    return made


@pytest.fixture(scope="module", params=["embedded", pytest.param("county_server", marks=pytest.mark.server)])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with door(request, county(), tmp_path_factory.mktemp("networks")) as found:
        analyze(found.app.state.store, AnalyzeOptions(), actor="test")
        yield found


def ok(client: TestClient, path: str):
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer


def test_reach_is_answered_to_viewers(served: Door) -> None:
    found = ok(served.client("viewer"), "/reach?kind=综治中心&limit=300").json()
    units = {(row["layer"], row["code"]): row for row in found["units"]}
    assert found["kind"] == "governance_centre"
    fields = "layer code name facility facility_name distance_m air own own_facilities"
    assert set(units["villages", V1]) == set(fields.split())
    assert units["villages", V1]["own"]
    assert not units["villages", V2]["own"]
    assert {row["facility"] for row in found["units"]} == {"f1"}
    assert found["links"]["townships"] == {
        "units": 2, "linked": 1, "exceptions": [{"code": T2, "name": "北镇", "link": "none"}]
    }  # fmt: skip
    far = {key for key, row in units.items() if row["distance_m"] > 300}
    assert {(row["layer"], row["code"]) for row in found["beyond"]} == far
    assert ("villages", V1) not in far
    assert far


def test_reach_comes_in_every_format_of_tables_and_shapes(served: Door) -> None:
    client = served.client("viewer")
    units = ok(client, "/reach?kind=综治中心").json()["units"]
    lines = ok(client, "/reach?kind=综治中心&f=geojson").json()["features"]
    assert [one["properties"]["code"] for one in lines] == [row["code"] for row in units]
    assert lines[0]["geometry"]["type"] == "LineString"
    heading, *rows = ok(client, "/reach?kind=综治中心&f=csv").text.lstrip("\ufeff").splitlines()
    assert (heading.split(",")[:3], len(rows)) == (["unit", "code", "name"], len(units))
    assert "乡镇（街道）" in ok(client, "/reach?kind=综治中心&f=csv&lang=zh").text
    for form, begin in (("xlsx", b"PK"), ("gpkg", b"SQLite")):
        assert ok(client, f"/reach?kind=综治中心&f={form}").content.startswith(begin)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/reach", 400),
        ("/reach?kind=moon", 404),
        ("/reach?kind=综治中心&limit=-1", 400),
        ("/reach?kind=综治中心&at=never", 400),
        ("/patrol", 400),
        ("/patrol?sectors=0", 400),
        ("/patrol?sectors=201", 400),
        ("/patrol?sectors=2&length=0", 400),
        ("/patrol?sectors=2&without=moon", 404),
        ("/patrol?sectors=2&run=moon", 404),
        ("/patrol?sectors=1&f=gpx&sector=7", 404),
        ("/patrol?sectors=1&f=csv", 400),
    ],
)
def test_what_cannot_be_answered_is_a_clients_error(served: Door, path: str, status: int) -> None:
    assert served.client("planner" if served.kind == "embedded" else "admin").get(path).status_code == status


def test_patrols_are_for_planners_and_rounds_are_closed(served: Door) -> None:
    assert served.client("viewer").get("/patrol?sectors=1").status_code == 403
    found = ok(served.client(), "/patrol?sectors=2&length=0.1").json()
    assert [one["sector"] for one in found["sectors"]] == [1, 2]
    assert sorted(road for one in found["sectors"] for road in one["roads"]) == ["r1", "r2"]
    for one in found["sectors"]:
        assert one["round"]["type"] == "LineString"
        assert one["round"]["coordinates"][0] == one["round"]["coordinates"][-1]
        assert one["pieces"]["type"] == "MultiLineString"
        assert one["pieces_m"] <= one["bound_m"] <= one["length_m"] + 1e-6
        assert one["parts"] == -(-one["length_m"] // 100)


def test_an_outage_makes_the_pieces_longer_and_is_asked_for_by_site_or_camera(served: Door) -> None:
    client = served.client()
    before, without, one = (
        sum(row["pieces_m"] for row in ok(client, f"/patrol?sectors=1{more}").json()["sectors"])
        for more in ("", "&without=p1", "&without=c1")
    )
    assert before < one <= without


def test_what_is_taken_as_failed_is_named_wherever_the_rounds_are_shown(served: Door) -> None:
    client = served.client()
    found = ok(client, "/patrol?sectors=1&without=p1,c1,p1").json()
    assert found["without"] == ["p1", "c1"]
    assert found["notes"][0].endswith("/ taken as failed, sites or cameras: p1, c1")
    assert ok(client, "/patrol?sectors=1").json()["without"] == []
    pages = [
        page.extract_text()
        for page in PdfReader(
            io.BytesIO(ok(client, "/patrol?sectors=1&without=p1&f=pdf&paper=A4&lang=zh").content)
        ).pages
    ]
    assert len(pages) == 2
    assert all("假设停用的点位或摄像机：p1" in page for page in pages), "the sheet of all sectors, and that of each"
    assert "taken as failed, sites or cameras: p1" in ok(client, "/patrol?sectors=1&without=p1&f=gpx").text
    assert ok(client, "/patrol?sectors=1&without=p1&f=geojson").json()["without"] == ["p1"]


def test_rounds_are_geojson_and_gpx(served: Door) -> None:
    client = served.client()
    features = ok(client, "/patrol?sectors=2&f=geojson").json()["features"]
    assert [(one["properties"]["sector"], one["properties"]["part"]) for one in features] == [
        (1, "pieces"), (1, "round"), (2, "pieces"), (2, "round")
    ]  # fmt: skip
    both = ElementTree.fromstring(ok(client, "/patrol?sectors=2&f=gpx").content)
    assert len(both.findall(f"{GPX}trk")) == 2
    answer = ok(client, "/patrol?sectors=2&f=gpx&sector=2")
    assert answer.headers["content-type"] == "application/gpx+xml"
    (track,) = ElementTree.fromstring(answer.content).findall(f"{GPX}trk")
    points = [(float(one.get("lon")), float(one.get("lat"))) for one in track.iter(f"{GPX}trkpt")]
    assert points == [tuple(at) for at in features[3]["geometry"]["coordinates"]]


def test_a_patrol_is_printed_with_a_sheet_for_each_sector(served: Door) -> None:
    answer = ok(served.client(), "/patrol?sectors=2&f=pdf&paper=A4&lang=en")
    assert answer.headers["content-type"] == "application/pdf"
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages]
    assert len(pages) == 3
    assert "Patrol sector 2 of 2" in pages[2]
    assert served.client("viewer").get("/patrol?sectors=2&f=pdf").status_code == 403
    assert served.client().get("/patrol?sectors=2&f=pdf&paper=B5").status_code == 400


def test_a_planner_of_one_township_gets_its_roads_and_may_name_its_sites_only(served: Door) -> None:
    if served.kind == "embedded":  # a workspace has no townships of callers
        return
    south, north = (served.client("planner", (code,)) for code in (T1, T2))
    for client, low, high in ((south, 37.0, 37.002), (north, 37.002, 37.004)):
        rows = ok(client, "/patrol?sectors=1").json()["sectors"]
        latitudes = [lat for row in rows for _, lat in row["round"]["coordinates"]]
        assert low - 1e-6 <= min(latitudes) <= max(latitudes) <= high + 1e-6
    assert south.get("/patrol?sectors=1&without=p1").status_code == 200
    assert north.get("/patrol?sectors=1&without=p1").status_code == 404


def test_a_patrol_is_made_once_until_the_roads_change_and_is_of_its_asker(
    served: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[int, bool]] = []

    def counted(store, sectors, run_id, **options):
        made.append((sectors, options["townships"] is None))
        return patrol_of_run(store, sectors, run_id, **options)

    monkeypatch.setattr(networks, "patrol_of_run", counted)
    first = ok(served.client("admin"), "/patrol?sectors=3").json()
    assert ok(served.client("admin"), "/patrol?sectors=3").json() == first
    assert ok(served.client("admin"), "/patrol?sectors=3&f=geojson").json()["features"]
    assert made == [(3, True)]
    ok(served.client("admin"), "/patrol?sectors=3&length=9")
    assert len(made) == 2
    store = served.app.state.store
    roads = store.read("roads")
    store.write("roads", roads.assign(name="改"), "upsert", actor="test")
    ok(served.client("admin"), "/patrol?sectors=3")
    assert len(made) == 3


@pytest.mark.usefixtures("processes")
def test_a_patrol_that_takes_too_long_is_given_up(served: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "_FEW_ROADS", 0)
    whole = ok(served.client("admin"), "/patrol?sectors=4").json()  # in a process of its own
    assert whole["sectors"]
    monkeypatch.setattr(networks, "_PATROL_SECONDS", 0.0)
    answer = served.client("admin").get("/patrol?sectors=5")
    assert answer.status_code == 400
    assert "ask for more sectors" in answer.text or "增加巡查片数" in answer.text


def test_of_many_at_once_those_beyond_the_queue_are_told_to_try_again(
    served: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Turns(0, waiting=0, seconds=0.0, busy=("稍后", "later"))
    monkeypatch.setattr(networks, "LONG_ANSWERS", full)
    for path in ("/patrol?sectors=7", "/reach?kind=综治中心"):
        answer = served.client("admin").get(path)
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "2"
