"""Find the stored camera that a register names by another id, so that an import of that register updates its row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.catalog.fields import VALIDITY
from geo.catalog.layers import layer
from geo.errors import RowFault
from geo.registers.evidence import split_ids
from geo.row_keys import DIRECTION_ID
from geo.storage.protocol import Store

#: Sentence of the report for rows found so.
FOUND = "按其他编号找到已有的摄像机，文件没有的值保留 / found by their other ids; what the file does not tell is kept"
_TWO_CAMERAS = "是两台摄像机的其他编号 / another id of two cameras"
_BROUGHT = "文件里另一行已是这台摄像机 / another row of the file is this camera already"
_HAS_OTHER_IDS = {"op": "not", "args": [{"op": "isNull", "args": [{"property": "other_ids"}]}]}
#: What a stored row does not lend to a row of the file.
_OWN = {"id", "other_ids", *(one.name for one in VALIDITY)}


@dataclass(frozen=True)
class KnownRows:
    """Rows to write, under the ids that they are stored by.

    Attributes
    ----------
    frame, features
        The rows that are left, and the number of the source feature of each.
    found
        How many features were found by another id.
    rejects
        Features that cannot be told apart.
    """

    frame: gpd.GeoDataFrame
    features: np.ndarray
    found: int = 0
    rejects: list[RowFault] = field(default_factory=list)


def rows_by_other_ids(
    store: Store, frame: gpd.GeoDataFrame, features: np.ndarray, *, source: str, brings_other_ids: bool
) -> KnownRows:
    """Return rows of cameras under the ids that they are stored by.

    An id that is stored wins over one that is only another id. A row found by another id keeps what the file does not
    tell, as its other register told that; every row keeps its other ids.

    Parameters
    ----------
    store
        The store before the write.
    frame, features
        Rows to write, and the number of the source feature of each.
    source
        The file, for what is rejected.
    brings_other_ids
        Whether the file has that column: then it decides for rows of their own id.
    """
    stored = store.read("cameras", where=_HAS_OTHER_IDS)
    if not len(stored) or not len(frame):
        return KnownRows(frame, features)
    ids = frame["id"].astype(str).tolist()
    known_as = _ids_by_other_id(stored)
    taken = set(store.read("cameras")["id"]) if not known_as.keys().isdisjoint(_with_cameras(ids)) else set()
    keys = [one if one in taken else _stored_id(one, known_as, taken) for one in ids]
    rejected = _told_twice(ids, keys, features, known_as)
    rejects = [RowFault(source, str(row), "id", *why) for row, why in sorted(rejected.items())]
    kept = ~np.isin(features, list(rejected))
    out, by_id = frame.copy(), stored.set_index("id", drop=False)
    out["id"] = [keys[k] if kept[k] else ids[k] for k in range(len(ids))]
    is_found = kept & np.array([key != one for key, one in zip(keys, ids, strict=True)], dtype=bool)
    _lend(out, by_id, np.flatnonzero(is_found), ids)
    _keep_other_ids(out, by_id, is_found, ids, brings_other_ids=brings_other_ids)
    found = len(np.unique(features[is_found]))
    return KnownRows(out[kept].reset_index(drop=True), features[kept], found, rejects)


def joined_ids(*ids: str) -> str:
    """Return ids as the field holds them, each once.

    Examples
    --------
    >>> joined_ids("7", "SX-12", "7")
    '7; SX-12'
    """
    return "; ".join(dict.fromkeys(ids))


def _ids_by_other_id(stored: pd.DataFrame) -> dict[str, set[str]]:
    """Return other id -> ids of stored rows; the id of a camera of several directions too, without its number."""
    out: dict[str, set[str]] = {}
    for key, others in zip(stored["id"], stored["other_ids"], strict=True):
        own = DIRECTION_ID.fullmatch(key)
        for one in split_ids(others):
            out.setdefault(one, set()).add(key)
            split = DIRECTION_ID.fullmatch(one)
            if split is not None and own is not None:
                out.setdefault(split["camera"], set()).add(own["camera"])
    return out


def _with_cameras(ids: list[str]) -> set[str]:
    return {*ids, *map(_camera_of, ids)}


def _stored_id(one: str, known_as: Mapping[str, set[str]], taken: set[str]) -> str:
    """Return the id that a row is stored by; its own where nothing, or more than one row, has it as another id."""
    if one in known_as:
        return min(known_as[one]) if len(known_as[one]) == 1 else one
    split = DIRECTION_ID.fullmatch(one)
    cameras = known_as.get(split["camera"], set()) if split is not None else set()
    if split is not None and len(cameras) == 1:  # a direction that this camera did not have
        made = f"{min(cameras)}{split['direction']}"
        return one if made in taken else made
    return one


def _told_twice(
    ids: list[str], keys: list[str], features: np.ndarray, known_as: Mapping[str, set[str]]
) -> dict[int, tuple[str, str]]:
    """Return feature -> reason and value, where an id means two cameras or a camera is brought twice."""
    out: dict[int, tuple[str, str]] = {}
    own = {key: feature for key, one, feature in zip(keys, ids, features.tolist(), strict=True) if key == one}
    for one, key, feature in zip(ids, keys, features.tolist(), strict=True):
        if key == one:
            if len(known_as.get(one, ())) > 1:
                out[feature] = (_TWO_CAMERAS, f"{one}: {', '.join(sorted(known_as[one]))}"[:200])
        elif own.setdefault(key, feature) != feature:
            out[feature] = (_BROUGHT, f"{one}: {key}"[:200])
    return out


def _lend(out: gpd.GeoDataFrame, by_id: pd.DataFrame, positions: np.ndarray, ids: list[str]) -> None:
    """Give rows found by another id what the file does not tell of them."""
    keys = out["id"].tolist()
    lenders = {k: one for k in positions.tolist() if (one := _lender(keys[k], by_id)) is not None}
    for told in layer("cameras").all_fields:
        if told.name in _OWN or told.name not in out or not lenders:
            continue
        column = out[told.name].astype(object).tolist()
        stored = by_id[told.name].to_dict()
        for k, lender in lenders.items():
            # Without a column of sites a row has its own id as its site, which is none.
            is_default = told.name == "site" and column[k] in _with_cameras([ids[k]])
            if pd.isna(column[k]) or is_default:
                column[k] = stored[lender]
        out[told.name] = pd.Series(column, index=out.index, dtype=object).astype(out[told.name].dtype)


def _lender(key: str, by_id: pd.DataFrame) -> str | None:
    """Return the stored row that tells most of a row: itself, else its camera, of one direction or the first."""
    camera = _camera_of(key)
    return next((one for one in (key, camera, f"{camera}#1") if one in by_id.index), None)


def _camera_of(key: str) -> str:
    """Return an id without the number of its direction."""
    split = DIRECTION_ID.fullmatch(key)
    return key if split is None else str(split["camera"])


def _keep_other_ids(
    out: gpd.GeoDataFrame, by_id: pd.DataFrame, is_found: np.ndarray, ids: list[str], *, brings_other_ids: bool
) -> None:
    """Give each row the other ids of its stored row, or of its camera where its directions are others now."""
    stored = {key: split_ids(others) for key, others in by_id["other_ids"].to_dict().items()}
    of_camera: dict[str, list[str]] = {}
    for key, others in stored.items():
        split = DIRECTION_ID.fullmatch(key)
        names = others if split is None else [_camera_of(one) for one in others]
        of_camera.setdefault(_camera_of(key), []).extend(names)
    column = out["other_ids"].astype(object).tolist() if "other_ids" in out else [None] * len(out)
    for k, key in enumerate(out["id"].tolist()):
        split = DIRECTION_ID.fullmatch(key)
        kept = stored.get(key)
        if kept is None:
            direction = split["direction"] if split else ""
            kept = [f"{one}{direction}" for one in of_camera.get(_camera_of(key), ())]
        if kept and (is_found[k] or not brings_other_ids):
            more = [] if pd.isna(column[k]) else split_ids(str(column[k]))
            more += [ids[k]] if is_found[k] else []
            column[k] = joined_ids(*kept, *(one for one in more if one != key))
    out["other_ids"] = pd.Series(column, index=out.index, dtype="str")
