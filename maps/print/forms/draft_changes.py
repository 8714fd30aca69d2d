"""Say what a draft changes: cameras added, moved, turned, changed, failing or removed, before and after."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.catalog import headings
from geo.catalog.headings import TableLanguage
from geo.catalog.layers import LAYERS
from geo.derivation.place_words import direction_word
from geo.visibility.views import Views
from maps.map_data import MapData
from maps.print.forms.form_words import form_word
from maps.print.forms.lens_shapes import Lens, lenses_of
from maps.print.sheet_content import text_of

_CAMERAS = LAYERS["cameras"]
#: Of a change that is of several kinds the first is told first; a move below so many metres is none.
KINDS = ("added", "removed", "moved", "turned", "failing", "changed")
_LEAST_MOVE_M = 0.05


@dataclass(frozen=True)
class CameraChange:
    """One camera of a draft.

    Attributes
    ----------
    kinds
        Of ``KINDS``, at least one.
    before, after
        The camera as it is, None for a new one, and as it would be, None for one that goes.
    values
        What differs, in words: ``方位角 90° → 120°``.
    """

    kinds: tuple[str, ...]
    before: Lens | None
    after: Lens | None
    values: tuple[str, ...]

    @property
    def lens(self) -> Lens:
        """Return the camera as it would be, or as it is where it goes."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 (a change is of a camera)
        return found


def views_as_layers(views: Views, ids: Sequence[str]) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the sure and the possible views of some cameras as the layers of a run have them."""
    rows = np.flatnonzero(pd.Index(views.cameras.index.astype(str)).isin(list(ids)))
    told = {
        "id": views.cameras.index.astype(str).to_numpy()[rows],
        "range_m": views.range_m.to_numpy(float)[rows],
        "assumed": ["; ".join(views.assumed.iloc[row]) for row in rows],
    }
    out = []
    for shapes, metric in ((views.sure, views.sure_metric), (views.possible, views.possible_metric)):
        areas = [float(metric[row].area) for row in rows]
        out.append(gpd.GeoDataFrame({**told, "area_m2": areas}, geometry=shapes.to_numpy()[rows], crs=views.crs))
    return out[0], out[1]


def lenses_as_seen(
    data: MapData, rows: gpd.GeoDataFrame, views: Views | None, crs: pyproj.CRS, lang: str
) -> list[Lens]:
    """Return cameras with the views that an analysis or a preview has of them; what fails or is gone sees nothing (U6).

    Parameters
    ----------
    data
        The map of the run.
    rows
        Rows of layer ``cameras``.
    views
        Views of these among others; None for none.
    crs
        Of the sheet.
    lang
        ``zh`` or ``en``.
    """
    if not len(rows):
        return []
    ids = rows["id"].astype(str).tolist()
    sure, possible = (None, None) if views is None else views_as_layers(views, ids)
    lenses = lenses_of(replace(data, views=sure, possible=possible), rows, crs, lang)
    none = shapely.Polygon()
    return [
        replace(one, sure=none, possible=none, sure_m2=0.0, possible_m2=0.0)
        if text_of(one.row.get("status")) in ("offline", "removed")
        else one
        for one in lenses
    ]


def changes_between(
    before: Sequence[Lens], after: Sequence[Lens], failing: Sequence[str], lang: str
) -> list[CameraChange]:
    """Return the changes: new cameras, moves and turns, the rest, what fails, what goes; each in the order given.

    Parameters
    ----------
    before, after
        The cameras as they are and as they would be; one that is in one of them only is removed or added.
    failing
        Ids of those that are taken as failed.
    lang
        ``zh`` or ``en``.
    """
    old, new = ({one.id: one for one in side} for side in (before, after))
    out = []
    for key in dict.fromkeys([*new, *old]):
        was, now = old.get(key), new.get(key)
        if was is None or now is None:
            out.append(CameraChange(("added" if was is None else "removed",), was, now, ()))
            continue
        kinds, values = _differences(was, now, lang)
        if key in failing:
            kinds = ["failing", *(one for one in kinds if one != "changed")]
        if kinds:
            out.append(CameraChange(tuple(sorted(kinds, key=KINDS.index)), was, now, tuple(values)))
    return sorted(out, key=lambda one: KINDS.index(one.kinds[0]))


def _differences(was: Lens, now: Lens, lang: str) -> tuple[list[str], list[str]]:
    kinds, values = [], []
    east, north = now.x - was.x, now.y - was.y
    moved = math.hypot(east, north)
    if moved >= _LEAST_MOVE_M:
        kinds.append("moved")
        azimuth = math.degrees(math.atan2(east, north)) + was.turn
        metres = f"{moved:,.1f}" if moved < 100 else f"{moved:,.0f}"
        values.append(form_word("moved_by", lang, metres=metres, way=direction_word(azimuth, lang)))
    tables: TableLanguage = "en" if lang == "en" else "zh"
    for field in _CAMERAS.fields:
        one, other = (_told(row, field.name, tables) for row in (was.row, now.row))
        if one == other or field.name == "id":
            continue
        kinds.append("turned" if field.name in ("azimuth", "tilt") else "changed")
        name = headings.without_brackets(headings.heading(field, tables))
        unit = {"deg": "°", "m": " m"}.get(field.unit, "")
        values.append(f"{name} {one}{unit if one != '—' else ''} → {other}{unit if other != '—' else ''}")
    return list(dict.fromkeys(kinds)), values


def _told(row: Mapping[str, object], name: str, lang: TableLanguage) -> str:
    value = row.get(name)
    text = text_of(value).removesuffix(".0")
    return headings.words(_CAMERAS.field(name), lang).get(text, text) or "—"
