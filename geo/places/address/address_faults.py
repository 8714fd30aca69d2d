"""Word what of an address was not understood, is not stored, or contradicts itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from geo.places.address import near_words
from geo.places.address.cited_words import HIDDEN, shortened, without_persons
from geo.places.address.division_names import LEVELS, name_parts, suffix_at
from geo.places.address.door_numbers import Door
from geo.places.address.name_hits import Hit
from geo.places.address.numeral_names import numeral_spellings
from geo.places.address.place_tree import PlaceTree
from geo.places.address.readings import Reading
from geo.places.address.repair import SURE_COST, Misspelling
from geo.places.address.tail_types import TailParts
from geo.sentences import sentence

Fault = Mapping[str, str]

ELSEWHERE: Fault = {
    "code": "grid_elsewhere",
    "text": sentence(
        "这个地址的点在所写的地方之外的网格里", "the point of this address is in a grid outside the place named"
    ),
}
PART_OF_A_NAME: Fault = {
    "code": "part_of_a_name",
    "text": sentence("只凭一个村名是别的名称的一部分", "only because a name begins with that of a village"),
}
NO_GRID: Fault = {
    "code": "no_grid",
    "text": sentence("这个地方不在任何网格内", "no grid owns this place"),
}
# A name that ends as those of divisions do, where no such division is known.
_OTHER_PLACE = re.compile(
    r"(?:[^小校厂社园]区|[村镇乡县]|街道|[村居]委会|委员会|社区|(?<![城夜菜超])市)(?:$|[^\W0-9]{0,8}(?:[村居]委会|社区|村)$)"
)
# A road that leads from a place to another one is in both, and beyond: 通往洪水沟公路, 村至洪水沟村公路.
_LEADS_AWAY = re.compile("通[往向]|[至到].{2,}[路道]$")
# The same behind a street, where 新村 is an estate.
_OTHER_VILLAGE = re.compile(r"(?:(?<!新)村|[村居]委会|委员会|社区)$")
PERSON: Fault = {
    "code": "unread",
    "text": sentence(
        "有像是人名或电话的字，没有读，也不引",
        "words like a person's name or telephone number were not read, and are not cited",
    ),
}
#: The seat of a division, which is at one point of it.
SEAT = re.compile(r"(?:政府|委会|委员会|办事处|街道办|街办)$")


def fault_of_unread(words: str) -> Fault:
    """Return the fault of words that were not understood.

    Examples
    --------
    >>> fault_of_unread("桥墩")["text"]
    '没有读懂“桥墩” / “桥墩” was not understood'
    >>> fault_of_unread("张三 13800000000")["text"].split(" / ")[0]
    '有像是人名或电话的字，没有读，也不引'
    """
    cited = shortened(without_persons(words))
    if words and not cited.strip(HIDDEN):
        return PERSON
    return {"code": "unread", "text": sentence(f"没有读懂“{cited}”", f"“{cited}” was not understood")}


# What strikes a text out, and what stands for a character that was lost or is in doubt; a × between two roads does not.
_STRUCK = re.compile(r"[✕✖✗✘❌❎]|~~|～～|^\s*×|×\s*$|[?？\ufffd□■]")
# What hides a digit of a number: 1*号 is any of 1号, 10号 to 19号 and more. A mark between a digit and the word that
# counts it separates nothing; before a number, and behind one without a word, only what is no separator hides.
_HIDING = "*＊●▲◆★"
_COUNTS = "号|#|＃|栋|幢|座|单元|楼|层|室|组|社|队|排|弄|巷|户|门"
_HIDDEN = re.compile(
    rf"(?<=[0-9０-９])\s?(?:[{_HIDING}○◯_＿…⋯·・~～—–‐－-]+|\.{{2,}})\s?(?={_COUNTS})"
    rf"|(?<=[0-9０-９])[{_HIDING}]+|[{_HIDING}](?=[0-9０-９])"
    # A small figure behind a digit is a note, or half a number.
    r"|(?<=[0-9０-９])[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u2089\u2150-\u215f]"
)
# A blank inside a number, of justified or scanned text: 1 3号 is 13号, or two doors; 国道312 5号 is neither.
_DIGIT = "[0-9０-９]"
_PARTED = re.compile(
    rf"(?<![0-9０-９a-zA-Z道线.,-]){_DIGIT}{{1,3}}\s+{_DIGIT}{{1,3}}\s*(?:[#＃组社]|号(?!楼))"
    rf"|[^\W0-9路街巷道弄号]\s*{_DIGIT}{{1,3}}\s+{_DIGIT}{{1,3}}\s*(?:号楼|[栋幢座])"
)


def fault_of_marks(text: str) -> Fault | None:
    """Return the fault of a text that is struck out, or of which a character is lost, hidden or in doubt; None without.

    Examples
    --------
    >>> [fault_of_marks(text) is not None for text in ("新胜村×", "~~新胜村~~", "新胜村?", "昌灵路×民主街")]
    [True, True, True, False]
    >>> [fault_of_marks(text) is not None for text in ("民主街1*号", "民主街1-3号", "**民主街1号**")]
    [True, False, False]
    >>> [fault_of_marks(text) is not None for text in ("民主街1³号", "民主街½号")]
    [True, False]
    """
    found = _STRUCK.search(text) or _HIDDEN.search(text)
    return None if found is None else fault_of_unread(found[0].strip())


def fault_of_blank(text: str) -> Fault | None:
    """Return the fault of a text with a blank inside a number, which may be one number or two; None without.

    Examples
    --------
    >>> texts = ("民主街1 3号", "小区1 3栋", "国道312 5号", "民主街12 3号楼", "民主街12 3栋")
    >>> [fault_of_blank(text) is not None for text in texts]
    [True, True, False, False, False]
    """
    found = _PARTED.search(text)
    return None if found is None else fault_of_unread(found[0].strip())


def fault_inside(words: str, door: str) -> Fault:
    """Return the fault of a part inside a stored door that is not stored itself, and does not change the grid.

    Examples
    --------
    >>> fault_inside("2单元", "东街3号")["text"].split(" / ")[0]
    '库里没有“2单元”，它在“东街3号”之内'
    """
    inside, cited = shortened(words), shortened(door)
    text = sentence(f"库里没有“{inside}”，它在“{cited}”之内", f"“{inside}” is not stored: it is inside “{cited}”")
    return {"code": "unread", "text": text}


def fault_of_tail(tail: str) -> Fault:
    """Return the fault of a text that goes on after what was read, by what follows it in normal form.

    Examples
    --------
    >>> fault_of_tail("对面")["code"], fault_of_tail("小卖部")["code"]
    ('nearby', 'unread')
    """
    nearby = near_words.place_nearby(tail)
    if nearby is None:
        return fault_of_unread(tail)
    text = sentence(f"所说的是这个地址旁近的地方（{nearby}）", f"the text means a place near this address ({nearby})")
    return {"code": "nearby", "text": text}


def fault_of_unstored(parts: TailParts, *, cited: Callable[[str], str] = str) -> tuple[Fault, bool]:
    """Return what a tail that is not stored lacks, and whether it was understood as a part of the place.

    Parameters
    ----------
    cited
        Returns words of the tail as they stand in the text, which may have names of places between them.

    Examples
    --------
    >>> from geo.places.address.tail_parts import read_tail
    >>> [(fault_of_unstored(read_tail(form))[0]["code"]) for form in ("昌灵路5号", "桥墩", "昌灵路对面", "红旗村")]
    ['unstored', 'unread', 'nearby', 'unknown_place']
    """
    if parts.near:
        return fault_of_tail(parts.form), False
    if parts.rest:
        return fault_of_unread(cited(parts.unread_text)), False
    if _OTHER_PLACE.search(parts.name + parts.street):
        return fault_of_unknown(cited(parts.name or parts.street)), False
    if parts.street and _OTHER_VILLAGE.search(parts.name):  # 王庄村 of 长安街王庄村
        return fault_of_unknown(cited(parts.name)), False
    if _LEADS_AWAY.search(parts.street):
        return fault_of_unread(cited(parts.street)), False
    return fault_of_missing(parts.form), True


def fault_of_missing(asked: str, instead: str = "") -> Fault:
    """Return the fault of a door or name that is not stored, answered by what it is in.

    Examples
    --------
    >>> fault_of_missing("惠民小区2号楼", "惠民小区")["text"].split(" / ")[0]
    '库里没有“惠民小区2号楼”，按“惠民小区”回答'
    """
    cited = shortened(asked)
    zh = f"按“{shortened(instead)}”回答" if instead else "按所在的地方回答"
    en = f"answered by “{shortened(instead)}”" if instead else "answered by the place it is in"
    return {"code": "unstored", "text": sentence(f"库里没有“{cited}”，{zh}", f"“{cited}” is not stored: {en}")}


def fault_of_neighbours(asked: str, wanted: int, doors: Sequence[tuple[str, Door]], *, part: str) -> Fault:
    """Return the fault of a door that is not stored, answered by the nearest one: which it is, and on which side.

    Parameters
    ----------
    asked
        The door, as it is asked for.
    wanted
        Its number.
    doors
        Text and door of its neighbours, the nearest first.
    part
        ``number`` of a door, which is on a side of its street, or ``building``.

    Examples
    --------
    >>> found = fault_of_neighbours("东街5号", 5, [("东街3号", Door(0, 3, 2, 0))], part="number")
    >>> found["text"].split(" / ")[0]
    '库里没有“东街5号”，同侧小号一边最近的是“东街3号”'
    """
    if not doors[0][1].away:
        numbers = {door.number: text for text, door in reversed(doors)}  # of each number the first
        return fault_of_missing(asked, "、".join(numbers[number] for number in sorted(numbers)))
    each = dict(doors)
    sides = [("小号", "lower") if door.number < wanted else ("大号", "higher") for door in each.values()]
    texts = [shortened(text) for text in each]
    zh = "，".join(f"{one[0]}一边最近的是“{text}”" for one, text in zip(sides, texts, strict=True))
    en = " and ".join(f"“{text}” ({one[1]} numbers)" for one, text in zip(sides, texts, strict=True))
    zh_where, en_where = ("对侧", " across") if doors[0][1].is_across else ("同侧", " on its side")
    if part == "building":
        zh_where = en_where = ""
    text = sentence(
        f"库里没有“{shortened(asked)}”，{zh_where}{zh}",
        f"“{shortened(asked)}” is not stored: nearest{en_where} {en}",
    )
    return {"code": "unstored", "text": text}


def fault_of_alike(stored: str) -> Fault:
    """Return the fault of a text that is answered by the stored one that is most like it.

    Examples
    --------
    >>> fault_of_alike("东街5号")["text"].split(" / ")[0]
    '没有完全一样的，按字面最接近的“东街5号”回答'
    """
    cited = shortened(stored)
    text = sentence(
        f"没有完全一样的，按字面最接近的“{cited}”回答",
        f"not stored as written: answered by the most similar text, “{cited}”",
    )
    return {"code": "alike", "text": text}


def fault_of_more(count: int) -> Fault:
    """Return the fault of an answer that has more grids than it lists.

    Examples
    --------
    >>> fault_of_more(1)["text"]
    '另有 1 个网格没有列出 / 1 more grid is not listed'
    """
    grids = "grid is" if count == 1 else "grids are"
    text = sentence(f"另有 {count} 个网格没有列出", f"{count} more {grids} not listed")
    return {"code": "more", "text": text}


def once(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Return faults in their order, what is said twice once.

    Examples
    --------
    >>> len(once([NO_GRID, NO_GRID]))
    1
    """
    return tuple({(one["code"], one["text"]): one for one in faults}.values())


def fault_of_unknown(name: str) -> Fault:
    """Return the fault of a place that the place before it does not have.

    Examples
    --------
    >>> fault_of_unknown("红旗村")["code"]
    'unknown_place'
    """
    text = sentence(f"所写的地方里没有“{name}”", f"no “{name}” is known in the place named before it")
    return {"code": "unknown_place", "text": text}


def fault_of_stray(name: str) -> Fault:
    """Return the fault of another place that is named behind the one that is meant.

    Examples
    --------
    >>> fault_of_stray("西沟村")["code"]
    'another_place'
    """
    text = sentence(f"后面还写了另一个地方“{name}”", f"another place, “{name}”, is named behind it")
    return {"code": "another_place", "text": text}


def fault_of_elsewhere(stored: str, place: str) -> Fault:
    """Return the fault of a door or name that is stored, but in another place than the text says.

    Examples
    --------
    >>> fault_of_elsewhere("东街5号", "双桥乡")["text"].split(" / ")[0]
    '“东街5号”存在于双桥乡，不在所写的地方'
    """
    cited = shortened(stored)
    zh, en = f"“{cited}”存在于{place or '别处'}，不在所写的地方", f"“{cited}” is stored in {place or 'another place'}"
    return {"code": "another_place", "text": sentence(zh, f"{en}, not in the place named")}


def fault_of_longer(stored: str) -> Fault:
    """Return the fault of a text where every stored address that begins with it is of another place.

    Examples
    --------
    >>> fault_of_longer("东街3号对面")["text"]
    '只有更长的地址：东街3号对面 / only a longer address is known: 东街3号对面'
    """
    text = sentence(f"只有更长的地址：{stored}", f"only a longer address is known: {stored}")
    return {"code": "longer", "text": text}


def name_faults(form: str, reading: Reading, tree: PlaceTree) -> tuple[Fault, ...]:
    """Return what is wrong with the names of places: misspelt, with another suffix, or outside each other.

    Examples
    --------
    >>> from geo.places.address.readings import Piece
    >>> name_faults("东街", Reading(0, 0, 0.0, (), (), (), (Piece(0, 2),), "东街"), PlaceTree.of())
    ()
    """
    is_plain = not (reading.misspelt or reading.contradictions)
    if is_plain and all(hit.kind == "official" for _, hit in reading.hits):
        return (*_faults_of_doubled(form, reading),)
    return once(
        [
            *(_fault_of_misspelt(one) for one in reading.misspelt),
            *_faults_of_other_names(form, reading, tree),
            *(_fault_of_contradiction(hit, tree) for hit in reading.contradictions),
            *_faults_of_doubled(form, reading),
        ]
    )


def _faults_of_doubled(form: str, reading: Reading) -> Iterator[Fault]:
    """Yield the characters beside names that stand twice, which belong to no part: 新新胜村."""
    named = reading.spans
    for end, start in [(0, 0), *named]:
        at = start  # behind the last name, before the next
        if any(first <= at < last for first, last in named) or any(one.start <= at < one.end for one in reading.pieces):
            continue
        if form[at : at + 1].isalpha() and form[at] in (form[at + 1 : at + 2], form[:at][-1:]) and end <= at:
            text = sentence(f"多写了一个“{form[at]}”", f"“{form[at]}” is written once too often")
            yield {"code": "misspelt", "text": text}


def office_named(form: str, reading: Reading, tree: PlaceTree) -> str:
    """Return the seat of the finest place where the text names that, which is at one point of it; empty otherwise.

    A name that is registered so is that of the place.

    Examples
    --------
    >>> from geo.places.address.readings import Piece
    >>> office_named("东街", Reading(0, 0, 0.0, (), (), (), (Piece(0, 2),), "东街"), PlaceTree.of())
    ''
    """
    if not reading.hits:
        return ""
    place, hit = reading.hits[-1]
    written = form[hit.start : hit.end]
    return written if SEAT.search(written) and written not in tree.names[place] else ""


def _faults_of_other_names(form: str, reading: Reading, tree: PlaceTree) -> Iterator[Fault]:
    """Yield what differs from the registered names: the suffix, or all of an old or another name."""
    misspelt = {one.start for one in reading.misspelt}
    for place, hit in reading.hits:
        if hit.kind == "official" or hit.start in misspelt:
            continue
        name, written = tree.names[place][0], form[hit.start : hit.end]
        is_registered = written in tree.names[place][1:]  # 白桥公社 is an old name of 白桥镇, and no other suffix of it
        if not name.startswith(written) and (is_registered or not _has_core(written, name, hit.rank)):
            yield _fault_of_old_name(name)
        elif hit.kind == "alias" and (meant := _meant_by_suffix(written, name, LEVELS[hit.rank])):
            yield _fault_of_misspelt(Misspelling(place, hit.start, hit.end, SURE_COST, meant))
        elif hit.kind == "alias":
            yield _fault_of_alias(name)


def _fault_of_misspelt(one: Misspelling) -> Fault:
    if one.is_beside:
        text = sentence(f"可能是“{one.meant}”旁边的另一个地方", f"maybe another place, beside “{one.meant}”")
        return {"code": "unknown_place", "text": text}
    code = "sound_or_shape" if one.cost <= SURE_COST else "misspelt"
    return {"code": code, "text": sentence(f"可能写错了字，应为“{one.meant}”", f"probably misspelt for “{one.meant}”")}


def _fault_of_alias(name: str) -> Fault:
    return {"code": "alias", "text": sentence(f"通名与登记的“{name}”不同", f"registered with another suffix: “{name}”")}


def _has_core(written: str, name: str, rank: int) -> bool:
    """Return whether the registered name is written, whatever it ends in."""
    parts = name_parts(name, LEVELS[rank])
    return parts is None or any(core in written for core in (parts.core, *numeral_spellings(parts.core)))


def _meant_by_suffix(written: str, name: str, level: str) -> str:
    """Return what a core with a wrong character for its suffix stands for: 土门村 for 土门衬; empty for any other."""
    parts = name_parts(name, level)
    if parts is None or not parts.suffix or not written.startswith(parts.core) or written == parts.core:
        return ""
    return "" if suffix_at(written, len(parts.core), level) else parts.core + parts.suffix


def _fault_of_old_name(name: str) -> Fault:
    text = sentence(f"写的是旧名或别名，登记的是“{name}”", f"an old or another name, registered as “{name}”")
    return {"code": "old_name", "text": text}


def _fault_of_contradiction(hit: Hit, tree: PlaceTree) -> Fault:
    name = tree.names[hit.places[0]][0]
    level = LEVELS[hit.rank]
    text = sentence(f"“{name}”不在所写的上级之内", f"“{name}” ({level}) is not in what the text names above it")
    return {"code": "contradiction", "text": text}
