"""Print the ledger of an own zone on one page: its ground and its figures before, during and after its listing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import geopandas as gpd
import numpy as np
import shapely

from geo.catalog.kinds import AREA_KINDS, kind_words
from geo.catalog.ledger_fields import LEDGER, LEDGER_FIGURES, PHASES
from geo.catalog.palette import LIGHT, SHEET
from geo.crs import STORAGE_CRS, crs_name
from geo.crs_metric import metric_crs_for
from geo.figure_text import percent_text, plain_figure
from geo.files import write_atomically
from geo.sentences import in_language
from maps.print.fonts import print_font
from maps.print.pdf_canvas import Canvas
from maps.style.words import language_tag

_WIDTH, _HEIGHT, _MARGIN = 297.0, 210.0, 14.0  # mm: A4 across
_TITLE_PT, _TEXT_PT, _SMALL_PT = 15.0, 9.0, 7.5
_ROW_MM, _GAP_MM, _PANEL_MM = 5.7, 6.0, 76.0
_WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("区域台账", "Ledger of a zone"),
    "listed": ("列入 {day}", "listed {day}"),
    "always": ("一直有效", "always in force"),
    "struck": ("撤销 {day}", "struck off {day}"),
    "never": ("尚未撤销", "not struck off"),
    "no_run": ("没有批次", "no run"),
    "figure": ("指标", "Figure"),
    "change": ("变化", "change"),
    "seen": ("确定覆盖", "Surely seen"),
    "gap": ("盲区", "Gap"),
    "run": ("批次", "Run"),
}


class Ledger(Protocol):
    """What is printed: a ``ZoneLedger`` of the studies."""

    @property
    def code(self) -> str: ...  # noqa: D102 (as in the studies)
    @property
    def name(self) -> str | None: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def listed(self) -> Any: ...  # noqa: D102
    @property
    def struck(self) -> Any: ...  # noqa: D102
    @property
    def rows(self) -> Sequence[Mapping[str, Any]]: ...  # noqa: D102
    @property
    def changes(self) -> Mapping[str, Mapping[str, float]]: ...  # noqa: D102
    @property
    def grounds(self) -> Mapping[str, tuple[shapely.Geometry, ...]]: ...  # noqa: D102
    @property
    def notes(self) -> Sequence[str]: ...  # noqa: D102


def write_ledger(ledger: Ledger, out: Path | BinaryIO, *, lang: str = "zh") -> None:
    """Write the page as a PDF, A4 across; the same ledger gives the same bytes.

    Parameters
    ----------
    ledger
        What to print.
    out
        The file, written whole or not at all, or an open one.
    lang
        ``zh`` or ``en``.
    """
    page = _Page(ledger, lang)
    page.draw()

    def write(file: BinaryIO) -> None:
        info = {"Title": page.title, "Creator": "Gridsight", "Subject": page.subtitle}
        page.canvas.write(file, info=info, made=None, lang=language_tag(lang))

    def write_to(path: Path) -> None:
        with path.open("wb") as file:
            write(file)

    if isinstance(out, Path):
        write_atomically(out, write_to)
    else:
        write(out)


class _Page:
    """Draw one ledger."""

    def __init__(self, ledger: Ledger, lang: str) -> None:
        self.ledger, self.is_english = ledger, lang == "en"
        self.canvas = Canvas(_WIDTH, _HEIGHT, print_font())
        kind = kind_words(AREA_KINDS).get(ledger.kind, (ledger.kind, ledger.kind))[self.is_english]
        self.title = f"{self._word('title')} · {ledger.name or kind} {ledger.code}"
        begun = self._word("listed", day=ledger.listed) if ledger.listed else self._word("always")
        ended = self._word("struck", day=ledger.struck) if ledger.struck else self._word("never")
        self.subtitle = f"{kind} · {begun} · {ended}"
        grounds = gpd.GeoSeries([one[0] for one in ledger.grounds.values()], crs=STORAGE_CRS)
        self.crs = metric_crs_for(grounds) if len(grounds) else None

    def _word(self, key: str, **values: object) -> str:
        return _WORDS[key][self.is_english].format(**values)

    def draw(self) -> None:
        """Draw title, one map a phase, the table and the notes."""
        y = _HEIGHT - _MARGIN
        self.canvas.text(_MARGIN, y - 5.0, self.title, _TITLE_PT, bold=True)
        self.canvas.text(_MARGIN, y - 11.5, self.subtitle, _TEXT_PT, colour=LIGHT.quiet)
        width = (_WIDTH - 2 * _MARGIN - 2 * _GAP_MM) / 3
        top = y - 16.0
        for k, phase in enumerate(PHASES):
            self._draw_phase(phase, _MARGIN + k * (width + _GAP_MM), top - _PANEL_MM, width)
        self._draw_legend(top - _PANEL_MM - 5.0)
        bottom = self._draw_table(top - _PANEL_MM - 11.0)
        self._draw_notes(bottom - 5.0)

    def _row(self, phase: str) -> Mapping[str, Any] | None:
        return next((row for row in self.ledger.rows if row["phase"] == phase), None)

    def _draw_phase(self, phase: str, x: float, y: float, width: float) -> None:
        """Draw the heading of a phase and its ground, all phases at one scale."""
        row = self._row(phase)
        heading = PHASES[phase][self.is_english]
        self.canvas.text(x, y + _PANEL_MM - 4.0, heading, _TEXT_PT, bold=True)
        day = self._word("no_run") if row is None else str(row["day"])
        self.canvas.text(x + width, y + _PANEL_MM - 4.0, day, _TEXT_PT, colour=LIGHT.quiet, anchor="right")
        height = _PANEL_MM - 7.0
        self.canvas.rect(x, y, width, height, fill=SHEET.map_ground, edge=LIGHT.grid_line)
        if phase not in self.ledger.grounds:
            return
        shapes = self._in_metres(self.ledger.grounds[phase])
        low_x, low_y, high_x, high_y = self._extent()
        scale = min((width - 6.0) / (high_x - low_x), (height - 6.0) / (high_y - low_y))
        middle = np.array([(low_x + high_x) / 2, (low_y + high_y) / 2])
        centre = np.array([x + width / 2, y + height / 2])
        ground, seen, gap = shapely.transform(shapes, lambda points: (points - middle) * scale + centre)
        with self.canvas.clipped(x, y, width, height):
            self.canvas.polygons([gap], fill=SHEET.unseen_share, edge=LIGHT.gap_line, width=0.1)
            self.canvas.polygons([seen], fill=LIGHT.seen[1])
            self.canvas.lines([ground], edge=LIGHT.ink, width=0.35)

    def _in_metres(self, shapes: Sequence[shapely.Geometry]) -> np.ndarray:
        """Return shapes of the ledger (degrees) in one metric CRS, that of all its grounds."""
        return np.asarray(gpd.GeoSeries(list(shapes), crs=STORAGE_CRS).to_crs(self.crs).to_numpy())

    def _extent(self) -> tuple[float, float, float, float]:
        grounds = self._in_metres([one[0] for one in self.ledger.grounds.values()])
        low_x, low_y, high_x, high_y = shapely.total_bounds(grounds).tolist()
        return low_x, low_y, max(high_x, low_x + 1.0), max(high_y, low_y + 1.0)

    def _draw_legend(self, y: float) -> None:
        x = _MARGIN
        for key, fill in (("seen", LIGHT.seen[1]), ("gap", SHEET.unseen_share)):
            self.canvas.rect(x, y, 5.0, 3.0, fill=fill, edge=LIGHT.grid_line)
            x += 7.0 + self.canvas.text(x + 6.5, y + 0.4, self._word(key), _SMALL_PT) + 6.0
        if self.crs is not None:
            self.canvas.text(
                _WIDTH - _MARGIN, y + 0.4, crs_name(self.crs), _SMALL_PT, colour=LIGHT.quiet, anchor="right"
            )

    def _draw_table(self, top: float) -> float:
        """Draw a row for each figure and a column for each phase, with its change; return the lower edge."""
        columns = [_MARGIN, _MARGIN + 62.0]
        columns += [columns[1] + k * (_WIDTH - _MARGIN - columns[1]) / 3 for k in (1, 2, 3)]
        heads = [self._word("figure"), *(words[self.is_english] for words in PHASES.values())]
        names = ["day", "level", *LEDGER_FIGURES, "gaps", "places", "covered"]
        lines = [heads, *(self._cells(name) for name in names)]
        for at, cells in enumerate(lines):
            y = top - (at + 0.7) * _ROW_MM
            self.canvas.text(
                columns[0], y, cells[0], _TEXT_PT, bold=at == 0, colour=LIGHT.ink if at == 0 else LIGHT.quiet
            )
            for right, cell in zip(columns[2:], cells[1:], strict=True):
                self.canvas.text(right, y, cell, _TEXT_PT, bold=at == 0, anchor="right")
            edge = LIGHT.ink if at == 0 else SHEET.table_rule
            line = top - (at + 1) * _ROW_MM
            self.canvas.polyline([(_MARGIN, line), (_WIDTH - _MARGIN, line)], edge=edge, width=0.15)
        return top - len(lines) * _ROW_MM

    def _cells(self, name: str) -> list[str]:
        field = LEDGER.field(name)
        cells = [(field.zh, field.en)[self.is_english] + (" (m²)" if field.unit == "m2" else "")]
        for phase in PHASES:
            row = self._row(phase)
            value = None if row is None else row[name]
            text = "—" if value is None else self._figure(name, value)
            change = self.ledger.changes.get(phase, {}).get(name)
            if change is not None:
                text += f" ({self._figure(name, change, is_change=True)})"
            cells.append(text)
        return cells

    def _figure(self, name: str, value: Any, *, is_change: bool = False) -> str:
        if isinstance(value, str):
            words = {one.name: (one.zh, one.en) for one in LEDGER.field(name).values}
            return words.get(value, (value, value))[self.is_english]
        sign = "+" if is_change and value > 0 else "−" if is_change and value < 0 else ""
        size = abs(value) if is_change else value
        return sign + (percent_text(size) if name.endswith("_share") else plain_figure(size))

    def _draw_notes(self, y: float) -> None:
        lang = "en" if self.is_english else "zh"
        lines = [f"{self._word('run')}: {row['run']} ({row['day']})" for row in self.ledger.rows]
        lines += [in_language(note, lang) for note in self.ledger.notes]
        for at, line in enumerate(lines):
            self.canvas.text(_MARGIN, y - at * 3.6, line, _SMALL_PT, colour=LIGHT.quiet)
