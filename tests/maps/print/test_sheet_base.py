"""Print a base map below a sheet: a cross lies where it belongs, facts are its own, the same data the same bytes."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest

from geo.basemaps.opening import BaseMapTiles
from geo.catalog.base_maps import BaseMap
from geo.crs import to_wgs84
from geo.crs_gcj import gcj02_from_wgs84
from maps.print.page_layout import choose_layout, paper_choices
from maps.print.sheet import write_sheet
from maps.print.sheet_base import base_picture
from maps.print.sheet_content import sheet_content
from tests.geo.basemaps import drawn_world as world
from tests.geo.basemaps import kept_forms as forms
from tests.maps.print.sheet_data import CRS, MIDDLE, county

#: In metres of the sheet's CRS; its arms are made 1.2 km long, as the sheet shows 18 km.
AT = MIDDLE + np.array([1_234.0, -2_345.0])
LON, LAT = (float(one[0]) for one in to_wgs84(np.array([AT[0]]), np.array([AT[1]]), CRS))
DATA = county(120, 6, 60, 60, 9_000.0)
Z = 13
FACTS = {"attribution": "县自然资源局", "review_number": "甘S(2025)7号", "data_date": "2025-06"}


@pytest.fixture(autouse=True)
def large_cross(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "ARM_M", 1_200.0)
    monkeypatch.setattr(world, "HALF_WIDTH_M", 90.0)


def opened(home: Path, crs: str, cross: tuple[float, float]) -> BaseMapTiles:
    if crs == "gcj02":
        shifted = gcj02_from_wgs84(np.array([cross[0]]), np.array([cross[1]]))
        cross = float(shifted[0][0]), float(shifted[1][0])
    tiles = {
        (Z, *at): world.png(world.mercator_tile(Z, *at, cross=cross))
        for at in world.around(world.tile_of(Z, LON, LAT), 4)
    }
    forms.folder(home, tiles)
    return BaseMapTiles(BaseMap("影像", "xyz", home.name, crs, levels=(Z, Z), **FACTS), home.parent, is_bounded=True)


def printed(tiles: BaseMapTiles | None) -> bytes:
    out = io.BytesIO()
    write_sheet(replace(DATA, base=None if tiles is None else tiles.base), out, paper="A4", base=tiles)
    return out.getvalue()


def seen(data: bytes, dpi: int) -> np.ndarray:
    document = pdfium.PdfDocument(data)
    try:
        return np.asarray(document[0].render(scale=dpi / 72).to_pil().convert("L"), dtype=float)
    finally:
        document.close()


@pytest.mark.parametrize("crs", ["3857", "gcj02"])
def test_the_cross_is_where_it_belongs(tmp_path: Path, crs: str) -> None:
    """What differs from a sheet over the same ground without a cross is the cross."""
    dpi = 200
    with_cross, without = (
        seen(printed(opened(tmp_path / name, crs, cross)), dpi)
        for name, cross in (("a", (LON, LAT)), ("b", (0.0, 0.0)))
    )
    weight = np.clip(without - with_cross, 0, None)
    weight[weight < 12] = 0
    assert weight.sum() > 0, "no cross to be seen"
    rows, columns = np.nonzero(weight)
    _, frame = choose_layout(sheet_content(DATA, None).extent, paper_choices("A4"))
    x, y = frame.points(AT)[0]
    page_mm = weight.shape[0] * 25.4 / dpi
    # The outermost points of both arms are as far from the middle.
    middle = (columns.min() + columns.max() + 1) / 2, (rows.min() + rows.max() + 1) / 2
    assert np.hypot(middle[0] - x * dpi / 25.4, middle[1] - (page_mm - y) * dpi / 25.4) < 2


def test_facts_are_printed_as_those_of_the_base_map_and_bytes_are_the_same(tmp_path: Path) -> None:
    tiles = opened(tmp_path / "a", "3857", (LON, LAT))
    data = printed(tiles)
    assert data == printed(tiles)
    document = pdfium.PdfDocument(data)
    text = document[0].get_textpage().get_text_range()
    document.close()
    assert all(one in text for one in (*FACTS.values(), "底图审图号", "底图数据日期"))
    assert "审图号" in text.replace("底图审图号", "")  # our own stays a field of its own
    plain = printed(None)
    assert len(plain) < len(data) < len(plain) + 3_000_000


def test_a_base_map_without_tiles_here_is_said(tmp_path: Path) -> None:
    forms.folder(tmp_path / "a", {(17, 0, 0): world.png(world.mercator_tile(17, 0, 0))})
    tiles = BaseMapTiles(BaseMap("影像", "xyz", "a", "3857", **FACTS), tmp_path, is_bounded=True)
    out = io.BytesIO()
    report = write_sheet(replace(DATA, base=tiles.base), out, paper="A4", base=tiles)
    assert any("影像" in one for one in report.notes)
    document = pdfium.PdfDocument(out.getvalue())
    text = document[0].get_textpage().get_text_range()
    document.close()
    assert not any(one in text for one in (FACTS["review_number"], "底图审图号")), "it is not on the sheet"


def test_a_base_map_of_a_part_says_how_much(tmp_path: Path) -> None:
    content = sheet_content(DATA, None)
    _, frame = choose_layout(content.extent, paper_choices("A4"))
    west, south, east, north = frame.bounds
    lon, lat = to_wgs84(np.array([west, east]), np.array([south, north]), CRS)
    (left, bottom), (right, top) = world.tile_of(Z, lon[0], lat[0]), world.tile_of(Z, lon[1], lat[1])
    middle, picture = (left + right) // 2, world.png(world.mercator_tile(Z, left, top))
    columns = {"whole": range(left - 1, right + 2), "half": range(left - 1, middle)}
    told = {}
    for name, across in columns.items():
        forms.folder(tmp_path / name, {(Z, x, y): picture for x in across for y in range(top - 1, bottom + 2)})
        tiles = BaseMapTiles(BaseMap("影像", "xyz", name, "3857", levels=(Z, Z)), tmp_path, is_bounded=True)
        found = base_picture(tiles, frame, content.crs)
        assert found is not None
        report = write_sheet(replace(DATA, base=tiles.base), io.BytesIO(), paper="A4", base=tiles)
        told[name] = found.share, [one for one in report.notes if "只盖住图上的" in one]
    assert told["whole"] == (1.0, [])
    share, notes = told["half"]
    assert 0.2 < share < 0.7
    assert notes == [f"底图 影像 只盖住图上的 {int(100 * share)} %，其余处是白纸。"]
