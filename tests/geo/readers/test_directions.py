"""Test the words of directions: what each means can be checked on a compass rose."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.readers.reading import ReadResult, read_layer
from geo.readers.words.directions import OpposedPoints, SideOfPlace, directions_of, is_full_circle
from geo.readers.words.loose_numbers import loose_number

POINTS = {"北": 0, "东北": 45, "东": 90, "东南": 135, "南": 180, "西南": 225, "西": 270, "西北": 315}
LEADS = ("", "朝", "面向", "朝正", "正", "镜头朝", "面朝", "摄像机朝向", "往")
TAILS = ("", "方向", "方", "向")
SPACES = ("", " ", "　")
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def azimuths(text: str) -> list[float]:
    return [azimuth for azimuth, _ in directions_of(text, bare_360_is_none=False)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("朝正南", [180]),
        ("面朝东", [90]),
        ("朝西北角", [315]),
        ("由北向南", [180]),
        ("从西北往东南方向", [135]),
        ("由东到西", [270]),
        ("坐北朝南", [180]),
        ("东→西", [270]),
        ("北偏东30°", [30]),
        ("正北偏东15°", [15]),
        ("南偏西20", [200]),
        ("东偏北 30 度", [60]),
        ("面向正西偏北10度", [280]),
        ("东偏北三十度", [60]),
        ("三百一十五度", [315]),
        ("北偏东约30°", [30]),
        ("由東向西", [270]),
        ("E30N", [60]),
        ("W20S", [250]),
        ("N30E", [30]),
        ("N15E", [15]),
        ("N 30° E", [30]),
        ("S45W", [225]),
        ("N30°15′E", [30.25]),
        ("东西", [90, 270]),
        ("东西双向", [90, 270]),
        ("南北双向", [180, 0]),
        ("东北西南双向", [45, 225]),
        ("东南西北", [90, 180, 270, 0]),
        ("东/西", [90, 270]),
        ("东和西", [90, 270]),
        ("north and south", [0, 180]),
        ("90 270", [90, 270]),
        ("约90°", [90]),
        ("90度左右", [90]),
        ("90°（东）", [90]),
        ("东（90°）", [90]),
        ("facing north", [0]),
        ("north-facing", [0]),
        ("looking NE", [45]),
        ("ＮＥ", [45]),
    ],
)
def test_words(text: str, expected: list[float]) -> None:
    assert azimuths(text) == expected


@pytest.mark.parametrize(
    "text", ["路口", "大门口", "双向", "东西南", "90(西)", "N95E", "不朝东", "背向东", "东西走向", "正东偏北", "E30W"]
)
def test_what_is_no_direction_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match=r".*") as raised:
        directions_of(text)
    assert not isinstance(raised.value, SideOfPlace)


@pytest.mark.parametrize("text", ["东-西", "南—北", "东至西", "E-W", "N-S", "SE-NW", "E-N"])
def test_opposed_points_with_a_dash_are_neither_both_ways_nor_half_a_circle(text: str) -> None:
    with pytest.raises(OpposedPoints):
        directions_of(text, is_osm=False)


@pytest.mark.parametrize(("text", "azimuth"), [("西北角", 315), ("东侧", 90), ("路北侧", 0), ("NW corner", 315)])
def test_the_side_of_a_place_is_a_hint(text: str, azimuth: float) -> None:
    with pytest.raises(SideOfPlace) as raised:
        directions_of(text)
    assert raised.value.azimuth == azimuth


@pytest.mark.parametrize(
    "text", ["360°", "360度", "３６０°", "全向", "四面", "全景", "环视", "0-360", "0°-360°", "Omni"]
)
def test_all_round(text: str) -> None:
    assert is_full_circle(text, bare_360_is_none=False)
    assert directions_of(text, bare_360_is_none=False) == []


@given(
    st.sampled_from(sorted(POINTS)), st.sampled_from(LEADS), st.sampled_from(TAILS), st.sampled_from(["", " ", "　"])
)
def test_a_point_is_the_same_whatever_leads_to_it_and_follows(point: str, lead: str, tail: str, space: str) -> None:
    assert azimuths(space.join([lead, *point, tail])) == [POINTS[point]]


@given(
    st.sampled_from(["NE", "s", "WNW", "North", "south west", "N30E", "90°", "275", "0-90"]),
    st.booleans(),
    st.booleans(),
)
def test_case_and_width_do_not_matter(text: str, upper: bool, wide: bool) -> None:
    changed = text.upper() if upper else text.lower()
    assert directions_of(changed.translate(FULL_WIDTH) if wide else changed) == directions_of(text)


@given(st.sampled_from("北东南西"), st.sampled_from("北东南西"), st.integers(0, 90))
def test_a_deviation_lies_between_its_two_points(first: str, second: str, angle: int) -> None:
    apart = abs((POINTS[first] - POINTS[second] + 180) % 360 - 180)
    if apart != 90:
        with pytest.raises(ValueError, match="偏"):
            directions_of(f"{first}偏{second}{angle}°")
        return
    (found,) = azimuths(f"{first}偏{second}{angle}°")
    assert abs((found - POINTS[first] + 180) % 360 - 180) == angle
    assert abs((found - POINTS[second] + 180) % 360 - 180) == 90 - angle


def test_rows_of_cameras(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    rows = ["a,东西,枪机", "b,西北角,枪机", "c,全向,枪机", "d,全向,球机", "e,路口,枪机", "f,360,枪机"]
    lines = [f"{row},102.{number},37.4" for number, row in enumerate(rows)]
    path.write_text("\n".join(["编号,朝向,类型,经度,纬度", *lines]), encoding="utf-8")
    read = read_layer(path, "cameras", crs="wgs84")
    assert not read.rejects
    frame = read.frame.set_index("id")
    assert frame.loc[["a#1", "a#2"], "azimuth"].tolist() == [90, 270]
    assert frame.loc["f", "azimuth"] == 0
    assert frame.loc[["b", "c", "d", "e"], "azimuth"].isna().all()
    # A turning camera that looks all round has a turning range, and no such field of view (R3).
    assert frame["hfov"].dropna().to_dict() == {"c": 360}
    found = {one.value: one for one in read.findings}
    assert set(found) == {"西北角", "路口"}
    assert "315°" in found["西北角"].reason
    assert "135°" in found["西北角"].reason


def test_a_tiny_number_is_read_as_programs_write_it() -> None:
    assert directions_of("1e-05") == [(1e-05, None)]
    assert directions_of("2.5e-7°") == [(2.5e-07, None)]
    with pytest.raises(ValueError, match="1e5"):
        directions_of("1e5")


@pytest.mark.parametrize(
    ("text", "azimuth"),
    [
        ("朝东90度", 90.0), ("正北0°", 0.0), ("NE 45°", 45.0), ("45°（东北）", 45.0), ("北(355)", 355.0),
        ("方位角：90°", 90.0), ("朝向=135", 135.0), ("北(N)", 0.0), ("东（East）", 90.0),
        ("4(北)", 0.0), ("北（4）", 0.0), ("2-西", 270.0), ("5. 东南", 135.0),  # the code of GB/T 28181 beside its word
        ("路口东南角朝西北", 315.0), ("十字路口西南角向东北方向", 45.0), ("路北朝南", 180.0), ("北侧面向南", 180.0),
    ],
)  # fmt: skip
def test_a_direction_said_twice_or_after_the_place(text: str, azimuth: float) -> None:
    assert directions_of(text) == [(azimuth, None)]


@pytest.mark.parametrize("text", ["东(S)", "8(西北)", "N15", "东45", "大门朝南", "东门朝南", "东街向学校"])
def test_what_contradicts_itself_or_tells_of_a_gate_is_no_direction(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        directions_of(text)


def _azimuths(folder: Path, column: str, cells: list[str], kind: str = "枪机") -> ReadResult:
    lines = [f"c{number},102.8{number},37.4,{kind},{cell}" for number, cell in enumerate(cells)]
    path = folder / "a.csv"
    path.write_text("\n".join([f"编号,经度,纬度,类型,{column}", *lines]), encoding="utf-8")
    return read_layer(path, "cameras", crs="wgs84")


def test_numbers_that_stand_for_none_are_no_azimuths(tmp_path: Path) -> None:
    result = _azimuths(tmp_path, "方位角", ["-1", "9999", "-999", "999", "-90", "15"])
    assert result.frame["azimuth"].fillna(-1).tolist() == [-1, -1, -1, -1, 270, 15]
    assert {one.value for one in result.findings} == {"-1", "9999", "-999", "999"}


ABOUT = ("约", "大约", "大概", "大致", "约为", "估计", "近", "近似", "about ", "around ", "ca. ", "~", "≈", "～")
OR_SO = ("", "左右", "上下")


@pytest.mark.parametrize("about", ABOUT)
@pytest.mark.parametrize("or_so", OR_SO)
def test_what_is_approximate_is_read_as_written_by_directions_and_by_numbers(about: str, or_so: str) -> None:
    assert directions_of(f"{about}90{or_so}") == directions_of(f"{about}90°{or_so}") == [(90.0, None)]
    assert loose_number(f"{about}6米{or_so}", "m") == (6.0, "")


@pytest.mark.parametrize("text", ["大致东", "估计朝东", "东左右"])
def test_an_approximate_point_is_read(text: str) -> None:
    assert directions_of(text) == [(90.0, None)]


def test_a_mark_for_about_makes_no_range_and_no_minus() -> None:
    assert directions_of("~90;~180") == [(90.0, None), (180.0, None)]
    assert directions_of("0~90") == [(45.0, 90.0)]


def test_an_approximate_number_has_the_unit_of_its_heading(tmp_path: Path) -> None:
    result = _azimuths(tmp_path, "方位角(rad)", ["约1.5", "1.5"])
    assert result.frame["azimuth"].tolist() == [pytest.approx(85.9436693)] * 2


MINUS = ("-", "－", "−", "–", "—")


@pytest.mark.parametrize("minus", MINUS)
def test_a_number_means_the_same_in_any_width_and_with_any_minus(tmp_path: Path, minus: str) -> None:
    result = _azimuths(tmp_path, "方位角", [f"{minus}１", f"{minus}９９９", f"{minus}1°", f"{minus}90", "４５０"])
    assert result.frame["azimuth"].fillna(-1).tolist() == [-1, -1, -1, 270, 90]
    assert len(result.findings) == 4
    radians = _azimuths(tmp_path, "方位角(rad)", [f"{minus}１．５"])
    assert radians.frame["azimuth"].tolist() == [pytest.approx(360 - 85.9436693)]


def test_above_a_full_turn_is_read_and_said(tmp_path: Path) -> None:
    result = _azimuths(tmp_path, "方位角", ["450", "90"])
    assert result.frame["azimuth"].tolist() == [90, 90]
    assert [(one.value, one.rows) for one in result.findings] == [("450", ("1",))]


def test_360_is_north_for_what_stands_and_all_round_for_what_turns(tmp_path: Path) -> None:
    stands = _azimuths(tmp_path, "方位角", ["360", "90"])
    turns = _azimuths(tmp_path, "方位角", ["360", "90"], "球机")
    assert stands.frame["azimuth"].tolist() == [0, 90]
    assert turns.frame["azimuth"].isna().tolist() == [True, False]
    assert all(any("360" in sentence for sentence in one.assumed) for one in (stands, turns))
    assert not stands.findings
    assert not turns.findings


def test_a_column_of_zeros_is_said(tmp_path: Path) -> None:
    many = _azimuths(tmp_path, "方位角", ["0"] * 10 + ["90"] * 5)
    few = _azimuths(tmp_path, "方位角", ["0"] * 9 + ["90"] * 5)
    assert many.frame["azimuth"].tolist() == [0] * 10 + [90] * 5
    assert [(one.field, one.value, one.count) for one in many.findings] == [("azimuth", "0", 10)]
    assert not few.findings


def test_unusual_optics_are_findings(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    rows = [f"c{number},102.8{number},37.4,6,{-number - 1}" for number in range(10)]
    path.write_text("\n".join(["编号,经度,纬度,安装高度,俯角", "a,102.8,37.4,450,15", *rows]), "utf-8")
    result = read_layer(path, "cameras", crs="wgs84")
    assert result.frame["height"].tolist() == [450] + [6] * 10
    assert {(one.field, one.value, one.count) for one in result.findings} == {("height", "450", 1), ("tilt", "", 10)}
    path.write_text("\n".join(["编号,经度,纬度,俯角（度）", *(f"c{n},102.8{n},37.4,-5" for n in range(10))]), "utf-8")
    assert not read_layer(path, "cameras", crs="wgs84").findings  # a download of this project means what it says
