"""Read profiles of grid codes from TOML and JSON, and say what is wrong with one: file, key, reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from geo.catalog.code_profiles import PROFILES, own_profile, profile_named, profiles_of
from geo.errors import BadValue

GOOD = 'segments = [{ of = "village", digits = 12 }, { of = "number", digits = 3 }]\n'


def test_what_is_known_has_the_digits_of_its_standard() -> None:
    assert {name: (one.digits, one.level, one.prefix) for name, one in PROFILES.items()} == {
        "12+3": (15, 1, 0), "12+3-kinds": (15, 1, 0), "15+2": (17, 2, 0), "15+3": (18, 2, 0), "cj349": (20, 1, 6),
    }  # fmt: skip
    assert PROFILES["cj349"].number == slice(18, 20)


def test_a_profile_of_an_office_comes_before_a_known_one_of_its_name() -> None:
    own = profiles_of(
        '["12+3"]\nzh = "本县"\n' + GOOD + "numbers = { general = [1, 9], dedicated = [10, 19] }", "a.toml"
    )
    assert profile_named("12+3", own).ranges == {"general": (1, 9), "dedicated": (10, 19)}
    assert profile_named("cj349", own) is PROFILES["cj349"]
    assert (own["12+3"].zh, own["12+3"].en) == ("本县", "12+3")


@pytest.mark.parametrize("half", ["中文", "English"])
def test_the_profile_of_the_manual_is_one(half: str) -> None:
    page = (Path(__file__).parents[3] / "docs/division.md").read_text("utf-8").split(f"\n## {half}\n")[1]
    (own,) = profiles_of(page.split("```toml\n")[1].split("```")[0], "division.md").values()
    assert (own.digits, own.order, own.ranges["dedicated"]) == (15, "north-west", (1, 49))


def test_json_says_the_same_as_toml() -> None:
    values = {"own": {"segments": [{"of": "village", "digits": 12}, {"of": "number", "digits": 3}]}}
    assert profiles_of(json.dumps(values), "a.JSON") == profiles_of("[own]\n" + GOOD, "a.toml")
    assert profiles_of(json.dumps(values), "a.json")["own"].segments == own_profile("x", unit=12, number=3).segments


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a.toml: it holds no profile"),
        ("[own", "a.toml: it is no TOML or JSON: "),
        ("own = 3", "a.toml, own: it is a table"),
        ("[own]", "a.toml, own.segments: it is missing: a list of segments"),
        ("[own]\ncolour = 1\n" + GOOD, "a.toml, own.colour: there is no such key; there are: "),
        ("[own]\nsegments = [{ of = 'village', digits = 12 }]", "own.segments: one segment is the number, and"),
        ("[own]\nsegments = [{ of = 'number', digits = 3 }]", "own.segments: one segment is the village or the grid"),
        ("[own]\nsegments = [{ of = 'town', digits = 3 }]", "own.segments.0.of: it is one of given, fixed, village,"),
        ("[own]\nsegments = [{ of = 'village', digits = '12' }]", "own.segments.0.digits: it is a whole number from 1"),
        ("[own]\nsegments = [{ of = 'village', kinds = 1 }]", "own.segments.0.kinds: a segment village has no"),
        ("[own]\nsegments = [{ of = 'fixed', text = 'A' }]", "own.segments.0.text: it is a text of digits"),
        ("[own]\nsegments = [{ of = 'kind', kinds = {general = '1'} }]", "own.segments.0.kinds.dedicated: it is"),
        ("[own]\nsegments = [{ of = 'kind', kinds = 'x' }]", "own.segments.0.kinds: it is a table"),
        ("[own]\nsegments = [{ of = 'number', digits = 40 }]", "segments.0.digits: it is a whole number from 1 to 6"),
        ("[own]\norder = 'south'\n" + GOOD, "own.order: it is west-north or north-west"),
        ("[own]\nlevel = 3\n" + GOOD, "own.level: it is a whole number from 1 to 2"),
        ("[own]\n" + GOOD + "numbers = { general = [1, 9] }", "own.numbers.dedicated: it is [first, last]"),
        ("[own]\n" + GOOD + "numbers = { general = [9, 1], dedicated = [1, 9] }", "numbers.general: first 9 is above"),
        ("[own]\n" + GOOD + "numbers = { general = [1, 1000], dedicated = [1, 9] }", "a whole number from 0 to 999"),
    ],
)  # fmt: skip
def test_what_is_no_profile_is_told_with_file_key_and_reason(text: str, said: str) -> None:
    with pytest.raises(BadValue) as error:
        profiles_of(text, "a.toml")
    assert said in error.value.en
