"""Gather what a map or a sheet of a run shows, for both doors."""

from __future__ import annotations

from datetime import UTC, datetime

from geo.storage.base import Store
from geo.studies.options import day
from geo.types import Run
from maps.layers import MapData, from_run

#: Stored layers drawn beneath the figures.
BENEATH = ("divisions", "villages", "roads", "obstacles")


def map_data(store: Store, run_id: str = "latest") -> MapData:
    """Return a stored run with its cameras and the layers beneath, on the day of its data; raise NotFound."""
    run = store.run(run_id)
    at = day(run.options.get("at"))
    beneath = {name: store.read(name, at=at) for name in BENEATH}
    return gathered(run, store.read("cameras", at=at), beneath)


def gathered(run: Run, cameras: object, beneath: dict) -> MapData:
    """Return a run with these frames as what a map shows, titled by the county there is."""
    beneath = {name: frame for name, frame in beneath.items() if len(frame)}
    county = _county(beneath.get("divisions"))
    return from_run(
        run,
        cameras,
        beneath,
        title_zh=f"{county}公共区域监控覆盖与网格管理图",
        title_en=f"Camera coverage and grid management{', ' if county else ''}{county}",
        made=datetime.now(tz=UTC).astimezone().date().isoformat(),
    )


def _county(divisions: object) -> str:
    if divisions is None or "level" not in divisions:
        return ""
    names = divisions.loc[divisions["level"].eq("county").fillna(False).to_numpy(bool), "name"].dropna()
    return str(names.iloc[0]) if len(names) == 1 else ""
