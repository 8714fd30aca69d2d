"""Every layer written as CSV or XLSX, in every language, is read back by its headings as it was."""

from __future__ import annotations

import string
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.representations.downloads import encode_frame
from api.representations.tables import TableOptions
from geo.catalog import headings
from geo.catalog.fields import Field
from geo.catalog.headings import LAYER_NAMES, TABLE_LANGUAGES
from geo.catalog.layers import LAYERS
from geo.errors import BadValue, UnknownCrs
from geo.readers.reading import read_layer
from geo.readers.words import cell_values
from geo.studies.names_of_codes import PlaceNames

LANGUAGES = ("zh", "en")
CRS = "EPSG:4326"
_LETTERS = string.ascii_letters + string.digits + " =+-@',;\"#/.（）号路 网格镇㐂"
_ANGLES = st.one_of(st.just(0.0), st.floats(1e-6, 359.99))


def _text() -> st.SearchStrategy[str]:
    plain = st.text(_LETTERS, min_size=1, max_size=20).map(str.strip)
    return plain.filter(lambda text: text and not cell_values.is_missing(text))


def _value(field: Field) -> st.SearchStrategy[object]:
    if field.common:
        own = ["派出所（室内）"] if field.name == "place_type" else ["次干路", "县道、次干路"]
        return st.sampled_from([*(one.name for one in field.common), *own])
    if field.kind == "date":
        return st.dates().map(lambda day: day.isoformat())
    if field.values and field.kind == "integer":
        return st.sampled_from([int(one.name) for one in field.values])
    if field.kind == "text" and field.values:
        return st.sampled_from([one.name for one in field.values])
    if field.kind == "text":
        return _text()
    if field.kind == "integer":
        return st.integers(1, 10**9)
    if field.name == "azimuth":
        return _ANGLES
    limits = field.limits
    if field.unit == "share":
        return st.floats(1e-6, 1)
    if field.name == "height":
        return st.floats(1, 60)  # below and above it comes back too, but is a finding (rule U5)
    return st.floats(1e-6, 179 if limits is not None and limits.high < 400 and limits.low == 0 else 60)


def _place(shapes: tuple[str, ...]) -> st.SearchStrategy[shapely.Geometry | None]:
    if not shapes:
        return st.none()
    x, y = st.floats(100, 110), st.floats(30, 40)
    point = st.builds(shapely.Point, x, y)
    box = st.builds(lambda a, b, w, h: shapely.box(a, b, a + w, b + h), x, y, st.floats(0.01, 1), st.floats(0.01, 1))
    line = st.builds(lambda a, b, w: shapely.LineString([(a, b), (a + w, b + 0.1)]), x, y, st.floats(0.01, 1))
    return st.one_of([{"point": point, "line": line, "polygon": box}[one] for one in shapes[:1]])


@st.composite
def frames(draw: st.DrawFn, layer: str) -> gpd.GeoDataFrame:
    found = LAYERS[layer]
    count = draw(st.integers(1, 3))
    keys = draw(st.lists(st.text("ABC-1'=", min_size=1, max_size=6).filter(lambda t: not cell_values.is_missing(t)),
                         min_size=count, max_size=count, unique=True))  # fmt: skip
    data: dict[str, pd.Series] = {}
    for field in found.all_fields:
        needed = field.name in ("text", "site", "level") and layer in ("addresses", "cameras", "divisions")
        value = _value(field) if needed else st.none() | _value(field)
        cells = keys if field.name == found.key else [draw(value) for _ in keys]
        kind = {"number": "float64", "integer": "Int64"}.get(field.kind, "str")
        data[field.name] = pd.Series([None if cell is None else cell for cell in cells], dtype=kind)
    pairs = zip(data["valid_from"], data["valid_to"], strict=True)
    data["valid_to"] = data["valid_to"].where([pd.isna(a) or pd.isna(b) or a < b for a, b in pairs])
    shapes = [draw(_place(found.shapes)) for _ in keys]
    return gpd.GeoDataFrame(data, geometry=shapes, crs=CRS)


def written(frame: gpd.GeoDataFrame, layer: str, form: str, lang: str, folder: Path, **options: object) -> Path:
    path = folder / f"{layer}.{form}"
    path.write_bytes(encode_frame(frame, form, layer=layer, options=TableOptions(lang=lang, **options)))
    return path


def assert_same(back: gpd.GeoDataFrame, frame: gpd.GeoDataFrame) -> None:
    values, given_values = (pd.DataFrame(one.drop(columns="geometry")) for one in (back, frame))
    pd.testing.assert_frame_equal(values, given_values, check_exact=True)
    one, other = (shapely.normalize(np.asarray(given.geometry)) for given in (back, frame))
    assert (shapely.equals_exact(one, other) | (shapely.is_missing(one) & shapely.is_missing(other))).all()


@pytest.mark.parametrize("layer", list(LAYERS))
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_layer_comes_back_bit_equal(layer: str, form: str, tmp_path: Path) -> None:
    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(frame=frames(layer), lang=st.sampled_from(LANGUAGES))
    def come_back(frame: gpd.GeoDataFrame, lang: str) -> None:
        result = read_layer(written(frame, layer, form, lang, tmp_path), layer, crs="wgs84")
        assert not result.rejects
        assert not result.findings
        assert not result.unused_columns
        assert_same(result.frame, frame)

    come_back()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("keys", [["'"], ["m"], ["台", "'"], ["°", "年"], ["''"], ["="], ["'="]])
def test_keys_that_are_words_of_units_come_back(form: str, keys: list[str], tmp_path: Path) -> None:
    """A row of units stands below headings too, but none of them below that of a key."""
    blank = {one.name: pd.Series([None] * len(keys), dtype="str") for one in LAYERS["claims"].all_fields}
    blank |= {"level": pd.Series([None] * len(keys), dtype="str"), "share": pd.Series([None] * len(keys), dtype=float)}
    frame = gpd.GeoDataFrame({**blank, "claim": pd.Series(keys, dtype="str")}, geometry=[None] * len(keys), crs=CRS)
    for lang in LANGUAGES:
        result = read_layer(written(frame, "claims", form, lang, tmp_path), "claims")
        assert (result.frame["claim"].tolist(), result.rejects) == (keys, [])


def grid_frame(shape: shapely.Geometry) -> gpd.GeoDataFrame:
    data = {"code": ["g1"], "name": ["一号"], "village": ["620622102201"], "parent": ["g0"]}
    texts = {name: pd.Series(cells, dtype="str") for name, cells in data.items()}
    blank = pd.DataFrame({one.name: pd.Series([None], dtype="str") for one in LAYERS["grids"].all_fields})
    return gpd.GeoDataFrame(blank.assign(**texts), geometry=[shape], crs=CRS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_shape_longer_than_a_cell_comes_back_whole(lang: str, tmp_path: Path) -> None:
    shape = shapely.Point(103.1, 37.1).buffer(0.01, quad_segs=1000)  # 4,000 corners, about 150,000 characters
    path = written(grid_frame(shape), "grids", "xlsx", lang, tmp_path)
    head = [cell.value for cell in openpyxl.load_workbook(path).active[1]]
    assert sum(str(one).startswith(("几何", "Geometry")) for one in head) == 5
    back = read_layer(path, "grids", crs="wgs84").frame.geometry[0]
    assert shapely.equals_exact(shapely.normalize(back), shapely.normalize(shape))


@pytest.mark.parametrize(("lang", "beside"), [("zh", "所属村社区名称"), ("en", "Village name")])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_names_stand_beside_codes_and_are_known_when_they_come_back(
    lang: str, beside: str, form: str, tmp_path: Path
) -> None:
    names = PlaceNames({"620622102201": "土门村"})
    path = written(grid_frame(shapely.box(103, 37, 103.1, 37.1)), "grids", form, lang, tmp_path, names=names)
    table = pd.read_csv(path) if form == "csv" else pd.read_excel(path, engine="openpyxl")
    place = list(table.columns).index(beside)
    assert table.iloc[0, place] == "土门村"
    assert table.columns[place - 1] == headings.heading(LAYERS["grids"].field("village"), lang)
    assert not any("Parent name" in str(one) or "上级名称" in str(one) for one in table.columns), "no name is known"
    result = read_layer(path, "grids", crs="wgs84")
    assert result.unused_columns == [beside]
    assert any(sentence.startswith(beside) and count == 1 for sentence, count in result.assumed.items())


def test_a_column_of_names_without_its_codes_is_only_unused(tmp_path: Path) -> None:
    path = tmp_path / "grids.csv"
    path.write_text('代码,所属村社区名称,几何\ng1,土门村,"POLYGON ((103 37, 103.1 37, 103.1 37.1, 103 37))"\n', "utf-8")
    result = read_layer(path, "grids", crs="wgs84")
    assert result.unused_columns == ["所属村社区名称"]
    assert not any("所属村社区名称" in sentence for sentence in result.assumed)


def test_every_heading_and_word_is_read_as_its_own_field_and_value() -> None:
    for layer in LAYERS.values():
        for lang in TABLE_LANGUAGES:
            titles = [headings.heading(one, lang) for one in layer.all_fields]
            assert len(set(titles)) == len(titles)
    assert all(one.field in LAYERS[layer].names for layer, beside in LAYER_NAMES.items() for one in beside)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_values_of_the_catalogue_are_words_in_chinese(form: str, tmp_path: Path) -> None:
    """Whatever value the catalogue knows, no cell of a Chinese table holds it bare; each comes back as it was."""
    for layer in LAYERS.values():
        for field in layer.fields:
            known = [one.name for one in field.values] or [one.name for one in field.common]
            if not known:
                continue
            kind = "Int64" if field.kind == "integer" else "str"
            cells = [int(one) for one in known] if field.kind == "integer" else known
            data = {layer.key: [f"k{n}" for n in range(len(known))], field.name: pd.Series(cells, dtype=kind)}
            shape = {"point": shapely.Point(103, 37), "polygon": shapely.box(103, 37, 104, 38)}
            shape["line"] = shapely.LineString([(103, 37), (104, 38)])
            drawn = shape[layer.shapes[0]] if layer.shapes else None
            frame = gpd.GeoDataFrame(data, geometry=[drawn] * len(known), crs=CRS)
            path = written(frame, layer.name, form, "zh", tmp_path)
            reading = read_layer(path, layer.name, crs="wgs84")
            assert reading.frame[field.name].tolist() == cells
            table = read_texts(path, form)
            assert not set(table[headings.heading(field, "zh")]) & set(known), (layer.name, field.name)


def read_texts(path: Path, form: str) -> pd.DataFrame:
    if form == "csv":
        return pd.read_csv(path, dtype=str)
    head, *rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return pd.DataFrame(rows, columns=head)


def test_a_machine_reads_field_names_and_stored_values(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"id": ["c1"], "kind": ["ptz"]}, geometry=[shapely.Point(103.123456789, 37)], crs=CRS)
    text = written(frame, "cameras", "csv", "fields", tmp_path).read_text(encoding="utf-8-sig")
    assert text.splitlines() == ["id,kind,lon,lat", "c1,ptz,103.1234568,37.0"]
    text = written(frame, "cameras", "csv", "zh", tmp_path).read_text(encoding="utf-8-sig")
    assert text.splitlines() == ["编号,类型,经度（度）,纬度（度）", "c1,球机（云台）,103.123456789,37"]


def test_figures_of_a_run_are_rounded_to_what_is_known(tmp_path: Path) -> None:
    gaps = gpd.GeoDataFrame(
        {
            "rank": [1], "grid": ["g1"], "area_m2": [1234.5678], "weight": [0.123456789], "cause": ["aim"],
            "distance_m": [12.3456789], "lon": [103.123456789], "lat": [37.0], "possible_share": [0.123456],
        },
        geometry=[shapely.box(0, 0, 1, 1)],
        crs="EPSG:4543",
    )  # fmt: skip
    names = PlaceNames({"g1": "一号", "620622102": "土门镇"}, {"g1": "620622102201"})
    text = written(gaps, "gaps", "csv", "zh", tmp_path, of_run=True, names=names).read_text(encoding="utf-8-sig")
    assert text.splitlines() == [
        "序号,网格,所属网格名称,所属乡镇名称,面积（平方米）,权重,成因,距离（米）,经度（度）,纬度（度）,可能覆盖率",
        "1,g1,一号,土门镇,1234.6,0.1235,朝向不对,12.35,103.1234568,37,0.1235",
    ]


def test_a_workbook_is_made_for_people(tmp_path: Path) -> None:
    frame = grid_frame(shapely.box(103, 37, 103.1, 37.1))
    frame.loc[0, "name"] = "=1+1"
    book = openpyxl.load_workbook(written(frame, "grids", "xlsx", "zh", tmp_path))
    sheet = book.active
    assert book.sheetnames == ["网格"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:{sheet.cell(2, sheet.max_column).coordinate}"
    assert sheet["B2"].value == "=1+1"
    assert sheet["B2"].data_type == "s", "no formula"
    assert sheet.column_dimensions["E"].width > sheet.column_dimensions["A"].width, "as wide as what it holds"


def _csv_texts() -> list[str]:
    return ["=1+1", "-5", "-5号", "@a", "'=1", "''", "+86", "'x'"]


def test_texts_that_look_like_formulas_come_back(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"id": [f"c{n}" for n in range(8)], "name": _csv_texts()}, geometry=[shapely.Point(103, 37)] * 8, crs=CRS
    )
    for form in ("csv", "xlsx"):
        back = read_layer(written(frame, "cameras", form, "zh", tmp_path), "cameras", crs="wgs84")
        assert back.frame["name"].tolist() == _csv_texts()


def test_gbk_is_written_and_what_it_lacks_is_refused(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"id": ["c1"], "name": ["古浪"]}, geometry=[shapely.Point(103, 37)], crs=CRS)
    path = written(frame, "cameras", "csv", "zh", tmp_path, encoding="gbk")
    assert "古浪".encode("gbk") in path.read_bytes()
    assert read_layer(path, "cameras", crs="wgs84").frame["name"].tolist() == ["古浪"]
    frame.loc[0, "name"] = "㐂"
    for form in ("csv", "shp"):
        with pytest.raises(BadValue, match="㐂"):
            written(frame, "cameras", form, "zh", tmp_path, encoding="gbk")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(
    "text", ["a\rb", "a\r\nb", "_x000D_", "a_x0041_b", "a\x0bb", "a\x01b", "a\ufffeb", "a\t=1", "\U0001f600"]
)
def test_characters_that_xml_writes_by_number_come_back(form: str, text: str, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"code": ["v1"], "name": [text]}, geometry=[shapely.Point(103, 37)], crs=CRS)
    path = written(frame, "villages", form, "zh", tmp_path)
    assert read_layer(path, "villages", crs="wgs84").frame["name"].tolist() == [text]


def test_a_name_that_stands_alone_beside_an_empty_code_is_told(tmp_path: Path) -> None:
    path = tmp_path / "grids.csv"
    shape = '"POLYGON ((103 37, 103.1 37, 103.1 37.1, 103 37))"'
    path.write_text(f"代码,所属村社区,所属村社区名称,几何\ng1,,土门村,{shape}\ng2,620622102201,,{shape}\n", "utf-8")
    (finding,) = read_layer(path, "grids", crs="wgs84").findings
    assert (finding.field, finding.value, finding.rows) == ("village", "土门村", ("1",))


@pytest.mark.parametrize(
    ("lang", "head", "cells"),
    [
        ("zh", "编号,按缺省计", "c1,安装高度=4; 类型=枪机"),
        ("en", "Id,Assumed", "c1,Mounting height=4; Kind=fixed"),
        ("fields", "id,assumed", "c1,height=4; kind=fixed"),
    ],
)
def test_what_was_assumed_of_a_camera_is_told_by_its_words(lang: str, head: str, cells: str, tmp_path: Path) -> None:
    views = pd.DataFrame({"id": ["c1"], "assumed": ["height=4; kind=fixed"]})
    text = written(views, "views", "csv", lang, tmp_path, of_run=True).read_text(encoding="utf-8-sig")
    assert text.splitlines() == [head, cells]


def test_causes_are_words_with_shares_as_far_as_they_are_known(tmp_path: Path) -> None:
    gaps = pd.DataFrame({"rank": [1], "causes": [{"aim": 1 / 3, "range": 2 / 3}]})
    text = written(gaps, "gaps", "csv", "zh", tmp_path, of_run=True).read_text(encoding="utf-8-sig")
    assert text.splitlines() == ["序号,成因构成", "1,朝向不对 0.3333; 超出距离 0.6667"]


def test_zones_of_a_run_have_headings_for_what_their_layer_has(tmp_path: Path) -> None:
    zones = pd.DataFrame({"code": ["g1"], "staff": [2], "valid_from": ["2026-01-31"], "sure_share": [0.123456]})
    text = written(zones, "grids", "csv", "zh", tmp_path, of_run=True).read_text(encoding="utf-8-sig")
    assert text.splitlines() == ["代码,网格员人数,生效日期,确定覆盖率", "g1,2,2026-01-31,0.1235"]


@pytest.mark.parametrize(("layer", "last"), [("cameras", "经度（度）,纬度（度）"), ("grids", "几何（WKT）")])
def test_a_layer_without_rows_has_the_columns_of_its_template(layer: str, last: str, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({LAYERS[layer].key: pd.Series([], dtype="str")}, geometry=[], crs=CRS)
    text = written(frame, layer, "csv", "zh", tmp_path).read_text(encoding="utf-8-sig")
    assert text.strip().endswith(last)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_download_needs_no_word_on_its_coordinate_system(lang: str, form: str, tmp_path: Path) -> None:
    """Whoever removed a column has another table, and one of field names may be of any program."""
    rows = {one.name: [None] for one in LAYERS["cameras"].all_fields} | {"id": ["c1"], "name": ["东门"]}
    frame = gpd.GeoDataFrame(rows, geometry=[shapely.Point(103.25, 37.5)], crs=CRS)
    path = written(frame, "cameras", form, lang, tmp_path)
    back = read_layer(path, "cameras")
    assert shapely.get_coordinates(back.frame.geometry.to_numpy()).tolist() == [[103.25, 37.5]]
    assert any("WGS-84" in one for one in back.assumed), back.assumed
    less = tmp_path / "less.csv"
    read_texts(path, form).iloc[:, [0, 1, -2, -1]].to_csv(less, index=False)
    for other in (less, written(frame, "cameras", form, "fields", tmp_path)):
        with pytest.raises(UnknownCrs):
            read_layer(other, "cameras")
