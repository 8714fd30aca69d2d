"""Columns that say the place of a row are known by headings and by cells, as a table and as JSON alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import G1, G3, M1, T1, T2, V1
from tests.api.routes.test_rows_alike import XLSX, alike, sent, shown
from tests.geo.readers.workbook_files import Tab, write_xlsx

#: 东街1号 is in 南镇 (T1); 北镇 (T2) holds no such door.
TOWNS = (
    "归属乡镇",
    "管辖乡镇",
    "1.乡镇",
    "town_name",
    "镇别",
    "办事处",
    "属地",
    "地区",
    "XZMC",
    "Sumu",
    "现乡镇",
    "村镇名",
)
CODES = ("乡镇代码", "行政区划代码", "统计用区划代码", "XZQDM", "townCode")


@pytest.mark.parametrize("name", TOWNS)
def test_a_column_that_names_a_town_says_where_the_address_is(client: TestClient, name: str) -> None:
    found = alike(client, [name, "address"], [("南镇", "东街1号"), ("北镇", "东街1号"), ("", "东街1号")])
    assert [one["status"] for one in found] == ["matched", "partial", "matched"]


@pytest.mark.parametrize("name", CODES)
def test_a_column_of_codes_of_towns_says_where_the_address_is(client: TestClient, name: str) -> None:
    found = alike(client, [name, "address"], [(T1, "东街1号"), (T2, "东街1号")])
    assert [one["status"] for one in found] == ["matched", "partial"]


@pytest.mark.parametrize("names", [["镇", "乡镇"], ["乡镇", "乡镇代码"], ["乡镇", "属地"], ["归属乡镇", "管辖乡镇"]])
def test_of_two_columns_of_one_level_the_second_is_used_where_the_first_is_blank_and_else_held_against_it(
    client: TestClient, names: list[str]
) -> None:
    south, north = (T1, T2) if names[1] == "乡镇代码" else ("南镇", "北镇")
    rows = [("南镇", south), ("", south), ("", north), ("南镇", north), ("南镇", "")]
    found = alike(client, [*names, "address"], [(*row, "东街1号") for row in rows])
    assert [one["status"] for one in found] == ["matched", "matched", "partial", "partial", "matched"]
    assert all(one["error"] for one in found if one["status"] == "partial")


def test_two_columns_of_villages_are_both_read(client: TestClient) -> None:
    rows = [("南村", "南村"), ("南村", "某屯"), ("南村", ""), (V1, "南村")]
    found = alike(client, ["行政村", "自然村", "address"], [(*row, "东街1号") for row in rows])
    assert [one["status"] for one in found] == ["matched", "partial", "matched", "matched"]
    assert "某屯" in found[1]["error"]


@pytest.mark.parametrize(
    "name", ["位置", "具体位置", "地址二", "address2", "更正地址", "居住地", "说明", "事发地信息/地点"]
)
def test_every_column_of_addresses_is_held_against_the_answer(client: TestClient, name: str) -> None:
    found = alike(
        client, ["address", name], [("老粮站", "东街1号"), ("老粮站", ""), ("", "东街1号"), ("北镇", "东街1号")]
    )
    assert shown(found)[1:3] == [("matched", M1), ("matched", M1)]
    assert "elsewhere" in found[3]["error"]


@pytest.mark.parametrize("name", ["户籍地址", "申请人地址", "旧地址", "申请人信息/地址"])
def test_where_a_person_is_registered_is_no_place_of_the_matter(client: TestClient, name: str) -> None:
    rows = [("北镇", "东街1号"), ("", "东街1号")]
    first, second = alike(client, [name, "address"], rows)
    assert (first["status"], first["grid"]) == ("matched", M1)
    assert (second["status"], second["grid"]) == ("matched", M1)


def test_of_two_groups_of_headings_that_of_the_matter_answers(client: TestClient, tmp_path: Path) -> None:
    rows = [
        ["编号", "申请人信息", "申请人信息", "事发地信息", "事发地信息"],
        [None, "乡镇", "地址", "乡镇", "地址"],
        [1, "北镇", "北镇", "南镇", "东街1号"],
        [2, "南镇", "东街1号", "北镇", "东街1号"],
    ]
    found = sent(client, write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows)).read_bytes(), XLSX)
    assert [one["status"] for one in found] == ["matched", "partial"]
    assert found[0]["grid"] == M1


@pytest.mark.parametrize("name", ["网格ID", "网格代号", "网格标识", "所属网格ID", "小网格编码", "gridNumber"])
def test_codes_of_grids_are_known_by_every_word_for_a_code(client: TestClient, name: str) -> None:
    found = alike(client, ["address", name], [("老粮站", M1), ("老粮站", G3), ("", G1)])
    assert [one["status"] for one in found] == ["matched", "partial", "matched"]


#: Of M1, and of G3.
HERE, THERE = ("102.0005", "37.0011"), ("102.001", "37.003")


@pytest.mark.parametrize("names", [["经度1", "纬度1"], ["LON", "LAT"], ["X", "Y"], ["坐标"], ["geom"]])
@pytest.mark.parametrize("first", [["经度", "纬度"], ["lon", "lat"]])
def test_a_second_point_is_used_where_the_first_is_blank_and_else_held_against_it(
    client: TestClient, first: list[str], names: list[str]
) -> None:
    def further(point: tuple[str, str]) -> tuple[str, ...]:
        return {"坐标": (",".join(point),), "geom": (f"POINT ({' '.join(point)})",)}.get(names[0], point)

    none = ("",) * len(names)
    rows = [
        (*HERE, "wgs84", *further(HERE)), (*HERE, "wgs84", *none), ("", "", "wgs84", *further(HERE)),
        (*HERE, "wgs84", *further(THERE)),
    ]  # fmt: skip
    found = alike(client, [*first, "crs", *names], rows)
    assert shown(found) == [*[("matched", M1)] * 3, ("ambiguous", None)]
    assert (set(found[3]["candidates"]), "the point of the column" in found[3]["error"]) == ({M1, G3}, True)


def test_a_second_point_is_read_in_the_crs_that_its_heading_names(client: TestClient) -> None:
    """What is WGS-84 in M1 is, read as GCJ-02, some 500 m away and outside every grid."""
    found = alike(client, ["经度", "纬度", "crs", "高德经度", "高德纬度"], [(*HERE, "wgs84", *HERE)])
    assert (found[0]["status"], found[0]["candidates"]) == ("partial", [M1])
    assert "高德经度 is outside every grid" in found[0]["error"]


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("户籍乡镇", "北镇"),
        ("起点经度", "102.1"),
        ("自然屯", "李家屯"),
        ("地图", "高德"),
        ("定位方式", "BD09"),
        ("旧地址", "西街1号"),
    ],
)
def test_what_speaks_of_a_place_and_is_not_read_is_told_in_its_row(client: TestClient, name: str, cell: str) -> None:
    found = alike(client, ["address", name], [("老粮站", cell), ("老粮站", ""), ("", cell)])
    assert shown(found)[:2] == [("matched", M1)] * 2
    assert [one["error"] for one in found] == [f"the column {name} is not used: “{cell}”", None, found[0]["error"]]


@pytest.mark.parametrize(
    ("name", "cell"), [("备注", "无"), ("是否城区", "是"), ("事件类型", "路灯"), ("定位方式", "GPS")]
)
def test_what_says_no_place_is_not_told(client: TestClient, name: str, cell: str) -> None:
    assert alike(client, ["address", name], [("老粮站", cell)])[0]["error"] is None


def test_a_row_that_ended_before_the_day_asked_is_told(client: TestClient) -> None:
    found = alike(client, ["address", "失效日期"], [("老粮站", "2010-01-01"), ("老粮站", "2999-12-31"), ("老粮站", "")])
    assert shown(found) == [("matched", M1)] * 3
    assert [one["error"] for one in found] == ["the column 失效日期 says that it ended on 2010-01-01", None, None]


CELLS = {
    "起点经度": ["", "102.1"], "坐标": ["", "102.0005,37.0011", "102.001,37.003"], "crs": ["wgs84", "gcj02"],
    "归属乡镇": ["", "南镇", "北镇", "某镇"], "乡镇": ["", "南镇", T2], "自然村": ["", "南村", "某屯"],
    "属地": ["", "南镇", "北镇"], "位置": ["", "东街1号", "102.0005,37.0011"], "户籍地址": ["", "北镇"],
    "地址2": ["", "老粮站"], "乡镇代码": ["", T1, "x"],
}  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_list_has_one_answer_as_a_table_and_as_json(client: TestClient, data: st.DataObject) -> None:
    names = ["address", *data.draw(st.lists(st.sampled_from(list(CELLS)), unique=True, max_size=5))]
    cells = {**CELLS, "address": ["", "东街1号", "老粮站"]}
    rows = data.draw(st.lists(st.tuples(*(st.sampled_from(cells[name]) for name in names)), min_size=1, max_size=5))
    for row, one in zip(rows, alike(client, names, rows), strict=True):
        assert one["status"] != "error" or one["error"], row
