"""Write rejected rows, and the findings on rows that were kept, to CSV files."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from geo.errors import Conflict, RowFault
from geo.files import escaped_formula, write_atomically
from geo.types import CellFinding

#: Signed numbers, degrees and lists of them, as coordinates that are refused.
_HARMLESS = r"[-+][\d.,;\s°-]*"
_UNUSED_COLUMN = "没有用到的列 / a column that is not read"
COLUMNS = ("source", "row", "field", "reason", "value")
_HEAD_BYTES = 1024


def require_own_list(*paths: Path | None) -> None:
    """Raise Conflict where a file that is there is none of these lists, or has further columns: it is somebody's work.

    The list of an earlier import is written over, or removed where nothing is listed any more.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "findings.csv"
    ...     write_rejects([], path)
    ...     require_own_list(path, None)
    ...     _ = path.write_text("source,row,field,reason,value,done")
    ...     try:
    ...         require_own_list(path)
    ...     except Conflict as error:
    ...         print(error.en.removeprefix(f"{path} "))
    is no list of an import, or has columns added to it, and was left as it is; name another file or move it away first
    """
    for path in paths:
        if path is None or not path.is_file() or not path.stat().st_size:
            continue
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").split(b"\n")[0].rstrip(b"\r")
        if head != ",".join(COLUMNS).encode():
            raise Conflict(
                f"{path} 不是导入的清单，或加了列，没有覆盖；请另指一个文件，或先把它移走",
                f"{path} is no list of an import, or has columns added to it, and was left as it is; "
                "name another file or move it away first",
            )


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
    _write_rows(((one.where, one.row, one.field, one.reason, one.value) for one in rejects), path)


def write_findings(
    findings: Iterable[CellFinding], unused_columns: Iterable[str], source: str, path: str | Path
) -> None:
    """Write what was lost of rows that were kept, a line per row, and the columns that nobody read.

    The columns are those of the rejects file; ``row`` is empty for what concerns the file as a whole.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "findings.csv"
    >>> found = CellFinding("class", "不认识，作空 / not understood: left empty", "甲类", ("2", "5"), 2, is_word=True)
    >>> write_findings([found], ["备注"], "cameras.csv", path)
    >>> print(path.read_text(encoding="utf-8-sig"), end="")
    source,row,field,reason,value
    cameras.csv,2,class,不认识，作空 / not understood: left empty,甲类
    cameras.csv,5,class,不认识，作空 / not understood: left empty,甲类
    cameras.csv,,,没有用到的列 / a column that is not read,备注
    >>> folder.cleanup()
    """
    cells = ((source, row, one.field, one.reason, one.value) for one in findings for row in one.rows or ("",))
    unused = ((source, "", "", _UNUSED_COLUMN, name) for name in unused_columns)
    _write_rows(chain(cells, unused), path)


def _write_rows(rows: Iterable[tuple[str, ...]], path: str | Path) -> None:
    def write(temporary: Path) -> None:
        with temporary.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for cells in rows:
                writer.writerow([escaped_formula(cell, harmless=_HARMLESS) for cell in cells])

    write_atomically(Path(path), write)
