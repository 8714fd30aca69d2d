"""Renew the index of places: at once where it is quick, beside the requests where it is slow."""

from __future__ import annotations

import pytest

from api import gazetteer_cache as places_module
from api.gazetteer_cache import Places
from geo.storage.protocol import Store
from geo.studies.locate_positions import locate_address
from tests.postgres import wait_until


def _owner(store: Store, places: Places) -> tuple[str, int]:
    found = locate_address(store, "南镇南村新街9号", gazetteer=places.on(None))
    return found.status, found.revision


def _add(store: Store) -> None:
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [102.0005, 37.0012]},
        "properties": {"text": "南镇南村新街9号"},
    }
    store.put("addresses", "new", feature, if_version=0, actor="test")


def test_a_small_index_is_renewed_by_the_first_question_after_a_change(store: Store) -> None:
    places = Places(store)
    before = _owner(store, places)
    _add(store)
    assert before[0] != "matched"
    assert _owner(store, places) == ("matched", before[1] + 1)


def test_a_slow_index_answers_as_before_until_the_new_one_is_there(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places_module, "SLOW_SECONDS", 0.0)
    places = Places(store)
    before = _owner(store, places)
    _add(store)
    # Whichever index answers, the revision says so: the old one knows no such address, the new one does.
    assert _owner(store, places) in (before, ("matched", before[1] + 1))
    assert wait_until(lambda: _owner(store, places)[0] == "matched")
    assert _owner(store, places)[1] == before[1] + 1


def test_a_failed_renewal_is_tried_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from geo.errors import StoreDown

    monkeypatch.setattr(places_module, "SLOW_SECONDS", 0.0)
    places = Places(store)
    _owner(store, places)
    _add(store)
    made = places_module.gazetteer_of
    calls: list[int] = []

    def once(*words: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise StoreDown("数据库未运行", "the database is down")
        return made(*words)

    monkeypatch.setattr(places_module, "gazetteer_of", once)
    assert wait_until(lambda: _owner(store, places)[0] == "matched")
    assert len(calls) == 2


def test_an_office_asks_its_store_beside_the_requests(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from geo.errors import StoreDown

    places = Places(store, trusted=0.4)
    assert places.at_hand(None) is None, "nothing is there yet"
    _owner(store, places)
    assert places.at_hand(None) is not None
    _add(store)
    # Half the time later the store is asked again, and the change found: then the old places are no longer at hand.
    assert wait_until(lambda: places.at_hand(None) is None)
    assert _owner(store, places)[0] == "matched"

    def down(_store: Store) -> int:
        raise StoreDown("数据库未运行", "the database is down")

    monkeypatch.setattr(places_module, "revision", down)
    assert wait_until(lambda: places.at_hand(None) is None), "a store that does not answer is trusted no longer"
    with pytest.raises(StoreDown):
        places.on(None)
    places.close()
