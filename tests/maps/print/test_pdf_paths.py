"""Check the path operators that shapes become."""

from __future__ import annotations

import numpy as np
import shapely

from maps.print.pdf_paths import rings_path


def test_rings_that_collapse_still_have_a_path():
    dot = shapely.LinearRing([(1, 1), (1.001, 1), (1, 1.001), (1, 1)])
    assert rings_path(np.array([dot]), closed=True).split() == ["100", "100", "m", "h"]
    line = shapely.LineString([(1, 1), (1.001, 1)])
    assert rings_path(np.array([line]), closed=False).split() == ["100", "100", "m", "100", "100", "l"]
    assert not rings_path(np.array([], dtype=object), closed=True)
