"""Prove that what the map tells by colour is told to red-green colour-blind readers and in a grey copy too."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from geo.catalog.palette import DARK, LIGHT, SYMBOLS, Theme

#: Complete loss of one cone, on linear RGB (Machado, Oliveira and Fernandes 2009, severity 1); grey is luminance.
VISIONS = {
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "grey": [[0.2126, 0.7152, 0.0722]] * 3,
}
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE = np.array([0.9505, 1.0, 1.089])


def seen(colour: str, vision: str) -> np.ndarray:
    """Return the CIE L*a*b* of a colour as a reader of that vision sees it."""
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    xyz = _XYZ @ np.clip(np.array(VISIONS[vision]) @ linear, 0, 1) / _WHITE
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def apart(one: str, other: str, vision: str) -> float:
    return float(np.linalg.norm(seen(one, vision) - seen(other, vision)))


def test_the_measure_on_paper() -> None:
    """Black and white are 100 apart for everybody; red and green of one luminance are one grey."""
    assert all(apart("#000000", "#ffffff", vision) == pytest.approx(100, abs=0.1) for vision in VISIONS)
    assert apart("#ff0000", "#009300", "grey") < 2


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
