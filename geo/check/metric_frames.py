"""Project frames to a metric CRS for checking, outliers excluded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo import crs as systems
from geo.catalog.layers import LAYERS, ZONE_INPUTS
from geo.crs_metric import metric_crs_for
from geo.errors import TooWide
from geo.outliers import distance_km, find_outliers
from geo.row_keys import row_keys

#: Rows farther than this from the centre of the data are outliers, if they are few.
OUTLIER_KM = 250.0
_MAX_OUTLIER_SHARE = 0.05
#: Which layers say where the data are: zones, else what else there is, else the cameras.
_FIRM = (ZONE_INPUTS, tuple(name for name in LAYERS if name not in (*ZONE_INPUTS, "cameras")), ("cameras",))


@dataclass(frozen=True)
class MetricFrames:
    """Frames to check, EPSG:4326, with outliers and rows without geometry kept apart.

    Attributes
    ----------
    frames
        Layer -> rows that can be projected to one metric CRS.
    missing
        Layer -> keys of rows without geometry.
    outliers
        Layer -> rows far from all others.
    located
        Layer -> all rows with a geometry, outliers among them, in the order of the layer: for checks without metres.
    crs
        The metric CRS of rule C1; None where there is nothing to measure.
    named
        Layer whose rows may lack a shape -> all its rows: for checks of codes and names.
    """

    frames: Mapping[str, gpd.GeoDataFrame]
    missing: Mapping[str, list[str]]
    outliers: Mapping[str, gpd.GeoDataFrame]
    located: Mapping[str, gpd.GeoDataFrame]
    crs: pyproj.CRS | None
    named: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)

    def frame(self, layer: str) -> gpd.GeoDataFrame | None:
        """Return the rows of a layer; None where there are none."""
        frame = self.frames.get(layer)
        return frame if frame is not None and len(frame) else None

    def whole(self, layer: str) -> gpd.GeoDataFrame | None:
        """Return all rows of a layer that have a geometry, outliers too; None where there are none."""
        frame = self.located.get(layer)
        return frame if frame is not None and len(frame) else None

    def with_names(self, layer: str) -> gpd.GeoDataFrame | None:
        """Return all rows of a layer, those that may lack a shape and do included; None where there are none."""
        frame = self.named.get(layer)
        return frame if frame is not None and len(frame) else self.whole(layer)

    def to_metres(self, shapes: np.ndarray) -> np.ndarray:
        """Return shapes (degrees) in the metric CRS."""
        system = self.crs
        if system is None:
            return np.asarray(shapes)

        def projected(points: np.ndarray) -> np.ndarray:
            return np.column_stack(systems.from_wgs84(points[:, 0], points[:, 1], system))

        return np.asarray(shapely.transform(shapely.force_2d(shapes), projected))


def prepare_frames(layers: Mapping[str, gpd.GeoDataFrame]) -> MetricFrames:
    """Split the rows of every layer into those for one metric CRS, outliers, and those without geometry."""
    present, missing, named = {}, {}, {}
    for name in LAYERS:
        if name in layers and LAYERS[name].is_placed and len(layers[name]):
            frame = layers[name]
            there = ~(frame.geometry.isna() | frame.geometry.is_empty).to_numpy()
            if LAYERS[name].needs_shape:
                missing[name] = [key for key, has in zip(keys(frame, name), there, strict=True) if not has]
            else:
                named[name] = frame
            present[name] = frame[there]
    frames, outliers = _split_outliers(present)
    try:
        crs = _metric_crs(frames)
    except TooWide:
        # Too many strays to be few, or two places of which none is the main one: the larger is measured.
        far = find_outliers(present, _FIRM, choose=True).is_far
        frames = {name: frame[~far[name]] if name in far else frame for name, frame in present.items()}
        outliers = {name: frame[far[name]] for name, frame in present.items() if name in far}
        crs = _metric_crs(frames)
    return MetricFrames(frames, missing, outliers, present, crs, named)


def _metric_crs(frames: Mapping[str, gpd.GeoDataFrame]) -> pyproj.CRS | None:
    spread = [frame.geometry for frame in frames.values() if len(frame)]
    return metric_crs_for(*spread, at_least=1_000.0) if spread else None


def keys(frame: gpd.GeoDataFrame, layer: str) -> list[str]:
    """Return the key of each row as text; the row position where it has none."""
    return list(row_keys(frame, LAYERS[layer].key))


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


def box_centres(shapes: np.ndarray) -> np.ndarray:
    """Return longitude and latitude (n, 2) of the centre of each shape's bounding box."""
    bounds = shapely.bounds(shapes)
    return np.asarray((bounds[:, :2] + bounds[:, 2:]) / 2)


def _split_outliers(
    present: Mapping[str, gpd.GeoDataFrame],
) -> tuple[dict[str, gpd.GeoDataFrame], dict[str, gpd.GeoDataFrame]]:
    # One camera at (0, 0) must not make the data too wide for a metric CRS; a province is too wide, by rule C1.
    if not present:
        return {}, {}
    positions = {name: box_centres(frame.geometry.to_numpy()) for name, frame in present.items()}
    # The centre follows from zones, roads and buildings; from cameras only where nothing else is given.
    firm = [position for name, position in positions.items() if name != "cameras" and len(position)]
    pooled = np.concatenate(firm or list(positions.values()))
    if len(pooled) == 0:
        return dict(present), {}
    # The row nearest to the median: of two rows the median itself may be far from both.
    origin = pooled[np.argmin(distance_km(pooled, np.quantile(pooled, 0.5, axis=0, method="nearest")))]
    near = {name: distance_km(position, origin) <= OUTLIER_KM for name, position in positions.items()}
    count = sum(len(mask) for mask in near.values())
    far = count - sum(int(mask.sum()) for mask in near.values())
    if far > max(_MAX_OUTLIER_SHARE * count, 3):
        near = {name: np.ones(len(mask), dtype=bool) for name, mask in near.items()}
    frames = {name: frame[near[name]] for name, frame in present.items()}
    return frames, {name: frame[~near[name]] for name, frame in present.items()}
