"""Hand over what has a name and a place, beside the stored addresses, as texts that an address may name."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.catalog.claims import DERIVED
from geo.catalog.layers import LAYERS
from geo.crs import STORAGE_CRS
from geo.places.grid_shares import NEARLY_ALL, grid_shares

#: Layers whose rows are named places, in the order that they are handed over.
NAMED_LAYERS = ("places", "facilities")
_COLUMNS = ("text", "aliases", "layer", "code", "polygon")


def named_places(frames: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return the rows of layers that have a name and a shape, each as a point that lies on its shape.

    Left out are rows that were derived from roads and shapes: a crossing is found by its roads.

    Parameters
    ----------
    frames
        Layer -> its rows, in one known CRS; of a layer without the field `name` there are none.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns `text` (the name), `aliases`, `layer`, `code` (the key of the row), `polygon` (the shape where it
        is one) and a point in WGS-84 degrees; layers in the order given, rows in theirs.

    Examples
    --------
    >>> square = shapely.box(102.0, 37.0, 102.2, 37.2)
    >>> schools = {"code": ["s1", "s2"], "name": ["第一小学", None], "aliases": ["一小", None]}
    >>> found = named_places({"places": gpd.GeoDataFrame(schools, geometry=[square, square], crs=4326)})
    >>> found[["text", "aliases", "layer", "code"]].values.tolist(), found.geometry.iloc[0].wkt
    ([['第一小学', '一小', 'places', 's1']], 'POINT (102.1 37.1)')
    """
    parts = [_named_rows(name, frame) for name, frame in frames.items() if len(frame) and "name" in frame]
    if not parts:
        empty = {name: pd.Series([], dtype=object) for name in _COLUMNS}
        return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=STORAGE_CRS))
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=STORAGE_CRS)


def with_named_places(addresses: gpd.GeoDataFrame, named: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the stored addresses followed by the named places, as one frame of texts.

    Examples
    --------
    >>> addresses = gpd.GeoDataFrame({"text": ["人民路1号"]}, geometry=[shapely.Point(102, 37)], crs=4326)
    >>> school = gpd.GeoDataFrame({"text": ["第一小学"]}, geometry=[shapely.Point(103, 37)], crs=4326)
    >>> with_named_places(addresses, school)["text"].tolist()
    ['人民路1号', '第一小学']
    """
    if not len(named):
        return addresses
    if not len(addresses):
        return named
    return gpd.GeoDataFrame(pd.concat([addresses, named], ignore_index=True), geometry="geometry", crs=addresses.crs)


def at_all_grids(texts: gpd.GeoDataFrame, grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return texts with places that lie in several grids once for each of these, at a point in it (rule L1).

    Parameters
    ----------
    texts
        Addresses and named places; without the column `polygon`, or where it is empty, rows stay as they are.
    grids
        The layer `grids`: `code`, `kind`, `level` and polygons, in the CRS of the texts.

    Examples
    --------
    >>> columns = {"code": ["e", "w"], "kind": ["general", "general"], "level": [1, 1]}
    >>> grids = gpd.GeoDataFrame(columns, geometry=[shapely.box(2, 0, 4, 1), shapely.box(0, 0, 2, 1)], crs=4326)
    >>> park = gpd.GeoDataFrame({"code": ["p"], "name": ["公园"]}, geometry=[shapely.box(1, 0, 3, 1)], crs=4326)
    >>> at_all_grids(named_places({"places": park}), grids).geometry.x.tolist()
    [2.5, 1.5]
    """
    if "polygon" not in texts or not len(grids):
        return texts
    areas = texts["polygon"].astype(object).where(texts["polygon"].notna(), None).to_numpy()
    rows, near = shapely.STRtree(grids.geometry.to_numpy()).query(areas, predicate="intersects")
    at, points = np.arange(len(texts)), texts.geometry.to_numpy()
    more_at: list[int] = []
    more_points: list[shapely.Point] = []
    for row in np.flatnonzero(np.bincount(rows, minlength=len(texts)) > 1).tolist():
        inside = _points_in_grids(areas[row], grids.iloc[np.sort(near[rows == row])])
        if len(inside) > 1:
            more_at += [row] * len(inside)
            more_points += inside
    at, kept = np.append(at, more_at).astype(int), ~np.isin(at, more_at)
    kept = np.append(kept, np.full(len(more_at), True))
    moved = texts.iloc[at].set_geometry(gpd.GeoSeries([*points, *more_points], index=texts.index[at], crs=texts.crs))
    return moved[kept].reset_index(drop=True)


def _points_in_grids(area: shapely.Geometry, grids: gpd.GeoDataFrame) -> list[shapely.Point]:
    """Return a point of an area in each grid that owns a part of it; none where one grid owns nearly all."""
    shares = grid_shares(area, grids, is_fine=True)
    if not shares or shares[0].share >= NEARLY_ALL:
        return []
    shape_of = dict(zip(grids["code"].astype(str), grids.geometry, strict=True))
    fine = set(grids["code"].astype(str)[grids["level"].eq(2).fillna(False)])
    first = [one.code for one in shares if one.code in fine] + [one.code for one in shares if one.code not in fine]
    rest, points = shapely.make_valid(area), []
    for code in first:
        shape = shapely.make_valid(shape_of[code])
        points.append(shapely.point_on_surface(shapely.intersection(rest, shape)))
        rest = shapely.difference(rest, shape)
    return [point for point in points if not point.is_empty]


def _named_rows(layer: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = frame.geometry.to_numpy()
    kept = frame["name"].map(lambda name: isinstance(name, str) and bool(name.strip())).to_numpy(bool)
    kept = kept & ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if "source" in frame:
        kept = kept & ~frame["source"].eq(DERIVED).fillna(False).to_numpy(bool)
    rows = frame[kept].to_crs(STORAGE_CRS)
    aliases = rows["aliases"].to_numpy(object) if "aliases" in rows else np.full(len(rows), None, dtype=object)
    columns = {
        "text": rows["name"].to_numpy(object),
        "aliases": aliases,
        "layer": layer,
        "code": rows[LAYERS[layer].key].to_numpy(object),
    }
    shapes = rows.geometry.to_numpy()
    columns["polygon"] = np.where(shapely.get_dimensions(shapes) == 2, shapes, None)
    points = shapely.point_on_surface(shapes)
    return gpd.GeoDataFrame(columns, geometry=points, crs=STORAGE_CRS)
