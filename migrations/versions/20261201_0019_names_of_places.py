"""Let divisions be names and codes without shapes, and give places other names."""

from __future__ import annotations

from migrations.parts_20261122.changes import add_columns, drop_columns
from migrations.steps import begin, run

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

#: Layers that got other names; addresses had them from the first day.
_NAMED = ("divisions", "grids", "villages", "roads", "places")


def upgrade() -> None:
    """Add them."""
    begin()
    run("ALTER TABLE gridsight.divisions ALTER COLUMN geom DROP NOT NULL")
    for name in _NAMED:
        add_columns(name, "aliases t")


def downgrade() -> None:
    """Take them out: divisions without a shape go with what only they could be."""
    begin()
    for name in _NAMED:
        drop_columns(name, "aliases")
    run("DELETE FROM gridsight.divisions WHERE geom IS NULL")
    run("ALTER TABLE gridsight.divisions ALTER COLUMN geom SET NOT NULL")
