"""Read the gauges as Prometheus does."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from api import __version__
from api.store_metrics import register_store_gauges
from geo.errors import StoreDown
from geo.storage.geopackage.store import open_store
from geo.storage.records import Job


def _read(state: object) -> dict[tuple, float]:
    registry = CollectorRegistry()
    register_store_gauges(registry, state)
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {(one.name, *sorted(one.labels.values())): one.value for family in families for one in family.samples}


def test_jobs_and_layers_are_counted_in_embedded_mode(tmp_path: Path) -> None:
    store = open_store(tmp_path / "w.gpkg")
    for number, status in enumerate(["successful", "successful", "failed"]):
        store.save_job(Job(f"j{number}", "analyze", status, {}, "li", "admin", "2026-11-22T00:00:00Z"))
    found = _read(SimpleNamespace(store=store))
    store.close()
    assert found["gridsight_jobs", "successful"] == 2
    assert found["gridsight_jobs", "failed"] == 1
    assert found["gridsight_jobs", "running"] == 0
    assert found["gridsight_layer_revision", "cameras"] == 0
    assert found[("gridsight_store_up",)] == 1
    built = next(key for key in found if key[0] == "gridsight_build_info")
    assert {__version__, "embedded"} <= set(built)
    assert not any("pool" in key[0] for key in found)


class _Down:
    name = "postgresql://db/gridsight"

    def acting(self, _caller: object) -> _Down:
        return self

    def jobs(self, **_: object) -> list[Job]:
        raise StoreDown("停了", "it is down")

    def connections(self) -> tuple[int, int]:
        return 3, 8


def test_a_store_out_of_reach_is_a_figure() -> None:
    found = _read(SimpleNamespace(store=_Down(), tiles=SimpleNamespace(connections=lambda: (1, 4))))
    assert found[("gridsight_store_up",)] == 0
    assert found["gridsight_pool_in_use", "requests"] == 3
    assert found["gridsight_pool_size", "requests"] == 8
    assert found["gridsight_pool_in_use", "tiles"] == 1
    assert not any(key[0] == "gridsight_jobs" for key in found)
