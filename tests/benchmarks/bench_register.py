"""Time the import of a register of 100,000 cameras from a workbook, beside pandas reading the same file plainly."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.storage.geopackage.store import open_store
from geo.studies.import_files import import_file
from tests.geo.readers.workbook_files import Styled, Tab, write_xlsx

LIMIT_S, LIMIT_MB = 15.0, 2048.0  # for 100,000 rows
HEADINGS = (
    "序号", "设备编码", "设备名称", "经度", "纬度", "安装高度", "监控方位", "点位类别", "在线状态", "所属单位",
    "立杆编号", "摄像机类型", "水平视场角", "安装时间", "备注",
)  # fmt: skip


def register(count: int) -> Tab:
    """Return a sheet as planners keep it: a merged title, one row a camera, a row of totals."""
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform((102, 37), (103.2, 37.8), (count, 2)).round(6).T.tolist()
    rows: list[list[Any]] = [["古浪县公共区域视频监控一机一档表"], list(HEADINGS)]
    for k in range(count):
        owner, kind = ("公安局", "综治中心")[k % 2], ("枪机", "球机", "半球")[k % 3]
        rows.append(
            [k + 1, f"6206220000132{k:07d}", f"青石镇{k % 200}村{k % 12}组路口{k}", lon[k], lat[k], 3.5 + k % 7 / 2,
             k * 37 % 360, f"{'一二三'[k % 3]}类", "在线", owner, f"P{k // 2}", kind, 60 + k % 30,
             Styled(43832 + k % 900, 1), f"备注{k % 50}"]
        )  # fmt: skip
    return Tab("台账", [*rows, ["合计", None, f"{count}台"]], ["A1:O1"])


def peak_mb() -> float:
    """Return the most memory that this process has held, in MB; NaN on systems that do not tell."""
    if sys.platform == "win32":
        return float("nan")
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def timed(what: str, work: Any, limit: float | None = None) -> None:
    """Print seconds of clock and processor, and whether the clock is within the limit."""
    start, used = time.perf_counter(), time.process_time()
    done = work()
    spent, used = time.perf_counter() - start, time.process_time() - used
    verdict = "" if limit is None else f", goal {limit:.0f} s: {'held' if spent <= limit else 'MISSED'}"
    print(f"{what}: {spent:.1f} s ({used:.1f} s of processor){verdict}  {done}", flush=True)


def main(argv: Sequence[str] | None = None) -> None:
    """Import the workbook into a new workspace, then let pandas read and write the same rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=100_000)
    parser.add_argument("--no-peers", action="store_true")
    asked, _ = parser.parse_known_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        path = write_xlsx(Path(folder) / "register.xlsx", register(asked.cameras))

        def ours() -> str:
            with open_store(Path(folder) / "ours.gpkg") as store:
                report = import_file(store, path, "cameras", crs="wgs84")
            assert (report.read, report.imported) == (asked.cameras, asked.cameras)
            return f"{report.imported:,} imported, {len(report.findings)} findings"

        def plainly() -> str:
            frame = pd.read_excel(path, header=1, engine="calamine").iloc[:-1]
            points = gpd.points_from_xy(frame["经度"].astype(float), frame["纬度"].astype(float))
            gpd.GeoDataFrame(frame, geometry=points, crs=4326).to_file(Path(folder) / "plain.gpkg", layer="cameras")
            return f"{len(frame):,} written, nothing checked"

        timed(f"{asked.cameras:,} cameras of a workbook into a workspace", ours, LIMIT_S * asked.cameras / 100_000)
        held = "held" if peak_mb() <= LIMIT_MB else "MISSED"
        print(f"memory: {peak_mb():,.0f} MB at most, the making of the file included, goal {LIMIT_MB:,.0f} MB: {held}")
        if not asked.no_peers:
            timed("pandas and geopandas, the heading row told to them", plainly)


if __name__ == "__main__":
    main()
