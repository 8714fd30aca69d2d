"""Ask /locate: points by the rules L, addresses, batches, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest
from fastapi.testclient import TestClient

from geo.crs import from_wgs84
from tests.api.conftest import G1, G2, G3, G4, M1, M2
from tests.geo.readers.workbook_files import Tab, write_xlsx


def at(client: TestClient, **query: object) -> dict:
    answer = client.get("/locate", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_point_is_matched_to_its_finest_grid(client: TestClient) -> None:
    found = at(client, lon=102.0015, lat=37.0003, crs="wgs84")
    assert (found["status"], found["crs"], found["query"]) == ("matched", "wgs84", [102.0015, 37.0003])
    (candidate,) = found["candidates"]
    assert candidate["grid"] == {"code": M2, "name": "乙片", "kind": "general", "level": 2}
    assert [step["code"] for step in candidate["chain"]] == ["990101", "990101101", "990101101001", G1, M2]
    assert [step["level"] for step in candidate["chain"]] == ["county", "township", "village", "grid", "microgrid"]
    assert (candidate["method"], candidate["score"], candidate["level"]) == ("point", 1.0, "microgrid")
    assert candidate["border_m"] == pytest.approx(33.3, abs=0.1)  # 0.0003 degrees of latitude


def test_a_border_belongs_to_the_first_code_and_the_micro_grid_stays_inside_its_grid(client: TestClient) -> None:
    """L1: the border of G1 and G2 is G1's, hence M2's; the border of G2 and G4 is G2's."""
    assert at(client, lon=102.002, lat=37.001, crs="wgs84")["candidates"][0]["grid"]["code"] == M2
    assert at(client, lon=102.003, lat=37.002, crs="wgs84")["candidates"][0]["grid"]["code"] == G2
    assert at(client, lon=102.001, lat=37.001, crs="wgs84")["candidates"][0]["grid"]["code"] == M1


def test_neighbours_are_listed_within_the_accuracy(client: TestClient) -> None:
    """L2: 0.0001 degrees of latitude, 11.1 m, south of the border of G2 and G4."""
    near = at(client, lon=102.003, lat=37.0019, crs="wgs84")["candidates"][0]
    assert near["border_m"] == pytest.approx(11.1, abs=0.02)
    assert near["neighbours"] == [G4]
    assert at(client, lon=102.003, lat=37.0019, crs="wgs84", accuracy=5)["candidates"][0]["neighbours"] == []


def test_other_crs_are_brought_to_wgs84(client: TestClient) -> None:
    lon, lat = from_wgs84([102.003], [37.001], "gcj02")
    found = at(client, lon=float(lon[0]), lat=float(lat[0]), crs="gcj02")
    assert found["point"] == pytest.approx([102.003, 37.001], abs=1e-8)
    assert found["candidates"][0]["grid"]["code"] == G2


def test_a_point_outside_every_grid_is_not_found(client: TestClient) -> None:
    found = at(client, lon=10, lat=20, crs="wgs84")
    assert (found["status"], found["candidates"], found["point"]) == ("not_found", [], [10.0, 20.0])


def test_an_address_is_matched_and_its_grid_is_derived(client: TestClient) -> None:
    found = at(client, address="南镇南村 东街１号")
    assert (found["status"], found["point"], found["crs"]) == ("matched", [102.0005, 37.0011], None)
    assert found["candidates"][0]["grid"]["code"] == M1, "not the grid the file named"
    assert found["candidates"][0]["border_m"] > 0
    assert at(client, address="试验县北镇北村三组5号")["candidates"][0]["grid"]["code"] == G3
    assert at(client, address="老粮站")["candidates"][0]["grid"]["code"] == M1


def test_addresses_that_may_lie_in_two_grids_are_ambiguous(client: TestClient) -> None:
    found = at(client, address="北镇北村三组")
    assert found["status"] == "ambiguous"
    assert {one["grid"]["code"] for one in found["candidates"]} == {G3, G4}
    assert found["point"] is None


def test_an_address_outside_every_grid_is_partial(client: TestClient) -> None:
    found = at(client, address="荒地1号")
    assert (found["status"], found["candidates"][0]["grid"]) == ("partial", None)


@pytest.mark.parametrize("address", ["", "不存在"])
def test_unknown_addresses_are_not_found(client: TestClient, address: str) -> None:
    assert at(client, address=address)["status"] == "not_found"


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ({"lon": 102, "lat": 37}, "unknown-crs"),
        ({"lon": 102, "lat": 37, "crs": "moon"}, "unknown-crs"),
        ({"lon": 102, "crs": "wgs84"}, "bad-query"),
        ({"lon": "nan", "lat": 37, "crs": "wgs84"}, "bad-query"),
        ({"lon": "x", "lat": 37, "crs": "wgs84"}, "bad-query"),
        ({"lon": 500, "lat": 37, "crs": "wgs84"}, "bad-value"),
        ({"lon": 102, "lat": 37, "crs": "wgs84", "accuracy": -1}, "bad-query"),
        ({"lon": 102, "lat": 37, "crs": "wgs84", "at": "2026-13-01"}, "bad-query"),
        ({"lon": 102, "lat": 37, "crs": "wgs84", "address": "x"}, "bad-query"),
        ({"address": "x", "crs": "wgs84"}, "bad-query"),
        ({}, "bad-query"),
        ({"address": "x", "colour": "red"}, "bad-query"),
        ({"address": "路" * 4000}, "bad-value"),
    ],
)
def test_bad_queries_are_400(client: TestClient, query: dict, slug: str) -> None:
    answer = client.get("/locate", params=query)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == slug


def test_a_parameter_given_twice_is_400(client: TestClient) -> None:
    assert client.get("/locate?address=a&address=b").status_code == 400


def test_a_day_before_the_data_finds_nothing_new(client: TestClient) -> None:
    assert at(client, lon=102.003, lat=37.001, crs="wgs84", at="2000-01-01")["at"] == "2000-01-01"


BATCH = [
    {"id": "1", "lon": 102.003, "lat": 37.001, "crs": "wgs84"},
    {"id": "2", "address": "北镇北村三组"},
    {"id": 3, "lon": 102.003, "lat": 37.001},
    {"id": "4", "address": "南镇南村东街2号"},
    {"id": "5"},
    {"id": "6", "lon": "abc", "lat": "1", "crs": "wgs84"},
    {"id": "7", "lon": 999, "lat": 99, "crs": "wgs84"},
    {"id": "8", "lon": 1, "lat": 1, "crs": "wgs84"},
    "no object",
    {"id": "9", "lon": 1, "lat": 1, "crs": "moon"},
]
STATUSES = ["matched", "ambiguous", "error", "matched", "error", "error", "error", "not_found", "error", "error"]


def test_a_json_batch_answers_every_row_in_order(client: TestClient) -> None:
    answer = client.post("/locate", json=BATCH)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    records = answer.json()
    assert [one["status"] for one in records] == STATUSES
    assert [one["id"] for one in records[:4]] == ["1", "2", "3", "4"]
    assert list(records[0]) == ["id", "status", "grid", "level", "score", "border_m", "candidates", "error"]
    assert (records[0]["grid"], records[0]["candidates"]) == (G2, [G2])
    assert set(records[1]["candidates"]) == {G3, G4}
    assert all(one["error"] for one in records if one["status"] == "error")


def test_a_csv_batch_with_a_byte_order_mark(client: TestClient) -> None:
    text = "\ufeffID,address,lon,lat,crs\r\n1,,102.003,37.001,wgs84\r\n2,南镇南村东街1号,,,\r\n=3,,,,\r\n"
    answer = client.post("/locate", content=text.encode(), headers={"Content-Type": "text/csv; charset=utf-8"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["status"] for row in rows] == ["matched", "matched", "error"]
    assert [row["grid"] for row in rows] == [G2, M1, ""]
    assert rows[2]["id"] == "'=3", "a spreadsheet would run it"


@pytest.mark.parametrize(
    ("bad", "status", "said"),
    [
        (r'{"id": "x", "address": "\ud800"}', "error", "address: half a surrogate pair"),
        (r'{"id": "x", "address": "老粮站", "grid_code": "\udc00a"}', "error", "grid_code: half a surrogate pair"),
        (r'{"id": "x", "address": "老粮站", "lon": 1e400, "lat": 37}', "matched", "must be finite numbers"),
        ('{"id": "x", "lon": NaN, "lat": 37, "crs": "wgs84"}', "error", "must be finite numbers"),
        ('{"id": "x", "address": NaN}', "error", "address: no finite number"),
        (r'{"id": "x", "address": "老粮站", "\udc00": ["\ud800", -Infinity]}', "matched", None),
        ("NaN", "error", "neither an address nor coordinates"),
    ],
)
def test_what_is_no_text_or_number_spoils_its_row_alone(
    client: TestClient, bad: str, status: str, said: str | None
) -> None:
    good = '{"id": "1", "address": "老粮站"}'
    body = f"[{good}, {bad}, {good}]".encode()
    headers = {"Content-Type": "application/json", "Accept-Language": "en"}
    for query in ({}, {"columns": "keep"}, {"columns": "keep", "f": "csv"}, {"columns": "keep", "f": "xlsx"}):
        answer = client.post("/locate", params=query, content=body, headers=headers)
        assert answer.status_code == 200, answer.text
    records = client.post("/locate", content=body, headers=headers).json()
    assert [one["status"] for one in records] == ["matched", status, "matched"]
    assert [one["grid"] for one in records] == [M1, M1 if status == "matched" else None, M1]
    assert records[1]["id"] == ("" if bad == "NaN" else "x")
    assert (records[1]["error"] or "").find(said or "") >= 0
    assert (records[1]["error"] is None) == (said is None)


@pytest.mark.parametrize(
    "path",
    ["/locate?address=", "/suggest?q=", "/ogc/collections/grids/items?name=", "/ogc/collections/grids/items?filter="],
)
def test_text_of_a_url_that_is_no_utf8_is_refused(client: TestClient, path: str) -> None:
    """GBK 新 is D0 C2: read as UTF-8 it is a character of nothing, and would be looked for in vain."""
    answer = client.get(f"{path}%D0%C2", headers={"Accept-Language": "en"})
    name = path.partition("?")[2][:-1]
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-query")
    assert answer.json()["detail"].startswith(f"the parameter {name} is no UTF-8")
    assert client.get(f"{path}%ED%A0%80").status_code == 400, "half a surrogate pair"


def test_text_of_a_url_in_utf8_is_read(client: TestClient) -> None:
    assert client.get("/locate?address=%E8%80%81%E7%B2%AE%E7%AB%99").json()["status"] == "matched"
    assert client.get("/locate?address=100%25").status_code == 200


DIVIDED = [
    ["1", "东街1号", "南镇", "南村"], ["2", "东街1号", "南 镇 人民政府", "南村村委会"], ["3", "东街1号", "北镇", ""],
    ["4", "东街1号", "某镇（临）", ""], ["5", "东街1号", "990101101", ""], ["6", "东街1号", "", ""],
]  # fmt: skip


@pytest.mark.parametrize("headings", [("县乡/乡镇", "村"), ("township", "village"), ("所属乡镇名称", "行政村")])
def test_the_columns_of_divisions_are_read_alike_in_every_form(
    client: TestClient, tmp_path: Path, headings: tuple[str, str]
) -> None:
    names = ["id", "address", *headings]
    rows = [["编号", "地址", *headings], *DIVIDED]
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    bodies = {
        "text/csv": "\n".join(",".join(row) for row in rows).encode(),
        xlsx: write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows)).read_bytes(),
        "application/json": json.dumps([dict(zip(names, row, strict=True)) for row in DIVIDED]).encode(),
    }
    answers = [
        client.post("/locate?f=json", content=body, headers={"Content-Type": media}).json()
        for media, body in bodies.items()
    ]
    assert answers[0] == answers[1] == answers[2]
    assert [(one["status"], one["grid"]) for one in answers[0]] == [
        ("matched", M1), ("matched", M1), ("partial", None), ("partial", None), ("matched", M1), ("matched", M1),
    ]  # fmt: skip
    assert answers[0][3]["error"] == f"“某镇（临）” of the column {headings[0]} was not understood"


BESIDE = [
    # id, address, road, door, second address, grid, phone: each answer is by hand of the four squares of the grids
    ["1", "南镇南村东街1号", "", "", "", "", "1"], ["2", "南镇南村", "东街", "1", "", "", ""],
    ["3", "南镇南村东街1号", "", "9", "", "", ""], ["4", "南镇南村东街1号", "", "", "试验县北镇北村三组5号", "", ""],
    ["5", "南镇南村东街1号", "", "", "", "乙片", ""], ["6", "南镇南村东街1号", "", "", "", "甲片", ""],
    ["7", "", "", "", "老粮站", "", ""], ["8", "", "东街", "1", "", "", ""],
]  # fmt: skip


@pytest.mark.parametrize(
    "headings", [("道路", "门牌号", "标准地址", "网格名称"), ("road", "doornumber", "标准地址", "grid_name")]
)
def test_what_stands_beside_an_address_is_read_alike_in_every_form(
    client: TestClient, headings: tuple[str, ...]
) -> None:
    names = ["id", "address", *headings, "电话"]
    rows = [["id", "address", *headings, "电话"], *BESIDE]
    bodies = {
        "text/csv": "\n".join(",".join(row) for row in rows).encode(),
        "application/json": json.dumps(
            [{one: cell for one, cell in zip(names, row, strict=True) if cell} for row in BESIDE]
        ).encode(),
    }
    answers = [
        client.post("/locate?f=json", content=body, headers={"Content-Type": media}).json()
        for media, body in bodies.items()
    ]
    assert answers[0] == answers[1]
    assert [(one["status"], one["grid"]) for one in answers[0]] == [
        ("matched", M1), ("matched", M1), ("partial", None), ("partial", None), ("partial", None), ("matched", M1),
        ("matched", M1), ("matched", M1),
    ]  # fmt: skip


@pytest.mark.parametrize("heading", ["网格编码", "旧网格编码", "新网格编码", "grid_code"])
def test_a_column_of_codes_is_read_by_any_of_its_headings_in_every_form(client: TestClient, heading: str) -> None:
    """北镇 is not where M1 is."""
    rows = [{"id": "1", heading: G3}, {"id": "2", "address": "北镇", heading: M1}]
    lines = [["id", "address", heading], ["1", "", G3], ["2", "北镇", M1]]
    bodies = {
        "text/csv": "\n".join(",".join(line) for line in lines).encode(),
        "application/json": json.dumps(rows).encode(),
    }
    first, second = (
        client.post("/locate?f=json", content=body, headers={"Content-Type": media}).json()
        for media, body in bodies.items()
    )
    assert first == second
    assert (first[0]["status"], first[0]["grid"], first[1]["grid"]) == ("matched", G3, None)
    assert M1 in first[1]["error"]


def test_a_division_alone_is_held_against_a_point_or_a_code_in_every_form(client: TestClient) -> None:
    """The point is in the grid M1 of the village of 南镇, G3 is one of 北镇."""
    names = ["id", "township", "lon", "lat", "crs", "grid_code"]
    point = ["102.0005", "37.0011", "wgs84", ""]
    rows = [
        ["1", "南镇", *point], ["2", "990101101", *point], ["3", "北镇", *point], ["4", "", *point],
        ["5", "某某镇", *point], ["6", "北镇", "", "", "", G3], ["7", "南镇", "", "", "", G3],
    ]  # fmt: skip
    bodies = {
        "text/csv": "\n".join(",".join(row) for row in [names, *rows]).encode(),
        "application/json": json.dumps([dict(zip(names, row, strict=True)) for row in rows]).encode(),
    }
    first, second = (
        client.post("/locate?f=json", content=body, headers={"Content-Type": media}).json()
        for media, body in bodies.items()
    )
    assert first == second
    assert [(one["status"], one["grid"]) for one in first] == [
        ("matched", M1), ("matched", M1), ("ambiguous", None), ("matched", M1), ("partial", None),
        ("matched", G3), ("partial", None),
    ]  # fmt: skip
    assert "disagree" in first[2]["error"]


def test_rows_without_a_key_are_named_by_their_place(client: TestClient) -> None:
    """As docs/owners.md says; an empty key among others stays one."""
    csv_rows = "地址,电话\n南镇南村东街1号,1\n,\n荒地1号,2\n"
    answer = client.post("/locate?f=json", content=csv_rows.encode(), headers={"Content-Type": "text/csv"})
    assert [one["id"] for one in answer.json()] == ["1", "2", "3"]
    assert [one["id"] for one in client.post("/locate", json=[{"address": "荒地1号"}, 7, {}]).json()] == ["1", "2", "3"]
    assert [one["id"] for one in client.post("/locate", json=[{"id": "a"}, {"address": "b"}]).json()] == ["a", ""]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_tables_as_planners_keep_them(client: TestClient, tmp_path: Path, encoding: str) -> None:
    rows = [["编号", "详细地址", "经度", "纬度"], ["1", None, 102.003, 37.001], ["2", "南镇南村东街1号", None, None]]
    text = "\n".join(";".join("" if cell is None else str(cell) for cell in row) for row in rows)
    workbook = write_xlsx(tmp_path / "f.xlsx", Tab("甲", [["来电"], *rows])).read_bytes()
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    for content, media in ((text.encode(encoding), "text/csv"), (workbook, xlsx)):
        answer = client.post(
            "/locate", params={"crs": "wgs84", "f": "json"}, content=content, headers={"Content-Type": media}
        )
        assert answer.status_code == 200, answer.text
        assert [(one["id"], one["status"], one["grid"]) for one in answer.json()] == [
            ("1", "matched", G2), ("2", "matched", M1)
        ]  # fmt: skip
    no_crs = client.post("/locate", content=workbook, headers={"Content-Type": xlsx})
    assert no_crs.headers["content-type"].startswith("text/csv")
    assert [row["status"] for row in csv.DictReader(io.StringIO(no_crs.text))] == ["error", "matched"]


def test_a_sheet_that_would_be_left_out_is_refused_until_one_is_named(client: TestClient, tmp_path: Path) -> None:
    tabs = [
        Tab("甲", [["编号", "地址"], ["1", "老粮站"]]),
        Tab("乙", [["k", "门牌地址"], ["2", "老粮站"], ["3", "老粮站"]]),
    ]
    body = write_xlsx(tmp_path / "f.xlsx", *tabs).read_bytes()
    headers = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    answer = client.post("/locate", content=body, headers=headers)
    assert (answer.status_code, "乙" in answer.json()["detail"]) == (400, True)
    answer = client.post("/locate", params={"sheet": "乙", "header_row": 1, "f": "json"}, content=body, headers=headers)
    assert [one["grid"] for one in answer.json()] == [M1, M1]
    for query in ({"sheet": ""}, {"header_row": 0}, {"sheet": "丙"}):
        answer = client.post("/locate", params=query, content=body, headers=headers)
        assert answer.status_code in (400, 422), answer.text


def test_many_rows_stay_in_order(client: TestClient) -> None:
    rows = [
        {"id": str(k), **({"address": "老粮站"} if k % 3 else {"lon": 102.003, "lat": 37.001, "crs": "wgs84"})}
        for k in range(4500)
    ]
    records = client.post("/locate", json=rows).json()
    assert [one["id"] for one in records] == [str(k) for k in range(4500)]
    assert {one["grid"] for one in records} == {G2, M1}
    assert client.post("/locate", json=[]).json() == []


@pytest.mark.parametrize(
    ("content", "media", "status", "slug"),
    [
        (b"[1", "application/json", 400, "bad-body"),
        (b"{}", "application/json", 400, "bad-body"),
        (b"[Nan]", "application/json", 400, "bad-body"),
        ('[{"address": "老粮站"}]'.encode("utf-16"), "application/json", 400, "bad-body"),
        ('[{"address": "老粮站"}]'.encode("gb18030"), "application/json", 400, "bad-body"),
        (b'[{"address": "\\ud800"', "application/json", 400, "bad-body"),
        (b"[" * 5000, "application/json", 400, "bad-body"),
        (b"\xff\xfe", "text/csv", 400, "bad-body"),
        (b"a,b\n1,2\n", "text/csv", 400, "bad-body"),
        (b"", "text/csv", 400, "bad-body"),
        (b"PK\x03\x04", "application/vnd.ms-excel", 400, "bad-body"),
        (b"id,address\n" + b"1,x\n" * 60, "application/vnd.ms-excel", 413, "body-too-large"),
        (b"<a/>", "application/xml", 415, "unsupported-media"),
        (b"id,address\n" + b"1,x\n" * 60, "text/csv", 413, "body-too-large"),
        (b"id,address\n" + b"1,x\n" * 20_000, "text/csv", 413, "body-too-large"),
    ],
)
def test_bad_batches_are_refused(writer: TestClient, content: bytes, media: str, status: int, slug: str) -> None:
    answer = writer.post("/locate", content=content, headers={"Content-Type": media})
    assert (answer.status_code, answer.json()["code"]) == (status, slug)


def test_a_body_without_a_length_is_counted_as_it_comes(writer: TestClient) -> None:
    def pieces() -> object:
        for _ in range(100):
            yield b" " * 1000

    answer = writer.post("/locate", content=pieces(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


KEPT = "编号,地址,备注\n1,南镇南村东街1号,甲\n2,北镇北村三组,-5\n3,,\n"


def test_a_table_comes_back_with_columns_added(client: TestClient, tmp_path: Path) -> None:
    answer = client.post(
        "/locate?columns=keep&lang=zh", content=KEPT.encode("gb18030"), headers={"Content-Type": "text/csv"}
    )
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[:6] == ["编号", "地址", "备注", "所属网格", "所属层级", "结果"]
    assert rows[0][:6] == ["1", "南镇南村东街1号", "甲", M1, "试验县 > 南镇 > 南村 > 一格 > 甲片", "有唯一归属"]
    assert rows[1][2:6] == ["-5", "", "试验县 > 北镇 > 北村", "不止一个可能"], "what both candidates share"
    assert rows[2][:6] == ["3", "", "", "", "", "有错误"]


def test_a_workbook_comes_back_as_a_workbook(client: TestClient, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "f.xlsx", Tab("甲", [["门牌地址", "户数"], ["南镇南村东街1号", 3]]))
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = client.post("/locate?columns=keep", content=path.read_bytes(), headers={"Content-Type": media})
    assert answer.headers["content-type"] == media
    head, row = openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True)
    assert head[:4] == ("门牌地址", "户数", "grid", "chain")
    assert row[:3] == ("南镇南村东街1号", 3, M1)
    assert client.post("/locate?columns=keep&f=json&lang=zh", json=[]).status_code == 400
    assert client.post("/locate?columns=drop", json=[]).status_code == 400
