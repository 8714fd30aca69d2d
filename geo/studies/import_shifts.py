"""Tell, as a file is imported, which of its sheets, sources and contractors lie shifted against what is stored.

What is read of the store is bounded whatever the file: some windows of the county, each with a share of the rows of
every group.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.check.datum_shift import MIN_POSITIONS, EdgeDistance, PointDistance, shifts_apply
from geo.check.group_shifts import ShiftedRows, largest_groups, shifted_against, shifted_against_rest
from geo.check.metric_frames import MetricFrames
from geo.crs import BD09, GCJ02, STORAGE_CRS
from geo.crs_metric import metric_crs_for
from geo.errors import CrsMismatch, TooWide
from geo.readers.reading import ReadResult
from geo.storage.protocol import Bbox, Store, WriteMode
from geo.studies.import_moves import moved_as_by_datum
from geo.types import CellFinding

#: Side of a window, and how far beyond it roads and buildings are read, degrees: farther than any shift reaches.
_CELL_DEG, _MARGIN_DEG = 0.02, 0.02
#: Positions of each group that are enough, windows of each group and of all, and features of a layer in a window.
_ENOUGH, _GROUP_CELLS, _MAX_CELLS, _MAX_FEATURES = 200, 6, 36, 10_000
#: Stored cameras that are looked at where there are neither roads nor buildings.
_MAX_STORED = 100_000

_FEATURES_ALONE = (
    "与道路、建筑整体错开，其余的行不错开：坐标系不是这样读的，用 --crs 指明后再导入 / shifted against roads and "
    "buildings, while other rows fit: the coordinates are of another system, name it with --crs and import again"
)
_FEATURES = (
    "与道路、建筑整体错开：坐标系不是这样读的（用 --crs 指明后再导入），或库里的道路、建筑错位 / shifted against roads "
    "and buildings: the coordinates are of another system (name it with --crs and import again), or those of roads are"
)
_FEATURES_BEFORE = (
    "与道路、建筑整体错开：导入之前就转换错了，或库里的道路、建筑错位 / shifted against roads and buildings: they were "
    "converted wrongly before this import, or roads and buildings were"
)
_REST = (
    "与其余摄像机整体错开：坐标系不是这样读的（用 --crs 指明后再导入），或其余的错位 / shifted against the other "
    "cameras: the coordinates are of another system (name it with --crs and import again), or those of the others are"
)
_REST_BEFORE = (
    "与其余摄像机整体错开：两者之一在导入之前就转换错了 / shifted against the other cameras: one of the two was "
    "converted wrongly before this import"
)


def shift_findings(store: Store, reading: ReadResult, layer: str, mode: WriteMode) -> list[CellFinding]:
    """Return a finding on each sheet, source and contractor of cameras that lies shifted, else on the whole file.

    Nothing is said where nothing is known: too few rows, no roads, buildings or other cameras near them, or a country
    without such shifts.

    Parameters
    ----------
    store
        The store before the import.
    reading, layer, mode
        What was read, and how it is to be written: where it replaces the layer, what is stored tells nothing.
    """
    if layer != "cameras":
        return []
    moved = moved_as_by_datum(store, reading, _read_as(reading))
    if moved or len(reading.frame) < MIN_POSITIONS:
        return moved
    lonlat = shapely.get_coordinates(reading.frame.geometry.to_numpy())
    if not shifts_apply(lonlat):
        return []
    groupings = [(one.heading, one.names) for one in reading.groups]
    cells = np.floor(lonlat / _CELL_DEG).astype(np.int64)
    frames, seen = _features(store, cells, [names for _, names in groupings])
    data = _metric(frames)
    if data is not None:
        near = [(heading, names[seen]) for heading, names in groupings]
        found, is_conclusion = shifted_against(data, EdgeDistance(data), lonlat[seen], near)
        if is_conclusion:
            return [_finding(one, reading, groupings, (_FEATURES_ALONE, _FEATURES, _FEATURES_BEFORE)) for one in found]
    data = _metric({"cameras": reading.frame[["geometry"]]})
    if data is None:
        return []
    stored = np.zeros((0, 2)) if mode == "replace" else _stored(store, reading.frame)
    found = shifted_against_rest(data, lonlat, groupings, stored, _read_as(reading))
    return [_finding(one, reading, groupings, (_REST, _REST, _REST_BEFORE)) for one in found]


def require_stored_datum(reading: ReadResult, stored: gpd.GeoDataFrame) -> None:
    """Raise CrsMismatch where a list, or a sheet, source or contractor of it, lies shifted against stored cameras.

    Then none of its rows is near its own camera, and what is near is another.
    """
    lonlat = shapely.get_coordinates(reading.frame.geometry.to_numpy())
    data = _metric({"cameras": reading.frame[["geometry"]]}) if len(lonlat) >= MIN_POSITIONS else None
    if data is None or not len(stored) or not shifts_apply(lonlat):
        return
    there = shapely.get_coordinates(stored.geometry.to_numpy())
    groupings = [(one.heading, one.names) for one in reading.groups]
    found, _ = shifted_against(data, PointDistance(data, there), lonlat, groupings)
    if found:
        told = "; ".join(_value(one, reading) for one in found)
        raise CrsMismatch(
            f"{reading.source} 与库里的摄像机整体错开，配不上：{told}；用 --crs 指明文件的坐标系，或先改正库里的",
            f"{reading.source} lies shifted against the stored cameras and cannot be paired with them: {told}; name the"
            " CRS of the file with --crs, or mend what is stored",
        )


def _read_as(reading: ReadResult) -> str:
    """Return ``gcj02`` or ``bd09`` where the file was read so, empty where it was read as several, else ``wgs84``."""
    if " + " in reading.crs:
        return ""
    return reading.crs if reading.crs in (GCJ02, BD09) else "wgs84"


def _finding(
    found: ShiftedRows,
    reading: ReadResult,
    groupings: Sequence[tuple[str, np.ndarray]],
    reasons: tuple[str, str, str],
) -> CellFinding:
    """Return the finding on one group; ``value`` names it, how far it is off, and how to read it.

    Parameters
    ----------
    reasons
        Where another CRS of the file explains the shift and others of its rows fit; where it explains that; and where
        it does not.
    """
    reason = (reasons[0] if found.is_alone else reasons[1]) if _is_explained(found, reading) else reasons[2]
    rows = np.ones(len(reading.frame), dtype=bool)
    if found.heading:
        rows = dict(largest_groups(dict(groupings)[found.heading])).get(found.name, rows & False)
    return CellFinding("geometry", reason, _value(found, reading), (), len(np.unique(reading.features[rows])))


def _is_explained(found: ShiftedRows, reading: ReadResult) -> bool:
    """Return whether the rows fit when the file is read in another CRS than it was."""
    return _read_as(reading) in ("", found.evidence.conversion.rpartition("->")[2])


def _value(found: ShiftedRows, reading: ReadResult) -> str:
    """Return whose rows are shifted, by what, how far, and how to read them."""
    true = found.evidence.conversion.partition("->")[0]
    who = f"{found.heading}={found.name or '-'}" if found.heading else reading.source
    how = f"--crs {found.name}={true}" if found.name else "" if found.heading else f"--crs {true}"
    parts = [who, found.evidence.conversion, f"{found.evidence.shift_m:,.0f} m"]
    return "; ".join([*parts, how] if how and _is_explained(found, reading) else parts)[:200]


def _metric(frames: dict[str, gpd.GeoDataFrame]) -> MetricFrames | None:
    """Return frames with a metric CRS; None where there is nothing, or too much of the world, to measure."""
    present = {name: frame for name, frame in frames.items() if len(frame)}
    if not present:
        return None
    try:
        system = metric_crs_for(*(frame.geometry for frame in present.values()), at_least=1_000.0)
    except TooWide:
        return None
    return MetricFrames(present, {}, {}, present, system)


def _features(
    store: Store, cells: np.ndarray, groupings: Sequence[np.ndarray]
) -> tuple[dict[str, gpd.GeoDataFrame], np.ndarray]:
    """Return roads and buildings round some of the rows, and which rows have any near them."""
    seen = np.zeros(len(cells), dtype=bool)
    read: dict[str, list[gpd.GeoDataFrame]] = {"roads": [], "obstacles": []}
    extents = [box for box in map(store.extent, read) if box is not None]
    if not extents:
        return {}, seen
    for cell in _chosen_cells(cells, groupings, extents):
        west, south = cell[0] * _CELL_DEG - _MARGIN_DEG, cell[1] * _CELL_DEG - _MARGIN_DEG
        side = _CELL_DEG + 2 * _MARGIN_DEG
        box: Bbox = (west, south, west + side, south + side)
        here = {layer: store.read(layer, bbox=box, limit=_MAX_FEATURES) for layer in read}
        # A window that was cut short, or that nothing is drawn in, tells nothing of where cameras stand.
        if not any(map(len, here.values())) or any(len(frame) >= _MAX_FEATURES for frame in here.values()):
            continue
        seen |= (cells == cell).all(axis=1)
        for layer, frame in here.items():
            read[layer].append(frame)
    frames = {layer: _joined(parts) for layer, parts in read.items() if any(map(len, parts))}
    return frames, seen


def _chosen_cells(cells: np.ndarray, groupings: Sequence[np.ndarray], extents: Sequence[Bbox]) -> list[np.ndarray]:
    """Return windows that hold enough rows of every group; those that serve several groups come first."""
    here = np.zeros(len(cells), dtype=bool)
    for west, south, east, north in extents:
        low = np.floor(np.array([west, south]) / _CELL_DEG) - 1
        high = np.floor(np.array([east, north]) / _CELL_DEG) + 1
        here |= ((cells >= low) & (cells <= high)).all(axis=1)
    distinct, place, total = np.unique(cells[here], axis=0, return_inverse=True, return_counts=True)
    place = place.reshape(-1)
    wanted = np.zeros(len(distinct))
    masks = [np.ones(int(here.sum()), dtype=bool)]
    for names in groupings:
        own = names[here]
        words, counts = np.unique(own[own != None].astype(str), return_counts=True)  # noqa: E711  elementwise
        masks += [own == word for word in words[counts >= MIN_POSITIONS][:60]]
        masks.append(own == None)  # noqa: E711  elementwise
    for mask in masks:
        counts = np.bincount(place[mask], minlength=len(distinct))
        # Where many rows of this group stand, and rows of others too.
        order = np.lexsort((-total, -counts))
        before = np.concatenate([[0], np.cumsum(counts[order])[:-1]])
        picked = order[(counts[order] > 0) & (before < _ENOUGH)][:_GROUP_CELLS]
        wanted[picked] += 1 + counts[picked] / max(int(counts.sum()), 1)
    order = np.lexsort((np.arange(len(distinct)), -wanted))
    return [distinct[k] for k in order[:_MAX_CELLS] if wanted[k] > 0]


def _joined(parts: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    whole = pd.concat([part for part in parts if len(part)], ignore_index=True).drop_duplicates("id")
    return gpd.GeoDataFrame(whole, geometry="geometry", crs=STORAGE_CRS)


def _stored(store: Store, frame: gpd.GeoDataFrame) -> np.ndarray:
    """Return the positions of stored cameras that the file does not bring."""
    stored = store.read("cameras", limit=_MAX_STORED)
    brought = set(frame["id"].tolist())  # ``isin`` of a text column takes twenty times as long
    others = stored[np.array([one not in brought for one in stored["id"].tolist()], dtype=bool)]
    return shapely.get_coordinates(others.geometry.to_numpy())
