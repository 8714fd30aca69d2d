"""Carry results between modules: frozen, with unit and CRS on every field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import geopandas as gpd

from geo.errors import RowFault

#: Called with what is being done and the share done, 0 to 1; a door draws it, an analysis never prints.
Progress = Callable[[str, float], None]


def no_progress(_what: str, _share: float) -> None:
    """Ignore progress reports."""


@dataclass(frozen=True)
class ImportReport:
    """Tell what one import did; counts are source features, ``read = imported + updated + rejected``.

    Attributes
    ----------
    crs
        The CRS the coordinates were read in, as ``EPSG:n``, ``gcj02`` or ``bd09``.
    mapping
        Field of the layer -> column of the source.
    assumed
        Sentence -> number of rows it holds for (units guessed, levels times 3 m, defaults).
    rows_made
        Rows written; more than features where a camera looks several ways.
    rejects
        The rejected rows, in source order.
    """

    layer: str
    source: str
    store: str
    read: int
    imported: int
    updated: int
    rejected: int
    rows_made: int
    crs: str
    mapping: Mapping[str, str]
    assumed: Mapping[str, int]
    dropped_columns: Sequence[str]
    rejects: Sequence[RowFault]
    rejects_file: str | None
    seconds: float


@dataclass(frozen=True)
class Finding:
    """Tell one thing ``check`` found, with its place.

    Attributes
    ----------
    rank
        Place in the report, from 1; errors before warnings, then by size.
    severity
        ``error`` (an answer will be wrong) or ``warning``.
    code
        A stable slug, such as ``camera-in-wall``.
    layer, keys
        Which rows.
    text
        One sentence, ``中文 / English``.
    value
        How much, in the unit that the text names; None where nothing is measured.
    lon, lat
        Where to look, WGS-84 degrees; None where there is no place.
    """

    rank: int
    severity: Literal["error", "warning"]
    code: str
    layer: str
    keys: Sequence[str]
    text: str
    value: float | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Candidate:
    """Name one grid that may own a point or an address (CONTRACT section 3).

    Attributes
    ----------
    grid
        ``{code, name, kind, level}`` or None where no grid owns the place.
    chain
        ``{level, code, name}`` county first, the grid last.
    score
        0 to 1.
    precision_m, border_m
        Metres: how well the place is known, and how far the border of the grid is.
    neighbours
        Codes of the grids within the stated accuracy (rule L2).
    """

    grid: Mapping[str, Any] | None
    chain: Sequence[Mapping[str, Any]]
    level: str
    score: float
    method: Literal["point", "exact", "prefix", "match"]
    precision_m: float | None
    border_m: float | None
    neighbours: Sequence[str] = ()
    faults: Sequence[Mapping[str, str]] = ()
    spans: Sequence[Sequence[int]] = ()


@dataclass(frozen=True)
class Match:
    """Answer which grid owns a place: the body of ``/locate``. ``point`` is WGS-84 lon, lat in degrees."""

    status: Literal["matched", "ambiguous", "partial", "not_found"]
    query: Any
    crs: str | None
    point: tuple[float, float] | None
    candidates: Sequence[Candidate]
    revision: int
    at: str


@dataclass(frozen=True)
class Run:
    """Hold one analysis: what was asked, what came out.

    Attributes
    ----------
    id
        UUIDv7 as text.
    created
        ISO 8601 in UTC.
    options
        As asked: level, edition, target_height, zones, domain, at.
    summary
        The keys of ``summary.json`` (CONTRACT section 1).
    layers
        ``views``, ``possible``, ``coverage``, ``gaps`` and one per zone layer (``grids``, ``microgrids``, ``villages``,
        ``townships``, ``all``), all in the run's CRS (``summary["crs"]``).
    incidence
        The incidence model as bytes (``geo.assessment.incidence``), for outage questions; None where it was not kept.
    """

    id: str
    created: str
    options: Mapping[str, Any]
    summary: Mapping[str, Any]
    layers: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    incidence: bytes | None = None
