"""List the tables and columns that both stores keep, as the catalogue declares them.

Each store writes them in its own dialect (``geopackage.schema``, ``postgis.tables``); neither names a column itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geo.catalog.fields import Kind
from geo.catalog.layers import LAYERS, Layer
from geo.catalog.results import RUN_TABLES, ZONE_TABLE, RunTable


@dataclass(frozen=True)
class Table:
    """One table with a geometry column.

    Attributes
    ----------
    name
        In both stores.
    title
        As GIS programs list it.
    shape
        Type of the geometry column as SQL names it.
    columns
        Name and kind of each column, without the row id and the geometry.
    """

    name: str
    title: str
    shape: str
    columns: tuple[tuple[str, Kind], ...]

    @property
    def is_multi(self) -> bool:
        """Whether the geometry column takes multi shapes only."""
        return self.shape.startswith("MULTI")


def layer_table(layer: Layer) -> Table:
    """Return the table of the current rows of a layer; layers of several kinds of shape take any."""
    only = {"point": "POINT", "line": "MULTILINESTRING", "polygon": "MULTIPOLYGON"}
    shape = only[layer.shapes[0]] if len(layer.shapes) == 1 else "GEOMETRY"
    return Table(layer.name, layer.zh, shape, tuple((one.name, one.kind) for one in layer.all_fields))


def run_table(table: RunTable) -> Table:
    """Return a table of runs with what tells its rows apart and what has no column of its own."""
    told: tuple[tuple[str, Kind], ...] = (("run", "text"),)
    if table is ZONE_TABLE:
        told = (*told, ("layer", "text"))
    fields = tuple((one.name, one.kind) for one in table.fields)
    shape = "MULTIPOLYGON" if table.is_areas else "GEOMETRY"
    return Table(table.name, table.zh, shape, (*told, *fields, ("extra", "text")))


#: Layer -> the table of its current rows.
LAYER_TABLES: Mapping[str, Table] = {name: layer_table(one) for name, one in LAYERS.items()}
#: Name -> table of runs, in the order that they are made.
STORED_RUN_TABLES: Mapping[str, Table] = {one.name: run_table(one) for one in RUN_TABLES}
