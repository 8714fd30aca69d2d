"""Tell what a wrong character in a name costs: of the same sound little, of the same shape a little more."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import cast

#: Cost of a character read for another one: of a numeral written otherwise, of the same sound and shape, of the same
#: sound, of a sound that dialects and input methods do not tell apart, of the same shape.
SAME_NUMERAL, SOUND_AND_SHAPE, SAME_SOUND, NEAR_SOUND, SAME_SHAPE = 0.05, 0.1, 0.15, 0.2, 0.25
#: Cost of two characters beside each other in the other order.
TRANSPOSED = 0.6
_NUMERALS = {
    char: digit for digits in ("零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖") for digit, char in enumerate(digits)
}
# What many speakers do not tell apart, as input methods offer it: beginnings and ends of syllables.
_BEGINNINGS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"))
_ENDS = (("ang", "an"), ("eng", "en"), ("ing", "in"))
_FOLDER = Path(__file__).parent
#: Names that differ in more characters have nothing in common.
_LONGEST = 64


def character_cost(read: str, meant: str) -> float:
    """Return what it costs, from 0 to 1, to take one character for another: 0 where they are equal, 1 for no likeness.

    Sounds are readings without tone, all that are usual in names of places; likeness of shape is measured in the print
    font (`scripts/similar_characters.py`).

    Examples
    --------
    >>> [character_cost(read, meant) for read, meant in ("胜胜", "胜盛", "胜深", "土士", "胜浪")]
    [0.0, 0.15, 0.2, 0.25, 1.0]
    """
    return 0.0 if read == meant else _different_cost(read, meant)


def name_cost(read: str, meant: str) -> float:
    """Return the least cost of turning one short name into another.

    A character left out or put in costs 1, one in place of another its `character_cost`, two beside each other in the
    other order 0.6, each character moved once (optimal string alignment). Names that differ in more than 64 characters
    cost the length of the longer one.

    Examples
    --------
    >>> [name_cost(read, "新胜村") for read in ("新胜村", "新盛村", "胜新村", "新村")]
    [0.0, 0.15, 0.6, 1.0]
    """
    if read == meant:
        return 0.0
    # What both begin and end with is never better aligned with anything else.
    first, read_end, meant_end = 0, len(read), len(meant)
    while first < read_end and first < meant_end and read[first] == meant[first]:
        first += 1
    while read_end > first and meant_end > first and read[read_end - 1] == meant[meant_end - 1]:
        read_end -= 1
        meant_end -= 1
    if first in (read_end, meant_end):
        return float(read_end - first + meant_end - first)
    if read_end - first == 1 and meant_end - first == 1:
        return _different_cost(read[first], meant[first])
    if max(read_end, meant_end) - first > _LONGEST:
        return float(max(len(read), len(meant)))
    return _aligned_cost(read[first:read_end], meant[first:meant_end])


def sound_key(text: str) -> tuple[frozenset[str], ...]:
    """Return the syllables, without tone, that each character of a text may be read as; ü is v, a letter itself.

    Examples
    --------
    >>> [sorted(readings) for readings in sound_key("六安A")]
    [['liu', 'lu'], ['an'], ['a']]
    """
    return tuple(map(_sounds_of, text))


def syllables(text: str, most: int = 16) -> tuple[tuple[str, ...], ...]:
    """Return the ways to read a text, each as its syllables, the most usual first; at most so many.

    Examples
    --------
    >>> syllables("古浪"), syllables("六安")
    ((('gu', 'lang'),), (('liu', 'an'), ('lu', 'an')))
    """
    readings = [_readings_of(char) for char in text]
    # The last character that may be read in several ways varies first; bound what is varied, for long texts.
    free = 1
    for at in range(len(readings) - 1, -1, -1):
        readings[at] = readings[at][: max(1, most // free)]
        free *= len(readings[at])
    return tuple(list(product(*readings))[:most])


def prepare_characters() -> None:
    """Read the tables of sounds and shapes now; without it the first misspelt name waits for them.

    Examples
    --------
    >>> prepare_characters()
    >>> syllables("古浪")
    (('gu', 'lang'),)
    """
    _readings()
    _all_readings()
    _shapes()


def _aligned_cost(read: str, meant: str) -> float:
    """Return the cost by rows of the table of prefixes (Wagner and Fischer 1974, with transpositions)."""
    before: list[float] = []
    row = [float(n) for n in range(len(meant) + 1)]
    for i, char in enumerate(read):
        last, before = before, row
        left = float(i + 1)
        row = [left]
        for j, other in enumerate(meant):
            best = before[j] if char == other else before[j] + _different_cost(char, other)
            best = min(best, left + 1.0, before[j + 1] + 1.0)
            if i and j and char == meant[j - 1] and other == read[i - 1] and last[j - 1] + TRANSPOSED < best:
                best = last[j - 1] + TRANSPOSED
            row.append(best)
            left = best
    return row[-1]


@lru_cache(maxsize=65_536)
def _different_cost(read: str, meant: str) -> float:
    """Return the cost of two different characters."""
    one, other = _number_in(read), _number_in(meant)
    if one is not None and other is not None:
        return SAME_NUMERAL if one == other else 1.0  # another number is another place
    alike = meant in _shapes().get(read, "")
    if read.isascii() or meant.isascii():
        return 1.0
    if not _sounds_of(read).isdisjoint(_sounds_of(meant)):
        return SOUND_AND_SHAPE if alike else SAME_SOUND
    if not _near_sounds_of(read).isdisjoint(_near_sounds_of(meant)):
        return NEAR_SOUND
    return SAME_SHAPE if alike else 1.0


def _number_in(char: str) -> int | None:
    return int(char) if char in "0123456789" else _NUMERALS.get(char)


@lru_cache(maxsize=16_384)
def _sounds_of(char: str) -> frozenset[str]:
    return frozenset(_readings_of(char))


@lru_cache(maxsize=16_384)
def _near_sounds_of(char: str) -> frozenset[str]:
    return frozenset(map(_folded, _readings_of(char)))


def _folded(syllable: str) -> str:
    """Return a syllable with what many speakers do not tell apart as one."""
    for beginning, plain in _BEGINNINGS:
        if syllable.startswith(beginning):
            syllable = plain + syllable[len(beginning) :]
            break
    for end, plain in _ENDS:
        if syllable.endswith(end):
            return syllable[: -len(end)] + plain
    return syllable


def _readings_of(char: str) -> tuple[str, ...]:
    """Return the readings of a character, the most usual first; of any that has none, the character."""
    found = _readings().get(char)
    if found is None:
        found = _rare_readings(char) if "㐀" <= char <= "鿿" or char > "\uffff" else ()
    return found or (char.lower(),)


@lru_cache(maxsize=4096)
def _rare_readings(char: str) -> tuple[str, ...]:
    """Return the readings of a character that no name of a division holds."""
    plain = unicodedata.normalize("NFD", _all_readings().get(str(ord(char)), "").replace("ü", "v"))
    kept = "".join(letter for letter in plain if letter == "," or (letter.isascii() and letter.isalpha()))
    return tuple(dict.fromkeys(one for one in kept.split(",") if one))


@cache
def _all_readings() -> Mapping[str, str]:
    """Return the readings of every character by its number, from the table of pypinyin.

    To import the package reads its words too, which takes a third of a second: no address may wait so long.
    """
    found = find_spec("pypinyin")
    table = Path(str(found.origin)).with_name("pinyin_dict.json") if found else _FOLDER
    if table.is_file():
        return cast("Mapping[str, str]", json.loads(table.read_text(encoding="utf-8")))
    from pypinyin.constants import PINYIN_DICT  # noqa: PLC0415 - of a version that has no such table

    return {str(code): readings for code, readings in PINYIN_DICT.items()}


@cache
def _readings() -> Mapping[str, tuple[str, ...]]:
    usual: dict[str, tuple[str, ...]] = {}
    further: dict[str, tuple[str, ...]] = {}
    for line in _lines("sounds.txt"):
        syllable, characters = line.split(" ")
        table = further if syllable.endswith("+") else usual
        for char in characters:
            table[char] = (*table.get(char, ()), syllable.removesuffix("+"))
    return {char: usual[char] + further.get(char, ()) for char in usual}


@cache
def _shapes() -> Mapping[str, str]:
    table: dict[str, str] = {}
    for line in _lines("similar_shapes.txt"):
        one = line[0]
        table[one] = table.get(one, "") + line[1:]
        for other in line[1:]:
            table[other] = table.get(other, "") + one
    return table


def _lines(name: str) -> Iterator[str]:
    text = (_FOLDER / name).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if not line.startswith("#"))
