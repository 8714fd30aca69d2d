"""Keep the time zone and the epoch of the database; name the state of layers by both counter and time."""

from __future__ import annotations

from typing import Any

from alembic import context

from migrations.parts_20261122.changes import renew_shared_functions
from migrations.parts_20261122.rights import ALL
from migrations.parts_20261122.tables import renew_deletes
from migrations.parts_20261128.there import layers_there
from migrations.steps import begin, run

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_SETTINGS = """
CREATE TABLE gridsight.settings (name text COLLATE "C" PRIMARY KEY, value text COLLATE "C" NOT NULL)
;;
INSERT INTO gridsight.settings VALUES ('time_zone', '{zone}')
;;
GRANT SELECT ON gridsight.settings TO {all}
;;
GRANT INSERT, UPDATE, DELETE ON gridsight.settings TO gridsight_admin
;;
CREATE FUNCTION gridsight.time_zone() RETURNS text STABLE LANGUAGE sql
  RETURN coalesce((SELECT s.value FROM gridsight.settings s WHERE s.name = 'time_zone'), 'Asia/Shanghai')
;;
REVOKE EXECUTE ON FUNCTION gridsight.time_zone() FROM PUBLIC
;;
GRANT EXECUTE ON FUNCTION gridsight.time_zone() TO {all}
;;
CREATE OR REPLACE FUNCTION gridsight.today() RETURNS date STABLE LANGUAGE sql
  RETURN coalesce(nullif(current_setting('app.day', true), '')::date,
    (now() AT TIME ZONE gridsight.time_zone())::date)
"""

# A restored database has the counters of the one that was lost. PostgreSQL gives each cluster, and in it each database
# and table, a number of its own, also where a dump is restored: these tell it apart, by whatever means it was restored.
_STATE = """
CREATE FUNCTION gridsight.epoch() RETURNS text STABLE LANGUAGE sql
  SET search_path = pg_catalog, gridsight, pg_temp
BEGIN ATOMIC
  SELECT left(md5(concat_ws('.', (SELECT c.system_identifier FROM pg_control_system() c),
    (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()),
    (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'gridsight' AND c.relname = 'revisions'))), 12);
END
;;
CREATE FUNCTION gridsight.state_of(VARIADIC layers text[]) RETURNS text STABLE LANGUAGE sql
  SET search_path = pg_catalog, gridsight, pg_temp
BEGIN ATOMIC
  SELECT gridsight.epoch() || coalesce(string_agg(
    '.' || r.revision || '-' || coalesce((extract(epoch FROM r.changed_at) * 1000000)::bigint, 0), ''
    ORDER BY r.layer), '')
  FROM gridsight.revisions r WHERE r.layer = ANY (layers);
END
;;
REVOKE EXECUTE ON FUNCTION gridsight.epoch(), gridsight.state_of(text[]) FROM PUBLIC
;;
GRANT EXECUTE ON FUNCTION gridsight.epoch(), gridsight.state_of(text[]) TO {all}
"""

_UNDO = """
DROP FUNCTION gridsight.state_of(text[]), gridsight.epoch()
;;
CREATE OR REPLACE FUNCTION gridsight.today() RETURNS date STABLE LANGUAGE sql
  RETURN coalesce(nullif(current_setting('app.day', true), '')::date, CURRENT_DATE)
;;
DROP FUNCTION gridsight.time_zone()
;;
DROP TABLE gridsight.settings
"""


def upgrade() -> None:
    """Make the table and the functions; tiles and deletes follow them."""
    begin()
    attributes: dict[str, Any] = context.config.attributes
    zone = str(attributes.get("time_zone") or "Asia/Shanghai").replace("'", "''")
    run(_SETTINGS.format(zone=zone, all=ALL))
    run(_STATE.format(all=ALL))
    renew_shared_functions()
    for plan in layers_there():
        renew_deletes(plan)


def downgrade() -> None:
    """Take them out; tiles name states by counters again."""
    begin()
    run(_UNDO)
    renew_shared_functions()
    for plan in layers_there():
        renew_deletes(plan)
