"""Say in words where the gaps of a stored run are, by the roads, places and villages of its day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.studies.stored_runs import layers_of_day

if TYPE_CHECKING:
    import pandas as pd

    from geo.storage.protocol import Store
    from geo.types import Run

#: Layers by which positions are told; all are reference layers, which every signed-in caller reads.
SOURCES = ("roads", "places", "facilities", "villages", "divisions")


def gap_words(store: Store, run: Run, gaps: pd.DataFrame, *, lang: str = "zh") -> pd.Series:
    """Return where each gap is in words, with the index of the gaps; None for what cannot be told.

    Places that were derived from roads are left out: a crossing is told by its roads.

    Parameters
    ----------
    store, run
        The store as its caller may read it, and a run in it.
    gaps
        Rows with ``lon`` and ``lat``, WGS-84 degrees.
    lang
        ``zh`` or ``en``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> from geo.types import Run
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> road = {"id": ["r1"], "name": ["民主街"]}
    >>> road = gpd.GeoDataFrame(road, geometry=[shapely.LineString([(103.1, 37.6), (103.2, 37.6)])], crs="EPSG:4326")
    >>> _ = store.write("roads", road, "upsert", actor="li")
    >>> run = Run("0190", "2099-03-01T00:00:00.000Z", {}, {})
    >>> gap_words(store, run, pd.DataFrame({"rank": [1], "lon": [103.15], "lat": [37.6009]})).tolist()
    ['民主街北100米']
    >>> store.close()
    >>> folder.cleanup()
    """
    import geopandas as gpd  # noqa: PLC0415 (a list of commands needs none)

    from geo.assessment.served_units import villages_of  # noqa: PLC0415
    from geo.catalog.claims import DERIVED  # noqa: PLC0415
    from geo.crs import STORAGE_CRS  # noqa: PLC0415
    from geo.derivation.place_words import place_words  # noqa: PLC0415

    with store.snapshot():
        frames = layers_of_day(store, run, SOURCES)
    listed = frames["places"][(frames["places"]["source"] != DERIVED).to_numpy(bool, na_value=True)]
    villages = villages_of(frames["villages"], frames["divisions"])
    points = gpd.points_from_xy(gaps["lon"].astype(float), gaps["lat"].astype(float), crs=STORAGE_CRS)
    return place_words(
        gpd.GeoSeries(points, index=gaps.index),
        frames["roads"],
        places=[listed, frames["facilities"]],
        villages=villages,
        lang=lang,
    )
