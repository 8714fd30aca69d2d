"""Name the places a grid lies in, from the county down to the grid itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

_DEEPEST = 8  # a chain longer than this is a parent pointing at its own child


@dataclass(frozen=True)
class _Place:
    level: str
    code: str
    name: str | None
    parent: str | None


class Chains:
    """Answer with the chain of places of a grid or a division; built once, then read only."""

    def __init__(
        self,
        divisions: pd.DataFrame | None = None,
        grids: pd.DataFrame | None = None,
        villages: pd.DataFrame | None = None,
    ) -> None:
        """Index the frames by code; each may be missing, and so may any column but `code`."""
        self._divisions: dict[str, _Place] = {}
        for row in _rows(villages):
            self._add(_Place("village", row["code"], row.get("name"), None))
        for row in _rows(divisions):
            level = row.get("level")
            self._add(_Place(str(level) if level else "division", row["code"], row.get("name"), row.get("parent")))
        self._grids: dict[str, Mapping[str, Any]] = {row["code"]: row for row in _rows(grids)}
        self._known: dict[str, tuple[Mapping[str, Any], ...]] = {}

    def grid(self, code: str) -> dict[str, Any]:
        """Return `{code, name, kind, level}` of a grid; all but the code are None where the grid is not known."""
        row = self._grids.get(code, {})
        return {"code": code, "name": row.get("name"), "kind": row.get("kind"), "level": _level(row)}

    def of_grid(self, code: str) -> tuple[Mapping[str, Any], ...]:
        """Return the chain of a grid: county first, the grid last."""
        if code not in self._known:
            self._known[code] = (*self.of_division(self._division_of(code)), *self._grid_steps(code))
        return self._known[code]

    def of_division(self, code: str | None) -> tuple[Mapping[str, Any], ...]:
        """Return the chain of a division, itself included; empty where the code is not known."""
        steps: list[Mapping[str, Any]] = []
        place = self._divisions.get(_trim(code)) if code else None
        while place is not None and len(steps) < _DEEPEST:
            steps.append({"level": place.level, "code": place.code, "name": place.name})
            place = self._above(place)
        return tuple(reversed(steps))

    def _add(self, place: _Place) -> None:
        self._divisions[_trim(place.code)] = place

    def _above(self, place: _Place) -> _Place | None:
        if place.parent and _trim(place.parent) != _trim(place.code):
            parent = self._divisions.get(_trim(place.parent))
            if parent is not None:
                return parent
        return self._by_prefix(_trim(place.code)[:-1])

    def _by_prefix(self, code: str) -> _Place | None:
        """Return the division of the longest code that begins this one: codes are built from their parents'."""
        for end in range(len(code), 1, -1):
            if code[:end] in self._divisions:
                return self._divisions[code[:end]]
        return None

    def _division_of(self, code: str) -> str | None:
        row = self._grids.get(code, {})
        parent = self._grids.get(row.get("parent") or "", {})
        for village in (row.get("village"), parent.get("village"), row.get("parent")):
            if village and _trim(village) in self._divisions:
                return str(village)
        found = self._by_prefix(code)
        return found.code if found else None

    def _grid_steps(self, code: str) -> list[Mapping[str, Any]]:
        row = self._grids.get(code, {})
        steps: list[Mapping[str, Any]] = []
        if _level(row) == 2 and row.get("parent") in self._grids:
            parent = self._grids[row["parent"]]
            steps.append({"level": "grid", "code": parent["code"], "name": parent.get("name")})
        own = "microgrid" if _level(row) == 2 else "grid"
        return [*steps, {"level": own, "code": code, "name": row.get("name")}]


def _level(row: Mapping[str, Any]) -> int | None:
    if not row:
        return None
    level = row.get("level")
    return 1 if level is None else int(level)


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


def _trim(code: str) -> str:
    """Return a division code without the zeros that pad it to twelve digits."""
    while len(code) > 6 and code.endswith("000"):
        code = code[:-3]
    return code
