"""Find places and facilities that lie outside the county, are there twice, or lie on others of their claim."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely

from geo.catalog.claims import DERIVED
from geo.catalog.kinds import names_in
from geo.catalog.layers import LAYERS
from geo.catalog.results import WHOLE_AREA, ZONES
from geo.check.metric_frames import MetricFrames, box_centres, column, keys
from geo.check.ranking import UnrankedFinding
from geo.plain_words import joined_word
from geo.sentences import sentence

#: What the county is, the first of these that there is (as rule D4).
_COUNTY = tuple({one.name: one.source for one in ZONES}[name] for name in WHOLE_AREA)
_OUTSIDE_CODES = {"places": "place-outside-county", "facilities": "facility-outside-county"}
#: A place farther from the county is outside (m): borders of several sources differ by less.
_OUTSIDE_M = 50.0
#: Two places of one name are the same where they are this near (m).
_SAME_M = 1.0
#: Two lines run along each other where the shorter is for so much of it, and so long (m), within so many metres.
_ALONG_SHARE, _ALONG_M, _BESIDE_M = 0.5, 50.0, 10.0
#: Two areas overlap where they share so much of the smaller.
_SHARED = 0.1


def find(data: MetricFrames) -> Iterator[UnrankedFinding]:
    """Yield places and facilities outside the county, places that are there twice, places of a claim that overlap."""
    for layer, code in _OUTSIDE_CODES.items():
        frame = data.whole(layer)
        if frame is not None:
            yield from _outside(data, frame, layer, code)
    places = data.frame("places")
    if places is not None:
        shapes = data.to_metres(shapely.make_valid(places.geometry.to_numpy()))
        yield from _twice(places, shapes)
        yield from _overlapping(places, shapes)


def _outside(data: MetricFrames, frame: gpd.GeoDataFrame, layer: str, code: str) -> Iterator[UnrankedFinding]:
    """Yield rows outside the county; what was derived from roads that lead out of it is as it should be."""
    name = next((one for one in _COUNTY if data.frame(one) is not None), None)
    zones = None if name is None else data.frame(name)
    if name is None or zones is None:
        return
    frame = frame[column(frame, "source") != DERIVED]
    county = shapely.make_valid(zones.geometry.to_numpy())
    shapes = shapely.make_valid(frame.geometry.to_numpy())
    out = np.ones(len(shapes), bool)
    out[shapely.STRtree(county).query(shapes, predicate="intersects")[0]] = False
    rows = np.flatnonzero(out)
    if not len(rows):
        return
    metric = shapely.STRtree(data.to_metres(county))
    _, away = metric.query_nearest(data.to_metres(shapes[rows]), all_matches=False, return_distance=True)
    codes, position = keys(frame, layer), box_centres(shapes)
    zone = LAYERS[name]
    for k, metres in zip(rows.tolist(), away.tolist(), strict=True):
        if metres > _OUTSIDE_M:
            yield UnrankedFinding(
                "error", code, layer, [codes[k]],
                sentence(
                    f"{LAYERS[layer].zh} {codes[k]} 不在任何{zone.zh}内，距最近的 {metres:,.0f} m",
                    f"{codes[k]} of {layer} is in none of the {zone.en.lower()}, {metres:,.0f} m from the nearest",
                ),
                float(metres), float(position[k, 0]), float(position[k, 1]),
            )  # fmt: skip


def _twice(places: gpd.GeoDataFrame, shapes: np.ndarray) -> Iterator[UnrankedFinding]:
    """Yield places of one name and kind of shape at one place: a file that was imported under other codes."""
    names = [None if one is None else joined_word(one) for one in column(places, "name")]
    codes, position = keys(places, "places"), box_centres(places.geometry.to_numpy())
    middle = shapely.centroid(shapes)
    one, other = shapely.STRtree(middle).query(middle, predicate="dwithin", distance=_SAME_M)
    kind = column(places, "kind")
    alike = list(zip(kind.tolist(), shapely.get_dimensions(shapes).tolist(), strict=True))  # a ring is not its school
    for a, b in zip(one[one < other].tolist(), other[one < other].tolist(), strict=True):
        if names[a] is None or names[a] != names[b] or alike[a] != alike[b]:
            continue
        yield UnrankedFinding(
            "warning", "place-twice", "places", [codes[a], codes[b]],
            sentence(f"部位 {codes[a]} 与 {codes[b]} 同名同位置，各自计数",
                     f"places {codes[a]} and {codes[b]} have one name and position: each counts"),
            None, float(position[a, 0]), float(position[a, 1]),
        )  # fmt: skip


def _overlapping(places: gpd.GeoDataFrame, shapes: np.ndarray) -> Iterator[UnrankedFinding]:
    """Yield the claims of which places lie on each other, so that one ground counts twice: one finding per claim.

    Derived places do so by rule, as the rings of neighbouring schools; pairs of them are left out.
    """
    derived = column(places, "source") == DERIVED
    codes = keys(places, "places")
    rows: dict[str, list[int]] = defaultdict(list)
    for k, text in enumerate(column(places, "claim")):
        for claim in names_in(text):
            rows[claim].append(k)
    for claim, mine in rows.items():
        pairs = [
            (mine[a], mine[b])
            for a, b in _near_pairs(shapes[mine])
            if not (derived[mine[a]] and derived[mine[b]]) and _is_on(shapes[mine[a]], shapes[mine[b]])
        ]
        if not pairs:
            continue
        named = list(dict.fromkeys(codes[k] for pair in pairs for k in pair))
        first, second = (codes[k] for k in pairs[0])
        yield UnrankedFinding(
            "warning", "claim-places-overlap", "places", named,
            sentence(f"声明 {claim} 的部位有 {len(pairs)} 对相互重叠（如 {first} 与 {second}），同一地面计数两次",
                     f"{len(pairs)} pairs of places of claim {claim} lie on each other (such as {first} and {second}):"
                     " one ground counts twice"),
            float(len(pairs)), is_doubtful=True,
        )  # fmt: skip


def _near_pairs(shapes: np.ndarray) -> list[tuple[int, int]]:
    """Return the pairs of lines, and of areas, that touch each other's neighbourhood."""
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="dwithin", distance=_BESIDE_M)
    dimension = shapely.get_dimensions(shapes)
    kept = (one < other) & (dimension[one] == dimension[other]) & (dimension[one] > 0)
    return list(zip(one[kept].tolist(), other[kept].tolist(), strict=True))


def _is_on(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    if shapely.get_dimensions(one) == 1:
        short, long = sorted((one, other), key=shapely.length)
        along = float(shapely.length(shapely.intersection(short, shapely.buffer(long, _BESIDE_M))))
        return along >= max(_ALONG_M, _ALONG_SHARE * float(shapely.length(short)))
    shared = float(shapely.area(shapely.intersection(one, other)))
    return shared >= 1.0 and shared >= _SHARED * min(float(shapely.area(one)), float(shapely.area(other)))
