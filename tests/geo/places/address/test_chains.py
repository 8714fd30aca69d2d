"""The best chain of places: each inside the one before, levels missing anywhere, what lies outside a contradiction."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places.address.chains import MARGIN, Chain, ChainReader
from geo.places.address.name_hits import Hit, NameIndex
from geo.places.address.place_tree import ROOT
from tests.geo.places.address.small_places import NAMES, OTHER_XINSHENG, TUMEN, XINSHENG, tree

TREE = tree()
READER = ChainReader(TREE)
INDEX = NameIndex(TREE)
PIECES = [
    "甘肃省",
    "武威市",
    "古浪县",
    "古浪",
    "土门镇",
    "土门",
    "大靖镇",
    "新胜村",
    "新胜",
    "大湾",
    "大湾村",
    "洋县",
    "谢村镇",
    "东岭村",
    "天祝",
    "张掖路街道",
    "张掖路",
    "西沟村",
    "大西沟村",
    "村",
    "路",
    "12号",
    "3组",
    "小",
]


def codes(text: str) -> list[str]:
    """Return the codes of the finest places that a text may mean, the best first."""
    return [TREE.codes[chain.place] for chain in READER.read(text)]


@pytest.mark.parametrize(
    "text",
    [
        "甘肃省武威市古浪县土门镇新胜村3组",
        "古浪县土门镇新胜村3组",
        "土门镇新胜村",
        "古浪土门新胜",
        "武威市土门镇新胜村",
        "甘肃土门镇新胜村",
        "古浪县土门镇古浪县土门镇新胜村",
        "古浪县古浪县土门镇新胜村",
        "新胜村土门镇古浪县",
        "土门镇古浪县新胜村",
        "土门乡新胜村",
    ],
)
def test_levels_may_be_missing_repeated_swapped_or_of_another_suffix(text: str) -> None:
    assert codes(text) == [XINSHENG]


@pytest.mark.parametrize("text", ["新胜村3组", "古浪县新胜村", "武威市新胜村", "甘肃省古浪县新胜村1号"])
def test_a_name_of_two_places_means_both_unless_their_township_is_named(text: str) -> None:
    assert codes(text) == [XINSHENG, OTHER_XINSHENG]


def test_a_village_and_a_community_of_one_core() -> None:
    assert codes("土门镇大湾村") == ["620622102202"]
    assert codes("土门镇大湾社区") == ["620622102003"]
    assert sorted(codes("土门镇大湾")) == ["620622102003", "620622102202"]


def test_names_of_one_character_and_of_peoples() -> None:
    assert codes("洋县") == ["610723"]
    assert codes("洋县谢村镇智果村") == ["610723100201"]
    assert codes("天祝藏族自治县") == codes("天祝县") == codes("天祝") == ["620623"]
    assert codes("天祝张掖路街道") == ["620623001"]


def test_a_village_in_a_longer_word_is_not_meant() -> None:
    assert codes("大西沟村5号") == ["620622102204"]
    assert codes("西沟村5号") == ["620622102203"]


def test_the_score_counts_characters_and_neighbours() -> None:
    """古浪县 and 土门镇 have three characters each, and 0.4 for standing side by side."""
    (chain,) = READER.read("古浪县土门镇")
    assert chain.score == pytest.approx(3.0 + 3.0 + 0.4)
    (apart,) = READER.read("古浪县,,土门镇")
    assert apart.score == pytest.approx(3.0 + 3.0 - 2 * 0.04)
    (swapped,) = READER.read("土门镇古浪县")
    assert swapped.score == pytest.approx(3.0 + 3.0 - 0.4)


def test_a_level_of_elsewhere_is_a_contradiction_and_no_silent_jump() -> None:
    """土门镇 is in 古浪县, not in 洋县: two names for it, one against it."""
    chain = READER.read("洋县土门镇新胜村")[0]
    assert TREE.codes[chain.place] == XINSHENG
    assert [TREE.codes[place] for hit in chain.contradictions for place in hit.places] == ["610723"]
    assert READER.read("古浪县土门镇新胜村")[0].contradictions == ()


def test_a_repeated_name_is_no_contradiction() -> None:
    (chain,) = READER.read("古浪县土门镇古浪县")
    assert chain.contradictions == ()
    assert [hit.start for hit in chain.repeats] == [6]


def test_what_stands_behind_a_village_is_part_of_another_name() -> None:
    (chain,) = READER.read("古浪县土门镇新胜村12号洋县饭店")
    assert (TREE.codes[chain.place], chain.contradictions) == (XINSHENG, ())


@pytest.mark.parametrize("text", ["", "12号", "某某街5号", "，,。", "村村村村"])
def test_no_name_no_chain(text: str) -> None:
    assert READER.read(text) == []


def _subsets(hits: list[Hit], place: int = ROOT, mask: int = 0) -> Iterator[tuple[tuple[int, Hit], ...]]:
    """Yield all ways to choose names that do not overlap, each of a place strictly inside that of the one before."""
    for hit in hits:
        if hit.mask & mask:
            continue
        for one in hit.places:
            if one != place and TREE.holds(place, one):
                yield ((one, hit),)
                yield from (((one, hit), *rest) for rest in _subsets(hits, one, mask | hit.mask))


def _score(chain: tuple[tuple[int, Hit], ...]) -> float:
    """Return the characters explained and what distances add, as the page on addresses says it."""
    score = sum(hit.weight for _, hit in chain)
    for (_, before), (_, after) in itertools.pairwise(chain):
        gap = after.start - before.end
        if gap < 0:
            score -= 1.0 if "short" in (before.kind, after.kind) else 0.4
        else:
            score += 0.4 if gap == 0 else -0.04 * min(gap, 15)
    return score


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join))
def test_the_best_chain_is_that_of_a_search_through_all_subsets(text: str) -> None:
    best: dict[int, float] = {}
    for chosen in _subsets(INDEX.hits(text)):
        best[chosen[-1][0]] = max(best.get(chosen[-1][0], -9.0), _score(chosen))
    found = READER.read(text)
    assert bool(found) == bool(best)
    if found:
        assert found[0].score == pytest.approx(max(best.values()))
        for chain in found:
            assert chain.score == pytest.approx(best[chain.place])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*PIECES, *NAMES.values()]), max_size=7).map("".join))
def test_chains_of_any_names(text: str) -> None:
    """Within the margin of the best, none holding a better one; parents before children; spans apart, in the text."""
    found = READER.read(text)
    for k, chain in enumerate(found):
        places = [place for place, _ in chain.hits]
        assert places[-1] == chain.place
        assert places == sorted(set(places))
        assert all(TREE.holds(above, below) for above, below in itertools.pairwise(places))
        assert found[0].score - MARGIN <= chain.score <= found[0].score
        assert not any(TREE.holds(chain.place, better.place) for better in found[:k])
        ends = [end for span in chain.spans for end in span]
        assert ends == sorted(ends)
        assert ends[0] >= 0
        assert ends[-1] <= len(text)
        assert all(set(hit.places).isdisjoint(TREE.chain(chain.place)) for hit in chain.contradictions)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([*PIECES, *NAMES.values()]), min_size=1, max_size=6).map("".join),
    st.integers(1, len(TREE) - 1),
)
def test_the_chain_of_one_place_is_that_of_all_chains(text: str, own: int) -> None:
    """What is told without the other places is what `read` says of this one: one that holds it, not contradicted."""
    found = READER.read_of(text, own)
    if found is not None:
        assert TREE.holds(found.place, own)
        assert found.contradictions == ()
        others = [chain for chain in READER.read(text) if TREE.holds(chain.place, own)]
        assert not others or others[0] == found
        assert found.score >= READER.read(text)[0].score - MARGIN


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("古浪县土门镇新胜村", "新胜村"),
        ("新胜村", "新胜村"),
        ("古浪县土门镇", "土门镇"),
        ("洋县土门镇新胜村", None),  # a contradiction
        ("土门镇大湾村", None),  # another village of the township
        ("大靖镇东岭村", None),  # another township
    ],
)
def test_the_chain_of_a_place_is_told_only_where_it_is_sure(text: str, meant: str | None) -> None:
    found = READER.read_of(text, TREE.place_of[XINSHENG])
    assert (TREE.names[found.place][0] if found else None) == meant


def test_spans_are_in_the_order_of_the_text() -> None:
    hits = ((1, Hit(3, 6, 2, "official", 3.0, [1])), (2, Hit(0, 3, 3, "official", 3.0, [2])))
    assert Chain(2, 6.0, hits).spans == [(0, 3), (3, 6)]
    assert TREE.codes[READER.read("土门镇")[0].place] == TUMEN
