"""Read tiles of an MBTiles file, whose rows count from the south (MBTiles 1.3)."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from geo.basemaps.extents import Extent, told_extent, with_columns
from geo.basemaps.local_files import damaged, require_file
from geo.basemaps.matrices import DEGREES, Matrix
from geo.basemaps.pictures import MAX_TILE_BYTES
from geo.basemaps.tile_pyramids import first_level_of, projection_of, pyramid
from geo.basemaps.tile_sources import TileSource
from geo.catalog.base_maps import MAX_ZOOM, BaseMap
from geo.errors import BadValue

#: Longest that one question to the file may take: `tiles` may be a view, and a view may be anything.
_SECONDS, _OPENING_SECONDS = 2.0, 10.0
_STEPS = 10_000


class MbtilesFile(TileSource):
    """An MBTiles file, opened for reading only."""

    def __init__(self, base: BaseMap, path: Path) -> None:
        self._name = require_file(path).name
        self._lock = threading.Lock()
        self._until = 0.0
        self.projection = projection_of(base)
        try:
            self._conn = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
            self._conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_TILE_BYTES + 100)
            self._conn.execute("PRAGMA trusted_schema = OFF")
            self._conn.set_progress_handler(lambda: time.monotonic() > self._until, _STEPS)
        except sqlite3.Error:
            raise damaged(self._name, "不是 MBTiles 文件", "it is no MBTiles file") from None
        try:
            self._read(base)
        except BaseException:
            self._conn.close()
            raise

    def _read(self, base: BaseMap) -> None:
        rows: Sequence[Sequence[Any]] = []
        if self._rows("SELECT 1 FROM sqlite_master WHERE name = 'metadata'", seconds=_OPENING_SECONDS):
            rows = self._rows("SELECT name, value FROM metadata LIMIT 100", seconds=_OPENING_SECONDS)
        told = {str(name): value for name, value in rows}
        kind = str(told.get("format", "")).lower()
        if kind in ("pbf", "mvt"):
            raise damaged(
                self._name, "是矢量瓦片，底图须是图片瓦片", "it holds vector tiles; a base map is of pictures"
            )
        self.is_photo = kind in ("jpg", "jpeg")
        self._is_from_north = str(told.get("scheme", "tms")).lower() == "xyz"
        # One index look-up a level, where counting all tiles would read the whole file.
        last = "SELECT max(tile_column) FROM tiles WHERE zoom_level = ?"
        found = [(level, self._rows(last, level, seconds=_OPENING_SECONDS)[0][0]) for level in range(MAX_ZOOM + 2)]
        columns = {level: column for level, column in found if isinstance(column, int)}
        if not columns:
            raise damaged(self._name, "没有瓦片", "there are no tiles in it")
        self.first_level = first_level_of(columns)
        first = base.first_level if base.first_level is not None else self.first_level
        levels = pyramid(base, 1 if first is None else first)
        if self.projection == DEGREES:
            self._require_rows_of_degrees(levels, columns)
        self.matrices = [one for level, one in levels.items() if level in columns]
        self.extent = self._extent(str(told.get("bounds", "")), {one: levels[one] for one in levels if one in columns})

    def _extent(self, told: str, levels: Mapping[int, Matrix]) -> Extent | None:
        """Return what the metadata tell, widened to the columns of the finest level, which they may have wrong."""
        found = told_extent(told)
        if found is None or not levels:
            return None
        level = max(levels)
        both = "SELECT min(tile_column), max(tile_column) FROM tiles WHERE zoom_level = ?"
        first, last = self._rows(both, level, seconds=_OPENING_SECONDS)[0]
        return with_columns(found, levels[level], first, last, self.projection)

    def _require_rows_of_degrees(self, levels: Mapping[int, Matrix], columns: Mapping[int, int]) -> None:
        """Raise BadValue where a row is beyond those of degrees, which has half as many as Web Mercator."""
        last = "SELECT max(tile_row) FROM tiles WHERE zoom_level = ? AND tile_column = ?"
        for level in levels.keys() & columns.keys():
            row = self._rows(last, level, columns[level], seconds=_OPENING_SECONDS)[0][0]
            if isinstance(row, int) and row >= levels[level].rows:
                raise BadValue(
                    f"{self._name} 的行号超出经纬度瓦片的范围：它是 Web 墨卡托瓦片，请用 --crs 3857",
                    f"the rows of {self._name} go beyond those of tiles in degrees: they are of Web Mercator, use "
                    "--crs 3857",
                )

    def picture(self, matrix: Matrix, column: int, row: int) -> bytes | None:
        """Return a tile: see ``TileSource.picture``."""
        kept_row = row if self._is_from_north else matrix.rows - 1 - row
        rows = self._rows(
            "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ? LIMIT 1",
            int(matrix.id), column, kept_row, seconds=_SECONDS,
        )  # fmt: skip
        if not rows or rows[0][0] is None:
            return None
        data = rows[0][0]
        if not isinstance(data, bytes):
            raise damaged(self._name, "瓦片不是二进制内容", "a tile in it is no blob")
        return data

    def _rows(self, sql: str, *values: int, seconds: float) -> Sequence[Sequence[Any]]:
        with self._lock:
            self._until = time.monotonic() + seconds
            try:
                return self._conn.execute(sql, values).fetchall()
            except (sqlite3.Error, OverflowError):
                raise damaged(
                    self._name, "不是完好的 MBTiles 文件", "it is no sound MBTiles file, or answers too slowly"
                ) from None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._conn.close()
