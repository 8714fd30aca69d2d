"""Test columns of codes: known by heading and values, decoded by their profile, never read as degrees."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.catalog.free_words import place_type
from geo.catalog.yes_no import is_yes
from geo.readers.columns import code_columns
from geo.readers.columns.code_columns import decoded
from geo.readers.reading import ReadResult, read_layer
from geo.studies.pair_tables import fields_of_file

# East, west, south, north, south-east, north-east, south-west, north-west: GB/T 28181 and 一机一档 sheets.
AZIMUTHS = [90, 270, 180, 0, 135, 45, 225, 315]


def read(folder: Path, header: str, rows: list[str], **options: str) -> ReadResult:
    lines = [f"{header},lon,lat", *(f"{row},102.8{number},37.4" for number, row in enumerate(rows))]
    path = folder / "c.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_layer(path, "cameras", crs="wgs84", **options)  # type: ignore[arg-type]


def said(result: ReadResult, name: str) -> bool:
    return any(f"profile {name} recognised" in sentence for sentence in result.assumed)


def test_a_sheet_of_one_file_a_camera(tmp_path: Path) -> None:
    rows = [f"6206220000132000000{code},点{code},{code},1,2,1" for code in range(1, 9)]
    result = read(tmp_path, "设备编码,设备名称,监控方位,摄像机类型,室内外,设备状态", rows)
    assert said(result, "yjyd")
    assert result.frame["azimuth"].tolist() == AZIMUTHS
    assert set(result.frame["kind"]) == {"ptz"}
    assert set(result.frame["place_type"]) == {"indoor"}
    assert set(result.frame["status"]) == {"online"}
    assert not result.findings


def test_a_sheet_with_abbreviated_headings(tmp_path: Path) -> None:
    result = read(tmp_path, "SBBM,JSFW,SXJLX,SBZT,JKDWLX", ["a,5,4,1,2", "b,9,3,2,9", "c,3,99,3,1", "d,2/4,5,1,3"])
    assert said(result, "yjyd")
    frame = result.frame.set_index("id")
    assert frame["azimuth"].fillna(-1).to_dict() == {"a": 135, "b": -1, "c": 180, "d#1": 270, "d#2": 0}
    assert frame.loc[["a", "b", "d#1"], "kind"].tolist() == ["ptz", "fixed", "fixed"]
    assert frame.loc[["a", "b", "d#1"], "status"].tolist() == ["online", "offline", "online"]
    assert frame["class"].fillna(0).to_dict() == {"a": 2, "b": 0, "c": 1, "d#1": 3, "d#2": 3}
    assert frame["hfov"].dropna().to_dict() == {"b": 360}  # 9 is all round
    assert frame.loc["c", "status"] == "removed"  # 3 is dismantled
    assert not result.rejects


def test_the_same_headings_with_words_and_degrees_are_no_codes(tmp_path: Path) -> None:
    result = read(tmp_path, "id,监控方位,摄像机类型,设备状态", ["a,135,球机,在用", "b,东,枪机,维修", "c,270,半球,1"])
    assert not said(result, "yjyd")
    assert result.frame["azimuth"].tolist() == [135, 90, 270]
    assert result.frame["status"].tolist() == ["online", "offline", "online"]


def test_a_slip_among_codes_is_lost_and_no_degree(tmp_path: Path) -> None:
    rows = [f"c{number},{number % 8 + 1},1" for number in range(20)]
    rows[7] = "c7,12,1"
    result = read(tmp_path, "id,监控方位,设备状态", rows)
    assert result.frame["azimuth"].isna().tolist() == [number == 7 for number in range(20)]
    assert [(one.field, one.value, one.rows) for one in result.findings] == [("azimuth", "12", ("8",))]


@pytest.mark.parametrize("heading", ["监控方位", "朝向", "方向", "direction"])
def test_codes_of_no_profile_stay_unread(tmp_path: Path, heading: str) -> None:
    result = read(tmp_path, f"id,{heading}", ["a,1", "b,3", "c,8"])
    assert result.frame["azimuth"].isna().all()
    assert {(one.field, one.value) for one in result.findings} == {("azimuth", "1"), ("azimuth", "3"), ("azimuth", "8")}
    assert all("--profile" in one.reason for one in result.findings)


# As pandas, databases and input methods write a code; with what stands for none, and with words among them.
WRITTEN = [
    ("1.0", "3.0", "8.0"),
    ("01", "03", "08"),
    ("１", "３", "８"),
    ("1", "3", "0"),
    ("1", "3", "99"),
    ("1", "3", "东"),
]


@pytest.mark.parametrize("cells", WRITTEN)
def test_codes_are_codes_however_they_are_written(tmp_path: Path, cells: tuple[str, ...]) -> None:
    result = read(tmp_path, "id,监控方位", [f"c{number},{cell}" for number, cell in enumerate(cells)])
    assert result.frame["azimuth"].dropna().tolist() == ([90.0] if "东" in cells else [])
    assert len(result.findings) == len(cells) - ("东" in cells)


@pytest.mark.parametrize("cells", WRITTEN[:3])
def test_padded_codes_of_a_sheet_are_decoded(tmp_path: Path, cells: tuple[str, ...]) -> None:
    rows = [f"c{number},{cell},{cells[0]}" for number, cell in enumerate(cells)]
    result = read(tmp_path, "设备编码,监控方位,摄像机类型", rows)
    assert said(result, "yjyd")
    assert not result.findings
    assert result.frame["azimuth"].tolist() == [90, 180, 315]
    assert set(result.frame["kind"]) == {"ptz"}


def test_a_single_code_under_a_heading_of_codes_is_no_degree(tmp_path: Path) -> None:
    assert read(tmp_path, "id,监控方位", ["a,3"]).frame["azimuth"].isna().all()
    assert read(tmp_path, "id,朝向", ["a,3"]).frame["azimuth"].tolist() == [3]


def test_a_heading_of_degrees_holds_degrees(tmp_path: Path) -> None:
    result = read(tmp_path, "编号,方位角（度）", ["a,1", "b,3", "c,2", "d,8"])
    assert result.frame["azimuth"].tolist() == [1, 3, 2, 8]
    assert not result.findings


def test_a_state_that_is_no_code_is_unknown_and_never_online(tmp_path: Path) -> None:
    rows = [f"c{number},{number % 8 + 1},{1 + number % 2}" for number in range(20)]
    rows[3] = "c3,3,7"
    result = read(tmp_path, "设备编码,监控方位,设备状态", rows)
    assert said(result, "yjyd")
    assert result.frame["status"].tolist()[:4] == ["online", "offline", "online", "unknown"]
    assert [(one.field, one.value, one.rows) for one in result.findings] == [("status", "7", ("4",))]
    other = read(tmp_path, "ApeID,IsOnline", ["a,1", "b,2", "c,9"])  # GA/T 1400: 9 is neither
    assert other.frame["status"].tolist() == ["online", "offline", "unknown"]


def test_numbers_of_a_database_are_classes_and_states(tmp_path: Path) -> None:
    result = read(tmp_path, "id,类别,状态", ["a,1.0,1.0", "b,3.0,0.0"])
    assert result.frame["class"].tolist() == [1, 3]
    assert result.frame["status"].tolist() == ["online", "offline"]
    assert not result.findings


def test_small_degrees_of_an_angle_are_degrees(tmp_path: Path) -> None:
    assert read(tmp_path, "id,方位角", ["a,1", "b,3"]).frame["azimuth"].tolist() == [1, 3]
    assert read(tmp_path, "id,朝向", ["a,1°", "b,3°"]).frame["azimuth"].tolist() == [1, 3]
    assert read(tmp_path, "id,朝向", ["a,1", "b,30"]).frame["azimuth"].tolist() == [1, 30]
    assert read(tmp_path, "id,方位角", ["a,1", "b,3", "c,2", "d,8"]).frame["azimuth"].isna().all()


def test_a_named_profile_wins(tmp_path: Path) -> None:
    rows = ["a,5", "b,6", "c,9"]
    assert read(tmp_path, "id,监控方位", rows, profile="gat1400").frame["azimuth"].tolist()[:2] == [45, 225]
    assert read(tmp_path, "id,监控方位", rows, profile="一机一档").frame["azimuth"].tolist()[:2] == [135, 45]


def test_indoors_by_code_needs_no_profile(tmp_path: Path) -> None:
    result = read(tmp_path, "id,室内外", ["a,2", "b,1"])
    assert result.frame["place_type"].tolist() == ["indoor", "outdoor"]
    assert any("GB/T 28181" in sentence for sentence in result.assumed)
    other = read(tmp_path, "id,场所类型", ["a,2", "b,11"])
    assert other.frame["place_type"].isna().all()
    assert [one.value for one in other.findings] == ["2", "11"]


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("是否室内", ["是", "否"]),
        ("室内/室外", ["室内", "室外"]),
        ("场所", ["屋内", "露天"]),
        ("is_indoor", ["TRUE", "false"]),
    ],
)
def test_indoors_by_the_words_of_other_headings(tmp_path: Path, heading: str, cells: list[str]) -> None:
    result = read(tmp_path, f"id,{heading}", [f"c{number},{cell}" for number, cell in enumerate(cells)])
    assert list(map(place_type, result.frame["place_type"])) == ["indoor", "outdoor"]
    assert not result.findings


@pytest.mark.parametrize("answer", ["是", "有", "对", "√", "✓", "✔", "Y", "yes", "TRUE", "1", "1.0", "１"])
@pytest.mark.parametrize("opposite", ["否", "无", "没有", "×", "✗", "✘", "n", "No", "false", "0", "0.0", "０"])
def test_an_answer_means_the_same_below_every_heading(tmp_path: Path, answer: str, opposite: str) -> None:
    indoors = read(tmp_path, "id,是否室内", [f"a,{answer}", "b,否", "c,", "d,派出所"])
    assert indoors.frame["place_type"].fillna("").tolist() == ["indoor", "outdoor", "", "派出所"]
    assert [count for sentence, count in indoors.assumed.items() if "是否室内" in sentence] == [2]
    faulty = read(tmp_path, "id,是否故障", [f"a,{answer}", f"b,{opposite}", "c,故障"])
    assert faulty.frame["status"].tolist() == ["offline", "online", "offline"]
    assert [count for sentence, count in faulty.assumed.items() if "“是”作离线" in sentence] == [2]
    assert fields_of_file(answer) == frozenset()
    assert is_yes(opposite) is False


def test_the_note_on_codes_of_indoors_counts_the_cells_that_hold_one(tmp_path: Path) -> None:
    result = read(tmp_path, "id,室内外", ["a,2", "b,1", "c,"])
    assert [count for sentence, count in result.assumed.items() if "GB/T 28181" in sentence] == [2]


@given(st.lists(st.sampled_from("12345678"), min_size=1, max_size=4), st.sampled_from(["/", ";", "，", "、", ","]))
def test_lists_of_codes_are_decoded_part_by_part(codes: list[str], mark: str) -> None:
    table = {str(number + 1): str(azimuth) for number, azimuth in enumerate(AZIMUTHS)}
    assert decoded(mark.join(codes), table) == ";".join(table[code] for code in codes)


@given(st.lists(st.sampled_from(["1", "3", "8", "9", "0", "-1", "22.5", "999", "东", "12"]), max_size=40))
def test_counted_parts_fit_a_table_of_codes_as_parts_one_by_one_do(parts: list[str]) -> None:
    codes = {str(number): "90" for number in range(1, 9)}
    numbers = [p for p in parts if p != "东" and (p in codes or p not in code_columns._NO_VALUE)]
    expected = bool(numbers) and sum(part in codes for part in numbers) >= 0.9 * len(numbers)
    assert code_columns._fits(Counter(parts), codes) == expected
