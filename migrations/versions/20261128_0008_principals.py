"""Give each job the id of who asked for it: names are labels, and two keys may have the same one."""

from __future__ import annotations

from migrations.steps import begin, run

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# From here on app.actor is the id of the principal, and app.signature what history records of it.
_ACTOR = """
CREATE OR REPLACE FUNCTION gridsight.actor() RETURNS text STABLE LANGUAGE sql
  RETURN coalesce({signature}nullif(current_setting('app.actor', true), ''), 'external')
"""
# The audit knows whose key asked for a job. Where it does not, the name stands for the id, and is nobody's: admins see
# the job. The trigger would keep the record of an ended job as it is.
_UPGRADE = """
ALTER TABLE gridsight.jobs ADD COLUMN owner_id text COLLATE "C" NOT NULL DEFAULT ''
;;
ALTER TABLE gridsight.jobs DISABLE TRIGGER job_guard
;;
UPDATE gridsight.jobs SET owner_id = told.key FROM (
  SELECT DISTINCT ON (a.run) a.run, CASE a.key WHEN 'proxy'
    THEN 'proxy:' || replace(replace(replace(a.who, '%', '%25'), '(', '%28'), ')', '%29') ELSE a.key END AS key
  FROM gridsight.audit a WHERE a.action = 'analyze' AND a.key <> '' ORDER BY a.run, a.id) AS told
WHERE jobs.id = told.run
;;
ALTER TABLE gridsight.jobs ENABLE TRIGGER job_guard
"""
_OWNER = {"new": "coalesce(nullif(owner_id, ''), owner)", "old": "owner"}
_POLICY = """
DROP POLICY mine ON gridsight.jobs
;;
CREATE POLICY mine ON gridsight.jobs TO gridsight_viewer, gridsight_planner
  USING ({owner} = (SELECT nullif(current_setting('app.actor', true), '')))
  WITH CHECK ({owner} = (SELECT nullif(current_setting('app.actor', true), '')))
"""


def upgrade() -> None:
    """Add the owner's id to jobs, and let it decide who sees them."""
    begin()
    run(_UPGRADE)
    run(_POLICY.format(owner=_OWNER["new"]))
    run(_ACTOR.format(signature="nullif(current_setting('app.signature', true), ''), "))


def downgrade() -> None:
    """Let names decide again."""
    begin()
    run(_ACTOR.format(signature=""))
    run(_POLICY.format(owner=_OWNER["old"]))
    run("ALTER TABLE gridsight.jobs DROP COLUMN owner_id")
