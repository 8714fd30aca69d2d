"""The driver of the sweep: the same polygons for any share of the work and any room, and cameras swept again."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.errors import BadGeometry
from geo.parallel import Executor
from geo.visibility import _rings, view_polygons
from geo.visibility.scene import ObstacleIndex
from geo.visibility.view_polygons import view_polygons as polygons_of
from tests.geo.visibility.sweeps import TARGET, SweepInputs, obstacles, sweep_of, together


@pytest.fixture(scope="module")
def town() -> tuple[ObstacleIndex, SweepInputs]:
    """Forty houses and thirty cameras of every angle among them."""
    rng = np.random.default_rng(5)
    houses = [shapely.box(x, y, x + w, y + d) for x, y, w, d in rng.uniform((0, 0, 2, 2), (150, 150, 9, 9), (40, 4))]
    cameras = [
        sweep_of(x=x, y=y, azimuth=azimuth, hfov=hfov, near=near)
        for x, y, azimuth, hfov, near in zip(
            *rng.uniform(0, 150, (2, 30)), rng.uniform(0, 360, 30), rng.choice([30.0, 120.0, 360.0], 30),
            rng.choice([0.0, 6.0], 30), strict=True,
        )
    ]  # fmt: skip
    return obstacles(*houses, heights=rng.choice([2.5, 9.0], 40).tolist()), together(*cameras)


def all_of(town: tuple[ObstacleIndex, SweepInputs]) -> np.ndarray:
    return polygons_of(*town, TARGET, np.arange(len(town[1].x)))[0]


def test_rows_are_swept_in_the_order_asked_for(town: tuple[ObstacleIndex, SweepInputs]) -> None:
    rows = np.array([7, 0, 7, 29])
    assert shapely.equals_identical(polygons_of(*town, TARGET, rows)[0], all_of(town)[rows]).all()


def test_no_rows_need_no_sweep(town: tuple[ObstacleIndex, SweepInputs]) -> None:
    shapes, unknown = polygons_of(*town, TARGET, np.empty(0, int))
    assert (len(shapes), len(unknown)) == (0, 0)


def test_threads_do_not_change_a_bit(town: tuple[ObstacleIndex, SweepInputs], monkeypatch: pytest.MonkeyPatch) -> None:
    expected = all_of(town)
    monkeypatch.setattr(view_polygons, "_MIN_SWEEPS_PER_THREAD", 1)
    monkeypatch.setattr(Executor, "of", classmethod(lambda cls, _workers, items: cls(min(4, items))))
    assert shapely.equals_identical(all_of(town), expected).all()


@pytest.mark.parametrize("room", [1, 64, 700])
def test_little_room_is_made_larger_until_all_fits(
    town: tuple[ObstacleIndex, SweepInputs], monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    expected = all_of(town)
    monkeypatch.setattr(view_polygons, "_WALLS_PER_BATCH", room)
    assert shapely.equals_identical(all_of(town), expected).all()


def test_unknown_heights_are_reported_per_camera() -> None:
    house = obstacles(shapely.box(-2, 10, 2, 12), shapely.box(-2, -12, 2, -10), heights=[float("nan"), 9.0])
    both = together(sweep_of(), sweep_of(azimuth=180.0), sweep_of(azimuth=90.0))
    assert polygons_of(house, both, TARGET, np.arange(3))[1].tolist() == [True, False, False]


def test_cameras_whose_rings_do_not_close_are_swept_again_from_nearby(
    town: tuple[ObstacleIndex, SweepInputs], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only camera 3 is torn, twice: it is moved by 2 and then 30 micrometres, and all others stay as they are."""
    expected, assemble, positions = all_of(town), _rings.assemble_polygons, []

    def torn_twice(result, x, y):
        shapes, broken = assemble(result, x, y)
        positions.append(x.copy())
        if len(positions) <= 2:
            broken[3 if len(positions) == 1 else 0] = True
        return shapes, broken

    monkeypatch.setattr(_rings, "assemble_polygons", torn_twice)
    found = all_of(town)
    assert [len(x) for x in positions] == [30, 1, 1]
    assert [x[0] - positions[0][3] for x in positions[1:]] == pytest.approx([2e-6, 3e-5])
    assert shapely.equals_identical(np.delete(found, 3), np.delete(expected, 3)).all()
    assert shapely.symmetric_difference(found[3], expected[3]).area < 0.01


def test_rings_that_never_close_are_an_error(
    town: tuple[ObstacleIndex, SweepInputs], monkeypatch: pytest.MonkeyPatch
) -> None:
    assemble = _rings.assemble_polygons
    monkeypatch.setattr(
        _rings, "assemble_polygons", lambda result, x, y: (assemble(result, x, y)[0], np.ones(len(x), bool))
    )
    with pytest.raises(BadGeometry, match="do not close"):
        all_of(town)
