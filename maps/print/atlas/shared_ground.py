"""Hold the data of a map in metres with an index of each layer, and hand out what lies in the window of a sheet.

An atlas of hundreds of sheets would otherwise transform and search the whole county for each of them.
"""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely

from geo.catalog.results import ALL
from maps.map_data import MapData
from maps.print.page_layout import Bounds
from maps.print.page_projection import projected
from maps.print.sheet_content import SheetContent, metric_crs

#: What every sheet needs whole: borders, and townships for the inset map and the names.
_WHOLE = ("townships", ALL, "divisions")


def in_metres(data: MapData) -> MapData:
    """Return the data of a map with every layer in its metric CRS (rule C1)."""
    crs = metric_crs(data)

    def moved(frame: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
        return None if frame is None or frame.crs is None else projected(frame, crs)

    return replace(
        data,
        zones={name: _plain(projected(frame, crs)) for name, frame in data.zones.items()},
        reference={name: _plain(projected(frame, crs)) for name, frame in data.reference.items()},
        gaps=_plain(projected(data.gaps, crs)),
        cameras=_plain(projected(data.cameras, crs)),
        views=moved(data.views),
        possible=moved(data.possible),
        coverage=_in_parts(moved(data.coverage)),
        verdicts=moved(data.verdicts),
    )


def _plain(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the frame with its texts as objects, of which the few rows of a sheet are taken and compared faster."""
    texts = [name for name, kind in frame.dtypes.items() if kind == "str"]
    return frame.astype(dict.fromkeys(texts, object)) if texts else frame


def _in_parts(frame: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Return a row for each part: what one camera more or less sees of a county is one shape of thousands of parts."""
    return None if frame is None else frame.explode(index_parts=False, ignore_index=True)


class _Layer:
    def __init__(self, frame: gpd.GeoDataFrame) -> None:
        self._frame, self._tree = frame, shapely.STRtree(frame.geometry.to_numpy())

    def near(self, window: shapely.Geometry) -> gpd.GeoDataFrame:
        return self._frame.iloc[np.sort(self._tree.query(window))]


class SharedGround:
    """The layers of a map in metres.

    Parameters
    ----------
    data
        As ``in_metres`` returns them.
    zones
        The coloured zones, which every content of a sheet has (``SheetContents.zones``).
    """

    def __init__(self, data: MapData, zones: gpd.GeoDataFrame) -> None:
        self.data = data
        self._zones = shapely.STRtree(zones.geometry.to_numpy())
        self._of_zones = {name: _Layer(frame) for name, frame in data.zones.items() if name not in _WHOLE}
        self._of_reference = {name: _Layer(frame) for name, frame in data.reference.items() if name not in _WHOLE}
        single = ("gaps", "cameras", "views", "possible", "coverage", "verdicts")
        self._single = {name: _Layer(getattr(data, name)) for name in single if getattr(data, name) is not None}

    def near(self, bounds: Bounds) -> MapData:
        """Return the data with the rows only whose boxes meet a window, in metres."""
        window = shapely.box(*bounds)
        return replace(
            self.data,
            zones={**self.data.zones, **{name: one.near(window) for name, one in self._of_zones.items()}},
            reference={**self.data.reference, **{name: one.near(window) for name, one in self._of_reference.items()}},
            **{name: one.near(window) for name, one in self._single.items()},
        )

    def content_near(self, content: SheetContent, bounds: Bounds) -> SheetContent:
        """Return the content of a sheet without the zones and sites that are neither its own nor in its window."""
        zones = content.own.copy()
        zones[self._zones.query(shapely.box(*bounds))] = True
        west, south, east, north = bounds
        sites = content.sites
        near = sites.x.between(west, east) & sites.y.between(south, north) | sites.own.astype(bool)
        return replace(content, zones=content.zones[zones], own=content.own[zones], sites=sites[near.to_numpy(bool)])
