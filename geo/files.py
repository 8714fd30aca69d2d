"""Write files complete or not at all, and cells of tables that no spreadsheet takes for formulas."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from geo.errors import BadValue, Conflict, UnreadableFile

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_CODE = re.compile(r"[\w.-]+")


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Call `write` on a temporary file next to `path`, then rename it atomically.

    Readers see the old file or the new one, never a part.

    Raises
    ------
    UnreadableFile
        The folder does not exist, or ``path`` is one.
    OSError
        It cannot be written to; the error names ``path``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder) / "run.json", lambda path: path.write_text("{}"))
    ...     [path.name for path in Path(folder).iterdir()]
    ['run.json']
    """
    temporary = _file_beside(path)
    name = str(temporary)
    try:
        # GDAL creates the file itself; and a new file is readable for others by default, unlike one of mkstemp. The
        # random part of the name keeps it unique.
        temporary.unlink()
        write(temporary)
        temporary.replace(path)
    except OSError as error:
        if str(error.filename) != name:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        temporary.unlink(missing_ok=True)


def require_writable(path: Path) -> None:
    """Raise what ``write_atomically`` would of the path, before the work whose result is to be written there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     require_writable(Path(folder) / "sheet.pdf")
    ...     [path.name for path in Path(folder).iterdir()]
    []
    """
    _file_beside(path).unlink()


def _file_beside(path: Path) -> Path:
    """Return an empty file of a name of its own in the folder of a path, which must be no folder."""
    if path.is_dir():
        raise UnreadableFile(f"{path} 是文件夹，请写出文件名", f"{path} is a folder: name a file")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem[:40]}-", suffix=path.suffix, dir=path.parent)
    except (FileNotFoundError, NotADirectoryError):
        if path.parent.is_dir():  # one that takes no files, as those of the system's processes
            raise UnreadableFile(
                f"文件夹 {path.parent} 不能写入文件", f"no file can be written into the folder {path.parent}"
            ) from None
        raise UnreadableFile(f"没有文件夹 {path.parent}", f"there is no folder {path.parent}") from None
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    os.close(handle)
    return Path(name)


def require_other_file(written: Path, *inputs: Path) -> None:
    """Raise BadValue where a result would be written over one of the files that it is made from.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "cameras.csv"
    ...     _ = path.write_text("id")
    ...     require_other_file(Path(folder) / "rejects.csv", path)
    ...     try:
    ...         require_other_file(Path(folder) / "." / "cameras.csv", path)
    ...     except BadValue as error:
    ...         print(error.en == f"the result would be written over {path}, which it is made from; name another file")
    True
    """
    if not written.exists():
        return
    for path in inputs:
        if path.exists() and written.samefile(path):
            raise BadValue(
                f"结果会写到输入文件 {path} 上；请另指一个文件",
                f"the result would be written over {path}, which it is made from; name another file",
            )


def require_new_file(*written: Path) -> None:
    """Raise Conflict where a file that people fill in would be written over one that is there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "template.xlsx"
    ...     require_new_file(path)
    ...     _ = path.write_text("filled in")
    ...     try:
    ...         require_new_file(path)
    ...     except Conflict as error:
    ...         print(error.en.removeprefix(f"{path} "))
    is already there, perhaps filled in, and was left as it is; name another file or move it away first
    """
    for path in written:
        if path.exists():
            raise Conflict(
                f"{path} 已经有了，可能填过，没有覆盖；请另指一个文件，或先把它移走",
                f"{path} is already there, perhaps filled in, and was left as it is; "
                "name another file or move it away first",
            )


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
    # A text that looks like an escaped one gets a further apostrophe, so that every text comes back as it was.
    looks_escaped = unescaped_formula(text) != text
    return f"'{text}" if is_signed or looks_escaped or text[:1] in ("=", "@", "\t", "\r") else text


def unescaped_formula(text: str) -> str:
    """Return a text without the apostrophe by which spreadsheets and `escaped_formula` mark a formula or a code.

    Examples
    --------
    >>> [unescaped_formula(escaped_formula(text)) for text in ("=1+1", "'=1", "-1", "o'clock", "'a'", "'0622")]
    ['=1+1', "'=1", '-1', "o'clock", "'a'", "'0622"]
    >>> unescaped_formula("'0622"), unescaped_formula("'s-Hertogenbosch")
    ('0622', "'s-Hertogenbosch")
    """
    if text[:1] != "'":
        return text
    rest = text.lstrip("'")
    is_code = _CODE.fullmatch(rest) is not None and any(map(str.isdecimal, rest))
    return text[1:] if rest[:1] in _FORMULA_STARTS or is_code else text


def marked_text(text: str) -> str:
    """Return a text as a cell of a workbook holds it: with an apostrophe before what would be read without a mark.

    Examples
    --------
    >>> [marked_text("'0622"), marked_text("=1+1")]
    ["''0622", '=1+1']
    """
    return f"'{text}" if unescaped_formula(text) != text or text.startswith('="') else text
