"""Cache gazetteers by day; rebuild large ones in a background thread."""

from __future__ import annotations

import gc
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

from geo.errors import GeoError
from geo.places.gazetteer import Gazetteer
from geo.storage.protocol import Store
from geo.storage.records import Caller
from geo.studies.locate_positions import gazetteer_of, revision, today

_log = logging.getLogger("gridsight")
_MAX_DAYS = 4
#: The caller that indexes: reference layers only, whoever sends the request (docs/contract.md section 5).
_INDEX_CALLER = Caller("places", "viewer", ())
#: An index that took longer than this to build is rebuilt in the background; requests use the old one meanwhile.
SLOW_SECONDS = 1.0
#: In server mode a revision is reused for this long: reading it costs as much as the rest of a response. In embedded
#: mode it is read for every request.
SERVER_REVISION_SECONDS = 0.1


class GazetteerCache:
    """Gazetteers of a store for the last few days requested, current with its revision.

    A small index is rebuilt by the first request after a change. One of a million addresses takes some seventeen
    seconds: it is rebuilt in a thread, and requests use the old one meanwhile. Each response states its revision.

    Parameters
    ----------
    store
        Where divisions, grids and addresses are.
    revision_ttl
        For how many seconds a revision is reused before it is read again.
    """

    def __init__(self, store: Store, *, revision_ttl: float = 0.0) -> None:
        self._opened = store
        self._revision_ttl = revision_ttl
        self._revision, self._expires = 0, -1.0
        self._reading_revision = threading.Lock()
        self._revision_reader = ThreadPoolExecutor(1, "gazetteer")
        self._lock = threading.Lock()
        self._gazetteers: dict[date | None, Gazetteer] = {}
        self._rebuilding: set[date | None] = set()

    @property
    def _store(self) -> Store:
        return self._opened.acting(_INDEX_CALLER)

    def get(self, at: date | None) -> Gazetteer:
        """Return the gazetteer of a day, rebuilt where the store has changed or today has become yesterday."""
        now = self._current_revision()
        found = self._gazetteers.get(at)
        if found is not None and found.revision == now and not _is_past(found, at):
            return found
        if found is not None and found.seconds > SLOW_SECONDS and not _is_past(found, at):
            self._rebuild_in_background(at)
            return found
        with self._lock:
            found = self._gazetteers.get(at)
            if found is None or found.revision != now or _is_past(found, at):
                found = self._put(at, gazetteer_of(self._store, at))
            return found

    def get_cached(self, at: date | None) -> Gazetteer | None:
        """Return the gazetteer of a day where neither reading the store nor building is needed, None otherwise.

        The revision is read again in the background after half of ``revision_ttl``. Where the store does not answer,
        the revision expires and the next request gets the error.
        """
        left = self._expires - time.monotonic()
        found = self._gazetteers.get(at)
        if left <= 0 or found is None or not found.seconds or found.revision != self._revision or _is_past(found, at):
            return None
        if left < self._revision_ttl / 2 and self._reading_revision.acquire(blocking=False):
            self._revision_reader.submit(self._read_revision_in_background)
        return found

    def close(self) -> None:
        """Stop reading the store."""
        self._revision_reader.shutdown(wait=True, cancel_futures=True)

    def _current_revision(self) -> int:
        """Return the revision of the store, at most ``revision_ttl`` seconds old."""
        if time.monotonic() >= self._expires:
            self._read_revision()
        return self._revision

    def _read_revision(self) -> None:
        begun = time.monotonic()
        self._revision = revision(self._store)
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

    def _rebuild_in_background(self, at: date | None) -> None:
        with self._lock:
            if at in self._rebuilding:
                return
            self._rebuilding.add(at)
        threading.Thread(target=self._rebuild, args=(at,), name="gazetteer", daemon=True).start()

    def _rebuild(self, at: date | None) -> None:
        try:
            built = gazetteer_of(self._store, at)
            _ = built.book  # the slow part, before it is published
            # Freeze the objects: a full garbage collection over a million addresses would block requests.
            gc.collect()
            gc.freeze()
            with self._lock:
                self._put(at, built)
        except GeoError as error:  # the next request tries again
            _log.warning("gazetteer not rebuilt: %s", error)
        finally:
            with self._lock:
                self._rebuilding.discard(at)


def _is_past(found: Gazetteer, at: date | None) -> bool:
    """Return whether a gazetteer of today was built before today."""
    return at is None and found.at != today()
