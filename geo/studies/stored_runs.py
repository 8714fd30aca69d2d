"""Query a stored run: its zones and gaps, and the zone layers that it has."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from geo.catalog.results import ALL, OWN_ZONES, zone_layers_among
from geo.errors import GeoError, NotFound, UnknownName
from geo.storage.protocol import Store
from geo.studies.analyze_options import day
from geo.types import Run

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import pandas as pd

    from geo.assessment.named_zones import ZoneName

#: The counties among the divisions.
_COUNTIES = {"op": "=", "args": [{"property": "level"}, "county"]}


def gaps(store: Store, run_id: str = "latest", *, zone: str | None = None) -> tuple[Run, gpd.GeoDataFrame]:
    """Return a run and its gaps by rank, where `zone` is given those of all its grids.

    Parameters
    ----------
    zone
        Code or name of a zone of any layer or of the county, as ``geo.assessment.named_zones.find_zone`` reads it, or
        a drawn one (``geo.assessment.drawn_zone``), whose gaps are those with their place in it; its gaps keep the
        run's ``rank`` and get ``zone_rank``, from 1.

    Raises
    ------
    NotFound
        The run or the zone does not exist.
    AmbiguousName
        Several zones have that name.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> points = shapely.points([[103.1, 37.6], [103.2, 37.6]])
    >>> gap = gpd.GeoDataFrame({"rank": [2, 1], "grid": ["g1", "g2"]}, geometry=points, crs="EPSG:4326")
    >>> squares = [shapely.box(103.0, 37.5, 103.15, 37.7), shapely.box(103.15, 37.5, 103.3, 37.7)]
    >>> grids = gpd.GeoDataFrame({"code": ["g1", "g2"]}, geometry=squares, crs="EPSG:4326")
    >>> layers, summary = {"gaps": gap, "grids": grids}, {"layers": {"gaps": 2, "grids": 2}}
    >>> store.save_run(Run("0190", "2026-03-01T00:00:00.000Z", options={}, summary=summary, layers=layers))
    >>> run, frame = gaps(store)
    >>> run.id, frame["grid"].tolist()
    ('0190', ['g2', 'g1'])
    >>> gaps(store, zone="g1")[1]["rank"].tolist()
    [2]
    >>> store.close()
    >>> folder.cleanup()
    """
    run = store.run(run_id, layers=["gaps"])
    frame = run.layers["gaps"].sort_values("rank", kind="stable")
    if zone is not None:
        frame = frame[_of_zone(store, run, frame, zone)]
        frame.insert(0, "zone_rank", range(1, len(frame) + 1))
    return run, frame


def gap_rows(store: Store, run_id: str = "latest", *, zone: str | None = None) -> tuple[Run, list[dict[str, Any]]]:
    """Return what ``gaps`` does, the gaps as plain rows without geometries: no frame is created for them.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> points = shapely.points([[103.1, 37.6], [103.2, 37.6]])
    >>> gap = gpd.GeoDataFrame({"rank": [2, 1], "grid": ["g1", "g2"]}, geometry=points, crs="EPSG:4326")
    >>> store.save_run(Run("0190", "2026-03-01T00:00:00.000Z", options={}, summary={}, layers={"gaps": gap}))
    >>> gap_rows(store)[1]
    [{'rank': 1, 'grid': 'g2'}, {'rank': 2, 'grid': 'g1'}]
    >>> store.close()
    >>> folder.cleanup()
    """
    run = store.run(run_id, layers=[])
    rows = sorted(store.run_rows(run.id, "gaps"), key=lambda row: row["rank"])
    if zone is not None:
        import pandas as pd  # noqa: PLC0415 (the list of all gaps needs none)

        own = _of_zone(store, run, pd.DataFrame(rows, columns=["grid", "lon", "lat"]), zone)
        kept = (row for row, is_own in zip(rows, own, strict=True) if is_own)
        rows = [{"zone_rank": place, **row} for place, row in enumerate(kept, 1)]
    return run, rows


def zones(store: Store, run_id: str = "latest") -> tuple[Run, list[dict[str, Any]]]:
    """Return a run and the zones that figures and gaps can be asked for: layer, code, name and the grids of each.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> grid = gpd.GeoDataFrame({"code": ["g1"]}, geometry=[shapely.box(103, 37, 103.1, 37.1)], crs="EPSG:4326")
    >>> summary = {"layers": {"grids": 1}}
    >>> store.save_run(Run("0190", "2026-03-01T00:00:00.000Z", options={}, summary=summary, layers={"grids": grid}))
    >>> zones(store)[1]
    [{'layer': 'grids', 'code': 'g1', 'name': None, 'grids': ['g1']}]
    >>> store.close()
    >>> folder.cleanup()
    """
    from geo.assessment.named_zones import zones_with_units  # noqa: PLC0415 (a list of gaps needs no shapes)

    head = store.run(run_id, layers=[])
    run = store.run(head.id, layers=[name for name in zone_layers_of(store, head.id) if name != ALL])
    return run, zones_with_units(run.layers)


def data_day(store: Store, run: Run) -> date:
    """Return the day whose rows a run was computed from, by the time zone of the store.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     store.set_time_zone("Asia/Shanghai")
    ...     data_day(store, Run("0190", "2026-03-01T20:00:00.000Z", {}, {})).isoformat()
    '2026-03-02'
    >>> folder.cleanup()
    """
    known = day(run.summary.get("data_date") or run.options.get("at"))
    if known is not None:
        return known
    # A run of before 0.2 does not tell: the day of its making.
    return datetime.fromisoformat(run.created).astimezone(ZoneInfo(store.time_zone())).date()


def layers_of_day(store: Store, run: Run, names: Iterable[str]) -> dict[str, gpd.GeoDataFrame]:
    """Return layers as they were on the day of a run: what it was computed from, unless somebody changed it since.

    Within a snapshot they are of one state.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     found = layers_of_day(store, Run("0190", "2026-03-01T20:00:00.000Z", {}, {}), ["cameras", "roads"])
    >>> {name: len(frame) for name, frame in found.items()}
    {'cameras': 0, 'roads': 0}
    >>> folder.cleanup()
    """
    at = data_day(store, run)
    return {name: store.read(name, at=at) for name in names}


def require_zone_layer(run: Run, layer: str) -> None:
    """Raise UnknownName unless the run has figures of the zone layer, loaded or not.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> grids = gpd.GeoDataFrame({"code": ["g1"]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:4326")
    >>> run = Run("0190", "2026-03-01T00:00:00.000Z", options={}, summary={}, layers={"grids": grids})
    >>> require_zone_layer(run, "grids")
    >>> require_zone_layer(run, "villages")
    Traceback (most recent call last):
    geo.errors.UnknownName: 此批次没有区域图层 villages，有：grids / this run has no zone layer villages; it has: grids
    """
    available = zone_layers_among(run.summary.get("layers") or run.layers)
    if layer not in available:
        raise UnknownName(
            f"此批次没有区域图层 {layer}，有：{'、'.join(available)}",
            f"this run has no zone layer {layer}; it has: {', '.join(available)}",
        )


def zone_layers_of(store: Store, run_id: str) -> list[str]:
    """Return the zone layers of a run without loading them, ``all`` last; raise NotFound where there is no such run.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     store.save_run(Run("0190", "2026-03-01T00:00:00.000Z", {}, {"layers": {"all": 1, "grids": 2, "gaps": 3}}))
    ...     zone_layers_of(store, "latest")
    ['grids', 'all']
    >>> folder.cleanup()
    """
    return zone_layers_among(store.run(run_id, layers=[]).summary.get("layers", {}))


def points_in_zone(store: Store, run: Run, rows: pd.DataFrame, zone: str) -> np.ndarray:
    """Return which rows, with ``lon`` and ``lat`` in degrees, lie in a zone of a run or in the county (rule L1).

    Own zones may overlap: what lies in several of them is of each.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> grid = gpd.GeoDataFrame({"code": ["g1"]}, geometry=[shapely.box(103, 37, 103.1, 37.1)], crs="EPSG:4326")
    >>> run = Run("0190", "2026-03-01T00:00:00.000Z", {}, {"layers": {"grids": 1}}, {"grids": grid})
    >>> store.save_run(run)
    >>> points_in_zone(store, run, pd.DataFrame({"lon": [103.05, 103.5], "lat": [37.05, 37.05]}), "g1").tolist()
    [True, False]
    >>> store.close()
    >>> folder.cleanup()
    """
    import geopandas as gpd  # noqa: PLC0415 (a list of gaps needs none)
    import numpy as np  # noqa: PLC0415 (as above)

    from geo.assessment.drawn_zone import drawn_zone, rows_in  # noqa: PLC0415 (as in zones)
    from geo.assessment.zones import owning_rows  # noqa: PLC0415 (as in zones)

    if (drawn := drawn_zone(zone)) is not None:
        return rows_in(drawn, rows["lon"].to_numpy(float), rows["lat"].to_numpy(float))
    found = _named_zone(store, run, zone)
    if found.layer == ALL:
        return np.ones(len(rows), bool)
    frame = store.run(run.id, layers=[found.layer]).layers[found.layer]
    mine = (frame["code"].astype(str) == found.code).to_numpy(bool)
    points = gpd.GeoSeries(gpd.points_from_xy(rows["lon"].astype(float), rows["lat"].astype(float)), crs=frame.crs)
    if found.layer.startswith(OWN_ZONES):
        return owning_rows(frame[mine], points) >= 0
    return np.isin(owning_rows(frame, points), np.flatnonzero(mine))


def zones_in_zone(store: Store, run: Run, frame: gpd.GeoDataFrame, zone: str) -> np.ndarray:
    """Return which rows of a zone layer of a run lie in a zone of it, or have it in them (rule L1).

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> squares = [box(103.0, 37.0, 103.1, 37.1), box(103.1, 37.0, 103.2, 37.1)]
    >>> grids = gpd.GeoDataFrame({"code": ["g1", "g2"]}, geometry=squares, crs="EPSG:4326")
    >>> run = Run("0190", "2026-03-01T00:00:00.000Z", {}, {"layers": {"grids": 2}}, {"grids": grids})
    >>> store.save_run(run)
    >>> zones_in_zone(store, run, grids, "g2").tolist()
    [False, True]
    >>> store.close()
    >>> folder.cleanup()
    """
    import geopandas as gpd  # noqa: PLC0415 (as above)
    import numpy as np  # noqa: PLC0415 (as above)

    from geo.assessment.drawn_zone import drawn_zone  # noqa: PLC0415 (as in zones)
    from geo.assessment.zones_inside import zones_inside  # noqa: PLC0415 (as in zones)
    from geo.crs import STORAGE_CRS  # noqa: PLC0415 (as above)

    if (drawn := drawn_zone(zone)) is not None:
        outline = gpd.GeoSeries([drawn], crs=STORAGE_CRS).to_crs(frame.crs).iloc[0]
        return zones_inside(frame.geometry.to_numpy(), outline)
    found = _named_zone(store, run, zone)
    if found.layer == ALL:
        return np.ones(len(frame), bool)
    held = store.run(run.id, layers=[found.layer]).layers[found.layer].to_crs(frame.crs)
    shape = held.geometry.to_numpy()[held["code"].astype(str).to_numpy() == found.code][0]
    return zones_inside(frame.geometry.to_numpy(), shape)


def divisions_without_shape(store: Store, run: Run) -> list[dict[str, Any]]:
    """Return the divisions of the day of a run's data that have no shape, so that the run has no figures of them."""
    divisions = store.read("divisions", at=data_day(store, run))
    return [dict(row) for row in divisions[divisions.geometry.isna()].drop(columns="geometry").to_dict("records")]


def require_zone(store: Store, run: Run, zone: str) -> None:
    """Raise NotFound or AmbiguousName where a text names no zone of a run, with the way out that the store knows."""
    from geo.assessment.drawn_zone import drawn_zone  # noqa: PLC0415 (as in zones)

    if drawn_zone(zone) is None:
        _named_zone(store, run, zone)


def _named_zone(store: Store, run: Run, zone: str) -> ZoneName:
    from geo.assessment import named_zones  # noqa: PLC0415 (as in zones)

    layers = [name for name in zone_layers_of(store, run.id) if name != ALL]
    names = [one for layer in layers for one in named_zones.zone_names(layer, store.run_rows(run.id, layer))]
    at = data_day(store, run)
    counties = store.read("divisions", where=_COUNTIES, at=at)
    if counties.geometry.notna().any():  # beside names of other counties, as a list of the nation has them
        counties = counties[counties.geometry.notna()]
    names += named_zones.county_names(counties.drop(columns="geometry").to_dict("records"))
    try:
        return named_zones.find_zone(names, zone)
    except NotFound as error:
        bare = divisions_without_shape(store, run)
        known = _known_on_other_days(store, run, zone) or named_zones.without_shape_error(bare, zone)
        raise known or error from None


def _known_on_other_days(store: Store, run: Run, zone: str) -> NotFound | None:
    """Return an error that says when an own zone is in force which the run's day does not have; None for no such."""
    from geo.assessment import named_zones  # noqa: PLC0415 (as in zones)

    rows = store.read("areas", at=(None, None)).drop(columns="geometry").to_dict("records")
    rows = [{**row, "kind": row["kind"] if isinstance(row["kind"], str) else ""} for row in rows]
    names = [one for row in rows for one in named_zones.zone_names(f"{OWN_ZONES}{row['kind']}", [row])]
    try:
        found = named_zones.find_zone(names, zone)
    except GeoError:
        return None
    own = next(row for row in rows if str(row["code"]) == found.code)
    at = data_day(store, run)
    begin, end = (_first_day(own[name]) for name in ("valid_from", "valid_to"))
    if end is not None and end <= at:
        zh, en = f"自有区域 {found.code} 已于 {end} 撤销", f"own zone {found.code} was struck off on {end}"
    elif begin is not None and begin > at:
        zh, en = f"自有区域 {found.code} 自 {begin} 起列入", f"own zone {found.code} is listed from {begin} on"
    else:
        zh, en = f"自有区域 {found.code} 是在此批次之后导入的", f"own zone {found.code} was imported after this run"
    return NotFound(
        f"{zh}，此批次的数据日期是 {at}；列入前后的数见 ledger {found.code}",
        f"{en}, and the data of this run are of {at}; see ledger {found.code} for before and after",
    )


def _first_day(value: Any) -> date | None:
    return date.fromisoformat(value[:10]) if isinstance(value, str) and value else None


def _of_zone(store: Store, run: Run, gaps: pd.DataFrame, zone: str) -> np.ndarray:
    """Return which of a run's gaps are of the zone; shapes are read only for a zone that is no unit of gaps."""
    from geo.assessment import named_zones  # noqa: PLC0415 (as in zones)
    from geo.assessment.drawn_zone import drawn_zone, rows_in  # noqa: PLC0415 (as in zones)

    if (drawn := drawn_zone(zone)) is not None:
        return rows_in(drawn, gaps["lon"].to_numpy(float), gaps["lat"].to_numpy(float))
    layers = [name for name in zone_layers_of(store, run.id) if name != ALL]
    found = _named_zone(store, run, zone)
    units = named_zones.unit_layer(layers)
    # A unit has its gaps by its code, the whole has them all: neither needs a shape.
    needed = [] if found.layer in (units, ALL) else sorted({found.layer, units} - {ALL})
    frames = store.run(run.id, layers=needed).layers if needed else dict.fromkeys([found.layer])
    return named_zones.gaps_in_zone(gaps, frames, found)
