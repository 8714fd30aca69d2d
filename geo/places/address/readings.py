"""Read an address text: the chain of places that it names, repaired where it is misspelt, and the tail behind it."""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import NamedTuple

from geo.places.address.chains import MARGIN, Chain, ChainReader
from geo.places.address.division_names import TOWNSHIP_RANK, VILLAGE_RANK, is_road_name
from geo.places.address.name_hits import Hit, mask_of, overlap, uncovered
from geo.places.address.names_above import NamesAbove
from geo.places.address.place_tree import ROOT, PlaceTree
from geo.places.address.repair import NUMBERED_GROUP, Allowance, Misspelling, Repairer, extended
from geo.places.address.similar_characters import character_cost, name_cost

#: A chain that explains less, in characters, is no chain: two characters of a road that are also a village.
MIN_SCORE = 0.6
#: The best chains are looked at for misspelt names: those that explain so many parts of the text, and all that are as
#: good as the best one.
_MAX_REPAIRED = 6
# What people write before an address: it says nothing of the place, whatever stands behind it.
_LEAD_WORDS = (
    r"中国|中华人民共和国"
    r"|(?:详细|家庭|通信|联系|现|户籍|经营|注册|收货)?(?:地址|住址|住所)(?:为|是|在)?"
    r"|[我他她]?家?(?:现|暂|居)?住(?:在|址)?|[我你他她]?们?家?在|居住在?|[坐位]落?[于在]|于|请?[送寄]?[到至]"
    r"|address|add|at|in|the|[,:：]|(?<![0-9])[0-9]{6}(?![0-9])"  # a postal code
)
# Who tells it, in reports and on parcels: only where nothing else stands before the address, for any other word may
# turn it round: 不在, 离开, 原来住在.
_TELLER_WORDS = (
    r"[有据某]|市民|群众|居民|村民|网友|业主|来电人?|户主|收件人?|寄件人?|来电|来信|反映|反应|举报|报告?|报修|投诉|咨询|称|说"
    r"|现|暂|是|为"
)
_LEAD = re.compile(f"(?:{_LEAD_WORDS})+")
# Some of these are made of others (现住址 of 现 and 住址), so many of them in a row could be split in as many ways as
# there are: so few are tried, and a longer heap is not understood.
_TELLER = re.compile(f"(?:{_LEAD_WORDS}|{_TELLER_WORDS}){{1,8}}")
#: Heads of addresses whose readings are kept, for those of the doors of one village are the same: only such as are
#: names of places and nothing else, so that no words of anybody's own are kept.
_MAX_HEADS = 20_000
# A text that ends in a door: what follows its first number has no names. 2 of 网格2 is a part of one.
_NUMBERED = re.compile(r"([^0-9]*[^0-9a-z](?<!网格))([0-9][0-9a-z组社队号栋幢座单元室弄巷楼层排附之,/(.\-]*)")
_BELOW_COUNTIES = (TOWNSHIP_RANK, VILLAGE_RANK)
# Cost of a character that looks like another one.
_LIKE = 0.3
_SUFFIXES_OF_TOWNSHIPS = ("街道", "镇", "乡")


class Piece(NamedTuple):
    """A part of the normal form: begin and end.

    Examples
    --------
    >>> Piece(3, 6).end - Piece(3, 6).start
    3
    """

    start: int
    end: int


class Reading(NamedTuple):
    """One way to read a text.

    Attributes
    ----------
    place
        The finest place named for sure; the root where no place is named.
    guess
        The same, or a village in it whose name begins the tail, as 新华 does 新华小区.
    score
        Characters explained, less what speaks against it.
    hits
        The places named and where, in the order of the hierarchy.
    misspelt
        Those of them that are written with wrong characters.
    contradictions
        Names of places outside the chain.
    pieces
        Where the tail is in the normal form.
    tail
        What is left of the normal form.
    strays
        Names of other places in the tail.

    Examples
    --------
    >>> Reading(0, 0, 0.0, (), (), (), (Piece(0, 2),), "东街").spans
    []
    """

    place: int
    guess: int
    score: float
    hits: tuple[tuple[int, Hit], ...]
    misspelt: tuple[Misspelling, ...]
    contradictions: tuple[Hit, ...]
    pieces: tuple[Piece, ...]
    tail: str
    strays: tuple[Hit, ...] = ()

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Begin and end of the names in the normal form, in the order of the text."""
        found = {(hit.start, hit.end) for _, hit in self.hits}
        if self.misspelt:
            found.update([(one.start, one.end) for one in self.misspelt])
        return sorted(found)


class AddressReader:
    """Reader of addresses over one tree of places.

    Examples
    --------
    >>> import pandas as pd
    >>> codes, names = ["990101", "990101001", "990101001201"], ["古浪县", "土门镇", "新胜村"]
    >>> tree = PlaceTree.of(pd.DataFrame({"code": codes, "name": names, "level": [3, 4, 5]}))
    >>> (reading,) = AddressReader(tree).read("古浪县新生村3组12号")
    >>> tree.names[reading.place][0], reading.tail, reading.misspelt[0].meant
    ('新胜村', '3组12号', '新胜')
    """

    def __init__(self, tree: PlaceTree) -> None:
        self.tree = tree
        self._chains = ChainReader(tree)
        self._repairer = Repairer(tree)
        self._above = NamesAbove(tree)
        self._heads: OrderedDict[tuple[str, str], list[Reading]] = OrderedDict()

    def first_number(self, form: str) -> int:
        """Return where the first number of a text begins that is in no name of a place; its length without one."""
        return self._chains.names.first_number(form)

    def read_numbered(self, form: str) -> list[Reading]:
        """Return `read` of a text from what was read of the same names, or of another door of the place."""
        numbered = _NUMBERED.fullmatch(form)
        if numbered is not None and self.first_number(form) > numbered.start(2):
            return self.read(form)  # 3 of 红旗3队, another name of a village
        head, rest = numbered.groups() if numbered is not None else (form, "")
        key = head, "" if not rest else "0组" if NUMBERED_GROUP.match(rest) else "0"
        found = self._heads.get(key)
        if found is None:
            found = self.read("".join(key))
            if found and all(not one.misspelt and one.tail == key[1] for one in found):
                self._heads[key] = found
                if len(self._heads) > _MAX_HEADS:
                    self._heads.popitem(last=False)
        return [_with_rest(reading, len(head), len(key[1]), rest) for reading in found] if rest else found

    def read_as_written(self, form: str) -> list[Reading]:
        """Return the ways to read a stored address in normal form, best first: no misspelt names are looked for."""
        chains = [chain for chain in self._chains.read(form) if chain.score >= MIN_SCORE]
        return [self._reading(form, *_without_part_of_a_name(form, chain)) for chain in chains]

    def read_in(self, form: str, place: int) -> Reading | None:
        """Return the one of these whose place holds one or is it, if that can be told without the other places."""
        chain = self._chains.read_of(form, place)
        if chain is None or chain.score < MIN_SCORE:
            return None
        return self._reading(form, *_without_part_of_a_name(form, chain))

    def read(self, form: str) -> list[Reading]:
        """Return the ways to read a text in normal form, best first; none where it names no place."""
        chains = [_with_misspelt_suffixes(form, chain) for chain in self._chains.read(form) if chain.score >= MIN_SCORE]
        if not chains:
            return []
        readings: list[Reading] = []
        allowance = Allowance()
        ways: set[int] = set()  # names that the chains explain, whatever places have them
        for k, chain in enumerate(chains):
            wide, guess = _without_part_of_a_name(form, chain)
            ways.add(chain.mask)
            is_good = len(ways) <= _MAX_REPAIRED or chain.score == chains[0].score
            for longer, inside in self._repaired(form, wide, allowance) if is_good else [(wide, ())]:
                above = self._repairer.above(form, longer) if k < _MAX_REPAIRED and longer.hits else []
                readings.append(self._reading(form, longer, guess if longer is wide else None, (*inside, *above)))
        readings.sort(key=lambda reading: (-reading.score, reading.place))
        enough = readings[0].score - MARGIN
        kept: list[Reading] = []
        for reading in readings:
            if reading.score < enough:
                break
            if not any(self.tree.holds(reading.guess, other.guess) for other in kept):
                kept.append(reading)
        return kept

    def read_misspelt(self, form: str) -> list[Reading]:
        """Return the ways to read a text that names no place as it is written, by a misspelt name, the nearest first.

        Examples
        --------
        >>> import pandas as pd
        >>> codes, names = ["990101", "990101001"], ["古浪县", "土门镇"]
        >>> reader = AddressReader(PlaceTree.of(pd.DataFrame({"code": codes, "name": names, "level": [3, 4]})))
        >>> reader.read("士门镇民主街"), [one.tail for one in reader.read_misspelt("士门镇民主街")]
        ([], ['民主街'])
        """
        repaired = self._repaired(form, Chain(ROOT, 0.0, ()), Allowance())[1:]
        finest = [
            one for k, one in enumerate(repaired) if not any(self._holds(one, other) for other in repaired[k + 1 :])
        ]
        found = [self._reading(form, chain, None, inside) for chain, inside in finest]
        return sorted(found, key=lambda reading: -reading.score)

    def _reading(self, form: str, chain: Chain, guess: int | None, misspelt: tuple[Misspelling, ...] = ()) -> Reading:
        """Return the reading of a chain, without the province and city before it that nothing here names."""
        found = _reading(form, chain, guess, misspelt)
        if self._above.are_known or not found.hits or not found.pieces:
            return found
        first, hit = min(found.hits, key=lambda one: one[1].start)
        start, end = found.pieces[0]
        if hit.start != end or not self._above.hold(form[start:end], first):
            return found
        return found._replace(pieces=found.pieces[1:], tail=found.tail[end - start :])

    def _holds(self, one: tuple[Chain, object], other: tuple[Chain, object]) -> bool:
        return one[0].place != other[0].place and self.tree.holds(one[0].place, other[0].place)

    def read_shortly(self, form: str) -> list[Reading]:
        """Return the ways to read a text with a township or village before a street, with another suffix or without.

        `read` takes 城关 of 城关人民路1号 for a part of the name of the road: only a stored door can say otherwise.
        """
        chains = [chain for chain in self._chains.read(form, with_words=True) if not chain.contradictions]
        readings = [self._reading(form, chain, None) for chain in chains if _ends_shortly(chain)]
        return [reading for reading in readings if [piece.start for piece in reading.pieces] == [reading.spans[-1][1]]]

    def _repaired(self, form: str, chain: Chain, allowance: Allowance) -> list[tuple[Chain, tuple[Misspelling, ...]]]:
        """Return the chain as it is, and with misspelt names of places inside it: of a township, then of a village."""
        found: list[tuple[Chain, tuple[Misspelling, ...]]] = [(chain, ())]
        for longer, inside in found:
            if len(found) > _MAX_REPAIRED or len(inside) > 1:
                break
            found.extend(
                (extended(longer, one, self.tree), (*inside, one))
                for one in self._repairer.inside(form, longer, allowance)
            )
        return found


def _ends_shortly(chain: Chain) -> bool:
    _, hit = chain.hits[-1]
    return hit.kind != "official" and hit.rank in _BELOW_COUNTIES


def _with_rest(reading: Reading, head: int, size: int, rest: str) -> Reading:
    """Return a reading of a head and a number of some size with another rest in its place."""
    pieces = reading.pieces
    last = Piece(pieces[-1].start if pieces and pieces[-1].end > head else head, head + len(rest))
    before = pieces[:-1] if pieces and pieces[-1].end > head else pieces
    return Reading(
        reading.place, reading.guess, reading.score, reading.hits, reading.misspelt, reading.contradictions,
        (*before, last), reading.tail[:-size] + rest, reading.strays,
    )  # fmt: skip


def _with_misspelt_suffixes(form: str, chain: Chain) -> Chain:
    """Return the chain with what is like the suffix of a township between its name and the next one: 花果衔道桃子村."""
    starts = {hit.start for _, hit in chain.hits}
    hits = tuple([(place, _with_misspelt_suffix(form, hit, starts)) for place, hit in chain.hits])
    more = sum(hit.weight for _, hit in hits) - sum(hit.weight for _, hit in chain.hits)
    return chain._replace(hits=hits, score=chain.score + more) if more else chain


def _with_misspelt_suffix(form: str, hit: Hit, starts: set[int]) -> Hit:
    if hit.kind == "short" and hit.rank == TOWNSHIP_RANK and hit.end not in starts:
        for suffix in _SUFFIXES_OF_TOWNSHIPS:
            end = hit.end + len(suffix)
            if end in starts and (cost := name_cost(form[hit.end : end], suffix)) <= _LIKE:
                return hit._replace(end=end, kind="alias", weight=hit.weight + len(suffix) - cost)
    return hit


def _without_part_of_a_name(form: str, chain: Chain) -> tuple[Chain, int | None]:
    """Return the chain without a last village that may be in another word, and that village: 新华 in 新华小区3栋."""
    place, hit = chain.hits[-1]
    if hit.kind != "short" or hit.rank < VILLAGE_RANK:
        return chain, None
    is_road = is_road_name(form[hit.start : hit.end])
    if not is_road and (hit.end == len(form) or form[hit.end].isdigit()):
        return chain, None
    after = hit.end + 1
    if not is_road and character_cost(form[hit.end], "村") <= _LIKE and (after == len(form) or form[after].isdigit()):
        hits = (*chain.hits[:-1], (place, hit._replace(end=after, kind="alias")))
        return chain._replace(hits=hits), None
    hits = chain.hits[:-1]
    wide = chain._replace(place=hits[-1][0] if hits else ROOT, score=chain.score - hit.weight, hits=hits)
    return wide, place


def _reading(form: str, chain: Chain, guess: int | None, misspelt: tuple[Misspelling, ...] = ()) -> Reading:
    excused = tuple(one for one in misspelt if not _is_known(one, chain))
    mask = chain.mask
    for one in excused:
        mask |= mask_of(one)
    pieces = _without_lead(form, _pieces(form, mask), mask)
    tail = "".join(form[piece.start : piece.end] for piece in pieces)
    named = {place for place, _ in chain.hits}
    score = chain.score + sum(one.end - one.start - 1.0 - one.cost for one in excused if one.place not in named)
    against = tuple(
        hit for hit in chain.contradictions
        if not any(_is_within(hit, one) for one in excused) and not _is_group_of_village(form, hit, chain)
    )  # fmt: skip
    place = chain.place if guess is None else guess
    return Reading(chain.place, place, score, chain.hits, excused, against, pieces, tail, chain.strays)


def _is_known(one: Misspelling, chain: Chain) -> bool:
    """Return whether what is read as misspelt is, as it stands, the name of a place elsewhere: 凤县 is not 洋县."""
    return any(overlap(hit, one) and hit.end - hit.start >= one.end - one.start for hit in chain.contradictions)


def _is_group_of_village(form: str, hit: Hit, chain: Chain) -> bool:
    """Return whether a name is a numbered group behind a village: 6队 is one, whatever village elsewhere is 六队."""
    is_group = NUMBERED_GROUP.fullmatch(form, hit.start, hit.end) is not None
    return is_group and any(one.rank >= VILLAGE_RANK and one.end == hit.start for _, one in chain.hits)


def _is_within(hit: Hit, one: Misspelling) -> bool:
    """Return whether a name stands inside a longer one that is misspelt: 凤县 in 扶凤县."""
    return one.start <= hit.start and hit.end <= one.end and hit.end - hit.start < one.end - one.start


def _without_lead(form: str, pieces: tuple[Piece, ...], mask: int) -> tuple[Piece, ...]:
    """Return the parts without a first one, before all names, that only says who tells it: 群众反映 before 宝鸡市."""
    if pieces and mask and pieces[0].start == 0 and mask >> pieces[0].end and _TELLER.fullmatch(form, 0, pieces[0].end):
        return pieces[1:]
    return pieces


def _pieces(form: str, mask: int) -> tuple[Piece, ...]:
    """Return the parts of a text that no name covers, without marks at their ends and the words that lead in."""
    found: list[Piece] = []
    for start, end in uncovered(mask, len(form)):
        first = start
        if not start and mask and (lead := _LEAD.match(form, start, end)):
            first = lead.end()
        while first < end and form[first] in ",/.(-":
            first += 1
        if first < end and not _is_doubled(form, first, end):
            found.append(Piece(first, end))
    return tuple(found)


def _is_doubled(form: str, start: int, end: int) -> bool:
    """Return whether a part is one character that stands beside itself: a slip of the hand."""
    return end - start == 1 and form[start].isalpha() and form[start] in (form[end : end + 1], form[:start][-1:])
