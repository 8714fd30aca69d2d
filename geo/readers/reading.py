"""Read any file of a layer into validated frames; every bad row is named with its reason.

The one door is `read_layer`: it finds the kind of file by suffix and content, maps columns to fields, checks shapes,
values and keys, and brings the good rows to EPSG:4326. Nothing is guessed in silence: what was mapped, assumed, dropped
and rejected stands in the `Reading`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo import crs as crs_module
from geo.catalog.layers import Layer
from geo.catalog.layers import layer as layer_named
from geo.errors import CrsMismatch, RowFault, UnknownCrs, UnreadableFile
from geo.files import write_atomically
from geo.readers import cityjson, csv_xlsx, gdal, geojson, osm_pbf, osm_tags, overpass, row_validation
from geo.readers import geometry_checks as shapes_module
from geo.readers.column_mapping import COORDINATES, Columns, decide, is_personal
from geo.readers.profiles import OSM, PROFILES, Profile, profile, recognised
from geo.readers.source import Limits, Source, broken, check_columns, plain_file

__all__ = ["FORMATS", "Limits", "Reading", "read_layer", "write_rejects"]

#: Suffixes that are read, for messages and file dialogs.
FORMATS = (
    ".gpkg",
    ".geojson",
    ".json",
    ".shp",
    ".zip",
    ".fgb",
    ".parquet",
    ".geoparquet",
    ".csv",
    ".tsv",
    ".xlsx",
    ".osm.pbf",
)


@dataclass(frozen=True)
class Reading:
    """Hold one layer read from one file.

    Attributes
    ----------
    frame
        Good rows, EPSG:4326, every field of the layer; keys are unique.
    native
        The same rows in the CRS they were read in; WGS-84 where that was GCJ-02 or BD-09.
    crs
        The CRS they were read in: ``EPSG:n``, ``gcj02``, ``bd09``, or a name without code.
    mapping
        Field -> column or tag.
    assumed
        Sentence ``中文 / English`` -> number of rows it holds for.
    dropped_columns
        Columns with personal or network data, which were not read.
    rejects
        One fault per rejected feature, in the file's order.
    source
        The file's name, with the layer where it has several.
    read
        Features found: the good and the rejected.
    features
        Number from 1 of the source feature of each row; rows of one camera share it.
    """

    frame: gpd.GeoDataFrame
    native: gpd.GeoDataFrame
    crs: str
    mapping: dict[str, str]
    assumed: dict[str, int]
    dropped_columns: list[str]
    rejects: list[RowFault]
    source: str
    read: int
    features: np.ndarray


@dataclass
class _Plan:
    """Decide on columns and profile as soon as the column names are known."""

    layer: Layer
    explicit: Mapping[str, str]
    profile: Profile | None
    coordinates: bool = False
    recognised: bool = False
    columns: Columns = field(default_factory=lambda: Columns({}, []))

    def wanted(self, names: Sequence[str]) -> list[str]:
        """Return the columns to read, and remember what they are for."""
        check_columns(self.layer.name, len(names), 0)
        if self.profile is None:
            self.profile = recognised(names, self.layer.name)
            self.recognised = self.profile is not None
        extra = self.profile.columns if self.profile is not None else {}
        self.columns = decide(names, self.layer, self.explicit, extra=extra, coordinates=self.coordinates)
        if self.profile is not None and self.profile.name == OSM:
            return [name for name in names if not is_personal(name)]
        return list(dict.fromkeys(self.columns.fields.values()))


def read_layer(
    path: str | Path,
    layer: str,
    *,
    source_layer: str | None = None,
    crs: str | None = None,
    default_crs: str | None = None,
    encoding: str | None = None,
    profile: str | None = None,
    mapping: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> Reading:
    """Read one layer from a file on disk.

    Parameters
    ----------
    path
        GeoPackage, GeoJSON, Shapefile (also zipped), FlatGeobuf, GeoParquet, CSV, XLSX, .osm.pbf, Overpass JSON or
        CityJSON.
    layer
        The layer it is read as: ``cameras``, ``grids``, ...
    source_layer
        The layer or sheet of a file that has several.
    crs
        The CRS the coordinates are in, whatever the file says: ``EPSG:n``, ``wgs84``, ``cgcs2000``, ``gcj02`` or
        ``bd09``.
    default_crs
        The CRS of a file that names none; GeoJSON and OpenStreetMap files name WGS-84 by their standards.
    encoding
        Of the texts in a CSV file or Shapefile.
    profile
        ``osm``, ``gbt28181`` or ``gat1400``; recognised by column names where it is not given.
    mapping
        Field -> column, where the guess is wrong; also ``lon``, ``lat``, ``x``, ``y``, ``wkt``, ``levels``.
    limits
        Bounds on size; the defaults of `Limits` where not given.

    Raises
    ------
    UnreadableFile
        For a file that is absent, of an unknown kind, broken, or over a limit.
    UnknownCrs
        Where no CRS is named (rule L3).
    UnknownName
        For an unknown layer, source layer, profile, field or column.
    CrsMismatch
        Where another CRS than WGS-84 is named for an OpenStreetMap file.
    """
    wanted_layer = layer_named(layer)
    bounds = limits or Limits()
    for named in (crs, default_crs):
        if named is not None and crs_module.shift_name(named) is None:
            crs_module.parse_crs(named)
    plan = _Plan(wanted_layer, dict(mapping or {}), profile_or_none(profile))
    where = plain_file(path, bounds)
    # NaN in a file is a fault of its row, found below, not a warning of some ufunc on the way.
    with np.errstate(invalid="ignore", over="ignore"):
        try:
            source = _open(where, plan, bounds, source_layer=source_layer, encoding=encoding)
            system = _system(source, crs, default_crs)
            return _finish(source, plan, system)
        except MemoryError:
            raise broken(where.name, "内存不足", "there is not enough memory") from None


def profile_or_none(name: str | None) -> Profile | None:
    """Return the profile of that name, None for None; raise UnknownName for an unknown one."""
    return None if name is None else profile(name)


def write_rejects(rejects: Iterable[RowFault], path: str | Path) -> None:
    """Write rejected rows as CSV ``source,row,field,reason,value``: UTF-8 with mark, complete or not at all."""

    def write(temporary: Path) -> None:
        with temporary.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["source", "row", "field", "reason", "value"])
            for one in rejects:
                writer.writerow([_inert(cell) for cell in (one.where, one.row, one.field, one.reason, one.value)])

    write_atomically(Path(path), write)


def _inert(cell: str) -> str:
    # A spreadsheet would run a cell that begins like a formula; a plain negative number stays as it is.
    risky = cell[:1] in ("=", "@", "\t", "\r") or (
        cell[:1] in ("+", "-") and not re.fullmatch(r"[-+][\d.,;\s°-]*", cell)
    )
    return f"'{cell}" if risky else cell


# --- opening ---------------------------------------------------------------------------------------------------------


def _open(path: Path, plan: _Plan, limits: Limits, *, source_layer: str | None, encoding: str | None) -> Source:
    suffix = path.suffix.lower()
    if suffix == ".pbf":
        return osm_pbf.read(path, plan.layer.name, limits)
    if suffix in (".geojson", ".json"):
        return _open_json(path, plan, limits)
    if suffix in (".csv", ".tsv", ".txt"):
        return _open_table(csv_xlsx.read_csv(path, encoding, limits), plan)
    return _open_binary(path, plan, limits, source_layer=source_layer, encoding=encoding)


def _open_binary(path: Path, plan: _Plan, limits: Limits, *, source_layer: str | None, encoding: str | None) -> Source:
    suffix = path.suffix.lower()
    kind = {".geoparquet": ".parquet", ".pq": ".parquet"}.get(suffix, suffix)
    if kind not in gdal.MAGIC:
        known = " ".join(FORMATS)
        raise UnreadableFile(
            f"不认识的文件类型：{path.name}；可读：{known}", f"unknown kind of file: {path.name}; read are {known}"
        )
    gdal.check_magic(path, kind)
    if kind == ".xlsx":
        return _open_table(csv_xlsx.read_xlsx(path, source_layer, limits), plan)
    if kind == ".parquet":
        found = gdal.read_parquet(path, plan.wanted, limits)
        return found if isinstance(found, Source) else _open_table(csv_xlsx.from_frame(path.name, found), plan)
    options: dict[str, Any] = {"source_layer": source_layer, "layer": plan.layer.name, "encoding": encoding}
    if kind != ".zip":
        return gdal.read_gdal(path, path.name, plan.wanted, limits, **options)
    with gdal.temporary_folder() as folder:
        inner = gdal.unpacked(path, Path(folder), limits)
        return gdal.read_gdal(inner, path.name, plan.wanted, limits, **{**options, "source_layer": None})


def _open_json(path: Path, plan: _Plan, limits: Limits) -> Source:
    data = geojson.load(path, limits)
    if overpass.is_overpass(data):
        return overpass.read(path.name, data, plan.layer.name, limits)
    if not isinstance(data, dict):
        raise broken(path.name, "不是 GeoJSON、Overpass 或 CityJSON", "it is no GeoJSON, Overpass answer or CityJSON")
    if data.get("type") == "CityJSON":
        source = cityjson.read(path.name, data, plan.layer.name, limits)
    else:
        source = geojson.read(path.name, data, limits)
    plan.wanted([str(name) for name in source.columns.columns])
    return source


def _open_table(source: Source, plan: _Plan) -> Source:
    plan.coordinates = True
    plan.wanted([str(name) for name in source.columns.columns])
    return source


# --- the CRS ---------------------------------------------------------------------------------------------------------


def _system(source: Source, crs: str | None, default_crs: str | None) -> str | pyproj.CRS:
    """Return the CRS of the coordinates: the user's word, then the file's, then the default; never a guess."""
    if crs is None:
        named = source.crs if source.crs is not None else default_crs
        if named is None:
            raise UnknownCrs(
                f"{source.name} 没有写明坐标系；请用 --crs 指明（EPSG:n、wgs84、cgcs2000、gcj02、bd09）",
                f"{source.name} names no CRS; pass --crs (EPSG:n, wgs84, cgcs2000, gcj02, bd09)",
            )
        return named if crs_module.shift_name(named) is not None else crs_module.parse_crs(named)
    if source.always_wgs84 and (crs_module.shift_name(crs) is not None or not crs_module.is_storage(crs)):
        raise CrsMismatch(
            f"{source.name} 是 OpenStreetMap 数据，坐标系是 WGS-84", f"{source.name} is OpenStreetMap data, in WGS-84"
        )
    if source.crs is not None and crs_module.crs_name(source.crs) != crs_module.crs_name(crs):
        here, there = crs_module.crs_name(source.crs), crs_module.crs_name(crs)
        source.notes[f"文件写明 {here}，按指定的 {there} 读 / the file says {here}, read as {there} as told"] += len(
            source
        )
    return crs if crs_module.shift_name(crs) is not None else crs_module.parse_crs(crs)


def _zoned(source: Source, shapes: np.ndarray, system: str | pyproj.CRS) -> str | pyproj.CRS:
    if crs_module.shift_name(system) is not None:
        return system
    corner = shapely.bounds(shapes)[:, 0]
    zone = crs_module.zone_of_eastings(corner, system)
    if zone is None:
        return system
    name = f"{crs_module.crs_name(zone)} {zone.name}"
    source.notes[f"横坐标带号认出分带：{name} / zone told from the eastings: {name}"] += int(np.isfinite(corner).sum())
    return zone


# --- finishing -------------------------------------------------------------------------------------------------------


def _finish(source: Source, plan: _Plan, system: str | pyproj.CRS) -> Reading:
    raw, mapping, dropped = _raw_fields(source, plan)
    if plan.coordinates:
        mapping |= csv_xlsx.add_shapes(source, plan.layer, plan.columns.fields, system)
    own = shapes_module.clean(source, plan.layer)
    own, _ = shapes_module.survey_axes(source, own, system)
    system = _zoned(source, own, system)
    lonlat = shapes_module.place(source, own, system)
    data, positions = row_validation.table(source, plan.layer, raw, plan.profile)
    frame = gpd.GeoDataFrame(data, geometry=lonlat[positions], crs=crs_module.STORAGE_CRS)
    shifted = crs_module.shift_name(system) is not None
    native = (
        frame.copy() if shifted else gpd.GeoDataFrame(data, geometry=own[positions], crs=crs_module.parse_crs(system))
    )
    numbers = source.numbers if source.numbers is not None else np.arange(1, len(source) + 1)
    return Reading(
        frame=frame,
        native=native,
        crs=crs_module.crs_name(system),
        mapping=mapping,
        assumed=dict(sorted(source.notes.items(), key=lambda pair: (-pair[1], pair[0]))),
        dropped_columns=dropped,
        rejects=[source.row_fault(row, fault) for row, fault in sorted(source.faults.items())],
        source=source.name,
        read=len(source),
        features=numbers[positions],
    )


def _raw_fields(source: Source, plan: _Plan) -> tuple[dict[str, pd.Series], dict[str, str], list[str]]:
    """Return the raw cells of each field, field -> column, and the columns dropped as personal."""
    raw: dict[str, pd.Series] = {}
    mapping: dict[str, str] = {}
    dropped = list(plan.columns.dropped)
    tags = source.tags
    if tags is None and plan.profile is not None and plan.profile.name == OSM:
        tags = _columns_as_tags(source.columns)
    if tags is not None:
        plan.profile = PROFILES[OSM]
        read = osm_tags.rows(plan.layer.name, tags)
        raw, mapping = read.frame, read.mapping
        dropped += [name for name in read.dropped if name not in dropped]
        source.row_notes.update(read.notes)
        for row, fault in read.faults.items():
            source.faults.setdefault(row, fault)
        for one, key in _explicit_tags(plan, tags).items():
            raw[one] = pd.Series([row.get(key) for row in tags], dtype=object)
            mapping[one] = key
        chosen = {}
    else:
        if plan.recognised and plan.profile is not None:
            name = plan.profile.name
            source.notes[f"按列名认出导入方案 {name} / profile {name} recognised by its columns"] += len(source)
        chosen = dict(plan.columns.fields)
    for one, column in chosen.items():
        if one not in COORDINATES:
            raw[one] = source.columns[column].reset_index(drop=True)
            mapping[one] = column
    return raw, mapping, dropped


def _explicit_tags(plan: _Plan, tags: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    if not plan.explicit:
        return {}
    keys = dict.fromkeys(key for row in tags for key in row)
    fields = decide(keys, plan.layer, plan.explicit).fields
    return {one: fields[one] for one in plan.explicit if one not in COORDINATES}


def _columns_as_tags(columns: pd.DataFrame) -> list[dict[str, Any]]:
    names = [str(name).removeprefix("tags_") for name in columns.columns]
    ids = next((names.index(name) for name in ("@id", "osm_id", "osmid", "id") if name in names), None)
    rows = columns.to_numpy(dtype=object)
    return [{**dict(zip(names, row, strict=True)), "@id": None if ids is None else row[ids]} for row in rows]
