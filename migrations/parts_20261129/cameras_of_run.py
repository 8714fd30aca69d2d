"""Give rows of a run the township where their camera stood when the run was made, whatever became of it since."""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

from migrations.steps import run

# A version was there from the end of the one before. The run read the newest of those that were there, of the day that
# it is about; its record was made when it had been computed, so many seconds later, both to the millisecond.
_CAMERAS = """
CREATE FUNCTION gridsight.cameras_of_run(asked text) RETURNS TABLE (id text, township text) STABLE SECURITY DEFINER
  LANGUAGE sql SET search_path = pg_catalog, gridsight, public, pg_temp
BEGIN ATOMIC
  WITH versions AS (
    SELECT v.*, lag(v.ended) OVER (PARTITION BY v.id ORDER BY v.version) AS begun FROM (
      SELECT h.id, h.version, h.valid_from, h.township, h.changed_at AS ended FROM gridsight.cameras_history h
      UNION ALL
      SELECT c.id, c.version, c.valid_from, c.township, NULL FROM gridsight.cameras c) v
  ), runs AS (
    SELECT r.created::timestamptz + interval '2 ms'
        - coalesce((r.summary::jsonb ->> 'seconds')::float8, 0) * interval '1 second' AS moment,
      coalesce((r.options::jsonb ->> 'at')::date,
        (r.created::timestamptz AT TIME ZONE gridsight.time_zone())::date) AS day
    FROM gridsight.runs r WHERE r.id = asked
  )
  SELECT DISTINCT ON (v.id) v.id, v.township FROM versions v, runs r
  WHERE coalesce(v.begun, '-infinity') <= r.moment AND coalesce(v.valid_from, '-infinity') <= r.day
  ORDER BY v.id, v.version DESC;
END
;;
REVOKE EXECUTE ON FUNCTION gridsight.cameras_of_run(text) FROM PUBLIC
;;
GRANT EXECUTE ON FUNCTION gridsight.cameras_of_run(text) TO gridsight_admin, gridsight_worker
"""

_REFRESH = """
CREATE OR REPLACE FUNCTION gridsight.refresh_townships() RETURNS bigint SECURITY DEFINER LANGUAGE plpgsql
  SET search_path = pg_catalog, gridsight, public, pg_temp AS $$
DECLARE
  moved bigint;
  total bigint := 0;
  layer text;
  of_run record;
BEGIN
  FOREACH layer IN ARRAY ARRAY[@layers@] LOOP
    EXECUTE format(
      'WITH placed AS MATERIALIZED (SELECT fid, gridsight.township_of(geom) AS township FROM gridsight.%1$I)
       UPDATE gridsight.%1$I t SET township = p.township FROM placed p
       WHERE p.fid = t.fid AND p.township IS DISTINCT FROM t.township', layer);
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved > 0 THEN
      PERFORM gridsight.touch(layer);
    END IF;
    total := total + moved;
    EXECUTE format(
      'WITH placed AS MATERIALIZED (SELECT hid, gridsight.township_of(geom) AS township FROM gridsight.%1$I)
       UPDATE gridsight.%1$I t SET township = p.township FROM placed p
       WHERE p.hid = t.hid AND p.township IS DISTINCT FROM t.township', layer || '_history');
  END LOOP;
  -- A camera that has moved since, or another one of its id, does not carry the view of an old run over the border.
  FOR of_run IN SELECT r.id FROM gridsight.runs r LOOP
    FOREACH layer IN ARRAY ARRAY['run_views', 'run_possible'] LOOP
      EXECUTE format(
        'UPDATE gridsight.%I t SET township = c.township FROM gridsight.cameras_of_run($1) c
         WHERE t.run = $1 AND c.id = t.id AND c.township IS DISTINCT FROM t.township', layer) USING of_run.id;
    END LOOP;
    UPDATE gridsight.run_gaps t SET camera_township = c.township FROM gridsight.cameras_of_run(of_run.id) c
      WHERE t.run = of_run.id AND c.id = t.camera AND c.township IS DISTINCT FROM t.camera_township;
  END LOOP;
  UPDATE gridsight.run_gaps t SET township = p.township
    FROM (SELECT fid, gridsight.township_of(ST_SetSRID(ST_MakePoint(lon, lat), 4326)) AS township
          FROM gridsight.run_gaps OFFSET 0) p
    WHERE p.fid = t.fid AND p.township IS DISTINCT FROM t.township;
  RETURN total;
END
$$
"""


def make_cameras_of_run() -> None:
    """Make the function that tells where the cameras of a run stood; ``make_refresh`` uses it."""
    run(_CAMERAS)


def drop_cameras_of_run() -> None:
    """Take the function out, before ``refresh_townships`` is made as it was."""
    run("DROP FUNCTION gridsight.cameras_of_run(text)")


def has_cameras_of_run() -> bool:
    """Return whether the database has the function, which one of an earlier day has not."""
    there = op.get_bind().exec_driver_sql("SELECT to_regprocedure('gridsight.cameras_of_run(text)') IS NOT NULL")
    return bool(there.scalar_one())


def make_refresh(scoped: Sequence[str]) -> None:
    """Make the function that finds the townships of all rows anew: of scoped layers, and of runs."""
    run(_REFRESH.replace("@layers@", ", ".join(f"'{name}'" for name in scoped)))
