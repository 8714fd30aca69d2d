"""Read an office's own profiles of grid codes from a TOML or JSON file."""

from __future__ import annotations

from pathlib import Path

from geo.catalog.code_profiles import CodeProfile, profiles_of
from geo.readers.source import FileLimits, plain_file, unreadable

#: A profile takes a few lines.
_MAX_BYTES = 1_000_000


def read_profiles(path: str | Path) -> dict[str, CodeProfile]:
    """Return the profiles of a file by name.

    Raises
    ------
    UnreadableFile
        There is no such file, it is too large, or no text in UTF-8.
    BadValue
        A profile is none: file, key and reason.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "ours.json"
    >>> _ = path.write_text(
    ...     '{"own": {"segments": [{"of": "village", "digits": 12}, {"of": "number", "digits": 4}]}}'
    ... )
    >>> read_profiles(path)["own"].digits
    16
    >>> folder.cleanup()
    """
    file = plain_file(path, FileLimits(file_bytes=_MAX_BYTES))
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise unreadable(file.name, "不是 UTF-8 文字", "it is no text in UTF-8") from None
    return profiles_of(text, file.name)
