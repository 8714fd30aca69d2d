"""Change one thing about an address in the making: levels, names, characters, how it is written, what follows it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from opencc import OpenCC

from tests.benchmarks import address_words as words
from tests.benchmarks import wrong_characters
from tests.benchmarks.named_divisions import FIVE_AREAS, LEVELS, Divisions, Place, Said, is_near

_WHOLE = LEVELS
_FROM_CITY = LEVELS[1:]
_FROM_COUNTY = LEVELS[2:]
_FROM_TOWNSHIP = LEVELS[3:]
#: Levels that are written where a class does not say which: the county is left out of one in five.
_USUAL = (_WHOLE, _FROM_CITY, _FROM_COUNTY, _FROM_COUNTY, _FROM_TOWNSHIP)
#: Names in the list that nobody writes.
_NO_NAMES = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")
_SIMPLIFIED_TO_TRADITIONAL = OpenCC("s2t")


class DrawAgainError(Exception):
    """This noise does not go with this village."""


@dataclass
class Draft:
    """An address in the making: what is written of each level in order, and what that says."""

    village: Place
    above: dict[str, Place]
    parts: list[tuple[str, str]]
    said: dict[str, Said]
    tail: str = ""
    is_near: bool = False
    contradicts: bool = False
    join: str = ""
    rewrites: list[Callable[[str], str]] = field(default_factory=list)

    def text(self) -> str:
        """Return the address as it stands."""
        whole = self.join.join(written for _, written in self.parts) + self.tail
        for rewrite in self.rewrites:
            whole = rewrite(whole)
        return whole

    def write(self, level: str, written: str, said: Said) -> None:
        """Write a level otherwise, which must be written."""
        if level not in self.said:
            raise DrawAgainError
        self.parts = [(one, written if one == level else text) for one, text in self.parts]
        self.said[level] = said


Noise = Callable[[random.Random, Draft, Divisions], None]


def first_draft(rng: random.Random, village: Place, divisions: Divisions) -> Draft:
    """Return the address of a village without noise, from a level that is usual."""
    above = divisions.ancestry(village.code)
    draft = Draft(village, above, [], {})
    _levels(draft, rng.choice(_USUAL))
    said = Said(village.core, kind=village.kind)
    draft.write("village", rng.choice((plain_name(village), plain_name(village), village.name)), said)
    return draft


def _levels(draft: Draft, levels: Sequence[str]) -> None:
    if any(level not in draft.above for level in levels):
        raise DrawAgainError
    levels = [level for level in levels if draft.above[level].name not in _NO_NAMES]
    draft.parts = [(level, draft.above[level].name) for level in levels]
    draft.said = {level: Said(draft.above[level].core, kind=draft.above[level].kind) for level in levels}
    if "village" in levels:
        draft.write("village", plain_name(draft.village), draft.said["village"])


def is_plain(place: Place) -> bool:
    """Return whether a village has a name that ends as names of villages do, and no remark in it."""
    return bool(place.kind) and len(place.core) >= 2 and all("一" <= one <= "龥" for one in place.name)


def plain_name(village: Place) -> str:
    """Return the name of a village as it is said.

    Examples
    --------
    >>> plain_name(Place("620622102207", "village", "新胜村村委会", "新胜", "村"))
    '新胜村'
    """
    return village.core if village.core.endswith(village.kind) else village.core + village.kind


# --- levels ---


def _full(_rng: random.Random, draft: Draft, _divisions: Divisions) -> None:
    _levels(draft, _WHOLE)
    draft.write("village", draft.village.name, Said(draft.village.core, kind=draft.village.kind))


def _only(choices: Sequence[Sequence[str]], rng: random.Random, draft: Draft, _divisions: Divisions) -> None:
    _levels(draft, rng.choice(choices))


def _township_only(rng: random.Random, draft: Draft, _divisions: Divisions) -> None:
    _levels(draft, rng.choice((_WHOLE[:4], _FROM_COUNTY[:2])))
    draft.tail = rng.choice(("", _road(rng), rng.choice(words.INSTITUTIONS)))


def _repeated(rng: random.Random, draft: Draft, _divisions: Divisions) -> None:
    _levels(draft, rng.choice((_WHOLE, _FROM_CITY, _FROM_COUNTY)))
    last = rng.randrange(1, len(draft.parts))
    draft.parts = draft.parts[:last] * rng.choice((2, 2, 3)) + draft.parts[last:]


def _swapped(rng: random.Random, draft: Draft, _divisions: Divisions) -> None:
    _levels(draft, rng.choice((_WHOLE, _FROM_CITY, _FROM_COUNTY)))
    if rng.random() < 0.5:
        draft.parts.reverse()
    else:
        at = rng.randrange(len(draft.parts) - 1)
        draft.parts[at], draft.parts[at + 1] = draft.parts[at + 1], draft.parts[at]


# --- names ---


def _short(rng: random.Random, draft: Draft, _divisions: Divisions) -> None:
    levels = [level for level, _ in draft.parts if draft.above[level].core != draft.above[level].name]
    if not levels:
        raise DrawAgainError
    for level in levels if rng.random() < 0.5 else [rng.choice(levels)]:
        draft.write(level, draft.above[level].core, Said(draft.above[level].core))


def _village_ending(rng: random.Random, draft: Draft, _divisions: Divisions) -> None:
    plain, core = plain_name(draft.village), draft.village.core
    if draft.village.kind == "村":
        names = [f"{plain}委会", f"{plain}民委员会", f"{plain}村委会"]
    else:
        names = [f"{core}社区居委会", f"{core}居委会", f"{core}居民委员会", f"{core}社区居民委员会"]
    draft.write("village", rng.choice(names), Said(core, kind=draft.village.kind))


def _street_ending(rng: random.Random, draft: Draft, _divisions: Divisions) -> None:
    town = draft.above["township"]
    if town.kind != "街道" or "township" not in draft.said:
        raise DrawAgainError
    draft.write("township", town.core + rng.choice(("街道办", "街道办事处", "街办")), draft.said["township"])


def _renamed(level: str, kinds: Sequence[str], rng: random.Random, draft: Draft, _divisions: Divisions) -> None:
    place = draft.above[level]
    if place.kind not in kinds or level not in draft.said:
        raise DrawAgainError
    kind = rng.choice([one for one in kinds if one != place.kind])
    draft.write(level, place.core + kind, Said(place.core, kind=kind))


def _old_name(_rng: random.Random, draft: Draft, divisions: Divisions) -> None:
    name = divisions.old_names.get(draft.village.code)
    if name is None:
        raise DrawAgainError
    draft.write("village", name, Said(name))


# --- characters ---

_Slip = Callable[[random.Random, str], "str | None"]


def _slip(
    levels: Sequence[str], near: str, slip: _Slip, rng: random.Random, draft: Draft, divisions: Divisions
) -> None:
    level = rng.choice(levels)
    if level not in draft.said or "township" not in draft.said:
        raise DrawAgainError
    place = draft.above[level]
    core = slip(rng, place.core)
    if core is None or core == place.core or not is_near(place.core, Said(core, near)):
        raise DrawAgainError
    # A slip that makes the name of another place beside it is no slip: the text says that other place.
    beside = divisions.children.get(place.code[: len(place.code) - (2 if level == "county" else 3)], ())
    if any(divisions.places[code].core in (core, core.removesuffix("村")) for code in beside):
        raise DrawAgainError
    named = plain_name(place) if level == "village" else place.name
    draft.write(level, core + named.removeprefix(place.core), Said(core, near, place.kind))


def _scanned(rng: random.Random, draft: Draft, _divisions: Divisions) -> None:
    """Misread a word of a kind or a number; cores stay, so that what fits stays."""
    at = rng.randrange(len(draft.parts))
    level, written = draft.parts[at]
    core = draft.above[level].core
    read = wrong_characters.scanned(rng, written.removeprefix(core))
    if read is None or not written.startswith(core):
        raise DrawAgainError
    draft.write(level, core + read, Said(core))


def _traditional(_rng: random.Random, draft: Draft, _divisions: Divisions) -> None:
    if _SIMPLIFIED_TO_TRADITIONAL.convert(draft.text()) == draft.text():
        raise DrawAgainError
    draft.rewrites.append(_SIMPLIFIED_TO_TRADITIONAL.convert)


# --- how it is written ---

_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}


def _full_width(rng: random.Random, draft: Draft, _divisions: Divisions) -> None:
    draft.tail = draft.tail or rng.choice((f"{rng.randint(1, 9)}组{rng.randint(1, 99)}号", f"#{rng.randint(1, 30)}-A"))
    draft.rewrites.append(lambda text: text.translate(_FULL_WIDTH))


def _marks(rng: random.Random, draft: Draft, _divisions: Divisions) -> None:
    draft.join = rng.choice((" ", "，", "-", "/", "、", "  ", ",", "·", "|", "\t"))


def _spaces(rng: random.Random, draft: Draft, _divisions: Divisions) -> None:
    def spread(text: str) -> str:
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice((" ", "\u3000", "\u200b", "  ")) + text[at:]
        return text

    draft.rewrites.append(spread)


def _remark(rng: random.Random, draft: Draft, _divisions: Divisions) -> None:
    at, remark = rng.randrange(1, len(draft.parts) + 1), rng.choice(words.REMARKS)
    level, written = draft.parts[at - 1]
    draft.parts[at - 1] = (level, written + remark)


# --- what follows ---

_NUMERALS = "一二三四五六七八九十"


def _road(rng: random.Random) -> str:
    return f"{rng.choice(words.ROADS)}{rng.randint(1, 199)}号"


def _group(rng: random.Random) -> str:
    number = rng.choice((rng.choice(_NUMERALS), str(rng.randint(1, 12))))
    door = rng.choice(("", f"{rng.randint(1, 199)}号", f"{rng.randint(1, 60)}-{rng.randint(1, 9)}号"))
    return f"{number}{rng.choice(('组', '社', '村民小组', '队'))}{door}"


def _building(rng: random.Random) -> str:
    return (
        f"{rng.randint(1, 40)}{rng.choice(('栋', '幢', '号楼', '座'))}{rng.randint(1, 6)}单元{rng.randint(1, 32)}"
        f"0{rng.randint(1, 4)}{rng.choice(('室', ''))}"
    )


def _of_another_place(rng: random.Random) -> str:
    return rng.choice(words.OTHER_PLACES) + rng.choice(words.SHOPS)


def _road_of_another_place(rng: random.Random) -> str:
    return f"{rng.choice(words.OTHER_PLACES)}{rng.choice(('路', '路', '东路', '街', '大道'))}{rng.randint(1, 199)}号"


def _tail(make: Callable[[random.Random], str], rng: random.Random, draft: Draft, _divisions: Divisions) -> None:
    draft.tail = make(rng)


def _nearby(rng: random.Random, draft: Draft, _divisions: Divisions) -> None:
    draft.tail = rng.choice(("", rng.choice(words.INSTITUTIONS), _group(rng))) + rng.choice(words.NEARBY)
    draft.is_near = True


def _sentence(rng: random.Random, draft: Draft, _divisions: Divisions) -> None:
    draft.rewrites.append(rng.choice(words.SENTENCES).format)


def _sentence_nearby(rng: random.Random, draft: Draft, _divisions: Divisions) -> None:
    sentence = rng.choice(words.SENTENCES_NEARBY)
    if "村口" in sentence and draft.parts[-1][1].endswith("村"):
        sentence = sentence.replace("村口", "口")
    draft.rewrites.append(sentence.format)
    draft.is_near = True


# --- contradictions ---


def _wrong_county(rng: random.Random, draft: Draft, divisions: Divisions) -> None:
    levels = rng.choice((_WHOLE, _FROM_CITY, _FROM_COUNTY))
    others = [code for code in divisions.places if len(code) == 6 and code.startswith(FIVE_AREAS)]
    other = divisions.ancestry(rng.choice(others))
    if other["county"].code == draft.above["county"].code:
        raise DrawAgainError
    draft.above = draft.above | other
    _levels(draft, levels)
    draft.contradicts = True


def _unknown_village(rng: random.Random, draft: Draft, divisions: Divisions) -> None:
    """Write a village of another county in this township, which has none of a name like it."""
    towns = [code for code in divisions.places if len(code) == 9 and code.startswith(FIVE_AREAS)]
    _foreign_village(rng, draft, divisions, rng.choice(towns))


def _wrong_township(rng: random.Random, draft: Draft, divisions: Divisions) -> None:
    """Write a village of another township of the county in this township, which has none of a name like it."""
    _foreign_village(rng, draft, divisions, rng.choice(divisions.children[draft.above["county"].code]))


def _foreign_village(rng: random.Random, draft: Draft, divisions: Divisions, town: str) -> None:
    _levels(draft, rng.choice((_WHOLE, _FROM_CITY, _FROM_COUNTY)))
    here = divisions.children[draft.above["township"].code]
    others = [divisions.places[code] for code in divisions.children.get(town, ())]
    others = [one for one in others if is_plain(one) and not any(_alike(divisions.places[n], one) for n in here)]
    if not others or town == draft.above["township"].code:
        raise DrawAgainError
    other = rng.choice(others)
    draft.write("village", plain_name(other), Said(other.core, kind=other.kind))
    draft.contradicts = True


def _alike(one: Place, other: Place) -> bool:
    """Return whether one name could be meant by the other: a slip away, the same sound, or one within the other."""
    within = one.core in other.core or other.core in one.core
    return within or is_near(one.core, Said(other.core, "slip")) or is_near(one.core, Said(other.core, "sound"))


_LEVELS: dict[str, Noise] = {
    "full": _full,
    "province_omitted": partial(_only, (_FROM_CITY,)),
    "province_city_omitted": partial(_only, (_FROM_COUNTY,)),
    "city_omitted": partial(_only, (("province", *_FROM_COUNTY),)),
    "county_omitted": partial(_only, (_FROM_TOWNSHIP, ("city", *_FROM_TOWNSHIP), ("province", *_FROM_TOWNSHIP))),
    "township_omitted": partial(
        _only, (("county", "village"), ("city", "county", "village"), (*_WHOLE[:3], "village"))
    ),
    "village_only": partial(_only, (("village",),)),
    "township_only": _township_only,
    "repeated": _repeated,
    "swapped": _swapped,
}
_NAMES: dict[str, Noise] = {
    "short_form": _short,
    "village_ending": _village_ending,
    "street_ending": _street_ending,
    "old_name": _old_name,
    "county_renamed": partial(_renamed, "county", ("县", "区", "市")),
    "township_renamed": partial(_renamed, "township", ("镇", "乡", "街道")),
}
SLIPS: dict[str, Noise] = {
    "homophone": partial(_slip, ("village",), "sound", wrong_characters.homophone),
    "homophone_above": partial(_slip, ("township", "county"), "sound", wrong_characters.homophone),
    "look_alike": partial(_slip, ("village",), "slip", wrong_characters.look_alike),
    "look_alike_above": partial(_slip, ("township", "county"), "slip", wrong_characters.look_alike),
    "any_character": partial(_slip, ("village",), "slip", wrong_characters.any_character),
    "doubled": partial(_slip, ("village",), "slip", wrong_characters.doubled),
    "dropped": partial(_slip, ("village",), "slip", wrong_characters.dropped),
    "transposed": partial(_slip, ("village",), "slip", wrong_characters.transposed),
    "scanned": _scanned,
}
_WRITING: dict[str, Noise] = {
    "traditional": _traditional,
    "full_width": _full_width,
    "spaces": _spaces,
    "marks": _marks,
    "remark": _remark,
    "sentence": _sentence,
    "sentence_nearby": _sentence_nearby,
}
_TAILS: dict[str, Noise] = {
    "tail_group": partial(_tail, _group),
    "tail_building": partial(_tail, _building),
    "tail_road": partial(_tail, _road),
    "tail_poi": partial(_tail, lambda rng: rng.choice(words.INSTITUTIONS)),
    "tail_poi_of_another_place": partial(_tail, _of_another_place),
    "tail_road_of_another_place": partial(_tail, _road_of_another_place),
    "tail_nearby": _nearby,
}
_CONTRADICTIONS: dict[str, Noise] = {
    "wrong_county": _wrong_county,
    "wrong_township": _wrong_township,
    "unknown_village": _unknown_village,
}
#: The groups of which several go together, and the share of mixed addresses that have one of each.
MIXED: tuple[tuple[Mapping[str, Noise], float], ...] = (
    (_LEVELS, 0.6), (_NAMES, 0.4), (SLIPS, 0.35), (_TAILS, 0.6), (_WRITING, 0.4),
)  # fmt: skip
#: Class of noise -> what it does to an address.
NOISE: Mapping[str, Noise] = {**_LEVELS, **_NAMES, **SLIPS, **_TAILS, **_WRITING, **_CONTRADICTIONS}
