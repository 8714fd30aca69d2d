"""Check layers for what would make answers wrong: places, shapes, codes, optics; tell it ranked, worst first."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd

from geo.check import camera_rows, cameras_in_buildings, codes, datum_shift, single_rows, topology
from geo.check.metric_frames import lay
from geo.check.ranking import ranked
from geo.types import Finding

__all__ = ["check"]


def check(layers: Mapping[str, gpd.GeoDataFrame]) -> list[Finding]:
    """Return what is wrong or doubtful in the layers.

    Parameters
    ----------
    layers
        Layer name -> frame in EPSG:4326; any of them, with any of their fields. A camera in a wall needs both cameras
        and obstacles, and so on: what cannot be compared is not.

    Returns
    -------
    Findings ranked: errors (an answer will be wrong) before warnings, then kinds that concern many rows before those
    that concern few, then by how much was measured. Of one kind at most 200 are told one by one.

    Raises
    ------
    TooWide
        Where the data as a whole are too wide for one metric CRS (rule C1); a few stray rows do no harm.
    """
    ground = lay(layers)
    drafts = list(single_rows.find(ground))
    everyone = layers.get("cameras")
    if everyone is not None and len(everyone):
        there = ~(everyone.geometry.isna() | everyone.geometry.is_empty)
        drafts += camera_rows.find(ground, everyone[there])
        drafts += cameras_in_buildings.find(ground)
        drafts += datum_shift.find(ground)
    drafts += topology.find(ground)
    drafts += codes.find(ground)
    return ranked(drafts)
