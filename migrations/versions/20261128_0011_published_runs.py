"""Keep who made a run and when it was published; planners may delete their own."""

from __future__ import annotations

from migrations.parts_20261122.rights import ALL
from migrations.steps import begin, run

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# What everybody has seen until now stays what everybody sees: the newest run is published.
_RUNS = """
ALTER TABLE gridsight.runs ADD COLUMN maker text COLLATE "C" NOT NULL DEFAULT '',
  ADD COLUMN maker_role text COLLATE "C" NOT NULL DEFAULT '', ADD COLUMN published text COLLATE "C" NOT NULL DEFAULT ''
;;
UPDATE gridsight.runs SET published = to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
WHERE id = (SELECT max(r.id) FROM gridsight.runs r)
;;
INSERT INTO gridsight.settings SELECT 'published', max(r.id) FROM gridsight.runs r HAVING max(r.id) IS NOT NULL
;;
ALTER TABLE gridsight.runs ENABLE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON gridsight.runs FOR SELECT TO {all} USING (true)
;;
CREATE POLICY everything ON gridsight.runs TO gridsight_admin, gridsight_worker USING (true) WITH CHECK (true)
;;
GRANT DELETE ON gridsight.runs TO gridsight_planner
;;
CREATE POLICY own ON gridsight.runs FOR DELETE TO gridsight_planner
  USING (maker <> '' AND maker = (SELECT current_setting('app.actor', true)) AND published = '')
"""

_UNDO = """
DROP POLICY own ON gridsight.runs
;;
REVOKE DELETE ON gridsight.runs FROM gridsight_planner
;;
DROP POLICY everything ON gridsight.runs
;;
DROP POLICY seen ON gridsight.runs
;;
ALTER TABLE gridsight.runs DISABLE ROW LEVEL SECURITY
;;
DELETE FROM gridsight.settings WHERE name = 'published'
;;
ALTER TABLE gridsight.runs DROP COLUMN maker, DROP COLUMN maker_role, DROP COLUMN published
"""


def upgrade() -> None:
    """Add the columns and the rights; the newest run is published."""
    begin()
    run(_RUNS.format(all=ALL))


def downgrade() -> None:
    """Take them out; the newest run is the latest again."""
    begin()
    run(_UNDO)
