"""Judge what follows an address in a text: a part of the same place, a place near it, or not understood."""

from __future__ import annotations

import re

from geo.places.address import near_words, normalise

# All patterns are for normal forms: lower case, no marks but those between two numbers, digits before counting words.
# A whole door number.
_DOOR_NUMBER = re.compile(r"(?:[0-9]+(?:号楼|号院|号|栋|幢|座)|[0-9])$")
_HOUSE = re.compile(r"(?:号楼|号院|栋|幢|座)$")
_ROOMS = "单元|号楼|号院|栋|幢|座|楼|层|室|房|户|门|铺|间|屋|f"
# One part of a place: a numbered one, a lettered one, a named one, or the name of who is there.
_PART = (
    rf"(?:[附副内之][0-9]+号?|(?:地下|负|第|b)?[0-9]+[a-z]?(?:{_ROOMS}|排|区|段)"
    rf"|[甲乙丙丁戊己庚辛](?:[0-9]*号)?(?:{_ROOMS})?|[a-z][0-9]*(?:{_ROOMS}|区)"
    rf"|[东南西北中前后左右里内外正]{{1,2}}(?:单元|栋|座|楼|区|户|屋|房|间|院|厢房|排)"
    r"|(?:院|楼|室|店|屋)?[内里](?![0-9])|楼[上顶道]|大院|屋顶|天台|阁楼|地下室?"
    r"|(?:临街|沿街|街面)?(?:商铺|门面房?|铺面|底商|店面|门市部?)|门卫|传达室"
    r"|(?:flat|apt|apartment|unit|suite|room|rm|floor|level|block|bldg|building|tower|shop|office)(?:[0-9]+[a-z]?|[a-z](?![a-z]))?"
    r"|(?:[0-9]+(?:st|nd|rd|th)|ground|first|second|third|top)floor|basement)"
)
_NUMBER_AFTER_PART = r"[a-z]?[0-9]+[a-z]?号?"
_OCCUPANT = (
    r"(?:[^\W0-9_]{1,20}(?:店|铺|馆|超市|商[场城行]|市场|公司|集团|厂|学校?|小学|中学|大学|幼儿园|医院|诊所|药房|银行|信用社|合作社|酒店|宾馆"
    r"|饭庄|餐厅|食堂|网吧|[局所院部室科会委社坊]|中心|小区|花园|家园|公寓|大厦|[家宅户屋房楼苑]|车间|仓库|车库|宿舍))"
)
_PARTS = re.compile(rf"(?:{_PART}(?:{_NUMBER_AFTER_PART})?)*{_OCCUPANT}?(?:{_PART}(?:{_NUMBER_AFTER_PART})?)*")
_ROOM_NUMBER = re.compile(rf"[a-z]?[0-9]+(?![0-9]|[a-z]|号(?![楼院]))(?:{_ROOMS})?")
_ROOM_OF_HOUSE = re.compile(rf"[a-z]?[0-9]+[a-z]?(?:号|{_ROOMS})?")
_SEPARATORS = re.compile(f"[{re.escape(normalise.SEPARATORS)}]")


def place_nearby(tail: str) -> str | None:
    """Return the words of a tail, in normal form, that say that the place is near the address; None without any.

    Examples
    --------
    >>> place_nearby("斜对面小卖部"), place_nearby("3单元501室")
    ('斜对面', None)
    """
    found = near_words.NEARBY.search(tail)
    return found[0] if found else None


def is_near_a_door(read: str, tail: str) -> bool:
    """Return whether a tail says that the place is near a numbered address; 路口村 is only a name.

    Examples
    --------
    >>> is_near_a_door("民主街3号", "对面"), is_near_a_door("民主街", "3号对面"), is_near_a_door("青石镇", "路口村3号")
    (True, True, False)
    """
    found = near_words.NEARBY.search(tail)
    return found is not None and any(char.isdigit() for char in read + tail[: found.start()])


def is_another_number(read: str, tail: str) -> bool:
    """Return whether the number that the address ends in goes on: 12-3 and 12a are other numbers than 12.

    Examples
    --------
    >>> is_another_number("大街12", "-3号"), is_another_number("大街12", "号"), is_another_number("大街12", "a")
    (True, False, True)
    """
    if tail[:1] in tuple(normalise.SEPARATORS):
        return True
    return read[-1:].isdigit() and re.match(r"[a-z](?![a-z])(?!座|栋|区)", tail) is not None


def is_inside(read: str, tail: str) -> bool:
    """Return whether a tail that is not stored names a part of the address that was read, so that its grid is the same.

    Parameters
    ----------
    read
        Normal form of the address; only a whole door number (12号, 5栋) has known parts.
    tail
        Normal form of what follows it.

    Examples
    --------
    >>> [is_inside("民主街3号", tail) for tail in ("3单元501室", "附5号", "永辉超市", "5号", "桥头")]
    [True, True, True, False, False]
    """
    if not _DOOR_NUMBER.search(read) or place_nearby(tail) or is_another_number(read, tail):
        return False
    rest = _SEPARATORS.sub("", tail)
    # A second door number is another door (3号、5号), but 5号楼3号 and 3号501 are rooms.
    first = (_ROOM_OF_HOUSE if _HOUSE.search(read) else _ROOM_NUMBER).match(rest)
    return _PARTS.fullmatch(rest) is not None or (first is not None and _PARTS.fullmatch(rest, first.end()) is not None)
