"""Read sheets of views back: numbers on the map are those of the table, scale, cut, what is assumed, pages."""

from __future__ import annotations

import io
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pypdf
import pytest
import shapely

from geo.errors import NotFound, UnknownName
from geo.figure_text import share_text
from geo.visibility.view_cuts import cut_shares
from maps.print.forms.sector_sheet import SECTOR_SCALES, sector_sheets
from maps.print.forms.view_map import frame_of, near_each_other
from maps.print.page_layout import Rect
from tests.maps.print.forms.scene import EDITION, at, scene
from tests.maps.print.text_boxes import crossing, overlapping, text_boxes


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content), strict=True).pages]


def test_the_cameras_of_a_grid_with_their_optics() -> None:
    data = scene()
    [text] = pages(sector_sheets(data, zone="620622100001001").content())
    assert all(f"CAM-{n}" in text for n in (1, 2, 3, 4))
    assert "第一网格 620622100001001" in text
    assert "朝向不明" in text
    assert "安装高度" in text  # what is assumed of CAM-3
    seen = data.views.set_index("id")["area_m2"]
    wanted = cut_shares(data.cameras, seen, level="detect", edition=EDITION, target_height=1.6)
    assert wanted["CAM-1"] > 0.05
    assert share_text(wanted["CAM-1"]) in text


def test_named_cameras_come_in_the_order_asked_for_and_sites_with_all_of_theirs() -> None:
    [text] = pages(sector_sheets(scene(), names=["CAM-4", "CAM-2"], lang="en").content())
    assert text.index("CAM-4") < text.index("CAM-2")
    assert "CAM-1" not in text
    [site] = pages(sector_sheets(scene(), names=["P1"]).content())
    assert all(f"CAM-{n}" in site for n in (1, 2, 3))
    assert "CAM-4" not in site


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("paper", ["A4", "A3", "A1"])
def test_no_text_covers_another_or_the_edge_of_the_map(lang: str, paper: str) -> None:
    drawn = sector_sheets(scene(), names=["CAM-1", "CAM-2"], paper=paper, lang=lang)
    [(canvas, _)] = drawn.pages
    boxes = text_boxes(drawn.content())
    [ground] = canvas.maps
    assert not overlapping(boxes)
    assert not crossing(boxes, (ground.x, ground.y, ground.x + ground.width, ground.y + ground.height))
    assert not crossing(boxes, (13, 12, canvas.width - 13, canvas.height - 13))
    assert ground.scale in SECTOR_SCALES
    assert ground.width * ground.height > 0.4 * canvas.width * canvas.height


def test_cameras_far_apart_are_on_sheets_of_their_own_at_a_legible_scale() -> None:
    data = scene()
    far = data.cameras.iloc[[3]].copy()
    far["id"] = "CAM-9"
    far.geometry = [at(5_000, 0)]
    spread = replace(data, cameras=pd.concat([data.cameras, far], ignore_index=True))
    drawn = sector_sheets(spread, names=["CAM-1", "CAM-9"])
    assert len(drawn.pages) == 2
    assert "第 2 页，共 2 页" in pages(drawn.content())[1]
    assert "此批次没有其视域" in pages(drawn.content())[1]


def test_a_map_has_little_ground_round_its_subject_before_it_has_a_smaller_scale() -> None:
    """On 100 mm 1:2,000 shows 200 m: 170 m with 6 % round them, 190 m without, and 210 m not at all."""
    rect, scales = Rect(0, 0, 100, 100), (1_000, 2_000)
    assert [frame_of((0, 0, side, side), rect, scales).scale for side in (80, 170, 190, 210)] == [
        1_000, 2_000, 2_000, 2_500,
    ]  # fmt: skip


def test_a_group_has_the_room_of_as_many_as_it_is() -> None:
    boxes = [(0, 0, 10, 10), (30, 0, 40, 10), (60, 0, 70, 10)]
    assert near_each_other(boxes, lambda count: (60 - 10 * count, 50), 9) == [[0, 1], [2]]
    assert near_each_other(boxes, lambda count: (70, 50), 9) == [[0, 1, 2]]


def test_many_cameras_stand_in_a_table_beside_the_map() -> None:
    data = scene()
    many = pd.concat([data.cameras.iloc[[3]]] * 14, ignore_index=True)
    many["id"] = [f"m{n:02d}" for n in range(14)]
    many.geometry = shapely.points([(at(0, 0).x + 12 * n, at(0, 0).y) for n in range(14)])
    drawn = sector_sheets(replace(data, cameras=many), zone="620622100001001")
    boxes = text_boxes(drawn.content())
    assert not overlapping(boxes)
    assert all(f"m{n:02d}" in pages(drawn.content())[0] for n in range(14))


def test_what_is_refused() -> None:
    with pytest.raises(NotFound):
        sector_sheets(scene(), names=["none"])
    with pytest.raises(NotFound):
        sector_sheets(scene(), zone="none")
    with pytest.raises(UnknownName):
        sector_sheets(scene(), names=["CAM-1"], paper="B5")
    with pytest.raises(NotFound, match="该区域内没有摄像机"):
        sector_sheets(replace(scene(), cameras=scene().cameras.assign(geometry=[at(9_000, 0)] * 4)), zone="第一网格")


def test_one_name_of_several_gates_is_written_once_and_on_no_camera() -> None:
    data = scene()
    spots = [at(-25, -25), at(-25, 30), at(30, -30)]
    gates = gpd.GeoDataFrame({"code": ["1", "2", "3"], "name": ["东门小区"] * 3}, geometry=spots, crs=data.cameras.crs)
    alone = replace(data, reference={"places": gates})
    drawn = sector_sheets(alone, names=["CAM-1"])
    assert pages(drawn.content())[0].count("东门小区") == 1
    [(canvas, _)] = drawn.pages
    [ground] = canvas.maps
    [(left, bottom, right, top)] = [box for text, box in text_boxes(drawn.content()) if "东门小区" in text]
    for point in data.cameras.geometry:
        x = (point.x - ground.left) * 1000 / ground.scale + ground.x
        y = (point.y - ground.bottom) * 1000 / ground.scale + ground.y
        assert not (left < x < right and bottom < y < top)
