"""Run `gridsight db ...` and other commands on a database as an operator types them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from api.open_store import database_url, open_configured_store, store_location
from api.settings import Settings
from geo.errors import BadValue, StoreBroken
from geo.storage.geopackage.store import open_store
from geo.storage.postgis import maintenance
from geo.storage.postgis.urls import url_without_password, with_password
from tests import postgres
from tests.geo.storage.sample_layers import cameras
from tests.migrations.sample_rows import A, fill

Run = Callable[..., tuple[str, str]]
pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def empty(server: str) -> Iterator[str]:
    with postgres.fresh_database(server) as url:
        yield url


def test_upgrade_backup_and_restore(run: Run, empty: str, server: str, tmp_path: Path) -> None:
    first = json.loads(run("db", "upgrade", "--database", empty, "--json")[0])
    assert (first["store"], first["from"], first["to"]) == (url_without_password(empty), None, maintenance.newest())
    assert [step[:6] for step in first["steps"]][:2] == ["+ 0001", "+ 0002"]
    assert first["warnings"] == []
    again = json.loads(run("db", "upgrade", "--database", empty, "--json")[0])
    assert (again["from"], again["steps"]) == (maintenance.newest(), [])
    assert "up to date" in run("db", "upgrade", "--database", empty)[0]
    fill(empty)
    saved = json.loads(run("db", "backup", "--out", "c.dump", "--database", empty, "--json")[0])
    assert saved["bytes"] == (tmp_path / "c.dump").stat().st_size
    assert (tmp_path / saved["roles"]).exists()
    with postgres.fresh_database(server) as copy:
        restored = json.loads(run("db", "restore", "c.dump", "--database", copy, "--json")[0])
        assert restored == {"store": url_without_password(copy), "file": "c.dump", "to": maintenance.newest()}
        _, err = run("db", "restore", "c.dump", "--database", copy, code=2)
        assert "not empty" in err
        assert err.count("\n") == 1
        with psycopg.connect(copy) as conn:
            assert conn.execute("SELECT count(*) FROM gridsight.cameras").fetchone() == (4,)


def test_an_older_backup_says_what_comes_next(run: Run, empty: str, server: str) -> None:
    maintenance.upgrade(empty, to="0002")
    run("db", "backup", "--out", "old.dump", "--database", empty)
    with postgres.fresh_database(server) as copy:
        _, err = run("db", "restore", "old.dump", "--database", copy)
        assert "gridsight db upgrade" in err


def test_a_database_not_yet_upgraded_says_so(run: Run, empty: str) -> None:
    _, err = run("runs", "--database", empty, code=2)
    assert "gridsight db upgrade" in err


def test_import_and_read_as_operator_and_as_the_servers_login(run: Run, database: str, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("id,lon,lat\nk1,101.5,37.5\n", encoding="utf-8")
    for url, counts in ((database, (1, 0)), (postgres.service_url(database), (0, 1))):
        words = ("import", "c.csv", "--layer", "cameras", "--crs", "wgs84", "--database", url, "--json")
        report = json.loads(run(*words)[0])
        assert report["store"] == url_without_password(url)
        assert (report["imported"], report["updated"]) == counts
    assert json.loads(run("runs", "--database", database, "--json")[0])["store"] == url_without_password(database)
    assert not list(tmp_path.glob("*.gpkg")), "no workspace file is made beside"


def test_move_both_ways(run: Run, database: str, tmp_path: Path) -> None:
    embedded = open_store(tmp_path / "w.gpkg")
    embedded.write("cameras", cameras("a", "b", kind=["fixed", "ptz"]), "upsert", actor="me")
    embedded.write("cameras", cameras("a", kind=["dome"]), "upsert", actor="me")
    embedded.close()
    moved = json.loads(run("db", "move", "--from", "w.gpkg", "--to", database, "--json")[0])
    assert moved["from"] == "w.gpkg"
    assert moved["store"] == url_without_password(database)
    assert moved["counts"]["cameras"] == 2
    run("db", "move", "--from", database, "--to", "back.gpkg")
    first, last = open_store(tmp_path / "w.gpkg"), open_store(tmp_path / "back.gpkg")
    for name in ("current", "history"):
        one, other = (getattr(store.versions("cameras"), name) for store in (first, last))
        assert one.drop(columns="geometry").equals(other.drop(columns="geometry")), name
        assert one.geometry.geom_equals_exact(other.geometry, 0).all()
    first.close()
    last.close()


def test_a_move_that_cannot_be_done_leaves_no_file(run: Run, database: str, tmp_path: Path) -> None:
    run("db", "move", "--from", "none.gpkg", "--to", database, code=2)
    run("db", "move", "--from", "x.gpkg", "--to", "x.gpkg", code=2)
    run("db", "move", "--from", "postgresql://u:secret@127.0.0.1:1/x", "--to", "y.gpkg", code=2)
    fill(database)
    open_store(tmp_path / "w.gpkg").close()
    _, err = run("db", "move", "--from", "w.gpkg", "--to", database, code=2)
    assert err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.glob("*.gpkg")) == ["w.gpkg"]


def test_the_order_in_which_a_store_is_chosen(tmp_path: Path) -> None:
    flag, url, env_url = tmp_path / "flag.gpkg", "postgresql://a@h/one", "postgresql://b@h/two"
    env_file = tmp_path / "env.gpkg"
    both = Settings(workspace=env_file, database_url=env_url)
    assert store_location(both, flag, None) == flag
    assert store_location(both, None, url) == url
    assert store_location(both) == env_url
    assert store_location(Settings(workspace=env_file)) == env_file
    assert store_location(Settings()) == Path("workspace.gpkg")
    with pytest.raises(BadValue):
        store_location(both, flag, url)


def test_the_password_comes_from_its_file_and_is_never_shown(tmp_path: Path, run: Run, monkeypatch) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s/e c@:\nsecond line\n", encoding="utf-8")
    settings = Settings(database_url="postgresql://ann@h:5432/db?sslmode=disable", database_password_file=secret)
    url = database_url(settings)
    assert url == "postgresql://ann:s%2Fe%20c%40%3A@h:5432/db?sslmode=disable"
    assert psycopg.conninfo.conninfo_to_dict(url)["password"] == "s/e c@:"
    assert url_without_password(url) == "postgresql://ann@h:5432/db?sslmode=disable"
    assert url_without_password("postgresql://ann@h/db?password=x&sslpassword=y&connect_timeout=3") == (
        "postgresql://ann@h/db?connect_timeout=3"
    )
    assert with_password("postgresql://ann:own@h/db", "other") == "postgresql://ann:own@h/db"
    assert with_password("postgresql:///db", "other") == "postgresql:///db"
    assert with_password("postgresql:///db?host=h&user=ann", "a b") == "postgresql:///db?host=h&user=ann&password=a%20b"
    assert url_without_password("postgresql:///db?host=/run&options=-c%20geqo%3Doff&password=x") == (
        "postgresql:///db?host=/run&options=-c%20geqo%3Doff"
    )
    monkeypatch.setenv("GRIDSIGHT_DATABASE_PASSWORD_FILE", str(secret))
    for words in (["runs"], ["db", "upgrade"], ["db", "backup", "--out", "x.dump"]):
        out, err = run(*words, "--database", "postgresql://ann@127.0.0.1:1/db", code=2)
        assert "s/e" not in out + err
        assert "s%2Fe" not in out + err
    with pytest.raises(BadValue):
        database_url(Settings(database_url="postgresql://ann@h/db", database_password_file=tmp_path / "none"))
    with pytest.raises(BadValue):
        database_url(Settings())
    with pytest.raises(BadValue, match="conect_timeout"):
        database_url(Settings(database_url="postgresql://ann@h/db?conect_timeout=5"))


def test_a_database_without_the_server_packages_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins
    import sys

    real = builtins.__import__

    def without(name: str, *rest: object, **more: object) -> object:
        if name.partition(".")[0] in {"psycopg", "sqlalchemy", "geoalchemy2"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *rest, **more)

    for name in list(sys.modules):
        if name.startswith("geo.storage.postgis"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("geo.storage.postgis", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(StoreBroken, match=r"gridsight\[server\]"):
        open_configured_store(Settings(), database=f"postgresql://ann@127.0.0.1:1/{A}")
