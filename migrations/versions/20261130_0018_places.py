"""Add places, claims, facilities and own areas, and the fields that rates ask for."""

from __future__ import annotations

from migrations.parts_20261122.changes import (
    add_columns,
    add_layer,
    add_run_columns,
    drop_columns,
    drop_layer,
    drop_run_columns,
)
from migrations.parts_20261122.tables import Plan
from migrations.parts_20261130.lists_of_codes import read_lists, read_single_codes
from migrations.steps import begin

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_PLACES = "code t, name t, kind t, claim t, level t, share n, parent t, weight n, source t"
_FACILITIES = "code t, name t, kind t, level t, parent t, serves t, link t, capacity i"


def upgrade() -> None:
    """Add them."""
    begin()
    add_columns("divisions", "urban_rural t, class i")
    add_columns("grids", "heads i, staff_part_time i, urban_rural t")
    add_columns("cameras", "networked t, status_on d, required t")
    add_run_columns("run_zones", "heads i, staff_part_time i, urban_rural t, class i")
    read_lists()
    add_layer(Plan("places", "GEOMETRY", "code", _PLACES))
    add_layer(Plan("claims", "GEOMETRY", "claim", "claim t, level t, share n", is_admins=True, is_placed=False))
    add_layer(Plan("facilities", "POINT", "code", _FACILITIES))
    add_layer(Plan("areas", "MULTIPOLYGON", "code", "code t, name t, kind t"))


def downgrade() -> None:
    """Take them out."""
    begin()
    for name in ("areas", "facilities", "claims", "places"):
        drop_layer(name)
    read_single_codes()
    drop_run_columns("run_zones", "heads, staff_part_time, urban_rural, class")
    drop_columns("cameras", "networked, status_on, required")
    drop_columns("grids", "heads, staff_part_time, urban_rural")
    drop_columns("divisions", "urban_rural, class")
