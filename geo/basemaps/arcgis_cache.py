"""Read an ArcGIS cache by its conf.xml: origin, resolutions, form of storage."""

from __future__ import annotations

import math
import re
from pathlib import Path
from xml.etree import ElementTree

from geo.basemaps.arcgis_bundles import compact_tile, exploded_tile
from geo.basemaps.local_files import damaged, read_part, require_file
from geo.basemaps.matrices import DEGREES, MERCATOR, Matrix, is_possible, zoom_of
from geo.basemaps.projections import of_base, of_code, require_agreement
from geo.basemaps.tile_sources import TileSource, between
from geo.bounds import check_xml
from geo.catalog.base_maps import BaseMap
from geo.errors import GeoError

_MAX_CONF = 1 << 20
_CONF = ("conf.xml", "Conf.xml", "CONF.XML")
_SIDES = range(1, 4097)
#: Tiles beside each other that a cache may have: its rows and columns are written in eight hexadecimal digits.
_MOST = 1 << 31


class ArcgisCache(TileSource):
    """An ArcGIS cache: a folder with conf.xml and, beside it, the levels in ``_alllayers``."""

    def __init__(self, base: BaseMap, path: Path) -> None:
        conf = _conf_of(path)
        self._name = conf.name
        told = _parsed(conf)
        self._root = conf.parent / "_alllayers"
        if not self._root.is_dir():
            raise damaged(self._name, "旁边没有文件夹 _alllayers", "there is no folder _alllayers beside it")
        form = told.findtext(".//StorageFormat") or ""
        self._is_compact = "compact" in form.lower() or (not form and any(self._root.glob("[Ll]*/*.bundle")))
        self._side = int(self._number(told, "PacketSize", default=128)) if self._is_compact else 1
        kind = (told.findtext(".//CacheTileFormat") or "").upper()
        if kind.startswith("LERC"):
            raise damaged(self._name, "瓦片是高程（LERC），不是图片", "its tiles are heights (LERC), no pictures")
        self.is_photo = kind == "JPEG"
        own = _own_code(told)
        require_agreement(base, own, self._name)
        self.projection = of_base(base) or of_code(own) or MERCATOR
        found = sorted(self._matrices(told), key=lambda one: -one.pixel)
        zooms = [zoom_of(one, DEGREES if self.projection == DEGREES else MERCATOR) for one in found]
        kept = {int(entry.name[1:]) for entry in self._root.iterdir() if re.fullmatch(r"[Ll]\d{2}", entry.name)}
        self.matrices = [one for one in between(found, zooms, base.levels) if int(one.id) in kept]
        if not self.matrices:
            raise damaged(self._name, "没有它所写的任何级别", "there is none of the levels that it tells")

    def picture(self, matrix: Matrix, column: int, row: int) -> bytes | None:
        """Return a tile: see ``TileSource.picture``."""
        if self._is_compact:
            return compact_tile(self._root, int(matrix.id), row, column, self._side)
        return exploded_tile(self._root, int(matrix.id), row, column)

    def _matrices(self, told: ElementTree.Element) -> list[Matrix]:
        left, top = (self._number(told, f"TileOrigin/{axis}") for axis in "XY")
        wide, tall = (int(self._number(told, name, default=256)) for name in ("TileCols", "TileRows"))
        levels = [
            (int(self._number(one, "LevelID")), self._number(one, "Resolution"))
            for _, one in zip(range(100), told.iterfind(".//LODInfo"), strict=False)
        ]
        is_sound = all(0 <= n < 100 and is_possible(left, top, pixel) for n, pixel in levels)
        if wide not in _SIDES or tall not in _SIDES or not is_sound:
            raise damaged(self._name, "瓦片尺寸或级别不合理", "its sizes of tiles or levels are impossible")
        return [Matrix(str(n), left, top, pixel, wide, tall, _MOST // wide, _MOST // tall) for n, pixel in levels]

    def _number(self, told: ElementTree.Element, name: str, *, default: float | None = None) -> float:
        text = told.findtext(f".//{name}")
        try:
            value = float(text) if text else default
        except ValueError:
            value = None
        if value is None or not math.isfinite(value):
            raise damaged(self._name, f"缺少 {name}", f"it lacks {name}")
        return value


def _conf_of(path: Path) -> Path:
    """Return the conf.xml of a cache, whose folder, parent folder or levels a path names."""
    folder = path.parent if path.is_file() else path
    homes = [folder, *(one for _, one in zip(range(1_000), _folders(folder), strict=False))]
    if folder.name.lower() == "_alllayers":
        homes.append(folder.parent)
    for home in homes:
        for name in _CONF:
            if (home / name).is_file():
                return home / name
    raise damaged(path.name, "没有 conf.xml，不是 ArcGIS 缓存", "there is no conf.xml: it is no ArcGIS cache")


def _folders(path: Path) -> list[Path]:
    return sorted(one for one in path.iterdir() if one.is_dir()) if path.is_dir() else []


def _parsed(conf: Path) -> ElementTree.Element:
    size = require_file(conf).stat().st_size
    if size > _MAX_CONF:
        raise damaged(conf.name, "过大", "it is too large")
    data = read_part(conf, 0, size)
    try:
        check_xml(data)
        return ElementTree.fromstring(data)  # noqa: S314 (check_xml has refused entities)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        reason = error.en if isinstance(error, GeoError) else "no XML"
        raise damaged(conf.name, "不是可读的 XML", f"it is no XML that can be read ({reason})") from None


def _own_code(told: ElementTree.Element) -> int | None:
    """Return the number of the CRS that a cache names, the newer one where it has two."""
    for name in ("LatestWKID", "WKID"):
        text = (told.findtext(f".//SpatialReference/{name}") or "").strip()
        if text.isascii() and text.isdigit() and len(text) < 10 and int(text):
            return int(text)
    return None
