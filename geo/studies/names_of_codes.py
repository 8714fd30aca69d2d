"""Look up the names of grids, villages and townships by their codes, for columns of names beside codes, and back."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from geo.catalog.division_codes import DIVISION_LEVELS
from geo.catalog.headings import NAMING_LAYERS
from geo.readers.reading import ReadResult
from geo.storage.protocol import Store
from geo.types import CellFinding

_OTHER_NAME = "旁边的名称不是这个代码的；按代码读 / the name beside it is not that of the code: the code is read"
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


def other_names(store: Store, layer: str, reading: ReadResult) -> tuple[CellFinding, ...]:
    """Return the findings on names beside codes that are not those of the codes, as the store or the file names them.

    Whoever edits a name of a download instead of its code is told that nothing has changed.
    """
    if not reading.named_codes:
        return ()
    stored = place_names(store).names
    brought = _texts(reading.frame, "name") if layer in NAMING_LAYERS else {}
    # A file that gives a place a new name still has the one of the download beside the codes of what lies within.
    found = []
    for one in reading.named_codes:
        known = {_plain(names[one.code]) for names in (stored, brought) if one.code in names}
        if known and _plain(one.name) not in known:
            shown = f"{one.code} {one.name}"[:200]
            found.append(CellFinding(one.field, _OTHER_NAME, shown, one.rows, len(one.rows)))
    return tuple(found)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split())


def _texts(frame: pd.DataFrame, column: str) -> dict[str, str]:
    if column not in frame:
        return {}
    known = frame[frame[column].notna().to_numpy(dtype=bool)]
    return dict(zip(known["code"].tolist(), known[column].tolist(), strict=True))
