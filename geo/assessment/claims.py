"""Say of each place whether it is covered, and of each claim whether it holds (rules P1-P4)."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.assessment.incidence import Incidence
from geo.assessment.inner_points import inner_points
from geo.assessment.place_parts import UNITS, PlaceParts, PlaceShapes, measure_places, place_shapes, sites_near
from geo.assessment.zones import owning_rows
from geo.catalog.claims import DERIVED, SEEN_SHARES, VERDICTS
from geo.catalog.editions import LEVEL_NAMES
from geo.catalog.kinds import names_in
from geo.errors import BadValue
from geo.row_keys import row_keys
from geo.sentences import sentence

if TYPE_CHECKING:
    from geo.visibility.views import Views

#: Rule P2: where nobody names a share, this much (m2, m) surely seen covers a place.
LEAST_SEEN = 1.0
#: A share that misses the one asked for by less has only been rounded another way.
_ROUNDED = 1e-9
#: Verdicts on the parts of one place, the one that says most about it first.
_WORST_FIRST = ("not_covered", "maybe", "covered", "nothing")
#: Codes that a note names.
_MAX_NAMED = 5


@dataclass(frozen=True)
class Claims:
    """Verdicts on places and on claims.

    Attributes
    ----------
    places
        One row for each place and claim of it, and one for a place without a claim, whose ``claim`` is None: ``claim,
        code, name, kind, level, share, unit, assessed, sure, possible, sure_share, possible_share, verdict, near,
        counted, township, derived``. Sizes are in the unit: m2, m or count (of points); shares are 0 to 1, null where
        the assessed part is empty. Of a place made of areas, lines and points each kind is judged by itself: the row
        is that of the worst of them. Geometry in the cameras' CRS.
    claims
        One row for each claim: ``claim, verdict, level, share, places, covered, maybe, not_covered, nothing, counted,
        covered_share, area_m2, covered_m2, covered_area_share, area_places, length_m, covered_m, covered_length_share,
        length_places``. ``share`` is the claim's own, else the one that all its places ask for; shares by area and by
        length are of the places that have one, which ``area_places`` and ``length_places`` count.
    notes
        What was not understood, as ``中文 / English``.

    Examples
    --------
    >>> rows = pd.DataFrame({"claim": ["gates"], "verdict": ["maybe"]})
    >>> Claims(gpd.GeoDataFrame(rows, geometry=[None]), rows).notes
    ()
    """

    places: gpd.GeoDataFrame
    claims: pd.DataFrame
    notes: tuple[str, ...] = ()


def claims(
    incidence: Incidence,
    places: gpd.GeoDataFrame,
    claims: pd.DataFrame | None = None,
    *,
    views: Mapping[str, Views] | None = None,
    workers: int | None = None,
) -> Claims:
    """Measure places on the views of an incidence model and judge the claims that name them (rules P1-P4).

    Parameters
    ----------
    incidence
        The overlay, as ``geo.incidence`` computes it: not loaded from a store.
    places
        Rows of layer ``places`` in the cameras' CRS: points, lines and polygons, mixed as they come.
    claims
        Rows of table ``claims``: the level and share that a claim asks for. A claim that only places name has neither.
    views
        Level -> views of the same cameras, for the levels other than the incidence's that places or claims name.
    workers
        Threads; None takes one per core. The result is the same for any number.

    Raises
    ------
    BadValue
        Where the incidence was loaded from a store, or views of a level are missing.
    UnknownCrs, CrsMismatch
        Where the places have no CRS, or another one than the cameras.

    Examples
    --------
    The camera in the corner of the first square sees all of it, and nothing of the second:

    >>> import geopandas as gpd, shapely
    >>> import geo
    >>> x, y = 500_000.0, 4_000_000.0
    >>> camera = {"azimuth": [45.0], "hfov": [90.0], "width_px": [1000], "height": [1.6]}
    >>> seen = geo.views(gpd.GeoDataFrame(camera, geometry=[shapely.Point(x, y)], crs=4547))
    >>> around = gpd.GeoDataFrame({"code": ["z"]}, geometry=[shapely.box(x - 50, y - 50, x + 50, y + 50)], crs=4547)
    >>> squares = [shapely.box(x, y, x + 10, y + 10), shapely.box(x - 9, y - 9, x, y)]
    >>> rows = {"code": ["a", "b"], "claim": ["squares", "squares"], "share": [0.9, 0.9]}
    >>> found = geo.claims(geo.incidence(seen, around), gpd.GeoDataFrame(rows, geometry=squares, crs=4547))
    >>> found.places[["code", "sure_share", "verdict", "near"]].values.tolist()
    [['a', 1.0, 'covered', 1], ['b', 0.0, 'not_covered', 1]]
    >>> found.claims[["claim", "verdict", "places", "covered", "covered_share"]].values.tolist()
    [['squares', 'fails', 2, 1, 0.5]]
    """
    return claims_by_parts(incidence, places, claims, views=views, workers=workers)[0]


def claims_by_parts(
    incidence: Incidence,
    places: gpd.GeoDataFrame,
    claims: pd.DataFrame | None = None,
    *,
    views: Mapping[str, Views] | None = None,
    workers: int | None = None,
) -> tuple[Claims, gpd.GeoDataFrame]:
    """Return the verdicts, and those on the kinds of parts that mixed places are made of.

    Parameters
    ----------
    incidence, places, claims, views, workers
        As of ``claims``.

    Returns
    -------
    The verdicts, and a frame with the columns of ``Claims.places`` and ``row``, the row of the place there: a row for
    each kind of part, whose geometry are the parts of that kind.

    Examples
    --------
    A gate that a camera sees, on a road that it does not:

    >>> import geopandas as gpd, shapely
    >>> import geo
    >>> x, y = 500_000.0, 4_000_000.0
    >>> camera = {"azimuth": [45.0], "hfov": [90.0], "width_px": [1000], "height": [1.6]}
    >>> seen = geo.views(gpd.GeoDataFrame(camera, geometry=[shapely.Point(x, y)], crs=4547))
    >>> around = gpd.GeoDataFrame({"code": ["z"]}, geometry=[shapely.box(x - 50, y - 50, x + 50, y + 50)], crs=4547)
    >>> road = shapely.LineString([(x - 9, y - 9), (x - 9, y - 1)])
    >>> both = [shapely.GeometryCollection([shapely.Point(x + 5, y + 5), road])]
    >>> places = gpd.GeoDataFrame({"code": ["p"]}, geometry=both, crs=4547)
    >>> found, parts = claims_by_parts(geo.incidence(seen, around), places)
    >>> parts[["row", "unit", "verdict"]].values.tolist(), found.places["verdict"].tolist()
    ([[0, 'm', 'not_covered'], [0, 'count', 'covered']], ['not_covered'])
    """
    own = incidence.views
    if own is None or incidence.domain is None:
        raise BadValue("关联模型没有保存图形", "the incidence was reloaded without its shapes")
    if places.crs != incidence.crs:
        from geo.crs import require_same_crs  # noqa: PLC0415 (a message)

        require_same_crs(gpd.GeoSeries([], crs=incidence.crs), places)
    by_level = {**(views or {}), own.level: own}
    defined = _defined(claims)
    rows, notes = _rows_of_places(places, defined, by_level, own.level)
    shapes = place_shapes(places.geometry, own.computing_crs)
    rows = _rows_of_parts(rows, shapes)
    parts = _parts_by_level(shapes, rows, by_level, incidence, workers)
    points = own.cameras.geometry.to_crs(own.computing_crs)
    place, _ = sites_near(shapes, incidence.sites, shapely.get_coordinates(points.to_numpy()))
    near = np.bincount(place, minlength=len(places))
    by_part = _part_frame(places, rows, shapes, parts, near, _township_of(incidence, places))
    frame = _worst_parts(by_part, places)
    notes += _too_small(by_part)
    found = Claims(frame, claim_rows(frame, definitions(claims, own.level, by_level)), tuple(notes))
    return found, by_part.drop(columns="place")


def definitions(claims: pd.DataFrame | None, level: str, levels: Collection[str] | None = None) -> list[dict[str, Any]]:
    """Return the claims of table ``claims`` as ``{claim, level, share}``, with the level that they are judged at.

    Parameters
    ----------
    claims
        Rows of the table.
    level
        That of the run: it stands for a missing level, and for one that the edition does not have.
    levels
        Those of the edition; None takes every level as it is.

    Examples
    --------
    >>> definitions(pd.DataFrame({"claim": ["schools"], "level": [None], "share": [0.8]}), "detect")
    [{'claim': 'schools', 'level': 'detect', 'share': 0.8}]
    """
    known = LEVEL_NAMES if levels is None else levels
    return [
        {"claim": name, "level": asked if asked in known else level, "share": None if math.isnan(share) else share}
        for name, (asked, share) in _defined(claims).items()
    ]


def claim_rows(places: pd.DataFrame, defined: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the row of each claim (rule P4), those of the table first, then by name.

    Parameters
    ----------
    places
        The rows of ``Claims.places``.
    defined
        As ``definitions`` returns them: a claim without a valid place fails.

    Examples
    --------
    >>> names = ("claim", "level", "unit", "assessed", "verdict", "counted")
    >>> rows = [("roads", "detect", "m", 40.0, "covered", True), ("roads", "detect", "m", 60.0, "maybe", False)]
    >>> found = claim_rows(pd.DataFrame(rows, columns=names), [{"claim": "schools", "level": "detect", "share": None}])
    >>> found[["claim", "verdict", "places", "covered", "counted", "covered_length_share"]].values.tolist()
    [['schools', 'fails', 0, 0, 0, nan], ['roads', 'may_hold', 2, 1, 1, 0.4]]
    """
    named = {str(one["claim"]): one for one in defined}
    groups = {str(name): group for name, group in places.groupby("claim", sort=False)} if len(places) else {}
    empty = places.iloc[:0]
    rows = []
    for name in [*named, *sorted(set(groups) - set(named))]:
        group = groups.get(name, empty)
        known = named.get(name)
        levels = sorted(set(group["level"].astype(str)))
        level = known["level"] if known else ";".join(levels)
        rows.append(_claim_row(name, level, known["share"] if known else None, group))
    return pd.DataFrame(rows, columns=_CLAIM_COLUMNS)


_CLAIM_COLUMNS = [
    "claim", "verdict", "level", "share", "places", *VERDICTS, "counted", "covered_share",
    "area_m2", "covered_m2", "covered_area_share", "area_places",
    "length_m", "covered_m", "covered_length_share", "length_places",
]  # fmt: skip


def _claim_row(name: str, level: str, share: float | None, group: pd.DataFrame) -> list[Any]:
    verdict = group["verdict"].to_numpy(object)
    count = {one: int((verdict == one).sum()) for one in VERDICTS}
    if len(group) and count["covered"] == len(group):
        said = "holds"
    elif len(group) and count["covered"] + count["maybe"] == len(group):
        said = "may_hold"
    else:
        said = "fails"
    sizes: list[float] = []
    for unit in ("m2", "m"):
        mine = group["unit"].to_numpy(object) == unit
        size = group["assessed"].to_numpy(float)
        whole, covered = math.fsum(size[mine]), math.fsum(size[mine & (verdict == "covered")])
        sizes += [whole, covered, covered / whole if whole > 0 else math.nan, int((size[mine] > 0).sum())]
    counted = int(group["counted"].to_numpy(bool).sum())
    by_number = count["covered"] / len(group) if len(group) else math.nan
    asked = _asked_of_all(group) if share is None else share
    return [name, said, level, asked, len(group), *count.values(), counted, by_number, *sizes]


def _asked_of_all(group: pd.DataFrame) -> float:
    """Return the share that every place of a claim asks for; NaN where they differ or one asks for none."""
    shares = pd.to_numeric(group["share"], errors="coerce").unique() if "share" in group else np.array([])
    return float(shares[0]) if len(shares) == 1 else math.nan


def _defined(claims: pd.DataFrame | None) -> dict[str, tuple[str | None, float]]:
    """Return claim -> its level, None where it names none, and its share, NaN where it names none."""
    if claims is None or not len(claims):
        return {}
    level, share = _texts(claims, "level"), _numbers(claims, "share")
    return dict(zip(row_keys(claims, "claim"), zip(level, share.tolist(), strict=True), strict=True))


def _rows_of_places(
    places: gpd.GeoDataFrame,
    defined: Mapping[str, tuple[str | None, float]],
    by_level: Mapping[str, Views],
    level_of_run: str,
) -> tuple[pd.DataFrame, list[str]]:
    """Return a row for each place and claim: position of the place, claim, level and share; and notes."""
    level, share = _texts(places, "level"), _numbers(places, "share")
    out: list[tuple[int, str | None, str, float]] = []
    unknown: dict[str, int] = {}
    texts = _texts(places, "claim")
    names = {text: names_in(text) or (None,) for text in set(texts)}
    for place, text in enumerate(texts):
        for name in names[text]:
            of_claim = defined.get(name, (None, math.nan)) if name is not None else (None, math.nan)
            asked = level[place] or of_claim[0] or level_of_run
            if asked not in by_level:
                unknown[asked] = unknown.get(asked, 0) + 1
                asked = level_of_run
            out.append((place, name, asked, of_claim[1] if math.isnan(share[place]) else float(share[place])))
    notes = [
        f"{count} 个部位要求的级别 {name} 不在所用版本中，按本批次的级别 {level_of_run} 评价 / {count} places ask for"
        f" the level {name}, which the edition does not have; they are judged at {level_of_run}"
        for name, count in unknown.items()
    ]
    return pd.DataFrame(out, columns=["place", "claim", "level", "share"]), notes


def _rows_of_parts(rows: pd.DataFrame, shapes: PlaceShapes) -> pd.DataFrame:
    """Return the rows of places and claims once for each kind of part: ``row`` is the former, ``part`` the latter."""
    kinds = np.bincount(shapes.place)
    first = np.cumsum(kinds) - kinds
    place = rows["place"].to_numpy(np.int64)
    count = kinds[place]
    row = np.repeat(np.arange(len(rows)), count)
    within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return rows.iloc[row].reset_index(drop=True).assign(row=row, part=first[place[row]] + within)


def _parts_by_level(
    shapes: PlaceShapes,
    rows: pd.DataFrame,
    by_level: Mapping[str, Views],
    model: Incidence,
    workers: int | None,
) -> PlaceParts:
    """Return the sizes of each row, measured once for each kind of part of a place and level."""
    out = PlaceParts(np.zeros(len(rows)), np.zeros(len(rows)), np.zeros(len(rows)))
    part, level = rows["part"].to_numpy(np.int64), rows["level"].to_numpy(object)
    assert model.domain is not None  # noqa: S101 (its caller asked)
    for name in dict.fromkeys(level.tolist()):
        mine = np.flatnonzero(level == name)
        distinct, where = np.unique(part[mine], return_inverse=True)
        some = PlaceShapes(shapes.shapes[distinct], shapes.dimension[distinct], shapes.crs, shapes.place[distinct])
        sites = model.sites
        found = measure_places(some, by_level[name], model.domain, sites.online, sites.maybe_online, workers=workers)
        for values, known in (
            (out.assessed, found.assessed), (out.sure, found.sure), (out.possible, found.possible)
        ):  # fmt: skip
            values[mine] = known[where]
    return out


def _part_frame(
    places: gpd.GeoDataFrame,
    rows: pd.DataFrame,
    shapes: PlaceShapes,
    parts: PlaceParts,
    near: np.ndarray,
    township: np.ndarray,
) -> gpd.GeoDataFrame:
    place, part = rows["place"].to_numpy(np.int64), rows["part"].to_numpy(np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        sure = np.where(parts.assessed > 0, parts.sure / parts.assessed, np.nan)
        possible = np.where(parts.assessed > 0, parts.possible / parts.assessed, np.nan)
    share = rows["share"].to_numpy(float)
    covered = _is_covered(parts.sure, sure, share)
    verdict = np.select(
        [~(parts.assessed > 0), covered, _is_covered(parts.possible, possible, share)],
        ["nothing", "covered", "maybe"],
        "not_covered",
    )
    columns = {
        "claim": rows["claim"].to_numpy(object),
        "code": row_keys(places, "code")[place],
        "name": np.array(_texts(places, "name"), object)[place],
        "kind": np.array(_texts(places, "kind"), object)[place],
        "level": rows["level"].to_numpy(object),
        "share": share,
        "unit": np.array([*UNITS, None], object)[shapes.dimension[part]],
        "assessed": parts.assessed,
        "sure": parts.sure,
        "possible": parts.possible,
        **dict(zip(SEEN_SHARES, (sure, possible), strict=True)),
        "verdict": verdict.astype(object),
        "near": near[place],
        "counted": near[place] > 0,
        "township": township[place],
        "derived": np.array([one == DERIVED for one in _texts(places, "source")], bool)[place],
    }
    columns |= {"row": rows["row"].to_numpy(np.int64), "place": place}
    # A place of one kind of part keeps its own shape, to the last bit.
    geometry = np.array(places.geometry.to_numpy()[place], object)
    several = np.flatnonzero(np.bincount(shapes.place)[place] > 1)
    geometry[several] = gpd.GeoSeries(shapes.shapes[part[several]], crs=shapes.crs).to_crs(places.crs).to_numpy()
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=geometry, crs=places.crs)


def _worst_parts(parts: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the row of each place and claim: of several kinds of parts the worst, with the shape of the whole place.

    Parts with nothing to assess say nothing of a place that has others. Of several that are equally bad that one counts
    of which less is surely seen, then the one of higher dimension, which comes first.
    """
    rank = parts["verdict"].map({name: at for at, name in enumerate(_WORST_FIRST)}).to_numpy(float)
    order = np.lexsort((parts["sure_share"].to_numpy(float), rank, parts["row"].to_numpy()))
    worst = parts.iloc[order].drop_duplicates("row").reset_index(drop=True)
    geometry = places.geometry.to_numpy()[worst["place"].to_numpy(np.int64)]
    return worst.drop(columns=["row", "place"]).set_geometry(gpd.GeoSeries(geometry, crs=places.crs))


def _too_small(frame: pd.DataFrame) -> list[str]:
    """Return the note on places that can never be covered: smaller than what rule P2 asks for, and without a share."""
    size = frame["assessed"].to_numpy(float)
    small = frame["share"].isna().to_numpy(bool) & (size > 0) & (size < LEAST_SEEN - _ROUNDED)
    codes = list(dict.fromkeys(frame["code"].astype(str)[small]))
    if not codes:
        return []
    named = "、".join(codes[:_MAX_NAMED]), ", ".join(codes[:_MAX_NAMED])
    rest = f" +{len(codes) - _MAX_NAMED}" if len(codes) > _MAX_NAMED else ""
    return [
        sentence(
            f"{len(codes)} 个部位的评价部分不足 1 平方米或 1 米而没有占比，不会算已覆盖，请填占比：{named[0]}{rest}",
            f"{len(codes)} places have less than 1 m2 or 1 m to assess and no share: they are never covered until they"
            f" have one: {named[1]}{rest}",
        )
    ]


def _is_covered(size: np.ndarray, part: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return which places are covered by what is seen of them: by share, else by 1 m2, 1 m or the point (rule P2)."""
    return np.where(np.isnan(share), size >= LEAST_SEEN - _ROUNDED, part >= share - _ROUNDED)


def _township_of(model: Incidence, places: gpd.GeoDataFrame) -> np.ndarray:
    """Return the code of the township that owns the inner point of each place (rule L1), None for none."""
    out = np.full(len(places), None, object)
    frame = model.frames.get("townships")
    if frame is None or not len(places):
        return out
    owner = owning_rows(frame, gpd.GeoSeries(inner_points(places.geometry.to_numpy()), crs=places.crs))
    out[owner >= 0] = row_keys(frame, "code")[owner[owner >= 0]]
    return out


def _texts(frame: pd.DataFrame, name: str) -> list[str | None]:
    if name not in frame:
        return [None] * len(frame)
    return [one if isinstance(one, str) and one else None for one in frame[name].astype(object).tolist()]


def _numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    if name not in frame:
        return np.full(len(frame), np.nan)
    return pd.to_numeric(frame[name], errors="coerce").to_numpy(float, na_value=np.nan)
