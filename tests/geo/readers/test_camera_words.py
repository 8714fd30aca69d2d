"""Test the words for kinds, classes and states of cameras in registers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.catalog.layers import layer
from geo.readers.columns.column_mapping import map_columns
from geo.readers.reading import ReadResult, read_layer
from geo.readers.words import camera_words, value_words

KINDS = {
    "ptz": "网络球机 高清球机 智能球 全景球机 高空瞭望 遥控半球 云台枪机 网络云台枪机 球型摄像机 "
    "400万星光级网络球机 枪机（带云台） PTZ-Dome",
    "fixed": "红外枪机 双目 卡口 半球 红外半球 半球型网络摄像机 电子警察 "
    "人脸抓拍机 不带云台枪机 bullet-camera 篮球场枪机",
    "panoramic": "四目全景 鱼眼 360度全景 fisheye 全景摄像机",
}
CLASSES = {
    1: "一类前端视频监控 公安一类点 一类监控点 一类 1类 Ⅰ类点 第一类 一级 雪亮工程一类 类别：1",
    2: "二类视频监控资源 社会二类监控 Ⅱ类 Class_2 二类(社会) ⅱ级",
    3: "三类视频资源 Ⅲ类 3 第三类视频监控点",
}
STATES = {
    "online": "正常（在线） 在线，正常 TURNED_ON 运行良好 设备正常 无故障 正常使用 In_Service 在线(2024-1-2) "
    "故障已排除 已维修 Y √",
    "offline": "待修 报修 欠费停机 断电 TURNED_OFF 迁移 故障(线路老化) 离线-断电 不在线 "
    "正在维修 停用待拆 暂停使用 Out_of_Service 停止运行 恢复中 待维修 网络不通 N ×",
    "planned": "待接入 DESIRED 规划中 待上线 在建 待安装",
    "removed": "已拆 REMOVED VOID 已拆除（2023年） 已迁移 报废",
}
UNKNOWN = "拟报废 即将拆除 建议拆除 已拆除重建 拆除后重装 "
UNKNOWN += "正常/离线 未拆除 在线率95% 维修后正常 在线(故障) 正常（待查） 很好看 VOID/online"


def words(table: dict[str, str] | dict[int, str]) -> list[tuple[str, object]]:
    return [(word, value) for value, line in table.items() for word in line.split()]


def reader(field: str) -> Callable[[str], str | None]:
    found = value_words.value_reader("cameras", field)
    assert found is not None
    return found


@pytest.mark.parametrize(("text", "kind"), words(KINDS))
def test_kinds_by_their_head_word(text: str, kind: str) -> None:
    assert reader("kind")(text) == kind


@pytest.mark.parametrize("text", ["摄像机", "其他", "四目", "监控", "非球机", "不是球机", "non-PTZ", "No PTZ"])
def test_a_phrase_without_a_device_is_no_kind(text: str) -> None:
    assert reader("kind")(text) is None


@pytest.mark.parametrize("text", ["枪球一体机", "球机/枪机", "球枪", "固定球机"])
def test_two_devices_are_a_ptz_and_said(text: str) -> None:
    assert reader("kind")(text) == "ptz"
    assert value_words.doubt("cameras", "kind", text) == camera_words.TWO_DEVICES


@pytest.mark.parametrize(("text", "number"), words(CLASSES))
def test_classes_by_their_first_numeral(text: str, number: int) -> None:
    assert camera_words.camera_class(text) == (number, "")


@pytest.mark.parametrize("text", ["十一类", "12类", "非一类", "甲类", "9", "公安内部视频监控点"])
def test_what_names_no_class(text: str) -> None:
    assert camera_words.camera_class(text) == (None, "")


@pytest.mark.parametrize("text", ["一、二类", "一类/二类", "二三类点"])
def test_of_several_classes_the_first_is_taken_and_said(text: str) -> None:
    number, why = camera_words.camera_class(text)
    assert number == (2 if text.startswith("二") else 1)
    assert why == camera_words.TWO_CLASSES


@pytest.mark.parametrize(("text", "state"), words(STATES))
def test_states(text: str, state: str) -> None:
    assert reader("status")(text) == state


@pytest.mark.parametrize("text", UNKNOWN.split())
def test_a_phrase_of_two_states_or_none_is_not_understood(text: str) -> None:
    assert reader("status")(text) is None


@given(
    st.sampled_from([("kind", *one) for one in words(KINDS)] + [("status", *one) for one in words(STATES)]),
    st.booleans(), st.booleans(), st.sampled_from(["", " ", "　", "\t"]),
)  # fmt: skip
def test_case_width_and_spaces_do_not_matter(case: tuple[str, str, str], upper: bool, wide: bool, space: str) -> None:
    field, text, value = case
    changed = text.upper() if upper else text.lower()
    if wide:
        changed = changed.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    assert reader(field)(f"{space}{changed}{space}") == value


@given(
    st.sampled_from([("kind", *one) for one in words(KINDS)] + [("status", *one) for one in words(STATES)]),
    st.sampled_from(["", "高清", "室外", "1号"]), st.sampled_from(["", "（2024-05-01）", "。", "(2)"]),
)  # fmt: skip
def test_what_stands_around_does_not_change_a_word(case: tuple[str, str, str], before: str, after: str) -> None:
    field, text, value = case
    assert reader(field)(f"{before if field == 'kind' else ''}{text}{after}") == value


@given(st.sampled_from(words(CLASSES)), st.sampled_from(["", " ", "　"]), st.sampled_from(["", "点", "（社会）"]))
def test_spaces_and_suffixes_do_not_change_a_class(case: tuple[str, int], space: str, suffix: str) -> None:
    text, number = case
    ends = suffix if "类" in text and not text.endswith("1") else ""
    assert camera_words.camera_class(space + space.join(text) + ends)[0] == number


@given(st.text(max_size=20))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert reader("kind")(text) in {None, "fixed", "ptz", "panoramic"}
    assert reader("status")(text) in {None, "online", "offline", "planned", "unknown", "removed"}
    assert camera_words.camera_class(text)[0] in {None, 1, 2, 3}


@pytest.mark.parametrize(
    "heading",
    ["点位分类", "监控类别", "前端类别", "资源类别", "分类", "几类点", "监控级别", "一类/二类/三类", "一/二/三类"],
)
def test_headings_of_classes(heading: str) -> None:
    assert map_columns(["编号", heading], layer("cameras")).fields["class"] == heading


@pytest.mark.parametrize(
    ("headings", "chosen"),
    [
        (["Camera Status"], "Camera Status"),
        (["点位状态"], "点位状态"),
        (["录像状态", "摄像头运行状况"], "摄像头运行状况"),
        (["网络状态", "审核状态"], None),
        (["状态", "工作状态"], "状态"),
        (["CameraStatus"], "CameraStatus"),
        (["Estate"], None),
        (["是否在用"], "是否在用"),
        (["设备现状"], "设备现状"),
        (["布防状态", "人员状态", "删除状态"], None),
    ],
)
def test_headings_of_states(headings: list[str], chosen: str | None) -> None:
    assert map_columns(["编号", *headings], layer("cameras")).fields.get("status") == chosen


@pytest.mark.parametrize(
    ("field", "headings"),
    [
        ("azimuth", "摄像头方位 镜头朝向 监控朝向（东西南北） 拍摄方位 Facing Camera_Direction 安装朝向角度(度)"),
        ("kind", "设备形态 摄像头种类 机型 枪机/球机 CameraKind"),
        ("height", "立杆高(米) 杆体高度 镜头离地高度 Pole_Height MountingHeightFt"),
        ("max_range", "监视距离 最大监控距离(m) 覆盖半径 viewing_distance_ft"),
        ("hfov", "镜头视角 可视角度（度） camera_fov_deg"),
    ],
)
def test_other_headings_by_what_they_end_in(field: str, headings: str) -> None:
    for heading in headings.split():
        assert map_columns(["编号", heading], layer("cameras")).fields.get(field) == heading, heading


@pytest.mark.parametrize(
    "heading",
    [
        "道路方向",
        "车流方向",
        "进出方向",
        "限高",
        "楼高",
        "识别距离",
        "距路口距离",
        "网络类型",
        "供电类型",
        "视频编码类型",
    ],
)
def test_headings_of_other_things_are_not_read(heading: str) -> None:
    assert map_columns(["编号", heading], layer("cameras")).fields == {"id": "编号"}


def states_of(folder: Path, heading: str, cells: list[str]) -> ReadResult:
    lines = [f"c{number},102.8{number},37.4,{cell}" for number, cell in enumerate(cells)]
    path = folder / "s.csv"
    path.write_text("\n".join([f"编号,经度,纬度,{heading}", *lines]), encoding="utf-8")
    return read_layer(path, "cameras", crs="wgs84")


@pytest.mark.parametrize("heading", ["是否故障", "故障状态", "离线状态", "是否损坏"])
def test_yes_below_a_heading_of_faults_is_offline(tmp_path: Path, heading: str) -> None:
    result = states_of(tmp_path, heading, ["是", "否", "1", "0", "故障", "正常"])
    assert result.frame["status"].tolist() == ["offline", "online"] * 3
    assert result.mapping["status"] == heading
    assert any(count == 4 for sentence, count in result.assumed.items() if "“是”作离线" in sentence)


def test_yes_below_a_heading_of_use_is_online(tmp_path: Path) -> None:
    assert states_of(tmp_path, "是否在用", ["是", "否"]).frame["status"].tolist() == ["online", "offline"]


def test_a_column_of_mostly_zeros_is_said(tmp_path: Path) -> None:
    for heading, is_said in (("状态", True), ("在线状态", False)):
        result = states_of(tmp_path, heading, ["0"] * 10 + ["1"] * 3)
        assert result.frame["status"].value_counts().to_dict() == {"offline": 10, "online": 3}
        assert [(one.field, one.value, one.count) for one in result.findings] == [("status", "0", 10)] * is_said
    assert not states_of(tmp_path, "状态", ["0"] * 9 + ["1"] * 3).findings


@given(st.lists(st.text(min_size=1, max_size=20), max_size=8, unique=True), st.sampled_from(["cameras", "addresses"]))
def test_any_headings_map_each_column_once(headings: list[str], name: str) -> None:
    mapped = map_columns(headings, layer(name), coordinates=True)
    assert set(mapped.fields.values()) <= set(headings) - set(mapped.dropped)
    assert len(set(mapped.fields.values())) == len(mapped.fields)


def test_a_register_of_a_city(tmp_path: Path) -> None:
    lines = [
        "Camera ID,Location Name,Camera Status,Longitude,Latitude",
        "26,A (WEST),REMOVED,-97.70,30.33",
        "27,B,DESIRED,-97.69,30.36",
        "28,C,TURNED_ON,-97.73,30.26",
        "29,D,STORED,-97.74,30.26",
    ]
    path = tmp_path / "c.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    read = read_layer(path, "cameras", crs="wgs84")
    assert read.frame["status"].tolist() == ["removed", "planned", "online", "unknown"]
    assert read.rejects == []
    assert [(one.value, one.rows) for one in read.findings] == [("STORED", ("4",))]


def test_a_long_run_of_numerals_is_read_in_one_way() -> None:
    """Split into words of one to three letters a run had exponentially many readings: a cell took minutes."""
    assert camera_words.camera_class("一类" + "i" * 40)[0] == 1
