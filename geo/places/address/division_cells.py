"""Read cells of a table that name divisions, as the names in addresses are read: whole, short, old, misspelt, by code.

The column says of which level a name is, so that a short form is one of that level, also 城关 and 民主, which in an
address name a street as well. What is not read is told: a row says where it is by its columns too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from geo.catalog.division_codes import code_text
from geo.places.address.address_faults import Fault, fault_of_marks, name_faults
from geo.places.address.character_forms import plain_characters
from geo.places.address.division_names import LEVELS, RANKS, VILLAGE_RANK, name_parts
from geo.places.address.former_names import FormerNames
from geo.places.address.latin_names import LatinReader
from geo.places.address.normalise import normal_form
from geo.places.address.place_tree import PlaceTree
from geo.places.address.readings import AddressReader, Reading
from geo.places.address.remarks import without_remarks

#: A longer cell is no name.
_MAX_CELL = 60
#: Cells that are remembered: those of one list are few, many times each.
_MAX_KNOWN = 20_000
#: Ways to read one cell that are looked at.
MAX_WAYS = 4
_COUNTY = RANKS["county"]
# Offices that stand for the division whose name they bear; its government is a suffix of names of three characters.
_OFFICE = re.compile(
    r"(?:人民)?政府|村?(?:(?:村民|居民)?委员会|[村居]委会)|办事处"
    r"|(?:人民)?(?:政府)?(?:办(?:公室)?|党委政?府?|党政(?:综合)?办(?:公室)?|党委|党工委|党支部|党总支)"
    r"|(?:公安)?派出所|警务[室站]|司法所|卫生院|卫生室|财政所|国土所|自然资源所|综治(?:中心|办)"
    r"|(?:便民|党群|政务|社区|综合|社会){0,2}服务(?:中心|站|大厅)|(?:综合)?(?:执法|应急)(?:队|所|中心)|网格(?:化)?(?:服务|管理)?(?:中心|站)"
    r"|境内|范围"
)
_SEVERAL = re.compile(r"[/／、,，;；|｜+＋&＆]")
_LATIN = re.compile(r"[a-z' ]*[a-z]")
_LATIN_WORDS = {"county": "county", "city": "city", "township": "town", "village": "village"}


class DivisionCell(NamedTuple):
    """What a cell names.

    Attributes
    ----------
    ways
        The names to put before an address, the widest first, for each division that it may mean; none where the cell
        was not read.
    faults
        What differs from the registered name: wrong characters, an old name, another suffix.
    is_several
        Whether several divisions stand in the cell, none of which holds the others.

    Examples
    --------
    >>> DivisionCell((("大靖镇",),), (), is_several=False).ways
    (('大靖镇',),)
    """

    ways: tuple[tuple[str, ...], ...]
    faults: tuple[Fault, ...]
    is_several: bool


class _Read(NamedTuple):
    """The places that a cell may mean, the places that it names of each, and what is doubtful."""

    chains: tuple[tuple[int, ...], ...] = ()
    faults: tuple[Fault, ...] = ()
    is_several: bool = False

    @property
    def places(self) -> tuple[int, ...]:
        return tuple(chain[-1] for chain in self.chains)


class DivisionCells:
    """Reader of cells that name divisions, over one tree of places.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.places.address.stored_addresses import StoredAddresses
    >>> codes, names = ["620622", "620622104", "620622104001"], ["古浪县", "大靖镇", "三元社区居民委员会"]
    >>> tree = PlaceTree.of(pd.DataFrame({"code": codes, "name": names, "level": [3, 4, 5]}))
    >>> cells = DivisionCells(AddressReader(tree), LatinReader(tree, StoredAddresses(tree, [])))
    >>> [one.ways for one in cells.read([("township", "大 靖"), ("village", "三元")])]
    [(('大靖镇',),), (('三元社区',),)]
    >>> [cells.read([("township", text)])[0].ways for text in ("620622104", "dajing", "DJ镇", "大靖镇?")]
    [(('古浪县', '大靖镇'),), (('大靖镇',),), (), ()]
    """

    def __init__(self, reader: AddressReader, latin: LatinReader) -> None:
        self._reader, self._latin = reader, latin
        self._tree: PlaceTree = reader.tree
        self._former = FormerNames(reader)
        self._known: dict[tuple[str, str], _Read] = {}

    def read(self, cells: Sequence[tuple[str, str]]) -> list[DivisionCell]:
        """Return what the cells of one row name, each with the level of its column, those of the widest first.

        Of the divisions of one name those are meant that are in the divisions of the cells before.
        """
        out: list[DivisionCell] = []
        above: list[tuple[int, ...]] = []
        for level, text in cells:
            found = self._of(level, text)
            chains = [chain for chain in found.chains if self._is_inside(chain[-1], above)] or list(found.chains)
            ways = dict.fromkeys(tuple(self._written(place) for place in chain) for chain in chains)
            out.append(DivisionCell(tuple(ways)[:MAX_WAYS], found.faults, found.is_several))
            if chains:
                above.append(tuple(chain[-1] for chain in chains))
        return out

    def _is_inside(self, place: int, above: Sequence[tuple[int, ...]]) -> bool:
        return all(any(self._tree.holds(one, place) for one in places) for places in above)

    def _written(self, place: int) -> str:
        """Return a name as addresses write it: a village without its committee, which is at one point of it."""
        name = self._tree.names[place][0]
        parts = name_parts(name, LEVELS[self._tree.rank[place]]) if self._tree.rank[place] == VILLAGE_RANK else None
        return name if parts is None else parts.core + parts.suffix

    def _of(self, level: str, text: str) -> _Read:
        key = level, text
        if key not in self._known:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            self._known[key] = self._read(level, text)
        return self._known[key]

    def _read(self, level: str, text: str) -> _Read:
        code = code_text(text)
        if code.isdigit():
            place = self._tree.find(code)
            return _Read() if place is None else self._of_code(place)
        if len(text) > _MAX_CELL or fault_of_marks(text) is not None:
            return _Read()
        parts = [part for part in _SEVERAL.split(without_remarks(text)) if normal_form(part)]
        read = [self._of_name(level, part) for part in parts]
        if len(read) == 1:
            return self._with_former(text, read[0])
        return self._together(read) if all(one.chains for one in read) else _Read()

    def _with_former(self, text: str, read: _Read) -> _Read:
        """Return what a cell means with what the name of before in it has against that: 杏镇（原桃镇）."""
        if not read.places:
            return read
        codes = [self._tree.codes[place] for place in self._tree.chain(read.places[0])]
        told = self._former.told(text, codes)
        if any(is_doubt for _, is_doubt in told):
            return _Read(is_several=True)
        return read._replace(faults=(*read.faults, *(fault for fault, _ in told)))

    def _of_code(self, place: int) -> _Read:
        chain = [one for one in self._tree.chain(place) if self._tree.names[one]]
        return _Read((tuple(one for one in chain if self._tree.rank[one] >= _COUNTY) or (place,),))

    def _together(self, read: Sequence[_Read]) -> _Read:
        """Return what several names of a cell mean: the one that the others hold, 古浪县/大靖镇; else several."""
        for one in read:
            inside = [
                chain for chain in one.chains
                if all(any(self._tree.holds(wide, chain[-1]) for wide in other.places) for other in read)
            ]  # fmt: skip
            if inside:
                return _Read(tuple(inside), one.faults)
        return _Read(is_several=bool(read))

    def _of_name(self, level: str, text: str) -> _Read:
        form = normal_form(text)
        found = list(self._readings(form))
        own = [one for one in found if self._tree.rank[one.place] == RANKS[level]]
        if not own and (named := self._cores.get((RANKS[level], form))):
            return _Read(tuple((place,) for place in named))
        if not found:
            return self._of_latin(level, text)
        kept = own or found
        chains = dict.fromkeys(tuple(place for place, _ in one.hits) or (one.place,) for one in kept)
        return _Read(tuple(chains), name_faults(form, kept[0], self._tree))

    def _readings(self, form: str) -> Iterator[Reading]:
        """Yield the ways to read a text as the name of a division, or of an office of it, and nothing besides."""
        found = self._reader.read(form) or self._reader.read_misspelt(form)
        for one in found:
            is_sure = not (one.contradictions or one.strays or any(wrong.is_beside for wrong in one.misspelt))
            is_whole = not one.tail or _OFFICE.fullmatch(one.tail) is not None
            if is_sure and is_whole and 0 <= self._tree.rank[one.place] <= VILLAGE_RANK:
                yield one

    def _of_latin(self, level: str, text: str) -> _Read:
        """Return what a name in pinyin means, with or without a word for what it is: dajing, Dajing Town."""
        plain = plain_characters(text)[0].strip()
        if not _LATIN.fullmatch(plain):
            return _Read()
        for said in (plain, f"{plain} {_LATIN_WORDS.get(level, '')}"):
            readings = [
                one for way in self._latin.ways(said)[:MAX_WAYS] for one in self._readings(normal_form(way.form))
            ]
            own = [one for one in readings if self._tree.rank[one.place] == RANKS[level]] or readings
            if own:
                return _Read(tuple(dict.fromkeys((one.place,) for one in own)))
        return _Read()

    @cached_property
    def _cores(self) -> dict[tuple[int, str], list[int]]:
        """Places by their level and their names without suffix."""
        found: dict[tuple[int, str], list[int]] = {}
        for place, rank in enumerate(self._tree.rank.tolist()):
            if 0 <= rank <= VILLAGE_RANK:
                for core in _cores_of(self._tree.names[place], LEVELS[rank]):
                    found.setdefault((rank, core), []).append(place)
        return found


def _cores_of(names: Iterable[str], level: str) -> Iterator[str]:
    for parts in (name_parts(name, level) for name in islice(names, MAX_WAYS)):
        if parts is not None and parts.suffix:
            yield parts.core
