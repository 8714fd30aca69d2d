"""Tell what of a zone is in a caller's townships: of one that somebody drew, and of what an atlas has sheets of."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from api.kept_answers import KeptAnswers
from api.long_work import LONG_ANSWERS
from geo.assessment.zones import owning_rows
from geo.catalog.layers import INPUTS
from geo.errors import NotAllowed, NotFound
from geo.storage.protocol import Store
from geo.storage.records import Caller
from geo.studies.drawn_figures import drawn_figures
from geo.studies.stored_runs import data_day, require_zone, zones_in_zone
from geo.studies.usable_rows import rows_with_shape
from geo.types import Run

#: Figures of drawn zones: a page asks again for its own whenever it is loaded.
_figures: KeptAnswers[gpd.GeoDataFrame] = KeptAnswers(64)


def own_part(store: Store, run: Run, polygon: shapely.Polygon, caller: Caller) -> shapely.Geometry:
    """Return the part of a polygon in the caller's townships; raise NotAllowed where there is none."""
    if caller.role != "planner" or caller.townships is None:
        return polygon
    divisions = store.read("divisions", at=data_day(store, run))
    mine = divisions[divisions["code"].astype(str).isin(caller.townships).to_numpy(bool)]
    own = shapely.intersection(polygon, shapely.union_all(mine.geometry.dropna().to_numpy()))
    if not own.area:
        raise NotAllowed("画出的范围不在您的镇街之内", "the drawn zone is in none of your townships")
    return own


def require_sheets(store: Store, run: Run, by: str, zone: str | None, caller: Caller) -> None:
    """Raise NotFound where an atlas of a zone would have no sheet for its caller: before its data are read.

    Parameters
    ----------
    run
        Without layers.
    by
        What each sheet is of: one of ``geo.catalog.papers.ZONES_OF_ATLAS``.
    zone
        What was chosen; None for all.

    Raises
    ------
    NotFound, AmbiguousName
        No zone is called that, or several are; or none of its zones is in the caller's townships.
    """
    if zone is not None:
        require_zone(store, run, zone)
    if caller.role != "planner" or caller.townships is None or by not in run.summary["layers"]:
        return
    frame = store.run(run.id, layers=[by]).layers[by]
    if zone is not None:
        frame = frame[zones_in_zone(store, run, frame, zone)]
    codes = frame["code"].astype(str).to_numpy(object)
    if by != "townships":
        divisions = rows_with_shape(store.read("divisions", at=data_day(store, run)))
        townships = divisions[(divisions["level"] == "township").to_numpy(bool, na_value=False)]
        inner = gpd.GeoSeries(shapely.point_on_surface(frame.geometry.to_numpy()), crs=frame.crs)
        owners = owning_rows(townships, inner.to_crs(townships.crs))
        codes = np.array([*townships["code"].astype(str), ""], object)[owners]
    if not np.isin(codes, list(caller.townships)).any():
        raise NotFound(
            "所选范围内没有您的镇街的图纸，做不成图册",
            "what was chosen has no sheet in your townships, so that there is no atlas of it",
        )


def figures_of(county: Store, run: Run, own: shapely.Geometry) -> gpd.GeoDataFrame:
    """Return the row of figures of a polygon, computed once for the state of the store."""
    name = repr((county.name, county.epoch(), run.id, own.wkb_hex, county.state(*INPUTS)))

    def made() -> gpd.GeoDataFrame:
        with county.snapshot():
            return drawn_figures(county, run, own)

    return _figures.made(name, LONG_ANSWERS, made)
