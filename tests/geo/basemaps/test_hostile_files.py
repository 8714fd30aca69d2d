"""Refuse files of base maps that are cut off, bombs, or lead elsewhere, by a sentence that names the file."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import re
import sqlite3
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from geo.basemaps import mbtiles_file
from geo.basemaps.opening import BaseMapTiles, path_of, stored_path
from geo.basemaps.pictures import decoded
from geo.basemaps.pmtiles_file import tile_id
from geo.catalog.base_maps import BaseMap
from geo.errors import BadValue, GeoError, NotFound, UnreadableFile
from tests.geo.basemaps import drawn_world as world
from tests.geo.basemaps import kept_forms as forms

Z = 5
AT = world.tile_of(Z)
TILE = world.png(world.mercator_tile(Z, *AT))
TILES = {(Z, *AT): TILE}
WEB = {"left": -20037508.342787, "top": 20037508.342787, "wkid": 102100}
LEVELS = {Z: 156543.03392804097 / 2**Z}
X, Y = AT


def opened(kind: str, source: str, home: Path) -> BaseMapTiles:
    return BaseMapTiles(BaseMap("a", kind, source, "3857"), home, is_bounded=True)


def bomb(wide: int, tall: int) -> bytes:
    """Return a PNG of so many black pixels, a few hundred kilobytes long."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packing = zlib.compressobj(9)
    line = b"\0" * (wide // 8 + 1)
    data = b"".join(packing.compress(line) for _ in range(tall)) + packing.flush()
    head = struct.pack(">IIBBBBB", wide, tall, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [4_000, 12_000])
def test_a_picture_that_unpacks_to_very_much_is_refused_by_its_head(side: int) -> None:
    data = bomb(side, side)
    assert len(data) < 200_000
    with pytest.raises(UnreadableFile, match=r"pixels, over 2048|damaged"):
        decoded(data)


@pytest.mark.parametrize(
    "data", [b"", b"<html>", TILE[:200], TILE[:-40], b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", b"GIF89a"]
)
def test_pictures_that_are_none(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        decoded(data)


@given(st.integers(0, len(TILE) - 1), st.integers(0, 255))
def test_a_picture_with_any_byte_changed_is_read_or_refused(at: int, byte: int) -> None:
    data = TILE[:at] + bytes([byte]) + TILE[at + 1 :]
    with contextlib.suppress(UnreadableFile):
        assert decoded(data).shape[2] == 4


# ------------------------------------------------------------------------------------------------- files cut off


def made(kind: str, home: Path) -> Path:
    """Write a base map of one tile, and return the file that is cut off later."""
    if kind == "mbtiles":
        return forms.mbtiles(home / "a", {**TILES, **{(Z, X, y): os.urandom(9000) for y in range(3)}})
    if kind == "pmtiles":
        return forms.pmtiles(home / "a", TILES)
    if kind == "geotiff":
        picture = np.asarray(Image.open(io.BytesIO(TILE)))
        x, y = world.mercator(*world.CROSS)
        return forms.tiled_geotiff(home / "a", picture, left=x - 256, top=y + 256, pixel=2.0)
    forms.arcgis(home / "a", kind, TILES, LEVELS, **WEB)
    return next((home / "a").rglob("*.bundlx" if kind == "Compact" else "*.bundle"))


@pytest.mark.parametrize("kind", ["mbtiles", "pmtiles", "geotiff", "Compact", "CompactV2"])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.99])
def test_files_that_are_cut_off(tmp_path: Path, kind: str, share: float) -> None:
    """A tile comes whole, as before, or a sentence; which of the two depends on what is gone."""
    path = made(kind, tmp_path)
    form = "arcgis" if kind.startswith("Compact") else kind
    zoom = 16 if kind == "geotiff" else Z
    whole = opened(form, "a", tmp_path).tile(zoom, *world.tile_of(zoom))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    found: object
    try:
        found = opened(form, "a", tmp_path).tile(zoom, *world.tile_of(zoom))
    except (UnreadableFile, NotFound) as error:
        found = str(error)
    assert found == whole or str(tmp_path) not in str(found)
    assert share or found != whole


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    kind=st.sampled_from(["mbtiles", "pmtiles", "geotiff"]), at=st.floats(0, 1), junk=st.binary(min_size=1, max_size=8)
)
def test_files_with_any_bytes_changed_are_read_or_refused(tmp_path: Path, kind: str, at: float, junk: bytes) -> None:
    path = tmp_path / f"{kind}.kept"
    if not path.exists():
        path.write_bytes(made(kind, tmp_path).read_bytes())
        (tmp_path / "a").unlink()
    data = path.read_bytes()
    start = int(at * len(data))
    (tmp_path / "a").write_bytes(data[:start] + junk + data[start + len(junk) :])
    try:
        tiles = opened(kind, "a", tmp_path)
    except GeoError:
        return
    for z in (Z, 16):
        try:
            tiles.tile(z, *world.tile_of(z))
        except GeoError:
            continue
    tiles.close()


# ------------------------------------------------------------------------------------------------- bombs


def test_an_mbtiles_whose_tiles_never_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite3.connect(tmp_path / "a") as conn:
        conn.execute("CREATE TABLE metadata (name text, value text)")
        conn.execute(
            "CREATE VIEW tiles AS WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n) "
            "SELECT 5 AS zoom_level, k AS tile_column, 0 AS tile_row, x'00' AS tile_data FROM n"
        )
    conn.close()
    monkeypatch.setattr(mbtiles_file, "_OPENING_SECONDS", 0.3)
    with pytest.raises(UnreadableFile, match="too slowly"):
        opened("mbtiles", "a", tmp_path)


def test_an_mbtiles_with_a_tile_of_50_mb(tmp_path: Path) -> None:
    forms.mbtiles(tmp_path / "a", {(Z, *AT): b"\x89PNG\r\n\x1a\n".ljust(50_000_000, b"\0")})
    with pytest.raises(UnreadableFile):
        opened("mbtiles", "a", tmp_path).tile(Z, *AT)


def test_vector_tiles_are_no_base_map(tmp_path: Path) -> None:
    forms.mbtiles(tmp_path / "a", TILES, form="pbf")
    forms.pmtiles(tmp_path / "b", TILES, kind=1)
    for kind, name in (("mbtiles", "a"), ("pmtiles", "b")):
        with pytest.raises(UnreadableFile, match=r"no PNG|vector tiles"):
            opened(kind, name, tmp_path)


def test_a_pmtiles_whose_directory_unpacks_to_very_much(tmp_path: Path) -> None:
    root = gzip.compress(b"\xff" * (40 << 20))
    head = b"PMTiles\x03" + struct.pack("<11Q", 127, len(root), 0, 0, 0, 0, 0, 0, 1, 1, 1) + bytes([1, 2, 1, 2, 0, 5])
    (tmp_path / "a").write_bytes(head.ljust(127, b"\0") + root)
    with pytest.raises(UnreadableFile, match="too large"):
        opened("pmtiles", "a", tmp_path)


def test_a_pmtiles_whose_leaves_lead_to_themselves(tmp_path: Path) -> None:
    leaf = gzip.compress(b"\x01\x00\x00" + b"\x20" + b"\x01")
    body = leaf[:8].ljust(8, b"\0")
    head = b"PMTiles\x03" + struct.pack("<11Q", 127, len(leaf), 0, 0, 127, 1 << 40, 0, 0, 1, 1, 1)
    (tmp_path / "a").write_bytes((head + bytes([1, 2, 1, 2, 0, 5])).ljust(127, b"\0") + leaf + body)
    with pytest.raises(UnreadableFile):
        opened("pmtiles", "a", tmp_path).tile(Z, *AT)


@given(st.integers(0, 12), st.data())
def test_numbers_along_the_curve_are_those_of_walking_it(zoom: int, data: st.DataObject) -> None:
    x, y = (data.draw(st.integers(0, (1 << zoom) - 1)) for _ in "xy")
    assert tile_id(zoom, x, y) == forms.hilbert(zoom, x, y)


@pytest.mark.parametrize(
    ("tags", "says"),
    [
        ({258: (16,)}, "8 bits"),
        ({277: (9,)}, "bands"),
        ({322: (1 << 19,)}, "too large"),
        ({33550: (0.0, 0.0)}, "place"),
    ],
)
def test_geotiffs_that_are_not_read(tmp_path: Path, tags: dict[int, tuple], says: str) -> None:
    path = made("geotiff", tmp_path)
    data = bytearray(path.read_bytes())
    count = struct.unpack("<H", data[8:10])[0]
    for k in range(count):
        at = 10 + 12 * k
        tag, kind, number = struct.unpack("<HHI", data[at : at + 8])
        if tag in tags:
            packed = struct.pack(f"<{'H' if kind == 3 else 'd' if kind == 12 else 'I'}", tags[tag][0])
            places = struct.unpack("<I", data[at + 8 : at + 12])[0] if number * len(packed) > 4 else at + 8
            for n in range(min(number, 3)):
                data[places + n * len(packed) : places + (n + 1) * len(packed)] = packed
    path.write_bytes(bytes(data))
    with pytest.raises(UnreadableFile, match=says):
        opened("geotiff", "a", tmp_path)


@pytest.mark.parametrize("kind", [5, 10, 11, 12])
@pytest.mark.parametrize("value", [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\x80\x7f"])
def test_a_geotiff_whose_tags_are_of_other_types(tmp_path: Path, kind: int, value: bytes) -> None:
    """Fractions, NaN and infinity where sizes and places of blocks are whole numbers."""
    whole = made("geotiff", tmp_path).read_bytes()
    for k in range(struct.unpack("<H", whole[8:10])[0]):
        at = 10 + 12 * k
        damaged = whole[: at + 2] + struct.pack("<HI", kind, 1) + value + whole[at + 12 :]
        (tmp_path / "a").write_bytes(damaged)
        with contextlib.suppress(UnreadableFile, NotFound):
            opened("geotiff", "a", tmp_path).tile(Z, *AT)


def test_a_geotiff_whose_directories_run_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"II" + struct.pack("<HIHI", 42, 8, 0, 8))
    with pytest.raises(UnreadableFile, match="circle"):
        opened("geotiff", "a", tmp_path)


def test_a_conf_with_entities_and_one_without_levels(tmp_path: Path) -> None:
    forms.arcgis(tmp_path / "a", "Exploded", TILES, LEVELS, **WEB)
    conf = tmp_path / "a" / "Layers" / "conf.xml"
    text = conf.read_text("utf-8")
    for bad, says in [
        (text.replace("<CacheInfo", '<!DOCTYPE a [<!ENTITY b "c">]><CacheInfo', 1), "DOCTYPE"),
        (text.replace("<TileOrigin>", "<Other>").replace("</TileOrigin>", "</Other>"), "lacks TileOrigin"),
        (text.replace("<LevelID>5<", "<LevelID>500<"), "impossible"),
        (re.sub("<Resolution>[^<]*<", "<Resolution>1e-300<", text), "impossible"),
        (text.replace("<LevelID>5<", "<LevelID>9<"), "none of the levels"),
        (text.replace("102100", "4490"), "itself names the CRS"),
        (text.replace("PNG", "LERC"), "LERC"),
        ("no xml", "no XML"),
    ]:
        conf.write_text(bad, "utf-8")
        with pytest.raises((UnreadableFile, BadValue), match=says):
            opened("arcgis", "a", tmp_path)


# ------------------------------------------------------------------------------------------------- ways out


@pytest.mark.parametrize("source", ["../secret", "a/../../secret", "/etc", "link", "link/t", "{z}/../../{x}/{y}"])
def test_paths_out_of_the_folder_of_base_maps(tmp_path: Path, source: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    forms.folder(tmp_path / "secret" / "t", TILES)
    (home / "link").symlink_to(tmp_path / "secret")
    with pytest.raises((BadValue, UnreadableFile), match=r"outside|no such folder|no tiles"):
        opened("xyz", source, home)


def test_a_link_in_a_folder_of_tiles_that_leads_out_of_it(tmp_path: Path) -> None:
    forms.folder(tmp_path / "t", TILES)
    elsewhere = tmp_path / "elsewhere.png"
    elsewhere.write_bytes(TILE)
    tile = tmp_path / "t" / str(Z) / str(X) / f"{Y}.png"
    tile.unlink()
    tile.symlink_to(elsewhere)
    with pytest.raises(UnreadableFile, match="leads out of the folder"):
        opened("xyz", "t", tmp_path).tile(Z, *AT)
    forms.arcgis(tmp_path / "a", "CompactV2", TILES, LEVELS, **WEB)
    bundle = next((tmp_path / "a").rglob("*.bundle"))
    bundle.rename(tmp_path / "elsewhere.bundle")
    bundle.symlink_to(tmp_path / "elsewhere.bundle")
    with pytest.raises(UnreadableFile, match="leads out of the folder"):
        opened("arcgis", "a", tmp_path).tile(Z, *AT)


def test_a_pipe_is_no_tile_and_no_file(tmp_path: Path) -> None:
    forms.folder(tmp_path / "t", TILES)
    tile = tmp_path / "t" / str(Z) / str(X) / f"{Y}.png"
    tile.unlink()
    os.mkfifo(tile)
    with pytest.raises(NotFound):
        opened("xyz", "t", tmp_path).tile(Z, *AT)
    os.mkfifo(tmp_path / "a")
    for kind in ("mbtiles", "pmtiles", "geotiff"):
        with pytest.raises(UnreadableFile, match="it is no file"):
            opened(kind, "a", tmp_path)


def test_what_is_absent(tmp_path: Path) -> None:
    for kind in ("mbtiles", "pmtiles", "geotiff", "xyz", "arcgis"):
        with pytest.raises(UnreadableFile, match="none"):
            opened(kind, "none", tmp_path)


def test_a_desk_may_name_a_file_anywhere_and_a_server_only_in_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / "maps").mkdir(parents=True)
    monkeypatch.chdir(home)
    assert stored_path("maps/{z}/{x}/{y}.png", home, is_bounded=True) == "maps/{z}/{x}/{y}.png"
    assert stored_path(str(home / "maps"), home, is_bounded=True) == "maps"
    (tmp_path / "other").mkdir()
    with pytest.raises(BadValue, match="outside"):
        stored_path("../other", home, is_bounded=True)
    with pytest.raises(BadValue, match="GRIDSIGHT_BASEMAP_FOLDER"):
        stored_path("maps", None, is_bounded=True)
    at_a_desk = stored_path("../other", home, is_bounded=False)
    assert at_a_desk == str(tmp_path / "other")
    base = BaseMap("a", "xyz", at_a_desk, "3857")
    assert path_of(base, home, is_bounded=False) == tmp_path / "other"
    with pytest.raises(BadValue, match="outside"):
        path_of(base, home, is_bounded=True)
