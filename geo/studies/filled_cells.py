"""Complete the rows of a survey form from the store: filled cells are new, all else stays as it is."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.catalog.layers import layer as layer_of
from geo.catalog.survey_form import ASKED
from geo.errors import BadValue, RowFault
from geo.row_keys import DIRECTION_ID
from geo.storage.protocol import Store
from geo.studies.other_ids import KnownRows
from geo.types import CellFinding

_NOT_STORED = "库中没有这一行；核实表只更新已有的行 / no such row is stored: a survey form only updates rows"
_MOVED = (
    "核实表不改位置，坐标没有读；请用普通表格导入 / a survey form moves nothing; import the place by an ordinary table"
)
#: Degrees that a place may differ by without having been changed: about a metre.
_SAME_PLACE_DEGREES = 1e-5


def with_stored_values(
    store: Store, layer: str, frame: gpd.GeoDataFrame, features: np.ndarray, *, source: str, mode: str
) -> tuple[KnownRows, tuple[CellFinding, ...]]:
    """Return the rows of a survey form with what is stored of them, and findings on places that were changed.

    A row is found by its key; a camera for which several directions are filled in takes what its one row had.

    Parameters
    ----------
    store
        The store before the write, with the rights of the writer.
    frame, features
        Rows as read, and the number of the source feature of each.
    source
        The file, for what is rejected.
    mode
        The mode of the import.

    Raises
    ------
    BadValue
        The mode is not ``upsert``: a form holds some rows of a layer, and some cells of these.
    """
    if layer not in ASKED:
        raise BadValue(f"图层 {layer} 没有核实表", f"there is no survey form of layer {layer}")
    if mode != "upsert":
        raise BadValue("核实表只用 upsert 导入", "a survey form is imported by upsert only")
    target = layer_of(layer)
    stored = store.read(layer)
    position = {str(key): i for i, key in enumerate(stored[target.key])}
    keys = frame[target.key].astype(str).tolist()
    at = [position.get(key, position.get(_camera_of(key), -1)) for key in keys]
    missing = sorted({int(feature) for feature, one in zip(features.tolist(), at, strict=True) if one < 0})
    rejects = [
        RowFault(source, str(feature), target.key, _NOT_STORED, keys[features.tolist().index(feature)][:200])
        for feature in missing
    ]
    kept = ~np.isin(features, missing)
    rows = np.array(at, np.int64)[kept]
    out, base = frame[kept].reset_index(drop=True), stored.iloc[rows].reset_index(drop=True)
    moved = _moved(out, base)
    for field in target.all_fields:
        if field.name in (target.key, "valid_from") or field.name not in out:
            continue
        old = base[field.name].astype(object)
        if field.name in ASKED[layer]:
            given = out[field.name].astype(object)
            old = given.where(given.notna(), old)
        out[field.name] = pd.Series(old.tolist(), index=out.index, dtype=object).astype(stored[field.name].dtype)
    out = out.set_geometry(gpd.GeoSeries(base.geometry.to_numpy(), index=out.index, crs=stored.crs))
    _keep_sites_of_directions(out, base, layer)
    found = tuple(str(feature) for feature in dict.fromkeys(features[kept][moved].tolist()))
    findings = (CellFinding("geometry", _MOVED, "", found, len(found)),) if found else ()
    return KnownRows(out, features[kept], rejects=rejects), findings


def _keep_sites_of_directions(out: gpd.GeoDataFrame, base: gpd.GeoDataFrame, layer: str) -> None:
    """Give the directions of a camera without a site its own id as their site: they are one pole (rule B4)."""
    if layer != "cameras":
        return
    ids, cameras = out["id"].astype(str), base["id"].astype(str)
    new = (ids != cameras) & out["site"].isna()
    out["site"] = out["site"].astype(object).where(~new, cameras)


def _moved(out: gpd.GeoDataFrame, base: gpd.GeoDataFrame) -> np.ndarray:
    """Return which rows stand elsewhere; a form gives the box of a building only, which is short enough for a cell."""
    new, old = (shapely.centroid(shapely.envelope(one.geometry.to_numpy())) for one in (out, base))
    return shapely.distance(new, old) > _SAME_PLACE_DEGREES


def _camera_of(key: str) -> str:
    split = DIRECTION_ID.fullmatch(key)
    return key if split is None else str(split["camera"])
