"""Normalise address texts, so that two spellings of one address are equal."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMERALS = "".join(_DIGITS) + "".join(_UNITS)
# Only numerals before a counting word are numbers: 三元村 and 五里铺 are names.
_COUNTED = "组|社|队|号|栋|幢|座|排|单元|楼|层|室|弄|巷"
_TOKEN = re.compile(
    rf"(?P<dash>(?<=[0-9])[-‐-―−~之](?=[0-9]))"
    rf"|(?P<hash>(?<=[0-9])#)"
    rf"|(?P<numeral>[{_NUMERALS}]+(?={_COUNTED}))"
    r"|(?P<zeros>(?<![0-9])0+(?=[0-9]))"
    r"|(?P<mark>[\W_]+)"
)
#: What stands between two numbers in a normal form, by the first mark of its kind in the text; a comma for any other.
_MARKS = (
    ("-", re.compile(r"[-‐-―−~]")),
    ("(", re.compile(r"[(\[【〔]")),
    ("/", re.compile(r"[/⁄]")),
    (".", re.compile(r"[.．]")),
)
SEPARATORS = "-(/.,"
_NOT_BETWEEN_NUMBERS = re.compile(r"(?<![0-9])[(/.,-]|[(/.,-](?![0-9])")


def normal_form(text: str) -> str:
    """Return the normal form of an address: empty where nothing readable is left.

    Full-width and compatibility forms are unfolded (NFKC, Unicode Standard Annex 15), letters are lower case, `12#` is
    `12号`, numbers lose leading zeros, and Chinese numerals before 组, 社, 号 and other counting words become digits.
    Spaces, brackets and other marks are dropped, but for those between two numbers: 3、5号 is not 35号.

    Examples
    --------
    >>> normal_form("杨柳沟村 三组 １２#")
    '杨柳沟村3组12号'
    >>> normal_form("民主街3、5号"), normal_form("和平路12（1）号"), normal_form("3/12 Smith Street")
    ('民主街3,5号', '和平路12(1号', '3/12smithstreet')
    """
    return _NOT_BETWEEN_NUMBERS.sub("", _TOKEN.sub(_replacement, _unfolded(text)[0]))


def normal_form_with_offsets(text: str) -> tuple[str, list[int]]:
    """Return the normal form, and for each of its characters the position in `text` that it is from.

    Examples
    --------
    >>> normal_form_with_offsets("三组 1号")
    ('3组1号', [0, 1, 3, 4])
    """
    plain, plain_offsets = _unfolded(text)
    out: list[str] = []
    offsets: list[int] = []
    done = 0
    for token in _TOKEN.finditer(plain):
        out.append(plain[done : token.start()])
        offsets.extend(plain_offsets[done : token.start()])
        new = _replacement(token)
        out.append(new)
        offsets.extend([plain_offsets[token.start()]] * len(new))
        done = token.end()
    out.append(plain[done:])
    offsets.extend(plain_offsets[done:])
    form = "".join(out)
    dropped = {found.start() for found in _NOT_BETWEEN_NUMBERS.finditer(form)}
    kept = [k for k in range(len(form)) if k not in dropped]
    return "".join(form[k] for k in kept), [offsets[k] for k in kept]


def numeral_value(numeral: str) -> int:
    """Return the value of a Chinese numeral.

    Examples
    --------
    >>> [numeral_value(text) for text in ("十二", "一百零五", "二〇三")]
    [12, 105, 203]
    """
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


def _replacement(token: re.Match[str]) -> str:
    if token["dash"]:
        return "-"
    if token["hash"]:
        return "号"
    if token["numeral"]:
        return str(numeral_value(token["numeral"]))
    if token["mark"]:
        return next((kind for kind, marks in _MARKS if marks.search(token["mark"])), ",")
    return ""


def _unfolded(text: str) -> tuple[str, list[int] | range]:
    """Return the text in lower case and NFKC, and the position that each of its characters is from."""
    low = text.lower()
    if len(low) == len(text) and unicodedata.is_normalized("NFKC", low):
        return low, range(len(text))
    out: list[str] = []
    offsets_in: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1  # a letter unfolds together with its accents
        unfolded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text[start:end]).lower())
        if unicodedata.decimal(text[start], None) is None:
            # 12① and 12½ are not 121: a space keeps their numbers apart, and is dropped beside anything else.
            unfolded = " " * unfolded[:1].isdigit() + unfolded + " " * unfolded[-1:].isdigit()
        out.append(unfolded)
        offsets_in.extend([start] * len(unfolded))
        start = end
    return "".join(out), offsets_in
