"""Add to cameras the ids that other registers have for them."""

from __future__ import annotations

from migrations.parts_20261122.changes import add_columns, drop_columns
from migrations.steps import begin

revision = "0017"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the field."""
    begin()
    add_columns("cameras", "other_ids t")


def downgrade() -> None:
    """Take it out."""
    begin()
    drop_columns("cameras", "other_ids")
