"""Move closed months of the audit into files: nothing is lost, nothing else is removed, and the move is noted."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from api.cli import main
from geo.errors import BadValue, NotFound, StoreBroken
from geo.storage.postgis import audit_archive
from geo.storage.postgis.store import open_database
from tests import postgres
from tests.postgres import service_url

#: Two of October in Shanghai, eight hours before UTC, one at its last instant; one of November, one of this month.
TIMES = ("2024-09-30 16:00:00Z", "2024-10-31 15:59:59.999Z", "2024-10-31 16:00:00Z")


@pytest.fixture
def url(server: str, migrated: str) -> Iterator[str]:
    with postgres.fresh_database(server, template=migrated) as url:
        with psycopg.connect(url) as conn:
            for k, at in enumerate((*TIMES, datetime.now(tz=UTC))):
                sql = "INSERT INTO gridsight.audit (at, who, action, detail) VALUES (%s, %s, 'export', '{\"rows\": 3}')"
                conn.execute(sql, (at, f"甲{k}"))
        yield url


def left(url: str) -> list[tuple[str, str]]:
    with psycopg.connect(url) as conn:
        return conn.execute("SELECT who, action FROM gridsight.audit ORDER BY id").fetchall()


def test_a_month_goes_whole_into_its_file(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "archive", "--before", "2024-11", "--out", str(tmp_path), "--database", url, "--json"]) == 0
    (month,) = json.loads(capsys.readouterr().out)["months"]
    path = tmp_path / "audit-2024-10.jsonl.gz"
    assert month == {
        "month": "2024-10", "rows": 2, "file": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()
    }  # fmt: skip
    entries = [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
    assert [(one["who"], one["action"], one["detail"]) for one in entries] == [
        ("甲0", "export", {"rows": 3}), ("甲1", "export", {"rows": 3}),
    ]  # fmt: skip
    assert datetime.fromisoformat(entries[1]["at"]) == datetime(2024, 10, 31, 15, 59, 59, 999000, tzinfo=UTC)
    assert path.stat().st_mode & 0o077 == 0, "it names people"
    assert left(url) == [("甲2", "export"), ("甲3", "export"), ("postgres", "archive-audit")]
    with psycopg.connect(url) as conn:
        (detail,) = conn.execute("SELECT detail FROM gridsight.audit WHERE action = 'archive-audit'").fetchone()
        assert detail == {"month": "2024-10", "rows": 2, "file": path.name, "sha256": month["sha256"]}
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            conn.execute("DELETE FROM gridsight.audit")
    assert audit_archive.archive(url, before="2024-11", folder=tmp_path) == []


def test_months_follow_the_time_zone_of_the_database(url: str, tmp_path: Path) -> None:
    """The same three moments: in UTC the first is of September, and the other two are of October."""
    with open_database(url) as store:
        store.set_time_zone("UTC")
    months = audit_archive.archive(url, before="2024-11", folder=tmp_path)
    assert [(one.month, one.rows, one.path.name) for one in months] == [
        ("2024-09", 1, "audit-2024-09.jsonl.gz"), ("2024-10", 2, "audit-2024-10.jsonl.gz")
    ]  # fmt: skip


def test_a_file_is_never_replaced(url: str, tmp_path: Path) -> None:
    (tmp_path / "audit-2024-10.jsonl.gz").write_bytes(b"of an earlier run")
    (month,) = audit_archive.archive(url, before="2024-11", folder=tmp_path)
    assert month.path.name == "audit-2024-10-2.jsonl.gz"
    assert (tmp_path / "audit-2024-10.jsonl.gz").read_bytes() == b"of an earlier run"


def test_what_cannot_be_archived_stays(url: str, tmp_path: Path) -> None:
    before = left(url)
    next_year = f"{datetime.now(tz=UTC).year + 1}-01"
    for month in (next_year, "2026", "2026-13", "2026-1", "yesterday"):
        with pytest.raises(BadValue):
            audit_archive.archive(url, before=month, folder=tmp_path)
    with pytest.raises(NotFound):
        audit_archive.archive(url, before="2024-11", folder=tmp_path / "none")
    with pytest.raises(StoreBroken):
        audit_archive.archive(service_url(url), before="2024-11", folder=tmp_path)  # the service's own login
    with psycopg.connect(url, autocommit=True) as conn:  # the removal fails after the file was written
        conn.execute(
            "CREATE FUNCTION gridsight.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$"
        )
        conn.execute("CREATE TRIGGER refuses BEFORE DELETE ON gridsight.audit EXECUTE FUNCTION gridsight.refuse()")
        with pytest.raises(StoreBroken):
            audit_archive.archive(url, before="2024-11", folder=tmp_path)
        assert left(url) == before
        enabled = "SELECT tgenabled FROM pg_trigger WHERE tgname = 'stands'"
        assert [bytes(row[0]) if isinstance(row[0], bytes) else row[0].encode() for row in conn.execute(enabled)] == [
            b"A"
        ]
