"""Collect the data of a map or a sheet of a run, for the command line and HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import geopandas as gpd

from api.representations.claim_rights import visible_claims, visible_places
from api.representations.runs import without_scoped_notes
from api.roles import allows
from geo.assessment.claims import claim_rows
from geo.catalog.kinds import GROUND_KINDS
from geo.catalog.layers import DRAWN
from geo.catalog.results import zone_layers_among
from geo.storage.protocol import Store
from geo.storage.records import LOCAL, Caller
from geo.studies.place_claims import CLAIMS, drawn_places
from geo.studies.stored_runs import data_day
from geo.studies.usable_rows import rows_with_shape, still_there, without_outliers
from geo.types import Run
from maps.map_data import GROUND_LAYER, MapData, from_run
from maps.style.words import title_of


def stored_map_data(store: Store, run_id: str = "latest", *, caller: Caller = LOCAL) -> MapData:
    """Return the map data of a stored run, with cameras and reference layers on the day of its data; raise NotFound.

    A viewer gets neither cameras nor gaps, a planner those of the townships in scope (docs/contract.md section 5).
    """
    if not allows(caller, "planner"):
        return _map_data_without_cameras(store, run_id, caller)
    run = store.run(run_id)
    run = replace(run, summary=without_scoped_notes(run.summary, caller))
    at = data_day(store, run)
    cameras = still_there(store.read("cameras", at=at))
    run = replace(run, summary={**run.summary, "notes": [*(run.summary.get("notes") or ()), *_changes(run, cameras)]})
    reference = _reference_layers(store, at)
    found = map_data_of_run(run, cameras, reference, made=store.today(), day=at, county=_county_of(store, at))
    found = _with_ground(_with_verdicts(found, store, run, at, caller), store, at)
    if caller.role != "planner" or caller.townships is None:
        return found
    return replace(found, partial="townships", townships=frozenset(caller.townships))


def _map_data_without_cameras(store: Store, run_id: str, caller: Caller) -> MapData:
    """Return a run's zone figures and reference layers; in embedded mode, too, a viewer gets no scoped layer."""
    head = store.run(run_id, layers=[])
    names = zone_layers_among(head.summary["layers"])
    run = store.run(head.id, layers=names)
    none = gpd.GeoDataFrame({"rank": []}, geometry=[], crs=run.summary["crs"])
    run = replace(run, layers={**run.layers, "gaps": none}, summary=without_scoped_notes(run.summary, caller))
    at = data_day(store, run)
    reference = _reference_layers(store, at)
    found = map_data_of_run(run, none, reference, made=store.today(), day=at, county=_county_of(store, at))
    found = _with_ground(_with_verdicts(found, store, head, at, caller), store, at)
    return replace(found, partial="figures")


def _with_verdicts(data: MapData, store: Store, run: Run, at: date | None, caller: Caller) -> MapData:
    """Return the map data with the run's verdicts on places and claims, where it has any, as the caller may know."""
    if CLAIMS not in run.summary:
        return data
    _, frame = drawn_places(store, run.id, at=at)
    claims = visible_claims(claim_rows(frame, run.summary[CLAIMS]), caller)
    shown = visible_places(frame, caller).to_crs(data.gaps.crs)
    return replace(data, verdicts=shown, claims=claims)


def _changes(run: Run, cameras: gpd.GeoDataFrame) -> list[str]:
    """Return a note where the cameras of that day are not those that the run knows: history keeps days, not moments."""
    views = run.layers.get("views")
    if views is None:
        return []
    then = dict(zip(views["id"].astype(str), views["status"], strict=True))
    now = dict(zip(cameras["id"].astype(str), cameras["status"].fillna("online"), strict=True))
    if "cameras" in (run.summary.get("left_out") or {}):  # those are in the store and not in the run, as its notes say
        now = {key: status for key, status in now.items() if key in then}
    gone, new = len(then.keys() - now.keys()), len(now.keys() - then.keys())
    other = sum(now[key] != status for key, status in then.items() if key in now)
    if not gone + new + other:
        return []
    text = (
        f"摄像机画的是该日留存的状况，与计算时不同：已不在 {gone} 台，新增 {new} 台，状态改变 {other} 台"
        f" / the cameras drawn are as kept of that day and not as the run had them: {gone} gone, {new} new,"
        f" {other} of another status"
    )
    return [text]


def _reference_layers(store: Store, at: date | None) -> dict[str, gpd.GeoDataFrame]:
    return {name: rows_with_shape(store.read(name, at=at)) for name in DRAWN}


def _with_ground(data: MapData, store: Store, at: date | None) -> MapData:
    """Return the map data with the store's own zones that are ground, as water, where there are some."""
    areas = rows_with_shape(store.read("areas", at=at))
    ground = areas.loc[areas["kind"].isin(GROUND_KINDS), ["kind", "name", areas.geometry.name]]
    if not len(ground):
        return data
    return replace(data, reference={**data.reference, GROUND_LAYER: ground.to_crs(data.gaps.crs)})


def _county_of(store: Store, at: date | None) -> str:
    """Return the name of the only county of a store, which may have no shape; empty where there is no such."""
    return _county(store.read("divisions", at=at))


def map_data_of_run(
    run: Run,
    cameras: gpd.GeoDataFrame,
    reference: Mapping[str, gpd.GeoDataFrame],
    *,
    made: date | None = None,
    day: date | None = None,
    county: str = "",
) -> MapData:
    """Return the map data of a run with these frames; the title names the county where there is one.

    ``made`` is the day of the store, ``day`` that of the rows; without a store, for files, the former is the day
    of this computer, the latter that of the run. ``county`` is its name where no division with a shape is one.
    """
    # A camera at (0, 0), perhaps newer than the run, must not stretch the map to it.
    near = without_outliers({**reference, "cameras": cameras})
    cameras = still_there(near.pop("cameras"))
    reference = {name: frame for name, frame in near.items() if len(frame)}
    title_zh, title_en = title_of(_county(reference.get("divisions")) or county)
    return from_run(
        run,
        cameras,
        reference,
        title_zh=title_zh,
        title_en=title_en,
        made=(made or datetime.now(tz=UTC).astimezone().date()).isoformat(),
        data_date="" if day is None else day.isoformat(),
    )


def _county(divisions: gpd.GeoDataFrame | None) -> str:
    if divisions is None or "level" not in divisions:
        return ""
    names = divisions.loc[divisions["level"].eq("county").fillna(False).to_numpy(bool), "name"].dropna()
    return str(names.iloc[0]) if len(names) == 1 else ""
