"""Read GeoPackage, Shapefile, FlatGeobuf, File GDB and MapInfo by GDAL: one driver per format, chosen columns only."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyogrio

from geo import crs as crs_module
from geo.errors import UnknownCrs, UnknownName
from geo.readers.geodata import dbf_texts, gdal_guards, geopackage_guard, mapinfo_texts
from geo.readers.geodata.wkb import geometries_from_wkb
from geo.readers.source import ColumnChooser, Fault, FileLimits, SourceTable, check_features, short_message, unreadable
from geo.types import CellFinding

_GDAL_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.CRSError,
)


def read_gdal(
    path: Path,
    name: str,
    choose: ColumnChooser,
    limits: FileLimits,
    *,
    driver: str,
    source_layer: str | None,
    layer: str,
    encoding: str | None,
    charset: str | None = None,
) -> SourceTable:
    """Return one layer of a GeoPackage, Shapefile, FlatGeobuf, File GDB or MapInfo table.

    Parameters
    ----------
    name
        The file name for messages; the path may be a temporary copy.
    driver
        The GDAL driver that has to read it.
    source_layer
        The layer to read; None for the only one, or the one named ``layer``.
    layer
        The layer that it is read as.
    encoding
        Of the texts of a Shapefile; None for that of its .cpg file, else UTF-8 or GB 18030, whichever fits.
    charset
        The character set that a MapInfo table names, in lower case; None for other files.
    """
    texts = _texts(path, name, encoding, charset)
    # GDAL decodes by the character sets that it knows; else every byte comes as the character of its number.
    if texts is not None and charset not in mapinfo_texts.LATIN:
        encoding = dbf_texts.BYTES
    try:
        found = geopackage_guard.layers(path, name) if path.suffix.lower() == ".gpkg" else _layers_of_file(path)
        chosen, named = _layer(found, name, source_layer, layer)
        others = [one for one, _ in found if one != chosen and source_layer is None]
        info = pyogrio.read_info(path, layer=chosen, encoding=encoding)
        if info["driver"] != driver:
            raise unreadable(named, f"由 {info['driver']} 读取", f"GDAL would read it with {info['driver']}")
        check_features(named, int(info["features"]), limits)
        fields = {texts.name(str(one)) if texts is not None else str(one): str(one) for one in info["fields"]}
        columns = [fields[one] for one in choose(list(fields), cut=texts.cut_names if texts is not None else ())]
        with warnings.catch_warnings():
            # GDAL warns of measures that it drops and of unusual dates; geometries and dates are checked later.
            warnings.simplefilter("ignore")
            meta, _, blobs, data = pyogrio.raw.read(
                path,
                layer=chosen,
                encoding=encoding,
                columns=columns,
                force_2d=True,
                # MIF does not count. Elsewhere the count bounds what is read, and a blob that cannot be read is a row's
                # own fault, while a bound of its own would make it one of the file.
                max_features=limits.features + 1 if int(info["features"]) < 0 else None,
            )
    except (*_GDAL_ERRORS, RuntimeError, UnicodeDecodeError) as error:
        raise unreadable(name, "文件损坏或不完整", short_message(error, path, name)) from None
    except LookupError as error:
        raise unreadable(name, f"没有编码 {encoding}", short_message(error, path, name)) from None
    if blobs is None:
        raise unreadable(named, "没有形状", "the layer has no geometry")
    shapes, faults = geometries_from_wkb(blobs)
    expected = geopackage_guard.count(path, str(chosen)) if path.suffix.lower() == ".gpkg" else int(info["features"])
    check_features(named, len(shapes), limits)
    if expected >= 0 and expected != len(shapes):  # MIF says -1: it does not count
        raise unreadable(named, "文件不完整", f"it has {expected} features but {len(shapes)} could be read")
    if path.suffix.lower() == ".mif":
        gdal_guards.check_mid(path, len(shapes), len(info["fields"]))
    if driver == "OpenFileGDB" and len(shapes) == 0:
        gdal_guards.check_empty_gdb_table(path, str(chosen))
    names = {raw: plain for plain, raw in fields.items()}
    frame = pd.DataFrame(
        dict(zip((names[str(one)] for one in meta["fields"]), data, strict=True)), index=range(len(shapes))
    )
    source = SourceTable(named, frame, shapes, crs=_crs_or_none(meta["crs"]), faults=faults)
    if texts is not None:
        _decode_texts(source, texts)
    source.note_others(others)
    return source


_Texts = dbf_texts.DbfTexts | mapinfo_texts.MapInfoTexts


def _texts(path: Path, name: str, encoding: str | None, charset: str | None) -> _Texts | None:
    """Return how to decode the texts of a Shapefile or MapInfo table; None where GDAL does."""
    if path.suffix.lower() == ".shp":
        return _shapefile_texts(path, name, encoding)
    if charset is None or encoding is not None or charset not in ("", "neutral", *mapinfo_texts.LATIN):
        return None
    return mapinfo_texts.MapInfoTexts(charset)


def _decode_texts(source: SourceTable, texts: _Texts) -> None:
    """Decode the texts of a table, in place; a text that reads in no encoding is a lost cell."""
    for name in source.columns.columns:
        if source.columns[name].dtype == object or pd.api.types.is_string_dtype(source.columns[name].dtype):
            cells, lost = texts.column(str(name), source.columns[name].tolist())
            source.columns[name] = pd.Series(cells, dtype=object)
            for row in lost:
                source.add_finding(row, Fault(str(name), dbf_texts.UNREAD))
    source.row_notes.update({sentence: sorted(set(rows)) for sentence, rows in texts.row_notes.items()})
    if isinstance(texts, dbf_texts.DbfTexts) and texts.is_doubted and len(source):
        source.file_findings.append(CellFinding("", dbf_texts.DOUBTED, "", (), len(source)))
    for sentence in texts.said:
        source.notes[sentence] += len(source)


def temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that is deleted at the end of its context."""
    return tempfile.TemporaryDirectory(prefix="gridsight-", ignore_cleanup_errors=True)


# --- details ---------------------------------------------------------------------------------------------------------


def _layers_of_file(path: Path) -> list[tuple[str, bool]]:
    """Return the layers of a file, and whether they have geometry."""
    return [(str(one), kind is not None) for one, kind in pyogrio.list_layers(path)]


def _layer(
    found: Sequence[tuple[str, bool]], name: str, source_layer: str | None, layer: str
) -> tuple[str | None, str]:
    """Return the layer to read, and the name of the source."""
    names = [one for one, _ in found]
    if source_layer is not None:
        if source_layer not in names:
            listed = ", ".join(names)
            raise UnknownName(
                f"{name} 没有图层 {source_layer}；有：{listed}", f"{name} has no layer {source_layer}; it has: {listed}"
            )
        return source_layer, name if len(names) == 1 else f"{name}:{source_layer}"
    spatial = [one for one, has_shapes in found if has_shapes]
    if len(spatial) == 1:
        return spatial[0], name
    if not spatial:
        raise unreadable(name, "里面没有带形状的图层，或文件损坏", "it has no layer with shapes, or is damaged")
    if layer in spatial:
        return layer, f"{name}:{layer}"
    listed = ", ".join(spatial)
    raise UnknownName(
        f"{name} 有多个图层，请用 --source-layer 选一个：{listed}",
        f"{name} has {len(spatial)} layers; choose one with --source-layer: {listed}",
    )


def _crs_or_none(crs: object) -> str | None:
    """Return the CRS of a file, None where PROJ does not know it: GeoPackage writes ``Undefined`` for none."""
    if not crs:
        return None
    try:
        crs_module.parse_crs(str(crs))
    except UnknownCrs:
        return None
    return str(crs)


def _shapefile_texts(path: Path, name: str, given: str | None) -> dbf_texts.DbfTexts:
    """Return how to decode the texts of a Shapefile; raise UnreadableFile where a part of it is missing."""
    parts = {other.suffix.lower(): other for other in path.parent.glob(f"{_escaped(path.stem)}.*")}
    for suffix in (".shx", ".dbf"):
        if suffix not in parts:
            raise unreadable(name, f"缺少同名的 {suffix} 文件", f"the {suffix} file that belongs to it is missing")
    return dbf_texts.texts_of(parts[".dbf"], parts.get(".cpg"), name, given)


def _escaped(stem: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in stem)
