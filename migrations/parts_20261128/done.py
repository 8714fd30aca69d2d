"""Tell what a database has of the steps of 2026-11-28: what is made anew must fit the database as it is."""

from __future__ import annotations

from alembic import op


def has_calendar() -> bool:
    """Return whether the database keeps time zone and epoch, as it does from step 0010 on."""
    found = op.get_bind().exec_driver_sql("SELECT to_regprocedure('gridsight.state_of(text[])') IS NOT NULL")
    return bool(found.scalar())


def has_own_zones() -> bool:
    """Return whether runs may have layers of own areas, as from step 0018 on."""
    found = op.get_bind().exec_driver_sql("SELECT EXISTS (SELECT FROM gridsight.revisions WHERE layer = 'areas')")
    return bool(found.scalar())
