"""Declare the kinds of places, facilities and own areas with the words of Chinese and English lists for them.

Kinds are data: a list may have others, which are kept as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from geo.catalog.fields import Choice

PLACE_KINDS = (
    Choice("town", "集镇", "market town", "重点集镇 乡镇集镇 镇区 场镇 圩镇 墟镇 乡镇驻地 建制镇 markettown"),
    Choice(
        "section", "路段", "road section",
        "主要路段 重点路段 道路 主要道路 主干道 街道路段 街路 街巷 路 roadsection road street"
    ),
    Choice(
        "crossing", "路口", "crossing",
        "道路交叉口 交叉口 交叉路口 十字路口 丁字路口 主要路口 重点路口 路口岔口 junction intersection",
    ),
    Choice(
        "estate", "小区", "residential estate",
        "居民小区 住宅小区 居住小区 居住区 住宅区 老旧小区 安置小区 家属院 物业小区 residential housingestate",
    ),
    Choice("village", "村庄", "village", "村 行政村 自然村 村民小组 村居 中心村 居民点 hamlet"),
    Choice(
        "school", "学校", "school",
        "校园 中小学 小学 中学 初中 高中 完全小学 九年一贯制学校 教学点 职业学校 中职 职教中心 大学 高校 college "
        "university",
    ),
    Choice("kindergarten", "幼儿园", "kindergarten", "托儿所 托育机构 幼教 nursery preschool childcare"),
    Choice("hospital", "医院", "hospital", "卫生院 乡镇卫生院 人民医院 中医院 医疗机构 clinic"),
    Choice("square", "广场", "square", "文化广场 休闲广场 plaza"),
    Choice("park", "公园", "park", "游园 口袋公园 绿地公园 garden"),
    Choice("bridge", "桥梁", "bridge", "桥 大桥 立交桥 天桥 过街天桥"),
    Choice("tunnel", "隧道", "tunnel", "地下通道 涵洞"),
    Choice(
        "station", "车站", "station",
        "汽车站 客运站 火车站 高铁站 公交站 公交首末站 交通枢纽 地铁站 busstation railwaystation",
    ),
    Choice("market", "市场", "market", "农贸市场 集贸市场 菜市场 批发市场 marketplace"),
    Choice("mall", "商场", "shopping centre", "商业街 商业综合体 商圈 购物中心 超市 大型商超 shoppingcenter"),
    Choice("office", "机关单位", "public office", "党政机关 政府 机关 行政单位 政务中心 政务大厅 townhall government"),
    Choice("enterprise", "企业", "enterprise", "重点企业 工厂 厂区 factory company"),
    Choice("scenic", "景区", "scenic area", "旅游景区 景点 风景区 attraction"),
    Choice("worship", "宗教场所", "place of worship", "寺庙 教堂 清真寺 宗教活动场所 temple church mosque"),
    Choice("venue", "文体场馆", "venue", "体育馆 体育场 文化馆 图书馆 剧院 影剧院 stadium theatre library"),
    Choice("fuel", "加油站", "fuel station", "加气站 加油加气站 petrolstation gasstation"),
    Choice("bank", "银行", "bank", "金融网点 储蓄所 信用社"),
    Choice("water", "水域", "water", "水库 河道 水源地 重点水域 reservoir"),
    Choice("entrance", "出入口", "entrance", "卡口 进出口 出入通道 要道 检查站 checkpoint"),
    Choice("gate", "小区大门", "gate", "大门 门口 校门"),
    Choice("ring", "周边", "surroundings", "周边区域 校园周边 周边200米 surrounding"),
)  # fmt: skip

FACILITY_KINDS = (
    Choice(
        "governance_centre", "综治中心", "comprehensive governance centre",
        "综治服务中心 社会治安综合治理中心 社会治理中心 综治工作中心 综治站 综治办 社会治安综合治理服务中心 "
        "矛调中心 governancecenter",
    ),
    Choice(
        "video_link", "视联网终端", "video-link terminal",
        "视联网 视联网点位 视联网接入点 视联网会议终端 视频会议终端 videolinkterminal videoterminal",
    ),
    Choice("police_station", "派出所", "police station", "公安派出所 派出所所队 police"),
    Choice(
        "police_room", "警务室", "police room",
        "社区警务室 农村警务室 警务站 治安岗亭 便民警务站 治安亭 policepost",
    ),
    Choice(
        "monitoring_centre", "监控中心", "monitoring centre",
        "视频监控中心 监控室 图像中心 视频平台 分平台 monitoringcenter",
    ),
    Choice(
        "grid_station", "网格站", "grid station",
        "网格服务站 网格工作站 网格驿站 网格管理站 网格中心 网格化服务管理中心",
    ),
    Choice(
        "service_centre", "便民服务中心", "public service centre",
        "党群服务中心 便民服务站 村级服务站 servicecenter",
    ),
    Choice("court", "法庭", "court", "人民法庭 法院 巡回法庭"),
    Choice("justice", "司法所", "justice office", "司法 公共法律服务站 调解室 人民调解委员会"),
    Choice("fire_station", "消防站", "fire station", "消防队 微型消防站 专职消防队"),
    Choice("clinic", "卫生院", "clinic", "卫生室 村卫生室 社区卫生服务中心 医院 hospital"),
    Choice("shelter", "避难场所", "shelter", "应急避难场所 应急避难点"),
)  # fmt: skip

AREA_KINDS = (
    Choice(
        "resettlement", "安置区", "resettlement area",
        "易地搬迁安置区 移民安置区 移民区 安置点 搬迁安置点 易地扶贫搬迁安置区",
    ),
    Choice(
        "key_area", "重点区域", "key area",
        "重点地区 重点部位 重点整治区域 重点整治地区 挂牌整治区域 整治区 keyarea",
    ),
    Choice(
        "industrial_park", "产业园区", "industrial park",
        "工业园区 园区 工业园 开发区 经济开发区 工业集中区 businesspark",
    ),
    Choice("urban_village", "城中村", "urban village", "城乡结合部"),
    Choice("old_estates", "老旧小区", "old estates", "老旧小区片区 老城区 旧城区"),
    Choice("campus_surroundings", "校园周边", "surroundings of schools", "学校周边 校园周边区域 护校区"),
    Choice("community_surroundings", "社区周边", "surroundings of communities", "小区周边"),
    Choice("enterprise_surroundings", "企业周边", "surroundings of enterprises", "园区周边"),
    Choice("scenic_area", "景区", "scenic area", "旅游景区 风景区 风景名胜区"),
    Choice("business_district", "商圈", "business district", "商业区 商务区 中心商圈"),
    Choice("patrol_area", "巡逻区", "patrol area", "巡逻片区 巡区 巡逻网格 巡防区"),
    Choice("police_district", "警务区", "police district", "责任区 派出所辖区 警区"),
    Choice("market_grid", "市场监管网格", "market supervision grid", "市场监管片区"),
    Choice("environment_grid", "环保网格", "environment grid", "生态环境网格 环境监管网格"),
    Choice("fire_grid", "消防网格", "fire grid", "消防安全网格"),
    Choice("health_grid", "卫健网格", "health grid", "卫生健康网格"),
    # Ground that maps are drawn on.
    Choice("water", "水面", "water", "水系 水体 河流水面 湖泊水面 水库水面 坑塘水面 riverbank lake"),
    Choice("green", "绿地", "green", "绿地林地 公园绿地 林地 草地 forest grass"),
)  # fmt: skip

#: Kinds of own zones that maps draw as ground.
GROUND_KINDS = ("water", "green")
#: What stands between the names of several claims, or of several divisions that a facility serves.
_BETWEEN = re.compile(r"[;；,，、\n]+")

#: Layers whose rows are units of reach, in the order of the answer.
UNIT_LAYERS = ("townships", "villages", "grids", "places")
#: Those that the video link is to reach.
LINKED_LAYERS = ("townships", "villages")


def names_in(text: object) -> tuple[str, ...]:
    """Return the names in a cell that may hold several, with ``;``, ``、`` or a comma between them.

    Examples
    --------
    >>> names_in("主要路段全覆盖；重点集镇, 主要路段全覆盖"), names_in(None)
    (('主要路段全覆盖', '重点集镇'), ())
    """
    if not isinstance(text, str):
        return ()
    return tuple(dict.fromkeys(one.strip() for one in _BETWEEN.split(text) if one.strip()))


def kind_words(kinds: Iterable[Choice]) -> dict[str, tuple[str, str]]:
    """Return kind -> its name in Chinese and English.

    Examples
    --------
    >>> kind_words(AREA_KINDS)["resettlement"]
    ('安置区', 'resettlement area')
    """
    return {one.name: (one.zh, one.en) for one in kinds}
