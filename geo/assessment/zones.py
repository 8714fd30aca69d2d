"""Prepare zone layers: which exist, their polygons, and the owner of each site (rules D4, D5, L1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from geo import crs
from geo.catalog.results import OWN_ZONES, WHOLE_AREA, ZONE_LAYERS, ZONES, is_zone_layer, zone_layers_among
from geo.errors import RowFault, UnknownName
from geo.row_keys import row_keys
from geo.sentences import sentence

_ACCEPTED = tuple(dict.fromkeys((*ZONE_LAYERS, *(layer.source for layer in ZONES), "areas")))
_AREAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON, shapely.GeometryType.GEOMETRYCOLLECTION)


@dataclass(frozen=True)
class Zones:
    """Zone layers of one analysis.

    Attributes
    ----------
    frames
        Layer name -> its rows as given, in their CRS.
    shapes
        Layer name -> polygons (m, computing CRS) of the rows, valid; None where a row has none.
    all_zone_layer
        The layer whose union is the zone ``all`` (rule D4); empty where there is none.
    notes
        Rows left out, as ``中文 / English``.
    repaired
        The rows whose shapes were made valid.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> grids = gpd.GeoDataFrame({"code": ["1", "2"]}, geometry=[shapely.box(0, 0, 5, 5), None], crs=4547)
    >>> zones = sort_zone_layers(grids, grids.crs)
    >>> zones.all_zone_layer, [shape and shape.area for shape in zones.shapes["grids"]]
    ('grids', [25.0, None])
    """

    frames: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    shapes: Mapping[str, np.ndarray] = field(default_factory=dict)
    all_zone_layer: str = ""
    notes: tuple[str, ...] = ()
    repaired: tuple[RowFault, ...] = ()


def sort_zone_layers(
    zones: gpd.GeoDataFrame | Mapping[str, gpd.GeoDataFrame] | None,
    computing_crs: pyproj.CRS,
    *,
    required_crs: pyproj.CRS | None = None,
) -> Zones:
    """Sort zone frames into layers.

    Parameters
    ----------
    zones
        A frame (the layer grids) or a mapping of grids, villages, townships, divisions or areas to frames.
    computing_crs
        The CRS to compute in.
    required_crs
        The CRS that all frames must have; None takes that of the first.

    Raises
    ------
    UnknownName
        For another layer name.
    UnknownCrs, CrsMismatch
        Where a frame has no CRS, or another one.

    Examples
    --------
    A village given as a point is not a zone:

    >>> import geopandas as gpd, shapely
    >>> villages = gpd.GeoDataFrame({"code": ["v"]}, geometry=[shapely.Point(0, 0)], crs=4547)
    >>> townships = gpd.GeoDataFrame({"code": ["t"]}, geometry=[shapely.box(0, 0, 5, 5)], crs=4547)
    >>> zones = sort_zone_layers({"villages": villages, "townships": townships}, villages.crs)
    >>> list(zones.frames), zones.all_zone_layer, len(zones.notes)
    (['townships'], 'townships', 1)
    """
    split = split_layers(zones)
    shapes: dict[str, np.ndarray] = {}
    notes: list[str] = []
    repaired: list[RowFault] = []
    frames: dict[str, gpd.GeoDataFrame] = {}
    for name, given in split.items():
        frame = given
        crs.require_same_crs(frame, next(iter(split.values())))
        if required_crs is not None:
            crs.require_same_crs(frame, gpd.GeoSeries([], crs=required_crs))
        areal = np.isin(shapely.get_type_id(frame.geometry.values), _AREAL) | frame.geometry.isna().to_numpy()
        if not areal.all():
            count = int((~areal).sum())
            notes.append(
                sentence(
                    f"{name}：{count} 行不是面，不作为区域", f"{name}: {count} rows are no polygons, hence no zones"
                )
            )
            frame = given[areal]
        if len(frame):
            frames[name] = frame
            shapes[name], faults = valid_shapes(
                frame.geometry.to_crs(computing_crs).to_numpy(), name, row_keys(frame, "code")
            )
            repaired += faults
    all_zone_layer = next((name for name in WHOLE_AREA if name in frames), "")
    return Zones(frames, shapes, all_zone_layer, tuple(notes), tuple(repaired))


def split_layers(zones: gpd.GeoDataFrame | Mapping[str, gpd.GeoDataFrame] | None) -> dict[str, gpd.GeoDataFrame]:
    """Return the zone layers by name: level 2 rows of grids as microgrids (D5), levels of divisions, kinds of areas.

    Divisions are zones as townships, and as counties where there are several: one alone is the whole area. Areas
    without a kind are no zones.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> square = shapely.box(0, 0, 5, 5)
    >>> grids = gpd.GeoDataFrame({"code": ["1", "1W01"], "level": [1, 2]}, geometry=[square, square], crs=4547)
    >>> {name: frame["code"].tolist() for name, frame in split_layers(grids).items()}
    {'grids': ['1'], 'microgrids': ['1W01']}
    >>> areas = gpd.GeoDataFrame({"code": ["a", "b"], "kind": ["key_area", None]}, geometry=[square, square], crs=4547)
    >>> {name: frame["code"].tolist() for name, frame in split_layers({"areas": areas}).items()}
    {'areas:key_area': ['a']}
    """
    given = {} if zones is None else dict(zones) if isinstance(zones, Mapping) else {"grids": zones}
    out: dict[str, gpd.GeoDataFrame] = {}
    for name, frame in given.items():
        if name not in _ACCEPTED and not (name.startswith(OWN_ZONES) and is_zone_layer(name)):
            known = ", ".join(_ACCEPTED)
            raise UnknownName(f"没有区域图层 {name}，可用：{known}", f"no zone layer {name}; there are: {known}")
        if frame is None:
            continue
        if name == "divisions":
            level = frame["level"] if "level" in frame else np.array([""] * len(frame))
            out["townships"] = frame[np.asarray(level == "township")]
            is_county = np.asarray(level == "county")
            if is_county.sum() > 1:
                out["counties"] = frame[is_county]
        elif name == "areas":
            kind = frame["kind"].astype("string").fillna("") if "kind" in frame else None
            kinds = [] if kind is None else sorted(set(kind) - {""})
            out |= {f"{OWN_ZONES}{one}": frame[(kind == one).to_numpy(bool)] for one in kinds}
        elif name == "grids" and "level" in frame:
            second = (frame["level"].astype("string").str.strip().isin(["2", "2.0"])).fillna(False).to_numpy(bool)
            if second.any() and not second.all():
                out["microgrids"] = frame[second]
            out["grids"] = frame if second.all() else frame[~second]
        else:
            out[name] = frame
    return {name: out[name] for name in zone_layers_among(out)}


def rows_by_id(frame: gpd.GeoDataFrame, key: str = "id") -> np.ndarray:
    """Return the row positions in the order of their ids (rule C3); as given where there are none.

    Examples
    --------
    >>> import pandas as pd
    >>> rows_by_id(pd.DataFrame({"id": ["b", "a"]})).tolist()
    [1, 0]
    """
    if key not in frame:
        return np.arange(len(frame))
    return np.argsort(frame[key].astype("string").fillna("").to_numpy(str), kind="stable")


def valid_shapes(shapes: np.ndarray, where: str, keys: np.ndarray) -> tuple[np.ndarray, list[RowFault]]:
    """Return the shapes with broken ones made valid, and a fault for each of those.

    Parameters
    ----------
    shapes
        Any shapes; None stays None.
    where, keys
        The source and the key of each row, for the faults.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    >>> shapes, faults = valid_shapes(np.array([bow_tie]), "grids", np.array(["z"]))
    >>> shapes[0].area, faults[0].row
    (2.0, 'z')
    """
    shapes = np.array(shapes, object)
    bad = np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes))
    reasons = shapely.is_valid_reason(shapes[bad])
    shapes[bad] = shapely.make_valid(shapes[bad])
    faults = [
        RowFault(
            where, str(keys[i]), "geometry", sentence(f"图形无效，已修复：{why}", f"invalid shape, repaired: {why}")
        )
        for i, why in zip(bad, reasons, strict=True)
    ]
    return shapes, faults


def owning_rows(frame: gpd.GeoDataFrame, points: gpd.GeoSeries) -> np.ndarray:
    """Return for each point the first row of the frame that covers it, border included; -1 for none (rule L1).

    Points and frame are in one CRS, and edges are straight in it, as stored.

    Examples
    --------
    The point in the middle is on the border of both squares:

    >>> import geopandas as gpd, shapely
    >>> squares = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> owning_rows(squares, gpd.GeoSeries(shapely.points([0.5, 1.0, 1.5, 9.0], 0.5))).tolist()
    [0, 0, 1, -1]
    """
    shapes, _ = valid_shapes(frame.geometry.to_numpy(), "", np.arange(len(frame)))
    return owning_shapes(shapes, points)


def owning_shapes(shapes: np.ndarray, points: gpd.GeoSeries) -> np.ndarray:
    """Return what ``owning_rows`` does, of shapes that are valid or missing.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> squares = np.array([shapely.box(0, 0, 1, 1), None, shapely.box(0, 0, 2, 2)])
    >>> owning_shapes(squares, gpd.GeoSeries(shapely.points([0.5, 1.5, 9.0], 0.5))).tolist()
    [0, 2, -1]
    """
    out = np.full(len(points), len(shapes))
    if len(shapes):
        point, zone = shapely.STRtree(shapes).query(points.to_numpy(), predicate="intersects")
        np.minimum.at(out, point, zone)
    return np.where(out < len(shapes), out, -1)
