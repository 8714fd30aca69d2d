"""Read which layers and columns a database has while it is migrated."""

from __future__ import annotations

from alembic import op

from migrations.parts_20261122.tables import Plan

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
_ADMINS = "SELECT NOT has_table_privilege('gridsight_planner', 'gridsight.{table}', 'INSERT')"
_RUN_TABLES = ("run_views", "run_possible", "run_gaps", "run_coverage", "run_zones")


def layers_there() -> list[Plan]:
    """Return the layers of the database as they are now, by name."""
    return [plan_of(name) for (name,) in _rows("SELECT layer FROM gridsight.revisions ORDER BY layer")]


def plan_of(name: str) -> Plan:
    """Return a layer as it is now."""
    columns = {one: kind for one, kind in _rows(_COLUMNS.format(table=name))}  # noqa: C416 (rows are of any length)
    fields = ", ".join(f"{one} {_LETTERS[kind]}" for one, kind in columns.items() if one not in _OWN)
    shape, key = _rows(_SHAPE.format(table=name))[0][0], _rows(_KEY.format(table=name))[0][0]
    is_admins = bool(_rows(_ADMINS.format(table=name))[0][0])
    return Plan(name, shape, key, fields, is_scoped="township" in columns, is_admins=is_admins)


def fields_of(table: str) -> list[str]:
    """Return the fields of a table of a layer or of runs, without those that the database adds."""
    return [one for one, _ in _rows(_COLUMNS.format(table=table)) if one not in _OWN]


def run_fields() -> dict[str, list[str]]:
    """Return the fields of each table of runs that has tiles."""
    return {table: fields_of(table) for table in _RUN_TABLES}


def _rows(sql: str) -> list[tuple[str, ...]]:
    return [tuple(row) for row in op.get_bind().exec_driver_sql(sql.replace("%", "%%")).fetchall()]
