"""Test numbers with units, directions, dates and words as cells hold them."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.readers.reading import read_layer
from geo.readers.words import cell_values, value_words
from geo.readers.words.directions import Direction, directions_of

ANGLES = st.integers(-3600, 3600).map(lambda tenth: tenth / 10)


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("12.13 m", 12.13),
        ("2,5 m", 2.5),
        ("3.5", 3.5),
        ("12'6\"", 12.5 * 0.3048),
        ("12 ft", 12 * 0.3048),
        ("6 米", 6.0),
        ("４．５米", 4.5),
        ("350cm", 3.5),
        ("-2", -2.0),
        ("1e1", 10.0),
        ("~4", None),
        ("3-5 m", None),
        ("high", None),
        ("45°", None),
        ("1.2.3", None),
    ],
)
def test_lengths(text: str, metres: float | None) -> None:
    found = cell_values.measure(text, "m")
    assert found is None if metres is None else found == pytest.approx(metres)


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("45°", "deg", 45.0),
        ("-15 度", "deg", -15.0),
        ("1,234", "", 1234.0),
        ("412户", "", 412.0),
        ("1920px", "px", 1920.0),
    ],
)
def test_other_units(text: str, unit: str, number: float) -> None:
    assert cell_values.measure(text, unit) == number


def test_number_columns_tell_missing_from_bad() -> None:
    cells = pd.Series(["3", None, "", "(empty)", "未知", "abc", "461.993.881", np.nan, "inf", 4.5], dtype=object)
    read, bad = cell_values.numbers(cells, "m")
    assert np.flatnonzero(bad).tolist() == [5, 6, 8]
    assert read[[0, 9]].tolist() == [3.0, 4.5]
    assert np.isnan(read[1:9]).all()
    assert cell_values.number_fault("461.993.881") == cell_values.SPREADSHEET_DAMAGE
    assert cell_values.number_fault("abc") == cell_values.NOT_A_NUMBER


def test_texts_keep_codes_whole() -> None:
    assert cell_values.texts(pd.Series([620622001.0, np.nan])).tolist() == ["620622001", None]
    assert cell_values.texts(pd.Series([620622001, 5])).tolist() == ["620622001", "5"]
    assert cell_values.texts(pd.Series([" a ", "NULL", None], dtype=object)).tolist() == ["a", None, None]


CELLS = (
    st.sampled_from([*cell_values._MISSING, "未知", " 无 ", "ＮＡ", "1.0", None, pd.NA, pd.NaT, np.nan, True, 1, 1.0])
    | st.sampled_from([np.float32(0.1), np.float64(3), np.int64(7), 2.0**53, -(2.0**60), float("inf"), -0.0, 1e-7])
    | st.text(" \u3000未知无naＮ-/0１", max_size=9)
    | st.floats()
)


@given(st.lists(CELLS, max_size=30), st.sampled_from([frozenset(), cell_values.UNKNOWN_WORDS]), st.integers(0, 3))
def test_a_column_is_read_as_its_cells_one_by_one(cells: list[object], kept: frozenset[str], remembered: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cell_values, "_MAX_SHORT", remembered)
        read = cell_values.texts(pd.Series(cells, dtype=object), kept).tolist()
    assert read == [_one_text(cell, kept) for cell in cells]


def _one_text(cell: object, kept: frozenset[str]) -> str | None:
    """Return the text of a cell by its plain definition."""
    if isinstance(cell, str):
        text = cell.strip()
        plain = unicodedata.normalize("NFKC", text).strip().casefold()
        return None if plain in cell_values._MISSING and plain not in kept else text
    if pd.isna(cell):
        return None
    is_code = isinstance(cell, float | np.floating) and float(cell).is_integer() and abs(float(cell)) < 2**53
    return str(int(cell)) if is_code else str(cell)


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("90", [(90.0, None)]),
        ("-100", [(260.0, None)]),
        ("0", [(0.0, None)]),
        ("400", [(40.0, None)]),
        ("45°", [(45.0, None)]),
        ("22,5", [(22.5, None)]),
        ("338-23", [(0.5, 45.0)]),
        ("190-100", [(325.0, 270.0)]),
        ("90 - 270", [(180.0, 180.0)]),
        ("E-W", [(180.0, 180.0)]),
        ("-45-45", [(0.0, 90.0)]),
        ("0-360", []),
        ("0 - 360", []),
        ("360", []),
        ("全景", []),
        ("90-90", [(90.0, None)]),
        ("355;175", [(355.0, None), (175.0, None)]),
        ("180, 270", [(180.0, None), (270.0, None)]),
        ("150,310", [(150.0, None), (310.0, None)]),
        ("125-170;338-23", [(147.5, 45.0), (0.5, 45.0)]),
        ("325;360", [(325.0, None), (0.0, None)]),
        ("0;0;0;0", [(0.0, None)]),
        ("180;nw", [(180.0, None), (315.0, None)]),
        ("NNE", [(22.5, None)]),
        ("south", [(180.0, None)]),
        ("north-east", [(45.0, None)]),
        ("NE", [(45.0, None)]),
        ("东南", [(135.0, None)]),
        ("朝西", [(270.0, None)]),
        ("正北方向", [(0.0, None)]),
        ("东向西", [(270.0, None)]),
        ("东、西北", [(90.0, None), (315.0, None)]),
        ("无", []),
    ],
)
def test_directions(text: str, ways: list[Direction]) -> None:
    assert directions_of(text) == ways


@pytest.mark.parametrize("text", ["forward", "clockwise", "90-x", "1.2.3", "东西南", "90;left", "inf"])
def test_what_is_no_direction(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        directions_of(text)


def test_360_is_north_outside_openstreetmap() -> None:
    assert directions_of("360", bare_360_is_none=False) == [(0.0, None)]


@given(begin=ANGLES, width=st.integers(1, 3599).map(lambda tenth: tenth / 10))
def test_a_range_runs_clockwise_from_its_first_end(begin: float, width: float) -> None:
    end = round((begin + width) % 360, 1)
    ((azimuth, found),) = directions_of(f"{begin}-{end}")
    assert found == pytest.approx(width, abs=1e-6)
    assert 0 <= azimuth < 360
    # half the width before the middle stands the first end
    off = (azimuth - width / 2 - begin + 180) % 360 - 180
    assert off == pytest.approx(0, abs=1e-6)


@given(st.lists(ANGLES, min_size=1, max_size=6), st.sampled_from([";", "; ", ", ", "、"]))
def test_lists_keep_order_and_lose_only_repeats(angles: list[float], mark: str) -> None:
    found = [azimuth for azimuth, _ in directions_of(mark.join(map(str, angles)), bare_360_is_none=False)]
    assert found == list(dict.fromkeys(angle % 360 for angle in angles))


@given(st.text(max_size=12))
def test_any_text_is_a_direction_or_refused(text: str) -> None:
    try:
        ways = directions_of(text)
    except ValueError:
        return
    assert all(0 <= azimuth < 360 and (width is None or 0 < width < 360) for azimuth, width in ways)


def test_dates() -> None:
    cells = pd.Series(
        ["2024-1-2", "2024/01/02 00:00:00", "20240102", "2024年1月2日", None, "soon", "2024-02-30"], dtype=object
    )
    read, bad = cell_values.dates(cells)
    assert read[:4].tolist() == ["2024-01-02"] * 4
    assert bad.tolist() == [False] * 5 + [True, True]
    assert cell_values.dates(pd.Series(pd.to_datetime(["2024-03-04", None])))[0].tolist() == ["2024-03-04", None]


@pytest.mark.parametrize(
    ("text", "number"),
    [("一类", 1), ("Ⅱ类点", 2), ("3", 3), ("第三类", 3), ("一类点位", 1), ("Class 2", 2), ("9", None)],
)
def test_camera_classes(text: str, number: int | None) -> None:
    assert value_words.number_reader("cameras", "class")(text) == number


@pytest.mark.parametrize(
    ("layer", "field", "text", "word"),
    [
        ("cameras", "status", "在线", "online"),
        ("cameras", "status", "故障", "offline"),
        ("cameras", "status", "拟建", "planned"),
        ("cameras", "status", "OFF", "offline"),
        ("cameras", "status", "拆除", "removed"),
        ("cameras", "status", "什么", None),
        ("cameras", "kind", "球机", "ptz"),
        ("cameras", "kind", "Fish eye", "panoramic"),
        ("grids", "kind", "专属网格", "dedicated"),
        ("divisions", "level", "街道", "township"),
        ("protected", "rule", "须同意", "consent"),
    ],
)
def test_words(layer: str, field: str, text: str, word: str | None) -> None:
    choose = value_words.value_reader(layer, field)
    assert choose is not None
    assert choose(text) == word


def test_a_free_field_has_no_words() -> None:
    assert value_words.value_reader("cameras", "name") is None
    assert value_words.number_reader("grids", "level")("微网格") == 2


WORDS_FOR_MISSING = (
    "",
    "nan",
    "<na>",
    "null",
    "none",
    "nil",
    "n/a",
    "na",
    "-",
    "--",
    "—",
    "——",
    "/",
    "(empty)",
    "#n/a",
    "nat",
    "–",
    "−",
    "无",
    "暂无",
    "未知",
    "不详",
    "不明",
    "unknown",
)
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@given(st.lists(st.one_of(st.text(max_size=12), st.sampled_from(WORDS_FOR_MISSING), st.just("  620622  "))))
def test_texts_are_stripped_and_words_for_missing_are_none(cells: list[str]) -> None:
    plain = [unicodedata.normalize("NFKC", cell).strip().casefold() for cell in cells]
    wanted = [
        None if not cell.strip() or one in WORDS_FOR_MISSING else cell.strip()
        for cell, one in zip(cells, plain, strict=True)
    ]
    assert cell_values.texts(pd.Series(cells, dtype=object)).tolist() == wanted


@pytest.mark.parametrize("word", [word for word in WORDS_FOR_MISSING if word and word != "#n/a"])
@pytest.mark.parametrize("is_wide", [False, True])
def test_a_word_for_missing_means_the_same_in_every_field(tmp_path: Path, word: str, is_wide: bool) -> None:
    fields = {
        "名称": "name", "类型": "kind", "方位角": "azimuth", "俯角": "tilt", "安装高度": "height",
        "图像宽度": "width_px", "类别": "class", "权属单位": "owner", "场所类型": "place_type",
        "安装日期": "", "状态": "status",
    }  # fmt: skip
    cell = word.upper().translate(FULL_WIDTH) if is_wide else word
    path = tmp_path / "a.csv"
    path.write_text(f"编号,经度,纬度,{','.join(fields)}\na,102.8,37.4{f',{cell}' * len(fields)}\n", "utf-8")
    read = read_layer(path, "cameras", crs="wgs84")
    (row,) = read.frame.drop(columns="geometry").to_dict("records")
    is_told = word in ("未知", "不详", "不明", "unknown")  # a state that nobody knows is not online (U1)
    assert row["status"] == "unknown" if is_told else pd.isna(row["status"])
    assert all(pd.isna(row[name]) for name in fields.values() if name and name != "status")
    assert not read.findings
    assert not read.rejects


def test_no_fault_below_a_heading_of_faults_is_online(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "编号,经度,纬度,是否故障\na,102.8,37.4,有\nb,102.9,37.4,无\nc,102.7,37.4,暂无\nd,102.6,37.4,不详\n", "utf-8"
    )
    status = read_layer(path, "cameras", crs="wgs84").frame["status"]
    assert status.fillna("").tolist() == ["offline", "online", "", "unknown"]
