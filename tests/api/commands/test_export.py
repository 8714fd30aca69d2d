"""Templates are filled in and imported whole; layers and results are written as files in every form."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
import shapely
from openpyxl.worksheet.worksheet import Worksheet

from api.cli import main
from api.representations.templates import allowed_words, template_fields
from geo.catalog.examples import EXAMPLE_KEYS
from geo.catalog.fields import Field
from geo.catalog.headings import heading
from geo.catalog.layers import LAYERS
from geo.readers.columns.column_mapping import is_personal
from geo.readers.reading import read_layer
from geo.storage.geopackage.store import open_store

SQUARE = "POLYGON ((103 37, 103.01 37, 103.01 37.01, 103 37.01, 103 37))"
#: What is filled in: heading in Chinese -> cells of two rows; then what is stored.
FILLED = {
    "其他编号": ["A-1;A-2", None],
    "编号": ["62062210200000000001", "c2"],
    "点位": ["p1", "p2"],
    "名称": ["东门", "西门"],
    "类别": ["一类点", "三类点"],
    "类型": ["球机（云台）", "全景"],
    "方位角（度）": [12.5, "东南"],
    "水平视场角（度）": [60, 360],
    "垂直视场角（度）": [34.5, 90],
    "俯角（度）": [15, -5],
    "横滚角（度）": [0, 1],
    "投影": ["rectilinear", "equidistant"],
    "安装高度（米）": [6.5, 4],
    "图像宽度（像素）": [2560, 3840],
    "图像高度（像素）": [1440, 1080],
    "最大距离（米）": [80, 40],
    "状态": ["在线", "未知"],
    "权属单位": ["公安局", "镇政府"],
    "场所类型": ["室外", "室内"],
    "联网": ["已联网", "未联网"],
    "状态日期": ["2026-11-01", None],
    "应联网": ["是", "否"],
    "来源": ["普查", "补录"],
    "经度（度）": [103.1, 103.2],
    "纬度（度）": [37.1, 37.2],
    "坐标系": ["WGS-84", None],
    "生效日期": ["2026-01-31", "2026-02-01"],
    "失效日期": ["2027-01-31", None],
}
STORED = {
    "id": ["62062210200000000001", "c2"], "site": ["p1", "p2"], "name": ["东门", "西门"], "class": [1, 3],
    "kind": ["ptz", "panoramic"], "azimuth": [12.5, 135.0], "hfov": [60.0, 360.0], "vfov": [34.5, 90.0],
    "tilt": [15.0, -5.0], "roll": [0.0, 1.0], "projection": ["rectilinear", "equidistant"], "height": [6.5, 4.0],
    "width_px": [2560, 3840], "height_px": [1440, 1080], "max_range": [80.0, 40.0], "status": ["online", "unknown"],
    "owner": ["公安局", "镇政府"], "place_type": ["outdoor", "indoor"],
    "networked": ["yes", "no"], "required": ["yes", "no"], "source": ["普查", "补录"],
    "valid_from": ["2026-01-31", "2026-02-01"],
}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict]:
    monkeypatch.chdir(tmp_path)

    def call(*words: str, code: int = 0) -> dict:
        assert main([*words, "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return call


def fill(sheet: Worksheet, columns: dict[str, list], first: int) -> None:
    head = [cell.value for cell in sheet[1]]
    for title, cells in columns.items():
        for row, cell in enumerate(cells, first):
            sheet.cell(row, head.index(title) + 1).value = cell


@pytest.mark.parametrize("first", [2, 3], ids=["example overwritten", "example left"])
def test_a_filled_template_imports_whole(first: int, run: Callable[..., dict], tmp_path: Path) -> None:
    run("template", "cameras", "--out", "t.xlsx", "--lang", "zh")
    book = openpyxl.load_workbook("t.xlsx")
    assert set(FILLED) == {cell.value for cell in book.worksheets[0][1]}
    fill(book.worksheets[0], FILLED, first)
    book.save("filled.xlsx")
    report = run("import", "filled.xlsx", "--layer", "cameras", "--crs", "wgs84")
    assert (report["read"], report["imported"], report["rejected"]) == (2, 2, 0)
    assert report["findings"] == []
    assert report["unused_columns"] == []
    assert report["dropped_columns"] == []
    assert any("示例行" in sentence for sentence in report["assumed"]) == (first == 3)
    with open_store(tmp_path / "workspace.gpkg") as store:
        frame = store.read("cameras")
    assert frame["id"].tolist() == STORED["id"]
    assert {name: frame[name].tolist() for name in STORED} == STORED
    assert shapely.get_coordinates(frame.geometry).tolist() == [[103.1, 37.1], [103.2, 37.2]]


def test_a_template_filled_in_english_and_a_layer_of_shapes(run: Callable[..., dict]) -> None:
    run("template", "grids", "--out", "t.xlsx", "--lang", "en")
    book = openpyxl.load_workbook("t.xlsx")
    cells = {"Code": ["g1"], "Kind": ["Dedicated"], "Level": ["Micro-grid"], "Households": [12],
             "Geometry (WKT)": [SQUARE]}  # fmt: skip
    fill(book.worksheets[0], cells, 3)
    book.save("filled.xlsx")
    frame = read_layer("filled.xlsx", "grids", crs="wgs84").frame
    assert frame.loc[0, ["code", "kind", "level", "households"]].tolist() == ["g1", "dedicated", 2, 12]
    assert shapely.equals(frame.geometry[0], shapely.from_wkt(SQUARE))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("layer", list(LAYERS))
def test_every_template_is_read_in_full_and_its_example_is_no_data(
    layer: str, lang: str, run: Callable[..., dict]
) -> None:
    told = run("template", layer, "--out", "t.xlsx", "--lang", lang)
    empty = read_layer("t.xlsx", layer, crs="wgs84")
    assert (len(empty.frame), empty.read, empty.rejects, empty.findings) == (0, 0, [], [])
    assert not empty.unused_columns
    assert set(LAYERS[layer].names) <= set(empty.mapping)
    book = openpyxl.load_workbook("t.xlsx")
    data, notes = book.worksheets
    titles = [cell.value for cell in data[1]]
    assert len(titles) == told["columns"]
    assert not any(map(is_personal, titles))
    assert {row[1].value for row in notes.iter_rows(min_row=2) if row[1].value} >= set(LAYERS[layer].names)
    assert all(row[5].value for row in notes.iter_rows(min_row=2)), "every field is told of"
    # A key of its own makes the example a row like any other: all it says is understood.
    data.cell(2, 1).value = "k1"
    book.save("own.xlsx")
    own = read_layer("own.xlsx", layer, crs="wgs84")
    assert len(own.frame) == 1
    assert not own.findings


def test_a_list_of_divisions_without_shapes_fills_the_template_and_needs_no_crs(run: Callable[..., dict]) -> None:
    run("template", "divisions", "--out", "t.xlsx", "--lang", "zh")
    book = openpyxl.load_workbook("t.xlsx")
    sheet, notes = book.worksheets
    head = [cell.value for cell in sheet[1]]
    required = {row[1]: row[3] for row in notes.iter_rows(values_only=True)}
    assert (required["code"], required["name"], required["wkt"]) == ("是", "是", "")
    told = "\n".join(str(row[5]) for row in notes.iter_rows(values_only=True))
    assert "没有边界的也可以" in told
    assert "--layer divisions\n" in told, "no --crs where there is no shape"
    for row, (code, name) in enumerate((("990101000000", "甲县"), ("990101100000", "乙镇")), 2):
        for place in range(1, len(head) + 1):
            sheet.cell(row, place).value = None
        sheet.cell(row, head.index("代码") + 1, code)
        sheet.cell(row, head.index("名称") + 1, name)
    book.save("t.xlsx")
    report = run("import", "t.xlsx", "--layer", "divisions")
    assert (report["read"], report["imported"], report["rejected"]) == (2, 2, 0)


def test_a_template_has_no_store_and_takes_none(run: Callable[..., dict], tmp_path, capsys, monkeypatch) -> None:
    for option in (["--workspace", "other.gpkg"], ["--database", "postgresql://me@nowhere/d"]):
        assert main(["template", "grids", "--out", "t.xlsx", *option]) == 2
        assert option[0] in capsys.readouterr().err
    assert not (tmp_path / "t.xlsx").exists()
    monkeypatch.setenv("GRIDSIGHT_WORKSPACE", str(tmp_path / "none" / "workspace.gpkg"))
    assert "store" not in run("template", "grids", "--out", "t.xlsx")
    assert [one.name for one in tmp_path.iterdir()] == ["t.xlsx"]


def test_a_template_is_never_written_over_one_that_is_there(run: Callable[..., dict], tmp_path, capsys) -> None:
    run("template", "cameras", "--out", "t.xlsx")
    book = openpyxl.load_workbook("t.xlsx")
    fill(book.worksheets[0], FILLED, 3)
    book.save("t.xlsx")
    filled = (tmp_path / "t.xlsx").read_bytes()
    assert main(["template", "grids", "--out", "t.xlsx"]) == 2
    assert "t.xlsx 已经有了" in capsys.readouterr().err
    assert (tmp_path / "t.xlsx").read_bytes() == filled


@pytest.mark.parametrize("option", ["--rejects", "--findings"])
@pytest.mark.parametrize("head", ["id,lon,lat", "source,row,field,reason,value,处理情况"], ids=["register", "edited"])
def test_a_list_of_an_import_is_written_over_another_list_only(
    option: str, head: str, run: Callable[..., dict], tmp_path, capsys
) -> None:
    (tmp_path / "c.csv").write_text("id,lon,lat\nc1,103,37\n", "utf-8")
    theirs = tmp_path / "work.csv"
    theirs.write_text(f"{head}\n", "utf-8")
    words = ["import", "c.csv", "--layer", "cameras", "--crs", "wgs84", option, "work.csv"]
    assert main(words) == 2
    assert "work.csv 不是导入的清单" in capsys.readouterr().err
    assert theirs.read_text("utf-8") == f"{head}\n"
    assert not (tmp_path / "workspace.gpkg").exists()
    theirs.write_text("source,row,field,reason,value\nc.csv,1,id,old,\n", "utf-8-sig")
    run(*words[:-2], option, "work.csv")
    assert not theirs.exists(), "an earlier list that is true no longer is removed"


@pytest.mark.parametrize(("lang", "form"), [("zh", "csv"), ("en", "xlsx")])
@pytest.mark.parametrize("layer", list(LAYERS))
def test_one_cell_edited_in_a_download_is_one_update(
    layer: str, lang: str, form: str, run: Callable[..., dict], tmp_path: Path
) -> None:
    """A template is filled in as in WPS, imported, exported, one cell edited, imported again."""
    run("template", layer, "--out", "t.xlsx")
    book = openpyxl.load_workbook("t.xlsx")
    for row in (3, 4, 5):
        for place, field in enumerate(template_fields(LAYERS[layer]), 1):
            book.worksheets[0].cell(row, place).value = typed(layer, field, row - 3)
    book.save("filled.xlsx")
    report = run("import", "filled.xlsx", "--layer", layer, "--crs", "wgs84")
    assert (report["imported"], report["findings"], report["unused_columns"]) == (3, [], [])
    run("export", layer, "--out", f"d.{form}", "--lang", lang)
    again = ("import", f"d.{form}", "--layer", layer, "--crs", "wgs84")
    report = run(*again)
    assert (report["updated"], report["unchanged"], report["findings"]) == (3, 3, [])
    edited = next(one for one in ("name", "building", "height", "share") if one in LAYERS[layer].names)
    value = {"height": 21, "share": 0.5}.get(edited, "改名")
    edit(tmp_path / f"d.{form}", heading(LAYERS[layer].field(edited), lang), value)
    report = run(*again, "--dry-run")
    assert report["changes"]["updated"]["fields"] == {edited: 1}
    assert [report["changes"][name]["count"] for name in ("added", "updated", "removed")] == [0, 1, 0]
    report = run(*again)
    assert (report["imported"], report["unchanged"], report["findings"]) == (0, 2, [])


def typed(layer: str, field: Field, row: int) -> object:
    """Return what a planner types into a cell: words of the drop-down, dates as texts, full width."""
    codes = {"divisions": ["620622", "620622102", "620622102201"], "grids": ["g1", "g2", "g3"]}
    known = {
        LAYERS[layer].key: codes.get(layer, ["K1", "K2", "K3"]),
        "lon": [103.1, "103.2", "１０３．３"], "lat": [37, "37.1", "３７．２"],
        "wkt": ["LINESTRING (103 37, 103.01 37.01)" if layer == "roads" else SQUARE.replace(" 37", f" 3{row + 5}")] * 3,
        "crs": ["WGS-84", "wgs84", None], "valid_from": ["2026-01-31", "2026年2月1日", "２０２６/3/5"],
        "valid_to": ["2027.1.31", None, "2027/3/5"], "place_type": ["室外", "室内 ", "派出所（室内）"],
        "azimuth": [90, "东南", "１３５"], "text": ["东街1号", "东街２号", "东街 3 号"], "village": [None] * 3,
        "parent": [None, *codes["divisions"][:2]] if layer == "divisions" else [None] * 3,
        "class": {"roads": ["国道", "县道、次干路（secondary）", None], "cameras": ["一类点", "二类", "３"]}.get(
            layer, ["一类", "2", "３"]
        ),
        "status_on": ["2026-01-31", "2026年2月1日", None],
    }  # fmt: skip
    if field.name in known:
        return known[field.name][row]
    if words := allowed_words(field, "zh"):
        return [words[0], f" {words[-1]} ", words[0].translate({ord("（"): "(", ord("）"): ")"})][row]
    return [f"甲{row}", f"乙 {row}", None][row] if field.kind == "text" else [12, "15", "１８"][row]


def edit(path: Path, title: str, value: object) -> None:
    """Edit the cell of the second row, and save the table as a spreadsheet does."""
    if path.suffix == ".csv":
        rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
        rows[2][rows[0].index(title)] = str(value)
        with path.open("w", encoding="gb18030", newline="") as file:
            csv.writer(file).writerows(rows)
        return
    book = openpyxl.load_workbook(path)
    fill(book.active, {title: [value]}, 3)
    book.save(path)


@pytest.mark.parametrize("lines", [["id,lon,lat"], ["id,lon,lat", "", ",,"]], ids=["headings", "blank rows"])
def test_a_register_without_rows_is_said_and_empties_nothing(
    lines: list[str], run: Callable[..., dict], tmp_path: Path, capsys
) -> None:
    (tmp_path / "c.csv").write_text("id,lon,lat\nc1,103,37\n", "utf-8")
    run("import", "c.csv", "--layer", "cameras", "--crs", "wgs84")
    (tmp_path / "empty.csv").write_text("\n".join(lines) + "\n", "utf-8")
    words = ["import", "empty.csv", "--layer", "cameras", "--crs", "wgs84"]
    for more in ([], ["--mode", "append"], ["--dry-run"]):
        report = run(*words, *more, code=1)
        assert (report["read"], report["removed"]) == (0, 0)
        assert report["findings"][0]["value"] == "empty.csv"
        assert "没有读到一行" in report["findings"][0]["reason"]
    assert main(words) == 1
    assert "要看的：「empty.csv」：没有读到一行" in capsys.readouterr().out
    assert "没有读到一行" in (tmp_path / "empty.cameras.findings.csv").read_text("utf-8-sig")
    run(*words, "--mode", "replace", code=2)
    with open_store(tmp_path / "workspace.gpkg") as store:
        assert store.count("cameras") == 1
    if len(lines) == 1:  # a row without address and coordinates is answered as such
        assert run("locate", "--batch", "empty.csv", code=1)["findings"][0]["value"] == "empty.csv"
    assert run("reconcile", "empty.csv", "--crs", "wgs84", "--out", "pairs.csv", code=1)["read"] == 0


def test_what_only_runs_have_is_exported_of_the_newest_run(run: Callable[..., dict], tmp_path: Path, capsys) -> None:
    camera = gpd.GeoDataFrame({"id": ["c1"], "azimuth": [90.0]}, geometry=[shapely.Point(103, 37)], crs="EPSG:4326")
    with open_store(tmp_path / "workspace.gpkg") as store:
        store.write("cameras", camera, "append", actor="test")
    assert main(["export", "gaps", "--out", "g.csv"]) == 2
    assert "还没有已发布的批次" in capsys.readouterr().err
    made = run("analyze")["run"]
    assert run("export", "gaps", "--out", "g.csv")["run"] == made
    run("export", "views", "--out", "v.csv", "--zone", "all", code=2)
    assert run("export", "views", "--out", "v.csv")["run"] == made
    assert run("export", "cameras", "--out", "c.csv")["run"] is None
    assert main(["export", "gap", "--out", "g.csv"]) == 2
    assert "gaps" in capsys.readouterr().err, "what there is, is named"


def test_an_example_that_was_changed_but_for_its_key_is_rejected(run: Callable[..., dict]) -> None:
    run("template", "cameras", "--out", "t.xlsx")
    book = openpyxl.load_workbook("t.xlsx")
    fill(book.worksheets[0], {"名称": ["东门"], "经度（度）": [103.1]}, 2)
    book.save("filled.xlsx")
    (fault,) = read_layer("filled.xlsx", "cameras", crs="wgs84").rejects
    assert fault.field == "id"
    assert "示例" in fault.reason
    assert fault.value == EXAMPLE_KEYS[0]


def test_drop_downs_offer_the_words_that_are_read(run: Callable[..., dict]) -> None:
    run("template", "cameras", "--out", "t.xlsx")
    sheet = openpyxl.load_workbook("t.xlsx").worksheets[0]
    head = [cell.value for cell in sheet[1]]
    lists = {str(one.sqref): one.formula1 for one in sheet.data_validations.dataValidation if one.type == "list"}
    kind = sheet.cell(2, head.index("类型") + 1).column_letter
    assert lists[f"{kind}2:{kind}5001"] == '"枪机,球机（云台）,全景"'
    status = sheet.cell(2, head.index("状态") + 1).column_letter
    assert lists[f"{status}2:{status}5001"] == '"在线,离线,规划,未知,已拆除"'
    assert sheet.freeze_panes == "A2"


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".geojson", ".gpkg", ".kml", ".zip"])
def test_a_layer_is_written_in_every_form(suffix: str, run: Callable[..., dict], tmp_path: Path) -> None:
    with open_store(tmp_path / "workspace.gpkg", create=True) as store:
        square = gpd.GeoDataFrame(
            {"code": ["g1"], "name": ["一 & <二>"]}, geometry=[shapely.from_wkt(SQUARE)], crs=4326
        )
        store.write("grids", square, "append", actor="test")
    told = run("export", "grids", "--out", f"网格{suffix}", "--lang", "zh")
    assert (told["rows"], told["run"]) == (1, None)
    path = tmp_path / f"网格{suffix}"
    if suffix == ".kml":
        back = pyogrio.read_dataframe(path)
        assert back["code"].tolist() == ["g1"]
        assert back["Name"].tolist() == ["一 & <二>"], "the name of the placemark"
        assert shapely.equals(back.geometry[0], square.geometry[0])
        return
    back = read_layer(path, "grids", crs="wgs84" if suffix in (".csv", ".xlsx") else None)
    assert back.frame["name"].tolist() == ["一 & <二>"]
    assert shapely.equals(back.frame.geometry[0], square.geometry[0])


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_shapefile_names_its_encoding_and_comes_back(encoding: str, run: Callable[..., dict], tmp_path: Path) -> None:
    with open_store(tmp_path / "workspace.gpkg", create=True) as store:
        shapes = [shapely.Point(103, 37), shapely.from_wkt(SQUARE)]
        mixed = gpd.GeoDataFrame({"code": ["v1", "v2"], "name": ["土门", "黄羊"]}, geometry=shapes, crs=4326)
        store.write("villages", mixed, "append", actor="test")
    run("export", "villages", "--out", "v.zip", "--encoding", encoding)
    with zipfile.ZipFile(tmp_path / "v.zip") as archive:
        assert archive.read("villages_point.cpg").decode().casefold() in (
            encoding,
            "utf-8" if encoding == "utf-8" else "936",
        )
        assert "土门".encode(encoding) in archive.read("villages_point.dbf")
        archive.extractall(tmp_path / "parts")
    names = [read_layer(tmp_path / "parts" / f"villages_{kind}.shp", "villages").frame["name"][0]
             for kind in ("point", "polygon")]  # fmt: skip
    assert names == ["土门", "黄羊"]


def test_what_a_shapefile_cannot_hold_is_refused(run: Callable[..., dict], tmp_path: Path, capsys) -> None:
    with open_store(tmp_path / "workspace.gpkg", create=True) as store:
        long = gpd.GeoDataFrame({"id": ["a"], "text": ["古" * 90]}, geometry=[shapely.Point(103, 37)], crs=4326)
        store.write("addresses", long, "append", actor="test")
    assert main(["export", "addresses", "--out", "a.zip"]) == 2
    assert "254" in capsys.readouterr().err
    assert not (tmp_path / "a.zip").exists()


def test_an_unknown_suffix_or_layer_is_one_sentence(run: Callable[..., dict], tmp_path: Path, capsys) -> None:
    with open_store(tmp_path / "workspace.gpkg", create=True):
        pass
    for words in (["export", "grids", "--out", "g.doc"], ["export", "nothing", "--out", "g.csv"],
                  ["template", "grids", "--out", "g.csv"]):  # fmt: skip
        assert main(words) == 2
        assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["export", "grids", "--out", "workspace.gpkg"],
        ["export", "grids", "--out", "./workspace.gpkg", "--lang", "fields"],
        ["map", "--out", "workspace.gpkg"],
        ["print", "--out", "workspace.gpkg"],
        ["import", "g.csv", "--layer", "grids", "--crs", "wgs84", "--rejects", "workspace.gpkg"],
        ["import", "g.csv", "--layer", "grids", "--crs", "wgs84", "--findings", "workspace.gpkg"],
    ],
)
def test_no_result_is_written_over_the_workspace(words: list[str], run: Callable[..., dict], tmp_path, capsys) -> None:
    (tmp_path / "g.csv").write_text(f'代码,户数,几何\ng1,x,"{SQUARE}"\ng2,1,\n', "utf-8")
    with open_store(tmp_path / "workspace.gpkg", create=True):
        pass
    before = (tmp_path / "workspace.gpkg").read_bytes()
    assert main(words) == 2
    assert "workspace.gpkg" in capsys.readouterr().err
    assert (tmp_path / "workspace.gpkg").read_bytes() == before


def test_a_template_names_the_coordinate_system_of_each_row(run: Callable[..., dict], tmp_path, capsys) -> None:
    run("template", "villages", "--out", "t.xlsx", "--lang", "zh")
    book = openpyxl.load_workbook("t.xlsx")
    cells = {"代码": ["v1", "v2"], "名称": ["甲", "乙"], "经度（度）": [103.1, 103.1], "纬度（度）": [37.1, 37.1]}
    fill(book.worksheets[0], {**cells, "坐标系": ["WGS-84", "GCJ-02（高德、腾讯）"]}, 3)
    book.save("filled.xlsx")
    frame = read_layer("filled.xlsx", "villages").frame
    shift = shapely.distance(frame.geometry[1], shapely.Point(103.1, 37.1))
    assert frame.geometry[0] == shapely.Point(103.1, 37.1)
    assert 0.001 < shift < 0.01, "GCJ-02 is some 500 m away"
    fill(book.worksheets[0], {"坐标系": [None, None]}, 3)
    book.save("none.xlsx")
    # Without a word in the whole column, and without --crs, the user is asked: no row is lost.
    assert main(["import", "none.xlsx", "--layer", "villages"]) == 2
    assert "--crs" in capsys.readouterr().err
    assert len(read_layer("none.xlsx", "villages", crs="wgs84").frame) == 2


@pytest.mark.parametrize("words", [["template", "cameras"], ["export", "cameras", "--workspace", "w.gpkg"]])
def test_a_folder_that_is_missing_is_named_not_a_temporary_file(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.csv").write_text("id,lon,lat\nk,102,37\n", encoding="utf-8")
    assert main(["import", "c.csv", "--layer", "cameras", "--crs", "wgs84", "--workspace", "w.gpkg"]) == 0
    assert main([*words, "--out", "none/f.xlsx"]) == 2
    told = capsys.readouterr().err
    assert "none" in told
    assert "f-" not in told


def test_a_list_of_schools_is_typed_in_and_claims_have_no_coordinates(
    run: Callable[..., dict], tmp_path, capsys
) -> None:
    run("template", "places", "--out", "t.xlsx")
    book = openpyxl.load_workbook("t.xlsx")
    cells = {"代码": ["s1", "s2"], "名称": ["一小", "二小"], "经度（度）": [103.1, None], "纬度（度）": [37.1, None],
             "几何（WKT）": [None, SQUARE]}  # fmt: skip
    fill(book.worksheets[0], cells, 3)
    book.save("filled.xlsx")
    frame = read_layer("filled.xlsx", "places", crs="wgs84").frame
    assert frame.geometry.geom_type.tolist() == ["Point", "Polygon"]
    run("template", "claims", "--out", "c.xlsx")
    notes = [str(row[5].value) for row in openpyxl.load_workbook("c.xlsx").worksheets[1].iter_rows(min_row=2)]
    assert not any("坐标系" in line for line in notes)
    assert any(line.endswith("--layer claims") for line in notes)
    book = openpyxl.load_workbook("c.xlsx")
    fill(book.worksheets[0], {"声明": ["学校全覆盖"], "占比": [0.6]}, 3)
    book.save("claims.xlsx")
    workspace = ["--workspace", str(tmp_path / "workspace.gpkg")]
    assert main(["import", "claims.xlsx", "--layer", "claims", *workspace]) == 0
    assert "EPSG" not in capsys.readouterr().out
    assert main(["export", "claims", "--out", "c.csv", *workspace]) == 0
    told = capsys.readouterr().out
    assert "坐标" not in told
    assert "这是图层 claims 本身，不是结论" in told
