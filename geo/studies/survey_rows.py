"""List the rows of a survey form: each camera or building with unknown values, by site, and what to measure there."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geo.assessment.zones import owning_rows
from geo.catalog.survey_form import ASKED, LEAST_WEIGHT
from geo.errors import UnknownName
from geo.storage.protocol import Store
from geo.studies.run_unknowns import RunUnknowns
from geo.studies.stored_runs import data_day


@dataclass(frozen=True)
class SurveyRow:
    """One row of the form.

    Attributes
    ----------
    id, site, name
        Of the camera or building; a building has no site.
    lies_in
        Name of the township and code of the finest grid that own it, as people read them.
    lon, lat
        Degrees, WGS-84.
    shape
        As stored, degrees.
    measure
        The unknown fields.
    rank, weight, claims
        The best rank of its values, the weight of that, and all claims that one of them may make hold.
    """

    id: str
    site: str
    name: str
    lies_in: str
    lon: float
    lat: float
    shape: shapely.Geometry
    measure: tuple[str, ...]
    rank: int
    weight: float
    claims: tuple[str, ...]


def survey_rows(
    store: Store, found: RunUnknowns, layer: str = "cameras", *, limit: int | None = None
) -> list[list[SurveyRow]]:
    """Return the rows of a layer by site, the site of the best rank first.

    Parameters
    ----------
    store
        With rights on the layer: rows that it does not show are left out.
    found
        The unknown values of a run.
    layer
        ``cameras`` or ``obstacles``; each building is a site of its own.
    limit
        At most so many sites; None for all.

    Raises
    ------
    UnknownName
        There is no survey form of the layer.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> from geo.studies.analysis import AnalyzeOptions, analyze
    >>> from geo.studies.run_unknowns import unknowns
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> rows = {"id": ["c1", "c2"], "azimuth": [None, None], "site": ["p", "p"]}
    >>> points = shapely.points([[103.1, 37.6], [103.1, 37.6]])
    >>> _ = store.write("cameras", gpd.GeoDataFrame(rows, geometry=points, crs="EPSG:4326"), "upsert", actor="li")
    >>> _ = analyze(store, AnalyzeOptions(domain="all"))
    >>> [[(row.id, row.measure) for row in site] for site in survey_rows(store, unknowns(store))]
    [[('c1', ('azimuth',)), ('c2', ('azimuth',))]]
    >>> store.close()
    >>> folder.cleanup()
    """
    if layer not in ASKED:
        raise UnknownName(f"图层 {layer[:40]} 没有核实表", f"there is no survey form of layer {layer[:40]}")
    day = data_day(store, found.run)
    with store.snapshot():
        stored = store.read(layer, at=day)
        divisions, grids = store.read("divisions", at=day), store.read("grids", at=day)
    position = {str(key): i for i, key in enumerate(stored["id"])}
    values = found.rows[(found.rows["layer"] == layer) & found.rows["id"].isin(position)]
    if layer == "obstacles":  # nobody walks to a building for a hair of ground
        values = values[values["weight"] >= LEAST_WEIGHT]
    groups = [rows for _, rows in values.groupby("id", sort=False)]  # by rank, as the rows are
    points = gpd.GeoSeries([rows.geometry.iloc[0] for rows in groups], crs=found.rows.crs)
    zones = _zone_names(points, divisions, grids)
    out: dict[object, list[SurveyRow]] = {}
    for rows, point, lies_in in zip(groups, points, zones, strict=True):
        first = rows.iloc[0]
        shape = stored.geometry.iloc[position[first["id"]]]
        row = SurveyRow(
            id=first["id"],
            site=_text(first["site"]),
            name=_text(first["name"]),
            lies_in=lies_in,
            lon=round(point.x, 7),
            lat=round(point.y, 7),
            shape=shape,
            measure=tuple(name for name in ASKED[layer] if name in set(rows["field"])),
            rank=int(first["rank"]),
            weight=float(first["weight"]),
            claims=tuple(sorted({name for names in rows["claims"] for name in names})),
        )
        # Poles of one name that stand far apart are several sites (rule B4): the zones they lie in tell them apart.
        out.setdefault((row.site, lies_in) if row.site else row.id, []).append(row)
    return list(out.values())[:limit]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _zone_names(points: gpd.GeoSeries, divisions: gpd.GeoDataFrame, grids: gpd.GeoDataFrame) -> list[str]:
    """Return the township and the finest grid that own each point (rule L1), as people read them."""
    townships = divisions[(divisions["level"] == "township").to_numpy(bool, na_value=False)]
    level = grids["level"].to_numpy(float, na_value=1.0) if len(grids) else np.empty(0)
    parts: list[list[str]] = [[] for _ in range(len(points))]
    for frame, named in ((townships, "name"), (grids[level == 2], "code"), (grids[level != 2], "code")):
        if not len(frame) or not len(points):
            continue
        owner = owning_rows(frame, points)
        for i in np.flatnonzero(owner >= 0):
            row = frame.iloc[owner[i]]
            if named == "name":
                parts[i].append(str(row["name"] or row["code"]))
            elif len(parts[i]) < 2:  # the finest grid only
                parts[i].append(str(row["code"]))
    return [" ".join(one) for one in parts]
