"""Convert a run to stored rows and back, without access to a store.

Shapes of results are stored in EPSG:4326 like everything else, so a shape that comes back in the run's own CRS has
gone there and back: vertices agree to better than a millimetre, in most CRSs a nanometre. Figures are stored as they
are and come back bit for bit, with their column order and dtypes; the index of a frame is not kept.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo.catalog.fields import Kind
from geo.catalog.results import RUN_LAYERS, ZONE_TABLE
from geo.crs_stored import STORAGE_CRS
from geo.errors import BadValue, Conflict, CrsMismatch, NotFound, UnknownCrs, UnknownName
from geo.storage.records import LOCAL, Caller, PublishedRun, RunRows, StoredRun
from geo.storage.stored_tables import STORED_RUN_TABLES, Table
from geo.types import Run

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

TABLES = STORED_RUN_TABLES
#: Columns of ``runs``, fields of ``StoredRun``.
HEAD = ("id", "created", "options", "summary", "crs", "layers", "maker", "maker_role", "published")
#: Names that a run is asked for by instead of its id.
LATEST, PUBLISHED = "latest", "published"
ZONES = ZONE_TABLE.name

#: Kind of a stored column -> the conversion of its values.
_CONVERT: Mapping[str, Callable[[Any], Any]] = {
    "json": json.loads, "float": float, "int": int, "bool": bool, "text": str,
}  # fmt: skip


def table_of(layer: str) -> Table:
    """Return the table of a layer of a run: zone layers share one, distinguished by its column ``layer``."""
    return TABLES[RUN_LAYERS[layer].name if layer in RUN_LAYERS else ZONES]


def columns_of(table: Table) -> tuple[str, ...]:
    """Return the columns of a table with values of a frame, without ``run`` and ``layer``."""
    fixed = ("run", "layer") if table.name == ZONES else ("run",)
    return tuple(name for name, _ in table.columns if name not in fixed)


def run_to_rows(run: Run, maker: Caller) -> StoredRun:
    """Return a run as stored, made by this caller unless it names its maker; it is not yet published.

    Raises
    ------
    UnknownCrs, CrsMismatch
        A layer names no CRS, or another one than the rest.
    BadValue
        Options or summary hold what is no JSON.
    """
    crs = next((frame.crs for frame in run.layers.values()), None)
    if any(frame.crs != crs for frame in run.layers.values()):
        raise CrsMismatch("运行的各图层坐标系不同", "the layers of the run are in different CRSs")
    described: dict[str, Any] = {}
    rows: dict[str, RunRows] = {}
    for name, frame in run.layers.items():
        described[name], rows[name] = _rows_of_layer(name, frame)
    wkt = crs.to_wkt() if crs is not None else str(run.summary.get("crs", ""))
    texts = (_json(run.options), _json(run.summary), wkt, _json(described))
    return StoredRun(
        run.id, run.created, *texts, rows, run.incidence, run.maker or maker.id, run.maker_role or maker.role
    )


def run_from_rows(stored: StoredRun) -> Run:
    """Return the run of stored rows, with the layers that they contain."""
    kept = json.loads(stored.layers)
    layers = {name: _layer_from_rows(rows, kept[name], stored.crs) for name, rows in stored.rows.items()}
    options, summary = json.loads(stored.options), json.loads(stored.summary)
    return Run(
        stored.id, stored.created, options, summary, layers, stored.incidence,
        maker=stored.maker, maker_role=stored.maker_role, published=stored.published,
    )  # fmt: skip


def run_from_head(head: Mapping[str, Any]) -> Run:
    """Return a run without layers from its columns ``HEAD``."""
    return run_from_rows(StoredRun(**head, rows={}, incidence=None))


@dataclass(frozen=True)
class RunsThere:
    """The ids among which a name chooses, each None where there is none.

    Attributes
    ----------
    published
        The run published last of those that there are.
    last_published
        The run published last, also where it was deleted.
    without_planners
        The newest that no planner made: a planner's trial is nobody else's figures.
    newest
        The newest of all.
    own
        The newest of the caller.
    """

    published: str | None
    last_published: str | None
    without_planners: str | None
    newest: str | None
    own: str | None

    def shown(self) -> PublishedRun:
        """Return the run that everybody sees by default: the one published last.

        Until one is published the newest stands in, a planner's where there is no other. Where the published one was
        deleted, no planner's trial takes its place.
        """
        stands_in = self.without_planners or (None if self.last_published else self.newest)
        gone = self.last_published or ""
        return PublishedRun(
            self.published or stands_in, self.published is not None, gone if gone != (self.published or "") else ""
        )

    def to_publish(self, name: str) -> str:
        """Return the id of the run to publish: by name the newest that no planner made, else the newest of all."""
        if name not in (LATEST, PUBLISHED):
            return name
        found = (self.without_planners or self.newest) if name == LATEST else self.published
        if found is None:
            raise no_such_run_error(name)
        return found

    def chosen(self, name: str, caller: Caller) -> str:
        """Return the id that ``latest`` or ``published`` means to a caller; raise NotFound where there is none.

        To whoever made a run that is newer than the published one, that is the latest. Embedded mode without a key and
        the command line tell nobody apart: there the published one is the latest to everybody.
        """
        shown = self.shown().id
        if name == LATEST and self.own and caller.id not in ("", LOCAL.id) and self.own > (shown or ""):
            return self.own
        if shown is None:
            raise no_such_run_error(name)
        return shown


def heads_seen(caller: Caller, rows: Iterable[Sequence[Any]], there: Callable[[], RunsThere]) -> list[dict[str, Any]]:
    """Return those of these runs that a caller may know of, each as column -> value.

    Without a key nobody knows of a planner's trial: of one that was never published, and is not what everybody sees by
    default because there is no other run. To such a caller it is a run that does not exist.

    Parameters
    ----------
    rows
        Values of the columns ``HEAD``, one sequence a run.
    there
        Returns the ids among which a name of a run chooses; called for a caller without a key only.
    """
    heads = [dict(zip(HEAD, row, strict=True)) for row in rows]
    if caller.role != "public":
        return heads
    shown = there().shown().id
    return [head for head in heads if head["published"] or head["maker_role"] != "planner" or head["id"] == shown]


def plain_rows(
    columns: Sequence[str], values: Sequence[Sequence[Any]], kept: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the rows of one layer of a run: see ``protocol.Store.run_rows``.

    Parameters
    ----------
    columns, values
        The columns of its table, and one list of values per column.
    kept
        The description of the layer in ``runs.layers``.
    """
    stored = _stored_columns(columns, values, kept)
    plain = {column: _plain_values(stored[column], kind) for column, kind, _ in kept["columns"]}
    return [dict(zip(plain, row, strict=True)) for row in zip(*plain.values(), strict=True)]


def requested_layers(run_id: str, described: str, layers: Sequence[str] | None) -> list[str]:
    """Return the layers to load, all for None; raise UnknownName for one that the run does not have."""
    kept = json.loads(described)
    names = list(kept) if layers is None else list(dict.fromkeys(layers))
    for name in names:
        if name not in kept:
            known = ", ".join(kept)
            raise UnknownName(
                f"批次 {run_id} 没有图层 {name}，可用：{known}", f"run {run_id} has no layer {name}; there are: {known}"
            )
    return names


def no_such_run_error(run_id: str) -> NotFound:
    """Return the error for a run that does not exist."""
    if run_id in (LATEST, PUBLISHED):
        return NotFound(
            "还没有已发布的批次：请先运行 gridsight analyze，服务器上再用 gridsight publish 发布",
            "no run is published yet: make one with gridsight analyze, on a server publish it (gridsight publish)",
        )
    return NotFound(
        f"没有批次 {run_id[:60]}；gridsight runs 列出现有的批次",
        f"there is no run {run_id[:60]}: gridsight runs lists them",
    )


def run_id_exists_error(run_id: str) -> Conflict:
    """Return the error for a run whose id exists."""
    return Conflict(f"批次 {run_id} 已存在", f"run {run_id} is already there")


def _rows_of_layer(name: str, frame: gpd.GeoDataFrame) -> tuple[dict[str, Any], RunRows]:
    """Return the description of a frame (columns with their kinds and dtypes) and its rows."""
    import shapely

    from geo.storage.codec import geopackage_blobs

    if frame.crs is None:
        raise UnknownCrs(f"运行图层 {name} 没有坐标系", f"run layer {name} names no CRS")
    table = table_of(name)
    types = {column: kind for column, kind in table.columns if column in columns_of(table) and column != "extra"}
    names = [column for column in frame.columns if column != frame.active_geometry_name]
    kinds = {column: _storage_kind(frame[column]) for column in names}
    values = {column: _stored(frame[column], kinds[column]) for column in names}
    columns_of_table: dict[str, list[Any]] = {}
    for column in names:
        fitting = _values_for_column(values[column], types[column]) if column in types else None
        if fitting is not None:
            columns_of_table[column] = fitting
    others = [column for column in names if column not in columns_of_table]
    extra: list[str | None] = [None] * len(frame)
    if others:
        extra = [
            _json(dict(zip(others, row, strict=True))) for row in zip(*(values[one] for one in others), strict=True)
        ]
    shapes = geopackage_blobs.single(shapely.force_2d(frame.geometry.to_crs(STORAGE_CRS).to_numpy()))
    described = {
        "rows": len(frame),
        "geometry": str(frame.active_geometry_name),
        "columns": [[str(column), kinds[column], str(frame[column].dtype)] for column in names],
    }
    misfits = [column for column in others if column in types]
    if misfits:
        described["beyond"] = misfits
    stored = geopackage_blobs.multi(shapes) if table.is_multi else shapes
    return described, RunRows(table.name, ("extra", *columns_of_table), stored, [extra, *columns_of_table.values()])


def _layer_from_rows(rows: RunRows, kept: Mapping[str, Any], crs: str) -> gpd.GeoDataFrame:
    """Return one frame as it was saved, with geometries in the CRS of the run."""
    import geopandas as gpd
    import pandas as pd

    from geo.crs import parse_crs
    from geo.storage.codec import geopackage_blobs

    columns = _stored_columns(rows.columns, rows.values, kept)
    data = {column: _restored(columns[column], kind, dtype) for column, kind, dtype in kept["columns"]}
    shapes = gpd.GeoSeries(geopackage_blobs.single(rows.shapes), crs=STORAGE_CRS).to_crs(parse_crs(crs))
    frame = gpd.GeoDataFrame(data, index=pd.RangeIndex(len(rows.shapes)))
    return frame.set_geometry(shapes.rename(kept["geometry"]))


def _stored_columns(
    columns: Sequence[str], values: Sequence[Sequence[Any]], kept: Mapping[str, Any]
) -> dict[str, Sequence[Any]]:
    """Return the stored values of each column of the layer, from the columns of its table or from ``extra``."""
    stored = dict(zip(columns, values, strict=True))
    extras = [json.loads(one) if one else {} for one in stored.pop("extra")]
    for column in kept.get("beyond", ()):
        stored.pop(column, None)
    return {
        column: stored[column] if column in stored else [one.get(column) for one in extras]
        for column, _, _ in kept["columns"]
    }


def _plain_values(values: Sequence[Any], kind: str) -> list[Any]:
    """Return stored values of one kind as plain Python values; missing ones are None.

    TEXT columns of the table return numbers as text: zones have levels 1 and 2, or township and village.
    """
    convert = _CONVERT[kind]
    return [None if value is None else convert(value) for value in values]


def _values_for_column(values: Sequence[Any], kind: Kind) -> list[Any] | None:
    """Return values converted for a column of that kind without loss; None where that is impossible."""
    if any(isinstance(one, bool) for one in values):
        return None
    if kind == "text":
        return [None if one is None else str(one) for one in values]
    if any(isinstance(one, str) for one in values):
        return None
    if kind == "number":
        exact = all(isinstance(one, float) or one is None or abs(one) <= 2**53 for one in values)
        return [None if one is None else float(one) for one in values] if exact else None
    whole = [one is None or (math.isfinite(one) and one == int(one) and abs(one) < 2**63) for one in values]
    return [None if one is None else int(one) for one in values] if all(whole) else None


def _storage_kind(column: pd.Series) -> str:
    """Return how a column is stored: ``float``, ``int``, ``bool``, ``text``, or ``json`` for lists and mixtures."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(column.dtype):
        return "bool"
    if pd.api.types.is_integer_dtype(column.dtype):
        return "int"
    if pd.api.types.is_float_dtype(column.dtype):
        return "float"
    is_text = pd.api.types.infer_dtype(column, skipna=True) in ("string", "empty")
    return "text" if is_text else "json"


def _stored(column: pd.Series, kind: str) -> list[Any]:
    """Return the values of a column as plain Python values; missing ones are None."""
    values = column.astype(object).where(column.notna(), None).tolist()
    convert = _json if kind == "json" else _CONVERT[kind]
    return [None if value is None else convert(value) for value in values]


def _restored(values: Sequence[Any], kind: str, dtype: str) -> pd.Series:
    """Return the column of stored values."""
    import numpy as np
    import pandas as pd

    plain = _plain_values(values, kind)
    if kind == "json":
        parsed = np.empty(len(plain), dtype=object)
        for row, value in enumerate(plain):
            parsed[row] = value
        return pd.Series(parsed)
    return pd.Series(plain, dtype=dtype)


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=_json_value)
    except (TypeError, ValueError, AttributeError) as error:
        raise BadValue("运行含有无法保存的内容", "the run holds what cannot be saved as JSON") from error


def _json_value(value: Any) -> Any:
    """Return numpy scalars, arrays, mappings and dates as JSON values."""
    import numpy as np

    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable | set | frozenset | Sequence):
        return list(value)
    return value.isoformat()
