"""Describe the borders of stored grids in words, and lead round them on foot (rule V13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import pandas as pd

from geo.errors import NotFound
from geo.planning.border_walk import border_walk
from geo.planning.boundary_sides import SIDES, boundary_sides, boundary_words
from geo.storage.protocol import Store

#: Kind of own areas that are water.
_WATER = "water"


@dataclass(frozen=True)
class GridBoundaries:
    """Hold the borders of grids in words.

    Attributes
    ----------
    table
        ``code, name, village``, and ``east, south, west, north``: the words of each side, in Chinese and English.
    sides
        What they are made of, as `geo.planning.boundary_sides.boundary_sides` returns it.
    walk
        The legs round each grid where they are wanted, as `geo.planning.border_walk.border_walk` returns them, with
        the ``name`` of a neighbour for its code.
    """

    table: pd.DataFrame
    sides: pd.DataFrame
    walk: pd.DataFrame


def describe_boundaries(
    store: Store, codes: Sequence[str] = (), *, level: int = 1, at: date | None = None, walk: bool = False
) -> GridBoundaries:
    """Return the borders of the grids of a level on a day.

    Parameters
    ----------
    codes
        Of these grids; of all of the level unless given. Neighbours are told in either case.
    walk
        Whether the legs round the grids are wanted.

    Raises
    ------
    NotFound
        There are no grids of the level, or none of a code.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> shapes = shapely.box([103.0, 103.01], 37.0, [103.01, 103.02], 37.01)
    >>> grids = gpd.GeoDataFrame({"code": ["a", "b"], "name": ["一", "二"]}, geometry=shapes, crs="EPSG:4326")
    >>> _ = store.write("grids", grids, "upsert", actor="li")
    >>> describe_boundaries(store, ["a"]).table.iloc[0]["east"].split("（")[0]
    '东邻二'
    >>> store.close()
    >>> folder.cleanup()
    """
    day = at or store.today()
    grids = store.read("grids", at=day)
    grids = grids[pd.to_numeric(grids["level"], errors="coerce").fillna(1) == level].reset_index(drop=True)
    if not len(grids):
        raise NotFound(f"库里没有第 {level} 级网格", f"the store has no grids of level {level}")
    known = set(grids["code"].astype(str))
    missing = [code for code in codes if code not in known]
    if missing:
        listed = ", ".join(missing[:5])
        raise NotFound(f"没有这些网格：{listed}", f"there are no such grids: {listed}")
    areas = store.read("areas", at=day)
    roads, water = store.read("roads", at=day), areas[areas["kind"] == _WATER]
    asked = set(codes) or known
    sides = boundary_sides(grids, roads, water)
    sides = sides[sides["code"].isin(asked)].reset_index(drop=True)
    names = grids.set_index(grids["code"].astype(str))["name"].dropna().astype(str)
    legs = border_walk(grids, roads, water) if walk else border_walk(grids.iloc[:0])
    of_asked = grids[grids["code"].astype(str).isin(asked)]
    return GridBoundaries(_table(of_asked, sides, names), sides, _named(legs, asked, names))


def _table(grids: gpd.GeoDataFrame, sides: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    out = pd.DataFrame(
        {
            "code": grids["code"].astype(str), "name": grids["name"].where(grids["name"].notna(), None),
            "village": grids["village"].where(grids["village"].notna(), None),
        }
    )  # fmt: skip
    for side in SIDES:
        said = boundary_words(sides[sides["side"] == side], names)
        out[side] = [said.get(code) for code in out["code"]]
    return out.reset_index(drop=True)


def _named(walk: pd.DataFrame, asked: set[str], names: pd.Series) -> pd.DataFrame:
    """Return the legs of the grids asked for, a neighbour by its name."""
    walk = walk[walk["code"].isin(asked)].reset_index(drop=True)
    is_grid = walk["kind"] == "grid"
    return walk.assign(name=walk["name"].where(~is_grid, walk["name"].map(lambda code: names.get(code, code))))
