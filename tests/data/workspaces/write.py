"""Write a small workspace of every kind of content, and the answers to it, with the code of one landed version.

Run with the code of the version named, QGIS 3.22 at hand (``/usr/bin/python3``)::

    PYTHONPATH=CHECKOUT CHECKOUT/.venv/bin/python tests/data/workspaces/write.py embedded FOLDER

``CHECKOUT`` is a checkout of the commit that ``VERSIONS`` gives for the name; another one is refused. ``FOLDER`` gets
the workspace and the answers (``.json``). What the script imports are names of that version, so it does not follow the
code of later ones: a later version gets a line in ``VERSIONS`` and, where a name of it changed, a branch.

The drawing, in steps of 0.001 degrees from 102.1 E 37.1 N; T1 is west of column 4, T2 east of it::

    4 +-------+-------+-------+
      | G2    |G3  |G4| G5    |   G1 and G2 in village V1, G3 (an L) and the school G4 in V2, G5 and the fair G6 inside
    2 +---+---+--+ +--+ +---+ |   it in V3. G1 is cut into the micro-grids M1 and M2; M3 is the west of G2.
      |M1 |M2 | G3    | |G6 | |
    0 +---+---+-------+-+---+-+
      0   1   2       4       6
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

#: Name of a version -> (file, commit).
VERSIONS = {
    "embedded": ("2026-11-22-embedded", "05b52352a57f8876b015a072f484a5c69561dabb"),
    "server": ("2026-11-22-server", "b69b1dd00e84c5ca33beb4443e20161b2ab2db4e"),
}
#: The version from which a workspace keeps jobs.
KEEPS_JOBS = ("server",)

QGIS_PYTHON = "/usr/bin/python3"
QGIS_STYLE = "规划科：红点"

COUNTY, T1, T2 = "990121", "990121101", "990121102"
V1, V2, V3 = f"{T1}001", f"{T1}002", f"{T2}001"
G1, G2, G3, G4, G5, G6 = (
    f"{V1}001", f"{V1}002", f"{V2}001", f"{V2}501", f"{V3}001", f"{V3}501",
)  # fmt: skip
M1, M2, M3 = f"{G1}01", f"{G1}02", f"{G2}01"

IMPORTER, PLANNER, TOWNSHIP = "import", "规划科", "青石镇综治中心"
IMPORTED, CHANGED, MOVED, DELETED, RETURNED = (
    date(2026, 3, 1), date(2026, 5, 10), date(2026, 6, 15), date(2026, 8, 20), date(2026, 9, 1),
)  # fmt: skip
#: Days at which the answers are asked, beside the day of writing.
ASKED = ("2026-04-01", "2026-05-31", "2026-07-01", "2026-08-25", "2027-02-01")

OUT_OF_ORDER = "p1"
#: Analyses that are not kept in the workspace: they run on a copy.
ANALYSES: tuple[dict[str, Any], ...] = (
    {"domain": "demand"},
    {"domain": "streets", "edition": "iec62676-4:2025", "level": "discern", "target_height": 1.2},
    {"domain": "all", "at": "2026-04-01"},
)
POINTS: tuple[dict[str, Any], ...] = (
    {"lon": 102.1005, "lat": 37.101, "crs": "wgs84"},  # M1 of G1
    {"lon": 102.1035, "lat": 37.1035, "crs": "cgcs2000", "accuracy": 80.0},  # the school, its neighbours within 80 m
    {"lon": 102.105, "lat": 37.1015, "crs": "wgs84"},  # the fair, in the hole of G5
    {"lon": 102.10375, "lat": 37.10225, "crs": "gcj02"},
    {"lon": 102.2, "lat": 37.1, "crs": "wgs84"},  # outside
    {"lon": 102.1015, "lat": 37.1005, "crs": "wgs84", "at": "2026-04-01"},
)
ADDRESSES = ("青石镇柳沟村东街1号", "老粮站", "白杨乡云坪村市场路9号", "青石镇柳沟村", "不存在的地方")


class Clock:
    """Tell the store the day that the script says it is."""

    day = IMPORTED

    def __call__(self) -> date:
        return self.day


def main() -> None:
    if sys.argv[1] == "qgis":
        edit_in_qgis(sys.argv[2])
        return
    name, folder = sys.argv[1], Path(sys.argv[2])
    import geo

    file, commit = VERSIONS[name]
    root = Path(geo.__file__).resolve().parent.parent
    found = subprocess.run(["git", "-C", root, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    changes = subprocess.run(
        ["git", "-C", root, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True
    )
    if found.stdout.strip() != commit or changes.stdout.strip():
        sys.exit(f"{name} is written by the code of commit {commit}, unchanged; this is {found.stdout.strip()}")
    path = folder / f"{file}.gpkg"
    path.unlink(missing_ok=True)
    write(path, keeps_jobs=name in KEEPS_JOBS)
    pack(path)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / path.name
        shutil.copyfile(path, copy)
        answers = {"commit": commit, **ask(copy, keeps_jobs=name in KEEPS_JOBS)}
    path.with_suffix(".json").write_text(lay(answers) + "\n", encoding="utf-8")
    print(path, path.stat().st_size, path.with_suffix(".json").stat().st_size)


# -- the drawing -------------------------------------------------------------------------------------------------------


def at(x: float, y: float) -> tuple[float, float]:
    """Return degrees of a place of the drawing."""
    return round(102.1 + x / 1000, 7), round(37.1 + y / 1000, 7)


def ring(*corners: tuple[float, float]) -> list[tuple[float, float]]:
    return [at(*corner) for corner in (*corners, corners[0])]


def box(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float]]:
    return ring((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def frame_of(rows: list[dict[str, Any]]) -> Any:
    """Return rows, each with its shape under ``shape``, as a frame; a field that a row lacks is null."""
    import geopandas as gpd

    fields = list(dict.fromkeys(name for row in rows for name in row if name != "shape"))
    columns = {name: [row.get(name) for row in rows] for name in fields}
    return gpd.GeoDataFrame(columns, geometry=[row["shape"] for row in rows], crs="EPSG:4326")


def frames() -> dict[str, Any]:
    """Return every layer as it is first imported."""
    import shapely

    polygon, line, point = shapely.Polygon, shapely.LineString, shapely.Point
    town, first, second = polygon(box(0, 0, 4, 4)), polygon(box(0, 0, 2, 4)), polygon(box(2, 0, 4, 4))
    east, fair = polygon(box(4, 0, 6, 4)), box(4.5, 1, 5.5, 2)
    bent = polygon(ring((2, 0), (4, 0), (4, 3), (3, 3), (3, 4), (2, 4)))
    divisions = [
        {"code": COUNTY, "name": "青岚县", "level": "county", "shape": polygon(box(0, 0, 6, 4))},
        {"code": T1, "name": "青石镇", "level": "township", "parent": COUNTY, "shape": town},
        {"code": T2, "name": "白杨乡", "level": "township", "parent": COUNTY, "shape": east},
        {"code": V1, "name": "柳沟村", "level": "village", "parent": T1, "shape": first},
        {"code": V2, "name": "石坪村", "level": "village", "parent": T1, "shape": second},
        {"code": V3, "name": "云坪村", "level": "village", "parent": T2, "shape": east},
    ]
    general, own = {"kind": "general", "level": 1}, {"kind": "dedicated", "level": 1}
    micro = {"kind": "general", "level": 2}
    grids = [
        {"code": G1, "name": "柳沟南格", **general, "village": V1, "households": 60, "population": 171, "staff": 1,
         "shape": polygon(box(0, 0, 2, 2))},
        {"code": G2, "name": "柳沟北格", **general, "village": V1, "households": 45, "population": 120, "staff": 1,
         "shape": polygon(box(0, 2, 2, 4))},
        {"code": G3, "name": "石坪格", **general, "village": V2, "households": 80, "shape": bent},
        {"code": G4, "name": "石坪学校", **own, "village": V2, "households": 0, "staff": 2,
         "shape": polygon(box(3, 3, 4, 4))},
        {"code": G5, "name": "云坪格", **general, "village": V3, "households": 70, "population": 203,
         "shape": polygon(box(4, 0, 6, 4), [fair])},
        {"code": G6, "name": "云坪集市", **own, "village": V3, "shape": polygon(fair)},
        {"code": M1, "name": "柳沟南一片", **micro, "village": V1, "parent": G1, "households": 25,
         "shape": polygon(box(0, 0, 1, 2))},
        {"code": M2, "name": "柳沟南二片", **micro, "village": V1, "parent": G1, "households": 35,
         "shape": polygon(box(1, 0, 2, 2))},
        {"code": M3, "name": "柳沟北一片", **micro, "village": V1, "parent": G2, "shape": polygon(box(0, 2, 1, 4))},
    ]  # fmt: skip
    villages = [
        {"code": V1, "name": "柳沟村", "households": 105, "population": 291, "shape": first},
        {"code": V2, "name": "石坪村", "households": 80, "shape": second},
        {"code": V3, "name": "云坪村", "households": 70, "population": 203, "shape": point(at(5, 3))},
    ]
    fixed = {"kind": "fixed", "status": "online", "source": "台账"}
    cameras = [
        {"id": "c01", "site": "p1", "name": "东街口东", "class": 1, **fixed, "azimuth": 90.0, "hfov": 80.0,
         "height": 4.0, "width_px": 1920, "height_px": 1080, "owner": "青石镇", "place_type": "crossing",
         "valid_from": "2026-01-01", "shape": point(at(1, 1))},
        {"id": "c02", "site": "p1", "name": "东街口西", "class": 1, **fixed, "azimuth": 270.0, "hfov": 80.0,
         "height": 4.0, "owner": "青石镇", "place_type": "crossing", "shape": point(at(1, 1))},
        {"id": "c03", "site": "p1", "name": "东街口全景", "class": 1, "kind": "panoramic", "status": "online",
         "height": 5.5, "width_px": 3840, "owner": "青石镇", "shape": point(at(1, 1))},
        {"id": "c04", "site": "p2", "name": "粮站", "class": 2, **fixed, "hfov": 60.0, "shape": point(at(2.9, 2.3))},
        {"id": "c05", "site": "p3", "name": "学校门口", "class": 2, "kind": "ptz", "status": "online",
         "azimuth": 225.0, "hfov": 60.0, "tilt": 10.0, "height": 6.0, "shape": point(at(3.2, 2.8))},
        {"id": "c06", "site": "p4", "name": "河坝", "class": 3, "kind": "fixed", "status": "offline",
         "azimuth": 0.0, "hfov": 80.0, "height": 4.0, "shape": point(at(0.5, 2.5))},
        {"id": "c07", "site": "p5", "name": "集市拟建", "class": 2, "kind": "fixed", "status": "planned",
         "azimuth": 180.0, "hfov": 90.0, "height": 5.0, "shape": point(at(5, 3.2))},
        {"id": "c08", "site": "p6", "name": "供销社墙上", "class": 3, **fixed, "azimuth": 180.0, "hfov": 70.0,
         "vfov": 42.0, "tilt": 12.0, "roll": 1.5, "projection": "rectilinear", "height": 3.5, "max_range": 60.0,
         "owner": "供销社", "shape": point(at(5.1, 2.42))},
        {"id": "c09", "site": "p7", "name": "村口", "kind": "fixed", "azimuth": 45.0, "shape": point(at(4.2, 0.4))},
        {"id": "c10", "site": "p8", "name": "旧桥头", "class": 2, **fixed, "azimuth": 0.0, "hfov": 80.0,
         "valid_from": "2025-01-01", "valid_to": "2026-04-15", "shape": point(at(3.5, 0.5))},
        {"id": "c11", "site": "p9", "name": "新桥头", "class": 1, **fixed, "azimuth": 0.0, "hfov": 80.0,
         "valid_from": "2026-12-15", "shape": point(at(3.5, 0.6))},
    ]  # fmt: skip
    obstacles = [
        {"id": "b1", "height": 10.0, "shape": polygon(box(1.3, 0.8, 1.6, 1.2))},
        {"id": "b2", "shape": polygon(box(2.1, 1.7, 2.5, 2.1))},
        {"id": "b3", "height": 6.0, "shape": polygon(box(4.8, 2.4, 5.4, 2.9), [box(5, 2.5, 5.2, 2.8)])},
        {"id": "b4", "height": 3.2, "shape": shapely.MultiPolygon(
            [polygon(box(0.2, 3.2, 0.4, 3.5)), polygon(box(0.6, 3.2, 0.8, 3.5))])},
    ]  # fmt: skip
    roads = [
        {"id": "r1", "class": "residential", "width": 8.0, "name": "东街", "shape": line([at(0, 1.05), at(4, 1.05)])},
        {"id": "r2", "class": "footway", "shape": line([at(3, 0), at(3, 3), at(3.4, 3.4)])},
        {"id": "r3", "class": "primary", "name": "青白公路", "shape": line([at(4.1, 0), at(4.1, 4)])},
        {"id": "r4", "class": "tunnel", "width": 6.0, "shape": line([at(0, 3.9), at(2, 3.9)])},
        {"id": "r5", "class": "service", "name": "市场路", "shape": shapely.MultiLineString(
            [[at(4.1, 1.5), at(4.9, 1.5)], [at(5.1, 1.5), at(5.9, 1.5)]])},
    ]  # fmt: skip
    demand = [
        {"id": "d1", "weight": 3.0, "name": "集市", "kind": "market", "shape": polygon(box(4.6, 1.1, 5.4, 1.9))},
        {"id": "d2", "name": "学校门前", "kind": "school", "shape": polygon(box(3, 2.6, 3.6, 3))},
        {"id": "d3", "weight": 0.5, "kind": "square", "shape": polygon(box(0.6, 0.8, 1.3, 1.3))},
        {"id": "d4", "weight": 1.0, "name": "已撤销", "shape": polygon(box(2.6, 3.2, 2.9, 3.6))},
    ]
    protected = [
        {"id": "s1", "kind": "dormitory", "name": "宿舍", "rule": "never", "shape": polygon(box(3.5, 3.5, 3.9, 3.9))},
        {"id": "s2", "kind": "clinic", "name": "卫生室", "rule": "mask", "shape": point(at(1.7, 1.6))},
        {"id": "s3", "kind": "homes", "rule": "consent", "shape": line([at(4.3, 3.1), at(4.7, 3.1), at(4.7, 3.6)])},
    ]
    addresses = [
        {"id": "a1", "text": "青石镇柳沟村东街1号", "standard": "青岚县青石镇柳沟村东街1号", "aliases": "老粮站;粮库",
         "building": "b1", "shape": point(at(0.4, 1.1))},
        {"id": "a2", "text": "青石镇柳沟村东街2号", "shape": point(at(1.5, 1))},
        {"id": "a3", "text": "青石镇石坪村三组5号", "standard": "青岚县青石镇石坪村3组5号",
         "shape": point(at(2.4, 2.4))},
        {"id": "a4", "text": "青石镇石坪村小学", "aliases": "石坪小学", "shape": point(at(3.6, 3.4))},
        {"id": "a5", "text": "白杨乡云坪村市场路1号", "shape": point(at(5, 1.4))},
        {"id": "a6", "text": "荒地1号", "shape": point(at(9, 9))},
    ]  # fmt: skip
    rows = {
        "divisions": divisions, "grids": grids, "villages": villages, "cameras": cameras, "obstacles": obstacles,
        "roads": roads, "demand": demand, "protected": protected, "addresses": addresses,
    }  # fmt: skip
    return {name: frame_of(some) for name, some in rows.items()}


# -- the workspace -----------------------------------------------------------------------------------------------------


def write(path: Path, *, keeps_jobs: bool) -> None:
    """Write the workspace: import, edits through the store, edits of QGIS while the store is open, one run."""
    from geo.storage import open_store
    from geo.studies import AnalyzeOptions, analyze, import_frames

    clock = Clock()
    with open_store(path, today=clock) as store, jobs_of(store, path, keeps_jobs) as jobs:
        if jobs is not None:
            end_two_jobs(jobs)
        import_frames(store, frames(), actor=IMPORTER)
        edit(store, clock)
        clock.day = date.today()  # noqa: DTZ011 (QGIS dates its edits by the civil day here)
        run_qgis(path)
        feature, version = store.get("cameras", "c05")
        assert (feature["properties"]["azimuth"], version) == (210.0, 2), "QGIS has not edited the open workspace"
        options = AnalyzeOptions(domain="all")
        if jobs is not None:
            jobs.execute(options, _local())
        else:
            analyze(store, options)


def edit(store: Any, clock: Clock) -> None:
    """Change rows through the store in the ways that make history."""
    clock.day = CHANGED
    feature, version = store.get("cameras", "c04")  # its azimuth becomes known
    feature["properties"]["azimuth"] = 30.0
    store.put("cameras", "c04", feature, if_version=version, actor=PLANNER)
    grids = store.read("grids")
    grids.loc[grids["code"] == G1, "households"] = 62
    grids.loc[grids["code"] == G3, "staff"] = 1
    store.write("grids", grids[grids["code"].isin([G1, G2, G3])], "upsert", actor=IMPORTER)  # G2 stays as it is
    clock.day = MOVED
    feature, version = store.get("obstacles", "b4")  # one of its two parts is pulled down
    feature["geometry"] = {"type": "Polygon", "coordinates": [box(0.2, 3.2, 0.4, 3.5)]}
    store.put("obstacles", "b4", feature, if_version=version, actor=PLANNER)
    feature, version = store.get("cameras", "c04")  # a second change of the same row
    feature["properties"]["name"] = "粮站门口"
    store.put("cameras", "c04", feature, if_version=version, actor=TOWNSHIP)
    feature, version = store.get("addresses", "a2")
    feature["properties"]["aliases"] = "东街小卖部"
    store.put("addresses", "a2", feature, if_version=version, actor=TOWNSHIP)
    clock.day = DELETED
    store.delete("demand", "d4", if_version=1, actor=PLANNER)
    store.delete("cameras", "c09", if_version=None, actor=PLANNER)
    clock.day = RETURNED  # and one comes back, by the key it had
    store.put(
        "cameras", "c09",
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": at(4.2, 0.4)},
         "properties": {"site": "p7", "name": "村口新杆", "kind": "fixed", "azimuth": 45.0, "height": 5.0}},
        if_version=0, actor=PLANNER,
    )  # fmt: skip


def run_qgis(path: Path) -> None:
    """Let QGIS edit the workspace in a process and a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": home, "XDG_RUNTIME_DIR": home}
        env["QT_QPA_PLATFORM"] = "offscreen"
        subprocess.run([QGIS_PYTHON, __file__, "qgis", str(path)], env=env, check=True, timeout=180)


def edit_in_qgis(path: str) -> None:
    """Update, insert and delete a row as a planner's desktop does, and save a style as the default of the cameras."""
    from qgis.core import (
        QgsApplication,
        QgsFeature,
        QgsFeatureRequest,
        QgsGeometry,
        QgsMarkerSymbol,
        QgsPointXY,
        QgsSingleSymbolRenderer,
        QgsVectorLayer,
    )

    app = QgsApplication([], False)
    app.initQgis()

    def opened(name: str) -> Any:
        layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
        assert layer.isValid(), name
        return layer

    def one(layer: Any, expression: str) -> Any:
        (found,) = layer.getFeatures(QgsFeatureRequest().setFilterExpression(expression))
        return found

    cameras, addresses, roads, villages = (opened(name) for name in ("cameras", "addresses", "roads", "villages"))
    for layer in (cameras, addresses, roads, villages):
        assert layer.startEditing()
    row = one(cameras, "id = 'c05'")
    assert cameras.changeAttributeValue(row.id(), cameras.fields().indexOf("azimuth"), 210.0)
    new = QgsFeature(addresses.fields())
    new["id"], new["text"] = "a7", "白杨乡云坪村市场路9号"
    new.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(*at(5.7, 1.5))))
    assert addresses.addFeature(new)
    assert roads.deleteFeature(one(roads, "id = 'r4'").id())
    moved = one(villages, f"code = '{V3}'")
    assert villages.changeGeometry(moved.id(), QgsGeometry.fromPointXY(QgsPointXY(*at(5.2, 3.1))))
    for layer in (cameras, addresses, roads, villages):
        assert layer.commitChanges(), layer.commitErrors()
    symbol = QgsMarkerSymbol.createSimple({"name": "circle", "color": "255,0,0", "size": "3"})
    cameras.setRenderer(QgsSingleSymbolRenderer(symbol))
    problem = cameras.saveStyleToDatabase(QGIS_STYLE, "在 QGIS 里保存 / saved in QGIS", True, "")
    assert not problem, problem
    del cameras, addresses, roads, villages, layer, row, moved, new
    app.exitQgis()


# -- jobs --------------------------------------------------------------------------------------------------------------


def _local() -> Any:
    from geo.types import LOCAL

    return LOCAL


@contextlib.contextmanager
def jobs_of(store: Any, path: Path, keeps_jobs: bool) -> Iterator[Any]:
    """Give the jobs of a version that keeps them, None of one that does not."""
    if not keeps_jobs:
        yield None
        return
    from api.jobs.desk import DeskJobs

    from api.settings import Settings

    jobs = DeskJobs(store, Settings(workspace=path))
    try:
        yield jobs
    finally:
        jobs.close()
        Path(f"{path}.jobs").unlink(missing_ok=True)


def end_two_jobs(jobs: Any) -> None:
    """Let one job be dismissed while it waits and one fail: there are no cameras yet."""
    from geo.studies import AnalyzeOptions

    jobs.dismiss(jobs.submit(AnalyzeOptions(domain="streets"), _local()).id, _local())
    jobs.start()
    job = jobs.submit(AnalyzeOptions(target_height=1.2, zones=("grids",)), _local())
    end = time.monotonic() + 60
    while jobs.get(job.id, _local()).status != "failed":
        assert time.monotonic() < end, "the job did not fail"
        time.sleep(0.05)


def pack(path: Path) -> None:
    """Make it one small file: no journal beside it, small pages, as two hundred tables and indexes take one each."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as conn:
        assert conn.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
        conn.execute("PRAGMA page_size = 512")
        conn.execute("VACUUM")
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# -- the answers -------------------------------------------------------------------------------------------------------


def ask(path: Path, *, keeps_jobs: bool) -> dict[str, Any]:
    """Return what this version answers from the workspace."""
    from geo.layers import LAYERS

    from geo.storage import open_store
    from geo.studies import AnalyzeOptions, analyze, gaps, locate_address, locate_point, outage

    day = date.today()  # noqa: DTZ011 (the day of QGIS's edits)
    past = history_of(path)
    with open_store(path, create=False, today=lambda: day) as store:
        run = store.run("latest")
        said: dict[str, Any] = {"day": day.isoformat()}
        said["layers"] = {
            name: {"revision": store.revision(name), "rows": rows_of(store.read(name))} for name in LAYERS
        }
        said["history"] = past
        said["at"] = {
            one: {name: [*keyed(store.read(name, at=date.fromisoformat(one)), layer.key)]
                  for name, layer in LAYERS.items()}
            for one in ASKED
        }  # fmt: skip
        said["features"] = features_of(store, past)
        said["run"] = {
            "id": run.id, "created": run.created, "options": plain(run.options), "summary": plain(run.summary),
            "layers": {name: table_of(frame) for name, frame in run.layers.items()},
        }  # fmt: skip
        _, frame = gaps(store)
        said["gaps"] = len(frame)
        said["outage"] = {"site": OUT_OF_ORDER, "grids": table_of(outage(store, [OUT_OF_ORDER])[1])}
        said["points"] = [
            {**one, "match": plain(dataclasses.asdict(locate_point(
                store, one["lon"], one["lat"], one["crs"], accuracy=one.get("accuracy", 20.0),
                at=date.fromisoformat(one["at"]) if "at" in one else None)))}
            for one in POINTS
        ]  # fmt: skip
        said["addresses"] = [
            {"text": text, "match": plain(dataclasses.asdict(locate_address(store, text)))} for text in ADDRESSES
        ]
        said["jobs"] = [plain(dataclasses.asdict(job)) for job in store.jobs()] if keeps_jobs else []
        said["style"] = style_of(path)
        said["analyses"] = [
            {"options": one, "layers": figures_of(analyze(store, AnalyzeOptions(**one)))} for one in ANALYSES
        ]
    return said


def features_of(store: Any, past: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every row that has a history as it was on each day asked; None where it was not."""
    from geo.layers import LAYERS

    from geo.errors import NotFound

    out = []
    for name, rows in past.items():
        for key in dict.fromkeys(row[LAYERS[name].key] for row in rows):
            for one in ASKED:
                try:
                    feature, version = store.get(name, key, at=date.fromisoformat(one))
                except NotFound:
                    feature, version = None, None
                out.append({"layer": name, "key": key, "at": one, "version": version, "feature": plain(feature)})
    return out


def history_of(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Return all past versions as they are in the file."""
    import shapely.geometry
    from geo.layers import LAYERS

    from geo.storage import blobs

    out: dict[str, list[dict[str, Any]]] = {}
    with contextlib.closing(sqlite3.connect(path)) as conn:
        conn.row_factory = sqlite3.Row
        for name, layer in LAYERS.items():
            found = conn.execute(f'SELECT * FROM "{name}_history" ORDER BY "{layer.key}", "version"').fetchall()
            for row in found:
                kept = {key: row[key] for key in row.keys() if key not in ("hid", "fid", "geom")}  # noqa: SIM118
                shape = blobs.decode([row["geom"]])[0]
                out.setdefault(name, []).append({**plain(kept), "geometry": plain(shapely.geometry.mapping(shape))})
    return out


def style_of(path: Path) -> dict[str, Any]:
    """Return what tells the style that QGIS saved."""
    with contextlib.closing(sqlite3.connect(path)) as conn:
        ((table, name, default, qml),) = conn.execute(
            "SELECT f_table_name, styleName, useAsDefault, styleQML FROM layer_styles WHERE styleName = ?",
            (QGIS_STYLE,),
        )
    digest = hashlib.sha256(qml.encode()).hexdigest()
    return {"table": table, "name": name, "default": bool(default), "qml_sha256": digest}


def rows_of(frame: Any) -> list[dict[str, Any]]:
    """Return the rows of a layer: the fields that are not null, and the shape as GeoJSON."""
    import shapely.geometry

    shapes = [plain(shapely.geometry.mapping(shape)) for shape in frame.geometry]
    return [{**row, "geometry": shape} for row, shape in zip(table_of(frame), shapes, strict=True)]


def table_of(frame: Any) -> list[dict[str, Any]]:
    """Return the rows of a frame without shapes: the values that are not null."""
    data = frame.drop(columns=frame.geometry.name) if hasattr(frame, "geom_type") else frame
    columns = {name: data[name].astype(object).where(data[name].notna(), None).tolist() for name in data.columns}
    return [plain(dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def keyed(frame: Any, key: str) -> list[str]:
    return [str(one) for one in frame[key]]


def figures_of(run: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the zone figures and gaps of a run."""
    return {name: table_of(frame) for name, frame in run.layers.items() if name not in ("views", "possible")}


def plain(value: Any) -> Any:
    """Return a value as JSON has it; what is null is left out of a mapping."""
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value.item() if hasattr(value, "item") else value


def lay(value: Any, depth: int = 0) -> str:
    """Return JSON with one row a line."""
    line = json.dumps(value, ensure_ascii=False)
    is_row = isinstance(value, list) and not any(isinstance(one, dict | list) for one in value)
    if len(line) + depth < 118 or is_row or not isinstance(value, dict | list) or depth > 8:
        return line
    inner, outer = "\n" + " " * (depth + 1), "\n" + " " * depth
    if isinstance(value, dict):
        parts = [f"{json.dumps(name, ensure_ascii=False)}: {lay(one, depth + 1)}" for name, one in value.items()]
        return "{" + inner + ("," + inner).join(parts) + outer + "}"
    return "[" + inner + ("," + inner).join(lay(one, 9) for one in value) + outer + "]"


if __name__ == "__main__":
    main()
