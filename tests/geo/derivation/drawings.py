"""Draw roads and places whose crossings, sections, rings and gates can be counted on paper; metres from an origin."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely

from geo.derivation.crossings import Junctions, crossings, junctions
from geo.derivation.driven_roads import RoadNetwork, road_network
from geo.derivation.sections import sections

CRS = "EPSG:4547"
ORIGIN = np.array([500_000.0, 4_000_000.0])

Line = Sequence[tuple[float, float]]


def moved(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape drawn from (0, 0) at the origin."""
    return shapely.transform(shape, lambda xy: xy + ORIGIN)


def roads(*lines: Line, **columns: object) -> gpd.GeoDataFrame:
    """Return roads along these vertices."""
    shapes = [moved(shapely.LineString(one)) for one in lines]
    return gpd.GeoDataFrame({"id": [f"r{k}" for k in range(len(lines))], **columns}, geometry=shapes, crs=CRS)


def network_of(frame: gpd.GeoDataFrame, classes: Sequence[str] | None = None) -> tuple[RoadNetwork, Junctions]:
    network = road_network(frame, frame.crs, classes)
    return network, junctions(network)


def crossings_of(frame: gpd.GeoDataFrame, classes: Sequence[str] | None = None) -> gpd.GeoDataFrame:
    """Return crossings with ``x`` and ``y`` from the origin."""
    network, joined = network_of(frame, classes)
    found = crossings(network, joined, frame, frame.crs)
    return found.assign(x=found["x"] - ORIGIN[0], y=found["y"] - ORIGIN[1])


def places_of(frame: gpd.GeoDataFrame, classes: Sequence[str] | None = None) -> list[tuple[float, float]]:
    """Return the means of the crossings from the origin, sorted."""
    found = crossings_of(frame, classes)
    return sorted((round(x, 6), round(y, 6)) for x, y in zip(found["x"], found["y"], strict=True))


def sections_of(frame: gpd.GeoDataFrame, classes: Sequence[str] | None = None) -> gpd.GeoDataFrame:
    network, joined = network_of(frame, classes)
    found = sections(network, joined, frame.crs)
    return found.assign(m=found.length.round(6))
