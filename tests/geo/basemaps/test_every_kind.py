"""Hold the cross within two pixels of its place, in every kind of base map and every CRS."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyproj
import pytest

from geo.basemaps.opening import BaseMapTiles, open_source
from geo.catalog.base_maps import BaseMap
from geo.crs_gcj import gcj02_from_wgs84
from geo.errors import BadValue, NotFound
from tests.geo.basemaps import drawn_world as world
from tests.geo.basemaps import kept_forms as forms

Z = 16


def mercator_tiles(*zooms: int, cross=world.CROSS, encode=world.png) -> dict[tuple[int, int, int], bytes]:
    return {
        (z, x, y): encode(world.mercator_tile(z, x, y, cross=cross))
        for z in zooms
        for x, y in world.around(world.tile_of(z, *cross))
    }


def degree_tiles(levels: dict[int, int]) -> dict[tuple[int, int, int], bytes]:
    """Return tiles in degrees; ``levels`` is level -> rows of its matrix."""
    return {
        (level, x, y): world.png(world.degree_tile(rows, x, y))
        for level, rows in levels.items()
        for x, y in world.around(world.degree_tile_of(rows))
    }


def shifted(lon: float, lat: float) -> tuple[float, float]:
    moved = gcj02_from_wgs84(np.array([lon]), np.array([lat]))
    return float(moved[0][0]), float(moved[1][0])


def off(base: BaseMap, home: Path, z: int = Z) -> float:
    """Return how many pixels the cross is off in the tiles of a base map."""
    tiles = BaseMapTiles(base, home, is_bounded=False)

    def answer(zoom: int, x: int, y: int) -> bytes | None:
        try:
            return tiles.tile(zoom, x, y)[0]
        except NotFound:
            return None

    try:
        return world.distance_of_cross(answer, z)
    finally:
        tiles.close()


def test_a_folder_in_web_mercator_passes_on_its_pictures(tmp_path: Path) -> None:
    tiles = mercator_tiles(Z)
    forms.folder(tmp_path / "tiles", tiles)
    base = BaseMap("a", "xyz", "tiles", "3857")
    served = BaseMapTiles(base, tmp_path, is_bounded=False)
    x, y = world.tile_of(Z)
    assert served.tile(Z, x, y) == (tiles[Z, x, y], "image/png")
    assert off(base, tmp_path) < 0.5


@pytest.mark.parametrize("suffix", ["jpg", "jpeg", "webp", "PNG"])
def test_a_folder_may_have_other_suffixes(tmp_path: Path, suffix: str) -> None:
    forms.folder(tmp_path / "t", mercator_tiles(Z, encode=world.jpeg), suffix)
    assert off(BaseMap("a", "xyz", "t", "3857"), tmp_path) < 0.5


@pytest.mark.parametrize("template", ["t/{z}/{y}/{x}.png", "t/{z-1}/{x}_{-y}.png"])
def test_a_folder_in_another_order_by_a_template(tmp_path: Path, template: str) -> None:
    for (z, x, y), data in mercator_tiles(Z).items():
        name = (
            template.replace("{z-1}", str(z - 1)).replace("{z}", str(z)).replace("{x}", str(x))
            .replace("{y}", str(y)).replace("{-y}", str(2**z - 1 - y))
        )  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    assert off(BaseMap("a", "xyz", template, "3857"), tmp_path) < 0.5


@pytest.mark.parametrize("crs", ["4490", "4326"])
@pytest.mark.parametrize("rows_of_level", [{Z: 1 << (Z - 1)}, {Z - 1: 1 << (Z - 1)}], ids=["from 1", "from 0"])
def test_folders_in_degrees_begin_with_level_1_or_0(tmp_path: Path, crs: str, rows_of_level: dict[int, int]) -> None:
    forms.folder(tmp_path / "t", degree_tiles(rows_of_level))
    base = BaseMap("a", "xyz", "t", crs)
    assert off(base, tmp_path) < 1.0
    assert off(base, tmp_path, Z - 1) < 1.0
    assert off(base, tmp_path, Z + 1) < 1.5


def test_mbtiles_count_rows_from_the_south(tmp_path: Path) -> None:
    forms.mbtiles(tmp_path / "a.mbtiles", mercator_tiles(Z))
    assert off(BaseMap("a", "mbtiles", "a.mbtiles", "3857"), tmp_path) < 0.5


@pytest.mark.parametrize(("level", "first"), [(Z, 1), (Z - 1, 0)])
def test_mbtiles_in_degrees(tmp_path: Path, level: int, first: int) -> None:
    forms.mbtiles(tmp_path / "a.mbtiles", degree_tiles({level: 1 << (Z - 1)}), rows=lambda z: 1 << (z - first))
    assert off(BaseMap("a", "mbtiles", "a.mbtiles", "4490"), tmp_path) < 1.0


@pytest.mark.parametrize("leaves", [False, True])
def test_pmtiles(tmp_path: Path, leaves: bool) -> None:
    forms.pmtiles(tmp_path / "a.pmtiles", mercator_tiles(Z, Z - 1), leaves=leaves)
    base = BaseMap("a", "pmtiles", "a.pmtiles", "3857")
    assert off(base, tmp_path) < 0.5
    assert off(base, tmp_path, Z - 1) < 0.5


@pytest.mark.parametrize("form", ["Exploded", "Compact", "CompactV2"])
@pytest.mark.parametrize("crs", ["3857", "4490", "EPSG:4544"])
def test_arcgis_caches(tmp_path: Path, form: str, crs: str) -> None:
    if crs == "3857":
        tiles = mercator_tiles(Z)
        place = {"left": -20037508.342787, "top": 20037508.342787, "wkid": 102100}
        levels = {Z: 156543.03392804097 / 2**Z}
    elif crs == "4490":
        tiles = degree_tiles({Z: 1 << (Z - 1)})
        place, levels = {"left": -180.0, "top": 90.0, "wkid": 4490}, {Z: 1.40625 / 2**Z}
    else:
        left, top, pixel = 300_000.0, 4_200_000.0, 2.0
        x, y = pyproj.Transformer.from_crs(4490, 4544, always_xy=True).transform(*world.CROSS)
        at = int((x - left) / 512), int((top - y) / 512)
        there = world.projected(4544)
        tiles = {
            (3, c, r): world.png(world.pixels(there, left + c * 512, top - r * 512, pixel, 256, 256))
            for c, r in world.around(at)
        }
        place, levels = {"left": left, "top": top, "wkid": 4544}, {3: pixel, 2: 4.0}
    forms.arcgis(tmp_path / "cache", form, tiles, levels, **place)
    assert off(BaseMap("a", "arcgis", "cache", crs), tmp_path) < 1.0


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"])
def test_geotiffs_in_a_projected_crs(tmp_path: Path, compression: str) -> None:
    pixel, there = 2.0, world.projected(4544)
    x, y = pyproj.Transformer.from_crs(4490, 4544, always_xy=True).transform(*world.CROSS)
    left, top = round(x) - 700.0, round(y) + 600.0
    picture = world.pixels(there, left, top, pixel, 701, 577)
    forms.geotiff(tmp_path / "a.tif", picture, left=left, top=top, pixel=pixel, code=4544, compression=compression)
    assert off(BaseMap("a", "geotiff", "a.tif", "EPSG:4544"), tmp_path) < 1.0


@pytest.mark.parametrize(("order", "big"), [("<", False), (">", False), ("<", True)])
def test_geotiffs_in_tiles(tmp_path: Path, order: str, big: bool) -> None:
    x, y = world.mercator(*world.CROSS)
    left, top, pixel = x - 900.0, y + 800.0, 2.5
    picture = world.pixels(world.from_mercator, left, top, pixel, 700, 650)
    forms.tiled_geotiff(tmp_path / "a.tif", picture, left=left, top=top, pixel=pixel, order=order, big=big)
    assert off(BaseMap("a", "geotiff", "a.tif", "3857"), tmp_path) < 1.0


def test_a_geotiff_in_degrees_with_a_world_file(tmp_path: Path) -> None:
    from PIL import Image

    pixel = 0.00002
    left, top = world.CROSS[0] - 0.006, world.CROSS[1] + 0.005
    Image.fromarray(world.pixels(world.degrees, left, top, pixel, 600, 500)).save(tmp_path / "a.tif")
    numbers = (pixel, 0, 0, -pixel, left + pixel / 2, top - pixel / 2)
    (tmp_path / "a.tfw").write_text("\n".join(map(repr, numbers)))
    assert off(BaseMap("a", "geotiff", "a.tif", "4490"), tmp_path) < 1.0


@pytest.mark.parametrize("z", [12, 14, 15, 16, 17])
def test_gcj02_tiles_are_moved_onto_the_data(tmp_path: Path, z: int) -> None:
    """The tiles show the cross where GCJ-02 has it, 160 m off; the answers show it where it is."""
    tiles = mercator_tiles(12, 13, 14, 15, 16, 17, cross=shifted(*world.CROSS))
    forms.folder(tmp_path / "t", tiles)
    unmoved = off(BaseMap("a", "xyz", "t", "3857"), tmp_path, 15)
    assert 30 < unmoved < 60, "163 m at 3.8 m a pixel"
    assert off(BaseMap("a", "xyz", "t", "gcj02"), tmp_path, z) < 1.0


def test_a_zoom_beyond_the_finest_is_drawn_from_it(tmp_path: Path) -> None:
    forms.folder(tmp_path / "t", mercator_tiles(Z))
    assert off(BaseMap("a", "xyz", "t", "3857"), tmp_path, Z + 1) < 1.5


def test_tiles_for_finer_screens_are_answered_at_256(tmp_path: Path) -> None:
    tiles = {(Z, x, y): world.png(world.mercator_tile(Z, x, y, side=512)) for x, y in world.around(world.tile_of(Z))}
    forms.folder(tmp_path / "t", tiles)
    assert off(BaseMap("a", "xyz", "t", "3857"), tmp_path) < 1.0


def test_levels_bound_what_is_asked_of_a_source(tmp_path: Path) -> None:
    forms.folder(tmp_path / "t", mercator_tiles(Z, Z - 1))
    source = open_source(BaseMap("a", "xyz", "t", "3857", levels=(0, Z - 1)), tmp_path, is_bounded=False)
    assert source.matrices[-1].id == str(Z - 1)


def test_where_nothing_is_there_is_no_tile(tmp_path: Path) -> None:
    forms.folder(tmp_path / "t", mercator_tiles(Z))
    served = BaseMapTiles(BaseMap("a", "xyz", "t", "3857"), tmp_path, is_bounded=False)
    for at in [(Z, 5, 5), (Z, 1 << Z, 0), (23, 0, 0), (3, 0, 0)]:
        with pytest.raises(NotFound):
            served.tile(*at)


def test_an_mbtiles_of_mercator_is_not_taken_for_one_in_degrees(tmp_path: Path) -> None:
    # A level of degrees has half as many rows as columns; north of the equator Web Mercator counts beyond them.
    forms.mbtiles(tmp_path / "a.mbtiles", mercator_tiles(Z))
    with pytest.raises(BadValue, match="3857"):
        off(BaseMap("a", "mbtiles", "a.mbtiles", "4490"), tmp_path)


def test_an_mbtiles_without_metadata_and_a_cache_that_names_no_form(tmp_path: Path) -> None:
    import sqlite3

    path = forms.mbtiles(tmp_path / "a.mbtiles", mercator_tiles(Z))
    with sqlite3.connect(path) as conn:
        conn.execute("DROP TABLE metadata")
    conn.close()
    assert off(BaseMap("a", "mbtiles", "a.mbtiles", "3857"), tmp_path) < 0.5
    place = {"left": -20037508.342787, "top": 20037508.342787, "wkid": 102100}
    forms.arcgis(tmp_path / "cache", "CompactV2", mercator_tiles(Z), {Z: 156543.03392804097 / 2**Z}, **place)
    conf = tmp_path / "cache" / "Layers" / "conf.xml"
    conf.write_text(conf.read_text("utf-8").replace("esriMapCacheStorageModeCompactV2", ""), "utf-8")
    assert off(BaseMap("a", "arcgis", "cache", "3857"), tmp_path) < 0.5
