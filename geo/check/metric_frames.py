"""Bring frames to metres for checking, whatever strays far from the rest left aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo import crs as systems
from geo.catalog.layers import LAYERS

#: Rows further than this from the middle of the data are strays, if they are few.
STRAY_KM = 250.0
_FEW = 0.05
_EARTH_KM = 6_371.0


@dataclass(frozen=True)
class Ground:
    """Hold the frames to check, EPSG:4326, with strays and rows without a shape set aside.

    Attributes
    ----------
    frames
        Layer -> rows that can be measured together.
    missing
        Layer -> keys of rows without geometry.
    strays
        Layer -> rows far from everything else.
    crs
        The metric CRS of rule C1; None where there is nothing to measure.
    """

    frames: Mapping[str, gpd.GeoDataFrame]
    missing: Mapping[str, list[str]]
    strays: Mapping[str, gpd.GeoDataFrame]
    crs: pyproj.CRS | None

    def frame(self, layer: str) -> gpd.GeoDataFrame | None:
        """Return the rows of a layer; None where there are none."""
        frame = self.frames.get(layer)
        return frame if frame is not None and len(frame) else None

    def metres(self, shapes: np.ndarray) -> np.ndarray:
        """Return shapes (degrees) in the metric CRS."""
        system = self.crs
        if system is None:
            return np.asarray(shapes)

        def moved(points: np.ndarray) -> np.ndarray:
            return np.column_stack(systems.from_wgs84(points[:, 0], points[:, 1], system))

        return np.asarray(shapely.transform(shapely.force_2d(shapes), moved))


def lay(layers: Mapping[str, gpd.GeoDataFrame]) -> Ground:
    """Sort the rows of every layer into those that can be measured together, strays, and those without a shape."""
    present, missing = {}, {}
    for name in LAYERS:
        if name in layers and len(layers[name]):
            frame = layers[name]
            there = ~(frame.geometry.isna() | frame.geometry.is_empty).to_numpy()
            missing[name] = [key for key, has in zip(keys(frame, name), there, strict=True) if not has]
            present[name] = frame[there]
    frames, strays = _apart(present)
    spread = [frame.geometry for frame in frames.values() if len(frame)]
    crs = systems.metric_crs_for(*spread, at_least=1_000.0) if spread else None
    return Ground(frames, missing, strays, crs)


def keys(frame: gpd.GeoDataFrame, layer: str) -> list[str]:
    """Return the key of each row as text; the row position where it has none."""
    name = LAYERS[layer].key
    if name not in frame:
        return [str(k) for k in range(len(frame))]
    values = frame[name].to_numpy(object)
    return [str(k) if pd.isna(value) else str(value) for k, value in enumerate(values)]


def column(frame: gpd.GeoDataFrame, name: str) -> np.ndarray:
    """Return a column as stripped text or None, whatever it holds; all None where it is absent."""
    if name not in frame:
        return np.full(len(frame), None, dtype=object)
    values = frame[name].to_numpy(object)
    text = [None if pd.isna(value) or not str(value).strip() else str(value).strip() for value in values]
    return np.array(text, dtype=object)


def numbers(frame: gpd.GeoDataFrame, name: str) -> np.ndarray:
    """Return a column as floats, NaN where it is absent, missing or no number."""
    if name not in frame:
        return np.full(len(frame), np.nan)
    return pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def middle(shapes: np.ndarray) -> np.ndarray:
    """Return a longitude and latitude (n, 2) of each shape, the middle of its bounds."""
    bounds = shapely.bounds(shapes)
    return np.asarray((bounds[:, :2] + bounds[:, 2:]) / 2)


def distance_km(lonlat: np.ndarray, origin: np.ndarray) -> np.ndarray:
    """Return great-circle distances in kilometres from one place, degrees (haversine formula)."""
    lon, lat = np.radians(lonlat).T
    lon0, lat0 = np.radians(origin)
    h = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat) * np.cos(lat0) * np.sin((lon - lon0) / 2) ** 2
    return np.asarray(2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(h, 0.0, 1.0))))


def _apart(
    present: Mapping[str, gpd.GeoDataFrame],
) -> tuple[dict[str, gpd.GeoDataFrame], dict[str, gpd.GeoDataFrame]]:
    # One camera in the sea must not make the whole county too wide for a metric CRS; a wide province, though, is
    # refused by rule C1 as everywhere else.
    if not present:
        return {}, {}
    places = {name: middle(frame.geometry.to_numpy()) for name, frame in present.items()}
    # Zones, roads and buildings say where the county is; cameras only where there is nothing else.
    firm = [place for name, place in places.items() if name != "cameras" and len(place)]
    pooled = np.concatenate(firm or list(places.values()))
    if len(pooled) == 0:
        return dict(present), {}
    origin = np.quantile(pooled, 0.5, axis=0, method="nearest")
    near = {name: distance_km(place, origin) <= STRAY_KM for name, place in places.items()}
    count = sum(len(mask) for mask in near.values())
    far = count - sum(int(mask.sum()) for mask in near.values())
    if far > max(_FEW * count, 3):
        near = {name: np.ones(len(mask), dtype=bool) for name, mask in near.items()}
    frames = {name: frame[near[name]] for name, frame in present.items()}
    return frames, {name: frame[~near[name]] for name, frame in present.items()}
