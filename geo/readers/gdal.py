"""Read GeoPackage, Shapefile, FlatGeobuf and GeoParquet: one pinned driver per kind of file, wanted columns only."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyproj
import shapely

from geo import bounds
from geo import crs as crs_module
from geo.errors import BadGeometry, UnknownCrs, UnknownName
from geo.readers import geopackage_guard
from geo.readers.source import Fault, Limits, Source, broken, check_features, check_size, shapes_array

#: Given the names of all columns, answers those to read; personal columns never leave the file.
Wanted = Callable[[Sequence[str]], Sequence[str]]

#: First bytes of each kind: GDAL picks its driver by content, so content and suffix have to agree.
MAGIC = {
    ".gpkg": (b"SQLite format 3\0",),
    ".shp": (b"\x00\x00\x27\x0a",),
    ".fgb": (b"fgb",),
    ".parquet": (b"PAR1",),
    ".zip": (b"PK\x03\x04",),
    ".xlsx": (b"PK\x03\x04",),
}
#: The one driver that reads each kind: no other may be let in, for some follow references to files and hosts.
DRIVERS = {".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".fgb": "FlatGeobuf"}
_BROKEN_SHAPE = "形状读不出 / geometry cannot be read"
_GDAL_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.CRSError,
)
_SHAPE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def check_magic(path: Path, suffix: str) -> None:
    """Refuse a file whose first bytes are not those of its suffix."""
    with path.open("rb") as file:
        head = file.read(16)
    if not head.startswith(MAGIC[suffix]):
        raise broken(path.name, f"内容不是 {suffix} 文件", f"its content is no {suffix} file")


def read_gdal(
    path: Path, name: str, wanted: Wanted, limits: Limits, *, source_layer: str | None, layer: str, encoding: str | None
) -> Source:
    """Return one layer of a GeoPackage, Shapefile or FlatGeobuf.

    Parameters
    ----------
    name
        The file as people know it; the path may be a temporary copy.
    source_layer
        The layer to read; without one the only one, or that of the same name as the layer asked for.
    encoding
        Of a Shapefile's texts; without one its .cpg file, else UTF-8 or GB 18030, whichever fits.
    """
    if path.suffix.lower() == ".shp":
        encoding = _shapefile_encoding(path, name, encoding)
    try:
        found = geopackage_guard.layers(path, name) if path.suffix.lower() == ".gpkg" else _listed(path)
        chosen, named = _layer(found, name, source_layer, layer)
        info = pyogrio.read_info(path, layer=chosen, encoding=encoding)
        if info["driver"] != DRIVERS[path.suffix.lower()]:
            raise broken(named, f"由 {info['driver']} 读取", f"GDAL would read it with {info['driver']}")
        check_features(named, int(info["features"]), limits)
        columns = list(wanted([str(field) for field in info["fields"]]))
        with warnings.catch_warnings():
            # GDAL warns of measures it drops and of odd dates; shapes and dates are checked here anyway.
            warnings.simplefilter("ignore")
            meta, _, blobs, data = pyogrio.raw.read(
                path, layer=chosen, encoding=encoding, columns=columns, force_2d=True
            )
    except (*_GDAL_ERRORS, RuntimeError, UnicodeDecodeError) as error:
        raise broken(name, "文件损坏或不完整", _first_line(error, path, name)) from None
    except LookupError as error:
        raise broken(name, f"没有编码 {encoding}", _first_line(error, path, name)) from None
    if blobs is None:
        raise broken(named, "没有形状", "the layer has no geometry")
    shapes, faults = _from_wkb(blobs)
    told = geopackage_guard.count(path, str(chosen)) if path.suffix.lower() == ".gpkg" else int(info["features"])
    if told != len(shapes):
        raise broken(named, "文件不完整", f"it has {told} features but {len(shapes)} could be read")
    frame = pd.DataFrame(dict(zip((str(f) for f in meta["fields"]), data, strict=True)), index=range(len(shapes)))
    return Source(named, frame, shapes, crs=_known(meta["crs"]), faults=faults)


def read_parquet(path: Path, wanted: Wanted, limits: Limits) -> Source | pd.DataFrame:
    """Return a GeoParquet file, or the plain table of a Parquet file without geometry."""
    try:
        file = pq.ParquetFile(path)
        check_features(path.name, int(file.metadata.num_rows), limits)
        described = orjson.loads((file.schema_arrow.metadata or {}).get(b"geo", b"null"))
        names = list(file.schema_arrow.names)
        if not isinstance(described, dict):
            return _table(file, path.name, list(wanted(names)), limits).to_pandas()
        primary = str(described.get("primary_column", "geometry"))
        about = described["columns"][primary]
        if str(about.get("encoding", "")).upper() != "WKB":
            raise broken(path.name, "形状不是 WKB 编码", f"its geometry encoding is {about.get('encoding')}, not WKB")
        columns = list(wanted([name for name in names if name not in described["columns"]]))
        table = _table(file, path.name, [*columns, primary], limits)
    except (OSError, KeyError, TypeError, AttributeError, orjson.JSONDecodeError, pa.ArrowException) as error:
        raise broken(path.name, "文件损坏或不完整", _first_line(error, path, path.name)) from None
    shapes, faults = _from_wkb(table.column(primary).to_numpy(zero_copy_only=False), ours=False)
    frame = table.select(columns).to_pandas().reset_index(drop=True)
    if not columns:
        frame = pd.DataFrame(index=range(len(shapes)))
    return Source(path.name, frame, shapes, crs=_parquet_crs(about), faults=faults)


def _table(file: pq.ParquetFile, name: str, columns: list[str], limits: Limits) -> pa.Table:
    """Return the columns, read a thousand rows at a time: one text on disk may stand for a million in memory."""
    batches, size = [], 0
    for batch in file.iter_batches(batch_size=1_000, columns=columns):
        size += batch.nbytes
        check_size(name, size, limits.table_bytes)
        batches.append(batch)
    return pa.Table.from_batches(batches, schema=None if batches else file.schema_arrow).select(columns)


def unpacked(path: Path, into: Path, limits: Limits) -> Path:
    """Unpack the one Shapefile of a zip file into a folder, under a name of our own, and return its .shp path.

    Raises
    ------
    UnreadableFile
        Where the archive is broken, encrypted, too large unpacked, has absolute or ``..`` names, or not one Shapefile.
    """
    with bounds.open_zip(path, entries=limits.zip_entries, size=limits.zip_bytes, ratio=limits.zip_ratio) as archive:
        entries = [one for one in archive.infolist() if not one.is_dir()]
        shapes = [one for one in entries if one.filename.lower().endswith(".shp")]
        if len(shapes) != 1:
            raise broken(
                path.name, f"应含一个 .shp，找到 {len(shapes)} 个", f"it holds {len(shapes)} .shp files, not one"
            )
        stem = shapes[0].filename[:-4].casefold()
        for one in entries:
            suffix = PurePosixPath(one.filename).suffix.lower()
            if suffix in _SHAPE_PARTS and one.filename[: -len(suffix)].casefold() == stem:
                with (into / f"layer{suffix}").open("wb") as target:
                    target.writelines(bounds.stream(archive, one))
    return into / "layer.shp"


def temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that goes away with its context."""
    return tempfile.TemporaryDirectory(prefix="gridsight-", ignore_cleanup_errors=True)


# --- details ---------------------------------------------------------------------------------------------------------


def _listed(path: Path) -> list[tuple[str, bool]]:
    """Return the layers of a file, and whether they have shapes."""
    return [(str(one), kind is not None) for one, kind in pyogrio.list_layers(path)]


def _layer(
    found: Sequence[tuple[str, bool]], name: str, source_layer: str | None, layer: str
) -> tuple[str | None, str]:
    """Return the layer to read, and the name of the source."""
    names = [one for one, _ in found]
    if source_layer is not None:
        if source_layer not in names:
            there = ", ".join(names)
            raise UnknownName(
                f"{name} 没有图层 {source_layer}；有：{there}", f"{name} has no layer {source_layer}; it has: {there}"
            )
        return source_layer, name if len(names) == 1 else f"{name}:{source_layer}"
    spatial = [one for one, has_shapes in found if has_shapes]
    if len(spatial) == 1:
        return spatial[0], name
    if layer in spatial:
        return layer, f"{name}:{layer}"
    there = ", ".join(spatial)
    raise UnknownName(
        f"{name} 有多个图层，请用 --source-layer 选一个：{there}",
        f"{name} has {len(spatial)} layers; choose one with --source-layer: {there}",
    )


def _from_wkb(blobs: np.ndarray, *, ours: bool = True) -> tuple[np.ndarray, dict[int, Fault]]:
    """Return shapes, and faults of those unread; what GDAL did not write itself is looked at before GEOS reads it."""
    faults: dict[int, Fault] = {}
    if not ours:
        blobs = blobs.copy()
        for row, blob in enumerate(blobs):
            try:
                if blob is not None:
                    bounds.check_wkb(blob)
            except BadGeometry as error:
                blobs[row] = None
                faults[row] = Fault("geometry", f"{error.zh} / {error.en}")
    shapes = shapes_array(shapely.from_wkb(blobs, on_invalid="ignore"))
    unread = [row for row in np.flatnonzero(~shapely.is_geometry(shapes)) if blobs[row] is not None]
    return shapes, faults | {int(row): Fault("geometry", _BROKEN_SHAPE) for row in unread}


def _known(crs: object) -> str | None:
    """Return the CRS a file names, None where PROJ does not know it: GeoPackage writes ``Undefined`` for none."""
    if not crs:
        return None
    try:
        crs_module.parse_crs(str(crs))
    except UnknownCrs:
        return None
    return str(crs)


def _parquet_crs(about: dict[str, Any]) -> str | pyproj.CRS | None:
    if "crs" not in about:
        return crs_module.STORAGE_CRS  # the standard's default, OGC:CRS84
    named = about["crs"]
    if named is None:
        return None
    try:
        return crs_module.parse_crs(pyproj.CRS.from_json_dict(named) if isinstance(named, dict) else str(named))
    except (UnknownCrs, pyproj.exceptions.CRSError):
        return None


def _shapefile_encoding(path: Path, name: str, given: str | None) -> str | None:
    """Return the encoding given, None where a .cpg file says it, else UTF-8 or GB 18030, whichever the texts fit."""
    parts = {other.suffix.lower(): other for other in path.parent.glob(f"{_escaped(path.stem)}.*")}
    for suffix in (".shx", ".dbf"):
        if suffix not in parts:
            raise broken(name, f"缺少同名的 {suffix} 文件", f"the {suffix} file that belongs to it is missing")
    if given is not None or ".cpg" in parts:
        return given
    with parts[".dbf"].open("rb") as file:
        raw = file.read(4 << 20)
    # Texts in a .dbf are cut at the width of their field, in the middle of a letter if need be: so count, not insist.
    words = [word.strip() for word in raw[32:].replace(b"\0", b" ").split(b"  ") if any(byte > 127 for byte in word)]
    fits = sum(_decodes(word, "utf-8") for word in words)
    return "UTF-8" if fits * 2 >= len(words) else "GB18030"


def _escaped(stem: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in stem)


def _decodes(word: bytes, encoding: str) -> bool:
    try:
        word.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _first_line(error: BaseException, path: Path, name: str) -> str:
    # Folders of this machine are nobody's business: libraries put them in their messages.
    line = (str(error).splitlines() or [type(error).__name__])[0].split(";")[0]
    return line.replace(str(path), name).replace(f"{path.parent}{os.sep}", "")[:200]
