"""Declare the layers of places, claims, facilities and own areas (docs/rules.md, rules P)."""

from __future__ import annotations

from geo.catalog.editions import LEVEL_NAMES
from geo.catalog.fields import Choice, Limits, integer, number, text
from geo.catalog.kinds import AREA_KINDS, FACILITY_KINDS, PLACE_KINDS
from geo.catalog.layer_class import Layer

#: The day they were declared, with the fields of other layers that rates ask for.
PLACES_DAY = "2026-11-30"

_NOT_NEGATIVE = Limits(0.0)
_LEVEL = text(
    "level", "等级", "Level", "级别 评价级别 评价等级 清晰度 清晰度级别 等级 看清程度",
    *(Choice(one, zh, en) for one, (zh, en) in LEVEL_NAMES.items()),
    since=PLACES_DAY,
)  # fmt: skip
#: The day layers that name places got other names, and divisions could be without shapes.
NAMES_DAY = "2026-12-01"
#: Other names of a row, parted by ``;`` or ``|``: old ones, colloquial ones. Short forms are made by the matcher.
ALIASES = text(
    "aliases", "别名", "Aliases", "别名 曾用名 旧名 俗名 原名 旧称 俗称 alias oldname formername altname",
    since=NAMES_DAY,
)  # fmt: skip
_SHARE = number(
    "share", "占比", "Share", "share",
    "占比 要求占比 要求比例 覆盖率要求 要求覆盖率 达标比例 达标覆盖率 目标覆盖率 比例 requiredshare",
    Limits(0.0, 1.0), since=PLACES_DAY,
)  # fmt: skip

PLACES = Layer(
    "places", "重点部位", "Places", ("point", "line", "polygon"), "code",
    (
        text(
            "code", "代码", "Code",
            "代码 部位代码 部位编号 场所代码 场所编码 场所编号 学校代码 学校编码 学校编号 小区代码 小区编码 小区编号"
            " 路口代码 路口编号 路段代码 路段编号 编码 编号 bm placecode placeid osmid osm_id id",
        ),
        text(
            "name", "名称", "Name",
            "名称 部位名称 场所名称 单位名称 小区名称 学校名称 路段名称 路口名称"
            " 部位名 场所名 小区名 学校名 路段名 路口名 placename mc",
        ),
        text(
            "kind", "类型", "Kind",
            "类型 部位类型 场所类型 场所类别 学校类型 学校类别 小区类型 小区类别 路口类型 路段类型"
            " 类别 种类 分类 placetype placekind type",
            *PLACE_KINDS, is_open=True,
        ),
        text("claim", "所属声明", "Claims", "所属声明 覆盖声明 声明 所属目标 覆盖目标 目标名称 所属任务 任务 claims"),
        _LEVEL,
        _SHARE,
        text(
            "parent", "上级代码", "Parent code",
            "上级代码 上级编码 所属区划 所属区划代码 所属网格 所在乡镇 所属乡镇 所在镇街 所属镇街 parentcode parentid",
        ),
        number("weight", "权重", "Weight", "", "权重 重要度 w", _NOT_NEGATIVE),
        text("source", "来源", "Source", "来源 数据来源 datasource"),
        ALIASES,
    ),
    drawn_rank=5, map_fields=("code", "name", "kind", "claim"), popup_fields=("kind", "claim"), locates=True,
    named_by=("code", "name"), is_mixed=True, since=PLACES_DAY,
)  # fmt: skip

CLAIMS = Layer(
    "claims", "覆盖声明", "Claims", (), "claim",
    (
        text("claim", "声明", "Claim", "声明 覆盖声明 声明名称 目标 覆盖目标 目标名称 任务 任务名称 名称 name"),
        _LEVEL,
        _SHARE,
    ),
    is_admins=True, named_by=("claim",), since=PLACES_DAY,
)  # fmt: skip

FACILITIES = Layer(
    "facilities", "设施", "Facilities", ("point",), "code",
    (
        text(
            "code", "代码", "Code",
            "代码 设施代码 设施编码 设施编号 中心编码 终端编号 编码 编号 facilitycode facilityid id",
        ),
        text("name", "名称", "Name", "名称 设施名称 中心名称 单位名称 终端名称 facilityname mc"),
        text(
            "kind", "类型", "Kind", "类型 设施类型 设施类别 类别 种类 分类 facilitytype facilitykind type",
            *FACILITY_KINDS, is_open=True,
        ),
        text(
            "level", "级别", "Level", "级别 层级 设施级别 中心级别 行政级别",
            Choice("county", "县（区）", "County", "县 区 县级 区县级 县区级"),
            Choice("township", "乡镇（街道）", "Township", "乡 镇 街道 乡级 镇级 乡镇 乡镇级 镇街级 街道级"),
            Choice("village", "村（社区）", "Village", "村 社区 村级 社区级 村社区级"),
        ),
        text("parent", "上级代码", "Parent code", "上级代码 上级编码 上级中心 上级中心编码 parentcode parentid"),
        text(
            "serves", "服务区划", "Serves",
            "服务区划 服务区划代码 服务范围 服务村 服务对象 所属村社区 所属村 所属区划 所属区划代码",
        ),
        text(
            "link", "视联网", "Video link",
            "视联网 是否联通视联网 视联网情况 视联网终端 是否通视联网 视联通 是否接入视联网 videolink",
            Choice("yes", "已通", "yes", "是 通 已通 有 已接入 已联通 已联网 y true 1 √"),
            Choice("no", "未通", "no", "否 不通 未通 无 没有 未接入 未联通 未联网 n false 0 ×"),
            Choice("unknown", "未知", "unknown", "未知 不明 不详 待核实"),
            not_understood="unknown",
        ),
        integer(
            "capacity", "容量", "Capacity",
            "容量 接待能力 席位 席位数 座席数 工位数 人员编制 seats", limits=_NOT_NEGATIVE
        ),
    ),
    drawn_rank=6, map_fields=("code", "name", "kind", "level", "link"), popup_fields=("kind", "level", "link"),
    locates=True, named_by=("code", "name"), since=PLACES_DAY,
)  # fmt: skip

AREAS = Layer(
    "areas", "自有区域", "Own zones", ("polygon",), "code",
    (
        text("code", "代码", "Code", "代码 区域代码 区域编码 区域编号 编码 编号 areacode areaid id"),
        text("name", "名称", "Name", "名称 区域名称 areaname mc"),
        text(
            "kind", "类型", "Kind", "类型 区域类型 区域类别 类别 种类 分类 areatype areakind type",
            *AREA_KINDS, is_open=True,
        ),
    ),
    input_rank=8, is_zones=True, map_fields=("code", "name", "kind"), popup_fields=("kind",),
    named_by=("code", "name"), since=PLACES_DAY,
)  # fmt: skip
