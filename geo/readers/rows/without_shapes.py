"""Tell a list of names and codes, which has no shapes and so needs no CRS, from a table whose shapes are missing."""

from __future__ import annotations

import shapely

from geo.catalog.layers import Layer
from geo.readers.columns import coordinate_columns
from geo.readers.columns.column_mapping import COORDINATES
from geo.readers.columns.column_plan import ChosenColumns
from geo.readers.source import SourceTable

WITHOUT_SHAPE = (
    "没有形状，按名称与代码保存：不作区域，不在地图上"
    " / without a shape, kept for its name and code: it is no zone and on no map"
)


def is_list_of_names(source: SourceTable, chosen: ChosenColumns) -> bool:
    """Return whether a file names rows of a layer, code and name, and has no shape for any.

    Columns of longitude and latitude are no shapes of a layer of polygons. Where the user named a column of
    coordinates there have to be shapes.
    """
    layer = chosen.layer
    if not len(source.shapes) or not layer.may_lack_shape:
        return False
    if not all(name in chosen.fields for name in (layer.key, "name")):
        return False
    if not chosen.plan.explicit.keys().isdisjoint(COORDINATES) or shapely.is_geometry(source.shapes).any():
        return False
    return not (chosen.with_coordinates and coordinate_columns.has_shapes(source, layer, chosen.fields))


def keep_rows_without_shape(source: SourceTable, layer: Layer) -> None:
    """Take back the faults of rows whose cell of coordinates is empty, in a layer whose rows may lack a shape."""
    if layer.may_lack_shape:
        for row in [row for row, fault in source.faults.items() if fault.reason == coordinate_columns.MISSING]:
            del source.faults[row]
