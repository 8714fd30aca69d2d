"""Hold the columns of a layer while they are read, and say what was rejected, found or assumed on the way."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.catalog.layers import Layer
from geo.readers.columns.profiles import Profile
from geo.readers.source import Fault, SourceTable
from geo.readers.words import cell_values
from geo.sentences import sentence


class RowBuilder:
    """The columns of a layer while they are read; faults and notes go to the source."""

    def __init__(
        self,
        source: SourceTable,
        layer: Layer,
        raw: Mapping[str, pd.Series],
        profile: Profile | None,
        headings: Mapping[str, str] | None = None,
    ) -> None:
        self.source = source
        self.layer = layer
        self.raw = raw
        self.profile = profile
        #: Field -> the heading of its column, which may name a unit.
        self.headings = headings or {}
        self.data: dict[str, np.ndarray] = {}
        self.count = len(source)
        self.notes: list[tuple[np.ndarray, str]] = []

    def fault(self, mask: np.ndarray, field: str, reason: str) -> None:
        """Add a fault to every row of the mask; the first fault of a row is kept, and its value is the raw one."""
        for row, text in self._shown(field, mask):
            self.source.faults.setdefault(row, Fault(field, reason, text))

    def finding(self, mask: np.ndarray, field: str, reason: str, *, is_word: bool = False) -> None:
        """Add a finding on the cell of a field, lost or to be looked at, in every row of the mask (rule U5)."""
        for row, text in self._shown(field, mask):
            self.source.add_finding(row, Fault(field, reason, text, is_word))

    def _shown(self, field: str, mask: np.ndarray) -> list[tuple[int, str]]:
        """Return each row of the mask with the raw text of its cell, empty where it is missing."""
        rows = np.flatnonzero(mask)
        column = self.raw.get(field)
        if column is None:
            return [(row, "") for row in rows.tolist()]
        cells = column.iloc[rows].tolist()
        return [
            (row, "" if cell_values.is_missing(cell) else str(cell))
            for row, cell in zip(rows.tolist(), cells, strict=True)
        ]

    def note(self, mask: np.ndarray, zh: str, en: str) -> None:
        """Record the rows that a sentence applies to."""
        self.notes.append((mask, sentence(zh, en)))

    def count_notes(self) -> None:
        """Count the sentences over the valid rows."""
        good = self.good()
        for said, positions in self.source.row_notes.items():
            self.notes.append((np.isin(np.arange(self.count), positions), said))
        for mask, said in self.notes:
            count = int(np.count_nonzero(mask[good]))
            if count:
                self.source.notes[said] += count

    def good(self) -> np.ndarray:
        """Return the positions of the rows without a fault."""
        mask = np.ones(self.count, dtype=bool)
        mask[list(self.source.faults)] = False
        return np.flatnonzero(mask)
