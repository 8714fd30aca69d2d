"""Reconcile a register of cameras with the store: propose pairs, and apply those that a planner confirmed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from geo.bounds import MAX_TEXT
from geo.crs import STORAGE_CRS
from geo.errors import RowFault
from geo.files import write_atomically
from geo.readers.read_options import AS_FOUND, NamedOptions, ReadOptions
from geo.readers.reading import ReadResult, read_layer
from geo.readers.words.cell_values import is_missing
from geo.registers.evidence import WEIGHTS, split_ids
from geo.registers.pairing import DEFAULT_SCORE, DEFAULT_WITHIN_M, Pairing, pair_cameras
from geo.storage.protocol import Store
from geo.studies.import_shifts import require_stored_datum
from geo.studies.other_ids import joined_ids
from geo.studies.pair_tables import (
    CAMERAS,
    MERGED,
    PLACE,
    Confirmation,
    Lang,
    is_same_id,
    own_sites,
    read_confirmations,
    states,
    table_rows,
    with_headings,
)
from geo.types import Progress, no_progress, part_of_progress

_CHANGED_HERE = "库里这台摄像机在出表之后变了 / the stored camera was changed since the table was written"
_CHANGED_THERE = "文件里这一行在出表之后变了 / the row of the file was changed since the table was written"
_TWICE = "确认了两次，一行只能配一行 / confirmed twice: a row has one partner"
_TAKEN = (
    "文件的编号已是库里另一台摄像机的编号，以后导入会找错；请给文件另编号 / the id of the file is another stored "
    "camera's: a later import would find that one; give the file ids of its own"
)
_OTHER_IDS = (
    "编号与状态标记不是同一行的，表里的列错了位；请重新配对 / the ids and the state are not of one row, as columns "
    "were moved: reconcile again"
)
_NO_VALUE = "文件里这一项没有值 / the file has no value for it"
_BAD_ID = "编号含分号，或其他编号太多，存不下 / the id holds a semicolon, or there are too many other ids"


@dataclass(frozen=True)
class Proposal:
    """What is proposed for one file.

    Attributes
    ----------
    reading
        The file as read.
    stored
        The cameras of the store.
    pairing
        The pairs.
    table
        The table for the planner, headed in its language.
    """

    reading: ReadResult
    stored: gpd.GeoDataFrame
    pairing: Pairing
    table: pd.DataFrame


@dataclass(frozen=True)
class Applied:
    """What was applied of a table.

    Attributes
    ----------
    merged
        Pairs whose stored camera now has the other id, and the values chosen.
    added
        Rows only in the file that were added.
    already
        Confirmed rows that were applied before.
    unconfirmed
        Rows of the table without a confirmation.
    refused
        Confirmed rows that were not applied, each with its reason.
    """

    merged: int
    added: int
    already: int
    unconfirmed: int
    refused: list[RowFault]


def propose_pairs(
    store: Store,
    path: Path,
    options: ReadOptions = AS_FOUND,
    *,
    within: float = DEFAULT_WITHIN_M,
    min_score: float = DEFAULT_SCORE,
    lang: Lang = "zh",
    progress: Progress = no_progress,
    **named: Unpack[NamedOptions],
) -> Proposal:
    r"""Propose which rows of a register are which stored cameras; nothing is changed.

    Parameters
    ----------
    store
        The store with the cameras.
    path
        The register: any file that `geo.readers.reading.read_layer` reads as cameras.
    options, named
        How to read the file, as for ``read_layer``.
    within, min_score
        See `geo.registers.pairing.pair_cameras`.
    lang
        The language of the table.

    Raises
    ------
    CrsMismatch
        The list, or a sheet, source or contractor of it, lies shifted against the store as by another datum: what is
        near its rows are other cameras.

    Examples
    --------
    >>> import tempfile
    >>> from geo.storage.geopackage.store import open_store
    >>> from geo.studies.import_files import import_file
    >>> folder = tempfile.TemporaryDirectory()
    >>> ours, theirs = Path(folder.name) / "a.csv", Path(folder.name) / "b.csv"
    >>> _ = ours.write_text("id,name,lon,lat\nA1,北街口东南角球机,103.1,37.6\nA2,车站,103.2,37.6\n", encoding="utf-8")
    >>> _ = theirs.write_text("id,name,lon,lat,azimuth\n7,北街口 东南角,103.1001,37.6,90\n", encoding="utf-8")
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     _ = import_file(store, ours, "cameras", crs="wgs84")
    ...     proposal = propose_pairs(store, theirs, crs="wgs84", lang="en")
    ...     table = Path(folder.name) / "table.csv"
    ...     proposal.table.assign(confirm=["yes", ""]).to_csv(table, index=False, encoding="utf-8-sig")
    ...     done = apply_pairs(store, theirs, table, crs="wgs84")
    ...     merged = store.read("cameras")
    >>> proposal.table[["result", "id (store)", "id (file)", "differs"]].values.tolist()[0]
    ['pair', 'A1', '7', 'Name; Azimuth']
    >>> done.merged, merged["other_ids"].tolist()[0], merged["azimuth"].tolist()[0]
    (1, '7', 90.0)
    >>> folder.cleanup()
    """
    reading = read_layer(path, "cameras", options, progress=part_of_progress(progress, 0.0, 0.3), **named)
    stored = store.read("cameras")
    require_stored_datum(reading, stored)
    progress("配对 / pairing", 0.3)
    pairing = pair_cameras(reading.frame, stored, within=within, min_score=min_score)
    listed = _listed(reading)
    stored = stored.assign(state=states(stored))
    pairs = pairing.pairs.rename(columns={name: f"score_{name}" for name in WEIGHTS})
    pairs = pairs.round({name: 1 if name == "distance_m" else 2 for name in pairs})
    parts = [
        table_rows("pair", pairs[pairs["group"] == 0].assign(group=None), stored, listed, lang),
        table_rows("ambiguous", pairs[pairs["group"] > 0], stored, listed, lang),
        table_rows("only_file", pd.DataFrame({"row": pairing.only, "other": -1}), stored, listed, lang),
        table_rows("only_store", pd.DataFrame({"row": -1, "other": pairing.only_other}), stored, listed, lang),
    ]
    progress("完成 / done", 1.0)
    return Proposal(reading, stored, pairing, with_headings(pd.concat(parts, ignore_index=True), lang))


def write_pairs_layer(proposal: Proposal, path: Path) -> None:
    """Write a GeoPackage with ``pairs`` (a line from the stored place to the file's), ``only_file``, ``only_store``."""
    pairs, listed, stored = proposal.pairing.pairs, proposal.reading.frame, proposal.stored
    ends = [
        shapely.get_coordinates(frame.geometry.to_numpy())[pairs[side].to_numpy(dtype=int)]
        for frame, side in ((stored, "other"), (listed, "row"))
    ]
    columns = {
        "id_store": stored["id"].to_numpy(object)[pairs["other"].to_numpy(dtype=int)],
        "id_file": listed["id"].to_numpy(object)[pairs["row"].to_numpy(dtype=int)],
        "name_store": stored["name"].to_numpy(object)[pairs["other"].to_numpy(dtype=int)],
        "name_file": listed["name"].to_numpy(object)[pairs["row"].to_numpy(dtype=int)],
        "result": np.where(pairs["group"] == 0, "pair", "ambiguous"),
        **{name: pairs[name].to_numpy() for name in ("group", "score", "distance_m")},
    }
    lines = shapely.linestrings(np.stack(ends, axis=1)) if len(pairs) else []
    layers = {
        "pairs": gpd.GeoDataFrame(columns, geometry=lines, crs=STORAGE_CRS),
        "only_file": listed.iloc[proposal.pairing.only],
        "only_store": stored.drop(columns="state").iloc[proposal.pairing.only_other],
    }

    def write(temporary: Path) -> None:
        kinds = {"pairs": "LineString"}
        for name, frame in layers.items():
            kind = kinds.get(name, "Point")
            pyogrio.write_dataframe(
                frame, temporary, driver="GPKG", layer=name, append=temporary.exists(), geometry_type=kind
            )

    write_atomically(path, write)


def apply_pairs(
    store: Store,
    path: Path,
    table: Path,
    options: ReadOptions = AS_FOUND,
    *,
    actor: str = "local",
    table_encoding: str | None = None,
    progress: Progress = no_progress,
    **named: Unpack[NamedOptions],
) -> Applied:
    """Apply the confirmed rows of a table in one transaction, with history.

    The stored camera keeps its id and gets the file's among its ``other_ids``, so that a later import of the file finds
    it. Of its fields it keeps what it has and takes what only the file knows, or what the planner chose of the file.
    A row only in the file that is confirmed is added. What was changed since the table was written is refused by name.

    Parameters
    ----------
    store, path, options, named
        As for ``propose_pairs``.
    table
        The table with its column ``confirm`` filled in.
    actor
        Name of the writer, for the history.
    table_encoding
        Encoding of a CSV table; None to detect it.

    Raises
    ------
    UnreadableFile, UnknownName, NotAllowed, StoreBusy
        Nothing was written.
    """
    confirmed, unconfirmed = read_confirmations(table, encoding=table_encoding)
    reading = read_layer(path, "cameras", options, progress=part_of_progress(progress, 0.0, 0.6), **named)
    listed = _listed(reading)
    progress("写入 / writing", 0.6)
    with store.transaction():
        # A write of nothing takes the lock of the layer: what is read from here on holds until the end.
        store.write("cameras", store.read("cameras", limit=1).iloc[:0], "upsert", actor=actor)
        work = _Merging(store.read("cameras"), listed, table.name)
        for one in work.without_repeats(confirmed):
            work.take(one)
        if work.rows:
            store.write("cameras", work.frame(), "upsert", actor=actor)
    progress("完成 / done", 1.0)
    return Applied(work.merged, work.added, work.already, unconfirmed, work.refused)


def _listed(reading: ReadResult) -> gpd.GeoDataFrame:
    """Return the rows of the file with their states and the number of the feature of each."""
    return reading.frame.assign(state=states(reading.frame), feature=reading.features)


class _Merging:
    """Confirmed rows on their way into the store."""

    def __init__(self, stored: gpd.GeoDataFrame, listed: gpd.GeoDataFrame, table: str) -> None:
        self._stored, self._listed, self._table = stored, listed, table
        self._own_sites = own_sites(stored), own_sites(listed)
        self._stored_states = states(stored)
        self._row_of_state = {state: k for k, state in enumerate(self._stored_states)}
        self._file_row_of_state = {state: k for k, state in enumerate(listed["state"])}
        # Every id that a stored camera is known by -> its row.
        self._row_of_id: dict[str, int] = {}
        for row, (key, others) in enumerate(zip(stored["id"], stored["other_ids"], strict=True)):
            for one in (key, *([] if is_missing(others) else split_ids(others))):
                self._row_of_id.setdefault(one, row)
        self.rows: list[dict[str, Any]] = []
        self.refused: list[RowFault] = []
        self.merged = self.added = self.already = 0

    def without_repeats(self, confirmed: list[Confirmation]) -> list[Confirmation]:
        """Return the confirmed rows that can be understood and whose partners are their own; refuse the others."""
        counts = Counter(state for one in confirmed for state in {f"store{one.store_state}", f"file{one.file_state}"})
        out = []
        for one in confirmed:
            both = (f"store{one.store_state}" if one.store_state else "", f"file{one.file_state}")
            if one.fault:
                self._refuse(one, one.fault)
            elif any(counts[state] > 1 for state in both if state):
                self._refuse(one, _TWICE)
            else:
                out.append(one)
        return out

    def take(self, one: Confirmation) -> None:
        """Take one confirmed row, or refuse it."""
        there = self._file_row_of_state.get(one.file_state)
        here = self._row_of_state.get(one.store_state)
        if there is None:
            self._refuse(one, _CHANGED_THERE)
        elif not is_same_id(one.id_file, str(self._listed["id"].iloc[there])) or (
            here is not None and not is_same_id(one.id_store, str(self._stored["id"].iloc[here]))
        ):
            # Columns that were sorted apart from others name one pair and mean another.
            self._refuse(one, _OTHER_IDS)
        elif one.store_state:
            self._merge(one, there)
        else:
            self._add(one, there)

    def frame(self) -> gpd.GeoDataFrame:
        """Return the rows to write."""
        columns = {
            field.name: pd.Series([row[field.name] for row in self.rows], dtype=object).astype(
                self._stored[field.name].dtype
            )
            for field in CAMERAS.all_fields
        }
        return gpd.GeoDataFrame(columns, geometry=[row["geometry"] for row in self.rows], crs=STORAGE_CRS)

    def _merge(self, one: Confirmation, there: int) -> None:
        new = self._cells(self._listed, there)
        known = self._row_of_id.get(new["id"])
        here = self._row_of_state.get(one.store_state)
        if here is None:
            if known is not None and self._stored["id"].iloc[known] == one.id_store:
                self.already += 1
            else:
                self._refuse(one, _CHANGED_HERE)
            return
        old = self._cells(self._stored, here)
        if known is not None and known != here:
            self._refuse(one, _TAKEN)
            return
        lacking = [name for name in one.fields or () if name != PLACE and new[name] is None]
        if lacking:
            self._refuse(one, _NO_VALUE, lacking[0])
            return
        ids = [key for row in (old, new) for key in split_ids(row["other_ids"] or "")]
        ids = [key for key in (*ids, new["id"]) if key != old["id"]]
        if ";" in new["id"] or len(joined_ids(*ids)) > MAX_TEXT:
            self._refuse(one, _BAD_ID)
            return
        stored_own, listed_own = self._own_sites
        merged = _merged(old, new, one.fields, are_own=(stored_own[here], listed_own[there]))
        row = {**merged, "other_ids": joined_ids(*ids) or None}
        if row == old:
            self.already += 1
        else:
            self.rows.append(row)
            self.merged += 1

    def _add(self, one: Confirmation, there: int) -> None:
        new = self._cells(self._listed, there)
        known = self._row_of_id.get(new["id"])
        if known is None:
            self.rows.append(new)
            self.added += 1
        elif self._stored_states[known] == one.file_state:
            self.already += 1
        else:
            self._refuse(one, _TAKEN)

    @staticmethod
    def _cells(frame: gpd.GeoDataFrame, row: int) -> dict[str, Any]:
        found = {field.name: frame[field.name].iloc[row] for field in CAMERAS.all_fields}
        return {name: None if is_missing(cell) else cell for name, cell in found.items()} | {
            "geometry": frame.geometry.iloc[row]
        }

    def _refuse(self, one: Confirmation, reason: str, value: str = "") -> None:
        named = value or " + ".join(key for key in (one.id_store, one.id_file) if key)
        self.refused.append(RowFault(self._table, str(one.row), "confirm", reason, named[:200]))


def _merged(
    old: Mapping[str, Any], new: Mapping[str, Any], fields: frozenset[str] | None, *, are_own: tuple[bool, bool]
) -> dict[str, Any]:
    """Return a stored row with what only the file knows, and the values of the file that were chosen.

    ``are_own`` tells of either row whether its site is only its id: such a one says nothing.
    """
    out = dict(old)
    for field in MERGED:
        name = field.name
        lacking = [
            row[name] is None or (name == "site" and is_own) for row, is_own in zip((old, new), are_own, strict=True)
        ]
        chosen = fields is None or name in fields
        if not lacking[1] and (chosen or lacking[0]):
            out[name] = new[name]
    if fields is None or PLACE in fields:
        out["geometry"] = new["geometry"]
    return out
