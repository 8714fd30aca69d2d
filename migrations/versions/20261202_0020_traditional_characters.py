"""Let the database read traditional characters in addresses, and in names of zones, as the program does."""

from __future__ import annotations

from migrations.parts_20261202.characters import read_simplified_only, read_traditional
from migrations.steps import begin

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the functions; what is stored stays."""
    begin()
    read_traditional()


def downgrade() -> None:
    """Put them back as they were."""
    begin()
    read_simplified_only()
