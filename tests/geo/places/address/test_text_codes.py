"""Codes of grids in texts, and numbers that are none."""

from __future__ import annotations

import pytest

from geo.places.address.text_codes import codes_in_text


@pytest.mark.parametrize(
    ("text", "code", "is_stored"),
    [
        ("新胜村620622102207G01附近", "620622102207G01", True),
        ("网格编号：GL-012", "GL-012", False),
        ("网格号12", "12", True),
        ("６２０６２２１０２２０７Ｇ０１", "620622102207G01", True),
        ("grid no. A7", "A7", False),
        ("620622102207G01.0", "620622102207G01.0", None),
        ("620622102207.0", "620622102207", True),
        ("网格编号：620622 102 207", "620622102207", True),
        ("６２０６２２　１０２２０７", "620622102207", True),
        ("电话 0935 5121234", "", None),
    ],
)
def test_codes_of_grids(text: str, code: str, *, is_stored: bool | None) -> None:
    stored = {"620622102207G01", "12", "620622102207"}
    if is_stored is None:
        assert codes_in_text(text, stored.__contains__) == ()
        return
    (found,) = codes_in_text(text, stored.__contains__)
    assert (found.code, found.is_stored) == (code, is_stored)


def test_numbers_of_houses_are_no_codes_though_a_grid_has_that_code() -> None:
    assert codes_in_text("解放路12号5栋 12", lambda _: True) == ()
    assert codes_in_text("电话13812345678", lambda _: False) == ()
    assert codes_in_text("gl-012", {"GL-012"}.__contains__) == (), "letters keep their case"
