"""Know headings by how they are put together: what it is of, and what of it, as 设备代号 or 路基宽度.

Whole headings are in the catalogue and come first; these are for the others. A pattern is matched against the whole of
a heading without case, spaces, marks and unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_CODE = "(?:编号|编码|代码|代号|号码?|标识码?|id|code|no|number|num|uid)"
_NAME = "(?:名称?|简称|全称|name|title)"
_KIND = "(?:类型|类别|种类|分类)"
_PEOPLE = "(?:总|常住|户籍|登记|实有|现有|服务|居住)?"
_HOUSEHOLDS = f"{_PEOPLE}(?:家庭|居民)?(?:户数|户口数|住户数?)|households?(?:count|num|number)?"
_POPULATION = f"{_PEOPLE}(?:人口|居民)(?:数量?|总数)?|总人数|人数|population(?:count|num|total)?"

# Headings of cameras by what they end in: the thing, and what of it. Neither a road's direction nor a pole's number.
_OF_CAMERA = (
    "(?:摄像机|摄像头|监控|监视|拍摄|镜头|设备|前端|安装|照射|球机|枪机|探头"
    "|camera|lens|view|viewing|mount|mounting|installed|installation)?(?:的)?"
)
_DEVICE = (
    "(?:摄像机|摄像头|监控点?位?|点位?|设备|前端|资产|资源|通道|相机|探头|视频|camera|device|cam|point|channel|asset)"
)
# A height of something else than the camera or its pole.
_NO_MOUNT = (
    "海拔|高程|大地高|椭球|建筑|楼|房|屋|限高|图像|像素|分辨率|画面|目标|视频|树|墙|围栏|坐标"
    "|altitude|elevation|image|pixel|building|target"
)
_STOREYS = "(?:floors?|storeys?|stories|levels?)"
_DIVISION = "(?:行政)?(?:区划|区域|政区|辖区|单位|区县|县区?|乡镇|镇街|街道|村|社区|村居|地区)"
# Any thing, as 重点部位, but for what a place lies in or belongs to.
_ANY_THING = "(?!乡|镇|街道|村|社区|单位|部门|网格)[\u4e00-\u9fff]{1,8}"
_GRID = "(?:[微小]|基础|综合|专属|全科|社会治理|综治)?(?:网格|grid)"
_VILLAGE = "(?:行政)?(?:村|社区|村社区|村居|村庄|自然村|村委会|居委会|village|community)"
#: Places as platforms list them; a code of a unit or an area may be that of a division.
_PLACE = "(?:(?:重点|敏感|公共|保护)?(?:场所|地点|部位|场地|目标|需求|对象)|place|poi|site|location)"
_PLACE_FIELDS = {
    "id": f"{_PLACE}(?:的)?{_CODE}|uid",
    "name": f"{_ANY_THING}名称?|(?:site|place|location){_NAME}",
    "kind": f"[\u4e00-\u9fff]{{1,6}}{_KIND}|(?:site|place)type",
}

_PATTERNS: Mapping[str, Mapping[str, str]] = {
    "cameras": {
        "azimuth": f"{_OF_CAMERA}(?:朝向(?:角度?)?|方位(?:角度?)?|方向角?|指向"
        "|facing|azimuth|bearing|orientation|direction)|(?:拍摄|照射)(?:的)?角度",
        "kind": "(?:摄像机|摄像头|监控|设备|前端|相机|探头|camera)(?:设备)?(?:的)?(?:结构|外形|外观)?"
        "(?:类型|种类|形态|形式|型式|机型|kind|type|style)|机型|枪球类型|枪机/?球机",
        "height": f"(?!.*(?:{_NO_MOUNT})).*"
        "(?:高度|杆高|净高|挂高|架高|装高|height|hgt|(?:mounting|pole|camera|mast)ht)",
        "max_range": "(?:最大|最远|有效)?(?:监控|监视|可视|拍摄|照射|覆盖|观察|view|viewing|camera)(?:的)?"
        "(?:距离|半径|distance|range)|(?:最大|最远|有效|监控|可视)?视距",
        "hfov": f"{_OF_CAMERA}(?:水平)?(?:视场角度?|视角|视野角度?|可视角度?|fieldofview|fov|viewangle|viewingangle)",
        "width_px": "(?:图像|画面|视频)(?:分辨率)?(?:宽度?|宽像素)|水平像素数?",
        "height_px": "(?:图像|画面|视频)(?:分辨率)?(?:高度?|高像素)|垂直像素数?",
        "id": f"{_DEVICE}(?:点位?|设备)?(?:的)?(?:国标|唯一|标准|统一|资产)?{_CODE}|国标{_CODE}|编码|代号|uid",
        "site": "(?:立|灯|电|监控|路灯|pole|mast)?(?:杆(?:件|体|位|子)?|pole|mast)(?:的)?"
        "(?:编?号|编码|代码|id|no|number|code|名称?)",
        "name": f"{_DEVICE}(?:点位?)?(?:的)?{_NAME}|安装点位?|监控点位?|(?:site|location){_NAME}",
        "class": "(?:点位|监控点位?|资源|前端|建设|治安|视频监控)(?:属性|建设|管理)?(?:类别|分类|级别|等级)",
        "place_type": ".*室内[或/、和]?室外.*|.*室外[或/、和]?室内.*",
    },
    "grids": {
        "code": f"{_GRID}{_CODE}",
        "name": f"{_GRID}{_NAME}",
        "village": f"(?:所属|所在)?{_VILLAGE}{_CODE}|(?:所属|所在){_VILLAGE}",
        "level": "(?:网格)?(?:层级|级别|等级)",
        "households": _HOUSEHOLDS,
        "population": _POPULATION,
        "staff": "(?:专职|兼职|专兼职|配备)?网格员(?:人数|数量?|配备数)",
    },
    "villages": {
        "code": f"{_VILLAGE}{_CODE}",
        "name": f"{_VILLAGE}{_NAME}",
        "households": _HOUSEHOLDS,
        "population": _POPULATION,
    },
    "divisions": {
        "code": f"{_DIVISION}{_CODE}",
        "name": f"{_DIVISION}{_NAME}",
        "level": "(?:行政|区划|区域|政区)(?:级别|层级|等级|级)",
        "parent": f"(?:上级|父级?|隶属|所属上级)(?:行政)?(?:区划|区域|单位)?{_CODE}?",
    },
    "obstacles": {
        "id": f"(?:建筑物?|楼栋|楼房|房屋|楼宇|building|bldg){_CODE}",
        "height": "(?:建筑物?|楼栋?|楼房|房屋|屋顶|building|bldg|roof)(?:的)?(?:总|最大|max)?(?:高度?|height|hgt|ht)",
        "levels": "(?:地上|建筑物?|房屋|楼栋|总)(?:总)?(?:楼?层数?|楼层数?)"
        f"|(?:num|number|no)(?:of)?{_STOREYS}|{_STOREYS}(?:num|number|count|no)",
    },
    "roads": {
        "id": f"(?:道路|路段|公路|路线|road|street){_CODE}",
        "name": f"(?:道路|路段|公路|路线|街路巷|road|street){_NAME}",
        "class": "(?:道路|公路|技术|行政|路线)(?:技术)?(?:等级|级别|类型|类别)",
        "width": "(?:道路|路面|路基|路幅|行车道|车行道|road|street|carriageway|pavement)(?:的)?"
        "(?:总|平均)?(?:宽度?|width)",
    },
    "demand": {
        **_PLACE_FIELDS,
        "weight": "(?:需求|重要)?(?:权值|权重(?:值|系数)?|性权重|重要性|重要程度)|weight(?:value)?|importance",
    },
    "protected": {
        **_PLACE_FIELDS,
        "rule": "(?:拍摄|保护|隐私|遮挡)(?:规则|要求|措施|方式)",
    },
    "addresses": {
        # Of what is 号 there is no id: 门牌号 is a part of the address.
        "id": "(?:标准|统一|门牌|门楼牌)?(?:地址|门牌|门楼牌)(?:编号|编码|代码|标识码?|id|code|uid)|uid",
        "text": "(?:标准|详细|完整|门牌|实际|具体|全)?(?:地址|住址|坐落|座落)(?:全称|描述|信息|名称|文本|全文)?"
        "|(?:full|street|postal|complete|site)addr(?:ess)?|addr(?:ess)?(?:text|line1?|full)",
        "aliases": "(?:地址)?(?:别名|俗称|又名|别称)|alias(?:es|name)?",
        "grid": f"(?:所属|所在)?(?:[微小])?网格{_CODE}",
    },
}  # fmt: skip
_COMPILED = {layer: {name: re.compile(one) for name, one in fields.items()} for layer, fields in _PATTERNS.items()}

# A longitude or latitude with what it was taken with or from: GPS经度, 东经, Lon_WGS84.
_OF_WHAT = "(?:wgs|wgs84|gcj|gcj02|bd|bd09|cgcs2000|gps|map|geo|site|center|centroid|pole|point|camera|amap|baidu)?"
_LON = re.compile(rf"([^纬]{{0,8}})(?:经度|东经)([^纬]{{0,6}})|({_OF_WHAT})(?:longitude|long|lng|lon)({_OF_WHAT})")
_LAT = re.compile(rf"([^经]{{0,8}})(?:纬度|北纬)([^经]{{0,6}})|({_OF_WHAT})(?:latitude|lat)({_OF_WHAT})")


def field_by_pattern(layer: str, names: Iterable[str]) -> list[tuple[str, str]]:
    """Return field and heading for every heading that a pattern of the layer fits, in the order of the headings.

    Parameters
    ----------
    names
        Headings without case, spaces, marks and unit.

    Examples
    --------
    >>> field_by_pattern("cameras", ["镜头朝向", "设备代号", "杆号", "海拔高度"])
    [('azimuth', '镜头朝向'), ('id', '设备代号'), ('site', '杆号')]
    """
    patterns = _COMPILED.get(layer, {})
    return [(field, name) for name in names for field, pattern in patterns.items() if pattern.fullmatch(name)]


def longitude_and_latitude(names: Iterable[str]) -> tuple[str, str] | None:
    """Return the two headings of coordinates that belong together; None where there are none, or several pairs.

    Examples
    --------
    >>> longitude_and_latitude(["设备号", "东经", "北纬"]), longitude_and_latitude(["lonwgs", "latwgs"])
    (('东经', '北纬'), ('lonwgs', 'latwgs'))
    >>> longitude_and_latitude(["高德经度", "高德纬度", "gps经度", "gps纬度"]) is None
    True
    """
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    for name in names:
        for axis, pattern in (("lon", _LON), ("lat", _LAT)):
            match = pattern.fullmatch(name)
            if match is not None:
                of_what = (match[1] or match[3] or "", _plain_end(match[2] or match[4] or ""))
                found.setdefault(of_what, {}).setdefault(axis, []).append(name)
    pairs = [(one["lon"][0], one["lat"][0]) for one in found.values() if "lon" in one and "lat" in one]
    return pairs[0] if len(pairs) == 1 else None


def _plain_end(text: str) -> str:
    # 经度E and 纬度N, 经度X and 纬度Y are pairs.
    return "" if text in {"e", "n", "x", "y", "度"} else text
