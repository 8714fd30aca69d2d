"""Keep the ledger of an own zone: its figures in the last run before it was listed, while it was, and after that."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.assessment.ground_figures import GroundFigures, ground_figures
from geo.assessment.named_zones import ZoneName, find_zone
from geo.catalog.editions import LEVEL_NAMES
from geo.catalog.ledger_fields import LEDGER, LEDGER_CHANGES, LEDGER_FIGURES, PHASES
from geo.catalog.option_words import options_told
from geo.catalog.results import OWN_ZONES
from geo.errors import NotFound
from geo.sentences import sentence
from geo.storage.protocol import Store
from geo.studies.place_claims import PLACES
from geo.studies.stored_runs import data_day
from geo.types import Run

_LAYERS = ("coverage", "gaps", "possible")
#: Options that decide what a figure means.
_MEANING = ("level", "edition", "target_height", "domain")
#: Areas of one ground are equal that differ by less (m2), or by less of the zone: shapes are stored rounded.
_LEAST_M2, _LEAST_SHARE = 0.5, 1e-6
#: Claims that a note names at most.
_NAMED = 5


@dataclass(frozen=True)
class ZoneLedger:
    """The ledger of one own zone.

    Attributes
    ----------
    code, name, kind
        Of the zone.
    listed, struck
        The first day on which it is in force, None for always, and the first on which it is no more, None for never.
    rows
        One for each phase that has a run, with the fields of the table ``LEDGER``.
    changes
        Phase -> figure -> how much it is more than in the phase before, for the figures that both have.
    grounds
        Phase -> the zone, what of it is surely seen, and what is a gap: shapes in degrees.
    notes
        What the figures do not tell, as ``中文 / English``.
    """

    code: str
    name: str | None
    kind: str
    listed: date | None
    struck: date | None
    rows: Sequence[Mapping[str, Any]]
    changes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    grounds: Mapping[str, tuple[shapely.Geometry, ...]] = field(default_factory=dict)
    notes: Sequence[str] = ()

    def table(self) -> pd.DataFrame:
        """Return the rows as a frame with the columns of the table ``LEDGER``."""
        return pd.DataFrame(self.rows, columns=list(LEDGER.names))


def ledger(store: Store, zone: str, *, runs: Collection[str] | None = None) -> ZoneLedger:
    """Return the ledger of an own zone: the last run before it was listed, while it was, and after it was struck off.

    A run is of the day of its data. Of several runs of a phase the last is taken whose options are those of the run
    while it was listed; where there is none, the last. While the zone is listed its figures are those of the run;
    before and after, when the run has no such zone, its ground is measured on what the run has stored, and so are all
    changes.

    Parameters
    ----------
    zone
        Its code, name, ``areas:CODE`` or ``areas:KIND:CODE``; a zone that is struck off long ago is found too.
    runs
        Ids of the runs that may be told; None: all.

    Raises
    ------
    NotFound
        There is no such own zone.
    AmbiguousName
        Several have that name.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd
    >>> from geo.storage.geopackage.store import open_store
    >>> from geo.studies.analysis import AnalyzeOptions, analyze
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> dates = {"valid_from": ["2026-03-01"], "valid_to": ["2026-09-01"]}
    >>> squares = {"grids": {"code": ["g"]}, "areas": {"code": ["K1"], "kind": ["key_area"], **dates}}
    >>> for name, columns in squares.items():
    ...     square = [shapely.box(103.1, 37.6, 103.102, 37.602)]
    ...     _ = store.write(name, gpd.GeoDataFrame(columns, geometry=square, crs="EPSG:4326"), "upsert", actor="li")
    >>> camera = gpd.GeoDataFrame({"id": ["c1"]}, geometry=[shapely.Point(103.101, 37.601)], crs="EPSG:4326")
    >>> _ = store.write("cameras", camera, "upsert", actor="li")
    >>> for day in ("2026-02-01", "2026-05-01"):
    ...     _ = analyze(store, AnalyzeOptions(domain="all", at=day))
    >>> found = ledger(store, "K1")
    >>> [(row["phase"], row["day"], row["sure_share"]) for row in found.rows]
    [('before', '2026-02-01', 0.0), ('listed', '2026-05-01', 0.0)]
    >>> store.close()
    >>> folder.cleanup()
    """
    with store.snapshot():
        # 1. the zone, by all rows that it ever had: one that is struck off long ago is found too
        versions = store.versions("areas")
        rows = pd.concat([versions.history, versions.current], ignore_index=True)
        rows = rows[rows["kind"].notna() & rows.geometry.notna()]
        latest = rows.drop_duplicates("code", keep="last")
        names = [
            ZoneName(f"{OWN_ZONES}{kind}", code, name if isinstance(name, str) else "")
            for code, name, kind in zip(latest["code"], latest["name"], latest["kind"], strict=True)
        ]
        try:
            found = find_zone(names, zone)
        except NotFound:
            raise NotFound(
                f"没有自有区域 {zone[:60]}（图层 areas）", f"there is no own zone {zone[:60]} in layer areas"
            ) from None
        kind = found.layer.removeprefix(OWN_ZONES)
        # 2. its phases, and the run of each
        mine = rows[(rows["code"] == found.code) & (rows["kind"] == kind)]
        listed, struck, is_again = _listing(mine)
        phases = _runs_of_phases(store, listed, struck, runs)
        # 3. its figures in each of these runs
        shape = mine.geometry.iloc[-1]
        entries = {phase: _entry(store, phase, run, found, shape) for phase, run in phases.items()}
        asked_otherwise = _claims_asked_otherwise(store, phases, {phase: one.ground for phase, one in entries.items()})
    grounds = {
        phase: (entry.ground, entry.measured.seen, entry.measured.unseen)
        for phase, entry in entries.items()
        if entry.measured is not None
    }
    changes = _changes(entries)
    rows_of_phases = [
        entry.row | {LEDGER_CHANGES[name].name: value for name, value in changes.get(phase, {}).items()}
        for phase, entry in entries.items()
    ]
    notes = [*([_again_note()] if is_again else []), *_measuring_notes(phases, entries)]
    notes += [*_caution(phases), *asked_otherwise]
    return ZoneLedger(
        found.code,
        found.name or None,
        kind,
        listed,
        struck,
        rows=rows_of_phases,
        changes=changes,
        grounds=grounds,
        notes=notes,
    )


@dataclass(frozen=True)
class _Entry:
    """The row of a phase, the zone's ground, its figures as measured, and whether the run has the zone itself."""

    row: dict[str, Any]
    ground: shapely.Geometry
    measured: GroundFigures | None
    is_zone: bool


def _listing(versions: pd.DataFrame) -> tuple[date | None, date | None, bool]:
    """Return the first day and the end of the last time that the zone was in force, and whether there was another."""
    first, last = date.min, date.max
    spans = sorted(
        (_day(begin) or first, _day(end) or last)
        for begin, end in zip(versions["valid_from"], versions["valid_to"], strict=True)
    )
    merged: list[tuple[date, date]] = []
    for begin, end in spans:
        if begin >= end:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    begin, end = merged[-1] if merged else spans[-1]
    return None if begin == first else begin, None if end == last else end, len(merged) > 1


def _day(value: object) -> date | None:
    text = "" if value is None or pd.isna(value) else str(value)
    return date.fromisoformat(text[:10]) if text else None


def _runs_of_phases(
    store: Store, listed: date | None, struck: date | None, told: Collection[str] | None
) -> dict[str, Run]:
    """Return the run of each phase that has one, in the order of time."""
    runs: dict[str, list[tuple[date, str, Run]]] = {phase: [] for phase in PHASES}
    for run in store.runs():
        if told is not None and run.id not in told:
            continue
        day = data_day(store, run)
        phase = "before" if listed and day < listed else "after" if struck and day >= struck else "listed"
        runs[phase].append((day, run.created, run))
    last = {phase: max(some, key=lambda one: one[:2])[2] for phase, some in runs.items() if some}
    like = last.get("listed") or next(iter(last.values()), None)
    out = {}
    for phase, some in runs.items():
        same = [one for one in some if like is not None and _meaning(one[2]) == _meaning(like)]
        if some:
            out[phase] = max(same or some, key=lambda one: one[:2])[2]
    return out


def _meaning(run: Run) -> tuple[Any, ...]:
    return tuple(run.summary.get(name, run.options.get(name)) for name in _MEANING)


def _entry(store: Store, phase: str, run: Run, zone: ZoneName, shape: shapely.Geometry) -> _Entry:
    """Return the figures of the zone in a run; ``shape`` is its ground where the run does not have it."""
    there = run.summary.get("layers", {})
    names = [*_LAYERS, *([zone.layer] if zone.layer in there else [])]
    layers = store.run(run.id, layers=[name for name in names if name in there]).layers
    row: dict[str, Any] = dict.fromkeys(LEDGER.names)
    row |= {"phase": phase, "day": data_day(store, run).isoformat(), "run": run.id, "level": run.summary.get("level")}
    own = layers.get(zone.layer)
    zones = [] if own is None else own[own["code"] == zone.code].to_dict("records")
    ground = shapely.make_valid(zones[0]["geometry"] if zones else shape)
    row |= _places_within(store, run, ground)
    measured = None
    if all(name in layers for name in _LAYERS):
        measured = ground_figures(ground, *(layers[name] for name in _LAYERS))
    if measured is None and not zones:
        return _Entry(row, ground, None, is_zone=False)
    for name in LEDGER_FIGURES:
        value = float(zones[0][name] if zones else getattr(measured, name))
        row[name] = None if np.isnan(value) else value
    row["gaps"] = None if measured is None else measured.gaps
    return _Entry(row, ground, measured, is_zone=bool(zones))


def _places_within(store: Store, run: Run, ground: shapely.Geometry) -> dict[str, int | None]:
    """Return how many judged places have their point in the ground, and how many of them are covered in every claim."""
    if PLACES not in run.summary.get("layers", {}):
        return {"places": None, "covered": None}
    inside = _rows_within(store, run, ground)
    covered = (inside["verdict"] == "covered").groupby(inside["code"]).all()
    return {"places": len(covered), "covered": int(covered.sum())}


def _rows_within(store: Store, run: Run, ground: shapely.Geometry) -> pd.DataFrame:
    rows = pd.DataFrame(store.run_rows(run.id, PLACES))
    points = shapely.points(rows["lon"].to_numpy(float), rows["lat"].to_numpy(float))
    return rows[shapely.intersects(ground, points)]


def _changes(entries: Mapping[str, _Entry]) -> dict[str, dict[str, float]]:
    """Return how much more each figure is than in the phase before, all measured in one way."""
    figures = {
        phase: {name: float(getattr(entry.measured, name)) for name in (*LEDGER_FIGURES, "gaps")}
        | {name: entry.row[name] for name in ("places", "covered") if entry.row[name] is not None}
        for phase, entry in entries.items()
        if entry.measured is not None
    }
    out = {}
    for (_, before), (phase, after) in pairwise(figures.items()):
        both = {name: after[name] - before[name] for name in after if name in before}
        whole = max(before["domain_m2"], after["domain_m2"])
        least = max(_LEAST_M2, _LEAST_SHARE * whole)  # m2
        told = {name: value for name, value in both.items() if not np.isnan(value)}
        out[phase] = {name: _or_none(name, value, least, whole) for name, value in told.items()}
    return out


def _or_none(name: str, change: float, least_m2: float, whole_m2: float) -> float:
    """Return a change, 0 where an area or a share differs by less than shapes are kept to."""
    if name.endswith("_m2"):
        return change if abs(change) >= least_m2 else 0.0
    if name.endswith("_share") and whole_m2 > 0:
        return change if abs(change) >= least_m2 / whole_m2 else 0.0
    return change


def _claims_asked_otherwise(
    store: Store, phases: Mapping[str, Run], grounds: Mapping[str, shapely.Geometry]
) -> list[str]:
    """Return a note where the same places are judged by another level or share in two phases: no change on the ground.

    Only places that the zone has in both runs tell; a claim that somebody defined anew shows in its places.
    """
    asked: dict[tuple[str, str], dict[str, tuple[Any, Any]]] = {}
    for phase, run in phases.items():
        if PLACES not in run.summary.get("layers", {}):
            continue
        for row in _rows_within(store, run, grounds[phase]).to_dict("records"):
            # That the runs have different levels is said of them.
            level = None if row["level"] == run.summary.get("level") else row["level"]
            share = None if pd.isna(row["share"]) else float(row["share"])
            claim = row["claim"] if isinstance(row["claim"], str) else ""
            asked.setdefault((str(row["code"]), claim), {})[phase] = (level, share)
    ways: dict[str, list[dict[str, tuple[Any, Any]]]] = {}
    for (_, claim), by_phase in asked.items():
        if len(set(by_phase.values())) > 1:
            ways.setdefault(claim, []).append(by_phase)
    notes = []
    for claim, some in list(ways.items())[:_NAMED]:
        told = [dict.fromkeys(_asked_words(*one, lang) for one in some[0].values()) for lang in (0, 1)]
        notes.append(
            sentence(
                f"{f'声明 {claim}' if claim else '无声明的部位'} 的要求在各时段不同：{' → '.join(told[0])}"
                f"（部位 {len(some)} 个）；已覆盖部位数之差也含要求之差",
                f"{f'claim {claim}' if claim else 'places of no claim'} asked for different things: "
                f"{' → '.join(told[1])} (places: {len(some)}); the difference of places covered is of that too",
            )
        )
    if len(ways) > _NAMED:
        more = len(ways) - _NAMED
        notes.append(sentence(f"另有 {more} 项声明的要求不同", f"{more} more claims asked for different things"))
    return notes


def _asked_words(level: Any, share: float | None, en: int) -> str:
    word = ("批次的级别", "the level of the run")[en] if level is None else LEVEL_NAMES.get(level, (level, level))[en]
    if share is None:
        return f"{word}{('，未写占比', ', no share')[en]}"
    return f"{word}{('，占比 ', ', share ')[en]}{share:g}"


def _measuring_notes(phases: Mapping[str, Run], entries: Mapping[str, _Entry]) -> list[str]:
    """Return what is to be said of figures that are measured afterwards, or cannot be."""
    out = [
        sentence(
            f"批次 {run.id} 的评价范围不是面，无法在区域的地面上量",
            f"the domain of run {run.id} is no area: the ground of the zone cannot be measured on it",
        )
        for phase, run in phases.items()
        if entries[phase].measured is None
    ]
    if any(entry.measured is not None and not entry.is_zone for entry in entries.values()):
        out.append(
            sentence(
                "批次中没有此区域的时段，指标在批次留存的图形上量，不含小到不列出的盲区；变化各时段都这样量",
                "where a run has no such zone its figures are measured on the shapes that the run has stored, without "
                "gaps too small to be listed; changes are measured so in every phase",
            )
        )
    return out


def _again_note() -> str:
    return sentence(
        "此区域不止一次列入；台账只说最后一次，之前的一次算在“列入之前”",
        "the zone was listed more than once; the ledger is of the last time, and an earlier one counts as before it",
    )


def _caution(phases: Mapping[str, Run]) -> list[str]:
    """Return a note where the runs of the phases mean different things."""
    differing = {
        name: values
        for k, name in enumerate(_MEANING)
        if len(values := list(dict.fromkeys(_meaning(run)[k] for run in phases.values()))) > 1
    }
    if not differing:
        return []
    zh, en = options_told(differing)
    return [
        sentence(
            f"各时段批次的选项不同，差值也含选项之差：{zh}",
            f"the runs of the phases have different options, which the differences are of too: {en}",
        )
    ]
