"""Read the chain of divisions in a text: the places, each inside the one before, that explain most of its names."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from geo.places.address.division_names import TOWNSHIP_RANK, VILLAGE_RANK
from geo.places.address.name_hits import Hit, NameIndex
from geo.places.address.place_tree import ROOT, PlaceTree

#: Chains this much weaker than the best one, in characters explained, are candidates beside it.
MARGIN = 1.0
MAX_CHAINS = 100
# Weight of a name that may speak against a chain.
_NAMED = 1.5
# What two names side by side add.
_BESIDE = 0.4


class _Record(NamedTuple):
    """The best chain that ends in a hit: its score, the characters covered, the hits."""

    score: float
    mask: int
    hits: tuple[tuple[int, Hit], ...]


_NONE = _Record(0.0, 0, ())


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
        entries = sorted([(place, k) for k, hit in enumerate(hits) for place in hit.places])
        best = self._best_records(entries, hits, masks)
        enough = max(record.score for record in best.values()) - MARGIN
        ranked = sorted((-record.score, place) for place, record in best.items() if record.score >= enough)
        named = _named(hits, masks)
        found: list[Chain] = []
        for _, place in ranked[:MAX_CHAINS]:
            last = self._last[place]
            if not any(place <= other.place <= last for other in found):
                record = best[place]
                found.append(Chain(place, record.score, record.hits, *self._others(record, named)))
        return found

    def read_of(self, form: str, place: int) -> Chain | None:
        """Return the chain of a text among the places that hold one and itself, if it is sure to be one that is meant.

        That is so where no names of the text, of whatever places, could explain more than it does by the margin and
        none speaks against it; otherwise None. The work is the same however many places have the names.
        """
        of_rank: dict[int, list[int]] = {}
        for one in self.tree.chain(place):
            of_rank.setdefault(int(self.tree.rank[one]), []).append(one)
        hits = self.names.hits_anywhere(form)
        masks = [hit.mask for hit in hits]
        entries = [
            (one, k) for k, hit in enumerate(hits) for one in of_rank.get(hit.rank, ()) if _has(hit.places, one, one)
        ]
        if not entries:
            return None
        best = self._best_records(sorted(entries), hits, masks)
        record = max(best.values(), key=lambda one: one.score)
        if record.score < _most_explained(hits, len(form)) - MARGIN:
            return None
        found = Chain(record.hits[-1][0], record.score, record.hits, *self._others(record, _named(hits, masks)))
        return None if found.contradictions else found

    def _best_records(
        self, entries: Sequence[tuple[int, int]], hits: Sequence[Hit], masks: Sequence[int]
    ) -> dict[int, _Record]:
        """Return the best chain that ends in each place, by a sweep over places and their hits in preorder.

        What holds a place stands before it and is still open when it is met, so that a stack of open places is all
        that its chain can be made of.
        """
        best: dict[int, _Record] = {}
        last = self._last
        is_open: list[tuple[int, int, list[_Record]]] = []  # place, the last it holds, records
        for place, k in entries:
            while is_open and is_open[-1][1] < place:
                is_open.pop()
            hit, mask = hits[k], masks[k]
            holders = [other for holder, _, records in is_open if holder != place for other in records]
            kept = _best_of(holders, place, hit, mask)
            if is_open and is_open[-1][0] == place:
                is_open[-1][2].extend(kept)
            else:
                is_open.append((place, last[place], kept))
            record = kept[0]
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


def _named(hits: Sequence[Hit], masks: Sequence[int]) -> list[tuple[Hit, int]]:
    """Return what may speak against a chain: names with their suffix, and the characters that they cover."""
    return [(hit, mask) for hit, mask in zip(hits, masks, strict=True) if hit.kind != "short" and hit.weight >= _NAMED]


def _most_explained(hits: Sequence[Hit], size: int) -> float:
    """Return the most that names apart from each other could explain of a text of some size, as if in one chain."""
    most = [0.0] * (size + 1)  # of each begin of the text
    ending: dict[int, list[Hit]] = {}
    for hit in hits:
        ending.setdefault(hit.end, []).append(hit)
    for end in range(1, size + 1):
        most[end] = max(most[end - 1], *(most[hit.start] + hit.weight + _BESIDE for hit in ending.get(end, ())), 0.0)
    return most[size] - _BESIDE


def _best_of(holders: Sequence[_Record], place: int, hit: Hit, mask: int) -> list[_Record]:
    """Return the best chains that end in a name, the best first: it alone, or behind one of those that hold its place.

    There is a second one for where the best one covers what a finer place needs: 十堰 in 十堰桥村.
    """
    weight = hit.weight
    own = ((place, hit),)
    best, before = weight, _NONE
    second: float | None = None
    before_second = _NONE
    for other in holders:
        if other.mask & mask:
            continue
        score = other.score + weight + _bond(other.hits[-1][1], hit)
        if score > best:
            best, before, second, before_second = score, other, best, before
        elif second is None or score > second:
            second, before_second = score, other
    found = [_Record(best, before.mask | mask, before.hits + own)]
    if second is not None:
        found.append(_Record(second, before_second.mask | mask, before_second.hits + own))
    return found


def _has(places: Sequence[int], first: int, last: int) -> bool:
    """Return whether one of some places in order lies between two."""
    at = bisect_left(places, first)
    return at < len(places) and places[at] <= last


def _bond(before: Hit, hit: Hit) -> float:
    """Return what the distance of two names adds: neighbours belong together, a reversed order is rare."""
    gap = hit.start - before.end
    if gap < 0:
        return -1.0 if "short" in (hit.kind, before.kind) else -0.4
    return _BESIDE if gap == 0 else -0.04 * min(gap, 15)


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
