"""Guess which column of a file holds which field, and keep personal and network data out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from geo.bounds import MAX_NAME
from geo.catalog.layers import Layer
from geo.errors import UnknownName

#: Coordinate columns are mapped like fields, under these names.
COORDINATES: Mapping[str, str] = {
    "lon": "lon lng long longitude 经度 wgs84经度 gcj02经度 百度经度 经度坐标 loclng x_lon center_lon jd lon_wgs84",
    "lat": "lat latitude 纬度 wgs84纬度 gcj02纬度 百度纬度 纬度坐标 loclat y_lat center_lat wd lat_wgs84",
    "x": "x x坐标 坐标x 横坐标 easting east 东坐标 point_x xcoord coord_x",
    "y": "y y坐标 坐标y 纵坐标 northing north 北坐标 point_y ycoord coord_y",
    "wkt": "wkt geometry geom the_geom shape_wkt 几何",
}

#: Names of columns per layer and field, best first, after the field's own name; without case, spaces, _ and units.
_GUESSES: Mapping[str, Mapping[str, str]] = {
    "cameras": {
        "id": "编号 点位编号 点位编码 设备编码 设备编号 国标编码 国标id "
        "摄像机编号 摄像机编码 监控编号 deviceid apeid cameraid code 序列编码",
        "site": "点位 点位id 杆位 杆位编号 杆件编号 立杆编号 poleid siteid pole",
        "name": "名称 点位名称 设备名称 摄像机名称 监控名称 cameraname devicename",
        "class": "类别 点位类别 点位类型 监控点位类型 一类点 建设类别 摄像机类别 pointtype cameraclass",
        "kind": "类型 设备类型 摄像机类型 摄像机种类 结构类型 外形 ptztype cameratype typeofcamera camera:type",
        "azimuth": "方位角 朝向 监视方位 监控方位 安装方位 拍摄方向 方向 角度 "
        "camera:direction direction bearing heading directiontype monitordirection",
        "hfov": "水平视场角 视场角 视角 水平视角 fov horizontalfov horizontalfieldangle",
        "vfov": "垂直视场角 垂直视角 verticalfov verticalfieldangle",
        "tilt": "俯角 俯仰角 下倾角 倾角 pitch depression",
        "roll": "横滚角 滚转角",
        "projection": "投影 镜头投影",
        "height": "安装高度 架设高度 杆高 立杆高度 挂高 高度 摄像机高度 mountheight installheight camera:height",
        "width_px": "图像宽度 水平像素 imagewidth widthpx 横向像素",
        "height_px": "图像高度 垂直像素 imageheight heightpx 纵向像素",
        "max_range": "最大距离 最大可视距离 可视距离 监控距离 有效距离 maxviewdistance maxdistance range",
        "status": "状态 在线状态 设备状态 运行状态 使用状态 建设状态 是否在线 isonline online state",
        "owner": "权属单位 所属单位 建设单位 管理单位 产权单位 所属部门 managementunit operator 权属",
        "place_type": "场所类型 位置类型 安装位置类型 所属场所 "
        "placetype roomtype 室内外 capturepositiontype positiontype",
        "source": "来源 数据来源 datasource",
    },
    "divisions": {
        "code": "代码 区划代码 行政区划代码 编码 区划编码 adcode divisioncode 统计用区划代码",
        "name": "名称 区划名称 行政区名称 行政区划名称 县名 乡镇名称 村名",
        "level": "级别 层级 区划级别 行政级别 type",
        "parent": "上级代码 上级编码 父级代码 父级编码 parentcode parentid pid",
    },
    "grids": {
        "code": "代码 网格编码 网格代码 网格编号 编码 编号 gridcode gridid codebase id",
        "name": "名称 网格名称 gridname",
        "kind": "类型 网格类型 网格类别 gridtype 类别",
        "level": "层级 网格层级 级别 网格级别 gridlevel lvl",
        "village": "所属村社区 所属村 所属社区 村社区 社区 村 村编码 社区编码 villagecode",
        "parent": "上级网格 上级编码 所属网格 父网格 parentid parentcode",
        "households": "户数 总户数 住户数 householdnum householdcount",
        "population": "人口数 人口 总人口 常住人口 实有人口 pop",
        "staff": "网格员人数 网格员数 网格员数量 人员数 staffcount",
    },
    "villages": {
        "code": "代码 村编码 村代码 社区编码 编码 编号 villagecode id",
        "name": "名称 村名 村庄名称 村名称 社区名称 villagename",
        "households": "户数 总户数 householdnum",
        "population": "人口数 人口 总人口 常住人口 pop",
    },
    "obstacles": {
        "id": "编号 建筑编号 楼栋编号 建筑编码 楼栋编码 buildingid osmid osm_id fid_1 gml_id",
        "height": "高度 建筑高度 楼高 建筑物高度 房屋高度 "
        "楼房高度 bldgheight buildingheight measuredheight building:height elevation_h",
        "levels": "层数 楼层 楼层数 地上层数 总层数 建筑层数 房屋层数 "
        "floor floors floorcount storeys stories level building:levels",
    },
    "roads": {
        "id": "编号 道路编号 路段编号 roadid osmid",
        "class": "等级 道路等级 道路类型 类型 fclass highway roadclass type",
        "width": "宽度 路宽 道路宽度 路面宽度 roadwidth",
        "name": "名称 道路名称 路名 roadname",
    },
    "demand": {
        "id": "编号 编码 code",
        "weight": "权重 需求权重 重要度 w",
        "name": "名称",
        "kind": "类型 类别 type",
    },
    "protected": {"id": "编号 编码 code", "kind": "类型 类别 type", "name": "名称", "rule": "规则 保护规则 要求"},
    "addresses": {
        "id": "编号 地址编号 地址编码 addressid",
        "text": "地址 详细地址 门牌地址 address fulladdress full_address addr addr:full 地址全称",
        "standard": "标准地址 标准化地址 standardaddress",
        "aliases": "别名 曾用名 俗名 alias",
        "building": "楼栋 楼号 楼栋号 楼栋编码 幢号",
        "grid": "所属网格 网格编码 gridcode",
    },
}
_VALIDITY = {"valid_from": "生效日期 启用日期 起始日期 validfrom", "valid_to": "失效日期 停用日期 终止日期 validto"}

# Personal and network data never enter (DESIGN "Places, not people"); matched on the name as written, less case.
_PERSONAL = re.compile(
    r"(?<![a-z])(?:ip|mac|rtsp|imei|imsi|ssid)(?![a-z])|(?<![a-z])(?:ip|mac)_?(?:v?[46])?_?addr|ipv[46]|ip地址|mac地址|物理地址|网关|端口"
    r"|^port$|rtsp|webcam|(?<![a-z])url(?![a-z])"
    r"|user_?(?:name|id)?$|login|account|passw|^pwd|_pwd$|账号|帐号|账户|用户名|登录名|密码|口令"
    r"|(?<![a-z])(?:tele|mobile_?|cell_?)?phone|(?<![a-z])(?:tel|fax|mobile|e-?mail|wechat|qq)(?![a-z])|电话|手机|传真|邮箱|微信"
    r"|联系(?:人|方式|信息)|负责人|责任人|经办人|管理员|维护人|安装人|填报人|采集人|录入人|创建人|更新人|户主|业主姓名|房主|法人(?!单位)|姓名"
    r"|网格长$|网格员$|网格员(?:姓名|名单|信息)|楼长|村长|书记|主任$|民警|警员|警号"
    r"|(?<![a-z])(?:contact(?:info|name|person|phone|tel)?|person)(?![a-z])|(?:staff|manager|owner|leader|resident)_?name"
    r"|身份证|证件号|id_?card|id_?number|passport|社保|出生|birth|(?<![a-z])(?:gender|sex)(?![a-z])|性别|民族"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True)
class Columns:
    """Say which column each field is read from, and which columns may not be read at all."""

    fields: Mapping[str, str]
    dropped: Sequence[str]


def squeezed(name: str) -> str:
    """Return a column name without case, spaces, underscores, hyphens, a ``tags_`` prefix and a unit in brackets."""
    plain = unicodedata.normalize("NFKC", str(name)[: MAX_NAME + 1]).strip().casefold()
    plain = re.sub(r"[(\[{][^)\]}]*[)\]}]\s*$", "", plain)
    return re.sub(r"[\s_\-*]", "", plain.removeprefix("tags_"))


def is_personal(name: str) -> bool:
    """Return whether a column of that name holds personal or network data (IP, account, phone, a person's name)."""
    if len(str(name)) > MAX_NAME:
        return True  # nobody has looked at it
    plain = unicodedata.normalize("NFKC", str(name)).strip().removeprefix("tags_")
    return any(_PERSONAL.search(way.casefold()) for way in (plain, _CAMEL.sub("_", plain)))


def decide(
    columns: Iterable[str],
    layer: Layer,
    explicit: Mapping[str, str] | None = None,
    *,
    extra: Mapping[str, str] | None = None,
    coordinates: bool = False,
) -> Columns:
    """Decide which column is read for which field.

    Parameters
    ----------
    columns
        The names found in the file.
    explicit
        Field -> column as the user gave them; they win. ``lon, lat, x, y, wkt`` name coordinates, ``levels`` storeys.
    extra
        Field -> further column names, tried first: those of a profile.
    coordinates
        Whether coordinates are looked for among the columns too.

    Raises
    ------
    UnknownName
        Where ``explicit`` names a field or column that does not exist, or a column with personal data.
    """
    names = [str(name) for name in columns]
    dropped = [name for name in names if is_personal(name)]
    fields = dict(_explicit(names, layer, explicit or {}, dropped))
    taken = set(fields.values()) | set(dropped)
    by_squeezed: dict[str, str] = {}
    for name in names:
        if name not in taken:
            by_squeezed.setdefault(squeezed(name), name)
    for field, guesses in _wanted(layer, extra or {}, coordinates=coordinates):
        if field in fields:
            continue
        found = next((by_squeezed[guess] for guess in guesses if guess in by_squeezed), None)
        if found is not None:
            fields[field] = found
            by_squeezed.pop(squeezed(found))
    return Columns(fields, dropped)


def _explicit(
    names: Sequence[str], layer: Layer, explicit: Mapping[str, str], dropped: Sequence[str]
) -> Mapping[str, str]:
    known = {*layer.names, *COORDINATES, *_GUESSES.get(layer.name, {})}
    for field, column in explicit.items():
        if field not in known:
            raise UnknownName(
                f"图层 {layer.name} 没有字段 {field}；可用：{', '.join(layer.names)}",
                f"layer {layer.name} has no field {field}; there are: {', '.join(layer.names)}",
            )
        if column not in names:
            listed = ", ".join(names[:40])
            raise UnknownName(
                f"文件没有列 {column}；有：{listed}", f"the file has no column {column}; it has: {listed}"
            )
        if column in dropped:
            raise UnknownName(
                f"列 {column} 含个人或网络信息，不予导入",
                f"column {column} holds personal or network data and is not imported",
            )
    return explicit


def _wanted(layer: Layer, extra: Mapping[str, str], *, coordinates: bool) -> Iterable[tuple[str, list[str]]]:
    guesses = {**_GUESSES.get(layer.name, {}), **_VALIDITY}
    # Names of the layer itself come before any guess, so that a frame written by this project maps onto itself.
    for name in layer.names:
        yield name, [squeezed(name)]
    if coordinates:
        for field, line in COORDINATES.items():
            yield field, [squeezed(word) for word in line.split()]
    for field, line in extra.items():
        yield field, [squeezed(word) for word in line.split()]
    for field, line in guesses.items():
        yield field, [squeezed(word) for word in (field, *line.split())]
