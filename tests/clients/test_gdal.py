"""Read, count and filter every layer with GDAL: Debian's on the command line, and the newer one of pyogrio."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.clients.conftest import COUNTS, Served

#: In a process of its own: GDAL keeps headers and connections for the life of one.
_READ = """
import json, sys, pyogrio
source, filters = sys.argv[1], json.loads(sys.argv[2])
found = {str(name): len(pyogrio.read_dataframe(source, layer=name)) for name, _ in pyogrio.list_layers(source)}
cut = [pyogrio.read_dataframe(source, layer=layer, where=where).iloc[:, 0].tolist() for layer, where in filters]
box = pyogrio.read_dataframe(source, layer="grids", bbox=(102.0025, 37.0005, 102.0026, 37.0006))["code"].tolist()
zone = pyogrio.read_dataframe(source, layer="cameras", CRS="EPSG:4544")
there = [zone.crs.to_epsg(), *zone.geometry.iloc[0].coords[0]]
print(json.dumps({"counts": found, "cut": cut, "box": box, "there": there}))
"""
FILTERS = [
    ("cameras", "class >= 2 AND kind = 'fixed'", ["c3"]),
    ("cameras", "name LIKE '%号' AND NOT (class = 1)", ["c3", "c4"]),
    ("demand", "weight > 2", ["d2", "d3"]),
]


def test_the_command_line_of_debian(served: Served, program: Callable[[str], str], tmp_path: Path) -> None:
    ogrinfo, ogr2ogr = program("ogrinfo"), program("ogr2ogr")
    environment = {**os.environ, "GDAL_HTTP_HEADERS": f"X-API-Key: {served.key}", "CPL_DEBUG": "OAPIF,HTTP"}
    source = f"OAPIF:{served.ogc}"

    def run(*words: str) -> str:
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "ERROR" not in done.stderr, done.stderr
        return done.stdout + done.stderr

    listed = run(ogrinfo, "-ro", "-so", "-al", source)
    for name, count in COUNTS.items():
        assert f"Layer name: {name}" in listed
        part = listed.partition(f"Layer name: {name}\n")[2].partition("Layer name:")[0]
        assert f"Feature Count: {count}" in part
    out = tmp_path / "copy.gpkg"
    # A page of two: the copy is whole only if every next link is followed.
    run(ogr2ogr, "-f", "GPKG", str(out), source, "grids", "-oo", "PAGE_SIZE=2")
    assert f"Feature Count: {COUNTS['grids']}" in run(ogrinfo, "-ro", "-so", str(out), "grids")
    layer, where, keys = FILTERS[0]
    cut = run(ogrinfo, "-ro", "-q", source, layer, "-where", where)
    assert [line.split(" = ")[1] for line in cut.splitlines() if line.startswith("  id (String)")] == keys
    assert "filter=" in cut, "GDAL leaves the work to us"


def test_the_newer_gdal_of_pyogrio(served: Served, tmp_path: Path) -> None:
    headers = tmp_path / "headers"
    headers.write_text(f"X-API-Key: {served.key}\n")
    environment = {**os.environ, "GDAL_HTTP_HEADER_FILE": str(headers), "CPL_DEBUG": "OAPIF,HTTP"}
    asked = json.dumps([[layer, where] for layer, where, _ in FILTERS])
    done = subprocess.run(
        [sys.executable, "-c", _READ, f"OAPIF:{served.ogc}", asked],
        env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["counts"] == COUNTS
    assert found["cut"] == [keys for _, _, keys in FILTERS]
    assert len(found["box"]) == 1
    # Easting first in a frame, whatever the order of axes on the wire.
    code, east, north = found["there"]
    assert (code, round(east), round(north)) == (4544, 233024, 4100829)
    assert done.stderr.count("filter=") >= len(FILTERS), "GDAL leaves the work to us"
    assert "client side" not in done.stderr
