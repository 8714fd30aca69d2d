"""Tell a hospital, school or office that every division has: 土门镇人民医院 is not that of its county or province."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from geo.places.address.division_names import RANKS, VILLAGE_RANK
from geo.places.address.place_tree import ROOT, PlaceTree

if TYPE_CHECKING:
    from geo.places.address.stored_addresses import StoredAddresses

# Words that tell no two of one kind apart but by their division and number: 永辉 and 博爱 are names, these are none.
# They are repeated below, so each text is made of them in one way only: two-digit words beside one-digit words would
# let a run of thirty digits be split in millions of ways.
_NO_NAME = (
    r"第?[0-9零一二三四五六七八九十]|人民|中心|中西?医|妇幼|职业|技术|实验|高级|初级|完全|公安|交[通警]|民族|公共|综合"
    r"|群众|文化|工人|青少年|少年|老年|社会|社区|卫生|体育|公立|教育"
)
_KIND = (
    r"医院|卫生[院所室站]|(?:卫生)?服务[中心站]{1,2}|保健院|防疫站|疾控中心|中学|小学|[一二三四五六七八九十]中|幼儿园|学校|党校|高中|初中"
    r"|政府|法院|法庭|检察院|派出所|司法[所局]|[^\W0-9_]{1,4}局|体育[馆场]|[图书文化博物档案科技展览美术]{2}[馆站宫]|敬老院|福利院|养老院"
    r"|公园|广场|礼堂|影?剧院"
)
# What every town and many a village has one of, and nobody calls by a name where there is only one.
_COMMON = (
    r"加[油气]站|停车场|(?:农贸|集贸|菜|综合)市场|超市|商店|小卖部|药[店房]|诊所|浴[室池]|公共?厕所?|水[厂库塔]|泵站|变电[站所]"
    r"|(?:汽车|火车|客运|货运|公交)站|车站|公墓|陵园|祠堂|戏台|教堂|清真寺"
)
_OFFICE = re.compile(rf"(?:{_NO_NAME})*(?:{_KIND})(?![街路巷村])")
_OF_ANY_PLACE = re.compile(rf"(?:{_COMMON})(?![街路巷村])")
_OF_VILLAGE = re.compile(rf"(?:{_NO_NAME})*(?:{_KIND})$")
_LAST_OFFICE = re.compile(rf"(?:{_KIND})$")


def is_public_office(tail: str) -> bool:
    """Return whether a tail in normal form begins with what every division may have one of.

    Examples
    --------
    >>> [is_public_office(tail) for tail in ("人民医院住院部", "第1中学", "派出所", "博爱医院", "文化路5号")]
    [True, True, True, False, False]
    """
    return _OFFICE.match(tail) is not None


def is_of_any_place(tail: str) -> bool:
    """Return whether a tail in normal form begins with what every town or village may have: an office, a shop.

    Examples
    --------
    >>> [is_of_any_place(tail) for tail in ("加油站", "派出所", "红旗超市")]
    [True, True, False]
    """
    return is_public_office(tail) or _OF_ANY_PLACE.match(tail) is not None


def is_office_of_village(tail: str) -> bool:
    """Return whether a tail in normal form is an office that has the name of its village: no shop is one.

    Examples
    --------
    >>> [is_office_of_village(tail) for tail in ("小学", "第1小学", "超市", "小学东侧")]
    [True, True, False, False]
    """
    return _OF_VILLAGE.fullmatch(tail) is not None


def ends_in_office(form: str) -> bool:
    """Return whether a text in normal form ends in what every division may have one of, whatever its name is.

    Examples
    --------
    >>> ends_in_office("五里铺小学"), ends_in_office("五里铺小学东侧")
    (True, False)
    """
    return _LAST_OFFICE.search(form) is not None


def offices_of(stored: StoredAddresses, tree: PlaceTree, entries: np.ndarray, place: int) -> np.ndarray:
    """Return those of some stored offices that are of a place or one that holds it, not of a place inside it.

    A text that names no place is of the only county. An office whose text names no division is kept by its grid: that
    of the county may be meant.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.places.address.stored_addresses import StoredAddresses
    >>> divisions = {"code": ["990101", "990101001"], "name": ["古浪县", "土门镇"], "level": [3, 4]}
    >>> tree = PlaceTree.of(pd.DataFrame(divisions))
    >>> stored = StoredAddresses(tree, [("人民医院", 2, 0)])
    >>> [len(offices_of(stored, tree, np.array([0]), place)) for place in (1, 2)]
    [0, 1]
    """
    of = stored.places[entries]
    place = place or tree.only_county
    inside = (of > place) & (of <= int(tree.last[place]))
    may_be = (tree.rank[of] > VILLAGE_RANK) & (place == ROOT or tree.rank[place] == RANKS["county"])
    return entries[~inside | may_be]
