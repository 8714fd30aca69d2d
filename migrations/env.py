"""Run migrations on the connection passed by ``geo.storage.postgis.maintenance``; there is no alembic.ini."""

from __future__ import annotations

from alembic import context

from geo.storage.postgis.tables import SCHEMA, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table_schema=SCHEMA,
    include_schemas=True,
    transaction_per_migration=True,
    on_version_apply=context.config.attributes.get("on_step", ()),
)
with context.begin_transaction():
    context.run_migrations()
