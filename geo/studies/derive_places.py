"""Derive crossings, sections, rings and gates, and store them as places; edits by hand are kept (rule P5)."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from geo.catalog.claims import DERIVED
from geo.catalog.kinds import PLACE_KINDS
from geo.crs import STORAGE_CRS
from geo.crs_metric import metric_crs_for
from geo.derivation.crossings import crossings, junctions
from geo.derivation.driven_roads import driven_classes, road_network
from geo.derivation.renewal import Renewal, renewal
from geo.derivation.sections import sections
from geo.derivation.surroundings import gates, rings
from geo.errors import BadValue, Conflict, NotFound, UnknownName
from geo.network.road_graph import crossings_note
from geo.outliers import find_outliers
from geo.storage.protocol import Store
from geo.studies.derived_before import WRITER, known_places
from geo.types import Progress, no_progress

#: What can be derived -> the kind of the places.
DERIVED_KINDS: Mapping[str, str] = {
    "crossings": "crossing", "sections": "section", "rings": "ring", "gates": "gate",
}  # fmt: skip
#: Kinds of places that rings are made round, and gates are looked for at, where nobody says; the radius in metres.
DEFAULT_RINGS_OF, DEFAULT_GATES_OF, DEFAULT_RADIUS_M = ("school",), ("estate",), 200.0
#: No ring is wider.
MAX_RADIUS_M = 10_000.0
#: Codes of rows that are named in one answer.
MAX_NAMED = 20
_GATE_CODE = re.compile(r"gate-(.*)-[EW]\d{8,}[NS]\d{7,}(?:-\d+)?", re.DOTALL)


@dataclass(frozen=True)
class DeriveOptions:
    """What to derive.

    Attributes
    ----------
    kinds
        Any of ``DERIVED_KINDS``.
    classes
        Classes of the roads of crossings and sections, in Chinese or English; None for all driven ones without service
        roads.
    rings_of, gates_of
        Kinds of the places that have rings, and gates.
    radius
        Width of the rings, metres.
    restore
        Whether derived places that somebody deleted are made again.
    """

    kinds: Sequence[str] = tuple(DERIVED_KINDS)
    classes: Sequence[str] | None = None
    rings_of: Sequence[str] = DEFAULT_RINGS_OF
    gates_of: Sequence[str] = DEFAULT_GATES_OF
    radius: float = DEFAULT_RADIUS_M
    restore: bool = False

    def checked(self) -> DeriveOptions:
        """Return the options with kinds as they are stored; raise UnknownName or BadValue where one is none."""
        known = ", ".join(DERIVED_KINDS)
        if not self.kinds:
            raise BadValue(f"没有写明要派生哪一种：{known}", f"say what to derive: {known}")
        wrong = [one for one in self.kinds if one not in DERIVED_KINDS]
        if wrong:
            raise UnknownName(
                f"不能派生 {wrong[0]}，可用：{known}", f"no {wrong[0]} can be derived; there are: {known}"
            )
        if not (math.isfinite(self.radius) and 0 < self.radius <= MAX_RADIUS_M):
            raise BadValue(
                f"半径应大于 0、不超过 {MAX_RADIUS_M:,.0f} 米", f"a radius is above 0 and at most {MAX_RADIUS_M:,.0f} m"
            )
        return DeriveOptions(
            tuple(dict.fromkeys(self.kinds)), self.classes, _place_kinds(self.rings_of), _place_kinds(self.gates_of),
            self.radius, self.restore,
        )  # fmt: skip


@dataclass(frozen=True)
class DerivedKind:
    """What became of the places of one kind; numbers of rows, and the first codes of those that somebody had touched.

    Attributes
    ----------
    derived
        Places that the roads and places give.
    added, updated, unchanged, removed
        Rows written, left as they were, and removed.
    kept
        Rows with edits by hand. Their edits stay; those that are still derived are updated or unchanged in all else.
    kept_alone
        Those of them that are derived no more: they stay as they are.
    deleted
        Places that somebody deleted, not made again.
    kept_codes, kept_alone_codes, deleted_codes
        The first of each.
    """

    derived: int
    added: int
    updated: int
    unchanged: int
    removed: int
    kept: int
    kept_alone: int
    deleted: int
    kept_codes: Sequence[str] = ()
    kept_alone_codes: Sequence[str] = ()
    deleted_codes: Sequence[str] = ()


@dataclass(frozen=True)
class DerivedPlaces:
    """What a derivation did, or would do.

    Attributes
    ----------
    kinds
        What was derived, as asked for -> what became of it.
    notes
        What was left out or taken in a certain way, as ``中文 / English``.
    is_dry_run
        Whether it was taken back.
    """

    kinds: Mapping[str, DerivedKind]
    notes: Sequence[str]
    is_dry_run: bool


@dataclass(frozen=True)
class _Found:
    """Derived rows of one kind, and which stored ones they stand for.

    Attributes
    ----------
    frame
        The rows, in a metric CRS.
    prefix
        What the code of each begins with.
    is_code
        Whether that is the whole code: a place has one ring of a radius, and gates at several positions.
    of
        Codes of the places that rings or gates are asked for; None for kinds that are derived from roads alone.
    """

    frame: gpd.GeoDataFrame
    prefix: Sequence[str]
    is_code: bool = False
    of: Collection[str] | None = None


class _TakenBack(Exception):
    """Ends the transaction of a dry run without a commit."""


def derive_places(
    store: Store,
    options: DeriveOptions,
    *,
    actor: str = "local",
    dry_run: bool = False,
    progress: Progress = no_progress,
) -> DerivedPlaces:
    """Derive places from the roads and places of today, and store them in one transaction.

    A place that was derived before keeps its code. What somebody edited of it stays, all else is renewed; one that
    somebody deleted is not made again. One that is derived no more is removed, and its history stays, unless somebody
    edited it. Rings of another radius, and rings and gates of other kinds of places, are not touched.

    Parameters
    ----------
    store
        Where to read and write.
    options
        What to derive.
    actor
        Name of the writer, for the history.
    dry_run
        Whether to do the same and take it back, so that it fails where the derivation would.

    Raises
    ------
    NotFound
        There are no roads to derive from; nothing was changed.
    UnknownName, BadValue, TooWide
        An option or a layer cannot be used.
    Conflict
        Roads or places were changed meanwhile.
    NotAllowed
        The caller may not write a place; nothing was changed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> lines = [[(103.1, 37.6), (103.11, 37.6)], [(103.105, 37.6), (103.105, 37.603)]]
    >>> shapes = [shapely.LineString(one) for one in lines]
    >>> roads = gpd.GeoDataFrame({"id": ["r1", "r2"], "name": ["民主街", None]}, geometry=shapes, crs=4326)
    >>> folder = tempfile.TemporaryDirectory()
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     _ = store.write("roads", roads, "upsert", actor="li")
    ...     found = derive_places(store, DeriveOptions(["crossings", "sections"]), actor="li")
    ...     stored = store.read("places")
    >>> stored[["code", "name", "kind", "source"]].values.tolist()[0]
    ['crossing-E10310500N3760002', '民主街', 'crossing', 'derived']
    >>> {name: one.added for name, one in found.kinds.items()}
    {'crossings': 1, 'sections': 3}
    >>> folder.cleanup()
    """
    options = options.checked()
    progress("读取图层 / reading layers", 0.0)
    with store.snapshot():
        state = store.state("roads", "places")
        roads, places = store.read("roads"), store.read("places")
    notes: list[str] = []
    found = dict(_derived(roads, places, options, notes, progress))
    progress("写入 / writing", 0.8)
    done: dict[str, DerivedKind] = {}
    try:
        with store.transaction():
            if store.state("roads", "places") != state:
                raise Conflict(
                    "道路或重点部位在计算期间有了变化；没有写入，请再执行一次",
                    "roads or places were changed meanwhile; nothing was written, do it again",
                )
            done = _renew(store, found, options, actor, there=set(places["code"]))
            if dry_run:
                raise _TakenBack
    except _TakenBack:
        pass
    progress("完成 / done", 1.0)
    return DerivedPlaces(done, notes, dry_run)


def _derived(
    roads: gpd.GeoDataFrame, places: gpd.GeoDataFrame, options: DeriveOptions, notes: list[str], progress: Progress
) -> Iterator[tuple[str, _Found]]:
    """Yield what is asked for, with the derived rows of each; notes are added."""
    kinds = options.kinds
    if len(roads) == 0 and set(kinds) - {"rings"}:
        raise NotFound("库中没有道路，请先导入图层 roads", "the store has no roads; import layer roads first")
    roads, places = _together(roads, places, notes)
    crs = metric_crs_for(roads, places, at_least=options.radius)
    if {"crossings", "sections"} & set(kinds):
        yield from _of_network(roads, options, crs, notes, progress)
    own = places[(places["source"] != DERIVED).to_numpy(bool)]
    if "rings" in kinds:
        progress("周边 / rings", 0.6)
        chosen = _of_kinds(own, options.rings_of, "rings", notes)
        frame = rings(chosen, options.radius, crs)
        codes = [f"{_ring_prefix(options)}{of}" for of in frame["of"]]
        yield "rings", _Found(frame, codes, is_code=True, of=set(chosen["code"]))
    if "gates" in kinds:
        progress("大门 / gates", 0.7)
        chosen = _of_kinds(own, options.gates_of, "gates", notes)
        frame = gates(chosen, roads, crs)
        yield "gates", _Found(frame, [f"gate-{of}-" for of in frame["of"]], of=set(chosen["code"]))


def _of_network(
    roads: gpd.GeoDataFrame, options: DeriveOptions, crs: pyproj.CRS, notes: list[str], progress: Progress
) -> Iterator[tuple[str, _Found]]:
    progress("路网 / road network", 0.1)
    network = road_network(roads, crs, options.classes)
    if not len(network.lines):
        there = ", ".join(sorted(one for one in driven_classes(roads, service=True) if one))
        raise NotFound(
            f"没有所选等级的行车道路，库里有：{there or '没有等级的'}",
            f"there are no driven roads of these classes; there are: {there or 'roads without a class'}",
        )
    notes += crossings_note(len(network.bridges))
    joined = junctions(network)
    if "crossings" in options.kinds:
        progress("路口 / crossings", 0.3)
        frame = crossings(network, joined, roads, crs)
        yield "crossings", _Found(frame, ["crossing-"] * len(frame))
    if "sections" in options.kinds:
        progress("路段 / sections", 0.5)
        frame = sections(network, joined, crs)
        yield "sections", _Found(frame, ["section-"] * len(frame))


def _renew(
    store: Store, found: Mapping[str, _Found], options: DeriveOptions, actor: str, *, there: Collection[str]
) -> dict[str, DerivedKind]:
    """Write what is derived and remove what is not any more, within the transaction of the caller.

    ``there`` are the codes of the places of today: rings and gates of others have lost their place.
    """
    versions = store.versions("places")
    taken = set(versions.current["code"])
    frames: list[gpd.GeoDataFrame] = []
    outdated: list[str] = []
    done: dict[str, DerivedKind] = {}
    for name, one in found.items():
        known = [
            place for place in known_places(versions, DERIVED_KINDS[name], there)
            if one.of is None or _is_asked(place.code, name, one.of, there, options)
        ]  # fmt: skip
        plan = renewal(one.frame, known, taken, prefix=one.prefix, is_code=one.is_code, restore=options.restore)
        frames.append(_rows_to_write(plan, versions.current, DERIVED_KINDS[name]))
        taken |= set(plan.codes)
        outdated += plan.removed
        done[name] = _counts(len(one.frame), plan)
    rows = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    if len(rows) or outdated:
        store.write("places", rows, "upsert", actor=f"{WRITER} ({actor})", outdated=outdated)
    return done


def _counts(derived: int, plan: Renewal) -> DerivedKind:
    kept = sorted([*plan.kept, *plan.kept_alone])
    return DerivedKind(
        derived=derived,
        added=plan.added,
        updated=plan.updated,
        unchanged=plan.unchanged,
        removed=len(plan.removed),
        kept=len(kept),
        kept_alone=len(plan.kept_alone),
        deleted=len(plan.deleted),
        kept_codes=kept[:MAX_NAMED],
        kept_alone_codes=sorted(plan.kept_alone)[:MAX_NAMED],
        deleted_codes=sorted(plan.deleted)[:MAX_NAMED],
    )


def _rows_to_write(plan: Renewal, current: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    """Return the rows of a renewal: what is stored keeps its other fields, what is new has none."""
    stored = current[current["code"].isin(plan.codes)].drop(columns="geometry").set_index("code")
    rows = stored.reindex(plan.codes)
    is_new = ~rows.index.isin(stored.index)
    rows.loc[is_new, "kind"] = kind
    rows.loc[is_new, "source"] = DERIVED
    rows["name"] = plan.names
    return gpd.GeoDataFrame(rows.reset_index(), geometry=plan.shapes, crs=STORAGE_CRS)


def _is_asked(code: str, name: str, of: Collection[str], there: Collection[str], options: DeriveOptions) -> bool:
    """Return whether a stored ring or gate is of a place asked about, or of one that is not there any more."""
    if name == "rings":
        prefix = _ring_prefix(options)
        if not code.startswith(prefix):
            return False
        place = code.removeprefix(prefix)
    else:
        match = _GATE_CODE.fullmatch(code)
        if match is None:
            return False
        place = match[1]
    return place in of or place not in there


def _ring_prefix(options: DeriveOptions) -> str:
    return f"ring-{options.radius:g}m-"


def _together(
    roads: gpd.GeoDataFrame, places: gpd.GeoDataFrame, notes: list[str]
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the rows without those far from all others, which no computing CRS would hold with them (rule C1)."""
    frames = {"roads": roads, "places": places}
    far = find_outliers(frames, (("roads",), ("places",))).is_far
    out = {}
    for name, frame in frames.items():
        is_far = far.get(name, np.zeros(len(frame), bool))
        if is_far.any():
            count = int(is_far.sum())
            notes.append(
                f"图层 {name} 有 {count} 行远离其他数据，未纳入 / "
                f"{count} {'row' if count == 1 else 'rows'} of layer {name} far from all others left out"
            )
        out[name] = frame[~is_far]
    return out["roads"], out["places"]


def _of_kinds(places: gpd.GeoDataFrame, kinds: Sequence[str], what: str, notes: list[str]) -> gpd.GeoDataFrame:
    chosen = places[places["kind"].isin(list(kinds)).to_numpy(bool)]
    if not len(chosen):
        words = {one.name: (one.zh, one.en) for one in PLACE_KINDS}
        zh, en = (mark.join(words.get(one, (one, one))[k] for one in kinds) for k, mark in enumerate(("、", ", ")))
        made = {"rings": ("周边", "rings"), "gates": ("大门", "gates")}[what]
        notes.append(f"没有类型为{zh}的部位，没有{made[0]}可派生 / there is no place of kind {en}: no {made[1]}")
    return chosen


def _place_kinds(kinds: Sequence[str]) -> tuple[str, ...]:
    """Return kinds of places as they are stored: words in Chinese and English mean the kind, others stay."""
    known = {word: one.name for one in PLACE_KINDS for word in (one.name, one.zh, one.en)}
    return tuple(dict.fromkeys(known.get(one.strip(), one.strip()) for one in kinds))
