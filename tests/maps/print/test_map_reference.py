"""Place printed maps on the ground again: by the viewport of the PDF, by the world file, by GDAL where it is there."""

from __future__ import annotations

import io
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdf
import pyproj
import pytest

from maps.print.map_reference import MapReference
from maps.print.sheet import write_sheet
from tests.maps.print.sheet_data import small

MM = 72 / 25.4
#: Half a millimetre on paper is the most that a sheet may be off; what is written is far better.
MOST_MM = 0.5


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sheets")
    for ending in ("pdf", "png", "svg"):
        write_sheet(small(), folder / f"sheet.{ending}", paper="A4", dpi=100)
    return folder


def viewport(pdf: bytes) -> dict:
    [found] = pypdf.PdfReader(io.BytesIO(pdf), strict=True).pages[0]["/VP"]
    return found


def test_the_viewport_places_every_corner_of_the_map(sheets: Path) -> None:
    """Corners in degrees, projected by PROJ, are where the round scale says they are."""
    found = viewport((sheets / "sheet.pdf").read_bytes())
    measure = found["/Measure"]
    assert (measure["/Type"], measure["/Subtype"], found["/Type"]) == ("/Measure", "/GEO", "/Viewport")
    crs = pyproj.CRS(int(measure["/GCS"]["/EPSG"]))
    assert pyproj.CRS(str(measure["/GCS"]["/WKT"])).is_projected
    lat, lon = np.array(measure["/GPTS"], float).reshape(-1, 2).T
    xy = np.column_stack(pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True).transform(lon, lat))
    left, bottom, right, top = np.array(found["/BBox"], float) / MM
    uv = np.array(measure["/LPTS"], float).reshape(-1, 2)
    paper = np.column_stack([left + uv[:, 0] * (right - left), bottom + uv[:, 1] * (top - bottom)])
    text = pypdf.PdfReader(sheets / "sheet.pdf").pages[0].extract_text()
    scale = float(re.search(r"1:([\d,]+)", text)[1].replace(",", ""))
    # What is a millimetre apart on paper is that many metres apart on the ground.
    moved = (xy - xy[0]) * 1000 / scale - (paper - paper[0])
    assert np.abs(moved).max() < 0.001


def test_the_world_file_places_the_picture_as_the_viewport_does(sheets: Path) -> None:
    across, _, _, down, x, y = (float(one) for one in (sheets / "sheet.pgw").read_text().split())
    found = viewport((sheets / "sheet.pdf").read_bytes())
    left, bottom, *_ = np.array(found["/BBox"], float) / MM
    lat, lon = np.array(found["/Measure"]["/GPTS"], float)[:2]
    crs = pyproj.CRS(int(found["/Measure"]["/GCS"]["/EPSG"]))
    corner = pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True).transform(lon, lat)
    size = pypdf.PdfReader(sheets / "sheet.pdf").pages[0].mediabox
    pixels = _png_size(sheets / "sheet.png")
    column, row = left * MM / float(size.width) * pixels[0], (1 - bottom * MM / float(size.height)) * pixels[1]
    placed = x + (column - 0.5) * across, y + (row - 0.5) * down
    metres_per_mm = across * pixels[0] / (float(size.width) / MM)
    assert np.abs(np.subtract(placed, corner)).max() < 0.01 * metres_per_mm
    assert pyproj.CRS((sheets / "sheet.prj").read_text()).to_epsg(min_confidence=20) in (None, crs.to_epsg())


def _png_size(path: Path) -> tuple[int, int]:
    data = path.read_bytes()
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


@pytest.mark.parametrize("ending", ["pdf", "png"])
def test_gdal_places_the_sheet_within_half_a_millimetre(
    sheets: Path, ending: str, program: Callable[[str], str]
) -> None:
    words = [program("gdalinfo"), "-json", "--config", "GDAL_PDF_DPI", "300", str(sheets / f"sheet.{ending}")]
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    if "not recognized" in told:
        pytest.skip("this GDAL reads no PDF")
    answer = json.loads(told)
    found = viewport((sheets / "sheet.pdf").read_bytes())
    crs = pyproj.CRS(int(found["/Measure"]["/GCS"]["/EPSG"]))
    assert "Transverse Mercator" in answer["coordinateSystem"]["wkt"]
    width, height = answer["size"]
    x0, dx, _, y0, _, dy = answer["geoTransform"]
    size = pypdf.PdfReader(sheets / "sheet.pdf").pages[0].mediabox
    lat, lon = np.array(found["/Measure"]["/GPTS"], float).reshape(-1, 2).T
    corners = np.column_stack(pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True).transform(lon, lat))
    left, bottom, right, top = np.array(found["/BBox"], float)
    scale = (corners[2][0] - corners[0][0]) / ((right - left) / MM)
    for (x, y), (east, north) in zip(
        [(left, bottom), (left, top), (right, top), (right, bottom)], corners, strict=True
    ):
        column, row = x / float(size.width) * width, (1 - y / float(size.height)) * height
        assert abs(x0 + column * dx - east) < MOST_MM * scale
        assert abs(y0 + row * dy - north) < MOST_MM * scale


def test_a_crs_without_a_code_is_told_by_its_text() -> None:
    local = pyproj.CRS("+proj=tmerc +lat_0=0 +lon_0=102.5 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m")
    text = MapReference(10, 10, 100, 80, 500_000, 4_150_000, 5_000, local).viewport()
    assert "/EPSG" not in text
    assert "/PROJCS" in text
