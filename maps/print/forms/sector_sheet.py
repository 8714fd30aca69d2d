"""Print the views of named cameras, or of those of a zone, at a legible scale, numbers tied to a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.catalog import headings
from geo.catalog.headings import TableLanguage
from geo.catalog.layers import LAYERS
from geo.errors import NotFound
from geo.figure_text import plain_figure, share_text
from geo.visibility.view_cuts import cut_shares
from maps.map_data import MapData
from maps.print.drawn_file import DrawnFile
from maps.print.fonts import print_font
from maps.print.forms.form_page import HEAD_MM, SMALL_PT, Column, FormPage, drawn_form
from maps.print.forms.form_sites import rows_named
from maps.print.forms.form_words import form_word
from maps.print.forms.lens_shapes import CameraPoints, Lens, lenses_of
from maps.print.forms.view_map import WITHOUT_GROUND, ViewMap, draw_symbol, extent_of, frame_of, near_each_other
from maps.print.map_furniture import draw_north, draw_scale_bar
from maps.print.page_layout import Rect, paper_choices
from maps.print.page_projection import projected
from maps.print.sheet_content import SheetContent, sheet_content, text_of

#: Views are drawn at 1:500 to 1:2,000; what does not fit then is on further sheets, but for a view that is wider.
SECTOR_SCALES = (500, 750, 1_000, 1_250, 1_500, 2_000)
_MOST_SCALE = SECTOR_SCALES[-1]
#: Width of the table, at most and as a share of the sheet; below the map, for scale, north and legend, mm.
_TABLE_MM, _TABLE_SHARE, _STRIP_MM, _LEGEND_MM, _GAP_MM = 158.0, 0.46, 15.5, 5.0, 5.0
#: Width at the right end that north takes from the legend, mm.
_NORTH_MM = 28.0
#: Height of a row and of what stands above the rows, mm.
_ROW_MM, _ABOVE_MM = 4.9, 12.0
#: As many rows stand below the map, which then has the whole width; more beside it.
_ROWS_BELOW = 10
#: Columns of figures, which stand at the right.
_FIGURES = range(2, 7)
_CAMERAS = LAYERS["cameras"]
#: What is said where rights leave cameras out: there may be some.
_NONE_ALLOWED = ("没有您有权查看的摄像机", "there is no camera that your rights include")


@dataclass(frozen=True)
class _Camera:
    lens: Lens
    number: str
    cut: float


def sector_sheets(
    data: MapData, *, names: Sequence[str] = (), zone: str | None = None, paper: str = "A3", lang: str = "zh"
) -> DrawnFile:
    """Return sheets of views, lying: one for cameras near each other, more where they do not fit at 1:2,000.

    Parameters
    ----------
    data
        The map of a run, with the cameras and views that the reader may see.
    names
        Ids of cameras or names of sites.
    zone
        Code or name of the zone whose cameras are drawn, where no names are given.
    paper
        ``A4`` to ``A0``.
    lang
        ``zh`` or ``en``.

    Raises
    ------
    NotFound, AmbiguousName
        There is no such camera, site or zone, or several; or the zone has no camera.
    UnknownName
        For an unknown paper.
    """
    size = max(paper_choices(paper.partition("-")[0]), key=lambda one: one.width)
    content = sheet_content(data, zone)
    rows = rows_named(data, names, content.crs) if names else _rows_in(data, content)
    lenses = lenses_of(data, rows, content.crs, lang)
    shares = _cut_shares(data, rows, lenses)
    cameras = [_Camera(one, str(n), shares.get(one.id, math.nan)) for n, one in enumerate(lenses, 1)]
    page = FormPage((size.width, size.height), print_font(), lang)
    table = min(_TABLE_MM, page.inner.width * _TABLE_SHARE)
    room = int((page.inner.height - _ABOVE_MM - 24.0) / _ROW_MM)

    def most(count: int) -> tuple[float, float]:
        """Return the ground that the map of so many cameras shows at the smallest scale, m."""
        is_below = count <= _ROWS_BELOW
        width = page.inner.width - (0.0 if is_below else table + _GAP_MM)
        foot = _STRIP_MM + _LEGEND_MM + (_ABOVE_MM + count * _ROW_MM if is_below else 0.0)
        ground = WITHOUT_GROUND * _MOST_SCALE / 1000
        return width * ground, (page.inner.height - HEAD_MM - foot) * ground

    points = CameraPoints.of(data, content.crs)
    groups = near_each_other([extent_of([one.lens]) for one in cameras], most, room)
    title = form_word("sector_title", lang)
    about = _about(content, names, lang)
    pages = []
    for number, group in enumerate(groups, 1):
        one = _SectorPage(FormPage((size.width, size.height), print_font(), lang), data, content, table, points)
        pages.append(one.draw([cameras[at] for at in group], about, number, len(groups)))
    marks = [[(f"{title} {n}", one.inner.x, one.inner.top)] for n, one in enumerate(pages, 1)]
    return drawn_form(data, pages, marks, f"{title} {about}")


def _about(content: SheetContent, names: Sequence[str], lang: str) -> str:
    if names or content.focus is None:
        return ("、" if lang == "zh" else ", ").join(names)
    return f"{content.focus.name} {content.focus.code}".strip()


def _rows_in(data: MapData, content: SheetContent) -> gpd.GeoDataFrame:
    """Return the cameras that stand in the zone in focus, north to south."""
    cameras = data.cameras
    if not len(cameras):
        raise NotFound(*_NONE_ALLOWED if data.partial else ("没有摄像机可画", "there is no camera to draw"))
    points = shapely.centroid(projected(cameras, content.crs).geometry.to_numpy())
    inside = np.ones(len(cameras), bool)
    if content.focus is not None:
        inside = shapely.intersects(content.focus.shape, points)
    if not inside.any():
        raise NotFound(*_NONE_ALLOWED if data.partial else ("该区域内没有摄像机", "there is no camera in this zone"))
    order = np.lexsort((shapely.get_x(points), -shapely.get_y(points)))
    return cameras.iloc[order[inside[order]]]


def _cut_shares(data: MapData, rows: gpd.GeoDataFrame, lenses: Sequence[Lens]) -> dict[str, float]:
    """Return the share of each view that buildings take, of the cameras that the run has views of."""
    known = [one for one in lenses if math.isfinite(one.range_m)]
    if not known:
        return {}
    seen = {one.id: one.possible_m2 if one.sector.is_empty else one.sure_m2 for one in known}
    mine = rows[rows["id"].astype(str).isin(seen).to_numpy(bool)]
    found = cut_shares(
        mine,
        pd.Series(seen),
        level=data.meta.level,
        edition=data.meta.edition,
        target_height=float(data.summary.get("target_height") or 0.0),
    )
    return {str(key): float(value) for key, value in found.items()}


class _SectorPage:
    """Draw one sheet."""

    def __init__(
        self, page: FormPage, data: MapData, content: SheetContent, table_mm: float, points: CameraPoints
    ) -> None:
        self.page, self.data, self.content, self.table_mm, self.points = page, data, content, table_mm, points
        self.tables: TableLanguage = "en" if page.lang == "en" else "zh"

    def draw(self, group: Sequence[_Camera], about: str, number: int, of: int) -> FormPage:
        """Draw map and table."""
        page = self.page
        page.head(page.word("sector_title"), about, self.data)
        box = page.inner
        whole = Rect(box.x, box.y + 2.0, box.width, page.y - box.y - 2.0)
        if len(group) <= _ROWS_BELOW:
            foot = _ABOVE_MM + len(group) * _ROW_MM
            self._map(Rect(whole.x, whole.y + foot, whole.width, whole.height - foot), group)
            self._table(Rect(whole.x, whole.y, whole.width, foot - 2.0), group)
        else:
            width = whole.width - self.table_mm - _GAP_MM
            self._map(Rect(whole.x, whole.y, width, whole.height), group)
            self._table(Rect(whole.x + width + _GAP_MM, whole.y, self.table_mm, whole.height), group)
        page.foot(self.data, self.content, number, of)
        return page

    def _map(self, box: Rect, group: Sequence[_Camera]) -> None:
        page, lenses = self.page, [one.lens for one in group]
        below = _STRIP_MM + _LEGEND_MM
        frame = frame_of(extent_of(lenses), Rect(box.x, box.y + below, box.width, box.height - below), SECTOR_SCALES)
        page.canvas.maps.append(frame.reference(self.content.crs))
        drawn = ViewMap(page.canvas, frame, self.data, self.content, page.lang)
        drawn.draw(
            lenses, {one.lens.id: one.number for one in group}, others=self.points.without([one.id for one in lenses])
        )
        run = page.text(box.x, box.y + _LEGEND_MM + 6.6, f"1:{frame.scale:,.0f}", 10.0, bold=True)
        bar = (box.x + run + 5.0, box.y + _LEGEND_MM + 6.2)
        room = box.width - run - 45.0
        draw_scale_bar(page.canvas, *bar, min(room, 90.0), int(frame.scale), 1.0, page.lang)
        draw_north(page.canvas, box.right - 12.0, box.y + _LEGEND_MM + 4.6, 10.5, lenses[0].turn, 0.8, page.lang)
        entries = drawn.legend(lenses)
        half = -(-len(entries) // 2)
        step = (box.width - _NORTH_MM) / max(half, 1)
        for at, (name, text) in enumerate(entries):
            x, y = box.x + at % half * step, box.y + (4.2 if at < half else 0.2)
            draw_symbol(page.canvas, name, Rect(x, y, 6.0, 2.4))
            page.text(x + 7.2, y + 0.3, text, SMALL_PT, width=step - 8.5)

    def _field(self, name: str) -> str:
        return headings.without_brackets(headings.heading(_CAMERAS.field(name), self.tables))

    def _table(self, box: Rect, group: Sequence[_Camera]) -> None:
        page = self.page
        y = page.heading(box, page.word("cameras_here", n=len(group)), page.word("cut_note"))
        heads = [
            page.word("number"), self._field("id"), self._field("azimuth"), page.word("field_of_view"),
            page.word("range"), page.word("height"), page.word("cut"), page.word("by_default"),
        ]  # fmt: skip
        rows = [self._row(one) for one in group]
        columns = [
            Column(head, page.needed_mm(head, cells), "right" if at in _FIGURES else "left")
            for at, (head, cells) in enumerate(zip(heads, zip(*rows, strict=True), strict=True))
        ]
        page.table(Rect(box.x, box.y, box.width, y - box.y), columns, rows)

    def _row(self, one: _Camera) -> list[str]:
        page, lens = self.page, one.lens
        if lens.hfov >= 360:
            azimuth = page.word("all_round")
        else:
            azimuth = f"{lens.azimuth:g}°" if math.isfinite(lens.azimuth) else page.word("unknown_azimuth")
        height = text_of(lens.row.get("height")) or lens.assumed.get("height", "")
        names = [self._field(name) for name in lens.assumed if name and name in _CAMERAS.names]
        told = ("、" if page.lang == "zh" else ", ").join([*names, *([lens.assumed[""]] if "" in lens.assumed else [])])
        if not math.isfinite(lens.range_m):
            told = page.word("no_view")
        return [
            one.number, lens.id, azimuth, f"{lens.hfov:g}°" if math.isfinite(lens.hfov) else "—",
            f"{plain_figure(lens.range_m)} m" if math.isfinite(lens.range_m) else "—",
            f"{float(height):g} m" if height else "—", share_text(one.cut), told,
        ]  # fmt: skip
