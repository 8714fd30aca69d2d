"""Say in words where positions are: 40 m south-east of the crossing A / B (village), in Chinese and in English."""

from __future__ import annotations

import math
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.derivation.landmarks import CROSSING, INSIDE, NONE, Anchor, Landmark, landmarks

#: Eight directions from north clockwise, each 45 degrees wide about its own.
DIRECTIONS = (
    ("北", "north"), ("东北", "north-east"), ("东", "east"), ("东南", "south-east"),
    ("南", "south"), ("西南", "south-west"), ("西", "west"), ("西北", "north-west"),
)  # fmt: skip
#: Below so many metres, a distance is told in steps of so many.
STEPS_M = ((50.0, 5.0), (200.0, 10.0), (1_000.0, 50.0))
#: From 1 km on.
_FAR_STEP_M = 100.0


def place_words(
    shapes: gpd.GeoSeries | gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame | None = None,
    *,
    places: Sequence[gpd.GeoDataFrame] = (),
    villages: gpd.GeoDataFrame | None = None,
    lang: str = "zh",
) -> pd.Series:
    """Return where each shape is in words, with the index of the shapes; None for what cannot be told.

    By what, ``geo.derivation.landmarks.landmarks`` says. The direction goes from there to the shape, one of eight about
    true north. Distances are rounded to 5 m below 50 m, to 10 m below 200 m, to 50 m below 1 km, and to 0.1 km from
    there on, halves up; what rounds to 0 is *at* it. The village stands in brackets.

    Parameters
    ----------
    shapes
        Positions, or shapes of which a point inside is taken.
    roads, places, villages
        As for ``landmarks``, all in the CRS of the shapes.
    lang
        ``zh`` or ``en``; names stand as they are stored.

    Raises
    ------
    UnknownCrs, CrsMismatch, TooWide
        As ``landmarks``.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from geo import place_words
    >>> lines = [shapely.LineString([(-100, 0), (0, 0), (100, 0)]), shapely.LineString([(0, -100), (0, 0), (0, 100)])]
    >>> roads = gpd.GeoDataFrame({"name": ["民主街", "文化路"]}, geometry=lines, crs=4547)
    >>> village = gpd.GeoDataFrame({"name": ["柳树村"]}, geometry=[shapely.box(-500, -500, 500, 500)], crs=4547)
    >>> gap = gpd.GeoSeries([shapely.Point(28, -28)], crs=4547)
    >>> place_words(gap, roads, villages=village)[0]
    '文化路与民主街交叉口东南40米（柳树村）'
    >>> place_words(gap, roads, villages=village, lang="en")[0]
    '40 m south-east of the crossing 文化路 / 民主街 (柳树村)'
    """
    series = shapes.geometry if isinstance(shapes, gpd.GeoDataFrame) else shapes
    found = landmarks(series, roads, places=places, villages=villages)
    texts = [None if one is None else landmark_words(one, lang) for one in found]
    return pd.Series(texts, index=series.index, dtype=object)


def landmark_words(found: Landmark, lang: str = "zh") -> str | None:
    """Return a landmark in words; None for none.

    Examples
    --------
    >>> landmark_words(Landmark("roads", (Anchor(("民主街",), 0, 0, 1_260, 350.0),), ""))
    '民主街北1.3公里'
    >>> landmark_words(Landmark("inside", (Anchor(("一小",), 0, 0, 0, 0),), "柳树村"), "en")
    'in 一小 (柳树村)'
    """
    if found.kind == NONE:
        return None
    en = lang == "en"
    if found.kind == INSIDE:
        name = found.anchors[0].names[0]
        text = f"in {name}" if en else f"{name}内"
    else:
        parts = [_from(one, found.kind, en=en) for one in found.anchors]
        text = (", " if en else "、").join(parts)
    # A village that the words name already is not named twice.
    if not found.village or any(found.village in one.names for one in found.anchors):
        return text
    return f"{text} ({found.village})" if en else f"{text}（{found.village}）"


def _from(anchor: Anchor, kind: str, *, en: bool) -> str:
    distance = rounded_distance(anchor.distance_m)
    if en:
        name = " / ".join(anchor.names)
        named = f"the crossing {name}" if kind == CROSSING else name
        if not distance:
            return f"at {named}"
        return f"{distance_words(distance, lang='en')} {direction_word(anchor.azimuth, 'en')} of {named}"
    named = _joined(anchor.names) + ("交叉口" if kind == CROSSING else "")
    if not distance:
        return named if kind == CROSSING else f"{named}旁"
    return f"{named}{direction_word(anchor.azimuth)}{distance_words(distance)}"


def _joined(names: Sequence[str]) -> str:
    return "与".join(["、".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def rounded_distance(distance_m: float) -> float:
    """Return a distance (m) as it is told: in steps of 5 m below 50 m, 10 m below 200 m, 50 m below 1 km, else 0.1 km.

    Examples
    --------
    >>> [rounded_distance(one) for one in (2.4, 2.5, 49.9, 52, 196, 224, 980, 1_260)]
    [0.0, 5.0, 50.0, 50.0, 200.0, 200.0, 1000.0, 1300.0]
    """
    step = next((step for below, step in STEPS_M if distance_m < below), _FAR_STEP_M)
    return math.floor(distance_m / step + 0.5) * step


def distance_words(rounded_m: float, lang: str = "zh") -> str:
    """Return a rounded distance (m) with its unit: metres below 1 km.

    Examples
    --------
    >>> distance_words(950.0), distance_words(1_000.0, lang="en")
    ('950米', '1.0 km')
    """
    if rounded_m < 1_000:
        return f"{rounded_m:.0f} m" if lang == "en" else f"{rounded_m:.0f}米"
    return f"{rounded_m / 1_000:.1f} km" if lang == "en" else f"{rounded_m / 1_000:.1f}公里"


def direction_word(azimuth: float, lang: str = "zh") -> str:
    """Return which of eight directions an azimuth is, degrees clockwise from north; a border belongs to the next one.

    Examples
    --------
    >>> [direction_word(one) for one in (0, 22.4, 22.5, 337.4, 337.5, 359.9)], direction_word(135.0, "en")
    (['北', '北', '东北', '西北', '北', '北'], 'south-east')
    """
    return DIRECTIONS[int(np.floor((azimuth % 360.0 + 22.5) / 45.0)) % 8][lang == "en"]
