"""Read GeoTIFFs and MBTiles as GDAL writes them: another writer than the tests' own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyproj
import pytest

from geo.catalog.base_maps import BaseMap
from tests.geo.basemaps import drawn_world as world
from tests.geo.basemaps import kept_forms as forms
from tests.geo.basemaps.test_every_kind import off
from tests.processes import Processes

OPTIONS = {
    "jpeg": ("-co", "COMPRESS=JPEG", "-co", "PHOTOMETRIC=YCBCR", "-co", "TILED=YES"),
    "predicted": ("-co", "COMPRESS=LZW", "-co", "PREDICTOR=2", "-co", "TILED=YES"),
    "band by band": ("-co", "COMPRESS=DEFLATE", "-co", "INTERLEAVE=BAND"),
    "big and big-endian": ("-co", "BIGTIFF=YES", "-co", "ENDIANNESS=BIG", "-co", "TILED=YES"),
    "grey": ("-b", "1", "-co", "COMPRESS=LZW"),
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a GeoTIFF of the cross in a projected CRS."""
    x, y = pyproj.Transformer.from_crs(4490, 4544, always_xy=True).transform(*world.CROSS)
    left, top = round(x) - 700.0, round(y) + 600.0
    picture = world.pixels(world.projected(4544), left, top, 2.0, 701, 577)
    return forms.geotiff(tmp_path / "source.tif", picture, left=left, top=top, pixel=2.0, code=4544)


@pytest.mark.parametrize("kind", OPTIONS)
def test_a_geotiff_of_gdal(
    source: Path, program: Callable[[str], str], processes: Processes, tmp_path: Path, kind: str
) -> None:
    done = processes.run(
        program("gdal_translate"), "-q", "-a_srs", "EPSG:4544", *OPTIONS[kind], source, tmp_path / "a.tif"
    )
    assert done.returncode == 0, done.stderr
    assert off(BaseMap("a", "geotiff", "a.tif", "EPSG:4544"), tmp_path) < 1.0


def test_overviews_beside_a_geotiff_are_its_coarser_levels(
    source: Path, program: Callable[[str], str], processes: Processes, tmp_path: Path
) -> None:
    assert processes.run(program("gdaladdo"), "-q", "-ro", source, "2", "4").returncode == 0
    assert (tmp_path / "source.tif.ovr").exists()
    base = BaseMap("a", "geotiff", "source.tif", "EPSG:4544", levels=(0, 15))
    assert off(base, tmp_path, 15) < 1.0
    assert off(base, tmp_path, 14) < 1.0


def test_mbtiles_of_gdal(source: Path, program: Callable[[str], str], processes: Processes, tmp_path: Path) -> None:
    made = tmp_path / "a.mbtiles"
    assert processes.run(program("gdal_translate"), "-q", "-of", "MBTILES", source, made).returncode == 0
    assert off(BaseMap("a", "mbtiles", "a.mbtiles", "3857"), tmp_path) < 1.0
