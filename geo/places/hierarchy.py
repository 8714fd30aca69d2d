"""Find the chain of a grid or division: its ancestors from the county down, itself last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo.catalog.division_codes import without_padding

#: Maximum length of a chain; a longer one means a cycle of parents.
_MAX_CHAIN = 8


@dataclass(frozen=True, slots=True)
class _Division:
    level: str
    code: str
    name: str | None
    parent: str | None
    #: Its code without padding.
    key: str


class Hierarchy:
    """Hierarchy of divisions and grids; read only after construction.

    Examples
    --------
    >>> import pandas as pd
    >>> divisions = {"code": ["990101", "990101001"], "name": ["甲县", "乙镇"], "level": ["county", "township"]}
    >>> grids = {"code": ["990101001001"], "name": ["第一网格"], "kind": ["general"], "level": [1]}
    >>> hierarchy = Hierarchy(pd.DataFrame(divisions), pd.DataFrame(grids))
    >>> [link["name"] for link in hierarchy.chain_of_grid("990101001001")]
    ['甲县', '乙镇', '第一网格']
    """

    def __init__(
        self,
        divisions: pd.DataFrame | None = None,
        grids: pd.DataFrame | None = None,
        villages: pd.DataFrame | None = None,
    ) -> None:
        """Index the frames by code; each may be missing, and any column but `code` too."""
        self._divisions: dict[str, _Division] = {}
        for row in _rows(villages):
            self._add("village", row["code"], row.get("name"), None)
        for row in _rows(divisions):
            level = row.get("level")
            self._add(str(level) if level else "division", row["code"], row.get("name"), row.get("parent"))
        self._grids: dict[str, Mapping[str, Any]] = {row["code"]: row for row in _rows(grids)}
        # What was asked for once, of the places that there are.
        self._described: dict[str, Mapping[str, Any]] = {}
        self._known: dict[str, tuple[Mapping[str, Any], ...]] = {}
        self._division_chains: dict[str, tuple[Mapping[str, Any], ...]] = {}

    def has_grid(self, code: str) -> bool:
        """Return whether there is a grid of that code.

        Examples
        --------
        >>> Hierarchy().has_grid("1")
        False
        """
        return code in self._grids

    def has_code(self, code: str) -> bool:
        """Return whether there is a grid of that code, or a division, with or without its padding of zeros.

        Examples
        --------
        >>> import pandas as pd
        >>> Hierarchy(pd.DataFrame({"code": ["990101"], "level": ["county"]})).has_code("990101000000")
        True
        """
        return code in self._grids or _unpadded(code) in self._divisions

    def describe_grid(self, code: str) -> Mapping[str, Any]:
        """Return `{code, name, kind, level}` of a grid; all but the code are None where the grid is not known.

        Examples
        --------
        >>> Hierarchy().describe_grid("1")
        {'code': '1', 'name': None, 'kind': None, 'level': None}
        """
        found = self._described.get(code)
        if found is None:
            row = self._grids.get(code, {})
            found = {"code": code, "name": row.get("name"), "kind": row.get("kind"), "level": _level(row)}
            if row:
                self._described[code] = found
        return found

    def chain_of_grid(self, code: str) -> tuple[Mapping[str, Any], ...]:
        """Return the chain of a grid: county first, the grid last; each `{level, code, name}`.

        Examples
        --------
        A code that no division begins makes a chain of one:

        >>> Hierarchy().chain_of_grid("1")
        ({'level': 'grid', 'code': '1', 'name': None},)
        """
        found = self._known.get(code)
        if found is None:
            found = (*self._chain_of(self._division_of(code)), *self._grid_links(code))
            if code in self._grids:
                self._known[code] = found
        return found

    def chain_of_division(self, code: str | None) -> tuple[Mapping[str, Any], ...]:
        """Return the chain of a division, itself included; empty where the code is not known.

        Examples
        --------
        >>> import pandas as pd
        >>> Hierarchy(pd.DataFrame({"code": ["990101"], "level": ["county"]})).chain_of_division("990101000000")
        ({'level': 'county', 'code': '990101', 'name': None},)
        """
        return self._chain_of(self._divisions.get(_unpadded(code)) if code else None)

    def _chain_of(self, division: _Division | None, depth: int = 0) -> tuple[Mapping[str, Any], ...]:
        if division is None:
            return ()
        found = self._division_chains.get(division.key)
        if found is None:
            if depth < _MAX_CHAIN:
                self._chain_of(self._parent_of(division), depth + 1)  # once for all that it holds
            found = self._division_chains[division.key] = self._linked(division)
        return found

    def _linked(self, division: _Division) -> tuple[Mapping[str, Any], ...]:
        """Return the chain of a division, the begin of it from what is known of its parents."""
        links: list[Mapping[str, Any]] = []
        above: tuple[Mapping[str, Any], ...] = ()
        said: set[str] = set()
        one: _Division | None = division
        while one is not None and len(links) < _MAX_CHAIN and one.code not in said:
            known = self._division_chains.get(one.key)
            if known is not None and said.isdisjoint(link["code"] for link in known):
                above = known
                break
            said.add(one.code)
            links.append({"level": one.level, "code": one.code, "name": one.name})
            one = self._parent_of(one)
        return (*above, *reversed(links))[-_MAX_CHAIN:]

    def _add(self, level: str, code: str, name: str | None, parent: str | None) -> None:
        key = _unpadded(code)
        self._divisions[key] = _Division(level, code, name, parent, key)

    def _parent_of(self, division: _Division) -> _Division | None:
        if division.parent and (key := _unpadded(division.parent)) != division.key:
            parent = self._divisions.get(key)
            if parent is not None:
                return parent
        return self._by_prefix(division.key[:-1])

    def _by_prefix(self, code: str) -> _Division | None:
        """Return the division of the longest code that begins this one: codes begin with those of their parents."""
        for end in range(len(code), 1, -1):
            if code[:end] in self._divisions:
                return self._divisions[code[:end]]
        return None

    def _division_of(self, code: str) -> _Division | None:
        row = self._grids.get(code, {})
        parent = self._grids.get(row.get("parent") or "", {})
        for village in (row.get("village"), parent.get("village"), row.get("parent")):
            if village and (found := self._divisions.get(_unpadded(village))) is not None:
                return found
        return self._by_prefix(code)

    def _grid_links(self, code: str) -> list[Mapping[str, Any]]:
        row = self._grids.get(code, {})
        links: list[Mapping[str, Any]] = []
        if _level(row) == 2 and row.get("parent") in self._grids:
            parent = self._grids[row["parent"]]
            links.append({"level": "grid", "code": parent["code"], "name": parent.get("name")})
        level = "microgrid" if _level(row) == 2 else "grid"
        return [*links, {"level": level, "code": code, "name": row.get("name")}]


def _level(row: Mapping[str, Any]) -> int | None:
    if not row:
        return None
    level = row.get("level")
    text = str(level).removesuffix(".0")
    return 2 if text in ("2", "microgrid") else 1  # one that says no level is a grid


def _rows(frame: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return the rows as dictionaries of plain values: None for missing, text for codes."""
    if frame is None or not len(frame):
        return []
    names = [name for name in ("code", "name", "level", "kind", "parent", "village") if name in frame.columns]
    columns = {name: frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in names}
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    for row in rows:
        for name in ("code", "parent", "village"):
            if row.get(name) is not None:
                row[name] = str(row[name])
    return [row for row in rows if row["code"]]


def _unpadded(code: str) -> str:
    return without_padding(code, is_lenient=True)
