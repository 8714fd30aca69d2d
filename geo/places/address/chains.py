"""Read the chain of divisions in a text: the places, each inside the one before, that explain most of its names."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from geo.places.address.division_names import TOWNSHIP_RANK, VILLAGE_RANK
from geo.places.address.name_hits import Hit, NameIndex
from geo.places.address.place_tree import ROOT, PlaceTree

#: Chains this much weaker than the best one, in characters explained, are candidates beside it.
MARGIN = 1.0
MAX_CHAINS = 100
# Chains kept that end in one name.
_KEPT = 2


class _Record(NamedTuple):
    """The best chain that ends in a hit: its score, the characters covered, the hits."""

    score: float
    mask: int
    hits: tuple[tuple[int, Hit], ...]


@dataclass(frozen=True)
class Chain:
    """A chain that a text may mean.

    Attributes
    ----------
    place
        The finest place of the chain.
    score
        Characters explained, less what speaks against it.
    hits
        The places named and where: (place, hit), in the order of the hierarchy.
    contradictions
        Names of places that do not lie in the chain and that it does not lie in.
    repeats
        Names of the same places once more.
    strays
        Names of other townships and villages behind the chain: a way there, or what is said of them.

    Examples
    --------
    >>> Chain(1, 3.0, ((1, Hit(0, 3, 2, "official", 3.0, [1])),)).spans
    [(0, 3)]
    """

    place: int
    score: float
    hits: tuple[tuple[int, Hit], ...]
    contradictions: tuple[Hit, ...] = field(default=())
    repeats: tuple[Hit, ...] = field(default=())
    strays: tuple[Hit, ...] = field(default=())

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Begin and end of the names in the normal form, in the order of the text."""
        return sorted((hit.start, hit.end) for _, hit in self.hits)

    @property
    def mask(self) -> int:
        """Characters that the names cover, as bits."""
        mask = 0
        for _, hit in self.hits:
            mask |= hit.mask
        for hit in self.repeats:
            mask |= hit.mask
        return mask


class ChainReader:
    """Reader of chains over one tree of places; read only after construction.

    Examples
    --------
    The county is not written; 新胜村 of another township is not meant:

    >>> import pandas as pd
    >>> codes = ["990101", "990101001", "990101001201", "990101002", "990101002201"]
    >>> names = ["古浪县", "土门镇", "新胜村", "大靖镇", "新胜村"]
    >>> tree = PlaceTree.of(pd.DataFrame({"code": codes, "name": names, "level": [3, 4, 5, 4, 5]}))
    >>> (chain,) = ChainReader(tree).read("土门镇新胜村3组")
    >>> [tree.codes[place] for place in tree.chain(chain.place)], chain.spans
    (['990101', '990101001', '990101001201'], [(0, 3), (3, 6)])
    >>> len(ChainReader(tree).read("新胜村3组"))
    2
    """

    def __init__(self, tree: PlaceTree) -> None:
        self.tree = tree
        self._names = NameIndex(tree)
        self._last = tree.last.tolist()
        self._parent = tree.parent.tolist()

    def read(self, form: str) -> list[Chain]:
        """Return the chains that a text in normal form may mean, best first, all within the margin of the best one."""
        hits = self._names.hits(form)
        best: dict[int, _Record] = {}
        for place, record in self._records(hits):
            if place not in best or record.score > best[place].score:
                best[place] = record
        if not best:
            return []
        ranked = sorted(best.items(), key=lambda item: (-item[1].score, item[0]))
        enough = ranked[0][1].score - MARGIN
        found: list[Chain] = []
        for place, record in ranked[:MAX_CHAINS]:
            if record.score < enough:
                break
            if not any(place <= other.place <= self._last[place] for other in found):
                found.append(Chain(place, record.score, record.hits, *self._others(record, hits)))
        return found

    def _records(self, hits: Sequence[Hit]) -> Iterator[tuple[int, _Record]]:
        """Yield the best chain that ends in each hit, by a sweep over the places in preorder.

        What holds a place stands before it and is still open when it is met, so that a stack of open places is all
        that its chain can be made of.
        """
        entries = sorted((place, k) for k, hit in enumerate(hits) for place in hit.places)
        masks = [hit.mask for hit in hits]
        is_open: list[tuple[int, int, list[_Record]]] = []  # place, the last it holds, records
        for place, k in entries:
            while is_open and is_open[-1][1] < place:
                is_open.pop()
            hit, mask = hits[k], masks[k]
            own = [_Record(hit.weight, mask, ((place, hit),))]
            for holder, _, records in is_open:
                if holder == place:
                    continue
                for other in records:
                    if not other.mask & mask:
                        score = other.score + hit.weight + _bond(other.hits[-1][1], hit)
                        own.append(_Record(score, other.mask | mask, (*other.hits, (place, hit))))
            # A second one, for where the best one covers what a finer place needs: 十堰 in 十堰桥村.
            kept = own if len(own) <= _KEPT else sorted(own, key=_score, reverse=True)[:_KEPT]
            if is_open and is_open[-1][0] == place:
                is_open[-1][2].extend(kept)
            else:
                is_open.append((place, self._last[place], kept))
            yield place, max(kept, key=_score)

    def _others(self, record: _Record, hits: Sequence[Hit]) -> tuple[tuple[Hit, ...], tuple[Hit, ...], tuple[Hit, ...]]:
        """Return the names of places outside the chain where it is written, those repeated, and those behind it."""
        ends = {hit.end for _, hit in record.hits}
        is_whole = record.hits[-1][1].rank >= VILLAGE_RANK and record.hits[-1][1].kind != "short"
        leaf = place = record.hits[-1][0]
        inside = {place}
        while place != ROOT:
            place = self._parent[place]
            inside.add(place)
        against: list[Hit] = []
        again: list[Hit] = []
        strays: list[Hit] = []
        for hit in hits:
            if hit.kind == "short" or hit.mask & record.mask or hit.weight < 1.5:
                continue
            if any(_has(hit.places, place, place) for place in inside):
                again.append(hit)
            elif _has(hit.places, leaf, self._last[leaf]):
                continue
            elif is_whole and (
                (hit.rank == TOWNSHIP_RANK and hit.start >= max(ends))
                or (hit.rank == VILLAGE_RANK and hit.start > max(ends))
            ):
                strays.append(hit)
            elif hit.start in ends if hit.rank >= VILLAGE_RANK else not (is_whole and hit.start >= max(ends)):
                # Behind a village a county is a part of another name: 洋县饭店.
                against.append(hit)
        said = record.mask
        for hit in again:
            said |= hit.mask
        against = [hit for hit in against if not hit.mask & said]
        strays = [hit for hit in strays if not hit.mask & said and hit.kind == "official"]
        return tuple(_longest(against)), tuple(again), tuple(_longest(strays))


_score = attrgetter("score")


def _has(places: Sequence[int], first: int, last: int) -> bool:
    """Return whether one of some places in order lies between two."""
    at = bisect_left(places, first)
    return at < len(places) and places[at] <= last


def _bond(before: Hit, hit: Hit) -> float:
    """Return what the distance of two names adds: neighbours belong together, a reversed order is rare."""
    gap = hit.start - before.end
    if gap < 0:
        return -1.0 if "short" in (hit.kind, before.kind) else -0.4
    return 0.4 if gap == 0 else -0.04 * min(gap, 15)


def _longest(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits without those that lie in the span of another one."""
    return [
        hit for k, hit in enumerate(hits)
        if not any(
            j != k and other.start <= hit.start and hit.end <= other.end
            and ((other.end - other.start) > (hit.end - hit.start) or j < k)
            for j, other in enumerate(hits)
        )
    ]  # fmt: skip
