"""Number all places of a county so that those of one part stand together: a place, then all that lie in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
import pandas as pd

from geo.catalog.division_codes import without_padding
from geo.places.address.division_names import (
    LEVELS,
    RANKS,
    VILLAGE_RANK,
    level_of,
    name_parts,
    split_aliases,
    suffix_at,
)
from geo.places.address.normalise import normal_form

#: The place of what lies in no known place: it holds all others.
ROOT = 0
_NO_LEVEL = len(LEVELS)


@dataclass(frozen=True)
class PlaceTree:
    """Divisions, villages and grids in preorder: place `p` holds the places from `p` to `last[p]`, itself included.

    Attributes
    ----------
    codes
        Code of each place; empty for the root.
    names
        Names of each place in normal form, the official one first; none where it has no name.
    rank
        Rank of the level in `division_names.LEVELS`; -1 for the root.
    parent
        Place that holds it; the root's is itself.
    last
        The last place that it holds.
    place_of
        Code without padding -> place, of divisions and villages.
    grid_of
        Code without padding -> place, of grids: a grid may have the code of its village.

    Examples
    --------
    >>> import pandas as pd
    >>> divisions = {"code": ["990101", "990101001", "990102"], "name": ["甲县", "乙镇", "丙县"], "level": [3, 4, 3]}
    >>> tree = PlaceTree.of(pd.DataFrame(divisions))
    >>> tree.codes, tree.last.tolist(), tree.parent.tolist()
    (['', '990101', '990101001', '990102'], [3, 2, 2, 3], [0, 0, 1, 0])
    """

    codes: list[str]
    names: list[tuple[str, ...]]
    rank: np.ndarray
    parent: np.ndarray
    last: np.ndarray
    place_of: Mapping[str, int]
    grid_of: Mapping[str, int]

    @classmethod
    def of(
        cls,
        divisions: pd.DataFrame | None = None,
        villages: pd.DataFrame | None = None,
        grids: pd.DataFrame | None = None,
    ) -> PlaceTree:
        """Return the tree of the layers `divisions`, `villages` and `grids`; each may be missing, and any column too.

        A division is below its `parent` (or `parent_code`), a grid below its `village` or its grid; what names none,
        or one that is not there, is below the place with the longest code that begins its own.
        """
        rows = _merged_rows(divisions, villages, grids)
        parents = _parents(rows)
        order, last = _preorder(parents)
        number = np.empty(len(order), np.int64)
        number[order] = np.arange(len(order))
        keys = list(rows)
        at = order[1:] - 1
        codes = ["", *(rows[keys[k]].code for k in at)]
        names = [(), *(rows[keys[k]].names for k in at)]
        rank = np.array([-1, *(rows[keys[k]].rank for k in at)], np.int16)
        levels = (*LEVELS, "", "")  # of no level, and of the root
        for place, holder in enumerate(number[parents[at]].tolist(), start=1):
            level, above = levels[rank[place]], levels[rank[holder]]
            names[place] = _without_names_above(names[place], names[holder], level, above)
        parent = np.append(0, number[parents[at]]).astype(np.int32)
        places: tuple[dict[str, int], dict[str, int]] = {}, {}
        for place, k in enumerate(at, start=1):
            is_grid, key = keys[k]
            places[is_grid][key] = place
        return cls(codes, names, rank, parent, last.astype(np.int32), *places)

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def only_county(self) -> int:
        """The county where there is one only, in which a text that names none is; else the root."""
        counties = np.flatnonzero(self.rank == RANKS["county"])
        return int(counties[0]) if len(counties) == 1 else ROOT

    def digest(self) -> bytes:
        """Return a digest that is the same for the same places in the same order."""
        found = blake2b(self.last.tobytes() + self.rank.tobytes(), digest_size=16)
        found.update(
            "\n".join(f"{code} {' '.join(names)}" for code, names in zip(self.codes, self.names, strict=True)).encode(
                "utf-8", "replace"
            )
        )
        return found.digest()

    def holds(self, place: int, other: int) -> bool:
        """Return whether a place is another one or holds it."""
        return place <= other <= int(self.last[place])

    def chain(self, place: int) -> list[int]:
        """Return the places that hold a place, the widest first, itself last; the root is not named."""
        found: list[int] = []
        while place != ROOT:
            found.append(place)
            place = int(self.parent[place])
        return found[::-1]

    def above(self, place: int, rank: int) -> int:
        """Return the place of a level that holds a place or is it; the root where none is."""
        while place != ROOT and self.rank[place] != rank:
            place = int(self.parent[place])
        return place

    def names_outside(self, place: int, other: int) -> str:
        """Return the names of a place down to its village, from the widest that does not hold the other one."""
        chain = [one for one in self.chain(place) if self.rank[one] <= VILLAGE_RANK]
        return "".join(self.names[one][0] for one in chain if self.names[one] and not self.holds(one, other))

    def without_names(self, text: str, place: int) -> str:
        """Return a text without the names of a place and of those that hold it: what it says beside them."""
        for one in self.chain(place):
            for name in self.names[one]:
                text = text.replace(name, "")
        return text

    def find(self, code: object) -> int | None:
        """Return the division or village of a code, with or without its padding of zeros; None where there is none."""
        return self.place_of.get(without_padding(str(code), is_lenient=True)) if code else None

    def find_grid(self, code: object) -> int | None:
        """Return the place of a grid; None where there is none."""
        return self.grid_of.get(without_padding(str(code), is_lenient=True)) if code else None


_BRACKET = re.compile(r"[（(]([^（()）]*)[)）]")
_NAME_IN_BRACKETS = re.compile(r".[村屯庄寨湾]$|社区$")
# A layer of its own for grids, and the code without padding.
_Key = tuple[bool, str]


@dataclass(frozen=True)
class _Row:
    code: str
    names: tuple[str, ...]
    rank: int
    parents: tuple[str, ...]


def _merged_rows(
    divisions: pd.DataFrame | None, villages: pd.DataFrame | None, grids: pd.DataFrame | None
) -> dict[_Key, _Row]:
    """Return the rows of all layers by code without padding; a village that is a division too is one place."""
    found: dict[_Key, _Row] = {}
    for frame, default in ((villages, "village"), (divisions, ""), (grids, "grid")):
        for row in _records(frame):
            key = (default == "grid", without_padding(row["code"], is_lenient=True))
            level = _level(row, default)
            parents = tuple(str(row[name]) for name in ("parent", "parent_code", "village") if row.get(name))
            names = dict.fromkeys(_forms(row))
            old = found.get(key)
            if old is not None:
                names, parents = dict.fromkeys([*names, *old.names]), parents or old.parents
            found[key] = _Row(row["code"], tuple(names), RANKS.get(level, _NO_LEVEL), parents)
    return found


def _level(row: Mapping[str, Any], default: str) -> str:
    if default == "village":
        return default
    if default == "grid":
        return "microgrid" if level_of(row.get("level")) == "city" else "grid"  # levels 1 and 2 of grids
    return level_of(row.get("level"))


def _forms(row: Mapping[str, Any]) -> list[str]:
    names = [row.get("name"), *split_aliases(row.get("aliases"))]
    said = [part for name in names if isinstance(name, str) for part in _names_in(name)]
    return [form for part in said if (form := normal_form(part))]


def _names_in(name: str) -> list[str]:
    """Return the names in one that has another one in brackets: 新胜（东沟村）居委会 is 新胜居委会 and 东沟村."""
    inside = _BRACKET.findall(name)
    return [_BRACKET.sub("", name), *(one for one in inside if _NAME_IN_BRACKETS.search(one))] if inside else [name]


def _records(frame: pd.DataFrame | None) -> list[dict[str, Any]]:
    if frame is None or not len(frame):
        return []
    wanted = ("code", "name", "aliases", "level", "parent", "parent_code", "village")
    names = [name for name in wanted if name in frame.columns]
    columns = [frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in names]
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
    for row in rows:
        row["code"] = str(row["code"]) if row.get("code") else ""
    return [row for row in rows if row["code"]]


def _without_names_above(
    names: tuple[str, ...], above: tuple[str, ...], level: str, level_above: str
) -> tuple[str, ...]:
    """Return the names with those that have the name of the place above also without it: 千阳县城关镇东城社区."""
    short: list[str] = []
    for holder in above:
        parts = name_parts(holder, level_above)
        core = holder if parts is None else parts.core
        for name in names:
            at = name.find(core)
            end = at + len(core)
            end += len(suffix_at(name, end, level_above)) if at >= 0 else 0
            rest = name[end:] if at >= 0 and end > at + len(core) else ""
            own = name_parts(rest, level) if rest else None
            if own is not None and own.suffix and len(own.core) > 1:
                short.append(rest)
    return (*dict.fromkeys(short), *names)


def _parents(rows: Mapping[_Key, _Row]) -> np.ndarray:
    """Return the number of the parent of each row, counted from 1; 0 for the root."""
    number = {key: k + 1 for k, key in enumerate(rows)}
    out = np.zeros(len(rows), np.int64)
    for k, ((is_grid, code), row) in enumerate(rows.items()):
        named = [without_padding(parent, is_lenient=True) for parent in row.parents]
        near = [(True, parent) for parent in named] * is_grid + [(False, parent) for parent in named]
        above = [(False, code[:end]) for end in range(len(code) - (not is_grid), 1, -1)]
        for key in (*near, *above):
            found = number.get(key, 0)
            if found and found != k + 1:
                out[k] = found
                break
    return _without_cycles(out)


def _without_cycles(parents: np.ndarray) -> np.ndarray:
    """Return the parents with those that lead in a circle put below the root."""
    top = np.append(0, parents)
    for _ in range(len(LEVELS) + 2):
        top = top[top]
    parents[top[1:] != 0] = 0
    return parents


def _preorder(parents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows in preorder, root first, and the last place that each holds, as places."""
    children: list[list[int]] = [[] for _ in range(len(parents) + 1)]
    for k in range(len(parents), 0, -1):
        children[parents[k - 1]].append(k)
    order: list[int] = []
    last = np.zeros(len(parents) + 1, np.int64)
    stack: list[tuple[int, int]] = [(0, -1)]
    while stack:
        row, place = stack.pop()
        if place >= 0:
            last[place] = len(order) - 1
            continue
        stack.append((row, len(order)))
        order.append(row)
        stack.extend((child, -1) for child in children[row])
    return np.array(order, np.int64), last
