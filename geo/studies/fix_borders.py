"""Mend the borders of stored grids where they miss each other by at most a metre, and take that back (rule V7)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs_metric import metric_crs_for
from geo.errors import Conflict, NotFound
from geo.planning.border_fixes import MOST_M, mend_borders
from geo.storage.protocol import Store

#: Who writes a mend: this and a text that no other mend has, by which it is found again.
ACTOR = "check --fix"
_UNDONE = "check --undo"
_NAMED = 5


@dataclass(frozen=True)
class FixedBorders:
    """Hold the grids whose borders were mended, or whose mend was taken back.

    Attributes
    ----------
    before, after
        The rows of layer ``grids`` as they were and as they are, by code, EPSG:4326.
    table
        ``code, name, before_m2, after_m2`` of each.
    moved_m
        The most that a border moved, in metres.
    left
        Codes of grids whose borders miss another's and were not mended.
    is_written
        Whether the store has them.
    """

    before: gpd.GeoDataFrame
    after: gpd.GeoDataFrame
    table: pd.DataFrame
    moved_m: float
    left: Sequence[str]
    is_written: bool

    def both(self) -> gpd.GeoDataFrame:
        """Return both in one frame, with a column ``state``: what a map shows."""
        return pd.concat([self.before.assign(state="before"), self.after.assign(state="after")], ignore_index=True)


def fix_borders(store: Store, *, dry_run: bool = False) -> FixedBorders:
    """Mend slivers and hairlines of up to a metre between the grids of today, in one transaction.

    Raises
    ------
    NotFound
        The store has no grids.
    Conflict
        A grid that would change has a version that begins later.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> shapes = shapely.box([103.0, 103.010001], 37.0, [103.01, 103.02], 37.01)
    >>> grids = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=shapes, crs="EPSG:4326")
    >>> _ = store.write("grids", grids, "upsert", actor="li")
    >>> fixed = fix_borders(store)
    >>> fixed.table["code"].tolist(), round(fixed.moved_m, 1)
    (['b'], 0.1)
    >>> undo_fix(store).table["code"].tolist(), store.read("grids").geometry.iloc[1].equals_exact(shapes[1], 0)
    (['b'], True)
    >>> store.close()
    >>> folder.cleanup()
    """
    with store.snapshot() if dry_run else store.transaction():
        today = store.today()
        grids = store.read("grids", at=today).reset_index(drop=True)
        if not len(grids):
            raise NotFound("库里没有网格", "the store has no grids")
        sound = np.flatnonzero(shapely.is_valid(grids.geometry.to_numpy()))
        level = pd.to_numeric(grids["level"]).fillna(1).to_numpy(int)
        found = mend_borders(grids.geometry.to_numpy()[sound], level[sound], most=MOST_M)
        rows = sound[found.changed]
        before = grids.iloc[rows].reset_index(drop=True)
        after = before.set_geometry(gpd.GeoSeries(found.shape[found.changed], crs=before.crs))
        _require_no_later_version(store, before, today.isoformat())
        if len(after) and not dry_run:
            store.write("grids", after, "upsert", actor=f"{ACTOR} {secrets.token_hex(4)}")
    left = grids["code"].iloc[sound[found.left]].astype(str).tolist()
    return FixedBorders(before, after, _table(before, after), found.moved_m, left, not dry_run and len(after) > 0)


def undo_fix(store: Store) -> FixedBorders:
    """Take back the last mend that was not taken back yet: the grids have their borders of before, bit for bit.

    Raises
    ------
    NotFound
        There is none.
    Conflict
        A grid of it was changed since.
    """
    with store.transaction():
        known = store.versions("grids")
        past, who = known.history, known.history.get("changed_by", pd.Series(dtype=object)).astype(str)
        undone = {one.removeprefix(f"{_UNDONE} ") for one in who if one.startswith(_UNDONE)}
        mends = past[who.str.startswith(f"{ACTOR} ") & ~who.str.removeprefix(f"{ACTOR} ").isin(undone)]
        if not len(mends):
            raise NotFound("没有可以撤销的 --fix", "there is no --fix to take back")
        last = str(mends.sort_values("changed_at", kind="stable")["changed_by"].iloc[-1])
        mine = mends[mends["changed_by"] == last]
        newest = past.groupby("code")["version"].max()
        current = known.current[known.current["code"].isin(mine["code"])]
        edited = mine["code"][mine["version"] != mine["code"].map(newest)]
        changed = sorted({*edited, *mine["code"][~mine["code"].isin(current["code"])]})
        if changed:
            zh, en = "、".join(changed[:_NAMED]), ", ".join(changed[:_NAMED])
            raise Conflict(
                f"{len(changed)} 个网格在 --fix 之后又改过，不能撤销：{zh}",
                f"{len(changed)} grids were changed after the --fix, which cannot be taken back: {en}",
            )
        before = current.sort_values("code").reset_index(drop=True)
        shapes = mine.set_index("code").geometry.loc[before["code"]]
        after = before.set_geometry(gpd.GeoSeries(shapes.to_numpy(), crs=before.crs))
        store.write("grids", after, "upsert", actor=f"{_UNDONE} {last.removeprefix(f'{ACTOR} ')}")
    return FixedBorders(before, after, _table(before, after), 0.0, [], is_written=True)


def _require_no_later_version(store: Store, rows: gpd.GeoDataFrame, today: str) -> None:
    current = store.versions("grids").current
    if not len(current):
        return
    begins = current["valid_from"].astype(object)
    is_later = np.array([isinstance(one, str) and one[:10] > today for one in begins], bool)
    later = sorted(set(current["code"][is_later]) & set(rows["code"]))
    if later:
        zh, en = "、".join(later[:_NAMED]), ", ".join(later[:_NAMED])
        raise Conflict(
            f"这些网格另有以后才生效的版本，到那天再修：{zh}",
            f"these grids have a version that begins later: mend them then: {en}",
        )


def _table(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    if not len(before):
        return pd.DataFrame({name: [] for name in ("code", "name", "before_m2", "after_m2")})
    crs = metric_crs_for(before, at_least=1_000.0)
    areas = [np.round(shapely.area(one.geometry.to_crs(crs).to_numpy()), 2) for one in (before, after)]
    names = {name: before[name].to_numpy() for name in ("code", "name")}
    return pd.DataFrame({**names, "before_m2": areas[0], "after_m2": areas[1]})
