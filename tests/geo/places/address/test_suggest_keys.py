"""Names that begin as somebody types them, beside a search of all names."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places.address import suggest_keys
from geo.places.address.similar_characters import syllables
from geo.places.address.suggest_keys import ALIAS, INITIALS, PINYIN, PREFIX, NameKeys, SortedKeys, ways_to_type

CHARACTERS = "古浪土门新胜生长重庆县镇村"


def begins_by(name: str, text: str) -> set[int]:
    """Return how a name begins with a text, reading every character in every way."""
    found = {PREFIX} if name.startswith(text) else set()
    for way in syllables(name, 16):
        found |= {PINYIN} if "".join(way).startswith(text) else set()
        found |= {INITIALS} if "".join(part[0] for part in way).startswith(text) else set()
    return found


def types(name: str, text: str) -> bool:
    """Return whether a text is characters of the name, each as itself, a syllable, the beginning of one or initials."""
    if not text:
        return True
    if not name:
        return False
    if text[0] == name[0] and types(name[1:], text[1:]):
        return True
    typed = text[: next((k for k, char in enumerate(text) if not char.isascii()), len(text))]
    ways = ways_to_type(name[0], typed, is_last=len(typed) == len(text)) if typed else set()
    return any(types(name[1:], text[used:]) for used, _ in ways)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.text(CHARACTERS, min_size=1, max_size=4), min_size=1, max_size=12),
    st.text(CHARACTERS + "gltmzxscq", min_size=1, max_size=4) | st.sampled_from(["gu", "lang", "chong", "zhangx"]),
)
def test_the_keys_find_what_a_search_of_all_names_finds(names: list[str], text: str) -> None:
    keys = NameKeys((name, number) for number, name in enumerate(names))
    found: dict[int, set[int]] = {PREFIX: set(), ALIAS: set(), PINYIN: set(), INITIALS: set()}
    for how, numbers in keys.find(text):
        found[how] |= set(numbers.tolist())
    for how, numbers in found.items():
        wanted = {number for number, name in enumerate(names) if how in begins_by(name, text)}
        # Of a text in characters spellings are not searched; of a name in very many readings the first ones are.
        if how == PREFIX or (text.isascii() and all(len(syllables(name, 16)) <= 4 for name in names)):
            assert numbers == wanted
    if len(text) > 1 and any(char.isascii() for char in text):
        mixed = {number for _, numbers in keys.find_mixed(text) for number in numbers.tolist()}
        wanted = {number for number, name in enumerate(names) if types(name, text)}
        # Letters that are initials only are not walked through: they are found as such.
        assert (mixed | found[INITIALS] if text.isascii() else mixed) == wanted


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("古浪a1", max_size=4), max_size=20), st.text("古浪a1", max_size=3))
def test_sorted_keys_are_those_of_a_search_of_all(names: list[str], text: str) -> None:
    keys = SortedKeys((name, number) for number, name in enumerate(names))
    assert set(keys.beginning_with(text)) == {k for k, name in enumerate(names) if name.startswith(text)}
    assert set(keys.equal_to(text)) == {k for k, name in enumerate(names) if name == text}


def test_a_name_is_found_in_each_of_its_readings() -> None:
    keys = NameKeys([("重庆路", 0), ("长安路", 1)])
    for text in ("chongqing", "zhongqing", "cql", "zql"):
        assert {number for _, numbers in keys.find(text) for number in numbers.tolist()} == {0}
    for text in ("changan", "zhangan", "长al", "长anlu"):
        found = [*keys.find(text), *keys.find_mixed(text)]
        assert {number for _, numbers in found for number in numbers.tolist()} == {1}


def test_a_walk_ends_after_its_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """古 is before 300 characters; of these some have g for an initial, and not all are looked at in ten steps."""
    keys = NameKeys((f"古{chr(0x4E00 + k)}村", k) for k in range(300))
    whole = sum(len(numbers) for _, numbers in keys.find_mixed("古gc"))
    monkeypatch.setattr(suggest_keys, "_STEPS", 10)
    few = sum(len(numbers) for _, numbers in keys.find_mixed("古gc"))
    assert 0 <= few < whole


def test_nothing_is_found_among_no_names() -> None:
    keys = NameKeys([])
    assert [*keys.find(""), *keys.find("古"), *keys.find_mixed("古l"), *keys.find_mixed("gul")] == []
