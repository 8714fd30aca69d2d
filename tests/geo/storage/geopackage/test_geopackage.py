"""Show that a workspace is a GeoPackage that other programs open, draw and edit (docs/contract.md section 4)."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from geo.catalog.layers import LAYERS
from geo.errors import StoreBroken, StoreBusy
from geo.storage.filters import selects
from geo.storage.geopackage import rtree, rtree_packing
from geo.storage.geopackage.connections import configure_connection
from geo.storage.geopackage.schema import LATEST_RUN_VIEWS, SCHEMA_VERSION, VERDICT_VIEW, rtree_triggers
from geo.storage.geopackage.store import GeoPackageStore, open_store
from geo.storage.stored_tables import STORED_RUN_TABLES
from tests.geo.storage import sample_layers
from tests.geo.storage.conftest import Clock
from tests.geo.storage.sample_layers import cameras, feature, squares


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "县 一" / "workspace.gpkg"


@pytest.fixture
def store(path: Path, clock: Clock, empty_workspace: Path) -> Iterator[GeoPackageStore]:
    path.parent.mkdir()
    shutil.copyfile(empty_workspace, path)
    with open_store(path, busy_seconds=0.2, today=clock) as one:
        yield one


def foreign(path: Path) -> sqlite3.Connection:
    """Return a connection as GDAL has it: its own, with the ST_ functions the GeoPackage standard asks for."""
    conn = sqlite3.connect(path, isolation_level=None, timeout=1.0)
    configure_connection(conn)
    return conn


def civil_day(store: GeoPackageStore) -> date:
    """Return the day of the store's time zone, by which triggers date the edits of other programs."""
    return datetime.now(ZoneInfo(store.time_zone())).date()


Ogrinfo = Callable[..., str]


@pytest.fixture
def ogrinfo(program: Callable[[str], str], path: Path) -> Ogrinfo:
    """Return what lets the GDAL of this machine read the file."""

    def read(*words: str) -> str:
        done = subprocess.run([program("ogrinfo"), *words, str(path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "ERROR" not in done.stderr
        assert "Warning" not in done.stderr
        return done.stdout

    return read


# -- the file as others see it -----------------------------------------------------------------------------------------


def test_gdal_lists_the_layers_with_their_shapes(store: GeoPackageStore, path: Path) -> None:
    listed = dict(pyogrio.list_layers(path).tolist())
    shapes = {"POINT": "Point", "MULTILINESTRING": "MultiLineString", "MULTIPOLYGON": "MultiPolygon"}
    assert listed["cameras"] == "Point"
    assert listed["grids"] == "MultiPolygon"
    assert listed["demand"] == "Unknown"
    for table in STORED_RUN_TABLES.values():
        assert listed[table.name] == shapes.get(table.shape, "Unknown")
    for name in LAYERS:
        assert listed[f"{name}_history"] is None
    assert not [name for name in listed if name.startswith(("gridsight", "gpkg", "rtree"))]


@pytest.mark.parametrize("name", LAYERS)
def test_gdal_reads_crs_fields_and_types(store: GeoPackageStore, path: Path, name: str) -> None:
    info = pyogrio.read_info(path, layer=name)
    types = {"text": "object", "number": "float64", "integer": "int64", "date": "datetime64[D]"}
    assert info["crs"] == "EPSG:4326"
    assert info["fid_column"] == "fid"
    assert info["geometry_name"] == "geom"
    assert dict(zip(info["fields"], info["dtypes"], strict=True)) == {
        one.name: types[one.kind] for one in LAYERS[name].all_fields
    }


def test_gdal_reads_what_was_written(store: GeoPackageStore, path: Path) -> None:
    frame = cameras("a", "b", name=["甲", None], valid_from=["2026-01-31", None], **{"class": [1, 2]})
    store.write("cameras", frame, "upsert", actor="me")
    seen = pyogrio.read_dataframe(path, layer="cameras", bbox=(103.005, 36, 104, 38))
    assert seen["id"].tolist() == ["b"]
    seen = pyogrio.read_dataframe(path, layer="cameras", where="id = 'a'")
    assert seen["name"].tolist() == ["甲"]
    assert str(seen["valid_from"].iloc[0])[:10] == "2026-01-31"
    box = pyogrio.read_info(path, layer="cameras", force_total_bounds=True)["total_bounds"]
    assert box == pytest.approx((103.0, 37.0, 103.01, 37.0), abs=1e-4)


def test_the_gdal_of_debian_opens_it_without_a_warning(store: GeoPackageStore, ogrinfo: Ogrinfo) -> None:
    store.write("grids", squares("a", "b"), "upsert", actor="me")
    text = ogrinfo("-so", "-al")
    assert "Layer name: grids" in text
    assert "Feature Count: 2" in text


def test_gdal_reads_runs(store: GeoPackageStore, path: Path) -> None:
    store.save_run(sample_layers.run())
    zones = pyogrio.read_dataframe(path, layer="run_zones", where="layer = 'grids'")
    assert zones["code"].tolist() == ["g1", "g2"]
    assert zones["sure_share"].tolist() == [0.1 + 0.2] * 2
    assert zones.total_bounds == pytest.approx([114.0, 37.03, 114.0, 37.04], abs=0.01)
    assert pyogrio.read_dataframe(path, layer="run_gaps")["cause"].tolist() == ["blocked", "range"]
    assert pyogrio.read_dataframe(path, layer="runs")["id"].tolist() == ["0199-a"]


def test_views_show_the_newest_run_alone(store: GeoPackageStore, path: Path, ogrinfo: Ogrinfo) -> None:
    assert len(pyogrio.read_dataframe(path, layer="latest_gaps")) == 0
    for key in ("0199-b", "0199-a"):
        store.save_run(sample_layers.run(key))
    for view, (table, _, _) in LATEST_RUN_VIEWS.items():
        assert pyogrio.read_info(path, layer=view)["crs"] == "EPSG:4326"
        frame = pyogrio.read_dataframe(path, layer=view)
        assert set(frame["run"]) == {"0199-b"}
        assert 2 * len(frame) <= len(pyogrio.read_dataframe(path, layer=table))
    assert "Feature Count: 2" in ogrinfo("-so", "-al")


def test_the_file_is_marked_and_registered_as_the_standard_says(store: GeoPackageStore, path: Path) -> None:
    with closing(foreign(path)) as conn:
        assert conn.execute("PRAGMA application_id").fetchone()[0] == 0x47504B47
        assert conn.execute("PRAGMA user_version").fetchone()[0] == 10300
        assert {row[0] for row in conn.execute("SELECT srs_id FROM gpkg_spatial_ref_sys")} >= {-1, 0, 4326}
        assert conn.execute("PRAGMA foreign_key_check").fetchall() == []
        indexed = conn.execute("SELECT table_name FROM gpkg_extensions WHERE extension_name = 'gpkg_rtree_index'")
        registered = conn.execute("SELECT table_name FROM gpkg_geometry_columns")
        assert {*indexed.fetchall(), *((view,) for view in (*LATEST_RUN_VIEWS, VERDICT_VIEW))} == set(
            registered.fetchall()
        )
        assert conn.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_history_triggers_use_no_function_that_sqlite_lacks(store: GeoPackageStore, path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        triggers = conn.execute(
            "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%history%'"
        ).fetchall()
        assert len(triggers) == 4 * len(LAYERS)
        assert not [sql for (sql,) in triggers if "ST_" in sql or "gridsight_meets" in sql]


def test_qgis_finds_a_default_style_for_what_it_draws(store: GeoPackageStore, path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        rows = conn.execute(
            "SELECT f_table_name, f_geometry_column, styleQML, useAsDefault FROM layer_styles"
        ).fetchall()
        columns = {name: {row[1] for row in conn.execute(f"PRAGMA table_info({name})")} for name, *_ in rows}
    names = [row[0] for row in rows]
    assert len(names) == len(set(names))
    assert {"cameras", "grids", "run_zones", "run_gaps", "run_coverage"} <= set(names)
    for name, geometry, qml, default in rows:
        root = ElementTree.fromstring(qml)
        symbols = {one.get("name") for one in root.iter("symbol")}
        rules = list(root.iter("rule"))
        assert (geometry, default, root.tag) == ("geom", 1, "qgis")
        assert {one.get("symbol") for one in rules} == symbols
        for rule in rules:
            parts = (rule.get("filter") or "").split('"')[1::2]
            assert set(parts) <= columns[name]


def test_every_camera_has_one_rule_of_its_style(store: GeoPackageStore, path: Path) -> None:
    """Whatever class and status a row has, QGIS draws it once; the filters are SQL that SQLite understands."""
    with closing(sqlite3.connect(path)) as conn:
        (qml,) = conn.execute("SELECT styleQML FROM layer_styles WHERE f_table_name = 'cameras'").fetchone()
        rules = {one.get("label"): one.get("filter") for one in ElementTree.fromstring(qml).iter("rule")}
        statuses = (*LAYERS["cameras"].field("status").choices, "待修", None)
        for camera_class in (1, 2, 3, None):
            for status in statuses:
                row = {"class": camera_class, "status": status}
                sql = 'SELECT {} FROM (SELECT :class AS "class", :status AS "status")'
                met = [label for label, rule in rules.items() if conn.execute(sql.format(rule), row).fetchone()[0]]
                assert len(met) == 1, row
                assert (met == ["状态未知"]) == (status in ("unknown", "待修")), row


# -- edits by others ---------------------------------------------------------------------------------------------------


def history(path: Path, layer: str = "cameras") -> list[tuple]:
    with closing(sqlite3.connect(path)) as conn:
        sql = f"SELECT id, kind, version, changed_by, op, valid_to FROM {layer}_history ORDER BY hid"
        return conn.execute(sql).fetchall()


def rtree_ids(path: Path, layer: str = "cameras") -> list[int]:
    with closing(sqlite3.connect(path)) as conn:
        ids = [row[0] for row in conn.execute(f"SELECT id FROM rtree_{layer}_geom ORDER BY id")]
        assert ids == [row[0] for row in conn.execute(f"SELECT fid FROM {layer} ORDER BY fid")]
        assert conn.execute(f"SELECT rtreecheck('rtree_{layer}_geom')").fetchone() == ("ok",)
        return ids


def test_gdal_appends_while_the_store_is_open(store: GeoPackageStore, path: Path) -> None:
    store.write("cameras", cameras("a"), "upsert", actor="me")
    revision = store.revision("cameras")
    pyogrio.write_dataframe(cameras("x", "y", x=110.0, kind=["ptz", "fixed"]), path, layer="cameras", append=True)
    assert store.read("cameras")["id"].tolist() == ["a", "x", "y"]
    assert store.read("cameras", bbox=(109, 36, 111, 38))["id"].tolist() == ["x", "y"]
    assert store.get("cameras", "x")[1] == 1
    assert store.revision("cameras") == revision + 2
    assert len(rtree_ids(path)) == 3


def test_gdal_of_debian_edits_while_the_store_is_open(store: GeoPackageStore, path: Path, ogrinfo: Ogrinfo) -> None:
    store.write("cameras", cameras("a", "b", kind=["fixed", "fixed"]), "upsert", actor="me")
    revision = store.revision("cameras")
    for sql in ("UPDATE cameras SET kind = 'ptz' WHERE id = 'a'", "DELETE FROM cameras WHERE id = 'b'"):
        ogrinfo("-q", "-sql", sql)
    today = civil_day(store).isoformat()
    assert store.read("cameras", at=(None, None))["kind"].tolist() == ["ptz", "fixed"]
    assert history(path) == [
        ("a", "fixed", 1, "external", "update", today),
        ("b", "fixed", 1, "external", "delete", today),
    ]
    assert store.revision("cameras") == revision + 2
    assert len(rtree_ids(path)) == 1


@pytest.mark.parametrize("recursive", ["OFF", "ON"])
def test_an_edit_on_another_connection_is_seen_indexed_and_recorded(
    store: GeoPackageStore, path: Path, recursive: str
) -> None:
    store.write("cameras", cameras("a", "b", kind=["fixed", "fixed"]), "upsert", actor="me")
    revision, today = store.revision("cameras"), civil_day(store)
    with closing(foreign(path)) as conn:
        conn.execute(f"PRAGMA recursive_triggers = {recursive}")
        blob = conn.execute("SELECT geom FROM cameras WHERE id = 'b'").fetchone()[0]
        conn.execute("UPDATE cameras SET kind = 'ptz', geom = ? WHERE id = 'a'", (blob,))
        conn.execute("UPDATE cameras SET kind = kind")  # changes nothing: no version
        conn.execute("DELETE FROM cameras WHERE id = 'b'")
        conn.execute("INSERT INTO cameras (geom, id, kind) VALUES (?, 'c', 'fixed')", (blob,))
    now = store.read("cameras", at=today)
    assert now["id"].tolist() == ["a", "c"]
    assert now["valid_from"].fillna("").tolist() == [today.isoformat(), ""]
    assert store.read("cameras", at=today, bbox=(103.009, 36, 103.011, 38))["id"].tolist() == ["a", "c"]
    assert store.get("cameras", "a", at=today)[1] == 2
    day = today.isoformat()
    assert history(path) == [("a", "fixed", 1, "external", "update", day), ("b", "fixed", 1, "external", "delete", day)]
    assert store.revision("cameras") == revision + 3
    assert len(rtree_ids(path)) == 2


def test_our_own_edits_carry_their_actor_and_leave_no_name_behind(
    store: GeoPackageStore, path: Path, clock: Clock
) -> None:
    store.write("cameras", cameras("a", "b", kind=["fixed", "fixed"]), "upsert", actor="alice")
    clock.day = date(2026, 5, 1)
    store.write("cameras", cameras("a", kind=["ptz"]), "upsert", actor="bob")
    with store.transaction():
        store.put("cameras", "a", feature(kind="panoramic"), if_version=2, actor="carol")
        store.delete("cameras", "b", if_version=1, actor="dave")
    assert [(row[0], row[2], row[3], row[4]) for row in history(path)] == [
        ("a", 1, "bob", "update"),
        ("a", 2, "carol", "update"),
        ("b", 1, "dave", "delete"),
    ]
    with closing(foreign(path)) as conn:
        assert conn.execute("SELECT actor, day, busy FROM gridsight_actor").fetchall() == [(None, None, 0)]
        conn.execute("UPDATE cameras SET kind = 'fixed' WHERE id = 'a'")
    assert history(path)[-1][3] == "external"


def test_a_name_does_not_outlive_a_failed_write(store: GeoPackageStore, path: Path) -> None:
    store.write("cameras", cameras("a"), "upsert", actor="me")

    def fail() -> None:
        with store.transaction():
            store.write("cameras", cameras("b"), "upsert", actor="ghost")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    with closing(foreign(path)) as conn:
        conn.execute("UPDATE cameras SET kind = 'ptz'")
    assert [row[3] for row in history(path)] == ["external"]


def test_a_renamed_key_ends_the_old_one(store: GeoPackageStore, path: Path) -> None:
    store.write("cameras", cameras("a", kind=["fixed"]), "upsert", actor="me")
    with closing(foreign(path)) as conn:
        conn.execute("UPDATE cameras SET id = 'z'")
    assert store.read("cameras", at=civil_day(store))["id"].tolist() == ["z"]
    assert store.read("cameras", at=date(2020, 1, 1))["id"].tolist() == ["a"]


def test_a_row_that_another_program_left_odd_does_not_hide_the_others(store: GeoPackageStore, path: Path) -> None:
    store.write("cameras", cameras("a", "b", "c"), "upsert", actor="me")
    with closing(foreign(path)) as conn:
        conn.execute("UPDATE cameras SET geom = NULL, height = 'tall', class = 1.5 WHERE id = 'a'")
        conn.execute("UPDATE cameras SET geom = x'00', name = 12 WHERE id = 'b'")
    frame = store.read("cameras", at=civil_day(store))
    assert frame["id"].tolist() == ["a", "b", "c"]
    assert frame.geometry.isna().tolist() == [True, True, False]
    assert frame[["height", "class"]].isna().all(axis=None)
    assert frame["name"].iloc[1] == "12"
    assert store.get("cameras", "a", at=civil_day(store))[0]["geometry"] is None


def test_a_reader_holding_the_file_open_sees_new_data_and_stops_nobody(store: GeoPackageStore, path: Path) -> None:
    with closing(foreign(path)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM cameras").fetchone()[0] == 0
        store.write("cameras", cameras("a"), "upsert", actor="me")  # while it reads
        assert reader.execute("SELECT count(*) FROM cameras").fetchone()[0] == 0  # its own snapshot
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM cameras").fetchone()[0] == 1


def test_a_second_writer_waits_then_hears_that_the_store_is_busy(store: GeoPackageStore, path: Path) -> None:
    with closing(foreign(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy):
            store.write("cameras", cameras("a"), "upsert", actor="me")
        assert store.count("cameras") == 0  # reading goes on
        other.execute("COMMIT")
    store.write("cameras", cameras("a"), "upsert", actor="me")
    assert store.count("cameras") == 1


def test_a_journal_that_qgis_set_back_is_wal_again_for_the_next(store: GeoPackageStore, path: Path) -> None:
    store.close()
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA journal_mode = DELETE").fetchone()[0] == "delete"
    with open_store(path) as again:
        again.write("cameras", cameras("a"), "upsert", actor="me")
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


# -- indexes -----------------------------------------------------------------------------------------------------------


def plan(path: Path, asked: selects.Query) -> str:
    with closing(foreign(path)) as conn:
        return "\n".join(row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {asked.sql}", asked.params))


def test_a_box_goes_through_the_rtree_and_a_page_through_the_key(store: GeoPackageStore, path: Path) -> None:
    layer, today = LAYERS["cameras"], date(2026, 3, 1)
    boxed = plan(path, selects.select(layer, today=today, bbox=(103, 36, 104, 38)))
    assert "SCAN r VIRTUAL TABLE INDEX" in boxed
    assert "SCAN t" not in boxed
    paged = plan(path, selects.select(layer, today=today, after="m", limit=100))
    assert "SEARCH t USING INDEX sqlite_autoindex_cameras_1 (id>?)" in paged
    assert "SCAN t" not in paged
    assert "TEMP B-TREE" not in paged.split("UNION ALL")[0].split("RIGHT")[0]
    single = plan(path, selects.select(layer, today=today, key="m"))
    assert "SEARCH t USING INDEX sqlite_autoindex_cameras_1 (id=?)" in single
    now = plan(path, selects.select(layer, today=today))
    assert "SEARCH h USING INDEX cameras_history_valid_to" in now  # of history only what is still valid


@pytest.mark.parametrize("count", [1, 51, 52, 2_601, 2_602, 20_000])
def test_an_index_built_at_once_answers_as_one_built_by_triggers(
    store: GeoPackageStore, path: Path, count: int
) -> None:
    rng = np.random.default_rng(count)
    corners = np.column_stack([rng.uniform(-180, 179, count), rng.uniform(-90, 89, count)])
    boxes = shapely.box(*corners.T, *(corners + rng.uniform(0, 1, (count, 2))).T)
    frame = gpd.GeoDataFrame({"code": [f"{i:05d}" for i in range(count)]}, geometry=boxes, crs=4326)
    store.write("grids", frame, "upsert", actor="me")
    with closing(foreign(path)) as conn:
        conn.execute("BEGIN IMMEDIATE")
        rtree.drop_triggers(conn, "grids")
        rtree_packing.rebuild(conn, "grids")
        conn.execute("COMMIT")
        assert conn.execute("SELECT rtreecheck('rtree_grids_geom')").fetchone() == ("ok",)
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        triggers = conn.execute(
            "SELECT name FROM sqlite_master WHERE tbl_name = 'grids' AND name LIKE 'rtree_grids_geom_%'"
        )
        assert {row[0] for row in triggers} >= set(rtree_triggers("grids"))
    for _ in range(20):
        x, y = rng.uniform(-180, 150), rng.uniform(-90, 60)
        box = (x, y, x + 30, y + 30)
        found = store.read("grids", bbox=box)["code"].tolist()
        assert found == frame["code"][shapely.intersects(boxes, shapely.box(*box))].tolist()
    # It takes single changes afterwards.
    store.delete("grids", "00000", if_version=None, actor="me")
    store.write("grids", frame.iloc[:1].assign(code="new"), "append", actor="me")
    rtree_ids(path, "grids")


def test_rows_written_to_an_empty_layer_are_those_written_beside_others(store: GeoPackageStore, path: Path) -> None:
    count = 1234  # of more statements than one, the last of fewer rows
    points = shapely.points(102.5 + np.arange(count) / 5000, 37.5 - np.arange(count) / 7000)
    texts = [None if row % 7 == 0 else f"和平路{row}号" for row in range(count)]
    keys = [f"a{(row * 611) % count:04d}" for row in range(count)]
    frame = gpd.GeoDataFrame({"id": keys, "text": texts}, geometry=points, crs="EPSG:4326")
    frame["grid"] = None
    read, told = [], []
    for first in (frame.iloc[:0], frame.iloc[5:6]):
        with open_store(path.parent / f"{len(first)}.gpkg") as one:
            if len(first):
                one.write("addresses", first, "upsert", actor="li")
            told.append(one.write("addresses", frame, "upsert", actor="li"))
            read.append(one.read("addresses").sort_values("id", ignore_index=True))
            assert len(one.read("addresses", bbox=(102.5, 37.4, 102.6, 37.6))) == 501
    assert read[0].drop(columns="geometry").equals(read[1].drop(columns="geometry"))
    assert shapely.equals_exact(read[0].geometry.to_numpy(), read[1].geometry.to_numpy()).all()
    assert [(one.imported, one.updated, one.unchanged) for one in told] == [(count, 0, 0), (count - 1, 1, 1)]


def test_many_rows_at_once_are_indexed_and_their_box_is_in_the_contents(store: GeoPackageStore, path: Path) -> None:
    count = 6_000
    frame = gpd.GeoDataFrame(
        {"id": [f"{i:05d}" for i in range(count)]},
        geometry=shapely.points(100 + np.arange(count) / 1000, np.full(count, 37.0)),
        crs=4326,
    )
    for mode in ("append", "upsert", "replace"):
        store.write("cameras", frame, mode, actor="me")
    assert rtree_ids(path) == list(range(1, count + 1))
    store.write("cameras", frame.iloc[::2].assign(kind="ptz"), "replace", actor="me")
    assert len(rtree_ids(path)) == count // 2
    assert len(history(path)) == count
    box = pyogrio.read_info(path, layer="cameras", force_total_bounds=True)["total_bounds"]
    assert box == pytest.approx((100, 37, 105.998, 37), abs=1e-4)


# -- which files are opened --------------------------------------------------------------------------------------------


def test_an_absent_file_is_made_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "new" / "w.gpkg"
    with pytest.raises(StoreBroken, match=r"w\.gpkg"):
        open_store(path, create=False)
    assert not path.exists()
    open_store(path).close()
    open_store(path, create=False).close()


def test_an_empty_file_is_as_good_as_none(tmp_path: Path) -> None:
    path = tmp_path / "w.gpkg"
    path.touch()
    with pytest.raises(StoreBroken):
        open_store(path, create=False)
    with open_store(path) as store:
        assert store.count("cameras") == 0


def test_what_is_no_workspace_is_refused_and_untouched(tmp_path: Path) -> None:
    foreign_path = tmp_path / "other.gpkg"
    pyogrio.write_dataframe(cameras("a"), foreign_path, layer="wells")
    text = tmp_path / "text.gpkg"
    text.write_text("id,name\n" * 1000)
    folder = tmp_path / "folder.gpkg"
    folder.mkdir()
    before = foreign_path.read_bytes()
    for path, named in ((foreign_path, "wells"), (text, "text.gpkg"), (folder, "folder.gpkg")):
        with pytest.raises(StoreBroken, match=named):
            open_store(path)
    assert foreign_path.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["folder.gpkg", "other.gpkg", "text.gpkg"]


@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE gridsight_meta SET value = '{SCHEMA_VERSION + 1}' WHERE key = 'schema_version'",
        "UPDATE gridsight_meta SET value = 'x' WHERE key = 'schema_version'",
        "DROP TABLE cameras_history",
    ],
)
def test_a_newer_or_torn_workspace_is_refused(path: Path, store: GeoPackageStore, sql: str) -> None:
    store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute(sql)
    with pytest.raises(StoreBroken):
        open_store(path)


def test_tables_of_the_planners_own_are_left_in_peace(path: Path, store: GeoPackageStore) -> None:
    pyogrio.write_dataframe(cameras("a"), path, layer="my_notes")
    store.close()
    with open_store(path) as again:
        again.write("cameras", cameras("b"), "upsert", actor="me")
    assert len(pyogrio.read_dataframe(path, layer="my_notes")) == 1


def test_a_workspace_moved_away_does_not_come_back_empty(path: Path, store: GeoPackageStore) -> None:
    store.close()
    with open_store(path) as again:
        path.rename(path.with_name("moved.gpkg"))
        with pytest.raises(StoreBroken):
            again.count("cameras")
    assert not path.exists()
