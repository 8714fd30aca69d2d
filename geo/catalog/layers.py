"""Declare the layers: shape, key, fields, who may read them, what they serve (docs/contract.md sections 1, 4, 5)."""

from __future__ import annotations

from collections.abc import Mapping

from geo.catalog.fields import Choice, Field, Limits, integer, number, text
from geo.catalog.free_words import PLACE_TYPES, ROAD_CLASSES
from geo.catalog.layer_class import Layer, Shape
from geo.catalog.place_layers import ALIASES, AREAS, CLAIMS, FACILITIES, PLACES, PLACES_DAY
from geo.errors import UnknownName

__all__ = [
    "DRAWN", "INPUTS", "LAYERS", "LOCATING", "LOCATING_ZONES", "NO_CLASS", "SCOPED", "ZONE_INPUTS", "Layer", "Shape",
    "layer",
]  # fmt: skip


def _common(words: Mapping[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(name, zh, name) for name, zh in words.items())


_ABOVE_ZERO = Limits(0.0, has_low=False)
_NOT_NEGATIVE = Limits(0.0)

# The numbers are those of the statistics office's urban-rural classification.
_URBAN_RURAL = text(
    "urban_rural", "城乡属性", "Urban or rural",
    "城乡属性 城乡分类 城乡类型 城乡类别 城乡 城乡划分 城乡分类代码 urbanrural urbanruraltype",
    Choice(
        "urban", "城镇", "urban",
        "城市 城区 城 镇 镇区 主城区 城乡结合区 镇中心区 镇乡结合区 特殊区域 111 112 121 122 123",
    ),
    Choice("rural", "乡村", "rural", "农村 村 乡 村庄 乡中心区 210 220"),
    since=PLACES_DAY,
)  # fmt: skip

_DIVISIONS = Layer(
    "divisions", "行政区划", "Divisions", ("polygon",), "code",
    (
        text("code", "代码", "Code",
            "代码 区划代码 行政区划代码 编码 区划编码 adcode divisioncode 统计用区划代码 "
            "xzqdm xzqhdm zldwdm qsdwdm bm dm gb pac xzdm qxdm 权属单位代码 坐落单位代码 行政区代码 "
            "村代码 社区代码 村级代码 村居代码 行政村代码 村委会代码 居委会代码 村社区代码 社区村代码 社区/村代码 "
            "乡镇代码 乡级代码 乡镇级代码 县代码 县级代码 区县代码",
        ),
        text("name", "名称", "Name",
            # A row is of the finest level that it names: a village has columns of its township and county.
            "名称 区划名称 行政区名称 行政区划名称 xzqmc xzqhmc zldwmc qsdwmc mc xzmc qxmc "
            "权属单位名称 坐落单位名称 村名称 村名 社区名称 村级名称 村居名称 行政村名称 村委会名称 居委会名称 "
            "村社区名称 社区村名称 社区/村名称 行政村 村社区 村居 村 社区 "
            "乡镇名称 乡级名称 乡镇级名称 县名称 县名 县级名称 区县名称",
        ),
        text(
            "level", "级别", "Level", "级别 层级 区划级别 行政级别 type",
            Choice("province", "省级", "Province", "省 自治区 直辖市 特别行政区 省级行政区 1"),
            Choice("city", "地级", "City", "市 地级市 市级 地区 自治州 盟 地市 地市级 市州 prefecture 2"),
            Choice("county", "县（区）", "County", "县 区 县级 区县 区县级 县区 市辖区 县级市 district 3"),
            Choice(
                "township", "乡镇（街道）", "Township",
                "乡 镇 街道 乡级 乡镇 乡镇级 镇街 乡镇街道 街道办 town street 4",
            ),
            Choice("village", "村（社区）", "Village", "村 社区 村级 村社区 村居 居委会 村委会 行政村 community 5"),
        ),
        text("parent", "上级代码", "Parent code", "上级代码 上级编码 父级代码 父级编码 parentcode parentid pid"),
        _URBAN_RURAL,
        integer(
            "class", "类别", "Class", "类别 乡镇类别 镇街类别 乡镇街道类别 乡镇分类 镇街分类 几类乡镇 townshipclass",
            Choice("1", "一类", "Class 1", "一 i 一类乡镇 一类镇 一类镇街 一类街道"),
            Choice("2", "二类", "Class 2", "二 ii 二类乡镇 二类镇 二类镇街 二类街道"),
            Choice("3", "三类", "Class 3", "三 iii 三类乡镇 三类镇 三类镇街 三类街道"),
            since=PLACES_DAY,
        ),
        ALIASES,
    ),
    is_admins=True, input_rank=5, is_zones=True, drawn_rank=1, map_fields=("code", "name", "level"), locates=True,
    named_by=("code", "name"), may_lack_shape=True,
)  # fmt: skip

_GRIDS = Layer(
    "grids", "网格", "Grids", ("polygon",), "code",
    (
        # Rows that have a microgrid are microgrids; the grid beside it is what they are part of.
        text("code", "代码", "Code",
            "代码 微网格编码 微网格代码 微网格编号 网格编码 网格代码 网格编号 "
            "编码 编号 gridcode gridid codebase bm dm id",
        ),
        text("name", "名称", "Name", "名称 微网格名称 网格名称 gridname mc"),
        text(
            "kind", "类型", "Kind", "类型 网格类型 网格类别 gridtype 类别",
            Choice("general", "综合网格", "General", "综合 综合网格 基础 基础网格 普通 微网格 1"),
            Choice("dedicated", "专属网格", "Dedicated", "专属 专属网格 专用 2"),
        ),
        integer(
            "level", "层级", "Level", "层级 网格层级 级别 网格级别 gridlevel lvl",
            Choice("1", "网格", "Grid", "一级 网格 一 一级网格"),
            Choice("2", "微网格", "Microgrid", "二级 微网格 二 二级网格"),
        ),
        text(
            "village", "所属村社区", "Village",
            "所属村社区 所属村 所属社区 村社区 社区 村 村编码 社区编码 villagecode",
        ),
        text("parent", "上级网格", "Parent grid", "上级网格 上级编码 所属网格 父网格 parentid parentcode"),
        integer(
            "households", "户数", "Households", "户数 总户数 住户数 常住户数 实有户数 householdnum householdcount",
            limits=_NOT_NEGATIVE,
        ),
        integer("population", "人口数", "Population", "人口数 人口 总人口 常住人口 实有人口 pop", limits=_NOT_NEGATIVE),
        integer(
            "staff", "网格员人数", "Staff", "网格员人数 网格员数 网格员数量 人员数 staffcount", limits=_NOT_NEGATIVE
        ),
        integer(
            "heads", "网格长人数", "Heads", "网格长人数 网格长数 网格长数量 headcount headscount",
            limits=_NOT_NEGATIVE, since=PLACES_DAY,
        ),
        integer(
            "staff_part_time", "兼职网格员人数", "Part-time staff",
            "兼职网格员人数 兼职网格员数 兼职网格员数量 兼职网格员 兼职人数 parttimestaff",
            limits=_NOT_NEGATIVE, since=PLACES_DAY,
        ),
        _URBAN_RURAL,
        ALIASES,
    ),
    input_rank=3, is_zones=True, locates=True, named_by=("code", "name"),
)  # fmt: skip

_VILLAGES = Layer(
    "villages", "村庄", "Villages", ("point", "polygon"), "code",
    (
        text("code", "代码", "Code",
            "代码 村编码 村代码 社区编码 社区代码 编码 编号 villagecode xzqdm xzqhdm zldwdm qsdwdm bm dm xzdm "
            "权属单位代码 坐落单位代码 行政村代码 村委会代码 行政区划代码 区划代码 统计用区划代码 行政区代码 id",
        ),
        text("name", "名称", "Name",
            "名称 村名 村庄名称 村名称 社区名称 villagename xzqmc xzqhmc zldwmc qsdwmc mc xzmc "
            "权属单位名称 坐落单位名称 行政村名称 行政村 村委会名称 行政区划名称 区划名称 行政区名称",
        ),
        integer("households", "户数", "Households", "户数 总户数 常住户数 实有户数 householdnum", limits=_NOT_NEGATIVE),
        integer("population", "人口数", "Population", "人口数 人口 总人口 常住人口 pop", limits=_NOT_NEGATIVE),
        ALIASES,
    ),
    input_rank=4, is_zones=True, drawn_rank=2, locates=True, named_by=("code", "name"),
)  # fmt: skip

_CAMERAS = Layer(
    "cameras", "摄像机", "Cameras", ("point",), "id",
    (
        text(
            "id", "编号", "Id",
            "编号 点位编号 点位编码 设备编码 设备编号 国标编码 国标id "
            "摄像机编号 摄像机编码 监控编号 deviceid apeid cameraid code 序列编码",
        ),
        text("site", "点位", "Site", "点位 点位id 杆位 杆位编号 杆件编号 立杆编号 poleid siteid pole"),
        text("name", "名称", "Name", "名称 点位名称 设备名称 摄像机名称 监控名称 cameraname devicename"),
        integer(
            "class", "类别", "Class",
            "类别 点位类别 点位类型 监控点位类型 一类点 建设类别 摄像机类别 点位分类 监控类别 监控分类 "
            "前端类别 前端分类 资源类别 资源分类 几类点 监控级别 点位级别 分类 pointtype cameraclass",
            Choice("1", "一类点", "Class 1", "一 i"), Choice("2", "二类点", "Class 2", "二 ii"),
            Choice("3", "三类点", "Class 3", "三 iii"),
        ),
        text(
            "kind", "类型", "Kind",
            "类型 设备类型 摄像机类型 摄像机种类 摄像头类型 相机类型 监控类型 前端类型 结构类型 外形 "
            "ptztype cameratype typeofcamera camera:type",
            Choice(
                "fixed", "枪机", "fixed",
                "枪机 固定 固定枪机 固定式 固定摄像机 枪型 枪式 筒机 筒型 定焦 半球 bullet box",
            ),
            Choice(
                "ptz", "球机（云台）", "PTZ",
                "球机 云台 快球 高速球机 球型 可控 云台枪机 遥控枪机 遥控半球 dome panning speeddome",
            ),
            Choice("panoramic", "全景", "panoramic", "全景 全景摄像机 高空全景 鱼眼 fisheye panorama 360"),
            default="fixed",
        ),
        number(
            "azimuth", "方位角", "Azimuth", "deg",
            "方位角 朝向 监视方位 监控方位 安装方位 拍摄方向 方向 角度 "
            "camera:direction direction bearing heading directiontype monitordirection",
        ),
        number(
            "hfov", "水平视场角", "Horizontal field of view", "deg",
            "水平视场角 视场角 视角 水平视角 fov horizontalfov horizontalfieldangle",
            Limits(0.0, 360.0, has_low=False), {"fixed": 80.0, "ptz": 60.0, "panoramic": 360.0},
        ),
        number(
            "vfov", "垂直视场角", "Vertical field of view", "deg", "垂直视场角 垂直视角 verticalfov verticalfieldangle",
            Limits(0.0, 180.0, has_low=False),
        ),
        number("tilt", "俯角", "Tilt", "deg", "俯角 俯仰角 下倾角 倾角 pitch depression", Limits(-90.0, 90.0)),
        number("roll", "横滚角", "Roll", "deg", "横滚角 滚转角"),
        text("projection", "投影", "Projection", "投影 镜头投影"),
        number(
            "height", "安装高度", "Mounting height", "m",
            "安装高度 架设高度 杆高 立杆高度 挂高 高度 摄像机高度 mountheight installheight camera:height",
            _ABOVE_ZERO, {"fixed": 4.0, "ptz": 6.0, "panoramic": 3.5},
        ),
        integer(
            "width_px", "图像宽度", "Image width", "图像宽度 水平像素 imagewidth widthpx 横向像素",
            unit="px", limits=_ABOVE_ZERO, default={"fixed": 1920.0, "ptz": 1920.0, "panoramic": 3840.0},
        ),
        integer(
            "height_px", "图像高度", "Image height", "图像高度 垂直像素 imageheight heightpx 纵向像素",
            unit="px", limits=_ABOVE_ZERO, default={"fixed": 1080.0, "ptz": 1080.0, "panoramic": 1080.0},
        ),
        number(
            "max_range", "最大距离", "Maximum range", "m",
            "最大距离 最大可视距离 可视距离 监控距离 有效距离 距离 maxviewdistance maxdistance range", _ABOVE_ZERO,
        ),
        text(
            "status", "状态", "Status",
            "状态 在线状态 设备状态 运行状态 使用状态 建设状态 是否在线 isonline online state",
            Choice(
                "online", "在线", "online",
                "在线 正常 运行 正常运行 在用 启用 使用中 完好 良好 已联网 无故障 无异常 已修复 已上线 是 "
                "on ok 1 normal active working true yes up turnedon inuse inservice operational enabled connected live "
                "y t √ ✓ ✔",
            ),
            Choice(
                "offline", "离线", "offline",
                "离线 不在线 断线 故障 停用 维修 维修中 损坏 异常 未联网 待修 报修 欠费停机 断电 迁移 否 off 0 "
                "fault faulty broken inactive disabled false no down turnedoff outofservice outoforder notworking "
                "disconnected maintenance repair underrepair damaged failed notinservice n f × ✗ ✘",
            ),
            Choice(
                "planned", "规划", "planned",
                "拟建 规划 计划 待建 在建 新建 未建 建设中 待接入 待安装 proposed construction project desired "
                "future underconstruction notinstalled pending pendinginstallation awaitinginstallation",
            ),
            Choice("unknown", "未知", "unknown", "未知 不明 不详 待核实"),
            Choice(
                "removed", "已拆除", "no longer there",
                "拆除 已拆除 已拆 报废 注销 已迁移 已迁走 "
                "demolished void deleted decommissioned retired dismantled scrapped",
            ),
            default="online", not_understood="unknown",
        ),
        text(
            "owner", "权属单位", "Owner",
            "权属单位 所属单位 建设单位 管理单位 产权单位 所属部门 managementunit operator 权属",
        ),
        text(
            "place_type", "场所类型", "Type of place",
            "场所类型 位置类型 安装位置类型 所属场所 placetype roomtype 室内外 capturepositiontype positiontype "
            "室内外属性 安装位置室内外 室内/室外 室内室外 室内或室外 是否室内 是否在室内 安装场所 安装环境 "
            "使用环境 场所 isindoor indooroutdoor indoor/outdoor",
            common=_common(PLACE_TYPES),
        ),
        text(
            "source", "来源", "Source",
            "来源 数据来源 datasource 承建单位 承建商 施工单位 施工方 集成商 承建厂家 contractor integrator installer",
        ),
        # The ids that other registers have for this camera, with ; between them: an import of those finds its row.
        text("other_ids", "其他编号", "Other ids", "其他编号 别的编号 原编号 曾用编号 otherids", since="2026-11-29"),
        text(
            "networked", "联网", "Networked",
            "是否联网 联网 联网情况 联网状态 是否已联网 是否接入 接入情况 接入状态 isnetworked",
            Choice("yes", "已联网", "yes", "是 联网 已联网 已接入 接入 y true 1 √ connected"),
            Choice("no", "未联网", "no", "否 未联网 不联网 未接入 n false 0 × disconnected"),
            Choice("unknown", "未知", "unknown", "未知 不明 不详 待核实"),
            not_understood="unknown", since=PLACES_DAY,
        ),
        Field(
            "status_on", "date", "状态日期", "Status of", columns=
            "状态日期 状态时间 状态更新日期 状态更新时间 巡检日期 巡检时间 核查日期 statusdate",
            since=PLACES_DAY,
        ),
        text(
            "required", "应联网", "Must be networked",
            "应联网 是否应联网 应联 必须联网 是否必须联网 需联网 是否需要联网 要求联网",
            Choice("yes", "是", "yes", "应联 应联网 需要 需 y true 1 √"),
            Choice("no", "否", "no", "不要求 不需要 不需 无需 n false 0 ×"),
            since=PLACES_DAY,
        ),
    ),
    is_scoped=True, input_rank=1, map_fields=(
        "id", "site", "name", "class", "kind", "status", "azimuth", "hfov", "vfov", "tilt", "height", "width_px",
        "height_px", "max_range",
    ),
    popup_fields=(
        "class", "kind", "status", "site", "azimuth", "tilt", "height", "hfov", "vfov", "width_px", "height_px",
        "max_range",
    ),
)  # fmt: skip

_OBSTACLES = Layer(
    "obstacles", "建筑", "Buildings", ("polygon",), "id",
    (
        text("id", "编号", "Id", "编号 建筑编号 楼栋编号 建筑编码 楼栋编码 buildingid osmid osm_id fid_1 gml_id"),
        number(
            "height", "高度", "Height", "m",
            "高度 建筑高度 楼高 建筑物高度 房屋高度 "
            "楼房高度 bldgheight buildingheight measuredheight building:height elevation_h",
            is_lenient=True,
        ),
    ),
    also_read=(
        number(
            "levels", "层数", "Storeys", "",
            "层数 楼层 楼层数 地上层数 总层数 建筑层数 房屋层数 "
            "floor floors floorcount storeys stories level building:levels",
            is_lenient=True,
        ),
    ),
    input_rank=2, drawn_rank=4,
)  # fmt: skip

_ROADS = Layer(
    "roads", "道路", "Roads", ("line",), "id",
    (
        text("id", "编号", "Id", "编号 道路编号 路段编号 roadid osmid"),
        text(
            "class", "等级", "Class", "等级 道路等级 道路类型 类型 fclass highway roadclass type",
            common=_common(ROAD_CLASSES),
        ),
        number("width", "宽度", "Width", "m", "宽度 路宽 道路宽度 路面宽度 roadwidth", is_lenient=True),
        text("name", "名称", "Name", "名称 道路名称 路名 roadname"),
        ALIASES,
    ),
    input_rank=6, drawn_rank=3, map_fields=("id", "class", "name"), locates=True,
)  # fmt: skip

_DEMAND = Layer(
    "demand", "需求", "Demand", ("point", "line", "polygon"), "id",
    (
        text("id", "编号", "Id", "编号 编码 code"),
        number("weight", "权重", "Weight", "per m2, m or point", "权重 需求权重 重要度 w", _NOT_NEGATIVE),
        text("name", "名称", "Name", "名称"),
        text("kind", "类型", "Kind", "类型 类别 type"),
    ),
    is_scoped=True, input_rank=7,
)  # fmt: skip

_PROTECTED = Layer(
    "protected", "保护区", "Protected places", ("point", "line", "polygon"), "id",
    (
        text("id", "编号", "Id", "编号 编码 code"),
        text("kind", "类型", "Kind", "类型 类别 type"),
        text("name", "名称", "Name", "名称"),
        text(
            "rule", "规则", "Rule", "规则 保护规则 要求",
            Choice("never", "禁止", "never", "禁止 不得 禁拍 禁止拍摄 不得拍摄"),
            Choice("mask", "遮蔽", "mask", "遮挡 遮蔽 屏蔽 打码 马赛克"),
            Choice("consent", "须同意", "consent", "同意 须同意 经同意"),
        ),
    ),
    is_scoped=True,
)  # fmt: skip

_ADDRESSES = Layer(
    "addresses", "地址", "Addresses", ("point",), "id",
    (
        text("id", "编号", "Id", "编号 地址编号 地址编码 addressid"),
        text(
            "text", "地址", "Address",
            "地址 详细地址 门牌地址 address fulladdress full_address addr addr:full 地址全称",
        ),
        text("standard", "标准地址", "Standard address", "标准地址 标准化地址 standardaddress"),
        text("aliases", "别名", "Aliases", "别名 曾用名 俗名 alias"),
        text("building", "楼栋", "Building", "楼栋 楼号 楼栋号 楼栋编码 幢号"),
        text("grid", "所属网格", "Grid", "所属网格 网格编码 gridcode"),
    ),
    locates=True, named_by=("text",),
)  # fmt: skip

#: Every stored vector layer by name, in the order people list them. Terrain is a raster and stored apart.
LAYERS: Mapping[str, Layer] = {
    one.name: one
    for one in (
        _DIVISIONS, _GRIDS, _VILLAGES, _CAMERAS, _OBSTACLES, _ROADS, _DEMAND, _PROTECTED, _ADDRESSES,
        PLACES, CLAIMS, FACILITIES, AREAS,
    )
}  # fmt: skip


def layer(name: str) -> Layer:
    """Return the layer of that name; raise UnknownName, naming the known ones, otherwise.

    Examples
    --------
    >>> layer("cameras").key
    'id'
    """
    try:
        return LAYERS[name]
    except KeyError:
        known = ", ".join(LAYERS)
        raise UnknownName(f"没有图层 {name}，可用：{known}", f"no layer {name}; there are: {known}") from None


def _ranked(rank: str) -> tuple[str, ...]:
    there = [one for one in LAYERS.values() if getattr(one, rank)]
    return tuple(one.name for one in sorted(there, key=lambda one: getattr(one, rank)))


#: What stands for the class of a camera that has none, in Chinese and English.
NO_CLASS = ("未分类", "No class")
#: Layers that an analysis reads, in the order that it reads and lists them.
INPUTS = _ranked("input_rank")
#: Those of them whose rows are zones.
ZONE_INPUTS = tuple(name for name in INPUTS if LAYERS[name].is_zones)
#: Layers that maps draw below the results, in the order that they are read.
DRAWN = _ranked("drawn_rank")
#: Layers whose rows are read and written by township (docs/contract.md section 5).
SCOPED = tuple(name for name, one in LAYERS.items() if one.is_scoped)
#: Layers whose changes may change which grid owns a place, or which place a text names.
LOCATING = tuple(name for name, one in LAYERS.items() if one.locates)
#: Of these the layers of zones: where a point in one of them is, in a division, a grid or a village.
LOCATING_ZONES = tuple(name for name in LOCATING if LAYERS[name].is_zones)
