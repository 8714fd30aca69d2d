"""Relay tiles of a {z}/{x}/{y} URL."""

from __future__ import annotations

from geo.basemaps.matrices import DEGREES, Matrix
from geo.basemaps.relay import Relay, host_of
from geo.basemaps.tile_folders import filled, require_places
from geo.basemaps.tile_pyramids import projection_of, pyramid
from geo.basemaps.tile_sources import TileSource
from geo.catalog.base_maps import BaseMap
from geo.errors import BadValue


class UrlTiles(TileSource):
    """Tiles of another host, by numbers in its URLs.

    Whether tiles in degrees begin with level 0 or 1 is found out by asking: a column that only the former has is asked
    for first, and where the host has a tile there, it is that one.
    """

    def __init__(self, base: BaseMap) -> None:
        self._template = require_places(base.source)
        if "{" in self._template.split("/", 3)[2]:
            raise BadValue("网址的主机名里不能有 {…}", "the host of the URL cannot have a place {…}")
        host_of(base.source)
        self._relay = Relay(base.source)
        self.projection = projection_of(base)
        self._is_asked = self.projection != DEGREES or base.first_level is not None
        self._first_level = 1 if base.first_level is None or self.projection != DEGREES else base.first_level
        # Levels are named as with a first level of 1, whichever the host's is.
        self.matrices = list(pyramid(base, 1).values())

    def picture(self, matrix: Matrix, column: int, row: int) -> bytes | None:
        """Return a tile: see ``TileSource.picture``."""
        if not self._is_asked:
            self._ask(matrix, column, row)
        level = int(matrix.id) - (1 - self._first_level)
        return self._relay.picture(filled(self._template, level, column, row, matrix.rows))

    def _ask(self, matrix: Matrix, column: int, row: int) -> None:
        """Find out the numbering by one tile, in the half of the world where the two differ."""
        if column < matrix.columns // 2:
            return
        level = int(matrix.id) - 1
        if self._relay.picture(filled(self._template, level, column, row, matrix.rows)) is not None:
            self._first_level = 0
            self._is_asked = True
        elif self._relay.picture(filled(self._template, level + 1, column, row, matrix.rows)) is not None:
            self._is_asked = True
