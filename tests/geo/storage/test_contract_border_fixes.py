"""Hold every store to mended borders of grids: bits, history, and one command that takes it back (rule V7)."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pytest
import shapely

from geo.check.checks import check
from geo.errors import Conflict, NotFound
from geo.storage.protocol import Store
from geo.studies.fix_borders import fix_borders, undo_fix
from tests.geo.storage.conftest import Clock

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
#: About half a metre.
GAP = 0.5 / 111_320


def grids(**west: float) -> gpd.GeoDataFrame:
    """Return grids that are a hundredth of a degree wide, a little apart."""
    shapes = [shapely.box(103 + x / 100, 37.0, 103.01 + x / 100, 37.01) for x in west.values()]
    return gpd.GeoDataFrame({"code": list(west), "households": 5}, geometry=shapes, crs="EPSG:4326")


def shapes_of(store: Store, at: date | None = None) -> list[bytes]:
    return [shapely.to_wkb(one) for one in store.read("grids", at=at).geometry]


@pytest.fixture
def torn(store: Store, clock: Clock) -> Store:
    """Return a store of three grids with half a metre between the first two."""
    store.write("grids", grids(a=0, b=1 + GAP * 100, c=2), "upsert", actor="me")
    clock.day = APRIL
    return store


def test_a_dry_run_shows_what_the_fix_then_does(torn: Store) -> None:
    before = torn.revision("grids")
    told = fix_borders(torn, dry_run=True)
    assert torn.revision("grids") == before
    done = fix_borders(torn)
    assert told.table.equals(done.table)
    assert told.after.geometry.tolist() == done.after.geometry.tolist()
    assert done.moved_m == pytest.approx(0.5, abs=0.1)
    assert done.both()["state"].tolist() == ["before"] * len(done.before) + ["after"] * len(done.after)
    assert fix_borders(torn).table["code"].tolist() == []


def test_borders_are_shared_bit_for_bit_and_the_rest_is_as_it_was(torn: Store) -> None:
    fix_borders(torn)
    rows = torn.read("grids")
    assert shapely.coverage_is_valid(rows.geometry.to_numpy())
    assert rows["households"].tolist() == [5, 5, 5]
    assert [one.code for one in check({"grids": rows}) if one.code.startswith("grid-")] == []
    # The day before has what was before.
    assert shapes_of(torn, MARCH) == [shapely.to_wkb(one) for one in grids(a=0, b=1 + GAP * 100, c=2).geometry]


def test_one_command_takes_it_back(torn: Store) -> None:
    before = shapes_of(torn)
    fix_borders(torn)
    assert shapes_of(torn) != before
    undone = undo_fix(torn)
    assert shapes_of(torn) == before
    assert undone.table["code"].tolist() == ["b", "c"]
    with pytest.raises(NotFound, match="no --fix to take back"):
        undo_fix(torn)
    fix_borders(torn)
    undo_fix(torn)
    assert shapes_of(torn) == before


def test_a_grid_that_was_changed_since_is_not_taken_back(torn: Store) -> None:
    fix_borders(torn)
    torn.write("grids", torn.read("grids").assign(households=9), "upsert", actor="me")
    with pytest.raises(Conflict, match=r"2 grids were changed after the --fix, .*: b, c"):
        undo_fix(torn)


def test_two_mends_are_taken_back_one_after_the_other(torn: Store) -> None:
    first = shapes_of(torn)
    fix_borders(torn)
    torn.write("grids", grids(d=5, e=6 + GAP * 100), "upsert", actor="me")
    fix_borders(torn)
    assert undo_fix(torn).table["code"].tolist() == ["e"]
    assert undo_fix(torn).table["code"].tolist() == ["b", "c"]
    assert shapes_of(torn)[:3] == first


def test_a_grid_with_a_later_version_is_not_mended(torn: Store) -> None:
    torn.write("grids", grids(b=1 + GAP * 100).assign(valid_from="2026-06-01"), "upsert", actor="me")
    with pytest.raises(Conflict, match="a version that begins later: mend them then: b"):
        fix_borders(torn)


def test_without_grids_there_is_nothing_to_mend(store: Store) -> None:
    with pytest.raises(NotFound, match="the store has no grids"):
        fix_borders(store)
    with pytest.raises(NotFound, match="no --fix"):
        undo_fix(store)
