"""Find rows of places, claims and own zones that rules P cannot judge, or judge otherwise than meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.catalog.division_codes import code_text
from geo.catalog.editions import LEVEL_NAMES
from geo.catalog.kinds import names_in
from geo.catalog.layers import LAYERS
from geo.check.metric_frames import MetricFrames, box_centres, column, keys, numbers
from geo.check.ranking import UnrankedFinding
from geo.sentences import sentence

#: Own zones of one kind that share less are neighbours whose borders were drawn twice.
_OVERLAP_M2 = 1.0


def find(data: MetricFrames, claims: pd.DataFrame | None) -> Iterator[UnrankedFinding]:
    """Yield findings on places and own zones, on the claims that places name, and on codes and kinds of facilities."""
    places, facilities, areas = data.whole("places"), data.whole("facilities"), data.whole("areas")
    for layer, frame in (("places", places), ("facilities", facilities), ("areas", areas)):
        if frame is not None:
            yield from _codes_twice(frame, layer)
            yield from _without_kind(frame, layer)
    if places is not None:
        yield from _levels_and_shares(places, "places", "部位", "places")
        yield from _claims(places, claims)
        yield from _without_share(places, claims)
    if claims is not None and len(claims):
        yield from _levels_and_shares(claims, "claims", "覆盖声明", "claims")
    if areas is not None:
        yield from _overlaps(data)


def _codes_twice(frame: gpd.GeoDataFrame, layer: str) -> Iterator[UnrankedFinding]:
    rows: dict[str, list[int]] = defaultdict(list)
    for k, code in enumerate(column(frame, "code")):
        if code is not None:
            rows[code_text(code)].append(k)
    names, position = keys(frame, layer), box_centres(frame.geometry.to_numpy())
    for code, found in rows.items():
        if len(found) > 1:
            yield UnrankedFinding(
                "error", "code-duplicate", layer, [names[k] for k in found],
                f"图层 {layer} 的代码 {code} 出现 {len(found)} 次 / code {code} occurs {len(found)} times in {layer}",
                float(len(found)), float(position[found[0], 0]), float(position[found[0], 1]),
            )  # fmt: skip


def _without_kind(frame: gpd.GeoDataFrame, layer: str) -> Iterator[UnrankedFinding]:
    names = [name for name, kind in zip(keys(frame, layer), column(frame, "kind"), strict=True) if kind is None]
    if names:
        zh, en = LAYERS[layer].zh, LAYERS[layer].en.lower()
        what = {"areas": ("，不作为区域图层", ": in no zone layer")}.get(layer, ("", ""))
        yield UnrankedFinding(
            "warning", "kind-missing", layer, names,
            f"{len(names)} 个{zh}没有类型{what[0]} / {len(names)} {en} without a kind{what[1]}", float(len(names)),
        )  # fmt: skip


def _levels_and_shares(frame: pd.DataFrame, layer: str, zh: str, en: str) -> Iterator[UnrankedFinding]:
    level, share, names = column(frame, "level"), numbers(frame, "share"), keys(frame, layer)
    given = column(frame, "share")
    unknown = [k for k, one in enumerate(level) if one is not None and one not in LEVEL_NAMES]
    if unknown:
        shown = ", ".join(sorted({str(level[k]) for k in unknown})[:5])
        yield UnrankedFinding(
            "error", "level-unknown", layer, [names[k] for k in unknown],
            f"{len(unknown)} 条{zh}的等级不认识：{shown} / {len(unknown)} {en} of an unknown level: {shown}",
            float(len(unknown)),
        )  # fmt: skip
    outside = [k for k, one in enumerate(given) if one is not None and not 0.0 <= share[k] <= 1.0]
    if outside:
        shown = ", ".join(str(given[k]) for k in outside[:5])
        yield UnrankedFinding(
            "error", "share-out-of-range", layer, [names[k] for k in outside],
            f"{len(outside)} 条{zh}的占比不在 0 到 1 之间：{shown} / {len(outside)} {en} with a share outside [0, 1]:"
            f" {shown}",
            float(len(outside)),
        )  # fmt: skip


def _claims(places: gpd.GeoDataFrame, claims: pd.DataFrame | None) -> Iterator[UnrankedFinding]:
    """Yield the claims that places name and nobody defined: one finding per claim."""
    known = set() if claims is None else {one for one in column(claims, "claim") if one is not None}
    rows: dict[str, list[str]] = defaultdict(list)
    for name, text in zip(keys(places, "places"), column(places, "claim"), strict=True):
        for claim in names_in(text):
            if claim not in known:
                rows[claim].append(name)
    for claim, named in rows.items():
        yield UnrankedFinding(
            "warning", "claim-undefined", "places", named,
            f"{len(named)} 个部位所属的覆盖声明 {claim} 不在表 claims 里，等级取批次的"
            f" / claim {claim} of {len(named)} places is not in table claims: it takes the level of the run",
            float(len(named)),
        )  # fmt: skip


def _without_share(places: gpd.GeoDataFrame, claims: pd.DataFrame | None) -> Iterator[UnrankedFinding]:
    """Yield the claims of which places with an area or a length are covered by 1 m2 or 1 m (rule P2), one finding each.

    A point is seen or not, whatever share is asked for.
    """
    shares = {} if claims is None else dict(zip(column(claims, "claim"), numbers(claims, "share"), strict=True))
    open_rows = np.isnan(numbers(places, "share")) & (shapely.get_dimensions(places.geometry.to_numpy()) > 0)
    counts: dict[str, list[str]] = defaultdict(list)
    names = keys(places, "places")
    for k, text in enumerate(column(places, "claim")):
        for claim in names_in(text) if open_rows[k] else ():
            if np.isnan(shares.get(claim, np.nan)):
                counts[claim].append(names[k])
    for claim, named in counts.items():
        is_defined = claim in shares
        yield UnrankedFinding(
            "warning", "claim-without-share", "claims" if is_defined else "places", [claim] if is_defined else named,
            sentence(f"覆盖声明 {claim} 没有写占比：{len(named)} 个部位只要确定看见 1 m² 或 1 m 就算已覆盖",
            f"claim {claim} names no share: each of {len(named)} places is covered when 1 m2 or 1 m of it is seen"),
            float(len(named)), is_doubtful=True,
        )  # fmt: skip


def _overlaps(data: MetricFrames) -> Iterator[UnrankedFinding]:
    """Yield own zones of one kind that overlap: allowed, each counts its own, so that their sum counts twice."""
    frame = data.frame("areas")
    if frame is None:
        return
    shapes = data.to_metres(shapely.make_valid(frame.geometry.to_numpy()))
    kind, names = column(frame, "kind"), keys(frame, "areas")
    position = box_centres(frame.geometry.to_numpy())
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = one < other
    for a, b in zip(one[pairs].tolist(), other[pairs].tolist(), strict=True):
        if kind[a] is None or kind[a] != kind[b]:
            continue
        shared = float(shapely.area(shapely.intersection(shapes[a], shapes[b])))
        if shared >= _OVERLAP_M2:
            yield UnrankedFinding(
                "warning", "own-zones-overlap", "areas", [names[a], names[b]],
                f"自有区域 {names[a]} 与 {names[b]} 重叠 {shared:,.0f} m²，各自计算"
                f" / own zones {names[a]} and {names[b]} overlap by {shared:,.0f} m2: each counts its own",
                shared, float(position[a, 0]), float(position[a, 1]), is_doubtful=True,
            )  # fmt: skip
