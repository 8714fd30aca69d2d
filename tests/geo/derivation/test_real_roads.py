"""Derive from the streets of a real town, and count the crossings again by hand: walk every street from its ends."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.crs_metric import metric_crs_for
from geo.derivation.crossings import crossings, junctions
from geo.derivation.driven_roads import road_network
from geo.derivation.sections import sections
from geo.readers.reading import read_layer

Spot = tuple[float, float]
_FEET = {"footway", "cycleway", "pedestrian", "path", "track", "trail", "steps", "crossing", "bridleway"}
_NOT_DRIVEN = _FEET | {"tunnel", "platform", "corridor", "elevator", "construction", "proposed", "service"}


@pytest.fixture(scope="module")
def streets(shared_data: Path) -> gpd.GeoDataFrame:
    """Return the roads of the middle of Helsinki, in metres."""
    frame = read_layer(shared_data / "helsinki/Helsinki.osm.pbf", "roads").frame
    return frame.to_crs(metric_crs_for(frame))


def _steps(streets: gpd.GeoDataFrame) -> dict[Spot, list[Spot]]:
    """Return for every vertex of a driven road the vertices beside it, each step once."""
    steps: set[frozenset[Spot]] = set()
    for kind, line in zip(streets["class"], streets.geometry, strict=True):
        if str(kind).removesuffix("_link") in _NOT_DRIVEN:
            continue
        for part in shapely.get_parts(line):
            steps |= {frozenset(step) for step in pairwise(map(tuple, part.coords)) if step[0] != step[1]}
    beside: dict[Spot, list[Spot]] = defaultdict(list)
    for step in steps:
        one, other = step
        beside[one].append(other)
        beside[other].append(one)
    return beside


def _walked(beside: dict[Spot, list[Spot]], start: Spot, first: Spot) -> tuple[Spot, float]:
    """Return where a walk from a vertex ends that turns nowhere, and how long it is."""
    before, here, length = start, first, math.dist(start, first)
    while len(beside[here]) == 2:
        (after,) = (one for one in beside[here] if one != before) if beside[here][0] != beside[here][1] else (before,)
        before, here, length = here, after, length + math.dist(here, after)
    return here, length


def test_crossings_are_those_that_a_walk_along_every_street_finds(streets: gpd.GeoDataFrame) -> None:
    beside = _steps(streets)
    nodes = [spot for spot, others in beside.items() if len(others) >= 3]
    head = {spot: spot for spot in nodes}

    def top(spot: Spot) -> Spot:
        while head[spot] != spot:
            spot = head[spot]
        return spot

    for spot in nodes:
        for first in beside[spot]:
            end, length = _walked(beside, spot, first)
            if length < 30 and len(beside[end]) >= 3:
                head[top(spot)] = top(end)
    joined: dict[Spot, list[Spot]] = defaultdict(list)
    for spot in nodes:
        joined[top(spot)].append(spot)
    means = sorted(tuple(np.mean(group, axis=0)) for group in joined.values())

    network = road_network(streets, streets.crs)
    found = crossings(network, junctions(network), streets, streets.crs)
    assert len(means) > 60
    assert np.allclose(sorted(zip(found["x"], found["y"], strict=True)), means, atol=1e-6)
    assert found.geometry.is_valid.all()
    assert (found.area > 0).all()
    away = found.geometry.hausdorff_distance(gpd.GeoSeries(gpd.points_from_xy(found["x"], found["y"]), crs=streets.crs))
    assert away.max() <= 15 + 1e-9


def test_sections_add_up_to_the_streets_class_by_class(streets: gpd.GeoDataFrame) -> None:
    network = road_network(streets, streets.crs)
    joined = junctions(network)
    found = sections(network, joined, streets.crs)
    by_class: Counter[str] = Counter()
    for kind, length in zip(found["class"], found.length, strict=True):
        by_class[kind] += length
    for kind, length in zip(network.kind[joined.is_inner], shapely.length(network.lines[joined.is_inner]), strict=True):
        by_class[kind] += length
    driven: Counter[str] = Counter()
    for kind, line in zip(streets["class"], streets.geometry, strict=True):
        plain = str(kind).removesuffix("_link")
        if plain not in _NOT_DRIVEN:
            driven[plain] += line.length
    assert {kind: round(by_class[kind], 2) for kind in driven} == {kind: round(m, 2) for kind, m in driven.items()}
    assert (found.length <= 500 + 1e-6).all()
    on_streets = streets.union_all().buffer(0.01)
    assert found.geometry.within(on_streets).all()
