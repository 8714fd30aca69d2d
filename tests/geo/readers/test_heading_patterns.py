"""Test headings that no list has in full: what they are of, and what of it, is what people read in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.catalog.layers import layer
from geo.readers.columns.column_mapping import map_columns
from geo.readers.reading import ReadResult, read_layer
from geo.readers.rows.row_crs import AS_GIVEN, OTHER_HEADING
from geo.readers.words.code_texts import NAME_FOR_CODE

SQUARE = "POLYGON((102.8 37.4,102.81 37.4,102.81 37.41,102.8 37.41,102.8 37.4))"

HEADINGS = {
    "cameras": {
        "id": "编码 设备ID 点位代号 监控设备编号 国标号 Device_No",
        "name": "设备名 点位名 安装点",
        "site": "杆号 灯杆编号 Pole_No",
        "class": "点位属性类别 资源等级",
        "kind": "前端设备类型 摄像机外形类型",
        "azimuth": "摄像机监视方位属性 镜头安装朝向 方向角度 拍摄角度 枪机朝向 Azimuth°",
        "height": "支架高度（厘米） 离地高度(m) Mounting_Ht L杆高度 挂装高度 距地面高度 height_above_ground",
        "max_range": "有效视距(km) 最远监控距离",
        "status": "在线否 设备完好性",
        "place_type": "安装位置（室内/室外）",
    },
    "grids": {
        "code": "网格代号 微网格编号 综治网格代码",
        "name": "网格名 微网格名称",
        "village": "所属行政村 所在社区 村代码",
        "population": "常住人口数 服务人口",
        "households": "总户数（户） 居民户数",
        "staff": "专职网格员数",
        "level": "网格等级",
    },
    "villages": {"code": "村委会编码 自然村代码", "name": "村委会名 自然村名称", "population": "户籍人口"},
    "divisions": {"code": "行政区域代码", "name": "行政区域名称", "level": "行政层级", "parent": "隶属 上级区划代码"},
    "obstacles": {
        "id": "楼宇编号 Bldg_Id",
        "height": "建筑高(m) 楼栋高度 BLDG_HT_FT",
        "levels": "地上楼层 Floor_Num 房屋总层数",
    },
    "roads": {
        "id": "路段代码",
        "name": "道路名 街路巷名称",
        "class": "技术等级",
        "width": "路基宽度(m) Pavement_Width",
    },
    "demand": {
        "id": "placeId 重点部位编号 重点部位编码 场所编号 POI_ID 场所编码",
        "name": "重点部位名称",
        "kind": "部位类别",
        "weight": "权值",
    },
    "protected": {"id": "保护对象编号", "kind": "保护类型", "rule": "拍摄要求"},
    "addresses": {
        "id": "标准地址编码",
        "text": "标准地址全称 full_addr",
        "grid": "所在网格编码",
        "aliases": "alias_name",
    },
}


@pytest.mark.parametrize(
    ("of", "field", "heading"),
    [
        (of, field, heading)
        for of, fields in HEADINGS.items()
        for field, headings in fields.items()
        for heading in headings.split()
    ],
)
def test_a_heading_is_known_by_its_parts(of: str, field: str, heading: str) -> None:
    assert map_columns([heading], layer(of)).fields == {field: heading}


@pytest.mark.parametrize(
    ("of", "heading"),
    [
        *(("cameras", heading) for heading in ("海拔高度", "建筑高度", "目标高度", "序号", "派出所代码", "供电状态")),
        *(("cameras", heading) for heading in ("机箱高度", "补光灯高度", "基础高度", "地面高度", "fence_height")),
        *(("cameras", heading) for heading in ("通道号", "视频编码", "原设备编号", "照射距离", "变更状态")),
        *(("grids", heading) for heading in ("派出所编码", "面积", "单位名称")),
        *(("roads", heading) for heading in ("红线宽度", "桥梁名称")),
        *(("addresses", heading) for heading in ("门牌号", "邮政编码")),
        *(("obstacles", heading) for heading in ("楼栋号", "建筑面积", "地下层数", "所在楼层", "地面高程")),
        *(
            ("demand", heading)
            for heading in ("乡镇名称", "优先级", "单位编码", "区域编码", "施工单位名称", "县名称", "证件类型")
        ),
    ],
)
def test_what_is_of_something_else_is_not_read(of: str, heading: str) -> None:
    assert map_columns([heading], layer(of)).fields == {}


@pytest.mark.parametrize(
    ("lon", "lat"),
    [("东经", "北纬"), ("GPS经度", "GPS纬度"), ("Lon_WGS", "Lat_WGS"), ("经度(E)", "纬度(N)"), ("经度X", "纬度Y")],
)
def test_a_longitude_and_its_latitude(lon: str, lat: str) -> None:
    assert map_columns([lat, lon], layer("cameras"), coordinates=True).fields == {"lon": lon, "lat": lat}


@pytest.mark.parametrize("of", ["旧", "原", "备用", "纠偏前", "历史"])
def test_coordinates_of_the_past_are_none(of: str) -> None:
    names = [f"{of}经度", f"{of}纬度"]
    assert map_columns(names, layer("cameras"), coordinates=True).fields == {}
    both = map_columns([*names, "现经度", "现纬度"], layer("cameras"), coordinates=True)
    assert both.fields == {"lon": "现经度", "lat": "现纬度"}


@pytest.mark.parametrize("what", ["差", "误差", "偏移量", "精度"])
def test_differences_of_coordinates_are_none(what: str) -> None:
    assert map_columns([f"经度{what}", f"纬度{what}"], layer("cameras"), coordinates=True).fields == {}


@pytest.mark.parametrize(
    ("of", "headings", "fields"),
    [
        ("demand", "派出所名称 道路名称 学校名称", {"name": "学校名称"}),
        ("demand", "单位名称", {"name": "单位名称"}),
        ("demand", "派出所名称 道路名称", {}),
        ("protected", "县名称 县医院名称", {"name": "县医院名称"}),
        ("grids", "专职网格员人数 兼职网格员人数", {"staff": "专职网格员人数", "staff_part_time": "兼职网格员人数"}),
        ("grids", "户籍户数 常住户数", {"households": "常住户数"}),
        ("cameras", "原编号 新编号", {"other_ids": "原编号", "id": "新编号"}),
        ("divisions", "县名称 乡镇名称 村名称 县代码 乡镇代码 村代码", {"name": "村名称", "code": "村代码"}),
        (
            "divisions",
            "县区代码 县区名称 乡镇街道代码 乡镇街道名称",
            {"code": "乡镇街道代码", "name": "乡镇街道名称"},
        ),
        ("grids", "上级网格编码 网格编码", {"parent": "上级网格编码", "code": "网格编码"}),
        ("divisions", "县名称 县代码 乡镇名称 乡镇代码", {"name": "乡镇名称", "code": "乡镇代码"}),
        (
            "grids",
            "网格编码 网格名称 微网格编码 微网格名称",
            {"code": "微网格编码", "name": "微网格名称", "parent": "网格编码"},
        ),
    ],
)
def test_of_several_headings_that_of_the_row_itself_is_read(of: str, headings: str, fields: dict[str, str]) -> None:
    assert map_columns(headings.split(), layer(of)).fields == fields


def test_of_several_pairs_none_is_chosen() -> None:
    names = ["高德经度", "高德纬度", "采集经度", "采集纬度"]
    assert map_columns(names, layer("cameras"), coordinates=True).fields == {}


@pytest.mark.parametrize("part", ["安装杆", "距离", "监控点位", "mount", "杆"])
def test_long_headings_take_no_time(part: str) -> None:
    assert map_columns([part * 80, part * 14 + "。"], layer("cameras")).fields == {}


def table(tmp_path: Path, of: str, lines: str, crs: str | None = "wgs84") -> ReadResult:
    path = tmp_path / "table.csv"
    path.write_text(lines, encoding="utf-8")
    return read_layer(path, of, crs=crs)


@pytest.mark.parametrize(
    ("headings", "crs", "read"),
    [
        ("GCJ02经度,GCJ02纬度,WGS84经度,WGS84纬度", "gcj02", "GCJ02经度"),
        ("GCJ02经度,GCJ02纬度,WGS84经度,WGS84纬度", "cgcs2000", "WGS84经度"),
        ("经度,纬度,百度经度,百度纬度", "百度", "百度经度"),
        ("经度,纬度,百度经度,百度纬度", "gcj02", "经度"),
        ("高德经度,高德纬度,GPS经度,GPS纬度", "wgs84", "GPS经度"),
        ("经度(高德),纬度(高德),经度(百度),纬度(百度)", "高德", "经度(高德)"),
        ("旧WGS84经度,旧WGS84纬度,经度,纬度", "wgs84", "经度"),
    ],
)
def test_of_several_systems_the_one_told_is_read(tmp_path: Path, headings: str, crs: str, read: str) -> None:
    found = table(tmp_path, "cameras", f"编号,{headings}\na,102.9,37.4,102.91,37.41\n", crs)
    assert (found.mapping["lon"], found.mapping["lat"]) == (read, read.replace("经", "纬"))
    assert sorted(found.unused_columns) == sorted(set(headings.split(",")) - {read, read.replace("经", "纬")})
    assert found.findings == []


@pytest.mark.parametrize(
    ("headings", "read"),
    [
        ("旧坐标,新坐标", "新坐标"),
        ("原坐标,坐标", "坐标"),
        ("WGS84坐标,GCJ02坐标", "GCJ02坐标"),
        ("位置,百度坐标", "位置"),
    ],
)
def test_of_several_pairs_in_one_cell_the_one_told_and_of_today_is_read(
    tmp_path: Path, headings: str, read: str
) -> None:
    found = table(tmp_path, "cameras", f'编号,{headings}\na,"102.9,37.4","102.91,37.41"\n', "gcj02")
    assert (found.mapping["lonlat"], found.findings) == (read, [])


def test_columns_that_are_named_stay(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("编号,经度,纬度,百度经度,百度纬度\na,102.9,37.4,102.91,37.41\n", encoding="utf-8")
    found = read_layer(path, "cameras", crs="bd09", mapping={"lon": "经度", "lat": "纬度"})
    assert (found.mapping["lon"], found.mapping["lat"]) == ("经度", "纬度")


def test_a_range_of_a_thousand_kilometres_is_a_finding(tmp_path: Path) -> None:
    found = table(tmp_path, "cameras", "编号,经度,纬度,监控距离(km)\na,102.9,37.4,120\nb,102.9,37.5,0.12\n")
    assert found.frame["max_range"].tolist() == [120_000.0, 120.0]
    assert [(one.field, one.rows) for one in found.findings] == [("max_range", ("1",))]


def test_a_column_of_systems_is_known_by_its_cells(tmp_path: Path) -> None:
    lines = "编号,经度,纬度,坐标来源\na,102.89,37.45,高德地图\nb,102.89,37.45,手持GPS\nc,102.89,37.45,地方\n"
    found = table(tmp_path, "cameras", lines)
    assert found.mapping["crs"] == "坐标来源"
    # GCJ-02 lies about 160 m to the east here: 0.0018 degrees.
    west = found.frame.geometry.x.round(4).tolist()
    assert west == [pytest.approx(102.8882), 102.89, 102.89]
    assert [(one.reason, one.value) for one in found.findings] == [(AS_GIVEN, "地方")]


def test_a_column_of_other_sources_is_none(tmp_path: Path) -> None:
    found = table(
        tmp_path, "cameras", "编号,经度,纬度,坐标来源\na,102.89,37.45,张三测\nb,102.89,37.45,GPS\nc,102.9,37.4,李四\n"
    )
    assert "crs" not in found.mapping


@pytest.mark.parametrize(
    ("heading", "crs", "said"),
    [
        ("百度", "wgs84", True),
        ("百度", "bd09", False),
        ("wgs84", "高德", True),
        ("gcj02", "cgcs2000", True),
        ("GPS", "gcj02", False),
        ("腾讯", "wgs84", True),
        ("Baidu", "wgs84", True),
        ("GPS百度", "wgs84", True),
        ("天地图", "wgs84", False),
    ],
)
def test_a_heading_of_another_system_is_a_finding(tmp_path: Path, heading: str, crs: str, said: bool) -> None:
    found = table(tmp_path, "cameras", f"编号,{heading}经度,{heading}纬度\na,102.89,37.45\n", crs)
    expected = [(OTHER_HEADING, f"{heading}经度"), (OTHER_HEADING, f"{heading}纬度")] if said else []
    assert [(one.reason, one.value) for one in found.findings] == expected


def test_the_name_of_a_village_is_no_code(tmp_path: Path) -> None:
    named = table(tmp_path, "grids", f'网格编码,所属村,WKT\ng1,土门村,"{SQUARE}"\n')
    assert named.frame["village"].tolist() == ["土门村"]
    assert [(one.field, one.reason, one.value) for one in named.findings] == [("village", NAME_FOR_CODE, "土门村")]


def test_of_names_and_codes_the_codes_are_read(tmp_path: Path) -> None:
    both = table(tmp_path, "grids", f'网格编码,所属村,村代码,WKT\ng1,土门村,620622100201,"{SQUARE}"\n')
    assert both.frame["village"].tolist() == ["620622100201"]
    assert (both.mapping["village"], both.unused_columns, both.findings) == ("村代码", ["所属村"], [])
    (note,) = (sentence for sentence in both.assumed if "村代码" in sentence)
    assert note == "所属村 写的是名称，改读 村代码 / 所属村 holds names, 村代码 is read"


def test_a_blank_name_is_not_that_of_the_police_station(tmp_path: Path) -> None:
    found = table(tmp_path, "demand", "编号,名称,派出所名称,经度,纬度\na,,城关所,102.89,37.45\n")
    assert (found.frame["name"].isna().all(), found.unused_columns) == (True, ["派出所名称"])


def test_storeys_may_be_written_in_words(tmp_path: Path) -> None:
    found = table(tmp_path, "obstacles", f'编号,地上楼层,WKT\nb1,六层,"{SQUARE}"\nb2,约6层,"{SQUARE}"\n')
    assert (found.frame["height"].tolist(), found.findings) == ([18.0, 18.0], [])


def test_a_download_with_a_name_for_a_code_comes_back_without_a_finding(tmp_path: Path) -> None:
    headings = ",".join([*layer("grids").names, "wkt"])
    cells = ["g1", "一", "", "1", "土门村", *[""] * (len(layer("grids").names) - 5), f'"{SQUARE}"']
    found = table(tmp_path, "grids", f"{headings}\n{','.join(cells)}\n")
    assert (found.frame["village"].tolist(), found.findings) == (["土门村"], [])
