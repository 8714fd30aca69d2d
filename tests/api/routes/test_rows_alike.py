"""A list is answered alike as a table and as JSON, and no cell that is read goes without a word."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import G1, G2, G3, M1, T1, T2, V1
from tests.geo.readers.workbook_files import Error, Formula, Tab, write_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: A point in M1, the western half of G1 in the village V1 of the town T1.
POINT = ("102.0005", "37.0011", "wgs84")


def sent(client: TestClient, body: bytes, media: str) -> list[dict[str, Any]]:
    answer = client.post("/locate?f=json", content=body, headers={"Content-Type": media})
    assert answer.status_code == 200, answer.text
    return answer.json()


def of_json(client: TestClient, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sent(client, json.dumps(rows).encode(), "application/json")


def alike(client: TestClient, names: list[str], rows: list[tuple[str, ...]]) -> list[dict[str, Any]]:
    """Return the answers to a list, which are the same as CSV and as JSON."""
    text = io.StringIO()
    csv.writer(text).writerows([["id", *names], *([str(k), *row] for k, row in enumerate(rows))])
    table = sent(client, text.getvalue().encode(), "text/csv")
    found = of_json(client, [dict(zip(["id", *names], (str(k), *row), strict=True)) for k, row in enumerate(rows)])
    assert found == table
    return found


def shown(found: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(one["status"], one["grid"]) for one in found]


DIVIDED = [
    ("南镇", "南村", G1), ("南镇", "南村", G3), (T1, V1, G1), ("南镇", V1, G2), (T2, "", G1), ("南镇", "某村", G1),
]  # fmt: skip


@pytest.mark.parametrize("names", [["township", "village", "grid_code"], ["乡镇", "村", "address", "网格编码"]])
def test_divisions_without_an_address_are_held_against_the_code_of_the_row(
    client: TestClient, names: list[str]
) -> None:
    """G1 and G2 are in V1 of T1, G3 is in T2; no address stands in the column where there is one."""
    rows = [(*row[:2], "", row[2]) if "address" in names else row for row in DIVIDED]
    found = alike(client, names, rows)
    assert shown(found) == [
        ("matched", G1), ("partial", None), ("matched", G1), ("matched", G2), ("partial", None), ("partial", None),
    ]  # fmt: skip
    assert [one["candidates"] for one in found] == [[G1], [G3], [G1], [G2], [G1], [G1]]
    assert "elsewhere" in found[1]["error"]
    assert "elsewhere" in found[4]["error"]
    assert "某村" in found[5]["error"]


def test_divisions_alone_and_those_of_points_may_be_codes(client: TestClient) -> None:
    names = ["township", "village", "lon", "lat", "crs"]
    none = ("", "", "")
    rows = [
        (T1, V1, *none),
        ("南镇", V1, *none),
        (T1, "", *none),
        ("北镇", "", *POINT),
        (T1, V1, *POINT),
        (T2, "", *POINT),
    ]
    found = alike(client, names, rows)
    assert [set(one["candidates"]) for one in found[:3]] == [{G1, G2}] * 3
    assert [one["status"] for one in found] == ["ambiguous"] * 4 + ["matched", "ambiguous"]
    assert [one["grid"] for one in found[4:]] == [M1, None]


def test_codes_of_divisions_stand_before_the_road_and_the_door_as_their_names_do(client: TestClient) -> None:
    names = ["township", "village", "road", "doornumber"]
    rows = [(T1, V1, "东街", "1"), ("南镇", "南村", "东街", "1"), ("", V1, "东街", "1"), (T2, "", "东街", "1")]
    found = alike(client, names, rows)
    assert shown(found) == [*[("matched", M1)] * 3, ("partial", None)]
    assert "not in the place named" in found[3]["error"]


@pytest.mark.parametrize(
    ("names", "place"), [(["road", "grid_code"], (G1, G3)), (["road", "lon", "lat", "crs"], (POINT, POINT))]
)
def test_a_road_alone_is_held_against_the_code_or_point_of_its_row(
    client: TestClient, names: list[str], place: tuple[Any, Any]
) -> None:
    """东街 runs through G1 and G2, and not through G3."""
    first, second = (one if isinstance(one, tuple) else (one,) for one in place)
    found = alike(client, names, [("东街", *first), ("西街", *first), ("", *first), ("东街", *second)])
    assert [one["status"] for one in found[:3]] == ["matched", "partial", "matched"]
    assert "西街" in found[1]["error"]
    if second == (G3,):
        assert (found[3]["status"], found[3]["candidates"]) == ("partial", [G3])
        assert "is elsewhere: in grid" in found[3]["error"]


def test_a_room_alone_says_nothing_of_the_grid(client: TestClient) -> None:
    assert shown(alike(client, ["室", "grid_code"], [("501", G1)])) == [("matched", G1)]


@pytest.mark.parametrize(
    "names", [["旧网格编码", "新网格编码"], ["原网格编号", "网格编码"], ["old grid code", "new grid code"]]
)
def test_the_first_code_that_a_row_has_answers_and_the_other_is_held_against_it(
    client: TestClient, names: list[str]
) -> None:
    found = alike(
        client, names, [("", G1), (G1, ""), (G1, G1), (G1, G3), (G1, "x9"), ("x8", G1), ("x8", "x9"), ("", "")]
    )
    assert shown(found) == [
        *[("matched", G1)] * 3, *[("partial", None)] * 3, ("error", None), ("error", None),
    ]  # fmt: skip
    assert [one["error"] for one in found[3:]] == [
        f"the column {names[1]} is elsewhere: in grid {G3}",
        f"the column {names[1]} says “x9”, which is the code of no grid",
        "there is no grid of the code x8",
        "there is no grid of the code x8",
        "neither an address nor coordinates",
    ]


NO_TEXTS = [["东街"], {"a": 1}, True, []]


@pytest.mark.parametrize("value", NO_TEXTS)
@pytest.mark.parametrize("name", ["address", "grid_code", "旧网格编码", "township", "road", "标准地址", "网格名称"])
def test_a_value_of_json_that_is_no_text_is_told_in_its_row(client: TestClient, name: str, value: Any) -> None:
    """The row has an address or a code besides, which would be matched."""
    here = {"grid_code": G1} if name == "address" else {"address": "老粮站"}
    grid = G1 if name == "address" else M1
    good, bad, alone = of_json(client, [here, {**here, name: value}, {name: value}])
    assert (good["status"], good["grid"]) == ("matched", grid)
    said = f"the column {name} is not read: neither text nor number"
    assert (bad["status"], bad["candidates"], bad["error"]) == ("partial", [grid], said)
    assert (alone["status"], alone["error"]) == ("error", said)


@pytest.mark.parametrize("value", NO_TEXTS)
@pytest.mark.parametrize("name", ["lon", "lat", "crs"])
def test_a_point_of_json_that_is_no_number_leaves_the_row_to_its_address(
    client: TestClient, name: str, value: Any
) -> None:
    point = dict(zip(("lon", "lat", "crs"), POINT, strict=True)) | {name: value}
    for query in ("", "&crs=gcj02"):
        body = json.dumps([{"address": "老粮站", **point}, point]).encode()
        answer = client.post(f"/locate?f=json{query}", content=body, headers={"Content-Type": "application/json"})
        both, alone = answer.json()
        assert (both["status"], both["grid"]) == ("matched", M1)
        assert both["error"] == f"the point is not used: {name} is neither text nor number"
        assert (alone["status"], alone["error"]) == ("error", f"{name} is neither text nor number")


def test_a_key_of_any_value_comes_back(client: TestClient) -> None:
    keys = [7, 7.5, "7", ["七"], {"a": None}, True]
    found = of_json(client, [{"id": key, "address": "老粮站"} for key in keys])
    assert [one["id"] for one in found] == ["7", "7.5", "7", '["七"]', '{"a": null}', "true"]


@pytest.mark.parametrize(
    ("lost", "why"),
    [
        (Error("#N/A"), "a cell in error: left empty: #N/A"),
        (Error("#REF!"), "a cell in error: left empty: #REF!"),
        (Formula(), "a formula without a saved value: open and save the workbook, import again"),
    ],
)
@pytest.mark.parametrize("name", ["地址", "网格编码", "新网格编码", "乡镇", "门牌号", "标准地址", "网格名称"])
def test_a_cell_of_a_workbook_without_a_value_is_told_in_its_row(
    client: TestClient, tmp_path: Path, name: str, lost: Any, why: str
) -> None:
    other, cell = ("网格编码", G1) if name in ("地址", "新网格编码") else ("地址", "南镇南村东街1号")
    rows = [[name, other], [None, cell], [lost, cell], [lost, None]]
    found = sent(client, write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows)).read_bytes(), XLSX)
    assert [one["status"] for one in found] == ["matched", "partial", "error"]
    assert found[1]["candidates"] == [G1 if cell == G1 else M1]
    assert found[1]["error"] == f"the column {name} is not read: {why}"
    assert found[2]["error"] == f"the column {name} is not read: {why}"


def test_a_crs_without_a_value_is_no_other_crs(client: TestClient, tmp_path: Path) -> None:
    rows = [["地址", "lon", "lat", "crs"], ["老粮站", 102.0005, 37.0011, Error()], [None, 102.0005, 37.0011, Error()]]
    body = write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows)).read_bytes()
    for query in ("", "&crs=wgs84"):
        answer = client.post(f"/locate?f=json{query}", content=body, headers={"Content-Type": XLSX})
        both, alone = answer.json()
        assert (both["status"], both["grid"]) == ("matched", M1)
        assert both["error"] == "the point is not used: a cell in error: left empty: #N/A"
        assert (alone["status"], alone["error"]) == ("error", "a cell in error: left empty: #N/A")


def test_a_true_or_false_of_a_workbook_is_a_word_that_is_not_understood(client: TestClient, tmp_path: Path) -> None:
    rows = [["地址", "乡镇", "网格编码"], ["老粮站", True, None], ["老粮站", None, False], [True, None, None]]
    found = sent(client, write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows)).read_bytes(), XLSX)
    assert [one["status"] for one in found] == ["partial", "partial", "not_found"]


CELLS = {
    "address": ["", "老粮站", "东街1号", "北镇"], "标准地址": ["", "南镇南村东街2号"],
    "乡镇": ["", "南镇", T1, T2, "某镇"], "村": ["", "南村", V1, "南村一组"],
    "路": ["", "东街", "西街"], "门牌号": ["", "1", "2.0", "9"], "室": ["", "501"],
    "旧网格编码": ["", G1, "x9"], "网格编码": ["", G2, G3, M1], "网格名称": ["", "一格", "某格"],
    "lon": ["", "102.0005"], "lat": ["", "37.0011"], "crs": ["", "wgs84", "moon"],
}  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_stands_in_a_list_its_table_and_its_json_have_one_answer(
    client: TestClient, data: st.DataObject
) -> None:
    needed = data.draw(st.sampled_from(["address", "网格编码", "旧网格编码"]))
    point = ["lon", "lat", "crs"]  # one column of a pair is none
    others = [one for one in CELLS if one != needed and one not in point]
    names = [needed, *data.draw(st.lists(st.sampled_from(others), unique=True, max_size=6))]
    names += point if data.draw(st.booleans()) else []
    rows = data.draw(st.lists(st.tuples(*(st.sampled_from(CELLS[name]) for name in names)), min_size=1, max_size=6))
    for row, one in zip(rows, alike(client, names, rows), strict=True):
        assert one["status"] != "error" or one["error"], row


#: The point of M1 in GCJ-02 is read as WGS-84 about 500 m to the east, outside every grid of the county.
@pytest.mark.parametrize(
    ("names", "told"), [(["经度(高德)", "纬度(高德)"], "gcj02"), (["百度经度", "百度纬度"], "bd09")]
)
def test_a_heading_that_names_another_crs_than_told_is_never_silent(
    client: TestClient, names: list[str], told: str
) -> None:
    found = alike(client, [*names, "crs"], [POINT, (*POINT[:2], told)])
    assert found[0]["status"] == "partial"
    assert f"names {told}; it is read as wgs84" in found[0]["error"]
    assert found[1]["error"] is None or "names" not in found[1]["error"]


@pytest.mark.parametrize(
    ("names", "point"),
    [
        (["经度", "纬度", "坐标系"], POINT),
        (["longitude", "latitude", "crs"], POINT),
        (["坐标", "坐标系"], ("102.0005,37.0011", "WGS84")),
        (["经纬度", "坐标类型"], ("102.0005,37.0011", "WGS-84")),
        (["x", "y", "crs"], POINT),
    ],
)
def test_points_are_read_under_every_name_of_a_table_and_held_against_the_address(
    client: TestClient, names: list[str], point: tuple[str, ...]
) -> None:
    """The point is in M1 of the northern half of 南镇; G3 is the grid of 北镇."""
    none = [""] * len(names)
    found = alike(client, ["address", *names], [("", *point), ("北镇", *point), ("东街1号", *none)])
    assert shown(found)[::2] == [("matched", M1), ("matched", M1)]
    assert found[1]["status"] == "ambiguous"
    assert {M1, G3} <= set(found[1]["candidates"])


def test_half_a_point_beside_an_address_is_told(client: TestClient) -> None:
    found = alike(client, ["address", "经度"], [("南镇南村", "102.0005"), ("南镇南村", "")])
    assert [one["error"] for one in found] == ["the point is not used: longitude without latitude", None]


def test_a_list_of_two_numbers_is_a_pair_and_other_values_are_told(client: TestClient) -> None:
    rows = [
        {"坐标": [102.0005, 37.0011], "crs": "wgs84"},
        {"坐标": {"lon": 102.0005}, "crs": "wgs84"},
        {"经度": [1], "纬度": 2, "crs": "wgs84", "address": "东街1号"},
    ]
    found = of_json(client, rows)
    assert [one["status"] for one in found] == ["matched", "error", "matched"]
    assert found[0]["grid"] == M1
    assert "no pair of coordinates" in found[1]["error"]
    assert "the point is not used" in found[2]["error"]


def test_an_object_has_the_key_that_its_row_has_in_a_table(client: TestClient) -> None:
    found = of_json(client, [{"编号": 7, "地址": "东街1号"}, {"id": 8, "编号": 9, "address": "东街1号"}])
    assert [one["id"] for one in found] == ["7", "8"]


def test_objects_that_name_their_points_in_many_ways_are_bounded(client: TestClient) -> None:
    rows = [{f"坐标{k}": "102.0005,37.0011", "crs": "wgs84"} for k in range(60)]
    found = of_json(client, rows)
    assert [one["status"] for one in found] == ["matched"] * 50 + ["error"] * 10
    assert "at most 50 ways" in found[-1]["error"]


@pytest.mark.parametrize(
    "names", [["苏木", "嘎查"], ["苏木乡镇", "嘎查村"], ["街镇", "居村委"], ["乡（镇）", "村、社区"]]
)
def test_divisions_under_the_headings_of_every_region_are_held_against_the_address(
    client: TestClient, names: list[str]
) -> None:
    found = alike(client, [*names, "grid_code"], [("南镇", "南村", G1), ("南镇", "南村", G3)])
    assert [one["status"] for one in found] == ["matched", "partial"]


@pytest.mark.parametrize("heading", ["坐标系", "CRS", "datum", "坐标来源"])
def test_the_crs_of_an_object_is_read_under_every_heading_of_a_table(client: TestClient, heading: str) -> None:
    """The numbers of M1 read as GCJ-02 are 470 m to the west of it, outside the county."""
    found = alike(client, ["lon", "lat", heading], [(*POINT[:2], "WGS84"), (*POINT[:2], "高德")])
    assert shown(found) == [("matched", M1), ("not_found", None)]


@pytest.mark.parametrize("names", [["经度(搜狗)", "纬度(搜狗)"], ["X(地方坐标)", "Y(地方坐标)"]])
def test_a_system_that_nothing_can_be_computed_with_leaves_the_grid_open(client: TestClient, names: list[str]) -> None:
    found = alike(client, [*names, "crs"], [POINT])
    assert (found[0]["status"], found[0]["candidates"]) == ("partial", [M1])
    assert "read as wgs84 as told" in found[0]["error"]


def test_a_survey_datum_in_the_heading_is_told_and_leaves_open_what_is_near_the_border(client: TestClient) -> None:
    """Xian 1980 is good to 100 m: M1 is 90 m wide."""
    found = alike(client, ["西安80经度", "西安80纬度", "crs"], [POINT])
    assert found[0]["status"] == "partial"
    assert "names 西安80" in found[0]["error"]


def test_points_of_whole_seconds_are_told_to_be_coarse(client: TestClient) -> None:
    """A second is 31 m, and this point is 24 m from the border of M1."""
    found = alike(client, ["经度", "纬度", "crs"], [("102度0分1秒", "37度0分4秒", "wgs84")])
    assert found[0]["status"] == "partial"
    assert "written to about 31 m" in found[0]["error"], found


@pytest.mark.parametrize("mark", ["{}?", "×{}", "~~{}~~", "□{}"])
def test_a_division_that_is_struck_out_or_in_doubt_decides_nothing(client: TestClient, mark: str) -> None:
    found = alike(client, ["乡镇", "address"], [(mark.format("南镇"), "东街1号"), ("南镇", "东街1号")])
    assert [one["status"] for one in found] == ["partial", "matched"]
    assert "was not understood" in found[0]["error"]


@pytest.mark.parametrize("name", ["北镇{}", "非{}", "{}?", "某县{}"])
def test_a_grid_called_by_more_than_its_name_and_its_places_is_held_against_the_row(
    client: TestClient, name: str
) -> None:
    of_grid = sent(client, b"id,address\n1,%s\n" % G1.encode(), "text/csv")
    assert shown(of_grid) == [("matched", G1)]
    told = client.get(f"/locate?address={G1}").json()["candidates"][0]["grid"]["name"]
    found = alike(client, ["address", "网格名称"], [(G1, f"南镇{told}"), (G1, name.format(told))])
    assert [one["status"] for one in found] == ["matched", "partial"]


def test_a_branch_of_the_road_and_several_doors_are_told_beside_a_door(client: TestClient) -> None:
    rows = [
        ("东街1号", "东街", "1"),
        ("东街1号", "东街支路", "1"),
        ("东街1号", "东街", "1、39"),
        ("东街1号", "东街", "1?"),
    ]
    found = alike(client, ["address", "道路", "门牌号"], rows)
    assert [one["status"] for one in found] == ["matched", "partial", "partial", "partial"]


def test_a_place_inside_another_value_is_told(client: TestClient) -> None:
    rows = [{"address": "东街1号", "data": {"lon": 102.0, "lat": 37.0}}, {"address": "东街1号", "data": {"n": 1}}]
    found = of_json(client, rows)
    assert [one["status"] for one in found] == ["partial", "matched"]
    assert "data" in found[0]["error"]
