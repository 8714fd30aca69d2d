"""Rebuild the gazetteer: at once where it is quick, in the background where it is slow."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pytest
from fastapi.testclient import TestClient
from httpx import Response

from api import __version__, gazetteer_cache
from api.gazetteer_cache import GazetteerCache
from api.open_store import index_folder
from api.settings import Settings
from geo.places.address import book_file, suggest
from geo.places.address.book import AddressBook
from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from geo.studies import locate_positions
from geo.studies.import_files import import_frames
from geo.studies.locate_positions import locate_address
from tests.api.conftest import G2, frames
from tests.postgres import fresh_database, wait_until


def _owner(store: Store, gazetteers: GazetteerCache) -> tuple[str, int]:
    found = locate_address(store, "南镇南村新街9号", gazetteer=gazetteers.get(None))
    return found.status, found.revision


def _add(store: Store) -> None:
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [102.0005, 37.0012]},
        "properties": {"text": "南镇南村新街9号"},
    }
    store.put("addresses", "new", feature, if_version=0, actor="test")


def test_a_small_index_is_rebuilt_by_the_first_request_after_a_change(store: Store) -> None:
    gazetteers = GazetteerCache(store)
    before = _owner(store, gazetteers)
    _add(store)
    assert before[0] != "matched"
    assert _owner(store, gazetteers) == ("matched", before[1] + 1)


def test_a_slow_index_is_used_until_the_new_one_is_built(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gazetteer_cache, "SLOW_SECONDS", 0.0)
    gazetteers = GazetteerCache(store)
    before = _owner(store, gazetteers)
    _add(store)
    # Whichever index answers, the revision says so: the old one knows no such address, the new one does.
    assert _owner(store, gazetteers) in (before, ("matched", before[1] + 1))
    assert wait_until(lambda: _owner(store, gazetteers)[0] == "matched")
    assert _owner(store, gazetteers)[1] == before[1] + 1


def test_a_kept_index_is_read_until_the_data_change(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_file, "LEAST_KEPT", 1)
    monkeypatch.setattr(gazetteer_cache, "LEAST_KEPT", 1)
    folder = tmp_path / "index"
    first = GazetteerCache(store, index_folder=folder)
    before = _owner(store, first)
    assert len(list(folder.iterdir())) == 1
    built: list[int] = []
    build = AddressBook.__init__

    def counted(self: AddressBook, *words: Any, **named: Any) -> None:
        built.append(1)
        build(self, *words, **named)

    monkeypatch.setattr(AddressBook, "__init__", counted)
    after_restart = GazetteerCache(store, index_folder=folder)
    after_restart.prepare()
    assert wait_until(lambda: _is_loaded(after_restart)), "nobody asked for an address"
    assert _owner(store, after_restart) == before
    assert not built
    assert after_restart.get(None).seconds == first.get(None).seconds, "it is as slow to build again as it was"
    _add(store)
    monkeypatch.setattr(gazetteer_cache, "SLOW_SECONDS", 600.0)
    assert _owner(store, after_restart) == ("matched", before[1] + 1)
    assert built


def test_no_request_waits_long_for_a_large_index(writer: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the addresses of a started service are being indexed, points are answered, and addresses with 503."""
    may_end = threading.Event()
    build = AddressBook.__init__

    def slow(self: AddressBook, *words: Any, **named: Any) -> None:
        may_end.wait(60.0)
        build(self, *words, **named)

    monkeypatch.setattr(AddressBook, "__init__", slow)
    monkeypatch.setattr(gazetteer_cache, "PATIENCE_SECONDS", 0.05)
    place = {"lon": 102.003, "lat": 37.001, "crs": "wgs84"}
    asked: list[Callable[[], Response]] = [
        lambda: writer.get("/locate", params={"address": "南镇南村新街9号"}),
        lambda: writer.post("/locate", json=[{"id": "1", "address": "南镇南村新街9号"}]),
        lambda: writer.get("/suggest", params={"q": "南"}),
    ]
    for ask in asked:
        answer = ask()
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert "being indexed" in answer.json()["detail"]
    assert writer.get("/health").json() == {"status": "ok", "version": __version__}
    assert writer.get("/health?ready=1").json()["addresses"] == "indexing"
    assert writer.get("/locate", params=place).status_code == 200
    assert writer.post("/locate", json=[{"id": "1", **place}]).status_code == 200
    may_end.set()
    assert wait_until(lambda: all(ask().status_code == 200 for ask in asked))
    assert writer.get("/health?ready=1").json()["addresses"] == "ready"


def test_an_index_of_an_earlier_day_is_read_where_no_row_began_or_ended_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_file, "LEAST_KEPT", 1)
    monkeypatch.setattr(gazetteer_cache, "LEAST_KEPT", 1)
    days = [date(2026, 3, 1)]
    store = open_store(tmp_path / "workspace.gpkg", today=lambda: days[0])
    doors = gpd.GeoDataFrame(
        {"id": ["1", "2"], "text": ["民主街1号", "民主街3号"], "valid_to": [None, "2026-03-10"]},
        geometry=gpd.points_from_xy([102.0, 102.0], [37.0, 37.0]), crs=4326,
    )  # fmt: skip
    store.write("addresses", doors, "upsert", actor="me")
    folder = tmp_path / "index"
    built: list[int] = []
    build = AddressBook.__init__

    def counted(self: AddressBook, *words: Any, **named: Any) -> None:
        built.append(days[0].day)
        build(self, *words, **named)

    monkeypatch.setattr(AddressBook, "__init__", counted)

    def answer() -> tuple[str, str, int]:
        gazetteer = GazetteerCache(store, index_folder=folder).get_with_addresses(None)
        found = gazetteer.address("民主街3号", accuracy=20.0)
        return found.at, found.candidates[0].method, len(built)

    assert answer() == ("2026-03-01", "exact", 1)
    days[0] = date(2026, 3, 9)
    assert answer() == ("2026-03-09", "exact", 1), "that of the first of March"
    days[0] = date(2026, 3, 10)
    assert answer() == ("2026-03-10", "match", 2), "a door is no more"
    days[0] = date(2026, 3, 20)
    assert answer() == ("2026-03-20", "match", 2)
    store.write("addresses", doors.assign(valid_to=None), "upsert", actor="me")
    assert answer() == ("2026-03-20", "exact", 3), "the data are others"
    store.close()


def test_indexes_are_kept_beside_a_file_and_those_of_a_database_in_the_cache_of_the_user(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    of_file = index_folder(Settings(), store)
    assert of_file is not None
    assert of_file.name.endswith(".gpkg.index")
    names = ("postgresql://one@127.0.0.1/a", "postgresql://one@127.0.0.1/b")
    folders = [index_folder(Settings(), cast("Store", SimpleNamespace(name=name))) for name in names]
    assert len({*folders}) == 2
    assert {one.parent for one in folders if one} == {tmp_path / ".cache" / "gridsight"}
    told = tmp_path / "told"
    assert index_folder(Settings(index_dir=told), cast("Store", SimpleNamespace(name=names[0]))) == told


def test_an_index_is_kept_in_a_folder_that_nobody_has_made_yet(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_file, "LEAST_KEPT", 1)
    folder = tmp_path / ".cache" / "gridsight" / "index-1"
    _owner(store, GazetteerCache(store, index_folder=folder))
    assert len(list(folder.iterdir())) == 1
    assert folder.stat().st_mode & 0o077 == 0


def test_an_index_that_failed_is_made_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from geo.errors import StoreDown

    gazetteers = GazetteerCache(store)
    build = AddressBook.__init__

    def down(*_: Any, **__: Any) -> None:
        raise StoreDown("数据库未运行", "the database is down")

    monkeypatch.setattr(AddressBook, "__init__", down)
    with pytest.raises(StoreDown):
        gazetteers.get_with_addresses(None)
    monkeypatch.setattr(AddressBook, "__init__", build)
    assert gazetteers.get_with_addresses(None).seconds > 0
    gazetteers.close()


def test_suggestions_are_indexed_before_an_index_is_swapped(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    make = suggest.targets_of

    def counted(*words: Any, **named: Any) -> Any:
        made.append(threading.get_ident())
        return make(*words, **named)

    monkeypatch.setattr(suggest, "targets_of", counted)
    monkeypatch.setattr(gazetteer_cache, "SLOW_SECONDS", 0.0)
    gazetteers = GazetteerCache(store)
    before = _owner(store, gazetteers)
    _add(store)
    assert wait_until(lambda: _owner(store, gazetteers)[1] == before[1] + 1)
    assert len(made) == 1, "of the new index, in the background; nobody asked for one of the old"
    assert made[0] != threading.get_ident()
    assert gazetteers.get(None).book.suggest("南镇")
    assert len(made) == 1, "a request waits for none"


def _is_loaded(gazetteers: GazetteerCache) -> bool:
    return gazetteers.get(None).seconds > 0


def test_a_failed_rebuild_is_tried_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from geo.errors import StoreDown

    monkeypatch.setattr(gazetteer_cache, "SLOW_SECONDS", 0.0)
    gazetteers = GazetteerCache(store)
    _owner(store, gazetteers)
    _add(store)
    made = gazetteer_cache.gazetteer_of
    calls: list[int] = []

    def once(*words: object, **named: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise StoreDown("数据库未运行", "the database is down")
        return made(*words, **named)

    monkeypatch.setattr(gazetteer_cache, "gazetteer_of", once)
    assert wait_until(lambda: _owner(store, gazetteers)[0] == "matched")
    assert len(calls) == 2


def test_the_revision_is_read_in_the_background_in_server_mode(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from geo.errors import StoreDown

    clock = [100.0]
    monkeypatch.setattr(gazetteer_cache, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    gazetteers = GazetteerCache(store, revision_ttl=0.4)
    assert gazetteers.get_cached(None) is None, "nothing is there yet"
    _owner(store, gazetteers)
    assert gazetteers.get_cached(None) is not None
    _add(store)
    assert gazetteers.get_cached(None) is not None, "nobody has looked"
    # After half of that time the revision is read again: the old gazetteer is not current any more.
    clock[0] += 0.3
    assert gazetteers.get_cached(None) is not None, "a request does not wait for it"
    assert wait_until(lambda: gazetteers.get_cached(None) is None)
    assert _owner(store, gazetteers)[0] == "matched"

    def down(_store: Store) -> int:
        raise StoreDown("数据库未运行", "the database is down")

    monkeypatch.setattr(gazetteer_cache, "state", down)
    clock[0] += 0.3
    assert gazetteers.get_cached(None) is not None
    clock[0] += 0.3
    assert gazetteers.get_cached(None) is None, "a store that does not answer is trusted no longer"
    with pytest.raises(StoreDown):
        gazetteers.get(None)
    gazetteers.close()


def test_a_change_while_an_index_is_read_is_in_all_of_it_or_none(
    server: str, migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A grid that another process deletes after the state was read is in the index, and its revision says so."""
    from geo.storage.postgis.store import open_database

    with fresh_database(server, template=migrated) as url, open_database(url) as store, open_database(url) as other:
        import_frames(store, {name: frames()[name] for name in ("divisions", "grids")}, actor="test")
        before = (locate_positions.revision(store), locate_positions.state(store))
        read = locate_positions.state

        def then_changed(asked: Store) -> str:
            found = read(asked)
            other.delete("grids", G2, if_version=None, actor="other")
            return found

        monkeypatch.setattr(locate_positions, "state", then_changed)
        found = locate_positions.gazetteer_of(store)
        assert (found.revision, found.state) == before
        (owner,) = found.points(np.array([102.003]), np.array([37.001]), accuracy=20.0)
        assert owner.grid["code"] == G2
