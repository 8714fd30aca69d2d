"""Print the form that people take along to measure unknown values: a block and a small map for each site."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

import numpy as np
import shapely
from shapely import affinity

from geo.catalog.palette import LIGHT, SHEET
from maps.print.fonts import print_font
from maps.print.pdf_canvas import Canvas
from maps.style.words import language_tag

#: A4 and its margin, mm.
_PAGE, _MARGIN = (210.0, 297.0), 14.0
#: Side of the map, height of a row, of the head of a block and of the page, and between blocks, mm.
_MAP, _ROW, _BLOCK_HEAD, _PAGE_HEAD, _GAP = 60.0, 20.0, 14.0, 16.0, 5.0
#: Metres on the ground to a millimetre on paper.
_SCALE_M_PER_MM = 2.0
#: Rows of one block; a site with more goes on in another.
MOST_ROWS = 8


@dataclass(frozen=True)
class SurveyLine:
    """One camera or building: its key, a text about it, the fields to measure and others there is room for."""

    key: str
    text: str
    measure: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True)
class SurveyBlock:
    """A site: its title, where it is, its lines, and what lies round it in metres, true north up."""

    title: str
    place: str
    lines: tuple[SurveyLine, ...]
    buildings: np.ndarray
    roads: np.ndarray
    points: np.ndarray
    shapes: np.ndarray


_WORDS = {
    "title": ("现场核实表", "Survey form"),
    "unit": ("核实单位 ____________________  日期 __________", "Surveyed by (office) ______________  Date __________"),
    "page": ("第 {n} 页，共 {of} 页", "page {n} of {of}"),
    "note": (
        "只填看得准的；方位角从真北起顺时针，可在图上圈里画箭头。填入同名的 XLSX 后导入。只记地点，不记人。",
        "Fill in what was surely seen; azimuths clockwise from true north, or an arrow. Places, not people.",
    ),
    "scale": ("1:2000，圈上每格 10°", "1:2000, ticks every 10°"),
    "run": ("批次", "run"),
}  # fmt: skip


def write_survey_form(
    blocks: Sequence[SurveyBlock], out: BinaryIO, *, lang: str, run: str, made: datetime | None
) -> int:
    """Write the form as a PDF of A4 pages and return how many there are; the same blocks give the same bytes.

    Parameters
    ----------
    blocks
        The sites in order.
    out
        A binary file open for writing.
    lang
        ``zh`` or ``en``.
    run, made
        Id of the run, and when it was made.
    """
    form = _Form(Canvas(*_PAGE, print_font()), int(lang == "en"), run)
    parts = [
        SurveyBlock(
            one.title, one.place, one.lines[at : at + MOST_ROWS], one.buildings, one.roads,
            one.points[at : at + MOST_ROWS], one.shapes[at : at + MOST_ROWS],
        )
        for one in blocks
        for at in range(0, len(one.lines), MOST_ROWS)
    ]  # fmt: skip
    pages = _paged(parts)
    for number, page in enumerate(pages, 1):
        if number > 1:
            form.canvas.next_page()
        form.draw_page(page, number, len(pages))
    title = _WORDS["title"][form.en]
    form.canvas.write(out, info={"Title": f"{title} {run}", "Creator": "Gridsight"}, made=made, lang=language_tag(lang))
    return len(pages)


def _height(block: SurveyBlock) -> float:
    return _BLOCK_HEAD + max(_MAP, _ROW * len(block.lines))


def _paged(blocks: Sequence[SurveyBlock]) -> list[list[SurveyBlock]]:
    """Return the blocks of each page, as many as fit below one another; at least one page."""
    room = _PAGE[1] - 2 * _MARGIN - _PAGE_HEAD
    pages: list[list[SurveyBlock]] = [[]]
    left = room
    for one in blocks:
        needed = _height(one) + _GAP
        if needed > left and pages[-1]:
            pages.append([])
            left = room
        pages[-1].append(one)
        left -= needed
    return pages


class _Form:
    """Draw pages on one canvas."""

    def __init__(self, canvas: Canvas, en: int, run: str) -> None:
        self.canvas, self.en, self.run = canvas, en, run

    def _word(self, key: str, **values: object) -> str:
        return _WORDS[key][self.en].format(**values)

    def _fitted(self, text: str, size: float, width: float) -> str:
        return self.canvas.font.shorten(text, size * 25.4 / 72, width)

    def draw_page(self, blocks: Sequence[SurveyBlock], number: int, count: int) -> None:
        """Draw the head of a page and its blocks."""
        canvas, width = self.canvas, _PAGE[0] - 2 * _MARGIN
        top = _PAGE[1] - _MARGIN
        canvas.text(_MARGIN, top - 5, self._word("title"), 14, bold=True)
        canvas.text(_PAGE[0] - _MARGIN, top - 5, self._word("unit"), 9, anchor="right")
        canvas.text(_MARGIN, top - 10.5, self._fitted(self._word("note"), 7.5, width), 7.5, colour=LIGHT.quiet)
        canvas.text(
            _PAGE[0] - _MARGIN,
            _MARGIN - 6,
            self._word("page", n=number, of=count),
            7,
            colour=LIGHT.quiet,
            anchor="right",
        )
        canvas.text(_MARGIN, _MARGIN - 6, f"{self._word('run')} {self.run}", 7, colour=LIGHT.quiet)
        y = top - _PAGE_HEAD
        for one in blocks:
            self._draw_block(one, y)
            y -= _height(one) + _GAP

    def _draw_block(self, block: SurveyBlock, top: float) -> None:
        canvas, width, height = self.canvas, _PAGE[0] - 2 * _MARGIN, _height(block)
        canvas.rect(_MARGIN, top - height, width, height, edge=LIGHT.grid_line, line=0.25)
        canvas.text(_MARGIN + 2, top - 5.5, self._fitted(block.title, 11, width - 4), 11, bold=True)
        canvas.text(_MARGIN + 2, top - 10.5, self._fitted(block.place, 8.5, width - 4), 8.5, colour=LIGHT.quiet)
        below = top - _BLOCK_HEAD
        self._draw_map(block, _MARGIN, below - _MAP)
        left = _MARGIN + _MAP + 3
        for at, line in enumerate(block.lines):
            self._draw_line(line, at + 1, left, below - _ROW * at, _PAGE[0] - _MARGIN - left - 2)

    def _draw_line(self, line: SurveyLine, number: int, x: float, top: float, width: float) -> None:
        canvas = self.canvas
        canvas.text(x, top - 4, f"{number}", 9, bold=True)
        canvas.text(x + 5, top - 4, self._fitted(f"{line.key}  {line.text}", 9, width - 5), 9)
        at, y = x + 5, top - 11.0
        for name, wanted in [*((one, True) for one in line.measure), *((one, False) for one in line.others)]:
            size = 9.0 if wanted else 7.0
            label = canvas.font.width(name, size * 25.4 / 72)
            blank = 22.0 if wanted else 12.0
            if at + label + blank > x + width:
                at, y = x + 5, y - 6.5
            if y < top - _ROW + 1:
                break
            canvas.text(at, y, name, size, bold=wanted, colour=LIGHT.ink if wanted else LIGHT.quiet)
            at += label + 1
            canvas.polyline([(at, y - 0.8), (at + blank, y - 0.8)], edge=LIGHT.ink, width=0.3 if wanted else 0.15)
            at += blank + 2

    def _draw_map(self, block: SurveyBlock, x: float, y: float) -> None:
        canvas, middle = self.canvas, (x + _MAP / 2, y + _MAP / 2)

        def placed(shapes: np.ndarray) -> list[shapely.Geometry]:
            scale = 1 / _SCALE_M_PER_MM
            return [affinity.affine_transform(one, [scale, 0, 0, scale, *middle]) for one in shapes]

        with canvas.clipped(x, y, _MAP, _MAP):
            canvas.lines(placed(block.roads), edge=LIGHT.road, width=0.6)
            canvas.polygons(placed(block.buildings), fill=SHEET.inset_area, edge=LIGHT.grid_line, width=0.1)
            own = [one for one in block.shapes if one.geom_type != "Point"]
            canvas.polygons(placed(np.array(own, object)), edge=LIGHT.ink, width=0.5)
            self._draw_compass(*middle)
            spots = np.asarray(block.points, float).reshape(-1, 2) / _SCALE_M_PER_MM + np.array(middle)
            canvas.dots(spots, diameter=1.4, colour=LIGHT.ink)
            # Several lenses of one pole stand on one spot: their numbers are written together.
            numbers: dict[tuple[float, float], list[str]] = {}
            for number, spot in enumerate(spots.tolist(), 1):
                numbers.setdefault((round(spot[0], 1), round(spot[1], 1)), []).append(str(number))
            for (px, py), texts in numbers.items():
                canvas.text(px + 1.2, py + 1.0, ",".join(texts), 7, bold=True, halo=(LIGHT.halo, 0.3))
        canvas.rect(x, y, _MAP, _MAP, edge=LIGHT.grid_line, line=0.15)
        canvas.text(x + 1.5, y + 1.5, self._word("scale"), 6, halo=(LIGHT.halo, 0.4))

    def _draw_compass(self, x: float, y: float) -> None:
        radius = 24.0
        self.canvas.circle(x, y, radius, edge=LIGHT.quiet, width=0.15)
        for degrees in range(0, 360, 10):
            sin, cos = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
            inner = radius - (2.5 if degrees % 90 == 0 else 1.2)
            ends = [(x + inner * sin, y + inner * cos), (x + radius * sin, y + radius * cos)]
            self.canvas.polyline(ends, edge=LIGHT.quiet, width=0.15)
        for degrees, word in ((0, ("北", "N")), (90, ("东", "E")), (180, ("南", "S")), (270, ("西", "W"))):
            sin, cos = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
            spot = (x + (radius + 2.6) * sin, y + (radius + 2.6) * cos - 1.0)
            self.canvas.text(*spot, word[self.en], 7, anchor="middle", halo=(LIGHT.halo, 0.4))
