"""Say in words where the gaps of a sheet are, by the roads, places and villages of the map."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pyproj

from geo.catalog.claims import DERIVED
from geo.derivation.landmarks import LandmarkFinder
from geo.derivation.place_words import landmark_words
from maps.map_data import MapData
from maps.print.sheet_content import text_of


class GapPlaces:
    """What tells where gaps are, put together once for all sheets of a map: a crossing beyond a sheet counts as well.

    Parameters
    ----------
    data
        The whole map, of which roads, places, facilities and villages tell where a gap is; places derived from roads
        are left out.
    crs
        The metric CRS of the sheets.
    """

    def __init__(self, data: MapData, crs: pyproj.CRS) -> None:
        layers = data.reference
        roads, villages = layers.get("roads"), layers.get("villages")
        places = [layers[name] for name in ("places", "facilities") if name in layers]
        listed = [one[(one["source"] != DERIVED).to_numpy(bool)] if "source" in one else one for one in places]
        self._crs = crs
        self._of = next((one.crs for one in (roads, villages, *places) if one is not None), None)
        self._finder = LandmarkFinder(roads, places=listed, villages=villages, crs=crs)

    def words(self, gaps: pd.DataFrame, lang: str) -> list[str]:
        """Return where each gap is in words, empty for what cannot be told.

        Parameters
        ----------
        gaps
            Rows with ``x`` and ``y`` in metres of the CRS of the sheets.
        lang
            ``zh`` or ``en``.
        """
        if self._of is None or not len(gaps):
            return [""] * len(gaps)
        points = gpd.GeoSeries(gpd.points_from_xy(gaps["x"], gaps["y"]), crs=self._crs).to_crs(self._of)
        return ["" if one is None else text_of(landmark_words(one, lang)) for one in self._finder.of(points)]
