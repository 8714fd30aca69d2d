"""Lay out the workspace file: GeoPackage tables, one feature table per layer, history, runs, and their triggers.

A valid GeoPackage 1.3 whose tables QGIS and GDAL can show:

- ``<layer>``: ``fid``, ``geom``, the fields of ``geo.catalog.layers`` and the validity dates; EPSG:4326; R*Tree
  indexed.
- ``<layer>_history``: an attribute table of past versions: the same columns and ``version, changed_at, changed_by,
  op``, geometries as plain blobs. ``changed_by`` and ``op`` (update, delete) are who ended the version, and how.
- ``run_*``: results of runs (``geo.storage.geopackage.runs``), and ``runs``, an attribute table; ``latest_*`` are views
  of the published run, of the newest where none is published.
- ``gridsight_meta`` (schema version, time zone, epoch, base maps), ``gridsight_revisions`` (a counter per layer),
  ``gridsight_actor``, ``gridsight_calendar`` (the offsets of the time zone from UTC, since SQLite knows no zones).

Triggers write history and revisions, so that an edit by any program is recorded. They use only functions of SQLite
itself. The actor is in the only row of ``gridsight_actor``: this project sets it inside its transaction and clears it
before the commit, so that no other connection sees it and other programs write as ``external``.
"""

from __future__ import annotations

# Names in SQL come from geo.catalog.layers and geo.storage.geopackage.schema, never from a caller; values are bound.
# ruff: noqa: S608
from collections.abc import Collection, Iterator
from dataclasses import replace

from geo.catalog.claims import PLACE_MEMBERS
from geo.catalog.fields import FIRST_DAY
from geo.catalog.layers import LAYERS, Layer
from geo.catalog.results import RUN_TABLES, ZONE_TABLE
from geo.crs_stored import STORAGE_CRS
from geo.storage import time_zones
from geo.storage.codec.geopackage_header import SRS_ID
from geo.storage.stored_tables import DAYS, LAYER_TABLES, STORED_RUN_TABLES, Table, day_of_table

#: Version of a file: 1 for the first, one more for every day on which the catalogue declared something new.
SCHEMA_VERSION = 1 + len(DAYS)
APPLICATION_ID = 0x47504B47  # "GPKG"
USER_VERSION = 10300  # 1.3: the GDAL of Debian 12 and QGIS 3.22 read it without a warning

#: SQL with the values of its placeholders.
SqlStatement = tuple[str, tuple[object, ...]]

#: Suffixes of the names of a layer's history triggers.
HISTORY_TRIGGERS = ("insert", "return", "update", "delete")

#: Columns of ``runs`` that ``CALENDAR_DAY`` added: who made a run, in which role, and when it was published.
RUN_COLUMNS_ADDED = ("maker", "maker_role", "published")

#: SQL type of each kind of field; with DATE, GDAL and QGIS show and edit a date, stored as ISO text.
SQL_TYPE = {"text": "TEXT", "number": "REAL", "integer": "INTEGER", "date": "DATE"}

NOW = "strftime('%Y-%m-%dT%H:%M:%fZ','now')"
#: Validity days are days in the time zone of the store, whatever the computer's is; ``changed_at`` is UTC.
_OFFSET = f"(SELECT minutes FROM gridsight_calendar WHERE since <= {NOW} ORDER BY since DESC LIMIT 1)"
_DAY = f"coalesce((SELECT day FROM gridsight_actor), date('now', {_OFFSET} || ' minutes'))"
_ACTOR = "coalesce((SELECT actor FROM gridsight_actor), 'external')"
_NOT_BUSY = "NOT (SELECT busy FROM gridsight_actor)"
_FOREVER = "'9999-12-31'"

# GeoPackage 1.3, annex C, then our own; the last table is the one QGIS makes when a style is saved to a GeoPackage.
_CORE = """
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gridsight_meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE gridsight_revisions (
  layer TEXT NOT NULL PRIMARY KEY, revision INTEGER NOT NULL, changed_at DATETIME, changed_by TEXT);
CREATE TABLE gridsight_actor (
  id INTEGER PRIMARY KEY CHECK (id = 1), actor TEXT, day TEXT, busy INTEGER NOT NULL DEFAULT 0);
INSERT INTO gridsight_actor (id) VALUES (1);
CREATE TABLE gridsight_calendar (since DATETIME NOT NULL PRIMARY KEY, minutes INTEGER NOT NULL);
CREATE TABLE runs (
  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, id TEXT NOT NULL UNIQUE, created DATETIME NOT NULL,
  options TEXT NOT NULL, summary TEXT NOT NULL, crs TEXT NOT NULL, layers TEXT NOT NULL,
  maker TEXT NOT NULL DEFAULT '', maker_role TEXT NOT NULL DEFAULT '', published TEXT NOT NULL DEFAULT '');
CREATE TABLE gridsight_incidence (run TEXT NOT NULL PRIMARY KEY, incidence BLOB NOT NULL);
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))
"""


#: The day on which files got a calendar, an epoch and published runs.
CALENDAR_DAY = "2026-11-28"
#: The day on which the views of the published run were no longer called those of the latest.
TITLES_DAY = "2026-11-29"

#: The id of the run that views show.
_SHOWN_RUN = (
    "coalesce((SELECT id FROM runs WHERE published <> '' ORDER BY published DESC, id DESC LIMIT 1), "
    "(SELECT max(id) FROM runs WHERE maker_role <> 'planner'), (SELECT max(id) FROM runs))"
)

#: Views of the published run only, so that QGIS draws one run and not all: view -> (table, title, condition).
LATEST_RUN_VIEWS: dict[str, tuple[str, str, str]] = {
    f"latest_{'grids' if table is ZONE_TABLE else table.name.removeprefix('run_')}": (
        table.name, table.published_zh, " AND layer = 'grids'" if table is ZONE_TABLE else "",
    )
    for table in RUN_TABLES
}  # fmt: skip


#: View of the published run's verdicts with the shapes that places have today, and its title.
VERDICT_VIEW, VERDICT_TITLE = "latest_places", "已发布的批次：重点部位的结论"


def version_values(days: Collection[str]) -> list[tuple[str, str]]:
    """Return the rows of ``gridsight_meta`` that say which version a file has: the steps of these days are done."""
    return [("schema_version", str(1 + len(days))), ("schema_days", " ".join(sorted(days)))]


def create_statements(created: str, time_zone: str) -> Iterator[SqlStatement]:
    """Yield the statements that create an empty workspace, with their values, in order.

    Parameters
    ----------
    created
        Time of creation, ISO 8601 in UTC.
    time_zone
        The time zone of the workspace.
    """
    yield f"PRAGMA application_id = {APPLICATION_ID}", ()
    yield f"PRAGMA user_version = {USER_VERSION}", ()
    for sql in _CORE.split(";\n"):
        yield sql.strip(), ()
    yield from _srs_rows()
    for key, value in (*version_values(DAYS), ("created", created)):
        yield "INSERT INTO gridsight_meta VALUES (?, ?)", (key, value)
    yield from calendar_statements(time_zone)
    yield new_epoch_statement()
    for layer in LAYERS.values():
        yield from layer_statements(layer)
    for table in STORED_RUN_TABLES.values():
        yield from _run_table(table)
    for name in STORED_RUN_TABLES:
        yield from _latest_view(name)
    yield from _attributes("runs", "运行")
    yield from _attributes("layer_styles", "")


def calendar_statements(time_zone: str) -> Iterator[SqlStatement]:
    """Yield the statements that set the time zone: its name, and its offsets for the triggers."""
    yield "INSERT OR REPLACE INTO gridsight_meta VALUES ('time_zone', ?)", (time_zone,)
    yield "DELETE FROM gridsight_calendar", ()
    for moment, minutes in time_zones.utc_offsets(time_zone):
        yield "INSERT INTO gridsight_calendar VALUES (?, ?)", (moment, minutes)


def new_epoch_statement() -> SqlStatement:
    """Return the statement that gives the file an epoch of its own (``protocol.Store.epoch``)."""
    return "INSERT OR REPLACE INTO gridsight_meta VALUES ('epoch', lower(hex(randomblob(8))))", ()


def layer_as_of(layer: Layer, days: Collection[str]) -> Layer:
    """Return a layer with the fields of the first version and of some days, for a file that has no others yet."""
    return replace(layer, fields=tuple(one for one in layer.fields if one.since in (FIRST_DAY, layer.since, *days)))


def calendar_upgrade_statements(tables_present: Collection[str], days: Collection[str]) -> Iterator[SqlStatement]:
    """Yield the statements that give a file of before ``CALENDAR_DAY`` a calendar, an epoch and published runs.

    Layers and tables of runs that a later day adds are made as they are to be; those present are changed, for the
    fields of the days whose steps are done.
    """
    columns = "(since DATETIME NOT NULL PRIMARY KEY, minutes INTEGER NOT NULL)"
    yield f"CREATE TABLE IF NOT EXISTS gridsight_calendar {columns}", ()
    yield new_epoch_statement()
    for name in RUN_COLUMNS_ADDED:
        yield f"ALTER TABLE runs ADD COLUMN {name} TEXT NOT NULL DEFAULT ''", ()
    for layer in (one for one in LAYERS.values() if one.name in tables_present):
        for trigger in HISTORY_TRIGGERS:
            yield f'DROP TRIGGER IF EXISTS "{layer.name}_history_{trigger}"', ()
        for sql in history_triggers(layer_as_of(layer, days)):
            yield sql, ()
    for view, (table, _, condition) in LATEST_RUN_VIEWS.items():
        if table not in tables_present:
            continue
        yield f"DROP VIEW IF EXISTS {view}", ()
        yield _view_of_shown_run(view, table, condition), ()


def title_upgrade_statements() -> Iterator[SqlStatement]:
    """Yield the statements that rename the views of the published run in files of before ``TITLES_DAY``.

    A title that somebody else wrote stays.
    """
    for view, (_, title, _) in LATEST_RUN_VIEWS.items():
        sql = "UPDATE gpkg_contents SET description = ? WHERE table_name = ? AND description LIKE '最近一次运行：%'"
        yield sql, (title, view)


def layer_statements(layer: Layer) -> Iterator[SqlStatement]:
    """Yield the statements that create one layer: current rows, history, revision, triggers."""
    table = LAYER_TABLES[layer.name]
    columns = tuple(one for one in table.columns if one[0] in layer.names)
    yield from _feature_table(replace(table, columns=columns), key=layer.key)
    yield from _history_table(layer)
    yield "INSERT INTO gridsight_revisions (layer, revision) VALUES (?, 0)", (layer.name,)
    for sql in history_triggers(layer):
        yield sql, ()
    if layer.name == "places":
        yield from _verdict_view()


def _verdict_view() -> Iterator[SqlStatement]:
    """Yield the statements of the view of verdicts: a row for each place and claim of it."""
    # What the table of zones has no column for, a run keeps as JSON.
    told = (
        f"run.{one} AS {one}" if one in ZONE_TABLE.names else f"json_extract(run.extra, '$.{one}') AS {one}"
        for one in PLACE_MEMBERS
    )
    columns = ", ".join(("run.fid AS fid", "run.run AS run", *told))
    joined = f"{ZONE_TABLE.name} AS run JOIN places AS place ON place.code = run.code"
    chosen = f"run.layer = 'places' AND run.run = {_SHOWN_RUN}"
    yield f"CREATE VIEW {VERDICT_VIEW} AS SELECT {columns}, place.geom AS geom FROM {joined} WHERE {chosen}", ()
    yield from _registration(Table(VERDICT_VIEW, VERDICT_TITLE, LAYER_TABLES["places"].shape, ()))


def run_statements(name: str) -> Iterator[SqlStatement]:
    """Yield the statements that create one table of runs and the view of the published run."""
    yield from _run_table(STORED_RUN_TABLES[name])
    yield from _latest_view(name)


def required_tables() -> set[str]:
    """Return the names of the tables of a workspace of the first version; ``upgrades`` creates the others."""
    first = [name for name in (*LAYERS, *STORED_RUN_TABLES) if day_of_table(name) == FIRST_DAY]
    layers = {f"{name}_history" for name in first if name in LAYERS}
    runs = {name for one in first for name in (one, f"rtree_{one}_geom")}
    named = {"gpkg_spatial_ref_sys", "gpkg_contents", "gpkg_geometry_columns", "gpkg_extensions"}
    return (
        layers
        | runs
        | named
        | {"gridsight_meta", "gridsight_revisions", "gridsight_actor", "gridsight_incidence", "runs"}
    )


def rtree_triggers(table: str) -> dict[str, str]:
    """Return name -> statement of the triggers that maintain the R*Tree of a table (GeoPackage 1.4, F.3)."""
    index = f"rtree_{table}_geom"
    has = '({0}."geom" NOTNULL AND NOT ST_IsEmpty({0}."geom"))'
    lacks = '({0}."geom" ISNULL OR ST_IsEmpty({0}."geom"))'
    new = 'ST_MinX(NEW."geom"), ST_MaxX(NEW."geom"), ST_MinY(NEW."geom"), ST_MaxY(NEW."geom")'
    sides = (
        'minx = ST_MinX(NEW."geom"), maxx = ST_MaxX(NEW."geom"), miny = ST_MinY(NEW."geom"), maxy = ST_MaxY(NEW."geom")'
    )
    same, id_changed = 'OLD."fid" = NEW."fid"', 'OLD."fid" != NEW."fid"'
    put = f'INSERT OR REPLACE INTO "{index}" VALUES (NEW."fid", {new});'
    drop = f'DELETE FROM "{index}" WHERE id = OLD."fid";'
    bodies = {
        "insert": (f'INSERT ON "{table}" WHEN {has.format("NEW")}', put),
        "update2": (f'UPDATE OF "geom" ON "{table}" WHEN {same} AND {lacks.format("NEW")}', drop),
        "update4": (
            f'UPDATE ON "{table}" WHEN {id_changed} AND {lacks.format("NEW")}',
            f'DELETE FROM "{index}" WHERE id IN (OLD."fid", NEW."fid");',
        ),
        "update5": (f'UPDATE ON "{table}" WHEN {id_changed} AND {has.format("NEW")}', f"{drop} {put}"),
        "update6": (
            f'UPDATE OF "geom" ON "{table}" WHEN {same} AND {has.format("NEW")} AND {has.format("OLD")}',
            f'UPDATE "{index}" SET {sides} WHERE id = NEW."fid";',
        ),
        "update7": (
            f'UPDATE OF "geom" ON "{table}" WHEN {same} AND {has.format("NEW")} AND {lacks.format("OLD")}',
            f'INSERT INTO "{index}" VALUES (NEW."fid", {new});',
        ),
        "delete": (f'DELETE ON "{table}" WHEN OLD."geom" NOTNULL', drop),
    }
    return {
        f"{index}_{name}": f'CREATE TRIGGER "{index}_{name}" AFTER {when} BEGIN {body} END'
        for name, (when, body) in bodies.items()
    }


def _srs_rows() -> Iterator[SqlStatement]:
    """Yield the three reference systems that every GeoPackage must list."""
    import pyproj

    sql = "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)"
    authority = STORAGE_CRS.partition(":")[0]
    wkt = pyproj.CRS(STORAGE_CRS).to_wkt("WKT1_GDAL")
    yield (
        sql,
        ("Undefined Cartesian SRS", -1, "NONE", -1, "undefined", "undefined Cartesian coordinate reference system"),
    )
    yield (
        sql,
        ("Undefined geographic SRS", 0, "NONE", 0, "undefined", "undefined geographic coordinate reference system"),
    )
    yield sql, ("WGS 84 geodetic", SRS_ID, authority, SRS_ID, wkt, "longitude/latitude in decimal degrees, WGS 84")


def _feature_table(table: Table, *, key: str = "") -> Iterator[SqlStatement]:
    """Yield the statements of one feature table, its registration, and its index with triggers."""
    name = table.name
    columns = ", ".join(
        f'"{one}" {SQL_TYPE[kind]}{" NOT NULL UNIQUE" if one == key else ""}' for one, kind in table.columns
    )
    own = '"fid" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL'
    yield f'CREATE TABLE "{name}" ({own}, "geom" {table.shape}, {columns})', ()
    yield from _registration(table)
    extension = ("gpkg_rtree_index", "http://www.geopackage.org/spec120/#extension_rtree", "write-only")
    yield "INSERT INTO gpkg_extensions VALUES (?, 'geom', ?, ?, ?)", (name, *extension)
    yield f'CREATE VIRTUAL TABLE "rtree_{name}_geom" USING rtree(id, minx, maxx, miny, maxy)', ()
    for sql in rtree_triggers(name).values():
        yield sql, ()


def _run_table(table: Table) -> Iterator[SqlStatement]:
    yield from _feature_table(table)
    yield f'CREATE INDEX "{table.name}_run" ON "{table.name}" (run)', ()


def _latest_view(name: str) -> Iterator[SqlStatement]:
    """Yield the statements of the views of the shown run of a table."""
    for view, (table, title, condition) in LATEST_RUN_VIEWS.items():
        if table == name:
            yield _view_of_shown_run(view, table, condition), ()
            yield from _registration(Table(view, title, STORED_RUN_TABLES[table].shape, ()))


def _view_of_shown_run(view: str, table: str, condition: str) -> str:
    return f"CREATE VIEW {view} AS SELECT * FROM {table} WHERE run = {_SHOWN_RUN}{condition}"


def _registration(table: Table) -> Iterator[SqlStatement]:
    """Yield the rows that register a table or a view as a feature layer."""
    columns_listed = "table_name, data_type, identifier, description, srs_id"
    contents = (table.name, "features", table.name, table.title, SRS_ID)
    yield f"INSERT INTO gpkg_contents ({columns_listed}) VALUES (?, ?, ?, ?, ?)", contents
    yield "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)", (table.name, table.shape, SRS_ID)


def _attributes(table: str, title: str) -> Iterator[SqlStatement]:
    """Yield the registration of a table without geometry."""
    sql = "INSERT INTO gpkg_contents (table_name, data_type, identifier, description) VALUES (?, 'attributes', ?, ?)"
    yield sql, (table, table, title)


def _history_table(layer: Layer) -> Iterator[SqlStatement]:
    """Yield the statements of the table of past versions."""
    name = f"{layer.name}_history"
    stored = LAYER_TABLES[layer.name].columns
    columns = ", ".join(f'"{one}" {SQL_TYPE[kind]}' for one, kind in stored if one in layer.names)
    own = '"hid" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "fid" INTEGER, "geom" BLOB'
    history_columns = (
        '"version" INTEGER NOT NULL, "changed_at" DATETIME NOT NULL, "changed_by" TEXT NOT NULL, "op" TEXT NOT NULL'
    )
    yield f'CREATE TABLE "{name}" ({own}, {columns}, {history_columns})', ()
    yield f'CREATE UNIQUE INDEX "{name}_key" ON "{name}" ("{layer.key}", "version")', ()
    # Most versions ended in the past: queries about today skip them by this index.
    yield f'CREATE INDEX "{name}_valid_to" ON "{name}" (coalesce("valid_to", {_FOREVER}))', ()
    yield from _attributes(name, f"{layer.zh}：历史版本")


def history_triggers(layer: Layer) -> Iterator[str]:
    """Yield the triggers of one layer: versions, validity dates, revision (rules: ``protocol.Store``).

    ``busy`` disables a trigger while another sets ``valid_from``, whatever ``recursive_triggers`` is set to.
    """
    table, key = layer.name, layer.key
    fields = [one.name for one in layer.all_fields if one.name != "valid_to"]
    columns_listed = ", ".join(f'"{one}"' for one in fields)
    history_columns = '"valid_to", "version", "changed_at", "changed_by", "op"'
    old = ", ".join(f'OLD."{one}"' for one in fields)
    changed = " OR ".join(f'OLD."{one}" IS NOT NEW."{one}"' for one in ("geom", *layer.names))
    revision = (
        f"UPDATE gridsight_revisions SET revision = revision + 1, changed_at = {NOW}, changed_by = 'external' "
        f"WHERE layer = '{table}' AND (SELECT actor FROM gridsight_actor) IS NULL;"
    )

    def begin(when: str) -> str:
        return (
            f'UPDATE gridsight_actor SET busy = 1; UPDATE "{table}" SET "valid_from" = {_DAY} '
            f'WHERE "fid" = NEW."fid" AND {when}; UPDATE gridsight_actor SET busy = 0;'
        )

    def archive(end: str, op: str) -> str:
        return (
            f'INSERT INTO "{table}_history" ("fid", "geom", {columns_listed}, {history_columns}) '
            f'SELECT OLD."fid", OLD."geom", {old}, min(coalesce(OLD."valid_to", {_FOREVER}), {end}), '
            f'1 + coalesce((SELECT max("version") FROM "{table}_history" WHERE "{key}" = OLD."{key}"), 0), '
            f"{NOW}, {_ACTOR}, '{op}';"
        )

    # An update starts today unless it sets valid_from, or concerns only the future or the past.
    starts = (
        f'NEW."valid_from" IS OLD."valid_from" AND coalesce(NEW."valid_from", \'\') <= {_DAY} '
        f'AND coalesce(NEW."valid_to", {_FOREVER}) > {_DAY}'
    )
    end = (
        f'CASE WHEN {starts} THEN {_DAY} WHEN NEW."valid_from" IS NOT OLD."valid_from" '
        f'THEN coalesce(NEW."valid_from", {_DAY}) ELSE min({_DAY}, coalesce(NEW."valid_to", {_FOREVER})) END'
    )
    # Two triggers for an insert: a WHEN is nearly free, a body is not for a million rows.
    yield (
        f'CREATE TRIGGER "{table}_history_insert" AFTER INSERT ON "{table}" '
        f"WHEN (SELECT actor FROM gridsight_actor) IS NULL BEGIN {revision} END"
    )
    yield (
        f'CREATE TRIGGER "{table}_history_return" AFTER INSERT ON "{table}" WHEN NEW."valid_from" IS NULL '
        f'AND coalesce(NEW."valid_to", {_FOREVER}) > {_DAY} '
        f'AND EXISTS (SELECT 1 FROM "{table}_history" WHERE "{key}" = NEW."{key}") BEGIN {begin("TRUE")} END'
    )
    yield (
        f'CREATE TRIGGER "{table}_history_update" AFTER UPDATE ON "{table}" WHEN {_NOT_BUSY} AND ({changed}) '
        f"BEGIN {revision} {archive(end, 'update')} {begin(starts)} END"
    )
    yield (
        f'CREATE TRIGGER "{table}_history_delete" AFTER DELETE ON "{table}" '
        # A version that a scheduled one was to end later ends today too: nothing of a deleted key stays valid.
        f"BEGIN {revision} {archive(_DAY, 'delete')} "
        f'UPDATE "{table}_history" SET "valid_to" = {_DAY} WHERE "{key}" = OLD."{key}" '
        f'AND coalesce("valid_to", {_FOREVER}) > {_DAY}; END'
    )
