"""Count what a store has of places, as a report counts them: rows, sites and sums, each with its unknowns."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.assessment.camera_sites import Sites, sites_of
from geo.assessment.rates import HIGH_DEFINITION_PX, counted_once
from geo.assessment.served_units import having, own_facilities, villages_of
from geo.catalog.claims import DERIVED
from geo.crs_metric import metric_crs_for
from geo.errors import GeoError
from geo.places.locator import Locator

#: A lowest and a highest count: they differ where values are unknown.
Span = tuple[float, float]
Frames = Mapping[str, gpd.GeoDataFrame]
_LEVELS = ("county", "township", "village")
#: Ends of the names of communities, which a count of 行政村 may or may not have in it.
_COMMUNITY = ("社区", "居委会", "居民委员会")

#: Beginning of the keys of counts -> layers that they are made of.
LAYERS_OF: Mapping[str, tuple[str, ...]] = {
    "grids": ("grids",), "microgrids": ("grids",), "townships": ("divisions",),
    "villages": ("divisions", "villages"), "households": ("grids", "villages"),
    "streams": ("cameras",), "sites": ("cameras", "divisions"), "facilities": ("facilities",), "places": ("places",),
    "areas": ("areas",), "rate:intact": ("cameras",), "rate:networked": ("cameras",),
    "rate:high_definition": ("cameras",), "rate:villages_link": ("divisions", "villages", "facilities"),
    "rate:villages_facility": ("divisions", "villages", "facilities"),
}  # fmt: skip


def beginning_of(key: str) -> str:
    """Return the beginning of a key by which ``LAYERS_OF`` knows it.

    Examples
    --------
    >>> beginning_of("streams:networked:1"), beginning_of("rate:intact:1")
    ('streams', 'rate:intact')
    """
    parts = key.split(":")
    return ":".join(parts[:2]) if parts[0] == "rate" else parts[0]


def counts(frames: Frames, beginnings: frozenset[str] | set[str]) -> dict[str, Span]:
    """Return key -> its lowest and highest value; a key is absent where the store has no row to count.

    Parameters
    ----------
    frames
        Layer -> rows in EPSG:4326, those of ``LAYERS_OF`` for the keys asked for.
    beginnings
        Keys of ``LAYERS_OF``.

    Examples
    --------
    >>> grids = gpd.GeoDataFrame({"code": ["1", "2", "3"], "level": [1, 1, 2]}, geometry=[None] * 3)
    >>> counts({"grids": grids}, {"grids", "microgrids"})
    {'grids': (2, 2), 'microgrids': (1, 1), 'grids:both': (3, 3)}
    """
    out: dict[str, Span] = {}
    for made_by, keys in _MADE.items():
        if beginnings & set(keys):
            out.update(made_by(frames))
    return out


# --- zones ------------------------------------------------------------------------------------------------------------


def _grids(frames: Frames) -> Iterator[tuple[str, Span]]:
    grids = _rows(frames, "grids")
    if not len(grids):
        return
    second = (_numbers(grids, "level") == 2).to_numpy(bool)
    first = grids[~second]
    if len(first):
        yield "grids", _exactly(len(first))
    if second.any():
        yield "microgrids", _exactly(second.sum())
        yield "grids:both", _exactly(len(grids))
    kind = _column(first, "kind")
    for one in ("general", "dedicated"):
        if kind.notna().any():
            yield f"grids:{one}", _span(kind == one, kind.isna())


def _townships(frames: Frames) -> Iterator[tuple[str, Span]]:
    found = _of_level(frames, "township")
    if len(found):
        yield "townships", _exactly(len(found))


def _villages(frames: Frames) -> Iterator[tuple[str, Span]]:
    """Count villages by both layers that may have them: where they differ, either count may be meant."""
    there = [one for one in (_rows(frames, "villages"), _of_level(frames, "village")) if len(one)]
    if not there:
        return
    sizes = [len(one) for one in there]
    yield "villages", (min(sizes), max(sizes))
    alone = [int((~_column(one, "name").fillna("").astype(str).str.endswith(_COMMUNITY)).sum()) for one in there]
    yield "villages:only", (min(alone), max(sizes))


def _households(frames: Frames) -> Iterator[tuple[str, Span]]:
    grids = _rows(frames, "grids")
    first = grids[(_numbers(grids, "level") != 2).to_numpy(bool)]
    sums = []
    for frame in (first, _rows(frames, "villages")):
        given = _numbers(frame, "households")
        if given.notna().any():
            total = float(given.sum())
            sums.append((total, math.inf if given.isna().any() else total))
    if sums:
        yield "households", (min(low for low, _ in sums), max(high for _, high in sums))


# --- cameras ----------------------------------------------------------------------------------------------------------


def _cameras(frames: Frames) -> Iterator[tuple[str, Span]]:
    """Count streams, which are rows, and sites (rule B4), of what stands: planned and removed rows are left out."""
    cameras = _rows(frames, "cameras")
    cameras = cameras[~_column(cameras, "status").isin(("planned", "removed")).to_numpy(bool)]
    if not len(cameras):
        return
    rank = _numbers(cameras, "class")
    status = _column(cameras, "status").fillna("online")  # rule U4
    networked = _column(cameras, "networked")
    everything = pd.Series(True, index=cameras.index)
    nothing = ~everything
    online = status == "online", status == "unknown"
    # A register that says of no row whether it is networked does not tell those that are from the others.
    joined = (
        (networked == "yes", networked.isna() | (networked == "unknown"))
        if networked.isin(("yes", "no")).any()
        else (everything, nothing)
    )
    try:
        site: np.ndarray | None = _sites(frames, cameras).site
    except GeoError:  # too wide for any computing CRS: streams can still be counted
        site = None
    of_class = [("", everything)]
    if rank.notna().any():
        of_class += [(f":{one}", rank == one) for one in (1, 2, 3)]
    for suffix, mine in of_class:
        for name, (sure, maybe) in (("", (everything, nothing)), (":online", online), (":networked", joined)):
            yield f"streams{name}{suffix}", _span(mine & sure, mine & maybe)
            if site is not None:
                yield f"sites{name}{suffix}", _site_span(site, mine & sure, mine & maybe)
        if mine.any():
            yield f"rate:intact{suffix}", _shares(mine & online[0], mine & online[1], mine)


def _camera_rates(frames: Frames) -> Iterator[tuple[str, Span]]:
    """Yield the rates of rows whatever their status (rule P6)."""
    cameras = _rows(frames, "cameras")
    networked = _column(cameras, "networked")
    rank = _numbers(cameras, "class")
    required = rank.isin((1, 2)) | ((rank == 3) & (_column(cameras, "required") == "yes"))
    if (networked.isin(("yes", "no")) & required).any():
        maybe = networked.isna() | (networked == "unknown")
        yield "rate:networked", _shares(required & (networked == "yes"), required & maybe, required)
    width = _numbers(cameras, "width_px")
    if width.notna().any():
        is_high = width >= HIGH_DEFINITION_PX
        yield "rate:high_definition", _shares(is_high, is_high, width.notna())


def _sites(frames: Frames, cameras: gpd.GeoDataFrame) -> Sites:
    points = cameras.geometry
    xy = shapely.get_coordinates(points.to_crs(metric_crs_for(points)).to_numpy())
    townships = _of_level(frames, "township")
    townships = townships[shapely.get_dimensions(townships.geometry.to_numpy()) == 2]
    owner = None
    if len(townships):
        lon, lat = shapely.get_coordinates(points.to_numpy()).T
        owner = Locator(townships.geometry.to_numpy()).locate(lon, lat)
    return sites_of(cameras.assign(status=_column(cameras, "status").fillna("online")), xy, owner)


def _site_span(site: np.ndarray, sure: pd.Series, maybe: pd.Series) -> Span:
    low, high = (len(np.unique(site[rows.to_numpy(bool)])) for rows in (sure, sure | maybe))
    return low, high


# --- places, facilities, own zones ------------------------------------------------------------------------------------


def _places(frames: Frames) -> Iterator[tuple[str, Span]]:
    places = _rows(frames, "places")
    kinds, derived = _column(places, "kind"), _column(places, "source") == DERIVED
    for kind, count in kinds[~derived.to_numpy(bool)].value_counts().items():
        if kind not in ("crossing", "section"):
            yield f"places:{kind}", _exactly(count)
    for kind in ("crossing", "section"):  # as the rates count them, derived ones too
        count = int(counted_once(kinds, derived, kind).sum())
        if count:
            yield f"places:{kind}", _exactly(count)


def _areas(frames: Frames) -> Iterator[tuple[str, Span]]:
    for kind, count in _column(_rows(frames, "areas"), "kind").value_counts().items():
        yield f"areas:{kind}", _exactly(count)


def _facilities(frames: Frames) -> Iterator[tuple[str, Span]]:
    facilities = _rows(frames, "facilities")
    kinds, level = _column(facilities, "kind"), _column(facilities, "level")
    for kind in kinds.dropna().unique():
        mine = kinds == kind
        yield f"facilities:{kind}", _exactly(mine.sum())
        for some in range(1, 1 << len(_LEVELS)):
            chosen = [one for k, one in enumerate(_LEVELS) if some >> k & 1]
            yield f"facilities:{kind}:{'+'.join(chosen)}", _span(mine & level.isin(chosen), mine & level.isna())


def _reached(frames: Frames) -> Iterator[tuple[str, Span]]:
    """Yield the shares of villages with a link, and with a facility of each kind (rules P6 and P7)."""
    villages = villages_of(frames.get("villages"), frames.get("divisions"))
    facilities = _rows(frames, "facilities")
    if not len(villages) or not len(facilities):
        return
    has = partial(having, len(villages), own_facilities(villages, facilities))
    links = partial(having, len(villages), own_facilities(villages, facilities, level="village"))
    link = _column(facilities, "link")
    if link.isin(("yes", "no")).any():
        sure, maybe = (link == "yes").to_numpy(bool), (link.isna() | (link == "unknown")).to_numpy(bool)
        yield "rate:villages_link", (float(links(sure).mean()), float(links(sure | maybe).mean()))
    kinds = _column(facilities, "kind")
    for kind in kinds.dropna().unique():
        share = float(has((kinds == kind).to_numpy(bool)).mean())
        yield f"rate:villages_facility:{kind}", (share, share)


# --- frames -----------------------------------------------------------------------------------------------------------


def _rows(frames: Frames, layer: str) -> gpd.GeoDataFrame:
    return frames[layer] if layer in frames else gpd.GeoDataFrame(geometry=[], crs=4326)


def _of_level(frames: Frames, level: str) -> gpd.GeoDataFrame:
    divisions = _rows(frames, "divisions")
    return divisions[(_column(divisions, "level") == level).to_numpy(bool)]


def _column(frame: gpd.GeoDataFrame, name: str) -> pd.Series:
    return frame[name] if name in frame else pd.Series([None] * len(frame), index=frame.index, dtype=object)


def _numbers(frame: gpd.GeoDataFrame, name: str) -> pd.Series:
    """Return numbers, NaN for missing ones: a comparison with them is true or false, and never missing."""
    return pd.to_numeric(_column(frame, name), errors="coerce").astype("float64")


def _exactly(count: object) -> Span:
    whole = int(count)  # type: ignore[call-overload]
    return whole, whole


def _span(sure: pd.Series, maybe: pd.Series) -> Span:
    return int(sure.sum()), int((sure | maybe).sum())


def _shares(sure: pd.Series, maybe: pd.Series, of: pd.Series) -> Span:
    low, high = _span(sure & of, maybe & of)
    return low / int(of.sum()), high / int(of.sum())


_MADE: Mapping[Callable[[Frames], Iterator[tuple[str, Span]]], tuple[str, ...]] = {
    _grids: ("grids", "microgrids"),
    _townships: ("townships",),
    _villages: ("villages",),
    _households: ("households",),
    _cameras: ("streams", "sites", "rate:intact"),
    _camera_rates: ("rate:networked", "rate:high_definition"),
    _places: ("places",),
    _areas: ("areas",),
    _facilities: ("facilities",),
    _reached: ("rate:villages_link", "rate:villages_facility"),
}
