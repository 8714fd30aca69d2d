"""Read numbers that people write loosely: about 5 m, 3-5 m, 三米五."""

from __future__ import annotations

import re
from functools import lru_cache

from geo.bounds import MAX_WORD
from geo.plain_words import folded_word
from geo.readers.words.cell_values import measure
from geo.readers.words.chinese_numerals import DIGITS, NUMERALS, numeral
from geo.readers.words.softeners import without_softener
from geo.readers.words.units import units_of

#: Why a number that was read should be looked at.
MIDDLE = "写的是范围，取中间值，请核对 / a range: its middle is taken, please check"
REMARK = "括号里另有说明，按括号前的数读，请核对 / a remark in brackets: the number before it is taken, please check"
ARM = "写了杆高与臂长，取杆高，请核对 / a pole and an arm: the height of the pole is taken, please check"

_POLE = "(?:l形|l型|l|f型|t型|八棱|八角|圆锥|锥形|单|独立)?(?:立|灯|电|监控|路灯)?杆(?:件|体)?"
_LABEL = re.compile(
    rf"^(?:(?:安装|架设|离地面?|距地面?|离地|净|{_POLE})?(?:高度|杆高|高|宽度|路宽|宽|距离|[hwd](?=\s*[=:]))"
    rf"|(?:离|距)地面?|{_POLE})\s*[=:为约]*\s*"
)
# What stands beside a number in brackets without a doubt about it, its unit aside.
_PLAIN_REMARK = re.compile(rf"约|大约|大概|估|估计|估测|目测|左右|{_POLE}(?:高度?)?|(?:含|包含|包括)[^\d不未另]*")
_WITH_REMARK = re.compile(r"([^()]*[^()\s])\s*\(\s*([^()]+?)\s*\)")
# The arm that reaches from a pole has a length, no height.
_ARM = re.compile("臂")
_PIECES = re.compile(r"[、,;+/\s]+(?=\D)|(?<=[米m])(?=\D*臂)")
_AFTER = re.compile(r"(?:高|宽|长|远|处)?(?:的)?(?:立杆|灯杆|电杆|高杆|杆)?$")
_RANGE = re.compile(r"(.*?\d[^-~至到]*?)\s*(?:-|~|至|到|\bto\b)\s*(\d.*)")
_THOUSANDS_BY_SPACE = re.compile(r"(\d{1,3}(?: \d{3})+)(?=\D|$)")
_EUROPEAN = re.compile(r"(\d{1,3}(?:\.\d{3})+),(\d+)")
_METRES_AND_REST = re.compile(r"(\d+)\s*(?:米|m)\s*(\d{1,2})")

_CHINESE_METRES = re.compile(rf"([{NUMERALS}]+)(?:点([{NUMERALS}]+))?(米|公里|千米|厘米|公分|层|户|人)?([{NUMERALS}]*)")


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
    plain = folded_word(text)
    remark = _WITH_REMARK.fullmatch(plain)
    if _ARM.search(plain):
        return _pole_with_arm(plain, unit, heading)
    if remark is not None:
        return _beside_remark(remark[1], remark[2], unit, heading)
    return _bare(plain, unit, heading)


def _bare(plain: str, unit: str, heading: str) -> tuple[float | None, str]:
    """Return a number with its label, or the middle of a range of two."""
    plain = _LABEL.sub("", plain)
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


def _pole_with_arm(plain: str, unit: str, heading: str) -> tuple[float | None, str]:
    """Return the height of the pole in 立杆6米、横臂3米; none where only an arm is given."""
    poles = [one for one in _PIECES.split(plain) if one and not _ARM.search(one)]
    number = _bare(poles[0], unit, heading)[0] if len(poles) == 1 and unit == "m" else None
    return number, "" if number is None else ARM


def _beside_remark(number: str, remark: str, unit: str, heading: str) -> tuple[float | None, str]:
    """Return the number before a remark in brackets, and why it should be looked at: 6(米), 6米(含基座), 6米(原4米)."""
    if remark in units_of(unit):
        return _bare(f"{number}{remark}", unit, heading)[0], ""
    found, why = _bare(number, unit, heading)
    is_doubtful = found is not None and _PLAIN_REMARK.fullmatch(remark) is None
    return found, why or (REMARK if is_doubtful else "")


def _exact(plain: str, unit: str, heading: str) -> float | None:
    plain = re.sub(r"^0,(\d+)", r"0.\1", plain)
    plain = _EUROPEAN.sub(lambda found: found[1].replace(".", "") + "." + found[2], plain)
    plain = _THOUSANDS_BY_SPACE.sub(lambda found: found[1].replace(" ", ""), plain)
    if unit == "m":
        plain = re.sub(r"^(\d+)\s*(米|m)半$", r"\1.5\2", plain)
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
    whole = numeral(found[1])
    decimals = found[2] or found[4]
    if whole is None or any(letter not in DIGITS for letter in decimals or ""):
        return None
    digits = "".join(str(DIGITS[letter]) for letter in decimals or "")
    return measure(f"{whole}.{digits or 0}{found[3] or ''}", unit, heading)
