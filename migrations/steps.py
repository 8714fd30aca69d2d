"""Begin every migration step alike: give up soon where a table is in use, and act as the owner of the tables."""

from __future__ import annotations

from alembic import op

#: Nobody waits behind a migration that itself waits for a long reader: it gives up, and is run again.
LOCK_SECONDS = 10


def begin(*, as_owner: bool = True) -> None:
    """Set what holds until this step commits: the lock timeout, no statement timeout, the owner's role.

    Set by ``set_config(..., true)``: a plain SET would outlive the transaction on a pooled connection.
    """
    op.execute(f"SELECT set_config('lock_timeout', '{LOCK_SECONDS}s', true)")
    op.execute("SELECT set_config('statement_timeout', '0', true)")
    op.execute("SELECT set_config('search_path', 'gridsight,public', true)")
    if as_owner:
        op.execute("SELECT set_config('role', 'gridsight_owner', true)")


def run(script: str) -> None:
    """Run statements that are parted by lines of ``;;``; colons and percent signs are taken as they stand."""
    connection = op.get_bind()
    for statement in script.split("\n;;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.replace("%", "%%"))
