"""Bound archives and XML before they are unpacked or parsed."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from geo.errors import GeoError, UnreadableFile

#: Entries of a packed file, bytes unpacked, and bytes unpacked per byte packed once it is a million bytes and more.
ZIP_ENTRIES, ZIP_BYTES, ZIP_RATIO = 1_000, 4 << 30, 200

_BLOCK = 1 << 20
_ZIP_LIST = 1 << 20  # bytes of the list of entries, which is in memory as a whole before any entry can be counted
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".kmz", ".jar")
_MARKUP = (b"<!doctype", b"<!entity")
_ENCODINGS = {"utf-8", "utf8", "us-ascii", "ascii", "utf-16", "iso-8859-1", "gb2312", "gbk", "gb18030"}
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})")


@contextmanager
def open_zip(
    path: Path,
    *,
    entries: int = ZIP_ENTRIES,
    size: int = ZIP_BYTES,
    ratio: int = ZIP_RATIO,
    nested: bool = False,
) -> Iterator[zipfile.ZipFile]:
    """Open a packed file that passed `check_zip`; raise UnreadableFile where it is broken, here or while it is read."""
    name = path.name
    try:
        with path.open("rb") as file, zipfile.ZipFile(_Sparing(file)) as archive:
            check_zip(archive, name, path.stat().st_size, entries=entries, size=size, ratio=ratio, nested=nested)
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError, zlib.error) as error:
        if isinstance(error, GeoError):
            raise
        raise _unreadable(name, "压缩包损坏", "it is no sound archive") from None


def check_zip(
    archive: zipfile.ZipFile, name: str, packed: int, *, entries: int, size: int, ratio: int, nested: bool
) -> None:
    """Refuse an archive by what it says of itself; what it says of sizes is checked again by `stream`.

    Parameters
    ----------
    packed
        Bytes of the archive itself: entries that overlap claim more.
    entries, size, ratio
        Bounds: entries, bytes unpacked, bytes unpacked per byte packed.
    nested
        Whether archives may lie in it, as in workbooks.
    """
    found = archive.infolist()
    if len(found) > entries:
        raise _unreadable(name, f"压缩包条目过多：{len(found)}", f"it has {len(found)} entries, over {entries}")
    if len({one.filename.casefold() for one in found}) < len(found):
        raise _unreadable(name, "压缩包有重名条目", "two of its entries have one name")
    for one in found:
        parts = PurePosixPath(one.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in one.filename or "\0" in one.orig_filename:
            raise _unreadable(name, "压缩包含有越界的文件名", "an entry names a place outside the archive")
        if stat.S_IFMT(one.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _unreadable(name, "压缩包含有链接或设备", "an entry is a link or a device")
        if one.flag_bits & 0x1:
            raise _unreadable(name, "压缩包已加密", "it is encrypted")
        if one.compress_type not in _ZIP_METHODS:
            raise _unreadable(name, "压缩方法不支持", "an entry is packed by another method than deflate")
        if not nested and parts.suffix.lower() in _ARCHIVES:
            raise _unreadable(name, "压缩包里还有压缩包", "there is an archive within it")
    whole, claimed = sum(one.file_size for one in found), sum(one.compress_size for one in found)
    if whole > size:
        raise _unreadable(
            name, f"解压后有 {whole / 2**20:,.0f} MB，上限 {size / 2**20:,.0f} MB",
            f"unpacked it is {whole / 2**20:,.0f} MB, over the limit of {size / 2**20:,.0f} MB",
        )  # fmt: skip
    if claimed > packed:
        raise _unreadable(name, "压缩包条目重叠", "its entries overlap")
    if whole > 1_000_000 and whole > ratio * max(claimed, 1):
        raise _unreadable(name, "压缩比异常", f"it unpacks to {whole / max(claimed, 1):,.0f} times its size")


def stream(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Give an entry in pieces of a megabyte; raise BadZipFile once it is larger than announced."""
    # The sizes in the directory may lie: never give more than was announced and checked.
    left = entry.file_size
    with archive.open(entry) as source:
        while block := source.read(_BLOCK):
            left -= len(block)
            if left < 0:
                raise zipfile.BadZipFile("an entry is larger than announced")
            yield block


def check_xml(data: bytes) -> None:
    """Raise UnreadableFile where XML declares a document type or entities, or hides them in a rare encoding.

    Parameters
    ----------
    data
        The document, or a piece of it: a declaration may follow comments of any length, so give all of it.
    """
    plain = data.replace(b"\0", b"").lower()  # UTF-16, either way round
    if any(word in plain for word in _MARKUP):
        raise UnreadableFile("XML 含 DOCTYPE 或实体声明", "the XML declares a DOCTYPE or entities")
    declared = _DECLARED.search(plain[:1000])
    if declared is not None and declared[1].decode("ascii") not in _ENCODINGS:
        raise UnreadableFile("XML 的编码不支持", "the XML is in an encoding that is not read")


class _Sparing:
    """Read from a file, never more than a megabyte at once: the list of entries of an archive may claim anything."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell
        self.close, self.seekable = file.close, file.seekable

    def read(self, count: int = -1) -> bytes:
        data = self._file.read(_ZIP_LIST + 1 if count < 0 else min(count, _ZIP_LIST + 1))
        if len(data) > _ZIP_LIST:
            raise zipfile.BadZipFile("the list of entries is too long")
        return data


def _unreadable(name: str, zh: str, en: str) -> UnreadableFile:
    return UnreadableFile(f"无法读取 {name}：{zh}", f"cannot read {name}: {en}")
