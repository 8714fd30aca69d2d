"""Draw each demo county once a session: tests that look at one, or change a copy, need not draw it themselves."""

from __future__ import annotations

from functools import cache

import geopandas as gpd

from geo.demo.county import draw

Frames = dict[str, gpd.GeoDataFrame]


def small_county(seed: int = 7) -> Frames:
    """Return a copy of the small county of a seed, to change as one likes."""
    return {name: frame.copy() for name, frame in _small(seed).items()}


@cache
def _small(seed: int) -> Frames:
    return draw("small", seed=seed)
