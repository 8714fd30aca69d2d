"""Cache gazetteers by day and state of the store; rebuild large ones in a background thread."""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from geo.errors import GeoError, StoreBusy
from geo.places.address.book_file import LEAST_KEPT
from geo.places.gazetteer import Gazetteer
from geo.storage.protocol import Store
from geo.storage.records import Caller
from geo.studies.locate_positions import gazetteer_of, state

_log = logging.getLogger("gridsight")
_MAX_DAYS = 4
#: The caller that indexes: reference layers only, whoever sends the request (docs/contract.md section 5).
_INDEX_CALLER = Caller("places", "viewer", ())
#: An index that took longer than this to build is rebuilt in the background; requests use the old one meanwhile.
SLOW_SECONDS = 1.0
#: So long a request waits for an index of addresses in the making, before it is told to come again.
PATIENCE_SECONDS = 5.0
#: So long the layers of the first page are waited for, before addresses are indexed beside them.
_LAYERS_SECONDS = 10.0
#: So long a service that ends waits for an index in the making.
_CLOSING_SECONDS = 5.0
#: In server mode a state is reused for this long: reading it costs as much as the rest of a response. In embedded
#: mode it is read for every request.
SERVER_REVISION_SECONDS = 0.1


@dataclass(frozen=True)
class _Current:
    """What the store was when it was last asked: its day, and the state of the layers, which names their revisions."""

    day: date
    state: str

    def is_met_by(self, found: Gazetteer | None, at: date | None) -> bool:
        """Return whether a gazetteer is of this state and, of today, of this day."""
        return found is not None and found.state == self.state and self.has_day_of(found, at)

    def has_day_of(self, found: Gazetteer, at: date | None) -> bool:
        """Return whether a gazetteer is of the day asked for: one of today may have been built yesterday."""
        return at is not None or found.at == self.day

    def is_of_the_same_database_as(self, found: Gazetteer) -> bool:
        """Return whether no restore lies between a gazetteer and this: the epoch begins the state."""
        return found.state.partition(".")[0] == self.state.partition(".")[0]


class _Indexing:
    """The addresses of a gazetteer, being indexed in a thread; requests wait for it, but not for long."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self.error: Exception | None = None
        self._begun = time.monotonic()
        self.thread = threading.Thread(target=self._run, name="gazetteer", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.gazetteer.book  # noqa: B018 (made on first use)
        except Exception as error:  # noqa: BLE001 (raised again for those who wait)
            self.error = error

    def wait(self) -> None:
        """Return when the addresses are indexed; raise StoreBusy where that takes longer than a request may."""
        self.thread.join(max(self._begun + PATIENCE_SECONDS - time.monotonic(), 0.0))
        if self.thread.is_alive():
            raise StoreBusy("地址索引正在建立，请稍后再查", "the addresses are being indexed; ask again in a moment")
        if self.error is not None:
            raise self.error


class GazetteerCache:
    """Gazetteers of a store for the last few days requested, current with its state.

    A small index is rebuilt by the first request after a change. One of a million addresses takes some seventeen
    seconds: it is rebuilt in a thread, and requests use the old one meanwhile. Each response states its revision.
    After a restore beneath a running service no request uses the index of the database that was lost.

    Parameters
    ----------
    store
        Where divisions, grids and addresses are.
    revision_ttl
        For how many seconds a state is reused before it is read again.
    index_folder
        Where indexes of very many addresses are kept for the next start; None: nowhere.
    """

    def __init__(self, store: Store, *, revision_ttl: float = 0.0, index_folder: Path | None = None) -> None:
        self._opened = store
        self._index_folder = index_folder
        self._is_closed = False
        self._preparing: threading.Thread | None = None
        self._revision_ttl = revision_ttl
        self._current, self._expires = _Current(date.min, ""), -1.0
        self._reading_revision = threading.Lock()
        self._revision_reader = ThreadPoolExecutor(1, "gazetteer")
        self._lock = threading.Lock()
        self._gazetteers: dict[date | None, Gazetteer] = {}
        self._rebuilding: set[date | None] = set()
        self._indexing: dict[date | None, _Indexing] = {}

    @property
    def _store(self) -> Store:
        return self._opened.acting(_INDEX_CALLER)

    def get(self, at: date | None) -> Gazetteer:
        """Return the gazetteer of a day, rebuilt where the store has changed or today has become yesterday."""
        now = self._current_state()
        found = self._gazetteers.get(at)
        if found is not None and now.is_met_by(found, at):
            return found
        if (
            found is not None
            and found.seconds > SLOW_SECONDS
            and now.has_day_of(found, at)
            and now.is_of_the_same_database_as(found)
        ):
            self._rebuild_in_background(at)
            return found
        with self._lock:
            found = self._gazetteers.get(at)
            if found is None or not now.is_met_by(found, at):
                found = self._put(at, gazetteer_of(self._store, at, index_folder=self._index_folder))
            return found

    def get_with_addresses(self, at: date | None) -> Gazetteer:
        """Return the gazetteer of a day with its addresses indexed.

        Raises
        ------
        StoreBusy
            Where a large index is still being made: points are answered meanwhile.
        """
        found = self.get(at)
        if found.seconds:
            return found
        with self._lock:
            indexing = self._indexing.get(at)
            if indexing is None or indexing.gazetteer is not found or indexing.error is not None:
                indexing = self._indexing[at] = _Indexing(found)
        indexing.wait()
        self._indexing.pop(at, None)
        return found

    def get_cached(self, at: date | None) -> Gazetteer | None:
        """Return the gazetteer of a day where neither reading the store nor building is needed, None otherwise.

        The state is read again in the background after half of ``revision_ttl``. Where the store does not answer,
        it expires and the next request gets the error.
        """
        left = self._expires - time.monotonic()
        found = self._gazetteers.get(at)
        if left <= 0 or found is None or not found.seconds or not self._current.is_met_by(found, at):
            return None
        if left < self._revision_ttl / 2 and self._reading_revision.acquire(blocking=False):
            self._revision_reader.submit(self._read_revision_in_background)
        return found

    def prepare(self, *, after: Callable[[float], None] | None = None) -> None:
        """Index today's addresses in the background where there are many, for the first request not to wait for it.

        ``after`` waits so many seconds at most for what is to be done before: two that compute take turns.
        """
        self._preparing = threading.Thread(target=self._prepare, args=(after,), name="gazetteer", daemon=True)
        self._preparing.start()

    @property
    def is_indexing(self) -> bool:
        """Return whether the addresses are being indexed for the first time, so that questions for one wait."""
        working = [self._preparing, *(one.thread for one in [*self._indexing.values()])]
        return any(thread is not None and thread.is_alive() for thread in working)

    def close(self) -> None:
        """Stop reading the store."""
        self._is_closed = True
        working = [one.thread for one in [*self._indexing.values()]]
        for thread in (self._preparing, *working):
            if thread is not None:  # it holds a connection of a pool that closes next
                thread.join(_CLOSING_SECONDS)
        self._revision_reader.shutdown(wait=True, cancel_futures=True)

    def _current_state(self) -> _Current:
        """Return the state of the store, at most ``revision_ttl`` seconds old."""
        if time.monotonic() >= self._expires:
            self._read_revision()
        return self._current

    def _read_revision(self) -> None:
        begun, store = time.monotonic(), self._store
        with store.snapshot():
            self._current = _Current(store.today(), state(store))
        self._expires = begun + self._revision_ttl

    def _read_revision_in_background(self) -> None:
        try:
            self._read_revision()
        except GeoError as error:
            _log.info("gazetteer revision not read: %s", error)
        finally:
            self._reading_revision.release()

    def _put(self, at: date | None, built: Gazetteer) -> Gazetteer:
        self._gazetteers.pop(at, None)
        while len(self._gazetteers) >= _MAX_DAYS:
            self._gazetteers.pop(next(iter(self._gazetteers)))
        self._gazetteers[at] = built
        return built

    def _prepare(self, after: Callable[[float], None] | None) -> None:
        if after is not None:
            after(_LAYERS_SECONDS)
        try:
            if self._store.count("addresses") < LEAST_KEPT:
                return
            found = self.get(None)
            found.prepare()  # the slow parts: the book, what is suggested of it, and the roads
            if found.seconds > SLOW_SECONDS:
                _freeze()
        except Exception as error:  # noqa: BLE001 (a thread of its own: what it raised nobody would catch)
            # A store that does not answer yet is asked again by the first request, which says why it fails.
            level = logging.INFO if isinstance(error, GeoError) or self._is_closed else logging.WARNING
            _log.log(level, "gazetteer not prepared: %s", type(error).__name__)

    def _rebuild_in_background(self, at: date | None) -> None:
        with self._lock:
            if at in self._rebuilding:
                return
            self._rebuilding.add(at)
        threading.Thread(target=self._rebuild, args=(at,), name="gazetteer", daemon=True).start()

    def _rebuild(self, at: date | None) -> None:
        try:
            built = gazetteer_of(self._store, at, index_folder=self._index_folder)
            built.prepare()  # the slow parts, before it is published
            _freeze()
            with self._lock:
                self._put(at, built)
        except GeoError as error:  # the next request tries again
            _log.warning("gazetteer not rebuilt: %s", error)
        finally:
            with self._lock:
                self._rebuilding.discard(at)


def _freeze() -> None:
    """Freeze all objects: a full garbage collection over a million addresses would block requests."""
    gc.collect()
    gc.freeze()
