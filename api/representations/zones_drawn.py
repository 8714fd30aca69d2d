"""Work out a zone that somebody drew within a caller's townships, once for each state of the store."""

from __future__ import annotations

import geopandas as gpd
import shapely

from api.kept_answers import KeptAnswers
from api.long_work import LONG_ANSWERS
from geo.catalog.layers import INPUTS
from geo.errors import NotAllowed
from geo.storage.protocol import Store
from geo.storage.records import Caller
from geo.studies.drawn_figures import drawn_figures
from geo.studies.stored_runs import data_day
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


def figures_of(county: Store, run: Run, own: shapely.Geometry) -> gpd.GeoDataFrame:
    """Return the row of figures of a polygon, computed once for the state of the store."""
    name = repr((county.name, county.epoch(), run.id, own.wkb_hex, county.state(*INPUTS)))

    def made() -> gpd.GeoDataFrame:
        with county.snapshot():
            return drawn_figures(county, run, own)

    return _figures.made(name, LONG_ANSWERS, made)
