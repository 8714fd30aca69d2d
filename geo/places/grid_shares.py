"""Divide the ground of a grid that is no more among the grids of another day, each point to the one that owns it."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely

#: A share below this is a border drawn anew, not a part that went elsewhere.
MIN_SHARE = 0.005
#: A grid that owns so much of a ground has it: the rest are borders drawn anew.
NEARLY_ALL = 0.98
_DECIMALS = 4


class GridShare(NamedTuple):
    """A grid and the share of the old grid's ground that it owns.

    Examples
    --------
    >>> GridShare("g1", 0.75).share
    0.75
    """

    code: str
    share: float


def grid_shares(old: shapely.Geometry, grids: gpd.GeoDataFrame, *, is_fine: bool = False) -> list[GridShare]:
    """Return which grids own the ground of an old one, the largest share first, of equal ones by code.

    Ground is owned as points are (rule L1): by dedicated grids before general ones, then in the order of codes, so that
    shares add up to 1 at the most; less where no grid is any more. Shares below half a percent are left out.

    Parameters
    ----------
    old
        The polygon of the old grid. Areas are those of the plane: in degrees, over the few kilometres of a grid, their
        ratios are those of areas in metres to a part in a thousand.
    grids
        The layer `grids` of the other day in the CRS of the old one: `code`, `kind`, `level` and polygons.
    is_fine
        Whether the old one is a microgrid, whose ground goes to microgrids first; else they are no answer.

    Examples
    --------
    The old grid was 4 wide; a quarter of it went to the grid in the west:

    >>> halves = {"code": ["e", "w"], "kind": ["general", "general"], "level": [1, 1]}
    >>> grids = gpd.GeoDataFrame(halves, geometry=[shapely.box(1, 0, 4, 1), shapely.box(-9, 0, 1, 1)])
    >>> grid_shares(shapely.box(0, 0, 4, 1), grids)
    [GridShare(code='e', share=0.75), GridShare(code='w', share=0.25)]
    """
    rest = shapely.make_valid(old)
    whole = float(rest.area)
    if not whole > 0.0 or not len(grids):
        return []
    fine = grids["level"].eq(2).fillna(False).to_numpy(bool)
    dedicated = grids["kind"].eq("dedicated").fillna(False).to_numpy(bool)
    order = np.lexsort((grids["code"].astype(str).to_numpy(), ~dedicated, ~fine))
    order = order if is_fine else order[~fine[order]]
    codes, shapes = grids["code"].astype(str).to_numpy(object)[order], grids.geometry.to_numpy()[order]
    found: list[GridShare] = []
    for row in np.flatnonzero(shapely.intersects(shapely.box(*rest.bounds), shapes)):
        shape = shapely.make_valid(shapes[row])
        area = float(shapely.intersection(rest, shape).area)
        if area > 0.0:
            rest = shapely.difference(rest, shape)
            found.append(GridShare(str(codes[row]), round(area / whole, _DECIMALS)))
    found = [one for one in found if one.share >= MIN_SHARE]
    return sorted(found, key=lambda one: (-one.share, one.code))
