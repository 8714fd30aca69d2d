"""Save runs and read them back: their summary as JSON, their layers as spatial tables that QGIS shows.

Shapes of results are stored in EPSG:4326 like everything in the file, so a shape that comes back in the run's own CRS
has gone there and back: vertices agree to better than a millimetre, in most CRSs a nanometre. Figures are stored as
they are and come back bit for bit, with their column order and dtypes; the index of a frame is not kept.
"""

from __future__ import annotations

# Names in SQL come from geo.layers and geo.storage.schema, never from a caller; values are bound.
# ruff: noqa: S608
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import STORAGE_CRS, parse_crs
from geo.errors import BadValue, Conflict, CrsMismatch, NotFound, UnknownCrs, UnknownName
from geo.storage import blobs
from geo.storage.schema import LATEST, NOW, RUN_TABLES
from geo.storage.writes import contents
from geo.types import Run

_TABLES = {one.name: one for one in RUN_TABLES}
_OWN = {"views": "run_views", "possible": "run_possible", "coverage": "run_coverage", "gaps": "run_gaps"}
_ZONES = "run_zones"
_HEAD = "id, created, options, summary, crs, layers"


def save(conn: sqlite3.Connection, run: Run) -> None:
    """Save a run, inside the caller's transaction.

    Raises
    ------
    Conflict
        A run of that id is there.
    UnknownCrs, CrsMismatch
        A layer names no CRS, or another one than the rest.
    BadValue
        Options or summary hold what is no JSON.
    """
    if conn.execute("SELECT 1 FROM runs WHERE id = ?", (run.id,)).fetchone():
        raise Conflict(f"运行 {run.id} 已存在", f"run {run.id} is already there")
    crs = next((frame.crs for frame in run.layers.values()), None)
    if any(frame.crs != crs for frame in run.layers.values()):
        raise CrsMismatch("运行的各图层坐标系不同", "the layers of the run are in different CRSs")
    described = {name: _save_layer(conn, run.id, name, frame) for name, frame in run.layers.items()}
    wkt = crs.to_wkt() if crs is not None else str(run.summary.get("crs", ""))
    values = (run.id, run.created, _json(run.options), _json(run.summary), wkt, _json(described))
    conn.execute(f"INSERT INTO runs ({_HEAD}) VALUES (?, ?, ?, ?, ?, ?)", values)
    if run.incidence is not None:
        conn.execute("INSERT INTO gridsight_incidence VALUES (?, ?)", (run.id, run.incidence))
    _renew(conn)


def listed(conn: sqlite3.Connection) -> list[Run]:
    """Return all runs, newest first (UUIDv7 sorts by time), without layers and incidence."""
    rows = conn.execute(f"SELECT {_HEAD} FROM runs ORDER BY id DESC")
    return [Run(row[0], row[1], json.loads(row[2]), json.loads(row[3])) for row in rows]


def load(conn: sqlite3.Connection, run_id: str, *, layers: Sequence[str] | None, incidence: bool) -> Run:
    """Return one run with the layers wanted; raise NotFound or UnknownName as ``base.Store.run``."""
    if run_id == "latest":
        found = conn.execute(f"SELECT {_HEAD} FROM runs ORDER BY id DESC LIMIT 1").fetchone()
    else:
        found = conn.execute(f"SELECT {_HEAD} FROM runs WHERE id = ?", (run_id,)).fetchone()
    if found is None:
        raise _missing(run_id)
    key, created, options, summary, crs, described = found
    kept = json.loads(described)
    wanted = list(kept) if layers is None else list(dict.fromkeys(layers))
    for name in wanted:
        if name not in kept:
            known = ", ".join(kept)
            raise UnknownName(
                f"运行 {key} 没有图层 {name}，可用：{known}", f"run {key} has no layer {name}; there are: {known}"
            )
    blob = (
        conn.execute("SELECT incidence FROM gridsight_incidence WHERE run = ?", (key,)).fetchone()
        if incidence
        else None
    )
    return Run(
        key,
        created,
        json.loads(options),
        json.loads(summary),
        {name: _load_layer(conn, key, name, kept[name], crs) for name in wanted},
        blob[0] if blob else None,
    )


def remove(conn: sqlite3.Connection, run_id: str) -> None:
    """Delete a run with its layers, inside the caller's transaction; raise NotFound where there is none."""
    if not conn.execute("DELETE FROM runs WHERE id = ?", (run_id,)).rowcount:
        raise _missing(run_id)
    conn.execute("DELETE FROM gridsight_incidence WHERE run = ?", (run_id,))
    for table in _TABLES:
        conn.execute(f'DELETE FROM "{table}" WHERE run = ?', (run_id,))
    _renew(conn)


def _missing(run_id: str) -> NotFound:
    if run_id == "latest":
        return NotFound("还没有任何运行", "there is no run yet")
    return NotFound(f"没有运行 {run_id[:60]}", f"no run {run_id[:60]}")


def _renew(conn: sqlite3.Connection) -> None:
    for table in _TABLES:
        contents(conn, table, *(view for view, (name, _, _) in LATEST.items() if name == table))
    conn.execute(f"UPDATE gpkg_contents SET last_change = {NOW} WHERE table_name = 'runs'")


def _save_layer(conn: sqlite3.Connection, run_id: str, name: str, frame: gpd.GeoDataFrame) -> dict[str, Any]:
    """Write one frame to its table and return what brings it back: columns with their kinds and dtypes."""
    if frame.crs is None:
        raise UnknownCrs(f"运行图层 {name} 没有坐标系", f"run layer {name} names no CRS")
    table = _TABLES[_OWN.get(name, _ZONES)]
    fixed = {"run", "layer", "extra"} if table.name == _ZONES else {"run", "extra"}
    own = [column for column, _ in table.columns if column not in fixed and column in frame.columns]
    names = [column for column in frame.columns if column != frame.active_geometry_name]
    kinds = {column: _kind(frame[column]) for column in names}
    values = {column: _stored(frame[column], kinds[column]) for column in names}
    extra: list[str | None] = [None] * len(frame)
    others = [column for column in names if column not in own]
    if others:
        extra = [
            _json(dict(zip(others, row, strict=True))) for row in zip(*(values[one] for one in others), strict=True)
        ]
    shapes = blobs.single(shapely.force_2d(frame.geometry.to_crs(STORAGE_CRS).to_numpy()))
    head = {"run": [run_id] * len(frame), "extra": extra}
    if table.name == _ZONES:
        head["layer"] = [name] * len(frame)
    columns = {**head, **{column: values[column] for column in own}}
    encoded = blobs.encode(blobs.multi(shapes) if table.is_multi else shapes)
    listed_columns = ", ".join(f'"{one}"' for one in columns)
    marks = ", ".join("?" * (1 + len(columns)))
    conn.executemany(
        f'INSERT INTO "{table.name}" ("geom", {listed_columns}) VALUES ({marks})',
        zip(encoded, *columns.values(), strict=True),
    )
    return {
        "rows": len(frame),
        "geometry": str(frame.active_geometry_name),
        "columns": [[str(column), kinds[column], str(frame[column].dtype)] for column in names],
    }


def _load_layer(
    conn: sqlite3.Connection, run_id: str, name: str, kept: Mapping[str, Any], crs: str
) -> gpd.GeoDataFrame:
    """Return one frame as it was saved, shapes in the run's CRS."""
    table = _TABLES[_OWN.get(name, _ZONES)]
    fixed = {"run", "layer", "extra"} if table.name == _ZONES else {"run", "extra"}
    own = [column for column, _, _ in kept["columns"] if column in dict(table.columns) and column not in fixed]
    listed_columns = ", ".join(f'"{one}"' for one in ("geom", "extra", *own))
    sql, params = f'SELECT {listed_columns} FROM "{table.name}" WHERE run = ?', [run_id]
    if table.name == _ZONES:
        sql, params = f"{sql} AND layer = ?", [run_id, name]
    rows = conn.execute(f"{sql} ORDER BY fid", params).fetchall()
    stored = dict(
        zip(own, zip(*(row[2:] for row in rows), strict=True) if rows and own else [()] * len(own), strict=True)
    )
    extras = [json.loads(row[1]) if row[1] else {} for row in rows]
    data = {
        column: _restored(stored[column] if column in stored else [one.get(column) for one in extras], kind, dtype)
        for column, kind, dtype in kept["columns"]
    }
    shapes = gpd.GeoSeries(blobs.decode([row[0] for row in rows]), crs=STORAGE_CRS).to_crs(parse_crs(crs))
    frame = gpd.GeoDataFrame(data, index=pd.RangeIndex(len(rows)))
    return frame.set_geometry(shapes.rename(kept["geometry"]))


def _kind(column: pd.Series) -> str:
    """Return how a column is kept: ``float``, ``int``, ``bool``, ``text``, or ``json`` for lists and mixtures."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return "bool"
    if pd.api.types.is_integer_dtype(column.dtype):
        return "int"
    if pd.api.types.is_float_dtype(column.dtype):
        return "float"
    is_text = pd.api.types.infer_dtype(column, skipna=True) in ("string", "empty")
    return "text" if is_text else "json"


def _stored(column: pd.Series, kind: str) -> list[Any]:
    """Return the values of a column as SQLite takes them; missing ones are null."""
    values = column.astype(object).where(column.notna(), None).tolist()
    if kind == "json":
        return [None if value is None else _json(value) for value in values]
    convert = {"float": float, "int": int, "bool": int, "text": str}[kind]
    return [None if value is None else convert(value) for value in values]


def _restored(values: Sequence[Any], kind: str, dtype: str) -> pd.Series:
    """Return stored values as the column they were."""
    if kind == "json":
        parsed = np.empty(len(values), dtype=object)
        for row, value in enumerate(values):
            parsed[row] = None if value is None else json.loads(value)
        return pd.Series(parsed)
    # TEXT columns of the table give numbers back as text: zones have levels 1 and 2, or township and village.
    convert = {"float": float, "int": int, "bool": bool, "text": str}[kind]
    return pd.Series([None if value is None else convert(value) for value in values], dtype=dtype)


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=_plain)
    except (TypeError, ValueError, AttributeError) as error:
        raise BadValue("运行含有无法保存的内容", "the run holds what cannot be saved as JSON") from error


def _plain(value: Any) -> Any:
    """Return numpy scalars, arrays, mappings and dates as JSON has them."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterator | set | frozenset | Sequence):
        return list(value)
    return value.isoformat()
