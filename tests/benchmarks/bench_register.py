"""Time the import of long registers, beside pandas and geopandas reading the same files plainly.

100,000 cameras of a workbook, and 1,000,000 addresses of a CSV file in two forms: with their text, and in columns of
their parts. Each runs in a process of its own, whose memory is told.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.storage.geopackage.store import open_store
from geo.studies.import_files import import_file
from tests.geo.readers.workbook_files import Styled, Tab, write_xlsx

CAMERAS, ADDRESSES = 100_000, 1_000_000
#: Seconds by the clock for as many rows, and MB.
LIMIT_CAMERAS_S, LIMIT_ADDRESSES_S, LIMIT_MB = 15.0, 40.0, 2048.0
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


def write_addresses(path: Path, count: int, *, in_parts: bool) -> None:
    """Write addresses as platforms export them: with their text, or in columns of their parts, with others beside."""
    rng = np.random.default_rng(1)
    places = rng.uniform((102.5, 37.2), (103.2, 37.8), (count, 2)).round(7).tolist()
    county = ("甘肃省", "武威市", "古浪县", "古浪镇")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        if in_parts:
            out.writerow(
                ["序号", "省", "市", "县", "乡镇", "村", "路", "号", "小区", "幢", "单元", "室", "经度", "纬度"]
            )
        else:
            out.writerow(["地址编码", "地址全称", "小区", "经度", "纬度", "门牌类型", "采集时间", "备注"])
        for k, place in enumerate(places):
            village = f"{k % 30}村" if k % 3 else ""
            street, house, estate = f"{'东西南北'[k % 4]}街", f"{k % 900}号", f"幸福小区{k % 300}"
            building, unit, room = k // 900, k % 6 + 1, k % 30 + 101
            if in_parts:
                out.writerow([k + 1, *county, village, street, house, estate, building, unit, room, *place])
                continue
            text = f"{''.join(county)}{village}{street}{house}{estate}{building}幢{unit}单元{room}室"
            day = f"2025-0{k % 9 + 1}-1{k % 9}"
            out.writerow([f"620622{k:012d}", text, estate, *place, "门牌", day, f"备注{k % 50}"])


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


def ours(folder: Path, path: Path, layer: str, rows: int) -> str:
    """Import a file into a new workspace; all of its rows are there."""
    with open_store(folder / "ours.gpkg") as store:
        report = import_file(store, path, layer, crs="wgs84")
    assert (report.read, report.imported) == (rows, rows)
    return f"{report.imported:,} imported, {len(report.findings)} findings"


def plainly(folder: Path, path: Path, layer: str) -> str:
    """Read the same file with pandas, told where the heading is, and write its points with geopandas."""
    is_csv = path.suffix == ".csv"
    frame = pd.read_csv(path) if is_csv else pd.read_excel(path, header=1, engine="calamine").iloc[:-1]
    points = gpd.points_from_xy(frame["经度"].astype(float), frame["纬度"].astype(float))
    gpd.GeoDataFrame(frame, geometry=points, crs=4326).to_file(folder / "plain.gpkg", layer=layer)
    return f"{len(frame):,} written, nothing checked"


def run(what: str, path: Path, layer: str, rows: int, limit: float, *, with_peers: bool) -> None:
    """Time one file, in this process, which does nothing else."""
    timed(f"{rows:,} {what} into a workspace", lambda: ours(path.parent, path, layer, rows), limit)
    held = "held" if peak_mb() <= LIMIT_MB else "MISSED"
    print(f"memory: {peak_mb():,.0f} MB at most, goal {LIMIT_MB:,.0f} MB: {held}", flush=True)
    if with_peers:
        timed("pandas and geopandas, the heading row told to them", lambda: plainly(path.parent, path, layer))
        print(f"memory, both: {peak_mb():,.0f} MB at most", flush=True)


def make(path: Path, rows: int, *, in_parts: bool) -> None:
    """Write the file of that name."""
    if path.suffix == ".xlsx":
        write_xlsx(path, register(rows))
    else:
        write_addresses(path, rows, in_parts=in_parts)


def alone(work: Any, *args: Any, **options: Any) -> None:
    """Do work in a process of its own, whose memory is that of the work only."""
    process = get_context("spawn").Process(target=work, args=args, kwargs=options)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)


def main(argv: Sequence[str] | None = None) -> None:
    """Make each file and import it into a new workspace, then let pandas read and write the same rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=CAMERAS)
    parser.add_argument("--addresses", type=int, default=ADDRESSES)
    parser.add_argument("--no-peers", action="store_true")
    asked, _ = parser.parse_known_args(argv)
    cameras, addresses = asked.cameras, asked.addresses
    if hasattr(os, "getloadavg"):
        print(f"load of the machine before: {os.getloadavg()[0]:.1f}", flush=True)
    limit = LIMIT_ADDRESSES_S * addresses / ADDRESSES
    with tempfile.TemporaryDirectory() as folder:
        files = {
            "cameras of a workbook": ("cameras", cameras, LIMIT_CAMERAS_S * cameras / CAMERAS),
            "addresses of a CSV": ("addresses", addresses, limit),
            "addresses of a CSV in columns of their parts": ("addresses", addresses, limit),
        }
        for number, (what, (layer, rows, seconds)) in enumerate(files.items()):
            own = Path(folder) / str(number)
            own.mkdir()
            path = own / ("register.xlsx" if layer == "cameras" else "addresses.csv")
            alone(make, path, rows, in_parts=number == 2)
            alone(run, what, path, layer, rows, seconds, with_peers=not asked.no_peers)


if __name__ == "__main__":
    main()
