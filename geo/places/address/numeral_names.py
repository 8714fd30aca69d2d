"""Spell the numbers in names both ways: 十八里堡 is typed as 18里堡, and 51社区 as 五一社区."""

from __future__ import annotations

import re

from geo.places.address.normalise import numeral_value

# 百 and 千 alone are words: 百花, 千佛.
_NUMERAL = re.compile(r"(?=[百千]*[零〇一二两三四五六七八九十])[零〇一二两三四五六七八九十百千]+")
_NUMBER = re.compile(r"[0-9]{1,3}(?![0-9])")
# The name of a street or an estate that a tail begins with, up to the word that it ends in.
_NAME = re.compile(r"[^\W号组社队栋幢座室]{1,8}?(?:[路街巷道]|小区|花园|家园|胡同|大厦|公寓)")
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
    found = [_NUMERAL.sub(lambda one: str(numeral_value(one[0])), name)]
    if not name.isdigit():
        found += [_NUMBER.sub(lambda one: _in_words(one[0]), name), _NUMBER.sub(lambda one: _one_by_one(one[0]), name)]
    return tuple(one for one in dict.fromkeys(found) if one != name)


def street_spellings(tail: str) -> tuple[str, ...]:
    """Return the other ways to write a tail that begins with the name of a street or an estate that holds a number.

    Examples
    --------
    >>> street_spellings("2环路5号"), street_spellings("民主街5号")
    (('二环路5号',), ())
    """
    found = _NAME.match(tail)
    return tuple(name + tail[found.end() :] for name in numeral_spellings(found[0])) if found is not None else ()


def _one_by_one(number: str) -> str:
    return "".join(_CHARACTERS[int(digit)] for digit in number)


def _in_words(number: str) -> str:
    """Return a number below a hundred as it is said: 12 is 十二; a longer one digit by digit."""
    value = int(number)
    if not _TEN <= value < _HUNDRED:
        return _one_by_one(number)
    tens, ones = divmod(value, _TEN)
    return (_CHARACTERS[tens] if tens > 1 else "") + "十" + (_CHARACTERS[ones] if ones else "")
