"""Take names apart: what says which camera it is, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.registers.camera_names import camera_name, stem_likeness

N, E, S, W = 0.0, 90.0, 180.0, 270.0


@pytest.mark.parametrize(
    ("name", "stem", "side", "facing", "number"),
    [
        ("北街口东南角球机1", "北街口", 135.0, None, 1),
        ("北街口 东南角", "北街口", 135.0, None, None),
        ("北街口1号球机东南角", "北街口", 135.0, None, 1),
        ("北街路口东南侧高清球机 #2", "北街口", 135.0, None, 2),
        ("北街交叉口东4", "北街口", E, None, 4),
        ("北大街与东关路十字东侧枪机", "北大街与东关路口", E, None, None),
        ("县医院正门 由北向南 高清枪机", "县医院门", None, S, None),
        ("县医院大门朝东枪机", "县医院门", None, E, None),
        ("金昌路南关街十字（南向）枪机2", "金昌路南关街口", None, S, 2),
        ("县医院东侧 北向南", "县医院", E, S, None),
        ("城东向阳路口", "城东向阳口", None, None, None),
        ("车站面向西北方向全景", "车站", None, 315.0, None),
        ("农贸市场西门", "农贸市场", W, None, None),
        ("东门市场西北角", "东门市场", 315.0, None, None),
        ("012-粮库北侧２号机", "粮库", N, None, 2),
        ("Mill Street / High Street crossroads NE corner dome camera 2", "millstreethighstreetcrossing", 45.0, None, 2),
        ("Mill Street facing south", "millstreet", None, S, None),
        ("球机1", "", None, None, 1),
        ("", "", None, None, None),
    ],
)
def test_names(name: str, stem: str, side: float | None, facing: float | None, number: int | None) -> None:
    assert camera_name(name) == (stem, side, facing, number)


@given(
    stem=st.sampled_from(["北街口", "县医院", "人民广场", "红旗路建设街口"]),
    side=st.sampled_from(["东", "南", "西", "北", "东南", "东北", "西南", "西北"]),
    mark=st.sampled_from(["角", "侧"]),
    kind=st.sampled_from(["", "球机", "高清枪机", "网络摄像机", "全景"]),
    number=st.sampled_from(["", "1", "2号", "#3"]),
    order=st.permutations([0, 1, 2]),
    gap=st.sampled_from(["", " ", "-", "　"]),
)
def test_the_order_of_the_parts_kind_and_spaces_change_nothing(
    stem: str, side: str, mark: str, kind: str, number: str, order: list[int], gap: str
) -> None:
    parts = [side + mark, kind, number]
    plain, turned = (
        camera_name(stem + side + mark + kind + number),
        camera_name(gap.join([stem, *(parts[k] for k in order)])),
    )
    assert plain.stem == stem
    if number and kind and order.index(2) < order.index(1):  # 1球机 is read too, 1 before the kind
        assert turned.side == plain.side
    assert (turned.stem, turned.side, turned.number) == (plain.stem, plain.side, plain.number)


@given(st.text(max_size=300))
def test_no_text_fails(text: str) -> None:
    assert camera_name(text).stem == camera_name(text).stem.strip()


@given(st.text(min_size=1, max_size=12), st.text(min_size=1, max_size=12))
def test_likeness_is_mutual_and_within_bounds(one: str, other: str) -> None:
    assert stem_likeness(one, other) == stem_likeness(other, one)
    assert 0.0 <= stem_likeness(one, other) <= 1.0
    assert stem_likeness(one, one) == 1.0


def test_neighbours_are_less_alike_than_the_same_place_named_shorter() -> None:
    assert stem_likeness("东街口", "西街口") < stem_likeness("和平路口", "和平街路口") < 0.9
    assert stem_likeness("三组村口", "五组村口") < 0.5
    assert stem_likeness("青石镇北街口", "北街口") == 0.9
