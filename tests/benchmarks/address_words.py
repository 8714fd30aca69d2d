"""List the words that stand around addresses in reports and registers: roads, shops, remarks, sentences."""

from __future__ import annotations

REMARKS = ("（已核实）", "（待补门牌）", "【补录】", "(平房)", "（搬迁点）", "[农村]", "（路灯未亮）", "（二次上报）")
ROADS = ("昌灵路", "人民路", "建设路", "滨河东路", "解放街", "东大街", "文化巷", "环城北路", "车站路", "育才路")
#: Places that roads and shops elsewhere are named for.
OTHER_PLACES = ("北京", "重庆", "西安", "兰州", "成都", "上海", "天津", "南京", "古浪", "洋县", "武威", "汉中")
INSTITUTIONS = (
    "供销社", "卫生院", "小学", "卫生室", "幼儿园", "文化广场", "党群服务中心", "农家书屋", "加油站", "信用社",
    "邮政所", "老年活动中心", "便民超市", "水厂", "变电站",
)  # fmt: skip
SHOPS = ("银行", "小吃店", "饭店", "拉面馆", "火锅店", "宾馆", "特产店", "烤鸭店", "酒楼", "商行")
#: What says that the place meant is beside the address.
NEARBY = (
    "对面", "北侧200米", "附近", "旁边", "斜对面", "往南300米", "后面", "东边100米处", "南侧", "门口对面", "隔壁",
    "西北方向约500米",
)  # fmt: skip
SENTENCES = (
    "我家住在{}，请派人来看看", "地址是{}", "{}的路灯不亮了", "反映{}有人乱倒垃圾", "事发地点：{}", "报：{}井盖缺失",
    "{}这里停水两天了", "户主现住{}", "请到{}取件", "在{}发现一处积水",
)  # fmt: skip
SENTENCES_NEARBY = ("在{}村口", "家住{}附近", "{}旁边的路塌了", "车停在{}对面", "人在{}附近，找不到路")
