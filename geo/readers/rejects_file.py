"""Write rejected rows to a CSV file."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path

from geo.errors import RowFault
from geo.files import write_atomically

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
                writer.writerow([_escaped_formula(cell) for cell in cells])

    write_atomically(Path(path), write)


def _escaped_formula(cell: str) -> str:
    # Escape cells that a spreadsheet would execute as a formula; plain negative numbers are kept.
    risky = cell[:1] in ("=", "@", "\t", "\r") or (
        cell[:1] in ("+", "-") and not re.fullmatch(r"[-+][\d.,;\s°-]*", cell)
    )
    return f"'{cell}" if risky else cell
