"""Words in brackets are a part of the address, but for known remarks; who is to receive it is none."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.places.address.normalise import normal_form
from geo.places.address.remarks import without_remarks
from tests.geo.places.address.test_never_matched import drawn

#: 二期3号楼 and 下庄子5号 are in another grid than the building and the door of the same number.
STORED = ["花园小区3号楼", "花园小区二期3号楼", "新胜村5号", "新胜村下庄子5号", "民主街1号", "民主街9号"]
BOOK = drawn(*[f"土门镇{text}" for text in STORED], grids=["g1", "g2", "g1", "g3", "g1", "g2"])


def codes(text: str) -> tuple[str, set[str], set[str]]:
    found = BOOK.match(text)
    faults = {fault["code"] for one in found.candidates for fault in one.faults}
    return found.status, {one.grid["code"] for one in found.candidates if one.grid}, faults


def test_what_is_stored_elsewhere_in_a_bracket_is_not_the_door_without_it() -> None:
    assert codes("土门镇花园小区（二期）3号楼") == ("matched", {"g2"}, set())
    assert codes("土门镇花园小区（二期）3号楼1单元")[:2] == ("matched", {"g2"})
    assert codes("土门镇新胜村（下庄子）5号")[:2] != ("matched", {"g1"})
    assert codes("土门镇新胜村5号（下庄子）") == ("partial", {"g1"}, {"unread"})


@pytest.mark.parametrize(
    ("remark", "code"),
    [
        ("应为大靖", "unread"), ("实际在大靖", "unread"), ("现并入大靖", "unread"), ("不存在", "unread"),
        ("写错了", "unread"), ("地址有误", "unread"), ("北京", "unread"), ("归凉州管", "unread"), ("三排", "unread"),
        ("北侧二百米", "nearby"), ("斜对过", "nearby"), ("东边隔两家", "nearby"), ("不远", "unread"),
        ("备注：实际在大靖", "unread"), ("注：不存在", "unread"), ("说明：地址错误", "unread"),
        ("原粮站，现迁至大靖", "unread"), ("原址有误", "unread"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("brackets", ["（）", "()", "[]", "【】"])
def test_what_is_not_understood_in_a_bracket_is_told(remark: str, code: str, brackets: str) -> None:
    status, _, faults = codes(f"土门镇民主街1号{brackets[0]}{remark}{brackets[1]}")
    assert (status, code in faults) == ("partial", True), faults


@pytest.mark.parametrize(
    "remark",
    [
        "已核实", "未核实", "二次上报", "重复上报", "待补门牌", "补录", "已处理", "现场核查无误", "农村", "城镇",
        "平房", "自建房", "出租房", "路灯未亮", "井盖破损", "备注：已核实", "原供销社", "曾用名东街",
        "电话：0935-5121234",
    ],
)  # fmt: skip
def test_a_known_remark_changes_nothing(remark: str) -> None:
    assert codes(f"土门镇民主街1号（{remark}）") == ("matched", {"g1"}, set())
    assert codes(f"土门镇（{remark}）民主街9号") == ("matched", {"g2"}, set())


@given(st.text(alphabet="（）()【】[]{}备注：原现已核实农村 号1", max_size=24))
def test_a_text_without_its_remarks_has_its_length_and_its_other_characters(text: str) -> None:
    said = without_remarks(text)
    assert len(said) == len(text)
    assert all(new in (old, " ") for old, new in zip(text, said, strict=True))


def test_the_normal_form_of_stored_texts_is_as_the_database_has_it() -> None:
    assert normal_form("东街3号（已核实）") == "东街3号已核实"
    assert normal_form("东街3号（备注：已拆）") == "东街3号"


@pytest.mark.parametrize(
    "text",
    [
        "东街3号张三收", "东街3号 张三（收）", "东街3号欧阳小明先生收", "东街3号阿里木·买买提亲启", "东街3号张三签收",
        "收件人：张三 东街3号", "东街3号，联系人 李小四 13912345678", "收货人:王五，东街3号", "寄件人：李四，东街3号",
        "东街3号收件人：第二中学", "收货人：永辉超市，东街3号",
    ],
)  # fmt: skip
def test_who_is_to_receive_it_is_no_part_of_the_place(text: str) -> None:
    said = without_remarks(text)
    assert len(said) == len(text)
    assert normal_form(said) == "东街3号"


@pytest.mark.parametrize(
    "text", ["东街3号废品回收", "东街3号大丰收", "新胜村3组", "收费站", "丰收村", "东街收发室", "东街3号代收"]
)
def test_a_shop_or_a_village_receives_nothing(text: str) -> None:
    assert without_remarks(text) == text


@pytest.mark.parametrize(
    "label",
    [
        "地址：",
        "住址:",
        "安装地址：",
        "收货地址 ",
        "家住",
        "我家住在",
        "现住",
        "现居住在",
        "1、",
        "12.",
        "（3）",
        "4）",
        "①",
        "序号7",
        "序号7：",
    ],
)
@pytest.mark.parametrize("text", ["东街3号", "土门镇东街3号"])
def test_the_label_of_a_form_or_a_list_is_no_part_of_the_place(label: str, text: str) -> None:
    label = label.replace(" ", "：")
    assert without_remarks(label + text) == " " * len(label) + text


@pytest.mark.parametrize(
    "text",
    [
        "原地址：东街3号",
        "不在东街3号",
        "1、2号楼",
        "1、二号楼",
        "（1）组",
        "1.号楼",
        "1东街3号",
        "12、14号",
        "现住房3号",
        "地址",
        "家住",
    ],
)
def test_what_may_be_a_part_of_an_address_is_no_label(text: str) -> None:
    assert without_remarks(text) == text


@pytest.mark.parametrize(
    "label",
    ["安装位置：", "安装点位:", "点位名称：", "监控点位：", "摄像机位置：", "地址信息：", "位置描述：", "1、点位："],
)
def test_the_labels_of_a_list_of_cameras_are_no_part_of_an_address(label: str) -> None:
    assert without_remarks(f"{label}人民路1号").strip() == "人民路1号"


def test_words_that_only_begin_like_a_label_stay() -> None:
    assert without_remarks("点位三路1号") == "点位三路1号"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("新胜村3组的路灯坏了", "新胜村3组"),
        ("新胜村有人打架", "新胜村"),
        ("民主街3号门口下水道堵了，请尽快修理", "民主街3号门口"),
        ("民主街3号停电", "民主街3号"),
        ("新胜村这里停水两天了", "新胜村"),
        ("民主街3号，麻烦派人来看。", "民主街3号"),
        ("新胜村垃圾成堆，望处理！", "新胜村"),
        # What turns the place round, is a name, or says another place stays.
        ("民主街3号已拆除", "民主街3号已拆除"),
        ("民主街3号没有人", "民主街3号没有人"),
        ("民主街3号，请送到5号", "民主街3号，请送到5号"),
        ("民主街3号有人在5号打架", "民主街3号有人在5号"),
        ("水电路", "水电路"),
        ("火车站", "火车站"),
        ("路灯坏了", "路灯坏了"),
    ],
)
def test_what_is_reported_behind_an_address_says_nothing_of_where_it_is(text: str, said: str) -> None:
    assert without_remarks(text).strip() == said
    assert len(without_remarks(text)) == len(text)


@pytest.mark.parametrize("unit", ["有人", "的", "路灯", "，请", "停水"])
def test_a_long_report_is_read_in_bounded_time(unit: str) -> None:
    text = (unit * 5_000)[:9_999] + "了"
    best = 1.0
    for _ in range(3):
        begun = time.process_time()
        without_remarks(text)
        best = min(best, time.process_time() - begun)
    assert best < 0.005
