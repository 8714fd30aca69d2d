"""Find the shift that a picture was drawn with, whatever its roads look like; find none where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from geo.basemaps.road_shift import shift_of

SIDE, REACH = 700, 150


def streets(seed: int) -> list[list[tuple[float, float]]]:
    """Return crooked streets that run across the picture and past its edges."""
    random = np.random.default_rng(seed)
    out = []
    for _ in range(24):
        at, heading = random.uniform(-100, SIDE + 100, 2), random.uniform(0, 2 * np.pi)
        line = [tuple(at)]
        for _ in range(12):
            heading += random.normal(0, 0.25)
            at = at + 60 * np.array([np.cos(heading), np.sin(heading)])
            line.append(tuple(at))
        out.append(line)
    return out


def drawn(lines, shift, colours, ground, *, noise: float = 0.0, words: int = 0, seed: int = 0) -> np.ndarray:
    image = Image.new("RGB", (SIDE, SIDE), ground)
    drawing = ImageDraw.Draw(image)
    for width, colour in colours:
        for line in lines:
            drawing.line([(x + shift[0], y + shift[1]) for x, y in line], fill=colour, width=width)
    random = np.random.default_rng(seed)
    for _ in range(words):
        x, y = random.uniform(0, SIDE, 2)
        drawing.rectangle([x, y, x + random.uniform(4, 40), y + 8], fill=(30, 30, 30))
    pixels = np.asarray(image).astype(float) + random.normal(0, noise, (SIDE, SIDE, 1))
    return np.dstack([np.clip(pixels, 0, 255), np.full((SIDE, SIDE), 255)]).astype(np.uint8)


def roads(lines) -> np.ndarray:
    image = Image.new("L", (SIDE, SIDE))
    for line in lines:
        ImageDraw.Draw(image).line(line, fill=1, width=3)
    return np.asarray(image)


LOOKS = {
    "white on grey": {"colours": [(5, (255, 255, 255))], "ground": (225, 225, 225)},
    "cased": {"colours": [(9, (120, 120, 120)), (6, (255, 240, 180))], "ground": (240, 238, 232)},
    "dark on light": {"colours": [(4, (90, 60, 60))], "ground": (250, 250, 250)},
    "with words": {"colours": [(5, (255, 255, 255))], "ground": (225, 225, 225), "words": 150},
    "as an image": {"colours": [(6, (150, 150, 145))], "ground": (95, 110, 80), "noise": 25.0},
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("shift", [(0, 0), (42, 17), (-90, 120)])
def test_the_shift_of_a_picture_is_found(look: str, shift: tuple[int, int]) -> None:
    lines = streets(7)
    found = shift_of(drawn(lines, shift, **LOOKS[look]), roads(lines), REACH)
    assert found.is_sure, found
    assert abs(found.right - shift[0]) < 2, found
    assert abs(found.down - shift[1]) < 2, found


def test_a_picture_of_other_roads_tells_no_shift() -> None:
    sure = [shift_of(drawn(streets(k), (0, 0), **LOOKS["cased"]), roads(streets(k + 50)), REACH) for k in range(4)]
    assert not any(one.is_sure for one in sure), sure


def test_an_empty_picture_tells_none_and_a_torn_one_still_does() -> None:
    lines = streets(7)
    plain = np.full((SIDE, SIDE, 4), 255, np.uint8)
    assert shift_of(plain, roads(lines), REACH).peak == 0
    assert shift_of(np.zeros_like(plain), roads(lines), REACH).peak == 0
    torn = drawn(lines, (30, -20), **LOOKS["cased"])
    torn[:, :250] = 0
    torn[500:] = 0
    found = shift_of(torn, roads(lines), REACH)
    assert found.is_sure
    assert abs(found.right - 30) < 2.5
    assert abs(found.down + 20) < 2.5
