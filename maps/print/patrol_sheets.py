"""Print a patrol: a sheet of all sectors, and one for each sector with its round numbered and pointed (rule P8)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

import geopandas as gpd
import numpy as np
import shapely

from geo.catalog.free_words import ROAD_CLASSES
from geo.catalog.palette import LIGHT, WIDTHS
from geo.errors import NotFound
from geo.figure_text import plain_figure
from geo.sentences import in_language
from maps.map_data import MapData
from maps.print.label_placement import OccupancyGrid
from maps.print.page_layout import Rect, paper_choices
from maps.print.page_projection import PageTransform, projected
from maps.print.pdf_canvas import MM_PER_POINT
from maps.print.road_page import RoadPage, save_pages
from maps.print.sheet_content import sheet_content, text_of
from maps.print.sheet_words import sheet_word
from maps.round_marks import marks_along, right_of

#: On paper, in mm on A3: between arrows, between places tried for a number, from the axis of a road to the round.
_ARROW_MM, _NUMBER_MM, _ASIDE_MM = 7.0, 14.0, 0.55
_ARROW = np.array([(0.0, 1.0), (0.62, -0.7), (0.0, -0.35), (-0.62, -0.7)])
#: A named road this near (m) is the one that a number stands on.
_ON_ROAD_M = 30.0


def write_patrol(data: MapData, out: Path | BinaryIO, *, paper: str = "A3", lang: str = "zh") -> int:
    """Write the sheets of a patrol as one PDF and return how many pages it has.

    Parameters
    ----------
    data
        Map data with ``rounds`` and ``pieces``.
    out, paper
        As ``maps.print.sheet.write_sheet`` takes them.

    Raises
    ------
    NotFound
        There is no round: every road is surely seen.
    UnknownName
        For an unknown paper.
    """
    papers = paper_choices(paper)
    if data.rounds is None or data.pieces is None or not len(data.rounds):
        raise NotFound("没有要巡查的路段，不出图", "there is nothing to patrol, and no sheet of it")
    content = sheet_content(data)
    rounds, pieces = projected(data.rounds, content.crs), projected(data.pieces, content.crs)
    roads = data.reference.get("roads")
    named = None if roads is None else projected(roads, content.crs)
    pages = [_overview(RoadPage(data, content, _bounds(rounds), papers, lang, _title("sheet_patrol")), rounds, pieces)]
    for at in range(len(rounds)):
        one, its = rounds.iloc[[at]], pieces.iloc[[at]]
        title = _title("sheet_patrol_sector", n=int(one["sector"].iloc[0]), of=len(rounds))
        pages.append(_sector(RoadPage(data, content, _bounds(one), papers, lang, title), one, its, named))
    save_pages(pages, out, sheet_word("sheet_patrol", lang))
    return len(pages)


def _title(key: str, **values: object) -> tuple[str, str]:
    return sheet_word(key, "zh", **values), sheet_word(key, "en", **values)


def _bounds(frame: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    west, south, east, north = frame.total_bounds.tolist()
    return west, south, east, north


def sector_colour(sector: int) -> str:
    """Return the colour of a sector: those of the palette in turn."""
    return LIGHT.sectors[(sector - 1) % len(LIGHT.sectors)]


# ------------------------------------------------------------------------------------------------- pages


def _overview(page: RoadPage, rounds: gpd.GeoDataFrame, pieces: gpd.GeoDataFrame) -> RoadPage:
    canvas, frame, unit, panel = page.canvas, page.frame, page.unit, page.panel
    rect = frame.rect
    to_page = PageTransform(rounds.crs, page.content.crs, frame)
    with canvas.clipped(rect.x, rect.y, rect.width, rect.height):
        page.draw_ground()
        _draw_pieces(page, to_page, pieces, WIDTHS["piece"])
        for number, shape in zip(rounds["sector"].tolist(), rounds.geometry, strict=True):
            lines = to_page.lines(np.array([shape], object))
            canvas.lines(lines, edge=sector_colour(number), width=WIDTHS["round"] * MM_PER_POINT * unit)
        taken = OccupancyGrid(rect)
        for number, shape in zip(rounds["sector"].tolist(), rounds.geometry, strict=True):
            _draw_sector_number(page, taken, number, frame.points(shapely.get_coordinates(shape)))
    page.draw_furniture()
    whole = [
        (panel.word("sheet_sectors"), str(len(rounds))),
        (panel.word("patrol_pieces"), _metres(rounds["pieces_m"].sum())),
        (panel.word("patrol_length"), _metres(rounds["length_m"].sum())),
    ]
    page.draw_rows(panel.word("sheet_patrol"), whole)
    colours = list(dict.fromkeys(sector_colour(number) for number in rounds["sector"].tolist()))
    page.draw_legend(_legend(page, colours, numbered=False))
    page.draw_notes(_notes(page))
    heads = [
        panel.word(f"patrol_{name}") for name in ("sector", "roads", "pieces", "length", "bound", "ratio", "parts")
    ]
    rows = [
        [
            str(row["sector"]), str(row["roads"]), _metres(row["pieces_m"]), _metres(row["length_m"]),
            _metres(row["bound_m"]), _ratio(row), text_of(row["parts"] if row["parts"] == row["parts"] else None),
        ]
        for row in rounds.drop(columns="geometry").to_dict("records")
    ]  # fmt: skip
    if not any(row[-1] for row in rows):
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    page.draw_table(panel.word("sheet_sectors"), heads, rows, range(len(heads)))
    return page


def _sector(
    page: RoadPage, row: gpd.GeoDataFrame, pieces: gpd.GeoDataFrame, roads: gpd.GeoDataFrame | None
) -> RoadPage:
    canvas, frame, panel = page.canvas, page.frame, page.panel
    rect = frame.rect
    values = row.iloc[0]
    colour = sector_colour(int(values["sector"]))
    to_page = PageTransform(row.crs, page.content.crs, frame)
    with canvas.clipped(rect.x, rect.y, rect.width, rect.height):
        page.draw_ground()
        _draw_pieces(page, to_page, pieces, 2 * WIDTHS["piece"])
        stops = _draw_round(page, values.geometry, colour)
    page.draw_furniture()
    figures = [
        (panel.word("patrol_pieces"), _metres(values["pieces_m"])),
        (panel.word("patrol_length"), _metres(values["length_m"])),
        (panel.word("patrol_bound"), _metres(values["bound_m"])),
        (panel.word("patrol_ratio"), _ratio(values)),
        (panel.word("patrol_roads"), str(values["roads"])),
    ]
    if values["parts"] == values["parts"] and values["parts"] is not None:
        figures.append((panel.word("patrol_parts"), str(int(values["parts"]))))
    page.draw_rows(page.title, figures)
    page.draw_legend(_legend(page, [colour], numbered=True))
    why = (
        [] if not isinstance(values["why"], str) else [in_language(values["why"], "zh" if panel.lang == "zh" else "en")]
    )
    failed = [in_language(str(one), "zh" if panel.lang == "zh" else "en") for one in _failed(page)]
    page.draw_notes([*failed, panel.word("sheet_patrol_how"), *why])
    heads = ["#", panel.word("sheet_square"), panel.word("patrol_from_start"), panel.word("patrol_on")]
    names = _road_names(roads, np.array([one[1] for one in stops]).reshape(-1, 2), panel.lang)
    table = [
        [str(at), frame.square(*frame.points(xy)[0]), _metres(along), name]
        for (at, xy, along), name in zip(stops, names, strict=True)
    ]
    if not any(names):
        heads, table = heads[:3], [row[:3] for row in table]
    shown = page.room_for_rows(heads, table)
    title = "sheet_stops" if shown < len(table) else "sheet_stops_all"
    page.draw_table(panel.word(title, n=shown, total=len(table)), heads, table, (0, 2))
    return page


def _failed(page: RoadPage) -> Sequence[str]:
    """Return the note that names the sites and cameras taken as failed; the notes of the run begin with it."""
    return page.data.summary.get("patrol_without") or ()


def _notes(page: RoadPage) -> list[str]:
    lang = "zh" if page.panel.lang == "zh" else "en"
    told = [in_language(str(one), lang) for one in (page.data.summary.get("notes") or ())[:4]]
    return [page.panel.word("sheet_patrol_what"), *told]


# ------------------------------------------------------------------------------------------------- drawing


def _draw_pieces(page: RoadPage, to_page: PageTransform, pieces: gpd.GeoDataFrame, width: float) -> None:
    lines = to_page.lines(pieces.geometry.to_numpy())
    page.canvas.lines(lines, edge=LIGHT.gap_line, width=width * MM_PER_POINT * page.unit, alpha=0.42)


def _draw_round(page: RoadPage, shape: shapely.LineString, colour: str) -> list[tuple[int, np.ndarray, float]]:
    """Draw a round with arrows and numbers and return the numbers: number, place in metres, metres from the start."""
    canvas, frame, unit = page.canvas, page.frame, page.unit
    way = shapely.LineString(frame.points(shapely.get_coordinates(shape)))
    way = shapely.simplify(way, 0.05, preserve_topology=False)
    aside = _ASIDE_MM * unit
    path = right_of(way, aside)
    canvas.lines([path], edge=colour, width=WIDTHS["round"] * MM_PER_POINT * unit)
    # Numbers first tried where they would not cover others; arrows where no number is.
    taken = OccupancyGrid(frame.rect)
    radius = 1.75 * unit
    stops: list[tuple[int, np.ndarray, float, tuple[float, float]]] = []
    numbers = marks_along(way, _NUMBER_MM * unit)
    for xy, bearing, along in zip(numbers.xy, numbers.bearing, numbers.along, strict=True):
        x, y = xy + _aside(bearing, aside)
        box = (x - radius, y - radius, x + radius, y + radius)
        if not stops or taken.is_free(box):
            taken.occupy(box)
            ground = np.array([frame.left, frame.bottom]) + (xy - (frame.rect.x, frame.rect.y)) * frame.scale / 1000
            stops.append((len(stops) + 1, ground, along * frame.scale / 1000, (x, y)))
    arrows = marks_along(way, _ARROW_MM * unit, first=_ARROW_MM * unit / 2)
    for xy, bearing in zip(arrows.xy, arrows.bearing, strict=True):
        x, y = xy + _aside(bearing, aside)
        size = 1.15 * unit
        if taken.is_free((x - size, y - size, x + size, y + size)):
            canvas.symbols(
                np.array([[x, y]]), _turned(_ARROW * size, bearing), fill=colour, edge=LIGHT.halo, width=0.12 * unit
            )
            taken.occupy((x - 0.8 * size, y - 0.8 * size, x + 0.8 * size, y + 0.8 * size))
    for number, _, _, (x, y) in reversed(stops):
        first = number == 1
        canvas.circle(
            x, y, radius, fill=colour if first else LIGHT.paper, edge=LIGHT.halo if first else colour, width=0.3 * unit
        )
        ink = LIGHT.paper if first else LIGHT.ink
        size = 5.8 if number < 100 else 4.6
        page.panel.text(
            x, y - 0.36 * size * unit * MM_PER_POINT, str(number), size, colour=ink, anchor="middle", bold=True
        )
    return [(number, ground, along) for number, ground, along, _ in stops]


def _aside(bearing: float, distance: float) -> np.ndarray:
    turn = np.radians(bearing)
    return np.array([np.cos(turn), -np.sin(turn)]) * distance


def _turned(shape: np.ndarray, bearing: float) -> np.ndarray:
    turn = np.radians(bearing)
    x, y = shape.T
    return np.column_stack([x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)])


def _draw_sector_number(page: RoadPage, taken: OccupancyGrid, number: int, way: np.ndarray) -> None:
    """Write the number of a sector on its round, nearest to the middle, where no other stands."""
    radius = 3.0 * page.unit
    order = np.argsort(np.hypot(*(way - way.mean(axis=0)).T), kind="stable")
    for x, y in way[order[: min(400, len(order))]].tolist():
        box = (x - radius, y - radius, x + radius, y + radius)
        if taken.is_free(box):
            taken.occupy(box)
            page.canvas.circle(x, y, radius, fill=sector_colour(number), edge=LIGHT.halo, width=0.4 * page.unit)
            lift = 0.36 * 9 * page.unit * MM_PER_POINT
            page.panel.text(x, y - lift, str(number), 9, colour=LIGHT.paper, anchor="middle", bold=True)
            return


def _legend(page: RoadPage, colours: Sequence[str], *, numbered: bool) -> list[tuple[object, str]]:
    """Return the entries; ``colours`` are those of the rounds on the page, one for each sector in turn."""
    canvas, unit, panel, colour = page.canvas, page.unit, page.panel, colours[0]

    def line(box: Rect, ink: str, points: float, alpha: float = 1.0) -> None:
        ends = shapely.LineString([(box.x, box.centre[1]), (box.right, box.centre[1])])
        canvas.lines([ends], edge=ink, width=points * MM_PER_POINT * unit, alpha=alpha, cap=0)

    def rounds(box: Rect) -> None:
        step = box.width / len(colours)
        for at, ink in enumerate(colours):
            line(Rect(box.x + at * step, box.y, step, box.height), ink, WIDTHS["round"])

    def arrow(box: Rect) -> None:
        line(box, colour, WIDTHS["round"])
        canvas.symbols(np.array([box.centre]), _turned(_ARROW * 1.15 * unit, 90), fill=colour)

    def start(box: Rect) -> None:
        x, y = box.centre
        canvas.circle(x, y, 1.4 * unit, fill=colour)
        panel.text(x, y - 0.36 * 5.4 * unit * MM_PER_POINT, "1", 5.4, colour=LIGHT.paper, anchor="middle", bold=True)

    def number(box: Rect) -> None:
        x, y = box.centre
        canvas.circle(x, y, 1.4 * unit, fill=LIGHT.paper, edge=colour, width=0.3 * unit)
        panel.text(x, y - 0.36 * 5.4 * unit * MM_PER_POINT, "2", 5.4, anchor="middle", bold=True)

    piece = partial(line, ink=LIGHT.gap_line, points=WIDTHS["piece"] * 1.6, alpha=0.42)
    entries: list[tuple[object, str]] = [(piece, panel.word("legend_pieces"))]
    if not numbered:
        return [*entries, (rounds, panel.word("legend_round" if len(colours) == 1 else "legend_rounds"))]
    return [
        *entries, (arrow, panel.word("legend_direction")), (start, panel.word("legend_start")),
        (number, panel.word("legend_order")),
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------- words


def _metres(value: float) -> str:
    return f"{value / 1000:,.2f} km" if value >= 1000 else f"{plain_figure(value)} m"


def _ratio(row: object) -> str:
    length, bound = float(row["length_m"]), float(row["bound_m"])  # type: ignore[index]
    return f"{length / bound:.2f}" if bound > 0 else "—"


def _road_names(roads: gpd.GeoDataFrame | None, points: np.ndarray, lang: str) -> Sequence[str]:
    """Return the name of the road that each point is on, of one without a name its class in words; empty for none."""
    if roads is None or not len(roads) or not len(points):
        return [""] * len(points)
    columns = [roads[name].tolist() if name in roads else [None] * len(roads) for name in ("name", "class")]
    said = [text_of(name) or _class_word(text_of(of_class), lang) for name, of_class in zip(*columns, strict=True)]
    is_told = np.array([one != "" for one in said], bool)
    words = np.array(said, object)[is_told]
    out = [""] * len(points)
    if is_told.any():
        tree = shapely.STRtree(roads.geometry.to_numpy()[is_told])
        found = tree.query_nearest(shapely.points(points), max_distance=_ON_ROAD_M, all_matches=False)
        for k, row in found.T.tolist():
            out[k] = words[row]
    return out


def _class_word(of_class: str, lang: str) -> str:
    """Return the class of a road in words, without the one that OpenStreetMap has for it in brackets."""
    return ROAD_CLASSES.get(of_class, of_class).partition("（")[0] if lang == "zh" else of_class
