"""Read numbers that people write loosely: about 5 m, 3-5 m, 三米五."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from geo.bounds import MAX_WORD
from geo.readers.words.cell_values import measure
from geo.readers.words.softeners import without_softener

#: Why a number that was read should be looked at.
MIDDLE = "写的是范围，取中间值，请核对 / a range: its middle is taken, please check"

_LABEL = re.compile(r"^(?:安装|架设|离地)?(?:高度|杆高|高|宽度|路宽|宽|距离|[hwd](?=\s*[=:]))\s*[=:为约]*\s*")
_AFTER = re.compile(r"(?:高|宽|长|远|处)?(?:的)?(?:立杆|灯杆|电杆|高杆|杆)?$")
_RANGE = re.compile(r"(.*?\d[^-~至到]*?)\s*(?:-|~|至|到|\bto\b)\s*(\d.*)")
_THOUSANDS_BY_SPACE = re.compile(r"(\d{1,3}(?: \d{3})+)(?=\D|$)")
_EUROPEAN = re.compile(r"(\d{1,3}(?:\.\d{3})+),(\d+)")
_METRES_AND_REST = re.compile(r"(\d+)\s*(?:米|m)\s*(\d{1,2})")

_DIGITS = {letter: value for value, letter in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_CHINESE = "零〇一二两三四五六七八九十百千"
_CHINESE_METRES = re.compile(rf"([{_CHINESE}]+)(?:点([{_CHINESE}]+))?(米|公里|千米|厘米|公分|层|户|人)?([{_CHINESE}]*)")


@lru_cache(maxsize=4096)
def loose_number(text: str, unit: str = "", heading: str = "") -> tuple[float | None, str]:
    """Return a number that is written loosely, None where it is none, and why it should be looked at, if so.

    Parameters
    ----------
    unit
        ``m``, ``deg``, ``px`` or empty for counts: the unit of the result.
    heading
        The unit of a number without one, as the heading names it.

    Examples
    --------
    >>> loose_number("约5米", "m"), loose_number("三米五", "m"), loose_number("5米以上", "m")
    ((5.0, ''), (3.5, ''), (None, ''))
    >>> value, why = loose_number("3-5米", "m")
    >>> value, bool(why)
    (4.0, True)
    """
    if len(text) > MAX_WORD:
        return None, ""
    plain = _LABEL.sub("", unicodedata.normalize("NFKC", text).strip().casefold())
    if re.match("[-−–—]", plain):
        return None, ""  # a negative number is read, or not, as it is written
    plain = re.sub("[−–—~]+", "-", _AFTER.sub("", without_softener(plain)))
    exact = _exact(plain, unit, heading)
    if exact is not None:
        return exact, ""
    ends = _RANGE.fullmatch(plain)
    if ends is None:
        return None, ""
    last = _exact(ends[2], unit, heading)
    # 3-5米: the unit of the second number is that of the first.
    suffix = re.sub(r"^[\d.,\s]+", "", ends[2])
    first = _exact(ends[1] if re.search(r"[^\d.,\s]$", ends[1]) else ends[1] + suffix, unit, heading)
    if first is None or last is None or not 0 <= first < last:
        return None, ""
    return (first + last) / 2.0, MIDDLE


def _exact(plain: str, unit: str, heading: str) -> float | None:
    plain = re.sub(r"^0,(\d+)", r"0.\1", plain)
    plain = _EUROPEAN.sub(lambda found: found[1].replace(".", "") + "." + found[2], plain)
    plain = _THOUSANDS_BY_SPACE.sub(lambda found: found[1].replace(" ", ""), plain)
    if unit == "m":
        rest = _METRES_AND_REST.fullmatch(plain)  # 5米5 is 5.5 m, 3米50 is 3.5 m
        if rest is not None:
            plain = f"{rest[1]}.{rest[2]}米"
    found = measure(plain, unit, heading)
    return found if found is not None else _chinese(plain, unit, heading)


def _chinese(plain: str, unit: str, heading: str) -> float | None:
    """Return a number in Chinese numerals, as 十二, 三点五米 or 三米五."""
    plain = "零点五米" if plain == "半米" else plain.replace("米半", "米五")
    found = _CHINESE_METRES.fullmatch(plain)
    if found is None or (found[4] and (found[2] or found[3] != "米")):
        return None
    whole = _whole(found[1])
    decimals = found[2] or found[4]
    if whole is None or any(letter not in _DIGITS for letter in decimals or ""):
        return None
    digits = "".join(str(_DIGITS[letter]) for letter in decimals or "")
    return measure(f"{whole}.{digits or 0}{found[3] or ''}", unit, heading)


def _whole(text: str) -> int | None:
    if len(text) == 1 and text in _DIGITS:
        return _DIGITS[text]
    total, digit = 0, None
    for letter in text:
        if letter in _PLACES:
            total += (1 if digit is None else digit) * _PLACES[letter]
            digit = None
        elif digit is None or digit == 0:
            digit = _DIGITS[letter]
        else:
            return None  # 三五 is no number
    return total + (digit or 0)
