"""Read the divisions that a text begins with by their suffixes alone, where no gazetteer knows their names.

A workspace may hold one county and nothing of the others. An address of another county is one all the same, though only
its form says so: what is stored here is not where it is, however like it the text is.
"""

from __future__ import annotations

import re

from geo.catalog.division_codes import PROVINCES

# Characters of a name; what ends a road, a door, a village or a group is none of a name of a county.
_NAME = r"[^\W\da-z_路街巷号村组]"
_PROVINCE = re.compile(rf"(?:中国|中华人民共和国)?({_NAME}{{2,3}}省|{_NAME}{{2,7}}?自治区|{_NAME}{{2}}特别行政区)")
# No city: 超市, 夜市, 市场, 市政府, 门市部.
_CITY_END = r"(?:(?<![超夜早菜花闹股楼牛羊米鱼])市(?![场政民镇口井街坊话容面部])|自治州|地区(?![^\W\d_]{0,2}部)|盟)"
_CITY = re.compile(rf"{_NAME}{{2,9}}?{_CITY_END}")
# Of one character only what is no other word: 本县, 县城, 县医院 and 在县人民医院 name none.
_COUNTY = re.compile(
    r"[^\W\da-z_路街巷号村组在于到的]{2,9}?县"
    r"|[^\W\da-z_路街巷号村组在于到的本全外老新各邻该原旧]县(?![城委政府级域里道医一二三四五六中]|人民|第)"
    r"|[^\W\da-z_]{2,9}?自治[县旗]"
)
# 开发区 and 小区 are no divisions: a district is one behind its city or province only.
_DISTRICT = re.compile(rf"{_NAME}{{1,8}}?(?:区|旗|{_CITY_END})")
# Provinces without a suffix; 北京路 and 河南东街 are roads, and 上海村 is a village.
_SHORT_PROVINCE = re.compile(
    "(?:" + "|".join(PROVINCES.values()) + "|内蒙)(?![东南西北中]?[一二三四五六七八九十0-9]?[路街巷道村庄屯镇乡区])"
)
_DIVISION_END = re.compile(r"[^\W\da-z_]{1,9}(?:省|市|县|区|州|盟|旗)$")


def names_a_division(words: str) -> bool:
    """Return whether words, all that stands before the names of an address, name a province, city or county.

    Examples
    --------
    >>> [names_a_division(words) for words in ("北京", "石家庄市", "山东省临沂市", "东风区", "车停在", "北京路")]
    [True, True, True, True, False, False]
    """
    return bool(_SHORT_PROVINCE.match(words) or division_at_head(words) or _DIVISION_END.fullmatch(words))


def province_at_head(form: str) -> str | None:
    """Return the province that a text in normal form begins with, without its suffix; None where it names none.

    Examples
    --------
    >>> [province_at_head(form) for form in ("北京民主街7号", "北京路7号", "河南东街")]
    ['北京', None, None]
    """
    found = _SHORT_PROVINCE.match(form)
    return found[0] if found is not None else None


def division_at_head(form: str) -> str | None:
    """Return the finest province, city or county that a text in normal form begins with; None where it names none.

    Examples
    --------
    >>> [division_at_head(form) for form in ("陕西省西安市第一中学", "洋县永丰商店", "青海省文化广场")]
    ['西安市', '洋县', '青海省']
    >>> [division_at_head(form) for form in ("县人民医院", "永辉超市", "人民路菜市场", "阳光小区3幢")]
    [None, None, None, None]
    """
    at, found = 0, None
    for level in (_PROVINCE, _CITY, _COUNTY):
        one = level.match(form, at)
        if one is not None:
            at, found = one.end(), one[1] if level is _PROVINCE else one[0]
    if found is not None and not found.endswith(("县", "旗")):
        district = _DISTRICT.match(form, at)
        found = found if district is None else district[0]
    return found
