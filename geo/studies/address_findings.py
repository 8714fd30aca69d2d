"""Count the addresses of an import that lie elsewhere than they say, by what is stored."""

from __future__ import annotations

from collections import defaultdict

import geopandas as gpd

from geo.check import address_rows
from geo.check.metric_frames import prepare_frames
from geo.sentences import sentence
from geo.storage.protocol import Store
from geo.types import CellFinding

#: Code of a finding of ``check`` -> what is said of the rows.
_REASONS = {
    "address-outside-grids": sentence("位置不在任何网格内", "points in no grid"),
    "address-elsewhere": sentence(
        "位置在文字所写的乡镇、村之外", "points outside the town or village that the text names"
    ),
    "address-at-two-places": sentence("同一段文字有相距很远的位置", "one text at points far apart"),
}
_SHOWN = 5


def address_findings(store: Store, layer: str, frame: gpd.GeoDataFrame) -> list[CellFinding]:
    """Return one finding for each kind of address that ``check`` would name, with their number and the first of them.

    Parameters
    ----------
    store
        The store with divisions, villages and grids.
    layer, frame
        The rows that are imported; of another layer than addresses nothing is said.
    """
    if layer != "addresses" or not len(frame):
        return []
    stored = {name: store.read(name) for name in address_rows.DIVIDING}
    data = prepare_frames({**{name: one for name, one in stored.items() if len(one)}, layer: frame})
    keys: dict[str, list[str]] = defaultdict(list)
    for one in address_rows.find(data):
        keys[one.code] += one.keys
    found = []
    for code, named in keys.items():
        shown = ", ".join(named[:_SHOWN]) + (", …" if len(named) > _SHOWN else "")
        found.append(CellFinding("geometry", _REASONS[code], shown, (), len(named)))
    return found
