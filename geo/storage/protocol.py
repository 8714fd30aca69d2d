"""Define the Store protocol; one contract test suite runs against every implementation (docs/contract.md section 4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from geo.catalog.base_maps import BaseMap
from geo.catalog.options import ImportMode
from geo.storage.records import (
    AuditEntry,
    Caller,
    Draft,
    GridDraft,
    Job,
    JobFile,
    LayerHistory,
    PublishedRun,
    StoredRun,
    VersionEnd,
    WriteCounts,
)
from geo.storage.run_names import RunName
from geo.types import RowChanges, Run

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np

#: west, south, east, north in degrees (WGS-84); west > east means that the box crosses the antimeridian.
Bbox = tuple[float, float, float, float]

#: None is today in the time zone of the store; a date is that day; a pair is a closed interval, open on a side that is
#: None.
At = date | tuple[date | None, date | None] | None

#: What a write does with known keys and with rows that are not in the frame.
WriteMode = ImportMode

#: A GeoJSON Feature in EPSG:4326 as plain dicts and lists.
Feature = Mapping[str, Any]

#: A parsed CQL2-JSON expression, never text.
Where = Mapping[str, Any]


class Store(Protocol):
    """A store of layers with their history, and of runs.

    Every method raises UnknownName for a layer that does not exist, StoreBusy when another writer holds the store
    longer than its timeout, and StoreBroken when the store is damaged. All methods may be called from any thread.

    Validity. A row is valid on day D when ``coalesce(valid_from, '0001-01-01') <= D < coalesce(valid_to,
    '9999-12-31')``. Of one key the newest version valid at D is returned; the current row is newer than any in history.
    An update that does not set ``valid_from`` (leaves it unchanged, or gives null) sets it to the day of the update and
    closes the version moved to history on that day; a delete only closes it. Three special cases follow: an earlier
    closing date is kept; a row that begins after that day, or ends on or before it, keeps its ``valid_from`` (the
    update corrects the future or the past and starts nothing today); and a key that is created again after a delete,
    without ``valid_from``, begins on that day, so that reads of the past do not change. By ``replace`` that removes or
    changes rows, a new key without ``valid_from`` begins that day too: it takes the place of what was there before.

    Examples
    --------
    The example uses a workspace (``geo.storage.geopackage.store``); a server database behaves alike.

    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> today = [date(2026, 3, 1)]
    >>> store = open_store(Path(folder.name) / "workspace.gpkg", today=lambda: today[0])
    >>> points = shapely.points([[103.1, 37.6], [103.2, 37.7]])
    >>> frame = gpd.GeoDataFrame({"id": ["c1", "c2"], "height": [6.0, 3.5]}, geometry=points, crs="EPSG:4326")
    >>> store.write("cameras", frame, "upsert", actor="li")
    WriteCounts(imported=2, updated=0, unchanged=0, removed=0)

    Read with a box and a filter; keys sort the rows, and ``after`` continues a page.

    >>> store.read("cameras", bbox=(103.0, 37.0, 103.15, 38.0))["id"].tolist()
    ['c1']
    >>> store.count("cameras", where={"op": "<", "args": [{"property": "height"}, 5]})
    1
    >>> store.read("cameras", after="c1", limit=10)["id"].tolist()
    ['c2']

    Write one feature with the version that was read; the past stays readable.

    >>> feature, version = store.get("cameras", "c1")
    >>> feature["properties"]["height"] = 8.0
    >>> today[0] = date(2026, 3, 5)
    >>> store.put("cameras", "c1", feature, if_version=version, actor="wang")
    2
    >>> [store.get("cameras", "c1", at=day)[0]["properties"]["height"] for day in (date(2026, 3, 1), None)]
    [6.0, 8.0]
    >>> store.put("cameras", "c1", feature, if_version=version, actor="wang")
    Traceback (most recent call last):
    geo.errors.Conflict: c1 已被他人修改：当前版本 2，您看到的是 1 / c1 was changed meanwhile: it is at version 2, not 1

    A transaction is all or nothing, and a revision counts the changes of a layer.

    >>> before = store.revision("cameras")
    >>> with store.transaction():
    ...     store.delete("cameras", "c1", if_version=None, actor="wang")
    ...     store.delete("cameras", "c2", if_version=None, actor="wang")
    >>> store.count("cameras"), store.revision("cameras") > before
    (0, True)
    >>> store.close()
    >>> folder.cleanup()
    """

    @property
    def name(self) -> str:
        """Return the name of the store for messages: a path, or a URL without its password."""

    def today(self) -> date:
        """Return the day that it is in the time zone of the store: that of ``at=None`` and of changes.

        It is the same for every process and program that uses the store, wherever it runs.
        """

    def time_zone(self) -> str:
        """Return the time zone of the store, a name of the IANA database."""

    def set_time_zone(self, name: str) -> None:
        """Set the time zone; raise BadValue for an unknown one, NotAllowed for a caller who is no admin.

        Stored days stay as they are; the zone only decides what day it is from now on.
        """

    def read(
        self,
        layer: str,
        *,
        bbox: Bbox | None = None,
        where: Where | None = None,
        at: At = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> gpd.GeoDataFrame:
        """Return rows of a layer, in EPSG:4326, sorted by key in code point order.

        Parameters
        ----------
        layer
            Name of the layer.
        bbox
            Only rows whose geometry intersects this box (degrees, WGS-84), borders included.
        where
            A parsed CQL2-JSON tree over the layer's fields; see ``geo.storage.filters.compiler``.
        at
            The day, or interval of days, that the rows must be valid at.
        after
            Only rows with a greater key: the last key of the previous page.
        limit
            Maximum number of rows.

        Returns
        -------
        frame
            All fields of the layer, validity dates included, in the order of ``geo.catalog.layers``, and ``geometry``.
            Texts and dates (ISO) have dtype ``str``, numbers ``float64``, integers ``Int64``. A geometry of one part is
            single.

        Raises
        ------
        BadValue
            The box, the page or the filter is impossible.
        UnknownName
            The filter names a property or an operator that is not allowed.
        """

    def rows(
        self,
        layer: str,
        *,
        bbox: Bbox | None = None,
        where: Where | None = None,
        at: At = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> tuple[np.ndarray, list[tuple[Any, ...]]]:
        """Return what ``read`` does as plain values; creating a frame takes longer than reading a hundred rows.

        Returns
        -------
        shapes, values
            Geometries in EPSG:4326, None where there is none; and per row the values of ``layer.names`` in that order,
            as plain texts and numbers, None where missing.
        """

    def count(self, layer: str, *, bbox: Bbox | None = None, where: Where | None = None, at: At = None) -> int:
        """Return how many rows ``read`` would return without a limit."""

    def extent(self, layer: str) -> Bbox | None:
        """Return the bounding box of all current rows in degrees, whatever their dates; None where there are none."""

    def get(self, layer: str, key: str, at: At = None) -> tuple[dict[str, Any], int]:
        """Return one feature as GeoJSON with its version, from 1; raise NotFound where none is valid at that time."""

    def current(self, layer: str, key: str) -> tuple[dict[str, Any], int]:
        """Return the row that ``put`` and ``delete`` change, with its version, whatever its dates.

        It is the one that ``get`` returns unless it begins later (a scheduled version) or has ended; raise NotFound
        where there is none.
        """

    def write(
        self, layer: str, frame: gpd.GeoDataFrame, mode: WriteMode, *, actor: str, outdated: Collection[str] = ()
    ) -> WriteCounts:
        """Write a whole frame in one transaction: all of it or nothing.

        Parameters
        ----------
        layer
            Name of the layer.
        frame
            In any known CRS; columns are fields of the layer, missing ones are null. Every row has a unique key.
        mode
            ``upsert`` replaces rows with the same key and adds the rest; ``replace`` then removes all others;
            ``append`` refuses known keys. Where rows may lack a shape, ``upsert`` of one without keeps the stored one.
        actor
            Name of the writer, for the history.
        outdated
            Keys of rows that this frame makes obsolete: they are removed in the same write; those that the frame brings
            itself, or that do not exist, are left. A mode ``append`` has none.

        Raises
        ------
        BadValue, BadGeometry, UnknownName, UnknownCrs
            A value, geometry, column or CRS cannot be stored; ``rows`` lists the faults.
        Conflict
            ``append`` was given existing keys; ``rows`` lists them.
        """

    def compare(
        self, layer: str, frame: gpd.GeoDataFrame, mode: WriteMode, *, outdated: Collection[str] = ()
    ) -> RowChanges:
        """Return what ``write`` would do with these arguments, by the same conditions, and write nothing.

        Only rows in the scope of the caller are compared; whether it may write them is for ``write`` to say.

        Raises
        ------
        BadValue, BadGeometry, UnknownName, UnknownCrs, Conflict
            As ``write``.
        """

    def put(self, layer: str, key: str, feature: Feature, *, if_version: int | None, actor: str) -> int:
        """Create or replace one feature and return its version.

        Parameters
        ----------
        if_version
            The version that the caller has read: that of ``current``, or that of ``get`` where the current row begins
            later; 0 where the feature must not exist; None for the current one, whichever it is. An edit of the version
            valid today keeps the scheduled one, unless it is to stay valid beyond that one's beginning.

        Raises
        ------
        Conflict
            The stored version is a different one.
        NotFound
            A version was given and the feature does not exist.
        BadValue, BadGeometry, UnknownName
            The feature cannot be stored.
        """

    def delete(self, layer: str, key: str, *, if_version: int | None, actor: str) -> None:
        """Delete one feature; raise NotFound where it does not exist, Conflict where its version is a different one.

        ``if_version`` as for ``put``. With the version of a scheduled row only that is cancelled: the version valid
        today stays. With any other, and with None, nothing of the feature is valid from today on.
        """

    def save_run(self, run: Run) -> None:
        """Save a run with its layers in one transaction; raise Conflict where its id exists."""

    def runs(self) -> list[Run]:
        """Return all runs, newest first, without layers and incidence.

        To a caller without a key a planner's trial does not exist until it is published, here and wherever a run is
        asked for by its id (``codec.run_rows.heads_seen``).
        """

    def run(self, run_id: str, *, layers: Sequence[str] | None = None, incidence: bool = False) -> Run:
        """Return one run by id, the ``published`` one, or the ``latest``; raise NotFound where there is none.

        The latest is the published one, but to the maker of a newer run that run (``RunsThere.chosen``).

        Parameters
        ----------
        layers
            Names of the layers to load; None for all of the run. Raises UnknownName for one that the run does not have.
        incidence
            Whether to load the incidence model.
        """

    def run_rows(self, run_id: str, layer: str) -> list[dict[str, Any]]:
        """Return the rows of one layer of a run as plain values, without geometries; creating a frame takes longer.

        Returns
        -------
        rows
            In stored order: column -> text, number or parsed JSON; None where missing.

        Raises
        ------
        NotFound, UnknownName
            As ``run``.
        """

    def published(self) -> PublishedRun:
        """Return which run is published: what the public, the page and the prints show by default.

        Until one is published it is the newest that no planner made, the newest of all where planners made all; where
        the published one was deleted, the one published before it.
        """

    def publish(self, run_id: str) -> str:
        """Publish a run and return its id; raise NotFound where there is none, NotAllowed unless by an admin."""

    def delete_run(self, run_id: str) -> None:
        """Delete a run and all its layers; raise NotFound where there is none."""

    def run_names(self) -> dict[str, RunName]:
        """Return the names that people gave to runs, by the id of the run."""

    def name_run(self, run_id: str, given: RunName) -> None:
        """Give a run a name and a note, both empty to take them away; they go with the run when it is deleted.

        Raises
        ------
        NotFound, NotAllowed, BadValue
            There is no such run, the caller is no admin, or the text is none to show.
        """

    def base_maps(self) -> list[BaseMap]:
        """Return the base maps of the user's own, by name; every caller may know of them."""

    def save_base_map(self, base: BaseMap) -> None:
        """Save a new base map; raise Conflict where its name exists, NotAllowed for a caller who is no admin."""

    def remove_base_map(self, name: str) -> None:
        """Remove the settings of a base map; raise NotFound where there is none, NotAllowed unless by an admin."""

    def epoch(self) -> str:
        """Return a text that is another one after every restore, and for every other database or file.

        Counters alone are no identity: a restored store counts on from an older number.
        """

    def state(self, layer: str, *more: str) -> str:
        """Return a text that names the state of one or several layers: epoch, revisions, times of the last changes.

        It is the same only while no layer of them changes and the store is not restored; two texts have no order.
        """

    def revision(self, layer: str, *more: str) -> int:
        """Return a number that grows with every committed change of the layer, or of any of several.

        Edits by other programs count too. It tells people how far a layer is; ``state`` tells caches whether they hold.
        """

    def transaction(self) -> AbstractContextManager[None]:
        """Run everything that this thread does within it in one transaction: all of it or nothing."""

    def snapshot(self) -> AbstractContextManager[None]:
        """Read one state of the store throughout, for this thread; a write within raises BadValue."""

    def acting(self, caller: Caller) -> Store:
        """Return this store for one caller: cheap, sharing connections; closing it does nothing.

        In server mode its transactions take the caller's role and townships (docs/contract.md section 5). In embedded
        mode the caller only sets the actor name and whose jobs are listed.
        """

    def record(self, entry: AuditEntry) -> None:
        """Add an entry to the audit, in the current transaction or a new one; no effect in embedded mode."""

    def audit(self, *, before: int | None = None, limit: int = 100) -> list[dict[str, Any]]:
        """Return audit entries, newest first, with their principal, time and request.

        Each has ``id, at, who, key, role, action, layer, feature, before, after, bbox, run, address, request, detail``.

        Raises
        ------
        NotAllowed
            The caller is not an admin.
        BadValue
            In embedded mode, which has no audit.
        """

    def save_job(self, job: Job) -> None:
        """Save a job, new or known by its id."""

    def jobs(self, *, limit: int = 100) -> list[Job]:
        """Return jobs, newest first: those of the caller, for an admin or worker all."""

    def count_open_jobs(self) -> tuple[int, int]:
        """Return how many jobs wait or run: the caller's own, and everybody's, seen by the caller or not.

        Within a transaction both hold until it ends: whoever else counts, in whatever process, waits for that. So a
        caller who counts and then saves a job in one transaction stays within a limit.
        """

    def job(self, job_id: str) -> Job:
        """Return one job; raise NotFound where it does not exist or belongs to another caller."""

    def save_job_file(self, file: JobFile) -> None:
        """Save the file that a job made, in the place of one that it has; raise NotFound where there is no such job."""

    def job_file(self, job_id: str) -> JobFile:
        """Return the file of a job; raise NotFound where it has none, or there is no such job for the caller."""

    def delete_job_file(self, job_id: str) -> None:
        """Delete the file of a job, where it has one; raise NotFound where there is no such job for the caller."""

    def delete_job_files(self, *, before: str) -> int:
        """Delete the files made before a moment (ISO 8601 in UTC), and return how many there were.

        Of those that the caller may see, in server mode.
        """

    def drafts(self) -> list[Draft]:
        """Return the drafts that the caller may see, newest first: those of whose places it may see all."""

    def draft(self, draft_id: str) -> Draft:
        """Return one draft; raise NotFound where it does not exist or the caller may not see all its places."""

    def save_draft(self, draft: Draft, *, if_version: int) -> None:
        """Save a draft with its version.

        Parameters
        ----------
        if_version
            The version that is stored; 0 for a new draft.

        Raises
        ------
        Conflict
            Another version is stored.
        NotFound
            A version is given and there is no such draft for the caller.
        NotAllowed
            A place of the draft is outside the townships of the caller.
        """

    def delete_draft(self, draft_id: str, *, if_version: int) -> None:
        """Delete a draft; raise NotFound where there is none for the caller, Conflict where its version is another."""

    def grid_drafts(self) -> list[GridDraft]:
        """Return the drafts of changes of grids that the caller may see, newest first: those of its townships."""

    def grid_draft(self, draft_id: str) -> GridDraft:
        """Return one of them; raise NotFound where it does not exist or a grid of it is of other townships."""

    def save_grid_draft(self, draft: GridDraft, *, if_version: int) -> None:
        """Save a draft of changes of grids with its version; the arguments and errors are those of ``save_draft``.

        Raises
        ------
        NotAllowed
            Also where the caller is no admin and the draft is, or shall be, approved. None is ever deleted.
        """

    def enders(self, layer: str, key: str) -> list[VersionEnd]:
        """Return when and by whom each past version of a row was ended, the earliest first; empty where it has none.

        The next version is of the same time and actor, if the row was not deleted.
        """

    def versions(self, layer: str) -> LayerHistory:
        """Return all of a layer as stored, with its history: what ``db move`` transfers."""

    def restore(self, layer: str, versions: LayerHistory) -> None:
        """Fill an empty layer with the result of ``versions``, bit-identical; raise Conflict where it is not empty."""

    def stored_run(self, run_id: str) -> StoredRun:
        """Return a run as stored, what ``db move`` transfers; raise NotFound where there is none."""

    def restore_run(self, stored: StoredRun) -> None:
        """Save the result of ``stored_run``, bit-identical; raise Conflict where the id exists."""

    def close(self) -> None:
        """Close the store; idempotent."""
