"""Build vector tiles in the database: one function that takes the caller's role and answers one tile."""

from __future__ import annotations

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tile functions."""


def downgrade() -> None:
    """Take the tile functions out."""
