"""Hold planners within their townships with all of a shape, and let every door read gaps from one view."""

from __future__ import annotations

from migrations.parts_20261122.rights import SCOPE
from migrations.parts_20261122.tiles import make_run_tiles
from migrations.parts_20261128.seen import make_gaps_view, make_seen_tiles
from migrations.parts_20261128.there import layers_there, run_fields
from migrations.parts_20261128.within import drop_within, hold_within, make_within, release
from migrations.steps import begin, run

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ZONES = ("grids", "microgrids", "villages", "townships", "all")

#: As version 0002 made them.
_PLACED = f"gridsight.township_of(geom) {SCOPE.removeprefix('township ')}"
_PLACING = """
CREATE OR REPLACE FUNCTION gridsight.placing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- A bulk statement of an admin may have found the townships itself; what a planner says of them counts for nothing.
  IF TG_OP = 'INSERT' THEN
    NEW.township := gridsight.township_of(NEW.geom);
  ELSIF current_user = 'gridsight_planner' OR NEW.township IS NOT DISTINCT FROM OLD.township THEN
    NEW.township := gridsight.township_of(NEW.geom);
  END IF;
  RETURN NEW;
END
$$
"""
_GAPS_VIEW = """
DROP VIEW gridsight.run_gaps_seen
;;
CREATE VIEW gridsight.run_gaps_seen WITH (security_invoker = true) AS
  SELECT fid, geom, run, {fields}, extra, township
  FROM gridsight.run_gaps
;;
GRANT SELECT ON gridsight.run_gaps_seen TO gridsight_planner, gridsight_admin, gridsight_worker
"""


def upgrade() -> None:
    """Make the functions and triggers, and the view with the tiles that read it."""
    begin()
    make_within()
    for plan in layers_there():
        if not plan.is_admins:
            hold_within(plan)
    tables = run_fields()
    make_gaps_view(tables["run_gaps"])
    make_seen_tiles(tables)


def downgrade() -> None:
    """Put back policies, placing, view and tiles as they were."""
    begin()
    tables = run_fields()
    make_run_tiles(tables, _ZONES)
    masked = f"CASE WHEN current_user <> 'gridsight_planner' OR camera_{SCOPE} THEN camera END AS camera"
    run(_GAPS_VIEW.format(fields=", ".join(masked if one == "camera" else one for one in tables["run_gaps"])))
    for plan in layers_there():
        release(plan.name)
        if not plan.is_scoped and not plan.is_admins:
            run(f"ALTER POLICY added ON gridsight.{plan.name} WITH CHECK ({_PLACED})")
            run(f"ALTER POLICY changed ON gridsight.{plan.name} WITH CHECK ({_PLACED})")
    run(_PLACING)
    drop_within()
