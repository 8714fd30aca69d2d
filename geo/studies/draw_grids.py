"""Divide the villages of a store into grids, or its grids into microgrids (rules V1 to V4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.catalog.code_profiles import CodeProfile, profile_named
from geo.catalog.division_codes import code_text
from geo.errors import BadValue, NotFound
from geo.planning.coding import Coding, grid_codes
from geo.planning.division import Division, divide
from geo.planning.town import Band
from geo.sentences import both, sentence
from geo.storage.protocol import Store
from geo.studies.carrier_rows import carrier_rows
from geo.types import Progress, no_progress

_NAMED = 5


@dataclass(frozen=True)
class GridOptions:
    """Say what is divided and how.

    Attributes
    ----------
    by, size, rural, count
        As ``geo.planning.division.divide`` has them.
    within
        The layer that is divided: ``villages``, ``divisions`` (those of level village) or ``grids`` (into microgrids).
    zones
        Codes: only units whose own code or a code above it is one of these; empty for all.
    carriers
        The layer whose rows carry the households: ``obstacles`` by floor area, or ``addresses``, one each.
    keep
        Whether the grids of today are the start, of which as few buildings as can be leave theirs.
    locked
        Codes of grids that stay as they are.
    profile, prefix
        How codes are made (``geo.planning.coding``), None for ``12+3``, of microgrids ``15+2``; digits before them.
    at
        The day whose rows are read; None is today.
    """

    by: str = "households"
    size: Band = (300, 500)
    rural: Band | None = None
    within: str = "villages"
    zones: tuple[str, ...] = ()
    carriers: str = "obstacles"
    keep: bool = False
    locked: tuple[str, ...] = ()
    count: int | None = None
    profile: str | CodeProfile | None = None
    prefix: str = ""
    at: date | None = None


@dataclass(frozen=True)
class DrawnGrids:
    """Hold the grids drawn.

    Attributes
    ----------
    division
        As ``divide`` gives it, EPSG:4326; its grids have a column ``code`` in front.
    units
        How many units were divided.
    notes
        What was taken for granted or left out, as ``中文 / English``.
    """

    division: Division
    units: int
    notes: list[str]


def draw_grids(
    store: Store, options: GridOptions, *, roads: gpd.GeoDataFrame | None = None, progress: Progress = no_progress
) -> DrawnGrids:
    """Return the grids of the units of a store.

    Parameters
    ----------
    roads
        Barriers instead of the roads of the store, EPSG:4326.

    Raises
    ------
    NotFound
        There is nothing to divide, a zone or a locked grid does not exist.
    UnknownName
        There is no such profile of codes.
    BadValue
        As ``divide`` raises it; grids are kept that are being divided themselves.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> village = gpd.GeoDataFrame({"code": ["990101101201"], "name": ["三里村"], "households": [800]},
    ...                            geometry=[shapely.box(103.0, 37.0, 103.01, 37.01)], crs="EPSG:4326")
    >>> _ = store.write("villages", village, "upsert", actor="li")
    >>> drawn = draw_grids(store, GridOptions())
    >>> drawn.division.grids["households"].tolist(), drawn.division.spread
    ([400, 400], ['990101101201'])
    >>> store.close()
    >>> folder.cleanup()
    """
    if options.keep and options.within == "grids":
        raise BadValue("把网格分成微网格时不能用 --keep", "--keep does not go with dividing grids into microgrids")
    rule = options.profile or ("15+2" if options.within == "grids" else "12+3")
    profile = profile_named(rule) if isinstance(rule, str) else rule
    with store.snapshot():
        known = store.versions("grids")
        used = {*known.current["code"].astype(str), *known.history["code"].astype(str)}
        day = options.at or store.today()
        units = _units(store, options, day)
        rows = store.read(options.carriers, at=day)
        ways = store.read("roads", at=day) if roads is None else roads
        today = store.read("grids", at=day) if options.keep else None
    notes: list[str] = []
    carriers = carrier_rows(rows, options.carriers)
    if not len(ways):
        notes.append(
            sentence(
                "库里没有道路：网格的边界只按建筑之间划分",
                "the store has no roads: borders of grids run midway between buildings",
            )
        )
    present = None if today is None else _present(today, options.locked)
    found = divide(
        units, by=options.by, size=options.size, rural=options.rural, level=2 if options.within == "grids" else 1,
        roads=ways if len(ways) else None, buildings=carriers if len(carriers) else None, present=present,
        locked=options.locked, count=options.count, progress=progress,
    )  # fmt: skip
    grids = _of_layer(found.grids, units, options)
    coding = grid_codes(grids, profile, prefix=options.prefix, used=used)
    grids.insert(0, "code", pd.Series(coding.code, dtype=object))
    found = replace(found, grids=grids)
    return DrawnGrids(found, len(units), [*notes, *_notes(found, options), *_without_code(coding, grids)])


def _units(store: Store, options: GridOptions, day: date) -> gpd.GeoDataFrame:
    frame = store.read(options.within, at=day)
    if options.within == "divisions" and len(frame):
        frame = frame[frame["level"] == "village"]
    if options.within == "grids" and len(frame):
        frame = frame[pd.to_numeric(frame["level"]).fillna(1) == 1]
    frame = frame[shapely.get_dimensions(frame.geometry.to_numpy()) == 2].reset_index(drop=True)
    if not len(frame):
        raise NotFound(
            f"图层 {options.within} 里没有面状的单元可以划分",
            f"layer {options.within} has no units with a polygon to divide",
        )
    if options.zones:
        code = frame["code"].astype(str)
        parent = frame["village"].astype(str) if options.within == "grids" else code
        missing = [one for one in options.zones if not (code.str.startswith(one) | parent.str.startswith(one)).any()]
        if missing:
            listed = missing[:_NAMED]
            raise NotFound(f"没有单元属于 {'、'.join(listed)}", f"no unit belongs to {', '.join(listed)}")
        own = np.logical_or.reduce([code.str.startswith(one) | parent.str.startswith(one) for one in options.zones])
        frame = frame[own].reset_index(drop=True)
    return frame.sort_values("code", kind="stable").reset_index(drop=True)


def _present(today: gpd.GeoDataFrame, locked: Sequence[str]) -> gpd.GeoDataFrame:
    grids = today[pd.to_numeric(today["level"]).fillna(1) == 1]
    if not len(grids):
        raise NotFound("库里没有网格，不能从今天的网格开始", "the store has no grids to start from")
    missing = sorted(set(locked) - set(grids["code"].astype(str)))
    if missing:
        listed = missing[:_NAMED]
        raise NotFound(f"没有网格 {'、'.join(listed)}", f"there is no grid {', '.join(listed)}")
    return grids.reset_index(drop=True)


def _of_layer(grids: gpd.GeoDataFrame, units: gpd.GeoDataFrame, options: GridOptions) -> gpd.GeoDataFrame:
    """Return grids with the fields of layer ``grids`` that are known: village, parent, urban or rural."""
    place = pd.Series(np.arange(len(units)), index=units["code"].map(code_text))
    row = place.loc[grids["village"].map(code_text)].to_numpy()
    out = grids.copy()
    if options.within == "grids":
        out.insert(out.columns.get_loc("village") + 1, "parent", out["village"])
        out["village"] = units["village"].to_numpy(object)[row]
    if "urban_rural" in units:
        out.insert(len(out.columns) - 1, "urban_rural", units["urban_rural"].to_numpy(object)[row])
    return out


def _without_code(coding: Coding, grids: gpd.GeoDataFrame) -> list[str]:
    if not coding.faults:
        return []
    first = min(coding.faults)
    zh, en = both(coding.faults[first])
    name = grids["name"].iloc[first]
    return [
        sentence(
            f"{len(coding.faults)} 个网格没有编上代码，如 {name}：{zh}",
            f"{len(coding.faults)} grids could not be coded, such as {name}: {en}",
        )
    ]


def _notes(found: Division, options: GridOptions) -> list[str]:
    notes, loads = [], found.loads
    carriers = ("建筑", "buildings") if options.carriers == "obstacles" else ("地址", "addresses")
    word = ("户数", "households") if options.by == "households" else ("人口数", "persons")
    if loads is not None and loads.shared:
        notes.append(
            sentence(
                f"{loads.shared} 个{carriers[0]}没有{word[0]}：按建筑面积分摊所在单元的{word[0]}",
                f"{loads.shared} {carriers[1]} have no {word[1]}: they share those of their unit by floor area",
            )
        )
    if loads is not None and loads.counted:
        notes.append(
            sentence(
                f"{loads.counted} 个{carriers[0]}与所在单元都没有{word[0]}：每个按 1 计",
                f"{loads.counted} {carriers[1]} have no {word[1]}, nor has their unit: each counts one",
            )
        )
    if found.spread:
        listed = found.spread[:_NAMED]
        notes.append(
            sentence(
                f"{len(found.spread)} 个单元里没有{carriers[0]}，{word[0]}按面积分摊：{'、'.join(listed)}",
                f"{len(found.spread)} units have no {carriers[1]}; {word[1]} spread by area: {', '.join(listed)}",
            )
        )
    if len(found.cut):
        notes.append(
            sentence(
                f"{len(found.cut)} 栋建筑被单元的边界穿过，归入其内点所在的单元",
                f"{len(found.cut)} buildings are cut by the border of a unit; each counts where its inner point lies",
            )
        )
    return notes
