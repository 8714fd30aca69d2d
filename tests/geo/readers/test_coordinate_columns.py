"""Test coordinates of tables: in words and letters, two in one cell, in several systems."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import crs
from geo.coordinate_values import SIXTY, Coordinate, Sixty, coordinate, coordinate_pair, order_named_by
from geo.errors import UnknownCrs, UnknownName, UnreadableFile
from geo.readers.reading import ReadResult, read_layer
from geo.readers.rows.row_crs import known_system

PLACE = (102.89, 37.45)
DEGREES = st.integers(0, 179 * 3600 * 10).map(lambda tenths: tenths / 36000)


def read(folder: Path, text: str, layer: str = "cameras", **options: Any) -> ReadResult:
    path = folder / "c.csv"
    path.write_text(text, encoding="utf-8")
    return read_layer(path, layer, **{"crs": "wgs84", **options})


@pytest.mark.parametrize(
    "text",
    [
        "102.89", "102.89E", "E102.89", "102.89°E", "东经102°53′24″", "102 53 24", "102:53:24", "102度53分24秒",
        "102-53-24", "102°53.4′", "102,89", "经度：102.89", "１０２.８９", "102º53'24\"", "102d53m24s", " 102.89° ",
        "102°53´24´´", "102°53’24”",
    ],
)  # fmt: skip
def test_one_coordinate(text: str) -> None:
    found = coordinate(text)
    assert found is not None
    assert found.value == pytest.approx(102.89, abs=1e-12)
    assert found.axis in (None, "lon")


@pytest.mark.parametrize(
    ("text", "value", "axis"),
    [("37.45N", 37.45, "lat"), ("30°15'36\"S", -30.26, "lat"), ("西经97.7", -97.7, "lon"), ("南纬1°30′", -1.5, "lat")],
)
def test_letters_name_axis_and_sign(text: str, value: float, axis: Any) -> None:
    assert coordinate(text) == Coordinate(pytest.approx(value), axis)


@pytest.mark.parametrize("text", ["102:75:00", "102°53′75″", "102 60", "37度61分"])
def test_sixty_minutes_are_refused(text: str) -> None:
    with pytest.raises(Sixty):
        coordinate(text)


@pytest.mark.parametrize(
    "text", ["abc", "102.89,37.45", "104度x", "1.2.3", "10253'", "102°53°24°", "102.5°30′", "102°53.5′24″"]
)
def test_what_is_no_coordinate(text: str) -> None:
    assert coordinate(text) is None


@given(DEGREES, st.sampled_from(["{}°{}′{}″", "{}度{}分{}秒", "{} {} {}", "{}:{}:{}", "E{}°{}'{}\"", "{}°{}′{}″E"]))
def test_sexagesimal_in_any_form_is_the_same_angle(angle: float, form: str) -> None:
    seconds = round(angle * 3600, 1)
    whole, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    found = coordinate(form.format(int(whole), int(minutes), round(left, 1)))
    if round(left, 1) < 60:
        assert found is not None
        assert found.value == pytest.approx(angle, abs=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "102.89 37.45", "102.89，37.45", "102.89,37.45", "[102.89,37.45]", "102.89;37.45", "102.89/37.45",
        "102 53 24 37 27 00", "102°53′24″ 37°27′00″", "102:53:24,37:27:00", "102,89; 37,45", "102.89,37.45,1500",
        "东经102°53′24″，北纬37°27′", "东经102°53′24″北纬37°27′", "E102.89N37.45", "102.89E 37.45N",
        "经度102.89 纬度37.45", "lng:102.89, lat:37.45", "lon 102.89 lat 37.45", "lng=102.89&lat=37.45",
        '{"lng":102.89,"lat":37.45}', "{'lng': 102.89, 'lat': 37.45}", "坐标(102.89,37.45)", "经纬度：102.89,37.45",
    ],
)  # fmt: skip
def test_pairs(text: str) -> None:
    pair = coordinate_pair(text)
    assert pair is not None
    assert [one.value for one in pair] == pytest.approx(PLACE)


@pytest.mark.parametrize(
    "text", ["102.89", "POINT (1 2)", "10,20,30,40", "102.8,37.4;102.9,37.5", "37.45N 38.1N", "a,b"]
)
def test_what_is_no_pair(text: str) -> None:
    assert coordinate_pair(text) is None


@given(st.text(max_size=30))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for reader in (coordinate, coordinate_pair):
        try:
            reader(text)
        except Sixty:
            continue
    known_system(text)
    order_named_by(text)


@pytest.mark.parametrize(
    ("heading", "cell", "field"),
    [
        ("经纬度", "102.89,37.45", "lonlat"),
        ("Location", "(37.45, 102.89)", "lonlat"),
        ("地点说明", "102.8900,37.4500", "lonlat"),
        ("坐标", "北纬37°27′ 东经102°53′24″", "lonlat"),
        ("Location", "POINT (102.89 37.45)", "wkt"),
        ("备注", "point(102.89 37.45)", "wkt"),
    ],
)
def test_one_column_of_places_is_found(tmp_path: Path, heading: str, cell: str, field: str) -> None:
    result = read(tmp_path, f'id,{heading}\na,"{cell}"\n')
    assert result.mapping[field] == heading
    assert heading not in result.unused_columns
    assert shapely.get_coordinates(result.frame.geometry).tolist() == [pytest.approx(PLACE)]


def test_the_whole_column_decides_the_order(tmp_path: Path) -> None:
    # The first row alone could be either: 60 N 25 E, or 25 N 60 E.
    text = 'id,位置\na,"60.17, 24.94"\nb,"61.50, 105.31"\n'
    assert shapely.get_coordinates(read(tmp_path, text).frame.geometry).tolist() == [[24.94, 60.17], [105.31, 61.5]]


def test_an_order_that_nothing_tells_is_refused_by_name(tmp_path: Path) -> None:
    text = 'id,位置\na,"60.17, 24.94"\n'
    with pytest.raises(UnreadableFile, match="--map latlon=位置"):
        read(tmp_path, text)
    for options in ({"near": (24.0, 60.0, 25.0, 61.0)}, {"mapping": {"latlon": "位置"}}):
        assert read(tmp_path, text, **options).frame.geometry.iloc[0].equals(shapely.Point(24.94, 60.17))
    assert read(tmp_path, text.replace("位置", "经纬度")).frame.geometry.iloc[0].equals(shapely.Point(60.17, 24.94))
    # In China no longitude is a latitude.
    western = read(tmp_path, 'id,位置\na,"43.9, 80.2"\n', crs="cgcs2000")
    assert western.frame.geometry.iloc[0].equals(shapely.Point(80.2, 43.9))


@pytest.mark.parametrize("options", [{}, {"crs": "gcj02"}, {"near": (87.0, 43.0, 88.0, 44.0)}])
def test_a_row_in_the_other_order_is_refused_and_never_stored_elsewhere(tmp_path: Path, options: Any) -> None:
    """Urumqi is at 87.6 E, 43.8 N: exchanged it would lie in the Arctic, which is a place too."""
    rows = ['a,"43.82,87.61"', 'b,"43.83,87.62"', 'c,"87.6,43.8"']
    result = read(tmp_path, "\n".join(["编号,经纬度", *rows]), **options)
    assert result.frame["id"].tolist() == ["a", "b"]
    assert shapely.get_coordinates(result.frame.geometry)[:, 0] == pytest.approx([87.61, 87.62], abs=0.01)
    assert [(one.row, one.value) for one in result.rejects] == [("3", "87.6,43.8")]
    assert "another order than in the rest" in result.rejects[0].reason
    # Four of five are as clear as all of them.
    rows = ['a,"87.61,43.82"', 'b,"87.62,43.82"', 'c,"87.63,43.82"', 'd,"87.64,43.82"', 'e,"43.83,87.62"']
    result = read(tmp_path, "\n".join(["编号,坐标", *rows]), **options)
    assert (result.frame["id"].tolist(), [one.row for one in result.rejects]) == (["a", "b", "c", "d"], ["5"])
    # Half against half tells nothing.
    with pytest.raises(UnreadableFile, match="--map latlon=坐标"):
        read(tmp_path, "\n".join(["编号,坐标", rows[0], rows[4]]), **options)


def test_wkt_of_postgis_has_its_srid_first(tmp_path: Path) -> None:
    rows = ["a,SRID=4326;POINT (102.89 37.45)", "b,srid=4490;POINT(102.89 37.45)", "c,SRID=0;POINT(102.89 37.45)"]
    result = read(tmp_path, "\n".join(["id,空间信息", *rows]))
    assert result.mapping["wkt"] == "空间信息"
    assert shapely.get_coordinates(result.frame.geometry).tolist() == [pytest.approx(PLACE)] * 3
    assert [(count, "SRID=4490" in note) for note, count in result.assumed.items()] == [(1, True)]


def test_an_area_with_a_vertex_that_nobody_filled_in_is_rejected(tmp_path: Path) -> None:
    rows = ['a,甲,"POLYGON((102.9 37.5,102.91 37.5,102.91 37.51,0 0,102.9 37.5))"', 'b,乙,"POLYGON((0 0,1 0,1 1,0 0))"']
    result = read(tmp_path, "\n".join(["code,name,wkt", *rows]), "grids")
    assert result.frame["code"].tolist() == ["b"]
    assert [("0,0 is no place" in one.reason, one.row) for one in result.rejects] == [(True, "1")]


@pytest.mark.parametrize(
    "named", ["", ";", "wgs84;gcj02", "甲=", "=gcj02", "甲=xx;wgs84", "甲=gcj02;甲=bd09", "+proj=longlat"]
)
def test_a_crs_that_is_none_is_refused_before_the_file_is_read(tmp_path: Path, named: str) -> None:
    with pytest.raises(UnknownCrs):
        read(tmp_path, "id,lon,lat,施工单位\na,103.1,37.6,甲\n", crs=named)


def test_metres_of_an_unnamed_zone_reject_their_rows_alone(tmp_path: Path) -> None:
    rows = ["a,102.89,37.45,WGS84", "b,432000,4150000,CGCS2000", "c,432000,4150000,CGCS2000_3_Degree_GK_CM_102E"]
    result = read(tmp_path, "\n".join(["id,X,Y,坐标系", *rows]), crs=None)
    assert result.frame["id"].tolist() == ["a", "c"]
    assert [(one.row, one.field) for one in result.rejects] == [("2", "crs")]
    assert result.frame.geometry.x[1] == pytest.approx(101.23, abs=0.01)


def test_a_table_without_places_names_its_columns(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"--map wkt=.*编号、名称"):
        read(tmp_path, "编号,名称\na,b\n")


def test_rows_are_refused_with_their_reason(tmp_path: Path) -> None:
    rows = ["a,102:75:00,37:27:00", "b,37.4N,102.9E", "c,0,0", "d,102.89E,37.45N", "e,0,37.4"]
    result = read(tmp_path, "\n".join(["id,经度,纬度", *rows]))
    assert result.frame["id"].tolist() == ["d", "e"]
    reasons = {fault.row: fault.reason for fault in result.rejects}
    assert reasons["1"] == SIXTY
    assert "latitude among longitudes" in reasons["2"]
    assert "0,0 is no place" in reasons["3"]


def test_rows_in_several_systems(tmp_path: Path) -> None:
    words = ["高德", "百度坐标", "WGS84", "CGCS2000", "火星坐标", "地方坐标", ""]
    lines = ["id,经度,纬度,坐标系", *(f"c{number},102.89,37.45,{word}" for number, word in enumerate(words))]
    result = read(tmp_path, "\n".join(lines), crs=None)
    assert result.mapping["crs"] == "坐标系"
    assert result.frame["id"].tolist() == ["c0", "c1", "c2", "c3", "c4"]
    assert [fault.row for fault in result.rejects] == ["6", "7"]
    assert result.crs == "gcj02 + bd09 + EPSG:4326 + EPSG:4490"
    expected = [
        PLACE if system is None else np.ravel(crs.to_wgs84(*PLACE, system)).tolist()
        for system in ("gcj02", "bd09", None, None, "gcj02")
    ]
    assert shapely.get_coordinates(result.frame.geometry).tolist() == [pytest.approx(one, abs=1e-9) for one in expected]


def test_with_a_crs_given_a_word_not_understood_is_a_finding(tmp_path: Path) -> None:
    text = "id,经度,纬度,crs\na,102.89,37.45,地方坐标\nb,102.89,37.45,\nc,102.89,37.45,GCJ-02\n"
    result = read(tmp_path, text)
    assert not result.rejects
    assert [(one.field, one.value, one.rows) for one in result.findings] == [("crs", "地方坐标", ("1",))]
    moved = shapely.get_coordinates(result.frame.geometry)[:, 0]
    assert (moved == PLACE[0]).tolist() == [True, True, False]


@given(st.sampled_from([("高德", "gcj02"), ("bd09", "bd09"), ("wgs 84", "wgs84"), ("cgcs2000", "cgcs2000")]),
       st.booleans(), st.sampled_from(["", "坐标", "坐标系", " 坐标"]))  # fmt: skip
def test_words_of_systems_in_any_case_with_any_suffix(case: tuple[str, str], upper: bool, suffix: str) -> None:
    word, system = case
    assert known_system((word.upper() if upper else word) + suffix) == system


@pytest.mark.parametrize(
    ("text", "name"), [("西安80坐标系", "Xian 1980"), ("1954北京坐标系", "Beijing 1954"), ("EPSG:4547", "CGCS2000")]
)
def test_old_datums_and_codes(text: str, name: str) -> None:
    system = known_system(text)
    assert system is not None
    assert name in crs.parse_crs(system).name


@pytest.mark.parametrize(
    ("text", "code"),
    [("CGCS2000 / 3-degree Gauss-Kruger CM 102E", 4543), ("CGCS2000_3_Degree_GK_Zone_34", 4522),
     ("2000坐标系 34带", 4522), ("CGCS2000 3度带 中央经线105", 4544), ("WGS 84 / UTM zone 48N", 32648)],
)  # fmt: skip
def test_projections_are_known_by_zone_or_meridian(text: str, code: int) -> None:
    assert known_system(text) == f"EPSG:{code}"


@pytest.mark.parametrize(
    "text",
    [
        "2000国家大地坐标系3度带",
        "CGCS2000 6度带 中央经线105",
        "投影坐标",
        "CGCS2000高斯投影",
        "WGS84转百度",
        "坐标",
        "EPSG:999999",
    ],
)
def test_words_that_name_no_one_system(text: str) -> None:
    assert known_system(text) is None


def ewkt(folder: Path, *cells: str) -> Path:
    lines = [f"C{number},{cell}" for number, cell in enumerate(cells, 1)]
    path = folder / "e.csv"
    path.write_text("\n".join(["编号,geom", *lines]), encoding="utf-8")
    return path


def test_one_srid_of_wkt_texts_is_the_crs_of_the_file(tmp_path: Path) -> None:
    reading = read_layer(
        ewkt(tmp_path, "SRID=4543;POINT(580000 4152000)", "srid=4543; POINT(580100 4152000)"), "cameras"
    )
    assert (reading.crs, reading.crs_in_file, len(reading.frame)) == ("EPSG:4543", "EPSG:4543", 2)
    told = read_layer(ewkt(tmp_path, "SRID=4326;POINT(102.9 37.5)"), "cameras", crs="gcj02")
    assert told.crs == "gcj02"
    assert any("the file says EPSG:4326" in sentence for sentence in told.assumed)
    for cell in ("SRID=0;POINT(102.9 37.5)", "POINT(102.9 37.5)"):
        with pytest.raises(UnknownCrs):
            read_layer(ewkt(tmp_path, cell), "cameras")


def test_several_srids_are_those_of_their_rows(tmp_path: Path) -> None:
    cells = ("SRID=4326;POINT(102.9 37.5)", "SRID=4543;POINT(580000 4152000)", "POINT(102.9 37.5)")
    reading = read_layer(ewkt(tmp_path, *cells), "cameras")
    assert reading.frame["id"].tolist() == ["C1", "C2"]
    assert [(fault.row, fault.field) for fault in reading.rejects] == [("3", "crs")]
    assert "geom" not in reading.unused_columns


def test_a_name_column_without_names_is_told_as_none(tmp_path: Path) -> None:
    path = tmp_path / "g.csv"
    path.write_text('网格编码,网格名称,wkt\n,,"POLYGON((102 37,103 37,103 38,102 37))"\n', encoding="utf-8")
    assert [one.field for one in read_layer(path, "grids", crs="wgs84").findings] == ["code"]


@pytest.mark.parametrize(
    ("head", "first", "second", "told"),
    [
        ("编号,经度,纬度", "1,102.9,37.5", "2,102.8,37.4", "the file has none to tell apart"),
        ("编号,经度,纬度,坐标系", "1,102.9,37.5,高德", "2,102.8,37.4,百度", "the file has none to tell apart"),
        ("编号,经度,纬度,坐标系,承建单位", "1,102.9,37.5,高德,乙", "2,102.8,37.4,百度,丙", "there are: 乙, 丙"),
    ],
)
def test_a_contractor_that_the_file_lacks_is_told_those_it_has(
    tmp_path: Path, head: str, first: str, second: str, told: str
) -> None:
    path = tmp_path / "c.csv"
    path.write_text("\n".join([head, first, second]), encoding="utf-8")
    with pytest.raises(UnknownName) as error:
        read_layer(path, "cameras", crs="甲=gcj02; wgs84")
    assert error.value.en.endswith(told)


def test_a_list_of_points_and_areas_has_coordinates_or_a_shape_in_each_row(tmp_path: Path) -> None:
    square = '"POLYGON ((102.9 37.4, 102.91 37.4, 102.91 37.41, 102.9 37.4))"'
    rows = [
        "学校代码,学校名称,学校类型,经度,纬度,几何（WKT）",
        "s1,一小,学校,102.905,37.405,",
        f"s2,二小,学校,,,{square}",
    ]
    rows += ["s3,三小,学校,,,", "s4,四小,学校,,,POINT (102.9", f"s5,五小,学校,102.9,37.4,{square}"]
    path = tmp_path / "schools.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    found = read_layer(path, "places", crs="wgs84")
    shapes = dict(zip(found.frame["code"], found.frame.geometry.geom_type, strict=True))
    assert shapes == {"s1": "Point", "s2": "Polygon", "s5": "Point"}
    assert set(found.frame["name"]) == {"一小", "二小", "五小"}
    assert [fault.row for fault in found.rejects] == ["3", "4"]


def test_a_long_run_of_separators_is_read_in_one_way() -> None:
    """Each blank could belong to two separators: a cell of seventy characters took minutes."""
    for between in (" , " * 20, " , ; "):
        pair = coordinate_pair("102.1" + between + "37.2")
        assert pair is not None
        assert [one.value for one in pair] == [102.1, 37.2]
