"""Generate place names from common characters: GB 2312 only, no surnames, no real place intended."""

from __future__ import annotations

import numpy as np

COUNTY = "青岚县"
#: Prefix 99 belongs to no province (GB/T 2260), so that no code of the demo is a real one.
COUNTY_CODE = "990121"

_FIRST = "青白红黄大小长双金银石沙清新古高平东西南北上下中花松柳杨榆枣槐杏桃麦羊马鹿雁龙云"
_SECOND = "石泉河沟湾坡岭坪滩井桥树林山崖岗塘渠梁台口川柳杨沙水塬峡堡驿"
_VILLAGE_TAIL = ["", "", "", "沟", "湾", "坪", "庄", "岭", "滩", "坝", "口", "梁"]
_COMMUNITY = [
    "东关",
    "西关",
    "南关",
    "北关",
    "城中",
    "新城",
    "文昌",
    "花园",
    "泉水",
    "和平",
    "建设",
    "光明",
    "团结",
    "长青",
    "朝阳",
    "育才",
]
_STREET = [
    "人民",
    "建设",
    "和平",
    "文化",
    "新华",
    "解放",
    "团结",
    "胜利",
    "光明",
    "朝阳",
    "育才",
    "健康",
    "工业",
    "农贸",
    "站前",
    "泉水",
    "花园",
    "滨河",
    "东环",
    "西环",
    "南环",
    "北环",
    "迎宾",
    "丰收",
    "振兴",
    "康乐",
    "兴业",
    "安定",
    "长乐",
    "永安",
    "文昌",
    "青年",
    "昌盛",
    "富民",
    "友谊",
    "银河",
]
_DIGITS = "零一二三四五六七八九"

# Townships of the real county whose scale ``gulang`` has: not used.
_EXCLUDED_NAMES = frozenset(
    [
        "古浪",
        "泗水",
        "土门",
        "大靖",
        "定宁",
        "永丰",
        "黄花",
        "西靖",
        "民权",
        "直滩",
        "古丰",
        "新堡",
        "干城",
        "横梁",
        "黄羊",
    ]
)


def towns(count: int, rng: np.random.Generator) -> list[str]:
    """Return that many distinct names of two characters, without 镇 or 乡."""
    chosen: list[str] = []
    while len(chosen) < count:
        name = _pair(rng)
        if name not in _EXCLUDED_NAMES and name not in chosen:
            chosen.append(name)
    return chosen


def villages(count: int, rng: np.random.Generator) -> list[str]:
    """Return that many distinct village names, 村 included."""
    names: list[str] = []
    seen: set[str] = set()
    while len(names) < count:
        pair = _pair(rng)
        tail = _VILLAGE_TAIL[rng.integers(len(_VILLAGE_TAIL))]
        name = pair + (tail if tail != pair[1] else "")
        if name not in seen and pair not in _EXCLUDED_NAMES:
            seen.add(name)
            names.append(name + "村")
    return names


def communities(count: int) -> list[str]:
    """Return that many distinct community names of the county town, 社区 included."""
    return [_COMMUNITY[i] + "社区" for i in range(count)]


def streets(along: int, across: int, rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """Return distinct names of the streets along (路) and across (街) a town, the middle ones being the main ones."""
    order = [_STREET[i] for i in rng.permutation(len(_STREET))]
    while len(order) < along + across:
        order += [f"{name}{_DIGITS[2 + len(order) // len(_STREET)]}" for name in order[: len(_STREET)]]
    return [name + "路" for name in order[:along]], [name + "街" for name in order[along : along + across]]


def _pair(rng: np.random.Generator) -> str:
    while True:
        first, second = _FIRST[rng.integers(len(_FIRST))], _SECOND[rng.integers(len(_SECOND))]
        if first != second:
            return first + second
