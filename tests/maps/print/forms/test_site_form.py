"""Read forms of camera sites back: one a pole, its lenses, what is assumed, what it sees, true scale, empty fields."""

from __future__ import annotations

import io
from dataclasses import replace

import pandas as pd
import pypdf
import pytest
import shapely

from geo.errors import AmbiguousName, NotFound
from maps.map_data import MapData
from maps.print.forms.site_form import MOST_LENSES, camera_forms
from tests.maps.print.forms.scene import protected, scene
from tests.maps.print.text_boxes import crossing, overlapping, text_boxes


def pages(data: MapData, *names: str, **options) -> tuple[bytes, list[str]]:
    drawn = camera_forms(data, names, **options)
    content = drawn.content()
    return content, [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content), strict=True).pages]


@pytest.mark.parametrize("name", ["CAM-1", "CAM-3", "P1"])
def test_a_lens_or_the_pole_gives_the_form_of_the_pole(name: str) -> None:
    data, [text] = pages(scene(), name)
    assert all(one in text for one in ("CAM-1", "CAM-2", "CAM-3", "P1"))
    assert "CAM-4" not in text
    assert pages(scene(), name)[0] == data


def test_sites_are_pages_each_once_in_the_order_asked_for() -> None:
    _, [first, second] = pages(scene(), "CAM-4", "CAM-2", "P1")
    assert "CAM-4" in first
    assert "CAM-2" in second
    assert "第 1 页，共 2 页" in first
    assert "第 2 页，共 2 页" in second


def test_who_owns_the_ground_and_where_it_is_in_words() -> None:
    _, [text] = pages(scene(), "P1")
    assert "文化路与民主街交叉口西北5米（柳树村）" in text
    assert all(one in text for one in ("第一网格", "620622100001001", "柳树村", "古浪镇", "公安机关"))


def test_numbers_are_those_of_the_run_and_defaults_are_marked() -> None:
    data = scene()
    _, [text] = pages(data, "P1")
    row = data.views.set_index("id").loc["CAM-1"]
    assert f"{row['range_m']:,.0f} m" in text
    assert f"{row['area_m2']:,.0f} m²" in text
    assert "4 m*" in text  # the height of c3 is not given: rule U4
    assert "6 m" in text
    assert "朝向不明" in text


def test_places_and_protected_places_in_view_are_listed_and_others_are_not() -> None:
    _, [text] = pages(scene(), "P1", protected=protected())
    assert "第一小学" in text
    assert "65 m" in text  # from (-5, 5) to (60, 0): 65.2 m
    assert "一号楼" in text
    assert "禁止" in text
    assert "二号楼" not in text
    assert "远处" not in text
    assert "库中没有保护区" in pages(scene(), "P1")[1][0]


def test_what_is_to_be_signed_is_empty() -> None:
    _, [text] = pages(scene(), "P1")
    assert all(one in text for one in ("填报单位", "填表人", "审核人", "批准人", "日期", "盖章处", "现场照片"))
    english = pages(scene(), "P1", lang="en")[1][0]
    assert all(one in english for one in ("Office", "Filled in by", "Checked by", "Approved by", "Date", "Seal"))
    assert "5 m north-west of the crossing" in english
    assert "页" not in english


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_text_covers_another_or_the_edge_of_the_map(lang: str) -> None:
    drawn = camera_forms(scene(), ["P1", "CAM-4"], lang=lang, protected=protected())
    content = drawn.content()
    for number, (canvas, _) in enumerate(drawn.pages):
        boxes = text_boxes(content, number)
        assert not overlapping(boxes)
        [ground] = canvas.maps
        frame = (ground.x, ground.y, ground.x + ground.width, ground.y + ground.height)
        assert not crossing(boxes, frame)
        assert not crossing(boxes, (13, 12, 210 - 13, 297 - 13))


def test_the_map_is_true_to_scale_and_holds_all_that_is_seen() -> None:
    drawn = camera_forms(scene(), ["P1"])
    [ground] = drawn.pages[0][0].maps
    data = scene()
    views = shapely.union_all(pd.concat([data.views.geometry[:3], data.possible.geometry[:3]]).to_numpy())
    low, high = ground.ground(ground.x, ground.y), ground.ground(ground.x + ground.width, ground.y + ground.height)
    assert shapely.box(*low, *high).covers(views)
    assert high[0] - low[0] == pytest.approx(ground.width * ground.scale / 1000)
    assert f"1:{ground.scale:,.0f}" in pages(data, "P1")[1][0]


def test_more_lenses_than_a_page_has_go_on_on_another() -> None:
    data = scene()
    many = pd.concat([data.cameras.iloc[[0]]] * (MOST_LENSES + 1), ignore_index=True)
    many["id"] = [f"m{n}" for n in range(len(many))]
    _, texts = pages(replace(data, cameras=many), "m3")
    assert len(texts) == 2
    assert "m6" in texts[1]
    assert "m0" in texts[0]
    assert "此批次没有其视域" in texts[0]


def test_unknown_and_ambiguous_names_are_refused() -> None:
    with pytest.raises(NotFound, match="没有摄像机或点位 none"):
        camera_forms(scene(), ["none"])
    data = scene()
    far = data.cameras.iloc[[3]].assign(site="P1")
    twice = pd.concat([data.cameras.iloc[:3], far], ignore_index=True)
    with pytest.raises(AmbiguousName, match="2 处点位都叫 P1"):
        camera_forms(replace(data, cameras=twice), ["P1"])
    with pytest.raises(NotFound):
        camera_forms(replace(data, cameras=data.cameras.iloc[:0]), ["CAM-1"])


def test_what_the_map_lacks_is_left_out() -> None:
    bare = replace(scene(), reference={}, zones={}, views=None, possible=None)
    _, [text] = pages(bare, "P1")
    assert "CAM-1" in text


def test_long_names_shrink_and_are_cut_within_the_page() -> None:
    data = scene()
    cameras = data.cameras.assign(name="很长的名称" * 60, owner="单位" * 150)
    title = replace(data.meta, title_zh="标题" * 150, security="密级" * 150)
    drawn = camera_forms(replace(data, cameras=cameras, meta=title), ["P1"])
    boxes = text_boxes(drawn.content())
    assert not overlapping(boxes)
    assert not crossing(boxes, (13, 12, 210 - 13, 297 - 13))
