"""Plan an atlas: which zones have sheets, in which order, on which pages, at which scale, and which adjoin which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.assessment.named_zones import units_of_zones
from geo.catalog.papers import ZONES_OF_ATLAS
from geo.errors import NotFound, UnknownName
from maps.print.page_layout import Layout, MapFrame, Paper, choose_layout
from maps.print.sheet_content import SheetContents, text_of, township_frame
from maps.style.coverage_classes import coverage_class
from maps.style.words import word

#: Zones this near (m) adjoin: borders that were drawn twice leave slivers.
_ADJOINING_M = 5.0


@dataclass(frozen=True)
class PlannedSheet:
    """One sheet: its zone, its page, its layout and what its map shows.

    Attributes
    ----------
    code, name, shape
        Of the zone; ``shape`` in metres, ``name`` is its code where it has none.
    township
        Code of the township that it lies in; empty without townships.
    coverage
        Its coverage class (``maps.style.coverage_classes``).
    """

    code: str
    name: str
    shape: shapely.Geometry
    township: str
    coverage: int
    page: int
    layout: Layout
    frame: MapFrame

    @property
    def link(self) -> str:
        """Return what links call the page."""
        return f"sheet-{self.page}"

    @property
    def outline_title(self) -> str:
        """Return what the outline of the file calls the page."""
        return f"{self.page}　{self.name}"


@dataclass(frozen=True)
class AtlasPlan:
    """The sheets of an atlas in their order.

    Attributes
    ----------
    by
        The zone layer that has sheets.
    adjoining
        For each sheet those round it, as indexes into ``sheets``.
    townships
        Code -> name of the townships that sheets lie in, in order.
    grids
        Grid code -> index of the sheet that it is shown on.
    """

    by: str
    sheets: tuple[PlannedSheet, ...]
    adjoining: tuple[tuple[int, ...], ...]
    townships: Mapping[str, str]
    grids: Mapping[str, int]


def atlas_plan(
    contents: SheetContents,
    by: str,
    papers: list[Paper],
    *,
    zone: str | None = None,
    townships: frozenset[str] | None = None,
) -> AtlasPlan:
    """Plan the sheets, sorted by township and code.

    Parameters
    ----------
    by
        One of ``geo.catalog.papers.ZONES_OF_ATLAS``.
    papers
        As ``maps.print.page_layout.paper_choices`` returns them.
    zone
        Only zones whose inner point lies in this one.
    townships
        Only zones in these townships, by code; None for all.

    Raises
    ------
    UnknownName
        ``by`` is none of the three.
    NotFound
        The run has no such zones, or none in the zone or the townships.
    """
    if by not in ZONES_OF_ATLAS:
        raise UnknownName(
            f"图册不能按 {by[:60]} 分图，可用：{'、'.join(ZONES_OF_ATLAS)}",
            f"no atlas has sheets by {by[:60]}; there are {', '.join(ZONES_OF_ATLAS)}",
        )
    frame = contents.zones_of(by)
    if frame is None or not len(frame):
        raise NotFound(
            f"批次里没有{word(by, 'zh')}，做不成图册；请先导入其边界，再重新分析",
            f"the run has no {by}, so that there is no atlas of them; import their shapes, then analyse again",
        )
    owner = _township_codes(contents, frame, by)
    chosen = np.ones(len(frame), bool)
    if townships is not None:
        chosen &= np.isin(owner, sorted(townships))
    if zone is not None and (focus := contents.of(zone).focus) is not None:
        inner = shapely.point_on_surface(frame.geometry.to_numpy())
        chosen &= np.asarray(shapely.intersects(focus.shape, inner))
    if not chosen.any():
        raise NotFound(
            f"所选范围内没有{word(by, 'zh')}，做不成图册",
            f"there are no {by} in what was chosen, so that there is no atlas of them",
        )
    return _plan(contents, by, frame[chosen], owner[chosen], papers)


def _township_codes(contents: SheetContents, frame: gpd.GeoDataFrame, layer: str) -> np.ndarray:
    """Return the code of the township that has each zone, empty for none."""
    if layer == "townships":
        return frame["code"].astype(str).to_numpy(object)
    townships = township_frame(contents.data)
    if townships is None or "code" not in townships:
        return np.full(len(frame), "", object)
    codes = np.array([*townships["code"].astype(str), ""], object)
    return codes[units_of_zones(frame, townships)]


def _plan(
    contents: SheetContents, layer: str, frame: gpd.GeoDataFrame, owner: np.ndarray, papers: list[Paper]
) -> AtlasPlan:
    codes = frame["code"].astype(str).tolist()
    order = sorted(range(len(codes)), key=lambda at: (owner[at] == "", owner[at], codes[at]))
    names = [text_of(value) for value in frame["name"]] if "name" in frame else [""] * len(codes)
    shapes = frame.geometry.to_numpy()
    shares = frame["sure_share"] if "sure_share" in frame else pd.Series(np.nan, index=frame.index)
    classes = coverage_class(pd.to_numeric(shares, errors="coerce").to_numpy(dtype=float)).tolist()
    sheets = []
    for page, at in enumerate(order, 1):
        west, south, east, north = shapes[at].bounds
        layout, map_frame = choose_layout((west, south, east, north), papers)
        sheets.append(
            PlannedSheet(codes[at], names[at] or codes[at], shapes[at], owner[at], classes[at], page, layout, map_frame)
        )
    units = contents.unit_codes_of(layer)
    grids = {unit: at for at, one in enumerate(sheets) for unit in units.get(one.code, ())}
    return AtlasPlan(layer, tuple(sheets), _adjoining(sheets), _names_of(contents, sheets), grids)


def _adjoining(sheets: Sequence[PlannedSheet]) -> tuple[tuple[int, ...], ...]:
    """Return the indexes of the sheets whose zones touch that of each."""
    shapes = np.array([one.shape for one in sheets], object)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=_ADJOINING_M)
    found: list[list[int]] = [[] for _ in sheets]
    for one, other in sorted(zip(first.tolist(), second.tolist(), strict=True)):
        if one != other:
            found[one].append(other)
    return tuple(map(tuple, found))


def _names_of(contents: SheetContents, sheets: Sequence[PlannedSheet]) -> dict[str, str]:
    townships = township_frame(contents.data)
    if townships is None or "code" not in townships:
        return {}
    codes = townships["code"].astype(str).tolist()
    names = [text_of(value) for value in townships["name"]] if "name" in townships else codes
    told = dict(zip(codes, names, strict=True))
    return {code: told.get(code) or code for code in dict.fromkeys(one.township for one in sheets) if code}
