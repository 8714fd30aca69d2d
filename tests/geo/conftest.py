"""Share the demo counties of real size, drawn once; nobody changes them."""

from __future__ import annotations

import pytest

from geo.demo.county import draw
from tests.geo.demo_counties import Frames


@pytest.fixture(scope="session")
def gulang() -> Frames:
    """Return the county of 690 grids and 40,000 buildings."""
    return draw("gulang")


@pytest.fixture(scope="session")
def yangxian() -> Frames:
    """Return the county with two levels of grids, 11,683 of them."""
    return draw("yangxian")
