"""Collect the data of a map, independent of the output medium."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.catalog.base_maps import BaseMap
from geo.catalog.results import OWN_ZONES, zone_layers_among
from geo.errors import NotFound
from geo.types import Run

#: The layer of a zone that somebody drew, and what names it.
DRAWN_LAYER = f"{OWN_ZONES}drawn"
DRAWN_KEY = f"{DRAWN_LAYER}:drawn"
#: The reference layer of own zones that are ground: ``kind`` (one of ``geo.catalog.kinds.GROUND_KINDS``), ``name``.
GROUND_LAYER = "ground"


@dataclass(frozen=True)
class Meta:
    """Metadata of a map; every text may be empty, dates are ISO."""

    title_zh: str
    title_en: str
    made: str
    data_date: str
    crs: str
    run_id: str
    level: str
    edition: str
    domain: str
    #: Classification of the map (密级).
    security: str = "内部规划用图 不得公开"
    #: Number of the map review (审图号), empty until a review gives one.
    review_number: str = ""
    source: str = ""
    #: The title that somebody gave one sheet, above that of the county; empty for none.
    title: str = ""


@dataclass(frozen=True)
class MapData:
    """Frames of one map, all in one CRS; an absent layer is an absent key or None.

    Attributes
    ----------
    zones
        Zone layer name -> its figures (docs/rules.md "Zones").
    reference
        Reference layers drawn below the results (``geo.catalog.layers.DRAWN``), and ``GROUND_LAYER``.
    verdicts
        The run's places with their shapes, a row for each claim of a place, as far as the reader may know
        (``geo.catalog.claims.PLACES_OF_RUN``); None where the run judged none.
    claims
        The row of each claim (``geo.catalog.claims.CLAIMS_OF_RUN``); None as above.
    rounds, pieces
        Of a patrol (rule P8) the closed round of each sector, and what no camera surely sees of its roads: ``sector,
        roads`` (how many), ``pieces_m, length_m, bound_m, parts, why``; None where no patrol is shown.
    reach
        Straight lines from units to their nearest facility (rule P7): ``unit`` (its layer), ``code, name, facility,
        distance_m, air, own``; None where it is not shown.
    base
        The base map below everything, whose source, review number and date are to be told; None for none.
    partial
        What the reader's rights leave out, which a map must state: empty for nothing, ``townships`` where cameras and
        gaps are those of some townships only, ``figures`` where there are no cameras and gaps.
    townships
        The codes of those townships; empty where nothing, or everything, is left out.
    """

    meta: Meta
    zones: Mapping[str, gpd.GeoDataFrame]
    gaps: gpd.GeoDataFrame
    cameras: gpd.GeoDataFrame
    views: gpd.GeoDataFrame | None = None
    possible: gpd.GeoDataFrame | None = None
    coverage: gpd.GeoDataFrame | None = None
    reference: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)
    partial: str = ""
    townships: frozenset[str] = frozenset()
    verdicts: gpd.GeoDataFrame | None = None
    claims: pd.DataFrame | None = None
    rounds: gpd.GeoDataFrame | None = None
    pieces: gpd.GeoDataFrame | None = None
    reach: gpd.GeoDataFrame | None = None
    base: BaseMap | None = None


def of_claim(data: MapData, claim: str) -> MapData:
    """Return the map data with the places and the row of one claim only.

    Raises
    ------
    NotFound
        The run has no claim of that name.
    """
    names = [] if data.claims is None else data.claims["claim"].astype(str).tolist()
    if data.claims is None or data.verdicts is None or claim not in names:
        listed = ", ".join(names[:10])
        raise NotFound(
            f"此批次没有声明 {claim[:60]}{'，有：' if names else ''}{listed}",
            f"this run has no claim {claim[:60]}{'; there are: ' if names else ''}{listed}",
        )
    places, claims = data.verdicts["claim"] == claim, data.claims["claim"] == claim
    return replace(data, verdicts=data.verdicts[places.to_numpy(bool)], claims=data.claims[claims.to_numpy(bool)])


def with_drawn_zone(data: MapData, row: gpd.GeoDataFrame) -> MapData:
    """Return the map data with one more zone, that somebody drew: a row with ``code`` ``drawn``, perhaps figures."""
    return replace(data, zones={**data.zones, DRAWN_LAYER: row.to_crs(data.gaps.crs)})


def from_run(
    run: Run,
    cameras: gpd.GeoDataFrame,
    reference: Mapping[str, gpd.GeoDataFrame],
    *,
    title_zh: str,
    title_en: str,
    made: str,
    data_date: str = "",
) -> MapData:
    """Return the data of a map of one run, its cameras and the reference layers, in the run's CRS.

    ``data_date`` is the day whose rows the run is of; empty for the day asked for, else the run's own.
    """
    layers = run.layers
    crs = run.summary["crs"]
    zones = {name: layers[name] for name in zone_layers_among(layers)}
    return MapData(
        meta=Meta(
            title_zh=title_zh,
            title_en=title_en,
            made=made,
            data_date=data_date or str(run.options.get("at") or run.created[:10]),
            crs=str(crs),
            run_id=run.id,
            level=str(run.summary["level"]),
            edition=str(run.summary["edition"]),
            domain=str(run.summary["domain"]),
        ),
        zones=zones,
        gaps=layers["gaps"],
        cameras=cameras.to_crs(crs),
        views=layers.get("views"),
        possible=layers.get("possible"),
        coverage=layers.get("coverage"),
        reference={name: frame.to_crs(crs) for name, frame in reference.items()},
        summary=run.summary,
    )
