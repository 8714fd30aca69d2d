"""A list in another datum than the store is named before anything is paired; one in the same is paired as ever."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geo import crs
from geo.errors import CrsMismatch
from geo.storage.geopackage.store import open_store
from geo.studies.import_files import import_frames
from geo.studies.reconcile_cameras import propose_pairs
from tests.geo.registers.made_registers import Registers, Settings, figures, made_registers


@pytest.fixture(scope="module", params=[0.95, 0.4])
def registers(request: pytest.FixtureRequest) -> Registers:
    return made_registers(Settings(count=300, overlap=request.param), seed=11)


def written(path: Path, frame: gpd.GeoDataFrame, shifted: np.ndarray, to: str) -> Path:
    """Write a list of which some rows are in another system."""
    x, y = frame.geometry.x.to_numpy().copy(), frame.geometry.y.to_numpy().copy()
    x[shifted], y[shifted] = crs.from_wgs84(x[shifted], y[shifted], to)
    lists = {"id": frame["id"], "name": frame["name"], "azimuth": frame["azimuth"], "kind": frame["kind"]}
    pd.DataFrame({**lists, "lon": x, "lat": y, "承建单位": np.where(shifted, "甲", "乙")}).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("to", ["gcj02", "bd09"])
def test_a_whole_list_in_another_datum_is_named_and_pairs_once_read_as_it_is(
    registers: Registers, tmp_path: Path, to: str
) -> None:
    every = np.ones(len(registers.second), dtype=bool)
    path = written(tmp_path / "镇.csv", registers.second, every, to)
    with open_store(tmp_path / "w.gpkg") as store:
        import_frames(store, {"cameras": registers.first})
        with pytest.raises(CrsMismatch, match=rf"镇\.csv; {to}->wgs84; .* m; --crs {to}"):
            propose_pairs(store, path, crs="wgs84")
        found = propose_pairs(store, path, crs=to)
        rows = store.read("cameras")["id"].tolist()
    place = {key: k for k, key in enumerate(registers.first["id"])}
    stored = np.array([place[key] for key in rows])
    order = {key: k for k, key in enumerate(registers.second["id"])}
    listed = np.array([order[key] for key in found.reading.frame["id"]])
    pairs = found.pairing.proposals
    precision, recall, _ = figures(registers, listed[pairs["row"]], stored[pairs["other"]])
    assert min(precision, recall) > 0.85


def test_one_contractor_in_another_datum_is_named(registers: Registers, tmp_path: Path) -> None:
    half = np.arange(len(registers.second)) % 2 == 0
    path = written(tmp_path / "镇.csv", registers.second, half, "bd09")
    with open_store(tmp_path / "w.gpkg") as store:
        import_frames(store, {"cameras": registers.first})
        with pytest.raises(CrsMismatch, match=r"承建单位=甲; bd09->wgs84; .* m; --crs 甲=bd09"):
            propose_pairs(store, path, crs="wgs84")
        found = propose_pairs(store, path, crs="甲=bd09;wgs84")
    assert len(found.pairing.proposals) > 0.8 * (registers.truth >= 0).sum()


@pytest.mark.parametrize("overlap", [1.0, 0.5, 0.1])
@pytest.mark.parametrize("seed", [1, 2])
def test_lists_in_the_same_datum_are_never_refused(tmp_path: Path, overlap: float, seed: int) -> None:
    made = made_registers(Settings(count=200, overlap=overlap), seed=seed)
    path = written(tmp_path / "镇.csv", made.second, np.zeros(len(made.second), dtype=bool), "gcj02")
    with open_store(tmp_path / "w.gpkg") as store:
        import_frames(store, {"cameras": made.first})
        assert propose_pairs(store, path, crs="wgs84").reading.read == 200
