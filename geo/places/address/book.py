"""Match an address text to stored addresses, by normalised whole text and by prefix, and name the grids they lie in."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import BadValue
from geo.places.address import normalise
from geo.places.hierarchy import Chains
from geo.types import Candidate, Match

#: The longest text taken, in bytes of UTF-8.
MAX_TEXT_BYTES = 10_240
MAX_CANDIDATES = 10
# A prefix may begin a million addresses; which ten grids are named then matters little, that there are several does.
_MOST_ENTRIES = 10_000
_ALIAS_SEPARATORS = re.compile(r"[;；|｜]")
# What follows a whole door number lies in the same building (3单元501室): the grid cannot change.
_DOOR = re.compile(r"(?:[0-9]+(?:号楼|号院|号|栋|幢|座)|[0-9])$")
# UTF-8 never holds this byte: a key followed by it sorts after everything that begins with the key.
_LAST = b"\xff"
_METRES_A_DEGREE = 111_195.0


@dataclass(frozen=True)
class _Hit:
    """One way to read the text: entries of the index, and how much of the text they explain."""

    method: str
    entries: np.ndarray
    read: int
    whole: bool


class AddressBook:
    """Answer which grid an address lies in; a sorted index in memory, built once, then read only.

    The grid of an address is its column `grid`, which the store derives from the point (rule L1).
    """

    def __init__(
        self,
        addresses: gpd.GeoDataFrame,
        divisions: pd.DataFrame | None = None,
        *,
        grids: pd.DataFrame | None = None,
        chains: Chains | None = None,
        revision: int = 0,
        at: str = "",
    ) -> None:
        """Build the index.

        Parameters
        ----------
        addresses
            The layer `addresses`, points in WGS-84 degrees; `aliases` separated by ``;`` or ``|``.
        divisions
            The layer `divisions`, for the chain of each answer.
        grids
            The layer `grids`, for names, kinds, levels and chains.
        chains
            What the two would be read into, where it exists already.
        revision, at
            What the answers carry: the revision of the data, and the date they hold for (ISO).
        """
        self._chains = chains or Chains(divisions, grids)
        self._revision = revision
        self._at = at
        self._lon = addresses.geometry.x.to_numpy(np.float64, copy=True)
        self._lat = addresses.geometry.y.to_numpy(np.float64, copy=True)
        self._index(addresses)
        codes, names = pd.factorize(_column(addresses, "grid"), use_na_sentinel=True)
        self._grid = codes.astype(np.int32)  # -1: no grid
        self._codes = [str(name) for name in names]

    def __len__(self) -> int:
        return len(self._row)

    def match(self, text: str) -> Match:
        """Return the grids that the address may lie in.

        Parameters
        ----------
        text
            An address as people write it.

        Returns
        -------
        Match
            `matched` where the whole text, or a prefix of it up to a whole door number, or all addresses that begin
            with it lead to one grid; `ambiguous` where they lead to several; `partial` where the text goes on with
            what is not understood, or the place has no grid; `not_found` otherwise, empty text included.

        Raises
        ------
        BadValue
            The text is longer than 10 kB.
        """
        if len(text) > MAX_TEXT_BYTES or len(text.encode("utf-8", "replace")) > MAX_TEXT_BYTES:
            raise BadValue("地址超过 10 kB", "the address is longer than 10 kB")
        key, origin = normalise.key_with_origin(text)
        hit = self._find(key.encode("utf-8", "replace"))
        if hit is None:
            return self._answer("not_found", text, None, ())
        read = len(key.encode("utf-8", "replace")[: hit.read].decode("utf-8"))
        end = origin[read] if read < len(origin) else len(text)
        candidates, best = self._candidates(hit, key, read, (origin[0], end))
        status = self._status(hit, candidates, key[:read])
        point = (float(self._lon[best]), float(self._lat[best])) if status != "ambiguous" else None
        return self._answer(status, text, point, candidates)

    def match_many(self, texts: Iterable[str]) -> list[Match]:
        """Return `match` of each text, in order."""
        return [self.match(text) for text in texts]

    def _answer(
        self, status: Any, text: str, point: tuple[float, float] | None, candidates: Sequence[Candidate]
    ) -> Match:
        return Match(status, text, None, point, tuple(candidates), self._revision, self._at)

    # --- the index: keys end to end in one block of bytes, sorted, each with its row ---

    def _index(self, addresses: pd.DataFrame) -> None:
        entries = sorted(set(_entries(addresses)))
        keys = [key for key, _ in entries]
        self._row = np.fromiter((row for _, row in entries), np.int32, len(entries))
        del entries
        self._start = np.zeros(len(keys) + 1, np.int64)
        np.cumsum([len(key) for key in keys], out=self._start[1:])
        self._block = b"".join(keys)
        self._keys = _Keys(self._block, self._start)

    def _find(self, key: bytes) -> _Hit | None:
        if not key:
            return None
        low, high = bisect_left(self._keys, key), bisect_right(self._keys, key)
        if low < high:
            return _Hit("exact", np.arange(low, high), len(key), whole=True)
        beginning = self._beginning_with(key, low)
        if len(beginning):
            return _Hit("prefix", beginning, len(key), whole=True)
        return self._longest_prefix(key)

    def _beginning_with(self, key: bytes, low: int) -> np.ndarray:
        """Return the entries that begin with the key; where it ends in a digit, not those that go on with one."""
        high = bisect_left(self._keys, key + _LAST)
        entries = np.arange(low, high)
        if key[-1:].isdigit():
            first, last = bisect_left(self._keys, key + b"0"), bisect_left(self._keys, key + b":")
            entries = np.concatenate([np.arange(low, first), np.arange(last, high)])
        return entries

    def _longest_prefix(self, key: bytes) -> _Hit | None:
        rest = key
        while rest:
            at = bisect_right(self._keys, rest) - 1
            if at < 0:
                return None
            found = self._keys[at]
            shared = _shared(found, rest)
            if shared < len(found):
                rest = rest[:shared]
                continue
            if found[-1:].isdigit() and key[len(found) : len(found) + 1].isdigit():
                rest = rest[: len(found) - 1]  # 1 is no prefix of 12: numbers are read whole
                continue
            if len(found.decode("utf-8", "replace")) < 2:
                return None
            low = bisect_left(self._keys, found)
            return _Hit("prefix", np.arange(low, at + 1), len(found), whole=False)
        return None

    # --- from entries to candidates ---

    def _candidates(self, hit: _Hit, key: str, read: int, span: tuple[int, int]) -> tuple[list[Candidate], int]:
        """Return one candidate a grid, best first, and the row of the best address."""
        entries = self._few(hit.entries)
        rows = self._row[entries]
        size = self._start[entries + 1] - self._start[entries]
        found: list[Candidate] = []
        best = -1
        for grid, members in _groups(self._grid[rows], size):
            first = members[np.argmin(size[members])]
            length = len(self._keys[int(entries[first])].decode("utf-8"))
            score = round((min(read, length) / max(read, length)) * (read / len(key)), 4)
            best = int(rows[first]) if best < 0 else best
            found.append(self._candidate(grid, rows[members], hit, 1.0 if hit.method == "exact" else score, span))
        order = sorted(range(len(found)), key=lambda k: -found[k].score)
        return [found[k] for k in order][:MAX_CANDIDATES], best

    def _few(self, entries: np.ndarray) -> np.ndarray:
        """Return the shortest of very many entries, and one of another grid where they have one: still ambiguous."""
        if len(entries) <= _MOST_ENTRIES:
            return entries
        size = self._start[entries + 1] - self._start[entries]
        short = entries[np.argpartition(size, _MOST_ENTRIES)[:_MOST_ENTRIES]]
        grids = self._grid[self._row[entries]]
        other = np.flatnonzero(grids != self._grid[self._row[short[0]]])[:1]
        return np.unique(np.append(short, entries[other]))

    def _candidate(self, grid: int, rows: np.ndarray, hit: _Hit, score: float, span: tuple[int, int]) -> Candidate:
        code = self._codes[grid] if grid >= 0 else None
        chain = self._chains.of_grid(code) if code else ()
        unread = {"code": "unread", "text": "地址后半部分没有读懂 / the end of the address was not understood"}
        return Candidate(
            grid=self._chains.grid(code) if code else None,
            chain=chain,
            level=str(chain[-1]["level"]) if chain else "address",
            score=score,
            method=hit.method,  # type: ignore[arg-type]
            precision_m=self._spread(rows),
            border_m=None,
            faults=() if hit.whole else (unread,),
            spans=(span,),
        )

    def _spread(self, rows: np.ndarray) -> float:
        """Return the half diagonal, in metres, of the box round the addresses."""
        lon, lat = self._lon[rows], self._lat[rows]
        high = float(np.ptp(lat)) * _METRES_A_DEGREE
        wide = float(np.ptp(lon)) * _METRES_A_DEGREE * float(np.cos(np.radians(lat[0])))
        return round(float(np.hypot(wide, high)) / 2, 1)

    @staticmethod
    def _status(hit: _Hit, candidates: Sequence[Candidate], read: str) -> str:
        if len(candidates) > 1:
            return "ambiguous"
        if candidates[0].grid is None or not (hit.whole or _DOOR.search(read)):
            return "partial"
        return "matched"


class _Keys(Sequence[bytes]):
    """Read the sorted keys one at a time from the block, as bisect asks for them."""

    def __init__(self, block: bytes, start: np.ndarray) -> None:
        self._block = block
        self._start = start

    def __len__(self) -> int:
        return len(self._start) - 1

    def __getitem__(self, at: Any) -> Any:
        return self._block[self._start[at] : self._start[at + 1]]


def _entries(addresses: pd.DataFrame) -> Iterator[tuple[bytes, int]]:
    for name in ("text", "standard", "aliases"):
        for row, cell in enumerate(_column(addresses, name)):
            if not isinstance(cell, str):
                continue
            for text in _ALIAS_SEPARATORS.split(cell) if name == "aliases" else (cell,):
                key = normalise.key(text)
                if key:
                    yield key.encode("utf-8", "replace"), row


def _column(frame: pd.DataFrame, name: str) -> np.ndarray:
    if name not in frame.columns:
        return np.full(len(frame), None, dtype=object)
    column = frame[name].astype(object)
    return column.where(column.notna() & (column != ""), None).to_numpy()


def _groups(grids: np.ndarray, size: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield at most MAX_CANDIDATES grids with their members, those of the shortest addresses first."""
    left = np.arange(len(grids))
    for _ in range(MAX_CANDIDATES):
        if not len(left):
            return
        grid = grids[left[np.argmin(size[left])]]
        mine = grids[left] == grid
        yield int(grid), left[mine]
        left = left[~mine]


def _shared(a: bytes, b: bytes) -> int:
    """Return how many leading bytes two keys share, cut back to whole characters."""
    n = min(len(a), len(b))
    if a[:n] == b[:n]:
        return n
    low, high = 0, n
    while low < high:
        middle = (low + high + 1) // 2
        if a[:middle] == b[:middle]:
            low = middle
        else:
            high = middle - 1
    while low and low < len(b) and b[low] & 0xC0 == 0x80:
        low -= 1
    return low
