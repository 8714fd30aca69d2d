"""Kill the service at the worst moments of an import: what was written is written once, and no place stays taken."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.routes import imports
from api.settings import Settings
from geo.storage.geopackage.store import open_store
from geo.studies.import_files import import_frames
from tests.api.conftest import frames
from tests.api.routes.test_imports import read_here
from tests.api.server_fixtures import BASE, HEADERS
from tests.processes import Processes

#: c1 of the county higher, and a new camera.
ROWS = "id,lon,lat,height\nc1,102.001,37.001,9\nn1,102.0012,37.0012,5\n"
#: Serve one request in a process that kills itself where `{moment}` is called.
SCRIPT = """
import os, signal, sys
from pathlib import Path
from fastapi.testclient import TestClient
from api.imports import spool
from api.main import create_app
from api.routes import imports
from api.settings import Settings

def killed(*_words, **_options):
    os.kill(os.getpid(), signal.SIGKILL)

{moment} = killed
folder, path, text = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
settings = Settings(workspace=folder / "workspace.gpkg", import_folder=folder / "spool")
with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
    client.post(path, content=text.encode())
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the county as a workspace, which no process has open."""
    monkeypatch.setattr(imports, "read_bounded", read_here)
    with open_store(tmp_path / "workspace.gpkg") as store:
        import_frames(store, frames(), actor="test")
    return tmp_path


@contextmanager
def client_of(folder: Path) -> Iterator[TestClient]:
    settings = Settings(workspace=folder / "workspace.gpkg", import_folder=folder / "spool")
    with TestClient(create_app(settings), base_url=BASE, headers=HEADERS) as client:
        yield client


def killed_at(processes: Processes, moment: str, folder: Path, path: str, text: str = "") -> None:
    """Send one request to a service that dies at a moment."""
    done = processes.run(sys.executable, "-W", "ignore", "-c", SCRIPT.format(moment=moment), folder, path, text)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="it dies by a signal")
@pytest.mark.parametrize(("mode", "again"), [("upsert", 200), ("append", 409)])
def test_what_was_written_before_the_service_died_is_not_written_twice(
    processes: Processes, folder: Path, mode: str, again: int
) -> None:
    rows = ROWS.replace("c1,", "n2,") if mode == "append" else ROWS
    with client_of(folder) as client:
        query = f"/imports?layer=cameras&crs=wgs84&filename=a.csv&mode={mode}"
        made = client.post(query, content=rows.encode()).json()["id"]
    killed_at(processes, "spool.Claim.done", folder, f"/imports/{made}/accept")
    with client_of(folder) as client:
        store = client.app.state.store
        written = store.state("cameras")
        assert store.get("cameras", "n1")[0]["properties"]["height"] == 5.0
        # Nobody was told that it is done; asked again, it says that there is nothing left to do.
        assert [one["id"] for one in client.get("/imports").json()["imports"]] == [made]
        answer = client.post(f"/imports/{made}/accept")
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        if again == 200:
            changes = answer.json()["import"]["changes"]
            assert (changes["added"]["count"], changes["updated"]["count"]) == (0, 0)
            assert changes["unchanged"]["count"] == 2
        answer = client.post(f"/imports/{made}/accept")
        assert answer.status_code == again, answer.text
        assert store.state("cameras") == written
        assert client.delete(f"/imports/{made}").status_code == 204


@pytest.mark.skipif(sys.platform == "win32", reason="it dies by a signal")
def test_nothing_is_written_where_the_service_dies_before_it_commits(processes: Processes, folder: Path) -> None:
    with client_of(folder) as client:
        made = client.post("/imports?layer=cameras&crs=wgs84&filename=a.csv", content=ROWS.encode()).json()["id"]
        before = client.app.state.store.state("cameras")
    killed_at(processes, "imports.AuditEntry", folder, f"/imports/{made}/accept")
    with client_of(folder) as client:
        assert client.app.state.store.state("cameras") == before
        assert client.get(f"/imports/{made}").json()["state"] == "waiting"
        done = client.post(f"/imports/{made}/accept").json()
        assert (done["state"], done["imported"], done["updated"]) == ("accepted", 1, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="it dies by a signal")
def test_a_file_that_was_being_read_takes_no_place_afterwards(processes: Processes, folder: Path) -> None:
    query = "/imports?layer=cameras&crs=wgs84&filename=a.csv"
    killed_at(processes, "imports.read_bounded", folder, query, ROWS)
    (left,) = [path for path in (folder / "spool").iterdir() if path.is_dir()]
    with client_of(folder) as client:
        spool = client.app.state.imports
        assert client.get("/imports").json()["imports"] == []
        assert client.get(f"/imports/{left.name}").status_code == 404
        spool.limits = replace(spool.limits, per_caller=1)
        assert client.post(query, content=ROWS.encode()).status_code == 201
        assert not left.exists()
