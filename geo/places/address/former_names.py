"""Hold the name of before that a text has in brackets against the places of today: 雁桥镇（原古湾镇）.

Such words are no part of the address. What they say is told all the same: a name that is registered for the place says
nothing more, one that nobody knows is told, and one that another place has today leaves it open which of two is meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from geo.places.address.address_faults import Fault
from geo.places.address.cited_words import shortened
from geo.places.address.division_names import RANKS
from geo.places.address.normalise import FORMER, NO_FORMER, normal_form
from geo.places.address.place_tree import ROOT
from geo.places.address.readings import AddressReader
from geo.sentences import sentence

_KIND = "[省市县旗镇乡村]|(?<![小校厂社园学])区|街道(?:办事处)?|公社|大队|社区|[村居]委会|居?委员会"
_NUMBER = "[0-9一二三四五六七八九十第]"
_ENDS = r"()（）\[\]【】〔〕{}｛｝"
_NAMED_BEFORE = re.compile(
    rf"[(（\[【〔{{｛]\s*(?:原名?(?!{NO_FORMER})|{FORMER}|老)\s*(?:[:：为是叫称]\s*)?"
    rf"(?P<words>(?P<name>[\u4e00-\u9fff]{{1,12}}(?:{_KIND}))(?:(?P<place>(?!{_NUMBER})[^{_ENDS}]{{1,24}})|{_NUMBER}[^{_ENDS}]{{0,24}})?)\s*(?:[)）\]】〕}}｝]|$)"
)
_MAY_BE_NAMED = re.compile("[原曾旧又别俗老]")
_LOCAL = (RANKS["township"], RANKS["village"])


class FormerNames:
    """Reader of the names of before that stand in brackets, over one tree of places.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.places.address.place_tree import PlaceTree
    >>> codes, names = ["990101", "990101001", "990101002"], ["青岚县", "雁桥镇", "古湾镇"]
    >>> tree = PlaceTree.of(pd.DataFrame({"code": codes, "name": names, "level": [3, 4, 4]}))
    >>> former = FormerNames(AddressReader(tree))
    >>> [(fault["code"], is_doubt) for text in ("雁桥镇（原古湾镇）", "雁桥镇（原白桥乡）", "雁桥镇（原粮站）",
    ...     "雁桥镇（原古湾镇粮站）", "雁桥镇（原老镇粮站）")
    ...     for fault, is_doubt in former.told(text, ["990101", "990101001"])]
    [('another_place', True), ('old_name', False), ('another_place', True)]
    """

    def __init__(self, reader: AddressReader) -> None:
        self._reader, self._tree = reader, reader.tree

    def told(self, text: str, chain: Sequence[str]) -> list[tuple[Fault, bool]]:
        """Return what the names of before in a text have against the place found, and whether that puts it in doubt.

        Parameters
        ----------
        chain
            The codes of the divisions and villages that hold the place found.
        """
        if _MAY_BE_NAMED.search(text) is None:
            return []
        return [one for found in _NAMED_BEFORE.finditer(text) if (one := self._of_name(found, chain)) is not None]

    def _of_name(self, found: re.Match[str], chain: Sequence[str]) -> tuple[Fault, bool] | None:
        name, form = found["name"], normal_form(found["words"])
        own = [place for code in chain if (place := self._tree.find(code)) is not None]
        places = self._places_named(form, own)
        if any(place in own for place in places):
            return None
        if places:
            return _fault_of_other_place(name, self._tree.names_outside(places[0], own[0] if own else ROOT)), True
        # Of a place that goes on behind the name, 原镇粮站, nobody says that it is a name of this one.
        return None if found["place"] else (_fault_of_unknown(name), False)

    def _places_named(self, form: str, own: Sequence[int]) -> list[int]:
        """Return the places that a text is the name of, of townships those in the county, of villages in the township.

        Elsewhere a place of the same name is another one that nobody means.
        """
        out: list[int] = []
        for reading in self._reader.read_as_written(form):
            if not reading.hits or reading.contradictions:
                continue
            place, hit = reading.hits[0]  # the widest: what it holds is named with it
            is_near = hit.rank not in _LOCAL or self._is_near(place, hit.rank, own)
            if not hit.start and hit.kind != "short" and is_near:
                out.append(reading.place)
        return out

    def _is_near(self, place: int, rank: int, own: Sequence[int]) -> bool:
        level = RANKS["county"] if rank == RANKS["township"] else RANKS["township"]
        holder = next((one for one in own if self._tree.rank[one] == level), ROOT)
        return holder == ROOT or self._tree.holds(holder, place)


def _fault_of_other_place(name: str, known: str) -> Fault:
    cited, of = shortened(name), shortened(known or name)
    text = sentence(
        f"写作旧名的“{cited}”是今天的另一个地方“{of}”",
        f"“{cited}”, written as a name of before, is another place today: {of}",
    )
    return {"code": "another_place", "text": text}


def _fault_of_unknown(name: str) -> Fault:
    cited = shortened(name)
    text = sentence(
        f"写作旧名的“{cited}”没有登记为这个地方的名称",
        f"“{cited}”, written as a name of before, is not registered for this place",
    )
    return {"code": "old_name", "text": text}
