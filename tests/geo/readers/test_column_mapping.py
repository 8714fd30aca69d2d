"""Test column guesses, explicit maps, and that personal data stay out."""

from __future__ import annotations

import pytest

from geo.catalog.layers import LAYERS, layer
from geo.errors import UnknownName
from geo.readers.columns.column_mapping import is_personal, map_columns
from geo.readers.columns.profiles import PROFILES, profile, recognised

PERSONAL = [
    "IP",
    "ip地址",
    "IP地址",
    "设备IP",
    "IPAddr",
    "IPv6Addr",
    "camera_ip",
    "端口",
    "Port",
    "MAC",
    "mac地址",
    "MACAddress",
    "账号",
    "用户名",
    "UserId",
    "username",
    "登录账号",
    "密码",
    "Password",
    "pwd",
    "联系电话",
    "手机号",
    "phone",
    "contact:phone",
    "tel",
    "email",
    "联系人",
    "ContactInfo",
    "负责人",
    "负责人姓名",
    "网格员姓名",
    "网格员",
    "网格长",
    "户主",
    "姓名",
    "身份证号",
    "id_card",
    "管理员",
    "contact:webcam",
    "rtsp地址",
    "staff_name",
    *[
        "取流地址",
        "子网掩码",
        "VLAN",
        "平台地址",
        "登录用户",
        "SIM卡号",
        "ICCID",
        "座机",
        "网格员1",
        "联络员",
        "运维人员",
        "审核人员",
        "片警",
        "村支书",
        "房东",
        "车牌号",
    ],
    *["年龄", "创建者", "Editor", "Landlord"],
    "Owner Name",
    "Person in charge",
    *["principal", "linkMan", "link_man", "LXR", "lxdh", "LXRDH", "fzr", "FZRXM", "xm", "SFZH", "sjhm"],
]
HARMLESS = [
    "编号",
    "name",
    "height",
    "township",
    "zip",
    "ship",
    "hotel",
    "网格员人数",
    "户数",
    "人口",
    "管理单位",
    "owner",
    "operator",
    "地址",
    "建设单位",
    "macro",
    "personnel",
    "import_no",
    "网格编码",
    "方位角",
    "camera:type",
    "staff",
    "tips",
    "airport",
    "法人单位",
    *["责任单位", "维护单位", "管理单位", "派出所", "采集时间", "安装地址", "是否车牌识别", "人员数"],
    *["principal_use", "manhole", "XMMC", "DM", "BM", "MC", "XZDM", "dhl"],
]


@pytest.mark.parametrize("name", PERSONAL)
def test_personal_and_network_columns_are_known(name: str) -> None:
    assert is_personal(name)


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_columns_are_not_dropped(name: str) -> None:
    assert not is_personal(name)


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_a_layer_maps_onto_itself(name: str) -> None:
    fields = layer(name).names
    found = map_columns([field.upper() for field in fields], layer(name))
    assert found.fields == {field: field.upper() for field in fields}
    assert found.dropped == []


def test_chinese_columns_are_guessed_with_units_and_coordinates() -> None:
    columns = [
        "点位编码",
        "设备名称",
        "经度（°）",
        "纬度",
        "朝向",
        "安装高度(米)",
        "在线状态",
        "点位类别",
        "联系人",
        "IP地址",
        "备注",
    ]
    found = map_columns(columns, layer("cameras"), coordinates=True)
    assert found.fields == {
        "id": "点位编码",
        "name": "设备名称",
        "lon": "经度（°）",
        "lat": "纬度",
        "azimuth": "朝向",
        "height": "安装高度(米)",
        "status": "在线状态",
        "class": "点位类别",
    }
    assert found.dropped == ["联系人", "IP地址"]


def test_an_explicit_map_wins_and_frees_no_column_twice() -> None:
    found = map_columns(["编号", "代码", "x"], layer("grids"), {"code": "编号", "name": "代码"})
    assert found.fields == {"code": "编号", "name": "代码"}


@pytest.mark.parametrize("explicit", [{"colour": "编号"}, {"id": "nothing"}, {"owner": "联系人"}])
def test_a_wrong_map_is_refused(explicit: dict[str, str]) -> None:
    with pytest.raises(UnknownName):
        map_columns(["编号", "联系人"], layer("cameras"), explicit)


def test_a_wrong_map_is_told_all_that_it_may_name() -> None:
    with pytest.raises(UnknownName) as error:
        map_columns(["编号"], layer("obstacles"), {"hight": "编号"})
    told = error.value.en.partition("there are: ")[2].split(", ")
    assert {"id", "height", "levels", "lon", "lat", "x", "y", "lonlat", "latlon", "wkt"} <= set(told)
    for field in told:
        assert map_columns(["编号"], layer("obstacles"), {field: "编号"}).fields[field] == "编号"


def test_profiles_are_named_and_recognised() -> None:
    assert profile("GB/T 28181".replace(" ", "")).name == "gbt28181"
    assert recognised(["DeviceID", "PTZType", "Longitude"], "cameras") is PROFILES["gbt28181"]
    assert recognised(["ApeID", "MonitorDirection"], "cameras") is PROFILES["gat1400"]
    assert recognised(["man_made", "height"], "cameras") is PROFILES["osm"]
    assert recognised(["id", "height"], "cameras") is None
    with pytest.raises(UnknownName, match="gat1400"):
        profile("gb9999")


def test_the_two_national_profiles_differ_in_the_diagonals() -> None:
    ours, theirs = PROFILES["gbt28181"].codes["azimuth"], PROFILES["gat1400"].codes["azimuth"]
    assert {code for code in "12345678" if ours[code] != theirs[code]} == set("567")
    assert (ours["5"], theirs["5"]) == ("135", "45")
