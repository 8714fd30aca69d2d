"""Find the names that begin as somebody types them: in characters, in pinyin, in initials, or in all of these mixed."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from geo.places.address.similar_characters import sound_key, syllables

#: What a name was found by, the closest likeness first.
PREFIX, ALIAS, PINYIN, INITIALS = range(4)
# Sorts after every character of a name.
_LAST = "\U0010ffff"
_LATIN = re.compile(r"[a-z]+")
_HAN = re.compile(r"[㐀-鿿\U00020000-\U0003ffff]")
#: Readings of a name that are indexed, and steps of a walk through mixed spellings: a few milliseconds at most.
_READINGS, _STEPS = 4, 1_500
_TWO_LETTERS = ("zh", "ch", "sh")
# Without these no letters are a syllable or its beginning: they are initials, and found as such.
_OF_SYLLABLES = re.compile(r"[aeiouv]|[zcs]h")


class SortedKeys:
    """Keys in order, each with the number of what it names.

    Examples
    --------
    >>> keys = SortedKeys([("古浪县", 0), ("土门镇", 1), ("古丰镇", 2)])
    >>> keys.beginning_with("古").tolist(), keys.equal_to("土门镇").tolist(), keys.beginning_with("门").tolist()
    ([2, 0], [1], [])
    """

    def __init__(self, pairs: Iterable[tuple[str, int]]) -> None:
        rows = sorted(set(pairs))
        self.keys = [key for key, _ in rows]
        self.numbers = np.fromiter((number for _, number in rows), np.int32, len(rows))

    def __len__(self) -> int:
        return len(self.keys)

    def range_of(self, text: str, low: int = 0, high: int | None = None) -> tuple[int, int]:
        """Return first and last position, the last excluded, of the keys that begin with a text."""
        end = len(self.keys) if high is None else high
        first = bisect_left(self.keys, text, low, end)
        return first, bisect_left(self.keys, text + _LAST, first, end)

    def beginning_with(self, text: str) -> np.ndarray:
        """Return the numbers of the keys that begin with a text."""
        first, last = self.range_of(text)
        return self.numbers[first:last]

    def equal_to(self, text: str) -> np.ndarray:
        """Return the numbers of the keys that are a text."""
        first = bisect_left(self.keys, text)
        return self.numbers[first : bisect_right(self.keys, text, first)]


class NameKeys:
    """Names of numbered things, sorted by character, pinyin and initials; read only after construction.

    Names are normal forms. A name in several readings is found by each of them.

    Examples
    --------
    >>> keys = NameKeys([("古浪县", 0), ("土门镇", 1)], aliases=[("老县城", 0)])
    >>> [(found, numbers.tolist()) for found, numbers in keys.find("gl")]
    [(3, [0])]
    >>> [(found, numbers.tolist()) for found, numbers in keys.find("老")]
    [(1, [0])]
    >>> [(found, numbers.tolist()) for found, numbers in keys.find_mixed("tu门z")]
    [(3, [1])]
    """

    def __init__(self, names: Iterable[tuple[str, int]], *, aliases: Iterable[tuple[str, int]] = ()) -> None:
        self._names = SortedKeys(names)
        self._aliases = SortedKeys(aliases)
        full: list[tuple[str, int]] = []
        short: list[tuple[str, int]] = []
        for keys in (self._names, self._aliases):
            for name, number in zip(keys.keys, keys.numbers.tolist(), strict=True):
                for way in syllables(name, _READINGS) if _HAN.search(name) else ():
                    full.append(("".join(way), number))
                    short.append(("".join(syllable[:1] for syllable in way), number))
        self._full, self._short = SortedKeys(full), SortedKeys(short)
        self._first = _first_characters(self._names)

    def find(self, text: str) -> Iterator[tuple[int, np.ndarray]]:
        """Yield how names begin with a text in normal form, with the numbers of what they name, perhaps twice."""
        if not text:
            return
        yield from _known(PREFIX, self._names.beginning_with(text))
        yield from _known(ALIAS, self._aliases.beginning_with(text))
        if _LATIN.fullmatch(text):
            yield from _known(PINYIN, self._full.beginning_with(text))
            yield from _known(INITIALS, self._short.beginning_with(text))

    def find_mixed(self, text: str) -> Iterator[tuple[int, np.ndarray]]:
        """Yield the same of names typed in characters, syllables and initials mixed; aliases are not walked through.

        Of a text with very many readings not all are found.
        """
        if not len(self._names) or len(text) < 2 or not _LATIN.search(text):
            return
        if _LATIN.fullmatch(text) and not _OF_SYLLABLES.search(text):
            return
        for low, high, is_short in self._walk(text):
            yield (INITIALS if is_short else PINYIN), self._names.numbers[low:high]

    def equal_to(self, text: str) -> np.ndarray:
        """Return the numbers of what has a text for a name."""
        return np.concatenate([self._names.equal_to(text), self._aliases.equal_to(text)])

    def spelt(self, text: str) -> list[int]:
        """Return the numbers of the names whose whole pinyin is a text, else of those whose initials are.

        Examples
        --------
        >>> keys = NameKeys([("农贸路", 0), ("南门路", 1)])
        >>> keys.spelt("nongmaolu"), keys.spelt("nml"), keys.spelt("nong")
        ([0], [0, 1], [])
        """
        found = self._full.equal_to(text)
        return np.unique(found if len(found) else self._short.equal_to(text)).tolist()

    def _walk(self, text: str) -> Iterator[tuple[int, int, bool]]:
        """Yield ranges of the names whose characters one after the other are typed somehow, and whether by initials."""
        # Range of names, characters of them that are read, characters of the text that are, whether any by its initial.
        waiting = [(0, len(self._names), 0, 0, False)]
        steps = 0
        while waiting and steps < _STEPS:
            low, high, depth, at, is_short = waiting.pop()
            if at == len(text):
                yield low, high, is_short
                continue
            run = _LATIN.match(text, at)
            if run is None:
                first, last = self._names.range_of(self._names.keys[low][:depth] + text[at], low, high)
                if first < last:
                    waiting.append((first, last, depth + 1, at + 1, is_short))
                steps += 1
                continue
            for first, last, char in self._next(low, high, depth, run[0][0]):
                steps += 1
                if steps > _STEPS:
                    return
                for used, by_initial in ways_to_type(char, run[0], is_last=run.end() == len(text)):
                    waiting.append((first, last, depth + 1, at + used, is_short or by_initial))

    def _next(self, low: int, high: int, depth: int, letter: str) -> Iterable[tuple[int, int, str]]:
        """Return the characters that follow in a range of names, each with its own range."""
        if depth == 0:
            return self._first.get(letter, ())
        found = _children(self._names, low, high, depth)
        return (child for child in found if letter in _first_letters(child[2]))


def ways_to_type(char: str, typed: str, *, is_last: bool) -> set[tuple[int, bool]]:
    """Return how many of the letters typed may stand for a character, and whether they are but its initial.

    Parameters
    ----------
    char
        One character of a name.
    typed
        The letters from here to the next character that is none.
    is_last
        Whether nothing follows the letters: then the last syllable may be unfinished.

    Examples
    --------
    >>> sorted(ways_to_type("浪", "lan", is_last=True)), sorted(ways_to_type("张", "zhx", is_last=True))
    ([(1, True), (3, False)], [(1, True), (2, True)])
    """
    found: set[tuple[int, bool]] = set()
    for syllable in sound_key(char)[0]:
        if typed.startswith(syllable):
            found.add((len(syllable), False))
        elif is_last and len(typed) > 1 and syllable.startswith(typed):
            found.add((len(typed), typed in _TWO_LETTERS))
        if len(syllable) > 1 and typed[0] == syllable[0]:
            found.add((1, True))
            if typed[:2] in _TWO_LETTERS and syllable.startswith(typed[:2]):
                found.add((2, True))
    return found


@lru_cache(maxsize=16_384)
def _first_letters(char: str) -> frozenset[str]:
    return frozenset(syllable[0] for syllable in sound_key(char)[0])


def _known(found: int, numbers: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    if len(numbers):
        yield found, numbers


def _first_characters(names: SortedKeys) -> dict[str, list[tuple[int, int, str]]]:
    """Return the first characters of the names by the letters that their readings begin with."""
    out: dict[str, list[tuple[int, int, str]]] = {}
    for child in _children(names, 0, len(names), 0):
        for letter in _first_letters(child[2]):
            out.setdefault(letter, []).append(child)
    return out


def _children(names: SortedKeys, low: int, high: int, depth: int) -> Iterator[tuple[int, int, str]]:
    """Yield the characters at one position in a range of names that are alike before it, each with its own range."""
    keys: Sequence[str] = names.keys
    while low < high:
        if len(keys[low]) <= depth:
            low = bisect_right(keys, keys[low], low, high)
            continue
        prefix = keys[low][: depth + 1]
        last = bisect_left(keys, prefix + _LAST, low, high)
        yield low, last, prefix[-1]
        low = last
