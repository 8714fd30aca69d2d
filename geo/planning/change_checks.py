"""Check what changes of grids would leave: bands, pieces, borders, parents, codes (rule V11)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.catalog.division_codes import code_text
from geo.figure_text import plain_figure
from geo.planning.grid_changes import STAFF, GridChanges
from geo.planning.grid_shapes import THIN
from geo.planning.town import Band
from geo.sentences import sentence

#: Share of a grid that may lie outside its village, or a microgrid outside its grid.
_OUTSIDE = 0.01
_METRES_PER_DEGREE = 111_320
_NAMED = 4
_WORDS = {"households": ("户", "户数", "households"), "population": ("人", "人口数", "persons")}


@dataclass(frozen=True)
class ChangeFinding:
    """One thing that a change would leave.

    Attributes
    ----------
    severity
        ``error`` forbids the approval; a ``warning`` does not.
    code
        ``band``, ``pieces``, ``sliver``, ``topology``, ``village``, ``outside``, ``microgrid``, ``kind``, ``staff``,
        ``by_area``, ``no_figure``.
    grids
        Codes of the grids it is about.
    text
        One sentence, ``中文 / English``.
    value
        Its size, where there is one: households, metres, a share.

    Examples
    --------
    >>> ChangeFinding("warning", "band", ("g1",), "–", 620.0).value
    620.0
    """

    severity: Literal["error", "warning"]
    code: str
    grids: tuple[str, ...]
    text: str
    value: float | None = None


def check_changes(
    changes: GridChanges,
    grids: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame | None = None,
    *,
    by: str = "households",
    size: Band | None = None,
    rural: Band | None = None,
) -> list[ChangeFinding]:
    """Return what is to be said of changes, errors first.

    Parameters
    ----------
    grids
        All grids as they are, those of the changes among them.
    villages
        Polygons with ``code`` in the same CRS: grids must lie in theirs.
    by, size, rural
        The figure and its band, that of grids that are ``rural`` too; None for no band.

    Examples
    --------
    >>> from geo.planning.grid_changes import GridOperation, changed_grids
    >>> codes = ["990101101201001", "990101101201002"]
    >>> grids = gpd.GeoDataFrame({"code": codes, "name": ["东", "西"], "village": ["990101101201"] * 2,
    ...     "level": [1, 1], "households": [300, 500]}, crs=4326,
    ...     geometry=shapely.box([103.01, 103.0], 37.0, [103.02, 103.01], 37.01))
    >>> merged = changed_grids(grids, [GridOperation("merge", tuple(codes))])
    >>> [(one.severity, one.code, one.value) for one in check_changes(merged, grids, size=(300, 500))]
    [('warning', 'band', 800.0)]
    """
    found = [
        *_borders(changes, grids),
        *_shapes(changes),
        *_villages(changes, villages),
        *_microgrids(changes, grids),
        *_merged(changes),
        *_bands(changes, by, size, rural),
        *_staff(changes),
        *_sources(changes, by),
    ]
    return sorted(found, key=lambda one: one.severity != "error")


def _made(changes: GridChanges) -> gpd.GeoDataFrame:
    """Return the grids that a change makes or moves, not those that only follow."""
    return changes.after[~changes.after["change"].isin(["border", "parent"])]


def _drawn(changes: GridChanges) -> gpd.GeoDataFrame:
    """Return the grids whose shape is another."""
    return changes.after[~changes.after["change"].isin(["border", "parent", "rename"])]


def _level(frame: gpd.GeoDataFrame) -> np.ndarray:
    if "level" not in frame:
        return np.ones(len(frame), int)
    return pd.to_numeric(frame["level"], errors="coerce").fillna(1).to_numpy(int, na_value=1)


def _texts(frame: gpd.GeoDataFrame, name: str) -> list[str]:
    """Return the values of a column as text, empty where there is none."""
    if name not in frame:
        return [""] * len(frame)
    return [
        "" if is_missing else code_text(one) for one, is_missing in zip(frame[name], frame[name].isna(), strict=True)
    ]


def _borders(changes: GridChanges, grids: gpd.GeoDataFrame) -> Iterator[ChangeFinding]:
    """Say where borders no longer fit that fitted before."""
    west, south, east, north = changes.before.total_bounds
    near = shapely.intersects(
        grids.geometry.to_numpy(), shapely.box(west - THIN, south - THIN, east + THIN, north + THIN)
    )
    beside = grids[near]
    gone = set(_texts(changes.before, "code"))
    rest = beside[[one not in gone for one in _texts(beside, "code")]]
    for level in sorted(set(_level(changes.after).tolist())):
        was = beside.geometry.to_numpy()[_level(beside) == level]
        now = [frame.geometry.to_numpy()[_level(frame) == level] for frame in (changes.after, rest)]
        metres = (_misfit(np.concatenate(now)) - _misfit(was)) * _METRES_PER_DEGREE
        if metres > THIN * _METRES_PER_DEGREE:
            text = sentence(
                f"改动之后有 {metres:.1f} m 边界不再与相邻网格重合",
                f"{metres:.1f} m of border no longer fit the neighbouring grids",
            )
            yield ChangeFinding("error", "topology", tuple(_texts(_made(changes), "code")), text, metres)


def _misfit(shapes: np.ndarray) -> float:
    """Return the length (degrees) of borders that cross or overlap others, or leave a slit beside them."""
    return float(shapely.length(shapely.coverage_invalid_edges(shapes, THIN)).sum())


def _shapes(changes: GridChanges) -> Iterator[ChangeFinding]:
    had = dict(
        zip(_texts(changes.before, "code"), shapely.get_num_geometries(changes.before.geometry.to_numpy()), strict=True)
    )
    from_several = changes.succession.groupby("new")["old"].agg(lambda old: sum(int(had[one]) for one in old)).to_dict()
    for code, shape in zip(_texts(_drawn(changes), "code"), _drawn(changes).geometry, strict=True):
        pieces = int(shapely.get_num_geometries(shape))
        # A grid that was in pieces may stay so; nothing may come apart.
        if pieces > max(1, had.get(code, from_several.get(code, 1))):
            text = sentence(f"网格 {code} 会分成 {pieces} 块", f"grid {code} would be in {pieces} pieces")
            yield ChangeFinding("error", "pieces", (code,), text, pieces)
        if 2 * shape.area < THIN * shape.length:
            text = sentence(f"网格 {code} 不到一米宽", f"grid {code} would be less than a metre wide")
            yield ChangeFinding("error", "sliver", (code,), text)


def _villages(changes: GridChanges, villages: gpd.GeoDataFrame | None) -> Iterator[ChangeFinding]:
    village = dict(zip(_texts(changes.before, "code"), _texts(changes.before, "village"), strict=True))
    large = changes.succession[changes.succession["area_share"] > _OUTSIDE]
    for new, rows in large.groupby("new", sort=True):
        named = sorted({village[one] for one in rows["old"]} - {""})
        if len(named) > 1:
            text = sentence(
                f"网格 {new} 会跨村：{'、'.join(named[:_NAMED])}",
                f"grid {new} would lie in several villages: {', '.join(named[:_NAMED])}",
            )
            yield ChangeFinding("error", "village", (str(new),), text)
    if villages is None:
        return
    units = dict(zip(_texts(villages, "code"), villages.geometry, strict=True))
    drawn = _drawn(changes)
    for code, unit, shape in zip(_texts(drawn, "code"), _texts(drawn, "village"), drawn.geometry, strict=True):
        if unit not in units or shapely.get_dimensions(units[unit]) != 2:
            continue
        share = 1 - shapely.intersection(shape, units[unit]).area / shape.area
        if share > _OUTSIDE:
            text = sentence(
                f"网格 {code} 有 {100 * share:.1f}% 在所属村社区之外",
                f"{100 * share:.1f} % of grid {code} lie outside its village",
            )
            yield ChangeFinding("warning", "outside", (code,), text, share)


def _microgrids(changes: GridChanges, grids: gpd.GeoDataFrame) -> Iterator[ChangeFinding]:
    """Say which microgrids lie in their grid no longer."""
    drawn = _drawn(changes)
    holder = dict(zip(_texts(drawn, "code"), drawn.geometry, strict=True)) | {
        code: shapely.Polygon() for code in changes.closed
    }
    gone = set(_texts(changes.before, "code"))
    rest = grids[[one not in gone for one in _texts(grids, "code")]]
    for frame in (rest, changes.after):
        small = frame[_level(frame) == 2]
        for code, parent, shape in zip(_texts(small, "code"), _texts(small, "parent"), small.geometry, strict=True):
            share = 1 - shapely.intersection(shape, holder[parent]).area / shape.area if parent in holder else 0.0
            if share > _OUTSIDE:
                text = sentence(
                    f"微网格 {code} 不再在一个网格之内：请一并变动",
                    f"microgrid {code} no longer lies in one grid: change it too",
                )
                yield ChangeFinding("error", "microgrid", (code, parent), text, share)


def _merged(changes: GridChanges) -> Iterator[ChangeFinding]:
    kind = dict(zip(_texts(changes.before, "code"), _texts(changes.before, "kind"), strict=True))
    merged = changes.succession[changes.succession["change"] == "merge"]
    for new, rows in merged.groupby("new", sort=True):
        if len({kind[one] for one in rows["old"]} - {""}) > 1:
            text = sentence(f"网格 {new} 由综合网格与专属网格合并", f"grid {new} merges general and dedicated grids")
            yield ChangeFinding("warning", "kind", (str(new),), text)


def _bands(changes: GridChanges, by: str, size: Band | None, rural: Band | None) -> Iterator[ChangeFinding]:
    drawn = _drawn(changes)
    if size is None or by not in drawn:
        return
    figures = pd.to_numeric(drawn[by], errors="coerce").to_numpy(float, na_value=np.nan).tolist()
    named = zip(_texts(drawn, "code"), _texts(drawn, "kind"), _texts(drawn, "urban_rural"), figures, strict=True)
    for code, kind, where, value in named:
        low, high = rural if rural is not None and where == "rural" else size
        if kind == "dedicated" or np.isnan(value) or low <= value <= high:
            continue
        text = sentence(
            f"网格 {code} 会有 {plain_figure(value)} {_WORDS[by][0]}，在 {low:g}–{high:g} 之外",
            f"grid {code} would have {plain_figure(value)} {_WORDS[by][2]}, outside {low:g} to {high:g}",
        )
        yield ChangeFinding("warning", "band", (code,), text, value)


def _staff(changes: GridChanges) -> Iterator[ChangeFinding]:
    named = [name for name in STAFF if name in changes.before]
    staff = changes.before[named].apply(pd.to_numeric, errors="coerce").sum(axis=1).to_numpy(int)
    had = dict(zip(_texts(changes.before, "code"), staff.tolist(), strict=True))
    split = changes.succession[changes.succession["change"] == "split"]
    for old, rows in split.groupby("old", sort=True):
        if had[str(old)]:
            text = sentence(
                f"网格 {old} 的 {had[str(old)]} 名网格员、网格长须重新分派",
                f"the {had[str(old)]} staff and heads of grid {old} have to be assigned anew",
            )
            yield ChangeFinding("warning", "staff", tuple(rows["new"].astype(str)), text, had[str(old)])


def _sources(changes: GridChanges, by: str) -> Iterator[ChangeFinding]:
    """Say how households are known."""
    table = changes.succession
    parted = table[table.duplicated("old", keep=False) & (table["by"] == "area")]
    if named := tuple(sorted(set(parted["old"].astype(str)))):
        text = sentence(
            f"{len(named)} 个网格里没有建筑：户数、人口按面积分摊",
            f"{len(named)} grids have no buildings: their households and persons are shared by area",
        )
        yield ChangeFinding("warning", "by_area", named, text, len(named))
    figures = zip(_texts(changes.before, "code"), _texts(changes.before, by), strict=True)
    if without := tuple(code for code, figure in figures if not figure and code in set(table["old"])):
        text = sentence(
            f"{len(without)} 个网格没有{_WORDS[by][1]}", f"{len(without)} grids have no figure of {_WORDS[by][2]}"
        )
        yield ChangeFinding("warning", "no_figure", without, text, len(without))
