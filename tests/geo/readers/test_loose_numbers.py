"""Test numbers that people write loosely, and the units of headings."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.readers.reading import read_layer
from geo.readers.words import cell_values
from geo.readers.words.cell_values import measure
from geo.readers.words.loose_numbers import ARM, MIDDLE, REMARK, loose_number
from geo.readers.words.units import COUNTS, DEGREES, METRES, PIXELS, heading_unit

WHOLE = ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九")


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("约5米", 5.0),
        ("5m左右", 5.0),
        ("~4", 4.0),
        ("大约 4 米", 4.0),
        ("1 200 m", 1200.0),
        ("1.200,5", 1200.5),
        ("0,200", 0.2),
        ("三米五", 3.5),
        ("三点五米", 3.5),
        ("十二米", 12.0),
        ("一百二十米", 120.0),
        ("两米", 2.0),
        ("5米5", 5.5),
        ("3米50", 3.5),
        ("杆高6m", 6.0),
        ("H=6m", 6.0),
        ("6米立杆", 6.0),
        ("L杆6米", 6.0),
        ("距地面6米", 6.0),
        ("净高4.5米", 4.5),
        ("5米半", 5.5),
        ("6（米）", 6.0),
        ("6m(约)", 6.0),
        ("6米(含基座)", 6.0),
    ],
)
def test_loose_lengths(text: str, metres: float) -> None:
    assert measure(text, "m") is None
    assert loose_number(text, "m") == (pytest.approx(metres), "")


@pytest.mark.parametrize(
    ("text", "metres"), [("3-5米", 4.0), ("3～5m", 4.0), ("3至5米", 4.0), ("3.5m—4.5m", 4.0), ("0.5-1km", 750.0)]
)
def test_the_middle_of_a_range_is_taken_and_said(text: str, metres: float) -> None:
    number, why = loose_number(text, "m")
    assert number == pytest.approx(metres)
    assert "范围" in why


@pytest.mark.parametrize(
    ("text", "metres", "why"),
    [
        ("6米（不含基座）", 6.0, REMARK),
        ("6米（原4米）", 6.0, REMARK),
        ("立杆6米、横臂3米", 6.0, ARM),
        ("臂长1.5米/杆高6.5米", 6.5, ARM),
    ],
)
def test_what_else_a_height_says_is_a_finding(text: str, metres: float, why: str) -> None:
    assert loose_number(text, "m") == (metres, why)


@pytest.mark.parametrize(
    "text",
    ["挑臂6米", "横臂3米", "5米以上", "≥5", "3-2米", "3-", "三五", "5m/6m", "3月5日", "1.2.3", "高", "-2-4", "1e400-2"],
)
def test_what_is_no_number_stays_none(text: str) -> None:
    assert loose_number(text, "m") == (None, "")


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("15ft", 4.572),
        ("1.5 km", 1500.0),
        ("1,200", 1200.0),
        ("1，200.5 m", 1200.5),
        ("５．５米", 5.5),
        ("6。5", 6.5),
        ("6·5米", 6.5),
        ("25公分", 0.25),
    ],
)
def test_exact_lengths(text: str, metres: float) -> None:
    assert measure(text, "m") == pytest.approx(metres)


@given(st.integers(1, 99))
def test_chinese_numerals_up_to_ninety_nine(number: int) -> None:
    tens, ones = divmod(number, 10)
    text = ("" if tens == 0 else "十" if tens == 1 else f"{WHOLE[tens]}十") + (WHOLE[ones] if ones else "")
    assert loose_number(f"{text}米", "m") == (float(number), "")


@given(st.text(max_size=12))
def test_any_text_is_a_number_or_none(text: str) -> None:
    number, _ = loose_number(text, "m")
    assert number is None or number >= 0


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("安装高度(cm)", "cm"),
        ("height (ft)", "ft"),
        ("杆高/厘米", "厘米"),
        ("距离km", "km"),
        ("Max Range [ft]", "ft"),
        ("height_ft", "ft"),
        ("高度（单位：米）", "米"),
        ("安装高度【mm】", "mm"),
        ("高度", ""),
        ("team", ""),
        ("高度（必填）", ""),
        ("安装高度(cm，必填)", "cm"),
        ("安装高度（cm）（必填）", "cm"),
        ("安装高度cm（必填）", "cm"),
        ("安装高度(离地cm)", "cm"),
        ("安装高度（约，cm）", "cm"),
        ("HeightCM", "cm"),
        ("poleHeightFt", "ft"),
        ("Height ft.", "ft"),
        ("height_in_feet", "feet"),
        ("可视距离(百米)", "百米"),
        ("方位角（弧度）", "弧度"),
        ("azimuth_deg", "deg"),
        ("height(m/ft)", ""),
        ("方位角(0-360)", ""),
    ],
)
def test_units_of_headings(heading: str, unit: str) -> None:
    assert heading_unit(heading) == unit


@pytest.mark.parametrize(
    ("heading", "cell", "height"),
    [
        ("安装高度(cm)", "450", 4.5),
        ("安装高度(cm)", "4.5m", 4.5),
        ("height (ft)", "15", 4.572),
        ("杆高/厘米", "600", 6.0),
        ("安装高度cm", "400-500", 4.5),
        ("安装高度（必填）", "6", 6.0),
        ("安装高度(cm)（必填）", "450", 4.5),
        ("安装高度（离地，cm）", "450", 4.5),
        ("MountHeightCM", "450", 4.5),
    ],
)
def test_the_unit_of_a_heading_converts(tmp_path: Path, heading: str, cell: str, height: float) -> None:
    path = tmp_path / "c.csv"
    path.write_text(f"编号,经度,纬度,{heading},距离km\na,102.8,37.4,{cell},0.2\n", encoding="utf-8")
    read = read_layer(path, "cameras", crs="wgs84")
    assert read.frame["height"].tolist() == [height]
    assert read.frame["max_range"].tolist() == [200.0]
    assert read.mapping["height"] == heading
    assert bool(read.findings) == ("-" in cell)
    converted = [sentence for sentence in read.assumed if "换算" in sentence]
    assert len(converted) == (1 if heading == "安装高度（必填）" else 2)


@pytest.mark.parametrize(
    "heading", ["安装高度(m/ft)", "安装高度（米/厘米）", "安装高度(0.1m)", "安装高度（×100米）", "安装高度(丈)"]
)
def test_a_number_under_a_unit_that_is_not_understood_is_lost_and_said(tmp_path: Path, heading: str) -> None:
    path = tmp_path / "c.csv"
    path.write_text(f"编号,经度,纬度,{heading}\na,102.8,37.4,450\nb,102.8,37.5,4.5m\n", encoding="utf-8")
    read = read_layer(path, "cameras", crs="wgs84")
    assert read.frame["height"].isna().tolist() == [True, False]
    assert read.frame["height"].iloc[1] == 4.5
    assert [(one.field, one.value, one.rows) for one in read.findings] == [("height", "450", ("1",))]


def test_storeys_are_no_metres(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text('id,楼高(层),wkt\nb,6,"POLYGON((102 37,102.001 37,102.001 37.001,102 37))"\n', encoding="utf-8")
    read = read_layer(path, "obstacles", crs="wgs84")
    assert read.frame["height"].isna().all()
    assert [(one.field, one.value) for one in read.findings] == [("height", "6")]


def test_directions_in_another_unit_of_angles(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    for heading, expected in (("方位角(弧度)", [90.0, 90.0]), ("方位角(密位)", [None, 90.0])):
        path.write_text(f"编号,经度,纬度,{heading}\na,102.8,37.4,1.5707963267949\nb,102.8,37.5,东\n", encoding="utf-8")
        read = read_layer(path, "cameras", crs="wgs84")
        assert read.frame["azimuth"].astype(object).where(read.frame["azimuth"].notna(), None).tolist() == expected
        assert bool(read.findings) == (expected[0] is None)


@given(
    st.integers(0, 999_999), st.integers(0, 99), st.sampled_from(["", "米", "m", " M", "　米", "meters"]),
    st.sampled_from(["", "约", "大约 ", "about ", "≈"]), st.sampled_from(["", "左右"]), st.booleans(), st.booleans(),
    st.sampled_from(["", " ", "　", "\t"]),
)  # fmt: skip
def test_a_length_is_the_same_however_it_is_written(
    whole: int, cents: int, unit: str, before: str, after: str, wide: bool, thousands: bool, space: str
) -> None:
    text = f"{whole:,}" if thousands else str(whole)
    text = f"{space}{before}{text}.{cents:02d}{unit}{after}{space}"
    if wide:
        text = text.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    column = pd.Series([text], dtype=object)
    read, bad = cell_values.numbers(column, "m")
    value = loose_number(text, "m")[0] if bad[0] else read[0]
    assert value == pytest.approx(whole + cents / 100, abs=1e-9)


@given(
    st.integers(0, 999),
    st.integers(1, 999),
    st.sampled_from(["-", "~", "—", "–", "至", "到"]),
    st.sampled_from(["", "米", "cm"]),
)
def test_the_middle_lies_between_the_ends(low: int, width: int, mark: str, unit: str) -> None:
    value, why = loose_number(f"{low}{mark}{low + width}{unit}", "m")
    assert value == pytest.approx((low + width / 2) * (0.01 if unit == "cm" else 1.0))
    assert why == MIDDLE


UNITS = [
    *(("cameras", "安装高度", unit) for unit in METRES if unit),
    *(("cameras", "水平视场角", unit) for unit in DEGREES if unit),
    *(("cameras", "方位角", unit) for unit in DEGREES if unit),
    *(("cameras", "图像宽度", unit) for unit in PIXELS if unit),
    *(("addresses", "户数", unit) for unit in COUNTS if unit),
    ("cameras", "安装高度", "0.1m"),
    ("cameras", "水平视场角", "密位"),
]
# Every unit by itself, and some as templates write them.
WRITTEN = [(*one, "{}") for one in UNITS]
WRITTEN += [(*one, around) for one in UNITS if one[2] in ("分米", "rad", "0.1m") for around in ("（{}）", "单位：{}")]


@pytest.mark.parametrize(("layer", "heading", "unit", "around"), WRITTEN)
def test_a_unit_below_a_heading_is_the_unit_in_it(
    tmp_path: Path, layer: str, heading: str, unit: str, around: str
) -> None:
    below, inside = tmp_path / "a.csv", tmp_path / "b.csv"
    rows = "102.8,37.4,甲路1号,1.2\n102.9,37.4,甲路2号,3\n"
    below.write_text(f"经度,纬度,地址,{heading}\n,,,{around.format(unit)}\n{rows}", "utf-8")
    inside.write_text(f"经度,纬度,地址,{heading}（{unit}）\n{rows}", "utf-8")
    one, other = (read_layer(path, layer, crs="wgs84") for path in (below, inside))
    assert not one.rejects
    columns = [name for name in other.frame.columns if name not in ("id", "site", "geometry")]
    pd.testing.assert_frame_equal(pd.DataFrame(one.frame[columns]), pd.DataFrame(other.frame[columns]))
    assert [found.reason for found in one.findings] == [found.reason for found in other.findings]


@pytest.mark.parametrize("unit", ["万像素", "台", "m2", "㎡", "平方米", "十进制度", "元"])
def test_what_no_number_is_converted_by_stands_in_a_unit_row_too(tmp_path: Path, unit: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"经度,纬度,安装高度,备注\n,,米,{unit}\n102.8,37.4,3,4\n", "utf-8")
    read = read_layer(path, "cameras", crs="wgs84")
    assert not read.rejects
    assert read.frame["height"].tolist() == [3]
