"""Bring together all that one text says of where a place is, so that no part of it wins over another in silence.

A code, coordinates, a crossing or a kilometre mark say a place, and so may the words beside them. What agrees is a
match; where two disagree, where words are not understood, and where they say that the place is beside another, the
answer is partial and says why. 不在, 除…外 and 已撤销 are such words too: what they turn round is no match.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from geo.places.address import normalise
from geo.places.address.address_faults import Fault, fault_of_tail, fault_of_unread
from geo.places.address.match_faults import with_fault
from geo.sentences import sentence
from geo.types import Candidate, Match

#: Marks and words beside a place that say nothing of where it is.
FILLER = re.compile(r"[\s,，。.:：;；、!！'\"“”‘’（）()\[\]【】〔〕{}<>《》|_…·#*@=]|位于|地址|坐落|处")
# What stands before and behind a code or coordinates and says that there is the place; 不 of 不在 is not of them.
_BEFORE = re.compile(
    r"(?:位于|坐落[在于]?|地址|地点|位置|定位|坐标|经纬度|点位|所[属在]|属于|[在于是为的我]"
    r"|(?<![a-z])(?:my|at|in|is|the|of|grid|location|position|coordinates?|coords?|gps))[\s:：,，=]*$",
    re.I,
)
_BEHIND = re.compile(r"[\s,，]*(?:[处内里点的](?![\u4e00-\u9fff])|内(?!蒙|江|乡|丘|黄)|的?(?:位置|地方|地点))")
_LONGEST_WORD = 24
# How high a place is says nothing of where: 海拔1520米.
_HEIGHT = re.compile(
    r"(?:海拔|高程|标高)(?:高度)?[\s:：,，=为约]{0,3}-?[0-9]{1,5}(?:\.[0-9]{1,4})?\s?(?:米|m(?![a-z]))?", re.I
)
#: Faults that a matched answer may have: they take nothing from what is said.
_OF_MATCHES = frozenset(("alias", "old_name", "sound_or_shape", "misspelt", "unstored", "datum", "old_code"))
# Of where the place is they say nothing: how much is listed, and that no grid owns it, is told by the grids themselves.
_OF_GRIDS = frozenset(("more", "no_grid", "address_differs"))


def without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return a text with blanks for its parts and for the words beside them that say no place; its length stays.

    Examples
    --------
    >>> without("甲镇3号 坐标：102.98,37.45处", [(8, 20)]).split()
    ['甲镇3号']
    >>> without("不属于GL-012", [(3, 9)]).split()
    ['不']
    """
    out, at = "", 0
    for start, end in sorted(spans):
        low, high = max(at, _start_of_words(text, start)), max(at, end)
        while word := _BEHIND.match(text, high, high + _LONGEST_WORD):
            high = word.end()
        out, at = out + text[at:low] + " " * (high - max(at, low)), high
    return _HEIGHT.sub(lambda found: " " * len(found[0]), out + text[at:])


def _start_of_words(text: str, end: int) -> int:
    while word := _BEFORE.search(text[max(0, end - _LONGEST_WORD) : end]):
        end -= len(word[0])
    return end


def is_nothing(rest: str) -> bool:
    """Return whether words and marks beside a place say nothing.

    Examples
    --------
    >>> is_nothing(" （地址：）"), is_nothing("~"), is_nothing("不")
    (True, False, False)
    """
    return not FILLER.sub("", rest)


def together(
    found: Match,
    rest: str,
    named: Match | None,
    *,
    what: tuple[str, str] = ("文字里的地址", "the address in the text"),
) -> Match:
    """Return what one part of a text says, with what of the rest speaks against it or is not understood.

    Parameters
    ----------
    found
        What a code, coordinates or a road say.
    rest
        The text without it.
    named
        What the rest says; None where nothing was asked of it.
    what
        What the rest is, in Chinese and English.

    Examples
    --------
    >>> of = lambda code: Match("matched", "", None, None, (Candidate({"code": code}, ({"code": code},), "grid", 1.0,
    ...     "exact", None, None),), 1, "")
    >>> [together(of("g1"), "东街3号", of(code)).status for code in ("g1", "g2")]
    ['matched', 'partial']
    >>> together(of("g1"), "不在", None).candidates[0].faults[0]["code"]
    'unread'
    """
    if is_nothing(rest):
        return found
    for fault in _faults(found, rest, named, what):
        found = with_fault(found, fault)
    return found


def is_understood(named: Match) -> bool:
    """Return whether all words of a text say where it is: in one grid or in several, and nothing beside them.

    Examples
    --------
    >>> is_understood(Match("not_found", "不在", None, None, (), 1, ""))
    False
    """
    return named.status in ("matched", "ambiguous") and not doubts(named)


def doubts(named: Match) -> list[Fault]:
    """Return what is doubtful in the place that a text says, beside its grids.

    Examples
    --------
    >>> unread = {"code": "unread", "text": ""}
    >>> one = Candidate(None, (), "address", 1.0, "match", None, None, faults=({"code": "alias", "text": ""}, unread))
    >>> [fault["code"] for fault in doubts(Match("partial", "", None, None, (one,), 1, ""))]
    ['unread']
    """
    inside = {"unread"} if named.status == "matched" else set()
    return [one for one in named.candidates[0].faults if one["code"] not in _OF_MATCHES | _OF_GRIDS | inside]


def _faults(found: Match, rest: str, named: Match | None, what: tuple[str, str]) -> Sequence[Fault]:
    """Return what the rest of a text has against what its code, coordinates or roads say."""
    if named is None or not named.candidates:
        return [_unread(rest)]
    told = doubts(named)
    codes = {one["code"] for one in told}
    if "alike" in codes:
        return [_unread(rest)]
    return told if "nearby" in codes or agree(found, named) else [*told, _fault_of_other(named, what)]


def _unread(rest: str) -> Fault:
    """Return the fault of words that name nothing: beside the place, or not understood."""
    fault = fault_of_tail(normalise.normal_form(rest))
    return fault if fault["code"] == "nearby" else fault_of_unread(" ".join(rest.split()).strip(" ,，。:：;；、（）()"))


def agree(found: Match, named: Match) -> bool:
    """Return whether a grid that one part of a text says may be the one that another part says, as finely as it does.

    甲镇 agrees with each of its grids, listed or not; a door agrees with its own grid only.

    Examples
    --------
    >>> of = lambda code: Match("matched", "", None, None, (Candidate({"code": code}, ({"code": "甲镇"},), "grid", 1.0,
    ...     "exact", None, None),), 1, "")
    >>> agree(of("g1"), of("g1")), agree(of("g1"), of("g2"))
    (True, False)
    """
    # Of a road that leaves the grids only the part inside them is compared.
    others = [one for one in named.candidates if one.grid is not None] or named.candidates
    if any(_is_one_place(one, other) for one in found.candidates for other in others):
        return True
    if not any(fault["code"] == "more" for fault in named.candidates[0].faults):
        return False
    shared = _shared_code(named.candidates)
    return shared is None or any(shared in _codes(one) for one in found.candidates)


def _is_one_place(one: Candidate, other: Candidate) -> bool:
    """Return whether one is the other or a part of it: a microgrid of a grid, a grid of a village without any."""
    return _end(one) in _codes(other) or _end(other) in _codes(one)


def _end(found: Candidate) -> str:
    return str(found.grid["code"]) if found.grid else (_codes(found) or [""])[-1]


def _codes(found: Candidate) -> list[str]:
    codes = [str(step["code"]) for step in found.chain]
    return [*codes, str(found.grid["code"])] if found.grid else codes


def _shared_code(found: Sequence[Candidate]) -> str | None:
    """Return the finest division that all candidates are in."""
    steps = [links[0] for links in zip(*(_codes(one) for one in found), strict=False) if len(set(links)) == 1]
    return steps[-1] if steps else None


def _fault_of_other(named: Match, what: tuple[str, str]) -> Fault:
    grids = [str(one.grid["code"]) for one in named.candidates if one.grid is not None]
    zh, en = what
    if not grids:
        text = sentence(f"{zh}在别处，与此不一致", f"{en} is elsewhere")
    else:
        listed = ", ".join(grids)
        text = sentence(f"{zh}在网格 {listed}，与此不一致", f"{en} is elsewhere: in grid {listed}")
    return {"code": "address_differs", "text": text}
