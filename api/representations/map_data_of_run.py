"""Collect the data of a map or a sheet of a run, for the command line and HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import geopandas as gpd

from api.representations.runs import without_scoped_notes
from api.roles import allows
from geo.catalog.layers import DRAWN
from geo.catalog.results import ALL, ZONE_LAYERS
from geo.storage.protocol import Store
from geo.storage.records import LOCAL, Caller
from geo.studies.analyze_options import day
from geo.studies.usable_rows import without_outliers
from geo.types import Run
from maps.map_data import MapData, from_run
from maps.style.words import title_of


def stored_map_data(store: Store, run_id: str = "latest", *, caller: Caller = LOCAL) -> MapData:
    """Return the map data of a stored run, with cameras and reference layers on the day of its data; raise NotFound.

    A viewer gets neither cameras nor gaps, a planner those of the townships in scope (docs/contract.md section 5).
    """
    if not allows(caller, "planner"):
        return _map_data_without_cameras(store, run_id, caller)
    run = store.run(run_id)
    run = replace(run, summary=without_scoped_notes(run.summary, caller))
    at = day(run.options.get("at"))
    found = map_data_of_run(run, store.read("cameras", at=at), _reference_layers(store, at), made=store.today())
    narrowed = caller.role == "planner" and caller.townships is not None
    return replace(found, partial="townships") if narrowed else found


def _map_data_without_cameras(store: Store, run_id: str, caller: Caller) -> MapData:
    """Return a run's zone figures and reference layers; in embedded mode, too, a viewer gets no scoped layer."""
    head = store.run(run_id, layers=[])
    names = [name for name in (*ZONE_LAYERS, ALL) if name in head.summary["layers"]]
    run = store.run(head.id, layers=names)
    none = gpd.GeoDataFrame({"rank": []}, geometry=[], crs=run.summary["crs"])
    run = replace(run, layers={**run.layers, "gaps": none}, summary=without_scoped_notes(run.summary, caller))
    reference = _reference_layers(store, day(run.options.get("at")))
    return replace(map_data_of_run(run, none, reference, made=store.today()), partial="figures")


def _reference_layers(store: Store, at: date | None) -> dict[str, gpd.GeoDataFrame]:
    return {name: store.read(name, at=at) for name in DRAWN}


def map_data_of_run(
    run: Run, cameras: gpd.GeoDataFrame, reference: Mapping[str, gpd.GeoDataFrame], *, made: date | None = None
) -> MapData:
    """Return the map data of a run with these frames; the title names the county where there is one.

    ``made`` is the day of the store; without a store, for files, it is the day of this computer.
    """
    # A camera at (0, 0), perhaps newer than the run, must not stretch the map to it.
    near = without_outliers({**reference, "cameras": cameras})
    cameras = near.pop("cameras")
    reference = {name: frame for name, frame in near.items() if len(frame)}
    title_zh, title_en = title_of(_county(reference.get("divisions")))
    return from_run(
        run,
        cameras,
        reference,
        title_zh=title_zh,
        title_en=title_en,
        made=(made or datetime.now(tz=UTC).astimezone().date()).isoformat(),
    )


def _county(divisions: gpd.GeoDataFrame | None) -> str:
    if divisions is None or "level" not in divisions:
        return ""
    names = divisions.loc[divisions["level"].eq("county").fillna(False).to_numpy(bool), "name"].dropna()
    return str(names.iloc[0]) if len(names) == 1 else ""
