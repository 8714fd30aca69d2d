"""Group roads by class and buildings by height, which widths and colours of the ground are chosen by."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.catalog.free_words import road_class

#: Class of a road (``geo.catalog.free_words``) -> its group, which widths and colours are chosen by.
ROAD_GROUPS: Mapping[str, int] = {
    "motorway": 0, "trunk": 0, "primary": 1, "secondary": 1, "tertiary": 2, "unclassified": 3, "residential": 3,
    "living_street": 3, "road": 3, "busway": 3, "service": 4, "track": 4, "pedestrian": 4, "footway": 4, "path": 4,
    "cycleway": 4, "bridleway": 4, "steps": 4, "crossing": 4, "construction": 4, "proposed": 4,
}  # fmt: skip
#: Group of a road of another class, as of one that nothing is known of.
OTHER_ROADS = 3
#: Heights of buildings in metres where one tint ends and the next, darker one begins.
HEIGHT_EDGES = (10.0, 24.0, 50.0)


def road_groups(classes: pd.Series) -> np.ndarray:
    """Return the group of roads by their class, in words of OpenStreetMap or of Chinese registers.

    Examples
    --------
    >>> road_groups(pd.Series(["国道", "secondary_link", "村道", None, "footway"])).tolist()
    [0, 1, 3, 3, 4]
    """
    known = {one: ROAD_GROUPS.get(road_class(one), OTHER_ROADS) for one in classes.dropna().unique()}
    return classes.map(known).fillna(OTHER_ROADS).to_numpy(dtype=int)


def height_bands(heights: pd.Series) -> np.ndarray:
    """Return the tint of buildings by height, 0 the lightest: that of low ones and of those of unknown height.

    Examples
    --------
    >>> height_bands(pd.Series([3.0, 10.0, 24.0, 80.0, None])).tolist()
    [0, 1, 2, 3, 0]
    """
    metres = pd.to_numeric(heights, errors="coerce").fillna(0.0).to_numpy(dtype=float)
    return np.searchsorted(HEIGHT_EDGES, metres, side="right")
