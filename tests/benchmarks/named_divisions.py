"""Read the real divisions, split each name into its core and its kind, and find villages by what a text says."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pypinyin import lazy_pinyin
from rapidfuzz.distance import OSA

LEVELS = ("province", "city", "county", "township", "village")
#: Length of a code of each level; a code begins with those of its ancestors.
LENGTHS = (2, 4, 6, 9, 12)
#: Counties of the five areas begin with these codes.
FIVE_AREAS = ("620622", "610723", "511902", "420302", "420303", "6103")
#: Where the divisions are, below the folder of real data.
AREAS_FILE = "divisions/divisions.csv"
NATION_FILE = "divisions/divisions_nation_2021.csv.gz"

# Endings of names by level, the longest first; what is before one is the core, never fewer than two characters.
_ENDINGS = {
    "province": r"(?:壮族|回族|维吾尔)?自治区|特别行政区|省|市",
    "city": r"(?:[一-龥]{1,3}族)*自治州|地区|林区|盟|市",
    "county": r"(?:[一-龥]{1,3}族)*自治[县旗]|特区|林区|市|县|区|旗",
    "township": r"街道办事处|街道|地区办事处|(?:[一-龥]{1,3}族)?乡|镇|苏木",
}
_VILLAGES = ("村民委员会", "村民委委会", "村委会", "村")
_COMMUNITIES = ("社区居民委员会", "社区居委会", "社区", "居民委员会", "居委会")
# What villages were called when they were brigades.
_OLD_WORDS = (
    "东风", "红旗", "跃进", "卫星", "东方红", "先锋", "向阳", "红星", "前进", "胜利", "火箭", "曙光", "灯塔", "永红",
    "反修", "工农", "立新", "红卫", "朝阳", "战斗", "五一", "八一", "新生", "团结", "前锋", "红光", "建设", "爱国",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One division: its code, level, official name, the core of the name, and what is said after the core.

    ``kind`` of a village is 村 or 社区; empty where the name has no known ending.
    """

    code: str
    level: str
    name: str
    core: str
    kind: str


@dataclass(frozen=True)
class Said:
    """What a text says of one level: a core, how near a name must come to it, and the kind if it is said.

    ``near`` is ``same``, ``sound`` (the same toneless readings) or ``slip`` (one edit or one transposition away).
    """

    core: str
    near: str = "same"
    kind: str = ""


class Divisions:
    """Divisions by code, and villages by what a text says of them.

    Examples
    --------
    >>> rows = [("62", "甘肃省", "1"), ("6206", "武威市", "2"), ("620622", "古浪县", "3"), ("620622102", "土门镇", "4")]
    >>> known = Divisions([*rows, ("620622102207", "新胜村村委会", "5"), ("620622102208", "大湾村村委会", "5")])
    >>> known.village_codes({"county": Said("古浪"), "village": Said("新胜", kind="村")})
    ('620622102207',)
    >>> known.village_codes({"township": Said("土门"), "village": Said("新生", near="sound")})
    ('620622102207',)
    """

    def __init__(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Index rows of code, name and level, the level as a number from 1 to 5."""
        self.places: dict[str, Place] = {}
        self.children: dict[str, list[str]] = defaultdict(list)
        self._by_core: dict[tuple[str, str], list[str]] = defaultdict(list)
        for code, name, number in rows:
            level = LEVELS[int(number) - 1]
            if code in self.places:
                continue
            core, kind = parted(name, level)
            self.places[code] = Place(code, level, name, core, kind)
            self._by_core[level, core].append(code)
            if level != "province":
                self.children[code[: LENGTHS[LEVELS.index(level) - 1]]].append(code)
        self.old_names = dict(self._old_names())
        for code, name in self.old_names.items():
            self._by_core["village", name].append(code)

    def ancestry(self, code: str) -> dict[str, Place]:
        """Return the place of each level from the province down to this one."""
        lengths = zip(LEVELS, LENGTHS, strict=True)
        found = {level: self.places.get(code[:length]) for level, length in lengths if length <= len(code)}
        return {level: place for level, place in found.items() if place}

    def of_level(self, level: str) -> list[Place]:
        """Return the places of a level, by code."""
        return sorted((place for place in self.places.values() if place.level == level), key=lambda one: one.code)

    def named(self, level: str, core: str) -> Sequence[str]:
        """Return the codes of the places of a level whose name has this core."""
        return self._by_core.get((level, core), ())

    def village_codes(self, said: Mapping[str, Said]) -> tuple[str, ...]:
        """Return the codes of the villages that fit everything said; of said kinds only, where any is of them.

        A village may be left out: then all of a township fit. The township or the village must be said with ``near`` =
        ``same``: a text wrong in both fits too much.
        """
        village = said.get("village", Said(""))
        if village.near == "same" and village.core:
            pool: Iterable[str] = self.named("village", village.core)
        else:
            pool = (code for town in self.named("township", said["township"].core) for code in self.children[town])
        fitting = [code for code in pool if self._fits(code, said)]
        for level in ("county", "township", "village"):
            kind = said.get(level, Said("")).kind
            of_kind = [code for code in fitting if kind and self.ancestry(code)[level].kind == kind]
            fitting = of_kind or fitting
        return tuple(sorted(fitting))

    def _fits(self, code: str, said: Mapping[str, Said]) -> bool:
        above, old = self.ancestry(code), self.old_names.get(code)
        return all(
            level in above and (is_near(above[level].core, one) or (level == "village" and one.core == old))
            for level, one in said.items()
            if one.core
        )

    def _old_names(self) -> Iterator[tuple[str, str]]:
        """Yield code and made old name of a third of the villages of the five areas; no two in a township share one."""
        for town in [code for code in self.children if len(code) == 9 and code.startswith(FIVE_AREAS)]:
            cores = {self.places[code].core for code in self.children[town]}
            free = [word for word in _OLD_WORDS if word not in cores]
            for code in self.children[town]:
                drawn = hashlib.blake2b(code.encode(), digest_size=2).digest()
                if drawn[0] % 3 == 0 and free:
                    yield code, free.pop(drawn[1] % len(free)) + "大队"


def read_divisions(folder: Path, *, nation: bool = False) -> Divisions:
    """Return the divisions of the five areas, with those of the whole nation around them if asked."""
    with (folder / AREAS_FILE).open(encoding="utf-8", newline="") as file:
        rows = [(row["code"], row["name"], row["level"]) for row in csv.DictReader(file)]
    if nation:
        with gzip.open(folder / NATION_FILE, "rb") as packed:
            table = csv.DictReader(io.TextIOWrapper(packed, encoding="utf-8", newline=""))
            rows += [(row["code"], row["name"], row["level"]) for row in table]
    return Divisions(rows)


def parted(name: str, level: str) -> tuple[str, str]:
    """Return the core of a name and its kind.

    Examples
    --------
    >>> parted("古浪县", "county"), parted("洋县", "county"), parted("古浪镇", "township")
    (('古浪', '县'), ('洋县', ''), ('古浪', '镇'))
    >>> [parted(name, "village") for name in ("程家崖村村民委员会", "宋村委会", "新街社区居委会", "金陵新村社区")]
    [('程家崖', '村'), ('宋村', '村'), ('新街', '社区'), ('金陵新村', '社区')]
    """
    if level != "village":
        found = re.search(rf"(?:{_ENDINGS[level]})$", name)
        return (name[: found.start()], found[0]) if found and found.start() >= 2 else (name, "")
    core, endings = name, (*_COMMUNITIES, *_VILLAGES)
    while (ending := next((one for one in endings if core.endswith(one)), "")) and len(core) - len(ending) >= 2:
        core = core.removesuffix(ending)
        endings = _COMMUNITIES if ending in _COMMUNITIES else endings  # a 村 before 社区 is of the name: 金陵新村社区
    core = re.sub("(?<=^.村)(?:民委员会|委会)$", "", core)  # 宋村委会 is the committee of 宋村
    return core, "社区" if name.endswith(_COMMUNITIES) else "村" if name.endswith(_VILLAGES) else ""


def is_near(name: str, said: Said) -> bool:
    """Return whether a core is what was said, or near enough to it.

    Examples
    --------
    >>> is_near("新胜", Said("新生", "sound")), is_near("新胜", Said("新生")), is_near("新胜", Said("胜新", "slip"))
    (True, False, True)
    """
    if name == said.core or said.near == "same":
        return name == said.core
    if said.near == "sound":
        return len(name) == len(said.core) and reading(name) == reading(said.core)
    return OSA.distance(name, said.core, score_cutoff=1) <= 1


@lru_cache(maxsize=200_000)
def reading(text: str) -> tuple[str, ...]:
    """Return the toneless reading of each character.

    Examples
    --------
    >>> reading("土门")
    ('tu', 'men')
    """
    return tuple(lazy_pinyin(text))


def half_of(code: str) -> str:
    """Return ``tune`` or ``held_out``, by a hash of the code: villages never change sides.

    Examples
    --------
    >>> {half_of(f"620622102{n}") for n in range(200, 220)} == {"tune", "held_out"}
    True
    """
    return ("tune", "held_out")[hashlib.blake2b(code.encode(), digest_size=1).digest()[0] & 1]
