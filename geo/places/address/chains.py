"""Read the chain of divisions in a text: the places, each inside the one before, that explain most of its names."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
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
# Weight of a name that may speak against a chain.
_NAMED = 1.5


class _Record(NamedTuple):
    """The best chain that ends in a hit: its score, the characters covered, the hits."""

    score: float
    mask: int
    hits: tuple[tuple[int, Hit], ...]


class Chain(NamedTuple):
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
    contradictions: tuple[Hit, ...] = ()
    repeats: tuple[Hit, ...] = ()
    strays: tuple[Hit, ...] = ()

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
        self.names = NameIndex(tree)
        self._last = tree.last.tolist()
        self._parent = tree.parent.tolist()

    def read(self, form: str, *, with_words: bool = False) -> list[Chain]:
        """Return the chains that a text in normal form may mean, best first, all within the margin of the best one.

        Parameters
        ----------
        with_words
            Whether words of which every county has one are names without their suffix too.
        """
        hits = self.names.hits(form, with_words=with_words)
        if not hits:
            return []
        masks = [hit.mask for hit in hits]
        best = self._best_records(hits, masks)
        enough = max(record.score for record in best.values()) - MARGIN
        ranked = sorted((-record.score, place) for place, record in best.items() if record.score >= enough)
        # What may speak against a chain: a name with its suffix.
        named = [
            (hit, mask) for hit, mask in zip(hits, masks, strict=True) if hit.kind != "short" and hit.weight >= _NAMED
        ]
        found: list[Chain] = []
        for _, place in ranked[:MAX_CHAINS]:
            last = self._last[place]
            if not any(place <= other.place <= last for other in found):
                record = best[place]
                found.append(Chain(place, record.score, record.hits, *self._others(record, named)))
        return found

    def _best_records(self, hits: Sequence[Hit], masks: Sequence[int]) -> dict[int, _Record]:
        """Return the best chain that ends in each place, by a sweep over the places in preorder.

        What holds a place stands before it and is still open when it is met, so that a stack of open places is all
        that its chain can be made of.
        """
        best: dict[int, _Record] = {}
        last = self._last
        entries = sorted([(place, k) for k, hit in enumerate(hits) for place in hit.places])
        is_open: list[tuple[int, int, list[_Record]]] = []  # place, the last it holds, records
        for place, k in entries:
            while is_open and is_open[-1][1] < place:
                is_open.pop()
            hit, mask = hits[k], masks[k]
            kept = [_Record(hit.weight, mask, ((place, hit),))]
            if is_open:
                holders = [
                    other for holder, _, records in is_open if holder != place for other in records
                    if not other.mask & mask
                ]  # fmt: skip
                kept += _continued(holders, place, hit, mask)
                if len(kept) > _KEPT:
                    # A second one, for where the best one covers what a finer place needs: 十堰 in 十堰桥村.
                    kept = sorted(kept, key=_score, reverse=True)[:_KEPT]
            if is_open and is_open[-1][0] == place:
                is_open[-1][2].extend(kept)
            else:
                is_open.append((place, last[place], kept))
            record = kept[0] if len(kept) == 1 else max(kept, key=_score)
            if place not in best or record.score > best[place].score:
                best[place] = record
        return best

    def _others(
        self, record: _Record, named: Sequence[tuple[Hit, int]]
    ) -> tuple[tuple[Hit, ...], tuple[Hit, ...], tuple[Hit, ...]]:
        """Return the names of places outside the chain where it is written, those repeated, and those behind it."""
        outside = [(hit, mask) for hit, mask in named if not mask & record.mask]
        if not outside:
            return (), (), ()
        ends = {hit.end for _, hit in record.hits}
        end = max(ends)
        leaf, finest = record.hits[-1]
        is_whole = finest.rank >= VILLAGE_RANK and finest.kind != "short"
        inside = {leaf, ROOT}
        place = leaf
        while place != ROOT:
            place = self._parent[place]
            inside.add(place)
        against: list[Hit] = []
        again: list[Hit] = []
        strays: list[Hit] = []
        for hit, _ in outside:
            if any(_has(hit.places, place, place) for place in inside):
                again.append(hit)
            elif _has(hit.places, leaf, self._last[leaf]):
                continue
            elif is_whole and (
                (hit.rank == TOWNSHIP_RANK and hit.start >= end) or (hit.rank == VILLAGE_RANK and hit.start > end)
            ):
                strays.append(hit)
            elif hit.start in ends if hit.rank >= VILLAGE_RANK else not (is_whole and hit.start >= end):
                # Behind a village a county is a part of another name: 洋县饭店.
                against.append(hit)
        said = record.mask
        for hit in again:
            said |= hit.mask
        against = [hit for hit in against if not hit.mask & said]
        strays = [hit for hit in strays if not hit.mask & said and hit.kind == "official"]
        return tuple(_longest(against)), tuple(again), tuple(_longest(strays))


def _continued(holders: Sequence[_Record], place: int, hit: Hit, mask: int) -> list[_Record]:
    """Return the chains with one more name."""
    weight, own = hit.weight, ((place, hit),)
    return [
        _Record(other.score + weight + _bond(other.hits[-1][1], hit), other.mask | mask, other.hits + own)
        for other in holders
    ]


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
