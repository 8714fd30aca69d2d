"""Check that the colours say what they should: an ordered ramp, classes apart from it, text that can be read."""

from __future__ import annotations

import re
from dataclasses import fields
from itertools import pairwise

import pytest

from geo.catalog.palette import DARK, LIGHT, SYMBOLS, THEMES, WIDTHS, Theme
from maps.style.themes import as_json


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2, 0 to 1."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def lightness(colour: str) -> float:
    """Return CIE L*, 0 to 100."""
    y = luminance(colour)
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
class TestTheme:
    def test_lightness_falls_with_every_class(self, theme: Theme) -> None:
        steps = [lightness(one) for one in theme.classes]
        assert len(steps) == 5
        assert all(one - other > 8 for one, other in pairwise(steps)), steps

    def test_zero_and_no_data_are_no_colour_of_the_ramp(self, theme: Theme) -> None:
        assert len({theme.zero, theme.no_data, *theme.classes}) == 7

    def test_codes_can_be_read_on_their_class(self, theme: Theme) -> None:
        for fill, ink in zip(theme.classes, theme.class_ink, strict=True):
            assert contrast(fill, ink) >= 4.3, (fill, ink)

    def test_text_and_marks_stand_out_from_the_paper(self, theme: Theme) -> None:
        assert contrast(theme.paper, theme.ink) >= 7
        marks = (*theme.camera.values(), *theme.verdict.values(), *theme.sectors)
        for colour in (theme.quiet, theme.gap_line, theme.selected, theme.offline, *marks):
            assert contrast(theme.paper, colour) >= 4, colour

    def test_every_colour_is_hexadecimal(self, theme: Theme) -> None:
        for one in fields(theme):
            value = getattr(theme, one.name)
            if isinstance(value, str):
                assert re.fullmatch(r"#[0-9a-f]{6}([0-9a-f]{2})?", value), one.name


def test_each_camera_class_has_a_symbol_and_a_colour() -> None:
    assert len(set(SYMBOLS.values())) == 4
    assert all(set(theme.camera) == set(SYMBOLS) for theme in THEMES.values())


def test_json_holds_plain_values() -> None:
    value = as_json()
    assert value["themes"]["dark"]["gap_hatch"]["angle"] == 135
    assert value["widths"] == dict(WIDTHS)
