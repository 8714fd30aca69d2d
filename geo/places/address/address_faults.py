"""Word what of an address was not understood, is not stored, or contradicts itself."""

from __future__ import annotations

import re
from collections.abc import Mapping

from geo.places.address import near_words
from geo.places.address.division_names import LEVELS
from geo.places.address.name_hits import Hit
from geo.places.address.place_tree import PlaceTree
from geo.places.address.readings import Reading
from geo.places.address.repair import SURE_COST, Misspelling
from geo.places.address.tail_types import TailParts
from geo.sentences import sentence

Fault = Mapping[str, str]

UNREAD: Fault = {"code": "unread", "text": sentence("地址有一部分没有读懂", "a part of the address was not understood")}
UNSTORED: Fault = {
    "code": "unstored",
    "text": sentence("库里没有这个门牌或名称，按所在的地方回答", "not stored: answered by the place it is in"),
}
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
# A name that ends as those of divisions do, where no such division is known.
_OTHER_PLACE = re.compile(
    r"(?:[^小校厂社园]区|[村镇乡县]|街道|[村居]委会|委员会|社区|(?<![城夜菜超])市)(?:$|[^\W0-9]{0,8}(?:[村居]委会|社区|村)$)"
)


def fault_of_tail(tail: str) -> Fault:
    """Return the fault of a text that goes on after what was read, by what follows it in normal form.

    Examples
    --------
    >>> fault_of_tail("对面")["code"], fault_of_tail("小卖部")["code"]
    ('nearby', 'unread')
    """
    nearby = near_words.place_nearby(tail)
    if nearby is None:
        return UNREAD
    text = sentence(f"所说的是这个地址旁近的地方（{nearby}）", f"the text means a place near this address ({nearby})")
    return {"code": "nearby", "text": text}


def fault_of_unstored(parts: TailParts) -> tuple[Fault, bool]:
    """Return what a tail that is not stored lacks, and whether it was understood as a part of the place.

    Examples
    --------
    >>> from geo.places.address.tail_parts import read_tail
    >>> [(fault_of_unstored(read_tail(form))[0]["code"]) for form in ("昌灵路5号", "桥墩", "昌灵路对面", "红旗村")]
    ['unstored', 'unread', 'nearby', 'unknown_place']
    """
    if parts.near:
        return fault_of_tail(parts.form), False
    if parts.rest:
        return UNREAD, False
    if _OTHER_PLACE.search(parts.name + parts.street):
        return fault_of_unknown(parts.name), False
    return UNSTORED, True


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


def fault_of_longer(stored: str) -> Fault:
    """Return the fault of a text where every stored address that begins with it is of another place.

    Examples
    --------
    >>> fault_of_longer("东街3号对面")["text"]
    '只有更长的地址：东街3号对面 / only a longer address is known: 东街3号对面'
    """
    text = sentence(f"只有更长的地址：{stored}", f"only a longer address is known: {stored}")
    return {"code": "longer", "text": text}


def name_faults(reading: Reading, tree: PlaceTree) -> tuple[Fault, ...]:
    """Return what is wrong with the names of places: misspelt, with another suffix, or outside each other.

    Examples
    --------
    >>> from geo.places.address.readings import Piece
    >>> name_faults(Reading(0, 0, 0.0, (), (), (), (Piece(0, 2),), "东街"), PlaceTree.of())
    ()
    """
    return (
        *(_fault_of_misspelt(one) for one in reading.misspelt),
        *(_fault_of_alias(tree.names[place][0]) for place, hit in reading.hits if _is_alias(hit, reading)),
        *(_fault_of_contradiction(hit, tree) for hit in reading.contradictions),
    )


def _is_alias(hit: Hit, reading: Reading) -> bool:
    return hit.kind == "alias" and all(one.start != hit.start for one in reading.misspelt)


def _fault_of_misspelt(one: Misspelling) -> Fault:
    code = "sound_or_shape" if one.cost <= SURE_COST else "misspelt"
    return {"code": code, "text": sentence(f"可能写错了字，应为“{one.meant}”", f"probably misspelt for “{one.meant}”")}


def _fault_of_alias(name: str) -> Fault:
    return {"code": "alias", "text": sentence(f"通名与登记的“{name}”不同", f"registered with another suffix: “{name}”")}


def _fault_of_contradiction(hit: Hit, tree: PlaceTree) -> Fault:
    name = tree.names[hit.places[0]][0]
    level = LEVELS[hit.rank]
    text = sentence(f"“{name}”不在所写的上级之内", f"“{name}” ({level}) is not in what the text names above it")
    return {"code": "contradiction", "text": text}
