"""List the tables and columns that both stores keep, as the catalogue declares them.

Each store writes them in its own dialect (``geopackage.schema``, ``postgis.tables``) and declares no column itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geo.catalog.fields import FIRST_DAY, Kind
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
        """Whether the geometry column takes multi geometries only."""
        return self.shape.startswith("MULTI")


def layer_table(layer: Layer) -> Table:
    """Return the table of the current rows of a layer; layers with several geometry types take any."""
    only = {"point": "POINT", "line": "MULTILINESTRING", "polygon": "MULTIPOLYGON"}
    shape = only[layer.shapes[0]] if len(layer.shapes) == 1 else "GEOMETRY"
    return Table(layer.name, layer.zh, shape, tuple((one.name, one.kind) for one in layer.all_fields))


def run_table(table: RunTable) -> Table:
    """Return a table of runs, with the columns that identify its rows and one for values without a column."""
    fixed: tuple[tuple[str, Kind], ...] = (("run", "text"),)
    if table is ZONE_TABLE:
        fixed = (*fixed, ("layer", "text"))
    fields = tuple((one.name, one.kind) for one in table.fields)
    shape = "MULTIPOLYGON" if table.is_areas else "GEOMETRY"
    return Table(table.name, table.zh, shape, (*fixed, *fields, ("extra", "text")))


#: Columns of a past version in addition to the fields of its layer.
HISTORY_COLUMNS = ("version", "changed_at", "changed_by", "op")

#: Days of hand-written steps of the GeoPackage store (``geopackage.upgrades.STRUCTURE``).
STRUCTURE_DAYS: tuple[str, ...] = ("2026-11-28", "2026-11-29")

#: Layer -> the table of its current rows.
LAYER_TABLES: Mapping[str, Table] = {name: layer_table(one) for name, one in LAYERS.items()}
#: Name -> table of runs, in the order of their creation.
STORED_RUN_TABLES: Mapping[str, Table] = {one.name: run_table(one) for one in RUN_TABLES}

_DECLARED: tuple[Layer | RunTable, ...] = (*LAYERS.values(), *RUN_TABLES)
_DAY_OF_TABLE = {one.name: one.since for one in _DECLARED}
_DAY_OF_COLUMN = {(table.name, one.name): max(table.since, one.since) for table in _DECLARED for one in table.fields}


def day_of_table(name: str) -> str:
    """Return the day on which a layer or a table of runs was declared, ISO 8601."""
    return _DAY_OF_TABLE[name]


def day_of_column(table: str, column: str) -> str:
    """Return the day on which a column was declared, ISO 8601; that of its table for what every table has."""
    return _DAY_OF_COLUMN.get((table, column), _DAY_OF_TABLE[table])


#: Days on which something was declared after the first; each raises the version of a workspace file by one.
DAYS = tuple(sorted({*_DAY_OF_TABLE.values(), *_DAY_OF_COLUMN.values(), *STRUCTURE_DAYS} - {FIRST_DAY}))
