"""A batch of places is answered for programs by names of fields, and for people by headings, names and reasons."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely

from api.cli import main
from api.representations.batch_rows import FIELDS, people_record
from geo.storage.geopackage.store import open_store
from geo.studies.locate_rows import LocatedRow
from geo.types import Candidate, Match

CRS = "EPSG:4326"
LIST = "编号,地址,经度,纬度\n1,东街1号,,\n2,东街1号对面,,\n3,火星路1号,,\n4,,103.05,37.05\n5,,10,37\n6,,,\n"
ZH = [
    "编号", "结果", "所属网格", "所属网格名称", "所属村社区名称", "所属乡镇名称", "层级", "把握", "距边界（米）",
    "可能的网格", "说明",
]  # fmt: skip
#: Result, grid, its name, village, township, reason of each row.
ROWS = [
    ("有唯一归属", "990121100001001", "东街网格", "东关社区", "杏沟镇", ""),
    ("只能部分确定", "", "", "东关社区", "杏沟镇", "所说的是这个地址旁近的地方（对面）"),
    ("没有找到", "", "", "", "", "没有认出行政区划、道路或网格的名称，库里也没有相近的地址"),
    ("有唯一归属", "990121100001001", "东街网格", "东关社区", "杏沟镇", ""),
    ("没有找到", "", "", "", "", "坐标不在任何网格里"),
    ("有错误", "", "", "", "", "既没有地址也没有坐标"),
]
SHOWN = ("结果", "所属网格", "所属网格名称", "所属村社区名称", "所属乡镇名称", "说明")


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.chdir(tmp_path)
    box = shapely.box(103, 37, 103.1, 37.1)
    divisions = {
        "code": ["990121", "990121100", "990121100001"], "name": ["青岚县", "杏沟镇", "东关社区"],
        "level": ["county", "township", "village"], "parent": [None, "990121", "990121100"],
    }  # fmt: skip
    grid = {"code": ["990121100001001"], "name": ["东街网格"], "level": [1], "village": ["990121100001"]}
    address = {"id": ["a1"], "text": ["东街1号"], "grid": ["990121100001001"]}
    with open_store(tmp_path / "workspace.gpkg") as store:
        store.write("divisions", gpd.GeoDataFrame(divisions, geometry=[box] * 3, crs=CRS), "append", actor="test")
        store.write("grids", gpd.GeoDataFrame(grid, geometry=[box], crs=CRS), "append", actor="test")
        point = [shapely.Point(103.05, 37.05)]
        store.write("addresses", gpd.GeoDataFrame(address, geometry=point, crs=CRS), "append", actor="test")
    (tmp_path / "list.csv").write_text(LIST, "utf-8")

    def call(*words: str, code: int = 1) -> str:
        assert main(["locate", "--batch", "list.csv", "--crs", "wgs84", *words]) == code
        return capsys.readouterr().out

    return call


def test_people_read_names_and_why(run: Callable[..., str], tmp_path: Path) -> None:
    head, *rows = csv.reader(io.StringIO(run("--lang", "zh")))
    assert head == ZH
    assert [tuple(row[ZH.index(name)] for name in SHOWN) for row in rows] == ROWS
    assert run("--out", "f.xlsx", "--no-keep-columns").startswith(
        "6 行 -> f.xlsx（有唯一归属 2, 只能部分确定 1, 没有找到 2, 有错误 1）"
    )
    sheet = openpyxl.load_workbook(tmp_path / "f.xlsx").active
    head, *cells = sheet.iter_rows(values_only=True)
    assert list(head) == ZH
    assert [tuple(row[ZH.index(name)] or "" for name in SHOWN) for row in cells] == ROWS
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:K7")
    assert sheet.column_dimensions["C"].width > len("990121100001001")
    assert isinstance(cells[0][2], str), "a code is a text"


def test_english_headings_and_words(run: Callable[..., str]) -> None:
    first = next(csv.DictReader(io.StringIO(run("--lang", "en"))))
    assert (first["Result"], first["Grid name"], first["Township name"]) == ("matched", "东街网格", "杏沟镇")


def test_programs_read_the_names_of_the_contract(run: Callable[..., str], tmp_path: Path) -> None:
    run("--out", "f.csv")
    written = (tmp_path / "f.csv").read_text("utf-8-sig")
    assert written == run("--lang", "fields")
    assert next(csv.reader(io.StringIO(written))) == list(FIELDS)
    run("--out", "f.xlsx", "--lang", "fields")
    head, first, *_ = openpyxl.load_workbook(tmp_path / "f.xlsx").active.iter_rows(values_only=True)
    assert head == FIELDS
    assert first[:3] == ("1", "matched", "990121100001001")
    run("--out", "f.json")
    (answer, *_) = json.loads((tmp_path / "f.json").read_text("utf-8"))
    assert tuple(answer) == FIELDS
    run("--out", "f.json", "--lang", "zh", code=2)


KEPT_ZH = [
    "序号", "门牌地址", "备注", "结果", "旧网格编码", "今网格编码", "所属网格", "所属层级", "结果 (9)", "把握",
    "存疑代码", "距边界（米）", "可能的网格", "说明",
]  # fmt: skip
#: Two headings that are also those of answers, a column nobody reads, a personal one, and a row that is a total.
KEPT_LIST = (
    "序号,门牌地址,备注,结果,联系电话,旧网格编码\n1,东街1号,=甲,老,13900000000,990121100001001\n2,东街1号对面,-5,,,x9\n"
    "合计,,2户,,,\n3,,,,,990121100001001\n4,,,,,x9\n"
)
CHAIN = "青岚县 > 杏沟镇 > 东关社区 > 东街网格"
GRID = "990121100001001"
KEPT_ROWS = [
    ("1", "东街1号", "=甲", "老", GRID, GRID, GRID, CHAIN, "有唯一归属", ""),
    ("2", "东街1号对面", "-5", "", "x9", "", "", CHAIN, "只能部分确定", "nearby;unknown_code"),
    ("合计", "", "2户", "", "", "", "", "", "有错误", ""),
    ("3", "", "", "", GRID, GRID, GRID, CHAIN, "有唯一归属", ""),
    ("4", "", "", "", "x9", "", "", "", "有错误", ""),
]
KEPT_SHOWN = [*KEPT_ZH[:9], "存疑代码"]


def test_a_workbook_is_the_sheet_that_came_with_columns_added(run: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes(KEPT_LIST.encode("gb18030"))
    run("--out", "f.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "f.xlsx").active
    head, *cells = sheet.iter_rows(values_only=True)
    assert list(head) == KEPT_ZH
    assert [tuple(row[KEPT_ZH.index(name)] or "" for name in KEPT_SHOWN) for row in cells] == KEPT_ROWS
    assert cells[-1][-1] == "没有编码为 x9 的网格"
    assert cells[1][-2:] == (f"{GRID} 东街网格", "所说的是这个地址旁近的地方（对面）; 没有编码为 x9 的网格")
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:N6")


def test_csv_and_json_keep_the_columns_where_asked(run: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes(KEPT_LIST.encode("gb18030"))
    head, *rows = csv.reader(io.StringIO(run("--keep-columns")))
    fields = ["today", "grid", "chain", "status", "score", "fault", "border_m", "candidates", "error"]
    assert head == [*KEPT_ZH[:5], *fields]
    assert [row[8] for row in rows] == ["matched", "partial", "error", "matched", "error"]
    assert [row[2] for row in rows[:2]] == ["'=甲", "-5"], "a formula stays a text, a number one"
    run("--out", "f.json", "--keep-columns")
    first, *_ = json.loads((tmp_path / "f.json").read_text("utf-8"))
    assert list(first) == head
    assert (first["备注"], first["candidates"], first["score"]) == ("=甲", GRID, 1.0)


def test_a_json_list_keeps_its_names_but_personal_ones(run: Callable[..., str], tmp_path: Path) -> None:
    rows = [{"id": 1, "address": "东街1号", "k": {"a": [1]}, "phone": "139"}, "no object", {"n": 0.5}]
    (tmp_path / "list.json").write_text(json.dumps(rows), "utf-8")
    assert main(["locate", "--batch", "list.json", "--out", "f.xlsx", "--lang", "en"]) == 1
    head, *cells = openpyxl.load_workbook(tmp_path / "f.xlsx").active.iter_rows(values_only=True)
    assert head[:6] == ("id", "address", "k", "n", "Grid", "Chain")
    assert cells[0][:6] == (1, "东街1号", '{"a":[1]}', None, GRID, CHAIN)
    assert cells[1][:4] == (None, None, None, None)
    assert [row[6] for row in cells] == ["matched", "error", "error"]


def test_old_codes_are_answered_with_those_of_today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OLD was renamed, SPLIT cut into two, of which the east has three quarters."""
    monkeypatch.chdir(tmp_path)

    def grids(**boxes: shapely.Geometry) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame({"code": list(boxes), "level": [1] * len(boxes)}, geometry=[*boxes.values()], crs=CRS)

    day = [date(2026, 1, 1)]
    with open_store(tmp_path / "workspace.gpkg", today=lambda: day[0]) as store:
        first = grids(OLD=shapely.box(103, 37, 103.1, 37.1), SPLIT=shapely.box(104, 37, 104.4, 37.1))
        store.write("grids", first, "upsert", actor="test")
        day[0] = date(2026, 2, 1)
        west, east = shapely.box(104, 37, 104.1, 37.1), shapely.box(104.1, 37, 104.4, 37.1)
        store.write("grids", grids(NEW=first.geometry[0], WEST=west, EAST=east), "replace", actor="test")
    (tmp_path / "list.csv").write_text("旧网格编码\nOLD\nSPLIT\nNEW\nNONE\n", "utf-8")
    assert main(["locate", "--batch", "list.csv", "--out", "f.csv", "--keep-columns"]) == 1
    rows = list(csv.DictReader(io.StringIO((tmp_path / "f.csv").read_text("utf-8-sig"))))
    assert [(row["旧网格编码"], row["today"], row["status"]) for row in rows] == [
        ("OLD", "NEW", "matched"), ("SPLIT", "EAST;WEST", "ambiguous"), ("NEW", "NEW", "matched"),
        ("NONE", "", "error"),
    ]  # fmt: skip


def test_a_new_code_beside_an_old_one_is_held_against_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OLD was split into W, where 东街1号 is, and E: the old code agrees with each address, the new one need not."""
    monkeypatch.chdir(tmp_path)
    whole = shapely.box(103, 37, 103.2, 37.1)
    west, east = shapely.box(103, 37, 103.1, 37.1), shapely.box(103.1, 37, 103.2, 37.1)
    day = [date(2026, 1, 1)]
    with open_store(tmp_path / "workspace.gpkg", today=lambda: day[0]) as store:
        old = gpd.GeoDataFrame({"code": ["OLD01"], "level": 1}, geometry=[whole], crs=CRS)
        store.write("grids", old, "upsert", actor="test")
        address = {"id": ["a1"], "text": ["东街1号"]}
        point = [shapely.Point(103.05, 37.05)]
        store.write("addresses", gpd.GeoDataFrame(address, geometry=point, crs=CRS), "append", actor="test")
        day[0] = date(2026, 2, 1)
        both = gpd.GeoDataFrame({"code": ["WEST1", "EAST1"], "level": 1}, geometry=[west, east], crs=CRS)
        store.write("grids", both, "replace", actor="test")
    cases = [("WEST1", "matched"), ("EAST1", "partial"), ("NONE1", "partial"), ("", "matched")]
    for headings in (
        "旧网格编码,新网格编码",
        "原网格编码,现网格编码",
        "旧网格编码,网格编码",
        "old grid code,new grid id",
    ):
        text = "".join(f"东街1号,OLD01,{new}\n" for new, _ in cases)
        (tmp_path / "list.csv").write_text(f"地址,{headings}\n{text}", "utf-8")
        main(["locate", "--batch", "list.csv", "--out", "f.json"])
        rows = json.loads((tmp_path / "f.json").read_text("utf-8"))
        second = headings.partition(",")[2]
        assert [row["status"] for row in rows] == [status for _, status in cases], headings
        assert [f"“{second}”一列" in str(row["error"]) for row in rows] == [False, True, True, False], headings


def test_columns_are_kept_of_batches_only(run: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["locate", "东街1号", "--keep-columns"]) == 2
    assert "--keep-columns" in capsys.readouterr().err


@pytest.mark.parametrize(("count", "zh", "en"), [(2, "有 2 个", "2 grids"), (10, "有至少 10 个", "at least 10 grids")])
def test_how_many_grids_are_possible_is_told(count: int, zh: str, en: str) -> None:
    """No more than ten candidates are looked for, so of ten there may be more."""
    grids = [{"code": f"g{n}", "name": f"网格{n}", "kind": "grid", "level": 2} for n in range(count)]
    found = [Candidate(one, (), "grid", 0.5, "match", None, None) for one in grids]
    row = LocatedRow("1", Match("ambiguous", "东街", None, None, found, revision=1, at="2026-01-02"), None)
    assert people_record(row, "zh")["reason"] == f"{zh}可能的网格"
    assert people_record(row, "en")["reason"] == f"{en} are possible"
    assert people_record(row, "zh")["candidates"].startswith("g0 网格0; g1 网格1")


def test_one_address_is_answered_with_where_how_sure_and_what_is_doubtful(
    run: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["locate", "东街1号对面"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["只能部分确定", "  位置 103.050000, 37.050000（WGS-84）"]
    assert lines[2].startswith(f"  {GRID}  {CHAIN}  [")
    assert "把握 " in lines[2]
    assert "精度 70 m" in lines[2], "20 m, and 50 m across the street"
    assert lines[3] == "    存疑：所说的是这个地址旁近的地方（对面）（nearby）"
    assert main(["locate", "火星路1号"]) == 0
    assert capsys.readouterr().out == "没有找到：没有认出行政区划、道路或网格的名称，库里也没有相近的地址\n"


def test_a_blank_row_between_others_is_answered_in_its_place(run: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("编号,地址\n1,东街1号\n\n3,东街1号\n4,东街1号\n\n", "utf-8")
    rows = list(csv.reader(io.StringIO(run("--lang", "fields"))))[1:]
    assert [row[:2] for row in rows] == [["1", "matched"], ["", "error"], ["3", "matched"], ["4", "matched"]]
    book = openpyxl.Workbook()
    for place, cells in {1: ("编号", "地址"), 2: (1, "东街1号"), 4: (3, "东街1号"), 9_000: (4, "东街1号")}.items():
        for column, cell in enumerate(cells, 1):
            book.active.cell(place, column, cell)
    book.save(tmp_path / "list.xlsx")
    assert main(["locate", "--batch", "list.xlsx", "--out", "f.json"]) == 1
    answers = json.loads((tmp_path / "f.json").read_text("utf-8"))
    assert [one["id"] for one in answers] == ["1", "", "3", "4"], "a cell far below is no list of blank rows"
    (tmp_path / "list.csv").write_bytes("编号,地址\r\r\n1,东街1号\r\r\n2,东街1号\r\r\n".encode())
    assert run("--out", "f.csv", code=0).endswith("2 行 -> f.csv（有唯一归属 2）\n"), (
        "lines that are spaced are no blank rows"
    )


def test_a_workbook_of_an_office_is_read_as_it_is_kept(run: Callable[..., str], tmp_path: Path) -> None:
    """A title, headings of two rows merged and with blanks, a blank row, a total, and a sheet of notes before."""
    book = openpyxl.Workbook()
    book.active.append(["说明"])
    sheet = book.create_sheet("名单")
    for row in (
        ["某县地址名单"], ["编 号", "地址信息", None, "坐标", None, " 备 注 "],
        [None, "乡镇", "详细地址", "经 度", "纬 度", None], [1, "杏沟镇", "东街1号", None, None, "甲"], [None],
        [2, None, None, 103.05, 37.05, None], [3, "别的镇", "东街1号"], ["合计", None, None, None, None, 2],
    ):  # fmt: skip
        sheet.append(row)
    for cells in ("A1:F1", "A2:A3", "B2:C2", "D2:E2", "F2:F3"):
        sheet.merge_cells(cells)
    book.save(tmp_path / "list.xlsx")
    assert main(["locate", "--batch", "list.xlsx", "--crs", "wgs84", "--out", "f.xlsx"]) == 1
    head, *cells = openpyxl.load_workbook(tmp_path / "f.xlsx").active.iter_rows(values_only=True)
    assert head[:6] == ("编 号", "地址信息/乡镇", "地址信息/详细地址", "坐标/经 度", "坐标/纬 度", "备 注")
    place = head.index("结果")
    assert [(row[0], row[place]) for row in cells] == [
        (1, "有唯一归属"), (None, "有错误"), (2, "有唯一归属"), (3, "只能部分确定"), ("合计", "有错误"),
    ]  # fmt: skip
    assert cells[0][1:3] == ("杏沟镇", "东街1号"), "as it came"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_json_list_is_read_in_any_encoding(run: Callable[..., str], tmp_path: Path, encoding: str) -> None:
    (tmp_path / "list.json").write_bytes('[{"id": 1, "address": "东街1号"}]'.encode(encoding))
    assert main(["locate", "--batch", "list.json", "--out", "f.json"]) == 0
    (answer,) = json.loads((tmp_path / "f.json").read_text("utf-8"))
    assert (answer["status"], answer["grid"]) == ("matched", GRID)


def test_a_json_list_that_is_none_is_named(
    run: Callable[..., str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for text, why in (("[1,", "有效的 JSON"), ("{}", "JSON 须是数组")):
        (tmp_path / "list.json").write_text(text, "utf-8")
        assert main(["locate", "--batch", "list.json"]) == 2
        said = capsys.readouterr().err
        assert said.startswith("错误：无法读取 list.json：")
        assert why in said


def test_two_villages_of_one_name_are_not_one_village() -> None:
    """Of one township both, it is told; the village is not."""
    town = {"level": "township", "code": "t", "name": "甲镇"}
    for codes, village in ((("v1", "v2"), None), (("v1", "v1"), "新胜村")):
        chains = [(town, {"level": "village", "code": code, "name": "新胜村"}) for code in codes]
        found = [Candidate(None, chain, "village", 0.5, "match", None, None) for chain in chains]
        row = LocatedRow("1", Match("ambiguous", "新胜村", None, None, found, revision=1, at="2026-01-02"), None)
        record = people_record(row, "zh")
        assert (record["village"], record["township"]) == (village, "甲镇")


def test_codes_of_today_are_told_to_people_also_without_the_columns_of_the_list(
    run: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "list.csv").write_text(f"编号,旧网格编码\n1,{GRID}\n2,\n", "utf-8")
    head, first, second = csv.reader(io.StringIO(run("--lang", "zh")))
    assert head == [ZH[0], "今网格编码", *ZH[1:]]
    assert (first[:4], second[1]) == (["1", GRID, "有唯一归属", GRID], "")
    assert next(csv.reader(io.StringIO(run("--lang", "en"))))[1] == "Grid code today"
    (tmp_path / "list.json").write_text(f'[{{"新网格编码": "{GRID}"}}]', "utf-8")
    for words, place in ((("--no-keep-columns",), 1), ((), 1)):
        assert main(["locate", "--batch", "list.json", "--out", "f.xlsx", *words]) == 0
        head, cells = openpyxl.load_workbook(tmp_path / "f.xlsx").active.iter_rows(values_only=True)
        assert (head[place], cells[place]) == ("今网格编码", GRID)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--out", "folder.csv"], "folder.csv 是文件夹"),
        (["--out", "f.txt"], "f.txt 的后缀应是 .csv .xlsx .json 之一"),
        (["--out", "f"], "f 的后缀应是 .csv .xlsx .json 之一"),
        (["--out", "none/f.csv"], "没有文件夹 none"),
        (["--accuracy", "-5"], "--accuracy 须在 0 到 100,000 米之间"),
        (["--accuracy", "nan"], "--accuracy 须在 0 到 100,000 米之间"),
        (["--accuracy", "1e9"], "--accuracy 须在 0 到 100,000 米之间"),
        (["--at", "9999-12-31"], "日期 9999-12-31 表示没有止日，请写更早的一天"),
    ],
)
def test_what_cannot_be_done_is_said_in_its_own_words(
    run: Callable[..., str], tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    assert main(["locate", "--batch", "list.csv", *words]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert ".folder" not in told, "no name of a temporary file"
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == ["folder.csv", "list.csv"]
    if words[0] != "--out":
        assert main(["locate", "东街1号", *words]) == main(["locate", "--lon", "1", "--lat", "2", *words]) == 2


def test_a_list_of_headings_only_has_no_counts(run: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("编号,地址\n", "utf-8")
    assert run("--out", "f.csv") == "0 行 -> f.csv\n"
