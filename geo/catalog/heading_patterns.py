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
    "|camera|lens|view|viewing|mount|mounting|installed|installation){0,2}(?:的)?"
)
_DEVICE = (
    "(?:摄像机|摄像头|监控点?位?|点位?|设备|前端|资产|资源|通道|相机|探头|视频|camera|device|cam|point|channel|asset)"
)
# A codec, and the number of a channel within its recorder: both repeat from camera to camera.
_NO_ID = "视频编码|(?:视频)?通道号码?|channel(?:no|num|number)"
# What the height of a camera is written of: the camera, what carries it, how it is fixed, from where it is measured.
# A cabinet, a lamp and a foundation have heights too.
_MOUNT = (
    "(?:摄像机|摄像头|监控|相机|镜头|探头|设备|前端|点位|球机|枪机|半球|云台|立柱|[^旗栏雷测、/杆]{0,3}杆[件体位]?|支架|横臂|支臂"
    "|安装(?:位置|点)?|架设|架空|悬挂|吊挂|挂装|吊装|壁[装挂]|装设|布设|设置|固定|[装挂架吊]|[距离对至到](?:地面?|路面)?|实际|平均|现场|测量|[的净总实])"
)
_MOUNT_EN = (
    "(?:camera|cam|cctv|lens|sensor|device|pole|mast|arm|bracket|mounting|mounted|mount|installation|installed|install"
    "|inst|(?:above|over|from)(?:the)?(?:ground|road|street|floor)?|agl|ofthe|of)"
)
_STOREYS = "(?:floors?|storeys?|stories|levels?)"
_GRID = "(?:[微小]|基础|综合|专属|全科|社会治理|综治)?(?:网格|grid)"
_VILLAGE = "(?:行政)?(?:村|社区|村社区|村居|村庄|自然村|村委会|居委会|village|community)"

# The name of a place of any kind (学校名称), but not that of what it belongs to or of who filled in the list.
_AREA = (
    "(?:省|市|州|县|旗|区|区县|县区|市县|乡|镇|乡镇|镇街|镇办|街道|街道办"
    "|行政区划?|行政村|村|社区|村社区|村居|网格|辖区)"
)  # fmt: skip
_NO_PLACE_NAME = (
    f"(?:所属|所在|归属|辖区)?{_AREA}名|上级|主管|所属|归属|施工|建设|管理|责任|填[报表]|采集|承建|产权|部门"
    "|曾用|别名|又名|签名|用户|[原旧]|英文|拼音|文件|图片|照片|字段|图层"
)
_PLACE_NAME = f"(?!{_NO_PLACE_NAME})[\u4e00-\u9fff]{{1,8}}名称?|(?:site|place|location){_NAME}"
# What may be the place itself, or what it belongs to: taken where no other heading of the file has a name.
_WEAK_NAME = re.compile("单位|公司|企业|派出所|警务|道路|街路|路段|地址|项目|网格|社区|街道")
#: Where it is done, or came about, is the address of cameras, patrols and events.
_WHAT_IS_DONE = "安装|装机|施工|巡查|事发|事故|案发|发生"
_DIVISION = "(?:行政)?(?:区划|区域|政区|辖区|单位|区县|县区?|乡镇(?:街道?)?|镇街|街道|村|社区|村居|村社区|地区)"
#: Places as platforms list them; a code of a unit or an area may be that of a division.
_PLACE_ID = (
    "(?:(?:(?:重点|敏感|公共|保护)?(?:场所|地点|部位|场地|目标|需求|对象|目的地)|(?:重点)?(?:小区|学校|保护区?)"
    f"|place|poi|site|location)(?:的)?{_CODE}|uid)"
)
_NO_PLACE_KIND = "证件|用地|土地|数据|坐标|几何|图形|单位|文件|权属|产权|摄像|设备|监控|变更|业务|任务"

_PLACE_FIELDS = {
    "id": _PLACE_ID,
    "name": _PLACE_NAME,
    "kind": f"(?!{_NO_PLACE_KIND})[\u4e00-\u9fff]{{1,6}}{_KIND}|(?:site|place)type",
}

_PATTERNS: Mapping[str, Mapping[str, str]] = {
    "cameras": {
        "azimuth": f"{_OF_CAMERA}(?:朝向(?:角度?)?|方位(?:角度?|属性)?|方向(?:角度?)?|指向"
        "|facing|azimuth|bearing|orientation|direction)|(?:拍摄|照射)(?:的)?角度",
        "kind": "(?:摄像机|摄像头|监控|设备|前端|相机|探头|camera)(?:设备)?(?:的)?(?:结构|外形|外观)?"
        "(?:类型|种类|形态|形式|型式|机型|kind|type|style)|机型|枪球类型|枪机/?球机",
        "height": f"{_MOUNT}+高度?|高度(?:{_MOUNT}+)?|{_MOUNT_EN}*(?:height|hgt){_MOUNT_EN}*|{_MOUNT_EN}+ht",
        # How far a lamp shines (照射距离) is not how far a camera sees.
        "max_range": "(?:最大|最远|有效)?(?:监控|监视|可视|拍摄|覆盖|观察|view|viewing|camera)(?:的)?"
        "(?:距离|半径|distance|range)|(?:最大|最远|有效|监控|可视)?视距",
        "hfov": f"{_OF_CAMERA}(?:水平)?(?:视场角度?|视角|视野角度?|可视角度?|fieldofview|fov|viewangle|viewingangle)",
        "width_px": "(?:图像|画面|视频)(?:分辨率)?(?:宽度?|宽像素)|水平像素数?",
        "height_px": "(?:图像|画面|视频)(?:分辨率)?(?:高度?|高像素)|垂直像素数?",
        "id": f"(?!(?:{_NO_ID})$)[新现]?{_DEVICE}(?:点位?|设备)?(?:的)?(?:国标|唯一|标准|统一|资产)?{_CODE}"
        f"|国标{_CODE}|[新现]?(?:编[号码]|代号)|uid",
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
        "parent": f"(?:上级|父级?|上一级)(?:网格)?{_CODE}",
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
        # 楼栋号 is 3 in every estate.
        "id": "(?:建筑物?|楼栋|楼房|房屋|楼宇|building|bldg)(?:编号|编码|代码|代号|标识码?|id|code|uid)",
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
        # Not 户籍地址, 单位地址 and 通讯地址, which may be elsewhere than what the row is about.
        "text": "(?:标准|详细|完整|门牌|房屋|建筑物?|楼栋|实际|具体|全|家庭|现居?|居住|小区|所在|点位"
        f"|{_WHAT_IS_DONE})?(?:地址|住址|坐落|座落)(?:全称|描述|信息|名称|文本|全文)?|(?:{_WHAT_IS_DONE})地点"
        "|(?:full|street|postal|complete|site)addr(?:ess)?|addr(?:ess)?(?:text|line1?|full)",
        "aliases": "(?:地址)?(?:别名|俗称|又名|别称)|alias(?:es|name)?",
        "grid": f"(?:所属|所在)?(?:[微小])?网格{_CODE}",
    },
}  # fmt: skip
_COMPILED = {layer: {name: re.compile(one) for name, one in fields.items()} for layer, fields in _PATTERNS.items()}

# Headings of two rows: what the group above says that it is of something else than the row of the register.
_PAST_GROUP = re.compile(
    r"[旧曾]|^原(?!始)|历史|(?:变更|调整|修改|迁移|纠偏)前|备[用份]|起点|终点|^(?:old|previous|former)"
)
_NOT_OF_ROW = {
    "cameras": (
        "建筑|楼|房|箱|柜|补光|(?<!路)灯(?!杆)|交换机|存储|录像|nvr|dvr|硬盘|电源|供电|取电|电表|网络|光[缆纤]|传输|线路|链路"
        "|服务器|单位|公司|派出所|警务|基础|接地|防雷|牌|道路|网格|building|cabinet|switch|power|storage|network|recorder"
    ),
    "grids": "村|社区|乡|镇|街道|县|派出所|单位|党",
    "villages": "乡|镇|街道|县|派出所|网格|单位",
    "roads": "桥|隧|涵|单位|管养|派出所",
    "obstacles": "小区|单位|道路|地下|派出所",
    "demand": "派出所|乡|镇|街道|社区|村|网格|部门",
    "protected": "派出所|乡|镇|街道|社区|村|网格|部门",
}
_OF_ROW = {"cameras": "摄像|监控|点位|前端|相机|camera", "grids": "网格", "villages": "村|社区", "roads": "道路|路段"}
_OF_ROW_COMPILED = {layer: re.compile(words) for layer, words in _OF_ROW.items()}
_NOT_OF_ROW_COMPILED = {layer: re.compile(words) for layer, words in _NOT_OF_ROW.items()}
# A pole has a number and a height that are those of its cameras, and a kind and a state of its own.
_POLE, _NOT_OF_POLE = re.compile("杆|立柱|pole"), re.compile("类[型别]|种类|状[态况]|情况|等级|级别|type|kind|status")
# What any thing has.
_GENERAL = re.compile(
    "编号|编码|代码|代号|号码?|名称?|高度?|状态|状况|情况|类型|类别|种类|等级|级别|方向|方位|朝向|角度|距离|来源|经度|纬度|东经|北纬"
    "|宽度?|户数|人口数?|位置|坐标|[xy](?:坐标)?|id|code|no|name|height|type|kind|status|state|class|lon|lat|longitude|latitude"
)
#: Letters of the longest heading that is taken apart: the ways to do so double with every few of them.
_LONGEST = 40
# Levels of divisions, the finest first.
_LEVELS = [re.compile(words) for words in ("村|社区", "乡|镇|街", "县|区县")]
#: Layers whose rows are places of any kind.
_OF_ANY_PLACE = ("demand", "protected")

# A longitude or latitude with what it was taken with or from: GPS经度, 东经, Lon_WGS84.
_OF_WHAT = "(?:wgs|wgs84|gcj|gcj02|bd|bd09|cgcs2000|gps|map|geo|site|center|centroid|pole|point|camera|amap|baidu)?"
# What is no place, or not where it is today: 经度差, 旧经度, 中央经度.
_NO_PLACE = re.compile(
    "差|误|偏(?!后)|[旧曾]|原(?!始)|历史|备[用份]|后备|(?<![当目])前(?!端)|精度|增量|改正|中央|起点|终点|用户|车辆"
)
_LON = re.compile(rf"([^纬]{{0,8}})(?:经度|东经)([^纬]{{0,6}})|({_OF_WHAT})(?:longitude|long|lng|lon)({_OF_WHAT})")
_LAT = re.compile(rf"([^经]{{0,8}})(?:纬度|北纬)([^经]{{0,6}})|({_OF_WHAT})(?:latitude|lat)({_OF_WHAT})")


def field_by_pattern(layer: str, names: Iterable[str], *, with_weak: bool = True) -> list[tuple[str, str]]:
    """Return field and heading for every heading that a pattern of the layer fits, in the order of the headings.

    Parameters
    ----------
    names
        Headings without case, spaces, marks and unit.
    with_weak
        Whether a heading that may be of what a place belongs to (派出所名称) is taken where it is the only name.

    Examples
    --------
    >>> field_by_pattern("cameras", ["镜头朝向", "设备代号", "杆号", "海拔高度"])
    [('azimuth', '镜头朝向'), ('id', '设备代号'), ('site', '杆号')]
    """
    patterns = _COMPILED.get(layer, {})
    known = [name for name in names if len(name) <= _LONGEST]
    found = [(field, name) for name in known for field, pattern in patterns.items() if pattern.fullmatch(name)]
    if layer == "divisions":  # a row is of the finest level that it names
        found.sort(key=lambda one: next((rank for rank, words in enumerate(_LEVELS) if words.search(one[1])), 0))
    if layer == "grids" and sum(field == "staff" for field, _ in found) > 1:
        return [one for one in found if one[0] != "staff"]  # 专职 and 兼职: neither is all of them
    if layer not in _OF_ANY_PLACE:
        return found
    sure = [one for one in found if not _is_weak(*one)]
    weak = [one for one in found if _is_weak(*one)]
    return sure if not with_weak or len(weak) != 1 or "name" in dict(sure) else [*sure, *weak]


def _is_weak(field: str, name: str) -> bool:
    return field == "name" and _WEAK_NAME.search(name) is not None


def is_of_something_else(layer: str, group: str, heading: str) -> bool:
    """Return whether the group above a heading says that it is of something else than what the layer lists.

    Parameters
    ----------
    group, heading
        Without case, spaces and marks.

    Examples
    --------
    >>> [is_of_something_else("cameras", one, "高度") for one in ("建筑", "立杆", "旧坐标")]
    [True, False, True]
    >>> is_of_something_else("obstacles", "建筑", "高度"), is_of_something_else("cameras", "网络信息", "设备编码")
    (False, False)
    """
    if _PAST_GROUP.search(group) is not None:
        return True
    own, others = _OF_ROW_COMPILED.get(layer), _NOT_OF_ROW_COMPILED.get(layer)
    if own is not None and own.search(group) is not None:
        return False
    if layer == "cameras" and _POLE.search(group) is not None and _NOT_OF_POLE.fullmatch(heading) is not None:
        return True
    return others is not None and others.search(group) is not None and _GENERAL.fullmatch(heading) is not None


def is_other_place(heading: str) -> bool:
    """Return whether a heading of coordinates is of no place, or not of where it is today: 经度差, 旧经度.

    Examples
    --------
    >>> [is_other_place(heading) for heading in ("旧经度", "经度误差", "设备经度")]
    [True, True, False]
    """
    return _NO_PLACE.search(heading) is not None


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
            if match is not None and not is_other_place(name):
                of_what = (match[1] or match[3] or "", _plain_end(match[2] or match[4] or ""))
                found.setdefault(of_what, {}).setdefault(axis, []).append(name)
    pairs = [(one["lon"][0], one["lat"][0]) for one in found.values() if "lon" in one and "lat" in one]
    return pairs[0] if len(pairs) == 1 else None


def _plain_end(text: str) -> str:
    # 经度E and 纬度N, 经度X and 纬度Y are pairs.
    return "" if text in {"e", "n", "x", "y", "度"} else text
