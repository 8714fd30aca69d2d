"""Describe the tables of the server database: the result of the migrations, and the names in the SQL of the store.

Everything is in the PostgreSQL schema ``gridsight``; PostGIS itself is in ``public``. The columns of layers and runs
come from ``geo.storage.stored_tables``, so that both stores hold the same data:

- ``<layer>``: ``fid``, ``geom`` (EPSG:4326), the fields, the validity dates and ``version``; one row per key. Layers
  whose rows belong to a township (``SCOPED``) have its 9-digit code, null outside all.
- ``<layer>_history``: past versions: the same columns and ``changed_at, changed_by, op``, who and what ended them.
- ``runs`` and ``run_*``, ``revisions``, ``settings``, ``audit``, ``api_keys``, ``jobs``, ``job_files``.

Texts collate by code point, so that keys sort and compare as in SQLite. Nothing here creates a table: the dated files
of ``migrations`` do, and a test compares their result with this module.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB

from geo.catalog.layers import LAYERS, SCOPED, Layer
from geo.catalog.results import COVERAGE, GAPS, RUN_TABLES
from geo.storage.codec.geopackage_header import SRS_ID
from geo.storage.stored_tables import LAYER_TABLES, STORED_RUN_TABLES, Table

SCHEMA = "gridsight"

#: Results that show cameras, read by township too; ``run_coverage`` is dissolved over all, for admin and worker.
SCOPED_RUNS = (*(one.name for one in RUN_TABLES if one.is_scoped and one is not COVERAGE), "run_coverage_parts")

#: Database roles that requests run as; ``public`` callers run as viewers.
ROLES = {
    "public": "gridsight_viewer",
    "viewer": "gridsight_viewer",
    "planner": "gridsight_planner",
    "admin": "gridsight_admin",
    "worker": "gridsight_worker",
}
OWNER = "gridsight_owner"
LOGIN = "gridsight"

metadata = sa.MetaData(schema=SCHEMA)

Text = sa.Text(collation="C")
_FOREVER = sa.text("'9999-12-31'::date")
_SQL_TYPES: dict[str, sa.types.TypeEngine] = {
    "text": Text,
    "number": sa.Double(),
    "integer": sa.BigInteger(),
    "date": sa.Date(),
}


def _shape(kind: str, *, required: bool) -> sa.Column:
    # The index is declared apart, under PostGIS's usual name, so that reflection and metadata compare as equals.
    return sa.Column("geom", Geometry(kind, srid=SRS_ID, spatial_index=False), nullable=not required)


def _identity(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger, sa.Identity(always=False), primary_key=True)


def _columns(table: str, *, key: str = "") -> Iterator[sa.Column]:
    """Yield the fields of a layer and its validity dates, in stored order."""
    for name, kind in LAYER_TABLES[table].columns:
        yield sa.Column(name, _SQL_TYPES[kind], nullable=name != key)


def _township(layer: str) -> list[sa.Column]:
    return [sa.Column("township", Text)] if layer in SCOPED else []


def _layer(layer: Layer) -> sa.Table:
    """Return the table of current rows of a layer."""
    name, key = layer.name, layer.key
    table = sa.Table(
        name,
        metadata,
        _identity("fid"),
        _shape(LAYER_TABLES[name].shape, required=layer.needs_shape),
        *_columns(name, key=key),
        sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
        *_township(name),
        sa.UniqueConstraint(key, name=f"{name}_{key}_key"),
        sa.CheckConstraint("version > 0", name=f"{name}_version_check"),
    )
    sa.Index(f"{name}_geom", table.c.geom, postgresql_using="gist")
    if name in SCOPED:
        sa.Index(f"{name}_township", table.c.township, table.c[key])
    return table


def _history(layer: Layer) -> sa.Table:
    """Return the table of past versions of a layer."""
    name, key = f"{layer.name}_history", layer.key
    table = sa.Table(
        name,
        metadata,
        _identity("hid"),
        sa.Column("fid", sa.BigInteger),
        _shape(LAYER_TABLES[layer.name].shape, required=False),
        *_columns(layer.name, key=key),
        sa.Column("version", sa.Integer, nullable=False),
        *_township(layer.name),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", Text, nullable=False),
        sa.Column("op", Text, nullable=False),
        sa.UniqueConstraint(key, "version", name=f"{name}_{key}_version_key"),
    )
    # Most versions ended in the past: queries about today skip them by this index.
    sa.Index(f"{name}_valid_to", sa.func.coalesce(table.c.valid_to, _FOREVER))
    return table


def _of_run(*, primary_key: bool = False) -> sa.Column:
    # A run is saved layers first, as in the workspace: the row of the run may come last in the transaction.
    to = sa.ForeignKey(f"{SCHEMA}.runs.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED")
    return sa.Column("run", Text, to, nullable=False, primary_key=primary_key)


#: Where demand is points or lines, what covers it is points or lines too.
_COVERAGE = "GEOMETRY"


def _run_table(stored: Table) -> sa.Table:
    name = stored.name
    own = dict.fromkeys(SCOPED_RUNS, ("township",)) | {GAPS.name: ("township", "camera_township")}
    table = sa.Table(
        name,
        metadata,
        _identity("fid"),
        _shape(_COVERAGE if name == COVERAGE.name else stored.shape, required=False),
        *(_of_run() if one == "run" else sa.Column(one, _SQL_TYPES[kind]) for one, kind in stored.columns),
        *(sa.Column(one, Text) for one in own.get(name, ())),
    )
    sa.Index(f"{name}_geom", table.c.geom, postgresql_using="gist")
    sa.Index(f"{name}_run", table.c.run)
    return table


def _coverage_parts() -> sa.Table:
    """Return the table of coverage cut by township, which planners read instead of the dissolved whole."""
    table = sa.Table(
        "run_coverage_parts",
        metadata,
        _identity("fid"),
        _shape(_COVERAGE, required=False),
        _of_run(),
        sa.Column("township", Text),
        sa.Column("k", sa.BigInteger),
        sa.Column("area_m2", sa.Double),
    )
    sa.Index("run_coverage_parts_geom", table.c.geom, postgresql_using="gist")
    sa.Index("run_coverage_parts_run", table.c.run)
    return table


#: Current rows and past versions by layer.
LAYER_TABLES_SQL: dict[str, sa.Table] = {name: _layer(one) for name, one in LAYERS.items()}
HISTORY_TABLES_SQL: dict[str, sa.Table] = {name: _history(one) for name, one in LAYERS.items()}

REVISIONS = sa.Table(
    "revisions",
    metadata,
    sa.Column("layer", Text, primary_key=True),
    sa.Column("revision", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("changed_at", sa.DateTime(timezone=True)),
    sa.Column("changed_by", Text),
)

RUNS = sa.Table(
    "runs",
    metadata,
    sa.Column("id", Text, primary_key=True),
    *(sa.Column(name, Text, nullable=False) for name in ("created", "options", "summary", "crs", "layers")),
    *(
        sa.Column(name, Text, nullable=False, server_default=sa.text("''"))
        for name in ("maker", "maker_role", "published")
    ),
)

#: The time zone, the id of the run published last, and the base maps.
SETTINGS = sa.Table(
    "settings", metadata, sa.Column("name", Text, primary_key=True), sa.Column("value", Text, nullable=False)
)

#: Results of runs by table name.
RUN_TABLES_SQL: dict[str, sa.Table] = {name: _run_table(one) for name, one in STORED_RUN_TABLES.items()}

RUN_COVERAGE_PARTS = _coverage_parts()

RUN_INCIDENCE = sa.Table(
    "run_incidence",
    metadata,
    _of_run(primary_key=True),
    sa.Column("incidence", BYTEA, nullable=False),
)

AUDIT = sa.Table(
    "audit",
    metadata,
    _identity("id"),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    *(
        sa.Column(name, Text, nullable=False, server_default=sa.text("''"))
        for name in (
            "who", "key", "role", "action", "layer", "feature", "before", "after", "bbox", "run", "address", "request",
        )
    ),
    sa.Column("detail", JSONB, nullable=False, server_default=sa.text("'{}'")),
)  # fmt: skip

API_KEYS = sa.Table(
    "api_keys",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("hash", BYTEA, nullable=False),
    sa.Column("name", Text, nullable=False),
    sa.Column("role", Text, nullable=False),
    sa.Column("townships", ARRAY(Text)),
    sa.Column("created", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.Column("expires", sa.DateTime(timezone=True)),
    sa.Column("revoked", sa.DateTime(timezone=True)),
    sa.Column("created_by", Text, nullable=False, server_default=sa.text("''")),
    sa.Column("used", sa.DateTime(timezone=True)),
    sa.CheckConstraint("role IN ('viewer', 'planner', 'admin')", name="api_keys_role_check"),
)

_EMPTY = sa.text("''")
JOBS = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", Text, primary_key=True),
    *(sa.Column(name, Text, nullable=False) for name in ("process", "status", "inputs", "owner", "role", "created")),
    *(sa.Column(name, Text, nullable=False, server_default=_EMPTY) for name in ("started", "finished", "updated")),
    sa.Column("progress", sa.Integer, nullable=False, server_default=sa.text("0")),
    *(sa.Column(name, Text, nullable=False, server_default=_EMPTY) for name in ("message", "run")),
    sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("queue_id", sa.BigInteger),
    sa.Column("owner_id", Text, nullable=False, server_default=_EMPTY),
)
sa.Index("jobs_owner", JOBS.c.owner_id, JOBS.c.id)
sa.Index("jobs_open", JOBS.c.owner_id, postgresql_where=JOBS.c.status.in_(["accepted", "running"]))

#: The files that jobs made, as prints; compressed as they are, and stored so.
JOB_FILES = sa.Table(
    "job_files",
    metadata,
    sa.Column("job", Text, sa.ForeignKey(f"{SCHEMA}.jobs.id", ondelete="CASCADE"), primary_key=True),
    *(sa.Column(name, Text, nullable=False) for name in ("name", "media_type")),
    sa.Column("content", BYTEA, nullable=False),
    sa.Column("created", Text, nullable=False),
)
sa.Index("job_files_created", JOB_FILES.c.created)

#: Changes of cameras that nobody has saved yet; ``townships`` follow from ``places``, by a trigger.
DRAFTS = sa.Table(
    "drafts",
    metadata,
    sa.Column("id", Text, primary_key=True),
    *(sa.Column(name, Text, nullable=False) for name in ("name", "note", "author", "author_id", "run")),
    *(sa.Column(name, Text, nullable=False) for name in ("created", "changed", "changed_by")),
    *(sa.Column(name, Text, nullable=False) for name in ("changes", "seen", "places")),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("townships", ARRAY(Text), nullable=False),
)

#: Changes of grids, proposed, approved or withdrawn; ``townships`` follow from ``places``, by a trigger.
GRID_DRAFTS = sa.Table(
    "grid_drafts",
    metadata,
    sa.Column("id", Text, primary_key=True),
    *(sa.Column(name, Text, nullable=False) for name in ("name", "note", "author", "author_id")),
    *(sa.Column(name, Text, nullable=False) for name in ("created", "changed", "changed_by", "state", "effective")),
    *(sa.Column(name, Text, nullable=False) for name in ("decided", "decided_by", "decided_role")),
    *(sa.Column(name, Text, nullable=False) for name in ("operations", "content", "seen", "applied", "places")),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("townships", ARRAY(Text), nullable=False),
)

SESSIONS = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("principal", Text, nullable=False),
    sa.Column("state", Text, nullable=False, server_default=_EMPTY),
    *(
        sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"))
        for name in ("created", "read")
    ),
    sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
    sa.Column("claimed", sa.DateTime(timezone=True)),
)
sa.Index("sessions_ends", SESSIONS.c.ends)
