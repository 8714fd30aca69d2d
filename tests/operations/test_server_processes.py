"""Run a server as its processes: asked, killed, restarted, its database cut off, drained, backed up and restored."""

from __future__ import annotations

import contextlib
import json
import os
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

from api.cli import main
from geo.storage.geopackage.store import open_store
from geo.studies.import_files import import_frames
from tests.api.conftest import T1, frames
from tests.operations import server_process
from tests.operations.server_process import CountyServer
from tests.postgres import Cluster, wait_until
from tests.processes import Processes

Clusters = Callable[..., AbstractContextManager[Cluster]]
CAMERA = "/ogc/collections/cameras/items/c1"


@dataclass
class Keys:
    """Hold the keys of a county server's callers."""

    admin: str
    planner: str


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the county of a workspace with history."""
    path = tmp_path_factory.mktemp("embedded") / "workspace.gpkg"
    store = open_store(path)
    import_frames(store, frames(), actor="embedded")
    feature, version = store.get("cameras", "c2")
    feature["properties"]["name"] = "改过的二号"
    store.put("cameras", "c2", feature, if_version=version, actor="embedded")
    store.close()
    return path


@pytest.fixture(scope="module")
def county_server(
    clusters: Clusters, processes: Processes, tmp_path_factory: pytest.TempPathFactory, workspace: Path
) -> Iterator[CountyServer]:
    """Return a county server that serves that county: database, migration, API and worker."""
    with server_process.county_server(tmp_path_factory.mktemp("county_server") / "files", clusters, processes) as made:
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
def keys(county_server: CountyServer) -> Keys:
    """Return keys that the command line has made."""
    admin = county_server.run("keys", "create", "--name", "管理", "--role", "admin")
    planner = county_server.run("keys", "create", "--name", "规划", "--role", "planner", "--townships", T1)
    return Keys(admin["key"], planner["key"])


def test_the_server_serves_what_the_workspace_had(county_server: CountyServer, keys: Keys) -> None:
    ready = county_server.get("/health?ready=1")
    assert ready.pop("addresses") in ("indexing", "ready")
    assert county_server.get("/health") == ready
    assert county_server.ask("GET", "/ogc/collections/cameras/items").status_code == 401
    # c1, c2, c3 stand in the planner's township, c4 in the other.
    seen = county_server.get("/ogc/collections/cameras/items", keys.planner)
    assert [one["id"] for one in seen["features"]] == ["c1", "c2", "c3"]
    assert len(county_server.get("/ogc/collections/cameras/items", keys.admin)["features"]) == 4
    assert seen["features"][1]["properties"]["name"] == "改过的二号"


def test_no_server_starts_as_an_operator(county_server: CountyServer, capsys: pytest.CaptureFixture[str]) -> None:
    refused = county_server.run("serve", "--port", "0", service="migrate", code=2)
    assert refused["error"]["code"] == "store-broken"
    assert "superuser" in refused["error"]["detail"]


def test_metrics_are_the_admins(county_server: CountyServer, keys: Keys) -> None:
    assert county_server.ask("GET", "/metrics").status_code == 401
    assert county_server.ask("GET", "/metrics", keys.planner).status_code == 403
    text = county_server.ask("GET", "/metrics", keys.admin).text
    assert 'store="server"' in text
    assert "gridsight_store_up 1.0" in text
    assert re.search(r'gridsight_pool_size\{pool="requests"\} 8\.0', text)
    assert 'gridsight_jobs{status="running"} 0.0' in text


def test_an_analysis_is_asked_over_http_and_done_by_the_worker(county_server: CountyServer, keys: Keys) -> None:
    assert county_server.run("worker", "--check", service="worker")["seconds"] < 5
    before = len(county_server.get("/runs", keys.planner)["runs"])
    job = county_server.submit(keys.planner, level="observe")
    done = county_server.wait_for(job, keys.planner, "successful", "failed")
    assert done["status"] == "successful", done
    runs = county_server.get("/runs", keys.planner)["runs"]
    assert len(runs) == before + 1
    assert runs[0]["options"]["level"] == "observe"


def test_the_log_ties_requests_to_the_audit(county_server: CountyServer, keys: Keys) -> None:
    answer = county_server.ask("GET", CAMERA, keys.planner)
    changed = _rename(county_server, keys.planner, answer, "记过的一号")
    assert changed.status_code == 200, changed.text
    lines = [json.loads(line) for line in county_server.log("api").splitlines()]
    (line,) = [one for one in lines if one.get("request") == changed.headers["x-request-id"]]
    assert (line["route"], line["status"], line["caller"]) == ("/ogc/collections/{layer}/items/{key:path}", 200, "规划")
    deed = county_server.run("audit", "--limit", 1)["deeds"][0]
    assert (deed["who"], deed["request"]) == ("规划", line["request"])
    for secret in (keys.planner, keys.admin, "service-of-the-test", "记过的一号"):
        assert secret not in county_server.log("api") + county_server.log("worker")


def test_an_api_that_is_killed_comes_back_as_it_was(county_server: CountyServer, keys: Keys) -> None:
    before = county_server.get("/ogc/collections/cameras/items", keys.planner)["features"]
    county_server.stop("api", signal.SIGKILL)
    with pytest.raises(httpx.ConnectError):
        county_server.ask("GET", "/health")
    county_server.start("api")
    assert county_server.get("/ogc/collections/cameras/items", keys.planner)["features"] == before


def test_a_job_of_a_killed_worker_is_done_by_the_next(county_server: CountyServer, keys: Keys) -> None:
    job = county_server.submit(keys.planner, level="recognise")
    county_server.wait_for(job, keys.planner, "running")
    county_server.stop("worker", signal.SIGKILL)
    assert county_server.get(job, keys.planner)["status"] in {"accepted", "running"}
    county_server.start("worker")
    done = county_server.wait_for(job, keys.planner, "successful", "failed")
    assert done["status"] == "successful", done
    assert _levels(county_server, keys.planner).count("recognise") == 1, "begun twice, saved once"


def _levels(county_server: CountyServer, key: str) -> list[str]:
    return [one["options"]["level"] for one in county_server.get("/runs", key)["runs"]]


def _rename(county_server: CountyServer, key: str, answer: httpx.Response, name: str) -> httpx.Response:
    headers = {"If-Match": answer.headers["etag"], "Content-Type": "application/merge-patch+json"}
    return county_server.ask("PATCH", CAMERA, key, headers=headers, content=json.dumps({"properties": {"name": name}}))


class _Users(threading.Thread):
    """Read and rename a camera, over and over, and keep what came of it."""

    def __init__(self, county_server: CountyServer, key: str) -> None:
        super().__init__()
        self.county_server, self.key = county_server, key
        self.over = threading.Event()
        self.answers: list[httpx.Response] = []
        self.acknowledged: list[str] = []

    def run(self) -> None:
        number = 0
        while not self.over.is_set():
            seen = self._kept(self.county_server.ask("GET", CAMERA, self.key))
            if seen.status_code != 200:
                continue
            number += 1
            name = f"第{number}次"
            if self._kept(_rename(self.county_server, self.key, seen, name)).status_code == 200:
                self.acknowledged.append(name)

    def _kept(self, answer: httpx.Response) -> httpx.Response:
        self.answers.append(answer)
        return answer


def _crash(county_server: CountyServer, users: _Users) -> None:
    """Cut the database off under the users' requests, and bring it back."""
    wait_until(lambda: len(users.acknowledged) > 3)
    county_server.cluster.stop("immediate")
    wait_until(lambda: sum(one.status_code == 503 for one in users.answers) > 5)
    assert county_server.ask("GET", "/health").status_code == 200, "alive"
    assert county_server.ask("GET", "/health?ready=1").status_code == 503, "not ready"
    county_server.cluster.start()
    known = len(users.acknowledged)
    wait_until(lambda: len(users.acknowledged) > known + 3)


def test_a_database_that_crashes_under_requests_costs_503_only(county_server: CountyServer, keys: Keys) -> None:
    pid = county_server.processes["api"].pid
    users = _Users(county_server, keys.planner)
    users.start()
    try:
        _crash(county_server, users)
    finally:
        users.over.set()
        users.join(timeout=30)

    down = [one for one in users.answers if one.status_code != 200]
    assert {one.status_code for one in down} == {503}, {one.text for one in down}
    for one in down:
        assert int(one.headers["retry-after"]) > 0
        assert one.json()["code"] in {"store-down", "store-busy"}
    assert county_server.processes["api"].pid == pid
    assert county_server.processes["api"].poll() is None, "no restart of the API"
    # What was acknowledged is there, each in its version; at most one change more, whose answer the crash swallowed.
    with psycopg.connect(
        host=str(county_server.cluster.folder), port=county_server.cluster.port, user="postgres", dbname="gridsight"
    ) as conn:
        rows = conn.execute("SELECT name FROM gridsight.cameras_history WHERE id = 'c1' ORDER BY version").fetchall()
        current = conn.execute("SELECT name FROM gridsight.cameras WHERE id = 'c1'").fetchone()
    names = [row[0] for row in rows] + [current[0]]
    kept = [name for name in names if name in users.acknowledged]
    assert kept == users.acknowledged
    # The worker has come through it too: its heartbeats go on.
    assert county_server.processes["worker"].poll() is None
    wait_until(lambda: _gives_heartbeats(county_server))


def _gives_heartbeats(county_server: CountyServer) -> bool:
    """Return whether a worker gave one just now; while the database comes back the last is older than allowed."""
    with contextlib.suppress(AssertionError):
        return county_server.run("worker", "--check", service="worker")["seconds"] < 2
    return False


#: What a planner reads of a county; `{run}` is the newest run.
READ = (
    "/ogc/collections/cameras/items", "/ogc/collections/cameras/items?datetime=2020-01-01/..", CAMERA,
    "/ogc/collections/grids/items", "/ogc/collections/addresses/items", "/runs", "/runs/{run}", "/runs/{run}/gaps",
    "/runs/{run}/zones/grids", "/runs/{run}/zones/townships", "/runs/{run}/views", "/runs/{run}/coverage",
    "/locate?address=老粮站", "/ogc/jobs",
)  # fmt: skip


def _read(county_server: CountyServer, key: str) -> dict[str, object]:
    run = county_server.get("/runs", key)["runs"][0]["id"]
    found = {}
    for path in READ:
        text = json.dumps(county_server.get(path.format(run=run), key), sort_keys=True)
        # Where the answer was made, and when, is not what was restored.
        found[path] = re.sub(r'"timeStamp": "[^"]*"', "", text.replace(county_server.url, ""))
    return found


def test_a_backup_restored_elsewhere_is_read_by_a_planner_as_the_original(
    county_server: CountyServer, keys: Keys, clusters: Clusters, processes: Processes, tmp_path: Path
) -> None:
    jobs = county_server.get("/ogc/jobs", keys.admin)["jobs"]
    assert {one["status"] for one in jobs} == {"successful"}
    original, admins = _read(county_server, keys.planner), _read(county_server, keys.admin)
    dump = county_server.folder / "county.dump"
    county_server.run("db", "backup", "--out", dump)
    roles = Path(f"{dump}.roles.sql").read_text(encoding="utf-8")
    assert "PASSWORD" not in roles.upper().replace("WITHOUT PASSWORDS", "")
    assert dump.stat().st_mode & 0o077 == 0, "for its owner alone"

    with server_process.county_server(tmp_path / "second", clusters, processes) as second:
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


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(one) for one in listed]


def test_several_processes_answer_behind_one_port_and_stand_in_for_each_other(
    county_server: CountyServer, keys: Keys
) -> None:
    one_url = county_server.url
    pid = county_server.start("api", "several", processes=2)["pid"]
    try:
        first = wait_until(lambda: found if len(found := _children(pid)) == 2 else None)
        for _ in range(20):  # each by a connection of its own
            county_server.get("/runs", keys.planner)
        os.kill(first[0], signal.SIGKILL)
        wait_until(lambda: len(found := _children(pid)) == 2 and set(found) != set(first))
        asked = 20
        while asked < 40:
            county_server.get("/runs", keys.planner)
            asked += 1
        told = county_server.ask("GET", "/metrics", keys.admin).text
        counted = re.findall(r'gridsight_requests_total\{method="GET",route="/runs",status="200"\} ([0-9.]+)', told)
        assert counted == [f"{asked:.1f}"], "those of all processes, the killed one included"
        children = _children(pid)
        assert county_server.stop("several") == 0
        assert not any(Path(f"/proc/{one}").exists() for one in children)
    finally:
        county_server.url = one_url


def test_a_workspace_is_served_by_one_process(workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setenv("GRIDSIGHT_PROCESSES", "2")
    assert main(["serve", "--workspace", str(workspace), "--port", "0"]) == 2
    assert "GRIDSIGHT_PROCESSES" in capsys.readouterr().err


def test_several_processes_need_one_setting_and_share_a_session_secret(county_server: CountyServer, keys: Keys) -> None:
    """Signing in by key seals a cookie: each process reads those of the others, also where nobody gave a secret."""
    one_url = county_server.url
    pid = county_server.start("api", "alike", processes=2, session_secret_file="")["pid"]
    try:
        wait_until(lambda: len(_children(pid)) == 2)
        signed_in = county_server.ask("POST", "/login", data={"key": keys.planner}, follow_redirects=False)
        cookies = "; ".join(f"{name}={value}" for name, value in signed_in.cookies.items())
        assert cookies
        for _ in range(20):  # each by a connection of its own
            asked = county_server.ask("GET", "/ogc/collections/cameras/items?limit=1", headers={"Cookie": cookies})
            assert asked.status_code == 200, asked.text
        assert county_server.stop("alike") == 0
    finally:
        county_server.url = one_url


def test_sigterm_lets_requests_end_and_takes_no_new_ones(county_server: CountyServer, keys: Keys) -> None:
    body = json.dumps([{"id": "1", "lon": 102.0005, "lat": 37.001, "crs": "wgs84"}]).encode()
    ending, stuck = _begun(county_server, keys.planner, body), _begun(county_server, keys.planner, body)
    process = county_server.processes["api"]
    process.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    wait_until(lambda: _refused(county_server), seconds=2)
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
    assert county_server.stop("worker") == 0
    assert "Traceback" not in county_server.log("api")


def _all(connection: socket.socket) -> bytes:
    """Return all that still comes on a connection, and close it."""
    answer = b""
    with connection:
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


def _begun(county_server: CountyServer, key: str, body: bytes) -> socket.socket:
    """Return a connection on which a batch has been begun, its first bytes sent."""
    place = urlsplit(county_server.url)
    made = socket.create_connection((place.hostname, place.port), timeout=10)
    head = (
        f"POST /locate HTTP/1.1\r\nHost: {place.netloc}\r\nX-API-Key: {key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    made.sendall(head.encode() + body[:5])
    return made


def _refused(county_server: CountyServer) -> bool:
    try:
        county_server.ask("GET", "/health")
    except (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError):
        return True
    return False
