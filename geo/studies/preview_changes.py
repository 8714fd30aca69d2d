"""Try changes of cameras on the store as it is: views and figures as an analysis would have them, nothing stored."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geo.assessment.preview import Preview, preview
from geo.assessment.preview_base import PreviewBase, preview_base
from geo.assessment.zones import owning_rows
from geo.catalog.layers import INPUTS, ZONE_INPUTS
from geo.errors import BadValue, NotAllowed, NotFound
from geo.outliers import find_outliers
from geo.studies.analyze_options import AnalyzeOptions, day
from geo.studies.camera_changes import CameraChanges, ResolvedChanges, resolved
from geo.studies.layer_overlay import overlay_of_layers
from geo.studies.usable_rows import still_there, usable_rows

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.storage.protocol import Store
    from geo.types import Run

_OTHERS = tuple(name for name in INPUTS if name != "cameras")
#: More changed rows than this are an analysis of their own.
_MOST_RENEWED = 2_000


@dataclass(frozen=True)
class KeptAnalysis:
    """An analysis of the store that changes are tried on.

    Attributes
    ----------
    options, at
        What was computed, and the day whose rows were read.
    others_state, cameras_state
        The states of the layers that were read (``Store.state``): those beside the cameras, and the cameras.
    frames
        Layer -> the rows used.
    all_ids
        Ids of all cameras of the day, those left out included.
    base
        The analysis itself.
    """

    options: AnalyzeOptions
    at: date
    others_state: str
    cameras_state: str
    frames: Mapping[str, gpd.GeoDataFrame]
    all_ids: frozenset[str]
    base: PreviewBase

    def is_of(self, other: StoreState) -> bool:
        """Return whether the store is still what was read."""
        return (self.at, self.others_state, self.cameras_state) == (other.at, other.others, other.cameras)


@dataclass(frozen=True)
class StoreState:
    """What the store is when it is asked: the day, and the states of the layers of an analysis."""

    at: date
    others: str
    cameras: str


@dataclass(frozen=True)
class ChangesPreview:
    """What changes would do.

    Attributes
    ----------
    preview
        Views and figures.
    added
        Ids of the new cameras, in the order given.
    removed
        Ids of cameras that go.
    """

    preview: Preview
    added: tuple[str, ...]
    removed: tuple[str, ...]


def options_of(run: Run) -> AnalyzeOptions:
    """Return the options that a run was made with."""
    known = {name: value for name, value in run.options.items() if name in AnalyzeOptions.__dataclass_fields__}
    return AnalyzeOptions(**{**known, "zones": tuple(known.get("zones") or ())}).checked()


def options_name(options: AnalyzeOptions) -> str:
    """Return a text that is the same for options of the same overlay: which zones are reported is none of it."""
    return json.dumps({**options.as_dict(), "zones": []}, sort_keys=True)


def state_of(store: Store, options: AnalyzeOptions) -> StoreState:
    """Return what the store is now, for the day of the options."""
    return StoreState(day(options.at) or store.today(), store.state(*_OTHERS), store.state("cameras"))


def kept_analysis(store: Store, options: AnalyzeOptions, before: KeptAnalysis | None = None) -> KeptAnalysis:
    """Return an analysis of the store as it is.

    Parameters
    ----------
    store
        With rights on the whole county: figures do not depend on who asks.
    options
        Checked ones.
    before
        An earlier analysis of the same options: where only cameras were changed since, these alone are computed anew,
        to the same bits.

    Raises
    ------
    NotFound
        There are no cameras on that day.
    BadValue
        There are no zones, so that figures are of none.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> grid = gpd.GeoDataFrame(
    ...     {"code": ["g1"], "level": [1]}, geometry=[shapely.box(103.1, 37.6, 103.101, 37.601)], crs="EPSG:4326"
    ... )
    >>> camera = gpd.GeoDataFrame(
    ...     {"id": ["c1"], "azimuth": [0.0]}, geometry=[shapely.Point(103.1005, 37.6005)], crs="EPSG:4326"
    ... )
    >>> _ = store.write("grids", grid, "upsert", actor="li"), store.write("cameras", camera, "upsert", actor="li")
    >>> kept = kept_analysis(store, AnalyzeOptions(domain="all").checked())
    >>> kept.base.figures["grids"]["cameras"].tolist()
    [1]
    >>> found = preview_changes(store, kept, CameraChanges.of({"removed": ["c1"]}))
    >>> found.preview.after["grids"]["cameras"].tolist()
    [0]
    >>> store.close()
    >>> folder.cleanup()
    """
    with store.snapshot():
        state = state_of(store, options)
        if before is not None and before.is_of(state):
            return before
        same_others = before is not None and (before.others_state, before.at) == (state.others, state.at)
        frames = {"cameras": store.read("cameras", at=state.at)}
        if before is not None and same_others:
            frames |= {name: frame for name, frame in before.frames.items() if name != "cameras"}
        else:
            frames |= {name: store.read(name, at=state.at) for name in _OTHERS}
    all_ids = frozenset(frames["cameras"]["id"].astype(str))
    used = usable_rows({name: frame for name, frame in frames.items() if len(frame)}).frames
    if "cameras" not in used:
        raise NotFound("库中没有摄像机，请先导入", "the store has no cameras on that day; import some first")
    base = None
    if before is not None and same_others and _same_rows(before.frames, used):
        base = _renewed(before, used["cameras"])
    if base is None:
        level = str(options.level)
        base = preview_base(overlay_of_layers(used, options, levels=[level])[2])
    return KeptAnalysis(options, state.at, state.others, state.cameras, used, all_ids, base)


def _same_rows(one: Mapping[str, gpd.GeoDataFrame], other: Mapping[str, gpd.GeoDataFrame]) -> bool:
    """Return whether the layers beside the cameras have the same rows: what lies far from all may be others now."""
    sizes = [{name: len(frame) for name, frame in frames.items() if name != "cameras"} for frames in (one, other)]
    return sizes[0] == sizes[1]


def _renewed(before: KeptAnalysis, cameras: gpd.GeoDataFrame) -> PreviewBase | None:
    """Return the analysis with the cameras that are others now; None where there are too many, or it cannot be."""
    old = before.frames["cameras"].set_index("id", drop=False)
    new = cameras.set_index("id", drop=False)
    removed = old.index.difference(new.index)
    shared = new.index.intersection(old.index)
    a, b = old.loc[shared], new.loc[shared]
    differs = ~shapely.equals_identical(a.geometry.to_numpy(), b.geometry.to_numpy())
    for name in (name for name in new.columns if name != "geometry"):
        x, y = (one[name].astype(object).where(one[name].notna(), None).to_numpy() for one in (a, b))
        differs |= x != y
    changed = new.loc[new.index.difference(old.index).union(shared[differs])].reset_index(drop=True)
    if len(changed) + len(removed) > _MOST_RENEWED:
        return None
    try:
        return preview(before.base, changed if len(changed) else None, list(removed)).base
    except BadValue:  # another computing CRS: an analysis of all
        return None


def preview_changes(
    store: Store, kept: KeptAnalysis, changes: CameraChanges, *, townships: Collection[str] | None = None
) -> ChangesPreview:
    """Return what changes of cameras would do.

    Parameters
    ----------
    store
        With the rights of the caller: a camera that it may not see does not exist.
    kept
        The analysis.
    changes
        What shall be tried.
    townships
        Codes (9 digits) of the townships that the caller may change cameras in; None: anywhere.

    Raises
    ------
    NotFound, BadValue, BadGeometry, UnknownName, Conflict
        As ``resolved``; BadValue too where a camera would stand far from all data: an analysis would leave it out.
    NotAllowed
        A camera would stand outside those townships.
    """
    rows = resolved(store, changes, kept.at, kept.all_ids)
    _require_scope(kept, rows.frame, townships)
    _require_near(kept, rows)
    # What begins later leaves the day as it is. A camera that is taken down or has ended is no part of an analysis, and
    # one that an analysis leaves out is none to remove.
    begun = rows.frame[~(_days(rows.frame, "valid_from", "") > kept.at.isoformat())]
    there = still_there(begun[_days(begun, "valid_to", "9999-12-31") > kept.at.isoformat()])
    gone = {*rows.removed, *begun["id"]} - {*there["id"]}
    present = {*kept.base.rows.ids.tolist()}
    found = preview(kept.base, there if len(there) else None, sorted(gone & present))
    return ChangesPreview(found, rows.added, rows.removed)


def _days(rows: gpd.GeoDataFrame, name: str, absent: str) -> pd.Series[str]:
    """Return the days of a column as texts, which sort as days do."""
    column = rows[name].astype(object)
    return column.where(column.notna(), absent).astype(str)


def _require_scope(kept: KeptAnalysis, rows: gpd.GeoDataFrame, townships: Collection[str] | None) -> None:
    if townships is None or not len(rows):
        return
    frame = kept.base.layers.frames.get("townships")
    owner = np.full(len(rows), -1) if frame is None else owning_rows(frame, rows.geometry)
    for key, zone in zip(rows["id"], owner.tolist(), strict=True):
        if zone < 0 or frame is None or str(frame["code"].iloc[zone])[:9] not in townships:
            raise NotAllowed(f"摄像机 {key} 的位置不在您的镇街内", f"camera {key} would stand outside your townships")


def _require_near(kept: KeptAnalysis, rows: ResolvedChanges) -> None:
    """Raise BadValue where a row would be left out as far from all others."""
    if not len(rows.frame):
        return
    zones = {name: frame for name, frame in kept.frames.items() if name in ZONE_INPUTS}
    # Beside one that counts: where all cameras are far, none is.
    cameras = pd.concat([kept.frames["cameras"].head(1), rows.frame], ignore_index=True)
    far = find_outliers({**zones, "cameras": cameras}, [tuple(zones)] if zones else [("cameras",)])
    mask = far.is_far["cameras"]
    if mask.any():
        key = cameras["id"].iloc[int(np.flatnonzero(mask)[0])]
        raise BadValue(
            f"摄像机 {key} 的位置远离全部数据，分析不会纳入",
            f"camera {key} would stand far from all data and not count",
        )
