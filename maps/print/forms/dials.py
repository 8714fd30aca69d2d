"""Draw the dial of a camera: the way it looks and its field of view on a ring of degrees about true north."""

from __future__ import annotations

import math

from geo.catalog.palette import LIGHT
from maps.print.forms.form_words import form_word
from maps.print.forms.lens_shapes import Lens, sector
from maps.print.pdf_canvas import Canvas

_RADIUS_MM, _TICK_MM = 6.6, 1.0
_POINTS = (("北", "N"), ("东", "E"), ("南", "S"), ("西", "W"))


def draw_dial(canvas: Canvas, x: float, y: float, lens: Lens, number: str, lang: str) -> None:
    """Draw a dial about a place in mm: ring, ticks of 30 degrees, sector, axis; a dashed ring where it is unknown."""
    radius = _RADIUS_MM
    shape = sector(x, y, lens.azimuth, lens.hfov, radius)
    canvas.circle(x, y, radius, edge=LIGHT.quiet, width=0.2)
    canvas.polygons([shape], fill=LIGHT.seen[0], edge=LIGHT.view, width=0.15)
    for degrees in range(0, 360, 30):
        sin, cos = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
        inner = radius - (1.6 if degrees % 90 == 0 else _TICK_MM)
        canvas.polyline(
            [(x + inner * sin, y + inner * cos), (x + radius * sin, y + radius * cos)], edge=LIGHT.quiet, width=0.15
        )
    for at, words in enumerate(_POINTS):
        sin, cos = math.sin(math.radians(90 * at)), math.cos(math.radians(90 * at))
        spot = (x + (radius + 1.7) * sin, y + (radius + 1.7) * cos - 0.8)
        canvas.text(*spot, words[lang == "en"], 5.5, colour=LIGHT.quiet, anchor="middle")
    if math.isfinite(lens.azimuth) and lens.hfov < 360:
        sin, cos = math.sin(math.radians(lens.azimuth)), math.cos(math.radians(lens.azimuth))
        canvas.polyline([(x, y), (x + radius * sin, y + radius * cos)], edge=LIGHT.ink, width=0.35)
    elif lens.hfov < 360:
        canvas.text(x, y + 0.6, form_word("unknown_azimuth", lang), 5.5, anchor="middle")
    canvas.circle(x - radius - 1.2, y + radius + 0.2, 1.6, fill=LIGHT.paper, edge=LIGHT.ink, width=0.25)
    canvas.text(x - radius - 1.2, y + radius - 0.7, number, 6.5, anchor="middle", bold=True)
