"""Read tiles of a z/x/y folder, in any order of the three that a template names."""

from __future__ import annotations

import re
from pathlib import Path

from geo.basemaps.local_files import damaged, numbered, picture_within
from geo.basemaps.matrices import Matrix
from geo.basemaps.tile_pyramids import first_level_of, projection_of, pyramid
from geo.basemaps.tile_sources import TileSource
from geo.catalog.base_maps import MAX_ZOOM, BaseMap
from geo.errors import BadValue

_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".PNG", ".JPG")
_PLACE = re.compile(r"\{(-?)([zxy])([+-]\d{1,2})?\}")


def filled(template: str, level: int, column: int, row: int, rows: int) -> str:
    """Return a template with numbers for {z}, {x}, {y}; {-y} counts from the south, {z-1} is another numbering.

    Examples
    --------
    >>> filled("{z}/{x}/{-y}.png", 3, 5, 1, rows=8), filled("{z-1}/{y}/{x}", 3, 5, 1, rows=8)
    ('3/5/6.png', '2/1/5')
    """
    values = {"z": level, "x": column, "y": row}

    def number(found: re.Match[str]) -> str:
        value = rows - 1 - row if found[1] else values[found[2]]
        return str(value + int(found[3] or 0))

    return _PLACE.sub(number, template)


def require_places(template: str) -> str:
    """Return a template that names z, x and y once each; raise BadValue for any other."""
    if sorted(found[2] for found in _PLACE.finditer(template)) != ["x", "y", "z"]:
        raise BadValue(
            "模板须写明 {z}、{x}、{y} 各一次（自南向北编号写 {-y}）",
            "the template names {z}, {x} and {y} once each ({-y} where rows count from the south)",
        )
    return template


class TileFolder(TileSource):
    """A folder of tiles: z/x/y with any of the suffixes of pictures, or as a template in the path says."""

    def __init__(self, base: BaseMap, path: Path) -> None:
        text = str(path)
        start = text.find("{")
        self._template = "" if start < 0 else require_places(text)
        self._root = path if start < 0 else Path(text[:start].rpartition("/")[0] or ".")
        if not self._root.is_dir():
            raise damaged(self._root.name, "没有这个文件夹", "there is no such folder")
        self.projection = projection_of(base)
        columns = {} if self._template else _last_columns(self._root)
        if not self._template and not columns:
            raise damaged(path.name, "没有 z/x/y 瓦片", "there are no tiles z/x/y in it")
        self._levels = pyramid(base, _first_level(base, columns))
        if columns and base.levels is None:
            self._levels = {level: one for level, one in self._levels.items() if level in columns}
        self.matrices = list(self._levels.values())
        self.first_level = first_level_of(columns)

    def picture(self, matrix: Matrix, column: int, row: int) -> bytes | None:
        """Return a tile: see ``TileSource.picture``."""
        level = int(matrix.id)
        if self._template:
            return picture_within(self._root, Path(filled(self._template, level, column, row, matrix.rows)))
        stem = self._root / str(level) / str(column) / str(row)
        for suffix in _SUFFIXES:
            found = picture_within(self._root, stem.with_name(f"{row}{suffix}"))
            if found is not None:
                return found
        return None


def _first_level(base: BaseMap, columns: dict[int, int]) -> int:
    found = base.first_level if base.first_level is not None else first_level_of(columns)
    return 1 if found is None else found


def _last_columns(root: Path) -> dict[int, int]:
    """Return the last column of each level that a folder has."""
    found = {}
    for level, entry in numbered(root, most=1_000).items():
        columns = numbered(Path(entry.path)) if level <= MAX_ZOOM + 1 else {}
        if columns:
            found[level] = max(columns)
    return found
