"""Print a map sheet: a vector page at a round true scale with everything a reader needs to trust and use it.

Colours and class edges are those of the web map (``maps.style.themes``, ``maps.style.coverage_classes``); what is on
the paper is decided in ``maps.print.sheet_content``, drawn by ``maps.print.map_body``, ``maps.print.map_furniture`` and
``maps.print.side_panel``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import numpy as np
import shapely

from geo.crs import crs_name, to_wgs84
from geo.crs_metric import convergence
from geo.files import write_atomically
from maps.map_data import MapData
from maps.print import map_body, map_furniture, side_panel
from maps.print.fonts import print_font
from maps.print.label_placement import Label, Placed
from maps.print.labels import Lettering
from maps.print.map_body import Shown
from maps.print.page_layout import Frame, Layout, Rect, fit, papers
from maps.print.page_projection import projected
from maps.print.pdf_canvas import Canvas
from maps.print.sheet_content import STATUSES, Subject, gather, text_of, township_frame
from maps.print.sheet_words import say
from maps.style.themes import LIGHT
from maps.style.words import WORDS

#: Ground shown when nothing has a place, in metres.
_EMPTY_EXTENT = (0.0, 0.0, 1_000.0, 1_000.0)


@dataclass(frozen=True)
class SheetReport:
    """Tell what came on a sheet.

    Attributes
    ----------
    paper
        Such as ``A3-landscape``.
    width_mm, height_mm
        Of the paper as it lies.
    scale
        The denominator.
    crs
        The metric CRS drawn in.
    labels
        Every name, code and gap number placed, with its box in mm from the lower left corner of the page.
    left_out
        Codes, names and gap numbers that found no place.
    missing
        Characters that the print font lacks.
    notes
        The notes as printed, before line breaks.
    legend
        What the legend counts: ``class:5`` to ``class:-1`` zones, ``site:<class>:<status>`` sites, ``gaps``.
    gaps_listed
        Rows of the gap table.
    """

    paper: str
    width_mm: float
    height_mm: float
    scale: int
    crs: str
    labels: tuple[Placed, ...]
    left_out: tuple[str, ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    legend: Mapping[str, int]
    gaps_listed: int


def write_sheet(
    data: MapData, out: Path | BinaryIO, *, paper: str = "A3", zone: str | None = None, lang: str = "zh"
) -> SheetReport:
    """Write one sheet as a PDF; the same data give the same bytes.

    Parameters
    ----------
    data
        What to draw, in any one CRS.
    out
        A path (written beside and renamed, so that no half file is ever seen) or a binary file.
    paper
        ``A4`` to ``A0``, lying as suits the area, or with ``-portrait`` or ``-landscape``.
    zone
        Code of a grid, micro-grid, village or township to show alone, its neighbours greyed; None shows everything.
    lang
        ``zh`` or ``en``; the title is in both.

    Raises
    ------
    NotFound
        Where no zone has that code.
    UnknownName
        For an unknown paper.
    UnknownCrs, TooWide
        Where no metric CRS fits the data (rule C1).
    """
    choices = papers(paper)
    subject = gather(data, zone)
    plan, frame = fit(subject.extent or _EMPTY_EXTENT, choices)
    canvas = Canvas(plan.paper.width, plan.paper.height, print_font())
    sheet = _Sheet(data, subject, plan, frame, canvas, lang)
    report = sheet.draw()
    _save(sheet, out)
    return report


def _save(sheet: _Sheet, out: Path | BinaryIO) -> None:
    if not isinstance(out, str | os.PathLike):
        sheet.write(out)
        return

    def write(path: Path) -> None:
        with path.open("wb") as file:
            sheet.write(file)

    write_atomically(Path(out), write)


def _date(text: str) -> datetime | None:
    """Return an ISO date or time as UTC, None where there is none."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def _day(text: str) -> str:
    """Return the day of an ISO date or time, any other text as it is."""
    when = _date(text)
    return text if when is None else when.date().isoformat()


class _Sheet:
    """Assemble one sheet; made, drawn once and written once."""

    def __init__(self, data: MapData, subject: Subject, plan: Layout, frame: Frame, canvas: Canvas, lang: str) -> None:
        self.data, self.subject, self.plan, self.frame, self.canvas, self.lang = (
            data,
            subject,
            plan,
            frame,
            canvas,
            lang,
        )
        self.unit = plan.unit
        self.pen = side_panel.Pen(canvas, plan.unit, lang)
        self.empty = subject.extent is None
        self.crs = crs_name(subject.crs)
        self._bookmarks: list[tuple[str, float, float]] = []

    def say(self, key: str, **values: object) -> str:
        return say(key, self.lang, **values)

    # --------------------------------------------------------------------------------------------- order of work

    def draw(self) -> SheetReport:
        shown = map_body.draw_map(self.canvas, self.plan, self.frame, self.subject, self.data)
        lines = map_furniture.Graticule(0, (), ())
        if not self.empty and self.subject.crs.is_projected:
            lines = map_furniture.graticule(self.frame, self.subject.crs, self.unit)
            map_furniture.draw_graticule(self.canvas, lines, self.frame, self.unit)
        missing = self._missing()
        slots = self._slots(shown, missing)
        labels, left, numbers_left = Lettering(self.data, self.subject, self.plan, self.frame, self.canvas).place(
            slots.table_rows
        )
        map_furniture.draw_border(self.canvas, self.plan, self.frame, lines)
        self._title()
        self._footer()
        notes = self._notes(shown, labels, left, numbers_left, missing)
        self._panel(shown, slots, notes)
        if self.empty:
            x, y = self.frame.rect.centre
            self.canvas.text(x, y, self.say("sheet_nothing"), 12 * self.unit, colour=LIGHT.quiet, anchor="middle")
        return self._report(shown, labels, left, numbers_left, missing, notes, slots)

    def write(self, out: BinaryIO) -> None:
        meta = self.data.meta
        keywords = [self.crs, f"1:{self.frame.scale:,.0f}", meta.level, meta.edition, meta.domain, meta.run_id]
        self.canvas.write(
            out,
            info={
                "Title": " / ".join(one for one in (self._title_zh(), self._title_en()) if one),
                "Author": "Gridsight",
                "Subject": self.say("sheet_subject", scale=f"{self.frame.scale:,.0f}", crs=self.crs),
                "Keywords": ", ".join(one for one in keywords if one),
                "Creator": "Gridsight",
            },
            made=_date(meta.made),
            lang="zh-CN" if self.lang == "zh" else "en",
            bookmarks=self._bookmarks,
        )

    def _mark(self, title: str, rect: Rect) -> None:
        self._bookmarks.append((title, rect.x, rect.top))

    # --------------------------------------------------------------------------------------------- title, footer

    def _zone_title(self, lang: str) -> str:
        focus = self.subject.focus
        if focus is None:
            return ""
        return f"{focus.name or say(focus.layer, lang)} {focus.code}"

    def _title_zh(self) -> str:
        return " · ".join(one for one in (self.data.meta.title_zh, self._zone_title("zh")) if one)

    def _title_en(self) -> str:
        return " – ".join(one for one in (self.data.meta.title_en, self._zone_title("en")) if one)

    def _title(self) -> None:
        rect, unit, pen = self.plan.title, self.unit, self.pen
        meta, middle = self.data.meta, rect.x + rect.width / 2
        side = 58 * unit
        room = rect.width - 2 * side
        for text, wanted, y, bold, spacing in (
            (self._title_zh(), 17.0, rect.top - 6.6 * unit, True, 0.6 * unit),
            (self._title_en(), 8.6, rect.top - 11.2 * unit, False, 0.0),
        ):
            run = pen.width(text, wanted) + spacing * len(text)
            shrunk = wanted * min(1.0, room / run) if run else wanted
            size = max(shrunk, wanted * 0.5)
            pen.text(middle, y, pen.fit(text, size, room), size, bold=bold, anchor="middle", spacing=spacing)
        left = [pen.say("product"), say("no_personal_data", self.lang)]
        right = [meta.security, f"{pen.say('review_number')}: {meta.review_number}" if meta.review_number else ""]
        for at, (one, two) in enumerate(zip(left, right, strict=True)):
            y = rect.top - (5.2 + 4.2 * at) * unit
            size = 7.6 if at == 0 else 6.2
            colour = LIGHT.ink if at == 0 else LIGHT.quiet
            pen.text(rect.x, y, pen.fit(one, size, side), size, colour=colour)
            pen.text(rect.right, y, pen.fit(two, size, side), size, colour=colour, anchor="right")

    def _footer(self) -> None:
        rect, pen, meta = self.plan.footer, self.pen, self.data.meta
        y = rect.y + 0.2 * self.unit
        parts = [(pen.say("source"), meta.source), (pen.say("made"), _day(meta.made)), (pen.say("run"), meta.run_id)]
        left = "　".join(f"{key}: {value}" for key, value in parts if value)
        right = f"{self.plan.paper.name} · 1:{self.frame.scale:,.0f} · {self.crs}"
        room = rect.width - pen.width(right, 6.3) - 4 * self.unit
        pen.text(rect.x, y, pen.fit(left, 6.3, room), 6.3, colour=LIGHT.quiet)
        pen.text(rect.right, y, right, 6.3, colour=LIGHT.quiet, anchor="right")

    # --------------------------------------------------------------------------------------------- notes

    def _missing(self) -> list[str]:
        """Return the characters of anything that may be printed which the font lacks."""
        meta, zones = self.data.meta, self.subject.zones
        texts = [meta.title_zh, meta.title_en, meta.security, meta.review_number, meta.source, meta.domain, meta.run_id]
        texts += [*zones.code, *zones.name]
        townships = township_frame(self.data)
        if townships is not None and "name" in townships:
            texts += [text_of(value) for value in townships["name"]]
        if self.subject.focus is not None:
            texts.append(self.subject.focus.name)
        listed = self.subject.gaps.iloc[:200]
        for column in ("grid", "camera", "obstacle"):
            if column in listed:
                texts += [text_of(value) for value in listed[column]]
        return self.canvas.font.missing(texts)

    def _notes(
        self,
        shown: Shown,
        labels: Sequence[Placed],
        left: Sequence[Label],
        numbers_left: Sequence[Label],
        missing: Sequence[str],
    ) -> list[str]:
        subject, notes = self.subject, []
        if self.data.partial:
            notes.append(self.say(f"sheet_partial_{self.data.partial}"))
        if missing:
            notes.append(self.say("sheet_missing", chars=" ".join(f"{one} (U+{ord(one):04X})" for one in missing)))
        codes_left = [one for one in left if one.key.startswith("code:")]
        placed = sum(one.key.startswith("code:") for one in labels)
        if placed or codes_left:
            notes.append(self.say("sheet_labels", layer=self.say(subject.layer), placed=placed, left=len(codes_left)))
        if subject.prefix and subject.layer == "grids":
            what = self.say(f"sheet_prefix_{subject.prefix}")
            if subject.prefix == 9 and subject.focus is not None:
                what = self.say("sheet_prefix_9_alone")  # the title names the township, no name on the map does
            notes.append(self.say("sheet_prefix", digits=subject.prefix, what=what))
        names_left = [one.text for one in left if one.key.startswith("name:")]
        comma = "、" if self.lang == "zh" else ", "
        if names_left:
            notes.append(self.say("sheet_names_left", names=comma.join(names_left)))
        if numbers_left:
            notes.append(self.say("sheet_numbers_left", numbers=comma.join(one.text for one in numbers_left)))
        if shown.outside:
            notes.append(self.say("sheet_outside", n=f"{shown.outside:,}"))
        rejected = self.data.summary.get("rejected")
        if isinstance(rejected, int) and rejected:
            notes.append(self.say("sheet_rejected", n=f"{rejected:,}"))
        adjoining = self._adjoining()
        if adjoining:
            notes.append(self.say("sheet_adjoining", names=comma.join(adjoining)))
        notes.append(self.say("sheet_sure_note"))
        return notes

    def _adjoining(self) -> list[str]:
        """Return the zones of the same layer that touch the one shown, with their directions, clockwise from north."""
        focus = self.subject.focus
        if focus is None:
            return []
        frame = projected(self.data.zones[focus.layer], self.subject.crs)
        shapes = frame.geometry.to_numpy()
        near = shapely.dwithin(shapes, focus.shape, 5.0) & (frame.code.astype(str) != focus.code).to_numpy()
        # Where they touch says more about direction than where their middles are.
        shared = shapely.centroid(shapely.intersection(shapely.buffer(shapes[near], 10.0), focus.shape.boundary))
        middle = np.array(focus.shape.centroid.coords[0])
        found = []
        for (_key, row), at in zip(frame[near].iterrows(), shapely.get_coordinates(shared), strict=False):
            dx, dy = at - middle
            direction = round(np.degrees(np.arctan2(dx, dy)) / 45) % 8
            by_code = focus.layer in ("grids", "microgrids")
            found.append((direction, str(row["code"]) if by_code else text_of(row.get("name")) or str(row["code"])))
        return [f"{self.say(f'direction_{direction}')} {name}" for direction, name in sorted(found)]

    # --------------------------------------------------------------------------------------------- panel

    def _slots(self, shown: Shown, missing: Sequence[str]) -> _Slots:
        """Divide the panel: fixed blocks first, the table of gaps takes what is left."""
        pen, unit, columns = self.pen, self.unit, self.plan.columns
        first, last = columns[0], columns[-1]
        gap = 2.6 * unit
        top = first.top
        rects = {}
        for name, height in (
            ("scale", 17.5 * unit),
            ("figures", side_panel.figures_height(pen)),
            ("legend", side_panel.legend_height(pen, shown, self.subject.layer)),
        ):
            rects[name] = Rect(first.x, top - height, first.width, height)
            top -= height + gap
        facts_height = (side_panel.HEADING + len(self._fact_rows()) * side_panel.ROW + 0.3) * unit
        rects["facts"] = Rect(last.x, last.y, last.width, facts_height)
        notes_y = last.y + facts_height + gap
        # In three or more columns the notes have the last to themselves; else the table needs at least two rows.
        room = (top if len(columns) == 1 else last.top) - notes_y
        room -= 0.0 if len(columns) > 2 else gap + (side_panel.HEADING + 3 * side_panel.ROW) * unit
        # How many codes are left out is known only after the table is: as many lines as it may take are kept free.
        left = [Label("code:", "", ()), Label("name:", "一" * 30, ())] if self.subject.layer else []
        draft = self._notes(shown, (), left, [Label("", "0" * 20, ())], missing)
        lines = min(len(side_panel.note_lines(pen, draft, last.width)), side_panel.lines_that_fit(pen, room))
        rects["notes"] = Rect(last.x, notes_y, last.width, side_panel.notes_height(pen, lines))
        if len(columns) > 2:
            tables = columns[1:-1]
        else:
            ceiling = top if len(columns) == 1 else last.top
            foot = rects["notes"].top + gap
            tables = (Rect(last.x, foot, last.width, ceiling - foot),)
        rows = min(sum(side_panel.table_rows(pen, one.height) for one in tables), len(self.subject.gaps))
        return _Slots(rects, tables, rows, lines)

    def _counted(self, status: Mapping[str, int]) -> tuple[int | None, Mapping[str, int | None]]:
        """Return the numbers of gaps and sites, None for what the reader may not see: no gap is not none shown."""
        if self.data.partial == "figures":
            return None, dict.fromkeys(STATUSES)
        return len(self.subject.gaps), status

    def _fact_rows(self) -> list[tuple[str, str]]:
        height = self.data.summary.get("target_height")
        return side_panel.fact_rows(
            self.pen,
            self.data.meta,
            made=_day(self.data.meta.made),
            crs=(self.crs, self.subject.crs.name),
            target_height=height if isinstance(height, int | float) else None,
        )

    def _panel(self, shown: Shown, slots: _Slots, notes: Sequence[str]) -> None:
        pen, subject = self.pen, self.subject
        rects = slots.rects
        self._mark(self._title_zh() if self.lang == "zh" else self._title_en(), self.plan.frame)
        self._scale(rects["scale"])
        status = {one: int((subject.sites.status[subject.sites.own] == one).sum()) for one in STATUSES}
        domain = self.data.meta.domain
        domain = self.say(f"domain_{domain}") if f"domain_{domain}" in WORDS else domain
        side_panel.draw_figures(pen, rects["figures"], subject.figures, *self._counted(status), domain)
        self._mark(pen.say("sheet_figures"), rects["figures"])
        side_panel.draw_legend(pen, rects["legend"], shown, subject.layer, detail=map_body.is_detail(self.frame))
        self._mark(pen.say("legend"), rects["legend"])
        rows, at = self._gap_rows(slots.table_rows), 0
        for rect in slots.tables:
            count = side_panel.table_rows(pen, rect.height)
            if at < len(rows) or at == 0:
                side_panel.draw_gap_table(pen, rect, rows[at : at + count], len(rows), len(subject.gaps), first=at == 0)
            at += count
        self._mark(pen.say("gaps"), slots.tables[0])
        lines = side_panel.note_lines(pen, notes, rects["notes"].width)[: slots.note_lines]
        room, used = rects["notes"], side_panel.notes_height(pen, len(lines))
        above = self.plan.columns[-1].top - used if len(self.plan.columns) > 2 else room.y
        side_panel.draw_notes(pen, Rect(room.x, above, room.width, used), lines)
        self._facts(rects["facts"])

    def _scale(self, rect: Rect) -> None:
        """Draw ratio and bar at the left, the arrow of grid north at the right."""
        pen, unit = self.pen, self.unit
        y = rect.top - 5.2 * unit
        run = pen.text(rect.x, y, f"1:{self.frame.scale:,.0f}", 14, bold=True)
        original = self.say("sheet_original", paper=self.plan.paper.name)
        pen.text(rect.x + run + 2.2 * unit, y, original, side_panel.TEXT, colour=LIGHT.quiet)
        room = rect.width - 34 * unit
        map_furniture.draw_scale_bar(
            self.canvas, rect.x + unit, rect.top - 11.8 * unit, room, int(self.frame.scale), unit, self.lang
        )
        if self.empty or not self.subject.crs.is_projected:
            return
        west, south, east, north = self.frame.bounds
        lon, lat = to_wgs84((west + east) / 2, (south + north) / 2, self.subject.crs)
        angle = float(convergence(lon, lat, self.subject.crs))
        map_furniture.draw_north(
            self.canvas, rect.right - 10 * unit, rect.y + 5.6 * unit, 12.5 * unit, angle, unit, self.lang
        )

    def _gap_rows(self, count: int) -> list[side_panel.GapRow]:
        listed = self.subject.gaps.iloc[:count]
        places = self.frame.points(listed[["x", "y"]].to_numpy(dtype=float))
        rows = []
        for at, (row, (x, y)) in enumerate(zip(listed.to_dict("records"), places, strict=True), 1):
            cause = text_of(row.get("cause"))
            device = [text_of(row.get("camera")), text_of(row.get("obstacle"))]
            rows.append(
                side_panel.GapRow(
                    number=str(at),
                    grid=text_of(row.get("grid")),
                    square=self.frame.square(x, y),
                    area=_count(row.get("area_m2")),
                    weight=_count(row.get("weight")),
                    cause=self.say(f"cause_{cause}") if f"cause_{cause}" in WORDS else cause,
                    device=" / ".join(one for one in device if one),
                )
            )
        return rows

    def _facts(self, rect: Rect) -> None:
        """Draw the locator at the left and the facts of the sheet at the right."""
        pen, unit = self.pen, self.unit
        y = pen.heading(rect, self.say("sheet_facts"))
        width = 32 * unit
        locator = Rect(rect.x, rect.y, width, y - rect.y - 0.6 * unit)
        townships = township_frame(self.data)
        parts = np.array([], dtype=object)
        if townships is not None:
            parts = projected(townships, self.subject.crs).geometry.to_numpy()
        focus = self.subject.focus.shape if self.subject.focus else None
        map_furniture.draw_locator(self.canvas, locator, self.subject.outline, parts, focus, self.frame, unit)
        rows = self._fact_rows()
        box = Rect(rect.x + width + 2.5 * unit, rect.y, rect.width - width - 2.5 * unit, y - rect.y)
        keys = max(pen.width(key, side_panel.SMALL) for key, _value in rows)
        side_panel.pairs(pen, box, rows, key_width=keys + 2 * unit)

    # --------------------------------------------------------------------------------------------- report

    def _report(
        self,
        shown: Shown,
        labels: Sequence[Placed],
        left: Sequence[Label],
        numbers_left: Sequence[Label],
        missing: Sequence[str],
        notes: Sequence[str],
        slots: _Slots,
    ) -> SheetReport:
        paper = self.plan.paper
        legend = {f"class:{code}": count for code, count in shown.classes.items() if count}
        legend |= {f"site:{kind}:{status}": count for (kind, status), count in shown.sites.items()}
        legend["gaps"] = shown.gaps
        return SheetReport(
            paper=f"{paper.name}-{paper.orientation}",
            width_mm=paper.width,
            height_mm=paper.height,
            scale=int(self.frame.scale),
            crs=self.crs,
            labels=tuple(labels),
            left_out=tuple(one.text for one in (*left, *numbers_left)),
            missing=tuple(missing),
            notes=tuple(notes),
            legend=legend,
            gaps_listed=slots.table_rows,
        )


@dataclass(frozen=True)
class _Slots:
    rects: Mapping[str, Rect]
    tables: tuple[Rect, ...]
    table_rows: int
    note_lines: int


def _count(value: object) -> str:
    """Return a number for a table cell, a dash where there is none."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return "—"
    return "—" if np.isnan(number) else f"{number:,.0f}"
