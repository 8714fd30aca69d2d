"""Give names and numbers of roads one form: 312国道, 国道312线 and G312 are one road wherever they are read."""

from __future__ import annotations

import re
import unicodedata

from geo.places.address import normalise
from geo.places.address.tail_words import NUMERAL_DIGITS

#: Kinds of numbered roads, each with its letter.
LETTERS = {"国道": "g", "省道": "s", "县道": "x", "乡道": "y", "村道": "c"}
#: Any of them, in an expression.
KIND = "|".join(LETTERS)
_NUMBERED = re.compile(
    rf"(?:{KIND})?(?P<letter>[gsxyc])(?P<lettered>[0-9]{{1,4}})(?:{KIND}|高速公路|高速|公路)?线?"
    rf"|(?P<before>{KIND})(?P<behind>[0-9]{{1,4}})线?"
    rf"|(?P<number>[0-9]{{1,4}})(?P<kind>{KIND})线?"
)
_NUMBERED_IN_BRACKETS = re.compile(rf"[(]?(?<![0-9a-z])(?:[gsxyc][0-9]{{1,4}}|(?:{KIND})[0-9]{{1,4}}线?)[)]?$")
_REF = re.compile(r"(?<![a-z0-9])[gsxyc][0-9]{1,4}(?![0-9a-z])")
# The name of a road is behind its number or before it: G30连霍高速, 连霍高速(G30).
_LEAST_NAME = 3
# 民主一街 is 民主1街; 五一路 has a name of two numerals, which is no number.
_NUMERALS = "一二三四五六七八九十"
_NUMBER_OF_NAME = re.compile(
    rf"(?<![{_NUMERALS}])(?:[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
    r"(?=(?:环|道)?(?:[东南西北中]?(?:大街|大道|路|街|巷)|环|弄)(?:[东南西北中]?段)?$)"
)
_MOTORWAY = "高速公路"
# G0611 is a branch of an expressway of one digit, and G611 another road.
_BRANCH_DIGITS = 4


def street_name(form: str) -> str:
    """Return the name of a street, in normal form, as all its spellings have it: that of a numbered road is its number.

    Zeros before a number say nothing, but for one of four digits: G0611 is no G611.

    Examples
    --------
    >>> [street_name(form) for form in ("312国道", "国道312线", "g312线", "x005", "g0611")]
    ['g312', 'g312', 'g312', 'x5', 'g0611']
    >>> street_name("人民南路四段"), street_name("g30连霍高速")
    ('人民南路4段', 'g30连霍高速')
    """
    found = _NUMBERED.fullmatch(form)
    if found is not None:
        letter = found["letter"] or LETTERS[found["before"] or found["kind"]]
        number = found["lettered"] or found["behind"] or found["number"]
        return letter + (number if len(number) == _BRANCH_DIGITS else number.lstrip("0") or "0")
    return form[:-2] + form[-2:].translate(NUMERAL_DIGITS) if form.endswith("段") else form


def road_key(name: str) -> str:
    """Return any name of a road as it is looked up: in one width and lower case, its number in digits, in one form.

    Examples
    --------
    >>> road_key(" Ｇ30连霍高速公路"), road_key("国道312线"), road_key("Ｇ312")
    ('g30连霍高速', 'g312', 'g312')
    >>> [road_key(name) for name in ("民主一街", "民主1街", "东十二路", "三环路", "五一路", "十字街")]
    ['民主1街', '民主1街', '东12路', '3环路', '五一路', '十字街']
    """
    form = street_name(unicodedata.normalize("NFKC", name).strip().lower())
    form = _NUMBER_OF_NAME.sub(lambda found: str(normalise.numeral_value(found[0])), form)
    return form.removesuffix("公路") if form.endswith(_MOTORWAY) else form


def road_keys(name: str) -> set[str]:
    """Return all that a road is looked up by: its name, the number that stands in it, and the name without that.

    Examples
    --------
    >>> sorted(road_keys("G30连霍高速")), sorted(road_keys("国道312线")), road_keys(" ")
    (['g30', 'g30连霍高速', '连霍高速'], ['g312'], set())
    >>> sorted(road_keys("国道312线兰新公路")), sorted(road_keys("兰新公路(G312)"))
    (['g312', '兰新公路', '国道312线兰新公路'], ['g312', '兰新公路', '兰新公路(g312)'])
    """
    key = road_key(name)
    numbers = [street_name(one) for one in _REF.findall(key)]
    found = _NUMBERED.match(key) or _NUMBERED_IN_BRACKETS.search(key)
    if found is None:
        return {key, *numbers} - {""}
    numbers.append(street_name(found[0].strip("()")))
    alone = key[: found.start()] + key[found.end() :]
    return {key, *numbers, *([road_key(alone)] if len(alone) >= _LEAST_NAME else [])} - {""}
