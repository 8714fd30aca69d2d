"""Records that a store keeps beside layers, or gives out whole: callers, audit entries, jobs, versions, stored runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import geopandas as gpd
import numpy as np


@dataclass(frozen=True)
class Caller:
    """Say for whom a store acts (CONTRACT section 5).

    Attributes
    ----------
    name
        Who it is, for history and audit: a key's name, a person's account name at the office, ``local``.
    role
        ``public`` (no key), ``viewer``, ``planner``, ``admin``, or ``worker`` (computes runs over the whole county).
    townships
        9-digit codes that a planner may read scoped layers of and write in; None is all of them, an empty tuple none.
        Only a planner is ever narrowed.
    key
        The id of the key that was shown; empty where none was.
    request
        The id of the request, for the audit.
    address
        The network address that the request came from; empty at the command line.
    """

    name: str
    role: Literal["public", "viewer", "planner", "admin", "worker"]
    townships: tuple[str, ...] | None = ()
    key: str = ""
    request: str = ""
    address: str = ""


#: Whoever sits at the desk, and the command line.
LOCAL = Caller("local", "admin", None)


@dataclass(frozen=True)
class Deed:
    """Describe one thing done, for the audit; who did it, and when, the store adds from its caller.

    Attributes
    ----------
    action
        ``create``, ``replace``, ``update``, ``delete``, ``import``, ``analyze``, ``export``, ``print``, ``sign-in``,
        ``key-create``, ``key-revoke``, ``delete-run``.
    layer, feature
        What it was done to; empty where it is no single layer or feature.
    before, after
        SHA-256 in hexadecimal of the feature before and after; empty where there was none.
    bbox
        The box in degrees that was asked for, as text.
    run
        Id of the run or job.
    detail
        Further plain values: formats, counts, options.
    """

    action: str
    layer: str = ""
    feature: str = ""
    before: str = ""
    after: str = ""
    bbox: str = ""
    run: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """Hold one job as OGC API Processes Part 1 tells it.

    Attributes
    ----------
    id
        UUIDv7 as text.
    process
        ``analyze``.
    status
        ``accepted``, ``running``, ``successful``, ``failed`` or ``dismissed``.
    inputs
        The options as asked.
    owner, role
        Name and role of the caller who asked.
    created, started, finished, updated
        ISO 8601 in UTC; empty while it has not come to that.
    progress
        0 to 100.
    message
        What is being done, or why it failed, as ``中文 / English``.
    run
        Id of the run that came out; empty before.
    attempts
        How often a worker has begun it.
    """

    id: str
    process: str
    status: Literal["accepted", "running", "successful", "failed", "dismissed"]
    inputs: Mapping[str, Any]
    owner: str
    role: str
    created: str
    started: str = ""
    finished: str = ""
    updated: str = ""
    progress: int = 0
    message: str = ""
    run: str = ""
    attempts: int = 0


@dataclass(frozen=True)
class WriteCounts:
    """Count what one write did, in rows.

    Attributes
    ----------
    imported
        Rows whose key was new; for ``replace`` all rows, as that mode empties the layer first.
    updated
        Rows whose key was there.
    unchanged
        How many rows were there with the very same values; they got no new version.
    removed
        Rows of the layer that ``replace`` took out because the frame does not name them.
    """

    imported: int
    updated: int
    unchanged: int = 0
    removed: int = 0


@dataclass(frozen=True)
class Versions:
    """Hold all of a layer as stored.

    Attributes
    ----------
    current
        The current rows, all fields and validity dates, in EPSG:4326, sorted by key.
    history
        Past versions: the same columns and ``version, changed_at, changed_by, op``, sorted by key and version.
    revision
        The layer's revision, when it last changed and by whom: ``(number, changed_at, changed_by)``; times are ISO 8601
        in UTC with three decimals of a second, or six where they are not zero.
    """

    current: gpd.GeoDataFrame
    history: gpd.GeoDataFrame
    revision: tuple[int, str | None, str | None]


@dataclass(frozen=True)
class RunRows:
    """Hold the rows of one layer of a run as stored, in order.

    Attributes
    ----------
    table
        The table that they are in (``geo.storage.stored_tables``).
    columns
        Names of the columns that hold something, ``run`` and ``geom`` aside.
    shapes
        Flat shapes in EPSG:4326, multi where the column is.
    values
        One list of values per column.
    """

    table: str
    columns: Sequence[str]
    shapes: np.ndarray
    values: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class StoredRun:
    """Hold a run as it is stored: its own texts, its layers' rows by layer name, the incidence model."""

    id: str
    created: str
    options: str
    summary: str
    crs: str
    layers: str
    rows: Mapping[str, RunRows]
    incidence: bytes | None
