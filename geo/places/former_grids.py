"""Know the grids that are no more: their codes and names in a text, and the grids that own their ground now."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.catalog.division_codes import code_text
from geo.places.address.folded_text import MAX_FOUND, MAX_READ
from geo.places.grid_shares import GridShare, grid_shares

_MAY_BE_A_CODE = re.compile(r"(?=[^0-9]{0,39}[0-9])[0-9A-Za-z][-_./0-9A-Za-z]{3,39}")
_MAY_NAME_A_GRID = re.compile("格|grid", re.I)
#: What stands before the number of a grid in its name.
_OF_A_VILLAGE = re.compile(r".{2,}?(?=第?[0-9一二三四五六七八九十百零〇]{1,6}号?微?网格$)")
#: A shorter name in a text may be a part of another one.
_SHORTEST_NAME = 4


class FormerName(NamedTuple):
    """The name of a grid that is no more, where it stands in a text, with the code of that grid.

    Examples
    --------
    >>> FormerName(0, 6, "甲村第二网格", "g2").code
    'g2'
    """

    start: int
    end: int
    name: str
    code: str


class FormerGrids:
    """The grids that are no more, read when a text first says what may be one of them.

    Parameters
    ----------
    read
        Returns the last version of each grid of any day up to this one, in WGS-84 degrees; called once. None: no
        former grids are known.
    grids
        The grids of the day, polygons in WGS-84 degrees.
    day
        That day as an answer says it; empty for today.

    Examples
    --------
    The old grid was 4 wide; a quarter of it went to the grid in the west:

    >>> import shapely
    >>> columns = {"code": ["e", "w"], "name": ["东格", "西格"], "kind": ["general"] * 2, "level": [1, 1]}
    >>> today = gpd.GeoDataFrame(columns, geometry=[shapely.box(1, 0, 4, 1), shapely.box(0, 0, 1, 1)], crs=4326)
    >>> old = {"code": ["old1"], "name": ["甲村第二网格"], "kind": ["general"], "level": [1]}
    >>> last = pd.concat([today, gpd.GeoDataFrame(old, geometry=[shapely.box(0, 0, 4, 1)], crs=4326)])
    >>> former = FormerGrids(lambda: last, today)
    >>> former.has_code("old1"), former.has_code("e"), former.today("old1")[1].code
    (True, False, 'w')
    >>> former.names_in("甲村第二网格3号")[0].code
    'old1'
    """

    def __init__(self, read: Callable[[], gpd.GeoDataFrame] | None, grids: gpd.GeoDataFrame, *, day: str = "") -> None:
        self.day = day
        self._read = read
        self._grids = grids
        self._lock = threading.Lock()
        self._last: gpd.GeoDataFrame | None = None
        self._row_of: dict[str, int] = {}
        self._code_of: dict[str, str] = {}
        self._today: dict[str, tuple[GridShare, ...]] = {}

    def has_code(self, code: str) -> bool:
        """Return whether a grid that is no more had this code."""
        if _MAY_BE_A_CODE.fullmatch(code) is None:  # most texts have none, and need no former grids to be read
            return False
        self._prepare()
        return code_text(code) in self._row_of

    def names_in(self, text: str) -> tuple[FormerName, ...]:
        """Return the names in a text that only grids had that are no more, the longest first; none overlap."""
        if _MAY_NAME_A_GRID.search(text) is None:
            return ()
        self._prepare()
        text, taken, found = text[:MAX_READ], np.zeros(MAX_READ, dtype=bool), []
        for name in sorted((one for one in self._code_of if one in text), key=len, reverse=True)[:MAX_FOUND]:
            start = text.index(name)
            end = start + len(name)
            if not taken[start:end].any():
                taken[start:end] = True
                found.append(FormerName(start, end, name, self._code_of[name]))
        return tuple(found)

    def today(self, code: str) -> tuple[GridShare, ...]:
        """Return the grids of the day that own the ground of a former one, the largest share first."""
        self._prepare()
        row = self._row_of.get(code_text(code))
        if row is None or self._last is None:
            return ()
        if code not in self._today:
            old, level = self._last.geometry.iloc[row], self._last["level"].iloc[row]
            near = self._grids.iloc[np.sort(self._grids.sindex.query(old, predicate="intersects"))]
            self._today[code] = tuple(grid_shares(old, near, is_fine=not pd.isna(level) and int(level) == 2))
        return self._today[code]

    def _prepare(self) -> None:
        with self._lock:
            if self._last is not None or self._read is None:
                return
            last, now = self._read(), set(self._grids["code"].astype(str))
            last = last[last.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy(bool)]
            last = last[~last["code"].astype(str).isin(now).to_numpy(bool)]
            codes = last["code"].astype(str).tolist()
            self._row_of = {code: row for row, code in enumerate(codes)}
            taken = _names(self._grids)
            for name, code in zip(_names(last), codes, strict=True):
                if len(name) >= _SHORTEST_NAME:
                    # Of two grids of one name neither is meant.
                    self._code_of[name] = "" if name in self._code_of else code
            self._code_of = {name: code for name, code in self._code_of.items() if code and name not in taken}
            self._last = last


def start_of_grid_word(text: str, start: int, end: int) -> int:
    """Return where in the name of a grid that ends at a position its own part begins, behind that of its village.

    Examples
    --------
    >>> start_of_grid_word("甲村第二网格3组", 0, 6), start_of_grid_word("西格", 0, 2)
    (2, 0)
    """
    found = _OF_A_VILLAGE.match(text, start, end)
    return start if found is None else found.end()


def _names(frame: gpd.GeoDataFrame) -> list[str]:
    if "name" not in frame:
        return [""] * len(frame)
    return [name.strip() if isinstance(name, str) else "" for name in frame["name"]]
