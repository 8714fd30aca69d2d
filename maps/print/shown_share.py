"""Tell how much of the cameras and gaps of a sheet its reader may see, and write counts of them accordingly.

Figures are those of the whole area for everybody, cameras and gaps are not (docs/contract.md section 5). A count of
rows that the rights leave out would read as none: it is a dash where none of the area is the reader's, and says that
it is of their townships where a part is.
"""

from __future__ import annotations

from typing import Literal

import pyproj
import shapely

from maps.map_data import MapData
from maps.print.page_projection import projected
from maps.print.sheet_content import STATUSES, SheetContent, township_frame
from maps.print.sheet_words import sheet_word

#: All of what is there, that of some townships of several, or nothing.
Share = Literal["all", "part", "none"]
#: What reaches over a border of the scope by less than this in metres is no ground of another township: borders of
#: zones and of townships come from different files.
_BORDER_M = 1.0


def shown_share(data: MapData, content: SheetContent) -> Share:
    """Return how much of the cameras and gaps of a sheet its data have.

    Examples
    --------
    A map for a viewer has none. That of a planner has all in their townships, ``part`` in the whole county and
    ``none`` in another township.
    """
    if data.partial != "townships":
        return "none" if data.partial == "figures" else "all"
    own = _scope(data, content.crs)
    shape = content.outline if content.focus is None else content.focus.shape
    if own is None or shape is None:
        return "none" if not data.townships else "part"
    inner = shapely.buffer(shape, -_BORDER_M)
    inner = shape if shapely.is_empty(inner) else inner  # it is narrower than the borders are sure
    shapely.prepare(own)
    if not shapely.intersects(own, inner):
        return "none"
    return "all" if shapely.contains(shapely.buffer(own, _BORDER_M), inner) else "part"


def _scope(data: MapData, crs: pyproj.CRS) -> shapely.Geometry | None:
    """Return the ground of the reader's townships; None where the map has no townships with codes."""
    townships = township_frame(data)
    if townships is None or "code" not in townships:
        return None
    own = townships[townships["code"].astype(str).isin(data.townships).to_numpy(bool)]
    return shapely.union_all(shapely.make_valid(projected(own, crs).geometry.to_numpy()))


def visible_counts(content: SheetContent, share: Share) -> tuple[int | None, dict[str, int | None]]:
    """Return how many gaps and, by status, own sites a sheet has; None for what its reader may not see."""
    if share == "none":
        return None, dict.fromkeys(STATUSES)
    sites = content.sites
    return len(content.gaps), {one: int((sites.status[sites.own] == one).sum()) for one in STATUSES}


def part_text(share: Share, lang: str) -> str:
    """Return what follows a count or a heading: that it is of the reader's townships, where it is of a part.

    Examples
    --------
    >>> part_text("part", "zh"), part_text("part", "en"), part_text("all", "zh")
    ('（本镇街）', ' (your townships)', '')
    """
    return sheet_word("sheet_own_part", lang) if share == "part" else ""


def count_text(number: int | None, lang: str, share: Share = "all") -> str:
    """Return a count as a sheet prints it.

    Examples
    --------
    >>> count_text(1190, "zh"), count_text(190, "zh", "part"), count_text(None, "zh", "none")
    ('1,190', '190（本镇街）', '–')
    """
    return "–" if number is None else f"{number:,}{part_text(share, lang)}"
