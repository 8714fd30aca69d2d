"""Open, read, write and analyse with the present code what earlier versions left (tests/data/workspaces)."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import pyogrio
import pytest
import shapely

from geo.catalog.layers import LAYERS
from geo.errors import Conflict, NotFound, StoreBroken
from geo.storage.geopackage.connections import configure_connection
from geo.storage.geopackage.schema import LATEST_RUN_VIEWS, SCHEMA_VERSION, TITLES_DAY, VERDICT_VIEW, version_values
from geo.storage.geopackage.store import GeoPackageStore, open_store
from geo.storage.records import LOCAL, Job
from geo.storage.stored_tables import DAYS
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions
from tests.conftest import ROOT
from tests.geo.storage import answers
from tests.geo.storage.answers import require_same
from tests.processes import Processes

FOLDER = ROOT / "tests" / "data" / "workspaces"
FILES = sorted(FOLDER.glob("*.gpkg"))


@pytest.fixture(params=FILES, ids=[one.stem for one in FILES])
def file(request: pytest.FixtureRequest) -> Path:
    """Return one of the files kept; it is not to be changed."""
    return request.param


@pytest.fixture
def said(file: Path) -> dict[str, Any]:
    """Return what the version that wrote the file answered from it."""
    return json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))


@pytest.fixture
def day(said: dict[str, Any]) -> date:
    """Return the day of the last edit and of the answers."""
    return date.fromisoformat(said["day"])


@pytest.fixture
def path(file: Path, tmp_path: Path) -> Path:
    return Path(shutil.copyfile(file, tmp_path / "workspace.gpkg"))


@pytest.fixture
def store(path: Path, day: date) -> Iterator[GeoPackageStore]:
    with open_store(path, create=False, today=lambda: day) as one:
        yield one


def test_every_landed_format_is_kept_with_its_answers() -> None:
    assert {"2026-11-22-embedded", "2026-11-22-server"} <= {one.stem for one in FILES}
    told = (FOLDER / "README.md").read_text(encoding="utf-8")
    for one in FILES:
        assert one.with_suffix(".json").is_file()
        assert one.name in told
        assert one.stat().st_size < 400_000
        with contextlib.closing(sqlite3.connect(f"{one.as_uri()}?mode=ro&immutable=1", uri=True)) as conn:
            assert conn.execute("PRAGMA journal_mode").fetchone() == ("delete",)
            assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# -- reading -----------------------------------------------------------------------------------------------------------


def test_layers_read_row_by_row_as_they_were(store: GeoPackageStore, said: dict[str, Any]) -> None:
    assert set(said["layers"]) <= set(LAYERS)
    for name, layer in said["layers"].items():
        assert layer["rows"], f"{name} is empty: nothing is shown"
        require_same(answers.rows_of(store.read(name)), layer["rows"], name)
        assert store.count(name) == len(layer["rows"])
        assert store.revision(name) == layer["revision"]


def test_history_is_as_it_was(store: GeoPackageStore, said: dict[str, Any]) -> None:
    got = answers.history_of(store)
    assert set(got) == set(said["history"])
    require_same(got, said["history"])
    history_rows = {(row["changed_by"], row["op"]) for rows in got.values() for row in rows}
    assert {("external", "update"), ("external", "delete"), ("import", "update"), ("规划科", "delete")} <= history_rows


def test_earlier_and_later_days_answer(store: GeoPackageStore, said: dict[str, Any]) -> None:
    for one, layers in said["at"].items():
        require_same({name: answers.keys_at(store, name, one) for name in layers}, layers, one)
    require_same([answers.feature_at(store, one) for one in said["features"]], said["features"])


def test_the_run_is_listed_with_its_figures(store: GeoPackageStore, said: dict[str, Any]) -> None:
    (listed,) = store.runs()
    assert (listed.id, listed.created) == (said["run"]["id"], said["run"]["created"])
    require_same(answers.plain(listed.options), said["run"]["options"])
    require_same(answers.plain(listed.summary), said["run"]["summary"])
    run = store.run("latest", incidence=True)
    assert run.id == listed.id
    assert run.incidence
    for name, rows in said["run"]["layers"].items():
        require_same(answers.table_of(run.layers[name]), rows, name)
    for name in ("views", "possible", "coverage", "gaps"):  # the shapes are those whose areas stand beside them
        frame = run.layers[name].to_crs(run.summary["computing_crs"])
        assert shapely.area(frame.geometry.to_numpy()) == pytest.approx(frame["area_m2"].to_numpy(), rel=1e-6), name


def test_gaps_outage_and_places_answer_the_same(store: GeoPackageStore, said: dict[str, Any]) -> None:
    got = answers.ask(store, said)
    for name in ("gaps", "outage"):
        require_same(got[name], said[name], name, rel=1e-9)
    for name in ("points", "addresses"):
        require_same(_without_revision(got[name]), _without_revision(said[name]), name, rel=1e-9)


def _without_revision(located: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what was located without its revision: it counts the changes of more layers than it did.

    Of a text that names a village only, in two grids, the older version answered with the grids of its addresses.
    """
    found = [{**one, "match": {**one["match"], "revision": None}} for one in located]
    return [
        one if one["match"]["status"] != "ambiguous" else {"text": one["text"], "status": "ambiguous"}
        for one in found
    ]  # fmt: skip


def test_jobs_are_there_and_can_be_added(store: GeoPackageStore, said: dict[str, Any]) -> None:
    require_same([answers.plain(vars(one)) for one in store.jobs()], said["jobs"])
    newest = "01f00000-0000-7000-8000-000000000000"
    job = Job(newest, "analyze", "accepted", {"domain": "all"}, LOCAL.name, LOCAL.role, "2026-12-01T08:00:00.000Z")
    store.save_job(job)
    assert [one.id for one in store.jobs()] == [job.id, *(one["id"] for one in said["jobs"])]
    assert store.job(job.id) == job


def test_gdal_reads_it_and_the_planners_style_stays(store: GeoPackageStore, path: Path, said: dict[str, Any]) -> None:
    for name, layer in said["layers"].items():
        assert len(pyogrio.read_dataframe(path, layer=name)) >= len(layer["rows"])  # rows of other days too
    style = said["style"]
    with contextlib.closing(sqlite3.connect(path)) as conn:
        defaults = conn.execute(
            "SELECT styleName, styleQML FROM layer_styles WHERE f_table_name = ? AND useAsDefault", (style["table"],)
        ).fetchall()
    ((name, qml),) = defaults
    assert name == style["name"]
    assert hashlib.sha256(qml.encode()).hexdigest() == style["qml_sha256"]


def listed(path: Path) -> dict[str, tuple[str, ...]]:
    """Return what GIS programs are told of each table: kind, identifier, description."""
    with contextlib.closing(sqlite3.connect(path)) as conn:
        rows = conn.execute("SELECT table_name, data_type, identifier, description FROM gpkg_contents").fetchall()
    return {table: tuple(rest) for table, *rest in rows}


def described_as_before(path: Path) -> None:
    """Give the views of a new file the titles of 2026-11-28, as if the next day were still to come."""
    with contextlib.closing(sqlite3.connect(path)) as conn, conn:
        for view, (_, title, _) in LATEST_RUN_VIEWS.items():
            old = title.replace("已发布的批次：", "最近一次运行：")
            assert old != title
            conn.execute("UPDATE gpkg_contents SET description = ? WHERE table_name = ?", (old, view))
        for key, value in version_values({*DAYS} - {TITLES_DAY}):
            conn.execute("UPDATE gridsight_meta SET value = ? WHERE key = ?", (value, key))


def test_views_of_the_published_run_say_so_in_old_upgraded_and_new_files_alike(path: Path, tmp_path: Path) -> None:
    new, upgraded = tmp_path / "new.gpkg", tmp_path / "upgraded.gpkg"
    for one in (new, upgraded):
        open_store(one).close()
    described_as_before(upgraded)
    for one in (path, upgraded):
        open_store(one, create=False).close()
        assert listed(new).items() <= listed(one).items()
    assert {name: text for name, (_, _, text) in listed(path).items() if name.startswith("latest_")} == {
        "latest_views": "已发布的批次：确定可视范围",
        "latest_possible": "已发布的批次：可能可视范围",
        "latest_coverage": "已发布的批次：覆盖重数",
        "latest_grids": "已发布的批次：网格覆盖率",
        "latest_gaps": "已发布的批次：盲区",
        "latest_places": "已发布的批次：重点部位的结论",
    }


def test_a_title_that_a_planner_gave_a_view_stays(tmp_path: Path) -> None:
    path = tmp_path / "workspace.gpkg"
    open_store(path).close()
    described_as_before(path)
    with contextlib.closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("UPDATE gpkg_contents SET description = '本月盲区' WHERE table_name = 'latest_gaps'")
    open_store(path, create=False).close()
    assert listed(path)["latest_gaps"][2] == "本月盲区"
    assert listed(path)["latest_views"][2] == "已发布的批次：确定可视范围"


def test_its_default_styles_draw_cameras_of_unknown_status_and_others_stay(path: Path) -> None:
    """U1: the styles of before had no rule for the status, so that QGIS would not draw such a camera at all."""

    def styles() -> dict[tuple[str, str], str]:
        with contextlib.closing(sqlite3.connect(path)) as conn:
            sql = "SELECT f_table_name, styleName, styleQML FROM layer_styles"
            return {(table, name): qml for table, name, qml in conn.execute(sql)}

    before = styles()
    with contextlib.closing(sqlite3.connect(path)) as conn, conn:
        edited = before["run_views", "run_views"].replace("0.15", "0.16")
        conn.execute("UPDATE layer_styles SET styleQML = ? WHERE f_table_name = 'run_views'", (edited,))
    with open_store(path) as store:
        assert any("unknown status" in one for one in store.upgraded)
    after = styles()
    changed = {("cameras", "cameras"), ("latest_views", "latest_views")}
    new = {table for table, _ in after.keys() - before.keys()}
    assert new.isdisjoint({"cameras", "run_views", "latest_views"})
    assert {one for one in before if after[one] != before[one]} == changed | {("run_views", "run_views")}
    assert after["run_views", "run_views"] == edited
    assert all("状态未知" in after[one] and "状态未知" not in before[one] for one in changed)


# -- writing and analysing ---------------------------------------------------------------------------------------------


def test_writing_goes_on_where_the_old_version_stopped(path: Path, said: dict[str, Any], day: date) -> None:
    morrow = day + timedelta(days=1)
    with open_store(path, create=False, today=lambda: morrow) as store:
        feature, version = store.get("cameras", "c04")
        assert version == 3
        feature["properties"]["azimuth"] = 31.5
        with pytest.raises(Conflict):
            store.put("cameras", "c04", feature, if_version=2, actor="tester")
        assert store.put("cameras", "c04", feature, if_version=3, actor="tester") == 4
        store.delete("demand", "d1", if_version=1, actor="tester")
        with pytest.raises(NotFound):
            store.get("demand", "d1")
        frame = store.read("obstacles")
        frame.loc[frame["id"] == "b1", "height"] = 12.0
        new = gpd.GeoDataFrame(
            {"id": ["b9"], "height": [4.5]}, geometry=[shapely.box(102.1, 37.1, 102.1001, 37.1001)], crs=frame.crs
        )
        counts = store.write("obstacles", gpd.pd.concat([frame, new], ignore_index=True), "upsert", actor="tester")
        assert (counts.imported, counts.updated, counts.unchanged) == (1, len(frame), len(frame) - 1)
    with open_store(path, create=False, today=lambda: morrow) as store:
        assert store.read("cameras").set_index("id")["azimuth"]["c04"] == 31.5
        assert store.read("obstacles").set_index("id")["height"][["b1", "b9"]].tolist() == [12.0, 4.5]
        past = answers.history_of(store)
        added = {name: [row for row in rows if row["changed_by"] == "tester"] for name, rows in past.items()}
        told = {
            (name, row[LAYERS[name].key], row["version"], row["op"], row["valid_to"])
            for name, rows in added.items() for row in rows
        }  # fmt: skip
        ended = morrow.isoformat()
        assert told == {
            ("cameras", "c04", 3, "update", ended),
            ("demand", "d1", 1, "delete", ended),
            ("obstacles", "b1", 1, "update", ended),
        }
        require_same(
            {name: [row for row in rows if row["changed_by"] != "tester"] for name, rows in past.items()},
            said["history"],
        )
        # The day before still answers as it did, and so do all days before it.
        for name, layer in said["layers"].items():
            keys = [row[LAYERS[name].key] for row in layer["rows"]]
            assert answers.keys_at(store, name, said["day"]) == sorted(
                [*keys, *(["b9"] if name == "obstacles" else [])]
            )
        require_same(
            [answers.feature_at(store, one) for one in said["features"] if one["at"] < said["day"]],
            [one for one in said["features"] if one["at"] < said["day"]],
        )
        for name, grown in (("cameras", 1), ("demand", 1), ("obstacles", 1), ("grids", 0)):
            assert store.revision(name) == said["layers"][name]["revision"] + grown


def test_other_programs_go_on_editing(
    store: GeoPackageStore, path: Path, said: dict[str, Any], day: date
) -> None:  # fmt: skip
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=5.0)) as conn:
        configure_connection(conn)  # the ST_ functions that GDAL and QGIS bring along
        conn.execute("UPDATE roads SET width = 9.5 WHERE id = 'r1'")
        conn.execute("UPDATE cameras SET geom = (SELECT geom FROM cameras WHERE id = 'c01') WHERE id = 'c06'")
    past = answers.history_of(store)
    (road,) = [row for row in past["roads"] if row["id"] == "r1"]
    (camera,) = [row for row in past["cameras"] if row["id"] == "c06"]
    assert (road["width"], road["changed_by"], road["version"]) == (8.0, "external", 1)
    assert camera["geometry"]["coordinates"] == [102.1005, 37.1025]
    assert store.revision("roads") == said["layers"]["roads"]["revision"] + 1
    # The moved camera is found by its new place: the R*Tree knows it. The day of the edit is that of the store's zone.
    near = (102.1009, 37.1009, 102.1011, 37.1011)
    found = store.read("cameras", bbox=near, at=max(day, datetime.now(ZoneInfo(store.time_zone())).date()))
    assert found["id"].tolist() == ["c01", "c02", "c03", "c06"]


def still_so(layer: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows without what is decided in another way since 2026-11-28: causes and places of large gaps (G2)."""
    decided = ("cause", "camera", "obstacle", "distance_m", "lon", "lat") if layer == "gaps" else ()
    return [{name: value for name, value in row.items() if name not in decided} for row in rows]


def test_a_new_analysis_gives_the_figures_of_the_stored_one(
    store: GeoPackageStore, said: dict[str, Any]
) -> None:  # fmt: skip
    options = said["run"]["options"]
    run = analyze(store, AnalyzeOptions(**{**options, "zones": tuple(options["zones"])}))
    for name in said["run"]["layers"]:
        require_same(answers.table_of(run.layers[name]), still_so(name, said["run"]["layers"][name]), name, rel=1e-9)
    for one in ("levels", "totals", "zones", "inputs", "computing_crs"):
        require_same(answers.plain(run.summary[one]), said["run"]["summary"][one], one, rel=1e-9)
    assert [one.id for one in store.runs()] == [run.id, said["run"]["id"]]
    assert store.run("latest").id == run.id
    require_same(answers.table_of(store.run(said["run"]["id"]).layers["gaps"]), said["run"]["layers"]["gaps"])


def test_other_domains_levels_and_days_give_the_same_figures(store: GeoPackageStore, said: dict[str, Any]) -> None:
    assert {one["options"]["domain"] for one in said["analyses"]} == {"demand", "streets", "all"}
    for one in said["analyses"]:
        run = analyze(store, AnalyzeOptions(**one["options"]))
        for name, rows in one["layers"].items():
            require_same(answers.table_of(run.layers[name]), still_so(name, rows), f"{one['options']} {name}", rel=1e-9)


# -- read-only and newer files -----------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="modes of files and accounts as POSIX has them")
@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_a_read_only_copy_is_read_as_it_is(
    processes: Processes, folder: Path, file: Path, path: Path, said: dict[str, Any], journal: str
) -> None:
    """Neither the file nor its folder can be written to, by an account that is not root.

    QGIS leaves the journal mode DELETE, this project WAL: SQLite keeps it in the file.
    """
    copy = Path(shutil.copyfile(file, folder / "工作区.gpkg"))
    with contextlib.closing(sqlite3.connect(copy)) as conn:
        assert conn.execute(f"PRAGMA journal_mode = {journal}").fetchone() == (journal,)
    copy.chmod(0o444)
    folder.chmod(0o555)
    before = copy.read_bytes()
    command = [sys.executable, "-m", "tests.geo.storage.answers", path, copy, file.with_suffix(".json")]
    done = processes.run(*command, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-3000:]
    got = json.loads(done.stdout)
    for name in got:
        if name in ("points", "addresses"):
            require_same(_without_revision(got[name]), _without_revision(said[name]), name, rel=1e-9)
        else:
            require_same(got[name], said[name], name, rel=1e-9)
    assert copy.read_bytes() == before
    assert [one.name for one in folder.iterdir()] == [copy.name]


def test_a_newer_workspace_is_refused_by_one_sentence_that_names_both_versions(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("UPDATE gridsight_meta SET value = '999' WHERE key = 'schema_version'")
    before = path.read_bytes()
    with pytest.raises(StoreBroken) as caught:
        open_store(path)
    for sentence in (caught.value.zh, caught.value.en):
        assert "\n" not in sentence
        assert re.findall(r"\d+", sentence.replace(str(path), "")) == ["999", str(SCHEMA_VERSION)]
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_it_gets_the_view_of_verdicts_with_its_style(store: GeoPackageStore, path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as conn:
        styled = conn.execute("SELECT count(*) FROM layer_styles WHERE f_table_name = ?", (VERDICT_VIEW,)).fetchone()
        assert conn.execute(f"SELECT count(*) FROM {VERDICT_VIEW}").fetchone() == (0,)
    assert styled == (1,)
    assert len(pyogrio.read_dataframe(path, layer=VERDICT_VIEW)) == 0
