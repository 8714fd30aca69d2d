"""Give grids their codes by a profile: stable, never used again, in the order in which a map is read (rule V5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from geo.catalog.code_profiles import CodeProfile, profile_named
from geo.catalog.division_codes import code_text
from geo.errors import BadValue
from geo.planning.faces import reading_order
from geo.sentences import sentence

_UNITS = {"village": ("村代码", "village code"), "grid": ("所在网格的代码", "code of the grid above")}
_KINDS = {"general": ("综合", "general"), "dedicated": ("专属", "dedicated")}


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

    Examples
    --------
    >>> Coding([None], np.zeros(1, bool), {0: "没有村代码 / it has no village code"}).faults[0][-15:]
    'no village code'
    """

    code: list[str | None]
    kept: np.ndarray
    faults: Mapping[int, str]


def grid_codes(
    grids: gpd.GeoDataFrame,
    profile: CodeProfile | str,
    *,
    prefix: str = "",
    used: Collection[str] = (),
    units: Collection[str] | None = None,
) -> Coding:
    """Return the codes of grids (rule V5).

    A grid that has a code of the profile keeps it. The others get, unit by unit in the order of the profile, the
    numbers after the highest that was ever used there; when those are used up, numbers never used.

    Parameters
    ----------
    grids
        Polygons with ``village``, for microgrids ``parent``, ``kind``, and where they have one ``code`` or ``present``.
    profile
        How codes are made, or the name of a profile that is known.
    prefix
        The digits that the profile has the caller give.
    used
        All codes that were ever used, those of abolished grids too.
    units
        Codes of the villages, of microgrids the grids, that there are; None where that is not known.

    Raises
    ------
    BadValue
        The prefix does not have the digits of the profile.
    UnknownName
        There is no profile of that name.

    Examples
    --------
    Two new grids of a village in which 001 and 003 were used before:

    >>> import shapely
    >>> cells = gpd.GeoDataFrame({"village": ["990101101201"] * 3, "kind": ["general"] * 3,
    ...                           "present": [None, "990101101201001", None]},
    ...                          geometry=shapely.box([20, 0, 10], 0, [30, 10, 20], 10), crs=4547)
    >>> found = grid_codes(cells, "12+3", used=["990101101201003"])
    >>> [one[-3:] for one in found.code], found.kept.tolist()
    (['005', '001', '004'], [False, True, False])
    """
    rule = profile_named(profile) if isinstance(profile, str) else profile
    if len(prefix) != rule.prefix or not (prefix.isdecimal() or not prefix):
        raise BadValue(
            f"编码规则 {rule.name} 的前缀须为 {rule.prefix} 位数字",
            f"profile {rule.name} takes a prefix of {rule.prefix} digits",
        )
    # Microgrids that name no grid above, and grids drawn within another one, have it in place of their village.
    column = "parent" if rule.unit.of == "grid" and "parent" in grids else "village"
    unit = _texts(grids, column)
    kind = [one if one in rule.ranges else "general" for one in _texts(grids, "kind")]
    before = [own or present for own, present in zip(_texts(grids, "code"), _texts(grids, "present"), strict=True)]
    alone = Counter(unit)
    numbers = _Numbers(rule, prefix)
    numbers.take(code_text(one) for one in used)
    numbers.take(before)
    code: list[str | None] = [None] * len(grids)
    kept, faults, given = np.zeros(len(grids), bool), {}, set()
    for row, one in enumerate(before):
        if one and one not in given and numbers.fits(one, unit[row], kind[row], is_alone=alone[unit[row]] == 1):
            code[row], kept[row] = one, True
            given.add(one)
    for row in reading_order(grids.geometry.to_numpy(), rule.order).tolist():
        if code[row] is not None:
            continue
        reason = _why_not(unit[row], rule, units)
        if reason is None:
            code[row] = numbers.next(unit[row], kind[row], is_alone=alone[unit[row]] == 1)
            reason = None if code[row] else _used_up(unit[row], kind[row], rule)
        if reason is not None:
            faults[row] = reason
    return Coding(code, kept, faults)


class _Numbers:
    """Running numbers of every unit that were ever used."""

    def __init__(self, profile: CodeProfile, prefix: str) -> None:
        self._profile, self._prefix = profile, prefix
        self._used: dict[str, set[int]] = defaultdict(set)
        self._last: dict[tuple[str, tuple[int, int]], int] = {}

    def take(self, codes: Iterable[str]) -> None:
        """Remember codes that were used; those of another form use no number."""
        place = self._profile.number
        for one in codes:
            if len(one) == self._profile.digits and one[place].isdecimal():
                self._used[one[: place.start] + one[place.stop :]].add(int(one[place]))

    def fits(self, code: str, unit: str, kind: str, *, is_alone: bool) -> bool:
        """Return whether a code is one of the profile for that grid."""
        place = self._profile.number
        before, after = self._frame(unit, kind)
        number = code[place]
        if len(code) != self._profile.digits or code != before + number + after or not number.isdecimal():
            return False
        first, last = self._profile.ranges[kind]
        return first <= int(number) <= last or (is_alone and int(number) == self._profile.lone)

    def next(self, unit: str, kind: str, *, is_alone: bool) -> str | None:
        """Return a code with the next number, which is used from now on; None where there is none left."""
        before, after = self._frame(unit, kind)
        used, place = self._used[before + after], self._profile.number
        number = self._profile.lone if is_alone and self._profile.lone not in used else None
        if number is None:
            number = self._following(before + after, self._profile.ranges[kind])
        if number is None:
            return None
        used.add(number)
        return f"{before}{number:0{place.stop - place.start}d}{after}"

    def _following(self, unit: str, within: tuple[int, int]) -> int | None:
        used, (first, last) = self._used[unit], within
        highest = self._last.get((unit, within))
        if highest is None:
            highest = max((one for one in used if first <= one <= last), default=first - 1)
        after = highest + 1
        while after in used:  # by kinds whose range overlaps this one
            after += 1
        if after <= last:
            self._last[unit, within] = after
            return after
        return next((one for one in range(first, last + 1) if one not in used), None)

    def _frame(self, unit: str, kind: str) -> tuple[str, str]:
        """Return the digits before and after the running number."""
        texts = {"given": self._prefix, "village": unit, "grid": unit}
        parts = [one.text or one.kinds.get(kind) or texts.get(one.of, "") for one in self._profile.segments]
        place = [one.of for one in self._profile.segments].index("number")
        return "".join(parts[:place]), "".join(parts[place + 1 :])


def _texts(grids: gpd.GeoDataFrame, name: str) -> list[str]:
    if name not in grids:
        return [""] * len(grids)
    return [
        "" if is_missing else code_text(one) for one, is_missing in zip(grids[name], grids[name].isna(), strict=True)
    ]


def _why_not(unit: str, profile: CodeProfile, units: Collection[str] | None) -> str | None:
    zh, en = _UNITS[profile.unit.of]
    if not unit:
        return sentence(f"没有{zh}", f"it has no {en}")
    digits, shown = profile.unit.digits, unit[:40]
    if len(unit) != digits or not (unit.isdecimal() and unit.isascii()):
        return sentence(f"{zh}应为 {digits} 位数字，实为 {shown}", f"its {en} has not {digits} digits: {shown}")
    if units is not None and unit not in units:
        return sentence(f"{zh} {shown} 不存在", f"there is none of its {en}, {shown}")
    return None


def _used_up(unit: str, kind: str, profile: CodeProfile) -> str:
    first, last = profile.ranges[kind]
    zh, en = _KINDS[kind]
    count = last - first + 1
    return sentence(
        f"{unit} 的{zh}顺序号 {first}–{last} 共 {count} 个都用过了",
        f"all {count} numbers of {unit} from {first} to {last} were used ({en})",
    )
