"""Keep the index of addresses in a file beside the data, so that the next process need not build it.

A file is an uncompressed zip of `.npy` arrays (the format `.npz` of NumPy, NEP 1), which holds numbers and text only:
reading one runs nothing in it.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from geo.places.address.book import AddressBook

_log = logging.getLogger("gridsight")
#: A book of fewer addresses is built again as fast as it would be read.
LEAST_KEPT = 20_000
#: Indexes that are kept in one folder: those of the last days or states.
MAX_KEPT = 3
_FORMAT = "gridsight index of addresses 1"
_SUFFIX = ".addresses.npz"
_HEAD = "head"
#: Longest head of a file, with the notes in it.
MAX_HEAD_BYTES = 50_000_000
_BROKEN = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    EOFError,
    MemoryError,
    RuntimeError,
    zipfile.BadZipFile,
)


@dataclass(frozen=True)
class Kept:
    """A book from a file, the seconds that it took to build, and what else was kept with it.

    Examples
    --------
    >>> import geopandas as gpd
    >>> Kept(AddressBook(gpd.GeoDataFrame({"text": []}, geometry=[])), 0.5, None).seconds
    0.5
    """

    book: AddressBook
    seconds: float
    notes: Any


@dataclass(frozen=True)
class IndexFolder:
    """Folder of kept indexes, for the books of one state of the data.

    Attributes
    ----------
    folder
        Where they are; it is made when one is first kept.
    stamp
        What names the data and the day: an index of another stamp is not read.
    is_current
        Returns whether the data still are what the stamp says: what was read meanwhile may be newer.

    Examples
    --------
    >>> IndexFolder(Path("workspace.gpkg.index"), "state 1", lambda: True).stamp
    'state 1'

    """

    folder: Path
    stamp: str
    is_current: Callable[[], bool]

    @property
    def path(self) -> Path:
        """The file of this stamp."""
        return self.folder / (blake2b(self.stamp.encode(), digest_size=12).hexdigest() + _SUFFIX)

    def load(self, **layers: Any) -> Kept | None:
        """Return the book of this stamp; None where none is kept. The layers are those of `AddressBook.of_arrays`."""
        return load(self.path, self.stamp, **layers)

    def keep(self, book: AddressBook, seconds: float, notes: Any = None) -> None:
        """Keep a book where it is large and the data are still the same; remove all but the newest few."""
        if len(book) < LEAST_KEPT or not self.is_current():
            return
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            save(book, self.path, self.stamp, seconds=seconds, notes=notes)
            for old in _newest_first(self.folder)[MAX_KEPT:]:
                old.unlink(missing_ok=True)
        except OSError as error:  # a folder that may not be written to, or a full disk
            _log.info("index of addresses not kept: %s", error)


def save(book: AddressBook, path: Path, stamp: str, *, seconds: float = 0.0, notes: Any = None) -> None:
    """Write a book to a file, all of it or nothing.

    Parameters
    ----------
    book
        The book.
    path
        The file; one that is there is replaced.
    stamp
        What names the data of the book: `load` wants the same.
    seconds
        How long it took to build.
    notes
        What else belongs to it, of what JSON has.

    Raises
    ------
    OSError
        Where the file cannot be written.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> book = AddressBook(gpd.GeoDataFrame({"text": ["东街1号"], "grid": ["g1"]}, geometry=[shapely.Point(102, 37)]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "index.npz"
    ...     save(book, path, "state 1")
    ...     load(path, "state 1").book.match("东街1号").status, load(path, "state 2")
    ('matched', None)
    """
    head = {"format": _FORMAT, "code": _code_digest(), "stamp": stamp, "seconds": seconds, "notes": notes}
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **{_HEAD: _bytes_of(json.dumps(head).encode())}, **book.arrays())  # type: ignore[arg-type]
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load(path: Path, stamp: str, **layers: Any) -> Kept | None:
    """Return the book in a file; None, and a line in the log, where it is not what `save` wrote of this stamp.

    Parameters
    ----------
    path
        The file.
    stamp
        What the data are now.
    layers
        The layers that the book was built with, and what else `AddressBook.of_arrays` takes.

    Examples
    --------
    >>> load(Path("no such file"), "state 1") is None
    True
    """
    try:
        if not path.is_file():
            return None
        with zipfile.ZipFile(path) as packed:
            _check_members(packed, path.stat().st_size)
        # One thread at a time reads it, and nothing in it is an object: allow_pickle is what would run code.
        with np.load(path, allow_pickle=False) as arrays:
            head = _head_of(arrays)
            if any(head.get(name) != value for name, value in _wanted(stamp).items()):
                _log.info("index of addresses is of other data or another version: %s", path.name)
                return None
            seconds, notes = float(head["seconds"]), head["notes"]
            book = AddressBook.of_arrays({name: arrays[name] for name in arrays.files if name != _HEAD}, **layers)
    except _BROKEN as error:
        _log.warning("index of addresses not read, it is built again: %s: %s", path.name, error)
        return None
    return Kept(book, seconds, notes)


def _wanted(stamp: str) -> Mapping[str, str]:
    return {"format": _FORMAT, "code": _code_digest(), "stamp": stamp}


def _head_of(arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    head = json.loads(arrays[_HEAD].tobytes())
    if not isinstance(head, dict):
        raise ValueError("no head")
    return head


def _check_members(packed: zipfile.ZipFile, size: int) -> None:
    """Raise ValueError where what is in the file is larger than the file: nothing in it is compressed."""
    members = packed.infolist()
    if any(one.compress_type != zipfile.ZIP_STORED for one in members) or sum(one.file_size for one in members) > size:
        raise ValueError("parts are compressed or overlap")
    if next((one.file_size for one in members if one.filename == f"{_HEAD}.npy"), 0) > MAX_HEAD_BYTES:
        raise ValueError("the head is too long")


def _bytes_of(text: bytes) -> np.ndarray:
    return np.frombuffer(text, np.uint8)


def _newest_first(folder: Path) -> Sequence[Path]:
    return sorted(folder.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime, reverse=True)


@cache
def _code_digest() -> str:
    """Return a digest of the code that makes an index, for another version of it may make another one."""
    found = blake2b(digest_size=16)
    for package in ("geo.places", "geo.places.address"):
        for file in sorted(resources.files(package).iterdir(), key=lambda one: one.name):
            if file.name.endswith((".py", ".txt")):
                found.update(file.name.encode() + file.read_bytes())
    return found.hexdigest()
