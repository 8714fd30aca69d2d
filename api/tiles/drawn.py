"""Keep the layers that the page shows of runs ready for tiles, lists and search, each as its reader may see it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from api.security.authorization import require, require_layer, scope_key
from geo.catalog.layers import LAYERS, SCOPED
from geo.catalog.results import SCOPED_RUN_LAYERS, is_zone_layer, run_table, zone_layers_among
from geo.errors import NotFound, UnknownName
from geo.storage.protocol import Store
from geo.storage.records import Caller
from geo.studies.stored_runs import data_day, zone_layers_of
from geo.studies.usable_rows import still_there
from geo.types import Run
from maps.tiles.drawn_tiles import DrawnLayer, drawn_layer

_T = TypeVar("_T")
#: Bytes of layers that a process keeps, about.
_MAX_BYTES = 256_000_000
_CLOSING_SECONDS = 20.0


class DrawnLayers:
    """The last layers that pages showed; what is asked for by several requests at once is read once."""

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, ...], Any] = OrderedDict()
        self._making: dict[tuple[str, ...], threading.Lock] = {}
        self._preparing: threading.Thread | None = None
        self._is_closed = False

    def prepare(self, read: Callable[[Callable[[], bool]], None]) -> None:
        """Read layers in the background for the first page not to wait; ``read`` is told whether this is closed."""

        def work() -> None:
            with suppress(Exception):  # the request that needs them says what fails
                read(lambda: self._is_closed)

        self._preparing = threading.Thread(target=work, name="page layers", daemon=True)
        self._preparing.start()

    def wait(self, seconds: float) -> None:
        """Return once what ``prepare`` reads is read, or so many seconds later."""
        if self._preparing is not None:
            self._preparing.join(seconds)

    def close(self) -> None:
        """Stop reading the store."""
        self._is_closed = True
        self.wait(_CLOSING_SECONDS)  # it holds a connection of a pool that closes next

    def kept(self, key: tuple[str, ...], make: Callable[[], _T]) -> _T:
        """Return what is kept under a key, made now where nothing is."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
            made = make()
            with self._lock:
                self._kept[key] = made
                self._making.pop(key, None)
                while len(self._kept) > 1 and sum(map(_weight, self._kept.values())) > self._max_bytes:
                    self._kept.popitem(last=False)
        return made


def _mark(store: Store, run: Run, name: str) -> tuple[str, ...]:
    """Return what names a layer of a run; a run never changes, but a restored store may have another of its id."""
    return store.name, store.epoch(), run.id, name


def _layer_read(store: Store, run: str, name: str) -> DrawnLayer:
    return drawn_layer(store.run(run, layers=[name]).layers[name])


def _weight(kept: Any) -> int:
    return kept.bytes if isinstance(kept, DrawnLayer) else 100_000


def state_of(store: Store, caller: Caller, run: Run, name: str) -> tuple[str, ...]:
    """Return all that the rows of a layer depend on: what its ETags and cached forms are named by.

    Raises
    ------
    NotSignedIn, NotAllowed
        The caller may not read the layer.
    NotFound
        There is no such layer.
    """
    mark = _mark(store, run, name)
    if is_zone_layer(name):
        require(caller, "public")
        return mark
    if run_table(name) is not None:
        require(caller, "planner" if name in SCOPED_RUN_LAYERS else "viewer")
        # The township of a view depends on cameras and divisions, which change.
        return (*mark, scope_key(caller), store.state("cameras", "divisions"))
    if name not in LAYERS or not LAYERS[name].is_placed:
        raise NotFound(f"没有图层 {name[:40]}", f"there is no layer {name[:40]}")
    require_layer(caller, name)
    return (*mark, scope_key(caller) if name in SCOPED else "", store.state(name, "divisions"), _day_text(store, run))


def _day_text(store: Store, run: Run) -> str:
    return data_day(store, run).isoformat()


def layer_for(state: Any, store: Store, caller: Caller, run: Run, name: str) -> DrawnLayer:
    """Return a layer of a run, or a stored layer as it was on the day of the run's data, as a caller may see it."""
    key = state_of(store, caller, run, name)

    def read() -> DrawnLayer:
        if run_table(name) is None:
            frame = store.read(name, at=data_day(store, run))
            return drawn_layer(still_there(frame) if name == "cameras" else frame)
        try:
            return _layer_read(store, run.id, name)
        except UnknownName:
            raise NotFound(f"该批次没有图层 {name[:40]}", f"the run has no layer {name[:40]}") from None

    return state.drawn_layers.kept(key, read)


def zone_layers(store: Store, run: Run) -> list[str]:
    """Return the zone layers of a run, ``all`` left out."""
    return [name for name in zone_layers_among(zone_layers_of(store, run.id)) if name != "all"]
