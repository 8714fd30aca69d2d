"""Make the view that every door reads gaps from: what tells of a camera out of scope is null for a planner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from migrations.parts_20261122.rights import SCOPE
from migrations.parts_20261122.tiles import make_run_tiles
from migrations.parts_20261128.done import has_own_zones
from migrations.steps import run

#: Table of runs -> the view that is read instead.
SEEN = {"run_gaps": "run_gaps_seen"}
_ZONES = ("grids", "microgrids", "villages", "townships", "all")

# The distance to a camera tells where it stands, from several gaps, and so does the obstacle that its view ends at.
# What columns beyond the declared ones say is not known.
_OF_THE_CAMERA = ("camera", "obstacle", "distance_m", "extra")

_VIEW = """
DROP VIEW IF EXISTS gridsight.run_gaps_seen
;;
CREATE VIEW gridsight.run_gaps_seen WITH (security_invoker = true) AS
  SELECT fid, geom, run, {fields}, township
  FROM gridsight.run_gaps
;;
GRANT SELECT ON gridsight.run_gaps_seen TO gridsight_planner, gridsight_admin, gridsight_worker
"""


def make_gaps_view(fields: Sequence[str]) -> None:
    """Make the view; ``fields`` are those of the table of gaps."""
    mask = f"CASE WHEN current_user <> 'gridsight_planner' OR camera_{SCOPE} THEN {{0}} END AS {{0}}"
    listed = (mask.format(one) if one in _OF_THE_CAMERA else one for one in (*fields, "extra"))
    run(_VIEW.format(fields=", ".join(listed)))


def make_seen_tiles(tables: Mapping[str, Sequence[str]]) -> None:
    """Make the function that builds tiles of runs, so that it reads what other doors read.

    Parameters
    ----------
    tables
        Table of runs -> the fields that a tile carries.
    """
    make_run_tiles(tables, _ZONES, masked=SEEN, with_own_zones=has_own_zones())
