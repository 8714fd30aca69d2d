"""Find every name of a place in a text in one pass, with what its surroundings say of it.

All names at once by the automaton of Aho and Corasick 1975, "Efficient string matching", doi:10.1145/360825.360855.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, Protocol

import ahocorasick

from geo.places.address.division_names import (
    LEVELS,
    RANKS,
    TOWNSHIP_RANK,
    VILLAGE_RANK,
    has_short_form,
    is_generic,
    is_suffix,
    name_parts,
    suffix_at,
    suffix_class,
)
from geo.places.address.numeral_names import grid_spellings, numeral_spellings
from geo.places.address.place_tree import PlaceTree

Kind = Literal["official", "alias", "short"]

#: A name of more places than this is looked up only inside places that the rest of the text names.
_COMMON = 200
#: Places taken of a common name where the text names no other place: enough to know that it is not unique.
_FEW = 40
_MAX_HITS = 64
#: Places of all names of a text together: of many names each has fewer, so that no text takes long.
MAX_PLACES = 3_000
#: Weight of 张掖路, which is the road where nothing says that 张掖路街道 is meant; of 社区, which is the name of a few
#: places and behind a name says what that is.
_ROAD_OR_PLACE = 0.5
#: Trust in a name before which an unread character stands.
_INSIDE_A_WORD, _VILLAGE_INSIDE_A_WORD = 0.9, 0.6
#: Taken from a name whose suffix is the begin of the next one: 谢村 in 谢村镇江村, where 镇江村 is known.
_SHARED_SUFFIX = 0.5
# A road, a bank or a noodle shop is named after a place that it need not be in.
_ROAD = re.compile(
    r"大?街(?!道|办|上)|[东南西北中前后]?(?:大路|路|大街|大道|巷|弄|胡同)|公路|高速|国道|铁路|大桥|立交|隧道|专线"
)
_TRADE = re.compile(
    r"(?:农商|商业)?银行|大学|学院|[一二三四五六七八九十0-9第]*(?:中学|小学|医院)|大?(?:酒店|宾馆|饭店|旅馆)|小吃|菜馆|风味|火锅|面馆|拉面|[牛羊]肉"
    r"|烤|特产|集团|实业|[^\W0-9]{0,6}(?:有限)?公司|分[行公]|支行|商会|同乡|会馆|人家|信用社|人寿|保险|证券"
)
# No road is named after such a name: 东大街 behind 后坝社区 is in it, 后坝大街 need not be.
_NO_NAME_OF_A_ROAD = re.compile(r"(?:街道|社区|办事处|委员?会|街道?办)$")
_OTHER_LEVEL = re.compile(r"[省市县区旗镇乡村]|街道|社区|自治|苏木|嘎查")
_GROUP_WORD = re.compile(r"民?小组|民组")
_COMMITTEE = re.compile(r"村?民?委员?会")
_NUMBER = re.compile(r"[0-9]+")
# 62 is a number, 2号 a door and 15号院 a yard before they are the short forms of 62社区, 二号村 and 十五号院社区.
# 7里 is a distance, and 3元 a price.
_COUNTED_CORE = re.compile(r"[0-9]+(?:(?:号|栋|幢|座|排|单元|楼|层|室|弄|巷)(?:大?院|楼)?|[^\W0-9组社队])?")


class Span(Protocol):
    """A part of a text: begin and end.

    Examples
    --------
    >>> Hit(0, 3, 2, "official", 3.0, [1]).end
    3
    """

    @property
    def start(self) -> int:
        """Its first character."""

    @property
    def end(self) -> int:
        """The character behind its last one."""


def mask_of(span: Span) -> int:
    """Return the characters of a part as bits.

    Examples
    --------
    >>> bin(mask_of(Hit(1, 3, 2, "official", 3.0, [1])))
    '0b110'
    """
    return ((1 << (span.end - span.start)) - 1) << span.start


def overlap(one: Span, other: Span) -> bool:
    """Return whether two parts have a character in common.

    Examples
    --------
    >>> first, second = Hit(0, 3, 2, "official", 3.0, [1]), Hit(3, 6, 3, "official", 3.0, [2])
    >>> overlap(first, first), overlap(first, second)
    (True, False)
    """
    return one.start < other.end and other.start < one.end


def uncovered(mask: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield begin and end of the parts of a text of some size that no bit of a mask covers.

    Examples
    --------
    >>> list(uncovered(0b0110, 6))
    [(0, 1), (3, 6)]
    """
    left = ~mask & ((1 << size) - 1)
    while left:
        start = (left & -left).bit_length() - 1
        end = start + (~(left >> start) & ((left >> start) + 1)).bit_length() - 1
        yield start, end
        left = left >> end << end


class Hit(NamedTuple):
    """A name of places in a text: begin and end in the normal form, rank of their level, and the places in order.

    Examples
    --------
    >>> Hit(0, 3, 2, "official", 3.0, [1]).places
    [1]
    """

    start: int
    end: int
    rank: int
    kind: Kind
    weight: float
    places: Sequence[int]

    @property
    def mask(self) -> int:
        """Characters that it covers, as bits."""
        return mask_of(self)


@dataclass(frozen=True)
class _Group:
    """Places of one core, one level and one suffix."""

    rank: int
    suffix: str
    is_alias: bool
    has_short: bool
    places: tuple[int, ...]


#: Level and suffix -> what holds the places of one core with that suffix and others with another one.
_Siblings = Mapping[tuple[int, str], frozenset[int]]


class NameIndex:
    """All names of the places of a tree; read only after construction.

    Examples
    --------
    >>> import pandas as pd
    >>> divisions = {"code": ["990101", "990101001"], "name": ["古浪县", "古浪镇"], "level": [3, 4]}
    >>> index = NameIndex(PlaceTree.of(pd.DataFrame(divisions)))
    >>> [(hit.start, hit.end, hit.places) for hit in index.hits("古浪县古浪镇昌灵路") if hit.kind == "official"]
    [(0, 3, (1,)), (3, 6, (2,))]
    """

    def __init__(self, tree: PlaceTree) -> None:
        self._last = tree.last.tolist()
        self._parent = tree.parent.tolist()
        self._groups: list[tuple[_Group, ...]] = []
        self._sizes: list[int] = []
        self._is_word: list[bool] = []
        self._at_number: list[bool] = []
        self._suffixes: set[int] = set()
        self._automaton = ahocorasick.Automaton(ahocorasick.STORE_INTS)
        for core, groups in _grouped(tree).items():
            self._automaton.add_word(core, len(self._groups))
            self._groups.append(groups)
            self._sizes.append(len(core))
            is_below_counties = min(group.rank for group in groups) >= TOWNSHIP_RANK
            is_counted = _COUNTED_CORE.fullmatch(core) is not None
            self._at_number.append(core[0].isdigit() or core[-1].isdigit())
            self._is_word.append(is_counted or (is_below_counties and is_generic(core)))
            if is_suffix(core):
                self._suffixes.add(len(self._groups) - 1)
        self._automaton.make_automaton()
        beside = ((at, _siblings(groups, self._parent)) for at, groups in enumerate(self._groups))
        self._siblings = {at: held for at, held in beside if held}
        self._numbered = ahocorasick.Automaton(ahocorasick.STORE_INTS)  # those that hold a number, of a million few
        for core, at in self._automaton.items():
            if _NUMBER.search(core):
                self._numbered.add_word(core, at)
        self._numbered.make_automaton()

    def hits(self, form: str, *, with_words: bool = False) -> list[Hit]:
        """Return the names in a text in normal form, those of common names only inside places that others name.

        Parameters
        ----------
        with_words
            Whether numbers, and words of which every county has one, are names without their suffix too.
        """
        return self._narrowed(self.hits_anywhere(form, with_words=with_words))

    def hits_anywhere(self, form: str, *, with_words: bool = False) -> list[Hit]:
        """Return the names in a text in normal form, with all places of each, which are only referred to.

        Examples
        --------
        >>> import pandas as pd
        >>> divisions = {"code": ["990101", "990102"], "name": ["甲乙县", "甲乙县"], "level": [3, 3]}
        >>> [hit.places for hit in NameIndex(PlaceTree.of(pd.DataFrame(divisions))).hits_anywhere("甲乙县")]
        [(1, 2)]
        """
        if not self._groups:
            return []
        tail = self.first_number(form)
        found: list[Hit] = []
        for stop, core in self._automaton.iter(form):
            end = stop + 1
            start = end - self._sizes[core]
            if self._at_number[core] and _is_in_number(form, start, end):
                continue
            groups = self._groups[core]
            if core in self._siblings:
                groups = tuple(self._not_of_siblings(form, end, groups, self._siblings[core]))
            hits = [_hit_of_group(form, start, end, group, tail) for group in groups]
            if core in self._suffixes:
                hits = [hit._replace(weight=min(hit.weight, _ROAD_OR_PLACE)) for hit in hits]
            found += [hit for hit in hits if hit.kind != "short"] if self._is_word[core] and not with_words else hits
        found = _begun_well(form, [*found, *self._of_shared_suffixes(form, found)])
        if len(found) > _MAX_HITS:
            found = sorted(sorted(found, key=lambda hit: -hit.weight)[:_MAX_HITS])
        return found

    def first_number(self, form: str) -> int:
        """Return where the first number of a text in normal form begins that is in no name; its length without one.

        三巷社区 is 3巷社区 in normal form, and its 3 no number of a door.
        """
        numbers = [one.span() for one in _NUMBER.finditer(form)]
        if numbers and len(self._numbered):
            names = [*self._numbered_names(form)]
            numbers = [number for number in numbers if not any(_is_inside(number, name) for name in names)]
        return numbers[0][0] if numbers else len(form)

    def _numbered_names(self, form: str) -> Iterator[tuple[int, int]]:
        """Yield begin and end of the names with a number, each with its suffix."""
        for stop, core in self._numbered.iter(form):
            end = stop + 1
            for group in self._groups[core]:
                written = suffix_at(form, end, LEVELS[group.rank])
                if written or not group.suffix:
                    yield end - self._sizes[core], end + len(written)

    def _not_of_siblings(self, form: str, end: int, groups: Iterable[_Group], siblings: _Siblings) -> Iterator[_Group]:
        """Yield the groups without places beside which another one has the name as written: 新华镇 is not 新华乡."""
        for group in groups:
            written = suffix_class(suffix_at(form, end, LEVELS[group.rank]))
            holders = siblings.get((group.rank, written), frozenset()) if written != group.suffix else frozenset()
            places = tuple(one for one in group.places if self._parent[one] not in holders)
            if places:
                yield replace(group, places=places) if holders else group

    def _of_shared_suffixes(self, form: str, hits: Sequence[Hit]) -> Iterator[Hit]:
        """Yield the names without a suffix that is the begin of a finer name: 谢村镇江村 may be 谢村 and 镇江村 too."""
        begins: dict[int, int] = {}
        for hit in hits:
            begins[hit.start] = max(hit.rank, begins.get(hit.start, -1))
        for hit in hits:
            if hit.kind == "short" or hit.end - hit.start < 3:
                continue
            for end in range(hit.start + 2, hit.end):
                if begins.get(end, -1) > hit.rank and suffix_at(form, end, LEVELS[hit.rank]) == form[end : hit.end]:
                    yield hit._replace(end=end, kind="short", weight=end - hit.start - _SHARED_SUFFIX)

    def _narrowed(self, hits: list[Hit]) -> list[Hit]:
        """Return the hits with common names narrowed to the places inside which the text names something else."""
        most = min(_COMMON, max(_FEW, MAX_PLACES // max(len(hits), 1)))
        if not [hit for hit in hits if len(hit.places) > most]:
            return hits
        inside = _outermost(
            {(place, self._last[place]) for hit in hits if len(hit.places) <= most for place in hit.places}
        )
        return [hit if len(hit.places) <= most else _inside_of(hit, inside, most) for hit in hits]


def _siblings(groups: Sequence[_Group], parents: Sequence[int]) -> _Siblings:
    """Return where places of one core and level lie beside others with another suffix: what holds those of each."""
    held: dict[tuple[int, str], set[int]] = {}
    for group in groups if len(groups) > 1 else ():
        held.setdefault((group.rank, group.suffix), set()).update(parents[place] for place in group.places)
    out: dict[tuple[int, str], frozenset[int]] = {}
    for (rank, suffix), own in held.items():
        others = {one for key, theirs in held.items() if key[0] == rank and key[1] != suffix for one in theirs}
        if suffix and own & others:
            out[rank, suffix] = frozenset(own & others)
    return out


def _is_in_number(form: str, start: int, end: int) -> bool:
    """Return whether a name begins or ends within a number: 2村 in 12村."""
    is_begun = start > 0 and form[start - 1 : start + 1].isdigit()
    return is_begun or (end < len(form) and form[end - 1 : end + 1].isdigit())


def _is_inside(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return other[0] <= one[0] and one[1] <= other[1]


def _begun_well(form: str, hits: list[Hit]) -> list[Hit]:
    """Return the hits with those that begin inside a word trusted less: 西沟村 in 大西沟村."""
    begins = {0, *[hit.end for hit in hits if hit.weight >= 1.0]}
    return [
        hit if hit.start in begins or not form[hit.start - 1].isalpha()
        else hit._replace(weight=hit.weight * (_INSIDE_A_WORD if hit.rank < VILLAGE_RANK else _VILLAGE_INSIDE_A_WORD))
        for hit in hits
    ]  # fmt: skip


def _outermost(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return first and last places in order, without those that others hold."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges, key=lambda one: (one[0], -one[1])):
        if not found or first > found[-1][1]:
            found.append((first, last))
    return found


def _inside_of(hit: Hit, inside: Sequence[tuple[int, int]], most: int) -> Hit:
    """Return a hit with those of its places that lie between some first and last ones; a few of all where none does."""
    places: list[int] = []
    for first, last in inside:
        places += hit.places[bisect_left(hit.places, first) : bisect_right(hit.places, last)]
        if len(places) >= most:
            break
    return hit._replace(places=tuple(places[:most]) or tuple(hit.places[:_FEW]))


def _grouped(tree: PlaceTree) -> dict[str, tuple[_Group, ...]]:
    """Return the places of each core by level and suffix."""
    found: dict[str, dict[tuple[int, str, bool, bool], list[int]]] = {}
    ranks = tree.rank.tolist()
    for place, names in enumerate(tree.names):
        rank = ranks[place]
        if not 0 <= rank < len(LEVELS):
            continue
        level = LEVELS[rank]
        for k, name in enumerate(names):
            parts = name_parts(name, level)
            if parts is None or len(parts.core) < 2 or (parts.core.isdigit() and not parts.suffix):
                continue
            key = (rank, parts.suffix, k > 0, has_short_form(parts, level))
            for core in (parts.core, *_other_spellings(tree, place, parts.core)):
                if len(core) > 1:
                    found.setdefault(core, {}).setdefault(key, []).append(place)
    return {
        core: tuple(_Group(*key, tuple(sorted(set(places)))) for key, places in groups.items())
        for core, groups in found.items()
    }


def _other_spellings(tree: PlaceTree, place: int, core: str) -> tuple[str, ...]:
    if tree.rank[place] <= VILLAGE_RANK:
        return numeral_spellings(core)
    above = int(tree.parent[place])
    if not 0 <= tree.rank[above] < len(LEVELS):
        return grid_spellings(core)
    parts = [name_parts(name, LEVELS[tree.rank[above]]) for name in tree.names[above]]
    return grid_spellings(core, [*tree.names[above], *(one.core for one in parts if one is not None)])


def _hit_of_group(form: str, start: int, end: int, group: _Group, tail: int) -> Hit:
    """Return the hit of a core as the places of one group: by its own suffix, another one of its level, or none."""
    written = suffix_at(form, end, LEVELS[group.rank])
    kind: Kind
    if not group.suffix:
        kind, stop = "official", end
        if group.rank == VILLAGE_RANK and (rest := _COMMITTEE.match(form, end)):
            stop = rest.end()
        weight = float(stop - start)  # as that of 镇江村 with its committee
    elif written:
        same = suffix_class(written) == group.suffix
        kind, stop = ("official" if same else "alias"), end + len(written)
        weight = stop - start - (0.0 if same else 1.3)
    else:
        weight = _weight_of_short(form, start, end, group.rank) if group.has_short else _ROAD_OR_PLACE
        kind, stop = "short", end
    if group.is_alias:
        kind, weight = ("short" if kind == "short" else "alias"), weight - 0.3
    return Hit(start, stop, group.rank, kind, weight * _trust(form, start, stop, kind, tail), group.places)


def _weight_of_short(form: str, start: int, end: int, rank: int) -> float:
    size = end - start
    weight = 0.8 * size - 0.2 if size > 2 else (1.3 if rank <= RANKS["county"] else 1.0 if rank < VILLAGE_RANK else 0.7)
    return weight * (0.15 if _OTHER_LEVEL.match(form, end) else 1.0)


def _trust(form: str, start: int, stop: int, kind: Kind, tail: int) -> float:
    """Return how far a name is to be trusted, from 0 to 1, by what follows it and by numbers before it."""
    trust = 1.0
    if stop < len(form):
        if _GROUP_WORD.match(form, stop):
            return 0.3  # 8村 in 8村民小组
        if _ROAD.match(form, stop):
            if kind == "short":
                trust = 0.15
            elif not _NO_NAME_OF_A_ROAD.search(form, start, stop):
                trust = 0.3
        elif kind == "short" and _TRADE.match(form, stop):
            trust = 0.2
    if start > tail:
        trust *= 0.5 if kind == "official" else 0.2
    return trust
