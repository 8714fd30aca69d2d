"""Print a change of grids on one page: maps before and after, areas, households, succession, lines to sign on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from geo.catalog.palette import GROUND, LIGHT, SHEET
from geo.crs import crs_name
from geo.crs_metric import metric_crs_for
from geo.figure_text import plain_figure, share_text
from maps.map_data import MapData, Meta
from maps.print.drawn_file import DrawnFile
from maps.print.fonts import print_font
from maps.print.forms.form_page import HEADING_MM, MARGIN_MM, ROW_MM, SMALL_PT, Column, FormPage, drawn_form
from maps.print.forms.view_map import frame_of
from maps.print.map_furniture import draw_scale_bar
from maps.print.page_layout import MapFrame, Rect
from maps.print.sheet_dates import day_text

_A4 = (297.0, 210.0)
#: Between blocks; height of the title of a map and of the strip below the maps, mm.
_GAP_MM, _MAP_HEAD_MM, _STRIP_MM = 5.0, 6.0, 8.0
#: Rows of each table; what is more is counted.
MOST_ROWS = 7
_NAME_PT = 7.0
#: Width of a border that stays and of one of a grid that changes, mm.
_THIN_MM, _THICK_MM = 0.15, 0.45


@dataclass(frozen=True)
class ChangedGrid:
    """One row of the table of grids.

    Attributes
    ----------
    side
        ``before`` or ``after``.
    code, name, change
        Of the grid; the kind of its change, empty before.
    households, buildings
        Figures; None where unknown.
    area_m2
        Area.
    shape
        Polygon in degrees.
    """

    side: str
    code: str
    name: str
    change: str
    households: int | None
    buildings: int | None
    area_m2: float
    shape: shapely.Geometry


@dataclass(frozen=True)
class GridChange:
    """What is printed.

    Attributes
    ----------
    meta
        Title of the county, classification and moment of the page.
    name, note, state, effective
        Of the draft; the state as ``geo.studies.grid_drafts.draft_state``, the day ISO or empty.
    grids
        Rows of both sides.
    succession
        ``old, new, change, area_share, share, buildings, by``; ``by`` is what the households are shared by,
        ``buildings`` or ``area``.
    buildings_moved
        How many buildings have another grid; None where there are none to go by.
    beside, roads
        Grids and roads near, in degrees.
    """

    meta: Meta
    name: str
    note: str
    state: str
    effective: str
    grids: Sequence[ChangedGrid]
    succession: Sequence[Mapping[str, object]]
    buildings_moved: int | None
    beside: gpd.GeoSeries
    roads: gpd.GeoSeries


def change_form(change: GridChange, *, lang: str = "zh") -> DrawnFile:
    """Return the form of a change of grids, one page A4 across, with empty lines to sign on.

    Parameters
    ----------
    change
        What is printed; at least one grid on each side.
    lang
        ``zh`` or ``en``.
    """
    shapes = gpd.GeoSeries([one.shape for one in change.grids], crs=change.beside.crs)
    page = _ChangePage(change, metric_crs_for(shapes), lang)
    empty = gpd.GeoDataFrame(geometry=[], crs=change.beside.crs)
    data = MapData(change.meta, {}, empty, empty)
    page.draw(data)
    title = page.page.word("grid_change_title")
    marks = [(title, page.page.inner.x, page.page.inner.top)]
    return drawn_form(data, [page.page], [marks], f"{title} {change.name}")


class _ChangePage:
    """Draw the page."""

    def __init__(self, change: GridChange, crs: pyproj.CRS, lang: str) -> None:
        self.change, self.crs = change, crs
        self.page = FormPage(_A4, print_font(), lang)

    def draw(self, data: MapData) -> None:
        """Draw head, maps, tables, lines to sign on and foot."""
        page, change = self.page, self.change
        day = f" · {page.word('effective', day=change.effective)}" if change.effective else ""
        about = f"{change.name} · {page.word(f'state_{change.state}')}{day}"
        page.head(page.word("grid_change_title"), about + (f" · {change.note}" if change.note else ""), data)
        rows = min(max(len(change.grids), len(change.succession)), MOST_ROWS)
        table = Rect(page.inner.x, page.above_signed + 1.0, page.inner.width, HEADING_MM + ROW_MM * (rows + 2))
        self._maps(Rect(page.inner.x, table.top + 2.0, page.inner.width, page.y - table.top - 2.0))
        left = table.width * 0.55
        self._grids(Rect(table.x, table.y, left - _GAP_MM, table.height))
        self._succession(Rect(table.x + left, table.y, table.width - left, table.height))
        page.signed()
        self._foot()

    def _maps(self, box: Rect) -> None:
        page = self.page
        width = (box.width - _GAP_MM) / 2
        height = box.height - _MAP_HEAD_MM - _STRIP_MM
        whole = self._flat(gpd.GeoSeries([one.shape for one in self.change.grids], crs=self.change.beside.crs))
        west, south, east, north = shapely.total_bounds(whole).tolist()
        for at, side in enumerate(("before", "after")):
            rect = Rect(box.x + at * (width + _GAP_MM), box.y + _STRIP_MM, width, height)
            page.text(rect.x, rect.top + 1.8, page.word(side), 9.5, bold=True)
            frame = frame_of((west, south, east, north), rect)
            page.canvas.maps.append(frame.reference(self.crs))
            self._map(frame, [one for one in self.change.grids if one.side == side])
        run = page.text(box.x, box.y + 1.6, f"1:{frame.scale:,.0f}", 9.0, bold=True)
        draw_scale_bar(page.canvas, box.x + run + 5.0, box.y + 1.2, 70.0, int(frame.scale), 0.9, page.lang)
        page.text(box.right, box.y + 1.6, page.word("one_scale"), SMALL_PT, quiet=True, anchor="right")

    def _map(self, frame: MapFrame, grids: Sequence[ChangedGrid]) -> None:
        canvas, rect = self.page.canvas, frame.rect
        canvas.rect(rect.x, rect.y, rect.width, rect.height, fill=SHEET.map_ground, edge=LIGHT.grid_line)
        beside = frame.shapes(self._flat(self.change.beside))
        roads = frame.shapes(self._flat(self.change.roads))
        own = frame.shapes(self._flat(gpd.GeoSeries([one.shape for one in grids], crs=self.change.beside.crs)))
        with canvas.clipped(rect.x, rect.y, rect.width, rect.height):
            canvas.polygons(beside, fill=SHEET.neighbour, edge=LIGHT.grid_line, width=_THIN_MM)
            for at, shape in enumerate(own):
                canvas.polygons([shape], fill=LIGHT.classes[at % 2])
            canvas.lines(roads, edge=GROUND["light"].casing, width=0.25)
            canvas.lines(own, edge=LIGHT.ink, width=_THICK_MM)
            for one, shape in zip(grids, own, strict=True):
                self._label(one, shapely.intersection(shape, shapely.box(rect.x, rect.y, rect.right, rect.top)))

    def _label(self, one: ChangedGrid, shape: shapely.Geometry) -> None:
        """Write the name, and below it the households, in the middle of a grid."""
        if shape.is_empty:
            return
        page, halo = self.page, (LIGHT.paper, 0.4)
        middle = shapely.point_on_surface(max(shapely.get_parts(shape), key=lambda part: part.area))
        page.canvas.text(
            middle.x, middle.y + 0.5, one.name or one.code, _NAME_PT, anchor="middle", halo=halo, bold=True
        )
        told = "—" if one.households is None else page.word("households_of", n=one.households)
        page.canvas.text(middle.x, middle.y - 2.6, told, _NAME_PT, anchor="middle", halo=halo)

    def _grids(self, box: Rect) -> None:
        page, moved = self.page, self.change.buildings_moved
        told = page.word("buildings_unknown") if moved is None else page.word("buildings_moved", n=moved)
        y = page.heading(box, page.word("grids_before_after"), told)
        columns = [
            Column("", 10), Column(page.word("code"), 36), Column(page.word("name"), 30),
            Column(page.word("change"), 16), Column(page.word("households"), 14, "right"),
            Column(page.word("buildings"), 14, "right"), Column(page.word("area"), 22, "right"),
        ]  # fmt: skip
        rows = [
            [
                page.word(f"is_{one.side}"), one.code, one.name, page.word(f"grid_{one.change}") if one.change else "",
                "—" if one.households is None else plain_figure(one.households),
                "—" if one.buildings is None else plain_figure(one.buildings), plain_figure(one.area_m2),
            ]
            for one in self.change.grids
        ]  # fmt: skip
        self._table(Rect(box.x, box.y, box.width, y - box.y), columns, rows)

    def _succession(self, box: Rect) -> None:
        page = self.page
        is_by_area = any(one["by"] == "area" for one in self.change.succession)
        y = page.heading(box, page.word("succession"), page.word("by_area") if is_by_area else "")
        columns = [
            Column(page.word("old_grid"), 34), Column(page.word("new_grid"), 34), Column(page.word("change"), 16),
            Column(page.word("of_households"), 16, "right"), Column(page.word("of_area"), 14, "right"),
        ]  # fmt: skip
        rows = [
            [
                str(one["old"]), str(one["new"]), page.word(f"grid_{one['change']}"),
                share_text(float(str(one["share"]))) + (" *" if one["by"] == "area" else ""),
                share_text(float(str(one["area_share"]))),
            ]
            for one in self.change.succession
        ]  # fmt: skip
        self._table(Rect(box.x, box.y, box.width, y - box.y), columns, rows)

    def _table(self, box: Rect, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        shown = rows if len(rows) <= MOST_ROWS else rows[: MOST_ROWS - 1]
        y = self.page.table(box, columns, shown)
        if len(shown) < len(rows):
            self.page.text(box.x, y - 3.5, self.page.word("more", n=len(rows) - len(shown)), SMALL_PT, quiet=True)

    def _foot(self) -> None:
        page = self.page
        made = page.word("made_on", day=day_text(self.change.meta.made))
        told = [made, crs_name(self.crs), page.word("no_personal_data")]
        page.text(page.inner.x, MARGIN_MM, " · ".join(told), SMALL_PT, width=page.inner.width, quiet=True)

    def _flat(self, shapes: gpd.GeoSeries) -> np.ndarray:
        return np.asarray(shapes.to_crs(self.crs).to_numpy()) if len(shapes) else np.empty(0, object)
