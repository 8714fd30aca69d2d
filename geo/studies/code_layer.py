"""Give the stored grids their codes by profiles, in one transaction, with the history kept (rule V5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.catalog.code_profiles import CodeProfile
from geo.catalog.division_codes import code_text
from geo.errors import BadValue, NotFound
from geo.planning.coding import grid_codes
from geo.sentences import sentence
from geo.storage.protocol import Store

#: Columns of the table of codes.
COLUMNS = ("old", "new", "name", "village", "level", "result", "why")


@dataclass(frozen=True)
class CodeOptions:
    """Say which grids are coded and how.

    Attributes
    ----------
    profiles
        At most one of grids and one of microgrids.
    prefix
        The digits that a profile has the caller give.
    zones
        Codes: only grids of the villages whose code begins with one of these; empty for all.
    """

    profiles: tuple[CodeProfile, ...]
    prefix: str = ""
    zones: tuple[str, ...] = ()


@dataclass(frozen=True)
class CodedGrids:
    """Hold what became of the codes.

    Attributes
    ----------
    table
        A row for each grid looked at, by its code: ``old, new, name, village, level``, ``result`` (``kept``, ``new`` or
        ``none``) and ``why`` it has none, as ``中文 / English``.
    is_written
        Whether the store has the new codes.
    notes
        What is left to be done, as ``中文 / English``.
    """

    table: pd.DataFrame
    is_written: bool
    notes: list[str] = field(default_factory=list)

    def count(self, result: str) -> int:
        """Return how many grids have that result."""
        return int((self.table["result"] == result).sum())


def code_grids(store: Store, options: CodeOptions, *, actor: str = "local", dry_run: bool = False) -> CodedGrids:
    """Give the grids of today their codes: a grid with a code of the profile keeps it, an abolished code stays so.

    A grid with a new code begins today under it, and its old code ends today; microgrids name the new code of the grid
    above. All of it is one transaction.

    Raises
    ------
    NotFound
        There are no grids of the level of a profile, or none in a zone.
    BadValue
        Two profiles are of one level; a prefix has not the digits of the profile.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import shapely
    >>> from geo.catalog.code_profiles import PROFILES
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg", today=lambda: date(2026, 3, 1))
    >>> grids = gpd.GeoDataFrame(
    ...     {"code": ["a", "b"], "village": ["990101101201", None]}, crs="EPSG:4326",
    ...     geometry=shapely.box([103.0, 103.1], 37.0, [103.1, 103.2], 37.1),
    ... )
    >>> _ = store.write("grids", grids, "upsert", actor="li")
    >>> coded = code_grids(store, CodeOptions((PROFILES["12+3"],)))
    >>> coded.table[["old", "new", "result"]].to_numpy().tolist()
    [['a', '990101101201001', 'new'], ['b', None, 'none']]
    >>> store.read("grids")["code"].tolist(), store.read("grids", at=date(2026, 2, 1))["code"].tolist()
    (['990101101201001', 'b'], ['a', 'b'])
    >>> store.close()
    >>> folder.cleanup()
    """
    levels = [one.level for one in options.profiles]
    if len(set(levels)) < len(levels):
        raise BadValue("两个编码规则是同一层级的", "two profiles are of one level")
    with store.snapshot() if dry_run else store.transaction():
        layer = _Layer.of(store)
        # Grids first: the codes of microgrids begin with theirs.
        in_order = sorted(options.profiles, key=lambda one: one.level)
        tables = [_coded(layer, profile, options) for profile in in_order]
        if not dry_run:
            layer.write(store, actor)
    table = pd.concat(tables, ignore_index=True)
    return CodedGrids(table, not dry_run and (table["result"] == "new").any(), layer.notes(levels))


@dataclass
class _Layer:
    """The grids of today, and what is known of all codes there ever were; new codes are put down here first."""

    rows: gpd.GeoDataFrame
    level: np.ndarray
    used: set[str]
    later: Mapping[str, str]
    villages: set[str] | None
    today: date
    new: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, store: Store) -> _Layer:
        today = store.today()
        known = store.versions("grids")
        rows = store.read("grids", at=today).reset_index(drop=True)
        begins = known.current["valid_from"].astype(object)
        is_later = [isinstance(one, str) and one[:10] > today.isoformat() for one in begins]
        later = known.current[np.array(is_later, bool)]  # of no rows pandas takes an empty list for columns
        villages = {code_text(one) for one in store.read("villages", at=today)["code"]}
        divisions = store.read("divisions", at=today)
        villages |= {code_text(one) for one in divisions[divisions["level"] == "village"]["code"]}
        return cls(
            rows, pd.to_numeric(rows["level"]).fillna(1).to_numpy(int),
            {*known.current["code"].astype(str), *known.history["code"].astype(str)},
            dict(zip(later["code"].astype(str), later["valid_from"].astype(str).str[:10], strict=True)),
            villages or None, today,
        )  # fmt: skip

    def parent(self, rows: gpd.GeoDataFrame) -> list[str | None]:
        """Return the code of the grid above each microgrid, as it is now."""
        old = [None if pd.isna(one) else code_text(one) for one in rows["parent"]]
        return [one if one is None else self.new.get(one, one) for one in old]

    def grids_above(self) -> set[str]:
        """Return the codes of the grids that microgrids lie in, as they are now."""
        return {self.new.get(one, one) for one in self.rows["code"][self.level == 1].astype(str)}

    def write(self, store: Store, actor: str) -> None:
        """Write the rows whose code, or whose grid above, is a new one."""
        old = self.rows["code"].astype(str)
        rows = self.rows.assign(code=[self.new.get(one, one) for one in old], parent=self.parent(self.rows))
        is_new = old.isin(self.new).to_numpy(bool)
        changed = is_new | (rows["parent"].fillna("") != self.rows["parent"].fillna("")).to_numpy(bool)
        if not changed.any():
            return
        begins = rows["valid_from"].astype(object).where(~is_new, self.today.isoformat())
        rows = rows.assign(valid_from=begins)[changed]
        store.write("grids", rows, "upsert", actor=actor, outdated=sorted(self.new))

    def notes(self, levels: Collection[int]) -> list[str]:
        """Return what is left: microgrids with codes of the old grids above, grids that begin later."""
        out = []
        parents = [None if pd.isna(one) else code_text(one) for one in self.rows["parent"]]
        moved = sum(one in self.new for one in parents)
        if moved and 2 not in levels:
            out.append(
                sentence(
                    f"{moved} 个微网格的上级网格换了代码，微网格自己的代码没有换：再加一个 --profile 15+2",
                    f"{moved} microgrids lie in a grid with a new code and keep theirs: add a --profile 15+2",
                )
            )
        later = len(set(self.later) - set(self.rows["code"].astype(str)))
        if later:
            out.append(sentence(f"{later} 个网格以后才生效，没有编码", f"{later} grids begin later and were not coded"))
        return out


def _coded(layer: _Layer, profile: CodeProfile, options: CodeOptions) -> pd.DataFrame:
    """Return the table of the grids of one level; put the new codes down in the layer."""
    rows = layer.rows[layer.level == profile.level]
    if not len(rows):
        raise NotFound(
            f"库里没有第 {profile.level} 级的网格可编码", f"the store has no grids of level {profile.level} to code"
        )
    rows = _of_zones(rows, options.zones).reset_index(drop=True)
    rows["parent"] = layer.parent(rows)
    units = layer.villages if profile.unit.of == "village" else layer.grids_above()
    coding = grid_codes(rows, profile, prefix=options.prefix if profile.prefix else "", used=layer.used, units=units)
    old, why = rows["code"].astype(str).tolist(), dict(coding.faults)
    new = list(coding.code)
    for k, one in enumerate(old):
        if one in layer.later and not coding.kept[k]:
            new[k], why[k] = None, _begins(layer.later[one])
        code = new[k]
        if code is not None and code != one:
            layer.new[one] = code
            layer.used.add(code)
    result = ["none" if code is None else "kept" if code == one else "new" for one, code in zip(old, new, strict=True)]
    values = {
        "old": old, "new": new, "name": rows["name"].tolist(), "village": rows["village"].tolist(),
        "level": [profile.level] * len(old), "result": result, "why": [why.get(k) for k in range(len(old))],
    }  # fmt: skip
    return pd.DataFrame({name: pd.Series(values[name], rows.index, object) for name in COLUMNS})


def _begins(day: str) -> str:
    return sentence(f"{day} 起另有一个版本：到那天再编", f"another version of it begins on {day}: code it then")


def _of_zones(rows: gpd.GeoDataFrame, zones: tuple[str, ...]) -> gpd.GeoDataFrame:
    if not zones:
        return rows
    village = rows["village"].fillna("").astype(str)
    missing = [one for one in zones if not village.str.startswith(one).any()]
    if missing:
        raise NotFound(f"没有网格属于 {'、'.join(missing[:5])}", f"no grid belongs to {', '.join(missing[:5])}")
    return rows[np.logical_or.reduce([village.str.startswith(one) for one in zones])]
