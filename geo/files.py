"""Write files complete or not at all, and cells of tables that no spreadsheet takes for formulas."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Call `write` on a temporary file next to `path`, then rename it atomically.

    Readers see the old file or the new one, never a part.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder) / "run.json", lambda path: path.write_text("{}"))
    ...     [path.name for path in Path(folder).iterdir()]
    ['run.json']
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        # GDAL creates the file itself; and a new file is readable for others by default, unlike one of mkstemp. The
        # random part of the name keeps it unique.
        temporary.unlink()
        write(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def escaped_formula(text: str, *, harmless: str = "") -> str:
    """Return the text of a cell, behind an apostrophe where a spreadsheet would evaluate it.

    Parameters
    ----------
    text
        The text of a cell of CSV.
    harmless
        Pattern of whole texts that begin with a sign and are no formulas, as plain numbers are; empty: there are none.

    Examples
    --------
    >>> escaped_formula("=1+1"), escaped_formula("-1"), escaped_formula("-1", harmless="-[0-9]+")
    ("'=1+1", "'-1", '-1')
    """
    is_signed = text[:1] in ("+", "-") and not (harmless and re.fullmatch(harmless, text))
    return f"'{text}" if is_signed or text[:1] in ("=", "@", "\t", "\r") else text
