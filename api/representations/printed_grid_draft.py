"""Collect what the form of a change of grids prints, for the command line and HTTP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import shapely
import shapely.geometry

from geo.storage.protocol import Store
from geo.storage.records import GridDraft
from geo.studies.grid_drafts import draft_state
from maps.map_data import Meta
from maps.print.drawn_file import DrawnFile
from maps.print.forms.change_form import ChangedGrid, GridChange, change_form
from maps.style.words import title_of

#: Land shown round the grids, as a share of their extent.
_ROUND = 0.5
#: Kinds of changes that only follow from others.
_FOLLOWS = ("border", "parent")


def printed_grid_draft(store: Store, draft: GridDraft, lang: str) -> DrawnFile:
    """Return the form of a draft of changes of grids, one page.

    Parameters
    ----------
    store
        With the rights of the reader.
    draft
        The draft, whatever its state.
    lang
        ``zh`` or ``en``.
    """
    grids = _grids(draft.content)
    with store.snapshot():
        west, south, east, north = shapely.total_bounds([one.shape for one in grids]).tolist()
        more = _ROUND * max(east - west, north - south)
        box = (west - more, south - more, east + more, north + more)
        beside, roads = store.read("grids", bbox=box), store.read("roads", bbox=box)
        divisions = store.read("divisions")
        today = store.today()
    named = divisions.loc[divisions["level"] == "county", "name"].dropna()
    zh, en = title_of(str(named.iloc[0]) if len(named) == 1 else "")
    level = _levels(draft.content)
    beside = beside[beside["level"].fillna(1).astype(int).isin(level)]
    meta = Meta(zh, en, today.isoformat(), "", "", draft.id, "", "", "")
    return change_form(
        GridChange(
            meta=meta,
            name=draft.name,
            note=draft.note,
            state=draft_state(draft, today),
            effective=draft.effective,
            grids=grids,
            succession=draft.content["succession"],
            buildings_moved=draft.content["buildings_moved"] if _has_buildings(draft.content) else None,
            beside=_shapes(beside),
            roads=_shapes(roads),
        ),
        lang=lang,
    )


def _grids(content: Mapping[str, Any]) -> list[ChangedGrid]:
    """Return the grids of both sides, without those that only follow."""
    follow = _following(content)
    is_counted = _has_buildings(content)
    count: Mapping[str, Counter[str]] = {"before": Counter(), "after": Counter()}
    for row in content["succession"]:
        count["before"][row["old"]] += row["buildings"]
        count["after"][row["new"]] += row["buildings"]
    return [
        ChangedGrid(
            side=side,
            code=one["id"],
            name=one["properties"].get("name") or "",
            change=one.get("change", ""),
            households=one["properties"].get("households"),
            buildings=count[side][one["id"]] if is_counted else None,
            area_m2=content["areas"][side][one["id"]],
            shape=shapely.geometry.shape(one["geometry"]),
        )
        for side in ("before", "after")
        for one in content[side]
        if one["id"] not in follow
    ]


def _following(content: Mapping[str, Any]) -> set[str]:
    return {one["id"] for one in content["after"] if one["change"] in _FOLLOWS}


def _levels(content: Mapping[str, Any]) -> set[int]:
    """Return the levels of the grids that are drawn; a microgrid that only takes another parent is not."""
    drawn = [one for one in content["before"] if one["id"] not in _following(content)]
    return {int(one["properties"].get("level") or 1) for one in drawn}


def _has_buildings(content: Mapping[str, Any]) -> bool:
    """Return whether any building was counted: 0 says nothing where the store has none."""
    return any(row["buildings"] for row in content["succession"])


def _shapes(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    return frame.geometry[frame.geometry.notna() & ~frame.geometry.is_empty].reset_index(drop=True)
