"""Run an office as its processes: asked, killed, restarted, its database cut off, drained, backed up and restored."""

from __future__ import annotations

import json
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from geo.storage.geopackage.store import open_store
from geo.studies.import_files import import_frames
from tests.api.conftest import T1, frames
from tests.operations import server_process
from tests.operations.server_process import Office
from tests.postgres import Cluster, wait_until
from tests.processes import Processes

Clusters = Callable[..., AbstractContextManager[Cluster]]
CAMERA = "/ogc/collections/cameras/items/c1"


@dataclass
class Keys:
    """Hold the keys of an office's callers."""

    admin: str
    planner: str


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a desk's county with history."""
    path = tmp_path_factory.mktemp("desk") / "workspace.gpkg"
    store = open_store(path)
    import_frames(store, frames(), actor="desk")
    feature, version = store.get("cameras", "c2")
    feature["properties"]["name"] = "改过的二号"
    store.put("cameras", "c2", feature, if_version=version, actor="desk")
    store.close()
    return path


@pytest.fixture(scope="module")
def office(
    clusters: Clusters, processes: Processes, tmp_path_factory: pytest.TempPathFactory, workspace: Path
) -> Iterator[Office]:
    """Return an office that serves that county: database, migration, API and worker."""
    with server_process.office(tmp_path_factory.mktemp("office") / "files", clusters, processes) as made:
        upgraded = made.upgrade()
        assert upgraded["from"] is None
        assert upgraded["warnings"] == []
        moved = made.run(
            "db", "move", "--from", workspace, "--to", made.environment("migrate")["GRIDSIGHT_DATABASE_URL"]
        )
        assert moved["counts"]
        made.start("api")
        made.start("worker")
        yield made


@pytest.fixture(scope="module")
def keys(office: Office) -> Keys:
    """Return keys that the command line has made."""
    admin = office.run("keys", "create", "--name", "管理", "--role", "admin")
    planner = office.run("keys", "create", "--name", "规划", "--role", "planner", "--townships", T1)
    return Keys(admin["key"], planner["key"])


def test_the_office_serves_what_the_desk_had(office: Office, keys: Keys) -> None:
    assert office.get("/health") == office.get("/health?ready=1")
    assert office.ask("GET", "/ogc/collections/cameras/items").status_code == 401
    # c1, c2, c3 stand in the planner's township, c4 in the other.
    seen = office.get("/ogc/collections/cameras/items", keys.planner)
    assert [one["id"] for one in seen["features"]] == ["c1", "c2", "c3"]
    assert len(office.get("/ogc/collections/cameras/items", keys.admin)["features"]) == 4
    assert seen["features"][1]["properties"]["name"] == "改过的二号"


def test_the_server_does_not_start_as_an_operator(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    refused = office.run("serve", "--port", "0", service="migrate", code=2)
    assert refused["error"]["code"] == "store-broken"
    assert "superuser" in refused["error"]["detail"]


def test_metrics_are_the_admins(office: Office, keys: Keys) -> None:
    assert office.ask("GET", "/metrics").status_code == 401
    assert office.ask("GET", "/metrics", keys.planner).status_code == 403
    text = office.ask("GET", "/metrics", keys.admin).text
    assert 'store="server"' in text
    assert "gridsight_store_up 1.0" in text
    assert re.search(r'gridsight_pool_size\{pool="requests"\} 8\.0', text)
    assert 'gridsight_jobs{status="running"} 0.0' in text


def test_an_analysis_is_asked_over_http_and_done_by_the_worker(office: Office, keys: Keys) -> None:
    assert office.run("worker", "--check", service="worker")["seconds"] < 5
    before = len(office.get("/runs", keys.planner)["runs"])
    job = office.submit(keys.planner, level="observe")
    done = office.wait_for(job, keys.planner, "successful", "failed")
    assert done["status"] == "successful", done
    runs = office.get("/runs", keys.planner)["runs"]
    assert len(runs) == before + 1
    assert runs[0]["options"]["level"] == "observe"


def test_the_log_ties_requests_to_the_audit(office: Office, keys: Keys) -> None:
    answer = office.ask("GET", CAMERA, keys.planner)
    changed = _rename(office, keys.planner, answer, "记过的一号")
    assert changed.status_code == 200, changed.text
    lines = [json.loads(line) for line in office.log("api").splitlines()]
    (line,) = [one for one in lines if one.get("request") == changed.headers["x-request-id"]]
    assert (line["route"], line["status"], line["caller"]) == ("/ogc/collections/{layer}/items/{key:path}", 200, "规划")
    deed = office.run("audit", "--limit", 1)["deeds"][0]
    assert (deed["who"], deed["request"]) == ("规划", line["request"])
    for secret in (keys.planner, keys.admin, "service-of-the-test", "记过的一号"):
        assert secret not in office.log("api") + office.log("worker")


def test_an_api_that_is_killed_comes_back_as_it_was(office: Office, keys: Keys) -> None:
    before = office.get("/ogc/collections/cameras/items", keys.planner)["features"]
    office.stop("api", signal.SIGKILL)
    with pytest.raises(httpx.ConnectError):
        office.ask("GET", "/health")
    office.start("api")
    assert office.get("/ogc/collections/cameras/items", keys.planner)["features"] == before


def test_a_job_of_a_killed_worker_is_done_by_the_next(office: Office, keys: Keys) -> None:
    job = office.submit(keys.planner, level="recognise")
    office.wait_for(job, keys.planner, "running")
    office.stop("worker", signal.SIGKILL)
    assert office.get(job, keys.planner)["status"] in {"accepted", "running"}
    office.start("worker")
    done = office.wait_for(job, keys.planner, "successful", "failed")
    assert done["status"] == "successful", done
    assert _levels(office, keys.planner).count("recognise") == 1, "begun twice, saved once"


def _levels(office: Office, key: str) -> list[str]:
    return [one["options"]["level"] for one in office.get("/runs", key)["runs"]]


def _rename(office: Office, key: str, answer: httpx.Response, name: str) -> httpx.Response:
    headers = {"If-Match": answer.headers["etag"], "Content-Type": "application/merge-patch+json"}
    return office.ask("PATCH", CAMERA, key, headers=headers, content=json.dumps({"properties": {"name": name}}))


class _Users(threading.Thread):
    """Read and rename a camera, over and over, and keep what came of it."""

    def __init__(self, office: Office, key: str) -> None:
        super().__init__()
        self.office, self.key = office, key
        self.over = threading.Event()
        self.answers: list[httpx.Response] = []
        self.acknowledged: list[str] = []

    def run(self) -> None:
        number = 0
        while not self.over.is_set():
            seen = self._kept(self.office.ask("GET", CAMERA, self.key))
            if seen.status_code != 200:
                continue
            number += 1
            name = f"第{number}次"
            if self._kept(_rename(self.office, self.key, seen, name)).status_code == 200:
                self.acknowledged.append(name)

    def _kept(self, answer: httpx.Response) -> httpx.Response:
        self.answers.append(answer)
        return answer


def _crash(office: Office, users: _Users) -> None:
    """Cut the database off under the users' requests, and bring it back."""
    wait_until(lambda: len(users.acknowledged) > 3)
    office.cluster.stop("immediate")
    wait_until(lambda: sum(one.status_code == 503 for one in users.answers) > 5)
    assert office.ask("GET", "/health").status_code == 200, "alive"
    assert office.ask("GET", "/health?ready=1").status_code == 503, "not ready"
    office.cluster.start()
    known = len(users.acknowledged)
    wait_until(lambda: len(users.acknowledged) > known + 3)


def test_a_database_that_crashes_under_requests_costs_503_and_nothing_else(office: Office, keys: Keys) -> None:
    pid = office.processes["api"].pid
    users = _Users(office, keys.planner)
    users.start()
    try:
        _crash(office, users)
    finally:
        users.over.set()
        users.join(timeout=30)

    down = [one for one in users.answers if one.status_code != 200]
    assert {one.status_code for one in down} == {503}, {one.text for one in down}
    for one in down:
        assert int(one.headers["retry-after"]) > 0
        assert one.json()["code"] in {"store-down", "store-busy"}
    assert office.processes["api"].pid == pid
    assert office.processes["api"].poll() is None, "no restart of the API"
    # What was acknowledged is there, each in its version; at most one change more, whose answer the crash swallowed.
    with psycopg.connect(
        host=str(office.cluster.folder), port=office.cluster.port, user="postgres", dbname="gridsight"
    ) as conn:
        rows = conn.execute("SELECT name FROM gridsight.cameras_history WHERE id = 'c1' ORDER BY version").fetchall()
        current = conn.execute("SELECT name FROM gridsight.cameras WHERE id = 'c1'").fetchone()
    names = [row[0] for row in rows] + [current[0]]
    kept = [name for name in names if name in users.acknowledged]
    assert kept == users.acknowledged
    # The worker has come through it too: its heartbeats go on.
    wait_until(lambda: office.run("worker", "--check", service="worker")["seconds"] < 2)


#: What a planner reads of a county; `{run}` is the newest run.
READ = (
    "/ogc/collections/cameras/items", "/ogc/collections/cameras/items?datetime=2020-01-01/..", CAMERA,
    "/ogc/collections/grids/items", "/ogc/collections/addresses/items", "/runs", "/runs/{run}", "/runs/{run}/gaps",
    "/runs/{run}/zones/grids", "/runs/{run}/zones/townships", "/runs/{run}/views", "/runs/{run}/coverage",
    "/locate?address=老粮站", "/ogc/jobs",
)  # fmt: skip


def _read(office: Office, key: str) -> dict[str, object]:
    run = office.get("/runs", key)["runs"][0]["id"]
    found = {}
    for path in READ:
        text = json.dumps(office.get(path.format(run=run), key), sort_keys=True)
        # Where the answer was made, and when, is not what was restored.
        found[path] = re.sub(r'"timeStamp": "[^"]*"', "", text.replace(office.url, ""))
    return found


def test_a_backup_restored_elsewhere_is_read_by_a_planner_as_the_original(
    office: Office, keys: Keys, clusters: Clusters, processes: Processes, tmp_path: Path
) -> None:
    jobs = office.get("/ogc/jobs", keys.admin)["jobs"]
    assert {one["status"] for one in jobs} == {"successful"}
    original, admins = _read(office, keys.planner), _read(office, keys.admin)
    dump = office.folder / "county.dump"
    office.run("db", "backup", "--out", dump)
    roles = Path(f"{dump}.roles.sql").read_text(encoding="utf-8")
    assert "PASSWORD" not in roles.upper().replace("WITHOUT PASSWORDS", "")
    assert dump.stat().st_mode & 0o077 == 0, "for its owner alone"

    with server_process.office(tmp_path / "second", clusters, processes) as second:
        restored = second.run("db", "restore", dump)
        assert restored["to"]
        second.start("api")
        assert _read(second, keys.planner) == original
        assert _read(second, keys.admin) == admins
        assert original != admins, "a planner sees less"
        # Rights came along: what is out of scope is as if it were not there, and writing works where it may.
        assert second.ask("GET", CAMERA.replace("c1", "c4"), keys.planner).status_code == 404
        seen = second.ask("GET", CAMERA, keys.planner)
        assert _rename(second, keys.planner, seen, "恢复后改名").status_code == 200
        assert second.run("db", "upgrade")["steps"] == []


def test_sigterm_lets_requests_end_and_takes_no_new_ones(office: Office, keys: Keys) -> None:
    body = json.dumps([{"id": "1", "lon": 102.0005, "lat": 37.001, "crs": "wgs84"}]).encode()
    ending, stuck = _begun(office, keys.planner, body), _begun(office, keys.planner, body)
    process = office.processes["api"]
    process.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    wait_until(lambda: _refused(office), seconds=2)
    ending.sendall(body[5:])
    head, _, rest = _all(ending).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    assert b'"matched"' in rest
    assert process.poll() is None, "it waits for the other one"
    # The other never ends; the time allowed does.
    head, _, rest = _all(stuck).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 "), head
    assert b"retry-after: " in head.lower()
    assert json.loads(rest)["code"] == "store-busy"
    assert process.wait(timeout=30) == 0
    assert time.monotonic() - begun > 2.5, "it was given its time"
    assert office.stop("worker") == 0
    assert "Traceback" not in office.log("api")


def _all(connection: socket.socket) -> bytes:
    """Return all that still comes on a connection, and close it."""
    answer = b""
    with connection:
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


def _begun(office: Office, key: str, body: bytes) -> socket.socket:
    """Return a connection on which a batch has been begun, its first bytes sent."""
    place = urlsplit(office.url)
    made = socket.create_connection((place.hostname, place.port), timeout=10)
    head = (
        f"POST /locate HTTP/1.1\r\nHost: {place.netloc}\r\nX-API-Key: {key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    made.sendall(head.encode() + body[:5])
    return made


def _refused(office: Office) -> bool:
    try:
        office.ask("GET", "/health")
    except (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError):
        return True
    return False
