"""Look up the names of grids, villages and townships by their codes, for columns of names beside codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from geo.catalog.division_codes import DIVISION_LEVELS
from geo.catalog.headings import NAMING_LAYERS
from geo.storage.protocol import Store

_TOWNSHIP_DIGITS = DIVISION_LEVELS["township"]


@dataclass(frozen=True)
class PlaceNames:
    """Names by code.

    Attributes
    ----------
    names
        Code -> name of every division, village and grid.
    villages
        Code of a grid -> its village as stored, a code or a name.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    villages: Mapping[str, str] = field(default_factory=dict)

    def name(self, code: object) -> str | None:
        """Return the name of a code; None where there is none."""
        return self.names.get(code) if isinstance(code, str) else None

    def township(self, code: object) -> str | None:
        """Return the name of the township of a grid: by the code of its village, else by its own."""
        if not isinstance(code, str):
            return None
        for one in (self.villages.get(code), code):
            if one is not None and one[:_TOWNSHIP_DIGITS].isdigit() and len(one) >= _TOWNSHIP_DIGITS:
                found = self.names.get(one[:_TOWNSHIP_DIGITS])
                if found is not None:
                    return found
        return None


def place_names(store: Store) -> PlaceNames:
    """Return the names that a store has."""
    return names_in({layer: store.read(layer) for layer in NAMING_LAYERS})


def names_in(frames: Mapping[str, pd.DataFrame]) -> PlaceNames:
    """Return the names in frames of divisions, villages and grids; where a code is in several layers, the grid's."""
    names: dict[str, str] = {}
    for layer in NAMING_LAYERS:
        if layer in frames:
            names |= _texts(frames[layer], "name")
    return PlaceNames(names, _texts(frames["grids"], "village") if "grids" in frames else {})


def _texts(frame: pd.DataFrame, column: str) -> dict[str, str]:
    if column not in frame:
        return {}
    known = frame[frame[column].notna().to_numpy(dtype=bool)]
    return dict(zip(known["code"].tolist(), known[column].tolist(), strict=True))
