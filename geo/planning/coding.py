"""Give grids their codes by a profile: stable, never used again, in the order in which a map is read (rule V5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import geopandas as gpd
import numpy as np

from geo.catalog.division_codes import code_text
from geo.errors import BadValue, UnknownName
from geo.planning.faces import reading_order
from geo.sentences import sentence


@dataclass(frozen=True)
class CodeProfile:
    """Say how codes are made: the digits of a prefix, of the unit, and a running number in it.

    Attributes
    ----------
    name, zh, en
        Name, and what it is, in both languages.
    unit
        Digits of the code of the unit: the village, or for microgrids the grid.
    number
        Digits of the running number.
    ranges
        Kind of grid -> first and last number; kinds of one range share one row of numbers.
    prefix
        How many digits stand before the unit's, as the caller gives them.
    lone
        The number of the only grid of a unit that is not divided; None for the first of the range.
    """

    name: str
    zh: str
    en: str
    unit: int
    number: int
    ranges: Mapping[str, tuple[int, int]]
    prefix: int = 0
    lone: int | None = None


def _both(first: int, last: int) -> Mapping[str, tuple[int, int]]:
    return MappingProxyType({"general": (first, last), "dedicated": (first, last)})


#: Profiles that are known (reference: DB11/T 2157-2023; CJ/T 349-2010); others are made of ``CodeProfile``.
PROFILES: Mapping[str, CodeProfile] = {
    one.name: one
    for one in (
        CodeProfile(
            "12+3", "村代码 12 位、顺序号 3 位", "12 digits of the village, a number of 3", 12, 3, _both(1, 999),
        ),
        CodeProfile(
            "12+3-kinds", "村代码 12 位、顺序号 3 位，综合 001–799、专属 801–999",
            "12 digits of the village, a number of 3: general 001 to 799, dedicated 801 to 999", 12, 3,
            MappingProxyType({"general": (1, 799), "dedicated": (801, 999)}),
        ),
        CodeProfile(
            "15+2", "网格代码 15 位、微网格顺序号 2 位", "15 digits of the grid, a number of 2 for its microgrids",
            15, 2, _both(1, 99),
        ),
        CodeProfile(
            "cj349", "CJ/T 349：类别 6 位、村代码 12 位、顺序号 2 位，未划分的为 00",
            "CJ/T 349: a class of 6 digits, 12 of the village, a number of 2, 00 where it is not divided", 12, 2,
            _both(1, 99), prefix=6, lone=0,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Coding:
    """Hold the codes of grids.

    Attributes
    ----------
    code
        Of each grid in the order given; None where it cannot be coded.
    kept
        Whether the grid had that code already.
    faults
        Place of a grid -> why it has no code, as ``中文 / English``.
    """

    code: list[str | None]
    kept: np.ndarray
    faults: Mapping[int, str]


def profile_named(name: str) -> CodeProfile:
    """Return a profile; raise UnknownName where there is none of that name."""
    if name not in PROFILES:
        listed = ", ".join(PROFILES)
        raise UnknownName(f"没有编码规则 {name[:40]}，可用：{listed}", f"no profile {name[:40]}; there are: {listed}")
    return PROFILES[name]


def grid_codes(
    grids: gpd.GeoDataFrame, profile: CodeProfile, *, prefix: str = "", used: Collection[str] = ()
) -> Coding:
    """Return the codes of grids (rule V5).

    A grid that has a code of the profile keeps it. The others get, unit by unit from west to east and north to south,
    the numbers after the highest that was ever used there; when those are used up, numbers never used.

    Parameters
    ----------
    grids
        Polygons with ``village``, for microgrids ``parent``, ``kind``, and where they have one ``code`` or ``present``.
    prefix
        The digits before the unit's, where the profile has some.
    used
        All codes that were ever used, those of abolished grids too.

    Raises
    ------
    BadValue
        The prefix does not have the digits of the profile.

    Examples
    --------
    Two new grids of a village in which 001 and 003 were used before:

    >>> import shapely
    >>> cells = gpd.GeoDataFrame({"village": ["990101101201"] * 3, "kind": ["general"] * 3,
    ...                           "present": [None, "990101101201001", None]},
    ...                          geometry=shapely.box([20, 0, 10], 0, [30, 10, 20], 10), crs=4547)
    >>> found = grid_codes(cells, PROFILES["12+3"], used=["990101101201003"])
    >>> [one[-3:] for one in found.code], found.kept.tolist()
    (['005', '001', '004'], [False, True, False])
    """
    if len(prefix) != profile.prefix or not (prefix.isdigit() or not prefix):
        raise BadValue(
            f"编码规则 {profile.name} 的前缀须为 {profile.prefix} 位数字",
            f"profile {profile.name} takes a prefix of {profile.prefix} digits",
        )
    column = "parent" if profile.unit > 12 and "parent" in grids else "village"
    unit = _texts(grids, column)
    kind = [one if one in profile.ranges else "general" for one in _texts(grids, "kind")]
    before = [own or present for own, present in zip(_texts(grids, "code"), _texts(grids, "present"), strict=True)]
    code: list[str | None] = [None] * len(grids)
    kept, faults, taken = np.zeros(len(grids), bool), {}, {code_text(one) for one in used}
    for row, one in enumerate(before):
        if one and one not in code and _fits(one, prefix + unit[row], profile, kind[row]):
            code[row], kept[row] = one, True
            taken.add(one)
    taken |= {one for one in before if one}
    alone = Counter(unit)
    for row in reading_order(grids.geometry.to_numpy()).tolist():
        if code[row] is not None:
            continue
        reason = _why_not(unit[row], profile)
        number = None if reason else _next_number(prefix + unit[row], profile, kind[row], taken, alone[unit[row]] == 1)
        if number is None:
            faults[row] = reason or sentence(
                f"{unit[row]} 的顺序号已用完（{kind[row]}）", f"no number is left in {unit[row]} ({kind[row]})"
            )
            continue
        code[row] = f"{prefix}{unit[row]}{number:0{profile.number}d}"
        taken.add(code[row] or "")
    return Coding(code, kept, faults)


def own_profile(name: str, *, unit: int, number: int, last: int | None = None) -> CodeProfile:
    """Return a profile of one's own with one row of numbers from 1."""
    most = 10**number - 1 if last is None else last
    return replace(PROFILES["12+3"], name=name, zh=name, en=name, unit=unit, number=number, ranges=_both(1, most))


def _texts(grids: gpd.GeoDataFrame, name: str) -> list[str]:
    if name not in grids:
        return [""] * len(grids)
    return [
        "" if is_missing else code_text(one) for one, is_missing in zip(grids[name], grids[name].isna(), strict=True)
    ]


def _fits(code: str, head: str, profile: CodeProfile, kind: str) -> bool:
    tail = code.removeprefix(head)
    if not code.startswith(head) or len(tail) != profile.number or not tail.isdigit():
        return False
    first, last = profile.ranges[kind]
    return first <= int(tail) <= last or int(tail) == profile.lone


def _why_not(unit: str, profile: CodeProfile) -> str | None:
    if len(unit) == profile.unit and unit.isdigit():
        return None
    shown = unit[:40] or "–"
    return sentence(
        f"所属单元的代码应为 {profile.unit} 位数字，实为 {shown}",
        f"its unit's code has not {profile.unit} digits: {shown}",
    )


def _next_number(head: str, profile: CodeProfile, kind: str, taken: Collection[str], is_alone: bool) -> int | None:
    first, last = profile.ranges[kind]
    numbers = {
        int(one[len(head) :])
        for one in taken
        if one.startswith(head) and len(one) == len(head) + profile.number and one[len(head) :].isdigit()
    }
    if is_alone and profile.lone is not None and not numbers:
        return profile.lone
    within = [one for one in numbers if first <= one <= last]
    after = max(within, default=first - 1) + 1
    if after <= last:
        return after
    return next((one for one in range(first, last + 1) if one not in numbers), None)
