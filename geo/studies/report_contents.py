"""Collect what a report of a run says: rates, claims, gaps, facilities, changes, unknown values and its grids."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyproj
import shapely

from geo.catalog.claims import PLACES_OF_RUN
from geo.catalog.headings import NAMING_LAYERS
from geo.crs import STORAGE_CRS
from geo.errors import NotFound
from geo.studies import place_claims
from geo.studies.compare_runs import Comparison, camera_changes, compare
from geo.studies.gap_words import gap_words
from geo.studies.names_of_codes import PlaceNames, names_in
from geo.studies.run_age import age_notes
from geo.studies.run_rates import rates
from geo.studies.run_unknowns import RunUnknowns, unknowns
from geo.studies.stored_runs import data_day, gaps, layers_of_day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import geopandas as gpd
    import pandas as pd

    from geo.storage.protocol import Store
    from geo.types import Progress, Run

#: Layers of the run's day that the report lists rows of.
SOURCES = ("facilities", *NAMING_LAYERS)
#: Units that are asked for a facility of their own, from the largest down.
UNITS = ("township", "village")


_GEOD = pyproj.Geod(ellps="WGS84")


@dataclass(frozen=True)
class ReportContents:
    """What a report says.

    Attributes
    ----------
    run, day
        The run, without layers, and the day that its data are of.
    notes
        What makes the run other than the data are now, as ``中文 / English``.
    county
        Name of the only county of the store, empty where there is none or are several.
    names
        Names of divisions, villages and grids on that day.
    rates
        As ``geo.studies.run_rates.rates``.
    claims
        A row for each claim (rule P4); None where the run judged no places.
    missed
        The places of claims that are not surely covered, once for each claim, with ``where`` in words.
    gaps
        Columns of layer ``gaps`` by rank, and ``where`` in words; no shapes.
    facilities
        Rows of layer ``facilities`` without shapes, with ``township`` (its code, None outside).
    without
        Units without a facility of their own (rule P7): ``unit`` (``township`` or ``village``), ``code``, ``name``.
    before
        The run compared with; None where there is none, as are then ``changes``, ``gaps_changed`` and ``cameras``.
    changes, cameras
        As ``geo.studies.compare_runs`` gives them.
    gaps_changed
        How many gaps of the caller only the run before has, and only this one.
    unknowns
        The unknown values of the run; None where the cameras of its day are gone.
    grids
        ``code, name, kind, village, level, township`` (code), ``area_m2`` and an inner point in degrees.
    """

    run: Run
    day: date
    notes: tuple[str, ...]
    county: str
    names: PlaceNames
    rates: pd.DataFrame
    claims: pd.DataFrame | None
    missed: pd.DataFrame
    gaps: pd.DataFrame
    facilities: pd.DataFrame
    without: pd.DataFrame
    before: Run | None
    changes: Comparison | None
    gaps_changed: tuple[int, int] | None
    cameras: Mapping[str, int] | None
    unknowns: RunUnknowns | None
    grids: gpd.GeoDataFrame


def report_contents(
    store: Store,
    run_id: str = "latest",
    *,
    since: str | None = None,
    lang: str = "zh",
    county: Store | None = None,
    progress: Progress | None = None,
) -> ReportContents:
    """Return what a report of a run says.

    Parameters
    ----------
    store
        As the caller may read it: gaps are those it has.
    run_id
        The run, or ``latest``.
    since
        The run to compare with; None is the published one where that is another run, else the one made before.
    lang
        Language of the words of place.
    county
        A store with rights on the whole county, for figures that do not depend on who asks; None is ``store``.
    progress
        Called with what is being done.

    Raises
    ------
    NotFound
        A run does not exist.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> from geo.studies.analysis import AnalyzeOptions, analyze
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> camera = gpd.GeoDataFrame({"id": ["c1"]}, geometry=[shapely.Point(103.1, 37.6)], crs="EPSG:4326")
    >>> grid = {"code": ["990121100201001"], "name": ["一号网格"]}
    >>> grid = gpd.GeoDataFrame(grid, geometry=[shapely.box(103.1, 37.6, 103.101, 37.601)], crs="EPSG:4326")
    >>> _ = store.write("cameras", camera, "upsert", actor="li"), store.write("grids", grid, "upsert", actor="li")
    >>> _ = analyze(store, AnalyzeOptions(domain="all"))
    >>> found = report_contents(store)
    >>> len(found.gaps), found.before, found.unknowns.rows["field"].tolist(), found.grids["area_m2"].round(-2).tolist()
    (1, None, ['azimuth'], [9800.0])
    >>> store.close()
    >>> folder.cleanup()
    """
    from geo.assessment.served_units import villages_of  # noqa: PLC0415 (a list of commands needs none)
    from geo.types import no_progress, part_of_progress  # noqa: PLC0415

    tell, whole = progress or no_progress, county or store
    with store.snapshot():
        tell("读取批次 / reading the run", 0.0)
        run = store.run(run_id, layers=[])
        frames = layers_of_day(store, run, SOURCES)
        names = names_in(frames)
        listed = gaps(store, run.id)[1]
        told = gap_words(store, run, listed, lang=lang)
        before = _run_before(store, run, since)
        notes, day = age_notes(store, run), data_day(store, run)
    divisions = frames["divisions"]
    villages = villages_of(frames["villages"], divisions)
    townships = divisions[(divisions["level"] == "township").to_numpy(bool, na_value=False)]
    found, table = rates(whole, run.id, progress=part_of_progress(tell, 0.1, 0.4))
    claims, missed = _claims(whole, found, lang)
    changes = None if before is None else compare(whole, before.id, run.id)
    return ReportContents(
        run=found,
        day=day,
        notes=notes,
        county=_county(divisions),
        names=names,
        rates=table,
        claims=claims,
        missed=missed,
        gaps=listed.drop(columns=listed.geometry.name).assign(where=told),
        facilities=_facilities(frames["facilities"], townships),
        without=_without(frames["facilities"], townships, villages),
        before=before,
        changes=changes,
        gaps_changed=None if changes is None else _gaps_changed(store, changes),
        cameras=None if before is None else camera_changes(store, before.id, run.id),
        unknowns=_unknowns(whole, run.id, part_of_progress(tell, 0.4, 0.9)),
        grids=_grids(frames["grids"], townships),
    )


def _county(divisions: gpd.GeoDataFrame) -> str:
    is_county = (divisions["level"] == "county").to_numpy(bool, na_value=False)
    known = divisions.loc[is_county, "name"].dropna().tolist()
    return str(known[0]) if len(known) == 1 else ""


def _run_before(store: Store, run: Run, since: str | None) -> Run | None:
    """Return the run to compare with, without layers."""
    if since is not None:
        found = store.run(since, layers=[])
        if found.id == run.id:
            raise NotFound(
                f"批次 {run.id} 不能与自己比较", f"run {run.id} cannot be compared with itself: name another one"
            )
        return found
    shown = store.published()
    if shown.is_published and shown.id is not None and shown.id != run.id:
        return store.run(shown.id, layers=[])
    older = [one for one in store.runs() if (one.created, one.id) < (run.created, run.id)]
    return max(older, key=lambda one: (one.created, one.id), default=None)


def _gaps_changed(store: Store, changes: Comparison) -> tuple[int, int]:
    pairs = ((changes.a, changes.gaps_only_a), (changes.b, changes.gaps_only_b))
    ranks = [{row["rank"] for row in store.run_rows(run.id, "gaps")} for run, _ in pairs]
    only_a, only_b = (sum(one in mine for one in frame["rank"]) for mine, (_, frame) in zip(ranks, pairs, strict=True))
    return only_a, only_b


def _claims(store: Store, run: Run, lang: str) -> tuple[pd.DataFrame | None, pd.DataFrame]:
    """Return the claims of a run, and their places that are not covered: of each claim the least seen first."""
    import pandas as pd  # noqa: PLC0415 (as above)

    columns = [*PLACES_OF_RUN.names, "where"]
    try:
        _, frame, rows = place_claims.claims(store, run.id)
    except NotFound:  # the run judged no places
        return None, pd.DataFrame(columns=columns)
    missed = [row for row in rows if row["claim"] is not None and row["verdict"] != "covered"]
    # The claim that lacks fewest comes first: it is not hidden behind hundreds of another one's.
    lacking = Counter(row["claim"] for row in missed)
    missed.sort(key=lambda row: (lacking[row["claim"]], row["claim"], row["sure_share"] or 0.0, row["code"]))
    table = pd.DataFrame(missed, columns=[name for name in columns if name != "where"])
    return frame, table.assign(where=gap_words(store, run, table, lang=lang))


def _unknowns(store: Store, run_id: str, progress: Progress) -> RunUnknowns | None:
    try:
        return unknowns(store, run_id, progress=progress)
    except NotFound:  # the cameras of its day are gone
        return None


def _facilities(facilities: gpd.GeoDataFrame, townships: gpd.GeoDataFrame) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 (as above)

    rows = pd.DataFrame(facilities.drop(columns=facilities.geometry.name))
    codes = pd.Series(_township_codes(facilities, townships), index=rows.index, dtype=object)
    return rows.assign(township=codes).sort_values("code", kind="stable")


def _township_codes(rows: gpd.GeoDataFrame, townships: gpd.GeoDataFrame) -> list[str | None]:
    """Return the code of the township that owns an inner point of each row (rule L1)."""
    import geopandas as gpd  # noqa: PLC0415 (as above)

    from geo.assessment.inner_points import inner_points  # noqa: PLC0415
    from geo.assessment.zones import owning_rows  # noqa: PLC0415

    points = gpd.GeoSeries(inner_points(rows.geometry.to_numpy()), crs=rows.crs)
    codes = townships["code"].tolist()
    return [codes[row] if row >= 0 else None for row in owning_rows(townships, points).tolist()]


def _without(facilities: gpd.GeoDataFrame, townships: gpd.GeoDataFrame, villages: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the units that have no facility of their level, or of none, inside them or serving them."""
    import numpy as np  # noqa: PLC0415 (as above)
    import pandas as pd  # noqa: PLC0415

    from geo.assessment.served_units import having, own_facilities  # noqa: PLC0415

    parts = [pd.DataFrame({"unit": [], "code": [], "name": []}, dtype=object)]
    for unit, frame in zip(UNITS, (townships, villages), strict=True):
        if len(frame) and len(facilities):
            pairs = own_facilities(frame, facilities, level=unit)
            bare = frame[~having(len(frame), pairs, np.ones(len(facilities), bool))].sort_values("code", kind="stable")
            parts.append(pd.DataFrame({"unit": unit, "code": bare["code"].tolist(), "name": bare["name"].tolist()}))
    return pd.concat(parts, ignore_index=True)


def _grids(grids: gpd.GeoDataFrame, townships: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    import geopandas as gpd  # noqa: PLC0415 (as above)

    from geo.assessment.inner_points import inner_points  # noqa: PLC0415

    rows = grids.sort_values("code", kind="stable")
    kept = [name for name in ("code", "name", "kind", "level", "village") if name in rows]
    area = [_ellipsoid_m2(one) for one in rows.geometry.to_crs(STORAGE_CRS)]
    inner = gpd.GeoSeries(inner_points(rows.geometry.to_numpy()), index=rows.index, crs=rows.crs)
    codes = _township_codes(rows, townships)
    return rows[[*kept, rows.geometry.name]].assign(area_m2=area, township=codes).set_geometry(inner)


def _ellipsoid_m2(shape: shapely.Geometry | None) -> float | None:
    """Return the area of a shape in degrees on the ellipsoid, as the page tells it; None for no shape."""
    if shape is None or shape.is_empty:
        return None
    return abs(float(_GEOD.geometry_area_perimeter(shapely.orient_polygons(shape))[0]))
