"""Say in which index square of a sheet a point is."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from maps.map_data import MapData
from maps.print.page_layout import paper_choices
from maps.print.sheet_content import sheet_content
from maps.print.sheet_division import divide_sheet


def sheet_squares(data: MapData, points: gpd.GeoSeries, *, paper: str = "A3") -> list[str]:
    """Return the index square of each point on the sheet of the whole area, empty for one that is not on it.

    Parameters
    ----------
    data
        The map, as ``write_sheet`` draws it.
    points
        In any known CRS; None for none.
    paper
        As for ``write_sheet``.

    Raises
    ------
    UnknownName
        For an unknown paper.
    UnknownCrs, TooWide
        As ``write_sheet``.
    """
    content = sheet_content(data)
    if content.extent is None:
        return [""] * len(points)
    frame = divide_sheet(data, content, paper_choices(paper)).frame
    shapes = points.to_crs(content.crs).to_numpy()
    xy = np.column_stack([shapely.get_x(shapes), shapely.get_y(shapes)])
    return [frame.square(x, y) if np.isfinite([x, y]).all() else "" for x, y in frame.points(xy).tolist()]
