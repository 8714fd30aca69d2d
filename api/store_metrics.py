"""Measure the store when Prometheus asks: whether it answers, its connections, its jobs; and say what was built."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from api import __version__
from geo.catalog.layers import LAYERS
from geo.errors import GeoError
from geo.storage.protocol import Store
from geo.storage.records import Caller

#: Sees the jobs of all callers.
_WATCHER = Caller("metrics", "worker", None)
#: How many of the newest jobs are counted; those that wait or run are among them (GRIDSIGHT_JOBS_WAITING is below).
_MOST_JOBS = 1000
_STATUSES = ("accepted", "running", "successful", "failed", "dismissed")


class StoreGauges(Collector):
    """Read the gauges of an application's store at each scrape.

    A store that is out of reach is a figure and no failure: that is when the figures are wanted.
    """

    def __init__(self, state: Any) -> None:
        self._state = state

    def describe(self) -> list[Any]:
        """Return nothing, so that registering does not ask the store."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give all gauges."""
        build = GaugeMetricFamily(
            "gridsight_build_info", "Version, always 1.", labels=("version", "python", "store")
        )  # fmt: skip
        store: Store = self._state.store
        kind = "server" if store.name.startswith("postgres") else "desk"
        build.add_metric((__version__, platform.python_version(), kind), 1)
        yield build
        yield from self._connections(store)
        try:
            found = list(_asked(store.acting(_WATCHER)))
        except GeoError:
            found = []
        yield GaugeMetricFamily("gridsight_store_up", "Whether the store answers, 1 or 0.", value=float(bool(found)))
        yield from found

    def _connections(self, store: Store) -> Iterator[GaugeMetricFamily]:
        pools = {}
        connections = getattr(store, "connections", None)  # a desk has none
        if connections is not None:
            pools["requests"] = connections()
        tiles = getattr(getattr(self._state, "tiles", None), "connections", None)
        if tiles is not None:
            pools["tiles"] = tiles()
        in_use = GaugeMetricFamily("gridsight_pool_in_use", "Database connections lent out.", labels=("pool",))
        size = GaugeMetricFamily("gridsight_pool_size", "Database connections allowed.", labels=("pool",))
        for name, (lent, most) in pools.items():
            in_use.add_metric((name,), lent)
            size.add_metric((name,), most)
        if pools:
            yield in_use
            yield size


def watch(registry: CollectorRegistry, state: Any) -> None:
    """Let a registry ask an application's state at each scrape."""
    registry.register(StoreGauges(state))


def _asked(store: Store) -> Iterator[GaugeMetricFamily]:
    counted = Counter(job.status for job in store.jobs(limit=_MOST_JOBS))
    jobs = GaugeMetricFamily(
        "gridsight_jobs", f"Jobs by status, of the newest {_MOST_JOBS}.", labels=("status",)
    )  # fmt: skip
    for status in _STATUSES:
        jobs.add_metric((status,), counted[status])
    yield jobs
    revisions = GaugeMetricFamily(
        "gridsight_layer_revision", "Grows with every change of a layer.", labels=("layer",)
    )  # fmt: skip
    for name in LAYERS:
        revisions.add_metric((name,), store.revision(name))
    yield revisions
