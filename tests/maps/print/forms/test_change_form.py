"""Read the form of a change of grids back: one page, both maps at one scale, figures, lines to sign on."""

from __future__ import annotations

import io
from dataclasses import replace

import geopandas as gpd
import pypdf
import pytest
import shapely

from maps.map_data import Meta
from maps.print.forms.change_form import MOST_ROWS, ChangedGrid, GridChange, change_form
from tests.maps.print.text_boxes import crossing, overlapping, text_boxes

OLD, FIRST, SECOND = "990101101201001", "990101101201003", "990101101201004"


def split(**more: object) -> GridChange:
    """Return a grid of 300 households that is cut into halves of 200 and 100."""
    shapes = [shapely.box(103.0, 37.0, 103.02, 37.01), *shapely.box([103.0, 103.01], 37.0, [103.01, 103.02], 37.01)]
    grids = [
        ChangedGrid("before", OLD, "北街", "", 300, 12, 1_970_000.0, shapes[0]),
        ChangedGrid("after", FIRST, "北街一", "split", 200, 8, 985_000.0, shapes[1]),
        ChangedGrid("after", SECOND, "北街二", "split", None, 4, 985_000.0, shapes[2]),
    ]
    rows = [
        {"old": OLD, "new": new, "change": "split", "area_share": 0.5, "share": n / 12, "buildings": n, "by": by}
        for new, n, by in ((FIRST, 8, "buildings"), (SECOND, 4, "buildings"))
    ]
    beside = gpd.GeoSeries([*shapes[:1], shapely.box(103.02, 37.0, 103.04, 37.01)], crs="EPSG:4326")
    roads = gpd.GeoSeries([shapely.LineString([(103.0, 37.005), (103.04, 37.005)])], crs="EPSG:4326")
    meta = Meta("虚构县图", "Map of a fictional county", "2026-03-01T08:00:00Z", "", "", "0190", "", "", "")
    change = GridChange(meta, "北街拆分", "户数过多", "approved", "2026-04-01", grids, rows, 12, beside, roads)
    return replace(change, **more)  # type: ignore[arg-type]


def page_of(change: GridChange, lang: str) -> pypdf.PageObject:
    [page] = pypdf.PdfReader(io.BytesIO(change_form(change, lang=lang).content("pdf"))).pages
    return page


def test_the_page_tells_what_changes_and_is_to_be_signed() -> None:
    text = page_of(split(), "zh").extract_text()
    for told in (
        "网格变动表", "北街拆分", "已批准", "2026-04-01 生效", OLD, FIRST, "拆分", "200 户", "12 栋建筑换了网格",
        "制表 2026-03-01", "填表人", "审核人", "批准人", "日期", "盖章处",
    ):  # fmt: skip
        assert told in text, told
    assert "Approved by" in page_of(split(), "en").extract_text()


def test_households_that_are_shared_by_area_are_marked() -> None:
    told = page_of(split(), "zh").extract_text()
    assert ("66.7 %" in told, "*" in told, "—" in told) == (True, False, True)  # 北街二 has no households
    rows = [dict(one, by="area", share=0.5, buildings=0) for one in split().succession]
    grids = [replace(one, buildings=None, households=1) for one in split().grids]
    change = split(succession=rows, grids=grids, buildings_moved=None)
    told = page_of(change, "zh").extract_text()
    assert (told.count("50.0 % *"), told.count("—"), "栋建筑" in told) == (2, 3, False)
    assert "没有建筑，户数按面积分" in told
    for lang in ("zh", "en"):
        assert not overlapping(text_boxes(change_form(change, lang=lang).content("pdf")))


def test_both_maps_have_one_scale_and_one_extent() -> None:
    [(canvas, _)] = change_form(split()).pages
    left, right = canvas.maps
    assert (left.scale, left.left, left.bottom) == (right.scale, right.left, right.bottom)


def test_the_same_change_gives_the_same_bytes() -> None:
    assert change_form(split()).content("pdf") == change_form(split()).content("pdf")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_text_runs_into_another(lang: str) -> None:
    boxes = text_boxes(change_form(split(), lang=lang).content("pdf"))
    assert not overlapping(boxes)
    assert not crossing(boxes, (13, 12, 297 - 13, 210 - 13))


def test_what_has_no_room_is_counted() -> None:
    rows = [dict(split().succession[0], new=f"{FIRST[:12]}{k:03d}") for k in range(20)]
    text = page_of(split(succession=rows), "zh").extract_text()
    assert f"其余 {20 - MOST_ROWS + 1} 处未列" in text
