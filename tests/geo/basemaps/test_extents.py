"""Where base maps say that they have tiles: each kind's own words, none where they are damaged, and kept in a store."""

from __future__ import annotations

import sqlite3
import struct
from pathlib import Path

import numpy as np
import pytest

from geo.basemaps.extents import beside, extent_of_box, sound_extent, told_extent
from geo.basemaps.matrices import mercator_from_degrees
from geo.basemaps.opening import extent_of, open_source
from geo.catalog.base_maps import BaseMap, from_text, to_text
from geo.errors import BadValue
from tests.geo.basemaps import kept_forms as forms

BOX = (102.5, 37.0, 103.5, 38.0)
#: The tile of zoom 8 that has 103 E 37.5 N: columns go by 1.40625 degrees.
TILES = {(8, 201, 99): b"picture"}
COLUMN = (201 * 1.40625 - 180, 202 * 1.40625 - 180)


def opened(path: Path, kind: str, crs: str = "3857"):
    return open_source(BaseMap("a", kind, path.name, crs), path.parent, is_bounded=False)


def test_mbtiles_tell_theirs_widened_to_the_columns_they_have(tmp_path: Path) -> None:
    path = forms.mbtiles(tmp_path / "a.mbtiles", TILES)
    assert opened(path, "mbtiles").extent is None
    for text, found in (
        ("102.5,37,103.5,38", (*(min(102.5, COLUMN[0]), 37.0), *(max(103.5, COLUMN[1]), 38.0))),
        ("102.9,37,102.95,38", (COLUMN[0], 37.0, COLUMN[1], 38.0)),
        ("-200,37,103.5,38", None),
        ("a,b,c,d", None),
    ):
        with sqlite3.connect(path) as conn:
            conn.execute("DELETE FROM metadata WHERE name = 'bounds'")
            conn.execute("INSERT INTO metadata VALUES ('bounds', ?)", (text,))
        conn.close()
        assert opened(path, "mbtiles").extent == (None if found is None else pytest.approx(found)), text


def test_pmtiles_tell_theirs_in_the_header(tmp_path: Path) -> None:
    path = forms.pmtiles(tmp_path / "a.pmtiles", TILES)
    assert opened(path, "pmtiles").extent is None  # all zeros
    data = bytearray(path.read_bytes())
    data[102:118] = struct.pack("<4i", *(round(one * 1e7) for one in BOX))
    path.write_bytes(data)
    assert opened(path, "pmtiles").extent == pytest.approx(BOX)


def test_a_geotiff_covers_its_picture(tmp_path: Path) -> None:
    picture = np.zeros((100, 200, 3), np.uint8)
    path = forms.geotiff(tmp_path / "a.tif", picture, left=102.5, top=38.0, pixel=0.005, code=4490)
    assert opened(path, "geotiff", "4490").extent == pytest.approx((102.5, 37.5, 103.5, 38.0))
    x, y = mercator_from_degrees(np.array([102.5]), np.array([38.0]))
    path = forms.geotiff(tmp_path / "b.tif", picture, left=x[0], top=y[0], pixel=100.0, code=3857)
    found = opened(path, "geotiff").extent
    assert (found[0], found[3]) == pytest.approx((102.5, 38.0))
    assert found[2] - found[0] == pytest.approx(200 * 100 / 111319.49, rel=1e-5)


def test_boxes_that_are_none() -> None:
    for numbers in ([0, 0, 0, 0], [1, 2, 3], [float("nan"), 0, 1, 1], [10, 0, 5, 1], [0, 80, 1, 95]):
        assert sound_extent(numbers) is None
    assert told_extent("") is None
    assert extent_of_box(float("inf"), 1e6, 2e6, 2e6, "EPSG:4544") is None
    # East of the meridian of 105 degrees the parallels bend to the north: the lowest latitude is in the corner at it.
    bent = extent_of_box(500_000, 4_100_000, 600_000, 4_200_000, "EPSG:4544")
    assert bent[0] == pytest.approx(105.0)
    assert bent[1] < bent[3]


def test_a_shifted_base_map_has_room_for_the_shift(tmp_path: Path) -> None:
    path = forms.geotiff(tmp_path / "a.tif", np.zeros((9, 9, 3), np.uint8), left=102.5, top=38.0, pixel=0.1, code=4490)
    source = opened(path, "geotiff", "4490")
    assert extent_of(source, is_shifted=False) == source.extent
    assert extent_of(source, is_shifted=True) == beside(source.extent)


def test_an_extent_is_kept_with_the_settings() -> None:
    base = BaseMap("a", "mbtiles", "a.mbtiles", "3857", extent=BOX)
    assert from_text(to_text(base)) == base
    assert base.as_record()["extent"] == list(BOX)
    assert BaseMap("a", "mbtiles", "a.mbtiles", "3857").as_record()["extent"] is None
    with pytest.raises(BadValue, match="extent"):
        BaseMap("a", "mbtiles", "a.mbtiles", "3857", extent=(1.0, 2.0, 0.0, 3.0))
