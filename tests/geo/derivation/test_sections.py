"""Count sections on drawings, and hold them to what is true of every network (rule P5)."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.derivation.crossings import crossings, junctions
from geo.derivation.driven_roads import road_network
from geo.derivation.sections import sections
from tests.geo.derivation.drawings import network_of, roads, sections_of


@pytest.mark.parametrize(
    ("length", "pieces"),
    [(1.0, [1.0]), (500.0, [500.0]), (500.1, [250.05] * 2), (1000.0, [500.0] * 2), (1200.0, [400.0] * 3)],
)
def test_above_500_m_it_is_cut_evenly(length: float, pieces: list[float]) -> None:
    assert sections_of(roads([(0, 0), (length / 3, 0), (length, 0)]))["m"].tolist() == pieces


def test_it_goes_on_through_rows_of_one_name_and_class() -> None:
    lines = [[(0, 0), (100, 0)], [(200, 0), (100, 0)], [(200, 0), (300, 0)], [(300, 0), (400, 0)]]
    frame = roads(*lines, name=["A", "A ", "B", "B"], **{"class": ["primary", "省道", "省道", "县道"]})
    found = sections_of(frame)
    assert found[["name", "class", "m"]].values.tolist() == [
        ["A", "primary", 200.0], ["B", "primary", 100.0], ["B", "secondary", 100.0],
    ]  # fmt: skip


def test_it_ends_at_every_crossing_and_not_inside_one() -> None:
    # a main road of 400 m with side roads at 100 m and 120 m: one crossing; 20 m of the road belong to it
    frame = roads([(0, 0), (400, 0)], [(100, 0), (100, 60)], [(120, 0), (120, -60)])
    assert sorted(sections_of(frame)["m"]) == [60.0, 60.0, 100.0, 280.0]


def test_a_spur_shorter_than_30_m_is_a_section() -> None:
    assert sorted(sections_of(roads([(0, 0), (200, 0)], [(100, 0), (100, 12)]))["m"]) == [12.0, 100.0, 100.0]


def test_a_ring_alone_and_a_ring_on_a_road() -> None:
    ring = [(0, 0), (300, 0), (300, 300), (0, 300), (0, 0)]
    assert sections_of(roads(ring))["m"].tolist() == [400.0, 400.0, 400.0]
    assert sorted(sections_of(roads(ring, [(0, 0), (-70, 0)]))["m"]) == [70.0, 400.0, 400.0, 400.0]


def test_service_roads_and_footways_cut_nothing() -> None:
    frame = roads([(0, 0), (200, 0)], [(50, 0), (50, 60)], [(150, 0), (150, 60)], **{"class": ["", "service", "步道"]})
    assert sections_of(frame)["m"].tolist() == [200.0]


# Streets of a lattice of 40 m, some of them short cuts of 20 m: any set of them is a network.
_SPOTS = [(40.0 * i, 40.0 * j) for i in range(4) for j in range(4)] + [(20.0, 40.0 * j) for j in range(4)]
_STREETS = st.lists(
    st.tuples(
        st.integers(0, len(_SPOTS) - 1), st.integers(0, len(_SPOTS) - 1), st.sampled_from(["A", "B", None])
    ).filter(lambda street: street[0] != street[1]),
    min_size=1,
    max_size=14,
)


@settings(max_examples=40, deadline=None)
@given(_STREETS, st.floats(0, 2 * np.pi), st.floats(-9_000, 9_000), st.floats(-9_000, 9_000))
def test_sections_add_up_and_nothing_depends_on_where_the_network_lies(
    streets: list, turn: float, dx: float, dy: float
) -> None:
    drawn = {frozenset(street[:2]): street for street in streets}.values()  # one street between two spots
    frame = roads(*[[_SPOTS[a], _SPOTS[b]] for a, b, _ in drawn], name=[name for *_, name in drawn])
    network, joined = network_of(frame)
    found = sections(network, joined, frame.crs)
    inner = shapely.length(network.lines[joined.is_inner])
    assert found.length.sum() + inner.sum() == pytest.approx(shapely.length(network.lines).sum(), abs=1e-6)
    assert (found.length <= 500 + 1e-6).all()
    assert (inner < 30).all()

    middle = shapely.Point(500_000, 4_000_000)
    other = frame.set_geometry(frame.geometry.rotate(turn, origin=middle, use_radians=True).translate(dx, dy))
    there = road_network(other, other.crs)
    joined_there = junctions(there)
    assert joined_there.count == joined.count
    moved = sections(there, joined_there, other.crs)
    assert sorted(moved.length) == pytest.approx(sorted(found.length), abs=1e-5)
    here, gone = (crossings(net, one, where, where.crs) for net, one, where in (
        (network, joined, frame), (there, joined_there, other)))  # fmt: skip
    assert sorted(gone.area) == pytest.approx(sorted(here.area), abs=2.0), "arcs are chords within 0.05 m"
    assert sorted(gone["ends"]) == sorted(here["ends"])


@settings(max_examples=25, deadline=None)
@given(_STREETS, st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_direction_of_lines_matters(streets: list, chance: object) -> None:
    lines = [[_SPOTS[a], _SPOTS[b]] for a, b, _ in streets]
    names = [name for *_, name in streets]
    order = list(range(len(lines)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    here = sections_of(roads(*lines, name=names))
    there = sections_of(roads(*[lines[k][::-1] for k in order], name=[names[k] for k in order]))
    assert sorted(here["m"]) == sorted(there["m"])
    assert sorted(here["name"].fillna("")) == sorted(there["name"].fillna(""))
