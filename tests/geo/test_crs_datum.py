"""Hold the doubt of datums to what PROJ's database has, by moving points."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geo.crs import to_wgs84
from geo.crs_datum import UNKNOWN_SHIFT_M, datum_doubt_m
from geo.readers.reading import read_layer


@pytest.mark.parametrize("crs", ["EPSG:4610", "EPSG:4214", "EPSG:4555"])
@pytest.mark.parametrize(("lon", "lat"), [(102.8, 37.4), (108.5, 37.4), (112.0, 20.0), (80.0, 40.0), (121.0, 33.0)])
def test_degrees_of_a_classical_datum_are_moved_or_doubted(crs: str, lon: float, lat: float) -> None:
    """Where PROJ leaves a point where it is, nobody knows where it belongs."""
    x, y = to_wgs84([lon], [lat], crs)
    moved = bool(np.hypot(x - lon, y - lat)[0] > 1e-7)
    assert moved == (float(datum_doubt_m(x, y, crs)[0]) < UNKNOWN_SHIFT_M)


def test_eastings_of_a_classical_datum_are_doubted_too() -> None:
    x, y = to_wgs84([500_000.0], [4_140_000.0], "EPSG:2379")  # Xian 1980, zone of 102 degrees east
    assert datum_doubt_m(x, y, "EPSG:2379").tolist() == [UNKNOWN_SHIFT_M]


MODERN = ["wgs84", "cgcs2000", "gcj02", "bd09", "EPSG:4547", "EPSG:32648", "EPSG:3857", "EPSG:25832"]


@pytest.mark.parametrize("crs", MODERN)
def test_a_modern_datum_is_not_doubted(crs: str) -> None:
    assert datum_doubt_m([102.8], [37.4], crs).tolist() == [0.0]


@pytest.mark.parametrize("crs", ["EPSG:4610", "EPSG:4214"])
def test_a_file_in_such_a_datum_is_read_with_a_note_on_the_doubt(tmp_path: Path, crs: str) -> None:
    path = tmp_path / "x80.csv"
    path.write_text("id,lon,lat\na,102.8,37.4\nb,102.9,37.4\nc,37.4,102.9\n", encoding="utf-8")
    found = read_layer(path, "cameras", crs=crs)
    notes = {text: count for text, count in found.assumed.items() if "about 100 m" in text}
    assert (list(notes.values()), list(notes)) == ([2], list(found.doubts))


def test_positions_that_are_missing_are_not_doubted() -> None:
    assert datum_doubt_m([np.nan, 102.8], [np.nan, 37.4], "EPSG:4610").tolist() == [0.0, 100.0]
