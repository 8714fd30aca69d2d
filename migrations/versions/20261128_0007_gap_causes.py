"""Add to gaps the shares of their causes, and the share that may be covered already."""

from __future__ import annotations

from migrations.parts_20261122.changes import add_run_columns, drop_run_columns
from migrations.steps import begin

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    begin()
    add_run_columns("run_gaps", "causes t, possible_share n")


def downgrade() -> None:
    """Take them out."""
    begin()
    drop_run_columns("run_gaps", "causes, possible_share")
