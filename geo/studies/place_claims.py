"""Ask a stored run which places are covered, and which claims hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from geo.errors import NotFound
from geo.sentences import sentence
from geo.studies.stored_runs import points_in_zone

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geo.assessment.claims import Claims
    from geo.storage.protocol import Store
    from geo.types import Run

#: Name of the layer of a run that keeps its places, and of the member of its summary that lists the claims asked for.
PLACES, CLAIMS = "places", "claims"
#: Names listed in one sentence.
_SHOWN = 5


def stored_places(found: Claims) -> gpd.GeoDataFrame:
    """Return the rows of places as a run keeps them: their figures and a point in degrees, without their shapes.

    Shapes stay in layer ``places``; the table of a run's figures holds polygons only.
    """
    import geopandas as gpd  # noqa: PLC0415 (a list of claims needs none)
    import shapely  # noqa: PLC0415

    from geo.assessment.inner_points import inner_points  # noqa: PLC0415
    from geo.crs import STORAGE_CRS  # noqa: PLC0415

    frame = found.places
    inner = gpd.GeoSeries(inner_points(frame.geometry.to_numpy()), crs=frame.crs).to_crs(STORAGE_CRS).to_numpy()
    kept = frame.assign(lon=shapely.get_x(inner), lat=shapely.get_y(inner))
    return kept.set_geometry(gpd.GeoSeries([None] * len(frame), index=frame.index, crs=frame.crs))


def places(store: Store, run_id: str = "latest", *, zone: str | None = None) -> tuple[Run, gpd.GeoDataFrame]:
    """Return a run and the verdict on each of its places, once for each claim; geometry is a point in degrees.

    Parameters
    ----------
    zone
        As for ``claims``.

    Raises
    ------
    NotFound
        The run or the zone does not exist, or the run was made before places were judged.
    AmbiguousName
        Several zones have that name.
    """
    import geopandas as gpd  # noqa: PLC0415 (as above)
    import pandas as pd  # noqa: PLC0415

    from geo.crs import STORAGE_CRS  # noqa: PLC0415 (as above)

    run, rows = place_rows(store, run_id, zone=zone)
    frame = pd.DataFrame(rows, columns=_columns(rows))
    points = gpd.points_from_xy(frame["lon"].astype(float), frame["lat"].astype(float), crs=STORAGE_CRS)
    return run, gpd.GeoDataFrame(frame, geometry=points)


def drawn_places(
    store: Store, run_id: str = "latest", *, at: date | None = None, zone: str | None = None
) -> tuple[Run, gpd.GeoDataFrame]:
    """Return what ``places`` does, with the shapes that the places had on a day; raise NotFound as it.

    A place that the layer no longer has from that day keeps its point.

    Parameters
    ----------
    at
        The day of the run's data; None is today.
    zone
        As for ``claims``.
    """
    with store.snapshot():
        run, frame = places(store, run_id, zone=zone)
        stored = store.read("places", at=at)
    shapes = dict(zip(stored["code"].astype(str), stored.geometry, strict=True))
    known = [shapes.get(str(code)) or point for code, point in zip(frame["code"], frame.geometry, strict=True)]
    return run, frame.set_geometry(known, crs=frame.crs)


def undefined_claims(run: Run, names: Iterable[str]) -> list[str]:
    """Return the note that names the claims which places belong to and table ``claims`` did not define; none for none.

    Parameters
    ----------
    run
        As ``claims`` returns it.
    names
        Claims that are told.

    Examples
    --------
    >>> from geo.types import Run
    >>> run = Run("1", "2026-01-01", {}, {"claims": [{"claim": "schools", "level": "detect", "share": None}]}, {})
    >>> undefined_claims(run, ["schools", "roads"])[0].partition(" / ")[2]
    'claims that no row of table claims defines are judged at the level of the run: roads'
    """
    defined = {one["claim"] for one in run.summary.get(CLAIMS, ())}
    others = [str(name) for name in names if name not in defined]
    if not others:
        return []
    shown, more = others[:_SHOWN], len(others) - _SHOWN
    zh = f"表 claims 没有定义的覆盖声明，按批次的等级评价：{'、'.join(shown)}"
    en = f"claims that no row of table claims defines are judged at the level of the run: {', '.join(shown)}"
    if more > 0:
        zh, en = f"{zh} 等 {len(others)} 项", f"{en} and {more} more"
    return [sentence(zh, en)]


def claims(
    store: Store, run_id: str = "latest", *, zone: str | None = None
) -> tuple[Run, pd.DataFrame, list[dict[str, Any]]]:
    """Return a run, the row of each claim (rule P4), and the rows of its places.

    Parameters
    ----------
    zone
        Code or name of a zone of any layer or of the county, as for gaps: then only the places count whose inner point
        lies in it, and only the claims that have one there are told.

    Raises
    ------
    NotFound
        The run or the zone does not exist, or the run was made before places were judged.
    AmbiguousName
        Several zones have that name.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> from geo.studies.analysis import AnalyzeOptions, analyze
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> camera = {"id": ["c1"], "azimuth": [0.0], "height": [1.6]}
    >>> gate = {"code": ["p1"], "claim": ["校门全覆盖"]}
    >>> for name, columns, at in (("cameras", camera, 37.6), ("places", gate, 37.60005)):
    ...     frame = gpd.GeoDataFrame(columns, geometry=[shapely.Point(103.1, at)], crs="EPSG:4326")
    ...     _ = store.write(name, frame, "upsert", actor="li")
    >>> _ = analyze(store, AnalyzeOptions(domain="all"))
    >>> claims(store)[1][["claim", "verdict", "places", "counted"]].values.tolist()
    [['校门全覆盖', 'holds', 1, 1]]
    >>> store.close()
    >>> folder.cleanup()
    """
    import pandas as pd  # noqa: PLC0415 (as above)

    from geo.assessment.claims import claim_rows  # noqa: PLC0415

    run, rows = place_rows(store, run_id, zone=zone)
    frame = pd.DataFrame(rows, columns=_columns(rows))
    there = set(frame["claim"].dropna())
    defined = [one for one in run.summary[CLAIMS] if zone is None or one["claim"] in there]
    return run, claim_rows(frame, defined), rows


def place_rows(store: Store, run_id: str, *, zone: str | None = None) -> tuple[Run, list[dict[str, Any]]]:
    """Return a run and the rows of its places as plain values; raise as ``places``."""
    with store.snapshot():
        run = store.run(run_id, layers=[])
        if CLAIMS not in run.summary:
            raise NotFound(
                "此批次没有重点部位的结论（分析时没有部位，或批次较早），请导入 places 后重新分析",
                "this run judged no places (there were none, or it is older): import places and analyse again",
            )
        rows = store.run_rows(run.id, PLACES) if PLACES in run.summary.get("layers", {}) else []
        if zone is not None:
            import pandas as pd  # noqa: PLC0415 (as above)

            own = points_in_zone(store, run, pd.DataFrame(rows, columns=["lon", "lat"]), zone)
            rows = [row for row, is_own in zip(rows, own, strict=True) if is_own]
        return run, rows


def _columns(rows: list[dict[str, Any]]) -> list[str]:
    from geo.catalog.claims import PLACES_OF_RUN  # noqa: PLC0415 (as above)

    return list(rows[0]) if rows else [*PLACES_OF_RUN.names, "derived"]
