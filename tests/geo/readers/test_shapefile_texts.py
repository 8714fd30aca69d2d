"""Test what the texts of a Shapefile are read as: .cpg in any spelling, language byte, content, names cut short."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from geo.errors import UnreadableFile
from geo.readers.geodata.dbf_texts import encoding_named
from geo.readers.reading import ReadResult, read_layer

CHINESE = ["古浪镇", "土门镇", "大靖镇暖泉村", "黑松驿"]


def shapefile(
    folder: Path,
    names: Sequence[str | bytes],
    encoding: str = "gbk",
    *,
    cpg: str | None = None,
    language: int = 0,
    heading: bytes = b"name",
    width: int = 40,
) -> Path:
    """Write townships whose .dbf is made here, byte by byte."""
    path = folder / "x.shp"
    shapes = [shapely.box(102 + k / 100, 37, 102.005 + k / 100, 37.005) for k in range(len(names))]
    pyogrio.write_dataframe(gpd.GeoDataFrame({"code": ["1"] * len(names)}, geometry=shapes, crs=4326), path)
    columns = [(b"code", 12), (heading, width)]
    fields = b"".join(name.ljust(11, b"\0") + b"C" + bytes(4) + bytes([wide, 0]) + bytes(14) for name, wide in columns)
    size = 1 + sum(wide for _, wide in columns)
    head = bytes([3, 126, 1, 1]) + struct.pack("<IHH", len(names), 32 + len(fields) + 1, size)
    rows = b""
    for number, name in enumerate(names):
        raw = name if isinstance(name, bytes) else name.encode(encoding)
        rows += b" " + f"62062210{number}".encode().ljust(12) + raw[:width].ljust(width)
    head = head.ljust(29, b"\0") + bytes([language, 0, 0])
    path.with_suffix(".dbf").write_bytes(head + fields + b"\r" + rows + b"\x1a")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg)
    return path


def names(reading: ReadResult) -> list[str]:
    assert reading.read == len(reading.frame) + len(reading.rejects)
    found: list[str] = reading.frame["name"].tolist()
    return found


@pytest.mark.parametrize(
    "spelling",
    ["ANSI 936", "OEM 936", "936", "GBK", "cp936", "CP-936", "GB2312", "gb18030", "Windows-936", "ANSI_936\r\n",
     "MS936", "WindowsSimpChinese", "GB 18030"],
)  # fmt: skip
def test_a_cpg_is_understood_in_any_spelling(tmp_path: Path, spelling: str) -> None:
    assert encoding_named(spelling) == "gb18030"
    reading = read_layer(shapefile(tmp_path, CHINESE, cpg=spelling), "divisions")
    assert names(reading) == CHINESE
    assert not any(".cpg" in sentence for sentence in reading.assumed)


@pytest.mark.parametrize(
    ("spelling", "encoding"),
    [("UTF-8", "utf-8"), ("utf8", "utf-8"), ("65001", "utf-8"), ("ISO 88591", "iso8859-1"), ("8859_15", "iso8859-15"),
     ("ANSI 1252", "cp1252"), ("1251", "cp1251"), ("Big5", "cp950"), ("OEM 950", "cp950"), ("Shift_JIS", "cp932"),
     ("SYSTEM", None), ("ANSI", None), ("", None), ("klingon", None), ("88599999", None)],
)  # fmt: skip
def test_other_code_pages_are_told_apart(spelling: str, encoding: str | None) -> None:
    assert encoding_named(spelling) == encoding


@pytest.mark.parametrize("cpg", ["UTF-8", "ISO-8859-1", "1252", "Big5", "klingon", "ANSI"])
def test_gb18030_is_tried_where_the_cpg_does_not_fit_and_that_is_said(tmp_path: Path, cpg: str) -> None:
    reading = read_layer(shapefile(tmp_path, CHINESE, cpg=cpg), "divisions")
    assert names(reading) == CHINESE
    said = [sentence for sentence in reading.assumed if f"the .cpg says {cpg}, texts read as gb18030" in sentence]
    assert len(said) == (0 if encoding_named(cpg) is None else 1)


@pytest.mark.parametrize(
    ("language", "encoding", "texts"),
    [
        (0x78, "big5", ["信義里", "大安區", "中山", "內湖"]),
        (0x4F, "big5", ["三民區", "鹽埕"]),
        (0x13, "cp932", ["新宿区", "渋谷区", "港区"]),
        (0x57, "cp1252", ["Königs", "Älv", "Façade"]),
        (0x03, "cp1252", ["Köln", "Straße"]),
        (0xC9, "cp1251", ["Москва", "Тверь"]),
        (0x4D, "gbk", CHINESE),
        (0x4D, "gbk", ["魔", "聆"]),  # valid UTF-8 as bytes, in part
    ],
)
def test_the_language_byte_counts_where_the_texts_are_no_chinese(
    tmp_path: Path, language: int, encoding: str, texts: list[str]
) -> None:
    assert names(read_layer(shapefile(tmp_path, texts, encoding, language=language), "divisions")) == texts


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
@pytest.mark.parametrize("language", [0, 0x4D, 0x57, 0x03, 0x78])
def test_a_false_language_byte_does_no_harm_to_chinese(tmp_path: Path, encoding: str, language: int) -> None:
    reading = read_layer(shapefile(tmp_path, CHINESE, encoding, language=language), "divisions")
    assert names(reading) == CHINESE


def test_latin_text_in_utf8_stays_what_it_is(tmp_path: Path) -> None:
    assert names(read_layer(shapefile(tmp_path, ["Köln", "Straße"], "utf-8"), "divisions")) == ["Köln", "Straße"]


@pytest.mark.parametrize(
    ("encoding", "heading"),
    [("gbk", "行政区划代码"), ("utf-8", "权属单位名称"), ("gbk", "权属单位名称")],
)
def test_a_heading_cut_at_10_bytes_is_matched(tmp_path: Path, encoding: str, heading: str) -> None:
    cut = heading.encode(encoding)[:10]
    path = shapefile(tmp_path, CHINESE if "名称" in heading else ["1", "2"], encoding, heading=cut)
    reading = read_layer(path, "villages" if "名称" in heading else "divisions", mapping=None)
    field = "name" if "名称" in heading else "code"
    if field == "code":
        assert reading.mapping["code"] == "code", "an exact name comes first"
        assert reading.unused_columns == ["行政区划代"]
    elif encoding == "utf-8":
        assert reading.unused_columns == ["权属单"], "the beginning of the code as well"
    else:
        assert reading.frame["name"].tolist() == CHINESE


def test_a_text_cut_within_a_character_loses_that_and_it_is_said(tmp_path: Path) -> None:
    reading = read_layer(shapefile(tmp_path, ["古浪镇土门", "甲"], width=9), "divisions")
    assert names(reading) == ["古浪镇土", "甲"]
    assert [count for sentence, count in reading.assumed.items() if "cut within a character" in sentence] == [1]


def test_rows_in_another_encoding_are_read_and_said_and_what_reads_in_none_is_lost(tmp_path: Path) -> None:
    mixed: list[str | bytes] = [f"第{k}村" for k in range(30)]
    mixed[7], mixed[9] = "古浪镇".encode(), b"\xff\xfe\xff"
    reading = read_layer(shapefile(tmp_path, mixed), "divisions")
    assert (reading.frame["name"][7], reading.frame["name"].isna().tolist().index(True)) == ("古浪镇", 9)
    assert [(one.field, one.rows) for one in reading.findings] == [("name", ("10",))]
    assert "--encoding" in reading.findings[0].reason
    assert any("another encoding" in sentence for sentence in reading.assumed)


def test_what_fits_no_encoding_is_refused_with_the_option_that_helps(tmp_path: Path) -> None:
    broken: list[str | bytes] = [b"\xff\xfe\xff", b"\xfe\xff\xff\xfe"]
    with pytest.raises(UnreadableFile, match="--encoding"):
        read_layer(shapefile(tmp_path, broken), "divisions")
    with pytest.raises(UnreadableFile, match=r"not utf-8; name another with --encoding"):
        read_layer(shapefile(tmp_path, CHINESE), "divisions", encoding="utf-8")


def test_a_dbf_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    path = shapefile(tmp_path, CHINESE)
    for length in (0, 5, 31, 40):
        path.with_suffix(".dbf").write_bytes(path.with_suffix(".dbf").read_bytes()[:length])
        with pytest.raises(UnreadableFile):
            read_layer(path, "divisions")


def test_texts_are_believed_before_headings_that_were_cut_and_numbered(tmp_path: Path) -> None:
    # So GDAL writes 行政区划代码 and 行政区划名称 in UTF-8: 10 bytes, then a number for the second.
    cut = "行政区划名称".encode()[:8] + b"_1"
    path = shapefile(tmp_path, CHINESE, "utf-8", heading=cut)
    path.with_suffix(".cpg").write_text("UTF-8")
    reading = read_layer(path, "grids", mapping={"name": "行政_1"})
    assert names(reading) == CHINESE


@pytest.mark.parametrize("layer", ["divisions", "villages"])
@pytest.mark.parametrize("headings", [("XZQDM", "XZQMC"), ("行政区划代码", "行政区划名称"), ("XZDM", "XZMC")])
def test_headings_of_base_data_are_known(tmp_path: Path, layer: str, headings: tuple[str, str]) -> None:
    path = tmp_path / "v.csv"
    path.write_text(f'{",".join(headings)},wkt\n620622100201,甲村,"POLYGON((102 37,103 37,103 38,102 37))"\n')
    reading = read_layer(path, layer, crs="cgcs2000")
    assert reading.frame[["code", "name"]].values.tolist() == [["620622100201", "甲村"]]


@pytest.mark.parametrize(("found", "encoding"), [(["信義里", "大安區"], "big5"), (["Façade", "Königs"], "latin-1")])
def test_texts_that_do_not_look_chinese_are_a_finding_that_names_the_option(
    tmp_path: Path, found: list[str], encoding: str
) -> None:
    path = shapefile(tmp_path, found, encoding)
    assert ["--encoding" in one.reason for one in read_layer(path, "divisions").findings] == [True]
    told = read_layer(path, "divisions", encoding=encoding)
    assert (names(told), told.findings) == (found, [])
    assert read_layer(shapefile(tmp_path, CHINESE), "divisions").findings == []
