"""Find jobs by the id of their owner, names in addresses by their normal form, rows of runs by where cameras stood."""

from __future__ import annotations

from migrations.parts_20261122.changes import renew_shared_functions
from migrations.parts_20261129.cameras_of_run import drop_cameras_of_run, make_cameras_of_run
from migrations.parts_20261129.names import drop_names, make_names
from migrations.steps import begin, run

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# The name stands for the id of who asked where that is not known; from now on it is written down, so that policy and
# index read one column. What waits or runs is counted under a lock that holds until the transaction ends: several
# processes would otherwise each count, and then each add a job.
_JOBS = """
ALTER TABLE gridsight.jobs DISABLE TRIGGER job_guard
;;
UPDATE gridsight.jobs SET owner_id = owner WHERE owner_id = ''
;;
ALTER TABLE gridsight.jobs ENABLE TRIGGER job_guard
;;
DROP POLICY mine ON gridsight.jobs
;;
CREATE POLICY mine ON gridsight.jobs TO gridsight_viewer, gridsight_planner
  USING (owner_id = (SELECT nullif(current_setting('app.actor', true), '')))
  WITH CHECK (owner_id = (SELECT nullif(current_setting('app.actor', true), '')))
;;
DROP INDEX gridsight.jobs_owner
;;
CREATE INDEX jobs_owner ON gridsight.jobs (owner_id, id)
;;
CREATE INDEX jobs_open ON gridsight.jobs (owner_id) WHERE status IN ('accepted', 'running')
;;
CREATE FUNCTION gridsight.count_open_jobs(OUT own bigint, OUT everybodys bigint) SECURITY DEFINER LANGUAGE plpgsql
  SET search_path = pg_catalog, gridsight, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(x'6772696a'::int, 0);
  SELECT count(*) FILTER (WHERE j.owner_id = current_setting('app.actor', true)), count(*)
  INTO own, everybodys FROM gridsight.jobs j WHERE j.status IN ('accepted', 'running');
END
$$
;;
REVOKE EXECUTE ON FUNCTION gridsight.count_open_jobs() FROM PUBLIC
;;
GRANT EXECUTE ON FUNCTION gridsight.count_open_jobs() TO gridsight_planner, gridsight_admin
"""

_UNDO = """
DROP FUNCTION gridsight.count_open_jobs()
;;
DROP INDEX gridsight.jobs_open
;;
DROP INDEX gridsight.jobs_owner
;;
CREATE INDEX jobs_owner ON gridsight.jobs (owner, id)
;;
DROP POLICY mine ON gridsight.jobs
;;
CREATE POLICY mine ON gridsight.jobs TO gridsight_viewer, gridsight_planner
  USING (coalesce(nullif(owner_id, ''), owner) = (SELECT nullif(current_setting('app.actor', true), '')))
  WITH CHECK (coalesce(nullif(owner_id, ''), owner) = (SELECT nullif(current_setting('app.actor', true), '')))
"""


def upgrade() -> None:
    """Make index, policy and functions; what old runs show goes back to whose it was."""
    begin()
    run(_JOBS)
    make_names()
    make_cameras_of_run()
    renew_shared_functions()
    run("SELECT gridsight.refresh_townships()")


def downgrade() -> None:
    """Put them back as they were."""
    begin()
    drop_cameras_of_run()
    renew_shared_functions()
    drop_names()
    run(_UNDO)
