"""Name a few places, so few that every answer can be found on paper, and make trees of them."""

from __future__ import annotations

import pandas as pd

from geo.places.address.division_names import LEVELS
from geo.places.address.place_tree import PlaceTree

#: Code -> name. 新胜村 is in both townships of 古浪县; 大湾 is a village and a community of one township.
NAMES = {
    "61": "陕西省",
    "6107": "汉中市",
    "610723": "洋县",
    "610723100": "谢村镇",
    "610723100201": "智果村",
    "610723100202": "宋村村委会",
    "62": "甘肃省",
    "6206": "武威市",
    "620622": "古浪县",
    "620622102": "土门镇",
    "620622102003": "大湾社区居委会",
    "620622102201": "新胜村",
    "620622102202": "大湾村",
    "620622102203": "西沟村",
    "620622102204": "大西沟村",
    "620622103": "大靖镇",
    "620622103201": "新胜村村委会",
    "620622103202": "东岭村",
    "620623": "天祝藏族自治县",
    "620623001": "张掖路街道",
    "620623001001": "文化社区居民委员会",
    "620623100": "打柴沟镇",
    "620623100201": "金强村",
}
TUMEN, DAJING = "620622102", "620622103"
XINSHENG, OTHER_XINSHENG = "620622102201", "620622103201"
_LEVEL_OF_LENGTH = dict(zip((2, 4, 6, 9, 12), LEVELS, strict=False))


def divisions(names: dict[str, str] | None = None) -> pd.DataFrame:
    """Return the layer of divisions of codes and names; the length of a code says its level."""
    names = NAMES if names is None else names
    levels = [_LEVEL_OF_LENGTH[len(code)] for code in names]
    return pd.DataFrame({"code": list(names), "name": list(names.values()), "level": levels})


def tree(names: dict[str, str] | None = None) -> PlaceTree:
    """Return the tree of codes and names."""
    return PlaceTree.of(divisions(names))


def path(known: PlaceTree, place: int) -> list[str]:
    """Return the official names of the places that hold a place, itself last."""
    return [known.names[one][0] for one in known.chain(place)]
