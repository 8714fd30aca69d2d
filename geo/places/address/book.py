"""Match an address text to stored addresses, by normal form of the whole text and by prefix; return their grids."""

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
from geo.places.address import normalise, tails
from geo.places.hierarchy import Hierarchy
from geo.sentences import sentence
from geo.types import Candidate, Match

#: Maximum length of a text, bytes of UTF-8.
MAX_TEXT_BYTES = 10_240
MAX_CANDIDATES = 10
# A prefix can match a million addresses; then only the fact that several grids match matters, not which are listed.
_MAX_ENTRIES = 10_000
_ALIAS_SEPARATORS = re.compile(r"[;；|｜]")
# UTF-8 never contains this byte: a form followed by it sorts after everything that begins with the form.
_AFTER_UTF8 = b"\xff"
# On a sphere of the Earth's mean radius, 6,371 km.
_METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class _IndexMatch:
    """One match in the index.

    Attributes
    ----------
    method
        ``exact`` or ``prefix``.
    entries
        Entries of the index.
    read
        Length of the text they cover, in bytes of its normal form.
    whole
        Whether that is the whole text.
    """

    method: str
    entries: np.ndarray
    read: int
    whole: bool


class AddressBook:
    """Index of the grids that addresses are in, sorted by normal form, in memory; read only after construction.

    The grid of an address is its column `grid`, which the store derives from the point (rule L1).

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> addresses = {"text": ["人民路1号", "人民路2号"], "grid": ["g1", "g2"]}
    >>> book = AddressBook(gpd.GeoDataFrame(addresses, geometry=shapely.points([102.0, 102.1], 37.0), crs=4326))
    >>> found = book.match("人民路 １ 号")
    >>> found.status, found.point, [candidate.grid["code"] for candidate in found.candidates]
    ('matched', (102.0, 37.0), ['g1'])
    >>> book.match("人民路").status, book.match("解放路").status
    ('ambiguous', 'not_found')
    """

    def __init__(
        self,
        addresses: gpd.GeoDataFrame,
        divisions: pd.DataFrame | None = None,
        *,
        grids: pd.DataFrame | None = None,
        hierarchy: Hierarchy | None = None,
        revision: int = 0,
        at: str = "",
    ) -> None:
        """Build the index.

        Parameters
        ----------
        addresses
            The layer `addresses`, points in WGS-84 degrees; `aliases` separated by ``;`` or ``|``.
        divisions
            The layer `divisions`, for the chains.
        grids
            The layer `grids`, for names, kinds, levels and chains.
        hierarchy
            The hierarchy of divisions and grids, where it exists already.
        revision, at
            Revision of the data, and the date they are valid on (ISO), for the results.
        """
        self._hierarchy = hierarchy or Hierarchy(divisions, grids)
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
        """Return the grids that the address may be in.

        Parameters
        ----------
        text
            An address, in any spelling that the normal form unifies.

        Returns
        -------
        Match
            `matched` where the whole text, or a prefix of it up to a whole door number that only a part of the
            place follows, or all addresses that begin with it are in one grid; `ambiguous` where they are in several;
            `partial` where the rest of the text is not understood or names a place nearby, where only addresses of
            other places begin with it, or the address is in no grid; `not_found` otherwise, empty text included.

        Raises
        ------
        BadValue
            Where the text is longer than 10 kB.

        Examples
        --------
        A room in a known building is in the grid of the building:

        >>> import geopandas as gpd, shapely
        >>> addresses = {"text": ["人民路1号"], "grid": ["g1"]}
        >>> book = AddressBook(gpd.GeoDataFrame(addresses, geometry=[shapely.Point(102, 37)], crs=4326))
        >>> found = book.match("人民路1号3单元501室").candidates[0]
        >>> found.grid["code"], found.method, found.faults[0]["code"]
        ('g1', 'prefix', 'unread')
        """
        if len(text) > MAX_TEXT_BYTES or len(text.encode("utf-8", "replace")) > MAX_TEXT_BYTES:
            raise BadValue("地址超过 10 kB", "the address is longer than 10 kB")
        form, offsets = normalise.normal_form_with_offsets(text)
        index_match = self._find_entries(form.encode("utf-8", "replace"))
        if index_match is None:
            return self._match_result("not_found", text, None, ())
        read = len(form.encode("utf-8", "replace")[: index_match.read].decode("utf-8"))
        end = offsets[read] if read < len(offsets) else len(text)
        candidates, best = self._candidates(index_match, form, read, (offsets[0], end))
        status = self._status(index_match, candidates, form[:read], form[read:])
        point = (float(self._lon[best]), float(self._lat[best])) if status != "ambiguous" else None
        return self._match_result(status, text, point, candidates)

    def match_many(self, texts: Iterable[str]) -> list[Match]:
        """Return `match` of each text, in the order given."""
        return [self.match(text) for text in texts]

    def _match_result(
        self, status: Any, text: str, point: tuple[float, float] | None, candidates: Sequence[Candidate]
    ) -> Match:
        return Match(status, text, None, point, tuple(candidates), self._revision, self._at)

    # --- the index: sorted normal forms concatenated in one block of bytes, each with its row ---

    def _index(self, addresses: pd.DataFrame) -> None:
        entries = sorted(set(_entries(addresses)))
        forms = [form for form, _ in entries]
        self._row = np.fromiter((row for _, row in entries), np.int32, len(entries))
        del entries
        self._start = np.zeros(len(forms) + 1, np.int64)
        np.cumsum([len(form) for form in forms], out=self._start[1:])
        self._block = b"".join(forms)
        self._forms = _KeyBlock(self._block, self._start)

    def _find_entries(self, form: bytes) -> _IndexMatch | None:
        if not form:
            return None
        low, high = bisect_left(self._forms, form), bisect_right(self._forms, form)
        if low < high:
            return _IndexMatch("exact", np.arange(low, high), len(form), whole=True)
        with_prefix = self._entries_with_prefix(form, low)
        if len(with_prefix):
            return _IndexMatch("prefix", with_prefix, len(form), whole=True)
        return self._longest_prefix(form)

    def _entries_with_prefix(self, form: bytes, low: int) -> np.ndarray:
        """Return the entries that begin with the form; where it ends in a digit, not those that continue with one."""
        high = bisect_left(self._forms, form + _AFTER_UTF8)
        entries = np.arange(low, high)
        if form[-1:].isdigit():
            first, last = bisect_left(self._forms, form + b"0"), bisect_left(self._forms, form + b":")
            entries = np.concatenate([np.arange(low, first), np.arange(last, high)])
        return entries

    def _longest_prefix(self, form: bytes) -> _IndexMatch | None:
        rest = form
        while rest:
            at = bisect_right(self._forms, rest) - 1
            if at < 0:
                return None
            found = self._forms[at]
            shared = _common_prefix_bytes(found, rest)
            if shared < len(found):
                rest = rest[:shared]
                continue
            if found[-1:].isdigit() and form[len(found) : len(found) + 1].isdigit():
                rest = rest[: len(found) - 1]  # 1 is not a prefix of 12: numbers are read whole
                continue
            if len(found.decode("utf-8", "replace")) < 2:
                return None
            low = bisect_left(self._forms, found)
            return _IndexMatch("prefix", np.arange(low, at + 1), len(found), whole=False)
        return None

    # --- from entries to candidates ---

    def _candidates(
        self, index_match: _IndexMatch, form: str, read: int, span: tuple[int, int]
    ) -> tuple[list[Candidate], int]:
        """Return one candidate per grid, best first, and the row of the best address."""
        entries = self._sample_entries(index_match.entries)
        rows = self._row[entries]
        size = self._start[entries + 1] - self._start[entries]
        found: list[Candidate] = []
        best = -1
        for grid, members in _grids_with_entries(self._grid[rows], size):
            first = members[np.argmin(size[members])]
            length = len(self._forms[int(entries[first])].decode("utf-8"))
            score = round((min(read, length) / max(read, length)) * (read / len(form)), 4)
            best = int(rows[first]) if best < 0 else best
            score = 1.0 if index_match.method == "exact" else score
            if index_match.whole:
                faults = self._faults_of_longer(form, entries[members])
            else:
                faults = (_fault_of_tail(form[read:]),)
            found.append(self._candidate(grid, rows[members], index_match, score, span, faults))
        order = sorted(range(len(found)), key=lambda k: -found[k].score)
        return [found[k] for k in order][:MAX_CANDIDATES], best

    def _faults_of_longer(self, form: str, entries: np.ndarray) -> tuple[dict[str, str], ...]:
        """Return the fault of a whole text that begins only addresses of other places, as 3号 does 3号对面."""
        for entry in entries:
            rest = self._forms[int(entry)].decode("utf-8", "replace")[len(form) :]
            if not rest or not (tails.is_near_a_door(form, rest) or tails.is_another_number(form, rest)):
                return ()
        return (_fault_of_longer(self._forms[int(entries[0])].decode("utf-8", "replace")),)

    def _sample_entries(self, entries: np.ndarray) -> np.ndarray:
        """Return the shortest of very many entries, and one in another grid where one exists: still ambiguous."""
        if len(entries) <= _MAX_ENTRIES:
            return entries
        size = self._start[entries + 1] - self._start[entries]
        short = entries[np.argpartition(size, _MAX_ENTRIES)[:_MAX_ENTRIES]]
        grids = self._grid[self._row[entries]]
        other = np.flatnonzero(grids != self._grid[self._row[short[0]]])[:1]
        return np.unique(np.append(short, entries[other]))

    def _candidate(
        self,
        grid: int,
        rows: np.ndarray,
        index_match: _IndexMatch,
        score: float,
        span: tuple[int, int],
        faults: tuple[dict[str, str], ...],
    ) -> Candidate:
        code = self._codes[grid] if grid >= 0 else None
        chain = self._hierarchy.chain_of_grid(code) if code else ()
        return Candidate(
            grid=self._hierarchy.describe_grid(code) if code else None,
            chain=chain,
            level=str(chain[-1]["level"]) if chain else "address",
            score=score,
            method=index_match.method,  # type: ignore[arg-type]
            precision_m=self._half_diagonal_m(rows),
            border_m=None,
            faults=faults,
            spans=(span,),
        )

    def _half_diagonal_m(self, rows: np.ndarray) -> float:
        """Return the half diagonal, in metres, of the box round the addresses."""
        lon, lat = self._lon[rows], self._lat[rows]
        high = float(np.ptp(lat)) * _METRES_PER_DEGREE
        wide = float(np.ptp(lon)) * _METRES_PER_DEGREE * float(np.cos(np.radians(lat[0])))
        return round(float(np.hypot(wide, high)) / 2, 1)

    @staticmethod
    def _status(index_match: _IndexMatch, candidates: Sequence[Candidate], read: str, tail: str) -> str:
        if len(candidates) > 1:
            return "ambiguous"
        if candidates[0].grid is None:
            return "partial"
        if index_match.whole:
            return "partial" if candidates[0].faults else "matched"
        return "matched" if tails.is_inside(read, tail) else "partial"


class _KeyBlock(Sequence[bytes]):
    """Sorted normal forms, read one at a time from their block, as bisect needs them."""

    def __init__(self, block: bytes, start: np.ndarray) -> None:
        self._block = block
        self._start = start

    def __len__(self) -> int:
        return len(self._start) - 1

    def __getitem__(self, at: Any) -> Any:
        return self._block[self._start[at] : self._start[at + 1]]


def _fault_of_tail(tail: str) -> dict[str, str]:
    """Return the fault of a text that goes on after a stored address, by what follows it in normal form."""
    nearby = tails.place_nearby(tail)
    if nearby is None:
        return {"code": "unread", "text": "地址后半部分没有读懂 / the end of the address was not understood"}
    text = sentence(f"所说的是这个地址旁近的地方（{nearby}）", f"the text means a place near this address ({nearby})")
    return {"code": "nearby", "text": text}


def _fault_of_longer(stored: str) -> dict[str, str]:
    """Return the fault of a text where every stored address that begins with it is of another place."""
    text = sentence(f"只有更长的地址：{stored}", f"only a longer address is known: {stored}")
    return {"code": "longer", "text": text}


def _entries(addresses: pd.DataFrame) -> Iterator[tuple[bytes, int]]:
    for name in ("text", "standard", "aliases"):
        for row, cell in enumerate(_column(addresses, name)):
            if not isinstance(cell, str):
                continue
            for text in _ALIAS_SEPARATORS.split(cell) if name == "aliases" else (cell,):
                form = normalise.normal_form(text)
                if form:
                    yield form.encode("utf-8", "replace"), row


def _column(frame: pd.DataFrame, name: str) -> np.ndarray:
    if name not in frame.columns:
        return np.full(len(frame), None, dtype=object)
    column = frame[name].astype(object)
    return column.where(column.notna() & (column != ""), None).to_numpy()


def _grids_with_entries(grids: np.ndarray, size: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield at most MAX_CANDIDATES grids with their entries, those of the shortest addresses first."""
    left = np.arange(len(grids))
    for _ in range(MAX_CANDIDATES):
        if not len(left):
            return
        grid = grids[left[np.argmin(size[left])]]
        mine = grids[left] == grid
        yield int(grid), left[mine]
        left = left[~mine]


def _common_prefix_bytes(a: bytes, b: bytes) -> int:
    """Return the number of leading bytes that two forms share, without a cut character."""
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
