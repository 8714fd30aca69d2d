"""Write an address in Latin letters in Chinese: each name by its pinyin, among the places that hold each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import product
from typing import NamedTuple

from geo.places.address.division_names import LEVELS, RANKS, VILLAGE_RANK, name_parts, suffix_class
from geo.places.address.latin_words import KINDS, SIDES, LatinPart, latin_parts
from geo.places.address.place_tree import ROOT, PlaceTree
from geo.places.address.similar_characters import syllables
from geo.places.address.stored_addresses import StoredAddresses

#: Ways to write one address in Chinese, places of one pinyin that are looked at, and readings of a name.
MAX_WAYS, _MAX_PLACES, _READINGS = 10, 2_000, 4
#: A division may be of this level or the next: cities are also counties, and four are provinces.
_RANKS_OF_KIND = {"province": (0,), "city": (1, 2, 0), "county": (2, 1), "township": (3,), "village": (4,)}
#: Without a word for what it is, a name is a village only beside one that has such a word.
_RANKS_OF_BARE = (0, 1, 2, 3)
_ORDER = {kind: k for k, kind in enumerate(KINDS)}
_KINDS_OF_RANK = ("province", "city", "county", "township", "village")


class Written(NamedTuple):
    """An address in Chinese characters, and for each of them where in the text what it stands for begins and ends.

    Examples
    --------
    >>> Written("古浪县", (0, 0, 0), (13, 13, 13)).form
    '古浪县'
    """

    form: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


class LatinReader:
    """Reader of Latin letters over the names of a tree and of stored addresses, which it sorts by pinyin once needed.

    Examples
    --------
    >>> import pandas as pd
    >>> codes, names = ["990101", "990101001", "990101001201"], ["古浪县", "土门镇", "新胜村"]
    >>> tree = PlaceTree.of(pd.DataFrame({"code": codes, "name": names, "level": [3, 4, 5]}))
    >>> reader = LatinReader(tree, StoredAddresses(tree, [("人民路12号", 1, 0)]))
    >>> [way.form for way in reader.ways("no. 12 renmin road, gulang county")]
    ['古浪县人民路12号']
    >>> [way.form for way in reader.ways("gulang xian tumen zhen xinsheng cun 3 zu")]
    ['古浪县土门镇新胜村3组']
    """

    def __init__(self, tree: PlaceTree, stored: StoredAddresses) -> None:
        self._tree = tree
        self._stored = stored

    def ways(self, plain: str) -> list[Written]:
        """Return the ways to write a text of plain characters in Chinese; none where no name in it is known."""
        parts = latin_parts(plain, self._is_known)
        divided = [one for part in parts for one in self._divided(part)]
        known = {k: self._places(part) for k, part in enumerate(divided)}
        chosen = self._chosen({k: places for k, places in known.items() if places})
        streets = {k: self._streets(part) for k, part in enumerate(divided) if _may_be_street(part, known[k])}
        if not chosen and not any(streets.values()):
            return []
        found: dict[str, Written] = {}
        for places in chosen or [{}]:
            for names in product(*(names or [""] for names in streets.values())):
                way = self._written(divided, places, dict(zip(streets, names, strict=True)))
                found.setdefault(way.form, way)
                if len(found) == MAX_WAYS:
                    return list(found.values())
        return list(found.values())

    # --- the index ---

    @cached_property
    def _names(self) -> dict[str, list[int]]:
        """Places by the pinyin of their names without suffix."""
        found: dict[str, list[int]] = {}
        for place, rank in enumerate(self._tree.rank.tolist()):
            if 0 <= rank <= VILLAGE_RANK:
                for name in self._tree.names[place]:
                    if (parts := name_parts(name, LEVELS[rank])) is not None:
                        for key in _keys(parts.core, parts.suffix):
                            found.setdefault(key, []).append(place)
        return found

    @cached_property
    def _street_names(self) -> dict[str, list[str]]:
        """Names that stored addresses begin with, by their pinyin."""
        found: dict[str, list[str]] = {}
        for first, _, size in self._stored.heads():
            name = self._stored.tail(first).encode()[:size].decode("utf-8", "replace")
            for key in _pinyin(name):
                if name not in found.setdefault(key, []):
                    found[key].append(name)
        return found

    def _is_name(self, key: str) -> bool:
        return _plain(key) in self._names

    def _is_known(self, kind: str, key: str) -> bool:
        return bool(self._places(LatinPart(kind, (key,), "", 0, 0)))

    # --- the names of one address ---

    def _divided(self, part: LatinPart) -> Iterator[LatinPart]:
        """Yield a part whose first words are names of their own as several: Wuwei Gulang County."""
        words = part.words
        is_division = part.kind in _RANKS_OF_KIND
        first = next((k for k in range(len(words)) if self._places(part._replace(words=words[k:]))), 0)
        if part.kind == "bare":
            yield from self._bare_names(part)
            return
        if is_division and not first and len(words) > 1 and not self._places(part):
            # Tianzhu Tibetan Autonomous County: the words behind the name say what it is.
            last = next((k for k in range(len(words) - 1, 0, -1) if self._places(part._replace(words=words[:k]))), 0)
            yield part._replace(words=words[:last] or words)
            return
        if is_division and first:
            yield from self._bare_names(part._replace(kind="bare", words=words[:first]))
        yield part._replace(words=words[first:]) if is_division else part

    def _bare_names(self, part: LatinPart) -> Iterator[LatinPart]:
        """Yield the longest names that words without any other word are of: Gansu Wuwei."""
        words = part.words
        at = 0
        while at < len(words):
            size = next((n for n in range(len(words) - at, 0, -1) if self._is_name("".join(words[at : at + n]))), 1)
            yield part._replace(words=words[at : at + size])
            at += size

    def _places(self, part: LatinPart) -> list[int]:
        """Return the places that a part may name, those that end as it says if any do."""
        ranks = _RANKS_OF_BARE if part.kind == "bare" else _RANKS_OF_KIND.get(part.kind, ())
        if not ranks:
            return []
        found = self._names.get(_plain(part.key), ())
        places = [place for place in found if int(self._tree.rank[place]) in ranks]
        if part.written:
            same = [place for place in places if suffix_class(self._tree.names[place][0]) == part.written]
            places = same or places
        return places[:_MAX_PLACES]

    def _streets(self, part: LatinPart) -> list[str]:
        """Return the stored streets and estates that a part may name; a side may stand before the name."""
        if part.kind == "village":  # in English a community is an estate as well
            part = part._replace(written="小区")
        names = [part.key]
        if len(part.words) > 1 and part.words[0] in SIDES:
            names.append("".join((*part.words[1:], part.words[0])))
        found = [
            name for words in names for key in _pinyin(part.written)
            for name in self._street_names.get(_plain(words) + key, ())
        ]  # fmt: skip
        return found[:MAX_WAYS]

    def _chosen(self, known: dict[int, list[int]]) -> list[dict[int, int]]:
        """Return for each way the place of each part: those that hold each other, as many as may be."""
        if not known:
            return []
        sets = {k: set(places) for k, places in known.items()}
        finest = max(known, key=lambda k: max(int(self._tree.rank[place]) for place in known[k]))
        best: list[dict[int, int]] = []
        for place in known[finest]:
            chain = self._tree.chain(place)
            way = {k: next((one for one in reversed(chain) if one in places), ROOT) for k, places in sets.items()}
            way = {k: one for k, one in way.items() if one != ROOT}
            if best and len(way) < len(best[0]):
                continue
            best = [*(best if best and len(way) == len(best[0]) else []), way]
        for way in best:  # what is elsewhere is told as well: it contradicts the others
            way.update({k: places[0] for k, places in known.items() if k not in way})
        return list({tuple(self._tree.names[one][0] for one in way.values()): way for way in best}.values())

    def _written(self, parts: Sequence[LatinPart], places: dict[int, int], streets: dict[int, str]) -> Written:
        texts: list[tuple[int, str, LatinPart]] = []
        for k, part in enumerate(parts):
            kind = part.kind
            if k in places:
                kind = _KINDS_OF_RANK[int(self._tree.rank[places[k]])]
                text = self._tree.names[places[k]][0]
            elif streets.get(k):
                text = streets[k]
            else:
                text = part.written if not part.words else part.key + part.written
            texts.append((_ORDER.get(kind, RANKS["village"] + 1), text, part))
        if not any(part.kind == "han" for part in parts):
            texts.sort(key=lambda one: one[0])
        rows = [(char, part.start, part.end) for _, text, part in texts for char in text]
        form, starts, ends = zip(*rows, strict=True) if rows else ((), (), ())
        return Written("".join(form), starts, ends)


def _may_be_street(part: LatinPart, places: Sequence[int]) -> bool:
    return part.kind in ("street", "quarter") or (part.kind == "village" and part.written == "社区" and not places)


def _keys(core: str, suffix: str) -> Iterable[str]:
    """Return the pinyin of a name: of its core; of one whose suffix is a part of it, as 洋县, with and without that."""
    yield from _pinyin(core)
    if not suffix and len(core) == 2:
        yield from _pinyin(core[:1])


def _pinyin(name: str) -> list[str]:
    return list(dict.fromkeys(_plain("".join(way)) for way in syllables(name, _READINGS)))


def _plain(key: str) -> str:
    """Return pinyin with one letter for ü, however it is typed."""
    return key.replace("yu", "u").replace("v", "u").replace("ü", "u")
