"""Drafts of changes of grids are kept alike by both stores: versions, states, conflicts, the move to another store."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from geo.errors import Conflict, NotAllowed, NotFound
from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from geo.storage.records import Caller, GridDraft
from geo.storage.transfer import transfer_store

DRAFT = GridDraft(
    id="0190-a", name="拆分北街", note="户数过多", author="li", author_id="key:1", created="2026-03-01T08:00:00.000Z",
    changed="2026-03-01T08:00:00.000Z", changed_by="li", state="draft", effective="", decided="", decided_by="",
    decided_role="", operations=[{"kind": "rename", "grids": ["g1"], "names": ["北街"]}],
    content={"closed": [], "after": [{"id": "g1", "x": 103.10000000000001}]}, seen={"g1": 3}, applied={},
    places=[(103.1, 37.6), (103.2, 37.65)],
)  # fmt: skip


def test_a_draft_comes_back_as_it_was_saved(store: Store) -> None:
    assert store.grid_drafts() == []
    store.save_grid_draft(DRAFT, if_version=0)
    later = replace(DRAFT, id="0190-b", name="南街")
    store.save_grid_draft(later, if_version=0)
    assert store.grid_drafts() == [later, DRAFT]
    assert store.grid_draft("0190-a") == DRAFT
    assert store.drafts() == [], "drafts of cameras are others"


def test_a_change_needs_the_version_that_is_stored(store: Store) -> None:
    store.save_grid_draft(DRAFT, if_version=0)
    approved = replace(DRAFT, state="approved", effective="2026-04-01", applied={"g1": 4}, version=2)
    store.save_grid_draft(approved, if_version=1)
    for late, version in ((replace(DRAFT, name="c", version=2), 1), (DRAFT, 0)):
        with pytest.raises(Conflict):
            store.save_grid_draft(late, if_version=version)
    assert store.grid_draft("0190-a") == approved
    with pytest.raises(NotFound):
        store.save_grid_draft(replace(DRAFT, id="none"), if_version=4)
    with pytest.raises(NotFound):
        store.grid_draft("none")


def test_only_an_admin_approves(store: Store) -> None:
    """On a server the row policy says the same, whatever the program asks (tests/migrations/test_policies.py)."""
    planner = store.acting(Caller("anna", "planner", None, key="k1"))
    with pytest.raises(NotAllowed):
        planner.save_grid_draft(replace(DRAFT, state="approved", effective="2026-04-01"), if_version=0)
    assert store.grid_drafts() == []


def test_drafts_move_to_another_store(store: Store, tmp_path: Path) -> None:
    store.save_grid_draft(DRAFT, if_version=0)
    with open_store(tmp_path / "target.gpkg") as target:
        counts = transfer_store(store, target)
        assert (counts["grid_drafts"], target.grid_drafts()) == (1, [DRAFT])
