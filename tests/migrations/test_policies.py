"""Read and write every table in every role: what is seen, refused, and at what cost (docs/contract.md section 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from geo.errors import StoreBroken
from geo.storage.postgis import maintenance
from geo.storage.postgis.tables import metadata
from tests import postgres
from tests.migrations.sample_rows import KEYS, REFERENCE, ROLES, SCOPED, A, B, acting, fill, tables

ROOT = Path(__file__).resolve().parent.parent.parent
NO = "refused"

PLACES = ("places", "claims", "facilities", "areas")
#: Rows seen of the world by viewer, planner of A, planner without a township, admin, worker.
SEEN: dict[str, tuple] = {
    **dict.fromkeys(REFERENCE, (2, 2, 2, 2, 2)),
    "divisions": (3, 3, 3, 3, 3),
    **dict.fromkeys([f"{name}_history" for name in REFERENCE], (0, 0, 0, 0, 0)),
    **dict.fromkeys([f"{name}_history" for name in ("grids", *PLACES)], (1, 1, 1, 1, 1)),
    **dict.fromkeys(SCOPED, (NO, 2, 0, 4, 4)),
    **dict.fromkeys([f"{name}_history" for name in SCOPED], (NO, 1, 0, 2, 2)),
    "revisions": (13, 13, 13, 13, 13),
    "runs": (1, 1, 1, 1, 1),
    "settings": (1, 1, 1, 1, 1),
    "run_zones": (2, 2, 2, 2, 2),
    "run_views": (NO, 1, 0, 2, 2),
    "run_possible": (NO, 1, 0, 2, 2),
    "run_gaps": (NO, 2, 0, 3, 3),
    "run_coverage": (NO, NO, NO, 1, 1),
    "run_coverage_parts": (NO, 1, 0, 2, 2),
    "run_incidence": (NO, NO, NO, 1, 1),
    "audit": (NO, NO, NO, 1, NO),
    "api_keys": (NO, NO, NO, 1, NO),
    "jobs": (1, 1, 1, 2, 2),
    "job_files": (1, 1, 1, 1, 1),
    "sessions": (NO, NO, NO, NO, NO),
    "drafts": (NO, 1, 0, 4, NO),
    "grid_drafts": (NO, 2, 0, 4, NO),
}
CALLERS = (("viewer", None), ("planner", A), ("planner", None), ("admin", None), ("worker", None))


@pytest.fixture(scope="module")
def filled(server: str, migrated: str) -> Iterator[str]:
    """Return the URL of a database that these tests only look at, or change and roll back."""
    with postgres.fresh_database(server, template=migrated) as url:
        fill(url)
        yield url


@pytest.fixture
def own(database: str) -> str:
    fill(database)
    return database


def attempt(conn: psycopg.Connection, sql: str) -> object:
    """Return how many rows a statement touched, or that it was refused; nothing of it stays."""
    try:
        with conn.transaction(force_rollback=True):
            done = conn.execute(sql)
            return done.fetchone()[0] if done.description else done.rowcount
    except psycopg.errors.InsufficientPrivilege:
        return NO


def test_the_matrix_names_every_table(filled: str) -> None:
    with psycopg.connect(filled) as conn:
        assert set(tables(conn)) == set(SEEN) == {table.name for table in metadata.tables.values()}


@pytest.mark.parametrize(
    ("place", "caller"), list(enumerate(CALLERS)), ids=[f"{role}-{scope}" for role, scope in CALLERS]
)
def test_each_role_sees_its_rows(filled: str, place: int, caller: tuple[str, str | None]) -> None:
    with acting(filled, *caller) as conn:
        seen = {name: attempt(conn, f"SELECT count(*) FROM gridsight.{name}") for name in SEEN}
    assert seen == {name: counts[place] for name, counts in SEEN.items()}


@pytest.mark.parametrize("townships", [None, "", ",", "620622", B + "0", f"{A}' OR 'x", "%"])
def test_a_scope_that_names_no_township_of_theirs_sees_nothing(filled: str, townships: str | None) -> None:
    with acting(filled, "planner", townships) as conn:
        for name in (*SCOPED, "run_views", "run_gaps", "run_coverage_parts", "drafts", "grid_drafts"):
            assert attempt(conn, f"SELECT count(*) FROM gridsight.{name}") == 0


def test_a_scope_of_several_townships(filled: str) -> None:
    with acting(filled, "planner", f"{A},{B}") as conn:
        assert conn.execute("SELECT array_agg(id ORDER BY id) FROM gridsight.cameras").fetchone() == (
            ["a1", "a2", "b1"],
        )


def test_a_draft_is_written_within_the_townships_of_its_places(filled: str) -> None:
    with acting(filled, "planner", A) as conn:
        moved = "UPDATE gridsight.drafts SET places = '[[102.5, 37.5]]', townships = ARRAY['{}'] WHERE id = 'd1'"
        assert attempt(conn, moved.format(A)) == NO, "what is said of the townships counts for nothing"
        assert attempt(conn, "UPDATE gridsight.drafts SET name = 'x'") == 1
        assert attempt(conn, "DELETE FROM gridsight.drafts") == 1


def test_a_planner_approves_no_change_of_grids_and_takes_back_none(filled: str) -> None:
    change = "UPDATE gridsight.grid_drafts SET {} WHERE id = '{}'"
    with acting(filled, "planner", A) as conn:
        assert attempt(conn, change.format("state = 'approved'", "e1")) == NO
        assert attempt(conn, change.format("state = 'withdrawn'", "e1")) == 1
        assert attempt(conn, change.format("state = 'withdrawn'", "e3")) == 0, "what is approved is the admin's"
        assert attempt(conn, change.format("places = '[[102.5, 37.5]]'", "e1")) == NO
        assert attempt(conn, change.format("name = 'x'", "e2")) == 0
        assert attempt(conn, "DELETE FROM gridsight.grid_drafts") == NO
    with acting(filled, "admin") as conn:
        assert attempt(conn, "UPDATE gridsight.grid_drafts SET state = 'approved'") == 4
        assert attempt(conn, "DELETE FROM gridsight.grid_drafts") == NO


def test_the_login_by_itself_sees_nothing(filled: str) -> None:
    login = postgres.service_url(filled)
    with psycopg.connect(login) as conn:
        for name in SEEN:
            assert attempt(conn, f"SELECT count(*) FROM gridsight.{name}") == NO, name
        assert attempt(conn, "SELECT count(*) FROM gridsight.key_of('k1')") == NO
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("SELECT set_config('role', 'gridsight_owner', true)")


def test_writing_a_reference_layer_needs_the_township(filled: str) -> None:
    for name in REFERENCE:
        key, fixed = KEYS.get(name, "id"), "id = id" if name not in KEYS else "valid_to = '2031-01-01'"
        change = f"UPDATE gridsight.{name} SET {fixed}"
        shape = f"SELECT geom, 'new' FROM gridsight.{name} WHERE ST_X(ST_Centroid(geom)) "
        west, east = (f"INSERT INTO gridsight.{name} (geom, {key}) {shape} {side}" for side in ("< 102", "> 102"))
        with acting(filled, "planner", A) as conn:
            if name in ("divisions", "claims"):
                # Editing a township changes a scope; a claim is made for the whole county.
                assert [attempt(conn, sql) for sql in (change, west, f"DELETE FROM gridsight.{name}")] == [NO] * 3
                continue
            assert attempt(conn, change) == 1, name
            assert attempt(conn, west) == 1
            assert attempt(conn, east) == NO
            assert attempt(conn, f"DELETE FROM gridsight.{name}") == 1
            away = f"UPDATE gridsight.{name} SET geom = ST_Translate(geom, 1, 0) WHERE ST_XMax(geom) < 102"
            assert attempt(conn, away) == NO, "a row cannot be moved out of the scope"
        with acting(filled, "admin") as conn:
            assert attempt(conn, f"DELETE FROM gridsight.{name}") >= 2
        for role in ("viewer", "worker"):
            with acting(filled, role) as conn:
                assert [attempt(conn, sql) for sql in (change, west, f"DELETE FROM gridsight.{name}")] == [NO] * 3


def test_writing_a_scoped_layer_stays_in_scope(filled: str) -> None:
    point = "ST_SetSRID(ST_MakePoint({0}, 37.5), 4326)"
    for name in SCOPED:
        put = f"INSERT INTO gridsight.{name} (geom, id, township) VALUES ({point}, '{{1}}', {{2}})"
        with acting(filled, "planner", A) as conn:
            assert attempt(conn, f"UPDATE gridsight.{name} SET kind = 'y'") == 2
            assert attempt(conn, f"UPDATE gridsight.{name} SET kind = 'y' WHERE id = 'b1'") == 0
            assert attempt(conn, f"DELETE FROM gridsight.{name}") == 2
            assert attempt(conn, put.format(101.5, "new", "NULL")) == 1
            assert attempt(conn, put.format(102.5, "new", "NULL")) == NO
            assert attempt(conn, put.format(102.5, "new", f"'{A}'")) == NO, (
                "a planner's word on townships counts nothing"
            )
            assert attempt(conn, put.format(101.5, "new", f"'{B}'")) == 1
            assert attempt(conn, put.format(110, "new", "NULL")) == NO
            assert attempt(conn, f"UPDATE gridsight.{name} SET geom = {point.format(102.5)} WHERE id = 'a2'") == NO
            assert attempt(conn, f"UPDATE gridsight.{name} SET township = '{B}' WHERE id = 'a2'") == 1
            upsert = put.format(101.5, "b1", "NULL") + " ON CONFLICT (id) DO UPDATE SET kind = 'mine'"
            assert attempt(conn, upsert) == NO
        with acting(filled, "admin") as conn:
            assert attempt(conn, f"DELETE FROM gridsight.{name}") == 4
        for role in ("viewer", "worker"):
            with acting(filled, role) as conn:
                assert attempt(conn, put.format(101.5, "new", "NULL")) == NO


def test_a_planners_edit_is_recorded_though_history_is_closed_to_them(filled: str) -> None:
    with acting(filled, "planner", A, actor="ann") as conn:
        conn.execute("UPDATE gridsight.cameras SET kind = 'dome' WHERE id = 'a2'")
        conn.execute("DELETE FROM gridsight.cameras WHERE id = 'a1'")
        found = conn.execute(
            "SELECT id, version, op, changed_by FROM gridsight.cameras_history WHERE changed_by = 'ann' ORDER BY 1"
        ).fetchall()
        assert found == [("a1", 2, "delete", "ann"), ("a2", 1, "update", "ann")]
        assert conn.execute("SELECT changed_by FROM gridsight.revisions WHERE layer = 'cameras'").fetchone() == ("ann",)
        for name in ("cameras_history", "grids_history", "revisions"):
            for sql in (f"DELETE FROM gridsight.{name}", f"UPDATE gridsight.{name} SET changed_by = 'eve'"):
                assert attempt(conn, sql) == NO
    with acting(filled, "admin") as conn:
        assert attempt(conn, "DELETE FROM gridsight.cameras_history") == NO
        assert attempt(conn, "UPDATE gridsight.cameras_history SET changed_by = 'eve'") == NO


def test_runs_are_written_by_worker_and_admin_alone(filled: str) -> None:
    for name in ("runs", "run_views", "run_gaps", "run_zones", "run_coverage", "run_coverage_parts", "run_incidence"):
        for role, scope in CALLERS:
            with acting(filled, role, scope) as conn:
                gone = attempt(conn, f"DELETE FROM gridsight.{name}")
                own = 0 if (name, role) == ("runs", "planner") else NO  # a planner may, but has made none
                assert gone == (own if role in ("viewer", "planner") else SEEN[name][3]), (name, role)
    with acting(filled, "worker") as conn:
        conn.execute("DELETE FROM gridsight.runs")
        assert attempt(conn, "SELECT count(*) FROM gridsight.run_gaps") == 0, "a run goes whole"


def test_a_camera_out_of_scope_is_null_in_a_gap(filled: str) -> None:
    look = "SELECT array_agg(camera ORDER BY rank) FROM gridsight.run_gaps_seen"
    for role, scope, expected in (
        ("planner", A, ["a1", None]),
        ("planner", B, ["b1"]),
        ("admin", None, ["a1", "b1", "b1"]),
        ("worker", None, ["a1", "b1", "b1"]),
    ):
        with acting(filled, role, scope) as conn:
            assert conn.execute(look).fetchone() == (expected,)


def test_the_audit_only_grows(filled: str) -> None:
    for role in ROLES:
        with acting(filled, role) as conn:
            assert attempt(conn, "INSERT INTO gridsight.audit (who, action) VALUES ('ann', 'print')") == 1
            assert attempt(conn, "INSERT INTO gridsight.audit (id, who) VALUES (1, 'ann')") == NO
            assert attempt(conn, "INSERT INTO gridsight.audit (at, who) VALUES ('2020-01-01', 'ann')") == NO
    for sql in ("UPDATE gridsight.audit SET who = 'eve'", "DELETE FROM gridsight.audit", "TRUNCATE gridsight.audit"):
        for role in ROLES:
            with acting(filled, role) as conn:
                assert attempt(conn, sql) == NO
        with psycopg.connect(filled) as conn:
            assert attempt(conn, sql) == NO, "not even a superuser, by mistake"
            conn.execute("SET session_replication_role = replica")
            assert attempt(conn, sql) == NO


def test_keys_are_found_one_by_one(filled: str) -> None:
    for role in ROLES:
        with acting(filled, role) as conn:
            row = conn.execute("SELECT name, role, townships, hash, used FROM gridsight.key_of('k1')").fetchone()
            assert row == ("machine", "planner", [A], b"\xff", None)
            assert conn.execute("SELECT count(*) FROM gridsight.key_of('k2')").fetchone() == (0,)
            assert conn.execute("SELECT count(*) FROM gridsight.key_of('')").fetchone() == (0,)
            conn.execute("SELECT gridsight.key_used('k1')")
            assert conn.execute("SELECT used = now() FROM gridsight.key_of('k1')").fetchone() == (True,)
    with acting(filled, "admin") as conn:
        assert attempt(conn, "UPDATE gridsight.api_keys SET revoked = now()") == 1
        assert attempt(conn, "DELETE FROM gridsight.api_keys") == NO, "a revoked key stays on record"
        with pytest.raises(psycopg.errors.CheckViolation):
            conn.execute("INSERT INTO gridsight.api_keys (id, hash, name, role) VALUES ('k', '', 'n', 'worker')")


def test_jobs_are_seen_by_their_owner(filled: str) -> None:
    with acting(filled, "planner", A, actor="bob") as conn:
        assert conn.execute("SELECT id FROM gridsight.jobs").fetchall() == [("j2",)]
        new = "INSERT INTO gridsight.jobs (id, process, status, inputs, owner, role, created, owner_id) "
        assert attempt(conn, f"{new} VALUES ('j3', 'analyze', 'accepted', '{{}}', 'bob', 'planner', 't', 'ann')") == NO
        conn.execute(f"{new} VALUES ('j3', 'analyze', 'accepted', '{{}}', 'bob', 'planner', 't', 'bob')")
        assert attempt(conn, "UPDATE gridsight.jobs SET message = 'x' WHERE id <> 'j2'") == 1
        assert attempt(conn, "UPDATE gridsight.jobs SET owner_id = 'ann' WHERE id = 'j3'") == NO
        assert attempt(conn, "DELETE FROM gridsight.jobs") == NO
    with acting(filled, "planner", A, actor="") as conn:
        assert attempt(conn, "SELECT count(*) FROM gridsight.jobs") == 0
    with acting(filled, "viewer", actor="bob") as conn:
        assert attempt(conn, "SELECT count(*) FROM gridsight.jobs") == 1
        assert attempt(conn, "UPDATE gridsight.jobs SET message = 'x'") == NO


def test_files_of_jobs_are_seen_by_the_owner_of_the_job(filled: str) -> None:
    count = "SELECT count(*) FROM gridsight.job_files"
    with acting(filled, "planner", B, actor="ann") as conn:
        assert attempt(conn, count) == 1
        assert attempt(conn, "DELETE FROM gridsight.job_files") == 1
        assert attempt(conn, "UPDATE gridsight.job_files SET name = 'x'") == NO
        assert attempt(conn, "INSERT INTO gridsight.job_files VALUES ('j1', 'a', 'b', 'c', 'd')") == NO
    with acting(filled, "planner", None, actor="bob") as conn:
        assert (attempt(conn, count), attempt(conn, "DELETE FROM gridsight.job_files")) == (0, 0)


def test_nobody_asks_for_estimated_extents(filled: str) -> None:
    ask = "SELECT ST_EstimatedExtent('gridsight', 'cameras', 'geom') IS NULL"
    for role in ROLES:
        with acting(filled, role, A) as conn:
            assert attempt(conn, ask) == NO


def test_functions_of_the_owner_have_a_fixed_search_path(filled: str) -> None:
    with psycopg.connect(filled) as conn:
        loose = conn.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'gridsight'::regnamespace AND prosecdef AND NOT EXISTS "
            "(SELECT FROM unnest(proconfig) AS set(one) WHERE one LIKE 'search_path=%, pg_temp' "
            " OR one LIKE 'search_path=%, \"pg_temp\"')"
        ).fetchall()
        public = conn.execute(
            "SELECT proname FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) acl "
            "WHERE p.pronamespace = 'gridsight'::regnamespace AND acl.grantee = 0 AND proname !~ '^procrastinate_'"
        ).fetchall()
        forced = conn.execute("SELECT relname FROM pg_class WHERE relforcerowsecurity").fetchall()
        views = conn.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'v' AND relnamespace = 'gridsight'::regnamespace "
            "AND NOT coalesce('security_invoker=true' = ANY(reloptions), false)"
        ).fetchall()
        owners = conn.execute(
            "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = 'gridsight'::regnamespace"
        ).fetchall()
    assert (loose, public, forced, views) == ([], [], [], [])
    assert owners == [("gridsight_owner",)]


def plan(conn: psycopg.Connection, sql: str) -> str:
    return "\n".join(row[0] for row in conn.execute(f"EXPLAIN {sql}"))


def test_a_box_uses_the_index_under_a_policy(own: str) -> None:
    """Without the leakproof mark the same plan reads every row of the township: the test sees the difference."""
    box = "SELECT count(*) FROM gridsight.cameras WHERE geom && ST_MakeEnvelope(101.5, 37.5, 101.501, 37.501, 4326)"
    exact = box + " AND ST_Intersects(geom, ST_MakeEnvelope(101.5, 37.5, 101.501, 37.501, 4326))"
    with psycopg.connect(own, autocommit=True) as conn:
        conn.execute(
            "INSERT INTO gridsight.cameras (geom, id, township) "
            "SELECT ST_SetSRID(ST_MakePoint(101 + (i % 100) / 100.0, "
            f"37 + i / 6000.0), 4326), 'm' || i, '{A}' FROM generate_series(1, 6000) i"
        )
        conn.execute("ANALYZE gridsight.cameras")
    with acting(own, "planner", A) as conn:
        assert "cameras_geom" in plan(conn, box)
        assert "cameras_geom" in plan(conn, exact)
    login = postgres.service_url(own)
    assert maintenance.require_startup_checks(login) == []
    with psycopg.connect(own, autocommit=True) as conn:
        conn.execute("ALTER FUNCTION public.geometry_overlaps(public.geometry, public.geometry) NOT LEAKPROOF")
    with acting(own, "planner", A) as conn:
        assert "cameras_geom" not in plan(conn, box)
    warned = maintenance.require_startup_checks(login)
    assert len(warned) == 1
    assert "gridsight db upgrade" in warned[0]
    maintenance.upgrade(own)
    assert maintenance.require_startup_checks(login) == []


def test_a_page_of_keys_uses_the_index_under_a_policy(own: str) -> None:
    with psycopg.connect(own, autocommit=True) as conn:
        conn.execute(
            "INSERT INTO gridsight.cameras (geom, id, township) SELECT ST_SetSRID(ST_MakePoint(101.5, 37.5), 4326), "
            f"'m' || i, CASE WHEN i % 2 = 0 THEN '{A}' ELSE '{B}' END FROM generate_series(1, 5000) i"
        )
        conn.execute("ANALYZE gridsight.cameras")
    with acting(own, "planner", A) as conn:
        assert "Seq Scan on cameras" not in plan(
            conn, "SELECT * FROM gridsight.cameras WHERE id > 'm4000' ORDER BY id LIMIT 10"
        )


def test_the_server_refuses_a_login_with_rights_of_its_own(own: str) -> None:
    name = own.rpartition("/")[2]
    login = f"login_{name}"
    theirs = postgres.database_url(own, name, login=login)
    roles = "gridsight_viewer, gridsight_planner, gridsight_admin, gridsight_worker"
    with psycopg.connect(own, autocommit=True) as conn:
        conn.execute(f"CREATE ROLE {login} LOGIN NOINHERIT")
        try:
            with pytest.raises(StoreBroken, match="member"):
                maintenance.require_startup_checks(theirs)
            conn.execute(f"GRANT {roles} TO {login}")
            assert maintenance.require_startup_checks(theirs) == []
            for give, take in (
                (f"ALTER ROLE {login} BYPASSRLS", f"ALTER ROLE {login} NOBYPASSRLS"),
                (f"ALTER ROLE {login} CREATEROLE", f"ALTER ROLE {login} NOCREATEROLE"),
                (f"ALTER ROLE {login} INHERIT", f"ALTER ROLE {login} NOINHERIT"),
                (f"GRANT gridsight_owner TO {login}", f"REVOKE gridsight_owner FROM {login}"),
                (f"GRANT SELECT ON gridsight.roads TO {login}", f"REVOKE SELECT ON gridsight.roads FROM {login}"),
                ("GRANT SELECT ON gridsight.roads TO PUBLIC", "REVOKE SELECT ON gridsight.roads FROM PUBLIC"),
                (
                    "ALTER TABLE gridsight.cameras DISABLE ROW LEVEL SECURITY",
                    "ALTER TABLE gridsight.cameras ENABLE ROW LEVEL SECURITY",
                ),
            ):
                conn.execute(give)
                with pytest.raises(StoreBroken):
                    maintenance.require_startup_checks(theirs)
                conn.execute(take)
            assert maintenance.require_startup_checks(theirs) == []
        finally:
            conn.execute(f"DROP OWNED BY {login}")
            conn.execute(f"DROP ROLE {login}")
    with pytest.raises(StoreBroken, match="superuser"):
        maintenance.require_startup_checks(own)


def test_a_plain_set_role_is_written_nowhere() -> None:
    """It outlives the transaction on a pooled connection, and the next request has the last one's rights."""
    plain = re.compile(r"""["'\s(]SET\s+(?:SESSION\s+|LOCAL\s+)?(?:ROLE|SESSION\s+AUTHORIZATION)\b\s*(?!_)""", re.I)
    session = re.compile(r"set_config\(\s*'(?:role|app\.\w+)'\s*,[^)]*false", re.I)
    assert plain.search("conn.execute('SET ROLE gridsight_admin')")
    for package in ("geo", "maps", "api", "migrations", "deploy"):
        for path in (ROOT / package).rglob("*"):
            if path.suffix not in {".py", ".sql", ".sh", ".yaml"} or not path.is_file():
                continue
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if "plain SET" in line:
                    continue  # a comment that says why not
                assert not plain.search(line), f"{path}:{number}"
                assert not session.search(line), f"{path}:{number}"
