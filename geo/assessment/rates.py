"""Add up the rates that counties are judged by, for the county and each township (rule P6)."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.assessment.inner_points import inner_points
from geo.assessment.served_units import having, own_facilities
from geo.assessment.zones import owning_rows
from geo.row_keys import row_keys

#: The scope of rates of the whole county; other scopes are codes of townships.
COUNTY = "county"
#: What a camera's record needs to be filed, beside its position: layer ``cameras`` has no address but in the name.
FILED_FIELDS = ("name", "class", "place_type")
#: Least width in pixels of high definition.
HIGH_DEFINITION_PX = 1920
#: What a field of yes, no and unknown says where it says something.
YES_OR_NO = ("yes", "no")
RULE = "P6"
COLUMNS = ("rate", "key", "rule", "scope", "numerator", "denominator", "value", "rank")


@dataclass(frozen=True)
class RateInputs:
    """What rates are made of; an empty frame where a layer has no rows.

    Attributes
    ----------
    townships
        Polygons of the townships, with ``code``; every other frame is in their CRS.
    places
        Rows of ``geo.claims(...).places``: ``code, kind, verdict, counted, township, derived``.
    cameras, grids, villages, facilities, roads
        Rows of the layers, as they are stored.
    village_sites
        Code of a village -> online sites that it owns (rule L1); None where the run has no such figures.
    road_pieces
        As ``road_lengths`` returns them for these roads and townships.
    misplaced
        Ids of the cameras with a finding of place; None where that was not asked.

    Examples
    --------
    >>> RateInputs(gpd.GeoDataFrame({"code": ["990101101"]}, geometry=[shapely.box(0, 0, 1, 1)])).misplaced is None
    True
    """

    townships: gpd.GeoDataFrame
    places: pd.DataFrame = field(default_factory=pd.DataFrame)
    cameras: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    grids: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    villages: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    facilities: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    roads: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    village_sites: Mapping[str, int] | None = None
    road_pieces: pd.DataFrame = field(default_factory=pd.DataFrame)
    misplaced: Collection[str] | None = None


@dataclass(frozen=True)
class _Items:
    """What one rate counts: of each item its township (-1 for none), its part of both sums, and its keys.

    ``key`` is that of all items, where the rate is of one key alone. ``told`` says which items have a value: what
    nobody gave is unknown, not zero. None where every item has one by itself.
    """

    rate: str
    township: np.ndarray
    numerator: np.ndarray
    denominator: np.ndarray
    keys: tuple[np.ndarray, ...] = ()
    key: str | None = None
    told: np.ndarray | None = None


def rates(inputs: RateInputs) -> pd.DataFrame:
    """Return every rate with its numerator and denominator, for the county and each township.

    A rate with a key is that of a class, kind or name; ``key`` is None for all of them together. The county counts
    every item, also one that lies in no township. ``value`` is null where the denominator is 0, and where no item that
    is counted has the value asked for: of grids whose heads nobody gave the sum is 0 and the rate unknown, and so it is
    of cameras of which no row says whether it is networked. An item without a value beside others that have one counts
    as none. ``rank`` is that of the township among the townships, 1 for the largest value; equal values have one rank.

    Cameras are counted as rows, one a stream (路), in every rate of them; villages are counted by their online sites.

    Examples
    --------
    Three streams of class 1, of which one is offline:

    >>> town = gpd.GeoDataFrame({"code": ["990101101"]}, geometry=[shapely.box(0, 0, 9, 9)], crs=4547)
    >>> rows = {"id": ["a", "b", "c"], "class": [1, 1, 1], "status": ["online", "online", "offline"]}
    >>> cameras = gpd.GeoDataFrame(rows, geometry=[shapely.Point(1, 1)] * 3, crs=4547)
    >>> found = rates(RateInputs(town, cameras=cameras))
    >>> found[found["key"] == "1"][["scope", "numerator", "denominator"]].values.tolist()
    [['county', 2.0, 3.0], ['990101101', 2.0, 3.0]]
    """
    codes = row_keys(inputs.townships, "code") if len(inputs.townships) else np.empty(0, object)
    rows: list[list[Any]] = []
    for items in _all_items(inputs, codes):
        rows += _rows(items, codes)
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    return found.assign(rank=found["rank"].astype("Int64"))  # a place in an order: 1, not 1.0


# --- what each rate counts --------------------------------------------------------------------------------------------


def _all_items(inputs: RateInputs, codes: np.ndarray) -> Iterator[_Items]:
    if len(inputs.places):
        yield from _of_places(inputs.places, codes)
    if len(inputs.road_pieces):
        yield _of_roads(inputs)
    if len(inputs.villages):
        yield from _of_villages(inputs, codes)
    if len(inputs.cameras):
        yield from _of_cameras(inputs)
    if len(inputs.grids):
        yield from _of_grids(inputs.grids, inputs.townships, codes)


def _of_places(places: pd.DataFrame, codes: np.ndarray) -> Iterator[_Items]:
    """Yield places, crossings and sections, covered and counted; a place of several claims once: all must cover it."""
    frame = pd.DataFrame(
        {
            "code": places["code"].astype(str).to_numpy(),
            "kind": _text(places, "kind"),
            "derived": places["derived"].to_numpy(bool),
            "covered": (places["verdict"] == "covered").to_numpy(bool),
            "counted": places["counted"].to_numpy(bool),
            "township": pd.Index(codes).get_indexer(pd.Index(_text(places, "township"))) if len(codes) else -1,
        }
    )
    every = frame.groupby("code", sort=False)["covered"].transform("all")
    once = frame.assign(covered=every).drop_duplicates("code")
    kinds = [("places", ~once["derived"].to_numpy(bool))]
    kinds += [(f"{one}s", counted_once(once["kind"], once["derived"], one)) for one in ("crossing", "section")]
    for name, mask in kinds:
        mine = once[mask]
        keys = (_text(mine, "kind"),) if name == "places" else ()  # a column of words has NaN where there is none
        for what in ("covered", "counted"):
            yield _counted(f"{name}_{what}", mine["township"], mine[what], np.ones(len(mine), bool), *keys)


def counted_once(kind: pd.Series, derived: pd.Series, wanted: str) -> np.ndarray:
    """Return which places are the crossings, or sections, that rates and reports count, each junction once.

    Where some are derived (rule P5) those alone are: a given crossing stands at the same junction, and the zebras and
    traffic lights of a map are several to one. Given ones stay among the places of their kind.

    Examples
    --------
    Two junctions are derived, and somebody drew one of them by hand too:

    >>> kind, derived = pd.Series(["crossing"] * 3 + ["school"]), pd.Series([True, True, False, False])
    >>> counted_once(kind, derived, "crossing").tolist()
    [True, True, False, False]
    >>> counted_once(kind[2:], derived[2:], "crossing").tolist()
    [True, False]
    """
    mine = (kind == wanted).to_numpy(bool, na_value=False)
    made = mine & derived.to_numpy(bool)
    return made if made.any() else mine


def _of_roads(inputs: RateInputs) -> _Items:
    pieces = inputs.road_pieces
    road = pieces["road"].to_numpy(np.int64)
    keys = (_text(inputs.roads, "class")[road], _text(inputs.roads, "name")[road])
    township = pieces["township"].to_numpy(np.int64)
    return _Items("roads_covered", township, pieces["sure_m"].to_numpy(), pieces["length_m"].to_numpy(), keys)


def _of_villages(inputs: RateInputs, codes: np.ndarray) -> Iterator[_Items]:
    villages = inputs.villages
    names = row_keys(villages, "code")
    township = _township_by_code(villages, inputs.townships, codes)
    every = np.ones(len(villages), bool)
    # Where all villages are points a run has no figures of them, and nobody knows what they own.
    sites = inputs.village_sites or {}
    owned = _counted("villages_site", township, np.array([sites.get(one, 0) > 0 for one in names], bool), every)
    yield owned if inputs.village_sites is not None else replace(owned, told=~every)
    kinds = _text(inputs.facilities, "kind")
    none = np.empty(0, int), np.empty(0, int)
    own, linking = (
        own_facilities(villages, inputs.facilities, level=level) if len(inputs.facilities) else none
        for level in (None, "village")
    )
    has = partial(having, len(villages), own)
    has_any = has(np.ones(len(kinds), bool))
    are_listed = np.full(len(villages), len(kinds) > 0)  # a store without facilities does not say that there are none
    yield _counted("villages_facility", township, has_any, every, told=are_listed)
    for kind in sorted({one for one in kinds if one is not None}):
        yield replace(_counted("villages_facility", township, has(kinds == kind), every), key=kind)
    links = partial(having, len(villages), linking)
    link = _text(inputs.facilities, "link")
    is_told = np.isin(link.astype(str), YES_OR_NO)
    # Where facilities say which link they have, a village without one has none; one that is silent may have one.
    told = (links(is_told) | ~links(np.ones(len(link), bool))) & is_told.any()
    yield _counted("villages_link", township, links(link == "yes"), every, told=told)


def _of_cameras(inputs: RateInputs) -> Iterator[_Items]:
    cameras = inputs.cameras
    township = owning_rows(inputs.townships, cameras.geometry) if len(inputs.townships) else np.full(len(cameras), -1)
    every = np.ones(len(cameras), bool)
    status = _text(cameras, "status")
    status[[one is None for one in status]] = "online"  # rule U4
    camera_class = _number(cameras, "class")
    by_class = np.array([None if math.isnan(one) else str(int(one)) for one in camera_class], object)
    there = ~np.isin(status.astype(str), ("planned", "removed"))
    yield _counted("intact", township, status == "online", there, by_class)
    must = np.isin(camera_class, (1, 2)) | ((camera_class == 3) & (_text(cameras, "required") == "yes"))
    networked = _text(cameras, "networked")
    yield _counted("networked", township, networked == "yes", must, told=np.isin(networked.astype(str), YES_OR_NO))
    filed = shapely.get_type_id(cameras.geometry.to_numpy()) == 0
    for name in FILED_FIELDS:
        filed &= cameras[name].notna().to_numpy(bool) if name in cameras else False
    yield _counted("filed", township, filed, every)
    if inputs.misplaced is not None:
        wrong = set(inputs.misplaced)
        yield _counted("placed_right", township, np.array([one not in wrong for one in row_keys(cameras, "id")]), every)
    width = _number(cameras, "width_px")
    yield _counted("high_definition", township, width >= HIGH_DEFINITION_PX, np.isfinite(width))


def _of_grids(grids: gpd.GeoDataFrame, townships: gpd.GeoDataFrame, codes: np.ndarray) -> Iterator[_Items]:
    """Yield rates of grids; a grid without a level is of level 1 (rule D5).

    Households are those of level 1, whose microgrids would count them again; of microgrids alone theirs.
    """
    township = _township_by_code(grids, townships, codes)
    first = _number(grids, "level") != 2
    staff, heads, households = (_number(grids, name) for name in ("staff", "heads", "households"))
    whole = first | ~first.any()
    yield _counted("grids_staffed", township, staff >= 1, np.ones(len(grids), bool), told=np.isfinite(staff))
    yield _summed("heads_per_grid", township, heads, first.astype(float))
    yield _summed("households_per_staff", township, np.where(whole, households, np.nan), np.nan_to_num(staff))


def _counted(
    rate: str, township: Any, has: Any, asked: np.ndarray, *keys: np.ndarray, told: np.ndarray | None = None
) -> _Items:
    """Return items that count one each, of those asked for; ``told`` says which have the value that is counted."""
    numerator = (np.asarray(has, bool) & asked).astype(float)
    known = None if told is None else told & asked
    return _Items(rate, np.asarray(township, np.int64), numerator, asked.astype(float), keys, told=known)


def _summed(rate: str, township: np.ndarray, values: np.ndarray, denominator: np.ndarray) -> _Items:
    """Return items of which values are added up, NaN for those that nobody gave."""
    return _Items(rate, township, np.nan_to_num(values), denominator, told=~np.isnan(values))


def _township_by_code(frame: gpd.GeoDataFrame, townships: gpd.GeoDataFrame, codes: np.ndarray) -> np.ndarray:
    """Return the township that a code begins with, else that which owns the inner point (rule L1), -1 for none."""
    if not len(codes):
        return np.full(len(frame), -1)
    begins = [one[:9] for one in row_keys(frame, "code")]
    out = pd.Index(codes).get_indexer(pd.Index(begins))
    rest = np.flatnonzero(out < 0)
    inner = gpd.GeoSeries(inner_points(frame.geometry.to_numpy()[rest]), crs=frame.crs)
    out[rest] = owning_rows(townships, inner)
    return np.asarray(out, np.int64)


# --- sums -------------------------------------------------------------------------------------------------------------


def _rows(items: _Items, codes: np.ndarray) -> list[list[Any]]:
    """Return the rows of one rate: of all keys together and of each, the county first."""
    out = _scoped(items, items.key, np.ones(len(items.township), bool), codes)
    for of_items in items.keys:
        for key in sorted({one for one in of_items.tolist() if one is not None}):
            out += _scoped(items, key, of_items == key, codes)
    return out


def _scoped(items: _Items, key: str | None, mask: np.ndarray, codes: np.ndarray) -> list[list[Any]]:
    scopes: list[tuple[str, np.ndarray]] = [(COUNTY, mask)]
    scopes += [(str(code), mask & (items.township == at)) for at, code in enumerate(codes)]
    out: list[list[Any]] = []
    for scope, mine in scopes:
        numerator, denominator = math.fsum(items.numerator[mine]), math.fsum(items.denominator[mine])
        if key is not None and scope != COUNTY and not mine.any():
            continue  # a township without a road of that name has no row for it
        is_known = denominator > 0 and (items.told is None or bool(items.told[mine].any()))
        value = numerator / denominator if is_known else math.nan
        out.append([items.rate, key, RULE, scope, numerator, denominator, value, None])
    values = [row[6] for row in out[1:] if not math.isnan(row[6])]
    for row in out[1:]:
        row[7] = None if math.isnan(row[6]) else 1 + sum(one > row[6] for one in values)
    return out


def _text(frame: pd.DataFrame, name: str) -> np.ndarray:
    out = np.full(len(frame), None, object)
    if name in frame:
        there = frame[name].notna().to_numpy(bool)
        out[there] = frame[name].to_numpy(object)[there].astype(str)
    return out


def _number(frame: pd.DataFrame, name: str) -> np.ndarray:
    if name not in frame:
        return np.full(len(frame), np.nan)
    return pd.to_numeric(frame[name], errors="coerce").to_numpy(float, na_value=np.nan)
