"""Test which CGCS2000 zone eastings are taken to be in."""

from __future__ import annotations

import numpy as np
import pytest

from geo import crs
from geo.crs_cgcs2000 import cgcs2000_zone_of_eastings
from geo.errors import UnknownCrs


@pytest.mark.parametrize(
    ("eastings", "named", "found"),
    [
        ([38_412_000.0, 38_600_123.4], "cgcs2000", "EPSG:4526"),
        ([34_500_000.0], "EPSG:4490", "EPSG:4522"),
        ([20_500_000.0], "cgcs2000", "EPSG:4498"),
        ([38_412_000.0], "EPSG:4547", "EPSG:4526"),
        ([38_412_000.0, np.nan, 461.9, 38_412_001.0], "EPSG:4547", "EPSG:4526"),
        ([412_000.0], "EPSG:4526", "EPSG:4547"),
        ([20_412_000.0], "EPSG:4509", "EPSG:4498"),
    ],
)
def test_zone_prefixed_eastings_are_recognised(eastings: list[float], named: str, found: str) -> None:
    zone = cgcs2000_zone_of_eastings(eastings, named)
    assert zone is not None
    assert crs.crs_name(zone) == found


@pytest.mark.parametrize(
    ("eastings", "named"),
    [
        ([38_412_000.0], "EPSG:4526"),
        ([412_000.0], "EPSG:4547"),
        ([116.3], "cgcs2000"),
        ([38_412_000.0], "EPSG:3857"),
        ([116.3], "gcj02"),
        ([], "cgcs2000"),
    ],
)
def test_a_crs_that_fits_is_left_alone(eastings: list[float], named: str) -> None:
    assert cgcs2000_zone_of_eastings(eastings, named) is None


@pytest.mark.parametrize("eastings", [[412_000.0], [38_412_000.0, 39_412_000.0]])
def test_no_zone_or_several_are_refused(eastings: list[float]) -> None:
    with pytest.raises(UnknownCrs):
        cgcs2000_zone_of_eastings(eastings, "cgcs2000")


def test_every_zone_has_its_meridian() -> None:
    for zone in [*range(13, 24), *range(25, 46)]:
        system = cgcs2000_zone_of_eastings([zone * 1e6 + 5e5], "cgcs2000")
        assert system is not None
        values = {one.name: one.value for one in system.coordinate_operation.params}
        assert values["Longitude of natural origin"] == (3 * zone if zone >= 25 else 6 * zone - 3)
        assert values["False easting"] == zone * 1e6 + 5e5
    assert crs.to_wgs84(38.5e6, 4e6, cgcs2000_zone_of_eastings([38.5e6], "cgcs2000"))[0] == pytest.approx(114, abs=1e-9)
