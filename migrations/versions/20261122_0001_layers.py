"""Make roles, schema, layers with their history, revisions and runs."""

from __future__ import annotations

from migrations.parts_20261122.tables import Plan, drop_layer_tables, make_layer, make_run_table
from migrations.steps import begin, run

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


#: Layer -> shape, key, fields as they were on this date.
_LAYERS = {
    "divisions": ("MULTIPOLYGON", "code", "code t, name t, level t, parent t"),
    "grids": (
        "MULTIPOLYGON",
        "code",
        "code t, name t, kind t, level i, village t, parent t, households i, population i, staff i",
    ),
    "villages": ("GEOMETRY", "code", "code t, name t, households i, population i"),
    "cameras": (
        "POINT",
        "id",
        (
            "id t, site t, name t, class i, kind t, azimuth n, hfov n, vfov n, tilt n, roll n, projection t, height n, "
            "width_px i, height_px i, max_range n, status t, owner t, place_type t, source t"
        ),
    ),
    "obstacles": ("MULTIPOLYGON", "id", "id t, height n"),
    "roads": ("MULTILINESTRING", "id", "id t, class t, width n, name t"),
    "demand": ("GEOMETRY", "id", "id t, weight n, name t, kind t"),
    "protected": ("GEOMETRY", "id", "id t, kind t, name t, rule t"),
    "addresses": ("POINT", "id", "id t, text t, standard t, aliases t, building t, grid t"),
}
_SCOPED = ("cameras", "demand", "protected")

_VIEW = "run t, id t, site t, status t, area_m2 n, range_m n, assumed t, extra t, township t"
_RUNS = {
    "run_views": ("MULTIPOLYGON", _VIEW),
    "run_possible": ("MULTIPOLYGON", _VIEW),
    "run_coverage": ("GEOMETRY", "run t, k i, area_m2 n, extra t"),
    "run_zones": (
        "MULTIPOLYGON",
        (
            "run t, layer t, code t, name t, kind t, level t, village t, parent t, households i, population i, "
            "staff i, domain_m2 n, domain_weight n, sure_m2 n, possible_m2 n, sure_share n, possible_share n, "
            "k2_share n, k3_share n, c1_share n, c2_share n, c3_share n, gap_m2 n, cameras i, offline i, seeing i, "
            "extra t"
        ),
    ),
    "run_gaps": (
        "GEOMETRY",
        (
            "run t, rank i, grid t, area_m2 n, weight n, cause t, camera t, obstacle t, distance_m n, lon n, lat n, "
            "extra t, township t, camera_township t"
        ),
    ),
}

# A role is of the whole cluster: another database may use it, so it is made where absent and never dropped.
_ROLES = """
DO $$
DECLARE one text;
BEGIN
  FOREACH one IN ARRAY ARRAY['viewer', 'planner', 'admin', 'worker', 'owner'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gridsight_' || one) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', 'gridsight_' || one);
    END IF;
  END LOOP;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gridsight') THEN
    CREATE ROLE gridsight LOGIN NOINHERIT;
  END IF;
  FOREACH one IN ARRAY ARRAY['viewer', 'planner', 'admin', 'worker'] LOOP
    IF NOT EXISTS (
      SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles u ON u.oid = m.member
      WHERE r.rolname = 'gridsight_' || one AND u.rolname = 'gridsight'
    ) THEN
      EXECUTE format('GRANT %I TO gridsight', 'gridsight_' || one);
    END IF;
  END LOOP;
  IF NOT pg_has_role(current_user, 'gridsight_owner',
                     CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
    EXECUTE format('GRANT gridsight_owner TO %I', current_user);
  END IF;
  -- Whoever is given a schema must be one that could have made it.
  EXECUTE format('GRANT CREATE ON DATABASE %I TO gridsight_owner', current_database());
END
$$
;;
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'postgis') THEN
    CREATE EXTENSION postgis SCHEMA public;
  END IF;
END
$$
;;
ALTER SCHEMA gridsight OWNER TO gridsight_owner
;;
ALTER TABLE gridsight.alembic_version OWNER TO gridsight_owner
;;
REVOKE ALL ON SCHEMA gridsight FROM PUBLIC
"""

_WORDS = """
CREATE FUNCTION gridsight.today() RETURNS date STABLE LANGUAGE sql
  RETURN coalesce(nullif(current_setting('app.day', true), '')::date, CURRENT_DATE)
;;
CREATE FUNCTION gridsight.actor() RETURNS text STABLE LANGUAGE sql
  RETURN coalesce(nullif(current_setting('app.actor', true), ''), 'external')
;;
CREATE TABLE gridsight.revisions (
  layer text COLLATE "C" PRIMARY KEY, revision bigint NOT NULL DEFAULT 0, changed_at timestamptz,
  changed_by text COLLATE "C")
;;
CREATE FUNCTION gridsight.touch(changed text) RETURNS void LANGUAGE sql
  SET search_path = pg_catalog, gridsight, public, pg_temp
BEGIN ATOMIC
  UPDATE gridsight.revisions
  SET revision = revision + 1, changed_at = now(), changed_by = gridsight.actor() WHERE layer = changed;
END
;;
REVOKE EXECUTE ON FUNCTION gridsight.today(), gridsight.actor(), gridsight.touch(text) FROM PUBLIC
"""


_RUN_HEADS = """
CREATE TABLE gridsight.runs (
  id text COLLATE "C" PRIMARY KEY, created text COLLATE "C" NOT NULL, options text COLLATE "C" NOT NULL,
  summary text COLLATE "C" NOT NULL, crs text COLLATE "C" NOT NULL, layers text COLLATE "C" NOT NULL)
;;
CREATE TABLE gridsight.run_incidence (
  run text COLLATE "C" PRIMARY KEY REFERENCES gridsight.runs ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  incidence bytea NOT NULL)
"""


def upgrade() -> None:
    """Make everything; the schema itself and alembic's table in it are there already."""
    begin(as_owner=False)
    run(_ROLES)
    begin()
    run(_WORDS)
    for name, (shape, key, columns) in _LAYERS.items():
        make_layer(Plan(name, shape, key, columns, is_scoped=name in _SCOPED))
    run(_RUN_HEADS)
    for name, (shape, columns) in _RUNS.items():
        make_run_table(name, shape, columns)


def downgrade() -> None:
    """Take everything out but the schema and the roles, which other databases may use."""
    begin()
    for name in (*_RUNS, "run_incidence", "runs"):
        run(f"DROP TABLE gridsight.{name}")
    for name in _LAYERS:
        drop_layer_tables(name)
    run("DROP FUNCTION gridsight.touch(text), gridsight.actor(), gridsight.today()")
    run("DROP TABLE gridsight.revisions")
