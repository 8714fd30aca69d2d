"""Read a misspelt name of a place among the places inside the one that a text names, and among no others."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA, Levenshtein

from geo.places.address.chains import Chain
from geo.places.address.division_names import (
    LEVELS,
    RANKS,
    VILLAGE_RANK,
    NameParts,
    name_parts,
    suffix_at,
    suffix_class,
)
from geo.places.address.name_hits import Hit, overlap, uncovered
from geo.places.address.place_tree import ROOT, PlaceTree
from geo.places.address.similar_characters import SAME_SOUND, character_cost, name_cost, syllables

#: Places inside one are compared by name only up to this number, and the lists of so many parents are kept.
_MAX_INSIDE = 4_000
_MAX_KEPT = 2_000
#: Two wrong characters of the same sound or shape are still one name; so is one wrong character of any kind.
SURE_COST = 0.6
MAX_COST = 1.0
#: A long name may have two wrong characters.
_LONG_NAME, _MAX_COST_OF_LONG = 4, 2.0
# 东岑村 is 东岭村 rather than 东岭社区.
_OTHER_SUFFIX = 0.35
# Names this much worse than the nearest one are not meant.
_COST_MARGIN = 0.3
_MAX_NAMES = 8
#: Names that those of one text are compared with, each look-up as so many more: of 城关镇 there are 95.
MAX_COMPARED, LOOK_UP = 16_000, 40
# What tells neighbouring villages apart: no slip of the hand.
_TELLING = frozenset("东西南北中上下前后左右内外里大小新老旧高低头尾阴阳零一二三四五六七八九十百双两单0123456789")
_SUFFIX_LEVELS = ("county", "township", "village")
_WINDOW = 12
# What cities and counties end in, and words that begin so: 市场, 区域.
_KINDS, _NO_KINDS = "省市县区州盟旗", ("市场", "市政", "市民", "区域", "区间", "县城", "县道", "省道")
_SHORT = 2
# Words that may be a name; marks and numbers are none.
_WORDS = re.compile(r"[^0-9a-z(/,.\-]{2,}")
_ROAD_SIGN = re.compile(r"[路街巷道弄]|胡同|公路|国道")
#: A group by its number, which stands behind the name of a village.
NUMBERED_GROUP = re.compile(r"[0-9]+[组社队]")


class Misspelling(NamedTuple):
    """A name of a place written with wrong characters: the place, begin and end, the cost, the name that is meant.

    Where the characters are such as tell neighbours apart it is a beside one: more likely another place.

    Examples
    --------
    >>> Misspelling(2, 3, 6, 0.15, "新胜").meant
    '新胜'
    """

    place: int
    start: int
    end: int
    cost: float
    meant: str
    is_beside: bool = False


class Allowance:
    """How many names may still be compared for one text: misspelt names beyond it stay unread.

    Examples
    --------
    >>> allowance = Allowance(100)
    >>> allowance.take(50), allowance.take(50)
    (True, False)
    """

    def __init__(self, left: int = MAX_COMPARED) -> None:
        self.left = left

    def take(self, names: int) -> bool:
        """Take off a look-up among so many names, and return whether it may be made."""
        self.left -= names + LOOK_UP
        return self.left >= 0


@dataclass(frozen=True)
class _Inside:
    """The names of one level inside a place."""

    places: list[int]
    cores: list[str]
    sounds: list[str]
    suffixes: list[str]


class Repairer:
    """Reader of misspelt names; keeps the lists of names of the last places it looked into.

    Examples
    --------
    >>> import pandas as pd
    >>> codes, names = ["990101001", "990101001201", "990101001202"], ["土门镇", "新胜村", "台子村"]
    >>> tree = PlaceTree.of(pd.DataFrame({"code": codes, "name": names, "level": [4, 5, 5]}))
    >>> chain = Chain(1, 3.0, ((1, Hit(0, 3, 3, "official", 3.0, [1])),))
    >>> found = Repairer(tree).inside("土门镇新生村3组", chain)
    >>> [(tree.names[one.place][0], one.meant) for one in found]
    [('新胜村', '新胜')]
    """

    def __init__(self, tree: PlaceTree) -> None:
        self._tree = tree
        self._kept: OrderedDict[tuple[int, int], _Inside] = OrderedDict()
        self._county = tree.only_county

    def inside(self, form: str, chain: Chain, allowance: Allowance | None = None) -> list[Misspelling]:
        """Return the places inside the finest place of a chain that the text next to it may name, the nearest first.

        Where there is one county only, a text that names none is of it; without any name of a place before it, a name
        that is not like one by sound or shape is that of another place.
        """
        allowance = allowance or Allowance()
        place = self._county if self._county != ROOT and self._tree.holds(chain.place, self._county) else chain.place
        rank = int(self._tree.rank[place])
        if rank >= VILLAGE_RANK or place == ROOT:  # of no known level too
            return []
        found: list[Misspelling] = []
        for start, stop in _unread(form, chain.mask):
            for level, core_end, end in _names_written(form, start, stop):
                # Of a village only inside its county: names as near stand in every other one.
                is_near = rank >= RANKS["county"] or RANKS[level] == rank + 1
                if RANKS[level] > rank and is_near:
                    suffix = suffix_class(form[core_end:end])
                    names = self._names_inside(place, RANKS[level])
                    if allowance.take(len(names.places)):
                        near = self._nearest(names, form[start:core_end], suffix, start, end)
                        if _is_small_village(form[start:core_end]):  # with 村 alone in common it is no likeness
                            near = (one for one in near if one.cost <= SURE_COST)
                        found.extend(near if chain.hits else map(_beside_unless_sure, near))
            if found:
                break
        return _best(found)

    def above(self, form: str, chain: Chain) -> list[Misspelling]:
        """Return the places of a chain that the text before and between its names misspells, the widest first."""
        pieces = list(_unread(form, chain.mask))
        last = max(hit.start for _, hit in chain.hits) if pieces else 0
        pieces = [piece for piece in pieces if piece[0] < last]
        if not pieces:
            return []
        named = {place for place, _ in chain.hits}
        found: list[Misspelling] = []
        for place in self._tree.chain(chain.place):
            if place not in named and self._tree.rank[place] < len(LEVELS):
                read = [one for piece in pieces for one in self._written_as(form, *piece, place)]
                found.extend(sorted(read, key=lambda one: (one.cost, one.start - one.end))[:1])
        return [one for k, one in enumerate(found) if not any(overlap(one, other) for other in found[:k])]

    def _written_as(self, form: str, start: int, stop: int, place: int) -> Iterator[Misspelling]:
        """Yield the begins of a piece of text that may be a place, with its suffix and without."""
        level = LEVELS[int(self._tree.rank[place])]
        for name in self._tree.names[place]:
            parts = name_parts(name, level)
            if parts is None:
                continue
            for meant in {parts.core, parts.core + parts.suffix}:
                end = start + len(meant)
                if end > stop or (cost := name_cost(form[start:end], meant)) > MAX_COST:
                    continue
                if cost and _is_of_another_kind(form, start, end, parts, RANKS[level]):
                    continue
                # 左 and 右 look alike, and each tells neighbours apart.
                if cost > SAME_SOUND and _is_told(form[start:end], meant):
                    continue
                if cost <= SURE_COST or not is_another_name(form[start:end], meant):
                    yield Misspelling(place, start, end, cost, meant)

    def _nearest(self, names: _Inside, written: str, suffix: str, start: int, end: int) -> Iterator[Misspelling]:
        if not names.places or len(written) < 2:
            return
        limit = _MAX_COST_OF_LONG if len(written) >= _LONG_NAME else MAX_COST
        near = {k for _, _, k in process.extract(
            written, names.cores, scorer=OSA.distance, score_cutoff=int(limit), limit=24)}  # fmt: skip
        sound = _sound(written)
        near |= {k for _, _, k in process.extract(
            sound, names.sounds, scorer=OSA.distance, score_cutoff=2, limit=24)}  # fmt: skip
        if any(names.cores[k] == written for k in near):
            return  # a place of this name is there
        for k in near:
            core = names.cores[k]
            cost = name_cost(written, core)
            if cost > SAME_SOUND and is_another_name(written, core) and (cost > SURE_COST or _is_told(written, core)):
                continue
            if is_doubled(written, core):
                cost = min(cost, SURE_COST)
            if suffix and suffix != names.suffixes[k]:
                cost += _OTHER_SUFFIX
            if 0.0 < cost <= (limit if len(core) >= _LONG_NAME else min(limit, MAX_COST)):
                is_other = is_beside(written, core) if cost > SURE_COST else _is_told(written, core)
                yield Misspelling(names.places[k], start, end, cost, core, is_other)

    def _names_inside(self, parent: int, rank: int) -> _Inside:
        key = (parent, rank)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept
        tree = self._tree
        last = int(tree.last[parent])
        places = (parent + 1 + np.flatnonzero(tree.rank[parent + 1 : last + 1] == rank)).tolist()
        if len(places) > _MAX_INSIDE:  # of a province: some of them would hide that others are as near
            places = []
        rows = [
            (place, parts)
            for place in places
            for name in tree.names[place]
            if (parts := name_parts(name, LEVELS[rank])) is not None
        ]
        cores = [parts.core for _, parts in rows]
        suffixes = [parts.suffix for _, parts in rows]
        made = _Inside([place for place, _ in rows], cores, [_sound(core) for core in cores], suffixes)
        self._kept[key] = made
        if len(self._kept) > _MAX_KEPT:
            self._kept.popitem(last=False)
        return made


def extended(chain: Chain, one: Misspelling, tree: PlaceTree) -> Chain:
    """Return a chain with a misspelt name as its finest place.

    Where what is written is the name of a place in the same county it stays a contradiction: it may be meant.

    Examples
    --------
    >>> import pandas as pd
    >>> codes, names = ["990101001", "990101001201"], ["土门镇", "新胜村"]
    >>> tree = PlaceTree.of(pd.DataFrame({"code": codes, "name": names, "level": [4, 5]}))
    >>> chain = Chain(1, 3.0, ((1, Hit(0, 3, 3, "official", 3.0, [1])),))
    >>> longer = extended(chain, Misspelling(2, 3, 6, 0.15, "新胜"), tree)
    >>> longer.place, round(longer.score, 2)
    (2, 4.85)
    """
    county = tree.above(one.place, RANKS["county"])
    against = tuple(
        other for other in chain.contradictions
        if not overlap(other, one) or any(tree.holds(county, place) for place in other.places)
    )  # fmt: skip
    rank = int(tree.rank[one.place])
    weight = one.end - one.start - 1.0 - one.cost
    hit = Hit(one.start, one.end, rank, "alias", weight, (one.place,))
    hits = (*chain.hits, (one.place, hit))
    return chain._replace(place=one.place, score=chain.score + weight, hits=hits, contradictions=against)


def is_another_name(written: str, core: str) -> bool:
    """Return whether two names differ by what tells neighbours apart: a side, a size, a number, a family.

    Examples
    --------
    >>> [is_another_name(*pair) for pair in (("东滩", "西滩"), ("李家边", "胡家边"), ("新生", "新胜"))]
    [True, True, False]
    """
    if len(written) != len(core):
        return False
    return _is_told(written, core) or any(
        a != b and written[k + 1 : k + 2] == core[k + 1 : k + 2] == "家"
        for k, (a, b) in enumerate(zip(written, core, strict=True))
    )


def _is_told(written: str, core: str) -> bool:
    """Return whether two names have different characters in one place that tell neighbours apart: 上坝 and 三坝."""
    if len(written) != len(core) or sorted(written) == sorted(core):  # in another order: 西大沟 is 大西沟
        return False
    return any(a != b and a in _TELLING and b in _TELLING for a, b in zip(written, core, strict=True))


def is_doubled(written: str, core: str) -> bool:
    """Return whether a name is another one with a character typed twice, which nothing but a slip explains.

    Examples
    --------
    >>> is_doubled("渭门门", "渭门"), is_doubled("渭门口", "渭门")
    (True, False)
    """
    return len(written) == len(core) + 1 and any(
        written[k] == written[k - 1] and written[:k] + written[k + 1 :] == core for k in range(1, len(written))
    )


def _beside_unless_sure(one: Misspelling) -> Misspelling:
    return one if one.cost <= SURE_COST else one._replace(is_beside=True)


def _is_of_another_kind(form: str, start: int, end: int, meant: NameParts, rank: int) -> bool:
    """Return whether a misspelt name is one of another city or county: no slip of a character makes one of ours.

    永丰县 is not 永丰滩镇, of which it would have one character wrong; and 无为市, whose name has none of the two
    characters of 武威市, has more than a slip.
    """
    written = form[start:end]
    if rank >= RANKS["township"] and not set(form[end - 1 : end + 1]).isdisjoint(set(_KINDS) - set(meant.core)):
        return form[end - 1] in _KINDS or not form.startswith(_NO_KINDS, end)
    core = written[: len(meant.core)]
    return len(meant.core) == _SHORT and len(core) == _SHORT and set(core).isdisjoint(meant.core)


def is_beside(written: str, core: str) -> bool:
    """Return whether a name has a character more, less or otherwise that parts a place from the one beside it.

    A doubled character and two in the other order are slips.

    Examples
    --------
    >>> [is_beside(*pair) for pair in (("东岭新", "东岭"), ("杨柳二", "杨柳沟"), ("东东岭", "东岭"), ("岭东", "东岭"))]
    [True, True, False, False]
    >>> is_beside("上坝", "上四坝"), is_beside("胡湾", "胡家湾"), is_beside("土默特右", "土默特左")
    (True, False, True)
    """
    if sorted(written) == sorted(core):
        return False
    for edit in Levenshtein.editops(written, core):
        if edit.tag == "insert":
            if core[edit.dest_pos] in _TELLING:
                return True
            continue
        char = written[edit.src_pos : edit.src_pos + 1]
        if char not in _TELLING:
            continue
        beside = (written[: edit.src_pos][-1:], written[edit.src_pos + 1 :][:1])
        if edit.tag != "replace":
            if char not in beside:
                return True
            continue
        # 左 and 右 look alike, and each tells neighbours apart: 土默特右旗 is no slip for 土默特左旗.
        meant = core[edit.dest_pos]
        if meant in _TELLING or character_cost(char, meant) > SURE_COST:
            return True
    return False


def _unread(form: str, mask: int) -> Iterator[tuple[int, int]]:
    """Yield the pieces of text without a mark or number that no name covers, those after a name first."""
    pieces = [
        word.span() for start, stop in uncovered(mask, len(form)) if stop - start > 1
        for word in _WORDS.finditer(form, start, stop)
    ]  # fmt: skip
    after = [piece for piece in pieces if piece[0] and mask >> (piece[0] - 1) & 1]
    yield from [*after[:2], *[piece for piece in pieces if piece not in after][:2]]


def _names_written(form: str, start: int, stop: int) -> Iterator[tuple[str, int, int]]:
    """Yield level, end of core and end of suffix of each way to read a name at the begin of a piece of text."""
    is_written = False
    for k in range(start + 2, min(stop, start + _WINDOW)):
        for level in _SUFFIX_LEVELS:
            suffix = suffix_at(form, k, level)
            if suffix and not _ROAD_SIGN.match(form, k):
                is_written = True
                yield level, k, k + len(suffix)
    is_before_group = NUMBERED_GROUP.match(form, stop) is not None and stop - start <= _WINDOW
    if not is_written and (is_before_group or _is_small_village(form[start:stop])):
        yield "village", stop, stop


def _is_small_village(written: str) -> bool:
    """Return whether a word may be a village of one character: of 官村 and 东存, which is 东村, 村 is no suffix."""
    return len(written) == _SHORT and character_cost(written[-1], "村") <= SURE_COST / 2


def _sound(text: str) -> str:
    """Return the first reading of each character, joined by a mark."""
    return "'".join(min(readings, default="") for readings in syllables(text))


def _best(found: Sequence[Misspelling]) -> list[Misspelling]:
    """Return the nearest names, one per place, without those much worse than the nearest one."""
    best: dict[int, Misspelling] = {}
    for one in sorted(found, key=lambda one: (one.cost, one.start - one.end)):
        best.setdefault(one.place, one)
    if not best:
        return []
    nearest = min(one.cost for one in best.values())
    return [one for one in best.values() if one.cost <= nearest + _COST_MARGIN][:_MAX_NAMES]
