"""Cut tiles for a file within its bytes, and draw a base map over a rectangle, against tiles of a test."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geo.basemaps.opening import BaseMapTiles
from geo.basemaps.whole_pictures import cut_tiles, whole_picture
from geo.catalog.base_maps import BaseMap
from geo.errors import SourceSlow
from tests.geo.basemaps import drawn_world as world
from tests.geo.basemaps import kept_forms as forms

LON, LAT = world.CROSS
#: About 2 km round the cross.
BOX = (LON - 0.011, LAT - 0.009, LON + 0.011, LAT + 0.009)


@pytest.fixture
def tiles(tmp_path: Path) -> BaseMapTiles:
    forms.folder(
        tmp_path / "a",
        {
            (z, *at): world.png(world.mercator_tile(z, *at))
            for z in (13, 14, 15, 16)
            for at in world.around(world.tile_of(z), 4)
        },
    )
    return BaseMapTiles(BaseMap("a", "xyz", "a", "3857", levels=(13, 16)), tmp_path, is_bounded=True)


def test_as_many_levels_as_a_budget_holds(tiles: BaseMapTiles) -> None:
    everything = cut_tiles(tiles, BOX, 10_000_000)
    zooms = sorted({z for z, _, _ in everything})
    assert zooms == [15, 16]  # at 15 the box is two or three tiles wide
    size = {z: sum(len(data) for (at, _, _), (data, _) in everything.items() if at == z) for z in zooms}
    first = cut_tiles(tiles, BOX, int(size[15] * 1.5) + 2_000)
    assert {z for z, _, _ in first} == {15}
    coarser = cut_tiles(tiles, BOX, 1_500)
    assert coarser
    assert max(z for z, _, _ in coarser) < 15
    assert cut_tiles(tiles, BOX, 10) == {}


def test_a_rectangle_in_degrees_has_the_cross_in_its_middle(tiles: BaseMapTiles) -> None:
    wide, tall = 300, 200
    west, east, south, north = LON - 0.003, LON + 0.003, LAT - 0.002, LAT + 0.002

    def place(columns: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return west + columns * (east - west) / wide, north - rows * (north - south) / tall

    found = whole_picture(tiles, place, wide, tall)
    assert found is not None
    rows, columns = np.nonzero(found[..., 0] < 128)
    assert abs(np.median(columns) + 0.5 - wide / 2) < 1
    assert abs(np.median(rows) + 0.5 - tall / 2) < 1
    assert whole_picture(tiles, lambda c, r: (c * 1e-5, r * -1e-5), wide, tall) is None
    with pytest.raises(SourceSlow, match="within"):
        whole_picture(tiles, place, wide, tall, seconds=-1)
