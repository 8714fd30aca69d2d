"""Draw one sheet: the map with its labels and border, title and footer, and the panel block by block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.catalog.palette import LIGHT
from geo.crs import crs_name, to_wgs84
from geo.crs_metric import convergence
from maps.map_data import MapData
from maps.print import (
    camera_table,
    claim_table,
    gap_table,
    inset_maps,
    legend,
    map_body,
    map_furniture,
    panel_figures,
    sheet_information,
    sheet_notes,
    title_block,
)
from maps.print.edge_labels import AdjoiningSheet
from maps.print.gap_places import GapPlaces
from maps.print.label_placement import Label, PlacedLabel
from maps.print.labels import LabelResult, LabelWriter
from maps.print.map_body import MapContents
from maps.print.page_layout import Rect
from maps.print.panel import TEXT_PT, PanelContext, rounded_text
from maps.print.panel_division import PanelLayout, divide_panel
from maps.print.pdf_canvas import Canvas
from maps.print.sheet_base import BasePicture
from maps.print.sheet_content import SheetContent, text_of
from maps.print.sheet_division import SheetDivision
from maps.print.sheet_options import SheetOptions
from maps.print.shown_share import Share, shown_share, visible_counts
from maps.print.site_symbols import SECTOR_SCALE
from maps.print.town_insets import Inset
from maps.style.words import WORDS


@dataclass(frozen=True)
class SheetReport:
    """What is on a sheet.

    Attributes
    ----------
    paper
        Such as ``A3-landscape``.
    width_mm, height_mm
        Of the paper in its orientation.
    scale
        The denominator.
    crs
        The metric CRS drawn in.
    labels
        Every name, code and gap number placed, with its box in mm from the lower left corner of the page.
    left_out
        Codes, names and gap numbers left out for want of room.
    missing
        Characters that the print font lacks.
    left_out_by_layer
        How many of each layer were left out: of the coloured zones, ``townships`` for names, ``gaps`` for numbers.
    notes
        The notes as printed, before line breaks.
    legend
        What the legend counts: ``class:5`` to ``class:-1`` zones, ``site:<class>:<status>`` sites, ``gaps``,
        ``verdict:<verdict>`` places.
    gaps_listed
        Rows of the gap table.
    claims_listed
        Rows of the table of claims.
    insets, insets_left
        Town centres that a wall map shows larger, and names of those that it has no room for.
    """

    paper: str
    width_mm: float
    height_mm: float
    scale: int
    crs: str
    labels: tuple[PlacedLabel, ...]
    left_out: tuple[str, ...]
    missing: tuple[str, ...]
    left_out_by_layer: Mapping[str, int]
    notes: tuple[str, ...]
    legend: Mapping[str, int]
    gaps_listed: int
    claims_listed: int = 0
    insets: tuple[Inset, ...] = ()
    insets_left: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlaceInAtlas:
    """Where a sheet stands in an atlas: its page and how many there are, the sheets round it, the page of the index.

    ``index`` is what links call the page that has the map of all sheets. ``gap_places`` tells where gaps are by the
    whole map, of which the data of the sheet are a part; ``seen`` how much of its cameras and gaps the reader may see,
    for the same reason.
    """

    page: int
    of: int
    index: str
    gap_places: GapPlaces
    adjoining: Sequence[AdjoiningSheet] = ()
    seen: Share = "all"


class SheetPage:
    """Assemble one sheet; made and drawn once.

    Parameters
    ----------
    data, content
        What to draw, and which of it is the sheet's own.
    division
        Where its parts are, what its map shows at which scale, and the insets of a wall map.
    canvas
        Of the size of the paper.
    lang
        ``zh`` or ``en``.
    picture
        The base map below the map; None for none.
    atlas
        Where it stands in an atlas, whose sheets tell those round them and list their cameras; None for a single sheet.
    options
        What the map is to draw; None for all.
    """

    def __init__(
        self,
        data: MapData,
        content: SheetContent,
        division: SheetDivision,
        canvas: Canvas,
        lang: str,
        picture: BasePicture | None,
        atlas: PlaceInAtlas | None = None,
        options: SheetOptions | None = None,
    ) -> None:
        self.base_picture, self.atlas, self.options = picture, atlas, options or SheetOptions()
        # A base map that is not on the sheet is named in a note, and not among what the sheet is made of.
        self.absent_base = data.base if picture is None else None
        self.data = data if self.absent_base is None else replace(data, base=None)
        self.content = content
        self.layout, self.frame, self.division = division.layout, division.frame, division
        self.canvas = canvas
        self.lang = lang
        self.unit = self.layout.unit
        self.panel = PanelContext(canvas, self.unit, lang)
        self.seen = shown_share(data, content) if atlas is None else atlas.seen
        self.claims = claim_table.claims_of_sheet(data, content)
        self.empty = content.extent is None
        self.crs = crs_name(content.crs)
        #: The cameras of a sheet of an atlas, and of one that shows ground, stand in a table.
        self._lists_sites = atlas is not None or (content.focus is not None and map_body.is_detail(self.frame))
        self._numbers_sites = self._lists_sites and self.frame.scale <= SECTOR_SCALE
        self.bookmarks: list[tuple[str, float, float]] = []

    # --------------------------------------------------------------------------------------------- order of work

    def draw(self) -> SheetReport:
        """Draw everything, and return what is on the sheet."""
        picture = self.base_picture
        data, content, layout, frame, canvas = self.data, self.content, self.layout, self.frame, self.canvas
        # 1. The map, and the graticule over it.
        on_map, shown = self.options.drawn(data, content)
        contents = map_body.draw_map(canvas, layout, frame, shown, on_map, None if picture is None else picture.jpeg)
        lines = map_furniture.Graticule(0, (), ())
        if not self.empty and content.crs.is_projected:
            lines = map_furniture.graticule(frame, content.crs, self.unit)
            map_furniture.draw_graticule(canvas, lines, frame, self.unit)
        insets = self.division.insets
        on_insets = inset_maps.draw_inset_maps(self.panel, layout, shown, on_map, insets)
        contents = contents.with_insets(on_insets)
        # 2. The blocks of the panel: how many gaps the table lists decides which numbers the map needs.
        missing = sheet_notes.missing_characters(data, content, canvas.font)
        known = sheet_notes.notes_of_content(data, content, contents, self.lang, self._pages())
        blocks = self._divide_panel(contents, missing, known)
        # 3. Labels over the map; the border covers what reaches beyond it.
        edges = () if self.atlas is None else self.atlas.adjoining
        writer = LabelWriter(on_map, shown, layout, frame, canvas, insets, marks=contents.marks)
        labels = writer.place(blocks.table_rows, edges, self.lang, self._numbered_sites(blocks))
        inset_maps.draw_locators(self.panel, frame, insets)
        rows = blocks.table_rows
        more = inset_maps.label_insets(self.panel, layout, shown, on_map, insets, on_insets, rows)
        labels = labels.with_other(more)
        map_furniture.draw_border(canvas, layout, frame, lines)
        # 4. Everything round the map; the notes name what the labels left out.
        title_block.draw_title(self.panel, layout, data, content)
        title_block.draw_footer(self.panel, layout, frame, data, content)
        if self.atlas is not None:
            number = self.panel.word("atlas_page_of", page=self.atlas.page, of=self.atlas.of)
            title_block.draw_page_number(self.panel, layout, number, self.atlas.index)
        notes = sheet_notes.sheet_notes(data, content, contents, labels, missing, self.lang, known)
        if self.division.left:
            names = ("、" if self.lang == "zh" else ", ").join(one.name for one in self.division.left)
            notes.insert(0, self.panel.word("sheet_insets_left", n=len(self.division.left), names=names))
        if self.absent_base is not None:
            notes.insert(0, self.panel.word("sheet_base_absent", name=self.absent_base.name))
        if picture is not None and picture.is_part and data.base is not None:
            share = f"{max(1, int(100 * picture.share))} %"  # what is there at all does not read as none
            notes.insert(0, self.panel.word("sheet_base_part", name=data.base.name, share=share))
        if "cameras" in blocks.rects and not blocks.rects["cameras"].height:
            notes.insert(0, self.panel.word("sheet_cameras_left", n=f"{len(self._own_sites()):,}"))
        if self.claims is not None and not blocks.claim_rows:
            notes.insert(0, self.panel.word("sheet_claims_left", n=len(self.claims)))
        if self.options.left_out:
            notes.insert(0, self.options.note(self.lang))
        self._draw_panel(contents, blocks, notes)
        if self.empty:
            x, y = frame.rect.centre
            text = self.panel.word("sheet_nothing")
            canvas.text(x, y, text, 12 * self.unit, colour=LIGHT.quiet, anchor="middle")
        return self._report(contents, labels, missing, notes, blocks)

    # --------------------------------------------------------------------------------------------- panel

    def _divide_panel(
        self, contents: MapContents, missing: Sequence[str], known: sheet_notes.NotesOfContent
    ) -> PanelLayout:
        """Divide the panel: blocks of one size first, the table of gaps takes what is left."""
        panel = self.panel
        heights = {
            "scale": 17.5 * self.unit,
            "figures": panel_figures.figures_height(panel, visible_counts(self.content, self.seen)[1]),
            "legend": legend.legend_height(panel, contents, self.content.layer),
            "information": sheet_information.information_height(panel, self.data, self.content),
        }
        return divide_panel(
            panel,
            self.layout.columns,
            heights,
            gaps=len(self.content.gaps),
            claims=0 if self.claims is None else len(self.claims),
            sites=len(self._own_sites()) if self._lists_sites else 0,
            needed_lines=lambda width: self._lines_needed(contents, missing, known, width),
        )

    def _pages(self) -> Mapping[str, int]:
        """Return the pages of the sheets round this one by the codes of their zones."""
        return {} if self.atlas is None else {one.code: one.page for one in self.atlas.adjoining}

    def _lines_needed(
        self, contents: MapContents, missing: Sequence[str], known: sheet_notes.NotesOfContent, width: float
    ) -> int:
        """Return the most lines that the notes may need; how many codes are left out is known only after the table."""
        left = [Label("code:", "", ()), Label("name:", "一" * 30, ())] if self.content.layer else []
        widest = LabelResult((), left, [Label("", "0" * 20, ())])
        draft = sheet_notes.sheet_notes(self.data, self.content, contents, widest, missing, self.lang, known)
        return len(sheet_notes.note_lines(self.panel, draft, width))

    def _draw_panel(self, contents: MapContents, blocks: PanelLayout, notes: Sequence[str]) -> None:
        panel, content, rects = self.panel, self.content, blocks.rects
        title = title_block.title_zh if self.lang == "zh" else title_block.title_en
        self._add_bookmark(title(self.data, content), self.layout.frame)
        self._draw_scale(rects["scale"])
        domain = self.data.meta.domain
        domain = panel.word(f"domain_{domain}") if f"domain_{domain}" in WORDS else domain
        counts = visible_counts(content, self.seen)
        panel_figures.draw_figures(panel, rects["figures"], content.figures, *counts, domain, self.seen)
        self._add_bookmark(panel.word("sheet_figures"), rects["figures"])
        detail = map_body.is_detail(self.frame)
        legend.draw_legend(panel, rects["legend"], contents, content.layer, detail=detail, share=self.seen)
        self._add_bookmark(panel.word("legend"), rects["legend"])
        self._draw_gap_tables(blocks)
        if "cameras" in rects:
            camera_table.draw_camera_table(
                panel, rects["cameras"], self._own_sites(), self.frame, is_numbered=self._numbers_sites,
                share=self.seen,
            )  # fmt: skip
            self._add_bookmark(panel.word("cameras"), rects["cameras"])
        if self.claims is not None and blocks.claim_rows:
            claim_table.draw_claim_table(panel, rects["claims"], self.claims, blocks.claim_rows)
            self._add_bookmark(panel.word("claims"), rects["claims"])
        lines = sheet_notes.note_lines(panel, notes, rects["notes"].width)
        lines = sheet_notes.fitting_lines(panel, lines, blocks.note_lines)
        below, used = rects["notes"], sheet_notes.notes_height(panel, len(lines))
        sheet_notes.draw_notes(panel, Rect(below.x, below.y, below.width, used), lines)
        sheet_information.draw_information(panel, rects["information"], self.data, content, self.frame)

    def _numbered_sites(self, blocks: PanelLayout) -> np.ndarray | None:
        """Return where the sites stand that the table numbers, in metres; None where the map has no such numbers."""
        if not self._numbers_sites or "cameras" not in blocks.rects:
            return None
        listed = camera_table.listed_sites(self.panel, blocks.rects["cameras"], self._own_sites())
        return listed[["x", "y"]].to_numpy(dtype=float)

    def _add_bookmark(self, title: str, rect: Rect) -> None:
        self.bookmarks.append((title, rect.x, rect.top))

    def _own_sites(self) -> pd.DataFrame:
        return self.content.sites[self.content.sites.own]

    def _draw_scale(self, rect: Rect) -> None:
        """Draw ratio and bar at the left, the arrow of grid north at the right."""
        panel, unit = self.panel, self.unit
        y = rect.top - 5.2 * unit
        run = panel.text(rect.x, y, f"1:{self.frame.scale:,.0f}", 14, bold=True)
        original = panel.word("sheet_original", paper=self.layout.paper.name)
        panel.text(rect.x + run + 2.2 * unit, y, original, TEXT_PT, colour=LIGHT.quiet)
        available = rect.width - 34 * unit
        map_furniture.draw_scale_bar(
            self.canvas, rect.x + unit, rect.top - 11.8 * unit, available, int(self.frame.scale), unit, self.lang
        )
        if self.empty or not self.content.crs.is_projected:
            return
        west, south, east, north = self.frame.bounds
        lon, lat = to_wgs84((west + east) / 2, (south + north) / 2, self.content.crs)
        angle = float(convergence(lon, lat, self.content.crs))
        map_furniture.draw_north(
            self.canvas, rect.right - 10 * unit, rect.y + 5.6 * unit, 12.5 * unit, angle, unit, self.lang
        )

    def _draw_gap_tables(self, blocks: PanelLayout) -> None:
        panel, total = self.panel, len(self.content.gaps)
        rows, at = self._gap_rows(blocks.table_rows, is_told=blocks.lines_per_gap > 1), 0
        for rect in blocks.tables:
            count = gap_table.table_rows(panel, rect.height, lines=blocks.lines_per_gap)
            if (count and at < len(rows)) or (at == 0 and not rows):
                gap_table.draw_gap_table(
                    panel, rect, rows[at : at + count], len(rows), total, first=at == 0, share=self.seen
                )
            at += count
        self._add_bookmark(panel.word("gaps"), blocks.tables[0])

    def _gap_rows(self, count: int, *, is_told: bool) -> list[gap_table.GapRow]:
        listed = self.content.gaps.iloc[:count]
        words = self._words_of_gaps(listed) if is_told else [""] * len(listed)
        places = self.frame.points(listed[["x", "y"]].to_numpy(dtype=float))
        rows = []
        for at, (row, (x, y), where) in enumerate(zip(listed.to_dict("records"), places, words, strict=True), 1):
            cause = text_of(row.get("cause"))
            device = [text_of(row.get("camera")), text_of(row.get("obstacle"))]
            rows.append(
                gap_table.GapRow(
                    number=str(at) if row.get("rank") in (None, at) else f"{at} ({int(row['rank'])})",
                    grid=text_of(row.get("grid")),
                    square=self.frame.square(x, y),
                    area=rounded_text(row.get("area_m2")),
                    weight=rounded_text(row.get("weight")),
                    cause=self.panel.word(f"cause_{cause}") if f"cause_{cause}" in WORDS else cause,
                    device=" / ".join(one for one in device if one),
                    where=where,
                )
            )
        return rows

    def _words_of_gaps(self, listed: gpd.GeoDataFrame) -> list[str]:
        places = GapPlaces(self.data, self.content.crs) if self.atlas is None else self.atlas.gap_places
        return places.words(listed, self.lang)

    # --------------------------------------------------------------------------------------------- report

    def _report(
        self,
        contents: MapContents,
        labels: LabelResult,
        missing: Sequence[str],
        notes: Sequence[str],
        blocks: PanelLayout,
    ) -> SheetReport:
        paper = self.layout.paper
        counts = {f"class:{code}": count for code, count in contents.classes.items() if count}
        counts |= {f"site:{kind}:{status}": count for (kind, status), count in contents.sites.items()}
        counts["gaps"] = contents.gaps
        counts |= {f"verdict:{name}": count for name, count in contents.verdicts.items()}
        return SheetReport(
            paper=f"{paper.name}-{paper.orientation}",
            width_mm=paper.width,
            height_mm=paper.height,
            scale=int(self.frame.scale),
            crs=self.crs,
            labels=tuple(labels.placed),
            left_out=tuple(one.text for one in (*labels.left_out, *labels.numbers_left_out)),
            missing=tuple(missing),
            left_out_by_layer=labels.left_out_by_layer(self.content.layer),
            notes=tuple(notes),
            legend=counts,
            gaps_listed=blocks.table_rows,
            claims_listed=blocks.claim_rows,
            insets=self.division.insets,
            insets_left=tuple(one.name for one in self.division.left),
        )
