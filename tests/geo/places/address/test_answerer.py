"""Answers: one grid of several readings, what is unlikely left out, similar texts only where a name is unread."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.places.address.address_faults import PERSON
from geo.places.address.answerer import MAX_FORM, Answerer
from geo.places.address.book import AddressBook
from geo.places.address.free_text import TextCollector, TextIndex
from geo.places.address.place_tree import ROOT
from geo.places.address.readings import AddressReader
from geo.places.address.stored_addresses import StoredAddresses
from geo.places.hierarchy import Hierarchy
from tests.geo.places.address.small_places import OTHER_XINSHENG, XINSHENG, divisions, tree

TREE = tree()
#: Tail, village and number of the grid; the points are 0.01 degrees apart on the equator: 1,112 m.
ADDRESSES = [
    ("昌灵路1号", XINSHENG, 0),
    ("昌灵路1号", OTHER_XINSHENG, 1),
    ("昌灵路1号后院", XINSHENG, 0),
    ("文化广场", None, 2),
]


def answerer() -> Answerer:
    """Return the answerer of a few addresses."""
    places = [ROOT if code is None else TREE.place_of[code] for _, code, _ in ADDRESSES]
    collected = TextCollector()
    for row, (text, _, _) in enumerate(ADDRESSES):
        collected.add(text, row)
    entries = [(text, place, row) for row, ((text, _, _), place) in enumerate(zip(ADDRESSES, places, strict=True))]
    arrays = {
        "lon": np.array([102.0, 102.01, 102.01, 102.03]),
        "lat": np.zeros(4),
        "grid": np.array([number for _, _, number in ADDRESSES], np.int32),
        "place": np.array(places, np.int32),
    }
    stored = StoredAddresses(TREE, entries)
    hierarchy = Hierarchy(divisions())
    return Answerer(AddressReader(TREE), stored, TextIndex(collected), arrays, ["g0", "g1", "g2"], hierarchy)


ANSWERER = answerer()


@pytest.mark.parametrize(
    ("text", "status", "grids"),
    [
        ("土门镇新胜村昌灵路1号", "matched", ["g0"]),
        ("大靖镇新胜村昌灵路1号", "matched", ["g1"]),
        ("新胜村昌灵路1号", "ambiguous", ["g0", "g1"]),
        ("文化广场", "matched", ["g2"]),
        ("文化厂场", "partial", ["g2"]),  # only like it
        ("洋县土门镇新胜村昌灵路1号", "partial", ["g0"]),
        ("", "not_found", []),
        ("某某街", "not_found", []),
    ],
)
def test_status_and_grids(text: str, status: str, grids: list[str]) -> None:
    found = ANSWERER.answer(text)
    assert found.status == status
    assert sorted(str(one.grid["code"]) for one in found.candidates if one.grid) == grids


def test_what_is_not_sure_for_unlikely_grids_alone_says_how_many_there_are() -> None:
    """人民路1号 is stored in 新华镇 only; 新华 may be 新华乡 too, of whose six grids each is too unlikely."""
    names = {"990101": "甲子县", "990101101": "新华镇", "990101102": "新华乡"} | {
        f"990101{town}2{k:02}": f"{name}村"
        for town, held in (("101", "甲"), ("102", "乙丙丁戊己庚"))
        for k, name in enumerate(held)
    }
    frame = divisions(names)
    villages = frame.code[frame.level == "village"].tolist()
    grids = gpd.GeoDataFrame(
        {"code": [f"{code}001" for code in villages], "village": villages, "level": 1, "kind": "general"},
        geometry=[shapely.box(102 + k, 37, 102.9 + k, 38) for k in range(len(villages))], crs=4326,
    )  # fmt: skip
    stored = gpd.GeoDataFrame(
        {"text": ["甲子县新华镇人民路1号"], "grid": [f"{villages[0]}001"]},
        geometry=[shapely.Point(102.5, 37.5)],
        crs=4326,
    )
    found = AddressBook(stored, frame, grids=grids).match("新华人民路1号")
    assert (found.status, len(found.candidates)) == ("partial", 1)
    assert [fault["text"].split(" / ")[0] for fault in found.candidates[0].faults] == ["另有 6 个网格没有列出"]


def test_both_grids_of_a_name_of_two_places_are_as_likely() -> None:
    scores = [one.score for one in ANSWERER.answer("新胜村昌灵路1号").candidates]
    assert scores[0] == scores[1] == pytest.approx(0.5, abs=0.001)


def test_the_precision_is_half_the_diagonal_of_all_addresses_that_are_meant() -> None:
    """A door is a point; 昌灵路 of 土门镇 has two addresses 0.01 degrees apart, 1,112 m."""
    assert ANSWERER.answer("土门镇新胜村昌灵路1号").candidates[0].precision_m == 0.0
    (road,) = ANSWERER.answer("土门镇新胜村昌灵路").candidates
    assert road.precision_m == pytest.approx(1112 / 2, abs=1)


@pytest.mark.parametrize(("size", "is_read"), [(MAX_FORM - 6, True), (MAX_FORM, False)])
def test_no_more_than_the_beginning_of_a_text_is_read(size: int, is_read: bool) -> None:
    """The township behind so many characters that say nothing contradicts the county, where it is looked at."""
    found = ANSWERER.answer("洋县" + "某" * size + "土门镇")
    faults = {fault["code"] for one in found.candidates for fault in one.faults}
    assert ("contradiction" in faults) == is_read


@pytest.mark.parametrize(
    ("text", "status", "unread"),
    [
        ("新胜村土门镇古浪县武威市甘肃省昌灵路1号", "matched", None),  # swapped
        ("古浪县土门镇古浪县土门镇新胜村新胜村昌灵路1号", "matched", None),  # repeated
        ("古浪县-土门镇/新胜村|昌灵路1号", "matched", None),
        ("【古浪县】（土门镇）新胜村 昌灵路1号", "matched", None),
        ("733103甘肃省古浪县土门镇新胜村昌灵路1号", "matched", None),
        ("甘肃省古浪县土门镇新胜村昌灵路1号 邮编：733103", "matched", None),
        ("土门镇新胜村昌灵路1号，13900000000", "matched", None),
        ("高层，土门镇新胜村", "partial", "“高层”"),
        ("高层 13900000000 古浪县土门镇新胜村", "partial", "“高层”"),
        ("土门镇新胜村昌灵路1号李四收", "matched", None),
        ("土门镇新胜村昌灵路1号 李四（收）", "matched", None),
    ],
)
def test_what_stands_around_an_address_is_left_out_or_named_as_unread(
    text: str, status: str, unread: str | None
) -> None:
    found = ANSWERER.answer(text)
    assert (found.status, found.candidates[0].grid["code"] if found.candidates[0].grid else None) == (status, "g0")
    faults = [fault["text"] for fault in found.candidates[0].faults if fault["code"] == "unread"]
    assert faults == ([f"没有读懂{unread} / {unread} was not understood"] if unread else [])


@pytest.mark.parametrize("text", ["李四，土门镇新胜村", "李四 13900000000 古浪县土门镇新胜村"])
def test_a_person_is_not_cited(text: str) -> None:
    found = ANSWERER.answer(text)
    assert found.status == "partial"
    assert PERSON in found.candidates[0].faults
    assert not any("李四" in fault["text"] for fault in found.candidates[0].faults)


def test_nothing_that_is_asked_is_logged(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    with caplog.at_level(0):
        for text in ("土门镇新胜村昌灵路1号李四收13900000000", "Li Si, Xinsheng Village, Tumen Town", "某某街"):
            ANSWERER.answer(text)
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def test_a_text_that_is_turned_round_is_hardly_like_the_stored_one() -> None:
    (found,) = ANSWERER.answer("不是文化广场").candidates
    assert [fault["code"] for fault in found.faults] == ["alike"]
    assert found.score < 0.1


def test_the_stored_text_that_is_alike_is_told_with_its_village_as_the_store_has_it() -> None:
    """柳树镇 is not known: what is like it is stored in 柳树村, registered as 柳树村村委会."""
    places = pd.DataFrame(
        {
            "code": ["990101", "990101001", "990101001201"],
            "name": ["甲县", "雁桥镇", "柳树村村委会"],
            "level": [3, 4, 5],
        }
    )
    grids = pd.DataFrame({"code": ["g1"], "level": 1, "village": ["990101001201"]})
    stored = gpd.GeoDataFrame({"text": ["雁桥镇柳树村文化路7号"], "grid": ["g1"]}, geometry=[shapely.Point(102, 37)])
    found = AddressBook(stored, places, grids=grids).match("柳树镇文化路7号")
    assert found.status == "partial"
    (fault,) = found.candidates[0].faults
    assert fault["text"].split(" / ")[0] == "没有完全一样的，按字面最接近的“雁桥镇柳树村文化路7号”回答"
