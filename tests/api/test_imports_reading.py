"""Hold the process that reads a file to its bounds, and the parser of forms to bytes that arrive in any pieces."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from api.imports import bounded_reading
from api.imports.bounded_reading import read_bounded
from api.imports.import_record import Record
from api.imports.multipart import OneFileForm
from api.imports.room import SpoolLimits
from api.imports.spool import Spool
from api.main import create_app
from api.settings import Settings
from geo.errors import NotFound, StoreBroken, UnknownCrs, UnreadableFile
from geo.storage.records import LOCAL

ROWS = "id,lon,lat,note\nc1,103.1,37.6,a\nc2,103.1,99,b\n"
#: These start the process that reads.
with_process = pytest.mark.usefixtures("processes")
BOUNDS = {"seconds": 60.0, "max_bytes": 1_000_000}


@with_process
def test_a_file_is_read_in_a_process_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "cameras.csv"
    path.write_text(ROWS, encoding="utf-8")
    found = read_bounded(path, "cameras", {"crs": "wgs84"}, outcome=tmp_path / "outcome", **BOUNDS)
    assert (found.read, found.frame["id"].tolist()) == (2, ["c1"])
    assert found.native is found.frame
    assert [list(one.samples) for one in found.samples if one.column == "note"] == [["a", "b"]]
    with pytest.raises(UnknownCrs, match=r"cameras\.csv"):
        read_bounded(path, "cameras", {}, outcome=tmp_path / "outcome", **BOUNDS)
    with pytest.raises(UnreadableFile, match="limit"):
        read_bounded(
            path, "cameras", {"crs": "wgs84"}, outcome=tmp_path / "outcome", seconds=60.0, max_bytes=10
        )  # fmt: skip


@with_process
@pytest.mark.parametrize(
    ("script", "seconds", "said"),
    [
        ("import time; time.sleep(60)", 0.5, r"0\.5 s"),
        ("import os; os.abort()", 30.0, "broke off"),
        ("raise SystemExit(1)", 30.0, "broke off"),
        ("pass", 30.0, "broke off"),  # it ends well and has written nothing
    ],
)
def test_a_process_that_hangs_or_dies_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, seconds: float, said: str
) -> None:
    started = bounded_reading.subprocess.Popen

    def start(_words: list[str], **options: object) -> object:
        return started([sys.executable, "-c", script], **options)

    monkeypatch.setattr(bounded_reading.subprocess, "Popen", start)
    begun = time.monotonic()
    with pytest.raises(UnreadableFile, match=said):
        read_bounded(
            tmp_path / "a.csv", "cameras", {}, outcome=tmp_path / "outcome", seconds=seconds, max_bytes=1000
        )  # fmt: skip
    assert time.monotonic() - begun < 25


@with_process
def test_what_reads_a_file_has_no_secret_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDSIGHT_DATABASE_URL", "postgresql://li:secret@h/d")
    monkeypatch.setenv("PGPASSWORD", "secret")
    started, seen = bounded_reading.subprocess.Popen, {}

    def start(words: list[str], **options: object) -> object:
        seen.update(options["env"])  # type: ignore[call-overload]
        return started(words, **options)

    monkeypatch.setattr(bounded_reading.subprocess, "Popen", start)
    (tmp_path / "a.csv").write_text(ROWS)
    read_bounded(tmp_path / "a.csv", "cameras", {"crs": "wgs84"}, outcome=tmp_path / "outcome", **BOUNDS)
    assert "PATH" in seen
    assert not {"GRIDSIGHT_DATABASE_URL", "PGPASSWORD"} & set(seen)


@with_process
def test_a_service_reads_hostile_files_and_goes_on(tmp_path: Path) -> None:
    """The whole way once, with the process: what is no file of its kind is 422, and the next good one is taken."""
    own = Settings(workspace=tmp_path / "w.gpkg", import_folder=tmp_path / "spool")
    with TestClient(create_app(own), base_url="http://127.0.0.1", headers={"Accept-Language": "en"}) as client:
        query = {"layer": "cameras", "crs": "wgs84"}
        for name, content in (
            ("a.gpkg", b"SQLite format 3\0" + b"\xff" * 5000),
            ("a.xlsx", b"PK\x03\x04" + b"\0" * 99),
        ):
            answer = client.post("/imports", params={**query, "filename": name}, content=content)
            assert (answer.status_code, answer.json()["code"]) == (422, "unreadable-file"), answer.text
            assert str(tmp_path) not in answer.text
        answer = client.post("/imports", params={**query, "filename": "a.csv"}, content=ROWS.encode())
        assert answer.status_code == 201, answer.text
        assert [one["row"] for one in answer.json()["rejects"]] == ["2"]
        assert client.post(f"/imports/{answer.json()['id']}/accept").json()["imported"] == 1


def test_what_a_dead_process_was_receiving_is_swept(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", SpoolLimits(1, 1, 10, 10), clock=lambda: 1000.0)
    options = {"layer": "cameras", "mode": "upsert", "options": {}, "size": 1}
    left = spool.reserve(LOCAL, "a.csv", **options)
    spool.sweep()
    assert left.path.parent.is_dir()  # its process lives
    left._lock.release()  # as the system does when a process ends
    spool.sweep()
    assert not left.path.parent.exists()
    spool.reserve(LOCAL, "a.csv", **options).close()
    assert [one for one in spool.folder.iterdir() if one.name != ".lock"] == []


def test_a_sweep_spares_what_a_request_is_at_work_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the sweep's look at a record and its removal the file may come to wait, or be accepted."""
    now = [1000.0]
    spool = Spool(tmp_path / "spool", SpoolLimits(9, 9, 99, 99), clock=lambda: now[0])
    made = spool.reserve(LOCAL, "a.csv", layer="cameras", mode="upsert", options={}, size=9)
    made.path.write_bytes(b"x")
    made.outcome.write_bytes(b"x")
    load, looked = spool._load, list[str]()

    def look(import_id: str) -> Record | None:
        found = load(import_id)
        if not looked:
            looked.append(import_id)
            made.wait("plan", {})
            made.close()
        return found

    monkeypatch.setattr(spool, "_load", look)
    spool.sweep()
    assert spool.get(made.record.id, LOCAL).state == "waiting"
    now[0] += 3599
    with spool.claimed(made.record.id, LOCAL) as claim:
        now[0] += 2
        spool.sweep()
        assert claim.outcome.exists()
    spool.sweep()
    assert not made.outcome.exists()
    assert spool.get(made.record.id, LOCAL).state == "expired"


def test_a_folder_that_others_enter_is_neither_used_nor_read(tmp_path: Path) -> None:
    """Who plants a record and a pickle where the service would look for its own must not have them loaded."""
    limits, options = SpoolLimits(9, 9, 99, 99), {"layer": "cameras", "mode": "upsert", "options": {}, "size": 1}
    real = Spool(tmp_path / "real", limits)
    made = real.reserve(LOCAL, "a.csv", **options)
    made.path.write_bytes(b"x")
    made.outcome.write_bytes(b"x")
    made.wait("plan", {})
    made.close()
    assert real.get(made.record.id, LOCAL).state == "waiting"
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    real.folder.chmod(0o755)
    for folder in (tmp_path / "linked", real.folder):
        spool = Spool(folder, limits, clock=lambda: 1e12)
        with pytest.raises(StoreBroken):
            spool.reserve(LOCAL, "a.csv", **options)
        with pytest.raises(NotFound):
            spool.get(made.record.id, LOCAL)
        spool.sweep()
    assert made.path.exists()
    (tmp_path / "empty").mkdir(mode=0o755)  # an operator made it, and nobody has put anything there
    Spool(tmp_path / "empty", limits).reserve(LOCAL, "a.csv", **options).close()
    assert (tmp_path / "empty").stat().st_mode & 0o077 == 0


@settings(max_examples=200, deadline=None)
@given(
    content=st.lists(st.sampled_from([b"\r", b"\n", b"-", b"--", b"x", b"\r\n--", b"\r\n--bo", b"id,lon"])).map(
        b"".join
    ),
    cuts=st.lists(st.integers(1, 40), max_size=30),
)
def test_a_form_gives_its_file_whole_however_it_is_cut(content: bytes, cuts: list[int]) -> None:
    head = b'pre\r\n--boundary\r\nContent-Disposition: form-data; name="file"; filename="\xe6\x91\x84.csv"\r\n\r\n'
    body = head + content + b"\r\n--boundary--\r\nafter"
    form, out = OneFileForm('multipart/form-data; boundary="boundary"'), b""
    for cut in [*cuts, len(body)]:
        out += form.feed(body[:cut])
        body = body[cut:]
    assert (out, form.filename, form.is_complete) == (content, "摄.csv", True)
