"""Hold POST /imports to show before it does, to do what it showed, and to whom it belongs; over both stores."""

from __future__ import annotations

import io
import json
import os
import pickle
import stat
import threading
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from fastapi.testclient import TestClient

from api.imports import reading_process
from api.imports.bounded_reading import load_reading
from api.imports.room import SpoolLimits
from api.imports.spool import Spool
from api.main import create_app
from api.routes import imports
from api.schemas.import_answers import ImportModel, WaitingImportsModel
from api.settings import Settings
from geo.readers.reading import ReadResult
from geo.storage.records import Caller
from geo.studies import import_writes
from geo.types import CellFinding
from tests.api.conftest import T1, T2, frames
from tests.api.server_fixtures import BASE, HEADERS, Door, door
from tests.geo.readers.workbook_files import Tab, write_xlsx

CAMERAS = {"layer": "cameras", "crs": "wgs84"}
#: c1 of the county higher, a new one in township T1, and a phone number that nobody is to see.
FILE = "编号,经度,纬度,安装高度,联系电话\nc1,102.001,37.001,9,13900000001\nn1,102.0012,37.0012,5,\n"
NORTH = "id,lon,lat\nn2,102.001,37.003\n"


class Clock:
    """Tell the time that the test says it is."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def read_here(
    path: Path, layer: str, options: Mapping[str, Any], *, outcome: Path, seconds: float, max_bytes: int
) -> ReadResult:
    """Read as the process would, in this one: starting a process takes seconds, and tests of its own watch it."""
    assert seconds > 0
    limits = {"file_bytes": max_bytes}
    found = reading_process._read({"path": str(path), "layer": layer, "options": dict(options), "limits": limits})
    outcome.write_bytes(pickle.dumps(found, protocol=5))
    return load_reading(outcome, path.name)


@pytest.fixture(scope="module", params=["embedded", pytest.param("county_server", marks=pytest.mark.server)])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with door(request, frames(), tmp_path_factory.mktemp("imports")) as found:
        yield found


@pytest.fixture
def at(opened: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Door:
    """Give a service with an empty spool and a clock of its own."""
    monkeypatch.setattr(imports, "read_bounded", read_here)
    opened.app.state.imports = Spool(tmp_path / "spool", limits(), clock=Clock())
    return opened


def limits(**changes: int) -> SpoolLimits:
    most = {"per_caller": 3, "in_all": 5, "bytes_per_caller": 10**9, "bytes_in_all": 10**9}
    return SpoolLimits(**{**most, **changes})


def send(client: TestClient, text: str | bytes = FILE, name: str = "摄像机.csv", **query: Any) -> Any:
    answer = client.post("/imports", params={**CAMERAS, **query}, files={"file": (name, text)})
    require_documented(client, answer)
    return answer


def require_documented(client: TestClient, answer: Any, path: str = "/imports", method: str = "post") -> None:
    """Hold an answer to the OpenAPI document: its status, its form, and every member of a report."""
    told = client.app.openapi()["paths"][path][method]["responses"]
    assert str(answer.status_code) in told, (answer.status_code, sorted(told))
    (media,) = told[str(answer.status_code)]["content"]
    assert answer.headers["content-type"] == media
    body = answer.json()
    if answer.status_code < 400:
        assert ImportModel.model_validate(body, strict=True).model_dump() == body
    else:
        schema = told[str(answer.status_code)]["content"][media]["schema"]
        assert set(schema["required"]) <= set(body) <= set(schema["properties"])
        if "import" in body:
            assert ImportModel.model_validate(body["import"], strict=True).model_dump() == body["import"]


def planner(at: Door, township: str = T1) -> TestClient:
    """Return a planner of a township; a workspace has no rights by township."""
    return at.client("planner", (township,) if at.kind == "county_server" else None)


def height(at: Door, key: str = "c1") -> object:
    found = at.client().get(f"/ogc/collections/cameras/items/{key}")
    return found.json()["properties"]["height"] if found.status_code == 200 else found.status_code


def put_back(at: Door) -> None:
    """Bring the cameras of the county back."""
    at.app.state.store.write("cameras", frames()["cameras"], "replace", actor="test")


def test_a_file_is_shown_first_and_imported_when_its_sender_agrees(at: Door) -> None:
    put_back(at)
    client = planner(at)
    answer = send(client)
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert (shown["state"], shown["dry_run"], shown["file"]) == ("waiting", True, "摄像机.csv")
    assert (shown["created"], shown["expires"]) == ("2027-01-15T08:00:00Z", "2027-01-15T09:00:00Z")
    assert (shown["read"], shown["imported"], shown["updated"], shown["rejected"]) == (2, 1, 1, 0)
    assert shown["changes"]["added"] == {"count": 1, "keys": ["n1"]}
    assert [one["key"] for one in shown["changes"]["updated"]["rows"]] == ["c1"]
    assert "height" in shown["changes"]["updated"]["fields"]
    assert {one["column"]: one["samples"] for one in shown["columns"]} == {
        "编号": ["c1", "n1"], "经度": ["102.001", "102.0012"], "纬度": ["37.001", "37.0012"], "安装高度": ["9", "5"],
        "联系电话": [],
    }  # fmt: skip
    assert "1390000" not in answer.text
    assert not {"store", "rejects_file"} & set(shown)
    assert (height(at), height(at, "n1")) == (4.0, 404)
    # The same again to its owner; then done; then a second time is refused.
    where = answer.headers["location"]
    assert client.get(where).json() == shown
    accept = next(one for one in shown["links"] if one["rel"] == "accept")
    done = client.post(accept["href"])
    assert done.status_code == 200, done.text
    require_documented(client, done, "/imports/{import_id}/accept")
    assert (done.json()["state"], done.json()["dry_run"]) == ("accepted", False)
    assert {name: done.json()[name] for name in ("read", "imported", "updated")} == {
        "read": 2, "imported": 1, "updated": 1,
    }  # fmt: skip
    assert (height(at), height(at, "n1")) == (9.0, 5.0)
    again = client.post(accept["href"])
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert client.get(where).json()["state"] == "accepted"
    left = [path.name for path in at.app.state.imports.folder.rglob("*") if path.is_file()]
    assert sorted(left) == [".lock", "lock", "record.json", "report.json"]


def test_history_and_audit_name_who_accepted(at: Door) -> None:
    put_back(at)
    client = planner(at)
    made = send(client).json()
    client.post(f"/imports/{made['id']}/accept")
    history = at.app.state.store.versions("cameras") if at.kind == "embedded" else None
    if history is not None:
        assert "planner of tests" in history.revision[2]
        return
    entries = [one for one in at.app.state.store.audit(limit=20) if one["run"] == made["id"]]
    assert [one["action"] for one in entries] == ["import", "preview-import"]
    assert {one["who"] for one in entries} == {"planner of tests"}
    assert entries[0]["detail"]["imported"] == 1
    assert entries[0]["request"]


def test_an_import_is_its_senders_alone(at: Door) -> None:
    owner, other = planner(at), planner(at)
    made = send(owner).json()["id"]
    for method, path in (("GET", ""), ("POST", "/accept"), ("DELETE", "")):
        answers = [one.request(method, f"/imports/{made}{path}") for one in (other, at.client())]
        none = other.request(method, f"/imports/{'0' * 32}{path}")
        assert [one.status_code for one in (*answers, none)] == [404, 404, 404], method
        assert answers[0].json()["detail"].replace(made, "") == none.json()["detail"].replace("0" * 32, "")
    for one in ("..%2f..", "x", made.upper(), f"{made}%00"):
        assert owner.get(f"/imports/{one}").status_code == 404
    assert owner.delete(f"/imports/{made}").status_code == 204
    assert owner.get(f"/imports/{made}").status_code == 404
    assert owner.post(f"/imports/{made}/accept").status_code == 404


def test_viewers_and_strangers_send_nothing(at: Door) -> None:
    for client, status in ((at.client("viewer"), 403), (TestClient(at.app, base_url=BASE, headers=HEADERS), 401)):
        for method, path in (("POST", "/imports?layer=cameras&filename=a.csv"), ("GET", "/imports/x"),
                             ("POST", "/imports/x/accept"), ("DELETE", "/imports/x")):  # fmt: skip
            assert client.request(method, path).status_code == status, (method, path)
    assert not at.app.state.imports.folder.exists()


@pytest.mark.parametrize("opened", [pytest.param("county_server", marks=pytest.mark.server)], indirect=True)
def test_a_planner_next_door_is_refused_before_and_at_acceptance(at: Door) -> None:
    put_back(at)
    ours = planner(at)
    refused = send(ours, NORTH)
    assert (refused.status_code, refused.json()["code"]) == (403, "not-allowed")
    assert not list(at.app.state.imports._records())
    # Next door the same file is welcome, and shows nothing of here.
    shown = send(planner(at, T2), NORTH, mode="replace").json()
    assert shown["changes"]["added"]["keys"] == ["n2"]
    assert not {"c1", "c2", "c3"} & set(shown["changes"]["removed"]["keys"])
    # A key of here is taken there, and nothing is told of what has it.
    taken = send(planner(at, T2), "id,lon,lat\nc1,102.001,37.003\n")
    assert (taken.status_code, taken.json()["code"]) == (409, "conflict")
    assert "102.001" not in taken.text
    assert taken.json()["errors"] == []
    # What a planner may write is asked again when it accepts.
    made = send(ours).json()["id"]
    at.app.state.store.write("divisions", _without(T1), "upsert", actor="test")
    try:
        answer = ours.post(f"/imports/{made}/accept")
        assert answer.status_code in (403, 409), answer.text
        assert height(at, "n1") == 404
    finally:
        at.app.state.store.write("divisions", frames()["divisions"], "replace", actor="test")


def _without(township: str) -> gpd.GeoDataFrame:
    """Return the townships with one moved away from the county."""
    found = frames()["divisions"]
    found = found[found["code"] == township]
    return found.set_geometry(found.geometry.translate(1, 1))


def test_what_was_changed_meanwhile_is_shown_anew_and_not_overwritten(at: Door) -> None:
    put_back(at)
    client = at.client()
    made = send(client).json()["id"]
    item = "/ogc/collections/cameras/items/c1"
    etag = client.get(item).headers["etag"]
    patch = {"If-Match": etag, "Content-Type": "application/merge-patch+json"}
    assert client.patch(item, json={"properties": {"name": "改名"}}, headers=patch).status_code == 200
    answer = client.post(f"/imports/{made}/accept")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    require_documented(client, answer, "/imports/{import_id}/accept")
    fresh = answer.json()["import"]
    assert (fresh["id"], fresh["state"]) == (made, "waiting")
    assert fresh == client.get(f"/imports/{made}").json()
    assert height(at) == 4.0
    assert client.post(f"/imports/{made}/accept").status_code == 200
    assert height(at) == 9.0


def test_a_preview_ends_after_an_hour_and_leaves_after_two(at: Door) -> None:
    spool, client = at.app.state.imports, at.client()
    made = send(client).json()["id"]
    spool.clock.now += 3599
    assert client.get(f"/imports/{made}").json()["state"] == "waiting"
    spool.clock.now += 1
    shown = client.get(f"/imports/{made}").json()
    assert (shown["state"], [one["rel"] for one in shown["links"]]) == ("expired", ["self"])
    assert client.post(f"/imports/{made}/accept").status_code == 409
    spool.sweep()
    assert sorted(path.name for path in spool.home(made).iterdir()) == ["lock", "record.json", "report.json"]
    spool.clock.now += 3600
    spool.sweep()
    assert not spool.home(made).exists()
    assert client.get(f"/imports/{made}").status_code == 404


def test_any_process_finds_it_and_one_of_many_does_it(at: Door, tmp_path: Path) -> None:
    put_back(at)
    client = at.client()
    made = send(client).json()["id"]
    other = Spool(tmp_path / "spool", limits(), clock=at.app.state.imports.clock)
    assert [one.id for one in other._records()] == [made]
    gate, found = threading.Barrier(4), []

    def accept() -> None:
        gate.wait()
        found.append(client.post(f"/imports/{made}/accept").status_code)

    threads = [threading.Thread(target=accept) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(found) == [200, 409, 409, 409]
    assert at.app.state.store.get("cameras", "c1")[0]["properties"]["height"] == 9.0


def test_two_applications_share_one_spool(at: Door, tmp_path: Path) -> None:
    """Each process of a service is such an application: both stand on one store and one folder."""
    put_back(at)
    settings = at.app.state.settings
    second = create_app(Settings(workspace=settings.workspace, database_url=settings.database_url,
                                 import_folder=tmp_path / "spool"))  # fmt: skip
    with TestClient(second, base_url=BASE, headers=HEADERS):
        second.state.imports.clock = at.app.state.imports.clock
        client = at.client()
        made = send(client).json()["id"]
        there = TestClient(second, base_url=BASE, headers=dict(client.headers))
        assert there.get(f"/imports/{made}").json()["state"] == "waiting"
        assert there.post(f"/imports/{made}/accept").status_code == 200
        assert client.post(f"/imports/{made}/accept").status_code == 409


def test_a_list_has_the_callers_own_waiting_imports_newest_first(at: Door) -> None:
    put_back(at)
    one, two, spool = planner(at), planner(at), at.app.state.imports
    assert one.get("/imports").json() == {"imports": [], "waiting": 0, "links": one.get("/imports").json()["links"]}
    made = []
    for name, mode in (("甲.csv", "upsert"), ("乙.csv", "replace"), ("丙.csv", "upsert")):
        made.append(send(one, name=name, mode=mode).json())
        spool.clock.now += 60
    send(two, name="别人.csv")
    listed = one.get("/imports").json()
    assert [named["file"] for named in listed["imports"]] == ["丙.csv", "乙.csv", "甲.csv"]
    heads = ("id", "state", "created", "expires", "file", "layer", "mode", "links")
    assert listed["imports"] == [{name: shown[name] for name in heads} for shown in reversed(made)]
    assert WaitingImportsModel.model_validate(listed, strict=True).model_dump() == listed
    assert (listed["imports"][0]["expires"], listed["imports"][0]["layer"]) == ("2027-01-15T09:02:00Z", "cameras")
    first = one.get("/imports", params={"limit": 1}).json()
    assert (first["imports"], first["waiting"]) == (listed["imports"][:1], 3)
    assert [one.get("/imports", params={"limit": n}).status_code for n in (0, 1001, "x")] == [400] * 3
    # An admin is not told of those of others either, and what was done, dropped or has expired waits no more.
    assert at.client().get("/imports").json()["waiting"] == 0
    assert [named["file"] for named in two.get("/imports").json()["imports"]] == ["别人.csv"]
    assert one.post(f"/imports/{made[2]['id']}/accept").status_code == 200
    assert one.delete(f"/imports/{made[1]['id']}").status_code == 204
    assert [named["file"] for named in one.get("/imports").json()["imports"]] == ["甲.csv"]
    spool.clock.now += 3600 - 180
    assert one.get("/imports").json()["imports"] == []


def test_a_caller_has_so_many_waiting_and_no_more(at: Door) -> None:
    one, two, spool = at.client(), at.client(), at.app.state.imports
    made = []
    for _ in range(3):
        made.append(send(one).json()["id"])
        spool.clock.now += 100
    # The limit is looked at before the file is read: what is told is how to free a place, and when one will be.
    refused = send(one, "spoiled \x00 file", name="坏.xlsx")
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
    assert refused.headers["retry-after"] == "3300"
    assert "DELETE /imports/{id}" in refused.json()["detail"]
    assert "not read" in refused.json()["detail"]
    assert {row["row"] for row in refused.json()["errors"]} == set(made)
    assert refused.json()["errors"][0]["reason"] == "摄像机.csv waits to be accepted"
    # While one is still arriving, which may be spoiled, a place may be free soon.
    assert one.delete(f"/imports/{made.pop()}").status_code == 204
    me = Caller("of the test", "admin", key=spool._records()[0].owner)
    arriving = spool.reserve(me, "大.csv", layer="cameras", mode="upsert", options={}, size=1)
    refused = send(one)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "20")
    assert {row["reason"] for row in refused.json()["errors"]} >= {"大.csv is arriving or being read"}
    arriving.close()
    made.append(send(one).json()["id"])
    assert [send(two).status_code for _ in range(3)] == [201, 201, 429]  # five in all
    full = send(two)
    assert full.headers["retry-after"] == "60"
    assert not set(made) & {row["row"] for row in full.json()["errors"]}
    assert one.delete(f"/imports/{made[0]}").status_code == 204
    assert send(one).status_code == 201
    spool.limits = limits(per_caller=9, in_all=9, bytes_per_caller=1000)
    refused = send(two)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3600")
    assert len(refused.json()["errors"]) == 2
    spool.clock.now += 3600  # what has expired takes no room
    spool.limits = limits()
    assert send(one).status_code == 201


def test_what_was_read_takes_room_too_and_is_not_larger_than_all_of_it(at: Door) -> None:
    """A small file may unpack to much: one that is read to more than a caller's room would keep all others out."""
    put_back(at)
    client, spool = at.client(), at.app.state.imports
    first = send(client).json()["id"]
    (size,) = [one.size for one in spool._records()]
    assert client.delete(f"/imports/{first}").status_code == 204
    spool.limits = limits(bytes_per_caller=size - 1)
    refused = send(client)
    assert (refused.status_code, refused.json()["code"]) == (413, "body-too-large")
    assert not spool._records()
    spool.limits = limits(bytes_per_caller=2 * size - 1)
    assert [send(client).status_code, send(client).status_code] == [201, 429]
    assert len(spool._records()) == 1


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/passwd.csv", "passwd.csv"),
        ("C:\\Users\\li\\桌面\\摄像机.csv", "摄像机.csv"),
        ("a\u202evsc.exe.csv", "avsc.exe.csv"),
        ("a<b>|?*.csv", "a_b____.csv"),
        ("con.csv", "_con.csv"),
        ("NUL .x.csv", "_NUL .x.csv"),
        ("Com¹.csv", "_Com¹.csv"),
        (".hidden.csv", "hidden.csv"),
        ("长" * 200 + ".csv", "长" * 48 + ".csv"),
    ],
)
def test_a_hostile_name_names_a_file_in_its_own_folder(at: Door, name: str, kept: str) -> None:
    client = at.client()
    answer = client.post("/imports", params={**CAMERAS, "filename": name}, content=FILE.encode())
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["file"] == kept
    folder = at.app.state.imports.folder
    assert (folder / made["id"] / "file" / kept).is_file()
    if os.name != "nt":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["", ".", "..", "a", "a.", "/", "a.csv/", "\x00", ".csv"])
def test_a_name_without_a_suffix_is_refused(at: Door, name: str) -> None:
    answer = at.client().post("/imports", params={**CAMERAS, "filename": name}, content=FILE.encode())
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"layer": "moons"}, 400), ({"mode": "merge"}, 400), ({"map": "height"}, 400), ({"colour": "red"}, 400),
        ({"crs": ""}, 422), ({"crs": "moon"}, 422), ({"map": "height=没有"}, 422), ({"profile": "x"}, 422),
        ({"encoding": "klingon"}, 422),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_one_sentence_and_leaves_nothing(
    at: Door, params: dict[str, str], status: int
) -> None:
    given = {**CAMERAS, "filename": "a.csv", **params}
    for lang in ("zh", "en"):
        answer = at.client().post(
            "/imports", params={k: v for k, v in given.items() if v}, content=FILE.encode(),
            headers={"Accept-Language": lang},
        )  # fmt: skip
        assert answer.status_code == status, answer.text
        assert answer.json()["detail"].isascii() == (lang == "en") or "没有" in str(params)
    assert not at.app.state.imports._records()


def test_texts_that_no_file_should_have_are_shown_and_refused_by_no_500(at: Door) -> None:
    rows = (
        "a\x00b,102.001,37.001,=1+1",
        "\u202ee1,102.001,37.001,\uffff",
        "e2,x\ud800,37.001,y",
        "e3,,," + "z" * 20_000,
    )
    text = "id,lon,lat,备注\x01\n" + "\n".join(rows) + "\n"
    answer = send(at.client(), text.encode("utf-8", "surrogatepass"), encoding="utf-8")
    assert answer.status_code in (201, 422), answer.text
    answer = send(at.client(), text.encode("utf-8", "replace"), encoding="utf-8")
    assert answer.status_code == 201, answer.text
    assert answer.json()["rejected"] >= 2
    assert len(answer.content) < 20_000
    geojson = b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":'
    geojson += b'[102.001,37.001]},"properties":{"id":"s\\ud800","name":"\\udfff"}}]}'
    answer = send(at.client(), geojson, name="a.geojson")
    assert answer.status_code in (201, 422), answer.text


def test_the_stored_county_tells_the_order_of_a_pair_as_it_does_at_the_desk(at: Door, tmp_path: Path) -> None:
    """Where both could be degrees of both axes nothing in the file tells which comes first."""
    put_back(at)
    pairs = 'id,location\np1,"37.001,102.0011"\n'
    assert send(planner(at), pairs).json()["changes"]["added"]["keys"] == ["p1"]
    far = 'id,location\np1,"37.001,60.001"\np2,"37.001,60.0012"\n'
    refused = send(at.client(), far)
    assert (refused.status_code, refused.json()["code"]) == (422, "unreadable-file")
    store = at.app.state.store
    moved = frames()["divisions"]
    store.write("divisions", moved.set_geometry(moved.geometry.translate(60 - 102, 0)), "replace", actor="test")
    try:
        made = send(at.client(), far)
        assert made.status_code == 201, made.text
    finally:
        store.write("divisions", frames()["divisions"], "replace", actor="test")


def test_each_contractor_has_a_crs_of_its_own(at: Door) -> None:
    put_back(at)
    rows = "id,lon,lat,承建单位\na1,102.001,37.001,甲\na2,102.001,37.001,乙\n"
    shown = send(at.client(), rows, crs="甲=gcj02;wgs84").json()
    assert shown["crs"] == "gcj02 + EPSG:4326"
    refused = send(at.client(), rows, crs="丙=gcj02;wgs84")
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown-name")


def test_rows_that_what_is_stored_makes_impossible_are_named(at: Door) -> None:
    put_back(at)
    client = planner(at)
    first = send(client, "id,lon,lat,other_ids\nq1,102.001,37.001,zz\n").json()
    assert client.post(f"/imports/{first['id']}/accept").status_code == 200
    shown = send(client, "id,lon,lat\nq1,102.001,37.001\nzz,102.001,37.0012\n").json()
    assert (shown["read"], shown["rejected"]) == (2, 1)
    assert [(one["row"], one["field"]) for one in shown["rejects"]] == [("2", "id")]


def test_columns_are_named_by_hand_as_often_as_needed(at: Door) -> None:
    text = "甲,乙,经度,纬度\nx1,7,102.001,37.001\n"
    answer = send(at.client(), text, map=["id=甲", "height=乙"])
    assert answer.status_code == 201, answer.text
    assert {"id": "甲", "height": "乙"}.items() <= answer.json()["mapping"].items()
    again = send(at.client(), text, map=["id=甲", "id=甲"])
    assert again.status_code == 201, again.text
    both = send(at.client(), text, map=["id=甲", "id=乙"])
    assert (both.status_code, both.json()["code"]) == (400, "bad-query")
    assert "甲, 乙" in both.json()["detail"]
    twice = at.client().post("/imports?layer=cameras&layer=grids&filename=a.csv", content=b"x")
    assert twice.status_code == 400


def test_sheets_and_the_row_of_the_heading_are_named_as_at_the_command_line(at: Door, tmp_path: Path) -> None:
    head, one, two = ["编号", "经度", "纬度"], ["x1", 102.001, 37.001], ["x2", 102.0012, 37.001]
    tabs = [
        Tab("甲", [head, one]),
        Tab("乙 ", [head, two]),
        Tab("丙", [["一"], ["二"], ["k", "a", "b"], ["x3", 102, 37]]),
    ]
    body = write_xlsx(tmp_path / "f.xlsx", *tabs).read_bytes()

    def shown(**query: Any) -> Any:
        return send(at.client(), body, name="f.xlsx", **query)

    assert [shown(**query).json()["read"] for query in ({}, {"sheet": "甲"}, {"sheet": ["甲", "乙"]})] == [2, 1, 2]
    at.app.state.imports = Spool(tmp_path / "second", limits(), clock=Clock())
    found = shown(sheet="丙", header_row=3, map=["id=k", "lon=a", "lat=b"]).json()
    assert (found["read"], found["mapping"]["id"]) == (1, "k")
    for query, status in (
        ({"sheet": "丁"}, 422), ({"sheet": ""}, 400), ({"sheet": "a" * 201}, 400), ({"sheet": ["甲"] * 201}, 400),
        ({"header_row": 0}, 400), ({"header_row": "x"}, 400), ({"header_row": 9}, 422),
    ):  # fmt: skip
        answer = shown(**query)
        assert (query, answer.status_code) == (query, status), answer.text


def test_the_county_tells_the_order_of_pairs_in_one_cell(at: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """60.2,24.9 may be Helsinki with its latitude first, or a place in Iran with its longitude first."""
    text = '编号,坐标\nx1,"60.2,24.9"\n'
    assert send(at.client(), text).status_code == 422
    monkeypatch.setattr(imports, "expected_box", lambda _store: (24.5, 60.0, 25.5, 60.5))
    shown = send(at.client(), text)
    assert (shown.status_code, shown.json()["read"], shown.json()["rejected"]) == (201, 1, 0)


def test_a_shapefile_comes_as_a_zip(at: Door, tmp_path: Path) -> None:
    frames()["grids"].drop(columns=["parent"]).to_file(tmp_path / "网格.shp", encoding="GBK")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in tmp_path.glob("网格.*"):
            archive.write(path, path.name)
    answer = at.client().post(
        "/imports", params={"layer": "grids"}, files={"file": ("网格.zip", packed.getvalue())}
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    assert answer.json()["read"] == 6


def test_bodies_that_are_no_file(at: Door) -> None:
    client, form = at.client(), {"Content-Type": "multipart/form-data; boundary=x"}
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    query = "/imports?layer=cameras&crs=wgs84"
    for body in (
        b"", b"--x--\r\n", b"--x\r\n\r\nid\r\n--x--", head, head + b"\r\n--x--\r\n", head + FILE.encode(),
        b"y" * 20_000, b"--x\r\n" + b"A: b\r\n" * 3000,
        head + FILE.encode() + b"\r\n" + head + FILE.encode() + b"\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="layer"\r\n\r\ngrids\r\n--x--\r\n',
    ):  # fmt: skip
        answer = client.post(query, content=body, headers=form)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad-body"), body[:80]
    assert client.post(query, content=b"x", headers={"Content-Type": "multipart/form-data"}).status_code == 400
    assert client.post(query, content=b"x").status_code == 400  # no name
    assert client.post(f"{query}&filename=a.csv", content=b"").status_code == 400
    assert not at.app.state.imports._records()


def test_a_file_that_is_too_large_is_refused_while_it_arrives(at: Door, tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path / "w.gpkg", max_import_bytes=2_000_000, import_folder=tmp_path / "own")
    chunk = b"c1,102.001,37.001\n" * 4096
    with TestClient(create_app(settings), base_url=BASE, headers=HEADERS) as client:
        query = "/imports?layer=cameras&crs=wgs84&filename=a.csv"
        declared = client.post(query, content=chunk * 40)
        streamed = client.post(query, content=(chunk for _ in range(40)))
        assert [one.status_code for one in (declared, streamed)] == [413, 413]
        assert client.post("/runs", content=b" " * 20_000_001).status_code == 413  # other routes keep theirs
        assert client.app.state.imports._records() == []


def test_an_answer_names_parameters_not_options_of_the_command_line(at: Door) -> None:
    query = {"layer": "cameras"}
    answers = [
        at.client().post("/imports", params=query | more, files={"file": ("f.csv", text)})
        for text, more in (("编号,经度,纬度\na,102.1,37.1\n", {}), ("编号,横,竖\na,102.1,37.1\n", {"crs": "wgs84"}))
    ]
    told = [answer.json()["detail"] for answer in answers]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert "crs=" in told[0]
    assert "map=lon=" in told[1]
    assert "--" not in "".join(told)


def test_the_document_names_no_error_of_the_framework(at: Door) -> None:
    paths = at.app.openapi()["paths"]
    for path in ("/imports", "/imports/{import_id}", "/imports/{import_id}/accept"):
        for method, operation in paths[path].items():
            assert "HTTPValidationError" not in json.dumps(operation), (method, path)
            assert {"400", "401", "403", "429", "default"} <= set(operation["responses"]), (method, path)


#: A register with all that a report tells of: columns of every kind, cells lost and guessed, rows that are none.
MESSY = (
    "编号,经度,纬度,安装高度,状态,方位角,联系电话,IP地址,备注,所属网格\n"
    "c1,102.001,37.001,9,正常（在线）,朝正南,13900000001,10.0.0.1,甲,一格\n"
    "c2,102.001,37.001,3-5米,不知道啥,东西,,,乙,\n"
    "c2,102.001,37.001,4,在线,90,,,重复,\n"
    "x1,0,0,4,在线,90,,,零,\n"
    "x2,102.0012,37.0012,-7,不知道啥,斜着,,,丙,没有的格\n"
    "x3,102.0013,摄像机,4,在线,45,,,丁,\n"
    "x4,102.0014,37.0014,4,待修,45,,,戊,\n"
    "合计,7,,,,,,,,\n"
)


@pytest.mark.parametrize("mode", ["upsert", "replace"])
@pytest.mark.parametrize("layer", ["cameras", "addresses", "grids"])
def test_the_report_is_that_of_the_command_line_word_for_word(
    at: Door, run: Any, quiet: None, tmp_path: Path, layer: str, mode: str
) -> None:
    put_back(at)
    text = MESSY
    if layer == "addresses":
        text = "编号,地址,经度,纬度\na1,南镇南村东街1号,102.0005,37.0011\na9,,102.003,37.001\na8,北镇三组,1,\n"
    name = "清单.csv"
    if layer == "grids":
        name, text = "清单.geojson", frames()["grids"].assign(备注="x", 电话="1390").to_json(to_wgs84=True)
    (tmp_path / name).write_text(text, encoding="utf-8")
    settings = at.app.state.settings
    where = ("--workspace", settings.workspace) if at.kind == "embedded" else ("--database", settings.database_url)
    words = ("import", tmp_path / name, "--layer", layer, "--crs", "wgs84", "--mode", mode, "--dry-run", "--json")
    out, _ = run(*words, *where, code=0 if layer == "grids" else 1)
    there = json.loads(out)
    answer = send(at.client(), text, name=name, layer=layer, mode=mode)
    assert answer.status_code == 201, answer.text
    here = answer.json()
    own = {"id", "state", "created", "expires", "file", "mode", "links", "findings_in_all", "not_listed"}
    machine = {"store", "rejects_file", "findings_file", "seconds"}
    assert set(here) - set(there) == own
    assert set(there) - set(here) == machine
    assert not any(one.pop("is_value_told") for one in here["findings"])  # for a page alone
    assert {name: here[name] for name in set(here) - own} == {name: there[name] for name in set(there) - machine}
    assert (here["findings_in_all"], here["not_listed"]) == (len(there["findings"]), {})
    if layer == "cameras":
        assert here["rejected"] == 3
        assert here["unread"]["不知道啥"] == 2
        assert here["dropped_columns"] == ["联系电话", "IP地址"]


def test_what_a_report_leaves_out_is_counted(at: Door) -> None:
    put_back(at)
    wide = ",".join(f"列{n}" for n in range(150))
    rows = [f"k{n},102.001,37.001,坏{n}," + "," * 149 for n in range(150)] + [f"z{n},0,0,," for n in range(130)]
    shown = send(at.client(), f"id,lon,lat,安装高度,{wide}\n" + "\n".join(rows) + "\n").json()
    assert (len(shown["unused_columns"]), len(shown["columns"])) == (150, 154)  # every column is told
    assert (len(shown["findings"]), len(shown["rejects"])) == (100, 100)
    assert not any(one["is_value_told"] for one in shown["findings"])  # they are cells of the file
    assert shown["not_listed"] == {"findings": shown["findings_in_all"] - 100, "rejects": 30}
    assert shown["findings_in_all"] >= 150


def test_the_datum_of_the_rows_is_looked_at_once(at: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads roads and buildings all over the county: what a preview found is what acceptance tells again."""
    put_back(at)
    looked: list[str] = []

    def look(_store: object, _reading: object, layer: str, _mode: str) -> list[CellFinding]:
        looked.append(layer)
        return [CellFinding("geometry", "错开 / shifted", "承建单位=\udc80甲; 500 m; --crs 甲=gcj02", ("1", "2"), 2)]

    monkeypatch.setattr(import_writes, "shift_findings", look)
    client = at.client()
    made = send(client).json()
    assert [(one["rows"], one["value"], one["is_value_told"]) for one in made["findings"]] == [
        (["1", "2"], "承建单位=?甲; 500 m; crs=甲=gcj02", True)
    ]  # fmt: skip
    done = client.post(f"/imports/{made['id']}/accept").json()
    assert (done["state"], done["findings"], looked) == ("accepted", made["findings"], ["cameras"])
    # A plan that no longer holds is made anew, and looks again.
    put_back(at)
    made = send(client).json()
    at.app.state.store.write("cameras", frames()["cameras"].assign(height=7.0), "upsert", actor="test")
    assert client.post(f"/imports/{made['id']}/accept").status_code == 409
    assert looked == ["cameras"] * 3


def test_the_map_and_the_rejected_rows_of_a_preview_are_its_owners(at: Door) -> None:
    """c1 moves, n1 comes, one row lies outside the earth and one is a second row of n1, where n1 is."""
    put_back(at)
    client = planner(at)
    text = "id,lon,lat\nc1,102.0012,37.0011\nn1,102.0012,37.0012\nn9,102.0012,99\nn1,102.0013,37.0013\n"
    shown = send(client, text).json()
    where = {one["rel"]: one["href"] for one in shown["links"]}
    answer = client.get(where["changes"])
    assert answer.headers["content-type"] == "application/geo+json"
    found = {
        (one["properties"]["change"], one["properties"]["key"]): one["geometry"]["coordinates"]
        for one in answer.json()["features"]
    }
    assert found == {
        ("added", "n1"): [102.0012, 37.0012],
        ("was", "c1"): [102.001, 37.001],
        ("updated", "c1"): [102.0012, 37.0011],
        ("rejected", "4"): [102.0013, 37.0013],
    }
    assert answer.json()["drawn"] == {"added": 1, "was": 1, "updated": 1, "rejected": 1}
    listed = client.get(where["rejects"])
    assert listed.headers["content-type"] == "text/csv; charset=utf-8"
    lines = listed.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "source,row,field,reason,value"
    assert [line.split(",")[1] for line in lines[1:]] == ["3", "4"]
    for path in (where["changes"], where["rejects"]):
        assert at.client("admin").get(path).status_code == 404, "somebody else's"
    # Once it is done the rejected rows can still be fetched; the map is over.
    assert client.post(where["accept"]).status_code == 200
    assert client.get(where["rejects"]).content == listed.content
    assert client.get(where["changes"]).status_code == 404
    put_back(at)


def test_a_list_of_rejects_is_sent_part_by_part_however_long_it_is(at: Door, tmp_path: Path) -> None:
    put_back(at)
    client = at.client("admin")
    shown = send(client, "id,lon,lat\nc1,102.001,37.001\nx,102,99\n").json()
    held = at.app.state.imports.home(shown["id"]) / "rejects.csv"
    held.write_bytes(b"source,row,field,reason,value\r\n" + 300_000 * b"a,1,b,c,d\r\n")
    with client.stream("GET", f"/imports/{shown['id']}/rejects") as answer:
        parts = list(answer.iter_raw())
    assert int(answer.headers["content-length"]) == held.stat().st_size == sum(map(len, parts))
    assert b"".join(parts) == held.read_bytes()
    assert client.delete(f"/imports/{shown['id']}").status_code == 204


def test_a_file_sent_again_takes_the_place_of_its_preview_only_once_it_waits(at: Door, tmp_path: Path) -> None:
    put_back(at)
    at.app.state.imports = Spool(tmp_path / "one", limits(per_caller=1), clock=Clock())
    client, other = planner(at), at.client("admin")
    first = send(client).json()["id"]
    theirs = send(other).json()["id"]
    assert send(client).status_code == 429, "there is room for one"
    # What is spoiled takes no place: the first still waits.
    assert send(client, "nothing\n", replaces=first).status_code == 422
    assert client.get(f"/imports/{first}").json()["state"] == "waiting"
    again = send(client, replaces=first)
    assert again.status_code == 201
    assert client.get(f"/imports/{first}").status_code == 404
    assert [one["id"] for one in client.get("/imports").json()["imports"]] == [again.json()["id"]]
    # Nobody takes the place of what is somebody else's, and of what is not there nothing goes.
    assert send(client, replaces=theirs).status_code == 429
    assert other.get(f"/imports/{theirs}").json()["state"] == "waiting"
    assert client.delete(f"/imports/{again.json()['id']}").status_code == 204
    assert send(client, replaces=first).status_code == 201


def test_rows_that_go_are_on_the_map_of_a_preview(at: Door) -> None:
    put_back(at)
    client = at.client("admin")
    shown = send(client, "id,lon,lat\nc1,102.001,37.001\n", mode="replace").json()
    found = client.get(f"/imports/{shown['id']}/changes").json()
    gone = {one["properties"]["key"] for one in found["features"] if one["properties"]["change"] == "removed"}
    assert gone == {"c2", "c3", "c4"}
    assert client.delete(f"/imports/{shown['id']}").status_code == 204
    assert client.get(f"/imports/{shown['id']}/changes").status_code == 404
