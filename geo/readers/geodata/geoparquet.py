"""Read GeoParquet, selected columns only, within a bound on memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj

from geo import crs as crs_module
from geo.errors import UnknownCrs
from geo.readers.geodata.wkb import geometries_from_wkb
from geo.readers.source import (
    ColumnChooser,
    FileLimits,
    SourceTable,
    check_features,
    check_size,
    short_message,
    unreadable,
)


def read_parquet(path: Path, choose: ColumnChooser, limits: FileLimits) -> SourceTable | pd.DataFrame:
    """Return a GeoParquet file, or the plain table of a Parquet file without geometry."""
    try:
        file = pq.ParquetFile(path)
        check_features(path.name, int(file.metadata.num_rows), limits)
        described = orjson.loads((file.schema_arrow.metadata or {}).get(b"geo", b"null"))
        names = list(file.schema_arrow.names)
        if not isinstance(described, dict):
            return _table(file, path.name, list(choose(names, with_coordinates=True)), limits).to_pandas()
        primary = str(described.get("primary_column", "geometry"))
        about = described["columns"][primary]
        if str(about.get("encoding", "")).upper() != "WKB":
            raise unreadable(
                path.name, "形状不是 WKB 编码", f"its geometry encoding is {about.get('encoding')}, not WKB"
            )
        columns = list(choose([name for name in names if name not in described["columns"]]))
        table = _table(file, path.name, [*columns, primary], limits)
    except (OSError, KeyError, TypeError, AttributeError, orjson.JSONDecodeError, pa.ArrowException) as error:
        raise unreadable(path.name, "文件损坏或不完整", short_message(error, path, path.name)) from None
    shapes, faults = geometries_from_wkb(table.column(primary).to_numpy(zero_copy_only=False), from_gdal=False)
    frame = table.select(columns).to_pandas().reset_index(drop=True)
    if not columns:
        frame = pd.DataFrame(index=range(len(shapes)))
    return SourceTable(path.name, frame, shapes, crs=_parquet_crs(about), faults=faults)


def _table(file: pq.ParquetFile, name: str, columns: list[str], limits: FileLimits) -> pa.Table:
    """Return the columns, read a thousand rows at a time: dictionary encoding may expand a small file to gigabytes."""
    batches, size = [], 0
    for batch in file.iter_batches(batch_size=1_000, columns=columns):
        size += batch.nbytes
        check_size(name, size, limits.table_bytes)
        batches.append(batch)
    return pa.Table.from_batches(batches, schema=None if batches else file.schema_arrow).select(columns)


def _parquet_crs(about: Mapping[str, Any]) -> str | pyproj.CRS | None:
    if "crs" not in about:
        return crs_module.STORAGE_CRS  # the standard's default, OGC:CRS84
    named = about["crs"]
    if named is None:
        return None
    try:
        return crs_module.parse_crs(pyproj.CRS.from_json_dict(named) if isinstance(named, dict) else str(named))
    except (UnknownCrs, pyproj.exceptions.CRSError):
        return None
