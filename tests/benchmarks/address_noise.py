"""Write addresses of real villages as people write them, each with the codes that a reader with the list finds.

A seed, a half and a class of noise give the same addresses whatever other classes are asked for. The halves share no
village: ``tune`` may be looked at, ``held_out`` is only measured.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tests.benchmarks.named_divisions import FIVE_AREAS, LENGTHS, LEVELS, Divisions, Place, half_of
from tests.benchmarks.noise_classes import MIXED, NOISE, Draft, DrawAgainError, first_draft, is_plain

Outcome = Literal["one", "near", "unclear", "several", "none"]
#: All classes; ``mixed`` is one of each group by chance.
CLASSES = (*NOISE, "mixed")


@dataclass(frozen=True)
class LabelledAddress:
    """An address and what a reader who knows every division would answer.

    Attributes
    ----------
    noise
        Names of the classes of noise in it; the first is the one it was made for.
    outcome
        ``one`` village fits; ``near`` one, but the place meant is beside something in it; ``unclear``: several are one
        slip away from what is written; ``several`` fit exactly, so that any choice is a guess; ``none`` does: what is
        written contradicts itself. The last two must not be matched.
    villages
        Codes of all villages that fit.
    meant
        Code of the village that it was made from; one of those that fit, unless ``none`` does.
    gold
        Level -> code of every level on which all villages that fit agree.
    written
        The levels that stand in the text.
    """

    text: str
    noise: tuple[str, ...]
    outcome: Outcome
    villages: tuple[str, ...]
    meant: str
    gold: Mapping[str, str]
    written: frozenset[str]


def labelled_addresses(
    divisions: Divisions,
    *,
    half: str,
    count: int,
    classes: Sequence[str] | None = None,
    seed: int = 1,
    areas: Sequence[str] = FIVE_AREAS,
) -> list[LabelledAddress]:
    """Return addresses of villages of one half, `count` of each class of noise, all classes by default.

    Parameters
    ----------
    divisions
        All that the matcher will know: with more of them fewer names are unique.
    half
        ``tune`` or ``held_out``.
    areas
        What the codes of the villages begin with; an empty text for any.
    """
    subjects = [
        place
        for place in divisions.of_level("village")
        if place.code.startswith(tuple(areas)) and half_of(place.code) == half and is_plain(place)
    ]
    found = []
    for name in classes or CLASSES:
        rng = random.Random(f"{seed} {half} {name}")
        made: list[LabelledAddress] = []
        for _ in range(count * 60):
            if len(made) == count:
                break
            item = _address(rng, rng.choice(subjects), name, divisions)
            if item is not None:
                made.append(item)
        found += made
    return found


def _address(rng: random.Random, village: Place, name: str, divisions: Divisions) -> LabelledAddress | None:
    applied = [name] if name != "mixed" else _some_of_each(rng)
    try:
        draft = first_draft(rng, village, divisions)
        for one in applied:
            NOISE[one](rng, draft, divisions)
    except DrawAgainError:
        return None
    codes = divisions.village_codes(draft.said)
    if draft.contradicts == bool(codes) or (codes and village.code not in codes):
        return None
    gold = {
        level: codes[0][:length]
        for level, length in zip(LEVELS, LENGTHS, strict=True)
        if codes and len({code[:length] for code in codes}) == 1
    }
    written = frozenset(level for level, _ in draft.parts)
    noise = (name,) if name != "mixed" else (name, *applied)
    return LabelledAddress(draft.text(), noise, _outcome(draft, codes), codes, village.code, gold, written)


def _outcome(draft: Draft, codes: Sequence[str]) -> Outcome:
    if not codes:
        return "none"
    if len(codes) > 1:
        return "several" if all(said.near == "same" for said in draft.said.values()) else "unclear"
    return "near" if draft.is_near else "one"


def _some_of_each(rng: random.Random) -> list[str]:
    return [rng.choice([*group]) for group, share in MIXED if rng.random() < share]
