"""Spell the numbers in names both ways: 十八里堡 is typed as 18里堡, and 51社区 as 五一社区."""

from __future__ import annotations

import re
from collections.abc import Iterable

from geo.places.address.normalise import numeral_value

# 百 and 千 alone are words: 百花, 千佛.
_NUMERAL = re.compile(r"(?=[百千]*[零〇一二两三四五六七八九十])[零〇一二两三四五六七八九十百千]+")
_ANY_NUMBER = re.compile(r"[0-9零〇一二两三四五六七八九十]")
_NUMBER = re.compile(r"(?<![0-9])[0-9]{1,3}(?![0-9])")
# The name of a street or an estate that a tail begins with, up to the word that it ends in.
_NAME = re.compile(r"[^\W号组社队栋幢座室]{1,8}?(?:[路街巷道]|小区|花园|家园|胡同|大厦|公寓)")
# What is counted with 第, which a canonical tail is without before digits: 3小学 is 第三小学.
_COUNTED_OFFICE = re.compile(
    r"(?P<head>[^\W0-9第]{0,8}?)(?:(?P<digits>[0-9]{1,2})|第(?P<said>[一二三四五六七八九十]{1,3}))"
    r"(?=(?:[初高]级|完全|实验|人民|中心|职业)?(?:小学|中学|幼儿园|医院|高中|初中))"
)
# A grid that is counted: 三元村第二网格, 2号微网格, 网格二.
_NUMERALS = "[零〇一二三四五六七八九十百]{1,5}|[0-9]{1,3}"
_GRID = re.compile(
    rf"(?P<place>.*?)(?:第?(?P<before>{_NUMERALS})号?(?P<word>微?网格)|(?P<first>微?网格)第?(?P<behind>{_NUMERALS})号?)"
)
_CHARACTERS = "零一二三四五六七八九"
_TEN, _HUNDRED = 10, 100


def numeral_spellings(name: str) -> tuple[str, ...]:
    """Return the other ways to write a name that holds a number, in normal form; none where it holds none.

    Examples
    --------
    >>> numeral_spellings("十八里堡"), numeral_spellings("五一"), numeral_spellings("新胜")
    (('18里堡',), ('51',), ())
    >>> numeral_spellings("12里"), numeral_spellings("3元")
    (('十二里', '一二里'), ('三元',))
    """
    if not _ANY_NUMBER.search(name):
        return ()
    found = [_NUMERAL.sub(lambda one: str(numeral_value(one[0])), name)]
    if not name.isdigit():
        found += [_NUMBER.sub(lambda one: _in_words(one[0]), name), _NUMBER.sub(lambda one: _one_by_one(one[0]), name)]
    return tuple(one for one in dict.fromkeys(found) if one != name)


def street_spellings(tail: str) -> tuple[str, ...]:
    """Return the other ways to write a tail that begins with a name that holds a number: of a street, estate or school.

    Examples
    --------
    >>> street_spellings("2环路5号"), street_spellings("民主街5号")
    (('二环路5号',), ())
    >>> street_spellings("3小学2楼"), street_spellings("第三小学")
    (('第三小学2楼',), ('3小学',))
    """
    if office := _COUNTED_OFFICE.match(tail):
        rest, digits = tail[office.end() :], office["digits"]
        return (office["head"] + (f"第{_in_words(digits)}" if digits else str(numeral_value(office["said"]))) + rest,)
    found = _NAME.match(tail)
    return tuple(name + tail[found.end() :] for name in numeral_spellings(found[0])) if found is not None else ()


def grid_spellings(name: str, places: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the other ways to write the name of a grid that is counted, behind any name of its place that it has.

    Without that name it is none: 第一网格 of a township need not be that of its only village with numbered grids.

    Parameters
    ----------
    name
        The name in normal form.
    places
        Names of the place that it is in, whole and without suffix.

    Examples
    --------
    >>> grid_spellings("第二网格")
    ('2网格', '第2网格', '二网格', '2号网格', '第2号网格', '网格2', '网格二')
    >>> "三元第一网格" in grid_spellings("三元村1网格", ["三元村", "三元"]), grid_spellings("东岭网格")
    (True, ())
    """
    found = _GRID.fullmatch(name)
    if found is None:
        return ()
    written, word = found["before"] or found["behind"], found["word"] or found["first"]
    number = written if written.isdigit() else str(numeral_value(written))
    said = _in_words(number)
    ways = (
        f"{number}{word}", f"第{number}{word}", f"{said}{word}", f"第{said}{word}", f"{number}号{word}",
        f"第{number}号{word}", f"{word}{number}", f"{word}{said}",
    )  # fmt: skip
    known = [*places]
    before = [found["place"], *(known if found["place"] in known else ())]
    return tuple(dict.fromkeys(one + way for one in before for way in ways if one + way != name))


def _one_by_one(number: str) -> str:
    return "".join(_CHARACTERS[int(digit)] for digit in number)


def _in_words(number: str) -> str:
    """Return a number below a hundred as it is said: 12 is 十二; a longer one digit by digit."""
    value = int(number)
    if not _TEN <= value < _HUNDRED:
        return _one_by_one(number)
    tens, ones = divmod(value, _TEN)
    return (_CHARACTERS[tens] if tens > 1 else "") + "十" + (_CHARACTERS[ones] if ones else "")
