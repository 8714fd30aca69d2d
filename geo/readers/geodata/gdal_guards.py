"""Refuse files that would make GDAL read other files or other drivers: File GDB folders, MapInfo tables."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pyogrio

from geo.readers.source import FileLimits, check_size, unreadable

_HEAD = 64 << 10
_MAX_FILES = 5_000
_CHARSET = re.compile(rb'charset\s+"([^"\r\n]{1,40})"')


def check_file_gdb(folder: Path, limits: FileLimits) -> None:
    """Raise UnreadableFile where a folder is no File GDB, or has links, folders or too many bytes in it."""
    total = 0
    listed = list(folder.iterdir())
    if len(listed) > _MAX_FILES:
        raise unreadable(folder.name, f"文件超过 {_MAX_FILES:,} 个", f"it has more than {_MAX_FILES:,} files")
    for one in listed:
        if one.is_symlink() or not one.is_file():
            raise unreadable(folder.name, "含有链接或子目录", "it holds a link or a folder")
        total += one.stat().st_size
    check_size(folder.name, total, limits.file_bytes)
    if not (folder / "a00000001.gdbtable").is_file():
        raise unreadable(folder.name, "内容不是 .gdb 文件夹", "its content is no .gdb folder")


def check_empty_gdb_table(folder: Path, layer: str) -> None:
    """Raise UnreadableFile where a layer of a File GDB that gave no row has rows by the head of its table.

    GDAL gives a layer without rows and columns where the table of the layer, or the index of its rows, is broken.
    """
    if _rows_by_head(folder, layer) != 0:
        raise unreadable(folder.name, f"{layer} 的表或索引损坏", f"the table of {layer}, or its index, is broken")


def _rows_by_head(folder: Path, layer: str) -> int:
    """Return the rows that the head of a table names; -1 where it is no such head, or the layer is not listed."""
    _, fids, _, (names, *_) = pyogrio.raw.read(
        folder, layer="GDB_SystemCatalog", columns=["Name"], return_fids=True, LIST_ALL_TABLES="YES"
    )
    number = next((int(fid) for fid, name in zip(fids, names, strict=True) if name == layer), -1)
    files = {one.name.lower(): one for one in folder.iterdir()}
    table = files.get(f"a{number:08x}.gdbtable")
    head = b"" if table is None else _head(table, 24)
    if len(head) < 24:
        return -1
    version, rows = struct.unpack_from("<ii", head)
    if version == 4:  # tables of 64-bit ids
        (rows,) = struct.unpack_from("<q", head, 16)
    return rows if version in (3, 4) and rows >= 0 else -1


def _head(path: Path, length: int) -> bytes:
    with path.open("rb") as file:
        return file.read(length)


def check_mapinfo(path: Path) -> str:
    """Raise UnreadableFile where a table is one of other tables; return the character set that it names, or ``""``."""
    with path.open("rb") as file:
        head = file.read(_HEAD).lower()
    if path.suffix.lower() == ".mif":
        if not head.lstrip().startswith(b"version"):
            raise unreadable(path.name, "内容不是 .mif 文件", "its content is no .mif file")
        _need(path, ".mid")
    else:
        # Views, seamless and linked tables name other files.
        if b"type native" not in head or any(word in head for word in (b"open table", b"create view", b"isseamless")):
            raise unreadable(
                path.name,
                "不是单独的表（视图、拼接或链接表不收）",
                "it is no plain table (views and links are not read)",
            )
        _need(path, ".dat")
    charset = _CHARSET.search(head)
    return "" if charset is None else charset[1].decode("ascii", "replace")


def check_mid(path: Path, shapes: int, columns: int) -> None:
    """Raise UnreadableFile where the .mid of a .mif has other rows than it has shapes, or its last one is cut short.

    GDAL reads a .mif to where it ends, wherever that is.
    """
    mid = _need(path, ".mid")
    lines, last = 0, b""
    with mid.open("rb") as file:
        for line in file:
            if line.strip():
                lines, last = lines + 1, line[: 1 << 20]
    # A quoted text may hold the delimiter, so that there may be more marks than columns and never fewer.
    is_cut = lines > 0 and columns > 1 and max(last.count(mark) for mark in (b",", b"\t", b";", b"|")) < columns - 1
    if columns and (lines != shapes or is_cut):
        en = f"it has {shapes} shapes but {lines} rows, or its last row is cut short"
        raise unreadable(path.name, f"文件不完整：{shapes} 个图形，{lines} 行属性，或末行残缺", en)


def _need(path: Path, suffix: str) -> Path:
    beside = (one for one in path.parent.iterdir() if one.suffix.lower() == suffix and one.stem == path.stem)
    found = next(beside, None)
    if found is None:
        raise unreadable(path.name, f"缺少同名的 {suffix} 文件", f"the {suffix} file that belongs to it is missing")
    return found
