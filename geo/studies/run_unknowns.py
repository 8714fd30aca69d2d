"""Ask which unknown value of a run is most worth measuring, and who is to go and look where (rules U1-U3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo.catalog.layers import INPUTS
from geo.errors import NotFound
from geo.sentences import sentence
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.place_claims import CLAIMS, PLACES
from geo.studies.stored_runs import data_day, layers_of_day

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import geopandas as gpd

    from geo.assessment.incidence import Incidence
    from geo.storage.protocol import Store
    from geo.types import Progress, Run

#: Layers that the answer depends on.
SOURCES = (*INPUTS, PLACES, CLAIMS)
#: Figures of the run that its layers still give, where nobody has changed them since, are within this share of them.
_SAME_WITHIN = 1e-6


@dataclass(frozen=True)
class RunUnknowns:
    """The unknown values of a run.

    Attributes
    ----------
    run
        The run, without layers.
    rows
        ``rank, layer, id, field, weight, claims, places, site, name`` and a point in degrees; ``claims`` and
        ``places`` are tuples.
    without_effect
        How many unknown heights turn nothing, and are left out.
    notes
        What is to be known about the answer, as ``中文 / English``.
    """

    run: Run
    rows: gpd.GeoDataFrame
    without_effect: int
    notes: tuple[str, ...]


def unknowns(store: Store, run_id: str = "latest", *, progress: Progress | None = None) -> RunUnknowns:
    """Return the unknown values of a run by how much each alone would turn from possibly to surely seen.

    Views and overlay are computed again with the run's options from the layers of its day; where these have changed
    since, a note says so.

    Parameters
    ----------
    store
        With rights on the whole county: a weight does not depend on who asks.
    run_id
        The run, or ``latest``.

    Raises
    ------
    NotFound
        The run does not exist, or there are no cameras on its day any more.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> from geo.studies.analysis import analyze
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> rows = {"id": ["c1", "c2"], "azimuth": [None, 0.0], "status": ["online", "unknown"]}
    >>> points = shapely.points([[103.1, 37.6], [103.2, 37.6]])
    >>> _ = store.write("cameras", gpd.GeoDataFrame(rows, geometry=points, crs="EPSG:4326"), "upsert", actor="li")
    >>> _ = analyze(store, AnalyzeOptions(domain="all"))
    >>> found = unknowns(store)
    >>> sorted(found.rows["id"] + " " + found.rows["field"]), found.notes
    (['c1 azimuth', 'c2 status'], ())
    >>> store.close()
    >>> folder.cleanup()
    """
    from geo.assessment.unknowns import unknowns as rank_unknowns  # noqa: PLC0415 (a list of commands needs none)
    from geo.catalog.editions import EDITIONS  # noqa: PLC0415
    from geo.crs import STORAGE_CRS  # noqa: PLC0415
    from geo.studies.layer_overlay import overlay_of_layers  # noqa: PLC0415
    from geo.studies.usable_rows import usable_rows  # noqa: PLC0415
    from geo.types import no_progress, part_of_progress  # noqa: PLC0415

    tell = progress or no_progress
    with store.snapshot():
        tell("读取图层 / reading layers", 0.0)
        run = store.run(run_id, layers=[])
        stored = layers_of_day(store, run, SOURCES)
    if not len(stored["cameras"]):
        raise NotFound("批次那一天的摄像机已不在库中", "the cameras of the run's day are not in the store any more")
    options = _options(run)
    frames = usable_rows({name: stored[name] for name in INPUTS if len(stored[name])}).frames
    asked = {one for name in (PLACES, CLAIMS) for one in stored[name]["level"].dropna() if one}
    levels = [one for one in EDITIONS[str(options.edition)] if one == options.level or one in asked]
    views, _, model = overlay_of_layers(frames, options, levels=levels, progress=part_of_progress(tell, 0.0, 0.6))
    found = rank_unknowns(model, stored[PLACES], stored[CLAIMS], views=views, progress=part_of_progress(tell, 0.6, 1.0))
    names = _names(stored)
    rows = found.drop(columns="value").to_crs(STORAGE_CRS)
    named = [names.get(key) for key in zip(rows["layer"], rows["id"], strict=True)]
    rows.insert(list(rows.columns).index("site") + 1, "name", named)
    tell("完成 / done", 1.0)
    return RunUnknowns(run, rows, found.attrs["without_effect"], _notes(run, model))


def visible_rows(
    store: Store, found: RunUnknowns, cameras: Collection[str], townships: Collection[str] | None = None
) -> gpd.GeoDataFrame:
    """Return the rows that a caller may know of; ranks stay the county's.

    A building of which the height matters tells that a camera stands near, so it is for those of its township only.

    Parameters
    ----------
    store
        A store that reads divisions.
    found
        The unknown values of a run.
    cameras
        Ids of the cameras that the caller may know of.
    townships
        Codes of the townships that it may know the cameras of; None for all.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> from geo.types import Run
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> town = {"code": ["990101100"], "level": ["township"]}
    >>> town = gpd.GeoDataFrame(town, geometry=[shapely.box(103.0, 37.0, 103.1, 37.1)], crs="EPSG:4326")
    >>> _ = store.write("divisions", town, "upsert", actor="li")
    >>> rows = {"layer": ["cameras", "obstacles", "obstacles"], "id": ["c1", "in", "out"]}
    >>> points = shapely.points([[103.05, 37.05], [103.05, 37.05], [103.2, 37.05]])
    >>> rows = gpd.GeoDataFrame(rows, geometry=points, crs="EPSG:4326")
    >>> found = RunUnknowns(Run("0190", "2026-03-01T00:00:00.000Z", {}, {}), rows, 0, ())
    >>> visible_rows(store, found, ["c1"])["id"].tolist()
    ['c1', 'in', 'out']
    >>> visible_rows(store, found, [], ["990101100"])["id"].tolist()
    ['in']
    >>> store.close()
    >>> folder.cleanup()
    """
    rows = found.rows
    shown = ((rows["layer"] != "cameras") | rows["id"].isin(set(cameras))).to_numpy(bool)
    if townships is not None:
        import shapely  # noqa: PLC0415 (a list of commands needs none)

        from geo.catalog.division_codes import compared_code  # noqa: PLC0415

        divisions = store.read("divisions", at=data_day(store, found.run))
        wanted = {compared_code(code) for code in townships}
        own = [compared_code(str(code)) in wanted for code in divisions["code"]]
        ground = shapely.union_all(shapely.make_valid(divisions.geometry.to_numpy()[own]))
        inside = shapely.intersects(rows.geometry.to_numpy(), ground)
        shown = shown & (inside | (rows["layer"] == "cameras").to_numpy(bool))
    return rows[shown].reset_index(drop=True)


def as_table(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows with claims and places as texts, as places name their claims."""
    joined = {name: rows[name].map(";".join) for name in ("claims", "places")}
    return rows.assign(**joined)


def _options(run: Run) -> AnalyzeOptions:
    """Return the options of a run, which an older version may have written."""
    given = run.options
    known = {name: given[name] for name in ("level", "edition", "target_height", "domain") if given.get(name)}
    return AnalyzeOptions(**known).checked()


def _names(stored: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    out: dict[tuple[str, str], str] = {}
    for layer in ("cameras", "obstacles"):
        frame = stored[layer]
        if "name" in frame:
            named = frame[frame["name"].notna()]
            out |= {(layer, str(key)): str(name) for key, name in zip(named["id"], named["name"], strict=True)}
    return out


def _notes(run: Run, model: Incidence) -> tuple[str, ...]:
    """Return a note where the layers give other figures than the run has."""
    from geo.assessment.figures import totals  # noqa: PLC0415 (as above)

    had, has = run.summary.get("totals", {}), totals(model)
    same = all(_is_same(had[name], has[name]) for name in had.keys() & has.keys())
    return () if same else (_CHANGED,)


def _is_same(one: Any, other: Any) -> bool:
    a, b = (float("nan") if value is None else float(value) for value in (one, other))
    return (a != a and b != b) or abs(a - b) <= _SAME_WITHIN * max(abs(a), abs(b), 1.0)  # noqa: PLR0124 (NaN)


_CHANGED = sentence(
    "批次之后图层改过：未知量按那一天的图层现在的样子计算，请重新分析",
    "the layers were changed since the run: unknown values are of the layers of its day as they are now; analyse again",
)
