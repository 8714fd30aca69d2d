"""Import lists of divisions without shapes in the forms that people have, and use them beside what has shapes."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from api.representations.downloads import encode_frame
from geo.errors import Conflict, UnknownCrs
from geo.readers.rows.without_shapes import WITHOUT_SHAPE
from geo.storage.geopackage.store import GeoPackageStore, open_store
from geo.studies import known_codes
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.check_layers import check
from geo.studies.import_files import import_file
from geo.studies.locate_positions import locate_address
from tests.conftest import ROOT

SHARED = ROOT.parent / "shared/data/divisions"

#: As the statistics office prints it: codes of 12 digits, the class of towns and villages for villages only.
PRINTED = [
    ("统计用区划代码", "名称", "城乡分类代码"),
    ("990000000000", "甲省", ""),
    ("990100000000", "乙市", ""),
    ("990101000000", "丙县", ""),
    ("990101100000", "丁镇", ""),
    ("990101100001", "戊社区居委会", "121"),
    ("990101100201", "己村村委会", "220"),
]
#: With levels as numbers.
NUMBERED = "\n".join(
    [
        "code,name,level,parent_code,urban_rural_type,full_name",
        "99,甲省,1,,,甲省",
        "9901,乙市,2,99,,甲省乙市",
        "990101,丙县,3,9901,,甲省乙市丙县",
        "990101100,丁镇,4,990101,,甲省乙市丙县丁镇",
        "990101100201,己村村委会,5,990101100,220,甲省乙市丙县丁镇己村村委会",
    ]
)
LEVELS = ["province", "city", "county", "township", "village"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[GeoPackageStore]:
    with open_store(tmp_path / "workspace.gpkg", today=lambda: date(2026, 3, 1)) as one:
        yield one


def printed(path: Path) -> Path:
    """Write the printed form as CSV or XLSX."""
    frame = pd.DataFrame(PRINTED[1:], columns=PRINTED[0])
    if path.suffix == ".xlsx":
        frame.to_excel(path, index=False)
    else:
        frame.to_csv(path, index=False, encoding="gb18030")
    return path


def test_a_list_with_numbers_for_levels(store: GeoPackageStore, tmp_path: Path) -> None:
    path = tmp_path / "divisions.csv"
    path.write_text(NUMBERED, encoding="utf-8")
    report = import_file(store, path, "divisions")
    assert (report.read, report.imported, report.rejected) == (5, 5, 0)
    assert report.assumed == {WITHOUT_SHAPE: 5}
    assert report.unused_columns == ["full_name"]
    there = store.read("divisions")
    assert there["level"].tolist() == LEVELS
    assert there["parent"].tolist()[1:] == ["99", "9901", "990101", "990101100"]
    assert there["urban_rural"].tolist()[-1] == "rural"
    assert there.geometry.isna().all()
    again = import_file(store, path, "divisions", crs="wgs84")
    assert (again.imported, again.updated, again.unchanged) == (0, 5, 5), "a CRS that is named does no harm"


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_printed_form_of_the_statistics_office(store: GeoPackageStore, tmp_path: Path, suffix: str) -> None:
    report = import_file(store, printed(tmp_path / f"统计用区划代码{suffix}"), "divisions")
    assert (report.read, report.imported, report.rejected) == (6, 6, 0)
    there = store.read("divisions")
    assert there["level"].tolist() == [*LEVELS, "village"], "from the codes, without the zeros that pad them"
    assert there["urban_rural"].dropna().tolist() == ["urban", "rural"]
    assert check(store) == [], "codes, levels and parents agree"
    found = locate_address(store, "甲省乙市丙县丁镇己村")
    assert [link["name"] for link in found.candidates[0].chain] == ["甲省", "乙市", "丙县", "丁镇", "己村村委会"]


def test_the_forms_of_one_list_meet(store: GeoPackageStore, tmp_path: Path) -> None:
    """Levels are told from codes with and without padding alike, those of 6 digits that end in 00 too."""
    path = tmp_path / "adcodes.csv"
    path.write_text("adcode,name,lng,lat\n990000,甲省,102,37\n990100,乙市,102,37\n990101,丙县,102,37\n", "utf-8")
    report = import_file(store, path, "divisions")
    assert (report.imported, report.unused_columns) == (3, ["lng", "lat"]), "a point is no shape of a division"
    assert store.read("divisions")["level"].tolist() == LEVELS[:3]


def test_rows_without_a_shape_among_others(store: GeoPackageStore, tmp_path: Path) -> None:
    path = tmp_path / "townships.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["代码", "名称", "级别", "wkt"])
        rows.writerow(["990101100", "丁镇", "乡镇", "POLYGON((102 37, 102.1 37, 102.1 37.1, 102 37))"])
        rows.writerow(["990101101", "庚乡", "乡镇", ""])
        rows.writerow(["990101102", "辛乡", "乡镇", "POLYGON((oops"])
    with pytest.raises(UnknownCrs):
        import_file(store, path, "divisions")  # shapes need one (rule L3)
    report = import_file(store, path, "divisions", crs="wgs84")
    assert (report.imported, report.rejected, report.assumed[WITHOUT_SHAPE]) == (2, 1, 1)
    assert store.read("divisions").geometry.notna().tolist() == [True, False]


def test_a_table_that_names_neither_code_nor_name_is_no_list(store: GeoPackageStore, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("品名,数量\n砖,3\n", encoding="utf-8")
    with pytest.raises(UnknownCrs):
        import_file(store, path, "divisions")
    grids = tmp_path / "grids.csv"
    grids.write_text("网格编码,名称\n990101100201001,一格\n", encoding="utf-8")
    with pytest.raises(UnknownCrs):
        import_file(store, grids, "grids")


def test_an_analysis_is_that_of_the_rows_with_shapes(store: GeoPackageStore, tmp_path: Path) -> None:
    town = gpd.GeoDataFrame(
        {"code": ["990101100"], "name": ["丁镇"], "level": ["township"]},
        geometry=[shapely.box(102.0, 37.0, 102.002, 37.002)], crs=4326,
    )  # fmt: skip
    camera = gpd.GeoDataFrame({"id": ["c1"], "azimuth": [0.0]}, geometry=[shapely.Point(102.001, 37.001)], crs=4326)
    store.write("divisions", town, "upsert", actor="me")
    store.write("cameras", camera, "upsert", actor="me")
    before = analyze(store, AnalyzeOptions())
    import_file(store, printed(tmp_path / "list.csv"), "divisions")
    more = "code,name,level\n990101100,丁镇,4\n990101101,庚乡,4\n990102,壬县,3\n"
    (tmp_path / "more.csv").write_text(more, encoding="utf-8")
    report = import_file(store, tmp_path / "more.csv", "divisions")
    assert (report.imported, report.updated) == (2, 1)
    after = analyze(store, AnalyzeOptions())
    for layer in ("townships", "all"):
        assert after.layers[layer]["sure_m2"].tolist() == before.layers[layer]["sure_m2"].tolist()
        assert after.layers[layer]["code"].tolist() == before.layers[layer]["code"].tolist()
    note = "图层 divisions 有 7 行没有形状，只有名称与代码，不作区域"
    assert [text for text in after.summary["notes"] if text.startswith(note)], after.summary["notes"]
    assert not [finding for finding in check(store) if finding.code == "geometry-missing"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of real divisions is not here")
def test_real_lists(store: GeoPackageStore, tmp_path: Path) -> None:
    report = import_file(store, SHARED / "divisions.csv", "divisions")
    assert (report.read, report.rejected) == (2548, 0)
    found = locate_address(store, "古浪县土门镇新胜村")
    assert found.candidates[0].chain[-1]["code"] == "620622102207"
    with gzip.open(SHARED / "divisions_nation_2021.csv.gz", "rt", encoding="utf-8") as packed:
        some = [line for k, line in enumerate(packed) if k < 5_000]
    (tmp_path / "nation.csv").write_text("".join(some), encoding="utf-8")
    assert import_file(store, tmp_path / "nation.csv", "divisions").rejected == 0


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson", "gpkg", "kml", "shp"])
def test_a_download_of_a_list_is_read_again(store: GeoPackageStore, tmp_path: Path, form: str) -> None:
    import_file(store, printed(tmp_path / "list.csv"), "divisions")
    stored = store.read("divisions")
    path = tmp_path / f"down.{'zip' if form == 'shp' else form}"
    path.write_bytes(encode_frame(stored, form, layer="divisions"))
    with open_store(tmp_path / "other.gpkg") as other:
        assert import_file(other, path, "divisions").rejected == 0
        back = other.read("divisions")
    assert back.geometry.isna().all()
    assert back[["code", "name", "level"]].values.tolist() == stored[["code", "name", "level"]].values.tolist()


@pytest.mark.parametrize(
    "forms",
    [
        ("990101100", "990101100000"),
        ("990101100000", "990101100"),
        ("990101100", "990101 100"),
        ("990101100", "９９０１０１１００.0"),
    ],
)
def test_a_code_in_another_form_updates_the_stored_division(
    store: GeoPackageStore, tmp_path: Path, forms: tuple[str, str]
) -> None:
    path = tmp_path / "list.csv"
    for code, name in zip(forms, ("丁镇", "新丁镇"), strict=True):
        path.write_text(f"代码,名称,级别\n{code},{name},township\n", encoding="utf-8")
        report = import_file(store, path, "divisions")
    assert (report.imported, report.updated, report.rejected) == (0, 1, 0)
    there = store.read("divisions")
    assert (there["code"].tolist(), there["name"].tolist()) == ([forms[0]], ["新丁镇"])
    assert (known_codes.FOUND in report.assumed) == ("100000" in "".join(forms))
    assert import_file(store, path, "divisions").unchanged == 1
    with pytest.raises(Conflict):
        import_file(store, path, "divisions", mode="append")


def test_two_forms_of_one_code_in_a_file_are_one_division(store: GeoPackageStore, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("代码,名称\n990101,甲县\n990101000000,乙县\n990102000000,丙县\n", encoding="utf-8")
    report = import_file(store, path, "divisions", mode="replace")
    assert (report.imported, [(one.row, one.value) for one in report.rejects]) == (2, [("2", "990101000000")])
    assert report.rejects[0].reason == "代码与第 1 行的是同一个 / the code is that of row 1"
    assert store.read("divisions")["code"].tolist() == ["990101", "990102000000"]


def test_a_list_in_another_form_of_codes_keeps_grids_and_parents_where_they_are(
    store: GeoPackageStore, tmp_path: Path
) -> None:
    square = shapely.box(103, 37, 103.1, 37.1)
    grid = gpd.GeoDataFrame({"code": ["g1"], "level": [1], "village": ["990101100201"]}, geometry=[square], crs=4326)
    store.write("grids", grid, "upsert", actor="test")
    path = tmp_path / "list.csv"
    path.write_text(NUMBERED, encoding="utf-8")
    import_file(store, path, "divisions")
    before = locate_address(store, "丙县丁镇己村")
    report = import_file(store, printed(tmp_path / "printed.csv"), "divisions")
    assert (report.imported, report.updated) == (1, 5), "戊社区 is new"
    after = locate_address(store, "丙县丁镇己村")
    assert (before.status, after.status) == ("matched", "matched")
    assert [link["code"] for link in after.candidates[0].chain] == [link["code"] for link in before.candidates[0].chain]


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("行政区划代码,单位名称", "990101100201,己村"),
        ("统计用区划代码,城乡分类代码,社区/村名称", "990101100201,220,己村"),
        ("区划编码,区划名称,上级区划编码,区划级别", "990101100201,己村,990101100000,5"),
        ("省,市,区县,乡镇,村,代码", "甲省,乙市,丙县,丁镇,己村,990101100201"),
        ("县级代码,县级名称,乡级代码,乡级名称,村级代码,村级名称", "990101,丙县,990101100,丁镇,990101100201,己村"),
        ("2023年统计用区划代码：丙县,,\n制表：统计局,,\n统计用区划代码,城乡分类代码,名称", "990101100201,220,己村"),
    ],
)
def test_lists_of_offices_are_read_by_their_headings(
    store: GeoPackageStore, tmp_path: Path, head: str, row: str
) -> None:
    """A row is of the finest level that it names; its towns and counties with codes are made too."""
    path = tmp_path / "list.csv"
    path.write_text(f"{head}\n{row}\n", encoding="gb18030")
    report = import_file(store, path, "divisions")
    assert (report.imported, report.rejected) == (1, 0)
    there = store.read("divisions")[["code", "name", "level"]].itertuples(index=False, name=None)
    above = {("990101", "丙县", "county"), ("990101100", "丁镇", "township")} if head.startswith("县级代码") else set()
    assert set(there) == {("990101100201", "己村", "village"), *above}
