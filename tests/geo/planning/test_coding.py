"""Give grids their codes: stable, unique over time, in the order of reading, with what cannot be coded (rule V5)."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.catalog.code_profiles import PROFILES, own_profile, profile_named, profiles_of
from geo.errors import BadValue, UnknownName
from geo.planning.coding import grid_codes

V1, V2 = "990101101201", "990101101202"


def grids(*rows: tuple[str, float, float, str], **columns: list[str | None]) -> gpd.GeoDataFrame:
    """Return squares of 10 m at x, y, of a village and a kind."""
    shapes = [shapely.box(x, y, x + 10, y + 10) for _, x, y, _ in rows]
    own = {"village": [one for one, *_ in rows], "kind": [kind for *_, kind in rows]}
    return gpd.GeoDataFrame({**own, **columns}, geometry=shapes, crs=4547)


def tails(codes: list[str | None], digits: int = 3) -> list[str]:
    return [(one or "none")[-digits:] for one in codes]


def test_numbers_run_from_west_to_east_and_north_to_south_in_each_village() -> None:
    rows = grids((V1, 20, 0, "general"), (V1, 0, 0, "general"), (V2, 0, 50, "general"), (V1, 0, 10, "dedicated"))
    found = grid_codes(rows, PROFILES["12+3"])
    assert found.code == [f"{V1}003", f"{V1}002", f"{V2}001", f"{V1}001"]
    assert not found.faults


def test_dedicated_grids_may_have_numbers_of_their_own() -> None:
    rows = grids((V1, 0, 0, "dedicated"), (V1, 10, 0, "general"), (V1, 20, 0, "dedicated"))
    assert tails(grid_codes(rows, PROFILES["12+3-kinds"]).code) == ["801", "001", "802"]


def test_a_code_of_the_profile_stays_and_no_abolished_one_comes_back() -> None:
    rows = grids(
        (V1, 0, 0, "general"), (V1, 10, 0, "general"), (V1, 20, 0, "general"), present=[None, f"{V1}002", "G-7"]
    )
    found = grid_codes(rows, PROFILES["12+3"], used=[f"{V1}001", f"{V1}002", f"{V1}009"])
    assert tails(found.code) == ["010", "002", "011"]
    assert found.kept.tolist() == [False, True, False]


def test_two_grids_of_one_code_are_told_apart() -> None:
    rows = grids((V1, 0, 0, "general"), (V1, 10, 0, "general"), present=[f"{V1}001", f"{V1}001"])
    assert tails(grid_codes(rows, PROFILES["12+3"]).code) == ["001", "002"]


def test_when_the_highest_number_is_used_the_holes_are_filled_and_then_it_is_told() -> None:
    profile = own_profile("own", unit=12, number=1, last=3)
    rows = grids(*((V1, 10.0 * k, 0.0, "general") for k in range(3)))
    found = grid_codes(rows, profile, used=[f"{V1}3"])
    assert tails(found.code, 1) == ["1", "2", "e"]
    assert found.faults[2].endswith(f"all 3 numbers of {V1} from 1 to 3 were used (general)")


def test_twenty_digits_with_a_class_and_00_where_a_village_is_not_divided() -> None:
    rows = grids((V1, 0, 0, "general"), (V2, 0, 0, "general"), (V2, 10, 0, "general"))
    found = grid_codes(rows, PROFILES["cj349"], prefix="010100")
    assert found.code == [f"010100{V1}00", f"010100{V2}01", f"010100{V2}02"]
    assert {len(one or "") for one in found.code} == {20}
    with pytest.raises(BadValue, match="a prefix of 6 digits"):
        grid_codes(rows, PROFILES["cj349"])


def test_microgrids_are_numbered_in_their_grid() -> None:
    rows = grids((V1, 0, 0, "general"), (V1, 10, 0, "general"), parent=[f"{V1}001", f"{V1}002"])
    assert grid_codes(rows, PROFILES["15+2"]).code == [f"{V1}00101", f"{V1}00201"]


def test_a_village_that_is_divided_later_gives_up_its_00() -> None:
    whole = grid_codes(grids((V1, 0, 0, "general")), "cj349", prefix="010100").code
    halves = grids((V1, 0, 0, "general"), (V1, 10, 0, "general"), present=[whole[0], None])
    assert tails(grid_codes(halves, "cj349", prefix="010100", used=[f"010100{V1}00"]).code, 2) == ["01", "02"]
    # Joined again: 00 was used for what it was, and is never used again.
    joined = grids((V1, 0, 0, "general"))
    assert tails(grid_codes(joined, "cj349", prefix="010100", used=[f"010100{V1}0{k}" for k in range(3)]).code, 2) == [
        "03"
    ]


def test_an_own_profile_may_have_the_kind_as_a_digit_and_number_row_by_row() -> None:
    profile = profiles_of(
        """[own]
        order = "north-west"
        segments = [
          { of = "village", digits = 12 }, { of = "kind", kinds = { general = "1", dedicated = "2" } },
          { of = "fixed", text = "7" }, { of = "number", digits = 2 },
        ]""",
        "own.toml",
    )["own"]
    rows = grids((V1, 0, 0, "general"), (V1, 10, 0, "dedicated"), (V1, 10, 20, "general"))
    # North first, and each kind has numbers of its own, as its digit tells them apart.
    assert tails(grid_codes(rows, profile).code, 4) == ["1702", "2701", "1701"]


def test_kinds_whose_ranges_overlap_have_no_number_in_common() -> None:
    numbers = "numbers = { general = [1, 9], dedicated = [1, 3] }"
    segments = 'segments = [{ of = "village", digits = 12 }, { of = "number", digits = 1 }]'
    profile = profiles_of(f"[own]\n{segments}\n{numbers}", "own.toml")["own"]
    kinds = ["general", "dedicated", "general", "dedicated", "dedicated", "general"]
    found = grid_codes(grids(*((V1, 10.0 * k, 0.0, kind) for k, kind in enumerate(kinds))), profile)
    assert tails(found.code, 1) == ["1", "2", "3", "e", "e", "4"]
    assert found.faults[3].endswith(f"all 3 numbers of {V1} from 1 to 3 were used (dedicated)")


def test_a_grid_without_a_village_or_of_one_that_there_is_not_is_told() -> None:
    rows = grids(("", 0, 0, "general"), (V1, 10, 0, "general"), (V2, 20, 0, "general"))
    found = grid_codes(rows, "12+3", units=[V1])
    assert [one and one[-3:] for one in found.code] == [None, "001", None]
    assert [one.partition(" / ")[2] for one in found.faults.values()] == [
        "it has no village code",
        f"there is none of its village code, {V2}",
    ]


def test_a_village_without_twelve_digits_is_told() -> None:
    found = grid_codes(grids(("V7", 0, 0, "general")), PROFILES["12+3"])
    assert found.code == [None]
    assert found.faults[0].endswith("its village code has not 12 digits: V7")
    with pytest.raises(UnknownName, match="no profile x; there are: "):
        profile_named("x")


@given(
    st.lists(st.tuples(st.sampled_from([V1, V2]), st.integers(0, 90), st.integers(0, 90)), min_size=1, max_size=12),
    st.sets(st.integers(1, 40)),
)
def test_codes_are_unique_new_and_the_same_again(places: list[tuple[str, int, int]], past: set[int]) -> None:
    rows = grids(*((one, float(x), float(y), "general") for one, x, y in places))
    used = [f"{V1}{number:03d}" for number in past]
    found = grid_codes(rows, PROFILES["12+3"], used=used)
    codes = [one for one in found.code if one is not None]
    assert len(set(codes)) == len(codes) == len(places)
    assert not set(codes) & set(used)
    again = grid_codes(rows.assign(code=found.code), PROFILES["12+3"], used=[*used, *codes])
    assert again.code == found.code
    assert again.kept.all()


@given(st.lists(st.lists(st.integers(0, 4), min_size=1, max_size=5), min_size=2, max_size=5))
def test_over_any_reforms_no_code_is_given_twice(reforms: list[list[int]]) -> None:
    """Each reform names the places that have a grid; a place that goes on keeps its code, one that returns does not."""
    ever: set[str] = set()
    now: dict[int, str] = {}
    for places in reforms:
        there = sorted(set(places))
        rows = grids(*((V1, 10.0 * k, 0.0, "general") for k in there), present=[now.get(k) for k in there])
        found = grid_codes(rows, "12+3", used=ever)
        codes = {k: one for k, one in zip(there, found.code, strict=True) if one}
        assert {k: one for k, one in codes.items() if k in now} == {k: now[k] for k in there if k in now}
        fresh = {one for k, one in codes.items() if k not in now}
        assert not fresh & ever
        assert len(set(codes.values())) == len(there)
        ever |= fresh
        now = codes
