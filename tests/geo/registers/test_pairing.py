"""Pair made registers, of which it is known which rows are the same cameras."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.errors import BadValue
from geo.registers import pairing
from geo.registers.pairing import Pairing, pair_cameras
from tests.geo.registers.made_registers import Registers, Settings, figures, made_registers

M = 1 / 111_320


def register(*rows: tuple[str, str | None, float, float], **columns: list[object]) -> gpd.GeoDataFrame:
    """Return cameras by id, name, and metres east and north of a place on the equator."""
    points = shapely.points([[103 + east * M, north * M] for _, _, east, north in rows])
    cells = {"id": [one[0] for one in rows], "name": [one[1] for one in rows], **columns}
    return gpd.GeoDataFrame(cells, geometry=points, crs="EPSG:4326")


def pairs(found: Pairing) -> list[tuple[int, int]]:
    return sorted(zip(found.proposals["row"].tolist(), found.proposals["other"].tolist(), strict=True))


def test_two_sides_of_a_crossing_are_two_cameras_however_near() -> None:
    ours = register(("A1", "北街口东南角球机1", 0, 0), ("A2", "北街口西北角球机1", 0, 0), ("A3", "车站", 900, 0))
    theirs = register(("7", "北街口 西北角", 2, 2), ("8", "北街路口东南侧枪机", -25, 0), ("9", "粮库", 2_000, 0))
    found = pair_cameras(theirs, ours)
    assert pairs(found) == [(0, 1), (1, 0)]
    assert (found.only.tolist(), found.only_other.tolist()) == ([2], [2])
    assert len(found.ambiguous) == 0


def test_twins_are_named_and_not_guessed() -> None:
    ours = register(("A1", "北街口东侧", 0, 0), ("A2", "北街口东侧", 0, 0), ("A3", "北街口西侧", 0, 0))
    theirs = register(("7", "北街口东侧", 5, 0), ("8", "北街口东侧", 5, 0), ("9", "北街口西侧", 5, 0))
    found = pair_cameras(theirs, ours)
    assert pairs(found) == [(2, 2)]
    twins = found.ambiguous
    assert set(zip(twins["row"], twins["other"], strict=True)) == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert set(twins["group"]) == {1}


def test_an_azimuth_tells_the_twins_apart() -> None:
    ours = register(("A1", "北街口东侧", 0, 0), ("A2", "北街口东侧", 0, 0), azimuth=[0.0, 180.0])
    theirs = register(("7", "北街口东侧", 5, 0), ("8", "北街口东侧", 5, 0), azimuth=[175.0, 5.0])
    assert pairs(pair_cameras(theirs, ours)) == [(0, 1), (1, 0)]


def test_one_row_for_two_cameras_is_ambiguous_and_one_partner_is_left() -> None:
    ours = register(("A1", "北街口", 0, 0), ("A2", "北街口", 0, 0))
    found = pair_cameras(register(("7", "北街口", 0, 0)), ours)
    assert pairs(found) == []
    assert set(zip(found.ambiguous["row"], found.ambiguous["other"], strict=True)) == {(0, 0), (0, 1)}


def test_beyond_the_distance_only_an_equal_id_pairs() -> None:
    ours = register(("SX-001", "北街口", 0, 0), ("SX-002", "车站", 500, 0), ("SX-003", "粮库", 900, 0))
    theirs = register(("sx1", "北街口", 3, 0), ("sx 2", "车站", 590, 0), ("Y", "粮库", 931, 0))
    found = pair_cameras(theirs, ours)
    assert (found.uses_ids, found.equal_ids, found.equal_ids_near) == (True, 2, 2)
    assert pairs(found) == [(0, 0), (1, 1)]
    assert pairs(pair_cameras(theirs, ours, within=32)) == [(0, 0), (1, 1), (2, 2)]


def test_running_numbers_of_two_lists_say_nothing() -> None:
    ours = register(*((str(k), f"村{chr(0x4E00 + 50 * k)}委会", 400 * k, 0) for k in range(8)))
    theirs = register(*((str(7 - k), f"村{chr(0x4E00 + 50 * k)}委会", 400 * k + 5, 0) for k in range(8)))
    found = pair_cameras(theirs, ours)
    assert (found.uses_ids, found.equal_ids) == (False, 8)
    assert pairs(found) == [(k, k) for k in range(8)]


def test_rows_without_a_place_and_empty_registers_have_no_partner() -> None:
    ours = register(("A1", "北街口", 0, 0))
    nowhere = ours.set_geometry([None], crs="EPSG:4326")
    assert pairs(pair_cameras(nowhere, ours)) == []
    assert pair_cameras(ours, ours.iloc[:0]).only.tolist() == [0]
    assert pair_cameras(ours.iloc[:0], ours).only_other.tolist() == [0]


def test_a_heap_of_rows_at_one_place_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "MAX_CANDIDATES", 5)
    heap = register(*((f"A{k}", f"{chr(0x4E00 + 50 * k)}村口", 0, 0) for k in range(40)))
    found = pair_cameras(heap.assign(id=[f"B{k}" for k in range(40)]), heap)
    assert found.crowded == 40
    assert pairs(found) == [(k, k) for k in range(40)], "rows of the same name are looked at first"


@pytest.mark.parametrize(
    "bad", [{"within": 0}, {"within": 2_000}, {"within": np.nan}, {"min_score": 1}, {"min_score": 0}]
)
def test_bounds(bad: dict[str, float]) -> None:
    with pytest.raises(BadValue):
        pair_cameras(register(("a", None, 0, 0)), register(("a", None, 0, 0)), **bad)


@pytest.fixture(scope="module")
def made() -> Registers:
    return made_registers(Settings(count=400))


def test_the_order_of_the_rows_changes_nothing(made: Registers) -> None:
    found = pair_cameras(made.second, made.first)
    turned = pair_cameras(made.second[::-1].reset_index(drop=True), made.first)
    last = len(made.second) - 1
    assert pairs(found) == sorted((last - row, other) for row, other in pairs(turned))
    assert set(found.only) == {last - row for row in turned.only}


def test_every_row_is_told_of_once(made: Registers) -> None:
    found = pair_cameras(made.second, made.first)
    proposals, unsure = found.proposals, found.ambiguous
    for side, only, frame in (("row", found.only, made.second), ("other", found.only_other, made.first)):
        assert proposals[side].is_unique
        told = [*proposals[side], *unsure[side].unique(), *only]
        assert sorted(told) == list(range(len(frame)))


@pytest.mark.parametrize("settings", [Settings(count=600), Settings(count=600, changed_ids=1.0)])
def test_made_lists_with_30_m_of_noise(settings: Settings) -> None:
    """``make bench`` does this with 2,000 and 50,000 rows and in harder settings."""
    made = made_registers(settings, seed=4)
    found = pair_cameras(made.second, made.first).proposals
    precision, recall, f1 = figures(made, found["row"].to_numpy(), found["other"].to_numpy())
    assert f1 >= 0.97, (precision, recall)
    assert precision >= 0.98
