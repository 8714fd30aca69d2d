"""Ask for the rates of a run: its places and views, with the layers of its day (rule P6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.catalog.layers import INPUTS
from geo.studies.place_claims import CLAIMS, PLACES
from geo.studies.stored_runs import layers_of_day

if TYPE_CHECKING:
    import pandas as pd

    from geo.storage.protocol import Store
    from geo.types import Progress, Run

#: Layers that rates count rows of, or that say where cameras stand.
SOURCES = (*(name for name in INPUTS if name not in ("demand", "areas")), "facilities")


def rates(store: Store, run_id: str = "latest", *, progress: Progress | None = None) -> tuple[Run, pd.DataFrame]:
    """Return a run and every rate, for the county and each township.

    Coverage is that of the run; cameras, grids, villages and facilities are the rows of the day that it is of. Rates
    whose layer has no rows are left out.

    Parameters
    ----------
    store
        With rights on the whole county: a rate does not depend on who asks.
    run_id
        The run, or ``latest``.

    Raises
    ------
    NotFound
        The run does not exist.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> from geo.studies.analysis import AnalyzeOptions, analyze
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> rows = {"id": ["c1", "c2"], "status": ["online", "offline"]}
    >>> points = shapely.points([[103.1, 37.6], [103.2, 37.6]])
    >>> _ = store.write("cameras", gpd.GeoDataFrame(rows, geometry=points, crs="EPSG:4326"), "upsert", actor="li")
    >>> _ = analyze(store, AnalyzeOptions(domain="all"))
    >>> found = rates(store)[1].set_index("rate")
    >>> found.loc["intact", ["numerator", "denominator", "value"]].astype(float).tolist()
    [1.0, 2.0, 0.5]
    >>> store.close()
    >>> folder.cleanup()
    """
    import pandas as pd  # noqa: PLC0415 (a list of commands needs none)

    from geo.assessment.rates import RateInputs  # noqa: PLC0415
    from geo.assessment.rates import rates as rates_of  # noqa: PLC0415
    from geo.assessment.road_lengths import road_lengths  # noqa: PLC0415
    from geo.assessment.served_units import villages_of  # noqa: PLC0415
    from geo.check.checks import cameras_out_of_place  # noqa: PLC0415
    from geo.crs_metric import metric_crs_for  # noqa: PLC0415
    from geo.studies.usable_rows import rows_with_shape, without_outliers  # noqa: PLC0415
    from geo.types import no_progress  # noqa: PLC0415

    tell = progress or no_progress
    with store.snapshot():
        tell("读取图层 / reading layers", 0.0)
        head = store.run(run_id, layers=[])
        had = head.summary.get("layers", {})
        frames = layers_of_day(store, head, SOURCES)
        views = store.run(head.id, layers=["views"]).layers["views"] if "views" in had else None
        rows = store.run_rows(head.id, PLACES) if CLAIMS in head.summary and PLACES in had else []
        villages = store.run_rows(head.id, "villages") if "villages" in had else None
    divisions = rows_with_shape(frames.pop("divisions"))
    townships = divisions[(divisions["level"] == "township").to_numpy(bool, na_value=False)]
    frames["villages"] = villages_of(frames["villages"], divisions)
    roads = without_outliers({"roads": frames["roads"], "divisions": townships})["roads"]
    pieces = pd.DataFrame()
    if len(roads) and views is not None:
        tell("量道路 / measuring roads", 0.3)
        seen = views[(views["status"] == "online").to_numpy(bool)].geometry
        pieces = road_lengths(roads, seen, townships, metric_crs_for(roads))
    tell("检查位置 / checking positions", 0.6)
    misplaced = cameras_out_of_place(frames)
    inputs = RateInputs(
        townships=townships,
        places=pd.DataFrame(rows),
        cameras=frames["cameras"],
        grids=frames["grids"],
        villages=frames["villages"],
        facilities=frames["facilities"],
        roads=roads,
        village_sites=None if villages is None else {str(one["code"]): int(one["cameras"] or 0) for one in villages},
        road_pieces=pieces,
        misplaced=misplaced,
    )
    return head, rates_of(inputs)
