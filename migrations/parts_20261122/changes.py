"""Add layers and columns to a database that is in use, and take them out again.

A migration that adds a field or a layer is a call or two of these; docs/develop tells which.
"""

from __future__ import annotations

from migrations.parts_20261122.rights import give_rights, make_placing, make_refresh
from migrations.parts_20261122.tables import TYPES, Plan, drop_history, drop_layer_tables, make_history, make_layer
from migrations.parts_20261122.tiles import make_tiles
from migrations.parts_20261128.seen import make_gaps_view, make_seen_tiles
from migrations.parts_20261128.there import fields_of, layers_there, plan_of, run_fields
from migrations.parts_20261128.within import can_hold_within, hold_within
from migrations.parts_20261129 import cameras_of_run
from migrations.steps import run


def add_layer(plan: Plan) -> None:
    """Make a layer with history, rights and tiles."""
    make_layer(plan)
    if plan.is_scoped:
        make_placing(plan.name)
    give_rights(plan)
    _hold_within(plan)
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
        make_gaps_view(fields_of(table))
    renew_shared_functions()


def _renew_history(layer: str) -> None:
    """Make the history functions of a layer anew, for the columns that there are now."""
    drop_history(layer)
    make_history(plan_of(layer))
    run(f"GRANT EXECUTE ON FUNCTION gridsight.{layer}_version(text) TO gridsight_admin")
    _hold_within(plan_of(layer))
    renew_shared_functions()


def renew_shared_functions() -> None:
    """Make the functions that name every layer anew."""
    plans = layers_there()
    make_tiles(plans)
    make_seen_tiles(run_fields())
    scoped = [plan.name for plan in plans if plan.is_scoped]
    if cameras_of_run.has_cameras_of_run():
        cameras_of_run.make_refresh(scoped)
    else:
        make_refresh(scoped)


def _hold_within(plan: Plan) -> None:
    """Hold planners within their townships in a layer that they may write; a later step may be the first to do so."""
    if not plan.is_admins and can_hold_within():
        hold_within(plan)
