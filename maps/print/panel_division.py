"""Divide the panel of a sheet: blocks of a given size first, the notes, then tables in what is left of the columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from maps.print import camera_table, claim_table, gap_table, sheet_notes
from maps.print.page_layout import Rect
from maps.print.panel import HEADING_MM, ROW_MM, PanelContext

#: Space between two blocks in mm on A3.
_GAP_MM = 2.6
#: Rows that a table has at least where it stands in what other blocks leave of a column.
_LEAST_ROWS = 4
#: Gaps from which on a table says in words where they are, and not how many more there are.
_WORTH_TELLING = 16


@dataclass(frozen=True)
class PanelLayout:
    """Where the blocks of the panel are, in mm, how many gaps and lines of notes they hold, and lines of a gap."""

    rects: Mapping[str, Rect]
    tables: tuple[Rect, ...]
    table_rows: int
    note_lines: int
    claim_rows: int
    lines_per_gap: int


def divide_panel(
    panel: PanelContext,
    columns: Sequence[Rect],
    heights: Mapping[str, float],
    *,
    gaps: int,
    claims: int,
    sites: int,
    needed_lines: Callable[[float], int],
) -> PanelLayout:
    """Divide the columns of a sheet among the blocks of its panel.

    Parameters
    ----------
    columns
        The first begins with scale, figures and legend, the last ends with the information about the sheet.
    heights
        Of ``scale``, ``figures``, ``legend`` and ``information``, in mm.
    gaps, claims, sites
        How many there are to be listed.
    needed_lines
        How many lines the notes take in a column of a width in mm.
    """
    first, last, gap = columns[0], columns[-1], _GAP_MM * panel.unit
    rects, top = {}, first.top
    for name in ("scale", "figures", "legend"):
        rects[name] = Rect(first.x, top - heights[name], first.width, heights[name])
        top -= heights[name] + gap
    rects["information"] = Rect(last.x, last.y, last.width, heights["information"])
    feet = {first.x: first.y, last.x: last.y + heights["information"] + gap}
    least = gap + (HEADING_MM + 3 * ROW_MM) * panel.unit
    alone = len(columns) == 1
    listed, place = _place_of_claims(panel, columns, claims, top, feet[last.x] + (2 if alone else 1.2) * least)
    tops = {first.x: top, **({} if alone else {last.x: last.top})}
    if listed:
        height = claim_table.claim_table_height(panel, listed)
        rects["claims"] = Rect(place.x, place.top - height, place.width, height)
        tops[place.x] = rects["claims"].y - gap
    # Notes stand in the higher of both columns. Beside other columns they may fill it; in a single column the table
    # needs two rows and more.
    there = max((last, first), key=lambda one: tops[one.x] - feet[one.x])
    available = tops[there.x] - feet[there.x] - (least if alone else 0.0)
    lines = min(needed_lines(there.width), sheet_notes.lines_that_fit(panel, available))
    rects["notes"] = Rect(there.x, feet[there.x], there.width, sheet_notes.notes_height(panel, lines))
    feet[there.x] = rects["notes"].top + gap
    tables = _rooms_for_tables(panel, columns, tops, feet)
    if sites:
        tables, rects["cameras"] = _share_with_cameras(panel, tables, gaps, sites)
    # Words of where a gap is take a second line: rather fewer gaps than gaps that only a code names.
    holds = {per: sum(gap_table.table_rows(panel, one.height, lines=per) for one in tables) for per in (1, 2)}
    per_gap = 2 if holds[2] >= min(gaps, _WORTH_TELLING) else 1
    return PanelLayout(rects, tables, min(holds[per_gap], gaps), lines, listed, per_gap)


def _place_of_claims(
    panel: PanelContext, columns: Sequence[Rect], claims: int, top: float, foot: float
) -> tuple[int, Rect]:
    """Return how many claims the sheet lists, and where: below the legend, or at the top of the last column.

    The latter is above the gaps and the notes. ``top`` is the y below the legend, ``foot`` the least that is left in
    the last column.
    """
    first, last = columns[0], columns[-1]
    places = [Rect(first.x, first.y, first.width, top - first.y), Rect(last.x, foot, last.width, last.top - foot)]
    if len(columns) == 1:
        places = [Rect(first.x, foot, first.width, top - foot)]
    for count in range(min(claims, claim_table.MOST_ROWS), 0, -1):
        for place in places:
            if claim_table.claim_table_height(panel, count) <= place.height:
                return count, place
    return 0, places[0]


def _rooms_for_tables(
    panel: PanelContext, columns: Sequence[Rect], tops: Mapping[float, float], feet: Mapping[float, float]
) -> tuple[Rect, ...]:
    """Return where tables stand: in the columns between, and in the first and the last where these have room.

    ``tops`` and ``feet`` are the y between which these two have room left, by their x.
    """
    ends = [Rect(one.x, feet[one.x], one.width, tops[one.x] - feet[one.x]) for one in (columns[0], columns[-1])]
    if len(columns) == 1:
        return (ends[0],)
    before, after = ([one] if gap_table.table_rows(panel, one.height) >= _LEAST_ROWS else [] for one in ends)
    return (*before, *columns[1:-1], *after) or (max(ends, key=lambda one: one.height),)


def _share_with_cameras(
    panel: PanelContext, tables: tuple[Rect, ...], gaps: int, sites: int
) -> tuple[tuple[Rect, ...], Rect]:
    """Return the rooms of the gaps, and that of the sites, which the highest of them gives up."""
    at = max(range(len(tables)), key=lambda one: tables[one].height)
    others = (*tables[:at], *tables[at + 1 :])
    # With two lines of each gap where they fit beside the sites, else with one.
    for lines in (2, 1):
        elsewhere = sum(gap_table.table_rows(panel, one.height, lines=lines) for one in others)
        wanted = gap_table.gap_table_height(panel, lines * max(0, gaps - elsewhere))
        above, below = camera_table.shared_room(panel, tables[at], wanted, sites)
        if above.height >= wanted:
            break
    return (*tables[:at], above, *tables[at + 1 :]), below
