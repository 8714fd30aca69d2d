"""Add fields and layers to a database that is in use, as later migrations do, and take them out again."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from geo.storage.postgis.urls import engine_url
from migrations.parts_20261122 import changes
from migrations.parts_20261122.tables import Plan
from migrations.steps import begin
from tests import postgres
from tests.migrations.sample_rows import acting, fill

BENCHES = Plan("benches", "POINT", "id", "id t, seats i, wood n, since d", is_scoped=True)
PLAZAS = Plan("plazas", "MULTIPOLYGON", "code", "code t, name t")


@contextmanager
def changing(url: str) -> Iterator[None]:
    """Run steps of a migration on a database, in one transaction."""
    engine = sa.create_engine(engine_url(url), poolclass=sa.pool.NullPool)
    with engine.begin() as conn, Operations.context(MigrationContext.configure(conn)):
        begin()
        yield


def schema(url: str) -> list[str]:
    """Return the statements that make the database, sorted, without comments and what differs at every dump."""
    program = postgres.programs()
    assert program is not None
    dumped = subprocess.run([program / "pg_dump", "--schema-only", url], capture_output=True, text=True, check=True)
    plain = re.sub(r"^(--|\\).*\n", "", dumped.stdout, flags=re.M)
    return sorted(re.split(r";\n\n", plain))


@pytest.mark.parametrize(
    ("change", "back"),
    [
        (
            lambda: changes.add_columns("cameras", "heated t, poles i"),
            lambda: changes.drop_columns("cameras", "heated, poles"),
        ),
        (lambda: changes.add_columns("grids", "lamps n"), lambda: changes.drop_columns("grids", "lamps")),
        (lambda: changes.add_layer(BENCHES), lambda: changes.drop_layer("benches")),
        (lambda: changes.add_layer(PLAZAS), lambda: changes.drop_layer("plazas")),
        (
            lambda: changes.add_run_columns("run_gaps", "seen_share n"),
            lambda: changes.drop_run_columns("run_gaps", "seen_share"),
        ),
        (
            lambda: changes.add_run_columns("run_zones", "k4_share n"),
            lambda: changes.drop_run_columns("run_zones", "k4_share"),
        ),
    ],
    ids=["scoped layer's fields", "reference layer's field", "scoped layer", "reference layer", "gaps", "zones"],
)
def test_there_and_back_is_where_it_was(database: str, change: Callable[[], None], back: Callable[[], None]) -> None:
    # The shared functions are written anew by any change: the first one brings them to the form of these parts.
    with changing(database):
        changes.add_columns("roads", "lanes i")
        changes.drop_columns("roads", "lanes")
    before = schema(database)
    with changing(database):
        change()
    there = schema(database)
    assert there != before
    with changing(database):
        back()
    assert schema(database) == before


def test_an_old_row_is_kept_and_the_new_field_has_a_history(database: str) -> None:
    fill(database)
    with psycopg.connect(database) as conn:
        rows = conn.execute("SELECT id, status, version FROM gridsight.cameras ORDER BY id").fetchall()
    with changing(database):
        changes.add_columns("cameras", "heated t")
    with psycopg.connect(database) as conn:
        assert conn.execute("SELECT id, status, version FROM gridsight.cameras ORDER BY id").fetchall() == rows
        key = rows[0][0]
        conn.execute("UPDATE gridsight.cameras SET heated = 'yes' WHERE id = %s", (key,))
        conn.execute("UPDATE gridsight.cameras SET heated = 'no' WHERE id = %s", (key,))
        past = conn.execute(
            "SELECT heated FROM gridsight.cameras_history WHERE id = %s ORDER BY version DESC LIMIT 2", (key,)
        ).fetchall()
        assert past == [("yes",), (None,)]


def test_tiles_carry_what_was_added(database: str) -> None:
    fill(database)
    with changing(database):
        changes.add_columns("cameras", "heated t")
        changes.add_layer(PLAZAS)
    with psycopg.connect(database) as conn:
        conn.execute("UPDATE gridsight.cameras SET heated = 'yes'")
        conn.execute(
            "INSERT INTO gridsight.plazas (geom, code, name) SELECT ST_Multi(ST_Buffer(geom, 5)), id, 'p' "
            "FROM gridsight.cameras LIMIT 1"
        )
        for layer, word in (("cameras", b"heated"), ("plazas", b"name")):
            sql = (
                "SELECT tile FROM gridsight.tile('gridsight_admin', NULL, %s, CURRENT_DATE, CURRENT_DATE, "
                "'WebMercatorQuad', 0, 0, 0, NULL)"
            )
            tile = conn.execute(sql, (layer,)).fetchone()[0]
            conn.execute("RESET ROLE")
            assert word in tile


def test_layers_of_own_zones_have_tiles_and_no_other_name_has(database: str) -> None:
    """Each kind of areas is a layer of a run by its name, which no function of the database lists."""
    fill(database)
    with psycopg.connect(database) as conn:
        conn.execute("UPDATE gridsight.run_zones SET layer = 'areas:重点区域' WHERE code = 'ga'")
        call = "gridsight.run_tile('gridsight_viewer', NULL, 'r1', %s, 'WebMercatorQuad', 0, 0, 0, NULL)"
        sql = f"SELECT tile FROM {call}"
        first, second = b"\n\x02ga", b"\n\x02gb"  # the codes as texts of a tile; gap_m2 is a field
        tiles = {}
        for layer in ("areas:重点区域", "areas:other", "grids"):
            tiles[layer] = bytes(conn.execute(sql, (layer,)).fetchone()[0])
            conn.execute("RESET ROLE")
        assert first in tiles["areas:重点区域"]
        assert "areas:重点区域".encode() in tiles["areas:重点区域"]
        assert (tiles["areas:other"], first in tiles["grids"], second in tiles["grids"]) == (b"", False, True)
        for layer in ("areas:", "areas", "plazas"):
            with pytest.raises(psycopg.errors.InvalidParameterValue), conn.transaction():
                conn.execute(sql, (layer,))


@pytest.mark.parametrize(("plan", "like"), [(BENCHES, "cameras"), (PLAZAS, "roads")], ids=["scoped", "reference"])
def test_a_new_layer_has_the_rights_of_its_kind(database: str, plan: Plan, like: str) -> None:
    with changing(database):
        changes.add_layer(plan)
    with psycopg.connect(database) as conn:

        def rights(layer: str) -> list[tuple[object, ...]]:
            granted = conn.execute(
                "SELECT replace(table_name, %s, 'x'), grantee, privilege_type "
                "FROM information_schema.role_table_grants WHERE table_schema = 'gridsight' AND table_name IN (%s, %s)",
                (layer, layer, f"{layer}_history"),
            ).fetchall()
            policies = conn.execute(
                "SELECT replace(tablename, %s, 'x'), policyname, roles::text, cmd, qual, with_check FROM pg_policies "
                "WHERE schemaname = 'gridsight' AND tablename IN (%s, %s)",
                (layer, layer, f"{layer}_history"),
            ).fetchall()
            return sorted(map(str, [*granted, *policies]))

        assert rights(plan.name) == rights(like)


def test_a_planner_sees_new_scoped_rows_of_its_townships_only(database: str) -> None:
    fill(database)
    with changing(database):
        changes.add_layer(BENCHES)
    with psycopg.connect(database) as conn:
        conn.execute("INSERT INTO gridsight.benches (geom, id, seats) SELECT geom, id, 2 FROM gridsight.cameras")
        townships = conn.execute("SELECT id, township FROM gridsight.benches ORDER BY id").fetchall()
        assert townships == conn.execute("SELECT id, township FROM gridsight.cameras ORDER BY id").fetchall()
    own = next(one for _, one in townships if one)
    with acting(database, "planner", own) as conn:
        assert conn.execute("SELECT DISTINCT township FROM gridsight.benches").fetchall() == [(own,)]
