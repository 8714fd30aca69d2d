"""Open the source of a base map, wherever its settings say that it is, and answer its tiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path, PurePath

from geo.basemaps.arcgis_cache import ArcgisCache
from geo.basemaps.extents import beside
from geo.basemaps.geotiff_image import GeotiffImage
from geo.basemaps.kept_tiles import FRESH_SECONDS, KeptTiles
from geo.basemaps.local_files import file_state
from geo.basemaps.matrices import DEGREES, MERCATOR, Matrix, zoom_of
from geo.basemaps.mbtiles_file import MbtilesFile
from geo.basemaps.pictures import decoded, encoded, media_type, resized
from geo.basemaps.pmtiles_file import PmtilesFile
from geo.basemaps.tile_folders import TileFolder
from geo.basemaps.tile_sources import TileSource
from geo.basemaps.url_tiles import UrlTiles
from geo.basemaps.warping import drawn_tile, same_matrix
from geo.basemaps.wmts_tiles import WmtsTiles
from geo.catalog.base_maps import MAX_ZOOM, BaseMap
from geo.errors import BadValue, NotFound


class NoTile(NotFound):
    """The base map is there and can be used, and has nothing at this place."""


_FILES: Mapping[str, Callable[[BaseMap, Path], TileSource]] = {
    "mbtiles": MbtilesFile,
    "pmtiles": PmtilesFile,
    "xyz": TileFolder,
    "arcgis": ArcgisCache,
    "geotiff": GeotiffImage,
}
_URLS: Mapping[str, Callable[[BaseMap], TileSource]] = {"xyz": UrlTiles, "wmts": WmtsTiles}
_SUFFIXES = {".mbtiles": "mbtiles", ".pmtiles": "pmtiles", ".tif": "geotiff", ".tiff": "geotiff"}


def kind_of(source: str) -> str:
    """Return the kind that a source is of by its looks.

    Examples
    --------
    >>> kind_of("影像.mbtiles"), kind_of("http://t.example/{z}/{x}/{y}.png"), kind_of("https://t.example/wmts?tk=1")
    ('mbtiles', 'xyz', 'wmts')
    """
    if source.lower().startswith(("http://", "https://")):
        return "xyz" if "{" in source else "wmts"
    path = Path(source)
    if path.suffix.lower() in _SUFFIXES:
        return _SUFFIXES[path.suffix.lower()]
    names = [path.name.lower(), *(one.name.lower() for one in path.iterdir())] if path.is_dir() else [path.name.lower()]
    is_cache = {"conf.xml", "_alllayers"} & set(names) or (path.is_dir() and any(path.glob("*/[Cc]onf.xml")))
    return "arcgis" if is_cache else "xyz"


def stored_path(source: str, home: Path | None, *, is_bounded: bool) -> str:
    """Return a path as it is stored: relative to the folder of base maps where it lies in it.

    Parameters
    ----------
    source
        As typed, relative to the current folder or to that of base maps.
    home
        The folder of the workspace, or that of the server's base maps; None where the server has none.
    is_bounded
        Whether a path outside that folder is refused, as for a server.

    Raises
    ------
    BadValue
        The path is outside, or the server has no folder of base maps.
    """
    if home is None:
        raise _no_folder()
    folder, rest = _before_places(Path(source))
    inside = home / folder
    real = (folder if folder.exists() or not inside.exists() else inside).resolve()
    root = home.resolve()
    if ".." in rest.parts:
        raise _outside(source, root)
    if real.is_relative_to(root):
        return (PurePath(real.relative_to(root)) / rest).as_posix()
    if is_bounded:
        raise _outside(source, root)
    return str(real / rest)


def path_of(base: BaseMap, home: Path | None, *, is_bounded: bool) -> Path:
    """Return where the file or folder of a base map is; raise BadValue where that is outside its folder.

    A relative path never leads out of the folder, by ``..`` or by links; an absolute one is of a workspace, whose user
    named it.
    """
    if home is None:
        raise _no_folder()
    folder, rest = _before_places(Path(base.source))
    real, root = (home / folder).resolve(), home.resolve()
    if ".." in rest.parts or (not real.is_relative_to(root) and (is_bounded or not folder.is_absolute())):
        raise _outside(base.source, root)
    return real / rest


def _before_places(path: Path) -> tuple[Path, Path]:
    """Return the folder of a template up to its first {place}, and the rest; of a plain path all and nothing."""
    names = path.parts
    at = next((k for k, name in enumerate(names) if "{" in name), len(names))
    return Path(*names[:at]), Path(*names[at:])


def open_source(base: BaseMap, home: Path | None, *, is_bounded: bool) -> TileSource:
    """Return the opened source of a base map; arguments as ``path_of``.

    Raises
    ------
    BadValue, UnknownName
        Its settings do not fit each other or what the source says of itself.
    UnreadableFile
        It is absent or damaged.
    SourceBroken, SourceSlow
        Another host does not tell what it has.
    """
    if base.is_url:
        if base.kind not in _URLS:
            raise BadValue(
                f"类型 {base.kind} 的底图须是本机文件，不能是网址", f"a base map of kind {base.kind} is a file, no URL"
            )
        return _URLS[base.kind](base)
    if base.kind not in _FILES:
        raise BadValue(
            f"类型 {base.kind} 的底图须是网址（http:// 或 https://）",
            f"a base map of kind {base.kind} is a URL, no file",
        )
    return _FILES[base.kind](base, path_of(base, home, is_bounded=is_bounded))


def levels_of(source: TileSource) -> tuple[int, int] | None:
    """Return first and last zoom that a source has, as Web Mercator counts them; None where it has none in bounds."""
    kind = DEGREES if source.projection == DEGREES else MERCATOR
    zooms = [round(zoom_of(one, kind)) for one in source.matrices]
    inside = [zoom for zoom in zooms if 0 <= zoom <= MAX_ZOOM]
    return (min(inside), max(inside)) if inside else None


def extent_of(source: TileSource, *, is_shifted: bool) -> tuple[float, float, float, float] | None:
    """Return where a source has tiles at all, in degrees, None where it does not tell; with room for a shift."""
    return beside(source.extent) if is_shifted and source.extent is not None else source.extent


def source_state(base: BaseMap, home: Path | None, *, is_bounded: bool) -> str:
    """Return a text that changes when the file of a base map is another; the same for all that comes by URL."""
    return "" if base.is_url else file_state(path_of(base, home, is_bounded=is_bounded))


class BaseMapTiles:
    """The tiles of one base map: opened, and its pictures kept."""

    def __init__(self, base: BaseMap, home: Path | None, *, is_bounded: bool) -> None:
        source = open_source(base, home, is_bounded=is_bounded)
        self.base = base
        self.source = KeptTiles(source, seconds=FRESH_SECONDS if base.is_url else None)

    def tile(self, zoom: int, column: int, row: int) -> tuple[bytes, str]:
        """Return a Web Mercator tile of at most 256 pixels with its media type, rows from the north.

        Raises
        ------
        NoTile
            There is no such tile, or the base map has nothing there.
        UnreadableFile, SourceBroken, SourceSlow
            As its source.
        """
        if not (0 <= zoom <= MAX_ZOOM and 0 <= column < 1 << zoom and 0 <= row < 1 << zoom):
            raise NoTile("没有这个瓦片", "there is no such tile")
        matrix = None if self.base.is_shifted else same_matrix(self.source, zoom)
        found = self._drawn(zoom, column, row) if matrix is None else self._as_kept(matrix, column, row)
        if found is None:
            raise NoTile(f"底图 {self.base.name} 在此处没有瓦片", f"the base map {self.base.name} has no tile there")
        return found

    def _as_kept(self, matrix: Matrix, column: int, row: int) -> tuple[bytes, str] | None:
        """Return a tile of Web Mercator as its source has it, smaller where it is for finer screens."""
        data = self.source.picture(matrix, column, row)
        if data is None:
            return None
        pixels = decoded(data)  # all of it: a picture that is cut off is not passed on
        kind = media_type(data)
        if kind is not None and max(pixels.shape[:2]) <= matrix.wide:
            return data, kind
        return encoded(resized(pixels, matrix.wide, matrix.tall), is_photo=kind == "image/jpeg")

    def _drawn(self, zoom: int, column: int, row: int) -> tuple[bytes, str] | None:
        pixels = drawn_tile(self.source, zoom, column, row, is_shifted=self.base.is_shifted)
        return None if pixels is None else encoded(pixels, is_photo=self.source.is_photo)

    def close(self) -> None:
        """Close the source."""
        self.source.close()


def _no_folder() -> BadValue:
    return BadValue(
        "服务器没有底图文件夹；请设置 GRIDSIGHT_BASEMAP_FOLDER",
        "the server has no folder of base maps; set GRIDSIGHT_BASEMAP_FOLDER",
    )


def _outside(source: str, root: Path) -> BadValue:
    return BadValue(
        f"底图 {source} 在底图文件夹之外",
        f"the base map {source} is outside the folder of base maps",
        for_operator=str(root),
    )
