"""Define records of the stores: callers, audit entries, jobs, write counts, layer histories, stored runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np

_NOT_IN_IDS = str.maketrans({"%": "%25", "(": "%28", ")": "%29"})


def id_text(text: str) -> str:
    """Return a text as it stands in an id: without parentheses, so that a signature can be read from its end.

    Examples
    --------
    >>> id_text("auth0|62a"), id_text("x (k1")
    ('auth0|62a', 'x %28k1')
    """
    return text.translate(_NOT_IN_IDS)


#: ``Caller.key`` of a caller whose name comes from a proxy, which knows its users by name.
PROXY_KEY = "proxy"


@dataclass(frozen=True)
class Caller:
    """The principal that a store acts for (docs/contract.md section 5).

    Attributes
    ----------
    name
        Label of ``id`` for people to read: the name of a key, the account name of a person, or ``local``. Several
        principals may have the same one: it decides nothing.
    role
        ``public`` (no key), ``viewer``, ``planner``, ``admin``, or ``worker`` (computes runs over the whole county).
    townships
        Scope of a planner: 9-digit codes of the townships whose scoped layers it may read and write; None for all, an
        empty tuple for none. Other roles have no scope.
    key
        Whereby it is known: the id of its API key, ``person:ISSUER#SUBJECT``, or ``proxy`` where a proxy says that it
        is ``name``; empty for the user of embedded mode and of the command line.
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

    @property
    def id(self) -> str:
        """Return what jobs, runs, history and limits know the principal by; its name where it has no key."""
        return f"{PROXY_KEY}:{id_text(self.name)}" if self.key == PROXY_KEY else self.key or self.name

    @property
    def signature(self) -> str:
        """Return what history and runs record: the label, and after it the id in parentheses where it has a key.

        The last parentheses hold the id, whatever the label is.
        """
        return f"{self.name} ({self.id})" if self.key else self.name


#: The principal of embedded mode and of the command line.
LOCAL = Caller("local", "admin", None)


@dataclass(frozen=True)
class AuditEntry:
    """One audited action; the store adds principal and time.

    Attributes
    ----------
    action
        ``create``, ``replace``, ``update``, ``delete``, ``import``, ``preview-import``, ``analyze``, ``export``,
        ``print``, ``approve``, ``withdraw``, ``sign-in``, ``sign-out``, ``key-create``, ``key-revoke``, ``delete-run``,
        ``publish-run``, ``name-run``, ``basemap-add``, ``basemap-remove``; by an operator, in the database alone,
        ``archive-audit``.
    layer, feature
        The object of the action; empty where it is not a single layer or feature.
    before, after
        SHA-256 in hexadecimal of the feature before and after; empty where there is none.
    bbox
        The requested box in degrees, as text.
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
    """One job of OGC API Processes Part 1.

    Attributes
    ----------
    id
        UUIDv7 as text.
    process
        ``analyze`` or ``print``.
    status
        ``accepted``, ``running``, ``successful``, ``failed`` or ``dismissed``.
    inputs
        The options as requested; of a print also the townships of its owner.
    owner, role
        Name and role of the caller that requested it; the name is a label.
    created, started, finished, updated
        ISO 8601 in UTC; empty until it happens.
    progress
        0 to 100.
    message
        The current step, or why it failed, as ``中文 / English``.
    run
        Id of the resulting run, or of the one that was printed; empty before.
    attempts
        Number of times that a worker has started it.
    owner_id
        ``Caller.id`` of the caller that requested it, which decides who sees it; where it is not given, the name.
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
    owner_id: str = ""

    def __post_init__(self) -> None:
        if not self.owner_id:
            object.__setattr__(self, "owner_id", self.owner)


@dataclass(frozen=True)
class JobFile:
    """The file that a job made, as a print; whoever sees the job sees it.

    Attributes
    ----------
    job
        Id of the job.
    name, media_type
        What it is called when it is downloaded, such as ``atlas.pdf``, and what it is.
    content
        The file itself.
    created
        ISO 8601 in UTC.
    """

    job: str
    name: str
    media_type: str
    content: bytes
    created: str


@dataclass(frozen=True)
class Draft:
    """A named set of changes of cameras that nobody has saved yet.

    Attributes
    ----------
    id
        UUIDv7 as text.
    name, note
        As people wrote them.
    author, author_id
        ``Caller.name`` and ``Caller.id`` of whoever made it.
    run
        Id of the run that it was made on; empty for none. The run may be gone.
    created, changed
        ISO 8601 in UTC.
    changed_by
        ``Caller.name`` of whoever changed it last.
    changes
        Members ``changed``, ``added``, ``removed``, ``outage`` as ``geo.studies.camera_changes`` reads them.
    seen
        Id of a stored camera -> its version when its change came into the draft.
    places
        Positions (lon, lat) of all its cameras, before and after: whoever may see all of them sees the draft.
    version
        From 1; each change adds one.
    """

    id: str
    name: str
    note: str
    author: str
    author_id: str
    run: str
    created: str
    changed: str
    changed_by: str
    changes: Mapping[str, Any]
    seen: Mapping[str, int]
    places: Sequence[tuple[float, float]]
    version: int = 1


@dataclass(frozen=True)
class GridDraft:
    """A named set of changes of grids: proposed, approved with a day, or withdrawn.

    Attributes
    ----------
    id, name, note, author, author_id, created, changed, changed_by
        As of ``Draft``.
    state
        ``draft``, ``approved`` or ``withdrawn``; an approved one is carried out once its day has come.
    effective
        The day from which the changes are valid, ISO 8601; empty until it is approved.
    decided, decided_by, decided_role
        When, by whom (``Caller.name``) and in which role it was approved or withdrawn; empty until then.
    operations
        The changes as they were asked for.
    content
        What they make: members ``before`` and ``after`` (rows of the layer as GeoJSON features), ``closed``,
        ``succession``, ``findings`` and the figures of a form.
    seen
        Code of each grid that changes -> its version when the draft was made.
    applied
        Code -> the version that the approval wrote; empty until then.
    places
        A position (lon, lat) in each of its grids, before and after: whoever may change all of them sees the draft.
    version
        From 1; each change adds one.
    """

    id: str
    name: str
    note: str
    author: str
    author_id: str
    created: str
    changed: str
    changed_by: str
    state: Literal["draft", "approved", "withdrawn"]
    effective: str
    decided: str
    decided_by: str
    decided_role: str
    operations: Sequence[Mapping[str, Any]]
    content: Mapping[str, Any]
    seen: Mapping[str, int]
    applied: Mapping[str, int]
    places: Sequence[tuple[float, float]]
    version: int = 1


@dataclass(frozen=True)
class WriteCounts:
    """Counts of one write, in rows.

    Attributes
    ----------
    imported
        Rows whose key was new; for ``replace`` all rows, as that mode empties the layer first.
    updated
        Rows whose key existed.
    unchanged
        Rows that existed with the same values; they got no new version.
    removed
        Rows of the layer that were removed: by ``replace`` those that are not in the frame, else those that the writer
        named as outdated.
    """

    imported: int
    updated: int
    unchanged: int = 0
    removed: int = 0


@dataclass(frozen=True)
class VersionEnd:
    """When, by whom and how (``update``, ``delete``) a version of a row was ended; the time is ISO 8601 in UTC."""

    version: int
    changed_at: str
    changed_by: str
    op: str


@dataclass(frozen=True)
class LayerHistory:
    """All of a layer as stored: current rows, history and revision.

    Attributes
    ----------
    current
        The current rows, all fields and validity dates, in EPSG:4326, sorted by key.
    history
        Past versions: the same columns and ``version, changed_at, changed_by, op``, sorted by key and version.
    revision
        The layer's revision, the time and the actor of its last change: ``(number, changed_at, changed_by)``; times are
        ISO 8601 in UTC with three decimals of a second, or six where they are not zero.
    """

    current: gpd.GeoDataFrame
    history: gpd.GeoDataFrame
    revision: tuple[int, str | None, str | None]


@dataclass(frozen=True)
class RunRows:
    """Rows of one layer of a run as stored, in order.

    Attributes
    ----------
    table
        Their table (``geo.storage.stored_tables``).
    columns
        Names of the columns with values, without ``run`` and ``geom``.
    shapes
        Two-dimensional geometries in EPSG:4326, multi geometries where the column has these.
    values
        One list of values per column.
    """

    table: str
    columns: Sequence[str]
    shapes: np.ndarray
    values: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class StoredRun:
    """A run as stored: its texts, the rows of its layers by layer name, the incidence model."""

    id: str
    created: str
    options: str
    summary: str
    crs: str
    layers: str
    rows: Mapping[str, RunRows]
    incidence: bytes | None
    maker: str = ""
    maker_role: str = ""
    published: str = ""


@dataclass(frozen=True)
class PublishedRun:
    """Which run is published.

    Attributes
    ----------
    id
        Id of the run that everybody sees by default; None where there is none.
    is_published
        Whether somebody published it; False where it stands in because none, or none any more, is published.
    deleted
        Id of the run that was published last, where it was deleted since; empty otherwise.
    """

    id: str | None
    is_published: bool
    deleted: str = ""
