"""Give roles their rights to a layer: grants, row policies by township, triggers that find the township of a row."""

from __future__ import annotations

from collections.abc import Sequence

from migrations.parts_20261122.tables import Plan
from migrations.steps import run

ALL = "gridsight_viewer, gridsight_planner, gridsight_admin, gridsight_worker"
# Read once a statement, as a sub-select; unset or empty it names no township, and so shows no row.
SCOPE = "township = ANY ((SELECT string_to_array(current_setting('app.townships', true), ','))::text[])"
_PLACED = f"gridsight.township_of(geom) {SCOPE.removeprefix('township ')}"

_PLACING = """
CREATE TRIGGER placing_insert BEFORE INSERT ON gridsight.{name} FOR EACH ROW
  WHEN (NEW.township IS NULL OR current_user = 'gridsight_planner') EXECUTE FUNCTION gridsight.placing()
;;
CREATE TRIGGER placing_update BEFORE UPDATE ON gridsight.{name} FOR EACH ROW
  WHEN (NOT (NEW.geom OPERATOR(public.=) OLD.geom)
        OR (NEW.township IS DISTINCT FROM OLD.township AND current_user = 'gridsight_planner'))
  EXECUTE FUNCTION gridsight.placing()
"""

_REFRESH = """
CREATE OR REPLACE FUNCTION gridsight.refresh_townships() RETURNS bigint SECURITY DEFINER LANGUAGE plpgsql
  SET search_path = pg_catalog, gridsight, public, pg_temp AS $$
DECLARE
  moved bigint;
  total bigint := 0;
  layer text;
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
  FOREACH layer IN ARRAY ARRAY['run_views', 'run_possible'] LOOP
    EXECUTE format(
      'UPDATE gridsight.%I t SET township = c.township FROM gridsight.cameras c
       WHERE c.id = t.id AND c.township IS DISTINCT FROM t.township', layer);
  END LOOP;
  UPDATE gridsight.run_gaps t SET camera_township = c.township FROM gridsight.cameras c
    WHERE c.id = t.camera AND c.township IS DISTINCT FROM t.camera_township;
  UPDATE gridsight.run_gaps t SET township = p.township
    FROM (SELECT fid, gridsight.township_of(ST_SetSRID(ST_MakePoint(lon, lat), 4326)) AS township
          FROM gridsight.run_gaps OFFSET 0) p
    WHERE p.fid = t.fid AND p.township IS DISTINCT FROM t.township;
  RETURN total;
END
$$
"""

_REFERENCE_RIGHTS = """
GRANT SELECT ON gridsight.{name}, gridsight.{name}_history TO {all}
;;
GRANT INSERT, UPDATE, DELETE ON gridsight.{name} TO gridsight_admin
;;
GRANT INSERT ON gridsight.{name}_history TO gridsight_admin
;;
GRANT EXECUTE ON FUNCTION gridsight.{name}_version(text) TO gridsight_admin
;;
ALTER TABLE gridsight.{name} ENABLE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON gridsight.{name} FOR SELECT TO {all} USING (true)
;;
CREATE POLICY everything ON gridsight.{name} TO gridsight_admin USING (true) WITH CHECK (true)
"""

_PLANNED_RIGHTS = """
GRANT INSERT, UPDATE, DELETE ON gridsight.{name} TO gridsight_planner
;;
CREATE POLICY added ON gridsight.{name} FOR INSERT TO gridsight_planner WITH CHECK ({placed})
;;
CREATE POLICY changed ON gridsight.{name} FOR UPDATE TO gridsight_planner USING ({placed}) WITH CHECK ({placed})
;;
CREATE POLICY removed ON gridsight.{name} FOR DELETE TO gridsight_planner USING ({placed})
"""

_SCOPED_RIGHTS = """
GRANT SELECT ON gridsight.{name}, gridsight.{name}_history TO gridsight_planner, gridsight_admin, gridsight_worker
;;
GRANT INSERT, UPDATE, DELETE ON gridsight.{name} TO gridsight_planner, gridsight_admin
;;
GRANT INSERT ON gridsight.{name}_history TO gridsight_admin
;;
GRANT EXECUTE ON FUNCTION gridsight.{name}_version(text) TO gridsight_admin
;;
ALTER TABLE gridsight.{name} ENABLE ROW LEVEL SECURITY
;;
ALTER TABLE gridsight.{name}_history ENABLE ROW LEVEL SECURITY
;;
CREATE POLICY scope ON gridsight.{name} TO gridsight_planner USING ({scope}) WITH CHECK ({scope})
;;
CREATE POLICY scope ON gridsight.{name}_history FOR SELECT TO gridsight_planner USING ({scope})
;;
CREATE POLICY everything ON gridsight.{name} TO gridsight_admin USING (true) WITH CHECK (true)
;;
CREATE POLICY everything ON gridsight.{name}_history TO gridsight_admin USING (true) WITH CHECK (true)
;;
CREATE POLICY seen ON gridsight.{name} FOR SELECT TO gridsight_worker USING (true)
;;
CREATE POLICY seen ON gridsight.{name}_history FOR SELECT TO gridsight_worker USING (true)
"""


def make_refresh(scoped: Sequence[str]) -> None:
    """Make the function that finds the townships of all rows of the scoped layers anew."""
    run(_REFRESH.replace("@layers@", ", ".join(f"'{name}'" for name in scoped)))


def make_placing(name: str) -> None:
    """Make the triggers that find the township of a row of a scoped layer."""
    run(_PLACING.format(name=name))


def give_rights(plan: Plan) -> None:
    """Grant rights to a layer and make its row policies."""
    words = {"name": plan.name, "all": ALL, "scope": SCOPE, "placed": _PLACED}
    if plan.is_scoped:
        run(_SCOPED_RIGHTS.format(**words))
        return
    run(_REFERENCE_RIGHTS.format(**words))
    if not plan.is_admins:
        run(_PLANNED_RIGHTS.format(**words))
