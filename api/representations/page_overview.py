"""Count each layer of a run for the page's first view, and read what it needs before anybody asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api.jobs.lifecycle import worker_caller
from api.representations import page_rows
from api.representations.json_text import dumps
from api.roles import allows
from api.security.authorization import scope_key
from api.tiles.drawn import layer_for, zone_layers
from geo.storage.codec.run_rows import LATEST, PUBLISHED
from geo.storage.protocol import Store
from geo.storage.records import LOCAL, Caller
from geo.types import Run

#: Rows of a layer from which layers are read when the service starts: fewer take no time.
_MANY = 2_000


def overview_mark(store: Store, caller: Caller, run: Run) -> tuple[str, ...]:
    """Return all that the overview depends on: what its ETag and its kept form are named by."""
    return store.name, store.epoch(), run.id, "overview", scope_key(caller), store.state("cameras", "divisions")


def overview_of(state: Any, store: Store, caller: Caller, run: Run) -> bytes:
    """Return as JSON how many rows each layer has, where they lie and how many are of each class; kept."""

    def make() -> bytes:
        names = _names(store, caller, run)
        layers = {one: page_rows.summary_of(one, layer_for(state, store, caller, run, one)) for one in names}
        return dumps({"run": run.id, "layers": layers})

    body: bytes = state.drawn_layers.kept(overview_mark(store, caller, run), make)
    return body


def prepare(state: Any, is_closed: Callable[[], bool]) -> None:
    """Read the layers of the first view where they are large, each in a transaction of its own.

    At a desk that is all of the page of who sits there; of a server, whose readers see different parts, the zones.
    """
    is_desk = state.tiles is None
    caller = LOCAL if is_desk else worker_caller("page")
    store = state.store.acting(caller)
    with store.snapshot():
        run = store.run(LATEST if is_desk else PUBLISHED, layers=[])
        names = _names(store, caller, run) if is_desk else zone_layers(store, run)
    counts = run.summary.get("layers", {})
    if max((int(counts.get("views" if one == "cameras" else one) or 0) for one in names), default=0) < _MANY:
        return
    for name in names:
        if is_closed():
            return
        with store.snapshot():
            layer_for(state, store, caller, run, name)
    if is_desk:
        with store.snapshot():
            overview_of(state, store, caller, run)


def _names(store: Store, caller: Caller, run: Run) -> list[str]:
    names = zone_layers(store, run)
    if allows(caller, "planner"):
        names += [one for one in ("gaps",) if one in run.summary.get("layers", {})] + ["cameras"]
    return names
