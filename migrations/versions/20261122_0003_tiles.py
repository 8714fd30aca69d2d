"""Build vector tiles in the database: functions that take the caller's role and answer one tile in one statement."""

from __future__ import annotations

from migrations.parts_20261122.tables import Plan
from migrations.parts_20261122.tiles import grant_tiles, make_run_tiles, make_tiles
from migrations.steps import begin, run

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: Layer -> its key and the fields that a tile carries, as they were on this date; points are told by their shape.
_LAYERS = {
    "divisions": ("code", "code name level parent"),
    "grids": ("code", "code name kind level village parent households population staff"),
    "villages": ("code", "code name households population"),
    "cameras": (
        "id",
        (
            "id site name class kind azimuth hfov vfov tilt roll projection height width_px height_px max_range "
            "status owner place_type source"
        ),
    ),
    "obstacles": ("id", "id height"),
    "roads": ("id", "id class width name"),
    "demand": ("id", "id weight name kind"),
    "protected": ("id", "id kind name rule"),
    "addresses": ("id", "id text standard aliases building grid"),
}

_VIEW = "id site status area_m2 range_m assumed"
#: Table of runs -> the fields that a tile carries.
_RUN_TABLES = {
    "run_views": _VIEW,
    "run_possible": _VIEW,
    "run_gaps": "rank grid area_m2 weight cause camera obstacle distance_m lon lat",
    "run_coverage": "k area_m2",
}
_ZONE = (
    "code name kind level village parent households population staff domain_m2 domain_weight sure_m2 possible_m2 "
    "sure_share possible_share k2_share k3_share c1_share c2_share c3_share gap_m2 cameras offline seeing"
)
_ZONES = ("grids", "microgrids", "villages", "townships", "all")
_POINTS = ("cameras", "addresses")


def upgrade() -> None:
    """Make the functions."""
    begin()
    plans = [
        Plan(name, "POINT" if name in _POINTS else "GEOMETRY", key, ", ".join(f"{one} t" for one in fields.split()))
        for name, (key, fields) in _LAYERS.items()
    ]
    make_tiles(plans)
    make_run_tiles({name: fields.split() for name, fields in {**_RUN_TABLES, "run_zones": _ZONE}.items()}, _ZONES)
    grant_tiles()


def downgrade() -> None:
    """Take the functions out."""
    begin()
    run("DROP FUNCTION gridsight.tile, gridsight.run_tile")
