"""Sort zone layers out: which there are, which polygons they have, who owns a site (rules D4, D5, L1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from geo import crs as crs_of
from geo.catalog.results import WHOLE_AREA, ZONE_LAYERS, ZONES
from geo.errors import RowFault, UnknownName

_ACCEPTED = tuple(dict.fromkeys((*ZONE_LAYERS, *(one.source for one in ZONES))))
_AREAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON, shapely.GeometryType.GEOMETRYCOLLECTION)


@dataclass(frozen=True)
class Zones:
    """Hold the zone layers of one analysis.

    Attributes
    ----------
    frames
        Layer name -> its rows as given, own CRS.
    shapes
        Layer name -> polygons (m, computing CRS) of the rows, valid; None where a row has none.
    base
        The layer whose union is the zone ``all`` (rule D4); empty without any.
    notes
        What was left out or repaired, as ``中文 / English``.
    repaired
        The rows whose shapes were made valid.
    """

    frames: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    shapes: Mapping[str, np.ndarray] = field(default_factory=dict)
    base: str = ""
    notes: tuple[str, ...] = ()
    repaired: tuple[RowFault, ...] = ()


def zones_of(
    zones: gpd.GeoDataFrame | Mapping[str, gpd.GeoDataFrame] | None,
    computing: pyproj.CRS,
    *,
    like: pyproj.CRS | None = None,
) -> Zones:
    """Sort zone frames into layers.

    Parameters
    ----------
    zones
        A frame (the layer grids) or a mapping of grids, villages, townships or divisions to frames.
    computing
        The CRS to compute in.
    like
        The CRS all frames must have; None takes that of the first.

    Raises
    ------
    UnknownName
        For another layer name.
    UnknownCrs, CrsMismatch
        Where a frame has no CRS, or another one.
    """
    split = split_layers(zones)
    shapes: dict[str, np.ndarray] = {}
    notes: list[str] = []
    repaired: list[RowFault] = []
    frames: dict[str, gpd.GeoDataFrame] = {}
    for name, given in split.items():
        frame = given
        crs_of.require_same_crs(*(one for one in (frame, next(iter(split.values()))) if one is not None))
        if like is not None:
            crs_of.require_same_crs(frame, gpd.GeoSeries([], crs=like))
        areal = np.isin(shapely.get_type_id(frame.geometry.values), _AREAL) | frame.geometry.isna().to_numpy()
        if not areal.all():
            count = int((~areal).sum())
            notes.append(f"{name}：{count} 行不是面，不作为区域 / {name}: {count} rows are no polygons, hence no zones")
            frame = given[areal]
        if len(frame):
            frames[name] = frame
            shapes[name], faults = valid_shapes(frame.geometry.to_crs(computing).to_numpy(), name, zone_keys(frame))
            repaired += faults
    base = next((name for name in WHOLE_AREA if name in frames), "")
    return Zones(frames, shapes, base, tuple(notes), tuple(repaired))


def split_layers(zones: gpd.GeoDataFrame | Mapping[str, gpd.GeoDataFrame] | None) -> dict[str, gpd.GeoDataFrame]:
    """Return the zone layers by name: level 2 rows of grids apart (D5), townships out of divisions."""
    given = {} if zones is None else dict(zones) if isinstance(zones, Mapping) else {"grids": zones}
    out: dict[str, gpd.GeoDataFrame] = {}
    for name, frame in given.items():
        if name not in _ACCEPTED:
            known = ", ".join(_ACCEPTED)
            raise UnknownName(f"没有区域图层 {name}，可用：{known}", f"no zone layer {name}; there are: {known}")
        if frame is None:
            continue
        if name == "divisions":
            level = frame["level"] if "level" in frame else np.array([""] * len(frame))
            out["townships"] = frame[np.asarray(level == "township")]
        elif name == "grids" and "level" in frame:
            second = (frame["level"].astype("string").str.strip().isin(["2", "2.0"])).fillna(False).to_numpy(bool)
            if second.any() and not second.all():
                out["microgrids"] = frame[second]
            out["grids"] = frame if second.all() else frame[~second]
        else:
            out[name] = frame
    return {name: out[name] for name in ZONE_LAYERS if name in out}


def zone_keys(frame: gpd.GeoDataFrame) -> np.ndarray:
    """Return the key of each row as text: its code, else its position."""
    out = np.array([str(i) for i in range(len(frame))], object)
    if "code" in frame:
        given = frame["code"].notna().to_numpy()
        out[given] = frame["code"].to_numpy(object)[given].astype(str)
    return out


def valid_shapes(shapes: np.ndarray, where: str, keys: np.ndarray) -> tuple[np.ndarray, list[RowFault]]:
    """Return the shapes with broken ones made valid, and a fault for each of those."""
    shapes = np.array(shapes, object)
    bad = np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes))
    reasons = shapely.is_valid_reason(shapes[bad])
    shapes[bad] = shapely.make_valid(shapes[bad])
    faults = [
        RowFault(where, str(keys[i]), "geometry", f"图形无效，已修复：{why} / invalid shape, repaired: {why}")
        for i, why in zip(bad, reasons, strict=True)
    ]
    return shapes, faults


def owners(frame: gpd.GeoDataFrame, points: gpd.GeoSeries) -> np.ndarray:
    """Return for each point the first row of the frame that covers it, border included; -1 for none (rule L1).

    Points and frame are in one CRS, and edges are straight in it, as stored.
    """
    shapes = frame.geometry.to_numpy()
    out = np.full(len(points), len(frame))
    if len(frame):
        shapes, _ = valid_shapes(shapes, "", np.arange(len(shapes)))
        point, zone = shapely.STRtree(shapes).query(points.to_numpy(), predicate="intersects")
        np.minimum.at(out, point, zone)
    return np.where(out < len(frame), out, -1)
