"""Gauges of the store, read at each scrape of Prometheus: availability, connections, jobs, layers, build."""

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

#: The caller that sees the jobs of all callers.
_METRICS_CALLER = Caller("metrics", "worker", None)
#: How many of the newest jobs are counted; includes all open ones (GRIDSIGHT_JOBS_WAITING is smaller).
_MAX_JOBS = 1000
_STATUSES = ("accepted", "running", "successful", "failed", "dismissed")


class StoreGauges(Collector):
    """Gauges of an application's store, read at each scrape.

    An unreachable store is reported as a metric, not as an error.
    """

    def __init__(self, state: Any) -> None:
        self._state = state

    def describe(self) -> list[Any]:
        """Return nothing, so that registration does not read the store."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield all gauges."""
        build = GaugeMetricFamily(
            "gridsight_build_info", "Version, always 1.", labels=("version", "python", "store")
        )  # fmt: skip
        store: Store = self._state.store
        kind = "server" if store.name.startswith("postgres") else "embedded"
        build.add_metric((__version__, platform.python_version(), kind), 1)
        yield build
        yield from self._connections(store)
        try:
            found = list(_job_and_layer_gauges(store.acting(_METRICS_CALLER)))
        except GeoError:
            found = []
        yield GaugeMetricFamily("gridsight_store_up", "Whether the store answers, 1 or 0.", value=float(bool(found)))
        yield from found

    def _connections(self, store: Store) -> Iterator[GaugeMetricFamily]:
        pools = {}
        connections = getattr(store, "connections", None)  # not in embedded mode
        if connections is not None:
            pools["requests"] = connections()
        tiles = getattr(getattr(self._state, "tiles", None), "connections", None)
        if tiles is not None:
            pools["tiles"] = tiles()
        in_use = GaugeMetricFamily("gridsight_pool_in_use", "Database connections lent out.", labels=("pool",))
        size = GaugeMetricFamily("gridsight_pool_size", "Database connections allowed.", labels=("pool",))
        for name, (used, most) in pools.items():
            in_use.add_metric((name,), used)
            size.add_metric((name,), most)
        if pools:
            yield in_use
            yield size


def register_store_gauges(registry: CollectorRegistry, state: Any) -> None:
    """Register the gauges of an application's store."""
    registry.register(StoreGauges(state))


def _job_and_layer_gauges(store: Store) -> Iterator[GaugeMetricFamily]:
    counted: Counter[str] = Counter(job.status for job in store.jobs(limit=_MAX_JOBS))
    jobs = GaugeMetricFamily(
        "gridsight_jobs", f"Jobs by status, of the newest {_MAX_JOBS}.", labels=("status",)
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
