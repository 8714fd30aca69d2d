"""Texts that are made to take long: names heaped up, repeated, misspelt, in Latin letters, and what is no address."""

from __future__ import annotations

import random
from collections.abc import Mapping

from tests.benchmarks.named_divisions import Divisions, Place

#: Characters of a text that is all names; more of a text is not read.
_LENGTH = 300
_HEAPS = 6


def hostile_texts(divisions: Divisions, seed: int = 1) -> Mapping[str, str]:
    """Return texts by what they are: heaps of names of these divisions among them, the same for the same seed."""
    rng = random.Random(seed)
    villages, towns = list(divisions.of_level("village")), list(divisions.of_level("township"))
    counties = list(divisions.of_level("county"))
    common = _common(villages)
    found = {
        "ten thousand spaces": " " * 10_000,
        "marks of direction": "\u202e\u200f" * 1_500,
        "control characters": "".join(map(chr, range(32))) * 300,
        "sql": "土门镇新胜村'; DROP TABLE addresses; --" * 20,
        "digits": "1234567890" * 1_000,
        "numerals": "一二三四五六七八九十" * 300,
        "doors": "1号2栋3单元" * 400,
        "letters": "abcdefgh " * 1_000,
        "pinyin": "xinsheng cun xinhua cun tumen zhen " * 30,
        "English": "No. 12 Xinhua Village, Chengguan Town, " * 20,
    }
    for k in range(_HEAPS):
        found |= {
            f"villages {k}": _heap(rng, villages),
            f"townships {k}": _heap(rng, towns),
            f"counties {k}": _heap(rng, counties),
            f"all levels {k}": _heap(rng, [*rng.choices(villages, k=200), *rng.choices(towns, k=200), *counties]),
            f"common names {k}": _heap(rng, common),
            f"one common name {k}": rng.choice(common).name * 100,
            f"cores {k}": "".join(rng.choice(common).core for _ in range(100)),
            f"misspelt {k}": "".join(f"{_misspelt(rng, rng.choice(towns).name)}" for _ in range(80)),
            f"misspelt under a county {k}": _under(rng, divisions, counties),
            f"chains {k}": "".join("".join(one.name for one in divisions.ancestry(rng.choice(villages).code).values())
                                   for _ in range(20)),
        }  # fmt: skip
    return found


def _common(villages: list[Place]) -> list[Place]:
    """Return a village of each of the names that most villages have."""
    of_name: dict[str, list[Place]] = {}
    for one in villages:
        of_name.setdefault(one.core, []).append(one)
    ranked = sorted(of_name.values(), key=lambda same: (-len(same), same[0].code))
    return [same[0] for same in ranked[:100] if same[0].core]


def _heap(rng: random.Random, places: list[Place]) -> str:
    text = ""
    while len(text) < _LENGTH:
        text += rng.choice(places).name
    return text


def _misspelt(rng: random.Random, name: str) -> str:
    at = rng.randrange(len(name))
    return name[:at] + rng.choice("之乎者也猫狗") + name[at + 1 :]


def _under(rng: random.Random, divisions: Divisions, counties: list[Place]) -> str:
    """Return the misspelt names of townships of one county behind its name."""
    county = rng.choice(counties)
    towns = [divisions.places[code].name for code in divisions.children.get(county.code, ())] or [county.name]
    return county.name + "".join(_misspelt(rng, rng.choice(towns)) for _ in range(60))
