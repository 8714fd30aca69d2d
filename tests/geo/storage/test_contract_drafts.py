"""Drafts are kept alike by both stores: versions, conflicts, and on a server the townships of their places."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from geo.errors import Conflict, NotFound
from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from geo.storage.records import Draft
from geo.storage.transfer import transfer_store

DRAFT = Draft(
    id="0190-a", name="北街", note="两处", author="li", author_id="key:1", run="", created="2026-03-01T08:00:00.000Z",
    changed="2026-03-01T08:00:00.000Z", changed_by="li", changes={"removed": ["c1"], "changed": []}, seen={"c1": 3},
    places=[(103.1, 37.6), (103.2, 37.65)],
)  # fmt: skip


def test_a_draft_comes_back_as_it_was_saved(store: Store) -> None:
    assert store.drafts() == []
    store.save_draft(DRAFT, if_version=0)
    later = replace(DRAFT, id="0190-b", name="南街")
    store.save_draft(later, if_version=0)
    assert store.drafts() == [later, DRAFT]
    assert store.draft("0190-a") == DRAFT


def test_a_change_needs_the_version_that_is_stored(store: Store) -> None:
    store.save_draft(DRAFT, if_version=0)
    second = replace(DRAFT, name="b", version=2)
    store.save_draft(second, if_version=1)
    with pytest.raises(Conflict):
        store.save_draft(replace(DRAFT, name="c", version=2), if_version=1)
    with pytest.raises(Conflict):
        store.save_draft(DRAFT, if_version=0)
    assert store.draft("0190-a") == second
    with pytest.raises(Conflict):
        store.delete_draft("0190-a", if_version=1)
    store.delete_draft("0190-a", if_version=2)
    assert store.drafts() == []


def test_what_is_not_there_is_not_found(store: Store) -> None:
    for _ in range(2):
        with pytest.raises(NotFound):
            store.draft("none")
        with pytest.raises(NotFound):
            store.save_draft(replace(DRAFT, id="none"), if_version=4)
        with pytest.raises(NotFound):
            store.delete_draft("none", if_version=1)
        store.save_draft(DRAFT, if_version=0) if not store.drafts() else None


def _twice(store: Store) -> None:
    store.save_draft(DRAFT, if_version=0)
    store.save_draft(DRAFT, if_version=0)


def test_a_transaction_takes_a_draft_back(store: Store) -> None:
    with pytest.raises(Conflict), store.transaction():
        _twice(store)
    assert store.drafts() == []


def test_drafts_move_to_another_store(store: Store, tmp_path: Path) -> None:
    store.save_draft(DRAFT, if_version=0)
    with open_store(tmp_path / "target.gpkg") as target:
        counts = transfer_store(store, target)
        assert (counts["drafts"], target.drafts()) == (1, [DRAFT])
