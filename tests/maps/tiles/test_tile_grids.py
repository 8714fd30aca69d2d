from __future__ import annotations

import pytest

from maps.tiles.tile_grids import GRIDS, MAX_ZOOM

MERCATOR, DEGREES = GRIDS["WebMercatorQuad"], GRIDS["WorldCRS84Quad"]


def test_limits_and_boxes_agree() -> None:
    for grid in GRIDS.values():
        for z in (0, 3, 11, MAX_ZOOM):
            x0, y0, x1, y1 = grid.limits(z, (102.4, 37.3, 103.7, 37.9))
            west, north = grid.corner(z, x0, y0)
            east, south = grid.corner(z, x1 + 1, y1 + 1)
            assert west <= 102.4 < 103.7 <= east
            assert south <= 37.3 < 37.9 <= north
            box = grid.box(z, x0, y0)
            assert box[0] < west or west == -180
            assert box[3] > north or north == 90
            assert grid.has(z, x1, y1)
        assert not grid.has(MAX_ZOOM + 1, 0, 0)
        assert not grid.has(0, grid.columns, 0)
        assert not grid.has(-1, 0, 0)


def test_the_matrix_sets_are_the_registered_ones() -> None:
    """OGC 17-083r4, annexes D.1 and D.2."""
    web, degrees = MERCATOR.definition(), DEGREES.definition()
    assert [one["id"] for one in web["tileMatrices"]] == [str(z) for z in range(23)]
    assert web["tileMatrices"][0]["scaleDenominator"] == pytest.approx(559082264.028717, rel=1e-12)
    assert web["tileMatrices"][0]["cellSize"] == pytest.approx(156543.033928041, rel=1e-12)
    assert web["tileMatrices"][0]["pointOfOrigin"] == pytest.approx([-20037508.342789244, 20037508.342789244])
    assert web["tileMatrices"][18]["matrixWidth"] == web["tileMatrices"][18]["matrixHeight"] == 262144
    assert degrees["tileMatrices"][0]["scaleDenominator"] == pytest.approx(279541132.014358, rel=1e-12)
    assert degrees["tileMatrices"][0]["cellSize"] == 0.703125
    assert (degrees["tileMatrices"][1]["matrixWidth"], degrees["tileMatrices"][1]["matrixHeight"]) == (4, 2)
    assert web["uri"] == "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
