"""Print an atlas of a run: cover, contents, guide, index of sheets, a sheet for each zone, directory of grids.

What the sheets share is put together once (``shared_ground``); each is then drawn, written and forgotten, so that an
atlas of hundreds of sheets needs no more memory than its file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

import pyproj

from geo.basemaps.opening import BaseMapTiles
from geo.catalog.papers import LAYERS_OF_SHEET, ZONES_OF_ATLAS
from geo.errors import BadValue
from geo.files import write_atomically
from maps.map_data import MapData
from maps.print.atlas.atlas_page import INDEX, AtlasContext, AtlasPage, roman
from maps.print.atlas.atlas_plan import AtlasPlan, PlannedSheet, atlas_plan
from maps.print.atlas.front_pages import contents_pages, contents_table, cover_page, more_contents
from maps.print.atlas.grid_directory import directory_table, grid_places
from maps.print.atlas.index_map import index_page
from maps.print.atlas.reading_guide import guide_page
from maps.print.atlas.shared_ground import SharedGround, in_metres
from maps.print.edge_labels import AdjoiningSheet
from maps.print.fonts import print_font
from maps.print.gap_places import GapPlaces
from maps.print.page_layout import paper_choices
from maps.print.pdf_canvas import Canvas
from maps.print.pdf_file import OutlineEntry, PdfFile
from maps.print.sheet_base import BasePicture, base_picture
from maps.print.sheet_content import SheetContents
from maps.print.sheet_dates import made_of
from maps.print.sheet_division import SheetDivision
from maps.print.sheet_options import SheetOptions
from maps.print.sheet_page import PlaceInAtlas, SheetPage
from maps.print.sheet_words import sheet_word
from maps.print.shown_share import shown_share
from maps.style.words import language_tag

#: Told how many pages are done and how many there are; what it raises ends the work, and no file is left.
Progress = Callable[[int, int], None]
#: Pictures of the base map that one atlas may have: the file is put together in memory.
MOST_PICTURE_BYTES = 250_000_000
#: With more sheets than this the outline opens folded.
_MOST_UNFOLDED = 40


@dataclass(frozen=True)
class AtlasSheet:
    """One sheet as printed: its page, zone, paper and scale, and how many labels found no room."""

    page: int
    code: str
    name: str
    paper: str
    scale: int
    left_out: int


@dataclass(frozen=True)
class AtlasReport:
    """What an atlas has: all its pages, those before the sheets, those of the directory, its grids, its sheets.

    ``missing`` are the characters of its sheets that the print font lacks.
    """

    by: str
    pages: int
    front: int
    directory: int
    grids: int
    sheets: tuple[AtlasSheet, ...]
    missing: tuple[str, ...] = ()


def write_atlas(
    data: MapData,
    out: Path | BinaryIO,
    *,
    by: str = ZONES_OF_ATLAS[0],
    paper: str = "A3",
    zone: str | None = None,
    townships: frozenset[str] | None = None,
    lang: str = "zh",
    base: BaseMapTiles | None = None,
    title: str = "",
    layers: Sequence[str] = LAYERS_OF_SHEET,
    progress: Progress = lambda _done, _of: None,
) -> AtlasReport:
    """Write an atlas as a PDF; the same data give the same bytes.

    Parameters
    ----------
    data
        What to draw, in any one CRS.
    out
        A path (written whole or not at all) or a binary file.
    by
        What each sheet is of: one of ``geo.catalog.papers.ZONES_OF_ATLAS``.
    paper
        As ``maps.print.sheet.write_sheet`` takes it; each sheet has the orientation that suits its zone.
    zone
        Code or name of a zone: only sheets of what lies in it. None for all.
    townships
        Only sheets in these townships, by code, as rights allow; None for all.
    lang
        ``zh`` or ``en``.
    base
        The opened base map below each sheet, lightened; None for none.
    title, layers
        The title of the atlas, and what its maps draw, as of ``maps.print.sheet_options.SheetOptions``. Scale and
        classes are none of its choices: its sheets compare.
    progress
        Told after each page.

    Raises
    ------
    NotFound, AmbiguousName
        The run has no such zones, or none there; no zone is called that, or several are.
    UnknownName
        For an unknown paper, ``by`` or layer.
    UnknownCrs, TooWide
        Where no metric CRS fits the data (rule C1).
    BadValue
        The pictures of the base map are too large together, or the title has no room.
    UnreadableFile, SourceBroken, SourceSlow
        The base map cannot be read, or not in time.
    """
    papers, options = paper_choices(paper), SheetOptions(title=title, layers=layers)
    options.require_known()
    moved = in_metres(options.titled(data))
    contents = SheetContents(moved)
    plan = atlas_plan(contents, by, papers, zone=zone, townships=townships)
    context = AtlasContext(moved, contents.of(), papers[0], lang)
    atlas = _Atlas(context, contents, plan, base, options, progress)
    if not isinstance(out, str | os.PathLike):
        return atlas.write(out)
    reports = []

    def write(path: Path) -> None:
        with path.open("wb") as file:
            reports.append(atlas.write(file))

    write_atomically(Path(out), write)
    return reports[0]


class _Atlas:
    """Draw one atlas page by page; made and written once."""

    def __init__(
        self,
        context: AtlasContext,
        contents: SheetContents,
        plan: AtlasPlan,
        base: BaseMapTiles | None,
        options: SheetOptions,
        progress: Progress,
    ) -> None:
        self._options = options
        self._context, self._contents, self._plan = context, contents, plan
        self._base, self._progress = base, progress
        self._pictures = 0
        self._missing: dict[str, None] = {}
        self._ground = SharedGround(context.data, contents.zones)
        self._gap_places = GapPlaces(context.data, contents.crs)
        self._measure = AtlasPage(context, "").panel
        self._body = AtlasPage(context, "", "x").body
        self._places = grid_places(contents, plan)
        self._directory = directory_table(self._measure, self._places)
        self._directory_pages = self._directory.pages(self._body, self._body) if self._places else 0
        self.of = len(plan.sheets) + self._directory_pages
        self._after = {"directory": str(len(plan.sheets) + 1)} if self._places else {}
        more = contents_pages(context, contents_table(self._measure, plan, {"guide": "", "index": ""}, self._after))
        self._front = {"guide": roman(more + 2), "index": roman(more + 3)}
        self.front = more + 3

    def _word(self, key: str, **values: object) -> str:
        return sheet_word(key, self._context.lang, **values)

    def write(self, out: BinaryIO) -> AtlasReport:
        """Write the pages in their order."""
        meta, first = self._context.data.meta, self._context.paper
        titles = [one for one in (meta.title, meta.title_zh, meta.title_en) if one]
        self._file = PdfFile(
            out,
            size=(first.width, first.height),
            font=print_font().name,
            info={
                "Title": f"{' / '.join(titles)} · {self._word('atlas_title')}",
                "Author": "Gridsight",
                "Subject": self._word(f"atlas_by_{self._plan.by}", n=len(self._plan.sheets)),
                "Keywords": ", ".join(one for one in (meta.level, meta.edition, meta.domain, meta.run_id) if one),
                "Creator": "Gridsight",
            },
            made=made_of(meta.made),
            lang=language_tag(self._context.lang),
        )
        self._file.count_from_here("ROMAN_LOWER")
        self._write_front()
        self._file.count_from_here("ARABIC")
        sheets = self._write_sheets()
        self._write_directory()
        self._file.close()
        grids = len(self._places)
        return AtlasReport(
            self._plan.by, self._file.pages, self.front, self._directory_pages, grids, sheets, tuple(self._missing)
        )

    def _add(self, canvas: Canvas, outline: list[OutlineEntry], name: str = "") -> None:
        self._file.add(canvas, outline=outline, name=name)
        self._progress(self._file.pages, self.front + self.of)

    def _number(self) -> str:
        """Return the number printed on the next page of the front matter."""
        return self._word("atlas_page_front", page=roman(self._file.pages + 1))

    # --------------------------------------------------------------------------------------------- front matter

    def _write_front(self) -> None:
        context, plan = self._context, self._plan
        table = contents_table(self._measure, plan, self._front, self._after)
        cover = cover_page(context, plan, table, self._number(), self._notes())
        self._add(cover, [OutlineEntry(self._word("atlas_cover"))], "cover")
        while table.left:
            self._add(more_contents(context, table, self._number()), [])
        self._add(guide_page(context, plan, self._number()), [OutlineEntry(self._word("atlas_guide"))], "guide")
        self._add(index_page(context, plan, self._number()), [OutlineEntry(self._word("atlas_index"))], INDEX)

    def _notes(self) -> list[str]:
        """Return what is not in the atlas: by rights, or by choice."""
        data, count = self._context.data, len(self._plan.sheets)
        notes = []
        zones = self._contents.zones_of(self._plan.by)
        whole = 0 if zones is None else len(zones)
        if data.partial == "townships":
            notes.append(self._word("atlas_partial_townships", n=f"{count:,}"))
        elif count < whole:
            notes.append(self._word("atlas_part", n=f"{count:,}", of=f"{whole:,}"))
        if data.partial:
            notes.append(self._word(f"sheet_partial_{data.partial}"))
        return notes

    # --------------------------------------------------------------------------------------------- sheets

    def _write_sheets(self) -> tuple[AtlasSheet, ...]:
        plan, done = self._plan, []
        folded = len(plan.sheets) > _MOST_UNFOLDED
        grouped = plan.by != "townships" and bool(plan.townships)
        headings = [OutlineEntry(self._word("atlas_sheets"), 0, folded)]
        for township, sheets in groupby(range(len(plan.sheets)), key=lambda at: plan.sheets[at].township):
            if grouped:
                name = plan.townships.get(township) or self._word("atlas_elsewhere")
                headings.append(OutlineEntry(name, 1, is_closed=True))
            for at in sheets:
                sheet = plan.sheets[at]
                page, report = self._draw_sheet(at)
                entry = OutlineEntry(sheet.outline_title, 2 if grouped else 1)
                self._add(page, [*headings, entry], sheet.link)
                done.append(report)
                headings = []
        return tuple(done)

    def _draw_sheet(self, at: int) -> tuple[Canvas, AtlasSheet]:
        context, planned = self._context, self._plan.sheets[at]
        bounds = planned.frame.bounds
        content = self._contents.of(f"{self._plan.by}:{planned.code}")
        seen = shown_share(context.data, content)
        content, data = self._ground.content_near(content, bounds), self._ground.near(bounds)
        paper = planned.layout.paper
        canvas = Canvas(paper.width, paper.height, print_font())
        canvas.maps.append(planned.frame.reference(content.crs))
        picture = self._picture(planned, content.crs)
        adjoining = [self._adjoining(self._plan.sheets[other]) for other in self._plan.adjoining[at]]
        place = PlaceInAtlas(planned.page, self.of, INDEX, self._gap_places, adjoining, seen)
        division = SheetDivision(planned.layout, planned.frame)
        page = SheetPage(data, content, division, canvas, context.lang, picture, place, self._options)
        report = page.draw()
        self._missing.update(dict.fromkeys(report.missing))
        told = AtlasSheet(planned.page, planned.code, planned.name, report.paper, report.scale, len(report.left_out))
        return canvas, told

    def _picture(self, sheet: PlannedSheet, crs: pyproj.CRS) -> BasePicture | None:
        """Return the base map of a sheet; raise BadValue where those of the atlas would not fit into memory."""
        if self._base is None:
            return None
        picture = base_picture(self._base, sheet.frame, crs)
        self._pictures += 0 if picture is None else len(picture.jpeg)
        if self._pictures > MOST_PICTURE_BYTES:
            told = MOST_PICTURE_BYTES // 1_000_000
            raise BadValue(
                f"图册的底图图片超过 {told} MB；请只印一个区域，或用小一些的纸张",
                f"the pictures of the base map are more than {told} MB; print one zone, or on smaller paper",
            )
        return picture

    def _adjoining(self, sheet: PlannedSheet) -> AdjoiningSheet:
        return AdjoiningSheet(sheet.code, sheet.name, sheet.page, sheet.link, sheet.shape)

    # --------------------------------------------------------------------------------------------- directory of grids

    def _write_directory(self) -> None:
        title = self._word("atlas_directory")
        outline, name, page = [OutlineEntry(title)], "directory", len(self._plan.sheets)
        while self._directory.left:
            page += 1
            drawn = AtlasPage(self._context, self._word("atlas_page_of", page=page, of=self.of), title)
            self._directory.draw(drawn.panel, drawn.body)
            self._add(drawn.canvas, outline, name)
            outline, name = [], ""
