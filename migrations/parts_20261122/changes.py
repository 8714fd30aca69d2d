"""Add layers and columns to a database that is in use, and take them out again.

A migration that adds a field or a layer is a call or two of these; docs/develop tells which.
"""

from __future__ import annotations

from alembic import op

from migrations.parts_20261122.rights import give_rights, make_gaps_view, make_placing, make_refresh
from migrations.parts_20261122.tables import TYPES, Plan, drop_history, drop_layer_tables, make_history, make_layer
from migrations.parts_20261122.tiles import make_run_tiles, make_tiles
from migrations.steps import run

_LETTERS = {"text": "t", "double precision": "n", "bigint": "i", "date": "d"}
_OWN = ("fid", "geom", "valid_from", "valid_to", "version", "township", "run", "layer", "extra", "camera_township")
_COLUMNS = """
  SELECT c.column_name, c.data_type FROM information_schema.columns c
  WHERE c.table_schema = 'gridsight' AND c.table_name = '{table}' ORDER BY c.ordinal_position
"""
_SHAPE = "SELECT type FROM public.geometry_columns WHERE f_table_schema = 'gridsight' AND f_table_name = '{table}'"
_KEY = """
  SELECT a.attname FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
  WHERE k.conrelid = 'gridsight.{table}'::regclass AND k.contype = 'u'
"""
_ZONES = ("grids", "microgrids", "villages", "townships", "all")
_RUN_TABLES = ("run_views", "run_possible", "run_gaps", "run_coverage", "run_zones")


def layers_there() -> list[Plan]:
    """Return the layers of the database as they are now, by name."""
    return [_plan(name) for (name,) in _rows("SELECT layer FROM gridsight.revisions ORDER BY layer")]


def add_layer(plan: Plan) -> None:
    """Make a layer with history, rights and tiles."""
    make_layer(plan)
    if plan.is_scoped:
        make_placing(plan.name)
    give_rights(plan)
    renew_shared_functions()


def drop_layer(name: str) -> None:
    """Take a layer out, rows and history included."""
    drop_layer_tables(name)
    run(f"DELETE FROM gridsight.revisions WHERE layer = '{name}'")  # noqa: S608 (a migration's own word)
    renew_shared_functions()


def add_columns(layer: str, columns: str) -> None:
    """Add fields to a layer and its history.

    Parameters
    ----------
    layer
        Its name.
    columns
        ``name letter`` of each, separated by commas (``tables.Plan``).
    """
    for one in columns.split(", "):
        name, letter = one.split()
        for table in (layer, f"{layer}_history"):
            run(f"ALTER TABLE gridsight.{table} ADD COLUMN {name} {TYPES[letter]}")
    _renew_history(layer)


def drop_columns(layer: str, names: str) -> None:
    """Take fields, separated by commas, out of a layer and its history."""
    for name in names.split(", "):
        for table in (layer, f"{layer}_history"):
            run(f"ALTER TABLE gridsight.{table} DROP COLUMN {name}")
    _renew_history(layer)


def add_run_columns(table: str, columns: str) -> None:
    """Add columns, as ``add_columns`` takes them, to a table of runs."""
    for one in columns.split(", "):
        name, letter = one.split()
        run(f"ALTER TABLE gridsight.{table} ADD COLUMN {name} {TYPES[letter]}")
    _renew_run_answers(table)


def drop_run_columns(table: str, names: str) -> None:
    """Take columns, separated by commas, out of a table of runs."""
    if table == "run_gaps":
        run("DROP VIEW gridsight.run_gaps_seen")
    for name in names.split(", "):
        run(f"ALTER TABLE gridsight.{table} DROP COLUMN {name}")
    _renew_run_answers(table)


def _renew_run_answers(table: str) -> None:
    """Make what answers rows of runs anew: tiles, and the view in which planners read gaps."""
    if table == "run_gaps":
        make_gaps_view(_fields(table))
    renew_shared_functions()


def _renew_history(layer: str) -> None:
    """Make the history functions of a layer anew, for the columns that there are now."""
    drop_history(layer)
    make_history(_plan(layer))
    run(f"GRANT EXECUTE ON FUNCTION gridsight.{layer}_version(text) TO gridsight_admin")
    renew_shared_functions()


def renew_shared_functions() -> None:
    """Make the functions that name every layer anew."""
    plans = layers_there()
    make_tiles(plans)
    make_run_tiles({table: _fields(table) for table in _RUN_TABLES}, _ZONES)
    make_refresh([plan.name for plan in plans if plan.is_scoped])


def _plan(name: str) -> Plan:
    columns = {one: kind for one, kind in _rows(_COLUMNS.format(table=name))}  # noqa: C416 (rows are of any length)
    fields = ", ".join(f"{one} {_LETTERS[kind]}" for one, kind in columns.items() if one not in _OWN)
    shape, key = _rows(_SHAPE.format(table=name))[0][0], _rows(_KEY.format(table=name))[0][0]
    return Plan(name, shape, key, fields, is_scoped="township" in columns)


def _fields(table: str) -> list[str]:
    return [one for one, _ in _rows(_COLUMNS.format(table=table)) if one not in _OWN]


def _rows(sql: str) -> list[tuple[str, ...]]:
    return [tuple(row) for row in op.get_bind().exec_driver_sql(sql.replace("%", "%%")).fetchall()]
