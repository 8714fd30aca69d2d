"""Print how far facilities are: lines from every unit to its nearest one, and a table of the farthest (rule P7)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

import geopandas as gpd
import numpy as np
import shapely

from geo.catalog.kinds import FACILITY_KINDS, kind_words
from geo.catalog.palette import LIGHT, WIDTHS
from geo.errors import NotFound
from geo.figure_text import plain_figure
from geo.plain_words import bare_word
from maps.map_data import MapData
from maps.print.map_body import PLACE_MARKS
from maps.print.page_layout import Rect, paper_choices
from maps.print.page_projection import PageTransform, projected
from maps.print.pdf_canvas import MM_PER_POINT
from maps.print.road_page import RoadPage, save_pages
from maps.print.sheet_content import sheet_content, text_of
from maps.print.sheet_words import sheet_word
from maps.style.words import WORDS

_DASH_MM = (1.2, 0.9)


def write_reach(
    data: MapData, out: Path | BinaryIO, *, paper: str = "A3", lang: str = "zh", limit_m: float | None = None
) -> int:
    """Write a sheet of reach as PDF and return how many units its table lists.

    Parameters
    ----------
    data
        Map data with ``reach``.
    out, paper
        As ``maps.print.sheet.write_sheet`` takes them.
    limit_m
        Metres: the sheet says how many units are farther; None for no limit.

    Raises
    ------
    NotFound
        No unit has a facility.
    UnknownName
        For an unknown paper.
    """
    papers = paper_choices(paper)
    if data.reach is None or not len(data.reach):
        raise NotFound("没有可画的单元与设施", "there are no units and facilities to draw")
    content = sheet_content(data)
    reach = projected(data.reach, content.crs)
    bounds = reach.total_bounds.tolist() if content.extent is None else content.extent
    titles = [_title(data, one) for one in ("zh", "en")]
    page = RoadPage(data, content, (bounds[0], bounds[1], bounds[2], bounds[3]), papers, lang, (titles[0], titles[1]))
    rect = page.frame.rect
    with page.canvas.clipped(rect.x, rect.y, rect.width, rect.height):
        page.draw_ground()
        _draw_lines(page, reach)
    page.draw_furniture()
    page.draw_rows(page.title, _figures(page, reach, limit_m))
    page.draw_legend(_legend(page))
    derived = int(data.summary.get("reach_derived", 0))
    left_out = [page.panel.word("sheet_reach_derived", n=f"{derived:,}")] if derived else []
    page.draw_notes([page.panel.word("sheet_reach_what"), *left_out])
    heads = [page.panel.word(one) for one in ("reach_unit", "col_name", "reach_distance", "reach_how", "reach_own")]
    rows = _rows(page, reach)
    shown = page.room_for_rows(heads, rows)
    page.draw_table(page.panel.word("sheet_farthest", n=shown, total=len(rows)), heads, rows, (2,))
    save_pages([page], out, page.title)
    return shown


def _title(data: MapData, lang: str) -> str:
    kind = str(data.summary.get("reach_kind", ""))
    known = kind_words(FACILITY_KINDS).get(bare_word(kind), kind_words(FACILITY_KINDS).get(kind))
    return sheet_word("sheet_reach", lang, kind=kind if known is None else known[lang == "en"])


def _draw_lines(page: RoadPage, reach: gpd.GeoDataFrame) -> None:
    canvas, unit = page.canvas, page.unit
    to_page = PageTransform(reach.crs, page.content.crs, page.frame)
    colour, width = LIGHT.layers["facilities"], WIDTHS["road"] * MM_PER_POINT * unit
    air = reach["air"].to_numpy(bool)
    shapes = reach.geometry.to_numpy()
    canvas.lines(to_page.lines(shapes[~air]), edge=colour, width=width)
    canvas.lines(to_page.lines(shapes[air]), edge=colour, width=width, dash=[one * unit for one in _DASH_MM])
    ends = shapely.get_coordinates(shapely.get_point(shapes, -1))
    starts = shapely.get_coordinates(shapely.get_point(shapes, 0))
    canvas.dots(to_page.points(starts), diameter=0.7 * unit, colour=LIGHT.ink)
    mark = 1.3 * PLACE_MARKS["facilities"] * unit
    canvas.symbols(to_page.points(np.unique(ends, axis=0)), mark, fill=colour, edge=LIGHT.halo, width=0.15 * unit)


def _figures(page: RoadPage, reach: gpd.GeoDataFrame, limit_m: float | None) -> list[tuple[str, str]]:
    word, rows = page.panel.word, []
    for unit, group in reach.groupby("unit", sort=False):
        own = int(group["own"].sum())
        rows.append((_unit_word(page, str(unit)), word("sheet_reach_own", n=len(group), own=own)))
    if limit_m is not None:
        beyond = int((reach["distance_m"] > limit_m).sum())
        rows.append((word("sheet_reach_beyond", metres=plain_figure(limit_m)), f"{beyond:,}"))
    return rows


def _unit_word(page: RoadPage, unit: str) -> str:
    return page.panel.word(unit) if unit in WORDS else unit


def _rows(page: RoadPage, reach: gpd.GeoDataFrame) -> list[list[str]]:
    word = page.panel.word
    ordered = reach.drop(columns="geometry").sort_values(["distance_m", "code"], ascending=[False, True], kind="stable")
    return [
        [
            _unit_word(page, row["unit"]),
            text_of(row["name"]) or str(row["code"]),
            f"{plain_figure(row['distance_m'])} m",
            word("reach_air" if row["air"] else "reach_road"),
            word("yes" if row["own"] else "no"),
        ]
        for row in ordered.to_dict("records")
    ]


def _legend(page: RoadPage) -> Sequence[tuple[object, str]]:
    canvas, unit, word = page.canvas, page.unit, page.panel.word
    colour = LIGHT.layers["facilities"]

    def line(box: Rect, dash: Sequence[float] = ()) -> None:
        ends = shapely.LineString([(box.x, box.centre[1]), (box.right, box.centre[1])])
        canvas.lines([ends], edge=colour, width=WIDTHS["road"] * MM_PER_POINT * unit, dash=dash, cap=0)

    def facility(box: Rect) -> None:
        mark = 1.3 * PLACE_MARKS["facilities"] * unit
        canvas.symbols(np.array([box.centre]), mark, fill=colour, edge=LIGHT.halo, width=0.15 * unit)

    def start(box: Rect) -> None:
        canvas.dots(np.array([box.centre]), diameter=0.9 * unit, colour=LIGHT.ink)

    return [
        (facility, word("facilities")), (start, word("sheet_reach_unit")), (line, word("reach_road")),
        (partial(line, dash=[one * unit for one in _DASH_MM]), word("reach_air")),
    ]  # fmt: skip
