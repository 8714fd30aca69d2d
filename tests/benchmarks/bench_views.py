"""Time views of 1,000 cameras among 22,500 buildings on one core, beside GDAL's viewshed and CGAL's expansion."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd

from geo.visibility.views import views

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("GRIDSIGHT_SHARED", ROOT.parent / "shared"))
SYSTEM_PYTHON = "/usr/bin/python3"
REPEATS = 9


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process and the peers it starts on one core, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def make_scene(folder: Path, options: Sequence[str]) -> None:
    """Write cameras and buildings."""
    script = SHARED / "bench" / "scene.py"
    if not script.exists():
        raise SystemExit(f"the scene's script {script} is absent (set GRIDSIGHT_SHARED)")
    subprocess.run([sys.executable, str(script), *options, "--out", str(folder)], check=True)


def ours(folder: Path) -> tuple[int, float, float, float]:
    """Return cameras, seconds of the first call (compilation included), best and median of the calls after it."""
    cameras, obstacles = gpd.read_file(folder / "cameras.gpkg"), gpd.read_file(folder / "obstacles.gpkg")
    taken = []
    for _ in range(REPEATS + 1):
        start = time.perf_counter()
        found = views(cameras, obstacles)
        assert len(found.sure) == len(found.possible) == len(cameras)
        taken.append(time.perf_counter() - start)
    rest = sorted(taken[1:])
    return len(cameras), taken[0], rest[0], rest[len(rest) // 2]


def gdal(folder: Path) -> float | None:
    """Return GDAL's cameras per second on a 0.5 m surface; None, saying so, where it cannot run."""
    script = SHARED / "bench" / "gdal_views.py"
    return _peer("GDAL", [SYSTEM_PYTHON, str(script), str(folder)])


def cgal(folder: Path) -> float | None:
    """Return CGAL's cameras per second, arrangement included; None, saying so, where it cannot be built or run."""
    binary = folder / "cgal_views"
    source = SHARED / "bench" / "cgal_views.cpp"
    build = ["g++", "-O2", "-DNDEBUG", "-o", str(binary), str(source), "-lgmp", "-lmpfr"]
    try:
        built = subprocess.run(build, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        built = None
    if built is None or built.returncode != 0:
        print("CGAL: cannot be built here (libcgal-dev, g++)")
        return None
    return _peer("CGAL", [str(binary), str(folder / "scene.txt")])


def _peer(name: str, command: list[str]) -> float | None:
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        done = None
    found = re.search(r"([\d.]+) cameras/s", done.stdout) if done is not None else None
    if done is None or found is None:
        print(f"{name}: does not run here")
        return None
    print(f"{name}: {done.stdout.strip()}")
    return float(found[1])


def main(argv: Sequence[str] = ()) -> None:
    """Print cameras per second of ours and of the peers, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-peers", action="store_true", help="ours only")
    parser.add_argument("--county", action="store_true", help="7,071 cameras among 40,000 buildings; no peers")
    asked = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name, one_core():
        folder = Path(name)
        make_scene(folder, ["--county"] if asked.county else [])
        count, first, best, median = ours(folder)
        print(
            f"ours: {count} cameras, sure and possible: best {best * 1e3:.1f} ms, median {median * 1e3:.1f} ms, "
            f"{count / median:.0f} cameras/s (first call {first:.1f} s)"
        )
        if asked.no_peers or asked.county:
            return
        for peer, rate in (("GDAL", gdal(folder)), ("CGAL", cgal(folder))):
            if rate:
                print(f"ours / {peer}: {count / median / rate:.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
