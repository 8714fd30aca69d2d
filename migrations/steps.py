"""Begin every migration step alike: a short lock timeout, and the role of the owner of the tables."""

from __future__ import annotations

from alembic import op

#: A migration that waits for a long reader blocks all others: it stops after this time and is run again.
LOCK_SECONDS = 10


def begin(*, as_owner: bool = True) -> None:
    """Set lock timeout, no statement timeout and the owner's role until this step commits.

    Set by ``set_config(..., true)``, since a plain SET outlives the transaction on a pooled connection.
    """
    op.execute(f"SELECT set_config('lock_timeout', '{LOCK_SECONDS}s', true)")
    op.execute("SELECT set_config('statement_timeout', '0', true)")
    op.execute("SELECT set_config('search_path', 'gridsight,public', true)")
    if as_owner:
        op.execute("SELECT set_config('role', 'gridsight_owner', true)")


def run(script: str) -> None:
    """Run statements separated by lines of ``;;``; colons and percent signs are literal."""
    connection = op.get_bind()
    for statement in script.split("\n;;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.replace("%", "%%"))
