"""Words for places nearby: what says so, and names that only look like it."""

from __future__ import annotations

import pytest

from geo.places.address import near_words


@pytest.mark.parametrize(
    "text",
    [
        "对面",
        "以东",
        "北侧",
        "路口",
        "桥头",
        "东200米",
        "二百米",
        "1.5公里处",
        "三里外",
        "nextto",
        "200mn",
        "隔两家",
        "隔壁",
        "下一家",
        "前户",
        "第三家",
        "邻居家",
        "对院",
        "邻楼",
    ],
)
def test_words_for_places_nearby_are_found(text: str) -> None:
    assert near_words.NEARBY.search(text)


@pytest.mark.parametrize(
    "name",
    [
        "三里屯路",
        "八里庄",
        "百步亭",
        "河西路",
        "桥头街",
        "东方花园",
        "路口村",
        "一米阳光",
        "南方超市",
        "向东路",
        "一家店",
        "前家庄",
        "楼下家",
        "后院",
        "前楼",
    ],
)
def test_names_with_such_words_say_nothing(name: str) -> None:
    assert near_words.NEARBY.search(name) is None


def test_sides_come_in_four_characters_from_either_language() -> None:
    words = ["北侧", "西南方", "southwestof", "easternside", "200mn", "对面"]
    assert [near_words.side_named(word) for word in words[:4]] == ["北", "西南", "西南", "东"]
    assert near_words.side_named("对面") == ""


def test_distances_are_metres() -> None:
    texts = ["200米处", "1.5公里", "二里", "一百五十余米", "半公里", "2miles", "30mnorth"]
    assert [near_words.metres(text) for text in texts] == [200.0, 1500.0, 1000.0, 150.0, 500.0, 3218.688, 30.0]
    assert [near_words.metres(text) for text in ["1234567890米", "百半米", "米", ""]] == [None, None, None, None]


@pytest.mark.parametrize(
    ("tail", "word"),
    [
        ("斜对面", "斜对面"),
        ("小卖部以北200米", "以北"),
        ("二百米处", "二百米"),
        ("东面1.5公里", "东面"),
        ("3单元501室", None),
        ("三里屯路", None),
    ],
)
def test_the_words_of_a_tail_that_is_near(tail: str, word: str | None) -> None:
    assert near_words.place_nearby(tail) == word


@pytest.mark.parametrize(
    ("word", "metres"),
    [
        *(("隔壁", 30.0), ("门口", 30.0), ("旁", 30.0), ("对面", 50.0), ("斜对面", 50.0), ("交叉口", 50.0)),
        *(("附近", 200.0), ("周边", 200.0), ("北侧", 100.0), ("后面", 100.0), ("opposite", 50.0), ("near", 200.0)),
    ],
)
def test_how_far_a_word_without_metres_reaches(word: str, metres: float) -> None:
    assert near_words.reach_m(word) == metres


@pytest.mark.parametrize(
    ("tail", "words"),
    [
        ("3号以外", None),
        ("3号以外的", None),
        ("3号以外200米", "以外"),
        ("3号以外约二百米", "以外"),
        ("3号以东", "以东"),
    ],
)
def test_all_but_a_place_is_not_beside_it(tail: str, words: str | None) -> None:
    assert near_words.place_nearby(tail) == words
