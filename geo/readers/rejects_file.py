"""Write rejected rows to a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from geo.errors import RowFault
from geo.files import escaped_formula, write_atomically

#: Signed numbers, degrees and lists of them, as coordinates that are refused.
_HARMLESS = r"[-+][\d.,;\s°-]*"
COLUMNS = ("source", "row", "field", "reason", "value")


def write_rejects(rejects: Iterable[RowFault], path: str | Path) -> None:
    """Write rejected rows as CSV ``source,row,field,reason,value``: UTF-8 with mark, complete or not at all.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "rejects.csv"
    >>> write_rejects([RowFault("cameras.csv", "3", "height", "不是数字 / text that is no number", "=1+1")], path)
    >>> print(path.read_text(encoding="utf-8-sig"), end="")
    source,row,field,reason,value
    cameras.csv,3,height,不是数字 / text that is no number,'=1+1
    >>> folder.cleanup()
    """

    def write(temporary: Path) -> None:
        with temporary.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for fault in rejects:
                cells = (fault.where, fault.row, fault.field, fault.reason, fault.value)
                writer.writerow([escaped_formula(cell, harmless=_HARMLESS) for cell in cells])

    write_atomically(Path(path), write)
