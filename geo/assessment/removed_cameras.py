"""Take cameras out of an incidence: what the figures would be without them (rule B4)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo.assessment.incidence import Incidence
from geo.assessment.zone_membership import Pairs, unique_pairs
from geo.errors import BadValue


def without_rows(model: Incidence, rows: np.ndarray) -> Incidence:
    """Return the incidence as if some camera rows did not exist: what only they see is unseen.

    Sites keep their numbers and their zones, also where only some of their rows are gone.

    Parameters
    ----------
    model
        As computed, or loaded from a store.
    rows
        Which rows are gone, as ``sites.rows_of`` gives them.

    Raises
    ------
    BadValue
        Where part of a site is gone and the run was stored before rows were kept apart.

    Examples
    --------
    Two lenses of one pole see 4 m2 each of a square of 8 m2:

    >>> import geopandas as gpd, shapely
    >>> from geo import incidence, views, zone_metrics
    >>> x, y = 500_000.0, 4_000_000.0
    >>> lenses = {"id": ["e", "w"], "site": "p", "azimuth": [90.0, 270.0], "hfov": 150.0, "height": 1.6}
    >>> seen = views(gpd.GeoDataFrame(lenses, geometry=[shapely.Point(x, y)] * 2, crs=4547))
    >>> squares = [shapely.box(x - 4, y - 1, x - 2, y + 1), shapely.box(x + 2, y - 1, x + 4, y + 1)]
    >>> model = incidence(seen, gpd.GeoDataFrame({"code": ["w", "e"]}, geometry=squares, crs=4547))
    >>> gone = [model.sites.rows_of(names) for names in ([], ["e"], ["p"])]
    >>> [zone_metrics(without_rows(model, rows))["sure_m2"].tolist() for rows in gone]
    [[4.0, 4.0], [4.0, 0.0], [0.0, 0.0]]
    """
    sites = model.sites.without(rows)
    hit = np.zeros(sites.count, bool)
    hit[model.sites.site[rows & model.sites.maybe_online]] = True
    # 1. sites that lose a row that counts lose all their pairs ...
    kept, kept_class, kept_possible = ~hit[model.site], ~hit[model.class_site], ~hit[model.possible_site]
    sure = [model.site_element[kept], model.site[kept]]
    by_class = [model.class_element[kept_class], model.class_site[kept_class], model.class_of[kept_class]]
    possible = [model.possible_element[kept_possible], model.possible_site[kept_possible]]
    # 2. ... and get those of the rows that are left
    left = hit[sites.site] & sites.maybe_online
    again: Pairs = (np.empty(0, np.int64), np.empty(0, np.int64))
    if left.any():
        seen, maybe = _pairs_of_rows(model, left)
        again = unique_pairs(seen[0], sites.site[seen[1]], sites.count)
        cell, camera = (np.concatenate(both) for both in zip(seen, maybe, strict=True))
        again_possible = unique_pairs(cell, sites.site[camera], sites.count)
        sure = [np.concatenate(both) for both in zip(sure, again, strict=True)]
        by_class = [np.concatenate(both) for both in zip(by_class, sites.class_pairs(*seen), strict=True)]
        possible = [np.concatenate(both) for both in zip(possible, again_possible, strict=True)]
    return replace(
        model,
        site_element=sure[0],
        site=sure[1],
        class_element=by_class[0],
        class_site=by_class[1],
        class_of=by_class[2],
        possible_element=possible[0],
        possible_site=possible[1],
        sites=sites,
        members={name: zones.with_seeing(hit, again) for name, zones in model.members.items()},
    )


def _pairs_of_rows(model: Incidence, rows: np.ndarray) -> tuple[Pairs, Pairs]:
    """Return pairs (cell, camera row) of some rows of sites with several: surely seen, and possibly but not surely."""
    arrays = model.camera_element, model.camera, model.maybe_element, model.maybe_camera
    if any(one is None for one in arrays):
        raise BadValue(
            "此批次没有分台记录：请写点位编号，或重新分析",
            "this run keeps no cameras apart: name the site, or analyse again",
        )
    cell, camera, maybe_cell, maybe_camera = (np.asarray(one) for one in arrays)
    mine, maybe = rows[camera], rows[maybe_camera]
    return (cell[mine], camera[mine]), (maybe_cell[maybe], maybe_camera[maybe])
