"""Zones in a zone, by squares of a lattice that a reader can count."""

from __future__ import annotations

import numpy as np
import shapely

from geo.assessment.zones_inside import zones_inside

LATTICE = np.array([shapely.box(x, y, x + 1, y + 1) for y in range(3) for x in range(3)])


def test_squares_of_a_lattice_are_in_the_zone_that_has_their_middle() -> None:
    zone = shapely.box(0, 0, 2, 2)
    assert np.flatnonzero(zones_inside(LATTICE, zone)).tolist() == [0, 1, 3, 4]
    # A zone that covers less than half of a square does not have it.
    assert np.flatnonzero(zones_inside(LATTICE, shapely.box(0, 0, 1.4, 1))).tolist() == [0]


def test_a_zone_is_in_itself_and_has_what_it_lies_in() -> None:
    county = shapely.box(0, 0, 3, 3)
    assert zones_inside(LATTICE, LATTICE[4]).tolist() == [at == 4 for at in range(9)]
    assert zones_inside(np.array([county, shapely.box(2, 2, 5, 5)]), LATTICE[4]).tolist() == [True, False]


def test_no_shapes_are_in_no_zone() -> None:
    assert zones_inside(np.array([], dtype=object), LATTICE[0]).tolist() == []
    assert zones_inside(np.array([shapely.Point()]), LATTICE[0]).tolist() == [False]
