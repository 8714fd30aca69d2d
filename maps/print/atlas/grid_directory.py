"""List the grids of an atlas: code, name, village, page and square of the sheet that shows each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from geo.assessment.named_zones import units_of_zones
from maps.print.atlas.atlas_plan import AtlasPlan
from maps.print.atlas.running_table import RunningTable, TableRow
from maps.print.panel import PanelContext
from maps.print.sheet_content import SheetContents, text_of


@dataclass(frozen=True)
class GridPlace:
    """Where a grid is found: its code, name and village, the page of its sheet and the square there."""

    code: str
    name: str
    village: str
    page: int
    square: str
    link: str


def grid_places(contents: SheetContents, plan: AtlasPlan) -> list[GridPlace]:
    """Return the grids that the sheets of a plan show as their own, by code; none where the run has no grids."""
    frame = contents.zones_of("grids")
    if frame is None:
        return []
    codes = frame["code"].astype(str).tolist()
    names = [text_of(value) for value in frame["name"]] if "name" in frame else [""] * len(codes)
    villages = _villages(contents)
    inner = shapely.get_coordinates(shapely.point_on_surface(frame.geometry.to_numpy()))
    places = []
    for at, code in enumerate(codes):
        if code not in plan.grids:
            continue
        sheet = plan.sheets[plan.grids[code]]
        ((x, y),) = sheet.frame.points(inner[at]).tolist()
        village = villages[at] if villages else ""
        places.append(GridPlace(code, names[at], village, sheet.page, sheet.frame.square(x, y), sheet.link))
    return sorted(places, key=lambda one: one.code)


def _villages(contents: SheetContents) -> list[str]:
    """Return the name of the village that has each grid (rule L1), empty for none."""
    grids, villages = contents.zones_of("grids"), contents.zones_of("villages")
    if grids is None or villages is None:
        return []
    column = "name" if "name" in villages else "code"
    names = [*(text_of(value) for value in villages[column]), ""]
    return [names[row] for row in units_of_zones(grids, villages).tolist()]


def directory_table(panel: PanelContext, places: Sequence[GridPlace]) -> RunningTable:
    """Return the table of the grids, to be drawn page by page."""
    heads = [panel.word(f"atlas_col_{name}") for name in ("code", "name", "village", "page")]
    rows = [TableRow((one.code, one.name, one.village, str(one.page), one.square), one.link) for one in places]
    return RunningTable(panel, [*heads, panel.word("sheet_square")], rows, right=(3,), flexible=1)
