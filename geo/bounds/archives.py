"""Bound archives and XML before they are unpacked or parsed."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from geo.errors import GeoError, UnreadableFile

#: Entries of an archive, bytes unpacked, and bytes unpacked per byte packed where they are a million and more.
MAX_ZIP_ENTRIES, MAX_ZIP_BYTES, MAX_ZIP_RATIO = 1_000, 4 << 30, 200

_BLOCK = 1 << 20
_MAX_DIRECTORY_BYTES = 1 << 20  # of the list of entries, which is read into memory before any entry can be counted
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".kmz", ".jar")
_MARKUP = (b"<!doctype", b"<!entity")
_ENCODINGS = {"utf-8", "utf8", "us-ascii", "ascii", "utf-16", "iso-8859-1", "gb2312", "gbk", "gb18030"}
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})")


@contextmanager
def open_zip(
    path: Path,
    *,
    max_entries: int = MAX_ZIP_ENTRIES,
    max_bytes: int = MAX_ZIP_BYTES,
    max_ratio: int = MAX_ZIP_RATIO,
    nested: bool = False,
    within: Collection[str] = (),
) -> Iterator[zipfile.ZipFile]:
    """Yield an archive that passed `check_zip`; raise UnreadableFile where it is broken, here or while it is read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.zip"
    ...     with zipfile.ZipFile(path, "w") as archive:
    ...         archive.writestr("grids.shp", b"shapes")
    ...     with open_zip(path) as archive:
    ...         archive.namelist()
    ['grids.shp']
    """
    name = path.name
    try:
        with path.open("rb") as file, zipfile.ZipFile(_ChunkedReader(file)) as archive:
            check_zip(
                archive,
                name,
                path.stat().st_size,
                max_entries=max_entries,
                max_bytes=max_bytes,
                max_ratio=max_ratio,
                nested=nested,
                within=within,
            )
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError, zlib.error) as error:
        if isinstance(error, GeoError):
            raise
        raise _unreadable(name, "压缩包损坏", "it is no sound archive") from None


def check_zip(
    archive: zipfile.ZipFile,
    name: str,
    packed: int,
    *,
    max_entries: int,
    max_bytes: int,
    max_ratio: int,
    nested: bool,
    within: Collection[str] = (),
) -> None:
    """Raise UnreadableFile for an archive whose directory exceeds a bound; `stream` checks the sizes again.

    Parameters
    ----------
    packed
        Bytes of the archive: overlapping entries add up to more.
    max_entries, max_bytes, max_ratio
        Entries, bytes unpacked, bytes unpacked per byte packed.
    nested
        Whether it may contain archives, as workbooks do.
    within
        Suffixes of archives that it may contain though it may contain no others; whoever reads one checks it anew.

    Examples
    --------
    >>> import io
    >>> with zipfile.ZipFile(io.BytesIO(), "w") as archive:
    ...     archive.writestr("inner.zip", b"")
    >>> check_zip(archive, "a.zip", 500, max_entries=9, max_bytes=999, max_ratio=9, nested=False)
    Traceback (most recent call last):
    geo.errors.UnreadableFile: 无法读取 a.zip：压缩包里还有压缩包 / cannot read a.zip: there is an archive within it
    """
    listed = archive.infolist()
    if len(listed) > max_entries:
        raise _unreadable(name, f"压缩包条目过多：{len(listed)}", f"it has {len(listed)} entries, over {max_entries}")
    if len({item.filename.casefold() for item in listed}) < len(listed):
        raise _unreadable(name, "压缩包有重名条目", "two of its entries have one name")
    for item in listed:
        parts = PurePosixPath(item.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in item.filename or "\0" in item.orig_filename:
            raise _unreadable(name, "压缩包含有越界的文件名", "an entry names a place outside the archive")
        if stat.S_IFMT(item.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _unreadable(name, "压缩包含有链接或设备", "an entry is a link or a device")
        if item.flag_bits & 0x1:
            raise _unreadable(name, "压缩包已加密", "it is encrypted")
        if item.compress_type not in _ZIP_METHODS:
            raise _unreadable(name, "压缩方法不支持", "an entry is packed by another method than deflate")
        if not nested and parts.suffix.lower() in _ARCHIVES and parts.suffix.lower() not in within:
            raise _unreadable(name, "压缩包里还有压缩包", "there is an archive within it")
    unpacked, claimed = sum(item.file_size for item in listed), sum(item.compress_size for item in listed)
    if unpacked > max_bytes:
        raise _unreadable(
            name, f"解压后有 {unpacked / 2**20:,.0f} MB，上限 {max_bytes / 2**20:,.0f} MB",
            f"unpacked it is {unpacked / 2**20:,.0f} MB, over the limit of {max_bytes / 2**20:,.0f} MB",
        )  # fmt: skip
    if claimed > packed:
        raise _unreadable(name, "压缩包条目重叠", "its entries overlap")
    if unpacked > 1_000_000 and unpacked > max_ratio * max(claimed, 1):
        raise _unreadable(name, "压缩比异常", f"it unpacks to {unpacked / max(claimed, 1):,.0f} times its size")


def stream(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield an entry in blocks of a megabyte; raise BadZipFile where it is larger than the directory states.

    Examples
    --------
    >>> import io
    >>> data = io.BytesIO()
    >>> with zipfile.ZipFile(data, "w") as archive:
    ...     archive.writestr("grids.shp", b"shapes")
    >>> archive = zipfile.ZipFile(data)
    >>> list(stream(archive, archive.infolist()[0]))
    [b'shapes']
    """
    # The sizes in the directory may be false: never yield more than the checked size.
    remaining = entry.file_size
    with archive.open(entry) as source:
        while block := source.read(_BLOCK):
            remaining -= len(block)
            if remaining < 0:
                raise zipfile.BadZipFile("an entry is larger than announced")
            yield block


def check_xml(data: bytes) -> None:
    """Raise UnreadableFile where XML declares a document type or entities, or may hide them in a rare encoding.

    Parameters
    ----------
    data
        All of the document: a declaration may follow comments of any length.

    Examples
    --------
    >>> check_xml(b"<a/>")
    >>> check_xml(b"<!DOCTYPE a><a/>")
    Traceback (most recent call last):
    geo.errors.UnreadableFile: XML 含 DOCTYPE 或实体声明 / the XML declares a DOCTYPE or entities
    """
    plain = data.replace(b"\0", b"").lower()  # UTF-16 in either byte order
    if any(word in plain for word in _MARKUP):
        raise UnreadableFile("XML 含 DOCTYPE 或实体声明", "the XML declares a DOCTYPE or entities")
    declared = _DECLARED.search(plain[:1000])
    if declared is not None and declared[1].decode("ascii") not in _ENCODINGS:
        raise UnreadableFile("XML 的编码不支持", "the XML is in an encoding that is not read")


class _ChunkedReader:
    """File wrapper that reads at most 1 MB per call: the size fields of an archive are not trusted."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell
        self.close, self.seekable = file.close, file.seekable

    def read(self, count: int = -1) -> bytes:
        data = self._file.read(_MAX_DIRECTORY_BYTES + 1 if count < 0 else min(count, _MAX_DIRECTORY_BYTES + 1))
        if len(data) > _MAX_DIRECTORY_BYTES:
            raise zipfile.BadZipFile("the list of entries is too long")
        return data


def _unreadable(name: str, zh: str, en: str) -> UnreadableFile:
    return UnreadableFile(f"无法读取 {name}：{zh}", f"cannot read {name}: {en}")
