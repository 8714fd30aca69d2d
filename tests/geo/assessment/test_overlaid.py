"""Zones and views lie in one array, and a view is overlaid once where it is sure."""

from __future__ import annotations

import numpy as np
import shapely

from geo.assessment._overlaid import polygons_of_zones_and_views, where
from geo.assessment.zones import Zones

SMALL, LARGE = shapely.box(0, 0, 1, 1), shapely.box(0, 0, 2, 2)


def test_where_sure_and_possible_are_equal_one_of_them_is_enough() -> None:
    zones = Zones(shapes={"grids": np.array([LARGE, None], object)})
    sure, possible = np.array([SMALL, SMALL, SMALL]), np.array([SMALL, LARGE, SMALL])
    online = np.array([True, True, False])
    polygons, spans = polygons_of_zones_and_views(zones, sure, possible, online)
    assert spans == {"grids": slice(0, 2), "sure": slice(2, 5), "possible": slice(5, 8)}
    assert polygons.tolist() == [LARGE, None, SMALL, SMALL, None, None, LARGE, SMALL]


def test_discs_stand_for_zones_where_there_are_none() -> None:
    nobody = np.empty(0, object)
    _, spans = polygons_of_zones_and_views(Zones(), nobody, nobody, np.empty(0, bool), np.array([LARGE]))
    assert spans == {"discs": slice(0, 1), "sure": slice(1, 1), "possible": slice(1, 1)}


def test_what_is_not_wanted_keeps_its_number() -> None:
    assert where(np.array([False, True]), np.array([SMALL, LARGE])).tolist() == [None, LARGE]
