"""Keep the places of a store indexed until they change, without making anybody wait for a large index."""

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
_MOST_DAYS = 4
#: As whom places are indexed: reference layers only, whoever asks later (CONTRACT section 5).
_INDEXER = Caller("places", "viewer", ())
#: An index that took longer than this is renewed beside the requests, which get the one before meanwhile.
SLOW_SECONDS = 1.0
#: How long an office takes its store to be as it was a moment ago: asking costs as much as all the rest of an answer.
#: A desk is asked every time, as its one person sees at once what is not yet there.
OFFICE_SECONDS = 0.1


class Places:
    """Keep the places of a store indexed until it changes; a few days at a time.

    A small index is renewed at once by the first request after a change. One of a million addresses takes some
    seventeen seconds: it is renewed in a thread, and answers come from the one before until it is there. Each answer
    names the revision that it is right for.

    Parameters
    ----------
    store
        Where the places are.
    trusted
        For how many seconds a revision once read is taken to be the store's.
    """

    def __init__(self, store: Store, *, trusted: float = 0.0) -> None:
        self._open = store
        self._trusted = trusted
        self._revision, self._until = 0, -1.0
        self._asking = threading.Lock()
        self._asker = ThreadPoolExecutor(1, "places")
        self._lock = threading.Lock()
        self._kept: dict[date | None, Gazetteer] = {}
        self._renewing: set[date | None] = set()

    @property
    def _store(self) -> Store:
        return self._open.acting(_INDEXER)

    def on(self, at: date | None) -> Gazetteer:
        """Return the places of a day, read anew where the store has changed or today has become yesterday."""
        now = self._now()
        found = self._kept.get(at)
        if found is not None and found.revision == now and not _is_past(found, at):
            return found
        if found is not None and found.seconds > SLOW_SECONDS and not _is_past(found, at):
            self._renew_beside(at)
            return found
        with self._lock:
            found = self._kept.get(at)
            if found is None or found.revision != now or _is_past(found, at):
                found = self._keep(at, gazetteer_of(self._store, at))
            return found

    def at_hand(self, at: date | None) -> Gazetteer | None:
        """Return the places of a day where they need neither the store nor any building, None otherwise.

        The store is asked again halfway through the time that it is trusted for, beside the requests; where it does not
        answer, that time runs out and the next request finds out why.
        """
        left = self._until - time.monotonic()
        found = self._kept.get(at)
        if left <= 0 or found is None or not found.seconds or found.revision != self._revision or _is_past(found, at):
            return None
        if left < self._trusted / 2 and self._asking.acquire(blocking=False):
            self._asker.submit(self._ask_beside)
        return found

    def close(self) -> None:
        """Ask the store nothing more."""
        self._asker.shutdown(wait=True, cancel_futures=True)

    def _now(self) -> int:
        """Return the revision of the store, or that of a moment ago."""
        if time.monotonic() >= self._until:
            self._ask()
        return self._revision

    def _ask(self) -> None:
        begun = time.monotonic()
        self._revision = revision(self._store)
        self._until = begun + self._trusted

    def _ask_beside(self) -> None:
        try:
            self._ask()
        except GeoError as error:
            _log.info("places not asked for: %s", error)
        finally:
            self._asking.release()

    def _keep(self, at: date | None, made: Gazetteer) -> Gazetteer:
        self._kept.pop(at, None)
        while len(self._kept) >= _MOST_DAYS:
            self._kept.pop(next(iter(self._kept)))
        self._kept[at] = made
        return made

    def _renew_beside(self, at: date | None) -> None:
        with self._lock:
            if at in self._renewing:
                return
            self._renewing.add(at)
        threading.Thread(target=self._renew, args=(at,), name="places", daemon=True).start()

    def _renew(self, at: date | None) -> None:
        try:
            made = gazetteer_of(self._store, at)
            _ = made.book  # the slow part, before anybody gets it
            # A million addresses are a million objects that a full collection would walk, requests waiting.
            gc.collect()
            gc.freeze()
            with self._lock:
                self._keep(at, made)
        except GeoError as error:  # the database is away: the next request asks again
            _log.warning("places not renewed: %s", error)
        finally:
            with self._lock:
                self._renewing.discard(at)


def _is_past(found: Gazetteer, at: date | None) -> bool:
    """Tell whether an index of today is one of yesterday by now."""
    return at is None and found.at != today()
