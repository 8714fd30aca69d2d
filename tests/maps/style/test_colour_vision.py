"""Prove that what the map tells by colour is told to red-green colour-blind readers and in a grey copy too."""

from __future__ import annotations

from itertools import combinations

import pytest

from geo.catalog.palette import DARK, LIGHT, SYMBOLS, Theme
from tests.maps.style.colour_sight import VISIONS, apart, channels, seen


def test_the_measure_on_paper() -> None:
    """Black and white are 100 apart for everybody; red and green of one luminance are one grey."""
    assert all(apart("#000000", "#ffffff", vision) == pytest.approx(100, abs=0.1) for vision in VISIONS)
    assert apart("#ff0000", "#009300", "grey") < 2
    assert seen(channels("#ff0000")) == pytest.approx([53.2, 80.1, 67.2], abs=0.2)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_classes_of_coverage_are_told_apart(theme: Theme, vision: str) -> None:
    for one, other in combinations(theme.classes, 2):
        assert apart(one, other, vision) >= 8, (one, other)
    for one, other in combinations(theme.seen, 2):
        assert apart(one, other, vision) >= 8, (one, other)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_hatches_and_symbols_stand_out_from_their_halo_and_ground(theme: Theme, vision: str) -> None:
    for hatch, ground in ((theme.gap_hatch, theme.gap_fill[:7]), (theme.zero_hatch, theme.zero)):
        assert apart(hatch.colour, ground, vision) >= 20, hatch
    for colour in (*theme.camera.values(), theme.offline, theme.selected, theme.gap_line):
        assert apart(colour, theme.halo, vision) >= 30, colour


def test_what_colour_does_not_tell_apart_has_a_shape() -> None:
    """Classes of cameras are symbols of their own, so that a grey copy has them."""
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)
