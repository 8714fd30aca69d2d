"""Codes that do not parse, occur twice, contradict or miss their parent are found; others are left alone."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pytest

from geo.catalog.division_codes import without_padding
from geo.check.checks import check
from geo.check.codes import division_fault, grid_fault
from geo.types import Finding
from tests.geo.ascii_drawing import rect
from tests.geo.check.test_checks import frame


def squares(codes: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    """Return unit-free squares side by side with those codes."""
    return frame([rect(10 * k, 0, 10 * k + 10, 10) for k in range(len(codes))], code=codes, **columns)


def found(layers: dict[str, gpd.GeoDataFrame]) -> list[Finding]:
    return [one for one in check(layers) if one.code.startswith("code-")]


@pytest.mark.parametrize(
    ("code", "micro", "fits"),
    [
        ("990121100200001", False, True),
        ("990121100200999", False, True),
        ("990121100200000", False, False),  # sequences run from 001
        ("990121600200001", False, False),  # digits 7-9 run to 599
        ("990121100600001", False, False),
        ("990121100398001", False, True),  # 398: no village level
        ("99012110020000", False, False),
        ("99012110020000101", True, True),
        ("990121100200001001", True, True),
        ("990121100200001", True, False),
        ("01010099012110020000", False, True),  # CJ/T 349: a class, a village that is not divided
        ("01010099012110060101", False, True),
        ("01010099012160020001", False, False),
        ("A6802-03-002", False, False),
        ("9.90121E+14", False, False),
    ],
)
def test_grid_codes(code: str, micro: bool, fits: bool) -> None:
    assert (grid_fault(code, micro) is None) is fits


@pytest.mark.parametrize(
    ("code", "level", "fits"),
    [
        ("990121", "county", True),
        ("990121000000", "county", True),
        ("990121100", "township", True),
        ("990121100000", "township", True),
        ("990121100200", "village", True),
        ("990121100", "village", False),
        ("990121100200", "township", False),
        ("9901", None, True),
        ("99012", None, False),
        ("青岚县", "county", False),
    ],
)
def test_division_codes(code: str, level: str | None, fits: bool) -> None:
    assert (division_fault(code, level) is None) is fits


def test_filling_zeros_are_trimmed() -> None:
    assert without_padding("990121000000") == "990121"
    assert without_padding("990121100000") == "990121100"
    assert without_padding("990121100200") == "990121100200"
    assert without_padding("990121") == "990121"


def test_a_foreign_scheme_is_told_once() -> None:
    (one,) = found({"grids": squares([f"A-{k}" for k in range(7)])})
    assert (one.severity, one.code, len(one.keys), one.value) == ("warning", "code-unreadable", 7, 7.0)


def test_missing_village() -> None:
    layers = {
        "grids": squares(["990121100200001", "990121100201001"], village=["990121100200", "990121100201"]),
        "villages": squares(["990121100200"]),
    }
    (one,) = found(layers)
    assert (one.severity, one.code, one.keys) == ("error", "code-parent-missing", ("990121100201001",))
    assert "990121100201" in one.text


def test_village_is_read_from_the_code_where_it_is_not_named() -> None:
    layers = {"grids": squares(["990121100201001"], village=[None]), "villages": squares(["990121100200"])}
    assert [one.code for one in found(layers)] == ["code-parent-missing"]


def test_nothing_is_missing_where_no_villages_are_loaded() -> None:
    assert found({"grids": squares(["990121100200001"], village=["990121100200"])}) == []


def test_divisions_serve_as_villages() -> None:
    layers = {
        "grids": squares(["990121100200001"], village=["990121100200"]),
        "divisions": squares(["990121100200"], level=["village"]),
    }
    assert found(layers) == []


def test_prefix_that_contradicts_the_village() -> None:
    layers = {
        "grids": squares(["990121100201001"], village=["990121100200"]),
        "villages": squares(["990121100200", "990121100201"]),
    }
    (one,) = found(layers)
    assert (one.severity, one.code) == ("warning", "code-prefix-mismatch")


def test_twenty_digits_are_read_with_the_class_before_the_village() -> None:
    good, wrong = "01010099012110020000", "01010099012110060101"  # 601: a community that was joined
    layers = {
        "grids": squares([good, wrong], village=["990121100200", "990121100200"]),
        "villages": squares(["990121100200"]),
    }
    (one,) = found(layers)
    assert (one.code, one.keys) == ("code-prefix-mismatch", (wrong,))


def test_microgrid_needs_its_grid() -> None:
    grids = squares(
        ["990121100200001", "99012110020000101", "99012110020000201", "99012110020000202"],
        level=[1, 2, 2, 2],
        parent=[None, "990121100200001", "990121100200002", "990121100200001"],
    )
    told = {(one.code, one.keys) for one in found({"grids": grids})}
    assert told == {
        ("code-parent-missing", ("99012110020000201",)),
        ("code-prefix-mismatch", ("99012110020000202",)),
    }


def test_divisions_need_their_parents() -> None:
    divisions = squares(
        ["990121", "990121100", "990121100200", "990121101200", "990122100"],
        level=["county", "township", "village", "village", "township"],
        parent=["9901", "990121", "990121100", "990121101", "990121"],
    )
    told = {(one.code, one.keys) for one in found({"divisions": divisions})}
    # The county's own parent lies outside the data; 990121101 should be in it.
    assert told == {("code-parent-missing", ("990121101200",)), ("code-prefix-mismatch", ("990122100",))}


def test_parents_may_be_left_to_the_code() -> None:
    divisions = squares(["990121", "990121100", "990121102200"], level=["county", "township", "village"])
    assert [(one.code, one.keys) for one in found({"divisions": divisions})] == [
        ("code-parent-missing", ("990121102200",))
    ]


@pytest.mark.parametrize(("layer", "twin"), [("grids", "990121100200001 "), ("divisions", "990121000000")])
def test_codes_twice(layer: str, twin: str) -> None:
    first = "990121100200001" if layer == "grids" else "990121"
    (one,) = found({layer: squares([first, twin], level=None)})
    assert (one.severity, one.code, one.value) == ("error", "code-duplicate", 2.0)


def test_missing_codes_are_told() -> None:
    (one,) = found({"grids": squares([None, "990121100200001"])})
    assert (one.code, one.value) == ("code-unreadable", 1.0)
