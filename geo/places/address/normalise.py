"""Bring an address to the form in which two spellings of one place are equal, and keep where each character was."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMERALS = "".join(_DIGITS) + "".join(_UNITS)
# Only numerals in front of a counting word are numbers: 三元村 and 五里铺 are names.
_COUNTED = "组|社|队|号|栋|幢|座|排|单元|楼|层|室|弄|巷"
_TOKEN = re.compile(
    rf"(?P<dash>(?<=[0-9])[-‐-―−~之](?=[0-9]))"
    rf"|(?P<hash>(?<=[0-9])#)"
    rf"|(?P<numeral>[{_NUMERALS}]+(?={_COUNTED}))"
    r"|(?P<zeros>(?<![0-9])0+(?=[0-9]))"
    r"|(?P<drop>[\W_]+)"
)


def key(text: str) -> str:
    """Return the normal form of an address: empty where nothing readable is left.

    Full-width and compatibility forms are unfolded (NFKC), letters are lower case, spaces, brackets and other marks
    are dropped, a dash stays only between numbers, `12#` is `12号`, numbers lose leading zeros, and Chinese numerals
    before 组, 社, 号 and other counting words become digits.
    """
    return _TOKEN.sub(_replaced, _unfolded(text)[0])


def key_with_origin(text: str) -> tuple[str, list[int]]:
    """Return the normal form, and for each of its characters the position in `text` that it came from."""
    plain, origin = _unfolded(text)
    out: list[str] = []
    places: list[int] = []
    done = 0
    for token in _TOKEN.finditer(plain):
        out.append(plain[done : token.start()])
        places.extend(origin[done : token.start()])
        new = _replaced(token)
        out.append(new)
        places.extend([origin[token.start()]] * len(new))
        done = token.end()
    out.append(plain[done:])
    places.extend(origin[done:])
    return "".join(out), places


def number(numeral: str) -> int:
    """Return the value of a Chinese numeral: 十二 is 12, 一百零五 is 105, 二〇三 is 203."""
    if not any(char in _UNITS for char in numeral):
        return int("".join(str(_DIGITS[char]) for char in numeral))
    total, digit = 0, 0
    for char in numeral:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit


def _replaced(token: re.Match[str]) -> str:
    if token["dash"]:
        return "-"
    if token["hash"]:
        return "号"
    if token["numeral"]:
        return str(number(token["numeral"]))
    return ""


def _unfolded(text: str) -> tuple[str, list[int] | range]:
    low = text.lower()
    if len(low) == len(text) and unicodedata.is_normalized("NFKC", low):
        return low, range(len(text))
    out: list[str] = []
    origin: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1  # a letter and its accents unfold together
        piece = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text[start:end]).lower())
        out.append(piece)
        origin.extend([start] * len(piece))
        start = end
    return "".join(out), origin
