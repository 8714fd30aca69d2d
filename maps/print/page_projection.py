"""Transform shapes from the CRS of the data to the sheet's metres, and to millimetres of the page."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from geo.crs import from_wgs84, is_storage, to_wgs84, transformer
from maps.print.page_layout import Bounds, MapFrame

#: Detail below this size on paper, in mm, is simplified: less than a reader can resolve.
_TOLERANCE = 0.08


class CrsTransform:
    """Transform points (n, 2) between the CRS of the data and that of the sheet; without a CRS they are unchanged."""

    def __init__(self, source: pyproj.CRS | None, target: pyproj.CRS) -> None:
        self._source, self._target = source, target
        self.moves = source is not None and source != target
        self._stored = source is not None and self.moves and is_storage(source)

    def to_sheet(self, points: np.ndarray) -> np.ndarray:
        """Return the points in the sheet's CRS."""
        if not self.moves:
            return points
        if self._stored:
            return np.column_stack(from_wgs84(points[:, 0], points[:, 1], self._target))
        return np.column_stack(transformer(self._source, self._target).transform(points[:, 0], points[:, 1]))

    def bounds_in_data_crs(self, bounds: Bounds) -> Bounds:
        """Return the bounds, in the CRS of the data, of a rectangle of the sheet's CRS."""
        if not self.moves:
            return bounds
        west, south, east, north = bounds
        along = np.linspace(0, 1, 17)
        x, y = west + (east - west) * along, south + (north - south) * along
        edges_x = np.concatenate([x, x, np.full(17, west), np.full(17, east)])
        edges_y = np.concatenate([np.full(17, south), np.full(17, north), y, y])
        if self._stored:
            lon, lat = to_wgs84(edges_x, edges_y, self._target)
        else:
            back = transformer(self._source, self._target)
            lon, lat = back.transform(edges_x, edges_y, direction="INVERSE")
        return float(np.min(lon)), float(np.min(lat)), float(np.max(lon)), float(np.max(lat))


def projected(frame: gpd.GeoDataFrame, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the frame in ``crs``, the same object where it is in that CRS already."""
    transform = CrsTransform(frame.crs, crs)
    if not transform.moves:
        return frame
    return frame.set_geometry(shapely.transform(frame.geometry.to_numpy(), transform.to_sheet), crs=crs)


class PageTransform:
    """Transform shapes of one CRS to page mm, simplified to print resolution, without those off the map."""

    #: Shapes with more vertices than this are clipped at the map's edge first.
    _CLIP_FROM_VERTICES = 2_000

    def __init__(self, source: pyproj.CRS | None, crs: pyproj.CRS, frame: MapFrame) -> None:
        self._frame = frame
        self._transform = CrsTransform(source, crs)
        self._window = self._transform.bounds_in_data_crs(frame.bounds)
        metres_per_unit = frame.metres(frame.rect.height) / max(self._window[3] - self._window[1], 1e-12)
        self._tolerance = frame.metres(_TOLERANCE) / metres_per_unit
        #: Approximate: a unit of the data's CRS on paper, along a meridian.
        self.mm_per_unit = frame.millimetres(metres_per_unit)

    def on_map(self, shapes: np.ndarray) -> np.ndarray:
        """Return which shapes intersect the map."""
        low_x, low_y, high_x, high_y = shapely.bounds(shapes).T
        west, south, east, north = self._window
        return (low_x <= east) & (high_x >= west) & (low_y <= north) & (high_y >= south)

    def points(self, coordinates: np.ndarray) -> np.ndarray:
        """Return points (n, 2) in page mm."""
        return self._frame.points(self._transform.to_sheet(coordinates))

    def rings(self, polygons: np.ndarray) -> np.ndarray:
        """Return the rings of the polygons as lines, outer rings in one direction and holes in the other."""
        parts = shapely.get_parts(np.asarray(polygons, dtype=object))
        parts = parts[shapely.get_type_id(parts) == 3]
        parts = self._cut(parts[self.on_map(parts)])
        rings = shapely.get_rings(shapely.orient_polygons(parts))
        points, owner = shapely.get_coordinates(rings, return_index=True)
        return self._smoothed(shapely.linestrings(points, indices=owner)) if len(points) else rings

    def _cut(self, parts: np.ndarray) -> np.ndarray:
        """Clip large polygons a little beyond the map, so that the clipped edges are not visible."""
        large = shapely.get_num_coordinates(parts) > self._CLIP_FROM_VERTICES
        if not large.any():
            return parts
        west, south, east, north = self._window
        across, up = (east - west) * 0.02, (north - south) * 0.02
        cut = shapely.clip_by_rect(parts[large], west - across, south - up, east + across, north + up)
        cut = shapely.get_parts(cut)
        return np.concatenate([parts[~large], cut[shapely.get_type_id(cut) == 3]])

    def lines(self, shapes: np.ndarray) -> np.ndarray:
        """Return lines, or the edges of polygons."""
        parts = shapely.get_parts(np.asarray(shapes, dtype=object))
        parts = np.where(shapely.get_type_id(parts) == 3, shapely.boundary(parts), parts)
        return self._smoothed(shapely.get_parts(parts[self.on_map(parts)]))

    def _smoothed(self, lines: np.ndarray) -> np.ndarray:
        # Simplified before the transform: ten times fewer vertices to transform.
        return shapely.transform(shapely.simplify(lines, self._tolerance, preserve_topology=False), self.points)
