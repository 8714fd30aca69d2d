"""Back a filled database up, restore it into a second cluster that knows none of its roles, and read it there."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import psycopg
import pytest

from geo.errors import Conflict, StoreBroken, UnreadableFile
from geo.storage.postgis import backup, maintenance
from tests import postgres
from tests.migrations.sample_rows import A, acting, contents, fill


@pytest.fixture(scope="module")
def second(clusters: Callable[[], AbstractContextManager[postgres.Cluster]]) -> Iterator[str]:
    """Return the URL of another cluster, with none of our roles."""
    with clusters() as cluster:
        yield cluster.url


@pytest.fixture(scope="module")
def saved(server: str, migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Return a filled database and its backup."""
    out = tmp_path_factory.mktemp("backup") / "county 县.dump"
    with postgres.fresh_database(server, template=migrated) as url:
        fill(url)
        maintenance.backup(url, out)
        yield url, out


def test_a_second_cluster_holds_all_and_shows_a_planner_their_part(saved: tuple[str, Path], second: str) -> None:
    origin, out = saved
    with psycopg.connect(second) as conn:
        assert conn.execute("SELECT count(*) FROM pg_roles WHERE rolname ~ '^gridsight'").fetchone() == (0,)
    with postgres.fresh_database(second) as copy:
        maintenance.restore(copy, out)
        assert contents(copy) == {**contents(origin), "sessions": []}, "all but who was signed in"
        assert maintenance.current(copy) == maintenance.newest()
        assert maintenance.upgrade(copy) == []
        look = (
            "SELECT string_agg(c::text, ' ' ORDER BY id) FROM gridsight.cameras c",
            "SELECT string_agg(h::text, ' ' ORDER BY id) FROM gridsight.cameras_history h",
            "SELECT string_agg(g::text, ' ' ORDER BY rank) FROM gridsight.run_gaps_seen g",
            "SELECT string_agg(p::text, ' ') FROM gridsight.run_coverage_parts p",
        )
        for sql in look:
            with acting(origin, "planner", A) as there, acting(copy, "planner", A) as here:
                expected = there.execute(sql).fetchone()
                assert expected[0], sql
                assert here.execute(sql).fetchone() == expected, sql
            with acting(copy, "planner") as here:
                assert here.execute(sql).fetchone() == (None,), "no township, no row"
        login = postgres.service_url(copy)
        assert maintenance.require_startup_checks(login) == [], "row policies are there, and the index works under them"
        with acting(copy, "planner", A) as here:
            here.execute("UPDATE gridsight.cameras SET kind = 'dome' WHERE id = 'a2'")
            found = here.execute("SELECT count(*) FROM gridsight.cameras_history WHERE id = 'a2'").fetchone()
            assert found == (1,), "history goes on"
        with psycopg.connect(copy) as conn:
            stats = "SELECT reltuples FROM pg_class WHERE oid = 'gridsight.cameras'::regclass"
            assert conn.execute(stats).fetchone() == (4,), "analysed"
            fresh = "INSERT INTO gridsight.audit (who) VALUES ('x') RETURNING id"
            assert conn.execute(fresh).fetchone() == (2,), "numbers go on after those restored"


def test_the_roles_file_holds_no_password_and_the_dump_is_the_operators_alone(saved: tuple[str, Path]) -> None:
    origin, out = saved
    with psycopg.connect(origin, autocommit=True) as conn:
        conn.execute("ALTER ROLE gridsight PASSWORD 'correct horse'")
        try:
            again = out.with_name("again.dump")
            maintenance.backup(origin, again)
        finally:
            conn.execute("ALTER ROLE gridsight PASSWORD NULL")
    text = backup.roles_file(again).read_text(encoding="utf-8")
    assert text == backup.roles_file(out).read_text(encoding="utf-8")
    assert "PASSWORD" not in text.upper().replace("WITHOUT PASSWORDS", "")
    assert "SCRAM" not in text
    assert text.count("CREATE ROLE") == 6
    assert text.count("GRANT gridsight_") == 4
    assert "GRANT gridsight_owner" not in text
    assert stat.S_IMODE(again.stat().st_mode) == 0o600
    assert b"correct horse" not in again.read_bytes()
    assert not [path for path in out.parent.iterdir() if path.name.startswith(".")], "nothing half-written is left"


def test_a_restore_fills_nothing_but_an_empty_database(saved: tuple[str, Path], database: str) -> None:
    before = contents(database)
    with pytest.raises(Conflict):
        maintenance.restore(database, saved[1])
    assert contents(database) == before


def test_only_a_database_of_utf8_is_filled(saved: tuple[str, Path], server: str) -> None:
    """A cluster that was made without a locale has databases of SQL_ASCII, in which names have no normal form."""
    name = "gridsight_ascii"
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
        try:
            url = postgres.database_url(server, name)
            for fill_it in (lambda: maintenance.restore(url, saved[1]), lambda: maintenance.upgrade(url)):
                with pytest.raises(StoreBroken, match=r"SQL_ASCII.*--encoding=UTF8"):
                    fill_it()
                with psycopg.connect(url) as there:
                    made = "SELECT count(*) FROM pg_namespace WHERE nspname = 'gridsight'"
                    assert there.execute(made).fetchone() == (0,), "refused before anything is made"
        finally:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_restore_goes_whole_or_not_at_all(saved: tuple[str, Path], server: str, tmp_path: Path) -> None:
    _, out = saved
    cut = tmp_path / "cut.dump"
    cut.write_bytes(out.read_bytes()[: out.stat().st_size * 2 // 3])
    with postgres.fresh_database(server) as url:
        with pytest.raises(UnreadableFile, match="roles"):
            maintenance.restore(url, cut)
        shutil.copy(backup.roles_file(out), backup.roles_file(cut))
        with pytest.raises((StoreBroken, UnreadableFile)):
            maintenance.restore(url, cut)
        text = tmp_path / "text.dump"
        text.write_text("no dump", encoding="utf-8")
        shutil.copy(backup.roles_file(out), backup.roles_file(text))
        with pytest.raises(UnreadableFile):
            maintenance.restore(url, text)
        with pytest.raises(UnreadableFile):
            maintenance.restore(url, tmp_path / "absent.dump")
        assert maintenance.current(url) is None
        maintenance.restore(url, out)
        assert contents(url) == {**contents(saved[0]), "sessions": []}


def test_a_backup_of_a_newer_program_is_refused_before_anything_is_restored(
    database: str, server: str, tmp_path: Path
) -> None:
    out = tmp_path / "newer.dump"
    with psycopg.connect(database) as conn:
        conn.execute("UPDATE gridsight.alembic_version SET version_num = '9999'")
    maintenance.backup(database, out)
    with postgres.fresh_database(server) as url:
        with pytest.raises(StoreBroken, match=f"9999.*{maintenance.newest()}: use a newer one"):
            maintenance.restore(url, out)
        with psycopg.connect(url) as conn:
            assert conn.execute("SELECT to_regnamespace('gridsight')").fetchone() == (None,)


@pytest.mark.parametrize(
    "line",
    [
        "DROP DATABASE postgres;",
        "ALTER ROLE gridsight SUPERUSER;",
        "GRANT pg_read_server_files TO gridsight;",
        "GRANT gridsight_owner TO gridsight; DROP TABLE x;",
        "GRANT gridsight_owner TO gridsight;",
        "DO $$ BEGIN CREATE ROLE gridsight_admin SUPERUSER; END $$;",
        "",
    ],
)
def test_a_roles_file_of_other_statements_is_refused(
    saved: tuple[str, Path], server: str, tmp_path: Path, line: str
) -> None:
    copy = tmp_path / "x.dump"
    shutil.copy(saved[1], copy)
    text = backup.roles_file(saved[1]).read_text(encoding="utf-8") + line + "\n" if line else ""
    backup.roles_file(copy).write_text(text, encoding="utf-8")
    with postgres.fresh_database(server) as url:
        with pytest.raises(UnreadableFile):
            maintenance.restore(url, copy)
        assert maintenance.current(url) is None


def test_a_backup_that_cannot_be_made_leaves_what_is_there(
    saved: tuple[str, Path], server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "old.dump"
    out.write_text("the last good one", encoding="utf-8")
    with postgres.fresh_database(server) as empty, pytest.raises(StoreBroken):
        maintenance.backup(empty, out)
    login = postgres.service_url(saved[0])
    with pytest.raises(StoreBroken):
        maintenance.backup(login, out)  # who sees nothing backs nothing up
    with pytest.raises(UnreadableFile):
        maintenance.backup(saved[0], tmp_path / "no" / "such" / "folder.dump")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(backup, "_CLIENT_FOLDERS", tmp_path)
    with pytest.raises(UnreadableFile, match="pg_dump"):
        maintenance.backup(saved[0], out)
    assert out.read_text(encoding="utf-8") == "the last good one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.dump"]


def test_a_password_is_no_argument_of_a_program(saved: tuple[str, Path], tmp_path: Path, monkeypatch) -> None:
    """Every user of a machine can list the arguments of its processes."""
    seen: list[list[str]] = []
    run = backup.subprocess.run

    def spy(command: list[str], **options: object) -> object:
        seen.append(command)
        assert options["env"]["PGPASSWORD"] == "s e/c"
        return run(command, **options)

    monkeypatch.setattr(backup.subprocess, "run", spy)
    url = saved[0].replace("postgres@", "postgres:s%20e%2Fc@", 1)
    maintenance.backup(url, tmp_path / "x.dump")
    assert len(seen) == 1
    assert not any("s%20e" in word or "s e" in word for word in seen[0])


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        ("pg_dump: error: could not write to output file: No space left on device", UnreadableFile),
        ("pg_dump: error: query failed: ERROR:  canceling statement due to statement timeout", StoreBroken),
    ],
)
def test_a_failed_backup_says_what_pg_dump_said_and_leaves_no_file(
    saved: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, kind: type[Exception]
) -> None:
    programs, out = tmp_path / "programs", tmp_path / "out"
    for folder in (programs, out):
        folder.mkdir()
    program = programs / "pg_dump"
    program.write_text(
        f'#!/bin/sh\nfor one in "$@"; do case "$one" in --file=*) echo half >"${{one#--file=}}";; esac; done\n'
        f"echo 'pg_dump: warning: something else' >&2\necho '{says}' >&2\nexit 1\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    with pytest.raises(kind, match=says):
        maintenance.backup(saved[0], out / "county.dump")
    assert list(out.iterdir()) == []


def test_who_may_connect_is_restored(saved: tuple[str, Path], second: str, tmp_path: Path) -> None:
    """A dump of a schema does not hold the rights of its database, and a new database lets everybody connect."""
    origin, out = saved
    may = "SELECT " + ", ".join(
        f"has_database_privilege('{who}', current_database(), 'CONNECT')" for who in ("public", "gridsight")
    )
    with psycopg.connect(origin, autocommit=True) as conn:
        assert conn.execute(may).fetchone() == (True, True)
        (name,) = conn.execute("SELECT current_database()").fetchone()
        conn.execute(f'REVOKE CONNECT ON DATABASE "{name}" FROM PUBLIC')
        conn.execute(f'GRANT CONNECT ON DATABASE "{name}" TO gridsight')
        try:
            maintenance.backup(origin, tmp_path / "closed.dump")
        finally:
            conn.execute(f'GRANT CONNECT ON DATABASE "{name}" TO PUBLIC')
    for dump, expected in ((tmp_path / "closed.dump", (False, True)), (out, (True, True))):
        with postgres.fresh_database(second) as copy:
            maintenance.restore(copy, dump)
            with psycopg.connect(copy) as conn:
                assert conn.execute(may).fetchone() == expected
