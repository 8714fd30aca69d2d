"""Find the sites of named cameras, with what stands on the form of each: owners, words of place, what they see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.assessment.camera_sites import place_numbers
from geo.assessment.zones import owning_rows
from geo.catalog.claims import DERIVED
from geo.catalog.kinds import FACILITY_KINDS, PLACE_KINDS, kind_words
from geo.catalog.layers import LAYERS
from geo.errors import AmbiguousName, NotFound
from maps.map_data import MapData
from maps.print.forms.lens_shapes import Lens, lenses_of
from maps.print.gap_places import GapPlaces
from maps.print.page_projection import projected
from maps.print.sheet_content import COLOURED_LAYERS, SheetContent, text_of, township_frame

#: Zone layers whose owner of a site is told.
OWNERS = COLOURED_LAYERS[:3]  # the finest first: grid, village, township


@dataclass(frozen=True)
class SeenPlace:
    """A place that a view meets: its name and kind in words, metres from the site, lenses that surely or possibly do.

    ``rule`` is that of a protected place in words, else empty.
    """

    name: str
    kind: str
    distance_m: float
    sure: tuple[int, ...]
    possible: tuple[int, ...]
    rule: str = ""


@dataclass(frozen=True)
class Site:
    """A pole with its lenses.

    Attributes
    ----------
    label
        Its name, or the id of its only camera.
    lenses
        In the order of the store.
    place
        Where it is in words, empty where that cannot be told.
    owners
        Zone layer -> name and code of the zone that owns its place, empty for none.
    watched, protected
        What its views meet, nearest first; ``protected`` is None where none are known.
    """

    label: str
    lenses: tuple[Lens, ...]
    place: str
    owners: Mapping[str, tuple[str, str]]
    watched: tuple[SeenPlace, ...]
    protected: tuple[SeenPlace, ...] | None


def site_rows(data: MapData, names: Sequence[str], crs: pyproj.CRS) -> list[gpd.GeoDataFrame]:
    """Return the rows of the sites (rule B4) of named cameras, each site once, in the order of the names.

    Parameters
    ----------
    data
        The map of the run.
    names
        Ids of cameras, or names of sites.
    crs
        Of the sheet.

    Raises
    ------
    NotFound
        There is no camera or site of a name.
    AmbiguousName
        Several sites have that name.
    """
    cameras = data.cameras
    if not len(cameras):
        _none(names[0] if names else "")
    ids = cameras["id"].astype(str).to_numpy(object)
    given = cameras["site"] if "site" in cameras else pd.Series([None] * len(cameras))
    labels = np.array([text_of(one) or key for one, key in zip(given, ids, strict=True)], object)
    points = shapely.get_coordinates(shapely.centroid(projected(cameras, crs).geometry.to_numpy()))
    townships = township_frame(data)
    owner = None if townships is None else owning_rows(townships, cameras.geometry.to_crs(townships.crs))
    numbers = place_numbers(labels, points, owner)
    chosen: list[int] = []
    for name in names:
        wanted = name.strip()
        found = np.unique(numbers[ids == wanted] if (ids == wanted).any() else numbers[labels == wanted])
        if not len(found):
            _none(wanted)
        if len(found) > 1:
            some = "、".join(ids[np.isin(numbers, found)][:6].tolist())
            raise AmbiguousName(
                f"{len(found)} 处点位都叫 {wanted[:60]}，请写摄像机编号：{some}",
                f"{len(found)} sites are called {wanted[:60]}; give the id of a camera: {some}",
            )
        chosen.append(int(found[0]))
    return [cameras[numbers == one] for one in dict.fromkeys(chosen)]


def rows_named(data: MapData, names: Sequence[str], crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the rows of named cameras, and of named sites all of theirs, each once; parameters as of ``site_rows``.

    Raises
    ------
    NotFound, AmbiguousName
        As ``site_rows``.
    """
    ids = data.cameras["id"].astype(str)
    chosen: list[str] = []
    for name in names:
        wanted = name.strip()
        is_camera = bool((ids == wanted).any())
        [rows] = [data.cameras[(ids == wanted).to_numpy(bool)]] if is_camera else site_rows(data, [wanted], crs)
        chosen += rows["id"].astype(str).tolist()
    order = {key: at for at, key in enumerate(dict.fromkeys(chosen))}
    rows = data.cameras[ids.isin(order).to_numpy(bool)]
    return rows.iloc[np.argsort([order[key] for key in rows["id"].astype(str)], kind="stable")]


def _none(name: str) -> None:
    raise NotFound(f"没有摄像机或点位 {name[:60]}", f"there is no camera or site {name[:60]}")


def sites_of(
    data: MapData,
    rows: Sequence[gpd.GeoDataFrame],
    content: SheetContent,
    lang: str,
    protected: gpd.GeoDataFrame | None = None,
) -> list[Site]:
    """Return sites with what stands on their forms.

    Parameters
    ----------
    data, content
        The map of the run, and the content of its sheet.
    rows
        The rows of each site.
    lang
        ``zh`` or ``en``.
    protected
        Protected places that the reader may know; None where there are none.
    """
    first = pd.concat([one.iloc[[0]] for one in rows])
    at = projected(first, content.crs)
    xy = shapely.get_coordinates(shapely.centroid(at.geometry.to_numpy()))
    places = GapPlaces(data, content.crs).words(pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1]}), lang)
    owners = {name: _owners(data, name, first) for name in OWNERS}
    watched = [
        (name, projected(data.reference[name], content.crs))
        for name in ("places", "facilities")
        if name in data.reference
    ]
    guarded = None if protected is None else projected(protected, content.crs)
    out = []
    for k, mine in enumerate(rows):
        lenses = tuple(lenses_of(data, mine, content.crs, lang))
        seen = [one for name, frame in watched for one in _seen(frame, name, lenses, xy[k], lang)]
        meets = None if guarded is None else tuple(_seen(guarded, "protected", lenses, xy[k], lang))
        site = text_of(mine.iloc[0].get("site")) or lenses[0].id
        owned = {name: told[k] for name, told in owners.items()}
        nearest = tuple(sorted(seen, key=lambda one: (one.distance_m, one.name)))
        out.append(Site(site, lenses, places[k], owned, nearest, meets))
    return out


def _owners(data: MapData, layer: str, rows: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    frame = data.zones.get(layer)
    if frame is None or not len(frame):
        frame = township_frame(data) if layer == "townships" else None
    if frame is None or not len(frame):
        return [("", "")] * len(rows)
    found = owning_rows(frame, rows.geometry.to_crs(frame.crs))
    names = [text_of(one) for one in frame["name"]] if "name" in frame else [""] * len(frame)
    codes = [text_of(one) for one in frame["code"]]
    return [("", "") if one < 0 else (names[one], codes[one]) for one in found.tolist()]


def _seen(
    frame: gpd.GeoDataFrame,
    layer: str,
    lenses: Sequence[Lens],
    at: np.ndarray,
    lang: str,
) -> list[SeenPlace]:
    """Return the places of a frame in the sheet's CRS that a view meets, nearest first."""
    views = [one.seen for one in lenses]
    boxes = np.array([one.bounds for one in views if not one.is_empty])
    if not len(frame) or not len(boxes):
        return []
    shapes = frame.geometry.to_numpy()
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    near = np.flatnonzero(shapely.intersects(shapes, shapely.box(*low, *high)))
    kinds = {**kind_words(PLACE_KINDS), **kind_words(FACILITY_KINDS)}
    rules = {one.name: one for one in LAYERS["protected"].field("rule").values}
    out = []
    for row in near.tolist():
        sure = tuple(n for n, one in enumerate(lenses, 1) if shapely.intersects(one.sure, shapes[row]))
        maybe = tuple(n for n, one in enumerate(views, 1) if n not in sure and shapely.intersects(one, shapes[row]))
        if not sure and not maybe:
            continue
        record = frame.iloc[row]
        name, kind, rule = (text_of(record.get(one)) for one in ("name", "kind", "rule"))
        if not name and layer == "places" and text_of(record.get("source")) == DERIVED:
            continue
        key = text_of(record.get(LAYERS[layer].key))
        told = kinds.get(kind, (kind, kind))[lang == "en"]
        rule_word = (rules[rule].en if lang == "en" else rules[rule].zh) if rule in rules else rule
        distance = float(shapely.distance(shapely.Point(at), shapes[row]))
        out.append(SeenPlace(name or key, told, distance, sure, maybe, rule_word))
    return sorted(out, key=lambda one: (one.distance_m, one.name))
