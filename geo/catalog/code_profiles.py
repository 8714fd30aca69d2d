"""Hold the profiles of grid codes: segments, ranges of running numbers, order of numbering (rule V5).

The profiles that are known are data (``code_profiles.toml``); an office writes its own in the same form.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from types import MappingProxyType
from typing import Any

from geo.errors import BadValue, UnknownName

KINDS = ("general", "dedicated")
#: What a segment holds -> whether it needs ``text`` or ``kinds``.
_SEGMENTS: Mapping[str, str] = MappingProxyType(
    {"given": "", "fixed": "text", "village": "", "grid": "", "kind": "kinds", "number": ""}
)
ORDERS = ("west-north", "north-west")
_KEYS = {"zh", "en", "level", "order", "lone", "segments", "numbers"}
_MAX_DIGITS = 40
#: Digits of a running number: more than a million grids in a village there are not.
_MAX_NUMBER = 6


@dataclass(frozen=True)
class CodeSegment:
    """Say what some digits of a code are.

    Attributes
    ----------
    of
        ``given``, ``fixed``, ``village``, ``grid``, ``kind`` or ``number``, as ``code_profiles.toml`` explains them.
    digits
        How many there are.
    text
        Those of a fixed segment.
    kinds
        Kind of grid -> digits, of a segment of kinds.
    """

    of: str
    digits: int
    text: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CodeProfile:
    """Say how codes are made.

    Attributes
    ----------
    name, zh, en
        Name, and what it is, in both languages.
    segments
        In their order; one of them is the running number, one the unit in which it runs.
    ranges
        Kind of grid -> first and last number; kinds of one range share one row of numbers.
    level
        1 for grids, 2 for microgrids.
    order
        ``west-north`` or ``north-west``: what comes first.
    lone
        The number of the only grid of a unit that is not divided; None for the first of the range.

    Examples
    --------
    >>> profile_named("cj349").digits, profile_named("cj349").unit.of, profile_named("15+2").level
    (20, 'village', 2)
    """

    name: str
    zh: str
    en: str
    segments: tuple[CodeSegment, ...]
    ranges: Mapping[str, tuple[int, int]]
    level: int = 1
    order: str = "west-north"
    lone: int | None = None

    @property
    def digits(self) -> int:
        """Return how many digits a code has."""
        return sum(one.digits for one in self.segments)

    @property
    def unit(self) -> CodeSegment:
        """Return the segment of the unit: the village, of microgrids the grid."""
        return next(one for one in self.segments if one.of in ("village", "grid"))

    @property
    def number(self) -> slice:
        """Return where in a code the running number stands."""
        place = [one.of for one in self.segments].index("number")
        begin = sum(one.digits for one in self.segments[:place])
        return slice(begin, begin + self.segments[place].digits)

    @property
    def prefix(self) -> int:
        """Return how many digits the caller has to give."""
        return sum(one.digits for one in self.segments if one.of == "given")


def own_profile(name: str, *, unit: int, number: int, last: int | None = None) -> CodeProfile:
    """Return a profile of one's own with one row of numbers from 1.

    Examples
    --------
    >>> own_profile("12+4", unit=12, number=4).ranges["general"]
    (1, 9999)
    """
    most = 10**number - 1 if last is None else last
    segments = CodeSegment("village", unit), CodeSegment("number", number)
    return CodeProfile(name, name, name, segments, MappingProxyType(dict.fromkeys(KINDS, (1, most))))


def profile_named(name: str, own: Mapping[str, CodeProfile] | None = None) -> CodeProfile:
    """Return a profile, one of an office before one that is known; raise UnknownName where there is none of that name.

    Parameters
    ----------
    own
        Profiles of the office, as ``profiles_of`` gives them.
    """
    there = {**PROFILES, **(own or {})}
    if name not in there:
        listed = ", ".join(there)
        raise UnknownName(f"没有编码规则 {name[:40]}，可用：{listed}", f"no profile {name[:40]}; there are: {listed}")
    return there[name]


def profiles_of(text: str, file: str) -> dict[str, CodeProfile]:
    """Return the profiles of a text in TOML, or in JSON where the name of its file ends so.

    Raises
    ------
    BadValue
        It cannot be read, or a profile is none: file, key and reason.

    Examples
    --------
    >>> text = '''[own]
    ... segments = [{ of = "village", digits = 12 }, { of = "kind", kinds = { general = "1", dedicated = "2" } },
    ...             { of = "number", digits = 2 }]
    ... numbers = { general = [1, 99], dedicated = [1, 9] }'''
    >>> profiles_of(text, "ours.toml")["own"].digits
    15
    """
    try:
        values = json.loads(text) if file.lower().endswith(".json") else tomllib.loads(text)
    except ValueError as error:
        raise BadValue(f"{file}：不是 TOML 或 JSON：{error}", f"{file}: it is no TOML or JSON: {error}") from None
    except RecursionError:
        raise BadValue(f"{file}：嵌套太深", f"{file}: it is nested too deep") from None
    if not isinstance(values, dict) or not values:
        raise BadValue(f"{file}：没有编码规则", f"{file}: it holds no profile")
    return {str(name): _profile(_Keys(file, str(name)), value) for name, value in values.items()}


@dataclass(frozen=True)
class _Keys:
    """Where in a file a value stands."""

    file: str
    key: str

    def within(self, key: str | int) -> _Keys:
        return _Keys(self.file, f"{self.key}.{key}")

    def wrong(self, zh: str, en: str) -> BadValue:
        return BadValue(f"{self.file}，{self.key}：{zh}", f"{self.file}, {self.key}: {en}")


def _profile(at: _Keys, value: Any) -> CodeProfile:
    table = _table(at, value)
    for key in table:
        if key not in _KEYS:
            known = ", ".join(sorted(_KEYS))
            raise at.within(key).wrong(f"没有这一项，可用：{known}", f"there is no such key; there are: {known}")
    segments = tuple(_segment(at.within("segments").within(k), one) for k, one in enumerate(_list(at, table)))
    if [one.of for one in segments].count("number") != 1:
        raise at.within("segments").wrong("须有且只有一段 number", "one segment is the number, and only one")
    if sum(one.of in ("village", "grid") for one in segments) != 1:
        raise at.within("segments").wrong("须有一段 village 或 grid", "one segment is the village or the grid")
    for of in ("given", "kind"):
        if sum(one.of == of for one in segments) > 1:
            raise at.within("segments").wrong(f"{of} 只能有一段", f"there is one segment {of} at the most")
    if sum(one.digits for one in segments) > _MAX_DIGITS:
        raise at.within("segments").wrong(f"超过 {_MAX_DIGITS} 位", f"more than {_MAX_DIGITS} digits")
    most = 10 ** next(one.digits for one in segments if one.of == "number") - 1
    order = table.get("order", ORDERS[0])
    if order not in ORDERS:
        raise at.within("order").wrong(f"应为 {' 或 '.join(ORDERS)}", f"it is {' or '.join(ORDERS)}")
    is_micro = any(one.of == "grid" for one in segments)
    name = at.key
    return CodeProfile(
        name, _text(at.within("zh"), table.get("zh", name)), _text(at.within("en"), table.get("en", name)), segments,
        _ranges(at.within("numbers"), table.get("numbers"), most),
        _whole(at.within("level"), table.get("level", 2 if is_micro else 1), 1, 2), order,
        None if table.get("lone") is None else _whole(at.within("lone"), table["lone"], 0, most),
    )  # fmt: skip


def _list(at: _Keys, table: Mapping[str, Any]) -> list[Any]:
    value = table.get("segments")
    if not isinstance(value, list) or not value:
        raise at.within("segments").wrong("缺少，应是各段的列表", "it is missing: a list of segments")
    return value


def _segment(at: _Keys, value: Any) -> CodeSegment:
    table = _table(at, value)
    of = table.get("of")
    if not isinstance(of, str) or of not in _SEGMENTS:
        listed = ", ".join(_SEGMENTS)
        raise at.within("of").wrong(f"应为 {listed} 之一", f"it is one of {listed}")
    needed = _SEGMENTS[of]
    for key in table:
        if key not in ("of", "digits", needed):
            raise at.within(key).wrong(f"{of} 段没有这一项", f"a segment {of} has no such key")
    text, kinds = "", {}
    if needed == "text":
        text = _digits(at.within("text"), table.get("text"))
    if needed == "kinds":
        words = _table(at.within("kinds"), table.get("kinds"))
        kinds = {one: _digits(at.within("kinds").within(one), words.get(one)) for one in KINDS}
        if len({len(one) for one in kinds.values()}) > 1:
            raise at.within("kinds").wrong("各类位数不同", "their digits are not equally many")
    told = len(text or next(iter(kinds.values()), "")) or None
    most = _MAX_NUMBER if of == "number" else _MAX_DIGITS
    digits = _whole(at.within("digits"), table.get("digits", told), 1, most)
    if told is not None and digits != told:
        raise at.within("digits").wrong(f"写的是 {digits} 位，实为 {told} 位", f"it says {digits} and there are {told}")
    return CodeSegment(of, digits, text, MappingProxyType(kinds))


def _ranges(at: _Keys, value: Any, most: int) -> Mapping[str, tuple[int, int]]:
    if value is None:
        return MappingProxyType(dict.fromkeys(KINDS, (1, most)))
    table = _table(at, value)
    for key in table:
        if key not in KINDS:
            raise at.within(key).wrong(f"应为 {'、'.join(KINDS)}", f"the kinds are {', '.join(KINDS)}")
    found: dict[str, tuple[int, int]] = {}
    for kind in KINDS:
        pair = table.get(kind)
        if not isinstance(pair, list) or len(pair) != 2:
            raise at.within(kind).wrong("应为 [首号, 末号]", "it is [first, last]")
        first, last = (_whole(at.within(kind), one, 0, most) for one in pair)
        if first > last:
            raise at.within(kind).wrong(f"首号 {first} 大于末号 {last}", f"first {first} is above last {last}")
        found[kind] = first, last
    return MappingProxyType(found)


def _table(at: _Keys, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise at.wrong("应是一张表", "it is a table")
    return value


def _text(at: _Keys, value: Any) -> str:
    if not isinstance(value, str):
        raise at.wrong("应是文字", "it is a text")
    return value


def _digits(at: _Keys, value: Any) -> str:
    if not isinstance(value, str) or not value.isdecimal() or not value.isascii():
        raise at.wrong('应是数字组成的文字，如 "01"', 'it is a text of digits such as "01"')
    return value


def _whole(at: _Keys, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise at.wrong(f"应是 {least}–{most} 的整数", f"it is a whole number from {least} to {most}")
    return value


def _known() -> Mapping[str, CodeProfile]:
    file = resources.files(__package__).joinpath("code_profiles.toml")
    return MappingProxyType(profiles_of(file.read_text(encoding="utf-8"), file.name))


#: Profiles that are known (DB11/T 2157-2023; CJ/T 349-2010), by name.
PROFILES = _known()


def village_of(code: str, micro: bool) -> str:
    """Return the digits of the village in the code of a grid: those of 20 have a class before them (CJ/T 349, V5).

    Examples
    --------
    >>> village_of("990101101201007", False), village_of("01010099010110120107", False)
    ('990101101201', '990101101201')
    """
    return code[6:18] if is_of_twenty(code, micro) else code[:12]


def is_of_twenty(code: str, micro: bool) -> bool:
    """Return whether the code of a grid has the 20 digits of CJ/T 349.

    Examples
    --------
    >>> is_of_twenty("01010099010110120107", False), is_of_twenty("990101101201007", False)
    (True, False)
    """
    return not micro and len(code) == PROFILES["cj349"].digits
