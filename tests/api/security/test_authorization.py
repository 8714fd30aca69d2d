"""Hold the table of roles: every route declares what it needs, and each role gets that and no more, in both stores."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient

from api.cli import main
from api.commands.serve import is_loopback, require_keys
from api.dependencies import StoreDep, audit_export, in_snapshot, in_transaction
from api.main import create_app
from api.roles import allows
from api.security import enforce, requires
from api.security.api_keys import ApiKey, ApiKeys
from api.security.assembly import keys_of
from api.security.authorization import declared_roles, reads, scope_key
from api.security.file_keys import FileKeyStore
from api.settings import Settings
from geo.errors import BadValue, NotAllowed
from geo.storage.geopackage.store import open_store
from geo.storage.postgis.store import PostgisStore, open_database
from geo.storage.records import AuditEntry, Caller
from tests.api.conftest import G1, T1, T2
from tests.postgres import service_url

BASE = "http://127.0.0.1:8000"
ROLES = ("public", "viewer", "planner", "admin")


def test_every_route_declares_what_it_needs(drawn: Path) -> None:
    bare = []
    for one in iter_route_contexts(create_app(Settings(workspace=drawn)).routes):
        route = one.original_route
        if isinstance(route, APIRoute):
            declared = list(declared_roles(route))
        else:  # a tile route is plain ASGI and says so itself; what is left has no data
            declared = (
                [getattr(route.app, "required_role", None)]
                if one.path not in ("/static", "/openapi.json")
                else ["public"]
            )
        if not declared or not set(declared) <= set(ROLES):
            bare.append((one.methods, one.path))
    assert bare == []


def test_a_route_that_declares_nothing_is_the_admins() -> None:
    app, router = FastAPI(), APIRouter()
    router.add_api_route("/bare", lambda: "x")
    router.add_api_route("/open", lambda: "x", dependencies=[requires("public")])
    router.add_api_route("/both", lambda: "x", dependencies=[requires("public"), requires("planner")])
    app.include_router(router, dependencies=[Depends(enforce)])
    answered = {}
    for role in ROLES:

        async def within(scope, receive, send, role=role):
            scope["state"] = {"caller": Caller("x", role)}
            await app(scope, receive, send)

        client = TestClient(within, raise_server_exceptions=False)
        answered[role] = [client.get(path).status_code == 200 for path in ("/bare", "/open", "/both")]
    assert answered == {
        "public": [False, True, False], "viewer": [False, True, False], "planner": [False, True, True],
        "admin": [True, True, True],
    }  # fmt: skip
    for wrong in ("root", "worker"):
        with pytest.raises(ValueError, match=wrong):
            requires(wrong)


def test_roles_stand_in_line() -> None:
    for k, role in enumerate(ROLES):
        assert [allows(Caller("x", role), other) for other in ROLES] == [place <= k for place in range(4)]
    assert [reads(layer) for layer in ("grids", "cameras", "demand", "protected")] == ["viewer", *["planner"] * 3]
    keys = [
        scope_key(Caller("x", "planner", ("2", "1"))), scope_key(Caller("y", "planner", ("1", "2"))),
        scope_key(Caller("x", "planner", ())), scope_key(Caller("x", "planner", None)),
        scope_key(Caller("x", "viewer", ())), scope_key(Caller("x", "admin", None)),
    ]  # fmt: skip
    assert keys[0] == keys[1]
    assert len(set(keys)) == 5


#: Path -> the least role that is answered.
TABLE = {
    "/": "public", "/health": "public", "/problems": "public", "/docs": "public", "/openapi.json": "public",
    "/login": "public", "/static/app/source.js": "public", "/ogc": "public", "/ogc/": "public",
    "/ogc/conformance": "public", "/ogc/api": "public", "/runs": "public", "/runs/latest": "public",
    "/runs/latest/zones/grids": "public", "/runs/latest/zones/all?f=csv": "public",
    "/runs/latest/rates": "viewer", "/runs/latest/rates?f=csv": "viewer",
    "/locate?address=a": "viewer", "/suggest?q=a": "viewer",
    "/ogc/collections": "viewer", "/ogc/collections/grids/items": "viewer",
    "/ogc/collections/grids": "viewer", "/ogc/collections/addresses/items": "viewer",
    f"/ogc/collections/grids/items/{G1}": "viewer", "/ogc/collections/grids/queryables": "viewer",
    "/ogc/tiles": "viewer", "/ogc/collections/grids/tiles/WebMercatorQuad/0/0/0": "viewer",
    "/ogc/collections/cameras": "planner", "/ogc/collections/cameras/items": "planner",
    "/ogc/collections/cameras/items/c1": "planner", "/ogc/collections/cameras/queryables": "planner",
    "/ogc/collections/demand/items": "planner", "/ogc/collections/protected/items": "planner",
    "/ogc/collections/cameras/tiles/WebMercatorQuad/0/0/0": "planner",
    "/runs/latest/gaps": "planner", "/runs/latest/views": "planner", "/runs/latest/possible": "planner",
    "/runs/latest/coverage": "planner", "/runs/latest/outage?sites=p1": "planner",
    "/runs/latest/unknowns": "planner", "/runs/latest/unknowns?f=csv": "planner",
    "/runs/latest/tiles/views/WebMercatorQuad/0/0/0": "planner", "/ogc/jobs": "planner", "/metrics": "admin",
}  # fmt: skip


@pytest.fixture(scope="module")
def embedded(
    drawn: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TestClient, dict[str, dict[str, str]]]]:
    """Give a workspace served in embedded mode, with a key for each role."""
    import shutil

    path = tmp_path_factory.mktemp("embedded") / "workspace.gpkg"
    shutil.copyfile(drawn, path)
    keys = ApiKeys(FileKeyStore.for_workspace(path))
    headers = {role: {"X-API-Key": keys.create(role, role, by="t")[0]} for role in ROLES[1:]}
    with TestClient(create_app(Settings(workspace=path)), base_url=BASE, headers={"Accept-Language": "en"}) as client:
        yield client, {"public": {}, **headers}


@pytest.mark.parametrize("path", TABLE)
def test_each_role_gets_its_own_and_no_more(embedded: tuple[TestClient, dict], path: str) -> None:
    client, headers = embedded
    answered = [client.get(path, headers=headers[role]).status_code for role in ROLES]
    least = ROLES.index(TABLE[path])
    refused = [401, *[403] * 3][:least]
    assert answered[:least] == refused
    assert all(status in (200, 204) for status in answered[least:]), answered


def test_a_role_may_write_no_less_than_planner(embedded: tuple[TestClient, dict]) -> None:
    client, headers = embedded
    box = {"type": "Polygon", "coordinates": [[[102, 37], [102.001, 37], [102.001, 37.001], [102, 37]]]}
    body = json.dumps({"type": "Feature", "geometry": box, "properties": {"id": "neu"}})
    media = {"Content-Type": "application/geo+json"}
    asked = [("POST", "/ogc/collections/obstacles/items"), ("PUT", "/ogc/collections/obstacles/items/b1")]
    for method, path in asked:
        answered = [
            client.request(method, path, content=body, headers={**headers[role], **media}).status_code for role in ROLES
        ]
        assert answered[:2] == [401, 403]
        assert answered[2] in (201, 428)
    assert [client.delete("/runs/none", headers=headers[role]).status_code for role in ROLES] == [401, 403, 403, 404]


def test_without_a_key_figures_have_no_camera_fields(embedded: tuple[TestClient, dict]) -> None:
    client, headers = embedded
    for path in ("/runs", "/runs/latest", "/runs/latest/zones/grids", "/runs/latest/zones/townships?f=geojson"):
        public, viewer = (client.get(path, headers=headers[role]).text for role in ("public", "viewer"))
        for word in ('"cameras"', '"offline"', '"seeing"'):
            assert (word in public, word in viewer) == (False, True), (path, word)
    for word in ("assumptions", "sites", "vfov"):
        assert word not in client.get("/runs/latest").text


def test_a_viewers_sheet_shows_no_camera_and_says_so(embedded: tuple[TestClient, dict]) -> None:
    import io

    from pypdf import PdfReader

    client, headers = embedded
    said = {}
    for role, kind in (("viewer", "sheet"), ("planner", "sheet"), ("viewer", "atlas")):
        answer = client.get(f"/prints/{kind}.pdf?paper=A3&lang=en", headers=headers[role])
        assert answer.status_code == 200, answer.text
        said[role] = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    assert "do not include cameras" in " ".join(said["viewer"].split())
    assert "do not include cameras" not in " ".join(said["planner"].split())


def test_the_page_asks_for_what_its_reader_is_answered(embedded: tuple[TestClient, dict]) -> None:
    client, headers = embedded
    pages = {role: client.get("/", headers=headers[role]).text for role in ROLES}
    for role, text in pages.items():
        assert f'"role":"{role}"' in text.replace(" ", "")
        assert 'href="/login"' in text
        assert ('id="press"' in text) == (role != "public")
    assert "Sign in" in pages["public"]
    assert ">planner</a>" in pages["planner"]


# One request, one transaction.


class Noting:
    """Note what is called, and refuse to record within a snapshot, as the server's store does."""

    def __init__(self) -> None:
        self.did: list[str] = []

    @contextmanager
    def _within(self, name: str) -> Iterator[None]:
        self.did.append(f"+{name}")
        try:
            yield
        finally:
            self.did.append(f"-{name}")

    def snapshot(self):
        return self._within("snapshot")

    def transaction(self):
        return self._within("transaction")

    def record(self, deed: AuditEntry) -> None:
        if "+snapshot" in self.did and "-snapshot" not in self.did:
            raise BadValue("快照", "snapshot")
        self.did.append(f"{deed.action} {deed.layer}")


def test_a_route_reads_one_state_and_notes_what_leaves() -> None:
    @in_snapshot
    def reading(form: str, layer: str, store: StoreDep) -> str:
        audit_export(store, form, layer=layer, rows=3)
        return "answer"

    @in_transaction
    def writing(store: StoreDep) -> str:
        store.record(AuditEntry("create", "grids"))
        return "done"

    store = Noting()
    for form in ("csv", "json", "geojson", "gpkg"):
        store.did.clear()
        assert reading(form, "cameras", store=store) == "answer"
        assert store.did == ["+snapshot", "-snapshot", "export cameras"], "whatever the format"
        store.did.clear()
        assert reading(form, "grids", store=store) == "answer"
        assert store.did == ["+snapshot", "-snapshot"], "no secret of anybody's"
    store.did.clear()
    assert writing(store=store) == "done"
    assert store.did == ["+transaction", "create grids", "-transaction"]


def test_what_fails_leaves_nothing_noted() -> None:
    @in_snapshot
    def failing(store: StoreDep) -> None:
        audit_export(store, "csv", layer="cameras")
        raise BadValue("甲", "a")

    store = Noting()
    with pytest.raises(BadValue):
        failing(store=store)
    audit_export(store, "csv", layer="gaps")  # a later one stands for itself
    assert store.did == ["+snapshot", "-snapshot", "export gaps"]


# The command line and the server's keys.


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("GRIDSIGHT_LANG", "en")
    monkeypatch.delenv("GRIDSIGHT_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)

    def call(*words: object, code: int = 0) -> dict:
        capfd.readouterr()
        got = main([*map(str, words), "--json"])
        out, err = capfd.readouterr()
        assert got == code, out + err
        assert "Traceback" not in out + err
        return json.loads(out)

    return call


def test_keys_from_the_command_line_at_a_embedded(run, workspace: Path) -> None:
    made = run("keys", "create", "--name", "qgis", "--role", "viewer", "--days", "1", "--workspace", workspace)
    secret = made["key"]
    assert (made["role"], made["state"], made["townships"]) == ("viewer", "valid", None)
    listed = run("keys", "list", "--workspace", workspace)["keys"]
    assert [one["id"] for one in listed] == [made["id"]]
    assert secret[16:] not in json.dumps(listed)
    assert "hash" not in listed[0]
    keys = keys_of(open_store(workspace, create=False))
    assert keys.verify(secret).name == "qgis"
    assert run("keys", "revoke", made["id"], "--workspace", workspace)["state"] == "revoked"
    with pytest.raises(Exception, match="revoked"):
        keys.verify(secret)
    assert run("keys", "revoke", "nothing", "--workspace", workspace, code=2)["error"]["code"] == "not-found"
    wrong = ("--role", "planner", "--townships", T1)
    assert (
        run("keys", "create", "--name", "a", *wrong, "--workspace", workspace, code=2)["error"]["code"] == "bad-value"
    )
    assert run("audit", "--workspace", workspace, code=2)["error"]["code"] == "bad-value"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("[::1]", True), ("localhost", True), ("0.0.0.0", False), ("10.0.0.1", False),
     ("grid.example", False), ("::", False)],
)  # fmt: skip
def test_only_a_valid_key_opens_embedded_mode_to_others(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
    now = datetime.now(tz=UTC)
    good = ApiKey("a" * 12, b"", "a", "viewer", None, now)
    bad = [
        ApiKey("b" * 12, b"", "b", "viewer", None, now, revoked=now),
        ApiKey("c" * 12, b"", "c", "viewer", None, now, expires=now - timedelta(days=1)),
    ]
    require_keys(host, [*bad, good])
    if loopback:
        require_keys(host, [])
    else:
        for keys in ([], bad):
            with pytest.raises(BadValue):
                require_keys(host, keys)


@pytest.fixture
def county_server(database: str) -> Iterator[tuple[TestClient, ApiKeys, PostgisStore]]:
    """Give an application on an empty database, its keys as an operator manages them, and the store."""
    login = service_url(database)
    operator = open_database(database)
    app = create_app(Settings(database_url=login, pool_size=3, tile_pool_size=1))
    with TestClient(app, base_url=BASE, headers={"Accept-Language": "en"}) as client:
        yield client, keys_of(operator), operator
    operator.close()


def test_a_server_lets_nobody_in_without_a_credential(county_server: tuple) -> None:
    client, keys, _ = county_server
    assert client.get("/locate?address=a").status_code == 401
    assert client.get("/runs").json() == {"runs": []}
    assert client.get("/health?ready=1").status_code == 200
    text, _ = keys.create("a", "viewer", by="operator")
    assert client.get("/locate?address=a", headers={"X-API-Key": text}).status_code == 200
    assert client.get("/locate?address=a", headers={"X-API-Key": f"{text[:-1]}!"}).status_code == 401


def test_a_servers_keys_are_kept_with_their_deeds(county_server: tuple) -> None:
    client, keys, store = county_server
    text, key = keys.create("南镇规划", "planner", townships=[T1, T2], days=3, by="operator")
    assert keys.verify(text) == key
    assert keys.list() == [key]
    assert (key.townships, key.expires - key.created) == ((T1, T2), timedelta(days=3))
    app_keys: ApiKeys = client.app.state.keys
    assert app_keys.verify(text) == key
    with store._pool.reading(store._caller) as conn:
        row = conn.row("SELECT hash, used IS NOT NULL, townships FROM api_keys")
    assert bytes(row[0]) == key.hash
    assert row[1], "when a key was last shown is known"
    assert keys.revoke(key.id, by="operator").revoked is not None
    assert keys.revoke(key.id, by="operator").revoked is not None  # twice is harmless, and told once
    deeds = store.audit()
    assert [(one["action"], one["feature"], one["who"]) for one in deeds] == [
        ("key-revoke", key.id, "local"), ("key-create", key.id, "local")
    ]  # fmt: skip
    assert deeds[1]["detail"] == {"name": "南镇规划", "role": "planner", "townships": [T1, T2]}
    assert text[16:] not in json.dumps(deeds)


def test_a_key_revoked_elsewhere_ends_within_seconds(county_server: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    client, keys, _ = county_server
    text, key = keys.create("a", "viewer", by="operator")
    headers = {"X-API-Key": text}
    assert client.get("/locate?address=a", headers=headers).status_code == 200
    keys.revoke(key.id, by="operator")  # in another process, as it were
    app_keys: ApiKeys = client.app.state.keys
    later = app_keys._clock() + 5.0
    monkeypatch.setattr(app_keys, "_clock", lambda: later)
    assert client.get("/locate?address=a", headers=headers).status_code == 401


def test_only_an_admin_manages_keys(county_server: tuple) -> None:
    _, _, store = county_server
    for role in ("public", "viewer", "planner", "worker"):
        keys = keys_of(store.acting(Caller("x", role, (T1,))))
        for refused in (
            lambda keys=keys: keys.create("a", "viewer", by="x"),
            lambda keys=keys: keys.list(),
            lambda keys=keys: keys.revoke("a" * 12, by="x"),
        ):
            with pytest.raises(NotAllowed):
                refused()


def test_signing_in_is_noted(county_server: tuple) -> None:
    client, keys, store = county_server
    text, key = keys.create("王", "viewer", by="operator")
    assert client.post("/login", data={"key": "wrong"}).status_code == 401
    assert client.post("/login", data={"key": text}, follow_redirects=False).status_code == 303
    deed = store.audit(limit=1)[0]
    assert (deed["action"], deed["who"], deed["key"], deed["detail"]) == ("sign-in", "王", key.id, {"by": "key"})
    assert deed["address"] == "testclient"
    assert client.get("/locate?address=a").status_code == 200


def test_the_audit_from_the_command_line(run, county_server: tuple, database: str) -> None:
    made = run("keys", "create", "--name", "甲", "--role", "planner", "--townships", T1, "--database", database)
    run("keys", "revoke", made["id"], "--database", database)
    deeds = run("audit", "--limit", 1, "--database", database)["deeds"]
    assert [(one["action"], one["feature"]) for one in deeds] == [("key-revoke", made["id"])]
    older = run("audit", "--before", deeds[0]["id"], "--database", database)["deeds"]
    assert [one["action"] for one in older] == ["key-create"]


def test_a_server_starts_with_no_login_that_rights_do_not_hold(
    run, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        error = run("serve", "--port", 0, "--database", database, code=2)["error"]  # the superuser
    assert error["code"] == "store-broken"
    assert "superuser" in error["detail"]
