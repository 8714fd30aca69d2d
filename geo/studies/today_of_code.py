"""Answer the code of a grid that was renamed, merged or split with the grids of today."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd
import shapely

from geo.catalog.division_codes import code_text
from geo.places.gazetteer import polygon_rows
from geo.places.grid_shares import GridShare, grid_shares
from geo.storage.protocol import Store

#: Grids of today that are looked at around an old one.
_MAX_GRIDS = 1_000
_ONLY_A_CODE = re.compile(r"(?:网格(?:编码|代码)?|grid(?: code)?)?[\s:：]*([0-9A-Za-z][-_./0-9A-Za-z]{3,39})", re.I)


def code_alone(text: str) -> str | None:
    """Return the code that a text is and nothing else, None where it is another text.

    Examples
    --------
    >>> code_alone("网格编码：620622102201001"), code_alone("GL-07"), code_alone("民主街3号"), code_alone("3号")
    ('620622102201001', 'GL-07', None, None)
    """
    found = _ONLY_A_CODE.fullmatch(text.strip())
    return found[1] if found and any(one.isdigit() for one in found[1]) else None


def today_of_code(store: Store, code: str, at: date | None = None) -> list[GridShare]:
    """Return the grids of today, or of the day given, that own the ground of a code, the largest share first.

    A code of today is its own answer, whole. Of a code that is no more, the last version with a shape is divided among
    the grids of today (`geo.places.grid_shares`). A code that never was, or whose ground has no grid now, has none.

    Examples
    --------
    >>> import tempfile
    >>> from datetime import date
    >>> from pathlib import Path
    >>> import geopandas as gpd
    >>> from geo.storage.geopackage.store import open_store
    >>> folder, day = tempfile.TemporaryDirectory(), [date(2026, 1, 1)]
    >>> store = open_store(Path(folder.name) / "workspace.gpkg", today=lambda: day[0])
    >>> grid = gpd.GeoDataFrame(
    ...     {"code": ["old"], "level": [1]}, geometry=[shapely.box(103.1, 37.6, 103.2, 37.7)], crs="EPSG:4326"
    ... )
    >>> _ = store.write("grids", grid, "upsert", actor="li")
    >>> day[0] = date(2026, 3, 1)
    >>> _ = store.write("grids", grid.assign(code="new"), "replace", actor="li")
    >>> today_of_code(store, "old"), today_of_code(store, "new"), today_of_code(store, "none")
    ([GridShare(code='new', share=1.0)], [GridShare(code='new', share=1.0)], [])
    >>> store.close()
    >>> folder.cleanup()
    """
    code = code_text(code)
    is_code = _equals(code)
    with store.snapshot():
        today = at or store.today()
        if store.count("grids", where=is_code, at=today):
            return [GridShare(code, 1.0)]
        last = polygon_rows(store.read("grids", where=is_code, at=(None, today)))
        if not len(last):
            return []
        return _shares(store, last, today)


class LaterCode(NamedTuple):
    """A code that is used only after a day: since when, and the grids of the day that own its ground.

    Examples
    --------
    >>> LaterCode("2026-03-01", []).since
    '2026-03-01'
    """

    since: str
    grids: list[GridShare]


def later_code(store: Store, code: str, at: date) -> LaterCode | None:
    """Return since when a code is used that no grid has on a day or had before; None for one of that day or of none.

    Examples
    --------
    >>> import tempfile
    >>> from datetime import date
    >>> from pathlib import Path
    >>> import geopandas as gpd
    >>> from geo.storage.geopackage.store import open_store
    >>> folder, day = tempfile.TemporaryDirectory(), [date(2026, 1, 1)]
    >>> store = open_store(Path(folder.name) / "workspace.gpkg", today=lambda: day[0])
    >>> grid = gpd.GeoDataFrame(
    ...     {"code": ["old"], "level": [1]}, geometry=[shapely.box(103.1, 37.6, 103.2, 37.7)], crs="EPSG:4326"
    ... )
    >>> _ = store.write("grids", grid, "upsert", actor="li")
    >>> day[0] = date(2026, 3, 1)
    >>> _ = store.write("grids", grid.assign(code="new", valid_from="2026-03-01"), "replace", actor="li")
    >>> later_code(store, "new", date(2026, 2, 1)), later_code(store, "new", date(2026, 4, 1))
    (LaterCode(since='2026-03-01', grids=[GridShare(code='old', share=1.0)]), None)
    >>> store.close()
    >>> folder.cleanup()
    """
    is_code = _equals(code_text(code))
    with store.snapshot():
        if store.count("grids", where=is_code, at=(None, at)):
            return None
        later = store.read("grids", where=is_code, at=(at, None))
        if not len(later):
            return None
        since = str(later["valid_from"].iloc[0])[:10]
        later = polygon_rows(later)
        return LaterCode(since, _shares(store, later, at) if len(later) else [])


def _shares(store: Store, version: gpd.GeoDataFrame, day: date) -> list[GridShare]:
    """Return the grids of a day that own the ground of a version of another day."""
    ground = version.geometry.iloc[0]
    west, south, east, north = shapely.bounds(ground).tolist()
    grids = store.read("grids", bbox=(west, south, east, north), at=day, limit=_MAX_GRIDS)
    level = version["level"].iloc[0]  # missing where the grids were imported without: those of the first level
    return grid_shares(ground, polygon_rows(grids), is_fine=not pd.isna(level) and int(level) == 2)


def _equals(code: str) -> Mapping[str, Any]:
    return {"op": "=", "args": [{"property": "code"}, code]}
