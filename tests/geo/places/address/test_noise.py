"""The labelled addresses of the benchmark are right: gold codes, halves, contradictions, slips."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from tests.benchmarks import wrong_characters
from tests.benchmarks.address_noise import CLASSES, LabelledAddress, labelled_addresses
from tests.benchmarks.bench_addresses import Answer, wilson
from tests.benchmarks.made_places import made_places, made_texts
from tests.benchmarks.named_divisions import LEVELS, Divisions, Said, half_of, is_near, read_divisions, reading
from tests.benchmarks.noise_classes import plain_name

COUNT = 12

#: Two counties of one city; 新胜 is in both, 城关镇 too, and 大湾 is a village here and a community there.
SMALL = Divisions(
    [
        ("62", "甘肃省", "1"),
        ("6206", "武威市", "2"),
        ("620622", "古浪县", "3"),
        ("620622100", "城关镇", "4"),
        ("620622100201", "新胜村村委会", "5"),
        ("620622100202", "大湾村村委会", "5"),
        ("620622102", "土门镇", "4"),
        ("620622102201", "新生村村委会", "5"),
        ("620621", "民勤县", "3"),
        ("620621100", "城关镇", "4"),
        ("620621100201", "新胜村村委会", "5"),
        ("620621100001", "大湾社区居委会", "5"),
    ]
)


@pytest.fixture(scope="module")
def areas(shared_data: Path) -> Divisions:
    return read_divisions(shared_data)


@pytest.fixture(scope="module")
def made(areas: Divisions) -> dict[str, list[LabelledAddress]]:
    return {half: labelled_addresses(areas, half=half, count=COUNT) for half in ("tune", "held_out")}


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ({"county": Said("古浪"), "village": Said("新胜")}, ("620622100201",)),
        ({"village": Said("新胜")}, ("620621100201", "620622100201")),
        ({"township": Said("城关"), "village": Said("新胜")}, ("620621100201", "620622100201")),
        ({"township": Said("土门"), "village": Said("新胜")}, ()),
        ({"township": Said("土门"), "village": Said("新胜", "sound")}, ("620622102201",)),
        ({"township": Said("土门"), "village": Said("新升", "slip")}, ("620622102201",)),
        ({"village": Said("大湾", kind="社区")}, ("620621100001",)),
        ({"village": Said("大湾")}, ("620621100001", "620622100202")),
        ({"county": Said("民勤"), "township": Said("土门"), "village": Said("新生")}, ()),
        ({"county": Said("古浪"), "township": Said("城关")}, ("620622100201", "620622100202")),
    ],
)
def test_the_villages_that_fit_what_is_said(said: dict[str, Said], codes: tuple[str, ...]) -> None:
    assert SMALL.village_codes(said) == codes


def test_every_class_is_made_in_full(made: dict[str, list[LabelledAddress]]) -> None:
    for items in made.values():
        assert [item.noise[0] for item in items] == [name for name in CLASSES for _ in range(COUNT)]


def test_a_class_is_the_same_whatever_else_is_asked_for(
    areas: Divisions, made: dict[str, list[LabelledAddress]]
) -> None:
    again = labelled_addresses(areas, half="tune", count=COUNT, classes=("homophone", "mixed"))
    assert again == [item for item in made["tune"] if item.noise[0] in ("homophone", "mixed")]
    assert again != labelled_addresses(areas, half="tune", count=COUNT, classes=("homophone", "mixed"), seed=2)


def test_the_halves_share_no_village(areas: Divisions, made: dict[str, list[LabelledAddress]]) -> None:
    for half, items in made.items():
        assert {half_of(item.meant) for item in items} == {half}
    share = sum(half_of(place.code) == "tune" for place in areas.of_level("village")) / len(areas.of_level("village"))
    assert 0.45 < share < 0.55


def test_gold_is_what_all_fitting_villages_agree_on(areas: Divisions, made: dict[str, list[LabelledAddress]]) -> None:
    for item in (*made["tune"], *made["held_out"]):
        assert (item.outcome == "none") == (not item.villages) == (not item.gold and item.outcome != "several")
        if not item.villages:
            continue
        assert item.meant in item.villages
        assert (item.outcome in ("several", "unclear")) == (len(item.villages) > 1) == ("village" not in item.gold)
        for level, code in item.gold.items():
            assert areas.places[code].level == level
            assert all(areas.ancestry(village)[level].code == code for village in item.villages)


def test_villages_that_fit_are_those_of_all_that_bear_the_written_names(
    areas: Divisions, made: dict[str, list[LabelledAddress]]
) -> None:
    """Where the names stand as they are, every village is read through for them."""
    plain = ("province_omitted", "county_omitted", "township_omitted", "village_only")
    villages = [(place, areas.ancestry(place.code)) for place in areas.of_level("village")]
    for item in (one for one in made["tune"] if one.noise[0] in plain):
        fitting = [
            place.code
            for place, above in villages
            if item.text == "".join(plain_name(above[one]) if one == "village" else above[one].name
                                    for one in LEVELS if one in item.written)
        ]  # fmt: skip
        assert set(fitting) <= set(item.villages), item.text
        assert item.meant in fitting, item.text


def test_a_contradiction_names_no_village(areas: Divisions, made: dict[str, list[LabelledAddress]]) -> None:
    contradictions = [item for items in made.values() for item in items if item.outcome == "none"]
    assert {item.noise[0] for item in contradictions} == {"wrong_county", "wrong_township", "unknown_village"}
    known = [areas.ancestry(place.code) for place in areas.of_level("village")]
    ends = [(above["township"].name + plain_name(above["village"]), above["county"].name) for above in known]
    for item in contradictions:
        assert not [end for end, county in ends if item.text.endswith(end) and county in item.text], item.text
    for item in (one for one in contradictions if one.noise[0] != "wrong_county"):
        assert areas.ancestry(item.meant)["township"].name in item.text
        assert not item.text.endswith(plain_name(areas.places[item.meant]))


def test_a_slip_writes_no_name_of_another_village_there(
    areas: Divisions, made: dict[str, list[LabelledAddress]]
) -> None:
    slips = [item for item in made["tune"] if item.noise[0] in ("homophone", "look_alike", "any_character", "doubled")]
    for item in slips:
        town = areas.ancestry(item.meant)["township"]
        names = [plain_name(areas.places[code]) for code in areas.children[town.code]]
        assert not any(item.text.endswith(town.name + name) for name in names), item.text


def test_what_is_only_near_a_village_says_so(made: dict[str, list[LabelledAddress]]) -> None:
    near = [item for items in made.values() for item in items if item.noise[0].endswith("nearby")]
    assert near
    assert {item.outcome for item in near} <= {"near", "several"}


@settings(max_examples=60, deadline=None)
@given(
    word=st.text(st.sampled_from(wrong_characters.common_characters()), min_size=2, max_size=5),
    seed=st.integers(0, 2**32),
)
def test_a_slip_is_one_edit_away(word: str, seed: int) -> None:
    makers = ("homophone", "look_alike", "any_character", "doubled", "dropped", "transposed")
    for name in makers:
        written = getattr(wrong_characters, name)(random.Random(seed), word)
        if written is None:
            continue
        assert OSA.distance(word, written) == 1, name
        assert is_near(word, Said(written, "slip"))
        if name == "homophone":
            (at,) = [n for n, one in enumerate(word) if written[n] != one]
            assert reading(written[at])[0] == reading(word)[at]  # 长 is read as in 长青
        if name == "any_character":
            assert [reading(one) for one in written] != [reading(one) for one in word]


def test_old_names_are_of_villages_of_the_areas_and_once_in_a_township(areas: Divisions) -> None:
    assert len(areas.old_names) > 400
    in_town = [(code[:9], name) for code, name in areas.old_names.items()]
    assert len(set(in_town)) == len(in_town)
    assert not {place.name for place in areas.places.values()} & set(areas.old_names.values())
    code, name = next(iter(areas.old_names.items()))
    above = areas.ancestry(code)
    assert areas.village_codes({"township": Said(above["township"].core), "village": Said(name)}) == (code,)


def test_a_text_about_a_made_place_is_about_no_other(areas: Divisions) -> None:
    places = made_places(areas, 1_500, towns=12)
    assert len(set(places)) == 1_500
    for half in ("tune", "held_out"):
        texts = made_texts(places, 300, half=half)
        assert len({form for form, _, _ in texts}) == 16
        assert {half_of(places[row].text) for _, _, row in texts} == {half}
        meant: dict[tuple[str, str], set[int]] = {}
        for form, text, row in texts:
            meant.setdefault((form, text), set()).add(row)
        assert all(len(rows) == 1 for rows in meant.values())


def _answer(outcome: str, status: str, code: str) -> Answer:
    gold = {"village": "620622102207"} if outcome == "one" else {}
    asked = LabelledAddress("新胜村", ("full",), outcome, (), "620622102207", gold, frozenset(("village",)))
    return Answer(asked, status, (code,), (code,), 0.9, 0.001)


@pytest.mark.parametrize(
    ("outcome", "status", "code", "wrong", "found"),
    [
        ("one", "matched", "620622102207", False, True),
        ("one", "matched", "620622102207001", False, True),
        ("one", "matched", "620622102208", True, False),
        ("one", "ambiguous", "620622102208", False, False),
        ("unclear", "matched", "620622102207", False, True),
        ("several", "matched", "620622102207", True, True),
        ("several", "ambiguous", "620622102208", False, False),
        ("none", "matched", "620622102207", True, False),
        ("none", "partial", "620622102207", False, False),
    ],
)
def test_a_match_is_wrong_where_it_is_elsewhere_or_a_guess(
    outcome: str, status: str, code: str, wrong: bool, found: bool
) -> None:
    answer = _answer(outcome, status, code)
    assert (answer.is_wrong_match, answer.found) == (wrong, found)


def test_the_interval_of_a_share() -> None:
    """Of 10, none: 0 to z^2 / (10 + z^2) = 3.8416 / 13.8416."""
    assert wilson(0, 10) == pytest.approx((0.0, 3.8416 / 13.8416))
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
