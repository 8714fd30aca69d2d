"""Read files of base maps: regular ones within their folder only, wherever links in it lead, and bounded parts."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from geo.basemaps.pictures import MAX_TILE_BYTES
from geo.errors import UnreadableFile


def damaged(name: str, zh: str, en: str) -> UnreadableFile:
    """Return the error for a file of a base map that cannot be used."""
    return UnreadableFile(f"底图文件 {name} 不可用：{zh}", f"the base map file {name} cannot be used: {en}")


def require_file(path: Path) -> Path:
    """Return a path that is a regular file; raise UnreadableFile for any other, a pipe or a device among them."""
    try:
        is_file = stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        raise damaged(path.name, f"无法读取（{error.strerror}）", f"it cannot be read ({error.strerror})") from None
    if not is_file:
        raise damaged(path.name, "不是文件", "it is no file")
    return path


def read_part(path: Path, start: int, count: int) -> bytes:
    """Return so many bytes of a file; raise UnreadableFile where it has fewer, or is gone."""
    try:
        with path.open("rb") as file:
            file.seek(start)
            data = file.read(count)
    except (OSError, OverflowError, ValueError):
        data = b""
    if len(data) < count:
        raise damaged(path.name, "不完整", "it is cut off")
    return data


def picture_within(root: Path, path: Path) -> bytes | None:
    """Return the bytes of a picture in a folder, None where there is none.

    Raises
    ------
    UnreadableFile
        It is larger than a tile may be, or a link leads out of the folder.
    """
    try:
        real = path.resolve(strict=True)
        found = real.stat()
    except (OSError, RuntimeError):  # absent, or links in a circle
        return None
    if not real.is_relative_to(root.resolve()):
        raise damaged(path.name, "链接指向底图文件夹之外", "a link leads out of the folder of the base map")
    if not stat.S_ISREG(found.st_mode):
        return None
    if found.st_size > MAX_TILE_BYTES:
        raise damaged(path.name, f"超过 {MAX_TILE_BYTES / 1e6:g} MB", f"it is over {MAX_TILE_BYTES / 1e6:g} MB")
    return read_part(real, 0, found.st_size)


def file_state(path: Path) -> str:
    """Return a text that changes whenever a file or a folder does; empty where it is absent."""
    try:
        found = path.stat()
    except OSError:
        return ""
    return f"{found.st_ino}-{found.st_mtime_ns}-{found.st_size}"


def numbered(folder: Path, most: int = 100_000) -> dict[int, os.DirEntry[str]]:
    """Return the entries of a folder whose names, without a suffix, are whole numbers, by number."""
    found: dict[int, os.DirEntry[str]] = {}
    try:
        with os.scandir(folder) as entries:
            for _, entry in zip(range(most), entries, strict=False):
                stem = entry.name.partition(".")[0]
                if stem.isascii() and stem.isdigit() and len(stem) <= 9:
                    found[int(stem)] = entry
    except OSError:
        return {}
    return found
