"""Say in words where the gaps of a sheet are, by the layers that the sheet draws."""

from __future__ import annotations

import geopandas as gpd

from geo.catalog.claims import DERIVED
from geo.derivation.place_words import place_words
from maps.map_data import MapData
from maps.print.sheet_content import SheetContent, text_of


def gap_places(data: MapData, content: SheetContent, gaps: gpd.GeoDataFrame, lang: str) -> list[str]:
    """Return where each gap is in words, empty for what cannot be told; places derived from roads are left out.

    Parameters
    ----------
    data
        The map, of which roads, places, facilities and villages tell where a gap is.
    content
        The content of the sheet.
    gaps
        Rows of its gaps, with ``x`` and ``y`` in metres of its CRS.
    lang
        ``zh`` or ``en``.
    """
    layers = data.reference
    points = gpd.GeoSeries(gpd.points_from_xy(gaps["x"], gaps["y"]), crs=content.crs)
    places = [layers[name] for name in ("places", "facilities") if name in layers]
    listed = [one[(one["source"] != DERIVED).to_numpy(bool)] if "source" in one else one for one in places]
    crs = next((one.crs for one in (layers.get("roads"), layers.get("villages"), *places) if one is not None), None)
    if crs is None:
        return [""] * len(gaps)
    found = place_words(
        points.to_crs(crs), layers.get("roads"), places=listed, villages=layers.get("villages"), lang=lang
    )
    return [text_of(one) for one in found]
