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

#: Layers whose rows are named places, in the order that they are handed over.
NAMED_LAYERS = ("places", "facilities")
_COLUMNS = ("text", "aliases", "layer", "code")


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
        Columns `text` (the name), `aliases`, `layer`, `code` (the key of the row) and a point in WGS-84 degrees; layers
        in the order given, rows in theirs.

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
    points = shapely.point_on_surface(rows.geometry.to_numpy())
    return gpd.GeoDataFrame(columns, geometry=points, crs=STORAGE_CRS)
