"""Rebuild the gazetteer: at once where it is quick, in the background where it is slow."""

from __future__ import annotations

import pytest

from api import gazetteer_cache
from api.gazetteer_cache import GazetteerCache
from geo.storage.protocol import Store
from geo.studies.locate_positions import locate_address
from tests.postgres import wait_until


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


def test_a_failed_rebuild_is_tried_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from geo.errors import StoreDown

    monkeypatch.setattr(gazetteer_cache, "SLOW_SECONDS", 0.0)
    gazetteers = GazetteerCache(store)
    _owner(store, gazetteers)
    _add(store)
    made = gazetteer_cache.gazetteer_of
    calls: list[int] = []

    def once(*words: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise StoreDown("数据库未运行", "the database is down")
        return made(*words)

    monkeypatch.setattr(gazetteer_cache, "gazetteer_of", once)
    assert wait_until(lambda: _owner(store, gazetteers)[0] == "matched")
    assert len(calls) == 2


def test_the_revision_is_read_in_the_background_in_server_mode(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from geo.errors import StoreDown

    gazetteers = GazetteerCache(store, revision_ttl=0.4)
    assert gazetteers.get_cached(None) is None, "nothing is there yet"
    _owner(store, gazetteers)
    assert gazetteers.get_cached(None) is not None
    _add(store)
    # After half of that time the revision is read again: the old gazetteer is not current any more.
    assert wait_until(lambda: gazetteers.get_cached(None) is None)
    assert _owner(store, gazetteers)[0] == "matched"

    def down(_store: Store) -> int:
        raise StoreDown("数据库未运行", "the database is down")

    monkeypatch.setattr(gazetteer_cache, "revision", down)
    assert wait_until(lambda: gazetteers.get_cached(None) is None), "a store that does not answer is trusted no longer"
    with pytest.raises(StoreDown):
        gazetteers.get(None)
    gazetteers.close()
