"""Kilometre marks in texts: real spellings, and what is none of them."""

from __future__ import annotations

import pytest

from geo.places.address.text_marks import marks_in_text


@pytest.mark.parametrize(
    ("text", "ref", "name", "metre"),
    [
        ("G30 2314公里+200米", "G30", "", 2_314_200.0),
        ("G30连霍高速K2314+200", "G30", "连霍高速", 2_314_200.0),
        ("G30（连霍高速）2314公里", "G30", "连霍高速", 2_314_000.0),
        ("S308线 12km", "S308", "", 12_000.0),
        ("国道312线2314公里处", "G312", "", 2_314_000.0),
        ("312国道2314.5公里处", "G312", "", 2_314_500.0),
        ("省道308线K12", "S308", "", 12_000.0),
        ("连霍高速公路西行K2314", "", "连霍高速公路", 2_314_000.0),
        ("G30兰州方向2314公里200米", "G30", "", 2_314_200.0),
        ("京藏高速第1500公里", "", "京藏高速", 1_500_000.0),
        ("K2314+200", "", "", 2_314_200.0),
        ("G30K2314", "G30", "", 2_314_000.0),
        ("Ｓ308Ｋ12+500处", "S308", "", 12_500.0),
        ("S308 K12+300m", "S308", "", 12_300.0),
        ("S308 K12+300 米处", "S308", "", 12_300.0),
        ("312国道K12公里处", "G312", "", 12_000.0),
        ("西部大道K12", "", "西部大道", 12_000.0),
        ("东环路K3", "", "东环路", 3_000.0),
    ],
)
def test_kilometre_marks(text: str, ref: str, name: str, metre: float) -> None:
    (found,) = marks_in_text(text)
    assert (found.ref, found.name, found.metre) == (ref, name, metre)
    assert (found.start, found.end) == (0, len(text))


@pytest.mark.parametrize(
    "text", ["县城以东2公里", "沿G30行驶2公里", "K12", "全长12公里", "民主街K座", "5K12", "12号K3", "人民路2公里"]
)
def test_distances_are_no_marks(text: str) -> None:
    assert marks_in_text(text) == ()
