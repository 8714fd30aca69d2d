"""Check layers for errors in positions, geometries, codes and optics; return ranked findings."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd

from geo.check import (
    address_rows,
    camera_rows,
    cameras_in_buildings,
    codes,
    datum_shift,
    facility_rows,
    grid_rows,
    place_positions,
    place_rows,
    road_pieces,
    single_rows,
    topology,
)
from geo.check.grid_rows import Principles
from geo.check.metric_frames import prepare_frames
from geo.check.ranking import ranked
from geo.types import Finding

__all__ = ["cameras_out_of_place", "check"]

#: Findings that say that a camera's place is wrong or doubtful.
_OF_PLACE = frozenset(
    {"geometry-missing", "geometry-invalid", "far-away", "camera-at-origin", "camera-outside-grids", "camera-duplicate",
     "camera-in-wall", "camera-shifted"}
)  # fmt: skip


def check(layers: Mapping[str, gpd.GeoDataFrame], *, principles: Principles | None = None) -> list[Finding]:
    """Return what is wrong or doubtful in the layers.

    Parameters
    ----------
    layers
        Layer name -> frame in EPSG:4326; any of the layers, with any of their fields. A check that compares two layers
        needs both: a camera in a building is found only where cameras and obstacles are given.
    principles
        By which grids were drawn: whether one is outside its band, or crossed by a barrier, is looked at only then.

    Returns
    -------
    Findings ranked: errors (an answer will be wrong) before warnings, among errors those that keep rows out of an
    analysis first, then kinds that concern many rows before those that concern few, then by the measured value.

    Raises
    ------
    TooWide
        Where the data as a whole are too wide for one metric CRS (rule C1); a few outlying rows are set aside.
    """
    data = prepare_frames(layers)
    findings = list(single_rows.find(data))
    cameras = layers.get("cameras")
    if cameras is not None and len(cameras):
        located = ~(cameras.geometry.isna() | cameras.geometry.is_empty)
        findings += camera_rows.find(data, cameras[located])
        findings += cameras_in_buildings.find(data)
        findings += datum_shift.find(data)
    findings += topology.find(data)
    findings += codes.find(data)
    findings += grid_rows.find(data, principles)
    findings += place_rows.find(data, layers.get("claims"))
    findings += road_pieces.find(data)
    findings += place_positions.find(data)
    findings += facility_rows.find(data)
    findings += address_rows.find(data)
    return ranked(findings)


def cameras_out_of_place(layers: Mapping[str, gpd.GeoDataFrame]) -> set[str]:
    """Return the ids of the cameras with a finding of place (rule P6): outside the grids, in a wall, shifted, twice.

    Parameters
    ----------
    layers
        As for ``check``; grids, obstacles and roads are looked at. Nothing else is checked, which takes less time.
    """
    cameras = layers.get("cameras")
    if cameras is None or not len(cameras):
        return set()
    data = prepare_frames(layers)
    located = ~(cameras.geometry.isna() | cameras.geometry.is_empty)
    findings = [*single_rows.find(data), *camera_rows.find(data, cameras[located])]
    findings += [*cameras_in_buildings.find(data), *datum_shift.find(data)]
    return {key for one in findings if one.layer == "cameras" and one.code in _OF_PLACE for key in one.keys}
