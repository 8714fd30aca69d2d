"""Hold every store to codes of grids: one transaction, history kept, no code twice in all time (rule V5)."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.catalog.code_profiles import PROFILES, own_profile
from geo.errors import BadValue, NotFound
from geo.storage.protocol import Store
from geo.studies.code_layer import CodedGrids, CodeOptions, code_grids
from tests.geo.storage.conftest import Clock

V1, V2 = "990101101201", "990101101202"
MARCH, APRIL, MAY = (date(2026, month, 1) for month in (3, 4, 5))
TWELVE = CodeOptions((PROFILES["12+3"],))


def grids(*codes: str, x: float = 103.0, village: str | None = V1, **columns: object) -> gpd.GeoDataFrame:
    """Return squares side by side from west to east."""
    shapes = [shapely.box(x + 0.01 * k, 37.0, x + 0.01 * k + 0.01, 37.01) for k in range(len(codes))]
    return gpd.GeoDataFrame({"code": list(codes), "village": village, **columns}, geometry=shapes, crs="EPSG:4326")


def old_and_new(found: CodedGrids) -> list[list[str | None]]:
    return [[old, new and new[-3:]] for old, new in found.table[["old", "new"]].to_numpy().tolist()]


def codes(store: Store, at: date | None = None) -> list[str]:
    return store.read("grids", at=at)["code"].tolist()


def test_a_dry_run_writes_nothing_and_tells_what_the_run_then_does(store: Store) -> None:
    store.write("grids", grids("b", "a"), "upsert", actor="me")
    before = store.revision("grids")
    told = code_grids(store, TWELVE, dry_run=True)
    assert store.revision("grids") == before
    assert old_and_new(told) == [["a", "002"], ["b", "001"]]
    assert not told.is_written
    done = code_grids(store, TWELVE)
    pd.testing.assert_frame_equal(done.table, told.table)
    assert codes(store) == [f"{V1}001", f"{V1}002"]
    again = code_grids(store, TWELVE)
    assert (again.count("kept"), again.is_written) == (2, False)


def test_the_old_code_answers_before_the_day_and_the_new_one_from_it(store: Store, clock: Clock) -> None:
    store.write("grids", grids("a", households=[300]), "upsert", actor="me")
    clock.day = APRIL
    code_grids(store, TWELVE)
    assert codes(store, MARCH) == ["a"]
    assert codes(store, APRIL) == [f"{V1}001"]
    row = store.read("grids").iloc[0]
    assert (row["households"], row["valid_from"]) == (300, "2026-04-01")
    assert shapely.equals_exact(row.geometry, store.read("grids", at=MARCH).geometry.iloc[0], 0)


def test_an_abolished_code_never_comes_back(store: Store, clock: Clock) -> None:
    store.write("grids", grids(f"{V1}001", f"{V1}002"), "upsert", actor="me")
    clock.day = APRIL
    store.delete("grids", f"{V1}002", if_version=None, actor="me")
    clock.day = MAY
    store.write("grids", grids("new", x=103.5), "upsert", actor="me")
    assert old_and_new(code_grids(store, TWELVE)) == [[f"{V1}001", "001"], ["new", "003"]]


def test_what_cannot_be_coded_is_told_and_the_rest_is_coded(store: Store) -> None:
    rows = pd.concat([
        grids("a", "b", "c"), grids("d", x=104.0, village=None), grids("e", x=104.1, village="V7"),
    ])  # fmt: skip
    store.write("grids", rows, "upsert", actor="me")
    found = code_grids(store, CodeOptions((own_profile("own", unit=12, number=1, last=2),)))
    assert [one and one.partition(" / ")[2] for one in found.table["why"]] == [
        None, None, f"all 2 numbers of {V1} from 1 to 2 were used (general)", "it has no village code",
        "its village code has not 12 digits: V7",
    ]  # fmt: skip
    assert codes(store) == [f"{V1}1", f"{V1}2", "c", "d", "e"]


def test_a_village_that_the_store_does_not_have_is_told(store: Store) -> None:
    village = gpd.GeoDataFrame({"code": [V1]}, geometry=[shapely.box(103, 37, 104, 38)], crs="EPSG:4326")
    store.write("villages", village, "upsert", actor="me")
    store.write("grids", pd.concat([grids("a"), grids("b", x=104.0, village=V2)]), "upsert", actor="me")
    found = code_grids(store, TWELVE)
    assert found.table["result"].tolist() == ["new", "none"]
    assert found.table["why"].iloc[1].endswith(f"there is none of its village code, {V2}")


def test_microgrids_follow_their_grid(store: Store) -> None:
    micro = grids("m1", "m2", x=103.0, level=2, parent="a")
    store.write("grids", pd.concat([grids("a", level=1), micro]), "upsert", actor="me")
    left = code_grids(store, TWELVE)
    assert store.read("grids")["parent"].dropna().tolist() == [f"{V1}001", f"{V1}001"]
    assert left.notes[0].endswith("2 microgrids lie in a grid with a new code and keep theirs: add a --profile 15+2")
    both = code_grids(store, CodeOptions((PROFILES["15+2"], PROFILES["12+3"])))
    assert codes(store) == [f"{V1}001", f"{V1}00101", f"{V1}00102"]
    assert both.notes == []


def test_grids_and_microgrids_are_coded_in_one_go(store: Store) -> None:
    micro = grids("m1", "m2", x=103.0, level=2, parent="a")
    store.write("grids", pd.concat([grids("a", level=1), micro]), "upsert", actor="me")
    code_grids(store, CodeOptions((PROFILES["15+2"], PROFILES["12+3"])))
    assert codes(store) == [f"{V1}001", f"{V1}00101", f"{V1}00102"]
    assert store.read("grids")["parent"].dropna().tolist() == [f"{V1}001", f"{V1}001"]


def test_a_grid_with_a_later_version_waits_and_a_later_grid_is_left(store: Store) -> None:
    store.write("grids", grids("a"), "upsert", actor="me")
    store.write("grids", grids("a", households=[5], valid_from=["2026-05-01"]), "upsert", actor="me")
    store.write("grids", grids("b", x=103.5, valid_from=["2026-05-01"]), "upsert", actor="me")
    found = code_grids(store, TWELVE)
    assert found.table["why"].iloc[0].endswith("another version of it begins on 2026-05-01: code it then")
    assert found.notes[0].endswith("1 grids begin later and were not coded")
    assert codes(store, MAY) == ["a", "b"]


def test_zones_and_levels_that_there_are_not_are_refused(store: Store) -> None:
    with pytest.raises(NotFound, match="no grids of level 1"):
        code_grids(store, TWELVE)
    store.write("grids", pd.concat([grids("a"), grids("b", x=104.0, village=V2)]), "upsert", actor="me")
    with pytest.raises(NotFound, match="no grid belongs to 5"):
        code_grids(store, CodeOptions((PROFILES["12+3"],), zones=("5",)))
    with pytest.raises(BadValue, match="two profiles are of one level"):
        code_grids(store, CodeOptions((PROFILES["12+3"], PROFILES["cj349"])))
    with pytest.raises(BadValue, match="takes a prefix of 6 digits"):
        code_grids(store, CodeOptions((PROFILES["cj349"],)))
    assert old_and_new(code_grids(store, CodeOptions((PROFILES["12+3"],), zones=(V2,)))) == [["b", "001"]]
    assert codes(store) == [f"{V2}001", "a"]


def test_twenty_digits(store: Store) -> None:
    store.write("grids", pd.concat([grids("a", "b"), grids("c", x=104.0, village=V2)]), "upsert", actor="me")
    code_grids(store, CodeOptions((PROFILES["cj349"],), prefix="010100"))
    assert codes(store) == [f"010100{V1}01", f"010100{V1}02", f"010100{V2}00"]
