"""Say what a store can do; one contract test suite holds every store to it (CONTRACT section 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, Literal, Protocol

import geopandas as gpd
import numpy as np

from geo.storage.records import Caller, Deed, Job, StoredRun, Versions, WriteCounts
from geo.types import Run

#: west, south, east, north in degrees (WGS-84); west > east means that the box crosses the antimeridian.
Bbox = tuple[float, float, float, float]

#: None is today; a date is that day; a pair is an interval with both ends in it, None being open on that side.
At = date | tuple[date | None, date | None] | None

Mode = Literal["upsert", "replace", "append"]

#: A GeoJSON Feature in EPSG:4326 as plain dicts and lists.
Feature = Mapping[str, Any]

#: A parsed CQL2-JSON expression, never text.
Where = Mapping[str, Any]


class Store(Protocol):
    """Keep layers with their history, and runs.

    Every method raises UnknownName for a layer that does not exist, StoreBusy when another writer holds the store
    longer than the store waits, and StoreBroken when the store is damaged. All methods may be called from any thread.

    Validity. A row is valid on day D when ``coalesce(valid_from, '0001-01-01') <= D < coalesce(valid_to,
    '9999-12-31')``. Of one key the newest version valid at D is the answer, the current row being newer than any in
    history. An update that does not set ``valid_from`` (leaves it as it was, or gives null) sets it to that day and
    closes the version moved to history on that day; a delete does the latter. Three corners that follow from it:
    a closing date already earlier stays; a row that begins after that day, or ends on or before it, keeps its
    ``valid_from`` (the update corrects the future or the past, it starts nothing today); and a key that comes back
    after a delete, without ``valid_from``, begins on that day, so that the past keeps its answers.
    """

    @property
    def name(self) -> str:
        """Return how the store is shown to people: a path, or a URL without its password."""

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
            Only rows whose shape meets this box (degrees, WGS-84), borders included.
        where
            A parsed CQL2-JSON tree over the layer's fields; see ``geo.storage.filters.compiler``.
        at
            The day, or interval of days, that the rows must be valid at.
        after
            Only rows with a greater key: the last key of the page before.
        limit
            At most so many rows.

        Returns
        -------
        frame
            All fields of the layer, validity dates included, in the order of ``geo.catalog.layers``, and ``geometry``.
            Texts and dates (ISO) have dtype ``str``, numbers ``float64``, integers ``Int64``. A shape of one part is
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
        """Return what ``read`` does without making a frame, which costs more than a page of a hundred rows does.

        Returns
        -------
        shapes, values
            Shapes in EPSG:4326, None where there is none; and of each row the values of ``layer.names`` in that order,
            as plain texts and numbers, None where missing.
        """

    def count(self, layer: str, *, bbox: Bbox | None = None, where: Where | None = None, at: At = None) -> int:
        """Return how many rows ``read`` would return without a limit."""

    def extent(self, layer: str) -> Bbox | None:
        """Return the box of all current shapes in degrees, whatever their dates; None where there are none."""

    def get(self, layer: str, key: str, at: At = None) -> tuple[dict[str, Any], int]:
        """Return one feature as GeoJSON with its version, from 1; raise NotFound where none is valid then."""

    def write(self, layer: str, frame: gpd.GeoDataFrame, mode: Mode, *, actor: str) -> WriteCounts:
        """Write a whole frame in one transaction: all of it or nothing.

        Parameters
        ----------
        layer
            Name of the layer.
        frame
            In any known CRS; columns are fields of the layer, missing ones are null. The key must be there, once each.
        mode
            ``upsert`` replaces rows with the same key and adds the rest; ``replace`` then removes all others;
            ``append`` refuses known keys.
        actor
            Who writes, for the history.

        Raises
        ------
        BadValue, BadGeometry, UnknownName, UnknownCrs
            A value, shape, column or CRS cannot be stored; ``rows`` names them.
        Conflict
            ``append`` met known keys; ``rows`` names them.
        """

    def put(self, layer: str, key: str, feature: Feature, *, if_version: int | None, actor: str) -> int:
        """Create or replace one feature and return its version.

        Parameters
        ----------
        if_version
            The version the caller has seen; 0 when the feature must not exist yet; None for any.

        Raises
        ------
        Conflict
            The stored version is another one.
        NotFound
            A version was named and the feature is gone.
        BadValue, BadGeometry, UnknownName
            The feature cannot be stored.
        """

    def delete(self, layer: str, key: str, *, if_version: int | None, actor: str) -> None:
        """Delete one feature; raise NotFound where it is not there, Conflict where its version is another one."""

    def save_run(self, run: Run) -> None:
        """Save a run with its layers in one transaction; raise Conflict where its id is taken."""

    def runs(self) -> list[Run]:
        """Return all runs, newest first, without layers and incidence."""

    def run(self, run_id: str, *, layers: Sequence[str] | None = None, incidence: bool = False) -> Run:
        """Return one run by id, or the ``latest``; raise NotFound where there is none.

        Parameters
        ----------
        layers
            Names of the layers wanted; None for all that the run has. A name that it has not is UnknownName.
        incidence
            Whether to load the incidence model too.
        """

    def delete_run(self, run_id: str) -> None:
        """Delete a run and all its layers; raise NotFound where there is none."""

    def revision(self, layer: str, *more: str) -> int:
        """Return a number that grows with every committed change of the layer, or of any of several.

        Edits by other programs count too.
        """

    def transaction(self) -> AbstractContextManager[None]:
        """Make everything this thread does within one transaction: all of it or nothing."""

    def snapshot(self) -> AbstractContextManager[None]:
        """Let everything this thread reads within see one state of the store; a write within raises BadValue."""

    def acting(self, caller: Caller) -> Store:
        """Return this store as one caller may use it: cheap, sharing connections; closing it does nothing.

        On a server every transaction of it takes the caller's role and townships (CONTRACT section 5). A desk has one
        person: there a caller only names the actor.
        """

    def record(self, deed: Deed) -> None:
        """Add a deed to the audit, in the transaction under way or one of its own; a desk keeps none."""

    def audit(self, *, before: int | None = None, limit: int = 100) -> list[dict[str, Any]]:
        """Return deeds, newest first; raise NotAllowed for any caller but an admin, BadValue at a desk.

        Each has ``id, at, who, key, role, action, layer, feature, before, after, bbox, run, address, request, detail``.
        """

    def save_job(self, job: Job) -> None:
        """Save a job, new or known by its id."""

    def jobs(self, *, limit: int = 100) -> list[Job]:
        """Return jobs, newest first: a planner's and viewer's own, for an admin or worker all."""

    def job(self, job_id: str) -> Job:
        """Return one job; raise NotFound where there is none, or it is another's."""

    def versions(self, layer: str) -> Versions:
        """Return all of a layer, history included, as it is stored: what ``db move`` carries."""

    def restore(self, layer: str, versions: Versions) -> None:
        """Fill an empty layer with what ``versions`` gave, bit for bit; raise Conflict where it is not empty."""

    def stored_run(self, run_id: str) -> StoredRun:
        """Return a run as it is stored, what ``db move`` carries; raise NotFound where there is none."""

    def restore_run(self, stored: StoredRun) -> None:
        """Save what ``stored_run`` gave, bit for bit; raise Conflict where the id is taken."""

    def close(self) -> None:
        """Let go of the store; closing twice is harmless."""
