"""Give jobs a queue: procrastinate's tables and functions, and triggers that tie a job's record to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import op

from migrations.steps import begin, run

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_QUEUE = Path(__file__).with_suffix(".sql")

# Callers save records and nothing else: these functions of the owner put a new one into the queue, in the same
# transaction, and ask for the end of a dismissed one. So no request role needs a right to the queue itself.
_TIES = """
CREATE FUNCTION gridsight.job_defer() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql
  SET search_path = pg_catalog, gridsight, pg_temp AS $$
DECLARE made bigint[];
BEGIN
  made := gridsight.procrastinate_defer_jobs_v1(ARRAY[ROW(
    'analyses', 'gridsight.' || NEW.process, 0, NULL, NULL, jsonb_build_object('job_id', NEW.id), NULL
  )]::gridsight.procrastinate_job_to_defer_v1[]);
  UPDATE gridsight.jobs SET queue_id = made[1] WHERE id = NEW.id;
  RETURN NULL;
END
$$
;;
CREATE TRIGGER job_defer AFTER INSERT ON gridsight.jobs
  FOR EACH ROW WHEN (NEW.status = 'accepted') EXECUTE FUNCTION gridsight.job_defer()
;;
CREATE FUNCTION gridsight.job_guard() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, gridsight, pg_temp AS $$
BEGIN
  NEW.queue_id := coalesce(OLD.queue_id, NEW.queue_id);
  IF NEW.status = 'dismissed' AND OLD.status <> 'dismissed' THEN
    NEW.attempts := OLD.attempts;
    NEW.progress := OLD.progress;
    NEW.started := OLD.started;
    NEW.run := OLD.run;
    RETURN NEW;
  END IF;
  IF OLD.status IN ('successful', 'failed', 'dismissed') OR NEW.attempts < OLD.attempts THEN
    RETURN NULL;
  END IF;
  RETURN NEW;
END
$$
;;
CREATE TRIGGER job_guard BEFORE UPDATE ON gridsight.jobs
  FOR EACH ROW EXECUTE FUNCTION gridsight.job_guard()
;;
CREATE FUNCTION gridsight.job_cancel() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql
  SET search_path = pg_catalog, gridsight, pg_temp AS $$
BEGIN
  PERFORM gridsight.procrastinate_cancel_job_v1(NEW.queue_id, true, false);
  RETURN NULL;
END
$$
;;
CREATE TRIGGER job_cancel AFTER UPDATE ON gridsight.jobs
  FOR EACH ROW WHEN (NEW.status = 'dismissed' AND OLD.status <> 'dismissed' AND NEW.queue_id IS NOT NULL)
  EXECUTE FUNCTION gridsight.job_cancel()
;;
DO $$
DECLARE one regprocedure; named text;
BEGIN
  -- The queue's functions find its tables whatever path a session has, and only the worker may call them.
  FOR one IN SELECT oid::regprocedure FROM pg_proc
      WHERE pronamespace = 'gridsight'::regnamespace AND proname LIKE 'procrastinate\\_%' LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, gridsight, pg_temp', one);
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO gridsight_worker', one);
  END LOOP;
  FOREACH named IN ARRAY ARRAY['jobs', 'workers', 'events', 'periodic_defers'] LOOP
    named := 'procrastinate_' || named;
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON gridsight.%I TO gridsight_worker', named);
    EXECUTE format('GRANT USAGE ON SEQUENCE gridsight.%I TO gridsight_worker', named || '_id_seq');
  END LOOP;
END
$$
;;
REVOKE EXECUTE ON FUNCTION gridsight.job_defer(), gridsight.job_guard(), gridsight.job_cancel() FROM PUBLIC
"""

_UNTIE = """
DROP TRIGGER job_cancel ON gridsight.jobs
;;
DROP TRIGGER job_guard ON gridsight.jobs
;;
DROP TRIGGER job_defer ON gridsight.jobs
;;
DROP FUNCTION gridsight.job_cancel(), gridsight.job_guard(), gridsight.job_defer()
;;
-- What waits has no queue to wait in any more.
UPDATE gridsight.jobs SET status = 'failed', queue_id = NULL, updated = now()::text, finished = now()::text,
  message = '数据库版本退回，队列已删除 / the database went back to a version without a queue'
WHERE status IN ('accepted', 'running')
;;
UPDATE gridsight.jobs SET queue_id = NULL WHERE queue_id IS NOT NULL
;;
DROP TABLE gridsight.procrastinate_events, gridsight.procrastinate_periodic_defers, gridsight.procrastinate_jobs,
  gridsight.procrastinate_workers CASCADE
;;
DO $$
DECLARE one regprocedure; kind regtype;
BEGIN
  FOR one IN SELECT oid::regprocedure FROM pg_proc
      WHERE pronamespace = 'gridsight'::regnamespace AND proname LIKE 'procrastinate\\_%' LOOP
    EXECUTE format('DROP FUNCTION %s CASCADE', one);
  END LOOP;
  FOR kind IN SELECT oid::regtype FROM pg_type
      WHERE typnamespace = 'gridsight'::regnamespace AND typname LIKE 'procrastinate\\_%' LOOP
    EXECUTE format('DROP TYPE %s CASCADE', kind);
  END LOOP;
END
$$
"""


def upgrade() -> None:
    """Make the queue and tie the records to it."""
    begin()
    # One script of many statements with dollar quotes: the driver takes it as it stands.
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(_QUEUE.read_text(encoding="utf-8"))
    run(_TIES)


def downgrade() -> None:
    """Take the queue out; jobs that wait or run end as failed, with that reason."""
    begin()
    run(_UNTIE)
